//! Connections: which segment belongs to which, and which of them have to do with TLS.
//!
//! In:  segments and datagrams, as a capture has them.
//! Out: [`Flow`]s, in the order of their first packet. What is neither TLS nor leads to it costs
//!      nearly nothing: its bytes are not kept, and it is forgotten when it closes.
//! Not here: what the bytes mean. That is `dialogue`, `session` and `datagram`.

mod ports;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use tcp::Connection;
use udp::Exchange;

use super::flow::{Flow, Place, Time};
use super::keylog::Keys;
use super::packet::{Segment, Socket};

/// More connections than these are not watched at one time.
const WATCHED: usize = 65_536;
/// So many attempts to connect are kept in case that there is nothing else.
const ATTEMPTS: usize = 16;
/// More flows than these are not kept.
const KEPT: usize = 100_000;

/// All connections of a capture.
pub(crate) struct Streams {
    keys: Keys,
    // With a fixed key: the same capture gives the same report, and no randomness is needed.
    table: HashMap<Key, Slot, BuildHasherDefault<DefaultHasher>>,
    /// Packets so far.
    packets: u32,
    now: Option<Time>,
    done: Vec<(u32, Flow)>,
    /// Connections to ports where TLS need not be, which never came up.
    attempts: Vec<(u32, Flow)>,
    dropped: usize,
}

/// Both ends of a connection, the smaller one first.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    a: Socket,
    b: Socket,
    tcp: bool,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.a.address.hash(state);
        self.b.address.hash(state);
        let ports = u64::from(self.a.port) << 17 | u64::from(self.b.port) << 1 | u64::from(self.tcp);
        ports.hash(state);
    }
}

/// A direction: from the smaller end of the key, or to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    FromA,
    FromB,
}

impl Way {
    fn back(self) -> Self {
        match self {
            Self::FromA => Self::FromB,
            Self::FromB => Self::FromA,
        }
    }
}

/// One thing for each direction.
#[derive(Debug, Default)]
struct Both<T> {
    a: T,
    b: T,
}

impl<T> Both<T> {
    fn of(&mut self, way: Way) -> &mut T {
        match way {
            Way::FromA => &mut self.a,
            Way::FromB => &mut self.b,
        }
    }

    fn see(&self, way: Way) -> &T {
        match way {
            Way::FromA => &self.a,
            Way::FromB => &self.b,
        }
    }
}

enum Slot {
    Tcp(Box<Connection>),
    Udp(Box<Exchange>),
    /// Over, or none of ours: what still comes is passed over.
    Dead,
}

/// What a connection wants after a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    /// Nothing in it is worth keeping, and nothing will be.
    Forget,
    /// It came to its end.
    Finish,
}

/// A packet, as a connection sees it.
#[derive(Clone, Copy)]
struct Seen<'a> {
    segment: &'a Segment<'a>,
    way: Way,
    /// The whole frame.
    frame: Place,
    /// The payload in it.
    payload: Place,
    time: Option<Time>,
}

impl Streams {
    pub(crate) fn new(keys: Keys) -> Self {
        let (done, attempts) = (Vec::new(), Vec::new());
        Self { keys, table: HashMap::default(), packets: 0, now: None, done, attempts, dropped: 0 }
    }

