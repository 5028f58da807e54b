//! The problems' pages: conditions, prose in two languages, examples.
//!
//! In:  `content/problems/<problem>/index.md` or `<cause>.md`, and the same with `.zh-CN.md`.
//! Out: one [`Page`] with its clauses as data and its prose cut into sections and topics.
//! Not here: Tera and Markdown. Prose is handed on as it was written.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::{Lang, PageError, Text, Vocabulary};

/// A problem, or a cause below it. Its text is the public name: `problem` or `problem/cause`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slug {
    /// The problem.
    pub problem: String,
    /// The cause, for a cause's page.
    pub cause: Option<String>,
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{}/{cause}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

/// What a finding is in the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Why the connection failed.
    #[default]
    Problem,
    /// Another problem that a finding explains.
    Consequence,
    /// Not why it failed, but worth a word.
    Advisory,
}

/// How much the evidence proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Worth a check.
    Possible,
    /// An expert would act on it first.
    Likely,
    /// Nothing else fits what was seen.
    Certain,
}

/// What a remedy puts at risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing else changes for the worse.
    #[default]
    Safe,
    /// Something else may break, or a protection gets weaker in a bounded way.
    Caution,
    /// It takes away what TLS is for.
    Unsafe,
}

/// What became of a fix that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The program does not read it, or it says what held already.
    NoEffect,
    /// Right, but another change is needed as well.
    NeedsMore,
    /// Another setting takes it back.
    Undone,
    /// Right value, in a place that this program does not read.
    WrongPlace,
    /// It cures this cause; since the failure stayed, it did not arrive, or the cause is another.
    WouldHaveWorked,
    /// It makes the failure go away together with the protection.
    Unsafe,
}

/// Conditions of which all hold together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clause {
    /// What follows when they hold.
    pub proves: Confidence,
    /// Each key with the values that do: any one of them. `*` is any value at all.
    pub all: Vec<(String, Vec<String>)>,
    /// Keys whose values must not be among these.
    pub unless: Vec<(String, Vec<String>)>,
}

/// A fix that people try, and what to say of it on this page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tried {
    /// The fact that shows it was tried.
    pub fact: (String, String),
    /// What became of it.
    pub verdict: Verdict,
    /// The topic under "What does not help" that says why.
    pub topic: String,
}

/// The headings of a page, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SectionKind {
    /// What the user sees, in one paragraph: the finding's summary.
    WhatHappened,
    /// How it comes about.
    Why,
    /// The remedies, safest first, a topic each.
    WhatToDo,
    /// The checks that decide, a topic each.
    HowToBeSure,
    /// What people try in vain, a topic each.
    DoesNotHelp,
    /// Pastes that find this page, and pastes that do not.
    Examples,
}

const HEADINGS: [(SectionKind, &str, &str); 6] = [
    (SectionKind::WhatHappened, "What happened", "发生了什么"),
    (SectionKind::Why, "Why", "原因"),
    (SectionKind::WhatToDo, "What to do", "怎么办"),
    (SectionKind::HowToBeSure, "How to be sure", "如何确认"),
    (SectionKind::DoesNotHelp, "What does not help", "哪些办法没有用"),
    (SectionKind::Examples, "Examples", "示例"),
];

impl SectionKind {
    /// The heading on the page.
    #[must_use]
    pub fn heading(self, lang: Lang) -> &'static str {
        HEADINGS.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, en, zh)| match lang {
            Lang::En => en,
            Lang::ZhCn => zh,
        })
    }
}

/// A page's prose in one language.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The sections, in the order of the page.
    pub sections: Vec<Section>,
}

/// What stands under one heading.
#[derive(Clone, Debug)]
pub struct Section {
    /// Which heading.
    pub kind: SectionKind,
    /// What stands before the first topic, as Tera and Markdown.
    pub text: String,
    /// The topics.
    pub topics: Vec<Topic>,
}

/// `### A title {#id risk=safe}`, and what stands below it.
#[derive(Clone, Debug, Default)]
pub struct Topic {
    /// Its name within the page, the same in both languages.
    pub id: String,
    /// The title.
    pub title: String,
    /// As Tera and Markdown.
    pub text: String,
    /// For a remedy.
    pub risk: Risk,
    /// For a check: the problems that it tells apart.
    pub separates: Vec<String>,
}

/// What an example is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The page is found from it.
    Finds,
    /// The page is not found from it.
    Spares,
}

/// A paste on the page, run as a test.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it is for.
    pub expectation: Expectation,
    /// The paste.
    pub paste: String,
}

