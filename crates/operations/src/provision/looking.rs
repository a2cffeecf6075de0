//! Steps of a run that only look.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{Error, ErrorCode};
use futures_util::future::join;
use routeros::config::{Actual, difference};
use routeros::menus::{Resource, Service};
use routeros::{Command, Connection, Query};
use runs::Failure;
use tokio::time::Instant;

use super::job::{Access, Way};
use super::keeping::in_database;
use super::planning;
use super::work::{Done, ProvisionWork};
use crate::router::words;

/// How long the test account has to log in.
const LOG_IN_WITHIN: Duration = Duration::from_mins(2);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long it is waited for the new service to answer: a board makes its keys first.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// The router answers.
pub(super) async fn check(work: &ProvisionWork) -> Done<String> {
    let resource =
        Resource::read(&work.connection()?).await.map_err(|error| work.reaching.failure("read its release", &error))?;
    Ok(format!("RouterOS {} on {} answers", resource.version, resource.board_name))
}

/// How the router is reached with its new log-in: by its encrypted service, with the certificate that it shows there now.
pub(super) async fn new_way(work: &ProvisionWork, access: &Access) -> Done<Way> {
    let connection = work.connection()?;
    let services =
        Service::read(&connection).await.map_err(|error| work.reaching.failure("read its services", &error))?;
    let told = services.iter().find(|service| service.name == "api-ssl").and_then(|service| service.port);
    let port = told.and_then(|port| u16::try_from(port).ok()).unwrap_or(8729);
    let way = Way { port, plain: false, fingerprint: None, access: access.clone(), ..work.job.way.clone() };
    let until = Instant::now() + ANSWERS_WITHIN;
    loop {
        match Connection::look(&way.address(), &way.options(work.reaching.patience.answer)).await {
            Ok(seen) => return Ok(Way { fingerprint: Some(seen.to_string()), ..way }),
            Err(error) if Instant::now() < until => {
                tracing::info!(router = work.job.router_id, %error, "the encrypted service does not answer yet");
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Err(error) => {
                return Err(Failure::Refused(words::not_connected(work.router(), &error)));
            }
        }
    }
}

/// Somebody logs in the new way, beside the connection that is open.
pub(super) async fn log_in(work: &ProvisionWork) -> Done<String> {
    let Some(management) = &work.job.management else { return Ok(String::new()) };
    let way = new_way(work, management).await?;
    let connection = way
        .open(work.reaching.patience.answer)
        .await
        .map_err(|error| Failure::Refused(words::not_connected(work.router(), &error)))?;
    let read = Resource::read(&connection).await;
    connection.close().await;
    read.map_err(|error| work.reaching.failure("read with the new log-in", &error))?;
    Ok(format!("`{}` logs in, encrypted, and reads", management.user))
}

/// Reads everything back that is done by now, and finds no difference.
pub(super) async fn read_back(work: &ProvisionWork, later: &[String]) -> Done<String> {
    let Some(applied) = &work.job.template else { return Ok(String::new()) };
    let actual = Actual::read(&work.connection()?, &applied.wanted)
        .await
        .map_err(|error| work.reaching.failure("read the configuration", &error))?;
    let mut difference = difference(&applied.wanted, &actual, &BTreeMap::new());
    planning::leave_accepted(&work.session, work.job.router_id, &applied.name, &mut difference.changes)
        .await
        .map_err(in_database)?;
    let wrong: Vec<String> = difference
        .changes
        .iter()
        .filter(|change| !later.contains(&change.step))
        .map(routeros::config::Change::shown)
        .collect();
    if wrong.is_empty() {
        return Ok(format!("{} items are as they should be", difference.same.len()));
    }
    Err(Failure::Refused(Error::new(
        ErrorCode::RouterRefused,
        format!("`{}` took the commands, and these still differ: {}", work.router().name, wrong.join("; ")),
    )))
}

/// Whether RADIUS has answered the router.
pub(super) async fn radius(work: &ProvisionWork) -> Done<String> {
    let connection = work.connection()?;
    let failure = |error| work.reaching.failure("read what RADIUS answered", &error);
    let servers =
        connection.rows(Command::new("/radius/print").proplist(&[".id", "comment"])).await.map_err(failure)?;
    let ours = servers.iter().find(|row| row.text_or_empty("comment").starts_with("demarc:"));
    let Some(id) = ours.and_then(routeros::Row::id) else {
        return Ok("the router has no RADIUS server of ours".to_owned());
    };
    let monitor = Command::new("/radius/monitor").id(id).flag("once");
    let rows = connection.rows(monitor).await.map_err(failure)?;
    let number = |name: &str| rows.first().and_then(|row| row.number(name)).unwrap_or_default();
    let (requests, accepts, rejects, timeouts) =
        (number("requests"), number("accepts"), number("rejects"), number("timeouts"));
    Ok(match (requests, accepts + rejects) {
        (0, _) => "the router has not asked RADIUS yet: it does at the first log-in".to_owned(),
        (_, 0) => format!(
            "the router asked {requests} times and got no answer ({timeouts} timeouts): check the way from `{}` to RADIUS and the secret",
            work.router().address
        ),
        _ => format!(
            "the router asked RADIUS {requests} times: {accepts} accepted, {rejects} refused, {timeouts} not answered"
        ),
    })
}

/// The test account logs in through the new configuration.
pub(super) async fn test_log_in(work: &ProvisionWork) -> Done<String> {
    let Some(user) = &work.job.test_user else { return Ok(String::new()) };
    let until = Instant::now() + log_in_within();
    loop {
        let connection = work.connection()?;
        let active = |menu: &str, property: &str| {
            connection.rows(Command::new(&format!("{menu}/print")).query(Query::is(property, user.as_str())))
        };
        let (ppp, hotspot) = join(active("/ppp/active", "name"), active("/ip/hotspot/active", "user")).await;
        let seen = ppp.ok().into_iter().chain(hotspot.ok()).flatten().next();
        if let Some(row) = seen {
            return Ok(format!("`{user}` is logged in as {}", row.text_or_empty("address")));
        }
        if Instant::now() > until {
            return Ok(format!(
                "`{user}` did not log in within {} minutes: the sessions of the router tell why, once it tries",
                LOG_IN_WITHIN.as_secs() / 60
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Tests have no minutes.
fn log_in_within() -> Duration {
    let seconds = std::env::var("DEMARC_TEST_LOG_IN").ok().and_then(|text| text.parse().ok());
    seconds.map_or(LOG_IN_WITHIN, Duration::from_secs)
}
