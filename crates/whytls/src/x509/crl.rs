//! Certificate revocation lists.
//!
//! In:  DER, of any size.
//! Out: [`Crl`]; its entries are read one by one, when they are asked for.
//! Not here: which certificates it concerns. That is `verify`.

use std::borrow::Cow;

use super::certificate::algorithm_name;
use super::der::{Element, Malformed, Reader, hex, small, tag};
use super::extension::{Extension, read_name, serial};
use super::name::{GeneralName, Name};
use super::time::Time;

/// A revocation list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crl {
    /// The whole list.
    pub der: Vec<u8>,
    /// Who says so.
    pub issuer: Name,
    /// thisUpdate.
    pub this_update: Option<Time>,
    /// nextUpdate.
    pub next_update: Option<Time>,
    /// The algorithm of its signature.
    pub signature_algorithm: Cow<'static, str>,
    /// cRLNumber, in hex.
    pub number: Option<String>,
    /// authorityKeyIdentifier, in hex.
    pub authority_key_id: Option<String>,
    /// It lists only what changed since the list of that number, in hex.
    pub delta_of: Option<String>,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// Where revokedCertificates stands in `der`.
    revoked: (usize, usize),
}

/// One revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Its serial number, as `Certificate::serial` writes it.
    pub serial: String,
    /// Since when.
    pub date: Option<Time>,
    /// RFC 5280 §5.3.1: `keyCompromise`; `None` where no reason is given.
    pub reason: Option<&'static str>,
    /// Who issued it, where that is not the issuer of the list.
    pub issuer: Option<Name>,
}

impl Crl {
    /// Reads a list, but not its entries.
    ///
    /// # Errors
    /// It is none, or it is cut off.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let whole = Reader::new(der).expect(tag::SEQUENCE, "certificateList")?;
        let mut parts = whole.inside();
        let mut list = parts.expect(tag::SEQUENCE, "tbsCertList")?.inside();
        list.optional(tag::INTEGER, "tbsCertList.version")?;
        let algorithm = list.expect(tag::SEQUENCE, "tbsCertList.signature")?;
        let mut crl = Self {
            der: whole.whole.to_vec(),
            signature_algorithm: algorithm_name(&algorithm),
            issuer: read_name(&mut list, "tbsCertList.issuer")?,
            ..Self::default()
        };
        crl.this_update = time(&list.any("tbsCertList.thisUpdate")?);
        if matches!(list.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) {
            crl.next_update = time(&list.any("tbsCertList.nextUpdate")?);
        }
        if let Some(revoked) = list.optional(tag::SEQUENCE, "tbsCertList.revokedCertificates")? {
            crl.revoked = (revoked.at, revoked.at + revoked.whole.len());
        }
        if let Some(extensions) = list.optional(0xa0, "tbsCertList.crlExtensions")?
            && let Some(extensions) = extensions.inside().next()
        {
            for element in extensions.inside() {
                let Ok(extension) = Extension::read(&element) else { continue };
                crl.note(&extension);
                crl.extensions.push(extension);
            }
        }
        Ok(crl)
    }

    fn note(&mut self, extension: &Extension) {
        let mut value = Reader::new(&extension.value);
        match extension.name {
            Some("cRLNumber") => {
                self.number = value.expect(tag::INTEGER, "cRLNumber").ok().map(|n| serial(n.content));
            }
            Some("deltaCRLIndicator") => {
                self.delta_of = value.expect(tag::INTEGER, "baseCRLNumber").ok().map(|n| serial(n.content));
            }
            Some("authorityKeyIdentifier") => {
                let id = value.next().and_then(|list| list.inside().find(|part| part.context() == Some(0)));
                self.authority_key_id = id.map(|id| hex(&id.string()));
            }
            _ => {}
        }
    }

    /// The entries, in order, read one by one.
    pub fn revoked(&self) -> impl Iterator<Item = Revoked> {
        self.entries().map(|entry| entry.read())
    }

    /// How many entries there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries().count()
    }

    /// The entry of that serial number's content octets, if there is one. Looks at every entry.
    #[must_use]
    pub fn find(&self, serial_octets: &[u8]) -> Option<Revoked> {
        let of =
            |entry: &Entry<'_>| entry.0.inside().next().is_some_and(|number| number.content == serial_octets);
        self.entries().find(of).map(|entry| entry.read())
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let (start, end) = self.revoked;
        let list = Reader::new(self.der.get(start..end).unwrap_or_default()).next();
        list.map(|list| list.inside()).into_iter().flatten().map(Entry)
    }
}

struct Entry<'a>(Element<'a>);

impl Entry<'_> {
    fn read(&self) -> Revoked {
        let mut inside = self.0.inside();
        let number = inside.next().map(|number| serial(number.content));
        let date = inside.next().and_then(|date| time(&date));
        let mut revoked = Revoked { serial: number.unwrap_or_default(), date, reason: None, issuer: None };
        for element in inside.next().into_iter().flat_map(|list| list.inside()) {
            let Ok(extension) = Extension::read(&element) else { continue };
            match extension.name {
                Some("reasonCode") => {
                    let code = Reader::new(&extension.value).next().and_then(|code| small(code.content));
                    revoked.reason = code.and_then(reason);
                }
                Some("certificateIssuer") => {
                    revoked.issuer = extension.general_names().into_iter().find_map(|name| match name {
                        GeneralName::Directory(name) => Some(name),
                        _ => None,
                    });
                }
                _ => {}
            }
        }
        revoked
    }
}

/// The name of a CRLReason.
#[must_use]
pub(super) fn reason(code: u64) -> Option<&'static str> {
    Some(match code {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => return None,
    })
}

pub(super) fn time(element: &Element<'_>) -> Option<Time> {
    Time::read(element.tag & !0x20, &element.string())
}
