//! Walks BER and DER, one element at a time.
//!
//! In:  bytes, also of encodings that only BER allows: indefinite lengths, strings in pieces.
//! Out: [`Element`]s with their places, or where and why there is none.
//! Not here: what an element means.

use std::borrow::Cow;
use std::fmt;

/// Why bytes could not be read as what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The field, such as `tbsCertificate.validity`.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: Fault,
    /// Where it begins, in bytes.
    pub at: usize,
}

/// What is wrong with an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes end before the element does; how many are missing at least.
    Truncated(usize),
    /// There is nothing where something must be.
    Missing,
    /// Another tag than the one that belongs there.
    Tag(u8),
    /// A length that no encoding allows.
    Length,
    /// Nested deeper than anything real.
    Depth,
    /// Bytes after the end; how many.
    Trailing(usize),
    /// A value that its type does not allow.
    Value,
}

impl Malformed {
    /// Whether the bytes were cut off: more of them may mend it.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        matches!(self.why, Fault::Truncated(_))
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.field, self.at, self.why)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated(missing) => write!(f, "cut off, at least {missing} bytes are missing"),
            Self::Missing => f.write_str("missing"),
            Self::Tag(tag) => write!(f, "unexpected tag 0x{tag:02x}"),
            Self::Length => f.write_str("impossible length"),
            Self::Depth => f.write_str("nested too deeply"),
            Self::Trailing(count) => write!(f, "{count} bytes too many"),
            Self::Value => f.write_str("value not allowed"),
        }
    }
}

impl Fault {
    /// The same in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Truncated(missing) => format!("被截断,至少缺少 {missing} 个字节"),
            Self::Missing => "缺失".to_owned(),
            Self::Tag(tag) => format!("意外的标签 0x{tag:02x}"),
            Self::Length => "不可能的长度".to_owned(),
            Self::Depth => "嵌套过深".to_owned(),
            Self::Trailing(count) => format!("多出 {count} 个字节"),
            Self::Value => "不允许的值".to_owned(),
        }
    }
}

/// First octets of the elements that X.509 is made of.
#[allow(missing_docs, reason = "each is named as in X.680")]
pub mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const ENUMERATED: u8 = 0x0a;
    pub const UTF8: u8 = 0x0c;
    pub const NUMERIC: u8 = 0x12;
    pub const PRINTABLE: u8 = 0x13;
    pub const T61: u8 = 0x14;
    pub const IA5: u8 = 0x16;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const VISIBLE: u8 = 0x1a;
    pub const UNIVERSAL: u8 = 0x1c;
    pub const BMP: u8 = 0x1e;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
}

/// How deep elements may nest where lengths are indefinite.
const DEPTH: u8 = 24;

/// One element: tag, length, contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The first octet. Tag numbers over 30 are not used in X.509 and read as `0x1f` there.
    pub tag: u8,
    /// Where it begins.
    pub at: usize,
    /// Its contents, without the end-of-contents octets of an indefinite length.
    pub content: &'a [u8],
    /// All of it.
    pub whole: &'a [u8],
    /// The length is not written as DER wants it.
    pub loose: bool,
}

impl<'a> Element<'a> {
    /// The number of a context-specific tag.
    #[must_use]
    pub fn context(&self) -> Option<u8> {
        (self.tag & 0xc0 == 0x80).then_some(self.tag & 0x1f)
    }

    /// Whether it is made of other elements.
    #[must_use]
    pub fn constructed(&self) -> bool {
        self.tag & 0x20 != 0
    }

    /// A reader of what is inside.
    #[must_use]
    pub fn inside(&self) -> Reader<'a> {
        Reader { rest: self.content, at: self.at + self.header() }
    }

    /// What a string holds, put together where it comes in pieces.
    #[must_use]
    pub fn string(&self) -> Cow<'a, [u8]> {
        if !self.constructed() {
            return Cow::Borrowed(self.content);
        }
        let mut whole = Vec::with_capacity(self.content.len());
        self.collect(&mut whole, 0);
        Cow::Owned(whole)
    }

    fn collect(&self, whole: &mut Vec<u8>, depth: u8) {
        if !self.constructed() {
            whole.extend_from_slice(self.content);
        } else if depth < DEPTH {
            for piece in self.inside() {
                piece.collect(whole, depth + 1);
            }
        }
    }

    fn header(&self) -> usize {
        // The contents are a part of the whole, behind the header.
        (self.content.as_ptr() as usize).saturating_sub(self.whole.as_ptr() as usize)
    }
}

