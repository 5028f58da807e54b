//! One certificate, with every field of RFC 5280 by its standard name.
//!
//! In:  DER, also of certificates that break the rules.
//! Out: [`Certificate`], or where and why it cannot be read.
//! Not here: whether it is any good. That is `lint` and `verify`.

/// Seconds since 1970-01-01 00:00 UTC; years before 1970 are negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A name as RFC 4514 writes it, its attributes, and its DER for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Name {
    /// RFC 4514: the last RDN first, `CN=example.com,O=Example`.
    pub rfc4514: String,
    /// Attributes in the order of the encoding: short name (`CN`, `O`) or OID, and value.
    pub attributes: Vec<(String, String)>,
    /// The DER of the whole name.
    pub der: Vec<u8>,
}

impl Name {
    /// The last attribute of that short name.
    #[must_use]
    pub fn attribute(&self, short: &str) -> Option<&str> {
        self.attributes.iter().rev().find(|(name, _)| name == short).map(|(_, value)| value.as_str())
    }
}

/// SubjectPublicKeyInfo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicKey {
    /// `RSA`, `EC`, `Ed25519`, `Ed448`, `DSA`, `RSASSA-PSS`, `ML-DSA-65` …, or the OID.
    pub algorithm: String,
    /// The curve's name, where it is EC.
    pub curve: Option<String>,
    /// Bits of the modulus, or of the curve's field.
    pub bits: Option<u32>,
    /// RSA's public exponent, in decimal.
    pub exponent: Option<String>,
    /// The whole SubjectPublicKeyInfo.
    pub der: Vec<u8>,
    /// SHA-256 of it, in hex.
    pub sha256: String,
}

/// subjectAltName, by kind; others as `kind:value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AltNames {
    /// dNSName.
    pub dns: Vec<String>,
    /// iPAddress, as text; hex where the length is wrong.
    pub ip: Vec<String>,
    /// rfc822Name.
    pub email: Vec<String>,
    /// uniformResourceIdentifier.
    pub uri: Vec<String>,
    /// directoryName, otherName, registeredID.
    pub other: Vec<String>,
}

/// keyUsage: the bits by their names in RFC 5280 §4.2.1.3, such as `digitalSignature`.
pub type KeyUsage = Vec<&'static str>;

/// nameConstraints: subtrees as `DNS:example.com`, `IP:10.0.0.0/8`, `email:…`, `dirName:…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// permittedSubtrees.
    pub permitted: Vec<String>,
    /// excludedSubtrees.
    pub excluded: Vec<String>,
}

/// An extension as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// Dotted OID.
    pub oid: String,
    /// Its name in RFC 5280 or wherever it is defined.
    pub name: Option<&'static str>,
    /// Whether whoever does not know it must refuse the certificate.
    pub critical: bool,
    /// What is inside the OCTET STRING.
    pub value: Vec<u8>,
    /// It is known, and what is inside it could not be read.
    pub malformed: bool,
}

/// A certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The whole certificate.
    pub der: Vec<u8>,
    /// SHA-256 of it, in hex.
    pub sha256: String,
    /// 1, 2 or 3.
    pub version: u8,
    /// The serial number's bytes in hex, as the INTEGER stands: `0a…`.
    pub serial: String,
    /// The algorithm's name: `sha256WithRSAEncryption`, `ecdsa-with-SHA256`, or the OID.
    pub signature_algorithm: String,
    /// Issuer.
    pub issuer: Name,
    /// Subject.
    pub subject: Name,
    /// notBefore.
    pub not_before: Option<Time>,
    /// notAfter.
    pub not_after: Option<Time>,
    /// The public key.
    pub key: PublicKey,
    /// subjectAltName; `None` where the extension is not there.
    pub san: Option<AltNames>,
    /// basicConstraints: cA; `None` where the extension is not there.
    pub is_ca: Option<bool>,
    /// basicConstraints: pathLenConstraint.
    pub path_len: Option<u32>,
    /// keyUsage; `None` where the extension is not there.
    pub key_usage: Option<KeyUsage>,
    /// extKeyUsage: names such as `serverAuth`, or OIDs; `None` where the extension is not there.
    pub ext_key_usage: Option<Vec<String>>,
    /// subjectKeyIdentifier, in hex.
    pub subject_key_id: Option<String>,
    /// authorityKeyIdentifier: keyIdentifier, in hex.
    pub authority_key_id: Option<String>,
    /// authorityInfoAccess: caIssuers.
    pub ca_issuers: Vec<String>,
    /// authorityInfoAccess: OCSP.
    pub ocsp: Vec<String>,
    /// cRLDistributionPoints.
    pub crls: Vec<String>,
    /// certificatePolicies: OIDs.
    pub policies: Vec<String>,
    /// nameConstraints.
    pub name_constraints: Option<NameConstraints>,
    /// Every extension, in order.
    pub extensions: Vec<Extension>,
}

/// Why bytes could not be read as what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The field, such as `tbsCertificate.validity`.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: String,
    /// Where it begins, in bytes.
    pub at: usize,
}
