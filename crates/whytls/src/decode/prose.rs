//! What no decoder claims: lines that programs print, what was typed at a prompt, prose.
//!
//! In:  the lines between other artifacts.
//! Out: artifacts that say which of the three they are.
//! Not here: the messages in them. Those are found in every artifact alike.

use super::{Artifact, Data, span};
use crate::paste::{Alphabet, Line};

/// Cuts lines at blank ones, and joins what is of one kind again.
pub(super) fn cut(input: usize, lines: &[Line<'_>], artifacts: &mut Vec<Artifact>) {
    let mut open: Option<Artifact> = None;
    for paragraph in lines.split(|line| line.is_blank()).filter(|lines| !lines.is_empty()) {
        let data = kind(paragraph);
        let place = span(paragraph);
        match &mut open {
            Some(artifact) if std::mem::discriminant(&artifact.data) == std::mem::discriminant(&data) => {
                artifact.span = artifact.span.to(place);
            }
            _ => artifacts.extend(open.replace(Artifact { input, span: place, label: None, data })),
        }
    }
    artifacts.extend(open);
}

fn kind(lines: &[Line<'_>]) -> Data {
    let prompts = |line: &&Line<'_>| line.alphabet.meets(const { Alphabet::of("$>#") });
    if lines.iter().filter(prompts).any(|line| is_prompt(line.body())) {
        Data::Transcript
    } else if lines.iter().filter(|line| is_log(line.text)).count() * 2 >= lines.len() {
        Data::Log
    } else {
        Data::Prose
    }
}

fn is_prompt(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("$ ")
        || line.starts_with("PS ") && line.contains("> ")
        || line.split_once('>').is_some_and(|(path, _)| {
            let path = path.as_bytes();
            matches!(path, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic())
        })
        || line.split_once("$ ").or_else(|| line.split_once("# ")).is_some_and(|(who, _)| {
            who.contains('@') && who.contains(':') && !who.trim_matches(['[', ']']).contains(' ')
        })
}

/// Programs begin their lines with a time, a level, a name and a colon; people do not.
fn is_log(line: &str) -> bool {
    let line = line.trim_start();
    let first = line.split_whitespace().next().unwrap_or_default();
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    let level = ["error", "warn", "warning", "fatal", "info", "debug", "trace", "e:", "w:"];
    digits >= 4 && first.contains([':', '-', '/', '.'])
        || level.contains(&first.trim_matches(['[', ']', ':']).to_ascii_lowercase().as_str())
        || first.len() > 2 && first.ends_with(':') && first.is_ascii() && line.len() > first.len()
        || first.starts_with('[') && first.ends_with(']') && first.len() > 3
        // A frame of a program in C: `bip(fatal+0xa5)[0x555d2943f9e5]`.
        || first.contains("+0x") && first.ends_with(']')
        || first.strip_suffix(':').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        || line.split_whitespace().take(STAMP).any(|word| has_clock(word) || is_level(word))
}

/// As programs write it: in capitals, and marked off from the words behind it.
fn is_level(word: &str) -> bool {
    const LEVELS: [&str; 13] = [
        "ERROR", "WARN", "WARNING", "FATAL", "INFO", "DEBUG", "TRACE", "NOTICE", "CRIT", "CRITICAL", "ALERT",
        "EMERG", "SEVERE",
    ];
    let level = word.trim_matches(['[', ']', '<', '>', '(', ')', ':', '|']);
    level.len() < word.len() && LEVELS.contains(&level)
}

/// Among so many words at the beginning of a line stands the time at which it was printed.
const STAMP: usize = 6;

/// To the second, as in `Nov 29 13:44:13 host`, `[29/Nov/2026:13:44:13 +0000]` and `I1129 13:44:13.123456`; people
/// leave the seconds out.
fn has_clock(word: &str) -> bool {
    word.as_bytes().windows(8).any(|window| {
        window.iter().enumerate().all(|(at, byte)| match at {
            2 | 5 => *byte == b':',
            _ => byte.is_ascii_digit(),
        })
    })
}

/// How a line begins that tells of a change which was made.
pub(super) const CHANGES: [&str; 16] = [
    "fix",
    "fixed",
    "fixes",
    "fixing",
    "added",
    "add",
    "adds",
    "improved",
    "improve",
    "changed",
    "removed",
    "resolved",
    "solved",
    "bugfix",
    "changelog",
    "feature",
];

/// What makes a question or a condition of what follows.
const CONDITIONS: [&str; 3] = ["whether", "if", "unless"];

/// And so many words stand between them at most.
const BETWEEN: usize = 3;

/// The lines of a text that people wrote in which messages are spoken of, and did not come.
pub(super) struct Hearsay<'a> {
    text: &'a str,
    /// It is a list of changes: it has at least two lines that begin so.
    changes: bool,
}

impl<'a> Hearsay<'a> {
    /// Of what stands at the place of prose.
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, changes: text.lines().filter(|line| is_change(line)).nth(1).is_some() }
    }

    /// Whether the message that begins there, counted from the text's beginning, did not come: `I check whether
    /// the certificate has expired`, `- Fixed "certificate has expired" after an update`.
    pub(super) fn has(&self, at: usize) -> bool {
        // A line that is longer is no sentence of a person's.
        let from = self.text.floor_char_boundary(at.saturating_sub(LINE));
        let before = self.text.get(from..at).unwrap_or_default();
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let near = line.get(line.ceil_char_boundary(line.len().saturating_sub(NEAR))..).unwrap_or_default();
        // Behind a colon or in quotes stands what came.
        let clause = near
            .rsplit([':', ',', '.', ';', '!', '?', '"', '\'', '`', '\u{201c}'])
            .next()
            .unwrap_or_default();
        let asked = clause
            .split_whitespace()
            .rev()
            .take(BETWEEN + 1)
            .any(|word| CONDITIONS.iter().any(|condition| condition.eq_ignore_ascii_case(word)));
        asked || self.changes && is_change(self.text.get(at - line.len()..).unwrap_or_default())
    }
}

