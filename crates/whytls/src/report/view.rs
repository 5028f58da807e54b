//! The report as data in the words of one language: what JSON shows, and what templates are
//! filled with.
//!
//! In:  a [`Report`] and a language.
//! Out: [`View`], whose fields are the contract with other programs: none is renamed or dropped.
//! Not here: layout.

use serde::Serialize;
use tera::Context;

use super::simulated::PolicyView;
use super::{Finding, Report, fill, kind_name, prose, sentence};
use crate::VERSION;
use crate::content::{Confidence, Lang, Page, Risk, Role, SectionKind, Topic, Verdict, library};
use crate::decode::{Data, Kind};
use crate::facts::Judged;
use crate::paste::{BinaryKind, Span};
use crate::tls::Version;

/// One object for programs, a line end behind it.
pub(super) fn json(view: &impl Serialize) -> String {
    let mut json = serde_json::to_string_pretty(view).unwrap_or_default();
    json.push('\n');
    json
}

/// The whole report.
#[derive(Debug, Serialize)]
pub struct View {
    whytls: About,
    /// The language's tag.
    pub lang: &'static str,
    /// One line that names the first problem.
    pub title: String,
    /// What was given.
    pub inputs: Vec<InputView>,
    /// What it was read as.
    pub artifacts: Vec<ArtifactView>,
    /// Why it failed.
    pub findings: Vec<FindingView>,
    /// The certificate chains worth drawing, as text.
    pub chains: Vec<String>,
    /// The connections worth drawing, as text.
    pub ladders: Vec<String>,
}

/// Which program says this, and which version of the contract it keeps.
#[derive(Debug, Serialize)]
pub(super) struct About {
    version: &'static str,
    schema: u32,
}

impl About {
    pub(super) fn this() -> Self {
        Self { version: VERSION, schema: 1 }
    }
}

/// One input.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct InputView {
    pub id: usize,
    pub name: String,
    pub bytes: usize,
    pub sha256: String,
    pub encoding: Option<&'static str>,
    /// What could not be read, and what would help.
    pub note: Option<String>,
}

/// One artifact.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ArtifactView {
    pub id: usize,
    pub input: usize,
    pub kind: Kind,
    /// The kind's name for people.
    pub name: &'static str,
    pub span: Span,
    /// Evidence was found in it.
    pub used: bool,
}

/// One finding.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct FindingView {
    pub problem: &'static str,
    pub cause: Option<&'static str>,
    pub role: Role,
    pub confidence: Confidence,
    pub cause_confidence: Option<Confidence>,
    pub title: String,
    /// The cause's title, where there is a cause.
    pub cause_title: Option<String>,
    pub summary: String,
    /// What the cause's page says happened, where there is a cause.
    pub cause_summary: Option<String>,
    /// How it comes about, as Markdown.
    pub why: String,
    pub evidence: Vec<EvidenceView>,
    pub remedies: Vec<RemedyView>,
    pub checks: Vec<CheckView>,
    /// What the program offers, where program and system are known.
    pub policy: Option<PolicyView>,
    /// What the server accepts, where its configuration was pasted.
    pub server: Option<PolicyView>,
    pub tried: Vec<TriedView>,
    /// Where the knowledge is from.
    pub sources: Vec<SourceView>,
}

/// Where knowledge is from.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct SourceView {
    pub url: String,
    /// What it vouches for.
    pub note: Option<String>,
}

impl SourceView {
    pub(super) fn new(source: &str) -> Self {
        match source.split_once(' ') {
            Some((url, note)) => Self { url: url.to_owned(), note: Some(note.to_owned()) },
            None => Self { url: source.to_owned(), note: None },
        }
    }
}

/// One piece of evidence.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct EvidenceView {
    pub artifact: usize,
    /// The input that holds the artifact.
    pub input: usize,
    pub span: Span,
    pub quote: String,
    /// What the quote is in words, where it is bytes or base64.
    pub decoded: Option<String>,
    pub says: String,
    /// The English original, where the program spoke another language.
    pub original: Option<&'static str>,
}

