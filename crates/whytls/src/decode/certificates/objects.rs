//! Certificates as programming languages print them: Python's `getpeercert`, Node's
//! `getPeerCertificate` and `X509Certificate`, PHP's `openssl_x509_parse`, Ruby's `inspect`, JSON.
//!
//! In:  lines.
//! Out: certificates with the fields that were printed, and no DER.
//! Not here: what tools print for people (`words`).

use super::words::{Printed, made, name, serial, time};
use crate::paste::{Line, Span};
use crate::x509::{AltNames, Certificate, Name, Time};

/// Fields of one certificate stand no further from each other.
const NEAR: usize = 120;

/// A line is looked at so far, a name has no more parts, and a file no more certificates.
const LINE: usize = 16_384;
const PARTS: usize = 64;
const MOST: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Subject,
    Issuer,
    Serial,
    NotBefore,
    NotAfter,
    Names,
}

/// What the fields are called, in small letters and without what joins words.
fn field(key: &str) -> Option<Field> {
    Some(match plain(key).as_str() {
        "subject" => Field::Subject,
        "issuer" => Field::Issuer,
        "serialnumber" | "serialnumberhex" | "serial" => Field::Serial,
        "notbefore" | "validfrom" | "notvalidbefore" => Field::NotBefore,
        "notafter" | "validto" | "notvalidafter" => Field::NotAfter,
        "subjectaltname" | "subjectaltnames" | "subjectalternativename" | "sans" | "dnsnames" => Field::Names,
        _ => return None,
    })
}

/// The short name of an attribute.
fn attribute(key: &str) -> Option<&'static str> {
    Some(match plain(key).as_str() {
        "cn" | "commonname" => "CN",
        "o" | "organizationname" | "organization" => "O",
        "ou" | "organizationalunitname" | "organizationalunit" => "OU",
        "c" | "countryname" | "country" => "C",
        "l" | "localityname" | "locality" => "L",
        "st" | "stateorprovincename" | "stateorprovince" | "province" => "ST",
        "emailaddress" => "emailAddress",
        "dc" | "domaincomponent" => "DC",
        "uid" | "userid" => "UID",
        "streetaddress" | "street" => "STREET",
        "postalcode" => "postalCode",
        "serialnumber" => "serialNumber",
        "businesscategory" => "businessCategory",
        "jurisdictioncountryname" | "jurisdictionc" => "jurisdictionC",
        "organizationidentifier" => "organizationIdentifier",
        _ => return None,
    })
}

