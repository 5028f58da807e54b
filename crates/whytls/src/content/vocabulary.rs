//! The vocabulary of facts: what can be said of a client, a server, the path between them.
//!
//! In:  `content/facts/`.
//! Out: every key with its values, what each value implies, and the sentence that tells it.
//! Not here: which facts a paste shows. That is `facts`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PageError, Text};

/// Every fact that can be stated.
#[derive(Serialize, Deserialize)]
pub struct Vocabulary {
    facts: BTreeMap<String, Fact>,
}

/// One key, such as `client.os`.
#[derive(Serialize, Deserialize)]
pub struct Fact {
    /// The key itself.
    pub key: String,
    /// Its place in the file, which is the order in which sentences stand beside each other.
    pub order: usize,
    /// What the key is about, for those who write pages.
    pub about: String,
    /// It says that something failed, so it begins a story's next failure.
    pub symptom: bool,
    /// It is about the machine, so it holds for every failure of a story.
    pub shared: bool,
    /// The values it can have.
    pub values: Values,
}

/// The values of a key.
#[derive(Serialize, Deserialize)]
pub enum Values {
    /// Only these.
    Listed(Vec<Value>),
    /// Any: a number, a name. The sentence has `{value}` in its place.
    Open(Text),
}

/// One value of a key.
#[derive(Serialize, Deserialize)]
pub struct Value {
    /// The value as pages write it.
    pub is: String,
    /// Its name on the screen, where that is not the value itself: "Windows 7 SP1".
    pub name: Text,
    /// The sentence that tells it as evidence.
    pub says: Text,
    /// Failures of one class, in two pieces of a paste, are taken for the same failure.
    pub class: Option<String>,
    /// What also holds where this does.
    pub implies: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fact: Vec<FactEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactEntry {
    key: String,
    about: String,
    #[serde(default)]
    symptom: bool,
    #[serde(default)]
    shared: bool,
    en: Option<String>,
    zh: Option<String>,
    #[serde(default)]
    value: Vec<ValueEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueEntry {
    is: String,
    name: Option<String>,
    name_zh: Option<String>,
    en: String,
    zh: String,
    class: Option<String>,
    #[serde(default)]
    implies: BTreeMap<String, String>,
}

impl Vocabulary {
    /// Reads the files of `content/facts/`.
    pub(super) fn read(files: &[(&str, &str)]) -> Result<Self, PageError> {
        let mut facts: BTreeMap<String, Fact> = BTreeMap::new();
        for (file, text) in files {
            let parsed: File = super::parse(file, text)?;
            for entry in parsed.fact {
                let fact = entry.into_fact(facts.len()).map_err(|reason| PageError::new(file, reason))?;
                if let Some(twice) = facts.insert(fact.key.clone(), fact) {
                    return Err(PageError::new(file, format!("{} stands twice", twice.key)));
                }
            }
        }
        let vocabulary = Self { facts };
        for (key, value) in vocabulary.facts.values().flat_map(Fact::listed).flat_map(|value| &value.implies)
        {
            vocabulary.check("facts", key, value)?;
        }
        Ok(vocabulary)
    }

    /// The entry of a key.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&Fact> {
        self.facts.get(key)
    }

    /// Every entry, in the order of the keys.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// The entry of a value, where the key lists its values.
    #[must_use]
    pub fn value(&self, key: &str, value: &str) -> Option<&Value> {
        self.facts.get(key)?.listed().iter().find(|entry| entry.is == value)
    }

    /// Whether a page or message may speak of this value.
    pub(super) fn check(&self, file: &str, key: &str, value: &str) -> Result<(), PageError> {
        match self.facts.get(key) {
            None => Err(PageError::new(file, format!("no fact has the key {key:?}"))),
            Some(fact) if !fact.listed().is_empty() && self.value(key, value).is_none() => {
                Err(PageError::new(file, format!("{key:?} never is {value:?}")))
            }
            Some(_) => Ok(()),
        }
    }
}

impl Fact {
    /// The values, where they are listed; none where any value is possible.
    #[must_use]
    pub fn listed(&self) -> &[Value] {
        match &self.values {
            Values::Listed(values) => values,
            Values::Open(_) => &[],
        }
    }
}

impl FactEntry {
    fn into_fact(self, order: usize) -> Result<Fact, String> {
        let values = match (self.en, self.zh, self.value.is_empty()) {
            (Some(en), Some(zh), true) => Values::Open(Text { en, zh }),
            (None, None, false) => Values::Listed(self.value.into_iter().map(Value::from).collect()),
            _ => return Err(format!("{}: give values, or one sentence in both languages", self.key)),
        };
        Ok(Fact {
            key: self.key,
            order,
            about: self.about,
            symptom: self.symptom,
            shared: self.shared,
            values,
        })
    }
}

impl From<ValueEntry> for Value {
    fn from(entry: ValueEntry) -> Self {
        let en = entry.name.unwrap_or_else(|| entry.is.clone());
        let zh = entry.name_zh.unwrap_or_else(|| en.clone());
        Self {
            is: entry.is,
            name: Text { en, zh },
            says: Text { en: entry.en, zh: entry.zh },
            class: entry.class,
            implies: entry.implies.into_iter().collect(),
        }
    }
}
