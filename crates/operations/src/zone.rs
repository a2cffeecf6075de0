//! Zones: list, show, add, edit.

use domain::zone::{Zone, ZoneDraft};
use domain::{Error, Permission};

use crate::{Result, Session, named};

/// All zones, by name.
pub async fn list(session: &Session) -> Result<Vec<Zone>> {
    store::zone::list(session).await
}

/// One zone.
pub async fn show(session: &Session, id: i64) -> Result<Zone> {
    store::zone::show(session, id).await
}

/// The zone of that name or number.
pub async fn find(session: &Session, name: &str) -> Result<Zone> {
    named::one(list(session).await?, "zone", name, |one| (&one.name, one.id, Some(&one.operator_name)))
}

/// Adds a zone.
pub async fn add(session: &Session, draft: &ZoneDraft) -> Result<Zone> {
    session.require(Permission::ZoneWrite)?;
    let checked = draft.check().map_err(Error::invalid)?;
    let id = store::zone::add(session, &checked).await?;
    show(session, id).await
}

/// Changes a zone that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &ZoneDraft) -> Result<Zone> {
    session.require(Permission::ZoneWrite)?;
    let checked = draft.check().map_err(Error::invalid)?;
    store::zone::edit(session, id, version, &checked).await?;
    show(session, id).await
}
