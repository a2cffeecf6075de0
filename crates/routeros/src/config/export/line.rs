//! An export as sections of lines that can be compared.

use super::words::{unquoted, words};
use crate::config::change::shown;
use crate::config::quoting::typed;
use crate::sensitive::is_sensitive;

/// An export without what differs each time: the time, and what tells the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// By menu, in the order in which they came.
    pub sections: Vec<Section>,
}

impl Export {
    pub(super) fn has(&self, menu: &str) -> bool {
        self.sections.iter().any(|section| section.menu == menu)
    }

    /// The lines of a menu, in their order.
    pub(super) fn lines(&self, menu: &str) -> &[ExportLine] {
        self.sections.iter().find(|section| section.menu == menu).map_or(&[], |section| &section.lines)
    }
}

/// The lines of one menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Such as `/ip/pool`.
    pub menu: String,
    /// In their order.
    pub lines: Vec<ExportLine>,
}

/// One command of an export. Debug masks secrets.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExportLine {
    /// `add` or `set`, and what it is set on: `[ find default-name=ether1 ]`.
    pub command: String,
    /// Names and values, by name.
    pub values: Vec<(String, String)>,
}

/// What is state and not configuration, should an export tell it.
const STATE: &[&str] = &[
    "bytes",
    "creation-time",
    "date",
    "dynamic",
    "expires-after",
    "invalid",
    "last-logged-in",
    "last-logged-out",
    "last-seen",
    "last-started",
    "next-run",
    "packets",
    "run-count",
    "running",
    "time",
    "uptime",
];

impl ExportLine {
    fn of(words: &[&str]) -> Self {
        let mut command = Vec::new();
        let mut values = Vec::new();
        for word in words {
            match word.split_once('=').filter(|(name, _)| !name.starts_with(['[', '"', '('])) {
                Some((name, value)) => values.push((name.to_owned(), unquoted(value))),
                None => command.push(*word),
            }
        }
        values.retain(|(name, _)| !STATE.contains(&name.as_str()) || command.first() == Some(&"add") && name == "time");
        values.sort();
        Self { command: command.join(" "), values }
    }

    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The line as a person reads it, secrets masked.
    pub fn shown(&self) -> String {
        self.values.iter().fold(self.command.clone(), |line, (name, value)| {
            let masked = shown(name, value.as_bytes(), is_sensitive(name));
            let value = if masked == *value { typed(value) } else { masked };
            format!("{line} {name}={value}")
        })
    }
}

impl std::fmt::Debug for ExportLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

/// Reads an export of whatever form: wrapped, or `terse` with each line's menu before it. Comments are left out, so that
/// its time, the software id and the serial number are.
pub fn normalise(text: &str) -> Export {
    let mut export = Export::default();
    let mut menu = String::new();
    for line in unwrapped(text).lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words = words(line);
        let verb =
            words.iter().position(|word| matches!(*word, "add" | "set" | "remove" | "move" | "disable" | "enable"));
        let path = if line.starts_with('/') { verb.unwrap_or(words.len()) } else { 0 };
        if path > 0 {
            let parts = words[..path].iter().flat_map(|word| word.split('/')).filter(|part| !part.is_empty());
            menu = parts.fold(String::new(), |menu, part| menu + "/" + part);
        }
        if path == words.len() {
            continue;
        }
        let line = ExportLine::of(&words[path..]);
        match export.sections.iter_mut().find(|section| section.menu == menu) {
            Some(section) => section.lines.push(line),
            None => export.sections.push(Section { menu: menu.clone(), lines: vec![line] }),
        }
    }
    export
}

/// The text with its wrapped lines whole: a line that ends in a backslash goes on after the blanks of the next.
fn unwrapped(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut wrapped = false;
    for line in text.lines() {
        let line = if wrapped { line.trim_start_matches([' ', '\t']) } else { line };
        let slashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
        wrapped = slashes % 2 == 1;
        if wrapped {
            whole.push_str(&line[..line.len() - 1]);
        } else {
            whole.push_str(line);
            whole.push('\n');
        }
    }
    whole
}
