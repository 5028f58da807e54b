//! pcapng: blocks, several interfaces, secrets between them.
//!
//! In:  the bytes of a file, from its first section header on.
//! Out: its packets, with their times; the key logs in it.
//! Not here: comments, names, statistics.

use super::{Frame, LONGEST_PACKET, Note, Order, Sink, Step};
use crate::wire::flow::Time;

pub(super) const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const SECTION_NUMBER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const SECRETS: u32 = 10;
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// No key log in a file is longer.
const LONGEST_SECRETS: usize = 8 * 1024 * 1024;

/// What the current section says.
#[derive(Default)]
pub(super) struct Pcapng {
    order: Order,
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy)]
struct Interface {
    link: u32,
    snap: usize,
    /// So many units of its clock make a second.
    units: u64,
    /// Seconds to add.
    offset: i64,
}

impl Pcapng {
    pub(super) fn step(&mut self, bytes: &[u8], at: usize, sink: &mut Sink) -> Step {
        self.block(bytes, at, sink).unwrap_or(Step::Need(12))
    }

    /// The next block; `None` where not even its first twelve bytes are there.
    fn block(&mut self, bytes: &[u8], at: usize, sink: &mut Sink) -> Option<Step> {
        bytes.first_chunk::<12>()?;
        let damaged = Some(Step::Stop(Note::Damaged { at }));
        if bytes.starts_with(&SECTION) {
            self.order = match bytes.get(8..12)? {
                [0x4d, 0x3c, 0x2b, 0x1a] => Order::Little,
                [0x1a, 0x2b, 0x3c, 0x4d] => Order::Big,
                _ => return damaged,
            };
            self.interfaces.clear();
        }
        let order = self.order;
        let kind = order.u32(bytes, 0)?;
        let length = order.size(bytes, 4)?;
        if !(12..=usize::MAX / 2).contains(&length) {
            return damaged;
        }
        // Blocks are filled up to four bytes; some programs forget to count the filling.
        let length = length.next_multiple_of(4);
        let longest = match kind {
            SECTION_NUMBER => return Some(Step::Skip(length)),
            SECRETS => LONGEST_SECRETS,
            INTERFACE | OLD_PACKET | SIMPLE_PACKET | ENHANCED_PACKET => LONGEST_PACKET,
            _ => return Some(Step::Skip(length)),
        };
        if length > longest {
            if kind != SECRETS && kind != INTERFACE {
                sink.pass();
            }
            return Some(Step::Skip(length));
        }
        let Some(block) = bytes.get(..length) else { return Some(Step::Need(length)) };
        let body = block.get(8..length - 4)?;
        let read = match kind {
            INTERFACE => self.interface(body),
            SECRETS => self.secrets(body, sink),
            _ => self.packet(kind, body, at + 8, sink),
        };
        if read.is_none() && matches!(kind, OLD_PACKET | SIMPLE_PACKET | ENHANCED_PACKET) {
            sink.pass();
        }
        Some(Step::Used(length))
    }

    fn interface(&mut self, body: &[u8]) -> Option<()> {
        const RESOLUTION: u16 = 9;
        const OFFSET: u16 = 14;
        let order = self.order;
        let snap = order.size(body, 4).unwrap_or(0);
        let mut interface =
            Interface { link: u32::from(order.u16(body, 0)?), snap, units: 1_000_000, offset: 0 };
        let mut rest = body.get(8..).unwrap_or_default();
        while let (Some(code), Some(length)) = (order.u16(rest, 0), order.u16(rest, 2)) {
            let value = rest.get(4..).unwrap_or_default();
            match code {
                0 => break,
                RESOLUTION => {
                    let resolution = *value.first()?;
                    let (base, power) =
                        if resolution & 0x80 == 0 { (10, resolution) } else { (2, resolution & 0x7f) };
                    interface.units = u64::checked_pow(base, u32::from(power)).unwrap_or(u64::MAX);
                }
                OFFSET => interface.offset = order.u64(value, 0).map_or(0, u64::cast_signed),
                _ => {}
            }
            rest = value.get(usize::from(length).next_multiple_of(4)..).unwrap_or_default();
        }
        self.interfaces.push(interface);
        Some(())
    }

    fn packet(&self, kind: u32, body: &[u8], at: usize, sink: &mut Sink) -> Option<()> {
        let order = self.order;
        let (interface, head, captured, on_wire) = match kind {
            SIMPLE_PACKET => {
                let interface = self.interfaces.first()?;
                let on_wire = order.size(body, 0)?;
                let snap = if interface.snap == 0 { on_wire } else { interface.snap };
                (interface, 4, on_wire.min(snap).min(body.len().saturating_sub(4)), on_wire)
            }
            _ => {
                let interface = match kind {
                    ENHANCED_PACKET => order.size(body, 0)?,
                    _ => usize::from(order.u16(body, 0)?),
                };
                (self.interfaces.get(interface)?, 20, order.size(body, 12)?, order.size(body, 16)?)
            }
        };
        let rest = body.get(head..)?;
        let data = rest.get(..captured).unwrap_or(rest);
        let time = match kind {
            SIMPLE_PACKET => None,
            _ => Some(interface.time(order.u32(body, 4)?, order.u32(body, 8)?)),
        };
        sink.frame(&Frame { link: interface.link, bytes: data, at: at + head, on_wire, time });
        Some(())
    }

    fn secrets(&self, body: &[u8], sink: &mut Sink) -> Option<()> {
        if self.order.u32(body, 0)? == TLS_KEY_LOG {
            let log = body.get(8..)?;
            let log = log.get(..self.order.size(body, 4)?).unwrap_or(log);
            // A key log is ASCII; what else stands in it is in lines that are passed over.
            sink.keys(&String::from_utf8_lossy(log));
        }
        Some(())
    }
}

impl Interface {
    fn time(self, high: u32, low: u32) -> Time {
        const NANOSECONDS: u64 = 1_000_000_000;
        let units = u64::from(high) << 32 | u64::from(low);
        let since = match self.units {
            1_000_000 => units.checked_mul(1000),
            NANOSECONDS => Some(units),
            0 => None,
            per_second => {
                let nanoseconds = u128::from(units) * u128::from(NANOSECONDS) / u128::from(per_second);
                u64::try_from(nanoseconds).ok()
            }
        };
        let since = since.and_then(|since| i64::try_from(since).ok()).unwrap_or(i64::MAX);
        Time::Unix(since.saturating_add(self.offset.saturating_mul(1_000_000_000)))
    }
}
