//! Which item of a menu.

use std::fmt;
use std::str::FromStr;

use super::NotAValue;

/// The `.id` of an item, such as `*1A`. It may be `*0`; those of dynamic items are high. It is not stable across a backup
/// and its restoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*{:X}", self.0)
    }
}

impl FromStr for Id {
    type Err = NotAValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('*')
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .map(Self)
            .ok_or_else(|| NotAValue::new("id", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_star_and_hexadecimal_digits() {
        for text in ["*0", "*1A", "*80000001", "*C0A80A08"] {
            assert_eq!(text.parse::<Id>().map(|id| id.to_string()), Ok(text.into()));
        }
        for text in ["", "*", "1A", "*+1", "*1G", "*11111111111111111", "ether1"] {
            assert!(text.parse::<Id>().is_err(), "{text}");
        }
    }
}
