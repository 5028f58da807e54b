//! IP, TCP and UDP headers.
//!
//! In:  the bytes of a packet or segment.
//! Out: their fields, and the payload as a slice.
//! Not here: checksums. Network cards compute them after the capture, so most of them look wrong.

use super::{Address, Layer, Link, Segment, Socket, Tcp};

pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const IP_IN_IP: u8 = 4;
pub(super) const IPV6_IN_IP: u8 = 41;
pub(super) const GRE: u8 = 47;

/// Both addresses of a packet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hosts {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) ttl: u8,
}

/// An IP packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) hosts: Hosts,
    pub(super) protocol: u8,
    pub(super) payload: &'a [u8],
    pub(super) missing: u32,
    pub(super) fragment: Option<Fragment>,
}

/// Which part of a packet a fragment is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment {
    pub(super) id: u32,
    pub(super) offset: usize,
    pub(super) more: bool,
}

pub(super) fn packet(bytes: &[u8]) -> Option<Packet<'_>> {
    match bytes.first()? >> 4 {
        4 => v4(bytes),
        6 => v6(bytes),
        _ => None,
    }
}

fn v4(bytes: &[u8]) -> Option<Packet<'_>> {
    let (head, _) = bytes.split_first_chunk::<20>()?;
    let [first, _, l0, l1, i0, i1, f0, f1, ttl, protocol, _, _, a, b, c, d, e, f, g, h] = *head;
    let header = usize::from(first & 0x0f) * 4;
    let total = match usize::from(u16::from_be_bytes([l0, l1])) {
        // The network card cuts the packet up later and writes the length then.
        0 => bytes.len(),
        total => total,
    };
    if header < 20 || total < header {
        return None;
    }
    let (payload, missing) = within(bytes.get(header..)?, total - header);
    let flags = u16::from_be_bytes([f0, f1]);
    let offset = usize::from(flags & 0x1fff) * 8;
    let more = flags & 0x2000 != 0;
    let id = u32::from(u16::from_be_bytes([i0, i1]));
    Some(Packet {
        hosts: Hosts { from: Address::v4([a, b, c, d]), to: Address::v4([e, f, g, h]), ttl },
        protocol,
        payload,
        missing,
        fragment: (more || offset > 0).then_some(Fragment { id, offset, more }),
    })
}

fn v6(bytes: &[u8]) -> Option<Packet<'_>> {
    let (head, rest) = bytes.split_first_chunk::<40>()?;
    let (fixed, addresses) = head.split_first_chunk::<8>()?;
    let (from, to) = (addresses.first_chunk::<16>()?, addresses.last_chunk::<16>()?);
    let [_, _, _, _, l0, l1, mut protocol, ttl] = *fixed;
    let length = match usize::from(u16::from_be_bytes([l0, l1])) {
        0 => rest.len(),
        length => length,
    };
    let (mut payload, missing) = within(rest, length);
    let mut fragment = None;
    for _ in 0..16 {
        let length = match (protocol, payload) {
            // Hop-by-hop, routing, destination, mobility, HIP, shim6.
            (0 | 43 | 60 | 135 | 139 | 140, [_, length, ..]) => (usize::from(*length) + 1) * 8,
            // Authentication counts in fours.
            (51, [_, length, ..]) => (usize::from(*length) + 2) * 4,
            (44, [_, _, o0, o1, i0, i1, i2, i3, ..]) => {
                let offset = u16::from_be_bytes([*o0, *o1]);
                let (offset, more) = (usize::from(offset & !7), offset & 1 != 0);
                if offset > 0 || more {
                    fragment = Some(Fragment { id: u32::from_be_bytes([*i0, *i1, *i2, *i3]), offset, more });
                }
                8
            }
            (0 | 43 | 44 | 51 | 60 | 135 | 139 | 140, _) => return None,
            _ => break,
        };
        protocol = *payload.first()?;
        payload = payload.get(length..)?;
        if fragment.is_some() {
            break;
        }
    }
    let hosts = Hosts { from: Address::v6(*from), to: Address::v6(*to), ttl };
    Some(Packet { hosts, protocol, payload, missing, fragment })
}

