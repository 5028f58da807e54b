//! The report: findings told as JSON, Markdown or HTML, in one of two languages.
//!
//! In:  the findings, with the facts and the text that they rest on.
//! Out: [`Report`], the only thing that leaves the core.
//! Not here: a terminal's width and colours. They are the command line's business.

mod capture;
mod certificate;
mod chain;
mod companions;
mod decoded;
mod diff;
mod explain;
mod flows;
mod html;
mod intake;
mod ladder;
mod parts;
mod prose;
mod simulated;
mod verified;
mod view;
mod why;

use tera::Context;

use crate::content::{Confidence, Lang, Page, Role, library, template};
use crate::decode::{Artifact, Kind};
use crate::evidence::Evidence;
use crate::facts::{Facts, Incident};
use crate::findings;
use crate::paste::{Content, Input, Paste};
use crate::wire::Flow;
use crate::x509::verify::Verdict;

pub use certificate::{CertificateView, ExtensionView, KeyView, LintView, NamesView, has_errors, remaining};
pub use chain::Chain;
pub use decoded::{Decoded, DecodedArtifact};
pub use diff::{Diff, Difference, Same};
pub use explain::{CodeView, Explanation, PageView, explain, page_markdown, similar_slugs, summary};
pub use flows::{FlowView, HelloView, ServerHelloView};
pub use html::{from_markdown, heading_id, page as html_page, phrase_html};
pub use ladder::Ladder;
pub use prose::{render as render_prose, sections_of};
pub use simulated::{PolicyView, Question, Simulated, clients, servers, systems};
pub use verified::{Bundle, ProblemView, StepView, Verified};
pub use view::{
    ArtifactView, CheckView, EvidenceView, FindingView, InputView, RemedyView, SourceView, TriedView, View,
};
pub use why::why;

/// What is said of a case. It holds both languages; the renderers choose one.
pub struct Report {
    /// The findings, best first.
    pub findings: Vec<Finding>,
    inputs: Vec<InputNote>,
    artifacts: Vec<ArtifactNote>,
    /// The chains that were checked, those with faults first.
    chains: Vec<Verdict>,
}

/// One finding, with all that its words need.
pub struct Finding {
    /// The problem's slug.
    pub problem: &'static str,
    /// The cause's slug below it, where the evidence tells which.
    pub cause: Option<&'static str>,
    /// What it is in the report.
    pub role: Role,
    /// How much the evidence proves.
    pub confidence: Confidence,
    /// How much it proves of the cause.
    pub cause_confidence: Option<Confidence>,
    page: &'static Page,
    causes: Vec<(&'static Page, Confidence)>,
    evidence: Vec<EvidenceNote>,
    tried: Vec<TriedNote>,
    values: Incident,
}

struct EvidenceNote {
    seen: Evidence,
    shows: Vec<(&'static str, String)>,
    quote: String,
    decoded: Option<String>,
}

struct TriedNote {
    fix: findings::TriedFix,
    artifact: usize,
}

struct InputNote {
    name: String,
    bytes: usize,
    sha256: String,
    encoding: Option<&'static str>,
    lossy: bool,
}

struct ArtifactNote {
    artifact: Artifact,
    /// Evidence was found in it.
    used: bool,
}

/// How many chains are drawn.
const CHAINS_DRAWN: usize = 2;

/// How many connections that failed are drawn; those after them say the same again.
const FAILED_DRAWN: usize = 2;

/// A quote is not longer than this; the place says where the rest is.
const LONGEST_QUOTE: usize = 240;

impl Report {
    pub(crate) fn new(
        paste: &Paste,
        artifacts: &[Artifact],
        facts: &Facts,
        findings: Vec<findings::Finding>,
    ) -> Self {
        let note = |cited: &findings::Cited| {
            let seen = facts.evidence.get(cited.evidence)?;
            let (quote, decoded) = quote(paste, seen);
            Some(EvidenceNote { seen: seen.clone(), shows: cited.shows.clone(), quote, decoded })
        };
        let mut used = vec![false; artifacts.len()];
        // An address alone tells nothing of a failure.
        let tells = |seen: &&Evidence| seen.states.iter().any(|state| !state.key.starts_with("target."));
        for seen in facts.evidence.iter().filter(tells) {
            if let Some(used) = used.get_mut(seen.artifact) {
                *used = true;
            }
        }
        Self {
            findings: findings
                .into_iter()
                .map(|finding| Finding {
                    problem: finding.problem,
                    cause: finding.cause,
                    role: finding.role,
                    confidence: finding.confidence,
                    cause_confidence: finding.cause_confidence,
                    page: finding.page,
                    evidence: {
                        let mut notes: Vec<_> = finding.evidence.iter().filter_map(note).collect();
                        notes.sort_by_key(|note: &EvidenceNote| (note.seen.input, note.seen.span.start));
                        notes
                    },
                    tried: finding
                        .tried
                        .into_iter()
                        .map(|fix| {
                            let seen = fix.evidence.first().and_then(|id| facts.evidence.get(*id));
                            TriedNote { artifact: seen.map_or(0, |seen| seen.artifact), fix }
                        })
                        .collect(),
                    causes: finding.causes,
                    values: finding
                        .incident
                        .and_then(|at| facts.incidents.get(at))
                        .unwrap_or(&facts.whole)
                        .clone(),
                })
                .collect(),
            inputs: paste.inputs.iter().map(InputNote::new).collect(),
            artifacts: artifacts
                .iter()
                .zip(used)
                .map(|(artifact, used)| ArtifactNote {
                    // A flow that works is used where it is compared; a list of flows is never idle.
                    used: used || !artifact.flows().is_empty(),
                    artifact: artifact.clone(),
                })
                .collect(),
            chains: {
                let mut chains = facts.chains.clone();
                chains.sort_by_key(|chain| chain.faults.is_empty());
                chains
            },
        }
    }

