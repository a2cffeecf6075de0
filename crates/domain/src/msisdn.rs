//! Countries, and the mobile numbers in them.

use std::fmt;
use std::str::FromStr;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use specta::Type;

use crate::digits::ascii_digits;
use crate::{Currency, Problem};

/// A country of ISO 3166 that has a telephone numbering plan, and Kosovo (`XK`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country(Id);

/// Names in use where the ISO's own (of `iso_country` 0.1.4) is long or out of date.
const NAMES: [(&str, &str); 26] = [
    ("BN", "Brunei"),
    ("BO", "Bolivia"),
    ("BQ", "Caribbean Netherlands"),
    ("CD", "Congo, Democratic Republic"),
    ("CZ", "Czechia"),
    ("FM", "Micronesia"),
    ("GB", "United Kingdom"),
    ("IR", "Iran"),
    ("KP", "Korea, North"),
    ("KR", "Korea, South"),
    ("LA", "Laos"),
    ("MD", "Moldova"),
    ("MF", "Saint Martin"),
    ("MK", "North Macedonia"),
    ("PS", "Palestine"),
    ("RU", "Russia"),
    ("SX", "Sint Maarten"),
    ("SY", "Syria"),
    ("SZ", "Eswatini"),
    ("TR", "Türkiye"),
    ("TW", "Taiwan"),
    ("TZ", "Tanzania"),
    ("US", "United States"),
    ("VE", "Venezuela"),
    ("VN", "Vietnam"),
    ("XK", "Kosovo"),
];

/// Currencies where the territories of `iso_currency` 0.5.3 are incomplete or out of date (Bulgaria: the euro since 2026).
const CURRENCIES: [(&str, &str); 4] = [("BG", "EUR"), ("IO", "USD"), ("NA", "NAD"), ("XK", "EUR")];

impl Country {
    /// By its ISO 3166 alpha-2 code, in either case.
    pub fn parse(code: &str) -> Result<Self, Problem> {
        Id::from_str(&code.trim().to_ascii_uppercase())
            .ok()
            .map(Self)
            .filter(|country| country.known_name().is_some() && DATABASE.by_id(country.code()).is_some())
            .ok_or(Problem::UnknownChoice)
    }

    /// All of them, by name.
    pub fn all() -> Vec<Self> {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|first| letters().map(move |second| format!("{first}{second}")));
        let mut all: Vec<Self> = codes.filter_map(|code| Self::parse(&code).ok()).collect();
        all.sort_by_key(|country| country.name().replace('Å', "A"));
        all
    }

    /// ISO 3166 alpha-2 code, `BD`.
    pub fn code(&self) -> &str {
        self.0.as_ref()
    }

    /// English name.
    pub fn name(&self) -> &'static str {
        self.known_name().unwrap_or_default()
    }

    fn known_name(self) -> Option<&'static str> {
        let short = NAMES.iter().find(|(code, _)| *code == self.code()).map(|(_, name)| *name);
        short.or_else(|| iso_currency::Country::from_str(self.code()).ok().map(|country| country.name()))
    }

    /// Without the `+`: 880 for Bangladesh. Several countries share some of them.
    pub fn calling_code(&self) -> u16 {
        DATABASE.by_id(self.code()).map_or(0, phonenumber::Metadata::country_code)
    }

    /// The currency that is paid with there.
    pub fn currency(&self) -> Option<Currency> {
        if let Some((_, currency)) = CURRENCIES.iter().find(|(code, _)| *code == self.code()) {
            return Currency::parse(currency).ok();
        }
        let country = iso_currency::Country::from_str(self.code()).ok()?;
        iso_currency::Currency::from_country(country).into_iter().find_map(Currency::latest)
    }
}

/// A mobile number in E.164 (ITU-T), `+8801712345678`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Type)]
#[specta(type = String)]
pub struct Msisdn(String);

impl Msisdn {
    /// Reads a number as it is written in `country` (`01712-345678`) or internationally (`+880…`, `00880…`, `880…`), with
    /// blanks, dashes, dots and brackets, in digits of any script. Fixed lines are refused where the country's plan tells
    /// them from mobiles.
    pub fn parse(text: &str, country: Country) -> Result<Self, Problem> {
        let dialled = dialled(text).ok_or_else(|| Self::problem(country))?;
        let number = match dialled.strip_prefix('+') {
            Some(digits) => international(digits),
            None => national(&dialled, country).or_else(|| international(without_exit_code(&dialled, country)?)),
        };
        number.map(Self).ok_or_else(|| Self::problem(country))
    }

