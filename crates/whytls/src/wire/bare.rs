//! Bytes that somebody copied out of a capture: finds out what they are.
//!
//! In:  bytes without a file around them: TLS records, a handshake message, a packet, plain text.
//! Out: what they are, and the flows that they show.
//! Not here: how a text shows bytes. That is `decode/hex`.

use super::datagram::Datagrams;
use super::dialogue::Dialogue;
use super::file;
use super::flow::{Event, Flow, Place, Side, Time, What};
use super::keylog::Keys;
use super::packet::{Layer, Link, Packets};
use super::session::At;
use super::shown::Shown;
use super::stream::Streams;

/// What bytes are, by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bare {
    /// A capture file.
    Capture,
    /// A frame of Ethernet.
    Ethernet,
    /// A frame as Linux shows it where there is more than one kind.
    Cooked,
    /// A frame of the loopback of BSD and Windows.
    Loopback,
    /// An IP packet.
    Ip,
    /// A TCP segment.
    Tcp,
    /// A datagram of DTLS or QUIC.
    Datagram,
    /// TLS records.
    Records,
    /// An SSLv2-compatible ClientHello.
    Sslv2,
    /// A handshake message without a record around it.
    Message,
    /// An X.509 certificate in DER.
    Certificate,
    /// What a mail server, a web server or their clients say.
    Text,
}

/// What a piece of bytes shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HowShown {
    /// What was sent.
    #[default]
    Wire,
    /// A record's header, a content type or a message in the clear, one by one, as OpenSSL's
    /// message callback gives them.
    Message,
}

/// Bytes that were sent together.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Who sent them, where the text says it.
    pub from: Option<Side>,
    /// What they show.
    pub how: HowShown,
    /// So many bytes before these are not shown.
    pub missing: u32,
    /// The bytes.
    pub shown: Shown,
}

/// Says what bytes are; nothing where they could be anything.
#[must_use]
pub(crate) fn bare(bytes: &[u8]) -> Option<Bare> {
    if file::recognise(bytes).is_some() {
        return Some(Bare::Capture);
    }
    if records(bytes) > 0 {
        return Some(Bare::Records);
    }
    if is_datagram(bytes) {
        return Some(Bare::Datagram);
    }
    if let Some(packet) = packet(bytes) {
        return Some(packet);
    }
    if sslv2(bytes).is_some() {
        return Some(Bare::Sslv2);
    }
    if is_message(bytes) {
        return Some(Bare::Message);
    }
    if is_certificate(bytes) {
        return Some(Bare::Certificate);
    }
    is_text(bytes).then_some(Bare::Text)
}

/// The connections that pieces show: a second ClientHello begins another one.
#[must_use]
pub(crate) fn flows(pieces: &[Piece]) -> Vec<Flow> {
    let mut flows = Vec::new();
    let mut open = Conversation::default();
    let mut packets = Packets::default();
    let mut streams = Streams::new(Keys::default());
    // Packets stand one behind the other, and their places are put back into the text at the end.
    let mut frames = Shown::default();
    let mut number = 0;
    for piece in pieces.iter().filter(|piece| !piece.shown.is_empty()) {
        if piece.how == HowShown::Message {
            open.message(piece, &mut flows);
            continue;
        }
        let layer = match bare(piece.shown.bytes()) {
            Some(Bare::Capture) => {
                flows.extend(capture(&piece.shown));
                continue;
            }
            Some(Bare::Ethernet) => Layer::Link(Link::Ethernet),
            Some(Bare::Cooked) => Layer::Link(Link::Sll),
            Some(Bare::Loopback) => Layer::Link(Link::Null),
            Some(Bare::Ip) => Layer::Ip,
            Some(Bare::Tcp) => Layer::Tcp,
            Some(Bare::Datagram) => {
                open.datagram(piece, &mut flows);
                continue;
            }
            _ => {
                open.wire(piece, &mut flows);
                continue;
            }
        };
        number += 1;
        let start = frames.len();
        frames.append(&piece.shown);
        let place = Place { packet: number, start, end: frames.len() };
        let bytes = piece.shown.bytes();
        packets.read(layer, bytes, &mut |segment| streams.segment(&segment, bytes, place, None));
    }
    open.finish(&mut flows);
    for mut flow in streams.finish().0 {
        put_back(&mut flow, &frames);
        // The addresses of a bare segment are not known.
        for end in [&mut flow.client, &mut flow.server] {
            if end.as_ref().is_some_and(|end| end.host == "::") {
                *end = None;
            }
        }
        flows.push(flow);
    }
    flows.sort_by_key(|flow| flow.events.first().map_or(0, |event| event.place.start));
    flows
}

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

