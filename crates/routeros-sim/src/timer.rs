//! What the router does by itself at a later moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::router::Router;
use crate::simulator::Shared;
use crate::value::Millis;

type Work = Box<dyn FnOnce(&mut Router) + Send>;

/// Work by the moment it is due.
#[derive(Default)]
pub(crate) struct Timers {
    due: BTreeMap<(Millis, u64), Work>,
    last: u64,
}

/// Names a timer, so that it can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerId(Millis, u64);

impl Router {
    /// Does something after this many milliseconds of the router's time.
    pub fn after(&mut self, delay: Millis, work: impl FnOnce(&mut Router) + Send + 'static) -> TimerId {
        let at = self.now() + delay;
        self.timers.last += 1;
        let id = self.timers.last;
        self.timers.due.insert((at, id), Box::new(work));
        self.hurry.notify_one();
        TimerId(at, id)
    }

    /// Takes a timer back.
    pub fn forget(&mut self, timer: TimerId) {
        self.timers.due.remove(&(timer.0, timer.1));
    }

    /// Milliseconds until something is due.
    pub(crate) fn next_timer(&self) -> Option<Millis> {
        self.timers.due.keys().next().map(|(at, _)| at.saturating_sub(self.now()))
    }

    /// Does what is due.
    pub(crate) fn run_timers(&mut self) {
        // what becomes due meanwhile is done in the next round
        let now = self.now();
        while let Some(entry) = self.timers.due.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let work = entry.remove();
            work(self);
        }
    }

    pub(crate) fn forget_all_timers(&mut self) {
        self.timers.due.clear();
    }
}

/// Does what is due.
pub(crate) async fn keep_time(shared: Arc<Shared>) {
    let hurry = Arc::clone(&shared.lock().hurry);
    loop {
        let (next, reboot, unwelcome) = {
            let mut router = shared.lock();
            router.run_timers();
            let unwelcome = std::mem::take(&mut router.unwelcome);
            (router.next_timer(), std::mem::take(&mut router.wants_reboot), unwelcome)
        };
        shared.cut(&unwelcome);
        if reboot {
            shared.reboot();
            continue;
        }
        match next {
            Some(milliseconds) => {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(milliseconds)) => {}
                    () = hurry.notified() => {}
                }
            }
            None => hurry.notified().await,
        }
    }
}