    /// In E.164, with the `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn problem(country: Country) -> Problem {
        Problem::NotAMobile { country: country.code().to_owned() }
    }
}

/// Digits, and a plus before them if there was one. Anything that is neither a digit nor put between digits is refused.
fn dialled(text: &str) -> Option<String> {
    const BETWEEN_DIGITS: &str = "-()./\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}";
    // the invisible marks in a number that is copied out of a telephone
    let copied_along = |letter| matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}');
    let mut dialled = String::new();
    for letter in ascii_digits(text.trim()).chars() {
        match letter {
            '0'..='9' => dialled.push(letter),
            '+' | '\u{FF0B}' if dialled.is_empty() => dialled.push('+'),
            letter if letter.is_whitespace() || BETWEEN_DIGITS.contains(letter) || copied_along(letter) => {}
            _ => return None,
        }
    }
    (4..=20).contains(&dialled.len()).then_some(dialled)
}

/// A mobile in E.164, from what follows the plus.
fn international(digits: &str) -> Option<String> {
    // Exactly so first. `phonenumber` is for `+880 (0)1712…`, and is told no country: it would strip that country's trunk
    // prefix from another country's number.
    let exact = (1..=3).find_map(|length| {
        let (code, number) = digits.split_at_checked(length)?;
        mobile(code.parse().ok()?, number)
    });
    exact.or_else(|| {
        let number = phonenumber::parse(None, format!("+{digits}")).ok()?;
        mobile(number.code().value(), &number.national().to_string())
    })
}

/// A mobile in E.164, from what is dialled within the country.
fn national(digits: &str, country: Country) -> Option<String> {
    let code = country.calling_code();
    let parsed = || {
        let number = phonenumber::parse(Some(country.0), digits).ok()?;
        let own = number.code().value() == code;
        own.then(|| number.national().to_string())
    };
    let without_trunk_prefix = || digits.strip_prefix(DATABASE.by_id(country.code())?.national_prefix()?);
    mobile(code, digits)
        .or_else(|| mobile(code, &parsed()?))
        // where `phonenumber` takes the first digits for a carrier's code (CO)
        .or_else(|| mobile(code, without_trunk_prefix()?))
}

/// The digits less what is dialled for the plus: 00 nearly everywhere and written for it everywhere, else the country's own.
fn without_exit_code(digits: &str, country: Country) -> Option<&str> {
    digits.strip_prefix("00").or_else(|| {
        let prefix = DATABASE.by_id(country.code())?.international_prefix()?.find(digits)?;
        (prefix.start() == 0).then(|| &digits[prefix.end()..])
    })
}

