//! What can be said of a private key without keeping it.
//!
//! In:  PKCS#1, PKCS#8, SEC1, DSA; encrypted, OpenSSH's and PuTTY's are recognised.
//! Out: [`PrivateKey`]: its format, whether it can be read, and which public key belongs to it.
//! Not here: the key. It is read once, and nothing of it is kept, shown or handed on.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::ber::{self as der, BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, Tlv};

/// A private key that was in the paste; only what may be known of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey {
    /// How it was written.
    pub format: KeyFormat,
    /// `RSA`, `EC`, `Ed25519` …
    pub algorithm: Option<&'static str>,
    /// Whether it can be read.
    pub state: KeyState,
    /// A digest of the public key that belongs to it.
    public: Option<[u8; 32]>,
}

/// How a private key was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFormat {
    /// RSAPrivateKey, `RSA PRIVATE KEY`.
    Pkcs1,
    /// PrivateKeyInfo, `PRIVATE KEY`.
    Pkcs8,
    /// EncryptedPrivateKeyInfo, `ENCRYPTED PRIVATE KEY`.
    EncryptedPkcs8,
    /// ECPrivateKey, `EC PRIVATE KEY`.
    Sec1,
    /// `DSA PRIVATE KEY`.
    Dsa,
    /// `OPENSSH PRIVATE KEY`.
    OpenSsh,
    /// PuTTY's own.
    Putty,
    /// In a Java key store.
    Jks,
    /// Anything else that says of itself that it is a private key.
    Other,
}

/// Whether a private key can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It lies open.
    Plain,
    /// A password is needed.
    Encrypted,
    /// It is damaged, or of a kind that is not known here.
    Unreadable,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("format", &self.format).field("state", &self.state).finish()
    }
}

impl KeyFormat {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pkcs1 => "PKCS#1",
            Self::Pkcs8 => "PKCS#8",
            Self::EncryptedPkcs8 => "PKCS#8, encrypted",
            Self::Sec1 => "SEC 1",
            Self::Dsa => "DSA",
            Self::OpenSsh => "OpenSSH",
            Self::Putty => "PuTTY",
            Self::Jks => "Java key store",
            Self::Other => "unknown",
        }
    }
}

impl PrivateKey {
    /// A key of which nothing more is known than that it is one.
    #[must_use]
    pub fn of(format: KeyFormat, state: KeyState) -> Self {
        Self { format, algorithm: None, state, public: None }
    }

    /// Whether it belongs to a public key (SubjectPublicKeyInfo); `None` where that cannot be known.
    #[must_use]
    pub fn belongs_to(&self, spki: &[u8]) -> Option<bool> {
        Some(self.public? == identity(spki)?)
    }

    /// Whether two keys are one; `None` where that cannot be known.
    #[must_use]
    pub fn is(&self, other: &Self) -> Option<bool> {
        Some(self.public? == other.public?)
    }

    /// Reads DER; `None` where it is no private key.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (outer, _) = der::read(bytes)?;
        let outer = outer.of(SEQUENCE)?;
        let mut values = outer.values();
        let first = values.next()?;
        let found = match first.tag {
            INTEGER => match (first.value, values.next()?.tag) {
                ([0 | 1], SEQUENCE) if outer.values().nth(2).is_none_or(|v| v.tag == OCTET_STRING) => {
                    let public = outer.complete.then(|| pkcs8(outer)).flatten();
                    Self::with(KeyFormat::Pkcs8, public)
                }
                ([0 | 1], INTEGER) if first.value == [0] || outer.values().count() >= 9 => {
                    let integers = outer.values().take_while(|value| value.tag == INTEGER).count();
                    let dsa = outer.complete && integers == 6;
                    if dsa {
                        Self::with(KeyFormat::Dsa, dsa_public(outer))
                    } else {
                        Self::with(KeyFormat::Pkcs1, outer.complete.then(|| rsa_public(outer)).flatten())
                    }
                }
                ([1], OCTET_STRING) => {
                    Self::with(KeyFormat::Sec1, outer.complete.then(|| ec_public(outer, None)).flatten())
                }
                _ => return None,
            },
            SEQUENCE => {
                let algorithm = first.values().next()?.of(OID)?;
                let second = values.next();
                // PBES1, PBES2 and the schemes of PKCS#12.
                let pbe = algorithm.value.starts_with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x05")
                    || algorithm.value.starts_with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01");
                if !pbe || second.is_some_and(|value| value.tag != OCTET_STRING) {
                    return None;
                }
                Self::of(KeyFormat::EncryptedPkcs8, KeyState::Encrypted)
            }
            _ => return None,
        };
        Some(found)
    }

    fn with(format: KeyFormat, public: Option<Public>) -> Self {
        match public {
            Some(public) => Self {
                format,
                algorithm: Some(public.algorithm),
                state: KeyState::Plain,
                public: public.identity,
            },
            None => Self::of(format, KeyState::Unreadable),
        }
    }
}

