//! Sessions: who is online, how much was moved, and ending or mending one.

use chrono::NaiveDate;
use domain::session::{LiveChange, SessionCount, SessionPage, SessionQuery, Usage};
use domain::{Error, FieldError, Permission, Problem};

use crate::{Result, Session, live};

pub use crate::router::sessions::differences;
pub use crate::router::telling::{disconnect, limit};

/// A page of sessions, the newest first.
pub async fn list(session: &Session, query: &SessionQuery) -> Result<SessionPage> {
    session.require(Permission::SessionRead)?;
    store::session::page(session, query).await
}

/// How many sessions are online and stale.
pub async fn count(session: &Session) -> Result<SessionCount> {
    session.require(Permission::SessionRead)?;
    store::session::count(session).await
}

/// Makes a session what a log-in would get now: a CoA where that is enough, else its end.
pub async fn apply(session: &Session, id: i64) -> Result<LiveChange> {
    session.require(Permission::SessionChange)?;
    live::asked(session, store::live::ask(session, id, false).await?).await
}

/// What a customer moved in a period, both days included; without one, the last thirty days.
pub async fn usage(
    session: &Session,
    customer_id: i64,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<Usage> {
    session.require(Permission::CustomerRead)?;
    let period = match (from, to) {
        (None, None) => None,
        (Some(from), Some(to)) if from <= to => Some((from, to)),
        (Some(_), Some(_)) => return Err(Error::invalid(vec![FieldError::new("to", Problem::BeforeTheBeginning)])),
        (None, Some(_)) => return Err(Error::invalid(vec![FieldError::new("from", Problem::Required)])),
        (Some(_), None) => return Err(Error::invalid(vec![FieldError::new("to", Problem::Required)])),
    };
    store::session::usage(session, customer_id, period).await
}
