//! Simulated subscribers: they dial by PPPoE or come to the hotspot, and the router lets them in or refuses them by its
//! own menus and by RADIUS, as RouterOS does.
//!
//! What a session makes (`/ppp/active` or `/ip/hotspot/active` and `host`, the interface, the queue, the address, the
//! pool's used address, the address list) is dynamic and goes with it. Removing the active item, by whomever, ends the
//! session; so do its limits, a Disconnect-Request, its server's end, and a reboot.
//!
//! *Unverified*, because no source tells it: the terminate causes other than User-Request, Session-Timeout, Idle-Timeout
//! and the hotspot's Admin-Reset; what a PPP log says of the reason of an end (only `peer is not responding` was seen);
//! that a PPP client without any address is refused; that a profile unknown to the router, as RADIUS names it, is passed
//! over; that a Disconnect or CoA for a name reaches all its sessions, and that only the router's own NAS-Identifier and
//! NAS-IP-Address are accepted in one.

mod address;
mod admission;
mod cause;
mod finish;
mod hotspot;
mod incoming;
mod items;
mod pppoe;
mod registry;
mod reports;
mod seed;
mod servers;
mod session;
mod subscribers;
mod timers;

use std::fmt;
use std::net::Ipv4Addr;

use md5::{Digest, Md5};

pub use crate::radius::Method;
pub use cause::TerminateCause;
pub use session::SessionHandle;
pub(crate) use subscribers::Subscribers;

/// How a subscriber comes to the router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It dials by PPPoE and asks for a service; an empty name asks for any.
    Pppoe { service: String },
    /// The hotspot knows it by its MAC, without a page.
    HotspotMac,
    /// It gives name and password on the hotspot's page.
    HotspotUser,
}

/// A subscriber's device.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub access: Access,
    /// Not used with [`Access::HotspotMac`].
    pub name: String,
    pub password: String,
    /// How it shows its password. MS-CHAPv2 is for PPPoE.
    pub method: Method,
    pub mac_address: [u8; 6],
    /// The hotspot's name if there are several, or the address that the device came with.
    pub hotspot: Option<String>,
    pub address: Option<Ipv4Addr>,
    /// Octets per second that it sends from the beginning.
    pub upload: u64,
    /// Octets per second that it receives from the beginning.
    pub download: u64,
}

impl Subscriber {
    /// A PPPoE subscriber that speaks MS-CHAPv2, asks for any service and has a MAC of its own, made from its name.
    pub fn pppoe(name: impl Into<String>, password: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            access: Access::Pppoe { service: String::new() },
            mac_address: mac_of(&name),
            name,
            password: password.into(),
            method: Method::MsChapV2,
            hotspot: None,
            address: None,
            upload: 0,
            download: 0,
        }
    }

    /// A hotspot subscriber that gives name and password on the page, by CHAP.
    pub fn hotspot(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self { access: Access::HotspotUser, method: Method::Chap, ..Self::pppoe(name, password) }
    }

    /// A device that the hotspot knows by its MAC. Its password is the profile's, by PAP (*unverified*).
    pub fn hotspot_mac(mac_address: [u8; 6]) -> Self {
        Self { access: Access::HotspotMac, method: Method::Pap, mac_address, ..Self::pppoe("", "") }
    }

    /// `02:0A:…`: how routers write a MAC.
    pub(crate) fn mac_text(&self) -> String {
        self.mac_address.map(|octet| format!("{octet:02X}")).join(":")
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Subscriber")
            .field("access", &self.access)
            .field("name", &self.name)
            .field("method", &self.method)
            .field("mac_address", &self.mac_text())
            .finish_non_exhaustive()
    }
}

/// A MAC that nobody was sold (locally administered), always the same for one name.
pub(crate) fn mac_of(name: &str) -> [u8; 6] {
    let digest = Md5::digest(name);
    [0x02, digest[0], digest[1], digest[2], digest[3], digest[4]]
}

/// Why a subscriber was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("no enabled server offers this")]
    NoServer,
    #[error("the server does not offer this way of logging in")]
    Method,
    #[error("the server has no room for another session")]
    Full,
    #[error("no user of this name, and no RADIUS server is asked")]
    UnknownUser,
    #[error("the password, MAC or address does not fit the router's own user")]
    Password,
    #[error("the user's limit is used up")]
    Limit,
    #[error("RADIUS rejected the log-in{}", .0.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Rejected(Option<String>),
    #[error("no RADIUS server answered")]
    RadiusTimeout,
    #[error("the user has as many sessions as it may")]
    AlreadyActive,
    #[error("there is no address for it")]
    NoAddress,
}
