//! Checks the certificates of a paste against each other, against the host and against the time.
//!
//! In:  certificates that were pasted or sent in a handshake; the host and the time, where known.
//! Out: evidence of every fault, at the certificate that has it.
//! Not here: the checks themselves. They are `x509::verify`.
//!
//! Certificates of one input are one chain, in whatever order they stand; what a server sent is a
//! chain of its own. Which roots a client trusts is not known, so Mozilla's stand for them.

use std::collections::BTreeSet;

use crate::content::library;
use crate::decode::{Artifact, Data, Source, certificates, inspects, place_in, time};
use crate::evidence::{Evidence, Statement};
use crate::paste::{Paste, Span};
use crate::wire::Side;
use crate::x509::verify::{self, Fault, Question, Verdict, Weight};
use crate::x509::{AltNames, Certificate, Damage, Time};

/// A chain: DER, and the artifact and place of each certificate.
#[derive(Default)]
struct Chain<'a> {
    sent: bool,
    /// The client went on with the handshake after it, so it took this chain.
    taken: bool,
    host: Option<String>,
    /// The paste ends in the middle of it, or a part was lost: what is missing says nothing of the server.
    cut: bool,
    items: Vec<(&'a [u8], usize, Span)>,
}

/// More certificates than a paste that is about one connection has.
const MOST: usize = 64;
/// A paste of so many certificates is about them, not a list of what a store holds.
const FEW: usize = 4;

/// Adds the evidence of what is wrong with the certificates. Gives what came of each chain, without
/// what the chain does not show.
pub(super) fn check(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) -> Vec<Verdict> {
    let (failed, concerned) = concerns_certificates(evidence);
    let asked = failed || paste.host.is_some();
    let host = paste.host.clone().or_else(|| only_host(evidence));
    let mut new = Vec::new();
    let mut checked = Vec::new();
    for chain in chains(paste, artifacts) {
        // A certificate beside an error of another kind is not why it failed, nor is one that the client took: that
        // is looked at where somebody else may have refused it, or where it is all that was asked about.
        if !chain.sent && !concerned || chain.taken && !(asked && concerned) {
            continue;
        }
        let ordered = ordered(&chain);
        let ders: Vec<&[u8]> =
            ordered.iter().map(|at| chain.items.get(*at).map_or(&[][..], |item| item.0)).collect();
        let mut verdict = verify::verify(&Question {
            chain: &ders,
            host: paste.host.as_deref().or(chain.host.as_deref()).or(host.as_deref()),
            at: paste.at,
            ..Question::default()
        });
        let told = verdict.faults.iter().chain(&verdict.notes);
        for fault in told.filter(|fault| counts(fault, &chain, &verdict, asked)) {
            let at = fault.certificate.unwrap_or(0);
            let place = original(&verdict, &chain, at);
            let Some((_, artifact, span)) = place else { continue };
            let Some(value) = value(fault) else { continue };
            let input = artifacts.get(artifact).map_or(0, |artifact| artifact.input);
            let states = statements(fault, value, &verdict, &chain);
            let shown =
                verdict.certificates.get(at).map(|seen| format!("{}: {}", seen.subject, fault.says.en));
            new.push(Evidence { artifact, input, span, states, shown, original: None });
        }
        let faults = std::mem::take(&mut verdict.faults);
        verdict.faults = faults.into_iter().filter(|fault| is_known(fault, &chain, asked)).collect();
        checked.push(verdict);
    }
    new.extend(printed(paste, artifacts, evidence, host.as_deref()));
    evidence.extend(new);
    evidence.sort_by_key(|seen| (seen.input, seen.span.start, seen.artifact));
    checked
}

