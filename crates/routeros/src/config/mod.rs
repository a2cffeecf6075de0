//! Configuration as desired state: the items that should be, read against those that are; the difference is a list of
//! changes, each a command, with its inverse.
//!
//! ```text
//! Wanted::check → Actual::read → difference → for each step: Change::command, sent side by side → Actual::read → Change::state
//! taken back, in reverse order: Actual::read → Change::inverse, one after the other
//! ```
//!
//! A [`Change`] is written down before it is made. It finds its item again by name, by mark or by what it is, so that anybody
//! may later tell from what the router has whether it was made ([`Change::state`]), go on, or take it back, leaving what
//! somebody else changed since. [`Change::inverse_script`] does the same on a router that nobody reaches.
//!
//! Items are added in the order of [`Wanted::items`]; a [`What::Do`] needs the item's id, so look again after its item was
//! added. Removed is only what carries this configuration's mark, in menus that were read.

mod act;
mod actual;
mod change;
mod check;
mod difference;
mod entry;
pub mod export;
mod find;
mod item;
mod known;
mod matching;
#[cfg(test)]
mod model;
mod order;
mod place;
mod quoting;
mod raw;
mod rising;
mod same;
mod script;
mod shown;
mod state;
#[cfg(test)]
mod tests;

pub use act::Undo;
pub use actual::Actual;
pub use change::{Alteration, Change, ChangeState, Follower, Kept, Stale, What};
pub use check::Unfit;
pub use difference::{Absent, Choice, Conflict, Difference, Left, Untold, difference};
pub use entry::Entry;
pub use find::Find;
pub use item::{Action, Identity, Item, Place, Property, Wanted};
pub use place::Placement;
pub use raw::Raw;
pub use same::same_value;
