//! Reads what programs say in words of their own: `the server's certificate has expired 3 days ago`.
//!
//! In:  lines that a program printed, and no message close to them; the phrases of `content/messages/`.
//! Out: one piece of evidence for each statement that has a phrase's words, in their order.
//! Not here: what people write. They ask whether a certificate has expired, and tell how to renew it.

mod grammar;
mod words;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use grammar::Grammar;
use words::{Word, clauses};

use super::marks::{Mark, Marks};
use super::messages::printed_by;
use super::prose::CHANGES;
use super::{Artifact, Data, MANY};
use crate::content::{Message, library};
use crate::evidence::{Evidence, Statement};
use crate::paste::{Input, Paste};

/// What a message tells holds for so many lines before and behind it: a program's own words around it say less.
const AROUND: usize = 12;

/// The classes of symptoms that tell how a connection ended, and not why.
const ENDINGS: [&str; 2] = ["closed", "eof"];

/// What is wrong with what a program was given.
const LOCAL: [&str; 5] = ["misconfigured", "key-unreadable", "key-mismatch", "key-format", "no-trust-store"];

/// And what it was given.
const FILES_OF_OURS: [&str; 4] = ["cert", "key", "x509", "crl"];

/// A line of so many words at most may be a statement by itself, whoever wrote it.
const SHORT: usize = 12;

