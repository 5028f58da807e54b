//! One certificate, with every field of RFC 5280 by its standard name.
//!
//! In:  DER, also of certificates that break the rules.
//! Out: [`Certificate`], or where and why it cannot be read.
//! Not here: whether it is any good. That is `lint` and `verify`.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::der::{Element, Fault, Malformed, Reader, hex, small, tag};
use super::extension::{AltNames, Extension, KeyUsage, NameConstraints, read_name, serial};
use super::key::PublicKey;
use super::name::{GeneralName, Name};
use super::oid;
use super::time::Time;

/// A certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The whole certificate, without what stood behind it.
    pub der: Vec<u8>,
    /// SHA-256 of it, in hex.
    pub sha256: String,
    /// 1, 2 or 3; one more than the number in the encoding.
    pub version: u8,
    /// The serial number in hex, as OpenSSL prints it: `0a…`, `-01`.
    pub serial: String,
    /// The octets of the serial number's INTEGER.
    pub serial_octets: Vec<u8>,
    /// The algorithm's name: `sha256WithRSAEncryption`, `ecdsa-with-SHA256`, or the OID.
    pub signature_algorithm: Cow<'static, str>,
    /// The DER of the AlgorithmIdentifier outside, beside the signature.
    pub signature_identifier: Vec<u8>,
    /// The DER of the AlgorithmIdentifier inside, which is signed.
    pub tbs_signature_identifier: Vec<u8>,
    /// Issuer.
    pub issuer: Name,
    /// Subject.
    pub subject: Name,
    /// notBefore.
    pub not_before: Option<Time>,
    /// notAfter.
    pub not_after: Option<Time>,
    /// notBefore and notAfter as they are written, and the tags of their types.
    pub validity: [(u8, String); 2],
    /// The public key.
    pub key: PublicKey,
    /// issuerUniqueID or subjectUniqueID is there.
    pub unique_ids: bool,
    /// subjectAltName; `None` where the extension is not there.
    pub san: Option<AltNames>,
    /// basicConstraints: cA; `None` where the extension is not there.
    pub is_ca: Option<bool>,
    /// basicConstraints: pathLenConstraint.
    pub path_len: Option<u32>,
    /// keyUsage; `None` where the extension is not there.
    pub key_usage: Option<KeyUsage>,
    /// extKeyUsage: names such as `serverAuth`, or OIDs; `None` where the extension is not there.
    pub ext_key_usage: Option<Vec<Cow<'static, str>>>,
    /// subjectKeyIdentifier, in hex.
    pub subject_key_id: Option<String>,
    /// authorityKeyIdentifier: keyIdentifier, in hex.
    pub authority_key_id: Option<String>,
    /// authorityKeyIdentifier: authorityCertIssuer.
    pub authority_issuer: Vec<GeneralName>,
    /// authorityKeyIdentifier: authorityCertSerialNumber, written as `serial` is.
    pub authority_serial: Option<String>,
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
    /// The signature.
    pub signature: Vec<u8>,
    /// What breaks the encoding, where the rest could be read all the same.
    pub faults: Vec<Malformed>,
}

