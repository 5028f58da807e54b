//! Tries out `content/` as it lies on the disk, without building anything: for those who write
//! messages and pages.
//!
//! ```sh
//! cargo build --release -p whytls --example knowledge
//! target/release/examples/knowledge check
//! target/release/examples/knowledge diagnose FILE…
//! target/release/examples/knowledge diagnose --format json FILE…
//! target/release/examples/knowledge diagnose --format markdown --lang zh-CN FILE…
//! target/release/examples/knowledge score [--misses] FOLDER…
//! ```
//!
//! `score` wants an `index.jsonl` in each folder: `{"file", "problem", "accept": [], "also": []}` a line.

#![allow(clippy::disallowed_methods, reason = "it reads the files that the core must not")]
#![allow(clippy::print_stdout, reason = "it is for a terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use whytls::content::{Confidence, Expectation, Library, Role, install, library};
use whytls::{Lang, Paste};

fn main() -> ExitCode {
    let content = env::var_os("WHYTLS_CONTENT").map_or_else(|| PathBuf::from("content"), PathBuf::from);
    let mut files = Vec::new();
    collect(&content, &content, &mut files);
    let files: Vec<(&str, &str)> =
        files.into_iter().map(|(name, text)| (&*name.leak(), &*text.leak())).collect();
    match Library::read(&files).and_then(|library| library.check().map(|()| library)) {
        Ok(library) => assert!(install(library), "nothing has asked for the library yet"),
        Err(error) => {
            println!("{error}");
            return ExitCode::from(2);
        }
    }
    let args: Vec<String> = env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("check") => check(),
        Some("diagnose") => diagnose(args.get(1..).unwrap_or_default()),
        Some("score") => score(args.get(1..).unwrap_or_default()),
        _ => {
            println!(
                "check, diagnose [--format json|markdown] [--lang en|zh-CN] FILE…, or score [--misses] FOLDER…"
            );
            ExitCode::from(2)
        }
    }
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, String)>) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(root, &path, files);
        } else if let (Ok(text), Ok(name)) = (fs::read_to_string(&path), path.strip_prefix(root)) {
            files.push((name.to_string_lossy().into_owned(), text));
        }
    }
}

/// What the tests check of messages and examples, all at once.
fn check() -> ExitCode {
    let mut wrong = 0;
    for message in &library().catalogue.messages {
        if !whytls::decode::says_all(&whytls::decode::messages_in(&message.seen), message) {
            wrong += 1;
            println!("{}: not found in its own line: {:?}", message.file, message.seen);
        }
    }
    for page in &library().pages {
        for (at, example) in page.examples().iter().enumerate() {
            let report = whytls::diagnose(&Paste::text(&example.paste));
            let found: Vec<String> = report.findings.iter().map(line).collect();
            let finds = report.findings.iter().any(|finding| {
                finding.problem == page.slug.problem
                    && (page.slug.cause.is_none() || finding.cause == page.slug.cause.as_deref())
            });
            if finds != (example.expectation == Expectation::Finds) {
                wrong += 1;
                println!("{}: example {} should {:?} it: {found:?}", page.file, at + 1, example.expectation);
            }
        }
    }
    println!(
        "{} messages, {} pages, {wrong} wrong",
        library().catalogue.messages.len(),
        library().pages.len()
    );
    ExitCode::from(u8::from(wrong > 0))
}

fn diagnose(args: &[String]) -> ExitCode {
    let lang = if args.iter().any(|arg| arg == Lang::ZhCn.tag()) { Lang::ZhCn } else { Lang::En };
    let asked = |format: &str| args.iter().any(|arg| arg == format);
    let options = ["--format", "json", "markdown", "--lang", "en", "zh-CN"];
    let mut paste = Paste::default();
    for path in args.iter().filter(|arg| !options.contains(&arg.as_str())) {
        match fs::read(path) {
            Ok(bytes) => paste.add(path, &bytes),
            Err(error) => println!("{path}: {error}"),
        }
    }
    let report = whytls::diagnose(&paste);
    if asked("json") {
        print!("{}", report.json(lang));
    } else if asked("markdown") {
        print!("{}", report.markdown(lang));
    } else {
        for finding in &report.findings {
            println!("{}", line(finding));
        }
        let artifacts = whytls::decode::find(&paste);
        let evidence = whytls::decode::read(&paste, &artifacts);
        for (at, incident) in whytls::facts::weigh(&paste, &artifacts, evidence).incidents.iter().enumerate()
        {
            for (key, known) in incident.iter() {
                let values: Vec<&str> = known.iter().map(|known| known.value.as_ref()).collect();
                println!("  {}: {key} = {}", at + 1, values.join(", "));
            }
        }
    }
    ExitCode::from(u8::from(report.found_problem()))
}

