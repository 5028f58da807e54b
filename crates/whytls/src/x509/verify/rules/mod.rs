//! What a certificate must be by itself, whatever chain it stands in.
//!
//! In:  a certificate's parts, and the place it has in the chain.
//! Out: every rule that it breaks, with who acts on it.
//! Not here: what several certificates must be together. That is `path`.

mod extensions;
mod keys;
mod names;

use super::constraints;
use super::der;
use super::fault::Fault;
use super::raw::{self, Raw};

pub(super) use names::is_dns_name;

/// The place of a certificate in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Leaf,
    Intermediate,
    Root,
}

/// Programs that ask OpenSSL to be strict.
const STRICT: &[&str] = &["Python 3.13 and later", "OpenSSL with -x509_strict"];

const GO: &[&str] = &["Go 1.23 and later"];

const GO_AND_STRICT: &[&str] = &["Go", "Python 3.13 and later", "OpenSSL with -x509_strict"];

/// Who wants more than 1024 bits of RSA. Go, Java, GnuTLS, and browsers below private roots do not.
const RSA_2048: &[&str] = &[
    "OpenSSL at security level 2 (3.2 and later, Debian, Ubuntu, Python 3.10 and later)",
    "Apple's systems since 2019",
    "rustls",
    "Mbed TLS",
    "Botan",
    "browsers below public roots",
];

const NOBODY: &[&str] = &[];

/// Every rule that the certificate breaks.
pub(super) fn check(raw: &Raw<'_>, place: Place) -> Vec<Fault> {
    let mut faults = Vec::new();
    shape(raw, place, &mut faults);
    keys::key(raw, place, &mut faults);
    extensions::extensions(raw, place, &mut faults);
    match place {
        Place::Leaf => leaf(raw, &mut faults),
        Place::Intermediate | Place::Root => issuer(raw, place, &mut faults),
    }
    key_ids(raw, place, &mut faults);
    if place == Place::Root {
        root(raw, &mut faults);
    }
    faults
}

