//! Rules about extensions in general, and about policies and name constraints.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: subjectAltName (`hosts`), usages (`usage`), key identifiers (`authority`).

use super::{Lint, RFC2459, RFC3280, RFC5280, Seen, Severity, USUAL, list};
use crate::x509::Extension;
use crate::x509::der::{Element, Reader};

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "extension-duplicate",
        source: "RFC 5280 §4.2",
        since: RFC2459,
        applies: |seen| seen.certificate.extensions.len() > 1,
        holds: |seen| duplicates(seen).next().is_none(),
        found: |seen| list(duplicates(seen)),
        says: "An extension is there twice ({}): clients refuse the certificate, and tools show one of the two.",
        says_zh: "同一扩展出现两次（{}）：客户端会拒绝该证书，而工具只显示其中之一。",
        ..USUAL
    },
    Lint {
        id: "extension-critical-unknown",
        source: "RFC 5280 §4.2",
        since: RFC2459,
        applies: |seen| !seen.certificate.extensions.is_empty(),
        holds: |seen| !seen.certificate.extensions.iter().any(unhandled),
        found: |seen| list(seen.certificate.extensions.iter().filter(|e| unhandled(e)).map(Extension::label)),
        says: "A critical extension is none that TLS clients know ({}); they must refuse the certificate.",
        says_zh: "有一个 TLS 客户端不认识的关键扩展（{}）；它们必须拒绝该证书。",
        ..USUAL
    },
    Lint {
        id: "extension-malformed",
        source: "RFC 5280 §4.2",
        since: RFC2459,
        applies: |seen| !seen.certificate.extensions.is_empty(),
        holds: |seen| {
            !seen.certificate.extensions.iter().any(|e| e.malformed && e.name != Some("subjectAltName"))
        },
        found: |seen| list(seen.certificate.extensions.iter().filter(|e| e.malformed).map(Extension::label)),
        says: "An extension cannot be read ({}).",
        says_zh: "有一个扩展无法读取（{}）。",
        ..USUAL
    },
    Lint {
        id: "precertificate",
        source: "RFC 6962 §3.1",
        since: RFC5280,
        applies: |seen| !seen.certificate.extensions.is_empty(),
        holds: |seen| !seen.has("ctPoison"),
        says: "This is a precertificate for the transparency logs, not the certificate itself: every client refuses it.",
        says_zh: "这是提交给透明度日志的预证书，而不是证书本身：所有客户端都会拒绝。",
        ..USUAL
    },
    Lint {
        id: "authority-info-critical",
        source: "RFC 5280 §4.2.2.1",
        since: RFC2459,
        applies: |seen| seen.has("authorityInfoAccess"),
        holds: |seen| !seen.critical("authorityInfoAccess"),
        says: "authorityInfoAccess is critical; it must not be.",
        says_zh: "authorityInfoAccess 标记为关键；不允许如此。",
        ..USUAL
    },
    Lint {
        id: "subject-info-critical",
        source: "RFC 5280 §4.2.2.2",
        since: RFC3280,
        applies: |seen| seen.has("subjectInfoAccess"),
        holds: |seen| !seen.critical("subjectInfoAccess"),
        says: "subjectInfoAccess is critical; it must not be.",
        says_zh: "subjectInfoAccess 标记为关键；不允许如此。",
        ..USUAL
    },
    Lint {
        id: "crl-points-critical",
        source: "RFC 5280 §4.2.1.13",
        since: RFC2459,
        severity: Severity::Warn,
        applies: |seen| seen.has("cRLDistributionPoints"),
        holds: |seen| !seen.critical("cRLDistributionPoints"),
        says: "cRLDistributionPoints is critical; it should not be, and Go, rustls and others refuse it.",
        says_zh: "cRLDistributionPoints 标记为关键；不应如此，Go、rustls 等会拒绝。",
        ..USUAL
    },
    Lint {
        id: "freshest-crl-critical",
        source: "RFC 5280 §4.2.1.15",
        since: RFC3280,
        applies: |seen| seen.has("freshestCRL"),
        holds: |seen| !seen.critical("freshestCRL"),
        says: "freshestCRL is critical; it must not be.",
        says_zh: "freshestCRL 标记为关键；不允许如此。",
        ..USUAL
    },
    Lint {
        id: "issuer-alt-name-critical",
        source: "RFC 5280 §4.2.1.7",
        since: RFC2459,
        severity: Severity::Warn,
        applies: |seen| seen.has("issuerAltName"),
        holds: |seen| !seen.critical("issuerAltName"),
        says: "issuerAltName is critical; it should not be.",
        says_zh: "issuerAltName 标记为关键；不应如此。",
        ..USUAL
    },
    Lint {
        id: "subject-directory-critical",
        source: "RFC 5280 §4.2.1.8",
        since: RFC2459,
        applies: |seen| seen.has("subjectDirectoryAttributes"),
        holds: |seen| !seen.critical("subjectDirectoryAttributes"),
        says: "subjectDirectoryAttributes is critical; it must not be.",
        says_zh: "subjectDirectoryAttributes 标记为关键；不允许如此。",
        ..USUAL
    },
    Lint {
        id: "name-constraints-in-leaf",
        source: "RFC 5280 §4.2.1.10",
        since: RFC2459,
        applies: |seen| seen.has("nameConstraints"),
        holds: |seen| seen.ca,
        says: "nameConstraints stands in a certificate that is no CA; strict clients refuse it.",
        says_zh: "nameConstraints 出现在非 CA 证书中；严格的客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "name-constraints-not-critical",
        source: "RFC 5280 §4.2.1.10",
        since: RFC2459,
        applies: |seen| seen.has("nameConstraints"),
        holds: |seen| seen.critical("nameConstraints"),
        says: "nameConstraints is not critical, so clients that do not know it pass over it.",
        says_zh: "nameConstraints 没有标记为关键，不认识它的客户端会忽略它。",
        ..USUAL
    },
    Lint {
        id: "name-constraints-empty",
        source: "RFC 5280 §4.2.1.10",
        since: RFC5280,
        applies: |seen| seen.certificate.name_constraints.is_some(),
        holds: |seen| {
            seen.certificate.name_constraints.as_ref().is_none_or(|constraints| {
                !constraints.permitted.is_empty() || !constraints.excluded.is_empty()
            }) || seen.extension("nameConstraints").is_some_and(|extension| extension.malformed)
        },
        says: "nameConstraints is there, but constrains nothing.",
        says_zh: "有 nameConstraints，但没有任何约束。",
        ..USUAL
    },
    Lint {
        id: "name-constraints-dot",
        source: "RFC 5280 §4.2.1.10",
        severity: Severity::Warn,
        applies: |seen| seen.certificate.name_constraints.is_some(),
        holds: |seen| !dotted(seen).any(|_| true),
        found: |seen| list(dotted(seen)),
        says: "A DNS constraint begins with a dot ({}): OpenSSL and Go let it stand for subdomains, others refuse all names.",
        says_zh: "DNS 约束以点开头（{}）：OpenSSL 和 Go 把它当作子域，其他客户端则拒绝所有名称。",
        ..USUAL
    },
    Lint {
        id: "name-constraints-distance",
        source: "RFC 5280 §4.2.1.10",
        since: RFC3280,
        applies: |seen| seen.has("nameConstraints"),
        holds: |seen| !subtrees(seen).any(|subtree| subtree.inside().nth(1).is_some()),
        says: "A name constraint has a minimum or maximum, which RFC 5280 has no use for; OpenSSL, Java and GnuTLS refuse it.",
        says_zh: "名称约束带有 minimum 或 maximum，RFC 5280 并不使用它们；OpenSSL、Java 和 GnuTLS 会拒绝。",
        ..USUAL
    },
    Lint {
        id: "name-constraints-address",
        source: "RFC 5280 §4.2.1.10",
        since: RFC3280,
        applies: |seen| seen.has("nameConstraints"),
        holds: |seen| {
            !subtrees(seen).any(|subtree| subtree.inside().next().is_some_and(|base| !is_range(&base)))
        },
        says: "A constraint on addresses is no address with a mask whose ones stand together; Go refuses the certificate for it, others let no address match.",
        says_zh: "地址约束不是“地址加掩码（掩码中的 1 必须连续）”的形式；Go 会因此拒绝该证书，其他客户端则不匹配任何地址。",
        ..USUAL
    },
    Lint {
        id: "policy-duplicate",
        source: "RFC 5280 §4.2.1.4",
        since: RFC3280,
        applies: |seen| seen.certificate.policies.len() > 1,
        holds: |seen| {
            let policies = &seen.certificate.policies;
            !policies
                .iter()
                .enumerate()
                .take(64)
                .any(|(at, policy)| policies.iter().take(at).any(|other| other == policy))
        },
        says: "A policy is named twice in certificatePolicies; strict clients refuse it.",
        says_zh: "certificatePolicies 中同一策略出现两次；严格的客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "policies-critical",
        source: "BR §7.1.2.7.9",
        since: super::BR,
        severity: Severity::Warn,
        applies: |seen| seen.subscriber() && seen.has("certificatePolicies"),
        holds: |seen| !seen.critical("certificatePolicies"),
        says: "certificatePolicies is critical; it should not be, and clients that do not work through policies refuse it.",
        says_zh: "certificatePolicies 标记为关键；不应如此，不处理策略的客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "policy-mappings-not-critical",
        source: "RFC 5280 §4.2.1.5",
        severity: Severity::Warn,
        applies: |seen| seen.has("policyMappings"),
        holds: |seen| seen.critical("policyMappings"),
        says: "policyMappings is not critical; it should be.",
        says_zh: "policyMappings 没有标记为关键；它应当是关键的。",
        ..USUAL
    },
    Lint {
        id: "policy-constraints-not-critical",
        source: "RFC 5280 §4.2.1.11",
        applies: |seen| seen.has("policyConstraints"),
        holds: |seen| seen.critical("policyConstraints"),
        says: "policyConstraints is not critical; it must be.",
        says_zh: "policyConstraints 没有标记为关键；它必须是关键的。",
        ..USUAL
    },
    Lint {
        id: "policy-constraints-empty",
        source: "RFC 5280 §4.2.1.11",
        since: RFC2459,
        applies: |seen| seen.has("policyConstraints"),
        holds: |seen| {
            seen.extension("policyConstraints").is_none_or(|extension| extension.value != [0x30, 0])
        },
        says: "policyConstraints is there, but constrains nothing.",
        says_zh: "有 policyConstraints，但没有任何约束。",
        ..USUAL
    },
    Lint {
        id: "inhibit-any-policy-not-critical",
        source: "RFC 5280 §4.2.1.14",
        since: RFC3280,
        applies: |seen| seen.has("inhibitAnyPolicy"),
        holds: |seen| seen.critical("inhibitAnyPolicy"),
        says: "inhibitAnyPolicy is not critical; it must be.",
        says_zh: "inhibitAnyPolicy 没有标记为关键；它必须是关键的。",
        ..USUAL
    },
    Lint {
        id: "must-staple",
        source: "RFC 7633",
        since: RFC5280,
        severity: Severity::Notice,
        applies: |seen| !seen.ca && seen.has("tlsFeature"),
        // A SEQUENCE with the INTEGER 5, status_request.
        holds: |seen| {
            seen.extension("tlsFeature").is_none_or(|e| !e.value.windows(3).any(|w| w == [2, 1, 5]))
        },
        says: "It wants a stapled OCSP response (must-staple): Firefox and others refuse it when the server sends none.",
        says_zh: "它要求装订 OCSP 响应（must-staple）：服务器不发送时，Firefox 等会拒绝。",
        ..USUAL
    },
];

