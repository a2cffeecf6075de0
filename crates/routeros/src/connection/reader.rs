//! The half of the driver that reads.

use std::collections::HashMap;
use std::ops::Range;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::batch::Batch;
use super::board::Board;
use crate::error::CloseReason;
use crate::wire::{Broken, Found, Framer, Kind, Sentence};

/// How much is read at once, in bytes. A row that is kept keeps so much in memory.
const READING: usize = 64 << 10;

/// What one reading of the socket gave, in an order that is right for each tag.
enum Event {
    Rows { tag: u32, ranges: Vec<Range<usize>> },
    Other(Found),
}

/// Reads until the connection ends, and tells why it did.
pub(crate) async fn read(
    board: &Board,
    mut line: impl AsyncRead + Unpin,
    mut buffer: BytesMut,
    mut framer: Framer,
) -> CloseReason {
    loop {
        let (events, broken) = gather(&mut framer, &buffer);
        let chunk = buffer.split_to(framer.found()).freeze();
        framer.drained();
        let code_page = board.options.code_page;
        for event in events {
            match event {
                Event::Rows { tag, ranges } => board.deliver(tag, Batch::new(chunk.clone(), ranges, code_page)).await,
                Event::Other(Found { kind, tag, range }) => {
                    let sentence = Sentence::new(chunk.slice(range), code_page);
                    if let Some(reason) = board.settle(kind, tag, &sentence) {
                        return reason;
                    }
                }
            }
        }
        match broken {
            Some(Broken::TooLarge(limit)) => return CloseReason::TooLarge(limit),
            Some(Broken::ControlByte(_) | Broken::NotAReply(_)) => return CloseReason::Garbage,
            None => {}
        }
        if buffer.capacity() - buffer.len() < READING / 4 {
            buffer.reserve(READING);
        }
        match line.read_buf(&mut buffer).await {
            Ok(0) => return CloseReason::ByRouter,
            Ok(_) => board.heard(),
            Err(error) => return CloseReason::of(&error),
        }
    }
}

/// All whole sentences of the buffer. Rows of one tag are put together where the first of them stands: before whatever else
/// comes for it, and so before its end.
fn gather(framer: &mut Framer, buffer: &[u8]) -> (Vec<Event>, Option<Broken>) {
    let mut events: Vec<Event> = Vec::new();
    // where the rows of a tag are in `events`; the last one aside, since nearly always it is that again
    let mut last: Option<(u32, usize)> = None;
    let mut open: HashMap<u32, usize> = HashMap::new();
    loop {
        let found = match framer.next(buffer) {
            Ok(Some(found)) => found,
            Ok(None) => return (events, None),
            Err(broken) => return (events, Some(broken)),
        };
        let (Kind::Row, Some(tag)) = (found.kind, found.tag) else {
            events.push(Event::Other(found));
            continue;
        };
        let at = match last {
            Some((last, at)) if last == tag => at,
            _ => *open.entry(tag).or_insert_with(|| {
                events.push(Event::Rows { tag, ranges: Vec::new() });
                events.len() - 1
            }),
        };
        last = Some((tag, at));
        if let Some(Event::Rows { ranges, .. }) = events.get_mut(at) {
            ranges.push(found.range);
        }
    }
}
