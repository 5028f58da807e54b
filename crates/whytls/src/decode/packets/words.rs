//! Reads the words of one packet: the Info column of Wireshark, and what it says of TCP.
//!
//! In:  a protocol's name and the text beside it.
//! Out: ports and flags, STARTTLS and its answer, the TLS messages that are named.
//! Not here: who sent it, and which connection it belongs to. That is `assemble`.

use crate::tls::{Alert, Version};
use crate::wire::{ClientHello, ServerHello, Side, What};

/// What a TCP row says: `25 → 35467 [FIN, ACK] Seq=402 Ack=159`, or, in the words of Message Analyzer,
/// `Flags: ...A...F, SrcPort: SMTP(25), DstPort: 35467, Length: 0, Seq Range: 402 - 403, Ack: 159`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tcp {
    pub(super) source: u16,
    pub(super) destination: u16,
    pub(super) fin: bool,
    pub(super) rst: bool,
    /// SYN, with or without ACK.
    pub(super) syn: bool,
    pub(super) ack: bool,
    pub(super) ack_only: bool,
    pub(super) len: u32,
    /// The first byte of the segment, counted from the beginning of the connection.
    pub(super) seq: Option<u32>,
    /// The number of the byte that it waits for from the other side, counted in the same way.
    pub(super) acknowledges: Option<u32>,
    /// Wireshark says that it was sent before.
    pub(super) again: bool,
}

impl Tcp {
    /// Of a row that has a letter for each flag, and the numbers of the wire.
    pub(super) fn of_letters((source, destination): (u16, u16), flags: &str, len: u32, again: bool) -> Self {
        let has = |flag: char| flags.contains(flag);
        Self {
            source,
            destination,
            fin: has('F'),
            rst: has('R'),
            syn: has('S'),
            ack: has('A'),
            ack_only: has('A') && !has('F') && !has('R') && !has('S') && len == 0,
            len,
            seq: None,
            acknowledges: None,
            again,
        }
    }

    /// The client's first packet.
    pub(super) fn begins(&self) -> bool {
        self.syn && !self.ack
    }
}

pub(super) fn tcp(info: &str) -> Option<Tcp> {
    if let Some(rest) = info.trim_start().strip_prefix("Flags:") {
        return labelled_tcp(rest);
    }
    let arrow = ["→", "->", " > ", "\u{2192}"].into_iter().find(|arrow| info.contains(arrow))?;
    let (before, after) = info.split_once(arrow)?;
    let source = port(before.split_whitespace().next_back()?)?;
    let destination = port(after.split_whitespace().next()?)?;
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
        syn: has("SYN"),
        ack: has("ACK"),
        ack_only: flags.trim() == "ACK",
        len: number("Len=").unwrap_or(0),
        seq: number("Seq="),
        acknowledges: number("Ack="),
        again: again(info),
    })
}

/// The same, with a label before each value and a letter for each flag.
fn labelled_tcp(text: &str) -> Option<Tcp> {
    let (flags, rest) = text.trim_start().split_once(',')?;
    let sign = |byte: u8| byte == b'.' || byte.is_ascii_uppercase();
    if !(6..=9).contains(&flags.len()) || !flags.bytes().all(sign) {
        return None;
    }
    let value =
        |label: &str| rest.split_once(label).and_then(|(_, rest)| rest.split(',').next()).map(str::trim);
    let len = value("Length:").and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let ports = (port(value("SrcPort:")?)?, port(value("DstPort:")?)?);
    Some(Tcp::of_letters(ports, flags, len, text.contains("Retransmit")))
}

/// A port, by its number or by the name that Wireshark puts for it.
pub(super) fn port(word: &str) -> Option<u16> {
    const NAMES: [(&str, u16); 24] = [
        ("https", 443),
        ("http", 80),
        ("smtp", 25),
        ("submission", 587),
        ("smtps", 465),
        ("submissions", 465),
        ("urd", 465),
        ("pop3", 110),
        ("pop3s", 995),
        ("imap", 143),
        ("imap2", 143),
        ("imaps", 993),
        ("ftp", 21),
        ("ftps", 990),
        ("ldap", 389),
        ("ldaps", 636),
        ("http-alt", 8080),
        ("https-alt", 8443),
        ("postgresql", 5432),
        ("mysql", 3306),
        ("ms-sql-s", 1433),
        ("xmpp-client", 5222),
        ("ircs-u", 6697),
        ("ms-wbt-server", 3389),
    ];
    // `443(https)` and `https(443)` are seen as well.
    word.parse().ok().or_else(|| {
        let (name, rest) = word.split_once('(').unwrap_or((word, ""));
        let named =
            || NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, port)| *port);
        name.parse().ok().or_else(|| rest.trim_end_matches(')').parse().ok()).or_else(named)
    })
}

