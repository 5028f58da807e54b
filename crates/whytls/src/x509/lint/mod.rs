//! What standards and programs' policies say a certificate must be, and which of it this one is not.
//!
//! In:  a certificate.
//! Out: a [`Finding`] for every rule that applies to it and does not hold.
//! Not here: whether a chain can be trusted, and today's date. That is `verify`.

mod authority;
mod encoding;
mod extensions;
mod hosts;
mod keys;
mod public;
mod small_factors;
mod subject;
mod usage;
mod validity;

use std::borrow::Cow;

use super::certificate::Certificate;
use super::extension::Extension;
use super::time::Time;

/// One rule.
#[derive(Debug)]
pub struct Lint {
    /// Its name; a published one keeps its meaning.
    pub id: &'static str,
    /// The document and section that say so.
    pub source: &'static str,
    /// Certificates issued before this day are not held to it.
    pub since: Time,
    /// Certificates issued on this day or later are held to a later rule instead.
    pub until: Option<Time>,
    /// How bad it is where it does not hold.
    pub severity: Severity,
    /// It binds public CAs only; for others it is no more than a notice.
    pub public: bool,
    /// Whether the rule is about this kind of certificate.
    pub applies: fn(&Seen<'_>) -> bool,
    /// Whether this one keeps it.
    pub holds: fn(&Seen<'_>) -> bool,
    /// What was seen instead, for the sentence's `{}`.
    pub found: fn(&Seen<'_>) -> String,
    /// What is wrong where it does not hold; `{}` is what was seen.
    pub says: &'static str,
    /// The same in Chinese.
    pub says_zh: &'static str,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rule says MUST; some clients refuse.
    Error,
    /// The rule says SHOULD, or nearly all clients forgive.
    Warn,
    /// Worth knowing.
    Notice,
}

impl Severity {
    /// The contract's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Notice => "notice",
        }
    }
}

/// A rule that does not hold.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub lint: &'static Lint,
    /// How bad it is for this certificate.
    pub severity: Severity,
    /// What was seen.
    pub found: String,
}

impl Finding {
    /// What is wrong, as a sentence.
    #[must_use]
    pub fn says(&self) -> Cow<'static, str> {
        fill(self.lint.says, &self.found)
    }

    /// The same in Chinese.
    #[must_use]
    pub fn says_zh(&self) -> Cow<'static, str> {
        fill(self.lint.says_zh, &self.found)
    }
}

fn fill(sentence: &'static str, found: &str) -> Cow<'static, str> {
    if sentence.contains("{}") { Cow::Owned(sentence.replace("{}", found)) } else { Cow::Borrowed(sentence) }
}

/// Every rule.
pub fn all() -> impl Iterator<Item = &'static Lint> {
    GROUPS.iter().copied().flatten()
}

const GROUPS: &[&[Lint]] = &[
    hosts::LINTS,
    validity::LINTS,
    keys::LINTS,
    usage::LINTS,
    authority::LINTS,
    extensions::LINTS,
    encoding::LINTS,
    subject::LINTS,
    public::LINTS,
];

/// The rules that a certificate does not keep, the worst first.
#[must_use]
pub fn lint(certificate: &Certificate) -> Vec<Finding> {
    let seen = Seen::new(certificate);
    let mut findings: Vec<Finding> = all()
        .filter(|lint| {
            lint.is_in_force(certificate.not_before) && (lint.applies)(&seen) && !(lint.holds)(&seen)
        })
        .map(|lint| Finding {
            lint,
            severity: if lint.public && !seen.public { Severity::Notice } else { lint.severity },
            found: (lint.found)(&seen),
        })
        .collect();
    findings.sort_by_key(|finding| finding.severity);
    findings
}

impl Lint {
    fn is_in_force(&self, issued: Option<Time>) -> bool {
        // Before there was X.509, only a machine without a clock issued certificates.
        let issued = issued.filter(|issued| *issued >= X509);
        match issued {
            Some(issued) => issued >= self.since && self.until.is_none_or(|until| issued < until),
            None => self.until.is_none(),
        }
    }
}

/// A certificate, and what kind it is.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// basicConstraints says that it is a CA.
    pub ca: bool,
    /// Subject and issuer are the same.
    pub self_issued: bool,
    /// It is meant for a server: extKeyUsage says so, or does not say otherwise.
    pub server: bool,
    /// A public CA issued it: there are signed timestamps, or a policy of the CA/Browser Forum.
    pub public: bool,
}

