//! The router behind the line: its store, its clock, and everything that a command can do. One lock around it.

mod change;
mod effect;
mod execute;
mod factory;
mod home;
mod hooks;
mod read;
mod select;
mod write;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Notify, watch};

use crate::actor::Actor;
use crate::history::History;
use crate::input::{ClientPlace, LineKey, LineState, Places};
use crate::options::Options;
use crate::release::Release;
use crate::schema::{MenuIndex, Schema, Shape};
use crate::store::{Store, View};
use crate::table::Item;
use crate::timer::{TimerId, Timers};
use crate::value::Millis;

pub(crate) use change::Watcher;
pub use change::{Change, Removed, What};
pub(crate) use execute::{Outcome, Target};
use hooks::{ChangedHook, CounterHook, MonitorHook, RebootHook, RemovedHook};
pub(crate) use read::PrintJob;

/// A command that was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// The number of the connection, from 1.
    pub connection: u64,
    /// Its `.tag`.
    pub tag: Option<String>,
    /// All words as text, secrets masked with `***`.
    pub words: Vec<String>,
    /// The moment, in the simulator's milliseconds.
    pub at: Millis,
}

/// One item as printed, with its id.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// `*1A`
    pub id: u32,
    /// Names and values in the order of printing.
    pub values: Vec<(String, Vec<u8>)>,
}

impl std::fmt::Debug for Row {
    /// Without the values: some are secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.values.iter().map(|(name, _)| name.as_str()).collect();
        formatter.debug_struct("Row").field("id", &self.id).field("has", &names).finish()
    }
}

impl Row {
    /// A property as text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(property, _)| property == name).and_then(|(_, value)| std::str::from_utf8(value).ok())
    }
}

/// The router.
pub struct Router {
    pub(crate) store: Store,
    pub(crate) options: Options,
    started: Instant,
    ahead: Millis,
    /// How far a person set the clock ahead, or back.
    clock_offset: chrono::TimeDelta,
    booted: Millis,
    /// By connection: its service, and its item of `/user/active`.
    pub(crate) logged_in: BTreeMap<u64, (&'static str, u32)>,
    /// Counts changes of users and groups.
    pub(crate) rights: u64,
    pub(crate) journal: Vec<Received>,
    pub(crate) watchers: Vec<Watcher>,
    removed_hooks: Vec<(MenuIndex, RemovedHook)>,
    changed_hooks: Vec<(MenuIndex, ChangedHook)>,
    reboot_hooks: Vec<RebootHook>,
    monitors: HashMap<MenuIndex, MonitorHook>,
    counter_hooks: HashMap<MenuIndex, CounterHook>,
    moved: watch::Sender<()>,
    links: HashMap<(MenuIndex, u32), Vec<(MenuIndex, u32)>>,
    revision: watch::Sender<u64>,
    pub(crate) history: History,
    pub(crate) timers: Timers,
    /// As it left the factory: the export shows what differs.
    pub(crate) factory: Option<Box<Store>>,
    /// What the listeners must do for the router: restart.
    pub(crate) wants_reboot: bool,
    /// Connections that must end.
    pub(crate) unwelcome: Vec<u64>,
    /// Changes of the configuration so far: the state file follows.
    pub(crate) changes: u64,
    pub(crate) script_depth: u32,
    /// What `/system/device-mode update` asked for.
    pub(crate) pending_device_mode: Vec<(String, String)>,
    /// The next run of each job of the scheduler.
    pub(crate) schedule: HashMap<u32, TimerId>,
    /// Certificates that are being signed.
    pub(crate) signing: HashSet<u32>,
    /// Lines that were accepted, and what the firewall says of them.
    pub(crate) lines: BTreeMap<LineKey, LineState>,
    pub(crate) last_line: LineKey,
    /// Something changed that lines may depend on.
    pub(crate) lines_stale: bool,
    /// Address lists that the firewall asked about them.
    pub(crate) lists_asked: HashSet<Vec<u8>>,
    pub(crate) places: Places,
    pub(crate) dropped_datagrams: u64,
    /// Told when a timer may have come nearer.
    pub(crate) hurry: Arc<Notify>,
}

impl std::fmt::Debug for Router {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Router").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Router {
    pub(crate) fn new(options: Options) -> Self {
        let schema = Arc::new(Schema::of(options.release, options.board.is_some()));
        let everyone = ClientPlace { address: options.client_address, interface: Some(options.client_interface()) };
        let places = Places { everyone, ..Places::default() };
        let mut router = Self {
            store: Store::new(schema),
            options,
            started: Instant::now(),
            ahead: 0,
            clock_offset: chrono::TimeDelta::zero(),
            booted: 0,
            logged_in: BTreeMap::new(),
            rights: 0,
            journal: Vec::new(),
            watchers: Vec::new(),
            removed_hooks: Vec::new(),
            changed_hooks: Vec::new(),
            reboot_hooks: Vec::new(),
            monitors: HashMap::new(),
            counter_hooks: HashMap::new(),
            moved: watch::channel(()).0,
            links: HashMap::new(),
            revision: watch::channel(0).0,
            history: History::default(),
            timers: Timers::default(),
            factory: None,
            wants_reboot: false,
            unwelcome: Vec::new(),
            changes: 0,
            script_depth: 0,
            pending_device_mode: Vec::new(),
            schedule: HashMap::new(),
            signing: HashSet::new(),
            lines: BTreeMap::new(),
            last_line: 0,
            lines_stale: false,
            lists_asked: HashSet::new(),
            places,
            dropped_datagrams: 0,
            hurry: Arc::new(Notify::new()),
        };
        router.store.keywords_in_order = router.options.switches.keywords_in_order;
        router.store.abbreviations = router.options.switches.abbreviations;
        router.factory();
        router
    }

