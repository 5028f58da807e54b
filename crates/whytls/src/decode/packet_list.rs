//! Reads the packet list of Wireshark and tshark, as copied to text.
//!
//! In:  rows with tabs or spaces, any order of columns, absolute or relative times, `→` or `->`.
//! Out: flows: who spoke, STARTTLS, the ClientHello, the answer, alerts, who closed and when.
//! Not here: bytes. The protocol column shows the *record* version until a ServerHello was seen;
//!           what that proves is a page's business.

use std::collections::HashMap;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use serde::Serialize;

use super::{Data, Decode};
use crate::evidence::Statement;
use crate::paste::{Line, Span};
use crate::tls::{Alert, PortUse, Version, port_use};

/// A packet list, as flows.
#[derive(Clone, Debug, Default)]
pub struct PacketList {
    /// In the order of their first packets.
    pub flows: Vec<Flow>,
}

/// Which end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The one that sends the ClientHello.
    Client,
    /// The other one.
    Server,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseHow {
    /// In order, with FIN.
    Fin,
    /// At once, with RST.
    Rst,
}

/// The first end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Close {
    /// Who closed.
    pub by: Side,
    /// How.
    pub how: CloseHow,
    /// Where that stands.
    pub span: Span,
}

/// One connection.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// The client's address, with its port where the list shows it.
    pub client: Endpoint,
    /// The server's.
    pub server: Endpoint,
    /// The protocol that STARTTLS was said in, and where.
    pub starttls: Option<(&'static str, Span)>,
    /// The server's answer to it: whether it agreed, and where.
    pub starttls_answer: Option<(bool, Span)>,
    /// The ClientHello, with the version in the protocol column.
    pub client_hello: Option<(Option<Version>, Span)>,
    /// The name in the ClientHello, where the list shows it.
    pub sni: Option<String>,
    /// The ServerHello, with the negotiated version.
    pub server_hello: Option<(Option<Version>, Span)>,
    /// The answer was a HelloRetryRequest first.
    pub hello_retry_request: bool,
    /// Alerts in the clear, who sent them, and where.
    pub alerts: Vec<(Alert, Side, Span)>,
    /// Application data was seen.
    pub established: bool,
    /// The first FIN or RST behind the ClientHello or STARTTLS.
    pub close: Option<Close>,
    /// The first row that shows the ports.
    ports: Option<Span>,
    /// The list shows the connection from its first byte on.
    from_start: bool,
    /// The server's first answer to the ClientHello was text; of which kind, as the fact `error` names it.
    text_answer: Option<(&'static str, Span)>,
    /// Other answers of the server after the ClientHello: bytes, of whatever kind.
    answered: bool,
}

/// One end of a connection, as the list names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Address or name.
    pub host: String,
    /// The TCP port, where a row shows it.
    pub port: Option<u16>,
}

