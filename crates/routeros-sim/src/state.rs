//! The configuration as JSON: the state file, and the contents of a backup.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::connection::hex;
use crate::release::Release;
use crate::router::Router;
use crate::schema::{MenuIndex, Schema};
use crate::simulator::Shared;
use crate::store::Store;
use crate::table::{Item, Table};
use crate::value::Value;

/// Menus whose items are the router's own doing, and not kept.
const PASSING: [&str; 6] =
    ["/log", "/user/active", "/ppp/active", "/system/history", "/system/resource", "/system/clock"];

#[derive(Serialize, Deserialize)]
struct Saved {
    /// 1
    format: u32,
    /// That it was written by, such as 7.18.2.
    #[serde(default)]
    release: Option<String>,
    /// Of a backup's password; of none in a state file.
    #[serde(default)]
    password: String,
    menus: Vec<SavedMenu>,
}

#[derive(Serialize, Deserialize)]
struct SavedMenu {
    path: String,
    next_id: u32,
    items: Vec<SavedItem>,
}

#[derive(Serialize, Deserialize)]
struct SavedItem {
    id: u32,
    values: Vec<(String, Json)>,
}

/// A state that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    #[error("it is not a state file of the simulated router: {0}")]
    Form(#[from] serde_json::Error),
    #[error("it is of format {0}, which this version does not know")]
    Format(u32),
    #[error(
        "it is of RouterOS {kept}, and this router is of {own}\nhint: start it with --release {kept}, or with another state file"
    )]
    Release { kept: String, own: Release },
    #[error("the password is another one")]
    Password,
}

/// Menus as they were written last, by path: what has not changed is not written anew.
#[derive(Debug, Default)]
struct Written(HashMap<MenuIndex, (Table, Vec<u8>)>);

impl Written {
    fn menu(&mut self, store: &Store, index: MenuIndex) -> &[u8] {
        let table = store.table(index);
        let known = self.0.get(&index).is_some_and(|(known, _)| known.is_still(table));
        if !known {
            self.0.insert(index, (table.clone(), write_menu(store, index)));
        }
        &self.0[&index].1
    }
}

fn write_menu(store: &Store, index: MenuIndex) -> Vec<u8> {
    let (menu, table) = (store.schema.menu(index), store.table(index));
    let items = table.iter().filter(|item| !item.dynamic);
    let items = items.map(|item| SavedItem {
        id: item.id,
        values: item
            .values()
            .iter()
            .filter_map(|(field, value)| {
                Some((menu.fields[usize::from(*field)].name.to_string(), to_json(value, &store.schema)?))
            })
            .collect(),
    });
    let saved = SavedMenu { path: menu.path.to_string(), next_id: table.next_id, items: items.collect() };
    serde_json::to_vec(&saved).expect("strings and numbers are always JSON")
}

fn write(store: &Store, password: &str, written: &mut Written) -> Vec<u8> {
    // release and password are digits: no character of theirs needs an escape
    let mut text =
        format!(r#"{{"format":1,"release":"{}","password":"{password}","menus":["#, store.schema.release).into_bytes();
    let menus = store.schema.menus().filter(|(_, menu)| !PASSING.contains(&&*menu.path));
    for (count, (index, _)) in menus.enumerate() {
        if count > 0 {
            text.push(b',');
        }
        text.extend_from_slice(written.menu(store, index));
    }
    text.extend_from_slice(b"]}");
    text
}

/// The store with all that stands in the saved one; menus and properties that this release lacks are left out.
fn read(store: &Store, text: &[u8], password: Option<&str>) -> Result<Store, StateError> {
    let saved: Saved = serde_json::from_slice(text)?;
    if saved.format != 1 {
        return Err(StateError::Format(saved.format));
    }
    let own = store.schema.release;
    if let Some(kept) = saved.release.filter(|kept| *kept != own.to_string()) {
        return Err(StateError::Release { kept, own });
    }
    if password.is_some_and(|password| password != saved.password) {
        return Err(StateError::Password);
    }
    let mut store = store.clone();
    let schema = std::sync::Arc::clone(&store.schema);
    for menu in saved.menus {
        let Some(index) = schema.find(&menu.path) else { continue };
        let mut table = Table::new();
        table.next_id = menu.next_id;
        store.swap_table(index, table);
        for item in menu.items {
            let mut read = Item::new(item.id, false);
            for (name, value) in item.values {
                if let (Some(field), Some(value)) = (schema.menu(index).field(&name), from_json(&value, &schema)) {
                    read.set(field, value);
                }
            }
            store.insert(index, read, None);
        }
        store.table_mut(index).next_id = store.table(index).next_id.max(menu.next_id);
    }
    Ok(store)
}

fn to_json(value: &Value, schema: &Schema) -> Option<Json> {
    Some(match value {
        Value::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Json::from(text),
            Err(_) => serde_json::json!({ "hex": hex(bytes) }),
        },
        Value::Reference(menu, id) => serde_json::json!({ "menu": schema.menu(*menu).path, "id": id }),
        Value::List(values) => Json::Array(values.iter().filter_map(|value| to_json(value, schema)).collect()),
        Value::Not(value) => serde_json::json!({ "not": to_json(value, schema)? }),
        Value::Live(_) => return None,
    })
}

