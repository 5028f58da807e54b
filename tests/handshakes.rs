//! Every handshake of `tests/captures/tls/` is read as tshark reads it, whole, cut off or damaged.
//!
//! The captures are of real programs on one machine, with keys made up for the purpose. Beside each
//! stands what tshark 4.0.17 says of it, as `tests/captures/expect.py` wrote it down. How TLS was asked
//! for stands in the name: `starttls-<protocol>-<client>`.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::{ProptestConfig, any, proptest};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use whytls::wire::{Capture, Event, Flow, KeyLog, Options, Reader, Side, What};

fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/tls");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "pcap"));
    paths.sort();
    assert!(paths.len() > 20);
    paths
}

fn keys(path: &Path) -> KeyLog {
    let mut keys = KeyLog::default();
    if let Ok(log) = fs::read_to_string(path.with_extension("keys")) {
        assert!(keys.add(&log) > 0);
    }
    keys
}

fn read(bytes: &[u8], keys: KeyLog) -> Capture {
    let mut reader = Reader::new(Options { keys });
    reader.push(bytes);
    reader.finish()
}

fn side(event: &Event) -> &'static str {
    if event.from == Side::Client { "client" } else { "server" }
}

/// The number that the message has on the wire.
fn number(what: &What) -> Option<u8> {
    Some(match what {
        What::HelloRequest => 0,
        What::ClientHello(_) => 1,
        What::ServerHello(_) | What::HelloRetryRequest(_) => 2,
        What::HelloVerifyRequest => 3,
        What::NewSessionTicket => 4,
        What::EncryptedExtensions { .. } => 8,
        What::Certificate(_) => 11,
        What::ServerKeyExchange { .. } => 12,
        What::CertificateRequest => 13,
        What::ServerHelloDone => 14,
        What::CertificateVerify => 15,
        What::ClientKeyExchange => 16,
        What::Finished => 20,
        What::CertificateStatus => 22,
        What::Handshake(number) => *number,
        _ => return None,
    })
}

/// The flow in the form in which tshark's answer is kept.
fn seen(flow: &Flow) -> Value {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (mut clients, mut servers, mut certificates) = (Vec::new(), Vec::new(), Vec::new());
    let (mut alerts, mut messages) = (Vec::new(), Vec::new());
    for event in &flow.events {
        messages.extend(number(&event.what).map(|number| json!([side(event), number])));
        match &event.what {
            What::ClientHello(hello) => clients.push(json!({
                "record_version": hello.record_version.map(|version| version.0),
                "legacy_version": hello.legacy_version.map(|version| version.0),
                "extensions": hello.extensions.iter().map(|e| e.0).collect::<Vec<_>>(),
                "supported_versions": hello.supported_versions.iter().map(|v| v.0).collect::<Vec<_>>(),
                "alpn": hello.alpn,
                "sni": hello.sni,
                "ciphers": hello.ciphers.iter().map(|suite| suite.0).collect::<Vec<_>>(),
                "groups": hello.groups.iter().map(|group| group.0).collect::<Vec<_>>(),
                "signature_schemes": hello.signature_schemes.iter().map(|s| s.0).collect::<Vec<_>>(),
                "ja3": hello.ja3,
            })),
            What::ServerHello(hello) | What::HelloRetryRequest(hello) => servers.push(json!({
                "legacy_version": hello.legacy_version.map(|version| version.0),
                "version": hello.version.map(|version| version.0),
                "extensions": hello.extensions.iter().map(|e| e.0).collect::<Vec<_>>(),
                "cipher": hello.cipher.map(|suite| suite.0),
                "ja3s": hello.ja3s,
            })),
            What::Certificate(chain) => {
                let sums = chain.iter().map(|der| json!(hex(&Sha256::digest(der))));
                certificates.push(Value::Array([json!(side(event))].into_iter().chain(sums).collect()));
            }
            What::Alert { level, alert } => alerts.push(json!([side(event), level, alert.0])),
            _ => {}
        }
    }
    json!({
        "client_hellos": clients, "server_hellos": servers, "certificates": certificates,
        "alerts": alerts, "messages": messages,
    })
}

/// Where tshark 4.0.17 sees less, and why.
const EXCUSED: [(&str, &str); 10] = [
    ("openssl-dtls12-ccm8 0 certificates", "it does not put the fragments together"),
    ("openssl-dtls12-ccm8 0 messages", "likewise"),
    ("openssl-dtls10 0 certificates", "it does not put the six fragments together"),
    ("openssl-dtls10 0 messages", "likewise"),
    ("openssl-dtls12-mtu 0 certificates", "likewise"),
    ("openssl-dtls12-mtu 0 messages", "likewise"),
    ("starttls-tds-freetds 0 client_hellos", "it does not take the records out of SQL Server's packets"),
    ("starttls-tds-freetds 0 server_hellos", "likewise"),
    ("starttls-tds-freetds 0 messages", "likewise"),
    ("wolfssl-dtls13-fragments 0 messages", "it does not put the fragments of later hellos together"),
];

