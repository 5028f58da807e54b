//! Asks `rustls-webpki` whether it accepts a path, so that nothing passes on our word alone.
//!
//! In:  a path in which nothing wrong was found.
//! Out: nothing, or what it objects to.
//! Not here: what it is known to refuse beyond RFC 5280. That is told apart as a client's peculiarity.

use std::time::Duration;

use rustls_pki_types::{
    CertificateDer, Der, ServerName, SignatureVerificationAlgorithm, TrustAnchor, UnixTime,
};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::fault::{Fault, Weight};
use super::host::Host;
use super::pool::Anchor;
use super::raw::{Constraints, Name, Raw};
use super::signature::{self, Checked};
use crate::x509::Time;

/// The verdict on a path. `certificates` are the leaf and those between it and the anchor; `checked` are
/// the signatures in it that are known to be good.
pub(super) fn ask(
    certificates: &[&Raw<'_>],
    anchor: &Anchor<'_>,
    checked: &[Checked<'_>],
    host: Option<&Host>,
    at: Option<Time>,
) -> Option<Fault> {
    let (leaf, between) = certificates.split_first()?;
    let subject = super::der::only(&anchor.subject, super::der::SEQUENCE)?.value;
    let root = TrustAnchor {
        subject: Der::from_slice(subject),
        subject_public_key_info: Der::from_slice(anchor.key.contents),
        name_constraints: anchor.raw_constraints.map(Der::from_slice),
    };
    let der = CertificateDer::from(leaf.der);
    let between: Vec<CertificateDer<'_>> = between.iter().map(|raw| CertificateDer::from(raw.der)).collect();
    let end = match EndEntityCert::try_from(&der) {
        Ok(end) => end,
        Err(error) => return objection(&error, false, at),
    };
    // Without a time the dates do not count: any at which the leaf is valid will do.
    let seconds = at.map(|at| at.0).or(leaf.not_before).unwrap_or(0);
    let time = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    let anchors = [root];
    let algorithms = signature::for_webpki(checked);
    let algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
        algorithms.iter().map(|algorithm| algorithm as _).collect();
    let path =
        end.verify_for_usage(&algorithms, &anchors, &between, time, KeyUsage::server_auth(), None, None);
    if let Err(error) = path {
        return objection(&error, beyond(certificates, anchor), at);
    }
    let name = match host? {
        Host::Address(address) => ServerName::try_from(address.to_string()).ok()?,
        Host::Name(name) => ServerName::try_from(name.as_str()).ok()?,
    };
    end.verify_is_valid_for_subject_name(&name).err().and_then(|error| objection(&error, false, at))
}

/// Whether the path has what RFC 5280 allows and rustls does not do: constraints on directory names,
/// and CAs that issued themselves, which neither lengthen a path nor are constrained.
fn beyond(certificates: &[&Raw<'_>], anchor: &Anchor<'_>) -> bool {
    let directory = |list: &Constraints<'_>| {
        list.permitted.iter().chain(&list.excluded).flatten().any(|name| matches!(name, Name::Directory(_)))
    };
    anchor.constraints.as_ref().is_some_and(directory)
        || certificates.iter().skip(1).any(|raw| {
            raw.is_self_issued() || matches!(raw.name_constraints(), Some(Ok(list)) if directory(&list))
        })
}

fn objection(error: &Error, beyond: bool, at: Option<Time>) -> Option<Fault> {
    let (problem, rule) = match error {
        // Without a time there is none to be right or wrong at.
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } if at.is_none() => return None,
        Error::CaUsedAsEndEntity | Error::MaximumPathDepthExceeded => return Some(peculiar(error)),
        Error::NameConstraintViolation
        | Error::PathLenConstraintViolated
        | Error::InvalidSignatureForPublicKey
        | Error::UnknownIssuer
            if beyond =>
        {
            return Some(peculiar(error));
        }
        Error::CertNotValidForName(_) => ("hostname-mismatch", "webpki-name"),
        Error::UnknownIssuer => ("untrusted-root", "webpki-issuer"),
        Error::CertExpired { .. } => ("expired-certificate", "webpki-expired"),
        Error::CertNotValidYet { .. } => ("clock-wrong", "webpki-not-yet-valid"),
        Error::NameConstraintViolation
        | Error::PathLenConstraintViolated
        | Error::EndEntityUsedAsCa
        | Error::RequiredEkuNotFoundContext(_) => ("wrong-certificate-usage", "webpki-usage"),
        _ => ("malformed-certificate", "webpki"),
    };
    Some(Fault::new(
        problem,
        rule,
        format!("rustls-webpki refuses it: {error:?}"),
        format!("rustls-webpki 拒绝：{error:?}"),
    ))
}

fn peculiar(error: &Error) -> Fault {
    let mut fault = Fault::new(
        "malformed-certificate",
        "rustls-only",
        format!("rustls refuses it: {error:?}"),
        format!("rustls 拒绝：{error:?}"),
    );
    fault.weight = Weight::Some;
    fault.clients = &["rustls"];
    fault
}
