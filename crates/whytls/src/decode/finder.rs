//! Looks for thousands of fixed texts at once.
//!
//! In:  texts, in any case of ASCII letters.
//! Out: where each of them stands in another text.
//! Not here: what the texts are.
//!
//! An automaton of all messages in all languages takes longer to build than most pastes take to
//! read, and a command is started for one paste. Here eight bytes from the middle of each text
//! are its mark (four from its end where it has no eight): a window runs over the paste, and where
//! it shows a mark, the texts that have it are compared. Most windows are no mark, and one bit tells
//! that. Ready in a few milliseconds, and a step for each byte, however many texts there are.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

pub(super) struct Finder {
    /// Marks of eight bytes, and of four.
    long: Marks,
    short: Marks,
    /// All texts in lower case, one behind the other.
    texts: Vec<u8>,
    /// Where each text stands among them.
    places: Vec<Range<u32>>,
    /// How far behind a text's beginning its mark is.
    offsets: Vec<u32>,
    /// The text after each that has the same mark.
    same: Vec<Option<u32>>,
}

/// Marks of one length.
struct Marks {
    /// One bit for the hash of each.
    bits: Vec<u64>,
    /// How many bits of a hash are no part of a place among them.
    shift: u32,
    /// For each mark the first text that has it.
    first: HashMap<u64, u32, BuildHasherDefault<Mixer>>,
}

/// How many bytes are a mark, and of a short text.
const LONG: usize = 8;
pub(super) const SHORT: usize = 4;

/// So many bits for each mark that it is rare that a window looks like one and is none.
const BITS: usize = 16;

/// Marks are mixed once; the map needs no more than that.
#[derive(Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |mixed, byte| mix(mixed ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, mark: u64) {
        self.0 = mix(mark);
    }

    fn write_u32(&mut self, mark: u32) {
        self.0 = mix(mark.into());
    }
}

