//! Reads the numbers by which libraries and systems name their errors, however they are written.
//!
//! In:  text, and `content/codes/`.
//! Out: readings: which code of which family a number is. Evidence where it stands beside the
//!      mark of its family, on a line whose words say nothing.
//! Not here: what a code shows. The messages say that of the line that its program prints.
//!
//! A number alone could be anything. An HRESULT of an error is told from its value; every other
//! number counts behind a mark (`Verify return code: 20`), or, where it is negative, close to a
//! word of its family (`mbedtls_ssl_handshake returned -0x2700`). A name counts where no other
//! thing is called so (`GNUTLS_E_PULL_ERROR`).

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::ops::Range;
use std::sync::OnceLock;

use super::messages::{self, LineCounter, printed_by};
use super::plain::Plain;
use super::{Artifact, Data, MANY};
use crate::content::{Code, CodeFamily, Form, library};
use crate::evidence::{Evidence, Statement};
use crate::finder::Mixer;
use crate::paste::{Input, word};

/// A number, read as a code.
#[derive(Clone, Copy)]
pub struct Reading {
    /// The family that has the code.
    pub family: &'static CodeFamily,
    /// The code.
    pub code: &'static Code,
    /// The number in full, where the code is only a part of it; else the code's own.
    pub number: i64,
}

/// How many bytes before a number its mark may take.
const LEAD: usize = 48;

/// How far before a negative number the word of its family may stand.
const NEAR_BEFORE: usize = 160;

/// And how far behind it.
const NEAR_BEHIND: usize = 80;

/// The amounts below are what functions return for "failed", and tell nothing.
const LEAST: i64 = 3;

/// As many bytes of a mark's end tell a handful of marks from all others.
const END: usize = 4;

/// A question of this many words or more is a message, not a code with its family's name.
const SENTENCE: usize = 6;

/// A number as it stands in a text.
struct Number {
    at: Range<usize>,
    negative: bool,
    decimal: Option<u64>,
    hex: Option<u64>,
    /// Hexadecimal digits behind `0x`.
    prefixed: bool,
}

impl Reading {
    /// How the code's program prints it.
    #[must_use]
    pub fn line(&self) -> String {
        self.family
            .line
            .replace("{number}", &self.number.to_string())
            .replace("{hex}", &self.hex())
            .replace("{library}", self.library().unwrap_or_default())
            .replace("{name}", &self.code.name)
            .replace("{text}", &self.code.text)
    }

    /// The part of the library that the number names.
    #[must_use]
    pub fn library(&self) -> Option<&'static str> {
        let part = match self.family.form {
            Form::Openssl => self.number >> 23,
            Form::Packed => self.number >> 24,
            _ => return None,
        };
        self.family.libraries.iter().find(|(number, _)| *number == part).map(|(_, name)| name.as_str())
    }

    /// The ways in which the number is written, the usual one first.
    #[must_use]
    pub fn written(&self) -> Vec<String> {
        let number = self.number;
        match self.family.form {
            Form::Number => vec![number.to_string()],
            Form::Hresult if number < 1 << 31 => vec![self.hex(), number.to_string()],
            Form::Hresult => vec![self.hex(), (number - (1 << 32)).to_string(), number.to_string()],
            Form::Win32 => {
                let wrapped = 0x8007_0000 + number;
                vec![number.to_string(), format!("0x{wrapped:08X}"), (wrapped - (1 << 32)).to_string()]
            }
            Form::Openssl => {
                let old = format!("{:02X}…{:03X}", number >> 23, number & 0xfff);
                vec![self.hex(), number.to_string(), old]
            }
            Form::Packed => vec![self.hex(), number.to_string()],
            Form::Sum => vec![self.hex(), (-number).to_string()],
        }
    }

    /// What it shows: the facts that the messages state of the line that its program prints.
    #[must_use]
    pub fn shows(&self) -> Vec<(&'static str, &'static str)> {
        let mut shows = Vec::new();
        for message in messages::messages_in(&self.line()) {
            for (key, value) in &message.says {
                let fact = (key.as_str(), value.as_str());
                if !value.starts_with('{') && !self.family.unsaid.contains(key) && !shows.contains(&fact) {
                    shows.push(fact);
                }
            }
        }
        shows
    }

    fn hex(&self) -> String {
        match self.family.form {
            Form::Openssl | Form::Packed => format!("{:08X}", self.number),
            Form::Sum => format!("-0x{:04X}", self.number),
            _ => format!("0x{:08X}", self.number),
        }
    }
}

