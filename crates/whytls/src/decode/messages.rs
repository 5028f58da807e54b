//! Finds the catalogue's messages in the text of every artifact.
//!
//! In:  text, and `content/messages/`.
//! Out: one piece of evidence for each message, with the English original of a translated one.
//! Not here: a structure of any kind. A message counts wherever it stands.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::codes;
use super::plain::Plain;
use super::prose::Hearsay;
use super::{Artifact, Data, MANY, StackFrame};
use crate::content::{Catalogue, Message, Part, Wording, library};
use crate::evidence::{Evidence, Statement};
use crate::paste::{Paste, Span};

/// How far a message's next fixed part may be from the last: a name, a path, a list of names.
const GAP: usize = 300;

/// What stood in a wording's blanks, by name.
type Blanks = Vec<(&'static str, String)>;

/// How many frames of a trace are looked through for the one that another counts with.
const FRAMES_LOOKED_AT: usize = 512;

/// A message that was found.
struct Found {
    message: &'static Message,
    wording: &'static Wording,
    range: Range<usize>,
    /// Its longest fixed part. What stands in a blank is no part of the message.
    anchor: Range<usize>,
    blanks: Blanks,
}

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (at, input) in paste.inputs.iter().enumerate() {
        let plain = Plain::of(input);
        let mut own = artifacts.iter().enumerate().filter(|(_, artifact)| artifact.input == at).peekable();
        let mut often: HashMap<*const Message, usize> = HashMap::new();
        let mut lines = LineCounter::new(input.text());
        let mut hearsay: Option<(usize, Hearsay<'_>)> = None;
        for found in find(&plain.text, &plain.seams) {
            let place = plain.place(&found.range);
            if found.wording.whole_line && !fills_line(input.text(), &place) {
                continue;
            }
            while own.next_if(|(_, artifact)| artifact.span.end <= place.start).is_some() {}
            let Some((id, artifact)) = own.peek() else { break };
            // Texts inside code are what it compares with or prints, not what was printed.
            // A network log begins with a table of all errors that there are.
            if matches!(artifact.data, Data::Code(_) | Data::Registry(_) | Data::NetLog(_))
                || artifact.span.start > place.start
            {
                continue;
            }
            if matches!(artifact.data, Data::Prose) {
                let heard = match hearsay.take().filter(|(of, _)| of == id) {
                    Some((_, heard)) => heard,
                    None => Hearsay::of(input.quote(artifact.span)),
                };
                let spoken_of = heard.has(place.start - artifact.span.start);
                hearsay = Some((*id, heard));
                if spoken_of {
                    continue;
                }
            }
            let count = often.entry(found.message).or_default();
            *count += 1;
            if *count > MANY {
                continue;
            }
            let span = lines.span(&place);
            let states = states(&found);
            let original = match found.message.wordings.first() {
                Some(first) if !found.wording.original => Some(first.text.as_str()),
                _ => None,
            };
            evidence.push(Evidence { original, ..Evidence::new(*id, at, span, states) });
        }
        codes::read(at, input, &plain, artifacts, evidence);
    }
}

/// The catalogue's messages that stand in a text; where there is none, those whose phrases it has.
#[must_use]
pub fn messages_in(text: &str) -> Vec<&'static Message> {
    let paste = Paste::text(text);
    let Some(plain) = paste.inputs.first().map(Plain::of) else { return Vec::new() };
    let found: Vec<_> = find(&plain.text, &plain.seams).into_iter().map(|found| found.message).collect();
    if found.is_empty() { super::phrases::messages_in(text) } else { found }
}

/// What the messages in a text say, each by itself.
pub(super) fn said(text: &str) -> Vec<Vec<Statement>> {
    find(text, &[]).iter().map(states).collect()
}

/// Whether a certificate's issuer bears a name that a product which inspects TLS gives to its own CA.
#[must_use]
pub fn inspects(issuer: &str) -> bool {
    let inspection = |state: &Statement| state.key == "error" && state.value == "inspection";
    said(issuer).iter().flatten().any(inspection)
}

/// Whether what a message says is said by the ones that were found. Where two programs share a
/// wording, the longer one that is found may stand for both.
#[must_use]
pub fn says_all(found: &[&Message], message: &Message) -> bool {
    message.says.iter().all(|fact| found.iter().any(|found| found.says.contains(fact)))
}

