//! Finds bytes that a text shows, in whatever form: dumps, lists, strings with escapes, base64.
//!
//! In:  lines.
//! Out: [`HexDump`]: the bytes with their places, what they are, and the flows that they show.
//! Not here: TLS. That is `wire`; here text becomes bytes.

mod base64;
mod heads;
mod lists;
mod rows;
mod strings;

use std::cell::Cell;

use super::{Artifact, Data, Decode};
use crate::paste::Line;
use crate::wire::{self, Bare, Flow, HowShown, Piece, Shown, Side};
use heads::{Ends, Head, Way};

/// Bytes that a paste shows as text.
#[derive(Clone, Debug, Default)]
pub struct HexDump {
    /// One for each dump, in their order.
    pub pieces: Vec<Piece>,
    /// The connections that they show; none where the bytes are nothing that we know, or where
    /// they go on with a connection of an earlier dump.
    pub flows: Vec<Flow>,
    /// Certificates in DER that are dumped by themselves.
    pub certificates: Vec<Shown>,
    /// The sides are named, and not by what the program sent or received.
    told: Vec<Option<Way>>,
    ends: Ends,
}

/// A way to read a text as bytes.
#[derive(Clone, Debug)]
struct Candidate {
    shown: Shown,
    /// By its form it is a dump, whatever the bytes are.
    dump: bool,
}

/// Between two dumps of a conversation stand at most so many other lines.
const BETWEEN: usize = 6;

/// So many lines of words are none of those.
const MOST_WORDS: usize = 64;

/// A head stands at most so many lines before its dump.
const BEFORE: usize = 3;

/// What bytes are is seen in so many of them, or so many lines.
const FIRST_LINES: usize = 12;

/// No dump has more lines.
const MOST_LINES: usize = 4_000_000;

#[derive(Default)]
pub(super) struct Hex {
    /// No dump begins on a line before the one of this number: each line is looked at from a few before it.
    none_before: Cell<usize>,
}

impl Hex {
    /// Whether a dump begins on one of some lines.
    fn begins_on<'a>(&self, lines: impl Iterator<Item = &'a Line<'a>>) -> bool {
        for line in lines.filter(|line| line.number >= self.none_before.get()) {
            if begins_dump(line.text) || line.head > 0 && begins_dump(line.body()) {
                return true;
            }
            self.none_before.set(line.number + 1);
        }
        false
    }
}

