//! Configurations that were kept of routers: compressed, and sealed with the router's key.

use domain::Error;
use domain::provision::{BackupReason, ConfigBackup};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};
use zeroize::Zeroizing;

use crate::Session;
use crate::error::{During, Result};
use crate::router_key::RouterKey;
use crate::word::{from_word, to_word};

const SELECT: &str = "select b.id, b.router_id, b.made_at, b.seen_at, b.reason, b.release, b.staff_name, b.changed_lines, b.size, b.run_id,
      r.name as router_name from config_backup b join router r on r.id = b.router_id";

const TEXT: &str = "config_backup";
const BINARY: &str = "config_backup binary";

/// Backups by schedule that are kept of a router.
const KEEP: i32 = 90;

/// A configuration that is to be kept.
pub struct NewBackup<'a> {
    pub router_id: i64,
    pub reason: BackupReason,
    pub release: &'a str,
    pub changed_lines: Option<u32>,
    /// `/export`, with secrets.
    pub text: &'a str,
    /// Of the text without what changes by itself.
    pub digest: &'a [u8],
    /// The router's own backup, and the password that it was made with.
    pub binary: Option<(&'a [u8], &'a str)>,
    pub run_id: Option<i64>,
}

/// All that are kept of a router, newest first.
pub async fn list(session: &Session, router_id: i64) -> Result<Vec<ConfigBackup>> {
    let rows = sqlx::query(AssertSqlSafe(format!("{SELECT} where b.router_id = $1 order by b.id desc limit 500")))
        .bind(router_id)
        .fetch_all(&session.pool)
        .await
        .during("list the configurations of a router")?;
    Ok(rows.iter().map(backup).collect())
}

/// One of them.
pub async fn show(session: &Session, id: i64) -> Result<ConfigBackup> {
    let row = sqlx::query(AssertSqlSafe(format!("{SELECT} where b.id = $1")))
        .bind(id)
        .fetch_optional(&session.pool)
        .await
        .during("read a configuration")?
        .ok_or_else(|| Error::not_found("configuration", id))?;
    Ok(backup(&row))
}

/// The newest of a router: its id and digest.
pub async fn newest(session: &Session, router_id: i64) -> Result<Option<(i64, Vec<u8>)>> {
    let row = sqlx::query("select id, digest from config_backup where router_id = $1 order by id desc limit 1")
        .bind(router_id)
        .fetch_optional(&session.pool)
        .await
        .during("read a configuration")?;
    Ok(row.map(|row| (row.get("id"), row.get("digest"))))
}

/// Whether one was kept for a run.
pub async fn of_run(session: &Session, run_id: i64) -> Result<bool> {
    let row = sqlx::query("select exists (select from config_backup where run_id = $1) as kept")
        .bind(run_id)
        .fetch_one(&session.pool)
        .await
        .during("look whether a configuration is kept")?;
    Ok(row.get("kept"))
}