impl Endpoint {
    /// `ip:port`, or the name alone.
    #[must_use]
    pub fn address(&self) -> String {
        match self.port {
            Some(port) if self.host.contains(':') => format!("[{}]:{port}", self.host),
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

pub(super) struct WiresharkList;

impl Decode for WiresharkList {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let first = lines.first()?;
        if !names_a_protocol(first.text) {
            return None;
        }
        let header = Header::read(first);
        if header.is_none() {
            row(first, None)?;
        }
        let mut packets = Vec::new();
        let mut count = usize::from(header.is_some());
        for line in lines.iter().skip(count) {
            match row(line, header.as_ref()) {
                Some(packet) => packets.push(packet),
                // A row that was wrapped or cut off; the next line tells whether the list goes on.
                None if packets.is_empty() => break,
                None if lines.get(count + 1).and_then(|next| row(next, header.as_ref())).is_none() => break,
                None => {}
            }
            count += 1;
        }
        let tcp_only = packets.iter().all(|packet| packet.protocol == "TCP") && packets.len() < 2;
        if packets.is_empty() || tcp_only {
            return None;
        }
        Some((count, Data::PacketList(PacketList { flows: flows(&packets) })))
    }
}

/// One row of the list.
#[derive(Clone, Debug)]
struct Packet<'a> {
    source: &'a str,
    destination: &'a str,
    protocol: &'a str,
    info: &'a str,
    span: Span,
}

/// Protocols that Wireshark's column names, of those that carry TLS or end a connection that does.
const PROTOCOLS: &[&str] = &[
    "TCP",
    "TLS",
    "TLSv1",
    "TLSv1.1",
    "TLSv1.2",
    "TLSv1.3",
    "SSL",
    "SSLv2",
    "SSLv3",
    "SMTP",
    "IMAP",
    "POP",
    "FTP",
    "LDAP",
    "HTTP",
    "HTTP2",
    "HTTP/XML",
    "HTTP/JSON",
    "XMPP",
    "XMPP/XML",
    "PGSQL",
    "MySQL",
    "TDS",
    "RDP",
    "TPKT",
    "COTP",
    "NNTP",
    "IRC",
    "GTLS",
    "TLCP",
    "DTLS",
    "DTLSv1.0",
    "DTLSv1.2",
    "DTLSv1.3",
    "QUIC",
    "DNS",
    "MDNS",
    "UDP",
    "ICMP",
    "ICMPv6",
    "ARP",
    "SMTP/IMF",
    "IMF",
    "MANAGESIEVE",
    "Socks",
    "PROXYv1",
    "PROXYv2",
    "MQTT",
    "AMQP",
    "RSL",
    "SSHv2",
    "SSH",
    "OCSP",
];

/// Whether a line has a protocol's name, or the header of their column: most lines of a log have
/// not, and need no closer look.
fn names_a_protocol(line: &str) -> bool {
    static FINDER: OnceLock<AhoCorasick> = OnceLock::new();
    let finder = FINDER.get_or_init(|| {
        let headers =
            COLUMNS.iter().filter(|(column, _)| *column == Column::Protocol).flat_map(|(_, names)| *names);
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(PROTOCOLS.iter().chain(headers))
            .expect("a few short names always make an automaton")
    });
    finder.is_match(line)
}

/// The names that a header has for the columns that count, as Wireshark and tshark print them.
const COLUMNS: [(Column, &[&str]); 4] = [
    (Column::Source, &["source", "ip.src", "ipv6.src", "_ws.col.def_src", "_ws.col.source", "源", "来源"]),
    (
        Column::Destination,
        &["destination", "ip.dst", "ipv6.dst", "_ws.col.def_dst", "_ws.col.destination", "目标", "目的"],
    ),
    (Column::Protocol, &["protocol", "_ws.col.protocol", "协议"]),
    (Column::Info, &["info", "_ws.col.info", "信息"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Source,
    Destination,
    Protocol,
    Info,
}

/// Which cell of a row holds what.
#[derive(Clone, Copy, Debug)]
struct Header {
    source: usize,
    destination: usize,
    protocol: usize,
    info: usize,
    cells: usize,
}

impl Header {
    fn read(line: &Line<'_>) -> Option<Self> {
        // A header may be aligned more narrowly than its rows: then its words are the columns.
        let words = || line.body().split_whitespace().collect::<Vec<_>>();
        cells(line.body()).and_then(|cells| Self::of(&cells)).or_else(|| Self::of(&words()))
    }

    fn of(cells: &[&str]) -> Option<Self> {
        let at = |column: Column| {
            let (_, names) = COLUMNS.iter().find(|(known, _)| *known == column)?;
            cells.iter().position(|cell| {
                let cell = cell.trim_matches('"').to_ascii_lowercase();
                names.contains(&cell.as_str())
            })
        };
        Some(Self {
            source: at(Column::Source)?,
            destination: at(Column::Destination)?,
            protocol: at(Column::Protocol)?,
            info: at(Column::Info)?,
            cells: cells.len(),
        })
    }
}

/// Reads a row by its header, by its cells, or word by word; first without the prefix that it
/// shares with its neighbours, then the whole line: the prefix may be a column of times.
fn row<'a>(line: &Line<'a>, header: Option<&Header>) -> Option<Packet<'a>> {
    [line.body(), line.text].into_iter().find_map(|text| {
        let cells = cells(text);
        let packet = match (header, &cells) {
            (Some(header), Some(cells)) if cells.len() + 1 >= header.cells => by_header(cells, header),
            _ => None,
        };
        let (source, destination, protocol, info) =
            packet.or_else(|| by_cells(&cells?)).or_else(|| by_words(text))?;
        Some(Packet { source, destination, protocol, info, span: line.span_of(text.trim()) })
    })
}

type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

/// The cells of a row that is cut by tabs, or aligned by two spaces and more.
fn cells(text: &str) -> Option<Vec<&str>> {
    let cells: Vec<&str> = if text.contains('\t') {
        text.split('\t').map(str::trim).collect()
    } else {
        text.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
    };
    (4..=64).contains(&cells.len()).then_some(cells)
}

fn by_header<'a>(cells: &[&'a str], header: &Header) -> Option<Row<'a>> {
    let cell = |at: usize| cells.get(at).map(|cell| cell.trim_matches('"'));
    let protocol = cell(header.protocol).filter(|cell| PROTOCOLS.contains(cell))?;
    let address = |at: usize| cell(at).filter(|cell| is_address(cell));
    Some((
        address(header.source)?,
        address(header.destination)?,
        protocol,
        cell(header.info).unwrap_or_default(),
    ))
}

