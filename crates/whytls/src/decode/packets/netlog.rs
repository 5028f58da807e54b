//! Reads the network log of Chromium (`chrome://net-export`, `--log-net-log`), of any version.
//!
//! In:  `{"constants":{…},"events":[…`: events by number, and the table that names them. It may be cut off.
//! Out: a flow for each connection, and the errors that Chromium gave for them.
//! Not here: requests, caches, proxies; what the log holds of the user's pages is not looked at. What its
//!           viewer shows of it is read by `netlog_viewer`.

use std::collections::HashMap;

use serde_json::Value;

use super::unquoted;
use crate::paste::{Line, Span};
use crate::tls::Alert;
use crate::wire::{
    Close, CloseHow, Endpoint, Event, Flow, HowShown, Piece, Place, Shown, Side, Telling, Time, What,
};
use crate::x509::from_base64;

/// The beginning of the document stands in so many lines.
const LOOKED_AT: usize = 2;

/// No part of the document that is read at once is longer.
const LONGEST: usize = 1 << 22;

/// A log holds no more connections that are told.
const MOST: usize = 4096;

/// What a network log shows.
#[derive(Clone, Debug, Default)]
pub struct NetLog {
    /// Its connections.
    pub(in crate::decode) flows: Vec<Flow>,
    /// What Chromium said of them, in the words of its other logs.
    pub(in crate::decode) errors: Vec<(Span, String)>,
}

/// The log that begins at the first line, and how many lines it has.
pub(super) fn read(lines: &[Line<'_>]) -> Option<(usize, NetLog)> {
    let begins = lines.first()?.text.trim_start_matches(['>', ' ', '\u{feff}']).starts_with('{');
    let constants = |line: &Line<'_>| line.text.contains("\"constants\"");
    if !begins || !lines.iter().take(LOOKED_AT).any(constants) {
        return None;
    }
    let mut scanner = Scanner::default();
    let mut log = Log::default();
    let mut count = 0;
    for (at, line) in lines.iter().enumerate() {
        if !scanner.line(line, &mut log) {
            break;
        }
        count = at + 1;
    }
    (log.is_one || scanner.text.contains("\"logEventTypes\"") || scanner.text.contains("\"certStatusFlag\""))
        .then(|| (count, log.finish()))
}

/// Finds the table and the events, whatever stands around them.
#[derive(Default)]
struct Scanner {
    depth: usize,
    inside_string: bool,
    escaped: bool,
    /// The last string of the outermost object.
    key: String,
    /// The part that is being read, where it begins, and how deep it is.
    text: String,
    place: Option<(Span, usize)>,
}

impl Scanner {
    /// Reads a line; says no where the document is over.
    fn line(&mut self, line: &Line<'_>, log: &mut Log) -> bool {
        let text = unquoted(line.text);
        // No string goes over the end of a line: the rest of this one was cut off.
        if std::mem::take(&mut self.inside_string) {
            self.text.clear();
            self.depth = self.place.take().map_or(self.depth, |(_, depth)| depth);
            self.escaped = false;
        }
        let opens = |c: char| "{}[],\"-0123456789tfn".contains(c);
        if self.depth > 0 && !text.trim_start().is_empty() && !text.trim_start().starts_with(opens) {
            return false;
        }
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            if self.inside_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.inside_string = false,
                    _ if self.depth == 1 && self.key.len() < 32 => self.key.push(char::from(byte)),
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => {
                    self.inside_string = true;
                    if self.depth == 1 {
                        self.key.clear();
                    }
                }
                b'{' | b'[' => {
                    let wanted = byte == b'{'
                        && (self.depth == 1 && self.key == "constants"
                            || self.depth == 2 && self.key == "events");
                    if wanted && self.place.is_none() {
                        self.place = Some((line.span_of(text.get(at..).unwrap_or_default()), self.depth));
                        self.text.clear();
                        from = at;
                    }
                    self.depth += 1;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if let Some((span, depth)) = self.place
                        && depth == self.depth
                    {
                        self.take(text.get(from..=at).unwrap_or_default());
                        let end = line.span_of(text.get(from..=at).unwrap_or_default());
                        log.part(&self.key, &self.text, span.to(Span { start: span.start, ..end }));
                        self.place = None;
                        self.text.clear();
                    }
                    if self.depth == 0 {
                        return true;
                    }
                }
                _ => {}
            }
        }
        if self.place.is_some() {
            self.take(text.get(from..).unwrap_or_default());
        }
        true
    }

    fn take(&mut self, text: &str) {
        if self.text.len() + text.len() <= LONGEST {
            self.text.push_str(text);
        }
    }
}

