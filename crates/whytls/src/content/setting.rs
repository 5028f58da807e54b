//! The catalogue of settings: names that code and configuration give values to, and calls that connect.
//!
//! In:  `content/settings/*.toml`.
//! Out: names, what their value must be, and the facts that follow.
//! Not here: how a name and its value are found in a text. That is `decode`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PageError, Vocabulary};

/// A name that means something about TLS when it is given a value.
#[derive(Serialize, Deserialize)]
pub struct Setting {
    /// The file that has it, from `content/` on.
    pub file: String,
    /// The names, in lower case: whole, or the end of a longer one (`ssl.CERT_NONE` is `cert_none`).
    pub names: Vec<String>,
    /// It stands in configuration, where a space may be all that is between name and value.
    pub spaced: bool,
    /// What the value must be.
    pub is: Is,
    /// How the value names protocol versions, where it does.
    pub versions: Option<Naming>,
    /// What a version without a number is here: `Tls` of .NET is TLS 1.0.
    pub bare: Option<String>,
    /// One of these words must stand in the same piece of text.
    pub within: Vec<String>,
    /// None of these words may.
    pub without: Vec<String>,
    /// The facts it states; `{value}` is the value, `{versions}` what its versions come to.
    pub says: Vec<(String, String)>,
    /// A real line that has it.
    pub seen: String,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Is {
    /// The name alone says it.
    Present,
    /// Any value.
    Any,
    /// What its language calls true, or no argument at all.
    True,
    /// What its language calls false.
    False,
    /// A function that accepts everything.
    Accepting,
    /// The name is a method that is defined with nothing in it.
    Empty,
    /// One of these words.
    One(Vec<String>),
}

/// How a value names protocol versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Naming {
    /// These and no others.
    Exactly,
    /// This one and newer ones.
    Least,
    /// This one and older ones.
    Most,
    /// These not.
    Without,
}

/// A call that connects.
#[derive(Serialize, Deserialize)]
pub struct Call {
    /// The file that has it, from `content/` on.
    pub file: String,
    /// The names, in lower case.
    pub names: Vec<String>,
    /// What its arguments are, in their order.
    pub arguments: Vec<Argument>,
    /// One of these words must stand in the same piece of text.
    pub within: Vec<String>,
    /// The facts it states.
    pub says: Vec<(String, String)>,
    /// A real line that has it.
    pub seen: String,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Argument {
    /// Something else.
    Other,
    /// A name or address.
    Host,
    /// A port.
    Port,
    /// Both, with a colon between them.
    Address,
    /// How TLS is asked for: a truth value, or one of MailKit's options. The call needs it.
    How,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What is said with these settings stands in configuration files.
    #[serde(default)]
    configuration: bool,
    #[serde(default)]
    setting: Vec<SettingEntry>,
    #[serde(default)]
    call: Vec<CallEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingEntry {
    name: Vec<String>,
    is: Option<IsEntry>,
    versions: Option<Naming>,
    bare: Option<String>,
    #[serde(default)]
    within: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    says: BTreeMap<String, String>,
    seen: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum IsEntry {
    Kind(String),
    One(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallEntry {
    name: Vec<String>,
    arguments: Vec<Argument>,
    #[serde(default)]
    within: Vec<String>,
    #[serde(default)]
    says: BTreeMap<String, String>,
    seen: String,
}

pub(super) fn read(
    file: &str,
    text: &str,
    vocabulary: &Vocabulary,
    settings: &mut Vec<Setting>,
    calls: &mut Vec<Call>,
) -> Result<(), PageError> {
    let parsed: File = super::parse(file, text)?;
    for entry in parsed.setting {
        let is = match entry.is {
            None if entry.versions.is_some() => Is::Any,
            None => Is::Present,
            Some(IsEntry::One(words)) => Is::One(lower(words)),
            Some(IsEntry::Kind(kind)) => match kind.as_str() {
                "any" => Is::Any,
                "true" => Is::True,
                "false" => Is::False,
                "accepting" => Is::Accepting,
                "empty" => Is::Empty,
                _ => return Err(PageError::new(file, format!("a value is never {kind:?}"))),
            },
        };
        settings.push(Setting {
            file: file.to_owned(),
            names: lower(entry.name),
            spaced: parsed.configuration,
            is,
            versions: entry.versions,
            bare: entry.bare,
            within: lower(entry.within),
            without: lower(entry.without),
            says: facts(file, entry.says, vocabulary)?,
            seen: entry.seen,
        });
    }
    for entry in parsed.call {
        calls.push(Call {
            file: file.to_owned(),
            names: lower(entry.name),
            arguments: entry.arguments,
            within: lower(entry.within),
            says: facts(file, entry.says, vocabulary)?,
            seen: entry.seen,
        });
    }
    Ok(())
}

fn lower(words: Vec<String>) -> Vec<String> {
    words.into_iter().map(|word| word.to_ascii_lowercase()).collect()
}

fn facts(
    file: &str,
    says: BTreeMap<String, String>,
    vocabulary: &Vocabulary,
) -> Result<Vec<(String, String)>, PageError> {
    for (key, value) in &says {
        match value.as_str() {
            "{versions}" => {
                vocabulary.check(file, key, "old-only")?;
                vocabulary.check(file, key, "with-tls-1.2")?;
            }
            "{value}" if vocabulary.fact(key).is_some_and(|fact| fact.listed().is_empty()) => {}
            value => vocabulary.check(file, key, value)?,
        }
    }
    Ok(says.into_iter().collect())
}
