//! Finds the pieces of a paste that are in a format we know, and reads them.
//!
//! In:  the inputs' text.
//! Out: artifacts with their places, and the evidence that each of them holds.
//! Not here: what the evidence means. That is `facts` and `findings`.

mod asked;
mod certificates;
mod code;
mod codes;
mod commands;
mod configuration;
mod dotnet_trace;
mod dotnet_versions;
mod flows;
mod handshakes;
mod hex;
mod inline;
mod lengths;
mod marks;
mod messages;
mod packets;
mod peers;
mod phrases;
mod plain;
mod prose;
mod registry;
mod talk;
mod targets;
mod traces;
mod versions;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use crate::evidence::{Evidence, Statement};
use crate::paste::{BinaryKind, Content, Input, Line, Paste, SecretKind, Span};
use crate::wire::{Capture, Flow};
use crate::x509::Object;

use asked::Asked;
use certificates::Objects;
use marks::{Mark, Marks};

pub(crate) use certificates::time;
pub use certificates::{Given, Source, X509, certificates};
pub use code::{Code, Named};
pub use codes::{Reading, is_message, readings};
pub use configuration::{Configuration, Directive};
pub use dotnet_trace::{Exception, StackFrame, Trace};
pub use dotnet_versions::Versions;
pub use flows::Flows;
pub(crate) use flows::{place_in, seen_in};
pub use hex::HexDump;
pub use messages::{inspects, messages_in, says_all};
pub use packets::NetLog;
pub use registry::{Registry, Setting};

/// A piece of a paste, and what it was read as.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The input that holds it.
    pub input: usize,
    /// Where it stands.
    pub span: Span,
    /// What the writer says it is, where a line of prose introduces it.
    pub label: Option<String>,
    /// What it holds.
    pub data: Data,
}

/// What a decoder read.
#[derive(Clone, Debug)]
pub enum Data {
    /// A .NET exception, with or without its stack trace.
    DotnetTrace(Trace),
    /// A stack trace of another language; which one.
    Trace(Kind),
    /// A capture as text: packet lists, details, hex dumps.
    Flows(Flows),
    /// The network log of Chromium.
    NetLog(NetLog),
    /// A capture file.
    Capture(Arc<Capture>),
    /// Bytes that the text shows: dumps, lists, strings.
    HexDump(HexDump),
    /// The .NET Framework versions of a machine.
    DotnetVersions(Versions),
    /// Registry values.
    Registry(Registry),
    /// Lines of a program.
    Code(Code),
    /// Settings of a server, a client or a library.
    Configuration(Configuration),
    /// What a program or a system says of its version.
    SystemInfo,
    /// Lines that a program printed.
    Log,
    /// What was typed at a prompt, with its output.
    Transcript,
    /// What a person wrote.
    Prose,
    /// A file that is no text.
    Binary(BinaryKind),
    /// A certificate, a key, or what comes with them.
    X509(Box<X509>),
}

/// The public name of what an artifact was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is named for what it is")]
pub enum Kind {
    DotnetStackTrace,
    JavaStackTrace,
    PythonTraceback,
    NodeStackTrace,
    GoPanic,
    RustPanic,
    RubyBacktrace,
    PhpTrace,
    PowershellError,
    PacketList,
    PacketDetails,
    HexDump,
    DotnetVersions,
    RegistryExport,
    SourceCode,
    Configuration,
    SystemInfo,
    LogLines,
    CommandTranscript,
    Prose,
    Capture,
    NetLog,
    Certificate,
    CertificateRequest,
    Crl,
    OcspResponse,
    PublicKey,
    PrivateKey,
    KeyStore,
    Binary,
}

