//! A command on the line, and whoever waits for its answer.

use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Instant;

use super::batch::Batch;
use crate::error::CommandError;
use crate::row::Row;
use crate::text::Text;
use crate::trap::{Refusal, Trap};

/// The end of a command that went well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// What the router returned: the new `.id` of an `add`, the number of a `count-only`, a text that was read.
    pub ret: Option<Text>,
}

impl Done {
    /// The id of what was added.
    pub fn id(&self) -> Option<crate::value::Id> {
        self.ret.as_ref()?.as_str().parse().ok()
    }
}

/// Where the answer goes.
pub(crate) struct Sink {
    /// None: rows are a mistake of the caller.
    pub rows: Option<mpsc::Sender<Batch>>,
    /// How long whoever waits will do so; None: as long as it takes.
    pub patience: Option<Patience>,
    pub end: oneshot::Sender<Result<Done, CommandError>>,
}

/// How long somebody waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Patience {
    /// For all of it.
    Whole(Duration),
    /// For the next rows.
    Each(Duration),
}

impl Patience {
    fn length(self) -> Duration {
        let (Self::Whole(length) | Self::Each(length)) = self;
        length
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stage {
    Queued,
    Sent,
    Cancelled { at: Instant },
}

/// A command on the line.
pub(super) struct Waiting {
    pub path: String,
    pub stage: Stage,
    /// None: nobody wants it any more, or it was never anybody's (`/cancel`, keep-alive).
    pub sink: Option<Sink>,
    pub traps: Vec<Trap>,
    pub unexpected_rows: bool,
    /// How long its answer may take the router; None: for ever, or it is nothing to wait for.
    pub longest: Option<Duration>,
    /// When whoever waits gives up.
    pub until: Option<Instant>,
    pub permit: Option<OwnedSemaphorePermit>,
}

impl Waiting {
    pub fn new(path: String, stage: Stage, sink: Option<Sink>, permit: Option<OwnedSemaphorePermit>) -> Self {
        let longest = sink.as_ref().and_then(|sink| sink.patience).map(Patience::length);
        let until = longest.map(|longest| Instant::now() + longest);
        Self { path, stage, sink, traps: Vec::new(), unexpected_rows: false, longest, until, permit }
    }

    /// Rows came: who waits for each of them waits anew.
    pub fn renew(&mut self) {
        if let Some(Sink { patience: Some(Patience::Each(patience)), .. }) = self.sink {
            self.until = Some(Instant::now() + patience);
        }
    }

    /// When somebody gives up waiting for it, if somebody waits and does not do so for ever.
    pub fn runs_out(&self) -> Option<Instant> {
        self.sink.as_ref().and(self.until)
    }

    /// Tells whoever waits how it ended.
    pub fn end(self, ret: Option<Text>) {
        let Self { path: command, stage, sink, traps, unexpected_rows, permit, .. } = self;
        drop(permit);
        let Some(sink) = sink else { return };
        let interrupted = traps.iter().any(|trap| trap.refusal() == Refusal::Interrupted);
        let result = if matches!(stage, Stage::Cancelled { .. }) && interrupted {
            Err(CommandError::Cancelled { command })
        } else if !traps.is_empty() {
            Err(CommandError::Trap { command, traps })
        } else if unexpected_rows {
            Err(CommandError::UnexpectedRows { command })
        } else {
            Ok(Done { ret })
        };
        let _ = sink.end.send(result);
    }
}

/// Whether a row tells how far a command has come, and is none of its answer: such rows have a `.section`, or say how
/// things stand and are no item.
pub(super) fn is_progress(row: &Row) -> bool {
    let has = |name: &str| row.text(name).is_some();
    has(".section") || ["progress", "status", "update"].into_iter().any(has) && !has(".id")
}
