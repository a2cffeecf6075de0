//! Bits per second, from two looks at counters.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Seconds between two looks from which a rate can be told.
const TOO_SOON: f64 = 0.05;

/// The counters of a router's interfaces when they were last looked at.
#[derive(Default)]
pub(crate) struct Rates(Mutex<HashMap<String, (Instant, i64, i64)>>);

impl Rates {
    /// The rates of an interface since the look before, received and sent; none at the first look, or when its counters
    /// began anew.
    pub(crate) fn since(&self, interface: &str, rx_bytes: i64, tx_bytes: i64, now: Instant) -> Option<(i64, i64)> {
        let mut before = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((then, rx, tx)) = before.get(interface).copied() else {
            before.insert(interface.to_owned(), (now, rx_bytes, tx_bytes));
            return None;
        };
        let seconds = now.duration_since(then).as_secs_f64();
        if seconds < TOO_SOON {
            return None;
        }
        before.insert(interface.to_owned(), (now, rx_bytes, tx_bytes));
        if rx_bytes < rx || tx_bytes < tx {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a rate is an estimate")]
        let rate = |bytes: i64| (bytes as f64 * 8.0 / seconds) as i64;
        Some((rate(rx_bytes - rx), rate(tx_bytes - tx)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_rate_is_what_was_counted_between_two_looks() {
        let rates = Rates::default();
        let start = Instant::now();
        assert_eq!(rates.since("ether1", 1_000, 0, start), None);
        assert_eq!(
            rates.since("ether1", 1_001_000, 500_000, start + Duration::from_secs(2)),
            Some((4_000_000, 2_000_000))
        );
    }

    #[test]
    fn two_looks_at_once_are_one() {
        let rates = Rates::default();
        let start = Instant::now();
        rates.since("ether1", 0, 0, start);
        assert_eq!(rates.since("ether1", 10, 0, start + Duration::from_millis(10)), None);
        assert_eq!(rates.since("ether1", 1_000, 0, start + Duration::from_secs(1)), Some((8_000, 0)));
    }

    #[test]
    fn a_router_that_restarted_has_no_rate_at_first() {
        let rates = Rates::default();
        let start = Instant::now();
        rates.since("ether1", 1_000, 1_000, start);
        assert_eq!(rates.since("ether1", 10, 10, start + Duration::from_secs(2)), None);
    }
}
