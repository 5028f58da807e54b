//! Reads the debug lines of GnuTLS: `gnutls-cli -d 4`, `GNUTLS_DEBUG_LEVEL=4`.
//!
//! In:  `|<4>| HSK[0x55eff9c49e50]: CLIENT HELLO was queued [125 bytes]`
//! Out: its messages.
//! Not here: the rest of gnutls-cli's words.

use super::scribe::{Scribe, between, named};
use crate::tls::{Alert, CipherSuite, NamedGroup, Version};
use crate::wire::{Place, Side, What};

pub(super) const MARKS: &[&str] = &[
    " was queued [",
    ") was received. Length ",
    "Adv. version: ",
    "Advertizing version ",
    "Server's version: ",
    "Selected cipher suite: GNUTLS_",
    "Negotiated version: ",
    "Negotiated version: ",
    "Sent group ",
    "Received alert [",
    "Sent ChangeCipherSpec",
    "sent server name: ",
    "] - ",
    "Connecting to '",
];

pub(super) fn line(text: &str, place: Place, scribe: &mut Scribe) {
    if let Some(address) = between(text, "Connecting to '", "'") {
        // It is printed behind the trace where both go to one file, so it does not begin a flow.
        if let Some((host, port)) = address.rsplit_once(':') {
            scribe.server(host, port.parse().ok(), place);
        }
    } else if text.contains("HSK[") && text.contains(" was queued [") {
        let name = between(text, "]: ", " was queued [").unwrap_or_default();
        let what = named(name);
        if matches!(what, Some(What::ClientHello(_))) {
            scribe.local = Some(Side::Client);
        } else if matches!(what, Some(What::ServerHello(_))) {
            scribe.local = Some(Side::Server);
        }
        let from = scribe.side(true);
        let size = between(text, "queued [", " ").and_then(|size| size.parse::<usize>().ok());
        let (versions, groups) = (std::mem::take(&mut scribe.versions), std::mem::take(&mut scribe.groups));
        let finished = matches!(what, Some(What::Finished));
        if scribe.message(from, name, place)
            && scribe.at_hello()
            && let Some(hello) = scribe.hello()
        {
            hello.size = size.unwrap_or(0);
            // The first is what it writes into the hello itself, the others its list of versions.
            hello.legacy_version = versions.first().copied();
            hello.supported_versions = versions.get(1..).unwrap_or_default().to_vec();
            hello.groups = groups;
        }
        if finished && scribe.finished_by_both() {
            scribe.agreed(None, None, place);
        }
    } else if text.contains("HSK[") && text.contains(") was received. Length ") {
        let name = between(text, "]: ", " (").unwrap_or_default();
        if matches!(named(name), Some(What::ClientHello(_))) {
            scribe.local = Some(Side::Server);
        }
        let from = scribe.side(false);
        let finished = matches!(named(name), Some(What::Finished));
        scribe.message(from, name, place);
        if finished && scribe.finished_by_both() {
            scribe.agreed(None, None, place);
        }
    } else if let Some((_, number)) = text.split_once("Adv. version: ") {
        scribe.versions.clear();
        scribe.versions.extend(version(number));
    } else if let Some((_, number)) = text.split_once("Advertizing version ") {
        scribe.versions.extend(version(number));
    } else if let Some(number) =
        after(text, "Server's version: ").or_else(|| after(text, "Negotiated version: "))
    {
        let version = version(number);
        if let Some(hello) = scribe.server_hello() {
            hello.version = version.or(hello.version);
        }
    } else if let Some(name) = after(text, "Selected cipher suite: GNUTLS_") {
        if let Some(hello) = scribe.server_hello() {
            hello.cipher = suite(name.trim());
        }
    } else if let Some(group) = between(text, "Sent group ", ")") {
        let number = group.split_once("(0x").and_then(|(_, hex)| u16::from_str_radix(hex, 16).ok());
        scribe.groups.extend(number.map(NamedGroup));
    } else if let Some(name) = after(text, "sent server name: ") {
        scribe.sni = Some(name.trim().trim_matches('\'').to_owned());
    } else if let Some(number) = between(text, "Received alert [", "]") {
        received(number, place, scribe);
    } else if text.contains("REC[") && text.contains("Alert[") {
        // `REC[0x…]: Alert[2|70] - Error in protocol version - was received`
        if let Some((_, number)) = between(text, "Alert[", "]").and_then(|inside| inside.split_once('|')) {
            if text.contains("was received") {
                received(number, place, scribe);
            } else if let Ok(number) = number.parse() {
                let from = scribe.side(true);
                scribe.event(from, What::Alert { level: 2, alert: Alert(number) }, place);
            }
        }
    } else if text.contains("REC[") && text.contains("Sent ChangeCipherSpec") {
        let from = scribe.side(true);
        scribe.event(from, What::ChangeCipherSpec, place);
    }
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

/// The same alert is told twice: by the library and by the program.
fn received(number: &str, place: Place, scribe: &mut Scribe) {
    let Ok(number) = number.trim().parse() else { return };
    let from = scribe.side(false);
    if !scribe.has(|what| matches!(what, What::Alert { alert, .. } if alert.0 == number)) {
        scribe.event(from, What::Alert { level: 2, alert: Alert(number) }, place);
    }
}

/// `3.3` as it stands on the wire.
fn version(number: &str) -> Option<Version> {
    let (major, minor) = number.trim().split_once('.')?;
    let minor = minor.split(|c: char| !c.is_ascii_digit()).next()?;
    Some(Version(u16::from_be_bytes([major.parse().ok()?, minor.parse().ok()?])))
}

/// GnuTLS leaves out the `WITH` of a name, and calls SHA `SHA1`.
fn suite(name: &str) -> Option<CipherSuite> {
    let name = name.replace("_SHA1", "_SHA");
    let direct = CipherSuite::by_name(&format!("TLS_{name}"));
    direct.or_else(|| {
        ["AES_", "CHACHA20_", "3DES_", "CAMELLIA_", "ARCFOUR_"].iter().find_map(|cipher| {
            let at = name.find(cipher).filter(|at| *at > 0)?;
            let (exchange, cipher) = name.split_at(at);
            CipherSuite::by_name(&format!("TLS_{exchange}WITH_{cipher}"))
        })
    })
}
