//! Finds the path from a leaf to a trusted root, and what is wrong with the best one there is.
//!
//! In:  the pool.
//! Out: a path whose faults are none, or else the one that comes closest, with all its faults.
//! Not here: revocation, and the name that was wanted.

use std::collections::HashMap;

use super::constraints::{self, Violation};
use super::fault::{Fault, Weight};
use super::pool::{Issuer, Pool};
use super::raw::{Constraints, Raw};
use super::rules::{self, Place};
use super::signature::Signed;
use crate::x509::Time;

/// Longer paths than this are none (browsers stop at about that).
const LONGEST: usize = 12;
/// How many steps a search takes, and how many paths it looks at, before it is enough.
const MOST_STEPS: usize = 20_000;
const MOST_PATHS: usize = 200;

/// Certificates from the leaf upwards, and the root where there is one.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) certificates: Vec<usize>,
    pub(super) anchor: Option<usize>,
    pub(super) faults: Vec<Fault>,
    /// Other paths to a root were seen.
    pub(super) others: Vec<(Vec<usize>, Option<usize>)>,
}

pub(super) struct Search<'p, 'a> {
    pool: &'p mut Pool<'a>,
    at: Option<Time>,
    own: HashMap<(usize, Place), Vec<Fault>>,
    steps: usize,
    /// Only certificates without a fault of their own.
    strict: bool,
    best: Option<Found>,
    best_cost: (usize, usize, usize),
    seen: Vec<(Vec<usize>, Option<usize>)>,
}

/// The best path from a leaf.
pub(super) fn find(pool: &mut Pool<'_>, leaf: usize, at: Option<Time>) -> Found {
    let mut search = Search {
        pool,
        at,
        own: HashMap::new(),
        steps: 0,
        strict: true,
        best: None,
        best_cost: (usize::MAX, usize::MAX, usize::MAX),
        seen: Vec::new(),
    };
    search.walk(&mut vec![leaf]);
    if !search.is_done() {
        search.strict = false;
        search.steps = 0;
        search.walk(&mut vec![leaf]);
    }
    let out_of_steps = || Found {
        certificates: vec![leaf],
        faults: vec![
            Fault::new(
                "untrusted-root",
                "too-many-candidates",
                "the certificates could be joined in too many ways to try them all",
                "证书之间的组合太多，无法全部尝试",
            )
            .at(leaf),
        ],
        ..Found::default()
    };
    let mut found = search.best.unwrap_or_else(out_of_steps);
    let chosen = (found.certificates.clone(), found.anchor);
    search.seen.retain(|path| path.1.is_some() && *path != chosen);
    search.seen.dedup();
    found.others = search.seen;
    found
}

