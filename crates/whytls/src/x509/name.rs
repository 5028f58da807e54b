//! Names of subjects and issuers, and the general names of extensions.
//!
//! In:  DER of a Name or a GeneralName, also with the strings of old times.
//! Out: [`Name`] with RFC 4514's text, [`GeneralName`].
//! Not here: whether a host name fits. That is `verify`.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::borrow::Cow;
use std::fmt;

use super::der::{Element, Malformed, Reader, push_hex, tag};
use super::oid;

/// A name as RFC 4514 writes it, its attributes, and its DER for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Name {
    /// RFC 4514: the last RDN first, `CN=example.com,O=Example`.
    pub rfc4514: String,
    /// In the order of the encoding.
    pub attributes: Vec<Attribute>,
    /// The DER of the whole name.
    pub der: Vec<u8>,
    /// It could be read in part only.
    pub malformed: bool,
}

/// One attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// Its short name (`CN`, `O`, `emailAddress`), else its OID.
    pub kind: Cow<'static, str>,
    /// Its value as text; what is no text is `#` and its DER in hex.
    pub value: String,
    /// The tag of its string type: see [`tag`].
    pub tag: u8,
    /// The number of characters, or of bytes where it is no text.
    pub length: usize,
    /// Which RDN it stands in, counted from 0.
    pub rdn: usize,
    /// The bytes do not fit the string type.
    pub garbled: bool,
}

impl Name {
    /// The last attribute of that short name.
    #[must_use]
    pub fn attribute(&self, short: &str) -> Option<&str> {
        self.attributes.iter().rev().find(|a| a.kind == short).map(|a| a.value.as_str())
    }

    /// Every attribute of that short name, in the order of the encoding.
    pub fn all<'a>(&'a self, short: &'a str) -> impl Iterator<Item = &'a str> {
        self.attributes.iter().filter(move |a| a.kind == short).map(|a| a.value.as_str())
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// What it would be called in a sentence: its CN, else its O or OU, else all of it.
    #[must_use]
    pub fn short(&self) -> &str {
        ["CN", "O", "OU"].iter().find_map(|kind| self.attribute(kind)).unwrap_or(&self.rfc4514)
    }

    /// Reads a Name.
    pub(super) fn read(element: &Element<'_>) -> Self {
        let mut name = Self { der: element.whole.to_vec(), ..Self::default() };
        name.malformed = name.fill(element).is_err();
        name
    }

    fn fill(&mut self, element: &Element<'_>) -> Result<(), Malformed> {
        const FIELD: &str = "RDNSequence";
        let mut raw: Vec<Element<'_>> = Vec::with_capacity(8);
        let mut read = || {
            let mut rdns = element.inside();
            let mut rdn = 0;
            while !rdns.is_empty() {
                let mut set = rdns.expect(tag::SET, FIELD)?.inside();
                while !set.is_empty() {
                    let mut pair = set.expect(tag::SEQUENCE, FIELD)?.inside();
                    let kind = pair.expect(tag::OID, FIELD)?;
                    let value = pair.any(FIELD)?;
                    let text = text(&value);
                    self.attributes.push(Attribute {
                        kind: oid::name_or_dotted(kind.content),
                        tag: value.tag,
                        length: text.as_ref().map_or(value.content.len(), |(text, _)| text.chars().count()),
                        rdn,
                        garbled: text.as_ref().is_some_and(|(_, garbled)| *garbled),
                        value: text.map_or_else(|| dump(&value), |(text, _)| text),
                    });
                    raw.push(value);
                }
                rdn += 1;
            }
            Ok(())
        };
        let read = read();
        let mut text = String::with_capacity(element.whole.len() + 16);
        let mut last = None;
        for (attribute, raw) in self.attributes.iter().zip(&raw).rev() {
            match last {
                Some(rdn) if rdn == attribute.rdn => text.push('+'),
                Some(_) => text.push(','),
                None => {}
            }
            last = Some(attribute.rdn);
            text.push_str(&attribute.kind);
            text.push('=');
            let known = attribute.kind.starts_with(|first: char| !first.is_ascii_digit());
            if known && !attribute.value.starts_with('#') {
                escape(&attribute.value, &mut text);
            } else if known && is_text(raw.tag) {
                text.push('\\');
                escape(&attribute.value, &mut text);
            } else {
                text.push('#');
                text.push_str(&super::der::hex(raw.whole).to_ascii_uppercase());
            }
        }
        self.rfc4514 = text;
        read
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc4514)
    }
}

