//! PKCS#12: `.pfx` and `.p12`.
//!
//! In:  the bytes of one, in DER or BER, and the passwords that the user gave.
//! Out: its certificates, CRLs and keys, with their names; why no more, where a password is needed.
//! Not here: guessing passwords. None and an empty one are tried, for they protect nothing.

use super::pbe::{self, Hash, Password};
use super::{Content, Entry, Trouble};
use crate::x509::ber::{self, OCTET_STRING, OID, SEQUENCE, SET, Tlv, Values};
use crate::x509::found::Container;
use crate::x509::object::Object;
use crate::x509::private::{KeyFormat, KeyState, PrivateKey};

/// The contents of PKCS#7: plain, encrypted.
const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const ENCRYPTED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
/// What the kinds of bags begin with.
const BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
const FRIENDLY_NAME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14";
const PBMAC1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e";

/// Bags inside of bags go no deeper.
const DEPTH: usize = 4;

pub(in crate::x509) fn pkcs12(bytes: &[u8], given: &[String]) -> Content {
    let mut content = Content { kind: Container::Pkcs12, entries: Vec::new(), trouble: None, secret: true };
    let converted = ber::to_der(bytes);
    let bytes = converted.as_deref().unwrap_or(bytes);
    if read(bytes, given, &mut content).is_none() && content.trouble.is_none() {
        content.trouble = Some(Trouble::Damaged);
    }
    content
}

fn read(bytes: &[u8], given: &[String], content: &mut Content) -> Option<()> {
    let (outer, _) = ber::read(bytes)?;
    let mut values = outer.of(SEQUENCE)?.values().skip(1);
    let safe = data(values.next()?)?;
    let passwords = match values.next() {
        // With the MAC, one password is told from the others before anything is decrypted.
        Some(mac) if mac.complete => match verified(mac, safe.value, pbe::candidates(given)) {
            Ok(Some(password)) => vec![password],
            Ok(None) => {
                content.trouble =
                    Some(if given.is_empty() { Trouble::PasswordNeeded } else { Trouble::PasswordWrong });
                Vec::new()
            }
            Err(trouble) => {
                content.trouble = Some(trouble);
                pbe::candidates(given)
            }
        },
        _ => pbe::candidates(given),
    };
    let reader = Reader { passwords: &passwords };
    let (contents, _) = ber::read(safe.value)?;
    for info in contents.of(SEQUENCE)?.values() {
        let mut parts = info.values();
        let Some(kind) = parts.next().and_then(|kind| kind.of(OID)) else { continue };
        match kind.value {
            DATA => {
                if let Some(bags) = data(info) {
                    reader.bags(bags.value, content, DEPTH);
                }
            }
            ENCRYPTED => match parts.next().and_then(|part| reader.encrypted(part)) {
                Some(Ok(plain)) => reader.bags(&plain, content, DEPTH),
                Some(Err(trouble)) => {
                    content.trouble.get_or_insert(trouble);
                }
                None => {
                    content.trouble.get_or_insert(Trouble::Damaged);
                }
            },
            _ => {
                content.trouble.get_or_insert(Trouble::UnknownEncryption);
            }
        }
    }
    (outer.complete).then_some(())
}

/// The OCTET STRING of a ContentInfo that is data.
fn data(info: Tlv<'_>) -> Option<Tlv<'_>> {
    let mut values = info.of(SEQUENCE)?.values();
    values.next()?.of(OID).filter(|kind| kind.value == DATA)?;
    values.next()?.of(0xa0)?.values().next()?.of(OCTET_STRING)
}

/// The first password with which the MAC holds.
fn verified(mac: Tlv<'_>, bytes: &[u8], candidates: Vec<Password>) -> Result<Option<Password>, Trouble> {
    let parts = || {
        let mut values = mac.values();
        let mut info = values.next()?.of(SEQUENCE)?.values();
        let algorithm = info.next()?.of(SEQUENCE)?;
        let digest = info.next()?.of(OCTET_STRING)?.value;
        let salt = values.next()?.of(OCTET_STRING)?.value;
        Some((algorithm, digest, salt, values.next()))
    };
    let (algorithm, digest, salt, count) = parts().ok_or(Trouble::Damaged)?;
    let mut values = algorithm.values();
    let oid = values.next().and_then(|oid| oid.of(OID)).ok_or(Trouble::Damaged)?.value;
    let parameters = values.next();
    let iterations = pbe::iterations(count)?;
    for password in candidates {
        let made = if oid == PBMAC1 {
            Some(pbe::pbmac1(parameters.ok_or(Trouble::Damaged)?, &password, bytes)?)
        } else {
            let hash = Hash::of(oid).ok_or(Trouble::UnknownEncryption)?;
            pbe::mac(hash, &password, salt, iterations, bytes)
        };
        if made.is_some_and(|made| made == digest) {
            return Ok(Some(password));
        }
    }
    Ok(None)
}

struct Reader<'a> {
    passwords: &'a [Password],
}

