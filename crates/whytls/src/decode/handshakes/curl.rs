//! Reads the handshake that `curl -v` and `--trace` tell.
//!
//! In:  `* TLSv1.3 (OUT), TLS handshake, Client hello (1):`
//! Out: its messages.
//! Not here: curl's errors. Those are messages of the catalogue.

use super::scribe::{Scribe, between, named, offer, version};
use crate::tls::{Alert, CipherSuite};
use crate::wire::{Place, Side, What};

pub(super) const MARKS: &[&str] = &[
    " (OUT), TLS ",
    " (IN), TLS ",
    ", TLS handshake, ",
    "SSL connection using ",
    "* Connected to ",
    "Info: Connected to ",
    "ALPN: offers ",
    "ALPN, offering ",
    "ALPN: server accepted ",
    "ALPN, server accepted to use ",
    "initial handshake data: sent ",
];

pub(super) fn line(text: &str, place: Place, scribe: &mut Scribe) {
    scribe.local = Some(Side::Client);
    if let Some(rest) = text.split_once("Connected to ").map(|(_, rest)| rest) {
        scribe.begin();
        let address = between(rest, "(", ")").unwrap_or_default();
        let port = rest.split_once(") port ").and_then(|(_, port)| port.split(' ').next()?.parse().ok());
        if !address.is_empty() {
            scribe.server(address, port, place);
        }
    } else if let Some((_, offers)) = text.split_once("ALPN: offers ") {
        scribe.alpn.extend(offers.trim().split(',').map(str::to_owned));
    } else if let Some((_, offer)) = text.split_once("ALPN, offering ") {
        scribe.alpn.push(offer.trim().to_owned());
    } else if let Some((_, chosen)) =
        text.split_once("ALPN: server accepted ").or_else(|| text.split_once("ALPN, server accepted to use "))
    {
        if let Some(hello) = scribe.server_hello() {
            hello.alpn = Some(chosen.trim().to_owned());
        }
    } else if let Some((_, rest)) = text.split_once("SSL connection using ") {
        let mut words = rest.split(" / ");
        let version = words.next().and_then(version);
        let cipher = words.next().and_then(|name| CipherSuite::by_name(name.trim()));
        scribe.agreed(version, cipher, place);
    } else if let Some((_, rest)) = text.split_once("initial handshake data: sent ") {
        // Schannel tells no more of its hello than how long the record is.
        scribe.event(Side::Client, What::ClientHello(Box::default()), place);
        if let (Some(hello), Some(Ok(size))) =
            (scribe.hello(), rest.split(' ').next().map(str::parse::<usize>))
        {
            hello.size = size.saturating_sub(5);
        }
    } else {
        message(text, place, scribe);
    }
}

fn message(text: &str, place: Place, scribe: &mut Scribe) {
    let (before, sent, rest) = if let Some((before, rest)) = text.split_once(" (OUT), TLS ") {
        (before, Some(true), rest)
    } else if let Some((before, rest)) = text.split_once(" (IN), TLS ") {
        (before, Some(false), rest)
    } else if let Some((before, rest)) = text.split_once(", TLS ") {
        // Before 7.44 curl did not say who sends.
        (before, None, rest)
    } else {
        return;
    };
    let Some((kind, rest)) = rest.split_once(", ") else { return };
    let name = rest.split(" (").next().unwrap_or_default();
    let number: Option<u16> = between(rest, "(", ")").and_then(|number| number.parse().ok());
    let version = before.split_whitespace().next_back().and_then(version);
    let what = match (kind, named(name)) {
        ("handshake" | "change cipher", what) => what,
        ("alert", _) => number.map(|number| {
            let [level, alert] = number.to_be_bytes();
            What::Alert { level, alert: Alert(alert) }
        }),
        _ => None,
    };
    let Some(what) = what else { return };
    let from = match (sent, &what) {
        (Some(sent), _) => scribe.side(sent),
        (None, What::ClientHello(_) | What::ClientKeyExchange) => Side::Client,
        (None, _) => Side::Server,
    };
    let alpn = std::mem::take(&mut scribe.alpn);
    let (is_hello, is_answer) = (matches!(what, What::ClientHello(_)), matches!(what, What::ServerHello(_)));
    scribe.event(from, what, place);
    if is_hello {
        if let Some(hello) = scribe.hello() {
            hello.alpn = alpn;
            if let Some(version) = version {
                offer(hello, version);
            }
        }
    } else {
        scribe.alpn = alpn;
        // At the ServerHello curl still shows the version that was offered; from then on the negotiated one.
        if !is_answer
            && sent == Some(false)
            && let (Some(hello), Some(version)) = (scribe.server_hello(), version)
            && hello.version.is_none()
        {
            hello.version = Some(version);
        }
    }
}
