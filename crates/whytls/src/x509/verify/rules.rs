//! What a certificate must be by itself, whatever chain it stands in.
//!
//! In:  a certificate's parts, and the place it has in the chain.
//! Out: every rule that it breaks, with who acts on it.
//! Not here: what several certificates must be together. That is `path`.

use super::constraints;
use super::der::{self, Reader};
use super::fault::Fault;
use super::raw::{self, Name, Raw};
use super::signature;

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
    key(raw, place, &mut faults);
    extensions(raw, place, &mut faults);
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

/// Object identifiers of keys.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];

fn key(raw: &Raw<'_>, place: Place, faults: &mut Vec<Fault>) {
    let weak = |rule, en: String, zh: String| Fault::new("weak-certificate", rule, en, zh);
    // Nobody checks the signature of a root: it is trusted for what it is.
    if place != Place::Root
        && let Some(hash) = signature::weak_hash(raw.algorithm)
    {
        faults.push(
            weak(
                "weak-signature",
                format!("its signature uses {hash}, which can be forged"),
                format!("签名使用 {hash}，可以被伪造"),
            )
            .source("BR §7.1.3.2"),
        );
    }
    match raw.key.oid() {
        RSA | RSA_PSS => {
            let Some((modulus, exponent)) = raw.key.rsa() else {
                faults.push(
                    malformed("key-malformed", "its RSA key cannot be read", "RSA 密钥无法读取")
                        .source("RFC 3279 §2.3.1"),
                );
                return;
            };
            let bits = raw::bit_length(modulus);
            if bits < 1024 {
                faults.push(
                    weak(
                        "weak-key",
                        format!("its RSA key has {bits} bits, and no client takes less than 1024"),
                        format!("RSA 密钥只有 {bits} 位；没有客户端接受低于 1024 位的密钥"),
                    )
                    .source("BR §6.1.5"),
                );
            } else if bits < 2048 {
                faults.push(
                    weak(
                        "weak-key",
                        format!("its RSA key has {bits} bits, and many clients want 2048 at least"),
                        format!("RSA 密钥只有 {bits} 位；许多客户端至少要求 2048 位"),
                    )
                    .source("BR §6.1.5")
                    .only(RSA_2048),
                );
            } else if !bits.is_multiple_of(8) {
                faults.push(
                    malformed(
                        "rsa-bits-odd",
                        format!("its RSA key has {bits} bits, which is no multiple of 8"),
                        format!("RSA 密钥有 {bits} 位，不是 8 的倍数"),
                    )
                    .source("BR §6.1.5")
                    .only(NOBODY),
                );
            }
            if exponent.last().is_none_or(|last| last & 1 == 0) || exponent == [1] {
                faults.push(
                    malformed("rsa-exponent", "its RSA exponent is even or 1", "RSA 指数为偶数或 1")
                        .source("BR §6.1.6"),
                );
            }
        }
        EC => match raw.key.curve() {
            Some([0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] | [0x2b, 0x81, 4, 0, 34 | 35]) => {}
            Some([0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1] | [0x2b, 0x81, 4, 0, 33]) => faults.push(
                weak(
                    "weak-key",
                    "its key is on a curve of less than 256 bits".to_owned(),
                    "密钥所在曲线不足 256 位".to_owned(),
                )
                .source("BR §6.1.5"),
            ),
            Some(curve) => {
                let oid = der::dotted(curve);
                faults.push(
                    weak(
                        "curve-unusual",
                        format!("its key is on the curve {oid}, which browsers do not take"),
                        format!("密钥在曲线 {oid} 上，浏览器不接受"),
                    )
                    .source("BR §6.1.5")
                    .only(&["browsers", "Go", "rustls"]),
                );
            }
            None => faults.push(
                malformed(
                    "curve-explicit",
                    "its curve is written out instead of named",
                    "曲线以参数形式写出，而不是用名称",
                )
                .source("RFC 5480 §2.1.1"),
            ),
        },
        DSA => faults.push(
            weak(
                "weak-key",
                "its key is for DSA, which TLS clients no longer take".to_owned(),
                "密钥为 DSA，TLS 客户端已不接受".to_owned(),
            )
            .source("BR §6.1.5"),
        ),
        // Ed25519, Ed448, ML-DSA.
        [0x2b, 0x65, 0x70 | 0x71] | [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, ..] => {}
        other => {
            let oid = der::dotted(other);
            faults.push(
                malformed(
                    "key-unknown",
                    format!("its key is of an unknown kind ({oid})"),
                    format!("密钥类型未知（{oid}）"),
                )
                .source("RFC 5280 §4.1.2.7"),
            );
        }
    }
}

