//! The newest lines of a router's log, followed while somebody looks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::router::RouterLogLine;
use routeros::Connection;
use routeros::menus::LogLine;

/// Lines that are kept; RouterOS itself keeps a thousand.
const KEPT: usize = 1_000;
/// Nobody looks any more.
const UNSEEN: Duration = Duration::from_secs(20);

/// Follows the log from the first look on, until nobody has looked for a while.
#[derive(Default)]
pub(crate) struct LogTail(Arc<Mutex<Tail>>);

#[derive(Default)]
struct Tail {
    lines: VecDeque<RouterLogLine>,
    looked_at: Option<Instant>,
    follows: bool,
}

fn lock(tail: &Mutex<Tail>) -> std::sync::MutexGuard<'_, Tail> {
    tail.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LogTail {
    /// The newest lines, the oldest of them first.
    pub(crate) async fn newest(
        &self,
        connection: &Connection,
        at_most: usize,
    ) -> Result<Vec<RouterLogLine>, routeros::CommandError> {
        let begins = {
            let mut tail = lock(&self.0);
            tail.looked_at = Some(Instant::now());
            !std::mem::replace(&mut tail.follows, true)
        };
        if begins && let Err(error) = self.follow(connection).await {
            lock(&self.0).follows = false;
            return Err(error);
        }
        let tail = lock(&self.0);
        let skipped = tail.lines.len().saturating_sub(at_most);
        Ok(tail.lines.iter().skip(skipped).cloned().collect())
    }

    /// Reads what is there, and goes on with what comes. The listening begins first, so that no line is missed between.
    async fn follow(&self, connection: &Connection) -> Result<(), routeros::CommandError> {
        let mut news = LogLine::listen(connection);
        let there = LogLine::read_last(connection, KEPT).await?;
        {
            let mut tail = lock(&self.0);
            tail.lines = there.iter().map(line).collect();
        }
        let tail = self.0.clone();
        tokio::spawn(async move {
            loop {
                let next = tokio::time::timeout(UNSEEN, news.next()).await;
                let mut tail = lock(&tail);
                let unseen = tail.looked_at.is_none_or(|at| at.elapsed() > UNSEEN);
                match next {
                    Ok(Some(Ok(came))) => {
                        if !tail.lines.iter().any(|known| known.id == came.id.to_string()) {
                            tail.lines.push_back(line(&came));
                        }
                        while tail.lines.len() > KEPT {
                            tail.lines.pop_front();
                        }
                    }
                    Err(_) if !unseen => {}
                    // the line broke, or nobody looks: the next look begins anew
                    _ => {
                        tail.follows = false;
                        return;
                    }
                }
                if unseen {
                    tail.follows = false;
                    return;
                }
            }
        });
        Ok(())
    }
}

fn line(line: &LogLine) -> RouterLogLine {
    RouterLogLine {
        id: line.id.to_string(),
        time: line.time.to_string(),
        topics: line.topics.to_string(),
        message: line.message.to_string(),
    }
}
