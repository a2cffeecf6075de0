//! Changes as a person reads and types them: one line of the console, secrets masked.

use super::change::{Alteration, Change, Follower, Kept, What, shown};
use super::entry::Entry;
use super::find::Find;
use super::item::Property;
use super::known::can_be_unset;
use super::place::Placement;
use super::quoting::{console, typed};
use crate::sensitive::is_sensitive;

/// `name=value`, or what stands in place of the value.
fn pair(name: &str, value: &[u8], secret: bool) -> String {
    let masked = shown(name, value, secret || is_sensitive(name));
    let value = if masked.as_bytes() == value { typed(&masked) } else { masked };
    format!(" {name}={value}")
}

fn pairs<'a>(values: impl Iterator<Item = (&'a str, &'a [u8], bool)>) -> String {
    values.map(|(name, value, secret)| pair(name, value, secret)).collect()
}

fn of(properties: &[Property]) -> String {
    pairs(properties.iter().map(|property| (property.name.as_str(), property.value.as_bytes(), property.secret)))
}

fn of_kept(kept: &Kept) -> String {
    pairs(kept.0.iter().map(|(name, value)| (name.as_str(), value.bytes(), false)))
}

/// An item on one line, without what is not told apart by it.
pub(super) fn entry(entry: &Entry) -> String {
    let told = entry.values.iter().filter(|(_, value)| !value.is_empty());
    pairs(told.map(|(name, value)| (name.as_str(), value.bytes(), false))).trim_start().to_owned()
}

impl Find {
    /// ` [find name=x]`, or nothing for a menu of one item.
    pub(super) fn chosen(&self) -> String {
        match self {
            Self::Settings => String::new(),
            Self::Item(conditions) => format!(" [find{}]", of(conditions)),
        }
    }
}

impl Placement {
    fn shown(&self, argument: &str) -> String {
        let chain = self.chain.iter().map(|chain| Property::new("chain", chain.as_str()));
        match self.above.first() {
            Some(list) => {
                let chain: Vec<Property> = chain.filter(|chain| !list.contains(chain)).collect();
                format!(" {argument}=[find{}{}]", of(&chain), of(list))
            }
            None => String::new(),
        }
    }
}

fn stood_before(stood: &[Follower], argument: &str) -> String {
    stood.first().map_or_else(String::new, |follower| format!(" {argument}=[find{}]", of_kept(&follower.row)))
}

impl Change {
    /// The change as a person would type it, secrets masked.
    pub fn shown(&self) -> String {
        let menu = console(&self.menu);
        let found = self.find.chosen();
        match &self.what {
            What::Add { values, placement, .. } => {
                let place = placement.as_ref().map_or_else(String::new, |placement| placement.shown("place-before"));
                format!("{menu} add{}{place}", of(values))
            }
            What::Set(alterations) => match alterations.as_slice() {
                [one] if one.new.is_empty() && can_be_unset(&self.menu, &one.name, None) => {
                    format!("{menu} unset{found} value-name={}", one.name)
                }
                alterations => {
                    let new = |one: &Alteration| pair(&one.name, one.new.as_bytes(), one.secret);
                    format!("{menu} set{found}{}", alterations.iter().map(new).collect::<String>())
                }
            },
            What::Move { placement, .. } => format!("{menu} move{found}{}", placement.shown("destination")),
            What::Remove { .. } => format!("{menu} remove{found}"),
            What::Do(action) => format!("{menu} {}{found}{}", action.verb, of(&action.arguments)),
        }
    }

    /// How it is taken back, as a person would type it, secrets masked; empty where it cannot be.
    pub fn inverse_shown(&self) -> String {
        let menu = console(&self.menu);
        let found = self.find_after().chosen();
        match &self.what {
            What::Add { .. } => format!("{menu} remove{found}"),
            What::Set(alterations) => match alterations.as_slice() {
                [one] if one.old.is_none() && can_be_unset(&self.menu, &one.name, None) => {
                    format!("{menu} unset{found} value-name={}", one.name)
                }
                alterations => {
                    let told = alterations.iter().filter(|one| !one.untold);
                    let old = |one: &Alteration| pair(&one.name, one.put_back().bytes(), one.secret);
                    format!("{menu} set{found}{}", told.map(old).collect::<String>())
                }
            },
            What::Move { stood, .. } => format!("{menu} move{found}{}", stood_before(stood, "destination")),
            What::Remove { row, stood } => format!("{menu} add{}{}", of_kept(row), stood_before(stood, "place-before")),
            What::Do(_) => String::new(),
        }
    }

    /// The properties that it sets, each with what it was and what it will be; secrets masked. None: it has or will have none.
    pub fn properties(&self) -> Vec<(String, Option<String>, Option<String>)> {
        let masked = |name: &str, value: &[u8], secret: bool| super::change::shown(name, value, secret);
        match &self.what {
            What::Set(alterations) => {
                let one = |one: &Alteration| {
                    let old =
                        one.old.as_ref().filter(|_| !one.untold).map(|old| masked(&one.name, old.bytes(), one.secret));
                    (one.name.clone(), old, Some(masked(&one.name, one.new.as_bytes(), one.secret)))
                };
                alterations.iter().map(one).collect()
            }
            What::Add { values, .. } => values
                .iter()
                .map(|one| (one.name.clone(), None, Some(masked(&one.name, one.value.as_bytes(), one.secret))))
                .collect(),
            What::Remove { row, .. } => {
                let old = |(name, value): &(String, super::raw::Raw)| {
                    (name.clone(), Some(masked(name, value.bytes(), crate::is_sensitive(name))), None)
                };
                row.0.iter().map(old).collect()
            }
            What::Move { .. } | What::Do(_) => Vec::new(),
        }
    }

    /// The item that it is about, as it is found.
    pub fn item(&self) -> String {
        self.find.chosen().trim().to_owned()
    }

    /// What the change is about: its menu and its item.
    pub(super) fn called(&self) -> String {
        format!("{}{}", console(&self.menu), self.find.chosen())
    }
}
