//! Puts every file of `content/` into the core, so that it needs no files where it runs.

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

    let mut code = String::from("pub(crate) static FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&content).expect("it was found below content");
        let name = name.to_string_lossy().replace('\\', "/");
        writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string())
            .expect("a String takes all that is written to it");
    }
    code.push_str("];\n");
    fs::write(out_dir.join("files.rs"), code)
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
