//! Telling sessions something: to end, or to have another speed.
//!
//! A router obeys only RADIUS servers that it knows, so a session is told from beside the RADIUS server. Where that does not
//! answer, it is ended through the router's API, by whoever may log in there.

use std::collections::HashMap;
use std::time::Duration;

use domain::router::{Router, SessionChoice, SessionOutcome, ToldBy};
use domain::session::{LiveState, Service, SessionRow};
use domain::{Error, ErrorCode, FieldError, Permission, RateLimit};
use futures_util::stream::{self, StreamExt};
use routeros::menus::{HotspotActive, PppActive};
use routeros::{Connection, Refusal};

use super::routers::Routers;
use super::sessions::{AT_ONCE, Live, is_read, read};
use super::words;
use crate::{Result, Session};

/// How long it is waited for what was sent from beside the RADIUS server, and for each session more.
const PATIENCE: Duration = Duration::from_secs(4);
const PATIENCE_EACH: Duration = Duration::from_millis(20);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// At most so many in one go.
const MOST: usize = 10_000;

/// Ends sessions. `progress` is told of each as it is known what became of it.
pub async fn disconnect(
    session: &Session,
    routers: &Routers,
    choices: &[SessionChoice],
    mut progress: impl FnMut(&SessionOutcome),
) -> Result<Vec<SessionOutcome>> {
    session.require(Permission::SessionChange)?;
    few_enough(choices.len())?;
    let mut outcomes = Vec::new();
    let mut asked = HashMap::new();
    for choice in choices {
        if let SessionChoice::Reported { session_id } = choice {
            match store::live::ask(session, *session_id, true).await {
                Ok(change) => drop(asked.insert(change, *session_id)),
                // alone it is a mistake; among others it must not hold them up
                Err(error) if choices.len() == 1 => return Err(error),
                Err(error) => outcomes.push(not_asked(*session_id, &error)),
            }
        }
    }
    outcomes.iter().for_each(&mut progress);
    let mut at_router: Vec<SessionChoice> =
        choices.iter().filter(|choice| matches!(choice, SessionChoice::OnRouter { .. })).cloned().collect();
    let mut silent = HashMap::new();
    let mut keep = |outcome: SessionOutcome| {
        progress(&outcome);
        outcomes.push(outcome);
    };
    told(session, asked, |outcome| {
        let answered = matches!(outcome.state, LiveState::Done | LiveState::Gone | LiveState::NotNeeded);
        if answered || !session.may(Permission::RouterSecret) {
            keep(outcome);
        } else {
            at_router.push(outcome.choice.clone());
            silent.insert(choice_key(&outcome.choice), outcome);
        }
    })
    .await;
    let (at_routers, lost) = by_router(session, at_router).await;
    for (choice, error) in lost {
        let ended = Ended { router_name: String::new(), user_name: String::new(), outcome: Err(error) };
        let before = silent.remove(&choice_key(&choice));
        keep(outcome_at_router(choice, ended, before));
    }
    let mut ended = stream::iter(at_routers)
        .map(|(router_id, choices)| at_its_router(session, routers, router_id, choices))
        .buffer_unordered(AT_ONCE);
    while let Some(of_router) = ended.next().await {
        for (choice, ended) in of_router {
            let before = silent.remove(&choice_key(&choice));
            keep(outcome_at_router(choice, ended, before));
        }
    }
    drop(ended);
    Ok(outcomes)
}

/// Gives sessions another speed, until something else changes what they should have. Only RADIUS can: RouterOS keeps the
/// queue of a session dynamic, and takes no change of a dynamic item through its API.
pub async fn limit(
    session: &Session,
    session_ids: &[i64],
    rate_limit: &str,
    mut progress: impl FnMut(&SessionOutcome),
) -> Result<Vec<SessionOutcome>> {
    session.require(Permission::SessionChange)?;
    few_enough(session_ids.len())?;
    let rate_limit = RateLimit::parse(rate_limit)
        .map_err(|problem| Error::invalid(vec![FieldError::new("rate_limit", problem)]))?
        .to_string();
    let mut outcomes = Vec::new();
    let mut asked = HashMap::new();
    for id in session_ids {
        match store::live::ask_limit(session, *id, &rate_limit).await {
            Ok(change) => drop(asked.insert(change, *id)),
            Err(error) if session_ids.len() == 1 => return Err(error),
            Err(error) => outcomes.push(not_asked(*id, &error)),
        }
    }
    outcomes.iter().for_each(&mut progress);
    told(session, asked, |mut outcome| {
        if matches!(outcome.state, LiveState::Waiting | LiveState::NoAnswer | LiveState::Refused) {
            outcome.detail = format!(
                "{}; a router's API cannot change the speed of a session: end it, and it comes back with its package's",
                if outcome.detail.is_empty() {
                    "nobody beside the RADIUS server has told the router yet"
                } else {
                    &outcome.detail
                }
            );
        }
        progress(&outcome);
        outcomes.push(outcome);
    })
    .await;
    Ok(outcomes)
}

