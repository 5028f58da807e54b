//! Reads the words of one packet: the Info column of Wireshark, and what it says of TCP.
//!
//! In:  a protocol's name and the text beside it.
//! Out: ports and flags, STARTTLS and its answer, the TLS messages that are named.
//! Not here: who sent it, and which connection it belongs to. That is `assemble`.

use crate::tls::{Alert, Version};
use crate::wire::{ClientHello, ServerHello, What};

/// What a TCP row says: `25 → 35467 [FIN, ACK] Seq=402 Ack=159`.
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
}

impl Tcp {
    /// The client's first packet.
    pub(super) fn begins(&self) -> bool {
        self.syn && !self.ack
    }
}

pub(super) fn tcp(info: &str) -> Option<Tcp> {
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
        syn: has("SYN"),
        ack: has("ACK"),
        ack_only: flags.trim() == "ACK",
        len: number("Len=").unwrap_or(0),
        seq: number("Seq="),
    })
}

/// The command that asks for TLS, by the protocol that has it.
pub(super) fn starttls(protocol: &str, info: &str) -> Option<&'static str> {
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

/// Whether the server agrees to it.
pub(super) fn starttls_answer(protocol: &str, info: &str) -> Option<bool> {
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

/// The protocol of words in the clear, and the words. Wireshark may call the first of them TCP,
/// as part of a longer answer.
pub(super) fn plain<'a>(protocol: &str, info: &'a str) -> Option<(&'static str, &'a str)> {
    let after = |words: &[&str]| words.iter().find_map(|word| info.strip_prefix(word)).map(str::trim);
    if info.starts_with("HTTP/1") {
        return Some(("http", info));
    }
    let name = match protocol {
        "SMTP" => "smtp",
        "IMAP" => "imap",
        "POP" => "pop3",
        "FTP" => "ftp",
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
    pieces(info).filter_map(|piece| message(piece, version)).collect()
}

fn message(piece: &str, version: Option<Version>) -> Option<What> {
    let is = |name: &str| piece.starts_with(name);
    Some(if is("Client Hello") {
        let sni = piece.split_once("(SNI=").and_then(|(_, rest)| rest.split([')', ' ', '"']).next());
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
    } else if is("Change Cipher Spec") {
        What::ChangeCipherSpec
    } else if is("New Session Ticket") {
        What::NewSessionTicket
    } else if is("Encrypted Extensions") {
        What::EncryptedExtensions { alpn: None }
    } else if is("Encrypted Handshake Message") {
        What::EncryptedHandshake
    } else if is("Encrypted Alert") {
        What::EncryptedAlert
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
