//! Rules about the names of subject and issuer.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: host names. That is `hosts`.

use core::net::IpAddr;

use super::{BR, Lint, RFC2459, RFC5280, Seen, Severity, USUAL, always, list};
use crate::x509::der::tag;
use crate::x509::{Attribute, Time};

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "issuer-empty",
        source: "RFC 5280 §4.1.2.4",
        since: RFC2459,
        applies: always,
        holds: |seen| !seen.certificate.issuer.is_empty(),
        says: "The issuer has no name, so no chain can be built.",
        says_zh: "签发者名称为空，因此无法构建证书链。",
        ..USUAL
    },
    Lint {
        id: "subject-empty-without-san",
        source: "RFC 5280 §4.1.2.6",
        since: RFC2459,
        applies: |seen| !seen.ca && seen.certificate.subject.is_empty(),
        holds: |seen| seen.has("subjectAltName"),
        says: "Neither subject nor subjectAltName says whose certificate this is.",
        says_zh: "主题和 subjectAltName 都没有说明证书属于谁。",
        ..USUAL
    },
    Lint {
        id: "name-malformed",
        source: "RFC 5280 §4.1.2.4",
        since: RFC2459,
        applies: always,
        holds: |seen| !seen.certificate.subject.malformed && !seen.certificate.issuer.malformed,
        says: "Subject or issuer cannot be read to the end.",
        says_zh: "主题或签发者无法完整读取。",
        ..USUAL
    },
    Lint {
        id: "country-not-two-letters",
        source: "RFC 5280 appendix A, X.520",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("C").is_some(),
        holds: |seen| seen.certificate.subject.all("C").all(|country| country.len() == 2),
        found: |seen| list(seen.certificate.subject.all("C").filter(|country| country.len() != 2)),
        says: "C must be a country's two letters; here it is “{}”. OpenSSL refuses to make such names, some clients to read them.",
        says_zh: "C 必须是两个字母的国家代码；这里是“{}”。OpenSSL 拒绝生成这样的名称，有些客户端拒绝读取。",
        ..USUAL
    },
    Lint {
        id: "country-unknown",
        source: "BR §7.1.4.2, ISO 3166-1",
        since: BR,
        public: true,
        applies: |seen| seen.certificate.subject.attribute("C").is_some(),
        holds: |seen| {
            seen.certificate.subject.all("C").all(|country| country.len() != 2 || is_country(country))
        },
        found: |seen| list(seen.certificate.subject.all("C").filter(|country| !is_country(country))),
        says: "C is no country of ISO 3166 (“{}”).",
        says_zh: "C 不是 ISO 3166 中的国家代码（“{}”）。",
        ..USUAL
    },
    Lint {
        id: "country-not-printable",
        source: "RFC 5280 appendix A",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("C").is_some(),
        holds: |seen| of(seen, "C").all(|country| country.tag == tag::PRINTABLE),
        says: "C must be a PrintableString.",
        says_zh: "C 必须是 PrintableString。",
        ..USUAL
    },
    Lint {
        id: "serial-number-not-printable",
        source: "RFC 5280 appendix A",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("serialNumber").is_some(),
        holds: |seen| of(seen, "serialNumber").all(|number| number.tag == tag::PRINTABLE),
        says: "serialNumber of the subject must be a PrintableString.",
        says_zh: "主题中的 serialNumber 必须是 PrintableString。",
        ..USUAL
    },
    Lint {
        id: "common-name-too-long",
        source: "RFC 5280 appendix A: ub-common-name",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("CN").is_some(),
        holds: |seen| of(seen, "CN").all(|name| name.length <= 64),
        says: "The CN is longer than 64 characters.",
        says_zh: "CN 超过 64 个字符。",
        ..USUAL
    },
    Lint {
        id: "organization-too-long",
        source: "RFC 5280 appendix A: ub-organization-name",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("O").is_some(),
        holds: |seen| of(seen, "O").all(|name| name.length <= 64),
        says: "O is longer than 64 characters.",
        says_zh: "O 超过 64 个字符。",
        ..USUAL
    },
    Lint {
        id: "organizational-unit-too-long",
        source: "RFC 5280 appendix A: ub-organizational-unit-name",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("OU").is_some(),
        holds: |seen| of(seen, "OU").all(|name| name.length <= 64),
        says: "OU is longer than 64 characters.",
        says_zh: "OU 超过 64 个字符。",
        ..USUAL
    },
    Lint {
        id: "locality-too-long",
        source: "RFC 5280 appendix A: ub-locality-name",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("L").is_some(),
        holds: |seen| of(seen, "L").all(|name| name.length <= 128),
        says: "L is longer than 128 characters.",
        says_zh: "L 超过 128 个字符。",
        ..USUAL
    },
    Lint {
        id: "state-too-long",
        source: "RFC 5280 appendix A: ub-state-name",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("ST").is_some(),
        holds: |seen| of(seen, "ST").all(|name| name.length <= 128),
        says: "ST is longer than 128 characters.",
        says_zh: "ST 超过 128 个字符。",
        ..USUAL
    },
    Lint {
        id: "serial-number-too-long",
        source: "RFC 5280 appendix A: ub-serial-number",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("serialNumber").is_some(),
        holds: |seen| of(seen, "serialNumber").all(|name| name.length <= 64),
        says: "serialNumber of the subject is longer than 64 characters.",
        says_zh: "主题中的 serialNumber 超过 64 个字符。",
        ..USUAL
    },
    Lint {
        id: "email-too-long",
        source: "RFC 5280 appendix A: ub-emailaddress-length",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.attribute("emailAddress").is_some(),
        holds: |seen| of(seen, "emailAddress").all(|name| name.length <= 255),
        says: "emailAddress is longer than 255 characters.",
        says_zh: "emailAddress 超过 255 个字符。",
        ..USUAL
    },
    Lint {
        id: "printable-bad-character",
        source: "X.680 §41.4, RFC 5280 §4.1.2.4",
        since: RFC2459,
        applies: always,
        holds: |seen| !both(seen).any(|a| a.tag == tag::PRINTABLE && !a.value.chars().all(is_printable)),
        found: |seen| {
            list(
                both(seen)
                    .filter(|a| a.tag == tag::PRINTABLE && !a.value.chars().all(is_printable))
                    .map(|a| a.value.as_str()),
            )
        },
        says: "A PrintableString has characters that it may not have, such as * @ & _ or accents (“{}”); strict clients refuse it.",
        says_zh: "PrintableString 含有不允许的字符，例如 * @ & _ 或带重音的字母（“{}”）；严格的客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "name-string-garbled",
        source: "RFC 5280 §4.1.2.4",
        since: RFC2459,
        applies: always,
        holds: |seen| !both(seen).any(|attribute| attribute.garbled && attribute.tag != tag::PRINTABLE),
        found: |seen| list(both(seen).filter(|a| a.garbled).map(|a| a.value.as_str())),
        says: "The bytes of a name do not fit its string type (“{}”), as when Latin-1 stands in a UTF8String.",
        says_zh: "名称的字节与其字符串类型不符（“{}”），例如 UTF8String 中放了 Latin-1。",
        ..USUAL
    },
    Lint {
        id: "name-string-old",
        source: "RFC 5280 §4.1.2.4",
        since: Time::date(2004, 1, 1),
        severity: Severity::Notice,
        applies: always,
        holds: |seen| {
            !seen
                .certificate
                .subject
                .attributes
                .iter()
                .any(|a| matches!(a.tag, tag::T61 | tag::BMP | tag::UNIVERSAL))
        },
        says: "The subject uses a string type of old times (T61, BMP, Universal). Names in another type do not match it byte for byte, so some clients do not find the chain.",
        says_zh: "主题使用了旧的字符串类型（T61、BMP、Universal）。其他类型的名称无法与之逐字节匹配，因此有些客户端找不到证书链。",
        ..USUAL
    },
    Lint {
        id: "name-nul",
        source: "RFC 5280 §4.1.2.4",
        since: RFC2459,
        applies: always,
        holds: |seen| !both(seen).any(|attribute| attribute.value.contains('\0')),
        found: |seen| list(both(seen).filter(|a| a.value.contains('\0')).map(|a| a.value.as_str())),
        says: "A name has a NUL in it (“{}”): a trick to make C programs read a shorter name. Clients refuse it.",
        says_zh: "名称中含有 NUL（“{}”）：这是让 C 程序读到更短名称的伎俩。客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "name-control-character",
        source: "RFC 5280 §4.1.2.4",
        since: RFC2459,
        severity: Severity::Notice,
        applies: |seen| !seen.certificate.subject.is_empty(),
        holds: |seen| {
            !seen
                .certificate
                .subject
                .attributes
                .iter()
                .any(|a| a.value.chars().any(|c| c.is_control() && c != '\0'))
        },
        says: "The subject has control characters in it.",
        says_zh: "主题中含有控制字符。",
        ..USUAL
    },
    Lint {
        id: "subject-surrounding-space",
        source: "RFC 5280 §7.1",
        since: RFC2459,
        severity: Severity::Warn,
        applies: |seen| !seen.certificate.subject.is_empty(),
        holds: |seen| !seen.certificate.subject.attributes.iter().any(spaced),
        found: |seen| {
            list(seen.certificate.subject.attributes.iter().filter(|a| spaced(a)).map(|a| a.value.as_str()))
        },
        says: "A value in the subject begins or ends with a space (“{}”).",
        says_zh: "主题中的一个值以空格开头或结尾（“{}”）。",
        ..USUAL
    },
    Lint {
        id: "issuer-surrounding-space",
        source: "RFC 5280 §7.1",
        since: RFC2459,
        severity: Severity::Warn,
        applies: |seen| !seen.certificate.issuer.is_empty(),
        holds: |seen| !seen.certificate.issuer.attributes.iter().any(spaced),
        found: |seen| {
            list(seen.certificate.issuer.attributes.iter().filter(|a| spaced(a)).map(|a| a.value.as_str()))
        },
        says: "A value in the issuer's name begins or ends with a space (“{}”).",
        says_zh: "签发者名称中的一个值以空格开头或结尾（“{}”）。",
        ..USUAL
    },
    Lint {
        id: "subject-placeholder",
        source: "BR §7.1.4.2",
        since: BR,
        public: true,
        applies: |seen| !seen.certificate.subject.is_empty(),
        holds: |seen| !seen.certificate.subject.attributes.iter().any(is_placeholder),
        found: |seen| {
            list(seen.certificate.subject.attributes.iter().filter(|a| is_placeholder(a)).map(|a| &*a.kind))
        },
        says: "A field of the subject is empty or holds only punctuation ({}).",
        says_zh: "主题中的一个字段为空或只有标点（{}）。",
        ..USUAL
    },
    Lint {
        id: "subject-multi-valued",
        source: "X.501; RFC 5280 §4.1.2.4",
        since: RFC5280,
        severity: Severity::Warn,
        applies: |seen| !seen.certificate.subject.is_empty(),
        holds: |seen| {
            let attributes = &seen.certificate.subject.attributes;
            !attributes.iter().zip(attributes.iter().skip(1)).any(|(a, b)| a.rdn == b.rdn)
        },
        says: "The subject has a relative name of several values (A+B), which few programs compare rightly.",
        says_zh: "主题中有多值的相对名称（A+B），很少有程序能正确比较。",
        ..USUAL
    },
    Lint {
        id: "common-name-many",
        source: "BR §7.1.4.3",
        since: BR,
        severity: Severity::Warn,
        applies: |seen| seen.subscriber(),
        holds: |seen| seen.certificate.subject.all("CN").count() <= 1,
        found: |seen| list(seen.certificate.subject.all("CN")),
        says: "The subject has more than one CN ({}); clients that still read it take only the last.",
        says_zh: "主题有多个 CN（{}）；仍读取 CN 的客户端只取最后一个。",
        ..USUAL
    },
    Lint {
        id: "common-name-reserved-address",
        source: "BR §7.1.4.3",
        since: BR,
        public: true,
        applies: |seen| {
            super::hosts::outlives_reserved_names(seen)
                && seen.certificate.subject.attribute("CN").is_some_and(|cn| cn.parse::<IpAddr>().is_ok())
        },
        holds: |seen| !seen.certificate.subject.all("CN").any(super::hosts::reserved),
        found: |seen| list(seen.certificate.subject.all("CN")),
        says: "The CN is a private or reserved address ({}).",
        says_zh: "CN 是私有或保留地址（{}）。",
        ..USUAL
    },
    Lint {
        id: "organizational-unit-prohibited",
        source: "BR §7.1.4.2 (ballot SC-047)",
        since: Time::date(2022, 9, 1),
        public: true,
        applies: |seen| seen.tls(),
        holds: |seen| seen.certificate.subject.attribute("OU").is_none(),
        says: "The subject has an OU, which public CAs may not give any more.",
        says_zh: "主题含有 OU，公共 CA 已不得再使用。",
        ..USUAL
    },
    Lint {
        id: "domain-validated-with-organization",
        source: "BR §7.1.2.7.2",
        since: BR,
        applies: |seen| !seen.ca && seen.policy("2.23.140.1.2.1"),
        holds: |seen| {
            !["O", "STREET", "L", "ST", "postalCode"]
                .iter()
                .any(|kind| seen.certificate.subject.attribute(kind).is_some())
        },
        says: "The policy says that only the domain was validated, yet the subject names an organization or a place.",
        says_zh: "策略表明只验证了域名，主题却列出了组织或地点。",
        ..USUAL
    },
    Lint {
        id: "organization-validated-without-organization",
        source: "BR §7.1.2.7.4",
        since: BR,
        applies: |seen| !seen.ca && seen.policy("2.23.140.1.2.2"),
        holds: |seen| seen.certificate.subject.attribute("O").is_some(),
        says: "The policy says that the organization was validated, yet the subject names none.",
        says_zh: "策略表明已验证组织，主题却没有列出组织。",
        ..USUAL
    },
    Lint {
        id: "organization-validated-without-country",
        source: "BR §7.1.2.7.4",
        since: BR,
        applies: |seen| !seen.ca && seen.policy("2.23.140.1.2.2"),
        holds: |seen| seen.certificate.subject.attribute("C").is_some(),
        says: "The policy says that the organization was validated, yet the subject names no country.",
        says_zh: "策略表明已验证组织，主题却没有列出国家。",
        ..USUAL
    },
    Lint {
        id: "extended-validation-incomplete",
        source: "EV Guidelines §7.1.4.2",
        since: BR,
        applies: |seen| !seen.ca && seen.policy("2.23.140.1.1"),
        holds: |seen| missing(seen).next().is_none(),
        found: |seen| list(missing(seen)),
        says: "The policy says extended validation, yet the subject lacks {}.",
        says_zh: "策略表明为扩展验证，主题却缺少 {}。",
        ..USUAL
    },
];