/// One remedy.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct RemedyView {
    pub cause: Option<&'static str>,
    /// The cause's title, where the remedy is for one of several that are possible.
    pub only_if: Option<String>,
    pub title: String,
    pub body_markdown: String,
    pub risk: Risk,
}

/// One check that tells problems apart.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct CheckView {
    pub title: String,
    pub body_markdown: String,
    pub separates: Vec<String>,
}

/// One fix that was tried.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct TriedView {
    pub what: String,
    pub artifact: usize,
    pub verdict: Verdict,
    pub why: String,
}

impl View {
    pub(super) fn new(report: &Report, lang: Lang) -> Self {
        let mut findings: Vec<FindingView> =
            report.findings.iter().map(|finding| finding.view(lang)).collect();
        say_once(&mut findings);
        let title = match findings.first() {
            Some(first) => first.title.clone(),
            None => match lang {
                Lang::En => "No failure of a secure connection was recognised".to_owned(),
                Lang::ZhCn => "没有识别出安全连接的故障".to_owned(),
            },
        };
        Self {
            whytls: About::this(),
            lang: lang.tag(),
            title,
            inputs: report
                .inputs
                .iter()
                .enumerate()
                .map(|(id, input)| InputView {
                    id,
                    name: input.name.clone(),
                    bytes: input.bytes,
                    sha256: input.sha256.clone(),
                    encoding: input.encoding,
                    note: note(report, id, input.lossy, lang),
                })
                .collect(),
            artifacts: report
                .artifacts
                .iter()
                .enumerate()
                .map(|(id, note)| ArtifactView {
                    id,
                    input: note.artifact.input,
                    kind: note.artifact.kind(),
                    name: kind_name(note.artifact.kind(), lang),
                    span: note.artifact.span,
                    used: note.used,
                })
                .collect(),
            findings,
            chains: report.chains(lang).iter().map(|chain| chain.text(true)).collect(),
            ladders: report.ladders(lang).iter().map(super::Ladder::text).collect(),
        }
    }
}

/// What the ends of a connection are like is told at the first finding that it is told of.
fn say_once(findings: &mut [FindingView]) {
    let mut told: Vec<String> = Vec::new();
    let mut is_new = |text: &str| {
        let new = !told.iter().any(|other| other == text);
        if new {
            told.push(text.to_owned());
        }
        new
    };
    for finding in findings {
        finding.policy = finding.policy.take().filter(|policy| is_new(&policy.body_markdown));
        finding.server = finding.server.take().filter(|server| is_new(&server.body_markdown));
        finding.tried.retain(|tried| is_new(&format!("{} {}", tried.what, tried.why)));
    }
}

/// What could not be read of an input, and what would help.
fn note(report: &Report, input: usize, lossy: bool, lang: Lang) -> Option<String> {
    let data = || report.artifacts.iter().filter(|note| note.artifact.input == input);
    let capture = data().find_map(|note| match &note.artifact.data {
        Data::Capture(capture) => Some(capture),
        _ => None,
    });
    if let Some(capture) = capture {
        let notes: Vec<String> =
            capture.notes.iter().map(|note| super::capture::sentence(note, lang)).collect();
        return (!notes.is_empty()).then(|| notes.join(if lang == Lang::En { " " } else { "" }));
    }
    let binary = data().find_map(|note| match note.artifact.data {
        Data::Binary(kind) => Some(kind),
        _ => None,
    });
    let (en, zh) = match binary {
        Some(BinaryKind::Capture) => ("A capture file that was not read.", "未读取的抓包文件。"),
        Some(BinaryKind::Der) => (
            "A file in DER or a key store, of which nothing could be read: it is damaged, or of a kind that is not known here.",
            "DER 文件或密钥库，读不出任何内容：它已损坏，或属于未知的种类。",
        ),
        Some(BinaryKind::OtherCapture) => (
            "A capture file in a format that is not read here. Convert it with Wireshark's `editcap FILE capture.pcapng`, and give that.",
            "抓包文件，但其格式此处不支持。请用 Wireshark 附带的 `editcap 文件 capture.pcapng` 转换，再提供转换后的文件。",
        ),
        Some(BinaryKind::Packed) => (
            "A packed file, or an office document. Unpack it, or copy the text out of it, and give that.",
            "压缩文件或 Office 文档。请先解压，或把其中的文字复制出来，再提供。",
        ),
        Some(BinaryKind::Unknown) => (
            "Neither text nor a format that is known. Paste the text that the program printed.",
            "既不是文本，也不是已知格式。请粘贴程序打印出来的文字。",
        ),
        None if lossy => (
            "Some bytes fit no encoding and were replaced; the rest was read.",
            "有些字节不符合任何编码，已被替换；其余部分已读取。",
        ),
        None => return None,
    };
    Some(if lang == Lang::En { en } else { zh }.to_owned())
}