impl<'a> Search<'_, 'a> {
    fn is_done(&self) -> bool {
        self.best_cost == (0, 0, 0)
    }

    fn walk(&mut self, path: &mut Vec<usize>) {
        let Some(&child) = path.last() else { return };
        self.steps += 1;
        if self.is_done() || self.steps > MOST_STEPS || self.seen.len() > MOST_PATHS {
            return;
        }
        if path.len() > LONGEST {
            if !self.strict {
                self.weigh(path, None, None);
            }
            return;
        }
        // What was given as a root is trusted for what it is.
        if path.len() == 1
            && let Some(anchor) = self.pool.get(child).and_then(|raw| self.pool.anchor_of(raw))
        {
            self.weigh(path, Some(anchor), None);
            return;
        }
        let candidates = self.pool.candidates(child);
        let mut went_on = false;
        let mut refused: Option<(Issuer, Signed)> = None;
        let mut next = Vec::new();
        for issuer in candidates {
            if let Issuer::Certificate(at) = issuer
                && (self.is_loop(path, at) || self.strict && !self.own(at, Place::Intermediate).is_empty())
            {
                continue;
            }
            match self.pool.signed(child, issuer) {
                Signed::Good => next.push(issuer),
                other => refused = refused.or(Some((issuer, other))),
            }
        }
        // Without a fault of its own before one with.
        next.sort_by_key(|issuer| match issuer {
            Issuer::Anchor(_) => 0,
            Issuer::Certificate(at) => {
                1 + self
                    .own(*at, Place::Intermediate)
                    .iter()
                    .filter(|fault| fault.weight == Weight::Refused)
                    .count()
            }
        });
        for issuer in next {
            went_on = true;
            match issuer {
                Issuer::Anchor(anchor) => self.weigh(path, Some(anchor), None),
                Issuer::Certificate(at) => {
                    path.push(at);
                    self.walk(path);
                    path.pop();
                }
            }
        }
        if !went_on && !self.strict {
            self.weigh(path, None, refused);
        }
    }

    /// The same name with the same key, once more.
    fn is_loop(&self, path: &[usize], next: usize) -> bool {
        let Some(raw) = self.pool.get(next) else { return true };
        path.iter()
            .filter_map(|at| self.pool.get(*at))
            .any(|other| other.subject == raw.subject && other.key.contents == raw.key.contents)
    }

    /// Faults of a certificate by itself, its dates among them.
    fn own(&mut self, at: usize, place: Place) -> Vec<Fault> {
        if let Some(known) = self.own.get(&(at, place)) {
            return known.clone();
        }
        let mut faults = Vec::new();
        if let Some(raw) = self.pool.get(at) {
            faults = rules::check(raw, place);
            let mut dated = dates(raw, self.at);
            if let Some(fault) = dated.as_mut().filter(|fault| fault.rule == "expired")
                && (place == Place::Root || place == Place::Intermediate && self.pool.is_cross_sign(raw))
            {
                fault.problem = "expired-root";
            }
            faults.extend(dated);
        }
        for fault in &mut faults {
            fault.certificate = Some(at);
        }
        self.own.insert((at, place), faults.clone());
        faults
    }

    /// Keeps the path if it is better than the best so far.
    fn weigh(&mut self, path: &[usize], anchor: Option<usize>, refused: Option<(Issuer, Signed)>) {
        self.seen.push((path.to_vec(), anchor));
        let mut faults = Vec::new();
        for (at, certificate) in path.iter().enumerate() {
            let place = if at == 0 { Place::Leaf } else { Place::Intermediate };
            faults.extend(self.own(*certificate, place));
        }
        let root = anchor.and_then(|at| self.pool.anchors.get(at)).and_then(|anchor| anchor.certificate);
        if let Some(root) = root.filter(|root| !path.contains(root)) {
            faults.extend(self.own(root, Place::Root));
        }
        self.lengths(path, root, &mut faults);
        self.constraints(path, anchor, &mut faults);
        match anchor.and_then(|at| self.pool.anchors.get(at)) {
            None => faults.push(self.dead_end(path, refused)),
            Some(anchor) if !anchor.allowed => faults.push(marked(anchor.certificate)),
            Some(_) => {}
        }
        let heavy = faults.iter().filter(|fault| fault.weight == Weight::Refused).count();
        let cost = (usize::from(anchor.is_none()), heavy, faults.len());
        let longer = self.best.as_ref().is_some_and(|best| {
            anchor.is_none() && best.anchor.is_none() && path.len() > best.certificates.len()
        });
        if self.best.is_none() || longer || anchor.is_some() && cost < self.best_cost {
            self.best_cost = cost;
            self.best = Some(Found { certificates: path.to_vec(), anchor, faults, others: Vec::new() });
        }
    }

    /// Path lengths: how many CAs stand below one that limits them. Those that issued themselves do
    /// not count.
    fn lengths(&self, path: &[usize], root: Option<usize>, faults: &mut Vec<Fault>) {
        let mut below = 0;
        for (at, certificate) in
            path.iter().copied().chain(root.filter(|root| !path.contains(root))).enumerate().skip(1)
        {
            let Some(raw) = self.pool.get(certificate) else { continue };
            if let Some(limit) = raw.path_len().filter(|limit| below > *limit) {
                faults.push(
                    Fault::new(
                        "wrong-certificate-usage",
                        "path-length",
                        format!("it allows {limit} CAs below it, and there are {below}"),
                        format!("它下面最多允许 {limit} 级 CA，而实际有 {below} 级"),
                    )
                    .source("RFC 5280 §6.1.4 (m)")
                    .at(certificate),
                );
            }
            if !raw.is_self_issued() && at > 0 {
                below += 1;
            }
        }
    }

    fn constraints(&self, path: &[usize], anchor: Option<usize>, faults: &mut Vec<Fault>) {
        let check = |list: &Constraints<'_>, upto: usize, by: Option<usize>, faults: &mut Vec<Fault>| {
            for (at, below) in path.iter().enumerate().take(upto) {
                let Some(raw) = self.pool.get(*below) else { continue };
                // What issued itself on the way is spared; the leaf is not.
                if at > 0 && raw.is_self_issued() {
                    continue;
                }
                if let Some(violation) = constraints::check(list, raw) {
                    faults.push(violated(&violation, *below, by.and_then(|by| self.pool.get(by))));
                    return;
                }
            }
        };
        for (at, certificate) in path.iter().enumerate().skip(1) {
            if let Some(Some(Ok(list))) = self.pool.get(*certificate).map(Raw::name_constraints) {
                check(&list, at, Some(*certificate), faults);
            }
        }
        if let Some(anchor) = anchor.and_then(|at| self.pool.anchors.get(at))
            && let Some(list) = &anchor.constraints
            && anchor.certificate.is_none_or(|root| !path.contains(&root))
        {
            check(list, path.len(), anchor.certificate, faults);
        }
    }

    /// Why there is no way on from the end of a path.
    fn dead_end(&mut self, path: &[usize], refused: Option<(Issuer, Signed)>) -> Fault {
        let last = path.last().copied().unwrap_or_default();
        if path.len() > LONGEST {
            return Fault::new(
                "untrusted-root",
                "path-too-long",
                format!("after {LONGEST} certificates there is still no trusted root"),
                format!("经过 {LONGEST} 级证书仍未到达受信任的根"),
            )
            .at(last);
        }
        if self.pool.is_self_signed(last) {
            if path.len() == 1 {
                return Fault::new(
                    "self-signed-certificate",
                    "self-signed",
                    "it is signed with its own key, so nobody vouches for it",
                    "它用自己的密钥签名，没有任何机构为它担保",
                )
                .at(last);
            }
            return Fault::new(
                "self-signed-in-chain",
                "root-not-trusted",
                "the chain ends in this root, which is not among the trusted ones",
                "证书链终止于这个根证书，而它不在受信任的根之中",
            )
            .at(last);
        }
        let Some(raw) = self.pool.get(last) else {
            return Fault::new("malformed-certificate", "unreadable", "it cannot be read", "无法读取")
                .at(last);
        };
        let issuer = super::raw::rfc4514(raw.issuer);
        if let Some((by, signed)) = refused {
            let key = match by {
                Issuer::Certificate(at) => self.pool.get(at).and_then(Raw::subject_key_id),
                Issuer::Anchor(at) => self
                    .pool
                    .anchors
                    .get(at)
                    .and_then(|anchor| anchor.certificate)
                    .and_then(|at| self.pool.get(at))
                    .and_then(Raw::subject_key_id),
            };
            let wanted = raw.authority_key().and_then(Result::ok).and_then(|key| key.id);
            let other_key = matches!((key, wanted), (Some(key), Some(wanted)) if key != wanted);
            if self.pool.out_of_budget {
                return Fault::new(
                    "untrusted-root",
                    "too-many-candidates",
                    format!("too many certificates claim to be its issuer {issuer}"),
                    format!("自称是其颁发者 {issuer} 的证书太多"),
                )
                .at(last);
            }
            if other_key {
                return Fault::new(
                    if path.len() == 1 { "incomplete-chain" } else { "untrusted-root" },
                    "issuer-key-differs",
                    format!("its issuer {issuer} is there by name, but with another key"),
                    format!("有同名的颁发者 {issuer}，但密钥不同"),
                )
                .at(last);
            }
            return match signed {
                Signed::Unknown => Fault::new(
                    "malformed-certificate",
                    "signature-unknown",
                    format!("its signature by {issuer} is of a kind that does not fit the key, or that nobody knows"),
                    format!("{issuer} 对它的签名与密钥不相配，或者算法未知"),
                ),
                _ => Fault::new(
                    "malformed-certificate",
                    "signature-bad",
                    format!("its signature is wrong: {issuer} did not sign these bytes"),
                    format!("签名错误：{issuer} 签的不是这些内容"),
                ),
            }
            .at(last);
        }
        let urls = raw.ca_issuers().unwrap_or_default();
        let (en, zh) = match urls.first() {
            Some(url) => (format!("; it can be fetched from {url}"), format!("；可从 {url} 获取")),
            None => (String::new(), String::new()),
        };
        if path.len() == 1 && (!urls.is_empty() || raw.ext(super::raw::CRL_POINTS).is_some()) {
            Fault::new(
                "incomplete-chain",
                "issuer-missing",
                format!("its issuer {issuer} is missing{en}"),
                format!("缺少它的颁发者 {issuer}{zh}"),
            )
        } else {
            Fault::new(
                "untrusted-root",
                "issuer-unknown",
                format!("its issuer {issuer} is neither in the chain nor among the trusted roots{en}"),
                format!("它的颁发者 {issuer} 既不在证书链中，也不在受信任的根之中{zh}"),
            )
        }
        .at(last)
    }
}

