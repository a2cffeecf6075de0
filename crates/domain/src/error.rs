//! The closed list of ways in which a command can be refused.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::field::FieldError;

/// What went wrong, for programs. Front-ends turn a code into words; exit codes of `demarcctl` follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// One or more fields were refused: see [`Error::fields`].
    InvalidInput,
    /// The named record does not exist, or is out of this person's reach (the two are not told apart).
    NotFound,
    /// The record was changed by someone else since it was read.
    Changed,
    /// The database refused: this role may not do that.
    NotAllowed,
    /// Name or password is wrong.
    LogInRefused,
    /// The log-in is switched off.
    LogInSwitchedOff,
    /// Nobody is logged in.
    NotLoggedIn,
    /// The log-in was switched off, or its password changed on another machine, while the program was open.
    LogInEnded,
    /// There is no provider in this database yet.
    NotSetUp,
    /// There is a provider in this database already.
    AlreadySetUp,
    /// The database does not answer. Retry later; nothing was written.
    DatabaseUnreachable,
    /// The database is there and took too long. Retry later; nothing was written.
    Busy,
    /// The embedded database could not be started.
    DatabaseNotStarted,
    /// The line broke while a change was being confirmed: look before doing it again.
    OutcomeUnknown,
    /// A router does not answer, or its line broke. It may later.
    RouterUnreachable,
    /// A router answers and refuses: its log-in, its certificate, a command.
    RouterRefused,
    /// A file or folder could not be read or written.
    File,
    /// A program that this needs is not installed, or failed.
    Program,
    /// A mistake of ours. The trace id finds it in the log.
    Internal,
}

/// A refusal on its way to a person: what failed, on what, and what to do next.
#[derive(Debug, Clone, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What failed and on what, in English; no trailing period, no secret.
    pub message: String,
    /// What to do about it, in English.
    pub hint: Option<String>,
    /// Which fields were refused and why.
    pub fields: Vec<FieldError>,
    /// Whether the same call may succeed later without anything being changed.
    pub retryable: bool,
    /// Finds this refusal in the log; empty where nothing was logged.
    pub trace_id: String,
}

impl Error {
    /// A refusal with a code and a message, and no more.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let retryable = matches!(code, ErrorCode::DatabaseUnreachable | ErrorCode::RouterUnreachable);
        Self { code, message: message.into(), hint: None, fields: Vec::new(), retryable, trace_id: String::new() }
    }

    /// The same refusal with the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Refused fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let words: Vec<String> = fields.iter().map(|field| format!("{}: {}", field.field, field.message)).collect();
        Self { fields, ..Self::new(ErrorCode::InvalidInput, words.join("; ")) }
    }

    /// A record that is not there.
    pub fn not_found(kind: &str, name: impl std::fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no {kind} `{name}`"))
    }

    /// A record that somebody else changed meanwhile.
    pub fn changed(kind: &str) -> Self {
        Self::new(ErrorCode::Changed, format!("this {kind} was changed by someone else while you were editing it"))
            .hint("load it again, look at what changed, and repeat your edit")
    }
}