fn extensions(raw: &Raw<'_>, place: Place, faults: &mut Vec<Fault>) {
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

fn alt_names(raw: &Raw<'_>, names: &[Name<'_>], place: Place, faults: &mut Vec<Fault>) {
    let critical = raw.ext(raw::SUBJECT_ALT_NAME).is_some_and(|ext| ext.critical);
    let empty = der::only(raw.subject, der::SEQUENCE).is_none_or(|tlv| tlv.value.is_empty());
    if names.is_empty() {
        faults.push(
            malformed("san-empty", "its subjectAltName has no name", "subjectAltName 里没有名称")
                .source("RFC 5280 §4.2.1.6"),
        );
    }
    if empty && !critical && place == Place::Leaf {
        faults.push(
            malformed(
                "san-not-critical",
                "its subject is empty, and its subjectAltName is not marked critical",
                "主题为空，而 subjectAltName 未标为关键",
            )
            .source("RFC 5280 §4.2.1.6")
            .only(STRICT),
        );
    } else if !empty && critical && place == Place::Leaf {
        faults.push(
            malformed(
                "san-critical",
                "its subjectAltName is marked critical although it has a subject",
                "有主题，而 subjectAltName 仍被标为关键",
            )
            .source("BR §7.1.2.7.12")
            .only(&["Python cryptography"]),
        );
    }
    for name in names {
        let shown = constraints::shown(name);
        let fault = match name {
            Name::Dns(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                if is_dns_name(text.strip_prefix("*.").unwrap_or(&text), false) {
                    None
                } else if is_dns_name(text.strip_prefix("*.").unwrap_or(&text), true) {
                    Some(
                        malformed(
                            "san-underscore",
                            format!("its name {shown} has an underscore"),
                            format!("名称 {shown} 含有下划线"),
                        )
                        .source("RFC 5280 §4.2.1.6")
                        .only(NOBODY),
                    )
                } else {
                    Some(
                        malformed(
                            "san-dns",
                            format!("its name {shown} is no DNS name"),
                            format!("名称 {shown} 不是合法的 DNS 名称"),
                        )
                        .source("RFC 5280 §4.2.1.6")
                        .only(GO),
                    )
                }
            }
            Name::Ip(bytes) if !matches!(bytes.len(), 4 | 16) => Some(
                malformed("san-ip", format!("its address {shown} is none"), format!("地址 {shown} 不合法"))
                    .source("RFC 5280 §4.2.1.6"),
            ),
            Name::Email([]) => Some(
                malformed(
                    "san-email-empty",
                    "an e-mail address among its names is empty",
                    "名称中有空的邮箱地址",
                )
                .source("RFC 5280 §4.2.1.6"),
            ),
            Name::Email(bytes)
                if !bytes.contains(&b'@') || bytes.iter().any(|byte| !byte.is_ascii_graphic()) =>
            {
                Some(
                    malformed(
                        "san-email",
                        "an e-mail address among its names is none",
                        "名称中的邮箱地址不合法",
                    )
                    .source("RFC 5280 §4.2.1.6")
                    .only(&["OpenSSL with name constraints", "Botan"]),
                )
            }
            _ => None,
        };
        if let Some(fault) = fault {
            faults.push(fault);
            break;
        }
    }
    // A wildcard over everything that a registry hands out.
    let over_suffix = |name: &Name<'_>| match name {
        Name::Dns(bytes) => std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.strip_prefix("*."))
            .is_some_and(is_public_suffix),
        _ => false,
    };
    if let Some(name) = names.iter().find(|name| over_suffix(name)) {
        let shown = constraints::shown(name);
        faults.push(
            malformed(
                "wildcard-too-wide",
                format!("its name {shown} covers everything that a registry hands out"),
                format!("名称 {shown} 覆盖了注册机构分配的全部域名"),
            )
            .source("BR §3.2.2.6")
            .only(NOBODY),
        );
    }
}

/// A top-level domain, or one of the second-level domains that nearly every country hands out below.
fn is_public_suffix(name: &str) -> bool {
    match name.split_once('.') {
        None => true,
        Some((second, top)) => {
            top.len() == 2
                && !top.contains('.')
                && matches!(second, "co" | "com" | "org" | "net" | "gov" | "edu" | "ac")
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
        && is_misspelt(&common, &names.iter().map(constraints::shown).collect::<Vec<_>>())
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

/// Letters, digits, hyphens between dots; with underscores where they are let pass.
pub(super) fn is_dns_name(name: &str, underscores: bool) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || underscores && byte == b'_')
    };
    name.len() <= 253 && name.strip_suffix('.').unwrap_or(name).split('.').all(label)
}

/// Whether a Common Name is meant as one of the names, and is written as none may be: an address in
/// another notation, a name outside ASCII or with other capitals, an encoded name that is not there.
fn is_misspelt(common: &str, names: &[String]) -> bool {
    if common.contains(char::is_whitespace) || names.iter().any(|name| name == common) {
        return false;
    }
    if names.iter().any(|name| name.eq_ignore_ascii_case(common)) {
        return true;
    }
    let hex = |part: &str| part.strip_prefix("0x").is_some_and(|rest| u32::from_str_radix(rest, 16).is_ok());
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let four = common.split('.').count() == 4 && common.split('.').all(|part| number(part) || hex(part));
    let six = common.matches(':').count() >= 2
        && common.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    let as_written = common.parse::<core::net::IpAddr>().is_ok_and(|address| address.to_string() == common);
    let beyond_ascii = !common.is_ascii() && common.contains('.');
    let encoded = common.split('.').any(|label| label.starts_with("xn--"));
    (four || six || hex(common)) && !as_written || beyond_ascii || encoded
}
