//! What happens to sessions by itself as time goes on: reports, and the ends of limits.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::Subscribers;
use crate::radius::Status;
use crate::router::Router;

/// Looks after what is due, until the simulator is gone. `moved` tells when the router's clock was moved ahead.
pub(super) async fn run(subscribers: Weak<Subscribers>, wake: Arc<Notify>, mut moved: watch::Receiver<()>) {
    loop {
        let wait = {
            let Some(subscribers) = subscribers.upgrade() else { return };
            let mut router = subscribers.router();
            subscribers.run_due(&mut router);
            let next = subscribers.registry().next_due();
            next.map_or(Duration::from_hours(24), |due| Duration::from_millis(due.saturating_sub(router.now())))
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = wake.notified() => {}
            changed = moved.changed() => if changed.is_err() { return },
        }
    }
}

impl Subscribers {
    fn run_due(&self, router: &mut Router) {
        loop {
            let (now, wall) = (router.now(), router.wall().timestamp());
            let mut registry = self.registry();
            let Some(number) = registry.take_due(now) else { return };
            let Some(session) = registry.get_mut(number) else { return };
            if let Some((due, cause)) = session.when_it_ends(now, wall)
                && due <= now
            {
                drop(registry);
                self.end_locked(router, number, cause);
                continue;
            }
            if session.next_interim.is_some_and(|due| due <= now) {
                session.report(Status::Interim, now);
                session.next_interim = session.interim.map(|interim| now + interim.max(1000));
            }
            registry.plan(number, now, wall);
        }
    }
}
