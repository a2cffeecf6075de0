//! The organisation's key.

use domain::Permission;
use domain::key::{KeyState, RotationProgress};

use crate::{Result, Session};

/// How the key stands.
pub async fn show(session: &Session) -> Result<KeyState> {
    session.require(Permission::RouterSecret)?;
    store::key::show(session).await
}

/// Makes a new key, seals what is kept anew, and lets the old one go. Cut off anywhere, it goes on where it was when it is
/// asked for again. `progress` is told after each batch and stops it by saying no.
pub async fn rotate(session: &Session, progress: impl FnMut(RotationProgress) -> bool) -> Result<KeyState> {
    session.require(Permission::KeyRotate)?;
    store::key::rotate(session, progress).await
}
