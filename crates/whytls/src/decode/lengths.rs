//! Reads numbers that are no lengths: the first bytes of another protocol, taken for one.
//!
//! In:  `Invalid receive (size = 369296129 larger than 104857600)`, `message len 1347703880 is invalid`.
//! Out: what the bytes are: a ClientHello, an alert, the words of a text protocol.
//! Not here: numbers on a line that speaks of no size.

use std::ops::Range;

use super::marks::{Mark, Marks};
use super::{Artifact, Data, MANY};
use crate::evidence::{Evidence, Statement};
use crate::paste::{Paste, word};

/// How text protocols begin.
const TEXTS: [&[u8; 4]; 19] = [
    b"HTTP", b"GET ", b"POST", b"HEAD", b"PUT ", b"OPTI", b"CONN", b"PRI ", b"SSH-", b"220 ", b"220-",
    b"EHLO", b"* OK", b"+OK ", b"-ERR", b"AMQP", b"<htm", b"<!DO", b"<?xm",
];

/// The same of a length of three bytes, as in MySQL and HTTP/2; digits and marks could be a length.
const SHORT: [&[u8; 3]; 5] = [b"HTT", b"GET", b"POS", b"PRI", b"SSH"];

/// Words of a line that tells of a size; in small letters.
pub(super) const SIZES: [&str; 12] = [
    "size",
    "length",
    "len",
    "larg",
    "exceed",
    "limit",
    "max",
    "too long",
    "too big",
    "allocat",
    "out of range",
    "bytes",
];

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (id, artifact) in artifacts.iter().enumerate() {
        if !matches!(
            artifact.data,
            Data::Log | Data::Transcript | Data::Prose | Data::Trace(_) | Data::DotnetTrace(_)
        ) {
            continue;
        }
        let Some(input) = paste.inputs.get(artifact.input) else { continue };
        let marks = Marks::of(input);
        let mut found = 0;
        for line in input.lines(artifact.span).filter(|line| marks.any(Mark::Size, &line.range())) {
            let told = numbers(line.beginning())
                .into_iter()
                .filter_map(|(place, number)| first_bytes(number).map(|told| (place, told)));
            for (place, (states, shown)) in told {
                found += 1;
                if found <= MANY {
                    let seen = Evidence::new(id, artifact.input, line.span_at(place), states);
                    evidence.push(Evidence { shown: Some(shown), ..seen });
                }
            }
        }
    }
}

/// The numbers of seven digits or more, decimal (`4,739,923` as well) or `0x…`, that are words of their own.
fn numbers(line: &str) -> Vec<(Range<usize>, u64)> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = word(rest);
        let mut end = at + length;
        // A number has seven digits, or groups of them behind commas.
        let may_be = length >= 7 || bytes.get(end) == Some(&b',');
        if !may_be || !rest.first().is_some_and(u8::is_ascii_digit) {
            at += length.max(1);
            continue;
        }
        // Groups of three digits, as Java's MessageFormat writes them.
        while bytes.get(end) == Some(&b',')
            && bytes.get(end + 1..end + 4).is_some_and(|group| group.iter().all(u8::is_ascii_digit))
            && !bytes.get(end + 4).is_some_and(u8::is_ascii_alphanumeric)
            && bytes
                .get(at..end)
                .is_some_and(|digits| digits.iter().all(|c| c.is_ascii_digit() || *c == b','))
        {
            end += 4;
        }
        let token = line.get(at..end).unwrap_or_default();
        let number = match token.strip_prefix("0x") {
            Some(hex) if hex.len() >= 6 => u64::from_str_radix(hex, 16).ok(),
            None if token.len() >= 7 => token.replace(',', "").parse().ok(),
            _ => None,
        };
        found.extend(number.map(|number| (at..end, number)));
        at = end;
    }
    found
}

/// What the bytes of a number are, whichever end of it came first, where they begin a protocol.
fn first_bytes(number: u64) -> Option<(Vec<Statement>, String)> {
    let orders: Vec<[u8; 4]> = match u32::try_from(number) {
        Ok(number) if number <= 0x00ff_ffff => {
            let [_, a, b, c] = number.to_be_bytes();
            let (big, little) = ([a, b, c], [c, b, a]);
            // The other way round a record's beginning is as good as any length.
            return if SHORT.contains(&&big) || is_record(&big) {
                Some(told(number.into(), &big))
            } else {
                SHORT.contains(&&little).then(|| told(number.into(), &little))
            };
        }
        Ok(number) => vec![number.to_be_bytes(), number.to_le_bytes()],
        Err(_) => {
            let ends = |bytes: [u8; 8]| bytes.first_chunk().copied();
            [ends(number.to_be_bytes()), ends(number.to_le_bytes())].into_iter().flatten().collect()
        }
    };
    let known = |bytes: &[u8; 4]| TEXTS.contains(&bytes) || is_record(bytes);
    orders.iter().find(|bytes| known(bytes)).map(|bytes| told(number, bytes))
}

/// Whether bytes begin a record of TLS that opens a connection, or refuses one.
fn is_record(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 3, 0..=4, ..])
}

fn told(number: u64, bytes: &[u8]) -> (Vec<Statement>, String) {
    let states = match bytes.first() {
        // Only who was connected to gets a ClientHello.
        Some(0x16) => vec![Statement::new("error", "tls-as-length"), Statement::new("speaker", "server")],
        Some(0x15) => vec![Statement::new("error", "plain-to-tls-port")],
        _ => vec![Statement::new("error", "text-as-length")],
    };
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let text: String =
        bytes.iter().map(|byte| char::from(*byte)).filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    let text = if text.len() == bytes.len() { format!(" \"{text}\"") } else { String::new() };
    (states, format!("{number} = {}{text}", hex.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in(line: &str) -> Vec<String> {
        let read = numbers(line).into_iter().filter_map(|(_, number)| first_bytes(number));
        read.map(|(states, _)| states.first().map_or(String::new(), |state| state.value.to_string()))
            .collect()
    }

    #[test]
    fn tells_what_was_taken_for_a_length() {
        for (line, what) in [
            ("Invalid receive (size = 369296129 larger than 104857600)", "tls-as-length"),
            ("Invalid receive (size = 352518912 larger than 2147483647)", "plain-to-tls-port"),
            ("recv(): message len 1347703880 is invalid. Min 16 Max: 48000000", "text-as-length"),
            ("Frame size (1213486160) larger than protocol max length (16384000)!", "text-as-length"),
            ("Packet for query is too large (4,739,923 > 65,535).", "text-as-length"),
            ("unexpected message length: 1442561 bytes", "tls-as-length"),
            ("bad length 0x16030100", "tls-as-length"),
            ("message len 16843542 is invalid", "tls-as-length"),
            ("length 1586111514970226688 is too long", "tls-as-length"),
        ] {
            assert_eq!(read_in(line), [what], "{line}");
        }
    }

    #[test]
    fn leaves_lengths_alone() {
        for line in
            ["Packet for query is too large (5346289 > 4194304)", "size 66326", "len 104857600", "369296129k"]
        {
            assert!(read_in(line).is_empty(), "{line}: {:?}", read_in(line));
        }
    }
}
