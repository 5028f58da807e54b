//! What ports say of a connection before its bytes do.
//!
//! In:  the two ports of a connection, and first bytes.
//! Out: whether TLS is to be expected there, and which end is the server.
//! Not here: what is really spoken. The bytes decide that.

/// TLS from the first byte on: HTTPS, SMTPS, IMAPS, LDAPS, DNS over TLS, FTPS, MQTTS, SIPS,
/// XMPP, IRC, AMQPS, syslog, Docker, Kubernetes, WinRM, global catalogue, and their usual stand-ins.
const IMPLICIT: [u16; 41] = [
    443, 465, 563, 614, 636, 695, 853, 989, 990, 992, 993, 994, 995, 2083, 2087, 2096, 2376, 3269, 3389,
    4433, 4443, 5061, 5223, 5349, 5443, 5671, 5986, 6443, 6514, 6697, 7443, 8443, 8531, 8834, 8883, 9093,
    9443, 9993, 10250, 10443, 44330,
];

/// TLS is asked for inside another protocol: SMTP, POP3, IMAP, LDAP, FTP, XMPP, ManageSieve, NNTP,
/// IRC, PostgreSQL, MySQL, SQL Server, RDP, proxies.
const ON_REQUEST: [u16; 25] = [
    21, 24, 25, 110, 119, 143, 389, 587, 1080, 1433, 1434, 2000, 2525, 3128, 3268, 3306, 3389, 4190, 5222,
    5269, 5432, 6432, 6667, 8080, 33060,
];

/// TLS is to be expected on this port from the first byte on.
pub(super) fn implicit(port: u16) -> bool {
    IMPLICIT.binary_search(&port).is_ok()
}

/// TLS is to be expected on this port in one way or the other.
pub(super) fn known(port: u16) -> bool {
    implicit(port) || ON_REQUEST.binary_search(&port).is_ok()
}

/// Whether the first of two ports is more like a server's than the second one.
pub(super) fn serves(port: u16, other: u16) -> bool {
    match (known(port), known(other)) {
        (true, false) => true,
        (false, true) => false,
        // Clients take high ports.
        _ => port < other,
    }
}

/// A TLS record begins here.
pub(super) fn record(bytes: &[u8]) -> bool {
    match bytes {
        [20..=24, 3, 0..=4, high, low, ..] => (1..=18 * 1024).contains(&u16::from_be_bytes([*high, *low])),
        _ => false,
    }
}

/// TLS begins here, or the header of a handshake record whose rest is in the next segment.
pub(super) fn begins(bytes: &[u8]) -> bool {
    record(bytes) || old_hello(bytes) || matches!(bytes, [22] | [22, 3] | [22, 3, 0..=4] | [22, 3, 0..=4, _])
}

/// An SSLv2-compatible ClientHello begins here: its length, its type, its version.
pub(super) fn old_hello(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80..=0x8f, length, 1, 0 | 3, 0..=4, ..] if *length > 9 || bytes.first() != Some(&0x80))
}

/// Text begins here.
pub(super) fn text(bytes: &[u8]) -> bool {
    let head = bytes.get(..12).unwrap_or(bytes);
    head.len() >= 3 && head.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n'))
}

/// Who sent this is the client, or the server; `None` where the bytes do not say.
pub(super) fn sent_by_client(bytes: &[u8]) -> Option<bool> {
    if old_hello(bytes) {
        return Some(true);
    }
    // A server's Certificate may stand alone; what stands behind a client's tells.
    let mut certificate = None;
    let mut records = bytes;
    while let [22, 3, _, high, low, behind @ ..] = records {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (mut messages, next) = behind.split_at_checked(length).unwrap_or((behind, &[]));
        while let [kind, a, b, c, inside @ ..] = messages {
            let size = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            let whole = size <= inside.len();
            match kind {
                1 => return Some(true),
                15 | 16 if whole => return Some(true),
                2 | 12 | 14 => return Some(false),
                13 | 22 if whole => return Some(false),
                11 => certificate = Some(false),
                _ => return certificate,
            }
            messages = inside.get(size..).unwrap_or_default();
        }
        records = next;
    }
    certificate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_stand_in_order() {
        assert!(IMPLICIT.is_sorted() && ON_REQUEST.is_sorted());
        assert!(known(25) && known(443) && !known(80) && !implicit(25));
        assert!(serves(443, 50_000) && !serves(50_000, 443) && serves(80, 50_000));
    }

    #[test]
    fn a_certificate_is_the_clients_before_its_key_exchange() {
        let certificate = [22, 3, 3, 0, 7, 11, 0, 0, 3, 0, 0, 0];
        let exchange = [22, 3, 3, 0, 5, 16, 0, 0, 1, 7];
        let done = [22, 3, 3, 0, 4, 14, 0, 0, 0];
        assert_eq!(sent_by_client(&certificate), Some(false));
        assert_eq!(sent_by_client(&[&certificate[..], &exchange].concat()), Some(true));
        assert_eq!(sent_by_client(&[&certificate[..], &done].concat()), Some(false));
        // One record may hold both.
        let both = [22, 3, 3, 0, 12, 11, 0, 0, 3, 0, 0, 0, 16, 0, 0, 1, 7];
        assert_eq!(sent_by_client(&both), Some(true));
        assert_eq!(sent_by_client(&[22, 3, 3, 0, 40, 0xd2, 9]), None);
    }

    #[test]
    fn tells_records_from_other_bytes() {
        assert!(record(&[22, 3, 1, 0, 5, 1]) && !record(&[22, 3, 1, 0xff, 5, 1]) && !record(b"GET / "));
        assert!(begins(&[22, 3, 1]) && !begins(&[23]) && !begins(&[22, 3, 1, 0xff, 5]));
        assert!(old_hello(&[0x80, 0x2e, 1, 3, 1]) && !old_hello(&[0x80, 0x2e, 4, 3, 1]));
        assert!(text(b"220 mail") && !text(&[22, 3, 1]));
    }
}
