//! The lists in which programs write versions and suites, each in a grammar of its own.
//!
//! In:  the value of a setting, and the versions that are known.
//! Out: the versions that are left of them.
//! Not here: which program has which grammar.

use super::super::machine::text;
use super::super::spelled;
use super::super::{Decision, Offer};
use crate::tls::Version;

/// What a word without a sign does in a list with signs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    /// The same as one with a plus.
    Adds,
    /// It takes the place of all that stood before it.
    Replaces,
}

/// `all -SSLv3`, `-ALL, TLSv1.2`, `TLSv1.2+TLSv1.3`: versions with signs, from left to right.
pub(super) fn signed(value: &str, start: &[Version], known: &[Version], bare: Bare) -> Vec<Version> {
    let mut left = start.to_vec();
    let mut rest = value;
    while let Some(at) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let sign = rest.get(..at).and_then(|before| before.chars().rfind(|c| "+-".contains(*c)));
        let word = rest.get(at..).unwrap_or_default();
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
        let (word, after) = word.split_at(end.unwrap_or(word.len()));
        rest = after;
        let named = match word.eq_ignore_ascii_case("all") {
            true => known.to_vec(),
            false => spelled::versions_in(word),
        };
        match sign {
            Some('-') => left.retain(|version| !named.contains(version)),
            None if bare == Bare::Replaces => left = named,
            _ => left.extend(named),
        }
    }
    sorted(left, known)
}

/// `!SSLv3, !TLSv1`, `>=TLSv1.2`, `TLSv1.2`: a list of Postfix's.
pub(super) fn marked(value: &str, known: &[Version]) -> Vec<Version> {
    let (mut named, mut left) = (Vec::new(), known.to_vec());
    for word in value.split([',', ':', ' ', '\t']).filter(|word| !word.is_empty()) {
        let versions = spelled::versions_in(word);
        let rank = versions.first().map_or(0, |version| version.rank());
        if word.starts_with('!') {
            left.retain(|version| !versions.contains(version));
        } else if word.starts_with(">=") {
            left.retain(|version| version.rank() >= rank);
        } else if word.starts_with("<=") {
            left.retain(|version| version.rank() <= rank);
        } else {
            named.extend(versions);
        }
    }
    left.retain(|version| named.is_empty() || named.contains(version));
    left
}

/// Those of the versions that are known, oldest first.
fn sorted(mut versions: Vec<Version>, known: &[Version]) -> Vec<Version> {
    versions.retain(|version| known.contains(version));
    versions.sort_by_key(|version| version.rank());
    versions.dedup();
    versions
}

/// The newest of the versions, down to the first one that is missing.
pub(super) fn newest_part(versions: &[Version], known: &[Version]) -> Vec<Version> {
    let down = known.iter().rev().skip_while(|version| !versions.contains(version));
    let mut part: Vec<Version> = down.take_while(|version| versions.contains(version)).copied().collect();
    part.reverse();
    part
}

/// The oldest version that has a suite in a list of OpenSSL's, where that can be told: a list that names
/// nothing but suites with authenticated encryption, or with SHA-256 and SHA-384, is of no use before
/// TLS 1.2.
pub(super) fn suites_from(value: &str) -> Option<Version> {
    let words = || {
        value
            .split([':', ',', ' ', '\t'])
            .filter(|word| !word.is_empty() && !word.starts_with(['!', '-', '@']))
            // Those of TLS 1.3 stand in a list of their own.
            .filter(|word| !word.starts_with("TLS_") || word.contains("_WITH_"))
    };
    let new = |word: &str| {
        let word = word.to_ascii_uppercase();
        ["GCM", "CCM", "POLY1305", "CHACHA20", "TLSV1.2"].iter().any(|mark| word.contains(mark))
            || ["-SHA256", "-SHA384", "_SHA256", "_SHA384"].iter().any(|end| word.ends_with(end))
    };
    (words().next().is_some() && words().all(new)).then_some(Version::TLS12)
}

pub(super) fn has_word(value: &str, word: &str) -> bool {
    value.split([',', ' ', ':', ';', '@', '\t']).any(|part| part.eq_ignore_ascii_case(word))
}

/// Takes out what lies above the first gap.
pub(super) fn close_gap(offers: &mut [Offer], known: &[Version]) {
    let mut gap: Option<(Decision, Version)> = None;
    let mut begun = false;
    for offer in offers.iter_mut().filter(|offer| known.contains(&offer.version)) {
        match (&gap, offer.offered) {
            (None, true) => begun = true,
            (None, false) if begun => gap = Some((offer.decided_by.clone(), offer.version)),
            (Some((decided_by, version)), true) => {
                offer.offered = false;
                offer.decided_by = decided_by.clone();
                offer.says = text(
                    format!(
                        "{version} is left out, and of a range with a gap only the lower part is offered."
                    ),
                    format!("{version} 被去掉了；版本范围中间有缺口时，只提供缺口以下的部分。"),
                );
            }
            _ => {}
        }
    }
}

