//! Finds what certificates, keys and containers are wrapped in, however damaged.
//!
//! In:  text: PEM, base64 and hex, with or without their marks, inside of whatever it was copied from.
//! Out: [`Blob`]: the bytes, their place, and every [`Damage`] that had to be read through.
//! Not here: what the bytes hold. That is `Object`.

mod bare;
mod base64;
mod body;
mod damage;
mod hex;
mod marks;
mod numbers;
mod prefix;
mod unescape;

pub(crate) use base64::decode as from_base64;

use std::ops::Range;

use super::ber as der;
use super::object::Object;

pub use damage::Damage;

use bare::{Bare, escaped};
use body::Body;
use marks::Mark;
use prefix::{Prefix, Shape};

/// Bytes that stood in a text.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Blob {
    /// Where, with its BEGIN and END lines.
    pub(super) range: Range<usize>,
    /// Where, without them.
    pub(super) body: Range<usize>,
    /// What the BEGIN line says it is.
    pub(super) label: Option<String>,
    /// What was written so.
    pub(super) form: Form,
    /// What had to be read through.
    pub(super) damages: Vec<Damage>,
    /// The bytes. Secret where they are a private key.
    pub(super) bytes: Vec<u8>,
    /// How many bytes there should be, where the bytes say so.
    pub(super) declared: Option<usize>,
    /// Headers say that it is encrypted.
    pub(super) encrypted: bool,
}

/// How bytes were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// With BEGIN and END lines, or one of them.
    Pem,
    /// base64 by itself.
    Base64,
    /// PEM, or base64, inside base64, as Kubernetes keeps it.
    Base64OfPem,
    /// Hex digits.
    Hex,
    /// Decimal numbers, or the characters and escapes of a program's string.
    Numbers,
    /// In the words of a program that printed its fields.
    Text,
    /// As they are.
    Binary,
}

impl Blob {
    /// Whether the label says that it is a private key.
    #[must_use]
    pub(super) fn is_labelled_private(&self) -> bool {
        self.label.as_deref().is_some_and(|label| label.contains("PRIVATE") || label.contains("STATIC KEY"))
    }

    /// What a program shows of its bytes in that form, where they are something of ours.
    fn of(mut bytes: Vec<u8>, range: Range<usize>, form: Form) -> Option<Self> {
        let declared = length(&bytes);
        let mut damages = Vec::new();
        if !bytes.starts_with(b"-----B") {
            if bytes.len() < 40 || Object::of(&bytes).is_none() {
                return None;
            }
            if let Some(declared) = declared {
                if bytes.len() < declared {
                    damages.push(Damage::Truncated);
                }
                bytes.truncate(declared);
            }
        }
        Some(Self {
            body: range.clone(),
            range,
            label: None,
            form,
            damages,
            bytes,
            declared,
            encrypted: false,
        })
    }

    fn add(&mut self, damage: Damage) {
        if !self.damages.contains(&damage) {
            self.damages.push(damage);
        }
    }
}

/// How many bytes a SEQUENCE has, as its first bytes say.
fn length(bytes: &[u8]) -> Option<usize> {
    der::declared(bytes).filter(|_| bytes.first() == Some(&0x30))
}

/// What is in base64 may be base64 again; no deeper than this.
const NESTED: usize = 3;

/// Where nobody knows how far it goes, long lines are read in pieces.
const PIECE: usize = 4096;

/// Everything in a text, in the order in which it stands.
#[must_use]
pub(super) fn find(text: &str) -> Vec<Blob> {
    find_nested(text, NESTED)
}

