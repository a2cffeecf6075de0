//! Configuration as desired state: the items that should be, read against those that are; the difference is a list of
//! changes, each a command, with its inverse.

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
