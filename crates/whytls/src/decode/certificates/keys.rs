//! Which private key belongs to which certificate, by their public keys.
//!
//! In:  the artifacts of a paste.
//! Out: evidence at the key and at the certificate; that a key is encrypted, or cannot be read.
//! Not here: the keys. Nothing is known of them but which public key is theirs.

use super::{Data, X509};
use crate::decode::{Artifact, MANY};
use crate::evidence::{Evidence, Statement};
use crate::x509::{Form, KeyState, Object, PrivateKey};

/// One artifact of X.509 with its index.
struct Item<'a> {
    id: usize,
    artifact: &'a Artifact,
    x509: &'a X509,
}

pub(in crate::decode) fn read(artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    let items: Vec<Item<'_>> = artifacts
        .iter()
        .enumerate()
        .filter_map(|(id, artifact)| match &artifact.data {
            Data::X509(x509) => Some(Item { id, artifact, x509 }),
            _ => None,
        })
        .collect();
    for item in items.iter().filter(|item| !item.x509.found.damages.is_empty()).take(MANY) {
        let damages = &item.x509.found.damages;
        let states = damages.iter().map(|damage| Statement::new("armour.damage", damage.name())).collect();
        evidence.push(item.evidence(states));
    }
    let keys: Vec<(&Item<'_>, &PrivateKey)> = items
        .iter()
        .filter_map(|item| match &item.x509.found.object {
            Some(Object::PrivateKey(key)) => Some((item, key)),
            _ => None,
        })
        .take(MANY)
        .collect();
    // Certificates and requests; a public key alone is none that a server would be started with.
    let others: Vec<(&Item<'_>, &[u8])> = items
        .iter()
        .filter_map(|item| match &item.x509.found.object {
            Some(object @ (Object::Certificate(_) | Object::Request(_))) => Some((item, object.spki()?)),
            _ => None,
        })
        .collect();
    let matched = |spki: &[u8]| keys.iter().any(|(_, key)| key.belongs_to(spki) == Some(true));
    for (item, key) in &keys {
        // Of a file that is no text nothing was masked; a container that stays shut exposes nothing.
        let shut = item.x509.found.container.is_some() && key.state == KeyState::Encrypted;
        if item.x509.found.form == Form::Binary && !shut {
            evidence.push(item.evidence(vec![Statement::new("paste.secret", "private-key")]));
        }
        let state = match key.state {
            KeyState::Plain => None,
            KeyState::Encrypted => Some("encrypted"),
            KeyState::Unreadable => Some("unreadable"),
        };
        evidence.extend(state.map(|state| item.evidence(vec![Statement::new("key.state", state)])));
        let own = others.iter().find(|(_, spki)| key.belongs_to(spki) == Some(true));
        let (other, verdict) = match own {
            Some((own, _)) => {
                let first = others.iter().find(|(other, _)| other.is_beside(own));
                let later = first.is_some_and(|(first, spki)| first.id != own.id && !matched(spki));
                (own, if later { "later" } else { "yes" })
            }
            None => {
                // The certificate that has no key either is the one that this should be the key of.
                let strangers = || {
                    others.iter().filter(|(_, spki)| key.belongs_to(spki) == Some(false) && !matched(spki))
                };
                let is_ca = |item: &Item<'_>| {
                    item.x509.certificate.as_ref().is_some_and(|certificate| certificate.is_ca == Some(true))
                };
                let leaf = strangers().find(|(other, _)| !is_ca(other));
                let only = || strangers().next().filter(|_| others.len() == 1);
                match leaf.or_else(only) {
                    Some((other, _)) => (other, "no"),
                    None => continue,
                }
            }
        };
        evidence.push(item.evidence(vec![Statement::new("key.match", verdict)]));
        evidence.push(other.evidence(vec![Statement::new("key.match", verdict)]));
    }
}

impl Item<'_> {
    /// Whether two certificates stand in one file, as a server reads it.
    fn is_beside(&self, other: &Self) -> bool {
        self.artifact.input == other.artifact.input
            && self.x509.found.container.is_none()
            && other.x509.found.container.is_none()
    }

    fn evidence(&self, states: Vec<Statement>) -> Evidence {
        let found = &self.x509.found;
        let what = found.object.as_ref().map_or("container", Object::name);
        let name = self.x509.certificate.as_ref().map(|certificate| certificate.subject.rfc4514.as_str());
        let name = name.or(found.alias.as_deref()).filter(|name| !name.is_empty());
        let shown = match name {
            Some(name) => format!("{what}: {name}"),
            None => match &found.label {
                Some(label) => format!("{what} (-----BEGIN {label}-----)"),
                None => what.to_owned(),
            },
        };
        Evidence {
            artifact: self.id,
            input: self.artifact.input,
            span: self.artifact.span,
            states,
            shown: Some(shown),
            original: None,
        }
    }
}
