//! The secrets of TLS sessions, as programs log them for Wireshark (`SSLKEYLOGFILE`).
//!
//! In:  lines of a key log, from a file or from a capture that carries them.
//! Out: the secret of a session, asked for by its ClientHello's random.
//! Not here: what is done with it. That is `session`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// No key log has more sessions than this; what comes after is passed over.
const MANY: usize = 1_000_000;

/// A key log. What it holds is neither shown nor told: it has no `Debug` of its secrets and is
/// never serialized.
#[derive(Clone, Default)]
pub struct KeyLog {
    sessions: BTreeMap<[u8; 32], Vec<(Label, Vec<u8>)>>,
}

/// Which of a session's secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// `CLIENT_RANDOM`: the master secret of TLS 1.2 and older.
    MasterSecret,
    /// `CLIENT_EARLY_TRAFFIC_SECRET`.
    ClientEarly,
    /// `CLIENT_HANDSHAKE_TRAFFIC_SECRET`.
    ClientHandshake,
    /// `SERVER_HANDSHAKE_TRAFFIC_SECRET`.
    ServerHandshake,
    /// `CLIENT_TRAFFIC_SECRET_0`.
    ClientTraffic,
    /// `SERVER_TRAFFIC_SECRET_0`.
    ServerTraffic,
}

impl Label {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "CLIENT_RANDOM" => Self::MasterSecret,
            "CLIENT_EARLY_TRAFFIC_SECRET" | "QUIC_CLIENT_EARLY_TRAFFIC_SECRET" => Self::ClientEarly,
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET" | "QUIC_CLIENT_HANDSHAKE_TRAFFIC_SECRET" => {
                Self::ClientHandshake
            }
            "SERVER_HANDSHAKE_TRAFFIC_SECRET" | "QUIC_SERVER_HANDSHAKE_TRAFFIC_SECRET" => {
                Self::ServerHandshake
            }
            "CLIENT_TRAFFIC_SECRET_0" | "QUIC_CLIENT_TRAFFIC_SECRET_0" => Self::ClientTraffic,
            "SERVER_TRAFFIC_SECRET_0" | "QUIC_SERVER_TRAFFIC_SECRET_0" => Self::ServerTraffic,
            _ => return None,
        })
    }
}

impl KeyLog {
    /// Takes every line of a key log out of a text; other lines are passed over. Gives how many
    /// were taken.
    pub fn add(&mut self, text: &str) -> usize {
        let ends = memchr::memchr2_iter(b'\n', b'\r', text.as_bytes()).chain([text.len()]);
        let mut start = 0;
        let lines = ends.filter_map(|end| text.get(std::mem::replace(&mut start, end + 1)..end));
        lines.filter(|line| self.line(line).is_some()).count()
    }

    fn line(&mut self, line: &str) -> Option<()> {
        // Most lines of most texts are none: the first letter decides cheaply, or the space before it.
        if line.bytes().next().is_none_or(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()) {
            return None;
        }
        let line = line.trim_start_matches('\u{feff}').trim();
        if !line.starts_with(['C', 'S', 'Q']) {
            return None;
        }
        let mut words = line.split_ascii_whitespace();
        let label = Label::of(words.next()?)?;
        let random: [u8; 32] = unhex(words.next()?)?.try_into().ok()?;
        // Quoted in a script, a line goes on in the next one: `\` at its end.
        let secret = words.next()?.trim_end_matches(['\\', '"', '\'', ',', ';']);
        let secret = unhex(secret).filter(|secret| (16..=64).contains(&secret.len()))?;
        if self.sessions.len() >= MANY {
            return None;
        }
        let secrets = self.sessions.entry(random).or_default();
        // A file that several programs append to may hold a line twice; the first one counts.
        if !secrets.iter().any(|(known, _)| *known == label) {
            secrets.push((label, secret));
        }
        Some(())
    }

    /// A session's secret, by the random of its ClientHello (of the first one, where there are two).
    pub(crate) fn secret(&self, client_random: &[u8; 32], label: Label) -> Option<&[u8]> {
        let secrets = self.sessions.get(client_random)?;
        secrets.iter().find(|(known, _)| *known == label).map(|(_, secret)| secret.as_slice())
    }

    /// Nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }
}

/// What all sessions of a capture look their secrets up in. A capture may bring more of them
/// along, between its packets.
#[derive(Clone, Default)]
pub(crate) struct Keys(Rc<RefCell<KeyLog>>);

impl Keys {
    pub(crate) fn new(log: KeyLog) -> Self {
        Self(Rc::new(RefCell::new(log)))
    }

    /// More lines of a key log.
    pub(crate) fn add(&self, text: &str) -> usize {
        self.0.borrow_mut().add(text)
    }

    /// A copy of a session's secret.
    pub(crate) fn secret(&self, client_random: &[u8; 32], label: Label) -> Option<Vec<u8>> {
        self.0.borrow().secret(client_random, label).map(<[u8]>::to_vec)
    }
}

// Sessions are shown while debugging; their secrets are not.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || digits.len() > 128 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.as_chunks::<2>().0.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_a_key_log_says_and_nothing_else() {
        let random = "ab".repeat(32);
        let log = format!(
            "# a comment\r\nCLIENT_RANDOM {random} {}\r\nCLIENT_RANDOM {random}\nCLIENT_RANDOM zz 00\n\
             SERVER_HANDSHAKE_TRAFFIC_SECRET {random} {}\\\nSomething else",
            "01".repeat(48),
            "02".repeat(32),
        );
        let mut keys = KeyLog::default();
        assert_eq!(keys.add(&log), 2);
        assert_eq!(keys.secret(&[0xab; 32], Label::MasterSecret), Some([1; 48].as_slice()));
        assert_eq!(keys.secret(&[0xab; 32], Label::ServerHandshake), Some([2; 32].as_slice()));
        assert_eq!(keys.secret(&[0xab; 32], Label::ClientHandshake), None);
        assert_eq!(keys.secret(&[0xaa; 32], Label::MasterSecret), None);
        assert_eq!(format!("{:?}", Keys::new(keys)), "Keys");
    }
}
