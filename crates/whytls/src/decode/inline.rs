//! Reads settings that stand inside of something else: quoted in a sentence, shown in a trace.
//!
//! In:  the lines of prose, logs, transcripts and traces.
//! Out: what the names of `content/settings/` state there, where a name means the same everywhere.
//! Not here: code and configuration that stands by itself.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::code::{From, stated, tokens};
use super::finder::Finder;
use super::{Artifact, Data, MANY};
use crate::content::library;
use crate::evidence::Evidence;
use crate::paste::Paste;

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (at, input) in paste.inputs.iter().enumerate() {
        let own: Vec<(usize, &Artifact)> = artifacts
            .iter()
            .enumerate()
            .filter(|(_, artifact)| {
                artifact.input == at
                    && matches!(
                        artifact.data,
                        Data::Prose | Data::Log | Data::Transcript | Data::Trace(_) | Data::DotnetTrace(_)
                    )
            })
            .collect();
        let text = input.text();
        let mut hits: Vec<usize> = match own.is_empty() {
            true => Vec::new(),
            false => finder().find(text).into_iter().map(|(_, start, _)| start).collect(),
        };
        if hits.is_empty() {
            continue;
        }
        hits.sort_unstable();
        let mut hits = hits.into_iter().peekable();
        let mut often: HashMap<&'static str, usize> = HashMap::new();
        let mut next = own.iter().peekable();
        for region in input.regions() {
            for line in &region.lines {
                while next.next_if(|(_, artifact)| artifact.span.end <= line.start).is_some() {}
                let Some((id, artifact)) = next.peek() else { break };
                let end = line.start + line.text.len();
                // Most lines of a log have no name at all.
                while hits.next_if(|hit| *hit < line.start).is_some() {}
                if artifact.span.start > end || hits.peek().is_none_or(|hit| *hit >= end) {
                    continue;
                }
                for one in stated(&tokens(std::slice::from_ref(line)), From::Elsewhere) {
                    let count = often.entry(one.name).or_default();
                    *count += 1;
                    if one.states.is_empty() || *count > MANY {
                        continue;
                    }
                    evidence.push(Evidence {
                        artifact: *id,
                        input: at,
                        span: one.span,
                        states: one.states,
                        shown: None,
                        original: None,
                    });
                }
            }
        }
    }
}

/// Looks for the names that mean the same everywhere.
fn finder() -> &'static Finder {
    static FINDER: OnceLock<Finder> = OnceLock::new();
    FINDER.get_or_init(|| {
        let settings = library().settings.iter().filter(|setting| setting.within.is_empty());
        Finder::new(settings.flat_map(|setting| setting.names.iter().map(String::as_str)))
    })
}