/// What is there of so many bytes, and how many are not.
fn within(bytes: &[u8], length: usize) -> (&[u8], u32) {
    match bytes.get(..length) {
        Some(bytes) => (bytes, 0),
        None => (bytes, u32::try_from(length - bytes.len()).unwrap_or(u32::MAX)),
    }
}

pub(super) fn tcp(bytes: &[u8], missing: u32, hosts: Hosts) -> Option<Segment<'_>> {
    let (head, _) = bytes.split_first_chunk::<14>()?;
    let [p0, p1, q0, q1, s0, s1, s2, s3, a0, a1, a2, a3, offset, flags] = *head;
    let header = usize::from(offset >> 4) * 4;
    if header < 20 {
        return None;
    }
    // Cut inside the header: what is missing is options first.
    let cut = header.saturating_sub(bytes.len());
    let missing = missing.saturating_sub(u32::try_from(cut).unwrap_or(u32::MAX));
    Some(Segment {
        from: Socket { address: hosts.from, port: u16::from_be_bytes([p0, p1]) },
        to: Socket { address: hosts.to, port: u16::from_be_bytes([q0, q1]) },
        ttl: hosts.ttl,
        tcp: Some(Tcp::new(
            u32::from_be_bytes([s0, s1, s2, s3]),
            u32::from_be_bytes([a0, a1, a2, a3]),
            flags,
        )),
        payload: bytes.get(header..).unwrap_or_default(),
        missing,
    })
}

pub(super) fn udp(bytes: &[u8], missing: u32, hosts: Hosts) -> Option<Segment<'_>> {
    let (head, payload) = bytes.split_first_chunk::<8>()?;
    let [p0, p1, q0, q1, l0, l1, _, _] = *head;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    // Zero stands where a network card cuts the datagram up later.
    let payload = match length.checked_sub(8) {
        Some(length) => payload.get(..length).unwrap_or(payload),
        None => payload,
    };
    Some(Segment {
        from: Socket { address: hosts.from, port: u16::from_be_bytes([p0, p1]) },
        to: Socket { address: hosts.to, port: u16::from_be_bytes([q0, q1]) },
        ttl: hosts.ttl,
        tcp: None,
        payload,
        missing,
    })
}

/// What VXLAN and Geneve hold, as clouds mirror traffic, and GTP, as mobile networks carry it.
pub(super) fn tunnel<'a>(segment: &Segment<'a>) -> Option<(Layer, &'a [u8])> {
    let ethernet = Layer::Link(Link::Ethernet);
    match (segment.to.port, segment.payload) {
        (4789 | 8472, [0x08, 0, 0, 0, _, _, _, 0, frame @ ..]) => Some((ethernet, frame)),
        (6081, [options, _, 0x65, 0x58, _, _, _, 0, rest @ ..]) if options >> 6 == 0 => {
            Some((ethernet, rest.get(usize::from(options & 0x3f) * 4..)?))
        }
        (2152, [flags, 0xff, _, _, _, _, _, _, rest @ ..]) if flags >> 4 == 3 => {
            Some((Layer::Ip, gtp(*flags, rest)?))
        }
        _ => None,
    }
}

/// The packet behind the header of GTP-U (3GPP TS 29.281 §5): a sequence number, extension headers.
fn gtp(flags: u8, rest: &[u8]) -> Option<&[u8]> {
    if flags & 7 == 0 {
        return Some(rest);
    }
    let (&[_, _, _, mut next], mut rest) = rest.split_first_chunk::<4>()?;
    while flags & 4 != 0 && next != 0 {
        let (extension, after) = rest.split_at_checked(usize::from(*rest.first()?) * 4)?;
        next = *extension.last()?;
        rest = after;
    }
    Some(rest)
}

/// The EtherType and the packet in GRE, version 0.
pub(super) fn gre(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    let [flags, version, k0, k1] = *head;
    if version & 7 != 0 || flags & 0x40 != 0 {
        return None;
    }
    // Checksum, key, sequence number.
    let optional = [0x80, 0x20, 0x10].iter().filter(|bit| flags & **bit != 0).count();
    Some((u16::from_be_bytes([k0, k1]), rest.get(optional * 4..)?))
}
