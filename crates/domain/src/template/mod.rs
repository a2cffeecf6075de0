//! Templates: what a router should be, as data with named blanks.
//!
//! A template is strict JSON: a name, words for people, the blanks that it declares, and one object for each section.
//! [`Template::parse`] tells everything that is wrong with a text at once, [`Template::needed`] which blanks have to be
//! filled, [`Template::fill`] gives what one router should be. What that is in RouterOS's words is decided elsewhere.

mod blank;
mod check;
mod derive;
mod example;
mod fill;
mod json;
mod kind;
mod problem;
mod range;
mod read;
mod section;
mod sections;
mod text;

pub use blank::{BlankSpec, built_in};
pub use example::EXAMPLE;
pub use fill::Filled;
pub use sections::{
    Access, Clock, Extra, FastTrack, Hotspot, Identity, Management, Nat, Pppoe, Radius, Sections, Snmp, Suspended,
    Tunnel, WalledGarden, documentation,
};
pub use text::Text;

use self::json::Json;
use self::problem::Problems;
use self::read::Reader;
use crate::provision::TemplateProblem;

/// A template that is in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Stands in the comments of what it made on routers: small letters, digits and `-`.
    pub name: String,
    pub title: String,
    pub about: String,
    /// What it declares, in its order.
    pub blanks: Vec<BlankSpec>,
    pub sections: Sections,
}

/// The templates that come with Demarc: name and text.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[
        ("pppoe", include_str!("shipped/pppoe.json")),
        ("hotspot", include_str!("shipped/hotspot.json")),
        ("pppoe-hotspot", include_str!("shipped/pppoe-hotspot.json")),
        ("radius-monitoring", include_str!("shipped/radius-monitoring.json")),
    ]
}

impl Template {
    /// Reads a template, or tells everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<TemplateProblem>> {
        let (json, mut problems) = json::read(text).map_err(|problem| vec![problem])?;
        let template = Self::read(&json, &mut problems);
        // what is missing because it could not be read is no problem of its own
        if problems.is_empty() {
            check::check(&template, &mut problems);
        }
        if problems.is_empty() { Ok(template) } else { Err(problems.finish()) }
    }

    fn read(json: &Json, problems: &mut Problems) -> Self {
        let mut reader = Reader { members: &[], problems };
        let mut names = vec!["name", "title", "about", "blanks"];
        names.extend(Sections::NAMES);
        reader.members = reader.object("", json, &names);
        let mut word = |name: &str| {
            let text = reader.member(name).map(|json| reader.word(name, json)).unwrap_or_default();
            if text.trim().is_empty() {
                reader.refuse(name, "is needed");
            }
            text
        };
        let (name, title, about) = (word("name"), word("title"), word("about"));
        if !name.is_empty() && !kind::is_name(&name) {
            reader.refuse("name", "is not a name: small letters, digits and `-`, a letter first, at most 40");
        }
        let blanks = blank::read(&mut reader);
        Self { name, title, about, blanks, sections: Sections::read(&mut reader) }
    }

    /// A blank of this name: its own, or one that every template has.
    pub fn blank(&self, name: &str) -> Option<&BlankSpec> {
        self.all_blanks().find(|blank| blank.name == name)
    }

    fn all_blanks(&self) -> impl Iterator<Item = &BlankSpec> {
        self.blanks.iter().chain(built_in())
    }
}

#[cfg(test)]
mod documentation;
#[cfg(test)]
mod tests;
