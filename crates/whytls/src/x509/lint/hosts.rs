//! Rules about the host names and addresses in subjectAltName.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: whether they are the host that someone wants. That is `verify`.

use core::net::{IpAddr, Ipv4Addr};

use super::{BR, Lint, RFC2459, Seen, Severity, USUAL, list};
use crate::x509::Time;
use crate::x509::der::Reader;

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "san-missing",
        source: "BR §7.1.2.7.12, RFC 5280 §4.2.1.6",
        since: BR,
        applies: |seen| !seen.ca && seen.server,
        holds: |seen| seen.certificate.san.is_some(),
        says: "There is no subjectAltName. Browsers, Go, and most libraries since 2017 look for the host name there only, not in the CN.",
        says_zh: "没有 subjectAltName。浏览器、Go 以及 2017 年以来的大多数库只在其中查找主机名，不再看 CN。",
        ..USUAL
    },
    Lint {
        id: "san-empty",
        source: "RFC 5280 §4.2.1.6",
        since: RFC2459,
        applies: |seen| seen.extension("subjectAltName").is_some_and(|e| !e.malformed),
        holds: |seen| seen.certificate.san.as_ref().is_none_or(|san| !san.is_empty()),
        says: "subjectAltName is there, but there is no name in it.",
        says_zh: "有 subjectAltName，但其中没有任何名称。",
        ..USUAL
    },
    Lint {
        id: "san-empty-name",
        source: "RFC 5280 §4.2.1.6",
        since: RFC2459,
        applies: |seen| seen.has("subjectAltName"),
        holds: |seen| {
            let value = seen.extension("subjectAltName").map_or(&[][..], |extension| &extension.value);
            let mut names = Reader::new(value).next().into_iter().flat_map(|names| names.inside());
            !names.any(|name| name.content.is_empty())
        },
        says: "One of the names in subjectAltName is empty.",
        says_zh: "subjectAltName 中有一个名称为空。",
        ..USUAL
    },
    Lint {
        id: "cn-not-in-san",
        source: "BR §7.1.4.3",
        since: BR,
        public: true,
        applies: |seen| {
            !seen.ca
                && seen.server
                && seen.certificate.subject.attribute("CN").is_some_and(|cn| !cn.is_empty())
        },
        holds: |seen| strange_names(seen).next().is_none(),
        found: |seen| list(strange_names(seen)),
        says: "The CN, {}, is none of the names in subjectAltName, as they are written there. Clients that read subjectAltName do not see it.",
        says_zh: "CN（{}）不是 subjectAltName 中的任何一个名称（须逐字相同）。读取 subjectAltName 的客户端看不到它。",
        ..USUAL
    },
    Lint {
        id: "dns-name-ip-address",
        source: "RFC 5280 §4.2.1.6",
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| is_address(name)),
        found: |seen| seen.names(is_address),
        says: "An IP address stands as a DNS name ({}). Clients look for addresses in iPAddress only.",
        says_zh: "IP 地址被写成了 DNS 名称（{}）。客户端只在 iPAddress 中查找地址。",
        ..USUAL
    },
    Lint {
        id: "dns-name-underscore",
        source: "RFC 5280 §4.2.1.6, BR §7.1.2.7.12",
        severity: Severity::Warn,
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| name.contains('_')),
        found: |seen| seen.names(|name| name.contains('_')),
        says: "A DNS name has an underscore ({}), which host names may not have; some clients refuse it.",
        says_zh: "DNS 名称含有下划线（{}），主机名中不允许使用；有些客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "dns-name-space",
        source: "RFC 5280 §4.2.1.6",
        since: RFC2459,
        applies: |seen| !seen.dns().is_empty(),
        holds: |seen| !seen.dns().iter().any(|name| has_space(name)),
        found: |seen| seen.names(has_space),
        says: "A DNS name has a space in it (“{}”): it never matches.",
        says_zh: "DNS 名称中有空格（“{}”）：它永远不会匹配。",
        ..USUAL
    },
    Lint {
        id: "dns-name-bad-character",
        source: "RFC 5280 §4.2.1.6, BR §7.1.2.7.12",
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| is_odd(name)),
        found: |seen| seen.names(is_odd),
        says: "A DNS name has characters that no host name has ({}).",
        says_zh: "DNS 名称中有主机名不允许的字符（{}）。",
        ..USUAL
    },
    Lint {
        id: "dns-name-not-ascii",
        source: "RFC 5280 §4.2.1.6, §7.2",
        since: RFC2459,
        applies: |seen| !seen.dns().is_empty(),
        holds: |seen| seen.dns().iter().all(|name| name.is_ascii()),
        found: |seen| seen.names(|name| !name.is_ascii()),
        says: "A DNS name is not ASCII ({}). International names belong there in their xn-- form.",
        says_zh: "DNS 名称不是 ASCII（{}）。国际化域名必须写成 xn-- 形式。",
        ..USUAL
    },
    Lint {
        id: "dns-name-nul",
        source: "RFC 5280 §4.2.1.6",
        since: RFC2459,
        applies: |seen| !seen.dns().is_empty(),
        holds: |seen| !seen.dns().iter().any(|name| name.contains('\0')),
        found: |seen| seen.names(|name| name.contains('\0')),
        says: "A DNS name has a NUL in it ({}): a trick to make C programs read a shorter name. Clients refuse it.",
        says_zh: "DNS 名称中含有 NUL（{}）：这是让 C 程序读到更短名称的伎俩。客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "dns-name-empty-label",
        source: "RFC 5280 §4.2.1.6, RFC 1034 §3.5",
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| has_empty_label(name)),
        found: |seen| seen.names(has_empty_label),
        says: "A DNS name begins or ends with a dot, or has two in a row ({}); many clients do not match it.",
        says_zh: "DNS 名称以点开头或结尾，或有连续两个点（{}）；许多客户端不会匹配。",
        ..USUAL
    },
    Lint {
        id: "dns-label-too-long",
        source: "RFC 5280 §4.2.1.6, RFC 1034 §3.1",
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| long_label(name)),
        found: |seen| seen.names(long_label),
        says: "A part of a DNS name is longer than 63 characters ({}).",
        says_zh: "DNS 名称的某一段超过 63 个字符（{}）。",
        ..USUAL
    },
    Lint {
        id: "dns-name-too-long",
        source: "RFC 5280 §4.2.1.6, RFC 1034 §3.1",
        since: RFC2459,
        applies: |seen| !seen.dns().is_empty(),
        holds: |seen| seen.dns().iter().all(|name| name.len() <= 253),
        found: |seen| seen.names(|name| name.len() > 253),
        says: "A DNS name is longer than 253 characters ({}).",
        says_zh: "DNS 名称超过 253 个字符（{}）。",
        ..USUAL
    },
    Lint {
        id: "dns-label-hyphen",
        source: "RFC 5280 §4.2.1.6, RFC 1034 §3.5",
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| hyphen(name)),
        found: |seen| seen.names(hyphen),
        says: "A part of a DNS name begins or ends with a hyphen ({}).",
        says_zh: "DNS 名称的某一段以连字符开头或结尾（{}）。",
        ..USUAL
    },
    Lint {
        id: "dns-label-reserved",
        source: "BR §7.1.2.7.12, RFC 5890 §2.3.1",
        since: Time::date(2021, 10, 1),
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| reserved_label(name)),
        found: |seen| seen.names(reserved_label),
        says: "A part of a DNS name has “--” in third place without being an xn-- name ({}).",
        says_zh: "DNS 名称的某一段在第三、四位为“--”，却不是 xn-- 名称（{}）。",
        ..USUAL
    },
    Lint {
        id: "wildcard-not-left",
        source: "RFC 9525 §6.3, BR §3.2.2.6",
        since: RFC2459,
        applies: |seen| !seen.dns().is_empty(),
        holds: |seen| !seen.dns().iter().any(|name| star_elsewhere(name)),
        found: |seen| seen.names(star_elsewhere),
        says: "A wildcard stands elsewhere than in the leftmost part ({}): no client matches it.",
        says_zh: "通配符不在最左边一段（{}）：没有客户端会匹配它。",
        ..USUAL
    },
    Lint {
        id: "wildcard-partial",
        source: "RFC 9525 §6.3, BR §3.2.2.6",
        since: RFC2459,
        severity: Severity::Warn,
        applies: |seen| !seen.dns().is_empty(),
        holds: |seen| !seen.dns().iter().any(|name| star_partial(name)),
        found: |seen| seen.names(star_partial),
        says: "A wildcard is only a part of its label ({}): RFC 9525 allows a lone * only, and most clients follow it.",
        says_zh: "通配符只占一段的一部分（{}）：RFC 9525 只允许单独的 *，大多数客户端也如此执行。",
        ..USUAL
    },
    Lint {
        id: "wildcard-public-suffix",
        source: "BR §3.2.2.6",
        since: BR,
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| star_suffix(name)),
        found: |seen| seen.names(star_suffix),
        says: "A wildcard stands for a whole public suffix ({}): browsers refuse to match it.",
        says_zh: "通配符覆盖了整个公共后缀（{}）：浏览器拒绝匹配。",
        ..USUAL
    },
    Lint {
        id: "dns-name-internal",
        source: "BR §7.1.4.2, RFC 6761",
        since: BR,
        public: true,
        applies: has_dns,
        holds: |seen| !seen.dns().iter().any(|name| internal(name)),
        found: |seen| seen.names(internal),
        says: "A name exists only inside a network ({}). No public CA may issue for it, so a private one did, and clients must be told to trust that one.",
        says_zh: "名称只在内部网络中存在（{}）。公共 CA 不得为其签发，因此签发者是私有 CA，客户端必须被告知信任它。",
        ..USUAL
    },
    Lint {
        id: "ip-address-reserved",
        source: "BR §7.1.4.2",
        since: BR,
        public: true,
        applies: |seen| outlives_reserved_names(seen) && !seen.ips().is_empty(),
        holds: |seen| !seen.ips().iter().any(|ip| reserved(ip)),
        found: |seen| list(seen.ips().iter().map(String::as_str).filter(|ip| reserved(ip))),
        says: "An address is private or reserved ({}). No public CA may issue for it.",
        says_zh: "地址是私有或保留地址（{}）。公共 CA 不得为其签发。",
        ..USUAL
    },
    Lint {
        id: "ip-address-length",
        source: "RFC 5280 §4.2.1.6",
        applies: |seen| !seen.ips().is_empty(),
        holds: |seen| seen.ips().iter().all(|ip| ip.parse::<IpAddr>().is_ok()),
        says: "An iPAddress is neither 4 nor 16 bytes long; often it is text where bytes belong.",
        says_zh: "iPAddress 的长度既不是 4 字节也不是 16 字节；常见原因是在应放字节的地方放了文本。",
        ..USUAL
    },
    Lint {
        id: "san-other-kinds",
        source: "BR §7.1.2.7.12",
        since: BR,
        public: true,
        applies: |seen| seen.tls() && seen.has("subjectAltName"),
        holds: |seen| {
            seen.certificate
                .san
                .as_ref()
                .is_none_or(|san| san.email.is_empty() && san.uri.is_empty() && san.other.is_empty())
        },
        says: "subjectAltName of a server has names of other kinds than DNS and IP.",
        says_zh: "服务器证书的 subjectAltName 中有 DNS 和 IP 以外的名称类型。",
        ..USUAL
    },
    Lint {
        id: "san-email-malformed",
        source: "RFC 5280 §4.2.1.6",
        applies: |seen| seen.certificate.san.as_ref().is_some_and(|san| !san.email.is_empty()),
        holds: |seen| {
            seen.certificate.san.as_ref().is_none_or(|san| san.email.iter().all(|email| is_mailbox(email)))
        },
        found: |seen| {
            let emails = seen.certificate.san.as_ref().map_or(&[][..], |san| &san.email);
            list(emails.iter().map(String::as_str).filter(|email| !is_mailbox(email)))
        },
        says: "An rfc822Name is no mailbox ({}).",
        says_zh: "rfc822Name 不是邮箱地址（{}）。",
        ..USUAL
    },
    Lint {
        id: "san-uri-malformed",
        source: "RFC 5280 §4.2.1.6",
        applies: |seen| seen.certificate.san.as_ref().is_some_and(|san| !san.uri.is_empty()),
        holds: |seen| {
            seen.certificate.san.as_ref().is_none_or(|san| san.uri.iter().all(|uri| is_absolute(uri)))
        },
        found: |seen| {
            let uris = seen.certificate.san.as_ref().map_or(&[][..], |san| &san.uri);
            list(uris.iter().map(String::as_str).filter(|uri| !is_absolute(uri)))
        },
        says: "A URI in subjectAltName has no scheme ({}).",
        says_zh: "subjectAltName 中的 URI 没有协议部分（{}）。",
        ..USUAL
    },
    Lint {
        id: "san-not-critical-without-subject",
        source: "RFC 5280 §4.2.1.6",
        since: RFC2459,
        applies: |seen| seen.certificate.subject.is_empty() && seen.has("subjectAltName"),
        holds: |seen| seen.critical("subjectAltName"),
        says: "The subject is empty, so subjectAltName must be critical; it is not.",
        says_zh: "主题为空，因此 subjectAltName 必须标记为关键，但没有。",
        ..USUAL
    },
    Lint {
        id: "san-critical-with-subject",
        source: "RFC 5280 §4.2.1.6",
        severity: Severity::Warn,
        applies: |seen| !seen.certificate.subject.is_empty() && seen.has("subjectAltName"),
        holds: |seen| !seen.critical("subjectAltName"),
        says: "subjectAltName is critical although there is a subject; it should not be.",
        says_zh: "主题不为空，subjectAltName 却标记为关键；不应如此。",
        ..USUAL
    },
    Lint {
        id: "san-malformed",
        source: "RFC 5280 §4.2.1.6",
        since: RFC2459,
        applies: |seen| seen.has("subjectAltName"),
        holds: |seen| seen.extension("subjectAltName").is_none_or(|extension| !extension.malformed),
        says: "subjectAltName cannot be read as a list of names.",
        says_zh: "subjectAltName 无法作为名称列表读取。",
        ..USUAL
    },
];

