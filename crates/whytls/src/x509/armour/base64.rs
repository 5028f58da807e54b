//! Decodes base64 that somebody had in hand.
//!
//! In:  characters of base64 in either alphabet, with or without padding.
//! Out: bytes, and what was not as it should be.
//! Not here: where it begins and ends.

/// The value of a character, in both alphabets.
pub(super) fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Bytes; `=` inside begins anew, as where two texts were joined.
pub(crate) fn decode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    for piece in text.split(|byte| *byte == b'=') {
        for group in piece.chunks(4) {
            let bits = group
                .iter()
                .filter_map(|byte| value(*byte))
                .fold(0_u32, |bits, six| (bits << 6) | u32::from(six));
            let [_, a, b, c] = (bits << (6 * (4 - group.len()))).to_be_bytes();
            bytes.extend([a, b, c].iter().take(group.len() * 3 / 4));
        }
    }
    bytes
}

/// How four bytes begin in base64: the characters that no later byte changes.
pub(super) fn encode(bytes: [u8; 4]) -> String {
    let bits = u32::from_be_bytes(bytes);
    (0..5_u32)
        .filter_map(|at| {
            let six = bits >> (26 - 6 * at) & 63;
            (b'0'..=b'z').chain(*b"+/").find(|byte| value(*byte).map(u32::from) == Some(six))
        })
        .map(char::from)
        .collect()
}

/// How many characters so many bytes need, without padding.
pub(super) fn characters(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_both_alphabets_with_and_without_padding() {
        assert_eq!(decode(b"aGk="), b"hi");
        assert_eq!(decode(b"aGk"), b"hi");
        assert_eq!(decode(b"-_8"), decode(b"+/8="));
        assert_eq!(decode(b"aGk=aGk="), b"hihi");
        assert_eq!(decode(b"a"), b"");
        assert_eq!(encode([0x30, 0x2e, 0x02, 0x01]), "MC4CA");
        assert_eq!((characters(3), characters(4)), (4, 6));
    }
}
