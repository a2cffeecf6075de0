//! The journal of a run that this machine drives.

use domain::ErrorCode;
use domain::run::{RunCause, RunState, RunStepState};
use runs::{Cause, Ending, Entry, JournalFailure, Orders, Progress, StepRecord, StepState};
use serde_json::Value;
use sqlx::Row;
use sqlx::types::Json;
use uuid::Uuid;

use crate::Session;
use crate::error::{During, Result};
use crate::router_key::RouterKey;
use crate::run::{LEASE, kept_of};
use crate::word::{from_word, to_word};

/// The journal of one run, held by this machine.
pub struct Journal {
    session: Session,
    key: RouterKey,
    run_id: i64,
    holder: Uuid,
}

impl Journal {
    /// Of a run that was taken with `holder`.
    pub fn of(session: &Session, key: RouterKey, run_id: i64, holder: Uuid) -> Self {
        Self { session: session.clone(), key, run_id, holder }
    }

    /// What the journal says: each step's state, and which way the run goes.
    pub async fn read(&self) -> Result<Progress> {
        const OPERATION: &str = "read a run's journal";
        let run = sqlx::query("select state, cause, problem from run where id = $1")
            .bind(self.run_id)
            .fetch_one(&self.session.pool)
            .await
            .during(OPERATION)?;
        let rows = sqlx::query("select state, sealed from run_journal($1)")
            .bind(self.run_id)
            .fetch_all(&self.session.pool)
            .await
            .during(OPERATION)?;
        let mut steps = Vec::with_capacity(rows.len());
        for (position, row) in rows.iter().enumerate() {
            let sealed: Option<Vec<u8>> = row.get("sealed");
            let kept = sealed
                .map(|sealed| self.key.open_value::<Value>(&kept_of(self.run_id, position), &sealed))
                .transpose()?;
            steps.push(StepRecord { state: journaled(from_word(row.get("state"))), kept });
        }
        let back = (from_word::<RunState>(run.get("state")) == RunState::Undoing).then(|| {
            match run.get::<Option<String>, _>("cause").map(from_word) {
                Some(RunCause::Cancelled) => Cause::Cancelled,
                Some(RunCause::Failed) => {
                    let problem: Option<Value> = run.get("problem");
                    let problem = problem.and_then(|problem| serde_json::from_value(problem).ok());
                    problem.map_or(Cause::Asked, Cause::Failed)
                }
                _ => Cause::Asked,
            }
        });
        Ok(Progress { steps, back })
    }

    async fn step(&self, entry: &Step<'_>) -> std::result::Result<(), JournalFailure> {
        let note = entry.error.map(|error| format!("step {}: {}", entry.step + 1, error.message));
        let written = sqlx::query("select write_run_step($1, $2, $3, $4, $5, $6, $7, $8, $9) as written")
            .bind(self.run_id)
            .bind(self.holder)
            .bind(i32::try_from(entry.step).unwrap_or(i32::MAX))
            .bind(to_word(&shown(entry.state)))
            .bind((!entry.said.is_empty()).then_some(entry.said))
            .bind(entry.error.map(Json))
            .bind(Json(entry.by_hand))
            .bind(entry.kept.map(|kept| self.key.seal_value(&kept_of(self.run_id, entry.step), kept)))
            .bind(note)
            .fetch_one(&self.session.pool)
            .await
            .during("write a run's journal");
        kept(written.map(|row| row.get("written")))
    }

    async fn head(
        &self,
        state: &str,
        cause: Option<&Cause>,
        problem: Option<&domain::Error>,
        note: Option<&str>,
    ) -> std::result::Result<(), JournalFailure> {
        let cause_word = cause.map(|cause| {
            to_word(&match cause {
                Cause::Failed(_) => RunCause::Failed,
                Cause::Cancelled => RunCause::Cancelled,
                Cause::Asked => RunCause::Asked,
            })
        });
        let written = sqlx::query("select write_run($1, $2, $3, $4, $5, $6) as written")
            .bind(self.run_id)
            .bind(self.holder)
            .bind(state)
            .bind(cause_word)
            .bind(problem.map(Json))
            .bind(note)
            .fetch_one(&self.session.pool)
            .await
            .during("write a run's journal");
        kept(written.map(|row| row.get("written")))
    }