/// Without a header each cell tells by itself what it is: a protocol's name, a number or a time,
/// two addresses, and the text that is left.
fn by_cells<'a>(cells: &[&'a str]) -> Option<Row<'a>> {
    let mut protocol = None;
    let mut info: Option<&str> = None;
    let mut addresses = Vec::new();
    for cell in cells.iter().map(|cell| cell.trim_matches('"')) {
        if protocol.is_none() && PROTOCOLS.contains(&cell) {
            protocol = Some(cell);
        } else if cell.is_empty() || is_number_or_time(cell) {
        } else if let Some((source, destination)) = arrow(cell).filter(|_| addresses.is_empty()) {
            addresses.extend([source, destination]);
        } else if is_info(cell) || !is_address(cell) {
            // Tabs may stand inside the text as well; the longest cell is the one that tells.
            info = info.filter(|other| other.len() >= cell.len()).or(Some(cell));
        } else {
            addresses.push(cell);
        }
    }
    match addresses.as_slice() {
        [source, destination, ..] => Some((source, destination, protocol?, info.unwrap_or_default())),
        _ => None,
    }
}

/// `4   0.000296    127.0.0.1 → 127.0.0.1    TLSv1 329 Client Hello`, cut at any white space.
fn by_words(text: &str) -> Option<Row<'_>> {
    let mut words = text.split_whitespace().filter(|word| !is_arrow(word));
    let mut before: Vec<&str> = Vec::new();
    // The protocol stands behind at most: number, date, time, zone, two addresses, a length.
    let protocol = loop {
        let word = words.next()?;
        if PROTOCOLS.contains(&word) && before.iter().filter(|word| is_address(word)).count() >= 2 {
            break word;
        }
        before.push(word);
        if before.len() > 9 {
            return None;
        }
    };
    // Two addresses, and otherwise numbers and times: anything else is a sentence.
    let mut addresses = before.iter().filter(|word| !is_number_or_time(word));
    let (source, destination) = (addresses.next()?, addresses.next()?);
    if addresses.next().is_some() {
        return None;
    }
    let behind = protocol.as_ptr() as usize - text.as_ptr() as usize + protocol.len();
    let info = text.get(behind..)?.trim_start();
    // The length, where that column is shown.
    let info = match info.split_once(char::is_whitespace) {
        Some((length, info))
            if length.bytes().all(|byte| byte.is_ascii_digit())
                && !info.trim_start().starts_with(['→', '-', '>']) =>
        {
            info.trim_start()
        }
        _ => info,
    };
    // A row says more than its protocol: numbers before it, or a text behind it.
    (before.len() > 2 || is_info(info)).then_some((*source, *destination, protocol, info))
}