/// What a question such as `alert 70`, `SEC_E_UNTRUSTED_ROOT` or `-2146893019` can mean: every
/// code that is named or numbered in it. In a whole message only what stands beside its mark.
#[must_use]
pub fn readings(words: &str) -> Vec<Reading> {
    let asked = asked(words);
    let families = library().code_families();
    let mut readings: Vec<Reading> = Vec::new();
    for family in families {
        let named = family.codes.iter().filter(|code| asked.contains(&code.name.to_ascii_lowercase()));
        readings.extend(named.map(|code| Reading { family, code, number: code.number }));
    }
    if !readings.is_empty() {
        return readings;
    }
    if is_message(words) {
        return marked(words).into_iter().map(|(_, reading)| reading).collect();
    }
    for number in numbers(words, |_, _| true) {
        let all = || families.iter().flat_map(|family| read_as(family, &number));
        readings.extend(all());
        if readings.is_empty() && !number.negative {
            let negative = Number { negative: true, at: number.at.clone(), ..number };
            readings.extend(families.iter().flat_map(|family| read_as(family, &negative)));
        }
        if readings.is_empty() {
            readings.extend(system_error(&number));
        }
    }
    // What needs a neighbour in a paste is the less likely reading of a number alone.
    readings.sort_by_key(|reading| !reading.family.near.is_empty());
    let called = |reading: &Reading| reading.family.called.iter().any(|word| asked.contains(word));
    if readings.iter().any(called) {
        readings.retain(called);
    }
    readings
}

/// Whether a question is a whole message, rather than a code and what people call it.
#[must_use]
pub fn is_message(words: &str) -> bool {
    asked(words).len() >= SENTENCE
}

