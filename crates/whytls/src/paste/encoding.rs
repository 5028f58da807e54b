//! Makes UTF-8 of whatever encoding a paste came in.
//!
//! In:  bytes from a file or a clipboard.
//! Out: text and the encoding's name, or what kind of binary file it is.
//! Not here: mojibake that was already there when the text was copied.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::BinaryKind;
use crate::wire;
use crate::x509;

/// How much of an input decides about its encoding: enough for any sample, little for a large log.
const SAMPLE: usize = 64 * 1024;

/// zip (office documents are such), gzip, xz, bzip2, zstd, lz4, 7-Zip, RAR.
const PACKED: [&[u8]; 8] = [
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"\xfd7zXZ\0",
    b"BZh91AY&SY",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
];

/// Captures that Wireshark reads: of Sniffer, Visual Networks, Observer, EtherPeek, AIX's iptrace, 5View,
/// LANalyzer, HP-UX's nettl, Tektronix.
const OTHER_CAPTURES: [&[u8]; 10] = [
    b"TRSNIFF data",
    b"XCP\0",
    b"\x05VNF",
    b"ObserverPktBufferVersion=",
    b"\x7fver",
    b"iptrace ",
    b"\xaa\xaa\xaa\xaa\x20\0\0\0",
    b"\x01\x10\x4c\0\x01\x05",
    b"TR\0\x64\0\0",
    b"\0\0\x02\0\x12\x05\0\x10",
];

/// A capture of CommView, which has no mark: its first packet begins with its length and a date.
fn comm_view(bytes: &[u8]) -> bool {
    let date = |at: usize| {
        let Some([low, high, month, day, hour, minute, second, rest @ ..]) = bytes.get(at..at + 11) else {
            return false;
        };
        let year = u16::from_le_bytes([*low, *high]);
        let micros = rest.first_chunk().map_or(u32::MAX, |micros| u32::from_le_bytes(*micros));
        (1995..=2155).contains(&year)
            && (1..=12).contains(month)
            && (1..=31).contains(day)
            && *hour < 24
            && *minute < 60
            && *second < 61
            && micros < 1_000_000
    };
    // The older form has two lengths of two bytes, and a version.
    date(4) || (bytes.get(4) == Some(&0) && date(5))
}

fn begins(bytes: &[u8], marks: &[&[u8]]) -> bool {
    marks.iter().any(|mark| bytes.starts_with(mark))
}

pub(super) fn decode(bytes: &[u8]) -> Result<(String, &'static str, bool), BinaryKind> {
    // Its mark begins with that of UTF-16.
    if let [0xff, 0xfe, 0, 0, rest @ ..] = bytes {
        return Ok(utf32(rest, u32::from_le_bytes, "UTF-32LE"));
    }
    if let [0, 0, 0xfe, 0xff, rest @ ..] = bytes {
        return Ok(utf32(rest, u32::from_be_bytes, "UTF-32BE"));
    }
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Ok(convert(bytes, encoding));
    }
    if wire::recognise(bytes).is_some() {
        return Err(BinaryKind::Capture);
    }
    if begins(bytes, &PACKED) {
        return Err(BinaryKind::Packed);
    }
    if begins(bytes, &OTHER_CAPTURES) || comm_view(bytes) {
        return Err(BinaryKind::OtherCapture);
    }
    if x509::is_binary(bytes) {
        return Err(BinaryKind::Der);
    }
    let quads = bytes.get(..SAMPLE).unwrap_or(bytes).as_chunks::<4>().0;
    if quads.len() >= 4 {
        if quads.iter().all(|quad| (1..=0x0010_ffff).contains(&u32::from_le_bytes(*quad))) {
            return Ok(utf32(bytes, u32::from_le_bytes, "UTF-32LE"));
        }
        if quads.iter().all(|quad| (1..=0x0010_ffff).contains(&u32::from_be_bytes(*quad))) {
            return Ok(utf32(bytes, u32::from_be_bytes, "UTF-32BE"));
        }
    }
    if let Some(encoding) = utf16_without_bom(bytes) {
        return Ok(convert(bytes, encoding));
    }
    if let Some(kind) = binary(bytes) {
        return Err(kind);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => return Ok((text.to_owned(), UTF_8.name(), false)),
        // Cut off inside a character, at either end, is still UTF-8.
        Err(_) if mostly_utf8(bytes) => return Ok(convert(bytes, UTF_8)),
        Err(_) => {}
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, true);
    Ok(convert(bytes, detector.guess(None, Utf8Detection::Allow)))
}

fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut right, mut wrong) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += chunk.invalid().len();
    }
    right > 8 * wrong || right + wrong <= 3
}

fn convert(bytes: &[u8], encoding: &'static Encoding) -> (String, &'static str, bool) {
    // A UTF-8 byte order mark stays where it is, so that places in the text are places in the file.
    let (text, lossy) = if encoding == UTF_8 {
        let (text, lossy) = encoding.decode_without_bom_handling(bytes);
        (text, lossy)
    } else {
        encoding.decode_with_bom_removal(bytes)
    };
    (text.into_owned(), encoding.name(), lossy)
}

