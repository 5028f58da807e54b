//! What came in: one or more inputs, as text with places in it.
//!
//! In:  bytes, as a user drops or pastes them.
//! Out: text with its secrets masked, lines, and regions that stand on their own.
//! Not here: what the text says. That is `decode`.

mod encoding;
mod heads;
mod intake;
mod layout;
mod secrets;

use std::sync::{Arc, OnceLock};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::x509::Time;

use crate::wire::{Capture, KeyLog, Options, Reader};
use crate::x509::{self, Found};

pub(crate) use heads::colour;
pub use intake::{CaptureIntake, Reserved};
pub(crate) use layout::{Alphabet, word};
pub use layout::{Line, Region};

use layout::Layout;
pub use secrets::{Secret, SecretKind};

/// Everything that a user gave: together it is one case.
#[derive(Default)]
pub struct Paste {
    /// The inputs, in the order in which they were given.
    pub inputs: Vec<Input>,
    /// What the user says besides, as facts: `("client.os", "windows-7")`.
    pub stated: Vec<(String, String)>,
    /// The name or address that was connected to, where the user says it.
    pub host: Option<String>,
    /// The time that certificates are checked against; without it nothing is said that needs one.
    pub at: Option<Time>,
    /// Passwords for containers, such as PKCS#12. They are tried on what is added after them, and
    /// shown nowhere.
    pub passwords: Vec<String>,
    /// The secrets of sessions that the inputs bring along: to decrypt handshakes, and for nothing else.
    keys: KeyLog,
}

/// One file or one pasted text.
pub struct Input {
    /// Its name, for the report.
    pub name: String,
    /// Its size as it came.
    pub bytes: usize,
    /// SHA-256 in hex, so that a report can be traced to its input: of the bytes as they came, or,
    /// where a secret was among them, of the text without it. A digest of a secret is worth
    /// guessing at. Empty where a secret is all there is.
    pub sha256: String,
    /// What it is made of.
    pub content: Content,
    /// Certificates, keys and what comes with them. Of private keys only what may be known.
    pub objects: Vec<Found>,
}

/// What an input is made of.
pub enum Content {
    /// Text.
    Text(Text),
    /// A capture file.
    Capture(Arc<Capture>),
    /// A capture file as it came: it is read when all inputs are there, for one that comes after it
    /// may hold the secrets of its sessions.
    Unread(Vec<u8>),
    /// Not text; what it looks like by its first bytes.
    Binary(BinaryKind),
}

/// An input that is text. Secrets are masked, byte for byte, so that places stay true.
pub struct Text {
    /// UTF-8, whatever the input was.
    pub text: String,
    /// The encoding that the input was in, by its WHATWG name.
    pub encoding: &'static str,
    /// Bytes that no encoding explains were replaced.
    pub lossy: bool,
    /// Where secrets were.
    pub secrets: Vec<Secret>,
    layout: OnceLock<Layout>,
    places: OnceLock<Vec<Vec<usize>>>,
}

/// What the first bytes of a file that is no text say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryKind {
    /// A capture file of any kind.
    Capture,
    /// A capture file of which the format is not read.
    OtherCapture,
    /// Something that has to be unpacked first.
    Packed,
    /// DER: a certificate, a key or a container of them.
    Der,
    /// Anything else.
    Unknown,
}

/// A place in an input: bytes from `start` up to `end`, lines counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// Line of the first byte.
    pub line: usize,
    /// Line of the last byte.
    pub end_line: usize,
}

