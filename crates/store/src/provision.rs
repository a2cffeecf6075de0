//! Templates of the provider's own, what each router was provisioned from, and what blanks are filled with.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::Error;
use domain::provision::TemplateVersion;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::types::Json;

use crate::Session;
use crate::error::{During, Result, sql_state};
use crate::router_key::RouterKey;

/// A template as the provider wrote it.
#[derive(Debug, Clone)]
pub struct WrittenTemplate {
    pub name: String,
    pub version: i32,
    pub title: String,
    pub about: String,
    pub sections: Vec<String>,
    /// JSON; empty in lists.
    pub text: String,
    pub written_by: String,
    pub written_at: DateTime<Utc>,
}

/// The newest version of each template, by name; without texts.
pub async fn templates(session: &Session) -> Result<Vec<WrittenTemplate>> {
    let rows = sqlx::query(
        "select distinct on (name) name, version, title, about, sections, '' as text, staff_name, written_at
         from template where tenant_id = $1 order by name, version desc",
    )
    .bind(session.staff.tenant_id)
    .fetch_all(&session.pool)
    .await
    .during("list templates")?;
    Ok(rows.iter().map(written).collect())
}

/// A version of a template, or its newest. None: the provider wrote none.
pub async fn template(session: &Session, name: &str, version: Option<i32>) -> Result<Option<WrittenTemplate>> {
    let row = sqlx::query(
        "select name, version, title, about, sections, text, staff_name, written_at from template
         where tenant_id = $1 and name = $2 and ($3::integer is null or version = $3) order by version desc limit 1",
    )
    .bind(session.staff.tenant_id)
    .bind(name)
    .bind(version)
    .fetch_optional(&session.pool)
    .await
    .during("read a template")?;
    Ok(row.as_ref().map(written))
}

/// The versions that are kept of a template, newest first.
pub async fn template_versions(session: &Session, name: &str) -> Result<Vec<TemplateVersion>> {
    let rows = sqlx::query(
        "select version, staff_name, written_at from template where tenant_id = $1 and name = $2 order by version desc",
    )
    .bind(session.staff.tenant_id)
    .bind(name)
    .fetch_all(&session.pool)
    .await
    .during("list the versions of a template")?;
    Ok(rows
        .iter()
        .map(|row| TemplateVersion {
            version: row.get("version"),
            written_by: Some(row.get("staff_name")),
            written_at: Some(row.get("written_at")),
        })
        .collect())
}

/// How many routers were provisioned from each template, by its name.
pub async fn template_use(session: &Session) -> Result<BTreeMap<String, u32>> {
    let rows = sqlx::query("select template, count(*) as routers from router_template group by template")
        .fetch_all(&session.pool)
        .await
        .during("count routers by template")?;
    let count = |row: &sqlx::postgres::PgRow| u32::try_from(row.get::<i64, _>("routers")).unwrap_or(u32::MAX);
    Ok(rows.iter().map(|row| (row.get("template"), count(row))).collect())
}

/// Keeps a version of a template that nobody else wrote meanwhile.
pub async fn keep_template(session: &Session, template: &WrittenTemplate) -> Result<()> {
    let kept = sqlx::query(
        "insert into template (tenant_id, name, version, title, about, sections, text, staff_id, staff_name)
         values ($1, $2, $3, $4, $5, $6, $7, me(), $8)",
    )
    .bind(session.staff.tenant_id)
    .bind(&template.name)
    .bind(template.version)
    .bind(&template.title)
    .bind(&template.about)
    .bind(&template.sections)
    .bind(&template.text)
    .bind(&session.staff.name)
    .execute(&session.pool)
    .await;
    if sql_state(&kept).as_deref() == Some("23505") {
        return Err(Error::changed("template"));
    }
    kept.confirming("keep a template").map(|_| ())
}

/// Drops what the provider wrote of a template. False: there was nothing.
pub async fn drop_template(session: &Session, name: &str) -> Result<bool> {
    let row = sqlx::query("select drop_template($1, $2) as gone")
        .bind(session.staff.tenant_id)
        .bind(name)
        .fetch_one(&session.pool)
        .await
        .confirming("drop a template")?;
    Ok(row.get("gone"))
}

