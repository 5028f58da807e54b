//! TLS over a byte stream: records, messages over records, one event for each.
//!
//! In:  the bytes of both directions in order, from the first byte of TLS on.
//! Out: events: hellos, certificates, alerts, and what cannot be read because it is encrypted.
//! Not here: how the bytes were put in order (`stream`), and what came before TLS (`dialogue`).

use super::decrypt::Opener;
use super::flow::{Event, Place, Side, Time, Transport, What};
use super::handshake::Handshake;
use super::keylog::{Keys, Label};
use super::plain;
use super::record::{self, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HEARTBEAT, Header};
use crate::tls::{Alert, CipherSuite, Version};

/// No message of a handshake that anyone sends is longer; what claims to be is not read.
const LONGEST_MESSAGE: usize = 1 << 20;
/// Of application data, so many changes of direction become events; the rest is counted as read.
const TURNS: u32 = 64;
/// Of what is no TLS, so many beginnings become events.
const STRAYS: u32 = 8;

/// Where and when bytes were seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct At {
    pub(crate) place: Place,
    pub(crate) time: Option<Time>,
}

impl At {
    /// Something that happened here.
    pub(crate) fn event(self, from: Side, what: What) -> Event {
        Event { place: self.place, time: self.time, from, what }
    }

    /// The place of a part of the bytes that were seen here. Where the bytes do not stand in the input
    /// as they are, it is the place of all of them.
    fn part(mut self, all: usize, start: usize, end: usize) -> Self {
        if self.place.end - self.place.start.min(self.place.end) == all {
            self.place.end = self.place.start + end;
            self.place.start += start;
        }
        self
    }
}

/// Both directions of one TLS connection.
#[derive(Debug, Default)]
pub(crate) struct Session {
    keys: Keys,
    handshake: Handshake,
    client: Way,
    server: Way,
    /// Who sent application data last, and how often that changed.
    speaker: Option<Side>,
    turns: u32,
    established: bool,
}

/// JSSE puts so many zeros behind the messages of TLS 1.3.
const PADDING: usize = 16;

/// The suite of TLS 1.3 whose Finished has 48 bytes; that of the others has 32.
const SHA384: CipherSuite = CipherSuite(0x1302);

/// One direction.
#[derive(Debug, Default)]
struct Way {
    reading: Reading,
    /// The beginning of a record that is not whole yet.
    record: Vec<u8>,
    /// Bytes to come of a record that nobody wants to see.
    skip: usize,
    /// The beginning of a message that is not whole yet.
    message: Vec<u8>,
    /// What comes is encrypted: ChangeCipherSpec was seen, in TLS 1.2 and older.
    encrypted: bool,
    /// Encrypted records since then.
    sealed: u32,
    /// The length of the last of them.
    last: usize,
    /// Its Finished was longer than one is, by what JSSE pads with; and it said nothing since.
    padded: bool,
    /// How often something stood there that is no record.
    strays: u32,
    opener: Option<Opener>,
}

/// How the next bytes are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reading {
    /// Nothing was seen yet.
    #[default]
    Start,
    Records,
    /// Bytes are missing: the next record has to be found.
    Lost,
    /// What is spoken here is not TLS.
    Plain,
    /// SSL 2.0, whose records are of another form.
    Ssl2,
}

