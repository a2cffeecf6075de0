//! PostgreSQL: the only place with SQL, beside `migrations/`.
//!
//! A [`Session`] is a person's own log-in to the database, so what they may see is the database's decision and not this
//! crate's. [`install`] and [`embedded`] act as the database's administrator and do nothing else. Used by `operations`.

pub mod audit;
pub mod billing;
pub mod config_backup;
pub mod connect;
pub mod customer;
pub mod customer_list;
pub mod device;
pub mod embedded;
mod error;
pub mod explanation;
pub mod history;
pub mod install;
pub mod key;
pub mod live;
pub mod operator;
pub mod package;
pub mod preference;
pub mod provider;
pub mod provision;
pub mod router;
pub mod router_key;
pub mod router_watch;
pub mod run;
mod run_journal;
mod sealing;
pub mod service;
pub mod session;
pub mod staff;
pub mod tenant;
mod word;
pub mod zone;

pub use connect::{Server, Session};
pub use error::Result;
