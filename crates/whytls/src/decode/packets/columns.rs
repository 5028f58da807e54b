//! Reads the rows of a packet list: which cell holds what.
//!
//! In:  rows with tabs or spaces, any order of columns, absolute or relative times, `→` or `->`.
//! Out: one [`Packet`] for each row.
//! Not here: what the text of a row says (`words`), and which rows belong together (`assemble`).

use std::sync::OnceLock;

use super::header::{COLUMNS, Column, Header};
use super::words::Tcp;
use crate::paste::{Line, Span};
use crate::wire::{Place, What};

/// One row of the list.
#[derive(Clone, Debug)]
pub(super) struct Packet<'a> {
    pub(super) source: &'a str,
    pub(super) destination: &'a str,
    pub(super) protocol: &'a str,
    pub(super) info: &'a str,
    /// The ports, where columns show them.
    pub(super) ports: Option<(u16, u16)>,
    /// Bytes of the frame, where that column is shown.
    pub(super) length: Option<u32>,
    /// Nanoseconds since some beginning, where a column of times is shown.
    pub(super) time: Option<i64>,
    /// How many hops it might still have gone, where that is shown.
    pub(super) ttl: Option<u8>,
    pub(super) span: Span,
    /// What TCP says, where that does not stand in the text.
    pub(super) tcp: Option<Tcp>,
    /// Its messages, where they are not told by the text.
    pub(super) told: Option<Vec<(What, Place)>>,
    /// Of its payload no more is told than how long it is.
    pub(super) unseen: bool,
    /// The server's name, where a column shows that of a ClientHello.
    pub(super) sni: Option<&'a str>,
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
    OLD_DTLS,
    "DTLSv1.0",
    "DTLSv1.2",
    "DTLSv1.3",
    "QUIC",
    "GQUIC",
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

/// What Wireshark calls the version before the first one that was a standard, which some VPNs still speak.
const OLD_DTLS: &str = "DTLS 1.0 (OpenSSL pre 0.9.8f)";

/// The names of protocols, and the headers of their column.
pub(in super::super) fn protocols() -> impl Iterator<Item = &'static str> {
    let headers = COLUMNS.iter().filter(|(column, _)| *column == Column::Protocol);
    PROTOCOLS.iter().chain(headers.flat_map(|(_, own)| *own)).copied()
}

/// Whether a line has a protocol's name, or the header of their column: most lines of a log have
/// not, and need no closer look.
pub(super) fn names_a_protocol(line: &str) -> bool {
    /// The names that begin with each byte, letters in lower case.
    static NAMES: OnceLock<Vec<Vec<&str>>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let mut names = vec![Vec::new(); 256];
        for name in protocols() {
            let first = name.bytes().next().unwrap_or_default().to_ascii_lowercase();
            if let Some(own) = names.get_mut(usize::from(first)) {
                own.push(name);
            }
        }
        names
    });
    let bytes = line.as_bytes();
    let mut inside = false;
    bytes.iter().enumerate().any(|(at, byte)| {
        let begins = !inside;
        // Other scripts have no spaces between words.
        inside = byte.is_ascii_alphanumeric();
        begins
            && names.get(usize::from(byte.to_ascii_lowercase())).is_some_and(|names| {
                names.iter().any(|name| {
                    let own = bytes.get(at..at + name.len());
                    own.is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
                })
            })
    })
}

/// Reads a row by its header, by its cells, or word by word; first without the prefix that it
/// shares with its neighbours, then the whole line: the prefix may be a column of times.
/// In a list that has `begun`, the protocol may be one that we do not know.
pub(super) fn row<'a>(line: &Line<'a>, header: Option<&Header>, begun: bool) -> Option<Packet<'a>> {
    [line.body(), line.text].into_iter().find_map(|text| {
        let cells = cells(text);
        let row = match (header, &cells) {
            (Some(header), Some(cells)) if cells.len() + 1 >= header.cells => by_header(cells, header),
            _ => None,
        };
        let row = row
            .or_else(|| by_cells(&cells?))
            .or_else(|| by_words(text))
            .or_else(|| by_arrow(text, begun))
            .or_else(|| by_addresses(text))?;
        // A log may put a time of its own before the row.
        let time = time(line.body()).or_else(|| time(line.text));
        Some(Packet::of(row, time, line.span_of(text.trim())))
    })
}

