//! Reads the lines of tcpdump, and of `pktmon`, which prints the same.
//!
//! In:  `15:38:41.544254 IP 10.0.0.1.56998 > 10.0.0.2.443: Flags [P.], seq 1:125, ack 1, length 124`, in
//!      every verbosity, old and new, with and without times, names and hardware addresses.
//! Out: packets: who, flags, how many bytes, and words where tcpdump knows their protocol.
//! Not here: dumps of bytes between the lines. Those say more, and `hex` reads them.

use std::collections::{HashMap, HashSet};

use super::columns::{self, Packet};
use super::unquoted;
use super::words::{self, Tcp};
use crate::paste::{Alphabet, Line};
use crate::tls::Version;
use crate::wire::{Place, What};

/// So many lines may stand between two packets: words of `-v` and `-A`.
const MOST_BETWEEN: usize = 32;

/// The packets that begin at the first line, and how many lines they have.
pub(super) fn read<'a>(lines: &[Line<'a>]) -> Option<(usize, Vec<Packet<'a>>)> {
    let line = lines.first()?;
    // Asked at every line of a log.
    let signs = const {
        [Alphabet::of(" > "), Alphabet::of("TCP (6)"), Alphabet::of("PktNumber "), Alphabet::of(" &gt; ")]
    };
    if !signs.into_iter().any(|signs| line.alphabet.has(signs)) {
        return None;
    }
    let first = line.text;
    if row(first).is_none()
        && !(is_head(first) && lines.iter().skip(1).take(2).any(|l| row(l.text).is_some()))
    {
        return None;
    }
    let mut packets = Vec::new();
    let mut ends: HashMap<(&str, &str, u16, u16), (u32, u32)> = HashMap::new();
    let mut count = 0;
    let mut head: Option<&Line<'a>> = None;
    let mut exact = false;
    let mut seen = HashSet::new();
    for (at, line) in lines.iter().enumerate() {
        if at > count + MOST_BETWEEN {
            break;
        }
        let Some(row) = row(line.text) else {
            if is_head(line.text) {
                head = Some(line);
            }
            continue;
        };
        // The lines of words below the packet belong to it.
        let below = lines.get(at + 1..).unwrap_or_default();
        count = at + 1 + below.iter().take_while(|line| said(line).is_some()).count();
        exact |= row.exact;
        let before = head.take().filter(|head| head.number + 3 > line.number);
        // pktmon shows a packet once for each place that it passes.
        let shown = before.and_then(|head| numbered(head.text));
        if shown.is_some_and(|number| !seen.insert(number)) {
            continue;
        }
        // The bytes of the packet may be dumped below it.
        let words = row.words.or_else(|| said(below.first()?).filter(|words| !words.starts_with("0x")));
        let time = columns::time(line.text).or_else(|| columns::time(before?.text));
        let ttl = hops(line.text).or_else(|| hops(before?.text));
        packets.push(Packet { ttl, ..row.packet(line, time, words, &mut ends) });
    }
    (exact || packets.len() > 1).then_some((count, packets))
}

/// What a line below a packet says: a tab stands before it, behind whatever a quotation or a log puts there.
fn said<'a>(line: &Line<'a>) -> Option<&'a str> {
    [line.text, line.body()]
        .into_iter()
        .find_map(|text| unquoted(text).trim_start_matches(' ').strip_prefix('\t'))
}

/// `(tos 0x0, ttl 64, id 9222, …)`, `(hlim 64, next-header TCP (6), …)`.
fn hops(text: &str) -> Option<u8> {
    let (_, rest) = text.split_once("ttl ").or_else(|| text.split_once("hlim "))?;
    rest.split([',', ')', ' ']).next()?.parse().ok()
}

/// What a line says of a packet.
struct Row<'a> {
    source: (&'a str, u16),
    destination: (&'a str, u16),
    flags: &'a str,
    seq: Option<(u32, u32)>,
    len: u32,
    protocol: Option<&'static str>,
    words: Option<&'a str>,
    /// The version of a record and its messages, as ptcpdump adds them.
    record: Option<(&'a str, &'a str)>,
    /// Nothing else looks like it.
    exact: bool,
}

fn row(text: &str) -> Option<Row<'_>> {
    let mut from = 0;
    // As HTML has it, where a page was copied with its markup.
    let arrow = [" > ", " &gt; "].into_iter().find(|arrow| text.contains(arrow))?;
    loop {
        let at = from + text.get(from..)?.find(arrow)?;
        from = at + arrow.len();
        let (before, after) = (text.get(..at)?, text.get(from..)?);
        let ends = || {
            let source = endpoint(before.split_whitespace().next_back()?)?;
            let (destination, rest) = after.split_once(": ")?;
            Some((source, endpoint(destination)?, rest))
        };
        // In a tunnel there are two pairs of addresses, and TCP stands behind the last.
        let row = |(source, destination, rest)| Some(Row { source, destination, ..tcp(rest)? });
        if let Some(row) = ends().and_then(row) {
            return Some(row);
        }
    }
}

