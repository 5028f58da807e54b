//! BEGIN and END lines, also where a word processor, a mail or a phone got at them.
//!
//! In:  text.
//! Out: where they stand, their labels, and what is not as it should be.
//! Not here: what is between them.

use std::ops::Range;

use super::Damage;
use super::unescape::Reader;
use crate::x509::object::Object;

/// A BEGIN or END line.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) begin: bool,
    /// With its dashes.
    pub(super) range: Range<usize>,
    /// In capitals.
    pub(super) label: String,
    pub(super) damages: Vec<Damage>,
    /// Spaces are `+`, as forms send them.
    pub(super) form_encoded: bool,
    /// How many dashes stand before and behind.
    pub(super) dashes: (usize, usize),
}

/// All of them, in order.
pub(super) struct Marks {
    pub(super) all: Vec<Mark>,
}

/// A label is not longer than this.
const LABEL: usize = 60;

/// The words that they begin with, as `Marks::around` wants them found.
pub(super) const WORDS: [&str; 2] = ["BEGIN", "END"];

impl Marks {
    /// Those around words that stand at these places, in their order.
    pub(super) fn around(text: &str, words: impl Iterator<Item = (usize, Range<usize>)>) -> Self {
        let mut all: Vec<Mark> = Vec::new();
        for (word, range) in words {
            let done = all.last().map_or(0, |last| last.range.end);
            if done <= range.start {
                all.extend(mark(text, done, range, word == 0));
            }
        }
        Self { all }
    }
}

fn dash(char: char) -> Option<bool> {
    match char {
        '-' => Some(true),
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}'
        | '\u{2500}'
        | '\u{2501}'
        | '\u{30fc}' => Some(false),
        _ => None,
    }
}

/// The mark around such a word; what stands before `done` belongs to another one.
fn mark(text: &str, done: usize, word: Range<usize>, begin: bool) -> Option<Mark> {
    let mut damages = Vec::new();
    let mut add = |damage: Damage| {
        if !damages.contains(&damage) {
            damages.push(damage);
        }
    };
    // Back over the dashes.
    let before = text.get(..word.start)?;
    let mut start = word.start;
    let (mut dashes, mut plain, mut spaces) = (0_usize, true, 0_usize);
    let mut rest = before;
    while dashes < 40 && rest.len() > done {
        let Some(last) = rest.chars().next_back() else { break };
        if let Some(ascii) = dash(last) {
            dashes += 1;
            plain &= ascii;
            rest = rest.get(..rest.len() - last.len_utf8())?;
            start = rest.len();
            continue;
        }
        if let Some(shorter) = ["%2D", "%2d", "&#45;", "&#x2d;", "\\u002D", "\\u002d", "\\-"]
            .iter()
            .find_map(|code| rest.strip_suffix(code))
        {
            dashes += 1;
            rest = shorter;
            start = rest.len();
            continue;
        }
        if matches!(last, ' ' | '\u{a0}' | '\u{200b}') && spaces < 6 {
            spaces += 1;
            rest = rest.get(..rest.len() - last.len_utf8())?;
            continue;
        }
        break;
    }
    // Spaces before the first dash are the line's indentation, not the mark's.
    let inner_spaces = dashes > 0 && text.get(start..word.start)?.contains([' ', '\u{a0}']);

    let mut reader = Reader::new(text, word.end);
    let mut label = String::new();
    let mut form_encoded = false;
    let mut end = word.end;
    let mut behind = 0_usize;
    let mut behind_plain = true;
    let mut ends = Vec::new();
    let mut lower = text.get(word.clone())?.bytes().any(|byte| byte.is_ascii_lowercase());
    let mut separated = false;
    let mut trailing_space = false;
    while label.len() < LABEL {
        let state = reader;
        let Some(char) = reader.char() else { break };
        match char.is {
            '\n' => break,
            ' ' | '+' | '_' if behind == 0 => {
                form_encoded |= char.is == '+';
                separated = true;
                if !label.is_empty() {
                    label.push(' ');
                }
            }
            'A'..='Z' | '0'..='9' | '#' | '.' if behind == 0 && separated => label.push(char.is),
            'a'..='z' if behind == 0 && separated => {
                lower = true;
                label.push(char.is.to_ascii_uppercase());
            }
            ' ' => {
                trailing_space = true;
                // Dashes with spaces between them, or the end of the mark.
                let mut look = reader;
                if look.char().and_then(|next| dash(next.is)).is_none() {
                    break;
                }
            }
            other => match dash(other) {
                // Six dashes before, seven behind: more are someone's ruler.
                Some(ascii) if behind < 40 => {
                    behind += 1;
                    behind_plain &= ascii;
                    ends.push(end);
                    end = char.end;
                }
                _ => {
                    reader = state;
                    break;
                }
            },
        }
    }
    // The next mark begins on the same line: five of the dashes are its own.
    let next = text.get(end..).and_then(|rest| rest.get(..5)).unwrap_or_default();
    let joined = !begin && behind > 5 && next.eq_ignore_ascii_case("begin");
    if joined && let Some(own) = ends.iter().nth_back(4) {
        end = *own;
        behind -= 5;
    }
    let spaced_behind = label.ends_with(' ') && behind > 0;
    let label = label.trim_end().to_owned();
    // `-----BEGIN CERTIFICATE` at the end of what was cut off, or without its dashes.
    if behind == 0 {
        if dashes < 2 && !(dashes == 0 && !lower && is_known(&label)) || !is_known(&label) {
            return None;
        }
        // A word in a sentence is no mark: what follows must be the end of the line.
        end = reader.at.min(text.len());
        let raw = text.get(word.end..end)?;
        end = word.end + raw.trim_end().len();
        if dashes == 0 {
            let near = before.get(before.floor_char_boundary(before.len().saturating_sub(LABEL))..)?;
            let line = near.rsplit(['\n', '\r']).next().unwrap_or_default();
            let alone = line.trim_matches([' ', '\t', '>', '|', '"', '\'']).is_empty();
            if !alone
                || reader.char().is_some()
                    && !text.get(end..)?.trim_start_matches(' ').starts_with(['\n', '\r', '\\'])
            {
                return None;
            }
        }
    } else if label.is_empty() || dashes + behind < 4 || !is_known(&label) && (dashes < 4 || behind < 4) {
        return None;
    }
    if is_foreign(&label) {
        return None;
    }
    if !plain || !behind_plain {
        add(Damage::TypographicDashes);
    }
    // Three en dashes are five dashes after a word processor: that is said already.
    if plain && behind_plain && (dashes != 5 || behind != 5) {
        add(Damage::DashCount);
    }
    if inner_spaces || spaced_behind || trailing_space && behind > 5 {
        add(Damage::SpacedMark);
    }
    if lower {
        add(Damage::LabelCase);
    }
    if joined {
        add(Damage::JoinedLines);
    }
    let undone = reader.undone;
    if undone.url || text.get(start..word.start)?.contains("%2") {
        add(Damage::UrlEncoded);
    }
    if undone.full_width {
        add(Damage::FullWidth);
    }
    if undone.invisible {
        add(Damage::InvisibleCharacters);
    }
    Some(Mark { begin, range: start..end, label, damages, form_encoded, dashes: (dashes, behind) })
}

