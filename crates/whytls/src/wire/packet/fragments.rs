//! Puts the fragments of IP packets together.
//!
//! In:  fragments, in any order, some of them twice.
//! Out: the payload of a packet, once it is whole.
//! Not here: fragments that a capture cut, or that never came: those packets stay unseen.

use std::collections::VecDeque;

use super::Address;
use super::internet::{Fragment, Packet};

/// So many packets are in pieces at one time; the oldest goes first.
const MANY: usize = 64;
/// And so many pieces has one, so that work stays linear.
const PIECES: usize = 1024;
/// No IP packet is longer.
const LONGEST: usize = 65_535;

/// Packets in pieces.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    open: VecDeque<Open>,
}

#[derive(Debug)]
struct Open {
    key: (Address, Address, u32, u8),
    /// Where each piece begins, in order.
    pieces: Vec<(usize, Vec<u8>)>,
    /// Bytes in the pieces.
    held: usize,
    /// Known from the last fragment on.
    length: Option<usize>,
}

impl Fragments {
    /// Adds a fragment; gives the whole when nothing is missing any more.
    pub(super) fn add(&mut self, packet: &Packet<'_>, fragment: Fragment) -> Option<Vec<u8>> {
        let end = fragment.offset + packet.payload.len();
        if packet.missing > 0 || end > LONGEST || packet.payload.is_empty() {
            return None;
        }
        let key = (packet.hosts.from, packet.hosts.to, fragment.id, packet.protocol);
        let at = match self.open.iter().position(|open| open.key == key) {
            Some(at) => at,
            None => {
                if self.open.len() >= MANY {
                    self.open.pop_front();
                }
                self.open.push_back(Open { key, pieces: Vec::new(), held: 0, length: None });
                self.open.len() - 1
            }
        };
        let open = self.open.get_mut(at)?;
        if !fragment.more {
            open.length = Some(end);
        }
        // The same piece again changes nothing.
        if open.pieces.len() < PIECES
            && open.held <= 2 * LONGEST
            && let Err(place) = open.pieces.binary_search_by_key(&fragment.offset, |(offset, _)| *offset)
        {
            open.pieces.insert(place, (fragment.offset, packet.payload.to_vec()));
            open.held += packet.payload.len();
        }
        let length = open.length.filter(|length| open.held >= *length)?;
        let mut reached = 0;
        for (offset, bytes) in &open.pieces {
            if *offset > reached {
                return None;
            }
            reached = reached.max(offset + bytes.len());
        }
        if reached < length {
            return None;
        }
        let open = self.open.remove(at)?;
        let mut whole = vec![0; length];
        for (offset, bytes) in &open.pieces {
            let end = (offset + bytes.len()).min(length);
            if let (Some(to), Some(from)) = (whole.get_mut(*offset..end), bytes.get(..end - offset.min(&end)))
            {
                to.copy_from_slice(from);
            }
        }
        Some(whole)
    }
}
