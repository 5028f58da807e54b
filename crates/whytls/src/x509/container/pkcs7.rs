//! PKCS#7 and CMS: the certificates and CRLs beside a signature, or without one.
//!
//! In:  ContentInfo, in DER or BER, whole or cut off.
//! Out: its certificates and CRLs.
//! Not here: what is signed, and whether the signature holds.

use super::{Content, Entry, Trouble};
use crate::x509::ber::{self as der, SEQUENCE, Tlv, Values};
use crate::x509::found::Container;
use crate::x509::object::Object;

pub(in crate::x509) fn pkcs7(bytes: &[u8]) -> Content {
    let converted = der::to_der(bytes);
    let bytes = converted.as_deref().unwrap_or(bytes);
    let mut entries = Vec::new();
    let mut whole = true;
    for set in sets(bytes).into_iter().flatten() {
        whole &= set.complete;
        for value in set.values().filter(|value| value.tag == SEQUENCE) {
            let object = Object::of(value.whole);
            if let Some(object @ (Object::Certificate(_) | Object::Crl(_))) = object {
                entries.push(Entry { object, alias: None });
            }
        }
    }
    let trouble = entries.is_empty().then_some(Trouble::Damaged).filter(|_| !whole);
    Content { kind: Container::Pkcs7, entries, trouble, secret: false }
}

/// The certificates and the CRLs of SignedData.
fn sets(bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let (info, _) = der::read(bytes)?;
    let content = info.of(SEQUENCE)?.values().find(|value| value.tag == 0xa0)?;
    let signed = content.values().next()?.of(SEQUENCE)?;
    Some(Values(signed.value).filter(|value| matches!(value.tag, 0xa0 | 0xa1)).collect())
}
