//! What a router is asked to do.

use std::fmt;
use std::time::Duration;

use crate::query::Query;
use crate::sensitive::{MASK, Shown, is_sensitive};
use crate::text::Text;
use crate::value::Id;
use crate::wire;

/// How much of a long value Display shows, in letters: scripts and files are arguments too.
const SHOWN: usize = 80;

/// The bytes of an argument.
#[derive(Clone, PartialEq, Eq)]
pub struct Value(Vec<u8>);

impl Value {
    /// The bytes as they will be sent.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // whether it is a secret is known by its argument's name, which is not here
        write!(f, "Value({} bytes)", self.0.len())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Text> for Value {
    fn from(text: &Text) -> Self {
        Self(text.bytes().to_vec())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::from(&text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::from(crate::value::yes_no(value))
    }
}

macro_rules! displayed {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::from(value.to_string())
            }
        }
    )*};
}
displayed!(
    Id,
    u16,
    u32,
    u64,
    i64,
    usize,
    std::net::IpAddr,
    std::net::Ipv4Addr,
    crate::value::Duration,
    crate::value::Rates
);

/// A command with its arguments. Display and Debug mask those that hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    path: String,
    arguments: Vec<Argument>,
    queries: Vec<Query>,
    deadline: Option<Duration>,
    any_menu: bool,
}

#[derive(Clone, PartialEq, Eq)]
struct Argument {
    name: String,
    value: Value,
    sensitive: bool,
}

/// A menu that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no menu: menus look like /ip/pool")]
pub struct NotAMenu(pub String);

impl Command {
    /// A command by its path, such as `/ppp/secret/add`. It is held against the table of menus when it is sent.
    pub fn new(path: &str) -> Self {
        Self {
            path: format!("/{}", path.trim_start_matches('/')),
            arguments: Vec::new(),
            queries: Vec::new(),
            deadline: None,
            any_menu: false,
        }
    }

    /// `print` of any menu that a person names, `/ip/pool` or `ip pool`: it is not held against the table.
    pub fn read_any(menu: &str) -> Result<Self, NotAMenu> {
        let parts: Vec<&str> = menu.split(['/', ' ', '\t']).filter(|part| !part.is_empty()).collect();
        let name =
            |part: &&str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !parts.iter().all(name) {
            return Err(NotAMenu(menu.to_owned()));
        }
        let path = parts.iter().chain([&"print"]).fold(String::new(), |path, part| path + "/" + part);
        Ok(Self { any_menu: true, ..Self::new(&path) })
    }

    /// The same command with an argument. Values are sent as they are, whatever bytes are in them.
    #[must_use]
    pub fn arg(mut self, name: &str, value: impl Into<Value>) -> Self {
        let argument = Argument { name: name.to_owned(), value: value.into(), sensitive: is_sensitive(name) };
        self.arguments.push(argument);
        self
    }

