//! Bytes one after another, without offsets: hex digits in any grouping, lists of numbers.
//!
//! In:  lines, from the one on in which the bytes begin.
//! Out: the bytes, in every way in which the digits can be read.
//! Not here: rows with offsets (`rows`), escapes in strings (`strings`), base64.

use super::{Candidate, digit};
use crate::paste::Line;
use crate::wire::Shown;

/// What Tektronix' K12 puts before the bytes of a packet; Wireshark exports it as well.
const K12: &str = "|0   |";

/// What stands before a list of digits, and how the list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Style {
    /// Digits of one group; 0 where each line is one group.
    width: usize,
    /// The mark between groups besides white space.
    mark: Option<u8>,
}

/// A run of groups of hex digits in a line.
#[derive(Clone, Debug)]
struct Run {
    style: Style,
    start: usize,
    end: usize,
    digits: usize,
}

/// The bytes that begin in the first line as groups of hex digits: how many lines, and which.
/// A line that a head introduces may hold a single byte; others must hold a few.
pub(super) fn digits(lines: &[Line<'_>], introduced: bool, most: usize) -> Option<(usize, Vec<Candidate>)> {
    let first = lines.first()?;
    let run = longest(first.text)?;
    let alone = first.text.get(..run.start)?.trim().is_empty();
    if run.digits < if introduced && alone { 2 } else { 10 } {
        return None;
    }
    let mut shown = Shown::default();
    let mut half = None;
    let mut groups = Vec::new();
    push(first, &run, &mut shown, &mut half, &mut groups);
    let mut count = 1;
    if ends_line(first.text, run.end) {
        for line in lines.iter().skip(1).take(most.saturating_sub(1)) {
            let Some(next) = longest(line.text) else { break };
            let blank = line
                .text
                .get(..next.start)
                .is_some_and(|head| head.trim_matches([' ', '\t', '"', '\'', '+', '>', '|']).is_empty());
            let same = next.style == run.style
                || (run.style.width == 0 && next.digits >= 2 && next.style.mark.is_none())
                || (next.style.width <= run.style.width
                    && next.digits <= run.style.width
                    && next.style.width > 0);
            if !(same && (blank || next.start == run.start) && ends_line(line.text, next.end)) {
                break;
            }
            push(line, &next, &mut shown, &mut half, &mut groups);
            count += 1;
        }
    }
    // The text export of K12: whatever the packet is, it is one.
    let dump = first.text.trim_start().starts_with(K12);
    let mut found = vec![Candidate { shown, dump }];
    // Words of a little-endian machine.
    if matches!(run.style.width, 4 | 8) {
        let straight = found.first().map(|candidate| candidate.shown.clone()).unwrap_or_default();
        let mut swapped = Shown::default();
        let mut at = 0;
        for size in groups {
            for byte in (at..at + size).rev() {
                swapped.append(&straight.part(byte..byte + 1));
            }
            at += size;
        }
        found.push(Candidate { shown: swapped, dump: false });
    }
    Some((count, found))
}

/// The longest run of a line.
fn longest(text: &str) -> Option<Run> {
    let bytes = text.as_bytes();
    let mut best: Option<Run> = None;
    let mut open: Option<Run> = None;
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..)?;
        let word = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if word == 0 {
            at += 1;
            continue;
        }
        let hex = rest.iter().take(word).all(u8::is_ascii_hexdigit);
        let ends = at + word;
        let joined = open.take().and_then(|mut run| {
            let gap = bytes.get(run.end..at)?;
            let mark = gap.iter().copied().find(|byte| !matches!(byte, b' ' | b'\t'));
            let marks = gap.iter().filter(|byte| !matches!(byte, b' ' | b'\t')).count();
            let single = run.digits == run.style.width || run.style.width == 0;
            let mark_fits = marks <= 1
                && mark.is_none_or(|mark| b":-,;.|".contains(&mark))
                && (single || mark == run.style.mark || (mark == Some(b'-') && run.style.mark.is_none()));
            let width_fits = run.style.width > 0 && word <= run.style.width;
            let fits = hex && mark_fits && width_fits && gap.len() <= 4;
            if !fits {
                keep(&mut best, run);
                return None;
            }
            if single {
                run.style.mark = mark;
            }
            run.end = ends;
            run.digits += word;
            if word < run.style.width {
                // A shorter group is the last.
                keep(&mut best, run);
                return Some(None);
            }
            Some(Some(run))
        });
        match joined {
            Some(run) => open = run,
            None if hex && (word >= 2) => {
                let width = if word > 16 || !word.is_multiple_of(2) { 0 } else { word };
                open = Some(Run { style: Style { width, mark: None }, start: at, end: ends, digits: word });
            }
            None => {}
        }
        at = ends;
    }
    if let Some(run) = open {
        keep(&mut best, run);
    }
    best
}

