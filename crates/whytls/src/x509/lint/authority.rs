//! Rules about certificates of CAs, and about the identifiers that tie a chain together.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: the chain itself. That is `chain`.

use super::{BR, Lint, RFC2459, RFC3280, RFC5280, Severity, USUAL};
use crate::x509::Time;

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "ca-basic-constraints-not-critical",
        source: "RFC 5280 §4.2.1.9",
        since: RFC2459,
        applies: |seen| seen.ca,
        holds: |seen| seen.critical("basicConstraints"),
        says: "basicConstraints of a CA is not critical.",
        says_zh: "CA 的 basicConstraints 没有标记为关键。",
        ..USUAL
    },
    Lint {
        id: "ca-basic-constraints-missing",
        source: "RFC 5280 §4.2.1.9",
        since: RFC2459,
        applies: |seen| seen.certificate.version == 3 && seen.certificate.has_usage("keyCertSign"),
        holds: |seen| seen.certificate.is_ca.is_some(),
        says: "It signs certificates, but has no basicConstraints: no client takes it for a CA.",
        says_zh: "它用于签发证书，却没有 basicConstraints：没有客户端会把它当作 CA。",
        ..USUAL
    },
    Lint {
        id: "path-length-without-ca",
        source: "RFC 5280 §4.2.1.9",
        since: RFC3280,
        applies: |seen| seen.certificate.path_len.is_some(),
        holds: |seen| seen.ca && seen.certificate.has_usage("keyCertSign"),
        says: "basicConstraints has a path length, which only a CA may have whose keyUsage allows signing certificates; strict clients refuse it.",
        says_zh: "basicConstraints 含有路径长度，而只有 keyUsage 允许签发证书的 CA 才可以有；严格的客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "path-length-negative",
        source: "RFC 5280 §4.2.1.9",
        since: RFC2459,
        applies: |seen| seen.has("basicConstraints"),
        holds: |seen| !seen.certificate.faults.iter().any(|fault| fault.field == "pathLenConstraint"),
        says: "The path length in basicConstraints is negative or absurdly large.",
        says_zh: "basicConstraints 中的路径长度为负数或大得离谱。",
        ..USUAL
    },
    Lint {
        id: "ca-key-usage-missing",
        source: "RFC 5280 §4.2.1.3",
        since: RFC3280,
        applies: |seen| seen.ca,
        holds: |seen| seen.has("keyUsage"),
        says: "A CA's certificate has no keyUsage.",
        says_zh: "CA 证书没有 keyUsage。",
        ..USUAL
    },
    Lint {
        id: "ca-key-usage-not-critical",
        source: "BR §7.1.2.10.7, RFC 5280 §4.2.1.3",
        since: BR,
        applies: |seen| seen.ca && seen.has("keyUsage"),
        holds: |seen| seen.critical("keyUsage"),
        says: "keyUsage of a CA is not critical.",
        says_zh: "CA 的 keyUsage 没有标记为关键。",
        ..USUAL
    },
    Lint {
        id: "ca-no-cert-sign",
        source: "RFC 5280 §4.2.1.3",
        since: RFC5280,
        applies: |seen| seen.ca && seen.has("keyUsage"),
        holds: |seen| seen.certificate.has_usage("keyCertSign"),
        says: "keyUsage of a CA does not allow signing certificates: whatever it signed is refused.",
        says_zh: "CA 的 keyUsage 不允许签发证书：它签发的一切都会被拒绝。",
        ..USUAL
    },
    Lint {
        id: "ca-no-crl-sign",
        source: "BR §7.1.2.10.7",
        since: BR,
        applies: |seen| seen.ca && seen.has("keyUsage"),
        holds: |seen| seen.certificate.has_usage("cRLSign"),
        says: "keyUsage of a CA does not allow signing revocation lists.",
        says_zh: "CA 的 keyUsage 不允许签发吊销列表。",
        ..USUAL
    },
    Lint {
        id: "ca-subject-empty",
        source: "RFC 5280 §4.1.2.6",
        since: RFC2459,
        applies: |seen| seen.ca,
        holds: |seen| !seen.certificate.subject.is_empty(),
        says: "A CA has no name: its subject is empty.",
        says_zh: "CA 没有名称：其主题为空。",
        ..USUAL
    },
    Lint {
        id: "ca-key-identifier-missing",
        source: "RFC 5280 §4.2.1.2",
        since: RFC2459,
        applies: |seen| seen.ca,
        holds: |seen| seen.has("subjectKeyIdentifier"),
        says: "A CA's certificate has no subjectKeyIdentifier, so chains can be told by its name only. Python 3.13 refuses it (VERIFY_X509_STRICT).",
        says_zh: "CA 证书没有 subjectKeyIdentifier，只能靠名称构建证书链。Python 3.13 会拒绝（VERIFY_X509_STRICT）。",
        ..USUAL
    },
    Lint {
        id: "ca-common-name-missing",
        source: "BR §7.1.2.10.2",
        since: Time::date(2015, 4, 16),
        public: true,
        applies: |seen| seen.ca,
        holds: |seen| seen.certificate.subject.attribute("CN").is_some_and(|cn| !cn.is_empty()),
        says: "A CA's subject has no CN.",
        says_zh: "CA 的主题没有 CN。",
        ..USUAL
    },
    Lint {
        id: "ca-organization-missing",
        source: "BR §7.1.2.10.2",
        since: BR,
        public: true,
        applies: |seen| seen.ca,
        holds: |seen| seen.certificate.subject.attribute("O").is_some_and(|o| !o.is_empty()),
        says: "A CA's subject has no O.",
        says_zh: "CA 的主题没有 O。",
        ..USUAL
    },
    Lint {
        id: "ca-country-missing",
        source: "BR §7.1.2.10.2",
        since: BR,
        public: true,
        applies: |seen| seen.ca,
        holds: |seen| seen.certificate.subject.attribute("C").is_some_and(|c| !c.is_empty()),
        says: "A CA's subject has no C.",
        says_zh: "CA 的主题没有 C。",
        ..USUAL
    },
    Lint {
        id: "root-eku",
        source: "BR §7.1.2.1.2",
        since: BR,
        severity: Severity::Error,
        public: true,
        applies: |seen| seen.root(),
        holds: |seen| !seen.has("extKeyUsage"),
        says: "A root has extKeyUsage, which limits all that it ever issues.",
        says_zh: "根证书含有 extKeyUsage，这会限制它签发的一切。",
        ..USUAL
    },
    Lint {
        id: "root-path-length",
        source: "BR §7.1.2.1.4",
        since: BR,
        severity: Severity::Warn,
        public: true,
        applies: |seen| seen.root(),
        holds: |seen| seen.certificate.path_len.is_none(),
        says: "A root has a path length in basicConstraints.",
        says_zh: "根证书的 basicConstraints 中有路径长度。",
        ..USUAL
    },
    Lint {
        id: "root-policies",
        source: "BR §7.1.2.1.2",
        since: BR,
        severity: Severity::Warn,
        public: true,
        applies: |seen| seen.root(),
        holds: |seen| !seen.has("certificatePolicies"),
        says: "A root has certificatePolicies.",
        says_zh: "根证书含有 certificatePolicies。",
        ..USUAL
    },
    Lint {
        id: "sub-ca-eku-missing",
        source: "Mozilla Root Store Policy §5.3",
        since: Time::date(2019, 1, 1),
        severity: Severity::Notice,
        applies: |seen| seen.sub_ca(),
        holds: |seen| seen.has("extKeyUsage"),
        says: "An intermediate CA has no extKeyUsage, so it may issue for any purpose.",
        says_zh: "中间 CA 没有 extKeyUsage，因此可以为任何用途签发。",
        ..USUAL
    },
    Lint {
        id: "sub-ca-eku-no-server-auth",
        source: "RFC 5280 §4.2.1.12; OpenSSL, Windows and webpki apply a CA's extKeyUsage to what it issues",
        severity: Severity::Notice,
        applies: |seen| seen.sub_ca() && seen.has("extKeyUsage"),
        holds: |seen| {
            ["serverAuth", "anyExtendedKeyUsage"].iter().any(|purpose| seen.certificate.has_purpose(purpose))
        },
        says: "extKeyUsage of an intermediate CA does not allow serverAuth: a server's certificate that it issued is refused.",
        says_zh: "中间 CA 的 extKeyUsage 不含 serverAuth：它签发的服务器证书会被拒绝。",
        ..USUAL
    },
    Lint {
        id: "sub-ca-policies-missing",
        source: "BR §7.1.2.10.5",
        since: BR,
        public: true,
        applies: |seen| seen.sub_ca(),
        holds: |seen| seen.has("certificatePolicies"),
        says: "An intermediate CA has no certificatePolicies.",
        says_zh: "中间 CA 没有 certificatePolicies。",
        ..USUAL
    },
    Lint {
        id: "sub-ca-crl-missing",
        source: "BR §7.1.2.11.2",
        since: BR,
        public: true,
        applies: |seen| seen.sub_ca(),
        holds: |seen| seen.has("cRLDistributionPoints"),
        says: "An intermediate CA says nowhere where its issuer's revocation list is.",
        says_zh: "中间 CA 没有说明其签发者的吊销列表在哪里。",
        ..USUAL
    },
    Lint {
        id: "authority-key-id-missing",
        source: "RFC 5280 §4.2.1.1",
        since: RFC2459,
        applies: |seen| !seen.self_issued,
        holds: |seen| seen.has("authorityKeyIdentifier"),
        says: "There is no authorityKeyIdentifier, so the issuer can be told by its name only. Python 3.13 refuses it (VERIFY_X509_STRICT).",
        says_zh: "没有 authorityKeyIdentifier，只能靠名称辨认签发者。Python 3.13 会拒绝（VERIFY_X509_STRICT）。",
        ..USUAL
    },
    Lint {
        id: "authority-key-id-empty",
        source: "RFC 5280 §4.2.1.1",
        since: RFC2459,
        applies: |seen| {
            !(seen.ca && seen.self_issued)
                && seen.extension("authorityKeyIdentifier").is_some_and(|extension| !extension.malformed)
        },
        holds: |seen| seen.certificate.authority_key_id.is_some(),
        says: "authorityKeyIdentifier is there, but has no keyIdentifier.",
        says_zh: "有 authorityKeyIdentifier，但其中没有 keyIdentifier。",
        ..USUAL
    },
    Lint {
        id: "authority-key-id-not-own",
        source: "RFC 5280 §4.2.1.1",
        since: RFC2459,
        applies: |seen| {
            seen.self_issued
                && seen.certificate.authority_key_id.is_some()
                && seen.certificate.subject_key_id.is_some()
        },
        holds: |seen| seen.certificate.authority_key_id == seen.certificate.subject_key_id,
        says: "Subject and issuer are the same, but authorityKeyIdentifier names another key than its own: clients look for an issuer of the same name, and do not take this one for a root.",
        says_zh: "主题与签发者相同，但 authorityKeyIdentifier 指的不是它自己的密钥：客户端会去找同名的另一个签发者，而不把它当作根证书。",
        severity: Severity::Notice,
        ..USUAL
    },
    Lint {
        id: "authority-key-id-critical",
        source: "RFC 5280 §4.2.1.1",
        since: RFC2459,
        applies: |seen| seen.has("authorityKeyIdentifier"),
        holds: |seen| !seen.critical("authorityKeyIdentifier"),
        says: "authorityKeyIdentifier is critical; it must not be.",
        says_zh: "authorityKeyIdentifier 标记为关键；不允许如此。",
        ..USUAL
    },
    Lint {
        id: "authority-issuer-and-serial",
        source: "BR §7.1.2.11.1",
        since: Time::date(2023, 9, 15),
        severity: Severity::Warn,
        public: true,
        applies: |seen| seen.has("authorityKeyIdentifier"),
        holds: |seen| {
            seen.certificate.authority_issuer.is_empty() && seen.certificate.authority_serial.is_none()
        },
        says: "authorityKeyIdentifier names issuer and serial number too: once the CA renews its own certificate, chains no longer fit.",
        says_zh: "authorityKeyIdentifier 还指明了签发者和序列号：CA 更新自己的证书后，证书链便不再匹配。",
        ..USUAL
    },
    Lint {
        id: "subject-key-id-critical",
        source: "RFC 5280 §4.2.1.2",
        since: RFC2459,
        applies: |seen| seen.has("subjectKeyIdentifier"),
        holds: |seen| !seen.critical("subjectKeyIdentifier"),
        says: "subjectKeyIdentifier is critical; it must not be.",
        says_zh: "subjectKeyIdentifier 标记为关键；不允许如此。",
        ..USUAL
    },
    Lint {
        id: "subject-key-id-missing",
        source: "RFC 5280 §4.2.1.2",
        since: RFC2459,
        until: Some(Time::date(2023, 9, 15)),
        severity: Severity::Warn,
        public: true,
        applies: |seen| seen.subscriber(),
        holds: |seen| seen.has("subjectKeyIdentifier"),
        says: "There is no subjectKeyIdentifier; there should be one.",
        says_zh: "没有 subjectKeyIdentifier；应当有一个。",
        ..USUAL
    },
    Lint {
        id: "ca-as-server",
        source: "RFC 5280 §4.2.1.9; rustls: CaUsedAsEndEntity, Firefox: MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY",
        since: RFC5280,
        severity: Severity::Notice,
        applies: |seen| !seen.dns().is_empty() || !seen.ips().is_empty(),
        holds: |seen| !seen.ca,
        says: "It names hosts and is a CA at once. rustls refuses a CA as a server's certificate, and Firefox a self-signed one.",
        says_zh: "它既列出主机名又是 CA。rustls 拒绝把 CA 用作服务器证书，Firefox 拒绝自签名的此类证书。",
        ..USUAL
    },
];
