//! One TCP connection: its segments put in order, its beginning and its end.
//!
//! In:  the segments of both directions, as they were seen.
//! Out: the bytes of each direction in order, for `dialogue`; SYN, FIN, RST, retransmissions and
//!      gaps as events.
//! Not here: windows, congestion, options. They do not say why a handshake failed.

use super::{Both, Key, Seen, Then, Way, ports};
use crate::wire::dialogue::Dialogue;
use crate::wire::flow::{Close, CloseHow, Event, Flow, Place, Side, Time, Transport, What};
use crate::wire::keylog::Keys;
use crate::wire::packet::Tcp;
use crate::wire::plain;
use crate::wire::session::At;

/// So many bytes, and so many segments, wait for one that is missing.
const HELD_BYTES: usize = 512 * 1024;
const HELD_SEGMENTS: usize = 512;
/// The receiver has told that it has the missing bytes, and so many segments came since: the
/// capture will not have them any more.
const PATIENCE: u8 = 3;
/// So many retransmissions are told of one connection; it is the first ones that tell something.
const RETRANSMISSIONS: u8 = 32;
/// No connection has more events than this.
const EVENTS: usize = 4096;
/// Whoever has said so much without a word of TLS will not speak it any more.
const ENOUGH: u32 = 256 * 1024;
/// The same bytes so soon again were captured twice, as on two interfaces, and not sent twice.
const TWICE: i64 = 3_000_000;
/// Silence at the end of a capture that is longer than this is no answer.
const SILENCE: i64 = 15_000_000_000;

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) order: u32,
    pub(super) last_packet: u32,
    last_place: Place,
    last_time: Option<Time>,
    keys: Keys,
    ways: Both<Half>,
    client: Option<Way>,
    server_port: u16,
    from_start: bool,
    reading: Reading,
    /// Bytes that were read while no TLS was seen.
    idle: u32,
    established: bool,
    events: Vec<Event>,
    close: Option<(Way, CloseHow, Place)>,
    reset: Option<Reset>,
    waiting: Option<Waiting>,
    retransmissions: u8,
    opened: Option<Time>,
    round_trip: Option<i64>,
}

/// How far the bytes of a connection are looked at.
#[derive(Debug)]
enum Reading {
    /// Nothing was said yet.
    NotYet,
    Yes(Box<Dialogue>),
    /// No more: it is none of ours, or it is over.
    Done,
}

/// One direction.
#[derive(Debug, Default)]
struct Half {
    /// The number of its SYN.
    first: Option<u32>,
    /// The number of the next byte in order.
    next: Option<u32>,
    /// The end of what the other side has acknowledged.
    acknowledged: Option<u32>,
    /// The number behind its last byte, once it has sent FIN; where that was.
    fin: Option<(u32, Place, Option<Time>)>,
    fin_told: bool,
    /// Segments that came too early, in order.
    held: Vec<Held>,
    held_bytes: usize,
    strikes: u8,
    /// Bytes came from here.
    spoke: bool,
    /// The first and the last time to live, not of an RST.
    ttl: Option<(u8, u8)>,
}

#[derive(Debug)]
struct Held {
    seq: u32,
    bytes: Vec<u8>,
    missing: u32,
    at: At,
}

#[derive(Debug)]
struct Reset {
    way: Way,
    seq: u32,
    /// Its event.
    event: usize,
    at: At,
}

/// Who spoke last, and what became of it.
#[derive(Debug)]
struct Waiting {
    way: Way,
    again: u8,
    acknowledged: bool,
    place: Place,
    time: Option<Time>,
}

/// How far the first number is ahead of the second one.
fn ahead(seq: u32, of: u32) -> i32 {
    seq.wrapping_sub(of).cast_signed()
}

