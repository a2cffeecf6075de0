//! Where a run is written down.

use std::future::Future;

use serde_json::Value;

/// The journal of one run, held by this machine under a lease.
pub trait Journal: Send + Sync {
    /// Writes an entry; when it returns, the entry is kept. Fails with [`JournalFailure::Lost`] when the lease is another's.
    /// The same entry comes again after [`JournalFailure::Unreachable`], though it may have been kept the first time.
    fn write(&self, entry: Entry) -> impl Future<Output = Result<(), JournalFailure>> + Send;

    /// Holds the lease for a while longer, and says what people asked for meanwhile.
    fn renew(&self) -> impl Future<Output = Result<Orders, JournalFailure>> + Send;
}

/// What people asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Orders {
    /// Stop at the next place where it can be stopped, and undo.
    pub cancel: bool,
}

/// Why an entry is not kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalFailure {
    /// Another machine has taken the run over: this one must not do anything more.
    #[error("another machine has taken the run over")]
    Lost,
    /// The journal cannot be reached now, or whether it was written is not known.
    #[error("{0}")]
    Unreachable(domain::Error),
}

/// One entry.
#[derive(Debug, Clone)]
pub enum Entry {
    /// The run goes forward from here on.
    Forward,
    /// The run is being undone from here on, and why.
    Back(Cause),
    /// A step is in this state from here on.
    /// `kept` comes with [`StepState::Begun`] of a step that writes; without it, what was kept before stays.
    Step { step: usize, state: StepState, kept: Option<Value>, said: String, error: Option<domain::Error> },
    /// This machine is done with the run and gives the lease back.
    End(Ending),
}

/// What a step is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Pending,
    /// Begun: what of it was done is not known until it ended, or somebody looks.
    Begun,
    /// All of it was done.
    Done,
    /// It failed; some of it may have been done.
    Failed,
    /// It is being undone.
    Undoing,
    /// What it had done is undone.
    Undone,
    /// Undoing it failed: a person is needed.
    Stuck,
}

/// Why a run is undone.
#[derive(Debug, Clone)]
pub enum Cause {
    /// A step failed.
    Failed(domain::Error),
    /// Somebody cancelled it.
    Cancelled,
    /// Somebody asked for it, after it was done or interrupted.
    Asked,
}

/// How a run ended, as far as this machine is concerned.
#[derive(Debug, Clone)]
pub enum Ending {
    /// Everything was done.
    Done,
    /// Nothing was changed: a check failed, or the first thing to be done did and nothing of it is there.
    Failed(domain::Error),
    /// Everything that was done is undone.
    Undone(Cause),
    /// Undoing this step failed, the first of perhaps several. Those are still to be undone; everything else is.
    Stuck { step: usize, error: domain::Error },
    /// It cannot go on now and what was done remains: somebody continues or undoes it later.
    Interrupted(domain::Error),
}

/// What the journal says of a run that somebody begins, continues or undoes.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// In the order of the steps.
    pub steps: Vec<StepRecord>,
    /// It is to be undone, and why; none: it goes forward.
    pub back: Option<Cause>,
}

/// What the journal says of one step.
#[derive(Debug, Clone)]
pub struct StepRecord {
    pub state: StepState,
    /// What it wrote down before it acted.
    pub kept: Option<Value>,
}
