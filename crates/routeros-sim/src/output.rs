//! What goes out on one connection: in order, late by the chosen latency, and never more than a bounded amount waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

/// Bytes that may wait for a slow reader.
const WAITING: usize = 1 << 20;
/// With a latency, replies on their way wait here as well.
const WAITING_LATE: usize = 16 << 20;

struct Piece {
    due: Option<Instant>,
    bytes: Vec<u8>,
    permits: u32,
    close: bool,
}

/// The sending half of a connection.
#[derive(Clone)]
pub(crate) struct Output {
    pieces: mpsc::UnboundedSender<Piece>,
    room: Arc<Semaphore>,
    latency: Duration,
    most: u32,
}

impl Output {
    /// The handle, and the task that writes until the line is closed or nobody holds the handle any more.
    pub(crate) fn new(
        latency: Duration,
        line: impl AsyncWrite + Unpin + Send + 'static,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let size = if latency.is_zero() { WAITING } else { WAITING_LATE };
        let room = Arc::new(Semaphore::new(size));
        let (pieces, receiver) = mpsc::unbounded_channel();
        let most = u32::try_from(size).unwrap_or(u32::MAX);
        (Self { pieces, room: Arc::clone(&room), latency, most }, write_all(receiver, room, line))
    }

    /// Sends bytes after the latency; waits while too much is unread.
    pub(crate) async fn send(&self, bytes: Vec<u8>) {
        self.send_later(bytes, Duration::ZERO).await;
    }

    /// As [`Self::send`], this much later still.
    pub(crate) async fn send_later(&self, bytes: Vec<u8>, more: Duration) {
        let delay = self.latency + more;
        let due = (!delay.is_zero()).then(|| Instant::now() + delay);
        let permits = u32::try_from(bytes.len()).unwrap_or(u32::MAX).min(self.most);
        if let Ok(permit) = self.room.acquire_many(permits).await {
            permit.forget();
            // the writer is gone when the line is: then nobody reads
            let _ = self.pieces.send(Piece { due, bytes, permits, close: false });
        }
    }

    /// Sends these last bytes and closes.
    pub(crate) fn finish(&self, bytes: Vec<u8>) {
        let due = (!self.latency.is_zero()).then(|| Instant::now() + self.latency);
        let _ = self.pieces.send(Piece { due, bytes, permits: 0, close: true });
    }
}

/// Pieces that are due go out together, up to this size.
const AT_ONCE: usize = 256 << 10;

async fn write_all(
    mut pieces: mpsc::UnboundedReceiver<Piece>,
    room: Arc<Semaphore>,
    mut line: impl AsyncWrite + Unpin,
) {
    let mut held: Option<Piece> = None;
    while let Some(first) = next(&mut held, &mut pieces).await {
        if let Some(due) = first.due {
            tokio::time::sleep_until(due).await;
        }
        let (mut bytes, mut permits, mut close) = (first.bytes, first.permits as usize, first.close);
        while !close && bytes.len() < AT_ONCE {
            let Ok(next) = pieces.try_recv() else { break };
            if next.due.is_some_and(|due| due > Instant::now()) {
                held = Some(next);
                break;
            }
            bytes.extend_from_slice(&next.bytes);
            permits += next.permits as usize;
            close = next.close;
        }
        let written = line.write_all(&bytes).await;
        room.add_permits(permits);
        if written.is_err() || close {
            break;
        }
    }
    room.close();
    let _ = line.shutdown().await;
}

async fn next(held: &mut Option<Piece>, pieces: &mut mpsc::UnboundedReceiver<Piece>) -> Option<Piece> {
    match held.take() {
        Some(piece) => Some(piece),
        None => pieces.recv().await,
    }
}