fn find_nested(text: &str, depth: usize) -> Vec<Blob> {
    let (marks, candidates) = bare::look(text);
    let mut blobs: Vec<Blob> = Vec::new();
    let mut bare = Bare::new(text, candidates);
    let mut done = 0;
    for (at, mark) in marks.all.iter().enumerate() {
        if mark.range.start < done {
            continue;
        }
        if mark.begin {
            bare.until(mark.range.start, done, depth, &mut blobs);
            let blob = armoured(text, mark, marks.all.get(at + 1..).unwrap_or_default());
            done = blob.range.end;
            settle(blob, depth, &mut blobs);
        } else {
            // An END line without a BEGIN line: what is before it may be the object all the same.
            let before = blobs.len();
            bare.until(mark.range.start, done, depth, &mut blobs);
            let from = std::mem::replace(&mut done, mark.range.end);
            let own = blobs.get_mut(before..).and_then(<[Blob]>::last_mut);
            let near = |blob: &Blob| {
                let between = text.get(blob.range.end..mark.range.start).unwrap_or_default();
                between.len() < 64 && between.chars().filter(|c| c.is_alphanumeric()).count() < 8
            };
            match own.filter(|blob| blob.form == Form::Base64 && near(blob)) {
                Some(blob) => {
                    blob.form = Form::Pem;
                    blob.range.end = mark.range.end;
                    blob.label = Some(mark.label.clone());
                    blob.add(Damage::NoBegin);
                }
                None => blobs.extend(headless(text, mark, from.max(before_last(&blobs, before)))),
            }
        }
    }
    bare.until(text.len(), done, depth, &mut blobs);
    blobs.retain(|blob| !blob.bytes.is_empty() || blob.label.is_some());
    blobs
}

fn before_last(blobs: &[Blob], count: usize) -> usize {
    blobs.get(..count).and_then(<[Blob]>::last).map_or(0, |blob| blob.range.end)
}

/// What a blob turns out to be: PEM inside base64 is found in its turn.
fn settle(mut blob: Blob, depth: usize, blobs: &mut Vec<Blob>) {
    let text = std::str::from_utf8(&blob.bytes).ok().filter(|text| {
        let start = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']);
        ["---", "MI", "LS0t"].iter().any(|head| start.starts_with(head)) || start.contains("-----BEGIN")
    });
    if let Some(text) = text
        && depth > 0
    {
        let inner = find_nested(text, depth - 1);
        if !inner.is_empty() {
            blobs.extend(inner.into_iter().map(|mut inner| {
                let twice = blob.form == Form::Pem
                    || blob.form == Form::Base64 && matches!(inner.form, Form::Base64 | Form::Base64OfPem);
                inner.range = blob.range.clone();
                inner.body = blob.body.clone();
                let written = matches!(blob.form, Form::Hex | Form::Numbers);
                inner.form = if written { blob.form } else { Form::Base64OfPem };
                if twice {
                    inner.add(Damage::EncodedTwice);
                }
                inner
            }));
            return;
        }
    }
    if blob.form == Form::Pem && !blob.bytes.is_empty() && !blob.encrypted && !blob.is_labelled_private() {
        let known = Object::of(&blob.bytes);
        match known {
            None if !marks::is_other(blob.label.as_deref().unwrap_or_default()) => blob.add(Damage::NotDer),
            Some(object) if !marks::names(blob.label.as_deref().unwrap_or_default(), &object) => {
                blob.add(Damage::WrongLabel);
            }
            _ => {}
        }
    }
    blobs.push(blob);
}

