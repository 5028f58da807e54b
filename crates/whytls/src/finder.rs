//! Looks for thousands of fixed texts at once.
//!
//! In:  texts, in any case of ASCII letters.
//! Out: where each of them stands in another text.
//! Not here: what the texts are.
//!
//! An automaton of all messages in all languages takes longer to build than most pastes take to
//! read, and a command is started for one paste. Here eight bytes from the middle of each text
//! are its mark (four from its end where it has no eight, three where it has no four): a window runs over
//! the paste, and where it shows a mark, the texts that have it are compared. Most windows are no mark, and
//! one bit for each width tells that. Ready in a few milliseconds, and a step for each byte, however many
//! texts there are.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

/// Fixed texts, to be looked for.
pub(crate) struct Finder {
    long: Marks<LONG, 4096>,
    short: Marks<SHORT, 1024>,
    tiny: Marks<TINY, 1024>,
    /// One bit for the first two bytes of each mark; nothing where there are so many marks that most are there.
    beginnings: Option<Box<[u64; 1024]>>,
    /// All texts in lower case, one behind the other.
    texts: Vec<u8>,
    /// Where each text stands among them.
    places: Vec<Range<u32>>,
    /// What has a mark: of those with the same mark each knows the next.
    marked: Vec<Marked>,
}

/// A text that has a mark.
#[derive(Clone, Copy)]
struct Marked {
    text: u32,
    /// How far behind the text's beginning the mark is.
    offset: u32,
    next: Option<u32>,
}

/// Marks of one width. There are many more bits than marks, so that it is rare that a window looks like a
/// mark and is none; and as many as fit into a processor's nearest memory.
struct Marks<const WIDTH: usize, const WORDS: usize> {
    /// One bit for the hash of each, in words whose number is a power of two.
    bits: Box<[u64; WORDS]>,
    /// For each mark the first that has it.
    first: HashMap<u64, u32, BuildHasherDefault<Mixer>>,
}

/// How many bytes are a mark; of a short text; of a tiny one.
const LONG: usize = 8;
const SHORT: usize = 4;
const TINY: usize = 3;

/// So much of a text is put into small letters at a time: it stays in the processor's nearest memory.
const PIECE: usize = 4096;

/// Of so many marks few places of a text have the first two bytes.
const FEW: usize = 256;

/// Marks are mixed once; the map needs no more than that.
#[derive(Default)]
pub(crate) struct Mixer(u64);

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

/// Fibonacci hashing (Knuth, TAOCP 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash with its high bits folded down.
fn mix(mark: u64) -> u64 {
    let mixed = mark.wrapping_mul(GOLDEN);
    mixed ^ (mixed >> 32)
}

/// The first eight bytes as one number; zeros behind the end.
fn window(bytes: &[u8]) -> u64 {
    let mut window = [0; LONG];
    window.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(window)
}

/// The word of the bit of a window's first two bytes, and the bit.
#[inline]
fn beginning(window: u64) -> (usize, u64) {
    ((window as u16 / 64).into(), window % 64)
}

impl<const WIDTH: usize, const WORDS: usize> Marks<WIDTH, WORDS> {
    const MASK: u64 = u64::MAX >> (u64::BITS as usize - 8 * WIDTH);

    fn of(count: usize) -> Self {
        let first = HashMap::with_capacity_and_hasher(count, BuildHasherDefault::default());
        Self { bits: Box::new([0; WORDS]), first }
    }

    /// The word of a window's bit, and the bit.
    #[inline]
    fn place(window: u64) -> (usize, u64) {
        let hash = (window & Self::MASK).wrapping_mul(GOLDEN);
        let log = WORDS.ilog2();
        ((hash >> (u64::BITS - log)) as usize, (hash >> (u64::BITS - log - 6)) % 64)
    }

    /// Gives a mark to something; what had it before.
    fn insert(&mut self, mark: u64, marked: u32) -> Option<u32> {
        let (word, bit) = Self::place(mark);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= 1 << bit;
        }
        self.first.insert(mark & Self::MASK, marked)
    }

    /// The first that has the mark which a window shows.
    fn first(&self, window: u64) -> Option<u32> {
        self.first.get(&(window & Self::MASK)).copied()
    }

    #[inline]
    fn may_be(&self, window: u64) -> bool {
        let (word, bit) = Self::place(window);
        self.bits.get(word).is_some_and(|word| word >> bit & 1 != 0)
    }
}

impl Finder {
    /// Of texts of two bytes and more; shorter ones are found nowhere.
    pub(crate) fn new(texts: impl Iterator<Item = impl AsRef<str>>) -> Self {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for text in texts {
            let start = bytes.len() as u32;
            bytes.extend(text.as_ref().bytes().map(|byte| byte.to_ascii_lowercase()));
            places.push(start..bytes.len() as u32);
        }
        let count =
            |lengths: Range<usize>| places.iter().filter(|place| lengths.contains(&place.len())).count();
        let mut finder = Self {
            long: Marks::of(count(LONG..usize::MAX)),
            short: Marks::of(count(SHORT..LONG)),
            // One of two bytes has a mark for each byte that can follow.
            tiny: Marks::of(count(TINY..SHORT) + 256 * count(TINY - 1..TINY)),
            beginnings: (places.len() <= FEW).then(|| Box::new([0; 1024])),
            texts: bytes,
            marked: Vec::with_capacity(places.len()),
            places,
        };
        // From the last to the first, so that of those with the same mark the first is met first.
        for id in (0..finder.places.len()).rev() {
            finder.mark(id);
        }
        finder
    }

