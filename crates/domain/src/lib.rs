//! Demarc's words as types: what a customer, a package, a router is, and what may be written into one.
//!
//! Text from outside is parsed here once, into types that are the proof afterwards. This crate does no input or
//! output, reads no clock and knows no database. Everybody may use it; it uses nobody.

mod address;
pub mod audit;
pub mod customer;
pub mod device;
mod digits;
pub mod error;
pub mod explanation;
pub mod field;
pub mod key;
pub mod mac;
pub mod money;
pub mod msisdn;
pub mod names;
pub mod operator;
pub mod package;
pub mod payment;
pub mod provider;
pub mod provision;
pub mod radius;
pub mod rate_limit;
pub mod router;
pub mod run;
pub mod session;
pub mod staff;
pub mod template;
pub mod volume;
pub mod zone;

pub use error::{Error, ErrorCode};
pub use field::{Draft, FieldError, Problem};
pub use mac::MacAddress;
pub use money::{Currency, Money};
pub use msisdn::{Country, Msisdn};
pub use rate_limit::RateLimit;
pub use staff::{Permission, Role};
pub use volume::Volume;
