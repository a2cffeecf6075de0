//! Long actions: a list of steps, each with do, undo and check, driven so that whatever breaks, the journal says what was
//! done and it can be finished or taken back, from another machine too.
//!
//! It knows no router and no database: what a step does is a [`Work`], where it is written down a [`Journal`]. It refuses to
//! repeat anything whose outcome it does not know before it has looked, and to act without having written down that it will.
//! `store` gives it a journal, `operations` work; nobody else calls it.

mod back;
mod drive;
mod forward;
mod journal;
mod lease;
mod work;

pub use drive::{Outcome, drive};
pub use journal::{Cause, Ending, Entry, Journal, JournalFailure, Orders, Progress, StepRecord, StepState};
pub use lease::Pace;
pub use work::{Failure, Observed, Work};