/// One problem or cause.
#[derive(Debug, Serialize, Deserialize)]
pub struct Page {
    /// The file, from `content/` on.
    pub file: String,
    /// Its public name.
    pub slug: Slug,
    /// The title.
    pub title: Text,
    /// What a finding of it is.
    pub role: Role,
    /// It is the general one of its family: it shows a symptom and gives way to a special one.
    pub general: bool,
    /// The report shows beside it what the program offers, where the model can tell.
    pub policy: bool,
    /// The problems that are consequences where this one is found.
    pub explains: Vec<String>,
    /// When it is found.
    pub clauses: Vec<Clause>,
    /// Keys that the report cites where they are known, beside those of the clause that held.
    pub cites: Vec<String>,
    /// What to say of fixes that were tried.
    pub tried: Vec<Tried>,
    /// Where the knowledge is from.
    pub sources: Vec<String>,
    /// The prose in English and in Chinese.
    #[serde(skip)]
    prose: [Prose; 2],
}

/// A page's prose as it was written, cut when it is asked for: a report needs a page or two.
#[derive(Debug, Default)]
struct Prose {
    file: String,
    text: &'static str,
    body: OnceLock<Body>,
}

impl Prose {
    fn new(file: &str, text: &'static str) -> Self {
        Self { file: file.to_owned(), text, body: OnceLock::new() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    title: String,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    general: bool,
    #[serde(default)]
    policy: bool,
    #[serde(default)]
    explains: Vec<String>,
    #[serde(default)]
    cites: Vec<String>,
    sources: Vec<String>,
    #[serde(default)]
    when: Vec<toml::Table>,
    #[serde(default)]
    tried: Vec<TriedEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TriedEntry {
    fact: String,
    is: String,
    verdict: Verdict,
    topic: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontZh {
    title: String,
}

impl Page {
    pub(super) fn read(
        file: &str,
        text: &'static str,
        zh_file: &str,
        zh_text: &'static str,
        vocabulary: &Vocabulary,
    ) -> Result<Self, PageError> {
        let (front, prose) = split(file, text)?;
        let front: Front = super::parse(file, front)?;
        let (zh_front, zh_prose) = split(zh_file, zh_text)?;
        let zh_front: FrontZh = super::parse(zh_file, zh_front)?;

        let clauses: Vec<_> =
            front.when.into_iter().map(|table| clause(file, table, vocabulary)).collect::<Result<_, _>>()?;
        if clauses.is_empty() {
            return Err(PageError::new(file, "it has no [[when]], so it can never be found"));
        }
        if front.general && clauses.iter().any(|clause| clause.proves == Confidence::Certain) {
            return Err(PageError::new(file, "a general page shows a symptom: it proves likely at most"));
        }
        if let Some(key) = front.cites.iter().find(|key| vocabulary.fact(key).is_none()) {
            return Err(PageError::new(file, format!("no fact has the key {key:?}")));
        }
        let mut tried = Vec::new();
        for entry in front.tried {
            vocabulary.check(file, &entry.fact, &entry.is)?;
            tried.push(Tried { fact: (entry.fact, entry.is), verdict: entry.verdict, topic: entry.topic });
        }
        Ok(Self {
            file: file.to_owned(),
            slug: slug(file)?,
            title: Text { en: front.title, zh: zh_front.title },
            role: front.role,
            general: front.general,
            policy: front.policy,
            explains: front.explains,
            clauses,
            cites: front.cites,
            tried,
            sources: front.sources,
            prose: [Prose::new(file, prose), Prose::new(zh_file, zh_prose)],
        })
    }

    /// Takes the prose of a page that was stored without it, from files by their names.
    pub(super) fn take_prose(
        &mut self,
        find: impl Fn(&str) -> Result<&'static str, PageError>,
    ) -> Result<(), PageError> {
        let zh = in_chinese(&self.file);
        self.prose = [Prose::new(&self.file, find(&self.file)?), Prose::new(&zh, find(&zh)?)];
        Ok(())
    }

    /// The prose in one language.
    #[must_use]
    pub fn body(&self, lang: Lang) -> &Body {
        let [en, zh] = &self.prose;
        let prose = match lang {
            Lang::En => en,
            Lang::ZhCn => zh,
        };
        // What cannot be read fails in `check`, which the tests run on every page.
        prose.body.get_or_init(|| Body::read(&prose.file, prose.text, lang).unwrap_or_default())
    }

    /// The examples.
    #[must_use]
    pub fn examples(&self) -> Vec<Example> {
        self.body(Lang::En)
            .section(SectionKind::Examples)
            .map_or_else(Vec::new, |section| examples(&section.text))
    }

    /// What need not be looked at each time a program starts: that the prose can be read in both
    /// languages and has what the front matter speaks of.
    ///
    /// # Errors
    /// The first thing that does not hold together.
    pub(super) fn check(&self) -> Result<(), PageError> {
        let [en_prose, zh_prose] = &self.prose;
        let en = Body::read(&en_prose.file, en_prose.text, Lang::En)?;
        let zh = Body::read(&zh_prose.file, zh_prose.text, Lang::ZhCn)?;
        same_topics(&zh_prose.file, &en, &zh)?;
        for tried in &self.tried {
            if en.topic(SectionKind::DoesNotHelp, &tried.topic).is_none() {
                let reason = format!("no topic {:?} says why it does not help", tried.topic);
                return Err(PageError::new(&self.file, reason));
            }
        }
        for expectation in [Expectation::Finds, Expectation::Spares] {
            if !self.examples().iter().any(|example| example.expectation == expectation) {
                let reason = "it needs an example that finds it and one that spares it";
                return Err(PageError::new(&self.file, reason));
            }
        }
        Ok(())
    }
}

impl Body {
    fn read(file: &str, prose: &str, lang: Lang) -> Result<Self, PageError> {
        let mut sections: Vec<Section> = Vec::new();
        let mut fence: Option<&str> = None;
        for line in prose.lines() {
            let marks = line.trim_start().split(|c| c != '`').next().unwrap_or_default();
            match fence {
                Some(open) if marks.len() >= open.len() => fence = None,
                None if marks.len() >= 3 => fence = Some(marks),
                _ => {}
            }
            if fence.is_none() {
                if let Some(heading) = line.strip_prefix("## ") {
                    let kind = HEADINGS
                        .iter()
                        .find(|(kind, ..)| kind.heading(lang) == heading.trim())
                        .map(|(kind, ..)| *kind)
                        .ok_or_else(|| {
                            PageError::new(file, format!("{heading:?} is none of the headings"))
                        })?;
                    if sections.last().is_some_and(|before| before.kind >= kind) {
                        return Err(PageError::new(file, format!("{heading:?} stands out of order")));
                    }
                    sections.push(Section { kind, text: String::new(), topics: Vec::new() });
                    continue;
                }
                if let (Some(heading), Some(section)) = (line.strip_prefix("### "), sections.last_mut()) {
                    section.topics.push(topic(file, heading)?);
                    continue;
                }
            }
            match sections.last_mut() {
                None if line.trim().is_empty() => {}
                None => return Err(PageError::new(file, "prose before the first heading")),
                Some(Section { topics, text, .. }) => {
                    let text = topics.last_mut().map_or(text, |topic| &mut topic.text);
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        for kind in
            [SectionKind::WhatHappened, SectionKind::Why, SectionKind::WhatToDo, SectionKind::HowToBeSure]
        {
            if !sections.iter().any(|section| section.kind == kind) {
                return Err(PageError::new(file, format!("{:?} is missing", kind.heading(lang))));
            }
        }
        Ok(Self { sections })
    }

    /// What stands under a heading.
    #[must_use]
    pub fn section(&self, kind: SectionKind) -> Option<&Section> {
        self.sections.iter().find(|section| section.kind == kind)
    }

    /// One topic of a section.
    #[must_use]
    pub fn topic(&self, kind: SectionKind, id: &str) -> Option<&Topic> {
        self.section(kind)?.topics.iter().find(|topic| topic.id == id)
    }
}

/// The file of the same page in Chinese.
pub(super) fn in_chinese(file: &str) -> String {
    file.replace(".md", ".zh-CN.md")
}

fn split<'a>(file: &str, text: &'a str) -> Result<(&'a str, &'a str), PageError> {
    text.strip_prefix("+++\n")
        .and_then(|text| text.split_once("\n+++\n"))
        .ok_or_else(|| PageError::new(file, "it does not begin with front matter between +++ lines"))
}

fn slug(file: &str) -> Result<Slug, PageError> {
    let path = file.strip_prefix("problems/").and_then(|path| path.strip_suffix(".md")).unwrap_or_default();
    match path.split_once('/') {
        Some((problem, "index")) => Ok(Slug { problem: problem.to_owned(), cause: None }),
        Some((problem, cause)) => Ok(Slug { problem: problem.to_owned(), cause: Some(cause.to_owned()) }),
        None => Err(PageError::new(
            file,
            "a page is problems/<problem>/index.md or problems/<problem>/<cause>.md",
        )),
    }
}

fn clause(file: &str, mut table: toml::Table, vocabulary: &Vocabulary) -> Result<Clause, PageError> {
    let proves = match table.remove("proves") {
        Some(value) => value.try_into().map_err(|error| PageError::new(file, error))?,
        None => return Err(PageError::new(file, "a [[when]] does not say what it proves")),
    };
    let unless = match table.remove("unless") {
        Some(toml::Value::Table(table)) => conditions(file, table, vocabulary)?,
        Some(_) => return Err(PageError::new(file, "unless = { key = [values] }")),
        None => Vec::new(),
    };
    let all = conditions(file, table, vocabulary)?;
    if all.is_empty() {
        return Err(PageError::new(file, "a [[when]] without a condition would always hold"));
    }
    Ok(Clause { proves, all, unless })
}

fn conditions(
    file: &str,
    table: toml::Table,
    vocabulary: &Vocabulary,
) -> Result<Vec<(String, Vec<String>)>, PageError> {
    let mut conditions = Vec::new();
    for (key, value) in table {
        let values = match value {
            toml::Value::String(one) => vec![one],
            toml::Value::Array(many) => many
                .into_iter()
                .map(|v| {
                    v.as_str().map(str::to_owned).ok_or_else(|| {
                        PageError::new(file, format!("{key}: write the {} as text", v.type_str()))
                    })
                })
                .collect::<Result<_, _>>()?,
            other => {
                return Err(PageError::new(
                    file,
                    format!("{key}: a {} is not a text or a list of texts", other.type_str()),
                ));
            }
        };
        if vocabulary.fact(&key).is_none() {
            return Err(PageError::new(file, format!("no fact has the key {key:?}")));
        }
        for value in values.iter().filter(|value| *value != "*") {
            vocabulary.check(file, &key, value)?;
        }
        conditions.push((key, values));
    }
    Ok(conditions)
}

/// `A title {#id risk=safe separates=a,b}`
fn topic(file: &str, heading: &str) -> Result<Topic, PageError> {
    let Some((title, attributes)) =
        heading.rsplit_once("{#").and_then(|(t, a)| Some((t, a.trim_end().strip_suffix('}')?)))
    else {
        return Err(PageError::new(file, format!("{heading:?} has no {{#id}}")));
    };
    let mut words = attributes.split_whitespace();
    let mut topic = Topic {
        id: words.next().unwrap_or_default().to_owned(),
        title: title.trim().to_owned(),
        ..Topic::default()
    };
    for word in words {
        match word.split_once('=') {
            Some(("risk", risk)) => {
                topic.risk = risk.parse().map_err(|reason| PageError::new(file, reason))?
            }
            Some(("separates", slugs)) => topic.separates = slugs.split(',').map(str::to_owned).collect(),
            _ => return Err(PageError::new(file, format!("{word:?} is no attribute of a topic"))),
        }
    }
    Ok(topic)
}

impl FromStr for Risk {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "safe" => Ok(Self::Safe),
            "caution" => Ok(Self::Caution),
            "unsafe" => Ok(Self::Unsafe),
            other => Err(format!("{other:?} is no risk: safe, caution or unsafe")),
        }
    }
}

fn same_topics(file: &str, en: &Body, zh: &Body) -> Result<(), PageError> {
    let topics = |body: &Body| -> Vec<(SectionKind, String)> {
        body.sections
            .iter()
            .filter(|section| section.kind != SectionKind::Examples)
            .flat_map(|section| section.topics.iter().map(|topic| (section.kind, topic.id.clone())))
            .collect()
    };
    let (en, zh) = (topics(en), topics(zh));
    match en.iter().zip(&zh).find(|(a, b)| a != b) {
        Some(((_, en), (_, zh))) => {
            Err(PageError::new(file, format!("topic {zh:?} stands where English has {en:?}")))
        }
        None if en.len() != zh.len() => {
            Err(PageError::new(file, "it has other topics than the English page"))
        }
        None => Ok(()),
    }
}

fn examples(text: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut open: Option<(String, Example)> = None;
    for line in text.lines() {
        open = match open {
            Some((fence, example)) if line.trim_end() == fence => {
                examples.push(example);
                None
            }
            Some((fence, mut example)) => {
                example.paste.push_str(line);
                example.paste.push('\n');
                Some((fence, example))
            }
            None => {
                let fence: String = line.chars().take_while(|c| *c == '`').collect();
                let expectation = match line.trim_start_matches('`').trim() {
                    "paste finds" => Some(Expectation::Finds),
                    "paste spares" => Some(Expectation::Spares),
                    _ => None,
                };
                expectation
                    .filter(|_| fence.len() >= 3)
                    .map(|expectation| (fence, Example { expectation, paste: String::new() }))
            }
        };
    }
    examples
}

/// What only shows once all pages are known: slugs that pages name must have a page.
pub(super) fn check_together(pages: &[Page]) -> Result<(), PageError> {
    for page in pages {
        let named = page.explains.iter();
        let separated =
            page.body(Lang::En).sections.iter().flat_map(|s| &s.topics).flat_map(|topic| &topic.separates);
        for slug in named.chain(separated) {
            if !pages.iter().any(|other| other.slug.cause.is_none() && other.slug.problem == *slug) {
                return Err(PageError::new(&page.file, format!("there is no page {slug:?}")));
            }
        }
        if page.slug.cause.is_some()
            && !pages
                .iter()
                .any(|other| other.slug.cause.is_none() && other.slug.problem == page.slug.problem)
        {
            return Err(PageError::new(&page.file, "its problem has no page"));
        }
    }
    Ok(())
}
