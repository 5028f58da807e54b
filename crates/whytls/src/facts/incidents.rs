//! Tells the failures of a story apart.
//!
//! In:  evidence in the order in which it stands.
//! Out: groups of evidence, one for each failure.
//! Not here: the facts of a group.
//!
//! A trace and a capture of the same failure show the same thing from two sides, so they belong
//! together. A new failure begins where another program speaks, or where something was changed
//! and then it fails in another way.

use std::collections::BTreeSet;

use crate::content::library;
use crate::decode::{Artifact, Data};
use crate::evidence::Evidence;

/// What one artifact shows of a failure.
#[derive(Debug, Default)]
struct Failure {
    /// Classes of its symptoms; a symptom without a class fits any other.
    classes: BTreeSet<&'static str>,
    /// The program, where the artifact tells it.
    program: Option<String>,
    /// It shows the wire, not what a program says.
    wire: bool,
}

pub(super) fn split(artifacts: &[Artifact], evidence: &[Evidence]) -> Vec<Vec<usize>> {
    // Which failure each artifact belongs to, and where each began.
    let mut owner: Vec<Option<usize>> = vec![None; artifacts.len()];
    let mut failures: Vec<Failure> = Vec::new();
    let mut changed = false;
    let mut by_artifact: Vec<Vec<usize>> = vec![Vec::new(); artifacts.len()];
    for (id, seen) in evidence.iter().enumerate() {
        if let Some(own) = by_artifact.get_mut(seen.artifact) {
            own.push(id);
        }
    }
    for (at, artifact) in artifacts.iter().enumerate() {
        let own = by_artifact.get(at).map(Vec::as_slice).unwrap_or_default();
        let seen = || own.iter().filter_map(|id| evidence.get(*id));
        if let Some(failure) = failure(artifact, seen()) {
            let same = failures.last().is_some_and(|last| is_same(last, &failure, changed));
            match failures.last_mut().filter(|_| same) {
                Some(last) => {
                    last.classes.extend(&failure.classes);
                    last.program = last.program.take().or(failure.program);
                    last.wire |= failure.wire;
                }
                None => failures.push(failure),
            }
            changed = false;
        } else if matches!(artifact.data, Data::Code(_) | Data::Configuration(_) | Data::Registry(_)) {
            changed = !failures.is_empty();
        }
        // What stands before the first failure belongs to it.
        if let Some(slot) = owner.get_mut(at) {
            *slot = failures.len().checked_sub(1);
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); failures.len().max(usize::from(!evidence.is_empty()))];
    for (id, seen) in evidence.iter().enumerate() {
        let own = owner.get(seen.artifact).copied().flatten().unwrap_or(0);
        for (at, group) in groups.iter_mut().enumerate() {
            if at == own || is_shared(seen) {
                group.push(id);
            }
        }
    }
    groups
}

fn failure<'a>(artifact: &Artifact, seen: impl Iterator<Item = &'a Evidence>) -> Option<Failure> {
    let mut failure = Failure { wire: artifact.is_capture(), ..Failure::default() };
    let mut failed = false;
    for statement in seen.flat_map(|seen| &seen.states) {
        let Some(fact) = library().vocabulary.fact(statement.key) else { continue };
        if fact.symptom {
            failed = true;
            let value = library().vocabulary.value(statement.key, &statement.value);
            failure.classes.extend(value.and_then(|value| value.class.as_deref()));
        }
        if statement.key == "client.api" {
            failure.program.get_or_insert_with(|| statement.value.to_string());
        }
    }
    failed.then_some(failure)
}

fn is_same(last: &Failure, next: &Failure, changed: bool) -> bool {
    let programs = match (&last.program, &next.program) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    let shares = last.classes.intersection(&next.classes).next().is_some();
    let open = last.classes.is_empty() || next.classes.is_empty();
    programs && (shares || !changed && (open || last.wire != next.wire))
}

/// Every statement is about the machine rather than about one failure.
fn is_shared(seen: &Evidence) -> bool {
    seen.states
        .iter()
        .all(|statement| library().vocabulary.fact(statement.key).is_some_and(|fact| fact.shared))
}
