//! `/ppp/secret`: the router's own users of PPPoE and VPNs.

use std::fmt;

use super::item::{Item, Items};
use super::property::{Property, menu};
use super::table::Table;
use crate::command::Command;
use crate::connection::Connection;
use crate::release::Release;
use crate::row::Row;
use crate::sensitive::MASK;
use crate::text::Text;
use crate::value::Id;

/// A password as far as the router told it.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// The router did not give it: the user who is logged in lacks the policy `sensitive`.
    NotGiven,
    /// The password, which may be empty.
    Given(Text),
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven => f.write_str("NotGiven"),
            Self::Given(_) => write!(f, "Given({MASK})"),
        }
    }
}

impl Property for Password {
    fn read(row: &Row, name: &str) -> Option<Self> {
        Some(row.get(name).map_or(Self::NotGiven, |text| Self::Given(text.detached())))
    }
}

menu! {
    /// `/ppp/secret`: a user of PPPoE or a VPN that the router itself keeps.
    pub struct PppSecret of "/ppp/secret" {
        /// Which item.
        id: Id = ".id",
        /// The user name.
        name: Text = "name",
        /// The password, if the router gave it.
        password: Password = "password",
        /// `pppoe`, `any` …
        service: Text = "service",
        /// The name of its profile; `*A` if that was removed.
        profile: Text = "profile",
        /// The device that may use it: a MAC address for PPPoE; empty: any.
        caller_id: Text = "caller-id",
        /// The router's end of the line; empty: the profile's.
        local_address: Text = "local-address",
        /// The customer's address, or a pool's name; empty: the profile's.
        remote_address: Text = "remote-address",
        /// Routes to the customer's networks.
        routes: Text = "routes",
        /// Whether it is switched off.
        disabled: bool = "disabled",
        /// What somebody wrote about it.
        comment: Text = "comment",
        /// In the router's time zone: see [`value::date_time`](crate::value::date_time).
        last_logged_out: Text = "last-logged-out",
    }
}

impl PppSecret {
    /// The command that reads them all on this release: passwords must be asked for from RouterOS 7.21.
    pub fn print_for(release: Option<Release>) -> Command {
        let print = Self::print();
        if Table::get().has_argument(print.path(), "show-sensitive", release) {
            print.flag("show-sensitive")
        } else {
            print
        }
    }

    /// All of them as they come.
    pub fn stream(connection: &Connection) -> Items<Self> {
        Items::of(connection.stream(Self::print_for(connection.release())))
    }

    /// Reads a row of a `print` of one's own.
    pub fn read(row: &Row) -> Result<Self, crate::error::CommandError> {
        Self::from_row(row)
    }
}
