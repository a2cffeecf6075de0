//! Finding an item again.

use serde::{Deserialize, Serialize};

use super::actual::Actual;
use super::change::{Alteration, Change, Stale, What};
use super::entry::Entry;
use super::item::{Item, Property};

/// How an item is found, on whatever machine and whenever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Find {
    /// The menu has one item.
    Settings,
    /// The first item with all these values: a name, our mark as its comment, `default=yes`.
    Item(Vec<Property>),
}

impl Find {
    /// The place of the item in its menu. Items that the router made are passed over, unless they carry our mark: entries of
    /// an address list with a time to live.
    pub(super) fn locate(&self, menu: &str, actual: &Actual) -> Option<usize> {
        let Self::Item(conditions) = self else {
            return (!actual.entries(menu).is_empty()).then_some(0);
        };
        if conditions.is_empty() {
            // every item fulfils no condition
            return None;
        }
        actual.entries(menu).iter().position(|entry| {
            let own = |condition: &Property| is_mark(condition) && holds(entry, menu, condition);
            (!entry.is_dynamic() || conditions.iter().any(own))
                && conditions.iter().all(|condition| holds(entry, menu, condition))
        })
    }

    /// How the item is found once these alterations are made.
    fn after(&self, alterations: &[Alteration]) -> Option<Self> {
        let Self::Item(conditions) = self else { return None };
        let altered = |condition: &Property| alterations.iter().find(|alteration| alteration.name == condition.name);
        conditions.iter().any(|condition| altered(condition).is_some()).then(|| {
            let conditions = conditions.iter().map(|condition| Property {
                value: altered(condition).map_or(&condition.value, |alteration| &alteration.new).clone(),
                ..condition.clone()
            });
            Self::Item(conditions.collect())
        })
    }
}

fn is_mark(property: &Property) -> bool {
    property.name == "comment" && property.value.starts_with(Item::MARK)
}

/// Whether an item has a value. Our mark may have more behind it.
pub(super) fn holds(entry: &Entry, menu: &str, property: &Property) -> bool {
    // a time to live counts down
    (is_mark(property) && entry.bears(&property.value))
        || (property.name == "timeout" && entry.is_dynamic())
        || (!is_mark(property) && entry.is(menu, &property.name, &property.value))
}

impl Change {
    /// How the item is found when the change is made.
    pub(super) fn find_after(&self) -> Find {
        let What::Set(alterations) = &self.what else { return self.find.clone() };
        self.find.after(alterations).unwrap_or_else(|| self.find.clone())
    }

    /// The item that the change is for, and its place. What a change renames is looked for by its new name first, since
    /// another item may have the old one by then.
    pub(super) fn entry<'a>(&self, actual: &'a Actual) -> Result<Option<(usize, &'a Entry)>, Stale> {
        if actual.lacks(&self.menu) {
            return Err(Stale::NoMenu(self.menu.clone()));
        }
        if !actual.has(&self.menu) {
            return Err(Stale::NotRead(self.menu.clone()));
        }
        let place = self.find_after().locate(&self.menu, actual).or_else(|| self.find.locate(&self.menu, actual));
        Ok(place.map(|place| (place, &actual.entries(&self.menu)[place])))
    }
}
