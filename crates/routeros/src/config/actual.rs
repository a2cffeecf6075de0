//! What a router has, as far as it was asked.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::entry::Entry;
use super::item::{Identity, Item, Place, Wanted};
use crate::command::Command;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::menus::Table;
use crate::release::Release;
use crate::trap::Refusal;

/// What tells an item beyond what can be set.
const TOLD: [&str; 11] = [
    ".id",
    "builtin",
    "comment",
    "default",
    "default-name",
    "disabled",
    "dynamic",
    "fingerprint",
    "invalid",
    "name",
    "public-key",
];

/// What a router has, of some of its menus.
#[derive(Debug, Clone, Default)]
pub struct Actual {
    release: Option<Release>,
    /// None: this release or board has no such menu.
    menus: BTreeMap<String, Option<Vec<Entry>>>,
}

impl Actual {
    /// Nothing yet, of a router of this release.
    pub fn new(release: Option<Release>) -> Self {
        Self { release, menus: BTreeMap::new() }
    }

    /// The same with a menu of these items, in their order.
    #[must_use]
    pub fn with(mut self, menu: &str, entries: Vec<Entry>) -> Self {
        self.menus.insert(menu.to_owned(), Some(entries));
        self
    }

    /// The same with a menu that the router does not have.
    #[must_use]
    pub fn without(mut self, menu: &str) -> Self {
        self.menus.insert(menu.to_owned(), None);
        self
    }

    /// Reads what a configuration needs to be held against. All menus are asked at once.
    pub async fn read(connection: &Connection, wanted: &Wanted) -> Result<Self, CommandError> {
        let mut menus: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for item in &wanted.items {
            menus.entry(&item.menu).or_default().extend(item.asked());
        }
        Self::ask(connection, menus).await
    }

    /// Reads some menus, all at once.
    pub async fn read_menus(connection: &Connection, menus: &[&str]) -> Result<Self, CommandError> {
        Self::ask(connection, menus.iter().map(|menu| (*menu, BTreeSet::new())).collect()).await
    }

    async fn ask(connection: &Connection, menus: BTreeMap<&str, BTreeSet<&str>>) -> Result<Self, CommandError> {
        let release = connection.release();
        let mut actual = Self::new(release);
        let mut asked = JoinSet::new();
        for (menu, more) in menus {
            let print = print(menu, &more, release);
            // started here, so that they are on the line in this order; collected side by side, so that none waits for
            // another to be taken
            let mut rows = connection.stream(print);
            let menu = menu.to_owned();
            asked.spawn(async move {
                let mut entries = Vec::new();
                while let Some(row) = rows.next().await {
                    match row {
                        Ok(row) => entries.push(Entry::of(&row)),
                        Err(error) => return (menu, Err(error)),
                    }
                }
                (menu, Ok(entries))
            });
        }
        while let Some(read) = asked.join_next().await {
            let (menu, entries) = match read {
                Ok(read) => read,
                Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
                // nobody but a runtime that ends does so
                Err(_) => continue,
            };
            let entries = match entries {
                Ok(entries) => Some(entries),
                Err(error) if is_absent(&error) => None,
                Err(error) => return Err(error),
            };
            actual.menus.insert(menu, entries);
        }
        Ok(actual)
    }

    /// The router's release, if it is known.
    pub fn release(&self) -> Option<Release> {
        self.release
    }

    /// The items of a menu in their order; none if it was not asked or is not there.
    pub fn entries(&self, menu: &str) -> &[Entry] {
        self.menus.get(menu).and_then(Option::as_deref).unwrap_or_default()
    }

    /// Whether the menu was asked and the router has it.
    pub fn has(&self, menu: &str) -> bool {
        self.menus.get(menu).is_some_and(Option::is_some)
    }

    /// Whether the menu was asked and the router does not have it.
    pub fn lacks(&self, menu: &str) -> bool {
        self.menus.get(menu).is_some_and(Option::is_none)
    }

    /// The menus that were asked.
    pub fn menus(&self) -> impl Iterator<Item = &str> {
        self.menus.keys().map(String::as_str)
    }

    #[cfg(test)]
    pub(crate) fn entries_mut(&mut self, menu: &str) -> &mut Vec<Entry> {
        self.menus.entry(menu.to_owned()).or_default().get_or_insert_default()
    }
}

fn is_absent(error: &CommandError) -> bool {
    matches!(error, CommandError::NotInRelease(_)) || error.refusal() == Some(Refusal::NoSuchCommand)
}

/// The command that tells of a menu all that can be set, and what identifies its items; counters stay away.
fn print(menu: &str, more: &BTreeSet<&str>, release: Option<Release>) -> Command {
    let table = Table::get();
    let mut names: BTreeSet<&str> = TOLD.into_iter().chain(more.iter().copied()).collect();
    for verb in ["add", "set"] {
        for name in table.arguments(menu, verb, release).filter(|name| *name != "place-before") {
            names.insert(name);
        }
    }
    let path = format!("{menu}/print");
    let print = Command::new(&path).proplist(&names.into_iter().collect::<Vec<_>>());
    if table.has_argument(&path, "show-sensitive", release) { print.flag("show-sensitive") } else { print }
}

impl Item {
    /// The properties that must be read to find it, to place it, and to know what it is.
    fn asked(&self) -> impl Iterator<Item = &str> {
        let identity = match &self.identity {
            Identity::Existing(values) => values.iter().map(|property| property.name.as_str()).collect(),
            Identity::Named(name) => vec![name.as_str()],
            Identity::Settings | Identity::Marked => Vec::new(),
        };
        let lists = if let Place::Above(lists) = &self.place { lists.as_slice() } else { &[] };
        let lists = lists.iter().flatten().map(|property| property.name.as_str());
        let values = self.values.iter().map(|property| property.name.as_str());
        let done = self.action.iter().map(|action| action.done_when.as_str());
        identity.into_iter().chain(lists).chain(values).chain(done)
    }
}
