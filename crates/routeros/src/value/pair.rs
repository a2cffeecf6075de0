//! Values for both directions, `5M/10M`. The first is what the router receives: the customer's upload.

use std::fmt;
use std::str::FromStr;

use super::NotAValue;

/// Speeds in bits per second. Zero is unlimited. Units are decimal: `64k` is 64000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Rates {
    /// What the router receives: the customer's upload.
    pub rx: u64,
    /// What the router transmits: the customer's download.
    pub tx: u64,
}

/// Counters, such as a queue's `bytes`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Counters {
    /// What the router received: the customer's upload.
    pub rx: u64,
    /// What the router transmitted: the customer's download.
    pub tx: u64,
}

impl FromStr for Rates {
    type Err = NotAValue;

    /// Reads `5M/10M`, `5000000/10000000`, `0/0`, and `5M` for both directions.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rx, tx) = text.split_once('/').unwrap_or((text, text));
        rate(rx).zip(rate(tx)).map(|(rx, tx)| Self { rx, tx }).ok_or_else(|| NotAValue::new("pair of rates", text))
    }
}

fn rate(text: &str) -> Option<u64> {
    let units = [('k', 1_000), ('K', 1_000), ('M', 1_000_000), ('G', 1_000_000_000)];
    let (digits, factor) =
        units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(*unit)?, *factor))).unwrap_or((text, 1));
    whole(digits)?.checked_mul(factor)
}

fn whole(digits: &str) -> Option<u64> {
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for Rates {
    /// In the largest units that are exact.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |rate: u64| {
            [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")]
                .iter()
                .find(|(factor, _)| rate > 0 && rate.is_multiple_of(*factor))
                .map_or_else(|| rate.to_string(), |(factor, unit)| format!("{}{unit}", rate / factor))
        };
        write!(f, "{}/{}", short(self.rx), short(self.tx))
    }
}

impl FromStr for Counters {
    type Err = NotAValue;

    /// Reads `1/2`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_once('/')
            .and_then(|(rx, tx)| Some(Self { rx: whole(rx)?, tx: whole(tx)? }))
            .ok_or_else(|| NotAValue::new("pair of counters", text))
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.rx, self.tx)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rates_and_counters_are_read() {
        for (text, rx, tx) in [
            ("5M/10M", 5_000_000, 10_000_000),
            ("64k/1G", 64_000, 1_000_000_000),
            ("0/0", 0, 0),
            ("512k", 512_000, 512_000),
        ] {
            assert_eq!(text.parse(), Ok(Rates { rx, tx }), "{text}");
        }
        assert_eq!("12/34".parse(), Ok(Counters { rx: 12, tx: 34 }));
        for text in ["", "/", "5M/", "M/M", "+5/5", "5/5/5", "99999999999999999999G/1"] {
            assert!(text.parse::<Rates>().is_err(), "{text}");
            assert!(text.parse::<Counters>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_as_the_same(rx: u64, tx: u64, factor in prop_oneof![Just(1), Just(1_000), Just(1_000_000)]) {
            let rates = Rates { rx: rx / factor * factor, tx: tx / factor * factor };
            prop_assert_eq!(rates.to_string().parse(), Ok(rates));
            let counters = Counters { rx, tx };
            prop_assert_eq!(counters.to_string().parse(), Ok(counters));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in "\\PC*|[0-9kMG/+]{0,30}") {
            let _ = (text.parse::<Rates>(), text.parse::<Counters>());
        }
    }
}
