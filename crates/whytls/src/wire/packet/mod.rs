//! One captured frame, down to the TCP segment or UDP datagram in it.
//!
//! In:  the bytes of a frame, an IP packet or a segment, and which of these they are.
//! Out: [`Segment`]s: addresses, ports, flags, and the payload as a slice of what came in.
//! Not here: what segments make together. That is `stream`.

mod fragments;
mod internet;
mod link;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fragments::Fragments;
pub(crate) use link::Link;

use super::flow::Endpoint;

/// An address of either family, small and quick to compare: IPv4 as `::ffff:a.b.c.d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Address(u128);

/// One end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Socket {
    pub(crate) address: Address,
    pub(crate) port: u16,
}

impl Address {
    pub(crate) fn v4(bytes: [u8; 4]) -> Self {
        Self(0xffff_0000_0000 | u128::from(u32::from_be_bytes(bytes)))
    }

    pub(super) fn v6(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::v4(address.octets()),
            IpAddr::V6(address) => Self::v6(address.octets()),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = Ipv6Addr::from(self.0);
        // Not `to_ipv4`, which takes `::1` for an address of version 4.
        match address.to_ipv4_mapped() {
            Some(address) => Ipv4Addr::fmt(&address, f),
            None => address.fmt(f),
        }
    }
}

impl Socket {
    pub(crate) fn endpoint(self) -> Endpoint {
        Endpoint { host: self.address.to_string(), port: Some(self.port) }
    }
}

/// What the bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// A frame of this link type.
    Link(Link),
    /// An IP packet.
    Ip,
    /// A TCP segment: addresses are unknown, and stand as all zeros.
    Tcp,
}

/// A TCP segment or a UDP datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) from: Socket,
    pub(crate) to: Socket,
    /// Time to live, or hop limit; 0 where it is unknown.
    pub(crate) ttl: u8,
    /// The TCP header; `None` is UDP.
    pub(crate) tcp: Option<Tcp>,
    pub(crate) payload: &'a [u8],
    /// Bytes at the end of the payload that were on the wire but are not in the capture.
    pub(crate) missing: u32,
}

/// What matters of a TCP header.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tcp {
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    flags: u8,
}

impl Tcp {
    pub(crate) fn new(seq: u32, ack: u32, flags: u8) -> Self {
        Self { seq, ack, flags }
    }

    pub(crate) fn fin(self) -> bool {
        self.flags & 0x01 != 0
    }

    pub(crate) fn syn(self) -> bool {
        self.flags & 0x02 != 0
    }

    pub(crate) fn rst(self) -> bool {
        self.flags & 0x04 != 0
    }

    pub(crate) fn has_ack(self) -> bool {
        self.flags & 0x10 != 0
    }
}

/// Reads packets. It remembers fragments until they are whole, and counts what it cannot see into.
#[derive(Debug, Default)]
pub(crate) struct Packets {
    fragments: Fragments,
    /// Frames of 802.11 whose payload is encrypted.
    pub(crate) encrypted: u32,
}

/// Packets in packets in packets: no deeper than this.
const DEEPEST: u8 = 4;

