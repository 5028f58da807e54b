//! TLS over a byte stream: records, messages over records, one event for each.
//!
//! In:  the bytes of both directions in order, from the first byte of TLS on.
//! Out: events: hellos, certificates, alerts, and what cannot be read because it is encrypted.
//! Not here: how the bytes were put in order (`stream`), and what came before TLS (`dialogue`).

use super::flow::{Event, Place, Side, Time};
use super::keylog::Keys;

/// Where and when bytes were seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct At {
    pub(crate) place: Place,
    pub(crate) time: Option<Time>,
}

/// Both directions of one TLS connection.
#[derive(Debug, Default)]
pub(crate) struct Session {
    _keys: Keys,
}

impl Session {
    /// A connection whose secrets, if they are known, stand in this key log.
    pub(crate) fn new(keys: Keys) -> Self {
        Self { _keys: keys }
    }

    /// The handshake came to its end: Finished by both, or application data.
    pub(crate) fn established(&self) -> bool {
        false
    }

    /// The next bytes of one direction, in order and without gaps.
    pub(crate) fn push(&mut self, _from: Side, _bytes: &[u8], _at: At, _events: &mut Vec<Event>) {}

    /// Bytes of one direction that the capture does not have. The caller has told it with
    /// `What::Missing` already.
    pub(crate) fn gap(&mut self, _from: Side, _missing: u32, _at: At, _events: &mut Vec<Event>) {}
}