/// CNs that are none of the names. Since August 2021 they must be copies, letter by letter.
fn strange_names<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a str> {
    let (dns, ips) = (seen.dns(), seen.ips());
    let exact = seen.certificate.not_before >= Some(Time::date(2021, 8, 25));
    seen.certificate.subject.all("CN").filter(move |cn| {
        let is_name = dns.iter().any(|name| if exact { name == cn } else { name.eq_ignore_ascii_case(cn) });
        let is_address = || {
            let address = cn.parse::<IpAddr>().ok().filter(|address| !exact || address.to_string() == *cn);
            address.is_some_and(|address| ips.iter().any(|have| have.parse() == Ok(address)))
        };
        !is_name && !is_address()
    })
}

/// It is good beyond 1 November 2015, the day up to which public CAs could have such names.
pub(super) fn outlives_reserved_names(seen: &Seen<'_>) -> bool {
    seen.certificate.not_after > Some(Time::date(2015, 11, 1))
}

fn has_dns(seen: &Seen<'_>) -> bool {
    !seen.ca && !seen.dns().is_empty()
}

fn is_address(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first.is_ascii_hexdigit() || first == b':')
        && name.parse::<IpAddr>().is_ok()
}

fn has_space(name: &str) -> bool {
    name.contains(char::is_whitespace)
}

