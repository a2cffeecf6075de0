//! Whether a configuration can be one.

use std::collections::BTreeSet;

use super::item::{Identity, Item, Place, Wanted};
use super::known::has_comments;
use crate::command::Command;
use crate::error::NotInRelease;
use crate::menus::Table;
use crate::release::Release;

/// What is wrong with a configuration: a mistake of its author, or a release that does not have what it needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The release has no such menu, command or argument.
    #[error("`{key}`: {missing}")]
    NotInRelease {
        /// The item.
        key: String,
        /// What is missing.
        missing: Box<NotInRelease>,
    },
    /// Two items have this key.
    #[error("`{0}` is there twice")]
    Twice(String),
    /// The name of the configuration, or a key, has letters that a mark cannot have.
    #[error("`{0}` may have letters, digits, dots, hyphens and underscores only")]
    NotAKey(String),
    /// A name in a menu without comments must say that it is ours.
    #[error("`{key}`: `{name}` must begin with `demarc-`, since `{menu}` has no comments")]
    NotOurName {
        /// The item.
        key: String,
        /// Its menu.
        menu: String,
        /// Its name.
        name: String,
    },
    /// Items without names cannot be marked in this menu.
    #[error("`{key}`: items of `{menu}` have no comments to be marked by")]
    NoMark {
        /// The item.
        key: String,
        /// Its menu.
        menu: String,
    },
    /// The property by which it is found has no value.
    #[error("`{key}` has no `{property}`")]
    NoValue {
        /// The item.
        key: String,
        /// The property.
        property: String,
    },
    /// Our mark is its comment.
    #[error("`{0}` has a comment of its own")]
    OwnComment(String),
    /// The menu has no order.
    #[error("`{key}`: the order of `{menu}` does not count")]
    NoOrder {
        /// The item.
        key: String,
        /// Its menu.
        menu: String,
    },
}

impl Wanted {
    /// Whether routers of this release can have it; without a release, whether any can. All that is wrong is told.
    pub fn check(&self, release: Option<Release>) -> Result<(), Vec<Unfit>> {
        let mut unfit = Vec::new();
        let mut keys = BTreeSet::new();
        if !is_key(&self.name) {
            unfit.push(Unfit::NotAKey(self.name.clone()));
        }
        for item in &self.items {
            if !keys.insert(&item.key) {
                unfit.push(Unfit::Twice(item.key.clone()));
            }
            item.check(release, &mut unfit);
        }
        if unfit.is_empty() { Ok(()) } else { Err(unfit) }
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

impl Item {
    fn check(&self, release: Option<Release>, unfit: &mut Vec<Unfit>) {
        let (key, menu) = (self.key.clone(), self.menu.clone());
        if !is_key(&key) {
            unfit.push(Unfit::NotAKey(key.clone()));
        }
        for command in self.commands() {
            if let Err(missing) = Table::get().check(&command, release) {
                unfit.push(Unfit::NotInRelease { key: key.clone(), missing: Box::new(missing) });
            }
        }
        let comments = has_comments(&menu, release);
        let ours = matches!(self.identity, Identity::Named(_) | Identity::Marked);
        if ours && comments && self.value("comment").is_some() {
            unfit.push(Unfit::OwnComment(key.clone()));
        }
        match &self.identity {
            Identity::Existing(values) if values.is_empty() => {
                unfit.push(Unfit::NoValue { key: key.clone(), property: "condition".to_owned() });
            }
            Identity::Marked if !comments => unfit.push(Unfit::NoMark { key: key.clone(), menu: menu.clone() }),
            Identity::Named(property) => match self.value(property).filter(|name| !name.is_empty()) {
                None => unfit.push(Unfit::NoValue { key: key.clone(), property: property.clone() }),
                Some(name) if !comments && !is_our_name(&menu, name) => {
                    unfit.push(Unfit::NotOurName { key: key.clone(), menu: menu.clone(), name: name.to_owned() });
                }
                Some(_) => {}
            },
            _ => {}
        }
        if self.place != Place::Anywhere
            && !Table::get().arguments(&menu, "add", release).any(|name| name == "place-before")
        {
            unfit.push(Unfit::NoOrder { key, menu });
        }
    }

    /// The commands that it may need, for holding them against the table.
    fn commands(&self) -> impl Iterator<Item = Command> {
        let verb = match self.identity {
            Identity::Settings | Identity::Existing(_) => "set",
            Identity::Named(_) | Identity::Marked => "add",
        };
        let with = |verb: &str, names: &mut dyn Iterator<Item = &str>| {
            names.fold(Command::new(&format!("{}/{verb}", self.menu)), |command, name| command.arg(name, ""))
        };
        let write = with(verb, &mut self.values.iter().map(|property| property.name.as_str()));
        let action = self.action.as_ref();
        let act = action
            .map(|action| with(&action.verb, &mut action.arguments.iter().map(|argument| argument.name.as_str())));
        std::iter::once(write).chain(act)
    }
}

/// A file's folder may say it too.
fn is_our_name(menu: &str, name: &str) -> bool {
    name.starts_with(Item::NAME) || (menu == "/file" && name.split('/').any(|part| part.starts_with(Item::NAME)))
}
