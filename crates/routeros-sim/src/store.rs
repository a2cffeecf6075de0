//! All tables of the router, with references between them. Nothing here asks whether a change is allowed.

use std::sync::Arc;

use crate::kind::Names;
use crate::query::Properties;
use crate::release::Release;
use crate::schema::{MenuIndex, Schema, Shape};
use crate::table::{FieldIndex, Item, Key, Table};
use crate::value::{Millis, Value};

/// Menus whose items are interfaces: they stand in `/interface` too, under the same id. With the type printed there.
pub(crate) const INTERFACES: [(&str, &str); 9] = [
    ("/interface/ethernet", "ether"),
    ("/interface/wireless", "wlan"),
    ("/interface/bridge", "bridge"),
    ("/interface/vlan", "vlan"),
    ("/interface/wireguard", "wg"),
    ("/interface/pppoe-server", "pppoe-in"),
    ("/interface/l2tp-client", "l2tp-out"),
    ("/interface/sstp-client", "sstp-out"),
    ("/interface/ovpn-server", "ovpn-in"),
];

/// Servers and clients that cannot run on a port of a bridge.
const ON_INTERFACES: [&str; 4] =
    ["/interface/pppoe-server/server", "/ip/hotspot", "/ip/dhcp-server", "/ip/dhcp-client"];

#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) schema: Arc<Schema>,
    /// A unique beginning of a name or keyword is taken for it.
    pub(crate) abbreviations: bool,
    /// Lists of keywords are stored in the order of the keywords.
    pub(crate) keywords_in_order: bool,
    tables: Vec<Table>,
}

impl Store {
    pub(crate) fn new(schema: Arc<Schema>) -> Self {
        let tables = schema.menus().map(|_| Table::new()).collect();
        Self { schema, abbreviations: false, keywords_in_order: false, tables }
    }

    pub(crate) fn table(&self, menu: MenuIndex) -> &Table {
        &self.tables[usize::from(menu.0)]
    }

    pub(crate) fn table_mut(&mut self, menu: MenuIndex) -> &mut Table {
        &mut self.tables[usize::from(menu.0)]
    }

    pub(crate) fn menu(&self, path: &str) -> Option<MenuIndex> {
        self.schema.find(path)
    }

    /// The menu that is `/interface` and the type, for a menu whose items are interfaces.
    pub(crate) fn interface_of(&self, menu: MenuIndex) -> Option<(MenuIndex, &'static str)> {
        let path = &*self.schema.menu(menu).path;
        let (_, kind) = INTERFACES.iter().find(|(interface, _)| *interface == path)?;
        Some((self.menu("/interface")?, kind))
    }

    /// The menu that an item of `/interface` really belongs to.
    pub(crate) fn interface_home(&self, id: u32) -> Option<MenuIndex> {
        INTERFACES.iter().filter_map(|(path, _)| self.menu(path)).find(|menu| self.table(*menu).get(id).is_some())
    }

    pub(crate) fn item(&self, menu: MenuIndex, id: u32) -> Option<&Arc<Item>> {
        self.table(menu).get(id)
    }

    /// The key that must be unique, as bytes.
    pub(crate) fn key(&self, menu: MenuIndex, item: &Item) -> Option<Key> {
        let unique = self.schema.menu(menu).unique.as_ref()?;
        let mut key = Vec::new();
        for (count, field) in unique.fields.iter().enumerate() {
            if count > 0 {
                key.push(0);
            }
            match item.get(*field) {
                // by id, so that a rename elsewhere changes no key
                Some(Value::Reference(_, id)) => key.extend_from_slice(&id.to_be_bytes()),
                Some(value) => self.write_value(value, 0, &mut key),
                None => {}
            }
        }
        (!key.is_empty()).then(|| key.into())
    }

    pub(crate) fn insert(&mut self, menu: MenuIndex, item: Item, before: Option<u32>) {
        let key = self.key(menu, &item);
        self.table_mut(menu).insert(item, key, before);
    }

    pub(crate) fn replace(&mut self, menu: MenuIndex, item: Item) {
        let Some(old) = self.item(menu, item.id).cloned() else { return };
        let (old_key, key) = (self.key(menu, &old), self.key(menu, &item));
        self.table_mut(menu).replace(item, old_key, key);
    }

    pub(crate) fn remove(&mut self, menu: MenuIndex, id: u32) -> Option<Arc<Item>> {
        let item = self.item(menu, id)?.clone();
        let key = self.key(menu, &item);
        self.table_mut(menu).remove(id, key)
    }

    pub(crate) fn swap_table(&mut self, menu: MenuIndex, table: Table) -> Table {
        std::mem::replace(self.table_mut(menu), table)
    }

    /// Writes a value as it is printed at the moment `now`.
    pub(crate) fn write_value(&self, value: &Value, now: Millis, out: &mut Vec<u8>) {
        match value {
            Value::Text(text) => out.extend_from_slice(text),
            Value::Reference(menu, id) => self.write_reference(*menu, *id, out),
            Value::List(values) => {
                for (count, value) in values.iter().enumerate() {
                    if count > 0 {
                        out.push(b',');
                    }
                    self.write_value(value, now, out);
                }
            }
            Value::Not(value) => {
                out.push(b'!');
                self.write_value(value, now, out);
            }
            Value::Live(live) => live.write(now, out),
        }
    }

