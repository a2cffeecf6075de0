//! `/system/clock`: what the router thinks the time is.

use chrono::{NaiveDateTime, TimeDelta};

use super::item::read_one;
use super::property::menu;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::text::Text;
use crate::value::date_time;

menu! {
    /// `/system/clock`: date and time in the router's own time zone.
    pub struct Clock of "/system/clock" {
        /// `2024-05-17`, or `may/17/2024` before 7.10.
        date: Text = "date",
        /// `17:58:11`
        time: Text = "time",
        /// How far its time zone is from UTC, `+06:00`.
        gmt_offset: Text = "gmt-offset",
        /// Such as `Asia/Dhaka`.
        time_zone_name: Text = "time-zone-name",
    }
}

impl Clock {
    /// Reads it.
    pub async fn read(connection: &Connection) -> Result<Self, CommandError> {
        read_one(connection, Self::print()).await
    }

    /// The same in UTC; none: it could not be read.
    pub fn utc(&self) -> Option<NaiveDateTime> {
        let here = date_time(&format!("{} {}", self.date, self.time), chrono::NaiveDate::MIN)?;
        here.checked_sub_signed(offset(&self.gmt_offset.as_str())?)
    }
}

/// `+06:00`, `-03:30`; nothing is UTC.
fn offset(text: &str) -> Option<TimeDelta> {
    let (sign, rest) = match text.split_at_checked(1) {
        None => return Some(TimeDelta::zero()),
        Some(("-", rest)) => (-1, rest),
        Some(("+", rest)) => (1, rest),
        Some(_) => (1, text),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    TimeDelta::try_minutes(sign * (hours.checked_mul(60)?.checked_add(minutes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_of_any_release_is_told_in_utc() {
        for (date, gmt_offset) in [("2024-05-17", "+06:00"), ("may/17/2024", "+06:00")] {
            let clock = Clock {
                date: date.into(),
                time: "03:58:11".into(),
                gmt_offset: gmt_offset.into(),
                time_zone_name: "Asia/Dhaka".into(),
            };
            assert_eq!(clock.utc().map(|utc| utc.to_string()).as_deref(), Some("2024-05-16 21:58:11"));
        }
        assert_eq!(offset("-03:30"), Some(TimeDelta::minutes(-210)));
        assert_eq!(offset("later"), None);
    }
}
