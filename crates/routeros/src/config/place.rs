//! Where an item goes in a menu whose order counts.

use serde::{Deserialize, Serialize};

use super::actual::Actual;
use super::change::{Follower, Kept};
use super::entry::Entry;
use super::item::{Item, Property};
use super::raw::Raw;
use crate::value::Id;

/// Where an item of ours goes: above the nearest of the items of ours that come later, and above the first of another's that
/// it must be above; at the end without either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// How the marks of this configuration begin.
    pub marks: String,
    /// Its chain, in menus that have chains.
    pub chain: Option<String>,
    /// It goes above the first item, not of this configuration and not dynamic, of the same chain that has all values of one
    /// of these lists.
    pub above: Vec<Vec<Property>>,
    /// The marks of items of ours that come before it and stand where they should.
    pub earlier: Vec<String>,
    /// The marks of items of ours that come after it and stand where they should.
    pub later: Vec<String>,
}

impl Placement {
    fn in_chain(&self, menu: &str, entry: &Entry) -> bool {
        self.chain.as_ref().is_none_or(|chain| entry.is(menu, "chain", chain))
    }

    /// The place of the first item of another's that it must be above.
    pub(super) fn anchor(&self, menu: &str, actual: &Actual) -> Option<usize> {
        actual.entries(menu).iter().position(|entry| {
            !entry.is_dynamic()
                && self.in_chain(menu, entry)
                && !entry.mark().is_some_and(|mark| mark.starts_with(&self.marks))
                && self.above.iter().any(|list| entry.fits(menu, list))
        })
    }

    fn places<'a>(
        &'a self,
        menu: &'a str,
        actual: &'a Actual,
        marks: &'a [String],
    ) -> impl Iterator<Item = usize> + 'a {
        let entries = actual.entries(menu).iter().enumerate();
        entries
            .filter(|(_, entry)| self.in_chain(menu, entry))
            .filter(|(_, entry)| entry.mark().is_some_and(|mark| marks.iter().any(|known| known == mark)))
            .map(|(place, _)| place)
    }

    /// The place of the item that it goes before.
    fn target(&self, menu: &str, actual: &Actual) -> Option<usize> {
        let later = self.places(menu, actual, &self.later).min();
        later.into_iter().chain(self.anchor(menu, actual)).min()
    }

    /// The item that it goes before; none: to the end.
    pub(super) fn before(&self, menu: &str, actual: &Actual) -> Option<Id> {
        self.target(menu, actual).and_then(|place| actual.entries(menu)[place].id)
    }

    /// Whether an item at this place stands where it should.
    pub(super) fn is_right(&self, place: usize, menu: &str, actual: &Actual) -> bool {
        self.target(menu, actual).is_none_or(|target| place < target)
            && self.places(menu, actual, &self.earlier).all(|earlier| earlier < place)
    }
}

/// The first of these items that is still there, where something stood before it; none: it stood at the end.
pub(super) fn follower(stood: &[Follower], menu: &str, actual: &Actual) -> Option<Id> {
    stood.iter().find_map(|follower| {
        let statics = actual.entries(menu).iter().filter(|entry| !entry.is_dynamic());
        let mut alike = statics.filter(|entry| is_still(&follower.row, menu, entry, actual));
        alike.nth(follower.nth).and_then(|entry| entry.id)
    })
}

impl Follower {
    /// The item at this place of its menu.
    pub(super) fn of(menu: &str, at: usize, actual: &Actual) -> Self {
        let entries = actual.entries(menu);
        let row = kept_of(menu, &entries[at], actual);
        let earlier = entries[..at].iter().filter(|entry| !entry.is_dynamic());
        let nth = earlier.filter(|entry| is_still(&row, menu, entry, actual)).count();
        Self { row, nth }
    }
}

/// Whether an item is this one: by our mark or by its name, whose other values may have changed meanwhile, else by all that
/// it is.
fn is_still(kept: &Kept, menu: &str, entry: &Entry, actual: &Actual) -> bool {
    let marked = kept.get("comment").map(Raw::text);
    let marked =
        marked.as_deref().and_then(|comment| comment.split(' ').next()).filter(|word| word.starts_with(Item::MARK));
    match (marked, kept.get("name").filter(|name| !name.is_empty())) {
        (Some(mark), _) => entry.bears(mark),
        (None, Some(name)) => entry.get("name") == Some(name),
        (None, None) => kept.is(menu, entry) && kept.0.len() == kept_of(menu, entry, actual).0.len(),
    }
}

/// What of an item can be set.
pub(super) fn kept_of(menu: &str, entry: &Entry, actual: &Actual) -> Kept {
    let names = |name: &str| {
        let mut arguments = ["add", "set"]
            .into_iter()
            .flat_map(|verb| crate::menus::Table::get().arguments(menu, verb, actual.release()));
        name != "dynamic" && arguments.any(|known| known == name)
    };
    Kept(entry.values.iter().filter(|(name, value)| names(name) && !value.is_empty()).cloned().collect())
}
