//! Zones: list, show, add, edit.

use domain::zone::{Zone, ZoneDraft};
use domain::{Error, names};

use crate::{Result, Session};

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
    let all = list(session).await?;
    let folded = names::fold(name);
    let found = all.iter().find(|one| names::fold(&one.name) == folded);
    found
        .or_else(|| all.iter().find(|one| one.id.to_string() == folded))
        .cloned()
        .ok_or_else(|| Error::not_found("zone", name))
}

/// Adds a zone.
pub async fn add(session: &Session, draft: &ZoneDraft) -> Result<Zone> {
    let checked = draft.check().map_err(Error::invalid)?;
    let id = store::zone::add(session, &checked).await?;
    show(session, id).await
}

/// Changes a zone that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &ZoneDraft) -> Result<Zone> {
    let checked = draft.check().map_err(Error::invalid)?;
    store::zone::edit(session, id, version, &checked).await?;
    show(session, id).await
}
