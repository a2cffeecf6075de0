//! A simulated MikroTik router that speaks the RouterOS API.

mod actor;
mod connection;
mod fault;
mod forms;
mod kind;
pub mod neighbor;
mod options;
mod output;
mod query;
pub mod radius;
mod release;
mod reply;
mod request;
mod router;
mod schema;
mod simulator;
mod store;
pub mod subscriber;
mod table;
mod trap;
mod value;
pub mod wire;

pub use actor::{Actor, Policies, User};
pub use fault::{Fault, Mishap, Moment};
pub use options::{Options, Seeds, Switches, UnknownSwitch};
pub use release::{Release, UnknownRelease};
pub use router::{Change, Received, Removed, Router, Row, What};
pub use schema::{Field, Menu, MenuIndex, Schema, Shape};
pub use simulator::{Simulator, TimedOut};
pub use table::{FieldIndex, Item};
pub use trap::Trap;
pub use value::{Counter, Live, Millis, Text, Value};
