//! What must be changed for a router to have what it should.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::actual::Actual;
use super::change::{Alteration, Change, What};
use super::entry::Entry;
use super::find::{Find, holds};
use super::item::{Identity, Item, Property, Wanted};
use super::known::{can_be_unset, has_comments};
use super::matching::{Found, Matched, matched};
use super::order::Order;

/// What is done about another's item that is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It becomes ours: what differs is set, and our mark put on it. Taking it back gives it its values and its comment back.
    Adopt,
    /// It gets another name, and ours is added.
    Rename,
    /// Nothing is done before a person has decided.
    Stop,
}

/// What must be changed, and what must not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// In the order in which they must be made: by the items' order, then what moves, then what goes.
    pub changes: Vec<Change>,
    /// The keys of items that are there as they should be.
    pub same: Vec<String>,
    /// Others' items that are in the way and about which nothing was chosen.
    pub conflicts: Vec<Conflict>,
    /// Secrets that the router does not tell: they are taken to be right.
    pub untold: Vec<Untold>,
    /// Items that cannot be there.
    pub absent: Vec<Absent>,
    /// Items that look like ours and are left alone: those with names like ours in menus without comments, which may be of
    /// another configuration, and copies that somebody made of ours, comment and all.
    pub left: Vec<Left>,
}

/// Another's item that is in the way of one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The item of ours.
    pub key: String,
    /// Such as `/ip/pool`.
    pub menu: String,
    /// Their item on one line, secrets masked.
    pub theirs: String,
    /// What can be done about it.
    pub options: Vec<Choice>,
}

/// A secret that the router does not tell, since its user lacks the policy `sensitive`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// The item.
    pub key: String,
    /// Its property that is not told.
    pub property: String,
}

/// An item that cannot be there: the release or the board lacks the menu, or what is only to be changed is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The item.
    pub key: String,
    /// Its menu.
    pub menu: String,
}

/// An item that may be of another configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Its menu.
    pub menu: String,
    /// The item on one line, secrets masked.
    pub shown: String,
}

/// Holds what a router should have against what it has. Choices are by the keys of conflicts.
pub fn difference(wanted: &Wanted, actual: &Actual, choices: &BTreeMap<String, Choice>) -> Difference {
    let matched: Vec<Matched> = wanted.items.iter().map(|item| matched(wanted, item, actual)).collect();
    let order = Order::of(wanted, actual, &matched);
    let mut comparing = Comparing { wanted, actual, choices, order, difference: Difference::default() };
    for (place, (item, matched)) in wanted.items.iter().zip(&matched).enumerate() {
        comparing.item(place, item, matched);
    }
    comparing.moves();
    comparing.removals(&matched);
    comparing.left();
    comparing.difference
}

pub(super) struct Comparing<'a> {
    pub wanted: &'a Wanted,
    pub actual: &'a Actual,
    choices: &'a BTreeMap<String, Choice>,
    pub order: Order<'a>,
    pub difference: Difference,
}

