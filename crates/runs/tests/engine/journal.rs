//! A journal in memory.

use std::future::pending;
use std::sync::Arc;

use domain::{Error, ErrorCode};
use runs::{Entry, Journal, JournalFailure, Orders};
use tokio::sync::Notify;

use crate::faults::{Paper, Renewal};
use crate::world::{State, World};

/// The machine that takes a run over.
const STRANGER: u32 = 99;
/// How many attempts fail in an outage that passes: less than half a minute of them.
const AWHILE: usize = 4;
const FOREVER: usize = usize::MAX / 2;

pub struct Book {
    pub world: Arc<World>,
    pub machine: u32,
    pub killed: Arc<Notify>,
}

fn unreachable() -> JournalFailure {
    JournalFailure::Unreachable(Error::new(ErrorCode::DatabaseUnreachable, "the database is away"))
}

fn keep(state: &mut State, entry: &Entry) {
    match entry.clone() {
        Entry::Forward => state.trace.push("forward".to_owned()),
        Entry::Back(cause) => {
            state.trace.push("back".to_owned());
            state.progress.back = Some(cause);
        }
        Entry::Step { step, state: now, kept, .. } => {
            state.trace.push(format!("{now:?} {step}").to_lowercase());
            let record = &mut state.progress.steps[step];
            record.state = now;
            record.kept = kept.or(record.kept.take());
        }
        Entry::End(ending) => {
            state.trace.push("end".to_owned());
            state.ended = Some(ending);
        }
    }
}

impl Book {
    async fn die(&self) {
        self.killed.notify_one();
        pending::<()>().await;
    }

    /// Whether this machine is served: it has the lease, and there is no outage.
    fn admit(&self, state: &mut State) -> Result<(), JournalFailure> {
        if state.outage > 0 {
            state.outage -= 1;
            return Err(unreachable());
        }
        if state.owner == self.machine { Ok(()) } else { Err(JournalFailure::Lost) }
    }
}

impl Journal for Book {
    async fn write(&self, entry: Entry) -> Result<(), JournalFailure> {
        let paper = {
            let mut state = self.world.state();
            self.admit(&mut state)?;
            state.papers += 1;
            let number = state.papers - 1;
            let paper = state.faults.papers.remove(&number);
            match paper {
                Some(Paper::LostBefore) => {
                    state.owner = STRANGER;
                    return Err(JournalFailure::Lost);
                }
                Some(Paper::AwhileBefore) => state.outage = AWHILE,
                Some(Paper::GoneBefore | Paper::SilentBefore) => state.outage = FOREVER,
                Some(Paper::KilledBefore) => {}
                _ => keep(&mut state, &entry),
            }
            match paper {
                Some(Paper::LostAfter) => state.owner = STRANGER,
                Some(Paper::AwhileAfter) => state.outage = AWHILE,
                Some(Paper::GoneAfter | Paper::SilentAfter) => state.outage = FOREVER,
                _ => {}
            }
            paper
        };
        match paper {
            None => Ok(()),
            Some(Paper::LostBefore | Paper::LostAfter) => Err(JournalFailure::Lost),
            Some(Paper::AwhileBefore | Paper::AwhileAfter | Paper::GoneBefore | Paper::GoneAfter) => Err(unreachable()),
            Some(Paper::SilentBefore | Paper::SilentAfter) => pending().await,
            Some(Paper::KilledBefore | Paper::KilledAfter) => {
                self.die().await;
                Ok(())
            }
        }
    }

    async fn renew(&self) -> Result<Orders, JournalFailure> {
        let renewal = {
            let mut state = self.world.state();
            self.admit(&mut state)?;
            state.renewals += 1;
            let number = state.renewals - 1;
            let renewal = state.faults.renewals.remove(&number);
            match renewal {
                Some(Renewal::Lost) => state.owner = STRANGER,
                Some(Renewal::Awhile) => state.outage = AWHILE,
                Some(Renewal::Gone | Renewal::Silent) => state.outage = FOREVER,
                _ => {}
            }
            renewal
        };
        match renewal {
            None => {
                self.world.state().trace.push("renewed".to_owned());
                Ok(Orders::default())
            }
            Some(Renewal::Cancel) => Ok(Orders { cancel: true }),
            Some(Renewal::Lost) => Err(JournalFailure::Lost),
            Some(Renewal::Awhile | Renewal::Gone) => Err(unreachable()),
            Some(Renewal::Silent) => pending().await,
            Some(Renewal::Killed) => {
                self.die().await;
                Ok(Orders::default())
            }
        }
    }
}
