//! Reads what the user names: files, folders, standard input.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use whytls::Paste;
use whytls::paste::Reserved;

use crate::complain;

/// The name of what comes in on standard input, the same as the page gives to what is pasted.
const PASTED: &str = "paste.txt";
/// So many bytes say what a file is, and so many are read at once.
const HEAD: u64 = 4096;
const CHUNK: usize = 1024 * 1024;

/// All inputs, and whether one of them could not be read.
pub(crate) struct Read {
    pub(crate) paste: Paste,
    pub(crate) failed: bool,
}

/// A capture that is read when all other inputs are: one of them may hold its secrets.
struct Later {
    place: Reserved,
    about: String,
    head: Vec<u8>,
    rest: Box<dyn io::Read>,
}

/// Reads every input that can be read; of the others it says on standard error what is wrong.
pub(crate) fn read(inputs: &[PathBuf]) -> Read {
    read_with(inputs, true)
}

/// The same for what shows no digest of its inputs; large captures are read in half the time.
pub(crate) fn read_without_digest(inputs: &[PathBuf]) -> Read {
    read_with(inputs, false)
}

fn read_with(inputs: &[PathBuf], digest: bool) -> Read {
    let mut read = Read { paste: Paste::default(), failed: false };
    let mut later = Vec::new();
    let stdin = [PathBuf::from("-")];
    for path in if inputs.is_empty() { &stdin } else { inputs } {
        if let Err(error) = add(path, &mut read.paste, &mut later) {
            complain(&format!("{error:#}"));
            read.failed = true;
        }
    }
    for capture in later {
        if let Err(error) = add_capture(capture, digest, &mut read.paste) {
            complain(&format!("{error:#}"));
            read.failed = true;
        }
    }
    read
}

fn add(path: &Path, paste: &mut Paste, later: &mut Vec<Later>) -> Result<()> {
    if path.as_os_str() == "-" {
        let about = "cannot read standard input".to_owned();
        return begin(PASTED, about, Box::new(io::stdin()), paste, later);
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
            add(entry, paste, later)?;
        }
        return Ok(());
    }
    let file = File::open(path).with_context(about)?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    begin(&name.to_string_lossy(), about(), Box::new(file), paste, later)
}

/// Takes an input in, unless it is a capture: those may be larger than what fits into memory.
fn begin(
    name: &str,
    about: String,
    mut input: Box<dyn io::Read>,
    paste: &mut Paste,
    later: &mut Vec<Later>,
) -> Result<()> {
    let mut bytes = Vec::new();
    input.by_ref().take(HEAD).read_to_end(&mut bytes).with_context(|| about.clone())?;
    if Paste::is_capture(&bytes) {
        later.push(Later { place: paste.reserve(name), about, head: bytes, rest: input });
        return Ok(());
    }
    input.read_to_end(&mut bytes).context(about)?;
    paste.add(name, &bytes);
    Ok(())
}

fn add_capture(capture: Later, digest: bool, paste: &mut Paste) -> Result<()> {
    let Later { place, about, head, mut rest } = capture;
    let mut intake = paste.fill(place);
    if !digest {
        intake = intake.without_digest();
    }
    intake.push(&head);
    let mut chunk = vec![0; CHUNK];
    let read = loop {
        match rest.read(&mut chunk) {
            Ok(0) => break Ok(()),
            Ok(read) => intake.push(chunk.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    // What was read before the error is still worth a look.
    intake.finish();
    read.context(about)
}
