//! `print`, `get`, `find`: reading. A print works on the table as it was when the command came.

use std::sync::Arc;

use imbl::OrdMap;

use super::select::CHOOSERS;
use super::{Outcome, Router};
use crate::actor::Actor;
use crate::forms;
use crate::query::{Properties, Query};
use crate::repeat::Repeat;
use crate::reply::Replies;
use crate::request::Request;
use crate::schema::MenuIndex;
use crate::store::{View, write_id};
use crate::table::{FieldIndex, Item};
use crate::trap::Trap;
use crate::value::Value;

/// Rows looked at in one go, however few of them the query lets through.
const ROWS_AT_ONCE: usize = 2048;

/// Which properties of an item are printed.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    menu: MenuIndex,
    id: bool,
    /// None: all that the item has.
    fields: Option<Vec<FieldIndex>>,
    secrets: bool,
}

/// A print that is under way.
#[derive(Debug)]
pub(crate) struct PrintJob {
    rows: OrdMap<u64, Arc<Item>>,
    /// The place to go on from; none when all is said.
    next: Option<u64>,
    query: Query,
    pub(crate) shown: Shown,
    printed: usize,
    /// The last reference printed: lists mostly repeat it.
    last: Option<((MenuIndex, u32), Vec<u8>)>,
}

impl Router {
    pub(super) fn print(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        self.refresh(menu);
        let mut job = self.print_job(actor, menu, request);
        if let Some(from) = request.attribute("from") {
            let ids = self.items_named(menu, from)?;
            job.rows = job
                .rows
                .iter()
                .filter(|(_, item)| ids.contains(&item.id))
                .map(|(place, item)| (*place, Arc::clone(item)))
                .collect();
        }
        if request.switch("count-only") {
            return Ok(Outcome::Ret(self.count_job(&job).to_string().into_bytes()));
        }
        if request.attribute("file").is_some() {
            // no source tells the form of such a file
            return Err(Trap::failure("not simulated"));
        }
        if let Some(interval) = request.text("interval") {
            return Self::print_again(job, &interval);
        }
        Ok(Outcome::Print(job))
    }

    pub(super) fn print_job(&self, actor: &Actor, menu: MenuIndex, request: &Request) -> PrintJob {
        let shown = self.shown(actor, menu, request);
        let query = self.query(request);
        let rows = match query.only_equal(".id").map(crate::store::parse_id) {
            Some(id) => {
                id.and_then(|id| self.store.item(menu, id)).map(|item| (1_u64, Arc::clone(item))).into_iter().collect()
            }
            None => self.named_only(menu, &query).unwrap_or_else(|| self.store.table(menu).snapshot()),
        };
        PrintJob { rows, next: Some(0), query, shown, printed: 0, last: None }
    }

    /// `?name=x` where names are unique needs no walk through the table.
    fn named_only(&self, menu: MenuIndex, query: &Query) -> Option<OrdMap<u64, Arc<Item>>> {
        let schema = self.store.schema.menu(menu);
        let name = &schema.fields[usize::from(schema.name_key()?)].name;
        let key = query.only_equal(name)?;
        let found = self.store.table(menu).by_key(key).and_then(|id| self.store.item(menu, id));
        Some(found.map(|item| (1_u64, Arc::clone(item))).into_iter().collect())
    }

    pub(crate) fn shown(&self, actor: &Actor, menu: MenuIndex, request: &Request) -> Shown {
        let schema = self.store.schema.menu(menu);
        let single = self.is_single(menu);
        let asked =
            !self.options.switches.ask_for_secrets || !self.release().since(7, 21) || request.switch("show-sensitive");
        let secrets = actor.policies().has("sensitive") && asked;
        match &request.properties {
            Some(names) => Shown {
                menu,
                id: !single && names.iter().any(|name| name == ".id"),
                fields: Some(names.iter().filter_map(|name| schema.field(name)).collect()),
                secrets,
            },
            None => Shown { menu, id: !single, fields: None, secrets },
        }
    }

    /// `print =interval=`: the rows as they are then, again and again.
    fn print_again(first: PrintJob, interval: &str) -> Result<Outcome, Trap> {
        let every = forms::read_duration(interval).filter(|every| *every >= 10);
        let every = every.ok_or_else(|| Trap::with(1, "invalid time value for argument interval"))?;
        let PrintJob { query, shown, .. } = first;
        let round = move |router: &mut Router, _: u64| {
            router.refresh(shown.menu);
            let items: Vec<Arc<Item>> = router.store.table(shown.menu).iter().cloned().collect();
            let mut scratch = Vec::new();
            let passing = items.iter().filter(|item| query.holds(&router.view(&shown, item), &mut scratch));
            passing.map(|item| router.shown_values(&shown, item)).collect()
        };
        let every = std::time::Duration::from_millis(every);
        Ok(Outcome::Repeat(Repeat { every, rounds: None, round: Box::new(round), over: None }))
    }

    /// Names and values of an item as far as they are shown.
    fn shown_values(&self, shown: &Shown, item: &Item) -> Vec<(String, Vec<u8>)> {
        let schema = self.store.schema.menu(shown.menu);
        let view = self.view(shown, item);
        let mut values = Vec::new();
        let mut show = |name: &str| {
            let mut value = Vec::new();
            if view.property(name, &mut value) {
                values.push((name.to_owned(), value));
            }
        };
        if shown.id {
            show(".id");
        }
        for (index, _) in item.values() {
            let field = &schema.fields[usize::from(*index)];
            let wanted = shown.fields.as_ref().is_none_or(|fields| fields.contains(index));
            if wanted && (!field.secret || shown.secrets) {
                show(&field.name);
            }
        }
        values
    }

