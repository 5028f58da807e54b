//! Everything in `content/` holds together, and every example on a page does what it says.

use std::collections::BTreeSet;

use whytls::Paste;
use whytls::content::{Expectation, Lang, Role, SectionKind, library};
use whytls::report::{page_markdown, render_prose};

/// The slugs that a paste finds, as `problem` and `problem/cause`.
fn found(paste: &str) -> BTreeSet<String> {
    let report = whytls::diagnose(&Paste::text(paste));
    let mut slugs = BTreeSet::new();
    for finding in &report.findings {
        slugs.insert(finding.problem.to_owned());
        slugs.extend(finding.cause.map(|cause| format!("{}/{cause}", finding.problem)));
    }
    slugs
}

#[test]
fn every_example_finds_or_spares_its_page() {
    let mut wrong = Vec::new();
    for page in &library().pages {
        for (at, example) in page.examples().iter().enumerate() {
            let found = found(&example.paste);
            let finds = found.contains(&page.slug.to_string());
            if finds != (example.expectation == Expectation::Finds) {
                wrong.push(format!(
                    "{}: example {} should {:?} it, and finds {found:?}",
                    page.file,
                    at + 1,
                    example.expectation
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A condition on a fact that no decoder, message or comparison ever states can never hold.
#[test]
fn every_fact_that_a_page_asks_for_is_stated_somewhere() {
    let library = library();
    let mut stated: BTreeSet<&str> = BTreeSet::new();
    for page in &library.pages {
        for example in page.examples() {
            let paste = Paste::text(&example.paste);
            let artifacts = whytls::decode::find(&paste);
            let evidence = whytls::decode::read(&paste, &artifacts);
            let facts = whytls::facts::weigh(&paste, &artifacts, evidence);
            let incidents = facts.incidents.iter().chain([&facts.whole]);
            stated.extend(incidents.flat_map(|incident| incident.iter().map(|(key, _)| key)));
        }
    }
    let said = library
        .catalogue
        .messages
        .iter()
        .flat_map(|m| &m.says)
        .chain(library.catalogue.frames.iter().flat_map(|f| &f.says));
    stated.extend(said.map(|(key, _)| key.as_str()));
    let set =
        library.settings.iter().flat_map(|s| &s.says).chain(library.options.iter().flat_map(|o| &o.says));
    stated.extend(set.map(|(key, _)| key.as_str()));
    // What only the user states, by `--platform`.
    stated.extend(["client.target", "hello.offers"]);
    // What only the bytes of a capture show; tests/captures and tests/cases have them.
    stated.extend(["client.certificate", "alert.sealed"]);
    for page in &library.pages {
        for clause in &page.clauses {
            for (key, _) in clause.all.iter().chain(&clause.unless) {
                assert!(stated.contains(key.as_str()), "{}: nothing ever states {key}", page.file);
            }
        }
    }
}

#[test]
fn every_page_speaks_both_languages_and_ends_in_a_remedy() {
    for page in &library().pages {
        for lang in Lang::ALL {
            let body = page.body(lang);
            let remedies = body.section(SectionKind::WhatToDo).map_or(0, |section| section.topics.len());
            assert!(remedies > 0, "{} ({}): a cause without a remedy is not done", page.file, lang.tag());
            let text = page_markdown(page, lang);
            assert!(text.len() > 600, "{} ({}) says too little", page.file, lang.tag());
            let chinese = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
            assert_eq!(
                lang == Lang::ZhCn,
                chinese > 200,
                "{} ({}): {chinese} Chinese characters",
                page.file,
                lang.tag()
            );
        }
    }
}

/// Whoever has only the general page must learn how to get to the special one.
#[test]
fn every_problem_says_how_to_be_sure() {
    for page in library().pages.iter().filter(|page| page.role == Role::Problem) {
        let checks =
            page.body(Lang::En).section(SectionKind::HowToBeSure).map_or(0, |section| section.topics.len());
        assert!(checks > 0, "{} has no check", page.file);
    }
}

/// Only `What to do` may name what is dangerous, and it says so.
#[test]
fn switching_validation_off_is_never_a_safe_remedy() {
    const OFF: [&str; 4] = ["=> true", "verify=False", "rejectUnauthorized: false", "InsecureSkipVerify"];
    for page in library().pages.iter().filter(|page| page.slug.problem != "validation-disabled") {
        for topic in
            page.body(Lang::En).section(SectionKind::WhatToDo).iter().flat_map(|section| &section.topics)
        {
            let names = OFF.iter().any(|off| topic.text.contains(off));
            assert!(!names || topic.risk != whytls::content::Risk::Safe, "{}: {}", page.file, topic.title);
        }
    }
}

/// Prose speaks of the case at hand: every fact that a page asks for by name exists.
#[test]
fn every_value_in_prose_is_a_fact() {
    let library = library();
    let nothing = whytls::facts::Incident::default();
    for page in &library.pages {
        for lang in Lang::ALL {
            for section in &page.body(lang).sections {
                if section.kind == SectionKind::Examples {
                    continue;
                }
                for text in section.topics.iter().map(|topic| &topic.text).chain([&section.text]) {
                    let filled = render_prose(text, &nothing, lang);
                    assert!(filled.is_ok(), "{} ({}): {filled:?}", page.file, lang.tag());
                }
            }
        }
    }
}

/// A published slug keeps its page: people link to it.
#[test]
fn every_published_slug_has_its_page() {
    let published = include_str!("content/slugs.txt");
    let missing: Vec<&str> =
        published.lines().filter(|slug| !slug.is_empty() && library().page(slug).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// One message of one program is luck. What was seen and who spoke tell stacks apart: the files of
/// messages that an example has, what its frames say, or the form it came in.
#[test]
fn every_problem_is_found_from_three_different_sources() {
    let mut too_few = Vec::new();
    let problems = library().pages.iter().filter(|page| page.slug.cause.is_none());
    for page in problems.filter(|page| page.role == Role::Problem) {
        let finds = page.examples().into_iter().filter(|example| example.expectation == Expectation::Finds);
        let sources: BTreeSet<BTreeSet<String>> = finds.map(|example| source_of(&example.paste)).collect();
        if sources.len() < 3 {
            too_few.push(format!("{}: {sources:?}", page.slug));
        }
    }
    assert!(too_few.is_empty(), "{}", too_few.join("\n"));
}

fn source_of(paste: &str) -> BTreeSet<String> {
    let spoken = whytls::decode::messages_in(paste).into_iter().map(|message| message.file.to_string());
    let paste = Paste::text(paste);
    let artifacts = whytls::decode::find(&paste);
    spoken.chain(artifacts.iter().map(|artifact| format!("{:?}", artifact.kind()))).collect()
}

#[test]
fn every_source_is_an_address_with_a_word_on_what_it_tells() {
    for page in &library().pages {
        assert!(!page.sources.is_empty(), "{} has no source", page.file);
        for source in &page.sources {
            let (address, told) = source.split_once(' ').unwrap_or((source, ""));
            assert!(address.starts_with("https://"), "{}: {source:?} is no address", page.file);
            assert!(
                told.starts_with('(') && told.ends_with(')'),
                "{}: what does {source:?} tell?",
                page.file
            );
        }
    }
}

/// What is typed is the same in every language. Comments in it may be translated.
#[test]
fn every_command_stands_in_both_languages() {
    let mut differ = Vec::new();
    for page in &library().pages {
        let [en, zh] = Lang::ALL.map(|lang| {
            let sections = page.body(lang).sections.iter();
            let sections = sections.filter(|section| section.kind != SectionKind::Examples);
            sections
                .flat_map(|s| s.topics.iter().map(|t| (s.kind, t.id.clone(), commands(&t.text))))
                .collect()
        });
        let (en, zh): (Vec<_>, Vec<_>) = (en, zh);
        for (en, zh) in en.iter().zip(&zh).filter(|(en, zh)| en != zh) {
            differ.push(format!("{} {}:\n  {:?}\n  {:?}", page.file, en.1, en.2, zh.2));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// The lines of fenced blocks, without comments. A block of `text` is prose to be sent on.
fn commands(text: &str) -> Vec<String> {
    let mut inside: Option<&str> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            inside = if inside.is_some() { None } else { Some(language) };
            lines.push(line.trim().to_owned());
        } else if inside.is_some_and(|language| language != "text") {
            let code = [" # ", " // ", " <!-- "]
                .iter()
                .fold(line, |line, mark| line.split_once(mark).map_or(line, |(code, _)| code));
            let line = code.trim();
            let comment = ["#", "//", "--", ";", "/*", "<!--", "rem ", "REM "]
                .iter()
                .any(|mark| line.starts_with(mark));
            if line.is_ascii() && !comment && !line.is_empty() {
                lines.push(line.to_owned());
            }
        }
    }
    lines
}

/// Links within the knowledge base lead somewhere.
#[test]
fn every_link_to_another_page_arrives() {
    for page in &library().pages {
        for lang in Lang::ALL {
            let text = page_markdown(page, lang);
            for event in pulldown_cmark::Parser::new(&text) {
                let pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { dest_url, .. }) = event else {
                    continue;
                };
                if dest_url.starts_with("https://") || dest_url.starts_with('#') {
                    continue;
                }
                let slug = dest_url.trim_start_matches("../").trim_end_matches('/');
                assert!(library().page(slug).is_some(), "{} ({}): {dest_url}", page.file, lang.tag());
            }
        }
    }
}
