//! Looks for thousands of fixed texts at once.
//!
//! In:  texts, in any case of ASCII letters.
//! Out: where each of them stands in another text.
//! Not here: what the texts are.
//!
//! An automaton of all messages in all languages takes longer to build than most pastes take to
//! read, and a command is started for one paste. Here eight bytes from the middle of each text
//! are its mark: a window of eight bytes runs over the paste, and where it shows a mark, the
//! texts that have it are compared. Ready in a fraction of a millisecond, and a step for each byte.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How many bytes are a mark.
const MARK: usize = 8;

/// As many bits as make it rare that a window looks like a mark and is none.
const BITS: u32 = 20;

pub(super) struct Finder {
    /// For each mark, which texts have it, and how far behind their beginning.
    marked: HashMap<u64, Vec<(u32, u32)>, BuildHasherDefault<Mixer>>,
    /// One bit for each mark's hash: most windows are told by this alone.
    seen: Vec<u64>,
    /// Texts that are shorter than a mark.
    short: Vec<u32>,
    /// The texts, in lower case.
    texts: Vec<Box<[u8]>>,
}

/// Marks are mixed once, when their bit is looked up; the map needs no more than that.
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

fn bit(mark: u64) -> (usize, u64) {
    let hash = mix(mark) & ((1 << BITS) - 1);
    ((hash / 64) as usize, 1 << (hash % 64))
}

impl Finder {
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut finder = Self {
            marked: HashMap::default(),
            seen: vec![0; 1 << (BITS - 6)],
            short: Vec::new(),
            texts: Vec::new(),
        };
        for (id, text) in (0..).zip(texts) {
            let text: Box<[u8]> = text.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
            let offset = text.len().saturating_sub(MARK) / 2;
            match text.get(offset..).and_then(<[u8]>::first_chunk::<MARK>) {
                Some(mark) => {
                    let mark = u64::from_be_bytes(*mark);
                    finder.marked.entry(mark).or_default().push((id, offset as u32));
                    let (word, bit) = bit(mark);
                    if let Some(word) = finder.seen.get_mut(word) {
                        *word |= bit;
                    }
                }
                None => finder.short.push(id),
            }
            finder.texts.push(text);
        }
        finder
    }

    /// A text, in lower case.
    pub(super) fn text(&self, id: usize) -> Option<&[u8]> {
        self.texts.get(id).map(|text| &**text)
    }

    /// Every place where one of the texts stands, as (text, start, end); in no promised order.
    pub(super) fn find(&self, text: &str) -> Vec<(usize, usize, usize)> {
        let lower = text.to_ascii_lowercase();
        let lower = lower.as_bytes();
        let mut found = Vec::new();
        let mut window = 0_u64;
        for (at, byte) in lower.iter().enumerate() {
            window = (window << 8) | u64::from(*byte);
            let (word, bit) = bit(window);
            if self.seen.get(word).is_none_or(|seen| seen & bit == 0) {
                continue;
            }
            for (id, offset) in self.marked.get(&window).into_iter().flatten() {
                let start = (at + 1).checked_sub(MARK + *offset as usize);
                found.extend(start.and_then(|start| self.stands(*id, lower, start)));
            }
        }
        for id in &self.short {
            let Some(wanted) = self.texts.get(*id as usize) else { continue };
            let places =
                lower.windows(wanted.len().max(1)).enumerate().filter(|(_, window)| *window == &**wanted);
            found.extend(places.map(|(start, _)| (*id as usize, start, start + wanted.len())));
        }
        found
    }

    fn stands(&self, id: u32, lower: &[u8], start: usize) -> Option<(usize, usize, usize)> {
        let wanted = self.texts.get(id as usize)?;
        let end = start + wanted.len();
        (lower.get(start..end)? == &**wanted).then_some((id as usize, start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_text_wherever_it_stands() {
        let texts = ["certificate verify failed", "verify failed", "eof", "由于远程方已关闭", "certificat"];
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
    }
}
