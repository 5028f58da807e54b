//! Runs `tests/collected/<set>/`: what programs print and people paste, whole and damaged.
//!
//! `index.toml` says for each paste what must stand first in the report; `none` where nothing about
//! a secure connection failed. What happens to text on its way into a box must change little.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]
#![allow(clippy::panic, reason = "a panic is how a harness says that a test failed")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{fs, thread};

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};
use serde::Deserialize;
use whytls::Paste;
use whytls::content::{Confidence, Role};
use whytls::decode::Artifact;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    case: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The paste, beside the index.
    file: String,
    /// The program, and what was done to it.
    from: String,
    /// The problem that stands first, or `none`.
    finds: String,
    /// What may stand there as well.
    #[serde(default)]
    or: Vec<String>,
    /// Advisories and second problems that the report has as well.
    #[serde(default)]
    also: Vec<String>,
}

struct Case {
    path: PathBuf,
    bytes: Vec<u8>,
    expected: Entry,
}

impl Case {
    fn fits(&self, problem: &str) -> bool {
        self.expected.finds == problem || self.expected.or.iter().any(|other| other == problem)
    }

    /// The paste, where it is words: a dump has its own damages and its own tests.
    fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.bytes).ok().filter(|text| !text.contains('\0'))?;
        let dumps = whytls::decode::find(&Paste::text(text)).iter().any(Artifact::is_capture);
        (!dumps).then_some(text)
    }
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/collected");
    let mut sets: Vec<PathBuf> =
        fs::read_dir(&root).into_iter().flatten().flatten().map(|e| e.path()).collect();
    sets.sort();
    let mut cases = Vec::new();
    for set in sets {
        let text =
            fs::read_to_string(set.join("index.toml")).unwrap_or_else(|e| panic!("{}: {e}", set.display()));
        let index: Index = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", set.display()));
        for expected in index.case {
            let path = set.join(&expected.file);
            assert!(!expected.from.is_empty(), "{} does not say where it is from", path.display());
            let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            cases.push(Case { path, bytes, expected });
        }
    }
    assert!(cases.len() > 500, "the cases are not where they should be");
    cases
}

/// The first problem of a report, and whether it is called certain.
fn first(bytes: &[u8]) -> (&'static str, bool) {
    let mut paste = Paste::default();
    paste.add("paste", bytes);
    let findings = whytls::diagnose(&paste).findings;
    let first = findings.iter().find(|finding| finding.role == Role::Problem);
    first.map_or(("none", false), |first| (first.problem, first.confidence == Confidence::Certain))
}

/// Does the work on every core, in no order.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Option<R> + Sync) -> Vec<R> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(result) = work(item) {
                        found.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_paste_finds_its_problem_first() {
    let mut wrong = each(&cases(), |case| {
        let (found, _) = first(&case.bytes);
        let path = case.path.display();
        (!case.fits(found)).then(|| format!("{path}: {found} instead of {}", case.expected.finds))
    });
    wrong.sort();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_worth_a_word_is_said_as_well() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| !case.expected.also.is_empty()).collect();
    let mut missing = each(&cases, |case| {
        let mut paste = Paste::default();
        paste.add("paste", &case.bytes);
        let found: Vec<&str> =
            whytls::diagnose(&paste).findings.iter().map(|finding| finding.problem).collect();
        let absent: Vec<&String> =
            case.expected.also.iter().filter(|also| !found.contains(&also.as_str())).collect();
        (!absent.is_empty()).then(|| format!("{}: no {absent:?} in {found:?}", case.path.display()))
    });
    missing.sort();
    assert!(cases.len() > 10, "the cases are not where they should be");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Each damage may cost two pastes in a hundred their answer, and none may get a wrong certain one
