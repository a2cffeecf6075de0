//! Numbers as people type them.

use crate::Problem;

/// The same text with decimal digits of other scripts as ASCII: Bengali, Devanagari, Arabic, Persian, full-width.
pub(crate) fn ascii_digits(text: &str) -> String {
    const ZEROS: [u32; 5] = [0x09E6, 0x0966, 0x0660, 0x06F0, 0xFF10];
    text.chars()
        .map(|letter| {
            ZEROS
                .iter()
                .find_map(|zero| u32::from(letter).checked_sub(*zero).filter(|digit| *digit < 10))
                .and_then(|digit| char::from_digit(digit, 10))
                .unwrap_or(letter)
        })
        .collect()
}

/// A whole number of `min..=max`.
pub(crate) fn whole_number(text: &str, min: i32, max: i32) -> Result<i32, Problem> {
    let text = ascii_digits(text.trim());
    if text.is_empty() {
        return Err(Problem::Required);
    }
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Problem::NotANumber);
    }
    text.parse()
        .ok()
        .filter(|number| (min..=max).contains(number))
        .ok_or(Problem::OutOfRange { min: min.into(), max: max.into() })
}

/// A decimal number, dot before the decimals, as a whole number of its 10^-`decimals`. None when it is not one, or is
/// finer than that, or needs more than 38 digits.
pub(crate) fn decimal(text: &str, decimals: usize) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let only_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let ends_in_dot = text.ends_with('.');
    if whole.is_empty() || ends_in_dot || !only_digits(whole) || !only_digits(fraction) || fraction.len() > decimals {
        return None;
    }
    format!("{whole}{fraction:0<decimals$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_other_scripts_are_digits() {
        assert_eq!(ascii_digits("০১২৩৪৫৬৭৮৯ ٠١٩ ۰۱۹ ०९ 09 +9"), "0123456789 019 019 09 09 +9");
    }

    #[test]
    fn a_whole_number_is_checked_against_its_range() {
        assert_eq!(whole_number(" ৩০ ", 1, 3650), Ok(30));
        assert_eq!(whole_number("0", 1, 3650), Err(Problem::OutOfRange { min: 1, max: 3650 }));
        assert_eq!(whole_number("-5", 1, 3650), Err(Problem::OutOfRange { min: 1, max: 3650 }));
        assert_eq!(whole_number("99999999999999999999", 1, 9), Err(Problem::OutOfRange { min: 1, max: 9 }));
        assert_eq!(whole_number("", 1, 9), Err(Problem::Required));
        for text in ["x", "1.5", "+5", "-", "1 000"] {
            assert_eq!(whole_number(text, 1, 9), Err(Problem::NotANumber), "{text}");
        }
    }

    #[test]
    fn a_decimal_is_exact_or_nothing() {
        assert_eq!(decimal("12.5", 2), Some(1250));
        assert_eq!(decimal("12", 0), Some(12));
        for text in ["", ".5", "5.", "1.234", "1.2.3", "-1", "1e3"] {
            assert_eq!(decimal(text, 2), None, "{text}");
        }
    }
}
