//! Finds the settings of a program in text: configuration files, command lines, code.
//!
//! In:  a program's table of settings, and text.
//! Out: each setting that stands there, with its value and its line.
//! Not here: what a setting does. That is `programs`.
//!
//! A setting is found by its name and read as far as its line goes, so that one reader serves
//! `MinProtocol = TLSv1.2`, `minVersion: 'TLSv1'`, `-Djdk.tls.client.protocols=TLSv1.2` and
//! `System.setProperty("jdk.tls.client.protocols", "TLSv1.2")`.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};

use crate::content::{Does, Joins, Knob, Program, Side, library};
use crate::finder::Finder;
use crate::tls::Version;

use super::Client;
use super::blocks;
use super::machine::Place;

/// A longer value is cut off.
const LONGEST: usize = 4096;

/// A setting that stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelled {
    /// Where such a setting acts.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// What it is set to; empty where its name says all.
    pub value: String,
    /// The line, from 1.
    pub line: usize,
}

/// Every setting of a program, and of the one below it, that stands in a text.
#[must_use]
pub fn settings_in(client: &str, text: &str) -> Vec<Spelled> {
    let mut found: Vec<Spelled> = Vec::new();
    let Some(program) = Program::named(&library().programs, client) else { return found };
    let knobs: Vec<&Knob> = knobs_of(program).collect();
    // Most lines of most texts name none of them.
    let Ok(names) = any_case(knobs.iter().map(|knob| &knob.name)) else { return found };
    let elsewhere = program.block.as_deref().map_or_else(Vec::new, |word| blocks::others(text, word));
    for (number, line) in joined(text, program) {
        if !names.is_match(&line)
            || is_comment(&line)
            || elsewhere.iter().any(|lines| lines.contains(&number))
        {
            continue;
        }
        for knob in &knobs {
            let Some(value) = read(&line, knob, program.any_case) else { continue };
            let place = place(knob, &line);
            match found.iter_mut().find(|other| other.name == knob.name && other.place == place) {
                // A list that is written one on a line.
                Some(other) if knob.does == Does::Without && !value.is_empty() => {
                    other.value = format!("{}, {value}", other.value);
                }
                Some(other) => (other.value, other.line) = (value, number),
                None => found.push(Spelled { place, name: knob.name.clone(), value, line: number }),
            }
        }
    }
    found
}

/// Every setting that a program reads: its own, and those in files of the program below it.
pub(super) fn knobs_of(program: &'static Program) -> impl Iterator<Item = &'static Knob> {
    let below = program.on.as_deref().and_then(|below| Program::named(&library().programs, below));
    let of_files = |knob: &&Knob| knob.place != "code";
    program.settings.iter().chain(below.into_iter().flat_map(|below| &below.settings).filter(of_files))
}

/// The client that printed a text, or the server whose configuration it is: the one that most of its lines
/// speak of.
#[must_use]
pub fn program_in(side: Side, text: &str) -> Option<Client> {
    let marks = Marks::get();
    // How many lines speak of a program, and the last one that does.
    let mut told = vec![(0_usize, usize::MAX); library().programs.len()];
    let mut line = 0..0;
    let mut comment = false;
    let mut hits = marks.finder.find(text);
    hits.sort_unstable_by_key(|(_, start, _)| *start);
    for (hit, begin, end) in hits {
        let Some((at, program, mark)) = marks.of.get(hit) else { continue };
        if begin >= line.end {
            let between = text.get(line.end..begin).unwrap_or_default();
            let start = between.rfind('\n').map_or(line.end, |at| line.end + at + 1);
            let rest = text.get(start..).unwrap_or_default();
            line = start..rest.find('\n').map_or(text.len(), |at| start + at + 1);
            comment = is_comment(rest);
        }
        let before = text.get(..begin).unwrap_or_default();
        let after = text.get(end..).unwrap_or_default();
        let spelled = program.any_case || text.get(begin..end) == Some(*mark);
        if let Some((lines, last)) = told.get_mut(*at)
            && program.side == side
            && spelled
            && !comment
            && *last != line.start
            && is_word(before, after, mark)
        {
            (*lines, *last) = (*lines + 1, line.start);
        }
    }
    // Of equals the first counts.
    let all = told.iter().zip(&library().programs).filter(|((lines, _), _)| *lines > 0);
    let most = all.rev().max_by_key(|((lines, _), _)| *lines);
    most.map(|(_, program)| Client::Program(&program.client))
}

/// Looks for names, in whatever case. It is made for one text, so it must be made quickly.
fn any_case(names: impl Iterator<Item = impl AsRef<[u8]>>) -> Result<AhoCorasick, BuildError> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(names)
}

