//! Who waits for which answer on one connection.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::Instant;

use super::batch::Batch;
use super::waiting::{Sink, Stage, Waiting, is_progress};
use crate::command::Command;
use crate::error::{CloseReason, CommandError};
use crate::options::Options;
use crate::trap::Trap;
use crate::wire::{Kind, Sentence};

/// More traps than this are not kept of one command.
const MOST_TRAPS: usize = 64;
/// Batches that a stream may hold unread; each is at most what one reading of the socket gave.
pub(crate) const BATCHES: usize = 32;

/// A sentence on its way to the writer.
pub(crate) struct Outgoing {
    pub tag: u32,
    pub sentence: Vec<u8>,
}

struct State {
    closed: Option<CloseReason>,
    next_tag: u32,
    waiting: HashMap<u32, Waiting>,
}

/// What the handles of a connection and its driver share.
pub(crate) struct Board {
    state: Mutex<State>,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    pub options: Options,
    pub permits: Arc<Semaphore>,
    /// A command came onto the line: a reading that waits for a slow stream looks again whether others wait for it.
    pub joined: Notify,
    /// A command was abandoned: the keeper has a new date.
    pub abandoned: Notify,
    /// The last handle is gone, or somebody called `close`.
    pub stop: Notify,
    pub closed: watch::Sender<Option<CloseReason>>,
    started: Instant,
    /// Nanoseconds after `started` when the last byte came.
    heard: AtomicU64,
    /// Nothing is read because a stream is not: silence proves nothing then.
    pub stalled: AtomicBool,
}

