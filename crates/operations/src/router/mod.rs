//! Routers: their records, and what they say through their API.

mod connection_test;
mod health;
mod log;
mod menu;
mod nearby;
mod rates;
pub(crate) mod routers;
pub(crate) mod sessions;
pub(crate) mod telling;
pub(crate) mod watch;
pub(crate) mod words;

use domain::router::{Router, RouterAccess, RouterDraft, RouterLive, RouterLogLine, RouterStatus};
use domain::{Error, ErrorCode, Permission};
use futures_util::stream::{self, StreamExt};

use crate::{Result, Session, named};

pub use connection_test::test;
pub use menu::{export, print};
pub use nearby::{Ask, discover};
pub use routers::Routers;
pub use sessions::of_router as sessions;

/// Routers that are asked at once.
const AT_ONCE: usize = 256;

/// All routers, by name.
pub async fn list(session: &Session) -> Result<Vec<Router>> {
    session.require(Permission::RouterRead)?;
    store::router::list(session).await
}

/// One router.
pub async fn show(session: &Session, id: i64) -> Result<Router> {
    session.require(Permission::RouterRead)?;
    store::router::show(session, id).await
}

/// The router of that name or number.
pub async fn find(session: &Session, name: &str) -> Result<Router> {
    named::one(list(session).await?, "router", name, |one| (&one.name, one.id, Some(&one.operator_name)))
}

/// Adds a router.
pub async fn add(session: &Session, draft: &RouterDraft) -> Result<Router> {
    session.require(Permission::RouterWrite)?;
    let checked = draft.check().map_err(Error::invalid)?;
    let id = store::router::add(session, &checked).await?;
    show(session, id).await
}

/// Changes a router that is still as it was read.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &RouterDraft) -> Result<Router> {
    session.require(Permission::RouterWrite)?;
    let checked = draft.check().map_err(Error::invalid)?;
    let before = store::router::show(session, id).await?;
    let api = &before.api;
    let reached_alike = (&checked.api_host, checked.api_port, checked.api_plain, checked.api_code_page)
        == (&api.typed_host, api.typed_port, api.plain, api.code_page.as_str())
        && (api.typed_host.is_some() || checked.address.to_string() == before.address);
    if before.access_user.is_some() && !reached_alike {
        // whoever decides where a router is reached gets to see the log-in that is kept for it
        session.require(Permission::RouterSecret)?;
    }
    store::router::edit(session, id, version, &checked).await?;
    show(session, id).await
}

/// Keeps the log-in of the router's own management under the organisation's key; an empty user name takes it away.
pub async fn keep_access(session: &Session, id: i64, access: &RouterAccess) -> Result<Router> {
    session.require(Permission::RouterSecret)?;
    let checked = access.check().map_err(Error::invalid)?;
    store::key::keep_router_access(session, id, checked.as_ref()).await?;
    show(session, id).await
}

/// The log-in of the router's own management. The look at it stands in the audit.
pub async fn reveal_access(session: &Session, id: i64) -> Result<RouterAccess> {
    session.require(Permission::RouterSecret)?;
    store::key::reveal_router_access(session, id).await
}

/// The router's RADIUS secret. The look at it stands in the audit.
pub async fn reveal_secret(session: &Session, id: i64) -> Result<String> {
    session.require(Permission::RouterSecret)?;
    store::router::reveal_secret(session, id).await
}

/// A router at this moment.
pub async fn live(session: &Session, routers: &Routers, id: i64) -> Result<RouterLive> {
    session.require(Permission::RouterSecret)?;
    let router = show(session, id).await?;
    let (line, connection) = routers.connection(session, &router).await?;
    health::live(&router, &line, &connection).await.map_err(|error| words::not_done(&router, "read its state", &error))
}

/// The newest lines of a router's log, the oldest of them first.
pub async fn log(session: &Session, routers: &Routers, id: i64, at_most: u16) -> Result<Vec<RouterLogLine>> {
    session.require(Permission::RouterSecret)?;
    let router = show(session, id).await?;
    let (line, connection) = routers.connection(session, &router).await?;
    line.log
        .newest(&connection, usize::from(at_most))
        .await
        .map_err(|error| words::not_done(&router, "read the log", &error))
}

/// Asks every router now whose log-in is kept. `progress` is told of each as it answers, or does not. Cost: one deadline for
/// each 256 of them that are dead.
pub async fn ask_all(session: &Session, routers: &Routers, mut progress: impl FnMut(&Router)) -> Result<Vec<Router>> {
    session.require(Permission::RouterSecret)?;
    let all = store::router::list(session).await?;
    routers.begin(session, &all).await?;
    let mut asked = stream::iter(all.into_iter().enumerate())
        .map(|(place, router)| async move {
            let noted = match router.seen.status {
                RouterStatus::NoLogIn => None,
                _ => watch::ask(session, routers, &router).await,
            };
            (place, router, noted)
        })
        .buffer_unordered(AT_ONCE);
    let (mut answered, mut noted) = (Vec::new(), Vec::new());
    while let Some((place, mut router, came)) = asked.next().await {
        if let Some(came) = came {
            router.seen = health::shown(&router, &came);
            noted.push(came);
        }
        progress(&router);
        answered.push((place, router));
    }
    watch::keep(session, routers, &noted).await;
    answered.sort_by_key(|(place, _)| *place);
    Ok(answered.into_iter().map(|(_, router)| router).collect())
}

/// Tries a router now that is waiting for its next try.
pub async fn retry(session: &Session, routers: &Routers, id: i64) -> Result<Router> {
    session.require(Permission::RouterSecret)?;
    let mut router = show(session, id).await?;
    if router.seen.status != RouterStatus::NoLogIn {
        if let Ok(line) = routers.line(session, &router).await {
            line.link.retry_now();
        }
        if let Some(noted) = watch::ask(session, routers, &router).await {
            router.seen = health::shown(&router, &noted);
            watch::keep(session, routers, &[noted]).await;
        }
    }
    Ok(router)
}

/// Keeps another fingerprint than before of a router's certificate: it was changed, and a person says that it is right.
pub async fn trust(session: &Session, routers: &Routers, id: i64, fingerprint: &str) -> Result<Router> {
    session.require(Permission::RouterWrite)?;
    session.require(Permission::RouterSecret)?;
    let seen: routeros::Fingerprint = fingerprint.parse().map_err(|_| {
        Error::new(ErrorCode::InvalidInput, format!("`{fingerprint}` is not a fingerprint"))
            .hint("it has 32 pairs of digits, as the connection test shows them")
    })?;
    let kept = store::router::fingerprint(session, id).await?;
    if !store::router::trust(session, id, kept, *seen.as_bytes()).await? {
        return Err(Error::changed("router"));
    }
    routers.let_go_of(id).await;
    routers.changed.notify_one();
    show(session, id).await
}
