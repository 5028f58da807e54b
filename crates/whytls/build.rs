//! Puts every file of `content/` into the core, so that it needs no files where it runs.
//!
//! TOML is for people. What is known goes in as it is kept, read and checked here, since that takes several times
//! as long as taking it over each time the program starts: the catalogue of messages, by far the largest part, with
//! all its tables, so that nothing of it is read before it is met, and of the pages the prose by itself.

#![allow(clippy::disallowed_methods, reason = "it runs where the core is built, not in it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The modules of the core that make the catalogues of messages and codes.
#[allow(dead_code, reason = "most of what they do is done where the program runs")]
#[path = "src/finder/mod.rs"]
mod finder;
#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the tables of platforms name versions, and nothing else"
)]
#[path = "src/tls/mod.rs"]
mod tls;
#[allow(dead_code, unreachable_pub, reason = "most of what they do is done where the program runs")]
#[path = "src/content"]
mod content {
    mod catalogue;
    pub(crate) mod code;
    mod command;
    mod error;
    mod family;
    mod known;
    mod message;
    mod page;
    mod platform;
    mod product;
    mod program;
    mod setting;
    mod text;
    mod vocabulary;

    pub(crate) use catalogue::Catalogue;
    use error::{PageError, parse};
    pub(crate) use known::Known;
    use page::{Page, Risk};
    use text::{Lang, Text};
    use vocabulary::Vocabulary;
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let root = crate_dir.join("../../content");
    let mut paths = Vec::new();
    collect(&root, &mut paths)?;
    paths.sort();
    let mut files = Vec::new();
    for path in &paths {
        let name = path.strip_prefix(&root).expect("it was found below content").to_string_lossy();
        // What was read keeps a page's text for as long as the program runs.
        let leak = |text: String| &*text.leak();
        files.push((leak(name.replace('\\', "/")), path, leak(fs::read_to_string(path)?)));
    }

    let written: Vec<(&'static str, &'static str)> =
        files.iter().map(|(name, _, text)| (*name, *text)).collect();
    let known = out_dir.join("known");
    fs::write(&known, postcard::to_allocvec(&content::Known::written(&written)?)?)?;
    let catalogue = out_dir.join("catalogue");
    fs::write(&catalogue, postcard::to_allocvec(&content::Catalogue::written(&written)?)?)?;
    let codes = out_dir.join("codes");
    fs::write(&codes, postcard::to_allocvec(&content::code::written(&written)?)?)?;

    let mut code = format!("pub(super) static CATALOGUE: &[u8] = include_bytes!({catalogue:?});\n");
    writeln!(code, "pub(super) static KNOWN: &[u8] = include_bytes!({known:?});")?;
    writeln!(code, "pub(super) static CODES: &[u8] = include_bytes!({codes:?});")?;
    code.push_str("pub(super) static FILES: &[(&str, &str)] = &[\n");
    let built = out_dir.join("content");
    // Of what was stored above only the prose of the pages is needed besides.
    files.retain(|(name, ..)| ["problems/", "templates/"].iter().any(|folder| name.starts_with(folder)));
    files.sort_by_key(|(name, ..)| *name);
    for (name, path, text) in &files {
        let mut file = path.to_path_buf();
        if let Some(prose) = prose(text) {
            file = built.join(name);
            fs::create_dir_all(file.parent().expect("it is below a folder"))?;
            fs::write(&file, prose)?;
        }
        writeln!(code, "    ({name:?}, include_str!({file:?})),")?;
    }
    code.push_str("];\n");
    fs::write(out_dir.join("files.rs"), code)?;
    Ok(())
}

/// A page without its front matter; nothing where it has none.
fn prose(text: &str) -> Option<&str> {
    Some(text.strip_prefix("+++\n")?.split_once("\n+++\n")?.1)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    println!("cargo::rerun-if-changed={}", dir.display());
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| ["md", "toml", "html", "css"].iter().any(|x| e == *x)) {
            files.push(path);
        }
    }
    Ok(())
}
