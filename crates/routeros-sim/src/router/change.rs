//! Changing the store: everything that changes an item passes here, so that listeners, hooks, interfaces and links follow.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Router;
use crate::actor::Actor;
use crate::schema::MenuIndex;
use crate::table::{Item, Table};
use crate::value::Value;

/// What happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added,
    /// A property is another one.
    Set,
    /// It is gone.
    Removed,
}

/// A change of one item.
#[derive(Clone, Debug)]
pub struct Change {
    /// `/ppp/secret`
    pub path: Arc<str>,
    /// `*1A`
    pub id: u32,
    /// What happened.
    pub what: What,
    /// Who did it.
    pub by: Actor,
    pub(crate) item: Arc<Item>,
}

/// An item that is gone, for hooks.
#[derive(Clone, Debug)]
pub struct Removed {
    /// `/ppp/active`
    pub path: Arc<str>,
    /// As it was printed last.
    pub row: super::Row,
    /// Who removed it.
    pub by: Actor,
}

/// Someone who follows a menu; the channel is bounded, and who does not read it is let go.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) menu: MenuIndex,
    pub(crate) sender: mpsc::Sender<Change>,
}

impl Router {
    /// Adds an item that the router itself makes, with the next dynamic id. Nothing is checked; unknown properties are left out.
    pub fn insert_dynamic(&mut self, path: &str, values: &[(&str, Value)], by: &Actor) -> u32 {
        let Some(menu) = self.menu(path) else { return 0 };
        let ids = self.store.interface_of(menu).map_or(menu, |(interfaces, _)| interfaces);
        let id = self.store.table_mut(ids).take_id(true);
        self.insert_with_id(path, id, values, by);
        id
    }

    /// As [`Self::insert_dynamic`], with an id that means something, as in `/ip/hotspot/active`.
    pub fn insert_with_id(&mut self, path: &str, id: u32, values: &[(&str, Value)], by: &Actor) {
        let Some(menu) = self.menu(path) else { return };
        let mut item = Item::new(id, true);
        let schema = self.schema();
        if let Some(dynamic) = schema.menu(menu).field("dynamic") {
            item.set(dynamic, Value::bool(true));
        }
        for (name, value) in values {
            if let Some(field) = schema.menu(menu).field(name) {
                item.set(field, value.clone());
            }
        }
        self.insert_item(menu, item, None, by);
    }

    /// Sets properties without any check; unknown ones are left out.
    pub fn set_values(&mut self, path: &str, id: u32, values: &[(&str, Value)], by: &Actor) -> bool {
        let Some(menu) = self.menu(path) else { return false };
        let Some(item) = self.store.item(menu, id) else { return false };
        let mut item = Item::clone(item);
        let schema = self.schema();
        for (name, value) in values {
            if let Some(field) = schema.menu(menu).field(name) {
                item.set(field, value.clone());
            }
        }
        self.replace_item(menu, item, by);
        true
    }

    /// A reference to the item of that name, for values that print another item's name.
    pub fn reference(&self, path: &str, name: &str) -> Option<Value> {
        use crate::kind::Names;
        let menu = self.menu(path)?;
        self.store.id_of(menu, name.as_bytes()).map(|id| Value::Reference(menu, id))
    }

    /// Removes an item and what is linked to it.
    pub fn remove(&mut self, path: &str, id: u32, by: &Actor) -> bool {
        self.menu(path).is_some_and(|menu| self.remove_item(menu, id, by))
    }

    /// From now on `part` goes when `whole` goes: a session's interface, queue and address.
    pub fn link(&mut self, whole: (&str, u32), part: (&str, u32)) {
        if let (Some(whole_menu), Some(part_menu)) = (self.menu(whole.0), self.menu(part.0)) {
            self.links.entry((whole_menu, whole.1)).or_default().push((part_menu, part.1));
        }
    }

    pub(crate) fn insert_item(&mut self, menu: MenuIndex, item: Item, before: Option<u32>, by: &Actor) {
        self.remember(menu);
        let id = item.id;
        self.store.insert(menu, item, before);
        self.mirror_up(menu, id, by);
        self.changed(menu, id, What::Added, by);
    }

