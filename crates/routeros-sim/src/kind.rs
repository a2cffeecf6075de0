//! Kinds of values: what a property accepts, how it is stored, and why it refuses.
//!
//! `text`, `text<31` (longest, in bytes), `bool`, `int`, `int(0..65535)`, `time`, `time(10ms..1m)`, `ip`, `ip4`, `ip4/` (address with
//! prefix), `prefix`, `prefixes`, `ips`, `span` (address, prefix or from-to), `ranges`, `ports`, `mac`, `one(a|b)`, `some(a|b)`,
//! `flags(a|b)` (each may be negated), `ref(/menu)`, `refs(/menu)`, `size` (bytes), `pair` (rates), `timepair`, `pairint(1..8)`,
//! `ratelimit` (of profiles), `targets`, `policy` (of a group), `policies`,
//! `date`, `clock`, `key` (32 bytes as base64).

use crate::forms;
use crate::policies::{POLICIES, read_policy};
use crate::radius::RateLimit;
use crate::release::{MONTHS, Release};
use crate::schema::MenuIndex;
use crate::value::Value;

/// Where names of other items are looked up.
pub(crate) trait Names {
    fn id_of(&self, menu: MenuIndex, name: &[u8]) -> Option<u32>;

    /// The items whose names begin so, two at most: an abbreviation of several is told as ambiguous.
    fn begin_with(&self, _menu: MenuIndex, _name: &[u8]) -> Vec<u32> {
        Vec::new()
    }

    /// Dates are stored in its form.
    fn release(&self) -> Release;

    /// Are lists of keywords stored in the order of the keywords?
    fn keywords_in_order(&self) -> bool {
        false
    }

    /// Is a unique beginning taken for the whole?
    fn takes_abbreviations(&self) -> bool {
        false
    }
}

/// Why a value was refused; the text is made where the argument's name is known (trap.rs).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No keyword and no item of that name.
    Match,
    Ambiguous,
    /// `invalid value for argument`, with another name where the router says another.
    Argument(Option<&'static str>),
    Integer,
    Outside(String),
    Range,
    RangeBefore,
    RangeAfter,
    Mac,
    Time,
    Long(usize),
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Text(Option<usize>),
    Bool,
    Int(Option<(i64, i64)>),
    Time(Option<(u64, u64)>),
    Ip,
    Ip4,
    Ip4Net,
    Prefix,
    Span,
    Port,
    Range,
    Mac,
    Size,
    Rate,
    RateLimit,
    Date,
    Clock,
    Word(Box<[Box<str>]>),
    Reference(Option<MenuIndex>),
    Policy,
    /// 32 bytes as base64: of WireGuard.
    Key,
    /// Comma-joined.
    List(Box<Kind>),
    /// `a/b`; one alone stands for both.
    Pair(Box<Kind>),
    Not(Box<Kind>),
    Any(Box<[Kind]>),
}

impl Kind {
    pub(crate) fn parse(text: &str, menu: &dyn Fn(&str) -> Option<MenuIndex>) -> Self {
        if let Some(rest) = text.strip_prefix('!') {
            return Self::Not(Box::new(Self::parse(rest, menu)));
        }
        let alternatives = split_alternatives(text);
        if alternatives.len() > 1 {
            return Self::Any(alternatives.into_iter().map(|one| Self::parse(one, menu)).collect());
        }
        let (name, inside) = match text.split_once('(') {
            Some((name, inside)) => (name, inside.strip_suffix(')').unwrap_or(inside)),
            None => (text, ""),
        };
        let words = || inside.split('|').map(Into::into).collect::<Box<[Box<str>]>>();
        let list = |kind| Self::List(Box::new(kind));
        let pair = |kind| Self::Pair(Box::new(kind));
        match name {
            "text" => Self::Text(None),
            "bool" => Self::Bool,
            "int" => Self::Int(bounds(inside)),
            "time" => Self::Time(
                inside
                    .split_once("..")
                    .and_then(|(low, high)| Some((forms::read_duration(low)?, forms::read_duration(high)?))),
            ),
            "ip" => Self::Ip,
            "ip4" => Self::Ip4,
            "ip4/" => Self::Ip4Net,
            "ips" => list(Self::Ip),
            "prefix" => Self::Prefix,
            "prefixes" => list(Self::Prefix),
            "span" => Self::Span,
            "ports" => list(Self::Port),
            "ranges" => list(Self::Range),
            "mac" => Self::Mac,
            "size" => Self::Size,
            "pair" => pair(Self::Rate),
            "timepair" => pair(Self::Time(None)),
            "pairint" => pair(Self::Int(bounds(inside))),
            "ratelimit" => Self::RateLimit,
            "flags" => list(Self::Not(Box::new(Self::Word(words())))),
            "date" => Self::Date,
            "clock" => Self::Clock,
            "one" => Self::Word(words()),
            "some" => list(Self::Word(words())),
            "ref" => Self::Reference(menu(inside)),
            "refs" => list(Self::Reference(menu(inside))),
            "targets" => list(Self::Any(Box::new([Self::Prefix, Self::Reference(menu("/interface"))]))),
            "policy" => Self::Policy,
            "key" => Self::Key,
            "policies" => list(Self::Word(POLICIES.split('|').map(Into::into).collect())),
            _ => match name.strip_prefix("text<").and_then(|longest| longest.parse().ok()) {
                Some(longest) => Self::Text(Some(longest)),
                None => panic!("schema/menus.txt: `{text}` is not a kind"),
            },
        }
    }

