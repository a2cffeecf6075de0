//! The RouterOS API: one connection per router, and the menus that Demarc uses, typed.
//!
//! It connects over TLS with a pinned certificate (or plainly, where a person consented), logs in both ways that routers
//! know, sends commands side by side, and gives their answers back whole: every row, every word of a refusal, the bytes
//! that were there. What has no good end is an error that says whether anything may have happened.
//!
//! It refuses to guess: a command without its `!done` is never a short success, an old router's challenge is never a
//! log-in, another certificate is never taken, and a command that the router's release does not know is not sent.
//!
//! It keeps no list of routers, knows no database, and asks nobody. `operations` and the tests may use it; it uses
//! `domain`.

mod address;
mod code_page;
mod command;
pub mod config;
mod connect;
mod connection;
mod error;
#[doc(hidden)]
pub mod hostile;
mod link;
pub mod menus;
pub mod neighbor;
mod options;
mod query;
mod release;
mod row;
mod sensitive;
mod text;
mod trap;
pub mod value;
mod wire;

pub use address::{Address, Fingerprint, LogIn, NotAFingerprint, Security};
pub use code_page::{CodePage, NotACodePage};
pub use command::{Command, NotAMenu, Value};
pub use connect::{ConnectError, LogInFailure, Progress, Step, TlsFailure, Unreached};
pub use connection::{Connection, Done, Rows};
pub use error::{CloseReason, CommandError, NotInRelease};
pub use link::{BackOff, Down, Link, LinkState};
pub use options::Options;
pub use query::Query;
pub use release::{Channel, Knowledge, Release, Stage};
pub use row::Row;
pub use sensitive::is_sensitive;
pub use text::Text;
pub use trap::{Refusal, Trap};
pub use value::Id;
