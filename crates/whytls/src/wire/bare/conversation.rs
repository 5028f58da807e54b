//! A conversation without addresses: bytes that a text says were sent, one piece after the other.
//!
//! In:  records or their parts, bare messages, datagrams, and who sent them where the text says it.
//! Out: flows: a second ClientHello begins another one.
//! Not here: packets, which say themselves who sent them (`frames`).

use super::kind::{Bare, bare, header, sender, speaker};
use super::{HowShown, Piece};
use crate::wire::datagram::Datagrams;
use crate::wire::dialogue::Dialogue;
use crate::wire::flow::{Event, Flow, Side, Time, What};
use crate::wire::keylog::Keys;
use crate::wire::session::At;
use crate::wire::shown::Shown;

/// A connection that a program tells of, piece by piece.
#[derive(Default)]
pub(crate) struct Telling {
    open: Conversation,
    flows: Vec<Flow>,
}

impl Telling {
    /// The next bytes.
    pub(crate) fn piece(&mut self, piece: &Piece, time: Option<Time>) {
        let (flows, known) = (self.flows.len(), self.open.flow.events.len());
        match piece.how {
            HowShown::Message => self.open.message(piece, &mut self.flows),
            HowShown::Wire => self.open.wire(piece, &mut self.flows),
        }
        let known = if self.flows.len() > flows { 0 } else { known };
        for event in self.open.flow.events.iter_mut().skip(known) {
            event.time = time;
        }
    }

    /// Something that is told in words.
    pub(crate) fn event(&mut self, event: Event) {
        self.open.flow.events.push(event);
    }

    /// What is known of it so far.
    pub(crate) fn flow(&mut self) -> &mut Flow {
        &mut self.open.flow
    }

    /// Its flows: a new handshake in the clear is one of its own.
    pub(crate) fn finish(mut self) -> Vec<Flow> {
        let established = self.open.flow.established;
        let flows = self.flows.len();
        self.open.finish(&mut self.flows);
        if let Some(flow) = self.flows.get_mut(flows) {
            flow.established |= established;
        }
        self.flows
    }
}

/// A conversation while it is read.
#[derive(Default)]
pub(super) struct Conversation {
    dialogue: Option<Dialogue>,
    datagrams: Option<Datagrams>,
    /// What was read last.
    at: At,
    flow: Flow,
    last: Option<Side>,
    /// A side's bytes that are the beginning of a record only: `s_client -debug` and Java show the
    /// header and the rest as two reads.
    open: [Shown; 2],
    /// A record's header that waits for its message, and a content type from inside it.
    header: Option<(Shown, Option<u8>)>,
    /// Whose messages are encrypted from here on, where TLS is 1.2 or older.
    changed: [bool; 2],
    finished: [bool; 2],
}

impl Conversation {
    /// What was sent: whole records, or their parts in order.
    pub(super) fn wire(&mut self, piece: &Piece, flows: &mut Vec<Flow>) {
        let known = piece.from.or_else(|| self.continued());
        if let (Some(from), 1..) = (known.or(self.last), piece.missing) {
            self.gap(from, piece);
            return;
        }
        let mut shown = match known {
            Some(from) => std::mem::take(side_of(&mut self.open, from)),
            None => Shown::default(),
        };
        shown.append(&piece.shown);
        let bytes = shown.bytes();
        match bare(bytes) {
            _ if known.is_some() && header(bytes).is_some_and(|(_, len)| len + 5 > bytes.len()) => {
                // The rest of the record comes in the next piece, or never.
                let from = known.unwrap_or(Side::Client);
                self.begin(from, bytes, flows);
                *side_of(&mut self.open, from) = shown;
                self.last = Some(from);
            }
            Some(Bare::Message) => {
                let from = piece.from.or_else(|| sender(22, bytes)).unwrap_or_else(|| self.guess());
                self.begin(from, bytes, flows);
                self.messages(from, &shown);
            }
            Some(Bare::Sslv2) => {
                self.begin(Side::Client, bytes, flows);
                self.push(Side::Client, &shown);
            }
            Some(Bare::Records) => self.records(piece.from.or(known), &shown, flows),
            Some(Bare::Certificate) => {}
            _ => {
                let from = known.or_else(|| speaker(bytes)).unwrap_or_else(|| self.guess());
                self.push(from, &shown);
            }
        }
    }

    /// The rest of what was sent, behind bytes that are not shown.
    fn gap(&mut self, from: Side, piece: &Piece) {
        let waiting = std::mem::take(side_of(&mut self.open, from));
        if !waiting.is_empty() {
            self.push(from, &waiting);
        }
        let at = At { place: piece.shown.place(0..1), time: None };
        let missing = piece.missing;
        self.flow.events.push(at.event(from, What::Missing { bytes: missing }));
        if let Some(dialogue) = &mut self.dialogue {
            dialogue.gap(from, missing, at, &mut self.flow.events);
        }
        self.push(from, &piece.shown);
    }

