//! `/file`: contents, reading in pieces, and how much a release prints.

use crate::actor::Actor;
use crate::repeat::row;
use crate::request::Request;
use crate::router::{Outcome, Router};
use crate::trap::Trap;
use crate::value::Value;

/// The most that `contents` can write and print: 61,250 bytes went, 61,500 did not (7.24); 4096 before 7.
const CONTENTS: usize = 61_440;
const CONTENTS_6: usize = 4096;
/// The most that `/file/read` gives at once (7.13 and newer).
const CHUNK: u64 = 32_768;

impl Router {
    pub(crate) fn contents_limit(&self) -> usize {
        if self.release().major == 6 { CONTENTS_6 } else { CONTENTS }
    }

    /// Makes or overwrites a file.
    pub fn write_file(&mut self, name: &str, contents: &[u8]) {
        let id = match self.find("/file", "name", name) {
            Some(id) => id,
            None => self.place("/file", &[("name", name)]),
        };
        self.fill_file(id, contents);
    }

    /// The whole contents of a file, however large.
    pub fn file_contents(&self, name: &str) -> Option<Vec<u8>> {
        let row = self.row("/file", self.find("/file", "name", name)?)?;
        row.values.into_iter().find(|(property, _)| property == "data").map(|(_, data)| data)
    }

    /// Sets what follows from the contents of a file.
    pub(crate) fn fill_file(&mut self, id: u32, contents: &[u8]) {
        let Some(menu) = self.menu("/file") else { return };
        let Some(item) = self.store.item(menu, id) else { return };
        let name = self.store.text(menu, item, "name").unwrap_or_default();
        let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("rsc") => "script".to_owned(),
            Some("backup") => "backup".to_owned(),
            Some(ending) => format!(".{ending} file"),
            None => "file".to_owned(),
        };
        let stamp = self.release().date_time(self.wall());
        let mut item = crate::table::Item::clone(item);
        let schema = self.schema();
        let mut put = |name: &str, value: Value| {
            if let Some(field) = schema.menu(menu).field(name) {
                item.set(field, value);
            }
        };
        put("data", Value::text(contents));
        put("type", kind.into());
        put("size", (contents.len() as u64).into());
        put("creation-time", stamp.as_str().into());
        put("last-modified", stamp.into());
        let small = contents.len() <= self.contents_limit();
        if small && !name.ends_with(".backup") {
            put("contents", Value::text(contents));
        } else if let Some(field) = schema.menu(menu).field("contents") {
            item.unset(field);
        }
        self.replace_item(menu, item, &Actor::Router);
    }

    pub(super) fn file_read(&self, request: &Request) -> Result<Outcome, Trap> {
        let name = request.text("file").ok_or_else(|| Trap::missing("file"))?;
        let number = |argument: &str, otherwise: u64, most: u64| -> Result<u64, Trap> {
            let Some(text) = request.text(argument) else { return Ok(otherwise) };
            let number: u64 = text
                .parse()
                .map_err(|_| Trap::with(1, format!("invalid value {text} for {argument}, an integer required")))?;
            if number > most {
                Err(Trap::with(1, format!("value of {argument} out of range (0..{most})")))
            } else {
                Ok(number)
            }
        };
        let offset = usize::try_from(number("offset", 0, u64::MAX)?).unwrap_or(usize::MAX);
        let size = usize::try_from(number("chunk-size", CHUNK, CHUNK)?).unwrap_or(0);
        let contents = self.file_contents(&name).ok_or_else(|| Trap::no_such_item(self.release()))?;
        let from = offset.min(contents.len());
        let piece = &contents[from..contents.len().min(from + size)];
        let mut values = row(&[]);
        values.push(("data".to_owned(), piece.to_vec()));
        Ok(Outcome::Rows(vec![values]))
    }
}
