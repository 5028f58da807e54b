//! What a packet says, as events of its connection.
//!
//! In:  its fields or its words, and what was said before.
//! Out: messages, STARTTLS and its answer, bytes of which no more is known, FIN and RST.
//! Not here: who sent it (`sides`), and the words themselves (`words`).

use super::super::columns::Packet;
use super::super::fields::SEALED_ALERT;
use super::super::words::{self, Tcp};
use super::Growing;
use crate::tls::{PortUse, Version, port_use};
use crate::wire::{ClientHello, Event, Place, Side, What};

/// No ClientHello in its record is shorter than its version, random, one suite and their lengths.
const SHORTEST_HELLO: u32 = 46;

/// The header of a record stands before what it says.
const RECORD_HEADER: u32 = 5;

/// Protocols that ask for TLS in a line: as a row names them, and what stands before a request and an answer.
const LINES: [(&str, &str, &str, &str); 6] = [
    ("smtp", "SMTP", "C: ", "S: "),
    ("pop3", "POP", "C: ", "S: "),
    ("imap", "IMAP", "Request: ", "Response: "),
    ("ftp", "FTP", "Request: ", "Response: "),
    ("nntp", "NNTP", "Request: ", "Response: "),
    ("http", "HTTP", "", ""),
];

/// The protocol in which a line asks for TLS.
pub(super) fn asks(what: &What) -> Option<&'static str> {
    let What::Plain { protocol: Some(protocol), text } = what else { return None };
    let (_, name, request, _) = LINES.iter().find(|(own, ..)| own == protocol)?;
    words::starttls(name, &format!("{request}{text}"))
}

/// Whether a line agrees to it.
fn agrees(what: &What) -> Option<bool> {
    let What::Plain { protocol: Some(protocol), text } = what else { return None };
    let (_, name, _, answer) = LINES.iter().find(|(own, ..)| own == protocol)?;
    words::starttls_answer(name, &format!("{answer}{text}"))
}

impl Growing {
    /// What a packet's fields say, as events.
    pub(super) fn told(
        &mut self,
        packet: &Packet<'_>,
        tcp: Option<&Tcp>,
        side: Side,
        place: Place,
    ) -> Vec<(What, Place)> {
        if packet.repeats() {
            return vec![(What::Retransmission, place)];
        }
        let mut said = Vec::new();
        said.extend(tcp.filter(|tcp| tcp.syn).map(|_| (What::Open, place)));
        for (what, own) in packet.told.iter().flatten() {
            let own = Place { packet: place.packet, ..*own };
            let what = match (side, asks(what), agrees(what)) {
                (Side::Client, Some(protocol), _) => {
                    self.said.starttls = true;
                    self.said.starttls_answer = false;
                    What::StartTls { protocol }
                }
                (Side::Server, _, Some(agreed))
                    if self.said.starttls && !self.said.starttls_answer && !self.said.hello =>
                {
                    self.said.starttls_answer = true;
                    let What::Plain { text, .. } = what else { continue };
                    What::StartTlsAnswer { agreed, text: text.clone() }
                }
                _ if matches!(what, What::StartTlsAnswer { .. }) => {
                    if side == Side::Client || !self.said.starttls || self.said.starttls_answer {
                        continue;
                    }
                    self.said.starttls_answer = true;
                    what.clone()
                }
                _ => what.clone(),
            };
            said.push((what, own));
        }
        if let Some(tcp) = tcp {
            if tcp.len > 0 && said.is_empty() && !tcp.rst {
                let hello = packet.unseen.then(|| self.must_be_hello(tcp.len, side)).flatten();
                said.push((hello.unwrap_or(What::Bytes { count: tcp.len }), place));
            }
            said.extend(tcp.fin.then_some((What::Fin, place)));
            let injected = tcp.rst && self.is_injected(packet, side);
            said.extend(tcp.rst.then_some((What::Rst { injected }, place)));
        }
        said
    }