    /// Where secrets are looked up.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The next segment or datagram. `frame` are the bytes it was found in, and `place` is where
    /// these stand.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, frame: &[u8], place: Place, time: Option<Time>) {
        self.packets = self.packets.saturating_add(1);
        self.now = time.or(self.now);
        let way = if segment.from <= segment.to { Way::FromA } else { Way::FromB };
        let (a, b) = match way {
            Way::FromA => (segment.from, segment.to),
            Way::FromB => (segment.to, segment.from),
        };
        let key = Key { a, b, tcp: segment.tcp.is_some() };
        let seen =
            Seen { segment, way, frame: place, payload: place_of(segment.payload, frame, place), time };
        let then = match self.table.get_mut(&key) {
            Some(Slot::Tcp(connection)) => {
                if connection.is_another(&seen) {
                    let flow = self.table.remove(&key);
                    self.end(key, flow);
                    return self.begin(key, &seen);
                }
                connection.segment(&seen, self.packets)
            }
            Some(Slot::Udp(exchange)) => exchange.datagram(&seen, self.packets),
            Some(Slot::Dead) => {
                if segment.tcp.is_some_and(|tcp| tcp.syn() && !tcp.has_ack()) {
                    self.begin(key, &seen);
                }
                return;
            }
            None => return self.begin(key, &seen),
        };
        self.settle(key, then);
    }

    fn begin(&mut self, key: Key, seen: &Seen<'_>) {
        let then = if key.tcp {
            let Some(mut connection) = Connection::begin(seen, key, self.packets, self.keys.clone()) else {
                return;
            };
            let then = connection.segment(seen, self.packets);
            self.table.insert(key, Slot::Tcp(Box::new(connection)));
            then
        } else {
            let Some(mut exchange) = Exchange::begin(seen, key, self.packets, self.keys.clone()) else {
                return;
            };
            let then = exchange.datagram(seen, self.packets);
            self.table.insert(key, Slot::Udp(Box::new(exchange)));
            then
        };
        self.settle(key, then);
        if self.table.len() > WATCHED {
            self.sweep();
        }
    }

    fn settle(&mut self, key: Key, then: Then) {
        match then {
            Then::GoOn => {}
            Then::Forget => {
                let slot = self.table.insert(key, Slot::Dead);
                if matches!(&slot, Some(Slot::Tcp(connection)) if connection.never_came_up()) {
                    self.end(key, slot);
                }
            }
            Then::Finish => {
                let slot = self.table.insert(key, Slot::Dead);
                self.end(key, slot);
            }
        }
    }

    fn end(&mut self, key: Key, slot: Option<Slot>) {
        let ended = match slot {
            Some(Slot::Tcp(connection)) => connection.end(key, self.now),
            Some(Slot::Udp(exchange)) => exchange.end(key).map(|(order, flow)| (order, flow, true)),
            Some(Slot::Dead) | None => None,
        };
        match ended {
            Some((order, flow, false)) if self.done.is_empty() && self.attempts.len() < ATTEMPTS => {
                self.attempts.push((order, flow));
            }
            Some((.., false)) | None => {}
            Some(_) if self.done.len() >= KEPT => self.dropped += 1,
            Some((order, flow, true)) => self.done.push((order, flow)),
        }
    }

    /// Makes room: first goes what is over, then what has been silent for longest.
    fn sweep(&mut self) {
        self.table.retain(|_, slot| !matches!(slot, Slot::Dead));
        if self.table.len() <= WATCHED / 2 {
            return;
        }
        let mut ages: Vec<u32> = self.table.values().map(Slot::last_packet).collect();
        let middle = ages.len() / 2;
        let (_, limit, _) = ages.select_nth_unstable(middle);
        let limit = *limit;
        let mut old: Vec<(Key, Slot)> =
            self.table.extract_if(|_, slot| slot.last_packet() <= limit).collect();
        // A table has no order of its own; what is dropped must not hang on it.
        old.sort_by_key(|(_, slot)| slot.order());
        for (key, slot) in old {
            self.end(key, Some(slot));
        }
    }

    /// The capture ends: its flows in the order of their first packet, and how many were left out.
    pub(crate) fn finish(mut self) -> (Vec<Flow>, usize) {
        let mut open: Vec<(Key, Slot)> = self.table.drain().collect();
        open.sort_by_key(|(_, slot)| slot.order());
        for (key, slot) in open {
            self.end(key, Some(slot));
        }
        if self.done.is_empty() {
            self.done = self.attempts;
        }
        self.done.sort_by_key(|(order, _)| *order);
        (self.done.into_iter().map(|(_, flow)| flow).collect(), self.dropped)
    }
}

impl Slot {
    fn last_packet(&self) -> u32 {
        match self {
            Self::Tcp(connection) => connection.last_packet,
            Self::Udp(exchange) => exchange.last_packet,
            Self::Dead => 0,
        }
    }

    fn order(&self) -> u32 {
        match self {
            Self::Tcp(connection) => connection.order,
            Self::Udp(exchange) => exchange.order,
            Self::Dead => 0,
        }
    }
}

/// Where a payload stands: it is a slice of the frame, unless it was put together from fragments.
fn place_of(payload: &[u8], frame: &[u8], place: Place) -> Place {
    let offset = (payload.as_ptr() as usize).wrapping_sub(frame.as_ptr() as usize);
    if payload.is_empty() || offset.saturating_add(payload.len()) > frame.len() {
        return place;
    }
    let start = place.start + offset;
    Place { packet: place.packet, start, end: start + payload.len() }
}
