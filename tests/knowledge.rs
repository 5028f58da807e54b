//! Tries out `content/` as it lies on the disk, without building anything: for those who write
//! messages and pages.
//!
//! ```sh
//! cargo build --release -p whytls --example knowledge
//! target/release/examples/knowledge check
//! target/release/examples/knowledge diagnose FILE…
//! target/release/examples/knowledge diagnose --format json FILE…
//! ```

#![allow(clippy::disallowed_methods, reason = "it reads the files that the core must not")]
#![allow(clippy::print_stdout, reason = "it is for a terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use whytls::content::{Expectation, Library, Role, install, library};
use whytls::{Lang, Paste};

fn main() -> ExitCode {
    let content = env::var_os("WHYTLS_CONTENT").map_or_else(|| PathBuf::from("content"), PathBuf::from);
    let mut files = Vec::new();
    collect(&content, &content, &mut files);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
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
        _ => {
            println!("check, or diagnose [--format json] FILE…");
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
    for message in &library().messages {
        if !whytls::decode::says_all(&whytls::decode::messages_in(&message.seen), message) {
            wrong += 1;
            println!("{}: not found in its own line: {:?}", message.file, message.seen);
        }
    }
    for page in &library().pages {
        for (at, example) in page.examples.iter().enumerate() {
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
    println!("{} messages, {} pages, {wrong} wrong", library().messages.len(), library().pages.len());
    ExitCode::from(u8::from(wrong > 0))
}

fn diagnose(args: &[String]) -> ExitCode {
    let json = args.iter().any(|arg| arg == "json");
    let mut paste = Paste::default();
    for path in args.iter().filter(|arg| !["--format", "json"].contains(&arg.as_str())) {
        match fs::read(path) {
            Ok(bytes) => paste.add(path, &bytes),
            Err(error) => println!("{path}: {error}"),
        }
    }
    let report = whytls::diagnose(&paste);
    if json {
        print!("{}", report.json(Lang::En));
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

fn line(finding: &whytls::report::Finding) -> String {
    let cause = finding.cause.map(|cause| format!("/{cause}")).unwrap_or_default();
    match finding.role {
        Role::Problem => format!("{}{cause} {:?}", finding.problem, finding.confidence),
        role => format!("{role:?}: {}{cause}", finding.problem),
    }
}