/// What an event is, of those that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Connect,
    Attempt,
    Handshake,
    Message(Side),
    Alert(Side),
    Bytes(Side),
    Error,
    Over,
}

impl Told {
    /// By their names in the log.
    pub(super) const NAMES: [(&'static str, Self); 12] = [
        ("TCP_CONNECT", Self::Connect),
        ("TCP_CONNECT_ATTEMPT", Self::Attempt),
        ("SSL_CONNECT", Self::Handshake),
        ("SSL_HANDSHAKE_MESSAGE_SENT", Self::Message(Side::Client)),
        ("SSL_HANDSHAKE_MESSAGE_RECEIVED", Self::Message(Side::Server)),
        ("SSL_ALERT_SENT", Self::Alert(Side::Client)),
        ("SSL_ALERT_RECEIVED", Self::Alert(Side::Server)),
        ("SOCKET_BYTES_SENT", Self::Bytes(Side::Client)),
        ("SOCKET_BYTES_RECEIVED", Self::Bytes(Side::Server)),
        ("SSL_HANDSHAKE_ERROR", Self::Error),
        ("SOCKET_CLOSED", Self::Over),
        ("SOCKET_ALIVE", Self::Over),
    ];
}

/// Whether something begins, ends, or both at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    pub(super) begins: bool,
    pub(super) ends: bool,
}

/// The connections, as far as their events were read.
#[derive(Default)]
pub(super) struct Log {
    is_one: bool,
    types: HashMap<u64, Told>,
    /// What the beginning of its clock is, in milliseconds since 1970.
    offset: i64,
    sockets: Vec<Socket>,
    by_id: HashMap<i64, usize>,
}

#[derive(Default)]
struct Socket {
    telling: Telling,
    server: Option<Endpoint>,
    client: Option<Endpoint>,
    /// Bytes that came, and of which no message was told yet.
    pending: Option<(Place, Option<Time>, u64, Vec<u8>)>,
    handshake: bool,
    refused: bool,
    errors: Vec<(Span, i64, Option<&'static str>)>,
}

/// A number, or a number in a string.
fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|float| float as i64))
        .or_else(|| value.as_str()?.parse().ok())
}

impl Log {
    fn part(&mut self, key: &str, text: &str, span: Span) {
        if key == "constants" {
            self.constants(text);
        } else if let Ok(value) = serde_json::from_str::<Value>(text) {
            self.event(&value, span);
        }
    }

    /// The numbers of the table that count. What else stands there may be damaged, or masked.
    fn constants(&mut self, text: &str) {
        let number = |name: &str| {
            let (_, rest) = text.split_once(&format!("\"{name}\""))?;
            let rest = rest.trim_start().strip_prefix(':')?.trim_start_matches([' ', '"', '\n']);
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
        };
        self.types = Told::NAMES.iter().filter_map(|(name, told)| Some((number(name)?, *told))).collect();
        self.offset = number("timeTickOffset").and_then(|offset| i64::try_from(offset).ok()).unwrap_or(0);
        self.is_one = !self.types.is_empty();
    }

    fn event(&mut self, event: &Value, span: Span) -> Option<()> {
        let told = *self.types.get(&event.get("type")?.as_u64()?)?;
        let id = number(event.get("source")?.get("id")?)?;
        let time = event
            .get("time")
            .and_then(number)
            .and_then(|time| Some(Time::Unix(time.checked_add(self.offset)?.checked_mul(1_000_000)?)));
        let begins = event.get("phase").and_then(Value::as_u64) == Some(1);
        let ends = event.get("phase").and_then(Value::as_u64) == Some(2);
        let params = event.get("params").unwrap_or(&Value::Null);
        self.tell(told, id, Phase { begins, ends }, params, time, span)
    }

