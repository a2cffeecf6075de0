//! Everything that reads bytes of a peer, in one function: what the fuzz target and the tests drive.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::{Bytes, BytesMut};
use chrono::NaiveDate;

use crate::code_page::CodePage;
use crate::neighbor::Neighbor;
use crate::release::Release;
use crate::row::Row;
use crate::trap::Trap;
use crate::value::{Counters, Duration, Id, Rates, date_time};
use crate::wire::{Framer, Sentence};

/// The largest word that is taken here, in bytes.
const LARGEST_WORD: usize = 1 << 16;

/// Reads the bytes as an answer of a router, as an announcement, and as a value of each kind. It must come back.
///
/// The answer is read once whole and once byte by byte: both must find the same sentences.
pub fn take(bytes: &[u8]) {
    let whole = sentences(bytes, bytes.len().max(1));
    assert_eq!(whole, sentences(bytes, 1), "how the bytes arrive makes no difference");
    for sentence in &whole {
        look_at(&Sentence::new(Bytes::copy_from_slice(sentence), CodePage::default()));
    }
    let from = SocketAddr::from((Ipv4Addr::LOCALHOST, crate::neighbor::PORT));
    if let Some(neighbor) = Neighbor::read(bytes, from, CodePage::default()) {
        let _ = (neighbor.release(), neighbor.address(), format!("{neighbor:?}"));
    }
    read_value(&CodePage::default().decode(bytes));
}

/// The sentences that are found when so many bytes arrive at a time.
fn sentences(bytes: &[u8], at_a_time: usize) -> Vec<Vec<u8>> {
    let mut framer = Framer::new(LARGEST_WORD);
    let mut buffer = BytesMut::new();
    let mut found = Vec::new();
    for piece in bytes.chunks(at_a_time) {
        buffer.extend_from_slice(piece);
        loop {
            match framer.next(&buffer) {
                Ok(Some(sentence)) => found.push(buffer[sentence.range].to_vec()),
                Ok(None) => break,
                Err(_) => return found,
            }
        }
        let _ = buffer.split_to(framer.found());
        framer.drained();
    }
    found
}

fn look_at(sentence: &Sentence) {
    let row = Row::new(sentence.clone());
    for (name, value) in row.properties() {
        let _ = (row.number(&name), row.duration(&name), row.ip(&name), row.boolean(&name), value.detached());
        read_value(&value.as_str());
    }
    let _ = (row.id(), row.is_dead(), row.get(""), format!("{row:?}"), sentence.message());
    let trap = Trap::read(sentence);
    let _ = (trap.refusal(), format!("{trap} {trap:?}"));
}

fn read_value(text: &str) {
    let _ = (text.parse::<Duration>().map(|duration| duration.to_string()), text.parse::<Id>());
    let _ = (text.parse::<Rates>().map(|rates| rates.to_string()), text.parse::<Counters>());
    let _ = (Release::parse(text), date_time(text, NaiveDate::default()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What routers and others say, to be damaged.
    const SEEDS: &[&[u8]] = &[
        b"\x03!re\x06.tag=1\x07=.id=*1\x08=name=a\xE9\x0b=uptime=1w2d\x00\x05!done\x06.tag=1\x00",
        b"\x05!trap\x06.tag=1\x0b=category=0\x15=message=no such item\x00\x05!done\x06.tag=1\x07=ret=*3\x00",
        b"\x06!fatal\x0dnot logged in\x00",
        b"\x06!empty\x06.tag=1\x00\x00\x05!done\x06.tag=1\x00",
        b"\x03!re\x81\x00\x00",
        b"\x03!re\xC0\x40\x00",
        b"\x03!re\xF0\xFF\xFF\xFF\xFF=",
        b"\x03!re\x80\x00\x80\x00",
        b"\0\0\0\x01\0\x01\0\x06\x08\x55\x31\0\0\x01\0\x05\0\x01a\0\x0a\0\x04\x01\0\0\0\0\x11\0\x04\x7f\0\0\x01",
        b"7.18.2 (stable)",
        b"may/01/2023 20:52:13",
        b"5M/10M",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ];

    #[test]
    fn the_corpus_of_the_fuzzer_is_taken() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/bytes");
        let mut taken = 0;
        for file in std::fs::read_dir(corpus).unwrap() {
            take(&std::fs::read(file.unwrap().path()).unwrap());
            taken += 1;
        }
        assert!(taken >= SEEDS.len());
        for seed in SEEDS {
            take(seed);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_bytes_make_anything_panic(bytes: Vec<u8>) {
            take(&bytes);
        }

        #[test]
        fn no_damaged_answer_makes_anything_panic(
            seeds in proptest::collection::vec(0..SEEDS.len(), 1..4),
            damage in proptest::collection::vec((0..200_usize, any::<u8>()), 0..6),
            cut in 0..200_usize,
        ) {
            let mut bytes: Vec<u8> = seeds.iter().flat_map(|seed| SEEDS[*seed]).copied().collect();
            for (at, byte) in damage {
                if let Some(here) = bytes.get_mut(at) {
                    *here = byte;
                }
            }
            bytes.truncate(bytes.len().saturating_sub(cut % 20));
            take(&bytes);
        }
    }
}
