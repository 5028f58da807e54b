//! Containers of certificates and keys.
//!
//! In:  the bytes of one, and the passwords that the user gave.
//! Out: [`Content`]: what is inside, as far as it opens.
//! Not here: how the container was wrapped. That is `armour`.

mod jks;
mod pbe;
mod pkcs12;
mod pkcs7;

use super::ber::{self, OCTET_STRING, SEQUENCE, Tlv};
use super::found::Container;
use super::object::Object;
use super::private::{KeyFormat, KeyState, PrivateKey};

use pbe::Password;

pub(super) use jks::{is_key_store, jks};
pub(super) use pkcs7::pkcs7;
pub(super) use pkcs12::pkcs12;

/// A private key of which only what may be known is kept, decrypted where one of the passwords fits.
pub(super) fn private_key(der: &[u8], given: &[String]) -> Option<PrivateKey> {
    let key = PrivateKey::read(der)?;
    if key.state != KeyState::Encrypted {
        return Some(key);
    }
    let (outer, _) = ber::read(der)?;
    Some(encrypted_key(outer, &pbe::candidates(given)))
}

/// EncryptedPrivateKeyInfo.
fn encrypted_key(value: Tlv<'_>, passwords: &[Password]) -> PrivateKey {
    let open = || {
        let mut values = value.values();
        let algorithm = values.next()?.of(SEQUENCE)?;
        let secret = values.next()?.of(OCTET_STRING).filter(|secret| secret.complete)?;
        let plain =
            pbe::open(algorithm, secret.value, passwords, |plain| PrivateKey::read(plain).is_some()).ok()?;
        PrivateKey::read(&plain)
    };
    open().unwrap_or_else(|| PrivateKey::of(KeyFormat::EncryptedPkcs8, KeyState::Encrypted))
}

/// What is inside.
pub(super) struct Content {
    pub(super) kind: Container,
    pub(super) entries: Vec<Entry>,
    pub(super) trouble: Option<Trouble>,
    /// A private key is inside, or may be.
    pub(super) secret: bool,
}

/// One object of a container.
pub(super) struct Entry {
    pub(super) object: Object,
    pub(super) alias: Option<String>,
}

/// Why no more of a container could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It wants a password, and none was given.
    PasswordNeeded,
    /// None of the passwords that were given is the right one.
    PasswordWrong,
    /// It is encrypted in a way that is not known here.
    UnknownEncryption,
    /// It asks for more work than anybody wants to wait for.
    TooManyIterations,
    /// It is damaged.
    Damaged,
}

impl Trouble {
    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordNeeded => "password-needed",
            Self::PasswordWrong => "password-wrong",
            Self::UnknownEncryption => "unknown-encryption",
            Self::TooManyIterations => "too-many-iterations",
            Self::Damaged => "damaged",
        }
    }
}
