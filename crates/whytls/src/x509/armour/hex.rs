//! Bytes as hex digits, in a row or as a dump that begins with them.
//!
//! In:  text, and where the first byte stands.
//! Out: the bytes, where they are something of ours.
//! Not here: dumps of anything else.

use std::ops::Range;

use super::{Blob, Form, length};

/// How a SEQUENCE begins in hex, also that of a short private key, and PEM.
pub(super) fn starts() -> Vec<String> {
    const BETWEEN: [&str; 9] = ["", " ", ":", "-", ",", ", 0x", ",0x", "\\x", ".toByte(), 0x"];
    let write = |bytes: &[u8], between: &str| {
        let mut text = String::new();
        for (at, byte) in bytes.iter().enumerate() {
            text.push_str(if at > 0 { between } else { "" });
            text.extend(
                [byte >> 4, byte & 0xf].into_iter().filter_map(|half| char::from_digit(half.into(), 16)),
            );
        }
        text
    };
    let mut all: Vec<String> = Vec::new();
    for between in BETWEEN {
        all.extend([0x80, 0x81, 0x82, 0x83].map(|length| write(&[0x30, length], between)));
        for length in 0x20..0x80 {
            let text = write(&[0x30, length, 0x02, 0x01], between);
            if text.bytes().any(|byte| (b'a'..=b'f').contains(&byte)) {
                all.push(text.to_ascii_uppercase().replace('X', "x"));
            }
            all.push(text);
        }
        let pem = write(b"-----B", between);
        all.push(pem.to_ascii_uppercase().replace('X', "x"));
        all.push(pem);
    }
    // xxd writes two bytes together.
    all.push("2d2d 2d2d 2d42".to_owned());
    all
}

/// A line of a dump has no more bytes than this.
const DUMP_LINE: usize = 64;

/// 7,777,760 and 10,000,000, read as hex, are so far from each other.
const OCTAL_STEP: usize = 0x10_000_000 - 0x7_777_760;

/// A comment between bytes is no longer.
const COMMENT: usize = 120;

/// More than this in vain is not read for one place.
const MOST: usize = 1 << 22;

/// What begins there; where it is nothing of ours, how far it was looked at.
pub(super) fn read(text: &str, start: usize) -> Result<Blob, usize> {
    let mut end = start;
    read_to(text, start, &mut end).ok_or(end)
}

/// No head of a line that matters is longer.
const HEAD: usize = 64;

fn read_to(text: &str, start: usize, end: &mut usize) -> Option<Blob> {
    let near = text.floor_char_boundary(start.saturating_sub(HEAD));
    let head = text.get(near..start)?;
    let line_start = near + head.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let head = text.get(line_start..start)?;
    let property = is_property(text.get(..start)?);
    if !property && !begins(head) {
        return None;
    }
    let (bytes, range) = match offset(head).filter(|_| !property) {
        Some(first) => dump(text, line_start, start, first)?,
        None => row(text, start)?,
    };
    *end = range.end;
    // Node shows the first 50 bytes of a buffer, which is nothing that was lost.
    let behind = text.get(range.end..)?.trim_start().strip_prefix("... ");
    if behind
        .is_some_and(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(" more byte"))
    {
        return None;
    }
    Blob::of(bytes, range, Form::Hex)
}

