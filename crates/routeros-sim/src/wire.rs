//! Words and sentences as bytes (help.mikrotik.com, API: "Protocol").

/// Writes the length prefix of a word.
pub fn write_length(length: usize, out: &mut Vec<u8>) {
    let bytes = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    match length {
        0..0x80 => out.push(bytes[3]),
        0x80..0x4000 => out.extend_from_slice(&[bytes[2] | 0x80, bytes[3]]),
        0x4000..0x20_0000 => out.extend_from_slice(&[bytes[1] | 0xC0, bytes[2], bytes[3]]),
        0x20_0000..0x1000_0000 => out.extend_from_slice(&[bytes[0] | 0xE0, bytes[1], bytes[2], bytes[3]]),
        _ => {
            out.push(0xF0);
            out.extend_from_slice(&bytes);
        }
    }
}

/// Writes a word.
pub fn write_word(word: &[u8], out: &mut Vec<u8>) {
    write_length(word.len(), out);
    out.extend_from_slice(word);
}

/// Why no sentence can be read any more: the connection is closed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A first byte from `0xF8` on is reserved.
    #[error("a reserved control byte stands where a length is expected")]
    ControlByte,
    /// Longer than this router takes.
    #[error("a word or sentence is too long")]
    TooLong,
}

/// Cuts incoming bytes into sentences, however they were split on the way.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Words of the sentence that is not complete yet.
    words: Vec<Vec<u8>>,
    /// Bytes in `words`.
    size: usize,
    at: usize,
}

impl Decoder {
    /// Takes in what was read from the line.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole sentence, if there is one; empty sentences are left out. `longest` bounds a sentence in bytes.
    pub fn next(&mut self, longest: usize) -> Result<Option<Vec<Vec<u8>>>, WireError> {
        while let Some((prefix, length)) = read_length(&self.buffer[self.at..])? {
            if self.size + length > longest || self.words.len() > longest / 4 {
                return Err(WireError::TooLong);
            }
            if length == 0 {
                self.at += prefix;
                self.size = 0;
                if self.words.is_empty() {
                    continue;
                }
                return Ok(Some(std::mem::take(&mut self.words)));
            }
            let Some(word) = self.buffer.get(self.at + prefix..self.at + prefix + length) else { break };
            self.words.push(word.to_vec());
            self.size += length;
            self.at += prefix + length;
        }
        Ok(None)
    }

    /// Nothing of a further sentence has come.
    pub fn is_between_sentences(&self) -> bool {
        self.words.is_empty() && self.at == self.buffer.len()
    }
}

/// The length of the prefix and of the word after it.
fn read_length(bytes: &[u8]) -> Result<Option<(usize, usize)>, WireError> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    let (more, mask) = match first {
        0x00..0x80 => (0, 0x7F),
        0x80..0xC0 => (1, 0x3F),
        0xC0..0xE0 => (2, 0x1F),
        0xE0..0xF0 => (3, 0x0F),
        0xF0..0xF8 => (4, 0x00),
        _ => return Err(WireError::ControlByte),
    };
    let Some(rest) = bytes.get(1..=more) else { return Ok(None) };
    let length = rest.iter().fold(usize::from(first & mask), |length, byte| length << 8 | usize::from(*byte));
    Ok(Some((more + 1, length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sentences_survive_any_split(
            sentences in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 1..400), 1..6), 1..6),
            sizes in prop::collection::vec(1_usize..97, 1..30),
        ) {
            let mut bytes = Vec::new();
            for sentence in &sentences {
                for word in sentence {
                    write_word(word, &mut bytes);
                }
                bytes.push(0);
            }
            let mut decoder = Decoder::default();
            let mut read = Vec::new();
            let mut rest = &bytes[..];
            for size in sizes.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at((*size).min(rest.len()));
                decoder.push(now);
                while let Some(sentence) = decoder.next(1 << 20).expect("what was written can be read") {
                    read.push(sentence);
                }
                rest = later;
            }
            prop_assert_eq!(read, sentences);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let mut decoder = Decoder::default();
            decoder.push(&bytes);
            while let Ok(Some(sentence)) = decoder.next(1 << 16) {
                prop_assert!(sentence.iter().all(|word| !word.is_empty()));
            }
        }

        #[test]
        fn every_length_is_read_back(length in prop_oneof![0_usize..0x500, 0x3F00_usize..0x4100, 0x1F_FF00_usize..0x20_0100, 0xFFF_FF00_usize..0x1000_0100]) {
            let mut bytes = Vec::new();
            write_length(length, &mut bytes);
            prop_assert_eq!(read_length(&bytes), Ok(Some((bytes.len(), length))));
        }
    }

    #[test]
    fn a_zero_in_a_length_ends_nothing() {
        let word = vec![b'x'; 256];
        let mut bytes = Vec::new();
        write_word(&word, &mut bytes);
        assert_eq!(&bytes[..2], [0x81, 0x00]);
        bytes.push(0);
        let mut decoder = Decoder::default();
        decoder.push(&bytes);
        assert_eq!(decoder.next(1000), Ok(Some(vec![word])));
    }

    #[test]
    fn reserved_bytes_and_giants_are_refused() {
        let mut decoder = Decoder::default();
        decoder.push(&[0xF8]);
        assert_eq!(decoder.next(1000), Err(WireError::ControlByte));
        let mut decoder = Decoder::default();
        decoder.push(&[0xF0, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert_eq!(decoder.next(1 << 20), Err(WireError::TooLong));
    }
}
