//! Looks for the phrases of `content/messages/` in the words of a statement.
//!
//! In:  the words of a statement.
//! Out: the message whose phrase fits it best, and which words that are.
//! Not here: what is a word, and what is a statement.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::words::Word;
use crate::content::{Message, Phrase, library};

/// Between two words of a phrase stand at most so many others.
const BETWEEN: usize = 3;

/// And so many of these besides: `an error occurred while trying to load the certificate`.
const FILLING: usize = 5;

/// Words that say nothing by themselves.
const FILLERS: [&str; 13] = [
    "occurred",
    "occured",
    "happened",
    "while",
    "when",
    "trying",
    "tried",
    "attempting",
    "attempt",
    "to",
    "been",
    "has",
    "was",
];

/// What turns the next words into their opposite.
const NEGATIONS: [&str; 7] = ["not", "no", "never", "without", "non", "nor", "neither"];

/// What is done with certificates and TLS that is no part of a connection: a vague phrase does not reach over it.
const OTHER_DEEDS: [&str; 42] = [
    "create",
    "creating",
    "created",
    "generate",
    "generating",
    "renew",
    "renewing",
    "issue",
    "issuing",
    "request",
    "requesting",
    "obtain",
    "obtaining",
    "fetch",
    "fetching",
    "sign",
    "signing",
    "revoke",
    "revoking",
    "download",
    "downloading",
    "save",
    "saving",
    "write",
    "writing",
    "delete",
    "deleting",
    "remove",
    "removing",
    "list",
    "get",
    "getting",
    "upload",
    "submit",
    "publish",
    "update",
    "updating",
    "export",
    "trying",
    "using",
    "default",
    "temporary",
];

/// The phrases, and for each word the groups that have it.
pub(super) struct Grammar {
    /// A number for each word.
    words: HashMap<&'static str, usize>,
    /// For each word a bit for each group, in so many pieces.
    groups: Vec<u64>,
    pieces: usize,
    /// The phrases, by the group that they begin with.
    rules: Vec<Vec<Rule>>,
    /// The group that stands for the end.
    end: Option<u16>,
}

/// A phrase, and what it tells.
struct Rule {
    phrase: &'static Phrase,
    message: &'static Message,
    /// Its place among all phrases, as they were written.
    order: usize,
}

/// A phrase that fits.
pub(super) struct Fit {
    /// The words from its first to its last.
    pub words: Range<usize>,
    pub message: &'static Message,
    /// What it is measured by: one that is not vague, then one of more words.
    weight: (bool, usize),
    order: usize,
}

impl Fit {
    /// Whether it only tells what failed.
    pub(super) fn is_vague(&self) -> bool {
        !self.weight.0
    }
}

/// A word as phrases see it: its number, and whether it negates.
struct Known {
    word: Option<usize>,
    negates: bool,
    /// No vague phrase reaches over it.
    apart: bool,
    /// It does not count between two words.
    fills: bool,
}

impl Grammar {
    pub(super) fn get() -> &'static Self {
        static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
        GRAMMAR.get_or_init(Self::new)
    }

    fn new() -> Self {
        let catalogue = &library().catalogue;
        let known = catalogue.groups();
        let pieces = known.len().div_ceil(64);
        let (mut words, mut groups, mut end) = (HashMap::new(), Vec::new(), None);
        for number in 0..u16::try_from(known.len()).unwrap_or(u16::MAX) {
            for word in known.words(number) {
                if word == Phrase::END {
                    end = Some(number);
                }
                let next = words.len();
                let at = *words.entry(word).or_insert(next);
                if at == next {
                    groups.resize(groups.len() + pieces, 0_u64);
                }
                if let Some(piece) = groups.get_mut(at * pieces + usize::from(number) / 64) {
                    *piece |= 1 << (number % 64);
                }
            }
        }
        let mut rules: Vec<Vec<Rule>> = (0..known.len()).map(|_| Vec::new()).collect();
        let mut order = 0;
        for message in catalogue.phrased() {
            for phrase in &message.phrases {
                order += 1;
                let first = phrase.words.first().and_then(|group| rules.get_mut(usize::from(*group)));
                if let Some(rules) = first {
                    rules.push(Rule { phrase, message, order });
                }
            }
        }
        Self { words, groups, pieces, rules, end }
    }

    /// The phrase that fits a statement best; of several alike the one that begins first, or was written first.
    pub(super) fn best(&self, clause: &[Word]) -> Option<Fit> {
        let known: Vec<Known> = clause
            .iter()
            .map(|word| Known {
                word: self.words.get(word.text.as_ref()).copied(),
                negates: word.is(&NEGATIONS),
                apart: word.is(&OTHER_DEEDS),
                fills: word.is(&FILLERS),
            })
            .collect();
        let mut best: Option<Fit> = None;
        for (at, word) in known.iter().enumerate() {
            if at.checked_sub(1).and_then(|before| known.get(before)).is_some_and(|before| before.negates) {
                continue;
            }
            for rule in word.word.into_iter().flat_map(|word| self.beginning_with(word)) {
                let weight = (!rule.phrase.vague, rule.phrase.words.len());
                let better = |best: &Fit| {
                    weight > best.weight
                        || weight == best.weight && at == best.words.start && rule.order < best.order
                };
                if best.as_ref().is_none_or(better)
                    && let Some(words) = self.fits(&known, at, rule.phrase)
                {
                    best = Some(Fit { words, message: rule.message, weight, order: rule.order });
                }
            }
        }
        best
    }

    /// The phrases that begin with a word.
    fn beginning_with(&self, word: usize) -> impl Iterator<Item = &Rule> {
        let own = self.groups.get(word * self.pieces..(word + 1) * self.pieces).unwrap_or_default();
        let groups = own.iter().enumerate().flat_map(|(piece, bits)| {
            let mut bits = *bits;
            std::iter::from_fn(move || {
                let bit = bits.trailing_zeros() as usize;
                bits &= bits.checked_sub(1)?;
                Some(piece * 64 + bit)
            })
        });
        groups.filter_map(|group| self.rules.get(group)).flatten()
    }

    fn has(&self, group: u16, word: &Known) -> bool {
        let piece = |word| self.groups.get(word * self.pieces + usize::from(group) / 64);
        word.word.and_then(piece).is_some_and(|bits| bits & (1 << (group % 64)) != 0)
    }

    /// Whether a phrase begins at this word of a statement, and where it ends.
    fn fits(&self, clause: &[Known], start: usize, phrase: &Phrase) -> Option<Range<usize>> {
        let mut at = start + 1;
        for wanted in phrase.words.iter().skip(1) {
            if Some(*wanted) == self.end {
                return (at == clause.len()).then_some(start..at);
            }
            let near = clause.get(at..clause.len().min(at + BETWEEN + FILLING + 1))?;
            let next = near.iter().position(|word| self.has(*wanted, word))?;
            if near.get(..next)?.iter().filter(|word| !word.fills).count() > BETWEEN {
                return None;
            }
            let ends = |word: &Known| word.negates || phrase.vague && word.apart;
            if near.get(..next).is_some_and(|words| words.iter().any(ends)) {
                return None;
            }
            at += next + 1;
        }
        Some(start..at)
    }
}
