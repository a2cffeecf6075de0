//! Giving a router back what an earlier export says.

use std::collections::BTreeMap;

use super::compare::{Pair, pairs};
use super::line::{Export, ExportLine};
use crate::config::change::{Alteration, Change, Kept, What};
use crate::config::find::Find;
use crate::config::item::Property;
use crate::config::known::can_be_unset;
use crate::config::raw::Raw;
use crate::release::Release;
use crate::sensitive::is_sensitive;

/// What gives a router back what it had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Back {
    /// In the order in which they must be made: menu by menu as the earlier export has them, then what goes.
    pub changes: Vec<Change>,
    /// What only a person can give back, secrets masked: an export does not tell what stands where nothing is said.
    pub by_hand: Vec<String>,
}

/// What makes of a router that has `later` one that has `earlier`.
pub fn back(earlier: &Export, later: &Export, release: Option<Release>) -> Back {
    let mut back = Back::default();
    let mut going = Vec::new();
    let later_menus: BTreeMap<&str, usize> =
        later.sections.iter().enumerate().map(|(place, section)| (section.menu.as_str(), place)).collect();
    let mut menus: Vec<&str> = earlier.sections.iter().map(|section| section.menu.as_str()).collect();
    menus.extend(later.sections.iter().map(|section| section.menu.as_str()).filter(|menu| !earlier.has(menu)));
    for menu in menus {
        for (number, pair) in pairs(menu, earlier, later).into_iter().enumerate() {
            let making =
                Making { menu, key: format!("{}.{number}", menu.trim_start_matches('/').replace('/', ".")), release };
            match pair {
                Pair::Gone(line) => making.again(line, &mut back),
                Pair::Changed { earlier, later } => making.changed(earlier, later, &mut back),
                // its users are in no export
                Pair::New(line) if menu == "/user/group" => {
                    back.by_hand.push(format!("{menu} {}: came since", line.shown()));
                }
                Pair::New(line) if line.command == "add" => {
                    going.push((later_menus.get(menu).copied().unwrap_or_default(), number, making.remove(line)));
                }
                Pair::New(line) => back.by_hand.push(format!("{menu} {}: was as it comes", line.shown())),
                Pair::Moved(line) => back.by_hand.push(format!("{menu} {}: stood elsewhere", line.shown())),
            }
        }
    }
    // what refers to something else was made after it, and goes before it
    going.sort_by_key(|(menu, number, _)| std::cmp::Reverse((*menu, *number)));
    back.changes.extend(going.into_iter().map(|(_, _, change)| change));
    back
}

struct Making<'a> {
    menu: &'a str,
    key: String,
    release: Option<Release>,
}

impl Making<'_> {
    fn change(&self, find: Find, what: What) -> Change {
        let step = if matches!(what, What::Remove { .. }) { format!("{} -", self.menu) } else { self.menu.to_owned() };
        Change { key: self.key.clone(), step, menu: self.menu.to_owned(), find, what }
    }

    /// A line that only the earlier export has.
    fn again(&self, line: &ExportLine, back: &mut Back) {
        if line.command != "add" {
            let Some(find) = found(line) else {
                back.by_hand.push(format!("{} {}", self.menu, line.shown()));
                return;
            };
            let set = line.values.iter().map(|(name, value)| alteration(name, None, value)).collect();
            back.changes.push(self.change(find, What::Set(set)));
            return;
        }
        let values: Vec<Property> =
            line.values.iter().map(|(name, value)| Property::new(name, value.clone())).collect();
        let name = line.get("name").map(|_| "name".to_owned());
        let find = item(line);
        back.changes.push(self.change(find, What::Add { values, name, placement: None }));
    }

    fn changed(&self, earlier: &ExportLine, later: &ExportLine, back: &mut Back) {
        let Some(find) = found(later) else {
            back.by_hand.push(format!("{} {}", self.menu, earlier.shown()));
            return;
        };
        let mut set = Vec::new();
        for (name, value) in &earlier.values {
            if later.get(name) != Some(value) {
                set.push(alteration(name, later.get(name), value));
            }
        }
        for (name, value) in &later.values {
            if earlier.get(name).is_some() {
                continue;
            }
            if name == "disabled" {
                set.push(alteration(name, Some(value), "no"));
            } else if name == "comment" || can_be_unset(self.menu, name, self.release) {
                set.push(alteration(name, Some(value), ""));
            } else {
                back.by_hand.push(format!("{} {}: {name} was as it comes", self.menu, earlier.shown()));
            }
        }
        // what is unset takes a command of its own
        let (unset, set): (Vec<_>, Vec<_>) =
            set.into_iter().partition(|one: &Alteration| one.new.is_empty() && one.name != "comment");
        for one in std::iter::once(set).chain(unset.into_iter().map(|one| vec![one])).filter(|all| !all.is_empty()) {
            back.changes.push(self.change(find.clone(), What::Set(one)));
        }
    }

    /// A line that only the later export has.
    fn remove(&self, line: &ExportLine) -> Change {
        let row = Kept(line.values.iter().map(|(name, value)| (name.clone(), Raw::from(value.as_str()))).collect());
        self.change(item(line), What::Remove { row, stood: Vec::new() })
    }
}

