//! The order of our items in menus where it counts.

use std::collections::BTreeMap;

use super::actual::Actual;
use super::change::{Follower, What};
use super::difference::Comparing;
use super::find::Find;
use super::item::{Item, Place, Property, Wanted};
use super::matching::{Found, Matched};
use super::place::{Placement, kept_of};
use super::rising::longest_rising;
use crate::menus::Table;

/// Where each item goes whose place counts, and which of those that are there must move.
#[derive(Debug, Default)]
pub(super) struct Order<'a> {
    /// By the item's place among those wanted.
    placements: BTreeMap<usize, Placement>,
    /// Which must move, in the order in which they do: the item's place among those wanted, its place on the router.
    movers: Vec<(usize, usize)>,
    /// Why `'a`: what is moved is looked at again when it stands behind another.
    matched: &'a [Matched],
}

impl<'a> Order<'a> {
    pub fn of(wanted: &Wanted, actual: &Actual, matched: &'a [Matched]) -> Self {
        let mut order = Self { matched, ..Self::default() };
        let mut chains: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
        for (place, item) in wanted.items.iter().enumerate() {
            if item.place != Place::Anywhere {
                chains.entry((&item.menu, item.value("chain"))).or_default().push(place);
            }
        }
        for ((_, chain), mut places) in chains {
            // what is to be last is last among ours too
            places.sort_by_key(|place| wanted.items[*place].place == Place::End);
            order.chain(wanted, actual, chain, &places);
        }
        order
    }

    fn chain(&mut self, wanted: &Wanted, actual: &Actual, chain: Option<&str>, places: &[usize]) {
        let mark = |place: usize| wanted.mark(&wanted.items[place].key);
        let mut placements: Vec<Placement> = Vec::new();
        let mut above: Vec<Vec<Property>> = Vec::new();
        for place in places.iter().rev() {
            // above what those that come later must be above: they keep their order
            if let Place::Above(lists) = &wanted.items[*place].place {
                above.extend(lists.iter().filter(|list| !above.contains(list)).cloned().collect::<Vec<_>>());
            }
            let chain = chain.map(str::to_owned);
            let (earlier, later) = (Vec::new(), Vec::new());
            placements.push(Placement { marks: wanted.marks(), chain, above: above.clone(), earlier, later });
        }
        placements.reverse();
        let mut standing: Vec<(usize, usize)> = Vec::new();
        for (nth, place) in places.iter().enumerate() {
            let menu = &wanted.items[*place].menu;
            let anchor = placements[nth].anchor(menu, actual);
            if let Found::Ours(at) = self.matched[*place].found
                && anchor.is_none_or(|anchor| at < anchor)
            {
                standing.push((nth, at));
            }
        }
        let places_of: Vec<usize> = standing.iter().map(|(_, at)| *at).collect();
        let staying: Vec<usize> = longest_rising(&places_of).into_iter().map(|place| standing[place].0).collect();
        let moves = |nth: usize| matches!(self.matched[places[nth]].found, Found::Ours(_)) && !staying.contains(&nth);
        for (nth, placement) in placements.iter_mut().enumerate() {
            placement.earlier = (0..nth).filter(|other| !moves(*other)).map(|other| mark(places[other])).collect();
            placement.later =
                (nth + 1..places.len()).filter(|other| !moves(*other)).map(|other| mark(places[other])).collect();
        }
        for nth in (0..places.len()).filter(|nth| moves(*nth)) {
            if let Found::Ours(at) = self.matched[places[nth]].found {
                self.movers.push((places[nth], at));
            }
        }
        self.placements.extend(places.iter().copied().zip(placements));
    }

    /// Where the item goes.
    pub fn placement(&self, place: usize) -> Option<Placement> {
        self.placements.get(&place).cloned()
    }

    /// Whether the item is there and must move.
    pub fn moves(&self, place: usize) -> bool {
        self.movers.iter().any(|(mover, _)| *mover == place)
    }
}

/// How many of those behind an item are written down to find its place again.
const FOLLOWERS: usize = 4;

