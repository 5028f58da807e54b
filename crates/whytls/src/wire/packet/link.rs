//! What stands before the IP packet in a frame, for each link type.
//!
//! In:  a frame and its link type, by the numbers of <https://www.tcpdump.org/linktypes.html>.
//! Out: the IP packet in it.
//! Not here: IP itself.

/// A link type that we can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Ethernet,
    /// BSD loopback: four bytes of address family, in the byte order of the machine or of the network.
    Null,
    RawIp,
    Sll,
    Sll2,
    /// PPP, with or without its HDLC header.
    Ppp,
    /// PPP with a byte for the direction before it.
    PppWithDirection,
    CiscoHdlc,
    Pppoe,
    Wifi,
    Radiotap,
    /// 802.11 as Network Monitor writes it, with a header of its own.
    NetmonWifi,
    /// Linux netfilter's log: attributes, one of which is the packet.
    Nflog,
}

/// What is in an 802.11 frame.
pub(super) enum Wifi<'a> {
    One(&'a [u8]),
    Many(&'a [u8]),
    Encrypted,
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
pub(super) const TRANSPARENT_BRIDGING: u16 = 0x6558;

impl Link {
    /// By the number in pcap and pcapng.
    pub(crate) fn of(number: u32) -> Option<Self> {
        // The upper bits say how long a frame check sequence is; the highest one marks the numbers
        // of other formats.
        Some(match number & 0x8000_ffff {
            0 | 108 => Self::Null,
            1 => Self::Ethernet,
            9 | 50 | 166 => Self::Ppp,
            12 | 14 | 101 | 228 | 229 => Self::RawIp,
            51 => Self::Pppoe,
            104 => Self::CiscoHdlc,
            105 => Self::Wifi,
            113 => Self::Sll,
            127 => Self::Radiotap,
            204 => Self::PppWithDirection,
            239 => Self::Nflog,
            276 => Self::Sll2,
            _ => return None,
        })
    }

    /// By the number that Wireshark has for it (wiretap/wtap.h).
    pub(crate) fn of_wireshark(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Ethernet,
            4 => Self::Ppp,
            7 | 129 | 130 => Self::RawIp,
            15 | 174 => Self::Null,
            19 => Self::PppWithDirection,
            20 => Self::Wifi,
            23 => Self::Radiotap,
            25 => Self::Sll,
            28 => Self::CiscoHdlc,
            139 => Self::Pppoe,
            141 => Self::Nflog,
            210 => Self::Sll2,
            _ => return None,
        })
    }

    /// The only IP packet in a frame.
    pub(crate) fn packet(self, frame: &[u8]) -> Option<&[u8]> {
        match self.wifi(frame) {
            Some(Wifi::One(packet)) => Some(packet),
            _ => self.network(frame),
        }
    }

    /// The IP packet in a frame. Not for 802.11, where there may be several.
    pub(super) fn network(self, frame: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Ethernet => ethernet(frame),
            Self::Null => {
                let (family, packet) = frame.split_first_chunk::<4>()?;
                // 2 is IPv4 everywhere; IPv6 has another number on every system.
                let family = u32::from_le_bytes(*family).min(u32::from_be_bytes(*family));
                matches!(family, 2 | 10 | 23 | 24 | 28 | 30).then_some(packet)
            }
            Self::RawIp => Some(frame),
            Self::Sll => by_ether_type(u16_at(frame, 14)?, frame.get(16..)?),
            Self::Sll2 => by_ether_type(u16_at(frame, 0)?, frame.get(20..)?),
            Self::Ppp => ppp(frame),
            Self::PppWithDirection => ppp(frame.get(1..)?),
            Self::CiscoHdlc => by_ether_type(u16_at(frame, 2)?, frame.get(4..)?),
            Self::Pppoe => pppoe(frame),
            Self::Nflog => nflog(frame),
            Self::Wifi | Self::Radiotap | Self::NetmonWifi => None,
        }
    }

    /// What is in an 802.11 frame.
    pub(super) fn wifi(self, frame: &[u8]) -> Option<Wifi<'_>> {
        match self {
            Self::Wifi => wifi(frame, false),
            Self::Radiotap => {
                let length = usize::from(u16::from_le_bytes(*frame.get(2..)?.first_chunk()?));
                wifi(frame.get(length..)?, radiotap_pads(frame))
            }
            Self::NetmonWifi => {
                let length = usize::from(u16::from_le_bytes(*frame.get(1..)?.first_chunk()?));
                wifi(frame.get(length..)?, false)
            }
            _ => None,
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

fn ethernet(frame: &[u8]) -> Option<&[u8]> {
    let (_, rest) = frame.split_first_chunk::<12>()?;
    let (kind, rest) = rest.split_first_chunk::<2>()?;
    match u16::from_be_bytes(*kind) {
        // A length: 802.3.
        length @ 0..0x600 => llc(rest.get(..usize::from(length)).unwrap_or(rest)),
        kind => by_ether_type(kind, rest),
    }
}

/// The IP packet behind an EtherType, through tags and labels.
pub(super) fn by_ether_type(mut kind: u16, mut rest: &[u8]) -> Option<&[u8]> {
    for _ in 0..8 {
        match kind {
            IPV4 | IPV6 => return Some(rest),
            // 802.1Q, 802.1ad, and what was used before that was one.
            0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => {
                kind = u16_at(rest, 2)?;
                rest = rest.get(4..)?;
            }
            0x8864 => return pppoe(rest),
            0x8847 | 0x8848 => return mpls(rest),
            _ => return None,
        }
    }
    None
}

fn llc(frame: &[u8]) -> Option<&[u8]> {
    match frame {
        [0xaa, 0xaa, 3, _, _, _, high, low, packet @ ..] => {
            by_ether_type(u16::from_be_bytes([*high, *low]), packet)
        }
        [6, 6, 3, packet @ ..] => Some(packet),
        _ => None,
    }
}

fn mpls(mut rest: &[u8]) -> Option<&[u8]> {
    for _ in 0..16 {
        let (label, after) = rest.split_first_chunk::<4>()?;
        rest = after;
        let [_, _, bottom, _] = label;
        if bottom & 1 == 1 {
            // What follows is not said; its first half byte is an IP version or it is something else.
            return matches!(rest.first()? >> 4, 4 | 6).then_some(rest);
        }
    }
    None
}

fn pppoe(frame: &[u8]) -> Option<&[u8]> {
    // Version and type, session data only.
    match frame {
        [0x11, 0, _, _, _, _, rest @ ..] => ppp(rest),
        _ => None,
    }
}

fn ppp(frame: &[u8]) -> Option<&[u8]> {
    let rest = match frame {
        [0xff, 3, rest @ ..] => rest,
        // Cisco's HDLC, in captures of either.
        [0x0f | 0x8f, 0, high, low, rest @ ..] => {
            return by_ether_type(u16::from_be_bytes([*high, *low]), rest);
        }
        rest => rest,
    };
    match rest {
        // The first byte may be left out where it is zero.
        [0, 0x21 | 0x57, packet @ ..] | [0x21 | 0x57, packet @ ..] => Some(packet),
        _ => None,
    }
}

fn nflog(frame: &[u8]) -> Option<&[u8]> {
    const PAYLOAD: u16 = 9;
    let mut rest = frame.get(4..)?;
    for _ in 0..64 {
        let (head, _) = rest.split_first_chunk::<4>()?;
        let [a, b, c, d] = *head;
        // In the byte order of the machine; an attribute is shorter than 64 KB either way round.
        let (length, kind) = match (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])) {
            (length, kind @ 0..=255) => (length, kind),
            _ => (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])),
        };
        let length = usize::from(length);
        if kind == PAYLOAD {
            return rest.get(4..).map(|packet| packet.get(..length.saturating_sub(4)).unwrap_or(packet));
        }
        rest = rest.get(length.max(4).next_multiple_of(4)..)?;
    }
    None
}

