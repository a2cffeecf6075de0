//! Who is called back when something happens on the router.

use std::sync::Arc;

use super::{Change, Removed, Router};
use crate::schema::MenuIndex;

pub(super) type RemovedHook = Arc<dyn Fn(&mut Router, &Removed) + Send + Sync>;
/// Names and values of a row that is computed.
pub(crate) type Computed = Vec<(String, Vec<u8>)>;
pub(super) type MonitorHook = Arc<dyn Fn(&Router, u32) -> Computed + Send + Sync>;
/// Sets counters of an item back that stand elsewhere.
pub(super) type CounterHook = Arc<dyn Fn(u32) + Send + Sync>;
pub(super) type RebootHook = Arc<dyn Fn(&mut Router) + Send + Sync>;
pub(super) type ChangedHook = Arc<dyn Fn(&mut Router, &Change) + Send + Sync>;

impl Router {
    /// Calls back after an item of the menu is gone, whoever removed it.
    pub fn on_removed(&mut self, path: &str, hook: impl Fn(&mut Router, &Removed) + Send + Sync + 'static) {
        if let Some(menu) = self.menu(path) {
            self.removed_hooks.push((menu, Arc::new(hook)));
        }
    }

    /// Calls back after an item of the menu was added, set or removed.
    pub fn on_changed(&mut self, path: &str, hook: impl Fn(&mut Router, &Change) + Send + Sync + 'static) {
        if let Some(menu) = self.menu(path) {
            self.changed_hooks.push((menu, Arc::new(hook)));
        }
    }

    /// What `monitor` of that menu shows of an item. One answer, as with `once`.
    pub fn on_monitor(
        &mut self,
        path: &str,
        hook: impl Fn(&Router, u32) -> Vec<(String, Vec<u8>)> + Send + Sync + 'static,
    ) {
        if let Some(menu) = self.menu(path) {
            self.monitors.insert(menu, Arc::new(hook));
        }
    }

    /// Called for each item whose counters `reset-counters` sets back.
    pub(crate) fn on_reset_counters(&mut self, path: &str, hook: impl Fn(u32) + Send + Sync + 'static) {
        if let Some(menu) = self.menu(path) {
            self.counter_hooks.insert(menu, Arc::new(hook));
        }
    }

    pub(crate) fn counter_hook(&self, menu: MenuIndex) -> Option<CounterHook> {
        self.counter_hooks.get(&menu).cloned()
    }

    /// The rows of a `monitor` that somebody answers.
    pub(crate) fn monitored(&self, menu: MenuIndex, ids: &[u32]) -> Option<Vec<Computed>> {
        let hook = self.monitors.get(&menu)?;
        Some(ids.iter().map(|id| hook(self, *id)).collect())
    }

    /// Calls back when the router restarts, before its dynamic items go.
    pub fn on_reboot(&mut self, hook: impl Fn(&mut Router) + Send + Sync + 'static) {
        self.reboot_hooks.push(Arc::new(hook));
    }
}