/// `10.0.0.1.443`, `mail.example.com.smtp`, `::1.443`. A name of a port that nobody knows is port 0.
fn endpoint(word: &str) -> Option<(&str, u16)> {
    let (host, port) = word.rsplit_once('.')?;
    let named = |name: &str| {
        (name.len() <= 24 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)))
            .then_some(0)
    };
    let known = host.len() <= 253
        && !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-_%*#<>".contains(&byte));
    known.then(|| words::port(port).or_else(|| named(port))).flatten().map(|port| (host, port))
}

/// What stands behind both ends.
fn tcp(rest: &str) -> Option<Row<'_>> {
    let row = Row {
        source: ("", 0),
        destination: ("", 0),
        flags: "",
        seq: None,
        len: 0,
        protocol: None,
        words: None,
        record: None,
        exact: true,
    };
    // `-q` shows no more than how many bytes there are.
    if let Some(len) = rest.strip_prefix("tcp ") {
        let len = len.split([' ', ':']).next()?.parse().ok()?;
        return Some(Row { len, exact: false, ..row });
    }
    let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok();
    if let Some((flags, rest)) = rest.strip_prefix("Flags [").and_then(|rest| rest.split_once(']')) {
        let seq = rest.split_once(" seq ").and_then(|(_, rest)| {
            let start = number(rest)?;
            let end = rest.split([',', ' ']).next()?.split_once(':').and_then(|(_, end)| number(end));
            Some((start, end.unwrap_or(start)))
        });
        let behind = rest.rsplit_once("], length ").or_else(|| rest.split_once(", length "));
        // The line may be wrapped before its end; the numbers tell the length as well.
        let counted = seq.map_or(0, |(start, end)| end.wrapping_sub(start));
        let Some((_, behind)) = behind else {
            let wrapped = rest.starts_with(',') && (rest.contains(" seq ") || rest.contains(" ack "));
            return wrapped.then_some(Row { flags, seq, len: counted, ..row });
        };
        let protocol = behind.split_once(": ").map_or("", |(_, name)| name);
        // With `-v` the words stand below, and only how many there are stands here.
        let (name, words) = protocol
            .split_once(": ")
            .filter(|(name, _)| !name.ends_with(", length"))
            .unwrap_or((protocol, ""));
        return Some(Row {
            flags,
            seq,
            len: number(behind)?,
            protocol: spoken(name),
            record: Version::from_column(name).map(|_| (name, words)),
            words: Some(words).filter(|words| !words.is_empty()),
            ..row
        });
    }
    // tcpdump 3: `S 123:123(0) win 65535`, `P 1:318(317) ack 1 win 64`, `. ack 1 win 64`.
    let (flags, rest) = rest.split_once(' ')?;
    if !(1..=6).contains(&flags.len()) || !flags.bytes().all(|byte| b"SFPRWE.".contains(&byte)) {
        return None;
    }
    let range = rest.split(' ').next()?;
    let seq = range.split_once(':').and_then(|(start, end)| Some((number(start)?, number(end)?)));
    if seq.is_none() && !rest.starts_with("ack ") {
        return None;
    }
    let len = range.split_once('(').and_then(|(_, len)| number(len)).unwrap_or(0);
    let acks = rest.split(' ').any(|word| word == "ack") && !flags.contains('.');
    let flags = match flags {
        "S" if acks => "S.",
        "R" if acks => "R.",
        "F" if acks => "F.",
        other => other,
    };
    Some(Row { flags, seq, len, ..row })
}

/// The protocol of words in the clear, by the name that tcpdump has for it.
fn spoken(name: &str) -> Option<&'static str> {
    let name = name.split([',', ' ']).next()?;
    Some(match name {
        "SMTP" => "smtp",
        "HTTP" => "http",
        "FTP" => "ftp",
        "POP3" => "pop3",
        "IMAP" => "imap",
        _ => return None,
    })
}

