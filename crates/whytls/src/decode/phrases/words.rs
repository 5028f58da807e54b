//! Cuts a line into statements, and each into words.
//!
//! In:  a line.
//! Out: its words in small letters, cut where one statement ends and another begins. A file of certificates and a
//!      call of a TLS library are words of their own.
//! Not here: what the words mean together.

use std::borrow::Cow;
use std::ops::Range;

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

/// Calls of TLS libraries, by a part of their name, and the word that stands for each in a phrase.
const CALLS: [(&str, &str); 54] = [
    ("check_private_key", "()pair"),
    ("load_crl", "()crl"),
    ("x509_crl", "()crl"),
    ("crl_file", "()crl"),
    ("load_verify", "()ca"),
    ("x509_trust", "()ca"),
    ("system_trust", "()ca"),
    ("store_load", "()ca"),
    ("store_set_default", "()ca"),
    ("load_client_ca", "()ca"),
    ("default_verify", "()ca"),
    ("set_ca_file", "()ca"),
    ("set_ca_path", "()ca"),
    ("load_cert_file", "()ca"),
    ("use_certificate", "()cert"),
    ("crt_parse", "()cert"),
    ("x509_key_file", "()cert"),
    ("set_cert_file", "()cert"),
    ("set_keypair_file", "()cert"),
    ("pem_read_x509", "()cert"),
    ("bio_x509", "()cert"),
    ("load_cert_chain", "()cert"),
    ("findcertfromnickname", "()cert"),
    ("use_privatekey", "()key"),
    ("use_rsaprivatekey", "()key"),
    ("use_private_key", "()key"),
    ("parse_keyfile", "()key"),
    ("read_privatekey", "()key"),
    ("bio_privatekey", "()key"),
    ("set_key_file", "()key"),
    ("findkeybyanycert", "()key"),
    ("dhparam", "()set"),
    ("tmp_dh", "()set"),
    ("tmp_ecdh", "()set"),
    ("cipher_list", "()set"),
    ("set_ciphersuites", "()set"),
    ("proto_version", "()set"),
    ("priority_init", "()set"),
    ("priority_set", "()set"),
    ("set1_groups", "()set"),
    ("set1_curves", "()set"),
    ("ssl_conf_", "()set"),
    ("ssl_config_defaults", "()set"),
    ("ssl_setup", "()set"),
    ("_server_method", "()set"),
    ("_client_method", "()set"),
    ("verify_peers", "()verify"),
    ("get_verify_result", "()verify"),
    ("x509_check_host", "()host"),
    ("check_hostname", "()host"),
    ("do_handshake", "()handshake"),
    ("ssl_handshake", "()handshake"),
    ("gnutls_handshake", "()handshake"),
    ("forcehandshake", "()handshake"),
];

/// Those whose name ends so.
const WHOLE_CALLS: [(&str, &str); 4] = [
    ("ssl_accept", "()handshake"),
    ("ssl_connect", "()handshake"),
    ("ssl_new", "()set"),
    ("ssl_ctx_new", "()set"),
];

/// Parts of the names that settings and options have, such as `tls_cert_file`: they are read as words.
const PARTS: [&str; 15] = [
    "tls",
    "ssl",
    "https",
    "cert",
    "certificate",
    "key",
    "ca",
    "cacert",
    "cafile",
    "capath",
    "crl",
    "dh",
    "dhparam",
    "cipher",
    "ciphers",
];

/// What such a name ends with; without that it is a constant, or a name in code.
const ENDS: [&str; 16] = [
    "file",
    "path",
    "dir",
    "cert",
    "certs",
    "certificate",
    "key",
    "keys",
    "ca",
    "chain",
    "list",
    "ciphers",
    "bundle",
    "crl",
    "password",
    "passphrase",
];

/// What none of them has.
const ERRORS: [&str; 9] = ["invalid", "bad", "unknown", "error", "err", "no", "not", "missing", "wrong"];

/// So far the arguments of a call may reach.
const ARGUMENTS: usize = 400;

/// A word of a line, in small letters.
pub(super) struct Word {
    pub text: Cow<'static, str>,
    pub at: Range<usize>,
}

impl Word {
    pub(super) fn is(&self, of: &[&str]) -> bool {
        of.contains(&self.text.as_ref())
    }
}