impl Connection {
    /// Whether this segment begins a connection that is worth watching.
    pub(super) fn begin(seen: &Seen<'_>, key: Key, packet: u32, keys: Keys) -> Option<Self> {
        let tcp = seen.segment.tcp?;
        let way = seen.way;
        let (client, from_start) = match (tcp.syn(), tcp.has_ack()) {
            (true, false) => (Some(way), true),
            (true, true) => (Some(way.back()), true),
            _ => {
                // Its beginning is not in the capture: only where something we know begins.
                let bytes = seen.segment.payload;
                let known = ports::known(key.a.port) || ports::known(key.b.port);
                if !(ports::begins(bytes) || known && ports::text(bytes)) {
                    return None;
                }
                let client = match ports::sent_by_client(bytes) {
                    Some(true) => way,
                    Some(false) => way.back(),
                    None if ports::serves(key.a.port, key.b.port) => Way::FromB,
                    None => Way::FromA,
                };
                (Some(client), false)
            }
        };
        let server_port = if client == Some(Way::FromA) { key.b.port } else { key.a.port };
        Some(Self {
            order: packet,
            last_packet: packet,
            last_place: seen.frame,
            last_time: seen.time,
            keys,
            ways: Both::default(),
            client,
            server_port,
            from_start,
            reading: Reading::NotYet,
            idle: 0,
            established: false,
            events: Vec::new(),
            close: None,
            reset: None,
            waiting: None,
            retransmissions: 0,
            opened: None,
            round_trip: None,
        })
    }

    /// Whether a segment belongs to another connection between the same ports: a new SYN.
    pub(super) fn is_another(&self, seen: &Seen<'_>) -> bool {
        seen.segment.tcp.is_some_and(|tcp| {
            tcp.syn() && !tcp.has_ack() && {
                let known = self.ways.see(seen.way).first;
                known.is_some_and(|first| first != tcp.seq) || known.is_none() && !self.from_start
            }
        })
    }

    fn side(&self, way: Way) -> Side {
        if self.client == Some(way) { Side::Client } else { Side::Server }
    }

    fn tell(&mut self, way: Way, place: Place, time: Option<Time>, what: What) {
        if self.events.len() < EVENTS {
            let from = self.side(way);
            self.events.push(Event { place, time, from, what });
        }
    }

    /// The next segment.
    pub(super) fn segment(&mut self, seen: &Seen<'_>, packet: u32) -> Then {
        let Some(tcp) = seen.segment.tcp else { return Then::GoOn };
        self.last_packet = packet;
        (self.last_place, self.last_time) = (seen.frame, seen.time);
        let way = seen.way;
        if tcp.rst() {
            return self.reset(seen, tcp);
        }
        self.acknowledge(way, tcp);
        self.watch_ttl(way, seen.segment.ttl);
        let mut seq = tcp.seq;
        if tcp.syn() {
            self.open(seen, tcp);
            seq = seq.wrapping_add(1);
        }
        let payload = seen.segment.payload;
        if !payload.is_empty() || seen.segment.missing > 0 {
            self.not_injected_after_all(way, seq);
            if !matches!(self.reading, Reading::Done) {
                self.data(seen, seq);
            }
        }
        if tcp.fin() {
            let length = u32::try_from(payload.len()).unwrap_or(0).wrapping_add(seen.segment.missing);
            self.fin(seen, seq.wrapping_add(length));
        }
        self.then()
    }

    fn then(&mut self) -> Then {
        if self.ways.a.fin_told && self.ways.b.fin_told {
            return Then::Finish;
        }
        if matches!(self.reading, Reading::Done) && !self.worth_keeping(self.last_time) {
            Then::Forget
        } else {
            Then::GoOn
        }
    }

    fn watch_ttl(&mut self, way: Way, ttl: u8) {
        let known = &mut self.ways.of(way).ttl;
        *known = Some((known.map_or(ttl, |(first, _)| first), ttl));
    }

    fn acknowledge(&mut self, way: Way, tcp: Tcp) {
        if !tcp.has_ack() {
            return;
        }
        let other = self.ways.of(way.back());
        if other.next.is_none() && self.from_start && !tcp.syn() {
            // Its SYN is not in the capture, but what it will send next is known.
            other.next = Some(tcp.ack);
        }
        if other.acknowledged.is_none_or(|known| ahead(tcp.ack, known) > 0) {
            other.acknowledged = Some(tcp.ack);
        }
        if let (Some(waiting), Some(next)) = (&mut self.waiting, self.ways.see(way.back()).next)
            && waiting.way != way
            && ahead(tcp.ack, next) >= 0
        {
            waiting.acknowledged = true;
        }
    }

