//! Extensions of certificates.
//!
//! In:  one extension.
//! Out: what it says, put into the fields of the certificate that it belongs to.
//! Not here: extensions told line by line. That is `details`.

use std::borrow::Cow;

use super::certificate::Certificate;
use super::der::{Element, Fault, Malformed, Reader, hex, small, tag};
use super::name::{GeneralName, Name, ip};
use super::oid;

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

impl AltNames {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.dns.len() + self.ip.len() + self.email.len() + self.uri.len() + self.other.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn sort_out(names: Vec<GeneralName>) -> Self {
        let mut sorted = Self::default();
        for name in names {
            match name {
                GeneralName::Dns(name) => sorted.dns.push(name),
                GeneralName::Ip(octets) => sorted.ip.push(ip(&octets)),
                GeneralName::Email(address) => sorted.email.push(address),
                GeneralName::Uri(uri) => sorted.uri.push(uri),
                other => sorted.other.push(other.to_string()),
            }
        }
        sorted
    }
}

/// keyUsage: the bits by their names in RFC 5280 §4.2.1.3, such as `digitalSignature`.
pub type KeyUsage = Vec<&'static str>;

/// The bits of keyUsage, the first bit first.
pub const KEY_USAGES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

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

impl Extension {
    /// Its name, else its OID.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.unwrap_or(&self.oid)
    }

    /// Reads an Extension.
    pub(super) fn read(element: &Element<'_>) -> Result<Self, Malformed> {
        const FIELD: &str = "tbsCertificate.extensions";
        let mut inside = element.inside();
        let oid = inside.expect(tag::OID, FIELD)?;
        let critical = inside.optional(tag::BOOLEAN, FIELD)?;
        let value = inside.expect(tag::OCTET_STRING, FIELD)?;
        Ok(Self {
            oid: oid::dotted(oid.content),
            name: oid::name(oid.content),
            critical: critical.is_some_and(|c| c.content.iter().any(|octet| *octet != 0)),
            value: value.string().into_owned(),
            malformed: false,
        })
    }

    /// The one element that nearly all extensions consist of.
    fn element(&self, tag: u8) -> Result<Element<'_>, Malformed> {
        let mut reader = Reader::new(&self.value);
        let element = reader.expect(tag, "extnValue")?;
        match reader.rest().len() {
            0 => Ok(element),
            count => Err(Malformed { field: "extnValue", why: Fault::Trailing(count), at: reader.at() }),
        }
    }

    /// The general names of subjectAltName or issuerAltName, as many as can be read.
    #[must_use]
    pub fn general_names(&self) -> Vec<GeneralName> {
        Reader::new(&self.value)
            .expect(tag::SEQUENCE, "extnValue")
            .map(|names| GeneralName::read_all(names.inside()).0)
            .unwrap_or_default()
    }

    /// Puts what it says into the certificate. What stands there already stays: of an extension
    /// that comes twice the first one counts.
    pub(super) fn fill(&self, certificate: &mut Certificate) -> Result<(), Malformed> {
        match self.name {
            Some("subjectAltName") if certificate.san.is_none() => {
                let (names, read) = match self.element(tag::SEQUENCE) {
                    Ok(names) => GeneralName::read_all(names.inside()),
                    Err(malformed) => (self.general_names(), Err(malformed)),
                };
                certificate.san = Some(AltNames::sort_out(names));
                read
            }
            Some("basicConstraints") if certificate.is_ca.is_none() => {
                certificate.is_ca = Some(false);
                let mut inside = self.element(tag::SEQUENCE)?.inside();
                let ca = inside.optional(tag::BOOLEAN, "cA")?;
                certificate.is_ca = Some(ca.is_some_and(|ca| ca.content.iter().any(|octet| *octet != 0)));
                if let Some(length) = inside.optional(tag::INTEGER, "pathLenConstraint")? {
                    let value = small(length.content).and_then(|value| u32::try_from(value).ok());
                    certificate.path_len = Some(value.ok_or(Malformed {
                        field: "pathLenConstraint",
                        why: Fault::Value,
                        at: length.at,
                    })?);
                }
                done(&inside)
            }
            Some("keyUsage") if certificate.key_usage.is_none() => {
                certificate.key_usage = Some(Vec::new());
                let bits = self.element(tag::BIT_STRING)?;
                let octets = bits.content.get(1..).ok_or(Malformed {
                    field: "keyUsage",
                    why: Fault::Value,
                    at: bits.at,
                })?;
                let set = |at: usize| octets.get(at / 8).is_some_and(|octet| octet & (0x80 >> (at % 8)) != 0);
                let names = KEY_USAGES.iter().enumerate().filter(|(at, _)| set(*at)).map(|(_, name)| *name);
                certificate.key_usage = Some(names.collect());
                Ok(())
            }
            Some("extKeyUsage") if certificate.ext_key_usage.is_none() => {
                let mut usages = Vec::new();
                let read = oids(self.element(tag::SEQUENCE), &mut usages);
                certificate.ext_key_usage = Some(usages);
                read
            }
            Some("subjectKeyIdentifier") if certificate.subject_key_id.is_none() => {
                certificate.subject_key_id = Some(hex(&self.element(tag::OCTET_STRING)?.string()));
                Ok(())
            }
            Some("authorityKeyIdentifier") if certificate.authority_key_id.is_none() => {
                let mut inside = self.element(tag::SEQUENCE)?.inside();
                while !inside.is_empty() {
                    let part = inside.any("authorityKeyIdentifier")?;
                    match part.context() {
                        Some(0) => certificate.authority_key_id = Some(hex(&part.string())),
                        Some(1) => certificate.authority_issuer = GeneralName::read_all(part.inside()).0,
                        Some(2) => certificate.authority_serial = Some(serial(part.content)),
                        _ => return Err(wrong("authorityKeyIdentifier", &part)),
                    }
                }
                Ok(())
            }
            Some("authorityInfoAccess") => {
                let mut inside = self.element(tag::SEQUENCE)?.inside();
                while !inside.is_empty() {
                    let mut access = inside.expect(tag::SEQUENCE, "authorityInfoAccess")?.inside();
                    let method = access.expect(tag::OID, "accessMethod")?;
                    let place = match GeneralName::read(&access.any("accessLocation")?)? {
                        GeneralName::Uri(uri) => uri,
                        other => other.to_string(),
                    };
                    match oid::name(method.content) {
                        Some("caIssuers") => certificate.ca_issuers.push(place),
                        Some("OCSP") => certificate.ocsp.push(place),
                        _ => {}
                    }
                }
                Ok(())
            }
            Some("cRLDistributionPoints") => {
                let mut inside = self.element(tag::SEQUENCE)?.inside();
                while !inside.is_empty() {
                    let point = inside.expect(tag::SEQUENCE, "DistributionPoint")?;
                    for name in full_name(&point)? {
                        certificate.crls.push(match name {
                            GeneralName::Uri(uri) => uri,
                            other => other.to_string(),
                        });
                    }
                }
                Ok(())
            }
            Some("certificatePolicies") => {
                let mut inside = self.element(tag::SEQUENCE)?.inside();
                while !inside.is_empty() {
                    let mut policy = inside.expect(tag::SEQUENCE, "PolicyInformation")?.inside();
                    let policy = policy.expect(tag::OID, "policyIdentifier")?;
                    certificate.policies.push(oid::dotted(policy.content));
                }
                Ok(())
            }
            Some("nameConstraints") if certificate.name_constraints.is_none() => {
                let mut constraints = NameConstraints::default();
                let read = self.subtrees(&mut constraints);
                certificate.name_constraints = Some(constraints);
                read
            }
            _ => Ok(()),
        }
    }

    fn subtrees(&self, constraints: &mut NameConstraints) -> Result<(), Malformed> {
        let mut inside = self.element(tag::SEQUENCE)?.inside();
        while !inside.is_empty() {
            let subtrees = inside.any("nameConstraints")?;
            let list = match subtrees.context() {
                Some(0) => &mut constraints.permitted,
                Some(1) => &mut constraints.excluded,
                _ => return Err(wrong("nameConstraints", &subtrees)),
            };
            let mut subtrees = subtrees.inside();
            while !subtrees.is_empty() {
                let subtree = subtrees.expect(tag::SEQUENCE, "GeneralSubtree")?;
                list.push(GeneralName::read(&subtree.inside().any("base")?)?.to_string());
            }
        }
        Ok(())
    }
}

