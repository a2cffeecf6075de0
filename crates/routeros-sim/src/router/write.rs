//! `add`, `set`, `unset`, `remove`, `enable`, `disable`, `comment`, `move`, `reset`: the commands that change items.

use super::select::CHOOSERS;
use super::{Outcome, Router};
use crate::actor::Actor;
use crate::request::Request;
use crate::schema::{Field, MenuIndex};
use crate::store::id_text;
use crate::table::{FieldIndex, Item};
use crate::trap::Trap;
use crate::value::Value;

/// Menus whose dynamic items a person may remove: that ends the session.
const ENDED_BY_REMOVAL: [&str; 8] = [
    "/ppp/active",
    "/ip/hotspot/active",
    "/ip/hotspot/host",
    "/ip/hotspot/cookie",
    "/ip/firewall/address-list",
    "/ip/firewall/connection",
    "/ip/dhcp-server/lease",
    "/interface/pppoe-server",
];

/// Names that the router gives when none is sent.
const NAMES: [(&str, &str); 13] = [
    ("/interface/wireless", "wlan"),
    ("/interface/bridge", "bridge"),
    ("/interface/vlan", "vlan"),
    ("/interface/wireguard", "wireguard"),
    ("/interface/wireguard/peers", "peer"),
    ("/interface/l2tp-client", "l2tp-out"),
    ("/interface/sstp-client", "sstp-out"),
    ("/interface/pppoe-server", "pppoe-in"),
    ("/ip/hotspot", "hotspot"),
    ("/ip/hotspot/profile", "hsprof"),
    ("/ip/hotspot/user/profile", "uprof"),
    ("/ip/dhcp-server", "dhcp"),
    ("/queue/simple", "queue"),
];

impl Router {
    pub(super) fn add(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        let schema = self.schema();
        let shape = schema.menu(menu);
        let mut values = Vec::new();
        let mut before = None;
        let mut copied = None;
        for (name, raw) in &request.attributes {
            match (name.as_str(), shape.field(name)) {
                ("place-before", _) if shape.ordered => before = self.items_named(menu, raw)?.first().copied(),
                ("copy-from", _) => copied = self.items_named(menu, raw)?.first().copied(),
                (_, Some(field)) if shape.fields[usize::from(field)].add => values.push((field, raw)),
                _ => return Err(Trap::unknown_parameter(self.release(), name)),
            }
        }
        let mut item = Item::new(0, false);
        self.fill_defaults(menu, &mut item);
        if let Some(source) = copied.and_then(|id| self.store.item(menu, id)) {
            for (field, value) in source.values().iter().filter(|(field, _)| shape.fields[usize::from(*field)].add) {
                item.set(*field, value.clone());
            }
        }
        let mut given: Vec<FieldIndex> = Vec::new();
        for (field, raw) in values {
            self.put(menu, &mut item, field, raw)?;
            given.push(field);
        }
        for (index, field) in (0..).zip(&shape.fields) {
            if field.must && !given.contains(&index) && copied.is_none() {
                return Err(Trap::missing(&field.name));
            }
        }
        self.name_if_nameless(menu, &mut item);
        self.check_unique(menu, &item, None)?;
        self.before_write(actor, menu, &mut item, true)?;
        let ids = self.store.interface_of(menu).map_or(menu, |(interfaces, _)| interfaces);
        item.id = self.store.table_mut(ids).take_id(item.dynamic);
        let id = item.id;
        self.insert_item(menu, item, before, actor);
        self.after_write(actor, menu, id, true);
        Ok(Outcome::Ret(id_text(id).into_bytes()))
    }

    /// Properties that are there without being sent.
    pub(crate) fn fill_defaults(&self, menu: MenuIndex, item: &mut Item) {
        let schema = self.schema();
        for (index, field) in (0..).zip(&schema.menu(menu).fields) {
            let value = match (&field.default, &*field.name) {
                (Some(default), _) if default.is_empty() => Value::Text(default.clone()),
                (Some(default), _) => {
                    field.kind.read(default, &self.store).unwrap_or_else(|_| Value::Text(default.clone()))
                }
                // state that new items print
                (None, "dynamic" | "invalid" | "default") if !field.add => Value::bool(false),
                _ => continue,
            };
            item.set(index, value);
        }
    }

    fn name_if_nameless(&self, menu: MenuIndex, item: &mut Item) {
        let schema = self.schema();
        let shape = schema.menu(menu);
        let Some(field) = shape.field("name").filter(|field| item.get(*field).is_none()) else { return };
        let Some((_, stem)) = NAMES.iter().find(|(path, _)| *path == &*shape.path) else { return };
        let taken = |name: &str| self.find(&shape.path, "name", name).is_some();
        let mut number = 1;
        while taken(&format!("{stem}{number}")) {
            number += 1;
        }
        item.set(field, format!("{stem}{number}").into());
    }

