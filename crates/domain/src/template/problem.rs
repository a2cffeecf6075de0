//! What is wrong with a template's text, all at once.

use std::collections::BTreeMap;

use super::json::Position;
use crate::provision::TemplateProblem;

/// Collects problems, each with its place in the text.
#[derive(Debug)]
pub(super) struct Problems {
    places: BTreeMap<String, Position>,
    list: Vec<TemplateProblem>,
}

impl Problems {
    /// Nothing is wrong yet in a text with these places.
    pub fn new(places: BTreeMap<String, Position>) -> Self {
        Self { places, list: Vec::new() }
    }

    /// Notes what is wrong at `path`; a path that the text does not have is shown at what holds it.
    pub fn add(&mut self, path: &str, message: impl Into<String>) {
        let mut at = path;
        let place = loop {
            match (self.places.get(at), at.rsplit_once('.')) {
                (Some(place), _) => break Some(*place),
                (None, Some((above, _))) => at = above,
                (None, None) => break None,
            }
        };
        self.list.push(TemplateProblem {
            path: path.to_owned(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            message: message.into(),
        });
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them, in the order of the text; those without a place first.
    pub fn finish(mut self) -> Vec<TemplateProblem> {
        self.list.sort_by_key(|problem| (problem.line, problem.column));
        self.list
    }
}
