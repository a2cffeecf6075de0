//! The blanks that a template declares, and those that every template has.

use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use super::json::{Json, join};
use super::kind;
use super::read::Reader;
use super::text::{Piece, pieces};
use crate::provision::{Blank, BlankKind, BlankSource};
use crate::{Problem, names};

/// A blank, as a template declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlankSpec {
    pub name: String,
    pub kind: BlankKind,
    pub about: String,
    /// What it is filled with unless told otherwise; other blanks may stand in it.
    pub default: Option<String>,
    /// It may stay empty.
    pub optional: bool,
    /// The words of a choice.
    pub choices: Vec<String>,
    /// A secret that was agreed on elsewhere, and so cannot be drawn.
    pub typed: bool,
}

/// Characters of a secret that is drawn, at least.
const DRAWN: usize = 16;

/// The blanks that need no declaration: Demarc fills them.
static BUILT_IN: LazyLock<Vec<BlankSpec>> = LazyLock::new(|| {
    let blank = |name: &str, kind, about: &str, default: Option<&str>| BlankSpec {
        name: name.to_owned(),
        kind,
        about: about.to_owned(),
        default: default.map(str::to_owned),
        optional: false,
        choices: Vec::new(),
        typed: false,
    };
    vec![
        blank("router_name", BlankKind::Text, "Name of the router.", None),
        blank("router_address", BlankKind::Address, "Address that RADIUS and Demarc know the router by.", None),
        blank("site", BlankKind::Name, "The router's name in small letters, digits and `-`.", None),
        blank("operator", BlankKind::Text, "Name of the router's operator.", None),
        blank("tenant", BlankKind::Text, "Name of the provider.", None),
        blank("time_zone", BlankKind::TimeZone, "Time zone of the provider.", None),
        BlankSpec {
            optional: true,
            ..blank("laptop_address", BlankKind::Address, "Address that the router sees this computer by.", None)
        },
        blank("coa_port", BlankKind::Port, "UDP port that the router takes Disconnect and CoA at.", Some("3799")),
        BlankSpec {
            typed: true,
            ..blank("radius_secret", BlankKind::Secret, "What the router shares with RADIUS.", None)
        },
        blank("suspended_pool", BlankKind::Text, "Pool of suspended customers.", Some("demarc-suspended")),
        blank("suspended_list", BlankKind::Text, "Address list of suspended customers.", Some("demarc-suspended")),
        blank("management_user", BlankKind::Name, "User that Demarc logs in to the router as.", Some("demarc")),
        blank("management_password", BlankKind::Secret, "Its password.", None),
    ]
});

/// The blanks that every template has without declaring them.
pub fn built_in() -> &'static [BlankSpec] {
    &BUILT_IN
}

impl BlankSpec {
    /// Whether a value is drawn where nobody gives one.
    pub fn is_drawn(&self) -> bool {
        self.kind == BlankKind::Secret && self.default.is_none() && !self.typed && !self.optional
    }

    /// What is wrong with a value; an empty one is missing unless it is optional.
    pub fn problem(&self, value: &str) -> Option<Problem> {
        self.check(value).err()
    }

    /// The value as it will be written.
    pub(super) fn check(&self, value: &str) -> Result<String, Problem> {
        let value = value.trim();
        if value.is_empty() {
            return if self.optional { Ok(String::new()) } else { Err(Problem::Required) };
        }
        if self.name == "radius_secret" {
            return names::radius_secret(value);
        }
        if self.is_drawn() && value.len() < DRAWN {
            return Err(Problem::TooShort { min: 16 });
        }
        kind::check(self.kind, &self.choices, value)
    }

    /// As a plan shows it with this value.
    pub fn shown(&self, value: &str, source: BlankSource) -> Blank {
        let choices = match self.kind {
            BlankKind::YesNo => vec!["yes".to_owned(), "no".to_owned()],
            _ => self.choices.clone(),
        };
        Blank {
            name: self.name.clone(),
            kind: self.kind,
            about: self.about.clone(),
            value: if self.kind == BlankKind::Secret { String::new() } else { value.to_owned() },
            source,
            problem: self.problem(value),
            optional: self.optional,
            choices,
        }
    }

