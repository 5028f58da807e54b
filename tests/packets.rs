//! Captures as text, each read to the flows beside it.
//!
//! In:  `packets/<name>.<form>`, the real output of a program, and `packets/<name>.<form>.flows`.
//! Out: a failure where other flows are read, or where a quotation mark or a cut upsets them.
//! Not here: what the flows mean. That is `cases`. `make bless` rewrites the flows.

#![allow(clippy::disallowed_methods, reason = "a test reads its samples from files")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;
use whytls::{Decoded, Paste};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/packets")
}

/// Every sample, with its path and its text.
fn samples() -> Vec<(PathBuf, String)> {
    let mut samples: Vec<_> = fs::read_dir(folder())
        .expect("tests/packets")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "flows"))
        .map(|path| (path.clone(), fs::read_to_string(&path).expect("a sample")))
        .collect();
    samples.sort();
    samples
}

/// The flows that are read from a text: each artifact that has some, and what it has.
fn flows(text: &str) -> String {
    let decoded = Decoded::new(&Paste::text(text));
    let mut out = String::new();
    for artifact in decoded.artifacts.iter().filter(|artifact| !artifact.flows.is_empty()) {
        let kind = format!("{:?}", artifact.kind);
        for flow in &artifact.flows {
            let flow = serde_json::to_value(flow).expect("a flow is always JSON");
            out.push_str(&format!("{kind} {:#}\n", shown(flow)));
        }
    }
    out
}

/// What a sample is about: the fields of the contract, and of numbers the number alone.
fn shown(value: Value) -> Value {
    const FIELDS: [&str; 29] = [
        "transport",
        "client",
        "server",
        "starttls",
        "client_hello",
        "record_version",
        "legacy_version",
        "supported_versions",
        "max_version",
        "sni",
        "alpn",
        "ciphers",
        "groups",
        "signature_schemes",
        "extensions",
        "ja3",
        "hello_retry_request",
        "server_hello",
        "version",
        "cipher",
        "certificates",
        "alerts",
        "from",
        "level",
        "code",
        "name",
        "established",
        "closed_by",
        "close",
    ];
    match value {
        Value::Object(fields) => match fields.get("id") {
            Some(id) => id.clone(),
            None => fields
                .into_iter()
                .filter(|(key, value)| FIELDS.contains(&key.as_str()) && !value.is_null())
                .map(|(key, value)| (key, shown(value)))
                .collect(),
        },
        // Numbers are told in one line.
        Value::Array(items) if items.iter().all(|item| item.is_number() || item.get("id").is_some()) => {
            let items: Vec<String> = items.into_iter().map(|item| shown(item).to_string()).collect();
            Value::String(items.join(" "))
        }
        Value::Array(items) => items.into_iter().map(shown).collect(),
        other => other,
    }
}

#[test]
fn every_sample_is_read_to_its_flows() {
    let bless = env::var_os("WHYTLS_BLESS").is_some();
    let mut changed = Vec::new();
    for (path, text) in samples() {
        let flows = flows(&text);
        let expected = PathBuf::from(format!("{}.flows", path.display()));
        if bless {
            fs::write(&expected, &flows).expect("the flows are written");
        } else if fs::read_to_string(&expected).unwrap_or_default() != flows {
            changed.push(format!("{}\n{flows}", path.display()));
        }
    }
    assert!(changed.is_empty(), "`make bless`, then read the diff of\n{}", changed.join("\n"));
}

#[test]
fn a_quotation_mark_before_each_line_changes_nothing() {
    for (path, text) in samples() {
        let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
        assert_eq!(flows(&quoted), flows(&text), "{}", path.display());
    }
}

#[test]
fn windows_line_ends_change_nothing() {
    for (path, text) in samples() {
        assert_eq!(flows(&text.replace('\n', "\r\n")), flows(&text), "{}", path.display());
    }
}

#[test]
fn data_with_the_marks_of_html_or_with_tabs_before_it_is_the_same() {
    let mut seen = 0;
    for (path, text) in samples() {
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.starts_with("tshark") || !matches!(kind, "json" | "ek" | "pdml") {
            continue;
        }
        seen += 1;
        let escaped =
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert_eq!(flows(&escaped), flows(&text), "{name}");
        assert_eq!(flows(&text.replace(' ', "\u{a0}")), flows(&text), "{name}");
        let tabs: String = text.lines().map(|line| format!("\t{line}\n")).collect();
        assert_eq!(flows(&tabs), flows(&text), "{name}");
    }
    assert!(seen > 5);
}

#[test]
fn details_that_a_terminal_wrapped_are_the_same() {
    for name in ["tshark-details.txt", "tshark-details-retry.txt", "wireshark-4.4-details.txt"] {
        let text = fs::read_to_string(folder().join(name)).expect(name);
        let mut wrapped = String::new();
        for line in text.lines() {
            let chars: Vec<char> = line.chars().collect();
            let rows: Vec<String> = chars.chunks(80).map(|row| row.iter().collect()).collect();
            wrapped.push_str(&rows.join("\n"));
            wrapped.push('\n');
        }
        assert!(wrapped.lines().count() > text.lines().count() + 3);
        assert_eq!(flows(&wrapped), flows(&text), "{name}");
    }
}

#[test]
fn what_is_cut_off_still_gives_what_was_there() {
    for (path, text) in samples() {
        for part in 1..6 {
            let end = text.floor_char_boundary(text.len() * part / 6);
            // Reading on is what counts; what is there before the ClientHello is nothing yet.
            let _ = flows(text.get(..end).unwrap_or_default());
        }
        let end = text.floor_char_boundary(text.len().saturating_sub(3));
        let most = flows(text.get(..end).unwrap_or_default());
        assert!(!most.is_empty(), "{}", path.display());
    }
}
