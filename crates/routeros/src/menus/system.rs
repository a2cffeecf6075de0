//! What a router is: `/system`.

use std::time::Duration;

use super::item::read_one;
use super::property::menu;
use crate::command::Command;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::text::Text;
use crate::trap::Refusal;

menu! {
    /// `/system/resource`: what it runs on and how busy it is.
    pub struct Resource of "/system/resource" {
        /// Since it was switched on.
        uptime: Option<Duration> = "uptime",
        /// Such as `7.18.2 (stable)`: see [`Release::parse`](crate::Release::parse).
        version: Text = "version",
        /// Such as `RB4011iGS+` or `CHR`.
        board_name: Text = "board-name",
        /// Such as `arm64`.
        architecture_name: Text = "architecture-name",
        /// Load of all cores together, in percent.
        cpu_load: Option<u64> = "cpu-load",
        /// Number of cores.
        cpu_count: Option<u64> = "cpu-count",
        /// Bytes.
        free_memory: Option<u64> = "free-memory",
        /// Bytes.
        total_memory: Option<u64> = "total-memory",
        /// Bytes of the disk that files are kept on.
        free_hdd_space: Option<u64> = "free-hdd-space",
        /// Bytes.
        total_hdd_space: Option<u64> = "total-hdd-space",
    }
}

impl Resource {
    /// Reads it.
    pub async fn read(connection: &Connection) -> Result<Self, CommandError> {
        read_one(connection, Self::print()).await
    }
}

menu! {
    /// `/system/identity`: what it calls itself, which is also its NAS-Identifier to RADIUS.
    pub struct Identity of "/system/identity" {
        /// The name.
        name: Text = "name",
    }
}

impl Identity {
    /// Reads it.
    pub async fn read(connection: &Connection) -> Result<Self, CommandError> {
        read_one(connection, Self::print()).await
    }

    /// The command that gives the router another name. Its open accounting sessions will go on under the new one.
    pub fn set(name: &str) -> Command {
        Command::new("/system/identity/set").arg("name", name)
    }
}

menu! {
    /// `/system/routerboard`: the board, if it is one of MikroTik's.
    pub struct Routerboard of "/system/routerboard" {
        /// Whether it is a board of MikroTik's.
        routerboard: bool = "routerboard",
        /// Such as `RB4011iGS+`.
        model: Text = "model",
        /// What is printed on its label.
        serial_number: Text = "serial-number",
        /// The boot loader's release.
        current_firmware: Text = "current-firmware",
        /// The boot loader's release that `upgrade` would install.
        upgrade_firmware: Text = "upgrade-firmware",
    }
}

impl Routerboard {
    /// Reads it. None: CHR and x86 have no such menu.
    pub async fn read(connection: &Connection) -> Result<Option<Self>, CommandError> {
        match read_one(connection, Self::print()).await {
            Ok(board) => Ok(Some(board)),
            Err(error) if error.refusal() == Some(Refusal::NoSuchCommand) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
