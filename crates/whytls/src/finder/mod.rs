//! Looks for thousands of fixed texts at once.
//!
//! In:  texts, in any case of ASCII letters.
//! Out: where each of them stands in another text.
//! Not here: what the texts are.
//!
//! An automaton of all messages in all languages takes longer to build than most pastes take to
//! read, and a command is started for one paste. Here eight bytes of each text that few others
//! have are its mark (four from its end where it has no eight, its first ones where it has no four): a window runs over
//! the paste, and where it shows a mark, the texts that have it are compared. Most windows are no mark, and
//! one bit for each width tells that. Ready in a few milliseconds, and a step for each byte, however many
//! texts there are. Where texts begin with whole words, their marks do as well, and only the places are looked at
//! where a word begins: one byte of five or six.

mod numbers;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

pub(crate) use numbers::Numbers;

/// Fixed texts, to be looked for.
pub(crate) struct Finder {
    long: Marks<LONG, 4096>,
    short: Marks<SHORT, 1024>,
    /// The bits of texts of two bytes are among these, for each byte that can follow.
    tiny: Marks<TINY, 1024>,
    /// What has a mark of two bytes.
    pairs: First,
    /// What tells of most places that no mark begins there.
    beginnings: Beginnings,
    /// Where the texts stand.
    texts: Cow<'static, [u8]>,
    /// The start and end of each.
    places: Numbers,
    /// For each, how far behind its beginning its mark is, and the next of those that share a place in `First`,
    /// counted from one.
    marked: Numbers,
}

/// A finder of words as it is built into the program: whoever has the texts gives them to it again.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stored<'a> {
    #[serde(borrow)]
    bits: [&'a [u8]; 3],
    #[serde(borrow)]
    first: [&'a [u8]; 4],
    places: &'a [u8],
    marked: &'a [u8],
}

/// A look at a place that costs less than one for each width.
enum Beginnings {
    /// Texts stand only where a word begins, if they begin with one, and marks do in any case.
    Words,
    /// One bit for the first two bytes of each mark.
    Twos(Box<[u64; 1024]>),
    /// Of so many marks that most pairs are there: the bits of the first four bytes of those that have as many.
    Fours(Marks<SHORT, 1024>),
}

/// Marks of one width. There are many more bits than marks, so that it is rare that a window looks like a
/// mark and is none; and as many as fit into a processor's nearest memory.
struct Marks<const WIDTH: usize, const WORDS: usize> {
    /// One bit for the hash of each, in words whose number is a power of two.
    bits: Box<[u64; WORDS]>,
    first: First,
}

/// For each hash of a mark the first text that has it, counted from one. Their number is a power of two.
#[derive(Default)]
struct First(Numbers);

/// How many bytes are a mark; of a short text; of a tiny one; of the tiniest.
const LONG: usize = 8;
const SHORT: usize = 4;
const TINY: usize = 3;
const PAIR: usize = 2;

/// So much of a text is put into small letters at a time: it stays in the processor's nearest memory.
const PIECE: usize = 4096;

/// Of so many texts some have the same words, and it is worth while to look for what each has alone.
const MANY: usize = 4096;

/// Few places of a text have one of so many pairs of bytes.
const FEW: usize = 300;

/// Numbers are mixed once; a map needs no more than that.
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

/// The hash with its highest bits, which hang on all of the number, below.
fn mix(mark: u64) -> u64 {
    mark.wrapping_mul(GOLDEN).rotate_left(20)
}

/// The first eight bytes as one number, in small letters; zeros behind the end.
fn window(bytes: &[u8]) -> u64 {
    let mut window = [0; LONG];
    window.iter_mut().zip(bytes).for_each(|(to, from)| *to = from.to_ascii_lowercase());
    u64::from_le_bytes(window)
}

/// How far behind the beginning of a text its mark may be; the best first, where nothing else decides.
fn offsets(length: usize) -> [usize; 5] {
    match length {
        ..SHORT => [0; 5],
        // What short texts have in common stands at their beginning: a name, a sign.
        SHORT..LONG => [length - SHORT; 5],
        LONG.. => [2, 3, 1, 4, 0].map(|quarter| (length - LONG) * quarter / 4),
    }
}

/// The same for the beginnings of words: those where the widest mark fits.
fn word_offsets(text: &[u8]) -> Vec<usize> {
    let befores = std::iter::once(&b' ').chain(text);
    let starts = befores.zip(text).enumerate().filter(|(_, (before, own))| begins_word(**before, **own));
    let starts: Vec<usize> = starts.map(|(at, _)| at).collect();
    let width = |offset: &usize| width(text.len() - offset);
    let widest = starts.iter().map(width).max().unwrap_or_default();
    let mut widest: Vec<usize> = starts.into_iter().filter(|offset| width(offset) == widest).collect();
    let middle = widest.len() / 2;
    widest.rotate_left(middle);
    widest
}

/// How much of so many bytes a mark is.
fn width(length: usize) -> usize {
    [LONG, SHORT, TINY, PAIR].into_iter().find(|width| *width <= length).unwrap_or_default()
}

/// Whether a word begins with a byte: the first letter or digit of ASCII, and any other character, since not all
/// languages put blanks between words.
#[inline]
const fn begins_word(before: u8, own: u8) -> bool {
    in_word(own) & !in_word(before) | (own >= 0xc0)
}

/// Without branches, so that many bytes are looked at together.
#[inline]
const fn in_word(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10)
}

