//! Capture files of every kind, read as they come in, piece by piece.
//!
//! In:  the bytes of a file, in chunks of any size.
//! Out: [`Capture`]: the flows in it, and notes about what could not be read.
//! Not here: what is in a packet (`packet`), and what packets make together (`stream`).

mod gzip;
mod netmon;
mod pcap;
mod pcapng;
mod snoop;

use gzip::Inflate;

use super::flow::{Flow, Place, Time};
use super::keylog::{KeyLog, Keys};
use super::packet::{Layer, Link, Packets};
use super::stream::Streams;

/// What a capture file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// libpcap's, in either byte order, with micro- or nanoseconds; of Nokia and of Red Hat 6.1 as well.
    Pcap,
    /// libpcap's, with the longer packet headers of a patch for Linux, also as SuSE 6.3 had it.
    PcapModified,
    /// pcapng.
    Pcapng,
    /// Microsoft Network Monitor, 1 or 2 (`.cap`).
    NetworkMonitor,
    /// Sun's snoop (RFC 1761).
    Snoop,
    /// Windows event trace (`netsh trace`, `pktmon`): recognised, not read.
    Etl,
}

/// What there is to say of how a capture was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The file ends in the middle of a packet.
    CutOff {
        /// Where the last whole thing ended, in bytes.
        at: usize,
    },
    /// The file goes on with something that this format cannot have.
    Damaged {
        /// Where, in bytes.
        at: usize,
    },
    /// Packets are in the capture without their last bytes (a snap length).
    Snapped {
        /// How many packets.
        packets: u32,
    },
    /// Packets of a link type that we cannot read.
    UnknownLink {
        /// Its number in pcap.
        link: u32,
        /// How many packets.
        packets: u32,
    },
    /// Frames of a wireless network that are encrypted.
    EncryptedWifi {
        /// How many frames.
        frames: u32,
    },
    /// The file grows too much when it is unpacked: it was read up to here.
    Bomb {
        /// So many bytes were unpacked.
        unpacked: usize,
    },
    /// A Windows event trace: `etl2pcapng IN.etl OUT.pcapng` makes a capture of it.
    Etl,
    /// Lines of a key log were in the file.
    KeyLog {
        /// How many.
        lines: usize,
    },
    /// There are more flows than are kept.
    FlowsDropped {
        /// How many were left out.
        flows: usize,
    },
}

/// A capture file, read.
#[derive(Clone, Debug)]
pub struct Capture {
    /// What kind of file it is.
    pub format: Option<Format>,
    /// It was packed with gzip; places count the bytes that came out.
    pub gzip: bool,
    /// How many packets are in it.
    pub packets: u32,
    /// When the first packet was seen, and the last one.
    pub span: Option<(Time, Time)>,
    /// The connections that have to do with TLS, in the order of their first packet.
    pub flows: Vec<Flow>,
    /// What there is to say of how it was read.
    pub notes: Vec<Note>,
}

/// What a reader knows beforehand.
#[derive(Clone, Default)]
pub struct Options {
    /// The secrets of sessions, to decrypt their handshakes.
    pub keys: KeyLog,
}

/// Reads a capture file piece by piece. It never holds more than a packet of it.
///
/// ```
/// let mut reader = whytls::wire::Reader::new(whytls::wire::Options::default());
/// reader.push(b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0");
/// assert_eq!(reader.finish().packets, 0);
/// ```
pub struct Reader(Stage);

enum Stage {
    /// Too few bytes to say what it is.
    Start(Box<Plain>, Vec<u8>),
    Plain(Box<Plain>),
    Gzip(Box<Inflate>),
}

