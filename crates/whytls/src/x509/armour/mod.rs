//! Finds what certificates, keys and containers are wrapped in, however damaged.
//!
//! In:  text: PEM, base64 and hex, with or without their marks, inside of whatever it was copied from.
//! Out: [`Blob`]: the bytes, their place, and every [`Damage`] that had to be read through.
//! Not here: what the bytes hold. That is `Object`.

mod base64;
mod damage;
mod hex;
mod marks;
mod numbers;
mod unescape;

pub(crate) use base64::decode as from_base64;

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::OnceLock;

use super::ber as der;
use super::container::is_key_store;
use super::object::Object;
use crate::finder::Finder;

pub use damage::Damage;

use marks::{Mark, Marks};
use unescape::{Char, Reader, Undone};

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

    fn add(&mut self, damage: Damage) {
        if !self.damages.contains(&damage) {
            self.damages.push(damage);
        }
    }
}

/// What is in base64 may be base64 again; no deeper than this.
const NESTED: usize = 3;

/// A line is not longer than this.
const LINE: usize = 1 << 24;

/// Where nobody knows how far it goes, long lines are read in pieces.
const PIECE: usize = 4096;

/// Bare base64 has no first word that is shorter.
const WORD: usize = 16;

/// Everything in a text, in the order in which it stands.
#[must_use]
pub(super) fn find(text: &str) -> Vec<Blob> {
    find_nested(text, NESTED)
}

fn find_nested(text: &str, depth: usize) -> Vec<Blob> {
    let (marks, candidates) = look(text);
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

/// What every line of a block has before it: the shape of it, so that numbers and times may differ.
#[derive(Clone, Debug, Default)]
struct Prefix {
    shape: Vec<Shape>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Digits,
    Space,
    Is(char),
}

impl Prefix {
    /// A longer one is no prefix.
    const LONGEST: usize = 200;

    fn of(text: &str, end: usize) -> Self {
        let before = text.get(..end).unwrap_or_default();
        let start = before.floor_char_boundary(before.len().saturating_sub(Self::LONGEST));
        let near = before.get(start..).unwrap_or_default();
        let line = near.rsplit(['\n', '\r']).next().unwrap_or_default();
        // Where line ends are escaped, the line begins behind the last of them.
        let line = ["\\n", "#012", "%0A", "%0a", "&#10;", "<br>", "<br/>", "<br />"]
            .iter()
            .fold(line, |line, end| line.rsplit(end).next().unwrap_or(line));
        let mut shape = Vec::new();
        for char in line.trim_start_matches('\u{feff}').chars() {
            let next = match char {
                '0'..='9' => Shape::Digits,
                ' ' | '\t' | '\u{a0}' => Shape::Space,
                other => Shape::Is(other),
            };
            if !(matches!(next, Shape::Digits | Shape::Space) && shape.last() == Some(&next)) {
                shape.push(next);
            }
        }
        // A line's indentation may differ.
        if shape.first() == Some(&Shape::Space) {
            shape.remove(0);
        }
        Self { shape }
    }

    /// How many characters of a line are the prefix.
    fn strip(&self, line: &[Char]) -> usize {
        let mut at = 0;
        let is = |at: usize| line.get(at).map(|char| char.is);
        while is(at) == Some(' ') {
            at += 1;
        }
        for shape in &self.shape {
            match shape {
                Shape::Digits => {
                    let from = at;
                    while is(at).is_some_and(|c| c.is_ascii_digit()) {
                        at += 1;
                    }
                    if at == from {
                        return 0;
                    }
                }
                // Numbers that grow leave less room before and behind them.
                Shape::Space => {
                    while is(at) == Some(' ') {
                        at += 1;
                    }
                }
                Shape::Is(wanted) => {
                    if is(at) != Some(*wanted) {
                        // `>` alone on an empty line has lost its space.
                        return 0;
                    }
                    at += 1;
                }
            }
        }
        at
    }
}

/// What a block may be longer than before it says how long it is.
const UNKNOWN_LENGTH: usize = 1 << 20;

/// A line that was taken.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// Where it begins in the text that was taken.
    from: usize,
    /// How many characters stand before the first space inside.
    word: usize,
    spaced: bool,
}

