//! What is in a paste, without any judgement: `whytls decode`.
//!
//! In:  a paste.
//! Out: [`Decoded`], artifact by artifact, in the names of the contract.
//! Not here: why anything failed.

use std::fmt::Write as _;

use serde::Serialize;

use super::certificate::CertificateView;
use super::flows::FlowView;
use super::intake::IntakeView;
use super::ladder::Ladder;
use crate::VERSION;
use crate::content::Lang;
use crate::decode::{self, Artifact, Data, Kind};
use crate::paste::{Paste, Span};

/// Everything that was read.
#[derive(Debug, Serialize)]
pub struct Decoded {
    whytls: super::view::About,
    /// In the order in which they stand.
    pub artifacts: Vec<DecodedArtifact>,
}

/// One artifact with what it holds.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct DecodedArtifact {
    pub id: usize,
    pub input: String,
    pub kind: Kind,
    pub span: Span,
    /// Of a capture file: how many packets are in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets: Option<u32>,
    /// Of a capture file: what could not be read, and what would help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<FlowView>,
    #[serde(skip)]
    ladders: Vec<Ladder>,
    #[serde(flatten)]
    pub certificate: Option<CertificateView>,
    /// The fields of a request, a CRL, an OCSP response, a public key.
    #[serde(flatten)]
    pub companion: serde_json::Map<String, serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intake: Option<IntakeView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<SettingView>,
}

/// An exception of a stack trace.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ExceptionView {
    #[serde(rename = "type")]
    pub type_name: String,
    pub message: String,
}

/// A registry value.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct SettingView {
    pub key: String,
    pub name: String,
    /// The number, where it is a DWORD.
    pub value: Option<u32>,
    pub raw: String,
}

impl Decoded {
    /// Reads a paste.
    #[must_use]
    pub fn new(paste: &Paste) -> Self {
        let artifacts = decode::find(paste)
            .into_iter()
            .enumerate()
            .map(|(id, artifact)| {
                let input =
                    paste.inputs.get(artifact.input).map_or_else(String::new, |input| input.name.clone());
                DecodedArtifact::new(id, input, &artifact)
            })
            .collect();
        Self { whytls: super::view::About::this(), artifacts }
    }

    /// `decode --format json`: one object, a line end behind it.
    #[must_use]
    pub fn json(&self) -> String {
        super::view::json(self)
    }

    /// `decode --format text`: a few lines for each artifact.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for artifact in &self.artifacts {
            // Writing to a String cannot fail.
            let _ = artifact.write(&mut out);
        }
        let count = self.artifacts.len();
        let _ = writeln!(out, "whytls {VERSION}: {count} artifact{}", if count == 1 { "" } else { "s" });
        out
    }
}

impl DecodedArtifact {
    fn new(id: usize, input: String, artifact: &Artifact) -> Self {
        let mut view = Self {
            id,
            input,
            kind: artifact.kind(),
            span: artifact.span,
            packets: None,
            notes: Vec::new(),
            flows: artifact.flows().iter().map(FlowView::new).collect(),
            ladders: artifact.flows().iter().map(|flow| Ladder::new(flow, Lang::En)).collect(),
            certificate: None,
            companion: serde_json::Map::new(),
            exceptions: Vec::new(),
            frames: Vec::new(),
            intake: None,
            versions: Vec::new(),
            settings: Vec::new(),
        };
        match &artifact.data {
            Data::Capture(capture) => {
                view.packets = Some(capture.packets);
                view.notes =
                    capture.notes.iter().map(|note| super::capture::sentence(note, Lang::En)).collect();
            }
            Data::DotnetTrace(trace) => {
                // Innermost first: that is what went wrong, the others say what failed because of it.
                view.exceptions = trace
                    .exceptions
                    .iter()
                    .rev()
                    .map(|e| ExceptionView { type_name: e.type_name.clone(), message: e.message.clone() })
                    .collect();
                view.frames = trace.frames.iter().map(|frame| frame.method.clone()).collect();
            }
            Data::X509(item) => {
                view.certificate = item.certificate.as_ref().map(|c| CertificateView::new(c, Lang::En));
                if let Some(object) = &item.found.object {
                    view.companion = super::companions::fields(object);
                }
                view.intake = Some(IntakeView::new(&item.found));
            }
            Data::DotnetVersions(list) => {
                view.versions = list.versions.iter().map(|(version, _)| version.clone()).collect();
            }
            Data::Registry(registry) => {
                view.settings = registry
                    .settings
                    .iter()
                    .map(|s| SettingView {
                        key: s.key.clone(),
                        name: s.name.clone(),
                        value: s.number,
                        raw: s.raw.clone(),
                    })
                    .collect();
            }
            Data::Configuration(configuration) => {
                view.settings = configuration
                    .settings
                    .iter()
                    .map(|s| SettingView {
                        key: String::new(),
                        name: s.name.clone(),
                        value: None,
                        raw: s.value.clone(),
                    })
                    .collect();
            }
            _ => {}
        }
        view
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let kind = serde_json::to_value(self.kind).unwrap_or_default();
        writeln!(
            out,
            "{}:{}-{}: {}",
            self.input,
            self.span.line,
            self.span.end_line,
            kind.as_str().unwrap_or_default()
        )?;
        for note in &self.notes {
            writeln!(out, "  {note}")?;
        }
        for (flow, ladder) in self.flows.iter().zip(&self.ladders) {
            flow.write(out)?;
            writeln!(out)?;
            for line in ladder.text().lines() {
                writeln!(out, "    {line}")?;
            }
            writeln!(out)?;
        }
        if let Some(certificate) = &self.certificate {
            certificate.write(out, Lang::En)?;
        }
        for (name, value) in &self.companion {
            writeln!(out, "  {name}: {value}")?;
        }
        for exception in &self.exceptions {
            writeln!(out, "  {}: {}", exception.type_name, exception.message)?;
        }
        if !self.frames.is_empty() {
            writeln!(
                out,
                "  {} frames, the first {}",
                self.frames.len(),
                self.frames.first().map_or("", String::as_str)
            )?;
        }
        if let Some(intake) = &self.intake {
            intake.write(out)?;
        }
        for version in &self.versions {
            writeln!(out, "  {version}")?;
        }
        for setting in &self.settings {
            match setting.value {
                Some(value) => writeln!(out, "  {}\\{} = {value} (0x{value:x})", setting.key, setting.name)?,
                None if setting.key.is_empty() => writeln!(out, "  {} = {}", setting.name, setting.raw)?,
                None => writeln!(out, "  {}\\{} = {}", setting.key, setting.name, setting.raw)?,
            }
        }
        Ok(())
    }
}
