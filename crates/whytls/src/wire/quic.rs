//! The handshake inside QUIC: Initial packets are opened with keys that everyone can compute.
//!
//! In:  datagrams of both directions.
//! Out: one event for each message of TLS, alerts out of CONNECTION_CLOSE, and what is encrypted.
//! Not here: streams and everything that comes after the handshake.

use sha2::Sha256;

use super::bytes::Reader;
use super::decrypt::{Aead, Hash, Kind, aes_block, chacha_mask, expand, nonce};
use super::flow::{Event, Side, Transport, What};
use super::handshake::Handshake;
use super::keylog::{Keys, Label};
use super::pieces::Pieces;
use super::session::At;
use crate::tls::Alert;

/// What a version of QUIC computes its first keys with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dialect {
    salt: [u8; 20],
    /// Before `key`, `iv` and `hp` in the labels.
    prefix: &'static str,
    /// The number of Initial packets; the other kinds follow it, counted round.
    initial: u8,
}

const V1: Dialect = Dialect {
    salt: *b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a",
    prefix: "quic ",
    initial: 0,
};
const V2: Dialect = Dialect {
    salt: *b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9",
    prefix: "quicv2 ",
    initial: 1,
};
const DRAFT_29: Dialect = Dialect {
    salt: *b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99",
    ..V1
};
const DRAFT_23: Dialect = Dialect {
    salt: *b"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02",
    ..V1
};

const DRAFT_21: Dialect = Dialect {
    salt: *b"\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a",
    ..V1
};
/// Google's own versions with TLS, before the drafts were enough.
const T050: Dialect = Dialect {
    salt: *b"\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10",
    ..V1
};
const T051: Dialect = Dialect {
    salt: *b"\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d",
    ..V1
};
/// The ways in which a client may seal a packet whose version is only to be refused.
const OF_NO_VERSION: [Dialect; 3] = [V1, DRAFT_29, DRAFT_23];

impl Dialect {
    fn of(version: u32) -> Option<Self> {
        Some(match version {
            1 => V1,
            0x6b33_43cf => V2,
            0xff00_001d..=0xff00_0020 => DRAFT_29,
            // Of mvfst, Facebook's, as well.
            0xff00_0017..=0xff00_001c | 0xface_b002 | 0xface_b00e => DRAFT_23,
            0xff00_0015..=0xff00_0016 | 0xface_b001 => DRAFT_21,
            0x5430_3530 => T050,
            0x5430_3531 => T051,
            _ => return None,
        })
    }
}

/// Kinds of packets with a long header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Long {
    Initial,
    Early,
    Handshake,
    Retry,
}

/// The header that does not change between versions, and what follows it.
struct Packet<'a> {
    first: u8,
    version: u32,
    destination: &'a [u8],
    rest: Reader<'a>,
}

fn long_header(bytes: &[u8]) -> Option<Packet<'_>> {
    let mut rest = Reader::new(bytes);
    let first = rest.u8().filter(|first| first & 0x80 != 0)?;
    let version = rest.u32()?;
    let destination = rest.vec8().filter(|id| id.len() <= 20)?;
    rest.vec8().filter(|id| id.len() <= 20)?;
    Some(Packet { first, version, destination, rest })
}

/// A version that no server knows: a client asks with it which ones there are (RFC 9000 §15).
fn is_greased(version: u32) -> bool {
    version & 0x0f0f_0f0f == 0x0a0a_0a0a
}

/// Whether a datagram begins with a packet of a version that we know, or tells versions.
pub(crate) fn looks_like_it(bytes: &[u8]) -> bool {
    long_header(bytes).is_some_and(|packet| {
        let known = Dialect::of(packet.version).is_some() && packet.first & 0x40 != 0;
        let greased = is_greased(packet.version) && bytes.len() >= 1200;
        let versions = packet.rest.rest();
        let tells = packet.version == 0
            && versions.as_chunks::<4>().0.iter().any(|v| Dialect::of(u32::from_be_bytes(*v)).is_some());
        known || greased || tells
    })
}

/// Keys of one direction at one level.
struct Lock {
    aead: Aead,
    iv: [u8; 12],
    kind: Kind,
    mask: Vec<u8>,
    largest: u64,
}

impl Lock {
    fn new(kind: Kind, hash: Hash, secret: &[u8], dialect: Dialect) -> Option<Self> {
        let part =
            |label: &str, length| expand(hash, secret, &format!("tls13 {}", dialect.prefix), label, length);
        Some(Self {
            aead: Aead::new(kind, &part("key", kind.key_length())?)?,
            iv: part("iv", 12)?.try_into().ok()?,
            kind,
            mask: part("hp", kind.key_length())?,
            largest: 0,
        })
    }