fn plain(key: &str) -> String {
    key.chars().take(40).filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The certificates that are printed in some lines; whether the name of a field stands in one of them.
pub(super) fn find(lines: &[Line<'_>], named: &dyn Fn(&Line<'_>) -> bool) -> Vec<Printed> {
    let mut reader = Reader::default();
    for (at, line) in lines.iter().enumerate() {
        if reader.found.len() >= MOST {
            break;
        }
        // Most lines of most pastes have nothing of it.
        if reader.open.is_none() && !named(line) {
            continue;
        }
        // What stands before every line of a log may be PHP's keys as well: `[subject] => Array`.
        let keyed = line.text.trim_start().starts_with('[') && line.text.contains("] =>");
        let text = if keyed { line.text } else { line.body() };
        let text = text.get(..text.floor_char_boundary(LINE)).unwrap_or_default();
        if reader.open.is_none() && !["ubject", "ssuer"].iter().any(|word| text.contains(word)) {
            continue;
        }
        if reader.open.as_ref().is_some_and(|open| at - open.last > NEAR) {
            reader.close();
        }
        reader.line(text, at, line.span());
    }
    reader.close();
    reader.found
}

#[derive(Debug, Default)]
struct Reader {
    found: Vec<Printed>,
    open: Option<Open>,
    depth: usize,
}

/// A certificate of which some fields were seen.
#[derive(Debug)]
struct Open {
    certificate: Certificate,
    last: usize,
    span: Span,
    /// The field that is being read, and how deep its key stands.
    field: Option<(Field, usize)>,
    /// The attribute, or the kind of name, whose value comes next.
    kind: Option<&'static str>,
    parts: Vec<(String, String)>,
    /// A name written as one text, which may be joined of several.
    whole: String,
}

/// What stands in a line.
enum Token<'a> {
    Open,
    Close,
    /// A name with a value behind it, and that value where it has no quotes; whether it is one of an
    /// object, and not a word before a name that is written for people.
    Key(&'a str, Option<&'a str>, bool),
    Text(String),
    /// What a language shows of an object: `#<OpenSSL::X509::Name CN=a>`, `<Name(CN=a)>`.
    Shown(&'a str),
}

impl Reader {
    fn line(&mut self, text: &str, at: usize, span: Span) {
        let mut rest = text;
        while let Some((token, behind)) = next(rest) {
            rest = behind;
            match token {
                Token::Open => self.depth += 1,
                Token::Close => {
                    self.depth = self.depth.saturating_sub(1);
                    let depth = self.depth;
                    if let Some(open) = &mut self.open {
                        open.up(depth);
                    }
                }
                Token::Key(key, value, whole) => self.key(key, value, whole, at, span),
                Token::Text(value) => {
                    if let Some(open) = &mut self.open {
                        open.text(&value);
                    }
                }
                Token::Shown(value) => {
                    if let Some(open) = &mut self.open {
                        open.shown(value);
                    }
                }
            }
        }
        let depth = self.depth;
        if let Some(open) = &mut self.open
            && open.field.is_some()
        {
            open.last = at;
            open.span = open.span.to(span);
            // A value without brackets ends with its line, save where strings are joined.
            if open.field.is_some_and(|(_, base)| base == depth) && !text.trim_end().ends_with('+') {
                let closes = !open.whole.is_empty() || !open.parts.is_empty();
                if closes {
                    open.up(depth);
                }
            }
        }
    }

    fn key(&mut self, key: &str, value: Option<&str>, whole: bool, at: usize, span: Span) {
        let inside = self.open.as_ref().and_then(|open| open.field).is_some_and(|(field, base)| {
            matches!(field, Field::Subject | Field::Issuer | Field::Names) && self.depth > base
        });
        if inside {
            if let Some(open) = &mut self.open {
                open.kind = attribute(key).or_else(|| name_kind(key));
                if let Some(value) = value {
                    open.text(value);
                }
            }
            return;
        }
        if let Some(open) = &mut self.open {
            open.up(self.depth);
        }
        let Some(field) = field(key).filter(|_| whole) else {
            if let Some(open) = &mut self.open {
                open.field = None;
            }
            return;
        };
        if self.open.as_ref().is_some_and(|open| open.has(field)) {
            self.close();
        }
        let depth = self.depth;
        let open = self.open.get_or_insert_with(|| Open {
            certificate: Certificate::default(),
            last: at,
            span,
            field: None,
            kind: None,
            parts: Vec::new(),
            whole: String::new(),
        });
        open.field = Some((field, depth));
        open.kind = None;
        if let Some(value) = value {
            open.text(value);
        }
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        open.up(0);
        let certificate = open.certificate;
        let named = !certificate.subject.attributes.is_empty() || !certificate.issuer.attributes.is_empty();
        if named && certificate.not_after.is_some() {
            self.found.push(Printed { certificate, span: open.span });
        }
        self.depth = 0;
    }
}

impl Open {
    fn has(&self, field: Field) -> bool {
        match field {
            Field::Subject => !self.certificate.subject.attributes.is_empty(),
            Field::Issuer => !self.certificate.issuer.attributes.is_empty(),
            Field::NotBefore => self.certificate.not_before.is_some(),
            Field::NotAfter => self.certificate.not_after.is_some(),
            // PHP has it twice, in decimal and in hex.
            Field::Serial | Field::Names => false,
        }
    }

    /// A text: a value, or the name of an attribute in a tuple.
    fn text(&mut self, text: &str) {
        let Some((field, _)) = self.field else { return };
        let certificate = &mut self.certificate;
        match field {
            Field::NotBefore => certificate.not_before = certificate.not_before.or_else(|| date(text)),
            Field::NotAfter => certificate.not_after = certificate.not_after.or_else(|| date(text)),
            Field::Serial => {
                if let Some(serial) = serial(text.strip_prefix("0x").unwrap_or(text)) {
                    certificate.serial = serial;
                }
            }
            Field::Names => {
                if let Some(kind) = self.kind.take() {
                    push(certificate, kind, text);
                } else if let Some(kind) = name_kind(text) {
                    self.kind = Some(kind);
                } else if text.contains(':') && !text.starts_with(|c: char| c.is_ascii_digit()) {
                    for part in text.split(',').take(400) {
                        if let Some((kind, value)) = part.trim().split_once(':')
                            && let Some(kind) = name_kind(kind)
                        {
                            push(certificate, kind, value);
                        }
                    }
                } else {
                    push(certificate, "dns", text);
                }
            }
            Field::Subject | Field::Issuer => {
                if self.parts.len() >= PARTS || text.len() > 2048 {
                } else if let Some(kind) = self.kind.take() {
                    self.parts.push((kind.to_owned(), text.to_owned()));
                } else if let Some(kind) = attribute(text).filter(|_| !text.contains('=')) {
                    self.kind = Some(kind);
                } else if self.parts.is_empty() && (text.contains('=') || !self.whole.is_empty()) {
                    self.whole.push_str(text);
                }
            }
        }
    }

    fn shown(&mut self, text: &str) {
        let text = text.strip_prefix("OpenSSL::X509::Name ").unwrap_or(text);
        let text = text.strip_prefix("Name(").and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        if text.contains('=') && text.len() < 2048 {
            self.whole.push_str(text);
        }
    }

    /// A bracket was closed: a name that stood inside is whole.
    fn up(&mut self, depth: usize) {
        let Some((field, base)) = self.field else { return };
        if depth > base {
            return;
        }
        let parts = std::mem::take(&mut self.parts);
        let whole = std::mem::take(&mut self.whole);
        self.kind = None;
        let read = if parts.is_empty() { written(&whole) } else { made(parts, true) };
        match (field, read) {
            (Field::Subject, Some(name)) => self.certificate.subject = name,
            (Field::Issuer, Some(name)) => self.certificate.issuer = name,
            _ => {}
        }
        if depth < base {
            self.field = None;
        }
    }
}

/// A name as one text. Node writes an attribute on each line, in the order of the encoding.
fn written(text: &str) -> Option<Name> {
    let lines: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
    if lines.len() < 2 {
        return name(text, &[]);
    }
    let parts = lines.iter().filter_map(|line| {
        let (kind, value) = line.split_once('=')?;
        Some((attribute(kind)?.to_owned(), value.to_owned()))
    });
    made(parts.take(PARTS).collect(), true)
}

fn name_kind(text: &str) -> Option<&'static str> {
    match text.trim() {
        "DNS" | "DNSName" | "dNSName" => Some("dns"),
        "IP Address" | "IP" => Some("ip"),
        "email" | "Email" => Some("email"),
        "URI" => Some("uri"),
        _ => None,
    }
}

