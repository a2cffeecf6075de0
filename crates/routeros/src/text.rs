//! A value as the router sent it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use crate::code_page::CodePage;
use crate::sensitive::Shown;

/// A value of a router: its bytes, and the text that they are. Nothing is lost: writing the bytes back writes what was
/// there. Equal are two values with the same bytes. Debug hides values of properties that hold secrets,
/// and of those that may it tells the length alone: files, scripts, and what a command returned.
#[derive(Clone, Default)]
pub struct Text {
    bytes: Bytes,
    code_page: CodePage,
    shown: Shown,
}

impl Text {
    pub(crate) fn new(bytes: Bytes, code_page: CodePage, shown: Shown) -> Self {
        Self { bytes, code_page, shown }
    }

    /// The text: UTF-8, or else the router's code page.
    pub fn as_str(&self) -> Cow<'_, str> {
        self.code_page.decode(&self.bytes)
    }

    /// The bytes as they came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// A copy that shares no memory with the rest of the answer: for keeping one value of many for long.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self { bytes: Bytes::copy_from_slice(&self.bytes), ..self.clone() }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { bytes: text.into(), ..Self::default() }
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), ..Self::default() }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Text {}

impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shown.instead(self.bytes.len()) {
            Some(instead) => f.write_str(&instead),
            None => fmt::Debug::fmt(&self.as_str(), f),
        }
    }
}
