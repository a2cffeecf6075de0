//! Who did what.

use domain::audit::{AUDITED, AuditPage, AuditQuery};
use domain::{Error, FieldError, Permission, Problem};

use crate::{Result, Session};

/// A page of the audit, the newest first.
pub async fn list(session: &Session, query: &AuditQuery) -> Result<AuditPage> {
    session.require(Permission::AuditRead)?;
    let mut refused = Vec::new();
    if query.record.as_deref().is_some_and(|record| !AUDITED.contains(&record)) {
        refused.push(FieldError::new("record", Problem::UnknownChoice));
    }
    if query.record_id.is_some() && query.record.is_none() {
        refused.push(FieldError::new("record", Problem::Required));
    }
    if query.from.zip(query.to).is_some_and(|(from, to)| to < from) {
        refused.push(FieldError::new("to", Problem::BeforeTheBeginning));
    }
    if refused.is_empty() { store::audit::page(session, query).await } else { Err(Error::invalid(refused)) }
}
