//! One conversation in every kind of capture file and link type is read alike: whole, in pieces,
//! cut off and damaged.
//!
//! The files of `tests/captures/files/` were written by `tests/captures/make_files.py`, with
//! Wireshark's own tools where these can write the format; tshark reads the same from all of them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a harness says that a test failed"
)]
#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use whytls::Paste;
use whytls::paste::Content;
use whytls::wire::{Capture, CloseHow, Format, Note, Options, Reader, Side, Time, What};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/files")
}

fn files() -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 30);
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

fn read(bytes: &[u8], piece: usize) -> Capture {
    let mut reader = Reader::new(Options::default());
    for chunk in bytes.chunks(piece.max(1)) {
        reader.push(chunk);
    }
    reader.finish()
}

/// What does not hang on the form of the file.
fn told(capture: &Capture) -> Vec<String> {
    let mut told = Vec::new();
    for flow in &capture.flows {
        let ends = [&flow.client, &flow.server].map(|end| end.as_ref().map(|end| end.address()));
        told.push(format!("{ends:?} {} {}", flow.from_start, flow.established));
        told.extend(flow.events.iter().map(|event| format!("{:?} {:?}", event.from, event.what)));
        told.push(format!("{:?}", flow.close.map(|close| (close.by, close.how))));
    }
    told
}

