//! Zones.

use domain::zone::{CheckedZone, Zone};
use domain::{Error, names};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::Session;
use crate::error::{During, Result};

/// All zones, by name. Cost: one read of the table, and one of an index of customers.
pub async fn list(session: &Session) -> Result<Vec<Zone>> {
    let rows = sqlx::query(
        "select z.*, o.name as operator_name, coalesce(c.customers, 0) as customers
         from zone z join operator o on o.id = z.operator_id
         left join (select zone_id, count(*) as customers from customer group by zone_id) c on c.zone_id = z.id
         order by z.name_folded, z.id",
    )
    .fetch_all(&session.pool)
    .await
    .during("list zones")?;
    Ok(rows.iter().map(zone).collect())
}

/// One zone.
pub async fn show(session: &Session, id: i64) -> Result<Zone> {
    let row = sqlx::query(
        "select z.*, o.name as operator_name, (select count(*) from customer c where c.zone_id = z.id) as customers
         from zone z join operator o on o.id = z.operator_id where z.id = $1",
    )
    .bind(id)
    .fetch_optional(&session.pool)
    .await
    .during("read a zone")?
    .ok_or_else(|| Error::not_found("zone", id))?;
    Ok(zone(&row))
}

/// Adds a zone.
pub async fn add(session: &Session, zone: &CheckedZone) -> Result<i64> {
    sqlx::query("insert into zone (tenant_id, operator_id, name, name_folded) values ($1, $2, $3, $4) returning id")
        .bind(session.staff.tenant_id)
        .bind(session.staff.operator_id)
        .bind(&zone.name)
        .bind(names::fold(&zone.name))
        .fetch_one(&session.pool)
        .await
        .map(|row| row.get("id"))
        .confirming("add a zone")
}

/// Changes a zone that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, zone: &CheckedZone) -> Result<()> {
    let changed = sqlx::query(
        "update zone set name = $3, name_folded = $4, version = version + 1 where id = $1 and version = $2",
    )
    .bind(id)
    .bind(version)
    .bind(&zone.name)
    .bind(names::fold(&zone.name))
    .execute(&session.pool)
    .await
    .confirming("edit a zone")?;
    if changed.rows_affected() == 1 {
        return Ok(());
    }
    show(session, id).await?;
    Err(Error::changed("zone"))
}

fn zone(row: &PgRow) -> Zone {
    Zone {
        id: row.get("id"),
        version: row.get("version"),
        name: row.get("name"),
        operator_name: row.get("operator_name"),
        customers: row.get("customers"),
    }
}