#[test]
fn agrees_with_tshark_field_by_field() {
    let (mut fields, mut wrong) = (0, Vec::new());
    for path in captures() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(path.with_extension("json")).unwrap();
        let expected: Vec<Value> = serde_json::from_str(&text).unwrap();
        let capture = read(&fs::read(&path).unwrap(), keys(&path));
        if capture.flows.len() != expected.len() {
            wrong.push(format!("{name}: {} flows, not {}", capture.flows.len(), expected.len()));
        }
        let asked = name.strip_prefix("starttls-").map(|rest| rest.replace("http-connect", "http_connect"));
        if let Some(asked) = asked.and_then(|rest| Some(rest.split('-').next()?.replace('_', "-"))) {
            let seen = capture.flows.iter().filter_map(|flow| flow.starttls()).map(|(name, _)| name);
            if !seen.clone().any(|seen| seen == asked) {
                wrong.push(format!("{name}: {:?}", seen.collect::<Vec<_>>()));
            }
        }
        for (at, (flow, expected)) in capture.flows.iter().zip(&expected).enumerate() {
            compare(&format!("{name} {at}"), &seen(flow), expected, &mut fields, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{} of {fields} fields differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(fields > 800, "{fields} fields are not enough");
}

#[test]
fn an_alert_of_dtls_1_3_ends_the_handshake_and_does_not_finish_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/tls");
    let flow = |name: &str| read(&fs::read(folder.join(name)).unwrap(), KeyLog::default()).flows.remove(0);
    let refused = |flow: &Flow| flow.sealed_refusal().map(|event| event.from);
    let (whole, cut) = (flow("dimpl-dtls13.pcap"), flow("dimpl-dtls13-no-client-cert.pcap"));
    assert_eq!((whole.established, refused(&whole)), (true, None));
    assert_eq!((cut.established, refused(&cut)), (false, Some(Side::Server)));
    let wolf = |name: &str| flow(&format!("wolfssl-dtls13{name}.pcap"));
    let answers = [
        ("", true, None),
        ("-fragments", true, None),
        ("-unknown-ca", false, Some(Side::Client)),
        ("-no-client-cert", false, Some(Side::Server)),
    ];
    for (name, established, by) in answers {
        let flow = wolf(name);
        assert_eq!((flow.established, refused(&flow)), (established, by), "{name}");
    }
}

fn compare(place: &str, seen: &Value, expected: &Value, fields: &mut usize, wrong: &mut Vec<String>) {
    match expected {
        Value::Object(map) => {
            for (key, expected) in map {
                compare(&format!("{place} {key}"), &seen[key], expected, fields, wrong);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (at, expected) in list.iter().enumerate() {
                compare(&format!("{place}[{at}]"), &seen[at], expected, fields, wrong);
            }
        }
        _ => {
            *fields += 1;
            if seen != expected && !EXCUSED.iter().any(|(field, _)| *field == place) {
                wrong.push(format!("{place}: {seen} is {expected} for tshark"));
            }
        }
    }
}

#[test]
fn reads_what_there_is_of_a_capture_cut_off_anywhere() {
    for path in captures() {
        let bytes = fs::read(&path).unwrap();
        let keys = keys(&path);
        let whole = read(&bytes, keys.clone()).flows.iter().map(|flow| flow.events.len()).sum::<usize>();
        // Every length near the hellos, and then every few.
        for length in (0..bytes.len()).step_by(if bytes.len() > 6000 { 61 } else { 17 }) {
            let flows = read(&bytes[..length], keys.clone()).flows;
            let events = flows.iter().map(|flow| flow.events.len()).sum::<usize>();
            assert!(events <= whole + 4, "{}: {events} at {length}", path.display());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reads_damaged_captures_without_panic(
        which in any::<usize>(),
        places in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..20),
    ) {
        let paths = captures();
        let path = &paths[which % paths.len()];
        let mut bytes = fs::read(path).unwrap();
        // The headers of the file stay: the damage is for what lies behind them.
        for (place, value) in places {
            let place = 40 + place % (bytes.len() - 40);
            bytes[place] = value;
        }
        let _ = read(&bytes, keys(path));
    }
}
