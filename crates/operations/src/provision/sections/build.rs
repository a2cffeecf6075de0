//! Putting an item together.

use domain::template::Text;
use routeros::config::{Action, Identity, Item, Place, Property};

/// An item that is being put together. What is empty is left out.
pub(super) struct Build(Item);

/// A value, and whether it is masked.
pub(super) struct Given {
    value: String,
    secret: bool,
}

impl From<&str> for Given {
    fn from(value: &str) -> Self {
        Self { value: value.to_owned(), secret: false }
    }
}

impl From<String> for Given {
    fn from(value: String) -> Self {
        Self { value, secret: false }
    }
}

impl From<&Text> for Given {
    fn from(text: &Text) -> Self {
        Self { value: text.to_string(), secret: text.is_secret() }
    }
}

impl From<&Vec<Text>> for Given {
    fn from(texts: &Vec<Text>) -> Self {
        let values: Vec<&str> = texts.iter().map(|text| &**text).collect();
        Self { value: values.join(","), secret: texts.iter().any(Text::is_secret) }
    }
}

/// An item of ours, found by our mark.
pub(super) fn marked(step: &str, key: impl Into<String>, menu: &str) -> Build {
    Build(Item {
        key: key.into(),
        step: step.to_owned(),
        menu: menu.to_owned(),
        identity: Identity::Marked,
        values: Vec::new(),
        place: Place::Anywhere,
        action: None,
    })
}

/// An item of ours, found by the value of this property.
pub(super) fn named(step: &str, key: impl Into<String>, menu: &str, property: &str) -> Build {
    let mut build = marked(step, key, menu);
    build.0.identity = Identity::Named(property.to_owned());
    build
}

/// The one item of a menu.
pub(super) fn settings(step: &str, key: impl Into<String>, menu: &str) -> Build {
    let mut build = marked(step, key, menu);
    build.0.identity = Identity::Settings;
    build
}

/// An item that every router has, found by this property.
pub(super) fn existing(step: &str, key: impl Into<String>, menu: &str, property: &str, value: &str) -> Build {
    let mut build = marked(step, key, menu);
    build.0.identity = Identity::Existing(vec![Property::new(property, value)]);
    build
}

/// Lists of one property each, besides the chain.
pub(super) fn any_of(chain: &str, action: &[&str]) -> Vec<Vec<Property>> {
    let list = |action: &&str| vec![Property::new("chain", chain), Property::new("action", *action)];
    action.iter().map(list).collect()
}

impl Build {
    /// Gives it a property, unless the value is empty.
    pub fn set(mut self, name: &str, value: impl Into<Given>) -> Self {
        let Given { value, secret } = value.into();
        if !value.is_empty() {
            let property = if secret { Property::secret(name, value) } else { Property::new(name, value) };
            self.0.values.push(property);
        }
        self
    }

    /// Gives it several properties that do not depend on the template.
    pub fn with(self, properties: &[(&str, &str)]) -> Self {
        properties.iter().fold(self, |build, (name, value)| build.set(name, *value))
    }

    /// Gives it a secret that the router never tells.
    pub fn untold(mut self, name: &str, value: &Text) -> Self {
        if !value.is_empty() {
            self.0.values.push(Property::untold(name, value.to_string()));
        }
        self
    }

    /// As [`Build::set`], if `known`.
    pub fn set_if(self, known: bool, name: &str, value: impl Into<Given>) -> Self {
        if known { self.set(name, value) } else { self }
    }

    /// It stands above the first item of another's that has all values of one of these lists.
    pub fn above(mut self, lists: Vec<Vec<Property>>) -> Self {
        self.0.place = Place::Above(lists);
        self
    }

    /// It stands at the end.
    pub fn end(mut self) -> Self {
        self.0.place = Place::End;
        self
    }

    pub fn action(mut self, verb: &str, done_when: &str, deadline: u64) -> Self {
        self.0.action =
            Some(Action { verb: verb.to_owned(), arguments: Vec::new(), done_when: done_when.to_owned(), deadline });
        self
    }

    pub fn identity(mut self, identity: Identity) -> Self {
        self.0.identity = identity;
        self
    }

    pub fn done(self) -> Item {
        self.0
    }
}

/// A text as a part of a key, which has letters, digits, dots, hyphens and underscores only. Two texts never become one.
pub(super) fn key_part(text: &str) -> String {
    let letter = |letter: char| match letter {
        '/' => "_".to_owned(),
        '.' | '-' => letter.to_string(),
        _ if letter.is_ascii_alphanumeric() => letter.to_string(),
        _ => format!("_{:x}_", u32::from(letter)),
    };
    text.chars().map(letter).collect()
}
