//! How many certificates a second are decoded and judged by every rule: `make bench`.
//!
//! Beside it, what `openssl x509 -noout -text` takes for one file, where openssl is there.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use whytls::x509::{Certificate, lint};

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

#[divan::bench(sample_count = 20)]
fn openssl_per_file(bencher: Bencher<'_, '_>) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/certificates/leaf.der");
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let command = std::process::Command::new("openssl")
            .args(["x509", "-inform", "DER", "-noout", "-text", "-in", file])
            .output();
        command.map_or(0, |output| output.stdout.len())
    });
}