/// The part of a window that is a mark of this width.
#[inline]
const fn mask(width: usize) -> u64 {
    u64::MAX >> (u64::BITS as usize - 8 * width)
}

impl First {
    /// The place of a mark, among so many.
    #[inline]
    fn place(mark: u64, count: usize) -> Option<usize> {
        Some(mix(mark) as usize & count.checked_sub(1)?)
    }

    /// The first that may have a mark.
    #[inline]
    fn get(&self, mark: u64) -> u32 {
        let place = Self::place(mark, self.0.len());
        place.and_then(|place| self.0.get(place)).unwrap_or_default()
    }
}

impl<const WIDTH: usize, const WORDS: usize> Marks<WIDTH, WORDS> {
    /// The word of a window's bit, and the bit.
    #[inline]
    fn place(window: u64) -> (usize, u64) {
        let hash = (window & mask(WIDTH)).wrapping_mul(GOLDEN);
        let log = WORDS.ilog2();
        ((hash >> (u64::BITS - log)) as usize, (hash >> (u64::BITS - log - 6)) % 64)
    }

    fn new() -> Self {
        Self { bits: Box::new([0; WORDS]), first: First::default() }
    }

    fn stored(bits: &[u8], first: &'static [u8]) -> Self {
        let mut marks = Self { first: First(Numbers::stored(first)), ..Self::new() };
        let words = bits.chunks_exact(8).filter_map(|word| word.first_chunk().copied());
        marks.bits.iter_mut().zip(words).for_each(|(to, word)| *to = u64::from_le_bytes(word));
        marks
    }

    fn bit_bytes(&self) -> Vec<u8> {
        self.bits.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn set(&mut self, window: u64) {
        let (word, bit) = Self::place(window);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= 1 << bit;
        }
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
        let (bytes, places) = side_by_side(texts);
        Self::within(Cow::Owned(bytes), &places, false)
    }

    /// Of texts that count only where a word begins, if they begin with one. What has no letter or digit is found
    /// nowhere.
    pub(crate) fn of_words(texts: impl Iterator<Item = impl AsRef<str>>) -> Self {
        let (bytes, places) = side_by_side(texts);
        Self::within(Cow::Owned(bytes), &places, true)
    }