fn written(row: &sqlx::postgres::PgRow) -> WrittenTemplate {
    WrittenTemplate {
        name: row.get("name"),
        version: row.get("version"),
        title: row.get("title"),
        about: row.get("about"),
        sections: row.get("sections"),
        text: row.get("text"),
        written_by: row.get("staff_name"),
        written_at: row.get("written_at"),
    }
}

/// What a router was provisioned from.
#[derive(Debug, Clone)]
pub struct Provisioned {
    pub router_id: i64,
    pub template: String,
    pub title: String,
    pub version: i32,
    /// Without secrets.
    pub blanks: BTreeMap<String, String>,
    pub run_id: Option<i64>,
    pub applied_at: DateTime<Utc>,
    pub applied_by: String,
    pub accepted: Vec<Accepted>,
}

/// A difference that somebody decided to keep.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Accepted {
    /// Of the item.
    pub key: String,
    /// None: the whole item.
    pub property: Option<String>,
}

const APPLIED: &str = "router_template";

/// What a router was provisioned from. None: nothing.
pub async fn of_router(session: &Session, router_id: i64) -> Result<Option<Provisioned>> {
    let row = sqlx::query(
        "select router_id, template, title, template_version, blanks, run_id, applied_at, applied_by, accepted
         from router_template where router_id = $1",
    )
    .bind(router_id)
    .fetch_optional(&session.pool)
    .await
    .during("read what a router was provisioned from")?;
    Ok(row.map(|row| Provisioned {
        router_id: row.get("router_id"),
        template: row.get("template"),
        title: row.get("title"),
        version: row.get("template_version"),
        blanks: row.get::<Json<_>, _>("blanks").0,
        run_id: row.get("run_id"),
        applied_at: row.get("applied_at"),
        applied_by: row.get("applied_by"),
        accepted: row.get::<Json<_>, _>("accepted").0,
    }))
}

/// What was applied, with its secrets. None: the router was not provisioned.
pub async fn applied(session: &Session, key: &RouterKey, router_id: i64) -> Result<Option<serde_json::Value>> {
    let row = sqlx::query("select applied_to_router($1) as sealed")
        .bind(router_id)
        .fetch_optional(&session.pool)
        .await
        .during("read what was applied to a router")?;
    let sealed: Option<Vec<u8>> = row.and_then(|row| row.get("sealed"));
    sealed.map(|sealed| key.open_value(APPLIED, &sealed)).transpose()
}

/// What is kept when a router was provisioned.
#[derive(Debug, Clone)]
pub struct NewProvisioned<'a> {
    pub router_id: i64,
    pub template: &'a str,
    pub title: &'a str,
    pub version: i32,
    pub blanks: &'a BTreeMap<String, String>,
    /// With its secrets.
    pub applied: &'a serde_json::Value,
    pub run_id: i64,
}

/// Keeps what a router was provisioned from, in place of what was kept before.
pub async fn keep_of_router(session: &Session, key: &RouterKey, kept: &NewProvisioned<'_>) -> Result<()> {
    const OPERATION: &str = "keep what a router was provisioned from";
    let sealed = key.seal_value(APPLIED, kept.applied);
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    let changed = sqlx::query(
        "update router_template set template = $2, title = $3, template_version = $4, blanks = $5, sealed = $6, run_id = $7,
           applied_at = now(), applied_by = $8,
           accepted = case when template = $2 then accepted else '[]' end, differences = 0, looked_at = now()
         where router_id = $1",
    )
    .bind(kept.router_id)
    .bind(kept.template)
    .bind(kept.title)
    .bind(kept.version)
    .bind(Json(kept.blanks))
    .bind(&sealed)
    .bind(kept.run_id)
    .bind(&session.staff.name)
    .execute(&mut *transaction)
    .await
    .during(OPERATION)?;
    if changed.rows_affected() == 0 {
        sqlx::query(
            "insert into router_template (router_id, tenant_id, operator_id, template, title, template_version, blanks, sealed,
               run_id, applied_by)
             select r.id, r.tenant_id, r.operator_id, $2, $3, $4, $5, $6, $7, $8 from router r where r.id = $1",
        )
        .bind(kept.router_id)
        .bind(kept.template)
        .bind(kept.title)
        .bind(kept.version)
        .bind(Json(kept.blanks))
        .bind(&sealed)
        .bind(kept.run_id)
        .bind(&session.staff.name)
        .execute(&mut *transaction)
        .await
        .during(OPERATION)?;
    }
    transaction.commit().await.confirming(OPERATION)
}

