//! Reads the command lines that people typed, with their options.
//!
//! In:  lines with a known program and words behind it: `$ curl -fsSLk https://example.com/`.
//! Out: what the options of `content/commands/` state: versions asked for, ports, no validation.
//! Not here: addresses; `targets` reads them wherever they stand.

use std::borrow::Cow;

use super::code::version;
use super::marks::{Mark, Marks};
use super::{Artifact, Data, MANY};
use crate::content::{CommandOption, Naming, library};
use crate::evidence::{Evidence, Statement};
use crate::paste::{Line, Paste, Span};
use crate::tls::Version;

/// What is looked at of one line, and how many words a command has.
const LOOKED_AT: usize = 4096;
const WORDS: usize = 64;

/// How many commands stand on one line at most.
const PROGRAMS: usize = 4;

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (at, input) in paste.inputs.iter().enumerate() {
        let marks = Marks::of(input);
        let mut hits = marks.all(Mark::Program).iter().peekable();
        if hits.peek().is_none() {
            continue;
        }
        let mut own = artifacts.iter().enumerate().filter(|(_, artifact)| artifact.input == at).peekable();
        let mut found = 0;
        for region in input.regions() {
            for (number, line) in region.lines.iter().enumerate() {
                while own.next_if(|(_, artifact)| artifact.span.end <= line.start).is_some() {}
                let Some((id, artifact)) = own.peek() else { break };
                let end = line.start + line.text.len();
                while hits.next_if(|hit| **hit < line.start).is_some() {}
                if hits.peek().is_none_or(|hit| **hit >= end)
                    || artifact.span.start > end
                    || matches!(artifact.data, Data::Registry(_) | Data::X509(_))
                    || artifact.is_capture()
                {
                    continue;
                }
                // A backslash, a caret or a backtick at the end goes on with the next line.
                let goes_on = |line: &&Line<'_>| line.text.trim_end().ends_with(['\\', '^', '`']);
                let count = region.lines.iter().skip(number).take_while(goes_on).take(16).count() + 1;
                let lines = region.lines.get(number..number + count).unwrap_or(std::slice::from_ref(line));
                for (span, states) in commands(lines) {
                    found += 1;
                    if found > MANY {
                        break;
                    }
                    evidence.push(Evidence::new(*id, at, span, states));
                }
            }
        }
    }
}

/// A word of a command, and where it stands.
struct Word<'a> {
    text: &'a str,
    span: Span,
}

/// What the options of the commands on these lines state. The first line has the program.
fn commands(lines: &[Line<'_>]) -> Vec<(Span, Vec<Statement>)> {
    let words = words(lines);
    let mut programs = 0;
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if word.span.line != lines.first().map_or(0, |line| line.number) {
            break;
        }
        let name = word.text.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let own: Vec<&'static CommandOption> =
            library().options.iter().filter(|option| option.programs.iter().any(|own| own == name)).collect();
        if own.is_empty() {
            continue;
        }
        programs += 1;
        if programs > PROGRAMS {
            break;
        }
        let arguments = words.get(at + 1..).unwrap_or_default();
        let until = arguments
            .iter()
            .take(WORDS)
            .position(|word| ["|", "||", "&&", ";", "&", "#", "2>&1", ">", ">>"].contains(&word.text))
            .unwrap_or(arguments.len().min(WORDS));
        let arguments = arguments.get(..until).unwrap_or_default();
        for option in own {
            found.extend(option_in(option, arguments));
        }
    }
    found
}

fn option_in(option: &'static CommandOption, arguments: &[Word<'_>]) -> Option<(Span, Vec<Statement>)> {
    arguments.iter().enumerate().find_map(|(at, word)| {
        let next = arguments.get(at + 1);
        let (spelling, value, last) = option.spellings.iter().find_map(|spelling| {
            let rest = word.text.strip_prefix(spelling.as_str());
            match rest {
                Some("") => Some((spelling, next.map_or("", |next| next.text), next)),
                Some(rest) if rest.starts_with(['=', ':']) => Some((spelling, rest.get(1..)?, None)),
                // `-p587`, where a value is due.
                Some(rest) if spelling.len() == 2 && takes_value(option) && rest.parse::<u16>().is_ok() => {
                    Some((spelling, rest, None))
                }
                _ => clustered(option, spelling, word.text).then_some((spelling, "", None)),
            }
        })?;
        let value = value.trim_matches(['"', '\'']);
        if !option.is.is_empty() && !option.is.iter().any(|is| is.eq_ignore_ascii_case(value)) {
            return None;
        }
        let named = option.versions.map(|naming| {
            let own = version(spelling, None);
            let all = value
                .split([',', ':', '+', '|'])
                .filter_map(|word| version(word, None).or_else(|| bare(word)));
            (naming, own.into_iter().chain(all.filter(|_| own.is_none())).collect::<Vec<Version>>())
        });
        let states: Vec<Statement> = option
            .says
            .iter()
            .filter_map(|(key, says)| {
                let says: Cow<'static, str> = match says.as_str() {
                    "{versions}" => Cow::Borrowed(come_to(named.as_ref()?)?),
                    "{port}" => Cow::Owned(port(value)?),
                    "{value}" => Cow::Owned(Some(value.to_owned()).filter(|value| !value.is_empty())?),
                    other => Cow::Owned(other.to_owned()),
                };
                Some(Statement::new(key.as_str(), says))
            })
            .collect();
        let span = match last.filter(|_| takes_value(option)) {
            Some(last) => word.span.to(last.span),
            None => word.span,
        };
        (!states.is_empty()).then_some((span, states))
    })
}

fn takes_value(option: &CommandOption) -> bool {
    !option.is.is_empty() || option.says.iter().any(|(_, says)| says == "{value}" || says == "{port}")
}

/// `-fsSLk`: one letter among others that take no value.
fn clustered(option: &CommandOption, spelling: &str, word: &str) -> bool {
    let (Some(letter), Some(letters)) = (spelling.strip_prefix('-'), word.strip_prefix('-')) else {
        return false;
    };
    let Some((before, _)) = letters.split_once(letter) else { return false };
    letter.len() == 1 && !option.flags.is_empty() && before.chars().all(|c| option.flags.contains(c))
}

/// `1.0`, as `--tls-max 1.0` has it.
fn bare(word: &str) -> Option<Version> {
    Some(match word.trim_start_matches(['v', 'V']) {
        "1.0" | "1_0" => Version::TLS10,
        "1.1" | "1_1" => Version::TLS11,
        "1.2" | "1_2" => Version::TLS12,
        "1.3" | "1_3" => Version::TLS13,
        _ => return None,
    })
}

fn come_to((naming, versions): &(Naming, Vec<Version>)) -> Option<&'static str> {
    let new = versions.iter().any(|version| version.rank() >= Version::TLS12.rank());
    match naming {
        _ if versions.is_empty() => None,
        Naming::Exactly if new => Some("with-tls-1.2"),
        Naming::Exactly | Naming::Most if !new => Some("old-only"),
        Naming::Without if versions.contains(&Version::TLS12) => Some("old-only"),
        _ => None,
    }
}

/// The number behind the last colon, or the whole.
fn port(value: &str) -> Option<String> {
    let digits = value.rsplit([':', ',']).next()?.trim_end_matches('/');
    digits.parse::<u16>().ok().map(|port| port.to_string())
}

/// The words of some lines; what stands in quotes is one.
fn words<'a>(lines: &[Line<'a>]) -> Vec<Word<'a>> {
    let mut found = Vec::new();
    for line in lines {
        let body = line.body();
        let body = body.get(..body.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
        let mut at = 0;
        while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
            let first = rest.chars().next().unwrap_or_default();
            if first.is_whitespace() || "`()".contains(first) {
                at += first.len_utf8();
                continue;
            }
            let mut quote = None;
            let length = rest
                .char_indices()
                .find(|(_, c)| match quote {
                    Some(open) => {
                        quote = quote.filter(|_| *c != open);
                        false
                    }
                    None if *c == '"' || *c == '\'' => {
                        quote = Some(*c);
                        false
                    }
                    None => c.is_whitespace() || "`();|".contains(*c),
                })
                .map_or(rest.len(), |(at, _)| at);
            let text = rest.get(..length.max(first.len_utf8())).unwrap_or_default();
            if text != "\\" && text != "^" {
                found.push(Word { text, span: line.span_of(text) });
            }
            at += text.len().max(1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Vec<String> {
        let paste = Paste::text(text);
        let lines = paste.inputs[0].regions().remove(0).lines;
        let states = commands(&lines).into_iter().flat_map(|(_, states)| states);
        states.map(|state| format!("{}={}", state.key, state.value)).collect()
    }

    #[test]
    fn every_option_is_read_in_its_own_command() {
        for option in &library().options {
            for (key, _) in &option.says {
                let found = says(&option.seen);
                assert!(
                    found.iter().any(|found| found.starts_with(&format!("{key}="))),
                    "{}: {key} is not in {:?}: {found:?}",
                    option.file,
                    option.seen
                );
            }
        }
    }

    #[test]
    fn reads_options_however_they_are_written() {
        let off = "command.validation=off".to_owned();
        for text in [
            "$ curl -fsSLk https://a/",
            "curl --insecure https://a/",
            "sudo curl -v -k https://a/",
            "/usr/bin/curl -kL a",
        ] {
            assert!(says(text).contains(&off), "{text}");
        }
        for text in [
            "curl -o k https://a/",
            "curl --key k https://a/",
            "curl: (60) -k",
            "kcurl -k",
            "echo curl | grep -k",
        ] {
            assert!(!says(text).contains(&off), "{text}");
        }
    }

    #[test]
    fn reads_the_command_above_a_trace_of_the_handshake() {
        let paste = Paste::text(
            "$ curl -vk https://a.example/\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n* TLSv1.3 (IN), TLS alert, no application protocol (632):\n",
        );
        let artifacts = super::super::find(&paste);
        let mut evidence = Vec::new();
        read(&paste, &artifacts, &mut evidence);
        assert!(evidence.iter().flat_map(|one| &one.states).any(|state| state.key == "command.validation"));
    }
}
