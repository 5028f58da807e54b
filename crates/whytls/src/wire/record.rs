//! The headers of records: of TLS, and of SSL 2.0.
//!
//! In:  bytes where a record may begin.
//! Out: its header, or that there is none.
//! Not here: what the record holds. That is `session`.

use super::bytes::Reader;
use super::flow::{ServerHello, What};
use crate::tls::Version;

/// Bytes of a record's header.
pub(crate) const HEADER: usize = 5;
/// 16 KiB, and what old versions allow for compression and encryption.
const LONGEST: usize = (1 << 14) + 2048;

pub(crate) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(crate) const ALERT: u8 = 21;
pub(crate) const HANDSHAKE: u8 = 22;
pub(crate) const APPLICATION_DATA: u8 = 23;
pub(crate) const HEARTBEAT: u8 = 24;

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: u8,
    pub(crate) version: Version,
    pub(crate) length: usize,
}

/// The header that stands here, if one can.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    let [kind, major, minor, high, low, ..] = *bytes else { return None };
    let header = Header {
        kind,
        version: Version(u16::from_be_bytes([major, minor])),
        length: usize::from(u16::from_be_bytes([high, low])),
    };
    (known(kind, major, minor) && header.length <= LONGEST).then_some(header)
}

fn known(kind: u8, major: u8, minor: u8) -> bool {
    // Drafts of TLS 1.3 wrote 7f into records for a while; TLCP is 1.1.
    let version = match major {
        3 => minor <= 4,
        1 => minor == 1,
        0x7f => true,
        _ => false,
    };
    (CHANGE_CIPHER_SPEC..=HEARTBEAT).contains(&kind) && version
}

/// Whether fewer bytes than a header may be the beginning of one, or of SSL 2.0.
pub(crate) fn may_begin(bytes: &[u8]) -> bool {
    match *bytes {
        [kind, major, minor, ..] if kind & 0x80 == 0 => known(kind, major, minor),
        [kind, major] if kind & 0x80 == 0 => known(kind, major, 1),
        [kind] if kind & 0x80 == 0 => known(kind, 3, 1),
        [_, _, kind, ..] => matches!(kind, 1 | 4),
        _ => true,
    }
}

/// Surely a record: its header, and the first bytes of what it must hold.
pub(crate) fn looks_like_one(bytes: &[u8]) -> bool {
    let Some(header) = header(bytes) else { return false };
    let content = bytes.get(HEADER..).unwrap_or_default();
    match header.kind {
        HANDSHAKE => message(content).is_none_or(|(kind, _)| kind <= 25),
        ALERT => header.length >= 2 && content.first().is_none_or(|level| header.length > 2 || *level <= 2),
        CHANGE_CIPHER_SPEC => header.length == 1 && content.first().is_none_or(|one| *one == 1),
        _ => header.length > 0,
    }
}

/// Where the next record begins, in bytes that may begin in the middle of one.
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    let found = (0..bytes.len()).find(|start| {
        let rest = bytes.get(*start..).unwrap_or_default();
        let Some(header) = header(rest) else { return false };
        // Random bytes look like a header now and then; two in a row, or one that ends with the bytes, do not.
        match rest.get(HEADER + header.length..) {
            Some([]) => looks_like_one(rest),
            Some(next) if next.len() < HEADER => looks_like_one(rest) && may_begin(next),
            Some(next) => looks_like_one(rest) && self::header(next).is_some(),
            None => false,
        }
    });
    // A long record goes on in what comes next; packets often begin with one.
    found.or_else(|| looks_like_one(bytes).then_some(0))
}

/// Number and length of the message that begins here.
pub(crate) fn message(bytes: &[u8]) -> Option<(u8, usize)> {
    let mut reader = Reader::new(bytes);
    Some((reader.u8()?, reader.u24()?))
}

/// A ClientHello in the form of SSL 2.0.
pub(crate) fn ssl2_hello(bytes: &[u8]) -> bool {
    let [high, low, 1, major, minor, a, b, c, d, e, f, ..] = *bytes else { return false };
    let length = usize::from(u16::from_be_bytes([high & 0x7f, low]));
    let parts = [[a, b], [c, d], [e, f]].map(|two| usize::from(u16::from_be_bytes(two)));
    let version = (major == 0 && minor == 2) || (major == 3 && minor <= 4);
    let fits =
        parts.iter().sum::<usize>() + 9 == length && parts.first().is_some_and(|suites| suites % 3 == 0);
    high & 0x80 != 0 && version && fits
}

/// A ServerHello of SSL 2.0.
pub(crate) fn ssl2_server_hello(bytes: &[u8]) -> bool {
    matches!(ssl2_header(bytes), Some((start, length)) if length >= 11
        && matches!(bytes.get(start..), Some([4, 0 | 1, _, 0, 2, ..])))
}

/// Where a record of SSL 2.0 begins after its header, and how long it is.
pub(crate) fn ssl2_header(bytes: &[u8]) -> Option<(usize, usize)> {
    let [high, low, ..] = *bytes else { return None };
    Some(match high & 0x80 {
        0 => (3, usize::from(u16::from_be_bytes([high & 0x3f, low]))),
        _ => (2, usize::from(u16::from_be_bytes([high & 0x7f, low]))),
    })
}

/// The ServerHello of SSL 2.0, with the certificate that stands in it.
pub(crate) fn ssl2_answer(message: &[u8]) -> Vec<What> {
    let hello = |version| {
        let version = Some(version);
        What::ServerHello(Box::new(ServerHello {
            version,
            legacy_version: version,
            ..ServerHello::default()
        }))
    };
    let mut reader = Reader::new(message);
    let mut read = || {
        reader.take(3)?;
        let version = Version(reader.u16()?);
        let certificate: usize = reader.u16()?.into();
        reader.take(4)?;
        Some((version, reader.take(certificate)?.to_vec()))
    };
    match read() {
        Some((version, certificate)) if !certificate.is_empty() => {
            vec![hello(version), What::Certificate(vec![certificate])]
        }
        Some((version, _)) => vec![hello(version)],
        None => vec![hello(Version::SSL2)],
    }
}
