//! Packages: list, show, add, edit.

use domain::package::{Package, PackageDraft};
use domain::{Error, names};

use crate::{Result, Session};

/// All packages, by name.
pub async fn list(session: &Session) -> Result<Vec<Package>> {
    store::package::list(session).await
}

/// One package.
pub async fn show(session: &Session, id: i64) -> Result<Package> {
    store::package::show(session, id).await
}

/// The package of that name or number.
pub async fn find(session: &Session, name: &str) -> Result<Package> {
    let all = list(session).await?;
    let folded = names::fold(name);
    let found = all.iter().find(|one| names::fold(&one.name) == folded);
    found
        .or_else(|| all.iter().find(|one| one.id.to_string() == folded))
        .cloned()
        .ok_or_else(|| Error::not_found("package", name))
}

/// Adds a package.
pub async fn add(session: &Session, draft: &PackageDraft) -> Result<Package> {
    let checked = draft.check(&session.currency).map_err(Error::invalid)?;
    let id = store::package::add(session, &checked).await?;
    show(session, id).await
}

/// Changes a package that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &PackageDraft) -> Result<Package> {
    let checked = draft.check(&session.currency).map_err(Error::invalid)?;
    store::package::edit(session, id, version, &checked).await?;
    show(session, id).await
}