/// Reads the lines of a block.
struct Body<'a> {
    reader: Reader<'a>,
    prefix: Prefix,
    /// An END line follows, so whatever stands before it belongs here.
    bounded: bool,
    form_encoded: bool,
    text: Vec<u8>,
    /// The place behind the last character that was taken.
    end: usize,
    widths: Vec<usize>,
    lines: Vec<Row>,
    blank: usize,
    foreign: bool,
    prefixed: usize,
    indented: usize,
    spaced: usize,
    quoted: usize,
    headers: bool,
    padded: bool,
    url_alphabet: bool,
    /// What had to be undone up to the last line that was taken.
    undone: Undone,
}

impl<'a> Body<'a> {
    fn new(text: &'a str, at: usize, prefix: Prefix, bounded: bool) -> Self {
        Self {
            reader: Reader::new(text, at),
            prefix,
            bounded,
            form_encoded: false,
            text: Vec::new(),
            end: at,
            widths: Vec::new(),
            lines: Vec::new(),
            blank: 0,
            foreign: false,
            prefixed: 0,
            indented: 0,
            spaced: 0,
            quoted: 0,
            headers: false,
            padded: false,
            url_alphabet: false,
            undone: Undone::default(),
        }
    }

    fn read(&mut self, blob: &mut Blob) {
        let mut first = true;
        let mut blank = 0_usize;
        let mut need = None;
        let mut lines = 0_usize;
        let mut pause = false;
        loop {
            let before = self.reader;
            let most = if self.bounded { LINE } else { PIECE };
            let Some(line) = self.reader.line(most) else { break };
            let rest_of_begin = std::mem::take(&mut first);
            let taken = self.line(&line, rest_of_begin, blob);
            if need.is_none() && self.text.len() >= 16 {
                let head = base64::decode(self.text.get(..16).unwrap_or_default());
                // What is encrypted says nothing about its length, whatever its first bytes are.
                need = der::declared(&head).filter(|_| head.first() == Some(&0x30) && !blob.encrypted);
            }
            match taken {
                Taken::Nothing if rest_of_begin || line.iter().any(|char| char.is != ' ') => {}
                Taken::Nothing => blank += 1,
                Taken::Header => {
                    self.headers = true;
                    pause = true;
                }
                Taken::Body => {
                    if pause {
                        // The blank line behind the headers belongs there.
                        blank = blank.saturating_sub(1);
                        pause = false;
                    }
                    self.undone = self.reader.inner;
                    self.blank += std::mem::take(&mut blank);
                    lines += 1;
                }
                Taken::Foreign if self.bounded => self.foreign = true,
                Taken::Foreign => {
                    self.reader = before;
                    break;
                }
            }
            let enough = need.map(base64::characters);
            let most = enough.unwrap_or(UNKNOWN_LENGTH);
            if !self.bounded && self.text.len() >= most {
                break;
            }
            // Where something else follows a gap, it is another thing.
            if !self.bounded && blank > 2 && lines > 0 {
                break;
            }
        }
        blob.range.end = blob.range.end.max(self.end);
        self.finish(blob, lines, need);
    }

