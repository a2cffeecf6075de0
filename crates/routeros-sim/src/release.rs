//! RouterOS releases: what the schema's bounds are compared with.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};

/// As dates up to 7.9 have them.
pub(crate) const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A RouterOS release, such as 7.18.2. A bound of a menu or argument that names no patch looks at the first two numbers only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Release {
    /// 6 or 7.
    pub major: u8,
    /// 49 in 6.49.
    pub minor: u8,
    /// 2 in 7.18.2; 0 when there is none.
    pub patch: u8,
}

impl Release {
    /// 6.49, the last of the sixth line.
    pub const V6_49: Self = Self::new(6, 49);
    /// 7.12
    pub const V7_12: Self = Self::new(7, 12);
    /// 7.18, the first with `!empty` and `/safe-mode`.
    pub const V7_18: Self = Self::new(7, 18);
    /// 7.24
    pub const V7_24: Self = Self::new(7, 24);

    /// A release without a patch number.
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor, patch: 0 }
    }

    /// Is this release `major.minor` or newer?
    pub fn since(self, major: u8, minor: u8) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// Replies without rows are followed by `!empty` (changelog of 7.18).
    pub fn says_empty(self) -> bool {
        self.since(7, 18)
    }

    /// Log-in by challenge and MD5, before 6.43.
    pub fn challenges(self) -> bool {
        !self.since(6, 43)
    }

    /// As `/system/resource` prints it.
    pub fn version_text(self) -> String {
        let channel = if self.major == 6 { "long-term" } else { "stable" };
        format!("{self} ({channel})")
    }

    /// Dates as `may/01/2023` (6.x and early 7.x) or `2023-05-01`. The switch lies somewhere in 7.9 to 7.12; 7.10 is taken here.
    pub fn dates_by_number(self) -> bool {
        self.since(7, 10)
    }

    /// `2023-05-01`, or `may/01/2023` where the release writes months.
    pub(crate) fn date(self, moment: &impl Datelike) -> String {
        let (year, month, day) = (moment.year(), moment.month(), moment.day());
        if self.dates_by_number() {
            return format!("{year:04}-{month:02}-{day:02}");
        }
        format!("{}/{day:02}/{year:04}", MONTHS[moment.month0() as usize % MONTHS.len()])
    }

    /// A date of that form and the time of the day.
    pub(crate) fn date_time(self, moment: DateTime<Utc>) -> String {
        format!("{} {}", self.date(&moment), moment.format("%H:%M:%S"))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 { write!(formatter, ".{}", self.patch) } else { Ok(()) }
    }
}

/// A release that cannot be read, or that is outside 6.42 to 6.49 and 7.9 to 7.24.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a release that can be simulated\nhint: 6.42 to 6.49, or 7.9 to 7.24, such as 7.18.2")]
pub struct UnknownRelease(String);

impl FromStr for Release {
    type Err = UnknownRelease;

    fn from_str(text: &str) -> Result<Self, UnknownRelease> {
        let unknown = || UnknownRelease(text.to_owned());
        let mut numbers = text.split('.').map(str::parse::<u8>);
        let mut next = || numbers.next().transpose().map_err(|_| unknown());
        let major = next()?.ok_or_else(unknown)?;
        let minor = next()?.ok_or_else(unknown)?;
        let patch = next()?.unwrap_or(0);
        let known = matches!((major, minor), (6, 42..=49) | (7, 9..=24));
        if !known || numbers.next().is_some() {
            return Err(unknown());
        }
        Ok(Self { major, minor, patch })
    }
}

/// From which release and until which one something exists: `@7.15`, `@-7.16`, `@7.17-7.20`, `@6.49.17-6.49,7.15`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bound {
    ranges: [Option<Range>; 2],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Range {
    since: Option<(u8, u8, u8)>,
    until: Option<(u8, u8, u8)>,
}

impl Bound {
    /// Reads what stands after `@`. `None` if it is no bound.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (one, other) = text.split_once(',').map_or((text, None), |(one, other)| (one, Some(other)));
        let ranges = [Some(Range::parse(one)?), other.map(Range::parse).map_or(Some(None), |range| range.map(Some))?];
        Some(Self { ranges })
    }

    pub(crate) fn holds(self, release: Release) -> bool {
        let at = (release.major, release.minor, release.patch);
        self.ranges
            .iter()
            .flatten()
            .any(|range| range.since.is_none_or(|since| at >= since) && range.until.is_none_or(|until| at <= until))
    }
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        // `7.16` as an end means all of 7.16
        let number = |part: &str, patch: u8| -> Option<Option<(u8, u8, u8)>> {
            if part.is_empty() {
                return Some(None);
            }
            let mut numbers = part.split('.').map(|number| number.parse::<u8>().ok());
            let major = numbers.next()??;
            let minor = numbers.next().unwrap_or(Some(if patch == 0 { 0 } else { u8::MAX }))?;
            Some(Some((major, minor, numbers.next().unwrap_or(Some(patch))?)))
        };
        let (since, until) = text.split_once('-').unwrap_or((text, ""));
        Some(Self { since: number(since, 0)?, until: number(until, u8::MAX)? })
    }
}

/// `name@7.15`, if the release has it.
pub(crate) fn bounded(word: &str, release: Release) -> Option<&str> {
    match word.split_once('@') {
        _ if word.starts_with('-') => None,
        Some((name, bound)) => Bound::parse(bound)?.holds(release).then_some(name),
        None => Some(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_where_they_say() {
        for (bound, inside, outside) in [
            ("7.15", "7.15", "7.14.3"),
            ("-7.16", "7.16.2", "7.17"),
            ("7.17-7.20", "7.20.8", "7.21"),
            ("7", "7.9", "6.49.17"),
            ("-6", "6.49.17", "7.9"),
            ("6.49.17-6.49,7.15", "6.49.18", "6.49.16"),
            ("6.49.17-6.49,7.15", "7.15", "7.14.3"),
        ] {
            let holds = |release: &str| Bound::parse(bound).unwrap().holds(release.parse().unwrap());
            assert!(holds(inside) && !holds(outside), "{bound}");
        }
    }
}
