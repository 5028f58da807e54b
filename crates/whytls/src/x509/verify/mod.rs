//! Checks a chain against trusted roots, and says everything that is wrong with it.
//!
//! In:  certificates as DER, roots, CRLs, the name that was wanted, the time.
//! Out: [`Verdict`]: the path, every fault of every certificate on it, and what is worth a word.
//! Not here: what to do about it. That is the pages' business.
//!
//! Paths are built and explained here; `rustls-webpki` has the last word on every path in which
//! nothing wrong was found. All signatures are checked in Rust, so that a browser says the same.

mod arbiter;
mod blocks;
mod constraints;
mod crl;
mod der;
mod fault;
mod host;
mod notes;
mod path;
mod pool;
mod punycode;
mod raw;
mod rules;
mod signature;

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use self::host::{Host, Match};
use self::path::Found;
use self::pool::{Anchor, Issuer, Pool};
use self::raw::{Constraints, Key, Raw};
use super::{Time, TrustMarks};

pub use blocks::blocks;
pub use fault::{Fault, Says, Weight};

/// The day of Mozilla's list of roots that is built in.
pub const ROOTS_OF: &str = "webpki-roots 1.0";

/// What is to be checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    /// The leaf first, then whatever came with it.
    pub chain: &'a [&'a [u8]],
    /// Certificates that may help to build a path.
    pub intermediates: &'a [&'a [u8]],
    /// Trusted roots; Mozilla's where none are given.
    pub roots: Option<&'a [&'a [u8]]>,
    /// Revocation lists.
    pub crls: &'a [&'a [u8]],
    /// The name or address that was connected to.
    pub host: Option<&'a str>,
    /// When; nothing that needs a clock is said without it.
    pub at: Option<Time>,
}

/// A certificate's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The server's own.
    Leaf,
    /// Between the server's own and the root.
    Intermediate,
    /// The end of the path.
    Root,
}

/// A certificate that the question had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// SHA-256 of the DER, in hex.
    pub sha256: String,
    /// Subject, as RFC 4514 writes it; empty where it cannot be read.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// notBefore.
    pub not_before: Option<Time>,
    /// notAfter.
    pub not_after: Option<Time>,
    /// It came with the chain, not as a root or as help.
    pub sent: bool,
    /// Where the issuer can be fetched.
    pub ca_issuers: Vec<String>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The certificate, as an index into [`Verdict::certificates`]; none for a root of Mozilla's
    /// list, of which only name and key are known.
    pub certificate: Option<usize>,
    /// Its subject.
    pub subject: String,
    /// Its place.
    pub role: Role,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// A path to a trusted root was found, and nothing is wrong with it.
    pub valid: bool,
    /// The host as it was compared.
    pub host: Option<String>,
    /// The time that was asked about.
    pub at: Option<Time>,
    /// Every certificate of the question, each once.
    pub certificates: Vec<Seen>,
    /// The best path, from the leaf upwards; without a root where none was reached.
    pub path: Vec<Step>,
    /// What is wrong, the gravest first.
    pub faults: Vec<Fault>,
    /// What is worth a word and makes nothing invalid.
    pub notes: Vec<Fault>,
    /// The names of the leaf.
    pub names: Vec<String>,
}

impl Verdict {
    /// Whether clients that check certificates refuse this.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.faults.iter().any(|fault| fault.weight == Weight::Refused)
    }
}

