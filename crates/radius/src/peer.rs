//! Whom to ask, and for how long.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A text that nobody may read by accident: `Debug` masks it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn octets(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a server or a router listens, and what is shared with it.
#[derive(Debug, Clone)]
pub struct Peer {
    pub address: SocketAddr,
    pub secret: Secret,
    pub timing: Timing,
    /// The address of this computer to send from, or whichever the system chooses. A router obeys only the RADIUS
    /// servers that it knows by address, and a server knows its routers by theirs.
    pub source: Option<IpAddr>,
}

impl Peer {
    /// A peer asked with the usual timing, from whichever address the system chooses.
    pub fn new(address: SocketAddr, secret: Secret) -> Self {
        Self { address, secret, timing: Timing::default(), source: None }
    }
}

/// How often and how long to ask. Every try sends the same octets, so the peer recognises it as the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long the first try waits; each one after it waits twice as long, but none above 16 seconds.
    pub first_wait: Duration,
    /// At least one is made.
    pub tries: u32,
}

impl Default for Timing {
    /// Three tries, which give up after seven seconds.
    fn default() -> Self {
        Self { first_wait: Duration::from_secs(1), tries: 3 }
    }
}

impl Timing {
    /// No try waits longer (MRT of RFC 5080 section 2.2.1).
    const LONGEST_WAIT: Duration = Duration::from_secs(16);

    /// How long each try waits, before jitter.
    pub(crate) fn waits(self) -> impl Iterator<Item = Duration> {
        let longer = |wait: &Duration| Some(wait.saturating_mul(2).min(Self::LONGEST_WAIT));
        let tries = usize::try_from(self.tries.max(1)).unwrap_or(usize::MAX);
        std::iter::successors(Some(self.first_wait.min(Self::LONGEST_WAIT)), longer).take(tries)
    }

    /// When at the latest an unanswered request has given up, with the most that chance adds (a tenth).
    pub fn longest(self) -> Duration {
        let mut total = Duration::ZERO;
        for wait in self.waits() {
            total = total.saturating_add(wait.saturating_add(wait / 10));
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let peer = Peer::new("127.0.0.1:1812".parse().unwrap(), Secret::new("xyzzy5461"));
        let shown = format!("{peer:?} {peer:#?}");
        assert!(!shown.contains("xyzzy") && shown.contains("127.0.0.1:1812"), "{shown}");
    }

    #[test]
    fn waits_double_up_to_a_limit() {
        let seconds = |timing: Timing| timing.waits().map(|wait| wait.as_secs()).collect::<Vec<_>>();
        assert_eq!(seconds(Timing::default()), [1, 2, 4]);
        assert_eq!(Timing::default().longest(), Duration::from_millis(7_700));
        assert_eq!(seconds(Timing { first_wait: Duration::from_secs(3), tries: 5 }), [3, 6, 12, 16, 16]);
        assert_eq!(seconds(Timing { first_wait: Duration::MAX, tries: 0 }), [16]);
    }
}
