//! The connections of this program to routers: one for each router, made when it is first needed, shared by whoever needs
//! it, and let go when nobody has for a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::router::{Router, RouterAccess};
use domain::{Error, ErrorCode, Permission};
use routeros::{Address, Connection, Fingerprint, Link, LogIn, Options, Security};
use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

use super::log::LogTail;
use super::rates::Rates;
use super::words;
use crate::{Result, Session};

/// How long a command of a person waits for a router that is not connected yet.
pub(crate) const PATIENCE: Duration = Duration::from_secs(6);
/// How long an address may take to be reached: less than somebody's patience.
const REACH: Duration = Duration::from_secs(5);
/// How long a log-in or an answer may take; of a long list, each piece.
const ANSWER: Duration = Duration::from_secs(8);
/// A connection that nobody used for so long is closed, unless this program looks after the router.
const UNUSED: Duration = Duration::from_mins(2);

/// All of them. One for each process; cheap to clone.
#[derive(Clone)]
pub struct Routers {
    pub(crate) watcher: Uuid,
    /// Something was changed about a router: whoever looks after them looks at once.
    pub(crate) changed: Arc<Notify>,
    lines: Arc<Mutex<HashMap<i64, Arc<Line>>>>,
    /// Grows when all are let go: what was begun before that is not kept.
    epoch: Arc<AtomicU64>,
}

/// The connection to one router, and what is remembered between two looks at it.
pub(crate) struct Line {
    pub link: Link,
    pub rates: Rates,
    pub log: LogTail,
    /// What it was made with: when that changes, it is made anew.
    reached: Reached,
    used: std::sync::Mutex<Instant>,
}

#[derive(PartialEq, Eq)]
struct Reached {
    staff_id: i64,
    host: String,
    port: u16,
    plain: bool,
    fingerprint: Option<String>,
    code_page: String,
    access_version: String,
}

impl Default for Routers {
    fn default() -> Self {
        Self { watcher: Uuid::new_v4(), changed: Arc::default(), lines: Arc::default(), epoch: Arc::default() }
    }
}

impl Routers {
    /// A connection to a router, as soon as there is one; an error if there is none within a few seconds.
    pub(crate) async fn connection(&self, session: &Session, router: &Router) -> Result<(Arc<Line>, Connection)> {
        let line = self.line(session, router).await?;
        let connection = line.link.connection(PATIENCE).await.map_err(|error| words::down(router, &error))?;
        Ok((line, connection))
    }

    /// The line to a router, connected or not. A router that is met for the first time shows its certificate here.
    pub(crate) async fn line(&self, session: &Session, router: &Router) -> Result<Arc<Line>> {
        let epoch = self.epoch.load(Ordering::Acquire);
        if let Some(line) = self.kept(session, router).await {
            return Ok(line);
        }
        let access = log_in_of(session, router).await?;
        let router = if router.api.plain || router.api.fingerprint.is_some() {
            router.clone()
        } else {
            meet(session, router).await?
        };
        Ok(self.keep(session, &router, &access, epoch).await)
    }

    /// Begins the lines to several routers that were met before; the others get theirs when they are asked. Cost: one
    /// look-up of all log-ins.
    pub(crate) async fn begin(&self, session: &Session, routers: &[Router]) -> Result<()> {
        session.require(Permission::RouterSecret)?;
        let epoch = self.epoch.load(Ordering::Acquire);
        let mut without = Vec::new();
        for router in routers {
            let met = router.api.plain || router.api.fingerprint.is_some();
            if met && router.access_user.is_some() && self.kept(session, router).await.is_none() {
                without.push(router);
            }
        }
        let ids: Vec<i64> = without.iter().map(|router| router.id).collect();
        let opened =
            if ids.is_empty() { HashMap::new() } else { store::key::open_router_access(session, &ids).await? };
        for router in without {
            if let Some(access) = opened.get(&router.id) {
                self.keep(session, router, access, epoch).await;
            }
        }
        Ok(())
    }

    async fn kept(&self, session: &Session, router: &Router) -> Option<Arc<Line>> {
        let reached = reached(session, router);
        let lines = self.lines.lock().await;
        let line = lines.get(&router.id).filter(|line| line.reached == reached)?;
        line.touch();
        Some(line.clone())
    }

    async fn keep(&self, session: &Session, router: &Router, access: &RouterAccess, epoch: u64) -> Arc<Line> {
        let reached = reached(session, router);
        let mut lines = self.lines.lock().await;
        if let Some(line) = lines.get(&router.id).filter(|line| line.reached == reached) {
            // somebody else was faster
            return line.clone();
        }
        let line = Arc::new(Line {
            link: Link::new(address(router), security(router), log_in(access), options(router)),
            rates: Rates::default(),
            log: LogTail::default(),
            reached,
            used: std::sync::Mutex::new(Instant::now()),
        });
        if self.epoch.load(Ordering::Acquire) == epoch {
            lines.insert(router.id, line.clone());
        }
        line
    }