    fn open(&mut self, seen: &Seen<'_>, tcp: Tcp) {
        let way = seen.way;
        let half = self.ways.of(way);
        match half.first {
            Some(first) if first == tcp.seq => self.again(seen),
            Some(_) => {}
            None => {
                half.first = Some(tcp.seq);
                half.next = Some(tcp.seq.wrapping_add(1));
                if tcp.has_ack() {
                    let other = self.ways.of(way.back());
                    other.next = other.next.or(Some(tcp.ack));
                    self.round_trip = span(self.opened, seen.time);
                } else {
                    self.opened = seen.time;
                }
                self.tell(way, seen.frame, seen.time, What::Open);
                self.spoke(seen);
            }
        }
    }

    /// Something new was said.
    fn spoke(&mut self, seen: &Seen<'_>) {
        self.waiting = Some(Waiting {
            way: seen.way,
            again: 0,
            acknowledged: false,
            place: seen.frame,
            time: seen.time,
        });
    }

    /// Something was said that had been said before.
    fn again(&mut self, seen: &Seen<'_>) {
        let mut own = self.waiting.iter().filter(|waiting| waiting.way == seen.way);
        if own.any(|waiting| span(waiting.time, seen.time).is_some_and(|since| since < TWICE)) {
            return;
        }
        if let Some(waiting) = self.waiting.as_mut().filter(|waiting| waiting.way == seen.way) {
            waiting.again = waiting.again.saturating_add(1);
            waiting.place = seen.frame;
            waiting.time = seen.time;
        }
        if self.retransmissions < RETRANSMISSIONS && !self.established {
            self.retransmissions += 1;
            self.tell(seen.way, seen.payload, seen.time, What::Retransmission);
        }
    }

    fn data(&mut self, seen: &Seen<'_>, seq: u32) {
        let way = seen.way;
        let bytes = seen.segment.payload;
        let missing = seen.segment.missing;
        let half = self.ways.of(way);
        let next = match half.next {
            Some(next) => next,
            // In the middle of a connection, a direction is read from where a record or a line begins.
            None if ports::begins(bytes) || ports::text(bytes) => {
                half.next = Some(seq);
                seq
            }
            None => return,
        };
        let at = At { place: seen.payload, time: seen.time };
        let early = ahead(seq, next);
        if early > 0 {
            self.hold(way, seq, bytes, missing, at);
        } else {
            let known = usize::try_from(early.unsigned_abs()).unwrap_or(usize::MAX);
            let length = bytes.len().saturating_add(usize::try_from(missing).unwrap_or(usize::MAX));
            if known >= length {
                // One byte before the next one asks whether the other side is still there.
                if !(known == 1 && length == 1) {
                    self.again(seen);
                }
                return;
            }
            self.spoke(seen);
            self.deliver(way, bytes.get(known..).unwrap_or_default(), at);
            let cut = missing.saturating_sub(u32::try_from(known.saturating_sub(bytes.len())).unwrap_or(0));
            self.skip(way, cut, at);
            self.release(way);
        }
        self.lose_patience(way);
        self.lose_patience(way.back());
    }

    /// Bytes that come next.
    fn deliver(&mut self, way: Way, bytes: &[u8], at: At) {
        let Ok(length) = u32::try_from(bytes.len()) else { return };
        if length == 0 {
            return;
        }
        let side = self.side(way);
        let half = self.ways.of(way);
        half.spoke = true;
        half.next = half.next.map(|next| next.wrapping_add(length));
        if matches!(self.reading, Reading::NotYet) {
            self.reading = Reading::Yes(Box::new(Dialogue::new(self.keys.clone())));
        }
        let Reading::Yes(dialogue) = &mut self.reading else { return };
        dialogue.push(side, bytes, at, &mut self.events);
        if self.idle < ENOUGH {
            self.idle = self.idle.saturating_add(length);
            if self.idle >= ENOUGH && !self.events.iter().any(|event| is_tls(&event.what)) {
                self.stop_reading();
            }
        }
        self.after();
    }

