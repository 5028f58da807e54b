//! Opens encrypted records and packets with the secrets of a key log.
//!
//! In:  a secret, what the hellos agreed on, and records in order.
//! Out: what stood in them; `None` where the secret does not fit.
//! Not here: where secrets come from (`keylog`); they leave this module in no form.

use aes::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use aes::{Aes128, Aes256};
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use ccm::Ccm;
use ccm::consts::{U8, U12, U16};
use chacha20poly1305::ChaCha20Poly1305;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384};

use super::flow::Side;
use super::handshake::Handshake;
use super::record::Header;
use crate::tls::{CipherSuite, Version};

/// The hash of a key schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
}

/// A cipher that checks what it opens.
pub(crate) enum Aead {
    Aes128(Box<Aes128Gcm>),
    Aes256(Box<Aes256Gcm>),
    ChaCha(Box<ChaCha20Poly1305>),
    Aes128Ccm(Box<Ccm<Aes128, U16, U12>>),
    Aes256Ccm(Box<Ccm<Aes256, U16, U12>>),
    Aes128Ccm8(Box<Ccm<Aes128, U8, U12>>),
    Aes256Ccm8(Box<Ccm<Aes256, U8, U12>>),
}

/// Which of them a suite names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Aes128,
    Aes256,
    ChaCha,
    Aes128Ccm,
    Aes256Ccm,
    /// With a tag of eight bytes (RFC 6655).
    Aes128Ccm8,
    Aes256Ccm8,
}

impl Kind {
    /// The cipher and the hash of a suite; the hash of its key schedule.
    pub(crate) fn of(suite: CipherSuite) -> Option<(Self, Hash)> {
        let name = suite.name()?;
        let hash = if name.ends_with("SHA384") { Hash::Sha384 } else { Hash::Sha256 };
        let kind = if name.contains("AES_128_GCM") {
            Self::Aes128
        } else if name.contains("AES_256_GCM") {
            Self::Aes256
        } else if name.contains("CHACHA20_POLY1305") {
            Self::ChaCha
        } else if name.contains("AES_128_CCM_8") {
            Self::Aes128Ccm8
        } else if name.contains("AES_256_CCM_8") {
            Self::Aes256Ccm8
        } else if name.contains("AES_128_CCM") {
            Self::Aes128Ccm
        } else if name.contains("AES_256_CCM") {
            Self::Aes256Ccm
        } else {
            return None;
        };
        Some((kind, hash))
    }

    pub(crate) fn key_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes128Ccm | Self::Aes128Ccm8 => 16,
            Self::Aes256 | Self::ChaCha | Self::Aes256Ccm | Self::Aes256Ccm8 => 32,
        }
    }

    fn tag_length(self) -> usize {
        if matches!(self, Self::Aes128Ccm8 | Self::Aes256Ccm8) { 8 } else { 16 }
    }
}

impl Aead {
    pub(crate) fn new(kind: Kind, key: &[u8]) -> Option<Self> {
        Some(match kind {
            Kind::Aes128 => Self::Aes128(Box::new(Aes128Gcm::new_from_slice(key).ok()?)),
            Kind::Aes256 => Self::Aes256(Box::new(Aes256Gcm::new_from_slice(key).ok()?)),
            Kind::ChaCha => Self::ChaCha(Box::new(ChaCha20Poly1305::new_from_slice(key).ok()?)),
            Kind::Aes128Ccm => Self::Aes128Ccm(Box::new(Ccm::new_from_slice(key).ok()?)),
            Kind::Aes256Ccm => Self::Aes256Ccm(Box::new(Ccm::new_from_slice(key).ok()?)),
            Kind::Aes128Ccm8 => Self::Aes128Ccm8(Box::new(Ccm::new_from_slice(key).ok()?)),
            Kind::Aes256Ccm8 => Self::Aes256Ccm8(Box::new(Ccm::new_from_slice(key).ok()?)),
        })
    }

    pub(crate) fn open(&self, nonce: [u8; 12], aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload { msg, aad };
        match self {
            Self::Aes128(aead) => aead.decrypt(&nonce.into(), payload).ok(),
            Self::Aes256(aead) => aead.decrypt(&nonce.into(), payload).ok(),
            Self::ChaCha(aead) => aead.decrypt(&nonce.into(), payload).ok(),
            Self::Aes128Ccm(aead) => aead.decrypt(&nonce.into(), payload).ok(),
            Self::Aes256Ccm(aead) => aead.decrypt(&nonce.into(), payload).ok(),
            Self::Aes128Ccm8(aead) => aead.decrypt(&nonce.into(), payload).ok(),
            Self::Aes256Ccm8(aead) => aead.decrypt(&nonce.into(), payload).ok(),
        }
    }
}

