//! Tenants, for developers and super admins.

use domain::operator::Tenant;
use domain::provider::TenantDraft;
use domain::{Error, Permission};

use crate::{Result, Session, named};

/// All tenants within reach, by name.
pub async fn list(session: &Session) -> Result<Vec<Tenant>> {
    session.require(Permission::TenantManage)?;
    store::tenant::list(session).await
}

/// The tenant of that name or number.
pub async fn find(session: &Session, name: &str) -> Result<Tenant> {
    named::one(list(session).await?, "tenant", name, |one| (&one.name, one.id, None))
}

/// Adds a tenant; a super admin who does owns it.
pub async fn add(session: &Session, draft: &TenantDraft) -> Result<Tenant> {
    session.require(Permission::TenantManage)?;
    let checked = draft.check().map_err(Error::invalid)?;
    let id = store::tenant::add(session, &checked).await?;
    find(session, &id.to_string()).await
}

/// Says that a super admin owns a tenant, or does not any more. Developers do.
pub async fn set_owner(session: &Session, id: i64, staff_id: i64, owns: bool) -> Result<Tenant> {
    session.require(Permission::TenantManage)?;
    store::tenant::set_owner(session, id, staff_id, owns).await?;
    find(session, &id.to_string()).await
}
