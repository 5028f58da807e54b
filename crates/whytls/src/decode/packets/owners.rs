//! Finds the connection of a row whose ports are not shown: most rows of a list name them only for TCP.
//!
//! In:  the rows of a list; how far each side of the connections between two hosts has got.
//! Out: how well a row fits into one of them.
//! Not here: what the row says.
//!
//! The bytes of a row are acknowledged further down, in a row that does show its ports.

use std::collections::HashMap;

use super::columns::Packet;
use super::words;

/// So many segments of a connection are looked at for the one that acknowledges a row.
const LOOKED_AT: usize = 12;

/// How well a row fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The other side acknowledges less.
    Not,
    /// The list does not tell.
    Unknown,
    /// The other side acknowledges it together with more.
    Covered,
    /// The numbers meet exactly.
    Exact,
}

impl Fit {
    /// What it weighs beside two for a row that is expected next: numbers that meet exactly outweigh that.
    pub(super) fn weight(self) -> u8 {
        match self {
            Self::Not => 0,
            Self::Unknown => 1,
            Self::Covered => 2,
            Self::Exact => 4,
        }
    }
}

/// One end of a connection, as rows name it.
pub(super) type End<'a> = (&'a str, u16);

/// The rows of a list that show ports and numbers.
pub(super) struct Segments<'a> {
    /// By who sends to whom.
    of: HashMap<(End<'a>, End<'a>), Vec<Segment>>,
    /// Bytes of a frame before its payload, by the ends of a connection.
    overhead: HashMap<(End<'a>, End<'a>), u32>,
}

struct Segment {
    row: usize,
    seq: Option<u32>,
    acknowledges: Option<u32>,
}

/// Whether a number is ahead of another one.
fn ahead(number: u32, of: u32) -> bool {
    number.wrapping_sub(of).cast_signed() > 0
}

impl<'a> Segments<'a> {
    pub(super) fn of(packets: &[Packet<'a>]) -> Self {
        let mut segments = Self { of: HashMap::new(), overhead: HashMap::new() };
        for (row, packet) in packets.iter().enumerate() {
            let Some(tcp) = words::tcp(packet.info) else { continue };
            let ends = ((packet.source, tcp.source), (packet.destination, tcp.destination));
            let segment = Segment { row, seq: tcp.seq, acknowledges: tcp.acknowledges };
            segments.of.entry(ends).or_default().push(segment);
            // Options make some frames longer, and none shorter but resets, which have none.
            let length = packet.length.filter(|_| !tcp.rst);
            if let Some(before) = length.and_then(|length| length.checked_sub(tcp.len)) {
                let known = segments.overhead.entry(both(ends)).or_insert(before);
                *known = before.min(*known);
            }
        }
        segments
    }

    pub(super) fn overhead(&self, one: End<'a>, other: End<'a>) -> Option<u32> {
        self.overhead.get(&both((one, other))).copied()
    }

    /// How well a row with so many bytes, the first of which has this number, fits between these ends;
    /// and how many rows further down that is told.
    pub(super) fn fit(
        &self,
        row: usize,
        from: End<'_>,
        to: End<'_>,
        next: Option<u32>,
        len: Option<u32>,
    ) -> (Fit, usize) {
        let Some(next) = next else { return (Fit::Unknown, 0) };
        let later = |ends| {
            let all = self.of.get(&ends).map_or(&[][..], Vec::as_slice);
            let first = all.partition_point(|segment| segment.row <= row);
            all.get(first..).unwrap_or_default().iter().take(LOOKED_AT)
        };
        let acknowledged = later((to, from)).map(|segment| (segment.row, segment.acknowledges));
        let told = acknowledged.clone().next().is_some();
        let sent = later((from, to)).map(|segment| (segment.row, segment.seq));
        let numbers = acknowledged.chain(sent).filter_map(|(row, number)| Some((row, number?)));
        let mut beyond = numbers.filter(|(_, number)| ahead(*number, next));
        // A row of TLS does not show its packet's FIN, which counts as one.
        let first = beyond.clone().next();
        let end = len.map(|len| next.wrapping_add(len));
        let (fit, at) = match (beyond.clone().next(), end) {
            (None, _) if told => (Fit::Not, row),
            (None, _) => (Fit::Unknown, row),
            (Some((at, _)), None) => (Fit::Covered, at),
            (Some(_), Some(end)) if first.is_some_and(|(_, number)| number == end.wrapping_add(1)) => {
                (Fit::Exact, first.map_or(row, |(at, _)| at))
            }
            (Some(_), Some(end)) => match beyond.clone().find(|(_, number)| *number == end) {
                Some((at, _)) => (Fit::Exact, at),
                None => match beyond.find(|(_, number)| ahead(*number, end)) {
                    Some((at, _)) => (Fit::Covered, at),
                    None => (Fit::Not, row),
                },
            },
        };
        (fit, at.saturating_sub(row))
    }
}

fn both<'a>((one, other): (End<'a>, End<'a>)) -> (End<'a>, End<'a>) {
    (one.min(other), one.max(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_acknowledged_tells_the_connection() {
        let text = "1 0.0 10.0.0.1 10.0.0.2 TLSv1 583 Client Hello\n\
                    2 0.1 10.0.0.2 10.0.0.1 TCP 66 443 → 50001 [ACK] Seq=1 Ack=518 Win=1 Len=0\n\
                    3 0.2 10.0.0.2 10.0.0.1 TCP 66 443 → 50002 [ACK] Seq=1 Ack=1 Win=1 Len=0";
        let paste = crate::Paste::text(text);
        let lines = &paste.inputs[0].regions()[0].lines;
        let packets: Vec<_> =
            lines.iter().filter_map(|line| super::super::columns::row(line, None, false)).collect();
        let segments = Segments::of(&packets);
        assert_eq!(segments.overhead(("10.0.0.1", 50001), ("10.0.0.2", 443)), Some(66));
        let fit = |port, len| segments.fit(0, ("10.0.0.1", port), ("10.0.0.2", 443), Some(1), Some(len)).0;
        assert_eq!((fit(50001, 517), fit(50001, 100), fit(50001, 600)), (Fit::Exact, Fit::Covered, Fit::Not));
        assert_eq!((fit(50002, 517), fit(50003, 517)), (Fit::Not, Fit::Unknown));
    }
}
