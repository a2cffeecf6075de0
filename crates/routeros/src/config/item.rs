//! What a router should have.

use serde::{Deserialize, Serialize};

use crate::sensitive::is_sensitive;

/// A configuration that a router should have. Everything that it does not name is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Which configuration this is, such as the template's name: items of ours carry `demarc:<name>:<key>` as their comment
    /// where their menu has comments, and a name that begins with `demarc-` where it has none.
    pub name: String,
    /// In the order in which they must be made: what is referred to comes first.
    pub items: Vec<Item>,
}

/// One item that should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which one it is within the configuration, such as `pppoe.pool`.
    pub key: String,
    /// Items of one step are sent side by side; steps follow each other. A key of the caller's, such as `pools`.
    pub step: String,
    /// Such as `/ip/pool`.
    pub menu: String,
    /// How it is found.
    pub identity: Identity,
    /// What it should have; what is not named is left as it is.
    pub values: Vec<Property>,
    /// Where it stands.
    pub place: Place,
    /// Something to be done with it once it is there.
    pub action: Option<Action>,
}

/// How an item is found among those that a router has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Identity {
    /// The menu has one item: `/system/identity`, `/snmp`.
    Settings,
    /// An item that is always there and only changed, by these properties: the service `name=telnet`, the group `default=yes`.
    Existing(Vec<Property>),
    /// Ours, found by the value of this property among its values, such as `name`. Another's item of that name is a conflict.
    Named(String),
    /// Ours, found by our mark in its comment.
    Marked,
}

/// Where an item stands in a menu whose order counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The menu's order does not count.
    Anywhere,
    /// Above the first item, not ours and not dynamic, that has all these values in one of these lists; at the end if there is none. Items of
    /// ours in one chain keep the order of [`Wanted::items`].
    Above(Vec<Vec<Property>>),
    /// At the end of its chain, after what is there when it is added.
    End,
}

/// One property of an item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// Such as `ranges`.
    pub name: String,
    /// As it is sent; empty clears it.
    pub value: String,
    /// Masked wherever it is shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// No router ever tells it (a user's password): it is sent with `add`, and not compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untold: bool,
}

/// Something to be done with an item: a certificate is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Such as `sign`.
    pub verb: String,
    /// What it is given beside the item.
    pub arguments: Vec<Property>,
    /// It was done when the item has this property, not empty: a signed certificate has a `fingerprint`.
    pub done_when: String,
    /// Seconds that it may take: minutes on small boards.
    pub deadline: u64,
}

impl Item {
    /// How our comments begin.
    pub const MARK: &'static str = "demarc:";
    /// How our names begin in menus without comments.
    pub const NAME: &'static str = "demarc-";

    /// The value that it should have.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|property| property.name == name).map(|property| property.value.as_str())
    }
}

impl Wanted {
    /// The comment of this configuration's item of this key.
    pub fn mark(&self, key: &str) -> String {
        format!("{}{key}", self.marks())
    }

    /// How the comments of this configuration's items begin.
    pub(crate) fn marks(&self) -> String {
        format!("{}{}:", Item::MARK, self.name)
    }
}

impl Property {
    /// A property, secret if its name says so.
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into(), secret: is_sensitive(name), untold: false }
    }

    /// A property that is masked though its name does not say so.
    pub fn secret(name: &str, value: impl Into<String>) -> Self {
        Self { secret: true, ..Self::new(name, value) }
    }

    /// A secret that no router ever tells.
    pub fn untold(name: &str, value: impl Into<String>) -> Self {
        Self { secret: true, untold: true, ..Self::new(name, value) }
    }
}

impl std::fmt::Debug for Property {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.name, if self.secret { crate::sensitive::MASK } else { &self.value })
    }
}