impl Reader {
    /// A reader for one file.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self(Stage::Start(Box::new(Plain::new(options)), Vec::new()))
    }

    /// The next bytes of the file.
    pub fn push(&mut self, chunk: &[u8]) {
        match &mut self.0 {
            Stage::Plain(plain) => plain.push(chunk),
            Stage::Gzip(inflate) => inflate.push(chunk),
            Stage::Start(plain, head) => {
                head.extend_from_slice(chunk);
                if head.len() >= 2 {
                    let head = std::mem::take(head);
                    let mut plain = std::mem::replace(plain, Box::new(Plain::new(Options::default())));
                    if head.starts_with(&gzip::MAGIC) {
                        let mut inflate = Box::new(Inflate::new(*plain));
                        inflate.push(&head);
                        self.0 = Stage::Gzip(inflate);
                    } else {
                        plain.push(&head);
                        self.0 = Stage::Plain(plain);
                    }
                }
            }
        }
    }

    /// The file ends here.
    #[must_use]
    pub fn finish(self) -> Capture {
        match self.0 {
            Stage::Plain(plain) | Stage::Start(plain, _) => plain.finish(),
            Stage::Gzip(inflate) => inflate.finish(),
        }
    }
}

/// What kind of capture begins with these bytes; some hundred are enough.
#[must_use]
pub fn recognise(head: &[u8]) -> Option<Format> {
    if head.starts_with(&gzip::MAGIC) {
        return format_of(&gzip::first_bytes(head));
    }
    format_of(head)
}

fn format_of(head: &[u8]) -> Option<Format> {
    match *head.first_chunk::<4>()? {
        pcap::MICROSECONDS_LE | pcap::MICROSECONDS_BE | pcap::NANOSECONDS_LE | pcap::NANOSECONDS_BE => {
            Some(Format::Pcap)
        }
        pcap::MODIFIED_LE | pcap::MODIFIED_BE => Some(Format::PcapModified),
        pcapng::SECTION => Some(Format::Pcapng),
        netmon::MAGIC_1 | netmon::MAGIC_2 => Some(Format::NetworkMonitor),
        snoop::MAGIC if head.get(4..8).is_none_or(|rest| rest == b"p\0\0\0") => Some(Format::Snoop),
        // A buffer's size, then, behind the buffer's header, the mark of the trace's own header.
        [0, size @ .., 0] if size != [0, 0] && matches!(head.get(72..76), Some([2 | 3, 0, 1 | 2, 0xc0])) => {
            Some(Format::Etl)
        }
        _ => None,
    }
}

/// What came of one look at the bytes that follow.
pub(super) enum Step {
    /// So many of them are done.
    Used(usize),
    /// Nothing can be said before there are so many.
    Need(usize),
    /// So many of them are of no interest; they need not be there yet.
    Skip(usize),
    /// What follows cannot be read.
    Stop(Note),
}

/// A format, with what it must remember between packets.
enum Parser {
    Unknown,
    Pcap(pcap::Pcap),
    Pcapng(pcapng::Pcapng),
    Netmon(netmon::Netmon),
    Snoop(snoop::Snoop),
}

/// Whatever is longer than this is no packet.
const LONGEST_PACKET: usize = 16 * 1024 * 1024;

/// The file's bytes, unpacked: whole things are read where they are, pieces of one are kept until
/// the rest has come.
struct Plain {
    parser: Parser,
    format: Option<Format>,
    carry: Vec<u8>,
    need: usize,
    skip: usize,
    offset: usize,
    stopped: bool,
    gzip: bool,
    sink: Sink,
}

impl Plain {
    fn new(options: Options) -> Self {
        let keys = Keys::new(options.keys);
        Self {
            parser: Parser::Unknown,
            format: None,
            carry: Vec::new(),
            need: 0,
            skip: 0,
            offset: 0,
            stopped: false,
            gzip: false,
            sink: Sink::new(keys),
        }
    }

