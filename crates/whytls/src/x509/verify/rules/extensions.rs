//! What a certificate's extensions must be, each by itself.
//!
//! In:  a certificate's parts, and the place it has in the chain.
//! Out: every rule that an extension breaks.
//! Not here: whether they fit the place of the certificate. That is `mod`.

use super::super::constraints;
use super::super::der::{self, Reader};
use super::super::fault::Fault;
use super::super::raw::{self, Raw};
use super::names::alt_names;
use super::{GO_AND_STRICT, NOBODY, Place, STRICT, malformed, usage};

pub(super) fn extensions(raw: &Raw<'_>, place: Place, faults: &mut Vec<Fault>) {
    const KNOWN: [&[u8]; 11] = [
        raw::KEY_USAGE,
        raw::SUBJECT_ALT_NAME,
        raw::BASIC_CONSTRAINTS,
        raw::NAME_CONSTRAINTS,
        raw::CRL_POINTS,
        raw::POLICIES,
        raw::POLICY_MAPPINGS,
        raw::POLICY_CONSTRAINTS,
        raw::EXT_KEY_USAGE,
        raw::INHIBIT_ANY,
        raw::PROXY_INFO,
    ];
    for ext in raw.extensions.iter().filter(|ext| ext.critical) {
        let oid = der::dotted(ext.oid);
        match ext.oid {
            raw::AUTHORITY_KEY_ID | raw::SUBJECT_KEY_ID | raw::AUTHORITY_INFO => faults.push(
                malformed(
                    "extension-critical",
                    format!("the extension {oid} is marked critical, which it must not be"),
                    format!("扩展 {oid} 被标为关键，而它不能是关键"),
                )
                .source("RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.2.1")
                .only(GO_AND_STRICT),
            ),
            raw::IP_BLOCKS => faults.push(ip_blocks(ext.value)),
            known if KNOWN.contains(&known) => {}
            _ => faults.push(
                malformed(
                    "critical-unknown",
                    format!(
                        "it has the critical extension {oid}, which clients do not know and so must refuse"
                    ),
                    format!("它带有客户端不认识的关键扩展 {oid}，按规定必须拒绝"),
                )
                .source("RFC 5280 §4.2"),
            ),
        }
    }
    let broken = [
        (matches!(raw.basic_constraints(), Some(Err(()))), "basicConstraints"),
        (raw.ext(raw::KEY_USAGE).is_some() && raw.key_usage().is_none(), "keyUsage"),
        (matches!(raw.ext_key_usage(), Some(Err(()))), "extKeyUsage"),
        (matches!(raw.alt_names(), Some(Err(()))), "subjectAltName"),
        (matches!(raw.authority_key(), Some(Err(()))), "authorityKeyIdentifier"),
        (raw.ext(raw::SUBJECT_KEY_ID).is_some() && raw.subject_key_id().is_none(), "subjectKeyIdentifier"),
        (matches!(raw.name_constraints(), Some(Err(()))), "nameConstraints"),
        (raw.ca_issuers().is_err(), "authorityInfoAccess"),
    ];
    for (_, name) in broken.iter().filter(|(is, _)| *is) {
        faults.push(
            malformed(
                "extension-malformed",
                format!("its {name} extension cannot be read"),
                format!("扩展 {name} 无法读取"),
            )
            .source("RFC 5280 §4.2"),
        );
    }
    if let Some(Ok(list)) = raw.ext_key_usage()
        && list.is_empty()
    {
        faults.push(
            usage("eku-empty", "its extended key usage allows nothing", "扩展密钥用途为空，什么都不允许")
                .source("RFC 5280 §4.2.1.12"),
        );
    }
    if raw.key_usage() == Some(0) {
        faults.push(
            usage("ku-empty", "its key usage allows nothing", "密钥用途为空，什么都不允许")
                .source("RFC 5280 §4.2.1.3"),
        );
    }
    if let Some(Ok(names)) = raw.alt_names() {
        alt_names(raw, &names, place, faults);
    }
    match raw.name_constraints() {
        Some(Ok(_)) if !raw.is_ca() && place == Place::Leaf => faults.push(
            malformed(
                "constraints-in-leaf",
                "it has name constraints, which only a CA may have",
                "它带有只有 CA 才能有的名称约束",
            )
            .source("RFC 5280 §4.2.1.10")
            .only(&["Python cryptography"]),
        ),
        Some(Ok(list)) => {
            if let Some((en, zh)) = constraints::malformed(&list) {
                faults.push(
                    malformed(
                        "constraints-malformed",
                        format!("its name constraints break a rule: {en}"),
                        format!("名称约束不合规：{zh}"),
                    )
                    .source("RFC 5280 §4.2.1.10"),
                );
            }
        }
        _ => {}
    }
    if raw.ext(raw::POLICY_CONSTRAINTS).is_some_and(|ext| !ext.critical) {
        faults.push(
            malformed(
                "policy-constraints-not-critical",
                "its policy constraints are not marked critical",
                "策略约束未标为关键",
            )
            .source("RFC 5280 §4.2.1.11")
            .only(NOBODY),
        );
    }
    if raw.ext(raw::PROXY_INFO).is_some() {
        faults.push(
            usage(
                "proxy-certificate",
                "it is a proxy certificate, which TLS clients do not accept",
                "它是代理证书，TLS 客户端不接受",
            )
            .source("RFC 3820 §3.8"),
        );
    }
    if !raw.is_ca() && raw.path_len().is_some() {
        faults.push(
            malformed(
                "path-length-without-ca",
                "it limits the length of a path but is no CA",
                "它限制路径长度，自己却不是 CA",
            )
            .source("RFC 5280 §4.2.1.9")
            .only(STRICT),
        );
    } else if place == Place::Intermediate
        && raw.path_len().is_some()
        && raw.key_usage().is_some_and(|bits| bits & raw::CERT_SIGN == 0)
    {
        faults.push(
            malformed(
                "path-length-without-cert-sign",
                "it limits the length of a path but its key usage has no keyCertSign",
                "它限制路径长度，密钥用途里却没有 keyCertSign",
            )
            .source("RFC 5280 §4.2.1.9")
            .only(STRICT),
        );
    }
}

/// RFC 3779: an extension that only OpenSSL understands.
fn ip_blocks(value: &[u8]) -> Fault {
    let families = der::only(value, der::SEQUENCE).and_then(|tlv| der::all(tlv.value)).unwrap_or_default();
    let whole = families.iter().all(|family| {
        let mut reader = Reader(family.value);
        reader.take(der::OCTET_STRING).is_some()
            && reader.any().is_some_and(|choice| choice.tag == 0x05 || !choice.value.is_empty())
    });
    if families.is_empty() || !whole {
        return malformed(
            "ip-blocks-malformed",
            "its list of IP address blocks is empty or broken",
            "IP 地址块列表为空或损坏",
        )
        .source("RFC 3779 §2.2");
    }
    usage(
        "ip-blocks-critical",
        "it is bound to blocks of IP addresses (RFC 3779), which TLS clients do not check and so must refuse",
        "它绑定到 IP 地址块（RFC 3779），TLS 客户端不检查这个关键扩展，因此必须拒绝",
    )
    .source("RFC 3779 §2.3")
}