    /// Something is wrong: a problem was found.
    #[must_use]
    pub fn found_problem(&self) -> bool {
        self.findings.iter().any(|finding| finding.role == Role::Problem)
    }

    /// The report as data, in the words of one language.
    #[must_use]
    pub fn view(&self, lang: Lang) -> View {
        View::new(self, lang)
    }

    /// `diagnose --format json`: one object, a line end behind it.
    #[must_use]
    pub fn json(&self, lang: Lang) -> String {
        view::json(&self.view(lang))
    }

    /// The troubleshooting report as Markdown.
    #[must_use]
    pub fn markdown(&self, lang: Lang) -> String {
        view::markdown(&self.view(lang))
    }

    /// The report as HTML to put into a page: no scripts, no styles, the paste as text only.
    #[must_use]
    pub fn html_fragment(&self, lang: Lang) -> String {
        html::with_drawings(&self.markdown(lang), &self.all_drawings(lang))
    }

    /// The report as one HTML file that needs no other.
    #[must_use]
    pub fn html(&self, lang: Lang) -> String {
        let view = self.view(lang);
        html_page(&view.title, lang, &html::with_drawings(&view::markdown(&view), &self.all_drawings(lang)))
    }

    fn all_drawings(&self, lang: Lang) -> Vec<html::Drawing> {
        let named = |name: &'static str, drawings: Vec<String>| {
            drawings.into_iter().enumerate().map(move |(number, svg)| (format!("{name}-{number}"), svg))
        };
        named("chain", self.chain_drawings(lang, "chain"))
            .chain(named("ladder", self.drawings(lang, "ladder")))
            .collect()
    }

    /// The chains worth drawing: where something failed, and there is more to see than one certificate.
    fn chains(&self, lang: Lang) -> Vec<Chain> {
        if self.findings.is_empty() {
            return Vec::new();
        }
        let chains = self.chains.iter().map(|chain| Chain::new(chain, lang));
        chains.filter(|chain| !chain.is_trivial()).take(CHAINS_DRAWN).collect()
    }

    /// The certificate chains worth drawing, as SVG to put into HTML; no text in it is markup. `id`
    /// keeps them apart from the same drawings elsewhere in the same HTML.
    #[must_use]
    pub fn chain_drawings(&self, lang: Lang, id: &str) -> Vec<String> {
        let chains = self.chains(lang);
        chains.iter().enumerate().map(|(number, chain)| chain.svg(&format!("{id}-{number}"))).collect()
    }

    /// The connections worth drawing: those that failed, and one that works beside them.
    fn ladders(&self, lang: Lang) -> Vec<Ladder> {
        if self.findings.is_empty() {
            return Vec::new();
        }
        let flows = || self.flows().map(|(_, flow)| flow);
        let failed = flows().filter(|flow| flow.failed()).take(FAILED_DRAWN);
        let works = flows().find(|flow| flow.works());
        let ladders = failed.chain(works).map(|flow| Ladder::new(flow, lang));
        ladders.filter(|ladder| !ladder.is_trivial()).collect()
    }

    /// The connections worth drawing, as SVG to put into HTML; no text in it is markup. `id` keeps
    /// them apart from the same drawings elsewhere in the same HTML.
    #[must_use]
    pub fn drawings(&self, lang: Lang, id: &str) -> Vec<String> {
        self.ladders(lang)
            .iter()
            .enumerate()
            .map(|(number, ladder)| ladder.svg(&format!("{id}-{number}")))
            .collect()
    }