/// The facts of a frame, in a trace that has these others.
pub(super) fn frame(method: &str, others: &[StackFrame]) -> Vec<Statement> {
    static FRAMES: OnceLock<AhoCorasick> = OnceLock::new();
    let frames = &library().catalogue.frames;
    let finder = FRAMES.get_or_init(|| {
        AhoCorasick::new(frames.iter().map(|frame| &frame.method))
            .expect("method names always make an automaton")
    });
    let mut states: Vec<Statement> = Vec::new();
    for found in finder.find_overlapping_iter(method) {
        let Some(frame) = frames.get(found.pattern().as_usize()) else { continue };
        if frame.with.as_ref().is_some_and(|with| {
            !others.iter().take(FRAMES_LOOKED_AT).any(|other| other.method.contains(with))
        }) {
            continue;
        }
        for (key, value) in &frame.says {
            let statement = Statement::new(key.as_str(), value.as_str());
            if !states.contains(&statement) {
                states.push(statement);
            }
        }
    }
    states
}

/// The messages in a text, in the order in which they stand. Of two that overlap the longer counts.
fn find(text: &str, seams: &[usize]) -> Vec<Found> {
    let catalogue = &library().catalogue;
    let mut found: Vec<Found> = Vec::new();
    for (id, start, end) in catalogue.find(text, seams) {
        let Some((message, wording)) = catalogue.wording(id) else { continue };
        if !stands_alone(text, start, end, seams) {
            continue;
        }
        if let Some((range, blanks)) = spread(text, start..end, wording) {
            // A line that goes on may have a shorter message at its end.
            if wording.whole_line && !fills_line(text, &range) {
                continue;
            }
            found.push(Found { message, wording, range, anchor: start..end, blanks });
        }
    }
    found.extend(cut_off(text, catalogue));
    found.sort_by_key(|found| (found.anchor.start, std::cmp::Reverse(found.anchor.end)));
    // Which side speaks holds beside what a longer message says.
    let sides = longest(&found, tells_side);
    let mut kept = longest(&found, |_| true);
    kept.extend(sides);
    let mut at = 0..;
    found.retain(|_| at.next().is_some_and(|at: usize| kept.contains(&at)));
    found.sort_by_key(|found| found.range.start);
    found
}

/// It says on which side the program stands, and nothing else.
fn tells_side(found: &Found) -> bool {
    found.message.says.iter().all(|(key, _)| key == "speaker")
}

/// Of messages that overlap, in the order of their anchors, the longer ones.
fn longest(found: &[Found], counts: impl Fn(&Found) -> bool) -> HashSet<usize> {
    let mut kept: Vec<(usize, &Found)> = Vec::new();
    for (at, found) in found.iter().enumerate().filter(|(_, found)| counts(found)) {
        match kept.last() {
            // What they look for is the same; the one with more around it says more.
            Some((_, before)) if found.anchor == before.anchor => {
                let narrow = before.wording.whole_line && !found.wording.whole_line;
                if narrow || found.range.len() > before.range.len() {
                    kept.pop();
                    kept.push((at, found));
                }
            }
            Some((_, before)) if found.anchor.end <= before.anchor.end => {}
            Some((_, before)) if found.anchor.start < before.anchor.end => {
                let beside = tells_side(before) && !tells_side(found);
                let longer = found.anchor.len() > before.anchor.len();
                if longer && !beside {
                    kept.pop();
                }
                if longer || beside {
                    kept.push((at, found));
                }
            }
            _ => kept.push((at, found)),
        }
    }
    kept.into_iter().map(|(at, _)| at).collect()
}

/// `EOF` is not found inside `EOFError`: where a hit begins or ends with a letter, the word does. At a
/// seam it may.
fn stands_alone(text: &str, start: usize, end: usize, seams: &[usize]) -> bool {
    let bytes = text.as_bytes();
    let word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let inside = |a: Option<&u8>, b: Option<&u8>| word(a) && word(b);
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    let last = end.checked_sub(1).and_then(|at| bytes.get(at));
    let seam = |at: usize| seams.binary_search(&at).is_ok();
    // A setting whose name ends so: `ssl_cert_not_yet_valid="off"`.
    if before == Some(&b'_') && bytes.get(end) == Some(&b'=') {
        return false;
    }
    (seam(start) || !inside(before, bytes.get(start))) && (seam(end) || !inside(last, bytes.get(end)))
}

