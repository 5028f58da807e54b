//! Finds the lines of a text and the regions that stand on their own.
//!
//! In:  text.
//! Out: fenced blocks and what is between them; for each line, how much of it is a prefix that
//!      a terminal, a log or a mail put before it.
//! Not here: what the regions hold.

use std::ops::Range;

use super::{Span, heads};

/// One line of an input.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The line without its end.
    pub text: &'a str,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Its number, from 1.
    pub number: usize,
    /// How many bytes of it are a prefix that the whole region shares.
    pub head: usize,
    /// Which characters it is made of.
    pub(crate) alphabet: Alphabet,
}

/// Which characters a text is made of, as one bit each: letters in either case, the marks of ASCII, all digits
/// together, all of what is not ASCII together. What a line has not, need not be looked for in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Alphabet(u64);

impl Alphabet {
    /// The bit of each byte.
    #[allow(clippy::indexing_slicing, reason = "a byte is below 256, and it is worked out by the compiler")]
    const BITS: [u64; 256] = {
        let mut bits = [0; 256];
        let mut byte = 0;
        let mut mark = 27;
        while byte < 256 {
            bits[byte] = 1
                << match byte as u8 {
                    letter @ b'a'..=b'z' => letter - b'a',
                    letter @ b'A'..=b'Z' => letter - b'A',
                    b'0'..=b'9' => 26,
                    b' '..=b'~' => {
                        mark += 1;
                        mark - 1
                    }
                    b'\t' => 61,
                    0..=31 | 127 => 62,
                    128.. => 63,
                };
            byte += 1;
        }
        bits
    };

    /// What may have every character.
    const ANY: Self = Self(u64::MAX);

    /// The alphabet of a text.
    #[allow(clippy::indexing_slicing, reason = "a constant function knows no other way; both stay in bounds")]
    pub(crate) const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut all, mut at) = (0, 0);
        while at < bytes.len() {
            all |= Self::BITS[bytes[at] as usize];
            at += 1;
        }
        Self(all)
    }

    /// Whether every character of another one is here.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether one of the characters of another one is here.
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl<'a> Line<'a> {
    /// The line without the prefix that it shares with its neighbours.
    #[must_use]
    pub fn body(&self) -> &'a str {
        self.text.get(self.head..).unwrap_or_default()
    }

    /// Nothing but a prefix stands on it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.body().trim_start().is_empty()
    }

    /// The place of the line, without white space around it.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span_of(self.text.trim())
    }

    /// The bytes of the line in its text.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// The place of a part of the line.
    #[must_use]
    pub fn span_of(&self, part: &str) -> Span {
        // The part is a slice of the line, so the distance of their beginnings is its place.
        let offset = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        let offset = if offset <= self.text.len() { offset } else { 0 };
        self.span_at(offset..offset + part.len())
    }

    /// The place of some bytes of the line.
    #[must_use]
    pub fn span_at(&self, bytes: Range<usize>) -> Span {
        let (start, end) = (self.start + bytes.start, self.start + bytes.end);
        Span { start, end, line: self.number, end_line: self.number }
    }

    /// As much of the line as is looked at where every word of it costs something: what matters stands at
    /// its beginning, or it is a huge line.
    #[must_use]
    pub fn beginning(&self) -> &'a str {
        self.text.get(..self.text.floor_char_boundary(4096)).unwrap_or_default()
    }
}

/// How many letters and digits of ASCII bytes begin with: what is cut into words most often is cut by this.
pub(crate) fn word(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

/// Lines that belong together.
#[derive(Clone, Debug)]
pub struct Region<'a> {
    /// The lines, without the fences around them.
    pub lines: Vec<Line<'a>>,
    /// It stood between fences; the word behind the opening one.
    pub fence: Option<&'a str>,
    /// The last line of prose before it, if a fence follows one: what the writer says it is.
    pub label: Option<&'a str>,
}

