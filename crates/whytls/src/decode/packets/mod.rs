//! Reads what Wireshark and its like show of packets, as copied to text.
//!
//! In:  lines of a packet list.
//! Out: flows: who spoke, STARTTLS, the ClientHello, the answer, alerts, who closed and when.
//! Not here: bytes. What a flow proves is said in `flows` and by the pages.

mod assemble;
mod carried;
mod columns;
mod details;
mod fields;
mod header;
mod hellos;
mod json;
mod netlog;
mod netlog_viewer;
mod netmon;
mod owners;
mod psml;
mod ssldump;
mod table;
mod tcpdump;
mod words;

use std::cell::Cell;

use super::marks::{Mark, Marks};
use super::{Data, Decode, Flows, Kind};
use crate::paste::Line;
use carried::Carried;
use columns::Packet;
pub(super) use columns::protocols;
pub use netlog::NetLog;

/// The line without a quotation mark before it.
fn unquoted(text: &str) -> &str {
    text.strip_prefix("> ").unwrap_or(text)
}

/// The line without the marks of a quotation.
fn unquoted_all(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = text.strip_prefix('>') {
        text = rest.strip_prefix(' ').unwrap_or(rest);
    }
    text
}

/// How the lines of a document are told from what a log or a terminal put before each of them.
#[derive(Clone, Copy)]
enum Before {
    /// Nothing but marks of a quotation, and so many blanks.
    Blanks(usize),
    /// What each line shares with its neighbours.
    Prefix,
}

impl Before {
    /// By the first line, which begins the document.
    fn of(line: &Line<'_>, begins: impl Fn(&str) -> bool) -> Option<Self> {
        let text = unquoted_all(line.text);
        let bare = text.trim_start_matches([' ', '\t']);
        if begins(bare) {
            return Some(Self::Blanks(text.len() - bare.len()));
        }
        (line.body().len() < line.text.len() && begins(unquoted_all(line.body()))).then_some(Self::Prefix)
    }

    /// The line itself.
    fn line<'a>(self, line: &Line<'a>) -> &'a str {
        match self {
            Self::Blanks(blanks) => {
                let text = unquoted_all(line.text);
                let before =
                    text.bytes().take(blanks).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                text.get(before..).unwrap_or_default()
            }
            Self::Prefix => unquoted_all(line.body()),
        }
    }
}

/// A field's name with `_` for `.`. Lines of JSON put the layer before the name once more.
fn normal(name: &str) -> String {
    let name = name.replace('.', "_");
    match name.split_once('_') {
        Some((layer, rest)) if rest.strip_prefix(layer).is_some_and(|rest| rest.starts_with('_')) => {
            rest.to_owned()
        }
        _ => name,
    }
}

/// A packet list of Wireshark or tshark.
pub(super) struct WiresharkList<'r>(pub(super) &'r Marks<'r>);

/// Blank lines and headers between two rows.
const MOST_BETWEEN: usize = 4;

impl Decode for WiresharkList<'_> {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let first = lines.first()?;
        if let Some((count, packets)) = psml::read(lines) {
            let flows = assemble::flows(&packets);
            return Some((count, Data::Flows(Flows { kind: Kind::PacketList, flows })));
        }
        if !self.0.any(Mark::Protocol, &first.range()) || !columns::names_a_protocol(first.text) {
            return None;
        }
        let header = header::Header::read(first);
        if header.is_none() {
            columns::row(first, None, false)?;
        }
        let mut packets = Vec::new();
        let mut count = usize::from(header.is_some());
        let mut passed = 0;
        for (at, line) in lines.iter().enumerate().skip(count) {
            let own = header::Header::read(line).is_none();
            if let Some(packet) = columns::row(line, header.as_ref(), !packets.is_empty()).filter(|_| own) {
                packets.push(packet);
                count = at + 1;
                passed = 0;
            } else if packets.is_empty() || passed > MOST_BETWEEN {
                break;
            } else {
                // The header again, as exports put it before each packet; a row that was wrapped.
                passed += if line.is_blank() || !own { 1 } else { MOST_BETWEEN };
            }
        }
        // A row of TCP by itself tells something only where it is an attempt to connect.
        let attempt = |packet: &Packet<'_>| packet.protocol == "TCP" && packet.info.contains(" [SYN] Seq=");
        let tcp_only = packets.iter().all(|packet| packet.protocol == "TCP") && packets.len() < 2;
        if packets.is_empty() || tcp_only && !packets.iter().any(attempt) {
            return None;
        }
        let flows = assemble::flows(&packets);
        Some((count, Data::Flows(Flows { kind: Kind::PacketList, flows })))
    }
}

