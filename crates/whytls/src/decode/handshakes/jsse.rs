//! Reads `-Djavax.net.debug` of Java: the old form (to 10, and to 8) and the new one (from 11 on).
//!
//! In:  `*** ClientHello, TLSv1.2` and its kin, `Produced ClientHello handshake message (` with
//!      the fields below it.
//! Out: its messages.
//! Not here: the exceptions behind them.

use super::scribe::{Scribe, between, named, version};
use crate::tls::{CipherSuite, ExtensionType, NamedGroup, SignatureScheme, Version};
use crate::wire::{Place, Side, What};

pub(super) const MARKS: &[&str] = &[
    "Produced ",
    "Consuming ",
    "\"ClientHello\": {",
    "\"ServerHello\": {",
    "*** ClientHello",
    "*** ServerHello",
    "*** Certificate",
    "*** ECDH Server",
    "*** Diffie-Hellman Server",
    "*** ClientKeyExchange",
    "*** ECDHClientKeyExchange",
    "*** Finished",
    "READ: ",
    "WRITE: ",
    " ALERT:",
    "ent alert message (",
    "eceived alert message (",
    "Negotiated protocol version: ",
    "Fatal (",
];

/// How many values of one list are kept.
const MOST: usize = 512;

pub(super) fn line(text: &str, place: Place, scribe: &mut Scribe) {
    let produced = text.split_once("Produced ").map(|(_, rest)| (true, rest));
    let told = produced.or_else(|| text.split_once("Consuming ").map(|(_, rest)| (false, rest)));
    if let Some((sent, rest)) = told.filter(|(_, rest)| rest.contains(" message")) {
        let name = rest.split(" message").next().unwrap_or_default();
        let name = name.trim_end_matches(" handshake");
        if let Some(what) = named(name) {
            if matches!(what, What::ClientHello(_)) {
                scribe.local = Some(if sent { Side::Client } else { Side::Server });
            }
            let from = scribe.side(sent);
            scribe.section = match what {
                What::ClientHello(_) => "client",
                What::ServerHello(_) | What::HelloRetryRequest(_) => "server",
                _ => "",
            };
            let finished = matches!(what, What::Finished);
            scribe.event(from, what, place);
            finish(scribe, finished, place);
        }
        return;
    }
    if let Some(sent) = alert_message(text) {
        scribe.from = Some(scribe.side(sent));
        scribe.section = "alert";
        return;
    }
    if let Some(agreed) = text.split_once("Negotiated protocol version: ").and_then(|(_, word)| version(word))
    {
        if let Some(hello) = scribe.server_hello() {
            hello.version = Some(agreed);
        }
        return;
    }
    if !scribe.is_open() {
        old(text, place, scribe);
        return;
    }
    let text = text.trim();
    match scribe.section {
        "alert" => {
            if let Some(name) = text.strip_prefix("\"description\"") {
                let name = name.trim_start_matches([':', ' ']).trim_matches('"');
                if let Some(from) = scribe.from.take() {
                    // The level stands on the line before; only fatal ones end a handshake.
                    let level = if name == "close_notify" { "warning" } else { "fatal" };
                    scribe.alert(from, level, name, place);
                }
                scribe.section = "";
            }
        }
        // The closing bracket of the message.
        _ if text == ")" => {
            if scribe.section.starts_with("client")
                && let Some(hello) = scribe.hello()
            {
                hello.complete = true;
            }
            scribe.section = "";
        }
        section if section.starts_with("client") => client_field(text, scribe),
        section if section.starts_with("server") => server_field(text, scribe),
        "old-client" if text.starts_with("***") => {
            if let Some(hello) = scribe.hello() {
                hello.complete = true;
            }
            scribe.section = "";
            old(text, place, scribe);
        }
        _ if text.starts_with("***") || text.starts_with("main, ") => {
            scribe.section = "";
            old(text, place, scribe);
        }
        "old-client" => old_field(text, scribe),
        _ => {}
    }
}

