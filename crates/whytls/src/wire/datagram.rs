//! DTLS and QUIC over UDP, EAP-TLS in RADIUS.
//!
//! In:  the datagrams of both directions between two ports, as they came.
//! Out: events, as `session` gives them.
//! Not here: TLS messages themselves; `session` reads those.

use super::flow::{Event, Side, Transport};
use super::keylog::Keys;
use super::session::At;

/// Both directions between two UDP ports.
#[derive(Debug, Default)]
pub(crate) struct Datagrams {
    _keys: Keys,
}

impl Datagrams {
    /// Two ports whose secrets, if they are known, stand in this key log.
    pub(crate) fn new(keys: Keys) -> Self {
        Self { _keys: keys }
    }

    /// The handshake came to its end.
    pub(crate) fn established(&self) -> bool {
        false
    }

    /// The next datagram. Gives the transport as soon as it is known that this is one of ours.
    pub(crate) fn push(
        &mut self,
        _from: Side,
        _bytes: &[u8],
        _at: At,
        _events: &mut Vec<Event>,
    ) -> Option<Transport> {
        None
    }
}
