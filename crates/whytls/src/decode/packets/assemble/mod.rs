//! Puts packets together to connections, and their words to events.
//!
//! In:  packets with addresses and words, in the order of the capture.
//! Out: flows.
//! Not here: where the packets were read from.

use std::cmp::Reverse;
use std::collections::HashMap;

mod loopback;
mod sides;
mod silence;
mod speech;

use super::columns::Packet;
use super::owners::{End, Fit, Segments};
use super::words::{self, Tcp};
use crate::tls::Version;
use crate::wire::{Close, CloseHow, Endpoint, Event, Flow, Place, Side, Time, Transport, What};
use sides::told_by_words;
use silence::Waiting;
use speech::asks;

/// How many connections of two hosts are looked through for the one that a packet belongs to.
const OPEN_AT_ONCE: usize = 64;

/// What Wireshark calls so is no part of a connection with TLS; Google's old QUIC has a handshake of its own.
const NEVER_TLS: [&str; 6] = ["UDP", "GQUIC", "DNS", "MDNS", "ARP", "NTP"];

/// A flow that packets are still added to.
#[derive(Default)]
struct Growing {
    flow: Flow,
    client: Endpoint,
    server: Endpoint,
    said: Said,
    /// Bytes of a frame before its payload, learnt from segments that tell their length.
    overhead: Option<u32>,
    /// The number of the next byte of the client and of the server.
    next: Each<Option<u32>>,
    /// Who has sent its last byte.
    ended: Each<bool>,
    /// How far the last packet of each had come, as its time to live tells.
    ttl: Each<Option<u8>>,
    /// The number of a reset.
    reset: Each<Option<u32>>,
    /// The row that was added last.
    last: usize,
    /// When the client's SYN was seen, and how long the answer to it took.
    opened: Option<i64>,
    round_trip: Option<i64>,
    hello_at: Option<i64>,
    waiting: Option<Waiting>,
    /// Packets of each.
    packets: Each<u32>,
    /// Packets that say nothing but what arrived are shown as well.
    acks: bool,
    /// QUIC: what the server calls the client.
    client_id: Option<String>,
    /// All names that its ends have for each other.
    names: Vec<String>,
    /// A message that asks for TLS if a ClientHello comes next: in which protocol, and where it begins.
    may_have_asked: Option<(&'static str, usize)>,
}

/// Something of the client and the same of the server.
#[derive(Clone, Copy, Default)]
struct Each<T> {
    client: T,
    server: T,
}

impl<T: Copy> Each<T> {
    fn of(&self, side: Side) -> T {
        match side {
            Side::Client => self.client,
            Side::Server => self.server,
        }
    }

    fn turn(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
    }

