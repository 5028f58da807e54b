//! Puts every file of `content/` into the core, so that it needs no files where it runs.
//!
//! TOML is for people: what goes into the program is the same as JSON, which is read several
//! times as fast each time the program starts. A file that is no TOML goes in as it is, so that
//! the tests can say what is wrong with it.

#![allow(clippy::disallowed_methods, reason = "it runs where the core is built, not in it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let content = crate_dir.join("../../content");
    let mut files = Vec::new();
    collect(&content, &mut files)?;
    files.sort();
    let built = out_dir.join("content");

    let mut code = String::from("pub(crate) static FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&content).expect("it was found below content");
        let name = name.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(file)?;
        let quick = if name.ends_with(".toml") { json(&text) } else { front_matter(&text) };
        let file = match quick {
            Some(quick) => {
                let file = built.join(&name);
                fs::create_dir_all(file.parent().expect("it is below a folder"))?;
                fs::write(&file, quick)?;
                file
            }
            None => file.clone(),
        };
        writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string())
            .expect("a String takes all that is written to it");
    }
    code.push_str("];\n");
    fs::write(out_dir.join("files.rs"), code)
}

fn json(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(text).ok()?;
    serde_json::to_string(&table).ok()
}

/// A page with its front matter as JSON; nothing where it has none.
fn front_matter(text: &str) -> Option<String> {
    let (front, prose) = text.strip_prefix("+++\n")?.split_once("\n+++\n")?;
    Some(format!("+++\n{}\n+++\n{prose}", json(front)?))
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
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
