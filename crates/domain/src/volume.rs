//! Amounts of data.

use std::fmt;

use crate::Problem;
use crate::digits::{ascii_digits, decimal};

/// An amount of data, in bytes: from 1 MB to 1 PB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Volume(i64);

/// Units and their bytes; of two that are equally short, the first is displayed.
const UNITS: [(&str, i64); 11] = [
    ("PB", 1_000_000_000_000_000),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("PiB", 1 << 50),
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl Volume {
    /// 1 MB.
    pub const MIN: Self = Self(1_000_000);
    /// 1 PB.
    pub const MAX: Self = Self(1_000_000_000_000_000);

    /// An amount in bytes.
    pub fn from_bytes(bytes: i64) -> Result<Self, Problem> {
        if (Self::MIN.0..=Self::MAX.0).contains(&bytes) {
            Ok(Self(bytes))
        } else {
            Err(Problem::OutOfRange { min: Self::MIN.0, max: Self::MAX.0 })
        }
    }

    /// Reads `50 GB` (10^9 bytes each), `500MB`, `2.5 GB`, `1 TiB` (2^40 bytes), in either case; a plain number is GB. A
    /// part of a byte is dropped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        const DECIMALS: usize = 9;
        let text = ascii_digits(text.trim());
        let unit_at = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let unit_bytes = match unit.trim() {
            "" => 1_000_000_000,
            unit => bytes_of(unit).ok_or(Problem::NotAVolume)?,
        };
        if number.len() > 30 {
            return Err(Problem::NotAVolume);
        }
        let number = decimal(number, DECIMALS).ok_or(Problem::NotAVolume)?;
        let bytes = number.checked_mul(unit_bytes.into()).map(|bytes| bytes / 10_i128.pow(9));
        Self::from_bytes(bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or(i64::MAX))
    }

    /// In bytes.
    pub fn bytes(self) -> i64 {
        self.0
    }
}

/// The bytes of `GB`, `GiB` or just `G`.
fn bytes_of(unit: &str) -> Option<i64> {
    UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit) || (name.len() == 2 && name[..1].eq_ignore_ascii_case(unit)))
        .map(|(_, bytes)| *bytes)
}

impl fmt::Display for Volume {
    /// In the unit that is exact and shortest: `50 GB`, `1 GiB`, `1500 MB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS.iter().filter(|(_, bytes)| self.0 % bytes == 0);
        let (unit, bytes) = exact.min_by_key(|(_, bytes)| self.0 / bytes).unwrap_or(&("B", 1));
        write!(f, "{} {unit}", self.0 / bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_read_in_its_unit() {
        for (text, bytes) in [
            ("50 GB", 50_000_000_000),
            (" 500MB ", 500_000_000),
            ("1 TiB", 1 << 40),
            ("2.5 gb", 2_500_000_000),
            ("50", 50_000_000_000),
            ("1.5", 1_500_000_000),
            ("20G", 20_000_000_000),
            ("৫০ GB", 50_000_000_000),
            ("1000 kb", 1_000_000),
            ("1 PB", 1_000_000_000_000_000),
            ("1.1 GiB", 1_181_116_006),
            ("1048576 B", 1 << 20),
        ] {
            assert_eq!(Volume::parse(text).map(Volume::bytes), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_amount_of_data_is_refused() {
        for text in ["", "GB", "x", "5 XB", "-5 GB", "5,000 GB", "1.2.3 GB", "5 GB 5", ".5 GB", "5. GB", "1 G B"] {
            assert_eq!(Volume::parse(text), Err(Problem::NotAVolume), "{text}");
        }
        for text in ["0", "999 KB", "1.000001 PB", "9999999999999999999 GB"] {
            assert!(matches!(Volume::parse(text), Err(Problem::OutOfRange { .. })), "{text}");
        }
    }

    #[test]
    fn the_displayed_unit_is_exact() {
        for text in ["50 GB", "1 GiB", "1500 MB", "1 TB", "2500 MB", "1181116006 B", "1 PB", "3 TiB"] {
            assert_eq!(Volume::parse(text).map(|volume| volume.to_string()), Ok(text.into()));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[0-9.]{0,45} ?[kKmMgGtTpP]?i?[bB]?") {
            let _ = Volume::parse(&text);
        }

        #[test]
        fn what_is_displayed_parses_to_the_same(bytes in Volume::MIN.0..=Volume::MAX.0) {
            let volume = Volume::from_bytes(bytes).unwrap();
            prop_assert_eq!(Volume::parse(&volume.to_string()), Ok(volume));
        }
    }
}
