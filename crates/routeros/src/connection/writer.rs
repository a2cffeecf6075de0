//! The half of the driver that writes.

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::board::{Board, Outgoing};
use crate::error::CloseReason;

/// How much is written at once if there is so much, in bytes.
const WRITING: usize = 64 << 10;

/// Writes what is queued until the connection ends, and tells why it did. What is queued together leaves together.
pub(crate) async fn write(
    board: &Board,
    line: &mut (impl AsyncWrite + Unpin),
    mut queue: mpsc::UnboundedReceiver<Outgoing>,
) -> CloseReason {
    let mut bytes = Vec::new();
    loop {
        let Some(first) = queue.recv().await else { return CloseReason::ByUs };
        let mut next = Some(first);
        while let Some(Outgoing { tag, sentence }) = next {
            if board.is_leaving(tag) {
                bytes.extend_from_slice(&sentence);
            }
            next = if bytes.len() < WRITING { queue.try_recv().ok() } else { None };
        }
        let written = async {
            line.write_all(&bytes).await?;
            line.flush().await
        };
        if let Err(error) = written.await {
            return CloseReason::of(&error);
        }
        bytes.clear();
        // one large file must not be held for the life of the connection
        bytes.shrink_to(WRITING);
    }
}
