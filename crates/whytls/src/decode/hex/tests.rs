//! Any bytes, written in any form, are read back as they were.
//!
//! In:  bytes, and for each form the words of the program that writes it.
//! Out: the same bytes, at every length, behind every prefix.
//! Not here: real output of those programs. That is `tests/hex`.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{Hex, body};
use crate::decode::{Data, Decode};
use crate::paste::Paste;

type Encoder = fn(&[u8]) -> String;

fn printable(byte: u8) -> char {
    if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '.' }
}

fn ascii(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| printable(*byte)).collect()
}

fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

fn rows(bytes: &[u8], row: impl Fn(usize, &[u8]) -> String) -> String {
    bytes.chunks(16).enumerate().map(|(at, chunk)| row(at * 16, chunk) + "\n").collect()
}

fn pairs(bytes: &[u8]) -> String {
    bytes.chunks(2).map(|pair| hex(pair, "")).collect::<Vec<_>>().join(" ")
}

fn words(bytes: &[u8], word: impl Fn(u16) -> String) -> String {
    let word_of = |pair: &[u8]| u16::from(pair[0]) | u16::from(*pair.get(1).unwrap_or(&0)) << 8;
    bytes.chunks(2).map(|pair| word(word_of(pair))).collect::<Vec<_>>().join(" ")
}

fn xxd(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:08x}: {:<39}  {}", pairs(row), ascii(row)))
}

fn xxd_plain(bytes: &[u8]) -> String {
    bytes.chunks(30).map(|row| hex(row, "") + "\n").collect()
}

fn xxd_include(bytes: &[u8]) -> String {
    let rows: Vec<String> = bytes.chunks(12).map(|row| format!("  0x{}", hex(row, ", 0x"))).collect();
    format!(
        "unsigned char a_bin[] = {{\n{}\n}};\nunsigned int a_bin_len = {};\n",
        rows.join(",\n"),
        bytes.len()
    )
}

fn canonical(bytes: &[u8]) -> String {
    let row = |at: usize, row: &[u8]| {
        let (left, right) = row.split_at(row.len().min(8));
        format!("{at:08x}  {:<23}  {:<23}  |{}|", hex(left, " "), hex(right, " "), ascii(row))
    };
    rows(bytes, row) + &format!("{:08x}\n", bytes.len())
}

fn hexdump(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:07x} {:<39}", words(row, |word| format!("{word:04x}"))))
        + &format!("{:07x}\n", bytes.len())
}

fn od(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:07o} {}", words(row, |word| format!("{word:06o}"))))
        + &format!("{:07o}\n", bytes.len())
}

fn od_words(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:07o} {}", words(row, |word| format!("{word:04x}"))))
        + &format!("{:07o}\n", bytes.len())
}

fn od_bytes(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:07o} {}", hex(row, " "))) + &format!("{:07o}\n", bytes.len())
}

fn od_octal_bytes(bytes: &[u8]) -> String {
    let row = |at: usize, row: &[u8]| {
        let row: Vec<String> = row.iter().map(|byte| format!("{byte:03o}")).collect();
        format!("{at:07o} {}", row.join(" "))
    };
    rows(bytes, row) + &format!("{:07o}\n", bytes.len())
}

fn od_text(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:06x} {:<47}  >{}<", hex(row, " "), ascii(row)))
        + &format!("{:06x}\n", bytes.len())
}

fn tcpdump(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("\t0x{at:04x}:  {}", pairs(row)))
}

fn tcpdump_text(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("\t0x{at:04x}:  {:<39}  {}", pairs(row), ascii(row)))
}

fn wireshark(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:04x}  {:<47}   {}", hex(row, " "), ascii(row)))
}

fn tshark(bytes: &[u8]) -> String {
    let row = |at: usize, row: &[u8]| {
        let (left, right) = row.split_at(row.len().min(8));
        format!("{at:04x}  {:<23}  {:<23}   {}", hex(left, " "), hex(right, " "), ascii(row))
    };
    rows(bytes, row)
}

fn wireshark_plain(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:04x}   {}", hex(row, " ")))
}

fn stream(bytes: &[u8]) -> String {
    hex(bytes, "") + "\n"
}

fn escaped(bytes: &[u8]) -> String {
    // Wireshark puts 17 bytes on the last line, when one would be left over.
    let mut out = String::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let take = if rest.len() == 17 { 17 } else { rest.len().min(16) };
        let (row, after) = rest.split_at(take);
        let end = if after.is_empty() { "" } else { " \\" };
        let _ = writeln!(out, "\"\\x{}\"{end}", hex(row, "\\x"));
        rest = after;
    }
    out
}

fn c_array(bytes: &[u8]) -> String {
    let rows: Vec<String> = bytes
        .chunks(8)
        .map(|row| format!("0x{}, /* {} */", hex(row, ", 0x"), ascii(row).replace("*/", "..")))
        .collect();
    format!("static const unsigned char pkt1[{}] = {{\n{}\n}};\n", bytes.len(), rows.join("\n"))
}

