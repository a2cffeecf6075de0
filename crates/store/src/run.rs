//! Runs and their steps. Their journal is [`Journal`].

use domain::provision::Plan;
use domain::run::{Run, RunCount, RunDetail, RunKind, RunNote, RunPage, RunQuery, RunState, RunStep};
use domain::{Error, Permission};
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::Session;
use crate::error::{During, Result};
use crate::router_key::RouterKey;
use crate::word::{from_word, to_word};

pub use crate::run_journal::Journal;

/// Runs on a page.
const PAGE: i64 = 100;

/// How long a machine holds a run that it drives, in seconds: longer than it goes on without renewing (`runs::Pace`).
pub(crate) const LEASE: i32 = 45;

const SELECT: &str = "select u.id, u.kind, u.title, u.router_id, r.name as router_name, o.name as operator_name, u.state, u.cause,
      u.held_until > clock_timestamp() as held, u.staff_name, u.machine, u.asked_at, u.began_at, u.ended_at, u.done, u.steps, u.at,
      u.problem, u.cancel_asked_by is not null as cancel_asked,
      case when u.state = 'waiting' then (
        select a.id from run a where a.router_id = u.router_id and a.state in ('running', 'undoing')) end as waits_for,
      exists (select from run_step s where s.run_id = u.id and s.writes and s.state not in ('pending', 'undone')) as wrote
    from run u join router r on r.id = u.router_id join operator o on o.id = u.operator_id";

/// A run that is to be made.
pub struct NewRun<'a> {
    pub kind: RunKind,
    pub title: &'a str,
    pub router_id: i64,
    /// Masked.
    pub plan: &'a Plan,
    /// What is to be done, with its secrets; read back with [`work`].
    pub work: &'a serde_json::Value,
    pub steps: &'a [NewStep],
}

/// A step of it.
#[derive(Debug, Clone)]
pub struct NewStep {
    pub key: String,
    pub title: String,
    pub writes: bool,
    /// Masked.
    pub commands: Vec<String>,
}

/// Where the sealed columns stand: what was sealed in one run opens in no other.
fn work_of(run_id: i64) -> String {
    format!("run {run_id}")
}

pub(crate) fn kept_of(run_id: i64, position: usize) -> String {
    format!("run_step {run_id} {position}")
}

/// Writes down a run with all its steps, to be begun.
pub async fn add(session: &Session, key: &RouterKey, run: &NewRun<'_>) -> Result<i64> {
    const OPERATION: &str = "write down a run";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    let drawn = sqlx::query("select draw_run_id() as id").fetch_one(&mut *transaction).await.during(OPERATION)?;
    let id: i64 = drawn.get::<Option<i64>, _>("id").ok_or_else(|| Error::not_found("router", run.router_id))?;
    let row = sqlx::query(
        "insert into run (id, tenant_id, operator_id, kind, title, router_id, staff_id, staff_name, plan, sealed, steps)
         select $8, r.tenant_id, r.operator_id, $2, $3, r.id, me(), $4, $5, $6, $7 from router r where r.id = $1
         returning id, operator_id, tenant_id",
    )
    .bind(run.router_id)
    .bind(to_word(&run.kind))
    .bind(run.title)
    .bind(&session.staff.name)
    .bind(Json(run.plan))
    .bind(key.seal_value(&work_of(id), run.work))
    .bind(i32::try_from(run.steps.len()).unwrap_or(i32::MAX))
    .bind(id)
    .fetch_optional(&mut *transaction)
    .await
    .during(OPERATION)?
    .ok_or_else(|| Error::not_found("router", run.router_id))?;
    for (position, step) in run.steps.iter().enumerate() {
        sqlx::query(
            "insert into run_step (run_id, position, tenant_id, operator_id, key, title, writes, commands)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id)
        .bind(i32::try_from(position).unwrap_or(i32::MAX))
        .bind(row.get::<i64, _>("tenant_id"))
        .bind(row.get::<i64, _>("operator_id"))
        .bind(&step.key)
        .bind(&step.title)
        .bind(step.writes)
        .bind(Json(&step.commands))
        .execute(&mut *transaction)
        .await
        .during(OPERATION)?;
    }
    transaction.commit().await.confirming(OPERATION)?;
    Ok(id)
}

/// A page of runs, newest first. Cost: a range of the primary key, as long as the page.
pub async fn list(session: &Session, query: &RunQuery) -> Result<RunPage> {
    let interrupted = query.states.contains(&RunState::Interrupted);
    let states: Vec<String> = query.states.iter().map(to_word).collect();
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{SELECT} where ($1::bigint is null or u.router_id = $1) and ($2::bigint is null or u.id < $2)
           and (cardinality($3::text[]) = 0
             or case when u.state in ('running', 'undoing') and u.held_until > clock_timestamp() is not true then $4
               else u.state = any ($3) end)
         order by u.id desc limit $5"
    )))
    .bind(query.router_id)
    .bind(query.before)
    .bind(&states)
    .bind(interrupted)
    .bind(PAGE + 1)
    .fetch_all(&session.pool)
    .await
    .during("list runs")?;
    let page = usize::try_from(PAGE).expect("a page is small");
    Ok(RunPage { runs: rows.iter().take(page).map(|row| run(session, row)).collect(), more: rows.len() > page })
}

