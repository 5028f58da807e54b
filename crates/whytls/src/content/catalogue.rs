//! The catalogue of messages, ready to be looked through.
//!
//! In:  `content/messages/`, when a program is built or when somebody writes messages.
//! Out: the messages, and a finder of the text by which each wording is looked for.
//! Not here: what counts as a message in a paste.
//!
//! `build.rs` has this module too: what takes long is done once, where the program is built.

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use super::error::PageError;
use super::message::{self, Frame, Groups, Message, Wording};
use crate::finder::{self, Finder, Numbers};

/// What programs print.
pub struct Catalogue {
    /// The messages, in the order of their files.
    pub messages: Vec<Message>,
    /// What the names in a stack trace tell.
    pub frames: Vec<Frame>,
    /// Looks for the anchors of all wordings.
    finder: Finder,
    /// For each message the first of its wordings, of all there are.
    firsts: Numbers,
    /// All wordings, in the order of their anchors' first eight bytes.
    by_beginning: Numbers,
    /// The messages that have phrases.
    phrased: Numbers,
    /// The words of the phrases.
    groups: Groups,
}

/// All of it as it is built into the program.
#[derive(Deserialize)]
struct Stored<'a> {
    files: Vec<&'a str>,
    /// The messages, one behind the other, and the anchors that stand in none of them as they are.
    bodies: &'a [u8],
    /// For each message its file, and where it begins and ends.
    messages: &'a [u8],
    frames: Vec<Frame>,
    #[serde(borrow)]
    finder: finder::Stored<'a>,
    firsts: &'a [u8],
    by_beginning: &'a [u8],
    phrased: &'a [u8],
    groups: Vec<&'a str>,
}

impl Catalogue {
    /// From files as they are written, each a path from `content/` on and its text; others are passed over.
    pub(crate) fn written(files: &[(&str, &str)]) -> Result<Self, PageError> {
        let (messages, frames, groups) = read(files)?;
        let anchors = messages.iter().flat_map(|message| &message.wordings).map(Wording::anchor);
        let finder = Finder::of_words(anchors);
        Ok(Self::of(messages, frames, finder, groups))
    }

    fn of(messages: Vec<Message>, frames: Vec<Frame>, finder: Finder, groups: Groups) -> Self {
        let phrased = messages.iter().enumerate().filter(|(_, message)| !message.phrases.is_empty());
        let phrased = phrased.map(|(at, _)| at as u32).collect();
        let mut count = 0;
        let first = |message: &Message| {
            let first = count;
            count += message.wordings.len() as u32;
            first
        };
        let firsts = messages.iter().map(first).collect();
        let mut by_beginning: Vec<_> =
            (0..finder.len()).filter_map(|id| Some((beginning(finder.text(id)?)?, id as u32))).collect();
        by_beginning.sort_unstable();
        let by_beginning = by_beginning.into_iter().map(|(_, id)| id).collect();
        Self { messages, frames, finder, firsts, by_beginning, phrased, groups }
    }

    /// The catalogue that `build.rs` made.
    pub(super) fn built_in(bytes: &'static [u8]) -> Result<Self, PageError> {
        let stored: Stored<'static> =
            postcard::from_bytes(bytes).map_err(|error| PageError::new("messages", error))?;
        let rows = Numbers::stored(stored.messages);
        let message = |[file, start, end]: [u32; 3]| {
            let own = stored.bodies.get(start as usize..end as usize)?;
            Some(Message::stored(stored.files.get(file as usize)?, own))
        };
        let messages = (0..).map_while(|at| rows.row(at).and_then(message)).collect();
        Ok(Self {
            messages,
            frames: stored.frames,
            finder: Finder::read(&stored.finder, stored.bodies),
            firsts: Numbers::stored(stored.firsts),
            by_beginning: Numbers::stored(stored.by_beginning),
            phrased: Numbers::stored(stored.phrased),
            groups: Groups::stored(stored.groups),
        })
    }

