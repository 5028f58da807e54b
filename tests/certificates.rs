//! Odd certificates, read as OpenSSL reads them; cut and garbled ones, read without harm.
//!
//! `tests/certificates/odd/make.py` made them, with what OpenSSL 3.0 says of each beside; so did
//! `tests/certificates/lists/make.sh` revocation lists, OCSP responses, a request and a key.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]
#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a harness says that a test failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

use whytls::Lang;
use whytls::report::CertificateView;
use whytls::x509::{Certificate, Crl, OcspResponse, PublicKey, Request, Time, lint};

fn odd() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/certificates/odd");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "der"))
        .collect();
    files.sort();
    assert!(files.len() > 50);
    files
}

/// What stands behind a label in OpenSSL's words.
fn said<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.trim_start().strip_prefix(label))
}

#[test]
fn every_field_is_what_openssl_says() {
    for path in odd() {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let text = fs::read_to_string(path.with_extension("openssl.txt")).expect("what OpenSSL says");
        let certificate = Certificate::parse(&fs::read(&path).expect("the file"));
        let certificate = certificate.unwrap_or_else(|fault| panic!("{stem}: {fault}"));
        if text == "error\n" {
            // OpenSSL reads none of it; we read what there is.
            continue;
        }
        assert_eq!(
            said(&text, "subject=").map(str::to_owned),
            Some(certificate.subject.rfc4514.clone()),
            "{stem}"
        );
        assert_eq!(
            said(&text, "issuer=").map(str::to_owned),
            Some(certificate.issuer.rfc4514.clone()),
            "{stem}"
        );
        assert_eq!(said(&text, "serial="), Some(certificate.serial.to_uppercase().as_str()), "{stem}");
        let time = |label| {
            // We leave out fractions of seconds; OpenSSL has a sentence for what is no time.
            let said = said(&text, label)?.replace(' ', "T");
            let whole = said.split_once('.').map_or(said.clone(), |(whole, _)| format!("{whole}Z"));
            (!whole.starts_with("Bad")).then_some(whole)
        };
        assert_eq!(time("notBefore="), certificate.not_before.map(|time| time.to_string()), "{stem}");
        assert_eq!(time("notAfter="), certificate.not_after.map(|time| time.to_string()), "{stem}");
        match said(&text, "Version: ") {
            Some(version) if version.starts_with("Unknown") => assert!(certificate.version > 3, "{stem}"),
            version => assert_eq!(
                version.and_then(|version| version.split(' ').next()),
                Some(certificate.version.to_string().as_str()),
                "{stem}"
            ),
        }
        // OpenSSL 3.0 does not know the newest by name, and shows the algorithm inside first.
        if !certificate.signature_algorithm.starts_with("ML-DSA") && stem != "signature-mismatch" {
            assert_eq!(
                said(&text, "Signature Algorithm: "),
                Some(&*certificate.signature_algorithm),
                "{stem}"
            );
        }
        if let Some(bits) = said(&text, "Public-Key: (") {
            let bits = bits.split(' ').next().and_then(|bits| bits.parse().ok());
            assert_eq!(bits, certificate.key.bits, "{stem}");
        }
        let ca = match (text.contains("CA:TRUE"), text.contains("CA:FALSE")) {
            (false, false) => None,
            // Of an extension that stands twice the first one counts.
            (_, first) => Some(!first),
        };
        if stem != "extension-garbage" {
            assert_eq!(ca, certificate.is_ca, "{stem}");
        }
        let names = text.lines().skip_while(|line| !line.contains("Subject Alternative Name:")).nth(1);
        let dns: Vec<&str> = names
            .into_iter()
            .flat_map(|line| line.trim().split(", "))
            .filter_map(|n| n.strip_prefix("DNS:"))
            .collect();
        let ours = certificate.san.as_ref().map_or(&[][..], |san| &san.dns);
        // OpenSSL shows no name that has a NUL in it.
        if stem != "san-nul" {
            assert_eq!(dns, ours, "{stem}");
        }
    }
}

#[test]
fn x509_parser_agrees_where_it_reads_them() {
    let mut read = 0;
    for path in odd() {
        let der = fs::read(&path).expect("the file");
        let Ok((_, other)) = x509_parser::parse_x509_certificate(&der) else { continue };
        read += 1;
        let ours = Certificate::parse(&der).expect("another reader reads it");
        assert_eq!(other.raw_serial(), ours.serial_octets, "{}", path.display());
        assert_eq!(other.subject().as_raw(), ours.subject.der, "{}", path.display());
        assert_eq!(other.public_key().raw, ours.key.der, "{}", path.display());
        assert_eq!(other.extensions().len(), ours.extensions.len(), "{}", path.display());
        assert_eq!(other.signature_value.data.as_ref(), ours.signature, "{}", path.display());
        assert_eq!(Some(other.validity().not_after.timestamp()), ours.not_after.map(|time| time.0));
    }
    assert!(read > 25, "{read}");
}

