//! Holding the lease of a run, and writing its journal, while other things go on.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use domain::{Error, ErrorCode};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::{Entry, Journal, JournalFailure};

/// How often and how long.
///
/// Nothing is done to a router more than `renew_every` + `journal_patience` after the last renewal: the lease must last
/// longer than that, or two machines act at once.
#[derive(Debug, Clone)]
pub struct Pace {
    /// How long after a renewal the lease is renewed again; people's orders come with it.
    pub renew_every: Duration,
    /// How long a journal that cannot be reached is waited for.
    pub journal_patience: Duration,
    /// How long after its first failure the journal is tried again; twice as long after each, at most `renew_every`.
    pub first_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            renew_every: Duration::from_secs(5),
            journal_patience: Duration::from_secs(30),
            first_pause: Duration::from_millis(200),
        }
    }
}

/// Why this machine must stop where it stands, without writing anything more.
pub(crate) enum Halt {
    Lost,
    Unwritten(Error),
}

/// The lease of one run, and the journal under it.
pub(crate) struct Lease<'a, J> {
    journal: &'a J,
    pace: &'a Pace,
    /// When it is to be renewed next.
    due: Instant,
    /// Somebody has cancelled the run.
    pub(crate) cancelled: bool,
}

impl<'a, J: Journal> Lease<'a, J> {
    pub(crate) fn new(journal: &'a J, pace: &'a Pace) -> Self {
        Self { journal, pace, due: Instant::now(), cancelled: false }
    }

    /// Writes an entry. Nothing else goes on meanwhile: what comes next waits until the entry is kept.
    pub(crate) async fn write(&self, entry: Entry) -> Result<(), Halt> {
        let journal = self.journal;
        let until = Instant::now() + self.pace.journal_patience;
        self.patiently(until, || journal.write(entry.clone())).await.map(|_| ())
    }

    /// Renews now, while nothing is being done.
    pub(crate) async fn renew(&mut self) -> Result<(), Halt> {
        self.renew_until(Instant::now() + self.pace.journal_patience).await
    }

    /// Does something to its end while the lease is held. When the lease is lost, or cannot be renewed in time, what is
    /// being done is dropped at once.
    pub(crate) async fn during<T>(&mut self, doing: impl Future<Output = T>) -> Result<T, Halt> {
        self.renew_if_due().await?;
        let mut doing = pin!(doing);
        loop {
            tokio::select! {
                biased;
                kept = self.keep() => kept?,
                done = &mut doing => return Ok(done),
            }
        }
    }

    /// The same for what may be dropped in the middle: it is when the run is cancelled, and then there is no result.
    pub(crate) async fn unless_cancelled<T>(&mut self, doing: impl Future<Output = T>) -> Result<Option<T>, Halt> {
        self.renew_if_due().await?;
        let mut doing = pin!(doing);
        while !self.cancelled {
            tokio::select! {
                biased;
                kept = self.keep() => kept?,
                done = &mut doing => return Ok(Some(done)),
            }
        }
        Ok(None)
    }

    /// A lease that is due may be over by now (an entry may have been waited for): it is renewed before anything begins.
    async fn renew_if_due(&mut self) -> Result<(), Halt> {
        if Instant::now() < self.due { Ok(()) } else { self.renew().await }
    }

    /// Waits until the lease is to be renewed, and renews it.
    async fn keep(&mut self) -> Result<(), Halt> {
        sleep_until(self.due).await;
        self.renew_until(self.due + self.pace.journal_patience).await
    }

    async fn renew_until(&mut self, until: Instant) -> Result<(), Halt> {
        let journal = self.journal;
        // it holds from some moment after it was asked for
        let (asked_at, orders) = self.patiently(until, || journal.renew()).await?;
        self.due = asked_at + self.pace.renew_every;
        self.cancelled |= orders.cancel;
        Ok(())
    }

    /// Asks the journal again and again until it answers, and says when the answered attempt began.
    async fn patiently<T, F>(&self, until: Instant, attempt: impl Fn() -> F) -> Result<(Instant, T), Halt>
    where
        F: Future<Output = Result<T, JournalFailure>>,
    {
        let mut pause = self.pace.first_pause;
        loop {
            let asked_at = Instant::now();
            let error = match timeout_at(until, attempt()).await {
                Ok(Ok(answer)) => return Ok((asked_at, answer)),
                Ok(Err(JournalFailure::Lost)) => return Err(Halt::Lost),
                Ok(Err(JournalFailure::Unreachable(error))) => error,
                Err(_) => Error::new(ErrorCode::DatabaseUnreachable, "the journal of the run did not answer in time"),
            };
            if Instant::now() + pause >= until {
                return Err(Halt::Unwritten(error));
            }
            tracing::warn!(%error, "the journal of a run cannot be reached");
            sleep(pause).await;
            pause = (pause * 2).min(self.pace.renew_every);
        }
    }
}