fn duplicates<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a str> {
    let extensions = &seen.certificate.extensions;
    // Nobody has so many; a made-up certificate shall not cost more.
    extensions
        .iter()
        .take(256)
        .enumerate()
        .filter(|(at, extension)| extensions.iter().take(*at).any(|other| other.oid == extension.oid))
        .map(|(_, extension)| extension.label())
}

fn unhandled(extension: &Extension) -> bool {
    extension.critical
        && !matches!(
            extension.name,
            Some(
                "keyUsage"
                    | "basicConstraints"
                    | "extKeyUsage"
                    | "subjectAltName"
                    | "issuerAltName"
                    | "nameConstraints"
                    | "certificatePolicies"
                    | "policyMappings"
                    | "policyConstraints"
                    | "inhibitAnyPolicy"
                    | "subjectKeyIdentifier"
                    | "authorityKeyIdentifier"
                    | "cRLDistributionPoints"
                    | "freshestCRL"
                    | "authorityInfoAccess"
                    | "subjectInfoAccess"
                    | "tlsFeature"
                    | "ctPoison"
                    | "netscapeCertType"
                    | "sbgp-ipAddrBlock"
                    | "sbgp-autonomousSysNum"
                    | "proxyCertInfo"
                    | "ocspNoCheck"
                    | "subjectDirectoryAttributes"
                    | "issuingDistributionPoint"
            )
        )
}

