//! Says what bytes are, by themselves.
//!
//! In:  bytes.
//! Out: records, a handshake message, a packet, plain text …; nothing where they could be anything.
//! Not here: what they show. That is `conversation` and `frames`.

use crate::wire::file;
use crate::wire::flow::Side;
use crate::wire::packet::Link;

/// What bytes are, by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    /// A capture file.
    Capture,
    /// A frame of this link type.
    Frame(Link),
    /// An IP packet.
    Ip,
    /// A TCP segment.
    Tcp,
    /// A datagram of DTLS or QUIC.
    Datagram,
    /// TLS records.
    Records,
    /// An SSLv2-compatible ClientHello.
    Sslv2,
    /// A handshake message without a record around it.
    Message,
    /// An X.509 certificate in DER.
    Certificate,
    /// What a mail server, a web server or their clients say.
    Text,
}

/// Says what bytes are; nothing where they could be anything.
pub(crate) fn bare(bytes: &[u8]) -> Option<Bare> {
    if file::recognise(bytes).is_some() {
        return Some(Bare::Capture);
    }
    if records(bytes) > 0 {
        return Some(Bare::Records);
    }
    if is_datagram(bytes) {
        return Some(Bare::Datagram);
    }
    if let Some(packet) = packet(bytes) {
        return Some(packet);
    }
    if sslv2(bytes).is_some() {
        return Some(Bare::Sslv2);
    }
    if is_message(bytes) {
        return Some(Bare::Message);
    }
    if is_certificate(bytes) {
        return Some(Bare::Certificate);
    }
    is_text(bytes).then_some(Bare::Text)
}

/// No record holds more (RFC 8446 §5.1).
const RECORD: usize = 16_384;

/// A record's content type and length, if its header can be one.
pub(super) fn header(bytes: &[u8]) -> Option<(u8, usize)> {
    let &[kind, major, minor, high, low, ..] = bytes else { return None };
    let len = usize::from(u16::from_be_bytes([high, low]));
    let version = matches!((major, minor), (3, 0..=4) | (1, 1) | (0x7f, 0x0e..=0x1c));
    let fits = match kind {
        20 => len == 1,
        21 => (2..=512).contains(&len),
        22 | 24 => (1..=RECORD + 2048).contains(&len),
        23 => len <= RECORD + 2048,
        _ => false,
    };
    (version && fits).then_some((kind, len))
}

/// Link types whose frames are told by their headers alone, the likeliest first.
const LINKS: [Link; 7] =
    [Link::Ethernet, Link::Sll, Link::Null, Link::Sll2, Link::Ppp, Link::CiscoHdlc, Link::Radiotap];

/// A packet that says so itself: by its type, its lengths, its checksum.
fn packet(bytes: &[u8]) -> Option<Bare> {
    if is_ip(bytes, Around::Nothing) {
        return Some(Bare::Ip);
    }
    let holds = |link: &Link| link.packet(bytes).is_some_and(|packet| is_ip(packet, Around::Frame));
    let link = LINKS.into_iter().find(holds);
    link.map(Bare::Frame).or_else(|| is_segment(bytes).then_some(Bare::Tcp))
}

/// What a packet stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    /// Its header says already that an IP packet follows, and bytes may be filled in behind that.
    Frame,
    /// Another IP packet.
    Packet,
}

/// An IP packet with TCP or UDP in it, or with another such packet.
fn is_ip(bytes: &[u8], around: Around) -> bool {
    let carries = |next: u8, rest: &[u8]| match next {
        6 | 17 => true,
        4 | 41 => around != Around::Packet && is_ip(rest, Around::Packet),
        _ => false,
    };
    // Behind a short packet stand bytes that fill the frame up.
    let filled_up = |end: usize| {
        let rest = bytes.get(end..).unwrap_or_default();
        !rest.is_empty() && (around != Around::Nothing || rest.iter().all(|byte| *byte == 0))
    };
    match bytes {
        [0x45..=0x4f, _, high, low, ..] => {
            let header = usize::from(bytes.first().copied().unwrap_or(0) & 15) * 4;
            let total = usize::from(u16::from_be_bytes([*high, *low]));
            let Some(own) = bytes.get(..header) else { return false };
            let sum: u32 =
                own.as_chunks::<2>().0.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum();
            let checked = (sum & 0xffff) + (sum >> 16) == 0xffff;
            // Ethernet fills short packets up; a network card adds the checksum, and the length.
            let fits = total == bytes.len() || total == 0 || (total < bytes.len() && bytes.len() <= 60);
            let rest = bytes.get(header..).unwrap_or_default();
            bytes.get(9).is_some_and(|next| carries(*next, rest))
                && (checked || fits || filled_up(total))
                && (total == 0 || total > header)
        }
        [0x60..=0x6f, _, _, _, high, low, next, _, from @ ..] => {
            let payload = usize::from(u16::from_be_bytes([*high, *low]));
            let rest = bytes.get(40..).unwrap_or_default();
            let known = carries(*next, rest) || (matches!(next, 0 | 43 | 44 | 60) && payload == rest.len());
            let to = from.get(16..).unwrap_or_default();
            // A length that is the right one says enough. A network card adds it to what it cuts, and a capture
            // may have cut the packet: then the rest has to look like one.
            let fits = payload == rest.len()
                || filled_up(40 + payload)
                || ((payload == 0 && *next == 6 && bytes.len() > 1280 || payload > rest.len())
                    && (around != Around::Nothing
                        || (is_address(from) && (is_address(to) || to.first() == Some(&0xff))))
                    && begins(*next, payload, rest));
            known && rest.len() >= 8 && fits
        }
        _ => false,
    }
}

