//! Holds the table of forms to its samples, and cuts each of them in the middle.
//!
//! In:  `forms.tsv`: a form, the file that shows it (or the test that writes it), and the program that printed it.
//! Out: a failure where a row has no sample, a sample no row, or a sample that is cut off loses what stood before.
//! Not here: what a sample is read to. That is `packets`, `files`, and for hex the hello that all of `hex/` show.

#![allow(clippy::disallowed_methods, reason = "a test reads its samples from files")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use whytls::Paste;
use whytls::wire::{ClientHello, Flow, Options, Reader, What};

/// What quotations, containers, logs and phones put before a line.
const PREFIXES: [&str; 6] = [
    "> ",
    "web_1  | ",
    "Nov 29 23:45:11 host1 tcpdump[4711]: ",
    "<14>1 2026-11-29T23:45:11.1Z host1 tcpdump 4711 - - ",
    "2026-11-29T23:45:11.1Z stdout F ",
    "11-28 09:00:00.123  1234  1260 E System  : ",
];

/// So many cuts are made in each sample.
const CUTS: usize = 40;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

struct Form {
    name: String,
    sample: String,
    by: String,
}

impl Form {
    /// The bytes of the sample, where it is a file.
    fn bytes(&self) -> Option<Vec<u8>> {
        (!self.sample.contains('#')).then(|| fs::read(folder().join(&self.sample)).expect(&self.sample))
    }
}

fn forms() -> Vec<Form> {
    let table = fs::read_to_string(folder().join("forms.tsv")).unwrap();
    let mut rows = table.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(rows.next(), Some("form\tsample\tprinted by"));
    rows.map(|row| match row.split('\t').collect::<Vec<_>>()[..] {
        [name, sample, by] => Form { name: name.into(), sample: sample.into(), by: by.into() },
        _ => panic!("three columns: {row}"),
    })
    .collect()
}

fn read(bytes: &[u8]) -> Paste {
    let mut paste = Paste::default();
    paste.add("paste", bytes);
    paste
}

/// Something that happened.
struct Told {
    kind: String,
    /// Where it ends in the text.
    end: usize,
    packet: u32,
}

/// What happened, as far as it must not be lost.
fn told<'a>(flows: impl IntoIterator<Item = &'a Flow>) -> Vec<Told> {
    let events = flows.into_iter().flat_map(|flow| &flow.events);
    events
        .filter_map(|event| {
            let kind = kind(&event.what)?;
            Some(Told { kind, end: event.place.end, packet: event.place.packet })
        })
        .collect()
}

fn of_text(bytes: &[u8]) -> Vec<Told> {
    let artifacts = whytls::decode::find(&read(bytes));
    told(artifacts.iter().flat_map(|artifact| artifact.flows()))
}

/// The same of a capture file, and how many whole packets it has.
fn of_capture(bytes: &[u8]) -> (Vec<Told>, u64) {
    let mut reader = Reader::new(Options::default());
    reader.push(bytes);
    let capture = reader.finish();
    (told(&capture.flows), u64::from(capture.packets))
}

/// What must not be lost; not what stands in it, for a message may be half there.
fn kind(what: &What) -> Option<String> {
    Some(match what {
        What::ClientHello(_) => "ClientHello".to_owned(),
        What::ServerHello(_) | What::HelloRetryRequest(_) => "ServerHello".to_owned(),
        What::Certificate(_) => "Certificate".to_owned(),
        What::Alert { alert, .. } => format!("alert {}", alert.0),
        // A FIN that a list does not show is told by rows behind it.
        What::Rst { .. } => "RST".to_owned(),
        _ => return None,
    })
}

fn hello_of(bytes: &[u8]) -> Option<ClientHello> {
    let artifacts = whytls::decode::find(&read(bytes));
    let mut flows = artifacts.iter().flat_map(|artifact| artifact.flows());
    flows.find_map(|flow| flow.client_hello().map(|(hello, _)| hello.clone()))
}

