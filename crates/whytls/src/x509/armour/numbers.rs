//! Bytes as decimal numbers, and as the characters of a program's string.
//!
//! In:  text, and where the first byte stands.
//! Out: the bytes, where they are something of ours.
//! Not here: hex digits in a row (`hex`), and the base64 that a string may hold.

use std::ops::Range;

use super::{Blob, Form, length};

/// How a SEQUENCE begins as numbers, also where bytes have a sign: one of two bytes' length, or a short
/// private key; and how PEM does.
pub(super) fn list_starts() -> Vec<String> {
    let mut all = Vec::new();
    for between in [", ", ",", " ", "\n", "\r\n", ",\n", ",\r\n", "\t"] {
        for length in ["129", "130", "131", "-127", "-126", "-125"] {
            // Where the lines are indented, the second number is looked for later.
            if between.ends_with('\n') && between.starts_with(',') {
                all.push(format!("48{between}"));
            } else {
                all.push(format!("48{between}{length}"));
            }
        }
        all.push(["45"; 5].join(between) + between + "66");
    }
    for between in [", ", ",", " "] {
        all.extend(SHORT.map(|length| format!("48{between}{length}{between}2{between}1{between}")));
    }
    all
}

/// Private keys on curves are no longer, nor are they shorter.
const SHORT: Range<u8> = 0x20..0x80;

/// How the same begins in a string: `0` is the byte 30.
pub(super) fn string_starts() -> Vec<String> {
    // In hexadecimal, octal, and in decimal as Lua and OCaml do.
    let usual = ["\\x8", "\\u008", "\\20"].into_iter();
    let usual = usual.flat_map(|start| [1, 2, 3].map(|digit| format!("0{start}{digit}")));
    let keys = SHORT.filter(|byte| byte.is_ascii_alphanumeric()).map(char::from);
    let keys = keys.flat_map(|length| {
        ["\\x02\\x01", "\\u0002\\u0001", "\\002\\001"].map(|version| format!("0{length}{version}"))
    });
    let decimal = ["0", "\\48", "\\048"].into_iter();
    let decimal = decimal.flat_map(|start| [129, 130, 131].map(|length| format!("{start}\\{length}")));
    usual.chain(keys).chain(decimal).collect()
}

/// More than this in vain is not read for one place.
const MOST: usize = 1 << 22;

/// The list of numbers that begins there; where it is nothing of ours, how far it was looked at.
pub(super) fn list(text: &str, start: usize) -> Result<Blob, usize> {
    let before = text.get(..start).unwrap_or_default().trim_end_matches([' ', '\t']);
    if before.ends_with(|c: char| c.is_ascii_digit() || matches!(c, ',' | '.' | '-')) {
        return Err(start + 2);
    }
    let (bytes, end) = numbers(text.as_bytes(), start);
    Blob::of(bytes, start..end, Form::Numbers).ok_or(end)
}

fn numbers(text: &[u8], start: usize) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let (mut at, mut end) = (start, start);
    let mut need = MOST;
    while out.len() < need && at - end < 200 {
        match text.get(at..).unwrap_or_default() {
            [b' ' | b'\t' | b'\r' | b'\n' | b',' | b';', ..] => at += 1,
            rest if rest.starts_with(b"(byte)") => at += 6,
            rest => {
                let sign = usize::from(rest.first() == Some(&b'-'));
                let digits = rest.iter().skip(sign).take(4).take_while(|byte| byte.is_ascii_digit()).count();
                let number = rest.get(..sign + digits).and_then(|word| std::str::from_utf8(word).ok());
                let number = number.and_then(|word| word.parse::<i16>().ok());
                let Some(byte) = number.filter(|number| (-128..=255).contains(number)) else { break };
                out.push(byte.to_be_bytes()[1]);
                at += sign + digits;
                end = at;
                if out.len() == 6 {
                    need = length(&out).unwrap_or(MOST);
                }
            }
        }
    }
    (out, end)
}

/// The string whose first character stands there, with those that it is joined to.
pub(super) fn string(text: &str, start: usize) -> Result<Blob, usize> {
    let bytes = text.as_bytes();
    let quote = start.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    let Some(quote) = quote.filter(|quote| matches!(quote, b'"' | b'\'')) else { return Err(start + 2) };
    // How the first escape is written, all are.
    let digits = match bytes.get(start + 1..) {
        _ if bytes.get(start) == Some(&b'\\') => Digits::Decimal,
        Some([b'\\', b'1', ..]) => Digits::Decimal,
        Some([b'\\', b'2', ..] | [_, b'\\', b'0', ..]) => Digits::Octal,
        _ => Digits::Hex,
    };
    let mut out = Vec::new();
    let mut at = start;
    let mut need = MOST;
    while out.len() < need {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest {
            [b'\\', ..] => {
                let Some((byte, length)) = escape(rest, digits) else { break };
                out.extend(byte);
                at += length;
            }
            [byte, ..] if *byte == quote => match joined(rest, quote) {
                Some(more) => at += more,
                None => break,
            },
            [b'\n' | b'\r', ..] | [] => break,
            [byte, ..] => {
                out.push(*byte);
                at += 1;
            }
        }
        if out.len() == 6 {
            need = length(&out).unwrap_or(MOST);
        }
    }
    let end = text.ceil_char_boundary(at);
    Blob::of(out, start..end, Form::Numbers).ok_or(end)
}

