//! A certificate as people and programs read it: text, JSON in the contract's names, a card.
//!
//! In:  a certificate.
//! Out: [`CertificateView`]; text for a terminal; HTML in which nothing is the certificate's own tag.
//! Not here: whether it is trusted. That is `verified`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::content::Lang;
use crate::x509::lint::{self, Finding, Severity};
use crate::x509::{Certificate, DAY, Time};

/// A certificate in the names of the contract. What it does not say is null or absent.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct CertificateView {
    /// Null where not all of its bytes are there.
    pub sha256: Option<String>,
    pub subject: String,
    pub issuer: String,
    pub serial: String,
    pub version: Option<u8>,
    pub not_before: Option<String>,
    pub not_after: Option<String>,
    pub key: KeyView,
    pub signature_algorithm: String,
    pub san: NamesView,
    pub is_ca: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_usage: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_key_usage: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_key_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ocsp: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ca_issuers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub crls: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    pub self_signed: bool,
    pub extensions: Vec<ExtensionView>,
    /// What breaks the encoding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    pub lints: Vec<LintView>,
}

/// The public key.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct KeyView {
    pub algorithm: String,
    pub bits: Option<u32>,
    pub curve: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exponent: Option<String>,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub sha256: String,
}

/// The names of subjectAltName; empty where there are none.
#[derive(Debug, Default, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct NamesView {
    pub dns: Vec<String>,
    pub ip: Vec<String>,
    pub email: Vec<String>,
    pub uri: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<String>,
}

/// An extension, told line by line.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ExtensionView {
    pub oid: String,
    pub name: Option<&'static str>,
    pub critical: bool,
    pub values: Vec<String>,
}

/// A rule that does not hold.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct LintView {
    pub id: &'static str,
    pub status: &'static str,
    pub says: String,
    pub source: &'static str,
    /// Since when the rule holds.
    pub since: String,
}

