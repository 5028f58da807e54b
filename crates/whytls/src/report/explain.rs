//! `whytls explain`: the page of a slug, or what a message or a code shows.
//!
//! In:  words.
//! Out: pages, as Markdown.
//! Not here: a case. Pages speak in general here.

use std::fmt::Write as _;

use super::prose;
use crate::content::{Expectation, Lang, Page, SectionKind, library};
use crate::facts::Incident;
use crate::paste::Paste;
use crate::tls::Alert;

/// The pages that explain some words, as Markdown, best first; none where nothing is known.
///
/// ```
/// use whytls::{Lang, explain};
/// assert!(explain("alert 70", Lang::En)[0].contains("no-shared-protocol"));
/// assert!(explain("the weather", Lang::En).is_empty());
/// ```
#[must_use]
pub fn explain(words: &str, lang: Lang) -> Vec<String> {
    if let Some(page) = library().page(words.trim()) {
        return vec![page_markdown(page, lang)];
    }
    let text = match alert(words) {
        Some(alert) => format!("SSL alert number {}", alert.0),
        None => words.to_owned(),
    };
    let report = crate::diagnose(&Paste::text(&text));
    let mut pages: Vec<&'static Page> = Vec::new();
    for finding in &report.findings {
        let slug = match finding.cause {
            Some(cause) => format!("{}/{cause}", finding.problem),
            None => finding.problem.to_owned(),
        };
        pages.extend(library().page(&slug).filter(|page| !pages.iter().any(|known| known.slug == page.slug)));
    }
    pages.into_iter().map(|page| page_markdown(page, lang)).collect()
}

/// Slugs that look like what was asked for.
#[must_use]
pub fn similar_slugs(words: &str) -> Vec<String> {
    let asked = words.to_lowercase();
    let asked: Vec<&str> =
        asked.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2).collect();
    let slugs = library().pages.iter().map(|page| page.slug.to_string());
    slugs.filter(|slug| asked.iter().any(|word| slug.contains(word))).collect()
}

/// `alert 70`, `alert protocol_version`, `protocol_version (70)`, `protocol_version`.
fn alert(words: &str) -> Option<Alert> {
    let words = words.trim();
    let bare = words.strip_prefix("alert").or_else(|| words.strip_prefix("Alert")).map(str::trim);
    let name = bare.unwrap_or(words).split('(').next()?.trim();
    match bare.and_then(|bare| bare.parse().ok()) {
        Some(number) => Some(Alert(number)),
        None => Alert::named(name).filter(|_| name.contains('_') || bare.is_some()),
    }
}

/// A whole page as Markdown, speaking in general; with its examples and sources.
#[must_use]
pub fn page_markdown(page: &Page, lang: Lang) -> String {
    let nothing = Incident::default();
    let fill = |text: &str| prose::render(text, &nothing, lang).unwrap_or_default();
    let mut out = format!("# {}\n\n`{}`\n", page.title.get(lang), page.slug);
    // Writing to a String cannot fail.
    let mut put = |text: std::fmt::Arguments<'_>| {
        let _ = out.write_fmt(text);
    };
    for section in prose::sections_of(page.body(lang)) {
        put(format_args!("\n## {}\n", section.kind.heading(lang)));
        let text = fill(&section.text);
        if !text.is_empty() {
            put(format_args!("\n{text}\n"));
        }
        for topic in &section.topics {
            let text = fill(&topic.text);
            if !text.is_empty() {
                put(format_args!("\n### {}\n\n{text}\n", fill(&topic.title)));
            }
        }
    }
    put(format_args!("\n## {}\n", SectionKind::Examples.heading(lang)));
    for example in &page.examples {
        let label = match (example.expectation, lang) {
            (Expectation::Finds, Lang::En) => "This is it:",
            (Expectation::Finds, Lang::ZhCn) => "属于本页：",
            (Expectation::Spares, Lang::En) => "This is not:",
            (Expectation::Spares, Lang::ZhCn) => "不属于本页：",
        };
        put(format_args!("\n{label}\n\n````text\n{}\n````\n", example.paste.trim_end()));
    }
    put(format_args!("\n## {}\n\n", if lang == Lang::En { "Sources" } else { "来源" }));
    for source in &page.sources {
        let source = super::view::SourceView::new(source);
        put(format_args!("- <{}> {}\n", source.url, source.note.unwrap_or_default()));
    }
    super::view::tidy(&out)
}

/// The first paragraph of a page, speaking in general, as HTML within a paragraph.
#[must_use]
pub fn summary(page: &Page, lang: Lang) -> String {
    let text = page.body(lang).section(SectionKind::WhatHappened).map_or("", |section| section.text.as_str());
    let text = prose::render(text, &Incident::default(), lang).unwrap_or_default();
    super::phrase_html(&super::view::first_paragraph(&text))
}