fn go(bytes: &[u8]) -> String {
    format!("[]byte{{0x{}}}\n", hex(bytes, ", 0x"))
}

fn encode(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0_u32, |sum, at| sum << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * at) & 63) as usize];
            out.push(if at > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    encode(bytes) + "\n"
}

fn mime(bytes: &[u8]) -> String {
    let text = encode(bytes);
    text.as_bytes().chunks(64).map(|row| String::from_utf8_lossy(row).into_owned() + "\n").collect()
}

fn java(bytes: &[u8]) -> String {
    let row = |at: usize, row: &[u8]| {
        let (left, right) = row.split_at(row.len().min(8));
        let text = format!("{}   {}", hex(left, " "), hex(right, " ")).to_uppercase();
        format!("  {at:04X}: {text:<49}  {}", ascii(row))
    };
    rows(bytes, row)
}

fn openssl(bytes: &[u8]) -> String {
    let row = |at: usize, row: &[u8]| {
        let (left, right) = row.split_at(row.len().min(8));
        let dash = if right.is_empty() { "" } else { "-" };
        format!("{at:04x} - {:<47}   {}", format!("{}{dash}{}", hex(left, " "), hex(right, " ")), ascii(row))
    };
    rows(bytes, row)
}

fn openssl_message(bytes: &[u8]) -> String {
    rows(bytes, |_, row| format!("    {}", hex(row, " ")))
}

fn curl(bytes: &[u8]) -> String {
    rows(bytes, |at, row| format!("{at:04x}: {:<47} {}", hex(row, " "), ascii(row)))
}

fn signed(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(|byte| byte.cast_signed().to_string()).collect();
    format!("[{}]\n", numbers.join(", "))
}

fn unsigned(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    format!("data = bytes([{}])\n", numbers.join(","))
}

fn java_literal(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(|byte| format!("(byte) 0x{byte:02X}")).collect();
    format!("byte[] data = {{ {} }};\n", numbers.join(", "))
}

fn python(bytes: &[u8]) -> String {
    let mut out = String::from("b'");
    for byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            b'\'' => out.push_str("\\'"),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out + "'\n"
}

fn nginx(bytes: &[u8]) -> String {
    let mut out = String::from("192.0.2.7 - - [24/Nov/2026:09:00:00 +0000] \"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => {
                let _ = write!(out, "\\x{byte:02X}");
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02X}");
            }
        }
    }
    out + "\" 400 157 \"-\" \"-\"\n"
}

fn rsyslog(bytes: &[u8]) -> String {
    let mut out = String::from("Nov 24 09:00:00 mail in.ftpd[12]: unknown: ");
    for byte in bytes {
        match byte {
            b'!'..=b'"' | b'$'..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "#{byte:03o}");
            }
        }
    }
    out + "\n"
}

fn octal(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in bytes {
        match byte {
            b'!' | b'#'..=b'[' | b']'..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out + "\"\n"
}

fn colons(bytes: &[u8]) -> String {
    hex(bytes, ":").to_uppercase() + "\n"
}

fn dashes(bytes: &[u8]) -> String {
    hex(bytes, "-").to_uppercase() + "\n"
}

fn commas(bytes: &[u8]) -> String {
    hex(bytes, ",") + "\n"
}

fn spaces(bytes: &[u8]) -> String {
    hex(bytes, " ") + "\n"
}

fn node(bytes: &[u8]) -> String {
    format!("<Buffer {}>\n", hex(bytes, " "))
}

/// Forms with offsets: whatever the bytes are, they are a dump.
const DUMPS: [(&str, Encoder); 16] = [
    ("xxd", xxd),
    ("hexdump -C", canonical),
    ("hexdump", hexdump),
    ("od", od),
    ("od -t x2", od_words),
    ("od -t x1", od_bytes),
    ("od -b", od_octal_bytes),
    ("od -A x -t x1z", od_text),
    ("tcpdump -x", tcpdump),
    ("tcpdump -X", tcpdump_text),
    ("Wireshark", wireshark),
    ("tshark -x", tshark),
    ("Wireshark, hex alone", wireshark_plain),
    ("Java", java),
    ("s_client -debug", openssl),
    ("curl", curl),
];

/// Forms that are only recognised by what the bytes are.
const LISTS: [(&str, Encoder); 21] = [
    ("xxd -p", xxd_plain),
    ("xxd -i", xxd_include),
    ("stream", stream),
    ("escaped string", escaped),
    ("C array", c_array),
    ("Go literal", go),
    ("base64", base64),
    ("MIME", mime),
    ("s_client -msg", openssl_message),
    ("signed numbers", signed),
    ("unsigned numbers", unsigned),
    ("Java literal", java_literal),
    ("Python", python),
    ("nginx", nginx),
    ("rsyslog", rsyslog),
    ("octal", octal),
    ("colons", colons),
    ("dashes", dashes),
    ("commas", commas),
    ("spaces", spaces),
    ("Node", node),
];

/// What a form is read as, whatever it is.
fn read_dump(text: &str) -> Option<Vec<u8>> {
    let paste = Paste::text(text);
    let regions = paste.inputs.first()?.regions();
    let found = body(&regions.first()?.lines, None)?;
    Some(found.shown.bytes().to_vec())
}

fn find(text: &str) -> Option<Vec<u8>> {
    let paste = Paste::text(text);
    let regions = paste.inputs.first()?.regions();
    let lines = &regions.first()?.lines;
    (0..lines.len()).find_map(|at| match Hex.find(&lines[at..]) {
        Some((_, Data::HexDump(dump))) => {
            Some(dump.pieces.iter().flat_map(|piece| piece.shown.bytes().to_vec()).collect())
        }
        _ => None,
    })
}

/// A record with the beginning of a ClientHello, and anything behind it.
fn record(body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len()).unwrap_or(u16::MAX);
    let [h, l] = len.to_be_bytes();
    let [rh, rl] = (len + 4).to_be_bytes();
    [&[22, 3, 1, rh, rl, 1, 0, h, l], body].concat()
}

fn prefixed(text: &str, prefix: &str) -> String {
    text.lines().map(|line| format!("{prefix}{line}\n")).collect()
}

const PREFIXES: [&str; 7] = [
    "",
    "> ",
    "    ",
    "app-1  | ",
    "2026-11-24T09:00:00.123456789Z ",
    "11-24 09:00:00.123  1234  5678 D conscrypt: ",
    "Nov 24 09:00:00 host app[12]: ",
];

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 37 + at / 5) as u8).collect()
}

