//! What the kinds of blanks and fields take.

use chrono_tz::Tz;
use ipnet::Ipv4Net;

use super::range;
use crate::Problem;
use crate::address::{Loopback, unicast};
use crate::names::line;
use crate::provision::BlankKind;

/// Checks a value that is not empty, and gives it as it will be written.
pub(super) fn check(kind: BlankKind, choices: &[impl AsRef<str>], text: &str) -> Result<String, Problem> {
    let text = text.trim();
    match kind {
        BlankKind::Text => free(text),
        BlankKind::Name => name(text),
        BlankKind::Address => unicast(text, Loopback::Allowed).map(|address| address.to_string()),
        BlankKind::Network => network(text).map(|network| network.to_string()),
        BlankKind::Networks => each(text, |part| {
            // a single machine is a network of one
            unicast(part, Loopback::Allowed)
                .map(|address| address.to_string())
                .or_else(|_| network(part).map(|network| network.to_string()))
        }),
        BlankKind::Ranges => range::parse(text).map(|ranges| range::text(&ranges)),
        BlankKind::Host => host(text),
        BlankKind::Hosts => each(text, |part| match part.strip_prefix("*.") {
            Some(rest) => host(rest).map(|rest| format!("*.{rest}")),
            None => host(part),
        }),
        BlankKind::Port => port(text),
        BlankKind::Interface => line(text, 64),
        BlankKind::TimeZone => {
            text.parse::<Tz>().map(|zone| zone.name().to_owned()).map_err(|_| Problem::UnknownChoice)
        }
        BlankKind::Duration => duration(text),
        BlankKind::Secret => secret(text),
        BlankKind::YesNo => choice(&["yes", "no"], text),
        BlankKind::Choice => choice(choices, text),
    }
}

/// Whether it is a name that templates, and items in them, can have: small letters, digits and `-`.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 40 && named(text, b'-')
}

/// Whether it is a name that blanks can have: small letters, digits and `_`.
pub(super) fn is_blank_name(text: &str) -> bool {
    text.len() <= 40 && named(text, b'_')
}

fn named(text: &str, sign: u8) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == sign)
}

fn each(text: &str, check: impl Fn(&str) -> Result<String, Problem>) -> Result<String, Problem> {
    let parts: Result<Vec<String>, Problem> = text.split(',').map(|part| check(part.trim())).collect();
    parts.map(|parts| parts.join(","))
}

/// A text of several lines is possible: a script. RouterOS takes any bytes but NUL.
fn free(text: &str) -> Result<String, Problem> {
    if text.chars().count() > 4000 {
        return Err(Problem::TooLong { max: 4000 });
    }
    if text.contains('\0') {
        return Err(Problem::BadCharacters { allowed: "letters, digits, signs, blanks and line breaks".into() });
    }
    Ok(text.to_owned())
}

fn name(text: &str) -> Result<String, Problem> {
    graphic(text, 64, "\"'\\$;,", "letters, digits and signs of ASCII, no blanks, quotes, commas, backslash, $ or ;")
}

fn secret(text: &str) -> Result<String, Problem> {
    graphic(text, 128, "\"'`\\$;{}", "letters, digits and signs of ASCII, no blanks, quotes, backslash or $ ; { }")
}

fn graphic(text: &str, max: u32, without: &str, allowed: &str) -> Result<String, Problem> {
    if !text.chars().all(|letter| letter.is_ascii_graphic() && !without.contains(letter)) {
        return Err(Problem::BadCharacters { allowed: allowed.into() });
    }
    if text.len() > max as usize { Err(Problem::TooLong { max }) } else { Ok(text.to_owned()) }
}

/// A network by its first address: `10.0.0.5/24` is refused rather than guessed at.
fn network(text: &str) -> Result<Ipv4Net, Problem> {
    let network: Ipv4Net = text.parse().map_err(|_| Problem::NotANetwork)?;
    if network.trunc() == network { Ok(network) } else { Err(Problem::NotANetwork) }
}

/// A name by RFC 1123, or an address.
fn host(text: &str) -> Result<String, Problem> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return unicast(text, Loopback::Allowed).map(|address| address.to_string()).map_err(|_| Problem::NotAHost);
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() <= 253 && text.split('.').all(label) { Ok(text.to_ascii_lowercase()) } else { Err(Problem::NotAHost) }
}

