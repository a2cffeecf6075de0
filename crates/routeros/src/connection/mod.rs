//! One connection to one router.

mod batch;
mod board;
mod keeper;
mod reader;
mod rows;
mod waiting;
mod writer;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::timeout;

pub use rows::Rows;
pub use waiting::Done;

use crate::address::{Address, Fingerprint};
use crate::command::Command;
use crate::error::{CloseReason, CommandError};
use crate::menus;
use crate::options::Options;
use crate::release::{Knowledge, Release};
use crate::row::Row;
use crate::wire::Framer;
use board::Board;
use rows::{Running, Stage, Ticket};
use waiting::{Patience, Sink};

type Ended = Result<Done, CommandError>;

/// How long a closing line may take to say good-bye.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// A router that is logged in to. Cloning it gives another handle of the same connection; with the last one it closes.
///
/// Commands run side by side, each with a tag of its own. A future or stream that is dropped cancels its command on the
/// router. A command without its `!done` has failed or is unknown, never short.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    board: Arc<Board>,
    address: Address,
    fingerprint: Option<Fingerprint>,
    challenge_log_in: bool,
    release: OnceLock<Option<Release>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.board.stop.notify_one();
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection({})", self.0.address)
    }
}

/// A line that somebody has logged in on.
pub(crate) struct LoggedIn<Line> {
    pub line: Line,
    /// What has been read beyond the log-in.
    pub buffer: BytesMut,
    pub framer: Framer,
    pub address: Address,
    pub fingerprint: Option<Fingerprint>,
    pub challenge_log_in: bool,
}