fn of<'a>(seen: &Seen<'a>, kind: &'static str) -> impl Iterator<Item = &'a Attribute> {
    seen.certificate.subject.attributes.iter().filter(move |attribute| attribute.kind == kind)
}

fn both<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a Attribute> {
    seen.certificate.subject.attributes.iter().chain(&seen.certificate.issuer.attributes)
}

fn is_printable(character: char) -> bool {
    character.is_ascii_alphanumeric() || " '()+,-./:=?".contains(character)
}

fn spaced(attribute: &Attribute) -> bool {
    attribute.value.starts_with(' ') || attribute.value.ends_with(' ')
}

fn is_placeholder(attribute: &Attribute) -> bool {
    !attribute.value.chars().any(|c| c.is_ascii_alphanumeric() || !c.is_ascii())
}

fn missing<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'static str> + use<'a> {
    let subject = &seen.certificate.subject;
    ["O", "businessCategory", "serialNumber", "jurisdictionC", "C"]
        .into_iter()
        .filter(move |kind| subject.attribute(kind).is_none())
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && COUNTRIES.split(' ').any(|country| country == code)
}

/// ISO 3166-1, and XX, which the Baseline Requirements allow where there is none.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW XX";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_countries() {
        assert!(is_country("DE") && is_country("CN") && is_country("XX"));
        assert!(!is_country("UK") && !is_country("de") && !is_country("ZZ"));
    }
}