fn keep(best: &mut Option<Run>, run: Run) {
    if best.as_ref().is_none_or(|best| run.digits > best.digits) {
        *best = Some(run);
    }
}

/// Nothing stands behind a run but what a program puts at the end of such a line.
fn ends_line(text: &str, end: usize) -> bool {
    text.get(end..).is_some_and(|rest| {
        rest.trim_matches([' ', '\t', ',', ':', '-', ';', '\\', '"', '\'', '+', '|']).is_empty()
    })
}

fn push(
    line: &Line<'_>,
    run: &Run,
    shown: &mut Shown,
    half: &mut Option<(u8, usize)>,
    groups: &mut Vec<usize>,
) {
    let text = line.text.get(run.start..run.end).unwrap_or_default();
    let before = shown.len();
    let mut group = 0;
    for (at, byte) in text.bytes().enumerate() {
        let place = line.start + run.start + at;
        match digit(byte) {
            Some(value) => match half.take() {
                Some((high, start)) => {
                    shown.push(high << 4 | value, start, place + 1);
                    group += 1;
                }
                None => *half = Some((value, place)),
            },
            None => {
                if group > 0 {
                    groups.push(group);
                }
                group = 0;
                // Half a byte at the end of a group is cut off.
                if run.style.width > 0 {
                    *half = None;
                }
            }
        }
    }
    if group > 0 && shown.len() > before {
        groups.push(group);
    }
    if run.style.width > 0 {
        *half = None;
    }
}

/// How a list of numbers is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbers {
    /// `0x16, 0x03`
    Hex,
    /// `22, 3, -1`
    Decimal,
}

/// The bytes of a list of numbers that begins in the first line.
pub(super) fn numbers(lines: &[Line<'_>], most: usize) -> Option<(usize, Vec<Candidate>)> {
    let first = lines.first()?;
    let (style, start) = begins(first.text)?;
    let mut shown = Shown::default();
    let mut count = 0;
    let mut open = false;
    for (at, line) in lines.iter().enumerate().take(most) {
        let before = shown.len();
        let head = first.text.get(..start).unwrap_or_default();
        let prefix = line.text.len() - line.text.trim_start_matches([' ', '\t', '>', '|']).len();
        let from = match at {
            0 => start,
            _ if line.text.starts_with(head.trim_end()) => head.trim_end().len(),
            _ if head.trim().len() > 8 && line.text.len() > start => start,
            _ => prefix,
        };
        let ended = list(line, from, style, &mut shown)?;
        let blank = line.text.trim().is_empty();
        if shown.len() == before && !blank {
            break;
        }
        count = at + 1;
        if ended {
            open = false;
            break;
        }
        open = line.text.ends_with(|char: char| char.is_ascii_digit());
    }
    // The last number of a list that is not closed may lack a digit.
    if open && style == Numbers::Decimal {
        shown.truncate(shown.len().saturating_sub(1));
    }
    (shown.len() >= 3).then(|| (count.max(1), vec![Candidate { shown, dump: false }]))
}

/// Three numbers stand at the beginning, with this between them.
fn three_numbers(text: &str, between: char) -> bool {
    behind_number(text)
        .and_then(|rest| behind_number(rest.strip_prefix(between)?.trim_start()))
        .is_some_and(|rest| rest.starts_with(between) || rest.is_empty())
}

/// What stands behind a number of up to three digits.
fn behind_number(text: &str) -> Option<&str> {
    let digits = text.trim_start_matches('-');
    let len = digits.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&len).then(|| digits.get(len..).unwrap_or_default())
}