    /// Lets go of connections that nobody used lately and that are not among `watched`.
    pub(crate) async fn let_go(&self, watched: &[i64]) {
        self.lines.lock().await.retain(|id, line| watched.contains(id) || line.used_lately());
    }

    /// Lets go of all of them: the person is not logged in any more.
    pub(crate) async fn let_go_of_all(&self) {
        let mut lines = self.lines.lock().await;
        self.epoch.fetch_add(1, Ordering::AcqRel);
        lines.clear();
    }

    /// Lets go of one, as its router is reached otherwise from now on.
    pub(crate) async fn let_go_of(&self, id: i64) {
        self.lines.lock().await.remove(&id);
    }
}

impl Line {
    fn touch(&self) {
        *self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Instant::now();
    }

    fn used_lately(&self) -> bool {
        self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner).elapsed() < UNUSED
    }
}

fn reached(session: &Session, router: &Router) -> Reached {
    let api = &router.api;
    Reached {
        staff_id: session.staff.id,
        host: api.host.clone(),
        port: api.port,
        plain: api.plain,
        fingerprint: api.fingerprint.clone(),
        code_page: api.code_page.clone(),
        access_version: format!("{:?} {:?}", router.access_user, router.access_version),
    }
}

/// The log-in that is kept of a router.
pub(crate) async fn log_in_of(session: &Session, router: &Router) -> Result<RouterAccess> {
    session.require(Permission::RouterSecret)?;
    if router.access_user.is_none() {
        return Err(Error::new(ErrorCode::RouterRefused, format!("no log-in is kept for `{}`", router.name))
            .hint("keep its user name and password: Edit → Management log-in, or `demarcctl router keep-access`"));
    }
    store::key::open_router_access(session, &[router.id]).await?.remove(&router.id).ok_or_else(|| {
        Error::new(ErrorCode::NotAllowed, format!("the log-in that is kept for `{}` cannot be opened", router.name))
            .hint("have the organisation's key given to you, or type its user name and password again: Edit → Management log-in")
    })
}

impl Routers {
    /// The router, with its certificate kept: one that is met for the first time shows it here.
    pub(crate) async fn met(&self, session: &Session, router: &Router) -> Result<Router> {
        if router.api.plain || router.api.fingerprint.is_some() {
            return Ok(router.clone());
        }
        meet(session, router).await
    }
}

/// Looks at the certificate of a router that was never met, and keeps its fingerprint before anything is said to it.
async fn meet(session: &Session, router: &Router) -> Result<Router> {
    if !session.may(Permission::RouterWrite) {
        return Err(Error::new(ErrorCode::NotAllowed, format!("the certificate of `{}` was not met yet", router.name))
            .hint("somebody who may change routers tests the connection once"));
    }
    let seen = Connection::look(&address(router), &options(router))
        .await
        .map_err(|error| words::not_connected(router, &error))?;
    store::router::trust(session, router.id, None, *seen.as_bytes()).await?;
    let met = store::router::show(session, router.id).await?;
    if met.api.fingerprint.is_none() && !met.api.plain {
        // nothing is said to a router whose certificate is not kept
        return Err(Error::new(
            ErrorCode::NotAllowed,
            format!("the certificate of `{}` could not be kept", router.name),
        )
        .hint("somebody who may change this router tests the connection once"));
    }
    Ok(met)
}

pub(crate) fn address(router: &Router) -> Address {
    Address { host: router.api.host.clone(), port: router.api.port }
}

pub(crate) fn security(router: &Router) -> Security {
    if router.api.plain {
        return Security::Plain;
    }
    // what is kept and cannot be read is no certificate's: it must not become a first contact
    let unreadable = || Fingerprint::from_bytes([0; 32]);
    let kept = router.api.fingerprint.as_ref().map(|text| text.parse().unwrap_or_else(|_| unreadable()));
    Security::Tls { fingerprint: kept }
}

pub(crate) fn log_in(access: &RouterAccess) -> LogIn {
    LogIn::new(&access.user_name, &access.password)
}

pub(crate) fn options(router: &Router) -> Options {
    Options {
        connect: REACH,
        log_in: ANSWER,
        command: ANSWER,
        code_page: router.api.code_page.parse().unwrap_or_default(),
        ..Options::default()
    }
}
