//! Decrypts what a password protects: PBES2, the schemes of PKCS#12, Java's own.
//!
//! In:  an AlgorithmIdentifier, what it encrypts, a password.
//! Out: the plain bytes, or why not.
//! Not here: encrypting, and guessing passwords. Bounded work, whatever the file asks for.

use aes::cipher::{Array, BlockCipherDecrypt, KeyInit as _};
use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use super::Trouble;
use crate::x509::ber::{INTEGER, OCTET_STRING, OID, SEQUENCE, Tlv};

/// The programs of today write 10,000 to 600,000.
const MOST_ITERATIONS: u64 = 1_000_000;

/// A password in the two ways in which it is fed into a key.
#[derive(Clone)]
pub(super) struct Password {
    utf8: Vec<u8>,
    /// UTF-16 with a zero at the end, as PKCS#12 wants it; nothing at all for no password.
    bmp: Vec<u8>,
}

impl Password {
    pub(super) fn new(text: &str) -> Self {
        let bmp = text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        Self { utf8: text.as_bytes().to_vec(), bmp }
    }

    /// No password, which to PKCS#12 is another than an empty one.
    pub(super) fn none() -> Self {
        Self { utf8: Vec::new(), bmp: Vec::new() }
    }
}

/// What to try: nothing, an empty password, and those that were given.
pub(super) fn candidates(given: &[String]) -> Vec<Password> {
    [Password::new(""), Password::none()]
        .into_iter()
        .chain(given.iter().take(16).map(|text| Password::new(text)))
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// By the identifier of the digest, or of HMAC with it.
    pub(super) fn of(oid: &[u8]) -> Option<Self> {
        Some(match oid {
            b"\x2b\x0e\x03\x02\x1a" | b"\x2a\x86\x48\x86\xf7\x0d\x02\x07" => Self::Sha1,
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x04" | b"\x2a\x86\x48\x86\xf7\x0d\x02\x08" => Self::Sha224,
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x01" | b"\x2a\x86\x48\x86\xf7\x0d\x02\x09" => Self::Sha256,
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x02" | b"\x2a\x86\x48\x86\xf7\x0d\x02\x0a" => Self::Sha384,
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x03" | b"\x2a\x86\x48\x86\xf7\x0d\x02\x0b" => Self::Sha512,
            _ => return None,
        })
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha224 => Sha224::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    fn block(self) -> usize {
        if matches!(self, Self::Sha384 | Self::Sha512) { 128 } else { 64 }
    }

    fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) fn hmac(self, key: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
        macro_rules! with {
            ($hash:ty) => {{
                let mut mac = Hmac::<$hash>::new_from_slice(key).ok()?;
                mac.update(bytes);
                Some(mac.finalize().into_bytes().to_vec())
            }};
        }
        match self {
            Self::Sha1 => with!(Sha1),
            Self::Sha224 => with!(Sha224),
            Self::Sha256 => with!(Sha256),
            Self::Sha384 => with!(Sha384),
            Self::Sha512 => with!(Sha512),
        }
    }

    /// PBKDF2 (RFC 8018 §5.2).
    fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u64, length: usize) -> Option<Vec<u8>> {
        macro_rules! with {
            ($hash:ty) => {{
                let keyed = Hmac::<$hash>::new_from_slice(password).ok()?;
                let run = |bytes: &[&[u8]]| {
                    let mut mac = keyed.clone();
                    bytes.iter().for_each(|bytes| mac.update(bytes));
                    mac.finalize().into_bytes()
                };
                let mut out = Vec::new();
                for block in 1_u32..=8 {
                    let mut last = run(&[salt, &block.to_be_bytes()]);
                    let mut sum = last.clone();
                    for _ in 1..iterations {
                        last = run(&[&last]);
                        sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
                    }
                    out.extend_from_slice(&sum);
                    if out.len() >= length {
                        break;
                    }
                }
                out
            }};
        }
        let mut out = match self {
            Self::Sha1 => with!(Sha1),
            Self::Sha224 => with!(Sha224),
            Self::Sha256 => with!(Sha256),
            Self::Sha384 => with!(Sha384),
            Self::Sha512 => with!(Sha512),
        };
        out.truncate(length);
        (out.len() == length).then_some(out)
    }
}

