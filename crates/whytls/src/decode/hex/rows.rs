//! Rows of a dump: an offset, the bytes in groups, and often the same bytes as text.
//!
//! In:  lines, from the first row on.
//! Out: the bytes of one dump, in every way in which its groups can be read.
//! Not here: what the bytes are, and bytes without offsets (`lists`).

use super::{Candidate, digit};
use crate::paste::Line;
use crate::wire::Shown;

/// No row is longer than this; what is longer is no row.
const LONGEST: usize = 1200;

/// So many groups has a row at most.
const GROUPS: usize = 256;

/// A prefix has no more words than this.
const WORDS: usize = 12;

/// No step from one offset to the next is larger.
const MOST: u64 = 1 << 40;

/// Rows that were left out because they repeat (`*`) are put back up to this many bytes.
const REPEATED: usize = 1 << 20;

/// An offset in hex, octal and decimal, and whether a mark stands with it.
type Offset = (u64, u64, u64, bool);

/// One row as it stands.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Where it begins, behind a prefix.
    pub(super) column: usize,
    /// The offset's digits, and whether a colon or a dash stands behind them.
    offset: Option<Offset>,
    width: usize,
    groups: Vec<(usize, usize)>,
    /// How many of the groups are bytes, as the text behind them says.
    agreed: Option<usize>,
    /// By that text, or by where a shorter last group stands, the low byte of a group comes first.
    swapped: bool,
    /// That text fits no other order than that of the bytes.
    straight: bool,
    /// Groups in front of what is no group.
    before_text: usize,
}

/// A dump as it stands.
pub(super) struct Dump {
    pub(super) lines: usize,
    /// Where its rows begin in their lines.
    pub(super) column: usize,
    /// Its first offset, read as hex.
    pub(super) offset: u64,
    /// Its bytes, in every way in which they can be read.
    pub(super) found: Vec<Candidate>,
}

/// The bytes of the dump that begins at these lines, and how many lines it has. The column tells
/// on which side of a conversation it stands.
pub(super) fn dump(lines: &[Line<'_>]) -> Option<Dump> {
    let first = first(lines.first()?.text)?;
    let mut rows = vec![(0, first)];
    let mut stars = Vec::new();
    let mut end = None;
    let mut count = 1;
    let column = rows.first().map_or(0, |(_, row)| row.column);
    for (at, line) in lines.iter().enumerate().skip(1) {
        let Some((_, last)) = rows.last() else { break };
        // Web pages put a blank line behind each.
        if line.is_blank() && at == count {
            continue;
        }
        let body = line.text.get(column..).unwrap_or_default();
        if body.trim() == "*" {
            stars.push(rows.len());
            count = at + 1;
            continue;
        }
        let Some(row) = next(line.text, last) else {
            break;
        };
        let (Some(old), Some(new)) = (last.offset, row.offset) else { break };
        if row.groups.is_empty() {
            if new.0 >= old.0 {
                end = Some(new);
                count = at + 1;
            }
            break;
        }
        let same = last.groups.is_empty() || row.width == last.width || row.groups.len() == 1;
        // A hole of more than a row is another dump.
        if new.0 <= old.0 || !same || (new.0 - old.0 > 2 * GROUPS as u64 && stars.last() != Some(&rows.len()))
        {
            break;
        }
        rows.push((at, row));
        count = at + 1;
    }
    let (_, first) = rows.first()?;
    let alone = rows.len() == 1 && end.is_none();
    let begins = first.offset.is_some_and(|(hex, ..)| hex == 0);
    if first.offset.is_none() || (alone && !begins && first.agreed.is_none()) {
        return None;
    }
    // The width of words is the common one: the last group may be cut off.
    let swapped = rows.iter().any(|(_, row)| row.swapped);
    let straight = rows.iter().any(|(_, row)| row.straight);
    let found: Vec<Candidate> = readings(first, swapped, straight)
        .iter()
        .filter_map(|reading| reading.read(lines, &rows, &stars, end))
        .filter(|candidate| !candidate.shown.is_empty())
        .collect();
    let offset = first.offset.map_or(0, |(hex, ..)| hex);
    (!found.is_empty()).then_some(Dump { lines: count, column, offset, found })
}

/// The row at the beginning of a line, or behind a prefix that ends before an offset of zeros.
pub(super) fn first(text: &str) -> Option<Row> {
    let bytes = text.as_bytes();
    if bytes.len() > LONGEST {
        return None;
    }
    let start = bytes.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
    if !bytes.get(start)?.is_ascii_alphanumeric() && !b"|>[#<".contains(bytes.get(start)?) {
        return None;
    }
    // Behind the marks of a quotation, too.
    let marks = bytes.iter().position(|byte| !matches!(byte, b'>' | b' ' | b'\t')).unwrap_or(start);
    let plain =
        row(text, marks).filter(|row| row.offset.is_some() && !row.groups.is_empty() && row.is_clean());
    if plain.is_some() {
        return plain;
    }
    // Behind a prefix only where the offset is zero.
    let mut at = start;
    for _ in 0..WORDS {
        let rest = bytes.get(at..)?;
        let word = rest.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'|'))?;
        let gap = rest.get(word..)?.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'|'))?;
        at += word + gap;
        let zeros = bytes.get(at..)?.strip_prefix(b"0x").unwrap_or(bytes.get(at..)?);
        if zeros.starts_with(b"000")
            && let Some(row) = row(text, at)
            && row.offset.is_some_and(|(hex, ..)| hex == 0)
            && !row.groups.is_empty()
            && row.is_clean()
        {
            return Some(row);
        }
    }
    None
}