fn is_odd(name: &str) -> bool {
    name.bytes().any(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'*')))
}

fn has_empty_label(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('.') || name.contains("..")
}

fn long_label(name: &str) -> bool {
    name.len() > 63 && name.split('.').any(|label| label.len() > 63)
}

fn hyphen(name: &str) -> bool {
    name.contains('-') && name.split('.').any(|label| label.starts_with('-') || label.ends_with('-'))
}

fn reserved_label(name: &str) -> bool {
    name.contains("--")
        && name.split('.').any(|label| {
            label.get(2..4) == Some("--")
                && !label.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("xn"))
        })
}

fn star_elsewhere(name: &str) -> bool {
    name.contains('*') && name.split('.').skip(1).any(|label| label.contains('*'))
}

fn star_partial(name: &str) -> bool {
    name.split('.').next().is_some_and(|label| label.contains('*') && label != "*")
}

fn star_suffix(name: &str) -> bool {
    name.strip_prefix("*.").is_some_and(is_suffix)
}

/// Whether anyone can register a name below this one, as far as that is plain to see.
fn is_suffix(name: &str) -> bool {
    let Some((second, top)) = name.split_once('.') else { return !name.is_empty() };
    if top.contains('.') {
        return false;
    }
    SECOND_LEVEL.iter().any(|(word, tops)| {
        second.eq_ignore_ascii_case(word) && tops.split(' ').any(|t| top.eq_ignore_ascii_case(t))
    })
}

