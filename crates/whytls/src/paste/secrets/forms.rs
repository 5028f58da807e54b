//! Where a secret stands, by the mark before it.
//!
//! In:  the text, and where a mark is in it.
//! Out: the place of the secret.
//! Not here: the options of programs (`commands`).

use std::ops::Range;

use super::SecretKind;

/// How the secret stands behind its mark.
#[derive(Clone, Copy)]
pub(super) enum Form {
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
    /// `setPassword("secret")`.
    FirstArgument,
    /// `--password secret`, `-passin pass:secret`; or as what is assigned.
    Option,
    /// The name of a program that is given passwords by options of its own.
    Program,
    /// `Authorization: Basic secret`: what stands behind the scheme.
    Credentials,
    /// The same in hex digits, up to the end of its line.
    HexLine,
    /// `Cookie: name=secret`.
    Cookie,
    /// `PASS secret`, where a `USER` came before.
    Pass,
    /// IMAP's `A1 LOGIN user secret`.
    Login,
    /// The mark is the beginning of the secret, which is letters and digits and long.
    Opaque,
    /// The mark is the beginning of the secret.
    Itself,
    /// Lines of hex digits and colons, or of base64: a key's numbers as OpenSSL and PuTTY print them.
    Numbers,
    /// A long value of base64, in quotes or between tags: a number of a key in JSON or XML.
    Long,
}

pub(super) const MARKS: &[(&str, SecretKind, Form)] = &[
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
    ("authorization", SecretKind::Token, Form::Credentials),
    ("417574686f72697a6174696f6e3a20", SecretKind::Token, Form::HexLine),
    ("617574686f72697a6174696f6e3a20", SecretKind::Token, Form::HexLine),
    ("cookie:", SecretKind::Token, Form::Cookie),
    ("pass ", SecretKind::Password, Form::Pass),
    (" login ", SecretKind::Password, Form::Login),
    ("requirepass ", SecretKind::Password, Form::Word),
    ("masterauth ", SecretKind::Password, Form::Word),
    ("-password", SecretKind::Password, Form::Option),
    ("-passwd", SecretKind::Password, Form::Option),
    ("-passphrase", SecretKind::Password, Form::Option),
    ("-pass", SecretKind::Password, Form::Option),
    ("-passin", SecretKind::Password, Form::Option),
    ("-passout", SecretKind::Password, Form::Option),
    ("-storepass", SecretKind::Password, Form::Option),
    ("-keypass", SecretKind::Password, Form::Option),
    ("-srcstorepass", SecretKind::Password, Form::Option),
    ("-deststorepass", SecretKind::Password, Form::Option),
    ("-srckeypass", SecretKind::Password, Form::Option),
    ("-destkeypass", SecretKind::Password, Form::Option),
    ("-token", SecretKind::Token, Form::Option),
    ("-secret", SecretKind::Token, Form::Option),
    ("-api-key", SecretKind::Token, Form::Option),
    ("-apikey", SecretKind::Token, Form::Option),
    ("setpassword", SecretKind::Password, Form::FirstArgument),
    ("passwordauthentication", SecretKind::Password, Form::SecondArgument),
    ("httpbasicauth", SecretKind::Password, Form::SecondArgument),
    (".login", SecretKind::Password, Form::SecondArgument),
    (".authenticate", SecretKind::Password, Form::SecondArgument),
    ("secret_access_key", SecretKind::Token, Form::Assigned),
    ("secretaccesskey", SecretKind::Token, Form::Assigned),
    ("secret_key", SecretKind::Token, Form::Assigned),
    ("secretkey", SecretKind::Token, Form::Assigned),
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
    ("ghp_", SecretKind::Token, Form::Opaque),
    ("gho_", SecretKind::Token, Form::Opaque),
    ("ghs_", SecretKind::Token, Form::Opaque),
    ("ghu_", SecretKind::Token, Form::Opaque),
    ("hf_", SecretKind::Token, Form::Opaque),
    ("npm_", SecretKind::Token, Form::Opaque),
    ("sk_live_", SecretKind::Token, Form::Opaque),
    ("pypi-ag", SecretKind::Token, Form::Itself),
    ("sk-ant-", SecretKind::Token, Form::Itself),
    ("sk-proj-", SecretKind::Token, Form::Itself),
    ("aizasy", SecretKind::Token, Form::Itself),
    ("github_pat_", SecretKind::Token, Form::Itself),
    ("glpat-", SecretKind::Token, Form::Itself),
    ("xoxb-", SecretKind::Token, Form::Itself),
    ("xoxp-", SecretKind::Token, Form::Itself),
    ("eyjhbgci", SecretKind::Token, Form::Itself),
    ("eyj0exai", SecretKind::Token, Form::Itself),
    ("eyjrawqi", SecretKind::Token, Form::Itself),
    ("curl ", SecretKind::Password, Form::Program),
    ("curl.exe ", SecretKind::Password, Form::Program),
    ("mysql ", SecretKind::Password, Form::Program),
    ("mysqldump ", SecretKind::Password, Form::Program),
    ("mysqladmin ", SecretKind::Password, Form::Program),
    ("mariadb ", SecretKind::Password, Form::Program),
    ("sshpass ", SecretKind::Password, Form::Program),
    ("mosquitto_pub ", SecretKind::Password, Form::Program),
    ("mosquitto_sub ", SecretKind::Password, Form::Program),
    ("sqlcmd ", SecretKind::Password, Form::Program),
    ("ldapsearch ", SecretKind::Password, Form::Program),
    ("ldapwhoami ", SecretKind::Password, Form::Program),
    ("ldapmodify ", SecretKind::Password, Form::Program),
    ("ldapadd ", SecretKind::Password, Form::Program),
    ("redis-cli ", SecretKind::Password, Form::Program),
    ("docker login ", SecretKind::Password, Form::Program),
    ("podman login ", SecretKind::Password, Form::Program),
    ("helm registry login ", SecretKind::Password, Form::Program),
    ("mongosh ", SecretKind::Password, Form::Program),
    ("mongo ", SecretKind::Password, Form::Program),
    ("lftp ", SecretKind::Password, Form::Program),
    ("swaks ", SecretKind::Password, Form::Program),
];

