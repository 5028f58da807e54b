//! Rules about what ties a certificate to a public CA: revocation, policies, transparency.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: whether it is revoked. That is `verify`.

use super::{BR, Lint, Seen, Severity, USUAL, list};
use crate::x509::{DAY, Time};

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "authority-info-missing",
        source: "BR §7.1.2.7.7",
        since: BR,
        public: true,
        applies: |seen| seen.tls(),
        holds: |seen| seen.has("authorityInfoAccess"),
        says: "There is no authorityInfoAccess: clients cannot fetch a missing intermediate, so the server must send it.",
        says_zh: "没有 authorityInfoAccess：客户端无法下载缺失的中间证书，因此服务器必须发送它。",
        ..USUAL
    },
    Lint {
        id: "issuer-url-missing",
        source: "BR §7.1.2.7.7",
        since: BR,
        severity: Severity::Warn,
        applies: |seen| seen.tls() && seen.has("authorityInfoAccess"),
        holds: |seen| !seen.certificate.ca_issuers.is_empty(),
        says: "authorityInfoAccess does not say where the issuer's certificate is.",
        says_zh: "authorityInfoAccess 没有说明签发者的证书在哪里。",
        ..USUAL
    },
    Lint {
        id: "authority-info-not-http",
        source: "BR §7.1.2.7.7, RFC 5280 §4.2.2.1",
        since: Time::date(2023, 9, 15),
        public: true,
        applies: |seen| !seen.certificate.ca_issuers.is_empty(),
        holds: |seen| seen.certificate.ca_issuers.iter().all(|url| is_http(url)),
        found: |seen| {
            list(seen.certificate.ca_issuers.iter().map(String::as_str).filter(|url| !is_http(url)))
        },
        says: "authorityInfoAccess has the issuer's certificate elsewhere than under plain http ({}), where clients do not fetch it.",
        says_zh: "authorityInfoAccess 给出的签发者证书不在普通 http 地址（{}），客户端不会去取。",
        ..USUAL
    },
    Lint {
        id: "ocsp-not-http",
        source: "BR §7.1.2.7.7, RFC 5280 §4.2.2.1",
        since: Time::date(2023, 9, 15),
        public: true,
        applies: |seen| !seen.certificate.ocsp.is_empty(),
        holds: |seen| seen.certificate.ocsp.iter().all(|url| is_http(url)),
        found: |seen| list(seen.certificate.ocsp.iter().map(String::as_str).filter(|url| !is_http(url))),
        says: "authorityInfoAccess has an OCSP responder elsewhere than under plain http ({}), which clients do not ask.",
        says_zh: "authorityInfoAccess 中的 OCSP 响应者不在普通 http 地址（{}），客户端不会去问。",
        ..USUAL
    },
    Lint {
        id: "crl-not-http",
        source: "BR §7.1.2.11.2",
        since: Time::date(2023, 9, 15),
        public: true,
        applies: |seen| !seen.certificate.crls.is_empty(),
        holds: |seen| seen.certificate.crls.iter().all(|url| is_http(url)),
        found: |seen| list(seen.certificate.crls.iter().map(String::as_str).filter(|url| !is_http(url))),
        says: "cRLDistributionPoints points to something else than plain http ({}); outside of its own domain nobody can fetch it.",
        says_zh: "cRLDistributionPoints 指向的不是普通 http 地址（{}）；在自己的域之外无人能取。",
        ..USUAL
    },
    Lint {
        id: "crl-points-empty",
        source: "BR §7.1.2.11.2",
        since: BR,
        public: true,
        applies: |seen| seen.server && seen.extension("cRLDistributionPoints").is_some_and(|e| !e.malformed),
        holds: |seen| seen.certificate.crls.iter().any(|url| is_http(url)),
        says: "cRLDistributionPoints is there, but has no http address: outside of its issuer's own network nobody can fetch the list.",
        says_zh: "有 cRLDistributionPoints，但其中没有 http 地址：在签发者自己的网络之外无人能取得吊销列表。",
        ..USUAL
    },
    Lint {
        id: "revocation-missing",
        source: "BR §7.1.2.7.6",
        since: BR,
        public: true,
        applies: |seen| seen.tls() && !is_short_lived(seen),
        holds: |seen| !seen.certificate.crls.is_empty() || !seen.certificate.ocsp.is_empty(),
        says: "It says neither where a revocation list nor where an OCSP responder is. Schannel and Java with revocation checks then fail.",
        says_zh: "它既没有说明吊销列表在哪里，也没有说明 OCSP 响应者在哪里。启用吊销检查的 Schannel 和 Java 会因此失败。",
        ..USUAL
    },
    Lint {
        id: "policies-missing",
        source: "BR §7.1.2.7.9",
        since: BR,
        public: true,
        applies: |seen| seen.tls(),
        holds: |seen| seen.has("certificatePolicies"),
        says: "There is no certificatePolicies.",
        says_zh: "没有 certificatePolicies。",
        ..USUAL
    },
    Lint {
        id: "sct-missing",
        source: "Chrome CT Policy, Apple CT Policy (HT205280)",
        since: Time::date(2018, 4, 30),
        severity: Severity::Warn,
        public: true,
        applies: |seen| seen.tls() && seen.public && !seen.has("ctPoison"),
        holds: |seen| seen.has("signedCertificateTimestampList"),
        says: "There are no signed certificate timestamps. Chrome, Safari and Firefox refuse certificates below public roots without them, unless the server sends them in another way.",
        says_zh: "没有签名证书时间戳。除非服务器以其他方式发送，Chrome、Safari 和 Firefox 拒绝公共根之下没有时间戳的证书。",
        ..USUAL
    },
    Lint {
        id: "sct-too-few",
        source: "Chrome CT Policy, Apple CT Policy (HT205280)",
        since: Time::date(2018, 10, 15),
        severity: Severity::Warn,
        applies: |seen| seen.tls() && seen.has("signedCertificateTimestampList"),
        holds: |seen| logs(seen) >= wanted(seen),
        found: |seen| format!("{} < {}", logs(seen), wanted(seen)),
        says: "There are signed certificate timestamps of too few logs ({}); Chrome and Safari refuse it unless the server sends more.",
        says_zh: "签名证书时间戳来自的日志太少（{}）；除非服务器发送更多，Chrome 和 Safari 会拒绝。",
        ..USUAL
    },
    Lint {
        id: "forum-policy-missing",
        source: "BR §7.1.2.7.9",
        since: Time::date(2020, 9, 30),
        public: true,
        applies: |seen| seen.tls() && seen.public && seen.has("certificatePolicies"),
        holds: |seen| {
            seen.certificate.policies.iter().any(|policy| {
                matches!(
                    policy.as_str(),
                    "2.23.140.1.1" | "2.23.140.1.2.1" | "2.23.140.1.2.2" | "2.23.140.1.2.3"
                )
            })
        },
        says: "certificatePolicies has none of the policies of the CA/Browser Forum.",
        says_zh: "certificatePolicies 中没有 CA/Browser Forum 的策略。",
        ..USUAL
    },
];

