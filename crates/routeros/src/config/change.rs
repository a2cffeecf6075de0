//! One change of a router's configuration.

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::find::Find;
use super::item::{Action, Property};
use super::place::Placement;
use super::raw::Raw;
use crate::sensitive::{MASK, is_sensitive};

/// One change: one command, and how it is taken back. It holds no ids but how to find the item again, so that it may be
/// written down and acted upon later, from elsewhere. It holds secrets: seal it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which item of the configuration it is for. Several changes may be for one.
    pub key: String,
    /// The item's step; empty for a [`What::Remove`], which comes after all others.
    pub step: String,
    /// Such as `/ip/pool`.
    pub menu: String,
    /// Which item.
    pub find: Find,
    /// What is done with it.
    pub what: What,
}

/// What is done with an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// It is added, with these values; our mark is among them where the menu has comments.
    Add {
        /// In the order in which they are sent.
        values: Vec<Property>,
        /// Which of them no other item may have by then: `name`. None: the router says so itself.
        name: Option<String>,
        /// Where it goes, if order counts.
        placement: Option<Placement>,
    },
    /// These properties of it are set.
    Set(Vec<Alteration>),
    /// It is one of ours in the wrong place.
    Move {
        /// Where it goes.
        placement: Placement,
        /// What stood behind it, nearest first.
        stood: Vec<Follower>,
    },
    /// It is one of ours that the configuration no longer has.
    Remove {
        /// All of it that can be set.
        row: Kept,
        /// What stood behind it, nearest first; nothing where order does not count.
        stood: Vec<Follower>,
    },
    /// Something is done with it once it is there. It cannot be taken back but by removing the item. It needs the item's id:
    /// look again after the item was added.
    Do(Action),
}

/// One property of an item that is set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alteration {
    /// The property.
    pub name: String,
    /// What it was; none if it was absent.
    pub old: Option<Raw>,
    /// What it is to be; empty clears it.
    pub new: String,
    /// Masked wherever it is shown.
    pub secret: bool,
    /// No router tells it: what it was is not known, and whether it is set neither.
    pub untold: bool,
}

/// An item that stood behind another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follower {
    /// What it was.
    pub row: Kept,
    /// How many that are the same stand before it.
    pub nth: usize,
}

/// An item as it was, without what the router alone can set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept(pub Vec<(String, Raw)>);

impl Kept {
    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<&Raw> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether an item is still as it was; secrets are not looked at.
    pub(super) fn is(&self, menu: &str, entry: &Entry) -> bool {
        self.otherwise(menu, entry).next().is_none()
    }

    /// What of an item is not as it was.
    pub(super) fn otherwise<'a>(&'a self, menu: &'a str, entry: &'a Entry) -> impl Iterator<Item = &'a str> {
        let told = self.0.iter().filter(|(name, _)| !is_sensitive(name) && name != "timeout");
        told.filter(|(name, value)| {
            !super::same::same_value(menu, name, value.bytes(), entry.get(name).map(Raw::bytes))
        })
        .map(|(name, _)| name.as_str())
    }
}

/// How things stand with a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeState {
    /// As before it.
    Before,
    /// As after it.
    After,
    /// Some of it is done.
    Partly,
    /// Somebody changed something since: what, with secrets masked.
    Otherwise(String),
}

/// Why a change cannot be made as it was planned: look again and plan anew.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// The item is not there.
    #[error("`{0}` is gone")]
    Gone(String),
    /// Somebody changed it since: what.
    #[error("{0}")]
    Changed(String),
    /// Another item has its name.
    #[error("there is another `{0}`")]
    Taken(String),
    /// The router has no such menu.
    #[error("the router has no `{0}`")]
    NoMenu(String),
    /// The menu was not read.
    #[error("`{0}` was not read")]
    NotRead(String),
}

impl std::fmt::Debug for Alteration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |value: &str| shown(&self.name, value.as_bytes(), self.secret);
        let old = self.old.as_ref().map(|old| shown(&old.text()));
        write!(f, "{}: {old:?} -> {:?}", self.name, shown(&self.new))
    }
}

/// A value as it may be shown.
pub(super) fn shown(name: &str, value: &[u8], secret: bool) -> String {
    if secret {
        return MASK.to_owned();
    }
    let instead = crate::sensitive::Shown::of(name).instead(value.len()).filter(|_| !value.is_empty());
    instead.unwrap_or_else(|| String::from_utf8_lossy(value)).into_owned()
}