fn push(certificate: &mut Certificate, kind: &str, value: &str) {
    let value = value.trim();
    if value.is_empty() || value.len() > 255 || value.contains(' ') {
        return;
    }
    let names = certificate.san.get_or_insert_with(AltNames::default);
    let list = match kind {
        "dns" => &mut names.dns,
        "ip" => &mut names.ip,
        "email" => &mut names.email,
        "uri" => &mut names.uri,
        _ => return,
    };
    if list.len() < 400 {
        list.push(value.to_owned());
    }
}

/// A date in one of the usual notations, or as the encoding has it: `270925014551Z`.
fn date(text: &str) -> Option<Time> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(digits) = digits else { return time(text) };
    let year = digits.len().checked_sub(10)?;
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i64>().ok();
    let century = match year {
        2 if number(0, 2)? < 50 => 2000,
        2 => 1900,
        4 => 0,
        _ => return None,
    };
    let two = |at: usize| number(year + 2 * at, year + 2 * at + 2);
    let day = (u32::try_from(two(0)?).ok()?, u32::try_from(two(1)?).ok()?);
    if !(1..=12).contains(&day.0) || !(1..=31).contains(&day.1) {
        return None;
    }
    let seconds = two(2)? * 3600 + two(3)? * 60 + two(4)?;
    Some(Time(Time::date(century + number(0, year)?, day.0, day.1).0 + seconds))
}

