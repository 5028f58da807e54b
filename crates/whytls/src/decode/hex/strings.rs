//! Bytes in strings: `\x16\x03\x01`, `\026\003`, `#026#003`, `%16%03`, `\u0016`.
//!
//! In:  lines, from the one on in which the string begins.
//! Out: the bytes.
//! Not here: what the bytes are.

use super::Candidate;
use crate::paste::Line;
use crate::wire::Shown;

/// How bytes that cannot be printed are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// C and all that came after it; the number of backslashes before each letter.
    Backslash(usize),
    /// rsyslog: `#026`.
    Hash,
    /// URLs: `%16`.
    Percent,
    /// `cat -v`: `^V^C`.
    Caret,
}

/// The bytes of the string that begins in the first line.
pub(super) fn escaped(lines: &[Line<'_>], most: usize) -> Option<(usize, Vec<Candidate>)> {
    let first = lines.first()?;
    let (style, at) = begins(first.text)?;
    let head = first.text.get(..at)?;
    // From the quote on, if one was opened and not closed again before the first escape.
    let quote = head.char_indices().rev().take(400).find(|(_, char)| matches!(char, '"' | '\'' | '`'));
    let opened = quote.filter(|(open, char)| {
        head.get(..*open).is_some_and(|before| before.matches(*char).count() % 2 == 0) || at == open + 1
    });
    let (start, quote) = match opened {
        Some((open, char)) => (open + 1, Some(char)),
        None => (at, None),
    };
    let mut shown = Shown::default();
    let mut closed = string(first, start, quote, style, &mut shown);
    let mut count = 1;
    for line in lines.iter().skip(1).take(most.saturating_sub(1)) {
        // The next part of a string in several lines.
        let Some(mark) = quote else { break };
        let behind = closed.and_then(|end| lines.get(count - 1)?.text.get(end + 1..)).unwrap_or("\\");
        if !behind.trim_matches([' ', '\t', '\\', '+', '.', '&', ',']).is_empty() {
            break;
        }
        let text = line.text;
        let column = start.saturating_sub(1);
        let below = text.get(column..).is_some_and(|rest| rest.starts_with(mark));
        let joint = |char: char| matches!(char, ' ' | '\t' | '+' | '.' | 'b' | '&' | '>' | '|');
        let begin = if below { Some(column) } else { text.find(|char: char| !joint(char)) };
        let Some(begin) = begin.filter(|begin| text.get(*begin..).is_some_and(|rest| rest.starts_with(mark)))
        else {
            break;
        };
        closed = string(line, begin + 1, quote, style, &mut shown);
        count += 1;
    }
    (shown.len() >= 3).then(|| (count, vec![Candidate { shown, dump: false }]))
}

/// Where the first of several escapes stands, and how they are written.
fn begins(text: &str) -> Option<(Style, usize)> {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b'\\' | b'#' | b'%' | b'^') {
            continue;
        }
        let marks = bytes.iter().skip(at).take_while(|other| *other == byte).count();
        let style = match byte {
            b'\\' if marks <= 4 => Style::Backslash(marks),
            b'#' => Style::Hash,
            b'%' => Style::Percent,
            _ => Style::Caret,
        };
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        if before == Some(byte) {
            continue;
        }
        // Three in a row with at most two letters between them: nobody writes that by chance.
        let mut here = at;
        let mut seen = 0;
        let mut plain = 0;
        while seen < 3 && plain < 3 {
            match escape(text, here, style) {
                Some((_, len)) => {
                    here += len;
                    seen += 1;
                }
                None if bytes.get(here).is_some_and(|byte| matches!(byte, b'!'..=b'~') && *byte != b'"') => {
                    here += 1;
                    plain += 1;
                }
                None => break,
            }
        }
        if seen == 3 && numeric(text, at, style) {
            return Some((style, at));
        }
    }
    None
}

/// The first escape is a number: `\n` and `\t` stand in many texts.
fn numeric(text: &str, at: usize, style: Style) -> bool {
    match style {
        Style::Backslash(marks) => {
            text.as_bytes().get(at + marks).is_some_and(|byte| matches!(byte, b'x' | b'u' | b'0'..=b'7'))
        }
        _ => true,
    }
}