/// What certificates of which a program only printed the fields add to the error that it printed:
/// the names that are there, the day that it ended, or that it had not ended by the machine's clock.
/// A log may be old, so they accuse of nothing else; where nothing but a certificate was pasted, its
/// date is what was asked about.
fn printed(
    paste: &Paste,
    artifacts: &[Artifact],
    evidence: &[Evidence],
    host: Option<&str>,
) -> Vec<Evidence> {
    let states = || evidence.iter().flat_map(|seen| &seen.states);
    let has = |error: &str| states().any(|state| state.key == "error" && state.value == error);
    let (names_fail, expired) = (paste.host.is_some() || has("name-mismatch"), has("expired"));
    let is_printed = |given: &crate::decode::Given<'_>| given.der.is_empty();
    let clock =
        if certificates(artifacts).any(|given| is_printed(&given)) { printed_clock(paste) } else { None };
    let alone = states().all(|state| state.key.starts_with("certificate."))
        && (1..=FEW).contains(&certificates(artifacts).count());
    let ends: Vec<Time> =
        certificates(artifacts).filter(is_printed).filter_map(|given| given.certificate?.not_after).collect();
    // What has not ended now had not ended when it was called expired either, however old the log is.
    let none_ended = clock.or(paste.at).filter(|now| ends.len() > 1 && ends.iter().all(|until| now < until));
    let mut new = Vec::new();
    for given in certificates(artifacts).filter(is_printed).take(MOST) {
        let Some(seen) = given.certificate.filter(|seen| seen.is_ca != Some(true)) else { continue };
        let mut states = Vec::new();
        let mut state = |key: &'static str, value: &str| {
            let value: String = value.chars().filter(|c| !c.is_control()).take(200).collect();
            if !value.is_empty() {
                states.push(Statement::new(key, value));
            }
        };
        let names = seen.san.as_ref().filter(|names| !names.dns.is_empty() || !names.ip.is_empty());
        if let (Some(host), Some(names)) = (host.filter(|_| names_fail), names)
            && !is_for(names, host)
        {
            state("certificate.fault", "name-mismatch");
            let all: Vec<&str> = names.dns.iter().chain(&names.ip).map(String::as_str).take(8).collect();
            state("certificate.names", &all.join(", "));
            state("certificate.host", host);
        } else if let (true, Some(until), Some(at)) = (expired || alone, seen.not_after, clock.or(paste.at))
            && until < at
            && (expired || seen.subject.rfc4514 != seen.issuer.rfc4514)
        {
            state("certificate.fault", "expired");
            state("certificate.until", &until.to_string());
        } else if let (true, Some(from), Some(until), Some(at)) =
            (expired, seen.not_before, seen.not_after, clock.or(none_ended))
            && (from..=until).contains(&at)
        {
            state("certificate.fault", "leaf-in-date");
            state("certificate.until", &until.to_string());
        } else {
            continue;
        }
        state("certificate.source", "printed");
        state("certificate.subject", &seen.subject.rfc4514);
        let input = artifacts.get(given.artifact).map_or(0, |artifact| artifact.input);
        let span = given.span;
        new.push(Evidence::new(given.artifact, input, span, states));
    }
    new
}

/// What `date` printed: the clock of the machine on which it failed.
fn printed_clock(paste: &Paste) -> Option<Time> {
    paste.inputs.iter().find_map(|input| {
        let mut asked = false;
        input.text().lines().find_map(|line| {
            let line = line.trim();
            let time = if asked { time(line) } else { None };
            let command = line.rsplit_once(['$', '#', '>', '%']).map(|(_, command)| command.trim());
            asked = matches!(command, Some("date" | "date -u" | "date -R" | "Get-Date"));
            time
        })
    })
}

/// Whether a name or address is among these, as RFC 9525 compares them.
fn is_for(names: &AltNames, host: &str) -> bool {
    let host = host.trim_end_matches('.').to_lowercase();
    let address: Option<core::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let parent = host.split_once('.').map(|(_, parent)| parent);
    names.ip.iter().any(|ip| address.is_some() && ip.parse().ok() == address)
        || names.dns.iter().map(|name| name.to_lowercase()).any(|name| {
            name == host || name.strip_prefix("*.").is_some_and(|covered| parent == Some(covered))
        })
}

