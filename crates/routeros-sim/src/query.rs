//! Query words of `print` (help.mikrotik.com, API: "Queries"): a stack of truths, and-ed at the end.

use std::cmp::Ordering;

use crate::forms;
use crate::request::lossy;
use crate::store::parse_id;

/// A property as the query sees it: its printed bytes, or nothing.
pub(crate) trait Properties {
    /// Writes the property and says whether there is one.
    fn property(&self, name: &str, out: &mut Vec<u8>) -> bool;
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Has(String),
    Lacks(String),
    Compare(String, Ordering, Vec<u8>),
    Index(usize),
    ReplaceAll(usize),
    Not,
    And,
    Or,
    Copy,
}

/// All query words of one command.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<Step>);

impl Query {
    /// Reads the words, which come without their `?`.
    pub(crate) fn read(words: &[Vec<u8>]) -> Self {
        let mut steps = Vec::new();
        for word in words {
            match word.first() {
                Some(b'#') => operators(&word[1..], &mut steps),
                Some(b'-') => steps.push(Step::Lacks(lossy(&word[1..]).into_owned())),
                Some(b'<') => steps.push(compare(&word[1..], Ordering::Less)),
                Some(b'>') => steps.push(compare(&word[1..], Ordering::Greater)),
                Some(b'=') => steps.push(compare(&word[1..], Ordering::Equal)),
                Some(_) if word.contains(&b'=') => steps.push(compare(word, Ordering::Equal)),
                Some(_) => steps.push(Step::Has(lossy(word).into_owned())),
                None => {}
            }
        }
        Self(steps)
    }

    /// `yes` and `no` stand for `true` and `false` too.
    pub(crate) fn with_yes(mut self) -> Self {
        for step in &mut self.0 {
            if let Step::Compare(_, Ordering::Equal, value) = step {
                match value.as_slice() {
                    b"yes" => *value = b"true".to_vec(),
                    b"no" => *value = b"false".to_vec(),
                    _ => {}
                }
            }
        }
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the one step `name=value`, if that is all there is.
    pub(crate) fn only_equal(&self, name: &str) -> Option<&[u8]> {
        match self.0.as_slice() {
            [Step::Compare(property, Ordering::Equal, value)] if property == name => Some(value),
            _ => None,
        }
    }

    pub(crate) fn holds(&self, item: &dyn Properties, scratch: &mut Vec<u8>) -> bool {
        let mut stack: Vec<bool> = Vec::with_capacity(self.0.len());
        for step in &self.0 {
            match step {
                Step::Has(name) => {
                    scratch.clear();
                    stack.push(item.property(name, scratch));
                }
                Step::Lacks(name) => {
                    scratch.clear();
                    stack.push(!item.property(name, scratch));
                }
                Step::Compare(name, wanted, value) => {
                    scratch.clear();
                    let there = item.property(name, scratch);
                    let fits = match wanted {
                        Ordering::Equal => scratch.as_slice() == value,
                        _ => order(scratch, value) == *wanted,
                    };
                    stack.push(there && fits);
                }
                Step::Index(index) => {
                    let value = from_top(&stack, *index);
                    stack.push(value);
                }
                Step::ReplaceAll(index) => {
                    let value = from_top(&stack, *index);
                    stack.clear();
                    stack.push(value);
                }
                Step::Not => {
                    let value = stack.pop().unwrap_or(true);
                    stack.push(!value);
                }
                Step::And => {
                    let (one, other) = (stack.pop().unwrap_or(true), stack.pop().unwrap_or(true));
                    stack.push(one && other);
                }
                Step::Or => {
                    let (one, other) = (stack.pop().unwrap_or(false), stack.pop().unwrap_or(false));
                    stack.push(one || other);
                }
                Step::Copy => {
                    let value = from_top(&stack, 0);
                    stack.push(value);
                }
            }
        }
        stack.iter().all(|value| *value)
    }
}

/// The top of the stack has index 0; what is not there counts as true, so that it decides nothing.
fn from_top(stack: &[bool], index: usize) -> bool {
    stack.len().checked_sub(index.saturating_add(1)).and_then(|at| stack.get(at)).copied().unwrap_or(true)
}

fn compare(word: &[u8], wanted: Ordering) -> Step {
    let at = word.iter().position(|byte| *byte == b'=').unwrap_or(word.len());
    let value = word.get(at + 1..).unwrap_or_default();
    Step::Compare(lossy(&word[..at]).into_owned(), wanted, value.to_vec())
}

fn operators(word: &[u8], steps: &mut Vec<Step>) {
    let mut rest = word;
    let mut after_index = false;
    while let Some((first, tail)) = rest.split_first() {
        if first.is_ascii_digit() {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let index = lossy(&rest[..digits]).parse().unwrap_or(usize::MAX);
            rest = &rest[digits..];
            steps.push(if rest.is_empty() { Step::ReplaceAll(index) } else { Step::Index(index) });
            after_index = true;
            continue;
        }
        match first {
            b'!' => steps.push(Step::Not),
            b'&' => steps.push(Step::And),
            b'|' => steps.push(Step::Or),
            // a dot after an index only parts it from the next one
            b'.' if !after_index => steps.push(Step::Copy),
            _ => {}
        }
        after_index = false;
        rest = tail;
    }
}

/// Ids, numbers and durations by size, everything else by its bytes (measured on routers for numbers only).
fn order(have: &[u8], wanted: &[u8]) -> Ordering {
    if let (Some(have), Some(wanted)) = (parse_id(have), parse_id(wanted)) {
        return have.cmp(&wanted);
    }
    let (have_text, wanted_text) = (lossy(have), lossy(wanted));
    if let (Ok(have), Ok(wanted)) = (have_text.parse::<i128>(), wanted_text.parse::<i128>()) {
        return have.cmp(&wanted);
    }
    if let (Some(have), Some(wanted)) = (forms::read_duration(&have_text), forms::read_duration(&wanted_text)) {
        return have.cmp(&wanted);
    }
    have.cmp(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Item<'a>(&'a [(&'a str, &'a str)]);

    impl Properties for Item<'_> {
        fn property(&self, name: &str, out: &mut Vec<u8>) -> bool {
            let found = self.0.iter().find(|(property, _)| *property == name);
            found.inspect(|(_, value)| out.extend_from_slice(value.as_bytes())).is_some()
        }
    }

