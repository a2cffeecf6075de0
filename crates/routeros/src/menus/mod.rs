//! The menus of RouterOS that Demarc uses: which release has which command and argument.

use crate::command::Command;
use crate::error::NotInRelease;
use crate::release::Release;

/// Whether a router of this release knows the command.
pub(crate) fn check(_command: &Command, _release: Option<Release>) -> Result<(), NotInRelease> {
    Ok(())
}
