//! Routers: list, show, add, edit.

use domain::router::{Router, RouterDraft};
use domain::{Error, names};

use crate::{Result, Session};

/// All routers, by name.
pub async fn list(session: &Session) -> Result<Vec<Router>> {
    store::router::list(session).await
}

/// One router.
pub async fn show(session: &Session, id: i64) -> Result<Router> {
    store::router::show(session, id).await
}

/// The router of that name or number.
pub async fn find(session: &Session, name: &str) -> Result<Router> {
    let all = list(session).await?;
    let folded = names::fold(name);
    let found = all.iter().find(|one| names::fold(&one.name) == folded);
    found
        .or_else(|| all.iter().find(|one| one.id.to_string() == folded))
        .cloned()
        .ok_or_else(|| Error::not_found("router", name))
}

/// Adds a router.
pub async fn add(session: &Session, draft: &RouterDraft) -> Result<Router> {
    let checked = draft.check().map_err(Error::invalid)?;
    let id = store::router::add(session, &checked).await?;
    show(session, id).await
}

/// Changes a router that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &RouterDraft) -> Result<Router> {
    let checked = draft.check().map_err(Error::invalid)?;
    store::router::edit(session, id, version, &checked).await?;
    show(session, id).await
}

/// The router's RADIUS secret. The look at it stands in the audit.
pub async fn reveal_secret(session: &Session, id: i64) -> Result<String> {
    store::router::reveal_secret(session, id).await
}