    /// Reads what a client sent.
    pub(crate) fn read(&self, raw: &[u8], names: &dyn Names) -> Result<Value, Refusal> {
        if let Self::Text(longest) = self {
            return match longest.filter(|longest| raw.len() > *longest) {
                Some(longest) => Err(Refusal::Long(longest)),
                None => Ok(Value::text(raw)),
            };
        }
        if let Self::Reference(menu) = self {
            return reference(*menu, raw, names);
        }
        let text = std::str::from_utf8(raw).map_err(|_| self.refusal())?;
        let text = text.trim();
        let refused = || self.refusal();
        let printed = match self {
            Self::Text(_) | Self::Reference(_) => return Err(refused()),
            Self::Bool => match text {
                "yes" | "true" => "true".to_owned(),
                "no" | "false" => "false".to_owned(),
                _ => return Err(refused()),
            },
            Self::Int(bounds) => {
                let number = read_integer(text).ok_or_else(refused)?;
                if let Some((low, high)) = bounds.filter(|(low, high)| number < *low || number > *high) {
                    return Err(Refusal::Outside(format!("{low}..{high}")));
                }
                number.to_string()
            }
            Self::Time(bounds) => {
                let time = forms::read_duration(text).ok_or_else(refused)?;
                if let Some((low, high)) = bounds.filter(|(low, high)| time < *low || time > *high) {
                    return Err(Refusal::Outside(format!("{}..{}", forms::duration(low), forms::duration(high))));
                }
                forms::duration(time)
            }
            Self::Ip => text.parse::<std::net::IpAddr>().map_err(|_| refused())?.to_string(),
            Self::Ip4 => text.parse::<std::net::Ipv4Addr>().map_err(|_| refused())?.to_string(),
            Self::Ip4Net => {
                let (address, length) =
                    forms::read_prefix(text).filter(|(address, _)| address.is_ipv4()).ok_or_else(refused)?;
                format!("{address}/{length}")
            }
            Self::Prefix => {
                let (address, length) = forms::read_prefix(text).ok_or_else(refused)?;
                format!("{}/{length}", forms::network(address, length))
            }
            Self::Span => read_span(text).ok_or_else(refused)?,
            Self::Port => read_port(text).ok_or_else(refused)?,
            Self::Range => read_range(text)?,
            Self::Mac => forms::read_mac(text).ok_or_else(refused)?,
            Self::Size => forms::read_size(text).ok_or_else(refused)?.to_string(),
            Self::Rate => forms::read_rate(text).ok_or_else(refused)?.to_string(),
            // kept as typed
            Self::RateLimit => RateLimit::parse(text).map(|_| text.to_owned()).ok_or_else(refused)?,
            Self::Date => names.release().date(&read_date(text).ok_or_else(refused)?),
            Self::Clock => {
                let time = forms::read_clock(text).filter(|time| *time < 86_400_000).ok_or_else(refused)? / 1000;
                format!("{:02}:{:02}:{:02}", time / 3600, time / 60 % 60, time % 60)
            }
            Self::Word(words) => {
                if let Some(word) = words.iter().find(|word| &***word == text) {
                    return Ok(Value::text(&**word));
                }
                let mut begin = words.iter().filter(|word| !text.is_empty() && word.starts_with(text));
                return match (begin.next(), begin.next()) {
                    (Some(word), None) if names.takes_abbreviations() => Ok(Value::text(&**word)),
                    (Some(_), Some(_)) if names.takes_abbreviations() => Err(Refusal::Ambiguous),
                    _ => Err(refused()),
                };
            }
            Self::Policy => read_policy(text, names.release())?,
            Self::Key => read_key(text).ok_or_else(refused)?,
            Self::List(kind) => return read_list(kind, raw, names),
            Self::Pair(kind) => {
                let (first, second) = text.split_once('/').unwrap_or((text, text));
                let one = |part: &str| kind.read(part.as_bytes(), names).map(|value| text_of(&value));
                format!("{}/{}", one(first)?, one(second)?)
            }
            Self::Not(kind) => match text.strip_prefix('!') {
                Some(rest) => return Ok(Value::Not(kind.read(rest.as_bytes(), names)?.into())),
                None => return kind.read(raw, names),
            },
            Self::Any(kinds) => {
                let mut outside = None;
                for kind in kinds {
                    match kind.read(raw, names) {
                        Ok(value) => return Ok(value),
                        Err(refusal @ (Refusal::Outside(_) | Refusal::Ambiguous)) => outside = Some(refusal),
                        Err(_) => {}
                    }
                }
                return Err(outside.unwrap_or_else(refused));
            }
        };
        Ok(Value::text(printed))
    }