/// The lines of tcpdump, and frames of Network Monitor.
pub(super) struct Tcpdump;

impl Decode for Tcpdump {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let (count, packets) = tcpdump::read(lines).or_else(|| netmon::read(lines))?;
        let flows = assemble::flows(&packets);
        Some((count, Data::Flows(Flows { kind: Kind::PacketList, flows })))
    }
}

/// What ssldump prints.
pub(super) struct Ssldump;

impl Decode for Ssldump {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let (count, shows) = ssldump::read(lines)?;
        let flows = match shows {
            ssldump::Shows::Packets(packets) => assemble::flows(&packets),
            ssldump::Shows::Flows(flows) => flows,
        };
        Some((count, Data::Flows(Flows { kind: Kind::PacketDetails, flows })))
    }
}

/// The network log of Chromium, as a file and as its viewer shows it.
pub(super) struct ChromiumLog;

impl Decode for ChromiumLog {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let (count, log) = netlog::read(lines).or_else(|| netlog_viewer::read(lines))?;
        Some((count, Data::NetLog(log)))
    }
}

/// Packet details, as a tree or as data.
#[derive(Default)]
pub(super) struct PacketDetails {
    /// What was read up to the line of this number shows nothing: it is not read again from every line of it.
    nothing_before: Cell<usize>,
    /// No frame begins on a line before the one of this number: each line is looked at from a few before it.
    no_frame_before: Cell<usize>,
}

impl PacketDetails {
    /// Whether the tree of a frame begins close ahead.
    fn frame_ahead(&self, lines: &[Line<'_>]) -> bool {
        for line in lines.iter().take(details::AHEAD) {
            if line.number < self.no_frame_before.get() {
                continue;
            }
            if details::begins_frame(line) {
                return true;
            }
            self.no_frame_before.set(line.number + 1);
        }
        false
    }
}

impl Decode for PacketDetails {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let number = lines.first()?.number;
        if number < self.nothing_before.get() {
            return None;
        }
        let read = details::read(lines, self.frame_ahead(lines))
            .or_else(|| json::read(lines))
            .or_else(|| table::read(lines));
        let Read { count, packets, carried, tells } = read?;
        if !tells {
            self.nothing_before.set(number + count);
            return None;
        }
        let flows = carried.instead_of(assemble::flows(&packets));
        Some((count, Data::Flows(Flows { kind: Kind::PacketDetails, flows })))
    }
}

/// Details that were read.
struct Read<'a> {
    /// How many lines they have.
    count: usize,
    packets: Vec<Packet<'a>>,
    /// The bytes of the same packets.
    carried: Carried,
    /// Whether they say anything of a connection.
    tells: bool,
}

