//! Certificates in the words of programs that printed their fields: `openssl x509 -text`,
//! `keytool -list -v`, `certutil -dump`, `curl -v`, `gnutls-cli`, `s_client`, PowerShell, viewers.
//!
//! In:  lines, in the languages that these programs speak.
//! Out: certificates with the fields that were printed, and no DER.
//! Not here: certificates that can be had themselves, as PEM beside the words; what a programming
//! language prints of an object (`objects`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::paste::{Alphabet, Line, Span};
use crate::x509::{AltNames, Attribute, Certificate, Name, Time};

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Subject,
    Issuer,
    /// The subject's first, the issuer's behind it.
    CommonName,
    Serial,
    NotBefore,
    NotAfter,
    /// Both, with a word between.
    Validity,
    Signature,
    Names,
    /// DNS names in braces, without a word before each.
    NameList,
    Key,
    Version,
}

/// What the fields are called, in small letters.
const FIELDS: &[(&str, Field)] = &[
    ("subject", Field::Subject),
    ("owner", Field::Subject),
    ("subject name", Field::Subject),
    ("issued to", Field::CommonName),
    ("所有者", Field::Subject),
    ("使用者", Field::Subject),
    ("主题", Field::Subject),
    ("サブジェクト", Field::Subject),
    ("eigentümer", Field::Subject),
    ("antragsteller", Field::Subject),
    ("asunto", Field::Subject),
    ("sujeto", Field::Subject),
    ("soggetto", Field::Subject),
    ("субъект", Field::Subject),
    ("владелец", Field::Subject),
    ("주체", Field::Subject),
    ("propriétaire", Field::Subject),
    ("objet", Field::Subject),
    ("propietario", Field::Subject),
    ("소유자", Field::Subject),
    // Chromium's viewer, in the words of its translations; Firefox's is without the bracket.
    ("common name", Field::CommonName),
    ("common name (cn)", Field::CommonName),
    ("公用名 (cn)", Field::CommonName),
    ("一般名稱 (cn)", Field::CommonName),
    ("allgemeiner name (cn)", Field::CommonName),
    ("nom commun (cn)", Field::CommonName),
    ("nombre común (cn)", Field::CommonName),
    ("nome comune (cn)", Field::CommonName),
    ("nome comum (cn)", Field::CommonName),
    ("一般名（cn）", Field::CommonName),
    ("일반 이름(cn)", Field::CommonName),
    ("общее имя (cn)", Field::CommonName),
    ("issuer", Field::Issuer),
    ("issuer name", Field::Issuer),
    ("issued by", Field::CommonName),
    ("发布者", Field::Issuer),
    ("颁发者", Field::Issuer),
    ("發行者", Field::Issuer),
    ("発行者", Field::Issuer),
    ("aussteller", Field::Issuer),
    ("émetteur", Field::Issuer),
    ("emisor", Field::Issuer),
    ("emittente", Field::Issuer),
    ("издатель", Field::Issuer),
    ("발급자", Field::Issuer),
    ("발행자", Field::Issuer),
    ("serial number", Field::Serial),
    ("serial", Field::Serial),
    ("serialnumber", Field::Serial),
    ("序列号", Field::Serial),
    ("シリアル番号", Field::Serial),
    ("seriennummer", Field::Serial),
    ("numéro de série", Field::Serial),
    ("número de serie", Field::Serial),
    ("일련 번호", Field::Serial),
    ("numero di serie", Field::Serial),
    ("серийный номер", Field::Serial),
    ("not before", Field::NotBefore),
    ("notbefore", Field::NotBefore),
    ("not valid before", Field::NotBefore),
    ("nicht vor", Field::NotBefore),
    ("pas avant", Field::NotBefore),
    ("start date", Field::NotBefore),
    ("issued on", Field::NotBefore),
    ("颁发日期", Field::NotBefore),
    ("發行日期", Field::NotBefore),
    ("ausgestellt am", Field::NotBefore),
    ("émis le", Field::NotBefore),
    ("emitido el", Field::NotBefore),
    ("emesso in data", Field::NotBefore),
    ("emitido em", Field::NotBefore),
    ("발급일", Field::NotBefore),
    ("valid from", Field::Validity),
    ("validity", Field::Validity),
    ("生效时间", Field::Validity),
    ("有效期开始日期", Field::Validity),
    ("有効期間の開始日", Field::Validity),
    ("gültig von", Field::Validity),
    ("valide du", Field::Validity),
    ("válido desde", Field::Validity),
    ("적합한 시작 날짜", Field::Validity),
    ("有效期从", Field::NotBefore),
    ("有效期開始時間", Field::NotBefore),
    ("有効期間の開始", Field::NotBefore),
    ("gültig ab", Field::NotBefore),
    ("valide à partir du", Field::NotBefore),
    ("valido dal", Field::NotBefore),
    ("действителен с", Field::NotBefore),
    ("유효 기간(시작)", Field::NotBefore),
    ("valid to", Field::NotAfter),
    ("valid until", Field::NotAfter),
    ("有效期至", Field::NotAfter),
    ("有効期間の終了", Field::NotAfter),
    ("gültig bis", Field::NotAfter),
    ("valide jusqu'au", Field::NotAfter),
    ("válido hasta", Field::NotAfter),
    ("valido fino al", Field::NotAfter),
    ("действителен по", Field::NotAfter),
    ("유효 기간(끝)", Field::NotAfter),
    ("到", Field::NotAfter),
    ("not after", Field::NotAfter),
    ("notafter", Field::NotAfter),
    ("not valid after", Field::NotAfter),
    ("nicht nach", Field::NotAfter),
    ("pas après", Field::NotAfter),
    ("expire date", Field::NotAfter),
    ("expires", Field::NotAfter),
    ("expires on", Field::NotAfter),
    ("截止日期", Field::NotAfter),
    ("expire le", Field::NotAfter),
    ("vencimiento el", Field::NotAfter),
    ("scade in data", Field::NotAfter),
    ("expira em", Field::NotAfter),
    ("만료일", Field::NotAfter),
    ("signature algorithm", Field::Signature),
    ("signature algorithm name", Field::Signature),
    ("签名算法名称", Field::Signature),
    ("署名アルゴリズム名", Field::Signature),
    ("signaturalgorithmusname", Field::Signature),
    ("signaturalgorithmus", Field::Signature),
    ("签名算法", Field::Signature),
    ("署名アルゴリズム", Field::Signature),
    ("subject alternative name", Field::Names),
    ("x509v3 subject alternative name", Field::Names),
    ("subjectaltname", Field::Names),
    ("使用者可选名称", Field::Names),
    ("使用者备用名称", Field::Names),
    ("サブジェクト代替名", Field::Names),
    ("alternativer antragstellername", Field::Names),
    ("autre nom de l'objet", Field::Names),
    ("nombre alternativo del titular", Field::Names),
    ("dnsnamelist", Field::NameList),
    ("public-key", Field::Key),
    ("rsa public-key", Field::Key),
    ("subject public key algorithm", Field::Key),
    ("public key-algorithmus von subject", Field::Key),
    ("主体公共密钥算法", Field::Key),
    ("サブジェクト公開鍵アルゴリズム", Field::Key),
    ("public key length", Field::Key),
    ("public key", Field::Key),
    ("公钥", Field::Key),
    ("公開キー", Field::Key),
    ("öffentlicher schlüssel", Field::Key),
    ("clé publique", Field::Key),
    ("clave pública", Field::Key),
    ("version", Field::Version),
    ("版本", Field::Version),
    ("バージョン", Field::Version),
];