/// Second levels that countries register under, from the ICANN part of the Public Suffix List.
#[rustfmt::skip]
const SECOND_LEVEL: &[(&str, &str)] = &[
    ("co", "ae ag am ao at bb bi bj bw ci cl cm cr gg gl gy hu id il im in ir it je jp ke kr lc ls ma me mg mu mw mz na ni nz om pn pw rs rw st sz th tj tm tt tz ug uk us uz ve vi za zm zw"),
    ("com", "ac af ag ai al am ar au aw az ba bb bh bi bj bm bn bo br bs bt by bz ci cm cn co cu cv cw cy dm do dz ec ee eg es et fj fm fr ge gh gi gl gn gp gr gt gu gy hk hn hr ht im in io iq is jo kg ki km kp kw ky kz la lb lc lk lr lv ly mg mk ml mo ms mt mu mv mw mx my na nf ng ni nr om pa pe pf ph pk pl pr ps pt py qa re ro sa sb sc sd sg sh sl sn so ss st sv sy tj tm tn to tr tt tw ua ug uy uz vc ve vi vn vu ws ye zm"),
    ("net", "ac ae af ag ai al am ar au az ba bb bh bj bm bn bo br bs bt bz ci cm cn co cu cw cy dm do dz ec eg et fj fm ge gg gl gn gp gr gt gu gy hk hn ht id il im in iq ir is je jo kg ki kn kw ky kz la lb lc lk lr ls lv ly ma me mk ml mo ms mt mu mv mw mx my mz nf ng ni nr nz om pa pe ph pk pl pn pr ps pt py qa rw sa sb sc sd sg sh sl so ss st sy th tj tm tn to tr tt tw ua uk uy uz vc ve vi vn vu ws ye za zm"),
    ("org", "ac ae af ag ai al am ar au az ba bb bh bi bj bm bn bo br bs bt bw bz ci cn co cu cv cw cy dm do dz ec ee eg es et fj fm ge gg gh gi gl gn gp gr gt gu gy hk hn ht hu il im in iq ir is je jo kg ki km kn kp kw ky kz la lb lc lk lr ls lv ly ma me mg mk ml mn mo ms mt mu mv mw mx my mz na ng ni nr nz om pa pe pf ph pk pl pn pr ps pt py qa ro rs rw sa sb sc sd se sg sh sl sn so ss st sv sy sz tj tm tn to tr tt tw ua ug uk uy uz vc ve vi vn vu ws ye za zm zw"),
    ("gov", "ac ae af al ar as au az ba bb bf bh bm bn br bs bt by bz cd cl cm cn co cu cx cy dm do dz ec ee eg et fj gd ge gh gi gn gr gu gy hk ie il in iq ir is it jo kg ki km kn kp kw kz la lb lc lk lr ls lt lv ly ma me mg mk ml mn mo mr ms mu mv mw my mz ng nr om ph pk pl pn pr ps pt py qa rs rw sa sb sc sd sg sh sl so ss sx sy tj tl tm tn to tr tt tw ua uk vc ve vn ws ye za zm zw"),
    ("edu", "ac af al ar au az ba bb bh bi bj bm bn bo br bs bt bz ci cn co cu cv cw dm do dz ec ee eg es et fm gd ge gh gi gl gn gp gr gt gu gy hk hn ht in iq is it jo kg ki km kn kp kw ky kz la lb lc lk lr ls lv ly me mg mk ml mn mo ms mt mv mw mx my mz ng ni nr om pa pe pf ph pk pl pn pr ps pt py qa rs sa sb sc sd sg sl sn so ss st sv sy tj tm to tr tt tw ua uy vc ve vn vu ws ye za zm"),
    ("ac", "ae at be ci cn cr cy fj gn id il im in ir jp ke kr lk ls ma me mu mw mz ni nz pa pr rs rw se sz th tj tz ug uk vn za zm zw"),
    ("mil", "ac ae al ar az ba bo br by cl cn co cy do ec eg fj ge gh gt hn id in iq jo kg km kr kz lv mg mv my mz ng ni no nz pe ph pl py qa rw sh st sy tj tm to tr tw tz uy vc ve ye za zm zw"),
    ("or", "at bi ci cr id it jp ke kr mu na pw th tz ug us"),
    ("ne", "jp ke kr pw tz ug us"),
    ("go", "ci cr id it jp ke kr pw th tj tz ug"),
    ("gob", "ar bo cl do ec es gt hn mx ni pa pe pk sv ve"),
    ("nom", "ad ag co es fr km mg nc ni pa pe pl re ro tm ve za"),
    ("ltd", "cy gi lk uk"),
    ("web", "bo co do gu id lk nf ni pk tj tr ve za"),
    ("info", "au az bb bj bo co ec et fj gu ht hu in ke ki la ls mv na nf ni nr pk pl pr ro sd tn tr tt tz ve vn zm"),
    ("sch", "ae id ir jo lk ly ng qa sa ss zm"),
    ("id", "au ir lv ly us"),
];

