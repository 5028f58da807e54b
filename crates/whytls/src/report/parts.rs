//! What part of a message or the name of a setting `whytls explain` was asked for.
//!
//! In:  words in which nothing was found as they stand.
//! Out: the codes whose name or text they are, and lines that programs print which have them.
//! Not here: what the lines mean. They are diagnosed like any other.

use crate::content::library;
use crate::decode::Reading;

/// Fewer letters are part of too much.
const LETTERS: usize = 5;

/// And so is a single word, unless it is as long as this.
const WORD: usize = 9;

/// As many lines as are looked at.
const LINES: usize = 12;

/// The codes whose name or text some words are, however they are spelled: `BadRecordMac`, `CERT_REVOKED`,
/// `bad dh value`; else those whose text has them.
pub(super) fn worded(words: &str) -> Vec<Reading> {
    let asked = letters(words);
    if asked.len() < LETTERS {
        return Vec::new();
    }
    let name = format!("_{}", words.trim().to_ascii_uppercase());
    let codes = || {
        let families = library().code_families().iter();
        families.flat_map(|family| {
            family.codes.iter().map(move |code| Reading { family, code, number: code.number })
        })
    };
    let is = |reading: &Reading| {
        letters(&reading.code.name) == asked
            || letters(&reading.code.text) == asked
            || name.contains('_') && reading.code.name.ends_with(&name)
    };
    let found: Vec<Reading> = codes().filter(is).collect();
    if !found.is_empty() || !is_telling(words) {
        return found;
    }
    let part = words.trim().to_lowercase();
    codes().filter(|reading| reading.code.text.to_lowercase().contains(&part)).collect()
}

/// Lines that programs print, code and commands, which have these words in what is looked for.
pub(super) fn lines(words: &str) -> Vec<&'static str> {
    if !is_telling(words) {
        return Vec::new();
    }
    let part = words.trim().trim_end_matches("...").to_lowercase();
    let has = |text: &String| text.to_lowercase().contains(&part);
    let library = library();
    let messages = library.catalogue.messages.iter();
    let messages = messages
        .filter(|message| message.wordings.iter().any(|wording| has(&wording.text)))
        .map(|message| message.seen.as_str());
    let settings = library.settings.iter().filter(|setting| setting.names.iter().any(has));
    let calls = library.calls.iter().filter(|call| call.names.iter().any(has));
    let options = library.options.iter().filter(|option| option.spellings.iter().any(has));
    messages
        .chain(settings.map(|setting| setting.seen.as_str()))
        .chain(calls.map(|call| call.seen.as_str()))
        .chain(options.map(|option| option.seen.as_str()))
        .take(LINES)
        .collect()
}

/// Two words, or one that is long or no common one.
fn is_telling(words: &str) -> bool {
    let words = words.trim();
    let count = words.split_whitespace().count();
    letters(words).len() >= LETTERS && (count > 1 || words.len() >= WORD || words.contains(['_', '-']))
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &str) -> Vec<&'static str> {
        worded(words).iter().map(|reading| &*reading.code.name).collect()
    }

    #[test]
    fn a_code_is_known_by_its_text_and_by_the_end_of_its_name() {
        assert_eq!(names("bad dh value"), ["SSL_R_BAD_DH_VALUE"]);
        assert_eq!(names("BadRecordMac"), ["bad_record_mac"]);
        assert!(names("CERT_REVOKED").contains(&"X509_V_ERR_CERT_REVOKED"));
        assert!(names("the weather").is_empty());
        assert!(names("bad").is_empty());
    }

    #[test]
    fn a_part_of_a_message_leads_to_its_line() {
        assert!(lines("PEM inputs may have been").iter().all(|line| line.contains("tls: failed to find")));
        assert!(!lines("Unable to tunnel through proxy").is_empty());
        assert!(lines("the weather").is_empty());
        assert!(lines("is").is_empty());
    }
}
