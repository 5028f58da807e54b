//! Reads the rows of a packet list: which cell holds what.
//!
//! In:  rows with tabs or spaces, any order of columns, absolute or relative times, `→` or `->`.
//! Out: one [`Packet`] for each row.
//! Not here: what the text of a row says (`words`), and which rows belong together (`assemble`).

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::paste::{Line, Span};

/// One row of the list.
#[derive(Clone, Debug)]
pub(super) struct Packet<'a> {
    pub(super) source: &'a str,
    pub(super) destination: &'a str,
    pub(super) protocol: &'a str,
    pub(super) info: &'a str,
    pub(super) span: Span,
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
pub(super) fn names_a_protocol(line: &str) -> bool {
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
pub(super) struct Header {
    source: usize,
    destination: usize,
    protocol: usize,
    info: usize,
    cells: usize,
}

impl Header {
    pub(super) fn read(line: &Line<'_>) -> Option<Self> {
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
pub(super) fn row<'a>(line: &Line<'a>, header: Option<&Header>) -> Option<Packet<'a>> {
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