    /// A side whose record is open: what comes without a sender is the rest of it.
    fn continued(&self) -> Option<Side> {
        let [client, server] = &self.open;
        match (client.is_empty(), server.is_empty()) {
            (false, _) => Some(Side::Client),
            (true, false) => Some(Side::Server),
            (true, true) => None,
        }
    }

    /// Records, each pushed by itself, so that its events have its place.
    fn records(&mut self, known: Option<Side>, shown: &Shown, flows: &mut Vec<Flow>) {
        let bytes = shown.bytes();
        let mut at = 0;
        let mut same: Option<Side> = known;
        while let Some((kind, len)) = bytes.get(at..).and_then(header) {
            let body = bytes.get(at + 5..).unwrap_or_default();
            let told = sender(kind, body);
            let from = known.or(told).or(same).unwrap_or_else(|| self.guess_for(kind));
            same = Some(from);
            let end = (at + 5 + len).min(bytes.len());
            if kind == 22 {
                self.begin(from, body, flows);
            }
            self.push(from, &shown.part(at..end));
            at = end;
        }
        // What stands behind the records is the text's, not the connection's; but a sender that is
        // named may go on with plain text, or with a record that is cut off.
        let rest = shown.part(at..bytes.len());
        if let Some(from) = known.filter(|_| !rest.is_empty()) {
            if rest.len() < 5 {
                *side_of(&mut self.open, from) = rest;
            } else {
                self.push(from, &rest);
            }
        }
    }

    /// A ClientHello after an answer to another one is a new connection.
    fn begin(&mut self, from: Side, message: &[u8], flows: &mut Vec<Flow>) {
        let message = match header(message) {
            Some(_) => message.get(5..).unwrap_or_default(),
            None => message,
        };
        let hello = from == Side::Client && message.first() == Some(&1);
        let events = &self.flow.events;
        let told = |event: &&Event| {
            matches!(event.what, What::ClientHello(_) | What::ServerHello(_) | What::HelloRetryRequest(_))
        };
        let last = events.iter().rev().find(told).map(|event| &event.what);
        let retry = matches!(last, Some(What::HelloRetryRequest(_)));
        if hello && !retry && events.iter().any(|event| matches!(event.what, What::ClientHello(_))) {
            std::mem::take(self).finish(flows);
        }
    }

    fn guess(&self) -> Side {
        self.last.map_or(Side::Client, Side::other)
    }

    /// Who sends an alert or what is encrypted, where nothing says it.
    fn guess_for(&self, kind: u8) -> Side {
        match (kind, self.last) {
            (_, Some(last)) => last.other(),
            // People show the alert that they were sent.
            (21, None) => Side::Server,
            (_, None) => Side::Client,
        }
    }

    /// Messages without a record around them.
    fn messages(&mut self, from: Side, shown: &Shown) {
        let at = At { place: shown.place(0..shown.len()), time: None };
        let dialogue = self.dialogue.get_or_insert_with(|| Dialogue::new(Keys::default()));
        dialogue.messages(from, shown.bytes(), at, &mut self.flow.events);
        self.last = Some(from);
        self.at = at;
    }

    /// A datagram of DTLS or QUIC.
    pub(super) fn datagram(&mut self, piece: &Piece, flows: &mut Vec<Flow>) {
        let bytes = piece.shown.bytes();
        let hello = match bytes {
            [22, ..] => sender(22, bytes.get(13..).unwrap_or_default()),
            [0xc0..=0xff, ..] if self.last.is_none() => Some(Side::Client),
            _ => None,
        };
        let from = piece.from.or(hello).unwrap_or_else(|| self.guess());
        if self.dialogue.is_some() {
            std::mem::take(self).finish(flows);
        }
        let at = At { place: piece.shown.place(0..bytes.len()), time: None };
        let datagrams = self.datagrams.get_or_insert_with(|| Datagrams::new(Keys::default()));
        if let Some(transport) = datagrams.push(from, bytes, at, &mut self.flow.events) {
            self.flow.transport = transport;
        }
        self.last = Some(from);
    }

    /// One record around bytes, with their place as its own.
    fn record(&mut self, from: Side, kind: u8, body: &Shown) {
        let place = body.place(0..body.len());
        let len = u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut record = Shown::default();
        for byte in [kind, 3, 1].into_iter().chain(len) {
            record.push(byte, place.start, place.start);
        }
        record.append(body);
        self.push(from, &record);
    }

    fn push(&mut self, from: Side, shown: &Shown) {
        let at = At { place: shown.place(0..shown.len()), time: None };
        let dialogue = self.dialogue.get_or_insert_with(|| Dialogue::new(Keys::default()));
        dialogue.push(from, shown.bytes(), at, &mut self.flow.events);
        self.last = Some(from);
        self.at = at;
    }

