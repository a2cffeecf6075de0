//! Hosts and leases that become entries of their own.

use super::{Request, Router, Trap};
use crate::actor::Actor;
use crate::router::Outcome;
use crate::schema::MenuIndex;
use crate::store::id_text;
use crate::table::Item;
use crate::value::Value;

impl Router {
    /// An entry of `/ip/hotspot/ip-binding` from a host.
    pub(super) fn make_binding(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        let ids = self.chosen(menu, request)?;
        let mut made = Vec::new();
        for id in ids {
            let row = self.row("/ip/hotspot/host", id).ok_or_else(|| Trap::no_such_item(self.release()))?;
            let mut values: Vec<(&str, &str)> = vec![("type", "regular")];
            values.extend(row.get("mac-address").map(|mac| ("mac-address", mac)));
            values.extend(row.get("address").map(|address| ("address", address)));
            made.push(id_text(self.add_as(actor, "/ip/hotspot/ip-binding", &values)?));
        }
        Ok(Outcome::Ret(made.join(",").into_bytes()))
    }

    /// A dynamic lease becomes one that stays.
    pub(super) fn make_static(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        for id in self.chosen(menu, request)? {
            let Some(item) = self.store.item(menu, id).filter(|item| item.dynamic) else {
                return Err(Trap::failure("lease is not dynamic"));
            };
            let mut item = Item::clone(item);
            item.dynamic = false;
            if let Some(field) = self.store.schema.menu(menu).field("dynamic") {
                item.set(field, Value::bool(false));
            }
            self.replace_item(menu, item, actor);
        }
        Ok(Outcome::Done)
    }
}
