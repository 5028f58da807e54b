//! Masks what must never be shown again: private keys, passwords, tokens, session secrets.
//!
//! In:  the text of an input.
//! Out: the same text with every byte of a secret replaced by `*`, and where that was.
//! Not here: names and addresses. They are no secrets; whether to show them is the user's choice.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::OnceLock;

use serde::Serialize;

use crate::finder::Finder;

/// A secret that was in the paste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// What it was.
    pub kind: SecretKind,
    /// Where, in bytes.
    pub range: Range<usize>,
}

/// What kind of secret it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// The body of a private key.
    PrivateKey,
    /// A password, also inside a URL or a connection string.
    Password,
    /// A token, an API key, an Authorization header.
    Token,
    /// The secrets of a TLS session: a key log, `Master-Key:`.
    SessionSecret,
}

/// How the secret stands behind its mark.
#[derive(Clone, Copy)]
enum Form {
    /// Everything up to the END line, or to the end of base64.
    KeyBody,
    /// `mark = value`, `"mark": "value"`, `mark: value`.
    Assigned,
    /// The next word.
    Word,
    /// The rest of the line.
    Line,
    /// `//user:secret@host`.
    Userinfo,
    /// `NetworkCredential("user", "secret")`.
    SecondArgument,
    /// The mark is the beginning of the secret.
    Itself,
    /// Lines of hex digits and colons, or of base64: a key's numbers as OpenSSL and PuTTY print them.
    Numbers,
    /// A long value of base64, in quotes or between tags: a number of a key in JSON or XML.
    Long,
}

const MARKS: &[(&str, SecretKind, Form)] = &[
    ("private key-----", SecretKind::PrivateKey, Form::KeyBody),
    ("password", SecretKind::Password, Form::Assigned),
    ("passwd", SecretKind::Password, Form::Assigned),
    ("passphrase", SecretKind::Password, Form::Assigned),
    ("pwd", SecretKind::Password, Form::Assigned),
    ("密码", SecretKind::Password, Form::Assigned),
    ("networkcredential", SecretKind::Password, Form::SecondArgument),
    ("://", SecretKind::Password, Form::Userinfo),
    ("secret", SecretKind::Token, Form::Assigned),
    ("token", SecretKind::Token, Form::Assigned),
    ("api_key", SecretKind::Token, Form::Assigned),
    ("apikey", SecretKind::Token, Form::Assigned),
    ("api-key", SecretKind::Token, Form::Assigned),
    ("authorization: basic ", SecretKind::Token, Form::Word),
    ("authorization: bearer ", SecretKind::Token, Form::Word),
    ("auth plain ", SecretKind::Password, Form::Word),
    ("auth login ", SecretKind::Password, Form::Word),
    ("client_random ", SecretKind::SessionSecret, Form::Line),
    ("handshake_traffic_secret ", SecretKind::SessionSecret, Form::Line),
    ("traffic_secret_0 ", SecretKind::SessionSecret, Form::Line),
    ("exporter_secret ", SecretKind::SessionSecret, Form::Line),
    ("master-key:", SecretKind::SessionSecret, Form::Line),
    ("resumption psk:", SecretKind::SessionSecret, Form::Line),
    ("privateexponent:", SecretKind::PrivateKey, Form::Numbers),
    ("prime1:", SecretKind::PrivateKey, Form::Numbers),
    ("prime2:", SecretKind::PrivateKey, Form::Numbers),
    ("exponent1:", SecretKind::PrivateKey, Form::Numbers),
    ("exponent2:", SecretKind::PrivateKey, Form::Numbers),
    ("coefficient:", SecretKind::PrivateKey, Form::Numbers),
    ("priv:", SecretKind::PrivateKey, Form::Numbers),
    ("private-lines:", SecretKind::PrivateKey, Form::Numbers),
    ("<d>", SecretKind::PrivateKey, Form::Long),
    ("<p>", SecretKind::PrivateKey, Form::Long),
    ("<q>", SecretKind::PrivateKey, Form::Long),
    ("<dp>", SecretKind::PrivateKey, Form::Long),
    ("<dq>", SecretKind::PrivateKey, Form::Long),
    ("<inverseq>", SecretKind::PrivateKey, Form::Long),
    ("\"d\"", SecretKind::PrivateKey, Form::Long),
    ("\"p\"", SecretKind::PrivateKey, Form::Long),
    ("\"q\"", SecretKind::PrivateKey, Form::Long),
    ("\"dp\"", SecretKind::PrivateKey, Form::Long),
    ("\"dq\"", SecretKind::PrivateKey, Form::Long),
    ("\"qi\"", SecretKind::PrivateKey, Form::Long),
    ("age-secret-key-1", SecretKind::PrivateKey, Form::Itself),
    ("ghp_", SecretKind::Token, Form::Itself),
    ("github_pat_", SecretKind::Token, Form::Itself),
    ("glpat-", SecretKind::Token, Form::Itself),
    ("xoxb-", SecretKind::Token, Form::Itself),
    ("eyjhbgci", SecretKind::Token, Form::Itself),
];