impl<'a> Packet<'a> {
    fn of(row: Row<'a>, time: Option<i64>, span: Span) -> Self {
        let Row { source, destination, protocol, info, ports, length, ttl, sni } = row;
        let (tcp, told, unseen) = (None, None, false);
        Self { source, destination, protocol, info, ports, length, time, ttl, span, tcp, told, unseen, sni }
    }

    /// A row of which the cells are known.
    pub(super) fn of_cells(cells: &[&'a str], header: &Header, span: Span) -> Option<Self> {
        let time = cells.iter().find_map(|cell| time(cell));
        Some(Self::of(by_header(cells, header)?, time, span))
    }
}

struct Row<'a> {
    source: &'a str,
    destination: &'a str,
    protocol: &'a str,
    info: &'a str,
    ports: Option<(u16, u16)>,
    length: Option<u32>,
    ttl: Option<u8>,
    sni: Option<&'a str>,
}

/// The cells of a row that is cut by tabs, by commas between quotes, or aligned by two spaces and more.
pub(super) fn cells(text: &str) -> Option<Vec<&str>> {
    let quoted = text.trim();
    let cells: Vec<&str> = if text.contains('\t') {
        text.split('\t').map(str::trim).collect()
    } else if quoted.starts_with('"') && quoted.contains("\",\"") {
        // Quotes inside a cell are doubled, so that three in a row may belong to one.
        quoted.trim_matches('"').split("\",\"").map(str::trim).collect()
    } else if numbered(quoted) {
        between_commas(quoted)
    } else {
        text.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
    };
    (4..=64).contains(&cells.len()).then_some(cells)
}

/// `134,None,2016-05-18T10:31:11.2837655,…`: only the cells that need it stand in quotes.
fn numbered(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && text.get(digits..).is_some_and(|rest| rest.starts_with(',') && !rest.starts_with(", "))
}

fn between_commas(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(str::trim)
    .collect()
}

fn by_header<'a>(cells: &[&'a str], header: &Header) -> Option<Row<'a>> {
    let cell = |at: usize| cells.get(at).map(|cell| cell.trim_matches('"'));
    let address = |at: usize| cell(at).filter(|cell| is_address(cell));
    let port = |at: usize| cell(at).and_then(|cell| cell.parse().ok());
    Some(Row {
        source: address(header.source)?,
        destination: address(header.destination)?,
        protocol: cell(header.protocol).filter(|cell| is_protocol(cell))?,
        info: cell(header.info).unwrap_or_default(),
        ports: header.ports.and_then(|(source, destination)| port(source).zip(port(destination))),
        length: header.length.and_then(cell).and_then(|cell| cell.parse().ok()),
        ttl: header.ttl.and_then(cell).and_then(|cell| cell.parse().ok()),
        sni: header.sni.and_then(cell).filter(|cell| is_host(cell)),
    })
}

/// Message Analyzer says this of a packet in which it found nothing wrong.
const NO_DIAGNOSIS: &str = "None";