/// What stands between a BEGIN line and the END line that belongs to it, or as far as it goes.
fn armoured(text: &str, begin: &Mark, later: &[Mark]) -> Blob {
    // The END line is the next mark, if it is one at all.
    let end = later.iter().find(|mark| mark.range.start >= begin.range.end).filter(|mark| !mark.begin);
    let mut blob = Blob {
        range: begin.range.clone(),
        body: begin.range.end..begin.range.end,
        label: Some(begin.label.clone()),
        form: Form::Pem,
        damages: begin.damages.clone(),
        bytes: Vec::new(),
        declared: None,
        encrypted: false,
    };
    let limit = later.iter().map(|mark| mark.range.start).find(|start| *start >= begin.range.end);
    let mut prefix = Prefix::of(text, begin.range.start);
    // Of what a diff takes away, the sixth dash is the diff's.
    let removed = begin.dashes == (6, 5) && prefix.shape.is_empty() && {
        let mut lines = text.get(begin.range.end..).unwrap_or_default().lines().skip(1);
        lines.next().is_some_and(|line| line.starts_with('-'))
    };
    if removed {
        prefix.shape.push(Shape::Is('-'));
        blob.damages.retain(|damage| *damage != Damage::DashCount);
    }
    let window = text.get(..limit.unwrap_or(text.len())).unwrap_or(text);
    let mut body = Body::new(window, begin.range.end, prefix, end.is_some());
    body.form_encoded = begin.form_encoded;
    body.read(&mut blob);
    blob.body.end = blob.range.end;
    if let Some(end) = end {
        blob.body.end = end.range.start;
        blob.range.end = end.range.end;
        for damage in &end.damages {
            if !(removed && *damage == Damage::DashCount) {
                blob.add(*damage);
            }
        }
        if end.label != begin.label && !end.label.is_empty() {
            blob.add(Damage::LabelsDiffer);
        }
    } else {
        blob.add(Damage::NoEnd);
    }
    if shares_its_lines(text, begin, end) {
        blob.add(Damage::JoinedLines);
    }
    let near = text.floor_char_boundary(begin.range.start.saturating_sub(Prefix::LONGEST));
    if let Some(before) = text.get(near..begin.range.start)
        && let Some(line) = before.rsplit(['\n', '\r']).next()
        && line.starts_with('\u{feff}')
    {
        blob.add(Damage::ByteOrderMark);
    }
    blob
}

/// Whether a block has lines, and its BEGIN or END line has lost its own.
fn shares_its_lines(text: &str, begin: &Mark, end: Option<&Mark>) -> bool {
    // Without an END line its first lines must do: the rest of the text may be one line, with many such blocks.
    let near = text.floor_char_boundary(begin.range.end + PIECE);
    let block = begin.range.end..end.map_or(near, |end| end.range.start);
    let block = text.get(block).unwrap_or_default();
    let lines = block.lines().take(4).filter(|line| !line.trim().is_empty()).count();
    // Fewer characters may be what stands before every line.
    let is_body = |bytes: Option<&[u8]>| {
        bytes.is_some_and(|bytes| bytes.iter().all(|byte| base64::value(*byte).is_some() || *byte == b'='))
    };
    let bytes = block.as_bytes();
    let last = bytes.len().checked_sub(4).and_then(|at| bytes.get(at..));
    lines > 1 && (is_body(bytes.get(..4)) || end.is_some() && is_body(last) && !escaped(block))
}

/// What stands before an END line and begins in the middle of something.
fn headless(text: &str, end: &Mark, from: usize) -> Option<Blob> {
    // Back over the lines that are nothing but base64.
    let before = text.get(from..end.range.start)?;
    let mut start = end.range.start;
    for line in before.rsplit('\n') {
        let inner = line.trim_matches([' ', '\r', '\t', '>', '|', '"', '\'']);
        let fits = inner.bytes().all(|byte| base64::value(byte).is_some() || byte == b'=');
        if !fits || inner.len() > 200 {
            break;
        }
        start = start.checked_sub(line.len() + usize::from(start < end.range.start))?;
        if start <= from {
            break;
        }
    }
    let start = start.max(from);
    let line: Vec<u8> =
        text.get(start..end.range.start)?.bytes().filter(|b| base64::value(*b).is_some()).collect();
    (line.len() >= 16).then(|| Blob {
        range: start..end.range.end,
        body: start..end.range.start,
        label: Some(end.label.clone()),
        form: Form::Pem,
        damages: vec![Damage::NoBegin, Damage::HeadMissing],
        bytes: base64::decode(&line),
        declared: None,
        encrypted: false,
    })
}
