//! What a router says when it refuses.

use std::fmt;

use bytes::Bytes;

use crate::sensitive::Shown;
use crate::text::Text;
use crate::wire::Sentence;

/// One `!trap`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// The router's own words.
    pub message: Text,
    /// 0 missing item or command, 1 argument value, 2 interrupted, 3 scripting, 4 general, 5 API, 6 TTY, 7 `:return`. Often
    /// absent, and never to be relied upon.
    pub category: Option<Text>,
    /// Everything else that came with it: names and values.
    pub more: Vec<(Text, Text)>,
}

/// What a refusal means, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no item with this id or name.
    NoSuchItem,
    /// An item with this name, or this pair of values, exists.
    AlreadyExists,
    /// The item is used by others.
    InUse,
    /// The user's group lacks a policy.
    NotEnoughPermissions,
    /// This release, or this model, has no such menu or command.
    NoSuchCommand,
    /// This release has no such argument.
    UnknownParameter,
    /// A value was not taken, or a needed argument is missing.
    InvalidValue,
    /// Device mode forbids it until somebody presses a button on the router.
    DeviceMode,
    /// The router had no time. Doing it again may work.
    Busy,
    /// The command was cancelled.
    Interrupted,
    /// Any other reason: only the words tell.
    Other,
}

impl Trap {
    pub(crate) fn read(sentence: &Sentence) -> Self {
        let mut more = Vec::new();
        for (name, value) in sentence.attributes().filter(|(name, _)| *name != b"message" && *name != b"category") {
            let page = sentence.code_page();
            let shown = Shown::of(&page.decode(name));
            let value = Text::new(Bytes::copy_from_slice(value), page, shown);
            more.push((Text::new(Bytes::copy_from_slice(name), page, Shown::Whole), value));
        }
        let message = sentence.get("message").or_else(|| sentence.message()).unwrap_or_default();
        Self { message: message.detached(), category: sentence.get("category").map(|text| text.detached()), more }
    }

    /// What it means. The words are those of RouterOS 6.49 to 7.24; categories are not looked at, since one and the same
    /// refusal comes with and without.
    pub fn refusal(&self) -> Refusal {
        let message = self.message.as_str().to_lowercase();
        let has = |words: &[&str]| words.iter().any(|words| message.contains(words));
        if has(&["no such item"]) {
            Refusal::NoSuchItem
        } else if has(&["no such command"]) {
            Refusal::NoSuchCommand
        } else if has(&["unknown parameter"]) {
            Refusal::UnknownParameter
        } else if has(&["not enough permissions"]) {
            Refusal::NotEnoughPermissions
        } else if has(&["not allowed by device-mode"]) {
            Refusal::DeviceMode
        } else if has(&["action timed out"]) {
            Refusal::Busy
        } else if message == "interrupted" {
            Refusal::Interrupted
        } else if has(&["already have", "already exists", "with such name exists"]) {
            Refusal::AlreadyExists
        } else if has(&["group has some users", "can not remove default", "is in use"]) {
            Refusal::InUse
        } else if has(&["input does not match", "invalid value", "ambiguous value", "value of ", "missing ="]) {
            Refusal::InvalidValue
        } else {
            Refusal::Other
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_known_by_their_literal_words() {
        for (message, refusal) in [
            ("no such item (4)", Refusal::NoSuchItem),
            ("no such item", Refusal::NoSuchItem),
            ("no such command or directory (foo)", Refusal::NoSuchCommand),
            ("no such command prefix", Refusal::NoSuchCommand),
            ("unknown parameter require-message-auth", Refusal::UnknownParameter),
            ("unknown parameter", Refusal::UnknownParameter),
            ("failure: pool with such name exists", Refusal::AlreadyExists),
            ("failure: secret with the same name already exists", Refusal::AlreadyExists),
            ("failure: already have user with this name for this server", Refusal::AlreadyExists),
            ("failure: already have interface with such name", Refusal::AlreadyExists),
            ("failure: entry already exists", Refusal::AlreadyExists),
            ("not enough permissions (9)", Refusal::NotEnoughPermissions),
            ("failure: not allowed by device-mode", Refusal::DeviceMode),
            (
                "action timed out - try again, if error continues contact MikroTik support and send a supout file (13)",
                Refusal::Busy,
            ),
            ("interrupted", Refusal::Interrupted),
            ("failure: group has some users", Refusal::InUse),
            ("can not remove default profile", Refusal::InUse),
            ("input does not match any value of interface", Refusal::InvalidValue),
            ("invalid value for argument address", Refusal::InvalidValue),
            ("value of priority out of range (1..254)", Refusal::InvalidValue),
            ("missing =.id=", Refusal::InvalidValue),
            ("failure: contents too long", Refusal::Other),
        ] {
            let trap = Trap { message: message.into(), category: None, more: Vec::new() };
            assert_eq!(trap.refusal(), refusal, "{message}");
        }
    }
}