/// Wireshark says that the packet was sent before.
pub(super) fn again(info: &str) -> bool {
    let start = info.get(..info.floor_char_boundary(48)).unwrap_or_default();
    start.starts_with("[TCP") && (start.contains("Retransmission") || start.contains("Dup ACK"))
        || start.starts_with("[TCP Keep-Alive")
}

/// A packet before this one is not in the capture.
pub(super) fn misses(info: &str) -> bool {
    info.contains("Previous segment not captured")
        || info.contains("Previous segment lost")
        || info.contains("ACKed unseen segment")
        || info.contains("ACKed lost segment")
}

/// What a row of QUIC says: `Initial, DCID=…, SCID=…, PKN: 0, CRYPTO`. Whether the hello of each side
/// was said already is known to the caller.
pub(super) fn quic(info: &str, side: Side, hello: bool, answer: bool) -> Vec<What> {
    let mut said = Vec::new();
    let has = |word: &str| info.split(',').any(|part| part.trim() == word);
    if has("CRYPTO") && info.contains("Initial") {
        match side {
            Side::Client if !hello => said.push(What::ClientHello(Box::default())),
            // QUIC has no older TLS (RFC 9001 §4.2).
            Side::Server if !answer => said.push(What::ServerHello(Box::new(ServerHello {
                version: Some(Version::TLS13),
                ..ServerHello::default()
            }))),
            _ => {}
        }
    }
    // Packets of the handshake are sealed with keys of the ServerHello, which may stand before them in the
    // same datagram, of which a row names but one.
    if has("Handshake") && side == Side::Server && !answer && said.is_empty() {
        said.push(What::ServerHello(Box::new(ServerHello {
            version: Some(Version::TLS13),
            ..ServerHello::default()
        })));
    }
    said.extend(has("Handshake").then_some(What::EncryptedHandshake));
    // CONNECTION_CLOSE: its code is not in the row.
    said.extend((has("CC") && !info.contains("Payload")).then_some(What::EncryptedAlert));
    said.extend(info.contains("Protected Payload").then_some(What::ApplicationData));
    said
}

/// One of the names that the ends of a QUIC connection give each other.
pub(super) fn connection_id<'a>(info: &'a str, mark: &str) -> Option<&'a str> {
    let (_, rest) = info.split_once(mark)?;
    let id = rest.split(',').next()?.trim();
    (!id.is_empty()).then_some(id)
}

/// Both of them, as far as a row shows them.
pub(super) fn connection_ids(info: &str) -> Vec<&str> {
    if !info.contains("CID=") {
        return Vec::new();
    }
    ["DCID=", "SCID="].into_iter().filter_map(|mark| connection_id(info, mark)).collect()
}

/// Bytes that a protocol other than TLS was blamed for: what they are, if they are a TLS record.
pub(super) fn mislabelled(info: &str) -> Option<What> {
    let words = info.split_once(": ").map_or(info, |(_, words)| words);
    for (mark, what) in [("\\027\\003", What::ApplicationData), ("\\024\\003", What::ChangeCipherSpec)] {
        if words.starts_with(mark) {
            return Some(what);
        }
    }
    let at = ["\\026\\003", "\\025\\003"].iter().find_map(|mark| info.find(mark))?;
    let bytes = escaped(info.get(at..)?);
    let version = Some(Version(u16::from_be_bytes([*bytes.get(1)?, *bytes.get(2)?])));
    match (bytes.first()?, bytes.get(5)) {
        (0x16, Some(2)) => Some(What::ServerHello(Box::default())),
        // The text may end before the number of the message.
        (0x16, Some(1) | None) => {
            let size = bytes
                .get(3..5)
                .map_or(0, |size| size.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)));
            Some(What::ClientHello(Box::new(ClientHello {
                record_version: version,
                size,
                ..ClientHello::default()
            })))
        }
        (0x15, Some(level)) => Some(What::Alert { level: *level, alert: Alert(*bytes.get(6)?) }),
        _ => None,
    }
}

/// The first bytes of a text in which those that cannot be printed stand as octal escapes.
fn escaped(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while out.len() < 16 {
        let octal = || {
            let digits = text.get(at + 1..at + 4)?;
            u8::from_str_radix(digits, 8).ok()
        };
        match bytes.get(at) {
            Some(b'\\') => {
                let simple = match bytes.get(at + 1) {
                    Some(b'n') => Some(b'\n'),
                    Some(b'r') => Some(b'\r'),
                    Some(b't') => Some(b'\t'),
                    Some(b'v') => Some(0x0b),
                    Some(b'f') => Some(0x0c),
                    Some(b'a') => Some(0x07),
                    Some(b'b') => Some(0x08),
                    Some(b'\\') => Some(b'\\'),
                    Some(b'"') => Some(b'"'),
                    _ => None,
                };
                let Some(byte) = simple.or_else(octal) else { break };
                out.push(byte);
                at += if simple.is_some() { 2 } else { 4 };
            }
            Some(byte) => {
                out.push(*byte);
                at += 1;
            }
            None => break,
        }
    }
    out
}

