//! What a router's refusal is to a person.

use domain::router::Router;
use domain::{Error, ErrorCode};
use routeros::{CommandError, ConnectError, Down};

/// There is no connection, and a try has just failed or was not answered.
pub(crate) fn down(router: &Router, why: &Down) -> Error {
    match why {
        Down::NotConnected(error) => not_connected(router, error),
        Down::Ended(reason) => {
            Error::new(ErrorCode::RouterUnreachable, format!("`{}`: the connection ended: {reason}", router.name))
                .hint("it is tried again by itself")
        }
        Down::Late(after) => Error::new(
            ErrorCode::RouterUnreachable,
            format!("`{}` ({}) did not answer within {} s", router.name, router.api.host, after.as_secs()),
        )
        .hint("it is tried again by itself; nothing was changed"),
    }
}

/// It is connected, and does not answer.
pub(crate) fn silent(router: &Router) -> Error {
    Error::new(ErrorCode::RouterUnreachable, format!("`{}` is connected and does not answer", router.name))
        .hint("it may be busy: look at its CPU; it is tried again by itself")
}

/// A try to connect failed.
pub(crate) fn not_connected(router: &Router, error: &ConnectError) -> Error {
    let code = if error.is_passing() { ErrorCode::RouterUnreachable } else { ErrorCode::RouterRefused };
    Error::new(code, format!("`{}`: {error}", router.name)).hint(error.hint())
}

/// A change failed on a connection: it may have been made all the same.
pub(crate) fn not_changed(router: &Router, what: &str, error: &CommandError) -> Error {
    if error.outcome_unknown() {
        return Error { code: ErrorCode::OutcomeUnknown, ..not_done(router, what, error) }
            .hint("look at the router before you do it again");
    }
    not_done(router, what, error)
}

/// A command failed on a connection.
pub(crate) fn not_done(router: &Router, what: &str, error: &CommandError) -> Error {
    let refused = Error::new(error_code(error), format!("could not {what} on `{}`: {error}", router.name));
    if error.outcome_unknown() {
        // it was a reading: nothing can have happened
        return refused.hint("try it again in a moment");
    }
    match error.hint() {
        Some(hint) => refused.hint(hint),
        None => refused,
    }
}

fn error_code(error: &CommandError) -> ErrorCode {
    match error {
        CommandError::Trap { .. } | CommandError::NotInRelease(_) | CommandError::TooLarge { .. } => {
            ErrorCode::RouterRefused
        }
        _ => ErrorCode::RouterUnreachable,
    }
}