    fn holds(words: &[&str]) -> bool {
        let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        let item = Item(&[("name", "anna"), ("mtu", "1500"), ("uptime", "1d2h"), ("type", "ether"), ("comment", "")]);
        Query::read(&words).holds(&item, &mut Vec::new())
    }

    #[test]
    fn words_mean_what_the_manual_says() {
        assert!(holds(&["name"]) && holds(&["-routes"]) && holds(&["comment"]));
        assert!(!holds(&["-name"]) && !holds(&["routes"]));
        assert!(holds(&["name=anna"]) && holds(&["=name=anna"]) && !holds(&["name=ann"]));
        assert!(holds(&[">mtu=200"]) && holds(&["<mtu=9000"]) && !holds(&[">mtu=1500"]));
        assert!(holds(&[">uptime=25h"]) && !holds(&[">uptime=2d"]));
        assert!(!holds(&["routes="]));
        assert!(holds(&["name=anna", "mtu=1500"]) && !holds(&["name=anna", "mtu=1"]));
        assert!(holds(&["type=vlan", "type=ether", "#|"]));
        assert!(holds(&["type=vlan", "#!"]) && !holds(&["type=ether", "#!"]));
        assert!(holds(&["name=bert", "type=ether", "type=vlan", "#|!&", "#!"]));
        // index 1 is the one below the top; at the end of the word it replaces the whole stack
        assert!(holds(&["name=anna", "name=bert", "#1"]) && !holds(&["name=anna", "name=bert", "#0"]));
        assert!(holds(&["name=anna", "name=bert", "#1.0|&", "#|"]));
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(words in prop::collection::vec(prop::collection::vec(prop_oneof![Just(b'#'), Just(b'!'), Just(b'&'), Just(b'|'), Just(b'.'), Just(b'1'), Just(b'9'), Just(b'='), any::<u8>()], 0..12), 0..8)) {
            Query::read(&words).holds(&Item(&[("a", "1")]), &mut Vec::new());
        }

        #[test]
        fn and_or_not_are_those_of_logic(one: bool, other: bool) {
            let word = |truth: bool| if truth { "name=anna" } else { "name=bert" };
            prop_assert_eq!(holds(&[word(one), word(other), "#&"]), one && other);
            prop_assert_eq!(holds(&[word(one), word(other), "#|"]), one || other);
            prop_assert_eq!(holds(&[word(one), "#!"]), !one);
            prop_assert_eq!(holds(&[word(one), word(other)]), one && other);
        }
    }
}
