//! Certificates, keys and what comes with them, wherever in an input they stand.
//!
//! In:  the objects that were found when the input came in, before its secrets were masked.
//! Out: one artifact for each, with its place; the evidence that keys and damages are.
//! Not here: unwrapping (`x509`), and what is wrong with a certificate.

mod keys;
mod objects;
mod words;

use std::collections::HashSet;

use super::marks::{Mark, Marks};
use super::{Artifact, Data};
use crate::paste::{Input, Line, Span};
use crate::x509::{Certificate, Found, Object};

pub(super) use keys::read;
pub(super) use words::field_names;
pub(crate) use words::time;

/// An object of X.509, and the certificate that it is.
#[derive(Clone, Debug)]
pub struct X509 {
    /// What was found, and how it came.
    pub found: Found,
    /// Its fields, where it is a certificate: all of them, or what is left of them.
    pub certificate: Option<Certificate>,
}

/// Where a certificate came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It stood in the input, as PEM, DER, in a container or in a program's words.
    Given,
    /// It was sent in a TLS handshake.
    Sent,
}

/// A certificate of the paste.
#[derive(Clone, Debug)]
pub struct Given<'a> {
    /// The artifact that holds it, as an index into what `find` gave.
    pub artifact: usize,
    /// Where it stands.
    pub span: Span,
    /// Its DER; empty where only a program's words about it were there.
    pub der: &'a [u8],
    /// Its fields, where they were read already.
    pub certificate: Option<&'a Certificate>,
    /// How it came.
    pub source: Source,
}

/// Every certificate of a paste, wherever it came from, in the order in which they stand.
pub fn certificates(artifacts: &[Artifact]) -> impl Iterator<Item = Given<'_>> {
    artifacts.iter().enumerate().flat_map(|(id, artifact)| {
        let own = match &artifact.data {
            Data::X509(item) => item.given(id, artifact.span),
            _ => None,
        };
        let sent = artifact.flows().iter().flat_map(move |flow| {
            flow.certificates().flat_map(move |(chain, _)| {
                chain.iter().map(move |der| Given {
                    artifact: id,
                    span: artifact.span,
                    der,
                    certificate: None,
                    source: Source::Sent,
                })
            })
        });
        let shown = match &artifact.data {
            Data::HexDump(dump) => dump.certificates.as_slice(),
            _ => &[],
        };
        let shown = shown.iter().map(move |shown| Given {
            artifact: id,
            span: artifact.span,
            der: shown.bytes(),
            certificate: None,
            source: Source::Given,
        });
        own.into_iter().chain(sent).chain(shown)
    })
}

impl X509 {
    fn new(found: Found) -> Self {
        let certificate = match &found.object {
            Some(Object::Certificate(der)) => {
                Certificate::parse(der).ok().or_else(|| Certificate::parse_cut(der))
            }
            _ => None,
        };
        Self { found, certificate }
    }

    fn given(&self, artifact: usize, span: Span) -> Option<Given<'_>> {
        let der: &[u8] = match &self.found.object {
            Some(Object::Certificate(der)) => der,
            _ if self.certificate.is_some() => &[],
            _ => return None,
        };
        Some(Given { artifact, span, der, certificate: self.certificate.as_ref(), source: Source::Given })
    }
}

/// Certificates that are only printed, with what was printed of them. One that stands there itself
/// as well counts once.
pub(super) fn printed(input: usize, lines: &[Line<'_>], marks: &Marks<'_>, artifacts: &mut Vec<Artifact>) {
    let serial = |certificate: &Certificate| certificate.serial.trim_start_matches('0').to_owned();
    let own = artifacts.iter().filter(|artifact| artifact.input == input).filter_map(|artifact| {
        match &artifact.data {
            Data::X509(item) => item.certificate.as_ref(),
            _ => None,
        }
    });
    let known: HashSet<String> =
        own.flat_map(|certificate| [serial(certificate), certificate.subject.rfc4514.clone()]).collect();
    let known = |certificate: &Certificate| {
        let by = if certificate.serial.is_empty() {
            certificate.subject.rfc4514.clone()
        } else {
            serial(certificate)
        };
        known.contains(&by)
    };
    let named = |line: &Line<'_>| marks.any(Mark::Field, &line.range());
    let mut found = objects::find(lines, &named);
    let outside = |printed: &words::Printed| {
        let span = printed.span;
        !found.iter().any(|object| object.span.start <= span.end && span.start <= object.span.end)
    };
    let words: Vec<words::Printed> = words::find(lines, &named).into_iter().filter(outside).collect();
    found.extend(words);
    found.sort_by_key(|printed| printed.span.start);
    let new: Vec<Artifact> = found
        .into_iter()
        .filter(|printed| !known(&printed.certificate))
        .map(|printed| Artifact {
            input,
            span: printed.span,
            label: None,
            data: Data::X509(Box::new(X509 {
                found: Found::printed(printed.span.start..printed.span.end),
                certificate: Some(printed.certificate),
            })),
        })
        .collect();
    artifacts.extend(new);
}

/// The objects of an input, handed out as its lines are passed.
pub(super) struct Objects<'a> {
    input: usize,
    left: std::iter::Peekable<std::slice::Iter<'a, Found>>,
}

