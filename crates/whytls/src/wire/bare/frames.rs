//! Packets that a text shows: their bytes, or what they carry and what is told of their headers.
//!
//! In:  packets, in the order of the capture.
//! Out: flows, as of a capture file, with places in the text.
//! Not here: how a text shows packets.

use crate::wire::flow::{Flow, Place, Time};
use crate::wire::keylog::Keys;
use crate::wire::packet::{Layer, Packets, Segment};
use crate::wire::shown::Shown;
use crate::wire::stream::Streams;

/// Packets that are put together to connections.
pub(crate) struct Frames {
    packets: Packets,
    streams: Streams,
    number: u32,
    /// They stand one behind the other, and their places are put back into the text at the end.
    shown: Shown,
}

impl Default for Frames {
    fn default() -> Self {
        let streams = Streams::new(Keys::default());
        Self { packets: Packets::default(), streams, number: 0, shown: Shown::default() }
    }
}

impl Frames {
    /// The next packet, from this layer on.
    pub(crate) fn frame(&mut self, layer: Layer, shown: &Shown, time: Option<Time>) {
        let place = self.place(shown);
        let (streams, bytes) = (&mut self.streams, shown.bytes());
        self.packets.read(layer, bytes, &mut |segment| streams.segment(&segment, bytes, place, time));
    }

    /// The next packet, of which only `payload` is shown as bytes; `at` is where the text tells of it.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, at: Place, time: Option<Time>) {
        let mut shown = Shown::default();
        // One that carries nothing has a place as well.
        for byte in segment.payload.iter().chain(segment.payload.is_empty().then_some(&0)) {
            shown.push(*byte, at.start, at.end);
        }
        let place = self.place(&shown);
        self.streams.segment(segment, segment.payload, place, time);
    }

    /// The number of the next packet, where it is not the one after the last.
    pub(crate) fn number(&mut self, number: u32) {
        self.number = number.saturating_sub(1);
    }

    fn place(&mut self, shown: &Shown) -> Place {
        self.number = self.number.saturating_add(1);
        let start = self.shown.len();
        self.shown.append(shown);
        Place { packet: self.number, start, end: self.shown.len() }
    }

    /// The connections.
    pub(crate) fn finish(self) -> Vec<Flow> {
        let mut flows = self.streams.finish().0;
        for flow in &mut flows {
            put_back(flow, &self.shown);
            // The addresses of a bare segment are not known.
            for end in [&mut flow.client, &mut flow.server] {
                if end.as_ref().is_some_and(|end| end.host == "::") {
                    *end = None;
                }
            }
        }
        flows
    }
}

/// Places among bytes become places in the text that shows them.
pub(super) fn put_back(flow: &mut Flow, shown: &Shown) {
    let back = |place: &mut Place| {
        let packet = place.packet;
        *place = Place { packet, ..shown.place(place.start..place.end) };
    };
    flow.events.iter_mut().for_each(|event| back(&mut event.place));
    flow.ports.iter_mut().for_each(back);
    if let Some(close) = &mut flow.close {
        back(&mut close.place);
    }
}