/// Without a header each cell tells by itself what it is: a protocol's name, a number or a time,
/// two addresses, and the text that is left.
fn by_cells<'a>(cells: &[&'a str]) -> Option<Row<'a>> {
    let mut protocol = None;
    let mut info: Option<&str> = None;
    let mut addresses = Vec::new();
    let mut length = None;
    let mut before = Vec::new();
    let last = cells.len().saturating_sub(1);
    for (at, cell) in cells.iter().map(|cell| cell.trim_matches('"')).enumerate() {
        if protocol.is_none() && PROTOCOLS.contains(&cell) {
            protocol = Some(cell);
        } else if cell.is_empty() || cell == NO_DIAGNOSIS || is_number_or_time(cell) {
            // The number of the frame stands before the addresses, its length behind the protocol.
            length = length.or(cell.parse().ok().filter(|_| protocol.is_some()));
            before.extend(cell.parse::<u32>().ok().filter(|_| protocol.is_none() && addresses.is_empty()));
        } else if let Some((source, destination)) = arrow(cell).filter(|_| addresses.is_empty()) {
            addresses.extend([source, destination]);
        } else if is_info(cell) || !is_address(cell) || addresses.len() > 1 && info.is_none() && at == last {
            // Tabs may stand inside the text as well; the longest cell is the one that tells.
            info = info.filter(|other| other.len() >= cell.len()).or(Some(cell));
        } else {
            addresses.push(cell);
        }
    }
    let (source, destination) = match addresses.as_slice() {
        // Hardware addresses and names may stand beside those of the network.
        [_, _, source, destination, ..]
            if [source, destination].iter().all(|word| is_ip(word))
                && addresses.iter().take(2).any(|word| !is_ip(word)) =>
        {
            (*source, *destination)
        }
        [source, destination, ..] => (*source, *destination),
        _ => return None,
    };
    // Columns of ports: two numbers side by side behind the protocol or the addresses, or one behind each.
    let beside = cells.windows(4).take(8).find_map(|cells| match cells {
        [source, _, destination, _] if is_ip(source) && is_ip(destination) => ports(cells),
        _ => None,
    });
    let behind = || {
        let at = cells.iter().position(|cell| Some(*cell) == protocol)?;
        let mut numbers = cells.get(at + 2..)?.iter().take_while(|cell| is_number_or_time(cell));
        numbers.next()?.parse().ok().zip(numbers.next()?.parse().ok())
    };
    let behind_both = || {
        let at = cells.iter().rposition(|cell| *cell == destination)?;
        cells.get(at + 1)?.parse().ok().zip(cells.get(at + 2)?.parse().ok())
    };
    Some(Row {
        source,
        destination,
        protocol: protocol?,
        info: info.unwrap_or_default(),
        ports: beside.or_else(behind).or_else(behind_both),
        length: length.or_else(|| second(&before)),
        ttl: None,
        sni: addresses.get(2).copied().filter(|cell| is_host(cell)),
    })
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
    let addresses: Vec<&&str> =
        before.iter().filter(|word| **word != NO_DIAGNOSIS && !is_number_or_time(word)).collect();
    let (source, destination) = match addresses.as_slice() {
        [source, destination] => (*source, *destination),
        // Hardware addresses and names may stand before those of the network.
        [one, other, source, destination]
            if is_ip(source) && is_ip(destination) && !(is_ip(one) && is_ip(other)) =>
        {
            (*source, *destination)
        }
        _ => return None,
    };
    // A program's name in a log has a colon behind it; an address may have two.
    if [source, destination].iter().any(|word| word.ends_with(':') && !word.ends_with("::")) {
        return None;
    }
    let Behind { length, ports: own, info, sni } = behind(text, protocol)?;
    let numbers: Vec<u32> =
        before.iter().take_while(|word| *word != source).filter_map(|word| word.parse().ok()).collect();
    let length = length.or_else(|| second(&numbers));
    // Nothing but a port stands between them.
    let mut between =
        before.iter().skip_while(|word| *word != source).skip(1).take_while(|word| *word != destination);
    if between.any(|word| *word != NO_DIAGNOSIS && word.parse::<u16>().is_err()) {
        return None;
    }
    let back = text.split_whitespace().take(before.len() + 2).any(points_back);
    let (source, destination) = if back { (destination, source) } else { (source, destination) };
    let ports = ports(&before).map(|(a, b)| if back { (b, a) } else { (a, b) }).or(own);
    // A row says more than its protocol: numbers before it, or a text behind it.
    (before.len() > 2 || is_info(info)).then_some(Row {
        source,
        destination,
        protocol,
        info,
        ports,
        length,
        ttl: None,
        sni,
    })
}

/// The length of a frame, where that column stands before the addresses, behind the number of the frame.
fn second(numbers: &[u32]) -> Option<u32> {
    match numbers {
        [_, length] => Some(*length),
        _ => None,
    }
}

/// Columns of ports behind each address, or behind both.
fn ports(cells: &[&str]) -> Option<(u16, u16)> {
    let port = |cell: &str| cell.parse::<u16>().ok().filter(|port| *port > 0);
    match cells {
        [.., source, one, destination, other] if is_address(source) && is_address(destination) => {
            port(one).zip(port(other))
        }
        [.., source, destination, one, other] if is_address(source) && is_address(destination) => {
            port(one).zip(port(other))
        }
        _ => None,
    }
}

