//! A RADIUS client: asks whether a server is there, tries a log-in as a router would, and tells a router to end or change
//! a session.
//!
//! A reply counts only if nobody without the secret can have made it; everything else is ignored while the wait goes on,
//! so that a forged packet neither lets anybody in nor cuts off the true answer. Requests carry Message-Authenticator as
//! their first attribute, and replies of a server must carry it too (CVE-2024-3596, "Blast-RADIUS").
//!
//! It is no server, keeps no socket and no state between calls, and knows no database. A dropped future has closed its
//! socket. `operations` and the tests may use it; it uses nobody of ours.

mod attribute;
mod change;
mod dictionary;
mod error;
mod exchange;
mod log_in;
mod ms_chap;
mod packet;
mod peer;
mod probe;

pub use attribute::{Attribute, ReplyAttribute};
pub use change::{Change, ErrorCause, Reply, change};
pub use error::{Error, Flaw};
pub use log_in::{Answer, LogIn, Method, log_in};
pub use peer::{Peer, Secret, Timing};
pub use probe::probe;