/// The command that asks for TLS, or a proxy for a connection, by the protocol that has it.
pub(super) fn starttls(protocol: &str, info: &str) -> Option<&'static str> {
    let upper = info.to_ascii_uppercase();
    let words = || upper.split(|c: char| !c.is_ascii_alphanumeric());
    let has = |wanted: &str| words().any(|word| word == wanted);
    let oid = || upper.contains("1.3.6.1.4.1.1466.20037") || upper.contains("START_TLS");
    match protocol {
        "SMTP" if info.starts_with("C:") && has("STARTTLS") => Some("smtp"),
        "IMAP" if info.starts_with("Request") && has("STARTTLS") => Some("imap"),
        "POP" if info.starts_with("C:") && has("STLS") => Some("pop3"),
        "FTP" if info.starts_with("Request") && has("AUTH") && (has("TLS") || has("SSL")) => Some("ftp"),
        "NNTP" if info.starts_with("Request") && has("STARTTLS") => Some("nntp"),
        "LDAP" if upper.contains("EXTENDEDREQ") && oid() => Some("ldap"),
        "XMPP" | "XMPP/XML" if info.starts_with("STARTTLS") => Some("xmpp"),
        "MySQL" if info.contains("SSL Handshake") || info.contains("SSL Request") => Some("mysql"),
        "RDP" if info.starts_with("Negotiate Request") => Some("rdp"),
        "HTTP" if info.starts_with("CONNECT ") => Some("http-connect"),
        "Socks" if info.contains("Command Request") || info.contains("Version: 4 Connect to server req") => {
            Some("socks")
        }
        "PROXYv1" | "PROXYv2" => Some("proxy"),
        _ => None,
    }
}

/// A first message that may ask for TLS, which only what comes behind it tells.
pub(super) fn may_ask(protocol: &str, info: &str, payload: Option<u32>) -> Option<&'static str> {
    /// An SSLRequest of PostgreSQL: its length and its number.
    const SSL_REQUEST: u32 = 8;
    match protocol {
        "PGSQL" if info.starts_with(['>', '&']) && payload.is_none_or(|len| len == SSL_REQUEST) => {
            Some("postgresql")
        }
        "TDS" if info.contains("pre-login") => Some("tds"),
        _ => None,
    }
}

/// Whether the server agrees to it.
pub(super) fn starttls_answer(protocol: &str, info: &str) -> Option<bool> {
    let answer = match protocol {
        "SMTP" => info.strip_prefix("S:")?,
        "IMAP" | "FTP" | "NNTP" => info.strip_prefix("Response:")?,
        "POP" => info.strip_prefix("S:")?,
        // A result that is none of success is named.
        "LDAP" if info.starts_with("extendedResp") => {
            const REFUSALS: [&str; 4] = ["rror", "unavailable", "unwilling", "efused"];
            return Some(!REFUSALS.iter().any(|word| info.contains(word)));
        }
        "XMPP" | "XMPP/XML" => match info.trim_end() {
            "PROCEED" => return Some(true),
            "FAILURE" => return Some(false),
            _ => return None,
        },
        "RDP" if info.starts_with("Negotiate Response") => return Some(true),
        "RDP" if info.starts_with("Negotiate Failure") => return Some(false),
        "HTTP" => info.strip_prefix("HTTP/1.")?,
        _ => return None,
    }
    .trim_start();
    // Of an answer that is cut off nobody knows what it was.
    let code = |code: &str, at: usize| {
        let word = answer.split([' ', '-']).nth(at)?;
        (word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit())).then(|| word.starts_with(code))
    };
    let has = |word: &str| answer.split_whitespace().any(|own| own == word);
    match protocol {
        "SMTP" => code("220", 0),
        "FTP" => code("234", 0),
        "NNTP" => code("382", 0),
        "HTTP" => code("2", 1),
        "POP" => (answer.starts_with("+OK") || answer.starts_with("-ERR")).then(|| answer.starts_with('+')),
        _ => (has("OK") || has("NO") || has("BAD")).then(|| has("OK")),
    }
}

