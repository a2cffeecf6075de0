//! Who is connected right now: `/ppp/active` and `/ip/hotspot/active`.

use std::net::IpAddr;
use std::time::Duration;

use super::item::{Items, count};
use super::property::menu;
use crate::command::Command;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::text::Text;
use crate::value::Id;

menu! {
    /// `/ppp/active`: a session of PPPoE or a VPN. Its byte counters are those of the interface `<pppoe-NAME>`.
    pub struct PppActive of "/ppp/active" {
        /// Which item.
        id: Id = ".id",
        /// The user name.
        name: Text = "name",
        /// `pppoe`, `l2tp` …
        service: Text = "service",
        /// The device: a MAC address for PPPoE.
        caller_id: Text = "caller-id",
        /// The customer's address.
        address: Option<IpAddr> = "address",
        /// Since the session began.
        uptime: Option<Duration> = "uptime",
        /// Its Acct-Session-Id, such as `0x81000001`.
        session_id: Text = "session-id",
        /// Whether RADIUS let it in.
        radius: bool = "radius",
    }
}

impl PppActive {
    /// How many sessions there are.
    pub async fn count(connection: &Connection) -> Result<u64, CommandError> {
        count(connection, Self::MENU).await
    }

    /// All sessions as they come.
    pub fn stream(connection: &Connection) -> Items<Self> {
        Items::of(connection.stream(Self::print()))
    }

    /// The command that ends a session.
    pub fn remove_command(id: Id) -> Command {
        Command::new("/ppp/active/remove").id(id)
    }

    /// Ends a session.
    pub async fn remove(connection: &Connection, id: Id) -> Result<(), CommandError> {
        connection.call(Self::remove_command(id)).await.map(drop)
    }
}

menu! {
    /// `/ip/hotspot/active`: a device that is logged in to a hotspot.
    pub struct HotspotActive of "/ip/hotspot/active" {
        /// Which item; RouterOS makes it from the address.
        id: Id = ".id",
        /// The user name.
        user: Text = "user",
        /// The device's address.
        address: Option<IpAddr> = "address",
        /// The device's MAC address.
        mac_address: Text = "mac-address",
        /// The hotspot server.
        server: Text = "server",
        /// `http-chap`, `mac`, `cookie` …
        login_by: Text = "login-by",
        /// Since the session began.
        uptime: Option<Duration> = "uptime",
        /// Since the device last sent anything.
        idle_time: Option<Duration> = "idle-time",
        /// Until the session must end; absent without a limit.
        session_time_left: Option<Duration> = "session-time-left",
        /// Bytes that the router received: the customer's upload.
        bytes_in: Option<u64> = "bytes-in",
        /// Bytes that the router sent: the customer's download.
        bytes_out: Option<u64> = "bytes-out",
        /// Whether RADIUS let it in.
        radius: bool = "radius",
    }
}

impl HotspotActive {
    /// How many sessions there are.
    pub async fn count(connection: &Connection) -> Result<u64, CommandError> {
        count(connection, Self::MENU).await
    }

    /// All sessions as they come.
    pub fn stream(connection: &Connection) -> Items<Self> {
        Items::of(connection.stream(Self::print()))
    }

    /// The command that ends a session. One user with several devices may lose all of them by one.
    pub fn remove_command(id: Id) -> Command {
        Command::new("/ip/hotspot/active/remove").id(id)
    }

    /// Ends a session: see [`HotspotActive::remove_command`].
    pub async fn remove(connection: &Connection, id: Id) -> Result<(), CommandError> {
        connection.call(Self::remove_command(id)).await.map(drop)
    }
}
