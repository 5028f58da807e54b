//! Reads tag, length, value, also where bytes are missing.
//!
//! In:  DER, or BER as old programs write it; whole, or cut off.
//! Out: one [`Tlv`] after the other; BER as DER.
//! Not here: what the values mean.

/// Deeper than this no certificate, key or container nests.
const DEPTH: usize = 24;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;

/// A value with its tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tlv<'a> {
    pub(super) tag: u8,
    /// What is there of the value.
    pub(super) value: &'a [u8],
    /// The value with its header.
    pub(super) whole: &'a [u8],
    /// Nothing is missing at the end.
    pub(super) complete: bool,
}

/// The values that stand one behind the other in some bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Values<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let (tlv, rest) = read(self.0)?;
        self.0 = rest;
        Some(tlv)
    }
}

impl<'a> Tlv<'a> {
    /// What is inside a constructed value.
    pub(super) fn values(&self) -> Values<'a> {
        Values(if self.tag & 0x20 == 0 { &[] } else { self.value })
    }

    /// What is inside, where the tag is this one.
    pub(super) fn of(self, tag: u8) -> Option<Self> {
        (self.tag == tag).then_some(self)
    }
}

/// The first value of some bytes, and what is behind it.
pub(super) fn read(bytes: &[u8]) -> Option<(Tlv<'_>, &[u8])> {
    let (tag, header, length) = header(bytes)?;
    let body = bytes.get(header..)?;
    let end = match length {
        Some(length) => length,
        // Indefinite: as far as the bytes go; `to_der` finds the real end.
        None => body.len(),
    };
    let complete = end <= body.len();
    let (value, rest) = body.split_at(end.min(body.len()));
    let whole = bytes.get(..header + value.len())?;
    Some((Tlv { tag, value, whole, complete }, rest))
}

/// How many bytes a value says that it has, header included; `None` where it does not say.
pub(super) fn declared(bytes: &[u8]) -> Option<usize> {
    let (_, header, length) = header(bytes)?;
    header.checked_add(length?)
}

/// Tag, length of the header, length of the value.
fn header(bytes: &[u8]) -> Option<(u8, usize, Option<usize>)> {
    let (&tag, rest) = bytes.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    match first {
        0..=0x7f => Some((tag, 2, Some(usize::from(first)))),
        0x80 => Some((tag, 2, None)),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let length =
                rest.get(..count)?.iter().fold(0_u64, |length, byte| (length << 8) | u64::from(*byte));
            Some((tag, 2 + count, Some(usize::try_from(length).ok()?)))
        }
        _ => None,
    }
}

/// BER as DER: lengths that are given at the end, and strings in pieces. What is DER stays as it is.
pub(super) fn to_der(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    convert(bytes, &mut out, DEPTH)?;
    Some(out)
}

/// Converts one value; what is behind it.
fn convert<'a>(bytes: &'a [u8], out: &mut Vec<u8>, depth: usize) -> Option<&'a [u8]> {
    let depth = depth.checked_sub(1)?;
    let (tag, header, length) = header(bytes)?;
    let body = bytes.get(header..)?;
    if tag & 0x20 == 0 {
        let (value, rest) = body.split_at_checked(length?)?;
        write(out, tag, value);
        return Some(rest);
    }
    let mut inner = Vec::new();
    let rest = match length {
        Some(length) => {
            let (mut value, rest) = body.split_at_checked(length)?;
            while !value.is_empty() {
                value = convert(value, &mut inner, depth)?;
            }
            rest
        }
        None => {
            let mut value = body;
            while !value.starts_with(&[0, 0]) {
                value = convert(value, &mut inner, depth)?;
            }
            value.get(2..)?
        }
    };
    // A string in pieces becomes one: its pieces are strings of the same kind.
    if tag == OCTET_STRING | 0x20 {
        let whole: Vec<u8> = Values(&inner).flat_map(|piece| piece.value).copied().collect();
        write(out, OCTET_STRING, &whole);
    } else {
        write(out, tag, &inner);
    }
    Some(rest)
}

/// Appends one value.
pub(super) fn write(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    out.push(tag);
    match u8::try_from(value.len()) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let bytes = value.len().to_be_bytes();
            let length = bytes.split_at(bytes.iter().take_while(|byte| **byte == 0).count()).1;
            out.push(0x80 | u8::try_from(length.len()).unwrap_or(8));
            out.extend_from_slice(length);
        }
    }
    out.extend_from_slice(value);
}

/// One value by itself.
pub(super) fn value(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 6);
    write(&mut out, tag, value);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there_of_a_value_that_was_cut() {
        let (tlv, rest) = read(&[0x30, 0x05, 0x02, 0x01, 0x07]).expect("a value");
        assert_eq!((tlv.complete, tlv.values().count(), rest.len()), (false, 1, 0));
        assert_eq!(declared(&[0x30, 0x82, 0x01, 0x00]), Some(260));
        assert!(read(&[0x30]).is_none());
    }

    #[test]
    fn makes_der_of_indefinite_lengths() {
        let ber = [0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0xaa, 0x04, 0x01, 0xbb, 0, 0, 0, 0];
        assert_eq!(to_der(&ber), Some(vec![0x30, 0x04, 0x04, 0x02, 0xaa, 0xbb]));
        assert_eq!(to_der(&ber[..8]), None);
    }
}