#[test]
fn every_kind_of_file_tells_the_same() {
    let plain = read(&fs::read(folder().join("plain.pcap")).unwrap(), usize::MAX);
    let hellos = |what: &What| matches!(what, What::ClientHello(_) | What::ServerHello(_));
    assert_eq!(plain.flows[0].events.iter().filter(|event| hellos(&event.what)).count(), 2);
    assert_eq!((plain.packets, plain.notes.as_slice()), (19, &[][..]));
    assert_eq!(plain.flows[0].close.map(|close| (close.by, close.how)), Some((Side::Server, CloseHow::Fin)));
    for (name, bytes) in files() {
        let capture = read(&bytes, usize::MAX);
        if name == "secrets.pcapng" {
            // With its secrets, more is seen.
            assert!(matches!(capture.notes.as_slice(), [Note::KeyLog { lines: 1.. }]), "{:?}", capture.notes);
            let finished = |what: &What| matches!(what, What::Finished);
            assert_eq!(capture.flows[0].events.iter().filter(|event| finished(&event.what)).count(), 2);
            continue;
        }
        assert_eq!(told(&capture), told(&plain), "{name}");
        assert_eq!(capture.notes, [], "{name}");
        assert_eq!(capture.gzip, name.ends_with(".gz"), "{name}");
        if name != "fragments.pcap" {
            assert_eq!(capture.packets, plain.packets, "{name}");
        }
        // Old Network Monitor counts milliseconds, and a clock may tick 2^20 times a second.
        let coarse = |time: Option<(Time, Time)>| match time {
            Some((Time::Unix(first), Time::Unix(last))) => Some((first, last)),
            _ => None,
        };
        match (coarse(capture.span), coarse(plain.span)) {
            (None, _) => assert_eq!(name, "simple-packets.pcapng"),
            (Some(a), Some(b)) => {
                assert!(a.0.abs_diff(b.0) < 1_000_000 && a.1.abs_diff(b.1) < 1_000_000, "{name} {a:?} {b:?}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn pieces_of_any_size_make_the_same_file() {
    for (name, bytes) in files() {
        let whole = format!("{:?}", read(&bytes, usize::MAX));
        for piece in [1, 2, 7, 100, 1000] {
            assert_eq!(format!("{:?}", read(&bytes, piece)), whole, "{name} in pieces of {piece}");
            // Where it is cut off, too, what was there is the same.
            for end in (bytes.len() / 2..bytes.len()).step_by(bytes.len() / 16 + 1) {
                let cut = bytes.get(..end).expect("it is shorter");
                let whole = format!("{:?}", read(cut, usize::MAX));
                assert_eq!(
                    format!("{:?}", read(cut, piece)),
                    whole,
                    "{name}, cut at {end}, in pieces of {piece}"
                );
            }
        }
    }
}

#[test]
fn a_packed_file_that_is_damaged_gives_what_stood_before_that() {
    let plain = fs::read(folder().join("plain.pcap")).unwrap();
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(&plain).unwrap();
    packer.flush().unwrap();
    let mut packed = packer.get_ref().clone();
    // A block of a kind that there is not (RFC 1951 §3.2.3).
    packed.extend([0xff; 8]);
    for piece in [1, 61, 1000, usize::MAX] {
        let found = read(&packed, piece);
        assert_eq!(told(&found), told(&read(&plain, usize::MAX)), "in pieces of {piece}");
        assert_eq!(found.notes, [Note::Damaged { at: plain.len() }], "in pieces of {piece}");
    }
}

#[test]
fn a_file_that_is_cut_off_gives_what_was_there_and_says_so() {
    for (name, bytes) in files() {
        let whole = read(&bytes, usize::MAX);
        let (mut cuts, mut noted, mut hellos) = (0, 0, 0);
        for end in (1..bytes.len()).step_by(7) {
            let capture = read(&bytes[..end], usize::MAX);
            assert!(capture.packets <= whole.packets && capture.flows.len() <= 1, "{name} {end}");
            cuts += 1;
            noted += usize::from(capture.notes.iter().any(|note| matches!(note, Note::CutOff { .. })));
            hellos += usize::from(capture.flows.iter().any(|flow| flow.client_hello().is_some()));
        }
        assert!(noted * 10 > cuts * 8, "{name}: {noted} of {cuts}");
        // Of a packed file that is cut off, what is unpacked comes later.
        let gzip = name.ends_with(".gz");
        assert!(hellos * 3 > cuts * if gzip { 0 } else { 2 }, "{name}: {hellos} of {cuts}");
    }
}

#[test]
fn one_packet_alone_tells_how_long_its_header_is() {
    for name in ["plain.pcap", "modified.pcap", "nokia.pcap", "red-hat-6.1.pcap", "suse-6.3.pcap"] {
        let file = fs::read(folder().join(name)).unwrap();
        let plain = fs::read(folder().join("plain.pcap")).unwrap();
        let header = |bytes: &[u8]| u32::from_le_bytes(bytes[32..36].try_into().unwrap()) as usize;
        assert_eq!(header(&file), header(&plain));
        // What a packet's header has more than libpcap's, the file has for each packet.
        let longer = (file.len() - plain.len()) / 19;
        let one = &file[..24 + 16 + longer + header(&file)];
        let capture = read(one, 11);
        assert_eq!((capture.packets, capture.notes.as_slice()), (1, &[][..]), "{name}");
        let cut = read(&one[..one.len() - 1], 11);
        assert!(matches!(cut.notes.as_slice(), [Note::CutOff { .. }]), "{name}");
    }
}

#[test]
fn a_header_that_is_cut_off_says_nothing_yet() {
    for name in ["modified.pcap", "nokia.pcap", "suse-6.3.pcap"] {
        let mut bytes = fs::read(folder().join(name)).unwrap();
        // A length that no packet has, but not the whole header.
        bytes.extend([0xff; 16]);
        for piece in [1, 61, usize::MAX] {
            let capture = read(&bytes, piece);
            assert!(matches!(capture.notes.as_slice(), [Note::CutOff { .. }]), "{name} {:?}", capture.notes);
        }
    }
}

#[test]
fn a_key_log_beside_a_capture_is_used_wherever_it_stands() {
    let base = folder().join("../tls/openssl-tls12");
    let capture = fs::read(base.with_extension("pcap")).unwrap();
    let keys = fs::read(base.with_extension("keys")).unwrap();
    let finished = |paste: &Paste| {
        let artifacts = whytls::decode::find(paste);
        let events = artifacts.iter().flat_map(|artifact| artifact.flows()).flat_map(|flow| &flow.events);
        events.filter(|event| matches!(event.what, What::Finished)).count()
    };
    let mut after = Paste::default();
    after.add("a.pcap", &capture);
    after.add("keys.txt", &keys);
    assert_eq!(finished(&after), 2);
    let mut before = Paste::default();
    before.add("keys.txt", &keys);
    let mut intake = before.capture("a.pcap");
    capture.chunks(100).for_each(|piece| intake.push(piece));
    intake.finish();
    assert_eq!(finished(&before), 2);
    assert_eq!(before.inputs[1].sha256, after.inputs[0].sha256);
    // The secrets themselves are in nothing that can be shown.
    let secret = String::from_utf8_lossy(&keys);
    let secret = secret.lines().find_map(|line| line.strip_prefix("CLIENT_RANDOM ")?.get(65..)).unwrap();
    for paste in [&before, &after] {
        for input in &paste.inputs {
            assert!(!matches!(&input.content, Content::Text(text) if text.text.contains(secret)));
        }
        assert!(!whytls::diagnose(paste).json(whytls::Lang::En).contains(secret));
    }
}

#[test]
fn a_windows_trace_is_recognised() {
    let mut etl = vec![0; 200];
    etl[..4].copy_from_slice(&[0, 0, 1, 0]);
    etl[72..76].copy_from_slice(&[2, 0, 2, 0xc0]);
    let capture = read(&etl, usize::MAX);
    assert_eq!((capture.format, capture.notes.as_slice()), (Some(Format::Etl), &[Note::Etl][..]));
}

#[test]
fn a_packed_file_that_grows_without_end_is_left() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let head = &fs::read(folder().join("plain.pcap")).unwrap()[..24];
    packed.write_all(head).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..8 {
        packed.write_all(&zeros).unwrap();
    }
    // A packet of no bytes, half a million times: nothing is kept of it.
    let capture = read(&packed.finish().unwrap(), 4096);
    assert_eq!(capture.packets, 8 << 16);
    assert_eq!(capture.flows.len(), 0);
}

fn damaged(mut bytes: Vec<u8>, changes: &[(usize, u8)], end: usize) -> Capture {
    let length = bytes.len();
    for (at, value) in changes {
        bytes[at % length] = *value;
    }
    bytes.truncate(end % length + 1);
    read(&bytes, 512)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn no_damage_stops_the_reader(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..20),
        end in any::<usize>(),
    ) {
        let files = files();
        damaged(file.get(&files).1.clone(), &changes, end);
    }

    #[test]
    fn no_bytes_at_all_stop_the_reader(
        magic in 0_usize..10,
        bytes in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let magics: [&[u8]; 10] = [
            b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0",
            b"\xa1\xb2\x3c\x4d\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x7f",
            b"\x34\xcd\xb2\xa1",
            b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0",
            b"\x0a\x0d\x0d\x0a",
            b"GMBU\x03\x02\x01\0",
            b"RTSS",
            b"snoop\0\0\0\0\0\0\x02\0\0\0\x04",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
            b"",
        ];
        read(&[magics[magic], &bytes].concat(), 100);
    }
}
