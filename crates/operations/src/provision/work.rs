//! A run on a router: what each of its steps does, how it is looked at, and how it is taken back.

use domain::router::Router;
use domain::{Error, ErrorCode};
use routeros::Connection;
use runs::{Failure, Observed, Progress, StepState, Work};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::job::{Does, Job, Way};
use super::reaching::Reaching;
use super::{arming, changing, keeping, looking};
use crate::router::Routers;
use crate::run::Patience;
use crate::{Result, Session};

/// The outcome of a piece of a step.
pub(crate) type Done<T> = std::result::Result<T, Failure>;

/// A run of this program on a router.
pub(crate) struct ProvisionWork {
    pub session: Session,
    pub routers: Routers,
    pub run_id: i64,
    pub job: Job,
    pub reaching: Reaching,
    /// Safe mode is held by the connection of this epoch.
    pub safe_since: Option<u64>,
    /// When the router's own job was made: it must not take back what is still going on.
    pub armed_at: Option<Instant>,
    /// It was armed before, by this program or another: a lost line may still hold safe mode.
    pub resumed: bool,
    /// The router keeps what was done: nothing is armed any more, whatever is done after that.
    pub kept: bool,
}

impl ProvisionWork {
    /// Reads what the run is to do.
    pub(crate) async fn open(
        session: &Session,
        routers: &Routers,
        run_id: i64,
        progress: &Progress,
        patience: &Patience,
    ) -> Result<Self> {
        let run = store::run::head(session, run_id).await?;
        let router_id = run.router_id.ok_or_else(|| Error::not_found("router of run", run_id))?;
        let key = store::router_key::of(session, router_id).await?;
        let job: Job = serde_json::from_value(store::run::work(session, &key, run_id).await?)
            .map_err(|_| another_version(run_id))?;
        let router = store::router::show(session, router_id).await?;
        let reaching = Reaching::new(router.clone(), ways(session, &router, &job).await, patience);
        if progress.steps.len() != job.steps.len() {
            return Err(another_version(run_id));
        }
        let steps = || job.steps.iter().zip(&progress.steps);
        let resumed = steps().any(|(step, record)| matches!(step.does, Does::Arm { .. }) && record.kept.is_some());
        let kept = steps().any(|(step, record)| matches!(step.does, Does::Keep) && record.state == StepState::Done);
        let (session, routers) = (session.clone(), routers.clone());
        Ok(Self { session, routers, run_id, job, reaching, safe_since: None, armed_at: None, resumed, kept })
    }

    /// Lets the router go.
    pub(crate) async fn close(&mut self) {
        self.reaching.let_go().await;
    }

    pub(crate) fn router(&self) -> &Router {
        &self.reaching.router
    }

    pub(crate) fn connection(&self) -> Done<Connection> {
        self.reaching.connection()
    }

    /// Safe mode is held by the connection that is open.
    pub(crate) fn is_safe(&self) -> bool {
        self.safe_since == Some(self.reaching.epoch) && self.connection().is_ok()
    }

    async fn done(&mut self, step: usize) -> Done<String> {
        // the step is lent out while it works on the rest
        let does = std::mem::replace(&mut self.job.steps[step].does, Does::Check);
        let done = match &does {
            Does::Check => looking::check(self).await,
            Does::Backup => keeping::back_up(self).await,
            Does::Arm { script } => arming::arm(self, script).await,
            Does::Change(changes) => changing::make(self, changes).await,
            Does::LogIn => looking::log_in(self).await,
            Does::Remember => keeping::remember(self).await,
            Does::Keep => arming::keep(self).await,
            Does::ReadBack { later } => looking::read_back(self, later).await,
            Does::Radius => looking::radius(self).await,
            Does::TestLogIn => looking::test_log_in(self).await,
        };
        self.job.steps[step].does = does;
        done
    }
}

/// The ways to the router, the likeliest first: as the database says now, as it was when the run was made, and that log-in
/// with the certificate that the router has now.
async fn ways(session: &Session, router: &Router, job: &Job) -> Vec<Way> {
    let Ok(known) = Way::known(session, router).await else { return vec![job.way.clone()] };
    let mixed = Way { access: job.way.access.clone(), ..known.clone() };
    // what was at the old address when the run was made may be another router by now: it is told no password
    let moved = known.host != job.way.host;
    if moved { vec![mixed, known] } else { vec![job.way.clone(), mixed, known] }
}

impl Work for ProvisionWork {
    fn steps(&self) -> usize {
        self.job.steps.len()
    }

    fn writes(&self, step: usize) -> bool {
        self.job.steps[step].does.writes()
    }

    async fn reach(&mut self) -> Done<()> {
        self.reaching.reach().await?;
        arming::hold_again(self).await
    }

    async fn prepare(&mut self, step: usize) -> Done<Value> {
        match &self.job.steps[step].does {
            Does::Change(changes) => changing::prepare(&self.reaching, changes).await,
            Does::Arm { .. } => Ok(json!({ "armed": self.job.armed })),
            Does::Backup => Ok(json!({ "file": keeping::file(self.run_id) })),
            Does::Remember => keeping::before(self).await,
            Does::Keep => Ok(json!({})),
            _ => Ok(Value::Null),
        }
    }

    async fn act(&mut self, step: usize, _: &Value) -> Done<String> {
        if matches!(self.job.steps[step].does, Does::Change(_)) && !self.kept {
            arming::renew(self).await?;
        }
        let done = self.done(step).await;
        if matches!(done, Err(Failure::Unknown(_))) {
            // what it answers late is not waited for, and a router in safe mode notices that nobody is there
            self.reaching.let_go().await;
        }
        done
    }

    async fn observe(&mut self, step: usize, _: &Value) -> Done<Observed> {
        let observed = match &self.job.steps[step].does {
            Does::Change(changes) => changing::observe(&self.reaching, changes).await,
            Does::Arm { .. } => arming::observe(self).await,
            Does::Backup => keeping::observe_backup(self).await,
            Does::Remember => keeping::observe_remembered(self).await,
            Does::Keep => Ok(arming::observe_kept(self)),
            _ => Ok(Observed::After),
        };
        if matches!(observed, Err(Failure::Unknown(_))) {
            self.reaching.let_go().await;
        }
        observed
    }

    async fn undo(&mut self, step: usize, kept: &Value) -> Done<String> {
        let undone = match &self.job.steps[step].does {
            Does::Change(changes) => changing::undo(&self.reaching, changes).await,
            Does::Arm { .. } => arming::disarm(self, arming::Going::Back).await,
            Does::Backup => keeping::remove_files(self).await,
            Does::Remember => keeping::forget(self, kept).await,
            _ => Ok("nothing to take back".to_owned()),
        };
        if matches!(undone, Err(Failure::Unknown(_))) {
            self.reaching.let_go().await;
        }
        undone
    }

    fn by_hand(&self, step: usize, _: &Value) -> Vec<String> {
        match &self.job.steps[step].does {
            Does::Change(changes) => changes
                .iter()
                .rev()
                .map(routeros::config::Change::inverse_shown)
                .filter(|line| !line.is_empty())
                .collect(),
            Does::Arm { .. } => arming::by_hand(self),
            Does::Backup => vec![format!("/file remove [find name=\"{}\"]", keeping::file(self.run_id))],
            _ => Vec::new(),
        }
    }
}

fn another_version(run_id: i64) -> Error {
    Error::new(ErrorCode::Internal, format!("run {run_id} was made by another version of Demarc"))
        .hint("install the newest Demarc")
}