/// The row that follows another: at the same column, else wherever its offset stands.
fn next(text: &str, last: &Row) -> Option<Row> {
    if text.len() > LONGEST {
        return None;
    }
    let fits = |row: &Row| {
        let (Some(new), Some(old)) = (row.offset, last.offset) else { return false };
        new.3 == old.3 && row.is_clean() && new.0 > old.0 && new.0 - old.0 <= REPEATED as u64
    };
    let blank = text.get(..last.column).is_some_and(|head| head.trim().is_empty());
    let here = text.is_char_boundary(last.column).then(|| row(text, last.column)).flatten();
    let start = text.len() - text.trim_start().len();
    here.filter(fits).or_else(|| {
        if blank && start == last.column {
            return None;
        }
        let bytes = text.as_bytes();
        let mut at = start;
        for _ in 0..WORDS {
            if let Some(row) = row(text, at).filter(fits) {
                return Some(row);
            }
            let rest = bytes.get(at..)?;
            let word = rest.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'|'))?;
            let gap = rest.get(word..)?.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'|'))?;
            at += word + gap;
        }
        None
    })
}

/// Reads a row at a place of a line.
fn row(text: &str, column: usize) -> Option<Row> {
    let bytes = text.as_bytes();
    let is_space = |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t'));
    let mut at = column;
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    let column = at;
    let hex_from = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take(17).take_while(|byte| byte.is_ascii_hexdigit()).count()
    };
    // The offset.
    let marked = bytes.get(at..).is_some_and(|rest| rest.starts_with(b"0x") || rest.starts_with(b"0X"));
    let start = if marked { at + 2 } else { at };
    let digits = hex_from(start);
    let mut after = start + digits;
    let mut colon = false;
    if bytes.get(after) == Some(&b'h') && bytes.get(after + 1) == Some(&b':') {
        after += 1;
    }
    if bytes.get(after) == Some(&b':') && is_space(after + 1) {
        after += 1;
        colon = true;
    } else if bytes.get(after) == Some(&b' ')
        && matches!(bytes.get(after + 1), Some(b'-' | b':' | b'|'))
        && is_space(after + 2)
    {
        after += 2;
        colon = true;
    }
    if !(1..=16).contains(&digits) || !is_space(after) || (digits < 3 && !colon) {
        return None;
    }
    let offset = text.get(start..start + digits).and_then(|word| {
        let radix = |radix| u64::from_str_radix(word, radix).unwrap_or(u64::MAX);
        Some((u64::from_str_radix(word, 16).ok()?, radix(8), radix(10), colon || marked))
    })?;
    at = after;
    // The groups.
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut width = 0;
    let mut swapped = false;
    loop {
        let gap = at;
        while matches!(bytes.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        // A dash or a colon in the middle of the row.
        if at == gap && matches!(bytes.get(at), Some(b'-' | b':')) && width == 2 {
            at += 1;
        } else if matches!(bytes.get(at), Some(b'-' | b'|'))
            && is_space(at + 1)
            && at > gap
            && groups.len() == 8
        {
            at += 1;
            while matches!(bytes.get(at), Some(b' ' | b'\t')) {
                at += 1;
            }
        } else if at == gap {
            break;
        }
        let digits = hex_from(at);
        let ends = matches!(bytes.get(at + digits), None | Some(b' ' | b'\t'))
            || (digits == 2 && matches!(bytes.get(at + 2), Some(b'-' | b':')));
        let fits = if width == 0 { matches!(digits, 1..=6 | 8 | 16) } else { digits <= width || width == 1 };
        if !ends || digits == 0 || !fits || groups.len() >= GROUPS {
            break;
        }
        if groups.is_empty() {
            width = digits;
        }
        // `xxd -e` puts a shorter word at the right of its column.
        let column = at - gap + digits;
        if colon && digits < 8 && column == 9 && matches!(width, 2 | 4 | 6 | 8) {
            swapped = true;
            width = 8;
        }
        groups.push((at, at + digits));
        at += digits;
        // A shorter group is the last.
        if digits < width {
            break;
        }
    }
    let mut row = Row {
        column,
        offset: Some((offset.0, offset.1, offset.2, offset.3)),
        width,
        before_text: groups.len(),
        groups,
        agreed: None,
        swapped,
        straight: false,
    };
    row.compare(text);
    Some(row)
}

