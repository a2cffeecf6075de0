//! Which items a command means: `=.id=*1,*2`, `=numbers=ether1`.

use super::Router;
use crate::kind::Names;
use crate::request::Request;
use crate::schema::{MenuIndex, Shape};
use crate::store::parse_id;
use crate::trap::Trap;

/// Attributes that choose items.
pub(super) const CHOOSERS: [&str; 3] = [".id", "numbers", "number"];

impl Router {
    /// The chosen items; none given is an error.
    pub(crate) fn chosen(&self, menu: MenuIndex, request: &Request) -> Result<Vec<u32>, Trap> {
        if self.store.schema.menu(menu).shape == Shape::Single {
            return Ok(vec![0]);
        }
        let Some(wanted) = CHOOSERS.iter().find_map(|name| request.attribute(name)) else {
            return Err(Trap::missing(".id"));
        };
        self.items_named(menu, wanted)
    }

    /// Ids or names, comma-joined.
    pub(crate) fn items_named(&self, menu: MenuIndex, wanted: &[u8]) -> Result<Vec<u32>, Trap> {
        let mut ids = Vec::new();
        for one in wanted.split(|byte| matches!(byte, b',' | b';')) {
            ids.push(self.item_named(menu, one).ok_or_else(|| Trap::no_such_item(self.release()))?);
        }
        Ok(ids)
    }

    fn item_named(&self, menu: MenuIndex, wanted: &[u8]) -> Option<u32> {
        if let Some(id) = parse_id(wanted) {
            return self.store.item(menu, id).map(|item| item.id);
        }
        // an interface list, a queue or a secret is called by its name too
        self.store.id_of(menu, wanted)
    }
}
