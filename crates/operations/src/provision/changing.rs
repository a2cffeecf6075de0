//! Changes of a router, side by side: made, looked at, taken back.
//!
//! Cost: of each step three readings of its menus (before it is written down, before and after sending) and one round of
//! commands, however many they are; one more of both when something is to be done with an item that was only just added.

use std::collections::BTreeSet;

use domain::{Error, ErrorCode};
use futures_util::future::join_all;
use routeros::config::{Actual, Change, ChangeState, Stale, Undo, What};
use routeros::{Command, CommandError, Connection};
use runs::{Failure, Observed};
use serde_json::{Value, json};

use super::reaching::Reaching;
use super::work::{Done, ProvisionWork};

/// Rounds of a step: items, what is done with them, and what a router put elsewhere meanwhile.
const ROUNDS: usize = 4;

/// What undo will need, and that nothing was changed since the plan.
pub(super) async fn prepare(reaching: &Reaching, changes: &[Change]) -> Done<Value> {
    let actual = read(reaching, changes).await?;
    for change in changes {
        if let ChangeState::Otherwise(said) = change.state(&actual)
            && !waits_for_another(change, changes)
        {
            return Err(Failure::Refused(changed_since(reaching, &said)));
        }
    }
    Ok(json!({ "changes": changes }))
}

/// Makes what of the changes is not made yet.
pub(super) async fn make(work: &ProvisionWork, changes: &[Change]) -> Done<String> {
    let connection = work.connection()?;
    let mut sent = 0;
    for _ in 0..ROUNDS {
        let actual = read(&work.reaching, changes).await?;
        let commands = commands(&work.reaching, &connection, changes, &actual)?;
        if commands.is_empty() {
            return Ok(said(sent, changes.len()));
        }
        sent += commands.len();
        send(&work.reaching, &connection, commands).await?;
    }
    let actual = read(&work.reaching, changes).await?;
    if commands(&work.reaching, &connection, changes, &actual)?.is_empty() {
        return Ok(said(sent, changes.len()));
    }
    Err(Failure::Refused(Error::new(
        ErrorCode::RouterRefused,
        format!("`{}` took the commands and is not as they should have made it", work.router().name),
    )))
}

/// What there is of the changes.
pub(super) async fn observe(reaching: &Reaching, changes: &[Change]) -> Done<Observed> {
    let actual = read(reaching, changes).await?;
    let states: Vec<ChangeState> = changes.iter().map(|change| change.state(&actual)).collect();
    Ok(if states.iter().all(|state| *state == ChangeState::After) {
        Observed::After
    } else if changes.iter().zip(&states).all(|(change, state)| {
        *state == ChangeState::Before
            || matches!(state, ChangeState::Otherwise(_)) && waits_for_another(change, changes)
    }) {
        Observed::Before
    } else {
        Observed::Partly
    })
}

/// Takes back what is still as the changes left it; says what somebody changed since.
pub(super) async fn undo(reaching: &Reaching, changes: &[Change]) -> Done<String> {
    let connection = reaching.connection()?;
    let mut left = BTreeSet::new();
    let mut taken_back = 0;
    // one after the other where one item refers to another in the same menu; side by side otherwise
    for _ in 0..ROUNDS {
        let actual = read(reaching, changes).await?;
        let mut commands = Vec::new();
        for change in changes.iter().rev() {
            match change.inverse(&actual, connection.release(), Undo::Careful) {
                Ok(Some(command)) => commands.push(command),
                Ok(None) => {
                    if let ChangeState::Otherwise(said) = change.state(&actual)
                        && !matches!(change.what, What::Do(_))
                    {
                        left.insert(said);
                    }
                }
                Err(Stale::Changed(said)) => {
                    left.insert(said);
                }
                Err(stale @ (Stale::Gone(_) | Stale::Taken(_) | Stale::NoMenu(_))) => {
                    left.insert(stale.to_string());
                }
                Err(stale @ Stale::NotRead(_)) => return Err(Failure::Refused(not_read(&stale))),
            }
        }
        if commands.is_empty() {
            break;
        }
        taken_back += commands.len();
        send(reaching, &connection, commands).await?;
    }
    let mut said = format!("{taken_back} taken back");
    if !left.is_empty() {
        said = format!("{said}; changed since and left as it is: {}", left.into_iter().collect::<Vec<_>>().join("; "));
    }
    Ok(said)
}

/// Reads the menus of the changes, and no others.
async fn read(reaching: &Reaching, changes: &[Change]) -> Done<Actual> {
    let menus: BTreeSet<&str> = changes.iter().map(|change| change.menu.as_str()).collect();
    let menus: Vec<&str> = menus.into_iter().collect();
    Actual::read_menus(&reaching.connection()?, &menus)
        .await
        .map_err(|error| reaching.failure("read the configuration", &error))
}

fn commands(reaching: &Reaching, connection: &Connection, changes: &[Change], actual: &Actual) -> Done<Vec<Command>> {
    let mut commands = Vec::new();
    for change in changes {
        match change.command(actual, connection.release()) {
            Ok(command) => commands.extend(command),
            Err(Stale::Gone(_)) if waits_for_another(change, changes) => {}
            Err(stale @ Stale::NotRead(_)) => return Err(Failure::Refused(not_read(&stale))),
            Err(stale) => return Err(Failure::Refused(changed_since(reaching, &stale.to_string()))),
        }
    }
    Ok(commands)
}

/// Sends commands side by side, in this order. All of them are answered before it returns; the worst answer is its own.
async fn send(reaching: &Reaching, connection: &Connection, commands: Vec<Command>) -> Done<()> {
    let answers = join_all(commands.into_iter().map(|command| connection.call(command))).await;
    let errors: Vec<CommandError> = answers.into_iter().filter_map(std::result::Result::err).collect();
    let worst = errors.iter().find(|error| error.outcome_unknown()).or(errors.first());
    match worst {
        Some(error) => Err(reaching.failure("change the configuration", error)),
        None => Ok(()),
    }
}

/// Something that is done with an item which another change of the same step adds.
fn waits_for_another(change: &Change, changes: &[Change]) -> bool {
    changes.iter().any(|other| other.key == change.key && other != change && matches!(other.what, What::Add { .. }))
}

fn said(sent: usize, changes: usize) -> String {
    match (sent, changes) {
        (0, _) => "already as it should be".to_owned(),
        (1, _) => "1 command".to_owned(),
        (sent, _) => format!("{sent} commands"),
    }
}

fn changed_since(reaching: &Reaching, said: &str) -> Error {
    Error::new(ErrorCode::Changed, format!("`{}` was changed since the plan was made: {said}", reaching.router.name))
        .hint("make the plan again")
}

fn not_read(stale: &Stale) -> Error {
    Error::new(ErrorCode::Internal, stale.to_string())
}
