//! Routers: how each is reached, and what was last seen of it.

use domain::router::{CheckedRouter, Router, RouterApi, RouterSeen, RouterStatus};
use domain::{Error, names};
use rand::distr::{Alphanumeric, SampleString};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::Session;
use crate::error::{During, Result};

const SELECT: &str =
    "select r.id, r.version, r.name, host(r.address) as address, r.nas_identifier, r.coa_port, h.heard_at,
      o.name as operator_name, a.user_name as access_user, a.version as access_version,
      r.api_host, r.api_port, r.api_plain, r.api_code_page, r.api_fingerprint,
      s.up, s.watched_until > now() as watched, s.since, s.tried_at, s.next_try_at, s.reason, s.hint, s.seen_at, s.identity,
      s.version as release, s.board, s.uptime_seconds, s.cpu_load, s.memory_free, s.memory_total, s.ppp_sessions,
      s.hotspot_sessions, t.template, t.title as template_title, t.differences, t.looked_at,
      (select u.id from run u where u.router_id = r.id and u.state in ('running', 'undoing')) as active_run
    from router r join operator o on o.id = r.operator_id left join router_heard h on h.router_id = r.id
    left join router_access a on a.router_id = r.id left join router_seen s on s.router_id = r.id
    left join router_template t on t.router_id = r.id";

/// Where the API is with TLS, and without (RouterOS: `/ip/service`).
const API_SSL_PORT: u16 = 8729;
const API_PORT: u16 = 8728;

/// All routers, by name. Cost: one read of the table.
pub async fn list(session: &Session) -> Result<Vec<Router>> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} order by r.name_folded, r.id")))
        .fetch_all(&session.pool)
        .await
        .during("list routers")?;
    Ok(rows.iter().map(router).collect())
}

/// One router.
pub async fn show(session: &Session, id: i64) -> Result<Router> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} where r.id = $1")))
        .bind(id)
        .fetch_optional(&session.pool)
        .await
        .during("read a router")?
        .ok_or_else(|| Error::not_found("router", id))?;
    Ok(router(&row))
}

/// Adds a router; without a secret, one is drawn.
pub async fn add(session: &Session, router: &CheckedRouter) -> Result<i64> {
    let secret = router.secret.clone().unwrap_or_else(|| Alphanumeric.sample_string(&mut rand::rng(), 32));
    sqlx::query(
        "insert into router (tenant_id, operator_id, name, name_folded, address, nas_identifier, secret, coa_port,
           api_host, api_port, api_plain, api_code_page)
         values ($1, $2, $3, $4, $5::inet, $6, $7, $8, $9, $10, $11, $12) returning id",
    )
    .bind(session.staff.tenant_id)
    .bind(session.staff.operator_id)
    .bind(&router.name)
    .bind(names::fold(&router.name))
    .bind(router.address.to_string())
    .bind(&router.nas_identifier)
    .bind(secret)
    .bind(i32::from(router.coa_port))
    .bind(&router.api_host)
    .bind(router.api_port.map(i32::from))
    .bind(router.api_plain)
    .bind(router.api_code_page)
    .fetch_one(&session.pool)
    .await
    .map(|row| row.get("id"))
    .confirming("add a router")
}

/// Changes a router that is still as it was read; without a secret, it keeps its own.
pub async fn edit(session: &Session, id: i64, version: i32, router: &CheckedRouter) -> Result<()> {
    const OPERATION: &str = "edit a router";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    let changed = sqlx::query(
        "update router set name = $3, name_folded = $4, address = $5::inet, nas_identifier = $6, coa_port = $7,
           api_host = $8, api_port = $9, api_plain = $10, api_code_page = $11, version = version + 1
         where id = $1 and version = $2",
    )
    .bind(id)
    .bind(version)
    .bind(&router.name)
    .bind(names::fold(&router.name))
    .bind(router.address.to_string())
    .bind(&router.nas_identifier)
    .bind(i32::from(router.coa_port))
    .bind(&router.api_host)
    .bind(router.api_port.map(i32::from))
    .bind(router.api_plain)
    .bind(router.api_code_page)
    .execute(&mut *transaction)
    .await
    .during(OPERATION)?;
    if changed.rows_affected() == 0 {
        drop(transaction);
        show(session, id).await?;
        return Err(Error::changed("router"));
    }
    if let Some(secret) = &router.secret {
        sqlx::query("update router set secret = $2 where id = $1")
            .bind(id)
            .bind(secret)
            .execute(&mut *transaction)
            .await
            .during(OPERATION)?;
    }
    transaction.commit().await.confirming(OPERATION)
}

