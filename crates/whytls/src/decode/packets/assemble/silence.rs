//! Whether what was said last was ever answered.
//!
//! In:  the packets of a connection, one after another, with their times where they are shown.
//! Out: a close by timeout, where nobody closed it and nothing came back.
//! Not here: who closes with FIN or RST.

use super::super::columns::Packet;
use super::super::words::Tcp;
use super::Growing;
use crate::wire::{Close, CloseHow, Place, Side, Transport, What};

/// Silence at the end of a capture that is longer than this is no answer.
const SILENCE: i64 = 15_000_000_000;

/// Who said something last, and waits for an answer.
#[derive(Clone, Copy)]
pub(super) struct Waiting {
    side: Side,
    place: Place,
    time: Option<i64>,
    acknowledged: bool,
    again: u8,
}

impl Growing {
    /// Whether what was said last is answered, or at least arrives.
    pub(super) fn wait(&mut self, packet: &Packet<'_>, tcp: Option<&Tcp>, side: Side, number: u32) {
        let place = Place { packet: number, start: packet.span.start, end: packet.span.end };
        self.packets.set(side, self.packets.of(side).saturating_add(1));
        self.acks |= tcp.is_some_and(|tcp| tcp.ack_only);
        let speaks = match tcp {
            Some(tcp) => tcp.len > 0 || tcp.syn,
            None => self.payload(packet, None) != Some(0),
        };
        if let Some(waiting) = &mut self.waiting {
            let next = self.next.of(waiting.side);
            let number = tcp.and_then(|tcp| tcp.acknowledges);
            waiting.acknowledged |= waiting.side != side
                && next.zip(number).is_none_or(|(next, number)| number.wrapping_sub(next).cast_signed() >= 0);
        }
        if !speaks {
            return;
        }
        if packet.repeats() {
            if let Some(waiting) = self.waiting.as_mut().filter(|waiting| waiting.side == side) {
                waiting.again = waiting.again.saturating_add(1);
                (waiting.place, waiting.time) = (place, packet.time);
            }
        } else {
            self.waiting = Some(Waiting { side, place, time: packet.time, acknowledged: false, again: 0 });
        }
    }

    /// Nobody closed the connection: was the last word never answered? Of a capture of which only some
    /// packets are shown, silence tells nothing.
    pub(super) fn timeout(&self, last: Option<i64>) -> Option<Close> {
        let waiting = self.waiting?;
        let close = Close { by: waiting.side.other(), how: CloseHow::Timeout, place: waiting.place };
        if self.flow.transport != Transport::Tcp {
            // Nobody says that a datagram was seen; but who says the same again and again was not heard.
            let alone = self.packets.of(waiting.side) > 1 && self.packets.of(waiting.side.other()) == 0;
            return alone.then_some(close);
        }
        let lost = !waiting.acknowledged && waiting.again >= if self.flow.established { 2 } else { 1 };
        let since = last.zip(waiting.time).map(|(last, time)| last - time);
        // What is not told may be the rest of the handshake.
        let untold = self.flow.events.iter().any(|event| matches!(event.what, What::Bytes { .. }));
        // After an alert nobody owes an answer.
        if self.flow.events.last().is_some_and(|event| event.what.is_last_word()) {
            return None;
        }
        let all = (self.flow.from_start || self.acks) && !untold;
        let silent = all && !self.flow.established && since.is_some_and(|since| since > SILENCE);
        (lost || silent).then_some(close)
    }
}