    fn push(&mut self, mut chunk: &[u8]) {
        while !chunk.is_empty() && !self.stopped {
            if self.skip > 0 {
                let (skipped, rest) = chunk.split_at(self.skip.min(chunk.len()));
                self.skip -= skipped.len();
                self.offset += skipped.len();
                chunk = rest;
            } else if self.carry.is_empty() {
                match self.step(chunk) {
                    Step::Used(used) => {
                        chunk = chunk.get(used..).unwrap_or_default();
                        self.offset += used;
                    }
                    Step::Need(need) => {
                        self.carry.extend_from_slice(chunk);
                        self.need = need;
                        return;
                    }
                    Step::Skip(bytes) => self.skip = bytes,
                    Step::Stop(note) => self.stop(note),
                }
            } else {
                let (taken, rest) =
                    chunk.split_at(self.need.saturating_sub(self.carry.len()).min(chunk.len()));
                self.carry.extend_from_slice(taken);
                chunk = rest;
                if self.carry.len() >= self.need {
                    self.drain();
                }
            }
        }
    }

    /// Reads what was kept, now that there is enough of it.
    fn drain(&mut self) {
        let mut carry = std::mem::take(&mut self.carry);
        let mut done = 0;
        while let Some(rest) = carry.get(done..).filter(|rest| !rest.is_empty() && !self.stopped) {
            match self.step(rest) {
                Step::Used(used) => {
                    done += used;
                    self.offset += used;
                }
                Step::Need(need) => {
                    self.need = need;
                    break;
                }
                Step::Skip(bytes) => {
                    let here = bytes.min(rest.len());
                    done += here;
                    self.offset += here;
                    self.skip = bytes - here;
                }
                Step::Stop(note) => self.stop(note),
            }
        }
        carry.drain(..done.min(carry.len()));
        self.carry = carry;
    }

    fn step(&mut self, bytes: &[u8]) -> Step {
        let step = match &mut self.parser {
            Parser::Unknown => match format_of(bytes) {
                None if bytes.len() < 80 => Step::Need(80),
                None => Step::Stop(Note::Damaged { at: self.offset }),
                Some(format) => {
                    self.format = Some(format);
                    self.parser = match format {
                        Format::Pcap | Format::PcapModified => Parser::Pcap(pcap::Pcap::default()),
                        Format::Pcapng => Parser::Pcapng(pcapng::Pcapng::default()),
                        Format::NetworkMonitor => Parser::Netmon(netmon::Netmon::default()),
                        Format::Snoop => Parser::Snoop(snoop::Snoop::default()),
                        Format::Etl => return Step::Stop(Note::Etl),
                    };
                    return self.step(bytes);
                }
            },
            Parser::Pcap(pcap) => pcap.step(bytes, self.offset, &mut self.sink),
            Parser::Pcapng(pcapng) => pcapng.step(bytes, self.offset, &mut self.sink),
            Parser::Netmon(netmon) => netmon.step(bytes, self.offset, &mut self.sink),
            Parser::Snoop(snoop) => snoop.step(bytes, self.offset, &mut self.sink),
        };
        match step {
            // None of these would get us any further.
            Step::Used(0) | Step::Skip(0) => Step::Stop(Note::Damaged { at: self.offset }),
            Step::Need(need) if need <= bytes.len() || need > LONGEST_PACKET + 1024 => {
                Step::Stop(Note::Damaged { at: self.offset })
            }
            step => step,
        }
    }

    fn stop(&mut self, note: Note) {
        // What is damaged inside is often damaged outside as well: that is said once.
        if !self.stopped {
            self.sink.notes.push(note);
        }
        self.stopped = true;
    }