/// Four bytes for each character; what is none becomes the sign for that.
fn utf32(bytes: &[u8], number: fn([u8; 4]) -> u32, name: &'static str) -> (String, &'static str, bool) {
    let (quads, rest) = bytes.as_chunks::<4>();
    let mut lossy = !rest.is_empty();
    let text = quads.iter().map(|quad| {
        char::from_u32(number(*quad)).unwrap_or_else(|| {
            lossy = true;
            char::REPLACEMENT_CHARACTER
        })
    });
    (text.collect(), name, lossy)
}

/// UTF-16 that lost its mark has a zero in every second byte wherever it is Latin.
fn utf16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let pairs = sample.as_chunks::<2>().0;
    if pairs.len() < 4 {
        return None;
    }
    let zeros = |at: fn(&[u8; 2]) -> bool| pairs.iter().filter(|pair| at(pair)).count();
    let (low, high) = (zeros(|[a, b]| *a != 0 && *b == 0), zeros(|[a, b]| *a == 0 && *b != 0));
    let most = pairs.len() * 2 / 5;
    // A binary file has zeros on both sides; text has them on one.
    match (low > most && high * 20 < low, high > most && low * 20 < high) {
        (true, _) => Some(UTF_16LE),
        (_, true) => Some(UTF_16BE),
        _ => None,
    }
}

fn binary(bytes: &[u8]) -> Option<BinaryKind> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let controls =
        sample.iter().filter(|byte| matches!(byte, 0x00..=0x08 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f)).count();
    if controls * 20 <= sample.len() {
        return None;
    }
    match bytes {
        [0x30, 0x80..=0x84, ..] => Some(BinaryKind::Der),
        _ => Some(BinaryKind::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "System.IO.IOException: 由于远程方已关闭传输流，身份验证失败。\r\n";

    #[test]
    fn reads_what_windows_users_paste_from() {
        let utf16: Vec<u8> = LINE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_bom = [b"\xff\xfe".as_slice(), &utf16].concat();
        let gbk = encoding_rs::GBK.encode(LINE).0.into_owned();
        let low: Vec<u8> = LINE.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let high: Vec<u8> = LINE.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        let marked = [[0xff, 0xfe, 0, 0].as_slice(), &low].concat();
        for bytes in [LINE.as_bytes(), &utf16, &with_bom, &gbk, &low, &high, &marked] {
            let (text, ..) = decode(bytes).expect("it is text");
            assert_eq!(text, LINE);
        }
    }

    #[test]
    fn keeps_a_utf8_mark_so_that_places_stay_true() {
        let (text, name, _) = decode(b"\xef\xbb\xbfSSL").expect("it is text");
        assert_eq!((text.as_str(), name), ("\u{feff}SSL", "UTF-8"));
    }

    #[test]
    fn a_text_cut_inside_a_character_keeps_its_encoding() {
        let cut = LINE.as_bytes().get(..LINE.len() - 6).expect("it is longer");
        assert!(decode(cut).expect("it is text").0.contains("由于远程方已关闭传输流"));
    }

    #[test]
    fn knows_files_that_are_no_text() {
        let captures: [&[u8]; 7] = [
            b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00",
            b"\xa1\xb2\xc3\xd4\x00\x02\x00\x04",
            b"\x4d\x3c\xb2\xa1\x02\x00\x04\x00",
            b"\x34\xcd\xb2\xa1\x02\x00\x04\x00",
            b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00",
            b"GMBU\x00\x02\x01\x00",
            b"snoop\0\0\0\0\0\0\x02",
        ];
        for capture in captures {
            assert_eq!(decode(capture), Err(BinaryKind::Capture));
        }
        for packed in [b"PK\x03\x04\x14\x00\x06\x00".as_slice(), b"\x28\xb5\x2f\xfd\x24\x0a0\x82"] {
            assert_eq!(decode(packed), Err(BinaryKind::Packed));
        }
        let others: [&[u8]; 5] = [
            b"TRSNIFF data    \x1a",
            b"\xaa\xaa\xaa\xaa\x20\0\0\0\0\0\0\x01",
            b"TR\0\x64\0\0\0\0\0\0\0\x80/tmp",
            b"\x4a\0\x4a\0\0\xea\x07\x0b\x18\x0f\x27\x30\xcd\xdc\x05\0",
            b"\x4a\0\0\0\xea\x07\x0b\x18\x0f\x27\x30\xcd\xdc\x05\0",
        ];
        for other in others {
            assert_eq!(decode(other), Err(BinaryKind::OtherCapture));
        }
        assert!(decode(b"PKIX path building failed").is_ok());
        assert_eq!(decode(&[0x30, 0x82, 1, 0, 2, 1, 0, 0]), Err(BinaryKind::Der));
        assert_eq!(decode(&[0, 1, 2, 3, 4, 5, 6, 7]), Err(BinaryKind::Unknown));
        assert!(decode(b"\x1b[31merror\x1b[0m").is_ok());
    }
}