/// The words of a line, cut where one statement ends and another begins.
pub(super) fn clauses(line: &str) -> Vec<Vec<Word>> {
    let mut clauses: Vec<Vec<Word>> = vec![Vec::new()];
    // Where in its clause the path of this word begins, and whether a file's name or a call came last.
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
        // An address says where, not what.
        if after.starts_with("://") {
            let end = after.find(|c: char| c.is_whitespace() || "\"'`<>)],;".contains(c));
            let (address, _) = after.split_at_checked(end.unwrap_or(after.len())).unwrap_or_default();
            rest = after.get(address.trim_end_matches([':', '.']).len()..).unwrap_or_default();
            continue;
        }
        let from = line.len() - word.len() - after.len();
        let own = word.trim_matches(['.', '\'', '’']);
        let from = from + (word.len() - word.trim_start_matches(['.', '\'', '’']).len());
        let apart = |c: char| c.is_whitespace() || "[](){}<>\"'`=,;:|!?".contains(c);
        let (file, call) = (file(own), call(own));
        // What is said of a file or a call stands before its name or behind it: `/etc/server.key: Permission denied`.
        let joins =
            file.is_some() || call.is_some() && !between.contains(['(', ')', '[', ']', '{', '}', ';', '=']);
        if ends && !named && !joins {
            clauses.push(Vec::new());
        }
        if between.contains(apart) {
            path = clauses.last().map_or(0, Vec::len);
        }
        named = file.is_some() || call.is_some();
        match (file.or(call), clauses.last_mut()) {
            (Some(kind), Some(clause)) => {
                clause.truncate(path);
                if clause.is_empty() && clauses.len() > 1 && file.is_some() {
                    clauses.pop();
                }
                if let Some(clause) = clauses.last_mut() {
                    clause.push(Word { text: kind.into(), at: from..from + own.len() });
                }
            }
            (_, Some(_)) if is_level(own, after) => {}
            (_, Some(clause)) => push(clause, own, from),
            (_, None) => {}
        }
        if word.ends_with('.') {
            clauses.push(Vec::new());
            path = 0;
        }
        rest = if call.is_some() { behind_arguments(after) } else { after };
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

/// Whether a word is how bad a logger takes its line to be, which says nothing of the line itself: a program's healthy
/// words on its standard error are logged as errors, too. `ERROR loading`, `ERROR in` are the program's own.
fn is_level(word: &str, after: &str) -> bool {
    if !matches!(word, "ERROR" | "FATAL" | "CRITICAL") {
        return false;
    }
    let rest = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    let next =
        rest.get(..rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())).unwrap_or_default();
    let own = ["while", "when", "during", "in", "at", "on", "of", "for", "from", "to", "with"];
    !next.ends_with("ing") && !own.contains(&next)
}

/// What a file of this name holds.
fn file(word: &str) -> Option<&'static str> {
    let ends = |end: &str| {
        let from = word.len().checked_sub(end.len()).filter(|from| *from > 0);
        from.and_then(|from| word.get(from..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    FILES.iter().find(|(end, _)| ends(end)).map(|(_, kind)| *kind)
}

/// What a call of this name does.
fn call(word: &str) -> Option<&'static str> {
    if !word.contains('_') {
        return None;
    }
    let name = word.to_ascii_lowercase();
    if name.ends_with("error") {
        return None;
    }
    let whole = WHOLE_CALLS.iter().find(|(end, _)| name.ends_with(end));
    if let Some((_, kind)) = whole {
        return Some(kind);
    }
    CALLS.iter().find(|(part, _)| name.contains(part)).map(|(_, kind)| *kind)
}

/// Whether a word is the name of a setting or an option that concerns TLS.
fn is_setting(word: &str) -> bool {
    let has = |of: &[&str]| word.split('_').any(|part| of.contains(&part));
    word.rsplit_once('_').is_some_and(|(_, last)| ENDS.contains(&last)) && has(&PARTS) && !has(&ERRORS)
}

/// What follows the arguments of a call: `(ctx, "server.pem") failed`.
fn behind_arguments(text: &str) -> &str {
    if !text.starts_with('(') {
        return text;
    }
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().take(ARGUMENTS) {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    text
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
    let mut add = |text: Cow<'static, str>| clause.push(Word { text, at: at.clone() });
    match text.as_str() {
        "cannot" | "can't" => {
            add("can".into());
            add("not".into());
        }
        // As settings and programs in Python call them.
        "certfile" | "certificatefile" | "certfilename" | "certpath" => {
            add("certificate".into());
            add("file".into());
        }
        "keyfile" | "privatekeyfile" | "keyfilename" | "keypath" => {
            add("key".into());
            add("file".into());
        }
        "ca_file" => add("cafile".into()),
        "ca_path" => add("capath".into()),
        "close_notify" => add(text.into()),
        other => match (other.strip_suffix("n't"), other.strip_suffix("'s")) {
            (Some(verb), _) => {
                add(verb.to_owned().into());
                add("not".into());
            }
            (_, Some(owner)) => add(owner.to_owned().into()),
            _ if is_setting(other) => {
                other.split('_').filter(|part| !part.is_empty()).for_each(|part| add(part.to_owned().into()));
            }
            _ => add(text.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        let words =
            |clause: &Vec<Word>| clause.iter().map(|word| word.text.as_ref()).collect::<Vec<_>>().join(" ");
        clauses(line).iter().map(words).collect()
    }

    #[test]
    fn takes_files_calls_and_settings_for_words() {
        assert_eq!(words("a: can't read '/etc/a/b.pem': no"), ["a", "can not read *.pem no"]);
        assert_eq!(
            words("wolfSSL_CTX_load_verify_locations(CAfile=a, CApath=(null)) failed: x"),
            ["()ca failed", "x"]
        );
        assert_eq!(words("SSL_CTX_use_certificate_file: error: x"), ["()cert error", "x"]);
        assert_eq!(words("what(): SSL_new failed"), ["what", "()set failed"]);
        assert_eq!(words("no tls_cert_file. x_y"), ["no tls cert file", "x_y"]);
        assert_eq!(words("INVALID_CERT_FILE in https://a/b.pem: x"), ["invalid_cert_file in", "x"]);
        assert_eq!(words("SSL_CTX_new(a"), ["()set a"]);
    }

    #[test]
    fn how_bad_a_logger_takes_a_line_is_no_word_of_it() {
        assert_eq!(
            words("12:00 - app - ERROR - Loaded CA certificate"),
            ["12", "00 app loaded ca certificate"]
        );
        assert_eq!(words("ERROR loading CA certificate"), ["error loading ca certificate"]);
        assert_eq!(words("TLS ERROR in handshake"), ["tls error in handshake"]);
        assert_eq!(words("error certificate"), ["error certificate"]);
    }
}
