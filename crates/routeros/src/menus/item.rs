//! Items of a menu, all at once or as they come.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::command::Command;
use crate::connection::{Connection, Rows};
use crate::error::CommandError;
use crate::row::Row;

/// What a row of some menu is.
pub trait Item: Sized {
    /// Reads a row.
    fn from_row(row: &Row) -> Result<Self, CommandError>;
}

/// Items as they come: see [`Rows`].
pub struct Items<I> {
    rows: Rows,
    item: PhantomData<fn() -> I>,
}

impl<I: Item> Items<I> {
    pub(crate) fn of(rows: Rows) -> Self {
        Self { rows, item: PhantomData }
    }

    /// The next item.
    pub async fn next(&mut self) -> Option<Result<I, CommandError>> {
        Some(self.rows.next().await?.and_then(|row| I::from_row(&row)))
    }
}

impl<I: Item> Stream for Items<I> {
    type Item = Result<I, CommandError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = Pin::new(&mut self.rows).poll_next(context);
        row.map(|row| row.map(|row| row.and_then(|row| I::from_row(&row))))
    }
}

/// All items of a short list.
pub(crate) async fn read_all<I: Item>(connection: &Connection, print: Command) -> Result<Vec<I>, CommandError> {
    connection.rows(print).await?.iter().map(I::from_row).collect()
}

/// How many items a menu has. Cost: one row, however many there are.
pub(crate) async fn count(connection: &Connection, menu: &str) -> Result<u64, CommandError> {
    let print = Command::new(&format!("{menu}/print")).flag("count-only");
    let command = print.path().to_owned();
    let counted = connection.call(print).await?.ret;
    counted
        .and_then(|text| text.as_str().parse().ok())
        .ok_or_else(|| CommandError::Unreadable { command, property: "ret".to_owned() })
}

/// The one item of a menu that has one.
pub(crate) async fn read_one<I: Item>(connection: &Connection, print: Command) -> Result<I, CommandError> {
    let command = print.path().to_owned();
    match connection.rows(print).await?.first() {
        Some(row) => I::from_row(row),
        None => Err(CommandError::Unreadable { command, property: "anything".to_owned() }),
    }
}