    /// Its release.
    pub fn release(&self) -> Release {
        self.options.release
    }

    /// The moment, in milliseconds since the simulator was started.
    pub fn now(&self) -> Millis {
        self.ahead + u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Milliseconds since the router booted.
    pub fn uptime(&self) -> Millis {
        self.now().saturating_sub(self.booted)
    }

    pub(crate) fn boots_now(&mut self) {
        self.booted = self.now();
    }

    /// The router's date and time, UTC.
    pub fn wall(&self) -> chrono::DateTime<chrono::Utc> {
        let ahead = i64::try_from(self.ahead).ok().and_then(chrono::TimeDelta::try_milliseconds).unwrap_or_default();
        let ahead = ahead.checked_add(&self.clock_offset).unwrap_or_default();
        chrono::Utc::now().checked_add_signed(ahead).unwrap_or_default()
    }

    /// `/system/clock/set`: the date and time are others from now on, and the jobs follow.
    pub(crate) fn set_wall(&mut self, wall: chrono::DateTime<chrono::Utc>) {
        let offset = self.clock_offset.checked_add(&(wall - self.wall()));
        self.clock_offset = offset.unwrap_or(self.clock_offset);
        for row in self.rows("/system/scheduler") {
            self.schedule_job(row.id);
        }
    }

    /// Moves the router's clock ahead: uptimes, timers and schedules follow.
    pub fn advance(&mut self, milliseconds: Millis) {
        self.ahead += milliseconds;
        self.hurry.notify_one();
        self.moved.send_replace(());
    }

    /// Told whenever the clock was moved ahead.
    pub(crate) fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    pub(crate) fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.store.schema)
    }

    /// A menu of this release by its path.
    pub fn menu(&self, path: &str) -> Option<MenuIndex> {
        self.store.menu(path)
    }

    /// An item as printed, secrets and all.
    pub fn row(&self, path: &str, id: u32) -> Option<Row> {
        let menu = self.menu(path)?;
        self.store.item(menu, id).map(|item| self.as_row(menu, item))
    }