    /// Takes what belongs here of one line.
    fn line(&mut self, line: &[Char], rest_of_begin: bool, blob: &mut Blob) -> Taken {
        let head = if rest_of_begin { 0 } else { self.prefix.strip(line) };
        let all = line.get(head..).unwrap_or_default();
        let noise = |char: &Char| {
            char.is.is_whitespace()
                || matches!(
                    char.is,
                    '"' | '\'' | '`' | ',' | ';' | '\\' | '“' | '”' | '‘' | '’' | '„' | '«' | '»'
                )
                || matches!(
                    char.is,
                    ')' | ']' | '}' | '(' | '[' | '{' | '>' | '|' | '&' | '.' | '*' | '#' | '$' | ':'
                )
        };
        let from = all.iter().position(|char| !noise(char)).unwrap_or(all.len());
        let to = all.iter().rposition(|char| !noise(char)).map_or(from, |at| at + 1);
        let mut inner = all.get(from..to).unwrap_or_default();
        // `"…" +`: the plus joins two strings, and is no base64.
        let quotes = |char: &Char| matches!(char.is, '"' | '\'' | '`' | '“' | '”');
        if let Some(quote) = inner.iter().position(quotes) {
            let behind = inner.get(quote..).unwrap_or_default();
            if behind.iter().filter(|c| c.is.is_ascii_alphanumeric()).count() < 4 {
                inner = inner.get(..quote).unwrap_or_default();
            }
        }
        if let Some(behind) = inner.strip_prefix_plus() {
            inner = behind;
        }
        // psql ends every line of a value but the last so.
        if let [head @ .., space, plus] = inner
            && space.is == ' '
            && plus.is == '+'
        {
            let to = head.iter().rposition(|char| char.is != ' ').map_or(0, |at| at + 1);
            inner = head.get(..to).unwrap_or_default();
            self.foreign = true;
        }
        if !inner.iter().any(|char| char.is.is_ascii_alphanumeric() || matches!(char.is, '=' | '+' | '/'))
            || inner.len() == 1
                && inner.first().is_some_and(|char| char.is == '+')
                && (rest_of_begin || line.iter().any(quotes))
            // The number of the BEGIN line.
            || rest_of_begin && inner.iter().all(|char| char.is.is_ascii_digit())
        {
            return Taken::Nothing;
        }
        let tail = all.get(to..).unwrap_or_default();
        let stray =
            |char: &Char| !char.is.is_whitespace() && !matches!(char.is, ',' | ';' | '\\') && !quotes(char);
        self.foreign |= self.bounded && !rest_of_begin && tail.iter().any(stray);
        if !rest_of_begin && header(inner) {
            if inner.iter().map(|c| c.is).collect::<String>().contains("ENCRYPTED")
                || starts(inner, "DEK-Info")
            {
                blob.encrypted = true;
            }
            return Taken::Header;
        }
        let good = |char: &Char| {
            char.is == '=' || u8::try_from(char.is).is_ok_and(|byte| base64::value(byte).is_some())
        };
        let bad = inner.iter().filter(|char| !good(char) && char.is != ' ').count();
        let joined: Vec<Char>;
        let taken: &[Char] = if bad == 0 {
            if !self.bounded && !self.looks_like_base64(inner) {
                return Taken::Foreign;
            }
            inner
        } else {
            if let Some(pieces) = joined_lines(inner, good) {
                joined = pieces;
                self.foreign = true;
                &joined
            } else {
                // The longest piece of base64 on the line, if it is long.
                let longest =
                    inner.split(|char| !good(char)).max_by_key(|piece| piece.len()).unwrap_or_default();
                let usual = self.widths.first().copied().unwrap_or(40);
                let enough = longest.len() >= 40.min(usual.max(16)) || longest.len() >= usual;
                if !enough || (!self.bounded && self.widths.is_empty() && longest.len() < 40) {
                    return Taken::Foreign;
                }
                // Dashes that run on are no base64url.
                self.foreign = true;
                longest
            }
        };
        let mut width = 0;
        let mut inner_space = false;
        let mut word = usize::MAX;
        let began = self.text.len();
        for char in taken {
            let byte = match char.is {
                ' ' => {
                    inner_space = true;
                    word = word.min(width);
                    continue;
                }
                // `%2B` is a plus, and a plus a space.
                '+' if self.form_encoded && char.end == char.start + 1 => continue,
                other => u8::try_from(other).unwrap_or(b' '),
            };
            self.padded |= byte == b'=';
            self.url_alphabet |= matches!(byte, b'-' | b'_');
            self.text.push(byte);
            width += 1;
        }
        if let Some(last) = taken.last() {
            self.end = last.end;
        }
        self.spaced += usize::from(inner_space);
        self.lines.push(Row { from: began, word: word.min(width), spaced: inner_space });
        self.widths.push(width);
        let before = all.get(..from).unwrap_or_default();
        self.quoted += usize::from(line.iter().any(quotes));
        let visible = line.get(..head).unwrap_or_default().iter().chain(before);
        if !rest_of_begin {
            if visible.clone().any(|char| char.is != ' ' && !quotes(char)) {
                self.prefixed += 1;
            } else if visible.count() > 0 {
                self.indented += 1;
            }
        }
        Taken::Body
    }

