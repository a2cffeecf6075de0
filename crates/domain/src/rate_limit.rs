//! Speeds, in the notation of the RADIUS attribute Mikrotik-Rate-Limit.

use std::fmt;

use crate::Problem;
use crate::digits::ascii_digits;

/// Speeds of a customer as a router takes them: `rx[/tx] [rx-burst/tx-burst [rx-threshold/tx-threshold [rx-time/tx-time
/// [priority [rx-min/tx-min]]]]]`. Rx is what the router receives: the customer's upload. Source: RouterOS manual, RADIUS
/// client, Mikrotik-Rate-Limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    limit: Both,
    burst: Option<Both>,
    threshold: Option<Both>,
    time: Option<Both>,
    priority: Option<u8>,
    minimum: Option<Both>,
}

/// One value for each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Both {
    upload: i64,
    download: i64,
}

impl Both {
    fn at_most(self, other: Self) -> bool {
        self.upload <= other.upload && self.download <= other.download
    }
}

/// Bits per second. Zero is below: to a router it means unlimited.
const RATES: std::ops::RangeInclusive<i64> = 1_000..=100_000_000_000;
/// Seconds.
const TIMES: std::ops::RangeInclusive<i64> = 1..=3_600;

impl RateLimit {
    /// Reads `5M/10M`, `5m / 10m 8M/16M 4M/8M 16/16 8 1M/2M`; a single value is for both directions. Rates are whole
    /// numbers of bits per second with `k`, `M` or `G` (decimal), from 1k to 100G; a burst is not below its limit and its
    /// threshold, and the guaranteed rate not above the limit; times are 1 to 3600 seconds, priority is 1 to 8.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = ascii_digits(text.trim());
        if text.is_empty() {
            return Err(Problem::Required);
        }
        // blanks separate the parts; around a slash they do not
        let halves: Vec<&str> = text.split('/').map(str::trim).collect();
        let joined = halves.join("/");
        let mut parts = joined.split_whitespace();
        let limit = both(parts.next().unwrap_or("/"), rate)?;

        let burst_part = parts.next();
        let burst = burst_part.map(|part| both(part, rate)).transpose()?;
        let threshold_part = parts.next();
        let threshold = threshold_part.map(|part| both(part, rate)).transpose()?;
        let time = parts.next().map(|part| both(part, seconds)).transpose()?;
        let priority = parts.next().map(priority).transpose()?;
        let minimum_part = parts.next();
        let minimum = minimum_part.map(|part| both(part, rate)).transpose()?;

        let wrong = if burst.is_some_and(|burst| !limit.at_most(burst)) {
            burst_part
        } else if threshold.zip(burst).is_some_and(|(threshold, burst)| !threshold.at_most(burst)) {
            threshold_part
        } else if minimum.is_some_and(|minimum| !minimum.at_most(limit)) {
            minimum_part
        } else {
            parts.next()
        };
        match wrong {
            Some(part) => Err(problem(part)),
            None => Ok(Self { limit, burst, threshold, time, priority, minimum }),
        }
    }

    /// What the customer may send, in bits per second.
    pub fn upload_bps(&self) -> i64 {
        self.limit.upload
    }

    /// What the customer may receive, in bits per second.
    pub fn download_bps(&self) -> i64 {
        self.limit.download
    }
}

fn problem(part: &str) -> Problem {
    Problem::NotARateLimit { part: part.to_owned() }
}

fn both(part: &str, read: impl Fn(&str) -> Option<i64>) -> Result<Both, Problem> {
    let (upload, download) = part.split_once('/').unwrap_or((part, part));
    read(upload).zip(read(download)).map(|(upload, download)| Both { upload, download }).ok_or_else(|| problem(part))
}

fn rate(text: &str) -> Option<i64> {
    let (digits, factor) = match text.chars().last()? {
        'k' | 'K' => (&text[..text.len() - 1], 1_000),
        'm' | 'M' => (&text[..text.len() - 1], 1_000_000),
        'g' | 'G' => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1),
    };
    whole(digits)?.checked_mul(factor).filter(|rate| RATES.contains(rate))
}

fn seconds(text: &str) -> Option<i64> {
    whole(text.strip_suffix(['s', 'S']).unwrap_or(text)).filter(|time| TIMES.contains(time))
}

fn priority(text: &str) -> Result<u8, Problem> {
    let priority = whole(text).and_then(|priority| priority.try_into().ok());
    priority.filter(|priority| (1..=8).contains(priority)).ok_or_else(|| problem(text))
}