    /// Opens a packet: all of it, and where its number begins.
    fn open(&mut self, packet: &[u8], number_at: usize) -> Option<Vec<u8>> {
        let sample: [u8; 16] = packet.get(number_at + 4..number_at + 20)?.try_into().ok()?;
        let mask = match self.kind {
            Kind::ChaCha => chacha_mask(&self.mask, sample)?,
            _ => aes_block(&self.mask, sample)?,
        };
        let mut header = packet.get(..number_at + 4)?.to_vec();
        let first = header.first_mut()?;
        *first ^= mask.first()? & 0x0f;
        let length = usize::from(*first & 3) + 1;
        header.truncate(number_at + length);
        let mut short = 0;
        for (byte, mask) in header.iter_mut().skip(number_at).zip(mask.iter().skip(1)) {
            *byte ^= mask;
            short = short << 8 | u64::from(*byte);
        }
        let number = self.number(short, length);
        let opened = self.aead.open(nonce(self.iv, number), &header, packet.get(number_at + length..)?)?;
        self.largest = self.largest.max(number);
        Some(opened)
    }

    /// The whole number, near the largest one so far (RFC 9000 appendix A.3).
    fn number(&self, short: u64, length: usize) -> u64 {
        let window = 1_u64 << (8 * length);
        let expected = self.largest + 1;
        let near = (expected & !(window - 1)) | short;
        if near + window / 2 <= expected {
            near + window
        } else if near > expected + window / 2 && near >= window {
            near - window
        } else {
            near
        }
    }
}

/// The keys of Initial packets, of the client and of the server.
fn first_locks(dialect: Dialect, name: &[u8]) -> Option<(Lock, Lock)> {
    let (secret, _) = hkdf::Hkdf::<Sha256>::extract(Some(&dialect.salt), name);
    let lock = |label| {
        let secret = expand(Hash::Sha256, &secret, "tls13 ", label, 32)?;
        Lock::new(Kind::Aes128, Hash::Sha256, &secret, dialect)
    };
    Some((lock("client in")?, lock("server in")?))
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}

#[derive(Debug, Default)]
struct Way {
    initial: Option<Lock>,
    handshake: Option<Lock>,
    /// Of Initial packets, of Handshake packets.
    crypto: [Pieces; 2],
    sealed: bool,
    short: bool,
}

/// Both directions of a QUIC connection.
#[derive(Debug)]
pub(crate) struct Quic {
    keys: Keys,
    handshake: Handshake,
    client: Way,
    server: Way,
    dialect: Option<Dialect>,
    /// What the client called the server at first, of which the first keys are made.
    name: Vec<u8>,
    sure: bool,
    established: bool,
    closed: bool,
}