/// Whether a machine could have this address of IPv6.
fn is_address(bytes: &[u8]) -> bool {
    matches!(bytes, [0x20..=0x3f | 0xfc | 0xfd, ..] | [0xfe, 0x80..=0xbf, ..] | [0, 0 | 0x64, ..])
}

/// Whether a packet's payload, of which so much was sent, begins as this protocol does.
fn begins(next: u8, sent: usize, bytes: &[u8]) -> bool {
    match (next, bytes) {
        (6, [_, _, _, _, _, _, _, _, _, _, _, _, offset, flags, ..]) => {
            offset >> 4 >= 5 && offset & 0x0e == 0 && matches!(flags & 0x17, 2 | 4 | 0x10..=0x12 | 0x14)
        }
        (17, [_, _, _, _, high, low, ..]) => usize::from(u16::from_be_bytes([*high, *low])) == sent,
        _ => true,
    }
}

/// A TCP segment that carries TLS.
fn is_segment(bytes: &[u8]) -> bool {
    let Some(offset) = bytes.get(12).map(|byte| usize::from(byte >> 4) * 4) else { return false };
    let flags = bytes.get(13).copied().unwrap_or(0xff);
    offset >= 20
        && flags & 0xe7 == 0
        && flags & 0x10 != 0
        && records(bytes.get(offset..).unwrap_or_default()) > 0
}

/// A record of DTLS, or a long header of QUIC.
fn is_datagram(bytes: &[u8]) -> bool {
    match bytes {
        [kind @ 20..=23, 0xfe, 0xfd | 0xff, e1, _, 0, 0, _, _, _, _, high, low, rest @ ..] => {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            let clear = *e1 == 0 && len > 0 && len <= RECORD;
            let fits = match kind {
                20 => len == 1 && rest.first() == Some(&1),
                21 => len >= 2,
                22 => len >= 12,
                _ => rest.len() >= len,
            };
            clear && fits
        }
        [first, v1, v2, v3, v4, dcid, ..] => {
            let version = u32::from_be_bytes([*v1, *v2, *v3, *v4]);
            first & 0xc0 == 0xc0
                && matches!(version, 1 | 0x6b33_43cf | 0xff00_001d..=0xff00_0022)
                && *dcid <= 20
                && bytes.len() > 40
        }
        _ => false,
    }
}

/// How many of the bytes are TLS records, from the first one on; 0 where there is none.
fn records(bytes: &[u8]) -> usize {
    let mut at = 0;
    let mut sure = false;
    while let Some((kind, len)) = bytes.get(at..).and_then(header) {
        let body = bytes.get(at + 5..).unwrap_or_default();
        let whole = body.len() >= len;
        let body = body.get(..len).unwrap_or(body);
        sure |= match (kind, body) {
            (20, [1]) => at > 0,
            (21, [1 | 2, _]) if len == 2 => true,
            (21 | 23, _) => whole && len >= 16,
            // The message's length says whether it is one; an encrypted one is at least a MAC.
            (22, [0 | 14, 0, 0, 0]) => whole,
            (22, [1 | 2 | 4 | 8 | 11 | 12 | 13 | 15 | 16 | 20 | 22 | 24 | 25, 0..=2, _, _, ..]) => true,
            (22, _) => whole && len >= 16,
            _ => false,
        };
        at = (at + 5 + len).min(bytes.len());
    }
    if sure { at } else { 0 }
}

