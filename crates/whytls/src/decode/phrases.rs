//! Reads what programs say in words of their own: `the server's certificate has expired 3 days ago`.
//!
//! In:  lines that a program printed, and no message close to them; the phrases of `content/messages/`.
//! Out: one piece of evidence for each statement that has a phrase's words, in their order.
//! Not here: what people write. They ask whether a certificate has expired, and tell how to renew it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use super::marks::{Mark, Marks};
use super::messages::printed_by;
use super::prose::CHANGES;
use super::{Artifact, Data, MANY};
use crate::content::{Message, Phrase, library};
use crate::evidence::{Evidence, Statement};
use crate::paste::{Input, Paste};

/// Between two words of a phrase stand at most so many others.
const BETWEEN: usize = 3;

/// What a message tells holds for so many lines before and behind it: a program's own words around it say less.
const AROUND: usize = 12;

/// A line of so many words at most may be a statement by itself, whoever wrote it.
const SHORT: usize = 12;

/// One of these stands in every line that a phrase is about.
pub(super) const SUBJECTS: [&str; 38] = [
    "cert",
    "tls",
    "ssl",
    "handshake",
    "hostname",
    "host name",
    "issuer",
    "cipher",
    "https",
    "private key",
    "trust",
    "root",
    " ca ",
    "unknown ca",
    "revocation",
    "encrypt",
    "protocol",
    "record mac",
    "key pair",
    "common name",
    "name mismatch",
    "identity",
    "secure ",
    "public key",
    "close_notify",
    "record ",
    "crl",
    "pem ",
    "dhparam",
    "dh param",
    "key file",
    "curve",
    ".pem",
    ".crt",
    ".key",
    ".p12",
    ".pfx",
    ".jks",
];

/// What makes no statement of a statement: a condition, a question, advice.
const HEDGES: [&str; 21] = [
    "if",
    "whether",
    "unless",
    "should",
    "must",
    "may",
    "might",
    "would",
    "until",
    "how",
    "why",
    "what",
    "which",
    "successfully",
    "succeeded",
    "ok",
    "example",
    "checking",
    "ignore",
    "ignoring",
    "suppress",
];

/// Files of certificates and keys, by how their names end, and the word that stands for each in a phrase.
const FILES: [(&str, &str); 12] = [
    (".pem", "*.pem"),
    (".crt", "*.pem"),
    (".cer", "*.pem"),
    (".cert", "*.pem"),
    (".der", "*.pem"),
    (".crl", "*.pem"),
    (".key", "*.key"),
    (".pkey", "*.key"),
    (".p12", "*.p12"),
    (".pfx", "*.p12"),
    (".jks", "*.p12"),
    (".keystore", "*.p12"),
];

/// How many words at the beginning of a line tell that it is about a change.
const BEGINNING: usize = 6;

/// What turns the next words into their opposite.
const NEGATIONS: [&str; 7] = ["not", "no", "never", "without", "non", "nor", "neither"];

/// A word of a line, in small letters.
struct Word {
    text: String,
    at: Range<usize>,
}

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    let mut told: HashMap<usize, HashSet<usize>> = HashMap::new();
    for seen in evidence.iter().filter(|seen| seen.states.iter().any(tells)) {
        let lines =
            seen.span.line.saturating_sub(AROUND)..=seen.span.end_line.min(seen.span.line + MANY) + AROUND;
        told.entry(seen.input).or_default().extend(lines);
    }
    let mut found: Vec<Evidence> = Vec::new();
    for (id, artifact) in artifacts.iter().enumerate() {
        let anywhere = match artifact.data {
            Data::Log | Data::Transcript | Data::Trace(_) | Data::DotnetTrace(_) => true,
            Data::Prose => false,
            _ => continue,
        };
        let Some(input) = paste.inputs.get(artifact.input) else { continue };
        let known = told.get(&artifact.input);
        in_artifact(id, artifact, input, anywhere, known, &mut found);
    }
    evidence.append(&mut found);
}

fn in_artifact(
    id: usize,
    artifact: &Artifact,
    input: &Input,
    anywhere: bool,
    told: Option<&HashSet<usize>>,
    evidence: &mut Vec<Evidence>,
) {
    let mut often: HashMap<*const Message, usize> = HashMap::new();
    let marks = Marks::of(input);
    for line in input.lines(artifact.span).filter(|line| marks.any(Mark::Subject, &line.range())) {
        if told.is_some_and(|told| told.contains(&line.number)) {
            continue;
        }
        let text = line.beginning();
        for (place, message) in statements(text, anywhere) {
            let count = often.entry(message).or_default();
            *count += 1;
            if *count <= MANY {
                evidence.push(Evidence::new(id, artifact.input, line.span_at(place), states(message)));
            }
        }
    }
}

/// The messages whose phrases a text has.
pub(super) fn messages_in(text: &str) -> Vec<&'static Message> {
    text.lines().flat_map(|line| statements(line, true)).map(|(_, message)| message).collect()
}

