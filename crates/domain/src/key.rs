//! The organisation's key, beneath which the log-ins of routers are kept.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// How the organisation's key stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KeyState {
    /// The newest; none: there is no key yet.
    pub generation: Option<i32>,
    pub made_at: Option<DateTime<Utc>>,
    /// Whether the person who asks can open what is kept.
    pub opened: bool,
    /// Their own key was wrapped by another password than the one they logged in with: a reset gives them a new one.
    pub locked: bool,
    /// Since when somebody who had the newest key may have it no more: it should be rotated.
    pub due_since: Option<DateTime<Utc>>,
    /// People who have it.
    pub holders: i64,
    /// Secrets that are kept.
    pub kept: i64,
    /// Secrets that are kept under an older key yet: a rotation was cut off, and goes on where it was.
    pub remaining: i64,
    /// Secrets that could not be opened when they were to be sealed anew: they have to be typed again.
    pub unreadable: i64,
}

/// How far a rotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RotationProgress {
    pub done: i64,
    pub total: i64,
}