    /// The same command with an argument, if there is a value for it.
    #[must_use]
    pub fn arg_if(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.arg(name, value),
            None => self,
        }
    }

    /// The same command with an argument that has no value, such as `detail`.
    #[must_use]
    pub fn flag(self, name: &str) -> Self {
        self.arg(name, "")
    }

    /// The same command with an argument that holds a secret, though its name does not tell.
    #[must_use]
    pub fn secret(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.arguments.push(Argument { name: name.to_owned(), value: value.into(), sensitive: true });
        self
    }

    /// The same command for one item.
    #[must_use]
    pub fn id(self, id: Id) -> Self {
        self.arg(".id", id)
    }

    /// The same command for several items.
    #[must_use]
    pub fn ids(self, ids: &[Id]) -> Self {
        let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
        self.arg(".id", ids.join(","))
    }

    /// The same `print` for items that fulfil the condition, and those before it.
    #[must_use]
    pub fn query(mut self, query: Query) -> Self {
        self.queries.push(query);
        self
    }

    /// The same `print` for these properties only. `.id` comes only if it is among them.
    #[must_use]
    pub fn proplist(self, names: &[&str]) -> Self {
        self.arg(".proplist", names.join(","))
    }

    /// The same command with a deadline of its own: see [`Options::command`](crate::Options::command).
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Its path, such as `/ppp/secret/add`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The names of its arguments in their order.
    pub fn argument_names(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(|argument| argument.name.as_str())
    }

    /// The value of an argument.
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|argument| argument.name == name).map(|argument| &argument.value)
    }

    /// The deadline that it brings, if it has one of its own.
    pub fn own_deadline(&self) -> Option<Duration> {
        self.deadline
    }

    pub(crate) fn is_for_any_menu(&self) -> bool {
        self.any_menu
    }

    /// The length of its longest word, in bytes.
    pub(crate) fn longest_word(&self) -> usize {
        let mut longest = self.path.len();
        for argument in &self.arguments {
            longest = longest.max(argument.name.len() + argument.value.0.len() + 2);
        }
        for query in &self.queries {
            query.words(&mut |parts| longest = longest.max(parts.iter().map(|part| part.len()).sum()));
        }
        longest
    }

    /// Its sentence. The tag is the second word, where routers put theirs.
    pub(crate) fn sentence(&self, tag: Option<u32>) -> Vec<u8> {
        let mut sentence = Vec::with_capacity(128);
        wire::word(&[self.path.as_bytes()], &mut sentence);
        if let Some(tag) = tag {
            wire::word(&[b".tag=", tag.to_string().as_bytes()], &mut sentence);
        }
        for Argument { name, value, .. } in &self.arguments {
            wire::word(&[b"=", name.as_bytes(), b"=", value.as_bytes()], &mut sentence);
        }
        for query in &self.queries {
            query.words(&mut |parts| wire::word(parts, &mut sentence));
        }
        wire::end(&mut sentence);
        sentence
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for Argument { name, value, sensitive } in &self.arguments {
            let may_be = if *sensitive { Shown::Nothing } else { Shown::of(name) };
            // an argument without a value is a word, not a text of no length
            let instead = may_be.instead(value.0.len()).filter(|_| *sensitive || !value.0.is_empty());
            let shown = instead.unwrap_or_else(|| String::from_utf8_lossy(&value.0));
            match shown.char_indices().nth(SHOWN) {
                Some((end, _)) => write!(f, " {name}={}…", &shown[..end])?,
                None => write!(f, " {name}={shown}")?,
            }
        }
        for query in &self.queries {
            let mut words = Vec::new();
            // a condition on a secret would show it
            query.words(&mut |parts| match parts {
                [operator, name, b"=", _] if std::str::from_utf8(name).is_ok_and(is_sensitive) => {
                    words.push([operator, *name, b"=", MASK.as_bytes()].concat());
                }
                _ => words.push(parts.concat()),
            });
            words.iter().try_for_each(|word| write!(f, " {}", String::from_utf8_lossy(word)))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_a_sentence() {
        let command = Command::new("/ppp/secret/print").flag("detail").query(Query::is("name", "a"));
        let expected = b"\x11/ppp/secret/print\x06.tag=7\x08=detail=\x07?name=a\x00";
        assert_eq!(command.sentence(Some(7)), expected);
        assert_eq!(command.longest_word(), 17);
    }

    #[test]
    fn secrets_are_masked_and_long_values_cut() {
        let command = Command::new("ppp/secret/add")
            .arg("name", "rahim")
            .arg("password", "s3cret-1")
            .secret("comment", "s3cret-2")
            .query(Query::is("password", "s3cret-3"))
            .arg("source", "s3cret-4".repeat(25))
            .arg("note", "x".repeat(200));
        let text = format!("{command} {command:?}");
        assert!(
            text.starts_with("/ppp/secret/add name=rahim password=••• comment=••• source=(200 bytes) note=xxx"),
            "{text}"
        );
        assert!(!text.contains("s3cret") && text.len() < 400, "{text}");
    }

    #[test]
    fn any_menu_may_be_read_and_nothing_else() {
        for menu in ["/ip/pool", "ip pool", "/ip pool/", " ip/pool"] {
            assert_eq!(Command::read_any(menu).unwrap().path(), "/ip/pool/print");
        }
        for menu in ["/ip/pool=x", "/system/reset-configuration\0", "/ip/Pool", "/ip/pool;remove"] {
            assert!(Command::read_any(menu).is_err(), "{menu}");
        }
    }
}
