//! Refusals of single fields, in words that stand beside the field.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Why a field was refused. The interface translates it; [`Problem::words`] is the English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    /// Nothing was given.
    Required,
    /// More than `max` characters.
    TooLong { max: u32 },
    /// Fewer than `min` characters.
    TooShort { min: u32 },
    /// A control character, a line break, or whatever else `allowed` leaves out.
    BadCharacters { allowed: String },
    /// Not a MAC address in any notation.
    NotAMac,
    /// Not a mobile number of `country` (ISO 3166 code) or an international one.
    NotAMobile { country: String },
    /// Not an IPv4 address.
    NotAnAddress,
    /// Not a RouterOS rate limit; `part` is what could not be read.
    NotARateLimit { part: String },
    /// Not an amount of `currency` (ISO 4217 code), or too many decimals for it.
    NotMoney { currency: String },
    /// Nothing at all, where there must be something.
    Nothing,
    /// Not an amount of data such as `50 GB`.
    NotAVolume,
    /// Not a whole number.
    NotANumber,
    /// Outside `min..=max`.
    OutOfRange { min: i64, max: i64 },
    /// The end of a period before its beginning.
    BeforeTheBeginning,
    /// Another record has it already.
    Taken,
    /// Not the present password.
    WrongPassword,
    /// Not one of the choices.
    UnknownChoice,
    /// Not an IPv4 network.
    NotANetwork,
    /// Not ranges of IPv4 addresses.
    NotARange,
    /// Neither a host name nor an address.
    NotAHost,
    /// Not a length of time.
    NotADuration,
    /// Shares addresses with `with`, a blank or a field of the same template.
    Overlaps { with: String },
    /// The template has no blank of that name.
    UnknownBlank,
}

impl Problem {
    /// The refusal in English, to stand beside the field.
    pub fn words(&self) -> String {
        match self {
            Self::Required => "is needed".into(),
            Self::TooLong { max } => format!("may have at most {max} characters"),
            Self::TooShort { min } => format!("needs at least {min} characters"),
            Self::BadCharacters { allowed } => format!("may contain only {allowed}"),
            Self::NotAMac => "is not a MAC address; write it like AA:BB:CC:DD:EE:FF".into(),
            Self::NotAMobile { country } => {
                let country = crate::Country::parse(country).map_or(country.as_str(), |country| country.name());
                format!("is not a mobile number of {country}; for another country begin with + and its code")
            }
            Self::NotAnAddress => "is not an IPv4 address; write it like 10.20.0.5".into(),
            Self::NotARateLimit { part } => {
                format!("cannot be read at `{part}`; write upload/download like 5M/10M")
            }
            Self::NotMoney { currency } => format!("is not an amount of {currency}; write it like 1250"),
            Self::Nothing => "must be more than 0".into(),
            Self::NotAVolume => "is not an amount of data; write it like 50 GB or 500 MB".into(),
            Self::NotANumber => "is not a whole number".into(),
            Self::OutOfRange { min, max } => format!("must be from {min} to {max}"),
            Self::BeforeTheBeginning => "is before the beginning".into(),
            Self::Taken => "is in use already".into(),
            Self::WrongPassword => "is not your present password".into(),
            Self::UnknownChoice => "is not one of the choices".into(),
            Self::NotANetwork => "is not an IPv4 network; write it like 10.20.0.0/22".into(),
            Self::NotARange => "is not a range of addresses; write it like 10.20.0.2-10.20.0.254".into(),
            Self::NotAHost => "is neither a host name nor an address".into(),
            Self::NotADuration => "is not a length of time; write it like 5m or 1d".into(),
            Self::Overlaps { with } => format!("shares addresses with `{with}`"),
            Self::UnknownBlank => "is not a blank of this template".into(),
        }
    }
}

/// A refused field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FieldError {
    /// The field's name, as in the draft that was sent.
    pub field: String,
    /// Why, for programs and translators.
    pub problem: Problem,
    /// Why, in English.
    pub message: String,
}

impl FieldError {
    /// `field` was refused because of `problem`.
    pub fn new(field: &str, problem: Problem) -> Self {
        Self { field: field.to_owned(), message: problem.words(), problem }
    }
}

/// Collects the refusals of one draft, so that a person sees all of them at once.
#[derive(Debug, Default)]
pub struct Draft {
    errors: Vec<FieldError>,
}

impl Draft {
    /// Keeps a parsed value, or notes why there is none.
    pub fn take<T>(&mut self, field: &str, parsed: Result<T, Problem>) -> Option<T> {
        parsed.map_err(|problem| self.refuse(field, problem)).ok()
    }

    /// Parses a field that may be left empty.
    pub fn optional<T>(
        &mut self,
        field: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let text = text.trim();
        if text.is_empty() { None } else { self.take(field, parse(text)) }
    }

    /// Parses a field that must be filled in.
    pub fn required<T>(
        &mut self,
        field: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let text = text.trim();
        self.take(field, if text.is_empty() { Err(Problem::Required) } else { parse(text) })
    }

    /// Notes a refusal.
    pub fn refuse(&mut self, field: &str, problem: Problem) {
        self.errors.push(FieldError::new(field, problem));
    }

    /// What was put together, or the refusals. It is none only where something was refused.
    pub(crate) fn finish_with<T>(self, checked: Option<T>) -> Result<T, Vec<FieldError>> {
        match checked {
            Some(checked) if self.errors.is_empty() => Ok(checked),
            _ => Err(self.errors),
        }
    }

    /// The refusals, if there were any.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }
}
