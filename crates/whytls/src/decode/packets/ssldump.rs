//! Reads what ssldump prints.
//!
//! In:  `New TCP connection #1: a(56998) <-> b(443)`, `1 2  0.0002 (0.0000)  S>C  Alert` and the lines
//!      below it, with any of its options.
//! Out: packets with their messages; with `-x` the flows that the bytes show.
//! Not here: its own notes and what it decrypted.

use std::collections::HashMap;

use super::columns::{self, Packet};
use super::unquoted;
use super::words::Tcp;
use crate::paste::Line;
use crate::tls::{Alert, CipherSuite, ExtensionType, NamedGroup, Version};
use crate::wire::{
    ClientHello, Close, CloseHow, Endpoint, Event, Flow, HowShown, Piece, Place, ServerHello, Shown, Side,
    Telling, Time, What,
};

/// So many lines may be none of ssldump's, before it is over.
const MOST_BETWEEN: usize = 24;

/// A list in a hello has no more values.
const MOST: usize = 1024;

/// What ssldump shows: packets, or flows where it shows the bytes as well.
pub(super) enum Shows<'a> {
    Packets(Vec<Packet<'a>>),
    Flows(Vec<Flow>),
}

/// What ssldump printed, from the first line on, and in how many lines.
pub(super) fn read<'a>(lines: &[Line<'a>]) -> Option<(usize, Shows<'a>)> {
    let first = unquoted(lines.first()?.text).trim();
    if opening(first).is_none() && record(first).is_none() {
        return None;
    }
    let mut reader = Reader::default();
    let mut count = 0;
    for (at, line) in lines.iter().enumerate() {
        if reader.line(line) {
            count = at + 1;
        } else if at > count + MOST_BETWEEN {
            break;
        }
    }
    reader.end_record();
    let shows = if reader.connections.values().any(|connection| connection.bytes) {
        Shows::Flows(reader.flows())
    } else {
        Shows::Packets(reader.packets)
    };
    Some((count, shows))
}

#[derive(Default)]
struct Reader<'a> {
    connections: HashMap<u32, Connection<'a>>,
    packets: Vec<Packet<'a>>,
    open: Option<Record<'a>>,
    /// Bytes that are being read, and how many there are to be.
    data: Option<(Shown, usize)>,
}

#[derive(Default)]
struct Connection<'a> {
    client: End<'a>,
    server: End<'a>,
    order: usize,
    telling: Telling,
    bytes: bool,
}

/// A record, as far as it was read.
struct Record<'a> {
    connection: u32,
    from: Side,
    time: Option<i64>,
    line: Line<'a>,
    version: Option<Version>,
    kind: Kind,
    told: Vec<(What, Place)>,
    list: List,
    level: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Handshake,
    ChangeCipherSpec,
    Alert,
    Data,
    Fin,
    Rst,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    None,
    Suites,
    Random,
}

/// A host and its port.
type End<'a> = (&'a str, u16);

/// `New TCP connection #1: localhost(47108) <-> mail.example.com(443)`
fn opening(text: &str) -> Option<(u32, End<'_>, End<'_>)> {
    let (number, ends) = text.strip_prefix("New TCP connection #")?.split_once(": ")?;
    let (client, server) = ends.split_once(" <-> ")?;
    let end = |text: &str| -> Option<(usize, u16)> {
        let (host, port) = text.trim().strip_suffix(')')?.rsplit_once('(')?;
        Some((host.len(), port.parse().ok()?))
    };
    let (client, server) = (client.trim(), server.trim());
    let ((a, from), (b, to)) = (end(client)?, end(server)?);
    Some((number.parse().ok()?, (client.get(..a)?, from), (server.get(..b)?, to)))
}

/// `1 2  0.0063 (0.0061)  S>C V3.3(49)  Handshake`: connection, sender, version, and what it is.
fn record(text: &str) -> Option<(u32, Side, Option<Version>, &str)> {
    memchr::memchr(b'>', text.as_bytes())?;
    let (head, rest) =
        [">C", ">S"].iter().find_map(|mark| text.contains(mark).then(|| text.split_once(mark))?)?;
    let mut words = head.split_whitespace();
    let connection = words.next()?.parse().ok()?;
    let from = match words.next_back()? {
        "C" => Side::Client,
        "S" => Side::Server,
        _ => return None,
    };
    // How long after the record before it.
    words.next_back()?.strip_prefix('(')?.strip_suffix(')')?;
    let rest = rest.trim();
    let version = rest.strip_prefix('V').and_then(|rest| rest.split_once('('));
    let (version, what) = match version {
        Some((number, rest)) => (dotted(number), rest.split_once(')')?.1.trim()),
        None => (None, rest),
    };
    Some((connection, from, version, what))
}