impl Certificate {
    /// Reads a certificate. What stands behind it is left alone and told in `faults`.
    ///
    /// # Errors
    /// It is none, or it is cut off.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(der);
        let whole = reader.expect(tag::SEQUENCE, "certificate")?;
        let mut parts = whole.inside();
        let tbs = parts.expect(tag::SEQUENCE, "tbsCertificate")?;
        let mut certificate =
            Self { der: whole.whole.to_vec(), sha256: hex(&Sha256::digest(whole.whole)), ..Self::default() };
        certificate.read_tbs(&mut tbs.inside())?;
        if let Err(fault) = certificate.read_signature(&mut parts) {
            certificate.faults.push(fault);
        }
        certificate.trailing("certificate", &parts);
        certificate.trailing("behind the certificate", &reader);
        Ok(certificate)
    }

    /// Reads what is there of a certificate that was cut off: as many fields as came whole.
    #[must_use]
    pub fn parse_cut(der: &[u8]) -> Option<Self> {
        let inside = der.get(header(der)?..)?;
        let tbs = inside.get(header(inside)?..)?;
        let mut certificate = Self { der: der.to_vec(), ..Self::default() };
        if let Err(fault) = certificate.read_tbs(&mut Reader::new(tbs)) {
            certificate.faults.push(fault);
        }
        (!certificate.serial.is_empty()).then_some(certificate)
    }

    /// Whether subject and issuer are the same, byte for byte.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject.der == self.issuer.der
    }

    /// The extension of that name.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.name == Some(name))
    }

    /// Whether keyUsage has this bit.
    #[must_use]
    pub fn has_usage(&self, usage: &str) -> bool {
        self.key_usage.as_ref().is_some_and(|usages| usages.contains(&usage))
    }

    /// Whether extKeyUsage has this purpose.
    #[must_use]
    pub fn has_purpose(&self, purpose: &str) -> bool {
        self.ext_key_usage.as_ref().is_some_and(|purposes| purposes.iter().any(|p| p == purpose))
    }

    /// Whole days of validity that are left at a time; negative where they are over.
    #[must_use]
    pub fn days_left(&self, at: Time) -> Option<i64> {
        Some(self.not_after?.days_since(at))
    }

    fn read_tbs(&mut self, tbs: &mut Reader<'_>) -> Result<(), Malformed> {
        let version = tbs.optional(0xa0, "tbsCertificate.version")?;
        self.version = match version.map(|version| version.inside().expect(tag::INTEGER, "version")) {
            None => 1,
            Some(Ok(number)) => small(number.content)
                .and_then(|number| u8::try_from(number).ok()?.checked_add(1))
                .unwrap_or_default(),
            Some(Err(fault)) => {
                self.faults.push(fault);
                0
            }
        };
        let number = tbs.expect(tag::INTEGER, "tbsCertificate.serialNumber")?;
        self.serial = serial(number.content);
        self.serial_octets = number.content.to_vec();
        let algorithm = tbs.expect(tag::SEQUENCE, "tbsCertificate.signature")?;
        self.tbs_signature_identifier = algorithm.whole.to_vec();
        self.signature_algorithm = algorithm_name(&algorithm);
        self.issuer = read_name(tbs, "tbsCertificate.issuer")?;
        self.read_validity(&tbs.expect(tag::SEQUENCE, "tbsCertificate.validity")?);
        self.subject = read_name(tbs, "tbsCertificate.subject")?;
        let key = tbs.expect(tag::SEQUENCE, "tbsCertificate.subjectPublicKeyInfo")?;
        match PublicKey::read(&key) {
            Ok(key) => self.key = key,
            Err(fault) => {
                self.key = PublicKey { der: key.whole.to_vec(), malformed: true, ..PublicKey::default() };
                self.faults.push(fault);
            }
        }
        while !tbs.is_empty() {
            let element = match tbs.any("tbsCertificate") {
                Ok(element) => element,
                // Of extensions that are cut off, the first ones came.
                Err(fault) => {
                    let cut = header(tbs.rest()).and_then(|skip| tbs.rest().get(skip..)).unwrap_or_default();
                    if tbs.peek() == Some(0xa3)
                        && let Some(list) = header(cut).and_then(|skip| cut.get(skip..))
                    {
                        self.read_extensions(Reader::new(list));
                    }
                    return Err(fault);
                }
            };
            match element.context() {
                Some(1 | 2) => self.unique_ids = true,
                Some(3) if element.constructed() => {
                    match element.inside().expect(tag::SEQUENCE, "tbsCertificate.extensions") {
                        Ok(list) => self.read_extensions(list.inside()),
                        Err(fault) => self.faults.push(fault),
                    }
                }
                _ => self.faults.push(Malformed {
                    field: "tbsCertificate",
                    why: Fault::Tag(element.tag),
                    at: element.at,
                }),
            }
        }
        Ok(())
    }

    fn read_validity(&mut self, validity: &Element<'_>) {
        let mut times = validity.inside();
        for index in 0..2 {
            let Ok(element) = times.any("tbsCertificate.validity") else {
                let why = Fault::Missing;
                self.faults.push(Malformed { field: "tbsCertificate.validity", why, at: times.at() });
                return;
            };
            let text = element.string();
            let time = match element.tag & !0x20 {
                found @ (tag::UTC_TIME | tag::GENERALIZED_TIME) => Time::read(found, &text),
                _ => None,
            };
            if time.is_none() {
                let why = Fault::Value;
                self.faults.push(Malformed { field: "tbsCertificate.validity", why, at: element.at });
            }
            let written = (element.tag, super::name::latin1(&text));
            let [not_before, not_after] = &mut self.validity;
            if index == 0 {
                self.not_before = time;
                *not_before = written;
            } else {
                self.not_after = time;
                *not_after = written;
            }
        }
        self.trailing("tbsCertificate.validity", &times);
    }

    fn read_extensions(&mut self, mut list: Reader<'_>) {
        self.extensions.reserve(12);
        while !list.is_empty() {
            let read = list
                .expect(tag::SEQUENCE, "tbsCertificate.extensions")
                .and_then(|element| Ok((Extension::read(&element)?, element.at)));
            match read {
                Ok((mut extension, at)) => {
                    if let Err(fault) = extension.fill(self) {
                        extension.malformed = true;
                        self.faults.push(Malformed { at: at + fault.at, ..fault });
                    }
                    self.extensions.push(extension);
                }
                Err(fault) => {
                    self.faults.push(fault);
                    return;
                }
            }
        }
    }

    fn read_signature(&mut self, parts: &mut Reader<'_>) -> Result<(), Malformed> {
        let algorithm = parts.expect(tag::SEQUENCE, "signatureAlgorithm")?;
        self.signature_identifier = algorithm.whole.to_vec();
        self.signature_algorithm = algorithm_name(&algorithm);
        let bits = parts.expect(tag::BIT_STRING, "signatureValue")?;
        let bits = bits.string();
        self.signature = bits.get(1..).unwrap_or_default().to_vec();
        Ok(())
    }

    fn trailing(&mut self, field: &'static str, reader: &Reader<'_>) {
        let count = reader.rest().len();
        if count > 0 {
            self.faults.push(Malformed { field, why: Fault::Trailing(count), at: reader.at() });
        }
    }
}

/// The name of an AlgorithmIdentifier's algorithm as OpenSSL prints it.
pub(super) fn algorithm_name(identifier: &Element<'_>) -> Cow<'static, str> {
    let algorithm = identifier.inside().expect(tag::OID, "algorithm");
    match algorithm.map(|algorithm| oid::name_or_dotted(algorithm.content)) {
        Ok(Cow::Borrowed("Ed25519")) => Cow::Borrowed("ED25519"),
        Ok(Cow::Borrowed("Ed448")) => Cow::Borrowed("ED448"),
        Ok(name) => name,
        Err(_) => Cow::Borrowed(""),
    }
}

/// How long the header of the first element is, however much of the element came.
fn header(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [_, length, ..] if *length < 0x80 => Some(2),
        [_, length, ..] => Some(2 + usize::from(length & 0x7f)),
        _ => None,
    }
}
