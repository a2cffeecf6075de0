//! Tenants: for whoever has several, or may make one.

use domain::operator::Tenant;
use domain::provider::CheckedTenant;
use domain::{Error, names};
use sqlx::Row;

use crate::Session;
use crate::error::{During, Result};

/// All tenants within reach, by name.
pub async fn list(session: &Session) -> Result<Vec<Tenant>> {
    // the names of owners are read by developers and by the owners themselves; others need not know them
    let rows = sqlx::query(
        "select t.id, t.name, t.country, t.currency,
           array(select s.name from tenant_owner o join staff s on s.id = o.staff_id where o.tenant_id = t.id order by 1)
             as owners
         from tenant t order by lower(t.name), t.id",
    )
    .fetch_all(&session.pool)
    .await
    .during("list tenants")?;
    Ok(rows
        .iter()
        .map(|row| {
            let id = row.get("id");
            Tenant {
                id,
                name: row.get("name"),
                country: row.get("country"),
                currency: row.get("currency"),
                owners: row.get("owners"),
                current: id == session.staff.tenant_id,
            }
        })
        .collect())
}

/// Adds a tenant; a super admin who does owns it.
pub async fn add(session: &Session, tenant: &CheckedTenant) -> Result<i64> {
    sqlx::query("select create_tenant($1, $2, $3, $4, $5, $6) as id")
        .bind(&tenant.name)
        .bind(names::fold(&tenant.name))
        .bind(tenant.country.code())
        .bind(tenant.country.calling_code().to_string())
        .bind(tenant.currency.code())
        .bind(tenant.time_zone.name())
        .fetch_one(&session.pool)
        .await
        .map(|row| row.get("id"))
        .confirming("add a tenant")
}

/// Says whether a super admin owns a tenant.
pub async fn set_owner(session: &Session, id: i64, staff_id: i64, owns: bool) -> Result<()> {
    let done: Option<bool> = sqlx::query("select set_tenant_owner($1, $2, $3) as done")
        .bind(id)
        .bind(staff_id)
        .bind(owns)
        .fetch_one(&session.pool)
        .await
        .confirming("say who owns a tenant")?
        .get("done");
    done.map(|_| ()).ok_or_else(|| Error::not_found("super admin", staff_id))
}