/// How many runs are under way, and how many wait for a person.
pub async fn count(session: &Session) -> Result<RunCount> {
    let row = sqlx::query(
        "select count(*) filter (where state = 'waiting' or held_until > clock_timestamp()) as active,
           count(*) filter (where state = 'stuck' or state <> 'waiting' and held_until > clock_timestamp() is not true) as people
         from run where state in ('waiting', 'running', 'undoing', 'stuck')",
    )
    .fetch_one(&session.pool)
    .await
    .during("count runs")?;
    Ok(RunCount { active: row.get("active"), for_people: row.get("people") })
}

/// One run.
pub async fn head(session: &Session, id: i64) -> Result<Run> {
    let row = sqlx::query(AssertSqlSafe(format!("{SELECT} where u.id = $1")))
        .bind(id)
        .fetch_optional(&session.pool)
        .await
        .during("read a run")?
        .ok_or_else(|| Error::not_found("run", id))?;
    Ok(run(session, &row))
}

/// A number that grows with each entry of a run's journal, and whether somebody holds it.
pub async fn version(session: &Session, id: i64) -> Result<(i64, bool)> {
    let row = sqlx::query("select version, held_until > clock_timestamp() is true as held from run where id = $1")
        .bind(id)
        .fetch_optional(&session.pool)
        .await
        .during("watch a run")?
        .ok_or_else(|| Error::not_found("run", id))?;
    Ok((row.get("version"), row.get("held")))
}

/// A run with its steps, its plan and what happened.
pub async fn show(session: &Session, id: i64) -> Result<RunDetail> {
    const OPERATION: &str = "read a run";
    let run = head(session, id).await?;
    let plan =
        sqlx::query("select plan from run where id = $1").bind(id).fetch_one(&session.pool).await.during(OPERATION)?;
    let steps = sqlx::query(
        "select key, title, state, writes, began_at, ended_at, commands, said, problem, by_hand
         from run_step where run_id = $1 order by position",
    )
    .bind(id)
    .fetch_all(&session.pool)
    .await
    .during(OPERATION)?;
    let notes = sqlx::query("select at, who, text from run_note where run_id = $1 order by id")
        .bind(id)
        .fetch_all(&session.pool)
        .await
        .during(OPERATION)?;
    Ok(RunDetail {
        run,
        steps: steps.iter().map(step).collect(),
        plan: json(&plan, "plan"),
        notes: notes
            .iter()
            .map(|row| RunNote { at: row.get("at"), who: row.get("who"), text: row.get("text") })
            .collect(),
    })
}

/// What a run is to do, as it was written down with [`add`].
pub async fn work(session: &Session, key: &RouterKey, id: i64) -> Result<serde_json::Value> {
    let row = sqlx::query("select run_work($1) as sealed")
        .bind(id)
        .fetch_optional(&session.pool)
        .await
        .during("read what a run is to do")?
        .ok_or_else(|| Error::not_found("run", id))?;
    let sealed: Option<Vec<u8>> = row.get("sealed");
    key.open_value(&work_of(id), &sealed.ok_or_else(|| Error::not_found("run", id))?)
}

/// How taking a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Held,
    /// Another run on the same router comes first.
    Waits,
    /// Another machine drives it.
    Elsewhere,
    /// There is nothing to do that way.
    Over,
}

