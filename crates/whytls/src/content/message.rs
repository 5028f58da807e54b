//! The catalogue of messages: what programs print, and what that shows.
//!
//! In:  `content/messages/<program>.toml`.
//! Out: fixed pieces of text to look for, each with the facts that it states.
//! Not here: what the facts mean together. That is a page's business.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::error::{PageError, parse};

/// One message in all the languages that the program prints it in.
pub struct Message {
    /// The file that has it, from `content/` on.
    pub file: Cow<'static, str>,
    /// As it is built into the program.
    stored: &'static [u8],
    /// Read when it is asked for: of thousands a paste has a handful.
    body: OnceLock<Box<MessageBody>>,
}

/// What a file says of a message.
#[derive(Default, Serialize, Deserialize)]
pub struct MessageBody {
    /// The wordings: the English original first.
    pub wordings: Vec<Wording>,
    /// What programs say of the same thing in words of their own.
    pub phrases: Vec<Phrase>,
    /// The facts it states. A value may be a name in braces: what stood in its place.
    pub says: Vec<(String, String)>,
    /// A real line that has it.
    pub seen: String,
}

/// Words that make a statement, whatever stands between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// In their order, each by its number among the catalogue's [`Groups`].
    pub words: Vec<u16>,
    /// It counts where no other phrase does: what failed is told, and not at what.
    pub vague: bool,
}

/// Words of which any may stand in one place of a phrase: `certificate|cert`. Many phrases share them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Groups(Vec<Cow<'static, str>>);

/// A message in one language, cut at its blanks: `Port {port} is closed` has two fixed parts.
#[derive(Serialize, Deserialize)]
pub struct Wording {
    #[serde(skip)]
    parts: OnceLock<Vec<Part>>,
    /// The wording as the file has it.
    pub text: String,
    /// It is the English original.
    pub original: bool,
    /// It counts only where it is a whole line: within a sentence it may be about anything.
    pub whole_line: bool,
}

/// A piece of a wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands as it is; case does not count.
    Fixed(String),
    /// Anything on the same line, kept under this name unless that is empty.
    Blank(String),
}