    /// Of texts that stand at these places, anywhere or where words begin.
    pub(crate) fn within(texts: Cow<'static, [u8]>, places: &[Range<usize>], words: bool) -> Self {
        let (mut long, mut short, mut tiny) = (Marks::new(), Marks::new(), Marks::new());
        let (mut twos, mut fours) = (Box::new([0_u64; 1024]), Marks::new());
        let own = |place: &Range<usize>| texts.get(place.clone()).unwrap_or_default();
        let offsets = |place: &Range<usize>| {
            if words { word_offsets(own(place)) } else { offsets(place.len()).to_vec() }
        };
        let seen = |place: &Range<usize>, offset| window(own(place).get(offset..).unwrap_or_default());
        let mut often: HashMap<u64, u32, BuildHasherDefault<Mixer>> = HashMap::default();
        for place in places.iter().filter(|_| places.len() > MANY) {
            for offset in offsets(place) {
                *often.entry(seen(place, offset)).or_default() += 1;
            }
        }
        // The words that many texts have stand in many pastes, too.
        let rarest = |place: &Range<usize>| {
            let offsets = offsets(place);
            if often.is_empty() {
                offsets.into_iter().next()
            } else {
                offsets.into_iter().min_by_key(|at| often.get(&seen(place, *at)))
            }
        };
        // The offset and the width of each mark; what has none is too short, or has no word.
        let mark = |place| {
            let offset = rarest(place).unwrap_or(place.len());
            (offset, width(place.len() - offset))
        };
        let marks: Vec<(usize, usize)> = places.iter().map(mark).collect();
        // Twice as many places as marks: few share one.
        let slots = |width: usize| {
            let count = marks.iter().filter(|(_, own)| *own == width).count();
            if count > 0 { vec![0; (2 * count).next_power_of_two()] } else { Vec::new() }
        };
        let mut first = [LONG, SHORT, TINY, PAIR].map(slots);
        let mut marked = vec![[0; 2]; places.len()];
        // From the last to the first, so that of those with the same mark the first is met first.
        let each = places.iter().zip(&marks).enumerate().zip(&mut marked);
        for ((id, (place, (offset, width))), marked) in each.rev() {
            let seen = seen(place, *offset);
            let [longs, shorts, tinies, pairs] = &mut first;
            let slots = match *width {
                LONG => {
                    long.set(seen);
                    longs
                }
                SHORT => {
                    short.set(seen);
                    shorts
                }
                TINY => {
                    tiny.set(seen);
                    tinies
                }
                PAIR => {
                    let pair = seen & mask(PAIR);
                    (0..=255).for_each(|byte| tiny.set(pair | byte << (8 * PAIR)));
                    pairs
                }
                _ => continue,
            };
            if *width >= SHORT {
                fours.set(seen);
            }
            let pair = seen as u16;
            if let Some(word) = twos.get_mut(usize::from(pair / 64)) {
                *word |= 1 << (pair % 64);
            }
            let slot = First::place(seen & mask(*width), slots.len());
            if let Some(slot) = slot.and_then(|slot| slots.get_mut(slot)) {
                *marked = [*offset as u32, *slot];
                *slot = id as u32 + 1;
            }
        }
        let [longs, shorts, tinies, pairs] = first.map(|slots| First(slots.into_iter().collect()));
        (long.first, short.first, tiny.first) = (longs, shorts, tinies);
        let pairs_of_bytes: usize = twos.iter().map(|word| word.count_ones() as usize).sum();
        let beginnings = match words {
            true => Beginnings::Words,
            false if pairs_of_bytes <= FEW => Beginnings::Twos(twos),
            false => Beginnings::Fours(fours),
        };
        Self {
            long,
            short,
            tiny,
            pairs,
            beginnings,
            texts,
            places: places.iter().flat_map(|place| [place.start as u32, place.end as u32]).collect(),
            marked: marked.into_iter().flatten().collect(),
        }
    }

    /// The finder of many texts that was built with the program, and where they stand.
    pub(crate) fn read(stored: &Stored<'static>, texts: &'static [u8]) -> Self {
        let [long_bits, short_bits, tiny_bits] = stored.bits;
        let [long, short, tiny, pairs] = stored.first;
        Self {
            long: Marks::stored(long_bits, long),
            short: Marks::stored(short_bits, short),
            tiny: Marks::stored(tiny_bits, tiny),
            pairs: First(Numbers::stored(pairs)),
            beginnings: Beginnings::Words,
            texts: Cow::Borrowed(texts),
            places: Numbers::stored(stored.places),
            marked: Numbers::stored(stored.marked),
        }
    }

    /// How many texts it knows.
    pub(crate) fn len(&self) -> usize {
        self.places.len() / 2
    }

