//! Keeps what was found out about a line, for readers that look ahead from every line.
//!
//! In:  the lines of a region, and questions about them.
//! Out: the answers; a question is put to a line once, however many readers come by.
//! Not here: the questions. They are `code`'s and `configuration`'s.

use std::cell::Cell;

use super::marks::{Mark, Marks};
use crate::paste::Line;

/// What can be asked of a line.
#[derive(Clone, Copy)]
pub(super) enum Question {
    /// Does only a program have such a line?
    IsCode,
    /// Does it name what code sets or calls?
    TellsInCode,
    /// Does such a line stand in configuration files?
    IsConfiguration,
    /// Does it name what only configuration sets?
    TellsInConfiguration,
}

/// The answers for the lines of a region.
pub(super) struct Asked<'r> {
    /// The number of the first line.
    first: usize,
    /// Two bits for each question: that it was asked, and the answer.
    told: Vec<Cell<u8>>,
    marks: &'r Marks<'r>,
}

impl<'r> Asked<'r> {
    pub(super) fn of(lines: &[Line<'_>], marks: &'r Marks<'r>) -> Self {
        let numbers = lines.first().zip(lines.last()).map(|(first, last)| (first.number, last.number));
        let (first, last) = numbers.unwrap_or_default();
        Self { first, told: vec![Cell::new(0); last - first + 1], marks }
    }

    /// The answer to a question, which is worked out where nobody has asked it yet.
    pub(super) fn ask(&self, line: &Line<'_>, question: Question, answer: impl FnOnce() -> bool) -> bool {
        let Some(told) = line.number.checked_sub(self.first).and_then(|at| self.told.get(at)) else {
            return answer();
        };
        let (asked, yes) = (1 << (2 * question as u8), 2 << (2 * question as u8));
        if told.get() & asked == 0 {
            let answer = if answer() { yes } else { 0 };
            told.set(told.get() | asked | answer);
        }
        told.get() & yes != 0
    }

    /// Whether the name of a setting or of a call stands in one of some lines, which come in their order.
    pub(super) fn any_named(&self, lines: &[Line<'_>]) -> bool {
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return false };
        self.marks.any(Mark::Name, &(first.start..last.start + last.text.len()))
    }
}
