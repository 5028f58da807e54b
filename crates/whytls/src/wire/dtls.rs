//! DTLS: records in datagrams, and messages in fragments that come in any order.
//!
//! In:  datagrams of both directions.
//! Out: one event for each message, once, and what cannot be read because it is encrypted.
//! Not here: what the messages say. That is `handshake`.

use std::collections::BTreeMap;

use super::bytes::Reader;
use super::decrypt::Opener;
use super::flow::{Event, Side, Transport, What};
use super::handshake::Handshake;
use super::keylog::{Keys, Label};
use super::pieces::Pieces;
use super::record::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, Header};
use super::session::At;
use crate::tls::{Alert, Version};

/// What identifies DTLS 1.2 with a connection id (RFC 9146).
const CONNECTION_ID: u8 = 25;
const ACK: u8 = 26;
/// No message is longer; what claims to be is not kept.
const LONGEST_MESSAGE: usize = 1 << 18;
/// So many messages wait for one that is missing; then it will not come.
const WAITING: usize = 8;

/// Two bytes of an alert, its type and its tag.
const SEALED_ALERT: usize = 2 + 1 + 16;

/// Both directions of a DTLS connection.
#[derive(Debug)]
pub(crate) struct Dtls {
    keys: Keys,
    handshake: Handshake,
    client: Way,
    server: Way,
    /// A record of DTLS 1.3 was seen that holds the client's part of the handshake.
    client_finishes: bool,
    established: bool,
}

#[derive(Debug, Default)]
struct Way {
    /// The number of the next message, once one was seen.
    next: Option<u16>,
    waiting: BTreeMap<u16, Message>,
    opener: Option<Opener>,
    /// An encrypted message of the handshake was seen.
    sealed: bool,
}

/// A message, as far as its fragments came.
#[derive(Debug)]
struct Message {
    kind: u8,
    version: Version,
    length: usize,
    body: Pieces,
}

/// A record's header.
#[derive(Clone, Copy)]
struct Frame<'a> {
    header: Header,
    epoch: u16,
    /// Epoch and number, as they are sealed.
    sequence: u64,
    content: &'a [u8],
}

/// Whether a datagram begins with a DTLS record.
pub(crate) fn looks_like_it(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    frame(&mut reader).is_some_and(|frame| {
        let first = frame.content.first();
        match frame.header.kind {
            HANDSHAKE => frame.epoch > 0 || first.is_some_and(|kind| *kind <= 25),
            ALERT => frame.epoch > 0 || matches!(first, Some(1 | 2)),
            CHANGE_CIPHER_SPEC => frame.content == [1],
            APPLICATION_DATA | CONNECTION_ID => frame.epoch > 0,
            _ => false,
        }
    })
}

/// A datagram without CAPWAP's mark that it is encrypted, by which access points find their
/// controller's DTLS (RFC 5415 §4.2).
pub(crate) fn without_capwap(bytes: &[u8]) -> &[u8] {
    match bytes {
        [1, 0, 0, 0, inside @ ..] if frame(&mut Reader::new(inside)).is_some() => inside,
        _ => bytes,
    }
}

/// A record with the short header of DTLS 1.3: how long what is sealed in it is, where that is told.
fn short_record(bytes: &[u8]) -> Option<Option<usize>> {
    let (first, rest) = bytes.split_first().filter(|(first, _)| *first & 0xe0 == 0x20)?;
    let with_id = first & 0x10 != 0;
    let number = if first & 0x08 != 0 { 2 } else { 1 };
    let length = || {
        let length = rest.get(number..)?.first_chunk::<2>()?;
        Some(usize::from(u16::from_be_bytes(*length)))
    };
    Some(match (with_id, first & 0x04 != 0) {
        // How long the connection id is, was said in extensions.
        (true, _) => None,
        (false, true) => length(),
        (false, false) => rest.len().checked_sub(number),
    })
}

fn frame<'a>(reader: &mut Reader<'a>) -> Option<Frame<'a>> {
    let kind = reader.u8()?;
    let version = Version(reader.u16()?);
    let known = matches!(version, Version::DTLS10 | Version::DTLS12 | Version(0x0100 | 0xfefc));
    if !known || !(CHANGE_CIPHER_SPEC..=ACK).contains(&kind) {
        return None;
    }
    let epoch = reader.u16()?;
    let number = reader.array::<6>()?;
    let sequence = number.iter().fold(u64::from(epoch), |all, byte| all << 8 | u64::from(*byte));
    // How long the connection id is, was said in extensions; the length after it is not needed.
    let content = if kind == CONNECTION_ID { reader.take_most(usize::MAX) } else { reader.vec16()? };
    let header = Header { kind, version, length: content.len() };
    Some(Frame { header, epoch, sequence, content })
}