    /// Bytes that come next, but are not there.
    fn skip(&mut self, way: Way, missing: u32, at: At) {
        if missing == 0 {
            return;
        }
        let side = self.side(way);
        let half = self.ways.of(way);
        half.next = half.next.map(|next| next.wrapping_add(missing));
        let Reading::Yes(dialogue) = &mut self.reading else { return };
        if self.events.len() < EVENTS {
            let what = What::Missing { bytes: missing };
            self.events.push(Event { place: at.place, time: at.time, from: side, what });
        }
        dialogue.gap(side, missing, at, &mut self.events);
        self.after();
    }

    /// What is none of ours is not read on.
    fn after(&mut self) {
        self.events.truncate(EVENTS);
        if let Reading::Yes(dialogue) = &self.reading {
            self.established = self.established || dialogue.established();
            if !dialogue.wanted() {
                self.stop_reading();
            }
        }
    }

    fn stop_reading(&mut self) {
        self.reading = Reading::Done;
        for way in [Way::FromA, Way::FromB] {
            self.ways.of(way).held = Vec::new();
        }
    }

    /// Keeps a segment until those before it have come.
    fn hold(&mut self, way: Way, seq: u32, bytes: &[u8], missing: u32, at: At) {
        let half = self.ways.of(way);
        let place = half.held.partition_point(|held| ahead(held.seq, seq) < 0);
        // The same segment again, or a shorter one from the same place, brings nothing.
        if half.held.get(place).is_some_and(|held| held.seq == seq && held.bytes.len() >= bytes.len()) {
            return;
        }
        half.held_bytes += bytes.len();
        half.held.insert(place, Held { seq, bytes: bytes.to_vec(), missing, at });
        if half.held_bytes > HELD_BYTES || half.held.len() > HELD_SEGMENTS {
            self.give_up(way);
        }
    }

    /// Delivers what was held, as far as nothing is missing.
    fn release(&mut self, way: Way) {
        while let (Some(next), Some(held)) = (self.ways.see(way).next, self.ways.see(way).held.first()) {
            let late = ahead(next, held.seq);
            if late < 0 {
                return;
            }
            let half = self.ways.of(way);
            let held = half.held.remove(0);
            half.held_bytes = half.held_bytes.saturating_sub(held.bytes.len());
            half.strikes = 0;
            let late = usize::try_from(late).unwrap_or(usize::MAX);
            let length = held.bytes.len();
            self.deliver(way, held.bytes.get(late..).unwrap_or_default(), held.at);
            let cut = u32::try_from(late.saturating_sub(length)).unwrap_or(u32::MAX);
            self.skip(way, held.missing.saturating_sub(cut), held.at);
        }
    }

    /// The bytes before the first segment that is held will not come any more.
    fn give_up(&mut self, way: Way) {
        let half = self.ways.see(way);
        if let (Some(next), Some(held)) = (half.next, half.held.first()) {
            let (missing, at) = (held.seq.wrapping_sub(next), held.at);
            self.skip(way, missing, at);
            self.release(way);
        }
    }

    fn lose_patience(&mut self, way: Way) {
        let half = self.ways.of(way);
        let (Some(held), Some(acknowledged)) = (half.held.first(), half.acknowledged) else { return };
        if ahead(acknowledged, held.seq) > 0 {
            half.strikes += 1;
            if half.strikes > PATIENCE {
                half.strikes = 0;
                self.give_up(way);
            }
        }
    }

    fn fin(&mut self, seen: &Seen<'_>, end: u32) {
        let way = seen.way;
        let half = self.ways.of(way);
        if half.fin.is_some() {
            return;
        }
        half.fin = Some((end, seen.frame, seen.time));
        self.close = self.close.or(Some((way, CloseHow::Fin, seen.frame)));
        self.tell_fins(false);
    }

    /// No more bytes will come: what is left of a message that was cut off.
    fn finish(&mut self, at: At) {
        for way in [Way::FromA, Way::FromB] {
            // Each gap that is given up lets some of what is held go.
            while !self.ways.see(way).held.is_empty() && !matches!(self.reading, Reading::Done) {
                self.give_up(way);
            }
        }
        if let Reading::Yes(mut dialogue) = std::mem::replace(&mut self.reading, Reading::Done) {
            dialogue.finish(at, &mut self.events);
            self.established = self.established || dialogue.established();
            self.events.truncate(EVENTS);
        }
    }