impl Finding {
    fn view(&self, lang: Lang) -> FindingView {
        let cause = self.cause_page();
        let text =
            |page: &Page, kind| page.body(lang).section(kind).map(|section| self.fill(&section.text, lang));
        FindingView {
            problem: self.problem,
            cause: self.cause,
            role: self.role,
            confidence: self.confidence,
            cause_confidence: self.cause_confidence,
            title: self.page.title.get(lang).to_owned(),
            cause_title: cause.map(|page| page.title.get(lang).to_owned()),
            summary: first_paragraph(&text(self.page, SectionKind::WhatHappened).unwrap_or_default()),
            cause_summary: cause
                .and_then(|page| text(page, SectionKind::WhatHappened))
                .map(|text| first_paragraph(&text)),
            why: [Some(self.page), cause]
                .into_iter()
                .flatten()
                .filter_map(|page| text(page, SectionKind::Why))
                .collect::<Vec<_>>()
                .join("\n\n"),
            evidence: self.evidence(lang),
            remedies: self.remedies(lang),
            checks: self.checks(lang),
            policy: self
                .page
                .policy
                .then(|| self.values.simulation())
                .flatten()
                .and_then(|s| PolicyView::new(s, lang)),
            server: self.page.policy.then(|| self.values.server()).flatten().map(|server| {
                let newest =
                    self.values.get("hello.offers").iter().filter_map(|known| Version::named(&known.value));
                let newest = newest.max_by_key(|version| version.rank());
                PolicyView::of_server(server, self.values.simulation(), newest, lang)
            }),
            tried: self.tried_views(lang),
            sources: [Some(self.page), cause]
                .into_iter()
                .flatten()
                .flat_map(|page| &page.sources)
                .map(|source| SourceView::new(source))
                .collect(),
        }
    }