    /// The TLS flows that were read, with the artifact each stands in.
    pub fn flows(&self) -> impl Iterator<Item = (usize, &Flow)> {
        self.artifacts
            .iter()
            .enumerate()
            .flat_map(|(id, note)| note.artifact.flows().iter().map(move |flow| (id, flow)))
    }
}

impl InputNote {
    fn new(input: &Input) -> Self {
        let (encoding, lossy) = match &input.content {
            Content::Text(text) => (Some(text.encoding), text.lossy),
            Content::Capture(_) | Content::Unread(_) | Content::Binary(_) => (None, false),
        };
        Self { name: input.name.clone(), bytes: input.bytes, sha256: input.sha256.clone(), encoding, lossy }
    }
}

/// The input's own text, and what it is in words where that tells nothing. A file that is no text has the
/// words alone.
fn quote(paste: &Paste, seen: &Evidence) -> (String, Option<String>) {
    let literal = paste.inputs.get(seen.input).map_or("", |input| input.quote(seen.span)).trim();
    let Some(shown) = &seen.shown else { return (shorten(literal), None) };
    match literal.lines().next() {
        Some(first) => (shorten(first), Some(shorten(shown))),
        None => (shorten(shown), None),
    }
}

/// One line of a quote is enough to find the place; an ellipsis says that there is more.
fn shorten(quote: &str) -> String {
    let end = quote.floor_char_boundary(LONGEST_QUOTE);
    match quote.get(..end) {
        Some(short) if end < quote.len() => format!("{short}…"),
        _ => quote.to_owned(),
    }
}

/// Renders one of the templates of `content/templates/`.
fn fill(name: &str, context: &Context) -> String {
    // A template that does not render fails the tests; it never gets this far.
    let filled = tera::Tera::one_off(template(name), context, name.ends_with(".html"));
    debug_assert!(filled.is_ok(), "{name}: {filled:?}");
    filled.unwrap_or_default()
}

/// The name of a kind of artifact, for people.
fn kind_name(kind: Kind, lang: Lang) -> &'static str {
    let (en, zh) = match kind {
        Kind::DotnetStackTrace => (".NET stack trace", ".NET 堆栈跟踪"),
        Kind::JavaStackTrace => ("Java stack trace", "Java 堆栈跟踪"),
        Kind::PythonTraceback => ("Python traceback", "Python 回溯（traceback）"),
        Kind::NodeStackTrace => ("Node.js stack trace", "Node.js 堆栈跟踪"),
        Kind::GoPanic => ("Go panic", "Go panic"),
        Kind::RustPanic => ("Rust panic", "Rust panic"),
        Kind::RubyBacktrace => ("Ruby backtrace", "Ruby 回溯（backtrace）"),
        Kind::PhpTrace => ("PHP error", "PHP 错误"),
        Kind::PowershellError => ("PowerShell error", "PowerShell 错误"),
        Kind::PacketList => ("packet list (Wireshark)", "数据包列表（Wireshark）"),
        Kind::PacketDetails => ("packet details (Wireshark)", "数据包详情（Wireshark）"),
        Kind::NetLog => ("network log of Chromium", "Chromium 的网络日志"),
        Kind::HexDump => ("hex dump", "十六进制转储"),
        Kind::DotnetVersions => ("installed .NET Framework versions", "已安装的 .NET Framework 版本"),
        Kind::RegistryExport => ("registry values", "注册表值"),
        Kind::SourceCode => ("code", "代码"),
        Kind::Configuration => ("configuration", "配置"),
        Kind::SystemInfo => ("versions of programs and systems", "程序和系统的版本信息"),
        Kind::LogLines => ("output of a program", "程序输出"),
        Kind::CommandTranscript => ("commands and their output", "命令及其输出"),
        Kind::Prose => ("text", "文字"),
        Kind::Capture => ("capture file", "抓包文件"),
        Kind::Certificate => ("certificate", "证书"),
        Kind::CertificateRequest => ("certificate request", "证书请求"),
        Kind::Crl => ("list of revoked certificates (CRL)", "证书吊销列表（CRL）"),
        Kind::OcspResponse => ("OCSP response", "OCSP 响应"),
        Kind::PublicKey => ("public key", "公钥"),
        Kind::PrivateKey => ("private key", "私钥"),
        Kind::KeyStore => ("key store", "密钥库"),
        Kind::Binary => ("binary file", "二进制文件"),
    };
    match lang {
        Lang::En => en,
        Lang::ZhCn => zh,
    }
}

/// The sentence that tells a fact as evidence.
fn sentence(key: &str, value: &str, lang: Lang) -> Option<String> {
    use crate::content::Values;
    let vocabulary = &library().vocabulary;
    match &vocabulary.fact(key)?.values {
        Values::Open(text) => Some(text.get(lang).replace("{value}", &prose::tame(value))),
        Values::Listed(_) => vocabulary.value(key, value).map(|entry| entry.says.get(lang).to_owned()),
    }
    .filter(|sentence| !sentence.is_empty())
}
