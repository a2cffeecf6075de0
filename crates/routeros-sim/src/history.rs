//! `/system/history`, `/undo`, `/redo` and safe mode: tables as they were before an action, put back.

use std::collections::HashMap;

use crate::actor::Actor;
use crate::router::{Outcome, Router};
use crate::schema::MenuIndex;
use crate::store::Store;
use crate::table::{Item, Table};
use crate::trap::Trap;

/// Undo steps that a router keeps, and actions that safe mode holds before it silently lets go.
const STEPS: usize = 100;

/// Menus that no undo concerns.
const OUTSIDE: [&str; 8] = [
    "/log",
    "/file",
    "/user/active",
    "/ppp/active",
    "/system/history",
    "/ip/hotspot/active",
    "/ip/hotspot/host",
    "/system/resource",
];

/// One action.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    action: String,
    by: String,
    time: String,
    tables: Vec<(MenuIndex, Table)>,
}

/// Safe mode, taken by one connection.
#[derive(Debug)]
pub(crate) struct SafeMode {
    /// None: by a script or a test.
    connection: Option<u64>,
    tables: HashMap<MenuIndex, Table>,
    actions: usize,
}

/// What can be taken back.
#[derive(Debug, Default)]
pub(crate) struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// Tables that the action under way has touched so far, as they were.
    open: Option<Vec<(MenuIndex, Table)>>,
    safe: Option<SafeMode>,
}

impl Router {
    /// Called before a table changes.
    pub(crate) fn remember(&mut self, menu: MenuIndex) {
        let Some(open) = &mut self.history.open else { return };
        if OUTSIDE.contains(&&*self.store.schema.menu(menu).path) {
            return;
        }
        if open.iter().all(|(known, _)| *known != menu) {
            open.push((menu, self.store.table(menu).clone()));
        }
        if let Some(safe) = &mut self.history.safe {
            safe.tables.entry(menu).or_insert_with(|| self.store.table(menu).clone());
        }
    }

    /// From here on changes belong to one action of a person.
    pub(crate) fn action_begins(&mut self) {
        self.history.open = Some(Vec::new());
    }

    pub(crate) fn in_action(&self) -> bool {
        self.history.open.is_some()
    }

    /// The action is over; what it changed becomes an undo step.
    pub(crate) fn action_ends(&mut self, actor: &Actor, action: String) {
        let Some(tables) = self.history.open.take().filter(|tables| !tables.is_empty()) else { return };
        let time = self.release().date_time(self.wall());
        self.history.done.push(Step { action, by: actor.name().to_owned(), time, tables });
        self.history.undone.clear();
        if self.history.done.len() > STEPS {
            self.history.done.remove(0);
        }
        if let Some(safe) = &mut self.history.safe {
            safe.actions += 1;
            if safe.actions > STEPS {
                // too many: what was done is kept, and nobody is told
                self.history.safe = None;
            }
        }
    }

    /// Puts a table back. Ids stay used up, and what the router made itself stays.
    pub(crate) fn put_back(&mut self, menu: MenuIndex, saved: &Table, by: &Actor) -> Table {
        let now = self.store.table(menu).clone();
        let mut back = saved.clone();
        back.never_below(&now);
        let old = self.store.swap_table(menu, back);
        let dynamic = |table: &Table| table.iter().filter(|item| item.dynamic).cloned().collect::<Vec<_>>();
        for item in dynamic(saved) {
            self.store.remove(menu, item.id);
        }
        for item in dynamic(&now) {
            if saved.get(item.id).is_some() || !self.is_a_persons_entry(menu, &item) {
                self.store.insert(menu, Item::clone(&item), None);
            }
        }
        self.tell_difference(menu, &old, by);
        if &*self.store.schema.menu(menu).path == "/system/scheduler" {
            self.rows("/system/scheduler").iter().for_each(|job| self.schedule_job(job.id));
        }
        old
    }

    /// An entry with a timeout is dynamic though a person made it: what undoes that person's actions undoes it.
    fn is_a_persons_entry(&self, menu: MenuIndex, item: &Item) -> bool {
        let shape = self.store.schema.menu(menu);
        &*shape.path == "/ip/firewall/address-list"
            && shape.field("timeout").is_some_and(|field| item.get(field).is_some())
    }

