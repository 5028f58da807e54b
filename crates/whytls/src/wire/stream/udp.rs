//! Datagrams between two ports, as far as they have to do with TLS.
//!
//! In:  the datagrams of both directions.
//! Out: events by way of `datagram`, and a flow at the end.
//! Not here: DTLS and QUIC themselves.

use super::{Key, Seen, Then, Way, ports};
use crate::wire::datagram::Datagrams;
use crate::wire::dtls::without_capwap;
use crate::wire::flow::{Close, CloseHow, Event, Flow, Place, Side, Transport};
use crate::wire::keylog::Keys;
use crate::wire::session::At;

/// Datagrams that are looked at before the exchange is given up as none of ours.
const TRIES: u8 = 8;
/// No exchange has more events than this.
const EVENTS: usize = 4096;

/// All datagrams between two ports.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) order: u32,
    pub(super) last_packet: u32,
    client: Way,
    from_start: bool,
    datagrams: Datagrams,
    transport: Option<Transport>,
    tries: u8,
    events: Vec<Event>,
    /// The last that spoke, how often in a row, and where; and whether the other one ever did.
    last: (Way, u32, Place),
    answered: bool,
}

impl Exchange {
    /// Whether this datagram begins something worth watching.
    pub(super) fn begin(seen: &Seen<'_>, key: Key, packet: u32, keys: Keys) -> Option<Self> {
        if !Datagrams::may_begin(seen.segment.payload) {
            return None;
        }
        let first = first_of(seen);
        let client = match first {
            First::Client => seen.way,
            First::Server => seen.way.back(),
            First::Either if ports::serves(key.a.port, key.b.port) => Way::FromB,
            First::Either => Way::FromA,
        };
        Some(Self {
            order: packet,
            last_packet: packet,
            client,
            from_start: first == First::Client,
            datagrams: Datagrams::new(keys),
            transport: None,
            tries: 0,
            events: Vec::new(),
            last: (seen.way, 0, seen.frame),
            answered: false,
        })
    }

    /// The next datagram.
    pub(super) fn datagram(&mut self, seen: &Seen<'_>, packet: u32) -> Then {
        self.last_packet = packet;
        if seen.way == self.last.0 {
            self.last.1 = self.last.1.saturating_add(1);
            self.last.2 = seen.frame;
        } else {
            self.answered = true;
            self.last = (seen.way, 1, seen.frame);
        }
        let from = self.side(seen.way);
        let at = At { place: seen.payload, time: seen.time };
        let transport = self.datagrams.push(from, seen.segment.payload, at, &mut self.events);
        self.transport = self.transport.or(transport);
        self.events.truncate(EVENTS);
        if self.transport.is_none() && self.events.is_empty() {
            self.tries += 1;
            if self.tries >= TRIES {
                return Then::Forget;
            }
        }
        Then::GoOn
    }

    fn side(&self, way: Way) -> Side {
        if way == self.client { Side::Client } else { Side::Server }
    }

    /// The flow, if it is one of ours.
    pub(super) fn end(mut self, key: Key) -> Option<(u32, Flow)> {
        if self.transport.is_none() && self.events.is_empty() {
            return None;
        }
        let (client, server) = if self.client == Way::FromA { (key.a, key.b) } else { (key.b, key.a) };
        let (way, times, place) = self.last;
        // Nobody says that a datagram was seen; but who says the same again and again was not heard.
        let close = (!self.answered && times > 1).then(|| Close {
            by: self.side(way.back()),
            how: CloseHow::Timeout,
            place,
        });
        // RADIUS says that it is over.
        let rejected = self.events.iter().rev().find(|event| event.what.is_reject());
        let rejected = rejected.filter(|_| !self.datagrams.established());
        let close = close.or_else(|| {
            rejected.map(|event| Close { by: event.from, how: CloseHow::Fin, place: event.place })
        });
        self.events.shrink_to_fit();
        let flow = Flow {
            transport: self.transport.unwrap_or(Transport::Udp),
            client: Some(client.endpoint()),
            server: Some(server.endpoint()),
            ports: None,
            from_start: self.from_start,
            close,
            established: self.datagrams.established(),
            events: self.events,
        };
        Some((self.order, flow))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Client,
    Server,
    Either,
}

/// Who sends such a datagram as the first one.
fn first_of(seen: &Seen<'_>) -> First {
    let segment = seen.segment;
    match without_capwap(segment.payload) {
        // QUIC's long header. Servers choose a version, and have a port that is known, if either has.
        [0x80..=0xff, 0, 0, 0, 0, ..] => First::Server,
        [0x80..=0xff, ..] if ports::known(segment.from.port) && !ports::known(segment.to.port) => {
            First::Server
        }
        [0x80..=0xff, ..] => First::Client,
        // DTLS: the message's type stands behind the record's header.
        [22, rest @ ..] => match rest.get(12) {
            Some(1) => First::Client,
            Some(2 | 3) => First::Server,
            _ => First::Either,
        },
        // RADIUS: a request, and the answers to it.
        [1, ..] => First::Client,
        [2 | 3 | 11, ..] => First::Server,
        _ => First::Either,
    }
}