/// A session that has moved to the history meanwhile, or is out of reach; or the database went away.
fn not_asked(session_id: i64, error: &Error) -> SessionOutcome {
    SessionOutcome {
        choice: SessionChoice::Reported { session_id },
        user_name: String::new(),
        router_name: String::new(),
        state: if error.code == ErrorCode::OutcomeUnknown { LiveState::Unknown } else { LiveState::Refused },
        told_by: ToldBy::Radius,
        detail: error.message.clone(),
    }
}

fn few_enough(count: usize) -> Result<()> {
    if (1..=MOST).contains(&count) {
        return Ok(());
    }
    Err(Error::invalid(vec![FieldError::new(
        "sessions",
        domain::Problem::OutOfRange { min: 1, max: i64::try_from(MOST).expect("it is small") },
    )]))
}

/// Waits for changes that were asked for, and tells of each as it settles, or at the end that it has not. They stay asked for
/// when the database goes away meanwhile: then it is not known what becomes of them.
async fn told(session: &Session, mut asked: HashMap<i64, i64>, mut tell: impl FnMut(SessionOutcome)) {
    let patience = PATIENCE + PATIENCE_EACH * u32::try_from(asked.len()).unwrap_or(u32::MAX);
    let until = tokio::time::Instant::now() + patience;
    while !asked.is_empty() {
        let ids: Vec<i64> = asked.keys().copied().collect();
        let over = tokio::time::Instant::now() >= until;
        let changes = match store::live::several(session, &ids).await {
            Ok(changes) => changes,
            Err(error) => {
                for session_id in asked.into_values() {
                    tell(SessionOutcome { state: LiveState::Unknown, ..not_asked(session_id, &error) });
                }
                return;
            }
        };
        for (user_name, change) in changes {
            if change.state == LiveState::Waiting && !over {
                continue;
            }
            if let Some(session_id) = asked.remove(&change.id) {
                tell(SessionOutcome {
                    choice: SessionChoice::Reported { session_id },
                    user_name,
                    router_name: change.router_name,
                    state: change.state,
                    told_by: ToldBy::Radius,
                    detail: change.detail,
                });
            }
        }
        if over {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn choice_key(choice: &SessionChoice) -> (i64, String) {
    match choice {
        SessionChoice::Reported { session_id } => (*session_id, String::new()),
        SessionChoice::OnRouter { router_id, item_id, .. } => (*router_id, item_id.clone()),
    }
}

/// What is to be ended at each router, with what the reports say of it.
async fn by_router(
    session: &Session,
    choices: Vec<SessionChoice>,
) -> (HashMap<i64, Vec<(SessionChoice, Option<SessionRow>)>>, Vec<(SessionChoice, Error)>) {
    let mut routers: HashMap<i64, Vec<_>> = HashMap::new();
    let mut lost = Vec::new();
    for choice in choices {
        match &choice {
            SessionChoice::Reported { session_id } => match store::session::show(session, *session_id).await {
                Ok(row) => routers.entry(row.router_id).or_default().push((choice, Some(row))),
                Err(error) => lost.push((choice, error)),
            },
            SessionChoice::OnRouter { router_id, .. } => routers.entry(*router_id).or_default().push((choice, None)),
        }
    }
    (routers, lost)
}

/// What became of one at its router: `None`, it is not there any more.
struct Ended {
    router_name: String,
    user_name: String,
    outcome: Result<Option<()>>,
}

async fn at_its_router(
    session: &Session,
    routers: &Routers,
    router_id: i64,
    choices: Vec<(SessionChoice, Option<SessionRow>)>,
) -> Vec<(SessionChoice, Ended)> {
    let user_name = |choice: &SessionChoice, row: &Option<SessionRow>| match choice {
        SessionChoice::OnRouter { user_name, .. } => user_name.clone(),
        SessionChoice::Reported { .. } => row.as_ref().map(|row| row.user_name.clone()).unwrap_or_default(),
    };
    let ready = async {
        let router = store::router::show(session, router_id).await?;
        let (_, connection) = routers.connection(session, &router).await?;
        let live = read(&connection).await.map_err(|error| words::not_done(&router, "read the sessions", &error))?;
        let reported = store::session::open_of_router(session, router_id).await?;
        let numbers: HashMap<i64, String> = reported.into_iter().map(|(number, row)| (row.id, number)).collect();
        Ok((router, connection, live, numbers))
    }
    .await;
    let (router, connection, live, numbers) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            let error: Error = error;
            return choices
                .into_iter()
                .map(|(choice, row)| {
                    let ended = Ended {
                        router_name: row.as_ref().map(|row| row.router_name.clone()).unwrap_or_default(),
                        user_name: user_name(&choice, &row),
                        outcome: Err(error.clone()),
                    };
                    (choice, ended)
                })
                .collect();
        }
    };
    // at once: the connection itself bounds how many are under way
    let ended = choices.into_iter().map(|(choice, row)| {
        let (router, connection, live, numbers) = (&router, &connection, &live, &numbers);
        async move {
            let user_name = user_name(&choice, &row);
            let item = live.iter().find(|one| match (&choice, &row) {
                (SessionChoice::OnRouter { item_id, service, user_name, .. }, _) => {
                    one.item_id == *item_id && one.service == *service && one.user_name == *user_name
                }
                // one that is not open any more has no number here
                (_, Some(row)) => numbers.get(&row.id).is_some_and(|number| one.is(number, row)),
                _ => false,
            });
            let outcome = match (item, &choice) {
                _ if row.as_ref().is_some_and(|row| !is_read(row)) => Err(Error::new(
                    ErrorCode::RouterRefused,
                    format!("a lease of DHCP is not ended through the API of `{}`", router.name),
                )),
                (None, SessionChoice::Reported { session_id }) => {
                    store::router_watch::session_gone(session, *session_id).await.map(|()| None)
                }
                (None, SessionChoice::OnRouter { .. }) => Ok(None),
                (Some(item), _) => end(session, router, connection, item).await,
            };
            (choice, Ended { router_name: router.name.clone(), user_name, outcome })
        }
    });
    futures_util::future::join_all(ended).await
}

async fn end(session: &Session, router: &Router, connection: &Connection, item: &Live) -> Result<Option<()>> {
    let id = item.item_id.parse().map_err(|_| Error::not_found("session", &item.item_id))?;
    // before it is done, as with everything that is audited
    store::router_watch::note_disconnect(session, router.id, &item.user_name).await?;
    let removed = match item.service {
        Service::Hotspot => HotspotActive::remove(connection, id).await,
        _ => PppActive::remove(connection, id).await,
    };
    match removed {
        Ok(()) => Ok(Some(())),
        Err(error) if error.refusal() == Some(Refusal::NoSuchItem) => Ok(None),
        Err(error) => Err(words::not_changed(router, "end a session", &error)),
    }
}

fn outcome_at_router(choice: SessionChoice, ended: Ended, before: Option<SessionOutcome>) -> SessionOutcome {
    let (state, detail) = match ended.outcome {
        Ok(Some(())) => (LiveState::Done, String::new()),
        Ok(None) => (LiveState::Gone, String::new()),
        Err(error) => {
            // it was tried both ways: both reasons help
            let radius = before.as_ref().map(|before| before.detail.clone()).filter(|detail| !detail.is_empty());
            let state = match error.code {
                ErrorCode::OutcomeUnknown => LiveState::Unknown,
                ErrorCode::RouterRefused | ErrorCode::NotAllowed | ErrorCode::NotFound => LiveState::Refused,
                _ => before.as_ref().map_or(LiveState::NoAnswer, |before| before.state),
            };
            let detail = [radius, Some(error.message), error.hint].into_iter().flatten().collect::<Vec<_>>().join("; ");
            (state, detail)
        }
    };
    SessionOutcome {
        choice,
        user_name: ended.user_name,
        router_name: before.map_or(ended.router_name, |before| before.router_name),
        state,
        told_by: ToldBy::Api,
        detail,
    }
}
