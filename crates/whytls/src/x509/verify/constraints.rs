//! Name constraints, RFC 5280 §4.2.1.10.
//!
//! In:  the constraints of a CA; a certificate below it.
//! Out: the first name that it may not have.
//! Not here: which certificates are checked against which. That is `path`.

use super::der;
use super::raw::{self, Constraints, Name, Raw};

/// More comparisons than any honest chain needs.
const MOST: usize = 250_000;

/// A name that breaks a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    Excluded(String),
    NotPermitted(String),
    /// Of a kind that cannot be compared.
    Unsupported(&'static str),
    TooMany,
}

/// Whether the constraints themselves are written as they must be.
pub(super) fn malformed(constraints: &Constraints<'_>) -> Option<(&'static str, &'static str)> {
    if constraints.odd || constraints.is_empty() {
        return Some(("it names no subtree", "其中没有任何子树"));
    }
    if constraints.bounded {
        return Some(("a subtree has a minimum or maximum", "子树带有 minimum 或 maximum"));
    }
    let subtrees = constraints.permitted.iter().chain(&constraints.excluded).flatten();
    for subtree in subtrees {
        match subtree {
            Name::Dns(name) if !is_dns_constraint(name) => {
                return Some(("a DNS name in it is none", "其中的 DNS 名称不合规"));
            }
            Name::Ip(bytes) if mask(bytes).is_none() => {
                return Some(("an address range in it is none", "其中的地址范围不合规"));
            }
            _ => {}
        }
    }
    None
}

/// Checks the names of one certificate against the constraints of a CA above it.
pub(super) fn check(constraints: &Constraints<'_>, certificate: &Raw<'_>) -> Option<Violation> {
    let mut names = certificate.alt_names().and_then(Result::ok).unwrap_or_default();
    let subject = der::only(certificate.subject, der::SEQUENCE).filter(|tlv| !tlv.value.is_empty());
    if let Some(subject) = subject {
        names.push(Name::Directory(subject.whole));
    }
    // An old way to name a mailbox.
    let attributes = raw::attributes(certificate.subject).unwrap_or_default();
    let email = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];
    names.extend(
        attributes.iter().filter(|(oid, _)| *oid == email).map(|(_, value)| Name::Email(value.value)),
    );
    let empty = Vec::new();
    let permitted = constraints.permitted.as_ref().unwrap_or(&empty);
    let excluded = constraints.excluded.as_ref().unwrap_or(&empty);
    if (permitted.len() + excluded.len()).saturating_mul(names.len()) > MOST {
        return Some(Violation::TooMany);
    }
    for name in &names {
        let kind = std::mem::discriminant(name);
        let mut of_kind =
            permitted.iter().chain(excluded).filter(|base| std::mem::discriminant(*base) == kind).peekable();
        if of_kind.peek().is_some()
            && let Some(what) = unsupported(name)
        {
            return Some(Violation::Unsupported(what));
        }
        if excluded.iter().any(|base| within(name, base, true)) {
            return Some(Violation::Excluded(shown(name)));
        }
        let mut allowed = permitted.iter().filter(|base| std::mem::discriminant(*base) == kind).peekable();
        if allowed.peek().is_some() && !allowed.any(|base| within(name, base, false)) {
            return Some(Violation::NotPermitted(shown(name)));
        }
    }
    None
}

