//! Finds the catalogue's settings and calls among the tokens of code or configuration.
//!
//! In:  tokens, and `content/settings/`.
//! Out: what is stated, and where; versions as they are named.
//! Not here: which lines are code. Names are looked for in any.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use super::lex::{Token, TokenKind};
use crate::content::{Argument, Call, Is, Naming, Setting, library};
use crate::evidence::Statement;
use crate::paste::Span;
use crate::tls::Version;

/// How many tokens a value has at most.
const VALUE: usize = 96;

/// How far from a call a constant may stand, in tokens.
const AROUND: usize = 600;

/// How many others are looked at for one that says the same.
const NEAR: usize = 8;

/// What was found.
#[derive(Clone, Debug)]
pub(in super::super) struct Stated {
    /// From the name to the end of its value.
    pub(in super::super) span: Span,
    /// The name of the setting or call, in lower case.
    pub(in super::super) name: &'static str,
    /// What it states.
    pub(in super::super) states: Vec<Statement>,
    /// The versions that it names, and how.
    pub(in super::super) versions: Option<(Naming, Vec<Version>)>,
    /// It stands in configuration.
    pub(in super::super) configuration: bool,
}

struct Names {
    settings: HashMap<&'static str, Vec<&'static Setting>>,
    calls: HashMap<&'static str, Vec<&'static Call>>,
}

impl Names {
    fn get() -> &'static Self {
        static NAMES: OnceLock<Names> = OnceLock::new();
        NAMES.get_or_init(|| {
            let mut names = Self { settings: HashMap::new(), calls: HashMap::new() };
            for setting in &library().settings {
                for name in &setting.names {
                    names.settings.entry(name).or_default().push(setting);
                }
            }
            for call in &library().calls {
                for name in &call.names {
                    names.calls.entry(name).or_default().push(call);
                }
            }
            names
        })
    }
}

/// A text that is longer is no list of settings.
const LONGEST_LIST: usize = 1000;

/// Where tokens come from, which decides what counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum From {
    /// Code: a space is nothing between a name and its value.
    Code,
    /// A configuration file.
    Configuration,
    /// A line of something else, such as prose: only names that mean the same everywhere.
    Elsewhere,
}

/// Everything that the tokens state.
pub(in super::super) fn stated(tokens: &[Token<'_>], from: From) -> Vec<Stated> {
    let names = Names::get();
    let mut near: Option<HashSet<String>> = None;
    let mut found = Vec::new();
    let mut begin = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::End => begin = at + 1,
            TokenKind::Mark if [";", "{", "}"].contains(&token.text) => begin = at + 1,
            TokenKind::Mark => {}
            TokenKind::Word | TokenKind::Text => {
                let lower = token.text.to_ascii_lowercase();
                let name = lower.trim_start_matches(['$', '@', '-']);
                // `-Dhttps.protocols=…`, as Java takes its properties.
                let name = name.strip_prefix('d').filter(|_| token.text.starts_with("-D")).unwrap_or(name);
                let mut told = HashSet::new();
                for end in endings(name, token.kind) {
                    let known = names.settings.get_key_value(end);
                    for (name, setting) in
                        known.into_iter().flat_map(|(name, all)| all.iter().map(|one| (*name, one)))
                    {
                        let named = setting.spaced && setting.is == Is::Any && setting.versions.is_none();
                        if from == From::Code && setting.spaced
                            || from == From::Elsewhere && named
                            || from == From::Elsewhere && !setting.within.is_empty()
                            || !surrounded(setting, tokens, &mut near)
                        {
                            continue;
                        }
                        if let Some(mut one) = setting_at(setting, tokens, at, begin, from)
                            && told.insert(format!("{:?}", one.states))
                        {
                            one.name = name;
                            found.push(one);
                        }
                    }
                    for call in names.calls.get(end).into_iter().flatten() {
                        let words = near.get_or_insert_with(|| words(tokens));
                        if from == From::Code
                            && token.kind == TokenKind::Word
                            && (call.within.is_empty() || has_any(words, &call.within))
                        {
                            found.extend(call_at(call, tokens, at, begin));
                        }
                    }
                }
            }
        }
    }
    for token in tokens.iter().filter(|token| token.kind == TokenKind::Text) {
        let inner = pairs(token);
        if !inner.is_empty() {
            found.extend(stated(&inner, From::Elsewhere));
        }
    }
    // A constant inside of a value says the same once more.
    let mut kept: Vec<Stated> = Vec::new();
    for one in found {
        let inside = |other: &Stated| {
            other.span != one.span && one.span.end <= other.span.end && one.states == other.states
        };
        if !kept.iter().rev().take(NEAR).any(inside) {
            kept.push(one);
        }
    }
    kept
}