/// The protocol of words in the clear, and the words. Wireshark may call the first of them TCP,
/// as part of a longer answer.
pub(super) fn plain<'a>(protocol: &str, info: &'a str) -> Option<(&'static str, &'a str)> {
    let after = |words: &[&str]| words.iter().find_map(|word| info.strip_prefix(word)).map(str::trim);
    let method = |info: &str| {
        const METHODS: [&str; 8] =
            ["GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "CONNECT ", "PATCH "];
        METHODS.iter().any(|method| info.starts_with(method))
    };
    if info.starts_with("HTTP/1") || method(info) {
        return Some(("http", info));
    }
    if protocol == "Socks" {
        return Some(("socks", info));
    }
    let name = match protocol {
        "SMTP" => "smtp",
        "IMAP" => "imap",
        "POP" => "pop3",
        "FTP" => "ftp",
        "NNTP" => "nntp",
        "SSHv2" | "SSH" => "ssh",
        "MySQL" => "mysql",
        "IRC" => "irc",
        _ => return None,
    };
    let words = after(&["S: ", "Response: ", "Server: ", "C: ", "Request: ", "Client: "])
        .or_else(|| info.starts_with("Server Greeting").then_some(info))?;
    // What is no line of that protocol is shown as data, whatever it is.
    (!words.starts_with("DATA fragment")).then_some((name, words))
}

/// The bytes of a fragment that SMTP was blamed for: `C: DATA fragment, 517 bytes`.
pub(super) fn data_fragment(info: &str) -> Option<usize> {
    let (_, rest) = info.split_once("DATA fragment,")?;
    rest.trim().split(' ').next()?.parse().ok()
}

/// The pieces of a row between commas; commas in brackets do not count.
fn pieces(info: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    info.split(move |c: char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
}

/// The TLS messages that a row names, in order. `version` is the one in the protocol column.
pub(super) fn messages(info: &str, version: Option<Version>) -> Vec<What> {
    // Message Analyzer: `Records: [Handshake: [ClientHello]]`.
    if info.starts_with("Records: [") || info.starts_with("Handshake: [") {
        let names = info.split(['[', ']', ',', ';', ':']).map(str::trim).filter(|name| !name.is_empty());
        return names.filter_map(|name| message(&apart(name), version)).collect();
    }
    pieces(info).filter_map(|piece| message(piece, version)).collect()
}

/// `ClientHello` as `Client Hello`.
fn apart(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut small = false;
    for letter in name.chars() {
        if small && letter.is_ascii_uppercase() {
            out.push(' ');
        }
        small = letter.is_ascii_lowercase();
        out.push(letter);
    }
    out
}

fn message(piece: &str, version: Option<Version>) -> Option<What> {
    let is = |name: &str| piece.starts_with(name);
    Some(if is("Client Hello") {
        let sni = piece.split_once("SNI=").and_then(|(_, rest)| rest.split([')', ' ', '"']).next());
        What::ClientHello(Box::new(ClientHello {
            record_version: version,
            sni: sni.map(str::to_owned),
            ..ClientHello::default()
        }))
    } else if is("Hello Retry Request") {
        What::HelloRetryRequest(Box::default())
    } else if is("Server Hello Done") {
        What::ServerHelloDone
    } else if is("Server Hello") {
        What::ServerHello(Box::new(ServerHello { version, ..ServerHello::default() }))
    } else if is("Hello Verify Request") {
        What::HelloVerifyRequest
    } else if is("Hello Request") {
        What::HelloRequest
    } else if is("Certificate Request") {
        What::CertificateRequest
    } else if is("Certificate Status") {
        What::CertificateStatus
    } else if is("Certificate Verify") {
        What::CertificateVerify
    } else if is("Certificate") {
        // Its content is not shown: the message alone.
        What::Handshake(11)
    } else if is("Server Key Exchange") {
        What::ServerKeyExchange { group: None, dh_bits: None }
    } else if is("Client Key Exchange") {
        What::ClientKeyExchange
    } else if is("Change Cipher Spec") || is("Cipher Change Spec") {
        What::ChangeCipherSpec
    } else if is("New Session Ticket") {
        What::NewSessionTicket
    } else if is("Encrypted Extensions") {
        What::EncryptedExtensions { alpn: None }
    } else if is("Encrypted Handshake Message") {
        What::EncryptedHandshake
    } else if is("Encrypted Alert") {
        What::EncryptedAlert
    } else if is("Ignored Unknown Record") {
        What::NotTls { bytes: Vec::new() }
    } else if is("Finished") {
        What::Finished
    } else if is("Application Data") {
        What::ApplicationData
    } else {
        let (before, name) = piece.split_once("Description: ")?;
        let alert = Alert::named(name.trim_end_matches(')'))?;
        What::Alert { level: if before.contains("Warning") { 1 } else { 2 }, alert }
    })
}
