//! Distinguished names and serial numbers, in every notation in which they are printed.
//!
//! In:  the text behind a label, and the lines below it.
//! Out: a name, its attributes in the order of RFC 4514; a serial number in hex.
//! Not here: which of a certificate's names it is.

use std::borrow::Cow;

use super::labels::field;
use crate::paste::Line;
use crate::x509::{Attribute, Name};

/// A name in whatever notation: `C = DE, CN = a`, `/C=DE/CN=a`, `CN=a, C=DE`, one on each line.
pub(in crate::decode::certificates) fn name(text: &str, after: &[Line<'_>]) -> Option<Name> {
    let text = text.trim().trim_matches('"');
    if let Some(slashes) = text.strip_prefix('/') {
        // Parts behind a slash that are no attribute belong to the one before: `/CN=http/www`.
        let mut parts: Vec<String> = Vec::new();
        for part in slashes.split('/') {
            match parts.last_mut() {
                Some(last) if !is_attribute(part) => {
                    last.push('/');
                    last.push_str(part);
                }
                _ => parts.push(part.to_owned()),
            }
        }
        return made(parts.iter().filter_map(|part| attribute(part)).collect(), true);
    }
    // OpenSSL writes the name in the order of the encoding, others from its end; where spaces
    // stand around `=`, or the country is first, it is OpenSSL.
    let parts = split(text);
    let mut attributes: Vec<(String, String)> = parts.iter().filter_map(|part| attribute(part)).collect();
    if attributes.is_empty() || !is_attribute(parts.first()?) {
        return None;
    }
    if let [(kind, value)] = attributes.as_slice()
        && parts.len() == 1
        && !value.is_empty()
        && !kind.is_empty()
    {
        // certutil writes one attribute on each line, with the same indentation.
        for line in after.iter().take(12) {
            let body = line.body().trim();
            if !is_attribute(body)
                || body.contains(", ")
                || field(body).is_some()
                || line.body().trim_start() == line.body()
            {
                break;
            }
            let Some(more) = attribute(body) else { break };
            if attributes.contains(&more) {
                continue;
            }
            attributes.push(more);
        }
    }
    let first = attributes.first().map_or("", |(kind, _)| kind.as_str());
    let forward = text.contains(" = ")
        || matches!(first, "C" | "DC" | "O" | "ST") && attributes.len() > 1 && first != "DC";
    made(attributes, forward)
}

/// A name of attributes, in the order of the encoding or from its end.
pub(in crate::decode::certificates) fn made(
    mut attributes: Vec<(String, String)>,
    forward: bool,
) -> Option<Name> {
    if attributes.is_empty() {
        return None;
    }
    if !forward {
        attributes.reverse();
    }
    let escape = |value: &str| {
        let mut out = String::with_capacity(value.len());
        for char in value.chars() {
            if matches!(char, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
                out.push('\\');
            }
            out.push(char);
        }
        out
    };
    let written: Vec<String> =
        attributes.iter().rev().map(|(kind, value)| format!("{kind}={}", escape(value))).collect();
    let attributes = attributes
        .into_iter()
        .enumerate()
        .map(|(rdn, (kind, value))| Attribute {
            kind: Cow::Owned(kind),
            length: value.len(),
            value,
            tag: 0x0c,
            rdn,
            garbled: false,
        })
        .collect();
    Some(Name { rfc4514: written.join(","), attributes, der: Vec::new(), malformed: false })
}

fn is_attribute(text: &str) -> bool {
    attribute(text).is_some()
}

/// `CN=a`, with spaces or without.
fn attribute(text: &str) -> Option<(String, String)> {
    let (kind, value) = text.split_once('=')?;
    let kind = kind.trim();
    let known = [
        "CN",
        "O",
        "OU",
        "C",
        "L",
        "ST",
        "S",
        "DC",
        "STREET",
        "UID",
        "E",
        "SN",
        "GN",
        "T",
        "serialNumber",
        "emailAddress",
        "EMAILADDRESS",
        "SERIALNUMBER",
        "jurisdictionC",
        "businessCategory",
        "postalCode",
        "street",
        "title",
        "organizationIdentifier",
    ];
    let oid = kind.contains('.') && kind.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        || kind.starts_with("OID.");
    if !known.contains(&kind) && !oid {
        return None;
    }
    let kind = match kind {
        "S" => "ST",
        "E" | "EMAILADDRESS" => "emailAddress",
        other => other,
    };
    Some((kind.to_owned(), value.trim().trim_matches('"').replace('\\', "")))
}

/// At commas that are neither quoted nor escaped.
fn split(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for char in text.chars() {
        match char {
            _ if escaped => {
                part.push(char);
                escaped = false;
            }
            '\\' => {
                part.push(char);
                escaped = true;
            }
            '"' => {
                part.push(char);
                quoted = !quoted;
            }
            ',' | ';' if !quoted => parts.push(std::mem::take(&mut part).trim().to_owned()),
            _ => part.push(char),
        }
    }
    parts.push(part.trim().to_owned());
    // A comma inside of a value, unquoted: `O = Example, Inc.`
    let mut joined: Vec<String> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        match joined.last_mut() {
            Some(last) if !is_attribute(&part) && last.len() < 256 && part.len() < 40 => {
                last.push_str(", ");
                last.push_str(&part);
            }
            _ => joined.push(part),
        }
    }
    joined
}

/// `6d:f3:…`, `6df3…`, `123 (0x7b)`, in hex.
pub(in crate::decode::certificates) fn serial(text: &str) -> Option<String> {
    let text = match text.split_once("(0x") {
        Some((_, hex)) => hex.trim_end_matches(')'),
        None => text.trim_matches(['[', ']']),
    };
    let hex: String = text.trim().chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    // macOS' and other viewers write it in decimal, which nobody can tell by a few digits.
    let decimal = hex.len() > 16 && hex.bytes().all(|byte| byte.is_ascii_digit()) && !text.contains(':');
    let valid = !decimal && (1..=64).contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let even = if hex.len() % 2 == 1 { format!("0{hex}") } else { hex };
    valid.then(|| even.to_ascii_lowercase())
}
