//! What all sessions of a router share, and the way of a subscriber from dialling to being let in.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::admission::{Candidate, Decision};
use super::cause::TerminateCause;
use super::registry::Registry;
use super::session::SessionHandle;
use super::{Access, Refused, Subscriber};
use crate::actor::Actor;
use crate::locked::Locked;
use crate::radius::{Answer, Counters, Service, SessionNumber, log_in};
use crate::router::Router;
use crate::simulator::{Shared, Simulator};

/// The subscribers of one router. The router's lock is always taken before any of these.
pub(crate) struct Subscribers {
    pub(super) shared: Arc<Shared>,
    registry: Mutex<Registry>,
    /// The router's own address: what RADIUS knows it by unless `src-address` says otherwise.
    pub(super) own: IpAddr,
    counters: Mutex<HashMap<u32, Arc<Counters>>>,
    pub(super) orders: super::incoming::Counters,
    /// Told when something is due earlier than thought.
    pub(super) wake: Arc<Notify>,
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) listener: Mutex<Option<JoinHandle<()>>>,
    clock: Mutex<Option<JoinHandle<()>>>,
    pub(super) me: Weak<Self>,
}

impl fmt::Debug for Subscribers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Subscribers").field("own", &self.own).finish_non_exhaustive()
    }
}

impl Drop for Subscribers {
    fn drop(&mut self) {
        for task in [&self.listener, &self.clock] {
            if let Some(task) = task.lock().unwrap_or_else(PoisonError::into_inner).take() {
                task.abort();
            }
        }
    }
}

