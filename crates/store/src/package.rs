//! Packages.

use domain::package::{CheckedPackage, Package};
use domain::{Error, Money, RateLimit, names};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::Session;
use crate::error::{During, Result};

/// All packages, by name. Cost: one read of the table, and one of an index of customers.
pub async fn list(session: &Session) -> Result<Vec<Package>> {
    let rows = sqlx::query(
        "select p.*, o.name as operator_name, coalesce(c.customers, 0) as customers
         from package p left join operator o on o.id = p.operator_id
         left join (select package_id, count(*) as customers from customer group by package_id) c on c.package_id = p.id
         order by p.name_folded, p.id",
    )
    .fetch_all(&session.pool)
    .await
    .during("list packages")?;
    Ok(rows.iter().map(package).collect())
}

/// One package.
pub async fn show(session: &Session, id: i64) -> Result<Package> {
    let row = sqlx::query(
        "select p.*, o.name as operator_name, (select count(*) from customer c where c.package_id = p.id) as customers
         from package p left join operator o on o.id = p.operator_id where p.id = $1",
    )
    .bind(id)
    .fetch_optional(&session.pool)
    .await
    .during("read a package")?
    .ok_or_else(|| Error::not_found("package", id))?;
    Ok(package(&row))
}

/// Adds a package.
pub async fn add(session: &Session, package: &CheckedPackage) -> Result<i64> {
    sqlx::query(
        "insert into package (tenant_id, operator_id, name, name_folded, rate_limit, volume_bytes, hours,
           validity_days, price, address_pool, max_sessions, for_resellers)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id",
    )
    .bind(session.staff.tenant_id)
    .bind(session.staff.operator_id)
    .bind(&package.name)
    .bind(names::fold(&package.name))
    .bind(package.rate_limit.as_ref().map(ToString::to_string))
    .bind(package.volume.map(domain::Volume::bytes))
    .bind(package.hours)
    .bind(package.validity_days)
    .bind(package.price.0)
    .bind(&package.address_pool)
    .bind(package.max_sessions)
    .bind(package.for_resellers)
    .fetch_one(&session.pool)
    .await
    .map(|row| row.get("id"))
    .confirming("add a package")
}

/// Changes a package that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, package: &CheckedPackage) -> Result<()> {
    let changed = sqlx::query(
        "update package set name = $3, name_folded = $4, rate_limit = $5, volume_bytes = $6, hours = $7,
           validity_days = $8, price = $9, address_pool = $10, max_sessions = $11,
           for_resellers = $12, version = version + 1
         where id = $1 and version = $2",
    )
    .bind(id)
    .bind(version)
    .bind(&package.name)
    .bind(names::fold(&package.name))
    .bind(package.rate_limit.as_ref().map(ToString::to_string))
    .bind(package.volume.map(domain::Volume::bytes))
    .bind(package.hours)
    .bind(package.validity_days)
    .bind(package.price.0)
    .bind(&package.address_pool)
    .bind(package.max_sessions)
    .bind(package.for_resellers)
    .execute(&session.pool)
    .await
    .confirming("edit a package")?;
    if changed.rows_affected() == 1 {
        return Ok(());
    }
    show(session, id).await?;
    Err(Error::changed("package"))
}

fn package(row: &PgRow) -> Package {
    let rate_limit: Option<String> = row.get("rate_limit");
    let parsed = rate_limit.as_deref().and_then(|text| RateLimit::parse(text).ok());
    Package {
        id: row.get("id"),
        version: row.get("version"),
        name: row.get("name"),
        upload_bps: parsed.as_ref().map(RateLimit::upload_bps),
        download_bps: parsed.as_ref().map(RateLimit::download_bps),
        rate_limit,
        volume_bytes: row.get("volume_bytes"),
        hours: row.get("hours"),
        validity_days: row.get("validity_days"),
        price: Money(row.get("price")),
        address_pool: row.get("address_pool"),
        max_sessions: row.get("max_sessions"),
        for_resellers: row.get("for_resellers"),
        // an operator above is out of reach: its name is not read
        own: row.get::<Option<String>, _>("operator_name").is_some(),
        operator_name: row.get("operator_name"),
        customers: row.get("customers"),
    }
}