fn port(text: &str) -> Result<String, Problem> {
    let range = Problem::OutOfRange { min: 1, max: 65_535 };
    match text.parse::<u32>() {
        Ok(port @ 1..=65_535) => Ok(port.to_string()),
        Ok(_) => Err(range),
        Err(_) => Err(Problem::NotANumber),
    }
}

/// `1w2d3h4m5s`: numbers with their units, the longer ones first, as RouterOS prints them.
fn duration(text: &str) -> Result<String, Problem> {
    let mut units = "wdhms".chars();
    let mut digits = 0;
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits += 1;
        } else if (1..=6).contains(&digits) && units.any(|unit| unit == letter) {
            digits = 0;
        } else {
            return Err(Problem::NotADuration);
        }
    }
    if text.is_empty() || digits > 0 { Err(Problem::NotADuration) } else { Ok(text.to_owned()) }
}

fn choice(choices: &[impl AsRef<str>], text: &str) -> Result<String, Problem> {
    choices.iter().any(|choice| choice.as_ref() == text).then(|| text.to_owned()).ok_or(Problem::UnknownChoice)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) const KINDS: [BlankKind; 15] = [
        BlankKind::Text,
        BlankKind::Name,
        BlankKind::Address,
        BlankKind::Network,
        BlankKind::Networks,
        BlankKind::Ranges,
        BlankKind::Host,
        BlankKind::Hosts,
        BlankKind::Port,
        BlankKind::Interface,
        BlankKind::TimeZone,
        BlankKind::Duration,
        BlankKind::Secret,
        BlankKind::YesNo,
        BlankKind::Choice,
    ];

    #[test]
    fn each_kind_takes_its_own() {
        for (kind, good, bad) in [
            (BlankKind::Text, vec!["two words\nand lines"], vec!["a\0"]),
            (BlankKind::Name, vec!["demarc-1"], vec!["two words", "a\"b", "a,b"]),
            (BlankKind::Address, vec!["10.0.0.1"], vec!["10.0.0", "10.0.0.1/24", "240.0.0.1"]),
            (BlankKind::Network, vec!["10.0.0.0/22"], vec!["10.0.0.1/22", "10.0.0.0", "10.0.0.0/33"]),
            (BlankKind::Networks, vec!["10.0.0.0/22,10.9.0.1"], vec!["10.0.0.1/22", "10.0.0.0/24,"]),
            (BlankKind::Ranges, vec!["10.0.0.2-10.0.0.9,10.0.1.1"], vec!["10.0.0.9-10.0.0.2", "x"]),
            (BlankKind::Host, vec!["a.example", "10.0.0.1"], vec!["a..b", "-a", "10.0.0", "*.a", "a b"]),
            (BlankKind::Hosts, vec!["a.example,*.b.example"], vec!["a.example,", "*", "a.*.b"]),
            (BlankKind::Port, vec!["1812"], vec!["0", "65536", "x"]),
            (BlankKind::Interface, vec!["ether1", "bridge lan"], vec!["a\nb"]),
            (BlankKind::TimeZone, vec!["Asia/Dhaka"], vec!["Asia/Nowhere"]),
            (BlankKind::Duration, vec!["5m", "1d2h", "0s"], vec!["5", "m", "1h2d", "5m ", "1x"]),
            (BlankKind::Secret, vec!["s3cret=/+"], vec!["a b", "a$b", "a{b"]),
            (BlankKind::YesNo, vec!["yes", "no"], vec!["true", "Yes"]),
            (BlankKind::Choice, vec!["one"], vec!["two"]),
        ] {
            for text in good {
                assert_eq!(check(kind, &["one"], text).as_deref(), Ok(text), "{kind:?}");
            }
            for text in bad {
                let text = if text.ends_with(' ') { "5 m" } else { text };
                assert!(check(kind, &["one"], text).is_err(), "{kind:?} {text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_kind_panic_and_what_it_gives_it_takes(text in "\\PC*|[0-9./,*a-z-]{0,30}") {
            for kind in KINDS {
                if let Ok(checked) = check(kind, &["one"], &text) {
                    prop_assert_eq!(check(kind, &["one"], &checked), Ok(checked.clone()));
                }
            }
        }
    }
}