/// Each input's certificates, and each list that a server sent.
fn chains<'a>(paste: &Paste, artifacts: &'a [Artifact]) -> Vec<Chain<'a>> {
    let mut chains: Vec<(usize, Chain<'a>)> = Vec::new();
    for given in certificates(artifacts) {
        if given.source != Source::Given || given.der.is_empty() {
            continue;
        }
        // What was cut off where it was copied says nothing of the certificate.
        let of = artifacts.get(given.artifact);
        let cut = |artifact: &Artifact| match &artifact.data {
            Data::X509(item) => item.found.damages.contains(&Damage::Truncated),
            _ => false,
        };
        if of.is_some_and(cut) {
            continue;
        }
        let input = of.map_or(0, |artifact| artifact.input);
        let item = (given.der, given.artifact, given.span);
        if Certificate::parse(given.der).is_err_and(|fault| fault.is_truncated()) {
            match chains.iter_mut().find(|(of, _)| *of == input) {
                Some((_, chain)) => chain.cut = true,
                // What follows was issued to others.
                None => chains.push((input, Chain { cut: true, ..Chain::default() })),
            }
            continue;
        }
        match chains.iter_mut().find(|(of, _)| *of == input) {
            Some((_, chain)) if chain.cut && chain.items.is_empty() => {}
            Some((_, chain)) if chain.items.len() < MOST => chain.items.push(item),
            Some(_) => {}
            None => chains.push((input, Chain { items: vec![item], ..Chain::default() })),
        }
    }
    let mut chains: Vec<Chain<'a>> =
        chains.into_iter().map(|(_, chain)| chain).filter(|chain| !chain.items.is_empty()).collect();
    let mut seen: BTreeSet<&[u8]> = BTreeSet::new();
    for (id, artifact) in artifacts.iter().enumerate() {
        for flow in artifact.flows() {
            let sni = flow.client_hello().and_then(|(hello, _)| hello.sni.clone());
            for (list, event) in flow.certificates().filter(|(_, event)| event.from == Side::Server) {
                let taken = flow.certificate_was_taken();
                let Some(leaf) = list.first() else { continue };
                // A log of many connections to one server says the same each time.
                if !seen.insert(leaf) || chains.len() > MOST {
                    continue;
                }
                let input = paste.inputs.get(artifact.input);
                let span = input.map_or(artifact.span, |input| place_in(artifact, input, event.place));
                let items = list.iter().take(MOST).map(|der| (der.as_slice(), id, span)).collect();
                chains.push(Chain { sent: true, taken, host: sni.clone(), cut: false, items });
            }
        }
    }
    chains
}

/// The leaf first: the one that issued none of the others. The rest stays as it stands, for its
/// order may be what is wrong.
fn ordered(chain: &Chain<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..chain.items.len()).collect();
    if chain.sent {
        return order;
    }
    let parsed: Vec<Option<Certificate>> =
        chain.items.iter().map(|item| Certificate::parse(item.0).ok()).collect();
    let is_leaf = |at: usize| {
        let Some(Some(own)) = parsed.get(at) else { return false };
        own.is_ca != Some(true)
            && !parsed
                .iter()
                .enumerate()
                .any(|(other, c)| other != at && c.as_ref().is_some_and(|c| c.issuer.der == own.subject.der))
    };
    if !is_leaf(0)
        && let Some(leaf) = order.iter().copied().find(|at| is_leaf(*at))
    {
        order.retain(|at| *at != leaf);
        order.insert(0, leaf);
    }
    order
}

/// Where a certificate of the verdict stands in the paste.
fn original<'a>(verdict: &Verdict, chain: &Chain<'a>, at: usize) -> Option<(&'a [u8], usize, Span)> {
    let wanted = &verdict.certificates.get(at)?.sha256;
    chain.items.iter().copied().find(|item| crate::x509::sha256(item.0) == *wanted)
}

/// Whether a fault can be why a connection failed, as far as this chain shows.
fn counts(fault: &Fault, chain: &Chain<'_>, verdict: &Verdict, asked: bool) -> bool {
    match fault.rule {
        "misordered" => true,
        "issuer-missing" | "issuer-unknown" if !is_known(fault, chain, asked) => false,
        "common-name-only" => true,
        _ => fault.weight == Weight::Refused && !verdict.faults.is_empty() && verdict.faults.contains(fault),
    }
}

