//! Certificate revocation lists that were given.
//!
//! In:  CRLs; a certificate of the path and its issuer.
//! Out: revoked, or why the list cannot be used.
//! Not here: fetching lists. Nothing is fetched.

use super::der::{self, Reader};
use super::fault::Fault;
use super::raw::{self, Ext, Key, Name, Raw};
use super::signature::{self, Signed};
use crate::x509::Time;

/// A list's parts.
#[derive(Debug)]
pub(super) struct Crl<'a> {
    tbs: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    pub(super) issuer: &'a [u8],
    from: Option<i64>,
    to: Option<i64>,
    has_next: bool,
    revoked: Vec<(&'a [u8], Option<i64>, Option<u8>)>,
    extensions: Vec<Ext<'a>>,
}

/// Who signed the certificates that a list may speak of.
pub(super) struct Issuer<'a> {
    pub(super) key: Key<'a>,
    /// Where it is known.
    pub(super) certificate: Option<&'a Raw<'a>>,
}

impl<'a> Crl<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = Reader(Reader(bytes).take(der::SEQUENCE)?.value);
        let tbs = outer.take(der::SEQUENCE)?;
        let algorithm = outer.take(der::SEQUENCE)?.value;
        let signature = outer.take(der::BIT_STRING)?.value.strip_prefix(&[0])?;
        let mut inner = Reader(tbs.value);
        let _ = inner.take(der::INTEGER);
        inner.take(der::SEQUENCE)?;
        let issuer = inner.take(der::SEQUENCE)?.whole;
        let from = der::time(inner.any()?);
        let mut to = None;
        let mut has_next = false;
        if matches!(inner.peek(), Some(der::UTC_TIME | der::GENERALIZED_TIME)) {
            has_next = true;
            to = der::time(inner.any()?);
        }
        let mut revoked = Vec::new();
        if let Some(list) = inner.take(der::SEQUENCE) {
            for entry in der::all(list.value)? {
                let mut entry = Reader(entry.value);
                let serial = entry.take(der::INTEGER)?.value;
                let when = der::time(entry.any()?);
                let reason = entry.any().and_then(|list| {
                    let extensions = Ext::all(list.whole)?;
                    let reason = extensions.iter().find(|ext| ext.oid == [0x55, 0x1d, 21])?;
                    der::only(reason.value, der::ENUMERATED)?.value.first().copied()
                });
                revoked.push((serial, when, reason));
            }
        }
        let mut extensions = Vec::new();
        if let Some(tlv) = inner.take(0xa0) {
            extensions = Ext::all(tlv.value)?;
        }
        Some(Self { tbs: tbs.whole, algorithm, signature, issuer, from, to, has_next, revoked, extensions })
    }

    fn ext(&self, oid: &[u8]) -> Option<&Ext<'a>> {
        self.extensions.iter().find(|ext| ext.oid == oid)
    }

    /// What the list says of a certificate of this issuer; none where it is not revoked, and the
    /// list can be used.
    pub(super) fn check(
        &self,
        certificate: &Raw<'_>,
        issuer: &Issuer<'_>,
        at: Option<Time>,
    ) -> Option<Fault> {
        if let Some(fault) = self.unusable(certificate, issuer, at) {
            return Some(fault);
        }
        let (_, when, reason) = self.revoked.iter().find(|(serial, ..)| *serial == certificate.serial)?;
        // removeFromCRL
        if *reason == Some(8) {
            return None;
        }
        let when = when.map_or_else(|| "?".to_owned(), |when| Time(when).to_string());
        let (en, zh) = match reason {
            Some(1) => (" because its key was stolen", "，原因是密钥泄露"),
            Some(2) => (" because the CA's key was stolen", "，原因是 CA 密钥泄露"),
            Some(3) => (" because its owner changed", "，原因是所属关系变更"),
            Some(4) => (" because another one replaced it", "，原因是已被替换"),
            Some(5) => (" because it is no longer needed", "，原因是停止使用"),
            Some(9) => (" because its owner lost the right to it", "，原因是权限被撤销"),
            _ => ("", ""),
        };
        Some(
            Fault::new(
                "revoked-certificate",
                "revoked",
                format!("its issuer revoked it on {when}{en}"),
                format!("颁发者已于 {when} 将其吊销{zh}"),
            )
            .source("RFC 5280 §6.3"),
        )
    }

    fn unusable(&self, certificate: &Raw<'_>, issuer: &Issuer<'_>, at: Option<Time>) -> Option<Fault> {
        let failed = |rule, en: &str, zh: &str| {
            Some(
                Fault::new(
                    "revocation-check-failed",
                    rule,
                    format!("the revocation list of its issuer {en}"),
                    format!("其颁发者的吊销列表{zh}"),
                )
                .source("RFC 5280 §6.3"),
            )
        };
        if let Some(raw) = issuer.certificate
            && raw.key_usage().is_some_and(|bits| bits & raw::CRL_SIGN == 0)
        {
            return failed(
                "crl-issuer-may-not",
                "was signed by a key that may not sign lists (no cRLSign)",
                "由无权签发吊销列表的密钥签名（没有 cRLSign）",
            );
        }
        match signature::check(&issuer.key, self.algorithm, self.tbs, self.signature) {
            Signed::Good => {}
            Signed::Bad => return failed("crl-signature-bad", "has a wrong signature", "签名错误"),
            Signed::Unknown => {
                return failed(
                    "crl-signature-unknown",
                    "has a signature of an unknown kind",
                    "使用了未知的签名算法",
                );
            }
        }
        if self.from.is_none() {
            return failed(
                "crl-this-update",
                "has no valid date of issue (thisUpdate)",
                "没有合法的签发时间（thisUpdate）",
            );
        }
        if self.has_next && self.to.is_none() {
            return failed(
                "crl-next-update",
                "has no valid date of the next one (nextUpdate)",
                "没有合法的下次更新时间（nextUpdate）",
            );
        }
        if let Some(Time(now)) = at {
            if self.from.is_some_and(|from| now < from) {
                return failed("crl-not-yet-valid", "is not valid yet", "尚未生效");
            }
            if self.to.is_some_and(|to| now > to) {
                return failed("crl-expired", "is out of date", "已经过期");
            }
        }
        for ext in self.extensions.iter().filter(|ext| ext.critical) {
            if ext.oid == raw::CRL_NUMBER {
                return failed(
                    "crl-number-critical",
                    "marks its number as critical, which it must not",
                    "把编号标为关键，这是不允许的",
                );
            }
            if ext.oid != raw::ISSUING_POINT && ext.oid != raw::DELTA_CRL {
                return failed(
                    "crl-critical-unknown",
                    "has a critical extension that nobody knows",
                    "带有未知的关键扩展",
                );
            }
        }
        if self.ext(raw::DELTA_CRL).is_some() {
            return failed("crl-delta", "is only a delta to another one", "只是另一份列表的增量");
        }
        if self.ext(raw::CRL_NUMBER).is_none() && !self.extensions.is_empty() {
            return failed("crl-number-missing", "has no number", "没有编号");
        }
        if self.ext(raw::ISSUING_POINT).is_some_and(|ext| !covers(ext.value, certificate)) {
            return failed(
                "crl-scope",
                "is about other certificates (issuingDistributionPoint)",
                "针对的是其他证书（issuingDistributionPoint）",
            );
        }
        None
    }
}