fn is_http(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

fn lifetime(seen: &Seen<'_>) -> i64 {
    match (seen.certificate.not_before, seen.certificate.not_after) {
        (Some(start), Some(end)) => end.0 - start.0 + 1,
        _ => 0,
    }
}

/// BR §1.6.1: ten days, and seven from 15 March 2026.
fn is_short_lived(seen: &Seen<'_>) -> bool {
    let days = if seen.certificate.not_before >= Some(Time::date(2026, 3, 15)) { 7 } else { 10 };
    seen.certificate.not_before >= Some(Time::date(2024, 3, 15)) && lifetime(seen) <= days * DAY
}

/// How many logs the policies want: since April 2021 by 180 days, before that by months.
fn wanted(seen: &Seen<'_>) -> usize {
    let days = lifetime(seen) / DAY;
    if seen.certificate.not_before >= Some(Time::date(2021, 4, 21)) {
        return if days <= 180 { 2 } else { 3 };
    }
    match days {
        ..457 => 2,
        457..823 => 3,
        823..1_188 => 4,
        _ => 5,
    }
}

fn logs(seen: &Seen<'_>) -> usize {
    let mut logs = seen.certificate.timestamps();
    logs.sort_unstable_by_key(|timestamp| timestamp.log);
    logs.dedup_by_key(|timestamp| timestamp.log);
    logs.len()
}
