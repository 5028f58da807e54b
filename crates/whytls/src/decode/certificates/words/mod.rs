//! Certificates in the words of programs that printed their fields: `openssl x509 -text`,
//! `keytool -list -v`, `certutil -dump`, `curl -v`, `gnutls-cli`, `s_client`, PowerShell, viewers.
//!
//! In:  lines, in the languages that these programs speak.
//! Out: certificates with the fields that were printed, and no DER.
//! Not here: certificates that can be had themselves, as PEM beside the words; what a programming
//! language prints of an object (`objects`).

mod dates;
mod labels;
mod names;

use std::borrow::Cow;

use crate::paste::{Alphabet, Line, Span};
use crate::x509::{AltNames, Certificate};
pub(crate) use dates::time;
pub(in super::super) use labels::field_names;
use labels::{Field, field, is_short, label};
pub(super) use names::{made, name, serial};

/// A certificate that was printed, and its lines.
#[derive(Clone, Debug)]
pub(super) struct Printed {
    pub(super) certificate: Certificate,
    pub(super) span: Span,
}

/// Fields of one certificate stand no further from each other: a modulus of 8,192 bits is between.
const NEAR: usize = 80;

/// A line is looked at so far, and a file has no more certificates that are only printed.
const LINE: usize = 2048;

const MOST: usize = 2000;

/// The certificates that are printed in some lines; whether the name of a field stands in one of them.
pub(super) fn find(lines: &[Line<'_>], named: &dyn Fn(&Line<'_>) -> bool) -> Vec<Printed> {
    let quotes = |line: &Line<'_>| line.alphabet.has(const { Alphabet::of("subject `'") });
    let mut found: Vec<Printed> = Vec::new();
    let mut open: Option<Open> = None;
    let close = |open: &mut Option<Open>, found: &mut Vec<Printed>| {
        found.extend(open.take().and_then(Open::close));
    };
    for (at, line) in lines.iter().enumerate() {
        if found.len() >= MOST {
            break;
        }
        let text = line.body();
        let text = text.get(..text.floor_char_boundary(LINE)).unwrap_or_default();
        if quotes(line)
            && let Some(printed) = gnutls(text, line)
        {
            close(&mut open, &mut found);
            found.push(printed);
            continue;
        }
        if open.as_ref().is_some_and(|open| at - open.last > NEAR) {
            close(&mut open, &mut found);
        }
        if let Some(open) = &mut open {
            open.names(text, line);
        }
        // Capitals of other alphabets are not looked for.
        if text.is_ascii() && !is_short(text) && !named(line) {
            continue;
        }
        let Some((field, value)) = field(text).or_else(|| label(text)) else { continue };
        // The value may stand on the next line, indented.
        let next = lines.get(at + 1).map_or("", |line| line.body().trim());
        let own = if value.is_empty() { next } else { value };
        let again = open.as_ref().is_some_and(|open| open.has(field));
        if again {
            close(&mut open, &mut found);
        }
        let begins = matches!(
            field,
            Field::Subject
                | Field::Issuer
                | Field::CommonName
                | Field::Serial
                | Field::Version
                | Field::NotBefore
                | Field::NotAfter
                | Field::NameList
        );
        if open.is_none() && begins {
            open = Some(Open::new(line, at));
        }
        if let Some(open) = &mut open
            && open.take(field, own, lines.get(at + 1..).unwrap_or_default())
        {
            open.last = at;
            open.span = open.span.to(line.span());
        }
    }
    close(&mut open, &mut found);
    found
}

/// A certificate of which some fields were seen.
struct Open {
    certificate: Certificate,
    seen: Vec<Field>,
    last: usize,
    span: Span,
}

impl Open {
    fn new(line: &Line<'_>, at: usize) -> Self {
        Self { certificate: Certificate::default(), seen: Vec::new(), last: at, span: line.span() }
    }

