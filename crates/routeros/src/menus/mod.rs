//! The menus of RouterOS that Demarc uses: which release has which command and argument, and the menus themselves, typed.

mod table;

pub use table::{Menu, Releases, Table, Verb};

use crate::command::Command;
use crate::error::NotInRelease;
use crate::release::Release;

/// Whether a router of this release knows the command. Reading any menu that a person names is theirs to try.
pub(crate) fn check(command: &Command, release: Option<Release>) -> Result<(), NotInRelease> {
    if command.is_for_any_menu() {
        return Ok(());
    }
    Table::get().check(command, release)
}
