//! A router in miniature, for tests: it does what its commands say.

use super::actual::Actual;
use super::entry::Entry;
use super::raw::Raw;
use crate::command::Command;
use crate::value::Id;

/// Names and values.
pub(super) type Row = Vec<(String, Raw)>;

/// Carries a command out.
pub(super) fn carry_out(actual: &mut Actual, command: &Command) {
    let (menu, verb) = command.path().rsplit_once('/').unwrap();
    let id = |name: &str| -> Option<Id> {
        command.argument(name).map(|value| std::str::from_utf8(value.as_bytes()).unwrap().parse().unwrap())
    };
    let entries = actual.entries_mut(menu);
    let at = |entries: &[Entry], id: Id| entries.iter().position(|entry| entry.id == Some(id)).expect("no such item");
    match verb {
        "add" => {
            let next = entries.iter().filter_map(|entry| entry.id).max().map_or(1, |id| id.0 + 1);
            let mut entry = Entry { id: Some(Id(next)), values: Vec::new() };
            put(&mut entry, command);
            let place = id("place-before").map_or(entries.len(), |before| at(entries, before));
            entries.insert(place, entry);
        }
        "set" => {
            let place = id(".id").map_or(0, |id| at(entries, id));
            put(&mut entries[place], command);
        }
        "unset" => {
            let place = at(entries, id(".id").unwrap());
            let name = std::str::from_utf8(command.argument("value-name").unwrap().as_bytes()).unwrap();
            entries[place].values.retain(|(known, _)| known != name);
        }
        "remove" => {
            let place = at(entries, id(".id").unwrap());
            entries.remove(place);
        }
        "move" => {
            let place = at(entries, id("numbers").unwrap());
            let entry = entries.remove(place);
            let place = id("destination").map_or(entries.len(), |before| at(entries, before));
            entries.insert(place, entry);
        }
        _ => panic!("{command}"),
    }
}

fn put(entry: &mut Entry, command: &Command) {
    for name in command.argument_names().filter(|name| !matches!(*name, ".id" | "place-before")) {
        let value = command.argument(name).unwrap().as_bytes().to_vec();
        entry.values.retain(|(known, _)| known != name);
        if !value.is_empty() {
            entry.values.push((name.to_owned(), Raw::from(value)));
        }
    }
}

/// All that a person configured on a router, without ids.
pub(super) fn told(actual: &Actual) -> Vec<(String, Vec<Row>)> {
    let row = |entry: &Entry| {
        let mut values: Vec<_> = entry.values.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
        values.sort();
        values
    };
    actual
        .menus()
        .map(|menu| {
            (menu.to_owned(), actual.entries(menu).iter().filter(|entry| !entry.is_dynamic()).map(row).collect())
        })
        .collect()
}
