//! Which messages and alerts lead to which page: for the pages themselves, and for the search.
//!
//! In:  the core's library.
//! Out: for each slug the messages that, alone, find it; and all of it as the search's JSON.
//! Not here: how it is shown.

use std::collections::BTreeMap;

use serde::Serialize;
use whytls::content::{Message, Part, Wording, library};
use whytls::{Lang, Paste};

/// The messages and alerts, by the page that each finds by itself.
pub(crate) struct Index {
    messages: BTreeMap<String, Vec<&'static Message>>,
    alerts: BTreeMap<String, Vec<String>>,
}

/// What one program prints, on the page that it leads to.
#[derive(Serialize)]
pub(crate) struct Program {
    /// The name of its file of messages.
    name: &'static str,
    /// As the program words it in English, and its codes.
    originals: Vec<String>,
    /// The same in the other languages that it is translated to.
    translations: Vec<String>,
}

/// A page as the search knows it.
#[derive(Serialize)]
struct Entry<'a> {
    slug: String,
    en: &'a str,
    zh: &'a str,
    texts: Vec<String>,
}

impl Index {
    pub(crate) fn new() -> Self {
        let mut messages: BTreeMap<String, Vec<&'static Message>> = BTreeMap::new();
        for message in &library().catalogue.messages {
            if let Some(slug) = found(&message.seen) {
                messages.entry(slug).or_default().push(message);
            }
        }
        let mut alerts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (number, name) in alerts_by_number() {
            if let Some(slug) = found(&format!("SSL alert number {number}")) {
                alerts.entry(slug).or_default().push(format!("alert {number} {name}"));
            }
        }
        Self { messages, alerts }
    }

    /// What programs print that leads to this page.
    pub(crate) fn programs(&self, slug: &str) -> Vec<Program> {
        let mut programs: BTreeMap<&'static str, Program> = BTreeMap::new();
        for message in self.messages.get(slug).into_iter().flatten() {
            let name = message.program();
            let program = programs.entry(name).or_insert_with(|| Program {
                name,
                originals: Vec::new(),
                translations: Vec::new(),
            });
            for wording in &message.wordings {
                let texts = if wording.original { &mut program.originals } else { &mut program.translations };
                let shown = shown(wording);
                if !texts.contains(&shown) {
                    texts.push(shown);
                }
            }
        }
        programs.into_values().collect()
    }

    /// All pages with the texts that lead to them, for `search.js`.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        let entries: Vec<Entry<'_>> = library()
            .pages
            .iter()
            .map(|page| {
                let slug = page.slug.to_string();
                let mut texts = self.alerts.get(&slug).cloned().unwrap_or_default();
                let messages = self.messages.get(&slug).into_iter().flatten();
                texts.extend(messages.flat_map(|message| &message.wordings).map(shown));
                Entry { slug, en: page.title.get(Lang::En), zh: page.title.get(Lang::ZhCn), texts }
            })
            .collect();
        serde_json::to_string(&entries)
    }
}

/// The page that this text alone finds first.
fn found(text: &str) -> Option<String> {
    let report = whytls::diagnose(&Paste::text(text));
    let first = report.findings.first()?;
    Some(match first.cause {
        Some(cause) => format!("{}/{cause}", first.problem),
        None => first.problem.to_owned(),
    })
}

fn alerts_by_number() -> impl Iterator<Item = (&'static str, &'static str)> {
    let values = library().vocabulary.fact("alert").into_iter().flat_map(|fact| fact.listed());
    values.map(|value| (value.is.as_str(), value.name.get(Lang::En)))
}

/// A wording with its blanks as `…`.
fn shown(wording: &Wording) -> String {
    let parts = wording.parts().iter().map(|part| match part {
        Part::Fixed(text) => text.as_str(),
        Part::Blank(_) => "…",
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_leads_to_the_page_that_it_finds() {
        let index = Index::new();
        let printed = |slug: &str| {
            index.programs(slug).iter().flat_map(|program| program.originals.clone()).collect::<Vec<_>>()
        };
        assert!(printed("weak-dh-key").iter().any(|text| text.contains("dh key too small")));
        assert!(!printed("expired-certificate").iter().any(|text| text.contains("dh key too small")));
    }

    #[test]
    fn every_page_can_be_searched_for_and_alerts_by_their_number() {
        let entries: serde_json::Value =
            serde_json::from_str(&Index::new().json().expect("it is JSON")).expect("it is JSON");
        let entries = entries.as_array().expect("a list");
        assert_eq!(entries.len(), library().pages.len());
        let alert_70 = |entry: &serde_json::Value| {
            entry.get("texts").and_then(|texts| texts.as_array()).is_some_and(|texts| {
                texts.iter().any(|text| text.as_str().is_some_and(|text| text.starts_with("alert 70 ")))
            })
        };
        let slug = entries.iter().find(|entry| alert_70(entry)).and_then(|entry| entry.get("slug"));
        assert_eq!(slug.and_then(|slug| slug.as_str()), Some("no-shared-protocol"));
    }
}