/// Whether a name has no place in the public DNS.
fn internal(name: &str) -> bool {
    const RESERVED: [&str; 16] = [
        "local",
        "internal",
        "localhost",
        "localdomain",
        "lan",
        "home",
        "corp",
        "intranet",
        "private",
        "domain",
        "test",
        "example",
        "invalid",
        "mail",
        "intra",
        "workgroup",
    ];
    let name = name.strip_suffix('.').unwrap_or(name);
    match name.rsplit_once('.') {
        None => !name.is_empty(),
        Some((rest, top)) => {
            RESERVED.iter().any(|reserved| top.eq_ignore_ascii_case(reserved))
                || (!top.is_empty() && top.bytes().all(|byte| byte.is_ascii_digit()))
                || (top.eq_ignore_ascii_case("arpa")
                    && rest.rsplit('.').next().is_some_and(|label| label.eq_ignore_ascii_case("home")))
        }
    }
}

/// Whether an address is not to be had in the Internet (IANA's special-purpose registries).
pub(super) fn reserved(ip: &str) -> bool {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => reserved_v4(ip),
        Ok(IpAddr::V6(ip)) => {
            let [first, second, ..] = ip.segments();
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
                || (first == 0x2001 && (second == 0x0db8 || second & 0xfe00 == 0))
                || (first == 0x0100 && second == 0)
                || ip.to_ipv4_mapped().is_some()
        }
        Err(_) => false,
    }
}

fn reserved_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && b & 0xfe == 18)
}

fn is_mailbox(email: &str) -> bool {
    email.is_ascii()
        && !email.contains([' ', '<', '>', '\0'])
        && email.rsplit_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
}

fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
            && !matches!(rest, "" | "//")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_names_apart() {
        assert!(star_suffix("*.co.uk") && star_suffix("*.com") && !star_suffix("*.example.co.uk"));
        assert!(internal("mail") && internal("dc1.corp") && !internal("example.com"));
        assert!(internal("router.home.arpa") && !internal("1.0.10.in-addr.arpa"));
        assert!(
            reserved("10.1.2.3") && reserved("fd00::1") && !reserved("8.8.8.8") && !reserved("2606:4700::1")
        );
        assert!(reserved_label("ab--c.example") && !reserved_label("xn--bcher-kva.example"));
        assert!(is_address("192.0.2.1") && is_address("2001:db8::1") && !is_address("a.example"));
        assert!(is_absolute("ldap:///cn=a") && is_absolute("urn:a:b"));
        assert!(!is_absolute("http://") && !is_absolute("www.example.com"));
        assert!(star_partial("w*.example.com") && !star_partial("*.example.com"));
    }
}
