//! `whytls explain`: the page of a slug, or what a code or a message shows.
//!
//! In:  words.
//! Out: the codes that are named in them and the pages that fit, as Markdown or JSON.
//! Not here: a case. Pages speak in general here.

use std::fmt::Write as _;

use serde::Serialize;

use super::view::About;
use super::{parts, prose, view};
use crate::content::{Expectation, Lang, Page, SectionKind, library};
use crate::decode::{self, Reading};
use crate::facts::Incident;
use crate::paste::Paste;
use crate::tls::Alert;

/// What some words mean.
#[derive(Debug, Serialize)]
pub struct Explanation {
    whytls: About,
    lang: &'static str,
    /// The codes that are named or numbered in them, each family's reading of a number.
    pub codes: Vec<CodeView>,
    /// The pages that fit, best first.
    pub pages: Vec<PageView>,
    #[serde(skip)]
    in_full: Option<String>,
}

/// A code of a library or a system.
#[derive(Debug, Serialize)]
pub struct CodeView {
    /// The family that it is of.
    pub family: &'static str,
    /// The family's name for people.
    pub title: &'static str,
    /// Its name in the library's headers.
    pub name: &'static str,
    /// The ways in which the number is written, the usual one first.
    pub written: Vec<String>,
    /// The part of the library that it comes from, where the number says so.
    pub library: Option<&'static str>,
    /// The library's own words.
    pub text: Option<&'static str>,
    /// What is to be said of it besides what it shows.
    pub about: Option<&'static str>,
    /// What it shows, a sentence each.
    pub shows: Vec<&'static str>,
    /// What it leaves open.
    pub open: Option<&'static str>,
    /// The slugs of the pages that fit.
    pub problems: Vec<String>,
}

/// A page that fits.
#[derive(Debug, Serialize)]
pub struct PageView {
    /// Its slug.
    pub slug: String,
    /// Its title.
    pub title: &'static str,
    /// Its first paragraph, as Markdown.
    pub summary: String,
}

/// As many readings of one number as a person looks through.
const MOST_READINGS: usize = 12;

/// What some words mean: a slug, a code, an alert, a message. Nothing where nothing is known.
///
/// ```
/// use whytls::{Lang, explain};
/// let code = explain("-2146893019", Lang::En).unwrap();
/// assert_eq!(code.codes[0].name, "SEC_E_UNTRUSTED_ROOT");
/// assert!(code.markdown().contains("`untrusted-root`"));
/// assert!(explain("the weather", Lang::En).is_none());
/// ```
#[must_use]
pub fn explain(words: &str, lang: Lang) -> Option<Explanation> {
    let (mut codes, mut pages): (Vec<CodeView>, Vec<&'static Page>) = (Vec::new(), Vec::new());
    if let Some(page) = library().page(words.trim()) {
        pages.push(page);
    } else {
        let message = decode::is_message(words);
        let mut readings = decode::readings(words);
        if message || readings.is_empty() {
            let text = match alert(words) {
                Some(alert) => format!("SSL alert number {}", alert.0),
                None => words.to_owned(),
            };
            pages = pages_of(&text);
        }
        if readings.is_empty() && pages.is_empty() {
            readings = parts::worded(words);
        }
        if readings.is_empty() && pages.is_empty() {
            for page in parts::lines(words).into_iter().flat_map(pages_of) {
                if !pages.iter().any(|known| known.slug == page.slug) {
                    pages.push(page);
                }
            }
        }
        readings.truncate(MOST_READINGS);
        let told = message && !pages.is_empty();
        for reading in &readings {
            let fit = pages_of(&reading.line());
            codes.push(CodeView::new(reading, &fit, lang));
            for page in fit.into_iter().filter(|_| !told) {
                if !pages.iter().any(|known| known.slug == page.slug) {
                    pages.push(page);
                }
            }
        }
    }
    if codes.is_empty() && pages.is_empty() {
        return None;
    }
    let in_full = match pages.as_slice() {
        [page] => Some(page_markdown(page, lang)),
        _ => None,
    };
    let pages = pages.into_iter().map(|page| PageView::new(page, lang)).collect();
    Some(Explanation { whytls: About::this(), lang: lang.tag(), codes, pages, in_full })
}

/// The pages that a text finds, best first.
fn pages_of(text: &str) -> Vec<&'static Page> {
    let report = crate::diagnose(&Paste::text(text));
    let mut pages: Vec<&'static Page> = Vec::new();
    for finding in &report.findings {
        let slug = match finding.cause {
            Some(cause) => format!("{}/{cause}", finding.problem),
            None => finding.problem.to_owned(),
        };
        pages.extend(library().page(&slug).filter(|page| !pages.iter().any(|known| known.slug == page.slug)));
    }
    pages
}