/// Keeps the fingerprint of a router's certificate in place of the one that was kept, if that is still kept.
/// False: somebody else was faster.
pub async fn trust(session: &Session, id: i64, kept: Option<[u8; 32]>, seen: [u8; 32]) -> Result<bool> {
    let changed =
        sqlx::query("update router set api_fingerprint = $3 where id = $1 and api_fingerprint is not distinct from $2")
            .bind(id)
            .bind(kept.map(|kept| kept.to_vec()))
            .bind(seen.to_vec())
            .execute(&session.pool)
            .await
            .confirming("keep a router's fingerprint")?;
    Ok(changed.rows_affected() > 0)
}

/// The fingerprint that is kept of a router's certificate.
pub async fn fingerprint(session: &Session, id: i64) -> Result<Option<[u8; 32]>> {
    let row = sqlx::query("select api_fingerprint from router where id = $1")
        .bind(id)
        .fetch_optional(&session.pool)
        .await
        .during("read a router's fingerprint")?
        .ok_or_else(|| Error::not_found("router", id))?;
    Ok(row.get::<Option<Vec<u8>>, _>("api_fingerprint").and_then(|kept| kept.try_into().ok()))
}

/// The router's RADIUS secret, with the look at it in the audit.
pub async fn reveal_secret(session: &Session, id: i64) -> Result<String> {
    let secret: Option<String> = sqlx::query("select reveal_router_secret($1) as secret")
        .bind(id)
        .fetch_one(&session.pool)
        .await
        .during("reveal a router's secret")?
        .get("secret");
    secret.ok_or_else(|| Error::not_found("router", id))
}

fn router(row: &PgRow) -> Router {
    let address: String = row.get("address");
    let port = |name: &str| row.get::<Option<i32>, _>(name).and_then(|port| u16::try_from(port).ok());
    let (typed_host, typed_port) = (row.get::<Option<String>, _>("api_host"), port("api_port"));
    let plain = row.get("api_plain");
    let fingerprint: Option<Vec<u8>> = row.get("api_fingerprint");
    let api = RouterApi {
        host: typed_host.clone().unwrap_or_else(|| address.clone()),
        port: typed_port.unwrap_or(if plain { API_PORT } else { API_SSL_PORT }),
        plain,
        code_page: row.get("api_code_page"),
        fingerprint: fingerprint.map(|bytes| {
            let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            pairs.join(":")
        }),
        typed_host,
        typed_port,
    };
    Router {
        id: row.get("id"),
        version: row.get("version"),
        name: row.get("name"),
        address,
        nas_identifier: row.get("nas_identifier"),
        coa_port: u16::try_from(row.get::<i32, _>("coa_port")).expect("the database checks it"),
        last_heard_at: row.get("heard_at"),
        operator_name: row.get("operator_name"),
        access_user: row.get("access_user"),
        access_version: row.get("access_version"),
        api,
        seen: seen(row),
        template: row.get("template"),
        template_title: row.get("template_title"),
        drift: row.get::<Option<i32>, _>("differences").and_then(|count| u32::try_from(count).ok()),
        drift_looked_at: row.get("looked_at"),
        active_run: row.get("active_run"),
    }
}

fn seen(row: &PgRow) -> RouterSeen {
    let seen_at: Option<chrono::DateTime<chrono::Utc>> = row.get("seen_at");
    let watched = row.get::<Option<bool>, _>("watched").unwrap_or(false);
    let status = match row.get::<Option<bool>, _>("up") {
        _ if row.get::<Option<&str>, _>("access_user").is_none() => RouterStatus::NoLogIn,
        Some(true) if watched => RouterStatus::Up,
        Some(false) if watched => RouterStatus::Pending,
        _ if seen_at.is_some() => RouterStatus::NotWatched,
        _ => RouterStatus::NeverSeen,
    };
    RouterSeen {
        status,
        since: row.get("since"),
        tried_at: row.get("tried_at"),
        next_try_at: row.get::<Option<_>, _>("next_try_at").filter(|_| status == RouterStatus::Pending),
        reason: row.get::<Option<_>, _>("reason").unwrap_or_default(),
        hint: row.get::<Option<_>, _>("hint").unwrap_or_default(),
        seen_at,
        identity: row.get("identity"),
        version: row.get("release"),
        board: row.get("board"),
        uptime_seconds: row.get("uptime_seconds"),
        cpu_load: row.get("cpu_load"),
        memory_free: row.get("memory_free"),
        memory_total: row.get("memory_total"),
        ppp_sessions: row.get("ppp_sessions"),
        hotspot_sessions: row.get("hotspot_sessions"),
    }
}
