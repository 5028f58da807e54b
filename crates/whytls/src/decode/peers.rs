//! Reads on which side a program stands, from the port of the one that it talks to.
//!
//! In:  `TLS handshake error from 192.0.2.7:51000`, `peeraddr=192.0.2.7:51000`, `SSL Error on 7 ('192.0.2.7', 51000)`.
//! Out: `speaker = server`: a port that a system hands out is a client's.
//! Not here: ports that a server may have, and lines that speak of no TLS.

use std::ops::Range;

use super::marks::{Mark, Marks};
use super::{Artifact, Data};
use crate::evidence::{Evidence, Statement};
use crate::paste::Paste;

/// Systems hand out ports from here on; the node ports of Kubernetes end below.
const FIRST: u16 = 32768;

/// Servers have these all the same: gRPC, MySQL's X protocol, DB2 and SAP, ActiveMQ.
const SERVERS: [u16; 9] = [33060, 50000, 50001, 50051, 50052, 61613, 61614, 61616, 61617];

/// What stands before the address of the one that connected; in small letters.
const MARKS: [&str; 14] = [
    "from",
    "peer",
    "peeraddr",
    "remote",
    "remote address",
    "remote-addr",
    "remote_addr",
    "raddr",
    "src",
    "client",
    "client address",
    "client_addr",
    "client_ip",
    "rhost",
];

/// What a line about TLS has, in small letters.
pub(super) const WORDS: [&str; 4] = ["tls", "ssl", "handshake", "certificate"];

/// Once is enough; a log says it of every connection.
const ENOUGH: usize = 3;

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (id, artifact) in artifacts.iter().enumerate() {
        if !matches!(artifact.data, Data::Log | Data::Transcript | Data::Prose | Data::Trace(_)) {
            continue;
        }
        let Some(input) = paste.inputs.get(artifact.input) else { continue };
        let marks = Marks::of(input);
        let clients = input
            .lines(artifact.span)
            // Most lines of a log are about something else.
            .filter(|line| marks.any(Mark::Tls, &line.range()))
            .filter_map(|line| client(line.beginning()).map(|place| line.span_at(place)));
        for span in clients.take(ENOUGH) {
            let states = vec![Statement::new("speaker", "server")];
            evidence.push(Evidence::new(id, artifact.input, span, states));
        }
    }
}

/// The place of a client's address on a line about TLS, with the mark before it.
fn client(line: &str) -> Option<Range<usize>> {
    // Most lines have no such port.
    let mut ports =
        line.match_indices(':').filter_map(|(at, _)| Some((at, port(line.get(at + 1..)?)?))).peekable();
    if ports.peek().is_none() && !line.contains("', ") {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    if let Some(place) = in_tuple(&lower) {
        return Some(place);
    }
    ports.find_map(|(at, length)| {
        let before = lower.get(..at)?;
        let start =
            before.rfind(|c: char| !(c.is_ascii_hexdigit() || ".:[]".contains(c))).map_or(0, |at| at + 1);
        let host = before.get(start..)?.trim_start_matches(':').trim_matches(['[', ']']);
        let address: Result<core::net::IpAddr, _> = host.parse();
        address.ok().or_else(|| host.rsplit(']').next()?.parse().ok())?;
        let lead = before.get(..start)?.trim_end_matches("[af_inet").trim_end_matches("[af_inet6");
        let lead = lead.trim_end_matches([' ', '=', ':', '"', '\'', '/', '<', '(', '\\']);
        let mark = MARKS.iter().find(|mark| {
            let word = lead.strip_suffix(**mark);
            word.is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
        })?;
        let end = at + 1 + length;
        let behind = lower.get(end..)?.trim_start();
        // `from 192.0.2.1:51000 to 192.0.2.9:443` is what a client says of itself.
        let own = behind.starts_with("->") || behind.starts_with("to ") || behind.starts_with("=>");
        (!own).then_some(lead.len() - mark.len()..end)
    })
}

/// As Python writes an address: `SSL Error on 7 ('192.0.2.7', 51000)`, `raddr=('192.0.2.7', 51000)`.
fn in_tuple(lower: &str) -> Option<Range<usize>> {
    lower.match_indices("('").find_map(|(at, _)| {
        let start = at + 2;
        let length = lower.get(start..)?.bytes().take(64).position(|byte| byte == b'\'')?;
        let host: Result<core::net::IpAddr, _> = lower.get(start..start + length)?.parse();
        host.ok()?;
        let behind = start + length + "', ".len();
        let end = behind + port(lower.get(start + length..)?.strip_prefix("', ")?)?;
        let lead = lower.get(..at)?.trim_end_matches([' ', '=', ':']);
        let begin = lead.rfind([' ', ',', '(', '<']).map_or(0, |at| at + 1);
        let word = lead.get(begin..)?;
        // Tornado says on which descriptor it happened.
        let counts = MARKS.contains(&word)
            || word.bytes().all(|byte| byte.is_ascii_digit()) && lead.get(..begin)?.ends_with("error on ");
        counts.then_some(begin..end)
    })
}

/// The length of the number that a text begins with, if it is a port that a system hands out.
fn port(text: &str) -> Option<usize> {
    let digits = text.bytes().take(6).take_while(u8::is_ascii_digit).count();
    let port: u16 = text.get(..digits)?.parse().ok()?;
    (digits == 5 && port >= FIRST && !SERVERS.contains(&port)).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(line: &str) -> Option<Evidence> {
        let paste = Paste::text(line);
        let mut evidence = Vec::new();
        read(&paste, &super::super::find(&paste), &mut evidence);
        evidence.pop()
    }

    #[test]
    fn a_port_that_was_handed_out_is_a_clients() {
        for line in [
            "http: TLS handshake error from 192.0.2.7:51000: remote error: tls: bad certificate",
            "TLS: Initial packet from [AF_INET]192.0.2.7:51000, sid=1",
            "SSL_accept returned=1 errno=0 peeraddr=192.0.2.7:51000 state=error",
            "msg=\"handshake failed\" remote-addr\":\"192.0.2.7:51000\"",
            "SSL error from [2001:db8::7]:51000",
            "SSL failed for peer /192.0.2.7:51000",
            "remote address:192.0.2.7:51000,TLS_error:|268436498:SSL routines",
            "SSL Error on 7 ('192.0.2.7', 51000): [SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca",
            "<ssl.SSLSocket fd=7, laddr=('192.0.2.9', 443), raddr=('192.0.2.7', 51000)>: SSL handshake failed",
        ] {
            assert!(client(line).is_some(), "{line}");
        }
    }

    #[test]
    fn other_ports_tell_nothing() {
        for line in [
            "TLS handshake error from 192.0.2.7:443",
            "read tcp from 192.0.2.1:51000->192.0.2.9:443: tls: bad certificate",
            "transport: TLS handshake failed with peer 192.0.2.9:50051",
            "connected from 192.0.2.7:51000",
            "TLS: connecting to 192.0.2.9:51000",
            "tls error from 12:51000",
            "SSL Error on 7 ('192.0.2.7', 443): [SSL: WRONG_VERSION_NUMBER]",
            "<ssl.SSLSocket fd=7, laddr=('192.0.2.7', 51000), raddr=('192.0.2.9', 443)>: SSL handshake failed",
        ] {
            assert!(client(line).is_none(), "{line}");
        }
    }
}