    /// A text, as it was given.
    pub(crate) fn text(&self, id: usize) -> Option<&[u8]> {
        let [start, end] = self.places.row(id)?;
        self.texts.get(start as usize..end as usize)
    }

    /// Every place where one of the texts stands, as (text, start, end); in no promised order.
    pub(crate) fn find(&self, text: &str) -> Vec<(usize, usize, usize)> {
        self.find_with(text, &[])
    }

    /// The same, where a word may begin at these places as well, whatever stands before them.
    pub(crate) fn find_with(&self, text: &str, seams: &[usize]) -> Vec<(usize, usize, usize)> {
        let text = text.as_bytes();
        let with_tiny = self.tiny.first.0.len() + self.pairs.0.len() > 0;
        match &self.beginnings {
            Beginnings::Words => self.look_at_words(text, seams),
            Beginnings::Twos(twos) => self.look(text, |window| {
                let pair = window as u16;
                twos.get(usize::from(pair / 64)).is_some_and(|word| word >> (pair % 64) & 1 != 0)
            }),
            Beginnings::Fours(fours) if with_tiny => {
                self.look(text, |window| fours.may_be(window) | self.tiny.may_be(window))
            }
            Beginnings::Fours(fours) => self.look(text, |window| fours.may_be(window)),
        }
    }

    /// Whether a mark may begin with a window.
    #[inline]
    fn may_be(&self, window: u64) -> bool {
        self.long.may_be(window) | self.short.may_be(window) | self.tiny.may_be(window)
    }

    fn look(&self, text: &[u8], may_begin: impl Fn(u64) -> bool) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        let mut begins = [0; PIECE];
        pieces(text, |begin, befores, lower| {
            let windows = lower.windows(LONG).filter_map(|bytes| bytes.first_chunk());
            for (begins, bytes) in begins.iter_mut().zip(windows) {
                // Without a branch: they cost most where nobody can tell how they go.
                *begins = u8::from(may_begin(u64::from_le_bytes(*bytes)));
            }
            self.compare_where(&mut begins, befores.len(), text, begin, lower, &mut found);
        });
        found
    }

    fn look_at_words(&self, text: &[u8], seams: &[usize]) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        let mut begins = [0; PIECE];
        pieces(text, |begin, befores, lower| {
            for ((begins, before), own) in begins.iter_mut().zip(befores).zip(lower) {
                *begins = u8::from(begins_word(*before, *own));
            }
            self.compare_where(&mut begins, befores.len(), text, begin, lower, &mut found);
        });
        for seam in seams {
            let rest = text.get(*seam..).unwrap_or_default();
            let before = seam.checked_sub(1).and_then(|at| text.get(at));
            if before.zip(rest.first()).is_some_and(|(before, own)| !begins_word(*before, *own)) {
                self.compare(text, *seam, window(rest), &mut found);
            }
        }
        found
    }

    /// Adds the texts whose marks stand at some places of a piece: one for each byte where a mark may begin, eight of
    /// them in a number.
    #[inline]
    fn compare_where(
        &self,
        begins: &mut [u8; PIECE],
        length: usize,
        text: &[u8],
        begin: usize,
        lower: &[u8],
        found: &mut Vec<(usize, usize, usize)>,
    ) {
        begins.iter_mut().skip(length).take(LONG).for_each(|begins| *begins = 0);
        let (eights, _) = begins.as_chunks::<LONG>();
        for (at, eight) in eights.iter().take(length.div_ceil(LONG)).enumerate() {
            let mut word = u64::from_le_bytes(*eight);
            while word != 0 {
                let at = at * LONG + word.trailing_zeros() as usize / 8;
                word &= word - 1;
                let Some(bytes) = lower.get(at..).and_then(|rest| rest.first_chunk()) else { break };
                let window = u64::from_le_bytes(*bytes);
                if self.may_be(window) {
                    self.compare(text, begin + at, window, found);
                }
            }
        }
    }

    /// Adds the texts whose marks a window shows.
    #[cold]
    fn compare(&self, text: &[u8], at: usize, window: u64, found: &mut Vec<(usize, usize, usize)>) {
        let tiny = self.tiny.may_be(window);
        let firsts = [
            (self.long.may_be(window), &self.long.first, LONG),
            (self.short.may_be(window), &self.short.first, SHORT),
            (tiny, &self.tiny.first, TINY),
            (tiny, &self.pairs, PAIR),
        ];
        for (_, first, width) in firsts.into_iter().filter(|(may_be, ..)| *may_be) {
            let mut next = first.get(window & mask(width));
            while let Some(id) = (next as usize).checked_sub(1) {
                let Some([offset, after]) = self.marked.row(id) else { break };
                next = after;
                found.extend(self.stands(id, offset as usize, text, at));
            }
        }
    }

    fn stands(&self, id: usize, offset: usize, text: &[u8], at: usize) -> Option<(usize, usize, usize)> {
        let wanted = self.text(id)?;
        let start = at.checked_sub(offset)?;
        let end = start + wanted.len();
        text.get(start..end)?.eq_ignore_ascii_case(wanted).then_some((id, start, end))
    }
}