fn is_arrow(word: &str) -> bool {
    ["→", "->", "=>", "➔"].contains(&word)
}

fn arrow(cell: &str) -> Option<(&str, &str)> {
    ["→", "->"].iter().find_map(|mark| {
        let (source, destination) = cell.split_once(mark)?;
        let (source, destination) = (source.trim(), destination.trim());
        (is_address(source) && is_address(destination)).then_some((source, destination))
    })
}

/// `72424`, `35.125573`, `2023-04-27`, `15:19:03.930917`, `2023-04-27 15:19:03.930917`.
fn is_number_or_time(cell: &str) -> bool {
    cell.split(' ').all(|word| {
        let dots = word.matches('.').count();
        let only = |extra: &[u8]| word.bytes().all(|byte| byte.is_ascii_digit() || extra.contains(&byte));
        !word.is_empty()
            && (only(b".,-") && dots <= 1
                || only(b".,:-+TZ/")
                    && word.contains([':', '-', '/'])
                    && dots <= 1
                    && word.matches(':').count() <= 3
                || ["UTC", "CST", "CET", "CEST", "EST", "EDT", "PST", "PDT", "GMT", "AM", "PM"]
                    .contains(&word))
    })
}

/// An address, a host's name, or a stand-in such as `SERVER`: one word, no sentence.
fn is_address(word: &str) -> bool {
    !is_number_or_time(word)
        && !word.is_empty()
        && word.len() <= 253
        && !PROTOCOLS.contains(&word)
        && word.chars().all(|c| c.is_alphanumeric() || ".:-_%[]".contains(c))
        && word.chars().any(char::is_alphanumeric)
}

/// What Wireshark writes into the Info column of the protocols above.
fn is_info(cell: &str) -> bool {
    const WORDS: [&str; 19] = [
        "Client Hello",
        "Server Hello",
        "Certificate",
        "Alert",
        "Encrypted",
        "Application Data",
        "Change Cipher",
        "Continuation",
        "[FIN",
        "[RST",
        "[SYN",
        "[ACK",
        "[PSH",
        "[TCP",
        "C: ",
        "S: ",
        "Request: ",
        "Response: ",
        "HTTP/",
    ];
    WORDS.iter().any(|word| cell.contains(word))
}

/// What a TCP row says: `25 → 35467 [FIN, ACK] Seq=402 Ack=159`.
struct Tcp {
    source: u16,
    destination: u16,
    fin: bool,
    rst: bool,
    syn: bool,
    ack_only: bool,
    len: u32,
    /// The first byte of the segment, counted from the beginning of the connection.
    seq: Option<u32>,
}

fn tcp(info: &str) -> Option<Tcp> {
    let arrow = ["→", "->", " > "].into_iter().find(|arrow| info.contains(arrow))?;
    let (before, after) = info.split_once(arrow)?;
    let source = before.split_whitespace().next_back()?.parse().ok()?;
    let destination = after.split_whitespace().next()?.parse().ok()?;
    let flags =
        after.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(flags, _)| flags);
    let has = |flag: &str| flags.split(',').any(|word| word.trim() == flag);
    let number = |name: &str| {
        let (_, rest) = after.split_once(name)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok()
    };
    Some(Tcp {
        source,
        destination,
        fin: has("FIN"),
        rst: has("RST"),
        syn: has("SYN") && !has("ACK"),
        ack_only: flags.trim() == "ACK",
        len: number("Len=").unwrap_or(0),
        seq: number("Seq="),
    })
}

