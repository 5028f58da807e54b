//! What is said before TLS begins, and what wraps it: STARTTLS in all its forms.
//!
//! In:  the bytes of both directions of a TCP connection, in order.
//! Out: events for what is said in the clear, and the TLS bytes handed on to `session`.
//! Not here: TLS itself.

mod databases;
mod lines;
mod proxies;
mod services;
mod tds;

pub(crate) use proxies::SOCKS_REFUSALS;

use super::flow::{Event, Side, What};
use super::keylog::Keys;
use super::plain;
use super::record;
use super::session::{At, Session};

/// What is no line and no message after so many bytes never becomes one.
const LONGEST: usize = 16 * 1024;

/// So much is read of a connection that has not come to TLS.
const PATIENCE: usize = 64 * 1024;

/// No record is longer; a capture that begins in the middle of one shows the next after that.
const RECORD: usize = 20 * 1024;

/// Both directions of one TCP connection.
#[derive(Debug, Default)]
pub(crate) struct Dialogue {
    session: Session,
    phase: Phase,
    talk: Talk,
    /// What is not a whole line or message yet.
    client: Vec<u8>,
    server: Vec<u8>,
    /// Bytes that led to nothing so far.
    idle: usize,
    /// A line of the PROXY protocol stood before everything else.
    proxy: Option<At>,
    tds: tds::Unwrapper,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Something is said in the clear.
    #[default]
    Open,
    /// TLS, as far as is known.
    Guessed,
    /// TLS.
    Tls,
    /// TLS inside the packets of SQL Server.
    Wrapped,
    /// Neither TLS nor anything that leads to it.
    Over,
}

/// What is spoken.
#[derive(Debug, Default)]
enum Talk {
    #[default]
    Unknown,
    Lines(lines::Lines),
    Xmpp(lines::Xmpp),
    Connect(proxies::Connect),
    Socks(proxies::Socks),
    Postgresql(databases::Postgresql),
    Mysql(databases::Mysql),
    Ldap(services::Ldap),
    Rdp(services::Rdp),
    Tds(tds::Prelogin),
    /// Anything else: the first words of both ends are told.
    Other {
        client: bool,
        server: bool,
    },
}

/// What a protocol makes of the bytes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// There must be more of them.
    More,
    /// So many belong together.
    Used(usize),
    /// After so many, TLS begins.
    Tls(usize),
    /// After so many, TLS begins inside of packets.
    Wrapped(usize),
    /// After so many, another protocol begins.
    Inner(usize),
    /// These are bytes of this protocol no longer, or nothing more will come of it.
    Over,
}

/// Where events go.
struct Told<'a> {
    from: Side,
    at: At,
    events: &'a mut Vec<Event>,
}

impl Told<'_> {
    fn event(&mut self, what: What) {
        self.events.push(self.at.event(self.from, what));
    }

    fn plain(&mut self, protocol: &'static str, text: impl Into<String>) {
        let text = plain::without_secrets(&text.into());
        self.event(What::Plain { protocol: Some(protocol), text });
    }

    fn asks(&mut self, protocol: &'static str) {
        self.event(What::StartTls { protocol });
    }

    fn answers(&mut self, agreed: bool, text: impl Into<String>) {
        self.event(What::StartTlsAnswer { agreed, text: text.into() });
    }
}

impl Dialogue {
    /// A connection whose secrets, if they are known, stand in this key log.
    pub(crate) fn new(keys: Keys) -> Self {
        Self { session: Session::new(keys), ..Self::default() }
    }

    /// False as soon as it is sure that neither TLS nor a dialogue that leads to it will come: the
    /// caller then stops putting bytes in order, and forgets the connection when it closes.
    pub(crate) fn wanted(&self) -> bool {
        self.phase != Phase::Over
    }

    /// The handshake came to its end: Finished by both, or application data.
    pub(crate) fn established(&self) -> bool {
        self.session.established()
    }

    /// The next bytes of one direction, in order and without gaps.
    pub(crate) fn push(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        let fresh = self.buffer(from).is_empty();
        match self.phase {
            Phase::Over => {}
            Phase::Open if fresh && begins_tls(bytes) => {
                self.begin(from, bytes, Phase::Tls, at, events);
            }
            Phase::Open => {
                self.idle += bytes.len();
                self.buffer(from).extend_from_slice(bytes);
                self.read(from, at, events);
                if self.phase == Phase::Open
                    && (self.idle > PATIENCE || self.client.len().max(self.server.len()) > LONGEST)
                {
                    self.phase = Phase::Over;
                }
            }
            Phase::Tls | Phase::Guessed | Phase::Wrapped => self.tls(from, bytes, at, events),
        }
    }