/// Where the regions of a text are: what is found out once, while the text stays where it is.
pub(super) struct Layout(Vec<Shape>);

/// A region by its places.
struct Shape {
    lines: Vec<LineShape>,
    fence: Option<Range<usize>>,
    label: Option<Range<usize>>,
}

/// A line by its place.
struct LineShape {
    bytes: Range<usize>,
    number: usize,
    head: usize,
    alphabet: Alphabet,
}

impl Layout {
    pub(super) fn of(text: &str) -> Self {
        let place = |part: &str| {
            let start = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
            start..start.saturating_add(part.len())
        };
        let shape = |line: &Line<'_>| LineShape {
            bytes: line.start..line.start + line.text.len(),
            number: line.number,
            head: line.head,
            alphabet: line.alphabet,
        };
        let regions = regions(text).into_iter().map(|region| Shape {
            lines: region.lines.iter().map(shape).collect(),
            fence: region.fence.map(place),
            label: region.label.map(place),
        });
        Self(regions.collect())
    }

    /// The regions of the text that this was made of.
    pub(super) fn regions<'a>(&self, text: &'a str) -> Vec<Region<'a>> {
        let part = |range: &Range<usize>| text.get(range.clone());
        let line = |shape: &LineShape| Line {
            text: part(&shape.bytes).unwrap_or_default(),
            start: shape.bytes.start,
            number: shape.number,
            head: shape.head,
            alphabet: shape.alphabet,
        };
        let region = |shape: &Shape| Region {
            lines: shape.lines.iter().map(line).collect(),
            fence: shape.fence.as_ref().and_then(part),
            label: shape.label.as_ref().and_then(part),
        };
        self.0.iter().map(region).collect()
    }
}

fn regions(text: &str) -> Vec<Region<'_>> {
    let mut all: Vec<Line<'_>> = lines(text).collect();
    heads::mark(&mut all);
    let mut regions = Vec::new();
    let mut open = Region { lines: Vec::new(), fence: None, label: None };
    let mut closing: Option<&str> = None;
    for line in all {
        let (marks, info) = fence(line.body());
        match closing {
            None if !marks.is_empty() => {
                let label =
                    open.lines.iter().rev().map(|line| line.body().trim()).find(|text| !text.is_empty());
                let named = names_language(info);
                let fence = Some(if named { info } else { "" });
                let region = Region { lines: Vec::new(), fence, label };
                push(&mut regions, std::mem::replace(&mut open, region));
                closing = Some(marks);
                if !named {
                    open.lines.push(part(&line, info));
                }
            }
            Some(wanted) if marks.starts_with(wanted) && info.is_empty() => {
                let region = Region { lines: Vec::new(), fence: None, label: None };
                push(&mut regions, std::mem::replace(&mut open, region));
                closing = None;
            }
            // Chats close a fence behind the last word.
            Some("```") if marks.is_empty() && line.text.trim_end().ends_with("```") => {
                let said = line.text.trim_end().trim_end_matches('`');
                open.lines.push(Line { text: said, ..line });
                let region = Region { lines: Vec::new(), fence: None, label: None };
                push(&mut regions, std::mem::replace(&mut open, region));
                closing = None;
            }
            _ => open.lines.push(line),
        }
    }
    push(&mut regions, open);
    regions
}

fn push<'a>(regions: &mut Vec<Region<'a>>, region: Region<'a>) {
    if region.lines.iter().any(|line| !line.is_blank()) {
        regions.push(region);
    }
}

/// The marks of a fence line (three or more, of one kind) and the word behind them.
fn fence(line: &str) -> (&str, &str) {
    let line = line.trim_start_matches([' ', '\t', '>']);
    let kind = match line.as_bytes() {
        [b'`', b'`', b'`', ..] => '`',
        [b'~', b'~', b'~', ..] => '~',
        _ => return ("", ""),
    };
    let rest = line.trim_start_matches(kind);
    let marks = line.get(..line.len() - rest.len()).unwrap_or_default();
    // `inline code` of three marks closes on its own line: no fence.
    if rest.contains(kind) { ("", "") } else { (marks, rest.trim()) }
}

