//! OCSP responses.
//!
//! In:  DER, as it is stapled or as a responder sends it.
//! Out: [`OcspResponse`]: what it says of each certificate, and from when to when.
//! Not here: whether its signature holds.

use std::borrow::Cow;

use super::certificate::{Certificate, algorithm_name};
use super::crl::{reason, time};
use super::der::{Element, Fault, Malformed, Reader, hex, small, tag};
use super::extension::serial;
use super::name::Name;
use super::oid;
use super::time::Time;

/// An OCSP response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OcspResponse {
    /// RFC 6960 §4.2.1: `successful`, `tryLater` …; empty for a number without a name.
    pub status: &'static str,
    /// Who answers.
    pub responder: Option<Responder>,
    /// producedAt.
    pub produced_at: Option<Time>,
    /// What it says of each certificate.
    pub answers: Vec<Answer>,
    /// The algorithm of its signature.
    pub signature_algorithm: Cow<'static, str>,
    /// Certificates that it brings along.
    pub certificates: Vec<Certificate>,
}

/// How a responder names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Responder {
    /// By its subject.
    Name(Name),
    /// By SHA-1 of its key, in hex.
    Key(String),
}

/// The status of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The certificate's serial number, as `Certificate::serial` writes it.
    pub serial: String,
    /// Hash of the issuer's name, in hex, by the algorithm named beside.
    pub issuer_name_hash: String,
    /// Hash of the issuer's key, in hex.
    pub issuer_key_hash: String,
    /// `sha1`, `sha256` …
    pub hash: Cow<'static, str>,
    /// `good`, `revoked` or `unknown`.
    pub status: &'static str,
    /// Since when it is revoked.
    pub revoked_at: Option<Time>,
    /// Why it is revoked.
    pub reason: Option<&'static str>,
    /// thisUpdate.
    pub this_update: Option<Time>,
    /// nextUpdate.
    pub next_update: Option<Time>,
}

impl OcspResponse {
    /// Reads an OCSPResponse.
    ///
    /// # Errors
    /// It is none, or it is cut off.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let mut response = Reader::new(der).expect(tag::SEQUENCE, "OCSPResponse")?.inside();
        let status = response.expect(tag::ENUMERATED, "responseStatus")?;
        let status = match small(status.content) {
            Some(0) => "successful",
            Some(1) => "malformedRequest",
            Some(2) => "internalError",
            Some(3) => "tryLater",
            Some(5) => "sigRequired",
            Some(6) => "unauthorized",
            _ => "",
        };
        let mut read = Self { status, ..Self::default() };
        if let Some(bytes) = response.optional(0xa0, "responseBytes")? {
            let mut bytes = bytes.inside().expect(tag::SEQUENCE, "responseBytes")?.inside();
            let kind = bytes.expect(tag::OID, "responseType")?;
            let basic = bytes.expect(tag::OCTET_STRING, "response")?;
            if oid::name(kind.content) == Some("basicOCSPResponse") {
                read.read_basic(&basic.string())
                    .map_err(|fault| Malformed { at: fault.at + basic.at, ..fault })?;
            }
        }
        Ok(read)
    }

    fn read_basic(&mut self, der: &[u8]) -> Result<(), Malformed> {
        let mut basic = Reader::new(der).expect(tag::SEQUENCE, "BasicOCSPResponse")?.inside();
        let mut data = basic.expect(tag::SEQUENCE, "tbsResponseData")?.inside();
        let algorithm = basic.expect(tag::SEQUENCE, "signatureAlgorithm")?;
        self.signature_algorithm = algorithm_name(&algorithm);
        // A version is explicit too; it stands before the responder and holds an INTEGER.
        data.optional(0xa0, "version")?;
        let responder = data.any("responderID")?;
        self.responder = match responder.context() {
            Some(1) => Some(Responder::Name(Name::read(&responder.inside().any("byName")?))),
            Some(2) => Some(Responder::Key(hex(&responder.inside().any("byKey")?.string()))),
            _ => {
                let why = Fault::Tag(responder.tag);
                return Err(Malformed { field: "responderID", why, at: responder.at });
            }
        };
        self.produced_at = time(&data.any("producedAt")?);
        for answer in data.expect(tag::SEQUENCE, "responses")?.inside() {
            self.answers.push(Answer::read(&answer)?);
        }
        basic.expect(tag::BIT_STRING, "signature")?;
        if let Some(certificates) = basic.optional(0xa0, "certs")?
            && let Some(list) = certificates.inside().next()
        {
            self.certificates =
                list.inside().filter_map(|certificate| Certificate::parse(certificate.whole).ok()).collect();
        }
        Ok(())
    }
}

impl Answer {
    fn read(element: &Element<'_>) -> Result<Self, Malformed> {
        let mut inside = element.inside();
        let mut id = inside.expect(tag::SEQUENCE, "certID")?.inside();
        let hash = id.expect(tag::SEQUENCE, "hashAlgorithm")?;
        let mut answer = Self { hash: algorithm_name(&hash), ..Self::default() };
        answer.issuer_name_hash = hex(&id.expect(tag::OCTET_STRING, "issuerNameHash")?.string());
        answer.issuer_key_hash = hex(&id.expect(tag::OCTET_STRING, "issuerKeyHash")?.string());
        answer.serial = serial(id.expect(tag::INTEGER, "serialNumber")?.content);
        let status = inside.any("certStatus")?;
        answer.status = match status.context() {
            Some(0) => "good",
            Some(1) => "revoked",
            _ => "unknown",
        };
        if answer.status == "revoked" {
            let mut revoked = status.inside();
            answer.revoked_at = revoked.next().and_then(|at| time(&at));
            let code = revoked.next().and_then(|reason| reason.inside().next());
            answer.reason = code.and_then(|code| small(code.content)).and_then(reason);
        }
        answer.this_update = time(&inside.any("thisUpdate")?);
        if let Some(next) = inside.optional(0xa0, "nextUpdate")? {
            answer.next_update = next.inside().next().and_then(|next| time(&next));
        }
        Ok(answer)
    }
}
