//! The order of findings.
//!
//! In:  the findings of one incident, then those of all.
//! Out: the same in the order of what the evidence proves; what another explains is a consequence.
//! Not here: any number that could be tuned. The order is a list of reasons.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Finding;
use crate::content::{Confidence, Role, library};

/// Puts the findings of one incident in order.
pub(super) fn within(findings: &mut Vec<Finding>) {
    let explained: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.confidence > Confidence::Possible)
        .flat_map(|finding| finding.page.explains.iter().map(String::as_str))
        .collect();
    for finding in findings.iter_mut().filter(|finding| explained.contains(&finding.problem)) {
        finding.role = Role::Consequence;
    }
    findings.sort_by_key(|finding| {
        (
            finding.role,
            Reverse(finding.confidence),
            finding.page.general,
            Reverse(finding.evidence.len()),
            finding.evidence.first().map(|cited| cited.evidence),
        )
    });
    // Where nothing else fits what was seen, what merely might have been is no rival. Another fault
    // that was seen by itself is none either: it stays.
    if findings.first().is_some_and(|first| first.confidence == Confidence::Certain) {
        let certain = findings.iter().filter(|finding| finding.confidence == Confidence::Certain);
        let told: Vec<_> =
            certain.flat_map(|finding| &finding.evidence).flat_map(|c| c.shows.clone()).collect();
        findings.retain(|finding| {
            let seen = || finding.evidence.iter().flat_map(|cited| &cited.shows);
            let of_its_own = finding.confidence == Confidence::Likely
                && seen().any(|shown| is_symptom(shown.0) && !told.contains(shown));
            finding.role != Role::Problem || finding.confidence == Confidence::Certain || of_its_own
        });
    }
}

fn is_symptom(key: &str) -> bool {
    library().vocabulary.fact(key).is_some_and(|fact| fact.symptom)
}

/// Puts the findings of all incidents, which stand in the order of the story, together: first why
/// each of them failed, then what else could be, then what is explained by it.
pub(super) fn story(findings: &mut Vec<Finding>) {
    let mut begun = BTreeSet::new();
    let (heads, mut rest): (Vec<_>, Vec<_>) = std::mem::take(findings).into_iter().partition(|finding| {
        let is_first = begun.insert(finding.incident);
        is_first && finding.role == Role::Problem && finding.confidence > Confidence::Possible
    });
    rest.sort_by_key(|finding| (finding.role, Reverse(finding.confidence)));
    // What is said of one failure already need not be said of the next.
    for finding in heads {
        if !findings.iter().any(|told| told.problem == finding.problem && told.cause == finding.cause) {
            findings.push(finding);
        }
    }
    for finding in rest {
        if !findings.iter().any(|told| told.problem == finding.problem) {
            findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Paste;

    fn problems(text: &str) -> Vec<String> {
        let report = crate::diagnose(&Paste::text(text));
        report.findings.iter().map(|f| format!("{} {:?} {:?}", f.problem, f.role, f.confidence)).collect()
    }

    #[test]
    fn a_rival_that_is_only_possible_stands_behind_the_general_problem() {
        let found = problems(
            "System.IO.IOException: Authentication failed because the remote party has closed the transport stream.\n   at System.Net.Security.SslState.StartReadFrame(Byte[] buffer, Int32 readBytes, AsyncProtocolRequest asyncRequest)",
        );
        assert_eq!(found, ["closed-during-handshake Problem Likely", "client-tls-too-old Problem Possible"]);
    }

    #[test]
    fn another_fault_that_was_seen_by_itself_stays() {
        let found = problems(
            "ERROR: cannot verify a.example.com's certificate, issued by 'CN=R3,O=x': Unable to locally verify the issuer's authority.\nERROR: no certificate subject alternative name matches\n        requested host name 'a.example.com'.\nTo connect to a.example.com insecurely, use '--no-check-certificate'.\n",
        );
        assert_eq!(found, ["hostname-mismatch Problem Certain", "untrusted-root Problem Likely"]);
    }
}