/// A symptom with a class; one without only says that it failed.
fn tells(state: &Statement) -> bool {
    let vocabulary = &library().vocabulary;
    vocabulary.fact(state.key).is_some_and(|fact| fact.symptom)
        && vocabulary.value(state.key, &state.value).is_none_or(|value| value.class.is_some())
}

fn states(message: &'static Message) -> Vec<Statement> {
    let said = message.says.iter().map(|(key, value)| Statement::new(key.as_str(), value.as_str()));
    said.chain(printed_by(message.program())).collect()
}

/// What a line states, and where. In a line that a program need not have printed, only what it mostly consists of.
fn statements(line: &str, anywhere: bool) -> Vec<(Range<usize>, &'static Message)> {
    let clauses = clauses(line);
    let whole: usize = clauses.iter().map(Vec::len).sum();
    let is = |word: &Word, of: &[&str]| of.contains(&word.text.as_str());
    if line.trim_end().ends_with('?')
        || clauses.iter().flatten().take(BEGINNING).any(|word| is(word, &CHANGES))
    {
        return Vec::new();
    }
    let mut stated = Vec::new();
    for clause in &clauses {
        if clause.iter().any(|word| is(word, &HEDGES)) {
            continue;
        }
        if !anywhere && (whole > SHORT || clause.len() * 2 < whole) {
            continue;
        }
        if let Some((words, message)) = in_clause(clause)
            && let (Some(first), Some(last)) = (clause.get(words.start), clause.get(words.end - 1))
        {
            stated.push((first.at.start..last.at.end, message));
        }
    }
    stated
}

/// The phrase of a clause; of several the one that has the most words.
fn in_clause(clause: &[Word]) -> Option<(Range<usize>, &'static Message)> {
    let phrases = phrases();
    let found = (0..clause.len()).flat_map(|at| {
        let word = clause.get(at).map(|word| word.text.as_str()).unwrap_or_default();
        let own = phrases.get(word).into_iter().flatten();
        own.filter_map(move |(phrase, message)| {
            Some((fits(clause, at, phrase)?, phrase.words.len(), *message))
        })
    });
    let best = found.reduce(|best, other| if other.1 > best.1 { other } else { best })?;
    Some((best.0, best.2))
}

/// The phrases, by the words they may begin with.
fn phrases() -> &'static HashMap<&'static str, Vec<(&'static Phrase, &'static Message)>> {
    static PHRASES: OnceLock<HashMap<&'static str, Vec<(&'static Phrase, &'static Message)>>> =
        OnceLock::new();
    PHRASES.get_or_init(|| {
        let mut phrases: HashMap<&str, Vec<_>> = HashMap::new();
        for message in library().catalogue.phrased() {
            for phrase in &message.phrases {
                for word in phrase.words.first().into_iter().flatten() {
                    phrases.entry(word.as_str()).or_default().push((phrase, message));
                }
            }
        }
        phrases
    })
}

/// Whether a phrase begins at this word of a clause, and where it ends.
fn fits(clause: &[Word], start: usize, phrase: &Phrase) -> Option<Range<usize>> {
    let negated = |words: Option<&[Word]>| {
        words.is_some_and(|words| words.iter().any(|word| NEGATIONS.contains(&word.text.as_str())))
    };
    if negated(clause.get(start.saturating_sub(1)..start)) {
        return None;
    }
    let mut at = start + 1;
    for wanted in phrase.words.iter().skip(1) {
        if wanted.iter().any(|word| word == Phrase::END) {
            return (at == clause.len()).then_some(start..at);
        }
        let near = clause.get(at..clause.len().min(at + BETWEEN + 1))?;
        let next = near.iter().position(|word| wanted.contains(&word.text))?;
        if negated(near.get(..next)) {
            return None;
        }
        at += next + 1;
    }
    Some(start..at)
}

/// The words of a line, cut where one statement ends and another begins.
fn clauses(line: &str) -> Vec<Vec<Word>> {
    let mut clauses: Vec<Vec<Word>> = vec![Vec::new()];
    // Where in its clause the path of this word begins, and whether a file's name came last.
    let mut path = 0;
    let mut named = false;
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '’' | '.' | '@');
    let mut rest = line;
    while let Some(start) = rest.find(inside) {
        let between = rest.get(..start).unwrap_or_default();
        // A port belongs to the address before it.
        let port = between == ":" && word_before_is_address(clauses.last());
        let ends = !port
            && between.contains(['(', ')', '[', ']', '{', '}', ';', '=', '|', '!', '?', ':', '\u{ff1a}']);
        let word = rest.get(start..).unwrap_or_default();
        let length = word.find(|c| !inside(c)).unwrap_or(word.len());
        let (word, after) = word.split_at_checked(length).unwrap_or((word, ""));
        let from = line.len() - word.len() - after.len();
        let own = word.trim_matches(['.', '\'', '’']);
        let from = from + (word.len() - word.trim_start_matches(['.', '\'', '’']).len());
        let apart = |c: char| c.is_whitespace() || "[](){}<>\"'`=,;:|!?".contains(c);
        let file = file(own);
        // What is said of a file stands before its name or behind it: `/etc/server.key: Permission denied`.
        if ends && !named && file.is_none() {
            clauses.push(Vec::new());
        }
        if between.contains(apart) {
            path = clauses.last().map_or(0, Vec::len);
        }
        named = file.is_some();
        match (file, clauses.last_mut()) {
            (Some(kind), Some(clause)) => {
                clause.truncate(path);
                if clause.is_empty() && clauses.len() > 1 {
                    clauses.pop();
                }
                if let Some(clause) = clauses.last_mut() {
                    clause.push(Word { text: kind.to_owned(), at: from..from + own.len() });
                }
            }
            (_, Some(clause)) => push(clause, own, from),
            (_, None) => {}
        }
        if word.ends_with('.') {
            clauses.push(Vec::new());
            path = 0;
        }
        rest = after;
    }
    clauses.retain(|clause: &Vec<Word>| !clause.is_empty());
    clauses
}

