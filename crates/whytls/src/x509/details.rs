//! Extensions told line by line, with the names of everything in them.
//!
//! In:  an extension.
//! Out: lines such as `CA: true` or `serverAuth`; bytes in hex where nothing more is known.
//! Not here: the fields that programs compare. Those are the certificate's.

use std::fmt::Write as _;

use super::certificate::Certificate;
use super::crl;
use super::der::{Element, Reader, hex, small, tag};
use super::extension::{Extension, full_name, serial};
use super::name::{self, GeneralName, Name};
use super::oid;
use super::time::Time;

/// How many lines are told of one extension.
const MANY: usize = 400;

impl Extension {
    /// What it says, line by line.
    #[must_use]
    pub fn details(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.tell(&mut lines).is_none()
            || (lines.is_empty() && !matches!(self.name, Some("ctPoison" | "ocspNoCheck")))
        {
            let head = self.value.get(..64).unwrap_or(&self.value);
            let more = if self.value.len() > 64 { "…" } else { "" };
            lines.push(format!("{}{more} ({} bytes)", hex(head), self.value.len()));
        }
        if lines.len() > MANY {
            let more = lines.len() - MANY;
            lines.truncate(MANY);
            lines.push(format!("… (+{more})"));
        }
        lines
    }

    /// `None` where it is unknown or cannot be read.
    fn tell(&self, lines: &mut Vec<String>) -> Option<()> {
        let mut reader = Reader::new(&self.value);
        let whole = reader.next()?;
        match self.name? {
            "subjectAltName" | "issuerAltName" => {
                lines.extend(self.general_names().iter().map(ToString::to_string));
            }
            "basicConstraints"
            | "keyUsage"
            | "extKeyUsage"
            | "subjectKeyIdentifier"
            | "authorityKeyIdentifier"
            | "nameConstraints" => self.tell_fields(lines)?,
            "authorityInfoAccess" | "subjectInfoAccess" => {
                for access in whole.inside() {
                    let mut parts = access.inside();
                    let method = oid::name_or_dotted(parts.next()?.content);
                    lines.push(format!("{method}: {}", GeneralName::read(&parts.next()?).ok()?));
                }
            }
            "cRLDistributionPoints" | "freshestCRL" => {
                for point in whole.inside() {
                    tell_point(&point, lines)?;
                }
            }
            "certificatePolicies" => {
                for policy in whole.inside() {
                    tell_policy(&policy, lines)?;
                }
            }
            "policyMappings" => {
                for pair in whole.inside() {
                    let mut pair = pair.inside();
                    let from = named(pair.next()?.content);
                    lines.push(format!("{from} -> {}", named(pair.next()?.content)));
                }
            }
            "policyConstraints" => {
                for part in whole.inside() {
                    let count = small(part.content)?;
                    lines.push(match part.context()? {
                        0 => format!("requireExplicitPolicy: {count}"),
                        _ => format!("inhibitPolicyMapping: {count}"),
                    });
                }
            }
            "inhibitAnyPolicy" => lines.push(small(whole.content)?.to_string()),
            "microsoftCaVersion" => {
                let number = small(whole.content)?;
                lines.push(format!("certificate {}, key {}", number & 0xffff, number >> 16));
            }
            "privateKeyUsagePeriod" => {
                for part in whole.inside() {
                    let word = if part.context()? == 0 { "notBefore" } else { "notAfter" };
                    let time = Time::read(tag::GENERALIZED_TIME, &part.string())?;
                    lines.push(format!("{word}: {time}"));
                }
            }
            "tlsFeature" => {
                for feature in whole.inside() {
                    lines.push(match small(feature.content)? {
                        5 => "status_request (5): must-staple".to_owned(),
                        17 => "status_request_v2 (17)".to_owned(),
                        other => other.to_string(),
                    });
                }
            }
            "netscapeCertType" => {
                let bits = whole.content.get(1).copied()?;
                let names = [
                    "SSL client",
                    "SSL server",
                    "S/MIME",
                    "object signing",
                    "reserved",
                    "SSL CA",
                    "S/MIME CA",
                    "object signing CA",
                ];
                let set = names.iter().enumerate().filter(|(at, _)| bits & (0x80 >> at) != 0);
                lines.push(set.map(|(_, name)| *name).collect::<Vec<_>>().join(", "));
            }
            "microsoftCertificateTemplateName" => lines.push(name::text(&whole)?.0),
            word if word.starts_with("netscape") => lines.push(name::text(&whole)?.0),
            "microsoftCertificateTemplate" => {
                let mut parts = whole.inside();
                let mut line = format!("template {}", oid::dotted(parts.next()?.content));
                for (word, number) in ["major", "minor"].iter().zip(parts) {
                    // Writing to a String cannot fail.
                    let _ = write!(line, ", {word} version {}", small(number.content)?);
                }
                lines.push(line);
            }
            "microsoftApplicationPolicies" => {
                for policy in whole.inside() {
                    lines.push(oid::name_or_dotted(policy.inside().next()?.content).into_owned());
                }
            }
            "microsoftSecurityIdentifier" => {
                let inner = whole.inside().next()?.inside().nth(1)?.inside().next()?;
                lines.push(name::latin1(inner.content));
            }
            "qcStatements" => {
                for statement in whole.inside() {
                    tell_statement(&statement, lines)?;
                }
            }
            "subjectDirectoryAttributes" => {
                for attribute in whole.inside() {
                    let mut parts = attribute.inside();
                    let kind = oid::name_or_dotted(parts.next()?.content);
                    let values: Vec<String> = parts.next()?.inside().map(|value| plain(&value)).collect();
                    lines.push(format!("{kind}: {}", values.join(", ")));
                }
            }
            "cabfOrganizationIdentifier" => {
                let values: Vec<String> = whole.inside().map(|value| plain(&value)).collect();
                lines.push(values.join(" "));
            }
            "smimeCapabilities" => {
                for capability in whole.inside() {
                    lines.push(oid::name_or_dotted(capability.inside().next()?.content).into_owned());
                }
            }
            "signedCertificateTimestampList" => {
                let holder = Certificate { extensions: vec![self.clone()], ..Certificate::default() };
                for timestamp in holder.timestamps() {
                    let log =
                        super::logs::name(&timestamp.log).map_or_else(|| hex(&timestamp.log), str::to_owned);
                    lines.push(format!("{}: {log}", timestamp.time));
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// What the fields of a certificate would be if this were its only extension.
    fn tell_fields(&self, lines: &mut Vec<String>) -> Option<()> {
        let mut fields = Certificate::default();
        self.fill(&mut fields).ok()?;
        if let Some(ca) = fields.is_ca {
            lines.push(format!("CA: {ca}"));
        }
        lines.extend(fields.path_len.map(|length| format!("path length: {length}")));
        lines.extend(fields.key_usage.map(|usages| usages.join(", ")));
        lines.extend(fields.ext_key_usage.map(|purposes| purposes.join(", ")));
        lines.extend(fields.subject_key_id);
        lines.extend(fields.authority_key_id.map(|id| format!("key: {id}")));
        lines.extend(fields.authority_issuer.iter().map(|issuer| format!("issuer: {issuer}")));
        lines.extend(fields.authority_serial.map(|serial| format!("serial: {serial}")));
        if let Some(constraints) = fields.name_constraints {
            lines.extend(constraints.permitted.iter().map(|subtree| format!("permitted: {subtree}")));
            lines.extend(constraints.excluded.iter().map(|subtree| format!("excluded: {subtree}")));
        }
        Some(())
    }
}

/// The name and the dotted form.
fn named(octets: &[u8]) -> String {
    match oid::name(octets) {
        Some(name) => format!("{} ({name})", oid::dotted(octets)),
        None => oid::dotted(octets),
    }
}

fn tell_point(point: &Element<'_>, lines: &mut Vec<String>) -> Option<()> {
    lines.extend(full_name(point).ok()?.iter().map(ToString::to_string));
    for part in point.inside() {
        match part.context()? {
            1 => {
                let octets = part.content.get(1..)?;
                let reasons = (0..9_u64)
                    .filter(|at| {
                        let at = usize::try_from(*at).unwrap_or_default();
                        octets.get(at / 8).is_some_and(|octet| octet & (0x80 >> (at % 8)) != 0)
                    })
                    // Reasons of points leave out removeFromCRL, so two of them have other numbers.
                    .filter_map(|at| crl::reason(if at >= 7 { at + 2 } else { at }));
                lines.push(format!("reasons: {}", reasons.collect::<Vec<_>>().join(", ")));
            }
            2 => {
                let issuers = GeneralName::read_all(part.inside()).0;
                lines.extend(issuers.iter().map(|issuer| format!("issuer: {issuer}")));
            }
            _ => {}
        }
    }
    Some(())
}

fn tell_policy(policy: &Element<'_>, lines: &mut Vec<String>) -> Option<()> {
    let mut parts = policy.inside();
    lines.push(named(parts.next()?.content));
    for qualifier in parts.next().into_iter().flat_map(|list| list.inside()) {
        let mut qualifier = qualifier.inside();
        let kind = oid::name_or_dotted(qualifier.next()?.content);
        let value = qualifier.next()?;
        if kind == "userNotice" {
            for part in value.inside() {
                match name::text(&part) {
                    Some((text, _)) => lines.push(format!("  notice: {text}")),
                    None => {
                        let organization = part.inside().next().and_then(|text| name::text(&text));
                        lines.push(format!("  notice of {}", organization.unwrap_or_default().0));
                    }
                }
            }
        } else {
            lines.push(format!("  {kind}: {}", plain(&value)));
        }
    }
    Some(())
}

fn tell_statement(statement: &Element<'_>, lines: &mut Vec<String>) -> Option<()> {
    let mut parts = statement.inside();
    let kind = oid::name_or_dotted(parts.next()?.content);
    let Some(value) = parts.next() else {
        lines.push(kind.into_owned());
        return Some(());
    };
    let mut words = Vec::new();
    flatten(&value, &mut words, 0);
    lines.push(format!("{kind}: {}", words.join(" ")));
    Some(())
}

/// The leaves of an element, as text.
fn flatten(element: &Element<'_>, words: &mut Vec<String>, depth: u8) {
    if element.constructed() && depth < 8 && words.len() < 64 {
        for part in element.inside() {
            flatten(&part, words, depth + 1);
        }
    } else {
        words.push(plain(element));
    }
}

/// One value as text.
fn plain(element: &Element<'_>) -> String {
    match element.tag {
        tag::OID => oid::name_or_dotted(element.content).into_owned(),
        tag::INTEGER | tag::ENUMERATED => {
            small(element.content).map_or_else(|| serial(element.content), |n| n.to_string())
        }
        tag::BOOLEAN => element.content.iter().any(|octet| *octet != 0).to_string(),
        tag::GENERALIZED_TIME | tag::UTC_TIME => Time::read(element.tag, &element.string())
            .map_or_else(|| name::latin1(element.content), |time| time.to_string()),
        tag::SEQUENCE if element.content.first() == Some(&tag::SET) => Name::read(element).rfc4514,
        _ => name::text(element).map_or_else(|| hex(element.content), |(text, _)| text),
    }
}
