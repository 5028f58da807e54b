//! What is said before TLS begins, and what wraps it: STARTTLS in all its forms.
//!
//! In:  the bytes of both directions of a TCP connection, in order.
//! Out: events for what is said in the clear, and the TLS bytes handed on to `session`.
//! Not here: TLS itself.

use super::flow::{Event, Side};
use super::session::{At, Session};

/// Both directions of one TCP connection.
#[derive(Debug, Default)]
pub(crate) struct Dialogue {
    session: Session,
}

impl Dialogue {
    /// The next bytes of one direction, in order and without gaps.
    pub(crate) fn push(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        self.session.push(from, bytes, at, events);
    }

    /// Bytes of one direction that the capture does not have.
    pub(crate) fn gap(&mut self, from: Side, missing: u32, at: At, events: &mut Vec<Event>) {
        self.session.gap(from, missing, at, events);
    }
}