impl Quic {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            keys,
            handshake: Handshake::new(Transport::Quic),
            client: Way::default(),
            server: Way::default(),
            dialect: None,
            name: Vec::new(),
            sure: false,
            established: false,
            closed: false,
        }
    }

    /// The handshake came to its end.
    pub(crate) fn established(&self) -> bool {
        self.established || self.handshake.finished()
    }

    /// A packet could be opened, or versions were told.
    pub(crate) fn is_sure(&self) -> bool {
        self.sure
    }

    /// The next datagram.
    pub(crate) fn push(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.packet(from, rest, at, events) {
                Some(used) if used > 0 => rest = rest.get(used..).unwrap_or_default(),
                _ => break,
            }
        }
    }

    fn way(&mut self, side: Side) -> &mut Way {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Reads the packet at the front, and says how long it is.
    fn packet(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) -> Option<usize> {
        let Some(Packet { first, version, destination, mut rest }) = long_header(bytes) else {
            // A short header: 1-RTT, to the end of the datagram.
            if bytes.first().is_some_and(|first| first & 0xc0 == 0x40) && self.sure {
                self.way(from).short = true;
                // The server may send early; a client does only after its Finished.
                self.established |= self.client.short && self.server.short && !self.closed;
                events.push(at.event(from, What::ApplicationData));
            }
            return None;
        };
        if version == 0 {
            let versions: Vec<String> = rest
                .rest()
                .as_chunks::<4>()
                .0
                .iter()
                .take(16)
                .map(|version| format!("0x{:08x}", u32::from_be_bytes(*version)))
                .collect();
            self.sure = true;
            self.say(from, format!("Version Negotiation: {}", versions.join(", ")), at, events);
            return None;
        }
        let dialects = match Dialect::of(version) {
            Some(dialect) => vec![dialect],
            None if is_greased(version) => OF_NO_VERSION.to_vec(),
            None => return None,
        };
        let dialect = dialects.first()?;
        let kind = match ((first >> 4) & 3).wrapping_sub(dialect.initial) & 3 {
            0 => Long::Initial,
            1 => Long::Early,
            2 => Long::Handshake,
            _ => Long::Retry,
        };
        if kind == Long::Retry {
            // The next Initial goes to the id that stands in it, and its keys with it.
            self.client.initial = None;
            self.say(from, "Retry".to_owned(), at, events);
            return None;
        }
        if kind == Long::Initial {
            let token = usize::try_from(rest.varint()?).ok()?;
            rest.take(token)?;
        }
        let length = usize::try_from(rest.varint()?).ok()?;
        let number_at = bytes.len() - rest.rest().len();
        let whole = bytes.get(..number_at.checked_add(length)?.min(bytes.len()))?;
        let opened = match kind {
            Long::Initial => dialects
                .iter()
                .find_map(|dialect| self.open_initial(from, *dialect, destination, whole, number_at)),
            Long::Handshake => self.way(from).handshake.as_mut().and_then(|lock| lock.open(whole, number_at)),
            _ => None,
        };
        match (kind, opened) {
            (Long::Initial, Some(frames)) => self.frames(from, 0, &frames, at, events),
            (Long::Handshake, Some(frames)) => self.frames(from, 1, &frames, at, events),
            (Long::Handshake, None) => {
                if !std::mem::replace(&mut self.way(from).sealed, true) {
                    events.push(at.event(from, What::EncryptedHandshake));
                }
                None
            }
            _ => None,
        };
        Some(whole.len())
    }

    fn say(&mut self, from: Side, text: String, at: At, events: &mut Vec<Event>) {
        events.push(at.event(from, What::Plain { protocol: Some("quic"), text }));
    }

    fn open_initial(
        &mut self,
        from: Side,
        dialect: Dialect,
        destination: &[u8],
        whole: &[u8],
        number_at: usize,
    ) -> Option<Vec<u8>> {
        if let Some(lock) = self.way(from).initial.as_mut()
            && let Some(opened) = lock.open(whole, number_at)
        {
            return Some(opened);
        }
        // The first packet of a client, or the first one after a Retry, has keys of the name in it. A server
        // may answer in another version: then the keys are that version's, of the same name (RFC 9369 §4.1).
        let own = (from == Side::Client).then(|| destination.to_vec());
        let other = self.dialect.is_some_and(|known| known != dialect).then(|| self.name.clone());
        own.into_iter().chain(other).find_map(|name| {
            let (mut client, mut server) = first_locks(dialect, &name)?;
            let lock = if from == Side::Client { &mut client } else { &mut server };
            let opened = lock.open(whole, number_at)?;
            self.client.initial = Some(client);
            self.server.initial = Some(server);
            self.dialect = Some(dialect);
            self.name = name;
            self.sure = true;
            Some(opened)
        })
    }

    /// The frames that may stand in Initial and Handshake packets (RFC 9000 §17.2).
    fn frames(
        &mut self,
        from: Side,
        level: usize,
        frames: &[u8],
        at: At,
        events: &mut Vec<Event>,
    ) -> Option<()> {
        let mut reader = Reader::new(frames);
        while let Some(kind) = reader.varint() {
            match kind {
                0 | 1 => {}
                2 | 3 => {
                    reader.varint()?;
                    reader.varint()?;
                    let ranges = reader.varint()?;
                    reader.varint()?;
                    for _ in 0..ranges {
                        reader.varint()?;
                        reader.varint()?;
                    }
                    if kind == 3 {
                        (0..3).try_for_each(|_| reader.varint().map(|_| ()))?;
                    }
                }
                // Google's own versions number it as streams were numbered later, which do not stand here.
                6 | 8 => {
                    let offset = reader.varint()?;
                    let length = usize::try_from(reader.varint()?).ok()?;
                    let bytes = reader.take(length)?;
                    self.way(from).crypto.get_mut(level)?.add(usize::try_from(offset).ok()?, bytes);
                    self.messages(from, level, at, events);
                }
                0x1c | 0x1d => {
                    let code = reader.varint()?;
                    if kind == 0x1c {
                        reader.varint()?;
                    }
                    let length = usize::try_from(reader.varint()?).ok()?;
                    let reason = String::from_utf8_lossy(reader.take_most(length)).into_owned();
                    // What the application closes for has other numbers.
                    let code = if kind == 0x1c { code } else { u64::MAX };
                    self.close(from, code, &reason, at, events);
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// CONNECTION_CLOSE: 0x100 and up are alerts of TLS (RFC 9001 §4.8).
    fn close(&mut self, from: Side, code: u64, reason: &str, at: At, events: &mut Vec<Event>) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        match code.checked_sub(0x100).and_then(|alert| u8::try_from(alert).ok()) {
            Some(alert) => events.push(at.event(from, What::Alert { level: 2, alert: Alert(alert) })),
            None if code == u64::MAX => {}
            None => {
                let reason: String = reason.chars().filter(|c| !c.is_control()).take(120).collect();
                self.say(
                    from,
                    format!("CONNECTION_CLOSE 0x{code:x} {reason}").trim_end().to_owned(),
                    at,
                    events,
                );
            }
        }
    }

    fn messages(&mut self, from: Side, level: usize, at: At, events: &mut Vec<Event>) {
        while let Some((kind, body)) = self.way(from).crypto.get_mut(level).and_then(Pieces::take_message) {
            self.handshake.message(from, kind, &body, None, at, events);
            if kind == 2 {
                self.client.handshake = self.lock(Label::ClientHandshake);
                self.server.handshake = self.lock(Label::ServerHandshake);
            }
        }
    }

    fn lock(&self, label: Label) -> Option<Lock> {
        let secret = self.keys.secret(self.handshake.client_random.as_ref()?, label)?;
        let (kind, hash) = Kind::of(self.handshake.cipher?)?;
        Lock::new(kind, hash, &secret, self.dialect?)
    }
}