    fn has(&self, field: Field) -> bool {
        // What is signed names its algorithm twice, and extensions may name others.
        match field {
            Field::Signature | Field::Names | Field::NameList | Field::Key => false,
            Field::CommonName => {
                [Field::Subject, Field::Issuer].iter().all(|field| self.seen.contains(field))
            }
            _ => self.seen.contains(&field),
        }
    }

    /// Whether the value is one of that field.
    fn take(&mut self, field: Field, value: &str, after: &[Line<'_>]) -> bool {
        if field == Field::CommonName {
            let field = if self.seen.contains(&Field::Subject) { Field::Issuer } else { Field::Subject };
            if name(value, &[]).is_some() {
                return self.take(field, value, &[]);
            }
            // What stands below a name that stands alone may be a heading.
            if value.is_empty() || self::field(value).is_some() || label(value).is_some() {
                return false;
            }
            return self.take(field, &format!("CN={value}"), &[]);
        }
        let certificate = &mut self.certificate;
        let fits = match field {
            Field::Subject | Field::Issuer => match name(value, after) {
                Some(name) if field == Field::Subject => {
                    certificate.subject = name;
                    true
                }
                Some(name) => {
                    certificate.issuer = name;
                    true
                }
                None => false,
            },
            Field::Serial => serial(value).map(|serial| certificate.serial = serial).is_some(),
            Field::NotBefore => time(value).map(|time| certificate.not_before = Some(time)).is_some(),
            Field::NotAfter => time(value).map(|time| certificate.not_after = Some(time)).is_some(),
            Field::Validity => {
                // The second date is behind the first year.
                // Java: `[From: Sun Nov 29 01:45:51 UTC 2026,`, and the other on the next line.
                let value = value.strip_prefix("[From:").unwrap_or(value).trim();
                let below = after.first().map_or("", |line| line.body().trim());
                if let Some(end) = below.strip_prefix("To:") {
                    certificate.not_after = time(end.trim().trim_end_matches(']'));
                }
                let first = match value.split_once(" to ") {
                    Some((first, second)) if time(second).is_some() => time(first),
                    _ => time(value),
                };
                certificate.not_before = certificate.not_before.or(first);
                certificate.not_after = certificate.not_after.or_else(|| dates::second_time(value));
                first.is_some()
            }
            Field::Signature => {
                if certificate.signature_algorithm.is_empty() && !value.is_empty() && value.len() < 80 {
                    certificate.signature_algorithm = Cow::Owned(value.to_owned());
                }
                true
            }
            // A hex dump of the key itself is none of its sizes.
            Field::Key if !["bit", "位", "ビット"].iter().any(|unit| value.to_lowercase().contains(unit)) => {
                false
            }
            Field::Key => {
                let bits: String = value
                    .chars()
                    .skip_while(|c| !c.is_ascii_digit())
                    .take_while(char::is_ascii_digit)
                    .collect();
                certificate.key.bits = bits.parse().ok();
                if value.contains("RSA") {
                    certificate.key.algorithm = Cow::Borrowed("RSA");
                } else if value.contains("EC") {
                    certificate.key.algorithm = Cow::Borrowed("EC");
                }
                true
            }
            Field::Version => {
                let digit = value.bytes().find(u8::is_ascii_digit);
                certificate.version = digit.map_or(0, |digit| digit - b'0');
                digit.is_some()
            }
            Field::NameList => {
                let names = value.trim_matches(['{', '}', ' ']).split(',').map(str::trim);
                let names =
                    names.filter(|name| name.contains('.') && name.len() < 256 && !name.contains(' '));
                let list: Vec<String> = names.take(400).map(str::to_owned).collect();
                certificate.san.get_or_insert_with(AltNames::default).dns.extend(list);
                true
            }
            Field::Names | Field::CommonName => true,
        };
        if fits {
            self.seen.push(field);
        }
        fits
    }

    /// Alternative names and constraints, on whatever line they stand.
    fn names(&mut self, line: &str, at: &Line<'_>) {
        let line = match field(line) {
            Some((Field::Names, value)) => value,
            _ => line.trim(),
        };
        let mut any = false;
        for part in line.split([',', ';']).take(400) {
            let part = part.trim();
            let strip = |words: &[&str]| {
                words
                    .iter()
                    .find_map(|word| part.strip_prefix(word))
                    .map(|value| value.trim().trim_matches('"').to_owned())
            };
            let fits = |value: &String| !value.is_empty() && value.len() < 256 && !value.contains(' ');
            let names = &mut self.certificate.san;
            if let Some(name) = strip(&[
                "DNS:",
                "DNSName:",
                "DNS Name=",
                "DNS-Name=",
                "DNSname:",
                "DNS name:",
                "DNS Name\t",
                "Nom DNS=",
                "Nombre DNS=",
                "Nome DNS=",
            ])
            .filter(fits)
            {
                names.get_or_insert_with(AltNames::default).dns.push(name);
            } else if let Some(ip) =
                strip(&["IP Address:", "IPAddress:", "IP Address=", "IP-Adresse="]).filter(fits)
            {
                names.get_or_insert_with(AltNames::default).ip.push(ip);
            } else if let Some(email) = strip(&["email:", "RFC822Name:", "RFC822 Name="]).filter(fits) {
                names.get_or_insert_with(AltNames::default).email.push(email);
            } else if let Some(ca) = strip(&["CA:", "Subject Type=", "CA="]) {
                self.certificate.is_ca = Some(ca.to_ascii_lowercase().starts_with("true") || ca == "CA");
            } else {
                continue;
            }
            any = true;
        }
        if any {
            self.span = self.span.to(at.span());
        }
    }

    /// A certificate has a subject and an issuer, or one of them and more, or both dates.
    fn close(self) -> Option<Printed> {
        let has = |field| self.seen.contains(&field);
        let named = has(Field::Subject) || has(Field::Issuer);
        let more = [Field::Issuer, Field::Serial, Field::NotAfter, Field::Validity].into_iter().any(has);
        let dated = has(Field::NotBefore) && has(Field::NotAfter);
        (named && more && self.seen.len() >= 2 || dated)
            .then_some(Printed { certificate: self.certificate, span: self.span })
    }
}

/// ``subject `CN=a', issuer `CN=b', serial 0x1, … activated `2026-…', expires `2027-…'``
fn gnutls(line: &str, at: &Line<'_>) -> Option<Printed> {
    let start = line.find("subject `")?;
    let text = line.get(start..)?;
    let quoted = |word: &str| {
        let (_, rest) = text.split_once(word)?;
        let rest = rest.strip_prefix('`')?;
        rest.split_once('\'').map(|(value, _)| value)
    };
    let mut certificate = Certificate {
        subject: name(quoted("subject ")?, &[])?,
        issuer: name(quoted("issuer ")?, &[])?,
        not_before: quoted("activated ").and_then(time),
        not_after: quoted("expires ").and_then(time),
        ..Certificate::default()
    };
    if let Some((_, rest)) = text.split_once("serial 0x") {
        certificate.serial = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    }
    if let Some((_, rest)) = text.split_once("signed using ") {
        let algorithm: String = rest.chars().take_while(|c| *c != ',' && *c != ' ').collect();
        certificate.signature_algorithm = Cow::Owned(algorithm);
    }
    Some(Printed { certificate, span: at.span() })
}

#[cfg(test)]
mod tests {
    use super::dates::second_time;
    use super::*;
    use crate::x509::Time;

