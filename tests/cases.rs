//! Runs `tests/cases/<problem>/<case>/`: a paste, what it must find, and every word we answer.
//!
//! `case.toml` says where the paste is from, what it `finds` and what it `spares`; everything else
//! in the folder but `report*.md` is the paste, in the order of the names. `make bless` rewrites
//! the reports.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]
#![allow(clippy::panic, reason = "a panic is how a harness says that a test failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use whytls::content::{Confidence, Role};
use whytls::{Lang, Paste, Report};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// Where the paste is from.
    from: String,
    /// Findings in their order, as `problem[/cause] confidence` or `role: problem[/cause]`; more may follow.
    finds: Vec<String>,
    /// Slugs that must not be found.
    #[serde(default)]
    spares: Vec<String>,
    /// What the report must say, in English.
    #[serde(default)]
    says: Vec<String>,
}

struct Case {
    dir: PathBuf,
    expected: Expected,
    files: Vec<(String, Vec<u8>)>,
}

impl Case {
    fn paste(&self) -> Paste {
        let mut paste = Paste::default();
        for (name, bytes) in &self.files {
            paste.add(name, bytes);
        }
        paste
    }

    /// The slugs that the case finds or may find.
    fn allowed(&self) -> BTreeSet<&str> {
        self.expected
            .finds
            .iter()
            .filter_map(|line| line.split(' ').find(|word| !word.ends_with(':')))
            .map(problem_of)
            .collect()
    }
}

fn problem_of(slug: &str) -> &str {
    slug.split('/').next().unwrap_or(slug)
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let mut cases = Vec::new();
    for problem in sorted(&root) {
        for dir in sorted(&problem) {
            let text = fs::read_to_string(dir.join("case.toml"))
                .unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
            let expected: Expected =
                toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
            assert!(!expected.from.is_empty(), "{} does not say where it is from", dir.display());
            let files = sorted(&dir)
                .into_iter()
                .filter(|path| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    name != "case.toml" && !name.starts_with("report")
                })
                .map(|path| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    (name, fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
                })
                .collect();
            cases.push(Case { dir, expected, files });
        }
    }
    assert!(cases.len() > 10, "the cases are not where they should be");
    cases
}

fn sorted(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn lines(report: &Report) -> Vec<String> {
    report
        .findings
        .iter()
        .map(|finding| {
            let slug = match finding.cause {
                Some(cause) => format!("{}/{cause}", finding.problem),
                None => finding.problem.to_owned(),
            };
            match finding.role {
                Role::Problem => format!("{slug} {}", confidence(finding.confidence)),
                Role::Consequence => format!("consequence: {slug}"),
                Role::Advisory => format!("advisory: {slug}"),
            }
        })
        .collect()
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    }
}

#[test]
fn every_case_finds_what_it_should() {
    let mut wrong = Vec::new();
    for case in cases() {
        let report = whytls::diagnose(&case.paste());
        let lines = lines(&report);
        if !lines.starts_with(&case.expected.finds) || case.expected.finds.is_empty() && !lines.is_empty() {
            wrong.push(format!(
                "{}\n  wanted {:?}\n  found  {lines:?}",
                case.dir.display(),
                case.expected.finds
            ));
        }
        for slug in &case.expected.spares {
            if report.findings.iter().any(|finding| finding.problem == slug) {
                wrong.push(format!("{} finds {slug}", case.dir.display()));
            }
        }
        let text = report.markdown(Lang::En);
        for words in &case.expected.says {
            if !text.contains(words.as_str()) {
                wrong.push(format!("{} does not say {words:?}", case.dir.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_report_reads_as_it_did() {
    let bless = env::var_os("WHYTLS_BLESS").is_some();
    let mut changed = Vec::new();
    for case in cases() {
        let report = whytls::diagnose(&case.paste());
        for (lang, name) in [(Lang::En, "report.md"), (Lang::ZhCn, "report.zh-CN.md")] {
            let (path, text) = (case.dir.join(name), report.markdown(lang));
            if bless {
                fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            } else if fs::read_to_string(&path).unwrap_or_default() != text {
                changed.push(path.display().to_string());
            }
        }
    }
    assert!(changed.is_empty(), "`make bless`, then read the diff of\n{}", changed.join("\n"));
}

/// Every quote stands in its input where its span says, but for secrets, which are masked.
#[test]
fn every_quote_stands_where_its_span_says() {
    for case in cases() {
        let view = whytls::diagnose(&case.paste()).view(Lang::En);
        for seen in view.findings.iter().flat_map(|finding| &finding.evidence) {
            let Some((name, bytes)) = case.files.get(seen.input) else {
                panic!("{}: no such input", case.dir.display())
            };
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            let quote = seen.quote.trim_end_matches('…');
            let there = text.get(seen.span.start..seen.span.end).unwrap_or_default();
            assert!(
                there.starts_with(quote) || quote.contains('*'),
                "{}/{name}: {quote:?} is not {there:?}",
                case.dir.display()
            );
            let line = text.get(..seen.span.start).unwrap_or_default().matches('\n').count() + 1;
            assert_eq!(line, seen.span.line, "{}/{name}: {quote:?}", case.dir.display());
        }
    }
}

/// Cut off anywhere, or with a prefix before each line: the same or less, never a wrong certain.
#[test]
fn a_damaged_paste_never_gives_a_wrong_certain_answer() {
    for case in cases() {
        let allowed = case.allowed();
        for (damage, files) in damaged(&case.files) {
            let mut paste = Paste::default();
            for (name, bytes) in &files {
                paste.add(name, bytes);
            }
            for finding in whytls::diagnose(&paste).findings {
                let certain = finding.role == Role::Problem && finding.confidence == Confidence::Certain;
                assert!(
                    !certain || allowed.contains(finding.problem),
                    "{} {damage}: {} is called certain",
                    case.dir.display(),
                    finding.problem
                );
            }
        }
    }
}

/// A prefix before each line changes nothing of what is found first.
#[test]
fn a_prefix_before_each_line_changes_nothing() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Some(first) = lines(&whytls::diagnose(&case.paste())).first().cloned() else { continue };
        for (damage, files) in
            damaged(&case.files).into_iter().filter(|(damage, _)| damage.starts_with("prefixed"))
        {
            let mut paste = Paste::default();
            for (name, bytes) in &files {
                paste.add(name, bytes);
            }
            let found = lines(&whytls::diagnose(&paste)).first().cloned().unwrap_or_default();
            if found != first {
                wrong.push(format!("{} {damage}: {found:?} instead of {first:?}", case.dir.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

type Files = Vec<(String, Vec<u8>)>;

/// The last file cut off at every eighth, and every file with each of some prefixes.
fn damaged(files: &Files) -> Vec<(String, Files)> {
    const PREFIXES: [&str; 5] =
        ["> ", "app-1  | ", "    ", "2026-11-24T09:00:00.123Z ", "Nov 24 09:00:00 host program[4711]: "];
    let mut all = Vec::new();
    for eighth in 1..8 {
        let mut cut = files.clone();
        if let Some((_, bytes)) = cut.last_mut() {
            bytes.truncate(bytes.len() * eighth / 8);
        }
        all.push((format!("cut at {eighth}/8"), cut));
    }
    for prefix in PREFIXES {
        let mut prefixed = files.clone();
        for (_, bytes) in &mut prefixed {
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            *bytes = text.lines().map(|line| format!("{prefix}{line}\n")).collect::<String>().into_bytes();
        }
        all.push((format!("prefixed by {prefix:?}"), prefixed));
    }
    all
}