    /// Words of a sentence are of letters as well; base64 has digits, and capitals inside of words.
    fn looks_like_base64(&self, line: &[Char]) -> bool {
        let words = line.split(|char| char.is == ' ');
        let (mut odd, mut plain) = (0_usize, 0_usize);
        for word in words.filter(|word| !word.is_empty()) {
            let mixed = word.windows(2).any(|pair| {
                matches!(pair, [a, b] if a.is.is_ascii_lowercase() && !b.is.is_ascii_lowercase()
                    || a.is.is_ascii_digit() != b.is.is_ascii_digit())
            });
            if mixed || word.len() > 24 {
                odd += word.len();
            } else {
                plain += word.len();
            }
        }
        odd > plain
            || odd == 0
                && plain > 0
                && !line.iter().any(|char| char.is == ' ')
                && !self.widths.is_empty()
                && {
                    // The last line of base64 may be a few letters.
                    plain <= 4 || line.last().is_some_and(|char| char.is == '=')
                }
    }

    /// The bytes without what does not belong there, where they then are as long as they say: the foot
    /// of a page and the head of the next, a line that stands twice, numbers of lines.
    fn without_strangers(&mut self) -> Option<Vec<u8>> {
        let count = self.lines.len();
        let first = self.widths.get(..count.min(100)).unwrap_or_default();
        let usual = first.iter().copied().max_by_key(|width| first.iter().filter(|w| *w == width).count())?;
        let row = |at: usize| -> Option<(&Row, &[u8])> {
            let row = self.lines.get(at)?;
            let to = self.lines.get(at + 1).map_or(self.text.len(), |next| next.from);
            Some((row, self.text.get(row.from..to)?))
        };
        type Keep<'k> = &'k dyn Fn(usize, &Row, &[u8]) -> usize;
        let whole = |keep: bool, text: &[u8]| if keep { text.len() } else { 0 };
        let ways: [Keep<'_>; 5] = [
            &|_, row, text| whole(!row.spaced, text),
            &|at, row, text| whole(!row.spaced && (at + 1 == count || text.len() == usual), text),
            &|at, _, text| {
                let before = at.checked_sub(1).and_then(row);
                whole(before.is_none_or(|(_, before)| before != text), text)
            },
            &|_, _, text| whole(text.len() > 4 || !text.iter().all(u8::is_ascii_digit), text),
            &|_, row, _| row.word,
        ];
        let (bytes, kept) = ways
            .iter()
            .find_map(|keep| {
                let mut text = Vec::with_capacity(self.text.len());
                let mut kept = Vec::with_capacity(count);
                for at in 0..count {
                    let (row, line) = row(at)?;
                    let take = keep(at, row, line);
                    text.extend_from_slice(line.get(..take)?);
                    kept.extend((take > 0).then_some(take));
                }
                let bytes = base64::decode(&text);
                let right = bytes.first() == Some(&0x30) && der::declared(&bytes) == Some(bytes.len());
                right.then(|| (bytes, kept, text.iter().any(|byte| matches!(byte, b'-' | b'_'))))
            })
            .map(|(bytes, kept, url)| {
                self.url_alphabet &= url;
                (bytes, kept)
            })?;
        self.widths = kept;
        self.spaced = 0;
        self.foreign = true;
        Some(bytes)
    }

