//! Reads numbers and counted pieces from bytes, in the order of the network.
//!
//! In:  bytes of a message, perhaps cut off.
//! Out: what can be read; `None` where they end too early.
//! Not here: what the numbers mean.

/// A place in bytes that only moves forward.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// So many bytes.
    pub(crate) fn take(&mut self, many: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(many)?;
        self.0 = rest;
        Some(taken)
    }

    /// So many bytes, or as many as there are.
    pub(crate) fn take_most(&mut self, many: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(many).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u24(&mut self) -> Option<usize> {
        self.array().map(|[a, b, c]| usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Bytes after a length of one byte.
    pub(crate) fn vec8(&mut self) -> Option<&'a [u8]> {
        let many = self.u8()?;
        self.take(many.into())
    }

    /// Bytes after a length of two bytes.
    pub(crate) fn vec16(&mut self) -> Option<&'a [u8]> {
        let many = self.u16()?;
        self.take(many.into())
    }

    /// Bytes after a length of three bytes.
    pub(crate) fn vec24(&mut self) -> Option<&'a [u8]> {
        let many = self.u24()?;
        self.take(many)
    }

    /// A number of QUIC (RFC 9000 §16).
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let first = self.u8()?;
        let mut value = u64::from(first & 0x3f);
        for _ in 1..1_u8 << (first >> 6) {
            value = value << 8 | u64::from(self.u8()?);
        }
        Some(value)
    }
}

/// Numbers of two bytes, as many as there are whole.
pub(crate) fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.as_chunks().0.iter().map(|two| u16::from_be_bytes(*two))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        for digit in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(digit.into(), 16));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_examples_of_rfc_9000() {
        for (bytes, value) in [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c][..], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d][..], 494_878_333),
            (&[0x7b, 0xbd][..], 15_293),
            (&[0x25][..], 37),
        ] {
            assert_eq!(Reader::new(bytes).varint(), Some(value));
            assert_eq!(Reader::new(&bytes[1..]).varint().filter(|_| bytes.len() == 1), None);
        }
        assert_eq!(Reader::new(&[0x7b]).varint(), None);
    }
}
