//! Reads what the user names: files, folders, standard input.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use whytls::Paste;

use crate::complain;

/// The name of what comes in on standard input, the same as the page gives to what is pasted.
const PASTED: &str = "paste.txt";

/// All inputs, and whether one of them could not be read.
pub(crate) struct Read {
    pub(crate) paste: Paste,
    pub(crate) failed: bool,
}

/// Reads every input that can be read; of the others it says on standard error what is wrong.
pub(crate) fn read(inputs: &[PathBuf]) -> Read {
    let mut read = Read { paste: Paste::default(), failed: false };
    let stdin = [PathBuf::from("-")];
    for path in if inputs.is_empty() { &stdin } else { inputs } {
        if let Err(error) = add(path, &mut read.paste) {
            complain(&format!("{error:#}"));
            read.failed = true;
        }
    }
    read
}

fn add(path: &Path, paste: &mut Paste) -> Result<()> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        paste.add(PASTED, &bytes);
        return Ok(());
    }
    let about = || format!("cannot read {}", path.display());
    if path.is_dir() {
        // The order of a folder is no order; by name, the report is the same everywhere.
        let mut entries = fs::read_dir(path)
            .and_then(|entries| {
                entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
            })
            .with_context(about)?;
        entries.sort();
        for entry in entries.iter().filter(|entry| entry.is_file()) {
            add(entry, paste)?;
        }
        return Ok(());
    }
    let bytes = fs::read(path).with_context(about)?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    paste.add(&name.to_string_lossy(), &bytes);
    Ok(())
}
