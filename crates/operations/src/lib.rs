//! The use cases of Demarc, and the one list of commands. Every front-end comes in through here and nothing else does:
//! the window and `demarcctl` translate, this crate decides.
//!
//! A command is a function of a [`Session`] and plain data, named in [`COMMANDS`]. What needs no session (set-up, log-in,
//! the database of this laptop) is on [`Demarc`].

pub mod audit;
mod command_names;
pub mod customer;
pub mod demarc;
pub mod download;
pub mod key;
pub mod live;
mod named;
pub mod operator;
pub mod package;
pub mod place;
pub mod preference;
pub mod provider;
pub mod provision;
pub mod radius;
pub mod router;
pub mod run;
pub mod service;
pub mod session;
mod setup_steps;
pub mod staff;
pub mod tenant;
pub mod zone;

pub use command_names::COMMANDS;
pub use demarc::{AppState, Credentials, DatabaseState, Demarc, Phase, StaffSummary};
pub use place::Place;
pub use preference::Preferences;
pub use setup_steps::{SetupStep, SetupStepKey, StepState};
pub use store::connect::Origin;
pub use store::{Result, Server, Session};

/// Administrative access to the embedded database, for `demarcctl db`.
pub use store::embedded::{Embedded, Status as EmbeddedStatus};
/// A central server's administrator, for set-up.
pub use store::install::Administrator;