    fn finish(mut self) -> Capture {
        if let Parser::Pcap(pcap) = &mut self.parser
            && !self.stopped
            && pcap.ends(&self.carry)
        {
            self.drain();
        }
        if !self.stopped && (!self.carry.is_empty() || self.skip > 0) {
            // A file of less than 80 bytes that is none of ours waits for more of them.
            self.sink.notes.push(Note::CutOff { at: self.offset });
        }
        let Sink { streams, packets, notes, count, first, last, unknown, snapped, key_lines } = self.sink;
        let (flows, dropped) = streams.finish();
        let mut capture = Capture {
            format: self.format,
            gzip: self.gzip,
            packets: count,
            span: first.zip(last),
            flows,
            notes,
        };
        let mut note = |note| capture.notes.push(note);
        if snapped > 0 {
            note(Note::Snapped { packets: snapped });
        }
        for (link, packets) in unknown {
            note(Note::UnknownLink { link, packets });
        }
        if packets.encrypted > 0 {
            note(Note::EncryptedWifi { frames: packets.encrypted });
        }
        if key_lines > 0 {
            note(Note::KeyLog { lines: key_lines });
        }
        if dropped > 0 {
            note(Note::FlowsDropped { flows: dropped });
        }
        capture
    }
}

/// A packet as the file has it.
pub(super) struct Frame<'a> {
    /// The link type's number in pcap.
    pub(super) link: u32,
    pub(super) bytes: &'a [u8],
    /// Where these bytes stand in the file.
    pub(super) at: usize,
    /// How many there were on the wire.
    pub(super) on_wire: usize,
    pub(super) time: Option<Time>,
}

/// Where the packets of a file go.
pub(super) struct Sink {
    streams: Streams,
    packets: Packets,
    notes: Vec<Note>,
    count: u32,
    first: Option<Time>,
    last: Option<Time>,
    /// Link types that we cannot read: few, whatever the file says.
    unknown: Vec<(u32, u32)>,
    snapped: u32,
    key_lines: usize,
}

impl Sink {
    fn new(keys: Keys) -> Self {
        Self {
            streams: Streams::new(keys),
            packets: Packets::default(),
            notes: Vec::new(),
            count: 0,
            first: None,
            last: None,
            unknown: Vec::new(),
            snapped: 0,
            key_lines: 0,
        }
    }

    /// The next packet.
    pub(super) fn frame(&mut self, frame: &Frame<'_>) {
        self.count = self.count.saturating_add(1);
        if frame.time.is_some() {
            self.first = self.first.or(frame.time);
            self.last = frame.time;
        }
        if frame.bytes.len() < frame.on_wire {
            self.snapped = self.snapped.saturating_add(1);
        }
        let layer = match frame.link {
            NETMON_WIFI => Layer::Link(Link::NetmonWifi),
            link => match Link::of(link) {
                Some(link) => Layer::Link(link),
                None => return self.unknown(link),
            },
        };
        let place = Place { packet: self.count, start: frame.at, end: frame.at + frame.bytes.len() };
        let (streams, bytes, time) = (&mut self.streams, frame.bytes, frame.time);
        self.packets.read(layer, bytes, &mut |segment| streams.segment(&segment, bytes, place, time));
    }

    fn unknown(&mut self, link: u32) {
        if let Some((_, packets)) = self.unknown.iter_mut().find(|(known, _)| *known == link) {
            *packets = packets.saturating_add(1);
        } else if self.unknown.len() < 8 {
            self.unknown.push((link, 1));
        }
    }

    /// A packet that cannot be read is still counted, so that numbers are those of other programs.
    pub(super) fn pass(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    /// A key log that the file carries.
    pub(super) fn keys(&mut self, text: &str) {
        self.key_lines += self.streams.keys().add(text);
    }
}

/// 802.11 with Network Monitor's header has no number in pcap.
const NETMON_WIFI: u32 = u32::MAX;

/// Numbers in the byte order of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        })
    }

    fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        })
    }

    fn size(self, bytes: &[u8], at: usize) -> Option<usize> {
        self.u32(bytes, at).and_then(|size| usize::try_from(size).ok())
    }
}

/// Seconds and a part of one, as nanoseconds since 1970.
fn unix(seconds: u32, nanoseconds: u64) -> Time {
    let nanoseconds = i64::try_from(nanoseconds).unwrap_or_default();
    Time::Unix((i64::from(seconds) * 1_000_000_000).saturating_add(nanoseconds))
}
