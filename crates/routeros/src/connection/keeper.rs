//! Watches the line: asks a silent router for a word, and frees what a router never ended.

use std::sync::atomic::Ordering;

use tokio::time::{Instant, sleep_until};

use super::board::Board;
use crate::command::Command;
use crate::error::CloseReason;

/// Returns when the router has been silent for too long.
pub(crate) async fn keep(board: &Board) -> CloseReason {
    let mut asked_at: Option<Instant> = None;
    loop {
        board.forget_overdue();
        let now = Instant::now();
        let heard = if board.stalled.load(Ordering::Relaxed) { now } else { board.last_heard() };
        let due = board.options.keep_alive.map(|patience| match asked_at.filter(|asked_at| heard <= *asked_at) {
            Some(asked_at) => {
                // measured from the last byte, not from the last command: new ones do not keep a dead line
                let silence = (patience * 2).max(board.longest_in_flight() + patience);
                ((asked_at + patience).max(heard + silence), Some(CloseReason::Silent(silence)))
            }
            None => (heard + patience, None),
        });
        match due {
            Some((at, Some(silent))) if at <= now => return silent,
            Some((at, None)) if at <= now => {
                asked_at = Some(now);
                // any answer proves the line, a refusal too
                let question = Command::new("/system/identity/print").proplist(&["name"]);
                let _ = board.enter(&question, None, None);
                continue;
            }
            _ => {}
        }
        let until = [board.next_overdue(), due.map(|(at, _)| at)].into_iter().flatten().min();
        tokio::select! {
            () = sleep_until(until.unwrap_or(now)), if until.is_some() => {}
            () = board.abandoned.notified() => {}
        }
    }
}