impl Decode for Hex {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let first = lines.first()?;
        if first.text.trim_start().is_empty() {
            return None;
        }
        let mut dump = HexDump::default();
        let mut column = Vec::new();
        let mut known = false;
        let mut quiet = false;
        let mut at = 0;
        let mut used = 0;
        // What tcpdump shows of the words of a packet stands before its dump, however much it is.
        let mut words = 0;
        let mut open: Option<Head> = None;
        let mut inside = false;
        let mut total = 0_u64;
        loop {
            let rest = lines.get(at..).unwrap_or_default();
            let Some(line) = rest.first() else { break };
            let limit = match used {
                0 if Ends::begin(first.text) => Ends::LINES,
                0 => BEFORE,
                _ => BETWEEN,
            };
            let found = body(rest, open.as_ref());
            let Some(found) = found else {
                // Not a dump: what it says of the next one, if there is one.
                let said = |text: &str| text.trim_start_matches(['>', ' ']).starts_with('\t');
                if used > 0 && (said(line.text) || said(line.body())) && words < MOST_WORDS {
                    words += 1;
                }
                if at - used > limit + words {
                    break;
                }
                if used == 0
                    && at == 0
                    && !Ends::begin(line.text)
                    && !self.begins_on(lines.iter().skip(1).take(limit))
                {
                    return None;
                }
                let names = used == 0 && dump.ends.read(line.text);
                match heads::head(line.text).or_else(|| heads::head(line.body())) {
                    _ if names => {}
                    Some(head) => open = Some(head),
                    // Only a head may stand before the first dump.
                    None if used == 0 && at == 0 => return None,
                    None if line.text.trim().is_empty() || used > 0 || open.is_some() => {}
                    // What else stands in YAML between them and the bytes.
                    None if dump.ends.known().is_none() => return None,
                    None => {}
                }
                at += 1;
                continue;
            };
            // A run of its own after another one begins anew, if nothing says that they belong together.
            let head = open.take().or_else(|| heads::beside(line.text));
            let recognised = found.what.is_some();
            let labelled = head.is_some_and(|head| head.exact);
            if !(recognised || labelled || found.dump) {
                if used == 0 {
                    return None;
                }
                break;
            }
            if head.is_some_and(|head| !head.exact && head.way.is_none()) && !recognised && !found.dump {
                break;
            }
            known |= recognised;
            quiet |= found.dump;
            at += found.lines;
            used = at;
            words = 0;
            let head = head.unwrap_or(Head {
                way: None,
                how: HowShown::Wire,
                wire: true,
                exact: false,
                inner: false,
                size: None,
            });
            inside |= head.how == HowShown::Message || found.what == Some(Bare::Records);
            if !head.wire || (head.inner && inside) {
                continue;
            }
            let mut shown = found.shown;
            let marked = lines.get(at).is_some_and(|line| line.text.contains("<SPACES/NULS>"));
            let left_out =
                |size: &usize| *size > shown.len() && *size - shown.len() <= if marked { 4096 } else { 15 };
            if let Some(size) = head.size.filter(left_out) {
                // Blanks and zeros at the end of a dump are left out by old OpenSSL.
                let place = shown.place(shown.len().saturating_sub(1)..shown.len());
                while shown.len() < size {
                    shown.push(0, place.end, place.end);
                }
            }
            if found.what == Some(Bare::Certificate) {
                dump.certificates.push(shown.clone());
            }
            column.push(found.column);
            // Other lines got into the middle of a dump: it goes on behind them.
            let before = dump.pieces.last().map_or(0, |last| total + last.shown.len() as u64);
            let goes_on =
                head.way.is_none() && found.offset > 0 && (before..before + 64).contains(&found.offset);
            if goes_on {
                total = found.offset;
                let missing = u32::try_from(found.offset - before).unwrap_or(0);
                let way = dump.told.last().copied().flatten();
                let how = dump.pieces.last().map_or(head.how, |last| last.how);
                dump.told.push(way);
                dump.pieces.push(Piece { from: None, how, missing, shown });
                continue;
            }
            total = found.offset;
            dump.told.push(head.way);
            dump.pieces.push(Piece { from: None, how: head.how, missing: 0, shown });
        }
        if used == 0 || !(known || quiet) || dump.pieces.is_empty() {
            return None;
        }
        // "Follow TCP stream" indents what the server said.
        if dump.told.iter().all(Option::is_none) {
            let left = column.iter().min().copied().unwrap_or(0);
            if column.iter().any(|column| *column == left + 4)
                && column.iter().all(|column| *column == left || *column == left + 4)
            {
                for (way, column) in dump.told.iter_mut().zip(&column) {
                    let side = if *column == left { Side::Client } else { Side::Server };
                    *way = Some(Way::By(side));
                }
            }
        }
        if known {
            dump.flows = dump.conversations();
        }
        Some((used, Data::HexDump(dump)))
    }
}

impl HexDump {
    /// The connections that the dumps show together.
    fn conversations(&mut self) -> Vec<Flow> {
        self.name_sides();
        // A program that says what it sent and received also shows what it keeps to itself.
        if self.told.iter().any(Option::is_some) {
            let said: Vec<Piece> = self
                .pieces
                .iter()
                .zip(&self.told)
                .filter(|(piece, told)| told.is_some() || wire::bare(piece.shown.bytes()).is_some())
                .map(|(piece, _)| piece.clone())
                .collect();
            return self.between_ends(wire::bare_flows(&said));
        }
        self.between_ends(wire::bare_flows(&self.pieces))
    }

    /// Names both ends, where the text does.
    fn between_ends(&self, mut flows: Vec<Flow>) -> Vec<Flow> {
        if let Some([first, second]) = self.ends.known() {
            for flow in flows.iter_mut().filter(|flow| flow.client.is_none() && flow.server.is_none()) {
                flow.client = Some(first.clone());
                flow.server = Some(second.clone());
            }
        }
        flows
    }

    /// Which end the program that shows the bytes is, is told by the hellos that it sent or received.
    fn name_sides(&mut self) {
        let mut local = Side::Client;
        for (piece, way) in self.pieces.iter().zip(&self.told) {
            let bytes = piece.shown.bytes();
            let message =
                if bytes.first() == Some(&22) { bytes.get(5).or(bytes.first()) } else { bytes.first() };
            match (way, message) {
                (Some(Way::Out), Some(1)) | (Some(Way::In), Some(2)) if bytes.len() > 40 => break,
                (Some(Way::In), Some(1)) | (Some(Way::Out), Some(2)) if bytes.len() > 40 => {
                    local = Side::Server;
                    break;
                }
                _ => {}
            }
        }
        for (piece, way) in self.pieces.iter_mut().zip(&self.told) {
            piece.from = way.map(|way| match way {
                Way::Out => local,
                Way::In => local.other(),
                Way::By(side) => side,
            });
        }
    }
}

