//! `/log`: what the router wrote down. It keeps the last thousand lines unless told otherwise.

use super::item::{Items, read_all};
use super::property::menu;
use crate::command::Command;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::text::Text;
use crate::value::Id;

menu! {
    /// `/log`: a line of the log.
    pub struct LogLine of "/log" {
        /// Which line.
        id: Id = ".id",
        /// In the router's time zone and in a form that varies: see [`value::date_time`](crate::value::date_time).
        time: Text = "time",
        /// Such as `system,error,critical`.
        topics: Text = "topics",
        /// What happened.
        message: Text = "message",
    }
}

impl LogLine {
    /// The last so many lines, the oldest of them first. The router has no way to ask for fewer than all.
    pub async fn read_last(connection: &Connection, count: usize) -> Result<Vec<Self>, CommandError> {
        let mut lines: Vec<Self> = read_all(connection, Self::print()).await?;
        lines.drain(..lines.len().saturating_sub(count));
        Ok(lines)
    }

    /// The command that tells of lines to come.
    pub fn listen_command() -> Command {
        Command::new("/log/listen").proplist(Self::PROPERTIES)
    }

    /// Lines as they are written, until the stream is dropped.
    pub fn listen(connection: &Connection) -> Items<Self> {
        Items::of(connection.listen(Self::listen_command()))
    }
}