    /// All items of a menu as printed, secrets and all.
    pub fn rows(&self, path: &str) -> Vec<Row> {
        let Some(menu) = self.menu(path) else { return Vec::new() };
        self.store.table(menu).iter().map(|item| self.as_row(menu, item)).collect()
    }

    /// How many items a menu has.
    pub fn count(&self, path: &str) -> usize {
        self.menu(path).map_or(0, |menu| self.store.table(menu).len())
    }

    /// The first item whose property prints as this.
    pub fn find(&self, path: &str, property: &str, value: &str) -> Option<u32> {
        let menu = self.menu(path)?;
        let schema = self.store.schema.menu(menu);
        let field = schema.field(property)?;
        if schema.name_key() == Some(field) {
            return self.store.table(menu).by_key(value.as_bytes());
        }
        let fits = |item: &&Arc<Item>| {
            self.store.printed(menu, item, field, self.now()).is_some_and(|printed| printed == value.as_bytes())
        };
        self.store.table(menu).iter().find(fits).map(|item| item.id)
    }

    /// A property of the one item of a menu such as `/ppp/aaa`.
    pub fn setting(&self, path: &str, property: &str) -> Option<String> {
        self.store.setting(path, property)
    }

    fn as_row(&self, menu: MenuIndex, item: &Item) -> Row {
        use crate::query::Properties;
        let view = View { store: &self.store, menu, item, now: self.now(), secrets: true };
        let schema = self.store.schema.menu(menu);
        let mut values = Vec::new();
        for (index, value) in item.values() {
            let field = &schema.fields[usize::from(*index)];
            let mut printed = Vec::new();
            if field.hide {
                // what no print shows, a test may see
                self.store.write_value(value, view.now, &mut printed);
            } else {
                view.property(&field.name, &mut printed);
            }
            values.push((field.name.to_string(), printed));
        }
        Row { id: item.id, values }
    }

    /// Commands received so far.
    pub fn commands(&self) -> &[Received] {
        &self.journal
    }

    /// Told after every change: what `until` waits for.
    pub(crate) fn revisions(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    pub(crate) fn revise(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    /// Writes a line to `/log`.
    pub fn log(&mut self, topics: &str, message: &str) {
        let time = self.log_time();
        let Some(menu) = self.menu("/log") else { return };
        let values = [("time", time.as_str().into()), ("topics", topics.into()), ("message", message.into())];
        self.insert_dynamic("/log", &values, &Actor::Router);
        // the memory buffer of a new router holds 1000 lines
        let full = self.store.table(menu).len() > 1000;
        let first = self.store.table(menu).iter().next().map(|item| item.id);
        if let Some(first) = first.filter(|_| full) {
            self.store.remove(menu, first);
        }
    }

    fn log_time(&self) -> String {
        self.release().date_time(self.wall())
    }

    pub(crate) fn is_single(&self, menu: MenuIndex) -> bool {
        self.store.schema.menu(menu).shape == Shape::Single
    }
}

impl Router {
    /// What is gone after a restart: dynamic items, sessions, the uptime.
    pub(crate) fn reboot(&mut self) {
        for hook in self.reboot_hooks.clone() {
            hook(self);
        }
        let schema = self.schema();
        for (menu, _) in schema.menus() {
            let gone: Vec<u32> =
                self.store.table(menu).iter().filter(|item| item.dynamic).map(|item| item.id).collect();
            for id in gone {
                self.remove_item(menu, id, &Actor::Router);
            }
        }
        self.logged_in.clear();
        self.forget_all_timers();
        self.signing.clear();
        self.forget_history();
        self.boots_now();
        if self.options.factory {
            self.memory_is_lost();
            self.home_comes_up();
        }
        self.confirm_device_mode();
        self.schedule_all();
        self.log("system,error,critical", "router was rebooted without proper shutdown");
        self.revise();
    }
}