/// Whether a row of bytes may begin behind this: not in the middle of another one.
fn begins(head: &str) -> bool {
    let head = head.strip_suffix("0x").or_else(|| head.strip_suffix("\\x")).unwrap_or(head);
    if head.ends_with(|c: char| c.is_ascii_hexdigit()) {
        return false;
    }
    let head = head.trim_end_matches([' ', '\t', ',', ':']);
    if offset(head).is_some() {
        return true;
    }
    // A word before it that is a byte as well: this is the middle.
    let word = head.rsplit([' ', ',', ':', '\t', '\\', '"']).next().unwrap_or_default();
    let word = word.trim_start_matches("0x").trim_start_matches('x');
    !(word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether Windows' registry has a certificate there: property 32, a one, and a length stand before it.
fn is_property(before: &str) -> bool {
    const HEAD: [u8; 8] = [0x20, 0, 0, 0, 1, 0, 0, 0];
    let mut rest = before.as_bytes();
    let mut bytes = [0; 12];
    for byte in bytes.iter_mut().rev() {
        let end = rest.iter().rposition(|byte| !matches!(byte, b' ' | b',' | b'\\' | b'\r' | b'\n' | b'\t'));
        let Some([head @ .., high, low]) = end.and_then(|end| rest.get(..=end)) else { return false };
        let Some(value) = pair(*high, *low) else { return false };
        *byte = value;
        rest = head;
    }
    bytes.starts_with(&HEAD)
}

/// The number that a line of a dump begins with.
fn offset(head: &str) -> Option<usize> {
    let head = head.trim().trim_end_matches([':', '|', '-', ' ']);
    let digits = head.strip_prefix("0x").unwrap_or(head);
    // PowerShell 7 writes sixteen digits.
    let digits = digits.strip_prefix("00000000").filter(|rest| rest.len() == 8).unwrap_or(digits);
    if !(3..=8).contains(&digits.len()) {
        return None;
    }
    usize::from_str_radix(digits, 16).ok()
}

/// Digits in pairs, with what may stand between them.
fn row(text: &str, start: usize) -> Option<(Vec<u8>, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::new();
    let mut at = start;
    let mut end = start;
    let mut need = MOST;
    while out.len() < need {
        let rest = bytes.get(at..)?;
        match rest {
            [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                out.push(pair(*a, *b)?);
                at += 2;
                end = at;
                if out.len() == 6 {
                    need = length(&out).unwrap_or(MOST);
                }
            }
            [b'0', b'x' | b'X', ..] => at += 2,
            [b'\\', b'x', ..] => at += 2,
            [b'\\', b'n' | b'r', ..] => at += 2,
            // A comment in C, and Kotlin's bytes.
            [b'/', b'*', ..] => {
                let end = rest
                    .iter()
                    .take(COMMENT)
                    .zip(rest.iter().skip(1))
                    .position(|pair| pair == (&b'*', &b'/'));
                let Some(length) = end.filter(|end| *end > 1) else { break };
                at += length + 2;
            }
            rest if rest.starts_with(b".toByte()") => at += 9,
            [b' ' | b'\t' | b'\n' | b'\r' | b':' | b',' | b'-' | b';' | b'"' | b'\'' | b'\\' | b'+', ..] => {
                at += 1
            }
            _ => break,
        }
        // Nothing but separators for long: it is over.
        if at - end > 200 {
            break;
        }
    }
    Some((out, start..end))
}

fn pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// A dump: lines of an offset, bytes, and the same as characters. How many bytes a line has, the
/// offsets say.
fn dump(text: &str, line_start: usize, first_byte: usize, first: usize) -> Option<(Vec<u8>, Range<usize>)> {
    let mut lines = Vec::new();
    let mut place = line_start;
    let mut offsets = Vec::new();
    for line in text.get(line_start..)?.split_inclusive('\n') {
        let head_end = if lines.is_empty() {
            first_byte - line_start
        } else {
            let trimmed = line.trim_start();
            let indent = line.len() - trimmed.len();
            let word = trimmed.split([' ', '\t']).next().unwrap_or_default();
            if offset(word).is_none() {
                break;
            }
            indent + word.len()
        };
        let next = offset(line.get(..head_end)?.trim())?;
        // Another dump begins, or this is none.
        // Of octal offsets the step is greater where they carry: 70, 100; 7770, 10000.
        if offsets.last().is_some_and(|last| !(*last + 1..=*last + OCTAL_STEP).contains(&next)) {
            break;
        }
        offsets.push(next);
        lines.push((place, line, head_end));
        place += line.len();
        if offsets.len() > MOST / 16 {
            break;
        }
    }
    // od counts in eights: what it calls 20 is 16.
    let taken = lines.first().map_or(0, |(_, line, head)| pairs(line.get(*head..).unwrap_or_default()));
    let octal = |offset: usize| usize::from_str_radix(&format!("{offset:x}"), 8).ok();
    let (first, offsets) = match (offsets.get(1).copied().and_then(octal), octal(first)) {
        (Some(second), Some(start))
            if taken > 0 && second == start + taken && offsets.get(1) != Some(&(first + taken)) =>
        {
            (start, offsets.iter().map_while(|offset| octal(*offset)).collect())
        }
        _ => (first, offsets),
    };
    let width = match offsets.as_slice() {
        [_, second, ..] => second.checked_sub(first).filter(|width| (1..=DUMP_LINE).contains(width))?,
        _ => 16,
    };
    let mut out = Vec::new();
    let mut end = first_byte;
    for (number, (place, line, head_end)) in lines.iter().enumerate() {
        if offsets.get(number).is_none_or(|offset| *offset != first + number * width) {
            break;
        }
        let body = line.get(*head_end..)?.as_bytes();
        let mut at = 0;
        let mut taken = 0;
        let mut gap = 0;
        while taken < width {
            match body.get(at..) {
                Some([a, b, ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                    out.push(pair(*a, *b)?);
                    taken += 1;
                    at += 2;
                    gap = 0;
                }
                Some([b' ' | b'\t' | b':' | b'-', ..]) => {
                    at += 1;
                    gap += 1;
                    // The characters stand further away than the bytes from each other.
                    if gap > 3 && taken > 0 {
                        break;
                    }
                }
                _ => break,
            }
        }
        end = place + line.trim_end().len();
    }
    Some((out, first_byte..end.max(first_byte)))
}

/// How many bytes stand at the beginning of a line, with spaces between.
fn pairs(line: &str) -> usize {
    let byte = |word: &&str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    line.split_whitespace().take(DUMP_LINE).take_while(byte).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_where_a_row_begins() {
        assert!(begins("cert = "));
        assert!(begins("00000000  "));
        assert!(begins("0x"));
        assert!(begins("0000:"));
        assert!(!begins("16 03 01 "));
        assert!(!begins("abc"));
        assert!(!begins("0x16, 0x"));
    }

    #[test]
    fn knows_the_certificate_of_a_property() {
        assert!(is_property("hex:5c,20,00,00,00,01,00,00,\\\n  00,19,03,00,00,"));
        assert!(is_property("00002000000001000000d2030000"));
        assert!(!is_property("20,00,00,00,00,00,00,00,19,03,00,00,"));
        assert!(!is_property("00"));
    }

    #[test]
    fn reads_lines_of_a_dump_by_their_offsets() {
        let text = "0000  30 82 01 02  0...\n0004  aa bb cc  ...\nend";
        assert_eq!(
            dump(text, 0, 6, 0).map(|(bytes, _)| bytes),
            Some(vec![0x30, 0x82, 1, 2, 0xaa, 0xbb, 0xcc])
        );
        let text = "0000000 30 82 01 02 03 04 05 06\n0000010 aa bb cc\n0000013\n";
        assert_eq!(
            dump(text, 0, 8, 0).map(|(bytes, _)| bytes),
            Some(vec![0x30, 0x82, 1, 2, 3, 4, 5, 6, 0xaa, 0xbb, 0xcc])
        );
        assert_eq!(row("0x30, 0x82 /* 0. */, 0x01", 2).map(|(bytes, _)| bytes), Some(vec![0x30, 0x82, 1]));
        assert_eq!(offset("00000000000000A0"), Some(0xa0));
        assert_eq!(
            row("30:82:01 and", 0).map(|(bytes, range)| (bytes, range.end)),
            Some((vec![0x30, 0x82, 1], 8))
        );
    }
}