    /// Bytes of one direction that the capture does not have. The caller has told it with
    /// `What::Missing` already.
    pub(crate) fn gap(&mut self, from: Side, missing: u32, at: At, events: &mut Vec<Event>) {
        match self.phase {
            // The line that was begun is lost; what follows is another one.
            Phase::Open => self.buffer(from).clear(),
            Phase::Over => {}
            _ => self.session.gap(from, missing, at, events),
        }
    }

    /// Bare messages of the handshake, without a record around them.
    pub(crate) fn messages(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        self.phase = Phase::Tls;
        self.session.messages(from, bytes, at, events);
    }

    /// There is no more of either direction: what there is of a message that was cut off.
    pub(crate) fn finish(&mut self, at: At, events: &mut Vec<Event>) {
        if self.phase == Phase::Open {
            for from in [Side::Client, Side::Server] {
                let rest = std::mem::take(self.buffer(from));
                let mut told = Told { from, at, events };
                match &mut self.talk {
                    _ if rest.is_empty() => {}
                    // A last line need not end.
                    Talk::Lines(lines) => {
                        lines.line(&rest, &mut told);
                    }
                    // What nobody knows is told as bytes.
                    Talk::Unknown => self.session.push(from, &rest, at, events),
                    _ => {
                        let (protocol, text) = plain::what(&rest);
                        if !text.is_empty() {
                            told.event(What::Plain { protocol, text });
                        }
                    }
                }
            }
        }
        self.session.finish(at, events);
    }

