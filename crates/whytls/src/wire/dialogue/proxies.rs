//! Proxies: HTTP CONNECT, SOCKS 4 and 5, the PROXY protocol.
//!
//! In:  what a client asks of its proxy, and the answer.
//! Out: events for both; behind an agreement begins whatever the client speaks with the server.
//! Not here: that.

use super::{Recognised, Step, Talk, Told};
use crate::wire::flow::Side;

/// The signature of the PROXY protocol's version 2.
const PROXY2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

const NO_METHOD: &str = "no acceptable method of authentication";
const WRONG_PASSWORD: &str = "the password is refused";

/// What a SOCKS proxy says before it is asked for a connection, to whoever it does not serve.
pub(crate) const SOCKS_REFUSALS: [&str; 2] = [NO_METHOD, WRONG_PASSWORD];

/// A header of the PROXY protocol.
pub(super) fn header(bytes: &[u8]) -> Option<Recognised> {
    if let Some(rest) = bytes.strip_prefix(PROXY2) {
        let [_, _, high, low, ..] = rest else { return Some(Recognised::More) };
        let length = PROXY2.len() + 4 + usize::from(u16::from_be_bytes([*high, *low]));
        return Some(if bytes.len() < length { Recognised::More } else { Recognised::Proxy(length) });
    }
    if PROXY2.starts_with(bytes) && bytes.len() > 1 {
        return Some(Recognised::More);
    }
    let rest = bytes.strip_prefix(b"PROXY ")?;
    if !(rest.starts_with(b"TCP") || rest.starts_with(b"UNKNOWN")) {
        return None;
    }
    let end = bytes.iter().take(110).position(|byte| *byte == b'\n');
    Some(match end {
        Some(end) => Recognised::Proxy(end + 1),
        None if bytes.len() < 110 => Recognised::More,
        None => Recognised::Nothing,
    })
}

/// SOCKS, by the client's first message: it must fit to the last byte.
pub(super) fn client(bytes: &[u8]) -> Option<Talk> {
    let five = matches!(bytes, [5, count @ 1..=16, methods @ ..] if methods.len() == usize::from(*count));
    let four = matches!(bytes, [4, 1, _, _, _, _, _, _, .., 0] if bytes.len() <= 512);
    (five || four).then(|| Talk::Socks(Socks::default()))
}

/// HTTP CONNECT.
#[derive(Debug, Default)]
pub(super) struct Connect {
    asked: bool,
}

impl Connect {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Step::More;
        };
        let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        let line: String =
            String::from_utf8_lossy(line).chars().filter(|char| !char.is_control()).take(200).collect();
        match told.from {
            Side::Client if line.starts_with("CONNECT ") => {
                self.asked = true;
                told.asks("http-connect");
                Step::Used(end + 4)
            }
            Side::Server if self.asked => {
                let code = line.split_ascii_whitespace().nth(1).unwrap_or_default();
                let agreed = code.len() == 3 && code.starts_with('2');
                told.answers(agreed, line.as_str());
                self.asked = false;
                // A page that explains a refusal is not read.
                if agreed { Step::Inner(end + 4) } else { Step::Used(bytes.len()) }
            }
            Side::Server => Step::Used(bytes.len()),
            Side::Client => Step::Over,
        }
    }
}

/// SOCKS 4 and 5.
#[derive(Debug, Default)]
pub(super) struct Socks {
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Methods,
    /// The server is to choose a method.
    Choice,
    /// Name and password, and whether they are right.
    Login,
    Request,
    Answer,
}

impl Socks {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        match (told.from, self.stage, bytes) {
            (Side::Client, Stage::Methods, [5, ..]) => {
                told.plain("socks", "methods of authentication");
                self.stage = Stage::Choice;
                Step::Used(bytes.len())
            }
            (Side::Client, Stage::Methods, [4, ..]) => {
                told.asks("socks");
                self.stage = Stage::Answer;
                Step::Used(bytes.len())
            }
            (Side::Server, Stage::Choice, [5, method, ..]) => {
                match method {
                    0 => {
                        told.plain("socks", "no authentication");
                        self.stage = Stage::Request;
                    }
                    0xff => {
                        told.plain("socks", NO_METHOD);
                        return Step::Over;
                    }
                    _ => {
                        told.plain("socks", "authentication first");
                        self.stage = Stage::Login;
                    }
                }
                Step::Used(2)
            }
            (Side::Client, Stage::Login, _) => {
                told.plain("socks", "name and password");
                Step::Used(bytes.len())
            }
            (Side::Server, Stage::Login, [1, 0, ..]) => {
                told.plain("socks", "they are right");
                self.stage = Stage::Request;
                Step::Used(2)
            }
            (Side::Server, Stage::Login, [1, ..]) => {
                told.plain("socks", WRONG_PASSWORD);
                Step::Over
            }
            (Side::Client, Stage::Request, [5, 1, 0, ..]) => {
                told.asks("socks");
                self.stage = Stage::Answer;
                Step::Used(bytes.len())
            }
            (Side::Server, Stage::Answer, [5, code, _, kind, rest @ ..]) => {
                let length = match kind {
                    1 => 10,
                    4 => 22,
                    3 => 7 + usize::from(rest.first().copied().unwrap_or(0)),
                    _ => return Step::Over,
                };
                if bytes.len() < length {
                    return Step::More;
                }
                told.answers(*code == 0, reply(*code));
                if *code == 0 { Step::Inner(length) } else { Step::Over }
            }
            (Side::Server, Stage::Answer, [0, code @ 0x5a..=0x5d, ..]) => {
                if bytes.len() < 8 {
                    return Step::More;
                }
                let agreed = *code == 0x5a;
                told.answers(agreed, if agreed { "granted" } else { "rejected or failed" });
                if agreed { Step::Inner(8) } else { Step::Over }
            }
            (_, _, [_]) | (_, _, [_, _]) | (_, _, [_, _, _]) => Step::More,
            _ => Step::Over,
        }
    }
}

/// The words of RFC 1928 §6.
fn reply(code: u8) -> &'static str {
    match code {
        0 => "succeeded",
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "unknown reply",
    }
}