fn alert_message(text: &str) -> Option<bool> {
    if text.contains("eceived alert message (") {
        Some(false)
    } else if text.contains("ent alert message (") {
        Some(true)
    } else {
        None
    }
}

/// Both Finished, or a Finished behind the other's: the handshake is through.
fn finish(scribe: &mut Scribe, finished: bool, place: Place) {
    if finished && scribe.finished_by_both() {
        scribe.agreed(None, None, place);
    }
}

/// `"client version"      : "TLSv1.2",` as name and value.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.strip_prefix('"')?.split_once('"')?;
    let value = value.trim_start().strip_prefix(':')?.trim();
    Some((name, value.trim_end_matches(',').trim_matches('"')))
}

fn client_field(text: &str, scribe: &mut Scribe) {
    let Some((name, value)) = pair(text) else {
        // `type=host_name (0), value=example.com`
        if scribe.section == "client-0"
            && let Some(sni) = between(text, "value=", ",")
            && let Some(hello) = scribe.hello()
        {
            hello.sni = Some(sni.trim().to_owned());
        }
        return;
    };
    let list = || value.trim_matches(['[', ']']).split(", ").map(str::trim).take(MOST);
    if let Some(extension) = name.rsplit_once(" (").and_then(|(_, id)| id.trim_end_matches(')').parse().ok())
    {
        scribe.section = match extension {
            0 => "client-0",
            10 => "client-10",
            13 => "client-13",
            16 => "client-16",
            43 => "client-43",
            50 => "client-50",
            51 => "client-51",
            _ => "client",
        };
        if let Some(hello) = scribe.hello() {
            hello.extensions.push(ExtensionType(extension));
            hello.resumes |= extension == 41;
        }
        return;
    }
    let section = scribe.section;
    let Some(hello) = scribe.hello() else { return };
    match (section, name) {
        (_, "client version") => hello.legacy_version = version(value),
        (_, "cipher suites") => hello.ciphers = list().filter_map(suite).collect(),
        ("client-10", "versions" | "named groups") => {
            hello.groups = list().filter_map(NamedGroup::by_name).collect();
        }
        ("client-13", "signature schemes") => {
            hello.signature_schemes = list().filter_map(SignatureScheme::by_name).collect();
        }
        ("client-43", "versions") => hello.supported_versions = list().filter_map(version).collect(),
        ("client-51", "named group") => hello.key_shares.extend(NamedGroup::by_name(value)),
        _ => {}
    }
    if section == "client-16" && value.starts_with('[') {
        hello.alpn = list().map(str::to_owned).collect();
    }
}

fn server_field(text: &str, scribe: &mut Scribe) {
    let Some((name, value)) = pair(text) else { return };
    if let Some(extension) = name.rsplit_once(" (").and_then(|(_, id)| id.trim_end_matches(')').parse().ok())
    {
        scribe.section = if extension == 43 { "server-43" } else { "server" };
        if let Some(hello) = scribe.server_hello() {
            hello.extensions.push(ExtensionType(extension));
        }
        return;
    }
    let section = scribe.section;
    let Some(hello) = scribe.server_hello() else { return };
    match (section, name) {
        (_, "server version") => {
            hello.legacy_version = version(value);
            hello.version = hello.version.or(hello.legacy_version);
        }
        (_, "cipher suite") => hello.cipher = suite(value),
        ("server-43", "selected version") => {
            hello.version = version(value.trim_matches(['[', ']'])).or(hello.version);
        }
        _ => {}
    }
}

/// `TLS_AES_256_GCM_SHA384(0x1302)`, or the name alone.
fn suite(word: &str) -> Option<CipherSuite> {
    match between(word, "(0x", ")") {
        Some(hex) => u16::from_str_radix(hex, 16).ok().map(CipherSuite),
        None => {
            CipherSuite::by_name(word).or_else(|| CipherSuite::by_name(&word.replacen("SSL_", "TLS_", 1)))
        }
    }
}