    /// A FIN is told when all bytes before it are.
    fn tell_fins(&mut self, over: bool) {
        for way in [Way::FromA, Way::FromB] {
            let half = self.ways.of(way);
            let Some((end, place, time)) = half.fin.filter(|_| !half.fin_told) else { continue };
            let reached = half.next.is_none_or(|next| ahead(next, end) >= 0);
            if reached || over || matches!(self.reading, Reading::Done) {
                half.fin_told = true;
                self.tell(way, place, time, What::Fin);
            }
        }
    }

    fn reset(&mut self, seen: &Seen<'_>, tcp: Tcp) -> Then {
        let way = seen.way;
        if self.reset.is_some() {
            return Then::GoOn;
        }
        let injected = self.is_injected(seen);
        // What another machine sent in its name ends nothing: the two may speak on. Whether it was another
        // one may only be seen by that, so a handshake is still listened to.
        let in_handshake = !self.established && self.events.iter().any(|event| is_tls(&event.what));
        if !(injected || in_handshake) {
            self.finish(At { place: seen.frame, time: seen.time });
            self.tell_fins(true);
        }
        let event = self.events.len();
        self.tell(way, seen.frame, seen.time, What::Rst { injected });
        self.close = self.close.or(Some((way, CloseHow::Rst, seen.frame)));
        self.reset = Some(Reset { way, seq: tcp.seq, event, at: At { place: seen.frame, time: seen.time } });
        if injected || self.worth_keeping(seen.time) { Then::GoOn } else { Then::Forget }
    }

    /// Whether an RST comes from another machine than the one it names.
    fn is_injected(&self, seen: &Seen<'_>) -> bool {
        let half = self.ways.see(seen.way);
        let ttl = seen.segment.ttl;
        // Another distance. One hop is nothing: a route may change, and some stacks send their own
        // resets one hop shorter.
        let far = |known: u8| known.abs_diff(ttl) > 1;
        if half.ttl.is_some_and(|(first, last)| far(first) && far(last)) {
            return true;
        }
        // Too soon: the machine that is named cannot have seen yet what it answers.
        let (Some(round_trip), Some(waiting)) = (self.round_trip, &self.waiting) else { return false };
        let soon = span(waiting.time, seen.time).is_some_and(|since| since < round_trip / 2);
        round_trip > 5_000_000
            && soon
            && waiting.way != seen.way
            && !half.spoke
            && self.side(seen.way) == Side::Server
            && self.ways.see(seen.way.back()).spoke
    }

    /// Who goes on sending after an RST did not send it.
    fn not_injected_after_all(&mut self, way: Way, seq: u32) {
        let Some(reset) = self.reset.as_ref().filter(|reset| reset.way == way) else { return };
        if (0..1 << 20).contains(&ahead(seq, reset.seq))
            && let Some(What::Rst { injected }) =
                self.events.get_mut(reset.event).map(|event| &mut event.what)
        {
            *injected = true;
        }
    }

    /// Whether this is a flow that has to do with TLS.
    fn worth_keeping(&self, now: Option<Time>) -> bool {
        let tls_port = ports::known(self.server_port);
        let mut said = false;
        for event in &self.events {
            match &event.what {
                What::Plain { protocol, text } => {
                    said = true;
                    if tls_port
                        || plain::wants_tls(text.as_bytes()).is_some()
                        || protocol.is_some_and(|name| !matches!(name, "http" | "ssh"))
                    {
                        return true;
                    }
                }
                What::NotTls { .. } => {
                    said = true;
                    if tls_port {
                        return true;
                    }
                }
                what if is_tls(what) => return true,
                _ => {}
            }
        }
        // Nobody said a word where TLS was to be expected: refused, unanswered, or closed at once.
        // A connection that the capture ends in the midst of tells nothing.
        let silent = !said && !self.ways.a.spoke && !self.ways.b.spoke;
        tls_port && self.from_start && silent && (self.close.is_some() || self.timeout(now).is_some())
    }