    fn mark(&mut self, id: usize) {
        let Some(text) = self.text(id) else { return };
        let length = text.len();
        let offset = match length {
            ..SHORT => 0,
            // What short texts have in common stands at their beginning: a name, a sign.
            SHORT..LONG => length - SHORT,
            LONG.. => (length - LONG) / 2,
        };
        let own = text.get(offset..).map_or(0, window);
        let (word, bit) = beginning(own);
        if let Some(word) = self.beginnings.as_mut().and_then(|words| words.get_mut(word)) {
            *word |= 1 << bit;
        }
        let any = if length == TINY - 1 { 0..=255 } else { 0..=0 };
        for behind in any {
            let (mark, marked) = (own | behind << (8 * (TINY - 1)), self.marked.len() as u32);
            let next = match length {
                ..2 => return,
                2..SHORT => self.tiny.insert(mark, marked),
                SHORT..LONG => self.short.insert(mark, marked),
                LONG.. => self.long.insert(mark, marked),
            };
            self.marked.push(Marked { text: id as u32, offset: offset as u32, next });
        }
    }

    /// A text, in lower case.
    pub(crate) fn text(&self, id: usize) -> Option<&[u8]> {
        let place = self.places.get(id)?;
        self.texts.get(place.start as usize..place.end as usize)
    }

    /// Every place where one of the texts stands, as (text, start, end); in no promised order.
    pub(crate) fn find(&self, text: &str) -> Vec<(usize, usize, usize)> {
        let text = text.as_bytes();
        // One branch for all widths, since it is hardly ever taken.
        match &self.beginnings {
            Some(beginnings) => self.look(text, |window| {
                let (word, bit) = beginning(window);
                beginnings.get(word).is_some_and(|word| word >> bit & 1 != 0) && self.may_be::<true>(window)
            }),
            None if self.tiny.first.is_empty() => self.look(text, |window| self.may_be::<false>(window)),
            None => self.look(text, |window| self.may_be::<true>(window)),
        }
    }

    #[inline]
    fn may_be<const WITH_TINY: bool>(&self, window: u64) -> bool {
        self.long.may_be(window) | self.short.may_be(window) | (WITH_TINY && self.tiny.may_be(window))
    }

    fn look(&self, text: &[u8], may_be: impl Fn(u64) -> bool) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        // In small letters, and with zeros behind the end.
        let mut lower = [0; PIECE + LONG - 1];
        for begin in (0..text.len()).step_by(PIECE) {
            let rest = text.get(begin..).unwrap_or_default();
            let piece = rest.get(..lower.len()).unwrap_or(rest);
            for (to, from) in lower.iter_mut().zip(piece) {
                *to = from.to_ascii_lowercase();
            }
            lower.iter_mut().skip(piece.len()).for_each(|byte| *byte = 0);
            let own = lower.get(..PIECE.min(rest.len()) + LONG - 1).unwrap_or_default();
            let windows = own.windows(LONG).filter_map(|bytes| bytes.first_chunk());
            for (at, window) in windows.map(|bytes| u64::from_le_bytes(*bytes)).enumerate() {
                if may_be(window) {
                    self.compare(text, begin + at, window, &mut found);
                }
            }
        }
        found
    }

    /// Adds the texts whose marks a window shows.
    #[cold]
    fn compare(&self, text: &[u8], at: usize, window: u64, found: &mut Vec<(usize, usize, usize)>) {
        for first in [self.long.first(window), self.short.first(window), self.tiny.first(window)] {
            let mut next = first;
            while let Some(marked) = next.and_then(|next| self.marked.get(next as usize)) {
                next = marked.next;
                found.extend(self.stands(*marked, text, at));
            }
        }
    }

    fn stands(&self, marked: Marked, text: &[u8], at: usize) -> Option<(usize, usize, usize)> {
        let id = marked.text as usize;
        let wanted = self.text(id)?;
        let start = at.checked_sub(marked.offset as usize)?;
        let end = start + wanted.len();
        text.get(start..end)?.eq_ignore_ascii_case(wanted).then_some((id, start, end))
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

    /// Every length stands at every place of texts that are just long enough, and of longer ones.
    #[test]
    fn finds_texts_of_every_length_at_both_ends_and_nothing_in_less() {
        let letters = "qwertyuiopas";
        for length in 2..=letters.len() {
            let (wanted, _) = letters.split_at(length);
            let finder = Finder::new([wanted].into_iter());
            for (before, after) in [(0, 0), (1, 0), (0, 1), (9, 0), (0, 9), (5, 5)] {
                let text = format!("{}{}{}", "-".repeat(before), wanted.to_uppercase(), "-".repeat(after));
                assert_eq!(finder.find(&text), [(0, before, before + length)], "{text}");
            }
            assert!(finder.find(wanted.split_at(length - 1).0).is_empty(), "{wanted}");
        }
        assert!(Finder::new(["x", ""].into_iter()).find("x").is_empty());
    }

    #[test]
    fn finds_texts_where_pieces_meet() {
        let finder = Finder::new(["certificate", "eof.", "tls"].into_iter());
        for (id, wanted) in ["certificate", "eof.", "tls"].iter().enumerate() {
            for start in PIECE - 12..=PIECE + 1 {
                let text = format!("{}{wanted}", "-".repeat(start));
                assert_eq!(finder.find(&text), [(id, start, start + wanted.len())]);
                assert_eq!(finder.find(&(text + "-----")), [(id, start, start + wanted.len())]);
            }
        }
    }

    #[test]
    fn tells_texts_with_the_same_mark_apart() {
        let finder = Finder::new(["hg", "hgs", "ssl", "an ssl", "0ssl"].into_iter());
        let mut found = finder.find("hgs 0ssl hg");
        found.sort_unstable();
        assert_eq!(found, [(0, 0, 2), (0, 9, 11), (1, 0, 3), (2, 5, 8), (4, 4, 8)]);
    }
}
