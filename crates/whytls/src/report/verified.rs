//! A chain's verdict, told: `whytls verify`.
//!
//! In:  certificates, roots, revocation lists, in PEM or DER.
//! Out: [`Verified`], as the contract's JSON or as text in one of two languages.
//! Not here: the checks. They are `x509::verify`.

use std::fmt::Write as _;

use serde::Serialize;

use super::Chain;
use crate::content::Lang;
use crate::decode::inspects;
use crate::x509::Time;
use crate::x509::verify::{self, Fault, Question, Role, Says, Seen, Verdict, Weight};

/// What is to be checked, as files hold it.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// The leaf first, then whatever came with it.
    pub chain: Vec<Vec<u8>>,
    /// Certificates that may help.
    pub intermediates: Vec<Vec<u8>>,
    /// Trusted roots; Mozilla's where none are given.
    pub roots: Option<Vec<Vec<u8>>>,
    /// Revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// The host.
    pub host: Option<String>,
    /// The time.
    pub at: Option<Time>,
}

/// The verdict in the names of the contract.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct Verified {
    whytls: super::view::About,
    pub valid: bool,
    /// Clients that check certificates refuse it; else it only breaks rules, or some refuse.
    pub refused: bool,
    pub host: Option<String>,
    pub at: Option<String>,
    /// Which roots were trusted.
    pub roots: &'static str,
    pub names: Vec<String>,
    pub path: Vec<StepView>,
    pub problems: Vec<ProblemView>,
    pub notes: Vec<ProblemView>,
    /// The path as a tree, in English and in Chinese.
    #[serde(skip)]
    tree: [String; 2],
}

/// One step of the path.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct StepView {
    pub sha256: Option<String>,
    pub subject: String,
    pub role: &'static str,
    pub not_before: Option<String>,
    pub not_after: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ProblemView {
    pub problem: &'static str,
    pub rule: &'static str,
    pub certificate: Option<String>,
    pub subject: Option<String>,
    pub says: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub source: &'static str,
    /// `all`, or the clients that refuse; empty where none is known to.
    pub refused_by: Vec<&'static str>,
    #[serde(skip)]
    zh: String,
    /// The issuer, where another certificate has the same subject.
    #[serde(skip)]
    issuer: Option<String>,
}

impl Bundle {
    /// Checks it.
    #[must_use]
    pub fn verify(&self) -> Verified {
        let roots = self.roots.as_deref().map(refs);
        let verdict = verify::verify(&Question {
            chain: &refs(&self.chain),
            intermediates: &refs(&self.intermediates),
            roots: roots.as_deref(),
            crls: &refs(&self.crls),
            host: self.host.as_deref(),
            at: self.at,
        });
        Verified::new(&verdict, self.roots.is_some())
    }
}

impl Verified {
    fn new(verdict: &Verdict, own_roots: bool) -> Self {
        let problem = |fault: &Fault| {
            let seen = fault.certificate.and_then(|at| verdict.certificates.get(at));
            let Says { en, zh } = fault.says.clone();
            ProblemView {
                problem: fault.problem,
                rule: fault.rule,
                certificate: seen.map(|seen| seen.sha256.clone()),
                subject: seen.map(|seen| seen.subject.clone()),
                says: en,
                source: fault.source,
                refused_by: match fault.weight {
                    Weight::Refused => vec!["all"],
                    Weight::Some | Weight::Rule => fault.clients.to_vec(),
                },
                zh,
                issuer: seen.filter(|seen| is_shared(verdict, seen)).map(|seen| seen.issuer.clone()),
            }
        };
        let step = |step: &verify::Step| {
            let seen = step.certificate.and_then(|at| verdict.certificates.get(at));
            StepView {
                sha256: seen.map(|seen| seen.sha256.clone()),
                subject: step.subject.clone(),
                role: match step.role {
                    Role::Leaf => "leaf",
                    Role::Intermediate => "intermediate",
                    Role::Root => "root",
                },
                not_before: seen.and_then(|seen| seen.not_before).map(|time| time.to_string()),
                not_after: seen.and_then(|seen| seen.not_after).map(|time| time.to_string()),
            }
        };
        Self {
            whytls: super::view::About::this(),
            valid: verdict.valid,
            refused: verdict.is_refused(),
            host: verdict.host.clone(),
            at: verdict.at.map(|time| time.to_string()),
            roots: if own_roots { "given" } else { verify::ROOTS_OF },
            names: verdict.names.clone(),
            path: verdict.path.iter().map(step).collect(),
            problems: inspection(verdict).iter().chain(&verdict.faults).map(problem).collect(),
            notes: verdict.notes.iter().map(problem).collect(),
            tree: [Lang::En, Lang::ZhCn].map(|lang| Chain::new(verdict, lang).text(false)),
        }
    }

    /// The contract's JSON.
    #[must_use]
    pub fn json(&self) -> String {
        super::view::json(self)
    }

