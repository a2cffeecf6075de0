//! Filling the blanks of a template.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Template;
use super::blank::BlankSpec;
use super::derive;
use super::json::join;
use super::kind;
use super::section::{Field, Section, Shape};
use super::sections::{Extra, FillSection, Sections};
use super::text::{Piece, Text, pieces};
use crate::Problem;
use crate::provision::BlankKind;

/// A template without blanks: what one router should be. Fields that are left out are empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Filled {
    /// The template's name.
    pub name: String,
    pub sections: Sections,
}

impl fmt::Debug for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filled({}: {})", self.name, self.sections.names().join(", "))
    }
}

/// How deep defaults may stand in defaults.
const DEPTH: u8 = 8;

impl Template {
    /// The blanks that have to be filled with these values: those of sections and variants that are switched on. First the
    /// template's own, in its order, then those that Demarc knows.
    pub fn needed(&self, values: &BTreeMap<String, String>) -> Vec<&BlankSpec> {
        let mut filling = Filling::new(self, values);
        self.sections.fill(&mut filling);
        filling.extras(&self.sections.extra);
        self.all_blanks().filter(|blank| filling.used.contains(&blank.name)).collect()
    }

    /// What a blank is filled with by these values, or else by its default.
    pub fn value(&self, name: &str, values: &BTreeMap<String, String>) -> Option<String> {
        Filling::new(self, values).value(name, DEPTH)
    }

    /// The template with its blanks filled, or each blank (or field, by its path) that is not as it should be. What is not
    /// among the values is filled with its default.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<Filled, Vec<(String, Problem)>> {
        let unknown = values.keys().filter(|name| self.blank(name).is_none());
        let mut problems: Vec<_> = unknown.map(|name| (name.clone(), Problem::UnknownBlank)).collect();
        let mut checked = BTreeMap::new();
        for blank in self.needed(values) {
            match blank.check(&self.value(&blank.name, values).unwrap_or_default()) {
                Ok(value) => _ = checked.insert(blank.name.clone(), value),
                Err(problem) => problems.push((blank.name.clone(), problem)),
            }
        }
        if !problems.is_empty() {
            // a default that leads to what is wrong is not wrong itself
            let wrong: BTreeSet<String> = problems.iter().map(|(name, _)| name.clone()).collect();
            let leads = |name: &str| self.leads_to(name).iter().any(|other| wrong.contains(*other));
            problems.retain(|(name, _)| values.contains_key(name) || !leads(name));
            return Err(problems);
        }
        let mut filling = Filling::new(self, &checked);
        let mut sections = self.sections.fill(&mut filling);
        sections.extra = filling.extras(&self.sections.extra);
        let mut problems = filling.problems;
        if problems.is_empty() {
            problems = derive::complete(&mut sections, &self.sections);
        }
        if problems.is_empty() { Ok(Filled { name: self.name.clone(), sections }) } else { Err(problems) }
    }
}

impl Template {
    /// The blanks that a blank's default is made of, and those that theirs are.
    pub(super) fn leads_to(&self, name: &str) -> BTreeSet<&str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut ahead = self.blank(name).map(BlankSpec::default_blanks).unwrap_or_default();
        while let Some(name) = ahead.pop() {
            if found.insert(name) {
                ahead.extend(self.blank(name).map(BlankSpec::default_blanks).unwrap_or_default());
            }
        }
        found
    }
}

/// One pass through a template with values.
struct Filling<'a> {
    template: &'a Template,
    values: &'a BTreeMap<String, String>,
    /// The blanks that were met.
    used: BTreeSet<String>,
    problems: Vec<(String, Problem)>,
}

impl<'a> Filling<'a> {
    fn new(template: &'a Template, values: &'a BTreeMap<String, String>) -> Self {
        Self { template, values, used: BTreeSet::new(), problems: Vec::new() }
    }

    /// The value of a blank; those in its default are met too.
    fn value(&mut self, name: &str, depth: u8) -> Option<String> {
        self.used.insert(name.to_owned());
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        let template = self.template;
        let default = template.blank(name)?.default.as_deref()?;
        let parts = pieces(default).ok()?;
        let depth = depth.checked_sub(1)?;
        parts
            .into_iter()
            .map(|part| match part {
                Piece::Plain(text) => Some(text.to_owned()),
                Piece::Blank(name) => self.value(name, depth),
            })
            .collect()
    }

    /// A text with its blanks filled; what is missing is empty.
    fn text(&mut self, text: &Text) -> Text {
        let mut filled = String::new();
        let mut secret = false;
        for part in pieces(text).unwrap_or_default() {
            match part {
                Piece::Plain(plain) => filled.push_str(plain),
                Piece::Blank(name) => {
                    filled.push_str(&self.value(name, DEPTH).unwrap_or_default());
                    secret |= self.template.blank(name).is_some_and(|blank| blank.kind == BlankKind::Secret);
                }
            }
        }
        Text::new(filled, secret)
    }

    fn field(&mut self, path: &str, field: &Field, texts: &[Text]) -> Vec<Text> {
        let mut filled = Vec::new();
        for text in texts {
            let whole = self.text(text);
            let secret = whole.is_secret() || field.kind == BlankKind::Secret;
            let parts: Vec<&str> = if field.shape == Shape::Many { whole.split(',').collect() } else { vec![&whole] };
            for part in parts.into_iter().filter(|part| !part.trim().is_empty()) {
                match kind::check(field.kind, field.choices, part) {
                    Ok(value) => filled.push(Text::new(value, secret)),
                    Err(problem) => self.problems.push((named(path, text), problem)),
                }
            }
        }
        if texts.is_empty() && field.is_required() {
            self.problems.push((path.to_owned(), Problem::Required));
        }
        filled
    }

    fn extras(&mut self, extras: &[Extra]) -> Vec<Extra> {
        let filled = |filling: &mut Self, texts: &[(String, Text)]| {
            let filled = texts.iter().map(|(name, text)| (name.clone(), filling.text(text)));
            // left out, like any field, unless the template itself says that it is empty
            filled
                .zip(texts)
                .filter(|((_, filled), (_, text))| !filled.is_empty() || text.is_empty())
                .map(|(pair, _)| pair)
                .collect()
        };
        extras
            .iter()
            .map(|extra| Extra {
                find: extra.find.as_deref().map(|find| filled(self, find)),
                values: filled(self, &extra.values),
                ..extra.clone()
            })
            .collect()
    }
}

impl FillSection for Filling<'_> {
    fn section<S: Section>(&mut self, section: &S) -> Option<S> {
        let mut done: BTreeMap<&str, Vec<Text>> = BTreeMap::new();
        for (field, texts) in section.fields() {
            let counts = field.only.is_none_or(|(other, words)| {
                done.get(other).and_then(|texts| texts.first()).is_some_and(|text| words.contains(&&**text))
            });
            let texts = if counts { self.field(&join(S::NAME, field.name), field, texts) } else { Vec::new() };
            if field.name == "when" && !texts.first().is_some_and(Text::is_yes) {
                return None;
            }
            done.insert(field.name, texts);
        }
        Some(S::build(|field| done.remove(field.name).unwrap_or_default()))
    }
}

/// What a problem with a text is told at: the blank, where it is nothing else.
pub(super) fn named(path: &str, text: &Text) -> String {
    match pieces(text).unwrap_or_default().as_slice() {
        [Piece::Blank(name)] => (*name).to_owned(),
        _ => path.to_owned(),
    }
}
