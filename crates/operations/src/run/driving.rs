//! The runs that this program drives.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Error, ErrorCode, Permission};
use runs::Outcome;
use store::run::{Held, Journal};
use tokio::task::AbortHandle;
use uuid::Uuid;

use super::{Patience, over};
use crate::provision::ProvisionWork;
use crate::router::Routers;
use crate::{Result, Session};

/// How often a run that waits for another one is tried again.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// How often a run is opened that the database does not give at once.
const OPENED_WITHIN: u32 = 10;

const SETTLED_EVERY: Duration = Duration::from_millis(20);

/// What this program drives. One for each process; cheap to clone.
#[derive(Clone, Default)]
pub struct Driving {
    /// Each with its task, as soon as it has one.
    runs: Arc<Mutex<BTreeMap<i64, Option<AbortHandle>>>>,
    patience: Patience,
}

/// Takes a run from the set when its task ends, however it ends.
struct Driven {
    driving: Driving,
    id: i64,
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.driving.whole().remove(&self.id);
    }
}

impl Driving {
    /// As the default, with other deadlines: tests have no minutes.
    pub fn patient(patience: Patience) -> Self {
        Self { patience, ..Self::default() }
    }

    fn whole(&self) -> MutexGuard<'_, BTreeMap<i64, Option<AbortHandle>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many runs this program drives now.
    pub fn count(&self) -> usize {
        self.whole().len()
    }

    /// Waits until this program drives none any more.
    pub async fn settled(&self) {
        while self.count() > 0 {
            tokio::time::sleep(SETTLED_EVERY).await;
        }
    }

    /// Drops every run where it stands, as the end of the program does: nothing is undone, and nothing more is written, so that
    /// somebody takes each over when its lease is over.
    pub async fn abort_all(&self) {
        while self.count() > 0 {
            self.whole().values().flatten().for_each(AbortHandle::abort);
            tokio::time::sleep(SETTLED_EVERY).await;
        }
    }

    /// Takes a run and drives it in the background. It waits by itself for another one on the same router.
    pub(crate) async fn begin(&self, session: &Session, routers: &Routers, id: i64, backwards: bool) -> Result<()> {
        session.require(Permission::Provision)?;
        session.require(Permission::RouterSecret)?;
        let Some(driven) = self.claim(id) else {
            let run = store::run::head(session, id).await?;
            return Err(over(&run, if backwards { "undone" } else { "continued" }));
        };
        // whoever lacks the key learns it before anything is taken
        let run = store::run::head(session, id).await?;
        let router_id = run.router_id.ok_or_else(|| Error::not_found("router of run", id))?;
        let key = store::router_key::of(session, router_id).await?;
        let holder = Uuid::new_v4();
        let held = store::run::hold(session, id, holder, &machine(), backwards).await?;
        match held {
            Held::Held | Held::Waits => {}
            Held::Elsewhere | Held::Over => {
                return Err(over(&run, if backwards { "undone" } else { "continued" }));
            }
        }
        let (session, routers, patience) = (session.clone(), routers.clone(), self.patience.clone());
        let task = tokio::spawn(async move {
            let _driven = driven;
            if held == Held::Waits && !wait(&session, id, holder, backwards).await {
                return;
            }
            let journal = Journal::of(&session, key, id, holder);
            if let Err(error) = Box::pin(drive(&session, &routers, id, &journal, &patience)).await {
                tracing::warn!(run = id, %error, "a run could not be driven");
                journal.give_back(&error).await;
            }
        });
        // one that is over already is not in the set any more
        if let Some(place) = self.whole().get_mut(&id) {
            *place = Some(task.abort_handle());
        }
        Ok(())
    }

    /// None: this program drives it already.
    fn claim(&self, id: i64) -> Option<Driven> {
        let mut runs = self.whole();
        if runs.contains_key(&id) {
            return None;
        }
        runs.insert(id, None);
        Some(Driven { driving: self.clone(), id })
    }
}

/// Waits until the run can be taken. False: it is over, or somebody else has it.
async fn wait(session: &Session, id: i64, holder: Uuid, backwards: bool) -> bool {
    loop {
        tokio::time::sleep(TRY_EVERY).await;
        match store::run::hold(session, id, holder, &machine(), backwards).await {
            Ok(Held::Held) => return true,
            Ok(Held::Waits) => {}
            Err(error) if error.retryable => {}
            Ok(Held::Elsewhere | Held::Over) | Err(_) => return false,
        }
    }
}

async fn drive(session: &Session, routers: &Routers, id: i64, journal: &Journal, patience: &Patience) -> Result<()> {
    let opened = async || {
        let progress = journal.read().await?;
        let work = ProvisionWork::open(session, routers, id, &progress, patience).await?;
        Ok((progress, work))
    };
    let mut tries = 0;
    let (progress, mut work) = loop {
        match opened().await {
            Ok(opened) => break opened,
            // the database is busy with a hundred others, or away for a moment
            Err(error) if store_is_away(&error) && tries < OPENED_WITHIN => tries += 1,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(TRY_EVERY).await;
    };
    match runs::drive(progress, &mut work, journal, &patience.pace).await {
        Outcome::Ended(ending) => tracing::info!(run = id, ?ending, "a run ended"),
        Outcome::Lost => tracing::warn!(run = id, "another machine has the run"),
        Outcome::Unwritten(ending, error) => {
            tracing::warn!(run = id, ?ending, %error, "the end of a run is not written");
        }
    }
    work.close().await;
    Ok(())
}

fn store_is_away(error: &Error) -> bool {
    matches!(error.code, ErrorCode::DatabaseUnreachable | ErrorCode::Busy)
}

fn machine() -> String {
    hostname::get().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
