//! Configuration as desired state: the items that should be, read against those that are; the difference is a list of
//! changes, each a command, with its inverse.

mod item;

pub use item::{Action, Identity, Item, Place, Property, Wanted};
