//! LDAP and RDP: TLS asked for in a message of their own.
//!
//! In:  the first messages of both ends.
//! Out: the request for TLS, and the answer with its code.
//! Not here: what is in other messages. Names and passwords are passed over.

use super::{Step, Talk, Told};
use crate::wire::flow::Side;

/// What a client begins with.
pub(super) fn client(bytes: &[u8]) -> Option<Talk> {
    // A SEQUENCE with a message's number and a request.
    let ldap = match bytes {
        [0x30, 0x84, _, _, _, _, 2, len @ 1..=4, rest @ ..]
        | [0x30, 0x82, _, _, 2, len @ 1..=4, rest @ ..] => {
            rest.get(usize::from(*len)).is_some_and(|tag| request(*tag))
        }
        [0x30, 0..=0x7f, 2, len @ 1..=4, rest @ ..] => {
            rest.get(usize::from(*len)).is_some_and(|tag| request(*tag))
        }
        _ => false,
    };
    if ldap {
        return Some(Talk::Ldap(Ldap::default()));
    }
    matches!(bytes, [3, 0, 0, 7..=0xff, _, 0xe0, ..]).then(|| Talk::Rdp(Rdp::default()))
}

/// bindRequest, unbindRequest, searchRequest, extendedReq.
fn request(tag: u8) -> bool {
    matches!(tag, 0x60 | 0x42 | 0x63 | 0x77)
}

/// StartTLS (RFC 4511 §4.14).
const STARTTLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// LDAP.
#[derive(Debug, Default)]
pub(super) struct Ldap {
    asked: Option<Vec<u8>>,
    messages: u32,
}

impl Ldap {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        let mut reader = Ber(bytes);
        let Some((tag, body)) = reader.element() else {
            return if bytes.first() == Some(&0x30) { Step::More } else { Step::Over };
        };
        let used = bytes.len() - reader.0.len();
        let mut inside = Ber(body);
        let (Some((2, number)), Some((operation, content)), 0x30) = (inside.element(), inside.element(), tag)
        else {
            return Step::Over;
        };
        self.messages += 1;
        match (told.from, operation) {
            (Side::Client, 0x77) if content.windows(STARTTLS.len()).any(|window| window == STARTTLS) => {
                told.asks("ldap");
                self.asked = Some(number.to_vec());
            }
            // An answer to it, or a notice of disconnection (number 0).
            (Side::Server, 0x78)
                if self.asked.as_deref() == Some(number) || (self.asked.is_some() && number == [0]) =>
            {
                self.asked = None;
                let mut result = Ber(content);
                let code = match result.element() {
                    Some((0x0a, [code])) => *code,
                    _ => return Step::Over,
                };
                let _matched = result.element();
                let said = result.element().map(|(_, text)| String::from_utf8_lossy(text).into_owned());
                let mut text = format!("{} ({code})", result_name(code));
                if let Some(said) = said.filter(|said| !said.is_empty()) {
                    text = format!(
                        "{text}: {}",
                        said.chars().filter(|char| !char.is_control()).take(160).collect::<String>()
                    );
                }
                told.answers(code == 0, text);
                if code == 0 {
                    return Step::Tls(used);
                }
            }
            (Side::Client, 0x60) if self.messages == 1 => told.plain("ldap", "bindRequest without TLS"),
            (Side::Server, 0x61 | 0x65) => {
                let code = match Ber(content).element() {
                    Some((0x0a, [code])) => *code,
                    _ => 0,
                };
                // confidentialityRequired, strongerAuthRequired: the server wants TLS.
                if matches!(code, 8 | 13) {
                    told.plain("ldap", format!("{} ({code})", result_name(code)));
                }
            }
            _ => {}
        }
        if self.messages > 8 { Step::Over } else { Step::Used(used) }
    }
}

/// The names of RFC 4511 appendix A.
fn result_name(code: u8) -> &'static str {
    match code {
        0 => "success",
        1 => "operationsError",
        2 => "protocolError",
        8 => "strongerAuthRequired",
        12 => "unavailableCriticalExtension",
        13 => "confidentialityRequired",
        50 => "insufficientAccessRights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwillingToPerform",
        _ => "result code",
    }
}

