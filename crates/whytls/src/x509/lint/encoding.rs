//! Rules about the encoding as a whole.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: what single fields say.

use super::{Lint, RFC2459, RFC5280, Severity, USUAL, always, list};
use crate::x509::Fault;
use crate::x509::der::{Element, Reader, tag};

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "not-der",
        source: "RFC 5280 §4.1, X.690 §10",
        since: RFC2459,
        applies: always,
        holds: |seen| Reader::new(&seen.certificate.der).all(|element| is_der(&element, 0)),
        says: "The encoding is BER, not DER: a length is indefinite or longer than needed, a string comes in pieces, or a truth value is neither 00 nor FF. OpenSSL reads it, Go, rustls and others refuse it.",
        says_zh: "编码是 BER 而不是 DER：存在不定长度或过长的长度编码、分段的字符串，或真值既非 00 也非 FF。OpenSSL 能读取，Go、rustls 等会拒绝。",
        ..USUAL
    },
    Lint {
        id: "trailing-bytes",
        source: "X.690 §10",
        since: RFC2459,
        applies: always,
        holds: |seen| !seen.certificate.faults.iter().any(|fault| matches!(fault.why, Fault::Trailing(_))),
        found: |seen| {
            let trailing =
                seen.certificate.faults.iter().find(|fault| matches!(fault.why, Fault::Trailing(_)));
            trailing.map(|fault| fault.field.to_owned()).unwrap_or_default()
        },
        says: "There are bytes too many ({}); strict readers refuse the certificate.",
        says_zh: "有多余的字节（{}）；严格的解析器会拒绝该证书。",
        ..USUAL
    },
    Lint {
        id: "signature-missing",
        source: "RFC 5280 §4.1.1.3",
        since: RFC2459,
        applies: always,
        holds: |seen| !seen.certificate.signature.is_empty(),
        says: "There is no signature.",
        says_zh: "没有签名。",
        ..USUAL
    },
    Lint {
        id: "unique-identifiers",
        source: "RFC 5280 §4.1.2.8, BR §7.1.2.7",
        since: RFC2459,
        applies: always,
        holds: |seen| !seen.certificate.unique_ids,
        says: "It has a unique identifier of subject or issuer, a field that was given up in 1996; some libraries refuse it.",
        says_zh: "它含有主题或签发者的唯一标识符，这一字段在 1996 年就已废弃；有些库会拒绝。",
        ..USUAL
    },
    Lint {
        id: "very-large",
        source: "whytls",
        since: RFC5280,
        severity: Severity::Notice,
        applies: always,
        holds: |seen| seen.certificate.der.len() <= 8_192,
        found: |seen| list(std::iter::once(seen.certificate.der.len().to_string().as_str())),
        says: "It is {} bytes long: together with the rest of the chain it may exceed what clients take (many stop at 16 or 32 kB).",
        says_zh: "它有 {} 字节：加上证书链的其余部分，可能超过客户端的上限（许多客户端为 16 或 32 kB）。",
        ..USUAL
    },
];

/// Whether this element, and what is in it, is written as DER wants it.
fn is_der(element: &Element<'_>, depth: u8) -> bool {
    // Strings that come in pieces.
    let pieces = matches!(element.tag, 0x23 | 0x24 | 0x2c | 0x32..=0x3e);
    if element.loose || pieces {
        return false;
    }
    if element.tag == tag::BOOLEAN {
        return matches!(element.content, [0 | 0xff]);
    }
    if !element.constructed() {
        return true;
    }
    let mut inside = element.inside();
    depth < 24 && inside.by_ref().all(|part| is_der(&part, depth + 1)) && inside.is_empty()
}
