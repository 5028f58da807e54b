//! X.509: certificates and what comes with them, chains, verification, lints.
//!
//! In:  DER, and containers of it; text in which they are wrapped.
//! Out: [`Certificate`] with every field by its standard name; chains; verdicts with every fault.
//! Not here: which artifact of a paste they are (`decode`), and what to do about a fault (the pages).

mod armour;
mod ber;
mod certificate;
mod container;
mod crl;
pub mod der;
mod details;
mod extension;
mod found;
mod key;
pub mod lint;
mod logs;
mod marks;
mod name;
mod object;
mod ocsp;
pub mod oid;
mod private;
mod request;
mod time;
mod timestamps;
pub mod verify;

pub(crate) use armour::from_base64;
pub use armour::{Damage, Form};
pub use certificate::Certificate;
pub use container::Trouble;
pub use crl::{Crl, Revoked};
pub use der::{Fault, Malformed};
pub use extension::{AltNames, Extension, KEY_USAGES, KeyUsage, NameConstraints, serial};
pub use found::{Container, Found, Searched, is_binary, read, search};
pub use key::{PublicKey, Rsa};
pub use marks::TrustMarks;
pub use name::{Attribute, GeneralName, Name, ip};
pub use object::Object;
pub use ocsp::{Answer, OcspResponse, Responder};
pub use private::{KeyFormat, KeyState, PrivateKey};
pub use request::Request;
pub use time::{DAY, Time};
pub use timestamps::Timestamp;

/// SHA-256 of some bytes, in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    der::hex(&sha2::Sha256::digest(bytes))
}
