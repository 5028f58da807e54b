//! Rules about serial numbers, versions and times.
//!
//! In:  a certificate.
//! Out: whether each rule applies and holds.
//! Not here: whether it is valid today. That is `verify`.

use super::{BR, Lint, RFC2459, RFC3280, RFC5280, Seen, Severity, USUAL, always};
use crate::x509::der::tag;
use crate::x509::{DAY, Time};

pub(super) const LINTS: &[Lint] = &[
    Lint {
        id: "serial-zero",
        source: "RFC 5280 §4.1.2.2",
        applies: always,
        holds: |seen| seen.certificate.serial_octets.iter().any(|octet| *octet != 0),
        says: "The serial number is zero; it must be positive.",
        says_zh: "序列号为零；它必须是正数。",
        ..USUAL
    },
    Lint {
        id: "serial-negative",
        source: "RFC 5280 §4.1.2.2",
        since: RFC3280,
        applies: always,
        holds: |seen| seen.certificate.serial_octets.first().is_none_or(|first| first & 0x80 == 0),
        found: |seen| seen.certificate.serial.clone(),
        says: "The serial number is negative ({}). Go 1.23 and later refuse it.",
        says_zh: "序列号为负数（{}）。Go 1.23 及以后版本会拒绝。",
        ..USUAL
    },
    Lint {
        id: "serial-too-long",
        source: "RFC 5280 §4.1.2.2",
        since: RFC3280,
        applies: always,
        holds: |seen| seen.certificate.serial_octets.len() <= 20,
        found: |seen| seen.certificate.serial_octets.len().to_string(),
        says: "The serial number has {} bytes; 20 are allowed.",
        says_zh: "序列号有 {} 个字节；最多允许 20 个。",
        ..USUAL
    },
    Lint {
        id: "serial-padded",
        source: "X.690 §8.3.2",
        applies: always,
        holds: |seen| match seen.certificate.serial_octets.as_slice() {
            [] => false,
            [0, second, ..] => second & 0x80 != 0,
            [0xff, second, ..] => second & 0x80 == 0,
            _ => true,
        },
        says: "The serial number is not written in the shortest way. OpenSSL refuses the certificate as malformed.",
        says_zh: "序列号没有用最短形式编码。OpenSSL 会把该证书视为格式错误而拒绝。",
        ..USUAL
    },
    Lint {
        id: "serial-low-entropy",
        source: "BR §7.1",
        since: Time::date(2016, 9, 30),
        severity: Severity::Warn,
        public: true,
        applies: always,
        holds: |seen| {
            let zeros = seen.certificate.serial_octets.iter().take_while(|octet| **octet == 0).count();
            seen.certificate.serial_octets.len() - zeros >= 8
        },
        found: |seen| seen.certificate.serial.clone(),
        says: "The serial number ({}) is too short to have 64 bits of randomness.",
        says_zh: "序列号（{}）太短，不可能包含 64 位随机数。",
        ..USUAL
    },
    Lint {
        id: "version-not-3",
        source: "BR §7.1.1",
        since: BR,
        applies: always,
        holds: |seen| seen.certificate.version == 3,
        found: |seen| seen.certificate.version.to_string(),
        says: "The certificate is of version {}. Most libraries of today read it as no server certificate, since names and usages stand in version 3 only.",
        says_zh: "证书版本为 {}。名称和用途只存在于版本 3 中，因此今天的大多数库不会把它当作服务器证书。",
        ..USUAL
    },
    Lint {
        id: "extensions-need-version-3",
        source: "RFC 5280 §4.1.2.1",
        since: RFC2459,
        applies: |seen| !seen.certificate.extensions.is_empty(),
        holds: |seen| seen.certificate.version == 3,
        found: |seen| seen.certificate.version.to_string(),
        says: "There are extensions, but the version is {}; they exist in version 3 only.",
        says_zh: "有扩展，但版本为 {}；扩展只存在于版本 3。",
        ..USUAL
    },
    Lint {
        id: "validity-inverted",
        source: "RFC 5280 §4.1.2.5",
        since: RFC2459,
        applies: has_times,
        holds: |seen| seen.certificate.not_before <= seen.certificate.not_after,
        says: "The certificate ends before it begins: it was never valid.",
        says_zh: "证书的结束时间早于开始时间：它从未有效过。",
        ..USUAL
    },
    Lint {
        id: "validity-unreadable",
        source: "RFC 5280 §4.1.2.5",
        since: RFC2459,
        applies: always,
        holds: |seen| seen.certificate.not_before.is_some() && seen.certificate.not_after.is_some(),
        found: |seen| {
            let [not_before, not_after] = &seen.certificate.validity;
            let bad = if seen.certificate.not_before.is_none() { not_before } else { not_after };
            super::list(std::iter::once(bad.1.as_str()))
        },
        says: "A time of the validity is no time (“{}”).",
        says_zh: "有效期中的一个时间无法识别（“{}”）。",
        ..USUAL
    },
    Lint {
        id: "validity-over-60-months",
        source: "BR §6.3.2",
        since: BR,
        until: Some(Time::date(2016, 7, 2)),
        public: true,
        applies: timed_subscriber,
        holds: |seen| !outlasts_months(seen, 60),
        found: days,
        says: "Valid for {} days; public CAs had to stay below 60 months.",
        says_zh: "有效期 {} 天；公共 CA 当时不得超过 60 个月。",
        ..USUAL
    },
    Lint {
        id: "validity-over-39-months",
        source: "BR §6.3.2",
        since: Time::date(2016, 7, 2),
        until: Some(Time::date(2018, 3, 2)),
        public: true,
        applies: timed_subscriber,
        holds: |seen| !outlasts_months(seen, 39),
        found: days,
        says: "Valid for {} days; public CAs had to stay below 39 months.",
        says_zh: "有效期 {} 天；公共 CA 当时不得超过 39 个月。",
        ..USUAL
    },
    Lint {
        id: "validity-over-825-days",
        source: "BR §6.3.2; Apple, Requirements for trusted certificates (HT210176)",
        since: Time::date(2018, 3, 2),
        applies: timed_subscriber,
        // The last second did not count yet when this rule was made.
        holds: |seen| seconds(seen) <= 825 * DAY + 1,
        found: days,
        says: "Valid for {} days. Apple's systems refuse server certificates issued since July 2019 that last longer than 825 days, of private CAs too.",
        says_zh: "有效期 {} 天。Apple 的系统拒绝 2019 年 7 月以后签发、有效期超过 825 天的服务器证书，私有 CA 的也不例外。",
        ..USUAL
    },
    Lint {
        id: "validity-over-398-days",
        source: "BR §6.3.2; Apple, limits on trusted certificates (HT211025)",
        since: Time::date(2020, 9, 1),
        until: Some(Time::date(2026, 3, 15)),
        public: true,
        applies: timed_subscriber,
        holds: |seen| !lasts_longer(seen, 398),
        found: days,
        says: "Valid for {} days. Below public roots Safari, Chrome and Firefox refuse more than 398.",
        says_zh: "有效期 {} 天。对公共根证书之下的证书，Safari、Chrome 和 Firefox 拒绝超过 398 天者。",
        ..USUAL
    },
    Lint {
        id: "validity-over-200-days",
        source: "BR §6.3.2 (ballot SC-081)",
        since: Time::date(2026, 3, 15),
        until: Some(Time::date(2027, 3, 15)),
        public: true,
        applies: timed_subscriber,
        holds: |seen| !lasts_longer(seen, 200),
        found: days,
        says: "Valid for {} days; since 15 March 2026 public CAs may give 200 at most.",
        says_zh: "有效期 {} 天；自 2026 年 3 月 15 日起公共 CA 最多只能签发 200 天。",
        ..USUAL
    },
    Lint {
        id: "validity-over-100-days",
        source: "BR §6.3.2 (ballot SC-081)",
        since: Time::date(2027, 3, 15),
        until: Some(Time::date(2029, 3, 15)),
        public: true,
        applies: timed_subscriber,
        holds: |seen| !lasts_longer(seen, 100),
        found: days,
        says: "Valid for {} days; since 15 March 2027 public CAs may give 100 at most.",
        says_zh: "有效期 {} 天；自 2027 年 3 月 15 日起公共 CA 最多只能签发 100 天。",
        ..USUAL
    },
    Lint {
        id: "validity-over-47-days",
        source: "BR §6.3.2 (ballot SC-081)",
        since: Time::date(2029, 3, 15),
        public: true,
        applies: timed_subscriber,
        holds: |seen| !lasts_longer(seen, 47),
        found: days,
        says: "Valid for {} days; since 15 March 2029 public CAs may give 47 at most.",
        says_zh: "有效期 {} 天；自 2029 年 3 月 15 日起公共 CA 最多只能签发 47 天。",
        ..USUAL
    },
    Lint {
        id: "time-wrong-type",
        source: "RFC 5280 §4.1.2.5",
        since: RFC2459,
        applies: has_times,
        holds: |seen| {
            let [before, after] = &seen.certificate.validity;
            right_type(before.0, seen.certificate.not_before)
                && right_type(after.0, seen.certificate.not_after)
        },
        says: "A date before 2050 must be a UTCTime, a later one a GeneralizedTime; here it is the other way round. Strict clients refuse it.",
        says_zh: "2050 年之前的日期必须用 UTCTime，之后的用 GeneralizedTime；这里正好相反。严格的客户端会拒绝。",
        ..USUAL
    },
    Lint {
        id: "time-without-seconds",
        source: "RFC 5280 §4.1.2.5",
        since: RFC2459,
        applies: has_times,
        holds: |seen| {
            let full = |(kind, text): &(u8, String)| {
                text.bytes().take_while(u8::is_ascii_digit).count()
                    >= if *kind == tag::UTC_TIME { 12 } else { 14 }
            };
            seen.certificate.validity.iter().all(full)
        },
        says: "A time is written without seconds; strict readers refuse it.",
        says_zh: "时间没有写到秒；严格的解析器会拒绝。",
        ..USUAL
    },
    Lint {
        id: "time-fraction",
        source: "RFC 5280 §4.1.2.5.2",
        since: RFC2459,
        applies: has_times,
        holds: |seen| seen.certificate.validity.iter().all(|(_, text)| !text.contains(['.', ','])),
        says: "A time has fractions of a second; strict readers refuse it.",
        says_zh: "时间带有小数秒；严格的解析器会拒绝。",
        ..USUAL
    },
    Lint {
        id: "time-not-zulu",
        source: "RFC 5280 §4.1.2.5",
        since: RFC2459,
        applies: has_times,
        holds: |seen| seen.certificate.validity.iter().all(|(_, text)| text.ends_with('Z')),
        says: "A time is not given in UTC with a Z behind it; strict readers refuse it.",
        says_zh: "时间不是以 Z 结尾的 UTC 时间；严格的解析器会拒绝。",
        ..USUAL
    },
    Lint {
        id: "outlives-32-bit-time",
        source: "whytls",
        since: RFC5280,
        severity: Severity::Notice,
        applies: |seen| has_times(seen) && !seen.ca,
        // 2038-01-19 03:14:07 UTC.
        holds: |seen| seen.certificate.not_after.is_none_or(|end| end.0 <= 0x7fff_ffff),
        says: "It ends after January 2038: old systems with 32-bit clocks take it for expired.",
        says_zh: "它在 2038 年 1 月之后才到期：使用 32 位时钟的旧系统会认为它已过期。",
        ..USUAL
    },
];