    fn printed(text: &str) -> Vec<Certificate> {
        super::super::printed_in(text, find)
    }

    #[test]
    fn reads_names_in_every_notation() {
        let rfc = |text: &str| name(text, &[]).map(|name| name.rfc4514);
        let wanted = Some("CN=mail.example.com,O=Example\\, Inc.,C=DE".to_owned());
        assert_eq!(rfc("C = DE, O = \"Example, Inc.\", CN = mail.example.com"), wanted);
        assert_eq!(rfc("/C=DE/O=Example, Inc./CN=mail.example.com"), wanted);
        assert_eq!(rfc("CN=mail.example.com, O=\"Example, Inc.\", C=DE"), wanted);
        assert_eq!(rfc("C=DE, O=Example\\, Inc., CN=mail.example.com"), wanted);
        assert_eq!(rfc("Hello, is a = b?"), None);
    }

    #[test]
    fn reads_dates_as_programs_write_them() {
        let wanted = Some(Time(1_795_534_832));
        assert_eq!(time("Nov 24 15:40:32 2026 GMT"), wanted);
        assert_eq!(time("Tue Nov 24 15:40:32 UTC 2026 until: Thu Feb 01 15:40:32 UTC 2029"), wanted);
        assert_eq!(time("2026-11-24 15:40:32 UTC"), wanted);
        assert_eq!(time("Tue Nov 24 16:40:32 CET 2026"), wanted);
        assert_eq!(time("tomorrow"), None);
        let shown = time("2025-11-03 21:15:02 UTC");
        for text in [
            "Monday, November 3, 2025 9:15:02 PM",
            "Montag, 3. November 2025 21:15:02",
            "lundi 3 novembre 2025 21:15:02",
            "Monday, 3 November 2025 21:15:02",
            "lunes, 3 de noviembre de 2025 21:15:02",
            "понедельник, 3 ноября 2025 г. 21:15:02",
            "\u{200e}2025\u{200e}年\u{200e}11\u{200e}月\u{200e}3\u{200e}日 21:15:02",
            "2025년 11월 3일 월요일 오후 9:15:02",
            "2025/11/03 21:15:02",
            "03.11.2025 21:15:02",
        ] {
            assert_eq!(time(text), shown, "{text}");
        }
        assert_eq!(time("mardi 4 novembre 2025"), time("2025-11-04 00:00:00 UTC"));
        assert_eq!(time("11/13/2025 9:15 PM"), time("2025-11-13 21:15:00 UTC"));
        assert_eq!(time("11/3/2025 9:15 PM"), None);
        assert_eq!(time("version 3 of 2025"), None);
        let both = "Tue Nov 24 15:40:32 UTC 2026 until: Thu Feb 01 15:40:32 UTC 2029";
        assert_eq!(second_time(both), time("Feb 1 15:40:32 2029 GMT"));
    }