impl Comparing<'_> {
    /// Items of ours that stand in the wrong place.
    pub(super) fn moves(&mut self) {
        let movers = self.order.movers.clone();
        for (nth, (place, at)) in movers.iter().enumerate() {
            let item: &Item = &self.wanted.items[*place];
            let Some(placement) = self.order.placement(*place) else { continue };
            // those that move before it come back after it when all is taken back
            let passing: Vec<usize> = movers[..nth]
                .iter()
                .filter(|(other, _)| self.wanted.items[*other].menu == item.menu)
                .map(|(_, at)| *at)
                .collect();
            let stood = self.behind(&item.menu, *at, &passing);
            let find = self.order.matched[*place].find.clone();
            self.change(item, &find, What::Move { placement, stood });
        }
    }

    /// Items of ours that the configuration no longer has; those of menus that others refer to last.
    pub(super) fn removals(&mut self, matched: &[Matched]) {
        let (marks, actual) = (self.wanted.marks(), self.actual);
        let mut menus: Vec<&str> = actual.menus().collect();
        let rank = |menu: &&str| self.wanted.items.iter().position(|item| item.menu == **menu);
        menus.sort_by_key(|menu| std::cmp::Reverse(rank(menu).map_or(usize::MAX, |rank| rank)));
        for menu in menus {
            let kept = |at: usize| {
                let mut items = self.wanted.items.iter().zip(matched);
                items.any(|(item, matched)| item.menu == menu && matched.found == Found::Ours(at))
            };
            let mut gone = Vec::new();
            for (at, entry) in actual.entries(menu).iter().enumerate() {
                let Some(mark) = entry.mark().filter(|mark| mark.starts_with(&marks)) else { continue };
                if entry.is_dynamic() || kept(at) {
                    continue;
                }
                // somebody copied one of ours, comment and all: which of them is ours is theirs to say
                if actual.entries(menu).iter().any(|other| !std::ptr::eq(other, entry) && other.bears(mark)) {
                    let shown = super::shown::entry(entry);
                    self.difference.left.push(super::difference::Left { menu: menu.to_owned(), shown });
                } else {
                    gone.push(at);
                }
            }
            let movers = self.order.movers.iter().filter(|(place, _)| self.wanted.items[*place].menu == menu);
            let mut passing: Vec<usize> = movers.map(|(_, at)| *at).collect();
            for at in gone {
                self.removal(menu, at, &marks, &passing);
                passing.push(at);
            }
        }
    }

    fn removal(&mut self, menu: &str, at: usize, marks: &str, passing: &[usize]) {
        let entry = &self.actual.entries(menu)[at];
        let mark = entry.mark().unwrap_or_default().to_owned();
        let key = mark.strip_prefix(marks).unwrap_or_default().to_owned();
        let ordered = Table::get().arguments(menu, "add", self.actual.release()).any(|name| name == "place-before");
        let stood = if ordered { self.behind(menu, at, passing) } else { Vec::new() };
        let row = kept_of(menu, entry, self.actual);
        let find = Find::Item(vec![Property::new("comment", mark)]);
        let (menu, step) = (menu.to_owned(), String::new());
        self.difference.changes.push(super::change::Change {
            key,
            step,
            menu,
            find,
            what: What::Remove { row, stood },
        });
    }

    /// What stands behind a place, without those that will not be there when it is looked for.
    fn behind(&self, menu: &str, at: usize, passing: &[usize]) -> Vec<Follower> {
        let entries = self.actual.entries(menu).iter().enumerate().skip(at + 1);
        entries
            .filter(|(other, entry)| !entry.is_dynamic() && !passing.contains(other))
            .take(FOLLOWERS)
            .map(|(other, _)| Follower::of(menu, other, self.actual))
            .collect()
    }

    /// Items with names like ours that may be of another configuration.
    pub(super) fn left(&mut self) {
        for menu in self.actual.menus().filter(|menu| !super::known::has_comments(menu, self.actual.release())) {
            for (at, entry) in self.actual.entries(menu).iter().enumerate() {
                let mut items = self.wanted.items.iter().zip(self.order.matched);
                let known = items.any(|(item, matched)| item.menu == menu && matched.found == Found::Ours(at));
                if entry.text("name").starts_with(Item::NAME) && !known {
                    let shown = super::shown::entry(entry);
                    self.difference.left.push(super::difference::Left { menu: menu.to_owned(), shown });
                }
            }
        }
    }
}