/// The next thing in a line, and what stands behind it.
fn next(text: &str) -> Option<(Token<'_>, &str)> {
    let mut rest = text;
    loop {
        let first = rest.chars().next()?;
        match first {
            '(' | '{' => return Some((Token::Open, rest.get(1..)?)),
            ')' | '}' | ']' => return Some((Token::Close, rest.get(1..)?)),
            '[' => {
                // PHP: `[CN] => …`, `["CN"]=>`.
                let inside = rest.get(1..)?;
                if let Some((key, behind)) = inside.split_once(']')
                    && key.len() < 40
                    && let Some(value) = behind.trim_start().strip_prefix("=>")
                {
                    return Some(keyed(key.trim_matches(['"', '\'']), value, true));
                }
                return Some((Token::Open, inside));
            }
            '"' | '\'' => {
                let (value, behind) = quoted(rest, first)?;
                return Some(match separated(behind) {
                    Some(value_text) => {
                        let length = rest.len() - behind.len();
                        let key = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
                        keyed(key, value_text, false)
                    }
                    None => (Token::Text(value), behind),
                });
            }
            '<' => {
                let inside = rest.get(1..)?;
                let shown = ["OpenSSL::X509::Name ", "Name("].iter().any(|start| inside.starts_with(start));
                if let Some((object, behind)) = inside.split_once('>').filter(|_| shown) {
                    return Some((Token::Shown(object), behind));
                }
                rest = inside;
            }
            first if first.is_ascii_alphabetic() || first == '_' => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$')));
                let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
                // `string(2) "DE"`: the number is none of the value.
                if matches!(word, "string" | "array" | "int") && behind.starts_with('(') {
                    rest = behind.split_once(')').map_or("", |(_, behind)| behind);
                    continue;
                }
                if let Some(value) = separated(behind) {
                    return Some(keyed(word, value, false));
                }
                rest = behind;
            }
            _ => rest = rest.get(first.len_utf8()..)?,
        }
    }
}

/// A key and, where it has no quotes or brackets, its value.
fn keyed<'a>(key: &'a str, behind: &'a str, line: bool) -> (Token<'a>, &'a str) {
    let value = behind.trim_start_matches([' ', '\t']);
    // Elsewhere words without quotes are a language's own, or a tool's for people.
    let plain = matches!(field(key), Some(Field::NotBefore | Field::NotAfter | Field::Serial));
    let bare = (line || plain) && value.starts_with(|c: char| c.is_alphanumeric() || c == '/') && {
        let word = value.split([' ', '(']).next().unwrap_or_default();
        !matches!(word, "Array" | "array" | "string" | "int" | "bool" | "null" | "undefined")
    };
    if !bare {
        let word = value.starts_with(|c: char| c.is_alphanumeric() || c == '/');
        let whole = line || !word || value.starts_with("string") || value.starts_with("array");
        return (Token::Key(key, None, whole), value);
    }
    // `print_r` gives the whole line to a value; elsewhere a comma ends it.
    let end = if line { value.len() } else { value.find([',', '>', '}', ')']).unwrap_or(value.len()) };
    let (own, behind) = value.split_at(end);
    (Token::Key(key, Some(own.trim()), true), behind)
}

/// What stands behind `:`, `=>` or `=`.
fn separated(text: &str) -> Option<&str> {
    let text = text.trim_start_matches([' ', '\t']);
    if text.starts_with("::") || text.starts_with("==") {
        return None;
    }
    text.strip_prefix("=>").or_else(|| text.strip_prefix([':', '=']))
}