/// The key derivation of PKCS#12 (RFC 7292 appendix B.2). `id`: 1 a key, 2 an IV, 3 a MAC's key.
pub(super) fn derive(
    hash: Hash,
    password: &Password,
    salt: &[u8],
    id: u8,
    iterations: u64,
    length: usize,
) -> Vec<u8> {
    let block = hash.block();
    let fill = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(length).collect()
    };
    let mut input = fill(salt);
    input.extend(fill(&password.bmp));
    let mut out = Vec::new();
    while out.len() < length {
        let mut last = vec![id; block];
        last.extend_from_slice(&input);
        for _ in 0..iterations.max(1) {
            last = hash.digest(&last);
        }
        out.extend_from_slice(&last);
        let add: Vec<u8> = last.iter().copied().cycle().take(block).collect();
        for part in input.chunks_mut(block) {
            let mut carry = 1_u16;
            for (byte, add) in part.iter_mut().zip(&add).rev() {
                let sum = u16::from(*byte) + u16::from(*add) + carry;
                let [high, low] = sum.to_be_bytes();
                *byte = low;
                carry = u16::from(high);
            }
        }
    }
    out.truncate(length);
    out
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cipher {
    Aes,
    TripleDes,
    /// With this many effective bits.
    Rc2(usize),
}

fn decrypt(cipher: Cipher, key: &[u8], iv: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let out = match (cipher, key.len()) {
        (Cipher::Aes, 16) => cbc(&aes::Aes128::new_from_slice(key).ok()?, iv, bytes),
        (Cipher::Aes, 24) => cbc(&aes::Aes192::new_from_slice(key).ok()?, iv, bytes),
        (Cipher::Aes, 32) => cbc(&aes::Aes256::new_from_slice(key).ok()?, iv, bytes),
        (Cipher::TripleDes, 24) => cbc(&des::TdesEde3::new_from_slice(key).ok()?, iv, bytes),
        (Cipher::Rc2(bits), 5..=16) => cbc(&rc2::Rc2::new_with_eff_key_len(key, bits), iv, bytes),
        _ => None,
    }?;
    // PKCS#7 padding; a wrong password shows here first.
    let count = usize::from(*out.last()?);
    let kept = out.len().checked_sub(count)?;
    let block = if cipher == Cipher::Aes { 16 } else { 8 };
    let (data, padding) = out.split_at(kept);
    let right = (1..=block).contains(&count) && padding.iter().all(|byte| usize::from(*byte) == count);
    right.then(|| data.to_vec())
}

fn cbc<C: BlockCipherDecrypt>(cipher: &C, iv: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let size = C::block_size();
    if iv.len() != size || !bytes.len().is_multiple_of(size) || bytes.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut before = iv;
    for chunk in bytes.chunks_exact(size) {
        let mut block = Array::<u8, C::BlockSize>::try_from(chunk).ok()?;
        cipher.decrypt_block(&mut block);
        out.extend(block.iter().zip(before).map(|(byte, before)| byte ^ before));
        before = chunk;
    }
    Some(out)
}

/// Decrypts with the first of these passwords that fits. Whether one fits, the caller's test of
/// the plain bytes says.
pub(super) fn open(
    algorithm: Tlv<'_>,
    bytes: &[u8],
    passwords: &[Password],
    fits: impl Fn(&[u8]) -> bool,
) -> Result<Vec<u8>, Trouble> {
    let scheme = Scheme::of(algorithm)?;
    for password in passwords {
        if let Some(plain) = scheme.open(bytes, password).filter(|plain| fits(plain)) {
            return Ok(plain);
        }
    }
    // Two of them are no password at all.
    Err(if passwords.len() > 2 { Trouble::PasswordWrong } else { Trouble::PasswordNeeded })
}