    /// Reads one value into an item.
    fn put(&self, menu: MenuIndex, item: &mut Item, field: FieldIndex, raw: &[u8]) -> Result<(), Trap> {
        let schema = self.schema();
        let property: &Field = &schema.menu(menu).fields[usize::from(field)];
        // routers clear a property without a default by an empty value
        if raw.is_empty() && property.default.as_ref().is_none_or(|default| default.is_empty()) {
            if property.must && property.name.as_ref() == "name" {
                return Err(Trap::with(1, format!("invalid value for argument {}", property.name)));
            }
            match &property.default {
                Some(default) => item.set(field, Value::Text(default.clone())),
                None => item.unset(field),
            }
            return Ok(());
        }
        let value = match property.kind.read(raw, &self.store) {
            Ok(value) => value,
            Err(refusal) => return Err(Trap::refused(&refusal, &property.name, raw)),
        };
        let value =
            if self.options.switches.rates_as_typed && property.kind.is_rate() { Value::text(raw) } else { value };
        item.set(field, value);
        Ok(())
    }

    fn check_unique(&self, menu: MenuIndex, item: &Item, own: Option<u32>) -> Result<(), Trap> {
        let schema = self.schema();
        // an interface's name is unique among all interfaces
        if let Some((interfaces, _)) = self.store.interface_of(menu) {
            let name = schema.menu(menu).field("name").and_then(|field| item.get(field));
            if let Some(Value::Text(name)) = name
                && self.store.table(interfaces).by_key(name).is_some_and(|id| Some(id) != own)
            {
                let name = String::from_utf8_lossy(name);
                return Err(if self.release().since(7, 23) {
                    Trap::failure(&format!("already have interface with name {name}"))
                } else {
                    Trap::failure("already have interface with such name")
                });
            }
        }
        let Some(text) = schema.menu(menu).unique.as_ref().and_then(|unique| unique.text.as_deref()) else {
            return Ok(());
        };
        let taken = self.store.key(menu, item).and_then(|key| self.store.table(menu).by_key(&key));
        if taken.is_some_and(|id| Some(id) != own) { Err(Trap::failure(text)) } else { Ok(()) }
    }

    pub(super) fn set(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        let schema = self.schema();
        let shape = schema.menu(menu);
        let mut values = Vec::new();
        for (name, raw) in &request.attributes {
            match shape.field(name) {
                _ if CHOOSERS.contains(&name.as_str()) && !self.is_single(menu) => {}
                Some(field) if shape.fields[usize::from(field)].set => values.push((field, raw)),
                _ => return Err(Trap::unknown_parameter(self.release(), name)),
            }
        }
        if &*shape.path == "/system/clock" {
            // what is not set goes on as it stands now
            self.refresh(menu);
        }
        for id in self.chosen(menu, request)? {
            let mut item = self.settable(menu, id)?;
            for (field, raw) in &values {
                self.put(menu, &mut item, *field, raw)?;
            }
            self.check_unique(menu, &item, Some(id))?;
            self.before_write(actor, menu, &mut item, false)?;
            self.replace_item(menu, item, actor);
            self.after_write(actor, menu, id, false);
        }
        if &*shape.path == "/system/clock"
            && request.attributes.iter().any(|(name, _)| matches!(&**name, "date" | "time"))
        {
            self.clock_was_set(menu);
        }
        Ok(Outcome::Done)
    }

    /// A copy of an item that may be changed.
    fn settable(&self, menu: MenuIndex, id: u32) -> Result<Item, Trap> {
        let item = self.store.item(menu, id).ok_or_else(|| Trap::no_such_item(self.release()))?;
        if item.dynamic && &*self.store.schema.menu(menu).path != "/interface" {
            return Err(Trap::failure("can not change dynamic item"));
        }
        Ok(Item::clone(item))
    }

    pub(super) fn remove_chosen(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        self.only(request, &CHOOSERS)?;
        let ids = self.chosen(menu, request)?;
        for id in ids {
            // one item of the list may have gone with another one: routers go on until one is missing
            let Some(item) = self.store.item(menu, id).cloned() else { return Err(Trap::no_such_item(self.release())) };
            self.removable(menu, &item)?;
            self.remove_item(menu, id, actor);
        }
        Ok(Outcome::Done)
    }

    fn removable(&self, menu: MenuIndex, item: &Item) -> Result<(), Trap> {
        let path = &*self.store.schema.menu(menu).path;
        let is = |field: &str, value: &str| self.store.text(menu, item, field).as_deref() == Some(value);
        if item.dynamic && !ENDED_BY_REMOVAL.contains(&path) {
            return Err(Trap::failure("can not remove dynamic item"));
        }
        if is("default", "true") {
            let what = path.rsplit('/').next().unwrap_or_default();
            return Err(Trap::with(4, format!("can not remove default {what}")));
        }
        if path == "/user" && self.is_last_full(menu, item.id) {
            return Err(Trap::failure("the last user of group full must stay"));
        }
        if path == "/user/group" {
            let used = self.menu("/user").is_some_and(|users| {
                let group = self.store.schema.menu(users).field("group");
                self.store.table(users).iter().any(|user| matches!(group.and_then(|field| user.get(field)), Some(Value::Reference(_, id)) if *id == item.id))
            });
            if used {
                return Err(Trap::failure("group has some users"));
            }
        }
        Ok(())
    }

