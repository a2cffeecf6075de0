//! Routers, as RADIUS clients.

use domain::router::{CheckedRouter, Router};
use domain::{Error, names};
use rand::distr::{Alphanumeric, SampleString};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::Session;
use crate::error::{During, Result};

const SELECT: &str =
    "select r.id, r.version, r.name, host(r.address) as address, r.nas_identifier, r.coa_port, h.heard_at,
      o.name as operator_name, a.user_name as access_user
    from router r join operator o on o.id = r.operator_id left join router_heard h on h.router_id = r.id
    left join router_access a on a.router_id = r.id";

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
        "insert into router (tenant_id, operator_id, name, name_folded, address, nas_identifier, secret, coa_port)
         values ($1, $2, $3, $4, $5::inet, $6, $7, $8) returning id",
    )
    .bind(session.staff.tenant_id)
    .bind(session.staff.operator_id)
    .bind(&router.name)
    .bind(names::fold(&router.name))
    .bind(router.address.to_string())
    .bind(&router.nas_identifier)
    .bind(secret)
    .bind(i32::from(router.coa_port))
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
        "update router set name = $3, name_folded = $4, address = $5::inet, nas_identifier = $6, coa_port = $7, version = version + 1
         where id = $1 and version = $2",
    )
    .bind(id)
    .bind(version)
    .bind(&router.name)
    .bind(names::fold(&router.name))
    .bind(router.address.to_string())
    .bind(&router.nas_identifier)
    .bind(i32::from(router.coa_port))
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
    Router {
        id: row.get("id"),
        version: row.get("version"),
        name: row.get("name"),
        address: row.get("address"),
        nas_identifier: row.get("nas_identifier"),
        coa_port: u16::try_from(row.get::<i32, _>("coa_port")).expect("the database checks it"),
        last_heard_at: row.get("heard_at"),
        operator_name: row.get("operator_name"),
        access_user: row.get("access_user"),
    }
}
