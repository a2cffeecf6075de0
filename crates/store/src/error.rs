//! What PostgreSQL says, turned into what a person can act on.

use domain::{Error, ErrorCode, FieldError, Problem};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Names the operation that an error of the database belongs to.
pub(crate) trait During<T> {
    /// `operation` is what was being done, on what: "list customers".
    fn during(self, operation: &str) -> Result<T>;
    /// The same for a commit: when the line breaks here, nobody knows whether it was done.
    fn confirming(self, operation: &str) -> Result<T>;
}

impl<T> During<T> for std::result::Result<T, sqlx::Error> {
    fn during(self, operation: &str) -> Result<T> {
        self.map_err(|error| explain(&error, operation))
    }

    fn confirming(self, operation: &str) -> Result<T> {
        self.map_err(|error| {
            let error = explain(&error, operation);
            if error.code == ErrorCode::DatabaseUnreachable {
                Error::new(
                    ErrorCode::OutcomeUnknown,
                    format!("could not tell whether this was done: {operation}: the database went away meanwhile"),
                )
                .hint("look at the record before you do it again")
            } else {
                error
            }
        })
    }
}

/// Each constraint that a person can run into, and the field that it stands for.
const CONSTRAINTS: &[(&str, &str, Problem)] = &[
    ("zone_name", "name", Problem::Taken),
    ("package_name", "name", Problem::Taken),
    ("router_name", "name", Problem::Taken),
    ("router_address", "address", Problem::Taken),
    ("customer_address", "address", Problem::Taken),
    ("customer_package_id_tenant_id_fkey", "package_id", Problem::UnknownChoice),
    ("customer_zone_id_tenant_id_fkey", "zone_id", Problem::UnknownChoice),
    ("customer_package_needed", "package_id", Problem::Required),
    ("staff_name_folded_key", "name", Problem::Taken),
    ("operator_name", "name", Problem::Taken),
    ("tenant_country_check", "country", Problem::UnknownChoice),
];

/// A field whose value another row has.
pub(crate) fn taken(field: &str) -> Error {
    Error::invalid(vec![FieldError::new(field, Problem::Taken)])
}

/// The SQLSTATE of a refusal, if it is one of the database's.
pub(crate) fn sql_state<T>(outcome: &std::result::Result<T, sqlx::Error>) -> Option<String> {
    match outcome {
        Err(sqlx::Error::Database(database)) => database.code().map(std::borrow::Cow::into_owned),
        _ => None,
    }
}

/// The constraint that an error names, if it is one.
pub(crate) fn violated(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(database) => database.constraint(),
        _ => None,
    }
}

fn explain(error: &sqlx::Error, operation: &str) -> Error {
    if let sqlx::Error::Database(database) = error {
        if let Some(name) = database.constraint()
            && let Some((_, field, problem)) = CONSTRAINTS.iter().find(|(constraint, ..)| *constraint == name)
        {
            return Error::invalid(vec![FieldError::new(field, problem.clone())]);
        }
        let code = database.code().unwrap_or_default().into_owned();
        match code.as_str() {
            "28P01" => {
                return Error::new(ErrorCode::LogInRefused, "name or password is wrong")
                    .hint("check the spelling; capitals in the name do not matter, in the password they do");
            }
            "42501" => {
                // our own functions say why; PostgreSQL says which table, which is nobody's business
                let said = database.message();
                let ours = !said.starts_with("permission denied") && !said.contains("row-level security");
                let why = if ours { format!(": {said}") } else { String::new() };
                return Error::new(ErrorCode::NotAllowed, format!("you may not do this: {operation}{why}"))
                    .hint("ask somebody above you in the provider");
            }
            "DM003" => {
                return Error::new(ErrorCode::NotAllowed, format!("could not {operation}: {}", database.message()))
                    .hint("make somebody else admin of the provider first");
            }
            "DM004" => {
                return Error::new(ErrorCode::NotAllowed, format!("could not {operation}: {}", database.message()))
                    .hint(
                        "the administrator of the database's server can drop or rename that role; nothing was changed",
                    );
            }
            "DM005" | "DM006" => {
                return Error::new(ErrorCode::InvalidInput, format!("could not {operation}: {}", database.message()))
                    .hint("admins belong to the provider, operators beneath it, sub-operators beneath those; `demarcctl permission list` says what a role may be given");
            }
            // 08: connection; 57P01-57P03: shutting down, crashed, starting up; 53300: too many connections; 3D000: gone
            "57P01" | "57P02" | "57P03" | "53300" | "3D000" => return unreachable_database(&database.to_string()),
            code if code.starts_with("08") => return unreachable_database(&database.to_string()),
            // PostgreSQL's own words for `nologin`; other reasons have the same code
            "28000" if database.message().contains("not permitted to log in") => {
                return Error::new(ErrorCode::LogInSwitchedOff, "this log-in is switched off")
                    .hint("ask somebody above you in the provider");
            }
            "28000" => {
                return Error::new(
                    ErrorCode::NotAllowed,
                    format!("the database's server refused: {}", database.message()),
                )
                .hint("ask its administrator: pg_hba.conf says who may connect from where");
            }
            // a deadline of ours, a lock that was not given, a deadlock
            "57014" | "55P03" | "40P01" => {
                return Error {
                    retryable: true,
                    ..Error::new(ErrorCode::Busy, format!("the database is busy: {operation}"))
                        .hint("nothing was written; try it again in a moment")
                };
            }
            "53100" => {
                return Error::new(ErrorCode::File, format!("the database's disk is full: {operation}"))
                    .hint("free some space on its disk; nothing was written");
            }
            _ => {}
        }
    }
    match error {
        sqlx::Error::RowNotFound => {
            return Error::new(ErrorCode::NotFound, format!("there is no such record: {operation}"));
        }
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => return unreachable_database(&error.to_string()),
        sqlx::Error::Tls(cause) => {
            return Error::new(
                ErrorCode::DatabaseUnreachable,
                format!("the database's certificate was refused: {cause}"),
            )
            .hint("the server's certificate must be valid for its name, and its authority known to this computer");
        }
        _ => {}
    }
    let trace_id = uuid::Uuid::new_v4().simple().to_string();
    // an error of PostgreSQL may quote a row's values in its detail, so only message, code and constraint are kept
    let told = match error {
        sqlx::Error::Database(database) => {
            format!("{} ({})", database.message(), database.code().unwrap_or_default())
        }
        other => other.to_string(),
    };
    tracing::error!(%trace_id, operation, error = %told, "unexpected error of the database");
    Error {
        trace_id: trace_id.clone(),
        ..Error::new(ErrorCode::Internal, format!("could not {operation}: {told}"))
            .hint("this is a mistake of Demarc's; the log has more under this trace id")
    }
}

fn unreachable_database(cause: &str) -> Error {
    tracing::warn!(cause, "database unreachable");
    Error::new(ErrorCode::DatabaseUnreachable, "the database does not answer")
        .hint("nothing was written; it is tried again by itself")
}