fn unsupported(name: &Name<'_>) -> Option<&'static str> {
    match name {
        Name::Other => Some("otherName"),
        Name::X400 => Some("x400Address"),
        Name::Edi => Some("ediPartyName"),
        Name::Registered => Some("registeredID"),
        _ => None,
    }
}

/// Whether a name lies in a subtree. A wildcard lies in what is excluded as soon as one name that
/// it stands for does, and in what is permitted only if all of them do.
fn within(name: &Name<'_>, base: &Name<'_>, any: bool) -> bool {
    match (name, base) {
        (Name::Dns(name), Name::Dns(base)) => {
            let (name, base) = (lower(name), lower(base));
            match name.strip_prefix("*.") {
                Some(rest) => {
                    under(rest, &base)
                        || any
                            && base
                                .strip_suffix(rest)
                                .and_then(|first| first.strip_suffix('.'))
                                .is_some_and(|first| !first.contains('.'))
                }
                None => under(&name, &base),
            }
        }
        (Name::Ip(name), Name::Ip(base)) => match mask(base) {
            Some((address, mask)) if address.len() == name.len() => name
                .iter()
                .zip(address)
                .zip(mask)
                .all(|((name, address), mask)| name & mask == address & mask),
            // A range that is none excludes everything, and permits nothing.
            Some(_) => false,
            None => any,
        },
        (Name::Email(name), Name::Email(base)) => {
            let (name, base) = (lower(name), lower(base));
            let host = name.rsplit_once('@').map_or("", |(_, host)| host);
            if base.contains('@') {
                name == base
            } else if let Some(domain) = base.strip_prefix('.') {
                host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            } else {
                host == base
            }
        }
        (Name::Uri(name), Name::Uri(base)) => {
            let (name, base) = (lower(name), lower(base));
            let authority = name
                .split_once("://")
                .map_or("", |(_, rest)| rest)
                .split(['/', '?', '#'])
                .next()
                .unwrap_or("");
            let host = authority.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("");
            match base.strip_prefix('.') {
                Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
                None => host == base,
            }
        }
        (Name::Directory(name), Name::Directory(base)) => {
            let contents = |bytes| der::only(bytes, der::SEQUENCE).and_then(|tlv| der::all(tlv.value));
            match (contents(name), contents(base)) {
                (Some(name), Some(base)) => {
                    base.len() <= name.len()
                        && base.iter().zip(&name).all(|(base, name)| same_rdn(base.whole, name.whole))
                }
                _ => any,
            }
        }
        _ => false,
    }
}

/// The same attributes, whatever string type they are in and however they are spaced and cased.
fn same_rdn(a: &[u8], b: &[u8]) -> bool {
    let plain = |rdn: &[u8]| -> Vec<(Vec<u8>, String)> {
        let wrapped = der::only(rdn, der::SET).and_then(|tlv| der::all(tlv.value)).unwrap_or_default();
        let pairs = wrapped.iter().filter_map(|pair| {
            let mut reader = der::Reader(pair.value);
            Some((reader.take(der::OID)?.value.to_vec(), reader.any()?))
        });
        pairs
            .map(|(oid, value)| {
                (oid, raw::text(value).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
            })
            .collect()
    };
    a == b || plain(a) == plain(b)
}

/// `name` is `base`, or below it. An empty base is everything.
fn under(name: &str, base: &str) -> bool {
    let base = base.strip_prefix('.').unwrap_or(base);
    base.is_empty() || name == base || name.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
}

fn lower(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_lowercase()
}

/// An address and its mask, the mask's ones all before its zeros.
fn mask(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (address, mask) = match bytes.len() {
        8 => bytes.split_at(4),
        32 => bytes.split_at(16),
        _ => return None,
    };
    let ones: u32 = mask.iter().map(|byte| byte.count_ones()).sum();
    let leading: u32 =
        mask.iter().take_while(|byte| **byte == 0xff).count().try_into().map_or(0, |count: u32| count * 8);
    let next = mask.iter().find(|byte| **byte != 0xff).map_or(0, |byte| byte.leading_ones());
    (ones == leading + next).then_some((address, mask))
}

fn is_dns_constraint(name: &[u8]) -> bool {
    name.is_empty() || super::rules::is_dns_name(&String::from_utf8_lossy(name), false)
}

/// A name as the report shows it.
pub(super) fn shown(name: &Name<'_>) -> String {
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
    };
    match name {
        Name::Dns(bytes) | Name::Email(bytes) | Name::Uri(bytes) => text(bytes),
        Name::Ip(bytes) => crate::x509::ip(bytes),
        Name::Directory(bytes) => raw::rfc4514(bytes),
        other => unsupported(other).unwrap_or("?").to_owned(),
    }
}