impl Row {
    /// What stands behind the groups is nothing, or their text.
    fn is_clean(&self) -> bool {
        self.agreed.is_some() || self.before_text > 0 || self.groups.is_empty()
    }

    /// Finds how many of the groups the text behind them speaks of.
    fn compare(&mut self, text: &str) {
        let Some((_, last)) = self.groups.last() else {
            let rest = text.get(self.column..).unwrap_or_default();
            // An offset alone ends a dump; with words behind it, it is none.
            if rest.split_whitespace().nth(1).is_some() {
                self.offset = None;
            }
            return;
        };
        let rest = text.get(*last..).unwrap_or_default();
        let all = self.groups.len();
        for count in (1..=all).rev() {
            let Some((_, end)) = self.groups.get(count - 1) else { continue };
            let behind = text.get(*end..).unwrap_or_default();
            // OpenSSL's dash stands behind the eighth byte even where no ninth follows.
            let behind = behind.strip_prefix('-').unwrap_or(behind);
            if count < all && all - count > 40 {
                break;
            }
            let agrees = |swapped| self.agrees(text, count, behind, swapped);
            let straight = if self.swapped { None } else { agrees(false) };
            let swapped = if self.width > 2 { agrees(true) } else { None };
            if straight.is_some() || swapped.is_some() {
                // Few bytes may look like the text in either order.
                self.swapped |= swapped > straight;
                self.straight = straight > swapped;
                self.agreed = Some(count);
                self.groups.truncate(count);
                return;
            }
        }
        // Other words behind a wide gap are a text column that cannot be compared.
        let wide = rest.starts_with("  ")
            || rest.starts_with(" |")
            || rest.starts_with(" ;")
            || rest.starts_with('\t');
        if !rest.trim().is_empty() && !wide {
            self.before_text = 0;
        }
    }

    /// Whether a text shows the first groups, byte for byte; how many of the bytes it shows as they are.
    fn agrees(&self, text: &str, count: usize, behind: &str, swapped: bool) -> Option<usize> {
        let shown = behind.trim_end();
        let trimmed = shown.trim_start();
        if trimmed.is_empty() {
            return None;
        }
        let mut bytes = Vec::with_capacity(count * self.width / 2);
        for (start, end) in self.groups.iter().take(count) {
            let group = text.get(*start..*end).unwrap_or_default().as_bytes();
            let (pairs, _) = group.as_chunks::<2>();
            let pair = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
            if swapped {
                bytes.extend(pairs.iter().rev().filter_map(pair));
            } else {
                bytes.extend(pairs.iter().filter_map(pair));
            }
        }
        let unframed = trimmed
            .strip_prefix(['|', '>'])
            .map(|inside| inside.strip_suffix(['|', '<']).unwrap_or(inside))
            .or_else(|| trimmed.strip_prefix("; "));
        let whole =
            [Some(trimmed), unframed].into_iter().flatten().find_map(|shown| same_text(&bytes, shown));
        // A text that begins with blanks lost none of them.
        let blanks = bytes.iter().take(8).take_while(|byte| **byte == b' ').count();
        whole.or_else(|| (1..=blanks).find_map(|blanks| same_text(bytes.get(blanks..)?, trimmed))).or_else(
            || {
                // Wireshark's "Follow" leaves a gap in the middle of the text, as in the middle of the bytes.
                (0..=blanks).find_map(|blanks| same_text(bytes.get(blanks..)?, &joined(trimmed, 8 - blanks)?))
            },
        )
    }
}