/// distributionPoint.fullName of a DistributionPoint; empty where it is given in another way.
pub(super) fn full_name(point: &Element<'_>) -> Result<Vec<GeneralName>, Malformed> {
    let mut names = Vec::new();
    let mut point = point.inside();
    if let Some(name) = point.optional(0xa0, "distributionPoint")?
        && let Some(full) = name.inside().optional(0xa0, "fullName")?
    {
        let (read, whole) = GeneralName::read_all(full.inside());
        names = read;
        whole?;
    }
    Ok(names)
}

/// A serial number in hex as OpenSSL prints it, in lower case: a minus before a negative one.
#[must_use]
pub fn serial(content: &[u8]) -> String {
    match content {
        [] => String::new(),
        [first, ..] if first & 0x80 != 0 => {
            // Two's complement: invert, add one.
            let mut magnitude: Vec<u8> = content.iter().map(|octet| !octet).collect();
            for octet in magnitude.iter_mut().rev() {
                let (sum, carry) = octet.overflowing_add(1);
                *octet = sum;
                if !carry {
                    break;
                }
            }
            let zeros = magnitude.iter().take_while(|octet| **octet == 0).count();
            format!("-{}", hex(magnitude.get(zeros..).unwrap_or_default()))
        }
        _ => {
            let zeros = content.iter().take_while(|octet| **octet == 0).count();
            hex(content.get(zeros.min(content.len() - 1)..).unwrap_or_default())
        }
    }
}

fn oids(
    element: Result<Element<'_>, Malformed>,
    names: &mut Vec<Cow<'static, str>>,
) -> Result<(), Malformed> {
    let mut inside = element?.inside();
    while !inside.is_empty() {
        names.push(oid::name_or_dotted(inside.expect(tag::OID, "KeyPurposeId")?.content));
    }
    Ok(())
}

fn done(reader: &Reader<'_>) -> Result<(), Malformed> {
    match reader.rest().len() {
        0 => Ok(()),
        count => Err(Malformed { field: "extnValue", why: Fault::Trailing(count), at: reader.at() }),
    }
}

fn wrong(field: &'static str, element: &Element<'_>) -> Malformed {
    Malformed { field, why: Fault::Tag(element.tag), at: element.at }
}

/// A Name on its own, such as a certificate's issuer in an OCSP response.
pub(super) fn read_name(reader: &mut Reader<'_>, field: &'static str) -> Result<Name, Malformed> {
    Ok(Name::read(&reader.expect(tag::SEQUENCE, field)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_serial_numbers_as_openssl_does() {
        assert_eq!(serial(&[0x0a]), "0a");
        assert_eq!(serial(&[0x00, 0xff]), "ff");
        assert_eq!(serial(&[0xff]), "-01");
        assert_eq!(serial(&[0x80, 0x00]), "-8000");
        assert_eq!(serial(&[0xff, 0x00]), "-0100");
        assert_eq!(serial(&[0]), "00");
        assert_eq!(serial(&[]), "");
    }
}
