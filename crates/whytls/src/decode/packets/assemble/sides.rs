//! Who sent a packet: the client or the server.
//!
//! In:  its addresses, ports and words, and what is known of the connection by then.
//! Out: a side. On a loopback both ends have one address.
//! Not here: which connection it belongs to.

use super::super::columns::Packet;
use super::super::words::{self, Tcp};
use super::speech::asks;
use super::{Growing, transport};
use crate::tls::port_use;
use crate::wire::{CloseHow, Endpoint, Flow, Side, What};

/// What only one side sends.
fn sender(what: &What) -> Option<Side> {
    match what {
        What::ClientHello(_) | What::ClientKeyExchange => Some(Side::Client),
        What::ServerHello(_)
        | What::HelloRetryRequest(_)
        | What::HelloVerifyRequest
        | What::ServerKeyExchange { .. }
        | What::ServerHelloDone
        | What::CertificateRequest
        | What::CertificateStatus
        | What::NewSessionTicket
        | What::HelloRequest => Some(Side::Server),
        What::Plain { .. } => asks(what).map(|_| Side::Client),
        _ => None,
    }
}

/// The side that alone says what a row says.
pub(super) fn told_by_words(info: &str) -> Option<Side> {
    const CLIENT: [&str; 10] = [
        "Client Hello",
        "Change Cipher Spec, Client Hello",
        "Client Key Exchange",
        "C:",
        "Request:",
        "CONNECT ",
        "extendedReq",
        "Negotiate Request",
        "STARTTLS",
        "Certificate, Client Key Exchange",
    ];
    const SERVER: [&str; 13] = [
        "Server Hello",
        "S:",
        "Response:",
        "HTTP/1",
        "Hello Retry",
        "Server Key Exchange",
        "Certificate Request",
        "Certificate Status",
        "New Session Ticket",
        "extendedResp",
        "Negotiate Response",
        "Negotiate Failure",
        "PROCEED",
    ];
    // SOCKS: `Version: 5 Command Request - Connect`, `Version: 4 Connect Response`.
    if info.starts_with("Version: ") {
        let has = |word: &str| info.split([' ', '-']).any(|own| own.eq_ignore_ascii_case(word));
        return match (has("request"), has("response")) {
            (true, false) => Some(Side::Client),
            (false, true) => Some(Side::Server),
            _ => None,
        };
    }
    let begins = |words: &[&str]| words.iter().any(|word| info.starts_with(word));
    match (begins(&CLIENT), begins(&SERVER)) {
        // MySQL's client asks in a message that Wireshark calls so.
        (_, true) if info.contains("SSL Handshake") => Some(Side::Client),
        (true, _) => Some(Side::Client),
        (_, true) => Some(Side::Server),
        _ => None,
    }
}

impl Growing {
    /// The side of which a port is.
    pub(super) fn by_port(&self, port: u16) -> Option<Side> {
        match (self.client.port, self.server.port) {
            (Some(client), _) if port == client => Some(Side::Client),
            (_, Some(server)) if port == server => Some(Side::Server),
            _ => None,
        }
    }

    /// The first packet of a flow is the client's, unless its words say otherwise.
    pub(super) fn from(packet: &Packet<'_>, tcp: Option<&Tcp>) -> Self {
        let ports = packet.ports.or(tcp.map(|tcp| (tcp.source, tcp.destination)));
        let from_server = packet.info.starts_with("S:")
            || packet.info.starts_with("Response:")
            || packet.info.contains("Server Hello")
            || packet.told.iter().flatten().any(|(what, _)| sender(what) == Some(Side::Server))
            || tcp.is_some_and(|tcp| tcp.syn && tcp.ack)
            || ports.is_some_and(|(source, destination)| {
                !tcp.is_some_and(Tcp::begins) && port_use(source).is_some() && port_use(destination).is_none()
            });
        let (client, server) = if from_server {
            (packet.destination, packet.source)
        } else {
            (packet.source, packet.destination)
        };
        let end = |host: &str| Endpoint { host: host.to_owned(), port: None };
        let flow = Flow { transport: transport(packet.protocol), ..Flow::default() };
        let client_id = words::connection_id(packet.info, "SCID=").map(str::to_owned);
        Self { flow, client: end(client), server: end(server), client_id, ..Self::default() }
    }