    fn buffer(&mut self, side: Side) -> &mut Vec<u8> {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Reads what there is of one side, and of the other where that waited for it.
    fn read(&mut self, from: Side, at: At, events: &mut Vec<Event>) {
        while self.phase == Phase::Open {
            let bytes = std::mem::take(self.buffer(from));
            if bytes.is_empty() {
                return;
            }
            if begins_tls(&bytes) {
                return self.begin(from, &bytes, Phase::Tls, at, events);
            }
            // A record whose header is not there yet.
            if matches!(bytes.as_slice(), [20..=22] | [20..=22, 3] | [20..=22, 3, ..] if bytes.len() < 6) {
                *self.buffer(from) = bytes;
                return;
            }
            let mut told = Told { from, at, events };
            let step = match &mut self.talk {
                Talk::Unknown => match recognise(from, &bytes) {
                    Recognised::More => Step::More,
                    Recognised::As(talk) => {
                        self.talk = talk;
                        Step::Used(0)
                    }
                    Recognised::Proxy(length) => {
                        self.proxy = Some(at);
                        Step::Inner(length)
                    }
                    // Bytes of anything: perhaps the middle of a record.
                    Recognised::Nothing => {
                        return self.begin(from, &bytes, Phase::Guessed, at, events);
                    }
                },
                Talk::Lines(lines) => lines.step(&bytes, &mut told),
                Talk::Xmpp(xmpp) => xmpp.step(&bytes, &mut told),
                Talk::Connect(connect) => connect.step(&bytes, &mut told),
                Talk::Socks(socks) => socks.step(&bytes, &mut told),
                Talk::Postgresql(talk) => talk.step(&bytes, &mut told),
                Talk::Mysql(talk) => talk.step(&bytes, &mut told),
                Talk::Ldap(talk) => talk.step(&bytes, &mut told),
                Talk::Rdp(talk) => talk.step(&bytes, &mut told),
                Talk::Tds(talk) => talk.step(&bytes, &mut told),
                Talk::Other { client, server } => {
                    let spoke = if from == Side::Client { client } else { server };
                    if !std::mem::replace(spoke, true) {
                        let (protocol, text) = plain::what(&bytes);
                        if !text.is_empty() {
                            told.event(What::Plain { protocol, text });
                        }
                        if protocol == Some("http")
                            && let Some(words) = plain::wants_tls(&bytes)
                        {
                            told.plain("http", words);
                        }
                    }
                    if matches!(self.talk, Talk::Other { client: true, server: true }) {
                        Step::Over
                    } else {
                        Step::Used(bytes.len())
                    }
                }
            };
            let rest = |used: usize| bytes.get(used..).unwrap_or_default().to_vec();
            match step {
                Step::More => {
                    *self.buffer(from) = bytes;
                    return;
                }
                Step::Used(used) => *self.buffer(from) = rest(used),
                Step::Inner(used) => {
                    self.talk = Talk::Unknown;
                    self.idle = 0;
                    *self.buffer(from) = rest(used);
                }
                Step::Tls(used) => return self.begin(from, &rest(used), Phase::Tls, at, events),
                Step::Wrapped(used) => return self.begin(from, &rest(used), Phase::Wrapped, at, events),
                Step::Over => self.phase = Phase::Over,
            }
        }
    }

    /// From here on it is TLS.
    fn begin(&mut self, from: Side, bytes: &[u8], phase: Phase, at: At, events: &mut Vec<Event>) {
        if let Some(at) = self.proxy.take()
            && phase == Phase::Tls
        {
            events.push(at.event(Side::Client, What::StartTls { protocol: "proxy" }));
        }
        self.phase = phase;
        self.idle = 0;
        let other = std::mem::take(self.buffer(from.other()));
        if !other.is_empty() {
            self.tls(from.other(), &other, at, events);
        }
        self.buffer(from).clear();
        if !bytes.is_empty() {
            self.tls(from, bytes, at, events);
        }
    }

    fn tls(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        let before = events.len();
        if self.phase == Phase::Wrapped {
            let session = &mut self.session;
            self.tds.read(from, bytes, &mut |bytes| session.push(from, bytes, at, events));
        } else {
            self.session.push(from, bytes, at, events);
        }
        if self.phase == Phase::Guessed {
            let plain = |event: &Event| {
                matches!(event.what, What::Plain { .. } | What::NotTls { .. } | What::Missing { .. })
            };
            if events.iter().skip(before).any(|event| !plain(event)) {
                self.phase = Phase::Tls;
            }
            self.idle += bytes.len();
            if self.phase == Phase::Guessed && self.idle > 2 * RECORD {
                self.phase = Phase::Over;
            }
        }
    }
}

/// TLS begins here: a record that can be the first, or a hello in the form of SSL 2.0.
fn begins_tls(bytes: &[u8]) -> bool {
    match bytes {
        [20..=22, ..] => bytes.len() >= 6 && record::looks_like_one(bytes),
        [23, 3, 0..=4, high, ..] => *high <= 0x48,
        [0x80..=0xff, ..] => record::ssl2_hello(bytes),
        _ => false,
    }
}

enum Recognised {
    As(Talk),
    /// A header of the PROXY protocol, and its length.
    Proxy(usize),
    /// There must be more bytes.
    More,
    Nothing,
}

/// What is spoken, by the first bytes of one end.
fn recognise(from: Side, bytes: &[u8]) -> Recognised {
    if let Some(known) = proxies::header(bytes) {
        return known;
    }
    let binary = match from {
        Side::Client => databases::client(bytes)
            .or_else(|| services::client(bytes))
            .or_else(|| tds::client(bytes))
            .or_else(|| proxies::client(bytes)),
        Side::Server => databases::server(bytes),
    };
    if let Some(talk) = binary {
        return Recognised::As(talk);
    }
    if bytes.len() < SHORT && may_become_binary(from, bytes) {
        return Recognised::More;
    }
    let head = bytes.get(..bytes.len().min(LINE)).unwrap_or_default();
    let line = head.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
    let readable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..);
    if !line.iter().all(readable) || line.first() > Some(&0x7f) {
        return Recognised::Nothing;
    }
    // XML has no lines.
    let whole = line.ends_with(b"\n") || head.len() == LINE || (head.starts_with(b"<") && head.len() > 8);
    if whole { lines::recognise(from, line) } else { Recognised::More }
}

/// A protocol is known by its first line, or by so much of it.
const LINE: usize = 256;

/// The longest of what tells the binary protocols apart.
const SHORT: usize = 14;

/// So few bytes may still become the first message of a binary protocol.
fn may_become_binary(from: Side, bytes: &[u8]) -> bool {
    match (from, bytes) {
        (Side::Client, [0] | [0, 0] | [0, 0, _] | [0, 0, _, _] | [0, 0, _, _, 0 | 4, ..]) => bytes.len() < 8,
        (Side::Client, [3] | [3, 0] | [3, 0, 0] | [3, 0, 0, _] | [3, 0, 0, _, _]) => true,
        (Side::Client, [4] | [4, 1, ..]) => true,
        (Side::Client, [5]) => true,
        (Side::Client, [5, count @ 1..=16, methods @ ..]) => methods.len() < usize::from(*count),
        (Side::Client, [0x12] | [0x12, 0 | 1, ..]) => true,
        (Side::Client, [0x30, ..]) => bytes.len() < 13,
        (Side::Server, [_] | [_, 0..=2] | [_, 0..=2, 0] | [_, 0..=2, 0, 0] | [_, 0..=2, 0, 0, 10 | 0xff]) => {
            // Text never has a zero there.
            bytes.len() > 1 || bytes.first() > Some(&0x1f)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