    pub(crate) fn replace_item(&mut self, menu: MenuIndex, item: Item, by: &Actor) {
        self.remember(menu);
        let id = item.id;
        self.store.replace(menu, item);
        self.mirror_up(menu, id, by);
        self.changed(menu, id, What::Set, by);
    }

    pub(crate) fn remove_item(&mut self, menu: MenuIndex, id: u32, by: &Actor) -> bool {
        self.remember(menu);
        let Some(before) = self.store.item(menu, id).cloned() else { return false };
        let row = self.as_row(menu, &before);
        self.store.remove(menu, id);
        if let Some((interfaces, _)) = self.store.interface_of(menu) {
            self.remember(interfaces);
            if let Some(gone) = self.store.remove(interfaces, id) {
                self.tell(interfaces, gone, What::Removed, by);
            }
        }
        let path: Arc<str> = (&*self.store.schema.menu(menu).path).into();
        self.tell(menu, before, What::Removed, by);
        for (part_menu, part) in self.links.remove(&(menu, id)).unwrap_or_default() {
            self.remove_item(part_menu, part, by);
        }
        let removed = Removed { path, row, by: by.clone() };
        self.call_removed(menu, &removed);
        true
    }

    fn call_removed(&mut self, menu: MenuIndex, removed: &Removed) {
        let hooks: Vec<_> =
            self.removed_hooks.iter().filter(|(at, _)| *at == menu).map(|(_, hook)| Arc::clone(hook)).collect();
        for hook in hooks {
            hook(self, removed);
        }
    }

    /// After a table was put back as it was: tells what is different now.
    pub(crate) fn tell_difference(&mut self, menu: MenuIndex, before: &Table, by: &Actor) {
        let gone: Vec<_> = before.iter().filter(|item| self.store.item(menu, item.id).is_none()).cloned().collect();
        let mut told = Vec::new();
        for item in self.store.table(menu).iter() {
            match before.get(item.id) {
                None => told.push((Arc::clone(item), What::Added)),
                Some(old) if !Arc::ptr_eq(old, item) => told.push((Arc::clone(item), What::Set)),
                Some(_) => {}
            }
        }
        let path: Arc<str> = (&*self.store.schema.menu(menu).path).into();
        for item in gone {
            let row = self.as_row(menu, &item);
            self.tell(menu, item, What::Removed, by);
            self.call_removed(menu, &Removed { path: Arc::clone(&path), row, by: by.clone() });
        }
        for (item, what) in told {
            self.tell(menu, item, what, by);
        }
    }

    fn changed(&mut self, menu: MenuIndex, id: u32, what: What, by: &Actor) {
        if let Some(item) = self.store.item(menu, id).cloned() {
            self.tell(menu, item, what, by);
        }
    }

    /// Tells listeners and hooks, and whoever waits for a change.
    fn tell(&mut self, menu: MenuIndex, item: Arc<Item>, what: What, by: &Actor) {
        self.changes += 1;
        self.lines_stale |= self.concerns_lines(menu, &item, what == What::Set);
        self.revise();
        match &*self.store.schema.menu(menu).path {
            "/user" if what == What::Removed => {
                let name = self.store.text(menu, &item, "name");
                self.users_changed(name.as_deref());
            }
            "/interface/bridge/port" => self.enslave(by),
            "/user" | "/user/group" => self.users_changed(None),
            _ => {}
        }
        let followed = self.watchers.iter().any(|watcher| watcher.menu == menu);
        let hooked = self.changed_hooks.iter().any(|(at, _)| *at == menu);
        if !followed && !hooked {
            return;
        }
        let path = (&*self.store.schema.menu(menu).path).into();
        let change = Change { path, id: item.id, what, by: by.clone(), item };
        self.watchers.retain(|watcher| watcher.menu != menu || watcher.sender.try_send(change.clone()).is_ok());
        let hooks: Vec<_> =
            self.changed_hooks.iter().filter(|(at, _)| *at == menu).map(|(_, hook)| Arc::clone(hook)).collect();
        for hook in hooks {
            hook(self, &change);
        }
    }

