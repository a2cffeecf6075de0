//! Routers: list, show, add, edit.

use domain::router::{Router, RouterAccess, RouterDraft};
use domain::{Error, Permission};

use crate::{Result, Session, named};

/// All routers, by name.
pub async fn list(session: &Session) -> Result<Vec<Router>> {
    session.require(Permission::RouterRead)?;
    store::router::list(session).await
}

/// One router.
pub async fn show(session: &Session, id: i64) -> Result<Router> {
    session.require(Permission::RouterRead)?;
    store::router::show(session, id).await
}

/// The router of that name or number.
pub async fn find(session: &Session, name: &str) -> Result<Router> {
    named::one(list(session).await?, "router", name, |one| (&one.name, one.id, Some(&one.operator_name)))
}

/// Adds a router.
pub async fn add(session: &Session, draft: &RouterDraft) -> Result<Router> {
    session.require(Permission::RouterWrite)?;
    let checked = draft.check().map_err(Error::invalid)?;
    let id = store::router::add(session, &checked).await?;
    show(session, id).await
}

/// Changes a router that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &RouterDraft) -> Result<Router> {
    session.require(Permission::RouterWrite)?;
    let checked = draft.check().map_err(Error::invalid)?;
    store::router::edit(session, id, version, &checked).await?;
    show(session, id).await
}

/// Keeps the log-in of the router's own management under the organisation's key; an empty user name takes it away.
pub async fn keep_access(session: &Session, id: i64, access: &RouterAccess) -> Result<Router> {
    session.require(Permission::RouterSecret)?;
    let checked = access.check().map_err(Error::invalid)?;
    store::key::keep_router_access(session, id, checked.as_ref()).await?;
    show(session, id).await
}

/// The log-in of the router's own management. The look at it stands in the audit.
pub async fn reveal_access(session: &Session, id: i64) -> Result<RouterAccess> {
    session.require(Permission::RouterSecret)?;
    store::key::reveal_router_access(session, id).await
}

/// The router's RADIUS secret. The look at it stands in the audit.
pub async fn reveal_secret(session: &Session, id: i64) -> Result<String> {
    session.require(Permission::RouterSecret)?;
    store::router::reveal_secret(session, id).await
}