/// Joins the dumps of an input that show one conversation: programs put other lines between them.
pub(super) fn join(artifacts: &mut [Artifact]) {
    let mut inputs: Vec<usize> = artifacts.iter().map(|artifact| artifact.input).collect();
    inputs.dedup();
    for input in inputs {
        let mut dumps: Vec<&mut HexDump> = artifacts
            .iter_mut()
            .filter(|artifact| artifact.input == input)
            .filter_map(|artifact| match &mut artifact.data {
                Data::HexDump(dump)
                    if !dump.flows.is_empty()
                        || dump.told.iter().any(Option::is_some)
                        || dump.pieces.first().is_some_and(is_packet) =>
                {
                    Some(dump)
                }
                _ => None,
            })
            .collect();
        if dumps.len() < 2 || !dumps.iter().any(|dump| !dump.flows.is_empty()) {
            continue;
        }
        let mut whole = HexDump::default();
        let mut owners = Vec::new();
        if let Some(named) = dumps.iter().find(|dump| dump.ends.known().is_some()) {
            whole.ends = named.ends.clone();
        }
        for (owner, dump) in dumps.iter().enumerate() {
            whole.pieces.extend(dump.pieces.iter().cloned());
            whole.told.extend(&dump.told);
            owners.extend(dump.pieces.iter().map(|_| owner));
        }
        let flows = whole.conversations();
        for dump in &mut dumps {
            dump.flows.clear();
        }
        // A flow stands with the dump that it begins in.
        for flow in flows {
            let start = flow.events.first().map_or(0, |event| event.place.start);
            let owner =
                whole.pieces.iter().zip(&owners).filter(|(piece, _)| piece.shown.place(0..1).start <= start);
            let owner = owner.map(|(_, owner)| *owner).next_back().unwrap_or(0);
            if let Some(dump) = dumps.get_mut(owner) {
                dump.flows.push(flow);
            }
        }
    }
}

/// A packet by itself may show no flow, and still be part of one.
fn is_packet(piece: &Piece) -> bool {
    matches!(wire::bare(piece.shown.bytes()), Some(Bare::Frame(_) | Bare::Ip | Bare::Tcp))
}

/// Reads as many lines at most as it is told: how many it read, and what they may be.
type Form<'a> = dyn Fn(usize) -> Option<(usize, Vec<Candidate>)> + 'a;

/// One dump, in the way in which it is best read.
struct Body {
    lines: usize,
    /// The offset of its first row.
    offset: u64,
    column: usize,
    shown: Shown,
    what: Option<Bare>,
    dump: bool,
}

