//! What the names must be that a certificate is for.
//!
//! In:  a certificate's parts, and the place it has in the chain.
//! Out: every rule that a name breaks.
//! Not here: whether a name is the one that was wanted (`host`).

use super::super::constraints;
use super::super::der;
use super::super::fault::Fault;
use super::super::raw::{self, Name, Raw};
use super::{GO, NOBODY, Place, STRICT, malformed};

pub(super) fn alt_names(raw: &Raw<'_>, names: &[Name<'_>], place: Place, faults: &mut Vec<Fault>) {
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
pub(super) fn is_public_suffix(name: &str) -> bool {
    match name.split_once('.') {
        None => true,
        Some((second, top)) => {
            top.len() == 2
                && !top.contains('.')
                && matches!(second, "co" | "com" | "org" | "net" | "gov" | "edu" | "ac")
        }
    }
}

/// Letters, digits, hyphens between dots; with underscores where they are let pass.
pub(in super::super) fn is_dns_name(name: &str, underscores: bool) -> bool {
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
pub(super) fn is_misspelt(common: &str, names: &[String]) -> bool {
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