impl Packets {
    /// Gives `each` every segment in a frame: none where it holds something else, more than one
    /// where it carries several.
    pub(crate) fn read(&mut self, layer: Layer, bytes: &[u8], each: &mut impl FnMut(Segment<'_>)) {
        self.layer(layer, bytes, 0, each);
    }

    fn layer(&mut self, layer: Layer, bytes: &[u8], depth: u8, each: &mut impl FnMut(Segment<'_>)) {
        if depth > DEEPEST {
            return;
        }
        match layer {
            Layer::Link(Link::Wifi | Link::Radiotap | Link::NetmonWifi) => {
                self.wifi(layer, bytes, depth, each)
            }
            Layer::Link(link) => {
                if let Some(packet) = link.network(bytes) {
                    self.ip(packet, depth, each);
                }
            }
            Layer::Ip => self.ip(bytes, depth, each),
            Layer::Tcp => self.transport(internet::TCP, bytes, 0, internet::Hosts::default(), depth, each),
        }
    }

    fn wifi(&mut self, layer: Layer, bytes: &[u8], depth: u8, each: &mut impl FnMut(Segment<'_>)) {
        let Layer::Link(link) = layer else { return };
        match link.wifi(bytes) {
            Some(link::Wifi::One(packet)) => self.ip(packet, depth, each),
            Some(link::Wifi::Many(mut rest)) => {
                // Several frames in one: each has two addresses, a length, and is filled up to four.
                while let Some((packet, after)) = link::subframe(rest) {
                    if let Some(packet) = packet {
                        self.ip(packet, depth, each);
                    }
                    rest = after;
                }
            }
            Some(link::Wifi::Encrypted) => self.encrypted = self.encrypted.saturating_add(1),
            None => {}
        }
    }

    fn ip(&mut self, bytes: &[u8], depth: u8, each: &mut impl FnMut(Segment<'_>)) {
        let Some(packet) = internet::packet(bytes) else { return };
        match packet.fragment {
            None => {
                self.transport(packet.protocol, packet.payload, packet.missing, packet.hosts, depth, each);
            }
            Some(fragment) => {
                if let Some(whole) = self.fragments.add(&packet, fragment) {
                    self.transport(packet.protocol, &whole, 0, packet.hosts, depth, each);
                }
            }
        }
    }

    fn transport(
        &mut self,
        protocol: u8,
        bytes: &[u8],
        missing: u32,
        hosts: internet::Hosts,
        depth: u8,
        each: &mut impl FnMut(Segment<'_>),
    ) {
        match protocol {
            internet::TCP => {
                if let Some(segment) = internet::tcp(bytes, missing, hosts) {
                    each(segment);
                }
            }
            internet::UDP => {
                let Some(segment) = internet::udp(bytes, missing, hosts) else { return };
                match internet::tunnel(&segment) {
                    Some((layer, inside)) => self.layer(layer, inside, depth + 1, each),
                    None => each(segment),
                }
            }
            internet::IP_IN_IP | internet::IPV6_IN_IP => self.layer(Layer::Ip, bytes, depth + 1, each),
            internet::GRE => match internet::gre(bytes) {
                Some((link::TRANSPARENT_BRIDGING, frame)) => {
                    self.layer(Layer::Link(Link::Ethernet), frame, depth + 1, each);
                }
                Some((kind, packet)) => {
                    if let Some(packet) = link::by_ether_type(kind, packet) {
                        self.layer(Layer::Ip, packet, depth + 1, each);
                    }
                }
                None => {}
            },
            _ => {}
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A TCP segment in an IPv4 packet, both without checksums.
    pub(crate) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(20 + payload.len()).expect("it is small").to_be_bytes();
        let mut packet = vec![0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, protocol, 0, 0];
        packet.extend([10, 0, 0, 1, 192, 0, 2, 1]);
        packet.extend(payload);
        packet
    }

    pub(crate) fn tcp(payload: &[u8]) -> Vec<u8> {
        let mut segment = vec![0xc0, 0x00, 0x01, 0xbb, 0, 0, 0, 7, 0, 0, 0, 9, 0x50, 0x18, 1, 0, 0, 0, 0, 0];
        segment.extend(payload);
        segment
    }

    fn seen(layer: Layer, bytes: &[u8]) -> Vec<(String, String, Vec<u8>, u32)> {
        let mut found = Vec::new();
        Packets::default().read(layer, bytes, &mut |segment| {
            found.push((
                segment.from.endpoint().address(),
                segment.to.endpoint().address(),
                segment.payload.to_vec(),
                segment.missing,
            ));
        });
        found
    }

    fn one() -> Vec<(String, String, Vec<u8>, u32)> {
        vec![("10.0.0.1:49152".to_owned(), "192.0.2.1:443".to_owned(), b"hello".to_vec(), 0)]
    }

    fn frame(head: &[u8]) -> Vec<u8> {
        [head, &ipv4(6, &tcp(b"hello"))].concat()
    }

    #[test]
    fn sees_the_same_segment_in_every_link_type() {
        let macs = [2_u8; 12];
        let wifi = [0x08, 0x01, 0, 0];
        let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
        let frames: &[(Link, Vec<u8>)] = &[
            (Link::Ethernet, frame(&[&macs[..], &[8, 0]].concat())),
            // 802.1Q, and QinQ.
            (Link::Ethernet, frame(&[&macs[..], &[0x81, 0, 0, 5, 8, 0]].concat())),
            (Link::Ethernet, frame(&[&macs[..], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]].concat())),
            // PPPoE, MPLS, 802.3 with SNAP.
            (Link::Ethernet, frame(&[&macs[..], &[0x88, 0x64, 0x11, 0, 0, 1, 0, 47, 0, 0x21]].concat())),
            (Link::Ethernet, frame(&[&macs[..], &[0x88, 0x47, 0, 1, 1, 64]].concat())),
            (Link::Ethernet, frame(&[&macs[..], &[0, 60], &snap].concat())),
            (Link::Null, frame(&[2, 0, 0, 0])),
            (Link::Null, frame(&[0, 0, 0, 2])),
            (Link::RawIp, frame(&[])),
            (Link::Sll, frame(&[0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 8, 0])),
            (Link::Sll2, frame(&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0])),
            (Link::Ppp, frame(&[0, 0x21])),
            (Link::Ppp, frame(&[0xff, 3, 0, 0x21])),
            (Link::Ppp, frame(&[0x21])),
            (Link::CiscoHdlc, frame(&[0x0f, 0, 8, 0])),
            (Link::Pppoe, frame(&[0x11, 0, 0, 1, 0, 47, 0, 0x21])),
            (Link::Wifi, frame(&[&wifi[..], &[2; 18], &[0, 0], &snap].concat())),
            // Quality of service, with two more bytes.
            (Link::Wifi, frame(&[&[0x88, 0x01, 0, 0][..], &[2; 18], &[0, 0, 0, 0], &snap].concat())),
            (
                Link::Radiotap,
                frame(&[&[0, 0, 8, 0, 0, 0, 0, 0], &wifi[..], &[2; 18], &[0, 0], &snap].concat()),
            ),
        ];
        for (link, frame) in frames {
            assert_eq!(seen(Layer::Link(*link), frame), one(), "{link:?} {:02x?}", frame.get(..24));
            for end in 0..frame.len() {
                seen(Layer::Link(*link), &frame[..end]);
            }
        }
        assert_eq!(seen(Layer::Ip, &frame(&[])), one());
        assert_eq!(seen(Layer::Tcp, &tcp(b"hello"))[0].2, b"hello");
    }

    #[test]
    fn sees_through_tunnels_and_extension_headers() {
        let inner = frame(&[]);
        assert_eq!(seen(Layer::Ip, &ipv4(4, &inner)), one());
        assert_eq!(seen(Layer::Ip, &ipv4(47, &[&[0, 0, 8, 0][..], &inner].concat())), one());
        let v6 = |next: u8, payload: &[u8]| {
            let length = u16::try_from(payload.len()).expect("it is small").to_be_bytes();
            [&[0x60, 0, 0, 0, length[0], length[1], next, 64][..], &[0xfd; 16], &[0xfe; 16], payload].concat()
        };
        // Hop-by-hop, then destination options, then TCP.
        let payload = [&[60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0][..], &tcp(b"hello")].concat();
        let found = seen(Layer::Ip, &v6(0, &payload));
        assert_eq!(found[0].0, "[fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd]:49152");
        assert_eq!(found[0].2, b"hello");
    }

    #[test]
    fn says_how_much_the_snap_length_cut() {
        let whole = frame(&[]);
        let cut = whole.get(..whole.len() - 3).expect("it is longer");
        assert_eq!(seen(Layer::Ip, cut)[0].2, b"he");
        assert_eq!(seen(Layer::Ip, cut)[0].3, 3);
        // Padding behind a short packet is none of its bytes.
        let padded = [&whole[..], &[0; 6]].concat();
        assert_eq!(seen(Layer::Ip, &padded), one());
    }

    #[test]
    fn puts_fragments_together_in_any_order() {
        let whole = tcp(&[7; 100]);
        let piece = |at: usize, end: usize, more: bool| {
            let mut packet = ipv4(6, &whole[at..end]);
            packet[6] = if more { 0x20 } else { 0 };
            packet[7] = u8::try_from(at / 8).expect("it is small");
            packet
        };
        let (first, middle, last) = (piece(0, 48, true), piece(48, 96, true), piece(96, 120, false));
        for order in [[&first, &middle, &last], [&last, &first, &middle], [&middle, &last, &first]] {
            let mut packets = Packets::default();
            let mut found = Vec::new();
            for packet in order {
                packets.read(Layer::Ip, packet, &mut |segment| found.push(segment.payload.to_vec()));
            }
            assert_eq!(found, [vec![7; 100]]);
        }
    }

    #[test]
    fn several_frames_in_one_are_all_seen() {
        let packet = frame(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
        let length = u16::try_from(packet.len()).expect("it is small").to_be_bytes();
        let mut several = [&[0x88, 0x01, 0, 0][..], &[2; 18], &[0, 0, 0x80, 0]].concat();
        for _ in 0..2 {
            several.extend([&[2; 12][..], &length, &packet].concat());
            several.resize((several.len() - 26).next_multiple_of(4) + 26, 0);
        }
        let found = seen(Layer::Link(Link::Wifi), &several);
        assert_eq!(found, [one(), one()].concat());
        for end in 0..several.len() {
            seen(Layer::Link(Link::Wifi), several.get(..end).expect("it is longer"));
        }
    }

    #[test]
    fn sees_what_the_firewall_logged_and_what_clouds_mirror() {
        let inner = frame(&[]);
        let length = u16::try_from(inner.len() + 4).expect("it is small").to_le_bytes();
        let logged =
            [&[2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 0, 5, 0, 10, 0, 0, 0, 0, 0][..], &length, &[9, 0], &inner];
        assert_eq!(seen(Layer::Link(Link::Nflog), &logged.concat()), one());
        let ethernet = [&[2; 12][..], &[8, 0], &inner].concat();
        let geneve = |options: &[u8]| {
            let words = u8::try_from(options.len() / 4).expect("it is small");
            let head = [0x9c, 0x40, 0x17, 0xc1, 0, 0, 0, 0, words, 0, 0x65, 0x58, 0, 0, 1, 0];
            ipv4(17, &[&head[..], options, &ethernet].concat())
        };
        assert_eq!(seen(Layer::Ip, &geneve(&[])), one());
        assert_eq!(seen(Layer::Ip, &geneve(&[1, 2, 0, 1, 0, 0, 0, 0])), one());
    }

    #[test]
    fn sees_what_mobile_networks_carry() {
        let inner = frame(&[]);
        let gtp = |flags: u8, head: &[u8]| {
            let udp = [0x08, 0x68, 0x08, 0x68, 0, 0, 0, 0, flags, 0xff, 0, 64, 1, 0x3c, 0x5b, 0x74];
            ipv4(17, &[&udp[..], head, &inner].concat())
        };
        assert_eq!(seen(Layer::Ip, &gtp(0x30, &[])), one());
        assert_eq!(seen(Layer::Ip, &gtp(0x32, &[0x6e, 0x50, 0, 0])), one());
        // A header of another kind stands between, and one more.
        let extensions = [0x6e, 0x50, 0, 0x85, 1, 0, 9, 0xc0, 1, 0, 7, 0];
        assert_eq!(seen(Layer::Ip, &gtp(0x36, &extensions)), one());
        for end in 0..gtp(0x36, &extensions).len() {
            seen(Layer::Ip, gtp(0x36, &extensions).get(..end).expect("it is longer"));
        }
        // A header that claims to have no length leads nowhere.
        assert_ne!(seen(Layer::Ip, &gtp(0x36, &[0, 0, 0, 0x85, 0, 0, 0, 0])), one());
    }

    #[test]
    fn an_encrypted_frame_is_counted() {
        let frame = [&[0x08, 0x41, 0, 0][..], &[2; 60]].concat();
        let mut packets = Packets::default();
        packets.read(Layer::Link(Link::Wifi), &frame, &mut |_| panic!("nothing can be seen"));
        assert_eq!(packets.encrypted, 1);
    }
}