#[test]
fn each_oddity_is_told() {
    let finds = [
        ("serial-zero", "serial-zero"),
        ("serial-negative", "serial-negative"),
        ("serial-33-bytes", "serial-too-long"),
        ("version-1", "version-not-3"),
        ("version-2-unique-ids", "unique-identifiers"),
        ("version-4", "extensions-need-version-3"),
        ("time-generalized-early", "time-wrong-type"),
        ("time-no-seconds", "time-without-seconds"),
        ("time-offset", "time-not-zulu"),
        ("time-fraction", "time-fraction"),
        ("time-29-february", "validity-unreadable"),
        ("time-inverted", "validity-inverted"),
        ("name-bmp", "name-string-old"),
        ("name-control", "name-nul"),
        ("name-multi-valued", "subject-multi-valued"),
        ("name-empty-issuer", "issuer-empty"),
        ("signature-mismatch", "signature-algorithm-mismatch"),
        ("key-unknown", "key-unknown-algorithm"),
        ("key-rsa-512", "rsa-below-1024"),
        ("key-rsa-1023", "rsa-not-whole-bytes"),
        ("key-rsa-exponent-1", "rsa-exponent-one"),
        ("key-ed25519", "key-edwards"),
        ("key-ml-dsa-65", "key-post-quantum"),
        ("extension-duplicate", "extension-duplicate"),
        ("extension-unknown-critical", "extension-critical-unknown"),
        ("extension-truth-1", "not-der"),
        ("extension-garbage", "san-malformed"),
        ("san-address-as-text", "ip-address-length"),
        ("san-nul", "dns-name-nul"),
        ("san-empty", "san-empty"),
        ("ber-indefinite", "not-der"),
        ("ber-constructed-string", "not-der"),
        ("trailing-bytes", "trailing-bytes"),
    ];
    for path in odd() {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let certificate = Certificate::parse(&fs::read(&path).expect("the file")).expect("a certificate");
        let found: Vec<&str> = lint::lint(&certificate).iter().map(|finding| finding.lint.id).collect();
        for (name, id) in finds.iter().filter(|(name, _)| *name == stem) {
            assert!(found.contains(id), "{name}: no {id} in {found:?}");
        }
    }
}

#[test]
fn cut_and_garbled_certificates_do_no_harm() {
    let mut seed = 1_u32;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as usize
    };
    for path in odd() {
        let der = fs::read(&path).expect("the file");
        for length in 0..der.len() {
            let cut = &der[..length];
            if let Err(fault) = Certificate::parse(cut) {
                assert!(length < 2 || fault.is_truncated() || length + 8 > der.len(), "{fault}");
            }
            if length % 5 == 0 {
                read_all(cut);
            }
        }
        for at in (0..der.len()).step_by(5) {
            let mut garbled = der.clone();
            garbled[at] = match random() % 4 {
                0 => 0xff,
                1 => 0,
                2 => 0x80,
                _ => garbled[at] ^ (1 << (random() % 8)),
            };
            read_all(&garbled);
        }
    }
}

/// A file of `lists`, and what OpenSSL says of it.
fn listed(name: &str) -> (Vec<u8>, String) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/certificates/lists").join(name);
    let der = fs::read(file.with_extension("der")).expect("the file");
    (der, fs::read_to_string(file.with_extension("openssl.txt")).expect("what OpenSSL says"))
}

/// Everything that stands behind a label.
fn all_said<'a>(text: &'a str, label: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.trim_start().strip_prefix(label)).collect()
}

/// A date as OpenSSL writes it.
fn dated(time: Option<Time>) -> String {
    let time = time.expect("a date");
    let (year, month, day) = time.civil();
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [month as usize - 1];
    let text = time.to_string();
    let clock = text.split(['T', 'Z']).nth(1).expect("a time of day");
    format!("{month} {day:2} {clock} {year} GMT")
}

