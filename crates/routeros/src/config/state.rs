//! How things stand with a change: the heart of taking over and of undoing.

use super::actual::Actual;
use super::change::{Alteration, Change, ChangeState, Stale, What, shown};
use super::entry::Entry;
use super::find::holds;
use super::item::Property;
use super::raw::Raw;

/// What of an alteration there is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    Old,
    New,
    /// Somebody changed it since.
    Another,
    /// The router does not tell it.
    Hidden,
}

impl Alteration {
    pub(super) fn now(&self, menu: &str, entry: &Entry) -> Now {
        let there = entry.get(&self.name).map(Raw::bytes);
        let old = self.old.as_ref().map_or(&[][..], Raw::bytes);
        let new = Property::new(&self.name, self.new.as_str());
        if self.untold || (self.secret && there.is_none() && !entry.tells_secrets() && self.old.is_some()) {
            Now::Hidden
        } else if holds(entry, menu, &new) {
            Now::New
        } else if super::same::same_value(menu, &self.name, old, there) {
            Now::Old
        } else {
            Now::Another
        }
    }
}

impl Change {
    /// How things stand with it.
    pub fn state(&self, actual: &Actual) -> ChangeState {
        let entry = match self.entry(actual) {
            Ok(entry) => entry,
            Err(Stale::NoMenu(_)) if matches!(self.what, What::Add { .. }) => None,
            Err(stale) => return ChangeState::Otherwise(stale.to_string()),
        };
        match (&self.what, entry) {
            (What::Add { .. } | What::Do(_), None) => ChangeState::Before,
            (What::Remove { .. }, None) => ChangeState::After,
            (What::Set(_) | What::Move { .. }, None) => ChangeState::Otherwise(self.gone().to_string()),
            (What::Add { values, .. }, Some((_, entry))) => self.added(values, entry),
            (What::Set(alterations), Some((_, entry))) => self.set(alterations, entry),
            (What::Move { placement, .. }, Some((place, _))) => {
                if placement.is_right(place, &self.menu, actual) {
                    ChangeState::After
                } else {
                    ChangeState::Before
                }
            }
            (What::Remove { row, .. }, Some((_, entry))) => {
                let changed: Vec<&str> = row.otherwise(&self.menu, entry).collect();
                self.before_or(ChangeState::Before, &changed, entry)
            }
            (What::Do(action), Some((_, entry))) => {
                if entry.has(&action.done_when) {
                    ChangeState::After
                } else {
                    ChangeState::Before
                }
            }
        }
    }

    fn added(&self, values: &[Property], entry: &Entry) -> ChangeState {
        let hidden = |property: &Property| {
            property.untold || (property.secret && entry.get(&property.name).is_none() && !entry.tells_secrets())
        };
        let changed = values.iter().filter(|property| !hidden(property) && !holds(entry, &self.menu, property));
        let changed: Vec<&str> = changed.map(|property| property.name.as_str()).collect();
        self.before_or(ChangeState::After, &changed, entry)
    }

    fn set(&self, alterations: &[Alteration], entry: &Entry) -> ChangeState {
        let now =
            |wanted: Now| alterations.iter().filter(move |alteration| alteration.now(&self.menu, entry) == wanted);
        let changed: Vec<&str> = now(Now::Another).map(|alteration| alteration.name.as_str()).collect();
        if !changed.is_empty() {
            return self.before_or(ChangeState::Partly, &changed, entry);
        }
        match (now(Now::Old).next(), now(Now::New).next()) {
            (Some(_), Some(_)) => ChangeState::Partly,
            (Some(_), None) => ChangeState::Before,
            (None, Some(_)) => ChangeState::After,
            (None, None) => ChangeState::Otherwise(format!("the router does not tell {}", self.called())),
        }
    }

    /// The state, unless something was changed: then what there is now.
    fn before_or(&self, state: ChangeState, changed: &[&str], entry: &Entry) -> ChangeState {
        if changed.is_empty() {
            return state;
        }
        let now = changed.iter().map(|name| {
            let secret = self.is_secret(name);
            match entry.get(name).filter(|value| !value.is_empty()) {
                Some(value) => format!("{name} is now `{}`", shown(name, value.bytes(), secret)),
                None => format!("{name} is gone"),
            }
        });
        ChangeState::Otherwise(format!("{}: {}", self.called(), now.collect::<Vec<_>>().join(", ")))
    }

    fn is_secret(&self, name: &str) -> bool {
        let by_name = crate::is_sensitive(name);
        by_name
            || match &self.what {
                What::Add { values, .. } => values.iter().any(|property| property.name == name && property.secret),
                What::Set(alterations) => {
                    alterations.iter().any(|alteration| alteration.name == name && alteration.secret)
                }
                _ => false,
            }
    }

    pub(super) fn gone(&self) -> Stale {
        Stale::Gone(self.called())
    }
}
