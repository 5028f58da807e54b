//! Rules about keys and signature algorithms.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: whether a signature is right. That is `verify`.

use super::small_factors;
use super::{BR, Lint, RFC2459, RFC3280, RFC5280, Seen, Severity, USUAL, always};
use crate::x509::{Rsa, Time};

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "signature-md5",
        source: "RFC 6151, Mozilla Root Store Policy §5.1",
        since: RFC2459,
        applies: always,
        holds: |seen| {
            !signature(seen).starts_with("md2")
                && !signature(seen).starts_with("md4")
                && !signature(seen).starts_with("md5")
        },
        found: algorithm,
        says: "Signed with {}, which can be forged. Every current client refuses it, save in a root.",
        says_zh: "签名算法为 {}，可以被伪造。除根证书外，所有现行客户端都会拒绝。",
        ..USUAL
    },
    Lint {
        id: "signature-sha1",
        source: "BR §7.1.3.2.1",
        since: Time::date(2016, 1, 1),
        applies: |seen| !seen.root(),
        holds: |seen| !is_sha1(signature(seen)),
        found: algorithm,
        says: "Signed with SHA-1 ({}). Browsers refuse it since 2017, OpenSSL 3 at its usual security level and Java below public roots too.",
        says_zh: "使用 SHA-1 签名（{}）。浏览器自 2017 年起拒绝，OpenSSL 3 在默认安全级别下、Java 对公共根之下的证书也拒绝。",
        ..USUAL
    },
    Lint {
        id: "signature-algorithm-not-allowed",
        source: "BR §7.1.3.2",
        since: BR,
        public: true,
        applies: |seen| !is_sha1(signature(seen)) && !signature(seen).starts_with("md"),
        holds: |seen| {
            matches!(
                signature(seen),
                "sha256WithRSAEncryption"
                    | "sha384WithRSAEncryption"
                    | "sha512WithRSAEncryption"
                    | "rsassaPss"
                    | "ecdsa-with-SHA256"
                    | "ecdsa-with-SHA384"
                    | "ecdsa-with-SHA512"
            )
        },
        found: algorithm,
        says: "Signed with {}, which public CAs do not use and browsers do not know.",
        says_zh: "签名算法为 {}，公共 CA 不使用，浏览器也不认识。",
        ..USUAL
    },
    Lint {
        id: "signature-algorithm-mismatch",
        source: "RFC 5280 §4.1.1.2",
        since: RFC2459,
        applies: |seen| !seen.certificate.signature_identifier.is_empty(),
        holds: |seen| seen.certificate.signature_identifier == seen.certificate.tbs_signature_identifier,
        says: "The signature algorithm inside the certificate and the one beside the signature differ; clients refuse it.",
        says_zh: "证书内部的签名算法与签名旁的算法不一致；客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "signature-parameters",
        source: "RFC 3279 §2.2.1, RFC 4055 §5",
        since: RFC3280,
        applies: |seen| signature(seen).ends_with("WithRSAEncryption"),
        holds: |seen| seen.certificate.tbs_signature_identifier.ends_with(&[5, 0]),
        says: "The RSA signature's parameters are not NULL; strict libraries refuse it.",
        says_zh: "RSA 签名算法的参数不是 NULL；严格的库会拒绝。",
        ..USUAL
    },
    Lint {
        id: "rsa-below-1024",
        source: "RFC 8301 §3.2, Microsoft security advisory 2661254",
        since: RFC2459,
        applies: is_rsa,
        holds: |seen| seen.certificate.key.bits.is_none_or(|bits| bits >= 1024),
        found: bits,
        says: "The RSA key has {} bits only and can be broken; Windows since 2012 and all others refuse it.",
        says_zh: "RSA 密钥只有 {} 位，可以被破解；Windows 自 2012 年起以及其他所有客户端都拒绝。",
        ..USUAL
    },
    Lint {
        id: "rsa-below-2048",
        source: "BR §6.1.5",
        since: Time::date(2014, 1, 1),
        applies: is_rsa,
        holds: |seen| seen.certificate.key.bits.is_none_or(|bits| bits >= 2048),
        found: bits,
        says: "The RSA key has {} bits; 2048 are the least. OpenSSL at security level 2, Mbed TLS, rustls and Apple’s systems refuse it, browsers below public roots.",
        says_zh: "RSA 密钥为 {} 位；最少需要 2048 位。安全级别 2 的 OpenSSL、Mbed TLS、rustls 和 Apple 的系统会拒绝，浏览器对公共根之下的证书也拒绝。",
        ..USUAL
    },
    Lint {
        id: "rsa-not-whole-bytes",
        source: "BR §6.1.5, Mozilla Root Store Policy §5.1",
        since: Time::date(2017, 2, 28),
        applies: is_rsa,
        holds: |seen| seen.certificate.key.bits.is_none_or(|bits| bits % 8 == 0),
        found: bits,
        says: "The RSA modulus has {} bits, which is no multiple of 8; Java's and other libraries stumble over it.",
        says_zh: "RSA 模数为 {} 位，不是 8 的倍数；Java 等库会因此出错。",
        ..USUAL
    },
    Lint {
        id: "rsa-exponent-one",
        source: "BR §6.1.6",
        since: RFC2459,
        applies: is_rsa,
        holds: |seen| rsa(seen).is_none_or(|key| key.exponent != [1]),
        says: "The RSA exponent is 1: whatever is encrypted stays as it is.",
        says_zh: "RSA 指数为 1：加密后的内容毫无变化。",
        ..USUAL
    },
    Lint {
        id: "rsa-exponent-even",
        source: "BR §6.1.6",
        since: Time::date(2013, 2, 21),
        applies: is_rsa,
        holds: |seen| rsa(seen).is_none_or(|key| key.exponent.last().is_some_and(|last| last & 1 == 1)),
        found: exponent,
        says: "The RSA exponent {} is even, so there is no private key for it.",
        says_zh: "RSA 指数 {} 为偶数，因此不存在对应的私钥。",
        ..USUAL
    },
    Lint {
        id: "rsa-exponent-small",
        source: "BR §6.1.6",
        since: Time::date(2013, 2, 21),
        severity: Severity::Warn,
        applies: is_rsa,
        holds: |seen| rsa(seen).is_none_or(|key| key.exponent.len() >= 3 && key.exponent.len() <= 32),
        found: exponent,
        says: "The RSA exponent is {}; it should lie between 65537 and 2^256.",
        says_zh: "RSA 指数为 {}；它应介于 65537 与 2^256 之间。",
        ..USUAL
    },
    Lint {
        id: "rsa-modulus-even",
        source: "BR §6.1.6",
        since: Time::date(2013, 2, 21),
        severity: Severity::Warn,
        applies: is_rsa,
        holds: |seen| rsa(seen).is_none_or(|key| key.modulus.last().is_some_and(|last| last & 1 == 1)),
        says: "The RSA modulus is even: this is no key.",
        says_zh: "RSA 模数为偶数：这不是有效的密钥。",
        ..USUAL
    },
    Lint {
        id: "rsa-modulus-small-factor",
        source: "BR §6.1.6",
        since: Time::date(2013, 2, 21),
        severity: Severity::Warn,
        applies: is_rsa,
        holds: |seen| rsa(seen).is_none_or(|key| !small_factors::has(key.modulus)),
        says: "The RSA modulus has a prime factor below 752: the key is broken.",
        says_zh: "RSA 模数含有小于 752 的质因子：密钥已被破解。",
        ..USUAL
    },
    Lint {
        id: "rsa-roca",
        source: "CVE-2017-15361, BR §6.1.1.3",
        since: RFC2459,
        applies: is_rsa,
        holds: |seen| rsa(seen).is_none_or(|key| !small_factors::is_roca(key.modulus)),
        says: "The RSA key was made by a chip with the ROCA flaw and can be computed by others.",
        says_zh: "该 RSA 密钥由存在 ROCA 缺陷的芯片生成，他人可以计算出私钥。",
        ..USUAL
    },
    Lint {
        id: "rsa-key-negative",
        source: "RFC 8017 §3.1",
        since: RFC2459,
        applies: is_rsa,
        holds: |seen| rsa(seen).is_none_or(|key| !key.negative),
        says: "The RSA modulus or exponent is written as a negative number; strict libraries refuse it.",
        says_zh: "RSA 模数或指数被写成负数；严格的库会拒绝。",
        ..USUAL
    },
    Lint {
        id: "rsa-key-parameters",
        source: "RFC 3279 §2.3.1",
        since: RFC3280,
        applies: |seen| seen.certificate.key.algorithm == "RSA",
        holds: |seen| seen.certificate.key.parameters() == Some(&[5, 0]),
        says: "The parameters of the RSA key are not NULL; strict libraries refuse it.",
        says_zh: "RSA 密钥的参数不是 NULL；严格的库会拒绝。",
        ..USUAL
    },
    Lint {
        id: "ec-curve-unusual",
        source: "BR §6.1.5",
        since: Time::date(2013, 2, 21),
        applies: |seen| seen.certificate.key.algorithm == "EC" && !seen.certificate.key.explicit_curve,
        holds: |seen| {
            matches!(seen.certificate.key.curve.as_deref(), Some("prime256v1" | "secp384r1" | "secp521r1"))
        },
        found: |seen| seen.certificate.key.curve.clone().unwrap_or_default().into_owned(),
        says: "The key is on the curve {}; browsers, Go and Windows know P-256, P-384 and P-521.",
        says_zh: "密钥所用曲线为 {}；浏览器、Go 和 Windows 只认识 P-256、P-384 和 P-521。",
        ..USUAL
    },
    Lint {
        id: "ec-curve-explicit",
        source: "RFC 5480 §2.1.1",
        applies: |seen| seen.certificate.key.algorithm == "EC",
        holds: |seen| !seen.certificate.key.explicit_curve,
        says: "The curve is written out instead of named; OpenSSL 3, Go, Java and browsers refuse it (CVE-2020-0601).",
        says_zh: "曲线以参数形式写出而非命名；OpenSSL 3、Go、Java 和浏览器会拒绝（CVE-2020-0601）。",
        ..USUAL
    },
    Lint {
        id: "ec-point-compressed",
        source: "RFC 5480 §2.2",
        applies: |seen| seen.certificate.key.algorithm == "EC",
        holds: |seen| {
            !seen.certificate.key.subject_public_key().is_some_and(|point| matches!(point, [2 | 3, ..]))
        },
        says: "The public key is a compressed point. OpenSSL reads it; Go, Java and rustls do not.",
        says_zh: "公钥是压缩形式的点。OpenSSL 能读取；Go、Java 和 rustls 不能。",
        ..USUAL
    },
    Lint {
        id: "key-rsa-pss",
        source: "Mozilla Root Store Policy §5.1.1, BR §7.1.3.1.1",
        since: Time::date(2020, 1, 1),
        applies: |seen| seen.certificate.key.bits.is_some(),
        holds: |seen| seen.certificate.key.algorithm != "RSASSA-PSS",
        says: "The RSA key is bound to PSS signatures (id-RSASSA-PSS). OpenSSL 1.1.1, GnuTLS and Java 11 and later take it, browsers, Go and rustls do not.",
        says_zh: "RSA 密钥被限定为只能用于 PSS 签名（id-RSASSA-PSS）。OpenSSL 1.1.1、GnuTLS 以及 Java 11 及以后接受，浏览器、Go 和 rustls 不接受。",
        ..USUAL
    },
    Lint {
        id: "signature-pss-parameters",
        source: "Mozilla Root Store Policy §5.1.1, BR §7.1.3.2.1",
        since: Time::date(2020, 1, 1),
        applies: |seen| signature(seen) == "rsassaPss",
        holds: |seen| PSS.iter().any(|usual| seen.certificate.tbs_signature_identifier == *usual),
        says: "The parameters of the PSS signature are none of the three usual ones (SHA-256, 384 or 512 for both hashes, and a salt as long as the hash); browsers, Go and rustls refuse it.",
        says_zh: "PSS 签名的参数不是通常的三种之一（两处哈希均为 SHA-256、384 或 512，盐与哈希等长）；浏览器、Go 和 rustls 会拒绝。",
        ..USUAL
    },
    Lint {
        id: "key-dsa",
        source: "BR §6.1.5",
        since: Time::date(2020, 3, 27),
        applies: always,
        holds: |seen| seen.certificate.key.algorithm != "DSA",
        says: "The key is a DSA key; TLS 1.3 and browsers have no use for it.",
        says_zh: "密钥是 DSA 密钥；TLS 1.3 和浏览器都不支持。",
        ..USUAL
    },
    Lint {
        id: "key-edwards",
        source: "BR §6.1.5",
        since: Time::date(2018, 8, 1),
        severity: Severity::Notice,
        public: true,
        applies: always,
        holds: |seen| !matches!(&*seen.certificate.key.algorithm, "Ed25519" | "Ed448"),
        found: key,
        says: "The key is an {} key: OpenSSL 1.1.1 and later, Java 15 and later and GnuTLS know it, browsers and Windows do not.",
        says_zh: "密钥是 {} 密钥：OpenSSL 1.1.1 及以后、Java 15 及以后和 GnuTLS 支持，浏览器和 Windows 不支持。",
        ..USUAL
    },
    Lint {
        id: "key-post-quantum",
        source: "RFC 9881, RFC 9909",
        since: RFC5280,
        severity: Severity::Notice,
        applies: always,
        holds: |seen| {
            let name = &*seen.certificate.key.algorithm;
            !["ML-DSA", "SLH-DSA", "HashML", "HashSLH", "falcon", "dilithium"]
                .iter()
                .any(|start| name.starts_with(start))
        },
        found: key,
        says: "The key is an {} key: only the newest libraries (OpenSSL 3.5, Java 24) can use it, and no browser.",
        says_zh: "密钥是 {} 密钥：只有最新的库（OpenSSL 3.5、Java 24）可用，浏览器都不支持。",
        ..USUAL
    },
    Lint {
        id: "key-unknown-algorithm",
        source: "RFC 5280 §4.1.2.7",
        since: RFC5280,
        severity: Severity::Warn,
        applies: always,
        holds: |seen| !seen.certificate.key.algorithm.starts_with(|first: char| first.is_ascii_digit()),
        found: key,
        says: "The key's algorithm, {}, has no name that is known here.",
        says_zh: "密钥算法 {} 没有已知的名称。",
        ..USUAL
    },
    Lint {
        id: "key-malformed",
        source: "RFC 5280 §4.1.2.7",
        since: RFC2459,
        applies: always,
        holds: |seen| !seen.certificate.key.malformed || rsa(seen).is_some_and(|key| key.negative),
        says: "The public key cannot be read as its algorithm wants it.",
        says_zh: "公钥无法按其算法的要求读取。",
        ..USUAL
    },
];