/// that it did not have.
#[test]
fn damage_on_the_way_changes_little() {
    let cases = cases();
    let mut jobs: Vec<(usize, usize)> = Vec::new();
    for damage in 0..DAMAGES.len() {
        // A part of the pastes for each, another part for the next: all of them take too long.
        jobs.extend(
            (0..cases.len()).filter(|case| case % PARTS == damage % PARTS).map(|case| (damage, case)),
        );
    }
    let results = each(&jobs, |&(damage, at)| {
        let (case, (name, apply)) = (cases.get(at)?, DAMAGES.get(damage)?);
        let text = case.text()?;
        let damaged = apply(text);
        // Most texts are the same in every encoding.
        if damaged == text.as_bytes() {
            return None;
        }
        let (found, certain) = first(&damaged);
        let wrong = (!case.fits(found)).then(|| {
            let mark = if certain { " CERTAIN" } else { "" };
            format!("{name}: {}: {found}{mark} instead of {}", case.path.display(), case.expected.finds)
        });
        Some((damage, wrong))
    });
    let mut told = Vec::new();
    for (damage, (name, _)) in DAMAGES.iter().enumerate() {
        let of: Vec<_> = results.iter().filter(|(own, _)| *own == damage).collect();
        let mut wrong: Vec<&str> = of.iter().filter_map(|(_, wrong)| wrong.as_deref()).collect();
        wrong.sort_unstable();
        if wrong.len() * 50 > of.len() || wrong.iter().any(|line| line.contains(" CERTAIN")) {
            told.push(format!("{name}: {} of {}\n{}", wrong.len(), of.len(), wrong.join("\n")));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// Each paste meets one in so many of the damages.
const PARTS: usize = 4;

type Damage = fn(&str) -> Vec<u8>;

/// What terminals, logs, mails and web pages do to text.
const DAMAGES: &[(&str, Damage)] = &[
    ("a mail's quotes", |text| prefixed(text, "> ")),
    ("docker compose", |text| prefixed(text, "web-1  | ")),
    ("docker compose with times", |text| prefixed(text, "web-1  | 2026-11-28T09:00:00.123456789Z ")),
    ("journald", |text| prefixed(text, "Nov 28 09:00:00 host app[4711]: ")),
    ("logcat", |text| prefixed(text, "11-28 09:00:00.123  1234  1260 E System  : ")),
    ("a pod's log", |text| prefixed(text, "2026-11-28T09:00:00.123456789Z stderr F ")),
    ("PowerShell 7", |text| prefixed(text, "     | ")),
    ("an indent", |text| prefixed(text, "        ")),
    ("CRLF", |text| text.replace('\n', "\r\n").into()),
    ("blank lines between", |text| text.replace('\n', "\n\n").into()),
    ("a post around it", |text| format!("Hello,\n\nI get this:\n\n```\n{text}\n```\n\nAny idea?\n").into()),
    ("colours", |text| {
        text.lines().map(|line| format!("\u{1b}[31m{line}\u{1b}[0m\n")).collect::<String>().into()
    }),
    ("a terminal of 80 columns", |text| wrapped(text, 80)),
    ("a terminal of 120 columns", |text| wrapped(text, 120)),
    ("all in one line", |text| text.replace('\n', " ").into()),
    ("rsyslog's #012", |text| {
        format!("Nov 28 09:00:00 host app[4711]: {}\n", text.replace('\t', "#011").replace('\n', "#012"))
            .into()
    }),
    ("docker's JSON lines", |text| {
        let line = |line| format!("{{\"log\":{},\"stream\":\"stderr\"}}\n", json(&format!("{line}\n")));
        text.lines().map(line).collect::<String>().into()
    }),
    ("a JSON string", |text| format!("{{\"level\":\"error\",\"msg\":{}}}", json(text)).into()),
    ("JSON in JSON", |text| format!("{{\"a\":{}}}", json(&format!("{{\"msg\":{}}}", json(text)))).into()),
    ("HTML", |text| format!("<pre>{}</pre>", html(text)).into()),
    ("HTML with breaks", |text| format!("<p>{}</p>", html(text).replace('\n', "<br>\n")).into()),
    ("Python's repr of bytes", |text| bytes_repr(text).into()),
    ("a box", |text| boxed(text).into()),
    ("UTF-16", |text| {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }),
    ("UTF-8 read as Windows-1252", |text| misread(text, WINDOWS_1252)),
    ("UTF-8 read as Windows-1251", |text| misread(text, WINDOWS_1251)),
    ("UTF-8 read as Windows-1250", |text| misread(text, WINDOWS_1250)),
];

/// Encodings that keep the words of the languages they are for. Of any other language only types, codes and
/// frames are left, so a paste may lose its answer, but none may get a wrong certain one.
const ENCODINGS: [&Encoding; 7] = [GBK, BIG5, SHIFT_JIS, EUC_KR, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252];

#[test]
fn what_an_encoding_cannot_say_never_becomes_certain() {
    let cases: Vec<Case> =
        cases().into_iter().filter(|case| case.text().is_some_and(|text| !text.is_ascii())).collect();
    let jobs: Vec<(usize, &Encoding)> = (0..cases.len())
        .flat_map(|at| ENCODINGS.into_iter().skip(at % 2).step_by(2).map(move |encoding| (at, encoding)))
        .collect();
    let mut wrong = each(&jobs, |&(at, encoding)| {
        let case = cases.get(at)?;
        let text = case.text()?;
        // What cannot be said becomes a question mark, as a console has it.
        let mut bytes = Vec::new();
        for c in text.chars() {
            match encoding.encode(c.encode_utf8(&mut [0; 4])) {
                (encoded, _, false) => bytes.extend_from_slice(&encoded),
                _ => bytes.push(b'?'),
            }
        }
        let (found, certain) = first(&bytes);
        (certain && !case.fits(found))
            .then(|| format!("{}: {}: {found}", encoding.name(), case.path.display()))
    });
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The bytes of UTF-8, taken for characters of a code page.
fn misread(text: &str, page: &'static Encoding) -> Vec<u8> {
    page.decode_without_bom_handling(text.as_bytes()).0.into_owned().into()
}

fn prefixed(text: &str, prefix: &str) -> Vec<u8> {
    text.lines().map(|line| format!("{prefix}{line}\n")).collect::<String>().into()
}

fn wrapped(text: &str, width: usize) -> Vec<u8> {
    let mut out = String::new();
    for line in text.lines() {
        for (at, c) in line.chars().enumerate() {
            if at > 0 && at % width == 0 {
                out.push('\n');
            }
            out.push(c);
        }
        out.push('\n');
    }
    out.into()
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn html(text: &str) -> String {
    let pairs = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#x27;")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn bytes_repr(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\'' => "\\'".to_owned(),
        0x20..=0x7e => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    format!("b'{}'", text.bytes().map(escaped).collect::<String>())
}

/// Words wrapped into a box, as Rich and other terminal libraries draw it.
fn boxed(text: &str) -> String {
    const WIDTH: usize = 76;
    let mut rows: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut row = String::new();
        for word in line.split(' ') {
            if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > WIDTH {
                rows.push(std::mem::take(&mut row));
            }
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
        rows.push(row);
    }
    let rule = "─".repeat(WIDTH + 2);
    let body: String = rows.iter().map(|row| format!("│ {row:WIDTH$} │\n")).collect();
    format!("╭{rule}╮\n{body}╰{rule}╯\n")
}
