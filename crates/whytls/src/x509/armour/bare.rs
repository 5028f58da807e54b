//! Bytes that stand without a BEGIN line: bare base64, hex, lists of numbers, strings of escapes.
//!
//! In:  text, and the first letters that DER, PEM and key stores have in every way of writing.
//! Out: what is worth reading of it.
//! Not here: how hex (`hex`) and numbers (`numbers`) are read.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::OnceLock;

use super::body::Body;
use super::marks::{self, Marks};
use super::prefix::Prefix;
use super::{Blob, Form, base64, hex, numbers, settle};
use crate::finder::Finder;
use crate::x509::container::is_key_store;
use crate::x509::object::Object;

/// Bare base64 has no first word that is shorter.
const WORD: usize = 16;

/// Base64 and hex that stand without marks.
pub(super) struct Bare<'a> {
    text: &'a str,
    at: usize,
    candidates: std::vec::IntoIter<Candidate>,
    /// What may still be read in vain, so that work stays linear.
    budget: usize,
}

/// How bare base64 begins: a SEQUENCE with a length of two bytes, public keys that are shorter,
/// `-----`, the magic numbers of Java's key stores, and what is base64 already.
const BARE: [&str; 15] = [
    "MII", "MIG", "MIH", "MIA", "MCowBQ", "MFkwEw", "MHYwEA", "MEMwBQ", "LS0tLS", "0tLS1CR", "/u3+7Q",
    "_u3-7Q", "zs7Ozg", "TFMwdExT", "TUlJ",
];

/// How a short private key begins: a SEQUENCE of so many bytes, and a version.
fn short_keys() -> impl Iterator<Item = String> {
    (0x20..0x80_u8).map(|length| base64::encode([0x30, length, 0x02, 0x01]))
}

impl<'a> Bare<'a> {
    pub(super) fn new(text: &'a str, candidates: Vec<Candidate>) -> Self {
        Self {
            text,
            at: 0,
            candidates: candidates.into_iter(),
            budget: text.len().saturating_mul(16) + (1 << 22),
        }
    }

    /// Looks through the text up to a place, from where the last armour ended.
    pub(super) fn until(&mut self, end: usize, from: usize, depth: usize, blobs: &mut Vec<Blob>) {
        let mut at = self.at.max(from);
        let window = self.text.get(..end).unwrap_or_default();
        while let Some(Candidate { range, kind }) = self.next(at, end) {
            let start = range.start;
            let blob = match kind {
                Kind::Base64 => self.base64(window, start).ok_or(start),
                Kind::Hex => hex::read(window, start),
                Kind::List => numbers::list(window, start),
                Kind::String => numbers::string(window, start),
            };
            match blob {
                Ok(blob) => {
                    at = blob.range.end.max(start + 1);
                    settle(blob, depth, blobs);
                }
                // What was read in vain is not read again.
                Err(end) => at = end.max(start + 2),
            }
            if self.budget == 0 {
                break;
            }
        }
        self.at = end.max(self.at);
    }

    /// The next place at which bytes may begin, of those in a part of the text.
    fn next(&mut self, from: usize, end: usize) -> Option<Candidate> {
        while let Some(candidate) = self.candidates.as_slice().first().filter(|next| next.range.start < end) {
            let counts = candidate.range.start >= from && candidate.range.end <= end;
            let next = self.candidates.next();
            if counts {
                return next;
            }
        }
        None
    }

    fn base64(&mut self, window: &str, start: usize) -> Option<Blob> {
        let mut blob = Blob {
            range: start..start,
            body: start..start,
            label: None,
            form: Form::Base64,
            damages: Vec::new(),
            bytes: Vec::new(),
            declared: None,
            encrypted: false,
        };
        let before = start.checked_sub(1).and_then(|at| window.as_bytes().get(at));
        if before.is_some_and(|byte| base64::value(*byte).is_some() && !b"/+-_".contains(byte))
            && !escaped(window.get(..start).unwrap_or_default())
        {
            return None;
        }
        let word = window.get(start..)?.bytes().take(WORD);
        let whole = word.clone().count() == WORD;
        if !whole || !word.clone().all(|byte| base64::value(byte).is_some() || b"=\\%".contains(&byte)) {
            return None;
        }
        let mut body = Body::new(window, start, Prefix::of(window, start), false);
        body.read(&mut blob);
        blob.body = blob.range.clone();
        let worth = blob.bytes.len() >= 32
            && (Object::of(&blob.bytes).is_some() && blob.bytes.len() >= 40
                || [b"---", b"LS0", b"MII"].iter().any(|head| blob.bytes.starts_with(*head))
                || is_key_store(&blob.bytes));
        if !worth {
            self.budget = self.budget.saturating_sub(body.reader.at.saturating_sub(start) + 16);
            return None;
        }
        Some(blob)
    }
}

/// Whether the character before is the last of an escape: `\n`, `%0A`.
pub(super) fn escaped(before: &str) -> bool {
    [
        "\\n", "\\r", "\\t", "#012", "#011", "%0A", "%0a", "%0D", "%0d", "%20", "%3D", "%3d", "%22", "%2C",
        "%2c", "%3A", "%3a",
    ]
    .iter()
    .any(|escape| before.ends_with(escape))
}

/// How bytes may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Base64,
    Hex,
    List,
    String,
}

/// A place at which bytes may begin.
pub(super) struct Candidate {
    range: Range<usize>,
    kind: Kind,
}

/// The BEGIN and END lines of a text, and the places at which bytes may begin without them; of those that begin
/// at one place the longest first.
pub(super) fn look(text: &str) -> (Marks, Vec<Candidate>) {
    static STARTS: OnceLock<(Finder, Vec<(String, Kind)>)> = OnceLock::new();
    let (finder, starts) = STARTS.get_or_init(|| {
        let bare = BARE.iter().map(|text| (*text).to_owned()).chain(short_keys());
        let starts: Vec<(String, Kind)> = bare
            .map(|start| (start, Kind::Base64))
            .chain(hex::starts().into_iter().map(|start| (start, Kind::Hex)))
            .chain(numbers::list_starts().into_iter().map(|start| (start, Kind::List)))
            .chain(numbers::string_starts().into_iter().map(|start| (start, Kind::String)))
            .collect();
        let bare = starts.iter().map(|(start, _)| start.as_str());
        (Finder::new(marks::WORDS.into_iter().chain(bare)), starts)
    });
    let mut found = finder.find(text);
    found.sort_unstable_by_key(|(_, start, end)| (*start, Reverse(*end)));
    let words = found.iter().filter(|(id, ..)| *id < marks::WORDS.len());
    let marks = Marks::around(text, words.map(|(id, start, end)| (*id, *start..*end)));
    let candidates = found.into_iter().filter_map(|(id, start, end)| {
        let (own, kind) = starts.get(id.checked_sub(marks::WORDS.len())?)?;
        (text.get(start..end)? == own).then_some(Candidate { range: start..end, kind: *kind })
    });
    (marks, candidates.collect())
}