/// Texts one behind the other, and their places.
fn side_by_side(texts: impl Iterator<Item = impl AsRef<str>>) -> (Vec<u8>, Vec<Range<usize>>) {
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    for text in texts {
        let start = bytes.len();
        bytes.extend(text.as_ref().bytes());
        places.push(start..bytes.len());
    }
    (bytes, places)
}

/// Gives the pieces of a text in small letters, each with its place, and what stands before each of its bytes. Behind
/// each stand as many bytes more as the last window needs: of the next piece, or zeros.
fn pieces(text: &[u8], mut take: impl FnMut(usize, &[u8], &[u8])) {
    let mut lower = [b' '; 1 + PIECE + LONG - 1];
    for begin in (0..text.len()).step_by(PIECE) {
        lower.copy_within(PIECE..=PIECE, 0);
        let rest = text.get(begin..).unwrap_or_default();
        let (_, own) = lower.split_at_mut(1);
        let piece = rest.get(..own.len()).unwrap_or(rest);
        for (to, from) in own.iter_mut().zip(piece) {
            *to = from.to_ascii_lowercase();
        }
        own.iter_mut().skip(piece.len()).for_each(|byte| *byte = 0);
        let length = PIECE.min(rest.len());
        let (befores, own) = (lower.get(..length), lower.get(1..length + LONG));
        take(begin, befores.unwrap_or_default(), own.unwrap_or_default());
    }
}

/// As `read` takes it, without the texts.
impl Serialize for Finder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !matches!(self.beginnings, Beginnings::Words) {
            return Err(S::Error::custom("only a finder of words is stored"));
        }
        let bits = [self.long.bit_bytes(), self.short.bit_bytes(), self.tiny.bit_bytes()];
        let [long, short, tiny] = &bits;
        let first = [&self.long.first, &self.short.first, &self.tiny.first, &self.pairs];
        let stored = Stored {
            bits: [long, short, tiny],
            first: first.map(|first| first.0.bytes()),
            places: self.places.bytes(),
            marked: self.marked.bytes(),
        };
        stored.serialize(serializer)
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
    fn finds_whole_words_where_words_begin() {
        let texts = ["verify failed", "eof", "'s key", "由于远程方", ": no", "(eof)", "go", "x509: "];
        let finder = Finder::of_words(texts.into_iter());
        let ids = |text: &str, seams: &[usize]| {
            let mut found = finder.find_with(text, seams);
            found.sort_unstable();
            found.into_iter().map(|(id, ..)| id).collect::<Vec<_>>()
        };
        let all = "certificate verify failed EOF 错误由于远程方已 Bob's key: no go x509: (eof)";
        assert_eq!(ids(all, &[]), [0, 1, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(ids("reverify failed, geof, ago, xx509: ", &[]), [0; 0]);
        assert_eq!(ids("reverify failed, geof, ago", &[2, 18, 20]), [0, 1]);
        for at in PIECE - 9..PIECE + 9 {
            assert_eq!(ids(&format!("{}verify failed", "-".repeat(at)), &[]), [0]);
            assert_eq!(ids(&format!("{}verify failed", "a".repeat(at)), &[]), [0; 0]);
        }
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