/// RFC 4514 §2.4. A `#` in front is the caller's business.
fn escape(value: &str, text: &mut String) {
    let last = value.chars().count().saturating_sub(1);
    for (at, character) in value.chars().enumerate() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => {
                text.push('\\');
                text.push(character);
            }
            ' ' if at == 0 || at == last => text.push_str("\\ "),
            '\0'..'\x20' | '\x7f' => {
                text.push('\\');
                push_hex_upper(text, character);
            }
            _ => text.push(character),
        }
    }
}

fn push_hex_upper(text: &mut String, character: char) {
    let code = u32::from(character);
    for shift in [4, 0] {
        text.push(char::from_digit((code >> shift) & 0xf, 16).unwrap_or('0').to_ascii_uppercase());
    }
}

fn dump(value: &Element<'_>) -> String {
    let mut text = String::from("#");
    push_hex(&mut text, value.whole);
    text
}

/// Whether elements of this tag hold characters.
fn is_text(found: u8) -> bool {
    matches!(
        found & !0x20,
        tag::UTF8
            | tag::NUMERIC
            | tag::PRINTABLE
            | tag::T61
            | tag::IA5
            | tag::VISIBLE
            | tag::UNIVERSAL
            | tag::BMP
            | tag::UTC_TIME
            | tag::GENERALIZED_TIME
    )
}

/// The characters of a string, and whether any could not be made out. `None` where it is no text.
pub(super) fn text(value: &Element<'_>) -> Option<(String, bool)> {
    if !is_text(value.tag) {
        return None;
    }
    let bytes = value.string();
    Some(match value.tag & !0x20 {
        tag::UTF8 => match std::str::from_utf8(&bytes) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (String::from_utf8_lossy(&bytes).into_owned(), true),
        },
        tag::BMP => {
            let units = bytes.chunks(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0xfffd,
            });
            let text: String =
                char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            let garbled = text.contains(char::REPLACEMENT_CHARACTER);
            (text, garbled)
        }
        tag::UNIVERSAL => {
            let character = |four: &[u8]| {
                let code = <[u8; 4]>::try_from(four).ok().map(u32::from_be_bytes)?;
                char::from_u32(code)
            };
            let text: String =
                bytes.chunks(4).map(|four| character(four).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            let garbled = text.contains(char::REPLACEMENT_CHARACTER);
            (text, garbled)
        }
        // What is not ASCII here came from Latin-1 in nearly all that was ever issued.
        _ => {
            let garbled = value.tag & !0x20 != tag::T61 && !bytes.is_ascii();
            (latin1(&bytes), garbled)
        }
    })
}

pub(super) fn latin1(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.is_ascii()
    {
        return text.to_owned();
    }
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// What belongs into an IA5String and is not ASCII came from UTF-8, where it can have.
fn utf8(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned)
}

/// One of the forms of RFC 5280 §4.2.1.6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// dNSName.
    Dns(String),
    /// iPAddress: 4 or 16 octets; in name constraints 8 or 32.
    Ip(Vec<u8>),
    /// rfc822Name.
    Email(String),
    /// uniformResourceIdentifier.
    Uri(String),
    /// directoryName.
    Directory(Name),
    /// registeredID.
    Registered(String),
    /// otherName: its kind, and its value as text where it is one.
    Other(Cow<'static, str>, String),
    /// x400Address and ediPartyName: which, and its DER in hex.
    Odd(&'static str, String),
}

impl GeneralName {
    /// Reads one.
    ///
    /// # Errors
    /// It is none of the nine forms, or not built as that form is.
    pub(super) fn read(element: &Element<'_>) -> Result<Self, Malformed> {
        const FIELD: &str = "GeneralName";
        let string = || utf8(&element.string());
        Ok(match element.context() {
            Some(0) => {
                let mut inside = element.inside();
                let kind = inside.expect(tag::OID, FIELD)?;
                let value = inside.any(FIELD)?;
                let value = value.inside().any(FIELD).unwrap_or(value);
                let text = text(&value).map_or_else(|| dump(&value), |(text, _)| text);
                Self::Other(oid::name_or_dotted(kind.content), text)
            }
            Some(1) => Self::Email(string()),
            Some(2) => Self::Dns(string()),
            Some(3) => Self::Odd("x400Address", super::der::hex(element.content)),
            Some(4) => {
                let name = element.inside().expect(tag::SEQUENCE, FIELD)?;
                Self::Directory(Name::read(&name))
            }
            Some(5) => Self::Odd("ediPartyName", super::der::hex(element.content)),
            Some(6) => Self::Uri(string()),
            Some(7) => Self::Ip(element.string().into_owned()),
            Some(8) => Self::Registered(oid::dotted(element.content)),
            _ => {
                let why = super::der::Fault::Tag(element.tag);
                return Err(Malformed { field: FIELD, why, at: element.at });
            }
        })
    }

    /// Every one in a SEQUENCE OF GeneralName, up to the first that cannot be read.
    pub(super) fn read_all(mut reader: Reader<'_>) -> (Vec<Self>, Result<(), Malformed>) {
        let mut names = Vec::new();
        while !reader.is_empty() {
            match reader.any("GeneralName").and_then(|element| Self::read(&element)) {
                Ok(name) => names.push(name),
                Err(malformed) => return (names, Err(malformed)),
            }
        }
        (names, Ok(()))
    }
}

/// `DNS:example.com`, `IP:192.0.2.1`, `dirName:CN=…`.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{name}"),
            Self::Ip(octets) => write!(f, "IP:{}", ip(octets)),
            Self::Email(address) => write!(f, "email:{address}"),
            Self::Uri(uri) => write!(f, "URI:{uri}"),
            Self::Directory(name) => write!(f, "dirName:{name}"),
            Self::Registered(oid) => write!(f, "registeredID:{oid}"),
            Self::Other(kind, value) => write!(f, "otherName:{kind}:{value}"),
            Self::Odd(kind, value) => write!(f, "{kind}:{value}"),
        }
    }
}

