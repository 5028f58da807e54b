//! Checks signatures with algorithms in pure Rust, so that it is the same in the browser.
//!
//! In:  a key, an algorithm, what was signed, the signature.
//! Out: whether it is good; and the same for `rustls-webpki`.
//! Not here: whether the algorithm is still good enough. That is `rules`.

use ed25519_dalek::Verifier as _;
use md5::Md5;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, PublicKey};
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use super::raw::Key;

/// What came of checking a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    Good,
    Bad,
    /// The algorithm, or this key with it, is none that can be checked here.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Pkcs1,
    Pss,
    P256,
    P384,
    P521,
    Ed25519,
}

/// One algorithm with one kind of key.
#[derive(Debug)]
struct Algorithm {
    scheme: Scheme,
    hash: Hash,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
}

const fn algorithm(
    scheme: Scheme,
    hash: Hash,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
) -> Algorithm {
    Algorithm { scheme, hash, key, signature }
}

/// Those that clients accept today.
static CURRENT: [Algorithm; 20] = {
    use alg_id::{
        ECDSA_P256, ECDSA_P384, ECDSA_P521, ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512, ED25519,
        RSA_ENCRYPTION, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
        RSA_PSS_SHA512,
    };
    [
        algorithm(Scheme::Pkcs1, Hash::Sha256, RSA_ENCRYPTION, RSA_PKCS1_SHA256),
        algorithm(Scheme::Pkcs1, Hash::Sha384, RSA_ENCRYPTION, RSA_PKCS1_SHA384),
        algorithm(Scheme::Pkcs1, Hash::Sha512, RSA_ENCRYPTION, RSA_PKCS1_SHA512),
        // The same without the NULL that should stand there.
        algorithm(Scheme::Pkcs1, Hash::Sha256, RSA_ENCRYPTION, without_null(11)),
        algorithm(Scheme::Pkcs1, Hash::Sha384, RSA_ENCRYPTION, without_null(12)),
        algorithm(Scheme::Pkcs1, Hash::Sha512, RSA_ENCRYPTION, without_null(13)),
        algorithm(Scheme::Pss, Hash::Sha256, RSA_ENCRYPTION, RSA_PSS_SHA256),
        algorithm(Scheme::Pss, Hash::Sha384, RSA_ENCRYPTION, RSA_PSS_SHA384),
        algorithm(Scheme::Pss, Hash::Sha512, RSA_ENCRYPTION, RSA_PSS_SHA512),
        algorithm(Scheme::P256, Hash::Sha256, ECDSA_P256, ECDSA_SHA256),
        algorithm(Scheme::P256, Hash::Sha384, ECDSA_P256, ECDSA_SHA384),
        algorithm(Scheme::P256, Hash::Sha512, ECDSA_P256, ECDSA_SHA512),
        algorithm(Scheme::P384, Hash::Sha256, ECDSA_P384, ECDSA_SHA256),
        algorithm(Scheme::P384, Hash::Sha384, ECDSA_P384, ECDSA_SHA384),
        algorithm(Scheme::P384, Hash::Sha512, ECDSA_P384, ECDSA_SHA512),
        algorithm(Scheme::P521, Hash::Sha256, ECDSA_P521, ECDSA_SHA256),
        algorithm(Scheme::P521, Hash::Sha384, ECDSA_P521, ECDSA_SHA384),
        algorithm(Scheme::P521, Hash::Sha512, ECDSA_P521, ECDSA_SHA512),
        algorithm(Scheme::Ed25519, Hash::Sha512, ED25519, ED25519),
        // A key that says of itself that it is for PSS only.
        algorithm(Scheme::Pss, Hash::Sha256, RSA_PSS_SHA256, RSA_PSS_SHA256),
    ]
};

/// Those that are checked only to say that the signature is good, but weak.
static WEAK: [Algorithm; 6] = [
    algorithm(Scheme::Pkcs1, Hash::Md5, alg_id::RSA_ENCRYPTION, rsa_with(4)),
    algorithm(Scheme::Pkcs1, Hash::Sha1, alg_id::RSA_ENCRYPTION, rsa_with(5)),
    algorithm(Scheme::Pkcs1, Hash::Sha224, alg_id::RSA_ENCRYPTION, rsa_with(14)),
    algorithm(Scheme::P256, Hash::Sha1, alg_id::ECDSA_P256, ECDSA_SHA1),
    algorithm(Scheme::P384, Hash::Sha1, alg_id::ECDSA_P384, ECDSA_SHA1),
    algorithm(Scheme::P521, Hash::Sha1, alg_id::ECDSA_P521, ECDSA_SHA1),
];

const ECDSA_SHA1: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1]);

/// 1.2.840.113549.1.1.n with a NULL.
const fn rsa_with(last: u8) -> AlgorithmIdentifier {
    AlgorithmIdentifier::from_slice(match last {
        4 => &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4, 5, 0],
        5 => &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5, 5, 0],
        _ => &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14, 5, 0],
    })
}

const fn without_null(last: u8) -> AlgorithmIdentifier {
    AlgorithmIdentifier::from_slice(match last {
        11 => &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
        12 => &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12],
        _ => &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13],
    })
}

/// A signature that was checked and is good. The algorithm is the contents of the AlgorithmIdentifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checked<'a> {
    pub(super) key: Key<'a>,
    pub(super) algorithm: &'a [u8],
    pub(super) message: &'a [u8],
    pub(super) signature: &'a [u8],
}

