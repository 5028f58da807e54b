//! Java's key stores, JKS and JCEKS. Their certificates lie open.
//!
//! In:  the bytes of one, and the passwords that the user gave.
//! Out: its certificates with their aliases; that there are keys.
//! Not here: the keys themselves.

use super::{Content, Entry, Trouble, pbe};
use crate::x509::ber::{self, SEQUENCE};
use crate::x509::found::Container;
use crate::x509::object::Object;
use crate::x509::private::{KeyFormat, KeyState, PrivateKey};

const JKS: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
const JCEKS: [u8; 4] = [0xce, 0xce, 0xce, 0xce];

/// Whether these bytes begin as a key store does.
pub(in crate::x509) fn is_key_store(bytes: &[u8]) -> bool {
    (bytes.starts_with(&JKS) || bytes.starts_with(&JCEKS))
        && matches!(bytes.get(4..8), Some([0, 0, 0, 1 | 2]))
}

pub(in crate::x509) fn jks(bytes: &[u8], passwords: &[String]) -> Content {
    let kind = if bytes.starts_with(&JCEKS) { Container::Jceks } else { Container::Jks };
    let mut content = Content { kind, entries: Vec::new(), trouble: None, secret: false };
    let mut reader = Reader(bytes);
    if entries(&mut reader, passwords, &mut content).is_none() {
        content.trouble = Some(Trouble::Damaged);
    }
    content
}

fn entries(reader: &mut Reader<'_>, passwords: &[String], content: &mut Content) -> Option<()> {
    reader.take(4)?;
    let version = reader.number(4)?;
    let count = reader.number(4)?;
    for _ in 0..count {
        match reader.number(4)? {
            1 => {
                content.secret = true;
                let alias = reader.text()?;
                reader.take(8)?;
                let length = reader.number(4)?;
                let der = reader.take(length)?;
                let mut key = super::private_key(der, passwords)
                    .or_else(|| java_key(der, passwords))
                    .unwrap_or_else(|| PrivateKey::of(KeyFormat::Jks, KeyState::Encrypted));
                key.format = KeyFormat::Jks;
                content.entries.push(Entry { object: Object::PrivateKey(key), alias: Some(alias.clone()) });
                for _ in 0..reader.number(4)? {
                    certificate(reader, version, &alias, content)?;
                }
            }
            2 => {
                let alias = reader.text()?;
                reader.take(8)?;
                certificate(reader, version, &alias, content)?;
            }
            // A symmetric key is a Java object of unknown length: nothing behind it can be found.
            3 => {
                content.secret = true;
                return None;
            }
            _ => return None,
        }
    }
    Some(())
}

/// What Java's own scheme encrypts; its identifier is none of PKCS#8's.
fn java_key(der: &[u8], passwords: &[String]) -> Option<PrivateKey> {
    let (outer, _) = ber::read(der)?;
    Some(super::encrypted_key(outer.of(SEQUENCE)?, &pbe::candidates(passwords)))
}

fn certificate(reader: &mut Reader<'_>, version: usize, alias: &str, content: &mut Content) -> Option<()> {
    if version == 2 {
        reader.text()?;
    }
    let length = reader.number(4)?;
    let there = reader.0.len().min(length);
    let der = reader.take(there)?;
    if let Some(object @ Object::Certificate(_)) = Object::of(der) {
        content.entries.push(Entry { object, alias: Some(alias.to_owned()) });
    }
    (there == length).then_some(())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte)))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.number(2)?;
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }
}
