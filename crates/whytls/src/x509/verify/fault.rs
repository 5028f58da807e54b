//! One thing that is wrong with a certificate or a chain.
//!
//! In:  what the checks found.
//! Out: [`Fault`]: a problem of the list, a rule, a sentence in both languages.
//! Not here: the checks.

/// A sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Says {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// Who acts on a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Every client that checks at all refuses.
    Refused,
    /// Some clients refuse, see [`Fault::clients`]; others go on.
    Some,
    /// A rule of RFC 5280 or of the Baseline Requirements is broken; no client is known to care.
    Rule,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The problem's slug, such as `expired-certificate`.
    pub problem: &'static str,
    /// Which check it is: `expired`, `not-a-ca`, `serial-zero`.
    pub rule: &'static str,
    /// The certificate, as an index into the verdict's list; none where the fault is the chain's.
    pub certificate: Option<usize>,
    /// What is wrong.
    pub says: Says,
    /// Where it is written that this is wrong.
    pub source: &'static str,
    /// Who acts on it.
    pub weight: Weight,
    /// Who refuses where not all do.
    pub clients: &'static [&'static str],
}

impl Fault {
    pub(super) fn new(
        problem: &'static str,
        rule: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Self {
        Self {
            problem,
            rule,
            certificate: None,
            says: Says { en: en.into(), zh: zh.into() },
            source: "",
            weight: Weight::Refused,
            clients: &[],
        }
    }

    pub(super) fn at(mut self, certificate: usize) -> Self {
        self.certificate = Some(certificate);
        self
    }

    pub(super) fn source(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }

    /// Only these refuse it.
    pub(super) fn only(mut self, clients: &'static [&'static str]) -> Self {
        self.weight = if clients.is_empty() { Weight::Rule } else { Weight::Some };
        self.clients = clients;
        self
    }

    /// What to speak of first: what every client meets before it looks at the rest.
    pub(super) fn rank(&self) -> (Weight, u8) {
        let order = match self.problem {
            "malformed-certificate" if self.rule == "constraints-malformed" => 7,
            // A "should" of RFC 5280 comes last, although one library minds.
            "malformed-certificate" if self.rule == "san-critical" => 10,
            // Where nobody stumbles over the shape, what it may be used for comes first.
            "malformed-certificate" if self.weight != Weight::Refused => 8,
            "malformed-certificate" => 0,
            "self-signed-certificate" | "self-signed-in-chain" | "tls-inspection" => 1,
            "incomplete-chain" | "untrusted-root" => 2,
            "revoked-certificate" | "certificate-rejected" => 3,
            "expired-certificate" | "expired-root" => 4,
            "clock-wrong" => 5,
            "wrong-certificate-usage" => 6,
            "weak-certificate" => 7,
            "revocation-check-failed" => 8,
            _ => 9,
        };
        (self.weight, order)
    }
}
