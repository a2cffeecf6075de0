//! The work of whoever runs beside FreeRADIUS: `demarcd`, or the app itself when the database is embedded. A queue of jobs
//! in the database (graphile_worker) says what there is to do; what it may do is the database's decision.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::session::{LiveAction, LiveState};
use domain::{Error, ErrorCode};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions, WorkerRecoveryConfig};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::connect::Server;
use crate::error::{During, Result};
use crate::install::Administrator;
use crate::word::{from_word, to_word};

/// What is to be sent to a router about a live session.
#[derive(Clone)]
pub struct LivePlan {
    pub action: LiveAction,
    /// The router's address and port for Disconnect and CoA.
    pub address: String,
    pub coa_port: u16,
    /// The router's RADIUS secret.
    pub secret: String,
    pub router_name: String,
    pub user_name: String,
    pub acct_session_id: String,
    pub framed_ip_address: Option<String>,
    pub calling_station_id: Option<String>,
    /// The rate that the session should have.
    pub rate_limit: Option<String>,
    /// Seconds from now that the session may last.
    pub session_timeout: Option<i64>,
    /// What made it necessary.
    pub why: String,
}

// the secret is not printed
impl fmt::Debug for LivePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LivePlan")
            .field("action", &self.action)
            .field("router_name", &self.router_name)
            .field("acct_session_id", &self.acct_session_id)
            .field("why", &self.why)
            .finish_non_exhaustive()
    }
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveOutcome {
    pub state: LiveState,
    /// In words; no secret.
    pub detail: String,
}

type Outcome<'a> = Pin<Box<dyn Future<Output = LiveOutcome> + Send + 'a>>;

/// Sends what a plan says.
pub trait LiveChanger: fmt::Debug + Send + Sync + 'static {
    fn carry_out<'a>(&'a self, plan: &'a LivePlan) -> Outcome<'a>;
}

/// A connection as `demarcd`.
#[derive(Debug, Clone)]
pub struct Service {
    pool: PgPool,
}

impl Service {
    /// Beside an embedded database, whose administrator may be anybody.
    pub async fn beside(administrator: &Administrator) -> Result<Self> {
        Self::connect_with(administrator.options.clone().options([("role", "demarc_service")])).await
    }

    /// With a log-in of its own.
    pub async fn log_in(server: &Server, role: &str, password: &str) -> Result<Self> {
        Self::connect_with(server.options().username(role).password(password)).await
    }