/// Where a list begins in a line, and how it is written.
fn begins(text: &str) -> Option<(Numbers, usize)> {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let rest = bytes.get(at..).unwrap_or_default();
        match byte {
            b'0' if matches!(rest.get(1), Some(b'x' | b'X')) => {
                let digits = rest.iter().skip(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
                let apart =
                    at.checked_sub(1).and_then(|at| bytes.get(at)).is_none_or(|b| !b.is_ascii_alphanumeric());
                // A number that stands by itself is an address or a code.
                let goes_on = text.get(at + 2 + digits..).is_some_and(|rest| {
                    let rest = rest.trim_start_matches([' ', ',', '\t', ';', ')', '|']);
                    let rest = rest.strip_prefix("(byte)").map_or(rest, str::trim_start);
                    rest.starts_with("0x")
                        || rest.starts_with("0X")
                        || rest.starts_with("(")
                        || rest.is_empty()
                });
                if (1..=2).contains(&digits) && apart && goes_on {
                    return Some((Numbers::Hex, at));
                }
            }
            b'[' | b'{' | b'(' => {
                let inside = text.get(at + 1..)?;
                let list = inside.trim_start();
                // Go has nothing but blanks between them.
                if three_numbers(list, ',') || (*byte == b'[' && three_numbers(list, ' ')) {
                    return Some((Numbers::Decimal, at + 1));
                }
            }
            b'-' | b'0'..=b'9' if text.get(..at).is_some_and(|head| head.trim().is_empty()) => {
                let many = text.split(',').take(7).take_while(|part| {
                    let digits = part.trim().trim_start_matches('-');
                    (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
                });
                if many.count() >= 7 {
                    return Some((Numbers::Decimal, at));
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads the numbers of one line; says whether the list ends there.
fn list(line: &Line<'_>, from: usize, style: Numbers, shown: &mut Shown) -> Option<bool> {
    let text = line.text;
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        let rest = text.get(at..)?;
        match byte {
            b' ' | b'\t' | b',' | b'|' | b'+' | b'\\' | b'"' | b'\'' => at += 1,
            b'(' | b'{' | b'[' if shown.is_empty() => at += 1,
            b'(' if rest.starts_with("(byte)") => at += 6,
            b'(' if rest.starts_with("(char)") => at += 6,
            b'(' | b')' if style == Numbers::Hex => at += 1,
            b'/' if rest.starts_with("/*") => match rest.find("*/") {
                Some(end) => at += end + 2,
                None => return Some(false),
            },
            b'/' if rest.starts_with("//") => return Some(false),
            b'0' if style == Numbers::Hex && matches!(bytes.get(at + 1), Some(b'x' | b'X')) => {
                let digits = bytes.iter().skip(at + 2).take_while(|byte| byte.is_ascii_hexdigit()).count();
                if digits == 0 && at + 2 == bytes.len() {
                    return Some(true);
                }
                if !(1..=2).contains(&digits) {
                    return Some(true);
                }
                let end = at + 2 + digits;
                // A line that ends within a number is cut off.
                if end == bytes.len() && digits == 1 && !shown.is_empty() {
                    return Some(true);
                }
                let value = u8::from_str_radix(text.get(at + 2..end)?, 16).ok()?;
                shown.push(value, line.start + at, line.start + end);
                at = end;
                if bytes.get(at) == Some(&b'u') {
                    at += 1;
                }
            }
            b'-' | b'0'..=b'9' if style == Numbers::Decimal => {
                let sign = usize::from(*byte == b'-');
                let digits = bytes.iter().skip(at + sign).take_while(|byte| byte.is_ascii_digit()).count();
                let end = at + sign + digits;
                let value = text.get(at..end).and_then(|number| number.parse::<i16>().ok());
                let Some(value @ -128..=255) = value else { return Some(true) };
                shown.push(value.to_le_bytes()[0], line.start + at, line.start + end);
                at = end;
                if bytes.get(at) == Some(&b'u') {
                    at += 1;
                }
            }
            _ => return Some(true),
        }
    }
    Some(false)
}
