//! What a refusal says: the literal texts of routers. Where a text is not known from a router, the crate's documentation names it.

use crate::kind::Refusal;
use crate::release::Release;

/// `!trap`: a message and, with some, a category (0 missing item or command, 1 argument, 2 interrupted, 4 general).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Routers leave it out with `failure:` texts.
    pub category: Option<u8>,
    /// As `=message=`.
    pub message: String,
}

impl Trap {
    /// A trap without a category.
    pub fn new(message: impl Into<String>) -> Self {
        Self { category: None, message: message.into() }
    }

    pub(crate) fn with(category: u8, message: impl Into<String>) -> Self {
        Self { category: Some(category), message: message.into() }
    }

    pub(crate) fn failure(text: &str) -> Self {
        Self::new(format!("failure: {text}"))
    }

    /// 7.23 says it without the number.
    pub(crate) fn no_such_item(release: Release) -> Self {
        Self::with(0, if release.since(7, 23) { "no such item" } else { "no such item (4)" })
    }

    pub(crate) fn no_such_directory(name: &str) -> Self {
        Self::with(0, format!("no such command or directory ({name})"))
    }

    /// `no such command`; the sixth line said `no such command prefix` of an unknown directory too.
    pub(crate) fn no_such_command() -> Self {
        Self::with(0, "no such command")
    }

    pub(crate) fn no_such_prefix() -> Self {
        Self::with(0, "no such command prefix")
    }

    /// 6.x does not name it.
    pub(crate) fn unknown_parameter(release: Release, name: &str) -> Self {
        if release.major == 6 {
            Self::with(1, "unknown parameter")
        } else {
            Self::with(1, format!("unknown parameter {name}"))
        }
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self::with(1, format!("missing ={name}="))
    }

    pub(crate) fn no_permission() -> Self {
        Self::new("not enough permissions (9)")
    }

    pub(crate) fn interrupted() -> Self {
        Self::with(2, "interrupted")
    }

    pub(crate) fn device_mode() -> Self {
        Self::failure("not allowed by device-mode")
    }

    /// The text of a refused value.
    pub(crate) fn refused(refusal: &Refusal, argument: &str, value: &[u8]) -> Self {
        let value = String::from_utf8_lossy(value);
        Self::with(
            1,
            match refusal {
                Refusal::Match => format!("input does not match any value of {argument}"),
                Refusal::Ambiguous => {
                    format!("ambiguous value of {argument}, more than one possible value matches input")
                }
                Refusal::Argument(name) => format!("invalid value for argument {}", name.unwrap_or(argument)),
                Refusal::Integer => format!("invalid value {value} for {argument}, an integer required"),
                Refusal::Outside(bounds) => format!("value of {argument} out of range ({bounds})"),
                Refusal::Range => "value of range expects range of ip addresses".to_owned(),
                Refusal::RangeBefore => "value of range must have ip address before '-'".to_owned(),
                Refusal::RangeAfter => "value of range must have ip address after '-'".to_owned(),
                Refusal::Mac => "invalid value of mac, mac address required".to_owned(),
                Refusal::Time => format!("invalid time value for argument {argument}"),
                Refusal::Long(longest) => format!("value of {argument} is longer than {longest}"),
            },
        )
    }
}