/// BER: tag, length, content.
struct Ber<'a>(&'a [u8]);

impl<'a> Ber<'a> {
    fn element(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, length, rest) = match self.0 {
            [tag, length @ 0..=0x7f, rest @ ..] => (*tag, usize::from(*length), rest),
            [tag, 0x81, length, rest @ ..] => (*tag, usize::from(*length), rest),
            [tag, 0x82, a, b, rest @ ..] => (*tag, usize::from(u16::from_be_bytes([*a, *b])), rest),
            [tag, 0x83, a, b, c, rest @ ..] => {
                (*tag, usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c), rest)
            }
            [tag, 0x84, 0, b, c, d, rest @ ..] => {
                (*tag, usize::from(*b) << 16 | usize::from(*c) << 8 | usize::from(*d), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }
}

/// Remote Desktop: which security the client can, and which the server chooses.
#[derive(Debug, Default)]
pub(super) struct Rdp {
    asked: bool,
}

impl Rdp {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        let [3, _, high, low, ..] = bytes else {
            return if bytes.len() < 4 && bytes.first() == Some(&3) { Step::More } else { Step::Over };
        };
        let length = usize::from(u16::from_be_bytes([*high, *low])).max(7);
        let Some(packet) = bytes.get(..length) else { return Step::More };
        // The negotiation stands at the end, behind a cookie of any length.
        let negotiation = packet.get(packet.len().saturating_sub(8)..).unwrap_or_default();
        match (told.from, packet.get(5), negotiation) {
            (Side::Client, Some(0xe0), _) => {
                let protocols = match negotiation {
                    [1, _, 8, 0, protocols, ..] if length >= 19 => *protocols,
                    // Behind it, a newer client puts another structure of 36 bytes.
                    _ => packet
                        .windows(8)
                        .find_map(|window| match window {
                            [1, _, 8, 0, protocols, 0, 0, 0] => Some(*protocols),
                            _ => None,
                        })
                        .unwrap_or(0),
                };
                if protocols == 0 {
                    told.plain("rdp", "connection request without TLS");
                } else {
                    told.asks("rdp");
                    self.asked = true;
                }
                Step::Used(length)
            }
            (Side::Server, Some(0xd0), [2, _, 8, 0, chosen, ..]) if length >= 19 => {
                let agreed = *chosen != 0;
                told.answers(agreed, protocol(*chosen));
                if agreed { Step::Tls(length) } else { Step::Over }
            }
            (Side::Server, Some(0xd0), [3, _, 8, 0, code, ..]) if length >= 19 => {
                let text = format!("{} ({code})", failure(*code));
                if self.asked {
                    told.answers(false, text);
                } else {
                    told.plain("rdp", text);
                }
                Step::Over
            }
            (Side::Server, Some(0xd0), _) => {
                if self.asked {
                    told.answers(false, "no negotiation: standard RDP security");
                }
                Step::Over
            }
            _ => Step::Over,
        }
    }
}

/// The names of [MS-RDPBCGR] §2.2.1.2.1.
fn protocol(chosen: u8) -> &'static str {
    match chosen {
        0 => "PROTOCOL_RDP",
        1 => "PROTOCOL_SSL",
        2 => "PROTOCOL_HYBRID",
        4 => "PROTOCOL_RDSTLS",
        8 => "PROTOCOL_HYBRID_EX",
        16 => "PROTOCOL_RDSAAD",
        _ => "unknown protocol",
    }
}

/// The names of [MS-RDPBCGR] §2.2.1.2.2.
fn failure(code: u8) -> &'static str {
    match code {
        1 => "SSL_REQUIRED_BY_SERVER",
        2 => "SSL_NOT_ALLOWED_BY_SERVER",
        3 => "SSL_CERT_NOT_ON_SERVER",
        4 => "INCONSISTENT_FLAGS",
        5 => "HYBRID_REQUIRED_BY_SERVER",
        6 => "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
        _ => "unknown failure",
    }
}