/// `192.0.2.7`, which a port may follow.
fn word_before_is_address(clause: Option<&Vec<Word>>) -> bool {
    clause
        .and_then(|clause| clause.last())
        .is_some_and(|word| word.text.parse::<core::net::Ipv4Addr>().is_ok())
}

/// What a file of this name holds.
fn file(word: &str) -> Option<&'static str> {
    let ends = |end: &str| {
        let from = word.len().checked_sub(end.len()).filter(|from| *from > 0);
        from.and_then(|from| word.get(from..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    FILES.iter().find(|(end, _)| ends(end)).map(|(_, kind)| *kind)
}

/// `doesn't` is `does` and `not`, `server's` is `server`.
fn push(clause: &mut Vec<Word>, word: &str, from: usize) {
    if word.is_empty() {
        return;
    }
    let text = word.to_lowercase().replace('’', "'");
    let at = from..from + word.len();
    // A time that is given, and has not passed: `start TLS handshake with 192.0.2.7 with timeout 10`.
    if text == "timeout" && clause.last().is_some_and(|before| before.text == "with") {
        return;
    }
    let mut add = |text: &str| clause.push(Word { text: text.to_owned(), at: at.clone() });
    match text.as_str() {
        "cannot" | "can't" => {
            add("can");
            add("not");
        }
        // As settings and programs in Python call them.
        "certfile" | "ssl_certfile" | "cert_file" => {
            add("certificate");
            add("file");
        }
        "keyfile" | "ssl_keyfile" | "key_file" => {
            add("key");
            add("file");
        }
        "ca_file" => add("cafile"),
        other => match (other.strip_suffix("n't"), other.strip_suffix("'s")) {
            (Some(verb), _) => {
                add(verb);
                add("not");
            }
            (_, Some(owner)) => add(owner),
            _ => add(other),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(line: &str) -> Vec<&'static str> {
        let said = statements(line, true).into_iter().flat_map(|(_, message)| &message.says);
        said.filter(|(key, _)| key == "error").map(|(_, value)| value.as_str()).collect()
    }

    #[test]
    fn every_phrase_is_found_in_its_own_words() {
        for message in library().catalogue.phrased() {
            for phrase in &message.phrases {
                let words: Vec<&str> =
                    phrase.words.iter().filter_map(|group| group.first()).map(String::as_str).collect();
                let words: Vec<&str> = words.into_iter().filter(|word| *word != Phrase::END).collect();
                let line = format!("mytool: {}", words.join(" ").replace("*.", "server."));
                let found = statements(&line, true);
                let same = found.iter().any(|(_, found)| found.says == message.says);
                assert!(same, "{}: {line:?}", message.file);
            }
        }
    }

    #[test]
    fn reads_statements_in_any_words() {
        assert_eq!(says("mytool: the server's certificate expired 3 days ago"), ["expired"]);
        for line in [
            "mytool: cannot find certificate file: /etc/ssl/private/missing.pem (1)",
            "[2026/11/29 21:58:08:5531] E: problem getting cert '/etc/ssl/private/missing.pem' 2: error",
            "mytool: [ERROR] Sorry, but that file doesn't exist: [/etc/pure-ftpd/both.pem]",
        ] {
            assert_eq!(says(line), ["misconfigured"], "{line}");
        }
        assert_eq!(says("mytool: /etc/mail/server.key: Group readable file"), ["key-unreadable"]);
        assert_eq!(says("login failed (certificate doesn't match the hostname)"), ["name-mismatch"]);
        assert_eq!(
            says("could not verify certificate: issuer is unknown"),
            ["certificate-refused", "no-issuer"]
        );
    }

    #[test]
    fn takes_no_condition_or_advice_for_a_statement() {
        assert!(says("mytool: warn if the certificate has expired").is_empty());
        assert!(says("mytool: certificate not expired").is_empty());
        assert!(says("1.2.0: fixed: certificate expired was logged twice").is_empty());
        assert!(says("has the certificate expired?").is_empty());
        assert!(says("mytool: start TLS handshake with 192.0.2.7 with timeout 10").is_empty());
        assert!(
            statements("I think that the certificate expired last week, but nobody told me so far", false)
                .is_empty()
        );
    }
}