/// The number in E.164, if it is a mobile's in one of the countries with that calling code.
fn mobile(code: u16, number: &str) -> Option<String> {
    // `PhoneNumber::number_type` is of no use here: it forgets leading zeros, which mobiles of some countries have (CI)
    let is_mobile = DATABASE.by_code(&code)?.iter().any(|plan| {
        let descriptors = plan.descriptors();
        descriptors.general().is_match(number) && descriptors.mobile().is_some_and(|mobile| mobile.is_match(number))
    });
    let number = format!("+{code}{number}");
    (is_mobile && number.len() <= 16).then_some(number)
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Msisdn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Msisdn {
    /// Only from E.164: a number of a country alone means nothing here.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let international = text.starts_with('+').then(|| Self::parse(&text, Country(Id::BD)).ok()).flatten();
        international.ok_or_else(|| de::Error::custom(format!("`{text}` is not a mobile number in E.164")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn country(code: &str) -> Country {
        Country::parse(code).unwrap()
    }

    fn parse(text: &str, code: &str) -> Option<String> {
        Msisdn::parse(text, country(code)).ok().map(|number| number.to_string())
    }

    #[test]
    fn a_country_is_found_by_its_code() {
        let bangladesh = country(" bd ");
        assert_eq!((bangladesh.code(), bangladesh.name(), bangladesh.calling_code()), ("BD", "Bangladesh", 880));
        for code in ["", "ZZ", "AQ", "AC", "BGD", "বাং"] {
            assert_eq!(Country::parse(code), Err(Problem::UnknownChoice), "{code}");
        }
    }

    #[test]
    fn all_countries_have_a_name_a_calling_code_and_a_currency() {
        let all = Country::all();
        assert!(all.len() > 230, "{}", all.len());
        assert_eq!(all.first().map(Country::name), Some("Afghanistan"));
        assert_eq!(all.last().map(Country::name), Some("Zimbabwe"));
        for country in all {
            assert!(!country.name().is_empty() && !country.name().contains('['), "{country:?}");
            assert_ne!(country.calling_code(), 0, "{country:?}");
            assert!(country.currency().is_some(), "{country:?}");
        }
    }

    #[test]
    fn a_country_pays_with_its_present_currency() {
        for (code, currency) in
            [("BD", "BDT"), ("IN", "INR"), ("PK", "PKR"), ("US", "USD"), ("HR", "EUR"), ("BG", "EUR"), ("NA", "NAD")]
        {
            assert_eq!(country(code).currency().map(|currency| currency.code()), Some(currency), "{code}");
        }
    }

    #[test]
    fn a_mobile_is_read_however_it_is_written() {
        for text in [
            "01712345678",
            "01712-345678",
            " 0171 2345 678 ",
            "(017) 12.345-678",
            "1712345678",
            "+8801712345678",
            "+880 (0)1712-345678",
            "8801712345678",
            "008801712345678",
            "০১৭১২৩৪৫৬৭৮",
            "+৮৮০১৭১২৩৪৫৬৭৮",
            "٠١٧١٢٣٤٥٦٧٨",
            "\u{202A}+880\u{A0}1712\u{2011}345678\u{202C}",
        ] {
            assert_eq!(parse(text, "BD").as_deref(), Some("+8801712345678"), "{text:?}");
        }
        assert_eq!(parse("098765 43210", "IN").as_deref(), Some("+919876543210"));
        assert_eq!(parse("0301-2345678", "PK").as_deref(), Some("+923012345678"));
    }

    #[test]
    fn a_mobile_of_another_country_is_read_with_its_code() {
        assert_eq!(parse("+91 98765 43210", "BD").as_deref(), Some("+919876543210"));
        assert_eq!(parse("00 91 98765 43210", "BD").as_deref(), Some("+919876543210"));
        // from the United States 011 is dialled for +, and people write 00 all the same
        assert_eq!(parse("011 880 1712 345678", "US").as_deref(), Some("+8801712345678"));
        assert_eq!(parse("00 880 1712 345678", "US").as_deref(), Some("+8801712345678"));
    }

    #[test]
    fn where_the_country_does_not_tell_them_apart_a_number_may_be_a_mobile() {
        assert_eq!(parse("(201) 555-0123", "US").as_deref(), Some("+12015550123"));
    }

    #[test]
    fn what_is_not_a_mobile_is_refused() {
        for text in [
            "",
            "0171234567",
            "017123456789",
            "01212345678",
            "029555555",
            "+44 20 7946 0958",
            "01712345678 x5",
            "abc",
            "+",
            "0+1712345678",
            "999",
            "+800 12345678",
            "1800-FLOWERS",
            "00",
            "00000000000",
        ] {
            assert_eq!(Msisdn::parse(text, country("BD")), Err(Problem::NotAMobile { country: "BD".into() }), "{text}");
        }
    }

    #[test]
    fn the_example_mobile_of_every_country_is_read_nationally_and_internationally() {
        for country in Country::all() {
            let plan = DATABASE.by_id(country.code()).unwrap();
            let example = plan.descriptors().mobile().and_then(|mobile| mobile.example());
            let example = example.unwrap_or_else(|| panic!("{} has no example", country.name()));
            let expected = format!("+{}{example}", country.calling_code());
            let national = format!("{}{example}", plan.national_prefix().unwrap_or(""));
            for text in [example, &national, &expected, &expected.replace('+', "00")] {
                let parsed = Msisdn::parse(text, country).map(|number| number.to_string());
                assert_eq!(parsed, Ok(expected.clone()), "{} as {text}", country.name());
            }
        }
    }

    #[test]
    fn in_json_it_is_a_string_in_e164() {
        let number = Msisdn::parse("01712345678", country("BD")).unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), "\"+8801712345678\"");
        assert_eq!(serde_json::from_str::<Msisdn>("\"+8801712345678\"").unwrap(), number);
        assert!(serde_json::from_str::<Msisdn>("\"01712345678\"").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[+]?[0-9 ()০-৯-]{0,24}", at in 0..Country::all().len()) {
            let _ = Msisdn::parse(&text, Country::all()[at]);
            let _ = Country::parse(&text);
        }

        #[test]
        fn what_is_displayed_parses_to_the_same(subscriber in 0..100_000_000_u32, at in 0..Country::all().len()) {
            let number = Msisdn::parse(&format!("017{subscriber:08}"), country("BD")).unwrap();
            prop_assert_eq!(Msisdn::parse(number.as_str(), Country::all()[at]), Ok(number));
        }
    }
}