    /// Gives the run back after this machine could not even begin with it.
    pub async fn give_back(&self, error: &domain::Error) {
        let note = format!("could not be driven: {}", error.message);
        if let Err(failure) = self.head("interrupted", None, Some(error), Some(&note)).await {
            tracing::warn!(run = self.run_id, %failure, "a run is not given back: its lease ends by itself");
        }
    }
}

/// A step's entry.
struct Step<'a> {
    step: usize,
    state: StepState,
    kept: Option<&'a Value>,
    said: &'a str,
    error: Option<&'a domain::Error>,
    by_hand: &'a [String],
}

/// What became of an entry.
fn kept(written: Result<bool>) -> std::result::Result<(), JournalFailure> {
    match written {
        Ok(true) => Ok(()),
        Ok(false) => Err(JournalFailure::Lost),
        Err(error) if matches!(error.code, ErrorCode::NotAllowed | ErrorCode::NotFound) => Err(JournalFailure::Lost),
        Err(error) => Err(JournalFailure::Unreachable(error)),
    }
}

impl runs::Journal for Journal {
    async fn write(&self, entry: Entry) -> std::result::Result<(), JournalFailure> {
        match entry {
            Entry::Forward => self.head("running", None, None, None).await,
            Entry::Back(cause) => {
                let (problem, note) = match &cause {
                    Cause::Failed(error) => (Some(error), format!("undone because {}", error.message)),
                    Cause::Cancelled => (None, "undone because it was cancelled".to_owned()),
                    Cause::Asked => (None, "undone because somebody asked for it".to_owned()),
                };
                self.head("undoing", Some(&cause), problem, Some(&note)).await
            }
            Entry::Step { step, state, kept, said, error, by_hand } => {
                let (kept, error) = (kept.as_ref(), error.as_ref());
                self.step(&Step { step, state, kept, said: &said, error, by_hand: &by_hand }).await
            }
            Entry::End(Ending::Done) => self.head("done", None, None, Some("done")).await,
            Entry::End(Ending::Failed(error)) => {
                let note = format!("ended before anything was changed: {}", error.message);
                self.head("failed", None, Some(&error), Some(&note)).await
            }
            Entry::End(Ending::Undone(cause)) => {
                let problem = if let Cause::Failed(error) = &cause { Some(error) } else { None };
                self.head("undone", Some(&cause), problem, Some("undone")).await
            }
            Entry::End(Ending::Stuck { error, .. }) => {
                self.head("stuck", None, Some(&error), Some("stuck: a person is needed at the router")).await
            }
            Entry::End(Ending::Interrupted(error)) => {
                let note = format!("interrupted: {}", error.message);
                self.head("interrupted", None, Some(&error), Some(&note)).await
            }
        }
    }

    async fn renew(&self) -> std::result::Result<Orders, JournalFailure> {
        let row = sqlx::query("select lost, cancel from renew_run($1, $2, $3)")
            .bind(self.run_id)
            .bind(self.holder)
            .bind(LEASE)
            .fetch_one(&self.session.pool)
            .await
            .during("hold on to a run");
        match row {
            Ok(row) if row.get("lost") => Err(JournalFailure::Lost),
            Ok(row) => Ok(Orders { cancel: row.get("cancel") }),
            Err(error) => kept(Err(error)).map(|()| Orders::default()),
        }
    }
}

fn shown(state: StepState) -> RunStepState {
    match state {
        StepState::Pending => RunStepState::Pending,
        StepState::Begun => RunStepState::Running,
        StepState::Done => RunStepState::Done,
        StepState::Failed => RunStepState::Failed,
        StepState::Undoing => RunStepState::Undoing,
        StepState::Undone => RunStepState::Undone,
        StepState::Stuck => RunStepState::Stuck,
    }
}

fn journaled(state: RunStepState) -> StepState {
    match state {
        RunStepState::Pending => StepState::Pending,
        RunStepState::Running => StepState::Begun,
        RunStepState::Done => StepState::Done,
        RunStepState::Failed => StepState::Failed,
        RunStepState::Undoing => StepState::Undoing,
        RunStepState::Undone => StepState::Undone,
        RunStepState::Stuck => StepState::Stuck,
    }
}