    #[test]
    fn reads_what_viewers_show() {
        let text = "Common Name (CN)\twww.example.com\nOrganization (O)\t<Not Part Of Certificate>\n\
                    Common Name (CN)\tR10\nOrganization (O)\tLet's Encrypt\n\
                    Issued On\tTuesday, March 4, 2025 at 7:12:44 PM\n\
                    Expires On\tMonday, June 2, 2025 at 7:12:43 PM\n";
        let [certificate] = printed(text).try_into().unwrap();
        assert_eq!(certificate.subject.rfc4514, "CN=www.example.com");
        assert_eq!(certificate.issuer.rfc4514, "CN=R10");
        assert_eq!(certificate.not_after.unwrap().to_string(), "2025-06-02T19:12:43Z");
    }

    #[test]
    fn reads_labels_that_stand_alone() {
        let firefox = "Subject Name\nOrganization\nExample\nCommon Name\nshop.example.com\n\nIssuer Name\n\
                       Common Name\nExample CA\n\nValidity\nNot Before\nSun, 29 Nov 2026 01:45:51 GMT\n\
                       Not After\nSat, 25 Sep 2027 01:45:51 GMT\n\nSerial Number\n5F:3A:9C\n";
        let dotnet = "[Subject]\n  CN=shop.example.com, O=Example\n\n[Issuer]\n  CN=Example CA\n\n\
                      [Serial Number]\n  5F3A9C\n\n[Not Before]\n  29.11.2026 01:45:51\n\n\
                      [Not After]\n  25.09.2027 01:45:51\n";
        let java = "  Subject: CN=shop.example.com, O=Example\n  Validity: [From: Sun Nov 29 01:45:51 UTC 2026,\n\
                    \x20              To: Sat Sep 25 01:45:51 UTC 2027]\n  Issuer: CN=Example CA\n\
                    \x20 SerialNumber: [    5f3a9c]\n";
        for text in [firefox, dotnet, java] {
            let [certificate] = printed(text).try_into().expect(text);
            assert!(certificate.subject.rfc4514.starts_with("CN=shop.example.com"), "{text}");
            assert_eq!(certificate.issuer.rfc4514, "CN=Example CA", "{text}");
            assert_eq!(certificate.serial, "5f3a9c", "{text}");
            assert_eq!(certificate.not_before.unwrap().to_string(), "2026-11-29T01:45:51Z", "{text}");
            assert_eq!(certificate.not_after.unwrap().to_string(), "2027-09-25T01:45:51Z", "{text}");
        }
    }