    /// Takes out `/n`, which somebody wrote for `\n`, where it stands at the end of every line.
    fn without_slash_n(&mut self) -> Option<Vec<u8>> {
        let parts = self.text.strip_prefix(b"/n")?;
        [64, 76].into_iter().find_map(|width| {
            let mut text = Vec::with_capacity(parts.len());
            for line in parts.chunks(width + 2) {
                let (body, end) = line.split_at(width.min(line.len()));
                let body = if end.is_empty() { body.strip_suffix(b"/n").unwrap_or(body) } else { body };
                text.extend_from_slice(body);
            }
            let bytes = base64::decode(&text);
            (der::declared(&bytes) == Some(bytes.len()) && bytes.first() == Some(&0x30)).then_some(bytes)
        })
    }

    fn finish(&mut self, blob: &mut Blob, lines: usize, mut need: Option<usize>) {
        let mut bytes = base64::decode(&self.text);
        let fits = need.is_some_and(|need| bytes.len() <= need) && bytes.first() == Some(&0x30);
        if self.bounded
            && !fits
            && !blob.encrypted
            && let Some(better) = self.without_strangers()
        {
            need = Some(better.len());
            bytes = better;
        }
        if let Some(better) = self.without_slash_n() {
            need = Some(better.len());
            bytes = better;
            self.undone.escapes = true;
        }
        let starts_as_der = bytes.first() == Some(&0x30);
        blob.declared = need.filter(|_| starts_as_der);
        let private = blob.encrypted_or_private();
        let blob_form = blob.form;
        let mut add = |damage: Damage, holds: bool| {
            if holds {
                blob.add(damage);
            }
        };
        if starts_as_der && let Some(need) = need {
            if bytes.len() < need {
                // An END line says that the end is there; without one it was cut off.
                let gap = self.bounded && self.padded;
                add(if gap { Damage::Gap } else { Damage::Truncated }, true);
            } else if bytes.len() > need {
                if !self.bounded {
                    bytes.truncate(need);
                } else {
                    let rest = bytes.get(need..).unwrap_or_default();
                    // What OpenSSL puts behind a trusted certificate is a SEQUENCE.
                    add(Damage::TrailingData, rest.first() != Some(&0x30));
                }
            }
        }
        let whole = need.is_none_or(|need| bytes.len() >= need);
        let url = self.url_alphabet && blob_form == Form::Base64;
        add(
            Damage::NoPadding,
            whole && !url && !self.padded && !bytes.is_empty() && !self.text.len().is_multiple_of(4),
        );
        let undone = self.undone;
        add(Damage::EscapedLineEnds, undone.escapes);
        add(Damage::UrlEncoded, undone.url);
        add(Damage::Markup, undone.markup);
        add(Damage::InvisibleCharacters, undone.invisible);
        add(Damage::FullWidth, undone.full_width);
        add(Damage::DoubledCr, undone.doubled_cr);
        add(Damage::CrOnly, undone.lone_cr && !undone.doubled_cr && !undone.escapes);
        add(Damage::ForeignText, self.foreign);
        add(Damage::BlankLines, self.blank > 0);
        add(Damage::Prefixed, self.prefixed > 0);
        add(
            Damage::Indented,
            self.indented > 0 && self.prefixed == 0 && self.quoted < 2 && blob_form == Form::Pem,
        );
        add(Damage::Quoted, self.quoted > 1);
        add(Damage::Base64Url, self.url_alphabet);
        add(Damage::Headers, self.headers && !private);
        let long = self.text.len() > 76;
        if lines == 1 && long {
            if blob.form == Form::Pem {
                blob.add(Damage::OneLine);
            }
        } else if self.spaced > 0 {
            blob.add(Damage::SpacesInside);
        } else if let Some((last, full)) = self.widths.split_last() {
            let width = full.first().copied().unwrap_or(*last);
            let even = full.iter().all(|other| *other == width) && *last <= width;
            if (!even || width > 76) && long && blob.form == Form::Pem {
                blob.add(Damage::OddWidth);
            }
        }
        blob.bytes = bytes;
    }
}

