//! Words on their way to the router.

use mikrotik_rs::proto::codec;

/// Appends a word made of these parts. There is at least one byte in it: an empty word would end the sentence.
pub(crate) fn word(parts: &[&[u8]], sentence: &mut Vec<u8>) {
    let word = parts.concat();
    debug_assert!(!word.is_empty(), "an empty word ends a sentence");
    codec::encode_word(&word, sentence);
}

/// Ends the sentence.
pub(crate) fn end(sentence: &mut Vec<u8>) {
    codec::encode_terminator(sentence);
}