impl Artifact {
    /// What it was read as.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.data {
            Data::DotnetTrace(_) => Kind::DotnetStackTrace,
            Data::Trace(kind) | Data::Flows(Flows { kind, .. }) => *kind,
            Data::HexDump(_) => Kind::HexDump,
            Data::NetLog(_) => Kind::NetLog,
            Data::DotnetVersions(_) => Kind::DotnetVersions,
            Data::Registry(_) => Kind::RegistryExport,
            Data::Code(_) => Kind::SourceCode,
            Data::Configuration(_) => Kind::Configuration,
            Data::SystemInfo => Kind::SystemInfo,
            Data::Log => Kind::LogLines,
            Data::Transcript => Kind::CommandTranscript,
            Data::Prose => Kind::Prose,
            Data::Capture(_) | Data::Binary(BinaryKind::Capture) => Kind::Capture,
            Data::Binary(_) => Kind::Binary,
            Data::X509(item) => match &item.found.object {
                Some(Object::Certificate(_)) => Kind::Certificate,
                Some(Object::Request(_)) => Kind::CertificateRequest,
                Some(Object::Crl(_)) => Kind::Crl,
                Some(Object::OcspResponse(_)) => Kind::OcspResponse,
                Some(Object::PublicKey(_)) => Kind::PublicKey,
                Some(Object::PrivateKey(_)) => Kind::PrivateKey,
                None if item.certificate.is_some() => Kind::Certificate,
                Some(Object::Pkcs7(_) | Object::Pkcs12) | None if item.found.container.is_some() => {
                    Kind::KeyStore
                }
                _ => Kind::Binary,
            },
        }
    }

    /// It shows the wire, not what a program says of it.
    #[must_use]
    pub fn is_capture(&self) -> bool {
        matches!(
            self.kind(),
            Kind::PacketList | Kind::PacketDetails | Kind::HexDump | Kind::Capture | Kind::NetLog
        )
    }

    /// The TLS flows in it.
    #[must_use]
    pub fn flows(&self) -> &[Flow] {
        match &self.data {
            Data::Flows(capture) => &capture.flows,
            Data::Capture(capture) => &capture.flows,
            Data::NetLog(log) => &log.flows,
            Data::HexDump(dump) => &dump.flows,
            _ => &[],
        }
    }
}

/// A format that can be found in lines of text.
trait Decode {
    /// Whether an artifact of this format begins at the first of these lines: how many lines it
    /// has, and what they hold. Looks no further than it must, so that work stays linear.
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)>;
}

/// Cuts the inputs into artifacts, in the order in which they stand.
#[must_use]
pub fn find(paste: &Paste) -> Vec<Artifact> {
    let mut artifacts = Vec::new();
    for (at, input) in paste.inputs.iter().enumerate() {
        let mut objects = Objects::of(at, input);
        let data = match &input.content {
            Content::Text(_) => None,
            Content::Capture(capture) => Some(Data::Capture(Arc::clone(capture))),
            Content::Unread(bytes) => Some(Data::Capture(Arc::new(paste.read_capture(bytes)))),
            Content::Binary(kind) => Some(Data::Binary(*kind)),
        };
        if let Some(data) = data {
            let span = Span { start: 0, end: input.bytes, line: 1, end_line: 1 };
            let opened = matches!(data, Data::Binary(BinaryKind::Der)) && !input.objects.is_empty();
            if !opened {
                artifacts.push(Artifact { input: at, span, label: None, data });
            }
            objects.whole(&mut artifacts, input.bytes);
            continue;
        }
        let marks = Marks::of(input);
        for region in input.regions() {
            let asked = Asked::of(&region.lines, &marks);
            // Formats that are told by themselves; behind them come guesses: configuration, and code.
            let decoders: [&dyn Decode; 13] = [
                &registry::RegistryExport,
                &dotnet_versions::DotnetVersions,
                &packets::ChromiumLog,
                &packets::PacketDetails::default(),
                &packets::Ssldump,
                &hex::Hex::default(),
                &packets::Tcpdump,
                &packets::WiresharkList(&marks),
                &dotnet_trace::DotnetTrace,
                &traces::OtherTraces(&marks),
                &versions::SystemInfo,
                &configuration::ConfigurationFile(&asked),
                &code::SourceCode(&asked),
            ];
            let mut lines = region.lines.as_slice();
            let mut rest: Vec<Line<'_>> = Vec::new();
            // Where no fence stands, the last line before an artifact may introduce it.
            let mut label = region.label;
            while let Some((first, after)) = lines.split_first() {
                if objects.begins(first) {
                    let (found, count) = objects.take(lines);
                    let (own, after) = lines.split_at(count.min(lines.len()));
                    if certificates::says_more(first, &found) {
                        rest.push(*first);
                    }
                    prose::cut(at, &std::mem::take(&mut rest), &mut artifacts);
                    let more = own.last().filter(|last| last.number != first.number);
                    rest.extend(more.filter(|last| certificates::says_more(last, &found)));
                    artifacts.extend(found);
                    label = None;
                    lines = after;
                    continue;
                }
                let found = decoders.iter().find_map(|decoder| decoder.find(lines));
                let found = found.filter(|(count, _)| *count > 0);
                let Some((count, data)) = found else {
                    if !first.is_blank() {
                        label = Some(first.body().trim());
                    }
                    rest.push(*first);
                    lines = after;
                    continue;
                };
                prose::cut(at, &std::mem::take(&mut rest), &mut artifacts);
                let (own, after) = lines.split_at(count.min(lines.len()));
                artifacts.push(Artifact {
                    input: at,
                    span: span(own),
                    label: label.take().map(str::to_owned),
                    data,
                });
                objects.inside(own, &mut artifacts);
                lines = after;
            }
            prose::cut(at, &rest, &mut artifacts);
            objects.inside(&region.lines, &mut artifacts);
            certificates::printed(at, &region.lines, &marks, &mut artifacts);
        }
    }
    handshakes::find(paste, &mut artifacts);
    // What stands inside of something else comes after it.
    artifacts
        .sort_by_key(|artifact| (artifact.input, artifact.span.start, std::cmp::Reverse(artifact.span.end)));
    hex::join(&mut artifacts);
    artifacts
}

