//! The provider's settings.

use domain::provider::{Provider, ProviderDraft};
use domain::{Error, Permission};

use crate::{Result, Session};

/// The settings.
pub async fn show(session: &Session) -> Result<Provider> {
    store::provider::show(session).await
}

/// Changes settings that are still as they were read.
pub async fn edit(session: &Session, version: i32, draft: &ProviderDraft) -> Result<Provider> {
    session.require(Permission::ProviderWrite)?;
    let checked = draft.check().map_err(Error::invalid)?;
    store::provider::edit(session, version, &checked).await?;
    show(session).await
}
