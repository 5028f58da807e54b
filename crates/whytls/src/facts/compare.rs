//! Compares what failed with what works: two flows to one server, two machines.
//!
//! In:  artifacts of which one works.
//! Out: evidence of the difference, at the place that shows it.
//! Not here: whether the difference is the reason.

use std::collections::BTreeSet;

use crate::decode::{Artifact, Data, seen_in};
use crate::evidence::{Evidence, Statement};
use crate::paste::Paste;
use crate::tls::Version;
use crate::wire::{Event, Flow};

/// Finds a flow that works beside one that fails at the same server. Gives the new evidence.
pub(super) fn flows(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) -> Vec<usize> {
    let all = || {
        artifacts.iter().enumerate().flat_map(|(id, a)| a.flows().iter().map(move |flow| (id, a.input, flow)))
    };
    let mut new = Vec::new();
    let Some((_, _, failing)) = all().find(|(.., flow)| flow.failed()) else { return new };
    for (artifact, input_id, flow) in all().filter(|(.., flow)| flow.works() && same_server(flow, failing)) {
        let (Some((_, hello)), Some((server_hello, answer))) = (flow.client_hello(), flow.server_hello())
        else {
            continue;
        };
        let Some(input) = paste.inputs.get(input_id) else { continue };
        let Some(of) = artifacts.get(artifact) else { continue };
        let mut see = |event: &Event, states: Vec<Statement>| {
            new.push(evidence.len());
            evidence.push(seen_in(artifact, of, input, flow, event.place, states));
        };
        let offered = failing
            .client_hello()
            .and_then(|(hello, _)| hello.max_version().or(hello.record_version.filter(|_| !hello.cut_off)));
        if let (Some(offered), Some(negotiated)) = (offered, server_hello.version)
            && offered.rank() < negotiated.rank()
            && negotiated.rank() >= Version::TLS12.rank()
        {
            see(hello, vec![Statement::new("compare.hello", "newer")]);
            see(answer, vec![Statement::new("compare.answer", "server-hello")]);
            if let Some(version) = negotiated.slug() {
                see(answer, vec![Statement::new("server.speaks", version)]);
            }
            break;
        }
    }
    new
}

fn same_server(a: &Flow, b: &Flow) -> bool {
    match (&a.server, &b.server) {
        (Some(a), Some(b)) => a.host == b.host && (a.port == b.port || a.port.is_none() || b.port.is_none()),
        _ => false,
    }
}

/// Of several lists of versions one may be of the machine that works. What it states is then
/// said of that machine.
pub(super) fn other_machines(artifacts: &[Artifact], evidence: &mut [Evidence]) {
    let lists: Vec<usize> = artifacts
        .iter()
        .enumerate()
        .filter(|(_, artifact)| matches!(artifact.data, Data::DotnetVersions(_)))
        .map(|(id, _)| id)
        .collect();
    // Labels decide; without them, the lists stand in the order of the flows.
    let working_first = artifacts.iter().flat_map(Artifact::flows).next().is_some_and(Flow::works);
    let works = |(at, id): (usize, &usize)| match artifacts
        .get(*id)
        .and_then(|artifact| artifact.label.as_deref())
        .and_then(verdict)
    {
        Some(works) => works,
        None => lists.len() > 1 && (at > 0) != working_first,
    };
    let others: BTreeSet<usize> =
        lists.iter().enumerate().filter(|item| works(*item)).map(|(_, id)| *id).collect();
    for seen in evidence.iter_mut().filter(|seen| others.contains(&seen.artifact)) {
        seen.states.retain(|statement| statement.key != "client.os.told-by");
        for statement in &mut seen.states {
            statement.key = match statement.key {
                "client.os" => "other.os",
                "client.dotnet" => "other.dotnet",
                key => key,
            };
        }
    }
}

/// What a line of prose says of the machine it introduces.
fn verdict(label: &str) -> Option<bool> {
    const WORKS: [&str; 12] = [
        "work",
        "good",
        "fine",
        "succe",
        "healthy",
        "正常",
        "没问题",
        "没有问题",
        "成功",
        "好的",
        "可以的",
        "无问题",
    ];
    const FAILS: [&str; 12] = [
        "not work", "doesn't", "does not", "fail", "broken", "bad", "problem", "问题", "失败", "故障",
        "不行", "出错",
    ];
    let label = label.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| label.contains(word));
    match (has(&WORKS), has(&FAILS)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        // "没问题" has "问题" in it, "not work" has "work".
        (true, true)
            if label.contains("没问题") || label.contains("没有问题") || label.contains("无问题") =>
        {
            Some(true)
        }
        (true, true) => Some(false),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_label_says() {
        assert_eq!(verdict("问题机器是："), Some(false));
        assert_eq!(verdict("而正常机器是："), Some(true));
        assert_eq!(verdict("而没问题的机器上是这样的："), Some(true));
        assert_eq!(verdict("On the machine where it does not work:"), Some(false));
        assert_eq!(verdict("The versions are:"), None);
    }
}