/// The command that asks for TLS, by the protocol that has it.
fn starttls(protocol: &str, info: &str) -> Option<&'static str> {
    let upper = info.to_ascii_uppercase();
    let words = || upper.split(|c: char| !c.is_ascii_alphanumeric());
    let has = |wanted: &str| words().any(|word| word == wanted);
    match protocol {
        "SMTP" if info.starts_with("C:") && has("STARTTLS") => Some("smtp"),
        "IMAP" if info.starts_with("Request") && has("STARTTLS") => Some("imap"),
        "POP" if info.starts_with("C:") && has("STLS") => Some("pop3"),
        "FTP" if info.starts_with("Request") && has("AUTH") && (has("TLS") || has("SSL")) => Some("ftp"),
        "LDAP" if upper.contains("1.3.6.1.4.1.1466.20037") && upper.contains("EXTENDEDREQ") => Some("ldap"),
        _ => None,
    }
}

/// The words of a protocol that is not TLS, where TLS was due. Wireshark may call the first of
/// them TCP, as part of a longer answer.
fn text_answer(packet: &Packet<'_>) -> Option<&'static str> {
    let says = |words: &[&str]| words.iter().any(|word| packet.info.starts_with(word));
    match packet.protocol {
        _ if says(&["HTTP/1"]) => Some("http-answer"),
        "SMTP" | "IMAP" | "POP" if says(&["S: ", "Response: "]) => Some("mail-answer"),
        "FTP" | "SSHv2" | "SSH" | "MySQL" | "IRC" if says(&["Response: ", "Server: ", "Server Greeting"]) => {
            Some("not-tls")
        }
        _ => None,
    }
}

/// Whether the server agrees to it.
fn starttls_answer(protocol: &str, info: &str) -> Option<bool> {
    let answer = match protocol {
        "SMTP" => info.strip_prefix("S:")?,
        "IMAP" | "FTP" => info.strip_prefix("Response:")?,
        "POP" => info.strip_prefix("S:")?,
        _ => return None,
    }
    .trim_start();
    Some(match protocol {
        "SMTP" => answer.starts_with("220"),
        "FTP" => answer.starts_with("234"),
        "POP" => answer.starts_with("+OK"),
        _ => answer.split_whitespace().any(|word| word == "OK"),
    })
}

/// How many connections of two hosts are looked through for the one that a packet belongs to.
const OPEN_AT_ONCE: usize = 64;

fn flows(packets: &[Packet<'_>]) -> Vec<Flow> {
    let mut flows: Vec<Flow> = Vec::new();
    let mut between: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, packet) in packets.iter().enumerate() {
        let tcp = tcp(packet.info);
        let hello = packet.info.contains("Client Hello");
        let asks = starttls(packet.protocol, packet.info);
        let hosts = (packet.source.min(packet.destination), packet.source.max(packet.destination));
        let known = between.entry(hosts).or_default();
        let mine = known.iter().rev().take(OPEN_AT_ONCE).copied().find(|index| {
            let (Some(flow), Some(tcp)) = (flows.get(*index), &tcp) else { return true };
            let has =
                |port: Option<u16>| port.is_none_or(|port| port == tcp.source || port == tcp.destination);
            has(flow.client.port) && has(flow.server.port)
        });
        // A SYN begins a new connection; so does a hello or a STARTTLS where one is over already.
        let begins = tcp.as_ref().is_some_and(|tcp| tcp.syn)
            || (hello || asks.is_some())
                && mine.and_then(|mine| flows.get(mine)).is_some_and(|flow| {
                    flow.close.is_some()
                        || flow.server_hello.is_some()
                        || asks.is_some() && flow.client_hello.is_some()
                });
        let index = match mine.filter(|_| !begins) {
            Some(index) => index,
            None => {
                let mut flow = Flow::default();
                // The first packet of a flow is the client's, unless its words say otherwise.
                let from_server = packet.info.starts_with("S:")
                    || packet.info.starts_with("Response:")
                    || packet.info.contains("Server Hello")
                    || tcp.as_ref().is_some_and(|tcp| {
                        !tcp.syn && port_use(tcp.source).is_some() && port_use(tcp.destination).is_none()
                    });
                let (client, server) = if from_server {
                    (packet.destination, packet.source)
                } else {
                    (packet.source, packet.destination)
                };
                flow.client.host = client.to_owned();
                flow.server.host = server.to_owned();
                known.push(flows.len());
                flows.push(flow);
                flows.len() - 1
            }
        };
        let next = packets.get(at + 1..).unwrap_or_default();
        if let Some(flow) = flows.get_mut(index) {
            flow.take(packet, tcp.as_ref(), next);
        }
    }
    flows
}

impl Flow {
    fn take(&mut self, packet: &Packet<'_>, tcp: Option<&Tcp>, next: &[Packet<'_>]) {
        let side = self.side(packet, tcp, next);
        if let Some(tcp) = tcp {
            let (client, server) = match side {
                Side::Client => (tcp.source, tcp.destination),
                Side::Server => (tcp.destination, tcp.source),
            };
            self.client.port.get_or_insert(client);
            self.server.port.get_or_insert(server);
            self.ports.get_or_insert(packet.span);
        }
        if let Some(protocol) = starttls(packet.protocol, packet.info) {
            self.starttls = Some((protocol, packet.span));
            self.starttls_answer = None;
        } else if side == Side::Server
            && self.starttls.is_some()
            && self.starttls_answer.is_none()
            && self.client_hello.is_none()
        {
            self.starttls_answer =
                starttls_answer(packet.protocol, packet.info).map(|agreed| (agreed, packet.span));
        }
        let version = Version::from_column(packet.protocol);
        for message in packet.info.split(", ") {
            self.message(message.trim(), version, side, packet.span);
        }
        // Where the server closes with its first byte, it has said nothing before.
        self.from_start |= tcp.is_some_and(|tcp| {
            tcp.syn || side == Side::Server && (tcp.fin || tcp.rst) && tcp.seq.is_some_and(|seq| seq <= 1)
        });
        if side == Side::Server && self.client_hello.is_some() && tcp.is_none_or(|tcp| tcp.len > 0) {
            if !self.answered && self.server_hello.is_none() {
                self.text_answer = text_answer(packet).map(|kind| (kind, packet.span));
            }
            self.answered = true;
        }
        if let Some(tcp) = tcp.filter(|tcp| (tcp.fin || tcp.rst) && self.close.is_none()) {
            let how = if tcp.rst { CloseHow::Rst } else { CloseHow::Fin };
            self.close = Some(Close { by: side, how, span: packet.span });
        }
    }

    fn message(&mut self, message: &str, version: Option<Version>, side: Side, span: Span) {
        if message.starts_with("Client Hello") {
            self.client_hello.get_or_insert((version, span));
            let sni = message.split_once("(SNI=").and_then(|(_, rest)| rest.split([')', ' ', '"']).next());
            self.sni = self.sni.take().or_else(|| sni.map(str::to_owned));
        } else if message.starts_with("Hello Retry Request") {
            self.hello_retry_request = true;
        } else if message.starts_with("Server Hello") && !message.starts_with("Server Hello Done") {
            self.server_hello.get_or_insert((version, span));
        } else if message.starts_with("Application Data") && self.server_hello.is_some() {
            self.established = true;
        } else if let Some((_, name)) = message.split_once("Description: ")
            && let Some(alert) = Alert::named(name.trim_end_matches(')'))
        {
            self.alerts.push((alert, side, span));
        }
    }

    /// Who sent a packet. On a loopback both ends have one address; then ports tell, or the
    /// words, or who acknowledges it.
    fn side(&self, packet: &Packet<'_>, tcp: Option<&Tcp>, next: &[Packet<'_>]) -> Side {
        if self.client.host != self.server.host {
            return if packet.source == self.client.host { Side::Client } else { Side::Server };
        }
        let by_port = |tcp: &Tcp| match (self.client.port, self.server.port) {
            (Some(client), _) if tcp.source == client => Some(Side::Client),
            (_, Some(server)) if tcp.source == server => Some(Side::Server),
            _ if tcp.syn => Some(Side::Client),
            _ => port_use(tcp.source).map(|_| Side::Server),
        };
        if let Some(side) = tcp.and_then(by_port) {
            return side;
        }
        let info = packet.info;
        if ["Client Hello", "C:", "Request:", "Client Key Exchange"].iter().any(|word| info.starts_with(word))
        {
            return Side::Client;
        }
        if ["Server Hello", "S:", "Response:", "HTTP/1", "Hello Retry"]
            .iter()
            .any(|word| info.starts_with(word))
        {
            return Side::Server;
        }
        // What comes next from the other side is its acknowledgement.
        let acknowledged =
            next.iter().take(4).filter_map(|packet| self::tcp(packet.info)).find(|tcp| tcp.ack_only);
        match acknowledged.as_ref().and_then(by_port) {
            Some(Side::Client) => Side::Server,
            Some(Side::Server) => Side::Client,
            None if self.client_hello.is_some() && self.server_hello.is_none() => Side::Server,
            None => Side::Client,
        }
    }

    fn port(&self) -> Option<Statement> {
        Some(Statement::new("server.port", self.server.port?.to_string()))
    }

    /// It got no further than the ClientHello because somebody ended it there.
    #[must_use]
    pub fn closed_after_hello(&self) -> Option<Close> {
        self.close.filter(|_| {
            self.client_hello.is_some()
                && self.server_hello.is_none()
                && self.alerts.is_empty()
                && !self.answered
        })
    }

    /// It was seen to go wrong: refused, alerted, or closed before anything was said.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.closed_after_hello().is_some()
            || self.text_answer.is_some()
            || !self.alerts.is_empty()
            || self.starttls_answer.is_some_and(|(agreed, _)| !agreed)
    }

    /// The server answered the ClientHello with a ServerHello, and nothing went wrong in sight.
    #[must_use]
    pub fn works(&self) -> bool {
        self.server_hello.is_some() && !self.failed()
    }
}

