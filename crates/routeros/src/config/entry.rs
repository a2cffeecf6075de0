//! One item that a router has.

use std::borrow::Cow;
use std::fmt;

use super::item::{Item, Property};
use super::raw::Raw;
use super::same::same_value;
use crate::row::Row;
use crate::sensitive::{Shown, is_sensitive};
use crate::value::{self, Id};

/// One item that a router has: what it printed of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which item; none in a menu of one item.
    pub id: Option<Id>,
    /// Its properties in the order in which they were printed.
    pub values: Vec<(String, Raw)>,
}

impl Entry {
    /// An item with these properties.
    pub fn new(id: Option<Id>, values: &[(&str, &str)]) -> Self {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), Raw::from(*value)));
        Self { id, values: values.collect() }
    }

    /// What a router printed.
    pub fn of(row: &Row) -> Self {
        let values = row.properties().filter(|(name, _)| name != ".id");
        let values = values.map(|(name, value)| (name.into_owned(), Raw::from(value.bytes().to_vec())));
        Self { id: row.id(), values: values.collect() }
    }

    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<&Raw> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The text of a property; empty if it is absent.
    pub fn text(&self, name: &str) -> Cow<'_, str> {
        self.get(name).map_or(Cow::Borrowed(""), Raw::text)
    }

    /// Whether it has a property, not empty.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_empty())
    }

    /// Whether the router made it by itself: such items come and go.
    pub fn is_dynamic(&self) -> bool {
        value::boolean(&self.text("dynamic")) == Some(true)
    }

    /// Whether it has this value, in whatever form.
    pub fn is(&self, menu: &str, name: &str, value: &str) -> bool {
        same_value(menu, name, value.as_bytes(), self.get(name).map(Raw::bytes))
    }

    /// Whether it has all these values.
    pub(crate) fn fits(&self, menu: &str, values: &[Property]) -> bool {
        values.iter().all(|property| self.is(menu, &property.name, &property.value))
    }

    /// Whether it tells any secret: then one that is absent is not there, else it may be hidden.
    pub(crate) fn tells_secrets(&self) -> bool {
        self.values.iter().any(|(name, _)| is_sensitive(name))
    }

    /// Whether it carries our mark of this comment. A person may have written more behind it.
    pub(crate) fn bears(&self, mark: &str) -> bool {
        self.mark().is_some_and(|found| found == mark)
    }

    /// The mark that it carries, of whatever configuration.
    pub(crate) fn mark(&self) -> Option<&str> {
        let comment = std::str::from_utf8(self.get("comment")?.bytes()).ok()?;
        comment.split(' ').next().filter(|word| word.starts_with(Item::MARK))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        if let Some(id) = self.id {
            map.entry(&".id", &id.to_string());
        }
        for (name, value) in &self.values {
            let shown = Shown::of(name).instead(value.bytes().len()).unwrap_or_else(|| value.text());
            map.entry(name, &shown);
        }
        map.finish()
    }
}
