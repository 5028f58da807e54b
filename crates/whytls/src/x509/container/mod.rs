//! Containers of certificates and keys.
//!
//! In:  the bytes of one, and the passwords that the user gave.
//! Out: [`Content`]: what is inside, as far as it opens.
//! Not here: how the container was wrapped. That is `armour`.

mod jks;
mod pkcs7;

use super::found::Container;
use super::object::Object;

pub(super) use jks::{is_key_store, jks};
pub(super) use pkcs7::pkcs7;

pub(super) fn pkcs12(_bytes: &[u8], _passwords: &[String]) -> Content {
    Content {
        kind: Container::Pkcs12,
        entries: Vec::new(),
        trouble: Some(Trouble::PasswordNeeded),
        secret: true,
    }
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