    fn write_reference(&self, menu: MenuIndex, id: u32, out: &mut Vec<u8>) {
        let name = self.schema.menu(menu).name_field();
        match self.item(menu, id).and_then(|item| item.get(name?)) {
            Some(Value::Text(text)) => out.extend_from_slice(text),
            _ => write_id(id, out),
        }
    }

    /// Does the item refer to something that is gone?
    pub(crate) fn dangles(&self, item: &Item) -> bool {
        item.values().iter().any(|(_, value)| self.is_dead(value))
    }

    /// Does the item refer to something that is gone, or run on a port of a bridge, where nothing can?
    pub(crate) fn is_invalid(&self, menu: MenuIndex, item: &Item) -> bool {
        self.dangles(item) || (ON_INTERFACES.contains(&&*self.schema.menu(menu).path) && self.is_on_a_slave(menu, item))
    }

    fn is_on_a_slave(&self, menu: MenuIndex, item: &Item) -> bool {
        let interface = self.schema.menu(menu).field("interface").and_then(|field| item.get(field));
        let Some(Value::Reference(interfaces, id)) = interface else { return false };
        let slave = self.schema.menu(*interfaces).field("slave");
        let slave = slave.and_then(|field| self.item(*interfaces, *id)?.get(field));
        matches!(slave, Some(Value::Text(text)) if **text == *b"true")
    }

    fn is_dead(&self, value: &Value) -> bool {
        match value {
            Value::Reference(menu, id) => self.item(*menu, *id).is_none(),
            Value::List(values) => values.iter().any(|value| self.is_dead(value)),
            Value::Not(value) => self.is_dead(value),
            Value::Text(_) | Value::Live(_) => false,
        }
    }

    /// A property as printed; `None` if the item has none.
    pub(crate) fn printed(&self, menu: MenuIndex, item: &Item, field: FieldIndex, now: Millis) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let view = View { store: self, menu, item, now, secrets: true };
        let name = &self.schema.menu(menu).fields[usize::from(field)].name;
        view.property(name, &mut out).then_some(out)
    }

    /// As [`Self::printed`], by name and as text.
    pub(crate) fn text(&self, menu: MenuIndex, item: &Item, field: &str) -> Option<String> {
        let index = self.schema.menu(menu).field(field)?;
        self.printed(menu, item, index, 0).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The one item of a menu without ids.
    pub(crate) fn single(&self, path: &str) -> Option<&Arc<Item>> {
        let menu = self.menu(path)?;
        if self.schema.menu(menu).shape == Shape::Single { self.item(menu, 0) } else { None }
    }

    /// A property of the one item of a menu.
    pub(crate) fn setting(&self, path: &str, field: &str) -> Option<String> {
        let menu = self.menu(path)?;
        self.text(menu, self.single(path)?, field)
    }
}

impl Names for Store {
    fn id_of(&self, menu: MenuIndex, name: &[u8]) -> Option<u32> {
        let table = self.table(menu);
        if let Some(id) = parse_id(name).filter(|id| table.get(*id).is_some()) {
            return Some(id);
        }
        let schema = self.schema.menu(menu);
        let field = schema.name_field()?;
        if schema.name_key().is_some() {
            return table.by_key(name);
        }
        table
            .iter()
            .find(|item| matches!(item.get(field), Some(Value::Text(text)) if **text == *name))
            .map(|item| item.id)
    }

    fn begin_with(&self, menu: MenuIndex, name: &[u8]) -> Vec<u32> {
        let Some(field) = self.schema.menu(menu).name_field() else { return Vec::new() };
        let begins = |item: &&Arc<Item>| matches!(item.get(field), Some(Value::Text(text)) if text.starts_with(name));
        self.table(menu).iter().filter(begins).take(2).map(|item| item.id).collect()
    }

    fn release(&self) -> Release {
        self.schema.release
    }

    fn takes_abbreviations(&self) -> bool {
        self.abbreviations
    }

    fn keywords_in_order(&self) -> bool {
        self.keywords_in_order
    }
}

/// An item seen with the names of what it refers to.
pub(crate) struct View<'a> {
    pub(crate) store: &'a Store,
    pub(crate) menu: MenuIndex,
    pub(crate) item: &'a Item,
    pub(crate) now: Millis,
    /// Who may not read secrets finds nothing by them either.
    pub(crate) secrets: bool,
}

impl Properties for View<'_> {
    fn property(&self, name: &str, out: &mut Vec<u8>) -> bool {
        if name == ".id" {
            write_id(self.item.id, out);
            return true;
        }
        let menu = self.store.schema.menu(self.menu);
        let Some(index) = menu.field(name) else { return false };
        let Some(value) = self.item.get(index) else { return false };
        let field = &menu.fields[usize::from(index)];
        if field.hide || (field.secret && !self.secrets) {
            return false;
        }
        if name == "invalid" && self.store.is_invalid(self.menu, self.item) {
            out.extend_from_slice(b"true");
        } else {
            self.store.write_value(value, self.now, out);
        }
        true
    }
}

/// Writes `*1A`.
pub(crate) fn write_id(id: u32, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 9];
    let mut at = digits.len();
    let mut rest = id;
    loop {
        at -= 1;
        digits[at] = b"0123456789ABCDEF"[(rest & 15) as usize];
        rest >>= 4;
        if rest == 0 {
            break;
        }
    }
    digits[at - 1] = b'*';
    out.extend_from_slice(&digits[at - 1..]);
}

/// `*1A` as text.
pub(crate) fn id_text(id: u32) -> String {
    format!("*{id:X}")
}

/// Reads `*1A`.
pub(crate) fn parse_id(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"*")?;
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