/// Whether the chain shows a fault. One certificate that was pasted alone does not show what the
/// server sends, and a private CA's names no place to fetch the issuer from.
fn is_known(fault: &Fault, chain: &Chain<'_>, asked: bool) -> bool {
    let alone = !chain.sent && chain.items.len() == 1;
    match fault.rule {
        "issuer-missing" | "issuer-unknown" if chain.cut => false,
        "issuer-missing" if alone => asked,
        "issuer-unknown" => !alone,
        _ => true,
    }
}

/// The value of `certificate.fault`.
fn value(fault: &Fault) -> Option<&'static str> {
    Some(match (fault.problem, fault.rule) {
        (_, "misordered") => "misordered",
        ("expired-certificate", _) => "expired",
        ("expired-root", _) => "root-expired",
        ("clock-wrong", _) => "not-yet-valid",
        ("hostname-mismatch", _) => "name-mismatch",
        ("common-name-only", _) => "common-name-only",
        ("self-signed-certificate", _) => "self-signed",
        ("self-signed-in-chain", _) => "root-not-trusted",
        ("incomplete-chain", _) => "issuer-missing",
        ("untrusted-root", _) => "issuer-unknown",
        ("wrong-certificate-usage", _) => "wrong-usage",
        ("weak-certificate", _) => "weak",
        ("malformed-certificate", _) => "malformed",
        _ => return None,
    })
}

fn statements(fault: &Fault, value: &'static str, verdict: &Verdict, chain: &Chain<'_>) -> Vec<Statement> {
    let at = fault.certificate.unwrap_or(0);
    let mut states = vec![Statement::new("certificate.fault", value)];
    let on_path = verdict.path.iter().find(|step| step.certificate == Some(at));
    let which = match on_path.map(|step| step.role) {
        Some(verify::Role::Leaf) => "leaf",
        Some(verify::Role::Root) => "root",
        _ => "intermediate",
    };
    states.push(Statement::new("certificate.which", which));
    states.push(Statement::new(
        "certificate.source",
        if chain.sent {
            "sent"
        } else if chain.items.len() == 1 {
            "alone"
        } else {
            "given"
        },
    ));
    let Some(seen) = verdict.certificates.get(at) else { return states };
    let mut open = |key: &'static str, text: &str| {
        let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
        if !text.is_empty() {
            states.push(Statement::new(key, text));
        }
    };
    open("certificate.subject", &seen.subject);
    match value {
        "issuer-missing" | "issuer-unknown" | "root-not-trusted" => {
            open("certificate.issuer", &seen.issuer);
            if let Some(url) = seen.ca_issuers.first() {
                open("certificate.aia", url);
            }
            // Products that inspect TLS give their own names to the CA that they make.
            if inspects(&seen.issuer) {
                states.push(Statement::new("error", "inspection"));
            }
        }
        "expired" | "root-expired" => {
            open("certificate.until", &seen.not_after.map(|time| time.to_string()).unwrap_or_default())
        }
        "not-yet-valid" => {
            open("certificate.from", &seen.not_before.map(|time| time.to_string()).unwrap_or_default())
        }
        "name-mismatch" | "common-name-only" => {
            open("certificate.names", &verdict.names.join(", "));
            open("certificate.host", verdict.host.as_deref().unwrap_or_default());
        }
        _ => {}
    }
    states
}

/// Whether anything failed that the paste tells of; and whether nothing did, or the certificates may
/// be why.
fn concerns_certificates(evidence: &[Evidence]) -> (bool, bool) {
    const ERRORS: [&str; 20] = [
        "certificate-refused",
        "name-mismatch",
        "no-issuer",
        "leaf-only",
        "self-signed-leaf",
        "self-signed-in-chain",
        "inspection",
        "expired",
        "not-yet-valid",
        "root-expired",
        "common-name-only",
        "weak-certificate",
        "revoked",
        "revocation-unknown",
        "wrong-usage",
        "malformed-certificate",
        "handshake-failed",
        "closed-in-handshake",
        "server-name",
        "no-trust-store",
    ];
    const ALERTS: [&str; 7] = ["42", "43", "44", "45", "46", "48", "40"];
    let mut failed = false;
    for statement in evidence.iter().flat_map(|seen| &seen.states) {
        let about = match statement.key {
            "error" => ERRORS.contains(&statement.value.as_ref()),
            "alert" => ALERTS.contains(&statement.value.as_ref()),
            _ => false,
        };
        if about {
            return (true, true);
        }
        failed |= library().vocabulary.fact(statement.key).is_some_and(|fact| fact.symptom);
    }
    (failed, !failed)
}