/// What a method's name in a stack trace shows.
#[derive(Serialize, Deserialize)]
pub struct Frame {
    /// The file that has it, from `content/` on.
    pub file: String,
    /// The beginning of the frame's text, up to any length: `System.Net.Security.SslState.`.
    pub method: String,
    /// It counts only where another frame of the same trace has this.
    pub with: Option<String>,
    /// The facts it states.
    pub says: Vec<(String, String)>,
    /// A real frame that begins so.
    pub seen: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Names for groups of words, and for what stands in the place of some of them.
    #[serde(default)]
    groups: BTreeMap<String, OneOrMany>,
    #[serde(default)]
    message: Vec<MessageEntry>,
    #[serde(default)]
    frame: Vec<FrameEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageEntry {
    #[serde(default)]
    text: OneOrMany,
    #[serde(default)]
    phrases: Vec<String>,
    #[serde(default)]
    lines: Vec<String>,
    #[serde(default)]
    translations: Vec<String>,
    says: BTreeMap<String, toml::Value>,
    seen: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameEntry {
    method: String,
    with: Option<String>,
    says: BTreeMap<String, toml::Value>,
    seen: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Phrase {
    /// Stands for the end of the statement.
    pub const END: &str = "$";

    /// Before the words of a vague one.
    const VAGUE: &str = "~ ";

    /// `certificate|cert expired`: words in their order, and what may stand in the place of each.
    fn new(text: &str, groups: &mut Groups) -> Self {
        let (text, vague) = text.strip_prefix(Self::VAGUE).map_or((text, false), |text| (text, true));
        Self { words: text.split_whitespace().map(|group| groups.number(group)).collect(), vague }
    }

    /// Whether a text has these words, in order.
    fn in_text(&self, text: &str, groups: &Groups) -> bool {
        let text = text.to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut wanted = self.words.iter().filter(|group| !groups.words(**group).any(|own| own == Self::END));
        wanted.all(|group| words.any(|word| groups.words(*group).any(|own| own == word)))
    }
}

impl Groups {
    /// Those that are built in.
    pub(super) fn stored(groups: Vec<&'static str>) -> Self {
        Self(groups.into_iter().map(Cow::Borrowed).collect())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The words of a group.
    pub(crate) fn words(&self, number: u16) -> impl Iterator<Item = &str> {
        self.0.get(usize::from(number)).into_iter().flat_map(|words| words.split('|'))
    }

    /// The number of a group, which it has from its first use on.
    fn number(&mut self, group: &str) -> u16 {
        let known = self.0.iter().position(|own| own == group);
        let at = known.unwrap_or_else(|| {
            self.0.push(group.to_owned().into());
            self.0.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }
}

/// A phrase with the names in braces replaced by what they stand for; each of several makes one of its own.
fn expand(text: &str, names: &BTreeMap<String, OneOrMany>) -> Result<Vec<String>, String> {
    let Some((before, rest)) = text.split_once('{') else { return Ok(vec![text.to_owned()]) };
    let (name, after) = rest.split_once('}').ok_or_else(|| format!("a brace stays open in {text:?}"))?;
    let meant = match names.get(name) {
        Some(OneOrMany::One(meant)) => std::slice::from_ref(meant),
        Some(OneOrMany::Many(meant)) => meant,
        None => return Err(format!("no group is called {name:?}")),
    };
    let mut all = Vec::new();
    for meant in meant {
        // What it stands for has no names itself.
        all.extend(expand(after, names)?.iter().map(|after| format!("{before}{meant}{after}")));
    }
    Ok(all)
}

pub(super) fn read(
    file: &str,
    text: &str,
    messages: &mut Vec<Message>,
    frames: &mut Vec<Frame>,
    groups: &mut Groups,
) -> Result<(), PageError> {
    let parsed: File = parse(file, text)?;
    for entry in parsed.message {
        let originals = match entry.text {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        };
        let mut wordings = Vec::new();
        for (text, original) in
            originals.into_iter().map(|t| (t, true)).chain(entry.translations.into_iter().map(|t| (t, false)))
        {
            wordings.push(Wording::new(text, original));
        }
        for text in entry.lines {
            wordings.push(Wording { whole_line: true, ..Wording::new(text, true) });
        }
        let says = facts(file, entry.says)?;
        let mut phrases = Vec::new();
        for text in &entry.phrases {
            let expanded = expand(text, &parsed.groups).map_err(|reason| PageError::new(file, reason))?;
            phrases.extend(expanded.iter().map(|text| Phrase::new(text, groups)));
        }
        let body = MessageBody { wordings, phrases, says, seen: entry.seen };
        messages.push(Message::new(file, body));
    }
    for entry in parsed.frame {
        let says = facts(file, entry.says)?;
        if !entry.seen.contains(&entry.method) {
            return Err(PageError::new(file, format!("{:?} is not in its seen line", entry.method)));
        }
        frames.push(Frame {
            file: file.to_owned(),
            method: entry.method,
            with: entry.with,
            says,
            seen: entry.seen,
        });
    }
    Ok(())
}

impl Message {
    fn new(file: &str, body: MessageBody) -> Self {
        Self { file: file.to_owned().into(), stored: &[], body: OnceLock::from(Box::new(body)) }
    }

    /// One that is read when it is asked for.
    pub(super) fn stored(file: &'static str, stored: &'static [u8]) -> Self {
        Self { file: file.into(), stored, body: OnceLock::new() }
    }

    /// The program or library whose messages stand in the same file: `openssl`.
    #[must_use]
    pub fn program(&self) -> &str {
        self.file.trim_start_matches("messages/").trim_end_matches(".toml")
    }

    /// Whether one of its wordings or phrases stands in its own `seen` line, which is its test.
    pub(super) fn is_in_its_line(&self, groups: &Groups) -> bool {
        self.wordings.iter().any(|wording| wording.in_text(&self.seen))
            || self.phrases.iter().any(|phrase| phrase.in_text(&self.seen, groups))
    }
}

impl Deref for Message {
    type Target = MessageBody;

    fn deref(&self) -> &MessageBody {
        self.body.get_or_init(|| postcard::from_bytes(self.stored).unwrap_or_default())
    }
}

fn facts(file: &str, says: BTreeMap<String, toml::Value>) -> Result<Vec<(String, String)>, PageError> {
    let mut facts = Vec::new();
    for (key, value) in says {
        for value in match value {
            toml::Value::String(text) => vec![text],
            toml::Value::Integer(number) => vec![number.to_string()],
            toml::Value::Array(list) => {
                list.into_iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
            }
            other => {
                return Err(PageError::new(
                    file,
                    format!("{key}: a {} is no fact's value", other.type_str()),
                ));
            }
        } {
            facts.push((key.clone(), value));
        }
    }
    Ok(facts)
}

/// Quotation marks are one kind, whatever a locale or a word processor makes of them.
#[must_use]
pub fn same_quote(c: char) -> char {
    match c {
        '‘' | '’' | '‚' | '‛' | '`' | '´' => '\'',
        '“' | '”' | '„' => '"',
        '\u{a0}' => ' ',
        _ => c,
    }
}

impl Wording {
    fn new(text: String, original: bool) -> Self {
        Self { parts: OnceLock::new(), text, original, whole_line: false }
    }

    /// Fixed text and blanks, in turn.
    pub fn parts(&self) -> &[Part] {
        self.parts.get_or_init(|| {
            let plain = self.plain();
            pieces(&plain)
                .map(|(piece, fixed)| match fixed {
                    true => Part::Fixed(piece.to_owned()),
                    false => Part::Blank(piece.trim_matches('_').to_owned()),
                })
                .collect()
        })
    }

    /// The text with single blanks and one kind of quotation marks, as pastes are looked through.
    fn plain(&self) -> Cow<'_, str> {
        // Thousands of wordings come by when a program starts, and nearly all are plain. Marks and spaces
        // beyond ASCII begin with one of four bytes. No byte ends the look, so that many are looked at at once.
        let bytes = self.text.as_bytes();
        let doubts =
            bytes.iter().zip(bytes.iter().skip(1).chain(&[0])).fold(false, |doubts, (byte, next)| {
                doubts
                    | (*byte < b' ')
                    | (*byte == 0x7f)
                    | (*byte == b'`')
                    | (*byte == 0xc2)
                    | (*byte >= 0xe1) & (*byte <= 0xe3)
                    | (*byte == b' ') & (*next == b' ')
            });
        let mut blank = false;
        let is_plain = !doubts
            || self.text.chars().all(|c| {
                let twice = blank && c == ' ';
                blank = c == ' ';
                !twice && (blank || !c.is_whitespace()) && same_quote(c) == c
            });
        if is_plain {
            return Cow::Borrowed(&self.text);
        }
        let words: String =
            self.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().map(same_quote).collect();
        // A blank at an edge of the wording is part of it: "verify error: " is no "verify error:x".
        let edge = |at: bool| if at { " " } else { "" };
        Cow::Owned(format!("{}{words}{}", edge(self.text.starts_with(' ')), edge(self.text.ends_with(' '))))
    }

    /// The longest fixed part, which is what is looked for: the first one, of two as long.
    #[must_use]
    pub fn anchor(&self) -> Cow<'_, str> {
        fn longest(text: &str) -> &str {
            let fixed = pieces(text).filter(|(_, fixed)| *fixed).map(|(piece, _)| piece);
            fixed
                .reduce(|longest, piece| if piece.len() > longest.len() { piece } else { longest })
                .unwrap_or("")
        }
        match self.plain() {
            Cow::Borrowed(text) => Cow::Borrowed(longest(text)),
            Cow::Owned(text) => Cow::Owned(longest(&text).to_owned()),
        }
    }

    /// Whether a text has this wording's fixed parts, in order.
    fn in_text(&self, text: &str) -> bool {
        let plain: String = text.chars().map(same_quote).collect();
        let mut rest = plain.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        self.parts().iter().all(|part| match part {
            Part::Blank(_) => true,
            Part::Fixed(fixed) => match rest.split_once(&fixed.to_ascii_lowercase()) {
                Some((_, after)) => {
                    rest = after.to_owned();
                    true
                }
                None => false,
            },
        })
    }
}

/// A wording's pieces: what is fixed (true), and the names between braces.
fn pieces(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.split('{').enumerate().flat_map(|(at, piece)| {
        let (name, fixed) = match piece.split_once('}') {
            Some((name, fixed)) if at > 0 => (Some(name), fixed),
            _ => (None, piece),
        };
        let fixed = Some(fixed).filter(|fixed| !fixed.is_empty());
        name.map(|name| (name, false)).into_iter().chain(fixed.map(|fixed| (fixed, true)))
    })
}