/// The text in quotes, with its escapes undone, and what stands behind it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                'u' => {
                    let code = text.get(at + 2..at + 6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                    out.extend(code.and_then(char::from_u32));
                    chars.by_ref().nth(3)?;
                }
                other => out.push(other),
            },
            char if char == quote => return Some((out, text.get(at + 1..)?)),
            other => out.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Vec<Certificate> {
        super::super::printed_in(text, find)
    }

    const PYTHON: &str = "{'subject': ((('countryName', 'DE'),), (('organizationName', 'Example, Inc'),), \
        (('commonName', 'shop.example.com'),)), 'issuer': ((('commonName', 'Example CA'),),), 'version': 3, \
        'serialNumber': '5F3A9C', 'notBefore': 'Nov 29 01:45:51 2026 GMT', \
        'notAfter': 'Sep 25 01:45:51 2027 GMT', 'subjectAltName': (('DNS', 'shop.example.com'), \
        ('IP Address', '192.0.2.7'))}";
    const NODE: &str = "{\n  subject: [Object: null prototype] {\n    C: 'DE',\n    O: 'Example, Inc',\n    \
        CN: 'shop.example.com'\n  },\n  issuer: [Object: null prototype] { CN: 'Example CA' },\n  \
        subjectaltname: 'DNS:shop.example.com, IP Address:192.0.2.7',\n  bits: 2048,\n  \
        pubkey: <Buffer 30 82 01 22 ... 244 more bytes>,\n  valid_from: 'Nov 29 01:45:51 2026 GMT',\n  \
        valid_to: 'Sep 25 01:45:51 2027 GMT',\n  serialNumber: '5F3A9C'\n}\n";
    const NODE_OBJECT: &str = "X509Certificate {\n  subject: 'C=DE\\nO=Example, Inc\\nCN=shop.example.com',\n  \
        subjectAltName: 'DNS:shop.example.com, IP Address:192.0.2.7',\n  issuer: 'CN=Example CA',\n  \
        validFrom: 'Nov 29 01:45:51 2026 GMT',\n  validTo: 'Sep 25 01:45:51 2027 GMT',\n  \
        serialNumber: '5F3A9C'\n}\n";
    const PHP: &str = "Array\n(\n    [name] => /C=DE/CN=shop.example.com\n    [subject] => Array\n        (\n            \
        [C] => DE\n            [O] => Example, Inc\n            [CN] => shop.example.com\n        )\n\n    \
        [hash] => 0dab6772\n    [issuer] => Array\n        (\n            [CN] => Example CA\n        )\n\n    \
        [serialNumber] => 6240924\n    [serialNumberHex] => 5F3A9C\n    [validFrom] => 261129014551Z\n    \
        [validTo] => 270925014551Z\n    [extensions] => Array\n        (\n            \
        [subjectAltName] => DNS:shop.example.com, IP Address:192.0.2.7\n        )\n)\n";
    const RUBY: &str = "#<OpenSSL::X509::Certificate: subject=#<OpenSSL::X509::Name CN=shop.example.com,\
        O=Example\\, Inc,C=DE>, issuer=#<OpenSSL::X509::Name CN=Example CA>, \
        serial=#<OpenSSL::BN:0x00007f14>, not_before=2026-11-29 01:45:51 UTC, not_after=2027-09-25 01:45:51 UTC>";

    #[test]
    fn reads_what_languages_print() {
        for text in [PYTHON, NODE, NODE_OBJECT, PHP, RUBY] {
            let [one] = printed(text).try_into().expect(text);
            assert_eq!(one.subject.rfc4514, "CN=shop.example.com,O=Example\\, Inc,C=DE", "{text}");
            assert_eq!(one.issuer.rfc4514, "CN=Example CA", "{text}");
            assert_eq!(one.not_before.unwrap().to_string(), "2026-11-29T01:45:51Z", "{text}");
            assert_eq!(one.not_after.unwrap().to_string(), "2027-09-25T01:45:51Z", "{text}");
            if text != RUBY {
                assert_eq!(one.serial, "5f3a9c", "{text}");
                let names = one.san.expect("names");
                assert_eq!(
                    (names.dns.as_slice(), names.ip.as_slice()),
                    (&["shop.example.com".to_owned()][..], &["192.0.2.7".to_owned()][..]),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn reads_json_and_several() {
        let json = "{\n  \"subject\": {\n    \"common_name\": \"a.example\",\n    \"names\": [\"a.example\"]\n  },\n  \
            \"issuer\": {\"common_name\": \"CA\"},\n  \"sans\": [\"a.example\", \"b.example\"],\n  \
            \"not_before\": \"2026-11-29T01:45:51Z\",\n  \"not_after\": \"2027-09-25T01:45:51Z\"\n}\n";
        let [one] = printed(json).try_into().unwrap();
        assert_eq!(one.subject.rfc4514, "CN=a.example");
        assert_eq!(one.san.unwrap().dns, ["a.example", "b.example"]);
        let nested = NODE.replace("'5F3A9C'\n}", "'5F3A9C',\n  issuerCertificate: <ref *1> {\n    subject: { CN: 'Example CA' },\n    issuer: { CN: 'Example CA' },\n    valid_to: 'Sep 25 01:45:51 2029 GMT',\n  }\n}");
        let all = printed(&nested);
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].subject.rfc4514, "CN=Example CA");
    }

    #[test]
    fn other_objects_are_no_certificates() {
        assert!(printed("{\"subject\": \"Re: not_after\", \"issuer\": {\"name\": \"bank\"}}\n").is_empty());
        assert!(printed("Subject: CN=a\nIssuer: CN=b\n").is_empty());
        assert!(printed("{'subject': ((('commonName', 'a'),),), 'notAfter': 'never'}").is_empty());
        assert_eq!(date("270925014551Z"), date("20270925014551Z"));
        assert_eq!(date("27092501Z"), None);
    }
}