enum Scheme {
    Pkcs12 { cipher: Cipher, key: usize, salt: Vec<u8>, iterations: u64 },
    Pbes2 { cipher: Cipher, key: usize, iv: Vec<u8>, hash: Hash, salt: Vec<u8>, iterations: u64 },
    Java,
}

impl Scheme {
    fn of(algorithm: Tlv<'_>) -> Result<Self, Trouble> {
        let unknown = Trouble::UnknownEncryption;
        let mut values = algorithm.values();
        let oid = values.next().and_then(|oid| oid.of(OID)).ok_or(unknown)?.value;
        if oid == b"\x2b\x06\x01\x04\x01\x2a\x02\x11\x01\x01" {
            return Ok(Self::Java);
        }
        let parameters = values.next().and_then(|value| value.of(SEQUENCE)).ok_or(unknown)?;
        if let Some(number) = oid.strip_prefix(b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01") {
            let (cipher, key) = match number {
                [3] => (Cipher::TripleDes, 24),
                [4] => (Cipher::TripleDes, 16),
                [5] => (Cipher::Rc2(128), 16),
                [6] => (Cipher::Rc2(40), 5),
                _ => return Err(unknown),
            };
            let mut values = parameters.values();
            let salt = values.next().and_then(|salt| salt.of(OCTET_STRING)).ok_or(unknown)?.value.to_vec();
            let iterations = iterations(values.next().and_then(|count| count.of(INTEGER)))?;
            return Ok(Self::Pkcs12 { cipher, key, salt, iterations });
        }
        if oid != b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d" {
            return Err(unknown);
        }
        let mut parts = parameters.values();
        let (hash, salt, iterations, given) = pbkdf2(parts.next().ok_or(unknown)?)?;
        let mut scheme = parts.next().ok_or(unknown)?.values();
        let oid = scheme.next().and_then(|oid| oid.of(OID)).ok_or(unknown)?.value;
        let (cipher, key) = match oid {
            b"\x60\x86\x48\x01\x65\x03\x04\x01\x02" => (Cipher::Aes, 16),
            b"\x60\x86\x48\x01\x65\x03\x04\x01\x16" => (Cipher::Aes, 24),
            b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a" => (Cipher::Aes, 32),
            b"\x2a\x86\x48\x86\xf7\x0d\x03\x07" => (Cipher::TripleDes, 24),
            b"\x2a\x86\x48\x86\xf7\x0d\x03\x02" => {
                let key = given.unwrap_or(16);
                (Cipher::Rc2(key * 8), key)
            }
            _ => return Err(unknown),
        };
        let parameter = scheme.next().ok_or(unknown)?;
        // RC2 has its version before the IV.
        let iv = parameter
            .of(OCTET_STRING)
            .or_else(|| parameter.values().find_map(|value| value.of(OCTET_STRING)));
        let iv = iv.ok_or(unknown)?.value.to_vec();
        Ok(Self::Pbes2 { cipher, key, iv, hash, salt, iterations })
    }

    fn open(&self, bytes: &[u8], password: &Password) -> Option<Vec<u8>> {
        match self {
            Self::Pkcs12 { cipher, key: length, salt, iterations } => {
                let mut key = derive(Hash::Sha1, password, salt, 1, *iterations, *length);
                let iv = derive(Hash::Sha1, password, salt, 2, *iterations, 8);
                if *cipher == Cipher::TripleDes && key.len() == 16 {
                    key.extend_from_within(..8);
                }
                decrypt(*cipher, &key, &iv, bytes)
            }
            Self::Pbes2 { cipher, key, iv, hash, salt, iterations } => {
                let key = hash.pbkdf2(&password.utf8, salt, *iterations, *key)?;
                decrypt(*cipher, &key, iv, bytes)
            }
            Self::Java => java(bytes, password),
        }
    }
}