/// A private key is not longer than this, a line with another secret not than that: what is
/// looked at for one mark stays bounded, whatever the input is.
const FAR: usize = 64 * 1024;
pub(super) const NEAR: usize = 4 * 1024;

fn window(text: &str, start: usize, len: usize) -> &str {
    let end = text.floor_char_boundary(start.saturating_add(len));
    text.get(start..end).unwrap_or_default()
}

pub(super) fn range(text: &str, mark: Range<usize>, form: Form) -> Option<Range<usize>> {
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
        // The folder that a shell is in.
        Form::Assigned if text.get(mark.clone()) == Some("PWD") && line.starts_with("=/") => None,
        Form::Assigned => {
            let own = assigned(line, in_query(text, mark.start))
                .or_else(|| if is_netrc(text, mark.start) { option(line) } else { None });
            own.and_then(|own| at(own.start, own.len()))
        }
        Form::Option => {
            let own = if is_option(text, mark.start) { option(line) } else { assigned(line, false) };
            own.and_then(|own| at(own.start, own.len()))
        }
        // The names of programs are looked at where they are found (`commands`).
        Form::Program => None,
        Form::Credentials => {
            let value = line.trim_start_matches(['"', '\'', ' ', '\t', ':', '=', ',']);
            let (scheme, value) = value.split_once(' ')?;
            let known = ["basic", "bearer", "negotiate", "ntlm", "token", "apikey"];
            known.contains(&scheme.to_ascii_lowercase().as_str()).then_some(())?;
            let value = value.trim_start();
            let end = value.find([' ', '\t', '"', '\'', ',', '\\', ')']).unwrap_or(value.len());
            let secret = value.get(..end).filter(|secret| is_secret(secret))?;
            at(line.len() - value.len(), secret.len())
        }
        Form::HexLine => {
            let digits = line.bytes().take_while(u8::is_ascii_hexdigit).count();
            let pairs = line.as_bytes().get(..digits)?.chunks(2).collect::<Vec<_>>();
            let end = pairs.windows(2).position(|two| two == [b"0d", b"0a"] || two == [b"0D", b"0A"]);
            at(0, end.map_or(digits, |end| 2 * end))
        }
        Form::Cookie => {
            let value = line.trim_start();
            let (name, _) = value.split_once('=')?;
            let is_cookie = !name.contains(' ') && !name.eq_ignore_ascii_case("mstshash");
            if is_cookie { at(0, line.len()) } else { None }
        }
        Form::Pass => {
            let said = text.get(mark.clone())? == "PASS " && begins_command(text, mark.start);
            let before = text.get(text.floor_char_boundary(mark.start.saturating_sub(400))..mark.start)?;
            if said && before.contains("USER ") { at(0, line.trim_end().len()) } else { None }
        }
        Form::Login => {
            let said = text.get(mark.clone())? == " LOGIN ";
            let (user, secret) = line.trim_end().split_once(' ')?;
            let whole =
                said && !user.is_empty() && !secret.contains(' ') && is_secret(secret.trim_matches('"'));
            if whole { at(user.len() + 1, secret.len()) } else { None }
        }
        Form::Opaque => {
            let end = line.bytes().take_while(u8::is_ascii_alphanumeric).count();
            if end < 20 { None } else { Some(mark.start..mark.end + end) }
        }
        Form::FirstArgument => {
            let argument = line.strip_prefix('(')?;
            let quote = argument.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let argument = argument.get(1..)?;
            at(line.len() - argument.len(), argument.find(quote).unwrap_or(argument.len()))
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
            let second = second.trim_start();
            let quote = second.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let second = second.get(1..)?;
            at(line.len() - second.len(), second.find(quote).unwrap_or(second.len()))
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

/// Whether `?name=` or `&name=` of an address begins here: a quote behind it is around the address.
fn in_query(text: &str, at: usize) -> bool {
    text.as_bytes().get(at.wrapping_sub(1)).is_some_and(|byte| b"?&".contains(byte))
}

/// `= value`, `": "value"`, `: value`: where the value is.
fn assigned(line: &str, query: bool) -> Option<Range<usize>> {
    let after_mark = line.strip_prefix(['"', '\'']).unwrap_or(line).trim_start_matches([' ', '\t']);
    let value = after_mark.strip_prefix([':', '=', '：'])?;
    let value = value.strip_prefix(['>', '=']).unwrap_or(value).trim_start_matches([' ', '\t']);
    let (quote, value) = match value.chars().next() {
        Some(quote @ ('"' | '\'')) if !query => (Some(quote), value.get(1..)?),
        _ => (None, value),
    };
    let end = match quote {
        Some(quote) => value.find(quote).unwrap_or(value.len()),
        None => {
            value.find([' ', '\t', ';', ',', '&', '"', '\'', ')', '}', '，', '。']).unwrap_or(value.len())
        }
    };
    let secret = value.get(..end)?;
    // Another variable's value.
    let code = quote.is_none()
        && ["self.", "this.", "args.", "os.", "process.env", "config."]
            .iter()
            .any(|begins| secret.starts_with(begins));
    let start = line.len() - value.len();
    (is_secret(secret) && !code).then_some(start..start + end)
}

/// The value of an option of a command line, behind a blank or `=`: where it is.
fn option(line: &str) -> Option<Range<usize>> {
    /// What stands there in help texts and in sentences.
    const WORDS: [&str; 36] = [
        "string",
        "text",
        "value",
        "password",
        "pass",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "key",
        "option",
        "options",
        "flag",
        "parameter",
        "argument",
        "arg",
        "and",
        "or",
        "is",
        "to",
        "for",
        "from",
        "in",
        "if",
        "with",
        "str",
        "file",
        "prompt",
        "the",
        "will",
        "must",
        "was",
        "has",
        "not",
        "stdin",
        "cannot",
    ];
    let value = line.strip_prefix([' ', '=', '\t'])?.trim_start_matches([' ', '\t']);
    // OpenSSL's sources of passwords.
    let source = ["file:", "env:", "fd:", "stdin"].iter().any(|source| value.starts_with(source));
    let value = value.strip_prefix("pass:").unwrap_or(value);
    let (quote, value) = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => (Some(quote), value.get(1..)?),
        _ => (None, value),
    };
    let end = match quote {
        Some(quote) => value.find(quote),
        None => value.find([' ', '\t', '"', '\'', ')', ']', '`', '|', ';']),
    };
    let secret = value.get(..end.unwrap_or(value.len()))?.trim_end_matches('\\');
    let is_word = WORDS.contains(&secret.to_ascii_lowercase().trim_end_matches(['.', ',', ':']));
    let start = line.len() - value.len();
    (!source && !secret.starts_with('-') && !is_word && is_secret(secret))
        .then_some(start..start + secret.len())
}

/// Whether the word that reaches to a place begins as an option does.
fn is_option(text: &str, at: usize) -> bool {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let own = before
        .iter()
        .rev()
        .take(32)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
        .count();
    let begins = text.as_bytes().get(at - own) == Some(&b'-');
    begins
        && before
            .get(..at - own)
            .is_some_and(|before| before.last().is_none_or(|byte| b" \t\n\"'`".contains(byte)))
}

/// Whether a line of `.netrc` stands before a place.
fn is_netrc(text: &str, at: usize) -> bool {
    let before = text.get(text.floor_char_boundary(at.saturating_sub(200))..at).unwrap_or_default();
    before.contains("machine ") && before.contains("login ")
}

/// Whether a command of a protocol may begin at a place: a line, or what was sent behind `C: `, `> `.
fn begins_command(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.is_empty()
        || before.ends_with(['\n', '\t', '"'])
        || before.ends_with(": ")
        || before.ends_with("> ")
}

/// What stands where a secret might, and is none.
const NONE: [&str; 13] = [
    "true",
    "false",
    "null",
    "none",
    "nil",
    "undefined",
    "yes",
    "no",
    "required",
    "incorrect",
    "redacted",
    "hidden",
    "masked",
];

/// Not every value behind `password:` is one: settings, variables and stand-ins are not.
pub(super) fn is_secret(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let stands_in = value.starts_with(['$', '<', '%', '{', '(', '[', '*']) || NONE.contains(&lower.as_str());
    let masked = value.len() >= 3 && lower.bytes().all(|byte| matches!(byte, b'x' | b'.' | b'*'));
    !stands_in && !masked && value.chars().any(char::is_alphanumeric)
}