fn malformed(rule: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Fault {
    Fault::new("malformed-certificate", rule, en, zh)
}

fn usage(rule: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Fault {
    Fault::new("wrong-certificate-usage", rule, en, zh)
}

fn shape(raw: &Raw<'_>, place: Place, faults: &mut Vec<Fault>) {
    if raw.not_before.is_none() {
        faults.push(
            malformed("not-before-malformed", "its notBefore is no valid time", "notBefore 不是合法的时间")
                .source("RFC 5280 §4.1.2.5"),
        );
    }
    if raw.not_after.is_none() {
        faults.push(
            malformed("not-after-malformed", "its notAfter is no valid time", "notAfter 不是合法的时间")
                .source("RFC 5280 §4.1.2.5"),
        );
    }
    if let (Some(from), Some(to)) = (raw.not_before, raw.not_after)
        && from > to
    {
        faults.push(
            malformed("validity-reversed", "it ends before it begins", "有效期的结束早于开始")
                .source("RFC 5280 §4.1.2.5")
                .only(&["rustls"]),
        );
    }
    match raw.version {
        2 => {}
        0 | 1 if !raw.extensions.is_empty() => faults.push(
            malformed(
                "version-without-extensions",
                format!("it is version {} and has extensions, which only version 3 may", raw.version + 1),
                format!("版本是 {}，却带有只有版本 3 才能有的扩展", raw.version + 1),
            )
            .source("RFC 5280 §4.1.2.9"),
        ),
        0 | 1 if place == Place::Root => {}
        0 | 1 => faults.push(
            malformed(
                "version-old",
                format!("it is version {}, which has no names and no usages", raw.version + 1),
                format!("版本是 {}，没有备用名称和用途", raw.version + 1),
            )
            .source("BR §7.1.1"),
        ),
        other => faults.push(
            malformed(
                "version-unknown",
                format!("it says that it is version {}, which does not exist", other + 1),
                format!("它自称版本 {}，而这个版本并不存在", other + 1),
            )
            .source("RFC 5280 §4.1.2.1"),
        ),
    }
    let zeros = raw.serial.iter().take_while(|byte| **byte == 0).count();
    if raw.serial.first().is_some_and(|first| first & 0x80 != 0) {
        faults.push(
            malformed("serial-negative", "its serial number is negative", "序列号是负数")
                .source("RFC 5280 §4.1.2.2")
                .only(GO),
        );
    } else if zeros == raw.serial.len() && place != Place::Root {
        faults.push(
            malformed("serial-zero", "its serial number is 0", "序列号是 0")
                .source("RFC 5280 §4.1.2.2")
                .only(NOBODY),
        );
    } else if raw.serial.len() - zeros > 20 && place != Place::Root {
        faults.push(
            malformed("serial-long", "its serial number is longer than 20 bytes", "序列号超过 20 字节")
                .source("RFC 5280 §4.1.2.2")
                .only(NOBODY),
        );
    }
    if raw.inner_algorithm != raw.algorithm {
        faults.push(
            malformed(
                "signature-algorithm-differs",
                "the signature algorithm inside is not the one beside the signature",
                "内部的签名算法与签名旁的不一致",
            )
            .source("RFC 5280 §4.1.1.2"),
        );
    }
    let is_empty = |name| der::only(name, der::SEQUENCE).is_none_or(|tlv| tlv.value.is_empty());
    if is_empty(raw.issuer) {
        faults.push(
            malformed("issuer-empty", "its issuer has no name", "颁发者名称为空").source("RFC 5280 §4.1.2.4"),
        );
    }
    if place != Place::Leaf && is_empty(raw.subject) {
        faults.push(
            malformed("ca-subject-empty", "it is a CA without a name", "它是 CA，却没有名称")
                .source("RFC 5280 §4.1.2.6")
                .only(STRICT),
        );
    }
    for (at, ext) in raw.extensions.iter().enumerate() {
        if raw.extensions.iter().take(at).any(|before| before.oid == ext.oid) {
            let oid = der::dotted(ext.oid);
            faults.push(
                malformed(
                    "extension-twice",
                    format!("the extension {oid} stands twice"),
                    format!("扩展 {oid} 出现了两次"),
                )
                .source("RFC 5280 §4.2"),
            );
            break;
        }
    }
}

fn leaf(raw: &Raw<'_>, faults: &mut Vec<Fault>) {
    if let Some(Ok(list)) = raw.ext_key_usage()
        && !list.is_empty()
    {
        let server = list.contains(&raw::SERVER_AUTH);
        if list.contains(&raw::ANY_USAGE) {
            let clients: &[&str] = if server { NOBODY } else { &["OpenSSL", "rustls"] };
            faults.push(
                usage(
                    "eku-any",
                    "its extended key usage allows everything (anyExtendedKeyUsage), which a server's must not",
                    "扩展密钥用途允许一切（anyExtendedKeyUsage），服务器证书不得如此",
                )
                .source("BR §7.1.2.7.10")
                .only(clients),
            );
        } else if !server {
            let client = list.contains(&raw::CLIENT_AUTH);
            let (en, zh) = if client {
                (
                    "it may be used for clients (clientAuth), not for servers",
                    "它只能用于客户端（clientAuth），不能用于服务器",
                )
            } else {
                (
                    "its extended key usage does not allow servers (serverAuth)",
                    "扩展密钥用途不允许用于服务器（没有 serverAuth）",
                )
            };
            faults.push(usage("eku-not-server", en, zh).source("RFC 5280 §4.2.1.12"));
        }
    }
    if raw.ext(raw::EXT_KEY_USAGE).is_some_and(|ext| ext.critical) {
        faults.push(
            malformed("eku-critical", "its extended key usage is marked critical", "扩展密钥用途被标为关键")
                .source("BR §7.1.2.7.6")
                .only(&["Python cryptography"]),
        );
    }
    let usage_bits = raw.key_usage();
    if !raw.is_ca()
        && let Some(bits) = usage_bits.filter(|bits| *bits != 0)
    {
        if bits & (raw::DIGITAL_SIGNATURE | raw::KEY_ENCIPHERMENT | raw::KEY_AGREEMENT) == 0 {
            faults.push(
                usage("ku-not-tls", "its key usage allows no TLS handshake", "密钥用途不允许用于 TLS 握手")
                    .source("RFC 5280 §4.2.1.3"),
            );
        }
        if bits & raw::CERT_SIGN != 0 {
            faults.push(
                malformed(
                    "cert-sign-without-ca",
                    "its key usage has keyCertSign but it is no CA",
                    "密钥用途含 keyCertSign，它却不是 CA",
                )
                .source("RFC 5280 §4.2.1.9")
                .only(STRICT),
            );
        }
    }
    if raw.is_ca() && usage_bits.is_some_and(|bits| bits & raw::CERT_SIGN == 0) {
        faults.push(
            malformed(
                "ca-without-cert-sign",
                "it says that it is a CA, and its key usage has no keyCertSign",
                "它自称是 CA，密钥用途里却没有 keyCertSign",
            )
            .source("BR §7.1.2.7.8")
            .only(&["rustls"]),
        );
    }
    if let Some(common) = raw.common_name()
        && !raw.is_ca()
        && let Some(Ok(names)) = raw.alt_names()
        && names::is_misspelt(&common, &names.iter().map(constraints::shown).collect::<Vec<_>>())
    {
        let common: String = common.chars().filter(|c| !c.is_control()).collect();
        faults.push(
            malformed(
                "common-name-misspelt",
                format!("its Common Name {common} is none of its names, or spells one of them differently"),
                format!("通用名 {common} 不在备用名称之中，或写法不同"),
            )
            .source("BR §7.1.4.3")
            .only(NOBODY),
        );
    }
}

fn issuer(raw: &Raw<'_>, place: Place, faults: &mut Vec<Fault>) {
    match raw.basic_constraints() {
        Some(Ok((true, _))) => {
            if raw.ext(raw::BASIC_CONSTRAINTS).is_some_and(|ext| !ext.critical) {
                faults.push(
                    malformed(
                        "basic-constraints-not-critical",
                        "it is a CA, and its basicConstraints are not marked critical",
                        "它是 CA，basicConstraints 却未标为关键",
                    )
                    .source("RFC 5280 §4.2.1.9")
                    .only(STRICT),
                );
            }
        }
        Some(Ok((false, _))) => {
            faults.push(
                usage(
                    "not-a-ca",
                    "it issued a certificate and is no CA (cA is false)",
                    "它颁发了证书，但不是 CA（cA 为 false）",
                )
                .source("RFC 5280 §6.1.4 (k)"),
            );
        }
        Some(Err(())) => {}
        None if place == Place::Root && raw.version == 0 => {}
        None => faults.push(
            usage(
                "not-a-ca",
                "it issued a certificate and is no CA (no basicConstraints)",
                "它颁发了证书，但不是 CA（没有 basicConstraints）",
            )
            .source("RFC 5280 §6.1.4 (k)"),
        ),
    }
    match raw.key_usage() {
        Some(0) => {}
        Some(bits) if bits & raw::CERT_SIGN == 0 => faults.push(
            usage(
                "no-cert-sign",
                "its key usage does not allow it to issue certificates (keyCertSign)",
                "密钥用途不允许它颁发证书（没有 keyCertSign）",
            )
            .source("RFC 5280 §6.1.4 (n)"),
        ),
        Some(_) => {}
        None if place == Place::Intermediate && raw.version == 2 && raw.ext(raw::KEY_USAGE).is_none() => {
            faults.push(
                malformed("ca-without-key-usage", "it is a CA without keyUsage", "它是 CA，却没有 keyUsage")
                    .source("RFC 5280 §4.2.1.3")
                    .only(STRICT),
            )
        }
        None => {}
    }
    if let Some(Ok(list)) = raw.ext_key_usage()
        && !list.is_empty()
        && place == Place::Intermediate
        && !list.contains(&raw::SERVER_AUTH)
        && !list.contains(&raw::ANY_USAGE)
    {
        faults.push(
            usage(
                "ca-eku-not-server",
                "it may not issue certificates for servers (no serverAuth)",
                "它不能为服务器颁发证书（没有 serverAuth）",
            )
            .source("BR §7.1.2.10.6"),
        );
    }
}

fn key_ids(raw: &Raw<'_>, place: Place, faults: &mut Vec<Fault>) {
    if raw.version != 2 {
        return;
    }
    let issuer = raw.authority_key().and_then(Result::ok);
    let own = raw.subject_key_id();
    if place != Place::Root
        && !raw.is_self_issued()
        && issuer.is_none_or(|key| key.id.is_none())
        && !matches!(raw.authority_key(), Some(Err(())))
    {
        faults.push(
            malformed(
                "authority-key-id-missing",
                "it does not say which key signed it (authorityKeyIdentifier)",
                "没有写明是哪把密钥签的（authorityKeyIdentifier）",
            )
            .source("RFC 5280 §4.2.1.1")
            .only(STRICT),
        );
    }
    if place != Place::Leaf && raw.ext(raw::SUBJECT_KEY_ID).is_none() {
        faults.push(
            malformed(
                "subject-key-id-missing",
                "it is a CA without subjectKeyIdentifier",
                "它是 CA，却没有 subjectKeyIdentifier",
            )
            .source("RFC 5280 §4.2.1.2")
            .only(STRICT),
        );
    }
    if let (Some(issuer), Some(own)) = (issuer.and_then(|key| key.id), own)
        && raw.is_self_issued()
        && place == Place::Root
        && issuer != own
    {
        faults.push(
            malformed(
                "key-ids-differ",
                "it signed itself, and the key it names is not its own",
                "它是自签名，写明的密钥却不是自己的",
            )
            .source("BR §7.1.2.1.3")
            .only(NOBODY),
        );
    }
}

/// What a root has no use for.
fn root(raw: &Raw<'_>, faults: &mut Vec<Fault>) {
    if raw.ext(raw::EXT_KEY_USAGE).is_some() {
        faults.push(
            usage(
                "root-with-eku",
                "it is a root with an extended key usage",
                "它是根证书，却带有扩展密钥用途",
            )
            .source("BR §7.1.2.1.2")
            .only(NOBODY),
        );
    }
    if let Some(Ok(key)) = raw.authority_key()
        && key.id.is_none()
    {
        faults.push(
            malformed(
                "authority-key-id-empty",
                "its authorityKeyIdentifier names no key",
                "authorityKeyIdentifier 里没有密钥",
            )
            .source("BR §7.1.2.1.3")
            .only(&["Python cryptography"]),
        );
    }
}