fn asked(words: &str) -> Vec<String> {
    words
        .split(|c: char| c.is_whitespace() || ",;()[]\"'".contains(c))
        .map(|word| word.trim_matches([':', '.', '=']).trim_start_matches("net::").to_ascii_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// States what the codes in a text show, on the lines whose words show nothing.
pub(super) fn read(
    at: usize,
    input: &Input,
    plain: &Plain,
    artifacts: &[Artifact],
    evidence: &mut Vec<Evidence>,
) {
    let mut found = marked(&plain.text);
    found.extend(reasons(&plain.text).filter(|(range, _)| is_about_tls(input.text(), &plain.place(range))));
    if found.is_empty() {
        return;
    }
    found.sort_by_key(|(range, _)| range.start);
    // A symptom without a class only says that it failed; a code says more.
    let tells = |state: &Statement| {
        let vocabulary = &library().vocabulary;
        vocabulary.fact(state.key).is_some_and(|fact| fact.symptom)
            && vocabulary.value(state.key, &state.value).is_none_or(|value| value.class.is_some())
    };
    let told: HashSet<usize> = evidence
        .iter()
        .filter(|seen| seen.input == at && seen.states.iter().any(tells))
        .flat_map(|seen| seen.span.line..=seen.span.end_line.min(seen.span.line + MANY))
        .collect();
    let mut own = artifacts.iter().enumerate().filter(|(_, artifact)| artifact.input == at).peekable();
    let mut often: HashMap<*const Code, usize> = HashMap::new();
    let mut lines = LineCounter::new(input.text());
    for (range, reading) in found {
        let place = plain.place(&range);
        while own.next_if(|(_, artifact)| artifact.span.end <= place.start).is_some() {}
        let Some((id, artifact)) = own.peek() else { break };
        // What code compares with, and the table of all errors in a network log, was not printed.
        if matches!(artifact.data, Data::Code(_) | Data::Registry(_) | Data::NetLog(_))
            || artifact.span.start > place.start
        {
            continue;
        }
        let count = often.entry(reading.code).or_default();
        *count += 1;
        let span = lines.span(&place);
        if *count > MANY || told.contains(&span.line) {
            continue;
        }
        let mut states: Vec<Statement> =
            reading.shows().into_iter().map(|(key, value)| Statement::new(key, value)).collect();
        if states.is_empty() {
            continue;
        }
        states.extend(printed_by(reading.family.program()));
        let original = Some(&*reading.code.text).filter(|text| !text.is_empty());
        evidence.push(Evidence { original, ..Evidence::new(*id, at, span, states) });
    }
}

/// The codes in a text that stand where only a code of their family stands.
fn marked(text: &str) -> Vec<(Range<usize>, Reading)> {
    let marks = Marks::get();
    let mut found: Vec<(Range<usize>, Reading)> = Vec::new();
    for (range, name) in names(text) {
        found.extend(marks.named(name).map(|reading| (range, reading)));
    }
    for number in numbers(text, |at, word| marks.may_count(text.as_bytes(), at, word)) {
        let mut readings: Vec<(usize, Reading)> = Vec::new();
        for (family, start) in marks.before(text, number.start()) {
            readings.extend(read_as(family, &number).into_iter().map(|reading| (start, reading)));
        }
        if readings.is_empty() && number.is_error() {
            let own =
                marks.families.iter().filter(|family| matches!(family.form, Form::Hresult | Form::Win32));
            readings
                .extend(own.flat_map(|family| read_as(family, &number)).map(|code| (number.start(), code)));
        }
        if readings.is_empty() && number.negative {
            let near = marks.families.iter().filter(|family| {
                !family.near.is_empty()
                    && read_as(family, &number).iter().any(|code| code.number.abs() >= LEAST)
                    && is_near(text, &number, family)
            });
            readings
                .extend(near.flat_map(|family| read_as(family, &number)).map(|code| (number.start(), code)));
        }
        // Two names of one number: the first is the one in use.
        if let Some((start, reading)) = readings.into_iter().next() {
            found.push((start..number.at.end, reading));
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// A reason stands at most so far behind the word that tells whose it is.
const REASON_BEHIND: usize = 48;

/// The texts of OpenSSL's reasons that a program prints without their number, behind a colon and behind what it
/// was doing: `SSL handshake failed: http request`.
fn reasons(text: &str) -> impl Iterator<Item = (Range<usize>, Reading)> {
    let known = &Marks::get().reasons;
    let bytes = text.as_bytes();
    text.match_indices(": ").filter_map(move |(at, mark)| {
        let start = at + mark.len();
        let start = start + usize::from(matches!(bytes.get(start), Some(b'"' | b'\'' | b'(')));
        let rest = text.get(start..text.floor_char_boundary(start + 64))?;
        let first = rest.split(' ').next()?.to_ascii_lowercase();
        let candidates = known.get(first.as_str())?;
        let fits = |reading: &&Reading| {
            let reason = &*reading.code.text;
            let whole = rest.as_bytes().get(reason.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
            whole && rest.get(..reason.len()).is_some_and(|own| own.eq_ignore_ascii_case(reason))
        };
        let reading = candidates.iter().filter(fits).max_by_key(|reading| reading.code.text.len())?;
        Some((start..start + reading.code.text.len(), *reading))
    })
}

/// Whether what stands before a place in its line speaks of TLS, and nothing but a bracket, a quote or the end of a
/// sentence stands behind it.
fn is_about_tls(text: &str, place: &Range<usize>) -> bool {
    let before = text.get(text.ceil_char_boundary(place.start.saturating_sub(REASON_BEHIND))..place.start);
    let before =
        before.unwrap_or_default().rsplit(['\n', '\r']).next().unwrap_or_default().to_ascii_lowercase();
    let rest = text.get(place.end..).unwrap_or_default();
    let rest = rest.trim_start_matches(['.', ')', ']', '"', '\'', '}', ';', ' ']);
    let ends = rest.is_empty() || rest.starts_with(['\n', '\r', ',']);
    ends && ["ssl", "tls", "handshake"].iter().any(|word| before.contains(word))
}

/// The words of a text that could be the name of a code: what has a `_` in it.
fn names(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let inside = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + text.get(from..)?.find('_')?;
        let (before, after) = (text.as_bytes().get(from..at)?, text.as_bytes().get(at..)?);
        let start = at - before.iter().rev().take_while(inside).count();
        from = at + after.iter().take_while(inside).count();
        Some((start..from, text.get(start..from)?))
    })
}

/// What may stand between a mark and its number.
const BETWEEN: &[u8] = b" :=()#\"'[<>\\,";

/// What ends the text before a number, by its last bytes.
struct Marks {
    families: &'static [CodeFamily],
    ends: HashMap<u32, Vec<(&'static CodeFamily, &'static str)>, BuildHasherDefault<Mixer>>,
    /// The codes by their names, for the first word that could be one.
    names: OnceLock<HashMap<&'static str, Reading, BuildHasherDefault<Mixer>>>,
    /// The reasons of OpenSSL's part for TLS, by their first word.
    reasons: HashMap<String, Vec<Reading>>,
}

/// The number of OpenSSL's part for TLS.
const SSL: i64 = 20;

impl Marks {
    fn get() -> &'static Self {
        static MARKS: OnceLock<Marks> = OnceLock::new();
        MARKS.get_or_init(|| {
            let families = library().code_families();
            let mut ends: HashMap<_, Vec<_>, _> = HashMap::default();
            let mut reasons: HashMap<_, Vec<_>> = HashMap::new();
            for family in families {
                let own = family.codes.iter().filter(|code| code.number >> 23 == SSL);
                for code in own.filter(|code| family.form == Form::Openssl && code.text.contains(' ')) {
                    let first = code.text.split(' ').next().unwrap_or_default().to_ascii_lowercase();
                    reasons.entry(first).or_default().push(Reading { family, code, number: code.number });
                }
                for mark in &family.marks {
                    let mark = mark.as_str();
                    if let Some(end) = mark.as_bytes().last_chunk::<END>() {
                        ends.entry(u32::from_ne_bytes(*end)).or_default().push((family, mark));
                    }
                }
            }
            Self { families, ends, names: OnceLock::new(), reasons }
        })
    }

    /// The code of a name.
    fn named(&self, name: &str) -> Option<Reading> {
        let names = self.names.get_or_init(|| {
            let named = self.families.iter().filter(|family| family.named);
            let mut names = HashMap::default();
            for family in named {
                for code in family.codes.iter().filter(|code| code.name.contains('_')) {
                    let reading = Reading { family, code, number: code.number };
                    names.entry(&*code.name).or_insert(reading);
                }
            }
            names
        });
        names.get(name).copied()
    }

    /// Whether a word may be a number that counts: a short one needs a sign or a mark before it. This is asked
    /// of every number of a log.
    fn may_count(&self, text: &[u8], at: usize, word: &str) -> bool {
        // What an HRESULT or a packed code has, in any way of writing.
        let long = word.len() >= 8;
        let before = |back: usize| at.checked_sub(back).and_then(|at| text.get(at)).copied();
        if long || before(1) == Some(b'-') {
            return true;
        }
        let back = (1..LEAD).find(|back| !before(*back).is_some_and(|byte| BETWEEN.contains(&byte)));
        let end = back.and_then(|back| (at + 1).checked_sub(back)).and_then(|end| text.get(..end));
        let end = end.and_then(|text| text.last_chunk::<END>());
        end.is_some_and(|end| {
            self.ends.contains_key(&u32::from_ne_bytes(end.map(|byte| byte.to_ascii_lowercase())))
        })
    }

    /// The families whose mark stands right before a place, and where the mark begins.
    fn before(&self, text: &str, at: usize) -> Vec<(&'static CodeFamily, usize)> {
        let from = text.ceil_char_boundary(at.saturating_sub(LEAD));
        let between = |byte: &&u8| BETWEEN.contains(byte);
        let lead = text.as_bytes().get(from..at).unwrap_or_default();
        let lead = lead.len() - lead.iter().rev().take_while(between).count();
        let lead = text.get(from..from + lead).unwrap_or_default();
        let Some(end) = lead.as_bytes().last_chunk::<END>() else { return Vec::new() };
        let end = u32::from_ne_bytes(end.map(|byte| byte.to_ascii_lowercase()));
        let Some(marks) = self.ends.get(&end) else { return Vec::new() };
        let mut before = Vec::new();
        for (family, mark) in marks {
            let Some(start) = lead.len().checked_sub(mark.len()) else { continue };
            let stands = lead.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(mark));
            let whole = start == 0
                || !lead.as_bytes().get(start - 1).is_some_and(u8::is_ascii_alphanumeric)
                || !mark.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
            if stands
                && whole
                && !before.iter().any(|(known, _): &(&CodeFamily, _)| known.file == family.file)
            {
                before.push((*family, from + start));
            }
        }
        before
    }
}

fn is_near(text: &str, number: &Number, family: &CodeFamily) -> bool {
    let from = text.ceil_char_boundary(number.at.start.saturating_sub(NEAR_BEFORE));
    let to = text.floor_char_boundary(number.at.end + NEAR_BEHIND);
    let around = text.get(from..to).unwrap_or_default().to_ascii_lowercase();
    family.near.iter().any(|word| {
        around.match_indices(word.as_str()).any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|at| around.as_bytes().get(at));
            !before.is_some_and(u8::is_ascii_alphanumeric)
        })
    })
}

