//! JSON with the places of its parts, so that whatever is wrong can be pointed at.

use std::collections::BTreeMap;

use super::problem::Problems;
use crate::provision::TemplateProblem;

/// A line and a column, both counted from 1.
pub(super) type Position = (u32, u32);

/// A value, and what stands in it.
#[derive(Debug)]
pub(super) enum Json {
    Text(String),
    Truth(bool),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// A number or null: no field takes one.
    Other,
}

impl Json {
    /// What it is, for a sentence.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Truth(_) => "true or false",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Other => "a number or null",
        }
    }
}

/// Reads a text whole. Problems with names that stand twice are noted; the first one counts.
pub(super) fn read(text: &str) -> Result<(Json, Problems), TemplateProblem> {
    // settles what JSON is, and how deep it may be
    if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned();
        let count = |number: usize| u32::try_from(number).ok().filter(|number| *number > 0);
        return Err(TemplateProblem {
            path: String::new(),
            line: count(error.line()),
            column: count(error.column()),
            message,
        });
    }
    let mut scanner = Scanner { rest: text, position: (1, 1), places: BTreeMap::new(), twice: Vec::new() };
    let json = scanner.value("");
    let mut problems = Problems::new(scanner.places);
    for path in scanner.twice {
        problems.add(&path, "stands twice");
    }
    Ok((json, problems))
}

/// Where the name of a member of `path` leads.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Walks a text that is known to be JSON.
struct Scanner<'a> {
    rest: &'a str,
    position: Position,
    places: BTreeMap<String, Position>,
    twice: Vec<String>,
}

impl<'a> Scanner<'a> {
    fn value(&mut self, path: &str) -> Json {
        self.blanks();
        match self.rest.as_bytes().first() {
            Some(b'"') => Json::Text(self.text()),
            Some(b'[') => self.list(path),
            Some(b'{') => self.object(path),
            _ => {
                let end = self.rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(self.rest.len());
                match self.take(end) {
                    "true" => Json::Truth(true),
                    "false" => Json::Truth(false),
                    _ => Json::Other,
                }
            }
        }
    }

    fn list(&mut self, path: &str) -> Json {
        let mut items = Vec::new();
        self.take(1);
        while !self.ends(']') {
            let path = join(path, &items.len().to_string());
            self.places.insert(path.clone(), self.position);
            items.push(self.value(&path));
        }
        Json::List(items)
    }

    fn object(&mut self, path: &str) -> Json {
        let mut members: Vec<(String, Json)> = Vec::new();
        self.take(1);
        while !self.ends('}') {
            let position = self.position;
            let name = self.text();
            let path = join(path, &name);
            self.blanks();
            self.take(1);
            let first = !members.iter().any(|(other, _)| *other == name);
            if first {
                self.places.insert(path.clone(), position);
            } else {
                self.twice.push(path.clone());
            }
            let value = self.value(&path);
            if first {
                members.push((name, value));
            }
        }
        Json::Object(members)
    }

    /// Whether the bracket closes here; what divides it from the next value is passed over.
    fn ends(&mut self, bracket: char) -> bool {
        self.blanks();
        if self.rest.starts_with(',') {
            self.take(1);
            self.blanks();
        }
        if self.rest.starts_with(bracket) || self.rest.is_empty() {
            self.take(1);
            return true;
        }
        false
    }

    fn text(&mut self) -> String {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, letter)| {
            let ends = *letter == '"' && !escaped;
            escaped = *letter == '\\' && !escaped;
            ends
        });
        let whole = self.take(end.map_or(self.rest.len(), |(at, _)| at + 1));
        serde_json::from_str(whole).unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
        self.take(self.rest.len() - rest.len());
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        for letter in taken.chars() {
            let (line, column) = self.position;
            self.position = if letter == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        self.rest = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_read_with_the_places_of_its_parts() {
        let (json, mut problems) =
            read("{\n  \"a\": [\"x\", \"é\\\"}\"],\n  \"b\": {\"c\": true}, \"a\": 1\n}").unwrap();
        let Json::Object(members) = json else { panic!("an object") };
        assert!(matches!(&members[0].1, Json::List(items) if matches!(&items[1], Json::Text(text) if text == "é\"}")));
        problems.add("b.c", "wrong");
        problems.add("a.1.deeper", "wrong");
        let places: Vec<_> =
            problems.finish().into_iter().map(|problem| (problem.path, problem.line, problem.column)).collect();
        assert_eq!(
            places,
            [
                ("a".to_owned(), Some(2), Some(3)),
                ("a.1.deeper".to_owned(), Some(2), Some(14)),
                ("b.c".to_owned(), Some(3), Some(9)),
            ]
        );
    }

    #[test]
    fn what_is_not_json_is_refused_where_it_is() {
        let problem = read("{\n  \"a\": }").unwrap_err();
        assert_eq!((problem.line, problem.column, problem.message.as_str()), (Some(2), Some(8), "expected value"));
        assert!(read(&"[".repeat(10_000)).unwrap_err().message.contains("recursion"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC*|[\\[\\]{}\":,a\\\\ 0-9\n]{0,60}") {
            let _ = read(&text);
        }
    }
}
