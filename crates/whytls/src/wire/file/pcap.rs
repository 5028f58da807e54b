//! pcap, as libpcap writes it, and the variants of patches for Linux and of Nokia's firewalls.
//!
//! In:  the bytes of a file, from its magic number on.
//! Out: its packets, with their times.
//! Not here: link types.

use super::{Frame, LONGEST_PACKET, Note, Order, Sink, Step, unix};

pub(super) const MICROSECONDS_LE: [u8; 4] = [0xd4, 0xc3, 0xb2, 0xa1];
pub(super) const MICROSECONDS_BE: [u8; 4] = [0xa1, 0xb2, 0xc3, 0xd4];
pub(super) const NANOSECONDS_LE: [u8; 4] = [0x4d, 0x3c, 0xb2, 0xa1];
pub(super) const NANOSECONDS_BE: [u8; 4] = [0xa1, 0xb2, 0x3c, 0x4d];
pub(super) const MODIFIED_LE: [u8; 4] = [0x34, 0xcd, 0xb2, 0xa1];
pub(super) const MODIFIED_BE: [u8; 4] = [0xa1, 0xb2, 0xcd, 0x34];

const FILE_HEADER: usize = 24;

/// No packet header is shorter, and all begin with the same sixteen bytes.
const PACKET_HEADER: usize = 16;

/// Lengths of packet headers behind the usual magic number: libpcap's, Nokia's, Red Hat 6.1's.
const USUAL: [usize; 3] = [PACKET_HEADER, 20, 24];

/// Behind that of the patch: as it was published, and as SuSE 6.3 had it.
const PATCHED: [usize; 2] = [24, 28];

/// What the file's header says.
#[derive(Default)]
pub(super) struct Pcap {
    header: Option<Header>,
    /// The length of a packet's header, once that is told.
    packet_header: Option<usize>,
}

#[derive(Clone, Copy)]
struct Header {
    order: Order,
    nanoseconds: bool,
    /// The lengths that a packet's header may have, the likeliest first.
    packet_headers: &'static [usize],
    link: u32,
    /// Before version 2.4, the two lengths may stand in the other order.
    lengths_swapped: bool,
}

impl Pcap {
    pub(super) fn step(&mut self, bytes: &[u8], at: usize, sink: &mut Sink) -> Step {
        let Some(header) = self.header else {
            self.header = Header::of(bytes);
            return if self.header.is_some() { Step::Used(FILE_HEADER) } else { Step::Need(FILE_HEADER) };
        };
        let length = match self.packet_header {
            Some(length) => length,
            None => match header.told_by_the_first(bytes) {
                Ok(length) => *self.packet_header.insert(length),
                Err(step) => return step,
            },
        };
        header.packet(length, bytes, at, sink).unwrap_or(Step::Need(length))
    }

    /// No more bytes come: the length of a packet's header is the one with which the first packet is all
    /// there is, else the usual one. Says whether that is news.
    pub(super) fn ends(&mut self, bytes: &[u8]) -> bool {
        let Some(header) = self.header.filter(|_| self.packet_header.is_none()) else { return false };
        let fits =
            |length: &&usize| header.captured(bytes).map(|captured| **length + captured) == Some(bytes.len());
        self.packet_header =
            header.packet_headers.iter().find(fits).or(header.packet_headers.first()).copied();
        true
    }
}

impl Header {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (head, _) = bytes.split_first_chunk::<FILE_HEADER>()?;
        let magic = *head.first_chunk()?;
        let order = match magic {
            MICROSECONDS_BE | NANOSECONDS_BE | MODIFIED_BE => Order::Big,
            _ => Order::Little,
        };
        let version = (order.u16(head, 4)?, order.u16(head, 6)?);
        Some(Self {
            order,
            nanoseconds: matches!(magic, NANOSECONDS_LE | NANOSECONDS_BE),
            packet_headers: if matches!(magic, MODIFIED_LE | MODIFIED_BE) { &PATCHED } else { &USUAL },
            link: order.u32(head, 20)? & 0x0fff_ffff,
            lengths_swapped: version < (2, 4),
        })
    }

    /// How many bytes the first packet has; `None` where that is not told yet.
    fn captured(self, bytes: &[u8]) -> Option<usize> {
        let (captured, on_wire) = (self.order.size(bytes, 8)?, self.order.size(bytes, 12)?);
        Some(if self.lengths_swapped { captured.min(on_wire) } else { captured })
    }

    /// The length of a packet's header: the one behind which the second packet can begin. Else what is
    /// still to be done before that can be told.
    fn told_by_the_first(self, bytes: &[u8]) -> Result<usize, Step> {
        let captured = self.captured(bytes).ok_or(Step::Need(PACKET_HEADER))?;
        let [usual, ..] = self.packet_headers else { return Ok(PACKET_HEADER) };
        if captured > LONGEST_PACKET {
            return Ok(*usual);
        }
        for length in self.packet_headers {
            let second = length + captured;
            let next = bytes.get(second..second + PACKET_HEADER);
            if self.may_begin(next.ok_or(Step::Need(second + PACKET_HEADER))?) {
                return Ok(*length);
            }
        }
        Ok(*usual)
    }

    /// Whether a packet may begin with these bytes.
    fn may_begin(self, bytes: &[u8]) -> bool {
        let of = |at: usize| self.order.size(bytes, at).unwrap_or(usize::MAX);
        let (fraction, captured, on_wire) = (of(4), of(8), of(12));
        fraction < if self.nanoseconds { 1_000_000_000 } else { 1_000_000 }
            && captured.max(on_wire) <= LONGEST_PACKET
            && (captured <= on_wire || self.lengths_swapped)
    }

    /// The next packet; `None` where not even its header is there.
    fn packet(self, packet_header: usize, bytes: &[u8], at: usize, sink: &mut Sink) -> Option<Step> {
        let Self { order, .. } = self;
        bytes.get(..packet_header)?;
        let mut captured = order.size(bytes, 8)?;
        let mut on_wire = order.size(bytes, 12)?;
        if self.lengths_swapped && captured > on_wire {
            std::mem::swap(&mut captured, &mut on_wire);
        }
        if captured > LONGEST_PACKET {
            return Some(Step::Stop(Note::Damaged { at }));
        }
        let end = packet_header + captured;
        let Some(data) = bytes.get(packet_header..end) else { return Some(Step::Need(end)) };
        let fraction = u64::from(order.u32(bytes, 4)?);
        let time = unix(order.u32(bytes, 0)?, if self.nanoseconds { fraction } else { fraction * 1000 });
        sink.frame(&Frame {
            link: self.link,
            bytes: data,
            at: at + packet_header,
            on_wire,
            time: Some(time),
        });
        Some(Step::Used(end))
    }
}