    /// What happened to the connection of that number.
    pub(super) fn tell(
        &mut self,
        told: Told,
        id: i64,
        Phase { begins, ends }: Phase,
        params: &Value,
        time: Option<Time>,
        span: Span,
    ) -> Option<()> {
        let at = match self.by_id.get(&id) {
            Some(at) => *at,
            // Whatever else has an end is no connection.
            None if told == Told::Over || self.sockets.len() >= MOST => return None,
            None => {
                self.by_id.insert(id, self.sockets.len());
                self.sockets.push(Socket::default());
                self.sockets.len() - 1
            }
        };
        let place = Place { packet: 0, start: span.start, end: span.end };
        let socket = self.sockets.get_mut(at)?;
        let at = At { place, time, span };
        match told {
            Told::Attempt if begins => socket.attempt(params, at),
            Told::Connect if ends => socket.connected(params, at),
            Told::Handshake if begins => socket.handshake = true,
            Told::Handshake if ends => socket.handshaken(params, at),
            Told::Error => socket.error(params, at),
            Told::Message(from) => socket.message(from, params, at),
            Told::Alert(from) => socket.alert(from, params, at),
            Told::Bytes(from) => socket.bytes(from, params, at),
            Told::Over if !begins => socket.over(at),
            _ => {}
        }
        Some(())
    }

    pub(super) fn finish(self) -> NetLog {
        let mut log = NetLog::default();
        // Of several addresses that were tried one after the other, those that refuse say nothing
        // where another one answers.
        let port = |socket: &Socket| socket.server.as_ref().and_then(|server| server.port);
        let open: Vec<Option<u16>> =
            self.sockets.iter().filter(|socket| socket.handshake).map(port).collect();
        for mut socket in self.sockets {
            if socket.refused && open.contains(&port(&socket)) {
                continue;
            }
            socket.flush();
            for (span, number, reason) in std::mem::take(&mut socket.errors) {
                let words = match reason {
                    Some(reason) => format!("OPENSSL_internal:{reason}"),
                    None => format!("net_error {number}"),
                };
                if !log.errors.iter().any(|(_, known)| *known == words) {
                    log.errors.push((span, words));
                }
            }
            let (client, server) = (socket.client, socket.server);
            let flows = socket.telling.finish();
            log.flows.extend(flows.into_iter().map(|flow| Flow {
                client: client.clone(),
                server: server.clone(),
                from_start: true,
                ..flow
            }));
        }
        log
    }
}

#[derive(Clone, Copy)]
struct At {
    place: Place,
    time: Option<Time>,
    span: Span,
}

impl Socket {
    fn tell(&mut self, from: Side, what: What, at: At) {
        self.telling.event(Event { place: at.place, time: at.time, from, what });
    }

    fn close(&mut self, by: Side, how: CloseHow, at: At) {
        let flow = self.telling.flow();
        if flow.close.is_some() || flow.events.is_empty() {
            return;
        }
        flow.close = Some(Close { by, how, place: at.place });
        match how {
            CloseHow::Fin => self.tell(by, What::Fin, at),
            CloseHow::Rst => self.tell(by, What::Rst { injected: false }, at),
            CloseHow::Timeout => {}
        }
    }

    fn attempt(&mut self, params: &Value, at: At) {
        self.server = params.get("address").and_then(Value::as_str).and_then(endpoint).or(self.server.take());
        if self.telling.flow().events.is_empty() {
            self.tell(Side::Client, What::Open, at);
        }
    }

    fn connected(&mut self, params: &Value, at: At) {
        let address = |name: &str| params.get(name).and_then(Value::as_str).and_then(endpoint);
        let (local, remote) = (address("local_address"), address("remote_address"));
        self.client = local.or(self.client.take());
        self.server = remote.or(self.server.take());
        let Some(error) = params.get("net_error").and_then(number) else {
            self.tell(Side::Server, What::Open, at);
            return;
        };
        self.errors.push((at.span, error, None));
        match error {
            -102 => {
                self.refused = true;
                self.close(Side::Server, CloseHow::Rst, at);
            }
            -118 | -7 => self.close(Side::Client, CloseHow::Timeout, at),
            _ => {}
        }
    }