/// A flow that works is not evidence of a failure; `facts` compares it with one that does not.
pub(super) fn read(list: &PacketList, see: &mut impl FnMut(Span, Vec<Statement>)) {
    for flow in list.flows.iter().filter(|flow| !flow.works()) {
        let shown_elsewhere =
            flow.ports.filter(|span| flow.closed_after_hello().is_none_or(|close| close.span != *span));
        if let (Some(span), Some(port)) = (shown_elsewhere, flow.port()) {
            see(span, vec![port]);
        }
        if let Some((protocol, span)) = flow.starttls {
            see(span, vec![Statement::new("starttls", protocol)]);
        }
        if let Some((agreed, span)) = flow.starttls_answer {
            see(span, vec![Statement::new("starttls.answer", if agreed { "accepted" } else { "refused" })]);
        }
        if let Some((version, span)) = flow.client_hello {
            let mut states = vec![Statement::new("hello", "seen")];
            match (version.and_then(Version::slug), flow.server_hello) {
                (Some(version), None) => states.push(Statement::new("hello.record", version)),
                (Some(version), Some(_)) => states.push(Statement::new("negotiated", version)),
                (None, _) => {}
            }
            if flow.close.is_none() && !flow.answered && flow.alerts.is_empty() {
                states.push(Statement::new("capture.ends", "client-hello"));
            }
            if flow.from_start
                && flow.starttls.is_none()
                && flow
                    .server
                    .port
                    .and_then(port_use)
                    .is_some_and(|usual| matches!(usual, PortUse::StartTls(_)))
            {
                states.push(Statement::new("starttls", "none"));
            }
            see(span, states);
        }
        if let Some((kind, span)) = flow.text_answer {
            see(span, vec![Statement::new("error", kind)]);
        }
        for (alert, side, span) in flow.alerts.iter().filter(|(alert, ..)| alert.0 != 0) {
            let from = if *side == Side::Server { "server" } else { "client" };
            see(
                *span,
                vec![Statement::new("alert", alert.0.to_string()), Statement::new("alert.from", from)],
            );
        }
        if let Some(close) = flow.closed_after_hello() {
            let by = if close.by == Side::Server { "server" } else { "client" };
            let how = if close.how == CloseHow::Fin { "fin" } else { "rst" };
            let mut states = vec![
                Statement::new("close.after", "client-hello"),
                Statement::new("close.by", by),
                Statement::new("close.how", how),
            ];
            if flow.ports == Some(close.span) {
                states.extend(flow.port());
            }
            see(close.span, states);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Option<PacketList> {
        let paste = crate::Paste::text(text);
        match WiresharkList.find(&paste.inputs.first()?.regions().first()?.lines)? {
            (_, Data::PacketList(list)) => Some(list),
            _ => None,
        }
    }

    /// The same two packets in the forms that people paste.
    const FORMS: [&str; 7] = [
        "72426\t2023-04-27 15:19:03.931555\tCLIENT1\tSERVER\tTLSv1\t185\tClient Hello\n72427\t2023-04-27 15:19:03.932556\tSERVER\tCLIENT1\tTCP\t60\t25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
        "72426 2023-04-27 15:19:03.931555 CLIENT1 SERVER TLSv1 185 Client Hello\n72427 2023-04-27 15:19:03.932556 SERVER CLIENT1 TCP 60 25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
        "    1   0.000000      CLIENT1 → SERVER       TLSv1 185 Client Hello\n    2   0.001001       SERVER → CLIENT1      TCP 60 25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
        "No.     Time           Source                Destination           Protocol Length Info\n      1 0.000000       CLIENT1               SERVER                TLSv1    185    Client Hello\n      2 0.001001       SERVER                CLIENT1               TCP      60     25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
        "Protocol\tInfo\tSource\tDestination\tTime\nTLSv1\tClient Hello\tCLIENT1\tSERVER\t0.000000\nTCP\t25 -> 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0\tSERVER\tCLIENT1\t0.001001",
        "Client Hello\tTLSv1\tCLIENT1\tSERVER\t185\n25 > 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0\tTCP\tSERVER\tCLIENT1\t60",
        "> 72426 2023-04-27 15:19:03.931555 CLIENT1 SERVER TLSv1 185 Client Hello\n> 72427 2023-04-27 15:19:03.932556 SERVER CLIENT1 TCP 60 25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
    ];

    #[test]
    fn reads_every_form_alike() {
        for text in FORMS {
            let list = list(text).expect(text);
            let [flow] = list.flows.as_slice() else { panic!("{} flows in {text}", list.flows.len()) };
            assert_eq!(flow.client_hello.and_then(|(version, _)| version), Some(Version::TLS10), "{text}");
            let close = flow.closed_after_hello().expect(text);
            assert_eq!((close.by, close.how), (Side::Server, CloseHow::Fin), "{text}");
            assert_eq!(
                (flow.client.address(), flow.server.address()),
                ("CLIENT1:35467".into(), "SERVER:25".into()),
                "{text}"
            );
        }
    }

    #[test]
    fn knows_who_sent_an_alert_on_a_loopback() {
        let list = list(
            "    4   0.000296    127.0.0.1 → 127.0.0.1    TLSv1 329 Client Hello\n    5   0.000304    127.0.0.1 → 127.0.0.1    TCP 66 443 → 38612 [ACK] Seq=1 Ack=264 Win=65536 Len=0\n    6   0.000453    127.0.0.1 → 127.0.0.1    TLSv1.2 73 Alert (Level: Fatal, Description: Unknown CA)\n    7   0.000458    127.0.0.1 → 127.0.0.1    TCP 66 38612 → 443 [ACK] Seq=264 Ack=8 Win=65536 Len=0",
        )
        .expect("a list");
        assert_eq!(
            list.flows[0].alerts.iter().map(|(alert, side, _)| (*alert, *side)).collect::<Vec<_>>(),
            [(Alert(48), Side::Server)]
        );
    }

    #[test]
    fn leaves_other_lines_alone() {
        assert!(list("The client sent a TLSv1 Client Hello to the server").is_none());
        assert!(list("2023-04-27 15:19:03 app server TCP connection lost").is_none());
    }
}
