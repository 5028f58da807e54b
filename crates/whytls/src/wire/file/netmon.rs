//! Microsoft Network Monitor's capture files (`.cap`), version 1 and 2.
//!
//! In:  the bytes of a file, from its magic number on.
//! Out: its packets, with their times.
//! Not here: the tables at the end of the file (processes, comments, the frames' places): the
//!           frames stand one behind the other, which is all that is needed to read them once.

use super::{Frame, LONGEST_PACKET, NETMON_WIFI, Note, Order, Sink, Step};
use crate::wire::flow::Time;

pub(super) const MAGIC_1: [u8; 4] = *b"RTSS";
pub(super) const MAGIC_2: [u8; 4] = *b"GMBU";

const FILE_HEADER: usize = 128;

/// What the file's header says.
#[derive(Default)]
pub(super) struct Netmon {
    header: Option<Header>,
}

#[derive(Clone, Copy)]
struct Header {
    major: u8,
    minor: u8,
    network: u16,
    /// When the capture began, in nanoseconds since 1970.
    began: i64,
    /// Where the table of frames stands: behind the last frame, as a rule.
    table: usize,
    table_end: usize,
}

impl Netmon {
    pub(super) fn step(&mut self, bytes: &[u8], at: usize, sink: &mut Sink) -> Step {
        let Some(header) = self.header else {
            self.header = bytes.get(..FILE_HEADER).and_then(Header::of);
            return if self.header.is_some() { Step::Used(FILE_HEADER) } else { Step::Need(FILE_HEADER) };
        };
        if at == header.table && header.table_end > at {
            return Step::Skip(header.table_end - at);
        }
        // Behind the table of frames there may be others, and no more frames.
        if at >= header.table {
            return Step::Skip(bytes.len().max(1));
        }
        header.frame(bytes, at, sink).unwrap_or(Step::Need(header.frame_header()))
    }
}

impl Header {
    fn of(head: &[u8]) -> Option<Self> {
        let order = Order::Little;
        let [minor, major] = *head.get(4..)?.first_chunk()?;
        let table = order.size(head, 24)?;
        Some(Self {
            major,
            minor,
            network: order.u16(head, 6)?,
            began: system_time(head.get(8..24)?)?,
            table,
            table_end: table.saturating_add(order.size(head, 28)?),
        })
    }

    fn frame_header(self) -> usize {
        if self.major < 2 { 8 } else { 16 }
    }

    /// What stands behind a frame's bytes: its network, its process, its time.
    fn trailer(self) -> usize {
        match (self.major, self.minor) {
            (2, 1) => 2,
            (2, 2) => 6,
            (2, 3..) | (3.., _) => 15,
            _ => 0,
        }
    }

    fn frame(self, bytes: &[u8], at: usize, sink: &mut Sink) -> Option<Step> {
        let order = Order::Little;
        let head = self.frame_header();
        let (delta, on_wire, captured) = if self.major < 2 {
            let delta = i64::from(order.u32(bytes, 0)?).saturating_mul(1_000_000);
            (delta, usize::from(order.u16(bytes, 4)?), usize::from(order.u16(bytes, 6)?))
        } else {
            let delta = order.u64(bytes, 0)?.cast_signed().saturating_mul(1000);
            (delta, order.size(bytes, 8)?, order.size(bytes, 12)?)
        };
        if captured > LONGEST_PACKET {
            return Some(Step::Stop(Note::Damaged { at }));
        }
        let end = head + captured + self.trailer();
        let (Some(data), true) = (bytes.get(head..head + captured), bytes.len() >= end) else {
            return Some(Step::Need(end));
        };
        let network = match self.trailer() {
            0 => self.network,
            _ => order.u16(bytes, head + captured)?,
        };
        let time = Some(Time::Unix(self.began.saturating_add(delta)));
        match link(network) {
            Some(link) => sink.frame(&Frame { link, bytes: data, at: at + head, on_wire, time }),
            None => sink.pass(),
        }
        Some(Step::Used(end))
    }
}

/// The link type's number in pcap. `None` is no packet: an event, a remark of the program's own.
fn link(network: u16) -> Option<u32> {
    match network {
        1 => Some(1),
        6 => Some(NETMON_WIFI),
        7..=9 => Some(101),
        0xe000..=0xefff => Some(u32::from(network & 0x0fff)),
        // Network events, filters, headers of Network Monitor itself.
        0xfff0.. => None,
        network => Some(0x8000_0000 | u32::from(network)),
    }
}

/// A SYSTEMTIME, taken for UTC: which zone it is in, the file does not say.
fn system_time(bytes: &[u8]) -> Option<i64> {
    let part = |at: usize| Order::Little.u16(bytes, at).map(i64::from);
    let (year, month, day) = (part(0)?, part(2)?, part(6)?);
    let (hour, minute, second, millisecond) = (part(8)?, part(10)?, part(12)?, part(14)?);
    // Days since 1970, counted in years that begin in March, so that leap days come last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2).div_euclid(5)
        + day
        - 719_469;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    seconds.checked_mul(1_000_000_000)?.checked_add(millisecond * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_date() {
        let time = |parts: [u16; 8]| {
            system_time(&parts.iter().flat_map(|part| part.to_le_bytes()).collect::<Vec<_>>())
        };
        assert_eq!(time([1970, 1, 4, 1, 0, 0, 0, 0]), Some(0));
        assert_eq!(time([2000, 2, 2, 29, 12, 0, 1, 5]), Some(951_825_601_005_000_000));
    }
}