#[test]
fn revocation_lists_are_what_openssl_says() {
    for name in ["crl-empty", "crl-revoked", "crl-no-extensions"] {
        let (der, text) = listed(name);
        let crl = Crl::parse(&der).expect(name);
        assert_eq!(all_said(&text, "Last Update: "), [dated(crl.this_update)], "{name}");
        assert_eq!(all_said(&text, "Next Update: "), [dated(crl.next_update)], "{name}");
        assert_eq!(crl.issuer.rfc4514, "CN=Lists,O=Example Corp", "{name}");
        assert!(text.contains("Issuer: O = Example Corp, CN = Lists"), "{name}");
        let revoked: Vec<_> = crl.revoked().collect();
        let serials: Vec<String> = revoked.iter().map(|entry| entry.serial.to_uppercase()).collect();
        assert_eq!(serials, all_said(&text, "Serial Number: "), "{name}");
        let dates: Vec<String> = revoked.iter().map(|entry| dated(entry.date)).collect();
        assert_eq!(dates, all_said(&text, "Revocation Date: "), "{name}");
        let reasons: Vec<&str> = revoked.iter().filter_map(|entry| entry.reason).collect();
        let both = ["keyCompromise", "cessationOfOperation"];
        assert_eq!(reasons, if revoked.is_empty() { &[][..] } else { &both }, "{name}");
        assert_eq!(crl.find(&[1]).is_some(), !revoked.is_empty(), "{name}");
        assert_eq!(crl.number.is_some(), name != "crl-no-extensions", "{name}");
        assert_eq!(crl.authority_key_id.is_some(), text.contains("Authority Key Identifier"), "{name}");
    }
}

#[test]
fn ocsp_responses_are_what_openssl_says() {
    for name in ["ocsp-good", "ocsp-revoked", "ocsp-unknown", "ocsp-by-key"] {
        let (der, text) = listed(name);
        let response = OcspResponse::parse(&der).expect(name);
        assert_eq!(response.status, "successful", "{name}");
        assert_eq!(all_said(&text, "Produced At: "), [dated(response.produced_at)], "{name}");
        let [answer] = response.answers.as_slice() else { panic!("{name}") };
        assert_eq!(all_said(&text, "Serial Number: "), [answer.serial.to_uppercase()], "{name}");
        assert_eq!(all_said(&text, "Issuer Key Hash: "), [answer.issuer_key_hash.to_uppercase()], "{name}");
        assert_eq!(all_said(&text, "Issuer Name Hash: "), [answer.issuer_name_hash.to_uppercase()], "{name}");
        assert_eq!(all_said(&text, "Cert Status: "), [answer.status], "{name}");
        assert_eq!(all_said(&text, "This Update: "), [dated(answer.this_update)], "{name}");
        assert_eq!(all_said(&text, "Next Update: "), [dated(answer.next_update)], "{name}");
        if let Some(revoked) = said(&text, "Revocation Time: ") {
            assert_eq!(revoked, dated(answer.revoked_at), "{name}");
        } else {
            assert_eq!((answer.revoked_at, answer.reason), (None, None), "{name}");
        }
        let reason = said(&text, "Revocation Reason: ").map(|said| said.split(' ').next().expect("a word"));
        assert_eq!(reason, answer.reason, "{name}");
    }
    let (der, text) = listed("ocsp-unauthorized");
    assert_eq!(OcspResponse::parse(&der).expect("a refusal").status, "unauthorized");
    assert_eq!(text, "Responder Error: unauthorized (6)\n");
}

#[test]
fn a_request_and_a_key_are_what_openssl_says() {
    let (der, text) = listed("request");
    let request = Request::parse(&der).expect("a request");
    assert_eq!(request.subject.rfc4514, "CN=www.example.com,O=Example Corp,C=DE");
    assert!(text.contains("Subject: C = DE, O = Example Corp, CN = www.example.com"));
    let (der, text) = listed("public-key");
    let key = PublicKey::parse(&der).expect("a key");
    assert!(text.contains("Public-Key: (256 bit)") && text.contains("ASN1 OID: prime256v1"));
    assert_eq!((&*key.algorithm, key.bits, key.curve.as_deref()), ("EC", Some(256), Some("prime256v1")));
    assert_eq!(request.key.sha256, key.sha256);
}

fn read_all(der: &[u8]) {
    for certificate in [Certificate::parse(der).ok(), Certificate::parse_cut(der)].into_iter().flatten() {
        let view = CertificateView::new(&certificate, Lang::ZhCn);
        let mut text = String::new();
        view.write(&mut text, Lang::En).expect("writing to a String cannot fail");
        let _ = (view.card(Lang::En), lint::lint(&certificate));
    }
    let _ = (Request::parse(der), OcspResponse::parse(der), PublicKey::parse(der));
    let _ = Crl::parse(der).map(|crl| crl.revoked().count());
}