/// What only one program prints, of all programs.
struct Marks {
    finder: Finder,
    of: Vec<(usize, &'static Program, &'static str)>,
}

impl Marks {
    fn get() -> &'static Self {
        static MARKS: OnceLock<Marks> = OnceLock::new();
        MARKS.get_or_init(|| {
            let programs = library().programs.iter().enumerate();
            let of: Vec<_> = programs
                .flat_map(|(at, program)| program.marks.iter().map(move |mark| (at, program, mark.as_str())))
                .collect();
            Self { finder: Finder::new(of.iter().map(|(_, _, mark)| mark)), of }
        })
    }
}

/// The version that a text says a program has, where it says one only: `nginx/1.22.1`, `Python 3.8.10`,
/// `java version "1.8.0_292"`.
#[must_use]
pub fn version_in(client: Client, text: &str) -> Option<String> {
    let program = client.program()?;
    let first = program.name.split(' ').next().unwrap_or_default();
    let mut found: Vec<&str> = Vec::new();
    for name in [first, &program.client] {
        for (at, _) in text.match_indices(name) {
            let inside = text.get(..at)?.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '-');
            let rest = text.get(at + name.len()..)?;
            let behind = rest.trim_start_matches(['/', ' ', ':']);
            let behind = behind.strip_prefix("version").unwrap_or(behind).trim_start_matches([' ', '"', ':']);
            let behind = behind.strip_prefix(name).unwrap_or(behind);
            let behind = behind.strip_prefix('v').unwrap_or(behind);
            let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && !"._+-".contains(c));
            let version = behind.get(..end.unwrap_or(behind.len()))?.trim_end_matches(['.', '-']);
            // `Python 3` alone may be any.
            let dotted = version.starts_with(|c: char| c.is_ascii_digit()) && version.contains(['.', 'u']);
            let apart = rest.len() > behind.len();
            if !inside && apart && dotted && version.len() < 24 && !found.contains(&version) {
                found.push(version);
            }
        }
    }
    match found.as_slice() {
        [version] => Some((*version).to_owned()),
        _ => None,
    }
}

/// The system that a text says it is, where it says one only: `Ubuntu 20.04.6 LTS`, `Debian GNU/Linux 12`.
#[must_use]
pub fn system_in(text: &str) -> Option<&'static str> {
    let systems = Systems::get();
    let mut found: Vec<&'static str> = Vec::new();
    for hit in systems.finder.find_overlapping_iter(text) {
        let Some(system) = systems.of.get(hit.pattern().as_usize()) else { continue };
        let after = text.get(hit.end()..).and_then(|rest| rest.chars().next());
        if !after.is_some_and(|c| c.is_ascii_alphanumeric()) && !found.contains(system) {
            found.push(system);
        }
    }
    match found.as_slice() {
        [system] => Some(system),
        _ => None,
    }
}

/// The systems of the tables that are told by their name, each as it is written.
struct Systems {
    finder: AhoCorasick,
    of: Vec<&'static str>,
}

impl Systems {
    fn get() -> &'static Self {
        static SYSTEMS: OnceLock<Systems> = OnceLock::new();
        SYSTEMS.get_or_init(|| {
            let systems = library().programs.iter().flat_map(|program| &program.systems);
            let numbered = systems.filter(|system| system.name.bytes().any(|byte| byte.is_ascii_digit()));
            let written: Vec<(String, &str)> = numbered
                .flat_map(|system| {
                    let names = [system.name.clone(), system.name.replace("Debian ", "Debian GNU/Linux ")];
                    names.map(|name| (name, system.is.as_str()))
                })
                .collect();
            let finder = AhoCorasick::new(written.iter().map(|(name, _)| name));
            let finder = finder.expect("the names of systems always make an automaton");
            Self { finder, of: written.into_iter().map(|(_, is)| is).collect() }
        })
    }
}