impl Dtls {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            keys,
            handshake: Handshake::new(Transport::Udp),
            client: Way::default(),
            server: Way::default(),
            client_finishes: false,
            established: false,
        }
    }

    /// The handshake came to its end: Finished by both, or application data.
    pub(crate) fn established(&self) -> bool {
        self.established || self.handshake.finished() || (self.client.sealed && self.server.sealed)
    }

    /// The next datagram.
    pub(crate) fn push(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        let mut reader = Reader::new(bytes);
        let mut again = false;
        while !reader.is_empty() {
            // The short header of DTLS 1.3 (RFC 9147 §4): encrypted, numbers and all.
            if let Some(length) = short_record(reader.rest()) {
                // An alert is told by its length, as in TLS 1.3.
                let alert = length == Some(SEALED_ALERT);
                events.push(at.event(from, if alert { What::EncryptedAlert } else { What::ApplicationData }));
                // The server acknowledges the client's Finished, or goes on at once.
                self.established |= from == Side::Server && self.client_finishes && !alert;
                self.client_finishes |= from == Side::Client && !alert;
                break;
            }
            let Some(frame) = frame(&mut reader) else { break };
            again |= self.record(from, frame, at, events);
        }
        if again {
            events.push(at.event(from, What::Retransmission));
        }
    }

    fn way(&mut self, side: Side) -> &mut Way {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Says whether it was seen before.
    fn record(&mut self, from: Side, frame: Frame<'_>, at: At, events: &mut Vec<Event>) -> bool {
        if frame.epoch > 0 {
            let way = self.way(from);
            let opened = way.opener.as_mut().and_then(|opener| {
                opener.seek(frame.sequence);
                opener.open(frame.header, frame.content)
            });
            return match opened {
                Some((kind, content)) => {
                    let header = Header { kind, ..frame.header };
                    self.content(from, header, &content, at, events)
                }
                None => {
                    self.sealed(from, frame.header.kind, at, events);
                    false
                }
            };
        }
        self.content(from, frame.header, frame.content, at, events)
    }

    fn sealed(&mut self, from: Side, kind: u8, at: At, events: &mut Vec<Event>) {
        let what = match kind {
            HANDSHAKE => {
                self.way(from).sealed = true;
                What::EncryptedHandshake
            }
            ALERT => What::EncryptedAlert,
            APPLICATION_DATA | CONNECTION_ID => {
                self.established = true;
                What::ApplicationData
            }
            _ => return,
        };
        events.push(at.event(from, what));
    }

    fn content(
        &mut self,
        from: Side,
        header: Header,
        content: &[u8],
        at: At,
        events: &mut Vec<Event>,
    ) -> bool {
        match header.kind {
            HANDSHAKE => return self.fragments(from, header.version, content, at, events),
            CHANGE_CIPHER_SPEC => {
                events.push(at.event(from, What::ChangeCipherSpec));
                if self.way(from).opener.is_none() {
                    let opener = self.opener(from);
                    self.way(from).opener = opener;
                }
            }
            ALERT => {
                if let [level, code, ..] = *content {
                    events.push(at.event(from, What::Alert { level, alert: Alert(code) }));
                }
            }
            APPLICATION_DATA => {
                self.established = true;
                events.push(at.event(from, What::ApplicationData));
            }
            _ => {}
        }
        false
    }

    fn opener(&self, from: Side) -> Option<Opener> {
        let secret = self.keys.secret(self.handshake.client_random.as_ref()?, Label::MasterSecret)?;
        Opener::tls12(&self.handshake, &secret, from)
    }

    /// Fragments of messages, one after the other.
    fn fragments(
        &mut self,
        from: Side,
        version: Version,
        content: &[u8],
        at: At,
        events: &mut Vec<Event>,
    ) -> bool {
        let mut again = false;
        let mut reader = Reader::new(content);
        while let Some((fragment, bytes)) = fragment(&mut reader) {
            let new = fragment.kind == 1 && fragment.number == 0 && self.established();
            if new {
                // The same two ports are used for another connection.
                *self = Self::new(self.keys.clone());
            }
            let way = self.way(from);
            let next = *way.next.get_or_insert(fragment.number);
            if fragment.number < next {
                again = true;
                continue;
            }
            let message = way.waiting.entry(fragment.number).or_insert_with(|| Message {
                kind: fragment.kind,
                version,
                length: fragment.length,
                body: Pieces::default(),
            });
            if message.kind == fragment.kind && message.length == fragment.length {
                again |= !message.body.add(fragment.offset, bytes) && !bytes.is_empty();
            }
            self.whole_messages(from, at, events);
        }
        again
    }

    fn whole_messages(&mut self, from: Side, at: At, events: &mut Vec<Event>) {
        loop {
            let way = self.way(from);
            if way.waiting.len() > WAITING {
                // The one that is waited for is not in the capture.
                way.next =
                    way.waiting.iter().find(|(_, message)| message.is_whole()).map(|(number, _)| *number);
                let Some(next) = way.next else {
                    way.waiting.clear();
                    return;
                };
                way.waiting.retain(|number, _| *number >= next);
            }
            let Some(next) = way.next else { return };
            if !way.waiting.get(&next).is_some_and(Message::is_whole) {
                return;
            }
            let Some(mut message) = way.waiting.remove(&next) else { return };
            way.next = next.checked_add(1);
            let body = message.body.take();
            self.handshake.message(from, message.kind, &body, Some(message.version), at, events);
        }
    }
}

/// The header of a fragment.
#[derive(Clone, Copy)]
struct Fragment {
    kind: u8,
    length: usize,
    number: u16,
    offset: usize,
}

fn fragment<'a>(reader: &mut Reader<'a>) -> Option<(Fragment, &'a [u8])> {
    let kind = reader.u8()?;
    let length = reader.u24()?;
    let number = reader.u16()?;
    let offset = reader.u24()?;
    let bytes = reader.vec24()?;
    let fits = length <= LONGEST_MESSAGE && offset + bytes.len() <= length;
    fits.then_some((Fragment { kind, length, number, offset }, bytes))
}

impl Message {
    fn is_whole(&self) -> bool {
        self.body.length() == self.length
    }
}
