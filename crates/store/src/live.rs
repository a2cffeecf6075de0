//! Changes of live sessions, as staff see and ask for them. Carrying them out is `service`'s.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::session::{LiveChange, RadiusState, RadiusStatus};
use domain::{Error, MacAddress};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};

use crate::Session;
use crate::error::{During, Result};
use crate::word::from_word;

const SELECT: &str = "select l.id, l.session_id, coalesce(r.name, s.nas_identifier, '') as router_name, coalesce(s.username, '') as username, s.mac, l.cause, l.state, l.action, l.detail,
       l.asked_at, l.settled_at
     from live_change l left join router r on r.id = l.router_id left join radacct s on s.radacctid = l.session_id";

/// How soon it is looked whether a change has settled; each time twice as late, up to half a second.
const LOOK_AFTER: Duration = Duration::from_millis(40);
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_millis(500);

/// A customer's changes of the last hour, newest first, at most 10.
pub(crate) async fn of_customer(session: &Session, customer_id: i64) -> Result<Vec<LiveChange>> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{SELECT} where l.customer_id = $1 and l.asked_at > now() - interval '1 hour' order by l.id desc limit 10"
    )))
    .bind(customer_id)
    .fetch_all(&session.pool)
    .await
    .during("read what was sent to live sessions")?;
    Ok(rows.iter().map(live_change).collect())
}

/// One change.
pub async fn show(session: &Session, id: i64) -> Result<LiveChange> {
    let row = sqlx::query(AssertSqlSafe(format!("{SELECT} where l.id = $1")))
        .bind(id)
        .fetch_optional(&session.pool)
        .await
        .during("read what was sent to a live session")?
        .ok_or_else(|| Error::not_found("change of a live session", id))?;
    Ok(live_change(&row))
}

/// Several changes, each with the user name of its session; that of one that has moved to the history is empty.
pub async fn several(session: &Session, ids: &[i64]) -> Result<Vec<(String, LiveChange)>> {
    let rows = sqlx::query(AssertSqlSafe(format!("{SELECT} where l.id = any ($1) order by l.id")))
        .bind(ids)
        .fetch_all(&session.pool)
        .await
        .during("read what was sent to live sessions")?;
    Ok(rows.iter().map(|row| (row.get("username"), live_change(row))).collect())
}

/// Asks for a session to be ended, or to be made what it should be. Returns the change's id.
pub async fn ask(session: &Session, session_id: i64, ends: bool) -> Result<i64> {
    let id: Option<i64> = sqlx::query("select change_session($1, $2) as id")
        .bind(session_id)
        .bind(ends)
        .fetch_one(&session.pool)
        .await
        .confirming("change a live session")?
        .get("id");
    id.ok_or_else(|| Error::not_found("session", session_id))
}

/// Asks for a session to get another rate until something else changes it. Returns the change's id.
pub async fn ask_limit(session: &Session, session_id: i64, rate_limit: &str) -> Result<i64> {
    let id: Option<i64> = sqlx::query("select limit_session($1, $2) as id")
        .bind(session_id)
        .bind(rate_limit)
        .fetch_one(&session.pool)
        .await
        .confirming("change a live session's speed")?
        .get("id");
    id.ok_or_else(|| Error::not_found("session", session_id))
}

/// Waits until nothing of a customer's changes waits any more, at most so long.
pub async fn settled(session: &Session, customer_id: i64, at_most: Duration) -> Result<()> {
    let until = tokio::time::Instant::now() + at_most;
    let mut pause = LOOK_AFTER;
    loop {
        let waiting: bool = sqlx::query(
            "select exists (select from live_change where customer_id = $1 and state = 'waiting') as waiting",
        )
        .bind(customer_id)
        .fetch_one(&session.pool)
        .await
        .during("wait for live sessions to be changed")?
        .get("waiting");
        if !waiting || tokio::time::Instant::now() >= until {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LOOK_AT_LEAST_EVERY);
    }
}

/// Whether FreeRADIUS answers, as last seen from beside it.
pub async fn radius_state(session: &Session) -> Result<RadiusState> {
    let row = sqlx::query(
        "select asked_at, answered, round_trip_us, reason, asked_at > now() - interval '1 minute' as recent from radius_watch",
    )
    .fetch_optional(&session.pool)
    .await
    .during("ask whether FreeRADIUS answers")?;
    Ok(match row {
        Some(row) => RadiusState {
            status: match (row.get("recent"), row.get("answered")) {
                (false, _) => RadiusStatus::NotWatched,
                (true, true) => RadiusStatus::Answers,
                (true, false) => RadiusStatus::Silent,
            },
            asked_at: row.get::<Option<DateTime<Utc>>, _>("asked_at"),
            round_trip_us: row.get("round_trip_us"),
            reason: row.get("reason"),
        },
        None => {
            RadiusState { status: RadiusStatus::NotWatched, asked_at: None, round_trip_us: None, reason: String::new() }
        }
    })
}

fn live_change(row: &PgRow) -> LiveChange {
    let mac = row.get::<Option<String>, _>("mac").and_then(|mac| MacAddress::parse(&mac).ok());
    LiveChange {
        id: row.get("id"),
        session_id: row.get("session_id"),
        router_name: row.get("router_name"),
        mac: mac.map(|mac| mac.to_string()),
        cause: from_word(row.get("cause")),
        state: from_word(row.get("state")),
        action: row.get::<Option<String>, _>("action").map(from_word),
        detail: row.get("detail"),
        asked_at: row.get("asked_at"),
        settled_at: row.get("settled_at"),
    }
}
