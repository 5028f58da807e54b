//! Whether the catalogue holds together.
//!
//! In:  messages and frames, and the vocabulary of facts.
//! Out: the first that does not, and why.
//! Not here: anything that a program needs when it runs.

use super::message::{Frame, Groups, Message, Phrase};
use super::{Catalogue, PageError, Vocabulary};

/// Whether there are such facts, and each message can be looked for and stands in its own `seen` line.
pub(super) fn catalogue(catalogue: &Catalogue, vocabulary: &Vocabulary) -> Result<(), PageError> {
    catalogue.messages.iter().try_for_each(|own| message(own, vocabulary, catalogue.groups()))?;
    catalogue.frames.iter().try_for_each(|Frame { file, says, .. }| known(file, says, vocabulary))
}

fn message(message: &Message, vocabulary: &Vocabulary, groups: &Groups) -> Result<(), PageError> {
    let wrong = |reason| Err(PageError::new(&message.file, reason));
    known(&message.file, &message.says, vocabulary)?;
    for wording in &message.wordings {
        if wording.text.matches('{').count() != wording.text.matches('}').count() {
            return wrong(format!("a brace stays open in {:?}", wording.text));
        }
        if wording.anchor().chars().count() < 4 {
            return wrong(format!("{:?} has too little fixed text to look for", wording.text));
        }
    }
    for phrase in &message.phrases {
        let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let word = |word: &str| {
            let own = word.strip_prefix("*.").or_else(|| word.strip_prefix("()")).unwrap_or(word);
            word == Phrase::END || !own.is_empty() && own.bytes().all(small)
        };
        let words: Vec<Vec<&str>> = phrase.words.iter().map(|group| groups.words(*group).collect()).collect();
        let ends = words.iter().position(|group| group.contains(&Phrase::END));
        if ends.is_some_and(|at| at + 1 < words.len() || words.last().is_some_and(|group| group.len() > 1)) {
            return wrong(format!("{words:?} has its end among other words"));
        }
        if words.len() < 2 || !words.iter().flatten().all(|own| word(own)) {
            return wrong(format!("{words:?} is no phrase of two words or more in small letters"));
        }
    }
    if message.is_in_its_line(groups) {
        return Ok(());
    }
    wrong(format!("the message is not in its seen line {:?}", message.seen))
}

/// Whether there are such facts; a value in braces is what stands in a blank.
fn known(file: &str, says: &[(String, String)], vocabulary: &Vocabulary) -> Result<(), PageError> {
    let mut fixed = says.iter().filter(|(_, value)| !value.starts_with('{'));
    fixed.try_for_each(|(key, value)| vocabulary.check(file, key, value))
}
