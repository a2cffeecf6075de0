//! Whatever a template wants besides.

use super::super::json::{Json, join};
use super::super::kind;
use super::super::read::Reader;
use super::super::text::Text;
use crate::provision::{FieldDoc, SectionDoc};

/// An item of any menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra {
    pub key: String,
    pub step: Option<String>,
    pub menu: String,
    pub find: Option<Vec<(String, Text)>>,
    pub values: Vec<(String, Text)>,
}

/// Name, meaning, whether it has to be there.
const FIELDS: [(&str, &str, bool); 5] = [
    ("key", "Which one it is: small letters, digits and `-`, once in the template.", true),
    (
        "step",
        "When it is made: a step's key, as a plan shows them. Left out: after everything else, before services are switched off.",
        false,
    ),
    (
        "menu",
        "Its menu, such as `/queue/simple`. Menus and properties are held against what the router's release has.",
        true,
    ),
    (
        "find",
        "How an item that the router always has is found, by these properties; `{}` for a menu of one item. Left out: the item is added.",
        false,
    ),
    ("values", "Its properties: an object of texts.", true),
];

impl Extra {
    pub(in crate::template) const NAME: &'static str = "extra";

    pub(super) fn documentation() -> SectionDoc {
        SectionDoc {
            name: Self::NAME.to_owned(),
            about: "Whatever else should be: a list of items of any menu that Demarc knows.".to_owned(),
            fields: FIELDS
                .iter()
                .map(|(name, about, required)| FieldDoc {
                    name: (*name).to_owned(),
                    about: (*about).to_owned(),
                    required: *required,
                    default: None,
                })
                .collect(),
        }
    }

    /// Its texts, each with its path within the template.
    pub(in crate::template) fn texts(&self, index: usize) -> impl Iterator<Item = (String, &Text)> {
        let path = move |part: &str, name: &str| format!("{}.{index}.{part}.{name}", Self::NAME);
        let find = self.find.iter().flatten().map(move |(name, text)| (path("find", name), text));
        find.chain(self.values.iter().map(move |(name, text)| (path("values", name), text)))
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Vec<Self> {
        let Some(json) = reader.member(Self::NAME) else { return Vec::new() };
        let Json::List(items) = json else {
            reader.refuse(Self::NAME, format!("is {}, where a list of items is expected", json.word()));
            return Vec::new();
        };
        let mut extras: Vec<Self> = Vec::new();
        for (index, json) in items.iter().enumerate() {
            let path = join(Self::NAME, &index.to_string());
            let extra = Self::read_one(reader, &path, json);
            if extras.iter().any(|other| other.key == extra.key) {
                reader.refuse(&join(&path, "key"), format!("`{}` is the key of another item", extra.key));
            }
            extras.push(extra);
        }
        extras
    }

    fn read_one(reader: &mut Reader<'_>, path: &str, json: &Json) -> Self {
        let members = reader.object(path, json, &FIELDS.map(|(name, _, _)| name));
        let member = |name: &str| members.iter().find(|(other, _)| other == name).map(|(_, json)| json);
        for (name, _, _) in FIELDS.iter().filter(|(name, _, required)| *required && member(name).is_none()) {
            reader.refuse(&join(path, name), "is needed");
        }
        let mut word = |name: &str| member(name).map(|json| reader.word(&join(path, name), json));
        let (key, step, menu) = (word("key").unwrap_or_default(), word("step"), word("menu").unwrap_or_default());
        if member("key").is_some() && !kind::is_name(&key) {
            reader.refuse(&join(path, "key"), "is not a name: small letters, digits and `-`, a letter first");
        }
        if member("menu").is_some() && !menu.starts_with('/') {
            reader.refuse(&join(path, "menu"), "is not a menu: it begins with `/`");
        }
        let mut values = |name: &str| member(name).map(|json| reader.texts(&join(path, name), json));
        Self { find: values("find"), values: values("values").unwrap_or_default(), key, step, menu }
    }
}