impl Session {
    /// A connection whose secrets, if they are known, stand in this key log.
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys, handshake: Handshake::new(Transport::Tcp), ..Self::default() }
    }

    /// The handshake came to its end: Finished by both, or application data.
    pub(crate) fn established(&self) -> bool {
        self.established || self.handshake.finished()
    }

    /// The next bytes of one direction, in order and without gaps.
    pub(crate) fn push(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        let mut start = 0;
        while let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) {
            start += self.step(from, rest, bytes.len(), start, at, events).max(1);
        }
    }

    /// Bytes of one direction that the capture does not have. The caller has told it with
    /// `What::Missing` already.
    pub(crate) fn gap(&mut self, from: Side, missing: u32, at: At, events: &mut Vec<Event>) {
        // What came of a hello stands before what is missing of it.
        let missed = events.pop_if(|event| matches!(event.what, What::Missing { .. }));
        self.beginning(from, at, events);
        events.extend(missed);
        let way = self.way(from);
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        if let Some(left) = way.skip.checked_sub(missing) {
            way.skip = left;
            return;
        }
        way.skip = 0;
        way.message.clear();
        if let Some(header) = record::header(&way.record)
            && let Some(left) = (record::HEADER + header.length).checked_sub(way.record.len() + missing)
        {
            // The end of the record is known all the same.
            way.skip = left;
            way.record.clear();
            if let Some(opener) = way.opener.as_mut() {
                opener.skipped();
            }
            return;
        }
        way.record.clear();
        way.opener = None;
        if way.reading != Reading::Plain {
            way.reading = Reading::Lost;
        }
    }

    /// There is no more of either direction: what is there of a message that was cut off.
    pub(crate) fn finish(&mut self, at: At, events: &mut Vec<Event>) {
        for from in [Side::Client, Side::Server] {
            self.beginning(from, at, events);
            let way = self.way(from);
            way.record.clear();
            way.message.clear();
        }
    }

    /// Tells what there is of a hello of which no more comes.
    fn beginning(&mut self, from: Side, at: At, events: &mut Vec<Event>) {
        let way = self.way(from);
        let mut message = way.message.clone();
        let mut version = None;
        if let Some(header) = record::header(&way.record)
            && header.kind == HANDSHAKE
            && !way.encrypted
        {
            version = Some(header.version);
            message.extend(way.record.iter().skip(record::HEADER));
        }
        // Of other messages, half tells nothing.
        if let [kind @ (1 | 2), high, middle, low, body @ ..] = message.as_slice()
            && body.len() >= 34
        {
            self.handshake.message(from, *kind, body, version, at, events);
            if let Some(Event { what: What::ClientHello(hello), .. }) = events.last_mut() {
                let size = u32::from_be_bytes([0, *high, *middle, *low]);
                hello.cut_off_of(usize::try_from(size).map_or(0, |size| size + 4));
            }
        }
    }

    /// Bare messages of the handshake, without a record around them.
    pub(crate) fn messages(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        self.way(from).reading = Reading::Records;
        self.handshake_bytes(from, bytes, None, at, events);
    }

    fn way(&mut self, side: Side) -> &mut Way {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Takes what it can from the front of `rest`, which begins at `start` of `all` bytes; says how much.
    fn step(
        &mut self,
        from: Side,
        rest: &[u8],
        all: usize,
        start: usize,
        at: At,
        events: &mut Vec<Event>,
    ) -> usize {
        let way = self.way(from);
        if way.skip > 0 {
            let skipped = way.skip.min(rest.len());
            way.skip -= skipped;
            return skipped;
        }
        match way.reading {
            Reading::Plain if record::looks_like_one(rest) => way.reading = Reading::Records,
            Reading::Plain => return rest.len(),
            Reading::Lost => match record::find(rest) {
                Some(0) => way.reading = Reading::Records,
                Some(found) => return found,
                None => return rest.len(),
            },
            Reading::Ssl2 => return self.ssl2(from, rest, at.part(all, start, all), events),
            Reading::Start | Reading::Records => {}
        }
        if !way.record.is_empty() {
            return self.fill(from, rest, all, start, at, events);
        }
        let Some(header) = record::header(rest) else {
            if rest.len() < record::HEADER && record::may_begin(rest) {
                way.record.extend_from_slice(rest);
                return rest.len();
            }
            return self.no_record(from, rest, at.part(all, start, all), events);
        };
        way.reading = Reading::Records;
        if self.not_read(from, header) {
            let here = at.part(all, start, (start + record::HEADER + header.length).min(all));
            self.sealed(from, header, here, events);
            self.way(from).skip = header.length;
            return record::HEADER.min(rest.len());
        }
        let end = record::HEADER + header.length;
        match rest.get(..end) {
            Some(whole) => self.record(from, header, whole, at.part(all, start, start + end), events),
            None => self.way(from).record.extend_from_slice(rest),
        }
        end.min(rest.len())
    }

    /// Completes a record whose beginning came earlier.
    fn fill(
        &mut self,
        from: Side,
        rest: &[u8],
        all: usize,
        start: usize,
        at: At,
        events: &mut Vec<Event>,
    ) -> usize {
        let way = self.way(from);
        let had = way.record.len();
        let wanted = match record::header(&way.record) {
            Some(header) => record::HEADER + header.length,
            None => record::HEADER,
        };
        let taken = rest.get(..wanted.saturating_sub(had)).unwrap_or(rest);
        way.record.extend_from_slice(taken);
        let used = taken.len();
        if had < record::HEADER && way.record.len() >= record::HEADER {
            let Some(header) = record::header(&way.record) else {
                let bytes = std::mem::take(&mut way.record);
                self.no_record(from, &bytes, at.part(all, start, start + used), events);
                return used;
            };
            way.reading = Reading::Records;
            if self.not_read(from, header) {
                self.sealed(from, header, at.part(all, start, start + used), events);
                let way = self.way(from);
                way.record.clear();
                way.skip = header.length;
                return used;
            }
        }
        let way = self.way(from);
        if let Some(header) = record::header(&way.record)
            && way.record.len() >= record::HEADER + header.length
        {
            let mut whole = std::mem::take(&mut way.record);
            self.record(from, header, &whole, at.part(all, start, start + used), events);
            // The room is used again for the next one.
            whole.clear();
            self.way(from).record = whole;
        }
        used
    }

    /// Whether a record's content says nothing to us, so that its length is enough.
    fn not_read(&mut self, from: Side, header: Header) -> bool {
        let way = self.way(from);
        if way.opener.is_some() {
            return false;
        }
        match header.kind {
            APPLICATION_DATA | HEARTBEAT => true,
            CHANGE_CIPHER_SPEC => false,
            _ => way.encrypted,
        }
    }

    /// A record that cannot be read.
    fn sealed(&mut self, from: Side, header: Header, at: At, events: &mut Vec<Event>) {
        let new = self.handshake.is_13();
        let way = self.way(from);
        way.sealed = way.sealed.saturating_add(1);
        way.last = header.length;
        let first = way.sealed == 1;
        let padded = std::mem::take(&mut way.padded);
        if first && from == Side::Client {
            let finished = if self.handshake.cipher == Some(SHA384) { 69 } else { 53 };
            self.server.padded = self.server.last == finished + PADDING;
        }
        match header.kind {
            HANDSHAKE => {
                events.push(at.event(from, What::EncryptedHandshake));
                self.both_sealed();
            }
            record::ALERT => events.push(at.event(from, What::EncryptedAlert)),
            // Two bytes of an alert, the type, and the tag: what a client sends instead of its Finished, and a
            // server instead of tickets. JSSE pads by 16, which its server's Finished has shown.
            APPLICATION_DATA
                if new
                    && (header.length == 19 && (first || self.established)
                        || header.length == 19 + PADDING && (padded || first && from == Side::Client)) =>
            {
                self.turn(None, What::EncryptedAlert, from, at, events);
            }
            APPLICATION_DATA => {
                if new && first && from == Side::Client {
                    self.sealed_certificate(header.length, at, events);
                }
                if new {
                    // A Finished takes 53 bytes at least; early data come before the ServerHello.
                    self.established |= from == Side::Client && header.length >= 53;
                } else if self.handshake.version.is_some() || self.handshake.client_random.is_none() {
                    self.established |= header.length > 0;
                }
                self.application_data(from, at, events);
            }
            _ => {}
        }
    }

    /// The client's first record tells by its length whether a certificate was asked for. An empty Certificate
    /// has 8 bytes, a Finished 36 or 52; 17 more are the type and the tag. JSSE pads by 16.
    fn sealed_certificate(&mut self, length: usize, at: At, events: &mut Vec<Event>) {
        let sent = match length {
            25 | 41 | 61 | 77 => false,
            // Less than any certificate, more than a padded Finished.
            120.. => true,
            _ => return,
        };
        events.push(at.event(Side::Client, What::SealedCertificate { sent }));
    }

    fn both_sealed(&mut self) {
        self.established |= self.client.sealed > 0
            && self.server.sealed > 0
            && self.client.encrypted
            && self.server.encrypted;
    }

    fn application_data(&mut self, from: Side, at: At, events: &mut Vec<Event>) {
        if self.speaker != Some(from) {
            self.turn(Some(from), What::ApplicationData, from, at, events);
        }
    }

    fn turn(&mut self, speaker: Option<Side>, what: What, from: Side, at: At, events: &mut Vec<Event>) {
        if self.turns < TURNS {
            self.turns += 1;
            self.speaker = speaker;
            events.push(at.event(from, what));
        }
    }

    /// A whole record, its header included.
    fn record(&mut self, from: Side, header: Header, whole: &[u8], at: At, events: &mut Vec<Event>) {
        let content = whole.get(record::HEADER..).unwrap_or_default();
        if header.kind != CHANGE_CIPHER_SPEC
            && let Some(opener) = self.way(from).opener.as_mut()
            && (!opener.is_13() || header.kind == APPLICATION_DATA)
        {
            match opener.open(header, content) {
                Some((kind, opened)) => self.opened(from, Header { kind, ..header }, &opened, at, events),
                None => self.sealed(from, header, at, events),
            }
            return;
        }
        match header.kind {
            HANDSHAKE if !self.way(from).encrypted => {
                self.handshake_bytes(from, content, Some(header.version), at, events);
            }
            CHANGE_CIPHER_SPEC => {
                events.push(at.event(from, What::ChangeCipherSpec));
                self.change_cipher(from);
            }
            record::ALERT if !self.way(from).encrypted || content.len() == 2 => {
                self.alerts(from, content, at, events);
            }
            _ => self.sealed(from, header, at, events),
        }
    }

    fn alerts(&mut self, from: Side, content: &[u8], at: At, events: &mut Vec<Event>) {
        let pairs = content.as_chunks::<2>();
        if !pairs.1.is_empty() || pairs.0.iter().any(|[level, _]| !(1..=2).contains(level)) {
            events.push(at.event(from, What::EncryptedAlert));
            return;
        }
        for [level, code] in pairs.0 {
            events.push(at.event(from, What::Alert { level: *level, alert: Alert(*code) }));
        }
    }

    /// What stood in an encrypted record.
    fn opened(&mut self, from: Side, header: Header, content: &[u8], at: At, events: &mut Vec<Event>) {
        self.way(from).sealed += 1;
        match header.kind {
            HANDSHAKE => self.handshake_bytes(from, content, Some(header.version), at, events),
            record::ALERT => self.alerts(from, content, at, events),
            APPLICATION_DATA => {
                self.established |= !self.handshake.is_13() || self.handshake.finished();
                self.application_data(from, at, events);
            }
            _ => {}
        }
    }

    /// Messages, perhaps beginning or ending in another record.
    fn handshake_bytes(
        &mut self,
        from: Side,
        content: &[u8],
        record: Option<Version>,
        at: At,
        events: &mut Vec<Event>,
    ) {
        let way = self.way(from);
        let mut held = std::mem::take(&mut way.message);
        let mut rest = content;
        if !held.is_empty() {
            held.extend_from_slice(content);
            // A message over many records is looked at again only when it may be whole.
            if record::message(&held)
                .is_none_or(|(_, length)| length <= LONGEST_MESSAGE && held.len() < 4 + length)
            {
                way.message = held;
                return;
            }
            rest = &held;
        }
        while let Some((kind, length)) = record::message(rest) {
            if length > LONGEST_MESSAGE || !self.plausible(from, kind) {
                events.push(at.event(from, What::EncryptedHandshake));
                let way = self.way(from);
                way.sealed += 1;
                rest = &[];
                break;
            }
            let Some((message, after)) = rest.split_at_checked(4 + length) else { break };
            rest = after;
            let body = message.get(4..).unwrap_or_default();
            self.handshake.message(from, kind, body, record, at, events);
            self.after_message(from, kind, body);
        }
        self.way(from).message = rest.to_vec();
    }

    /// Whether a message of that number may come in the clear here.
    fn plausible(&self, from: Side, kind: u8) -> bool {
        let way = if from == Side::Client { &self.client } else { &self.server };
        let opened = way.opener.is_some();
        match kind {
            0 | 1..=6 | 8 | 11..=16 | 21..=23 => true,
            20 => opened || !way.encrypted,
            24 | 25 | 67 => opened,
            _ => false,
        }
    }

    fn after_message(&mut self, from: Side, kind: u8, body: &[u8]) {
        if kind == 6 || (kind == 2 && (self.handshake.is_13() || self.handshake.retry)) {
            // A ChangeCipherSpec before that was for the eyes of middleboxes only.
            self.client.encrypted = false;
            self.server.encrypted = false;
        }
        match kind {
            2 if self.handshake.is_13() => {
                for (side, label) in
                    [(Side::Client, Label::ClientHandshake), (Side::Server, Label::ServerHandshake)]
                {
                    let opener = self.opener_13(label);
                    let way = self.way(side);
                    way.opener = opener;
                    // Early data came before, and are no sign that the handshake went well.
                    way.sealed = 0;
                }
            }
            20 if self.handshake.is_13() => {
                let label = match from {
                    Side::Client => Label::ClientTraffic,
                    Side::Server => Label::ServerTraffic,
                };
                let opener = self.opener_13(label);
                self.way(from).opener = opener;
            }
            24 if self.handshake.is_13() && body.len() == 1 => {
                if let Some(opener) = self.way(from).opener.as_mut() {
                    opener.update();
                }
            }
            _ => {}
        }
    }

    fn opener_13(&self, label: Label) -> Option<Opener> {
        let secret = self.keys.secret(self.handshake.client_random.as_ref()?, label)?;
        Opener::tls13(self.handshake.cipher?, &secret)
    }

    /// From here on, TLS 1.2 and older encrypt. In TLS 1.3 the message means nothing.
    fn change_cipher(&mut self, from: Side) {
        if self.handshake.is_13() || (self.handshake.version.is_none() && self.handshake.retry) {
            return;
        }
        let opener = (|| {
            let random = self.handshake.client_random.as_ref()?;
            let secret = self.keys.secret(random, Label::MasterSecret)?;
            Opener::tls12(&self.handshake, &secret, from)
        })();
        let way = self.way(from);
        way.encrypted = true;
        way.sealed = 0;
        way.message.clear();
        way.opener = opener;
    }

    /// Bytes that are no record where one should be.
    fn no_record(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) -> usize {
        let way = self.way(from);
        let first = way.reading == Reading::Start;
        if first && record::ssl2_hello(bytes) {
            way.reading = Reading::Ssl2;
            return self.ssl2(from, bytes, at, events);
        }
        if first && record::ssl2_server_hello(bytes) {
            way.reading = Reading::Ssl2;
            self.client.reading = Reading::Ssl2;
            return self.ssl2(from, bytes, at, events);
        }
        let (protocol, text) = plain::what(bytes);
        if text.is_empty()
            && let Some(next) = record::find(bytes)
        {
            // The capture begins in the middle of a record.
            way.reading = Reading::Lost;
            return next;
        }
        way.strays += 1;
        if way.strays > STRAYS {
            // Enough was said of it.
        } else if text.is_empty() {
            let bytes = bytes.iter().take(32).copied().collect();
            events.push(at.event(from, What::NotTls { bytes }));
        } else {
            events.push(at.event(from, What::Plain { protocol, text }));
        }
        let way = self.way(from);
        way.message.clear();
        if first || protocol.is_some() {
            way.reading = Reading::Plain;
            return bytes.len();
        }
        way.reading = Reading::Lost;
        1
    }

    /// One record of SSL 2.0: a length of two or three bytes, and after the hellos nothing to be read.
    fn ssl2(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) -> usize {
        let way = self.way(from);
        let had = way.record.len();
        let wanted = match record::ssl2_header(&way.record).filter(|_| had >= 3) {
            Some((start, length)) => start + length,
            None => 3,
        };
        let taken = bytes.get(..wanted.saturating_sub(had)).unwrap_or(bytes);
        way.record.extend_from_slice(taken);
        let used = taken.len();
        let Some((start, length)) = record::ssl2_header(&way.record) else { return used };
        if way.record.len() < (start + length).max(3) {
            return used;
        }
        let whole = std::mem::take(&mut way.record);
        let message = whole.get(start..).unwrap_or_default();
        self.ssl2_message(from, message, at, events);
        used
    }

    fn ssl2_message(&mut self, from: Side, message: &[u8], at: At, events: &mut Vec<Event>) {
        let way = self.way(from);
        match message.first() {
            _ if way.encrypted => {
                way.sealed = way.sealed.saturating_add(1);
                if way.sealed <= 2 {
                    events.push(at.event(from, What::EncryptedHandshake));
                }
                self.established |= self.client.sealed > 1 && self.server.sealed > 1;
            }
            Some(1) if from == Side::Client => {
                // The server may answer in SSL 3.0 or newer, and the client goes on in that.
                way.reading = Reading::Records;
                self.handshake.ssl2_hello(message, from, at, events);
            }
            Some(2) if from == Side::Client => {
                way.encrypted = true;
                events.push(at.event(from, What::ClientKeyExchange));
            }
            Some(4) if from == Side::Server => {
                way.encrypted = true;
                events.extend(record::ssl2_answer(message).into_iter().map(|what| at.event(from, what)));
                self.handshake.version = Some(Version::SSL2);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[(Side, &[u8])]) -> Vec<Event> {
        let (mut session, mut events) = (Session::new(Keys::default()), Vec::new());
        for (side, bytes) in pieces {
            session.push(*side, bytes, At::default(), &mut events);
        }
        session.finish(At::default(), &mut events);
        events
    }

    /// A ClientHello of SSL 2.0's form that offers TLS 1.0, as Java 6 sends it, and the answer to it.
    #[test]
    fn reads_a_hello_in_the_form_of_ssl_2() {
        let mut hello = vec![0x80, 0x25, 1, 3, 1, 0, 12, 0, 0, 0, 16];
        hello.extend([0, 0, 0x2f, 0, 0, 0x35, 1, 0, 0x80, 0, 0, 0xff]);
        hello.extend([7; 16]);
        let answer = [21, 3, 1, 0, 2, 2, 40];
        let events = read(&[(Side::Client, &hello), (Side::Server, &answer)]);
        let What::ClientHello(hello) = &events[0].what else { panic!("{events:?}") };
        assert!(hello.sslv2 && hello.complete && hello.record_version.is_none());
        assert_eq!(hello.legacy_version, Some(Version::TLS10));
        assert_eq!(hello.ciphers.iter().map(|suite| suite.0).collect::<Vec<_>>(), [0x2f, 0x35, 0xff]);
        assert!(matches!(events[1].what, What::Alert { level: 2, alert: Alert(40) }));
    }

    #[test]
    fn reads_ssl_2_itself() {
        let mut hello = vec![0x80, 0x1c, 1, 0, 2, 0, 3, 0, 0, 0, 16, 1, 0, 0x80];
        hello.extend([7; 16]);
        let mut answer = vec![0x80, 0x1d, 4, 0, 1, 0, 2, 0, 3, 0, 3, 0, 12, 0x30, 1, 0, 1, 0, 0x80];
        answer.extend([9; 12]);
        let events = read(&[(Side::Client, &hello), (Side::Server, &answer)]);
        assert!(
            matches!(&events[0].what, What::ClientHello(hello) if hello.legacy_version == Some(Version::SSL2))
        );
        assert!(matches!(&events[1].what, What::ServerHello(hello) if hello.version == Some(Version::SSL2)));
        assert!(matches!(&events[2].what, What::Certificate(chain) if chain[0] == [0x30, 1, 0]));
    }

    fn client_hello(version: u16, extensions: &[u8]) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend([5; 32]);
        body.extend([0, 0, 4, 0x13, 1, 0xe0, 0x13, 1, 0]);
        if !extensions.is_empty() {
            body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
            body.extend(extensions);
        }
        let mut message = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
        message.extend(body);
        message
    }

    fn record(kind: u8, version: u16, content: &[u8]) -> Vec<u8> {
        let [major, minor] = version.to_be_bytes();
        let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[kind, major, minor, high, low], content].concat()
    }

    #[test]
    fn reads_tlcp() {
        let events = read(&[(Side::Client, &record(22, 0x0101, &client_hello(0x0101, &[])))]);
        let What::ClientHello(hello) = &events[0].what else { panic!("{events:?}") };
        assert_eq!(hello.max_version(), Some(Version::TLCP));
        assert_eq!(hello.ciphers[1].name(), Some("ECC_SM4_CBC_SM3"));
    }

    /// Each byte in a record of its own, each record in pieces of a byte.
    #[test]
    fn puts_messages_over_records_over_pieces_together() {
        let extensions = [0, 0, 0, 10, 0, 8, 0, 0, 5, b'a', b'.', b'b', b'.', b'c'];
        let message = client_hello(0x0303, &extensions);
        let stream: Vec<u8> = message.iter().flat_map(|byte| record(22, 0x0301, &[*byte])).collect();
        let pieces: Vec<(Side, &[u8])> = stream.chunks(1).map(|piece| (Side::Client, piece)).collect();
        let events = read(&pieces);
        assert_eq!(events.len(), 1);
        let What::ClientHello(hello) = &events[0].what else { panic!("{events:?}") };
        assert_eq!(hello.sni.as_deref(), Some("a.b.c"));
        assert_eq!(hello.size, message.len());
    }

    #[test]
    fn tells_what_there_is_of_a_hello_that_is_cut_off() {
        let whole = record(22, 0x0301, &client_hello(0x0303, &[0, 23, 0, 0]));
        let events = read(&[(Side::Client, &whole[..whole.len() - 2])]);
        let What::ClientHello(hello) = &events[0].what else { panic!("{events:?}") };
        assert!(!hello.complete && hello.cut_off && hello.ja3.is_none());
        assert_eq!(hello.ciphers.len(), 2);
    }

    #[test]
    fn says_no_version_that_the_end_of_a_hello_may_contradict() {
        let extension: &[u8] = &[0, 23, 0, 0, 0, 43, 0, 3, 2, 3, 4];
        let whole = record(22, 0x0301, &client_hello(0x0303, extension));
        for end in 12..whole.len() {
            let events = read(&[(Side::Client, &whole[..end])]);
            let Some(Event { what: What::ClientHello(hello), .. }) = events.first() else { continue };
            assert_ne!(hello.max_version(), Some(Version::TLS12), "cut at {end}");
        }
        let old = record(22, 0x0301, &client_hello(0x0301, &[0, 23, 0, 0]));
        let events = read(&[(Side::Client, &old[..old.len() - 2])]);
        let What::ClientHello(hello) = &events[0].what else { panic!("{events:?}") };
        assert_eq!(hello.max_version(), Some(Version::TLS10));
    }

    #[test]
    fn finds_its_way_after_a_gap() {
        let (mut session, mut events) = (Session::new(Keys::default()), Vec::new());
        let at = At::default();
        // Inside a record whose length is known, the next one is found by that.
        session.push(Side::Server, &record(23, 0x0303, &[1; 40])[..20], at, &mut events);
        session.gap(Side::Server, 25, at, &mut events);
        session.push(Side::Server, &record(21, 0x0303, &[1, 0]), at, &mut events);
        assert!(matches!(events.last().unwrap().what, What::Alert { level: 1, alert: Alert(0) }));
        // Else by its form.
        session.gap(Side::Server, 100, at, &mut events);
        let rest = [vec![22, 3, 0, 9, 9], record(21, 0x0303, &[2, 80])].concat();
        session.push(Side::Server, &rest, at, &mut events);
        assert!(matches!(events.last().unwrap().what, What::Alert { level: 2, alert: Alert(80) }));
    }

    #[test]
    fn tells_what_stood_before_a_gap() {
        let (mut session, mut events) = (Session::new(Keys::default()), Vec::new());
        let whole = record(22, 0x0301, &client_hello(0x0303, &[0, 23, 0, 0]));
        session.push(Side::Client, &whole[..50], At::default(), &mut events);
        let missing = u32::try_from(whole.len() - 50).unwrap();
        events.push(At::default().event(Side::Client, What::Missing { bytes: missing }));
        session.gap(Side::Client, missing, At::default(), &mut events);
        session.push(Side::Client, &record(21, 0x0303, &[2, 80]), At::default(), &mut events);
        let [hello, gap, alert] = &events[..] else { panic!("{events:?}") };
        assert!(matches!(&hello.what, What::ClientHello(hello) if hello.cut_off && hello.size == 53));
        assert!(matches!(gap.what, What::Missing { .. }) && matches!(alert.what, What::Alert { .. }));
    }

    #[test]
    fn a_bare_message_needs_no_record() {
        let (mut session, mut events) = (Session::new(Keys::default()), Vec::new());
        session.messages(Side::Client, &client_hello(0x0303, &[]), At::default(), &mut events);
        assert!(matches!(&events[0].what, What::ClientHello(hello) if hello.record_version.is_none()));
    }

    #[test]
    fn reads_an_alert_and_a_plain_answer() {
        let events = read(&[(Side::Server, &[21, 3, 1, 0, 2, 2, 70])]);
        assert!(matches!(events[0].what, What::Alert { level: 2, alert: Alert::PROTOCOL_VERSION }));
        let events = read(&[(Side::Server, b"HTTP/1.1 400 Bad Request\r\n\r\n")]);
        assert!(matches!(&events[0].what, What::Plain { protocol: Some("http"), .. }));
        let events = read(&[(Side::Server, &[0x81, 0x9a, 0xff, 0xfe, 0xfd, 0, 0, 0, 0])]);
        assert!(matches!(&events[0].what, What::NotTls { .. }));
    }
}
