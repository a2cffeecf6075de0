//! The router towards RADIUS: it asks, it reports, and it obeys Disconnect and CoA (RFC 2865, 2866, 2869, 5176).
//!
//! Which attributes go out, which of an answer count and what a CoA may change is from MikroTik's manual, page "RADIUS";
//! their order in a packet, the numbers of sessions and ports are from debug output of FreeRADIUS servers that real
//! routers spoke to. What no source tells is marked *unverified* where it stands.
//!
//! Nothing here knows the router's menus: a caller reads them and fills in [`Server`], [`Line`] and the rest.

mod accounting;
mod attribute;
mod client;
mod grant;
mod incoming;
mod line;
mod ms_chap;
mod packet;
mod proof;
mod rate;

pub use accounting::{Report, Status, Traffic, report};
pub use client::{Counters, NoAnswer, Server};
pub use grant::{Grant, Policy};
pub use incoming::{Change, Kind, Order, Refusal};
pub use line::{Answer, Line, Method, Service, SessionNumber, log_in};
pub use packet::Secret;
pub use proof::Proof;
pub use rate::{Pair, RateLimit};