impl Explanation {
    /// The codes, then the page; where several pages fit, the first paragraph of each.
    #[must_use]
    pub fn markdown(&self) -> String {
        let zh = self.lang == Lang::ZhCn.tag();
        let mut out = String::new();
        for code in &self.codes {
            code.write(&mut out, zh);
        }
        match &self.in_full {
            Some(page) => out.push_str(page),
            None => {
                for page in &self.pages {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "# {}\n\n`{}`\n\n{}\n\n", page.title, page.slug, page.summary);
                }
                if let Some(page) = self.pages.first() {
                    let whole = if zh { "完整页面：" } else { "A whole page:" };
                    let _ = writeln!(out, "{whole} `whytls explain {}`", page.slug);
                }
            }
        }
        view::tidy(&out)
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> String {
        view::json(self)
    }
}

impl CodeView {
    fn new(reading: &Reading, pages: &[&Page], lang: Lang) -> Self {
        let family = reading.family;
        let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        let shown = |(key, value)| library().vocabulary.value(key, value);
        Self {
            family: family.id(),
            title: family.title.get(lang),
            name: &reading.code.name,
            written: reading.written(),
            library: reading.library(),
            text: some(&reading.code.text).filter(|text| *text != reading.code.name),
            about: reading.code.about.as_ref().and_then(|about| some(about.get(lang))),
            shows: reading.shows().into_iter().filter_map(shown).map(|value| value.says.get(lang)).collect(),
            open: family.open.as_ref().and_then(|open| some(open.get(lang))),
            problems: pages.iter().map(|page| page.slug.to_string()).collect(),
        }
    }

    fn write(&self, out: &mut String, zh: bool) {
        let pick = |en: &'static str, other: &'static str| if zh { other } else { en };
        let colon = pick(": ", "：");
        // Writing to a String cannot fail.
        let mut put = |text: std::fmt::Arguments<'_>| {
            let _ = out.write_fmt(text);
        };
        put(format_args!("# {}\n\n{}{colon}`{}`", self.name, self.title, self.written.join("`, `")));
        if let Some(library) = self.library {
            put(format_args!(" ({library})"));
        }
        put(format_args!("\n\n"));
        if let Some(text) = self.text {
            put(format_args!("> {text}\n\n"));
        }
        if let Some(about) = self.about {
            put(format_args!("{about}\n\n"));
        }
        if self.shows.is_empty() {
            put(format_args!(
                "**{}**{colon}{}\n\n",
                pick("It shows", "它说明"),
                pick(
                    "nothing of its own about a secure connection; read the lines beside it.",
                    "它本身没有说明安全连接的任何问题；请看旁边的几行。"
                )
            ));
        } else {
            put(format_args!(
                "**{}**{colon}{}\n\n",
                pick("It shows", "它说明"),
                self.shows.join(pick(" ", ""))
            ));
        }
        if let Some(open) = self.open.filter(|_| !self.shows.is_empty()) {
            put(format_args!("**{}**{colon}{open}\n\n", pick("It leaves open", "它没有说明")));
        }
        if !self.problems.is_empty() {
            let pages = self.problems.join("`, `");
            put(format_args!("**{}**{colon}`{pages}`\n\n", pick("Pages", "页面")));
        }
    }
}

impl PageView {
    fn new(page: &'static Page, lang: Lang) -> Self {
        let summary = first_paragraph(page, lang);
        Self { slug: page.slug.to_string(), title: page.title.get(lang), summary }
    }
}

/// The first paragraph of a page, speaking in general, as Markdown.
fn first_paragraph(page: &Page, lang: Lang) -> String {
    let text = page.body(lang).section(SectionKind::WhatHappened).map_or("", |section| section.text.as_str());
    view::first_paragraph(&prose::render(text, &Incident::default(), lang).unwrap_or_default())
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
    for example in page.examples() {
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
        let source = view::SourceView::new(source);
        put(format_args!("- <{}> {}\n", source.url, source.note.unwrap_or_default()));
    }
    view::tidy(&out)
}

/// The first paragraph of a page, speaking in general, as HTML within a paragraph.
#[must_use]
pub fn summary(page: &Page, lang: Lang) -> String {
    super::phrase_html(&first_paragraph(page, lang))
}
