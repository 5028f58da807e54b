//! One certificate in every form in which people paste it, and what is said of the form.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]

use std::fs;
use std::path::{Path, PathBuf};

use whytls::Paste;
use whytls::decode::{self, Data};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/certificates")
}

fn read(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The DER of every certificate in some bytes, and the names of all damages.
fn found(name: &str, bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<&'static str>) {
    let mut paste = Paste::default();
    paste.add(name, bytes);
    let artifacts = decode::find(&paste);
    let certificates = decode::certificates(&artifacts).map(|given| given.der.to_vec()).collect();
    let damages = artifacts
        .iter()
        .filter_map(|artifact| match &artifact.data {
            Data::X509(item) => Some(item.found.damages.iter().map(|damage| damage.name())),
            _ => None,
        })
        .flatten()
        .collect();
    (certificates, damages)
}

#[test]
fn reads_one_certificate_in_every_form() {
    let leaf = read("leaf.der");
    let list = String::from_utf8(read("forms.tsv")).expect("a list is text");
    let mut wrong = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (file, wanted) = line.split_once('\t').expect("file and damages");
        let (certificates, damages) = found(file, &read(&format!("forms/{file}")));
        let cut = wanted.split(' ').any(|damage| ["truncated", "gap"].contains(&damage));
        let right = match certificates.as_slice() {
            [one, rest @ ..] if cut => rest.is_empty() && one.get(..250) == leaf.get(..250),
            [] => false,
            all => all.iter().all(|der| *der == leaf),
        };
        let missing: Vec<&str> =
            wanted.split(' ').filter(|damage| !damage.is_empty() && !damages.contains(damage)).collect();
        let more: Vec<&&str> =
            damages.iter().filter(|damage| !wanted.split(' ').any(|w| w == **damage)).collect();
        if !right || !missing.is_empty() || !more.is_empty() {
            wrong.push(format!(
                "{file}: {} certificates, {right}; not named {missing:?}, named besides {more:?}",
                certificates.len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