/// Reads elements that stand one behind the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Where the next element begins.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// The first octet of the next element.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    ///
    /// # Errors
    /// There is none, or it is cut off.
    pub fn any(&mut self, field: &'static str) -> Result<Element<'a>, Malformed> {
        let (element, rest) =
            split(self.rest, self.at, 0).map_err(|why| Malformed { field, why, at: self.at })?;
        self.at += element.whole.len();
        self.rest = rest;
        Ok(element)
    }

    /// The next element, which must have this tag; strings may come in pieces.
    ///
    /// # Errors
    /// There is none, it is another one, or it is cut off.
    pub fn expect(&mut self, tag: u8, field: &'static str) -> Result<Element<'a>, Malformed> {
        match self.peek() {
            Some(found) if found == tag || (found == tag | 0x20 && is_string(tag)) => self.any(field),
            Some(found) => Err(Malformed { field, why: Fault::Tag(found), at: self.at }),
            None => Err(Malformed { field, why: Fault::Missing, at: self.at }),
        }
    }

    /// The next element if it has this tag.
    ///
    /// # Errors
    /// It is cut off.
    pub fn optional(&mut self, tag: u8, field: &'static str) -> Result<Option<Element<'a>>, Malformed> {
        match self.peek() {
            Some(found) if found == tag || (found == tag | 0x20 && is_string(tag)) => {
                self.any(field).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The elements up to the first that cannot be read.
impl<'a> Iterator for Reader<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        if self.is_empty() { None } else { self.any("").ok() }
    }
}

fn is_string(tag: u8) -> bool {
    matches!(tag, tag::BIT_STRING | tag::OCTET_STRING | 0x0c | 0x12..=0x1e) || tag & 0xe0 == 0x80
}

/// The first element of these bytes, and what is behind it.
fn split(bytes: &[u8], at: usize, depth: u8) -> Result<(Element<'_>, &[u8]), Fault> {
    let (&tag, rest) = bytes.split_first().ok_or(Fault::Missing)?;
    let mut rest = rest;
    if tag & 0x1f == 0x1f {
        // A tag number in octets of its own, at most five of them.
        let octets = rest.iter().position(|octet| octet & 0x80 == 0).ok_or(Fault::Truncated(1))?;
        if octets > 4 {
            return Err(Fault::Tag(tag));
        }
        rest = rest.get(octets + 1..).unwrap_or_default();
    }
    let (&first, rest) = rest.split_first().ok_or(Fault::Truncated(1))?;
    if first == 0x80 {
        if tag & 0x20 == 0 {
            return Err(Fault::Length);
        }
        let (content, behind) = indefinite(rest, depth)?;
        let whole = bytes.get(..bytes.len() - behind.len()).unwrap_or_default();
        return Ok((Element { tag, at, content, whole, loose: true }, behind));
    }
    let (length, rest, loose) = if first < 0x80 {
        (usize::from(first), rest, false)
    } else {
        let octets = usize::from(first & 0x7f);
        let (length, rest) =
            rest.split_at_checked(octets).ok_or(Fault::Truncated(octets.saturating_sub(rest.len())))?;
        let zeros = length.iter().take_while(|octet| **octet == 0).count();
        if octets - zeros > 4 {
            return Err(Fault::Length);
        }
        let value = length.iter().fold(0_u64, |value, octet| (value << 8) | u64::from(*octet));
        let value = usize::try_from(value).map_err(|_| Fault::Length)?;
        (value, rest, zeros > 0 || value < 0x80)
    };
    let (content, behind) =
        rest.split_at_checked(length).ok_or(Fault::Truncated(length.saturating_sub(rest.len())))?;
    let whole = bytes.get(..bytes.len() - behind.len()).unwrap_or_default();
    Ok((Element { tag, at, content, whole, loose }, behind))
}

/// Contents up to the end-of-contents octets, and what is behind them.
fn indefinite(bytes: &[u8], depth: u8) -> Result<(&[u8], &[u8]), Fault> {
    if depth >= DEPTH {
        return Err(Fault::Depth);
    }
    let mut rest = bytes;
    loop {
        if let Some(behind) = rest.strip_prefix(&[0, 0]) {
            let content = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
            return Ok((content, behind));
        }
        if rest.len() < 2 {
            return Err(Fault::Truncated(2 - rest.len()));
        }
        rest = split(rest, 0, depth + 1)?.1;
    }
}

/// Bytes as lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    push_hex(&mut text, bytes);
    text
}

/// The same, behind what is already there.
pub(super) fn push_hex(text: &mut String, bytes: &[u8]) {
    text.reserve(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0xf));
    }
}

fn digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 })
}

/// A non-negative INTEGER of up to 8 octets.
#[must_use]
pub fn small(content: &[u8]) -> Option<u64> {
    let (first, _) = content.split_first()?;
    let digits = content.iter().skip_while(|octet| **octet == 0);
    (first & 0x80 == 0 && digits.clone().count() <= 8)
        .then(|| digits.fold(0, |value, octet| (value << 8) | u64::from(*octet)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_ber_allows() {
        // An OCTET STRING of indefinite length, in two pieces.
        let bytes = [0x24, 0x80, 0x04, 0x01, 0xaa, 0x04, 0x02, 0xbb, 0xcc, 0, 0, 0x05, 0x00];
        let mut reader = Reader::new(&bytes);
        let string = reader.expect(tag::OCTET_STRING, "string").unwrap();
        assert_eq!(&*string.string(), [0xaa, 0xbb, 0xcc]);
        assert!(string.loose);
        assert_eq!(reader.any("null").unwrap().at, 11);
        assert!(reader.is_empty());
    }

    #[test]
    fn says_how_much_is_missing() {
        let fault = Reader::new(&[0x30, 0x82, 0x01, 0x00, 1, 2]).any("certificate").unwrap_err();
        assert_eq!(fault.why, Fault::Truncated(254));
        assert_eq!(Reader::new(&[0x04, 0x80, 0, 0]).any("x").unwrap_err().why, Fault::Length);
        assert_eq!(Reader::new(&[0x30, 0x80].repeat(99)).any("x").unwrap_err().why, Fault::Depth);
    }
}