    fn set(&mut self, side: Side, value: T) {
        match side {
            Side::Client => self.client = value,
            Side::Server => self.server = value,
        }
    }
}

/// What was said on a flow already.
#[derive(Clone, Copy, Default)]
struct Said {
    hello: bool,
    server_hello: bool,
    tls13: bool,
    key_exchange: bool,
    starttls: bool,
    starttls_answer: bool,
    /// A command of the client that the protocol's own decoder understood.
    command: bool,
    client_data: u32,
    /// ChangeCipherSpec, and an encrypted message behind it, which is Finished.
    changed: Each<bool>,
    finished: Each<bool>,
    quic: bool,
}

/// The connections of a capture, in the order of their first packets.
pub(super) fn flows(packets: &[Packet<'_>]) -> Vec<Flow> {
    let mut flows: Vec<Growing> = Vec::new();
    let mut between: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    let first = packets.iter().find_map(|packet| packet.time);
    let segments = Segments::of(packets);
    let on_loopback = loopback::ports(packets);
    for (at, packet) in packets.iter().enumerate() {
        if NEVER_TLS.contains(&packet.protocol) {
            continue;
        }
        let tcp = packet.tcp.or_else(|| words::tcp(packet.info));
        let shown = packet.ports.or(tcp.map(|tcp| (tcp.source, tcp.destination)));
        let ports = shown.or_else(|| on_loopback.get(&at).copied());
        let hello = packet.says(|what| matches!(what, What::ClientHello(_)))
            || packet.info.contains("Client Hello") && !words::again(packet.info);
        let asks = words::starttls(packet.protocol, packet.info).is_some()
            || packet.says(|what| asks(what).is_some());
        let hosts = (packet.source.min(packet.destination), packet.source.max(packet.destination));
        let known = between.entry(hosts).or_default();
        let transport = transport(packet.protocol);
        let open =
            known.iter().rev().take(OPEN_AT_ONCE).filter_map(|index| Some((*index, flows.get(*index)?)));
        let mut open = open.filter(|(_, growing)| growing.flow.transport == transport);
        // The ends of a connection of QUIC name each other, and the first name is the client's choice.
        let names = words::connection_ids(packet.info);
        let named =
            open.clone().find(|(_, growing)| growing.names.iter().any(|own| names.contains(&own.as_str())));
        let another = packet.protocol == "QUIC"
            && named.is_none()
            && packet.info.starts_with("Initial, DCID=")
            && packet.info.contains("CRYPTO");
        let (mine, sender) = match ports {
            Some((a, b)) => {
                let has = |port: Option<u16>| port.is_none_or(|port| port == a || port == b);
                let mine = open.find(|(_, growing)| has(growing.client.port) && has(growing.server.port));
                (mine.map(|(index, _)| index), None)
            }
            None if named.is_some() => (named.map(|(index, _)| index), None),
            None => {
                let says = Says::of(packet);
                let told = told_by_words(packet.info);
                let best = open
                    .flat_map(|(index, growing)| {
                        let sides = growing.senders(packet).into_iter().flatten();
                        sides
                            .filter(move |side| told.is_none_or(|told| told == *side))
                            .map(move |side| (index, growing, side))
                    })
                    .max_by_key(|(index, growing, side)| {
                        let (fit, distance) = growing.fit(packet, at, *side, &segments);
                        let expected = if growing.expects(says, *side) { 2 } else { 0 };
                        (fit.weight() + expected, fit, Reverse(distance), says.turn(*index, growing))
                    });
                let exact = best
                    .filter(|(_, growing, side)| growing.fit(packet, at, *side, &segments).0 == Fit::Exact);
                (best.map(|(index, ..)| index), exact.map(|(.., side)| side))
            }
        };
        // A SYN begins a new connection; so does a hello or a STARTTLS where one is over already.
        let begins = ports.is_none() && another
            || tcp.as_ref().is_some_and(|tcp| tcp.begins() && !tcp.again)
            || (hello || asks)
                && mine.and_then(|mine| flows.get(mine)).is_some_and(|growing| {
                    growing.flow.close.is_some()
                        || ports.is_none() && growing.said.server_hello
                        || asks && growing.said.hello
                });
        let index = match mine.filter(|_| !begins) {
            Some(index) => index,
            None => {
                known.push(flows.len());
                flows.push(Growing::from(packet, tcp.as_ref()));
                flows.len() - 1
            }
        };
        let next = packets.get(at + 1..).unwrap_or_default();
        if let Some(flow) = flows.get_mut(index) {
            flow.learn(&names);
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let side = sender
                .filter(|_| mine == Some(index))
                .or_else(|| flow.by_port(on_loopback.get(&at)?.0))
                .unwrap_or_else(|| flow.side(packet, tcp.as_ref(), next));
            let side = flow.or_turned(side, hello);
            flow.take(packet, number, first, tcp.as_ref(), side);
            flow.count(packet, tcp.as_ref(), side, at);
            flow.wait(packet, tcp.as_ref(), side, number);
            flow.overhead =
                flow.overhead.or_else(|| segments.overhead(flow.end(Side::Client)?, flow.end(Side::Server)?));
        }
    }
    let last = packets.iter().rev().find_map(|packet| packet.time);
    flows.into_iter().map(|growing| growing.finish(last)).collect()
}

impl Packet<'_> {
    fn says(&self, is: impl Fn(&What) -> bool) -> bool {
        self.told.iter().flatten().any(|(what, _)| is(what))
    }

    fn repeats(&self) -> bool {
        self.tcp.is_some_and(|tcp| tcp.again) || words::again(self.info)
    }
}

/// Whether the bytes of a row of TLS 1.3 are enough for a Finished in its record, behind a ChangeCipherSpec.
fn holds_finished(said: &[(What, Place)], payload: Option<u32>) -> bool {
    /// Headers of record and message, the least digest, a type, a tag.
    const FINISHED: u32 = 5 + 4 + 32 + 1 + 16;
    const CHANGE: u32 = 5 + 1;
    let has = |is: fn(&What) -> bool| said.iter().any(|(what, _)| is(what));
    let before = if has(|what| matches!(what, What::ChangeCipherSpec)) { CHANGE } else { 0 };
    has(|what| matches!(what, What::ApplicationData)) && payload.is_some_and(|len| len >= FINISHED + before)
}

fn transport(protocol: &str) -> Transport {
    match protocol {
        "QUIC" => Transport::Quic,
        protocol if protocol.starts_with("DTLS") => Transport::Udp,
        _ => Transport::Tcp,
    }
}

/// What a row without ports says, as far as it tells where it belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    ClientHello,
    ServerHello,
    Anything,
}