/// Checks a chain.
#[must_use]
pub fn verify(question: &Question<'_>) -> Verdict {
    let (mut pool, seen) = fill(question);
    let mut verdict = Verdict { at: question.at, certificates: seen, ..Verdict::default() };
    let host = question.host.map(Host::parse);
    verdict.host = host.as_ref().map(Host::text);
    let Some(leaf) = notes::leaf(&pool, question.chain.len()) else {
        let unreadable = Fault::new(
            "malformed-certificate",
            "unreadable",
            "it cannot be read as a certificate",
            "无法作为证书读取",
        );
        verdict.faults.push(if question.chain.is_empty() { unreadable } else { unreadable.at(0) });
        return verdict;
    };
    let found = path::find(&mut pool, leaf, question.at);
    verdict.path = steps(&pool, &found);
    let mut faults = found.faults.clone();
    if let Some(host) = &host
        && let Some(raw) = pool.get(leaf)
    {
        faults.extend(wrong_name(host, raw, leaf));
    }
    faults.extend(revoked(&pool, &found, question));
    if found.anchor.is_none() {
        let unread = pool.certificates.iter().enumerate().filter(|(_, raw)| raw.is_none());
        faults.extend(unread.map(|(at, _)| {
            let bytes = question.chain.get(at).copied().unwrap_or_default();
            let field = Raw::parse(bytes).err().unwrap_or("certificate");
            Fault::new(
                "malformed-certificate",
                "unreadable",
                format!("it cannot be read: {field}"),
                format!("无法读取：{field}"),
            )
            .at(at)
        }));
    }
    if let Some(anchor) = found.anchor.and_then(|at| pool.anchors.get(at))
        && faults.is_empty()
    {
        let path: Vec<&Raw<'_>> = found.certificates.iter().filter_map(|at| pool.get(*at)).collect();
        // A leaf that is itself the root has no path to check.
        let alone = path.len() == 1 && pool.get(leaf).is_some_and(|raw| pool.anchor_of(raw).is_some());
        if let Some(fault) =
            arbiter::ask(&path, anchor, &pool.checked(), host.as_ref(), question.at).filter(|_| !alone)
        {
            if fault.weight == Weight::Refused {
                faults.push(fault.at(leaf))
            } else {
                verdict.notes.push(fault.at(leaf))
            }
        }
    }
    // Whatever went wrong on the way: without a root there is no trust.
    if found.anchor.is_none() && faults.iter().all(|fault| fault.weight != Weight::Refused) {
        faults.push(
            Fault::new(
                "untrusted-root",
                "no-root",
                "no path leads to a trusted root",
                "没有通往受信任根的路径",
            )
            .at(leaf),
        );
    }
    faults.sort_by_key(|fault| (fault.rank(), fault.certificate));
    faults.dedup();
    verdict.notes.extend(notes::notes(&mut pool, leaf, &found, question, &faults));
    verdict.names = pool.get(leaf).map(names).unwrap_or_default();
    verdict.valid = faults.is_empty();
    verdict.faults = faults;
    verdict
}

fn names(raw: &Raw<'_>) -> Vec<String> {
    let names = raw.alt_names().and_then(Result::ok).unwrap_or_default();
    let hosts = names.iter().filter(|name| matches!(name, raw::Name::Dns(_) | raw::Name::Ip(_)));
    hosts.take(200).map(constraints::shown).collect()
}