/// One block of AES, for the protection of packet numbers.
pub(crate) fn aes_block(key: &[u8], block: [u8; 16]) -> Option<[u8; 16]> {
    let mut block = Array(block);
    if key.len() == 16 {
        Aes128::new_from_slice(key).ok()?.encrypt_block(&mut block);
    } else {
        Aes256::new_from_slice(key).ok()?.encrypt_block(&mut block);
    }
    Some(block.0)
}

/// The mask of ChaCha20 over a sample: its first four bytes count the block, the rest is the nonce.
pub(crate) fn chacha_mask(key: &[u8], sample: [u8; 16]) -> Option<[u8; 16]> {
    use chacha20::ChaCha20;
    use chacha20::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};

    let (counter, nonce) = sample.split_first_chunk::<4>()?;
    let mut cipher = ChaCha20::new_from_slices(key, nonce).ok()?;
    cipher.try_seek(u64::from(u32::from_le_bytes(*counter)) * 64).ok()?;
    let mut mask = [0; 16];
    cipher.apply_keystream(&mut mask);
    Some(mask)
}

/// HKDF-Expand-Label with an empty context (RFC 8446 §7.1).
pub(crate) fn expand(hash: Hash, secret: &[u8], prefix: &str, label: &str, length: usize) -> Option<Vec<u8>> {
    let mut info = u16::try_from(length).ok()?.to_be_bytes().to_vec();
    info.push(u8::try_from(prefix.len() + label.len()).ok()?);
    info.extend_from_slice(prefix.as_bytes());
    info.extend_from_slice(label.as_bytes());
    info.push(0);
    let mut out = vec![0; length];
    match hash {
        Hash::Sha256 => Hkdf::<Sha256>::from_prk(secret).ok()?.expand(&info, &mut out).ok()?,
        Hash::Sha384 => Hkdf::<Sha384>::from_prk(secret).ok()?.expand(&info, &mut out).ok()?,
    }
    Some(out)
}

/// Opens the records of one direction.
pub(crate) struct Opener {
    seal: Seal,
    sequence: u64,
}

enum Seal {
    Tls13 {
        suite: CipherSuite,
        secret: Vec<u8>,
        aead: Aead,
        iv: [u8; 12],
    },
    /// AES-GCM and AES-CCM in TLS 1.2: half of the nonce stands in the record.
    Explicit {
        aead: Aead,
        salt: [u8; 4],
        tag: usize,
    },
    /// ChaCha20-Poly1305 in TLS 1.2.
    ChaCha {
        aead: Aead,
        iv: [u8; 12],
    },
    /// AES-CBC: the last block, where the next record's vector is that.
    Cbc {
        cipher: Block,
        last: Option<[u8; 16]>,
        mac: usize,
        encrypt_then_mac: bool,
    },
}

enum Block {
    Aes128(Box<Aes128>),
    Aes256(Box<Aes256>),
}

// Sessions are shown while debugging; their keys are not.
impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opener")
    }
}

impl Opener {
    /// TLS 1.3, by one of its traffic secrets.
    pub(crate) fn tls13(suite: CipherSuite, secret: &[u8]) -> Option<Self> {
        let (kind, hash) = Kind::of(suite)?;
        let key = expand(hash, secret, "tls13 ", "key", kind.key_length())?;
        let iv = expand(hash, secret, "tls13 ", "iv", 12)?.try_into().ok()?;
        let aead = Aead::new(kind, &key)?;
        Some(Self { seal: Seal::Tls13 { suite, secret: secret.to_vec(), aead, iv }, sequence: 0 })
    }

