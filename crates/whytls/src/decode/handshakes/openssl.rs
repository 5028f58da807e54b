//! Reads what `openssl s_client` and `s_server` tell: `-msg`, `-trace`, `-state`, and the summary.
//!
//! In:  `>>> TLS 1.3, Handshake [length 013d], ClientHello` with its bytes, `Sent Record` with its
//!      fields, `SSL_connect:SSLv3/TLS write client hello`, `New, TLSv1.2, Cipher is …`.
//! Out: their messages.
//! Not here: OpenSSL's errors, and certificates.

use super::scribe::{Scribe, between, named, offer, version};
use crate::tls::{Alert, CipherSuite, ExtensionType, NamedGroup, SignatureScheme, Version};
use crate::wire::{Place, Side, What, read_messages};

pub(super) const MARKS: &[&str] = &[
    "CONNECTED(",
    ">>> ",
    "<<< ",
    "Sent Record",
    "Received Record",
    "Sent TLS Record",
    "Received TLS Record",
    "SSL_connect:",
    "SSL_accept:",
    "SSL3 alert ",
    "New, TLSv",
    "New, SSLv",
    "Reused, TLSv",
];

/// A hello has no more bytes than a record of TLS.
const LONGEST: usize = 1 << 16;

pub(super) fn line(text: &str, place: Place, scribe: &mut Scribe) {
    let trimmed = text.trim_start_matches(['>', ' ', '\t']);
    if let Some((sent, rest)) = direction(text) {
        bytes_end(scribe, place);
        scribe.section = "";
        msg(sent, rest, place, scribe);
    } else if let Some(sent) = record(trimmed) {
        bytes_end(scribe, place);
        scribe.from = Some(scribe.side(sent));
        scribe.record = None;
        scribe.section = "record";
    } else if scribe.section == "bytes" {
        let bytes = hex(trimmed);
        match bytes {
            Some(bytes) if scribe.bytes.len() < LONGEST => scribe.bytes.extend(bytes),
            _ => {
                bytes_end(scribe, place);
                scribe.section = "";
            }
        }
    } else if scribe.section == "header" {
        // The header of the record: its version stands in it.
        scribe.record = hex(trimmed)
            .filter(|bytes| bytes.len() == 5 && bytes.first() == Some(&0x16))
            .and_then(|bytes| Some(Version(u16::from_be_bytes([*bytes.get(1)?, *bytes.get(2)?]))));
        scribe.section = "";
    } else if scribe.is_open() && !trimmed.starts_with("---") {
        trace(trimmed.trim_end(), place, scribe);
    } else {
        scribe.section = "";
        summary(trimmed, place, scribe);
    }
}

fn summary(text: &str, place: Place, scribe: &mut Scribe) {
    if text.starts_with("CONNECTED(") {
        // With `-state` it stands behind the whole handshake.
        return;
    }
    if let Some(rest) = text.strip_prefix("New, ").or_else(|| text.strip_prefix("Reused, ")) {
        let (told, cipher) = rest.split_once(", Cipher is ").unwrap_or((rest, ""));
        if let Some(told) = version(told) {
            let server = scribe.local == Some(Side::Server);
            if !server {
                scribe.agreed(Some(told), suite(cipher.trim()), place);
            }
        }
        return;
    }
    state(text, place, scribe);
}

/// `SSL_connect:SSLv3/TLS write client hello`, with any prefix.
pub(super) fn state(text: &str, place: Place, scribe: &mut Scribe) {
    let marks = [
        ("SSL_connect:", Side::Client),
        ("SSL_accept:", Side::Server),
        ("TLS_accept:", Side::Server),
        ("SSL state (connect):", Side::Client),
        ("SSL state (accept):", Side::Server),
        ("(TLS) Handshake state - ", Side::Server),
    ];
    for (mark, local) in marks {
        let Some((_, rest)) = text.split_once(mark) else { continue };
        scribe.local = Some(local);
        let words = rest.trim().trim_start_matches("Server ").trim_start_matches("Client ");
        // OpenSSL 1.0: `SSLv3 read server hello A`.
        let words = words.trim_end_matches(" A").trim_end_matches(" B");
        let Some((head, name)) = words.split_once(' ') else { return };
        let name = if head == "read" || head == "write" { words } else { name };
        let Some((verb, name)) = name.split_once(' ') else { return };
        let sent = match verb {
            "write" | "flush" => true,
            "read" => false,
            _ => return,
        };
        if words.contains("error") {
            return;
        }
        let from = scribe.side(sent);
        if !scribe.repeats(from, name)
            && scribe.message(from, name, place)
            && name.ends_with("finished")
            && scribe.finished_by_both()
        {
            scribe.agreed(None, None, place);
        }
        return;
    }
    if let Some((_, rest)) = text.split_once("SSL3 alert ") {
        let mut words = rest.split(':');
        let sent = match words.next() {
            Some("read") => false,
            Some("write") => true,
            _ => return,
        };
        if let (Some(level), Some(name)) = (words.next(), words.next()) {
            let from = scribe.side(sent);
            scribe.alert(from, level, name.trim(), place);
        }
    }
}