/// A capture file that a text shows.
fn capture(shown: &Shown) -> Vec<Flow> {
    let mut reader = file::Reader::new(file::Options::default());
    reader.push(shown.bytes());
    let mut flows = reader.finish().flows;
    for flow in &mut flows {
        put_back(flow, shown);
    }
    flows
}

/// Places among bytes become places in the text that shows them.
fn put_back(flow: &mut Flow, shown: &Shown) {
    let back = |place: &mut Place| {
        let packet = place.packet;
        *place = Place { packet, ..shown.place(place.start..place.end) };
    };
    flow.events.iter_mut().for_each(|event| back(&mut event.place));
    flow.ports.iter_mut().for_each(back);
    if let Some(close) = &mut flow.close {
        back(&mut close.place);
    }
}

/// A conversation while it is read.
#[derive(Default)]
struct Conversation {
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
    fn wire(&mut self, piece: &Piece, flows: &mut Vec<Flow>) {
        let known = piece.from.or_else(|| self.continued());
        if let (Some(from), 1..) = (known.or(self.last), piece.missing) {
            self.gap(from, piece);
            return;
        }
        let mut shown = match known {
            Some(from) => std::mem::take(self.waiting(from)),
            None => Shown::default(),
        };
        shown.append(&piece.shown);
        let bytes = shown.bytes();
        match bare(bytes) {
            _ if known.is_some() && header(bytes).is_some_and(|(_, len)| len + 5 > bytes.len()) => {
                // The rest of the record comes in the next piece, or never.
                let from = known.unwrap_or(Side::Client);
                self.begin(from, bytes, flows);
                *self.waiting(from) = shown;
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
        let waiting = std::mem::take(self.waiting(from));
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

    fn waiting(&mut self, side: Side) -> &mut Shown {
        let [client, server] = &mut self.open;
        match side {
            Side::Client => client,
            Side::Server => server,
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
                *self.waiting(from) = rest;
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
    fn datagram(&mut self, piece: &Piece, flows: &mut Vec<Flow>) {
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
    fn message(&mut self, piece: &Piece, flows: &mut Vec<Flow>) {
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

    fn finish(mut self, flows: &mut Vec<Flow>) {
        for side in [Side::Client, Side::Server] {
            let rest = std::mem::take(self.waiting(side));
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

/// No record holds more (RFC 8446 §5.1).
const RECORD: usize = 16_384;

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

/// A record's content type and length, if its header can be one.
fn header(bytes: &[u8]) -> Option<(u8, usize)> {
    let &[kind, major, minor, high, low, ..] = bytes else { return None };
    let len = usize::from(u16::from_be_bytes([high, low]));
    let version = matches!((major, minor), (3, 0..=4) | (1, 1) | (0x7f, 0x0e..=0x1c));
    let fits = match kind {
        20 => len == 1,
        21 => (2..=512).contains(&len),
        22 | 24 => (1..=RECORD + 2048).contains(&len),
        23 => len <= RECORD + 2048,
        _ => false,
    };
    (version && fits).then_some((kind, len))
}

/// A packet that says so itself: by its type, its lengths, its checksum.
fn packet(bytes: &[u8]) -> Option<Bare> {
    let tagged = |mut at: usize| {
        while let Some([0x81, 0] | [0x88, 0xa8] | [0x91, 0]) = bytes.get(at..at + 2) {
            at += 4;
        }
        match bytes.get(at..at + 2) {
            Some([8, 0] | [0x86, 0xdd]) => is_ip(bytes.get(at + 2..).unwrap_or_default()),
            Some([0x88, 0x64]) => is_ip(bytes.get(at + 10..).unwrap_or_default()),
            _ => false,
        }
    };
    if is_ip(bytes) {
        return Some(Bare::Ip);
    }
    if tagged(12) {
        return Some(Bare::Ethernet);
    }
    if matches!(bytes, [0, 0..=4, _, _, 0, 0..=8, ..]) && tagged(14) {
        return Some(Bare::Cooked);
    }
    if matches!(bytes, [2 | 24 | 28 | 30, 0, 0, 0, ..] | [0, 0, 0, 2 | 24 | 28 | 30, ..])
        && is_ip(bytes.get(4..).unwrap_or_default())
    {
        return Some(Bare::Loopback);
    }
    is_segment(bytes).then_some(Bare::Tcp)
}

/// An IP packet with TCP or UDP in it, or with another such packet.
fn is_ip(bytes: &[u8]) -> bool {
    carries_ip(bytes, false)
}

fn carries_ip(bytes: &[u8], inner: bool) -> bool {
    let carries = |next: u8, rest: &[u8]| match next {
        6 | 17 => true,
        4 | 41 => !inner && carries_ip(rest, true),
        _ => false,
    };
    match bytes {
        [0x45..=0x4f, _, high, low, ..] => {
            let header = usize::from(bytes.first().copied().unwrap_or(0) & 15) * 4;
            let total = usize::from(u16::from_be_bytes([*high, *low]));
            let Some(own) = bytes.get(..header) else { return false };
            let sum: u32 =
                own.as_chunks::<2>().0.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum();
            let checked = (sum & 0xffff) + (sum >> 16) == 0xffff;
            // Ethernet fills short packets up; a network card adds the checksum, and the length.
            let fits = total == bytes.len() || total == 0 || (total < bytes.len() && bytes.len() <= 60);
            let rest = bytes.get(header..).unwrap_or_default();
            bytes.get(9).is_some_and(|next| carries(*next, rest))
                && (checked || fits)
                && (total == 0 || total > header)
        }
        [0x60..=0x6f, _, _, _, high, low, next, _, ..] => {
            let payload = usize::from(u16::from_be_bytes([*high, *low]));
            let rest = bytes.get(40..).unwrap_or_default();
            let known = carries(*next, rest) || (matches!(next, 0 | 43 | 44 | 60) && payload == rest.len());
            let data = rest.get(12).is_none_or(|offset| *next != 6 || offset >> 4 >= 5);
            known && data && rest.len() >= 8 && (payload == 0 || payload >= rest.len() || rest.len() < 24)
        }
        _ => false,
    }
}

/// A TCP segment that carries TLS.
fn is_segment(bytes: &[u8]) -> bool {
    let Some(offset) = bytes.get(12).map(|byte| usize::from(byte >> 4) * 4) else { return false };
    let flags = bytes.get(13).copied().unwrap_or(0xff);
    offset >= 20
        && flags & 0xe7 == 0
        && flags & 0x10 != 0
        && records(bytes.get(offset..).unwrap_or_default()) > 0
}

/// A record of DTLS, or a long header of QUIC.
fn is_datagram(bytes: &[u8]) -> bool {
    match bytes {
        [kind @ 20..=23, 0xfe, 0xfd | 0xff, e1, _, 0, 0, _, _, _, _, high, low, rest @ ..] => {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            let clear = *e1 == 0 && len > 0 && len <= RECORD;
            let fits = match kind {
                20 => len == 1 && rest.first() == Some(&1),
                21 => len >= 2,
                22 => len >= 12,
                _ => rest.len() >= len,
            };
            clear && fits
        }
        [first, v1, v2, v3, v4, dcid, ..] => {
            let version = u32::from_be_bytes([*v1, *v2, *v3, *v4]);
            first & 0xc0 == 0xc0
                && matches!(version, 1 | 0x6b33_43cf | 0xff00_001d..=0xff00_0022)
                && *dcid <= 20
                && bytes.len() > 40
        }
        _ => false,
    }
}

/// How many of the bytes are TLS records, from the first one on; 0 where there is none.
fn records(bytes: &[u8]) -> usize {
    let mut at = 0;
    let mut sure = false;
    while let Some((kind, len)) = bytes.get(at..).and_then(header) {
        let body = bytes.get(at + 5..).unwrap_or_default();
        let whole = body.len() >= len;
        let body = body.get(..len).unwrap_or(body);
        sure |= match (kind, body) {
            (20, [1]) => at > 0,
            (21, [1 | 2, _]) if len == 2 => true,
            (21 | 23, _) => whole && len >= 16,
            // The message's length says whether it is one; an encrypted one is at least a MAC.
            (22, [0 | 14, 0, 0, 0]) => whole,
            (22, [1 | 2 | 4 | 8 | 11 | 12 | 13 | 15 | 16 | 20 | 22 | 24 | 25, 0..=2, _, _, ..]) => true,
            (22, _) => whole && len >= 16,
            _ => false,
        };
        at = (at + 5 + len).min(bytes.len());
    }
    if sure { at } else { 0 }
}

/// The length of an SSLv2-compatible ClientHello (RFC 5246 appendix E.2).
fn sslv2(bytes: &[u8]) -> Option<usize> {
    let &[high, low, 1, major, minor, c1, c2, s1, s2, h1, h2, ..] = bytes else { return None };
    let number = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
    let len = number(high & 0x7f, low);
    let (ciphers, session, challenge) = (number(c1, c2), number(s1, s2), number(h1, h2));
    let fits = high & 0x80 != 0
        && matches!((major, minor), (0, 2) | (3, 0..=3))
        && ciphers > 0
        && ciphers % 3 == 0
        && (session == 0 || session == 16)
        && (8..=32).contains(&challenge)
        && len == 9 + ciphers + session + challenge;
    fits.then_some(len + 2)
}

/// A handshake message whose lengths inside agree with the one in its header.
fn is_message(bytes: &[u8]) -> bool {
    let &[kind, 0, high, low, ref body @ ..] = bytes else { return false };
    let len = usize::from(u16::from_be_bytes([high, low]));
    let number = |at: usize| {
        let pair = body.get(at..).and_then(<[u8]>::first_chunk::<2>)?;
        Some(usize::from(u16::from_be_bytes(*pair)))
    };
    match kind {
        1 | 2 => {
            let version = matches!(body, [3, 0..=4, ..] | [1, 1, ..] | [0x7f, 0x0e..=0x1c, ..]);
            let session = usize::from(body.get(34).copied().unwrap_or(0));
            let ciphers = if kind == 1 { number(35 + session).unwrap_or(2) } else { 2 };
            version
                && len >= 38
                && session <= 32
                && ciphers >= 2
                && ciphers % 2 == 0
                && 37 + session + ciphers <= len + 2
                && (body.len() >= 35)
        }
        11 => matches!(body, [0, a, b, 0, c, d, 0x30, 0x82, ..]
            if usize::from(u16::from_be_bytes([*a, *b])) + 3 == len
                && u16::from_be_bytes([*c, *d]) < u16::from_be_bytes([*a, *b])),
        _ => false,
    }
}

/// An X.509 certificate: a SEQUENCE of a SEQUENCE that begins with a version or a serial number.
fn is_certificate(bytes: &[u8]) -> bool {
    let [0x30, 0x82, high, low, 0x30, 0x82, h2, l2, rest @ ..] = bytes else { return false };
    let outer = usize::from(u16::from_be_bytes([*high, *low]));
    let inner = usize::from(u16::from_be_bytes([*h2, *l2]));
    inner + 4 < outer && matches!(rest, [0xa0, 3, 2, 1, _, 2, ..] | [2, 1..=20, ..])
}

/// How a server or a client begins that speaks in lines of text.
fn is_text(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let readable = line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r'));
    line.len() >= 4 && readable && speaker(bytes).is_some()
}

/// Who says such a line.
fn speaker(bytes: &[u8]) -> Option<Side> {
    const SERVER: [&[u8]; 12] = [
        b"HTTP/1.", b"220 ", b"220-", b"+OK", b"-ERR", b"* OK", b"* BYE", b"SSH-", b"554 ", b"421 ", b"250-",
        b"250 ",
    ];
    const CLIENT: [&[u8]; 11] = [
        b"GET ",
        b"POST ",
        b"HEAD ",
        b"CONNECT ",
        b"EHLO ",
        b"HELO ",
        b"LHLO ",
        b"STARTTLS",
        b"AUTH TLS",
        b"STLS",
        b"OPTIONS ",
    ];
    if SERVER.iter().any(|start| bytes.starts_with(start)) {
        return Some(Side::Server);
    }
    CLIENT.iter().any(|start| bytes.starts_with(start)).then_some(Side::Client)
}

/// Who sends a record, by the message in it.
fn sender(kind: u8, body: &[u8]) -> Option<Side> {
    match (kind, body) {
        (22, [1 | 16, 0, ..]) => Some(Side::Client),
        (22, [2 | 8 | 12 | 13 | 22, 0, ..] | [0 | 14, 0, 0, 0, ..]) => Some(Side::Server),
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
        digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
    }

    #[test]
    fn says_what_bytes_are_and_no_more() {
        let what = |hex| bare(&bytes(hex));
        assert_eq!(what("15030300020228"), Some(Bare::Records));
        assert_eq!(what("16030100c8010000c40303aabbcc"), Some(Bare::Records));
        assert_eq!(
            what(
                "802e010301001500000010000004000005000009000003000006000064000062a1b2c3d4e5f60718293a4b5c6d7e8f90"
            ),
            Some(Bare::Sslv2)
        );
        assert_eq!(what("3230203a206d61696c"), None);
        assert_eq!(what("323230206d61696c0d0a"), Some(Bare::Text));
        assert_eq!(what("d41d8cd98f00b204e9800998ecf8427e"), None);
        assert_eq!(what("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), None);
        assert_eq!(what("550e8400e29b41d4a716446655440000"), None);
    }
}
