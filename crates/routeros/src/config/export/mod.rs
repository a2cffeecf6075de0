//! Exports, and what has become of a router between two of them.

mod back;
mod compare;
mod line;
mod words;

pub use back::{Back, back};
pub use compare::{Line, compare};
pub use line::{Export, ExportLine, Section, normalise};