fn from_json(json: &Json, schema: &Schema) -> Option<Value> {
    Some(match json {
        Json::String(text) => Value::text(text),
        Json::Array(values) => Value::List(values.iter().filter_map(|value| from_json(value, schema)).collect()),
        Json::Object(object) => {
            if let Some(text) = object.get("hex").and_then(Json::as_str) {
                let digit = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
                return (0..text.len()).step_by(2).map(digit).collect::<Option<Vec<u8>>>().map(Value::text);
            }
            if let Some(value) = object.get("not") {
                return from_json(value, schema).map(|value| Value::Not(value.into()));
            }
            let menu: MenuIndex = schema.find(object.get("menu")?.as_str()?)?;
            Value::Reference(menu, u32::try_from(object.get("id")?.as_u64()?).ok()?)
        }
        _ => return None,
    })
}

/// Puts a state file into the router, if there is one.
pub(crate) fn load(router: &mut Router, path: &Path) -> io::Result<()> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(named(path, &error)),
    };
    router.store = read(&router.store, &text, None).map_err(|error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("could not read the state in `{}`: {error}", path.display()))
    })?;
    Ok(())
}

/// Writes one state file: whoever comes late with an older state leaves the newer one alone.
#[derive(Debug)]
pub(crate) struct Keeper {
    path: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The changes that the file holds, when it was written by this keeper.
    changes: Option<u64>,
    written: Written,
}

impl Keeper {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, kept: Mutex::default() }
    }

    /// Writes the store as it was after so many changes. An error names the file.
    pub(crate) fn save(&self, store: &Store, changes: u64) -> io::Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.changes.is_some_and(|kept| kept >= changes) {
            return Ok(());
        }
        let text = write(store, "", &mut kept.written);
        save(&text, &self.path).map_err(|error| {
            io::Error::new(error.kind(), format!("could not write the state to `{}`: {error}", self.path.display()))
        })?;
        kept.changes = Some(changes);
        Ok(())
    }
}

/// Writes the state so that an end of the process, however sudden, leaves either the old file or the new one. A power cut
/// of the machine is not provided for: waiting for the disk would make writes late.
fn save(text: &[u8], path: &Path) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let mut options = fs::File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text)?;
    fs::rename(&draft, path)
}

/// How long a change may wait for others before the state file is written.
const FLOCK: Duration = Duration::from_millis(20);

/// Writes the state file soon after each change.
pub(crate) async fn keep(shared: Arc<Shared>, keeper: Arc<Keeper>) {
    let mut revisions = shared.lock().revisions();
    let mut kept = None;
    loop {
        let (changes, store) = {
            let router = shared.lock();
            (router.changes, (kept != Some(router.changes)).then(|| router.store.clone()))
        };
        if let Some(store) = store {
            kept = Some(changes);
            let keeper = Arc::clone(&keeper);
            let written = tokio::task::spawn_blocking(move || keeper.save(&store, changes)).await;
            if let Ok(Err(error)) = written {
                eprintln!("routeros-sim: {error}");
            }
        }
        if revisions.changed().await.is_err() {
            return;
        }
        // changes come in flocks
        tokio::time::sleep(FLOCK).await;
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("could not read the state in `{}`: {error}", path.display()))
}

/// The contents of a backup. They are not encrypted: only the password is asked for again.
pub(crate) fn backup(router: &Router, password: &[u8]) -> Vec<u8> {
    write(&router.store, &hex(&Sha256::digest(password)), &mut Written::default())
}

/// The store as a backup holds it.
pub(crate) fn from_backup(router: &Router, text: &[u8], password: &[u8]) -> Result<Store, StateError> {
    read(&router.store, text, Some(&hex(&Sha256::digest(password))))
}
