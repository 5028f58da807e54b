//! snoop, the capture file of Solaris (RFC 1761).
//!
//! In:  the bytes of a file, from its magic number on.
//! Out: its packets, with their times.
//! Not here: link types other than those that pcap has as well.

use super::{Frame, LONGEST_PACKET, Note, Order, Sink, Step, unix};

/// The first half of `snoop\0\0\0`.
pub(super) const MAGIC: [u8; 4] = *b"snoo";

const FILE_HEADER: usize = 16;
const PACKET_HEADER: usize = 24;

/// The link type, once the header is read.
#[derive(Default)]
pub(super) struct Snoop {
    link: Option<u32>,
}

impl Snoop {
    pub(super) fn step(&mut self, bytes: &[u8], at: usize, sink: &mut Sink) -> Step {
        let Some(link) = self.link else {
            let Some(number) = bytes.get(..FILE_HEADER).and_then(|head| Order::Big.u32(head, 12)) else {
                return Step::Need(FILE_HEADER);
            };
            self.link = Some(match number {
                // 802.3 and Ethernet, then HDLC, and what Solaris has for IP alone.
                0 | 4 => 1,
                5 => 104,
                number => 0x8000_0000 | number,
            });
            return Step::Used(FILE_HEADER);
        };
        packet(link, bytes, at, sink).unwrap_or(Step::Need(PACKET_HEADER))
    }
}

fn packet(link: u32, bytes: &[u8], at: usize, sink: &mut Sink) -> Option<Step> {
    let order = Order::Big;
    let (head, _) = bytes.split_first_chunk::<PACKET_HEADER>()?;
    let (on_wire, captured, record) = (order.size(head, 0)?, order.size(head, 4)?, order.size(head, 8)?);
    if !(PACKET_HEADER..=LONGEST_PACKET).contains(&record) || captured > record - PACKET_HEADER {
        return Some(Step::Stop(Note::Damaged { at }));
    }
    let Some(data) = bytes.get(PACKET_HEADER..PACKET_HEADER + captured).filter(|_| bytes.len() >= record)
    else {
        return Some(Step::Need(record));
    };
    let time = unix(order.u32(head, 16)?, u64::from(order.u32(head, 20)?) * 1000);
    sink.frame(&Frame { link, bytes: data, at: at + PACKET_HEADER, on_wire, time: Some(time) });
    Some(Step::Used(record))
}
