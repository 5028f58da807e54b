//! Masks what must never be shown again: private keys, passwords, tokens, session secrets.
//!
//! In:  the text of an input.
//! Out: the same text with every byte of a secret replaced by `*`, and where that was.
//! Not here: names and addresses. They are no secrets; whether to show them is the user's choice.

mod commands;
mod forms;

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::OnceLock;

use serde::Serialize;

use crate::finder::Finder;

use forms::{Form, MARKS};

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

/// Masks private keys, at these places, and whatever else is secret.
pub(super) fn mask(text: &mut String, keys: &[Range<usize>]) -> Vec<Secret> {
    static FINDER: OnceLock<Finder> = OnceLock::new();
    let finder = FINDER.get_or_init(|| Finder::new(MARKS.iter().map(|(mark, ..)| mark)));
    let mut found = finder.find(text);
    // Of marks that begin at one place the longest counts.
    found.sort_unstable_by_key(|(_, start, end)| (*start, Reverse(*end)));
    let mut secrets: Vec<Secret> = Vec::new();
    let mut typed: Vec<Range<usize>> = Vec::new();
    let mut keys = keys.iter().filter(|range| !range.is_empty()).cloned().peekable();
    let key = |range| Secret { kind: SecretKind::PrivateKey, range };
    let (mut done, mut command) = (0, 0);
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
        if let Form::Program = form {
            // Every program of a line is seen to at once.
            if start >= command {
                command = commands::secrets(text, start, &mut typed);
            }
            continue;
        }
        if secrets.last().is_some_and(|before| before.range.end > start) {
            continue;
        }
        if let Some(range) = forms::range(text, start..end, *form).filter(|range| !range.is_empty()) {
            secrets.push(Secret { kind: *kind, range });
        }
    }
    for range in keys {
        secrets.retain(|before| before.range.end <= range.start);
        secrets.push(key(range));
    }
    join(&mut secrets, typed);
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

/// Adds the passwords that were typed in commands, where nothing else was found.
fn join(secrets: &mut Vec<Secret>, typed: Vec<Range<usize>>) {
    let known = secrets.len();
    for range in typed {
        let next =
            secrets.get(..known).unwrap_or_default().partition_point(|one| one.range.end <= range.start);
        if secrets.get(next).is_none_or(|one| next >= known || one.range.start >= range.end) {
            secrets.push(Secret { kind: SecretKind::Password, range });
        }
    }
    secrets.sort_by_key(|one| one.range.start);
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
    fn masks_what_commands_protocols_and_code_hold() {
        for (text, shown) in [
            ("curl -v -u me:tiger https://a.example/", "curl -v -u me:***** https://a.example/"),
            (
                "$ curl https://a.example/ \\\n  --user \"me:ti ger\" -k",
                "$ curl https://a.example/ \\\n  --user \"me:******\" -k",
            ),
            ("curl -ume:tiger -U proxy:lion x", "curl -ume:***** -U proxy:**** x"),
            ("curl --pass tiger --cert c.pem", "curl --pass ***** --cert c.pem"),
            (
                "keytool -list -keystore a.jks -storepass changeit",
                "keytool -list -keystore a.jks -storepass ********",
            ),
            (
                "openssl pkcs12 -in a.p12 -passin pass:\"tiger\" -nodes",
                "openssl pkcs12 -in a.p12 -passin pass:\"*****\" -nodes",
            ),
            ("openssl pkcs12 -password pass:tiger", "openssl pkcs12 -password pass:*****"),
            ("wget --http-password tiger https://a", "wget --http-password ***** https://a"),
            (
                "ldapsearch -H ldaps://a -D cn=x -w tiger -b o=y",
                "ldapsearch -H ldaps://a -D cn=x -w ***** -b o=y",
            ),
            (
                "mysql -h db -u me -ptiger --ssl-mode=REQUIRED",
                "mysql -h db -u me -p***** --ssl-mode=REQUIRED",
            ),
            ("sshpass -p tiger sftp a", "sshpass -p ***** sftp a"),
            ("mosquitto_pub -h a -p 8883 -u me -P tiger", "mosquitto_pub -h a -p 8883 -u me -P *****"),
            ("docker login -u me -p tiger a.example", "docker login -u me -p ***** a.example"),
            ("redis-cli --tls -a tiger ping", "redis-cli --tls -a ***** ping"),
            ("app --api-key abc123 --token=def456", "app --api-key ****** --token=******"),
            ("USER me\n331 Please\nPASS tiger\n", "USER me\n331 Please\nPASS *****\n"),
            ("C: A01 LOGIN me@a.example tiger", "C: A01 LOGIN me@a.example *****"),
            ("server.login('me', 'tiger')", "server.login('me', '*****')"),
            ("props.setPassword(\"tiger\");", "props.setPassword(\"*****\");"),
            ("{\"Authorization\":\"Bearer abc.def\"}", "{\"Authorization\":\"Bearer *******\"}"),
            ("Proxy-Authorization: Negotiate YIIabc==", "Proxy-Authorization: Negotiate ********"),
            ("Cookie: session=abc; b=c", "Cookie:*****************"),
            ("AWS_SECRET_ACCESS_KEY=abc/def", "AWS_SECRET_ACCESS_KEY=*******"),
            ("machine a.example login me password tiger", "machine a.example login me password *****"),
            ("requirepass tiger", "requirepass *****"),
            (
                "0d0a417574686f72697a6174696f6e3a20426173696320613a620d0a0d0a",
                "0d0a417574686f72697a6174696f6e3a20******************0d0a0d0a",
            ),
            ("export HF=hf_abcdefghijklmnopqrstuv", "export HF=*************************"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn leaves_other_lines_alone() {
        for line in [
            "keystore password was incorrect",
            "password: ${SMTP_PASSWORD}",
            "password=true",
            "https://host/path?a=b",
            "WebSocket connection to 'wss://host/?user=a&password=' failed: net::ERR_CERT_AUTHORITY_INVALID",
            "CancellationToken token, Boolean x",
            "docker run -u 1000:1000 -p 8443:443 a",
            "curl -u me https://a",
            "curl -k https://me@a.example:8443/",
            "mysql -u me -p -h db",
            "sort -u a:b",
            "openssl rsa -passin env:SECRET -passin file:/a",
            "keytool -storepass:env SECRET",
            "  --password string   the password",
            "[--storepass PASS] --token <token>",
            "PASS src/a.test.js",
            "AUTH=LOGIN STARTTLS",
            "it is the -password option that counts",
            "DTLS cookie: 0a0b0c",
            "Cookie: mstshash=me",
            "npm_config_strict_ssl_something_long=false",
            "Authorization: failed for me",
            "smtp.login(user=self.user, password=self.password)",
            "getPassword(\"x\")",
            "PWD=/var/www OLDPWD=/root",
        ] {
            assert_eq!(masked(line), line);
        }
    }
}