    /// Who may have sent a row whose ports are not shown: on a loopback, either.
    pub(super) fn senders(&self, packet: &Packet<'_>) -> [Option<Side>; 2] {
        let from = |host: &str| host == packet.source;
        [from(&self.client.host).then_some(Side::Client), from(&self.server.host).then_some(Side::Server)]
    }

    /// Who sent a packet. On a loopback both ends have one address; then ports tell, or the
    /// words, or who acknowledges it.
    pub(super) fn side(&self, packet: &Packet<'_>, tcp: Option<&Tcp>, next: &[Packet<'_>]) -> Side {
        if self.client.host != self.server.host {
            return if packet.source == self.client.host { Side::Client } else { Side::Server };
        }
        if packet.protocol == "QUIC" && packet.told.is_none() {
            let names_client = words::connection_id(packet.info, "DCID=") == self.client_id.as_deref();
            return if names_client { Side::Server } else { Side::Client };
        }
        let by_ports = |source: u16, begins: bool| match (self.client.port, self.server.port) {
            (Some(client), _) if source == client => Some(Side::Client),
            (_, Some(server)) if source == server => Some(Side::Server),
            _ if begins => Some(Side::Client),
            _ => port_use(source).map(|_| Side::Server),
        };
        let by_port = |tcp: &Tcp| by_ports(tcp.source, tcp.begins());
        if let Some(side) = tcp.and_then(by_port).or_else(|| by_ports(packet.ports?.0, false)) {
            return side;
        }
        if let Some(side) = packet.told.iter().flatten().find_map(|(what, _)| sender(what)) {
            return side;
        }
        if let Some(side) = told_by_words(packet.info) {
            return side;
        }
        let begins = |word: &str| packet.info.starts_with(word);
        // Each side does it once, before its Finished.
        if begins("Change Cipher Spec") && self.said.changed.client != self.said.changed.server {
            return if self.said.changed.server { Side::Client } else { Side::Server };
        }
        if let Some(side) = self.counted(next) {
            return side;
        }
        // Who has closed says nothing more.
        if let Some(close) = self.flow.close.filter(|close| close.how == CloseHow::Fin) {
            return close.by.other();
        }
        // What comes next from the other side is its acknowledgement.
        let acknowledged = next
            .iter()
            .take(4)
            .filter_map(|packet| packet.tcp.or_else(|| words::tcp(packet.info)))
            .find(|tcp| tcp.ack_only);
        match acknowledged.as_ref().and_then(by_port) {
            Some(Side::Client) => Side::Server,
            Some(Side::Server) => Side::Client,
            None if self.said.hello && !self.said.server_hello => Side::Server,
            None => Side::Client,
        }
    }

    /// Who has sent something by the next row that has numbers: one side's are further than they were.
    fn counted(&self, next: &[Packet<'_>]) -> Option<Side> {
        /// The rows of other connections may stand between.
        const NEAR: usize = 4;
        let (client, server) = (self.client.port?, self.server.port?);
        let (tcp, side) = next.iter().take(NEAR).find_map(|packet| {
            let tcp = packet.tcp.or_else(|| words::tcp(packet.info))?;
            let from_client = (tcp.source, tcp.destination) == (client, server);
            let from_server = (tcp.source, tcp.destination) == (server, client);
            (from_client != from_server)
                .then_some((tcp, if from_client { Side::Client } else { Side::Server }))
        })?;
        let further = |known: Option<u32>, number: Option<u32>| {
            known.zip(number).is_some_and(|(known, number)| number.wrapping_sub(known).cast_signed() > 0)
        };
        let own = further(self.next.of(side), tcp.seq);
        let other = further(self.next.of(side.other()), tcp.acknowledges);
        (own != other).then_some(if own { side } else { side.other() })
    }
}