    /// Nobody answered its SYN, or the answer was a refusal.
    pub(super) fn never_came_up(&self) -> bool {
        let silent = |what: &What| matches!(what, What::Open | What::Retransmission | What::Rst { .. });
        let ways = [&self.ways.a, &self.ways.b];
        self.from_start
            && ways.iter().any(|way| way.first.is_none())
            && ways.iter().all(|way| !way.spoke)
            && self.events.iter().all(|event| silent(&event.what))
    }

    /// The flow, if it is one of ours, or one that never came up; whether it is the former.
    pub(super) fn end(mut self, key: Key, now: Option<Time>) -> Option<(u32, Flow, bool)> {
        let reset = self.reset.as_ref().filter(|reset| {
            let event = self.events.get(reset.event);
            event.is_some_and(|event| matches!(event.what, What::Rst { injected: false }))
        });
        let reset = reset.map(|reset| (reset.event, reset.at));
        let told = self.events.len();
        let last = At { place: self.last_place, time: self.last_time };
        self.finish(reset.map_or(last, |(_, at)| at));
        self.tell_fins(true);
        // What was left of a message was there before the reset.
        if let Some((event, _)) = reset
            && let Some(events) = self.events.get_mut(event..)
        {
            let late = (events.len() + event).saturating_sub(told);
            events.rotate_right(late.min(events.len()));
        }
        let ours = self.worth_keeping(now);
        if !ours && !self.never_came_up() {
            return None;
        }
        let close = self.close.map(|(way, how, place)| Close { by: self.side(way), how, place });
        let close = close.or_else(|| self.timeout(now));
        let (client, server) = if self.client == Some(Way::FromA) { (key.a, key.b) } else { (key.b, key.a) };
        let mut events = in_order(self.events);
        events.shrink_to_fit();
        let flow = Flow {
            transport: Transport::Tcp,
            client: Some(client.endpoint()),
            server: Some(server.endpoint()),
            ports: None,
            from_start: self.from_start,
            events,
            close,
            established: self.established,
        };
        Some((self.order, flow, ours))
    }

    /// Nobody closed the connection: was the last word never answered?
    fn timeout(&self, now: Option<Time>) -> Option<Close> {
        let waiting = self.waiting.as_ref()?;
        // After an alert nobody owes an answer.
        if self.events.last().is_some_and(|event| event.what.is_last_word()) {
            return None;
        }
        let lost = !waiting.acknowledged && waiting.again >= if self.established { 2 } else { 1 };
        let silent = !self.established && span(waiting.time, now).is_some_and(|since| since > SILENCE);
        (lost || silent).then(|| Close {
            by: self.side(waiting.way.back()),
            how: CloseHow::Timeout,
            place: waiting.place,
        })
    }
}

/// What one side said may only be understood, or missed, after the other has gone on: puts the events of both
/// in the order of their packets, and leaves those of each side in theirs.
fn in_order(events: Vec<Event>) -> Vec<Event> {
    let (mut client, mut server) = (0, 0);
    let mut events: Vec<(u32, Event)> = events
        .into_iter()
        .map(|event| {
            let last = if event.from == Side::Client { &mut client } else { &mut server };
            *last = event.place.packet.max(*last);
            (*last, event)
        })
        .collect();
    events.sort_by_key(|(packet, _)| *packet);
    events.into_iter().map(|(_, event)| event).collect()
}

/// Whether an event is TLS, or asks for it.
fn is_tls(what: &What) -> bool {
    !matches!(
        what,
        What::Open
            | What::Retransmission
            | What::Missing { .. }
            | What::Fin
            | What::Rst { .. }
            | What::Plain { .. }
            | What::TlsNotOffered { .. }
            | What::NotTls { .. }
            | What::Bytes { .. }
    )
}

/// Nanoseconds from one moment to another.
fn span(from: Option<Time>, to: Option<Time>) -> Option<i64> {
    match (from?, to?) {
        (Time::Unix(from), Time::Unix(to)) | (Time::Relative(from), Time::Relative(to)) => {
            Some(to.saturating_sub(from))
        }
        _ => None,
    }
}
