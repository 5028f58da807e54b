//! DTLS and QUIC over UDP, EAP-TLS in RADIUS.
//!
//! In:  the datagrams of both directions between two ports, as they came.
//! Out: events, as `session` gives them.
//! Not here: TLS messages themselves; `session` reads those.

use super::flow::{Event, Side, Transport};
use super::session::At;

/// Both directions between two UDP ports.
#[derive(Debug, Default)]
pub(crate) struct Datagrams {}

impl Datagrams {
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