/// One of these stands in every line that a phrase is about.
pub(super) const SUBJECTS: [&str; 47] = [
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
    "-ca ",
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
    " pem",
    "dhparam",
    "dh param",
    "diffie",
    "key file",
    "keyfile",
    "keystore",
    "pkcs12",
    "x509",
    "server key",
    "client key",
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

/// So many words at most may stand before a statement that a program printed: a time, a host, a name, a level.
const PREFIX: usize = 20;

/// What has keys, and files of them, of other kinds.
const OTHER_KEYS: [&str; 14] = [
    "ssh",
    "sshd",
    "sftp",
    "ssh2",
    "gpg",
    "pgp",
    "openpgp",
    "dnssec",
    "dkim",
    "tsig",
    "wireguard",
    "license",
    "registry",
    "jwt",
];

/// How many words at the beginning of a line tell that it is about a change.
const BEGINNING: usize = 6;

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    let mut told: HashMap<usize, Told> = HashMap::new();
    for seen in evidence.iter().filter(|seen| seen.states.iter().any(|state| class(state).is_some())) {
        let from = seen.span.line.saturating_sub(AROUND);
        let lines = from..=seen.span.end_line.min(seen.span.line + MANY) + AROUND;
        let told = told.entry(seen.input).or_default();
        if seen.states.iter().filter_map(class).any(|class| !ENDINGS.contains(&class)) {
            told.reasons.extend(lines.clone());
        }
        told.all.extend(lines);
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
    told: Option<&Told>,
    evidence: &mut Vec<Evidence>,
) {
    let mut often: HashMap<*const Message, usize> = HashMap::new();
    let marks = Marks::of(input);
    for line in input.lines(artifact.span).filter(|line| marks.any(Mark::Subject, &line.range())) {
        if told.is_some_and(|told| told.reasons.contains(&line.number)) {
            continue;
        }
        let ended = told.is_some_and(|told| told.all.contains(&line.number));
        let text = line.beginning();
        for (place, message) in statements(text, anywhere) {
            if ended && !is_local(message, text.get(place.clone()).unwrap_or_default()) {
                continue;
            }
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

/// Lines close to what messages tell.
#[derive(Default)]
struct Told {
    all: HashSet<usize>,
    /// Those close to more than that a connection ended.
    reasons: HashSet<usize>,
}

/// The class of a symptom; one without a class only says that it failed.
fn class(state: &Statement) -> Option<&'static str> {
    let vocabulary = &library().vocabulary;
    vocabulary.fact(state.key).filter(|fact| fact.symptom)?;
    match vocabulary.value(state.key, &state.value) {
        Some(value) => value.class.as_deref(),
        None => Some(""),
    }
}

/// Whether a statement is about a file that this program itself was given, which ends connections, and no end tells.
fn is_local(message: &Message, said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    FILES_OF_OURS.iter().any(|file| said.contains(file))
        && message.says.iter().any(|(key, value)| key == "error" && LOCAL.contains(&value.as_str()))
}

fn states(message: &'static Message) -> Vec<Statement> {
    let said = message.says.iter().map(|(key, value)| Statement::new(key.as_str(), value.as_str()));
    said.chain(printed_by(message.program())).collect()
}

/// What a line states, and where. In a line that a program need not have printed, only what it mostly consists of.
fn statements(line: &str, anywhere: bool) -> Vec<(Range<usize>, &'static Message)> {
    let clauses = clauses(line);
    if line.trim_end().ends_with('?') || tells_of_change(&clauses) || is_of_other_keys(&clauses) {
        return Vec::new();
    }
    let grammar = Grammar::get();
    let mut stated = Vec::new();
    for (at, clause) in clauses.iter().enumerate() {
        if let Some(fit) = grammar.best(clause)
            && !is_hedged(clause, anywhere.then_some(&fit.words))
            && (anywhere || stands_alone(line, &clauses, at, fit.words.start))
            && let (Some(first), Some(last)) = (clause.get(fit.words.start), clause.get(fit.words.end - 1))
        {
            stated.push((first.at.start..last.at.end, fit));
        }
    }
    // Where the reason stands, what it kept from happening says nothing more.
    if stated.iter().any(|(_, fit)| !fit.is_vague()) {
        stated.retain(|(_, fit)| !fit.is_vague());
    }
    stated.into_iter().map(|(place, fit)| (place, fit.message)).collect()
}

/// Whether a statement is none: a condition, a question, advice. What a program demands as it fails is none of these:
/// `you must specify a certificate`.
fn is_hedged(clause: &[Word], fit: Option<&Range<usize>>) -> bool {
    let failed =
        |words: &[Word]| words.iter().any(|word| word.is(&["error", "failed", "failure", "problem"]));
    clause.iter().enumerate().any(|(at, word)| {
        let checked = word.text == "checking" && clause.get(..at).is_some_and(failed);
        let demanded = word.text == "must" && fit.is_some_and(|words| words.contains(&at));
        word.is(&HEDGES) && !checked && !demanded
    })
}

/// Whether a line is about a change that was made: `1.2.0: fixed: certificate expired was logged twice`.
fn tells_of_change(clauses: &[Vec<Word>]) -> bool {
    let mut before = 0;
    clauses.iter().any(|clause| {
        let near = if before < BEGINNING { clause.get(..clause.len().min(2)) } else { None };
        before += clause.len();
        match near.unwrap_or_default() {
            [first, _] if first.is(&["failed", "failure", "unable", "to", "not", "error", "problem"]) => {
                false
            }
            words => words.iter().any(|word| word.is(&CHANGES)),
        }
    })
}

/// Whether a line is about keys that have nothing to do with TLS.
fn is_of_other_keys(clauses: &[Vec<Word>]) -> bool {
    let has = |of: &[&str]| clauses.iter().flatten().any(|word| word.is(of));
    has(&OTHER_KEYS)
        && !has(&["tls", "ssl", "https", "certificate", "cert", "certificates", "*.pem", "*.p12"])
}

/// Whether a line mostly consists of one of its statements, so that it is no sentence of a longer text. What programs
/// put before it, which ends with a mark, does not count, nor what they put behind one that begins with its failure.
fn stands_alone(line: &str, clauses: &[Vec<Word>], at: usize, begins: usize) -> bool {
    let count = |clauses: &[Vec<Word>]| -> usize { clauses.iter().map(Vec::len).sum() };
    let Some((before, own)) = clauses.split_at_checked(at) else { return false };
    let Some((clause, behind)) = own.split_first() else { return false };
    let (Some(first), Some(last)) = (clause.first(), clause.last()) else { return false };
    let marks = [' ', '\t', '"', '\'', '`'];
    let prefix = line.get(..first.at.start).unwrap_or_default().trim_end_matches(marks);
    let printed = prefix.is_empty()
        || prefix.ends_with([':', ']', '|', '>', ')'])
            && count(before) <= PREFIX
            && !before.iter().any(|clause| is_hedged(clause, None));
    // Behind a file's name, which may stand in it, its reason goes on in the same words.
    let file = clause.iter().position(|word| word.text.starts_with("*."));
    let (length, last) = match file.and_then(|at| Some((at + 1, clause.get(at)?))) {
        Some((length, file)) if length < clause.len() => (length, file),
        _ => (clause.len(), last),
    };
    let reason = line.get(last.at.end..).unwrap_or_default().trim_start_matches(marks);
    if printed && begins == 0 && length <= SHORT && reason.starts_with([':', '(', '[', '-']) {
        return !behind.iter().any(|clause| is_hedged(clause, None));
    }
    let whole = count(if printed { own } else { clauses });
    whole <= SHORT && clause.len() * 2 >= whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Phrase;

    fn says(line: &str) -> Vec<&'static str> {
        let said = statements(line, true).into_iter().flat_map(|(_, message)| &message.says);
        said.filter(|(key, _)| key == "error").map(|(_, value)| value.as_str()).collect()
    }

    #[test]
    fn every_phrase_is_found_in_its_own_words() {
        let mut missed = Vec::new();
        for message in library().catalogue.phrased() {
            for phrase in &message.phrases {
                let groups = library().catalogue.groups();
                let words = phrase.words.iter().filter_map(|group| groups.words(*group).next());
                let words = words.filter(|word| *word != Phrase::END).map(|word| match word {
                    "()ca" => "SSL_CTX_load_verify_locations",
                    "()cert" => "SSL_CTX_use_certificate_file",
                    "()crl" => "X509_load_crl_file",
                    "()handshake" => "SSL_do_handshake",
                    "()host" => "X509_check_host",
                    "()key" => "SSL_CTX_use_PrivateKey_file",
                    "()pair" => "SSL_CTX_check_private_key",
                    "()set" => "SSL_CTX_set_cipher_list",
                    "()verify" => "SSL_get_verify_result",
                    other => other,
                });
                let line = words.collect::<Vec<_>>().join(" ").replace("*.", "server.");
                let line = format!("mytool: {line}");
                let found = statements(&line, true);
                if !found.iter().any(|(_, found)| found.says == message.says) {
                    missed.push(format!("{}: {line:?}, {:?}", message.file, says(&line)));
                }
            }
        }
        assert!(missed.is_empty(), "{}", missed.join("\n"));
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
        for (line, error) in [
            ("error: failed to install DH parameters", "misconfigured"),
            ("SSL_CTX_set_cipher_list(ctx, \"FOO\") failed", "misconfigured"),
            ("SSL_CTX_use_certificate_file: error:80000002:x", "misconfigured"),
            ("could not frobnicate certificate chain file", "misconfigured"),
            ("unable to initialise https listener context", "misconfigured"),
            ("wolfSSL_CTX_use_PrivateKey_file failed (rc=-4)", "key-unreadable"),
            ("DTLS CA cert load failed", "no-trust-store"),
            ("cannot use trusted CAs", "no-trust-store"),
            ("Error: X509_STORE_load_locations", "no-trust-store"),
            ("an error occurred while trying to load the server certificate file", "misconfigured"),
            ("private key check failed", "key-mismatch"),
            ("gnutls_handshake() failed", "handshake-failed"),
        ] {
            assert_eq!(says(line), [error], "{line}");
        }
        // What was done with a certificate, a vague phrase does not know.
        for line in
            ["Error creating new cert", "could not renew certificate", "Failed to fetch https://a/b.pem"]
        {
            assert_eq!(says(line), [""; 0], "{line}");
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
        assert!(says("sshd: failed to load private key").is_empty());
        let alone = |line| !statements(line, false).is_empty();
        assert!(alone(
            "29-Nov 21:03 mytool JobId 0: Fatal error: Unable to load DH parameters from that file"
        ));
        assert!(alone(
            "Failed to load private key '/etc/a/key.pem': and here stands more than any line of so many words has otherwise"
        ));
        assert!(!alone(
            "Yesterday it failed to load the private key that I had made, and today it works again"
        ));
        assert!(
            statements("I think that the certificate expired last week, but nobody told me so far", false)
                .is_empty()
        );
    }
}
