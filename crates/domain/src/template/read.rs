//! Reading the parts of a template, with a problem for each that is not as it should be.

use super::json::{Json, join};
use super::kind;
use super::problem::Problems;
use super::section::{Field, Section, Shape};
use super::text::{Piece, Text, pieces};
use crate::provision::BlankKind;

/// The members of a template, and what is wrong with them so far.
pub(super) struct Reader<'a> {
    pub members: &'a [(String, Json)],
    pub problems: &'a mut Problems,
}

impl<'a> Reader<'a> {
    pub fn member(&self, name: &str) -> Option<&'a Json> {
        self.members.iter().find(|(other, _)| other == name).map(|(_, json)| json)
    }

    pub fn refuse(&mut self, path: &str, message: impl Into<String>) {
        self.problems.add(path, message);
    }

    /// The members of an object, which may have these names only.
    pub fn object<'b>(&mut self, path: &str, json: &'b Json, names: &[&str]) -> &'b [(String, Json)] {
        let Json::Object(members) = json else {
            self.refuse(path, format!("is {}, where an object is expected", json.word()));
            return &[];
        };
        for (name, _) in members.iter().filter(|(name, _)| !names.contains(&name.as_str())) {
            self.refuse(&join(path, name), format!("is not known here; there is `{}`", names.join("`, `")));
        }
        members
    }

    /// A text that is taken as it stands, without blanks.
    pub fn word(&mut self, path: &str, json: &Json) -> String {
        let Json::Text(text) = json else {
            self.refuse(path, format!("is {}, where a text is expected", json.word()));
            return String::new();
        };
        text.clone()
    }

    /// A text with blanks.
    pub fn text(&mut self, path: &str, json: &Json) -> Text {
        let text = self.word(path, json);
        if let Err(problem) = pieces(&text) {
            self.refuse(path, problem);
        }
        Text::plain(text)
    }

    /// An object of texts.
    pub fn texts(&mut self, path: &str, json: &Json) -> Vec<(String, Text)> {
        let Json::Object(members) = json else {
            self.refuse(path, format!("is {}, where an object of texts is expected", json.word()));
            return Vec::new();
        };
        members.iter().map(|(name, json)| (name.clone(), self.text(&join(path, name), json))).collect()
    }

    /// A section, if the template has it.
    pub fn section<S: Section>(&mut self) -> Option<S> {
        let json = self.member(S::NAME)?;
        let names: Vec<&str> = S::FIELDS.iter().map(|field| field.name).collect();
        let members = self.object(S::NAME, json, &names);
        Some(S::build(|field| {
            let path = join(S::NAME, field.name);
            match members.iter().find(|(name, _)| name == field.name) {
                Some((_, json)) => self.field(&path, field, json),
                None => self.left_out(&path, field),
            }
        }))
    }

    /// A field that only counts sometimes is asked for when it does.
    fn left_out(&mut self, path: &str, field: &Field) -> Vec<Text> {
        if field.is_required() && field.only.is_none() {
            self.refuse(path, "is needed");
        }
        field.default.unwrap_or_default().iter().map(|text| Text::plain(*text)).collect()
    }

    fn field(&mut self, path: &str, field: &Field, json: &Json) -> Vec<Text> {
        let texts = match (field.shape, json) {
            (Shape::Many, Json::List(items)) => {
                items.iter().enumerate().map(|(index, json)| self.text(&join(path, &index.to_string()), json)).collect()
            }
            (Shape::Many, json) => {
                self.refuse(path, format!("is {}, where a list of texts is expected", json.word()));
                Vec::new()
            }
            (Shape::One | Shape::Maybe, json) => vec![self.text(path, json)],
        };
        for (index, text) in texts.iter().enumerate() {
            let path = if field.shape == Shape::Many { join(path, &index.to_string()) } else { path.to_owned() };
            self.constant(&path, field, text);
        }
        texts
    }

    /// A text without blanks is known to be right or wrong already.
    fn constant(&mut self, path: &str, field: &Field, text: &Text) {
        let Ok(parts) = pieces(text) else { return };
        if text.blanks().next().is_some() {
            return;
        }
        let whole: String = parts.iter().map(Piece::plain).collect();
        if whole.is_empty() {
            if field.shape == Shape::One {
                self.refuse(path, "is needed");
            }
        } else if let Err(problem) = kind::check(field.kind, field.choices, &whole) {
            let shown = if field.kind == BlankKind::Secret { "the value".to_owned() } else { format!("`{whole}`") };
            self.refuse(path, format!("{shown} {}", problem.words()));
        }
    }
}