    /// One thing that OpenSSL's message callback shows: a header, a content type, a message.
    pub(super) fn message(&mut self, piece: &Piece, flows: &mut Vec<Flow>) {
        let bytes = piece.shown.bytes();
        let from = piece.from.or_else(|| sender(22, bytes)).unwrap_or_else(|| self.guess());
        let is_header = bytes.len() == 5 && header(bytes).is_some();
        if is_header {
            self.change(from);
            self.header = Some((piece.shown.clone(), None));
            return;
        }
        let encrypted = header_kind(&self.header) == Some(23);
        if let (true, Some((_, inside @ None)), [kind @ 20..=24]) = (encrypted, &mut self.header, bytes) {
            *inside = Some(*kind);
            return;
        }
        let kind = match &self.header {
            Some((_, Some(inside))) => *inside,
            Some((header, None)) => header.bytes().first().copied().unwrap_or(22),
            None => match bytes {
                [1] => 20,
                [1 | 2, _] => 21,
                _ => 22,
            },
        };
        let inside = matches!(self.header, Some((_, Some(_))));
        let place = piece.shown.place(0..bytes.len());
        let mut event = |what: What| self.flow.events.push(Event { place, time: None, from, what });
        let changed = *side_of(&mut self.changed, from);
        match (kind, bytes) {
            (22, [20, ..]) if inside || changed => {
                event(What::Finished);
                *side_of(&mut self.finished, from) = true;
            }
            (22, [15, ..]) if inside => event(What::CertificateVerify),
            (22, [13, ..]) if inside => event(What::CertificateRequest),
            (22, [4, ..]) => event(What::NewSessionTicket),
            (22, [8, ..]) if inside => event(What::EncryptedExtensions { alpn: alpn(bytes) }),
            (22, [11, ..]) if inside => event(What::Certificate(chain(bytes))),
            (22, [other, ..]) if inside || changed => event(What::Handshake(*other)),
            (21, [level, code, ..]) if inside || changed => {
                event(What::Alert { level: *level, alert: crate::tls::Alert(*code) });
            }
            (23, _) => event(What::ApplicationData),
            _ => {
                if kind == 22 {
                    self.begin(from, bytes, flows);
                }
                let version = self.header.take().filter(|(header, _)| header.len() == 5);
                match version {
                    Some((mut whole, _)) => {
                        let versions = whole.part(1..3);
                        whole = whole.part(0..1);
                        whole.append(&versions);
                        let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
                        for byte in len {
                            whole.push(byte, place.start, place.start);
                        }
                        whole.append(&piece.shown);
                        self.header = Some((whole.part(0..5), None));
                        self.push(from, &whole);
                    }
                    None if kind == 22 => self.messages(from, &piece.shown),
                    None => self.record(from, kind, &piece.shown),
                }
                if kind == 20 {
                    *side_of(&mut self.changed, from) = true;
                    self.header = None;
                }
            }
        }
        self.last = Some(from);
    }

    /// A header of ChangeCipherSpec stands for the message: OpenSSL shows no more of it.
    fn change(&mut self, from: Side) {
        if header_kind(&self.header) == Some(20)
            && let Some((header, _)) = self.header.take()
        {
            let place = header.place(0..header.len());
            self.flow.events.push(Event { place, time: None, from, what: What::ChangeCipherSpec });
        }
    }

    pub(super) fn finish(mut self, flows: &mut Vec<Flow>) {
        for side in [Side::Client, Side::Server] {
            let rest = std::mem::take(side_of(&mut self.open, side));
            if !rest.is_empty() {
                self.push(side, &rest);
            }
        }
        if let Some(dialogue) = &mut self.dialogue {
            dialogue.finish(self.at, &mut self.flow.events);
        }
        self.flow.established = self.dialogue.as_ref().is_some_and(Dialogue::established)
            || self.datagrams.as_ref().is_some_and(Datagrams::established)
            || self.finished == [true, true]
            || self.flow.events.iter().any(|event| matches!(event.what, What::ApplicationData));
        if !self.flow.events.is_empty() {
            flows.push(self.flow);
        }
    }
}

fn side_of<T>(both: &mut [T; 2], side: Side) -> &mut T {
    let [client, server] = both;
    match side {
        Side::Client => client,
        Side::Server => server,
    }
}

fn header_kind(header: &Option<(Shown, Option<u8>)>) -> Option<u8> {
    header.as_ref().and_then(|(header, _)| header.bytes().first().copied())
}

/// ALPN's choice in EncryptedExtensions.
fn alpn(message: &[u8]) -> Option<String> {
    let mut rest = message.get(6..)?;
    loop {
        let [t1, t2, l1, l2, after @ ..] = rest else { return None };
        let (own, next) = after.split_at_checked(usize::from(u16::from_be_bytes([*l1, *l2])))?;
        if (*t1, *t2) == (0, 16) {
            return Some(String::from_utf8_lossy(own.get(3..)?).into_owned());
        }
        rest = next;
    }
}

/// The certificates of a Certificate message of TLS 1.3.
fn chain(message: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let context = usize::from(message.get(4).copied().unwrap_or(0));
    let mut rest = message.get(8 + context..).unwrap_or_default();
    while let [a, b, c, after @ ..] = rest {
        let len = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        let Some((own, next)) = after.split_at_checked(len) else { break };
        found.push(own.to_vec());
        let [e1, e2, next @ ..] = next else { break };
        rest = next.get(usize::from(u16::from_be_bytes([*e1, *e2]))..).unwrap_or_default();
    }
    found
}