/// A text without the blank that stands in its middle.
fn joined(text: &str, middle: usize) -> Option<String> {
    let (at, _) = text.char_indices().nth(middle).filter(|(_, char)| *char == ' ')?;
    let (left, right) = text.split_at_checked(at)?;
    Some([left, right.get(1..)?].concat())
}

/// Whether a text shows bytes: what can be printed as it is, something else for the others. How many it shows as
/// they are.
fn same_text(bytes: &[u8], shown: &str) -> Option<usize> {
    let (mut wrong, mut same, mut exact) = (0, 0, 0);
    let mut shown = shown.chars();
    for (at, byte) in bytes.iter().enumerate() {
        let Some(char) = shown.next() else {
            // Blanks at the end of a line get lost.
            let only_blanks = bytes.get(at..)?.iter().all(|byte| matches!(byte, b' ' | 0));
            return (same + wrong > 0 && wrong * 8 <= same && only_blanks).then_some(exact);
        };
        let fits = match byte {
            b'!'..=b'~' => char == char::from(*byte) || char == '.' || char == '*',
            b' ' => matches!(char, ' ' | '.' | '_' | '*' | '\u{b7}' | '\u{a0}'),
            // Whatever stands for it: a dot in most programs, never another letter of ASCII.
            _ => !char.is_ascii_alphanumeric(),
        };
        exact += usize::from(char == char::from(*byte));
        if fits { same += 1 } else { wrong += 1 }
    }
    (shown.next().is_none() && wrong * 8 <= same).then_some(exact)
}

/// A way to read groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// Hex digits in the order of the bytes.
    Hex,
    /// Hex numbers whose low byte comes first.
    HexLow,
    /// Octal numbers, low byte first.
    Octal,
    /// Decimal numbers of one byte, signed or not.
    Decimal,
}

/// The ways in which a row's groups can be read, the likeliest first.
fn readings(row: &Row, swapped: bool, straight: bool) -> &'static [Reading] {
    let colon = row.offset.is_some_and(|offset| offset.3);
    match row.width {
        4 | 8 | 16 if swapped => &[Reading::HexLow],
        4 | 8 | 16 if straight => &[Reading::Hex],
        1 => &[Reading::Decimal, Reading::Hex],
        3 => &[Reading::Octal, Reading::Decimal],
        6 => &[Reading::Octal],
        2 => &[Reading::Hex, Reading::Decimal],
        // Words of 32 bits behind a colon are those of `xxd -e` and of a kernel's log.
        8 if colon => &[Reading::HexLow, Reading::Hex],
        4 | 16 if colon => &[Reading::Hex, Reading::HexLow],
        4 | 8 | 16 => &[Reading::HexLow, Reading::Hex],
        _ => &[],
    }
}

impl Reading {
    fn size(self, width: usize) -> usize {
        match (self, width) {
            (Self::Octal, 6) => 2,
            (Self::Octal | Self::Decimal, _) => 1,
            _ => width / 2,
        }
    }

