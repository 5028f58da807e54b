//! Reads the frame summary of Microsoft Network Monitor.
//!
//! In:  `6132  116.58 10.10.10.10 10.10.10.120 TLS TLS:TLS Rec Layer-1 HandShake: Client Hello.`, in cells
//!      or in words, with any columns before the addresses.
//! Out: packets with their flags and messages.
//! Not here: its details and its hex pane.

use super::columns::{self, Packet, is_address};
use super::unquoted;
use super::words::{self, Tcp};
use crate::paste::{Alphabet, Line};
use crate::wire::{Place, What};

/// So many lines without a frame may stand between two.
const MOST_BETWEEN: usize = 4;

/// The frames from the first line on, and in how many lines they stand.
pub(super) fn read<'a>(lines: &[Line<'a>]) -> Option<(usize, Vec<Packet<'a>>)> {
    row(lines.first()?)?;
    let mut packets = Vec::new();
    let mut count = 0;
    for (at, line) in lines.iter().enumerate() {
        if let Some(packet) = row(line) {
            packets.push(packet);
            count = at + 1;
        } else if at > count + MOST_BETWEEN {
            break;
        }
    }
    Some((count, packets))
}

/// The description of TCP, and where it begins: `TCP:Flags=...A..S., SrcPort=HTTPS(443), …`
fn tcp(text: &str) -> Option<(usize, Tcp)> {
    let at = text.find("TCP:")?;
    let rest = text.get(at..)?;
    let (_, rest) = rest.split_once("Flags=")?;
    let (flags, rest) = rest.split_once(',')?;
    let flags = flags.replace('\\', "");
    if flags.len() != 8 || !flags.bytes().all(|byte| byte == b'.' || byte.is_ascii_uppercase()) {
        return None;
    }
    let value =
        |name: &str| rest.split_once(name).and_then(|(_, rest)| rest.split(',').next()).map(str::trim);
    let number = |name: &str| {
        let digits = value(name)?;
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok()
    };
    let len = number("PayloadLen=").unwrap_or(0);
    let ports = (words::port(value("SrcPort=")?)?, words::port(value("DstPort=")?)?);
    let tcp = Tcp::of_letters(ports, &flags, len, text.contains("ReTransmit"));
    Some((at, tcp))
}

/// The messages of TLS, and where their description begins.
fn tls(text: &str, place: Place) -> Option<(usize, Vec<(What, Place)>)> {
    let at = text.find("TLS:TLS Rec Layer-")?;
    let mut told = Vec::new();
    // Conversation numbers stand behind it.
    for record in text.get(at..)?.split('{').next()?.split(';') {
        let (_, record) = record.split_once("Rec Layer-")?;
        let record = record.trim_start_matches(|c: char| c.is_ascii_digit()).trim();
        let what = match record.split_once("HandShake:") {
            Some((_, messages)) => {
                let named = messages.split('.').map(str::trim).filter(|name| !name.is_empty());
                told.extend(named.flat_map(|name| words::messages(name, None)).map(|what| (what, place)));
                continue;
            }
            None if record.starts_with("Cipher Change Spec") => What::ChangeCipherSpec,
            None if record.starts_with("SSL Application Data") => What::ApplicationData,
            None if record.contains("Alert") => What::EncryptedAlert,
            None => continue,
        };
        told.push((what, place));
    }
    Some((at, told))
}

fn row<'a>(line: &Line<'a>) -> Option<Packet<'a>> {
    let text = unquoted(line.text);
    // Asked of every line of a log.
    let may_be = |sign: Alphabet| line.alphabet.has(sign);
    let signs = const { [Alphabet::of("TCP:"), Alphabet::of("TLS:")] };
    let named = |colon: usize| {
        text.as_bytes()
            .get(..colon)
            .is_some_and(|before| before.ends_with(b"TCP") || before.ends_with(b"TLS"))
    };
    if !signs.into_iter().any(may_be) || !memchr::memchr_iter(b':', text.as_bytes()).any(named) {
        return None;
    }
    let span = line.span();
    let place = Place { packet: 0, start: span.start, end: span.end };
    let (at, tcp, told) = match tls(text, place) {
        Some((at, told)) => (at, None, told),
        None => {
            let (at, tcp) = tcp(text)?;
            (at, Some(tcp), Vec::new())
        }
    };
    // The last two words before the description that can be addresses; the name of the process and
    // of the protocol may stand around them.
    let before = text.get(..at)?;
    let apart = |c: char| c.is_whitespace() || c == '|';
    let mut hosts = before.rsplit(apart).filter(|word| !word.is_empty() && is_address(word));
    let (destination, source) = (hosts.next()?, hosts.next()?);
    Some(Packet {
        source,
        destination,
        protocol: "TLS",
        info: "",
        ports: None,
        length: None,
        time: columns::time(text),
        ttl: None,
        span,
        tcp,
        told: Some(told),
        unseen: false,
        sni: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(text: &str) -> Option<(String, String, Option<Tcp>, usize)> {
        let line = Line { text, start: 0, number: 1, head: 0, alphabet: Alphabet::of(text) };
        row(&line).map(|packet| {
            let told = packet.told.map_or(0, |told| told.len());
            (packet.source.to_owned(), packet.destination.to_owned(), packet.tcp, told)
        })
    }

    #[test]
    fn reads_a_frame_in_cells_and_in_words() {
        let cells = "3825\t3:32:37 PM 6/29/2016\t16.1241952\tIEXPLORE.EXE\t10.1.15.174\t10.194.212.86\tTCP\tTCP:Flags=CE....S., SrcPort=59897, DstPort=HTTP Alternate(8080), PayloadLen=0, Seq=2144566297, Ack=0, Win=65535 ( Negotiating scale factor 0x8 ) = 65535\t{TCP:40, IPv4:20}";
        let (source, destination, tcp, _) = read_one(cells).expect("a frame");
        assert_eq!((source.as_str(), destination.as_str()), ("10.1.15.174", "10.194.212.86"));
        assert!(tcp.is_some_and(|tcp| tcp.begins() && tcp.destination == 8080));
        let words = "6133  116.5845058 10.10.10.120 10.10.10.10  TLS:TLS Rec Layer-1 HandShake: Server Hello. Certificate. Server Hello Done. {TLS:328, SSLVersionSelector:327}";
        let (source, _, tcp, told) = read_one(words).expect("a frame");
        assert_eq!((source.as_str(), tcp.is_none(), told), ("10.10.10.120", true, 3));
        assert!(read_one("the filter TCP:Flags= is not a frame").is_none());
    }
}