    /// Follows a menu. At most 10,000 changes wait unread; after that the follower is let go.
    pub(crate) fn follow(&mut self, menu: MenuIndex) -> mpsc::Receiver<Change> {
        let (sender, receiver) = mpsc::channel(10_000);
        self.watchers.retain(|watcher| !watcher.sender.is_closed());
        self.watchers.push(Watcher { menu, sender });
        receiver
    }

    /// Ports of bridges are slaves; what is no port any more is none.
    fn enslave(&mut self, by: &Actor) {
        let Some(interfaces) = self.menu("/interface") else { return };
        let Some(field) = self.store.schema.menu(interfaces).field("slave") else { return };
        let items: Vec<_> = self.store.table(interfaces).iter().filter(|item| !item.dynamic).cloned().collect();
        for item in items {
            let slave = self.bridge_of(item.id).is_some();
            let was = matches!(item.get(field), Some(Value::Text(text)) if **text == *b"true");
            if was != slave {
                let path = self.store.interface_home(item.id).map(|home| self.store.schema.menu(home).path.clone());
                for path in path.as_deref().into_iter().chain(["/interface"]) {
                    self.set_values(path, item.id, &[("slave", slave.into())], by);
                }
            }
        }
    }

    /// An interface's own menu changed: `/interface` shows it too.
    fn mirror_up(&mut self, menu: MenuIndex, id: u32, by: &Actor) {
        let Some((interfaces, kind)) = self.store.interface_of(menu) else {
            if &*self.store.schema.menu(menu).path == "/interface" {
                self.mirror_down(menu, id, by);
            }
            return;
        };
        let schema = self.schema();
        let Some(item) = self.store.item(menu, id).cloned() else { return };
        let known = self.store.item(interfaces, id).cloned();
        let what = if known.is_some() { What::Set } else { What::Added };
        let mut shown = known.map_or_else(|| Item::new(id, item.dynamic), |known| Item::clone(&known));
        for name in SHARED {
            let (Some(from), Some(to)) = (schema.menu(menu).field(name), schema.menu(interfaces).field(name)) else {
                continue;
            };
            match item.get(from) {
                Some(value) => shown.set(to, value.clone()),
                None => shown.unset(to),
            }
        }
        let mut put = |name: &str, value: Value| {
            if let Some(field) = schema.menu(interfaces).field(name).filter(|field| shown.get(*field).is_none()) {
                shown.set(field, value);
            }
        };
        put("type", kind.into());
        for counter in ["rx-byte", "tx-byte", "rx-packet", "tx-packet", "rx-drop", "tx-drop", "rx-error", "tx-error"] {
            put(counter, "0".into());
        }
        put("disabled", false.into());
        put("running", true.into());
        put("dynamic", item.dynamic.into());
        put("actual-mtu", "1500".into());
        self.remember(interfaces);
        if what == What::Added {
            self.store.insert(interfaces, shown, None);
        } else {
            self.store.replace(interfaces, shown);
        }
        self.changed(interfaces, id, what, by);
    }

    /// `/interface` was set: the interface's own menu shows it too.
    fn mirror_down(&mut self, interfaces: MenuIndex, id: u32, by: &Actor) {
        let Some(home) = self.store.interface_home(id) else { return };
        let schema = self.schema();
        let (Some(shown), Some(own)) = (self.store.item(interfaces, id).cloned(), self.store.item(home, id).cloned())
        else {
            return;
        };
        let mut own = Item::clone(&own);
        for name in ["name", "comment", "disabled", "mtu", "l2mtu"] {
            let (Some(from), Some(to)) = (schema.menu(interfaces).field(name), schema.menu(home).field(name)) else {
                continue;
            };
            match shown.get(from) {
                Some(value) => own.set(to, value.clone()),
                None => own.unset(to),
            }
        }
        self.remember(home);
        self.store.replace(home, own);
        self.changed(home, id, What::Set, by);
    }
}

/// Properties that `/interface` shows of an interface's own menu.
const SHARED: [&str; 10] =
    ["name", "default-name", "comment", "disabled", "mtu", "l2mtu", "mac-address", "running", "slave", "dynamic"];