    fn read(
        self,
        lines: &[Line<'_>],
        rows: &[(usize, Row)],
        stars: &[usize],
        end: Option<Offset>,
    ) -> Option<Candidate> {
        let width = rows.first().map(|(_, row)| row.width)?;
        let size = self.size(width).max(1);
        let offsets: Vec<Offset> = rows.iter().filter_map(|(_, row)| row.offset).chain(end).collect();
        // Offsets are hex, octal or decimal: the one that agrees with the number of bytes.
        let picks: [fn(&Offset) -> u64; 3] = [|o| o.0, |o| o.1, |o| o.2];
        let agreeing = |pick: &fn(&Offset) -> u64| {
            let steps = offsets.windows(2).zip(rows);
            steps
                .filter(|(pair, (_, row))| match pair {
                    [a, b] => {
                        let step = pick(b).saturating_sub(pick(a)).min(MOST);
                        let count = (row.agreed.unwrap_or(row.groups.len()) * size) as u64;
                        pick(b) < u64::MAX && (1..=count).contains(&step) && step + size as u64 > count
                    }
                    _ => false,
                })
                .count()
        };
        let pick = picks.iter().rev().max_by_key(|pick| agreeing(pick))?;
        let mut shown = Shown::default();
        let base = offsets.first().map_or(0, pick);
        for (index, (at, row)) in rows.iter().enumerate() {
            let line = lines.get(*at)?;
            let before = shown.len();
            // What was left out repeats the row before it.
            if stars.contains(&index) {
                let want = usize::try_from(row.offset.as_ref().map_or(0, pick).saturating_sub(base)).ok()?;
                repeat(&mut shown, size * rows.get(index.checked_sub(1)?)?.1.groups.len(), want);
            }
            let next = offsets.get(index + 1).map(pick);
            let starred = stars.contains(&(index + 1));
            let mine = row.offset.as_ref().map_or(0, pick);
            let step = next
                .and_then(|next| usize::try_from(next.saturating_sub(mine)).ok())
                .filter(|step| *step > 0 && !starred);
            let most = row.agreed.unwrap_or(row.before_text.max(usize::from(row.before_text == 0)));
            let most = match step {
                Some(step) if step.div_ceil(size) <= row.groups.len() => step.div_ceil(size),
                _ => most,
            };
            for (start, end) in row.groups.iter().take(most) {
                // A shorter word is whole where the text or its place says so: a text of blanks gets lost.
                let cut = if row.agreed.is_some() || row.swapped { end - start } else { width };
                self.group(line, (*start, *end), cut, &mut shown)?;
            }
            if let Some(step) = step {
                shown.truncate(shown.len().min(before.max(shown.len().saturating_sub(most * size)) + step));
            }
        }
        if let (Some(end), true) = (end.as_ref().map(pick), stars.contains(&rows.len())) {
            let want = usize::try_from(end.saturating_sub(base)).ok()?;
            repeat(&mut shown, size * rows.last()?.1.groups.len(), want);
        }
        if let Some(end) = end.as_ref().map(pick) {
            // The last word of an odd number of bytes is filled up with a zero.
            let want = usize::try_from(end.saturating_sub(base)).ok()?;
            let filled = shown.bytes().get(want..).unwrap_or_default();
            if filled.len() < size.max(2) && filled.iter().all(|byte| *byte == 0) {
                shown.truncate(want);
            }
        }
        Some(Candidate { shown, dump: rows.len() > 1 || rows.first()?.1.agreed.is_some() })
    }

    /// The bytes of one group.
    fn group(
        self,
        line: &Line<'_>,
        (start, end): (usize, usize),
        width: usize,
        shown: &mut Shown,
    ) -> Option<()> {
        let digits = line.text.get(start..end)?;
        let place = |from: usize, to: usize| (line.start + start + from, line.start + start + to);
        match self {
            Self::Hex => {
                for (at, [high, low]) in digits.as_bytes().as_chunks::<2>().0.iter().enumerate() {
                    let (from, to) = place(2 * at, 2 * at + 2);
                    shown.push(digit(*high)? << 4 | digit(*low)?, from, to);
                }
            }
            Self::HexLow => {
                // Of a word that is cut off, the low bytes are gone.
                if digits.len() < width {
                    return Some(());
                }
                for (at, [high, low]) in digits.as_bytes().as_chunks::<2>().0.iter().enumerate().rev() {
                    let (from, to) = place(2 * at, 2 * at + 2);
                    shown.push(digit(*high)? << 4 | digit(*low)?, from, to);
                }
            }
            Self::Octal if width == 6 => {
                let value = u16::from_str_radix(digits, 8).ok()?;
                if digits.len() < width {
                    return Some(());
                }
                let (from, to) = place(0, digits.len());
                for byte in value.to_le_bytes() {
                    shown.push(byte, from, to);
                }
            }
            Self::Octal => {
                if digits.len() < width {
                    return Some(());
                }
                let (from, to) = place(0, digits.len());
                shown.push(u8::from_str_radix(digits, 8).ok()?, from, to);
            }
            Self::Decimal => {
                let (from, to) = place(0, digits.len());
                shown.push(digits.parse().ok()?, from, to);
            }
        }
        Some(())
    }
}

/// Repeats the last row until there are so many bytes.
fn repeat(shown: &mut Shown, row: usize, want: usize) {
    let start = shown.len().saturating_sub(row);
    let unit = shown.part(start..shown.len());
    let want = want.min(shown.len() + REPEATED);
    while !unit.is_empty() && shown.len() < want {
        shown.append(&unit);
    }
    shown.truncate(want.max(start));
}