impl Blob {
    fn encrypted_or_private(&self) -> bool {
        self.encrypted || self.is_labelled_private()
    }
}

/// What a line gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Nothing,
    Header,
    Body,
    Foreign,
}

/// The lines of a block that were joined to one, with something between them that is no base64: commas,
/// quotes, `[br]`.
fn joined_lines(line: &[Char], good: impl Fn(&Char) -> bool) -> Option<Vec<Char>> {
    let pieces: Vec<&[Char]> =
        line.split(|char| !good(char)).filter(|piece| !piece.is_empty()).take(1 << 16).collect();
    let full = pieces.iter().map(|piece| piece.len()).max()?;
    let count = pieces.iter().filter(|piece| piece.len() == full).count();
    if !(40..=80).contains(&full) || count < 2 {
        return None;
    }
    // What stands between the lines may be letters too, and is the same each time.
    let text = |piece: &[Char]| piece.iter().map(|char| char.is).collect::<String>();
    let between = pieces.iter().take(2).find(|piece| piece.len() < 8).map(|piece| text(piece));
    let own =
        pieces.into_iter().filter(|piece| between.as_ref().is_none_or(|between| text(piece) != *between));
    let mut out = Vec::new();
    for piece in own {
        out.extend_from_slice(piece);
        // The last line is shorter.
        if piece.len() < full {
            break;
        }
    }
    Some(out)
}

trait StripPlus {
    /// Without the `+` that joins strings before a quote, `+ "…"`.
    fn strip_prefix_plus(&self) -> Option<&Self>;
}

impl StripPlus for [Char] {
    fn strip_prefix_plus(&self) -> Option<&Self> {
        let (first, rest) = self.split_first()?;
        let quote = rest.iter().position(|char| char.is != ' ')?;
        (matches!(first.is, '+' | '.') && rest.get(quote).is_some_and(|c| matches!(c.is, '"' | '\'')))
            .then(|| rest.get(quote + 1..))
            .flatten()
    }
}

fn starts(line: &[Char], with: &str) -> bool {
    line.len() >= with.len() && with.chars().zip(line).all(|(wanted, char)| wanted == char.is)
}

/// `Proc-Type: 4,ENCRYPTED` and its like.
fn header(line: &[Char]) -> bool {
    let name = line.iter().take_while(|char| char.is.is_ascii_alphanumeric() || char.is == '-').count();
    (2..=40).contains(&name)
        && line.get(name).is_some_and(|char| char.is == ':')
        && line.get(name + 1).is_none_or(|char| char.is == ' ')
        && line.first().is_some_and(|char| char.is.is_ascii_alphabetic())
}

/// Base64 and hex that stand without marks.
struct Bare<'a> {
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
    fn new(text: &'a str, candidates: Vec<Candidate>) -> Self {
        Self {
            text,
            at: 0,
            candidates: candidates.into_iter(),
            budget: text.len().saturating_mul(16) + (1 << 22),
        }
    }

    /// Looks through the text up to a place, from where the last armour ended.
    fn until(&mut self, end: usize, from: usize, depth: usize, blobs: &mut Vec<Blob>) {
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
fn escaped(before: &str) -> bool {
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
struct Candidate {
    range: Range<usize>,
    kind: Kind,
}

/// The BEGIN and END lines of a text, and the places at which bytes may begin without them; of those that begin
/// at one place the longest first.
fn look(text: &str) -> (Marks, Vec<Candidate>) {
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
