//! Which of a router's items is which of those that should be.

use super::actual::Actual;
use super::find::{Find, holds};
use super::item::{Identity, Item, Property, Wanted};
use super::known::{has_comments, only_one_with};

/// What there is in the place of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Missing,
    /// Ours, or one that is only to be changed.
    Ours(usize),
    /// Another's that has its name, or what only one item may have.
    Theirs(usize),
    /// Another's that is all that ours would be.
    Served,
}

#[derive(Debug, Clone)]
pub(super) struct Matched {
    pub found: Found,
    pub find: Find,
    /// Another's item that has the name of ours.
    pub blocking: Option<usize>,
}

pub(super) fn matched(wanted: &Wanted, item: &Item, actual: &Actual) -> Matched {
    let at = |find: Find| {
        let found = find.locate(&item.menu, actual).map_or(Found::Missing, Found::Ours);
        Matched { found, find, blocking: None }
    };
    let mark = || Find::Item(vec![Property::new("comment", wanted.mark(&item.key))]);
    match &item.identity {
        Identity::Settings => at(Find::Settings),
        Identity::Existing(values) => at(Find::Item(values.clone())),
        Identity::Named(name) => {
            let named = item.value(name).filter(|value| !value.is_empty());
            let named = Find::Item(named.map(|value| Property::new(name, value)).into_iter().collect());
            if !has_comments(&item.menu, actual.release()) {
                return at(named);
            }
            let theirs = named.locate(&item.menu, actual);
            match (at(mark()), theirs) {
                (ours @ Matched { found: Found::Ours(_), .. }, theirs) => Matched { blocking: theirs, ..ours },
                (_, Some(theirs)) => Matched { found: Found::Theirs(theirs), find: named, blocking: None },
                (missing, None) => missing,
            }
        }
        Identity::Marked => match at(mark()) {
            missing @ Matched { found: Found::Missing, .. } => alike(item, actual).unwrap_or(missing),
            ours => ours,
        },
    }
}

/// Another's item in whose presence the router refuses ours.
fn alike(item: &Item, actual: &Actual) -> Option<Matched> {
    let names = only_one_with(&item.menu);
    let values: Option<Vec<Property>> = names.iter().map(|name| Some(Property::new(name, item.value(name)?))).collect();
    let find = Find::Item(values.filter(|values| !values.is_empty())?);
    let theirs = find.locate(&item.menu, actual)?;
    let entry = &actual.entries(&item.menu)[theirs];
    let served = item.values.iter().all(|property| property.untold || holds(entry, &item.menu, property));
    Some(Matched { found: if served { Found::Served } else { Found::Theirs(theirs) }, find, blocking: None })
}