/// The numbers of a text: whole words of digits, `0x…`, or eight hexadecimal digits. No versions,
/// no addresses.
fn numbers(text: &str, counts: impl Fn(usize, &str) -> bool) -> impl Iterator<Item = Number> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            let rest = bytes.get(start..).unwrap_or_default();
            let length = word(rest);
            at += length.max(1);
            // Most words are none, and are told by their first letter: eight letters may be hexadecimal digits.
            let first = rest.first().filter(|first| first.is_ascii_digit() || length == 8);
            let own = first.and_then(|_| rest.get(..length));
            let own = own.and_then(|word| std::str::from_utf8(word).ok());
            let own = own.filter(|word| counts(start, word));
            if let Some(number) = own.and_then(|word| number(bytes, start, word)) {
                return Some(number);
            }
        }
        None
    })
}

fn number(bytes: &[u8], start: usize, word: &str) -> Option<Number> {
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let byte = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let end = start + word.len();
    let (before, after) = (start.checked_sub(1), Some(end));
    let of_version = (byte(before) == b'.' && digit(start.checked_sub(2)))
        || (byte(after) == b'.' && digit(Some(end + 1)))
        || byte(before) == b'_'
        || byte(after) == b'_';
    if of_version || !word.as_bytes().first().is_some_and(u8::is_ascii_hexdigit) {
        return None;
    }
    let prefixed = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    let all = |text: &str, what: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| what(&byte));
    let decimal = Some(word).filter(|word| all(word, u8::is_ascii_digit)).and_then(|word| word.parse().ok());
    let bare = Some(word).filter(|word| word.len() == 8 && word.bytes().any(|byte| byte.is_ascii_digit()));
    let hex = prefixed
        .or(bare)
        .filter(|digits| all(digits, u8::is_ascii_hexdigit))
        .and_then(|digits| u64::from_str_radix(digits, 16).ok());
    if decimal.is_none() && hex.is_none() {
        return None;
    }
    let joined = start.checked_sub(2).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let negative = byte(before) == b'-' && !joined;
    let at = start - usize::from(negative)..end;
    Some(Number { at, negative, decimal, hex, prefixed: prefixed.is_some() })
}