    /// Every place where a wording's anchor stands, as (wording, start, end); in no promised order. One that begins
    /// with a word stands where a word begins, or at a seam of the text.
    pub(crate) fn find(&self, text: &str, seams: &[usize]) -> Vec<(usize, usize, usize)> {
        self.finder.find_with(text, seams)
    }

    /// A wording, and the message that has it.
    pub(crate) fn wording(&self, id: usize) -> Option<(&Message, &Wording)> {
        let begins = |message| self.firsts.get(message).is_some_and(|first| first as usize <= id);
        let message = partition(self.firsts.len(), begins).checked_sub(1)?;
        let first = self.firsts.get(message)? as usize;
        let message = self.messages.get(message)?;
        Some((message, message.wordings.get(id.checked_sub(first)?)?))
    }

    /// A wording's anchor: its longest fixed part.
    pub(crate) fn anchor(&self, id: usize) -> Option<&[u8]> {
        self.finder.text(id)
    }

    /// The wordings whose anchors begin with the same eight bytes as a text, in small letters or not.
    pub(crate) fn beginning_like(&self, text: &[u8]) -> impl Iterator<Item = usize> {
        let wanted = beginning(text);
        let begins = |at| beginning(self.anchor(self.by_beginning.get(at)? as usize)?);
        let from = partition(self.by_beginning.len(), |at| begins(at) < wanted);
        let like = (from..).take_while(move |at| wanted.is_some() && begins(*at) == wanted);
        like.filter_map(|at| self.by_beginning.get(at)).map(|id| id as usize)
    }

    /// The messages that have phrases.
    pub(crate) fn phrased(&self) -> impl Iterator<Item = &Message> {
        (0..self.phrased.len()).filter_map(|at| self.messages.get(self.phrased.get(at)? as usize))
    }

    /// The words of the phrases.
    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }
}

/// What `built_in` reads: `build.rs` puts it into the program.
impl Serialize for Catalogue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut files: Vec<&str> = Vec::new();
        let (mut bodies, mut rows, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut elsewhere = Vec::new();
        for message in &self.messages {
            if files.last().is_none_or(|last| *last != message.file) {
                files.push(&message.file);
            }
            let body = postcard::to_allocvec::<message::MessageBody>(message).map_err(S::Error::custom)?;
            let mut from = 0;
            for anchor in message.wordings.iter().map(Wording::anchor) {
                let rest = body.get(from..).unwrap_or_default();
                // Each wording stands in the body as it was written, one behind the other.
                let at = rest.windows(anchor.len()).position(|window| window == anchor.as_bytes());
                from += at.unwrap_or_default();
                let start = bodies.len() + from;
                if at.is_none() {
                    elsewhere.push((places.len(), anchor.clone().into_owned()));
                }
                places.push(start..start + anchor.len());
            }
            rows.extend([files.len() - 1, bodies.len(), bodies.len() + body.len()].map(|at| at as u32));
            bodies.extend(body);
        }
        for (id, anchor) in elsewhere {
            if let Some(place) = places.get_mut(id) {
                *place = bodies.len()..bodies.len() + anchor.len();
            }
            bodies.extend(anchor.into_bytes());
        }
        let rows: Numbers = rows.into_iter().collect();
        let stored = (
            files,
            &bodies,
            rows.bytes(),
            &self.frames,
            Finder::within(bodies.clone().into(), &places, true),
            self.firsts.bytes(),
            self.by_beginning.bytes(),
            self.phrased.bytes(),
            &self.groups,
        );
        stored.serialize(serializer)
    }
}

/// The messages and frames of files, in the order of the files, and the words of the messages' phrases.
fn read(files: &[(&str, &str)]) -> Result<(Vec<Message>, Vec<Frame>, Groups), PageError> {
    let (mut messages, mut frames, mut groups) = (Vec::new(), Vec::new(), Groups::default());
    for (name, text) in files.iter().filter(|(name, _)| name.starts_with("messages/")) {
        message::read(name, text, &mut messages, &mut frames, &mut groups)?;
    }
    Ok((messages, frames, groups))
}

