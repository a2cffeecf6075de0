//! Rows that came together.

use std::ops::Range;

use bytes::Bytes;

use crate::code_page::CodePage;
use crate::row::Row;
use crate::wire::Sentence;

/// Rows of one command out of one reading of the socket: they share its memory.
pub(crate) struct Batch {
    bytes: Bytes,
    ranges: std::vec::IntoIter<Range<usize>>,
    code_page: CodePage,
}

impl Batch {
    pub fn new(bytes: Bytes, ranges: Vec<Range<usize>>, code_page: CodePage) -> Self {
        Self { bytes, ranges: ranges.into_iter(), code_page }
    }
}

impl Iterator for Batch {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let range = self.ranges.next()?;
        Some(Row::new(Sentence::new(self.bytes.slice(range), self.code_page)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ranges.size_hint()
    }
}