impl Connection {
    /// Takes the line over.
    pub(crate) fn drive<Line>(logged_in: LoggedIn<Line>, options: Options) -> Self
    where
        Line: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let LoggedIn { line, buffer, framer, address, fingerprint, challenge_log_in } = logged_in;
        let (board, queue) = Board::new(options);
        let (read_half, mut write_half) = tokio::io::split(line);
        let driven = Arc::clone(&board);
        tokio::spawn(async move {
            let reason = tokio::select! {
                biased;
                () = driven.stop.notified() => CloseReason::ByUs,
                reason = reader::read(&driven, read_half, buffer, framer) => reason,
                reason = writer::write(&driven, &mut write_half, queue) => reason,
                reason = keeper::keep(&driven) => reason,
            };
            driven.close(&reason);
            let _ = timeout(GOOD_BYE, write_half.shutdown()).await;
        });
        let release = OnceLock::new();
        Self(Arc::new(Inner { board, address, fingerprint, challenge_log_in, release }))
    }

    /// Keeps the release that the router told, or that it told none.
    pub(crate) fn learn_release(&self, release: Option<Release>) {
        let _ = self.0.release.set(release);
    }

    /// Where the router is.
    pub fn address(&self) -> &Address {
        &self.0.address
    }

    /// The certificate that the router showed; None over a plain line.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.0.fingerprint
    }

    /// Whether the router was logged in to as those before 6.43 are, by an MD5 challenge.
    pub fn challenge_log_in(&self) -> bool {
        self.0.challenge_log_in
    }

    /// The router's release; None if its user may not read it.
    pub fn release(&self) -> Option<Release> {
        self.0.release.get().copied().flatten()
    }

    /// How much is known about the router's release.
    pub fn knowledge(&self) -> Knowledge {
        self.release().map_or(Knowledge::Unreadable, Release::knowledge)
    }

    /// The deadlines and limits of this connection.
    pub fn options(&self) -> &Options {
        &self.0.board.options
    }

    /// Sends a command that gives no rows, and waits for its end. Rows that tell how far it has come, as `/certificate/sign`
    /// gives them, are passed over: whoever wants those asks with [`Connection::rows`] or [`Connection::stream`].
    pub async fn call(&self, command: Command) -> Result<Done, CommandError> {
        self.check(&command)?;
        let after = self.deadline(&command);
        let permit = self.turn(&command).await?;
        let (end, mut ended) = oneshot::channel();
        let mut ticket =
            self.enter(&command, Sink { rows: None, patience: Some(Patience::Whole(after)), end }, Some(permit))?;
        let result = timeout(after, &mut ended).await;
        ticket.live = false;
        if let Ok(result) = result {
            return result.unwrap_or_else(|_| Err(self.0.board.lost(command.path())));
        }
        let sent = self.0.board.abandon(ticket.tag);
        // it may have come at the last moment
        let late = ended.try_recv();
        late.unwrap_or_else(|_| Err(CommandError::Deadline { command: command.path().to_owned(), after, sent }))
    }

    /// All rows of a command whose list is short: see [`Options::short_list`]. The deadline is for all of them together.
    pub async fn rows(&self, command: Command) -> Result<Vec<Row>, CommandError> {
        let (limit, after) = (self.options().short_list, self.deadline(&command));
        let path = command.path().to_owned();
        self.check(&command)?;
        let permit = self.turn(&command).await?;
        let running = self.run(&command, Some(permit), Some(Patience::Whole(after)))?;
        let mut stream = self.stream_of(Stage::Running(running), path.clone(), None);
        let mut rows = Vec::new();
        let collected = async {
            while let Some(row) = stream.next().await {
                if rows.len() == limit {
                    return Err(CommandError::TooLarge { command: path.clone(), limit, unit: "rows" });
                }
                rows.push(row?);
            }
            Ok(())
        };
        if let Ok(result) = timeout(after, collected).await {
            return result.map(|()| rows);
        }
        let sent = match &stream.stage {
            Stage::Running(running) => self.0.board.abandon(running.ticket.tag),
            _ => true,
        };
        Err(CommandError::Deadline { command: path, after, sent })
    }

    /// The rows of a command as they come, however many. It is sent at once if there is room in flight, else when the
    /// stream is first asked.
    pub fn stream(&self, command: Command) -> Rows {
        let deadline = self.deadline(&command);
        let patience = Some(Patience::Each(deadline));
        let path = command.path().to_owned();
        let started = self.check(&command).and_then(|()| {
            let permit = Arc::clone(&self.0.board.permits).try_acquire_owned();
            permit.ok().map(|permit| self.run(&command, Some(permit), patience)).transpose()
        });
        let stage = match started {
            Ok(Some(running)) => Stage::Running(running),
            Ok(None) => {
                let connection = self.clone();
                Stage::Starting(Box::pin(async move {
                    let permit = connection.turn(&command).await?;
                    connection.run(&command, Some(permit), patience)
                }))
            }
            Err(error) => failed(error),
        };
        self.stream_of(stage, path, Some(deadline))
    }

    /// The rows of a command that ends only when it is cancelled, such as `/log/listen`: no deadline, since the line is
    /// watched by itself, and no place in flight, since the router does not work on it.
    #[expect(clippy::needless_pass_by_value, reason = "as `call`, `rows` and `stream` take it")]
    pub fn listen(&self, command: Command) -> Rows {
        let started = self.check(&command).and_then(|()| self.run(&command, None, None));
        let stage = started.map_or_else(failed, Stage::Running);
        self.stream_of(stage, command.path().to_owned(), None)
    }

    /// Ends the connection, also for the other handles. Commands in flight have an unknown outcome.
    pub async fn close(&self) {
        self.0.board.stop.notify_one();
        self.closed().await;
    }

    /// Waits until the connection has ended, and tells why.
    pub async fn closed(&self) -> CloseReason {
        let mut closed = self.0.board.closed.subscribe();
        match closed.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or(CloseReason::ByUs),
            Err(_) => CloseReason::ByUs,
        }
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.0.board.close_reason().is_some()
    }

    /// What keeps a command from being sent to this router at all.
    fn check(&self, command: &Command) -> Result<(), CommandError> {
        let limit = self.options().largest_word;
        if command.longest_word() > limit {
            return Err(CommandError::TooLarge { command: command.path().to_owned(), limit, unit: "bytes" });
        }
        menus::check(command, self.release()).map_err(|missing| CommandError::NotInRelease(Box::new(missing)))
    }

    fn deadline(&self, command: &Command) -> Duration {
        command.own_deadline().unwrap_or(self.options().command)
    }

    /// Waits for a place in flight.
    async fn turn(&self, command: &Command) -> Result<OwnedSemaphorePermit, CommandError> {
        Arc::clone(&self.0.board.permits).acquire_owned().await.map_err(|_| CommandError::NotSent {
            command: command.path().to_owned(),
            reason: self.0.board.close_reason().unwrap_or(CloseReason::ByUs),
        })
    }

    fn enter(
        &self,
        command: &Command,
        sink: Sink,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Ticket, CommandError> {
        let board = Arc::clone(&self.0.board);
        let tag = board.enter(command, Some(sink), permit)?;
        Ok(Ticket { board, tag, live: true })
    }

    fn run(
        &self,
        command: &Command,
        permit: Option<OwnedSemaphorePermit>,
        patience: Option<Patience>,
    ) -> Result<Running, CommandError> {
        let (sender, rows) = mpsc::channel(board::BATCHES);
        let (end, ended) = oneshot::channel();
        let ticket = self.enter(command, Sink { rows: Some(sender), patience, end }, permit)?;
        Ok(Running { ticket, rows, end: ended })
    }

    fn stream_of(&self, stage: Stage, path: String, deadline: Option<Duration>) -> Rows {
        Rows { stage, path, deadline, silence: None, batch: None, done: None, connection: self.clone() }
    }
}

fn failed(error: CommandError) -> Stage {
    Stage::Starting(Box::pin(std::future::ready(Err(error))))
}