/// Masks private keys, at these places, and whatever else is secret.
pub(super) fn mask(text: &mut String, keys: &[Range<usize>]) -> Vec<Secret> {
    static FINDER: OnceLock<Finder> = OnceLock::new();
    let finder = FINDER.get_or_init(|| Finder::new(MARKS.iter().map(|(mark, ..)| mark)));
    let mut found = finder.find(text);
    // Of marks that begin at one place the longest counts.
    found.sort_unstable_by_key(|(_, start, end)| (*start, Reverse(*end)));
    let mut secrets: Vec<Secret> = Vec::new();
    let mut keys = keys.iter().filter(|range| !range.is_empty()).cloned().peekable();
    let key = |range| Secret { kind: SecretKind::PrivateKey, range };
    let mut done = 0;
    for (mark, start, end) in found {
        if start < done {
            continue;
        }
        done = end;
        while let Some(range) = keys.next_if(|range| range.start < end) {
            // What was masked for another reason reaches into the key: the key counts.
            secrets.retain(|before| before.range.end <= range.start);
            secrets.push(key(range));
        }
        let Some((_, kind, form)) = MARKS.get(mark) else { continue };
        if secrets.last().is_some_and(|before| before.range.end > start) {
            continue;
        }
        if let Some(range) = range(text, start..end, *form).filter(|range| !range.is_empty()) {
            secrets.push(Secret { kind: *kind, range });
        }
    }
    for range in keys {
        secrets.retain(|before| before.range.end <= range.start);
        secrets.push(key(range));
    }
    if !secrets.is_empty() {
        let mut masked = String::with_capacity(text.len());
        let mut kept = 0;
        for secret in &secrets {
            masked.push_str(text.get(kept..secret.range.start).unwrap_or_default());
            // Line ends stay, so that lines are still counted right.
            let hidden = text.get(secret.range.clone()).unwrap_or_default();
            masked.extend(
                hidden.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { '*' }),
            );
            kept = secret.range.end;
        }
        masked.push_str(text.get(kept..).unwrap_or_default());
        *text = masked;
    }
    secrets
}

/// A private key is not longer than this, a line with another secret not than that: what is
/// looked at for one mark stays bounded, whatever the input is.
const FAR: usize = 64 * 1024;
const NEAR: usize = 4 * 1024;

fn window(text: &str, start: usize, len: usize) -> &str {
    let end = text.floor_char_boundary(start.saturating_add(len));
    text.get(start..end).unwrap_or_default()
}

fn range(text: &str, mark: Range<usize>, form: Form) -> Option<Range<usize>> {
    let rest = window(text, mark.end, FAR);
    let line = window(rest, 0, NEAR).split(['\n', '\r']).next().unwrap_or_default();
    let at = |offset: usize, len: usize| Some(mark.end + offset..mark.end + offset + len);
    match form {
        Form::KeyBody => {
            // The END line has the mark as well; there is nothing to hide behind it.
            let label =
                text.as_bytes().get(mark.start.saturating_sub("-----END ENCRYPTED ".len())..mark.start)?;
            if label.windows(4).any(|word| word == b"-END") {
                return None;
            }
            let end = rest.find("-----END").unwrap_or_else(|| {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+/=\\-:,. \t\r\n>|\"'".contains(c)))
                    .unwrap_or(rest.len())
            });
            at(0, end)
        }
        Form::Assigned => {
            let after_mark = line.strip_prefix(['"', '\'']).unwrap_or(line).trim_start_matches([' ', '\t']);
            let value = after_mark.strip_prefix([':', '=', '：'])?;
            let value = value.strip_prefix(['>', '=']).unwrap_or(value).trim_start_matches([' ', '\t']);
            let (quote, value) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => (Some(quote), value.get(1..)?),
                _ => (None, value),
            };
            let end = match quote {
                Some(quote) => value.find(quote).unwrap_or(value.len()),
                None => value
                    .find([' ', '\t', ';', ',', '&', '"', '\'', ')', '}', '，', '。'])
                    .unwrap_or(value.len()),
            };
            let secret = value.get(..end)?;
            at(line.len() - value.len(), if is_secret(secret) { end } else { 0 })
        }
        Form::Word => at(0, line.find(char::is_whitespace).unwrap_or(line.len())),
        Form::Line => at(0, line.len()),
        Form::Userinfo => {
            let authority =
                line.split(['/', ' ', '\t', '"', '\'', '<', '>', '?', '#']).next().unwrap_or_default();
            let (userinfo, _) = authority.rsplit_once('@')?;
            let (user, secret) = userinfo.split_once(':')?;
            at(user.len() + 1, secret.len())
        }
        Form::SecondArgument => {
            let arguments = line.trim_start().strip_prefix('(')?;
            let (_, second) = arguments.split_once(',')?;
            let second = second.trim_start().strip_prefix('"')?;
            at(line.len() - second.len(), second.find('"').unwrap_or(second.len()))
        }
        Form::Numbers => {
            let mut end = 0;
            // `Private-Lines: 8` says how many follow.
            let first = line.trim().bytes().all(|byte| byte.is_ascii_digit());
            for (number, text) in rest.split_inclusive(['\n', '\r']).enumerate() {
                let bare = text.trim();
                let fits = if first && !line.trim().is_empty() {
                    number == 0
                        || bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
                } else {
                    bare.bytes().all(|byte| byte.is_ascii_hexdigit() || b": ".contains(&byte))
                };
                if !fits {
                    break;
                }
                end += text.len();
            }
            let hidden = rest.get(..end)?;
            let digits = hidden.bytes().filter(u8::is_ascii_alphanumeric).count();
            if digits < 16 { None } else { at(0, hidden.trim_end().len()) }
        }
        Form::Long => {
            let value = line.trim_start_matches([' ', ':', '"', '\t']);
            let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "+/=-_".contains(c)));
            let end = end.unwrap_or(value.len());
            if end < 40 { None } else { at(line.len() - value.len(), end) }
        }
        Form::Itself => {
            let end =
                line.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).unwrap_or(line.len());
            if end < 12 { None } else { Some(mark.start..mark.end + end) }
        }
    }
}