impl Board {
    pub fn new(options: Options) -> (Arc<Self>, mpsc::UnboundedReceiver<Outgoing>) {
        let (outgoing, queue) = mpsc::unbounded_channel();
        let board = Self {
            state: Mutex::new(State { closed: None, next_tag: 1, waiting: HashMap::new() }),
            outgoing,
            permits: Arc::new(Semaphore::new(options.in_flight.clamp(1, Semaphore::MAX_PERMITS))),
            options,
            joined: Notify::new(),
            abandoned: Notify::new(),
            stop: Notify::new(),
            closed: watch::Sender::new(None),
            started: Instant::now(),
            heard: AtomicU64::new(0),
            stalled: AtomicBool::new(false),
        };
        (Arc::new(board), queue)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // nothing that holds the lock calls code of others
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a command on the line. Its tag.
    pub fn enter(
        &self,
        command: &Command,
        sink: Option<Sink>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<u32, CommandError> {
        let path = command.path().to_owned();
        let mut state = self.state();
        if let Some(reason) = state.closed.clone() {
            return Err(CommandError::NotSent { command: path, reason });
        }
        let tag = state.free_tag();
        state.waiting.insert(tag, Waiting::new(path, Stage::Queued, sink, permit));
        // under the lock, so that commands are sent in the order of their tags
        let _ = self.outgoing.send(Outgoing { tag, sentence: command.sentence(Some(tag)) });
        drop(state);
        self.joined.notify_one();
        Ok(tag)
    }

    /// Told by the writer just before the bytes go out. False: the command was withdrawn meanwhile.
    pub fn is_leaving(&self, tag: u32) -> bool {
        match self.state().waiting.get_mut(&tag) {
            Some(waiting) => {
                if waiting.stage == Stage::Queued {
                    waiting.stage = Stage::Sent;
                }
                true
            }
            None => false,
        }
    }

    /// Nobody wants the answer any more. A command that was not sent is withdrawn, one that was is cancelled on the
    /// router, and its place in flight is free when the router has ended it. True if it was sent.
    pub fn abandon(&self, tag: u32) -> bool {
        let mut state = self.state();
        let Some(waiting) = state.waiting.get_mut(&tag) else { return true };
        match waiting.stage {
            Stage::Queued => {
                state.waiting.remove(&tag);
                false
            }
            Stage::Cancelled { .. } => {
                waiting.sink = None;
                true
            }
            Stage::Sent => {
                waiting.sink = None;
                state.cancel(tag, &self.outgoing);
                drop(state);
                self.abandoned.notify_one();
                true
            }
        }
    }

    /// Tells the router to cancel; whoever waits is told when it has. False: there is nothing to cancel.
    pub fn cancel(&self, tag: u32) -> bool {
        let mut state = self.state();
        let sent = state.waiting.get(&tag).is_some_and(|waiting| waiting.stage == Stage::Sent);
        if sent {
            state.cancel(tag, &self.outgoing);
            self.abandoned.notify_one();
        }
        sent
    }

    /// Ends a command for whoever waits, with this error, and cancels it on the router.
    fn fail(&self, tag: u32, error: impl FnOnce(String) -> CommandError) {
        let sink = self
            .state()
            .waiting
            .get_mut(&tag)
            .and_then(|waiting| waiting.sink.take().map(|sink| (sink, waiting.path.clone())));
        if let Some((sink, path)) = sink {
            let _ = sink.end.send(Err(error(path)));
        }
        self.abandon(tag);
    }

    /// Hands rows over. While the stream's reader has no room, nothing else is read from the router: that is its only
    /// brake. As soon as somebody else waits for the line, the reader has [`Options::patience`] left, and at most half of
    /// what that somebody has: the other half is for what stands before the answer, and for the answer.
    pub async fn deliver(&self, tag: u32, batch: Batch) {
        let rows = {
            let mut state = self.state();
            let Some(waiting) = state.waiting.get_mut(&tag) else { return };
            waiting.renew();
            match &waiting.sink {
                Some(Sink { rows: Some(rows), .. }) => rows.clone(),
                Some(Sink { rows: None, .. }) => {
                    waiting.unexpected_rows |= !batch.into_iter().all(|row| is_progress(&row));
                    return;
                }
                None => return,
            }
        };
        let batch = match rows.try_send(batch) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => return,
            Err(mpsc::error::TrySendError::Full(batch)) => batch,
        };
        self.stalled.store(true, Ordering::Relaxed);
        let began = Instant::now();
        let mut until: Option<Instant> = None;
        loop {
            if let Some(patience) = self.patience_of_others(tag) {
                let at = Instant::now() + patience;
                until = Some(until.map_or(at, |until| until.min(at)));
            }
            tokio::select! {
                room = rows.reserve() => {
                    if let Ok(room) = room {
                        room.send(batch);
                    }
                    break;
                }
                () = self.joined.notified() => {}
                () = tokio::time::sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                    self.fail(tag, |command| CommandError::SlowReader { command, after: began.elapsed() });
                    break;
                }
            }
        }
        self.heard();
        self.stalled.store(false, Ordering::Relaxed);
    }

    /// How long the others can do without the line; None: nobody needs it. Who listens has all the time there is.
    fn patience_of_others(&self, tag: u32) -> Option<Duration> {
        let state = self.state();
        let others = state.waiting.iter().filter(|(other, _)| **other != tag);
        let soonest = others.filter_map(|(_, waiting)| waiting.runs_out()).min()?;
        Some(self.options.patience.min(soonest.saturating_duration_since(Instant::now()) / 2))
    }

    /// The longest time that the router may take for a command that it works on.
    pub fn longest_in_flight(&self) -> Duration {
        self.state().waiting.values().filter_map(|waiting| waiting.longest).max().unwrap_or_default()
    }

    /// Takes any sentence but a row. A reason if the connection is at its end.
    pub fn settle(&self, kind: Kind, tag: Option<u32>, sentence: &Sentence) -> Option<CloseReason> {
        if kind == Kind::Fatal {
            let text = sentence.message().or_else(|| sentence.get("message")).unwrap_or_default();
            return Some(CloseReason::Fatal(text.detached()));
        }
        let mut state = self.state();
        let Some(tag) = tag else {
            // every command of ours has a tag: a refusal without one is of the whole line, such as `not logged in`
            let of_all = kind == Kind::Trap && !sentence.has_tag() && !state.waiting.is_empty();
            return of_all.then(|| CloseReason::Fatal(Trap::read(sentence).message));
        };
        match kind {
            Kind::Trap => {
                if let Some(waiting) = state.waiting.get_mut(&tag)
                    && waiting.traps.len() < MOST_TRAPS
                {
                    waiting.traps.push(Trap::read(sentence));
                }
            }
            Kind::Done => {
                let waiting = state.waiting.remove(&tag);
                drop(state);
                if let Some(waiting) = waiting {
                    waiting.end(sentence.get("ret").map(|ret| ret.detached()));
                }
            }
            Kind::Row | Kind::Empty | Kind::Other | Kind::Fatal => {}
        }
        None
    }