/// Whether an issuingDistributionPoint lets the list speak of this certificate.
fn covers(value: &[u8], certificate: &Raw<'_>) -> bool {
    let Some(parts) = der::only(value, der::SEQUENCE).and_then(|tlv| der::all(tlv.value)) else {
        return false;
    };
    for part in parts {
        let on = part.value.first().is_some_and(|byte| *byte != 0);
        match part.tag {
            0xa0 => {
                let own = uris(part.value);
                let wanted = points(certificate);
                if !own.iter().any(|uri| wanted.contains(uri)) {
                    return false;
                }
            }
            0x81 if on && certificate.is_ca() => return false,
            0x82 if on && !certificate.is_ca() => return false,
            // Only some reasons, indirect, or about attribute certificates.
            0x83 => return false,
            0x84 | 0x85 if on => return false,
            _ => {}
        }
    }
    true
}

/// The URIs of a DistributionPointName.
fn uris(name: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = Reader(name);
    let Some(full) = reader.take(0xa0) else { return Vec::new() };
    let names = der::all(full.value).unwrap_or_default();
    let found = names.into_iter().filter_map(Name::parse);
    found.filter_map(|name| if let Name::Uri(uri) = name { Some(uri.to_vec()) } else { None }).collect()
}

fn points(certificate: &Raw<'_>) -> Vec<Vec<u8>> {
    let Some(ext) = certificate.ext(raw::CRL_POINTS) else { return Vec::new() };
    let list = der::only(ext.value, der::SEQUENCE).and_then(|tlv| der::all(tlv.value)).unwrap_or_default();
    list.iter().filter_map(|point| Reader(point.value).take(0xa0)).flat_map(|name| uris(name.value)).collect()
}
