//! SQL Server: PRELOGIN, and TLS inside of its packets.
//!
//! In:  packets of TDS.
//! Out: the request for TLS and its answer; then the bytes of TLS without the packets around them.
//! Not here: TDS 8, which begins with TLS.

use super::{Step, Talk, Told};
use crate::wire::flow::Side;

/// PRELOGIN, and what a server answers with.
const PRELOGIN: u8 = 0x12;
const ANSWER: u8 = 0x04;

/// Bytes of a packet's header.
const HEADER: usize = 8;

/// A PRELOGIN packet: its header, and options that begin with the version's.
pub(super) fn client(bytes: &[u8]) -> Option<Talk> {
    matches!(bytes, [PRELOGIN, 0 | 1, _, _, 0, 0, _, 0, 0, 0, _, 0, 6, ..])
        .then(|| Talk::Tds(Prelogin::default()))
}

/// The negotiation.
#[derive(Debug, Default)]
pub(super) struct Prelogin {
    asked: bool,
    /// The client goes on by itself: it sends TLS in PRELOGIN packets.
    answered: bool,
}

impl Prelogin {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        let [kind, _, high, low, _, _, _, _, ..] = bytes else { return Step::More };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length < HEADER || !matches!(*kind, PRELOGIN | ANSWER) {
            // A login without TLS (0x10), or anything else.
            if *kind == 0x10 {
                told.plain("tds", "login without TLS");
            }
            return Step::Over;
        }
        let Some(packet) = bytes.get(HEADER..length) else { return Step::More };
        // TLS in a packet.
        if matches!(packet, [20..=23, 3, _, ..] | [0x80..=0x8f, _, 1, 3, ..]) {
            return Step::Wrapped(0);
        }
        let encryption = option(packet, 1);
        match (told.from, encryption) {
            (Side::Client, Some(2)) => {
                told.plain("tds", "PRELOGIN, ENCRYPT_NOT_SUP (2)");
            }
            (Side::Client, Some(_)) if !self.asked => {
                told.asks("tds");
                self.asked = true;
            }
            (Side::Server, Some(value)) if self.asked && !self.answered => {
                self.answered = true;
                told.answers(value != 2, format!("{} ({value})", name(value)));
            }
            (Side::Server, Some(value)) if !self.answered => {
                self.answered = true;
                told.plain("tds", format!("PRELOGIN, {} ({value})", name(value)));
            }
            (Side::Server, None) => return Step::Over,
            _ => {}
        }
        Step::Used(length)
    }
}

/// The first byte of an option: behind the list of them, where the list says.
fn option(packet: &[u8], wanted: u8) -> Option<u8> {
    let mut list = packet;
    while let [token, high, low, _, _, rest @ ..] = list {
        if *token == 0xff {
            return None;
        }
        if *token == wanted {
            return packet.get(usize::from(u16::from_be_bytes([*high, *low]))).copied();
        }
        list = rest;
    }
    None
}

/// The names of [MS-TDS] §2.2.6.5.
fn name(value: u8) -> &'static str {
    match value {
        0 => "ENCRYPT_OFF",
        1 => "ENCRYPT_ON",
        2 => "ENCRYPT_NOT_SUP",
        3 => "ENCRYPT_REQ",
        0x80.. => "ENCRYPT_CLIENT_CERT",
        _ => "unknown",
    }
}

/// Takes the packets away from around TLS, in both directions.
#[derive(Debug, Default)]
pub(super) struct Unwrapper {
    client: Way,
    server: Way,
}

#[derive(Debug, Default)]
struct Way {
    header: Vec<u8>,
    /// Bytes to come of the packet.
    left: usize,
    /// The handshake is over, and with it the packets around TLS.
    bare: bool,
}

impl Unwrapper {
    /// Gives the bytes of TLS in these bytes.
    pub(super) fn read(&mut self, from: Side, mut bytes: &[u8], each: &mut impl FnMut(&[u8])) {
        let way = if from == Side::Client { &mut self.client } else { &mut self.server };
        while !bytes.is_empty() {
            if way.bare {
                return each(bytes);
            }
            if way.left > 0 {
                let (own, rest) = bytes.split_at(way.left.min(bytes.len()));
                way.left -= own.len();
                each(own);
                bytes = rest;
                continue;
            }
            if way.header.is_empty() && !matches!(bytes.first(), Some(&(PRELOGIN | ANSWER))) {
                way.bare = true;
                continue;
            }
            let (own, rest) = bytes.split_at((HEADER - way.header.len()).min(bytes.len()));
            way.header.extend_from_slice(own);
            bytes = rest;
            if let [_, _, high, low, _, _, _, _] = way.header.as_slice() {
                way.left = usize::from(u16::from_be_bytes([*high, *low])).saturating_sub(HEADER);
                way.header.clear();
            }
        }
    }
}