/// What stands behind an opening fence names a language, with or without attributes. In chats the text itself
/// begins there.
fn names_language(info: &str) -> bool {
    let (first, rest) = info.split_once(char::is_whitespace).unwrap_or((info, ""));
    let rest = rest.trim_start();
    first.starts_with('{') || rest.is_empty() || rest.starts_with('{') || rest.contains("=\"")
}

/// What is left of a line when marks before it are taken off.
fn part<'a>(line: &Line<'a>, text: &'a str) -> Line<'a> {
    let start = line.start + (text.as_ptr() as usize).wrapping_sub(line.text.as_ptr() as usize);
    Line { text, start, number: line.number, head: 0, alphabet: Alphabet::of(text) }
}

/// The lines of a text, with their alphabets.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    bare_lines(text).map(|line| {
        let alphabet = Alphabet::of(line.text);
        let coloured = alphabet.meets(Alphabet::of("\u{1b}"));
        let text = if coloured { heads::without_colours_behind(line.text) } else { line.text };
        Line { text, alphabet, ..line }
    })
}

/// The lines of a text, for those who ask nothing of their alphabets. They end at LF, CRLF or a CR alone.
pub(super) fn bare_lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    let mut number = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let ending = if after.starts_with("\r\n") { 2 } else { usize::from(!after.is_empty()) };
        let line = Line { text: line, start, number: number + 1, head: 0, alphabet: Alphabet::ANY };
        start += end + ending;
        number += 1;
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_fences_and_keeps_the_label() {
        let regions = regions("It fails:\n\n```reg\n[HKLM]\n```\nIt `works`.\n");
        let shape: Vec<_> = regions.iter().map(|r| (r.fence, r.label, r.lines.len())).collect();
        assert_eq!(shape, [(None, None, 2), (Some("reg"), Some("It fails:"), 1), (None, None, 1)]);
    }

    #[test]
    fn a_fence_may_touch_the_text_in_it() {
        let all = |text| {
            let text: Vec<(bool, Vec<&str>)> = regions(text)
                .iter()
                .map(|r| (r.fence.is_some(), r.lines.iter().map(|line| line.text).collect()))
                .collect();
            text
        };
        assert_eq!(
            all("see\n```curl: (60) it\nfailed```\nWhy?"),
            [(false, vec!["see"]), (true, vec!["curl: (60) it", "failed"]), (false, vec!["Why?"])]
        );
        assert_eq!(all("```js {1,3} title=\"a.js\"\nit();\n```"), [(true, vec!["it();"])]);
        assert_eq!(regions("> ```a b\n> c\n> ```")[0].lines[0].start, 5);
    }

    #[test]
    fn a_fence_that_stays_open_holds_the_rest() {
        let regions = regions("```\nfirst\nsecond");
        assert_eq!(regions.len(), 1);
        assert_eq!(regions.first().map(|r| r.lines.len()), Some(2));
    }

    #[test]
    fn every_character_of_a_line_is_in_its_alphabet() {
        for one in (0..=255_u8).map(char::from) {
            let own = Alphabet::of(&one.to_string());
            assert!(own.has(own) && own.0.count_ones() == 1, "{one:?}");
        }
        let line = lines("GET /: 200\r\n").next().expect("it is one");
        assert!(line.alphabet.has(Alphabet::of("teg: /2")));
        assert!(!line.alphabet.has(Alphabet::of("gets")) && !line.alphabet.has(Alphabet::of("get\t")));
    }

    #[test]
    fn counts_lines_for_every_line_end() {
        let numbers = |text| lines(text).map(|line| (line.number, line.start)).collect::<Vec<_>>();
        assert_eq!(numbers("a\nb\r\nc\rd"), [(1, 0), (2, 2), (3, 5), (4, 7)]);
    }
}
