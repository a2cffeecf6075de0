//! Simulated subscribers: they dial by PPPoE or come to the hotspot, and the router lets them in or refuses them by its
//! own menus and by RADIUS, as RouterOS does.
//!
//! What a session makes (`/ppp/active` or `/ip/hotspot/active` and `host`, the interface, the queue, the address, the
//! pool's used address, the address list) is dynamic and goes with it. Removing the active item, by whomever, ends the
//! session; so do its limits, a Disconnect-Request, its server's end, and a reboot.
//!
//! *Unverified*, because no source tells it:
//! - the terminate causes other than User-Request, Session-Timeout, Idle-Timeout and the hotspot's Admin-Reset; that an
//!   orderly restart reports Stops with NAS-Reboot (a power cut reports none: [`crate::Simulator::cut_power`]);
//! - what a PPP log says of the reason of an end (only `peer is not responding` was seen) and of a refusal (only
//!   `authentication failed`); the form of the hotspot's is from its own error texts;
//! - that a PPP client without any address is refused; that the second session of an `only-one` name is, not the first;
//! - that a profile which RADIUS names and the router lacks is passed over;
//! - that a disabled secret or hotspot user is no record, so that RADIUS is asked;
//! - that hotspot users of the router itself are not reported to RADIUS, and a MAC is shown to it by PAP;
//! - that a Disconnect or CoA for a name reaches all its sessions, that one for another NAS-Identifier is refused, and
//!   that the address list may change in a living session (the manual's list lacks it).
//!
//! MikroTik's manual says both that Acct-Input-Octets are received from the client and that RouterOS counts from the
//! client's side; the former, which is RFC 2866, is what is sent here.
//!
//! # The control port
//! What tests in another process say, a JSON object a line. Each answer has `"ok":true` too, or is
//! `{"ok":false,"error":"…"}`.
//!
//! | request | answer |
//! | --- | --- |
//! | `{"do":"dial","access":"pppoe","name":"rahim","password":"…"}` | `{"session":"81000001","address":"10.5.0.9","interface":"<pppoe-rahim>"}` or `{"refused":"no RADIUS server answered"}` |
//! | `{"do":"traffic","session":"81000001","upload":1000,"download":9000}` | `{}`; octets at once |
//! | `{"do":"rate","session":"81000001","upload":1000,"download":9000}` | `{}`; octets per second |
//! | `{"do":"hang-up","session":"81000001"}`, or `vanish` | `{}` |
//! | `{"do":"ended","session":"81000001"}` | `{"cause":"Admin-Reset"}`, when it has ended |
//! | `{"do":"cut-power"}` | `{}`; a restart of which RADIUS is told nothing |
//!
//! `access` is `pppoe`, `hotspot` or `hotspot-mac`. A dial also takes `service`, `method` (`pap`, `chap`, `mschap2`),
//! `mac` (`02:…`), `address`, `hotspot`, `upload` and `download`.

mod address;
mod admission;
mod cause;
mod control;
mod finish;
mod hotspot;
mod incoming;
mod items;
mod monitor;
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
    /// It dials by PPPoE.
    Pppoe {
        /// The service it asks for; an empty name asks for any.
        service: String,
    },
    /// The hotspot knows it by its MAC, without a page.
    HotspotMac,
    /// It gives name and password on the hotspot's page.
    HotspotUser,
}

/// A subscriber's device.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// How it comes.
    pub access: Access,
    /// Not used with [`Access::HotspotMac`].
    pub name: String,
    /// Never shown.
    pub password: String,
    /// How it shows its password. MS-CHAPv2 is for PPPoE.
    pub method: Method,
    /// The device's.
    pub mac_address: [u8; 6],
    /// The hotspot's name, if there are several.
    pub hotspot: Option<String>,
    /// The address that the device came to the hotspot with; none: its pool gives one.
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
    /// A PPPoE client hears nothing.
    NoServer,
    #[error("the server does not offer this way of logging in")]
    /// Such as PAP where the server wants CHAP.
    Method,
    #[error("the server has no room for another session")]
    /// `max-sessions`, or `one-session-per-host`.
    Full,
    #[error("no user of this name, and no RADIUS server is asked")]
    /// Nobody can decide.
    UnknownUser,
    #[error("the password, MAC or address does not fit the router's own user")]
    /// The router itself decided.
    Password,
    #[error("the user's limit is used up")]
    /// Of a hotspot user: time or volume.
    Limit,
    #[error("RADIUS rejected the log-in{}", .0.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    /// With the server's words.
    Rejected(Option<String>),
    #[error("no RADIUS server answered")]
    /// Each was asked three times.
    RadiusTimeout,
    #[error("the user has as many sessions as it may")]
    /// `only-one`, `shared-users` or Port-Limit.
    AlreadyActive,
    #[error("there is no address for it")]
    /// The pool is used up, or none is named.
    NoAddress,
}