    fn count_job(&self, job: &PrintJob) -> usize {
        if job.query.is_empty() {
            return job.rows.len();
        }
        let mut scratch = Vec::new();
        job.rows.values().filter(|item| job.query.holds(&self.view(&job.shown, item), &mut scratch)).count()
    }

    /// An item as who asked for `shown` may see it.
    pub(crate) fn view<'a>(&'a self, shown: &Shown, item: &'a Item) -> View<'a> {
        View { store: &self.store, menu: shown.menu, item, now: self.now(), secrets: shown.secrets }
    }

    fn query(&self, request: &Request) -> Query {
        let query = Query::read(&request.queries);
        if self.options.switches.yes_in_queries { query.with_yes() } else { query }
    }

    pub(super) fn find_items(&self, actor: &Actor, menu: MenuIndex, request: &Request) -> Outcome {
        let shown = self.shown(actor, menu, request);
        let query = self.query(request);
        let mut scratch = Vec::new();
        let mut found = Vec::new();
        for item in self.store.table(menu).iter() {
            if query.holds(&self.view(&shown, item), &mut scratch) {
                if !found.is_empty() {
                    found.push(b';');
                }
                write_id(item.id, &mut found);
            }
        }
        Outcome::Ret(found)
    }

    /// One property as `=ret=`, or all of them joined.
    pub(super) fn get(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        self.only(request, &[&CHOOSERS[..], &["value-name", "as-string", "as-string-value"]].concat())?;
        self.refresh(menu);
        let ids = self.chosen(menu, request)?;
        let item =
            ids.first().and_then(|id| self.store.item(menu, *id)).ok_or_else(|| Trap::no_such_item(self.release()))?;
        let shown = self.shown(actor, menu, request);
        let schema = self.store.schema.menu(menu);
        let view = self.view(&shown, item);
        let mut out = Vec::new();
        if let Some(name) = request.text("value-name") {
            let known =
                schema.field(&name).is_some_and(|field| !schema.fields[usize::from(field)].hide) || name == ".id";
            if !known {
                return Err(Trap::with(1, "input does not match any value of value-name"));
            }
            let secret = schema.field(&name).is_some_and(|field| schema.fields[usize::from(field)].secret);
            if secret && !shown.secrets {
                return Err(Trap::no_permission());
            }
            view.property(&name, &mut out);
            return Ok(Outcome::Ret(out));
        }
        out.extend_from_slice(b".id=");
        write_id(item.id, &mut out);
        for (index, _) in item.values() {
            let field = &schema.fields[usize::from(*index)];
            if !field.hide && (!field.secret || shown.secrets) {
                out.push(b';');
                out.extend_from_slice(field.name.as_bytes());
                out.push(b'=');
                view.property(&field.name, &mut out);
            }
        }
        Ok(Outcome::Ret(out))
    }

    /// Writes rows until about `size` bytes are there. True when the print is over.
    pub(crate) fn print_some(&self, job: &mut PrintJob, replies: &mut Replies<'_>, size: usize) -> bool {
        let Some(from) = job.next else { return true };
        let now = self.now();
        let mut scratch = Vec::new();
        let rows = job.rows.clone();
        for (looked, (place, item)) in rows.range(from..).enumerate() {
            if looked >= ROWS_AT_ONCE || replies.len() >= size {
                job.next = Some(*place);
                return false;
            }
            let view = View { now, ..self.view(&job.shown, item) };
            if !job.query.is_empty() && !job.query.holds(&view, &mut scratch) {
                continue;
            }
            self.write_row(&job.shown, item, now, replies, &mut job.last);
            job.printed += 1;
        }
        job.next = None;
        true
    }

    /// One `!re` of an item.
    pub(crate) fn write_row(
        &self,
        shown: &Shown,
        item: &Item,
        now: u64,
        replies: &mut Replies<'_>,
        last: &mut Option<((MenuIndex, u32), Vec<u8>)>,
    ) {
        let menu = self.store.schema.menu(shown.menu);
        replies.begin(b"!re");
        if shown.id {
            replies.value(b"=.id=", |out| write_id(item.id, out));
        }
        let mut write = |index: FieldIndex, value: &Value| {
            let field = &menu.fields[usize::from(index)];
            if field.hide || (field.secret && !shown.secrets) {
                return;
            }
            match value {
                Value::Text(text) if &*field.name != "invalid" => replies.word(&field.word, text),
                Value::Reference(to, id) => {
                    if last.as_ref().is_none_or(|(known, _)| *known != (*to, *id)) {
                        let mut name = Vec::new();
                        self.store.write_value(value, now, &mut name);
                        *last = Some(((*to, *id), name));
                    }
                    if let Some((_, name)) = last {
                        replies.word(&field.word, name);
                    }
                }
                Value::Text(_) if self.store.is_invalid(shown.menu, item) => replies.word(&field.word, b"true"),
                _ => replies.value(&field.word, |out| self.store.write_value(value, now, out)),
            }
        };
        match &shown.fields {
            None => item.values().iter().for_each(|(index, value)| write(*index, value)),
            Some(fields) => {
                for index in fields {
                    if let Some(value) = item.get(*index) {
                        write(*index, value);
                    }
                }
            }
        }
        replies.end();
    }
}

impl PrintJob {
    /// No row was printed: `!empty`.
    pub(crate) fn was_empty(&self) -> bool {
        self.printed == 0
    }

    pub(crate) fn is_limited(&self) -> bool {
        !self.query.is_empty()
    }

    pub(crate) fn passes(&self, view: &View<'_>) -> bool {
        self.query.holds(view, &mut Vec::new())
    }
}