impl Says {
    fn of(packet: &Packet<'_>) -> Self {
        let info = packet.info;
        let says = |is: fn(&What) -> bool, words: &[&str]| {
            packet.says(is) || words.iter().any(|word| info.starts_with(word))
        };
        if says(|what| matches!(what, What::ClientHello(_)), &["Client Hello"]) {
            Self::ClientHello
        } else if says(|what| matches!(what, What::ServerHello(_)), &["Server Hello, ", "Server Hello Done"])
            || info == "Server Hello"
        {
            Self::ServerHello
        } else {
            Self::Anything
        }
    }

    /// Of connections that fit alike, the one whose turn it is: hellos come in the order of the
    /// connections, and are answered in that order; everything else is most likely where something
    /// happened last.
    fn turn(self, index: usize, growing: &Growing) -> (usize, usize) {
        match self {
            Self::ClientHello | Self::ServerHello => (usize::MAX - index, 0),
            Self::Anything => (growing.last, index),
        }
    }
}

impl Growing {
    fn take(&mut self, packet: &Packet<'_>, number: u32, first: Option<i64>, tcp: Option<&Tcp>, side: Side) {
        let place = Place { packet: number, start: packet.span.start, end: packet.span.end };
        if let Some((source, destination)) = packet.ports.or(tcp.map(|tcp| (tcp.source, tcp.destination))) {
            let (client, server) = match side {
                Side::Client => (source, destination),
                Side::Server => (destination, source),
            };
            self.client.port.get_or_insert(client);
            self.server.port.get_or_insert(server);
            self.flow.ports.get_or_insert(place);
        }
        if let Some(tcp) = tcp {
            // Where the server closes with its first byte, it has said nothing before.
            self.flow.from_start |= tcp.begins()
                || side == Side::Server && (tcp.fin || tcp.rst) && tcp.seq.is_some_and(|seq| seq <= 1);
        }
        let time = packet.time.zip(first).map(|(time, first)| Time::Relative(time - first));
        self.notice_fin(tcp, side);
        let (ready, payload) = (self.said.server_hello && self.said.tls13, self.payload(packet, tcp));
        let said: Vec<(What, Place)> = match &packet.told {
            Some(_) => self.told(packet, tcp, side, place),
            None => self.said(packet, tcp, side).into_iter().map(|what| (what, place)).collect(),
        };
        self.flow.established |= ready
            && side == Side::Client
            && self.flow.transport == Transport::Tcp
            && holds_finished(&said, payload);
        for (what, place) in said {
            let details = packet.told.is_some();
            let Some(what) = self.in_place_of_its_beginning(what, side, place, details) else { continue };
            self.remember(&what, side, packet.time);
            self.flow.events.push(Event { place, time, from: side, what });
        }
        if packet.ttl.is_some() && !tcp.is_some_and(|tcp| tcp.rst) {
            self.ttl.set(side, packet.ttl);
        }
        let sends_on = tcp
            .filter(|tcp| tcp.len > 0 && !tcp.rst)
            .and_then(|tcp| tcp.seq.zip(self.reset.of(side)))
            .is_some_and(|(seq, reset)| seq >= reset);
        if sends_on {
            self.not_reset_after_all(side);
        }
        if let Some(tcp) = tcp.filter(|tcp| (tcp.fin || tcp.rst) && self.flow.close.is_none()) {
            let how = if tcp.rst { CloseHow::Rst } else { CloseHow::Fin };
            self.flow.close = Some(Close { by: side, how, place });
        }
    }