/// The line before a packet's own: what IP says of it, or pktmon.
fn is_head(text: &str) -> bool {
    const MARKS: [&str; 6] = ["IP (tos ", "IP6 (", ": (tos ", ": (flowlabel ", ": (hlim ", ": (class "];
    text.contains("TCP (6)") && MARKS.iter().any(|mark| text.contains(mark)) || numbered(text).is_some()
}

/// The group and the number of a packet, by which pktmon knows it; its other words are translated.
fn numbered(head: &str) -> Option<(&str, &str)> {
    if !head.contains("PktNumber ") {
        return None;
    }
    let after = |mark: &str| head.split_once(mark).map(|(_, rest)| rest.split(',').next().unwrap_or(rest));
    after("PktGroupId ").zip(after("PktNumber "))
}

impl<'a> Row<'a> {
    fn packet(
        self,
        line: &Line<'a>,
        time: Option<i64>,
        spoken: Option<&'a str>,
        ends: &mut HashMap<(&'a str, &'a str, u16, u16), (u32, u32)>,
    ) -> Packet<'a> {
        let has = |flag: char| self.flags.contains(flag);
        let span = line.span();
        let place = Place { packet: 0, start: span.start, end: span.end };
        let (source, destination) = (self.source, self.destination);
        // What ends where something ended before was sent before. Numbers begin anew behind a SYN.
        let mut again = false;
        if let Some((start, end)) = self.seq.filter(|_| self.len > 0 || has('S')) {
            let far = |from: u32| end.wrapping_sub(from).cast_signed();
            let known = ends.get(&(source.0, destination.0, source.1, destination.1)).copied();
            again = known.is_some_and(|(first, last)| {
                if has('S') {
                    first == start
                } else {
                    first != last && far(last) <= 0 && far(last) > -(1 << 20)
                }
            });
            if !again {
                ends.insert((source.0, destination.0, source.1, destination.1), (start, end));
            }
        }
        let said = self.protocol.zip(spoken.map(str::trim).filter(|words| !words.is_empty()));
        let said = said.filter(|(_, words)| words.bytes().all(|byte| byte >= b' ' && byte != 0x7f));
        let told = said.map(|(protocol, words)| {
            (What::Plain { protocol: Some(protocol), text: words.to_owned() }, place)
        });
        let record = self.record.iter().flat_map(|(version, messages)| {
            words::messages(messages, Version::from_column(version)).into_iter().map(|what| (what, place))
        });
        Packet {
            source: source.0,
            destination: destination.0,
            protocol: "TCP",
            info: "",
            ports: None,
            length: None,
            time,
            ttl: None,
            span,
            tcp: Some(Tcp {
                source: source.1,
                destination: destination.1,
                fin: has('F'),
                rst: has('R'),
                syn: has('S'),
                ack: has('.'),
                ack_only: self.flags == "." && self.len == 0,
                len: self.len,
                seq: self.seq.map(|(start, _)| start),
                acknowledges: None,
                again,
            }),
            told: Some(told.into_iter().chain(record).collect()),
            unseen: true,
            sni: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_line_of_any_age() {
        let seen =
            |text| row(text).map(|row| (row.source, row.destination, row.flags.to_owned(), row.seq, row.len));
        let new = "15:38:41.54 IP 10.0.0.1.56998 > 10.0.0.2.443: Flags [P.], seq 1:125, ack 1, win 64, options [nop,nop,TS val 3 ecr 2], length 124";
        let expected = |flags: &str| {
            Some((("10.0.0.1", 56998), ("10.0.0.2", 443), flags.to_owned(), Some((1, 125)), 124))
        };
        assert_eq!(seen(new), expected("P."));
        let old = "15:38:41.54 IP 10.0.0.1.56998 > 10.0.0.2.https: P 1:125(124) ack 1 win 64 <nop,nop,timestamp 3 2>";
        assert_eq!(seen(old), expected("P"));
        let hardware = "00:00:5e:00:53:01 > 00:00:5e:00:53:02, ethertype IPv6 (0x86dd), length 94: 2001:db8::1.50000 > 2001:db8::2.25: Flags [S], seq 7, win 1, length 0";
        assert_eq!(
            seen(hardware),
            Some((("2001:db8::1", 50000), ("2001:db8::2", 25), "S".to_owned(), Some((7, 7)), 0))
        );
        assert_eq!(seen("From: a.b.1 > c.d.2: tcp is a protocol"), None);
        assert_eq!(seen("if (a.b > c.d) return: x"), None);
    }
}