/// The settings in a text that is a list of them, as connection strings and wpa_supplicant have it:
/// `Encrypt=True;TrustServerCertificate=True`, `…/db?tls=true&tlsInsecure=true`.
pub(super) fn pairs<'a>(text: &Token<'a>) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    if text.kind != TokenKind::Text || !text.text.contains('=') || text.text.len() > LONGEST_LIST {
        return found;
    }
    // What separates them; only an address may stand before the first, and a sentence is no list.
    let (between, rest_is_free): (&[char], bool) = match text.text {
        list if list.contains(';') => (&[';'], true),
        list if list.contains('&') || list.contains("://") || list.contains('?') => (&['?', '&'], true),
        _ => (&[' ', '\t', ','], false),
    };
    let pair = |piece: &str| piece.contains('=') || piece.trim_matches(between).is_empty();
    if !rest_is_free && !text.text.split(between).all(pair) {
        return found;
    }
    let mut at = 0;
    for piece in text.text.split_inclusive(between) {
        let own = piece.trim_end_matches(between);
        let blank = own.len() - own.trim_start().len();
        let own = own.trim_start();
        if let Some((name, value)) = own.split_once('=')
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        {
            let mut push = |kind, from: usize, length: usize| {
                let from = blank + from;
                let start = text.span.start + at + from;
                let span = Span { start, end: start + length, ..text.span };
                let rest = piece.get(from..).unwrap_or_default();
                found.push(Token { kind, text: rest.get(..length).unwrap_or_default(), rest, span });
            };
            push(TokenKind::Word, 0, name.len());
            push(TokenKind::Mark, name.len(), 1);
            push(TokenKind::Word, name.len() + 1, value.len());
            push(TokenKind::End, own.len(), 0);
        }
        at += piece.len();
    }
    found
}

/// A name, and what of it stands behind each of its links.
fn endings(name: &str, kind: TokenKind) -> impl Iterator<Item = &str> {
    let mut rest = Some(name);
    std::iter::from_fn(move || {
        let own = rest?;
        rest = match kind {
            TokenKind::Word => ["::", "->", ".", "\\"]
                .iter()
                .filter_map(|link| own.find(link).map(|at| at + link.len()))
                .min(),
            _ => None,
        }
        .and_then(|at| own.get(at..));
        Some(own)
    })
}

