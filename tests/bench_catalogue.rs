//! Whether more messages slow a diagnosis: `make bench`. Work grows with the paste, not with the catalogue.
//!
//! A program has one library, so this one starts itself once for each size. The messages that are added are
//! the catalogue's own with their letters shifted: as long, as many of a kind, and none of them in the paste.

#![allow(clippy::disallowed_methods, reason = "it reads the files that the core must not")]
#![allow(clippy::print_stdout, reason = "it is for a terminal")]

use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use whytls::content::{Library, install, library};
use whytls::{Paste, diagnose};

/// How many times as many messages.
const TIMES: [u8; 3] = [1, 4, 16];
const SIZE: &str = "WHYTLS_CATALOGUE";
const ROUNDS: usize = 21;

fn main() {
    match env::var(SIZE).ok().and_then(|times| times.parse().ok()) {
        Some(times) => measure(times),
        None => {
            println!("catalogue              first     then, for each 100 kB");
            for times in TIMES {
                let own = env::current_exe().expect("a running program has a file");
                let child = std::process::Command::new(own).env(SIZE, times.to_string()).status();
                assert!(child.is_ok_and(|status| status.success()), "it ends well");
            }
        }
    }
}

fn measure(times: u8) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    let messages: Vec<(String, String)> =
        files.iter().filter(|(name, _)| name.starts_with("messages/")).cloned().collect();
    for by in 1..times {
        files.extend(messages.iter().map(|(name, text)| (format!("{name}{by}"), shifted(text, by))));
    }
    let files: Vec<(&str, &str)> =
        files.into_iter().map(|(name, text)| (&*name.leak(), &*text.leak())).collect();
    let read = Library::read(&files).expect("content/ holds together");
    assert!(install(read), "nothing has asked for the library yet");
    let log = log();
    let took: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let report = diagnose(&Paste::text(std::hint::black_box(&log)));
            assert!(!report.findings.is_empty(), "it is found all the same");
            start.elapsed()
        })
        .collect();
    let first = took.first().copied().unwrap_or_default();
    let mut later: Vec<Duration> = took.into_iter().skip(1).collect();
    later.sort_unstable();
    let median = later.get(later.len() / 2).copied().unwrap_or_default();
    println!("{times:2}×, {:6} messages {first:8.1?} {median:8.1?}", library().catalogue.messages.len());
}

/// A log of 100 kB with a failure in every hundredth line.
fn log() -> String {
    let mut log = String::new();
    for line in 1_u32.. {
        if log.len() >= 100_000 {
            break;
        }
        let says = match line % 100 {
            0 => {
                "ERROR mailer: System.IO.IOException: Authentication failed because the remote party has closed the transport stream."
            }
            _ => "INFO mailer: queued message for delivery (attempt 1)",
        };
        log.push_str(&format!("2026-11-24 09:00:{:02}.123 {says}\n", line % 60));
    }
    log
}

/// A file of messages in another alphabet: only what is looked for changes, blanks and facts do not.
fn shifted(text: &str, by: u8) -> String {
    let mut file: toml::Table = toml::from_str(text).expect("content/ is TOML");
    let messages = file.get_mut("message").and_then(toml::Value::as_array_mut);
    for entry in messages.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
        for key in ["text", "lines", "translations"] {
            entry.get_mut(key).into_iter().for_each(|value| shift(value, by));
        }
    }
    file.remove("frame");
    toml::to_string(&file).expect("a table can be written")
}

fn shift(value: &mut toml::Value, by: u8) {
    match value {
        toml::Value::String(text) => {
            let mut blank = false;
            let letters = text.chars().map(|c| {
                blank = (blank || c == '{') && c != '}';
                match u8::try_from(c) {
                    Ok(letter @ b'a'..=b'z') if !blank => char::from(b'a' + (letter - b'a' + by) % 26),
                    _ => c,
                }
            });
            *text = letters.collect();
        }
        toml::Value::Array(all) => all.iter_mut().for_each(|value| shift(value, by)),
        toml::Value::Table(all) => all.iter_mut().for_each(|(_, value)| shift(value, by)),
        _ => {}
    }
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, String)>) {
    for path in fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else if let (Ok(text), Ok(name)) = (fs::read_to_string(&path), path.strip_prefix(root)) {
            files.push((name.to_string_lossy().into_owned(), text));
        }
    }
    files.sort();
}
