//! How patient a connection is, and what it may take.

use std::time::Duration;

use crate::code_page::CodePage;

/// Deadlines and limits of one connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// For finding the address and for the TCP and TLS handshakes, each.
    pub connect: Duration,
    /// For the log-in; a router that asks a RADIUS server takes its time.
    pub log_in: Duration,
    /// For one command, from its turn on the line to its `!done`. In a stream it is the longest silence before the next
    /// row, since nobody knows how long a list is. A command may bring its own.
    pub command: Duration,
    /// How many commands the router works on at once. Real ones take 120 to 220 quick requests before they slow down,
    /// shared by all connections.
    pub in_flight: usize,
    /// The largest word that is read or written, in bytes; a sentence may have four times that. A larger one ends the
    /// connection.
    pub largest_word: usize,
    /// How texts are read that are not UTF-8.
    pub code_page: CodePage,
    /// After this long without a byte the router is asked for one; after twice as long the line is given up, or so long
    /// after the longest deadline in flight: a router may be too busy to speak. None: never.
    pub keep_alive: Option<Duration>,
    /// How long other commands of the connection wait at most for a stream that is not read, and never longer than half of
    /// their deadline; then it is cancelled. A stream that has the connection for itself, or shares it with those who
    /// listen, may be read as slowly as one likes.
    pub patience: Duration,
    /// The most rows that [`Connection::rows`](crate::Connection::rows) collects.
    pub short_list: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            log_in: Duration::from_secs(15),
            command: Duration::from_secs(30),
            in_flight: 64,
            largest_word: 4 << 20,
            code_page: CodePage::default(),
            keep_alive: Some(Duration::from_secs(20)),
            patience: Duration::from_secs(5),
            short_list: 10_000,
        }
    }
}
