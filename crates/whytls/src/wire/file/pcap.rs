//! pcap, as libpcap writes it, and the variant of a patch for Linux.
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

/// What the file's header says.
#[derive(Default)]
pub(super) struct Pcap {
    header: Option<Header>,
}

#[derive(Clone, Copy)]
struct Header {
    order: Order,
    nanoseconds: bool,
    packet_header: usize,
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
        header.packet(bytes, at, sink).unwrap_or(Step::Need(header.packet_header))
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
            packet_header: if matches!(magic, MODIFIED_LE | MODIFIED_BE) { 24 } else { 16 },
            link: order.u32(head, 20)? & 0x0fff_ffff,
            lengths_swapped: version < (2, 4),
        })
    }

    /// The next packet; `None` where not even its header is there.
    fn packet(self, bytes: &[u8], at: usize, sink: &mut Sink) -> Option<Step> {
        let Self { order, packet_header, .. } = self;
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