/// What is looked at before a message, for its line and for its clause.
const LINE: usize = 4096;
const NEAR: usize = 80;

fn is_change(line: &str) -> bool {
    let near = line.get(..line.floor_char_boundary(NEAR)).unwrap_or_default();
    let near = near.lines().next().unwrap_or_default();
    let word = near.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty()).unwrap_or_default();
    CHANGES.iter().any(|change| change.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_only_spoken_of() {
        let has = |text: &str| {
            let paste = crate::Paste::text(text);
            !crate::diagnose(&paste).findings.is_empty()
        };
        for spoken in [
            "How do I check whether a certificate has expired?",
            "Find out if the certificate has expired before you go on.",
            "Release 2.3\n- Fixed a crash after certificate verify failed\n- Added a retry when the certificate has expired\n",
        ] {
            assert!(!has(spoken), "{spoken}");
        }
        for came in [
            "When I connect it says certificate has expired. What now?",
            "If I run it, it says: certificate has expired",
            "I do not know whether it is my fault: certificate has expired",
            "Fixed the clock, still certificate has expired",
        ] {
            assert!(has(came), "{came}");
        }
    }

    #[test]
    fn tells_prompts_and_logs_from_prose() {
        assert!(is_prompt("$ curl https://example.com"));
        assert!(is_prompt(r"C:\Users\me>ping example.com"));
        assert!(is_prompt("me@host:~$ ls"));
        assert!(!is_prompt("It costs 5 $ a month"));
        assert!(is_log("2023-04-27 15:19:03 connection reset"));
        assert!(is_log("curl: (35) error"));
        assert!(is_log("Nov 29 13:44:13 mail pgbouncer[2315]: failed to load certificate file"));
        assert!(is_log("[Sun Nov 29 13:44:13.463947 2026] [ssl:emerg] [pid 1309] AH02562: Failed"));
        assert!(is_log("0: : WARNING: cannot find private key file: /etc/ssl/server.key (1)"));
        assert!(is_log("mail pure-ftpd: (?@?) [ERROR] TLS: Invalid TLSCipherSuite specified 'FOO'"));
        assert!(!is_log("I get an ERROR when I connect"));
        assert!(is_log("E [29/Nov/2026:13:44:13 +0000] [Client 2] Unable to encrypt connection"));
        assert!(!is_log("It began on Nov 29 at 13:44, when the certificate was renewed"));
        assert!(!is_log("Then I tried the registry."));
        assert!(!is_log("然后一开始先是怀疑"));
    }
}