fn alteration(name: &str, old: Option<&str>, new: &str) -> Alteration {
    Alteration {
        name: name.to_owned(),
        old: old.map(Raw::from),
        new: new.to_owned(),
        secret: is_sensitive(name),
        untold: false,
    }
}

/// An item that was added: by its name, or by all that is told of it.
fn item(line: &ExportLine) -> Find {
    let told = line.values.iter().filter(|(name, _)| !is_sensitive(name));
    let named = line.get("name").map(|name| vec![Property::new("name", name)]);
    Find::Item(named.unwrap_or_else(|| told.map(|(name, value)| Property::new(name, value.clone())).collect()))
}

/// The item that a line is about: `add …`, `set [ find default=yes ]`, `set telnet`, or the one of the menu.
fn found(line: &ExportLine) -> Option<Find> {
    if line.command == "add" {
        return Some(item(line));
    }
    let on = line.command.strip_prefix("set")?.trim();
    if on.is_empty() {
        return Some(Find::Settings);
    }
    let Some(inside) = on.strip_prefix('[') else { return Some(Find::Item(vec![Property::new("name", on)])) };
    let inside = inside.strip_suffix(']')?.trim().strip_prefix("find")?;
    let conditions = super::words::words(inside);
    let one = |word: &&str| {
        let (name, value) = word.split_once('=')?;
        Some(Property::new(name, super::words::unquoted(value)))
    };
    let conditions: Option<Vec<Property>> = conditions.iter().map(one).collect();
    conditions.filter(|conditions| !conditions.is_empty()).map(Find::Item)
}

#[cfg(test)]
mod tests {
    use super::super::line::normalise;
    use super::*;

    #[test]
    fn what_was_lost_comes_back_and_what_came_goes() {
        let earlier = normalise(
            "/ip pool\nadd name=a ranges=10.0.0.2-10.0.0.9\nadd name=b ranges=10.1.0.2-10.1.0.9\n/ip service\nset telnet disabled=yes\n\
             /snmp community\nset [ find default=yes ] addresses=127.0.0.1/32\n/system identity\nset name=tower",
        );
        let later = normalise(
            "/ip pool\nadd name=a ranges=10.0.0.2-10.0.0.99\nadd name=c ranges=10.2.0.2-10.2.0.9\n\
             /ppp profile\nadd name=p remote-address=c\n/snmp community\nset [ find default=yes ] addresses=0.0.0.0/0\n\
             /system identity\nset name=other\n/snmp\nset enabled=yes",
        );
        let back = back(&earlier, &later, None);
        let shown: Vec<String> = back.changes.iter().map(Change::shown).collect();
        let shown: Vec<&str> = shown.iter().map(|line| line.trim_end()).collect();
        assert_eq!(
            shown,
            [
                "/ip pool set [find name=a] ranges=10.0.0.2-10.0.0.9",
                "/ip pool add name=b ranges=10.1.0.2-10.1.0.9",
                "/ip service set [find name=telnet] disabled=yes",
                "/snmp community set [find default=yes] addresses=127.0.0.1/32",
                "/system identity set name=tower",
                "/ppp profile remove [find name=p]",
                "/ip pool remove [find name=c]",
            ]
        );
        assert_eq!(back.by_hand, ["/snmp set enabled=yes: was as it comes"]);
    }

    #[test]
    fn nothing_differs_from_itself() {
        let export = normalise("/ip pool\nadd name=a ranges=10.0.0.2-10.0.0.9");
        assert_eq!(back(&export, &export, None), Back::default());
    }
}