#[test]
fn reads_every_form_at_every_length() {
    for len in 1..=70 {
        let body = pattern(len);
        for (name, form) in DUMPS {
            let text = form(&body);
            assert_eq!(read_dump(&text).as_deref(), Some(body.as_slice()), "{name}, {len} bytes:\n{text}");
        }
        let bytes = record(&body);
        for (name, form) in DUMPS.iter().chain(&LISTS) {
            let text = form(&bytes);
            assert_eq!(find(&text).as_deref(), Some(bytes.as_slice()), "{name}, {len} bytes:\n{text}");
        }
    }
}

#[test]
fn reads_every_form_behind_prefixes_and_with_other_line_ends() {
    let bytes = record(&pattern(77));
    for (name, form) in DUMPS.iter().chain(&LISTS) {
        let text = form(&bytes).replace('\n', "\r\n");
        assert_eq!(find(&text).as_deref(), Some(bytes.as_slice()), "{name}:\n{text}");
        for prefix in PREFIXES {
            let text = prefixed(&form(&bytes), prefix);
            assert_eq!(find(&text).as_deref(), Some(bytes.as_slice()), "{name} behind {prefix:?}:\n{text}");
        }
    }
}

#[test]
fn reads_every_form_cut_off_anywhere() {
    let bytes = record(&pattern(60));
    for (name, form) in DUMPS.iter().chain(&LISTS) {
        let text = form(&bytes);
        for end in 0..text.len() {
            let Some(cut) = text.get(..end) else { continue };
            if let Some(read) = find(cut) {
                // The zero that fills up the last word is only told by the offset behind it.
                let read = read.strip_suffix(&[0]).filter(|_| !bytes.starts_with(&read)).unwrap_or(&read);
                assert!(bytes.starts_with(read), "{name} cut at {end}:\n{cut}\n{read:02x?}");
                // No more is lost than what the cut went through.
                let share = end * bytes.len() / text.len();
                assert!(read.len() + 40 >= share, "{name} cut at {end}: {} of {share}", read.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reads_any_bytes_back(body in proptest::collection::vec(any::<u8>(), 1..200)) {
        for (name, form) in DUMPS {
            let text = form(&body);
            prop_assert_eq!(read_dump(&text), Some(body.clone()), "{}:\n{}", name, text);
        }
        let bytes = record(&body);
        for (name, form) in DUMPS.iter().chain(&LISTS) {
            let text = form(&bytes);
            prop_assert_eq!(find(&text), Some(bytes.clone()), "{}:\n{}", name, text);
        }
    }

    #[test]
    fn never_fails(text in "[ -~\n]{0,300}") {
        find(&text);
    }
}

#[test]
fn leaves_other_digits_alone() {
    for text in [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  -",
        "SHA256 Fingerprint=9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08",
        "serial 0x66da0832170e73665c0b30209d4ac40e64cc6989",
        "550e8400-e29b-41d4-a716-446655440000",
        "color: #161616; background: #030301",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]",
        "2026-11-24 09:00:00 0000 1111 2222 request took 12 ms",
        "00:1a:2b:3c:4d:5e",
        "HRESULT 0x80090326, 0x80131501",
        r"C:\x16\x17\notes.txt",
        "commit 4ed0510aa591173fa0670e43bcf76fa7b9b410dbb62e",
    ] {
        assert_eq!(find(text), None, "{text}");
    }
}
