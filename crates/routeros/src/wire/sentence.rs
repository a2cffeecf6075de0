//! One sentence from the router.

use bytes::Bytes;
use mikrotik_rs::proto::codec::{Decode, decode_length};

use crate::code_page::CodePage;
use crate::sensitive::Shown;
use crate::text::Text;

/// The bytes of one whole sentence. Words are found by walking their lengths: a sentence has a dozen of them, and holding
/// positions would cost more than looking does.
#[derive(Clone)]
pub(crate) struct Sentence {
    bytes: Bytes,
    code_page: CodePage,
}

impl Sentence {
    pub fn new(bytes: Bytes, code_page: CodePage) -> Self {
        Self { bytes, code_page }
    }

    /// Its words, the first one (`!re` …) included.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        Words { rest: &self.bytes }
    }

    /// Its attributes in the order in which they came: names and values.
    pub fn attributes(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.words().filter_map(|word| {
            let word = word.strip_prefix(b"=")?;
            let length = word.iter().position(|byte| *byte == b'=').unwrap_or(word.len());
            Some((&word[..length], word.get(length + 1..).unwrap_or_default()))
        })
    }

    /// The bytes of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&[u8]> {
        self.words().find_map(|word| word.strip_prefix(b"=")?.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
    }

    /// The value of an attribute, sharing the memory of the sentence.
    pub fn get(&self, name: &str) -> Option<Text> {
        self.attribute(name).map(|value| Text::new(self.bytes.slice_ref(value), self.code_page, Shown::of(name)))
    }

    /// The first word that is neither the reply's kind nor an attribute nor a tag: the text of a `!fatal`.
    pub fn message(&self) -> Option<Text> {
        self.words()
            .skip(1)
            .find(|word| !word.starts_with(b"=") && !word.starts_with(b".tag="))
            .map(|word| Text::new(self.bytes.slice_ref(word), self.code_page, Shown::Whole))
    }

    /// Whether it carries a tag, be it ours or not.
    pub fn has_tag(&self) -> bool {
        self.words().any(|word| word.starts_with(b".tag="))
    }

    pub fn code_page(&self) -> CodePage {
        self.code_page
    }
}

struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // most words are short: their length is one byte
        let (length, prefix) = match *self.rest {
            [length @ 1..=0x7F, ..] => (usize::from(length), 1),
            _ => match decode_length(self.rest) {
                Ok(Decode::Complete { value: (length @ 1.., prefix), .. }) => (length as usize, prefix),
                _ => return None,
            },
        };
        let word = self.rest.get(prefix..prefix + length)?;
        self.rest = &self.rest[prefix + length..];
        Some(word)
    }
}