    async fn connect_with(options: PgConnectOptions) -> Result<Self> {
        let options = options.application_name("demarcd").options([
            ("search_path", "demarc"),
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .idle_timeout(Duration::from_mins(5))
            .connect_with(options)
            .await
            .during("log in as the service")?;
        Ok(Self { pool })
    }

    /// Works until `stop` resolves; what is under way is finished first.
    pub async fn work(
        &self,
        changer: Arc<dyn LiveChanger>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let worker = WorkerOptions::default()
            .pg_pool(self.pool.clone())
            // routers at once; one that does not answer holds no connection while it is waited for
            .concurrency(64)
            .poll_interval(Duration::from_secs(2))
            .listen_os_shutdown_signals(false)
            .shutdown_signal(stop)
            .worker_recovery(WorkerRecoveryConfig { enabled: true, ..WorkerRecoveryConfig::default() })
            .add_extension(Changer(changer))
            .define_job::<LiveChangesJob>()
            .init()
            .await
            .map_err(queue_error)?;
        worker.run().await.map_err(queue_error)
    }

    /// Notes whether FreeRADIUS answered: the time it took, or why it did not.
    pub async fn radius_watched(&self, answer: &std::result::Result<Duration, String>) -> Result<()> {
        sqlx::query("select service.radius_watched($1, $2, $3)")
            .bind(answer.is_ok())
            .bind(answer.as_ref().ok().map(|took| i64::try_from(took.as_micros()).unwrap_or(i64::MAX)))
            .bind(answer.as_ref().err().map_or("", String::as_str))
            .execute(&self.pool)
            .await
            .map(|_| ())
            .during("note whether FreeRADIUS answers")
    }

    /// Moves what is old enough into the history and forgets what is too old, some at a time, until nothing is left.
    /// Returns how many were moved.
    pub async fn keep_history(&self) -> Result<i64> {
        const OPERATION: &str = "move old sessions and log-in attempts into the history";
        let mut moved = 0;
        loop {
            let row = sqlx::query("select service.keep_history(10000) as moved").fetch_one(&self.pool).await;
            let some: i64 = row.during(OPERATION)?.get("moved");
            moved += some;
            if some == 0 {
                break;
            }
        }
        loop {
            let row = sqlx::query("select service.forget(10000) as forgotten").fetch_one(&self.pool).await;
            if row.during(OPERATION)?.get::<i64, _>("forgotten") == 0 {
                return Ok(moved);
            }
        }
    }
}

#[derive(Debug, Clone)]
struct Changer(Arc<dyn LiveChanger>);

/// Everything that a router has to be told.
#[derive(Serialize, Deserialize)]
struct LiveChangesJob {
    router_id: i64,
}

impl TaskHandler for LiveChangesJob {
    const IDENTIFIER: &'static str = "live_changes";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Changer(changer) = context.get_ext::<Changer>().expect("it was given").clone();
        loop {
            let next = next_change(context.pg_pool(), self.router_id).await.map_err(|error| error.message)?;
            let Some(id) = next else { return Ok(()) };
            let outcome = change(context.pg_pool(), id, changer.as_ref()).await.map_err(|error| error.message)?;
            if outcome == LiveState::NoAnswer {
                // an error has the router tried again later; the rest would wait for it in vain
                return Err("the router did not answer".to_owned());
            }
        }
    }
}

async fn next_change(pool: &PgPool, router_id: i64) -> Result<Option<i64>> {
    let row = sqlx::query("select service.next_live_change($1) as id")
        .bind(router_id)
        .fetch_one(pool)
        .await
        .during("look what a router has to be told")?;
    Ok(row.get("id"))
}

/// Plans it, carries it out, and notes how it went. Done twice, the second time finds nothing to do.
async fn change(pool: &PgPool, id: i64, changer: &dyn LiveChanger) -> Result<LiveState> {
    const OPERATION: &str = "change a live session";
    let row = sqlx::query("select * from service.plan_live_change($1)")
        .bind(id)
        .fetch_optional(pool)
        .await
        .during(OPERATION)?;
    let Some(row) = row else { return Ok(LiveState::NotNeeded) };
    let action = row.get::<Option<String>, _>("action").map(from_word::<LiveAction>);
    let (why, asks): (String, i32) = (row.get("why"), row.get("asks"));
    let (outcome, rate_limit, session_timeout) = match action {
        None => (LiveOutcome { state: LiveState::NotNeeded, detail: why }, None, None),
        Some(action) => {
            let plan = LivePlan {
                action,
                address: row.get("address"),
                coa_port: u16::try_from(row.get::<i32, _>("coa_port")).expect("the database checks it"),
                secret: row.get("secret"),
                router_name: row.get("router_name"),
                user_name: row.get("user_name"),
                acct_session_id: row.get("acct_session_id"),
                framed_ip_address: row.get("framed_ip_address"),
                calling_station_id: row.get("calling_station_id"),
                rate_limit: row.get("rate_limit"),
                session_timeout: row.get("session_timeout"),
                why,
            };
            (changer.carry_out(&plan).await, plan.rate_limit, plan.session_timeout)
        }
    };
    sqlx::query("select service.settle_live_change($1, $2, $3, $4, $5, $6, $7)")
        .bind(id)
        .bind(asks)
        .bind(action.map(|action| to_word(&action)))
        .bind(to_word(&outcome.state))
        .bind(&outcome.detail)
        .bind(rate_limit)
        .bind(session_timeout)
        .execute(pool)
        .await
        .during(OPERATION)?;
    Ok(outcome.state)
}

fn queue_error(error: impl fmt::Display) -> Error {
    Error::new(ErrorCode::Internal, format!("the queue of jobs could not be worked off: {error}"))
}