impl Comparing<'_> {
    fn item(&mut self, place: usize, item: &Item, matched: &Matched) {
        if self.actual.lacks(&item.menu) {
            return self.absent(item);
        }
        let theirs = |entry: &usize| &self.actual.entries(&item.menu)[*entry];
        match &matched.found {
            Found::Missing if matches!(item.identity, Identity::Settings | Identity::Existing(_)) => self.absent(item),
            Found::Missing => self.add(place, item, true),
            Found::Ours(at) if theirs(at).is_dynamic() => self.renew(place, item, theirs(at), &matched.find),
            Found::Ours(at) => self.compare(place, item, theirs(at), &matched.find, &[]),
            Found::Served => self.difference.same.push(item.key.clone()),
            Found::Theirs(at) => self.theirs(place, item, theirs(at), matched),
        }
        if let Found::Ours(at) = matched.found
            && let Some(blocking) = matched.blocking
            && at != blocking
        {
            // ours was renamed, and its name given to another since
            let theirs = self.actual.entries(&item.menu)[blocking].clone();
            self.conflict(item, &theirs, vec![Choice::Stop]);
        }
    }

    fn absent(&mut self, item: &Item) {
        self.difference.absent.push(Absent { key: item.key.clone(), menu: item.menu.clone() });
    }

    fn conflict(&mut self, item: &Item, theirs: &Entry, options: Vec<Choice>) {
        let (key, menu) = (item.key.clone(), item.menu.clone());
        let theirs = super::shown::entry(theirs);
        self.difference.conflicts.push(Conflict { key, menu, theirs, options });
    }

    pub(super) fn change(&mut self, item: &Item, find: &Find, what: What) {
        let (key, step, menu) = (item.key.clone(), item.step.clone(), item.menu.clone());
        self.difference.changes.push(Change { key, step, menu, find: find.clone(), what });
    }

    fn add(&mut self, place: usize, item: &Item, alone: bool) {
        let name = if let Identity::Named(name) = &item.identity { Some(name.clone()) } else { None };
        let mut values = item.values.clone();
        let mut conditions =
            name.iter().filter_map(|name| Some(Property::new(name, item.value(name)?))).collect::<Vec<_>>();
        if has_comments(&item.menu, self.actual.release()) {
            let mark = Property::new("comment", self.wanted.mark(&item.key));
            values.push(mark.clone());
            conditions.push(mark);
        }
        let find = Find::Item(conditions);
        let placement = self.order.placement(place);
        let name = name.filter(|_| alone);
        self.change(item, &find, What::Add { values, name, placement });
        if let Some(action) = &item.action {
            self.change(item, &find, What::Do(action.clone()));
        }
    }

    /// What has a time to live cannot be changed: it goes, and comes anew.
    fn renew(&mut self, place: usize, item: &Item, entry: &Entry, find: &Find) {
        if item.values.iter().all(|property| holds(entry, &item.menu, property)) {
            return self.difference.same.push(item.key.clone());
        }
        let row = super::place::kept_of(&item.menu, entry, self.actual);
        self.change(item, find, What::Remove { row, stood: Vec::new() });
        self.add(place, item, true);
    }

    fn compare(&mut self, place: usize, item: &Item, entry: &Entry, find: &Find, more: &[Property]) {
        let adopted = !more.is_empty();
        let mut altered = Vec::new();
        for property in item.values.iter().chain(more) {
            let there = entry.get(&property.name);
            if property.untold {
                if adopted {
                    altered.push(alteration(property, None));
                }
            } else if property.secret && there.is_none() && !property.value.is_empty() && !entry.tells_secrets() {
                self.difference.untold.push(Untold { key: item.key.clone(), property: property.name.clone() });
            } else if !holds(entry, &item.menu, property) {
                altered.push(alteration(property, there.cloned().filter(|value| !value.is_empty())));
            }
        }
        let undone = item.action.as_ref().filter(|action| !entry.has(&action.done_when));
        if altered.is_empty() && undone.is_none() && !self.order.moves(place) {
            self.difference.same.push(item.key.clone());
        }
        let release = self.actual.release();
        // what is cleared by a command of its own is a change of its own
        let (alone, together): (Vec<_>, Vec<_>) = altered.into_iter().partition(|one: &Alteration| {
            (one.old.is_none() || one.new.is_empty()) && !one.untold && can_be_unset(&item.menu, &one.name, release)
        });
        if !together.is_empty() {
            self.change(item, find, What::Set(together));
        }
        for one in alone {
            self.change(item, find, What::Set(vec![one]));
        }
        if let Some(action) = undone {
            self.change(item, find, What::Do(action.clone()));
        }
    }

    fn theirs(&mut self, place: usize, item: &Item, theirs: &Entry, matched: &Matched) {
        let name = if let Identity::Named(name) = &item.identity { Some(name.as_str()) } else { None };
        let mut options = vec![Choice::Adopt, Choice::Stop];
        if name.is_some() {
            options.insert(1, Choice::Rename);
        }
        match (self.choices.get(&item.key), name) {
            (Some(Choice::Adopt), _) => {
                let mark = Property::new("comment", self.wanted.mark(&item.key));
                self.compare(place, item, theirs, &matched.find, &[mark]);
            }
            (Some(Choice::Rename), Some(name)) => {
                let old = theirs.text(name).into_owned();
                let free = self.free_name(&item.menu, name, &old);
                let renamed = Alteration {
                    name: name.into(),
                    old: theirs.get(name).cloned(),
                    new: free,
                    secret: false,
                    untold: false,
                };
                self.change(item, &matched.find, What::Set(vec![renamed]));
                // both are sent side by side: their item has its name until then
                self.add(place, item, false);
            }
            _ => self.conflict(item, theirs, options),
        }
    }

    /// A name for another's item that nobody has.
    fn free_name(&self, menu: &str, name: &str, old: &str) -> String {
        let taken: BTreeSet<_> = self.actual.entries(menu).iter().map(|entry| entry.text(name)).collect();
        let mut free = format!("{old}-before-demarc");
        let mut number = 2;
        while taken.contains(free.as_str()) {
            free = format!("{old}-before-demarc-{number}");
            number += 1;
        }
        free
    }
}

fn alteration(property: &Property, old: Option<super::raw::Raw>) -> Alteration {
    let Property { name, value, secret, untold } = property.clone();
    Alteration { name, old, new: value, secret, untold }
}
