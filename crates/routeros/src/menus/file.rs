//! `/file`: fetching what a router wrote.

use std::time::Duration;

use tokio::time::sleep;

use super::table::Table;
use crate::command::Command;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::query::Query;
use crate::release::Release;
use crate::trap::Refusal;

/// The most that `/file/read` gives at once, in bytes: RouterOS 7.13.
const PIECE: usize = 32_768;
/// A file that was just written cannot be read for a moment: how often it is looked at, and how long between.
const LOOKS: u32 = 25;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

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
    let export = Command::new("/export").arg("file", name);
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

/// The router's whole configuration as a script. It is written to a file on the router, fetched, and removed again: also
/// when fetching fails, and when the caller goes away meanwhile.
pub async fn export(connection: &Connection, secrets: Secrets) -> Result<Vec<u8>, CommandError> {
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
        let removed = remove(&connection, &file).await;
        content.and_then(|content| removed.map(|()| content))
    });
    exporting.await.unwrap_or_else(|_| Err(CommandError::Cancelled { command: "/export".to_owned() }))
}

/// The content of a file on the router: in pieces from RouterOS 7.13; before, what `print` gives, about 60 KB at most.
pub async fn fetch(connection: &Connection, name: &str) -> Result<Vec<u8>, CommandError> {
    let mut looks = 0;
    let (size, contents) = loop {
        let rows = connection.rows(find_command(name)).await?;
        let row = rows.first();
        let size = row.and_then(|row| row.number("size")).and_then(|size| usize::try_from(size).ok());
        if let Some(size) = size.filter(|size| *size > 0) {
            break (size, row.and_then(|row| row.get("contents")));
        }
        looks += 1;
        if looks == LOOKS {
            return Err(unreadable(name));
        }
        sleep(BETWEEN_LOOKS).await;
    };
    if !Table::get().has_argument("/file/read", "offset", connection.release()) {
        return match contents {
            Some(contents) if contents.bytes().len() == size => Ok(contents.bytes().to_vec()),
            _ => Err(CommandError::TooLarge {
                command: find_command(name).path().to_owned(),
                limit: 60_000,
                unit: "bytes",
            }),
        };
    }
    let mut content = Vec::new();
    while content.len() < size {
        let piece = match read_piece(connection, name, content.len()).await {
            // listed already, and not readable yet
            Err(error) if is_not_ready(&error) && content.is_empty() && looks < LOOKS => {
                looks += 1;
                sleep(BETWEEN_LOOKS).await;
                continue;
            }
            piece => piece?,
        };
        if piece.is_empty() {
            return Err(unreadable(name));
        }
        content.extend_from_slice(&piece);
    }
    Ok(content)
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