/// Fibonacci hashing (Knuth, TAOCP 6.4), with the high bits folded down.
fn mix(mark: u64) -> u64 {
    let mixed = mark.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

impl Marks {
    fn of(count: usize) -> Self {
        let bits = (count * BITS).next_power_of_two().max(4096);
        let first = HashMap::with_capacity_and_hasher(count, BuildHasherDefault::default());
        Self { bits: vec![0; bits / 64], shift: u64::BITS - bits.trailing_zeros(), first }
    }

    fn place(&self, mark: u64) -> (usize, u64) {
        let hash = mark.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        ((hash / 64) as usize, 1 << (hash % 64))
    }

    /// Gives a mark to a text; the text that had it before.
    fn insert(&mut self, mark: u64, text: u32) -> Option<u32> {
        let (word, bit) = self.place(mark);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
        self.first.insert(mark, text)
    }

    fn may_be(&self, mark: u64) -> bool {
        let (word, bit) = self.place(mark);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }
}

impl Finder {
    pub(super) fn new(texts: impl Iterator<Item = impl AsRef<str>>) -> Self {
        let mut finder = Self {
            long: Marks::of(0),
            short: Marks::of(0),
            texts: Vec::new(),
            places: Vec::new(),
            offsets: Vec::new(),
            same: Vec::new(),
        };
        for text in texts {
            let start = finder.texts.len() as u32;
            finder.texts.extend(text.as_ref().bytes().map(|byte| byte.to_ascii_lowercase()));
            finder.places.push(start..finder.texts.len() as u32);
        }
        let short = finder.places.iter().filter(|place| (SHORT..LONG).contains(&place.len())).count();
        finder.short = Marks::of(short);
        finder.long = Marks::of(finder.places.len() - short);
        finder.offsets = vec![0; finder.places.len()];
        finder.same = vec![None; finder.places.len()];
        // From the last to the first, so that of those with the same mark the first is met first.
        for id in (0..finder.places.len()).rev() {
            let Some(text) = finder.text(id) else { continue };
            // What short texts have in common stands at their beginning: a name, a sign.
            let (width, offset) = match text.len() {
                ..SHORT => continue, // Nobody looks for so little.
                SHORT..LONG => (SHORT, text.len() - SHORT),
                LONG.. => (LONG, (text.len() - LONG) / 2),
            };
            let mark = text.iter().skip(offset).take(width);
            let mark = mark.fold(0, |mark, byte| (mark << 8) | u64::from(*byte));
            let marks = if width == LONG { &mut finder.long } else { &mut finder.short };
            let same = marks.insert(mark, id as u32);
            if let (Some(next), Some(place)) = (finder.same.get_mut(id), finder.offsets.get_mut(id)) {
                (*next, *place) = (same, offset as u32);
            }
        }
        finder
    }

    /// A text, in lower case.
    pub(super) fn text(&self, id: usize) -> Option<&[u8]> {
        let place = self.places.get(id)?;
        self.texts.get(place.start as usize..place.end as usize)
    }

    /// Every place where one of the texts stands, as (text, start, end); in no promised order.
    pub(super) fn find(&self, text: &str) -> Vec<(usize, usize, usize)> {
        let lower = text.to_ascii_lowercase();
        let mut found = Vec::new();
        self.marks(text, |first, mark| {
            self.compare(first, lower.as_bytes(), mark, &mut found);
            true
        });
        found
    }

    /// Whether one of the texts may stand there: some mark does.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let mut seen = false;
        self.marks(text, |_, _| {
            seen = true;
            false
        });
        seen
    }

    /// Hands on every mark that is seen, as the first text that has it and where the mark begins; until told
    /// to stop.
    fn marks(&self, text: &str, mut see: impl FnMut(u32, usize) -> bool) {
        let mut window = 0_u64;
        for (at, byte) in text.bytes().enumerate() {
            window = (window << 8) | u64::from(byte.to_ascii_lowercase());
            let short = window & 0xffff_ffff;
            // One branch for both, since it is hardly ever taken.
            if !(self.long.may_be(window) | self.short.may_be(short)) {
                continue;
            }
            for (mark, width, marks) in [(window, LONG, &self.long), (short, SHORT, &self.short)] {
                if let (Some(first), Some(begin)) = (marks.first.get(&mark), (at + 1).checked_sub(width))
                    && !see(*first, begin)
                {
                    return;
                }
            }
        }
    }

    /// Adds the texts that stand where a mark was seen: `first`, and those that have the same mark.
    fn compare(&self, first: u32, lower: &[u8], mark: usize, found: &mut Vec<(usize, usize, usize)>) {
        let mut next = Some(first);
        while let Some(id) = next {
            let id = id as usize;
            next = self.same.get(id).copied().flatten();
            found.extend(self.stands(id, lower, mark));
        }
    }

    fn stands(&self, id: usize, lower: &[u8], mark: usize) -> Option<(usize, usize, usize)> {
        let wanted = self.text(id)?;
        let start = mark.checked_sub(*self.offsets.get(id)? as usize)?;
        let end = start + wanted.len();
        (lower.get(start..end)? == wanted).then_some((id, start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_text_wherever_it_stands() {
        let texts = ["certificate verify failed", "verify failed", "eof ", "由于远程方已关闭", "certificat"];
        let finder = Finder::new(texts.into_iter());
        let mut found = finder.find("x CERTIFICATE verify failed, EOF 由于远程方已关闭传输流");
        found.sort_unstable();
        let ids: Vec<usize> = found.iter().map(|(id, ..)| *id).collect();
        assert_eq!(ids, [0, 1, 2, 3, 4]);
        assert_eq!(found[0], (0, 2, 27));
    }

    #[test]
    fn finds_texts_at_both_ends_and_nothing_in_less() {
        let finder = Finder::new(["12345678"].into_iter());
        assert_eq!(finder.find("12345678"), [(0, 0, 8)]);
        assert!(finder.find("1234567").is_empty());
        assert!(finder.find("").is_empty());
        assert_eq!(Finder::new(["#-12"].into_iter()).find("#-12"), [(0, 0, 4)]);
    }
}