/// The certificates that are printed in some lines.
pub(super) fn find(lines: &[Line<'_>]) -> Vec<Printed> {
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

/// The field that a line gives, and its value.
fn field(line: &str) -> Option<(Field, &str)> {
    let line = line.trim_start_matches(['*', ' ', '\t', '-', '|']);
    // `0 s:…`, `i:…`, `v:…` of s_client.
    let bare = line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    for (start, field) in [("s:", Field::Subject), ("i:", Field::Issuer)] {
        if let Some(value) = bare.strip_prefix(start).filter(|value| value.contains('=')) {
            return Some((field, value.trim()));
        }
    }
    if let Some(dates) = bare.strip_prefix("v:NotBefore:") {
        return Some((Field::Validity, dates.trim()));
    }
    // A Windows dialog: `Valid from 11/29/2026 to 9/25/2027`.
    if let Some(dates) = line.strip_prefix("Valid from ").filter(|dates| dates.contains(" to ")) {
        return Some((Field::Validity, dates));
    }
    let end = line.find([':', '=', '\t', '：'])?;
    let (key, rest) = line.split_at(end);
    let field = called(key.trim())?;
    Some((field, rest.trim_start_matches([':', '=', '\t', ' ', '：']).trim()))
}

/// A field's name that stands alone, with its value below: Firefox's viewer, or .NET's `[Subject]`.
fn label(line: &str) -> Option<(Field, &str)> {
    let line = line.trim();
    let bracketed = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
    let key = bracketed.unwrap_or(line);
    let field = called(key)?;
    let alone = matches!(field, Field::CommonName | Field::NotBefore | Field::NotAfter | Field::Serial)
        && key.len() > 6;
    (alone || bracketed.is_some()).then_some((field, ""))
}

/// The field that is called so. Asked at every line of a log, of which most are longer than any name.
fn called(name: &str) -> Option<Field> {
    static NAMES: OnceLock<HashMap<&str, Field>> = OnceLock::new();
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let names = NAMES.get_or_init(|| FIELDS.iter().copied().collect());
    names.get(name.to_lowercase().as_str()).copied()
}

/// The names of fields are not longer, in any case.
const LONGEST: usize = 64;

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
                certificate.not_after = certificate.not_after.or_else(|| second_time(value));
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

/// A name in whatever notation: `C = DE, CN = a`, `/C=DE/CN=a`, `CN=a, C=DE`, one on each line.
pub(super) fn name(text: &str, after: &[Line<'_>]) -> Option<Name> {
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
pub(super) fn made(mut attributes: Vec<(String, String)>, forward: bool) -> Option<Name> {
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
pub(super) fn serial(text: &str) -> Option<String> {
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

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date in any of the notations below.
pub(crate) fn time(text: &str) -> Option<Time> {
    exact_time(text).or_else(|| shown_time(text))
}

/// Months as viewers write them: each language's in order, three letters or as many as tell them apart.
const MONTH_WORDS: &[[&str; 12]] = &[
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ["jan", "feb", "märz", "apr", "mai", "juni", "juli", "aug", "sep", "okt", "nov", "dez"],
    ["janv", "févr", "mars", "avri", "mai", "juin", "juil", "août", "sept", "octo", "nove", "déce"],
    ["ener", "febr", "marz", "abri", "mayo", "juni", "juli", "agos", "sept", "octu", "novi", "dici"],
    ["genn", "febb", "marz", "apri", "magg", "giug", "lugl", "agos", "sett", "otto", "nove", "dice"],
    ["jane", "feve", "març", "abri", "maio", "junh", "julh", "agos", "sete", "outu", "nove", "deze"],
    ["янва", "февр", "март", "апре", "мая", "июня", "июля", "авгу", "сент", "октя", "нояб", "дека"],
];

/// Dates as people read them: `Monday, November 3, 2025 9:15:02 AM`, `3. November 2025 09:15:02`,
/// `2025年11月3日 9:15:02`, `03.11.2025`. The zone is that of the machine, which nobody says: they are
/// taken for UTC. `11/3/2025` is one of two days, and so none.
fn shown_time(text: &str) -> Option<Time> {
    let text: String = text.chars().filter(|c| !matches!(c, '\u{200e}' | '\u{200f}')).take(80).collect();
    let text = text.to_lowercase();
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).collect();
    let number = |at: usize| numbers.get(at).and_then(|word| word.parse::<i64>().ok());
    let wide = |at: usize| numbers.get(at).is_some_and(|word| word.len() == 4);
    let month_word = text.split(|c: char| !c.is_alphabetic()).find_map(|word| {
        // A Tuesday is no March.
        let weekday = ["mardi", "martes", "marted"].iter().any(|day| word.starts_with(day));
        let month = |words: &[&str; 12]| words.iter().position(|month| word.starts_with(month));
        MONTH_WORDS.iter().find_map(month).filter(|_| !weekday)
    });
    let (year, month, day, used) = match month_word {
        Some(month) if wide(1) => (number(1)?, i64::try_from(month).ok()? + 1, number(0)?, 2),
        Some(_) => return None,
        None if wide(0) => (number(0)?, number(1)?, number(2)?, 3),
        None if wide(2) => {
            let (first, second) = (number(0)?, number(1)?);
            let dotted = text.contains('.') && !text.contains('/');
            match (first, second) {
                _ if dotted => (number(2)?, second, first, 3),
                (13..=31, 1..=12) => (number(2)?, second, first, 3),
                (1..=12, 13..=31) => (number(2)?, first, second, 3),
                (same, other) if same == other => (number(2)?, first, second, 3),
                _ => return None,
            }
        }
        None => return None,
    };
    let afternoon = ["pm", "p.m", "下午", "午後", "오후"].iter().any(|word| text.contains(word));
    let hours = match number(used) {
        Some(hours) if afternoon && hours < 12 => hours + 12,
        Some(hours) if hours < 24 => hours,
        _ => 0,
    };
    let minutes = number(used + 1).filter(|minutes| *minutes < 60).unwrap_or(0);
    let seconds = number(used + 2).filter(|seconds| *seconds < 60).unwrap_or(0);
    let (month, day) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
    date(year, month, day, hours * 3600 + minutes * 60 + seconds, "UTC")
}

/// `Nov 24 15:40:32 2026 GMT`, `Tue Nov 24 15:40:32 UTC 2026`, `2026-11-24 15:40:32 UTC`.
fn exact_time(text: &str) -> Option<Time> {
    let words: Vec<&str> = text.split([' ', ',', 'T']).filter(|word| !word.is_empty()).take(7).collect();
    let number = |word: &&str| word.parse::<i64>().ok();
    let clock = |word: &&str| -> Option<i64> {
        let mut parts = word.trim_end_matches('Z').split([':', '.']);
        let (hours, minutes) = (parts.next()?.parse::<i64>().ok()?, parts.next()?.parse::<i64>().ok()?);
        let seconds = parts.next().and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
        Some(hours * 3600 + minutes * 60 + seconds)
    };
    // `2026-11-24` first, or a month's name.
    let iso = words.first().and_then(|word| {
        let mut parts = word.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        (year.len() == 4).then_some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
    });
    if let Some((year, month, day)) = iso {
        let seconds = words.get(1).and_then(clock).unwrap_or(0);
        return date(year, month, day, seconds, "UTC");
    }
    // The letter T was taken for a separator: `Tue`, `UTC` lost it.
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).take(7).collect();
    let at = words.iter().position(|word| MONTHS.contains(word)).filter(|at| *at <= 1)?;
    let month = MONTHS.iter().position(|month| words.get(at) == Some(month))? + 1;
    let day = words.get(at + 1).and_then(number)?;
    let seconds = words.get(at + 2).and_then(clock)?;
    // Year and zone, in either order.
    let (third, fourth) = (words.get(at + 3)?, words.get(at + 4));
    let digits = |word: &str| word.chars().take_while(char::is_ascii_digit).collect::<String>();
    let (year, zone) = match third.parse::<i64>() {
        Ok(year) => (year, fourth.copied().unwrap_or("UTC")),
        Err(_) => (digits(fourth?).parse().ok()?, *third),
    };
    date(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?, seconds, zone)
}

fn date(year: i64, month: u32, day: u32, seconds: i64, zone: &str) -> Option<Time> {
    let hours = match zone.trim_end_matches([';', ',']) {
        "UTC" | "GMT" | "Z" | "WET" => 0,
        "CET" | "BST" | "WEST" => 1,
        "CEST" | "EET" => 2,
        "MSK" | "EEST" => 3,
        "JST" | "KST" => 9,
        "EST" => -5,
        "EDT" => -4,
        "PST" => -8,
        "PDT" => -7,
        _ => return None,
    };
    let sane = (1950..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    sane.then(|| Time(Time::date(year, month, day).0 + seconds - hours * 3600))
}

/// The date behind the first one.
fn second_time(text: &str) -> Option<Time> {
    if let Some((first, second)) = text.split_once(" to ")
        && time(first).is_some()
    {
        return time(second);
    }
    let start = |text: &str| {
        let words = MONTHS.iter().filter_map(|month| text.find(&format!("{month} "))).min();
        words.or_else(|| text.find("NotAfter: ").map(|at| at + 10))
    };
    let first = start(text)?;
    let behind = text.get(first + 4..)?;
    let second = start(behind)?;
    time(behind.get(second..)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paste::Paste;

    fn printed(text: &str) -> Vec<Certificate> {
        let paste = Paste::text(text);
        let regions = paste.inputs[0].regions();
        regions.iter().flat_map(|region| find(&region.lines)).map(|printed| printed.certificate).collect()
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