/// The host that the paste speaks of, if it is one only.
fn only_host(evidence: &[Evidence]) -> Option<String> {
    let states = evidence.iter().flat_map(|seen| &seen.states);
    let hosts: BTreeSet<&str> =
        states.filter(|state| state.key == "server.host").map(|state| state.value.as_ref()).collect();
    let mut hosts = hosts.into_iter();
    hosts.next().filter(|_| hosts.next().is_none()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_one_label() {
        let names = AltNames {
            dns: vec!["*.example.com".to_owned()],
            ip: vec!["192.0.2.1".to_owned()],
            ..AltNames::default()
        };
        for (host, fits) in [
            ("WWW.example.com.", true),
            ("a.b.example.com", false),
            ("example.com", false),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
        ] {
            assert_eq!(is_for(&names, host), fits, "{host}");
        }
    }

    /// As gnutls-cli prints a list whose root, in the client's store, has ended.
    #[test]
    fn what_is_called_expired_is_not_what_has_not_ended() {
        let list = "- Certificate[0] info:\n - subject `CN=www.example.com', issuer `CN=Example Y1', RSA key \
            2048 bits, signed using RSA-SHA256, activated `2026-09-20 10:00:00 UTC', expires `2026-12-20 \
            10:00:00 UTC'\n- Certificate[1] info:\n - subject `CN=Example Y1', issuer `CN=Example Root', RSA \
            key 2048 bits, signed using RSA-SHA256, activated `2020-10-07 19:21:40 UTC', expires `2031-09-29 \
            19:21:40 UTC'\n- Status: The certificate is NOT trusted. The certificate chain uses expired \
            certificate.\n*** PKI verification of server certificate failed...\n";
        for (at, problem) in [(2026, "expired-root"), (2027, "expired-certificate")] {
            let mut paste = Paste::text(list);
            paste.at = Some(Time::date(at, 11, 30));
            let first = crate::diagnose(&paste).findings.into_iter().next();
            assert_eq!(first.map(|finding| finding.problem), Some(problem), "{at}");
        }
    }

    /// The chain of `tests/chains` whose root nobody knows, cut in its leaf and behind it.
    #[test]
    fn what_a_paste_has_lost_is_no_fault_of_the_server() {
        let whole = include_str!("../../../../tests/chains/good.pem");
        let problems = |text: &str| -> Vec<&str> {
            crate::diagnose(&Paste::text(text)).findings.iter().map(|finding| finding.problem).collect()
        };
        assert!(!problems(whole).is_empty());
        for part in [3, 5] {
            let end = whole.len() * part / 6;
            assert_eq!(problems(whole.get(..end).expect("ASCII")), [""; 0], "{part}/6");
        }
        let second = whole.find("-----END").expect("an END line") + 26;
        let lost = whole.get(..200).expect("ASCII").to_owned() + whole.get(second..).expect("ASCII");
        assert_eq!(problems(&lost), [""; 0]);
    }

    #[test]
    fn a_printed_certificate_tells_the_names_that_it_has() {
        let told = |text: &str| {
            let report = crate::diagnose(&Paste::text(text));
            report.markdown(crate::Lang::En).contains("It is for mail.example.net.")
        };
        let words = "Subject: CN=mail.example.net\nIssuer: CN=Example CA\n  DNS:mail.example.net\n";
        let error = "curl: (60) SSL: no alternative certificate subject name matches target host name 'www.example.com'\n";
        assert!(told(&format!("{error}{words}")));
        assert!(!told(words));
    }
}
