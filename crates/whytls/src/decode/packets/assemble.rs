//! Puts packets together to connections, and their words to events.
//!
//! In:  packets with addresses and words, in the order of the capture.
//! Out: flows.
//! Not here: where the packets were read from.

use std::collections::HashMap;

use super::columns::Packet;
use super::words::{self, Tcp};
use crate::tls::{Version, port_use};
use crate::wire::{Close, CloseHow, Endpoint, Event, Flow, Place, Side, What};

/// How many connections of two hosts are looked through for the one that a packet belongs to.
const OPEN_AT_ONCE: usize = 64;

/// A flow that packets are still added to.
#[derive(Default)]
struct Growing {
    flow: Flow,
    client: Endpoint,
    server: Endpoint,
    said: Said,
}

/// What was said on a flow already.
#[derive(Clone, Copy, Default)]
struct Said {
    hello: bool,
    server_hello: bool,
    starttls: bool,
    starttls_answer: bool,
}

/// The connections of a capture, in the order of their first packets.
pub(super) fn flows(packets: &[Packet<'_>]) -> Vec<Flow> {
    let mut flows: Vec<Growing> = Vec::new();
    let mut between: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, packet) in packets.iter().enumerate() {
        let tcp = words::tcp(packet.info);
        let hello = packet.info.contains("Client Hello");
        let asks = words::starttls(packet.protocol, packet.info);
        let hosts = (packet.source.min(packet.destination), packet.source.max(packet.destination));
        let known = between.entry(hosts).or_default();
        let mine = known.iter().rev().take(OPEN_AT_ONCE).copied().find(|index| {
            let (Some(flow), Some(tcp)) = (flows.get(*index), &tcp) else { return true };
            let has =
                |port: Option<u16>| port.is_none_or(|port| port == tcp.source || port == tcp.destination);
            has(flow.client.port) && has(flow.server.port)
        });
        // A SYN begins a new connection; so does a hello or a STARTTLS where one is over already.
        let begins = tcp.as_ref().is_some_and(Tcp::begins)
            || (hello || asks.is_some())
                && mine.and_then(|mine| flows.get(mine)).is_some_and(|growing| {
                    growing.flow.close.is_some()
                        || growing.said.server_hello
                        || asks.is_some() && growing.said.hello
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
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            flow.take(packet, number, tcp.as_ref(), next);
        }
    }
    flows.into_iter().map(Growing::finish).collect()
}

impl Growing {
    /// The first packet of a flow is the client's, unless its words say otherwise.
    fn from(packet: &Packet<'_>, tcp: Option<&Tcp>) -> Self {
        let from_server = packet.info.starts_with("S:")
            || packet.info.starts_with("Response:")
            || packet.info.contains("Server Hello")
            || tcp.is_some_and(|tcp| {
                !tcp.begins() && port_use(tcp.source).is_some() && port_use(tcp.destination).is_none()
            });
        let (client, server) = if from_server {
            (packet.destination, packet.source)
        } else {
            (packet.source, packet.destination)
        };
        let end = |host: &str| Endpoint { host: host.to_owned(), port: None };
        Self { client: end(client), server: end(server), ..Self::default() }
    }

    fn take(&mut self, packet: &Packet<'_>, number: u32, tcp: Option<&Tcp>, next: &[Packet<'_>]) {
        let side = self.side(packet, tcp, next);
        let place = Place { packet: number, start: packet.span.start, end: packet.span.end };
        if let Some(tcp) = tcp {
            let (client, server) = match side {
                Side::Client => (tcp.source, tcp.destination),
                Side::Server => (tcp.destination, tcp.source),
            };
            self.client.port.get_or_insert(client);
            self.server.port.get_or_insert(server);
            self.flow.ports.get_or_insert(place);
            // Where the server closes with its first byte, it has said nothing before.
            self.flow.from_start |= tcp.begins()
                || side == Side::Server && (tcp.fin || tcp.rst) && tcp.seq.is_some_and(|seq| seq <= 1);
        }
        for what in self.said(packet, tcp, side) {
            self.flow.established |= matches!(what, What::ApplicationData) && self.said.server_hello;
            self.said.hello |= matches!(what, What::ClientHello(_));
            self.said.server_hello |= matches!(what, What::ServerHello(_));
            self.flow.events.push(Event { place, time: None, from: side, what });
        }
        if let Some(tcp) = tcp.filter(|tcp| (tcp.fin || tcp.rst) && self.flow.close.is_none()) {
            let how = if tcp.rst { CloseHow::Rst } else { CloseHow::Fin };
            self.flow.close = Some(Close { by: side, how, place });
        }
    }

    /// What a packet says, as events.
    fn said(&mut self, packet: &Packet<'_>, tcp: Option<&Tcp>, side: Side) -> Vec<What> {
        let mut said = Vec::new();
        if tcp.is_some_and(|tcp| tcp.syn) {
            said.push(What::Open);
        }
        if let Some(protocol) = words::starttls(packet.protocol, packet.info) {
            self.said.starttls = true;
            self.said.starttls_answer = false;
            said.push(What::StartTls { protocol });
        } else if side == Side::Server
            && self.said.starttls
            && !self.said.starttls_answer
            && !self.said.hello
            && let Some(agreed) = words::starttls_answer(packet.protocol, packet.info)
        {
            self.said.starttls_answer = true;
            let (_, text) = words::plain(packet.protocol, packet.info).unwrap_or(("", packet.info));
            said.push(What::StartTlsAnswer { agreed, text: text.to_owned() });
        } else if let Some((protocol, text)) = words::plain(packet.protocol, packet.info) {
            said.push(What::Plain { protocol: Some(protocol), text: text.to_owned() });
        }
        said.extend(words::messages(packet.info, Version::from_column(packet.protocol)));
        if said.is_empty() && tcp.is_none_or(|tcp| tcp.len > 0) {
            said.push(What::Bytes { count: tcp.map_or(0, |tcp| tcp.len) });
        }
        if let Some(tcp) = tcp {
            said.extend(tcp.fin.then_some(What::Fin));
            said.extend(tcp.rst.then_some(What::Rst { injected: false }));
        }
        said
    }

    /// Who sent a packet. On a loopback both ends have one address; then ports tell, or the
    /// words, or who acknowledges it.
    fn side(&self, packet: &Packet<'_>, tcp: Option<&Tcp>, next: &[Packet<'_>]) -> Side {
        if self.client.host != self.server.host {
            return if packet.source == self.client.host { Side::Client } else { Side::Server };
        }
        let by_port = |tcp: &Tcp| match (self.client.port, self.server.port) {
            (Some(client), _) if tcp.source == client => Some(Side::Client),
            (_, Some(server)) if tcp.source == server => Some(Side::Server),
            _ if tcp.begins() => Some(Side::Client),
            _ => port_use(tcp.source).map(|_| Side::Server),
        };
        if let Some(side) = tcp.and_then(by_port) {
            return side;
        }
        let info = packet.info;
        let begins = |words: &[&str]| words.iter().any(|word| info.starts_with(word));
        if begins(&["Client Hello", "C:", "Request:", "Client Key Exchange"]) {
            return Side::Client;
        }
        if begins(&["Server Hello", "S:", "Response:", "HTTP/1", "Hello Retry"]) {
            return Side::Server;
        }
        // What comes next from the other side is its acknowledgement.
        let acknowledged =
            next.iter().take(4).filter_map(|packet| words::tcp(packet.info)).find(|tcp| tcp.ack_only);
        match acknowledged.as_ref().and_then(by_port) {
            Some(Side::Client) => Side::Server,
            Some(Side::Server) => Side::Client,
            None if self.said.hello && !self.said.server_hello => Side::Server,
            None => Side::Client,
        }
    }

    fn finish(self) -> Flow {
        let Self { mut flow, client, server, .. } = self;
        flow.client = Some(client);
        flow.server = Some(server);
        flow
    }
}
