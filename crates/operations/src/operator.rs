//! The sales tree: list, show, add, rename, move, close.

use domain::operator::{Operator, OperatorDraft, OperatorMove};
use domain::{Error, FieldError, Permission, Problem};

use crate::{Result, Session, named};

/// All operators within reach, each after the one above it.
pub async fn list(session: &Session) -> Result<Vec<Operator>> {
    store::operator::list(session).await
}

/// One operator.
pub async fn show(session: &Session, id: i64) -> Result<Operator> {
    store::operator::show(session, id).await
}

/// The operator of that name or number. Two parents may each have one of that name.
pub async fn find(session: &Session, name: &str) -> Result<Operator> {
    named::one(list(session).await?, "operator", name, |one| (&one.name, one.id, one.parent_name.as_deref()))
}

/// Adds an operator; without a parent, beneath one's own.
pub async fn add(session: &Session, draft: &OperatorDraft) -> Result<Operator> {
    session.require(Permission::OperatorManage)?;
    let name = draft.check().map_err(Error::invalid)?;
    let id = store::operator::add(session, &name, draft.parent_id.unwrap_or(session.staff.operator_id)).await?;
    show(session, id).await
}

/// Renames an operator that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &OperatorDraft) -> Result<Operator> {
    session.require(Permission::OperatorManage)?;
    let name = draft.check().map_err(Error::invalid)?;
    store::operator::rename(session, id, version, &name).await?;
    show(session, id).await
}

/// Puts an operator, with what is beneath it, under another one; its customers go along, or where it is said.
pub async fn place(session: &Session, id: i64, version: i32, to: &OperatorMove) -> Result<Operator> {
    session.require(Permission::OperatorManage)?;
    let now = show(session, id).await?;
    if now.parent_id == Some(to.parent_id) && to.customers_to.is_none() {
        return Err(Error::invalid(vec![FieldError::new("parent_id", Problem::Taken)]));
    }
    store::operator::place(session, id, version, to).await?;
    show(session, id).await
}

/// Closes an operator. What it had, and what is beneath it, is its successor's; its people log in no more. Returns the
/// successor.
pub async fn close(session: &Session, id: i64, version: i32, successor_id: i64) -> Result<Operator> {
    session.require(Permission::OperatorManage)?;
    store::operator::close(session, id, version, successor_id).await?;
    show(session, successor_id).await
}
