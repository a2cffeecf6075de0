//! Which items a `print` is to give.

use crate::command::Value;

/// A condition on items. Only `print` reads queries. A property that is absent never equals anything, not even `false`:
/// ask [`Query::is_not`] for what may never have been written.
///
/// Routers compare bytes. A text of ours is sent as UTF-8, so that it does not find what was written in another code page:
/// for that, give the [`Text`](crate::Text) that a router sent, whose bytes are sent as they came, or the bytes that
/// [`CodePage::encode`](crate::CodePage::encode) makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// The property has a value.
    Has(String),
    /// The property has no value.
    HasNot(String),
    /// The property equals the value. Booleans are `true` and `false` here.
    Is(String, Value),
    /// The property is greater; measured on RouterOS for numbers only.
    Above(String, Value),
    /// The property is less; measured on RouterOS for numbers only.
    Below(String, Value),
    /// The condition does not hold.
    Not(Box<Query>),
    /// All of them hold. All of none hold for every item.
    All(Vec<Query>),
    /// At least one of them holds. Any of none holds for no item.
    Any(Vec<Query>),
}

impl Query {
    /// The property equals the value.
    pub fn is(name: &str, value: impl Into<Value>) -> Self {
        Self::Is(name.to_owned(), value.into())
    }

    /// The property is absent or something else.
    pub fn is_not(name: &str, value: impl Into<Value>) -> Self {
        Self::Not(Box::new(Self::is(name, value)))
    }

    /// The item with this id.
    pub fn id(id: crate::value::Id) -> Self {
        Self::is(".id", id.to_string())
    }

    /// Calls back with the parts of each query word, in the order of RouterOS's stack.
    pub(crate) fn words(&self, write: &mut impl FnMut(&[&[u8]])) {
        match self {
            Self::Has(name) => write(&[b"?", name.as_bytes()]),
            Self::HasNot(name) => write(&[b"?-", name.as_bytes()]),
            Self::Is(name, value) => write(&[b"?", name.as_bytes(), b"=", value.as_bytes()]),
            Self::Above(name, value) => write(&[b"?>", name.as_bytes(), b"=", value.as_bytes()]),
            Self::Below(name, value) => write(&[b"?<", name.as_bytes(), b"=", value.as_bytes()]),
            Self::Not(query) => {
                query.words(write);
                write(&[b"?#!"]);
            }
            // without an operand an operator has nothing to leave on the stack, and a `print` without a word gives all:
            // whether there is an id, and whether there is none, are never both true, and always one of them is
            Self::All(queries) if queries.is_empty() => all(&id_or_none(), b"?#|", write),
            Self::Any(queries) if queries.is_empty() => all(&id_or_none(), b"?#&", write),
            Self::All(queries) => all(queries, b"?#&", write),
            Self::Any(queries) => all(queries, b"?#|", write),
        }
    }
}

fn id_or_none() -> [Query; 2] {
    [Query::Has(".id".to_owned()), Query::HasNot(".id".to_owned())]
}

fn all(queries: &[Query], operator: &[u8], write: &mut impl FnMut(&[&[u8]])) {
    for (at, query) in queries.iter().enumerate() {
        query.words(write);
        if at > 0 {
            write(&[operator]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_written_for_a_stack() {
        let query = Query::All(vec![
            Query::Any(vec![Query::is("name", "a"), Query::is("name", "b"), Query::Has("comment".into())]),
            Query::is_not("disabled", "true"),
        ]);
        let mut words = Vec::new();
        query.words(&mut |parts| words.push(String::from_utf8(parts.concat()).unwrap()));
        assert_eq!(words, ["?name=a", "?name=b", "?#|", "?comment", "?#|", "?disabled=true", "?#!", "?#&"]);
    }

    /// What a router makes of the words for an item with these properties: its stack, as the API manual describes it.
    fn holds(query: &Query, properties: &[(&str, &str)]) -> bool {
        let value = |name: &str| properties.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        let mut stack: Vec<bool> = Vec::new();
        query.words(&mut |parts| {
            let word = String::from_utf8(parts.concat()).unwrap();
            let pushed = match word.strip_prefix('?').unwrap() {
                "#!" => !stack.pop().unwrap(),
                "#&" => [stack.pop().unwrap(), stack.pop().unwrap()] == [true; 2],
                "#|" => [stack.pop().unwrap(), stack.pop().unwrap()] != [false; 2],
                word => match (word.strip_prefix('-'), word.split_once('=')) {
                    (Some(name), _) => value(name).is_none(),
                    (None, Some((name, wanted))) => value(name) == Some(wanted),
                    (None, None) => value(word).is_some(),
                },
            };
            stack.push(pushed);
        });
        stack.iter().all(|held| *held)
    }

    #[test]
    fn any_of_nothing_is_nothing_and_all_of_nothing_is_everything() {
        let a = || Query::is("name", "a");
        for item in [&[(".id", "*1"), ("name", "a")][..], &[]] {
            assert!(!holds(&Query::Any(Vec::new()), item));
            assert!(holds(&Query::All(Vec::new()), item));
            assert!(holds(&Query::Not(Box::new(Query::Any(Vec::new()))), item));
            assert!(!holds(&Query::All(vec![a(), Query::Any(Vec::new())]), item));
            assert!(holds(&Query::Any(vec![a(), Query::All(Vec::new())]), item));
            assert_eq!(holds(&Query::Any(vec![Query::Any(Vec::new()), a()]), item), !item.is_empty());
        }
    }
}