    /// When the router must have ended the next command that was cancelled.
    pub fn next_overdue(&self) -> Option<Instant> {
        let state = self.state();
        let cancelled = state.waiting.values().filter_map(|waiting| match waiting.stage {
            Stage::Cancelled { at } => Some(at + self.options.command),
            _ => None,
        });
        cancelled.min()
    }

    /// Frees the places of commands that the router never ended though it was told to cancel them. What it still says of
    /// them belongs to nobody.
    pub fn forget_overdue(&self) {
        let overdue = |waiting: &Waiting| matches!(waiting.stage, Stage::Cancelled { at } if at + self.options.command <= Instant::now());
        let mut gone = Vec::new();
        let mut state = self.state();
        let tags: Vec<u32> =
            state.waiting.iter().filter(|(_, waiting)| overdue(waiting)).map(|(tag, _)| *tag).collect();
        for tag in tags {
            gone.extend(state.waiting.remove(&tag));
        }
        drop(state);
        for waiting in gone {
            let Waiting { path: command, sink, .. } = waiting;
            if let Some(sink) = sink {
                let _ = sink.end.send(Err(CommandError::Cancelled { command }));
            }
        }
    }

    /// The connection is over: everybody who waits is told what that means for them.
    pub fn close(&self, reason: &CloseReason) {
        let waiting = {
            let mut state = self.state();
            state.closed = Some(reason.clone());
            std::mem::take(&mut state.waiting)
        };
        self.permits.close();
        for Waiting { path: command, stage, sink, .. } in waiting.into_values() {
            let Some(sink) = sink else { continue };
            let error = match (stage, reason) {
                (Stage::Queued, _) => CommandError::NotSent { command, reason: reason.clone() },
                (_, CloseReason::Fatal(text)) => CommandError::Fatal { command, text: text.clone() },
                _ => CommandError::Unknown { command, reason: reason.clone() },
            };
            let _ = sink.end.send(Err(error));
        }
        self.closed.send_replace(Some(reason.clone()));
    }

    /// The error of a command whose answer can no longer come.
    pub fn lost(&self, path: &str) -> CommandError {
        let reason = self.close_reason().unwrap_or(CloseReason::ByUs);
        CommandError::Unknown { command: path.to_owned(), reason }
    }

    /// Why the connection ended, if it has.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.state().closed.clone()
    }

    /// A byte came.
    pub fn heard(&self) {
        let nanoseconds = self.started.elapsed().as_nanos();
        self.heard.store(u64::try_from(nanoseconds).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// When the last byte came.
    pub fn last_heard(&self) -> Instant {
        self.started + Duration::from_nanos(self.heard.load(Ordering::Relaxed))
    }
}

impl State {
    fn free_tag(&mut self) -> u32 {
        loop {
            let tag = self.next_tag;
            self.next_tag = self.next_tag.checked_add(1).unwrap_or(1);
            if !self.waiting.contains_key(&tag) {
                return tag;
            }
        }
    }

    fn cancel(&mut self, victim: u32, outgoing: &mpsc::UnboundedSender<Outgoing>) {
        let command = Command::new("/cancel").arg("tag", victim);
        let tag = self.free_tag();
        let stage = Stage::Cancelled { at: Instant::now() };
        let cancelling = Waiting::new(command.path().to_owned(), stage, None, None);
        self.waiting.insert(tag, cancelling);
        if let Some(waiting) = self.waiting.get_mut(&victim) {
            waiting.stage = Stage::Cancelled { at: Instant::now() };
        }
        let _ = outgoing.send(Outgoing { tag, sentence: command.sentence(Some(tag)) });
    }
}