    /// Who says hello is the client, whatever was taken for the beginning before: a packet of the server's
    /// may be the first that is shown.
    fn or_turned(&mut self, side: Side, hello: bool) -> Side {
        let speaks = |event: &Event| event.what.carries_bytes() && !matches!(event.what, What::Bytes { .. });
        if !hello || side == Side::Client || self.said.hello || self.flow.events.iter().any(speaks) {
            return side;
        }
        std::mem::swap(&mut self.client, &mut self.server);
        self.next.turn();
        self.ended.turn();
        self.ttl.turn();
        self.reset.turn();
        self.packets.turn();
        self.waiting = None;
        for event in &mut self.flow.events {
            event.from = event.from.other();
        }
        if let Some(close) = &mut self.flow.close {
            close.by = close.by.other();
        }
        Side::Client
    }

    /// A row of TLS does not show its packet's FIN; the other side acknowledges one byte more than was sent,
    /// and who resets behind it counts it as well.
    fn notice_fin(&mut self, tcp: Option<&Tcp>, side: Side) {
        let Some(tcp) = tcp else { return };
        self.notice_fin_of(side.other(), tcp.acknowledges);
        self.notice_fin_of(side, tcp.seq.filter(|_| tcp.rst));
    }

    fn notice_fin_of(&mut self, other: Side, number: Option<u32>) {
        let sent = number.zip(self.next.of(other));
        if self.ended.of(other)
            || sent.is_none_or(|(acknowledged, sent)| acknowledged != sent.wrapping_add(1))
        {
            return;
        }
        let last = self.flow.events.iter().rposition(|event| event.from == other);
        let Some((at, event)) = last.and_then(|at| Some((at, self.flow.events.get(at)?))) else { return };
        if !event.what.carries_bytes() {
            return;
        }
        let fin = Event { what: What::Fin, ..event.clone() };
        let close = Close { by: other, how: CloseHow::Fin, place: fin.place };
        self.flow.close.get_or_insert(close);
        self.flow.events.insert(at + 1, fin);
        self.ended.set(other, true);
    }

    /// The first fragment of a message tells only which one it is: the whole takes its place.
    fn in_place_of_its_beginning(
        &mut self,
        what: What,
        side: Side,
        place: Place,
        details: bool,
    ) -> Option<What> {
        // One more fragment: details would show what is in a hello.
        let last = self.flow.events.last().filter(|event| details && event.from == side);
        if let (Some(What::ClientHello(told)), What::ClientHello(more)) =
            (last.map(|event| &event.what), &what)
            && told.ciphers.is_empty()
            && more.ciphers.is_empty()
        {
            return None;
        }
        let Some(last) = self.flow.events.iter_mut().rfind(|event| event.from == side) else {
            return Some(what);
        };
        let begun = match (&last.what, &what) {
            (What::ClientHello(told), What::ClientHello(whole)) => {
                told.ciphers.is_empty() && !whole.ciphers.is_empty()
            }
            (What::Handshake(11), What::Handshake(11) | What::Certificate(_)) => true,
            _ => false,
        };
        if !begun {
            return Some(what);
        }
        (last.what, last.place) = (what, place);
        None
    }

