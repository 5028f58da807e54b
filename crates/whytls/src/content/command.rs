//! The catalogue of options: what people type behind a program's name.
//!
//! In:  `content/commands/*.toml`.
//! Out: programs with their options, and the facts that each states.
//! Not here: how a command line is cut into words. That is `decode`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::setting::Naming;
use super::{PageError, Vocabulary};

/// An option of some programs.
#[derive(Serialize, Deserialize)]
pub struct CommandOption {
    /// The file that has it, from `content/` on.
    pub file: String,
    /// The programs that take it.
    pub programs: Vec<String>,
    /// Its spellings: `-k`, `--insecure`. Of a word without dashes the word itself counts: `start_tls`.
    pub spellings: Vec<String>,
    /// Letters that may stand before a short one behind one dash (`-fsSLk`).
    pub flags: String,
    /// Its value must be one of these.
    pub is: Vec<String>,
    /// How its value, or its own spelling, names protocol versions.
    pub versions: Option<Naming>,
    /// The facts it states; `{value}` is its value, `{port}` the number behind the last colon of it.
    pub says: Vec<(String, String)>,
    /// A real command that has it.
    pub seen: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    option: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    program: Vec<String>,
    option: Vec<String>,
    #[serde(default)]
    flags: String,
    #[serde(default)]
    is: Vec<String>,
    versions: Option<Naming>,
    says: BTreeMap<String, String>,
    seen: String,
}

pub(super) fn read(file: &str, text: &str, vocabulary: &Vocabulary) -> Result<Vec<CommandOption>, PageError> {
    let parsed: File = super::parse(file, text)?;
    let mut options = Vec::new();
    for entry in parsed.option {
        for (key, value) in &entry.says {
            match value.as_str() {
                "{versions}" => vocabulary.check(file, key, "old-only")?,
                "{value}" | "{port}" if vocabulary.fact(key).is_some_and(|fact| fact.listed().is_empty()) => {
                }
                value => vocabulary.check(file, key, value)?,
            }
        }
        options.push(CommandOption {
            file: file.to_owned(),
            programs: entry.program,
            spellings: entry.option,
            flags: entry.flags,
            is: entry.is,
            versions: entry.versions,
            says: entry.says.into_iter().collect(),
            seen: entry.seen,
        });
    }
    Ok(options)
}
