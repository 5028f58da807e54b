//! What stands before every line of a block: a quotation's marks, a log's time, a listing's numbers.
//!
//! In:  the text before a BEGIN line.
//! Out: its shape, and how much of another line has the same.
//! Not here: the block.

use super::unescape::Char;

/// What every line of a block has before it: the shape of it, so that numbers and times may differ.
#[derive(Clone, Debug, Default)]
pub(super) struct Prefix {
    pub(super) shape: Vec<Shape>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Digits,
    Space,
    Is(char),
}

impl Prefix {
    /// A longer one is no prefix.
    pub(super) const LONGEST: usize = 200;

    pub(super) fn of(text: &str, end: usize) -> Self {
        let before = text.get(..end).unwrap_or_default();
        let start = before.floor_char_boundary(before.len().saturating_sub(Self::LONGEST));
        let near = before.get(start..).unwrap_or_default();
        let line = near.rsplit(['\n', '\r']).next().unwrap_or_default();
        // Where line ends are escaped, the line begins behind the last of them.
        let line = ["\\n", "#012", "%0A", "%0a", "&#10;", "<br>", "<br/>", "<br />"]
            .iter()
            .fold(line, |line, end| line.rsplit(end).next().unwrap_or(line));
        let mut shape = Vec::new();
        for char in line.trim_start_matches('\u{feff}').chars() {
            let next = match char {
                '0'..='9' => Shape::Digits,
                ' ' | '\t' | '\u{a0}' => Shape::Space,
                other => Shape::Is(other),
            };
            if !(matches!(next, Shape::Digits | Shape::Space) && shape.last() == Some(&next)) {
                shape.push(next);
            }
        }
        // A line's indentation may differ.
        if shape.first() == Some(&Shape::Space) {
            shape.remove(0);
        }
        Self { shape }
    }

    /// How many characters of a line are the prefix.
    pub(super) fn strip(&self, line: &[Char]) -> usize {
        let mut at = 0;
        let is = |at: usize| line.get(at).map(|char| char.is);
        while is(at) == Some(' ') {
            at += 1;
        }
        for shape in &self.shape {
            match shape {
                Shape::Digits => {
                    let from = at;
                    while is(at).is_some_and(|c| c.is_ascii_digit()) {
                        at += 1;
                    }
                    if at == from {
                        return 0;
                    }
                }
                // Numbers that grow leave less room before and behind them.
                Shape::Space => {
                    while is(at) == Some(' ') {
                        at += 1;
                    }
                }
                Shape::Is(wanted) => {
                    if is(at) != Some(*wanted) {
                        // `>` alone on an empty line has lost its space.
                        return 0;
                    }
                    at += 1;
                }
            }
        }
        at
    }
}
