//! Rows as they come.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Sleep, sleep};

use super::batch::Batch;
use super::board::Board;
use super::waiting::Done;
use super::{Connection, Ended};
use crate::error::CommandError;
use crate::row::Row;

/// A command's place on the line. Dropped before its end, the command is cancelled.
pub(super) struct Ticket {
    pub board: Arc<Board>,
    pub tag: u32,
    pub live: bool,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.live {
            self.board.abandon(self.tag);
        }
    }
}

/// A command that gives rows and is on the line.
pub(super) struct Running {
    pub ticket: Ticket,
    pub rows: mpsc::Receiver<Batch>,
    pub end: oneshot::Receiver<Ended>,
}

pub(super) type Starting = Pin<Box<dyn Future<Output = Result<Running, CommandError>> + Send>>;

pub(super) enum Stage {
    /// Waits for its turn.
    Starting(Starting),
    Running(Running),
    Ended,
}

/// The rows of a command. It ends with `None` only if the router said that it was done; everything else is an error, after
/// which it ends. Dropped before, the command is cancelled on the router.
///
/// At most 32 readings of the socket (64 KiB each) are held for a reader that is slow. Beyond them nothing is read from the
/// router, which slows it down, until somebody else waits for the same connection: then the reader has
/// [`Options::patience`](crate::Options::patience) left, or half of the others' deadline if that is less, and is cancelled
/// after it. Who only listens is not waited for. So whoever sends commands between the
/// rows of a long list takes a second connection for them, or takes all rows first.
pub struct Rows {
    pub(super) stage: Stage,
    pub(super) path: String,
    /// The longest silence; None for a `listen`.
    pub(super) deadline: Option<Duration>,
    pub(super) silence: Option<Pin<Box<Sleep>>>,
    pub(super) batch: Option<Batch>,
    pub(super) done: Option<Done>,
    /// The connection lives as long as its streams.
    pub(super) connection: Connection,
}

impl Rows {
    /// The next row.
    pub async fn next(&mut self) -> Option<Result<Row, CommandError>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// What the router returned at the end, once the stream has ended well.
    pub fn done(&self) -> Option<&Done> {
        self.done.as_ref()
    }

    /// The connection that the rows come over.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Cancels the command and waits until the router has ended it: nothing of it goes on behind. Rows that were on their
    /// way are dropped.
    pub async fn cancel(mut self) -> Result<(), CommandError> {
        // one that has not been sent, or that has ended, needs no more than to be dropped
        let Stage::Running(running) = &self.stage else { return Ok(()) };
        if !running.ticket.board.cancel(running.ticket.tag) {
            return Ok(());
        }
        self.deadline.get_or_insert(self.connection.options().command);
        loop {
            match self.next().await {
                Some(Ok(_)) => {}
                None | Some(Err(CommandError::Cancelled { .. })) => return Ok(()),
                Some(Err(error)) => return Err(error),
            }
        }
    }

    fn fail(&mut self, error: CommandError) -> Poll<Option<Result<Row, CommandError>>> {
        self.stage = Stage::Ended;
        Poll::Ready(Some(Err(error)))
    }

    /// Whether the router has been silent for too long.
    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<Duration> {
        let Some(deadline) = self.deadline else { return Poll::Pending };
        let silence = self.silence.get_or_insert_with(|| Box::pin(sleep(deadline)));
        ready!(silence.as_mut().poll(context));
        Poll::Ready(deadline)
    }
}

impl Stream for Rows {
    type Item = Result<Row, CommandError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(row) = this.batch.as_mut().and_then(Iterator::next) {
                return Poll::Ready(Some(Ok(row)));
            }
            let running = match &mut this.stage {
                Stage::Starting(starting) => match ready!(starting.as_mut().poll(context)) {
                    Ok(running) => {
                        this.stage = Stage::Running(running);
                        continue;
                    }
                    Err(error) => return this.fail(error),
                },
                Stage::Running(running) => running,
                Stage::Ended => return Poll::Ready(None),
            };
            let ended = match running.rows.poll_recv(context) {
                Poll::Ready(Some(batch)) => {
                    this.batch = Some(batch);
                    this.silence = None;
                    continue;
                }
                // all rows are out: how did it end?
                Poll::Ready(None) => Pin::new(&mut running.end).poll(context),
                Poll::Pending => Poll::Pending,
            };
            if let Poll::Ready(ended) = ended {
                running.ticket.live = false;
                let lost = || running.ticket.board.lost(&this.path);
                match ended.unwrap_or_else(|_| Err(lost())) {
                    Ok(done) => {
                        this.done = Some(done);
                        this.stage = Stage::Ended;
                        return Poll::Ready(None);
                    }
                    Err(error) => return this.fail(error),
                }
            }
            let after = ready!(this.poll_silence(context));
            let Stage::Running(running) = &mut this.stage else { return Poll::Ready(None) };
            running.ticket.live = false;
            let sent = running.ticket.board.abandon(running.ticket.tag);
            let command = this.path.clone();
            return this.fail(CommandError::Deadline { command, after, sent });
        }
    }
}