impl Subscribers {
    /// Begins to serve subscribers of this router, with `seeds` sessions from the beginning. Needs a Tokio runtime.
    pub(crate) fn start(shared: &Arc<Shared>, own: IpAddr, seeds: u32) -> Arc<Self> {
        let wake = Arc::new(Notify::new());
        let subscribers = Arc::new_cyclic(|me| Self {
            shared: Arc::clone(shared),
            registry: Mutex::default(),
            own,
            counters: Mutex::default(),
            orders: super::incoming::Counters::default(),
            wake: Arc::clone(&wake),
            runtime: tokio::runtime::Handle::current(),
            listener: Mutex::default(),
            clock: Mutex::default(),
            me: Weak::clone(me),
        });
        {
            let mut router = subscribers.router();
            subscribers.hook(&mut router);
            subscribers.seed(&mut router, seeds);
            subscribers.listen(&router);
            let clock = tokio::spawn(super::timers::run(Arc::downgrade(&subscribers), wake, router.moved()));
            *subscribers.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock);
        }
        subscribers
    }

    /// What changes in the menus that sessions depend on.
    fn hook(&self, router: &mut Router) {
        for (path, service) in [("/ppp/active", Service::Pppoe), ("/ip/hotspot/active", Service::Hotspot)] {
            let me = Weak::clone(&self.me);
            router.on_removed(path, move |router, removed| {
                if let Some(me) = me.upgrade() {
                    me.active_is_gone(router, service, removed.row.id);
                }
            });
        }
        for (path, service) in [("/interface/pppoe-server", Service::Pppoe), ("/ip/hotspot/host", Service::Hotspot)] {
            let me = Weak::clone(&self.me);
            router.on_removed(path, move |router, removed| {
                if let Some(me) = me.upgrade() {
                    me.part_is_gone(router, service, removed.row.id);
                }
            });
        }
        let me = Weak::clone(&self.me);
        router.on_removed("/ip/pool/used", move |router, removed| {
            let (Some(me), Some(pool), Some(address)) =
                (me.upgrade(), removed.row.get("pool"), removed.row.get("address"))
            else {
                return;
            };
            if let (Some(pool), Ok(address)) = (router.find("/ip/pool", "name", pool), address.parse()) {
                me.registry().used.remove(&(pool, address));
            }
        });
        for (path, service) in [("/interface/pppoe-server/server", Service::Pppoe), ("/ip/hotspot", Service::Hotspot)] {
            let me = Weak::clone(&self.me);
            router.on_changed(path, move |router, change| {
                if let Some(me) = me.upgrade() {
                    me.server_changed(router, service, change.id);
                }
            });
        }
        super::monitor::hook(&self.me, router);
        let me = Weak::clone(&self.me);
        router.on_reboot(move |router| {
            if let Some(me) = me.upgrade() {
                me.restart(router);
            }
        });
        let me = Weak::clone(&self.me);
        router.on_changed("/radius/incoming", move |router, _| {
            if let Some(me) = me.upgrade() {
                me.listen(router);
            }
        });
    }

    pub(super) fn router(&self) -> Locked<'_> {
        self.shared.lock()
    }

    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `/radius/monitor` shows of an item.
    pub(crate) fn counters(&self, id: u32) -> Arc<Counters> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counters.entry(id).or_default())
    }

    /// Lets a subscriber in, or says why not. RADIUS is asked without the router being locked.
    pub(crate) async fn dial(&self, subscriber: &Subscriber) -> Result<SessionHandle, Refused> {
        let candidate = {
            let mut router = self.router();
            match subscriber.access {
                Access::Pppoe { .. } => self.pppoe_candidate(&mut router, subscriber)?,
                Access::HotspotMac | Access::HotspotUser => self.hotspot_candidate(&mut router, subscriber)?,
            }
        };
        let decision = match candidate.user {
            Some(user) => Ok(Decision::of_user(user)),
            None => self.ask(&candidate).await,
        };
        let mut router = self.router();
        let admitted = decision.and_then(|decision| match candidate.line.service {
            Service::Pppoe => self.admit_pppoe(&mut router, subscriber, &candidate, decision),
            Service::Hotspot => self.admit_hotspot(&mut router, subscriber, &candidate, decision),
        });
        if let Err(refused) = &admitted {
            if let Some(taken) = candidate.taken {
                self.registry().used.remove(&taken);
            }
            Self::log_refusal(&mut router, &candidate, refused);
        }
        admitted
    }

    async fn ask(&self, candidate: &Candidate) -> Result<Decision, Refused> {
        for listed in &candidate.servers {
            match log_in(&listed.server, &candidate.line, &candidate.proof, &listed.counters).await {
                Ok(Answer::Accepted(grant)) => {
                    return Ok(Decision { grant: *grant, user: None, server: Some(listed.id) });
                }
                Ok(Answer::Rejected(reason)) => return Err(Refused::Rejected(reason)),
                // the next one in the list may live
                Err(_) => {}
            }
        }
        Err(Refused::RadiusTimeout)
    }

    /// A living session as its subscriber holds it.
    pub(super) fn handle(&self, number: SessionNumber) -> Option<SessionHandle> {
        let registry = self.registry();
        registry.get(number).map(|session| SessionHandle::of(session, &self.me))
    }

    /// Ends a session for a reason that is known; nothing if it has ended.
    pub(super) fn end(&self, number: SessionNumber, cause: TerminateCause) {
        self.end_locked(&mut self.router(), number, cause);
    }

    pub(super) fn end_locked(&self, router: &mut Router, number: SessionNumber, cause: TerminateCause) {
        let found = self.registry().get_mut(number).map(|session| {
            session.cause = Some(cause);
            (session.service(), session.active)
        });
        if let Some((service, active)) = found
            && !router.remove(super::items::active_path(service), active, &Actor::Router)
        {
            // the item went without anybody being told: with a table that was put back as it had been
            self.active_is_gone(router, service, active);
        }
    }

    /// Octets go over a line at once.
    pub(super) fn count(&self, number: SessionNumber, upload: u64, download: u64) {
        let router = self.router();
        let now = router.now();
        if let Some(session) = self.registry().get_mut(number) {
            session.received.add(upload);
            session.sent.add(download);
            session.idle_since = session.idle_since.map(|_| now);
        }
        self.plan(&router, number);
        router.revise();
    }

    /// From now on so many octets a second go over a line.
    pub(super) fn flow(&self, number: SessionNumber, upload: u64, download: u64) {
        let router = self.router();
        let now = router.now();
        if let Some(session) = self.registry().get_mut(number) {
            session.received.set_rate(upload, now);
            session.sent.set_rate(download, now);
            session.idle_since = (upload == 0 && download == 0).then_some(now);
        }
        self.plan(&router, number);
        router.revise();
    }

    /// Thinks again about when something is due for a session.
    pub(super) fn plan(&self, router: &Router, number: SessionNumber) {
        if self.registry().plan(number, router.now(), router.wall().timestamp()) {
            self.wake.notify_one();
        }
    }
}

impl Simulator {
    /// A subscriber dials or logs in; returns when it is in, or was refused.
    pub async fn dial(&self, subscriber: Subscriber) -> Result<SessionHandle, Refused> {
        self.subscribers.dial(&subscriber).await
    }

    /// Restarts the router without its having time to tell RADIUS of the ends of sessions.
    pub fn cut_power(&self) {
        self.subscribers.lose_power();
        self.reboot();
    }
}
