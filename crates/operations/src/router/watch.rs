//! Looks after routers while a program is open: each has a task and a connection of its own, so one that is dead costs the
//! others nothing. Of several programs, one looks after a router at a time; the database says which.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::router::Router;
use domain::{ErrorCode, Permission};
use routeros::LinkState;
use store::router_watch::{self, Noted};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::routers::{Line, Routers};
use super::{health, words};
use crate::{Result, Session, provision};

/// How often it is looked which routers there are to look after.
const ROUND: Duration = Duration::from_secs(15);
/// Others take them over after so long; several rounds, so that one that fails does no harm.
const HELD_SECONDS: i32 = 60;
/// A router that this person cannot log in to is left to others for so long.
const CANNOT_FOR: Duration = Duration::from_mins(5);
/// How often a router that answers is read.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How often it is looked whose configuration is due to be kept.
const KEEP_EVERY: Duration = Duration::from_mins(10);
/// What was seen is written together.
const WRITE_AFTER: Duration = Duration::from_millis(300);
/// A router that is connected has so long to answer four questions.
const DEADLINE: Duration = Duration::from_secs(10);

/// Looks after the routers that a person may log in to. Never returns; what it began ends when it is dropped.
pub(crate) async fn look_after(routers: &Routers, session: &Session) {
    if !session.may(Permission::RouterSecret) {
        return std::future::pending().await;
    }
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut watched = Watched {
        routers,
        session,
        tell,
        tasks: JoinSet::new(),
        by_id: HashMap::new(),
        held_at: Instant::now(),
        cannot: Arc::default(),
        keeping: None,
        kept_at: Instant::now(),
    };
    let mut round = tokio::time::interval(ROUND);
    loop {
        let outcome = tokio::select! {
            _ = round.tick() => watched.round().await,
            () = routers.changed.notified() => watched.round().await,
            Some(first) = told.recv() => write(routers, session, first, &mut told).await,
            // one that ended is begun again in the next round
            Some(_) = watched.tasks.join_next() => Ok(()),
        };
        if let Err(error) = outcome {
            watched.let_go_if_taken();
            tracing::info!(%error, "routers are looked after again in a moment");
        }
    }
}

async fn write(routers: &Routers, session: &Session, first: Noted, told: &mut UnboundedReceiver<Noted>) -> Result<()> {
    tokio::time::sleep(WRITE_AFTER).await;
    // the newest of each
    let mut newest = HashMap::from([(first.router_id, first)]);
    while let Ok(next) = told.try_recv() {
        newest.insert(next.router_id, next);
    }
    let newest: Vec<Noted> = newest.into_values().collect();
    router_watch::note(session, routers.watcher, &newest).await
}

struct Watched<'a> {
    routers: &'a Routers,
    session: &'a Session,
    tell: UnboundedSender<Noted>,
    tasks: JoinSet<()>,
    by_id: HashMap<i64, (Router, AbortHandle)>,
    /// When the database last said which routers are this program's.
    held_at: Instant,
    cannot: Arc<Mutex<Cannot>>,
    /// Keeps configurations that are due.
    keeping: Option<AbortHandle>,
    kept_at: Instant,
}

/// Those that this person cannot log in to, how they were reached then, and when that was.
type Cannot = HashMap<i64, (Router, Instant)>;

impl Watched<'_> {
    /// Begins with routers that are new or reached otherwise, and ends with those that somebody else looks after.
    async fn round(&mut self) -> Result<()> {
        let all = store::router::list(self.session).await?;
        let cannot: Vec<i64> = {
            let mut cannot = self.cannot.lock().unwrap_or_else(PoisonError::into_inner);
            // what was changed since may work now; and somebody may have given this person the key
            cannot.retain(|id, (before, at)| {
                at.elapsed() < CANNOT_FOR && all.iter().any(|one| one.id == *id && is_reached_alike(one, before))
            });
            cannot.keys().copied().collect()
        };
        let held = router_watch::watch(self.session, self.routers.watcher, HELD_SECONDS, &cannot).await?;
        self.held_at = Instant::now();
        self.by_id.retain(|id, (before, task)| {
            let stays = held.contains(id)
                && !task.is_finished()
                && all.iter().any(|router| router.id == *id && is_reached_alike(router, before));
            if !stays {
                task.abort();
            }
            stays
        });
        for router in all {
            if held.contains(&router.id) && !self.by_id.contains_key(&router.id) {
                let cannot = self.cannot.clone();
                let look = look(self.routers.clone(), self.session.clone(), router.clone(), self.tell.clone(), cannot);
                let task = self.tasks.spawn(look);
                self.by_id.insert(router.id, (router, task));
            }
        }
        self.routers.let_go(&held).await;
        if self.kept_at.elapsed() > KEEP_EVERY && self.keeping.as_ref().is_none_or(AbortHandle::is_finished) {
            self.kept_at = Instant::now();
            let (session, routers) = (self.session.clone(), self.routers.clone());
            let keep = async move { provision::backup::by_schedule(&session, &routers, &held).await };
            self.keeping = Some(self.tasks.spawn(keep));
        }
        Ok(())
    }

    /// After an outage of the database, somebody else may have them.
    fn let_go_if_taken(&mut self) {
        if self.held_at.elapsed() > Duration::from_secs(HELD_SECONDS.unsigned_abs().into()) {
            self.tasks.abort_all();
            self.by_id.clear();
        }
    }
}

