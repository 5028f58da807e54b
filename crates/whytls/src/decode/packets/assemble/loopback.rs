//! Finds who sent a row without ports where both ends have one address: a list of a loopback.
//!
//! In:  the rows of a list, in the order of the capture.
//! Out: the ports of those rows that only one of the two can have sent.
//! Not here: rows of several connections at once, which `owners` tells apart as far as it can.
//!
//! Between two rows with numbers each side has sent so many bytes: there is mostly one way only to
//! share the rows between them.

use std::collections::HashMap;

use super::super::columns::Packet;
use super::super::words::{self, Tcp};
use super::sides::told_by_words;
use super::{NEVER_TLS, transport};
use crate::wire::{Side, Transport};

/// Of so many rows without ports the senders are found.
const MOST: usize = 24;

/// So many steps are made, and so many ways to share the rows are looked at.
const STEPS: usize = 20_000;
const WAYS: usize = 32;

/// A row whose sender is not known.
#[derive(Clone, Copy)]
struct Unknown {
    row: usize,
    len: u32,
    by_words: Option<Side>,
}

/// The connection at hand, with the numbers that come next.
struct Talk {
    client: u16,
    server: u16,
    next: [Option<u32>; 2],
    between: Vec<Unknown>,
}

/// The ports of rows that show none, source first.
pub(super) fn ports(packets: &[Packet<'_>]) -> HashMap<usize, (u16, u16)> {
    let mut found = HashMap::new();
    let mut talk: Option<Talk> = None;
    let overhead = overhead(packets);
    for (row, packet) in packets.iter().enumerate() {
        if packet.source != packet.destination
            || NEVER_TLS.contains(&packet.protocol)
            || transport(packet.protocol) != Transport::Tcp
            || packet.ports.is_some()
        {
            continue;
        }
        let Some(tcp) = packet.tcp.or_else(|| words::tcp(packet.info)) else {
            let len = packet.length.zip(overhead).and_then(|(length, before)| length.checked_sub(before));
            if let (Some(talk), Some(len)) = (&mut talk, len) {
                talk.between.push(Unknown { row, len, by_words: told_by_words(packet.info) });
            }
            continue;
        };
        if tcp.begins() && !tcp.again {
            let (client, server) = (tcp.source, tcp.destination);
            talk =
                Some(Talk { client, server, next: [tcp.seq.map(|seq| seq + 1), None], between: Vec::new() });
        } else if let Some(talk) = talk.as_mut().filter(|_| !tcp.again) {
            talk.hears(&tcp, &mut found);
        }
    }
    found
}

/// Bytes of a frame before its payload. Options make some longer, and resets have none.
fn overhead(packets: &[Packet<'_>]) -> Option<u32> {
    let before = packets.iter().filter_map(|packet| {
        let tcp = words::tcp(packet.info).filter(|tcp| !tcp.rst)?;
        packet.length?.checked_sub(tcp.len)
    });
    before.min()
}

impl Talk {
    /// A row with numbers: shares the rows before it.
    fn hears(&mut self, tcp: &Tcp, found: &mut HashMap<usize, (u16, u16)>) {
        let own = match (tcp.source, tcp.destination) {
            ends if ends == (self.client, self.server) => Side::Client,
            ends if ends == (self.server, self.client) => Side::Server,
            // Another connection: whose the rows between are is not sure.
            _ => return self.between.clear(),
        };
        let [client, server] = self.next;
        let (next, other) = if own == Side::Client { (client, server) } else { (server, client) };
        let between = std::mem::take(&mut self.between);
        if let Some(sent) = tcp.seq.zip(next).map(|(seq, next)| seq.wrapping_sub(next))
            && (1..=MOST).contains(&between.len())
        {
            let heard = tcp.acknowledges.zip(other).map(|(ack, next)| ack.wrapping_sub(next));
            for (unknown, side) in between.iter().zip(share(&between, own, sent, heard)) {
                let ports = match side {
                    Some(Side::Client) => (self.client, self.server),
                    Some(Side::Server) => (self.server, self.client),
                    None => continue,
                };
                found.insert(unknown.row, ports);
            }
        }
        let end = |seq: u32| seq.wrapping_add(tcp.len).wrapping_add(u32::from(tcp.syn) + u32::from(tcp.fin));
        let mine = tcp.seq.map(end).or(next);
        // What was not acknowledged yet is behind the number that comes next.
        let theirs = tcp.acknowledges.or(other);
        self.next = if own == Side::Client { [mine, theirs] } else { [theirs, mine] };
    }
}

/// Who sent each of some rows, as far as it is the same in every way to share them: `own` has sent so
/// many bytes with its rows, and of the other's the first so many were heard of. A FIN counts as one.
fn share(rows: &[Unknown], own: Side, sent: u32, heard: Option<u32>) -> Vec<Option<Side>> {
    let mut search = Search { rows, own, sent, heard, steps: 0, ways: Vec::new(), way: Vec::new() };
    search.go(0, 0, heard.is_none_or(|heard| heard == 0));
    let Search { steps, ways, .. } = search;
    if steps >= STEPS || ways.len() >= WAYS {
        return vec![None; rows.len()];
    }
    let same = |at: usize| {
        let mut sides = ways.iter().filter_map(|way| way.get(at).copied());
        let first = sides.next()?;
        sides.all(|side| side == first).then_some(first)
    };
    (0..rows.len()).map(same).collect()
}

struct Search<'r> {
    rows: &'r [Unknown],
    own: Side,
    sent: u32,
    heard: Option<u32>,
    steps: usize,
    ways: Vec<Vec<Side>>,
    way: Vec<Side>,
}

impl Search<'_> {
    /// Shares the rest of the rows: so much is own so far, so much the other's, and whether one of the
    /// other's rows ended where it was heard of.
    fn go(&mut self, own: u32, other: u32, met: bool) {
        self.steps += 1;
        if self.steps >= STEPS || self.ways.len() >= WAYS {
            return;
        }
        let Some(row) = self.rows.get(self.way.len()).copied() else {
            let fin = self.heard == Some(other.wrapping_add(1));
            if (own == self.sent || own.wrapping_add(1) == self.sent) && (met || fin) {
                self.ways.push(self.way.clone());
            }
            return;
        };
        for side in [self.own, self.own.other()] {
            if row.by_words.is_some_and(|told| told != side) {
                continue;
            }
            self.way.push(side);
            if side == self.own {
                let own = own.saturating_add(row.len);
                if own <= self.sent {
                    self.go(own, other, met);
                }
            } else {
                let other = other.saturating_add(row.len);
                self.go(own, other, met || self.heard == Some(other));
            }
            self.way.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lens: &[u32]) -> Vec<Unknown> {
        lens.iter().enumerate().map(|(row, len)| Unknown { row, len: *len, by_words: None }).collect()
    }

    #[test]
    fn there_is_one_way_to_share_the_rows() {
        use Side::{Client, Server};
        let share = |lens: &[u32], sent, heard| share(&rows(lens), Client, sent, heard);
        let sure = |sides: &[Side]| sides.iter().copied().map(Some).collect::<Vec<_>>();
        assert_eq!(
            share(&[80, 255, 28, 37, 24], 108, Some(317)),
            sure(&[Client, Server, Client, Server, Server])
        );
        assert_eq!(share(&[242, 30, 31], 62, Some(242)), sure(&[Server, Client, Client]));
        // Nothing tells which of two alike it was.
        assert_eq!(share(&[31, 31], 31, Some(31)), [None, None]);
        assert_eq!(share(&[31], 7, Some(0)), [None]);
    }
}