fn has_times(seen: &Seen<'_>) -> bool {
    seen.certificate.not_before.is_some() && seen.certificate.not_after.is_some()
}

fn timed_subscriber(seen: &Seen<'_>) -> bool {
    !seen.ca && seen.server && has_times(seen)
}

/// The last second counts: a certificate from midnight to 23:59:59 lasts a day.
fn seconds(seen: &Seen<'_>) -> i64 {
    match (seen.certificate.not_before, seen.certificate.not_after) {
        (Some(start), Some(end)) => end.0 - start.0 + 1,
        _ => 0,
    }
}

fn lasts_longer(seen: &Seen<'_>, days: i64) -> bool {
    seconds(seen) > days * DAY
}

/// Whether it ends after the same day and time so many months later.
fn outlasts_months(seen: &Seen<'_>, months: u32) -> bool {
    let (Some(start), Some(end)) = (seen.certificate.not_before, seen.certificate.not_after) else {
        return false;
    };
    start.months_later(months) < end
}

fn days(seen: &Seen<'_>) -> String {
    (seconds(seen) / DAY).to_string()
}

fn right_type(found: u8, time: Option<Time>) -> bool {
    // UTCTime has the years from 1950 to 2049.
    let far = time.is_some_and(|time| time < Time::date(1950, 1, 1) || time >= Time::date(2050, 1, 1));
    (found & !0x20 == tag::GENERALIZED_TIME) == far
}