/// An address, or a network as name constraints have it; hex where the length is of neither.
#[must_use]
pub fn ip(octets: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        return Ipv4Addr::from(four).to_string();
    }
    if let Ok(sixteen) = <[u8; 16]>::try_from(octets) {
        return Ipv6Addr::from(sixteen).to_string();
    }
    match (octets.len(), octets.split_at_checked(octets.len() / 2)) {
        (8 | 32, Some((address, mask))) => {
            let ones: u32 = mask.iter().map(|octet| octet.leading_ones()).sum();
            let contiguous = mask.iter().map(|octet| octet.count_ones()).sum::<u32>() == ones
                && mask.windows(2).all(|pair| matches!(pair, [a, b] if *a == 0xff || *b == 0));
            if contiguous {
                format!("{}/{ones}", ip(address))
            } else {
                format!("{}/{}", ip(address), ip(mask))
            }
        }
        _ => super::der::hex(octets),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(attributes: &[(&[u8], u8, &[u8])]) -> Name {
        let wrap =
            |tag: u8, content: Vec<u8>| [vec![tag, u8::try_from(content.len()).unwrap()], content].concat();
        let rdns = attributes.iter().map(|(oid, tag, value)| {
            let pair = [wrap(tag::OID, oid.to_vec()), wrap(*tag, value.to_vec())].concat();
            wrap(tag::SET, wrap(tag::SEQUENCE, pair))
        });
        let der = wrap(tag::SEQUENCE, rdns.collect::<Vec<_>>().concat());
        Name::read(&Reader::new(&der).any("").unwrap())
    }

    #[test]
    fn writes_names_as_rfc_4514_says() {
        let cn: &[u8] = &[0x55, 4, 3];
        let text = |tag, value: &[u8]| name(&[(cn, tag, value)]).rfc4514;
        assert_eq!(text(tag::UTF8, b"#a, b+c\\ "), "CN=\\#a\\, b\\+c\\\\\\ ");
        assert_eq!(text(tag::UTF8, b" "), "CN=\\ ");
        assert_eq!(text(tag::UTF8, "Müller".as_bytes()), "CN=Müller");
        assert_eq!(text(tag::T61, b"M\xfcller"), "CN=Müller");
        assert_eq!(text(tag::BMP, b"\0M\0\xfc"), "CN=Mü");
        assert_eq!(text(tag::PRINTABLE, b"a\0b"), "CN=a\\00b");
        assert_eq!(text(tag::OCTET_STRING, b"ab"), "CN=#04026162");
        assert_eq!(
            name(&[
                (&[0x55, 4, 6], tag::PRINTABLE, b"DE"),
                (&[0x2a, 3], tag::UTF8, b"x"),
                (cn, tag::UTF8, b"y")
            ])
            .rfc4514,
            "CN=y,1.2.3=#0C0178,C=DE"
        );
    }

    #[test]
    fn writes_addresses() {
        assert_eq!(ip(&[192, 0, 2, 1]), "192.0.2.1");
        assert_eq!(ip(&[10, 0, 0, 0, 255, 0, 0, 0]), "10.0.0.0/8");
        assert_eq!(ip(&[10, 0, 0, 0, 255, 0, 255, 0]), "10.0.0.0/255.0.255.0");
        assert_eq!(ip(&[0; 16]), "::");
        assert_eq!(ip(&[1, 2, 3]), "010203");
    }
}
