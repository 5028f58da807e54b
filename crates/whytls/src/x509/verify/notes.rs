//! What is worth a word although the chain is valid, or beside what makes it invalid.
//!
//! In:  the pool, the path.
//! Out: certificates in the wrong order, too many, expired on a path that was not taken; the leaf.
//! Not here: what makes a chain invalid.

use super::Question;
use super::fault::{Fault, Weight};
use super::path::Found;
use super::pool::Pool;
use super::raw::{self, Raw};
use crate::x509::Time;

/// The server's own certificate: the first, or where that one issued others of the chain and is a
/// CA, the one that issued nothing.
pub(super) fn leaf(pool: &Pool<'_>, sent: usize) -> Option<usize> {
    let sent = sent.min(pool.certificates.len());
    let first = pool.get(0).filter(|_| sent > 0);
    let issues = |at: usize| {
        let Some(raw) = pool.get(at) else { return false };
        (0..sent)
            .filter(|other| *other != at)
            .filter_map(|other| pool.get(other))
            .any(|other| other.issuer == raw.subject)
    };
    match first {
        Some(raw) if raw.is_ca() && issues(0) => {
            let other = (0..sent).find(|at| pool.get(*at).is_some_and(|raw| !raw.is_ca()) && !issues(*at));
            Some(other.unwrap_or(0))
        }
        Some(_) => Some(0),
        None => None,
    }
}

pub(super) fn notes(
    pool: &mut Pool<'_>,
    leaf: usize,
    found: &Found,
    question: &Question<'_>,
    faults: &[Fault],
) -> Vec<Fault> {
    let mut notes = Vec::new();
    let sent: Vec<usize> = (0..question.chain.len().min(pool.certificates.len())).collect();
    order(pool, leaf, found, &sent, &mut notes);
    superfluous(pool, found, &sent, &mut notes);
    expired_detour(pool, found, &sent, question.at, faults, &mut notes);
    let constrained = found.certificates.iter().filter_map(|at| Some((*at, pool.get(*at)?)));
    for (at, raw) in constrained {
        if raw.is_ca() && raw.ext(raw::NAME_CONSTRAINTS).is_some_and(|ext| !ext.critical) {
            notes.push(
                note(
                    "malformed-certificate",
                    "constraints-not-critical",
                    "its name constraints are not marked critical, so old clients pass over them",
                    "名称约束未标为关键，旧客户端会忽略它",
                )
                .source("RFC 5280 §4.2.1.10")
                .at(at),
            );
        }
    }
    notes
}

fn note(problem: &'static str, rule: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Fault {
    let mut note = Fault::new(problem, rule, en, zh);
    note.weight = Weight::Rule;
    note
}

/// Each certificate should be followed by its issuer.
fn order(pool: &Pool<'_>, leaf: usize, found: &Found, sent: &[usize], notes: &mut Vec<Fault>) {
    let on_path: Vec<usize> = found.certificates.iter().copied().filter(|at| sent.contains(at)).collect();
    let ordered = on_path.windows(2).all(|pair| matches!(pair, [a, b] if a < b)) && leaf == 0;
    if !ordered {
        let names: Vec<String> =
            on_path.iter().filter_map(|at| pool.get(*at)).map(|raw| raw::rfc4514(raw.subject)).collect();
        let names = names.join(" → ");
        notes.push(
            note(
                "incomplete-chain",
                "misordered",
                format!("the certificates stand in the wrong order, and some clients do not sort them; the right one is {names}"),
                format!("证书的顺序不对，而有些客户端不会自行排序；正确的顺序是 {names}"),
            )
            .source("RFC 5246 §7.4.2")
            .only(&["TLS 1.2 clients that follow the letter of RFC 5246"]),
        );
    }
}

fn superfluous(pool: &mut Pool<'_>, found: &Found, sent: &[usize], notes: &mut Vec<Fault>) {
    for at in sent {
        if found.certificates.contains(at) {
            continue;
        }
        let Some(raw) = pool.get(*at) else { continue };
        let is_anchor = found.anchor.is_some() && found.anchor == pool.anchor_of(raw);
        let on_other = found.others.iter().any(|(path, _)| path.contains(at));
        let (rule, en, zh) = if is_anchor && raw.is_self_issued() {
            (
                "root-sent",
                "it is the root, which a client has already or does not trust: it need not be sent",
                "它是根证书，客户端要么已有，要么不信任：不必发送",
            )
        } else if on_other {
            (
                "other-path",
                "it belongs to another path to a root (a cross-sign) than the one that was taken",
                "它属于另一条通往根的路径（交叉签名），这里没有用到",
            )
        } else {
            ("superfluous", "it has no part in the path: it need not be sent", "它与路径无关：不必发送")
        };
        notes.push(note("incomplete-chain", rule, en, zh).at(*at));
    }
}

/// A path that was not taken is out of date: old clients, which take it, fail.
fn expired_detour(
    pool: &Pool<'_>,
    found: &Found,
    sent: &[usize],
    at: Option<Time>,
    faults: &[Fault],
    notes: &mut Vec<Fault>,
) {
    let Some(Time(now)) = at else { return };
    if !faults.is_empty() || found.anchor.is_none() {
        return;
    }
    for other in sent.iter().filter(|at| !found.certificates.contains(at)) {
        let Some(raw) = pool.get(*other) else { continue };
        let same = |at: &usize| {
            pool.get(*at).is_some_and(|own: &Raw<'_>| own.subject == raw.subject)
                || found
                    .anchor
                    .and_then(|at| pool.anchors.get(at))
                    .is_some_and(|anchor| *anchor.subject == *raw.subject)
        };
        if raw.is_ca() && raw.not_after.is_some_and(|to| now > to) && found.certificates.iter().any(same) {
            notes.push(
                note(
                    "expired-root",
                    "expired-cross-sign",
                    "it is out of date; clients that build the path over it, as old ones do, fail, others take another path",
                    "它已过期；旧客户端会经由它建立路径而失败，其他客户端会走另一条路径",
                )
                .only(&["OpenSSL 1.0.2 and older", "GnuTLS before 3.6.14"])
                .at(*other),
            );
        }
    }
}