/// A row of it as it stood, for putting it back. None: there was none.
pub async fn snapshot_of_router(session: &Session, router_id: i64) -> Result<Option<serde_json::Value>> {
    let row = sqlx::query("select snapshot_router_template($1) as kept")
        .bind(router_id)
        .fetch_one(&session.pool)
        .await
        .during("read what a router was provisioned from")?;
    Ok(row.get("kept"))
}

/// Puts back what [`snapshot_of_router`] read; none takes it away.
pub async fn restore_of_router(session: &Session, router_id: i64, kept: Option<&serde_json::Value>) -> Result<()> {
    const OPERATION: &str = "put back what a router was provisioned from";
    let Some(kept) = kept else {
        sqlx::query("select drop_router_template($1)")
            .bind(router_id)
            .execute(&session.pool)
            .await
            .confirming(OPERATION)?;
        return Ok(());
    };
    sqlx::query(
        "update router_template t set template = k.template, title = k.title, template_version = k.template_version,
           blanks = k.blanks, sealed = decode(k.sealed, 'hex'), run_id = k.run_id, applied_at = k.applied_at,
           applied_by = k.applied_by, accepted = k.accepted, differences = k.differences, looked_at = k.looked_at
         from jsonb_to_record($2) k (template text, title text, template_version integer, blanks jsonb, sealed text, run_id bigint,
           applied_at timestamptz, applied_by text, accepted jsonb, differences integer, looked_at timestamptz)
         where t.router_id = $1",
    )
    .bind(router_id)
    .bind(kept)
    .execute(&session.pool)
    .await
    .confirming(OPERATION)
    .map(|_| ())
}

/// Keeps how many differences a look found that nobody accepted.
pub async fn note_drift(session: &Session, router_id: i64, differences: usize) -> Result<()> {
    sqlx::query("update router_template set differences = $2, looked_at = now() where router_id = $1")
        .bind(router_id)
        .bind(i32::try_from(differences).unwrap_or(i32::MAX))
        .execute(&session.pool)
        .await
        .map(|_| ())
        .during("keep how a router stands against its template")
}

/// Keeps which differences somebody decided to keep.
pub async fn accept(session: &Session, router_id: i64, accepted: &[Accepted]) -> Result<()> {
    sqlx::query("update router_template set accepted = $2 where router_id = $1")
        .bind(router_id)
        .bind(Json(accepted))
        .execute(&session.pool)
        .await
        .map(|_| ())
        .confirming("accept a difference")
}

/// What the blanks of a router are filled with by its operator, or those above it.
pub async fn blanks(session: &Session, router_id: i64) -> Result<BTreeMap<String, String>> {
    let rows = sqlx::query("select name, value from blanks_of_router($1)")
        .bind(router_id)
        .fetch_all(&session.pool)
        .await
        .during("read what blanks are filled with")?;
    Ok(rows.iter().map(|row| (row.get("name"), row.get("value"))).collect())
}

/// Keeps what the operator that a person works for fills a blank with; empty takes it away.
pub async fn keep_blank(session: &Session, name: &str, value: &str) -> Result<()> {
    const OPERATION: &str = "keep what a blank is filled with";
    if value.is_empty() {
        sqlx::query("select drop_blank_default($1, $2)")
            .bind(session.staff.operator_id)
            .bind(name)
            .execute(&session.pool)
            .await
            .confirming(OPERATION)?;
        return Ok(());
    }
    sqlx::query(
        "insert into blank_default (operator_id, tenant_id, name, value) values ($1, $2, $3, $4)
         on conflict (operator_id, name) do update set value = excluded.value",
    )
    .bind(session.staff.operator_id)
    .bind(session.staff.tenant_id)
    .bind(name)
    .bind(value)
    .execute(&session.pool)
    .await
    .confirming(OPERATION)
    .map(|_| ())
}
