//! Which routers this program looks after, and what it saw there.
//!
//! Cost: one pass over the routers within reach for each round, and a write for each that was seen.

use chrono::{DateTime, Utc};
use domain::ErrorCode;
use serde::Serialize;
use sqlx::Row;
use sqlx::types::Json;
use uuid::Uuid;

use crate::Session;
use crate::error::{During, Result};

/// What a router said, or why it said nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Noted {
    pub router_id: i64,
    pub up: bool,
    pub next_try_at: Option<DateTime<Utc>>,
    pub reason: String,
    pub hint: String,
    pub identity: Option<String>,
    /// RouterOS release as printed.
    pub version: Option<String>,
    pub board: Option<String>,
    pub uptime_seconds: Option<i64>,
    /// Per cent.
    pub cpu_load: Option<i32>,
    /// Bytes.
    pub memory_free: Option<i64>,
    /// Bytes.
    pub memory_total: Option<i64>,
    pub ppp_sessions: Option<i32>,
    pub hotspot_sessions: Option<i32>,
}

/// Takes on the routers that nobody looks after, and keeps those that this program does; for `seconds`, 10 to 600. Those
/// that it `cannot` log in to are left to others.
pub async fn watch(session: &Session, watcher: Uuid, seconds: i32, cannot: &[i64]) -> Result<Vec<i64>> {
    let rows = sqlx::query("select watch_routers($1, $2, $3) as id")
        .bind(watcher)
        .bind(seconds)
        .bind(cannot)
        .fetch_all(&session.pool)
        .await
        .during("look after routers")?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

/// Leaves them to others.
pub async fn unwatch(session: &Session, watcher: Uuid) -> Result<()> {
    sqlx::query("select unwatch_routers($1)")
        .bind(watcher)
        .execute(&session.pool)
        .await
        .map(|_| ())
        .during("leave routers to others")
}

/// Keeps what was seen. What one router says cannot keep the others from being kept.
pub async fn note(session: &Session, watcher: Uuid, seen: &[Noted]) -> Result<()> {
    let note = async |seen: &[Noted]| {
        sqlx::query("select note_routers($1, $2)")
            .bind(watcher)
            .bind(Json(seen))
            .execute(&session.pool)
            .await
            .map(|_| ())
            .during("keep what was seen of routers")
    };
    match note(seen).await {
        Err(error) if seen.len() > 1 && error.code == ErrorCode::Internal => {
            for one in seen {
                note(std::slice::from_ref(one)).await?;
            }
            Ok(())
        }
        noted => noted,
    }
}

/// Settles what waits to be told to a session that its router does not have any more, and ends its record.
pub async fn session_gone(session: &Session, session_id: i64) -> Result<()> {
    sqlx::query("select session_gone($1)")
        .bind(session_id)
        .execute(&session.pool)
        .await
        .map(|_| ())
        .confirming("end the record of a session")
}

/// PostgreSQL keeps no NUL in a text; a router may send one.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Notes in the audit that a session was ended at its router.
pub async fn note_disconnect(session: &Session, router_id: i64, user_name: &str) -> Result<()> {
    sqlx::query("select note_disconnect($1, $2)")
        .bind(router_id)
        .bind(without_nul(user_name))
        .execute(&session.pool)
        .await
        .map(|_| ())
        .during("note that a session was ended")
}