fn whole(digits: &str) -> Option<i64> {
    // `parse` alone would take a sign
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// A rate in the largest unit that is exact.
fn short(rate: i64) -> String {
    [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")]
        .iter()
        .find(|(factor, _)| rate % factor == 0)
        .map_or_else(|| rate.to_string(), |(factor, unit)| format!("{}{unit}", rate / factor))
}

impl fmt::Display for RateLimit {
    /// The string for the router; equal limits have equal strings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rates = |both: Both| format!("{}/{}", short(both.upload), short(both.download));
        let parts = [
            self.burst.map(rates),
            self.threshold.map(rates),
            self.time.map(|time| format!("{}/{}", time.upload, time.download)),
            self.priority.map(|priority| priority.to_string()),
            self.minimum.map(rates),
        ];
        f.write_str(&rates(self.limit))?;
        parts.into_iter().flatten().try_for_each(|part| write!(f, " {part}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> Result<String, Problem> {
        RateLimit::parse(text).map(|limit| limit.to_string())
    }

    #[test]
    fn a_limit_is_normalised_for_the_router() {
        for (text, expected) in [
            ("5M/10M", "5M/10M"),
            (" 5m / 10m ", "5M/10M"),
            ("5000k/10000K", "5M/10M"),
            ("5M", "5M/5M"),
            ("1500k/1g", "1500k/1G"),
            ("1234/1000", "1234/1k"),
            ("৫M/১০M", "5M/10M"),
            ("5M/10M 8M/16M", "5M/10M 8M/16M"),
            ("5M/10M 10M", "5M/10M 10M/10M"),
            ("5M /10M  8M/ 16M 4M/8M 16s/16 8 1M/2M", "5M/10M 8M/16M 4M/8M 16/16 8 1M/2M"),
            ("100G", "100G/100G"),
        ] {
            assert_eq!(canonical(text), Ok(expected.into()), "{text}");
        }
    }

    #[test]
    fn upload_comes_first() {
        let limit = RateLimit::parse("5M/10M").unwrap();
        assert_eq!((limit.upload_bps(), limit.download_bps()), (5_000_000, 10_000_000));
    }

    #[test]
    fn the_part_that_cannot_be_read_is_named() {
        for (text, part) in [
            ("x", "x"),
            ("0", "0"),
            ("0/10M", "0/10M"),
            ("5M/", "5M/"),
            ("/", "/"),
            ("5M/10M/15M", "5M/10M/15M"),
            ("5.5M", "5.5M"),
            ("-5M", "-5M"),
            ("+5M", "+5M"),
            ("999", "999"),
            ("101G", "101G"),
            ("99999999999999999999G", "99999999999999999999G"),
            ("5Mbps", "5Mbps"),
            ("5 M", "5"),
            ("5M/10M 4M/16M", "4M/16M"),
            ("5M/10M 8M/16M 9M/8M", "9M/8M"),
            ("5M/10M 8M/16M 4M/8M 0/16", "0/16"),
            ("5M/10M 8M/16M 4M/8M 16/3601", "16/3601"),
            ("5M/10M 8M/16M 4M/8M 16/16 9", "9"),
            ("5M/10M 8M/16M 4M/8M 16/16 0", "0"),
            ("5M/10M 8M/16M 4M/8M 16/16 8 6M/2M", "6M/2M"),
            ("5M/10M 8M/16M 4M/8M 16/16 8 1M/2M more", "more"),
        ] {
            assert_eq!(canonical(text), Err(Problem::NotARateLimit { part: part.into() }), "{text}");
        }
        assert_eq!(canonical("  "), Err(Problem::Required));
    }

    fn rates() -> impl Strategy<Value = i64> {
        prop_oneof![RATES, (1..100_000_i64).prop_map(|rate| rate * 1_000_000)]
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[0-9kMG/ ০]{0,60}") {
            let _ = RateLimit::parse(&text);
        }

        #[test]
        fn what_is_displayed_parses_to_the_same(
            mut sorted in proptest::collection::vec(rates(), 4), times in (TIMES, TIMES), priority in 1..=8_u8, parts in 0..6
        ) {
            sorted.sort_unstable();
            let [minimum, threshold, limit, burst] = [0, 1, 2, 3].map(|at| Both { upload: sorted[at], download: sorted[at] });
            let limit = RateLimit {
                limit,
                burst: (parts > 0).then_some(burst),
                threshold: (parts > 1).then_some(threshold),
                time: (parts > 2).then_some(Both { upload: times.0, download: times.1 }),
                priority: (parts > 3).then_some(priority),
                minimum: (parts > 4).then_some(minimum),
            };
            prop_assert_eq!(RateLimit::parse(&limit.to_string()), Ok(limit));
        }
    }
}
