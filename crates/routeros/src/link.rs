//! A router that is to stay connected.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::address::{Address, LogIn, Security};
use crate::connect::ConnectError;
use crate::connection::Connection;
use crate::error::CloseReason;
use crate::options::Options;

/// How long is waited between tries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackOff {
    /// After the first failure. It doubles with each that follows.
    pub first: Duration,
    /// At most, before the jitter.
    pub most: Duration,
    /// Which part of the wait is left to chance, up and down: routers that were lost together do not come back all at once.
    pub jitter: f64,
}

impl Default for BackOff {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_mins(1), jitter: 0.2 }
    }
}

impl BackOff {
    /// The wait after so many failures in a row; `chance` is from 0 to 1.
    pub fn wait(&self, failures: u32, chance: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.saturating_sub(1).min(20)).min(self.most);
        let jitter = self.jitter.clamp(0.0, 1.0);
        doubled.mul_f64(1.0 - jitter + 2.0 * jitter * chance.clamp(0.0, 1.0))
    }
}

/// Why a router is not connected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Down {
    /// The last try failed.
    #[error("{0}")]
    NotConnected(ConnectError),
    /// It was connected, and the connection ended.
    #[error("{0}")]
    Ended(CloseReason),
    /// Nothing has come of the tries yet, and the time that was given is over.
    #[error("no connection within {} seconds", .0.as_secs_f32())]
    Late(Duration),
}

impl Down {
    /// What to do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotConnected(error) => Some(error.hint()),
            Self::Ended(_) | Self::Late(_) => None,
        }
    }

    /// Whether trying again helps only when a person has changed something.
    fn needs_a_person(&self) -> bool {
        matches!(self, Self::NotConnected(error) if error.needs_a_person())
    }

    /// Whether it is tried again soon, and then less and less often.
    fn is_passing(&self) -> bool {
        match self {
            Self::NotConnected(error) => error.is_passing(),
            Self::Ended(_) | Self::Late(_) => true,
        }
    }
}

/// How a link stands.
#[derive(Debug, Clone)]
pub enum LinkState {
    /// The first try is not over.
    Never,
    /// It is connected.
    Up {
        /// Since when.
        since: Instant,
        /// The connection: for commands at once.
        connection: Connection,
    },
    /// It is not connected.
    Pending {
        /// When it is tried again. None: trying alone would not help (a wrong password, another certificate), so that
        /// somebody must call [`Link::retry_now`]. In the past: it is being tried. What may be a router that boots or is
        /// being set up is tried at the slow end of the back-off.
        next_try_at: Option<Instant>,
        /// Why.
        reason: Down,
    },
}

impl LinkState {
    fn connection(&self) -> Option<Connection> {
        match self {
            Self::Up { connection, .. } if !connection.is_closed() => Some(connection.clone()),
            _ => None,
        }
    }
}

/// Keeps one connection to one router, and connects again when it is lost. A dead router costs its own task and nothing
/// else. With the last clone of it the tries stop.
#[derive(Clone)]
pub struct Link(Arc<Inner>);

/// After a refusal that needs a person, whoever asks for the connection is told that refusal for so long.
const REFUSED: Duration = Duration::from_secs(10);

/// When the last try was refused in a way that needs a person; None also from when another try is asked for.
type RefusedAt = Arc<Mutex<Option<Instant>>>;

struct Inner {
    state: watch::Sender<LinkState>,
    refused_at: RefusedAt,
    retries: watch::Sender<u64>,
    task: AbortHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.task.abort();
        // whoever still watches must not keep the connection open by that
        self.state.send_replace(LinkState::Pending { next_try_at: None, reason: Down::Ended(CloseReason::ByUs) });
    }
}

impl Link {
    /// Begins to connect, with the usual waits between tries.
    pub fn new(address: Address, security: Security, log_in: LogIn, options: Options) -> Self {
        Self::with_back_off(address, security, log_in, options, BackOff::default())
    }