/// The first of so many places for which something that holds for those before no longer does.
fn partition(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = from.midpoint(to);
        if holds(middle) { from = middle + 1 } else { to = middle }
    }
    from
}

/// The first eight bytes of a text, in small letters; none of a shorter one, which nobody looks for in half.
fn beginning(text: &[u8]) -> Option<u64> {
    let bytes: &[u8; 8] = text.first_chunk()?;
    Some(u64::from_be_bytes(bytes.map(|byte| byte.to_ascii_lowercase())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [(&str, &str); 2] = [
        (
            "messages/one.toml",
            r#"
            [[message]]
            text = ["Server “closed” the  connection {port}", "EOF occurred in {what} violation of protocol"]
            translations = ["Соединение закрыто"]
            lines = ["no way"]
            says = { "error" = ["eof", "reset"] }
            seen = "x"

            [groups]
            cert = ["certificate|cert", "chain of certificates"]

            [[message]]
            phrases = ["{cert} expired $", "~ failed {cert}"]
            says = { "error" = "expired" }
            seen = "x"
            "#,
        ),
        (
            "messages/two.toml",
            r#"
            [[message]]
            text = "server \"closed\" it"
            says = { "error" = "eof" }
            seen = "x"

            [[frame]]
            method = "a.b."
            says = { "stack" = "java" }
            seen = "a.b.c"
            "#,
        ),
    ];

    #[test]
    fn what_is_built_in_is_what_was_written() {
        let written = Catalogue::written(&FILES).expect("two files that hold together");
        let bytes = postcard::to_allocvec(&written).expect("memory for it").leak();
        let built_in = Catalogue::built_in(bytes).expect("what was stored can be read");
        let told = |catalogue: &Catalogue| {
            let messages: Vec<_> = catalogue
                .messages
                .iter()
                .map(|message| {
                    let wordings = message.wordings.iter();
                    let wordings = wordings.map(|own| (own.text.clone(), own.original, own.whole_line));
                    let wordings: Vec<_> = wordings.collect();
                    (message.file.clone(), message.says.clone(), message.phrases.clone(), wordings)
                })
                .collect();
            let frames = catalogue.frames.iter().map(|frame| (frame.method.clone(), frame.says.clone()));
            (messages, frames.collect::<Vec<_>>(), catalogue.groups().clone())
        };
        assert_eq!(told(&built_in), told(&written));
        let text = "a Server \"closed\" the connection 25; SERVER \"CLOSED\" IT; соединение закрыто no way\
                    Соединение закрыто";
        for catalogue in [&written, &built_in] {
            let mut found = catalogue.find(text, &[]);
            found.sort_unstable_by_key(|(_, start, _)| *start);
            let texts: Vec<_> =
                found.iter().filter_map(|(id, ..)| Some(catalogue.wording(*id)?.1.text.as_str())).collect();
            let closed = "Server “closed” the  connection {port}";
            assert_eq!(texts, [closed, "server \"closed\" it", "no way", "Соединение закрыто"]);
            assert_eq!(catalogue.beginning_like(b"server \"x").count(), 2);
            assert_eq!(catalogue.beginning_like(b"EOF OCCU").count(), 0);
            assert_eq!(catalogue.beginning_like(b" VIOLATI").count(), 1);
            assert_eq!(catalogue.beginning_like(b"no").count(), 0);
            assert_eq!(catalogue.phrased().count(), 1);
            let phrases = catalogue.phrased().flat_map(|message| &message.phrases);
            let words = |number: &u16| catalogue.groups().words(*number).next().unwrap_or_default();
            let phrases: Vec<_> = phrases
                .map(|own| (own.words.iter().map(words).collect::<Vec<_>>().join(" "), own.vague))
                .collect();
            let phrases: Vec<_> = phrases.iter().map(|(words, vague)| (words.as_str(), *vague)).collect();
            assert_eq!(
                phrases,
                [
                    ("certificate expired $", false),
                    ("chain of certificates expired $", false),
                    ("failed certificate", true),
                    ("failed chain of certificates", true),
                ]
            );
        }
    }
}