    /// The handshake is over: with an error, or well.
    fn handshaken(&mut self, params: &Value, at: At) {
        self.flush();
        match params.get("net_error").and_then(number) {
            None => self.telling.flow().established = true,
            // Given up by the browser itself.
            Some(-3) => {}
            Some(error) => {
                self.errors.push((at.span, error, None));
                match error {
                    -100 => self.close(Side::Server, CloseHow::Fin, at),
                    -101 => self.close(Side::Server, CloseHow::Rst, at),
                    -118 | -7 => self.close(Side::Client, CloseHow::Timeout, at),
                    _ => {}
                }
            }
        }
    }

    /// Why BoringSSL gave up, where that says more than Chromium's own number.
    fn error(&mut self, params: &Value, at: At) {
        let of = |name: &str| params.get(name).and_then(number);
        let reason = match (of("error_lib"), of("error_reason")) {
            (Some(16), Some(247)) => "WRONG_VERSION_NUMBER",
            (Some(16), Some(155)) => "HTTPS_PROXY_REQUEST",
            (Some(16), Some(156)) => "HTTP_REQUEST",
            _ => return,
        };
        self.errors.push((at.span, 0, Some(reason)));
        // What came was no record of TLS, whatever it was.
        for event in &mut self.telling.flow().events {
            if matches!(event.what, What::Bytes { .. }) && event.from == Side::Server {
                event.what = What::NotTls { bytes: Vec::new() };
            }
        }
    }

    fn message(&mut self, from: Side, params: &Value, at: At) {
        if from == Side::Server {
            self.pending = None;
        }
        let bytes = told_bytes(params);
        if !bytes.is_empty() {
            let piece =
                Piece { from: Some(from), how: HowShown::Message, missing: 0, shown: shown(&bytes, at) };
            self.telling.piece(&piece, at.time);
        }
    }

    fn alert(&mut self, from: Side, params: &Value, at: At) {
        match from {
            Side::Server => self.pending = None,
            Side::Client => self.flush(),
        }
        if let [level, alert, ..] = told_bytes(params).as_slice() {
            self.tell(from, What::Alert { level: *level, alert: Alert(*alert) }, at);
        }
    }

    fn bytes(&mut self, from: Side, params: &Value, at: At) {
        if from == Side::Server && self.handshake && !self.telling.flow().established {
            self.flush();
            let count = params.get("byte_count").and_then(Value::as_u64).unwrap_or(0);
            let bytes = told_bytes(params);
            self.pending = (count > 0).then_some((at.place, at.time, count, bytes));
        }
    }

    /// Bytes came that were no message.
    fn flush(&mut self) {
        let Some((place, time, count, bytes)) = self.pending.take() else { return };
        let at = At { place, time, span: Span::default() };
        // After a message these are the rest of it, or of the encrypted ones.
        let answered = self.telling.flow().server_hello().is_some();
        if answered || !self.handshake {
            return;
        }
        if bytes.is_empty() {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            self.tell(Side::Server, What::Bytes { count }, at);
        } else {
            let shown = shown(&bytes, at);
            let piece = Piece { from: Some(Side::Server), how: HowShown::Wire, missing: 0, shown };
            self.telling.piece(&piece, time);
        }
    }

    fn over(&mut self, at: At) {
        self.flush();
        self.close(Side::Client, CloseHow::Fin, at);
    }
}

/// `127.0.0.1:443`, `[::1]:443`
fn endpoint(text: &str) -> Option<Endpoint> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some(Endpoint { host, port: port.parse().ok() })
}

/// Bytes in base64, or in hex as until 2019.
fn told_bytes(params: &Value) -> Vec<u8> {
    if let Some(text) = params.get("bytes").and_then(Value::as_str) {
        return from_base64(text.as_bytes());
    }
    let hex = params.get("hex_encoded_bytes").and_then(Value::as_str).unwrap_or_default();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, _) = hex.as_bytes().as_chunks::<2>();
    pairs.iter().map_while(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

fn shown(bytes: &[u8], at: At) -> Shown {
    let mut shown = Shown::default();
    bytes.iter().for_each(|byte| shown.push(*byte, at.place.start, at.place.end));
    shown
}