impl Number {
    fn start(&self) -> usize {
        self.at.start
    }

    /// As a signed number.
    fn signed(&self) -> Option<i64> {
        let amount = i64::try_from(self.decimal.or(self.hex.filter(|_| self.prefixed))?).ok()?;
        Some(if self.negative { -amount } else { amount })
    }

    /// As a packed code: eight digits are hexadecimal ones, unless that is no code.
    fn packed(&self) -> impl Iterator<Item = i64> {
        let values = [self.hex, self.decimal].into_iter().flatten().filter(move |_| !self.negative);
        values.filter_map(|value| i64::try_from(value).ok())
    }

    /// The 32 bits of an HRESULT.
    fn bits(&self) -> Option<u32> {
        let wide = match (self.negative, self.decimal, self.hex) {
            (true, Some(amount), _) => (1_u64 << 32).checked_sub(amount).filter(|bits| *bits >= 1 << 31)?,
            (true, ..) => return None,
            (false, Some(amount), _) if amount >= 1 << 31 => amount,
            (false, decimal, hex) => hex.or(decimal)?,
        };
        // A signed number of 32 bits, shown with 64.
        let wide = if wide >> 32 == 0xffff_ffff { wide & 0xffff_ffff } else { wide };
        u32::try_from(wide).ok()
    }