    /// Text for a person.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let zh = lang == Lang::ZhCn;
        let pick = |en: &'static str, other: &'static str| if zh { other } else { en };
        let mut out = String::new();
        let head = match (
            self.valid,
            self.refused,
            self.problems.iter().any(|problem| !problem.refused_by.is_empty()),
        ) {
            (true, ..) => pick(
                "Valid: a path to a trusted root, and nothing wrong on it.",
                "有效：有一条通往受信任根的路径，且没有问题。",
            ),
            (_, true, _) => pick("Not valid: clients refuse this.", "无效：客户端会拒绝。"),
            (_, _, true) => {
                pick("Not valid for all: some clients refuse this.", "并非处处有效：部分客户端会拒绝。")
            }
            _ => pick("Clients accept this, but it breaks rules.", "客户端会接受，但不合规。"),
        };
        let _ = writeln!(out, "{head}");
        if let Some(host) = &self.host {
            let _ = writeln!(out, "{}: {host}", pick("Host", "主机"));
        }
        if let Some(at) = &self.at {
            let _ = writeln!(out, "{}: {at}", pick("Time", "时间"));
        }
        let roots = if self.roots == "given" {
            pick("those given", "所给的根证书")
        } else {
            pick("Mozilla's", "Mozilla 的根证书")
        };
        let _ = writeln!(out, "{}: {roots}", pick("Roots", "受信任的根"));
        if !self.path.is_empty() {
            let _ = writeln!(out, "\n{}", pick("Path", "路径"));
        }
        let [en, other] = &self.tree;
        for line in if zh { other } else { en }.lines() {
            let _ = writeln!(out, "  {line}");
        }
        for (title, list) in
            [(pick("Problems", "问题"), &self.problems), (pick("Worth a word", "另外"), &self.notes)]
        {
            if !list.is_empty() {
                let _ = writeln!(out, "\n{title}");
            }
            for problem in list {
                let issuer = problem.issuer.as_ref().map(|issuer| match lang {
                    Lang::En => format!(" (issued by {issuer})"),
                    Lang::ZhCn => format!("（由 {issuer} 签发）"),
                });
                let issuer = issuer.unwrap_or_default();
                let subject = problem.subject.as_ref().map(|subject| format!("{subject}{issuer}: "));
                let subject = subject.unwrap_or_default();
                let says = if zh { &problem.zh } else { &problem.says };
                let _ = writeln!(out, "  - {subject}{says}");
                let who = match problem.refused_by.as_slice() {
                    ["all"] => String::new(),
                    [] => String::new(),
                    clients => format!("; {} {}", pick("refused by", "拒绝者："), clients.join(", ")),
                };
                let source =
                    if problem.source.is_empty() { String::new() } else { format!(", {}", problem.source) };
                let _ = writeln!(out, "    {}{source}{who}", problem.problem);
            }
        }
        out
    }
}

/// Whether another certificate of the verdict has this one's subject.
fn is_shared(verdict: &Verdict, seen: &Seen) -> bool {
    let same = |other: &&Seen| other.subject == seen.subject && other.sha256 != seen.sha256;
    !seen.subject.is_empty() && verdict.certificates.iter().any(|other| same(&other))
}

/// The product that signed the chain anew, where nothing trusted is above it and it says who it is.
fn inspection(verdict: &Verdict) -> Option<Fault> {
    let above =
        |fault: &&Fault| matches!(fault.rule, "issuer-missing" | "issuer-unknown" | "root-not-trusted");
    let mut untrusted = verdict.faults.iter().filter(above);
    untrusted.find_map(|fault| {
        let seen = verdict.certificates.get(fault.certificate?)?;
        inspects(&seen.issuer).then(|| Fault {
            problem: "tls-inspection",
            rule: "inspection-product",
            says: Says {
                en: "behind it stands a product that opens TLS connections and encrypts them anew, not the site's own CA".to_owned(),
                zh: "它背后是拆解 TLS 连接再重新加密的产品，而不是网站自己的 CA".to_owned(),
            },
            source: "",
            ..fault.clone()
        })
    })
}

fn refs(list: &[Vec<u8>]) -> Vec<&[u8]> {
    list.iter().map(Vec::as_slice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(issuer: &str, rule: &'static str) -> Vec<&'static str> {
        let seen = Seen {
            sha256: String::new(),
            subject: "CN=www.example.com".to_owned(),
            issuer: issuer.to_owned(),
            not_before: None,
            not_after: None,
            sent: true,
            ca_issuers: Vec::new(),
        };
        let fault = Fault {
            problem: "untrusted-root",
            rule,
            certificate: Some(0),
            says: Says::default(),
            source: "",
            weight: Weight::Refused,
            clients: &[],
        };
        let verdict = Verdict { certificates: vec![seen], faults: vec![fault], ..Verdict::default() };
        Verified::new(&verdict, false).problems.iter().map(|problem| problem.problem).collect()
    }

    #[test]
    fn tells_certificates_of_one_name_apart() {
        let bundle = Bundle {
            chain: verify::blocks(
                include_bytes!("../../../../tests/chains/cross-sign-expired.pem"),
                "CERTIFICATE",
            ),
            roots: Some(verify::blocks(include_bytes!("../../../../tests/chains/root.pem"), "CERTIFICATE")),
            host: Some("www.example.com".to_owned()),
            at: Some(Time::date(2026, 6, 1)),
            ..Bundle::default()
        };
        let text = bundle.verify().text(Lang::En);
        assert!(text.contains("CN=Root (issued by CN=Old): it is out of date"), "{text}");
    }

    #[test]
    fn names_the_product_that_signed_anew() {
        let product = "CN=FGT60F,OU=Certificate Authority,O=Fortinet,C=US";
        assert_eq!(problems(product, "issuer-missing"), ["tls-inspection", "untrusted-root"]);
        assert_eq!(problems(product, "expired"), ["untrusted-root"]);
        assert_eq!(problems("CN=R11,O=Let's Encrypt,C=US", "issuer-missing"), ["untrusted-root"]);
    }
}