/// `3.3`
fn dotted(text: &str) -> Option<Version> {
    let (major, minor) = text.trim().split_once('.')?;
    Some(Version(u16::from_be_bytes([major.parse().ok()?, minor.parse().ok()?])))
}

impl<'a> Reader<'a> {
    /// Reads a line; says whether it is one of ssldump's.
    fn line(&mut self, line: &Line<'a>) -> bool {
        let text = unquoted(line.text).trim();
        if let Some((number, client, server)) = opening(text) {
            self.end_record();
            let order = self.connections.len();
            self.connections.insert(number, Connection { client, server, order, ..Connection::default() });
            return true;
        }
        if let Some((connection, from, version, what)) = record(text) {
            self.end_record();
            let kind = match what {
                "Handshake" => Kind::Handshake,
                "ChangeCipherSpec" => Kind::ChangeCipherSpec,
                "Alert" => Kind::Alert,
                "application_data" => Kind::Data,
                "TCP FIN" => Kind::Fin,
                "TCP RST" => Kind::Rst,
                other if other.contains("ompatible client hello") => Kind::Handshake,
                _ => Kind::Other,
            };
            let mut open = Record {
                connection,
                from,
                time: columns::time(line.text),
                line: *line,
                version,
                kind,
                told: Vec::new(),
                list: List::None,
                level: 0,
            };
            if what.contains("ompatible client hello") {
                let hello = ClientHello { sslv2: true, ..ClientHello::default() };
                open.told.push((What::ClientHello(Box::new(hello)), place(line)));
            }
            self.open = Some(open);
            return true;
        }
        if text.starts_with("TCP: ") || text.starts_with("Packet data[") {
            if let Some(size) = text.strip_prefix("Packet data[").and_then(|rest| rest.split(']').next()) {
                self.data = size.parse().ok().map(|size| (Shown::default(), size));
            }
            return true;
        }
        if let Some((shown, size)) = &mut self.data
            && shown.len() < *size
            && row(line, shown)
        {
            return true;
        }
        match &mut self.open {
            Some(open) => open.line(text, line),
            None => false,
        }
    }

    fn end_record(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        open.settle();
        let place = place(&open.line);
        let order = self.connections.len();
        let connection = self
            .connections
            .entry(open.connection)
            .or_insert_with(|| Connection { order, ..Connection::default() });
        let time = open.time;
        if let Some((shown, _)) = self.data.take().filter(|(shown, _)| !shown.is_empty()) {
            connection.bytes = true;
            let piece = Piece { from: Some(open.from), how: HowShown::Wire, missing: 0, shown };
            connection.telling.piece(&piece, time.map(Time::Relative));
        } else if let Some(how) = open.closes() {
            let what = if how == CloseHow::Rst { What::Rst { injected: false } } else { What::Fin };
            let flow = connection.telling.flow();
            flow.close = flow.close.or(Some(Close { by: open.from, how, place }));
            connection.telling.event(Event { place, time: time.map(Time::Relative), from: open.from, what });
        }
        let (source, destination) = match open.from {
            Side::Client => (connection.client, connection.server),
            Side::Server => (connection.server, connection.client),
        };
        let ends = open.closes().is_some();
        self.packets.push(Packet {
            source: source.0,
            destination: destination.0,
            protocol: "TLS",
            info: "",
            ports: (source.1 > 0).then_some((source.1, destination.1)),
            length: None,
            // Times begin anew with each connection.
            time: time.filter(|_| connection.order == 0),
            ttl: None,
            span: open.line.span(),
            tcp: ends.then(|| Tcp {
                source: source.1,
                destination: destination.1,
                fin: open.kind == Kind::Fin,
                rst: open.kind == Kind::Rst,
                syn: false,
                ack: true,
                ack_only: false,
                len: 0,
                seq: None,
                acknowledges: None,
                again: false,
            }),
            told: Some(open.told),
            unseen: false,
            sni: None,
        });
    }

    fn flows(self) -> Vec<Flow> {
        let mut connections: Vec<Connection<'a>> = self.connections.into_values().collect();
        connections.sort_by_key(|connection| connection.order);
        let end = |(host, port): End<'_>| {
            (!host.is_empty()).then(|| Endpoint { host: host.to_owned(), port: Some(port) })
        };
        connections
            .into_iter()
            .flat_map(|connection| {
                let (client, server) = (end(connection.client), end(connection.server));
                let flows = connection.telling.finish();
                flows.into_iter().map(move |flow| Flow {
                    client: client.clone(),
                    server: server.clone(),
                    from_start: true,
                    ..flow
                })
            })
            .collect()
    }
}

