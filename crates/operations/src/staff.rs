//! People: list, show, add, edit, switch off and on, passwords.

use domain::staff::{PasswordChange, Permission, RolePermission, StaffDraft, StaffEnded, StaffMember};
use domain::{Error, ErrorCode, FieldError, names};
use store::install::Administrator;
use store::key;

use crate::{Result, Session, named};

/// Everybody whom the person may see, by level and name.
pub async fn list(session: &Session) -> Result<Vec<StaffMember>> {
    store::staff::list(session).await
}

/// One person.
pub async fn show(session: &Session, id: i64) -> Result<StaffMember> {
    store::staff::show(session, id).await
}

/// The person of that name or number.
pub async fn find(session: &Session, name: &str) -> Result<StaffMember> {
    named::one(list(session).await?, "person", name, |one| (&one.name, one.id, None))
}

/// What each role may do, and what of it the person who asks may give.
pub async fn permissions(session: &Session) -> Result<Vec<RolePermission>> {
    store::staff::role_permissions(session).await
}

/// Makes a person who may log in, with a password to begin with.
pub async fn add(session: &Session, draft: &StaffDraft) -> Result<StaffMember> {
    session.require(Permission::StaffManage)?;
    let checked = draft.check(true).map_err(Error::invalid)?;
    let id = store::staff::add(session, &checked).await?;
    show(session, id).await
}

/// Changes a person who is still as they were read: name, role, operator, permissions. What they may do no more ends with
/// their open sessions, so that nothing on their screen says otherwise.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &StaffDraft) -> Result<StaffMember> {
    session.require(Permission::StaffManage)?;
    let checked = draft.check(false).map_err(Error::invalid)?;
    let before = show(session, id).await?;
    store::staff::edit(session, id, version, &checked).await?;
    let after = show(session, id).await?;
    let less = before.permissions.iter().any(|permission| !after.permissions.contains(permission));
    if less || before.role != after.role || before.operator_id != after.operator_id {
        store::staff::end_sessions(session, id).await?;
    }
    hand_on(session).await;
    Ok(after)
}

/// Switches a person's log-in off, and ends their sessions at once.
pub async fn deactivate(session: &Session, id: i64) -> Result<StaffEnded> {
    session.require(Permission::StaffManage)?;
    store::staff::set_active(session, id, false).await?;
    let sessions_ended = store::staff::end_sessions(session, id).await?;
    Ok(StaffEnded { member: show(session, id).await?, sessions_ended })
}

/// Lets a person log in again, with the password that they had.
pub async fn activate(session: &Session, id: i64) -> Result<StaffMember> {
    session.require(Permission::StaffManage)?;
    store::staff::set_active(session, id, true).await?;
    hand_on(session).await;
    show(session, id).await
}

/// Gives somebody else a new password, and ends their sessions.
pub async fn reset_password(session: &Session, id: i64, password: &str) -> Result<StaffEnded> {
    session.require(Permission::StaffManage)?;
    check_password(password)?;
    store::staff::reset_password(session, id, password).await?;
    let sessions_ended = store::staff::end_sessions(session, id).await?;
    hand_on(session).await;
    Ok(StaffEnded { member: show(session, id).await?, sessions_ended })
}

/// Changes one's own password. One's sessions on other machines end; this one goes on.
pub async fn change_password(session: &Session, change: &PasswordChange) -> Result<i64> {
    change.check().map_err(Error::invalid)?;
    store::staff::change_password(session, change).await?;
    session.drop_pulse().await;
    store::staff::end_sessions(session, session.staff.id).await
}

/// Makes a developer, as the database's administrator: nobody inside it may.
pub async fn add_developer(administrator: &Administrator, name: &str, password: &str) -> Result<()> {
    let name = names::staff_name(name).map_err(|problem| Error::invalid(vec![FieldError::new("name", problem)]))?;
    check_password(password)?;
    store::staff::add_developer(administrator, &name, password).await
}

/// Gives a person a new password, as the database's administrator: when nobody is left who could, or when a restored
/// database names log-ins that this server does not have.
pub async fn reset_password_as(administrator: &Administrator, name: &str, password: &str) -> Result<()> {
    check_password(password)?;
    store::staff::reset_password_as(administrator, name, password).await
}

fn check_password(password: &str) -> Result<()> {
    names::owner_password(password)
        .map(|_| ())
        .map_err(|problem| Error::invalid(vec![FieldError::new("password", problem)]))
}

/// Somebody may need the organisation's key now. It is given again at every log-in, so a failure is none here.
async fn hand_on(session: &Session) {
    if session.may(Permission::RouterSecret)
        && let Err(error) = key::give_missing(session).await
        && error.code != ErrorCode::NotAllowed
    {
        tracing::warn!(%error, "the organisation's key could not be handed on yet");
    }
}