/// What digits behind a backslash are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digits {
    /// `\x82`; `\0` alone is a byte.
    Hex,
    Octal,
    Decimal,
}

/// What a backslash and the characters behind it stand for: a byte or, before a line end, none.
fn escape(text: &[u8], digits: Digits) -> Option<(Option<u8>, usize)> {
    let number = |from: usize, digits: usize, radix: u32| {
        let word = std::str::from_utf8(text.get(from..from + digits)?).ok()?;
        u8::try_from(u32::from_str_radix(word, radix).ok()?).ok()
    };
    let one = |byte: u8| Some((Some(byte), 2));
    if digits == Digits::Decimal
        && let Some(found) = haskell(text.get(1..)?)
    {
        return Some(found);
    }
    match text.get(1)? {
        b'x' => number(2, 2, 16).map(|byte| (Some(byte), 4)),
        b'u' => number(2, 4, 16).map(|byte| (Some(byte), 6)),
        b'0' if digits == Digits::Hex => one(0),
        b'0'..=b'9' if digits != Digits::Hex => {
            let radix = if digits == Digits::Octal { 8 } else { 10 };
            let count = text.iter().skip(1).take(3).take_while(|byte| byte.is_ascii_digit()).count();
            number(1, count, radix).map(|byte| (Some(byte), 1 + count))
        }
        b'a' => one(7),
        b'b' => one(8),
        b't' => one(9),
        b'n' => one(10),
        b'v' => one(11),
        b'f' => one(12),
        b'r' => one(13),
        b'e' => one(27),
        b'\n' => Some((None, 2)),
        other => one(*other),
    }
}

/// Haskell's names of control characters, and its sign between a number and a digit.
fn haskell(text: &[u8]) -> Option<(Option<u8>, usize)> {
    // The name that another one begins with stands behind that.
    const NAMES: [(&str, u8); 26] = [
        ("NUL", 0),
        ("SOH", 1),
        ("STX", 2),
        ("ETX", 3),
        ("EOT", 4),
        ("ENQ", 5),
        ("ACK", 6),
        ("SO", 14),
        ("SI", 15),
        ("DLE", 16),
        ("DC1", 17),
        ("DC2", 18),
        ("DC3", 19),
        ("DC4", 20),
        ("NAK", 21),
        ("SYN", 22),
        ("ETB", 23),
        ("CAN", 24),
        ("EM", 25),
        ("SUB", 26),
        ("ESC", 27),
        ("FS", 28),
        ("GS", 29),
        ("RS", 30),
        ("US", 31),
        ("DEL", 127),
    ];
    if text.first() == Some(&b'&') {
        return Some((None, 2));
    }
    let (name, byte) = NAMES.iter().find(|(name, _)| text.starts_with(name.as_bytes()))?;
    Some((Some(*byte), 1 + name.len()))
}

/// How far it is from a closing quote to the inside of the next string, where they are joined.
fn joined(text: &[u8], quote: u8) -> Option<usize> {
    let gap = text
        .iter()
        .skip(1)
        .take(120)
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\\' | b'+' | b'.' | b'b'))
        .count();
    (text.get(1 + gap) == Some(&quote) && gap > 0).then_some(gap + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_with_and_without_a_sign() {
        assert_eq!(numbers(b"48, 130, 1,\n  2]", 0), (vec![0x30, 0x82, 1, 2], 15));
        assert_eq!(numbers(b"48,-126,0,7", 0).0, [0x30, 0x82, 0, 7]);
        assert_eq!(numbers(b"48, (byte)130 256", 0).0, [0x30, 0x82]);
    }

    #[test]
    fn knows_how_a_short_key_begins() {
        assert!(list_starts().contains(&"48, 119, 2, 1, ".to_owned()));
        assert!(string_starts().contains(&"0w\\x02\\x01".to_owned()));
    }

    #[test]
    fn reads_escapes_of_many_languages() {
        let all = |text: &str, digits: Digits| {
            let (mut out, mut at) = (Vec::new(), 0);
            while let Some((byte, length)) = text.as_bytes().get(at..).and_then(|rest| escape(rest, digits)) {
                out.extend(byte);
                at += length;
            }
            out
        };
        assert_eq!(all(r#"\x82\u00e9\n\e\0\\\""#, Digits::Hex), [0x82, 0xe9, 10, 27, 0, b'\\', b'"']);
        assert_eq!(all(r"\202\000\'", Digits::Octal), [0o202, 0, b'\'']);
        assert_eq!(all(r"\130\3\000", Digits::Decimal), [130, 3, 0]);
        assert_eq!(all(r"\130\ETX\SOH\SO\&\48\DEL", Digits::Decimal), [130, 3, 1, 14, 48, 127]);
        assert_eq!(joined(b"'\n  b'0", b'\''), Some(6));
        assert_eq!(joined(b"', 'a'", b'\''), None);
    }
}