/// An algorithm for `rustls-webpki`. Signatures are most of the work, so none is checked twice.
#[derive(Debug)]
pub(super) struct ForWebpki<'a> {
    algorithm: &'static Algorithm,
    checked: &'a [Checked<'a>],
}

/// What `rustls-webpki` may use.
pub(super) fn for_webpki<'a>(checked: &'a [Checked<'a>]) -> Vec<ForWebpki<'a>> {
    CURRENT.iter().map(|algorithm| ForWebpki { algorithm, checked }).collect()
}

/// Checks one signature. `algorithm` is the contents of the AlgorithmIdentifier.
pub(super) fn check(key: &Key<'_>, algorithm: &[u8], message: &[u8], signature: &[u8]) -> Signed {
    let mut known = CURRENT.iter().chain(&WEAK);
    let Some(found) =
        known.find(|known| known.key.as_ref() == key.algorithm && known.signature.as_ref() == algorithm)
    else {
        return Signed::Unknown;
    };
    if found.check(key.bits, message, signature).is_some() { Signed::Good } else { Signed::Bad }
}

/// The hash of a signature algorithm that is weak: MD5, SHA-1.
pub(super) fn weak_hash(algorithm: &[u8]) -> Option<&'static str> {
    let oid = super::der::Reader(algorithm).take(super::der::OID)?.value;
    Some(match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2] => "MD2",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3] => "MD4",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4] => "MD5",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1]
        | [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3]
        | [0x2b, 0x0e, 3, 2, 29] => "SHA-1",
        _ => return None,
    })
}

impl SignatureVerificationAlgorithm for ForWebpki<'_> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let is_this = |one: &Checked<'_>| {
            one.signature == signature
                && one.message == message
                && one.key.bits == public_key
                && self.algorithm.key.as_ref() == one.key.algorithm
                && self.algorithm.signature.as_ref() == one.algorithm
        };
        if self.checked.iter().any(is_this) {
            return Ok(());
        }
        self.algorithm.check(public_key, message, signature).ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.signature
    }
}

/// Larger keys take long, and nobody has them.
const MOST_RSA_BYTES: usize = 1024;

impl Algorithm {
    /// Something where the signature is good.
    fn check(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
        let digest = self.hash.digest(message);
        match self.scheme {
            Scheme::Pkcs1 => {
                let scheme = Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: self.hash.prefix().into() };
                rsa_key(key)?.verify(scheme, &digest, signature).ok()
            }
            Scheme::Pss => {
                let (key, salt) = (rsa_key(key)?, digest.len());
                match self.hash {
                    Hash::Sha384 => key.verify(Pss::<Sha384>::new_with_salt(salt), &digest, signature),
                    Hash::Sha512 => key.verify(Pss::<Sha512>::new_with_salt(salt), &digest, signature),
                    _ => key.verify(Pss::<Sha256>::new_with_salt(salt), &digest, signature),
                }
                .ok()
            }
            Scheme::P256 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
                let signature = p256::ecdsa::Signature::from_der(signature).ok()?;
                key.verify_prehash(&padded(digest, 32), &signature).ok()
            }
            Scheme::P384 => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
                let signature = p384::ecdsa::Signature::from_der(signature).ok()?;
                key.verify_prehash(&padded(digest, 48), &signature).ok()
            }
            Scheme::P521 => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
                let signature = p521::ecdsa::Signature::from_der(signature).ok()?;
                key.verify_prehash(&padded(digest, 66), &signature).ok()
            }
            Scheme::Ed25519 => {
                let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
                let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
                key.verify(message, &signature).ok()
            }
        }
    }
}

/// A digest that is shorter than the curve's order counts as the number that it is.
fn padded(digest: Vec<u8>, length: usize) -> Vec<u8> {
    let mut padded = vec![0; length.saturating_sub(digest.len())];
    padded.extend(digest);
    padded
}

fn rsa_key(bits: &[u8]) -> Option<PublicKey> {
    let key = Key { whole: &[], contents: &[], algorithm: &[], bits };
    let (modulus, exponent) = key.rsa()?;
    if modulus.len() > MOST_RSA_BYTES || exponent.len() > 8 {
        return None;
    }
    let modulus = BoxedUint::from_be_slice_vartime(modulus);
    let exponent = BoxedUint::from_be_slice_vartime(exponent);
    PublicKey::new_with_size_limits(modulus, exponent, 256..=MOST_RSA_BYTES * 8).ok()
}

impl Hash {
    fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(message).to_vec(),
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha224 => Sha224::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// DigestInfo up to the digest, RFC 8017 §9.2.
    fn prefix(self) -> Vec<u8> {
        let (oid, length): (&[u8], u8) = match self {
            Self::Md5 => (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5], 16),
            Self::Sha1 => (&[0x2b, 0x0e, 3, 2, 26], 20),
            Self::Sha224 => (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4], 28),
            Self::Sha256 => (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], 32),
            Self::Sha384 => (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], 48),
            Self::Sha512 => (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], 64),
        };
        let inner = u8::try_from(oid.len()).unwrap_or(u8::MAX);
        let mut prefix = vec![0x30, inner + 8 + length, 0x30, inner + 4, 6, inner];
        prefix.extend(oid);
        prefix.extend([5, 0, 4, length]);
        prefix
    }
}
