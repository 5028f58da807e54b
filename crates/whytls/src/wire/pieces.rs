//! Puts together what comes in pieces, in any order and more than once.
//!
//! In:  pieces with their offsets: CRYPTO frames, fragments of DTLS.
//! Out: the bytes from the beginning on, as far as they are there.
//! Not here: TCP, whose pieces may be many and large. That is `stream`.

use std::collections::BTreeMap;

use super::record;

/// No handshake is longer; what claims to stand behind is not kept.
const LONGEST: usize = 1 << 18;

/// Bytes that are there from the beginning on, and pieces that came too early.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    /// Where the next piece is to begin.
    next: usize,
    ahead: BTreeMap<usize, Vec<u8>>,
    /// What is there and was not taken.
    bytes: Vec<u8>,
}

impl Pieces {
    /// A piece. Says whether something of it was new.
    pub(crate) fn add(&mut self, offset: usize, bytes: &[u8]) -> bool {
        let Some(end) = offset.checked_add(bytes.len()).filter(|end| *end <= LONGEST) else { return false };
        if end <= self.next {
            return false;
        }
        let piece = self.ahead.entry(offset).or_default();
        if bytes.len() <= piece.len() {
            return false;
        }
        *piece = bytes.to_vec();
        while let Some(first) = self.ahead.first_entry().filter(|first| *first.key() <= self.next) {
            let (start, bytes) = first.remove_entry();
            let new = bytes.get(self.next - start..).unwrap_or_default();
            self.bytes.extend_from_slice(new);
            self.next += new.len();
        }
        true
    }

    /// How many bytes are there from the beginning on.
    pub(crate) fn length(&self) -> usize {
        self.next
    }

    /// All that is there and was not taken.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The next whole message: its number, and what follows its length.
    pub(crate) fn take_message(&mut self) -> Option<(u8, Vec<u8>)> {
        let (kind, length) = record::message(&self.bytes)?;
        let body = self.bytes.get(4..4 + length)?.to_vec();
        self.bytes.drain(..4 + length);
        Some((kind, body))
    }
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    #[test]
    fn order_and_repetition_do_not_matter() {
        let mut pieces = Pieces::default();
        assert!(pieces.add(4, b"efgh"));
        assert!(pieces.add(2, b"cde"));
        assert_eq!(pieces.length(), 0);
        assert!(!pieces.add(4, b"ef"));
        assert!(pieces.add(0, b"abc"));
        assert_eq!((pieces.length(), pieces.take()), (8, b"abcdefgh".to_vec()));
        assert!(!pieces.add(0, b"abcdefgh"));
        assert!(!pieces.add(usize::MAX, b"x"));
    }
}
