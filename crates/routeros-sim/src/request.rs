//! One command as a client sent it.

use std::borrow::Cow;

/// A command: its path, attributes, query words and tag.
// no Debug: attributes may be secrets
#[derive(Clone, Default)]
pub(crate) struct Request {
    /// `/ppp/secret/print`
    pub(crate) path: String,
    /// `=name=value`, in the order sent.
    pub(crate) attributes: Vec<(String, Vec<u8>)>,
    /// Query words without their `?`.
    pub(crate) queries: Vec<Vec<u8>>,
    pub(crate) tag: Option<Vec<u8>>,
    /// `.proplist`
    pub(crate) properties: Option<Vec<String>>,
}

impl Request {
    pub(crate) fn read(words: &[Vec<u8>]) -> Self {
        let mut request =
            Self { path: words.first().map(|word| lossy(word).into_owned()).unwrap_or_default(), ..Self::default() };
        for word in words.iter().skip(1) {
            match word.first() {
                Some(b'=') => {
                    let rest = &word[1..];
                    let (name, value) = match rest.iter().position(|byte| *byte == b'=') {
                        Some(at) => (&rest[..at], &rest[at + 1..]),
                        None => (rest, &[][..]),
                    };
                    match name {
                        b".proplist" | b"proplist" => request.properties = Some(list(value)),
                        _ => request.attributes.push((lossy(name).into_owned(), value.to_vec())),
                    }
                }
                Some(b'?') => request.queries.push(word[1..].to_vec()),
                Some(b'.') => match word.iter().position(|byte| *byte == b'=') {
                    Some(at) if &word[..at] == b".tag" => request.tag = Some(word[at + 1..].to_vec()),
                    Some(at) if &word[..at] == b".proplist" => request.properties = Some(list(&word[at + 1..])),
                    _ => {}
                },
                _ => {}
            }
        }
        request
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&[u8]> {
        self.attributes.iter().rev().find(|(attribute, _)| attribute == name).map(|(_, value)| &**value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attribute(name).map(String::from_utf8_lossy)
    }

    /// A switch such as `count-only`: there, and not `no`.
    pub(crate) fn switch(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| !matches!(value, b"no" | b"false"))
    }

    /// The menu and the verb, parted at the last slash.
    pub(crate) fn parts(&self) -> (&str, &str) {
        self.path.rsplit_once('/').unwrap_or(("", &self.path))
    }
}

pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn list(value: &[u8]) -> Vec<String> {
    value
        .split(|byte| *byte == b',')
        .filter(|part| !part.is_empty())
        .map(|part| lossy(part).trim().to_owned())
        .collect()
}