    /// Is it a rate, or a pair of them?
    pub(crate) fn is_rate(&self) -> bool {
        match self {
            Self::Rate => true,
            Self::Pair(kind) => kind.is_rate(),
            _ => false,
        }
    }

    /// What the router says about a value that does not fit.
    fn refusal(&self) -> Refusal {
        match self {
            Self::Int(_) => Refusal::Integer,
            Self::Time(_) => Refusal::Time,
            Self::Range => Refusal::Range,
            Self::Mac => Refusal::Mac,
            // an address of either family is tried as IPv6 last, and that is what is named
            Self::Ip => Refusal::Argument(Some("ipv6-address")),
            Self::Bool | Self::Word(_) | Self::Reference(_) | Self::Policy => Refusal::Match,
            Self::List(kind) | Self::Not(kind) => kind.refusal(),
            Self::Any(kinds) => match kinds.first() {
                // an address or the name of a pool
                Some(Self::Ip4) => Refusal::Argument(Some("address")),
                Some(first) => first.refusal(),
                None => Refusal::Match,
            },
            _ => Refusal::Argument(None),
        }
    }
}

/// `1..8`
fn bounds(text: &str) -> Option<(i64, i64)> {
    let (low, high) = text.split_once("..")?;
    Some((low.parse().ok()?, high.parse().ok()?))
}

fn split_alternatives(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}

fn reference(menu: Option<MenuIndex>, raw: &[u8], names: &dyn Names) -> Result<Value, Refusal> {
    let menu = menu.ok_or(Refusal::Match)?;
    if let Some(id) = names.id_of(menu, raw) {
        return Ok(Value::Reference(menu, id));
    }
    match names.begin_with(menu, raw).as_slice() {
        _ if raw.is_empty() => Err(Refusal::Match),
        [id] if names.takes_abbreviations() => Ok(Value::Reference(menu, *id)),
        [_, _, ..] => Err(Refusal::Ambiguous),
        _ => Err(Refusal::Match),
    }
}

fn read_list(kind: &Kind, raw: &[u8], names: &dyn Names) -> Result<Value, Refusal> {
    if raw.is_empty() {
        return Ok(Value::text(""));
    }
    let mut values = Vec::new();
    for part in raw.split(|byte| *byte == b',') {
        values.push(kind.read(part, names)?);
    }
    if let (Kind::Word(words), true) = (kind, names.keywords_in_order()) {
        values.sort_by_key(|value| words.iter().position(|word| **word == *text_of(value)));
    }
    if values.iter().all(|value| matches!(value, Value::Text(_))) {
        let texts: Vec<String> = values.iter().map(text_of).collect();
        return Ok(Value::text(texts.join(",")));
    }
    Ok(Value::List(values.into()))
}

fn read_integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

fn read_span(text: &str) -> Option<String> {
    if text.contains('-') {
        return read_range(text).ok();
    }
    let (address, length) = forms::read_prefix(text)?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    Some(if length == whole { address.to_string() } else { format!("{}/{length}", forms::network(address, length)) })
}

fn read_range(text: &str) -> Result<String, Refusal> {
    let address = |part: &str| part.trim().parse::<std::net::Ipv4Addr>();
    if let Some((first, last)) = text.split_once('-') {
        let first = address(first).map_err(|_| Refusal::RangeBefore)?;
        let last = address(last).map_err(|_| Refusal::RangeAfter)?;
        if first > last {
            return Err(Refusal::Range);
        }
        return Ok(if first == last { first.to_string() } else { format!("{first}-{last}") });
    }
    let (address, length) = forms::read_prefix(text).filter(|(address, _)| address.is_ipv4()).ok_or(Refusal::Range)?;
    Ok(if length == 32 { address.to_string() } else { format!("{}/{length}", forms::network(address, length)) })
}

fn read_port(text: &str) -> Option<String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then(|| if first == last { first.to_string() } else { format!("{first}-{last}") })
}

/// `2024-05-17` and `may/17/2024`: both are taken, and stored as the release prints them.
pub(crate) fn read_date(text: &str) -> Option<chrono::NaiveDate> {
    let lower = text.to_ascii_lowercase();
    if let Some((month, rest)) = lower.split_once('/') {
        let (day, year) = rest.split_once('/')?;
        let month = MONTHS.iter().position(|name| *name == month)? + 1;
        chrono::NaiveDate::from_ymd_opt(year.parse().ok()?, u32::try_from(month).ok()?, day.parse().ok()?)
    } else {
        chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
    }
}

/// The only form of a WireGuard key: 43 digits of base64 and `=`; the last digit holds four bits.
fn read_key(text: &str) -> Option<String> {
    let digits = text.strip_suffix('=').filter(|digits| digits.len() == 43)?;
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    digits.bytes().all(is_digit).then(|| text.to_owned())
}