/// `>>> TLS 1.3, Handshake [length 013d], ClientHello`: which way, and the rest.
fn direction(text: &str) -> Option<(bool, &str)> {
    let of = |mark: &str| {
        let (_, rest) = text.split_once(mark)?;
        let known = rest.contains("[length ")
            && ["TLS ", "SSL ", "DTLS ", "???", "Not TLS data"].iter().any(|name| rest.starts_with(name));
        known.then_some(rest)
    };
    of(">>> ").map(|rest| (true, rest)).or_else(|| of("<<< ").map(|rest| (false, rest)))
}

fn msg(sent: bool, rest: &str, place: Place, scribe: &mut Scribe) {
    if rest.contains("RecordHeader") || rest.starts_with("???") {
        scribe.section = "header";
        return;
    }
    let from = scribe.side(sent);
    let told = rest.split(", ").next().and_then(version);
    let name = rest.split("], ").nth(1).unwrap_or_default().trim();
    if rest.contains("Alert [length") {
        if let Some((level, name)) = name.split_once(' ') {
            scribe.alert(from, level, name, place);
        }
    } else if rest.contains("ChangeCipherSpec [length") {
        scribe.event(from, What::ChangeCipherSpec, place);
    } else if let Some(what) = named(name) {
        let (hello, answer) = (matches!(what, What::ClientHello(_)), matches!(what, What::ServerHello(_)));
        if hello && scribe.local.is_none() {
            scribe.local = Some(if sent { Side::Client } else { Side::Server });
        }
        let from = scribe.side(sent);
        let record = scribe.record.take();
        scribe.event(from, what, place);
        if hello && let Some(hello) = scribe.hello() {
            hello.record_version = record;
            if let Some(told) = told {
                offer(hello, told);
            }
        } else if answer && let Some(hello) = scribe.server_hello() {
            hello.version = told;
        }
        scribe.from = Some(from);
        scribe.bytes.clear();
        scribe.section = "bytes";
        if matches!(named(name), Some(What::Finished)) && scribe.finished_by_both() {
            scribe.agreed(None, None, place);
        }
    }
}

/// The bytes of a message are all there: they say more than its name.
fn bytes_end(scribe: &mut Scribe, place: Place) {
    if scribe.section != "bytes" {
        return;
    }
    let bytes = std::mem::take(&mut scribe.bytes);
    if let (Some(from), Some(1 | 2 | 11)) = (scribe.from, bytes.first()) {
        let events = read_messages(from, &bytes, place);
        scribe.replace_last(events);
    }
}

/// `16 03 01 01 3d`, and nothing else.
fn hex(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    if text.is_empty() || text.len() > 96 {
        return None;
    }
    text.split([' ', '-']).map(|byte| u8::from_str_radix(byte, 16).ok().filter(|_| byte.len() == 2)).collect()
}

fn record(text: &str) -> Option<bool> {
    match text.trim_end() {
        "Sent Record" | "Sent TLS Record" => Some(true),
        "Received Record" | "Received TLS Record" => Some(false),
        _ => None,
    }
}

/// A line of `-trace`, below `Sent Record`.
fn trace(text: &str, place: Place, scribe: &mut Scribe) {
    let from = scribe.from.unwrap_or(Side::Client);
    let inside = |text: &str| between(text, "(", ")").and_then(number);
    if let Some((name, _)) = text.split_once(", Length=") {
        if let Some(what) = named(name.trim()) {
            scribe.section = match what {
                What::ClientHello(_) => "trace-client",
                What::ServerHello(_) => "trace-server",
                _ => "record",
            };
            let record = scribe.record;
            let finished = matches!(what, What::Finished);
            scribe.event(from, what, place);
            if scribe.at_hello()
                && let Some(hello) = scribe.hello()
            {
                hello.record_version = record;
                hello.size = text.rsplit('=').next().and_then(number).map_or(0, |n| usize::from(n) + 4);
            }
            if finished && scribe.finished_by_both() {
                scribe.agreed(None, None, place);
            }
        }
    } else if let Some(rest) = text.strip_prefix("Version = ") {
        scribe.record = between(rest, "(", ")").and_then(number).map(Version);
    } else if let Some(rest) = text.strip_prefix("Level=") {
        // `Level=fatal(2), description=protocol version(70)`
        let level = if rest.starts_with("warning") { 1 } else { 2 };
        let alert = rest.split_once("description=").and_then(|(_, name)| inside(name));
        if let Some(alert) = alert.and_then(|alert| u8::try_from(alert).ok()) {
            scribe.event(from, What::Alert { level, alert: Alert(alert) }, place);
        }
    } else if text.starts_with("change_cipher_spec") {
        scribe.event(from, What::ChangeCipherSpec, place);
    } else if scribe.section.starts_with("trace-client") {
        trace_client(text, scribe);
    } else if scribe.section.starts_with("trace-server") {
        trace_server(text, scribe);
    }
}

/// `extension_type=supported_groups(10), length=22`
fn extension(text: &str) -> Option<u16> {
    let rest = text.strip_prefix("extension_type=")?;
    between(rest, "(", ")").and_then(number)
}

