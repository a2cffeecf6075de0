//! `/file`: fetching what a router wrote.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::table::Table;
use crate::command::Command;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::query::Query;
use crate::release::Release;
use crate::text::Text;
use crate::trap::Refusal;

/// The most that `/file/read` gives at once, in bytes: RouterOS 7.13.
const PIECE: usize = 32_768;
/// A file that was just written cannot be read for a moment: how often it is looked at, and how long between.
const LOOKS: u32 = 25;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// How long a file that keeps growing is waited for.
const GROWING: Duration = Duration::from_mins(3);
/// A small board with a large configuration takes minutes to write it, without a word meanwhile.
const EXPORTING: Duration = Duration::from_mins(3);

/// What an export is to contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// Passwords and keys too, where the user may see them.
    Shown,
    /// No passwords and keys.
    Hidden,
}

/// The command that writes the configuration into `NAME.rsc` on this release: 7.x hides secrets unless told to show them,
/// 6.x shows them unless told to hide them.
pub fn export_command(name: &str, secrets: Secrets, release: Option<Release>) -> Command {
    let export = Command::new("/export").arg("file", name).deadline(EXPORTING);
    let hides_by_itself = release.is_none_or(|release| release.is_at_least(7, 0));
    match secrets {
        Secrets::Shown if hides_by_itself => export.flag("show-sensitive"),
        Secrets::Hidden if !hides_by_itself => export.flag("hide-sensitive"),
        _ => export,
    }
}

/// The command that looks for a file.
pub fn find_command(name: &str) -> Command {
    Command::new("/file/print").proplist(&[".id", "size", "contents"]).query(Query::is("name", name))
}

/// The command that reads a piece of a file: RouterOS 7.13.
pub fn read_command(name: &str, offset: usize) -> Command {
    Command::new("/file/read").arg("file", name).arg("offset", offset).arg("chunk-size", PIECE)
}

/// The command that removes a file.
pub fn remove_command(id: crate::value::Id) -> Command {
    Command::new("/file/remove").id(id)
}

/// A configuration that was fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct Exported {
    /// The script.
    pub content: Vec<u8>,
    /// The name of the file that the router wrote it into.
    pub file: String,
    /// Why that file could not be removed: it still lies on the router.
    pub left: Option<CommandError>,
}

impl std::fmt::Debug for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // a configuration holds secrets
        write!(f, "Exported({}, {} bytes, left: {:?})", self.file, self.content.len(), self.left)
    }
}

/// The router's whole configuration as a script. It is written to a file on the router, fetched, and removed again: also
/// when fetching fails, and when the caller goes away meanwhile.
pub async fn export(connection: &Connection, secrets: Secrets) -> Result<Vec<u8>, CommandError> {
    export_and_tell(connection, secrets).await.map(|exported| exported.content)
}

/// As [`export`], and tells whether the file had to be left on the router.
pub async fn export_and_tell(connection: &Connection, secrets: Secrets) -> Result<Exported, CommandError> {
    let connection = connection.clone();
    // a task of its own, so that a dropped caller leaves no configuration lying on the router
    let exporting = tokio::spawn(async move {
        let name = format!("demarc-{:08x}", fastrand::u32(..));
        let file = format!("{name}.rsc");
        let export = export_command(&name, secrets, connection.release());
        let written = connection.call(export.clone()).await;
        let content = match written {
            Ok(_) => fetch(&connection, &file).await,
            Err(error) => Err(error),
        };
        // a refused or a lost export may have left a piece
        let left = remove(&connection, &file).await.err();
        content.map(|content| Exported { content, file, left })
    });
    exporting.await.unwrap_or_else(|_| Err(CommandError::Cancelled { command: "/export".to_owned() }))
}

/// What a look at a file shows.
#[derive(Default)]
struct Look {
    /// In bytes; None: the file is not there, or its size is not told as a number.
    size: Option<usize>,
    contents: Option<Text>,
}

