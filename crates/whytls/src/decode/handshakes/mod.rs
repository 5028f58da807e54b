//! Reads the handshakes that programs trace: `openssl s_client`, `curl -v`, Java, GnuTLS and others.
//!
//! In:  the lines of an input, whatever stands between them.
//! Out: flows, each in the artifact of its first line.
//! Not here: messages of errors, which `messages` finds, and captures, which `packets` reads.

mod curl;
mod gnutls;
mod jsse;
mod openssl;
mod radius;
mod scribe;

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use self::scribe::Scribe;
use super::marks::{Mark, Marks};
use super::{Artifact, Data, Flows, Kind};
use crate::paste::Paste;
use crate::wire::{Flow, Place, What};

/// A program whose trace is read: the marks of its lines, and what reads a line.
struct Program {
    marks: &'static [&'static str],
    line: fn(&str, Place, &mut Scribe),
    kind: Kind,
}

const PROGRAMS: [Program; 5] = [
    Program { marks: openssl::MARKS, line: openssl::line, kind: Kind::CommandTranscript },
    Program { marks: curl::MARKS, line: curl::line, kind: Kind::CommandTranscript },
    Program { marks: jsse::MARKS, line: jsse::line, kind: Kind::LogLines },
    Program { marks: gnutls::MARKS, line: gnutls::line, kind: Kind::LogLines },
    Program { marks: radius::MARKS, line: radius::line, kind: Kind::LogLines },
];

fn automaton() -> &'static AhoCorasick {
    static FINDER: OnceLock<AhoCorasick> = OnceLock::new();
    FINDER.get_or_init(|| {
        // It is made for one paste, so it must be made quickly.
        AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(marks())
            .expect("a few short marks always make an automaton")
    })
}

/// The marks of all programs.
pub(super) fn marks() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().flat_map(|program| program.marks).copied()
}

/// The program whose mark this is, by the mark's number.
fn owner(mark: usize) -> Option<usize> {
    let mut left = mark;
    PROGRAMS.iter().position(|program| {
        let own = left < program.marks.len();
        left = left.saturating_sub(program.marks.len());
        own
    })
}

/// Finds the traces of an input, and puts each flow into the artifact that holds it.
pub(super) fn find(paste: &Paste, artifacts: &mut [Artifact]) {
    for (at, input) in paste.inputs.iter().enumerate() {
        let words = Marks::of(input);
        if words.all(Mark::Handshake).is_empty() {
            continue;
        }
        let mut scribes: Vec<Scribe> = PROGRAMS.iter().map(|_| Scribe::default()).collect();
        for region in input.regions() {
            for line in &region.lines {
                let place = line.span();
                let place = Place { packet: 0, start: place.start, end: place.end };
                let mut called = [false; PROGRAMS.len()];
                if !words.any(Mark::Handshake, &line.range()) && !scribes.iter().any(Scribe::is_open) {
                    continue;
                }
                for hit in automaton().find_overlapping_iter(line.text) {
                    let program = owner(hit.pattern().as_usize());
                    if let Some(called) = program.and_then(|program| called.get_mut(program)) {
                        *called = true;
                    }
                }
                for ((program, scribe), called) in PROGRAMS.iter().zip(&mut scribes).zip(called) {
                    if called || scribe.is_open() {
                        (program.line)(unquoted(line.text), place, scribe);
                    }
                }
            }
        }
        for (program, scribe) in PROGRAMS.iter().zip(scribes) {
            for flow in scribe.finish() {
                attach(at, flow, program.kind, artifacts);
            }
        }
    }
}

/// The line without the marks of a quotation; `>>>` is no such mark.
fn unquoted(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = text.strip_prefix("> ") {
        text = rest;
    }
    if text == ">" { "" } else { text }
}

/// How much of a handshake is told: hellos and alerts.
fn told(flow: &Flow) -> usize {
    let tells = |what: &What| {
        matches!(
            what,
            What::ClientHello(_) | What::ServerHello(_) | What::HelloRetryRequest(_) | What::Alert { .. }
        )
    };
    flow.events.iter().filter(|event| tells(&event.what)).count()
}

/// Where bytes were read already, they say more than the words around them.
fn attach(input: usize, flow: Flow, kind: Kind, artifacts: &mut [Artifact]) {
    let Some(first) = flow.events.first().map(|event| event.place) else { return };
    let holds = |artifact: &&mut Artifact| {
        artifact.input == input && artifact.span.start < first.end && first.start < artifact.span.end
    };
    let Some(artifact) = artifacts.iter_mut().find(holds) else { return };
    match &mut artifact.data {
        Data::Flows(own) if own.kind == kind => own.flows.push(flow),
        Data::Log => artifact.data = Data::Flows(Flows { kind: Kind::LogLines, flows: vec![flow] }),
        Data::Transcript => {
            artifact.data = Data::Flows(Flows { kind: Kind::CommandTranscript, flows: vec![flow] });
        }
        Data::Prose => artifact.data = Data::Flows(Flows { kind, flows: vec![flow] }),
        // Bytes say more than the words around them, unless some of them were not read.
        Data::HexDump(own) if own.flows.iter().map(told).sum::<usize>() < told(&flow) => {
            own.flows = vec![flow];
        }
        Data::Flows(own) if matches!(own.kind, Kind::LogLines | Kind::CommandTranscript) => {
            own.flows.push(flow);
        }
        _ => {}
    }
}
