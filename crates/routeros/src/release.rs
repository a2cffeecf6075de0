//! Which RouterOS a router runs.

use std::fmt;

/// A release of RouterOS, such as `7.18.2 (stable)`. The order is that of their making.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release {
    /// 7 in `7.18.2`.
    pub major: u16,
    /// 18 in `7.18.2`.
    pub minor: u16,
    /// 2 in `7.18.2`; 0 in `7.18`.
    pub patch: u16,
    /// Whether it is a release proper or a trial before it.
    pub stage: Stage,
    /// The channel that it says it comes from.
    pub channel: Channel,
}

/// What stands behind the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// `7.19alpha123`.
    Alpha(u16),
    /// `7.19beta4`.
    Beta(u16),
    /// `7.19rc1`.
    Candidate(u16),
    /// The release itself.
    Final,
}

/// What stands in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// None is named, or one that is not known.
    Unnamed,
    /// `development`.
    Development,
    /// `testing`.
    Testing,
    /// `stable`.
    Stable,
    /// `long-term`.
    LongTerm,
}

/// How much the table of menus says about a router's release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knowledge {
    /// It is one of 6.49 to 7.24.
    Known,
    /// It is newer than the table and is treated as the newest release in it.
    Newer,
    /// It is older than the table and is treated as the oldest release in it.
    Older,
    /// The router's version could not be read: only names are checked, not releases.
    Unreadable,
}

impl Release {
    /// The oldest release whose menus are in the table.
    pub(crate) const OLDEST: (u16, u16, u16) = (6, 49, 0);
    /// The newest release whose menus are in the table.
    pub(crate) const NEWEST: (u16, u16, u16) = (7, 24, 0);

    /// The release with this number.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch, stage: Stage::Final, channel: Channel::Unnamed }
    }

    /// Reads `version` of `/system/resource`: `7.18.2 (stable)`, `6.49.18 (long-term)`, `7.19beta4 (testing)`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (number, channel) = match text.split_once(' ') {
            Some((number, channel)) => (number, channel.trim().trim_matches(['(', ')'])),
            None => (text, ""),
        };
        let (number, stage) = stage(number)?;
        let mut parts = number.split('.');
        let major = whole(parts.next()?)?;
        let minor = whole(parts.next()?)?;
        let patch = parts.next().map_or(Some(0), whole)?;
        if parts.next().is_some() {
            return None;
        }
        let channel = match channel {
            "stable" => Channel::Stable,
            "long-term" => Channel::LongTerm,
            "testing" => Channel::Testing,
            "development" => Channel::Development,
            _ => Channel::Unnamed,
        };
        Some(Self { major, minor, patch, stage, channel })
    }

    /// What the table of menus says about it.
    pub fn knowledge(self) -> Knowledge {
        match (self.major, self.minor, 0) {
            release if release < Self::OLDEST => Knowledge::Older,
            release if release > Self::NEWEST => Knowledge::Newer,
            _ => Knowledge::Known,
        }
    }

    /// Whether it is this release or one after it; trials count as the release that they are for.
    pub fn is_at_least(self, major: u16, minor: u16) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// Number alone, for comparing with bounds.
    pub(crate) fn number(self) -> (u16, u16, u16) {
        (self.major, self.minor, self.patch)
    }
}

fn stage(number: &str) -> Option<(&str, Stage)> {
    let Some(at) = number.find(|letter: char| letter.is_ascii_alphabetic()) else {
        return Some((number, Stage::Final));
    };
    let (number, word) = number.split_at(at);
    let numbered = |name: &str| word.strip_prefix(name).and_then(whole);
    let stage = numbered("alpha").map(Stage::Alpha);
    let stage = stage.or_else(|| numbered("beta").map(Stage::Beta));
    stage.or_else(|| numbered("rc").map(Stage::Candidate)).map(|stage| (number, stage))
}

fn whole(digits: &str) -> Option<u16> {
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 {
            write!(f, ".{}", self.patch)?;
        }
        match self.stage {
            Stage::Alpha(number) => write!(f, "alpha{number}"),
            Stage::Beta(number) => write!(f, "beta{number}"),
            Stage::Candidate(number) => write!(f, "rc{number}"),
            Stage::Final => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_are_read_as_routers_print_them() {
        for (text, expected, channel) in [
            ("7.18.2 (stable)", "7.18.2", Channel::Stable),
            ("6.49.18 (long-term)", "6.49.18", Channel::LongTerm),
            ("7.19beta4 (testing)", "7.19beta4", Channel::Testing),
            ("7.20rc2 (testing)", "7.20rc2", Channel::Testing),
            ("7.24", "7.24", Channel::Unnamed),
            ("7.23.1 (development)", "7.23.1", Channel::Development),
        ] {
            let release = Release::parse(text).unwrap();
            assert_eq!((release.to_string().as_str(), release.channel), (expected, channel), "{text}");
        }
        for text in ["", "7", "7.", "seven", "7.1.2.3", "7.1x2", "7.+1", "70000.1", "7.1beta"] {
            assert_eq!(Release::parse(text), None, "{text}");
        }
    }

    #[test]
    fn releases_are_in_the_order_of_their_making() {
        let order = ["6.49.18", "7.9", "7.18beta2", "7.18beta10", "7.18rc1", "7.18", "7.18.2", "7.24"];
        let releases: Vec<Release> = order.iter().map(|text| Release::parse(text).unwrap()).collect();
        assert!(releases.is_sorted());
        assert!(Release::parse("7.15 (stable)").unwrap().is_at_least(7, 15));
        assert!(!Release::parse("7.9.2 (stable)").unwrap().is_at_least(7, 15));
    }

    #[test]
    fn what_the_table_does_not_know_is_said() {
        for (text, knowledge) in [
            ("6.48.6", Knowledge::Older),
            ("6.49", Knowledge::Known),
            ("7.24.4", Knowledge::Known),
            ("7.25beta1", Knowledge::Newer),
            ("8.0", Knowledge::Newer),
        ] {
            assert_eq!(Release::parse(text).unwrap().knowledge(), knowledge, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[0-9.a-z() ]{0,30}") {
            let _ = Release::parse(&text);
        }
    }
}