impl CertificateView {
    /// A certificate, its rules told in a language.
    #[must_use]
    pub fn new(certificate: &Certificate, lang: Lang) -> Self {
        let key = &certificate.key;
        let names = certificate.san.clone().unwrap_or_default();
        // Of a certificate that is cut off, or known by a program's words only, nothing is missing
        // by its own fault.
        let whole = !certificate.sha256.is_empty();
        let time = |time: Option<Time>| time.map(|time| time.to_string());
        Self {
            sha256: Some(certificate.sha256.clone()).filter(|_| whole),
            subject: certificate.subject.rfc4514.clone(),
            issuer: certificate.issuer.rfc4514.clone(),
            serial: certificate.serial.clone(),
            version: Some(certificate.version).filter(|version| *version > 0),
            not_before: time(certificate.not_before),
            not_after: time(certificate.not_after),
            key: KeyView {
                algorithm: key.algorithm.clone().into_owned(),
                bits: key.bits,
                curve: key.curve.clone().map(Into::into),
                exponent: key.exponent.clone(),
                sha256: key.sha256.clone(),
            },
            signature_algorithm: certificate.signature_algorithm.clone().into_owned(),
            san: NamesView {
                dns: names.dns,
                ip: names.ip,
                email: names.email,
                uri: names.uri,
                other: names.other,
            },
            is_ca: certificate.is_ca == Some(true),
            path_length: certificate.path_len,
            key_usage: certificate.key_usage.clone(),
            extended_key_usage: certificate
                .ext_key_usage
                .as_ref()
                .map(|purposes| purposes.iter().map(ToString::to_string).collect()),
            subject_key_id: certificate.subject_key_id.clone(),
            authority_key_id: certificate.authority_key_id.clone(),
            ocsp: certificate.ocsp.clone(),
            ca_issuers: certificate.ca_issuers.clone(),
            crls: certificate.crls.clone(),
            policies: certificate.policies.clone(),
            self_signed: certificate.is_self_issued(),
            extensions: certificate
                .extensions
                .iter()
                .map(|extension| ExtensionView {
                    oid: extension.oid.clone(),
                    name: extension.name,
                    critical: extension.critical,
                    values: extension.details(),
                })
                .collect(),
            faults: certificate.faults.iter().map(|fault| fault_text(fault, lang)).collect(),
            lints: if whole {
                lint::lint(certificate).iter().map(|finding| LintView::new(finding, lang)).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// A dump for the terminal, every line indented by two.
    pub fn write(&self, out: &mut String, lang: Lang) -> std::fmt::Result {
        let words = Words::of(lang);
        // Of one that is there in part, or in a program's words, what is known; of others, an empty
        // subject is one.
        let whole = self.sha256.is_some();
        let mut line = |label: &str, value: &str| {
            if whole || !value.is_empty() { writeln!(out, "  {label}: {}", plain(value)) } else { Ok(()) }
        };
        line(words.subject, &self.subject)?;
        line(words.issuer, &self.issuer)?;
        line(words.serial, &self.serial)?;
        line(words.version, &self.version.map(|version| version.to_string()).unwrap_or_default())?;
        let dated = whole || self.not_before.is_some() || self.not_after.is_some();
        line(words.validity, &if dated { self.validity() } else { String::new() })?;
        if self.extensions.is_empty() && !whole {
            let names = self.san.dns.iter().chain(&self.san.ip).chain(&self.san.email);
            line(words.names, &few(&names.map(String::as_str).collect::<Vec<_>>()))?;
        }
        line(words.key, &self.key.text())?;
        line(words.signature, &self.signature_algorithm)?;
        line("SHA-256", self.sha256.as_deref().unwrap_or_default())?;
        line(words.key_hash, &self.key.sha256)?;
        for extension in &self.extensions {
            let name = extension.name.unwrap_or(&extension.oid);
            let critical = if extension.critical { words.critical } else { "" };
            writeln!(out, "  {name}{critical}:")?;
            for value in &extension.values {
                writeln!(out, "    {}", plain(value))?;
            }
        }
        for fault in &self.faults {
            writeln!(out, "  ! {}", plain(fault))?;
        }
        for lint in &self.lints {
            writeln!(out, "  {} {}: {} ({})", lint.status, lint.id, plain(&lint.says), lint.source)?;
        }
        Ok(())
    }

    /// The same as a card: what matters first, the rest unfolds.
    #[must_use]
    pub fn card(&self, lang: Lang) -> String {
        let words = Words::of(lang);
        let mut html = String::from("<article class=\"certificate\">");
        let title = self.san.dns.first().filter(|_| !self.is_ca).unwrap_or(&self.subject);
        // Writing to a String cannot fail.
        let _ = write!(html, "<h4>{}</h4><dl>", escape(title));
        let mut row = |label: &str, value: &str| {
            if !value.is_empty() {
                let _ = write!(html, "<dt>{label}</dt><dd>{}</dd>", escape(value));
            }
        };
        row(words.subject, &self.subject);
        row(words.issuer, &self.issuer);
        row(words.validity, &self.validity());
        let names: Vec<&str> =
            self.san.dns.iter().chain(&self.san.ip).chain(&self.san.email).map(String::as_str).collect();
        row(words.names, &few(&names));
        row(words.key, &self.key.text());
        row(words.signature, &self.signature_algorithm);
        row(words.serial, &self.serial);
        row("SHA-256", self.sha256.as_deref().unwrap_or_default());
        html.push_str("</dl>");
        if !self.lints.is_empty() {
            html.push_str("<ul class=\"lints\">");
            for lint in &self.lints {
                let _ = write!(
                    html,
                    "<li class=\"{}\"><code>{}</code> {} <small>{}</small></li>",
                    lint.status,
                    lint.id,
                    escape(&lint.says),
                    escape(lint.source)
                );
            }
            html.push_str("</ul>");
        }
        let _ = write!(html, "<details><summary>{}</summary><dl>", words.extensions);
        for extension in &self.extensions {
            let name = escape(extension.name.unwrap_or(&extension.oid));
            let critical = if extension.critical { words.critical } else { "" };
            let values: Vec<String> = extension.values.iter().map(|value| escape(value)).collect();
            let _ = write!(html, "<dt>{name}{critical}</dt><dd>{}</dd>", values.join("<br>"));
        }
        html.push_str("</dl></details></article>");
        html
    }

    fn validity(&self) -> String {
        let time = |time: &Option<String>| time.clone().unwrap_or_else(|| "?".to_owned());
        format!("{} – {}", time(&self.not_before), time(&self.not_after))
    }
}

impl KeyView {
    fn text(&self) -> String {
        let mut text = self.algorithm.clone();
        if let Some(bits) = self.bits {
            // Writing to a String cannot fail.
            let _ = write!(text, " {bits}");
        }
        if let Some(curve) = &self.curve {
            let _ = write!(text, " ({curve})");
        }
        text
    }
}

impl LintView {
    fn new(finding: &Finding, lang: Lang) -> Self {
        let says = match lang {
            Lang::En => finding.says(),
            Lang::ZhCn => finding.says_zh(),
        };
        let (year, month, day) = finding.lint.since.civil();
        Self {
            id: finding.lint.id,
            status: finding.severity.name(),
            says: says.into_owned(),
            source: finding.lint.source,
            since: format!("{year:04}-{month:02}-{day:02}"),
        }
    }
}

/// How long a certificate is still valid at a time, or since when it is not, as a sentence.
#[must_use]
pub fn remaining(certificate: &Certificate, at: Time, lang: Lang) -> Option<String> {
    let (start, end) = (certificate.not_before?, certificate.not_after?);
    let (en, zh) = if at < start {
        let days = (start.0 - at.0 + DAY - 1) / DAY;
        (format!("valid only in {days} days"), format!("{days} 天后才生效"))
    } else if at > end {
        let days = at.days_since(end);
        (format!("expired {days} days ago"), format!("已过期 {days} 天"))
    } else {
        let days = end.days_since(at);
        (format!("valid for {days} more days"), format!("还有 {days} 天有效"))
    };
    Some(match lang {
        Lang::En => en,
        Lang::ZhCn => zh,
    })
}

/// Whether a certificate breaks a rule so that some clients refuse it.
#[must_use]
pub fn has_errors(view: &CertificateView) -> bool {
    view.lints.iter().any(|lint| lint.status == Severity::Error.name())
}

struct Words {
    subject: &'static str,
    issuer: &'static str,
    serial: &'static str,
    version: &'static str,
    validity: &'static str,
    names: &'static str,
    key: &'static str,
    key_hash: &'static str,
    signature: &'static str,
    extensions: &'static str,
    critical: &'static str,
}

impl Words {
    fn of(lang: Lang) -> Self {
        match lang {
            Lang::En => Self {
                subject: "subject",
                issuer: "issuer",
                serial: "serial number",
                version: "version",
                validity: "valid",
                names: "names",
                key: "key",
                key_hash: "SHA-256 of the key",
                signature: "signature algorithm",
                extensions: "Extensions",
                critical: " (critical)",
            },
            Lang::ZhCn => Self {
                subject: "主题",
                issuer: "签发者",
                serial: "序列号",
                version: "版本",
                validity: "有效期",
                names: "名称",
                key: "密钥",
                key_hash: "密钥的 SHA-256",
                signature: "签名算法",
                extensions: "扩展",
                critical: "（关键）",
            },
        }
    }
}

fn fault_text(fault: &crate::x509::Malformed, lang: Lang) -> String {
    match lang {
        Lang::En => fault.to_string(),
        Lang::ZhCn => format!("{}(字节 {}):{}", fault.field, fault.at, fault.why.zh()),
    }
}

/// The first of many names, and how many more there are.
fn few(names: &[&str]) -> String {
    let shown = names.get(..12).unwrap_or(names).join(", ");
    match names.len().checked_sub(12) {
        Some(more) if more > 0 => format!("{shown}, … (+{more})"),
        _ => shown,
    }
}

/// A stranger's text on one line: what would break it, or turn it round, as an escape.
fn plain(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    if !text.contains(odd) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut plain, c| {
        if odd(c) {
            plain.extend(c.escape_unicode());
        } else {
            plain.push(c);
        }
        plain
    })
}

fn escape(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_a_strangers_text_as_text() {
        assert_eq!(escape("<b>\u{202e}&"), "&lt;b&gt;\\u{202e}&amp;");
        assert_eq!(plain("a\nb"), "a\\u{a}b");
    }

    #[test]
    fn tells_of_a_printed_certificate_what_was_printed() {
        let mut certificate = Certificate { serial: "0a".to_owned(), ..Certificate::default() };
        certificate.san.get_or_insert_default().dns.push("a.example".to_owned());
        let view = CertificateView::new(&certificate, Lang::En);
        let mut text = String::new();
        view.write(&mut text, Lang::En).unwrap();
        assert_eq!(text, "  serial number: 0a\n  names: a.example\n");
        assert_eq!(view.version, None);
    }

    #[test]
    fn says_what_remains() {
        let certificate = Certificate {
            not_before: Some(Time::date(2026, 1, 1)),
            not_after: Some(Time::date(2026, 4, 1)),
            ..Certificate::default()
        };
        let says = |at| remaining(&certificate, at, Lang::En).unwrap();
        assert_eq!(says(Time::date(2026, 3, 30)), "valid for 2 more days");
        assert_eq!(says(Time::date(2026, 4, 8)), "expired 7 days ago");
        assert_eq!(says(Time::date(2025, 12, 31)), "valid only in 1 days");
    }
}