/// The versions that a priority string of GnuTLS names.
pub(super) fn priority(value: &str, default: &[Version], known: &[Version]) -> Vec<Version> {
    let mut versions: Vec<Version> = default.to_vec();
    for (at, part) in value.split([':', ',', ' ']).filter(|part| !part.is_empty()).enumerate() {
        let sign = part.chars().next().filter(|c| "+-!".contains(*c));
        let word = part.trim_start_matches(['+', '-', '!']);
        match (sign, word.strip_prefix("VERS-")) {
            (None, _) if at == 0 && word == "NONE" => versions.clear(),
            (None, _) if at == 0 && word.starts_with("SUITEB") => versions = vec![Version::TLS12],
            (Some(sign), Some(name)) => {
                let named = match name {
                    "ALL" | "TLS-ALL" => known.to_vec(),
                    _ => spelled::versions_in(name),
                };
                versions.retain(|version| !named.contains(version));
                if sign == '+' {
                    versions.extend(named);
                }
            }
            _ => {}
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_string_is_read_from_left_to_right() {
        let known = [Version::TLS10, Version::TLS11, Version::TLS12, Version::TLS13];
        let read = |value| priority(value, &known, &known);
        assert_eq!(read("NORMAL:-VERS-ALL:+VERS-TLS1.2"), [Version::TLS12]);
        assert_eq!(read("NORMAL:!VERS-TLS1.3"), known[..3]);
        assert_eq!(read("NORMAL:-RSA"), known);
        assert!(read("NONE").is_empty());
    }

    #[test]
    fn lists_with_signs_are_read_from_left_to_right() {
        let known = [Version::TLS10, Version::TLS11, Version::TLS12, Version::TLS13];
        let apache = |value| signed(value, &[], &known, Bare::Replaces);
        assert_eq!(apache("all -SSLv3"), known);
        assert_eq!(apache("-all +TLSv1.2 +TLSv1.3"), known[2..]);
        assert_eq!(apache("TLSv1.2 TLSv1.3"), [Version::TLS13]);
        assert_eq!(apache("TLSv1.2 +TLSv1.3"), known[2..]);
        let openssl = |value| signed(value, &known, &known, Bare::Adds);
        assert_eq!(openssl("ALL, -TLSv1"), known[1..]);
        assert_eq!(openssl("-ALL, TLSv1.2"), [Version::TLS12]);
        assert_eq!(openssl("TLSv1.2"), known);
        let tomcat = |value| signed(value, &[], &known, Bare::Adds);
        assert_eq!(tomcat("TLSv1.2+TLSv1.3"), known[2..]);
        assert_eq!(tomcat("all,-TLSv1,-TLSv1.1"), known[2..]);
    }

    #[test]
    fn lists_of_postfix_name_or_leave_out() {
        let known = [Version::TLS10, Version::TLS11, Version::TLS12, Version::TLS13];
        assert_eq!(marked("!SSLv2, !SSLv3, !TLSv1", &known), known[1..]);
        assert_eq!(marked(">=TLSv1.1, <=TLSv1.2", &known), known[1..3]);
        assert_eq!(marked("TLSv1.2 TLSv1.3", &known), known[2..]);
        assert_eq!(marked("", &known), known);
    }

    #[test]
    fn of_a_range_with_a_gap_the_newest_part_is_left() {
        let known = [Version::TLS10, Version::TLS11, Version::TLS12, Version::TLS13];
        assert_eq!(newest_part(&[Version::TLS10, Version::TLS12], &known), [Version::TLS12]);
        assert_eq!(newest_part(&known[..3], &known), known[..3]);
    }

    #[test]
    fn tells_lists_of_suites_that_need_tls_1_2() {
        for list in [
            "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA256:@SECLEVEL=0",
            "EECDH+AESGCM:!aNULL",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        ] {
            assert_eq!(suites_from(list), Some(Version::TLS12), "{list}");
        }
        for list in [
            "HIGH:!aNULL",
            "ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA",
            "DEFAULT:@SECLEVEL=0",
            "TLS_AES_128_GCM_SHA256",
            "",
        ] {
            assert_eq!(suites_from(list), None, "{list}");
        }
    }
}