/// AlgorithmIdentifiers of RSASSA-PSS with one hash in both places, and a salt of its length.
const PSS: [[u8; 67]; 3] = [pss(1, 32), pss(2, 48), pss(3, 64)];

const fn pss(hash: u8, salt: u8) -> [u8; 67] {
    [
        0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f,
        0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, hash, 0x05, 0x00, 0xa1, 0x1c,
        0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, hash, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, salt,
    ]
}

fn signature<'a>(seen: &Seen<'a>) -> &'a str {
    &seen.certificate.signature_algorithm
}

fn algorithm(seen: &Seen<'_>) -> String {
    signature(seen).to_owned()
}

fn is_sha1(name: &str) -> bool {
    matches!(
        name,
        "sha1WithRSAEncryption"
            | "sha1WithRSA"
            | "ecdsa-with-SHA1"
            | "dsaWithSHA1"
            | "dsaWithSHA1-old"
            | "shaWithRSAEncryption"
            | "dsaWithSHA"
    )
}

fn is_rsa(seen: &Seen<'_>) -> bool {
    matches!(&*seen.certificate.key.algorithm, "RSA" | "RSASSA-PSS") && seen.certificate.key.bits.is_some()
}

fn rsa<'a>(seen: &Seen<'a>) -> Option<Rsa<'a>> {
    seen.certificate.key.rsa()
}

fn bits(seen: &Seen<'_>) -> String {
    seen.certificate.key.bits.unwrap_or_default().to_string()
}

fn exponent(seen: &Seen<'_>) -> String {
    seen.certificate.key.exponent.clone().unwrap_or_default()
}

fn key(seen: &Seen<'_>) -> String {
    seen.certificate.key.algorithm.clone().into_owned()
}
