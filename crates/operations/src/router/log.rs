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
pub(crate) struct LogTail {
    tail: Arc<Mutex<Tail>>,
    /// One begins at a time; whoever comes meanwhile waits for what it reads.
    beginning: tokio::sync::Mutex<()>,
}

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
        let _one = self.beginning.lock().await;
        lock(&self.tail).looked_at = Some(Instant::now());
        if !lock(&self.tail).follows {
            self.follow(connection).await?;
        }
        let tail = lock(&self.tail);
        let skipped = tail.lines.len().saturating_sub(at_most);
        Ok(tail.lines.iter().skip(skipped).cloned().collect())
    }

    /// Reads what is there, and goes on with what comes. The listening begins first, so that no line is missed between.
    async fn follow(&self, connection: &Connection) -> Result<(), routeros::CommandError> {
        let mut news = LogLine::listen(connection);
        let there = LogLine::read_last(connection, KEPT).await?;
        {
            let mut tail = lock(&self.tail);
            tail.lines = there.iter().map(line).collect();
            tail.follows = true;
        }
        let tail = self.tail.clone();
        tokio::spawn(async move {
            loop {
                let next = tokio::time::timeout(UNSEEN, news.next()).await;
                let mut tail = lock(&tail);
                match next {
                    Ok(Some(Ok(came))) => {
                        let came = line(&came);
                        if !tail.lines.iter().rev().any(|known| known.id == came.id) {
                            tail.lines.push_back(came);
                        }
                        while tail.lines.len() > KEPT {
                            tail.lines.pop_front();
                        }
                    }
                    Err(_) => {}
                    // the line broke: the next look begins anew
                    Ok(_) => tail.looked_at = None,
                }
                if tail.looked_at.is_none_or(|at| at.elapsed() > UNSEEN) {
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