impl Paste {
    /// A case of one pasted text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut paste = Self::default();
        paste.add("paste.txt", text.as_bytes());
        paste
    }

    /// Adds an input, whatever it is and in whatever encoding.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        let (content, objects, secret) = match encoding::decode(bytes) {
            Ok((mut text, encoding, lossy)) => {
                self.keys.add(&text);
                let mut searched = x509::search(&text, &self.passwords);
                let wide = match encoding.get(..6) {
                    Some("UTF-16") => Some(x509::Damage::Utf16),
                    Some("UTF-32") => Some(x509::Damage::Utf32),
                    _ => None,
                };
                searched.found.iter_mut().for_each(|found| found.damages.extend(wide));
                let secrets = secrets::mask(&mut text, &searched.secrets);
                let secret = !secrets.is_empty();
                // Mail and web pages keep blanks together with these. Where nothing was found by its place yet.
                if !secret && searched.found.is_empty() && has_unbreakable_blanks(&text) {
                    text = text.replace('\u{a0}', " ");
                }
                let text =
                    Text { text, encoding, lossy, secrets, layout: OnceLock::new(), places: OnceLock::new() };
                (Content::Text(text), searched.found, secret)
            }
            Err(BinaryKind::Capture) if bytes.len() <= KEPT => {
                (Content::Unread(bytes.to_vec()), Vec::new(), false)
            }
            Err(BinaryKind::Capture) => {
                (Content::Capture(Arc::new(self.read_capture(bytes))), Vec::new(), false)
            }
            // What looks like DER in there is not.
            Err(kind @ (BinaryKind::Packed | BinaryKind::OtherCapture)) => {
                (Content::Binary(kind), Vec::new(), false)
            }
            Err(kind) => {
                let (objects, secret) = x509::read(bytes, &self.passwords);
                (Content::Binary(kind), objects, secret)
            }
        };
        let sha256 = match &content {
            _ if !secret => hex(&Sha256::digest(bytes)),
            Content::Text(text) => hex(&Sha256::digest(text.text.as_bytes())),
            _ => String::new(),
        };
        self.inputs.push(Input { name: name.to_owned(), bytes: bytes.len(), sha256, content, objects });
    }

    /// Reads a capture with all secrets that are known by now.
    pub(crate) fn read_capture(&self, bytes: &[u8]) -> Capture {
        let mut reader = Reader::new(Options { keys: self.keys.clone() });
        reader.push(bytes);
        reader.finish()
    }
}

/// Blanks that do not break, in a text of English letters and signs: in one that was read in the wrong
/// encoding they are a part of its letters.
fn has_unbreakable_blanks(text: &str) -> bool {
    let harmless = |c: char| c.is_ascii() || matches!(c, '\u{a0}' | '\u{b7}' | '\u{2000}'..='\u{2bff}');
    text.contains('\u{a0}') && text.chars().all(harmless)
}

/// A capture up to this size is kept as it came until all inputs are there.
const KEPT: usize = 64 * 1024 * 1024;

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Input {
    /// The text; empty where the input is none.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.content {
            Content::Text(text) => &text.text,
            Content::Capture(_) | Content::Unread(_) | Content::Binary(_) => "",
        }
    }

    /// The regions that stand on their own: fenced blocks, and what is between them.
    #[must_use]
    pub fn regions(&self) -> Vec<Region<'_>> {
        match &self.content {
            Content::Text(text) => text.layout.get_or_init(|| Layout::of(&text.text)).regions(&text.text),
            Content::Capture(_) | Content::Unread(_) | Content::Binary(_) => Vec::new(),
        }
    }

    /// The places of words that readers look for, by their kinds: found once, while the text stays as it is.
    pub(crate) fn places(&self, find: impl FnOnce(&str) -> Vec<Vec<usize>>) -> &[Vec<usize>] {
        match &self.content {
            Content::Text(text) => text.places.get_or_init(|| find(&text.text)),
            Content::Capture(_) | Content::Unread(_) | Content::Binary(_) => &[],
        }
    }

    /// The lines that stand at a place, as far as they do.
    pub fn lines(&self, span: Span) -> impl Iterator<Item = Line<'_>> {
        layout::bare_lines(self.quote(span)).map(move |line| Line {
            start: span.start + line.start,
            number: span.line + line.number - 1,
            ..line
        })
    }

    /// What stands at a place.
    #[must_use]
    pub fn quote(&self, span: Span) -> &str {
        self.text().get(span.start..span.end).unwrap_or_default()
    }
}

impl Span {
    /// From the beginning of this one to the end of another.
    #[must_use]
    pub fn to(self, end: Self) -> Self {
        Self { start: self.start, end: end.end, line: self.line, end_line: end.end_line }
    }
}