/// The dump that begins at the first of these lines.
fn body(lines: &[Line<'_>], head: Option<&Head>) -> Option<Body> {
    let first = lines.first()?;
    if !may_hold_bytes(first.text) {
        return None;
    }
    if let Some(dump) = rows::dump(lines) {
        let body = best(dump.lines, dump.column, dump.found)?;
        return Some(Body { offset: dump.offset, ..body });
    }
    let exact = head.is_some_and(|head| head.exact);
    // First a few lines, to see what it is; then all of them.
    let forms: [&Form<'_>; 4] = [
        &|most| strings::escaped(lines, most),
        &|most| lists::numbers(lines, most),
        &|most| lists::digits(lines, head.is_some(), most),
        &|most| base64::base64(lines, most),
    ];
    for form in forms {
        let Some((count, candidates)) = form(FIRST_LINES) else { continue };
        let Some(seen) = best(count, 0, candidates).filter(|body| body.what.is_some() || exact) else {
            continue;
        };
        if count < FIRST_LINES {
            return Some(seen);
        }
        return form(MOST_LINES).and_then(|(count, candidates)| best(count, 0, candidates));
    }
    None
}

/// Of several ways to read a text, the one whose bytes are something.
fn best(lines: usize, column: usize, candidates: Vec<Candidate>) -> Option<Body> {
    let mut best: Option<Body> = None;
    for Candidate { shown, dump } in candidates {
        let what = wire::bare(shown.bytes());
        if best.as_ref().is_none_or(|best| best.what.is_none() && what.is_some()) {
            best = Some(Body { lines, offset: 0, column, shown, what, dump });
        }
    }
    best
}

/// What a byte can be a part of.
mod class {
    pub(super) const WORD: u8 = 1;
    pub(super) const HEX: u8 = 2;
    pub(super) const DIGIT: u8 = 4;
    /// base64 that is worth reading has one of them behind its first letter: a capital or a digit.
    pub(super) const MIXED: u8 = 8;
    pub(super) const ESCAPE: u8 = 16;

    #[allow(clippy::indexing_slicing, reason = "a byte is below 256, and it is worked out by the compiler")]
    const OF: [u8; 256] = {
        let mut of = [0; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            of[byte as usize] = match byte {
                b'0'..=b'9' => WORD | HEX | DIGIT | MIXED,
                b'A'..=b'F' => WORD | HEX | MIXED,
                b'a'..=b'f' => WORD | HEX,
                b'G'..=b'Z' => WORD | MIXED,
                b'g'..=b'z' => WORD,
                b'\\' | b'#' | b'^' => ESCAPE,
                _ => 0,
            };
            byte += 1;
        }
        of
    };

    pub(super) fn of(byte: u8) -> u8 {
        OF.get(usize::from(byte)).copied().unwrap_or_default()
    }
}

/// A cheap look at a line: bytes take an offset of zeros, groups of digits, escapes, or a long word.
/// One pass, and most lines of a log need no other.
fn may_hold_bytes(text: &str) -> bool {
    let bytes = text.as_bytes();
    let start = bytes.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'>' | b'|')).unwrap_or(0);
    // Words of hex digits alone that stand side by side; how many of them have the same between them, as the
    // parts of a time of day have not.
    let (mut groups, mut numbers) = (0_usize, 0_usize);
    let (mut alike, mut mark, mut before) = (0_usize, None, None);
    let mut at = start;
    while let Some(rest) = bytes.get(at..) {
        let word = at;
        let length = rest.iter().take_while(|byte| class::of(**byte) & class::WORD != 0).count();
        at += length;
        let byte = bytes.get(at).copied().unwrap_or(b' ');
        let own = rest.get(..length).unwrap_or_default();
        let all = |sort: u8| own.iter().all(|byte| class::of(*byte) & sort != 0);
        let hex = all(class::HEX);
        // Whether a byte behind the first is a capital or a digit.
        let mixed = || own.iter().skip(1).any(|byte| class::of(*byte) & class::MIXED != 0);
        // Most words are none of all this.
        if !hex && (1..10).contains(&length) && rest.first() != Some(&b'0') {
            (groups, alike, before) = (0, 0, mark);
            mark = Some(if byte == b'\t' { b' ' } else { byte });
        } else if length > 0 {
            groups = if hex && matches!(length, 2 | 4 | 6 | 8 | 16) { groups + 1 } else { 0 };
            alike = match groups {
                0 | 1 => groups,
                _ if mark == before => alike + 1,
                _ => 2,
            };
            before = mark;
            mark = Some(if byte == b'\t' { b' ' } else { byte });
            numbers += usize::from(length <= 3 && byte == b',' && all(class::DIGIT));
            let magic =
                || matches!(bytes.get(word..at), Some([b'0', b'x' | b'X', ..] | [b'0', b'0', b'0', ..]));
            if alike >= 4 || numbers >= 3 || (length >= 10 && (hex || mixed())) || (length <= 8 && magic()) {
                return true;
            }
        }
        // `[22 3 1 `
        let numbered = || {
            let rest = bytes.get(at + 1..).unwrap_or_default();
            let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
            (1..=3).contains(&digits)
                && matches!(rest.get(digits..), Some([b' ', next, ..]) if next.is_ascii_digit())
        };
        if class::of(byte) & class::ESCAPE != 0
            || (byte == b'[' && numbered())
            || (byte == b'%' && bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit))
        {
            return true;
        }
        at += 1;
    }
    // A row or a message of a few bytes is nothing but digits.
    groups > 0 && bytes.get(start).is_some_and(u8::is_ascii_hexdigit) && bytes.len() < 100
}

/// A line that is nothing but a row of a dump, or begins with one.
fn begins_dump(text: &str) -> bool {
    let bytes = text.as_bytes();
    let word = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let start = bytes.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'>' | b'|')).unwrap_or(0);
    let rest = bytes.get(start..).unwrap_or_default();
    let rest = rest.strip_prefix(b"0x").unwrap_or(rest);
    let length = word(rest);
    let behind = rest.get(length..).unwrap_or_default();
    match (length, behind) {
        (0 | 1, _) => rest.starts_with(b"\"\\") || rest.starts_with(b"b'") || rest.starts_with(b"["),
        // Nothing else stands there, or another group behind a gap or a mark.
        (_, [] | [b' ' | b':' | b'-' | b',']) => true,
        (_, [b':', b' ', ..]) => true,
        (_, [b' ' | b':' | b'-' | b',' | b'\t', next @ ..]) => {
            let next = next.trim_ascii_start();
            let group = word(next);
            let ends = next.get(group).is_none_or(|byte| !byte.is_ascii_alphanumeric());
            (ends && matches!(group, 2 | 4 | 6 | 8) && length == group)
                || (length >= 4 && (next.starts_with(b"- ") || next.starts_with(b": ")))
                || (length >= 4
                    && ends
                    && matches!(group, 2 | 3 | 4 | 6 | 8 | 16)
                    && behind.first() == Some(&b' '))
        }
        // Behind a prefix, only where the offset is zero.
        _ => text.contains(" 000") && rows::first(text).is_some(),
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests;