/// Every certificate once, in order: the chain's, those that help, the roots.
fn fill<'a>(question: &Question<'a>) -> (Pool<'a>, Vec<Seen>) {
    let mut pool = Pool::default();
    let mut seen: Vec<Seen> = Vec::new();
    let roots = question.roots.unwrap_or_default();
    let all = question
        .chain
        .iter()
        .map(|der| (*der, true))
        .chain(question.intermediates.iter().chain(roots).map(|der| (*der, false)));
    let mut index = std::collections::HashMap::new();
    let mut order: Vec<usize> = Vec::new();
    let mut refused = Vec::new();
    for (bytes, sent) in all {
        let (der, marks) = TrustMarks::split(bytes);
        let at = *index.entry(der).or_insert_with(|| {
            let raw = Raw::parse(der).ok();
            seen.push(Seen {
                sha256: Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect(),
                subject: raw.as_ref().map(|raw| raw::rfc4514(raw.subject)).unwrap_or_default(),
                issuer: raw.as_ref().map(|raw| raw::rfc4514(raw.issuer)).unwrap_or_default(),
                not_before: raw.as_ref().and_then(|raw| raw.not_before).map(Time),
                not_after: raw.as_ref().and_then(|raw| raw.not_after).map(Time),
                sent,
                ca_issuers: raw.as_ref().and_then(|raw| raw.ca_issuers().ok()).unwrap_or_default(),
            });
            pool.certificates.push(raw);
            pool.certificates.len() - 1
        });
        if marks.is_some_and(|marks| !marks.allows("serverAuth")) {
            refused.push(at);
        }
        order.push(at);
    }
    match question.roots {
        Some(roots) => {
            let first = order.len() - roots.len();
            let mut own: Vec<usize> = order.split_off(first);
            own.dedup();
            for at in own {
                let Some(raw) = pool.certificates.get(at).and_then(Option::as_ref) else { continue };
                let list = raw.name_constraints().and_then(Result::ok);
                let contents = raw
                    .ext(raw::NAME_CONSTRAINTS)
                    .and_then(|ext| der::only(ext.value, der::SEQUENCE))
                    .map(|tlv| tlv.value);
                let anchor = Anchor {
                    subject: Cow::Borrowed(raw.subject),
                    key: raw.key,
                    constraints: list,
                    raw_constraints: contents,
                    certificate: Some(at),
                    allowed: !refused.contains(&at),
                };
                pool.anchors.push(anchor);
            }
        }
        None => {
            for root in webpki_roots::TLS_SERVER_ROOTS {
                let Some(key) = Key::from_contents(root.subject_public_key_info.as_ref()) else { continue };
                let contents = root.name_constraints.as_ref().map(|list| list.as_ref());
                pool.anchors.push(Anchor {
                    subject: Cow::Owned(sequence(root.subject.as_ref())),
                    key,
                    constraints: contents.and_then(Constraints::parse),
                    raw_constraints: contents,
                    certificate: None,
                    allowed: true,
                });
            }
        }
    }
    pool.index();
    (pool, seen)
}

/// Puts the header before the contents of a sequence.
fn sequence(contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut out = vec![der::SEQUENCE];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 0x80 => out.push(short),
        (Ok(byte), _) => out.extend([0x81, byte]),
        (_, Ok(long)) => {
            out.push(0x82);
            out.extend(long.to_be_bytes());
        }
        _ => return Vec::new(),
    }
    out.extend(contents);
    out
}

fn steps(pool: &Pool<'_>, found: &Found) -> Vec<Step> {
    let mut steps: Vec<Step> = found
        .certificates
        .iter()
        .enumerate()
        .map(|(at, certificate)| {
            let raw = pool.get(*certificate);
            let root = at > 0 && raw.is_some_and(Raw::is_self_issued);
            Step {
                certificate: Some(*certificate),
                subject: raw.map(|raw| raw::rfc4514(raw.subject)).unwrap_or_default(),
                role: if at == 0 {
                    Role::Leaf
                } else if root && found.anchor.is_none() {
                    Role::Root
                } else {
                    Role::Intermediate
                },
            }
        })
        .collect();
    if let Some(anchor) = found.anchor.and_then(|at| pool.anchors.get(at))
        && !(steps.len() == 1
            && anchor.certificate.is_some()
            && anchor.certificate == steps.first().and_then(|step| step.certificate))
    {
        steps.push(Step {
            certificate: anchor.certificate,
            subject: raw::rfc4514(&anchor.subject),
            role: Role::Root,
        });
    }
    steps
}

/// Who looks for a host in subjectAltName only. OpenSSL, GnuTLS, Mbed TLS and Java take the Common
/// Name where no name of the kind is there.
const SAN_ONLY: &[&str] = &[
    "browsers",
    "Apple's systems since 2019",
    "Go 1.15 and later",
    "rustls",
    "Python with urllib3 2 and later",
];