/// Whether something stands in an input that only one program prints, of those with a TLS of their own.
pub(crate) fn names_program(input: &Input) -> bool {
    !Marks::of(input).all(Mark::Printed).is_empty()
}

/// Reads the evidence of every artifact, in the order in which it stands.
#[must_use]
pub fn read(paste: &Paste, artifacts: &[Artifact]) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for (id, artifact) in artifacts.iter().enumerate() {
        let mut see = |span: Span, states: Vec<Statement>| {
            evidence.push(Evidence::new(id, artifact.input, span, states));
        };
        match &artifact.data {
            Data::DotnetTrace(trace) => dotnet_trace::read(trace, &mut see),
            Data::DotnetVersions(versions) => dotnet_versions::read(versions, &mut see),
            Data::Trace(kind) => traces::read(*kind, artifact.span, &mut see),
            Data::Registry(registry) => registry::read(registry, &mut see),
            Data::Code(code) => code::read(code, &mut see),
            Data::Configuration(configuration) => configuration::read(configuration, &mut see),
            Data::NetLog(log) => {
                for (span, error) in &log.errors {
                    messages::said(error).into_iter().for_each(|states| see(*span, states));
                }
            }
            Data::Flows(_)
            | Data::Capture(_)
            | Data::HexDump(_)
            | Data::SystemInfo
            | Data::Log
            | Data::Transcript
            | Data::Prose
            | Data::Binary(_)
            | Data::X509(_) => {}
        }
        if let Some(input) = paste.inputs.get(artifact.input) {
            flows::read(id, artifact, input, &mut evidence);
        }
    }
    let on_the_wire = evidence.len();
    messages::read(paste, artifacts, &mut evidence);
    tell_alerts_once(&mut evidence, on_the_wire);
    targets::read(paste, artifacts, &mut evidence);
    lengths::read(paste, artifacts, &mut evidence);
    talk::read(paste, artifacts, &mut evidence);
    phrases::read(paste, artifacts, &mut evidence);
    peers::read(paste, artifacts, &mut evidence);
    inline::read(paste, artifacts, &mut evidence);
    commands::read(paste, artifacts, &mut evidence);
    versions::read(paste, artifacts, &mut evidence);
    certificates::read(artifacts, &mut evidence);
    leave_sources_out(paste, artifacts, &mut evidence);
    secrets(paste, artifacts, &mut evidence);
    evidence.sort_by_key(|seen| (seen.input, seen.span.start, seen.artifact));
    evidence
}