/// Whether the parts around an anchor stand around the hit; the whole place, and what is in the blanks.
fn spread(text: &str, hit: Range<usize>, wording: &'static Wording) -> Option<(Range<usize>, Blanks)> {
    let parts = wording.parts();
    let looked_for = wording.anchor();
    let anchor = parts.iter().position(|part| matches!(part, Part::Fixed(text) if *text == looked_for))?;
    let (mut start, mut end) = (hit.start, hit.end);
    let mut blanks = Vec::new();
    let mut open: Option<&'static str> = None;
    for part in parts.iter().skip(anchor + 1) {
        let rest = text.get(end..text.floor_char_boundary(end + GAP))?;
        match part {
            Part::Blank(name) => open = Some(name),
            Part::Fixed(fixed) => {
                let at = find_ignoring_case(rest, fixed)?;
                if let Some(name) = open.take() {
                    blanks.push((name, rest.get(..at)?.to_owned()));
                }
                end += at + fixed.len();
            }
        }
    }
    if let Some(name) = open.take() {
        let rest = text.get(end..text.floor_char_boundary(end + GAP))?;
        let word = rest.split(|c: char| c.is_whitespace() || "'\"“”‘’".contains(c)).next()?;
        blanks.push((name, word.trim_end_matches(['.', ',', ';', ':']).to_owned()));
    }
    for part in parts.iter().take(anchor).rev() {
        let before = text.get(text.ceil_char_boundary(start.saturating_sub(GAP))..start)?;
        match part {
            Part::Blank(name) => open = Some(name),
            Part::Fixed(fixed) => {
                let at = rfind_ignoring_case(before, fixed)?;
                if let Some(name) = open.take() {
                    blanks.push((name, before.get(at + fixed.len()..)?.to_owned()));
                }
                start -= before.len() - at;
            }
        }
    }
    if let Some(name) = open {
        let before = text.get(text.ceil_char_boundary(start.saturating_sub(GAP))..start)?;
        let word = before.rsplit(|c: char| c.is_whitespace() || "'\"“”‘’".contains(c)).next()?;
        blanks.push((name, word.to_owned()));
    }
    Some((start..end, blanks))
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    text.windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted))
}

fn rfind_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    text.windows(wanted.len()).rposition(|window| window.eq_ignore_ascii_case(wanted))
}

/// A paste that ends inside a message still has it, once enough of it is there.
fn cut_off(text: &str, catalogue: &'static Catalogue) -> Option<Found> {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || "\u{fffd}….".contains(c));
    let tail = text.as_bytes().get(text.len().saturating_sub(GAP)..)?;
    let cut = |start: usize| {
        let rest = tail.get(start..)?;
        let fits = |id: &usize| {
            let whole = catalogue.anchor(*id).unwrap_or_default();
            // Half of a message, of its words as well, and never less than a few of them: the name of an
            // exception is the beginning of many.
            let least = (whole.len() / 2).max(24);
            let blanks = |text: &[u8]| text.iter().filter(|byte| **byte == b' ').count();
            (least..whole.len()).contains(&rest.len())
                && whole.get(..rest.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(rest))
                && 2 * blanks(rest) >= blanks(whole)
        };
        let own = catalogue.beginning_like(rest).filter(fits).filter_map(|id| catalogue.wording(id));
        let mut own = own.filter(|(_, wording)| !wording.text.contains('{'));
        let (message, wording) = own.next()?;
        // Where several messages begin so, and say different things, the missing words are what counts.
        let one = own.all(|(other, _)| kinds(other).eq(kinds(message)));
        Some((one.then_some((message, wording)), rest.len()))
    };
    // The one that begins first.
    let (own, length) = (0..tail.len()).find_map(cut)?;
    let (message, wording) = own?;
    let range = text.len() - length..text.len();
    Some(Found { message, wording, anchor: range.clone(), range, blanks: Vec::new() })
}

/// What goes wrong as a message states it. That the connection ended is one and the same, however it is worded.
fn kinds(message: &'static Message) -> impl Iterator<Item = &'static str> {
    let vocabulary = &library().vocabulary;
    message.says.iter().filter_map(|(key, value)| match vocabulary.value(key, value)?.class.as_deref()? {
        "closed" | "eof" => Some("closed"),
        _ => Some(value.as_str()),
    })
}

fn states(found: &Found) -> Vec<Statement> {
    let message = found.message;
    let said = message.says.iter().filter_map(|(key, value)| {
        let value = match value.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                Cow::Owned(found.blanks.iter().find(|(blank, _)| *blank == name)?.1.trim().to_owned())
            }
            None => Cow::Borrowed(value.as_str()),
        };
        (!value.is_empty()).then(|| Statement::new(key.as_str(), value))
    });
    let program = match message.program() {
        "tls" => words_of(&found.wording.text),
        program => program,
    };
    said.chain(printed_by(program)).collect()
}