/// The length of an SSLv2-compatible ClientHello (RFC 5246 appendix E.2).
fn sslv2(bytes: &[u8]) -> Option<usize> {
    let &[high, low, 1, major, minor, c1, c2, s1, s2, h1, h2, ..] = bytes else { return None };
    let number = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
    let len = number(high & 0x7f, low);
    let (ciphers, session, challenge) = (number(c1, c2), number(s1, s2), number(h1, h2));
    let fits = high & 0x80 != 0
        && matches!((major, minor), (0, 2) | (3, 0..=3))
        && ciphers > 0
        && ciphers % 3 == 0
        && (session == 0 || session == 16)
        && (8..=32).contains(&challenge)
        && len == 9 + ciphers + session + challenge;
    fits.then_some(len + 2)
}

/// A handshake message whose lengths inside agree with the one in its header.
fn is_message(bytes: &[u8]) -> bool {
    let &[kind, 0, high, low, ref body @ ..] = bytes else { return false };
    let len = usize::from(u16::from_be_bytes([high, low]));
    let number = |at: usize| {
        let pair = body.get(at..).and_then(<[u8]>::first_chunk::<2>)?;
        Some(usize::from(u16::from_be_bytes(*pair)))
    };
    match kind {
        1 | 2 => {
            let version = matches!(body, [3, 0..=4, ..] | [1, 1, ..] | [0x7f, 0x0e..=0x1c, ..]);
            let session = usize::from(body.get(34).copied().unwrap_or(0));
            let ciphers = if kind == 1 { number(35 + session).unwrap_or(2) } else { 2 };
            version
                && len >= 38
                && session <= 32
                && ciphers >= 2
                && ciphers % 2 == 0
                && 37 + session + ciphers <= len + 2
                && (body.len() >= 35)
        }
        11 => matches!(body, [0, a, b, 0, c, d, 0x30, 0x82, ..]
            if usize::from(u16::from_be_bytes([*a, *b])) + 3 == len
                && u16::from_be_bytes([*c, *d]) < u16::from_be_bytes([*a, *b])),
        _ => false,
    }
}

/// An X.509 certificate: a SEQUENCE of a SEQUENCE that begins with a version or a serial number.
fn is_certificate(bytes: &[u8]) -> bool {
    let [0x30, 0x82, high, low, 0x30, 0x82, h2, l2, rest @ ..] = bytes else { return false };
    let outer = usize::from(u16::from_be_bytes([*high, *low]));
    let inner = usize::from(u16::from_be_bytes([*h2, *l2]));
    inner + 4 < outer && matches!(rest, [0xa0, 3, 2, 1, _, 2, ..] | [2, 1..=20, ..])
}

/// How a server or a client begins that speaks in lines of text.
fn is_text(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let readable = line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r'));
    line.len() >= 4 && readable && speaker(bytes).is_some()
}

/// Who says such a line.
pub(super) fn speaker(bytes: &[u8]) -> Option<Side> {
    const SERVER: [&[u8]; 12] = [
        b"HTTP/1.", b"220 ", b"220-", b"+OK", b"-ERR", b"* OK", b"* BYE", b"SSH-", b"554 ", b"421 ", b"250-",
        b"250 ",
    ];
    const CLIENT: [&[u8]; 11] = [
        b"GET ",
        b"POST ",
        b"HEAD ",
        b"CONNECT ",
        b"EHLO ",
        b"HELO ",
        b"LHLO ",
        b"STARTTLS",
        b"AUTH TLS",
        b"STLS",
        b"OPTIONS ",
    ];
    if SERVER.iter().any(|start| bytes.starts_with(start)) {
        return Some(Side::Server);
    }
    CLIENT.iter().any(|start| bytes.starts_with(start)).then_some(Side::Client)
}

/// Who sends a record, by the message in it.
pub(super) fn sender(kind: u8, body: &[u8]) -> Option<Side> {
    match (kind, body) {
        (22, [1 | 16, 0, ..]) => Some(Side::Client),
        (22, [2 | 8 | 12 | 13 | 22, 0, ..] | [0 | 14, 0, 0, 0, ..]) => Some(Side::Server),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
        digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
    }

    #[test]
    fn says_what_bytes_are_and_no_more() {
        let what = |hex| bare(&bytes(hex));
        assert_eq!(what("15030300020228"), Some(Bare::Records));
        assert_eq!(what("16030100c8010000c40303aabbcc"), Some(Bare::Records));
        assert_eq!(
            what(
                "802e010301001500000010000004000005000009000003000006000064000062a1b2c3d4e5f60718293a4b5c6d7e8f90"
            ),
            Some(Bare::Sslv2)
        );
        assert_eq!(what("3230203a206d61696c"), None);
        assert_eq!(what("323230206d61696c0d0a"), Some(Bare::Text));
        assert_eq!(what("d41d8cd98f00b204e9800998ecf8427e"), None);
        assert_eq!(what("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), None);
        assert_eq!(what("550e8400e29b41d4a716446655440000"), None);
    }
}
