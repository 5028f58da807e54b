//! AES-CCM (RFC 3610), as the suites of RFC 6655 and TLS 1.3 use it.
//!
//! In:  a key, a nonce of twelve bytes, what is sealed and what is only checked.
//! Out: what was sealed; `None` where its tag does not fit.
//! Not here: which suite has how long a tag. That is `decrypt`.

use aes::cipher::{Array, BlockCipherEncrypt as _, KeyInit as _};
use aes::{Aes128, Aes256};

/// A key, with the length of the tag.
pub(crate) struct Ccm {
    key: Key,
    tag: usize,
}

enum Key {
    Aes128(Box<Aes128>),
    Aes256(Box<Aes256>),
}

impl Ccm {
    pub(crate) fn new(key: &[u8], tag: usize) -> Option<Self> {
        let key = if key.len() == 16 {
            Key::Aes128(Box::new(Aes128::new_from_slice(key).ok()?))
        } else {
            Key::Aes256(Box::new(Aes256::new_from_slice(key).ok()?))
        };
        Some(Self { key, tag })
    }

    fn block(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = Array(block);
        match &self.key {
            Key::Aes128(key) => key.encrypt_block(&mut block),
            Key::Aes256(key) => key.encrypt_block(&mut block),
        }
        block.0
    }

    pub(crate) fn open(&self, nonce: [u8; 12], checked: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (sealed, tag) = sealed.split_at_checked(sealed.len().checked_sub(self.tag)?)?;
        let mut opened = Vec::with_capacity(sealed.len());
        for (number, part) in (1_u32..).zip(sealed.chunks(16)) {
            // Three bytes count the blocks: a record has fewer.
            let stream = self.block(numbered(2, nonce, number));
            opened.extend(part.iter().zip(stream).map(|(byte, mask)| byte ^ mask));
        }
        let sum = self.sum(nonce, checked, &opened)?;
        let mask = self.block(numbered(2, nonce, 0));
        let expected = sum.iter().zip(mask).map(|(byte, mask)| byte ^ mask);
        tag.iter().copied().eq(expected.take(self.tag)).then_some(opened)
    }

    /// The CBC-MAC over a block that tells all lengths, what is only checked, and the message.
    fn sum(&self, nonce: [u8; 12], checked: &[u8], message: &[u8]) -> Option<[u8; 16]> {
        let tag = u8::try_from(self.tag.checked_sub(2)? / 2).ok()?;
        let flags = u8::from(!checked.is_empty()) << 6 | tag << 3 | 2;
        let mut sum = self.block(numbered(flags, nonce, u32::try_from(message.len()).ok()?));
        let mut first = Vec::with_capacity(2 + checked.len());
        if !checked.is_empty() {
            first.extend(u16::try_from(checked.len()).ok()?.to_be_bytes());
            first.extend(checked);
        }
        for part in first.chunks(16).chain(message.chunks(16)) {
            sum.iter_mut().zip(part).for_each(|(sum, byte)| *sum ^= byte);
            sum = self.block(sum);
        }
        Some(sum)
    }
}

/// A block of flags, the nonce, and a number of three bytes.
fn numbered(flags: u8, nonce: [u8; 12], number: u32) -> [u8; 16] {
    let mut block = [0; 16];
    let parts = [flags].into_iter().chain(nonce).chain(number.to_be_bytes().into_iter().skip(1));
    block.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Example 3 of NIST SP 800-38C: a nonce of twelve bytes, a tag of eight.
    #[test]
    fn opens_what_is_sealed_with_the_same_key() {
        let key: Vec<u8> = (0x40..0x50).collect();
        let nonce: Vec<u8> = (0x10..0x1c).collect();
        let nonce: [u8; 12] = nonce.try_into().expect("twelve bytes");
        let checked: Vec<u8> = (0..20).collect();
        let message: Vec<u8> = (0x20..0x38).collect();
        let sealed = [
            0xe3, 0xb2, 0x01, 0xa9, 0xf5, 0xb7, 0x1a, 0x7a, 0x9b, 0x1c, 0xea, 0xec, 0xcd, 0x97, 0xe7, 0x0b,
            0x61, 0x76, 0xaa, 0xd9, 0xa4, 0x42, 0x8a, 0xa5, 0x48, 0x43, 0x92, 0xfb, 0xc1, 0xb0, 0x99, 0x51,
        ];
        let ccm = Ccm::new(&key, 8).expect("a key");
        assert_eq!(ccm.open(nonce, &checked, &sealed), Some(message));
        assert_eq!(ccm.open(nonce, &checked[1..], &sealed), None);
        assert_eq!(ccm.open(nonce, &checked, &sealed[..7]), None);
    }
}
