//! Bytes that a text shows, each with the place where it stands.
//!
//! In:  byte after byte, as a text is read.
//! Out: the bytes, and the place of any range of them.
//! Not here: how a text shows bytes (`decode/hex`), and what they are (`bare`).

use std::fmt;
use std::ops::Range;

use super::flow::Place;

/// Bytes, and where a text shows each of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Shown {
    bytes: Vec<u8>,
    /// First byte of the text, and the one after the last. No paste is larger than 4 GB.
    places: Vec<(u32, u32)>,
}

impl Shown {
    /// One more byte, and where the text shows it.
    pub fn push(&mut self, byte: u8, start: usize, end: usize) {
        let narrow = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        self.bytes.push(byte);
        self.places.push((narrow(start), narrow(end)));
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Keeps only the first of them.
    pub fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
        self.places.truncate(len);
    }

    /// Puts others behind them.
    pub fn append(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.places.extend_from_slice(&other.places);
    }

    /// Some of them.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let range = range.start.min(self.len())..range.end.min(self.len());
        Self {
            bytes: self.bytes.get(range.clone()).unwrap_or_default().to_vec(),
            places: self.places.get(range).unwrap_or_default().to_vec(),
        }
    }

    /// Where the text shows some of them.
    #[must_use]
    pub fn place(&self, range: Range<usize>) -> Place {
        let at = |at: usize| self.places.get(at.min(self.places.len().saturating_sub(1)));
        let start = at(range.start).map_or(0, |(start, _)| *start as usize);
        let end = at(range.end.saturating_sub(1)).map_or(start, |(_, end)| *end as usize);
        Place { packet: 0, start, end: end.max(start) }
    }
}

// The bytes of a connection may hold secrets.
impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({} bytes)", self.len())
    }
}