/// Takes a run for this machine, to drive it forward or back.
pub async fn hold(session: &Session, id: i64, holder: Uuid, machine: &str, backwards: bool) -> Result<Held> {
    let held: Option<String> = sqlx::query("select hold_run($1, $2, $3, $4, $5) as held")
        .bind(id)
        .bind(holder)
        .bind(LEASE)
        .bind(machine)
        .bind(backwards)
        .fetch_one(&session.pool)
        .await
        .during("take a run")?
        .get("held");
    match held.as_deref() {
        Some("held") => Ok(Held::Held),
        Some("waits") => Ok(Held::Waits),
        Some("elsewhere") => Ok(Held::Elsewhere),
        Some(_) => Ok(Held::Over),
        None => Err(Error::not_found("run", id)),
    }
}

/// Leaves a run that nobody drives for a person at the router. False: somebody drives it, or it is over.
pub async fn abandon(session: &Session, id: i64) -> Result<bool> {
    let row = sqlx::query("select abandon_run($1) as left")
        .bind(id)
        .fetch_one(&session.pool)
        .await
        .confirming("give up a run")?;
    Ok(row.get("left"))
}

/// The newest run on the same router that was done after this one, and is not undone.
pub async fn newer(session: &Session, id: i64) -> Result<Option<i64>> {
    let row = sqlx::query(
        "select n.id from run u join run n on n.router_id = u.router_id and n.id > u.id and n.state = 'done'
           and exists (select from run_step s where s.run_id = n.id and s.writes and s.state = 'done')
         where u.id = $1 order by n.id desc limit 1",
    )
    .bind(id)
    .fetch_optional(&session.pool)
    .await
    .during("look for newer runs")?;
    Ok(row.map(|row| row.get("id")))
}

/// Asks whoever drives a run to stop and undo it. False: it was asked for already, or there is nothing to cancel.
pub async fn cancel(session: &Session, id: i64) -> Result<bool> {
    let row = sqlx::query("select cancel_run($1) as asked")
        .bind(id)
        .fetch_one(&session.pool)
        .await
        .confirming("cancel a run")?;
    Ok(row.get("asked"))
}

fn json<T: DeserializeOwned>(row: &PgRow, column: &str) -> Option<T> {
    // what another version of the program wrote may not be read by this one
    row.get::<Option<serde_json::Value>, _>(column).and_then(|value| serde_json::from_value(value).ok())
}

fn number(row: &PgRow, column: &str) -> u32 {
    u32::try_from(row.get::<i32, _>(column)).unwrap_or_default()
}

fn run(session: &Session, row: &PgRow) -> Run {
    let held = row.get::<Option<bool>, _>("held").unwrap_or(false);
    let state = match from_word(row.get("state")) {
        RunState::Running | RunState::Undoing if !held => RunState::Interrupted,
        state => state,
    };
    let may = session.may(Permission::Provision);
    let cancel_asked = row.get("cancel_asked");
    Run {
        id: row.get("id"),
        kind: from_word(row.get("kind")),
        title: row.get("title"),
        router_id: row.get("router_id"),
        router_name: row.get("router_name"),
        operator_name: row.get("operator_name"),
        state,
        cause: row.get::<Option<String>, _>("cause").map(from_word),
        started_by: row.get("staff_name"),
        machine: row.get("machine"),
        asked_at: row.get("asked_at"),
        began_at: row.get("began_at"),
        ended_at: row.get("ended_at"),
        done: number(row, "done"),
        steps: number(row, "steps"),
        at: row.get("at"),
        problem: json(row, "problem"),
        waits_for: row.get("waits_for"),
        cancel_asked,
        may_cancel: may && !cancel_asked && matches!(state, RunState::Waiting | RunState::Running),
        may_undo: may
            && (matches!(state, RunState::Interrupted | RunState::Stuck)
                || state == RunState::Done && row.get::<bool, _>("wrote")),
        may_continue: may && matches!(state, RunState::Interrupted | RunState::Waiting),
    }
}

fn step(row: &PgRow) -> RunStep {
    RunStep {
        key: row.get("key"),
        title: row.get("title"),
        state: from_word(row.get("state")),
        writes: row.get("writes"),
        began_at: row.get("began_at"),
        ended_at: row.get("ended_at"),
        commands: json(row, "commands").unwrap_or_default(),
        said: row.get("said"),
        problem: json(row, "problem"),
        by_hand: json(row, "by_hand").unwrap_or_default(),
    }
}