    /// TLS 1.0 to 1.2, by the master secret.
    pub(crate) fn tls12(agreed: &Handshake, master: &[u8], from: Side) -> Option<Self> {
        let (version, suite) = (agreed.version?, agreed.cipher?);
        let name = suite.name()?;
        let seed = [agreed.server_random?, agreed.client_random?].concat();
        let aead = Kind::of(suite);
        let (mac, key, iv) = match aead {
            Some((Kind::ChaCha, _)) => (0, 32, 12),
            Some((kind, _)) => (0, kind.key_length(), 4),
            None => {
                let mac = match name.rsplit('_').next()? {
                    "MD5" => 16,
                    "SHA" => 20,
                    "SHA256" => 32,
                    "SHA384" => 48,
                    _ => return None,
                };
                (mac, if name.contains("AES_128_CBC") { 16 } else { 32 }, 16)
            }
        };
        let is_cbc = name.contains("AES_128_CBC") || name.contains("AES_256_CBC");
        if aead.is_none() && !is_cbc {
            return None;
        }
        let block =
            prf(version, name.ends_with("SHA384"), master, b"key expansion", &seed, 2 * (mac + key + iv))?;
        let mut parts = super::bytes::Reader::new(&block);
        parts.take(2 * mac)?;
        let keys = [parts.take(key)?, parts.take(key)?];
        let ivs = [parts.take(iv)?, parts.take(iv)?];
        let [key, iv] = match from {
            Side::Client => [keys.first()?, ivs.first()?],
            Side::Server => [keys.last()?, ivs.last()?],
        };
        let seal = match aead {
            Some((Kind::ChaCha, _)) => {
                Seal::ChaCha { aead: Aead::new(Kind::ChaCha, key)?, iv: (*iv).try_into().ok()? }
            }
            Some((kind, _)) => Seal::Explicit {
                aead: Aead::new(kind, key)?,
                salt: (*iv).try_into().ok()?,
                tag: kind.tag_length(),
            },
            None => Seal::Cbc {
                cipher: if key.len() == 16 {
                    Block::Aes128(Box::new(Aes128::new_from_slice(key).ok()?))
                } else {
                    Block::Aes256(Box::new(Aes256::new_from_slice(key).ok()?))
                },
                // From TLS 1.1 on, the vector stands in the record.
                last: if version == Version::TLS10 { (*iv).try_into().ok() } else { None },
                mac,
                encrypt_then_mac: agreed.encrypt_then_mac,
            },
        };
        Some(Self { seal, sequence: 0 })
    }

    /// Its records are all of one outer type, with the true one inside.
    pub(crate) fn is_13(&self) -> bool {
        matches!(self.seal, Seal::Tls13 { .. })
    }

    /// A record that the capture does not have.
    pub(crate) fn skipped(&mut self) {
        self.sequence += 1;
    }

    /// The number of the next record, where it is told.
    pub(crate) fn seek(&mut self, sequence: u64) {
        self.sequence = sequence;
    }

    /// KeyUpdate: the next generation of the traffic secret.
    pub(crate) fn update(&mut self) {
        if let Seal::Tls13 { suite, secret, .. } = &self.seal
            && let Some((_, hash)) = Kind::of(*suite)
            && let Some(next) = expand(hash, secret, "tls13 ", "traffic upd", secret.len())
            && let Some(opener) = Self::tls13(*suite, &next)
        {
            *self = opener;
        }
    }

    /// The type and the content of a record.
    pub(crate) fn open(&mut self, header: Header, sealed: &[u8]) -> Option<(u8, Vec<u8>)> {
        let opened = self.content(header, sealed);
        // Early data that were refused are sealed with another key, and do not count.
        if opened.is_some() || !self.is_13() {
            self.sequence += 1;
        }
        opened
    }

    fn content(&mut self, header: Header, sealed: &[u8]) -> Option<(u8, Vec<u8>)> {
        let length = u16::try_from(sealed.len()).ok()?;
        let version = header.version.0.to_be_bytes();
        let outer = [&[header.kind], version.as_slice(), &length.to_be_bytes()].concat();
        let sequence = self.sequence;
        let counted = |plain: usize| {
            let plain = u16::try_from(plain).unwrap_or_default().to_be_bytes();
            [sequence.to_be_bytes().as_slice(), &[header.kind], &version, &plain].concat()
        };
        match &mut self.seal {
            Seal::Tls13 { aead, iv, .. } => {
                let mut opened = aead.open(nonce(*iv, sequence), &outer, sealed)?;
                // Zeros pad the content; the type stands before them.
                while opened.last() == Some(&0) {
                    opened.pop();
                }
                let kind = opened.pop()?;
                Some((kind, opened))
            }
            Seal::Explicit { aead, salt, tag } => {
                let (explicit, sealed) = sealed.split_at_checked(8)?;
                let nonce = [salt.as_slice(), explicit].concat().try_into().ok()?;
                let opened = aead.open(nonce, &counted(sealed.len().checked_sub(*tag)?), sealed)?;
                Some((header.kind, opened))
            }
            Seal::ChaCha { aead, iv } => {
                let opened =
                    aead.open(nonce(*iv, sequence), &counted(sealed.len().checked_sub(16)?), sealed)?;
                Some((header.kind, opened))
            }
            Seal::Cbc { cipher, last, mac, encrypt_then_mac } => {
                let (sealed, mac) = if *encrypt_then_mac {
                    (sealed.get(..sealed.len().checked_sub(*mac)?)?, 0)
                } else {
                    (sealed, *mac)
                };
                let mut opened = cbc(cipher, last, sealed)?;
                let padding = usize::from(*opened.last()?);
                let end = opened.len().checked_sub(padding + 1 + mac)?;
                let filler = opened.get(opened.len() - padding - 1..)?;
                if filler.iter().any(|byte| usize::from(*byte) != padding) {
                    return None;
                }
                opened.truncate(end);
                Some((header.kind, opened))
            }
        }
    }
}

