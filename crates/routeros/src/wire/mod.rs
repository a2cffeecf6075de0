//! Bytes and words.
//!
//! Lengths are read and words are written with the codec of `mikrotik-rs` (`proto::codec`). Sentences are put together
//! here, not by its `decode_sentence` and `CommandResponse`, for five reasons seen in 0.10.0: those take a `!done` with
//! `=ret=` for an error when the attribute stands before the tag and lose it otherwise; they lose a whole sentence over
//! one text that is not UTF-8 or a trap's category above 7; they know no largest word; they read a half sentence from
//! its start again with every packet; and they make two maps for every row.

mod framer;
mod outgoing;
mod sentence;

pub(crate) use framer::{Broken, Found, Framer, Kind};
pub(crate) use outgoing::{end, word};
pub(crate) use sentence::Sentence;
