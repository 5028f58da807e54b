//! Reads how a server answered STARTTLS, where a program shows what it said and what it heard.
//!
//! In:  a line with the command and nothing behind it, and the reply on one of the next lines, whatever stands
//!      before them: `>>> STARTTLS`, `C: a1 STARTTLS`, `POP3> STLS`, `AUTH TLS`.
//! Out: whether the server agreed.
//! Not here: what it lists as its abilities (`250-STARTTLS`), and captures.

use std::ops::Range;

use super::{Artifact, Data, MANY};
use crate::evidence::{Evidence, Statement};
use crate::paste::Paste;

/// The commands that ask for TLS.
const COMMANDS: [&str; 4] = ["STARTTLS", "STLS", "AUTH TLS", "AUTH SSL"];

/// The reply stands on one of so many lines.
const BEHIND: usize = 3;

/// And is one of its first words.
const WORDS: usize = 12;

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (id, artifact) in artifacts.iter().enumerate() {
        if !matches!(artifact.data, Data::Log | Data::Transcript | Data::Prose) {
            continue;
        }
        let Some(input) = paste.inputs.get(artifact.input) else { continue };
        let mut asked: Option<(&str, usize)> = None;
        let mut found = 0;
        for line in input.lines(artifact.span) {
            let text = line.beginning();
            if let Some(tag) = command(text) {
                asked = Some((tag, BEHIND));
                continue;
            }
            let Some((tag, left)) = asked else { continue };
            let Some((place, agreed)) = reply(text, tag) else {
                asked = left.checked_sub(1).filter(|left| *left > 0).map(|left| (tag, left));
                continue;
            };
            asked = None;
            found += 1;
            if found > MANY {
                break;
            }
            let states = match agreed {
                true => vec![Statement::new("starttls.answer", "accepted")],
                false => vec![
                    Statement::new("starttls.answer", "refused"),
                    Statement::new("error", "starttls-refused"),
                ],
            };
            evidence.push(Evidence::new(id, artifact.input, line.span_at(place), states));
        }
    }
}

/// The tag before the command that ends a line; empty where the protocol has none.
fn command(text: &str) -> Option<&str> {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"'));
    let text = text.strip_suffix("\\r\\n").or_else(|| text.strip_suffix("\\n")).unwrap_or(text);
    let before = COMMANDS.iter().find_map(|command| {
        let (before, end) = text.split_at_checked(text.len().checked_sub(command.len())?)?;
        end.eq_ignore_ascii_case(command).then_some(before)
    })?;
    let said = |head: &str| head.is_empty() || head.ends_with(['>', ':', '"', '\'', '|', ']']);
    let head = before.trim_end();
    if said(head) {
        return Some("");
    }
    // `a1 STARTTLS`; `250 STARTTLS` and `IDLE STARTTLS` are a server's list.
    let tag = head.rsplit([' ', '"', '\'', '>', ':']).next().filter(|_| before.ends_with(' '))?;
    let letters = tag.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = tag.bytes().any(|byte| byte.is_ascii_digit());
    let first = said(head.strip_suffix(tag)?.trim_end());
    (first && (tag == "." || tag.len() <= 10 && letters && digits)).then_some(tag)
}

/// Where a reply stands in a line, and whether it agrees.
fn reply(text: &str, tag: &str) -> Option<(Range<usize>, bool)> {
    let mut last = "";
    let words = text.split(' ').take(WORDS).scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some((start, word))
    });
    for (start, word) in words {
        let own = word.trim_start_matches(['b', '\'', '"', '<', '>']);
        let start = start + (word.len() - own.len());
        let agreed = match own.as_bytes() {
            _ if !tag.is_empty() => match own {
                "OK" if last == tag => Some(true),
                "NO" | "BAD" if last == tag => Some(false),
                _ => None,
            },
            [b'2', b'2' | b'3', b'0'..=b'9'] => Some(true),
            [b'4' | b'5', b'0'..=b'5', b'0'..=b'9'] => Some(false),
            [b'4' | b'5', b'0'..=b'5', b'0'..=b'9', b'-', ..] => Some(false),
            b"+OK" => Some(true),
            b"-ERR" => Some(false),
            _ => None,
        };
        if let Some(agreed) = agreed {
            return Some((start..text.len(), agreed));
        }
        last = own;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_command_from_a_list() {
        for line in
            [">>> STARTTLS", "C: STARTTLS", "STARTTLS", "send: 'STARTTLS\\r\\n'", "POP3> STLS", "AUTH TLS"]
        {
            assert_eq!(command(line), Some(""), "{line}");
        }
        assert_eq!(command("IMAP> A0002 STARTTLS"), Some("A0002"));
        assert_eq!(command(". STARTTLS"), Some("."));
        for line in [
            "250-STARTTLS",
            "250 STARTTLS",
            "* CAPABILITY IMAP4rev1 STARTTLS",
            "we need STARTTLS",
            "use STLS",
        ] {
            assert_eq!(command(line), None, "{line}");
        }
    }

    #[test]
    fn tells_how_it_was_answered() {
        let agreed = |line, tag| reply(line, tag).map(|(_, agreed)| agreed);
        assert_eq!(agreed("<<< 454 4.7.0 TLS not available", ""), Some(false));
        assert_eq!(agreed("reply: b'220 2.0.0 Ready to start TLS\\r\\n'", ""), Some(true));
        assert_eq!(agreed(". BAD unknown command", "."), Some(false));
        assert_eq!(agreed("a1 OK Begin TLS negotiation now.", "a1"), Some(true));
        assert_eq!(agreed("-ERR unknown command", ""), Some(false));
        assert_eq!(agreed("then nothing came for 30 seconds", ""), None);
    }
}
