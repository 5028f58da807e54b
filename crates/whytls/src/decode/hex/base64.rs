//! Bytes in base64, in one line or in many.
//!
//! In:  lines, from the one on in which the base64 begins.
//! Out: the bytes.
//! Not here: PEM and bare certificates. Those are `certificates`.

use super::Candidate;
use crate::paste::Line;
use crate::wire::Shown;

/// Fewer letters are a word: an alert in a record takes as many.
const SHORTEST: usize = 12;

/// The bytes of the base64 in the first line and those that follow.
pub(super) fn base64(lines: &[Line<'_>], most: usize) -> Option<(usize, Vec<Candidate>)> {
    let first = lines.first()?;
    let (start, end) = word(first.text)?;
    let mut reader = Reader::default();
    reader.line(first, start, end);
    let mut count = 1;
    let whole =
        first.text.get(end..).is_some_and(|rest| rest.trim_matches([' ', '\\', '"', '+', ',']).is_empty());
    if whole {
        for line in lines.iter().skip(1).take(most.saturating_sub(1)) {
            let text = line.text.trim_end();
            let indent = text.trim_start_matches([' ', '\t', '>', '|']);
            let joined = indent.trim_start_matches(['+', ' ', '"']);
            let body = if indent.starts_with("+ ") || indent.starts_with('"') { joined } else { indent };
            // Behind a prefix all lines begin below each other.
            let words = first.text.get(..start).is_some_and(|head| head.trim().len() > 1);
            let begin = if words { start } else { text.len() - body.len() };
            let len = letters(text.as_bytes().get(begin..).unwrap_or_default());
            let rest = text.get(begin + len..).unwrap_or_default();
            if len == 0 || reader.ended || !rest.trim_matches([' ', '\\', '"', '+', ',', ';']).is_empty() {
                break;
            }
            reader.line(line, begin, begin + len);
            count += 1;
        }
    }
    Some((count, vec![Candidate { shown: reader.shown, dump: false }]))
}

/// The first word of a line that may be base64 of something that we know: its first letters tell.
fn word(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..)?;
        let len = letters(rest);
        if len >= SHORTEST {
            let mut reader = Reader::default();
            for (offset, byte) in rest.iter().take(len.min(40)).enumerate() {
                reader.letter(*byte, offset);
            }
            if promising(reader.shown.bytes()) {
                return Some((at, at + len));
            }
        }
        at += len.max(1);
    }
    None
}

fn letters(bytes: &[u8]) -> usize {
    let body = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'))
        .count();
    let padding = bytes.iter().skip(body).take(2).take_while(|byte| **byte == b'=').count();
    if body == 0 { 0 } else { body + padding }
}

/// A cheap look at the first bytes; what they are is said by `wire::recognise`.
fn promising(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [20..=23, 3, 0..=4, ..]
            | [22, 1, 1, ..]
            | [20..=22, 0xfe, 0xfd..=0xff, ..]
            | [0x80..=0x8f, _, 1, 0 | 3, ..]
            | [1 | 2, 0, _, _, 3, 0..=3, ..]
            | [0xd4, 0xc3, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0xc3, 0xd4, ..]
            | [0x4d, 0x3c, 0xb2, 0xa1, ..]
            | [0x0a, 0x0d, 0x0d, 0x0a, ..]
            | [0x1f, 0x8b, 8, ..]
            | [0x45, 0, ..]
            | [0x60, _, _, _, _, _, 6 | 17, ..]
    ) || matches!(bytes.get(12..15), Some([8, 0, 0x45] | [0x86, 0xdd, 0x60..=0x6f] | [0x81, 0, _]))
}

/// Turns letters into bytes.
#[derive(Default)]
struct Reader {
    bits: u32,
    have: u32,
    from: usize,
    ended: bool,
    shown: Shown,
}

impl Reader {
    fn line(&mut self, line: &Line<'_>, start: usize, end: usize) {
        for (at, byte) in line.text.bytes().enumerate().take(end).skip(start) {
            self.letter(byte, line.start + at);
        }
    }

    fn letter(&mut self, letter: u8, at: usize) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => {
                self.ended = true;
                return;
            }
        };
        if self.have == 0 {
            self.from = at;
        }
        self.bits = self.bits << 6 | u32::from(value);
        self.have += 6;
        if self.have >= 8 {
            self.have -= 8;
            let byte = u8::try_from(self.bits >> self.have & 0xff).unwrap_or(0);
            self.shown.push(byte, self.from, at + 1);
            self.bits &= (1 << self.have) - 1;
            self.from = at;
        }
    }
}