/// OpenSSH's own format: which cipher, and the public key before the secret one.
pub(super) fn openssh(bytes: &[u8]) -> PrivateKey {
    let read = || {
        let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
        let (cipher, _) = ssh_string(rest)?;
        let state = if cipher == b"none" { KeyState::Plain } else { KeyState::Encrypted };
        Some(PrivateKey::of(KeyFormat::OpenSsh, state))
    };
    read().unwrap_or_else(|| PrivateKey::of(KeyFormat::OpenSsh, KeyState::Unreadable))
}

fn ssh_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// What is known of the public part.
struct Public {
    algorithm: &'static str,
    identity: Option<[u8; 32]>,
}

const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const RSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const DSA: &[u8] = b"\x2a\x86\x48\xce\x38\x04\x01";
const X25519: &[u8] = b"\x2b\x65\x6e";
const X448: &[u8] = b"\x2b\x65\x6f";
const ED25519: &[u8] = b"\x2b\x65\x70";
const ED448: &[u8] = b"\x2b\x65\x71";
const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
const P521: &[u8] = b"\x2b\x81\x04\x00\x23";

/// Tells public keys apart, whatever is written around them: RSA is the same key with and
/// without PSS, a point is the same compressed and not.
pub(super) fn identity(spki: &[u8]) -> Option<[u8; 32]> {
    let (outer, _) = der::read(spki)?;
    let mut values = outer.of(SEQUENCE)?.values();
    let mut algorithm = values.next()?.of(SEQUENCE)?.values();
    let oid = algorithm.next()?.of(OID)?.value;
    let key = values.next()?.of(BIT_STRING)?;
    if !key.complete {
        return None;
    }
    let bits = key.value.get(1..)?;
    match oid {
        RSA | RSA_PSS => {
            let (key, _) = der::read(bits)?;
            let mut numbers = key.of(SEQUENCE)?.values();
            Some(rsa_identity(numbers.next()?.of(INTEGER)?.value, numbers.next()?.of(INTEGER)?.value))
        }
        EC => Some(point_identity(algorithm.next()?.value, bits)?),
        DSA => Some(digest(DSA, der::read(bits)?.0.of(INTEGER)?.value)),
        other => Some(digest(other, bits)),
    }
}

fn digest(kind: &[u8], key: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([u8::try_from(kind.len()).unwrap_or(u8::MAX)]);
    hash.update(kind);
    hash.update(key);
    hash.finalize().into()
}

fn rsa_identity(modulus: &[u8], exponent: &[u8]) -> [u8; 32] {
    let mut key = der::value(INTEGER, strip(modulus));
    der::write(&mut key, INTEGER, strip(exponent));
    digest(RSA, &key)
}

fn strip(number: &[u8]) -> &[u8] {
    number.split_at(number.iter().take_while(|byte| **byte == 0).count()).1
}