/// The GeneralSubtrees of nameConstraints, permitted and excluded.
fn subtrees<'a>(seen: &Seen<'a>) -> impl Iterator<Item = Element<'a>> {
    let value = seen.extension("nameConstraints").map_or(&[][..], |extension| &extension.value);
    let lists = Reader::new(value).next().into_iter().flat_map(|constraints| constraints.inside());
    lists.flat_map(|list| list.inside()).take(10_000)
}

/// Whether a base is no address, or one with a mask.
fn is_range(base: &Element<'_>) -> bool {
    if base.tag != 0x87 {
        return true;
    }
    let (_, mask) = base.content.split_at(base.content.len() / 2);
    let ones: u32 = mask.iter().map(|byte| byte.count_ones()).sum();
    let leading = mask.iter().try_fold(0, |sum, byte| match byte.leading_ones() {
        8 => Ok(sum + 8),
        some => Err(sum + some),
    });
    matches!(base.content.len(), 8 | 32) && leading.unwrap_or_else(|sum| sum) == ones
}

fn dotted<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a str> {
    let constraints = seen.certificate.name_constraints.as_ref();
    constraints
        .into_iter()
        .flat_map(|constraints| constraints.permitted.iter().chain(&constraints.excluded))
        .map(String::as_str)
        .filter(|subtree| subtree.starts_with("DNS:."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_range_of_addresses() {
        let range = |bytes: &[u8]| {
            let tlv = [&[0x87, u8::try_from(bytes.len()).unwrap()], bytes].concat();
            is_range(&Reader::new(&tlv).next().unwrap())
        };
        assert!(range(&[10, 0, 0, 0, 255, 240, 0, 0]) && range(&[0; 32]));
        assert!(!range(&[10, 0, 0, 0, 255, 0, 255, 0]) && !range(&[10, 0, 0, 0]));
    }
}
