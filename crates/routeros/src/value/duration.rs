//! Lengths of time.

use std::fmt;
use std::str::FromStr;
use std::time;

use super::NotAValue;

/// A length of time as RouterOS writes it: `1w2d3h4m5s`, `300ms`, `1s100ms`, `0s`. Read are also `1:00:00`, `2d03:04:05`
/// and bare seconds; printed is the first form, which every release takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration(pub time::Duration);

const UNITS: [(&str, u64); 8] = [
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
    ("w", 604_800_000_000_000),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
];

impl FromStr for Duration {
    type Err = NotAValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        nanoseconds(text)
            .map(|nanoseconds| Self(time::Duration::from_nanos(nanoseconds)))
            .ok_or_else(|| NotAValue::new("duration", text))
    }
}

fn nanoseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        if rest.contains(':') && !rest.contains(|letter: char| letter.is_ascii_alphabetic()) {
            return total.checked_add(clock(rest)?);
        }
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, behind) = rest.split_at(length);
        let number: u64 = digits.parse().ok()?;
        let (factor, behind) = if behind.is_empty() && length == text.len() {
            (1_000_000_000, behind)
        } else {
            UNITS.iter().find_map(|(unit, factor)| Some((*factor, behind.strip_prefix(unit)?)))?
        };
        total = total.checked_add(number.checked_mul(factor)?)?;
        rest = behind;
    }
    Some(total)
}

/// `3:04:05`, `04:05`, `00:00:10.5`: hours, minutes and seconds with or without a fraction.
fn clock(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut seconds = 0_u64;
    let parts: Vec<&str> = whole.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in parts {
        let digits = part.bytes().all(|digit| digit.is_ascii_digit());
        seconds = seconds.checked_mul(60)?.checked_add(digits.then(|| part.parse::<u64>().ok())??)?;
    }
    if fraction.len() > 9 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: u64 = format!("{fraction:0<9}").parse().ok()?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let milliseconds = self.0.subsec_millis();
        if seconds == 0 && milliseconds == 0 {
            return f.write_str("0s");
        }
        let parts = [
            (seconds / 604_800, "w"),
            (seconds / 86_400 % 7, "d"),
            (seconds / 3_600 % 24, "h"),
            (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
            (u64::from(milliseconds), "ms"),
        ];
        parts.iter().filter(|(number, _)| *number > 0).try_for_each(|(number, unit)| write!(f, "{number}{unit}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_is_read() {
        for (text, milliseconds) in [
            ("1w2d3h4m5s", 788_645_000),
            ("1:00:00", 3_600_000),
            ("2d03:04:05", 183_845_000),
            ("04:05", 245_000),
            ("00:00:10.5", 10_500),
            ("300ms", 300),
            ("1s100ms", 1_100),
            ("0s", 0),
            ("10m", 600_000),
            ("90", 90_000),
            ("1ms500us", 1),
        ] {
            let read = text.parse::<Duration>().map(|duration| duration.0.as_millis());
            assert_eq!(read, Ok(milliseconds), "{text}");
        }
        for text in ["", "never", "none", "1x", "1h2", "-1s", "1:2:3:4", ":", "1:+2", "1:00.0000000001", "99999999999w"]
        {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_as_the_same(milliseconds in 0..10_000_000_000_000_u64) {
            let duration = Duration(time::Duration::from_millis(milliseconds));
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[0-9wdhms:.]{0,30}") {
            let _ = text.parse::<Duration>();
        }
    }
}