impl<'a> Seen<'a> {
    fn new(certificate: &'a Certificate) -> Self {
        let forum = |policy: &String| policy.starts_with("2.23.140.1.");
        let server = match &certificate.ext_key_usage {
            None => true,
            Some(purposes) => {
                purposes.is_empty()
                    || purposes
                        .iter()
                        .any(|purpose| purpose == "serverAuth" || purpose == "anyExtendedKeyUsage")
                    || certificate.policies.iter().any(|policy| {
                        matches!(
                            policy.as_str(),
                            "2.23.140.1.1" | "2.23.140.1.2.1" | "2.23.140.1.2.2" | "2.23.140.1.2.3"
                        )
                    })
            }
        };
        Self {
            certificate,
            ca: certificate.is_ca == Some(true),
            self_issued: certificate.is_self_issued(),
            server,
            public: certificate.policies.iter().any(forum)
                || certificate.extensions.iter().any(|extension| {
                    matches!(extension.name, Some("signedCertificateTimestampList" | "ctPoison"))
                }),
        }
    }

    /// Issued by a CA to someone who is none.
    fn subscriber(&self) -> bool {
        !self.ca && !self.self_issued
    }

    /// A subscriber's certificate for a server.
    fn tls(&self) -> bool {
        self.subscriber() && self.server
    }

    /// The certificate of a CA that another CA issued.
    fn sub_ca(&self) -> bool {
        self.ca && !self.self_issued
    }

    fn root(&self) -> bool {
        self.ca && self.self_issued
    }

    fn has(&self, name: &str) -> bool {
        self.certificate.extension(name).is_some()
    }

    fn critical(&self, name: &str) -> bool {
        self.certificate.extension(name).is_some_and(|extension| extension.critical)
    }

    fn dns(&self) -> &'a [String] {
        self.certificate.san.as_ref().map_or(&[], |san| &san.dns)
    }

    fn ips(&self) -> &'a [String] {
        self.certificate.san.as_ref().map_or(&[], |san| &san.ip)
    }

    fn policy(&self, oid: &str) -> bool {
        self.certificate.policies.iter().any(|policy| policy == oid)
    }

    fn extension(&self, name: &str) -> Option<&'a Extension> {
        self.certificate.extension(name)
    }

    /// The first dNSNames of which something holds, as they stand.
    fn names(&self, which: fn(&str) -> bool) -> String {
        list(self.dns().iter().map(String::as_str).filter(|name| which(name)))
    }
}

/// The first few, with commas; how many more there are.
fn list<'a>(mut items: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for item in items.by_ref().take(3) {
        if !text.is_empty() {
            text.push_str(", ");
        }
        // A stranger's text: what would break the line is shown as an escape.
        text.extend(item.chars().take(80).flat_map(|c| {
            let odd = c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            let (plain, escaped) = if odd { (None, Some(c.escape_unicode())) } else { (Some(c), None) };
            plain.into_iter().chain(escaped.into_iter().flatten())
        }));
    }
    let more = items.count();
    if more > 0 {
        text.push_str(&format!(", … (+{more})"));
    }
    text
}

/// For rules whose sentence says it all.
fn nothing(_: &Seen<'_>) -> String {
    String::new()
}

fn always(_: &Seen<'_>) -> bool {
    true
}

/// The first edition of X.509.
const X509: Time = Time::date(1988, 11, 25);
const RFC2459: Time = Time::date(1999, 1, 1);
const RFC3280: Time = Time::date(2002, 4, 1);
const RFC5280: Time = Time::date(2008, 5, 1);
/// The CA/Browser Forum's Baseline Requirements.
const BR: Time = Time::date(2012, 7, 1);

/// The parts that most rules have in common.
const USUAL: Lint = Lint {
    id: "",
    source: "",
    since: RFC5280,
    until: None,
    severity: Severity::Error,
    public: false,
    applies: always,
    holds: always,
    found: nothing,
    says: "",
    says_zh: "",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_told_whole() {
        let mut ids: Vec<&str> = all().map(|lint| lint.id).collect();
        assert!(ids.len() >= 60, "{}", ids.len());
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id stands twice");
        for lint in all() {
            assert!(
                lint.id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            assert!(!lint.source.is_empty() && lint.says.ends_with(['.', ')']), "{}", lint.id);
            assert!(!lint.says_zh.is_ascii() && lint.says_zh.ends_with('。'), "{}", lint.id);
            assert_eq!(lint.says.contains("{}"), lint.says_zh.contains("{}"), "{}", lint.id);
            assert!(lint.until.is_none_or(|until| lint.since < until), "{}", lint.id);
        }
    }

    #[test]
    fn a_date_before_x509_is_no_date_of_issue() {
        assert!(USUAL.is_in_force(Some(Time::date(1970, 1, 1))) && USUAL.is_in_force(None));
        assert!(!USUAL.is_in_force(Some(Time::date(1999, 1, 1))));
        let ended = Lint { until: Some(Time::date(2020, 1, 1)), ..USUAL };
        assert!(!ended.is_in_force(Some(Time::date(1970, 1, 1))));
        assert!(ended.is_in_force(Some(Time::date(2010, 1, 1))));
    }

    #[test]
    fn shows_a_strangers_names_on_one_line() {
        assert_eq!(list(["a\n", "b", "c", "d"].into_iter()), "a\\u{a}, b, c, … (+1)");
    }
}