fn trace_client(text: &str, scribe: &mut Scribe) {
    if let Some(id) = extension(text) {
        name(scribe);
        scribe.section = match id {
            0 => "trace-client-0",
            10 => "trace-client-10",
            13 => "trace-client-13",
            16 => "trace-client-16",
            43 => "trace-client-43",
            51 => "trace-client-51",
            _ => "trace-client-other",
        };
        if let Some(hello) = scribe.hello() {
            hello.complete = true;
            hello.ech |= id == 0xfe0d;
            hello.resumes |= id == 41;
            hello.extensions.push(ExtensionType(id));
        }
        return;
    }
    let section = scribe.section;
    if section == "trace-client-0" {
        // The name stands in a dump; its bytes end where the columns of characters begin.
        if let Some((_, rest)) = text.split_once(" - ") {
            let bytes = rest.split("   ").next().and_then(hex);
            scribe.bytes.extend(bytes.unwrap_or_default());
        }
        return;
    }
    let Some(hello) = scribe.hello() else { return };
    let last = || text.rsplit_once('(').and_then(|(_, id)| number(id.trim_end_matches(')')));
    match section {
        "trace-client" => {
            if let Some(rest) = text.strip_prefix("client_version=") {
                hello.legacy_version = rest.split(' ').next().and_then(number).map(Version);
            } else if let Some(id) = pair(text) {
                hello.ciphers.push(CipherSuite(id));
            }
        }
        "trace-client-10" => hello.groups.extend(last().map(NamedGroup)),
        "trace-client-13" => hello.signature_schemes.extend(last().map(SignatureScheme)),
        "trace-client-16" => hello.alpn.push(text.trim().to_owned()),
        "trace-client-43" => hello.supported_versions.extend(last().map(Version)),
        "trace-client-51" if text.starts_with("NamedGroup") => {
            hello.key_shares.extend(last().map(NamedGroup));
        }
        _ => {}
    }
}

/// The server's name, once all of its bytes are there.
fn name(scribe: &mut Scribe) {
    if scribe.section == "trace-client-0" {
        let bytes = std::mem::take(&mut scribe.bytes);
        let sni = bytes.get(5..).and_then(|name| std::str::from_utf8(name).ok()).map(str::to_owned);
        if let Some(hello) = scribe.hello() {
            hello.sni = sni.filter(|name| !name.is_empty());
        }
    }
}

fn trace_server(text: &str, scribe: &mut Scribe) {
    if let Some(id) = extension(text) {
        scribe.section = if id == 43 { "trace-server-43" } else { "trace-server-other" };
        if let Some(hello) = scribe.server_hello() {
            hello.extensions.push(ExtensionType(id));
        }
        return;
    }
    let section = scribe.section;
    let Some(hello) = scribe.server_hello() else { return };
    if let Some(rest) = text.strip_prefix("server_version=") {
        hello.legacy_version = rest.split(' ').next().and_then(number).map(Version);
        hello.version = hello.version.or(hello.legacy_version);
    } else if let Some(rest) = text.strip_prefix("cipher_suite ") {
        hello.cipher = pair(rest).map(CipherSuite);
    } else if section == "trace-server-43" {
        let version = text.rsplit_once('(').and_then(|(_, id)| number(id.trim_end_matches(')')));
        hello.version = version.map(Version).or(hello.version);
    }
}

/// `{0x13, 0x02} NAME`
fn pair(text: &str) -> Option<u16> {
    let (high, low) = between(text, "{", "}")?.split_once(", ")?;
    Some(number(high)? << 8 | number(low)?)
}

fn number(text: &str) -> Option<u16> {
    let text = text.trim();
    match text.strip_prefix("0x") {
        Some(hex) => u16::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// OpenSSL's own name of a suite, as far as it can be told from IANA's.
fn suite(name: &str) -> Option<CipherSuite> {
    if name.starts_with("TLS_") {
        return CipherSuite::by_name(name);
    }
    let mut words: Vec<&str> = name.split('-').collect();
    let hash = words.pop()?;
    let at = words.iter().position(|word| {
        ["AES128", "AES256", "CHACHA20", "DES", "CAMELLIA128", "CAMELLIA256", "ARIA128", "ARIA256", "RC4"]
            .contains(word)
    })?;
    let exchange = match words.get(..at)?.join("_") {
        empty if empty.is_empty() => "RSA".to_owned(),
        other => other,
    };
    let rest = words.get(at..)?;
    let cipher = match rest {
        ["AES128"] => "AES_128_CBC".to_owned(),
        ["AES256"] => "AES_256_CBC".to_owned(),
        ["AES128", "GCM"] => "AES_128_GCM".to_owned(),
        ["AES256", "GCM"] => "AES_256_GCM".to_owned(),
        ["CHACHA20"] => "CHACHA20_POLY1305_SHA256".to_owned(),
        ["DES", "CBC3"] => "3DES_EDE_CBC".to_owned(),
        _ => return None,
    };
    let hash = if hash == "POLY1305" { String::new() } else { format!("_{hash}") };
    CipherSuite::by_name(&format!("TLS_{exchange}_WITH_{cipher}{hash}"))
}
