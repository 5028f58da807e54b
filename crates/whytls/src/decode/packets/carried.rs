//! The bytes that packet details carry beside their fields.
//!
//! In:  packets: all of their bytes, or their payload and what is told of their headers.
//! Out: the connections, as a capture file shows them.
//! Not here: the fields. They say more where Wireshark had the keys, or where packets were left out.

use std::collections::{BTreeMap, HashMap};
use std::mem::discriminant;

use crate::wire::{self, Bare, Flow, Frames, Layer, Link, Place, Segment, Shown, Time, Transport, What};

/// Packets, as far as their bytes are there.
#[derive(Default)]
pub(super) struct Carried {
    frames: Frames,
    any: bool,
    /// Some packets carry bytes that are not there.
    lacking: bool,
}

/// The transport and the two ends of a connection, in whatever order.
type Ends = (bool, [Option<String>; 2]);

impl Carried {
    /// The bytes of a packet, from the header of its link on, if Wireshark's number of that is known.
    pub(super) fn frame(&mut self, link: Option<u32>, bytes: &[u8], at: Place, time: Option<Time>) {
        let layer = match link.and_then(Link::of_wireshark) {
            Some(link) => Layer::Link(link),
            None => match wire::bare(bytes) {
                Some(Bare::Frame(link)) => Layer::Link(link),
                Some(Bare::Ip) => Layer::Ip,
                _ => return,
            },
        };
        let mut shown = Shown::default();
        bytes.iter().for_each(|byte| shown.push(*byte, at.start, at.end));
        self.any = true;
        self.frames.number(at.packet);
        self.frames.frame(layer, &shown, time);
    }

    /// A packet of which the payload is there, and of its headers what counts.
    pub(super) fn segment(&mut self, segment: &Segment<'_>, at: Place, time: Option<Time>) {
        self.any |= !segment.payload.is_empty();
        self.lacking |= segment.payload.is_empty() && segment.missing > 0;
        self.frames.number(at.packet);
        self.frames.segment(segment, at, time);
    }

    /// Whether there are bytes at all.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// The connections by their bytes, instead of those that the fields tell of, unless these tell more.
    pub(super) fn instead_of(self, told: Vec<Flow>) -> Vec<Flow> {
        if !self.any {
            return told;
        }
        let lacking = self.lacking;
        let mut both: BTreeMap<Ends, (Vec<Flow>, Vec<Flow>)> = BTreeMap::new();
        for flow in self.frames.finish() {
            both.entry(ends(&flow)).or_default().0.push(flow);
        }
        for flow in told {
            both.entry(ends(&flow)).or_default().1.push(flow);
        }
        let mut flows = Vec::new();
        for (mut seen, told) in both.into_values() {
            let (more, less) = (named(&told), named(&seen));
            if more > less || seen.is_empty() && lacking {
                flows.extend(told);
            } else {
                point_at_fields(&mut seen, &told);
                flows.extend(seen);
            }
        }
        flows.sort_by_key(|flow| flow.events.first().map_or(usize::MAX, |event| event.place.start));
        flows
    }
}

fn ends(flow: &Flow) -> Ends {
    let mut ends = [&flow.client, &flow.server].map(|end| end.as_ref().map(|end| end.address()));
    ends.sort();
    (flow.transport == Transport::Tcp, ends)
}

/// How many messages are told with what they say.
fn named(flows: &[Flow]) -> usize {
    let events = flows.iter().flat_map(|flow| &flow.events);
    let named = events.filter(|event| match &event.what {
        What::ClientHello(hello) => !hello.ciphers.is_empty(),
        What::ServerHello(hello) | What::HelloRetryRequest(hello) => hello.cipher.is_some(),
        What::Certificate(_)
        | What::Handshake(11)
        | What::ServerKeyExchange { .. }
        | What::CertificateRequest
        | What::EncryptedExtensions { .. }
        | What::Alert { .. } => true,
        _ => false,
    });
    named.count()
}

/// What the fields say as well is easier to read there.
fn point_at_fields(seen: &mut [Flow], told: &[Flow]) {
    let mut fields = HashMap::new();
    for event in told.iter().flat_map(|flow| &flow.events) {
        fields.entry((event.place.packet, discriminant(&event.what))).or_insert(event.place);
    }
    for flow in seen {
        for event in &mut flow.events {
            let field = fields.get(&(event.place.packet, discriminant(&event.what)));
            event.place = field.copied().unwrap_or(event.place);
        }
    }
}
