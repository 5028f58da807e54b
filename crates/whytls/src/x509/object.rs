//! Tells what DER holds from its shape, whatever a label says of it.
//!
//! In:  DER, whole or cut off.
//! Out: [`Object`].
//! Not here: its fields.

use super::ber::{
    self as der, BIT_STRING, ENUMERATED, GENERALIZED_TIME, INTEGER, OID, SEQUENCE, SET, Tlv, UTC_TIME,
};
use super::private::PrivateKey;

/// Something that is kept in files about TLS. Of a private key only what may be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// A certificate, as DER; cut off where the input was.
    Certificate(Vec<u8>),
    /// A request for one (PKCS#10), as DER.
    Request(Vec<u8>),
    /// A list of revoked certificates, as DER.
    Crl(Vec<u8>),
    /// An OCSP response, as DER.
    OcspResponse(Vec<u8>),
    /// A public key: SubjectPublicKeyInfo, as DER.
    PublicKey(Vec<u8>),
    /// A private key.
    PrivateKey(PrivateKey),
    /// PKCS#7, CMS, as DER.
    Pkcs7(Vec<u8>),
    /// PKCS#12. It may hold a key that nothing protects, so it is opened at once, and not kept.
    Pkcs12,
    /// Parameters of Diffie-Hellman or a curve.
    Parameters,
    /// DER of another kind.
    Other,
}

/// The beginning of what PKCS#7 numbers its contents with.
const PKCS7: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07";

impl Object {
    /// What some bytes are. They may be cut off anywhere behind the first few fields.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let (outer, _) = der::read(bytes)?;
        if outer.tag == OID {
            return Some(Self::Parameters)
                .filter(|_| outer.complete && (3..=16).contains(&outer.value.len()));
        }
        let outer = outer.of(SEQUENCE)?;
        // A trusted certificate of OpenSSL has more behind it; only the certificate counts.
        let kept = || outer.whole.to_vec();
        let mut values = outer.values();
        let first = values.next()?;
        match first.tag {
            OID if first.value.starts_with(PKCS7) => Some(Self::Pkcs7(bytes.to_vec())),
            ENUMERATED if first.value.len() == 1 => Some(Self::OcspResponse(kept())),
            INTEGER if first.value == [3] => {
                let content = values.next()?.of(SEQUENCE)?.values().next()?.of(OID)?;
                content.value.starts_with(PKCS7).then_some(Self::Pkcs12)
            }
            SEQUENCE => match signed(&first) {
                Some(Signed::Certificate) => Some(Self::Certificate(kept())),
                Some(Signed::Request) => Some(Self::Request(kept())),
                Some(Signed::Crl) => Some(Self::Crl(kept())),
                None => spki(outer)
                    .map(|()| Self::PublicKey(kept()))
                    .or_else(|| PrivateKey::read(bytes).map(Self::PrivateKey)),
            },
            INTEGER => PrivateKey::read(bytes).map(Self::PrivateKey).or_else(|| numbers(outer)),
            _ => None,
        }
    }

    /// What one word says of it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Certificate(_) => "certificate",
            Self::Request(_) => "certificate request",
            Self::Crl(_) => "CRL",
            Self::OcspResponse(_) => "OCSP response",
            Self::PublicKey(_) => "public key",
            Self::PrivateKey(_) => "private key",
            Self::Pkcs7(_) => "PKCS#7",
            Self::Pkcs12 => "PKCS#12",
            Self::Parameters => "parameters",
            Self::Other => "DER",
        }
    }

    /// The public key in it, where it has one.
    #[must_use]
    pub fn spki(&self) -> Option<&[u8]> {
        let inner = |der: &'_ [u8], at: usize| -> Option<std::ops::Range<usize>> {
            let (outer, _) = der::read(der)?;
            let signed = outer.values().next()?;
            let mut values = signed.values().peekable();
            // Only a certificate has its version in a tag of its own.
            values.next_if(|value| value.tag == 0xa0);
            let key = values.nth(at)?.of(SEQUENCE).filter(|key| key.complete)?;
            let start = (key.whole.as_ptr() as usize).checked_sub(der.as_ptr() as usize)?;
            Some(start..start + key.whole.len())
        };
        match self {
            Self::Certificate(der) => der.get(inner(der, 5)?),
            Self::Request(der) => der.get(inner(der, 2)?),
            Self::PublicKey(der) => Some(der),
            _ => None,
        }
    }
}

enum Signed {
    Certificate,
    Request,
    Crl,
}

/// What is signed, by the tags of its first fields.
fn signed(inner: &Tlv<'_>) -> Option<Signed> {
    let mut values = inner.values();
    let first = values.next()?;
    let is_time = |tag: u8| matches!(tag, UTC_TIME | GENERALIZED_TIME);
    let is_name =
        |value: &Tlv<'_>| value.tag == SEQUENCE && value.values().next().is_none_or(|rdn| rdn.tag == SET);
    let is_algorithm =
        |value: &Tlv<'_>| value.tag == SEQUENCE && value.values().next().is_some_and(|oid| oid.tag == OID);
    match first.tag {
        0xa0 => {
            let version = first.values().next()?.of(INTEGER)?;
            (version.value.len() == 1 && values.next().is_none_or(|serial| serial.tag == INTEGER))
                .then_some(Signed::Certificate)
        }
        INTEGER => {
            let second = values.next()?;
            let third = values.next();
            if is_algorithm(&second) {
                let issuer = third.filter(is_name)?;
                let fourth = values.next();
                return match fourth {
                    Some(time) if is_time(time.tag) => Some(Signed::Crl),
                    Some(validity) if validity.values().next().is_some_and(|time| is_time(time.tag)) => {
                        Some(Signed::Certificate)
                    }
                    // Cut off before it is clear: a CRL has version 1, a certificate a serial number.
                    None if !issuer.complete || !inner.complete => {
                        Some(if first.value == [1] { Signed::Crl } else { Signed::Certificate })
                    }
                    _ => None,
                };
            }
            let key = third.and_then(|key| key.values().next());
            (is_name(&second) && key.is_none_or(|key| is_algorithm(&key)) && first.value.len() == 1)
                .then_some(Signed::Request)
        }
        SEQUENCE if is_algorithm(&first) => {
            let _issuer = values.next().filter(is_name)?;
            values.next().is_some_and(|time| is_time(time.tag)).then_some(Signed::Crl)
        }
        _ => None,
    }
}

fn spki(outer: Tlv<'_>) -> Option<()> {
    let mut values = outer.values();
    values.next()?.values().next()?.of(OID)?;
    let key = values.next()?.of(BIT_STRING)?;
    (key.value.first() == Some(&0)).then_some(())
}

/// Two numbers are an RSA public key where the second is an exponent, else parameters.
fn numbers(outer: Tlv<'_>) -> Option<Object> {
    let mut values = outer.values();
    let (first, second) = (values.next()?.of(INTEGER)?, values.next()?.of(INTEGER)?);
    if !outer.complete || first.value.len() < 64 {
        return None;
    }
    let exponent = second.value.len() <= 4 && second.value.last()? % 2 == 1 && second.value != [5];
    if values.next().is_some() || !exponent {
        return Some(Object::Parameters);
    }
    // As a SubjectPublicKeyInfo, as every other public key.
    let mut bits = vec![0];
    bits.extend_from_slice(outer.whole);
    let mut info = der::value(SEQUENCE, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
    der::write(&mut info, BIT_STRING, &bits);
    Some(Object::PublicKey(der::value(SEQUENCE, &info)))
}
