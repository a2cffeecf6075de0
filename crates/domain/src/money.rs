//! Money: exact, in the smallest unit of the provider's currency.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::Problem;
use crate::digits::{ascii_digits, decimal};

/// A currency of ISO 4217 that people pay with: no metals, funds and test codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// By its ISO 4217 code, in either case.
    pub fn parse(code: &str) -> Result<Self, Problem> {
        iso_currency::Currency::from_code(&code.trim().to_ascii_uppercase())
            .and_then(Self::of)
            .ok_or(Problem::UnknownChoice)
    }

    /// The currency that replaced `currency`, if anybody pays with it.
    pub(crate) fn latest(currency: iso_currency::Currency) -> Option<Self> {
        Self::of(currency.latest())
    }

    fn of(currency: iso_currency::Currency) -> Option<Self> {
        let paid_with = currency.exponent().is_some() && !currency.is_fund() && !currency.is_special();
        paid_with.then_some(Self(currency))
    }

    /// Those in use now, by code.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = (0..1000)
            .filter_map(iso_currency::Currency::from_numeric)
            .filter(|currency| currency.is_superseded().is_none())
            .filter_map(Self::of)
            .collect();
        all.sort_by_key(Self::code);
        all
    }

    /// ISO 4217 code, `BDT`.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// English name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// `৳`; `¤` where there is none.
    pub fn symbol(&self) -> String {
        self.0.symbol().symbol
    }

    /// Decimals: 2 for BDT, 0 for JPY, 3 for KWD.
    pub fn exponent(&self) -> u8 {
        self.0.exponent().and_then(|exponent| exponent.try_into().ok()).unwrap_or(0)
    }
}

/// An amount in the smallest unit of its currency: 125000 is 1,250.00 BDT. Negative is owed.
// TypeScript's `number`. As f64 it would be `number | null` there, since JSON has no NaN; i64 is refused by the
// generator. All of ±MAX is exact in a double.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[specta(type = i32)]
pub struct Money(pub i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The largest amount that is calculated with, and less it the smallest: 10^15 of the smallest unit.
    pub const MAX: Self = Self(1_000_000_000_000_000);

    /// Reads what a person typed: `1250`, `1,250.00`, `12,50,000`, `1 250.5`, `১২৫০`, with or without the currency's code
    /// or symbol. Never negative.
    pub fn parse(text: &str, currency: &Currency) -> Result<Self, Problem> {
        let problem = || Problem::NotMoney { currency: currency.code().to_owned() };
        let text = ascii_digits(text.trim());
        if text.is_empty() {
            return Err(Problem::Required);
        }
        let number = without_thousands(without_currency(&text, *currency)).ok_or_else(problem)?;
        let exponent = currency.exponent().into();
        if !(number.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.')) {
            return Err(problem());
        }
        let max = Self::MAX.0 / 10_i64.pow(exponent);
        let range = Problem::OutOfRange { min: 0, max };
        let whole_digits = number.trim_start_matches('0').split('.').next().map_or(0, str::len);
        if whole_digits > 16 {
            return Err(range);
        }
        let amount = decimal(&number, currency.exponent().into()).ok_or_else(problem)?;
        i64::try_from(amount).ok().and_then(|amount| Self(amount).in_range()).ok_or(range)
    }

    /// With thousands, decimals and code: `1,250.00 BDT`.
    pub fn format(self, currency: &Currency) -> String {
        let unit = 10_u64.pow(currency.exponent().into());
        let amount = self.0.unsigned_abs();
        let mut whole = (amount / unit).to_string();
        for at in (1..whole.len()).rev().filter(|at| (whole.len() - at).is_multiple_of(3)).collect::<Vec<_>>() {
            whole.insert(at, ',');
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        let code = currency.code();
        let decimals = usize::from(currency.exponent());
        if decimals == 0 {
            format!("{sign}{whole} {code}")
        } else {
            format!("{sign}{whole}.{:0decimals$} {code}", amount % unit)
        }
    }

    /// The sum, unless it leaves ±[`Money::MAX`].
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self(self.0.checked_add(other.0)?).in_range()
    }

    /// The difference, unless it leaves ±[`Money::MAX`].
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self(self.0.checked_sub(other.0)?).in_range()
    }

    /// So many times as much, unless it leaves ±[`Money::MAX`].
    pub fn checked_mul(self, times: i64) -> Option<Self> {
        Self(self.0.checked_mul(times)?).in_range()
    }

    fn in_range(self) -> Option<Self> {
        (self.0.unsigned_abs() <= Self::MAX.0.unsigned_abs()).then_some(self)
    }
}

/// The text less the currency's code or symbol, on either side.
fn without_currency(text: &str, currency: Currency) -> &str {
    let code = currency.code();
    let before = text.get(..code.len()).filter(|start| start.eq_ignore_ascii_case(code)).map(|_| &text[code.len()..]);
    let after_at = text.len().saturating_sub(code.len());
    let after = text.get(after_at..).filter(|end| end.eq_ignore_ascii_case(code)).map(|_| &text[..after_at]);
    let symbol = currency.symbol();
    let number = before
        .or(after)
        .or_else(|| text.strip_prefix(symbol.as_str()))
        .or_else(|| text.strip_suffix(symbol.as_str()))
        .unwrap_or(text);
    number.trim()
}