fn wrong_name(host: &Host, raw: &Raw<'_>, leaf: usize) -> Option<Fault> {
    let wanted = host.text();
    let had = names(raw);
    let list = |sep: &str| {
        let mut text = had.iter().take(8).cloned().collect::<Vec<_>>().join(sep);
        if had.len() > 8 {
            text.push_str(" …");
        }
        text
    };
    let (en, zh) = match had.as_slice() {
        [] => ("it has no name that counts".to_owned(), "没有可用的名称".to_owned()),
        _ => (format!("it is for {}", list(", ")), format!("适用于 {}", list("、"))),
    };
    let mismatch = |rule, more_en: String, more_zh: String| {
        Fault::new(
            "hostname-mismatch",
            rule,
            format!("{wanted} is not among its names: {en}{more_en}"),
            format!("名称中没有 {wanted}：{zh}{more_zh}"),
        )
        .source("RFC 9525 §6")
        .at(leaf)
    };
    let same = |rule| mismatch(rule, String::new(), String::new());
    Some(match host::compare(host, raw) {
        Match::Fits => return None,
        Match::CommonNameOnly => Fault::new(
            "common-name-only",
            "common-name-only",
            format!("{wanted} stands only in its Common Name, which many clients no longer read; it has no subjectAltName for it"),
            format!("{wanted} 只出现在通用名里，许多客户端已不再读取；没有相应的 subjectAltName"),
        )
        .source("RFC 9525 §2")
        .only(SAN_ONLY)
        .at(leaf),
        Match::CommonNameBesideOthers => mismatch(
            "name-of-another-kind",
            format!("; {wanted} stands only in its Common Name"),
            format!("；{wanted} 只出现在通用名里"),
        )
        .only(SAN_ONLY),
        Match::WildcardTooShort(wildcard) => mismatch(
            "wildcard-one-label",
            format!("; {wildcard} stands for one label only"),
            format!("；{wildcard} 只能代表一级名称"),
        ),
        Match::Www(close) => mismatch("www", format!("; {close} would fit with or without www"), format!("；{close} 只差一个 www")),
        Match::AddressAsName => mismatch(
            "address-as-name",
            "; the address stands there as a DNS name, and only iPAddress counts".to_owned(),
            "；地址被写成了 DNS 名称，而只有 iPAddress 才算数".to_owned(),
        ),
        Match::NoNames => same("no-names"),
        Match::Differs => same("name-differs"),
    })
}

fn revoked(pool: &Pool<'_>, found: &Found, question: &Question<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut lists = Vec::new();
    for crl in question.crls {
        match crl::Crl::parse(crl) {
            Some(list) => lists.push(list),
            None => faults.push(Fault::new(
                "revocation-check-failed",
                "crl-malformed",
                "a revocation list cannot be read",
                "有一份吊销列表无法读取",
            )),
        }
    }
    for (at, certificate) in found.certificates.iter().enumerate() {
        let Some(raw) = pool.get(*certificate) else { continue };
        let issuer = match found.certificates.get(at + 1) {
            Some(next) => Some(Issuer::Certificate(*next)),
            None => found.anchor.map(Issuer::Anchor),
        };
        let Some(issuer) = issuer.and_then(|issuer| signer(pool, issuer)) else { continue };
        let mut of_issuer = lists
            .iter()
            .filter(|list| list.issuer == raw.issuer)
            .map(|list| list.check(raw, &issuer, question.at))
            .peekable();
        if of_issuer.peek().is_none() {
            continue;
        }
        // One list that can be used is enough; one that revokes decides.
        let answers: Vec<Option<Fault>> = of_issuer.collect();
        let revoked = answers.iter().flatten().find(|fault| fault.problem == "revoked-certificate");
        let unusable = answers.iter().flatten().next().filter(|_| answers.iter().all(Option::is_some));
        if let Some(fault) = revoked.or(unusable) {
            faults.push(fault.clone().at(*certificate));
        }
    }
    faults
}

fn signer<'p>(pool: &'p Pool<'_>, issuer: Issuer) -> Option<crl::Issuer<'p>> {
    Some(match issuer {
        Issuer::Certificate(at) => {
            let raw = pool.get(at)?;
            crl::Issuer { key: raw.key, certificate: Some(raw) }
        }
        Issuer::Anchor(at) => {
            let anchor = pool.anchors.get(at)?;
            crl::Issuer { key: anchor.key, certificate: anchor.certificate.and_then(|at| pool.get(at)) }
        }
    })
}