/// Whether a label is one of PEM's.
fn is_known(label: &str) -> bool {
    ["CERTIFICATE", "PRIVATE KEY", "PUBLIC KEY", "X509 CRL", "PKCS", "CMS", "PARAMETERS", "CRL", "OCSP"]
        .iter()
        .any(|known| label.contains(known))
}

/// Armour of other worlds, which is none of ours and holds no secret.
fn is_foreign(label: &str) -> bool {
    ["PGP MESSAGE", "PGP SIGNED", "PGP SIGNATURE", "PGP PUBLIC", "SSH2 PUBLIC"]
        .iter()
        .any(|known| label.starts_with(known))
}

/// Labels of what holds no DER of ours.
pub(super) fn is_other(label: &str) -> bool {
    ["PGP", "OPENSSH", "SSH2", "PARAMETERS", "AGE", "OPENVPN", "TSS2", "CERTIFICATE PAIR", "ATTRIBUTE"]
        .iter()
        .any(|known| label.contains(known))
}

/// Whether a label names such an object.
pub(super) fn names(label: &str, object: &Object) -> bool {
    let has = |word: &str| label.contains(word);
    match object {
        Object::Certificate(_) => has("CERTIFICATE") && !has("REQUEST"),
        Object::Request(_) => has("REQUEST"),
        Object::Crl(_) => has("CRL"),
        Object::PublicKey(_) => has("PUBLIC KEY"),
        Object::PrivateKey(_) => has("PRIVATE"),
        // Some programs write a whole chain as one CERTIFICATE.
        Object::Pkcs7(_) => has("PKCS") || has("CMS"),
        Object::OcspResponse(_) => has("OCSP"),
        Object::Pkcs12 => has("PKCS"),
        Object::Parameters | Object::Other => true,
    }
}
