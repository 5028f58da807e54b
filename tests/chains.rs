//! Chains with one fault each, made by `tests/chains/make.sh`: what is said of them is what a person wrote
//! into `expected.tsv`. What OpenSSL says stands beside each as `.openssl`.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use whytls::x509::Time;
use whytls::x509::verify::{Question, Verdict, blocks, verify};

fn read(name: &str, what: &str) -> Vec<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/chains").join(name);
    blocks(&fs::read(path).unwrap_or_default(), what)
}

fn chain(name: &str) -> Vec<Vec<u8>> {
    read(&format!("{name}.pem"), "CERTIFICATE")
}

fn check(chain: &[Vec<u8>]) -> Verdict {
    check_for("www.example.com", chain, &[])
}

fn check_for(host: &str, chain: &[Vec<u8>], crls: &[Vec<u8>]) -> Verdict {
    check_below("root.pem", host, chain, crls)
}

fn check_below(root: &str, host: &str, chain: &[Vec<u8>], crls: &[Vec<u8>]) -> Verdict {
    let roots = read(root, "CERTIFICATE");
    let crls: Vec<&[u8]> = crls.iter().map(Vec::as_slice).collect();
    let roots: Vec<&[u8]> = roots.iter().map(Vec::as_slice).collect();
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    verify(&Question {
        chain: &chain,
        roots: Some(&roots),
        crls: &crls,
        host: Some(host),
        at: Some(Time::date(2026, 6, 1)),
        ..Question::default()
    })
}

#[test]
fn every_chain_has_the_fault_that_it_was_made_with() {
    let table = include_str!("chains/expected.tsv");
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let name = columns.next().unwrap_or_default();
        let words = |text: Option<&'static str>| -> BTreeSet<&str> {
            text.unwrap_or_default().split(' ').filter(|word| *word != "-").collect()
        };
        let (wrong, worth_a_word) = (words(columns.next()), words(columns.next()));
        let host = columns.next().unwrap_or("www.example.com");
        // Some have a root of their own.
        let own = format!("{name}.root.pem");
        let root = if read(&own, "CERTIFICATE").is_empty() { "root.pem" } else { &own };
        let verdict = check_below(root, host, &chain(name), &read(&format!("{name}.crl"), "CRL"));
        let problems: BTreeSet<&str> = verdict.faults.iter().map(|fault| fault.problem).collect();
        let notes: BTreeSet<&str> = verdict.notes.iter().map(|note| note.rule).collect();
        assert_eq!(problems, wrong, "{name}: {:?}", verdict.faults);
        assert_eq!(notes, worth_a_word, "{name}: {:?}", verdict.notes);
        assert_eq!(verdict.valid, problems.is_empty(), "{name}");
    }
}

#[test]
fn the_order_of_what_came_with_the_leaf_does_not_matter() {
    let mut sent = chain("path-length");
    let straight = check(&sent).path;
    if let Some((_, rest)) = sent.split_first_mut() {
        rest.reverse();
    }
    let subjects = |path: &[whytls::x509::verify::Step]| -> Vec<String> {
        path.iter().map(|step| step.subject.clone()).collect()
    };
    assert_eq!(subjects(&check(&sent).path), subjects(&straight));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing that was changed on the way passes, and nothing makes the check fall over.
    #[test]
    fn a_changed_byte_never_passes(at in 0_usize..2000, bit in 0_u8..8) {
        let mut sent = chain("good");
        let length: usize = sent.iter().map(Vec::len).sum();
        let mut at = at % length.max(1);
        for certificate in &mut sent {
            if let Some(byte) = certificate.get_mut(at) {
                *byte ^= 1 << bit;
                break;
            }
            at -= certificate.len();
        }
        prop_assert!(!check(&sent).valid);
    }

    #[test]
    fn any_bytes_give_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!check(&[bytes]).valid);
    }
}