    /// What a packet says, as events.
    pub(super) fn said(&mut self, packet: &Packet<'_>, tcp: Option<&Tcp>, side: Side) -> Vec<What> {
        let mut said = Vec::new();
        if words::again(packet.info) {
            return vec![What::Retransmission];
        }
        if words::misses(packet.info) {
            said.push(What::Missing { bytes: 0 });
        }
        if tcp.is_some_and(|tcp| tcp.syn) {
            said.push(What::Open);
        }
        let before = said.len();
        if packet.protocol == "QUIC" {
            return words::quic(packet.info, side, self.said.hello, self.said.server_hello);
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
        } else if let Some(what) = words::mislabelled(packet.info) {
            said.push(what);
        } else if side == Side::Client
            && !self.said.hello
            && let Some(protocol) = words::may_ask(packet.protocol, packet.info, self.payload(packet, tcp))
        {
            self.may_have_asked = Some((protocol, packet.span.start));
        } else if let Some((protocol, text)) = words::plain(packet.protocol, packet.info) {
            said.push(What::Plain { protocol: Some(protocol), text: text.to_owned() });
        } else if let Some(hello) = self.blamed_on_another(packet, side) {
            said.push(hello);
        }
        said.extend(words::messages(packet.info, Version::from_column(packet.protocol)));
        if let Some(sni) = packet.sni
            && let Some(What::ClientHello(hello)) =
                said.iter_mut().find(|what| matches!(what, What::ClientHello(_)))
        {
            hello.sni.get_or_insert(sni.to_owned());
        }
        let payload = self.payload(packet, tcp);
        // In TLS 1.3 an alert looks like data, of the length that only an alert has.
        if self.said.tls13
            && payload == Some(RECORD_HEADER + SEALED_ALERT)
            && matches!(said.get(before..), Some([What::ApplicationData]))
        {
            said.truncate(before);
            said.push(What::EncryptedAlert);
        }
        // A reset may carry a reason in words; nobody reads it.
        let resets = tcp.is_some_and(|tcp| tcp.rst);
        if said.len() == before && payload != Some(0) && !resets {
            said.push(What::Bytes { count: payload.unwrap_or(0) });
        }
        if let Some(tcp) = tcp {
            said.extend(tcp.fin.then_some(What::Fin));
            said.extend(tcp.rst.then_some(What::Rst { injected: self.is_injected(packet, side) }));
        }
        said
    }

    /// A ClientHello that Wireshark took for the words of another protocol, because of the port.
    fn blamed_on_another(&self, packet: &Packet<'_>, side: Side) -> Option<What> {
        if side == Side::Server || self.said.hello || self.said.command && !self.said.starttls {
            return None;
        }
        let length = self.payload(packet, None);
        let size = match packet.protocol {
            "SMTP" => words::data_fragment(packet.info)?,
            "HTTP" | "TPKT" | "NBSS" | "SMTP/IMF" if packet.info.contains("Continuation") => {
                usize::try_from(length?).ok()?
            }
            _ => return None,
        };
        (size >= SHORTEST_HELLO as usize).then(|| {
            What::ClientHello(Box::new(ClientHello {
                size: size.saturating_sub(5),
                ..ClientHello::default()
            }))
        })
    }

    /// What might have asked for TLS did so where a ClientHello comes next.
    pub(super) fn asked_after_all(&mut self) {
        let Some((protocol, start)) = self.may_have_asked.take() else { return };
        let asked = |event: &&mut Event| event.from == Side::Client && event.place.start == start;
        if let Some(event) = self.flow.events.iter_mut().rfind(asked) {
            event.what = What::StartTls { protocol };
            self.said.starttls = true;
        }
    }

    /// Bytes that nobody shows can only be a ClientHello where TLS begins: first of all on a port that
    /// is for TLS alone, or after a STARTTLS that was agreed to.
    fn must_be_hello(&self, len: u32, side: Side) -> Option<What> {
        let alone = || {
            self.flow.from_start
                && matches!(self.server.port.and_then(port_use), Some(PortUse::ImplicitTls(_)))
                && !self.flow.events.iter().any(|event| event.what.carries_bytes())
        };
        let begins = side == Side::Client && !self.said.hello && (self.said.starttls_answer || alone());
        (begins && len >= SHORTEST_HELLO).then(|| {
            let size = usize::try_from(len).unwrap_or(0).saturating_sub(5);
            What::ClientHello(Box::new(ClientHello { size, ..ClientHello::default() }))
        })
    }

    /// How many bytes a packet carries, where the list tells.
    pub(super) fn payload(&self, packet: &Packet<'_>, tcp: Option<&Tcp>) -> Option<u32> {
        match tcp {
            Some(tcp) => Some(tcp.len),
            None => packet.length?.checked_sub(self.overhead?),
        }
    }
}
