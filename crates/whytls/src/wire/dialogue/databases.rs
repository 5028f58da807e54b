//! PostgreSQL, MySQL and MariaDB: TLS asked for in a packet of their own.
//!
//! In:  the first packets of both ends.
//! Out: the request for TLS, the answer, and what a server says instead.
//! Not here: SQL Server (`tds`). Names and passwords are passed over.

use super::{Step, Talk, Told};
use crate::wire::flow::{Side, What};

/// `SSLRequest`, and its sister for Kerberos.
const SSL: [u8; 8] = [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f];
const GSS: [u8; 8] = [0, 0, 0, 8, 4, 0xd2, 0x16, 0x30];

/// What a client begins with that speaks PostgreSQL; others let the server begin.
pub(super) fn client(bytes: &[u8]) -> Option<Talk> {
    let startup = matches!(bytes, [0, 0, high, low, 0, 3, 0, 0..=2, ..]
        if usize::from(u16::from_be_bytes([*high, *low])) >= bytes.len());
    (bytes.starts_with(&SSL) || bytes.starts_with(&GSS) || startup)
        .then(|| Talk::Postgresql(Postgresql::default()))
}

/// What a server begins with that speaks MySQL's protocol.
pub(super) fn server(bytes: &[u8]) -> Option<Talk> {
    let greeting = matches!(bytes, [low, high, 0, 0, 10, b'0'..=b'9', ..]
        if (30..=512).contains(&u16::from_le_bytes([*low, *high])));
    let error = matches!(bytes, [low, high, 0, 0, 0xff, _, 3..=0x2f, ..]
        if usize::from(u16::from_le_bytes([*low, *high])) + 4 == bytes.len());
    (greeting || error).then(|| Talk::Mysql(Mysql::default()))
}

/// What a text says, without what cannot be shown.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|char| !char.is_control() && *char != '\u{fffd}')
        .take(200)
        .collect()
}

/// PostgreSQL.
#[derive(Debug, Default)]
pub(super) struct Postgresql {
    asked: Option<bool>,
}

impl Postgresql {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        match (told.from, self.asked, bytes) {
            (Side::Client, _, _) if bytes.starts_with(&SSL) => {
                told.asks("postgresql");
                self.asked = Some(true);
                Step::Used(SSL.len())
            }
            (Side::Client, _, _) if bytes.starts_with(&GSS) => {
                self.asked = Some(false);
                Step::Used(GSS.len())
            }
            (Side::Client, _, [0, 0, high, low, 0, 3, ..]) => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if bytes.len() < length {
                    return Step::More;
                }
                told.plain("postgresql", "startup message without TLS");
                self.asked = None;
                Step::Used(length.max(8))
            }
            (Side::Server, Some(true), [b'S', ..]) => {
                told.answers(true, "S");
                Step::Tls(1)
            }
            (Side::Server, Some(true), [b'N', ..]) => {
                told.answers(false, "N");
                self.asked = None;
                Step::Used(1)
            }
            (Side::Server, Some(false), [b'N', ..]) => {
                self.asked = None;
                Step::Used(1)
            }
            (Side::Server, asked, [b'E', ..]) => {
                let text = error(bytes);
                if asked == Some(true) {
                    told.answers(false, text);
                } else {
                    told.plain("postgresql", text);
                }
                Step::Over
            }
            (_, _, [_, _, _, _, _, _, _, ..]) | (Side::Server, ..) => Step::Over,
            _ => Step::More,
        }
    }
}

/// The words of an ErrorResponse: its fields begin with a letter, `M` is the message. Servers before
/// 7.4 send the text alone.
fn error(bytes: &[u8]) -> String {
    let fields = bytes.get(5..).unwrap_or_default().split(|byte| *byte == 0);
    let mut message = None;
    for field in fields {
        if let [b'M', text @ ..] = field {
            message = Some(readable(text));
        }
    }
    message.unwrap_or_else(|| readable(bytes.get(1..).unwrap_or_default()))
}

/// MySQL and MariaDB.
#[derive(Debug, Default)]
pub(super) struct Mysql {
    /// The server greeted; whether it can TLS.
    offered: Option<bool>,
    logged_in: bool,
}

/// CLIENT_SSL.
const CAN_SSL: u16 = 0x0800;

impl Mysql {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        let [low, high, more, _, body @ ..] = bytes else { return Step::More };
        let length = usize::from(u16::from_le_bytes([*low, *high])) | usize::from(*more) << 16;
        if length > 4096 {
            return Step::Over;
        }
        let Some(body) = body.get(..length) else { return Step::More };
        match (told.from, body) {
            (Side::Server, [0xff, ..]) => {
                // Behind the number stands `#` with a state, but not before a greeting.
                let text = body.get(3..).unwrap_or_default();
                let text = if text.first() == Some(&b'#') { text.get(6..).unwrap_or_default() } else { text };
                told.plain("mysql", readable(text));
                Step::Over
            }
            (Side::Server, [10, rest @ ..]) if self.offered.is_none() => {
                let version = rest.split(|byte| *byte == 0).next().unwrap_or_default();
                // Behind the version: a number of four bytes, eight random bytes, a zero.
                let abilities = rest.get(version.len() + 14..).and_then(<[u8]>::first_chunk::<2>);
                let offered = abilities.is_some_and(|pair| u16::from_le_bytes(*pair) & CAN_SSL != 0);
                self.offered = Some(offered);
                told.plain("mysql", readable(version));
                if !offered {
                    told.event(What::TlsNotOffered { protocol: "mysql" });
                }
                Step::Used(4 + length)
            }
            (Side::Client, [a, b, _, _, ..]) if !self.logged_in => {
                let asks = u16::from_le_bytes([*a, *b]) & CAN_SSL != 0;
                if asks && length == 32 {
                    told.asks("mysql");
                    // The server has said in its greeting that it can.
                    if let Some(offered) = self.offered {
                        told.answers(offered, if offered { "CLIENT_SSL" } else { "no CLIENT_SSL" });
                    }
                    return Step::Tls(4 + length);
                }
                self.logged_in = true;
                told.plain("mysql", "login without TLS");
                Step::Used(4 + length)
            }
            _ => Step::Over,
        }
    }
}
