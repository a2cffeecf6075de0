//! Dates and times of day, in the router's own time zone.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads `2024-05-17 17:58:11` (newer 7.x) and `may/17/2024 17:58:11` (6.x and early 7.x); the time of day may be missing
/// and is midnight then. A log's shorter forms `may/17 17:58:11` and `17:58:11` take what they lack from `today`.
pub fn date_time(text: &str, today: NaiveDate) -> Option<NaiveDateTime> {
    let text = text.trim();
    let (day, clock) = match text.split_once(' ') {
        Some((day, clock)) => (date(day, today)?, time(clock.trim())?),
        None if text.contains(':') => (today, time(text)?),
        None => (date(text, today)?, NaiveTime::MIN),
    };
    Some(day.and_time(clock))
}

fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()
}

fn date(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date);
    }
    let mut parts = text.split(['/', '-']);
    let (first, day, year) = (parts.next()?, parts.next()?.parse().ok()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let month = match MONTHS.iter().position(|month| first.eq_ignore_ascii_case(month)) {
        Some(at) => u32::try_from(at + 1).ok()?,
        // newer logs of the same year print `05-17`
        None if year.is_none() => first.parse().ok()?,
        None => return None,
    };
    let date = |year| NaiveDate::from_ymd_opt(year, month, day);
    match year {
        Some(year) => date(year.parse().ok()?),
        // a line of last December is read in January
        None => date(today.year()).filter(|date| *date <= today).or_else(|| date(today.year() - 1)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        let today = NaiveDate::from_ymd_opt(2024, 6, 1).unwrap();
        date_time(text, today).map(|time| time.to_string())
    }

    #[test]
    fn both_forms_are_read() {
        for (text, expected) in [
            ("2024-05-17 17:58:11", "2024-05-17 17:58:11"),
            ("2024-05-17", "2024-05-17 00:00:00"),
            ("may/01/2023 20:52:13", "2023-05-01 20:52:13"),
            ("MAY/01/2023", "2023-05-01 00:00:00"),
            ("may/17 17:58:11", "2024-05-17 17:58:11"),
            ("05-17 17:58:11", "2024-05-17 17:58:11"),
            ("dec/31 23:59:59", "2023-12-31 23:59:59"),
            ("17:58:11", "2024-06-01 17:58:11"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "never", "may/32/2023", "2024-13-01", "may/01/2023/1", "25:00:00", "may/01/2023 x", "x/1/2023"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[a-z0-9/: -]{0,30}") {
            let _ = read(&text);
        }
    }
}