/// The form of Java up to 10.
fn old(text: &str, place: Place, scribe: &mut Scribe) {
    if let Some((_, rest)) = text.split_once("*** ") {
        let mut words = rest.splitn(2, ", ");
        let name = words.next().unwrap_or_default().trim();
        let name = match name {
            "Certificate chain" => "Certificate",
            "ECDH ServerKeyExchange" | "Diffie-Hellman ServerKeyExchange" => "ServerKeyExchange",
            name => name,
        };
        let Some(what) = named(name) else { return };
        let from = match what {
            What::ClientHello(_) | What::ClientKeyExchange => Side::Client,
            What::Handshake(_) | What::Finished => {
                // The list does not say whose; before the client's first answer it is the server's.
                if scribe.has(|what| matches!(what, What::ClientKeyExchange))
                    && !scribe.has(|what| matches!(what, What::Finished))
                {
                    Side::Client
                } else {
                    Side::Server
                }
            }
            _ => Side::Server,
        };
        let is_hello = matches!(what, What::ClientHello(_));
        let is_answer = matches!(what, What::ServerHello(_));
        scribe.event(from, what, place);
        let told = words.next().and_then(version);
        if is_hello && let Some(hello) = scribe.hello() {
            hello.legacy_version = told;
            scribe.section = "old-client";
        } else if is_answer && let Some(hello) = scribe.server_hello() {
            hello.version = told;
            hello.legacy_version = told;
        }
        return;
    }
    // `main, RECV TLSv1.2 ALERT:  fatal, handshake_failure`, `main, SEND TLSv1 ALERT:  fatal, description = …`
    if let Some((before, rest)) = text.split_once(" ALERT:") {
        let sent = before.contains("SEND ");
        if !sent && !before.contains("RECV ") {
            return;
        }
        if let Some((level, name)) = rest.trim().split_once(", ") {
            let from = scribe.side(sent);
            scribe.alert(from, level, name.trim_start_matches("description = "), place);
        }
        return;
    }
    for mark in ["WRITE: ", "READ: "] {
        let Some((_, rest)) = text.split_once(mark) else { continue };
        let word = rest.split([' ', ',']).next().unwrap_or_default();
        if mark == "WRITE: "
            && rest.to_ascii_lowercase().contains("handshake")
            && let Some(version) = version(word)
            && scribe.at_hello()
            && let Some(hello) = scribe.hello()
        {
            hello.record_version =
                hello.record_version.or(Some(version).filter(|_| text.contains(", WRITE")));
        }
    }
}

fn old_field(text: &str, scribe: &mut Scribe) {
    let Some(hello) = scribe.hello() else { return };
    if let Some(list) = text.strip_prefix("Cipher Suites: [") {
        hello.ciphers = list.trim_end_matches(']').split(", ").take(MOST).filter_map(suite).collect();
    } else if let Some(rest) = text.strip_prefix("Extension server_name") {
        hello.extensions.push(ExtensionType(0));
        hello.sni = between(rest, "value=", "]").map(str::to_owned);
    } else if let Some(rest) = text.strip_prefix("Extension elliptic_curves") {
        hello.extensions.push(ExtensionType(10));
        let list = between(rest, "{", "}").unwrap_or_default();
        hello.groups =
            list.split(", ").take(MOST).filter_map(|name| NamedGroup::by_name(name.trim())).collect();
    } else if text.starts_with("Extension signature_algorithms") {
        hello.extensions.push(ExtensionType(13));
    } else if let Some(list) = text.strip_prefix("Extension supported_versions") {
        hello.extensions.push(ExtensionType(43));
        hello.supported_versions = list
            .split([',', '[', ']', ' '])
            .filter_map(version)
            .filter(|version: &Version| version.is_known())
            .collect();
    }
}
