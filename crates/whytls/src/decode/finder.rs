//! Looks for thousands of fixed texts at once.
//!
//! In:  texts, in any case of ASCII letters.
//! Out: where each of them stands in another text.
//! Not here: what the texts are.
//!
//! An automaton of all messages in all languages takes longer to build than most pastes take to
//! read, and a command is started for one paste. Here eight bytes from the middle of each text
//! are its mark (four from its end where it has no eight): a window runs over the paste, and where
//! it shows a mark, the texts that have it are compared. Most windows end with four bytes that end
//! no mark, and are told by that alone. Ready in a few milliseconds, and a step for each byte,
//! however many texts there are.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

pub(super) struct Finder {
    /// One bit for the hash of each mark's last four bytes.
    tails: Box<[u64; TAILS / 64]>,
    /// For each mark the first text that has it.
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

type Marks = HashMap<u64, u32, BuildHasherDefault<Mixer>>;

/// How many bytes are a mark, and of a short text.
const LONG: usize = 8;
pub(super) const SHORT: usize = 4;

/// So many that it is rare that a window looks like the end of a mark and is none, and so few that they
/// stay near the processor.
const TAILS: usize = 1 << 17;

/// Marks are mixed once; the map needs no more than that.
#[derive(Default)]
struct Mixer(u64);

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
}

/// Fibonacci hashing (Knuth, TAOCP 6.4), with the high bits folded down.
fn mix(mark: u64) -> u64 {
    let mixed = mark.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

/// Where the bit of a mark's last four bytes is.
fn tail(window: u64) -> (usize, u64) {
    let hash = (window as u32).wrapping_mul(0x9e37_79b1) >> (32 - TAILS.trailing_zeros());
    ((hash / 64) as usize, 1 << (hash % 64))
}

impl Finder {
    pub(super) fn new(texts: impl Iterator<Item = impl AsRef<str>>) -> Self {
        let mut finder = Self {
            tails: Box::new([0; TAILS / 64]),
            long: Marks::default(),
            short: Marks::default(),
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
            let (word, bit) = tail(mark);
            if let Some(word) = finder.tails.get_mut(word) {
                *word |= bit;
            }
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
            let (word, bit) = tail(window);
            if self.tails.get(word).is_none_or(|tails| tails & bit == 0) {
                continue;
            }
            for (mark, width, marks) in
                [(window, LONG, &self.long), (window & 0xffff_ffff, SHORT, &self.short)]
            {
                if let (Some(first), Some(begin)) = (marks.get(&mark), (at + 1).checked_sub(width))
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