/// The text of one, with its secrets. What is shown to a person stands in the audit.
pub async fn text(session: &Session, key: &RouterKey, id: i64, to_be_shown: bool) -> Result<Zeroizing<String>> {
    let row = sqlx::query("select open_config_backup($1, $2) as body")
        .bind(id)
        .bind(to_be_shown)
        .fetch_optional(&session.pool)
        .await
        .during("read a configuration")?
        .ok_or_else(|| Error::not_found("configuration", id))?;
    let body: Option<Vec<u8>> = row.get("body");
    let bytes = key.open(TEXT, &body.ok_or_else(|| Error::not_found("configuration", id))?)?;
    Ok(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
}

/// The router's own backup, and the password that it was made with; the look at it is audited. None: there is none. Empty: it
/// stayed on the router.
pub async fn binary(session: &Session, key: &RouterKey, id: i64) -> Result<Option<(Zeroizing<Vec<u8>>, String)>> {
    let row = sqlx::query("select open_binary_backup($1) as body")
        .bind(id)
        .fetch_one(&session.pool)
        .await
        .confirming("open a router's own backup")?;
    let Some(body) = row.get::<Option<Vec<u8>>, _>("body") else { return Ok(None) };
    let both = key.open(BINARY, &body)?;
    let end = both.iter().position(|byte| *byte == b'\n').unwrap_or(both.len());
    let password = String::from_utf8_lossy(&both[..end]).into_owned();
    Ok(Some((Zeroizing::new(both.get(end + 1..).unwrap_or_default().to_vec()), password)))
}

/// Keeps one.
pub async fn add(session: &Session, key: &RouterKey, backup: &NewBackup<'_>) -> Result<i64> {
    const OPERATION: &str = "keep a configuration";
    let binary = backup.binary.map(|(bytes, password)| {
        // the password is short and never holds a line end
        let mut both = Zeroizing::new(password.as_bytes().to_vec());
        both.push(b'\n');
        both.extend_from_slice(bytes);
        key.seal(BINARY, &both)
    });
    let row = sqlx::query(
        "insert into config_backup (router_id, tenant_id, operator_id, reason, release, staff_name, changed_lines, size, digest,
           body, binary_body, run_id)
         select r.id, r.tenant_id, r.operator_id, $2, $3, $4, $5, $6, $7, $8, $9, $10 from router r where r.id = $1
         returning id",
    )
    .bind(backup.router_id)
    .bind(to_word(&backup.reason))
    .bind(backup.release)
    .bind(&session.staff.name)
    .bind(backup.changed_lines.map(|lines| i32::try_from(lines).unwrap_or(i32::MAX)))
    .bind(i32::try_from(backup.text.len()).unwrap_or(i32::MAX))
    .bind(backup.digest)
    .bind(key.seal(TEXT, backup.text.as_bytes()))
    .bind(binary)
    .bind(backup.run_id)
    .fetch_optional(&session.pool)
    .await
    .confirming(OPERATION)?
    .ok_or_else(|| Error::not_found("router", backup.router_id))?;
    sqlx::query("select thin_config_backups($1, $2)")
        .bind(backup.router_id)
        .bind(KEEP)
        .execute(&session.pool)
        .await
        .during(OPERATION)?;
    Ok(row.get("id"))
}

/// The router's configuration was looked at, and is still this one.
pub async fn seen_again(session: &Session, id: i64) -> Result<()> {
    sqlx::query("select see_config_backup($1)")
        .bind(id)
        .execute(&session.pool)
        .await
        .map(|_| ())
        .during("keep when a configuration was seen")
}

/// Takes one away. False: there is none.
pub async fn remove(session: &Session, id: i64) -> Result<bool> {
    let row = sqlx::query("select drop_config_backup($1) as gone")
        .bind(id)
        .fetch_one(&session.pool)
        .await
        .confirming("remove a configuration")?;
    Ok(row.get("gone"))
}

/// Routers whose configuration was not looked at for so many hours, of those given.
pub async fn due(session: &Session, router_ids: &[i64], hours: i32) -> Result<Vec<i64>> {
    let rows = sqlx::query(
        "select id from unnest($1::bigint[]) id where not exists (
           select from config_backup b where b.router_id = id and b.seen_at > now() - make_interval(hours => $2))",
    )
    .bind(router_ids)
    .bind(hours)
    .fetch_all(&session.pool)
    .await
    .during("look whose configuration is to be kept")?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

fn backup(row: &PgRow) -> ConfigBackup {
    let reason: BackupReason = from_word(row.get("reason"));
    ConfigBackup {
        id: row.get("id"),
        router_id: row.get("router_id"),
        made_at: row.get("made_at"),
        seen_at: row.get("seen_at"),
        reason,
        release: row.get("release"),
        made_by: row.get::<Option<String>, _>("staff_name").filter(|_| reason != BackupReason::Schedule),
        changed_lines: row.get::<Option<i32>, _>("changed_lines").and_then(|lines| u32::try_from(lines).ok()),
        size: u32::try_from(row.get::<i32, _>("size")).unwrap_or_default(),
        binary: reason == BackupReason::Run,
        run_id: row.get("run_id"),
    }
}