    /// In TLS 1.3 the client says hello again only where the answer was a HelloRetryRequest.
    fn was_asked_again(&mut self) {
        if !self.said.tls13 {
            return;
        }
        let answer = self.flow.events.iter_mut().rfind(|event| matches!(event.what, What::ServerHello(_)));
        if let Some(Event { what, .. }) = answer
            && let What::ServerHello(hello) = what
        {
            *what = What::HelloRetryRequest(std::mem::take(hello));
            (self.said.server_hello, self.said.tls13) = (false, false);
        }
    }

    /// Keeps the names of a connection of QUIC.
    fn learn(&mut self, names: &[&str]) {
        /// It has a few, and a hostile list has many.
        const MOST: usize = 8;
        for name in names {
            if self.names.len() < MOST && !self.names.iter().any(|own| own == name) {
                self.names.push((*name).to_owned());
            }
        }
    }

    /// Whether that is what comes next here.
    fn expects(&self, says: Says, side: Side) -> bool {
        let begun = !self.flow.from_start;
        !self.ended.of(side)
            && match says {
                Says::ClientHello => {
                    side == Side::Client && !self.said.hello && (begun || self.next.server.is_some())
                }
                Says::ServerHello => {
                    side == Side::Server && !self.said.server_hello && (self.said.hello || begun)
                }
                Says::Anything => self.said.hello || self.said.command || begun,
            }
    }

    /// Whether the numbers tell that a row belongs here.
    fn fit(&self, packet: &Packet<'_>, row: usize, side: Side, segments: &Segments<'_>) -> (Fit, usize) {
        let Some((from, to)) = self.end(side).zip(self.end(side.other())) else { return (Fit::Unknown, 0) };
        segments.fit(row, from, to, self.next.of(side), self.payload(packet, None))
    }