    fn cause_page(&self) -> Option<&'static Page> {
        self.causes.first().map(|(page, _)| *page).filter(|_| self.cause.is_some())
    }

    fn fill(&self, text: &str, lang: Lang) -> String {
        prose::render(text, &self.values, lang).unwrap_or_default()
    }

    fn evidence(&self, lang: Lang) -> Vec<EvidenceView> {
        let mut told: Vec<(usize, String)> = Vec::new();
        let mut views = Vec::new();
        for note in &self.evidence {
            let mut shows: Vec<_> = note.shows.iter().collect();
            shows.sort_by_key(|(key, _)| library().vocabulary.fact(key).map(|fact| fact.order));
            let mut says: Vec<String> = Vec::new();
            for sentence in shows.into_iter().filter_map(|(key, value)| sentence(key, value, lang)) {
                // The same said of a second place in the same artifact adds nothing.
                let known = (note.seen.artifact, sentence);
                if !told.contains(&known) {
                    says.push(known.1.clone());
                    told.push(known);
                }
            }
            if says.is_empty() {
                continue;
            }
            // Chinese sentences follow each other without a space.
            let says = says.join(if lang == Lang::En { " " } else { "" });
            views.push(EvidenceView {
                artifact: note.seen.artifact,
                input: note.seen.input,
                span: note.seen.span,
                quote: note.quote.clone(),
                decoded: note.decoded.clone(),
                says,
                original: note.seen.original,
            });
        }
        views
    }

    /// The cause's remedies before the problem's; where no cause is proved, those of all that fit.
    fn remedies(&self, lang: Lang) -> Vec<RemedyView> {
        let proved = self.cause_page();
        let causes: Vec<&'static Page> = match proved {
            Some(cause) => vec![cause],
            None => self.causes.iter().map(|(page, _)| *page).collect(),
        };
        let mut remedies: Vec<RemedyView> = causes
            .into_iter()
            .chain([self.page])
            .flat_map(|page| self.topics(page, SectionKind::WhatToDo, lang).map(move |topic| (page, topic)))
            // Where the cause is known, the problem's page adds its warnings only.
            .filter(|(page, topic)| {
                proved.is_none() || page.slug.cause.is_some() || topic.risk == Risk::Unsafe
            })
            .map(|(page, topic)| RemedyView {
                cause: page.slug.cause.as_deref(),
                only_if: page
                    .slug
                    .cause
                    .as_ref()
                    .filter(|_| proved.is_none())
                    .map(|_| page.title.get(lang).to_owned()),
                title: topic.title,
                body_markdown: topic.text,
                risk: topic.risk,
            })
            .collect();
        remedies.sort_by_key(|remedy| remedy.risk);
        remedies
    }

    fn checks(&self, lang: Lang) -> Vec<CheckView> {
        let pages = self.causes.iter().map(|(page, _)| *page).chain([self.page]);
        pages
            .flat_map(|page| self.topics(page, SectionKind::HowToBeSure, lang))
            .map(|topic| CheckView {
                title: topic.title,
                body_markdown: topic.text,
                separates: topic.separates,
            })
            .collect()
    }

    /// A page's topics with the values filled in. What a condition empties is left out.
    fn topics(&self, page: &'static Page, kind: SectionKind, lang: Lang) -> impl Iterator<Item = Topic> {
        let section = page.body(lang).section(kind);
        // What a check separates stands once, in English.
        let english = page.body(Lang::En).section(kind);
        let topics = section.map(|section| section.topics.as_slice()).unwrap_or_default();
        topics.iter().filter_map(move |topic| {
            let meant = english.and_then(|section| section.topics.iter().find(|other| other.id == topic.id));
            let text = self.fill(&topic.text, lang);
            (!text.is_empty()).then(|| Topic {
                id: topic.id.clone(),
                title: self.fill(&topic.title, lang),
                text,
                risk: meant.map_or(topic.risk, |meant| meant.risk),
                separates: meant.map_or_else(Vec::new, |meant| meant.separates.clone()),
            })
        })
    }

    fn tried_views(&self, lang: Lang) -> Vec<TriedView> {
        self.tried
            .iter()
            .filter_map(|note| {
                let (key, value) = &note.fix.tried.fact;
                let topic =
                    note.fix.page.body(lang).topic(SectionKind::DoesNotHelp, &note.fix.tried.topic)?;
                let what =
                    library().vocabulary.value(key, value).map(|entry| entry.name.get(lang).to_owned());
                Some(TriedView {
                    what: what.unwrap_or_else(|| topic.title.clone()),
                    artifact: note.artifact,
                    verdict: note.fix.judged.as_ref().map_or(note.fix.tried.verdict, |j| j.judgement.verdict),
                    why: judged(note.fix.judged.as_ref(), note.fix.tried.verdict, lang)
                        .unwrap_or_else(|| self.fill(&topic.text, lang)),
                })
            })
            .chain(self.attempts(lang))
            .collect()
    }

    /// What became of a program's own settings, where the page is about versions; of which the same is to
    /// be said, together.
    fn attempts(&self, lang: Lang) -> Vec<TriedView> {
        let mut views: Vec<TriedView> = Vec::new();
        for attempt in self.values.attempts().iter().filter(|_| self.page.policy) {
            let why = attempt.judgement.says.first().map_or("", |said| said.why.get(lang));
            let what = format!("`{}`", attempt.name);
            let verdict = attempt.judgement.verdict;
            match views.iter_mut().find(|view| view.why == why && view.verdict == verdict) {
                Some(view) => view.what = format!("{}, {what}", view.what),
                None => {
                    views.push(TriedView { what, artifact: attempt.artifact, verdict, why: why.to_owned() })
                }
            }
        }
        views
    }
}

