//! Holds the code to what ARCHITECTURE.md says of it.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]

use std::fs;
use std::path::{Path, PathBuf};

/// The order in which the modules of the core stand, and in which each may use the others.
const MODULES: [&str; 11] = [
    "tls", "x509", "wire", "content", "policy", "paste", "evidence", "decode", "facts", "findings", "report",
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder of the crate").flatten() {
            rust_files(&entry.path(), files);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        files.push(path.to_owned());
    }
}

/// The files of a module, without what only its tests do.
fn files_of(module: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for path in [source().join(module), source().join(format!("{module}.rs"))] {
        if path.exists() {
            rust_files(&path, &mut files);
        }
    }
    assert!(!files.is_empty(), "there is no module {module}");
    let code = |path: &Path| {
        let text = fs::read_to_string(path).expect("a file of the crate");
        text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
    };
    files.into_iter().map(|path| (path.clone(), code(&path))).collect()
}

#[test]
fn lib_lists_the_modules_in_reading_order() {
    let text = fs::read_to_string(source().join("lib.rs")).expect("lib.rs");
    let listed: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(listed, MODULES);
}

#[test]
fn each_module_uses_only_those_before_it() {
    for (at, module) in MODULES.iter().enumerate() {
        for (path, text) in files_of(module) {
            for later in MODULES.iter().skip(at + 1) {
                let used = format!("crate::{later}");
                let found =
                    text.lines().find(|line| line.contains(&used) && !line.trim_start().starts_with("//"));
                assert!(
                    found.is_none(),
                    "{} uses {later}, which stands after {module}: {found:?}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_core_touches_neither_files_nor_network_nor_clock_nor_terminal() {
    const FORBIDDEN: [&str; 10] = [
        "std::fs",
        "std::net",
        "std::env::",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant",
        "println!",
        "eprintln!",
        "std::io::std",
    ];
    for module in MODULES {
        for (path, text) in files_of(module) {
            for word in FORBIDDEN {
                assert!(!text.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn every_file_opens_with_what_it_does() {
    let mut files = Vec::new();
    rust_files(&source().join("../.."), &mut files);
    for path in files.iter().filter(|path| !path.components().any(|part| part.as_os_str() == "target")) {
        let text = fs::read_to_string(path).expect("a file of the workspace");
        assert!(text.starts_with("//! "), "{} does not say what it does", path.display());
    }
}

/// Only what the report is made of is serialized: it is our word to the outside. What `build.rs` stores stays
/// inside.
#[test]
fn only_the_report_and_what_it_holds_is_serialized() {
    // Small words that the report holds as they are.
    const HELD: [&str; 8] =
        ["Span", "SecretKind", "Kind", "Side", "CloseHow", "Transport", "Role", "Confidence"];
    for module in MODULES.iter().filter(|module| !["content", "report"].contains(module)) {
        for (path, text) in files_of(module) {
            for block in text.split("Serialize").skip(1) {
                let name = block
                    .split("pub enum ")
                    .nth(1)
                    .or_else(|| block.split("pub struct ").nth(1))
                    .unwrap_or_default();
                let name = name.split([' ', '{', '<', '(']).next().unwrap_or_default();
                let word = HELD.contains(&name)
                    || ["Risk", "Verdict"].contains(&name)
                    || block.trim_start().starts_with([';', ',', '}']);
                assert!(word, "{}: {name} is serialized", path.display());
            }
        }
    }
}