    /// `/undo` and `/redo`
    pub(crate) fn undo(&mut self, actor: &Actor, again: bool) -> Result<Outcome, Trap> {
        let steps = if again { &mut self.history.undone } else { &mut self.history.done };
        let Some(mut step) = steps.pop() else {
            return Err(Trap::failure(if again { "nothing to redo" } else { "nothing to undo" }));
        };
        for (menu, table) in &mut step.tables {
            *table = self.put_back(*menu, table, actor);
        }
        if again {
            self.history.done.push(step);
        } else {
            self.history.undone.push(step);
        }
        Ok(Outcome::Done)
    }

    /// `/safe-mode` (7.18 and newer).
    pub(crate) fn safe_mode(&mut self, actor: &Actor, verb: &str) -> Result<Outcome, Trap> {
        let connection = connection_of(actor);
        let held = self.history.safe.is_some();
        let own = self.history.safe.as_ref().is_some_and(|safe| safe.connection == connection);
        match verb {
            "get" | "print" => {
                let state = if held { "true" } else { "false" };
                Ok(Outcome::Rows(vec![vec![("taken".to_owned(), state.as_bytes().to_vec())]]))
            }
            "toggle" if !held => self.safe_mode(actor, "take"),
            "toggle" => self.safe_mode(actor, "release"),
            "take" if held => Err(Trap::failure("safe mode is already taken")),
            "take" => {
                self.history.safe = Some(SafeMode { connection, tables: HashMap::new(), actions: 0 });
                self.log("system,info", &format!("safe mode taken by {}", actor.name()));
                Ok(Outcome::Done)
            }
            // anybody may let go of a hold that was left behind
            "release" if held => {
                self.history.safe = None;
                self.log("system,info", &format!("safe mode released by {}", actor.name()));
                Ok(Outcome::Done)
            }
            "unroll" if own => {
                self.unroll(actor);
                Ok(Outcome::Done)
            }
            _ => Err(Trap::failure("safe mode is not taken")),
        }
    }

    fn unroll(&mut self, actor: &Actor) {
        let Some(safe) = self.history.safe.take() else { return };
        for (menu, table) in &safe.tables {
            self.put_back(*menu, table, actor);
        }
        self.log("system,info", "safe mode unrolled");
    }

    /// A connection is gone: what it did in safe mode goes too.
    pub(crate) fn connection_lost(&mut self, number: u64) {
        let own = self.history.safe.as_ref().is_some_and(|safe| safe.connection == Some(number));
        if own && !self.options.switches.stale_safe_mode {
            self.unroll(&Actor::Router);
        }
    }

    /// `/system/history`, the newest first.
    pub(crate) fn refresh_history(&mut self, menu: MenuIndex) {
        let steps: Vec<(Step, bool)> = self
            .history
            .undone
            .iter()
            .map(|step| (step.clone(), false))
            .chain(self.history.done.iter().rev().map(|step| (step.clone(), true)))
            .collect();
        let stale: Vec<u32> = self.store.table(menu).iter().map(|item| item.id).collect();
        for id in stale {
            self.store.remove(menu, id);
        }
        for (step, undoable) in steps {
            let values = [
                ("action", step.action.into()),
                ("by", step.by.into()),
                ("time", step.time.into()),
                ("policy", "write".into()),
                ("undoable", undoable.into()),
                ("redoable", (!undoable).into()),
            ];
            self.insert_dynamic("/system/history", &values, &Actor::Router);
        }
    }

    /// A restart forgets the steps, and safe mode with its changes.
    pub(crate) fn forget_history(&mut self) {
        self.unroll(&Actor::Router);
        self.history = History::default();
    }

    /// All tables as in another store, dynamic items apart: a restored backup.
    pub(crate) fn put_all_back(&mut self, saved: &Store) {
        for (menu, _) in self.schema().menus() {
            self.put_back(menu, saved.table(menu), &Actor::Router);
        }
    }
}

fn connection_of(actor: &Actor) -> Option<u64> {
    match actor {
        Actor::User(user) => Some(user.connection),
        Actor::Router | Actor::Test | Actor::Script { .. } => None,
    }
}
