//! The certificates that a path can be made of, and which of them signed which.
//!
//! In:  certificates from the server, from files, and trusted roots.
//! Out: candidates for the issuer of each, the likeliest first; signatures checked once.
//! Not here: whether a path is any good. That is `path`.

use std::borrow::Cow;
use std::collections::HashMap;

use super::raw::{Constraints, Key, Raw};
use super::signature::{self, Checked, Signed};

/// Who may have issued a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Issuer {
    /// A certificate of the pool.
    Certificate(usize),
    /// A trusted root.
    Anchor(usize),
}

/// A trusted root: a name and a key. The certificate is known where it was given.
#[derive(Debug)]
pub(super) struct Anchor<'a> {
    pub(super) subject: Cow<'a, [u8]>,
    pub(super) key: Key<'a>,
    pub(super) constraints: Option<Constraints<'a>>,
    /// The same, as contents of the sequence.
    pub(super) raw_constraints: Option<&'a [u8]>,
    pub(super) certificate: Option<usize>,
    /// OpenSSL's marks allow it for servers.
    pub(super) allowed: bool,
}

/// More signatures than any honest chain needs.
const MOST_SIGNATURES: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Pool<'a> {
    /// Those that cannot be read are kept, so that the numbers stay.
    pub(super) certificates: Vec<Option<Raw<'a>>>,
    pub(super) anchors: Vec<Anchor<'a>>,
    by_subject: HashMap<&'a [u8], Vec<usize>>,
    anchors_by_subject: HashMap<Vec<u8>, Vec<usize>>,
    links: HashMap<(usize, Issuer), Signed>,
    pub(super) out_of_budget: bool,
}

impl<'a> Pool<'a> {
    /// Certificates and anchors are known: now they can be found by name.
    pub(super) fn index(&mut self) {
        for (at, anchor) in self.anchors.iter().enumerate() {
            self.anchors_by_subject.entry(anchor.subject.to_vec()).or_default().push(at);
        }
        for at in 0..self.certificates.len() {
            let Some(Some(raw)) = self.certificates.get(at) else { continue };
            // A root that is trusted needs no second look at the copy that was sent.
            let trusted = self.anchor_of(raw).is_some();
            if !(trusted && raw.is_self_issued()) {
                self.by_subject.entry(raw.subject).or_default().push(at);
            }
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Raw<'a>> {
        self.certificates.get(at).and_then(Option::as_ref)
    }

    /// The anchor with a certificate's name and key.
    pub(super) fn anchor_of(&self, raw: &Raw<'_>) -> Option<usize> {
        let same = self.anchors_by_subject.get(raw.subject)?;
        same.iter()
            .copied()
            .find(|at| self.anchors.get(*at).is_some_and(|anchor| anchor.key.contents == raw.key.contents))
    }

    /// Whether a CA's certificate is one that another root signed of a root: the same name and key
    /// stand in a root of the pool, or of Mozilla's list.
    pub(super) fn is_cross_sign(&self, raw: &Raw<'_>) -> bool {
        let same = |other: &Raw<'_>| {
            other.is_self_issued() && other.subject == raw.subject && other.key.contents == raw.key.contents
        };
        let is_root = |root: &rustls_pki_types::TrustAnchor<'_>| {
            super::der::only(raw.subject, super::der::SEQUENCE)
                .is_some_and(|name| name.value == &*root.subject)
                && raw.key.contents == &*root.subject_public_key_info
        };
        !raw.is_self_issued()
            && (self.certificates.iter().flatten().any(same)
                || webpki_roots::TLS_SERVER_ROOTS.iter().any(is_root))
    }

    /// Everyone with the name of the issuer: anchors, then those that the key identifiers point to.
    pub(super) fn candidates(&self, child: usize) -> Vec<Issuer> {
        let Some(raw) = self.get(child) else { return Vec::new() };
        let wanted = raw.authority_key().and_then(Result::ok).and_then(|key| key.id);
        let anchors =
            self.anchors_by_subject.get(raw.issuer).into_iter().flatten().map(|at| Issuer::Anchor(*at));
        let mut certificates: Vec<usize> = self.by_subject.get(raw.issuer).cloned().unwrap_or_default();
        certificates.retain(|at| *at != child);
        certificates.sort_by_key(|at| {
            let id = self.get(*at).and_then(Raw::subject_key_id);
            wanted.is_some() && id.is_some() && id != wanted
        });
        anchors.chain(certificates.into_iter().map(Issuer::Certificate)).collect()
    }

    /// Whether a certificate was signed by that issuer's key.
    pub(super) fn signed(&mut self, child: usize, issuer: Issuer) -> Signed {
        if let Some(known) = self.links.get(&(child, issuer)) {
            return *known;
        }
        if self.links.len() >= MOST_SIGNATURES {
            self.out_of_budget = true;
            return Signed::Bad;
        }
        let signed = match (self.get(child), self.key(issuer)) {
            (Some(raw), Some(key)) => signature::check(&key, raw.algorithm, raw.tbs, raw.signature),
            _ => Signed::Bad,
        };
        self.links.insert((child, issuer), signed);
        signed
    }

    /// The signatures that were checked and are good.
    pub(super) fn checked(&self) -> Vec<Checked<'a>> {
        let good = self.links.iter().filter(|(_, signed)| **signed == Signed::Good);
        good.filter_map(|((child, issuer), _)| {
            let raw = self.get(*child)?;
            let (algorithm, message, signature) = (raw.algorithm, raw.tbs, raw.signature);
            Some(Checked { key: self.key(*issuer)?, algorithm, message, signature })
        })
        .collect()
    }

    fn key(&self, issuer: Issuer) -> Option<Key<'a>> {
        match issuer {
            Issuer::Certificate(at) => self.get(at).map(|raw| raw.key),
            Issuer::Anchor(at) => self.anchors.get(at).map(|anchor| anchor.key),
        }
    }

    /// Whether a certificate was signed with its own key.
    pub(super) fn is_self_signed(&mut self, at: usize) -> bool {
        let Some(raw) = self.get(at) else { return false };
        raw.is_self_issued() && self.signed(at, Issuer::Certificate(at)) == Signed::Good
    }
}