    /// Begins to connect.
    pub fn with_back_off(
        address: Address,
        security: Security,
        log_in: LogIn,
        options: Options,
        back_off: BackOff,
    ) -> Self {
        let state = watch::Sender::new(LinkState::Never);
        let (retries, asked) = watch::channel(0);
        let target = Target { address, security, log_in, options };
        let refused_at = RefusedAt::default();
        let task = tokio::spawn(keep_up(target, back_off, state.clone(), asked, Arc::clone(&refused_at)));
        Self(Arc::new(Inner { state, refused_at, retries, task: task.abort_handle() }))
    }

    /// How it stands, now and from now on.
    pub fn state(&self) -> watch::Receiver<LinkState> {
        self.0.state.subscribe()
    }

    /// Tries again at once, if it is not connected.
    pub fn retry_now(&self) {
        // whoever asks for the connection now waits for this try
        *lock(&self.0.refused_at) = None;
        self.0.retries.send_modify(|count| *count += 1);
    }

    /// The connection. If there is none it is tried at once, and the outcome of that try is the answer, unless it takes
    /// longer than the deadline. A wrong password or another certificate is the answer for ten seconds without another
    /// try: asking again and again is no reason to fill the router's log, nor to be locked out.
    pub async fn connection(&self, deadline: Duration) -> Result<Connection, Down> {
        let mut state = self.state();
        {
            let now = state.borrow_and_update();
            if let Some(connection) = now.connection() {
                return Ok(connection);
            }
            if let LinkState::Pending { reason, .. } = &*now {
                let refused_at = *lock(&self.0.refused_at);
                if refused_at.is_some_and(|at| at.elapsed() < REFUSED) {
                    return Err(reason.clone());
                }
                self.retry_now();
            }
        }
        let outcome = async {
            while state.changed().await.is_ok() {
                let now = state.borrow_and_update();
                if let Some(connection) = now.connection() {
                    return Some(Ok(connection));
                }
                if let LinkState::Pending { reason, .. } = &*now {
                    // a connection that has just ended is no answer: it is tried again
                    if matches!(reason, Down::Ended(_)) {
                        self.retry_now();
                    } else {
                        return Some(Err(reason.clone()));
                    }
                }
            }
            None
        };
        timeout(deadline, outcome).await.ok().flatten().unwrap_or(Err(Down::Late(deadline)))
    }
}

struct Target {
    address: Address,
    security: Security,
    log_in: LogIn,
    options: Options,
}

fn lock(refused_at: &RefusedAt) -> MutexGuard<'_, Option<Instant>> {
    refused_at.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn keep_up(
    target: Target,
    back_off: BackOff,
    state: watch::Sender<LinkState>,
    mut asked: watch::Receiver<u64>,
    refused_at: RefusedAt,
) {
    let mut failures = 0_u32;
    loop {
        let Target { address, security, log_in, options } = &target;
        let reason = match Connection::open(address, security, log_in, options).await {
            Ok(connection) => {
                let since = Instant::now();
                state.send_replace(LinkState::Up { since, connection: connection.clone() });
                let reason = connection.closed().await;
                // one that falls again and again is not tried every second
                if since.elapsed() >= back_off.most {
                    failures = 0;
                }
                Down::Ended(reason)
            }
            Err(error) => Down::NotConnected(error),
        };
        failures = failures.saturating_add(1);
        let refused = reason.needs_a_person();
        // a wait after very many failures is the slow end
        let slowness = if reason.is_passing() { failures } else { u32::MAX };
        let next_try_at = (!refused).then(|| Instant::now() + back_off.wait(slowness, fastrand::f64()));
        asked.mark_unchanged();
        *lock(&refused_at) = refused.then(Instant::now);
        state.send_replace(LinkState::Pending { next_try_at, reason });
        tokio::select! {
            () = sleep_until(next_try_at.unwrap_or_else(Instant::now)), if next_try_at.is_some() => {}
            asked = asked.changed() => if asked.is_err() { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_leave_something_to_chance() {
        let back_off = BackOff::default();
        let middle: Vec<u64> = (1..=8).map(|failures| back_off.wait(failures, 0.5).as_secs()).collect();
        assert_eq!(middle, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(back_off.wait(1, 0.0), Duration::from_millis(800));
        assert_eq!(back_off.wait(7, 1.0), Duration::from_secs(72));
        assert_eq!(back_off.wait(u32::MAX, 0.5), Duration::from_mins(1));
    }
}
