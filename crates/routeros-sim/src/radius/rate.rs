//! `Mikrotik-Rate-Limit`, which is also the `rate-limit` of profiles.

use std::fmt;

/// Two numbers seen from the router: what it receives from the subscriber, and what it sends to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pair {
    /// Upload: bits per second, or seconds of a burst.
    pub rx: u64,
    /// Download.
    pub tx: u64,
}

impl fmt::Display for Pair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.rx, self.tx)
    }
}

/// A rate limit: `rx/tx burst-rx/burst-tx threshold-rx/threshold-tx time-rx/time-tx priority min-rx/min-tx`, of which the
/// end may be missing. Rates are bits per second, bursts' times seconds; `k` and `M` are decimal, `G` likewise
/// (MikroTik's manual, page "RADIUS", Mikrotik-Rate-Limit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Bits per second; 0 is no limit.
    pub max_limit: Pair,
    /// Bits per second while a burst lasts.
    pub burst_limit: Pair,
    /// Bits per second below which a burst may begin.
    pub burst_threshold: Pair,
    /// Seconds.
    pub burst_time: Pair,
    /// 1 is the highest, 8 the lowest.
    pub priority: u64,
    /// Bits per second that are promised.
    pub limit_at: Pair,
}

impl RateLimit {
    /// Reads one; none if it is not written as the manual tells.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    fn read(text: &str) -> Result<Self, NoRate> {
        let mut words = text.split_ascii_whitespace();
        let max_limit = pair(words.next().ok_or(NoRate)?, rate)?;
        let burst_limit = words.next().map(|word| pair(word, rate)).transpose()?;
        let burst_threshold = words.next().map(|word| pair(word, rate)).transpose()?;
        let burst_time = words.next().map(|word| pair(word, seconds)).transpose()?;
        let priority = match words.next() {
            Some(word) => word.parse().ok().filter(|priority| (1..=8).contains(priority)).ok_or(NoRate)?,
            None => 8,
        };
        let limit_at = words.next().map(|word| pair(word, rate)).transpose()?;
        if words.next().is_some() {
            return Err(NoRate);
        }
        let bursts = burst_limit.is_some_and(|limit| limit != Pair::default());
        Ok(Self {
            max_limit,
            burst_limit: burst_limit.unwrap_or_default(),
            burst_threshold: burst_threshold.unwrap_or(if bursts { max_limit } else { Pair::default() }),
            burst_time: burst_time.unwrap_or(if bursts { Pair { rx: 1, tx: 1 } } else { Pair::default() }),
            priority,
            limit_at: limit_at.unwrap_or(max_limit),
        })
    }

    /// Without bursts: from WISPr's or Ascend's attributes, bits per second.
    pub fn plain(max_limit: Pair, limit_at: Option<Pair>) -> Self {
        Self {
            max_limit,
            burst_limit: Pair::default(),
            burst_threshold: Pair::default(),
            burst_time: Pair::default(),
            priority: 8,
            limit_at: limit_at.unwrap_or(max_limit),
        }
    }
}

/// One number counts for both directions.
fn pair(word: &str, number: impl Fn(&str) -> Option<u64>) -> Result<Pair, NoRate> {
    let (rx, tx) = word.split_once('/').unwrap_or((word, word));
    Ok(Pair { rx: number(rx).ok_or(NoRate)?, tx: number(tx).ok_or(NoRate)? })
}

struct NoRate;

fn rate(word: &str) -> Option<u64> {
    let (digits, unit) = match word.as_bytes().last()? {
        b'k' | b'K' => (&word[..word.len() - 1], 1_000),
        b'm' | b'M' => (&word[..word.len() - 1], 1_000_000),
        b'g' | b'G' => (&word[..word.len() - 1], 1_000_000_000),
        _ => (word, 1),
    };
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok()?.checked_mul(unit)).flatten()
}

fn seconds(word: &str) -> Option<u64> {
    word.strip_suffix('s').unwrap_or(word).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The four examples of the manual.
    #[test]
    fn the_manuals_examples_are_understood() {
        let limit = |text| RateLimit::parse(text).expect(text);
        assert_eq!(limit("128k").max_limit, Pair { rx: 128_000, tx: 128_000 });
        assert_eq!(limit("64k/128M").max_limit, Pair { rx: 64_000, tx: 128_000_000 });
        let burst = limit("64k 256k");
        assert_eq!(burst.burst_limit, Pair { rx: 256_000, tx: 256_000 });
        assert_eq!(burst.burst_threshold, Pair { rx: 64_000, tx: 64_000 });
        assert_eq!(burst.burst_time, Pair { rx: 1, tx: 1 });
        let full = limit("64k/64k 256k/256k 128k/128k 10/10");
        assert_eq!(full.burst_threshold, Pair { rx: 128_000, tx: 128_000 });
        assert_eq!(full.burst_time, Pair { rx: 10, tx: 10 });
        assert_eq!(full.priority, 8);
        assert_eq!(limit("5M/10M 0/0 0/0 0/0 3 1M/2M").limit_at, Pair { rx: 1_000_000, tx: 2_000_000 });
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for wrong in ["", "fast", "5M/", "/5M", "5M/5M/5M", "5M 5X", "5M 5M 5M 5M 9", "1 1 1 1 1 1 1", "-1", "+5", "M"]
        {
            assert_eq!(RateLimit::parse(wrong), None, "{wrong}");
        }
    }
}