    #[test]
    fn reads_dates_in_either_order() {
        let list = "DnsNameList : {shop.example.com, www.example.com}\nNotAfter : 25.09.2027 03:45:51\n\
                    NotBefore : 29.11.2026 02:45:51\nIssuer : CN=Example CA\nSubject : CN=shop.example.com\n";
        let [certificate] = printed(list).try_into().unwrap();
        assert_eq!(certificate.not_after.unwrap().to_string(), "2027-09-25T03:45:51Z");
        let dialog =
            "Issued to: shop.example.com\n\nIssued by: Example CA\n\nValid from 11/29/2026 to 9/25/2027\n";
        let [certificate] = printed(dialog).try_into().unwrap();
        assert_eq!(certificate.subject.rfc4514, "CN=shop.example.com");
        assert_eq!(certificate.not_after.unwrap().to_string(), "2027-09-25T00:00:00Z");
        assert_eq!(serial("6861968624040600228"), None);
        assert!(
            printed("Set-Cookie: a=b; Expires: never\nExpires: Thu, 01 Jan 1970 00:00:00 GMT\n").is_empty()
        );
    }

    #[test]
    fn reads_dates_alone() {
        let [certificate] =
            printed("notBefore=Nov  5 00:00:00 2019 GMT\nnotAfter=Nov  4 23:59:59 2021 GMT\n")
                .try_into()
                .unwrap();
        assert_eq!(certificate.not_after.unwrap().to_string(), "2021-11-04T23:59:59Z");
    }

    #[test]
    fn a_mail_is_no_certificate() {
        assert!(printed("Subject: certificate = broken\nIssuer: me\nExpires: never\n").is_empty());
        assert!(printed("subject=CN = a\n").is_empty());
    }

    #[test]
    fn reads_what_curl_and_gnutls_say() {
        let curl = "* Server certificate:\n*  subject: CN=example.com\n*  start date: Nov 24 15:40:32 2026 GMT\n\
                    *  expire date: Feb  1 15:40:32 2029 GMT\n*  issuer: C=US; O=Example; CN=R3\n";
        let all = printed(curl);
        let one = all.first().expect("one certificate");
        assert_eq!((all.len(), one.subject.rfc4514.as_str()), (1, "CN=example.com"));
        assert_eq!(one.issuer.rfc4514, "CN=R3,O=Example,C=US");
        assert!(one.not_before.is_some() && one.not_after.is_some());
        let gnutls = "- subject `CN=example.com', issuer `CN=R3,O=Example,C=US', serial 0x0a, RSA key 2048 bits, \
                      signed using RSA-SHA256, activated `2026-11-24 15:40:32 UTC', expires `2029-02-01 15:40:32 UTC'";
        assert_eq!(
            printed(gnutls).first().map(|one| one.issuer.rfc4514.clone()).as_deref(),
            Some("CN=R3,O=Example,C=US")
        );
        let chain =
            "Certificate chain\n 0 s:C = DE, CN = a.example\n   i:CN = b\n 1 s:CN = b\n   i:CN = c\n---\n";
        assert_eq!(printed(chain).len(), 2);
    }
}