impl Reader<'_> {
    /// The plain bytes of EncryptedData.
    fn encrypted(&self, part: Tlv<'_>) -> Option<Result<Vec<u8>, Trouble>> {
        let mut info = part.of(0xa0)?.values().next()?.of(SEQUENCE)?.values().skip(1);
        let mut content = info.next()?.of(SEQUENCE)?.values().skip(1);
        let algorithm = content.next()?.of(SEQUENCE)?;
        let value = content.next()?;
        let joined: Vec<u8>;
        let bytes = match value.tag {
            0x80 => value.value,
            // In pieces, as BER has it.
            _ => {
                joined = value.values().flat_map(|piece| piece.value).copied().collect();
                &joined
            }
        };
        if self.passwords.is_empty() {
            return Some(Err(Trouble::PasswordNeeded));
        }
        let is_bags =
            |plain: &[u8]| ber::read(plain).is_some_and(|(bags, _)| bags.tag == SEQUENCE && bags.complete);
        Some(pbe::open(algorithm, bytes, self.passwords, is_bags))
    }

    fn bags(&self, bytes: &[u8], content: &mut Content, depth: usize) {
        let Some((bags, _)) = ber::read(bytes) else { return };
        for bag in bags.values() {
            self.bag(bag, content, depth);
        }
    }

    fn bag(&self, bag: Tlv<'_>, content: &mut Content, depth: usize) -> Option<()> {
        let mut values = bag.of(SEQUENCE)?.values();
        let kind = values.next()?.of(OID)?.value.strip_prefix(BAG)?;
        let value = values.next()?.of(0xa0)?.values().next()?;
        let alias = values.next().and_then(|attributes| friendly_name(attributes));
        let mut add = |object: Object| content.entries.push(Entry { object, alias: alias.clone() });
        match kind {
            [1] => add(Object::PrivateKey(
                PrivateKey::read(value.whole)
                    .unwrap_or_else(|| PrivateKey::of(KeyFormat::Pkcs8, KeyState::Unreadable)),
            )),
            [2] => add(Object::PrivateKey(self.key(value))),
            [3 | 4] => {
                let inner = value.values().nth(1)?.of(0xa0)?.values().next()?.of(OCTET_STRING)?;
                let object = Object::of(inner.value)?;
                if matches!(object, Object::Certificate(_) | Object::Crl(_)) {
                    add(object);
                }
            }
            [6] => {
                for bag in value.values() {
                    if let Some(depth) = depth.checked_sub(1) {
                        self.bag(bag, content, depth);
                    }
                }
            }
            _ => {}
        }
        Some(())
    }

    fn key(&self, value: Tlv<'_>) -> PrivateKey {
        super::encrypted_key(value, self.passwords)
    }
}

fn friendly_name(attributes: Tlv<'_>) -> Option<String> {
    let named = Values(attributes.of(SET)?.value).find(|attribute| {
        attribute.values().next().is_some_and(|oid| oid.tag == OID && oid.value == FRIENDLY_NAME)
    })?;
    let text = named.values().nth(1)?.values().next()?;
    let units = text.value.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
    Some(char::decode_utf16(units.take(128)).map(|char| char.unwrap_or('\u{fffd}')).collect())
}