    /// An HRESULT of an error, which nothing else looks like; but a date or a telephone number
    /// may have eight digits.
    fn is_error(&self) -> bool {
        let shown = self.prefixed || self.negative || self.decimal.is_none_or(|number| number >= 1 << 31);
        shown && self.bits().is_some_and(|bits| bits >= 1 << 31)
    }
}

/// The codes of a family that a number can be.
fn read_as(family: &'static CodeFamily, number: &Number) -> Vec<Reading> {
    let exact = |wanted: i64| -> Vec<Reading> {
        family.numbered(wanted).map(|code| Reading { family, code, number: wanted }).collect()
    };
    match family.form {
        Form::Number => number.signed().map(exact).unwrap_or_default(),
        Form::Hresult => number.bits().map(|bits| exact(bits.into())).unwrap_or_default(),
        Form::Win32 => match number.bits() {
            Some(bits) if bits >> 16 == 0x8007 => exact((bits & 0xffff).into()),
            _ => number.signed().map(exact).unwrap_or_default(),
        },
        Form::Packed => number.packed().map(exact).find(|found| !found.is_empty()).unwrap_or_default(),
        Form::Openssl => number
            .packed()
            .map(|packed| read_packed(family, packed))
            .find(|found| !found.is_empty())
            .unwrap_or_default(),
        Form::Sum => {
            // ESP-IDF prints the amount, in hexadecimal digits.
            let amount = number.signed().filter(|_| number.negative || number.prefixed).map(i64::abs);
            let Some(amount) = amount.filter(|amount| *amount > 0) else { return Vec::new() };
            let whole = exact(amount);
            if !whole.is_empty() {
                return whole;
            }
            let (upper, lower) = (exact(amount & !0x7f), exact(amount & 0x7f));
            if upper.is_empty() || lower.is_empty() {
                return Vec::new();
            }
            // The upper one says what was being done, mostly in vain because of the lower one; some lower ones alone say why.
            let decides = |reading: &Reading| family.decisive.iter().any(|name| *name == reading.code.name);
            if lower.iter().any(decides) {
                return lower.into_iter().filter(decides).chain(upper).collect();
            }
            upper.into_iter().chain(lower).collect()
        }
    }
}

/// The codes of OpenSSL that a packed number can be.
fn read_packed(family: &'static CodeFamily, packed: i64) -> Vec<Reading> {
    let exact = |wanted: i64| -> Vec<Reading> {
        family.numbered(wanted).map(|code| Reading { family, code, number: wanted }).collect()
    };
    let found = exact(packed);
    if !found.is_empty() {
        return found;
    }
    // Before 3.0 eight bits were the library, twelve the function, twelve the reason.
    let found = exact((((packed >> 24) & 0xff) << 23) | (packed & 0xfff));
    if !found.is_empty() && packed >> 24 > 0 {
        return found;
    }
    // Reasons that all libraries share; the number names the library all the same.
    let shared = |code| Reading { family, code, number: packed };
    family.numbered(packed & 0x7f_ffff).filter(|_| packed >> 23 > 0).map(shared).collect()
}