async fn look(connection: &Connection, name: &str) -> Result<Look, CommandError> {
    let rows = connection.rows(find_command(name)).await?;
    let Some(row) = rows.first() else { return Ok(Look::default()) };
    let size = row.number("size").and_then(|size| usize::try_from(size).ok());
    Ok(Look { size, contents: row.get("contents") })
}

/// The content of a file on the router: in pieces from RouterOS 7.13; before, what `print` gives: 4,096 bytes on 6.x, about
/// 60,000 on 7.x. A file that is still being written is waited for: it is whole when two looks in a row show the same size
/// and all of it was read.
pub async fn fetch(connection: &Connection, name: &str) -> Result<Vec<u8>, CommandError> {
    let in_pieces = Table::get().has_argument("/file/read", "offset", connection.release());
    let give_up = Instant::now() + GROWING;
    let mut content = Vec::new();
    let mut before = None;
    let mut in_vain = 0;
    let mut refused = None;
    loop {
        let Look { size, contents } = look(connection, name).await?;
        let size = size.filter(|size| *size > 0);
        let settled = size.is_some() && size == before;
        if let Some(size) = size {
            // somebody writes it anew
            if size < content.len() {
                content.clear();
            }
            let had = content.len();
            if in_pieces {
                refused = read_on(connection, name, size, &mut content).await?;
            } else {
                content = contents.map(|contents| contents.bytes().to_vec()).unwrap_or_default();
            }
            if settled && content.len() == size {
                return Ok(content);
            }
            let limit = printed_at_most(connection.release());
            if settled && !in_pieces && size > limit && in_vain > LOOKS / 5 {
                let command = find_command(name).path().to_owned();
                return Err(CommandError::TooLarge { command, limit, unit: "bytes" });
            }
            // what grows is not waited for in vain
            if content.len() > had || size != before.unwrap_or(size) {
                in_vain = 0;
            }
        }
        before = size;
        in_vain += 1;
        if in_vain == LOOKS || Instant::now() >= give_up {
            return Err(refused.unwrap_or_else(|| unreadable(name)));
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// The most that `print` gives of a file where there is no `/file/read`, in bytes.
fn printed_at_most(release: Option<Release>) -> usize {
    if release.is_none_or(|release| release.is_at_least(7, 0)) { 60_000 } else { 4_096 }
}

/// Reads what is there beyond what was read, up to this size: less if the router does not give it yet, with the refusal
/// that may be passing.
async fn read_on(
    connection: &Connection,
    name: &str,
    size: usize,
    content: &mut Vec<u8>,
) -> Result<Option<CommandError>, CommandError> {
    while content.len() < size {
        match read_piece(connection, name, content.len()).await {
            Ok(piece) if piece.is_empty() => break,
            Ok(piece) => content.extend_from_slice(&piece),
            // listed already, and not readable yet
            Err(error) if is_not_ready(&error) => return Ok(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Whether a refusal may be that the file is still being written. Those whose words we know mean something else.
fn is_not_ready(error: &CommandError) -> bool {
    error.refusal() == Some(Refusal::Other)
}

/// A piece comes as the property `data` of a row; `ret` is taken too, as every other command that gives one value has it.
async fn read_piece(connection: &Connection, name: &str, offset: usize) -> Result<Vec<u8>, CommandError> {
    let mut rows = connection.stream(read_command(name, offset));
    let mut piece = Vec::new();
    while let Some(row) = rows.next().await {
        if let Some(data) = row?.get("data") {
            piece.extend_from_slice(data.bytes());
        }
    }
    if piece.is_empty()
        && let Some(ret) = rows.done().and_then(|done| done.ret.as_ref())
    {
        piece.extend_from_slice(ret.bytes());
    }
    Ok(piece)
}

/// Removes a file, if it is there.
async fn remove(connection: &Connection, name: &str) -> Result<(), CommandError> {
    let rows = connection.rows(find_command(name)).await?;
    match rows.first().and_then(crate::row::Row::id) {
        Some(id) => connection.call(remove_command(id)).await.map(drop),
        None => Ok(()),
    }
}

fn unreadable(name: &str) -> CommandError {
    CommandError::Unreadable { command: "/file/print".to_owned(), property: format!("the content of {name}") }
}
