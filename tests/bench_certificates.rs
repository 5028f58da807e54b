//! How many certificates a second are decoded and judged by every rule, and how long a chain takes:
//! `make bench`.
//!
//! Beside it, what `openssl x509 -noout -text` takes for one file, and one process of a linter
//! (PyPI's pkilint), where they are there.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use whytls::x509::verify::{Question, blocks, verify};
use whytls::x509::{Certificate, Time, lint};

fn main() {
    divan::main();
}

const COUNT: usize = 10_000;

/// Certificates of five programs, each with a serial number of its own.
fn certificates() -> Vec<Vec<u8>> {
    let made: [&[u8]; 5] = [
        include_bytes!("certificates/leaf.der"),
        include_bytes!("certificates/odd/tool-openssl.der"),
        include_bytes!("certificates/odd/tool-keytool.der"),
        include_bytes!("certificates/odd/tool-gnutls.der"),
        include_bytes!("certificates/odd/tool-python.der"),
    ];
    made.iter()
        .cycle()
        .take(COUNT)
        .enumerate()
        .map(|(number, der)| {
            let mut der = der.to_vec();
            // The last byte of the serial number, behind two headers, the version, and its own header.
            let length = der.get(14).copied().map_or(0, usize::from);
            if let Some(last) = der.get_mut(14 + length) {
                *last = u8::try_from(number % 251).unwrap_or_default();
            }
            der
        })
        .collect()
}

#[divan::bench(sample_count = 10)]
fn decoded(bencher: Bencher<'_, '_>) {
    let certificates = certificates();
    bencher
        .counter(ItemsCount::new(COUNT))
        .bench_local(|| certificates.iter().filter(|der| Certificate::parse(black_box(der)).is_ok()).count());
}

#[divan::bench(sample_count = 10)]
fn decoded_and_linted(bencher: Bencher<'_, '_>) {
    let certificates = certificates();
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
        certificates
            .iter()
            .map(|der| {
                Certificate::parse(black_box(der)).map_or(0, |certificate| lint::lint(&certificate).len())
            })
            .sum::<usize>()
    });
}

/// A server's certificate, two intermediates and a root, for a host on a day: less than 2 ms.
#[divan::bench(sample_count = 200)]
fn chain_of_four_verified(bencher: Bencher<'_, '_>) {
    let chain = blocks(include_bytes!("chains/four.pem"), "CERTIFICATE");
    let root = blocks(include_bytes!("chains/four.root.pem"), "CERTIFICATE");
    let (chain, root): (Vec<&[u8]>, Vec<&[u8]>) =
        (chain.iter().map(Vec::as_slice).collect(), root.iter().map(Vec::as_slice).collect());
    let question = Question {
        chain: &chain,
        roots: Some(&root),
        host: Some("www.example.com"),
        at: Some(Time::date(2026, 6, 1)),
        ..Question::default()
    };
    assert!(verify(&question).valid, "the chain is a good one");
    bencher.bench_local(|| verify(black_box(&question)).valid);
}

#[divan::bench(sample_count = 20)]
fn openssl_per_file(bencher: Bencher<'_, '_>) {
    per_file(bencher, "openssl", &["x509", "-inform", "DER", "-noout", "-text", "-in"]);
}

#[divan::bench(sample_count = 3)]
fn linter_per_file(bencher: Bencher<'_, '_>) {
    per_file(bencher, "lint_pkix_cert", &["lint", "--document-format", "DER"]);
}

/// Where the program is not there, the time is that of finding that out.
fn per_file(bencher: Bencher<'_, '_>, program: &str, arguments: &[&str]) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/certificates/leaf.der");
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let output = std::process::Command::new(program).args(arguments).arg(file).output();
        output.map_or(0, |output| output.stdout.len())
    });
}
