//! Takes DER apart, one value at a time.
//!
//! In:  bytes.
//! Out: tags and contents; an error where a length is wrong or not the shortest.
//! Not here: what the values mean.

/// One value: its tag, its contents, and all of it with the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tlv<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    pub(super) whole: &'a [u8],
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

impl<'a> Reader<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag of what comes next.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next value, whatever it is.
    pub(super) fn any(&mut self) -> Option<Tlv<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7f);
            if !(1..=4).contains(&count) {
                return None;
            }
            let (digits, after) = rest.split_at_checked(count)?;
            length = digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            // DER wants the shortest form.
            if length < 0x80 || digits.first() == Some(&0) {
                return None;
            }
            rest = after;
        }
        let (value, after) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - after.len())?;
        self.0 = after;
        Some(Tlv { tag, value, whole })
    }

    /// The next value, if it has that tag; else nothing is read.
    pub(super) fn take(&mut self, tag: u8) -> Option<Tlv<'a>> {
        if self.peek() == Some(tag) { self.any() } else { None }
    }
}

/// The one value that the bytes are.
pub(super) fn only(bytes: &[u8], tag: u8) -> Option<Tlv<'_>> {
    let mut reader = Reader(bytes);
    let value = reader.take(tag)?;
    reader.is_empty().then_some(value)
}

/// All values in a sequence's contents; none where one of them cannot be read.
pub(super) fn all(bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut reader = Reader(bytes);
    let mut values = Vec::new();
    while !reader.is_empty() {
        values.push(reader.any()?);
    }
    Some(values)
}

/// A small number that is not negative.
pub(super) fn small(value: &[u8]) -> Option<u32> {
    let negative = value.first()? & 0x80 != 0;
    let long =
        value.len() > 1 && value.first() == Some(&0) && value.get(1).is_some_and(|next| next & 0x80 == 0);
    if negative || long || value.len() > 4 {
        return None;
    }
    Some(value.iter().fold(0, |sum, digit| sum << 8 | u32::from(*digit)))
}

/// Seconds since 1970 of a UTCTime or GeneralizedTime as RFC 5280 wants it: seconds and `Z`.
pub(super) fn time(tlv: Tlv<'_>) -> Option<i64> {
    let text = std::str::from_utf8(tlv.value).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match tlv.tag {
        UTC_TIME if text.len() == 12 => {
            let year: i64 = text.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        GENERALIZED_TIME if text.len() == 14 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2).and_then(|digits| digits.parse::<i64>().ok());
    seconds(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?)
}

/// A day and a time of day as seconds since 1970.
pub(super) fn seconds(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<i64> {
    let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
    let days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day)
        || !(0..24).contains(&hour)
        || !(0..60).contains(&minute)
        || !(0..60).contains(&second)
    {
        return None;
    }
    // Years are counted from March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// An object identifier with dots.
pub(super) fn dotted(oid: &[u8]) -> String {
    let mut out = String::new();
    let mut value: u64 = 0;
    for byte in oid {
        value = value.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if out.is_empty() {
                let first = (value / 40).min(2);
                out = format!("{first}.{}", value - first * 40);
            } else {
                out.push('.');
                out.push_str(&value.to_string());
            }
            value = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times() {
        let at = |tag, text: &str| time(Tlv { tag, value: text.as_bytes(), whole: &[] });
        assert_eq!(at(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(at(GENERALIZED_TIME, "20240229123456Z"), Some(1_709_210_096));
        assert_eq!(at(UTC_TIME, "230229000000Z"), None);
        assert_eq!(at(UTC_TIME, "2401010000Z"), None);
    }

    #[test]
    fn refuses_long_lengths() {
        assert!(Reader(&[0x30, 0x81, 0x01, 0x00]).any().is_none());
        assert!(Reader(&[0x30, 0x02, 0x00]).any().is_none());
        assert_eq!(dotted(&[0x55, 0x1d, 0x11]), "2.5.29.17");
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]), "1.2.840.113549");
    }
}