/// Every whole block; where the vector stands in the record, it is not part of what comes out.
fn cbc(cipher: &Block, last: &mut Option<[u8; 16]>, sealed: &[u8]) -> Option<Vec<u8>> {
    let (blocks, []) = sealed.as_chunks::<16>() else { return None };
    let implicit = last.is_some();
    let (mut vector, blocks) = match (*last, blocks) {
        (Some(vector), blocks) => (vector, blocks),
        (None, [vector, blocks @ ..]) => (*vector, blocks),
        (None, []) => return None,
    };
    let mut out = Vec::with_capacity(sealed.len());
    for block in blocks {
        let mut plain = Array(*block);
        match cipher {
            Block::Aes128(cipher) => cipher.decrypt_block(&mut plain),
            Block::Aes256(cipher) => cipher.decrypt_block(&mut plain),
        }
        out.extend(plain.iter().zip(vector).map(|(a, b)| a ^ b));
        vector = *block;
    }
    if implicit {
        *last = Some(vector);
    }
    Some(out)
}

/// The vector with the sequence number in its last bytes.
pub(crate) fn nonce(mut iv: [u8; 12], sequence: u64) -> [u8; 12] {
    for (byte, number) in iv.iter_mut().skip(4).zip(sequence.to_be_bytes()) {
        *byte ^= number;
    }
    iv
}

/// A hash with a key, over several parts.
type Keyed = fn(&[u8], &[&[u8]]) -> Option<Vec<u8>>;

/// The pseudorandom function of TLS 1.0 to 1.2.
fn prf(
    version: Version,
    sha384: bool,
    secret: &[u8],
    label: &[u8],
    seed: &[u8],
    length: usize,
) -> Option<Vec<u8>> {
    let seed = [label, seed].concat();
    if version == Version::TLS12 || version == Version::DTLS12 {
        let mac: Keyed = if sha384 { hmac_sha384 } else { hmac_sha256 };
        return stretch(mac, secret, &seed, length);
    }
    if !matches!(version, Version::TLS10 | Version::TLS11 | Version::DTLS10) {
        return None;
    }
    let half = secret.len().div_ceil(2);
    let md5 = stretch(hmac_md5, secret.get(..half)?, &seed, length)?;
    let sha1 = stretch(hmac_sha1, secret.get(secret.len() - half..)?, &seed, length)?;
    Some(md5.iter().zip(sha1).map(|(a, b)| a ^ b).collect())
}

fn stretch(mac: Keyed, secret: &[u8], seed: &[u8], length: usize) -> Option<Vec<u8>> {
    let (mut out, mut a) = (Vec::new(), mac(secret, &[seed])?);
    while out.len() < length {
        out.extend(mac(secret, &[&a, seed])?);
        a = mac(secret, &[&a])?;
    }
    out.truncate(length);
    Some(out)
}

macro_rules! hmac_with {
    ($name:ident, $hash:ty) => {
        fn $name(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
            let mut mac = Hmac::<$hash>::new_from_slice(key).ok()?;
            parts.iter().for_each(|part| mac.update(part));
            Some(mac.finalize().into_bytes().to_vec())
        }
    };
}

hmac_with!(hmac_md5, Md5);
hmac_with!(hmac_sha1, Sha1);
hmac_with!(hmac_sha256, Sha256);
hmac_with!(hmac_sha384, Sha384);
