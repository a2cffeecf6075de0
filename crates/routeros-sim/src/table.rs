//! Items of one menu, in order. Copies are cheap: a print, an undo and a safe mode each keep the table as it was.

use std::sync::Arc;

use imbl::{HashMap, OrdMap};

use crate::value::Value;

/// Where the ids of dynamic items begin: `*80000001`.
const FIRST_DYNAMIC: u32 = 0x8000_0001;

/// The place of a property in its menu's list, which is also the order of printing.
pub type FieldIndex = u16;

/// One item. Properties that were never set are absent.
#[derive(Clone)]
pub struct Item {
    /// `*1A`; never given twice.
    pub id: u32,
    /// Made by the router, not by a person: cannot be set, is not exported, is gone after a reboot.
    pub dynamic: bool,
    values: Vec<(FieldIndex, Value)>,
}

impl std::fmt::Debug for Item {
    /// Without the values: some are secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Item").field("id", &self.id).field("dynamic", &self.dynamic).finish_non_exhaustive()
    }
}

impl Item {
    /// An item without properties.
    pub(crate) fn new(id: u32, dynamic: bool) -> Self {
        Self { id, dynamic, values: Vec::new() }
    }

    /// The value of a property.
    pub fn get(&self, field: FieldIndex) -> Option<&Value> {
        self.values.binary_search_by_key(&field, |(index, _)| *index).ok().map(|at| &self.values[at].1)
    }

    pub(crate) fn set(&mut self, field: FieldIndex, value: Value) {
        match self.values.binary_search_by_key(&field, |(index, _)| *index) {
            Ok(at) => self.values[at].1 = value,
            Err(at) => self.values.insert(at, (field, value)),
        }
    }

    pub(crate) fn unset(&mut self, field: FieldIndex) {
        self.values.retain(|(index, _)| *index != field);
    }

    /// All properties, in the order of printing.
    pub(crate) fn values(&self) -> &[(FieldIndex, Value)] {
        &self.values
    }
}

/// A unique key of an item, as bytes.
pub(crate) type Key = Arc<[u8]>;

/// Items by place, and where to find each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: OrdMap<u64, Arc<Item>>,
    places: HashMap<u32, u64>,
    keys: HashMap<Key, u32>,
    /// The id that the next item gets.
    pub(crate) next_id: u32,
    next_dynamic: u32,
}

/// Between neighbours there is room for this many more before places are given anew.
const GAP: u64 = 1 << 24;

impl Table {
    pub(crate) fn new() -> Self {
        Self { next_id: 1, next_dynamic: FIRST_DYNAMIC, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Arc<Item>> {
        self.rows.get(self.places.get(&id)?)
    }

    pub(crate) fn by_key(&self, key: &[u8]) -> Option<u32> {
        self.keys.get(key).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.rows.values()
    }

    /// The items as they are now, whatever happens later.
    pub(crate) fn snapshot(&self) -> OrdMap<u64, Arc<Item>> {
        self.rows.clone()
    }

    /// Is this the same table as one that was cloned from it, with nothing changed since?
    pub(crate) fn is_still(&self, other: &Self) -> bool {
        self.rows.ptr_eq(&other.rows) && self.next_id == other.next_id
    }

    pub(crate) fn take_id(&mut self, dynamic: bool) -> u32 {
        let next = if dynamic { &mut self.next_dynamic } else { &mut self.next_id };
        let id = *next;
        *next = next.wrapping_add(1);
        id
    }

    /// Puts an item at the end, or before another one.
    pub(crate) fn insert(&mut self, item: Item, key: Option<Key>, before: Option<u32>) {
        let id = item.id;
        if id < FIRST_DYNAMIC && id >= self.next_id {
            self.next_id = id + 1;
        }
        let place = self.place(before);
        self.places.insert(id, place);
        self.rows.insert(place, Arc::new(item));
        if let Some(key) = key {
            self.keys.insert(key, id);
        }
    }

    fn place(&mut self, before: Option<u32>) -> u64 {
        let Some(next) = before.and_then(|id| self.places.get(&id).copied()) else {
            return self.rows.get_max().map_or(GAP, |(last, _)| last + GAP);
        };
        let previous = self.rows.range(..next).next_back().map_or(0, |(place, _)| *place);
        if next - previous > 1 {
            return previous + (next - previous) / 2;
        }
        self.spread();
        self.place(before)
    }

    fn spread(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        for (index, (_, item)) in rows.into_iter().enumerate() {
            let place = (index as u64 + 1) * GAP;
            self.places.insert(item.id, place);
            self.rows.insert(place, item);
        }
    }

    /// Puts another item in the place of the one with the same id.
    pub(crate) fn replace(&mut self, item: Item, old_key: Option<Key>, key: Option<Key>) {
        let id = item.id;
        let Some(place) = self.places.get(&id).copied() else { return };
        if old_key != key {
            if let Some(old_key) = old_key.filter(|old| self.keys.get(old) == Some(&id)) {
                self.keys.remove(&old_key);
            }
            if let Some(key) = key {
                self.keys.insert(key, id);
            }
        }
        self.rows.insert(place, Arc::new(item));
    }

    pub(crate) fn remove(&mut self, id: u32, key: Option<Key>) -> Option<Arc<Item>> {
        let place = self.places.remove(&id)?;
        if let Some(key) = key.filter(|key| self.keys.get(key) == Some(&id)) {
            self.keys.remove(&key);
        }
        self.rows.remove(&place)
    }

    /// Before another item, or to the end. The id stays.
    pub(crate) fn move_before(&mut self, id: u32, before: Option<u32>) {
        if before == Some(id) {
            return;
        }
        let Some(item) = self.places.remove(&id).and_then(|place| self.rows.remove(&place)) else { return };
        let place = self.place(before);
        self.places.insert(id, place);
        self.rows.insert(place, item);
    }

    /// Ids that will be given from here on, also when an older table is put back: an id is never given twice.
    pub(crate) fn never_below(&mut self, other: &Self) {
        self.next_id = self.next_id.max(other.next_id);
        self.next_dynamic = self.next_dynamic.max(other.next_dynamic);
    }
}