/// The curve and the point's x: its y is one of two, and both belong to one key but for a sign.
fn point_identity(curve: &[u8], point: &[u8]) -> Option<[u8; 32]> {
    let (form, coordinates) = point.split_first()?;
    let x = match form {
        2 | 3 => coordinates,
        4 | 6 | 7 => coordinates.get(..coordinates.len() / 2)?,
        _ => return None,
    };
    Some(digest(curve, x))
}

fn rsa_public(key: Tlv<'_>) -> Option<Public> {
    let mut numbers = key.values().skip(1).map(|value| value.of(INTEGER).filter(|number| number.complete));
    let (modulus, exponent) = (numbers.next()??, numbers.next()??);
    Some(Public { algorithm: "RSA", identity: Some(rsa_identity(modulus.value, exponent.value)) })
}

fn dsa_public(key: Tlv<'_>) -> Option<Public> {
    let y = key.values().nth(4)?.of(INTEGER)?;
    Some(Public { algorithm: "DSA", identity: Some(digest(DSA, y.value)) })
}

fn ec_public(key: Tlv<'_>, curve: Option<&[u8]>) -> Option<Public> {
    let secret = key.values().nth(1)?.of(OCTET_STRING)?.value;
    let own = key.values().find(|value| value.tag == 0xa0).and_then(|value| value.values().next());
    let curve = curve.or(own.map(|value| value.value))?;
    let given = key.values().find(|value| value.tag == 0xa1).and_then(|value| {
        let bits = value.values().next()?.of(BIT_STRING)?.value.get(1..)?;
        point_identity(curve, bits)
    });
    let identity = given.or_else(|| point_identity(curve, &ec_point(curve, secret)?));
    Some(Public { algorithm: "EC", identity })
}

/// The public point of a secret number, on the curves that certificates use.
fn ec_point(curve: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let padded = |length: usize| -> Vec<u8> {
        let secret = strip(secret);
        let mut bytes = vec![0; length.saturating_sub(secret.len())];
        bytes.extend_from_slice(secret);
        bytes
    };
    match curve {
        P256 => Some(p256::SecretKey::from_slice(&padded(32)).ok()?.public_key().to_sec1_bytes().to_vec()),
        P384 => Some(p384::SecretKey::from_slice(&padded(48)).ok()?.public_key().to_sec1_bytes().to_vec()),
        P521 => Some(p521::SecretKey::from_slice(&padded(66)).ok()?.public_key().to_sec1_bytes().to_vec()),
        _ => None,
    }
}

fn pkcs8(key: Tlv<'_>) -> Option<Public> {
    let mut values = key.values().skip(1);
    let mut algorithm = values.next()?.of(SEQUENCE)?.values();
    let oid = algorithm.next()?.of(OID)?.value;
    let secret = values.next()?.of(OCTET_STRING)?.value;
    // PKCS#8 version 2 (RFC 5958) may give the public key as well.
    let given = || {
        let bits = values.clone().find(|value| value.tag == 0x81)?.value.get(1..)?;
        Some(digest(oid, bits))
    };
    match oid {
        RSA | RSA_PSS => {
            let public = rsa_public(der::read(secret)?.0.of(SEQUENCE)?)?;
            Some(Public { algorithm: if oid == RSA { "RSA" } else { "RSASSA-PSS" }, ..public })
        }
        EC => ec_public(der::read(secret)?.0.of(SEQUENCE)?, algorithm.next().map(|curve| curve.value)),
        ED25519 => {
            let seed: &[u8; 32] = der::read(secret)?.0.of(OCTET_STRING)?.value.try_into().ok()?;
            let public = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes();
            Some(Public { algorithm: "Ed25519", identity: Some(digest(ED25519, &public)) })
        }
        ED448 => Some(Public { algorithm: "Ed448", identity: given() }),
        X25519 => Some(Public { algorithm: "X25519", identity: given() }),
        X448 => Some(Public { algorithm: "X448", identity: given() }),
        DSA => Some(Public { algorithm: "DSA", identity: None }),
        _ => Some(Public { algorithm: "other", identity: given() }),
    }
}
