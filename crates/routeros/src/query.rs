//! Which items a `print` is to give.

use crate::command::Value;

/// A condition on items. Only `print` reads queries. A property that is absent never equals anything, not even `false`:
/// ask [`Query::is_not`] for what may never have been written.
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
    /// All of them hold.
    All(Vec<Query>),
    /// At least one of them holds.
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
            Self::All(queries) => all(queries, b"?#&", write),
            Self::Any(queries) => all(queries, b"?#|", write),
        }
    }
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
}