/// The parameters of PBKDF2: hash, salt, iterations, and the key's length where it is given.
pub(super) fn pbkdf2(function: Tlv<'_>) -> Result<(Hash, Vec<u8>, u64, Option<usize>), Trouble> {
    let unknown = Trouble::UnknownEncryption;
    let mut values = function.values();
    let oid = values.next().and_then(|oid| oid.of(OID)).ok_or(unknown)?.value;
    let parameters = values.next().and_then(|value| value.of(SEQUENCE)).ok_or(unknown)?;
    if oid != b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c" {
        return Err(unknown);
    }
    let mut values = parameters.values();
    let salt = values.next().and_then(|salt| salt.of(OCTET_STRING)).ok_or(unknown)?.value.to_vec();
    let count = iterations(values.next().and_then(|count| count.of(INTEGER)))?;
    let (mut hash, mut length) = (Hash::Sha1, None);
    for value in values {
        match value.tag {
            INTEGER => {
                length = number(value).and_then(|length| usize::try_from(length).ok()).filter(|l| *l <= 64)
            }
            SEQUENCE => {
                let oid = value.values().next().and_then(|oid| oid.of(OID)).ok_or(unknown)?;
                hash = Hash::of(oid.value).ok_or(unknown)?;
            }
            _ => {}
        }
    }
    Ok((hash, salt, count, length))
}

/// The MAC that PBMAC1 (RFC 9579) makes.
pub(super) fn pbmac1(parameters: Tlv<'_>, password: &Password, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
    let unknown = Trouble::UnknownEncryption;
    let mut values = parameters.values();
    let (hash, salt, iterations, length) = pbkdf2(values.next().ok_or(unknown)?)?;
    let mac = values.next().and_then(|mac| mac.values().next()?.of(OID)).ok_or(unknown)?;
    let mac = Hash::of(mac.value).ok_or(unknown)?;
    let key =
        hash.pbkdf2(&password.utf8, &salt, iterations, length.unwrap_or(mac.length())).ok_or(unknown)?;
    mac.hmac(&key, bytes).ok_or(unknown)
}

/// The MAC of PKCS#12 as it always was.
pub(super) fn mac(
    hash: Hash,
    password: &Password,
    salt: &[u8],
    iterations: u64,
    bytes: &[u8],
) -> Option<Vec<u8>> {
    let key = derive(hash, password, salt, 3, iterations, hash.length());
    hash.hmac(&key, bytes)
}

/// How often to repeat; what nobody would wait for is not done.
pub(super) fn iterations(value: Option<Tlv<'_>>) -> Result<u64, Trouble> {
    match value.map(number) {
        None => Ok(1),
        Some(Some(count)) if count <= MOST_ITERATIONS => Ok(count),
        Some(_) => Err(Trouble::TooManyIterations),
    }
}

fn number(value: Tlv<'_>) -> Option<u64> {
    let bytes = value.value;
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

/// The stream that Java's key stores have instead of a cipher.
fn java(bytes: &[u8], password: &Password) -> Option<Vec<u8>> {
    let password = password.bmp.strip_suffix(&[0, 0]).unwrap_or_default();
    let (salt, rest) = bytes.split_at_checked(20)?;
    let (data, check) = rest.split_at_checked(rest.len().checked_sub(20)?)?;
    let mut last = salt.to_vec();
    let mut plain = Vec::with_capacity(data.len());
    for chunk in data.chunks(20) {
        last = Sha1::new().chain_update(password).chain_update(&last).finalize().to_vec();
        plain.extend(chunk.iter().zip(&last).map(|(byte, key)| byte ^ key));
    }
    let right = Sha1::new().chain_update(password).chain_update(&plain).finalize();
    (right.as_slice() == check).then_some(plain)
}
