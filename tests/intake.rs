//! One certificate in every form in which people paste it, and what is said of the form.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use whytls::Paste;
use whytls::decode::{self, Data};
use whytls::x509::{KeyState, Object};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/certificates")
}

fn read(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).expect(name)
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

#[test]
fn opens_every_container() {
    let leaf = read("leaf.der");
    let list = String::from_utf8(read("containers.tsv")).expect("a list is text");
    let mut wrong = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let [file, password, count, key, trouble] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("five columns: {line}");
        };
        let mut paste = Paste::default();
        paste.passwords.extend((!password.is_empty()).then(|| password.to_owned()));
        paste.add(file, &read(&format!("containers/{file}")));
        let artifacts = decode::find(&paste);
        let certificates: Vec<_> = decode::certificates(&artifacts).collect();
        let spki = certificates.iter().find(|c| c.der == leaf).and_then(|_| Object::of(&leaf));
        let mut keys = Vec::new();
        let mut troubles = Vec::new();
        for artifact in &artifacts {
            let Data::X509(item) = &artifact.data else { continue };
            if let Some(Object::PrivateKey(private)) = &item.found.object {
                let matches = spki.as_ref().and_then(|leaf| private.belongs_to(leaf.spki()?));
                keys.push(match (private.state, matches) {
                    (KeyState::Encrypted, _) => "encrypted",
                    (_, Some(true)) => "match",
                    _ => "mismatch",
                });
            }
            troubles.extend(item.found.trouble.map(|trouble| trouble.name()));
        }
        let seen = format!("{}\t{}\t{}", certificates.len(), keys.join(" "), troubles.join(" "));
        let wanted = format!("{count}\t{key}\t{trouble}").replace('-', "");
        if seen.replace('-', "") != wanted {
            wrong.push(format!("{file} with {password:?}: {seen:?}, not {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever is cut anywhere: no error, and no word of a certificate that is not there.
#[test]
fn reads_what_is_left_of_what_was_cut() {
    let mut files: Vec<PathBuf> = Vec::new();
    for part in ["forms", "containers"] {
        files
            .extend(fs::read_dir(folder().join(part)).expect("a folder").flatten().map(|entry| entry.path()));
    }
    let leaf = read("leaf.der");
    let leaf_name = "mail.example.com";
    for file in files {
        let bytes = fs::read(&file).expect("a file");
        for part in [2, 3] {
            let half = bytes.get(..bytes.len() / part).expect("a part");
            let mut paste = Paste::default();
            paste.add("cut", half);
            let artifacts = decode::find(&paste);
            for given in decode::certificates(&artifacts) {
                let whole = given.der == leaf || given.der.starts_with(&leaf) || !leaf.starts_with(given.der);
                let subject = given.certificate.map(|c| c.subject.rfc4514.as_str()).unwrap_or_default();
                assert!(
                    whole || subject.is_empty() || subject.contains(leaf_name),
                    "{}: {subject}",
                    file.display()
                );
            }
        }
    }
}
