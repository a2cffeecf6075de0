//! Replies as bytes: `!re`, `!done`, `!trap`, `!empty`, `!fatal`, each with the command's tag.

use crate::trap::Trap;
use crate::wire::{write_length, write_word};

/// Writes the replies of one command.
#[derive(Debug)]
pub(crate) struct Replies<'a> {
    out: &'a mut Vec<u8>,
    tag: Option<Vec<u8>>,
    tag_last: bool,
    scratch: Vec<u8>,
}

impl<'a> Replies<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, tag: Option<&[u8]>, tag_last: bool) -> Self {
        let tag = tag.map(|tag| [b".tag=", tag].concat());
        Self { out, tag, tag_last, scratch: Vec::new() }
    }

    /// Bytes written so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    pub(crate) fn begin(&mut self, word: &[u8]) {
        write_word(word, self.out);
        if let Some(tag) = self.tag.as_ref().filter(|_| !self.tag_last) {
            write_word(tag, self.out);
        }
    }

    /// A word of two parts, such as `=name=` and its value.
    pub(crate) fn word(&mut self, name: &[u8], value: &[u8]) {
        write_length(name.len() + value.len(), self.out);
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(value);
    }

    /// As [`Self::word`], for a value that is written by a function.
    pub(crate) fn value(&mut self, name: &[u8], write: impl FnOnce(&mut Vec<u8>)) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        write(&mut scratch);
        self.word(name, &scratch);
        self.scratch = scratch;
    }

    pub(crate) fn attribute(&mut self, name: &str, value: &[u8]) {
        write_length(name.len() + value.len() + 2, self.out);
        self.out.push(b'=');
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'=');
        self.out.extend_from_slice(value);
    }

    pub(crate) fn end(&mut self) {
        if let Some(tag) = self.tag.as_ref().filter(|_| self.tag_last) {
            write_word(tag, self.out);
        }
        self.out.push(0);
    }

    pub(crate) fn row(&mut self, values: &[(String, Vec<u8>)]) {
        self.begin(b"!re");
        for (name, value) in values {
            self.attribute(name, value);
        }
        self.end();
    }

    pub(crate) fn done(&mut self, ret: Option<&[u8]>) {
        self.begin(b"!done");
        if let Some(ret) = ret {
            self.attribute("ret", ret);
        }
        self.end();
    }

    pub(crate) fn empty(&mut self) {
        self.begin(b"!empty");
        self.end();
    }

    /// The trap alone; `!done` follows.
    pub(crate) fn trap(&mut self, trap: &Trap) {
        self.begin(b"!trap");
        if let Some(category) = trap.category {
            self.attribute("category", category.to_string().as_bytes());
        }
        self.attribute("message", trap.message.as_bytes());
        self.end();
    }

    /// Its text is a bare word; the connection closes after it.
    pub(crate) fn fatal(&mut self, text: &str) {
        self.begin(b"!fatal");
        write_word(text.as_bytes(), self.out);
        self.end();
    }
}