/// Where a setting of the table stands.
pub(super) fn place_of(knob: &Knob) -> Place {
    match knob.place.as_str() {
        "config" => Place::Config,
        "environment" => Place::Environment,
        _ => Place::Code,
    }
}

/// A flag in a variable such as `NODE_OPTIONS` is given by the environment.
fn place(knob: &Knob, line: &str) -> Place {
    let variable = line.split_once('=').is_some_and(|(before, _)| {
        let name = before.rsplit(|c: char| c.is_ascii_whitespace() || c == ':').next().unwrap_or_default();
        name.ends_with("_OPTIONS") || name.ends_with("_OPTS")
    });
    if variable { Place::Environment } else { place_of(knob) }
}

/// Lines with their numbers, those that go on together with the next.
fn joined(text: &str, program: &Program) -> impl Iterator<Item = (usize, String)> {
    let mut lines = text.lines().enumerate().peekable();
    let names = |line: &str| program.settings.iter().any(|knob| line.trim_start().starts_with(&knob.name));
    std::iter::from_fn(move || {
        let (at, first) = lines.next()?;
        let mut line = first.trim_end().to_owned();
        let begins = names(&line);
        while line.len() < LONGEST {
            let backslash = line.ends_with('\\');
            let goes_on = |next: &str| match program.joins {
                Joins::No => false,
                Joins::Semicolon => begins && !line.contains(';') && !next.trim_start().starts_with('}'),
                Joins::Indent => begins && next.starts_with([' ', '\t']),
            };
            if !backslash && !lines.peek().is_some_and(|(_, next)| goes_on(next)) {
                break;
            }
            if backslash {
                line.pop();
            } else {
                line.push(' ');
            }
            match lines.next() {
                Some((_, next)) => line.push_str(next.trim()),
                None => break,
            }
        }
        Some((at + 1, line))
    })
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["#", "//", ";", "<!--", "/*", "* "].iter().any(|mark| line.starts_with(mark))
}

/// The value that a line gives a setting; the last one, should there be several.
fn read(line: &str, knob: &Knob, any_case: bool) -> Option<String> {
    let first = line.split_whitespace().next().unwrap_or_default();
    if !knob.lines.is_empty() && !knob.lines.iter().any(|word| word == first) {
        return None;
    }
    // Lower case keeps every place where it was.
    let lower = any_case.then(|| (line.to_ascii_lowercase(), knob.name.to_ascii_lowercase()));
    let (within, name) = lower.as_ref().map_or((line, &knob.name), |(line, name)| (line.as_str(), name));
    let mut value = None;
    for (at, _) in within.match_indices(name.as_str()) {
        let before = line.get(..at).unwrap_or_default();
        let after = line.get(at + knob.name.len()..).unwrap_or_default();
        if is_word(before, after, &knob.name) {
            value = value_of(before, after, knob).or(value);
        }
    }
    value
}

fn is_word(before: &str, after: &str, name: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let starts = match before.chars().next_back() {
        None => true,
        Some(last) if name.starts_with('-') => last.is_whitespace() || "\"'`=[(,".contains(last),
        Some('D') => before.ends_with("-D"),
        Some(last) => !goes_on(last),
    };
    let mut next = after.chars();
    let ends = match next.next() {
        None => true,
        Some('.') => !next.next().is_some_and(|c| c.is_ascii_digit()),
        Some(first) => !goes_on(first),
    };
    starts && ends
}

fn value_of(before: &str, after: &str, knob: &Knob) -> Option<String> {
    if !knob.versions.is_empty() {
        return Some(String::new());
    }
    // `"name", value`, `name]: value`, `name(value`.
    let rest = after.trim_start_matches(['"', '\'', ']', ' ', '\t']);
    // `=>=TLSv1.2` is Postfix's, without a space.
    let signs: &[&str] = match knob.does {
        Does::Marked => &["="],
        _ => &[":=", "|=", "=>", "+=", "=", ":", ",", "("],
    };
    let sign = signs.iter().find(|sign| rest.starts_with(**sign));
    let rest = sign.and_then(|sign| rest.strip_prefix(*sign)).unwrap_or(rest).trim_start();
    // `set_min_proto_version(ctx, TLS1_2_VERSION)`: what it is set for stands before it.
    let single =
        matches!(knob.does, Does::Least | Does::Most | Does::NotBelow | Does::NotAbove | Does::Level);
    let rest = match rest.split_once(',') {
        Some((object, value)) if single && sign == Some(&"(") && !object.contains(['"', '\'', ')']) => {
            value.trim_start()
        }
        _ => rest,
    };
    let quoted = rest.chars().next().filter(|c| "\"'`".contains(*c));
    let list = matches!(
        knob.does,
        Does::Names | Does::Without | Does::Protocol | Does::Replacing | Does::Adding | Does::Marked
    );
    let end = match quoted {
        Some(quote) if !list || !rest.contains('(') => {
            let rest = rest.get(1..)?;
            let end = rest.find(quote).unwrap_or(rest.len());
            return checked(rest.get(..end)?, knob);
        }
        _ if before.ends_with("-D") || !list => rest.find(|c: char| {
            c.is_whitespace() || "\"'`;)}]".contains(c) || c == ',' && !list && knob.does != Does::Nothing
        }),
        _ => rest.find([';', ')']),
    };
    checked(rest.get(..end.unwrap_or(rest.len()))?, knob)
}