impl<'a> Read<'a> {
    fn of(count: usize, (packets, carried): (Vec<Packet<'a>>, Carried)) -> Self {
        let told = |packet: &Packet<'_>| packet.told.as_ref().is_some_and(|told| !told.is_empty());
        let attempt = |packet: &Packet<'_>| packet.tcp.is_some_and(|tcp| tcp.syn && !tcp.ack);
        let tells = packets.len() > 1
            || packets.iter().any(|packet| told(packet) || attempt(packet))
            || carried.any();
        Self { count, packets, carried, tells }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{Alert, Version};
    use crate::wire::{CloseHow, Endpoint, Flow, Side, What};

    fn list(text: &str) -> Option<Vec<Flow>> {
        let paste = crate::Paste::text(text);
        match WiresharkList(&Marks::of(paste.inputs.first()?))
            .find(&paste.inputs.first()?.regions().first()?.lines)?
        {
            (_, Data::Flows(capture)) => Some(capture.flows),
            _ => None,
        }
    }

    /// The same two packets in the forms that people paste.
    const FORMS: [&str; 7] = [
        "72426\t2023-04-27 15:19:03.931555\tCLIENT1\tSERVER\tTLSv1\t185\tClient Hello\n72427\t2023-04-27 15:19:03.932556\tSERVER\tCLIENT1\tTCP\t60\t25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
        "72426 2023-04-27 15:19:03.931555 CLIENT1 SERVER TLSv1 185 Client Hello\n72427 2023-04-27 15:19:03.932556 SERVER CLIENT1 TCP 60 25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
        "    1   0.000000      CLIENT1 → SERVER       TLSv1 185 Client Hello\n    2   0.001001       SERVER → CLIENT1      TCP 60 25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
        "No.     Time           Source                Destination           Protocol Length Info\n      1 0.000000       CLIENT1               SERVER                TLSv1    185    Client Hello\n      2 0.001001       SERVER                CLIENT1               TCP      60     25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
        "Protocol\tInfo\tSource\tDestination\tTime\nTLSv1\tClient Hello\tCLIENT1\tSERVER\t0.000000\nTCP\t25 -> 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0\tSERVER\tCLIENT1\t0.001001",
        "Client Hello\tTLSv1\tCLIENT1\tSERVER\t185\n25 > 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0\tTCP\tSERVER\tCLIENT1\t60",
        "> 72426 2023-04-27 15:19:03.931555 CLIENT1 SERVER TLSv1 185 Client Hello\n> 72427 2023-04-27 15:19:03.932556 SERVER CLIENT1 TCP 60 25 → 35467 [FIN, ACK] Seq=402 Ack=159 Win=64082 Len=0",
    ];

    #[test]
    fn reads_every_form_alike() {
        for text in FORMS {
            let flows = list(text).expect(text);
            let [flow] = flows.as_slice() else { panic!("{} flows in {text}", flows.len()) };
            assert_eq!(
                flow.client_hello().and_then(|(hello, _)| hello.record_version),
                Some(Version::TLS10),
                "{text}"
            );
            let close = flow.closed_after_hello().expect(text);
            assert_eq!((close.by, close.how), (Side::Server, CloseHow::Fin), "{text}");
            assert_eq!(
                [&flow.client, &flow.server].map(|end| end.as_ref().map(Endpoint::address)),
                [Some("CLIENT1:35467".into()), Some("SERVER:25".into())],
                "{text}"
            );
        }
    }

    #[test]
    fn reads_the_grid_of_message_analyzer_with_any_separator() {
        let row = |number: &str, ends: [&str; 2], module: &str, summary: &str| {
            let [source, destination] = ends;
            [number, "None", "2016-05-18T10:31:11.2837655", "", source, destination, module, summary]
                .join("\t")
        };
        let (there, back) = (["192.0.2.1", "192.0.2.2"], ["192.0.2.2", "192.0.2.1"]);
        let rows = [
            row(
                "130",
                there,
                "TCP",
                "Flags: ......S., SrcPort: 49219, DstPort: HTTPS(443), Length: 0, Seq Range: 11 - 12, Ack: 0, Win: 8192",
            ),
            row("134", there, "TLS", "Records: [Handshake: [ClientHello]]"),
            row(
                "135",
                back,
                "TCP",
                "Flags: ...A.R.., SrcPort: HTTPS(443), DstPort: 49219, Length: 0, Seq Range: 12 - 12, Ack: 99, Win: 0",
            ),
        ];
        let tabs = rows.join("\n");
        let commas = tabs.replace("Flags", "\"Flags").replace("8192", "8192\"").replace("Win: 0", "Win: 0\"");
        for text in [tabs.clone(), tabs.replace('\t', " "), commas.replace('\t', ",")] {
            let flows = list(&text).expect(&text);
            let [flow] = flows.as_slice() else { panic!("{} flows in {text}", flows.len()) };
            assert!(flow.client_hello().is_some(), "{text}");
            let close = flow.closed_after_hello().expect(&text);
            assert_eq!((close.by, close.how), (Side::Server, CloseHow::Rst), "{text}");
            let port = |end: &Option<Endpoint>| end.as_ref().and_then(|end| end.port);
            assert_eq!((port(&flow.client), port(&flow.server)), (Some(49219), Some(443)), "{text}");
        }
    }

    #[test]
    fn knows_who_sent_an_alert_on_a_loopback() {
        let flows = list(
            "    4   0.000296    127.0.0.1 → 127.0.0.1    TLSv1 329 Client Hello\n    5   0.000304    127.0.0.1 → 127.0.0.1    TCP 66 443 → 38612 [ACK] Seq=1 Ack=264 Win=65536 Len=0\n    6   0.000453    127.0.0.1 → 127.0.0.1    TLSv1.2 73 Alert (Level: Fatal, Description: Unknown CA)\n    7   0.000458    127.0.0.1 → 127.0.0.1    TCP 66 38612 → 443 [ACK] Seq=264 Ack=8 Win=65536 Len=0",
        )
        .expect("a list");
        assert_eq!(
            flows[0].alerts().map(|(_, alert, event)| (alert, event.from)).collect::<Vec<_>>(),
            [(Alert(48), Side::Server)]
        );
    }

    #[test]
    fn a_reset_in_the_name_of_one_who_sends_on_is_another_ones() {
        let row =
            |number: u32, time: &str, ends: &str, says: &str| format!("{number} {time} {ends} {says}\n");
        let (there, back) = ("192.0.2.1 192.0.2.2", "192.0.2.2 192.0.2.1");
        let begin = row(1, "0.000", there, "TCP 66 50000 → 443 [SYN] Seq=0 Win=64240 Len=0")
            + &row(2, "0.001", back, "TCP 66 443 → 50000 [SYN, ACK] Seq=0 Ack=1 Win=42340 Len=0")
            + &row(3, "0.002", there, "TLSv1 571 Client Hello")
            + &row(4, "0.009", back, "TCP 64 443 → 50000 [RST, ACK] Seq=1 Ack=518 Win=0 Len=10");
        let after = row(5, "0.293", back, "TCP 1454 443 → 50000 [ACK] Seq=1 Ack=518 Win=43008 Len=1400");
        let injected = |text: &str| {
            let flows = list(text).expect("a list");
            let close = flows[0].closed_after_hello().expect("a close");
            assert_eq!((close.by, close.how), (Side::Server, CloseHow::Rst));
            flows[0].events.iter().any(|event| matches!(event.what, What::Rst { injected: true }))
        };
        assert!(injected(&(begin.clone() + &after)));
        assert!(!injected(&begin));
    }

    #[test]
    fn leaves_other_lines_alone() {
        assert!(list("The client sent a TLSv1 Client Hello to the server").is_none());
        assert!(list("2023-04-27 15:19:03 app server TCP connection lost").is_none());
        assert!(list("15:19:03.123 mailer ERROR TLS handshake failed: certificate has expired").is_none());
        assert!(
            list("AA 2023-04-27 15:19:03 WARNING SSL Error on 7 ('192.0.2.7', 51000): it failed").is_none()
        );
        assert!(
            list(
                "2023-04-27T15:19:03 ntpd[745]: NTSs: SSL accept from 192.0.2.7:51000 failed, took 0.004 sec"
            )
            .is_none()
        );
        assert!(list("host1 2023-04-27 15:19:03 app TLS handshake failed").is_none());
    }
}