fn marked(root: Option<usize>) -> Fault {
    let fault = Fault::new(
        "certificate-rejected",
        "trust-mark",
        "it is there as a root, and OpenSSL's marks behind it (TRUSTED CERTIFICATE) do not allow it for servers",
        "它作为根证书存在，但其后 OpenSSL 的信任标记（TRUSTED CERTIFICATE）不允许它用于服务器",
    )
    .source("openssl-x509(1), trust settings");
    match root {
        Some(root) => fault.at(root),
        None => fault,
    }
}

fn violated(violation: &Violation, certificate: usize, by: Option<&Raw<'_>>) -> Fault {
    let ca = by.map_or_else(|| "the root".to_owned(), |raw| super::raw::rfc4514(raw.subject));
    let (rule, en, zh) = match violation {
        Violation::Excluded(name) => (
            "name-excluded",
            format!("its name {name} is one that {ca} may not vouch for (excluded by name constraints)"),
            format!("名称 {name} 被 {ca} 的名称约束排除"),
        ),
        Violation::NotPermitted(name) => (
            "name-not-permitted",
            format!("its name {name} is none of those that {ca} may vouch for (name constraints)"),
            format!("名称 {name} 不在 {ca} 的名称约束允许的范围内"),
        ),
        Violation::Unsupported(kind) => (
            "name-unsupported",
            format!("it has a name of a kind ({kind}) that {ca} constrains and clients cannot compare"),
            format!("它带有 {ca} 所约束、而客户端无法比较的名称类型（{kind}）"),
        ),
        Violation::TooMany => (
            "constraints-too-many",
            format!("its names and the constraints of {ca} are too many to compare"),
            format!("名称与 {ca} 的约束太多，无法逐一比较"),
        ),
    };
    Fault::new("wrong-certificate-usage", rule, en, zh).source("RFC 5280 §4.2.1.10").at(certificate)
}

fn dates(raw: &Raw<'_>, at: Option<Time>) -> Option<Fault> {
    let Time(now) = at?;
    let (from, to) = (raw.not_before?, raw.not_after?);
    if now > to {
        let days = (now - to) / 86_400;
        let (en, zh) = match days {
            0 => ("on the same day".to_owned(), "就在当天".to_owned()),
            1 => ("a day before".to_owned(), "一天前".to_owned()),
            _ => (format!("{days} days before"), format!("{days} 天前")),
        };
        return Some(
            Fault::new(
                "expired-certificate",
                "expired",
                format!("it ended on {}, {en}", Time(to)),
                format!("已于 {} 到期（{zh}）", Time(to)),
            )
            .source("RFC 5280 §6.1.3 (a)(2)"),
        );
    }
    if now < from {
        return Some(
            Fault::new(
                "clock-wrong",
                "not-yet-valid",
                format!("it begins on {} only: it is not valid yet, or the clock is wrong", Time(from)),
                format!("{} 起才有效：证书尚未生效，或者时钟不对", Time(from)),
            )
            .source("RFC 5280 §6.1.3 (a)(2)"),
        );
    }
    None
}
