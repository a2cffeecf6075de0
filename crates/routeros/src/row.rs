//! One item that a router printed.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::sensitive::Shown;
use crate::text::Text;
use crate::value::{self, Id};
use crate::wire::Sentence;

/// One `!re`: the properties of one item. A property that is unset is absent or empty, depending on the menu.
#[derive(Clone)]
pub struct Row(Sentence);

impl Row {
    pub(crate) fn new(sentence: Sentence) -> Self {
        Self(sentence)
    }

    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<Text> {
        self.0.get(name)
    }

    /// The text of a property.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.attribute(name).map(|bytes| self.0.code_page().decode(bytes))
    }

    /// The text of a property; empty if it is absent.
    pub fn text_or_empty(&self, name: &str) -> String {
        self.text(name).map(Cow::into_owned).unwrap_or_default()
    }

    /// A property that is `true` or `false`, or `yes` or `no`. Absent is false: RouterOS leaves many flags out that are
    /// not set. Not for words that merely may be `no`, such as a profile's `use-encryption`.
    pub fn flag(&self, name: &str) -> bool {
        self.boolean(name).unwrap_or(false)
    }

    /// A property that is `true` or `false`, or `yes` or `no`.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.text(name).and_then(|text| value::boolean(&text))
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// A length of time. None also for words such as `never`.
    pub fn duration(&self, name: &str) -> Option<std::time::Duration> {
        self.text(name)?.parse::<value::Duration>().ok().map(|duration| duration.0)
    }

    /// An IP address without a prefix length.
    pub fn ip(&self, name: &str) -> Option<IpAddr> {
        self.text(name)?.parse().ok()
    }

    /// Which item it is. Over the API it comes with `print` unless a proplist leaves it out.
    pub fn id(&self) -> Option<Id> {
        self.text(".id")?.parse().ok()
    }

    /// Whether a `listen` tells by this that the item is gone.
    pub fn is_dead(&self) -> bool {
        self.flag(".dead")
    }

    /// All properties in the order in which they came.
    pub fn properties(&self) -> impl Iterator<Item = (Cow<'_, str>, Text)> {
        self.0.attributes().filter_map(|(name, _)| {
            let name = self.0.code_page().decode(name);
            self.0.get(&name).map(|text| (name, text))
        })
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.0.attributes() {
            let name = self.0.code_page().decode(name);
            let instead = Shown::of(&name).instead(value.len());
            let value = instead.unwrap_or_else(|| self.0.code_page().decode(value));
            map.entry(&name, &value);
        }
        map.finish()
    }
}