/// A value that says what such a setting must say.
fn checked(value: &str, knob: &Knob) -> Option<String> {
    let value = value.trim().trim_end_matches(',');
    let value: String = value.chars().take(LONGEST).collect();
    let fits = match knob.does {
        Does::Least | Does::Most | Does::NotBelow | Does::NotAbove => version(&value, knob).is_some(),
        Does::Names | Does::UpTo => !versions_in(&value).is_empty(),
        Does::Replacing | Does::Adding => {
            !versions_in(&value).is_empty() || value.to_ascii_lowercase().contains("all")
        }
        Does::Level | Does::Without | Does::Protocol | Does::Marked | Does::Priority | Does::Nothing => {
            !value.is_empty()
        }
    };
    fits.then_some(value)
}

/// The one version that a value names, by itself or by one of the setting's own words.
pub(super) fn version(value: &str, knob: &Knob) -> Option<Version> {
    let word = value.trim();
    let own = knob.words.iter().find(|(own, _)| {
        word.eq_ignore_ascii_case(own)
            || word.rsplit(['.', ':']).next().is_some_and(|last| last == own.as_str())
    });
    own.map(|(_, version)| *version)
        .or_else(|| versions_in(word).first().copied())
        .or_else(|| version_number(word))
}

/// `1.2`, for options whose name says that it is TLS.
fn version_number(word: &str) -> Option<Version> {
    Some(match word {
        "1.0" | "1" => Version::TLS10,
        "1.1" => Version::TLS11,
        "1.2" => Version::TLS12,
        "1.3" => Version::TLS13,
        _ => return None,
    })
}

/// The level in a list of suites: `DEFAULT@SECLEVEL=1`.
pub(super) fn level(value: &str) -> Option<u32> {
    let (_, rest) = value.split_once("SECLEVEL=")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// Every version that a text names, in whatever way programs spell it: `TLSv1.2`, `TLS1_2_VERSION`,
/// `VersionTLS12`, `TLSv1`, `SSLv3`, `0x0303`.
pub(super) fn versions_in(text: &str) -> Vec<Version> {
    let text = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, _) in text.char_indices() {
        let Some(rest) = text.get(at..) else { continue };
        let before = text.get(..at).unwrap_or_default();
        let version = if let Some(rest) = rest.strip_prefix("tls") {
            (!before.ends_with('d')).then(|| tls(rest)).flatten()
        } else if let Some(rest) = rest.strip_prefix("ssl") {
            ssl(rest)
        } else if let Some(rest) = rest.strip_prefix("0x03") {
            hexadecimal(rest)
        } else {
            None
        };
        if let Some(version) = version.filter(|version| !found.contains(version)) {
            found.push(version);
        }
    }
    found
}

fn tls(rest: &str) -> Option<Version> {
    let rest = rest.trim_start_matches(['v', ' ', '_', '-']).strip_prefix('1')?;
    let mut next = rest.chars();
    let minor = match next.next() {
        Some('.' | '_') => next.next().filter(char::is_ascii_digit),
        Some(digit) if digit.is_ascii_digit() => Some(digit),
        _ => None,
    };
    if minor.is_some() && next.next().is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    match minor {
        None | Some('0') => Some(Version::TLS10),
        Some('1') => Some(Version::TLS11),
        Some('2') => Some(Version::TLS12),
        Some('3') => Some(Version::TLS13),
        Some(_) => None,
    }
}

