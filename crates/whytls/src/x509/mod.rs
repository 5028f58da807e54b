//! X.509: certificates and what comes with them, chains, verification, lints.
//!
//! In:  DER, and containers of it.
//! Out: [`Certificate`] with every field by its standard name; chains; verdicts with every fault.
//! Not here: finding certificates in a paste (`decode`), and what to do about a fault (the pages).

mod certificate;
mod crl;
pub mod der;
mod extension;
mod key;
mod name;
mod ocsp;
pub mod oid;
mod request;
mod time;

pub use certificate::Certificate;
pub use crl::{Crl, Revoked};
pub use der::{Fault, Malformed};
pub use extension::{AltNames, Extension, KEY_USAGES, KeyUsage, NameConstraints, serial};
pub use key::{PublicKey, Rsa};
pub use name::{Attribute, GeneralName, Name, ip};
pub use ocsp::{Answer, OcspResponse, Responder};
pub use request::Request;
pub use time::{DAY, Time};