#[test]
fn every_row_has_its_sample_and_every_sample_its_row() {
    let mut named = BTreeSet::new();
    for Form { name, sample, by } in forms() {
        assert!(!name.is_empty() && !by.is_empty(), "{sample}");
        assert!(named.insert((sample.clone(), name.clone())), "{sample} stands there twice");
        let root = folder().join("..");
        if let Some((file, test)) = sample.split_once('#') {
            let code = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("no {file}"));
            assert!(code.contains(&format!("fn {test}(")), "{file} has no {test}");
        } else {
            assert!(folder().join(&sample).is_file(), "{name}: no {sample}");
        }
    }
    let samples: BTreeSet<String> = named.into_iter().map(|(sample, _)| sample).collect();
    for place in ["captures/files", "hex", "packets"] {
        for entry in fs::read_dir(folder().join(place)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let made = Path::new(&name).extension().is_some_and(|kind| kind == "flows" || kind == "sh");
            assert!(made || samples.contains(&format!("{place}/{name}")), "{place}/{name} has no row");
        }
    }
}

#[test]
fn every_hex_form_shows_the_same_hello() {
    let capture = fs::read(folder().join("captures/tls/openssl-alert-protocol-version.pcap")).unwrap();
    let whole = hello_of(&capture).unwrap();
    assert!(whole.sni.as_deref() == Some("example.com") && whole.ja3.is_some());
    for form in forms().iter().filter(|form| form.sample.starts_with("hex/")) {
        let hello = hello_of(&form.bytes().unwrap()).unwrap_or_else(|| panic!("{}: no hello", form.sample));
        // Servers cut what they log.
        if form.sample.ends_with("-log.txt") || form.sample.ends_with("rsyslog.txt") {
            assert!(hello.record_version == whole.record_version, "{}", form.sample);
        } else {
            assert_eq!(format!("{hello:?}"), format!("{whole:?}"), "{}", form.sample);
        }
    }
}

#[test]
fn dumps_behind_a_prefix_or_with_blank_lines_show_the_same_hello() {
    for name in ["tcpdump-x.txt", "tcpdump-X.txt", "tcpdump-XX.txt", "tshark-x.txt", "hexdump-C.txt"] {
        let text = fs::read_to_string(folder().join("hex").join(name)).unwrap();
        let whole = format!("{:?}", hello_of(text.as_bytes()).unwrap());
        for prefix in PREFIXES {
            let prefixed: String = text.lines().map(|line| format!("{prefix}{line}\n")).collect();
            let hello = hello_of(prefixed.as_bytes()).unwrap_or_else(|| panic!("{name} behind {prefix}"));
            assert_eq!(format!("{hello:?}"), whole, "{name} behind {prefix}");
        }
        let windows = text.replace('\n', "\r\n");
        assert_eq!(format!("{:?}", hello_of(windows.as_bytes()).unwrap()), whole, "{name} with CRLF");
        let spaced = text.replace('\n', "\n\n");
        let hello = hello_of(spaced.as_bytes()).unwrap_or_else(|| panic!("{name} with blank lines"));
        assert_eq!(format!("{hello:?}"), whole, "{name} with blank lines");
    }
}

#[test]
fn what_stood_before_a_cut_is_still_given() {
    let mut lost = Vec::new();
    let (mut cuts, mut kept) = (0, 0);
    for form in forms() {
        let Some(bytes) = form.bytes() else { continue };
        let is_file = form.sample.starts_with("captures/");
        let whole = if is_file { of_capture(&bytes).0 } else { of_text(&bytes) };
        for part in 1..CUTS {
            let cut = &bytes[..bytes.len() * part / CUTS];
            // Of files all whole packets count, of texts all whole lines.
            let (packets, mut there, end) = if is_file {
                let (there, packets) = of_capture(cut);
                (packets, there, usize::MAX)
            } else {
                (u64::MAX, of_text(cut), cut.iter().rposition(|byte| *byte == b'\n').unwrap_or(0))
            };
            let before = whole.iter().filter(|told| u64::from(told.packet) <= packets && told.end <= end);
            cuts += 1;
            for Told { kind, end, .. } in before {
                match there.iter().position(|told| told.kind == *kind) {
                    Some(own) => {
                        there.swap_remove(own);
                        kept += 1;
                    }
                    None => {
                        lost.push(format!("{}, cut at {}: {kind} (ends at {end})", form.sample, cut.len()))
                    }
                }
            }
        }
    }
    assert!(cuts > 5000 && kept > 5000, "{kept} in {cuts}");
    assert!(lost.is_empty(), "{} of {}:\n{}", lost.len(), lost.len() + kept, lost.join("\n"));
}