/// Not every value behind `password:` is one: settings, variables and stand-ins are not.
fn is_secret(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    !value.is_empty()
        && !["true", "false", "null", "none", "nil", "undefined", "yes", "no", "required", "incorrect"]
            .contains(&lower.as_str())
        && !value.starts_with(['$', '<', '%', '{', '(', '[', '*'])
        && value.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mut text = text.to_owned();
        mask(&mut text, &[]);
        text
    }

    #[test]
    fn masks_secrets_byte_for_byte() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----\nafter";
        assert_eq!(
            masked(key),
            "-----BEGIN RSA PRIVATE KEY-----\n******\n******\n-----END RSA PRIVATE KEY-----\nafter"
        );
        assert_eq!(masked("Server=a;Password=tiger1;Encrypt=yes"), "Server=a;Password=******;Encrypt=yes");
        assert_eq!(masked(r#"{"password": "tíger"}"#), r#"{"password": "******"}"#);
        assert_eq!(masked("smtp://me:tiger@host:25"), "smtp://me:*****@host:25");
        assert_eq!(
            masked(r#"new NetworkCredential("me", "tiger")"#),
            r#"new NetworkCredential("me", "*****")"#
        );
        assert_eq!(
            masked("Authorization: Bearer abc.def\nHost: x"),
            "Authorization: Bearer *******\nHost: x"
        );
        assert_eq!(masked("    Master-Key: 0AFF"), "    Master-Key:*****");
    }

    #[test]
    fn masks_the_numbers_of_a_key() {
        assert_eq!(
            masked("priv:\n    14:21:b2:bf:ee:d2:3b:63:34\npub:\n    04:ff:c0\n"),
            "priv:\n**********************************\npub:\n    04:ff:c0\n"
                .replace("**********************************", "******************************")
        );
        let number = "xVfRzCkTHl6pQ7yTq0rOaGdJkUe3mWbZs9vN1hLc4A";
        assert_eq!(
            masked(&format!("{{\"kty\":\"EC\",\"d\":\"{number}\"}}")),
            format!("{{\"kty\":\"EC\",\"d\":\"{}\"}}", "*".repeat(number.len()))
        );
        assert_eq!(masked(&format!("<D>{number}</D>")), format!("<D>{}</D>", "*".repeat(number.len())));
        assert_eq!(
            masked("Private-Lines: 1\nAAAAIQDxVfRzCkAA\nPrivate-MAC: 0a"),
            "Private-Lines:**\n****************\nPrivate-MAC: 0a"
        );
        assert_eq!(masked("coefficient: 2\nexponent1: of x"), "coefficient: 2\nexponent1: of x");
        assert_eq!(masked("<p>Hello, this is a page"), "<p>Hello, this is a page");
    }

    #[test]
    fn masks_a_key_that_is_cut_off() {
        assert_eq!(masked("-----BEGIN PRIVATE KEY-----\nMIIEow"), "-----BEGIN PRIVATE KEY-----\n******");
    }

    #[test]
    fn leaves_other_lines_alone() {
        for line in [
            "keystore password was incorrect",
            "password: ${SMTP_PASSWORD}",
            "password=true",
            "https://host/path?a=b",
            "CancellationToken token, Boolean x",
        ] {
            assert_eq!(masked(line), line);
        }
    }
}
