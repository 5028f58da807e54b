//! Times, as certificates write them and as people read them.
//!
//! In:  UTCTime and GeneralizedTime, also with the fractions and offsets that RFC 5280 forbids.
//! Out: [`Time`], RFC 3339 text, days.
//! Not here: what time it is. The caller says.

use std::fmt;

use super::der::tag;

/// Seconds since 1970-01-01 00:00 UTC; years before 1970 are negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A day, in seconds.
pub const DAY: i64 = 86_400;

impl Time {
    /// A date at midnight, UTC.
    #[must_use]
    pub const fn date(year: i64, month: u32, day: u32) -> Self {
        Self(days_from_civil(year, month, day) * DAY)
    }

    /// A time in the notation of RFC 3339, or a date alone.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = text.as_bytes();
        let number = |range: std::ops::Range<usize>| digits(bytes.get(range)?);
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return None;
        }
        let Some((separator, rest)) = bytes.get(10..)?.split_first() else {
            return civil(year, month, day, 0, 0, 0);
        };
        if !matches!(separator, b'T' | b't' | b' ') {
            return None;
        }
        let (hour, minute) = (digits(rest.get(0..2)?)?, digits(rest.get(3..5)?)?);
        let mut rest = rest.get(5..)?;
        let mut second = 0;
        if let [b':', tens, ones, behind @ ..] = rest {
            second = digits(&[*tens, *ones])?;
            rest = behind;
        }
        if let [b'.', behind @ ..] = rest {
            let fraction = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest = behind.get(fraction..)?;
        }
        let time = civil(year, month, day, hour, minute, second.min(59))?;
        let offset = match rest {
            [] | [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
                let offset = digits(&[*h1, *h2])? * 3600 + digits(&[*m1, *m2])? * 60;
                if *sign == b'+' { offset } else { -offset }
            }
            _ => return None,
        };
        Some(Self(time.0 - offset))
    }

    /// Year, month and day in UTC.
    #[must_use]
    pub fn civil(self) -> (i64, u32, u32) {
        civil_from_days(self.0.div_euclid(DAY))
    }

    /// The same day and time so many months later; a day that the month lacks runs into the next.
    #[must_use]
    pub fn months_later(self, months: u32) -> Self {
        let (year, month, day) = self.civil();
        let month = month - 1 + months;
        let date = Self::date(year + i64::from(month / 12), month % 12 + 1, day);
        Self(date.0 + self.0.rem_euclid(DAY))
    }

    /// Whole days from an earlier time to this one; negative where that one is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(DAY)
    }

    /// What the content octets of a UTCTime or GeneralizedTime say; `None` for no time at all.
    pub(super) fn read(tag: u8, text: &[u8]) -> Option<Self> {
        let (year, rest) = if tag == tag::UTC_TIME {
            let year = digits(text.get(..2)?)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        } else {
            (digits(text.get(..4)?)?, text.get(4..)?)
        };
        let (date, mut rest) = rest.split_at_checked(8)?;
        let part = |at: usize| digits(date.get(at..at + 2)?);
        let mut second = 0;
        if let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', behind @ ..] = rest {
            second = digits(&[*tens, *ones])?;
            rest = behind;
        }
        if tag == tag::GENERALIZED_TIME
            && let [b'.' | b',', behind @ ..] = rest
        {
            let fraction = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if fraction == 0 {
                return None;
            }
            rest = behind.get(fraction..)?;
        }
        let time = civil(year, part(0)?, part(2)?, part(4)?, part(6)?, second)?;
        let offset = match rest {
            [b'Z'] => 0,
            [] if tag == tag::GENERALIZED_TIME => 0,
            [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
                let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
                if hours > 12 || minutes > 59 {
                    return None;
                }
                let offset = hours * 3600 + minutes * 60;
                if *sign == b'+' { offset } else { -offset }
            }
            _ => return None,
        };
        Some(Self(time.0 - offset))
    }
}

/// RFC 3339, in UTC: `2026-05-13T00:00:00Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

fn civil(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<Time> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if !(1..=last).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (month, day) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
    Some(Time(days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second))
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so that
/// the leap day is the last.
const fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month as i64 + 9) % 12) + 2) / 5 + day as i64 - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    // Both are small by construction.
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<String> {
        Time::read(tag::UTC_TIME, text.as_bytes()).map(|time| time.to_string())
    }

    fn generalized(text: &str) -> Option<String> {
        Time::read(tag::GENERALIZED_TIME, text.as_bytes()).map(|time| time.to_string())
    }

    #[test]
    fn reads_times_as_certificates_write_them() {
        assert_eq!(utc("491231235959Z").as_deref(), Some("2049-12-31T23:59:59Z"));
        assert_eq!(utc("500101000000Z").as_deref(), Some("1950-01-01T00:00:00Z"));
        assert_eq!(utc("2401020304Z").as_deref(), Some("2024-01-02T03:04:00Z"));
        assert_eq!(utc("240102030405+0130").as_deref(), Some("2024-01-02T01:34:05Z"));
        assert_eq!(generalized("99991231235959Z").as_deref(), Some("9999-12-31T23:59:59Z"));
        assert_eq!(generalized("20240229120000.5Z").as_deref(), Some("2024-02-29T12:00:00Z"));
        for wrong in ["230229000000Z", "231301000000Z", "23010100000Z", "230101000060Z", "", "230101000000"] {
            assert_eq!(utc(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn counts_days() {
        assert_eq!(Time::date(1970, 1, 1), Time(0));
        assert_eq!(Time::date(2000, 3, 1).days_since(Time::date(2000, 2, 28)), 2);
        assert_eq!(Time::date(1969, 12, 31).civil(), (1969, 12, 31));
        assert_eq!(Time::date(2016, 7, 31).months_later(39), Time::date(2019, 10, 31));
        assert_eq!(Time::date(2015, 1, 31).months_later(1), Time::date(2015, 3, 3));
        for day in (-800_000..3_000_000).step_by(777) {
            let (year, month, date) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, date), day);
        }
    }

    #[test]
    fn reads_what_people_type() {
        let read = |text| Time::parse_rfc3339(text).map(|time| time.to_string());
        assert_eq!(read("2026-05-13").as_deref(), Some("2026-05-13T00:00:00Z"));
        assert_eq!(read("2026-05-13T10:00:00+02:00").as_deref(), Some("2026-05-13T08:00:00Z"));
        assert_eq!(read("2026-05-13 10:00").as_deref(), Some("2026-05-13T10:00:00Z"));
        assert_eq!(read("13.5.2026"), None);
    }
}