/// The words of a whole piece of code, and those inside of its texts.
fn words(tokens: &[Token<'_>]) -> HashSet<String> {
    tokens
        .iter()
        .flat_map(|token| token.text.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| word.len() > 2)
        .map(str::to_ascii_lowercase)
        .collect()
}

fn surrounded(setting: &Setting, tokens: &[Token<'_>], near: &mut Option<HashSet<String>>) -> bool {
    if setting.within.is_empty() && setting.without.is_empty() {
        return true;
    }
    let near = near.get_or_insert_with(|| words(tokens));
    (setting.within.is_empty() || has_any(near, &setting.within)) && !has_any(near, &setting.without)
}

fn has_any(words: &HashSet<String>, wanted: &[String]) -> bool {
    wanted.iter().any(|wanted| words.contains(wanted))
}

/// What a statement begins with that only names things, or compares them.
const NO_STATEMENT: [&str; 18] = [
    "import",
    "using",
    "use",
    "include",
    "require",
    "require_once",
    "from",
    "package",
    "case",
    "extern",
    "typedef",
    "interface",
    "export",
    "class",
    "enum",
    "alias",
    "namespace",
    "imports",
];

/// What a statement begins with that defines a function; its parameters are no settings.
const DEFINES: [&str; 5] = ["def", "function", "func", "fn", "sub"];

fn setting_at(
    setting: &'static Setting,
    tokens: &[Token<'_>],
    at: usize,
    begin: usize,
    from: From,
) -> Option<Stated> {
    let token = tokens.get(at)?;
    let first = tokens.get(begin).filter(|first| first.kind == TokenKind::Word);
    let begins = |words: &[&str]| first.is_some_and(|first| words.contains(&first.text));
    if from != From::Configuration && begins(&NO_STATEMENT) && at > begin {
        return None;
    }
    let compared = |token: Option<&Token<'_>>| {
        token.is_some_and(|token| {
            ["==", "!=", "===", "!==", "~=", "&~", "&=", "<", ">"].iter().any(|m| token.is(m))
        })
    };
    if compared(tokens.get(at + 1)) || at > begin + 1 && compared(tokens.get(at - 1)) {
        return None;
    }
    if setting.is == Is::Empty {
        return empty_method(tokens, at).map(|last| made(setting, tokens, at..last, Vec::new(), ""));
    }
    if setting.is == Is::Present {
        let quoted = token.kind == TokenKind::Text;
        // A text that is the name is a value or a key; one that is printed says more than that.
        let alone = !quoted || from != From::Elsewhere;
        return alone.then(|| made(setting, tokens, at..at + 1, Vec::new(), ""));
    }
    if begins(&DEFINES) && setting.is != Is::Accepting && from != From::Configuration {
        return None;
    }
    let value = match setting.is {
        Is::Accepting => body_at(tokens, at)
            .or_else(|| value_at(tokens, at, setting, from))
            .filter(|value| !value.is_empty())?,
        _ => value_at(tokens, at, setting, from)?,
    };
    let inside = tokens.get(value.clone())?;
    let raw = raw(inside);
    if setting.versions.is_some() {
        // What is taken away from a list is none of it; what is added says nothing of the rest.
        let mut named = versions(inside, setting);
        let adds = tokens.get(at + 1).is_some_and(|token| token.is("|=") || token.is("+="));
        if adds && !named.iter().any(|version| version.rank() >= Version::TLS12.rank()) {
            named.clear();
        }
        // What is said whatever the versions are is said of old ones.
        let fixed = setting.says.iter().any(|(_, says)| !says.starts_with('{'));
        if fixed && !named.iter().any(|version| [Version::TLS10, Version::TLS11].contains(version)) {
            return None;
        }
        return (!named.is_empty()).then(|| made(setting, tokens, at..value.end, named, raw));
    }
    fits(&setting.is, inside).then(|| made(setting, tokens, at..value.end, Vec::new(), raw))
}

/// The tokens of the value that a name is given.
fn value_at(tokens: &[Token<'_>], at: usize, setting: &Setting, from: From) -> Option<Range<usize>> {
    let spaced = setting.spaced && from != From::Code;
    let function = setting.is == Is::Accepting;
    let word = tokens.get(at)?.kind == TokenKind::Word;
    let mut next = at + 1;
    // `options["name"] = …`, `(name) …`
    while tokens.get(next).is_some_and(|token| token.is("]")) {
        next += 1;
    }
    let operator = tokens.get(next)?;
    let given = ["=", ":", ":=", "=>", "|=", "+=", ",", "("].iter().any(|mark| operator.is(mark));
    let mut begin = match given {
        true => next + 1,
        false if spaced && operator.kind != TokenKind::End && word => next,
        false => return None,
    };
    if operator.is(",") && tokens.get(begin).is_some_and(|token| token.is("{")) {
        return None;
    }
    // `name: Type = value`
    if operator.is(":") && tokens.get(begin + 1).is_some_and(|token| token.is("=")) {
        begin += 2;
    }
    while tokens.get(begin).is_some_and(|token| token.kind == TokenKind::End) && begin < next + 4 {
        begin += 1;
    }
    let mut depth = 0_usize;
    let mut end = begin;
    for token in tokens.iter().skip(begin).take(VALUE) {
        if token.kind == TokenKind::End {
            let open = depth > 0
                || end.checked_sub(1).and_then(|last| tokens.get(last)).is_some_and(|last| {
                    last.kind == TokenKind::Mark && !["}", ")", "]"].contains(&last.text) && !spaced
                        || last.kind == TokenKind::Word && last.text.eq_ignore_ascii_case("or")
                })
                || tokens.get(end + 1).is_some_and(|next| {
                    next.is("|")
                        || next.is(".")
                        // A directive may name its versions on several lines.
                        || setting.versions.is_some() && version(next.text, None).is_some()
                });
            if !open {
                break;
            }
        } else if token.kind == TokenKind::Mark {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" if depth == 0 => break,
                ")" | "]" | "}" => depth -= 1,
                ";" if depth == 0 || !function => break,
                // Among the arguments of a call the versions may be any.
                "," if depth == 0 && operator.is("(") && setting.versions.is_some() => {}
                "," if depth == 0 && !spaced && !goes_on(tokens, begin, end, setting) => break,
                _ => {}
            }
        }
        end += 1;
    }
    (end > begin || operator.is("(")).then_some(begin..end)
}

/// Whether what stands behind a comma still belongs to the value: another version, or another
/// parameter of a function.
fn goes_on(tokens: &[Token<'_>], begin: usize, comma: usize, setting: &Setting) -> bool {
    let next = tokens.get(comma + 1);
    setting.versions.is_some()
        && next.is_some_and(|next| version(next.text, setting.bare.as_deref()).is_some())
        || tokens.get(begin).is_some_and(|first| first.text == "lambda")
}

/// The body of the method that a name is given here, where it is one that is defined.
fn body_at(tokens: &[Token<'_>], at: usize) -> Option<Range<usize>> {
    tokens.get(at + 1).filter(|token| token.is("("))?;
    let mut depth = 0_usize;
    let mut open = None;
    let mut closed = false;
    for (at, token) in tokens.iter().enumerate().skip(at + 1).take(VALUE) {
        if token.kind != TokenKind::Mark {
            continue;
        }
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => {
                depth = depth.checked_sub(1)?;
                closed |= depth == 0;
            }
            "{" => {
                if depth == 0 && closed && open.is_none() {
                    open = Some(at);
                }
                depth += 1;
            }
            "}" => {
                depth = depth.checked_sub(1)?;
                if let Some(open) = open.filter(|_| depth == 0) {
                    return Some(open..at + 1);
                }
            }
            ";" | "," if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// What stands from the first to the last of some tokens that are on one line.
fn raw<'a>(inside: &[Token<'a>]) -> &'a str {
    let Some(first) = inside.first() else { return "" };
    let last = inside.iter().take_while(|token| token.span.line == first.span.line).last().unwrap_or(first);
    first.rest.get(..last.span.end.saturating_sub(first.span.start)).unwrap_or(first.text)
}

fn fits(is: &Is, inside: &[Token<'_>]) -> bool {
    let plain = || {
        inside.iter().filter(|token| {
            token.kind != TokenKind::End && !["(", ":", "&", "!"].iter().any(|mark| token.is(mark))
        })
    };
    let negated = inside.iter().any(|token| token.is("!") || token.is("?"));
    let single = || {
        let mut all = plain();
        let first = all.next()?;
        // A cast or an annotation may follow, another part of an expression may not.
        let follows = all.next().is_none_or(|next| next.text == "as" || next.is(")") || next.is(","));
        (follows && !negated).then(|| first.text.trim_start_matches(['$', '@']).to_ascii_lowercase())
    };
    match is {
        Is::Any => true,
        Is::Present | Is::Empty => false,
        Is::True => {
            inside.is_empty()
                || single().is_some_and(|word| ["true", "1", "yes", "on", "1l"].contains(&word.as_str()))
        }
        Is::False => {
            single().is_some_and(|word| ["false", "0", "0l", "no", "off", "never"].contains(&word.as_str()))
        }
        Is::One(words) => single().is_some_and(|word| {
            words.iter().any(|wanted| {
                word == *wanted
                    || word
                        .strip_suffix(wanted.as_str())
                        .is_some_and(|rest| rest.ends_with(['.', ':', '>', '_']))
            })
        }),
        Is::Accepting => accepts(inside),
    }
}

/// `(a, b) => true`, `function () { return true; }`, `lambda *a: True`, `{ $true }`, `-> nil`: a
/// function that says yes without looking.
fn accepts(inside: &[Token<'_>]) -> bool {
    let conditional = inside.iter().any(|token| {
        ["?", "&&", "||", "==", "!=", "===", "!==", "!"].iter().any(|mark| token.is(mark))
            || ["if", "switch", "match", "case", "and", "or", "AndAlso", "not"].contains(&token.text)
    });
    if conditional {
        return false;
    }
    let all = || inside.iter().rev().filter(|token| token.kind != TokenKind::End);
    let closes = |token: &&Token<'_>| {
        token.is("}") || token.is(")") || token.is(";") || ["end", "End", "Function"].contains(&token.text)
    };
    let mut from_end = all().skip_while(closes);
    let yes = from_end.next().is_some_and(|last| {
        let word = last.text.trim_start_matches('$').to_ascii_lowercase();
        ["true", "1", "yes", "nil", "undefined"].contains(&word.as_str())
    });
    // Only what leads to the answer stands before it.
    let leads = from_end.next().is_some_and(|token| {
        ["=>", "->", "{", "|", ":", "return", "Return", "in", "do", ")"].contains(&token.text)
    });
    let function = inside.iter().any(|token| {
        ["=>", "->", "{", "|"].iter().any(|mark| token.is(mark))
            || ["lambda", "function", "Function", "delegate", "func", "proc", "sub"].contains(&token.text)
    });
    yes && leads && function
}

/// The end of a method's definition whose body has nothing in it.
fn empty_method(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    if !tokens.get(at + 1)?.is("(") {
        return None;
    }
    let mut depth = 0_usize;
    let mut next = at + 1;
    for token in tokens.iter().skip(next).take(VALUE) {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth -= 1;
        }
        next += 1;
        if depth == 0 {
            break;
        }
    }
    let mut open = false;
    for (at, token) in tokens.iter().enumerate().skip(next).take(12) {
        match token.kind {
            TokenKind::End => {}
            TokenKind::Mark if token.is("{") && !open => open = true,
            TokenKind::Mark if token.is("}") && open => return Some(at + 1),
            TokenKind::Word if open && token.text == "return" => {}
            TokenKind::Mark if open && token.is(";") => {}
            // `throws CertificateException`, `= Unit`
            TokenKind::Word if !open && token.text == "Unit" => return Some(at + 1),
            TokenKind::Word | TokenKind::Mark if !open && !token.is(";") => {}
            _ => return None,
        }
    }
    None
}

fn made(
    setting: &'static Setting,
    tokens: &[Token<'_>],
    range: Range<usize>,
    versions: Vec<Version>,
    value: &str,
) -> Stated {
    let span = span(tokens, &range);
    let has_new = versions.iter().any(|version| version.rank() >= Version::TLS12.rank());
    let word = match setting.versions {
        Some(Naming::Exactly) => Some(if has_new { "with-tls-1.2" } else { "old-only" }),
        Some(Naming::Most) if !has_new => Some("old-only"),
        // Where 1.2 is taken away, nothing newer is left: 1.3 is taken away with it, or not known.
        Some(Naming::Without) if versions.contains(&Version::TLS12) => Some("old-only"),
        _ => None,
    };
    let states = setting
        .says
        .iter()
        .filter_map(|(key, says)| {
            let says: Cow<'static, str> = match says.as_str() {
                "{versions}" => Cow::Borrowed(word?),
                "{value}" => Cow::Owned(Some(value.to_owned()).filter(|value| !value.is_empty())?),
                other => Cow::Owned(other.to_owned()),
            };
            if key.ends_with(".port") && says.parse::<u16>().is_err() {
                return None;
            }
            Some(Statement::new(key.as_str(), says))
        })
        .collect();
    let name = setting.names.first().map_or("", String::as_str);
    let versions = setting.versions.map(|naming| (naming, versions));
    Stated { span, name, states, versions, configuration: setting.spaced }
}

fn span(tokens: &[Token<'_>], range: &Range<usize>) -> Span {
    let own = || tokens.get(range.clone()).into_iter().flatten().filter(|token| token.kind != TokenKind::End);
    match (own().next(), own().next_back()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    }
}

/// The protocol versions that a value names. What is taken away (`-SSLv3`, `!TLSv1`) is not named,
/// except where that is what the setting does.
fn versions(inside: &[Token<'_>], setting: &Setting) -> Vec<Version> {
    let mut found = Vec::new();
    let without = setting.versions == Some(Naming::Without);
    let mut before: Option<&Token<'_>> = None;
    for token in inside {
        let taken = before
            .is_some_and(|before| before.is("!") || before.is("-") || before.is("~") || before.is("&~"))
            || token.text.starts_with(['-', '!']);
        before = Some(token);
        if token.kind == TokenKind::Mark || token.kind == TokenKind::End || taken {
            continue;
        }
        for word in token.text.split([' ', ',', '|', ':', ';', '/']).filter(|word| !word.is_empty()) {
            let taken =
                word.starts_with(['-', '!']) || (word.to_ascii_lowercase().contains("no_") && !without);
            let version = if taken { None } else { version(word, setting.bare.as_deref()) };
            found.extend(version.filter(|version| !found.contains(version)));
        }
    }
    found
}

/// The version that a word names, however it is spelled: `TLSv1_2`, `Tls12`, `VersionTLS12`,
/// `TLSv1.2`, `TLS1_2_VERSION`, `STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT`, `0x0303`, `3072`.
pub(in super::super) fn version(word: &str, bare: Option<&str>) -> Option<Version> {
    match (bare, word) {
        (Some("tls-1.0"), "192") => return Some(Version::TLS10),
        (Some("tls-1.0"), "768") => return Some(Version::TLS11),
        (Some("tls-1.0"), "3072") => return Some(Version::TLS12),
        (Some("tls-1.0"), "12288") => return Some(Version::TLS13),
        (Some("tls-1.0"), "48") => return Some(Version::SSL3),
        (Some("tls-1.0"), word) if word.ends_with(".Default") => return Some(Version::TLS10),
        _ => {}
    }
    let number = word.strip_prefix("0x").and_then(|hex| u16::from_str_radix(hex, 16).ok());
    let number = number.or_else(|| word.parse().ok().filter(|number| (0x0300..=0x0304).contains(number)));
    if let Some(number) = number.filter(|number| (0x0300..=0x0304).contains(number)) {
        return Some(Version(number));
    }
    let lower = word.to_ascii_lowercase();
    let (at, name) = [lower.rfind("tls").map(|at| (at, "tls")), lower.rfind("ssl").map(|at| (at, "ssl"))]
        .into_iter()
        .flatten()
        .max()?;
    let mut rest = lower.get(at + 3..)?;
    for filler in ["protocol", "version", "_", "-", " ", "v", "_"] {
        rest = rest.strip_prefix(filler).unwrap_or(rest);
    }
    let mut digits = rest.bytes();
    let major = digits.next().filter(u8::is_ascii_digit);
    let minor = match digits.next() {
        Some(b'_' | b'.' | b'-') => digits.next().filter(u8::is_ascii_digit),
        Some(digit) if digit.is_ascii_digit() => Some(digit),
        _ => None,
    };
    let ends = rest.bytes().take_while(|byte| byte.is_ascii_digit()).count() <= 2;
    match (name, major, minor) {
        (_, Some(_), _) if !ends => None,
        ("tls", Some(b'1'), None | Some(b'0')) => Some(Version::TLS10),
        ("tls", Some(b'1'), Some(b'1')) => Some(Version::TLS11),
        ("tls", Some(b'1'), Some(b'2')) => Some(Version::TLS12),
        ("tls", Some(b'1'), Some(b'3')) => Some(Version::TLS13),
        ("ssl", Some(b'3'), None | Some(b'0')) => Some(Version::SSL3),
        ("ssl", Some(b'2'), None | Some(b'0')) => Some(Version::SSL2),
        ("tls", None, _) if rest.is_empty() && bare.is_some() => Some(Version::TLS10),
        _ => None,
    }
}

fn call_at(call: &'static Call, tokens: &[Token<'_>], at: usize, begin: usize) -> Option<Stated> {
    let first = tokens.get(begin).map_or("", |first| first.text);
    if !tokens.get(at + 1)?.is("(") || NO_STATEMENT.contains(&first) || DEFINES.contains(&first) {
        return None;
    }
    let (arguments, end) = arguments(tokens, at + 2)?;
    let mut states: Vec<Statement> = Vec::new();
    let mut how = None;
    for (argument, role) in arguments.iter().zip(&call.arguments) {
        // `useSsl: true`, `port=587`: the name is no part of the value.
        let named = argument.iter().position(|token| token.is(":") || token.is("="));
        let value = argument.get(named.map_or(0, |at| at + 1)..).unwrap_or_default();
        let Some(value) = value.iter().find(|token| token.kind != TokenKind::Mark) else { continue };
        match role {
            Argument::Port => {
                let port =
                    value.text.parse::<u16>().ok().or_else(|| constant(around(tokens, at), value.text));
                states.extend(port.map(|port| Statement::new("code.port", port.to_string())));
            }
            Argument::Address => {
                let port = value.text.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
                states.extend(port.map(|port| Statement::new("code.port", port.to_string())));
            }
            // `connect(user, password, wait=True)` is another library's.
            Argument::How if argument.iter().any(|token| token.is("=")) => return None,
            Argument::How => {
                how = Some(match value.text.rsplit(['.', ':']).next().unwrap_or_default() {
                    "true" | "True" | "$true" | "SslOnConnect" => "implicit-tls",
                    "false" | "False" | "$false" | "StartTls" | "StartTlsWhenAvailable" => "starttls",
                    "Auto" => "auto",
                    "None" => "none",
                    _ => return None,
                });
            }
            Argument::Host | Argument::Other => {}
        }
    }
    if call.arguments.contains(&Argument::How) {
        states.push(Statement::new("code.connect", how?));
    }
    states.extend(call.says.iter().map(|(key, value)| Statement::new(key.as_str(), value.as_str())));
    let name = call.names.first().map_or("", String::as_str);
    let span = span(tokens, &(at..end));
    Some(Stated { span, name, states, versions: None, configuration: false })
}

/// The arguments of a call from behind its opening bracket, and where it ends. None where it is cut off.
fn arguments<'t, 'a>(tokens: &'t [Token<'a>], begin: usize) -> Option<(Vec<&'t [Token<'a>]>, usize)> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, begin);
    for (at, token) in tokens.iter().enumerate().skip(begin).take(VALUE) {
        if token.kind != TokenKind::Mark {
            continue;
        }
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => {
                found.extend(tokens.get(start..at));
                return Some((found, at + 1));
            }
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 0 => {
                found.extend(tokens.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// The tokens among which a constant is looked for.
fn around<'t, 'a>(tokens: &'t [Token<'a>], at: usize) -> &'t [Token<'a>] {
    tokens.get(at.saturating_sub(AROUND)..(at + AROUND).min(tokens.len())).unwrap_or_default()
}

/// The number that a name was given in the same lines: `int port = 587;`.
fn constant(tokens: &[Token<'_>], name: &str) -> Option<u16> {
    let mut all = tokens.windows(3);
    all.find_map(|window| match window {
        [own, operator, value]
            if own.text.trim_start_matches('$') == name.trim_start_matches('$')
                && (operator.is("=") || operator.is(":=") || operator.is(":")) =>
        {
            value.text.parse().ok()
        }
        _ => None,
    })
}

/// A token that is the name of a setting or call.
pub(in super::super) fn is_name(token: &Token<'_>) -> bool {
    if !matches!(token.kind, TokenKind::Word | TokenKind::Text) || token.text.len() > 128 {
        return false;
    }
    let names = Names::get();
    let lower = token.text.to_ascii_lowercase();
    endings(lower.trim_start_matches(['$', '@', '-']), token.kind).any(|end| {
        names.settings.get(end).is_some_and(|all| all.iter().any(|setting| !setting.spaced))
            || names.calls.contains_key(end)
    })
}

/// Whether a word is the name of a setting of configuration files.
pub(in super::super) fn names_setting(word: &str) -> bool {
    if !(4..=64).contains(&word.len()) {
        return false;
    }
    let names = Names::get();
    let lower = word.to_ascii_lowercase();
    endings(lower.trim_start_matches('-'), TokenKind::Word)
        .any(|end| names.settings.get(end).is_some_and(|all| all.iter().any(|setting| setting.spaced)))
}
