//! The menus of RouterOS that Demarc uses: which release has which command and argument, and the menus themselves, typed.

mod access;
mod clock;
pub mod file;
mod interface;
mod item;
mod log;
mod property;
mod secret;
mod session;
mod system;
mod table;

pub use access::{Certificate, OwnGroup, Service};
pub use clock::Clock;
pub use interface::Interface;
pub use item::{Item, Items};
pub use log::LogLine;
pub use secret::{Password, PppSecret};
pub use session::{HotspotActive, PppActive};
pub use system::{Identity, Resource, Routerboard};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Id;

    /// Every command that this crate makes by itself, on a router of this release.
    fn commands(release: Option<Release>) -> Vec<Command> {
        let mut commands = vec![
            Resource::print(),
            Identity::print(),
            Identity::set("tower-3"),
            Routerboard::print(),
            Service::print(),
            Clock::print(),
            Service::set_certificate(Id(1), "demarc"),
            Certificate::print(),
            OwnGroup::print_user("admin"),
            OwnGroup::print_group(&"full".into()),
            Interface::print(),
            PppActive::print(),
            PppActive::remove_command(Id(1)),
            HotspotActive::print(),
            HotspotActive::remove_command(Id(1)),
            PppSecret::print_for(release),
            LogLine::print(),
            LogLine::listen_command(),
            file::export_command("x", file::Secrets::Shown, release),
            file::export_command("x", file::Secrets::Hidden, release),
            file::find_command("x"),
            file::remove_command(Id(1)),
        ];
        if Table::get().has_argument("/file/read", "offset", release) {
            commands.push(file::read_command("x", 0));
        }
        commands
    }

    #[test]
    fn every_release_has_every_command_that_it_is_sent() {
        let known =
            ["6.49", "6.49.18", "7.1", "7.9.2", "7.12.2", "7.13", "7.15", "7.18.2", "7.20.8", "7.21", "7.24", "7.40"];
        let releases = known.iter().map(|version| Release::parse(version));
        for release in releases.chain([None]) {
            for command in commands(release) {
                assert_eq!(check(&command, release), Ok(()), "{command}");
            }
        }
    }

    #[test]
    fn passwords_are_asked_for_where_they_must_be() {
        let asked = |version| PppSecret::print_for(Release::parse(version)).argument("show-sensitive").is_some();
        assert!(asked("7.21 (stable)") && asked("7.24 (stable)") && !asked("7.20.8 (stable)") && !asked("6.49.18"));
        let export = |version| file::export_command("x", file::Secrets::Hidden, Release::parse(version)).to_string();
        assert_eq!(export("7.18"), "/export file=x");
        assert_eq!(export("6.49.18"), "/export file=x hide-sensitive=");
    }
}
