//! X.509: certificates and what comes with them, chains, verification, lints.
//!
//! In:  DER, and containers of it.
//! Out: [`Certificate`] with every field by its standard name; chains; verdicts with every fault.
//! Not here: finding certificates in a paste (`decode`), and what to do about a fault (the pages).

mod certificate;

pub use certificate::{
    AltNames, Certificate, Extension, KeyUsage, Malformed, Name, NameConstraints, PublicKey, Time,
};