fn ssl(rest: &str) -> Option<Version> {
    match rest.trim_start_matches(['v', ' ', '_']).chars().next()? {
        '2' => Some(Version::SSL2),
        '3' => Some(Version::SSL3),
        _ => None,
    }
}

fn hexadecimal(rest: &str) -> Option<Version> {
    match rest.get(..2)? {
        "00" => Some(Version::SSL3),
        "01" => Some(Version::TLS10),
        "02" => Some(Version::TLS11),
        "03" => Some(Version::TLS12),
        "04" => Some(Version::TLS13),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(client: &str, text: &str) -> Vec<(String, String)> {
        settings_in(client, text).into_iter().map(|spelled| (spelled.name, spelled.value)).collect()
    }

    #[test]
    fn versions_are_read_however_they_are_spelled() {
        for (text, version) in [
            ("TLSv1", Version::TLS10),
            ("TLSv1.2", Version::TLS12),
            ("tls.VersionTLS13", Version::TLS13),
            ("TLS1_2_VERSION", Version::TLS12),
            ("TLS1_VERSION", Version::TLS10),
            ("ssl.TLSVersion.TLSv1_1", Version::TLS11),
            ("SSLv3", Version::SSL3),
            ("0x0303", Version::TLS12),
        ] {
            assert_eq!(versions_in(text), [version], "{text}");
        }
        assert_eq!(versions_in("SSLv3, TLSv1, TLSv1.1, TLS_RSA_*, DTLSv1.0").len(), 3);
        assert!(versions_in("TLS_AES_128_GCM_SHA256 DTLSv1.2 TLS 1.25").is_empty());
    }

    #[test]
    fn one_setting_is_found_in_many_forms() {
        let wanted = [("jdk.tls.client.protocols".to_owned(), "TLSv1.2".to_owned())];
        for text in [
            "java -Djdk.tls.client.protocols=TLSv1.2 -jar app.jar",
            "System.setProperty(\"jdk.tls.client.protocols\", \"TLSv1.2\");",
            "jdk.tls.client.protocols = TLSv1.2",
            "JAVA_TOOL_OPTIONS=-Djdk.tls.client.protocols=TLSv1.2",
        ] {
            assert_eq!(one("java", text), wanted, "{text}");
        }
        for text in ["#jdk.tls.client.protocols=TLSv1.2", "xjdk.tls.client.protocols=TLSv1.2"] {
            assert!(one("java", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_flag_is_no_part_of_a_longer_one() {
        assert_eq!(one("openssl", "openssl s_client -tls1_2")[0].0, "-tls1_2");
        assert_eq!(one("curl", "curl --tlsv1.2 https://example.com/")[0].0, "--tlsv1.2");
        assert_eq!(one("openssl", "openssl s_client -tls1_2").len(), 1);
    }

    #[test]
    fn a_list_may_go_on_in_the_next_line() {
        let text = "jdk.tls.disabledAlgorithms=SSLv3, \\\n    TLSv1, TLSv1.1\n";
        assert_eq!(one("java", text)[0].1, "SSLv3, TLSv1, TLSv1.1");
    }

    #[test]
    fn tells_programs_their_versions_and_systems() {
        let java =
            "Exception: javax.net.ssl.SSLHandshakeException: handshake_failure\njava version \"1.8.0_292\"";
        assert_eq!(program_in(Side::Client, java), Client::from_slug("java"));
        assert_eq!(version_in(Client::Program("java"), java).as_deref(), Some("1.8.0_292"));
        let nginx = "nginx version: nginx/1.18.0 (Ubuntu)\nssl_protocols TLSv1;\nOS: Ubuntu 20.04.6 LTS";
        assert_eq!(program_in(Side::Server, nginx), Client::from_slug("nginx"));
        assert_eq!(version_in(Client::Program("nginx"), nginx).as_deref(), Some("1.18.0"));
        assert_eq!(system_in(nginx), Some("ubuntu-20.04"));
        assert_eq!(version_in(Client::Program("python"), "Python 3.8.10 and Python 3.11.2"), None);
        assert_eq!(version_in(Client::Program("python"), "it is written in Python"), None);
        assert_eq!(program_in(Side::Client, "nothing of the kind"), None);
    }
}
