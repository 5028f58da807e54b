//! Reads the lines of a block of base64, with whatever got between and into them.
//!
//! In:  the text behind a BEGIN line, or at the first letters of bare base64.
//! Out: the bytes, how far they go, and the damage.
//! Not here: where a block begins and ends, if its marks say so.

use super::prefix::Prefix;
use super::unescape::{Char, Reader, Undone};
use super::{Blob, Damage, Form, PIECE, base64};
use crate::x509::ber as der;

/// A line is not longer than this.
const LINE: usize = 1 << 24;

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
pub(super) struct Body<'a> {
    pub(super) reader: Reader<'a>,
    prefix: Prefix,
    /// An END line follows, so whatever stands before it belongs here.
    bounded: bool,
    pub(super) form_encoded: bool,
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
    pub(super) fn new(text: &'a str, at: usize, prefix: Prefix, bounded: bool) -> Self {
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

    pub(super) fn read(&mut self, blob: &mut Blob) {
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
