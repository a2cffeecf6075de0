//! The commands of a change, there and back.

use std::time::Duration;

use super::actual::Actual;
use super::change::{Alteration, Change, ChangeState, Kept, Stale, What};
use super::entry::Entry;
use super::item::{Action, Property};
use super::known::can_be_unset;
use super::place::follower;
use super::raw::Raw;
use super::state::Now;
use crate::command::Command;
use crate::menus::Table;
use crate::release::Release;

/// Whether what somebody changed since is taken back too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It stays theirs: [`Change::state`] tells of it.
    Careful,
    /// It is taken back.
    Forced,
}

impl Change {
    /// The command that makes the change on a router that has this; none if there is nothing to do any more.
    pub fn command(&self, actual: &Actual, release: Option<Release>) -> Result<Option<Command>, Stale> {
        let entry = self.entry(actual)?;
        match self.state(actual) {
            ChangeState::After => return Ok(None),
            ChangeState::Otherwise(_) if entry.is_none() => return Err(self.gone()),
            ChangeState::Otherwise(changed) => return Err(Stale::Changed(changed)),
            ChangeState::Before | ChangeState::Partly => {}
        }
        let command = match (&self.what, entry) {
            (What::Add { values, name, placement }, _) => {
                self.refuse_taken(values, name.as_deref(), actual)?;
                let add = values.iter().fold(self.verb("add"), with);
                let before = placement.as_ref().and_then(|placement| placement.before(&self.menu, actual));
                add.arg_if("place-before", before)
            }
            (What::Set(alterations), Some((_, entry))) => {
                let left =
                    |alteration: &&Alteration| matches!(alteration.now(&self.menu, entry), Now::Old | Now::Hidden);
                let left: Vec<&Alteration> = alterations.iter().filter(left).collect();
                let set = |command: Command, alteration: &&Alteration| {
                    put(command, alteration, &alteration.new.as_str().into())
                };
                match left.as_slice() {
                    [one] if one.new.is_empty() && can_be_unset(&self.menu, &one.name, release) => {
                        self.on(entry, "unset").arg("value-name", &one.name)
                    }
                    left => left.iter().fold(self.on(entry, "set"), set),
                }
            }
            (What::Move { placement, .. }, Some((_, entry))) => self.moved(entry, placement.before(&self.menu, actual)),
            (What::Remove { .. }, Some((_, entry))) => self.on(entry, "remove"),
            (What::Do(action), Some((_, entry))) => done(action, self.on(entry, &action.verb)),
            (_, None) => return Err(self.gone()),
        };
        Ok(Some(command))
    }

    /// The command that takes the change back on a router that has this; none if there is nothing to take back, or nothing
    /// that is still as the change left it.
    pub fn inverse(&self, actual: &Actual, release: Option<Release>, undo: Undo) -> Result<Option<Command>, Stale> {
        let entry = self.entry(actual)?;
        let state = self.state(actual);
        match (&self.what, entry) {
            (What::Do(_), _) | (What::Add { .. }, None) | (What::Remove { .. }, Some(_)) => Ok(None),
            (What::Add { .. }, Some((_, entry))) => match state {
                ChangeState::Otherwise(changed) if undo == Undo::Careful => Err(Stale::Changed(changed)),
                _ => Ok(Some(self.on(entry, "remove"))),
            },
            (What::Set(_) | What::Move { .. }, None) => Err(self.gone()),
            (What::Set(alterations), Some((_, entry))) => Ok(self.set_back(alterations, entry, release, undo)),
            (What::Move { .. }, _) if state != ChangeState::After => Ok(None),
            (What::Move { stood, .. }, Some((_, entry))) => {
                Ok(Some(self.moved(entry, follower(stood, &self.menu, actual))))
            }
            (What::Remove { row, stood }, None) => {
                Ok(Some(self.restored(row, release).arg_if("place-before", follower(stood, &self.menu, actual))))
            }
        }
    }

    fn set_back(
        &self,
        alterations: &[Alteration],
        entry: &Entry,
        release: Option<Release>,
        undo: Undo,
    ) -> Option<Command> {
        let ours = |alteration: &&Alteration| match alteration.now(&self.menu, entry) {
            Now::New => true,
            Now::Another => undo == Undo::Forced,
            Now::Old | Now::Hidden => false,
        };
        let back: Vec<&Alteration> = alterations.iter().filter(ours).collect();
        match back.as_slice() {
            [] => None,
            [one] if one.old.is_none() && can_be_unset(&self.menu, &one.name, release) => {
                Some(self.on(entry, "unset").arg("value-name", &one.name))
            }
            back => {
                let set = |command: Command, one: &&Alteration| put(command, one, &one.put_back());
                Some(back.iter().fold(self.on(entry, "set"), set))
            }
        }
    }

    fn refuse_taken(&self, values: &[Property], name: Option<&str>, actual: &Actual) -> Result<(), Stale> {
        let Some(property) = name.and_then(|name| values.iter().find(|property| property.name == name)) else {
            return Ok(());
        };
        let mut statics = actual.entries(&self.menu).iter().filter(|entry| !entry.is_dynamic());
        if statics.any(|entry| entry.is(&self.menu, &property.name, &property.value)) {
            return Err(Stale::Taken(property.value.clone()));
        }
        Ok(())
    }

    /// An item put back as it was. References to what is gone cannot be.
    fn restored(&self, row: &Kept, release: Option<Release>) -> Command {
        self.restorable(row, release).fold(self.verb("add"), |command, (name, value)| command.arg(name, value))
    }

    /// What of an item as it was can be given to `add`.
    pub(super) fn restorable<'a>(
        &'a self,
        row: &'a Kept,
        release: Option<Release>,
    ) -> impl Iterator<Item = (&'a str, &'a Raw)> {
        let known: Vec<&str> = Table::get().arguments(&self.menu, "add", release).collect();
        let takes = move |name: &str, value: &Raw| {
            let dead = value.text().parse::<crate::value::Id>().is_ok();
            known.contains(&name) && !dead
        };
        row.0.iter().filter(move |(name, value)| takes(name, value)).map(|(name, value)| (name.as_str(), value))
    }

    fn moved(&self, entry: &Entry, before: Option<crate::value::Id>) -> Command {
        self.verb("move").arg_if("numbers", entry.id).arg_if("destination", before)
    }

    fn verb(&self, verb: &str) -> Command {
        Command::new(&format!("{}/{verb}", self.menu))
    }

    fn on(&self, entry: &Entry, verb: &str) -> Command {
        self.verb(verb).arg_if(".id", entry.id)
    }
}

impl Alteration {
    /// The value that clears it again, if it was absent: flags of rules are never empty once written.
    pub(super) fn put_back(&self) -> Raw {
        match &self.old {
            Some(old) => old.clone(),
            None if matches!(self.name.as_str(), "disabled" | "log") => "no".into(),
            None => Raw::default(),
        }
    }
}

fn with(command: Command, property: &Property) -> Command {
    let Property { name, value, secret, .. } = property;
    if *secret { command.secret(name, value) } else { command.arg(name, value) }
}

fn put(command: Command, alteration: &Alteration, value: &Raw) -> Command {
    if alteration.secret { command.secret(&alteration.name, value) } else { command.arg(&alteration.name, value) }
}

fn done(action: &Action, command: Command) -> Command {
    action.arguments.iter().fold(command, with).deadline(Duration::from_secs(action.deadline))
}
