//! What a router does beyond storing what a person wrote.

use std::net::IpAddr;

use super::Router;
use crate::actor::Actor;
use crate::forms;
use crate::schema::MenuIndex;
use crate::table::Item;
use crate::trap::Trap;
use crate::value::Value;

impl Router {
    /// A written item before it is stored: refusals that look at the whole, and properties that follow from others.
    pub(super) fn before_write(
        &mut self,
        _actor: &Actor,
        menu: MenuIndex,
        item: &mut Item,
        _new: bool,
    ) -> Result<(), Trap> {
        let schema = self.schema();
        let shape = schema.menu(menu);
        if &*shape.path == "/ip/address" {
            let text = |name: &str| self.store.text(menu, item, name);
            let (address, interface) = (text("address"), text("interface"));
            if let (Some((IpAddr::V4(address), length)), Some(field)) =
                (address.as_deref().and_then(forms::read_prefix), shape.field("network"))
            {
                item.set(field, forms::network(IpAddr::V4(address), length).to_string().into());
            }
            if let (Some(interface), Some(field)) = (interface, shape.field("actual-interface")) {
                item.set(field, Value::text(interface));
            }
        }
        Ok(())
    }

    /// A written item after it was stored.
    pub(super) fn after_write(&mut self, _actor: &Actor, _menu: MenuIndex, _id: u32, _new: bool) {}
}