    /// The names of the blanks in its default.
    pub(super) fn default_blanks(&self) -> Vec<&str> {
        let pieces = self.default.as_deref().and_then(|default| pieces(default).ok()).unwrap_or_default();
        let blank = |piece| if let Piece::Blank(name) = piece { Some(name) } else { None };
        pieces.into_iter().filter_map(blank).collect()
    }
}

/// Reads the declarations, in their order.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<BlankSpec> {
    let Some(json) = reader.member("blanks") else { return Vec::new() };
    let Json::Object(members) = json else {
        reader.refuse("blanks", format!("is {}, where an object is expected", json.word()));
        return Vec::new();
    };
    members.iter().filter_map(|(name, json)| read_one(reader, name, json)).collect()
}

fn read_one(reader: &mut Reader<'_>, name: &str, json: &Json) -> Option<BlankSpec> {
    let path = join("blanks", name);
    if !kind::is_blank_name(name) {
        reader.refuse(&path, "is not a name: small letters, digits and `_`, a letter first");
    }
    if built_in().iter().any(|blank| blank.name == name) {
        reader.refuse(&path, "is filled by Demarc and cannot be declared");
    }
    let members = reader.object(&path, json, &["kind", "about", "default", "optional", "choices", "typed"]);
    let member = |name: &str| members.iter().find(|(other, _)| other == name).map(|(_, json)| json);
    let mut word = |name: &str| member(name).map(|json| reader.word(&join(&path, name), json));
    let (kind, about, default) = (word("kind"), word("about"), word("default"));
    if about.as_deref().unwrap_or_default().trim().is_empty() {
        reader.refuse(&join(&path, "about"), "is needed: it tells a technician what to fill in");
    }
    let kind = read_kind(reader, &join(&path, "kind"), kind.as_deref())?;
    let mut truth = |name: &str| match member(name) {
        None => false,
        Some(Json::Truth(truth)) => *truth,
        Some(json) => {
            reader.refuse(&join(&path, name), format!("is {}, where true or false is expected", json.word()));
            false
        }
    };
    let (optional, typed) = (truth("optional"), truth("typed"));
    let choices = read_choices(reader, &join(&path, "choices"), kind, member("choices"));
    let blank =
        BlankSpec { name: name.to_owned(), kind, about: about.unwrap_or_default(), default, optional, choices, typed };
    check_default(reader, &join(&path, "default"), &blank);
    Some(blank)
}

fn read_kind(reader: &mut Reader<'_>, path: &str, word: Option<&str>) -> Option<BlankKind> {
    let Some(word) = word else {
        reader.refuse(path, "is needed");
        return None;
    };
    let kind: Result<BlankKind, Error> = BlankKind::deserialize(word.into_deserializer());
    kind.map_err(|error| reader.refuse(path, error.to_string())).ok()
}

fn read_choices(reader: &mut Reader<'_>, path: &str, kind: BlankKind, json: Option<&Json>) -> Vec<String> {
    let choices: Vec<String> = match json {
        Some(Json::List(items)) => {
            items.iter().enumerate().map(|(index, json)| reader.word(&join(path, &index.to_string()), json)).collect()
        }
        Some(json) => {
            reader.refuse(path, format!("is {}, where a list of texts is expected", json.word()));
            return Vec::new();
        }
        None => Vec::new(),
    };
    match (kind, choices.is_empty()) {
        (BlankKind::Choice, true) => reader.refuse(path, "is needed: the words to choose from"),
        (BlankKind::Choice, false) | (_, true) => {}
        (_, false) => reader.refuse(path, "is for the kind `choice` only"),
    }
    choices
}

/// A default without blanks in it is right or wrong already.
fn check_default(reader: &mut Reader<'_>, path: &str, blank: &BlankSpec) {
    let Some(default) = &blank.default else { return };
    let parts = match pieces(default) {
        Ok(parts) => parts,
        Err(problem) => return reader.refuse(path, problem),
    };
    if blank.default_blanks().is_empty() && !default.is_empty() {
        let whole: String = parts.iter().map(Piece::plain).collect();
        if let Some(problem) = blank.problem(&whole) {
            reader.refuse(path, format!("the default {}", problem.words()));
        }
    }
}
