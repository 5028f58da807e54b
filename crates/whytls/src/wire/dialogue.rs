//! What is said before TLS begins, and what wraps it: STARTTLS in all its forms.
//!
//! In:  the bytes of both directions of a TCP connection, in order.
//! Out: events for what is said in the clear, and the TLS bytes handed on to `session`.
//! Not here: TLS itself.

use super::flow::{Event, Side};
use super::keylog::Keys;
use super::session::{At, Session};

/// Both directions of one TCP connection.
#[derive(Debug, Default)]
pub(crate) struct Dialogue {
    session: Session,
}

impl Dialogue {
    /// A connection whose secrets, if they are known, stand in this key log.
    pub(crate) fn new(keys: Keys) -> Self {
        Self { session: Session::new(keys) }
    }

    /// False as soon as it is sure that neither TLS nor a dialogue that leads to it will come: the
    /// caller then stops putting bytes in order, and forgets the connection when it closes.
    pub(crate) fn wanted(&self) -> bool {
        true
    }

    /// The handshake came to its end: Finished by both, or application data.
    pub(crate) fn established(&self) -> bool {
        self.session.established()
    }

    /// The next bytes of one direction, in order and without gaps.
    pub(crate) fn push(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        self.session.push(from, bytes, at, events);
    }

    /// Bytes of one direction that the capture does not have. The caller has told it with
    /// `What::Missing` already.
    pub(crate) fn gap(&mut self, from: Side, missing: u32, at: At, events: &mut Vec<Event>) {
        self.session.gap(from, missing, at, events);
    }

    /// Bare messages of the handshake, without a record around them.
    pub(crate) fn messages(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        self.session.messages(from, bytes, at, events);
    }

    /// There is no more of either direction: what there is of a message that was cut off.
    pub(crate) fn finish(&mut self, at: At, events: &mut Vec<Event>) {
        self.session.finish(at, events);
    }
}
