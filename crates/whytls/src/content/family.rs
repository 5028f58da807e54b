//! The families of problems: which belong together, and in which order they are told.
//!
//! In:  `content/families.toml`.
//! Out: families, each with its problems; no problem stands in two, and none is left out.
//! Not here: the problems themselves. Those are pages.

use serde::{Deserialize, Serialize};

use super::{Page, PageError, Text};

/// Problems that fail in the same part of a connection's life.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Family {
    /// Its name in addresses.
    pub id: String,
    /// The heading.
    pub title: Text,
    /// The slugs of its problems, in order.
    pub problems: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    family: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    en: String,
    zh: String,
    problems: Vec<String>,
}

pub(super) fn read(file: &str, text: &str, pages: &[Page]) -> Result<Vec<Family>, PageError> {
    let parsed: File = super::parse(file, text)?;
    let families: Vec<Family> = parsed
        .family
        .into_iter()
        .map(|entry| Family {
            id: entry.id,
            title: Text { en: entry.en, zh: entry.zh },
            problems: entry.problems,
        })
        .collect();
    let mut listed: Vec<&str> =
        families.iter().flat_map(|family| &family.problems).map(String::as_str).collect();
    listed.sort_unstable();
    let mut paged: Vec<&str> = pages
        .iter()
        .filter(|page| page.slug.cause.is_none())
        .map(|page| page.slug.problem.as_str())
        .collect();
    paged.sort_unstable();
    let stray = listed
        .iter()
        .find(|slug| !paged.contains(slug))
        .or_else(|| paged.iter().find(|slug| !listed.contains(slug)))
        .or_else(|| listed.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first()));
    match stray {
        Some(slug) => Err(PageError::new(file, format!("{slug} does not stand in exactly one family"))),
        None => Ok(families),
    }
}
