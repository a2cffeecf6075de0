//! Finds the sentences in what has arrived.

use std::ops::Range;

use mikrotik_rs::proto::codec::{Decode, decode_length};

/// What a reply says by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Row,
    Done,
    Trap,
    Fatal,
    /// `!empty`, from RouterOS 7.18: nothing was found. A `!done` follows.
    Empty,
    /// A word of a release to come.
    Other,
}

/// A whole sentence in the buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub kind: Kind,
    /// The tag of ours that it carries, wherever in the sentence it stands.
    pub tag: Option<u32>,
    pub range: Range<usize>,
}

/// Bytes that are no sentences of RouterOS. Nothing behind them can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A length prefix of 0xF8 or above, which is reserved.
    ControlByte(u8),
    /// A word, or the whole sentence, is longer than this many bytes.
    TooLarge(usize),
    /// The first word of a sentence does not begin with `!`: its first bytes, length prefix included.
    NotAReply(Vec<u8>),
}

/// Where in the buffer the next sentence begins, and how far it has been read. A half sentence is never read twice.
#[derive(Debug)]
pub(crate) struct Framer {
    start: usize,
    at: usize,
    kind: Option<Kind>,
    tag: Option<u32>,
    largest_word: usize,
}

impl Framer {
    pub fn new(largest_word: usize) -> Self {
        Self { start: 0, at: 0, kind: None, tag: None, largest_word }
    }

    /// The next whole sentence, if there is one. Empty sentences are passed over.
    pub fn next(&mut self, buffer: &[u8]) -> Result<Option<Found>, Broken> {
        loop {
            let rest = &buffer[self.at..];
            let (length, prefix) = match decode_length(rest) {
                Ok(Decode::Complete { value: (length, prefix), .. }) => (length as usize, prefix),
                Ok(Decode::Incomplete { .. }) => return Ok(None),
                Err(_) => return Err(Broken::ControlByte(rest[0])),
            };
            let word_start = self.at + prefix;
            if length == 0 {
                let range = self.start..word_start;
                self.start = word_start;
                self.at = word_start;
                let tag = self.tag.take();
                match self.kind.take() {
                    Some(kind) => return Ok(Some(Found { kind, tag, range })),
                    None => continue,
                }
            }
            if self.kind.is_none() && buffer.get(word_start).is_some_and(|first| *first != b'!') {
                return Err(Broken::NotAReply(rest[..rest.len().min(8)].to_vec()));
            }
            let whole = (word_start - self.start).saturating_add(length);
            if length > self.largest_word || whole > self.largest_word.saturating_mul(4) {
                return Err(Broken::TooLarge(self.largest_word));
            }
            let Some(word) = buffer.get(word_start..word_start + length) else { return Ok(None) };
            if self.kind.is_none() {
                self.kind = Some(kind(word));
            } else if let Some(digits) = word.strip_prefix(b".tag=") {
                self.tag = tag(digits);
            }
            self.at = word_start + length;
        }
    }

    /// How many bytes at the front of the buffer belong to sentences that were found.
    pub fn found(&self) -> usize {
        self.start
    }

    /// Tells that the bytes of the sentences that were found have left the buffer.
    pub fn drained(&mut self) {
        self.at -= self.start;
        self.start = 0;
    }
}

fn kind(word: &[u8]) -> Kind {
    match word {
        b"!re" => Kind::Row,
        b"!done" => Kind::Done,
        b"!trap" => Kind::Trap,
        b"!fatal" => Kind::Fatal,
        b"!empty" => Kind::Empty,
        _ => Kind::Other,
    }
}

/// Our tags are small whole numbers; anything else is nobody's.
fn tag(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