/// The library that words an alert so.
fn words_of(alert: &str) -> &'static str {
    let begins = |with: &str| alert.starts_with(with);
    match alert {
        _ if alert.contains("gnutls") => "gnutls",
        _ if begins("remote error: tls: ") => "go",
        _ if begins("Received fatal alert: ") => "java",
        _ if begins("AlertReceived(") || begins("received fatal alert: ") => "rustls",
        _ if alert.contains("CLIENT ALERT: ") || alert.contains("SERVER ALERT: ") => "erlang",
        _ => "",
    }
}

/// Who printed it, where pages have something to say to this program.
pub(super) fn printed_by(program: &str) -> impl Iterator<Item = Statement> {
    ["printed.by", "printed.service"].into_iter().filter_map(move |key| {
        let program = library().vocabulary.value(key, program)?;
        Some(Statement::new(key, program.is.as_str()))
    })
}

/// Whether nothing else stands in the line, but for the end of a sentence.
fn fills_line(text: &str, place: &Range<usize>) -> bool {
    let ends = ['\n', '\r'];
    let before = text.get(text.ceil_char_boundary(place.start.saturating_sub(GAP))..place.start);
    let after = text.get(place.end..text.floor_char_boundary(place.end + GAP));
    before.is_some_and(|text| text.rsplit(ends).next().unwrap_or_default().trim().is_empty())
        && after.is_some_and(|text| {
            text.split(ends).next().unwrap_or_default().trim_start_matches('.').trim().is_empty()
        })
}

/// Counts lines as it goes on, so that counting costs no more than the text is long.
pub(super) struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    pub(super) fn span(&mut self, range: &Range<usize>) -> Span {
        self.line += breaks(self.text.get(self.at..range.start).unwrap_or_default());
        self.at = range.start.max(self.at);
        let within = breaks(self.text.get(range.clone()).unwrap_or_default());
        Span { start: range.start, end: range.end, line: self.line, end_line: self.line + within }
    }
}

/// Line ends are LF, CRLF or a CR alone.
fn breaks(text: &str) -> usize {
    let count = |end: u8| text.bytes().filter(|byte| *byte == end).count();
    let carriage_returns = count(b'\r');
    let in_pairs = if carriage_returns > 0 { text.matches("\r\n").count() } else { 0 };
    count(b'\n') + carriage_returns - in_pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_words_tell_only_as_a_whole_line() {
        let says = |text: &str| {
            let report = crate::diagnose(&Paste::text(text));
            report.findings.first().map(|finding| finding.problem)
        };
        assert_eq!(says("certificate revoked"), Some("revoked-certificate"));
        assert_eq!(says("it says:\r\n  Certificate revoked.\r\nwhy?"), Some("revoked-certificate"));
        assert_eq!(says("how is a certificate revoked in general?"), None);
    }

    /// curl's line is 80 characters long, as if a terminal had cut it; and logs repeat themselves.
    #[test]
    fn a_line_as_wide_as_a_terminal_may_end_there() {
        let line = "curl: (60) SSL certificate problem: self-signed certificate in certificate chain";
        for text in [format!("{line}\nMore details here"), [line; 3].join("\n")] {
            let report = crate::diagnose(&Paste::text(&text));
            assert_eq!(report.findings.first().map(|f| f.problem), Some("self-signed-in-chain"), "{text}");
        }
    }

    #[test]
    fn every_message_is_found_in_its_own_line() {
        for message in &library().catalogue.messages {
            let found = messages_in(&message.seen);
            assert!(
                says_all(&found, message),
                "{}: {:?} is hidden by {:?}",
                message.file,
                message.seen,
                found
                    .iter()
                    .filter_map(|found| found.wordings.first())
                    .map(|wording| &wording.text)
                    .collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn every_frame_is_found_in_its_own_line() {
        for known in &library().catalogue.frames {
            let other = StackFrame { method: known.with.clone().unwrap_or_default(), span: Span::default() };
            assert!(!frame(&known.seen, &[other]).is_empty(), "{}: {}", known.file, known.seen);
        }
    }
}