/// A flow knows which side sent an alert; the message on the same line only that it came.
fn tell_alerts_once(evidence: &mut Vec<Evidence>, on_the_wire: usize) {
    let of = |seen: &Evidence| {
        seen.states.iter().find(|state| state.key == "alert").map(|state| state.value.to_string())
    };
    let known: HashSet<(usize, usize, String)> = evidence
        .iter()
        .take(on_the_wire)
        .filter_map(|seen| Some((seen, of(seen)?)))
        .flat_map(|(seen, alert)| {
            let lines = seen.span.line..=seen.span.end_line.min(seen.span.line + MANY);
            lines.map(move |line| (seen.artifact, line, alert.clone()))
        })
        .collect();
    let mut at = 0;
    evidence.retain_mut(|seen| {
        at += 1;
        if at <= on_the_wire {
            return true;
        }
        let told = of(seen).is_some_and(|alert| known.contains(&(seen.artifact, seen.span.end_line, alert)));
        if told {
            seen.states.retain(|state| state.key != "alert" && state.key != "alert.from");
        }
        !seen.states.is_empty()
    });
}

/// What a program's source says in its texts and comments did not happen.
fn leave_sources_out(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    let inside: Vec<Vec<Range<usize>>> = paste
        .inputs
        .iter()
        .map(|input| input.regions().iter().flat_map(|region| code::inside(&region.lines)).collect())
        .collect();
    evidence.retain(|seen| {
        let words = artifacts.get(seen.artifact).is_some_and(|of| match &of.data {
            Data::Prose | Data::Log | Data::Transcript | Data::SystemInfo | Data::Configuration(_) => true,
            // What it says when it traces a handshake.
            Data::Flows(Flows { kind: Kind::LogLines | Kind::CommandTranscript | Kind::Prose, .. }) => true,
            // The lines that certificates begin with, as a text.
            Data::X509(item) => item.found.object.is_none() && item.certificate.is_none(),
            _ => false,
        });
        let of_source = inside.get(seen.input).is_some_and(|ranges| {
            let next = ranges.partition_point(|range| range.start <= seen.span.start);
            next.checked_sub(1)
                .and_then(|at| ranges.get(at))
                .is_some_and(|range| range.contains(&seen.span.start))
        });
        !(words && of_source)
    });
}

/// A masked secret is evidence of its own: that it was there, not what it was.
fn secrets(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (at, input) in paste.inputs.iter().enumerate() {
        let Content::Text(text) = &input.content else { continue };
        for secret in text.secrets.iter().take(MANY) {
            let Some((id, artifact)) = artifacts.iter().enumerate().find(|(_, a)| {
                a.input == at && a.span.start <= secret.range.start && secret.range.start < a.span.end
            }) else {
                continue;
            };
            // The line that the secret begins on says what it is, now that the secret is masked.
            let around = |start: usize, end: usize| text.text.get(start..end).unwrap_or_default();
            let start = around(0, secret.range.start).rfind(['\n', '\r']).map_or(0, |at| at + 1);
            let rest = around(start, text.text.len());
            let end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
            let line = artifact.span.line + around(artifact.span.start, start).matches('\n').count();
            let span = Span { start, end, line, end_line: line };
            let value = match secret.kind {
                SecretKind::PrivateKey => "private-key",
                SecretKind::Password => "password",
                SecretKind::Token => "token",
                SecretKind::SessionSecret => "session-secret",
            };
            let states = vec![Statement::new("paste.secret", value)];
            evidence.push(Evidence::new(id, at, span, states));
        }
    }
}

/// How often one and the same thing is taken as evidence; a log repeats itself without end.
const MANY: usize = 20;

fn span(lines: &[Line<'_>]) -> Span {
    let full = |line: &&Line<'_>| !line.is_blank();
    match (lines.iter().find(full), lines.iter().rev().find(full)) {
        (Some(first), Some(last)) => first.span().to(last.span()),
        _ => Span::default(),
    }
}
