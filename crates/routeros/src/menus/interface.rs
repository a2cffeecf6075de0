//! `/interface`.

use super::item::read_all;
use super::property::menu;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::query::Query;
use crate::text::Text;
use crate::value::Id;

menu! {
    /// `/interface`: an interface with its counters. That of a PPPoE session is called `<pppoe-NAME>` and is dynamic.
    pub struct Interface of "/interface" {
        /// Which item.
        id: Id = ".id",
        /// Its name, which anybody may change.
        name: Text = "name",
        /// The name that it left the factory with; only hardware ports have one.
        default_name: Option<Text> = "default-name",
        /// `ether`, `bridge`, `pppoe-in` …
        kind: Text = "type",
        /// Whether its link is up.
        running: bool = "running",
        /// Whether it is switched off.
        disabled: bool = "disabled",
        /// Whether RouterOS made it by itself.
        dynamic: bool = "dynamic",
        /// Whether it is part of a bridge or bond.
        slave: bool = "slave",
        /// Its MAC address.
        mac_address: Text = "mac-address",
        /// What somebody wrote about it.
        comment: Text = "comment",
        /// Bytes that the router received; for a session the customer's upload.
        rx_byte: Option<u64> = "rx-byte",
        /// Bytes that the router sent; for a session the customer's download.
        tx_byte: Option<u64> = "tx-byte",
    }
}

impl Interface {
    /// Reads all interfaces.
    pub async fn read(connection: &Connection) -> Result<Vec<Self>, CommandError> {
        read_all(connection, Self::print()).await
    }

    /// Reads the router's own interfaces, without those that RouterOS makes for sessions.
    pub async fn read_own(connection: &Connection) -> Result<Vec<Self>, CommandError> {
        read_all(connection, Self::print().query(Query::is_not("dynamic", "true"))).await
    }
}