/// Columns in another order, the addresses behind the text: an arrow between two of them tells.
fn by_addresses(text: &str) -> Option<Row<'_>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.windows(3).rposition(|part| match part {
        [one, arrow, other] => is_ip(one) && is_arrow(arrow) && is_ip(other),
        _ => false,
    })?;
    let (one, arrow, other) = (words.get(at)?, words.get(at + 1)?, words.get(at + 2)?);
    let (source, destination) = if points_back(arrow) { (*other, *one) } else { (*one, *other) };
    let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    // The text may stand before the protocol as well.
    if let Some(protocol) = at.checked_sub(1).and_then(|at| words.get(at)).filter(|word| is_known(word)) {
        let info = text.get(..place(protocol))?.trim();
        let length = words.get(at + 3).and_then(|word| word.parse().ok());
        let row = Row { source, destination, protocol, info, ports: None, length, ttl: None, sni: None };
        return is_info(info).then_some(row);
    }
    let protocol = words.get(..at)?.iter().find(|word| is_known(word))?;
    let Behind { length, ports, info, sni } = behind(text.get(..place(one))?, protocol)?;
    let info = info.trim_end();
    let length = length.or_else(|| words.get(at + 3..)?.iter().find_map(|word| word.parse().ok()));
    is_info(info).then_some(Row { source, destination, protocol, info, ports, length, ttl: None, sni })
}

/// The same with a protocol that we do not know: then an arrow between two addresses tells, and
/// the number behind the protocol.
fn by_arrow(text: &str, begun: bool) -> Option<Row<'_>> {
    let words: Vec<&str> = text.split_whitespace().take(12).collect();
    let mut at = words.iter().position(|word| is_arrow(word));
    if begun {
        // Without an arrow, two addresses of the network side by side.
        let side_by_side = words.windows(2).position(|pair| pair.iter().all(|word| is_ip(word)));
        at = at.or(side_by_side.map(|at| at + 1));
    }
    let at = at?;
    let source = at.checked_sub(1).and_then(|at| words.get(at)).filter(|word| is_address(word))?;
    let mut rest = words.get(at..)?.iter().filter(|word| !is_arrow(word));
    let destination = rest.next().filter(|word| is_address(word))?;
    let protocol = rest.next().filter(|word| is_protocol(word))?;
    let before = words.get(..at - 1)?;
    let Behind { length, ports, info, sni } = behind(text, protocol)?;
    (!before.is_empty() && before.iter().all(|word| is_number_or_time(word)) && length.is_some())
        .then_some(Row { source, destination, protocol, info, ports, length, ttl: None, sni })
}

/// What stands behind the protocol: the length and ports, where those columns are shown, and the text.
struct Behind<'a> {
    length: Option<u32>,
    ports: Option<(u16, u16)>,
    info: &'a str,
    sni: Option<&'a str>,
}

fn behind<'a>(text: &'a str, protocol: &str) -> Option<Behind<'a>> {
    let behind = protocol.as_ptr() as usize - text.as_ptr() as usize + protocol.len();
    let info = text.get(behind..)?.trim_start();
    // The only name of more than one word.
    let old = OLD_DTLS.strip_prefix(protocol).map(str::trim_start).filter(|old| !old.is_empty());
    let info = old.and_then(|old| info.strip_prefix(old)).map_or(info, str::trim_start);
    let (length, rest) = info.split_once(char::is_whitespace).unwrap_or((info, ""));
    let is_length = length.bytes().all(|byte| byte.is_ascii_digit()) && !begins_with_arrow(rest);
    let (length, info) = match length.parse() {
        Ok(length) if is_length => (Some(length), rest.trim_start()),
        _ => (None, info),
    };
    let (numbers, info) = columns_before(info);
    let named = info.split_once(char::is_whitespace).map(|(name, info)| (name, info.trim_start()));
    let (sni, info) = match named {
        Some((name, info)) if is_host(name) && info.contains("Client Hello") => (Some(name), info),
        _ => (None, info),
    };
    let ports = match numbers.as_slice() {
        [one, other] => one.parse().ok().zip(other.parse().ok()),
        _ => None,
    };
    Some(Behind { length, ports, info, sni })
}

/// An arrow between two ports; PostgreSQL's rows are nothing but `>` or `<`.
fn begins_with_arrow(text: &str) -> bool {
    let text = text.trim_start();
    let behind = ["→", "->", ">"].iter().find_map(|arrow| text.strip_prefix(arrow));
    behind.is_some_and(|rest| rest.starts_with(char::is_whitespace) && !rest.trim().is_empty())
}