/// The byte that an escape stands for, and the escape's length.
fn escape(text: &str, at: usize, style: Style) -> Option<(u8, usize)> {
    let bytes = text.as_bytes();
    let hex = |at: usize, len: usize| {
        let digits =
            text.get(at..at + len).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u8::try_from(u32::from_str_radix(digits, 16).ok()?).ok()
    };
    match style {
        Style::Backslash(marks) => {
            let slashes = bytes.iter().skip(at).take_while(|byte| **byte == b'\\').count();
            if slashes < marks {
                return None;
            }
            let at = at + marks;
            let known = |byte: u8| Some((byte, marks + 1));
            match bytes.get(at)? {
                b'x' | b'X' => Some((hex(at + 1, 2)?, marks + 3)),
                b'u' => Some((hex(at + 1, 4)?, marks + 5)),
                b'0'..=b'7' => {
                    let len =
                        bytes.iter().skip(at).take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                    let value = u16::from_str_radix(text.get(at..at + len)?, 8).ok()?;
                    match u8::try_from(value) {
                        Ok(value) => Some((value, marks + len)),
                        Err(_) => Some((u8::from_str_radix(text.get(at..at + 2)?, 8).ok()?, marks + 2)),
                    }
                }
                b'n' => known(10),
                b'r' => known(13),
                b't' => known(9),
                b'a' => known(7),
                b'b' => known(8),
                b'f' => known(12),
                b'v' => known(11),
                b'e' => known(27),
                other @ (b'\\' | b'"' | b'\'' | b'`' | b'/' | b'?' | b'$') => known(*other),
                _ => None,
            }
        }
        Style::Hash => {
            let digits = text.get(at..)?.strip_prefix('#')?.get(..3)?;
            let octal = digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
            Some((octal.then(|| u8::from_str_radix(digits, 8).ok()).flatten()?, 4))
        }
        Style::Percent => {
            (bytes.get(at) == Some(&b'%')).then(|| hex(at + 1, 2)).flatten().map(|byte| (byte, 3))
        }
        Style::Caret => match (bytes.get(at)?, bytes.get(at + 1)?) {
            (b'^', b'?') => Some((0x7f, 2)),
            (b'^', char @ b'@'..=b'_') => Some((char - b'@', 2)),
            (b'M', b'-') => match (bytes.get(at + 2)?, bytes.get(at + 3)) {
                (b'^', Some(b'?')) => Some((0xff, 4)),
                (b'^', Some(char @ b'@'..=b'_')) => Some((char - b'@' + 0x80, 4)),
                (char @ b' '..=b'~', _) => Some((char + 0x80, 3)),
                _ => None,
            },
            _ => None,
        },
    }
}

/// Reads a string up to its end; gives the place of the quote that closes it.
fn string(
    line: &Line<'_>,
    start: usize,
    quote: Option<char>,
    style: Style,
    shown: &mut Shown,
) -> Option<usize> {
    let text = line.text;
    let mut at = start;
    while let Some(char) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if let Some((byte, len)) = escape(text, at, style) {
            let Style::Backslash(marks) = style else {
                shown.push(byte, line.start + at, line.start + at + len);
                at += len;
                continue;
            };
            // An octal number at the end of a string that is not closed may lack digits.
            let digits = text.as_bytes().get(at + marks).is_some_and(u8::is_ascii_digit);
            if digits && len < marks + 3 && at + len == text.len() && quote.is_some() {
                return None;
            }
            shown.push(byte, line.start + at, line.start + at + len);
            at += len;
            continue;
        }
        if Some(char) == quote {
            return Some(at);
        }
        let end = at + char.len_utf8();
        let rest = text.get(end..).unwrap_or_default();
        // The mark at the end of a line that goes on, or of an escape that is cut off.
        let cut = match style {
            Style::Backslash(_) => char == '\\',
            Style::Hash => char == '#',
            Style::Percent => char == '%',
            Style::Caret => char == '^',
        };
        if cut && (rest.len() < 3 || rest.trim().is_empty()) {
            return None;
        }
        match u8::try_from(u32::from(char)) {
            // Latin-1, as many programs read bytes.
            Ok(byte) => shown.push(byte, line.start + at, line.start + end),
            Err(_) => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    shown.push(byte, line.start + at, line.start + end);
                }
            }
        }
        at = end;
    }
    None
}
