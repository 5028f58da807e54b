//! Rules about what a certificate may be used for.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: whether it fits what someone uses it for. That is `verify`.

use super::{BR, Lint, RFC2459, RFC3280, RFC5280, Seen, Severity, USUAL, list};
use crate::x509::Time;

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "eku-server-auth-missing",
        source: "BR §7.1.2.7.10",
        since: BR,
        applies: |seen| {
            !seen.ca && seen.certificate.ext_key_usage.is_some() && names_hosts(seen) && !mail(seen)
        },
        holds: |seen| {
            ["serverAuth", "anyExtendedKeyUsage", "clientAuth", "msSGC", "nsSGC"]
                .iter()
                .any(|purpose| seen.certificate.has_purpose(purpose))
        },
        found: purposes,
        says: "extKeyUsage ({}) does not allow serverAuth: clients refuse it as a server's certificate.",
        says_zh: "extKeyUsage（{}）不含 serverAuth：客户端会拒绝把它当作服务器证书。",
        ..USUAL
    },
    Lint {
        id: "eku-client-only",
        source: "RFC 5280 §4.2.1.12",
        severity: Severity::Notice,
        applies: |seen| !seen.ca && seen.certificate.ext_key_usage.is_some() && names_hosts(seen),
        holds: |seen| {
            !seen.certificate.has_purpose("clientAuth")
                || ["serverAuth", "anyExtendedKeyUsage", "msSGC", "nsSGC"]
                    .iter()
                    .any(|purpose| seen.certificate.has_purpose(purpose))
        },
        says: "extKeyUsage allows clientAuth but not serverAuth: it serves clients only.",
        says_zh: "extKeyUsage 只含 clientAuth 而不含 serverAuth：只能用于客户端。",
        ..USUAL
    },
    Lint {
        id: "eku-missing",
        source: "BR §7.1.2.7.10",
        since: BR,
        public: true,
        applies: |seen| seen.subscriber(),
        holds: |seen| seen.certificate.ext_key_usage.is_some(),
        says: "There is no extKeyUsage. Apple's systems want serverAuth in it in certificates issued since July 2019.",
        says_zh: "没有 extKeyUsage。Apple 的系统要求 2019 年 7 月以后签发的证书在其中包含 serverAuth。",
        ..USUAL
    },
    Lint {
        id: "eku-any-in-server",
        source: "BR §7.1.2.7.10",
        since: Time::date(2023, 9, 15),
        public: true,
        applies: |seen| seen.tls(),
        holds: |seen| !seen.certificate.has_purpose("anyExtendedKeyUsage"),
        says: "extKeyUsage has anyExtendedKeyUsage; strict clients do not take it for serverAuth.",
        says_zh: "extKeyUsage 含有 anyExtendedKeyUsage；严格的客户端不会把它当作 serverAuth。",
        ..USUAL
    },
    Lint {
        id: "eku-extra-purposes",
        source: "BR §7.1.2.7.10",
        since: BR,
        severity: Severity::Warn,
        public: true,
        applies: |seen| seen.tls() && seen.certificate.ext_key_usage.is_some(),
        holds: |seen| {
            seen.certificate.ext_key_usage.as_ref().is_none_or(|purposes| {
                purposes.iter().all(|p| matches!(&**p, "serverAuth" | "clientAuth" | "emailProtection"))
            })
        },
        found: purposes,
        says: "extKeyUsage of a server's certificate has other purposes as well ({}).",
        says_zh: "服务器证书的 extKeyUsage 还含有其他用途（{}）。",
        ..USUAL
    },
    Lint {
        id: "eku-client-auth-public",
        source: "Chrome Root Program Policy §3.2; Let's Encrypt ends it on 2026-02-11",
        since: Time::date(2025, 10, 1),
        severity: Severity::Notice,
        applies: |seen| seen.tls() && seen.public,
        holds: |seen| !seen.certificate.has_purpose("clientAuth"),
        says: "extKeyUsage has clientAuth beside serverAuth. Public CAs stop that in 2026 and 2027: whoever uses it as a client certificate needs another one by then.",
        says_zh: "extKeyUsage 除 serverAuth 外还含 clientAuth。公共 CA 将在 2026 至 2027 年停止这样签发：把它用作客户端证书者届时需要另一张证书。",
        ..USUAL
    },
    Lint {
        id: "eku-empty",
        source: "RFC 5280 §4.2.1.12",
        since: RFC2459,
        applies: |seen| seen.extension("extKeyUsage").is_some_and(|extension| !extension.malformed),
        holds: |seen| seen.certificate.ext_key_usage.as_ref().is_none_or(|purposes| !purposes.is_empty()),
        says: "extKeyUsage is there, but there is no purpose in it.",
        says_zh: "有 extKeyUsage，但其中没有任何用途。",
        ..USUAL
    },
    Lint {
        id: "eku-any-critical",
        source: "RFC 5280 §4.2.1.12",
        since: RFC3280,
        severity: Severity::Warn,
        applies: |seen| seen.certificate.has_purpose("anyExtendedKeyUsage"),
        holds: |seen| !seen.critical("extKeyUsage"),
        says: "extKeyUsage has anyExtendedKeyUsage and is critical, which contradict each other.",
        says_zh: "extKeyUsage 含有 anyExtendedKeyUsage 却标记为关键，二者相互矛盾。",
        ..USUAL
    },
    Lint {
        id: "key-usage-empty",
        source: "RFC 5280 §4.2.1.3",
        since: RFC5280,
        applies: |seen| seen.extension("keyUsage").is_some_and(|extension| !extension.malformed),
        holds: |seen| seen.certificate.key_usage.as_ref().is_none_or(|usages| !usages.is_empty()),
        says: "keyUsage is there, but no bit of it is set.",
        says_zh: "有 keyUsage，但没有设置任何位。",
        ..USUAL
    },
    Lint {
        id: "key-usage-not-critical",
        source: "RFC 5280 §4.2.1.3",
        since: RFC2459,
        severity: Severity::Warn,
        // Of CAs the Baseline Requirements say more.
        applies: |seen| {
            seen.has("keyUsage") && (!seen.ca || seen.certificate.not_before.is_some_and(|since| since < BR))
        },
        holds: |seen| seen.critical("keyUsage"),
        says: "keyUsage is not critical; it should be.",
        says_zh: "keyUsage 没有标记为关键；它应当是关键的。",
        ..USUAL
    },
    Lint {
        id: "key-usage-cert-sign-without-ca",
        source: "RFC 5280 §4.2.1.3",
        since: RFC3280,
        applies: |seen| !seen.ca && seen.has("keyUsage"),
        holds: |seen| !seen.certificate.has_usage("keyCertSign"),
        says: "keyUsage allows signing certificates, but basicConstraints does not make it a CA. OpenSSL 3 with strict checks and others refuse it.",
        says_zh: "keyUsage 允许签发证书，但 basicConstraints 并未表明它是 CA。严格检查的 OpenSSL 3 等会拒绝。",
        ..USUAL
    },
    Lint {
        id: "key-usage-crl-sign-in-leaf",
        source: "BR §7.1.2.7.11",
        since: BR,
        public: true,
        applies: |seen| seen.subscriber() && seen.has("keyUsage"),
        holds: |seen| !seen.certificate.has_usage("cRLSign"),
        says: "keyUsage of a certificate that is no CA allows signing revocation lists.",
        says_zh: "非 CA 证书的 keyUsage 允许签发吊销列表。",
        ..USUAL
    },
    Lint {
        id: "key-usage-wrong-for-ec",
        source: "RFC 5480 §3, RFC 8813 §3",
        since: Time::date(2020, 8, 1),
        applies: |seen| {
            matches!(&*seen.certificate.key.algorithm, "EC" | "Ed25519" | "Ed448") && seen.has("keyUsage")
        },
        holds: |seen| {
            !seen.certificate.has_usage("keyEncipherment") && !seen.certificate.has_usage("dataEncipherment")
        },
        found: usages,
        says: "keyUsage ({}) has encipherment, which elliptic curve keys cannot do.",
        says_zh: "keyUsage（{}）含有加密用途，而椭圆曲线密钥做不到。",
        ..USUAL
    },
    Lint {
        id: "key-usage-wrong-for-rsa",
        source: "RFC 3279 §2.3.1",
        since: RFC3280,
        applies: |seen| seen.certificate.key.algorithm == "RSA" && seen.has("keyUsage"),
        holds: |seen| {
            !["keyAgreement", "encipherOnly", "decipherOnly"]
                .iter()
                .any(|usage| seen.certificate.has_usage(usage))
        },
        found: usages,
        says: "keyUsage ({}) has key agreement, which RSA keys cannot do.",
        says_zh: "keyUsage（{}）含有密钥协商，而 RSA 密钥做不到。",
        ..USUAL
    },
    Lint {
        id: "key-usage-no-tls",
        source: "RFC 5246 §7.4.2, RFC 8446 §4.4.2.2",
        since: RFC5280,
        severity: Severity::Warn,
        applies: |seen| {
            !seen.ca
                && seen.certificate.key_usage.as_ref().is_some_and(|usages| !usages.is_empty())
                && seen.certificate.has_purpose("serverAuth")
        },
        holds: |seen| {
            seen.certificate.has_usage("digitalSignature")
                || (seen.certificate.key.algorithm == "RSA" && seen.certificate.has_usage("keyEncipherment"))
        },
        found: usages,
        says: "keyUsage ({}) has no digitalSignature, which TLS 1.3 and all suites with forward secrecy need.",
        says_zh: "keyUsage（{}）没有 digitalSignature，而 TLS 1.3 和所有具有前向保密的套件都需要它。",
        ..USUAL
    },
    Lint {
        id: "key-usage-encipher-only",
        source: "RFC 5280 §4.2.1.3",
        since: RFC5280,
        applies: |seen| {
            seen.certificate.has_usage("encipherOnly") || seen.certificate.has_usage("decipherOnly")
        },
        holds: |seen| seen.certificate.has_usage("keyAgreement"),
        says: "keyUsage has encipherOnly or decipherOnly without keyAgreement, where they mean nothing.",
        says_zh: "keyUsage 含有 encipherOnly 或 decipherOnly，但没有 keyAgreement，因而毫无意义。",
        ..USUAL
    },
    Lint {
        id: "key-usage-eku-inconsistent",
        source: "RFC 5280 §4.2.1.12",
        since: RFC5280,
        applies: |seen| {
            !seen.ca
                && seen.certificate.key_usage.as_ref().is_some_and(|usages| !usages.is_empty())
                && seen.certificate.ext_key_usage.as_ref().is_some_and(|list| matches!(list.as_slice(), [only] if matches!(&**only, "codeSigning" | "timeStamping" | "OCSPSigning")))
        },
        holds: |seen| {
            seen.certificate.key_usage.as_ref().is_none_or(|usages| {
                usages.iter().any(|usage| matches!(*usage, "digitalSignature" | "nonRepudiation"))
            })
        },
        found: usages,
        says: "keyUsage ({}) has no bit that the one purpose in extKeyUsage could use.",
        says_zh: "keyUsage（{}）中没有 extKeyUsage 唯一用途所需的位。",
        ..USUAL
    },
];

fn names_hosts(seen: &Seen<'_>) -> bool {
    !seen.dns().is_empty() || !seen.ips().is_empty()
}

fn mail(seen: &Seen<'_>) -> bool {
    seen.certificate.has_purpose("emailProtection")
}

fn purposes(seen: &Seen<'_>) -> String {
    list(seen.certificate.ext_key_usage.iter().flatten().map(|purpose| &**purpose))
}

fn usages(seen: &Seen<'_>) -> String {
    seen.certificate.key_usage.as_ref().map(|usages| usages.join(", ")).unwrap_or_default()
}
