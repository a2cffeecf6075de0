//! The forms in which RouterOS writes values, as types that are read and printed.

mod date;
mod duration;
mod id;
mod pair;

pub use date::date_time;
pub use duration::Duration;
pub use id::Id;
pub use pair::{Counters, Rates};

/// A text that is no value of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind}")]
pub struct NotAValue {
    /// What was to be read, such as `duration`.
    pub kind: &'static str,
    /// The text.
    pub text: String,
}

impl NotAValue {
    pub(crate) fn new(kind: &'static str, text: &str) -> Self {
        Self { kind, text: text.to_owned() }
    }
}

/// Reads `true` and `false`, as RouterOS prints them, and `yes` and `no`, as it takes them as well.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

/// A boolean as RouterOS takes it in every release.
pub fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}