    fn end(&self, side: Side) -> Option<End<'_>> {
        let end = if side == Side::Client { &self.client } else { &self.server };
        Some((end.host.as_str(), end.port?))
    }

    /// Counts the bytes of each side.
    fn count(&mut self, packet: &Packet<'_>, tcp: Option<&Tcp>, side: Side, row: usize) {
        self.last = row;
        let further = |known: Option<u32>, number: u32| match known {
            Some(known) if number.wrapping_sub(known).cast_signed() <= 0 => Some(known),
            _ => Some(number),
        };
        let Some(tcp) = tcp else {
            let next = self.next.of(side).zip(self.payload(packet, None));
            if let Some((next, len)) = next {
                self.next.set(side, Some(next.wrapping_add(len)));
            }
            return;
        };
        if let Some(seq) = tcp.seq {
            let end = seq.wrapping_add(tcp.len).wrapping_add(u32::from(tcp.syn) + u32::from(tcp.fin));
            self.next.set(side, further(self.next.of(side), end));
        }
        if let Some(number) = tcp.acknowledges {
            self.next.set(side.other(), further(self.next.of(side.other()), number));
        }
        if tcp.fin || tcp.rst {
            self.ended.set(side, true);
        }
        if tcp.rst {
            self.reset.set(side, self.reset.of(side).or(tcp.seq));
        }
    }

    fn remember(&mut self, what: &What, side: Side, time: Option<i64>) {
        match what {
            What::Open if side == Side::Client => self.opened = self.opened.or(time),
            What::Open => {
                self.round_trip =
                    self.round_trip.or(time.zip(self.opened).map(|(answered, opened)| answered - opened));
            }
            What::ClientHello(_) => {
                self.asked_after_all();
                self.was_asked_again();
                self.said.hello = true;
                self.hello_at = self.hello_at.or(time);
            }
            What::ServerHello(hello) => {
                self.said.server_hello = true;
                self.said.tls13 |= hello.version == Some(Version::TLS13);
            }
            // In TLS 1.3 the rest of the handshake looks like data, and so does an alert.
            What::ApplicationData
                if self.said.server_hello && self.said.tls13 && self.flow.transport == Transport::Tcp =>
            {
                self.said.client_data += u32::from(side == Side::Client);
                self.flow.established |= match side {
                    Side::Client => self.said.client_data > 1,
                    Side::Server => self.said.client_data > 0,
                };
            }
            What::ClientKeyExchange => self.said.key_exchange = true,
            What::ChangeCipherSpec => self.said.changed.set(side, true),
            What::EncryptedHandshake | What::Finished if self.said.changed.of(side) => {
                self.said.finished.set(side, true);
                self.flow.established |= self.said.finished.client && self.said.finished.server;
            }
            // Only what follows the handshake is protected with the keys of the connection.
            What::ApplicationData if self.flow.transport == Transport::Quic => {
                self.said.quic |= side == Side::Server;
                self.flow.established |= self.said.quic && side == Side::Client;
            }
            What::ApplicationData => {
                self.flow.established |= self.said.server_hello || self.said.key_exchange;
            }
            // A client that does not like the server says so before its Finished.
            What::EncryptedAlert if self.said.tls13 => {
                self.flow.established |= side == Side::Client && self.said.client_data > 0;
            }
            What::StartTls { .. } => {
                self.said.starttls = true;
                self.said.starttls_answer = false;
            }
            What::Plain { .. } => self.said.command |= side == Side::Client,
            _ => {}
        }
    }

    /// A reset that came another way than what its sender sent before was sent by something else; so was
    /// one that answers the ClientHello in less than half of the time that an answer of the server takes.
    /// One hop is nothing: a route may change, and some stacks send their own resets one hop shorter.
    fn is_injected(&self, packet: &Packet<'_>, side: Side) -> bool {
        /// What is nearer than this is the same machine, or the same room.
        const SHORTEST: i64 = 4_000_000;
        if self.ttl.of(side).zip(packet.ttl).is_some_and(|(known, ttl)| known.abs_diff(ttl) > 1) {
            return true;
        }
        let (Some(round_trip), Some(hello), Some(now)) = (self.round_trip, self.hello_at, packet.time) else {
            return false;
        };
        side == Side::Server
            && !self.said.server_hello
            && round_trip >= SHORTEST
            && (0..round_trip / 2).contains(&(now - hello))
    }

    /// Whoever sends on after a reset in its name did not send that.
    fn not_reset_after_all(&mut self, side: Side) {
        for event in self.flow.events.iter_mut().filter(|event| event.from == side) {
            if let What::Rst { injected } = &mut event.what {
                *injected = true;
            }
        }
    }

    fn finish(self, last: Option<i64>) -> Flow {
        let timeout = self.timeout(last);
        let Self { mut flow, client, server, .. } = self;
        flow.close = flow.close.or(timeout);
        // Until the ServerHello is seen, Wireshark shows the record's version; with it, the
        // negotiated one may be put at the hello as well.
        let negotiated = flow.server_hello().map(|(hello, _)| hello.version);
        for event in &mut flow.events {
            if let What::ClientHello(hello) = &mut event.what
                && negotiated == Some(hello.record_version)
                && !hello.complete
            {
                hello.record_version = None;
            }
        }
        // A port of which only an unknown name is told.
        let known = |end: Endpoint| {
            let port = end.port.filter(|port| *port > 0);
            (!end.host.is_empty()).then_some(Endpoint { port, ..end })
        };
        flow.client = known(client);
        flow.server = known(server);
        flow
    }
}
