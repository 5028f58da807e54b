//! Bytes that somebody copied out of a capture: finds out what they are.
//!
//! In:  bytes without a file around them: TLS records, a handshake message, a packet, plain text.
//! Out: what they are, and the flows that they show.
//! Not here: how a text shows bytes. That is `decode/hex`.

mod conversation;
mod frames;
mod kind;

pub(crate) use conversation::Telling;
pub(crate) use frames::Frames;
pub(crate) use kind::{Bare, bare};

use conversation::Conversation;

use super::file;
use super::flow::{Flow, Side};
use super::packet::Layer;
use super::shown::Shown;

/// What a piece of bytes shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HowShown {
    /// What was sent.
    #[default]
    Wire,
    /// A record's header, a content type or a message in the clear, one by one, as OpenSSL's
    /// message callback gives them.
    Message,
}

/// Bytes that were sent together.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Who sent them, where the text says it.
    pub from: Option<Side>,
    /// What they show.
    pub how: HowShown,
    /// So many bytes before these are not shown.
    pub missing: u32,
    /// The bytes.
    pub shown: Shown,
}

/// The connections that pieces show: a second ClientHello begins another one.
#[must_use]
pub(crate) fn flows(pieces: &[Piece]) -> Vec<Flow> {
    let mut flows = Vec::new();
    let mut open = Conversation::default();
    let mut frames = Frames::default();
    for piece in pieces.iter().filter(|piece| !piece.shown.is_empty()) {
        if piece.how == HowShown::Message {
            open.message(piece, &mut flows);
            continue;
        }
        let layer = match bare(piece.shown.bytes()) {
            Some(Bare::Capture) => {
                flows.extend(capture(&piece.shown));
                continue;
            }
            Some(Bare::Frame(link)) => Layer::Link(link),
            Some(Bare::Ip) => Layer::Ip,
            Some(Bare::Tcp) => Layer::Tcp,
            Some(Bare::Datagram) => {
                open.datagram(piece, &mut flows);
                continue;
            }
            _ => {
                open.wire(piece, &mut flows);
                continue;
            }
        };
        frames.frame(layer, &piece.shown, None);
    }
    open.finish(&mut flows);
    flows.extend(frames.finish());
    flows.sort_by_key(|flow| flow.events.first().map_or(0, |event| event.place.start));
    flows
}

/// A capture file that a text shows.
fn capture(shown: &Shown) -> Vec<Flow> {
    let mut reader = file::Reader::new(file::Options::default());
    reader.push(shown.bytes());
    let mut flows = reader.finish().flows;
    for flow in &mut flows {
        frames::put_back(flow, shown);
    }
    flows
}