impl<'a> Record<'a> {
    fn closes(&self) -> Option<CloseHow> {
        match self.kind {
            Kind::Fin => Some(CloseHow::Fin),
            Kind::Rst => Some(CloseHow::Rst),
            _ => None,
        }
    }

    /// What only the kind of the record says.
    fn settle(&mut self) {
        if !self.told.is_empty() {
            return;
        }
        let what = match self.kind {
            Kind::Handshake => What::EncryptedHandshake,
            Kind::ChangeCipherSpec => What::ChangeCipherSpec,
            Kind::Alert => What::EncryptedAlert,
            Kind::Data => What::ApplicationData,
            Kind::Fin | Kind::Rst => return,
            Kind::Other => What::NotTls { bytes: Vec::new() },
        };
        self.told.push((what, place(&self.line)));
    }

    /// A line below the record's own.
    fn line(&mut self, text: &'a str, line: &Line<'a>) -> bool {
        let place = place(line);
        let (name, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let value = value.trim();
        match (self.kind, name) {
            (Kind::Handshake, _) if value.is_empty() && self.begin(name, place) => return true,
            (Kind::Alert, "level") => {
                self.level = if value == "warning" { 1 } else { 2 };
                return true;
            }
            (Kind::Alert, "value") => {
                let alert = Alert::named(value).or_else(|| value.parse().ok().map(Alert));
                self.told.extend(alert.map(|alert| (What::Alert { level: self.level, alert }, place)));
                return true;
            }
            _ => {}
        }
        let version = self.version;
        match self.told.last_mut().map(|(what, _)| what) {
            Some(What::ClientHello(hello)) => {
                hello.record_version = hello.record_version.or(version);
                of_client(hello, text, &mut self.list);
            }
            Some(What::ServerHello(_) | What::HelloRetryRequest(_)) => self.of_server(text),
            _ => {}
        }
        is_detail(line.text)
    }

    /// The name of a message begins it.
    fn begin(&mut self, name: &str, place: Place) -> bool {
        let what = match name {
            "ClientHello" => What::ClientHello(Box::default()),
            "ServerHello" => What::ServerHello(Box::default()),
            "HelloRequest" => What::HelloRequest,
            "Certificate" => What::Handshake(11),
            "ServerKeyExchange" => What::ServerKeyExchange { group: None, dh_bits: None },
            "CertificateRequest" => What::CertificateRequest,
            "CertificateStatus" => What::CertificateStatus,
            "ServerHelloDone" => What::ServerHelloDone,
            "CertificateVerify" => What::CertificateVerify,
            "ClientKeyExchange" => What::ClientKeyExchange,
            "Finished" => What::Finished,
            "SessionTicket" | "NewSessionTicket" => What::NewSessionTicket,
            "EncryptedExtensions" => What::EncryptedExtensions { alpn: None },
            "HelloVerifyRequest" => What::HelloVerifyRequest,
            _ => return false,
        };
        self.list = List::None;
        self.told.push((what, place));
        true
    }

    fn of_server(&mut self, text: &str) {
        /// How the random of a HelloRetryRequest begins (RFC 8446 §4.1.3).
        const RETRY: &str = "cf 21 ad 74 e5 9a 61 11";
        let retry = self.list == List::Random && text.starts_with(RETRY);
        self.list = if text.starts_with("random[") { List::Random } else { List::None };
        let Some((what, _)) = self.told.last_mut() else { return };
        if retry && let What::ServerHello(hello) = what {
            *what = What::HelloRetryRequest(std::mem::take(hello));
        }
        if let What::ServerHello(hello) | What::HelloRetryRequest(hello) = what {
            server_field(hello, text);
        }
    }
}

/// A line that belongs to a message: it is indented, or empty.
fn is_detail(text: &str) -> bool {
    let text = unquoted(text);
    text.trim().is_empty() || text.starts_with("  ") || text.trim_start().starts_with("ja3")
}

fn of_client(hello: &mut ClientHello, text: &str, list: &mut List) {
    if let Some(number) = text.strip_prefix("Version ") {
        hello.legacy_version = dotted(number);
    } else if text == "cipher suites" {
        *list = List::Suites;
    } else if text == "compression methods" || text == "extensions" {
        *list = List::None;
    } else if let Some(name) = text.strip_prefix("host_name: ") {
        hello.sni = Some(name.trim().to_owned());
    } else if let Some(ja3) = text.strip_prefix("ja3 string: ") {
        of_ja3(hello, ja3);
    } else if let Some(digest) = text.strip_prefix("ja3 fingerprint: ") {
        hello.ja3 = Some(digest.trim().to_owned());
    } else if *list == List::Suites && hello.ciphers.len() < MOST {
        let unknown = || u16::from_str_radix(text.strip_prefix("Unknown value 0x")?, 16).ok();
        hello.ciphers.extend(CipherSuite::by_name(text).or_else(|| unknown().map(CipherSuite)));
    } else if text.starts_with("supported_versions") {
        // What is really offered stands there, and is not shown.
        hello.extensions.push(ExtensionType(43));
    }
    if hello.extensions.contains(&ExtensionType(43)) {
        hello.legacy_version = None;
    }
}

/// `771,4866-4867,0-11-10,29-23,0`: version, suites, extensions, groups, point formats.
fn of_ja3(hello: &mut ClientHello, ja3: &str) {
    let mut lists = ja3.trim().split(',').skip(1).map(|list| {
        list.split('-').filter_map(|number| number.parse::<u16>().ok()).take(MOST).collect::<Vec<u16>>()
    });
    let mut next = || lists.next().unwrap_or_default();
    let (suites, extensions, groups, formats) = (next(), next(), next(), next());
    if suites.len() >= hello.ciphers.len() {
        hello.ciphers = suites.into_iter().map(CipherSuite).collect();
    }
    hello.ech |= extensions.contains(&0xfe0d);
    hello.resumes |= extensions.contains(&41);
    hello.extensions = extensions.into_iter().map(ExtensionType).collect();
    hello.groups = groups.into_iter().map(NamedGroup).collect();
    hello.point_formats = formats.into_iter().filter_map(|format| u8::try_from(format).ok()).collect();
    hello.complete = true;
}

fn server_field(hello: &mut ServerHello, text: &str) {
    if let Some(number) = text.strip_prefix("Version ") {
        hello.legacy_version = dotted(number);
        hello.version = hello.version.or(hello.legacy_version);
    } else if let Some(name) = text.strip_prefix("cipherSuite ") {
        let unknown = || u16::from_str_radix(name.trim().strip_prefix("Unknown value 0x")?, 16).ok();
        hello.cipher = CipherSuite::by_name(name.trim()).or_else(|| unknown().map(CipherSuite));
    } else if let Some(ja3) = text.strip_prefix("ja3s string: ") {
        let extensions = ja3.trim().split(',').nth(2).unwrap_or_default();
        hello.extensions = extensions
            .split('-')
            .filter_map(|number| number.parse().ok().map(ExtensionType))
            .take(MOST)
            .collect();
    } else if let Some(digest) = text.strip_prefix("ja3s fingerprint: ") {
        hello.ja3s = Some(digest.trim().to_owned());
    }
    // A server says nothing but TLS 1.3 there (RFC 8446 §4.2.1).
    if text.starts_with("supported_versions") || hello.extensions.contains(&ExtensionType(43)) {
        hello.version = Some(Version::TLS13);
    }
}

/// A row of bytes, and nothing else.
fn row(line: &Line<'_>, shown: &mut Shown) -> bool {
    let bytes = || unquoted(line.text).trim().split(' ').filter(|word| !word.is_empty());
    if !bytes().all(|word| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return false;
    }
    for word in bytes() {
        let span = line.span_of(word);
        shown.push(u8::from_str_radix(word, 16).unwrap_or(0), span.start, span.end);
    }
    true
}

fn place(line: &Line<'_>) -> Place {
    let span = line.span();
    Place { packet: 0, start: span.start, end: span.end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_lines_from_others() {
        let seen = |text| record(text);
        assert_eq!(
            seen("1 3  0.0063 (0.0000)  S>C V3.3(1589)  Handshake"),
            Some((1, Side::Server, Some(Version::TLS12), "Handshake"))
        );
        assert_eq!(
            seen("1      0.1100   (0.0000)    C>S    TCP FIN"),
            Some((1, Side::Client, None, "TCP FIN"))
        );
        assert_eq!(seen("1 request (C>S) was lost"), None);
        assert_eq!(
            opening("New TCP connection #12: ::1(47108) <-> mail.example.com(25)"),
            Some((12, ("::1", 47108), ("mail.example.com", 25)))
        );
    }
}