/// The number less its separators, if they stand where separators stand: before the last three digits, and before that
/// every two (1,00,000) or three (100,000).
fn without_thousands(text: &str) -> Option<String> {
    const BLANKS: [char; 4] = [' ', '\u{A0}', '\u{202F}', '\u{2009}'];
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let separator = whole.chars().find(|letter| *letter == ',' || BLANKS.contains(letter));
    let Some(separator) = separator else { return Some(text.to_owned()) };
    let groups: Vec<&str> = whole.split(separator).collect();
    let [first, middle @ .., last] = groups.as_slice() else { return None };
    let every = |length| (1..=length).contains(&first.len()) && middle.iter().all(|group| group.len() == length);
    (last.len() == 3 && (every(2) || every(3))).then(|| groups.concat() + fraction)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn a_currency_is_found_by_its_code() {
        assert_eq!(currency(" bdt ").code(), "BDT");
        assert_eq!(currency("BDT").exponent(), 2);
        assert_eq!(currency("BDT").symbol(), "৳");
        assert_eq!(currency("JPY").exponent(), 0);
        assert_eq!(currency("KWD").exponent(), 3);
        for code in ["", "XXX", "XAU", "UYW", "taka", "৳"] {
            assert_eq!(Currency::parse(code), Err(Problem::UnknownChoice), "{code}");
        }
    }

    #[test]
    fn only_currencies_in_use_are_offered() {
        let codes: Vec<&str> = Currency::all().iter().map(Currency::code).collect();
        assert!(codes.is_sorted() && codes.len() > 140, "{codes:?}");
        assert!(codes.contains(&"BDT") && codes.contains(&"EUR"));
        assert!(!codes.contains(&"HRK") && !codes.contains(&"XTS"));
    }

    #[test]
    fn an_amount_is_read_however_it_is_grouped() {
        let bdt = currency("BDT");
        for text in [
            "125000",
            "125000.0",
            "125,000.00",
            "1,25,000",
            "125 000",
            "125\u{A0}000.00",
            "১২৫০০০",
            "১,২৫,০০০.০০",
            "125,000.00 BDT",
            "bdt 125000",
            "৳125,000",
            " 125000 ৳ ",
        ] {
            assert_eq!(Money::parse(text, &bdt), Ok(Money(12_500_000)), "{text}");
        }
        assert_eq!(Money::parse("0.05", &bdt), Ok(Money(5)));
        assert_eq!(Money::parse("12,50,000", &bdt), Ok(Money(125_000_000)));
        assert_eq!(Money::parse("1,234,567", &bdt), Ok(Money(123_456_700)));
        assert_eq!(Money::parse("1.234", &currency("KWD")), Ok(Money(1234)));
        assert_eq!(Money::parse("500", &currency("JPY")), Ok(Money(500)));
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        let bdt = currency("BDT");
        let problem = Err(Problem::NotMoney { currency: "BDT".into() });
        for text in [
            "x",
            "-5",
            "1.234",
            "1.",
            ".5",
            "1,25",
            "12,50",
            "1,2,3",
            ",500",
            "1,0000",
            "1 250,000",
            "1.250,00",
            "1e3",
            "5 USD",
            "1,23,4567",
            "5 5",
            "BDT",
            "1234,567",
        ] {
            assert_eq!(Money::parse(text, &bdt), problem, "{text}");
        }
        assert_eq!(Money::parse(" ", &bdt), Err(Problem::Required));
        assert!(matches!(Money::parse("1.5", &currency("JPY")), Err(Problem::NotMoney { .. })));
    }

    #[test]
    fn an_amount_beyond_the_largest_is_refused() {
        let bdt = currency("BDT");
        assert_eq!(Money::parse("10,000,000,000,000", &bdt), Ok(Money::MAX));
        let range = Err(Problem::OutOfRange { min: 0, max: 10_000_000_000_000 });
        assert_eq!(Money::parse("10,000,000,000,000.01", &bdt), range);
        assert_eq!(Money::parse(&"9".repeat(60), &bdt), range);
    }

    #[test]
    fn an_amount_is_formatted_with_the_decimals_of_its_currency() {
        assert_eq!(Money(125_000).format(&currency("BDT")), "1,250.00 BDT");
        assert_eq!(Money(-5).format(&currency("BDT")), "-0.05 BDT");
        assert_eq!(Money(0).format(&currency("BDT")), "0.00 BDT");
        assert_eq!(Money(1_234_567).format(&currency("JPY")), "1,234,567 JPY");
        assert_eq!(Money(123_456).format(&currency("KWD")), "123.456 KWD");
    }

    #[test]
    fn arithmetic_stops_at_the_largest_amount() {
        assert_eq!(Money(5).checked_add(Money(-7)), Some(Money(-2)));
        assert_eq!(Money(5).checked_sub(Money(7)), Some(Money(-2)));
        assert_eq!(Money(5).checked_mul(3), Some(Money(15)));
        assert_eq!(Money::MAX.checked_add(Money(1)), None);
        assert_eq!(Money(-1).checked_sub(Money::MAX), None);
        assert_eq!(Money(i64::MAX).checked_mul(2), None);
    }

    #[test]
    fn in_json_it_is_a_number() {
        assert_eq!(serde_json::to_string(&Money(-125)).unwrap(), "-125");
        assert_eq!(serde_json::from_str::<Money>("125").unwrap(), Money(125));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[0-9,. ৳০-৯BDT-]{0,40}") {
            for code in ["BDT", "JPY", "KWD", "AED"] {
                let _ = Money::parse(&text, &currency(code));
            }
            let _ = Currency::parse(&text);
        }

        #[test]
        fn what_is_formatted_parses_to_the_same(amount in 0..=Money::MAX.0, at in 0..Currency::all().len()) {
            let currency = Currency::all()[at];
            prop_assert_eq!(Money::parse(&Money(amount).format(&currency), &currency), Ok(Money(amount)));
        }
    }
}