/// A labelled paste: what it shows, and what an expert might say as well.
#[derive(serde::Deserialize)]
struct Labelled {
    file: String,
    problem: String,
    #[serde(default)]
    accept: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
}

/// How many of what they could be; and in how many.
#[derive(Default)]
struct Share(usize, usize);

impl Share {
    fn count(&mut self, good: bool) {
        self.0 += usize::from(good);
        self.1 += 1;
    }
}

/// Diagnoses labelled pastes, and says how often the answer is right.
fn score(args: &[String]) -> ExitCode {
    let misses = args.iter().any(|arg| arg == "--misses");
    let [mut first, mut strict, mut third, mut also, mut wrong, mut quiet, mut cited] =
        std::array::from_fn(|_| Share::default());
    for dir in args.iter().filter(|arg| !arg.starts_with("--")).map(Path::new) {
        let Ok(index) = fs::read_to_string(dir.join("index.jsonl")) else {
            println!("{}: no index.jsonl", dir.display());
            return ExitCode::from(2);
        };
        for entry in index.lines().filter(|line| !line.trim().is_empty()) {
            let case: Labelled = match serde_json::from_str(entry) {
                Ok(case) => case,
                Err(error) => {
                    println!("{}: {error}: {entry}", dir.display());
                    return ExitCode::from(2);
                }
            };
            let path = dir.join(&case.file);
            let mut paste = Paste::default();
            paste.add(&case.file, &fs::read(&path).unwrap_or_default());
            let report = whytls::diagnose(&paste);
            let fits = |problem: &str| problem == case.problem || case.accept.iter().any(|a| a == problem);
            let problems: Vec<_> =
                report.findings.iter().filter(|finding| finding.role == Role::Problem).collect();
            let found = problems.first().map_or("none", |finding| finding.problem);
            let certain = problems.first().is_some_and(|f| f.confidence == Confidence::Certain);
            wrong.count(certain && !fits(found));
            if case.problem == "none" {
                quiet.count(fits(found));
            } else {
                first.count(fits(found));
                strict.count(found == case.problem);
                third.count(problems.iter().take(3).any(|f| fits(f.problem)) || fits(found));
            }
            for slug in &case.also {
                also.count(report.findings.iter().any(|finding| finding.problem == slug));
            }
            if !problems.is_empty() {
                let view = report.view(Lang::En);
                let seen = view.findings.iter().find(|finding| finding.role == Role::Problem);
                cited.count(seen.is_some_and(|finding| !finding.evidence.is_empty()));
            }
            if misses && !fits(found) {
                let or = case.accept.join(", ");
                println!("{}: wanted {} ({or}), found {found}", path.display(), case.problem);
            }
        }
    }
    for (name, Share(good, all)) in [
        ("top1", first),
        ("strict", strict),
        ("top3", third),
        ("also", also),
        ("wrong", wrong),
        ("quiet", quiet),
        ("cited", cited),
    ] {
        let tenths = good * 1000 / all.max(1);
        println!("{name:7} {:3}.{} % of {all}", tenths / 10, tenths % 10);
    }
    ExitCode::SUCCESS
}

fn line(finding: &whytls::report::Finding) -> String {
    let cause = finding.cause.map(|cause| format!("/{cause}")).unwrap_or_default();
    match finding.role {
        Role::Problem => format!("{}{cause} {:?}", finding.problem, finding.confidence),
        role => format!("{role:?}: {}{cause}", finding.problem),
    }
}