/// Columns of numbers that somebody put before the text: ports, a stream, times between packets.
fn columns_before(info: &str) -> (Vec<&str>, &str) {
    let (mut numbers, mut rest) = (Vec::new(), info);
    while let Some((word, behind)) = rest.split_once(char::is_whitespace) {
        let behind = behind.trim_start();
        if !is_number_or_time(word) || begins_with_arrow(behind) || numbers.len() > 4 {
            break;
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            numbers.push(word);
        }
        rest = behind;
    }
    (numbers, rest)
}

fn is_known(protocol: &str) -> bool {
    PROTOCOLS.contains(&protocol)
}

/// A host's full name.
fn is_host(word: &str) -> bool {
    word.contains('.')
        && !is_ip(word)
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A name as the protocol column has it, of whatever protocol.
fn is_protocol(word: &str) -> bool {
    PROTOCOLS.contains(&word)
        || (2..=24).contains(&word.len())
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-+ ".contains(&byte))
}

/// An address of the Internet Protocol.
fn is_ip(word: &str) -> bool {
    word.parse::<core::net::IpAddr>().is_ok()
}

/// The time of a row, in nanoseconds: `35.125573`, `15:19:03.930917`, with or without a date.
pub(super) fn time(text: &str) -> Option<i64> {
    let nanoseconds = |fraction: &str| {
        let digits = fraction.get(..fraction.len().min(9))?;
        let value: i64 = digits.parse().ok()?;
        Some(value * 10_i64.pow(u32::try_from(9 - digits.len()).ok()?))
    };
    text.split(['\t', ' ', '"', ',']).filter(|word| !word.is_empty()).take(8).find_map(|word| {
        let word = word.trim_end_matches('Z');
        let word = word.split_once('T').map_or(word, |(_, time)| time);
        let (whole, fraction) = word.split_once('.')?;
        let fraction = fraction.split(['+', '-']).next().filter(|digits| digits.len() >= 3)?;
        let seconds = whole.split(':').try_fold(0_i64, |sum, part| {
            let digits = !part.is_empty() && part.len() <= 10 && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<i64>().ok())?.map(|part| sum * 60 + part)
        })?;
        (fraction.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| Some(seconds * 1_000_000_000 + nanoseconds(fraction)?))?
    })
}

fn is_arrow(word: &str) -> bool {
    ["→", "->", "=>", "➔", "←", "<-"].contains(&word)
}

/// Where the destination stands first, tshark turns the arrow round.
fn points_back(word: &str) -> bool {
    ["←", "<-"].contains(&word)
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
                    && !word.contains("::")
                || ["UTC", "CST", "CET", "CEST", "EST", "EDT", "PST", "PDT", "GMT", "AM", "PM"]
                    .contains(&word))
    })
}

/// An address, a host's name, or a stand-in such as `SERVER`, `<client>`, `10.0.0.***`: one word, no sentence.
pub(super) fn is_address(word: &str) -> bool {
    const COVERS: &str = "*#•█";
    let inside = [('<', '>'), ('(', ')'), ('{', '}')]
        .into_iter()
        .find_map(|(open, close)| word.strip_prefix(open)?.strip_suffix(close))
        .unwrap_or(word);
    let covered =
        || inside.chars().filter(|c| COVERS.contains(*c)).count() > 2 || inside.contains(['.', ':']);
    !is_number_or_time(inside)
        && !inside.is_empty()
        && inside.len() <= 253
        && !PROTOCOLS.contains(&inside)
        && !is_level(inside)
        && inside.chars().all(|c| c.is_alphanumeric() || ".:-_%[]".contains(c) || COVERS.contains(c))
        && inside.chars().any(|c| c.is_alphanumeric() || COVERS.contains(c))
        && (!inside.contains(|c| COVERS.contains(c)) || covered())
}

/// How much a line of a log matters: `mailer ERROR TLS handshake failed` is no row.
fn is_level(word: &str) -> bool {
    const LEVELS: [&str; 12] = [
        "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "critical", "crit", "fatal",
        "severe",
    ];
    let word = word.trim_matches(['[', ']', ':']);
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word))
}

/// What Wireshark writes into the Info column of the protocols above.
fn is_info(cell: &str) -> bool {
    const WORDS: [&str; 25] = [
        "Client Hello",
        "SrcPort: ",
        "Records: [",
        "Handshake: [",
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
        "DATA fragment",
        "DCID=",
        "Protected Payload",
    ];
    WORDS.iter().any(|word| cell.contains(word))
}
