//! What was on the wire: capture files and bare bytes, down to the TLS handshake.
//!
//! In:  bytes of a capture file, or bytes that somebody copied out of one.
//! Out: [`Flow`]s: who spoke to whom, and every message in order, with its place.
//! Not here: text that shows a capture (`decode` reads that, and fills the same types), and
//!           what a flow means for the failure. That is `facts` and the pages.

mod bare;
mod bytes;
mod clients;
mod datagram;
mod decrypt;
mod dialogue;
mod dtls;
mod file;
pub(crate) mod fingerprint;
mod flow;
mod handshake;
mod hello;
mod keylog;
mod packet;
mod pieces;
mod plain;
mod quic;
mod radius;
mod record;
mod session;
mod shown;
mod stream;

pub(crate) use bare::{Bare, Frames, Telling, bare, flows as bare_flows};
pub use bare::{HowShown, Piece};
pub use clients::{Client, Likeness, probable_clients};
pub(crate) use dialogue::SOCKS_REFUSALS;
pub use file::{Capture, Format, Note, Options, Reader, recognise};
pub use flow::{
    ClientHello, Close, CloseHow, Endpoint, Event, Flow, Place, ServerHello, Side, Time, Transport, What,
};
pub use keylog::KeyLog;
pub(crate) use packet::{Layer, Link, Segment, Socket, Tcp};
pub(crate) use plain::wants_tls;
pub use shown::Shown;

/// The events of bare handshake messages, as traces print their bytes.
pub(crate) fn read_messages(from: Side, bytes: &[u8], place: Place) -> Vec<Event> {
    let mut events = Vec::new();
    session::Session::default().messages(from, bytes, session::At { place, time: None }, &mut events);
    events
}
