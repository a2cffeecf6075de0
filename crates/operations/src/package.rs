//! Packages: list, show, add, edit.

use domain::package::{Package, PackageDraft};
use domain::{Error, Permission};

use crate::{Result, Session, named};

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
    named::one(list(session).await?, "package", name, |one| (&one.name, one.id, one.operator_name.as_deref()))
}

/// Adds a package.
pub async fn add(session: &Session, draft: &PackageDraft) -> Result<Package> {
    session.require(Permission::PackageWrite)?;
    let checked = draft.check(&session.currency).map_err(Error::invalid)?;
    let id = store::package::add(session, &checked).await?;
    show(session, id).await
}

/// Changes a package that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &PackageDraft) -> Result<Package> {
    session.require(Permission::PackageWrite)?;
    let checked = draft.check(&session.currency).map_err(Error::invalid)?;
    store::package::edit(session, id, version, &checked).await?;
    show(session, id).await
}