impl<'a> Objects<'a> {
    pub(super) fn of(at: usize, input: &'a Input) -> Self {
        Self { input: at, left: input.objects.iter().peekable() }
    }

    /// Those of an input that is no text.
    pub(super) fn whole(self, artifacts: &mut Vec<Artifact>, size: usize) {
        let span = Span { start: 0, end: size, line: 1, end_line: 1 };
        artifacts.extend(self.left.map(|found| Artifact {
            input: self.input,
            span,
            label: None,
            data: Data::X509(Box::new(X509::new(found.clone()))),
        }));
    }

    /// Whether an object begins on a line, with nothing before it that says something by itself.
    pub(super) fn begins(&mut self, line: &Line<'_>) -> bool {
        let Some(found) = self.left.peek() else { return false };
        starts_in(found, line) && {
            let before = line.text.get(line.head..found.range.start.saturating_sub(line.start));
            before.unwrap_or_default().chars().filter(|char| char.is_alphanumeric()).count() < 24
        }
    }

    /// The objects that begin on these lines, and how many of them they take.
    pub(super) fn take(&mut self, lines: &[Line<'_>]) -> (Vec<Artifact>, usize) {
        let Some(first) = lines.first() else { return (Vec::new(), 0) };
        let mut artifacts = Vec::new();
        let mut end = first.start + first.text.len();
        while let Some(found) = self.left.next_if(|found| found.range.start <= end) {
            end = end.max(found.range.end);
            artifacts.push(self.artifact(found, lines));
        }
        let count = lines.iter().take_while(|line| line.start < end).count();
        (artifacts, count.max(1))
    }

    /// The objects inside of lines that are something else.
    pub(super) fn inside(&mut self, lines: &[Line<'_>], artifacts: &mut Vec<Artifact>) {
        let Some(last) = lines.last() else { return };
        while let Some(found) = self.left.next_if(|found| found.range.start <= last.start + last.text.len()) {
            artifacts.push(self.artifact(found, lines));
        }
    }

    fn artifact(&self, found: &Found, lines: &[Line<'_>]) -> Artifact {
        let at = |place: usize| {
            let after = lines.partition_point(|line| line.start <= place);
            lines.get(after.saturating_sub(1)).map_or(1, |line| line.number)
        };
        let span = Span {
            start: found.range.start,
            end: found.range.end,
            line: at(found.range.start),
            end_line: at(found.range.end.saturating_sub(1)),
        };
        Artifact {
            input: self.input,
            span,
            label: None,
            data: Data::X509(Box::new(X509::new(found.clone()))),
        }
    }
}

fn starts_in(found: &Found, line: &Line<'_>) -> bool {
    (line.start..=line.start + line.text.len()).contains(&found.range.start)
}

/// Whether there is something to read on a line besides the object: before it, or behind it.
pub(super) fn says_more(line: &Line<'_>, artifacts: &[Artifact]) -> bool {
    let before = artifacts.first().map_or(0, |artifact| artifact.span.start);
    let behind = artifacts.iter().map(|artifact| artifact.span.end).max().unwrap_or_default();
    let words = |text: &str| text.split_whitespace().filter(|word| word.len() > 2).count() > 1;
    let line_end = line.start + line.text.len();
    let head = line.text.get(..before.clamp(line.start, line_end) - line.start).unwrap_or_default();
    let tail = line.text.get(behind.clamp(line.start, line_end) - line.start..).unwrap_or_default();
    words(head) || words(tail)
}

/// The certificates that one of the readers finds in a text.
#[cfg(test)]
fn printed_in(
    text: &str,
    find: impl Fn(&[Line<'_>], &dyn Fn(&Line<'_>) -> bool) -> Vec<words::Printed>,
) -> Vec<Certificate> {
    let paste = crate::Paste::text(text);
    let input = paste.inputs.first().expect("a text is an input");
    let marks = Marks::of(input);
    let named = |line: &Line<'_>| marks.any(Mark::Field, &line.range());
    let found = input.regions().into_iter().flat_map(|region| find(&region.lines, &named));
    found.map(|printed| printed.certificate).collect()
}