    pub(super) fn unset(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        self.only(request, &[&CHOOSERS[..], &["value-name"]].concat())?;
        let name = request.text("value-name").ok_or_else(|| Trap::missing("value-name"))?;
        let schema = self.schema();
        let field = schema.menu(menu).field(&name).filter(|field| schema.menu(menu).fields[usize::from(*field)].unset);
        let field = field.ok_or_else(|| Trap::with(1, "input does not match any value of value-name"))?;
        for id in self.chosen(menu, request)? {
            let mut item = self.settable(menu, id)?;
            item.unset(field);
            self.replace_item(menu, item, actor);
            self.after_write(actor, menu, id, false);
        }
        Ok(Outcome::Done)
    }

    /// `enable` and `disable`.
    pub(super) fn switch(
        &mut self,
        actor: &Actor,
        menu: MenuIndex,
        request: &Request,
        disabled: bool,
    ) -> Result<Outcome, Trap> {
        self.only(request, &CHOOSERS)?;
        let schema = self.schema();
        let field = schema.menu(menu).field("disabled").ok_or_else(Trap::no_such_command)?;
        for id in self.chosen(menu, request)? {
            let mut item = self.settable(menu, id)?;
            item.set(field, Value::bool(disabled));
            self.before_write(actor, menu, &mut item, false)?;
            self.replace_item(menu, item, actor);
            self.after_write(actor, menu, id, false);
        }
        Ok(Outcome::Done)
    }

    pub(super) fn comment(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        self.only(request, &[&CHOOSERS[..], &["comment"]].concat())?;
        let schema = self.schema();
        let field = schema.menu(menu).field("comment").ok_or_else(Trap::no_such_command)?;
        let text = request.attribute("comment").unwrap_or_default();
        for id in self.chosen(menu, request)? {
            let mut item = self.settable(menu, id)?;
            self.put(menu, &mut item, field, text)?;
            self.replace_item(menu, item, actor);
        }
        Ok(Outcome::Done)
    }

    /// Before the destination, in the order given; without one, or with an unknown one, to the end.
    pub(super) fn move_items(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        self.only(request, &[&CHOOSERS[..], &["destination"]].concat())?;
        let ids = self.chosen(menu, request)?;
        let before =
            request.attribute("destination").and_then(|raw| self.items_named(menu, raw).ok()?.first().copied());
        if before.is_some_and(|before| ids.contains(&before)) {
            return Err(Trap::failure("can not move object before itself"));
        }
        self.remember(menu);
        for id in ids {
            self.store.table_mut(menu).move_before(id, before);
            if let Some(item) = self.store.item(menu, id).cloned() {
                self.replace_item(menu, Item::clone(&item), actor);
            }
        }
        Ok(Outcome::Done)
    }

    /// Properties named without a value get their defaults back.
    pub(super) fn reset(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        let schema = self.schema();
        let mut fields = Vec::new();
        for (name, _) in &request.attributes {
            match schema.menu(menu).field(name) {
                _ if CHOOSERS.contains(&name.as_str()) => {}
                Some(field) if schema.menu(menu).fields[usize::from(field)].set => fields.push(field),
                _ => return Err(Trap::unknown_parameter(self.release(), name)),
            }
        }
        let mut fresh = Item::new(0, false);
        self.fill_defaults(menu, &mut fresh);
        for id in self.chosen(menu, request)? {
            let mut item = self.settable(menu, id)?;
            for field in &fields {
                match fresh.get(*field) {
                    Some(value) => item.set(*field, value.clone()),
                    None => item.unset(*field),
                }
            }
            self.check_unique(menu, &item, Some(id))?;
            self.replace_item(menu, item, actor);
            self.after_write(actor, menu, id, false);
        }
        Ok(Outcome::Done)
    }

    /// Refuses attributes that are none of these.
    pub(crate) fn only(&self, request: &Request, known: &[&str]) -> Result<(), Trap> {
        match request.attributes.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(Trap::unknown_parameter(self.release(), name)),
            None => Ok(()),
        }
    }

    /// Adds an item as a user would, every check included: for seeds and tests.
    pub fn add_as(&mut self, actor: &Actor, path: &str, values: &[(&str, &str)]) -> Result<u32, Trap> {
        let menu = self.menu(path).ok_or_else(|| Trap::no_such_directory(path))?;
        let attributes = values.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let request = Request { path: format!("{path}/add"), attributes, ..Request::default() };
        match self.add(actor, menu, &request)? {
            Outcome::Ret(id) => Ok(crate::store::parse_id(&id).unwrap_or(0)),
            _ => Ok(0),
        }
    }

    /// Sets properties as a user would, every check included.
    pub fn set_as(&mut self, actor: &Actor, path: &str, id: u32, values: &[(&str, &str)]) -> Result<(), Trap> {
        let menu = self.menu(path).ok_or_else(|| Trap::no_such_directory(path))?;
        let mut attributes: Vec<_> =
            values.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        if !self.is_single(menu) {
            attributes.push((".id".to_owned(), id_text(id).into_bytes()));
        }
        self.set(actor, menu, &Request { path: format!("{path}/set"), attributes, ..Request::default() }).map(drop)
    }
}