/// What the model says of a fix that was tried, for each kind of program that it may be. Where that is
/// the same for all, and no other than what the page says, the page says it better.
fn judged(judged: Option<&Judged>, page: Verdict, lang: Lang) -> Option<String> {
    let judgement = &judged?.judgement;
    let first = judgement.says.first()?;
    if judgement.says.iter().all(|sentence| sentence.why == first.why) {
        return (judgement.verdict != page).then(|| first.why.get(lang).to_owned());
    }
    let some_do_not_fit = judgement.says.iter().any(|sentence| !sentence.fits);
    let says = judgement.says.iter().map(|sentence| {
        let target = sentence.target.as_ref().map_or("", |target| target.name.get(lang));
        let fits = match (sentence.fits, lang) {
            _ if !some_do_not_fit => "",
            (true, Lang::En) => " (fits what was seen)",
            (true, Lang::ZhCn) => "（符合所见）",
            (false, Lang::En) => " (does not fit what was seen)",
            (false, Lang::ZhCn) => "（与所见不符）",
        };
        let why = sentence.why.get(lang);
        match lang {
            Lang::En => format!("*.NET Framework {target}*{fits}: {why}"),
            Lang::ZhCn => format!("*.NET Framework {target}*{fits}：{why}"),
        }
    });
    let says: Vec<String> = says.map(|line| format!("\n- {line}")).collect();
    let lead = match lang {
        Lang::En => "That depends on what the program is built for:\n",
        Lang::ZhCn => "这取决于程序面向哪个版本：\n",
    };
    Some(format!("{lead}{}", says.concat()))
}

pub(super) fn first_paragraph(markdown: &str) -> String {
    markdown.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many artifacts the report lists; a large log has thousands, and JSON has them all.
const LISTED: usize = 100;

/// The report as Markdown, by its template.
pub(super) fn markdown(view: &View) -> String {
    let mut context = Context::from_serialize(view).unwrap_or_default();
    let problems: Vec<_> = view.findings.iter().filter(|finding| finding.role == Role::Problem).collect();
    context.insert("problems", &problems);
    context.insert("listed", view.artifacts.get(..LISTED).unwrap_or(&view.artifacts));
    context.insert("version", VERSION);
    // Quotes are fenced by more marks than any of them has.
    let longest = view
        .findings
        .iter()
        .flat_map(|finding| &finding.evidence)
        .map(|seen| longest_fence(&seen.quote).max(seen.decoded.as_deref().map_or(0, longest_fence)))
        .chain(view.ladders.iter().chain(&view.chains).map(|drawing| longest_fence(drawing)))
        .max();
    context.insert("fence", &"`".repeat(longest.unwrap_or(0).max(2) + 1));
    let lang = Lang::from_tag(view.lang).unwrap_or_default();
    let text = fill(if lang == Lang::En { "report.md" } else { "report.zh-CN.md" }, &context);
    tidy(&text)
}

fn longest_fence(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Templates leave blank lines where they choose; the report has one at most, outside of code.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let marks: String = line.trim_start().chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if marks.len() >= open.len() && line.trim_start().len() == marks.len() => fence = None,
            None if marks.len() >= 3 => fence = Some(marks),
            _ => {}
        }
        if line.trim().is_empty() && fence.is_none() {
            blank = true;
            continue;
        }
        if blank && !out.is_empty() {
            out.push('\n');
        }
        blank = false;
        out.push_str(if fence.is_some() { line } else { line.trim_end() });
        out.push('\n');
    }
    out
}