/// OpenSSL packs errors of the system as well: `80000068` is errno 104, `02001068` was.
fn system_error(number: &Number) -> Vec<Reading> {
    let Some(packed) = number.hex else { return Vec::new() };
    let errno = match packed {
        0x8000_0000..=0x8000_ffff => packed & 0xffff,
        0x0200_0000..=0x02ff_ffff => packed & 0xfff,
        _ => return Vec::new(),
    };
    let Some(family) = library().code_families().iter().find(|family| family.id() == "errno") else {
        return Vec::new();
    };
    let Ok(errno) = i64::try_from(errno) else { return Vec::new() };
    family.numbered(errno).map(|code| Reading { family, code, number: errno }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: Vec<Reading>) -> Vec<&'static str> {
        found.into_iter().map(|reading| &*reading.code.name).collect()
    }

    fn in_text(text: &str) -> Vec<&'static str> {
        names(marked(text).into_iter().map(|(_, reading)| reading).collect())
    }

    #[test]
    fn an_hresult_is_the_same_however_it_is_written() {
        for written in [
            "0x80090325",
            "-2146893019",
            "2148074277",
            "0xFFFFFFFF80090325",
            "18446744071562658597",
            "Win32Exception (0x80004005): 0x80090325",
        ] {
            assert_eq!(in_text(written).last(), Some(&"SEC_E_UNTRUSTED_ROOT"), "{written}");
        }
        assert_eq!(in_text("0x80072746"), ["WSAECONNRESET"]);
        assert_eq!(in_text("-2147012721"), ["ERROR_WINHTTP_SECURE_FAILURE"]);
    }

    #[test]
    fn openssl_packed_its_codes_in_two_ways() {
        assert_eq!(in_text("error:0A000086:"), ["SSL_R_CERTIFICATE_VERIFY_FAILED"]);
        assert_eq!(in_text("error:14090086:"), ["SSL_R_CERTIFICATE_VERIFY_FAILED"]);
        assert_eq!(in_text("SSL error code 167772294"), ["SSL_R_CERTIFICATE_VERIFY_FAILED"]);
        assert_eq!(in_text("error:0B080074:"), ["X509_R_KEY_VALUES_MISMATCH"]);
        assert_eq!(in_text("error:0308010C:"), ["ERR_R_UNSUPPORTED"]);
        assert_eq!(names(readings("80000068")), ["ECONNRESET"]);
    }

    #[test]
    fn mbed_tls_adds_two_numbers() {
        assert_eq!(
            in_text("mbedtls_ssl_handshake returned -0x2700"),
            ["MBEDTLS_ERR_X509_CERT_VERIFY_FAILED"]
        );
        assert_eq!(in_text("mbedtls_ssl_handshake returned -9984"), ["MBEDTLS_ERR_X509_CERT_VERIFY_FAILED"]);
        assert_eq!(in_text("Last mbedtls failure: 0x2700"), ["MBEDTLS_ERR_X509_CERT_VERIFY_FAILED"]);
        assert!(in_text("0x2700 of mbedtls, 9984").is_empty());
        assert_eq!(
            names(readings("mbedtls -0x21E2")),
            ["MBEDTLS_ERR_X509_INVALID_FORMAT", "MBEDTLS_ERR_ASN1_UNEXPECTED_TAG"]
        );
        assert_eq!(
            names(readings("mbedtls -0x4310")),
            ["MBEDTLS_ERR_MPI_ALLOC_FAILED", "MBEDTLS_ERR_RSA_PRIVATE_FAILED"]
        );
    }

    #[test]
    fn numbers_count_beside_their_mark_alone() {
        assert_eq!(in_text("Verify return code: 20"), ["X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]);
        assert_eq!(in_text("curl exited with code 60"), ["CURLE_PEER_FAILED_VERIFICATION"]);
        for ordinary in [
            "20 messages",
            "curl 8.60.1",
            "port 60",
            "-9807 items",
            "call 21480742771",
            "10.0.0.60",
            "error 404",
            "20260901",
            "2024-12-60",
        ] {
            assert!(in_text(ordinary).is_empty(), "{ordinary}");
        }
    }

    #[test]
    fn names_count_where_nothing_else_is_called_so() {
        assert_eq!(in_text("failed with GNUTLS_E_PULL_ERROR."), ["GNUTLS_E_PULL_ERROR"]);
        assert!(in_text("a decode_error, BUFFER_ERROR or GNUTLS_E_PULL_ERRORS").is_empty());
    }

    #[test]
    fn a_question_names_a_family_or_means_all() {
        assert_eq!(names(readings("alert 70")), ["protocol_version"]);
        assert_eq!(names(readings("-9807")), ["errSSLXCertChainInvalid"]);
        let twenty = names(readings("20"));
        assert!(twenty.contains(&"bad_record_mac"));
        assert!(twenty.contains(&"X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY"));
    }

    /// The order of the files is the order of the readings, and none is left out.
    #[test]
    fn every_code_is_read_from_its_own_number() {
        for family in library().code_families() {
            for code in &family.codes {
                let own = Reading { family, code, number: code.number };
                for written in own.written().iter().filter(|written| !written.contains('…')) {
                    let read: Vec<Reading> =
                        numbers(written, |_, _| true).flat_map(|number| read_as(family, &number)).collect();
                    assert!(
                        read.iter().any(|reading| std::ptr::eq(reading.code, code)),
                        "{}: {} is not read from {written}",
                        family.file,
                        code.name
                    );
                }
            }
        }
    }
}