fn wifi(frame: &[u8], padded: bool) -> Option<Wifi<'_>> {
    let [kind, flags, ..] = *frame else { return None };
    // Data frames that carry something.
    if kind & 0x0f != 0x08 || kind & 0x40 != 0 {
        return None;
    }
    if flags & 0x40 != 0 {
        return Some(Wifi::Encrypted);
    }
    let mut length = if flags & 3 == 3 { 30 } else { 24 };
    let mut several = false;
    if kind & 0x80 != 0 {
        several = frame.get(length)? & 0x80 != 0;
        length += 2;
        if flags & 0x80 != 0 {
            length += 4;
        }
    }
    if padded {
        length = length.next_multiple_of(4);
    }
    let rest = frame.get(length..)?;
    if several { Some(Wifi::Many(rest)) } else { llc(rest).map(Wifi::One) }
}

/// The next frame of an A-MSDU: its packet, if it is IP, and what follows.
pub(super) fn subframe(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let length = usize::from(u16_at(bytes, 12)?);
    let body = bytes.get(14..)?;
    let frame = body.get(..length).unwrap_or(body);
    let after = bytes.get((14 + length).next_multiple_of(4)..).unwrap_or_default();
    Some((llc(frame), after))
}

/// Whether the card filled the 802.11 header up to four bytes (radiotap's flags, bit 5).
fn radiotap_pads(frame: &[u8]) -> bool {
    let read = || {
        let present =
            |at: usize| -> Option<u32> { frame.get(at..)?.first_chunk().copied().map(u32::from_le_bytes) };
        let first = present(4)?;
        let mut at = 8;
        let mut word = first;
        for _ in 0..16 {
            if word & 0x8000_0000 == 0 {
                break;
            }
            word = present(at)?;
            at += 4;
        }
        if first & 2 == 0 {
            return None;
        }
        // Field 0 is a time of eight bytes, on a boundary of eight.
        if first & 1 != 0 {
            at = at.next_multiple_of(8) + 8;
        }
        Some(frame.get(at)? & 0x20 != 0)
    };
    read().unwrap_or(false)
}