/// Nothing has changed but what was seen.
fn is_reached_alike(one: &Router, other: &Router) -> bool {
    one.api == other.api && one.access_user == other.access_user && one.access_version == other.access_version
}

/// Reads a router again and again, and whenever its line comes or goes.
async fn look(
    routers: Routers,
    session: Session,
    router: Router,
    tell: UnboundedSender<Noted>,
    cannot: Arc<Mutex<Cannot>>,
) {
    let line = loop {
        match routers.line(&session, &router).await {
            Ok(line) => break line,
            Err(error) if error.code == ErrorCode::NotAllowed => {
                // somebody else's program may
                cannot.lock().unwrap_or_else(PoisonError::into_inner).insert(router.id, (router, Instant::now()));
                return;
            }
            Err(error) => {
                let next_try_at = chrono::Utc::now() + LOOK_EVERY;
                let noted = Noted { next_try_at: Some(next_try_at), ..not_read(&router, error) };
                if tell.send(noted).is_err() {
                    return;
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    let mut state = line.link.state();
    loop {
        let seen = state.borrow_and_update().clone();
        let noted = match seen {
            LinkState::Up { .. } => Some(read(&router, &line).await),
            LinkState::Pending { next_try_at, reason } => {
                let next_try_at = next_try_at.map(|at| chrono::Utc::now() + at.duration_since(Instant::now()));
                Some(Noted { next_try_at, ..not_read(&router, words::down(&router, &reason)) })
            }
            LinkState::Never => None,
        };
        if let Some(noted) = noted
            && tell.send(noted).is_err()
        {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            changed = state.changed() => if changed.is_err() { return },
        }
    }
}

async fn read(router: &Router, line: &Line) -> Noted {
    let read = async {
        let connection = line.link.connection(DEADLINE).await.map_err(|error| words::down(router, &error))?;
        health::read(router.id, &connection).await.map_err(|error| words::not_done(router, "read its state", &error))
    };
    match tokio::time::timeout(DEADLINE, read).await {
        Ok(Ok(noted)) => noted,
        Ok(Err(error)) => not_read(router, error),
        Err(_) => not_read(router, words::silent(router)),
    }
}

fn not_read(router: &Router, error: domain::Error) -> Noted {
    Noted { router_id: router.id, reason: error.message, hint: error.hint.unwrap_or_default(), ..Noted::default() }
}

/// Asks one router now, by a connection of this program. None: this person cannot ask it, which says nothing of the router.
pub(crate) async fn ask(session: &Session, routers: &Routers, router: &Router) -> Option<Noted> {
    let answer = async {
        let (_, connection) = routers.connection(session, router).await?;
        tokio::time::timeout(DEADLINE, health::read(router.id, &connection))
            .await
            .map_err(|_| words::silent(router))?
            .map_err(|error| words::not_done(router, "read its state", &error))
    }
    .await;
    match answer {
        Err(error) if error.code == ErrorCode::NotAllowed => None,
        answer => Some(answer.unwrap_or_else(|error| not_read(router, error))),
    }
}

/// Keeps what was seen. The answers are there, whether or not they could be kept.
pub(crate) async fn keep(session: &Session, routers: &Routers, noted: &[Noted]) {
    if !noted.is_empty()
        && let Err(error) = router_watch::note(session, routers.watcher, noted).await
    {
        tracing::info!(%error, "what was seen of routers was not kept");
    }
}
