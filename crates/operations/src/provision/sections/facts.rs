//! What is known of a router before anything is decided.

use std::net::IpAddr;

use routeros::menus::Table;
use routeros::{Command, Release};

/// What was read of a router.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// None: it could not be read, and only what every release has is used.
    pub release: Option<Release>,
    /// Such as `hAP ac^2`.
    pub board: String,
    /// `nlevel` of `/system/license`; none where it has no levels (CHR) or could not be read.
    pub license_level: Option<u8>,
    /// Features that `/system/device-mode` switches off, such as `hotspot`.
    pub forbidden: Vec<String>,
    pub interfaces: Vec<Interface>,
    /// Names in `/interface/list`.
    pub interface_lists: Vec<String>,
    /// Interfaces in those lists, of `/interface/list/member`, ours too.
    pub list_members: Vec<Member>,
    /// `/ip/firewall/filter` has a rule of somebody else's with `fasttrack-connection`.
    pub fast_track: bool,
    /// The `input` chain has a rule that drops or rejects, not ours.
    pub input_drop: bool,
    /// The board keeps its files in `flash/`: what is beside it is gone after a reboot.
    pub flash: bool,
    /// The address that the router sees this computer by, of `/user/active`.
    pub own_address: Option<IpAddr>,
    /// Services that are switched on, such as `api-ssl`.
    pub services: Vec<String>,
    /// Its own addresses, without their networks.
    pub addresses: Vec<IpAddr>,
    /// Its own addresses with their networks and interfaces, of `/ip/address`.
    pub own_addresses: Vec<OwnAddress>,
    /// Rules that masquerade, not ours, and not disabled.
    pub masquerades: Vec<Masquerade>,
    /// PPPoE, hotspot and DHCP servers.
    pub busy: Vec<Busy>,
}

/// An interface of a router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    pub name: String,
    /// As RouterOS calls it: `ether`, `bridge`, `vlan`.
    pub kind: String,
    /// The bridge that it is a port of.
    pub bridge: Option<String>,
}

/// An interface in an interface list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub list: String,
    pub interface: String,
}

/// An address of a router's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAddress {
    /// With its bits, as RouterOS has it: `10.0.0.1/24`.
    pub address: String,
    pub interface: String,
}

/// A rule that masquerades; what it does not ask for is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Masquerade {
    pub source_address: String,
    pub out_interface: String,
    pub out_interface_list: String,
    /// It asks for something else besides, so that it is not known what it covers.
    pub narrower: bool,
}

/// A server on an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// Such as `/ip/hotspot`.
    pub menu: String,
    pub name: String,
    pub interface: String,
}

impl Facts {
    /// Of a router that has nothing yet.
    pub fn of(release: Option<Release>) -> Self {
        Self { release, ..Self::default() }
    }

    /// Whether the router's release takes this argument of a command, `/radius/add`.
    pub(super) fn takes(&self, path: &str, argument: &str) -> bool {
        Table::get().has_argument(path, argument, self.release)
    }

    /// Whether the router's release has this menu. Without a release: whether any has.
    pub(super) fn has(&self, menu: &str) -> bool {
        Table::get().check(&Command::new(&format!("{menu}/print")), self.release).is_ok()
    }
}
