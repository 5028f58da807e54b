//! Reads the fields of packets in the order in which Wireshark shows them.
//!
//! In:  names of Wireshark's fields (`tls.handshake.type`) with their values, from any form.
//! Out: packets with their messages.
//! Not here: the forms (`details`, `json`), and which packets belong together (`assemble`).

use core::net::IpAddr;

use super::carried::Carried;
use super::columns::Packet;
use super::hellos::{Hello, of_client_hello, of_server_hello, whole_ja4, without_those_of_certificates};
use super::words::{self, Tcp};
use crate::paste::Span;
use crate::tls::{Alert, CipherSuite, ExtensionType, Version};
use crate::wire::{
    self, Bare, ClientHello, HowShown, Piece, Place, Segment, Shown, Socket, Time, Transport, What,
};

/// A packet holds no more records than this that say nothing.
const MOST_UNREAD: usize = 16;

/// Two bytes of an alert, its type and its tag.
pub(super) const SEALED_ALERT: u32 = 2 + 1 + 16;

/// The beginning of the random of a HelloRetryRequest.
const RETRY: &str = "cf21ad74e59a6111be1d8c021e65b891";

/// Fewer bytes are no certificate.
const LEAST_CERTIFICATE: usize = 33;

/// Packets that are still being read.
#[derive(Default)]
pub(super) struct Fields<'a> {
    packets: Vec<Packet<'a>>,
    carried: Carried,
    open: Option<Open<'a>>,
    /// All values of a name come at once, so that records and messages are told apart no more.
    gathered: bool,
    /// The time of the first packet.
    first: Option<i64>,
}

/// The packet at hand.
#[derive(Default)]
struct Open<'a> {
    numbered: bool,
    /// Its number was read.
    counted: bool,
    gathered: bool,
    /// Of gathered records: those of the handshake without a message so far, and the other ones.
    unread: usize,
    others: Vec<(What, Place)>,
    source: &'a str,
    destination: &'a str,
    ports: (Option<u16>, Option<u16>),
    flags: Option<u32>,
    len: Option<u32>,
    seq: Option<u32>,
    /// The same as they were sent, not counted from the beginning.
    raw: (Option<u32>, Option<u32>),
    ack: Option<u32>,
    time: Option<i64>,
    ttl: Option<u8>,
    again: bool,
    udp: bool,
    quic: bool,
    span: Span,
    told: Vec<(What, Place)>,
    /// The record at hand: its type, its version, and whether its messages were told.
    record: Option<u32>,
    version: Option<Version>,
    seen: bool,
    level: u8,
    /// What a line says of its record, in case that nothing below it does.
    summary: Option<(&'a str, Place)>,
    /// What the packet carries as hex digits, in case that Wireshark did not see TLS in it.
    payload: Option<(&'a str, Span)>,
    /// All of its bytes, and the number of its link type.
    frame: Vec<u8>,
    frame_ends: bool,
    frame_span: Span,
    link: Option<u32>,
    /// What it tells of TCP or UDP stands in the report of an error.
    quoted: bool,
    /// It did: what it shows of this packet is all that can be read of it alone.
    dissected: bool,
}

impl<'a> Fields<'a> {
    /// `gathered`: all values of a name come at once, as in lines of JSON.
    pub(super) fn new(gathered: bool) -> Self {
        Self { gathered, ..Self::default() }
    }

    /// A new packet begins.
    pub(super) fn packet(&mut self, numbered: bool) {
        if let Some(mut open) = self.open.take() {
            open.flush();
            let number = u32::try_from(self.packets.len() + 1).unwrap_or(u32::MAX);
            self.first = self.first.or(open.time);
            let time = open.time.zip(self.first).map(|(time, first)| Time::Relative(time - first));
            open.carry(&mut self.carried, number, time);
            self.packets.extend(open.finish());
        }
        self.open = Some(Open { numbered, gathered: self.gathered, ..Open::default() });
    }

    /// A layer of TLS begins; where packets have no number it is a packet of its own.
    pub(super) fn layer(&mut self) {
        let own = self.open.as_ref().is_none_or(|open| !open.numbered && !open.told.is_empty());
        if own {
            self.packet(false);
        } else if let Some(open) = &mut self.open {
            open.flush();
        }
    }

    /// All packets, and the bytes that they carry.
    pub(super) fn finish(mut self) -> (Vec<Packet<'a>>, Carried) {
        self.packet(false);
        (self.packets, self.carried)
    }

    /// Bytes of the packet, as they are dumped beside its fields.
    pub(super) fn dumped(&mut self, offset: usize, bytes: impl Iterator<Item = u8>) {
        let Some(open) = &mut self.open else { return };
        // What begins anew is what was put together from several packets.
        open.frame_ends |= offset != open.frame.len();
        if !open.frame_ends {
            open.frame.extend(bytes);
        }
    }

    /// What the title of a record or of a message says.
    pub(super) fn summary(&mut self, text: &'a str, version: Option<Version>, span: Span) {
        let Some(open) = &mut self.open else { return };
        if version.is_some() {
            // The record's own title.
            open.flush();
            open.version = version;
        } else if open.record.is_none() && open.summary.is_none_or(|(said, _)| said != text) {
            open.flush();
        }
        open.cover(span);
        open.summary = Some((text, place(span)));
    }

    /// Words of a protocol in the clear, by the name that Wireshark's column has for it.
    pub(super) fn said(&mut self, protocol: &'static str, words: &str, span: Span) {
        let Some(open) = &mut self.open else { return };
        // Of a message over several lines the first one tells.
        let again =
            open.told.iter().any(|(what, _)| matches!(what, What::Plain { protocol: Some("http"), .. }));
        if protocol == "http" && again {
            return;
        }
        let text = words.trim_end_matches("\\n").trim_end_matches("\\r").trim();
        let what = match words::mislabelled(text) {
            Some(what) => what,
            None => What::Plain { protocol: Some(protocol), text: text.to_owned() },
        };
        open.cover(span);
        open.told.push((what, place(span)));
    }

    /// What the packet says of TLS stands inside of QUIC.
    pub(super) fn over_quic(&mut self) {
        if let Some(open) = &mut self.open {
            open.quic = true;
        }
    }

    /// TLS, or a proxy's connection, is asked for in a protocol that has a message of its own for that.
    pub(super) fn asked(&mut self, protocol: &'static str, span: Span) {
        let Some(open) = &mut self.open else { return };
        open.cover(span);
        open.told.push((What::StartTls { protocol }, place(span)));
    }

    /// The answer to that.
    pub(super) fn answered(&mut self, agreed: bool, words: &str, span: Span) {
        let Some(open) = &mut self.open else { return };
        open.cover(span);
        open.told.push((What::StartTlsAnswer { agreed, text: words.to_owned() }, place(span)));
    }

    /// More words of the line that was said last.
    pub(super) fn goes_on(&mut self, words: &str) {
        let last = self.open.as_mut().and_then(|open| open.told.last_mut());
        if let Some((What::Plain { text, .. }, _)) = last {
            text.push(' ');
            text.push_str(words.trim_end_matches("\\n").trim_end_matches("\\r").trim());
        }
    }

    /// The next field. Names are Wireshark's, with `_` for `.`.
    pub(super) fn field(&mut self, name: &str, value: &'a str, span: Span) {
        let tls = name.strip_prefix("tls_").or_else(|| name.strip_prefix("ssl_"));
        let dtls = name.strip_prefix("dtls_");
        if name == "frame_number"
            && self.open.as_ref().is_some_and(|open| open.counted || !open.numbered && !open.told.is_empty())
        {
            self.packet(true);
        }
        let open = self.open.get_or_insert_default();
        if let Some(name) = tls.or(dtls) {
            open.udp |= dtls.is_some();
            open.cover(span);
            open.tls(name, value, place(span));
            return;
        }
        let known = match name {
            "frame_number" => {
                open.numbered = true;
                open.counted = true;
                true
            }
            "frame_protocols" => {
                open.dissected = value.split(':').any(|name| matches!(name, "tls" | "ssl" | "dtls" | "quic"));
                open.quic |= value.split(':').any(|name| name == "quic");
                open.quoted = value.split(':').any(|name| matches!(name, "icmp" | "icmpv6"));
                false
            }
            // A code above 0x100 is an alert (RFC 9001 §4.8).
            "quic_cc_error_code" => {
                open.quic = true;
                let alert = number(value).and_then(|code| u8::try_from(code.checked_sub(0x100)?).ok());
                if let Some(alert) = alert {
                    open.push(What::Alert { level: 2, alert: Alert(alert) }, place(span));
                }
                true
            }
            // Behind a short header stands what the handshake was for.
            "quic_header_form" if number(value) == Some(0) => {
                open.quic = true;
                open.push(What::ApplicationData, place(span));
                true
            }
            "frame_time_relative" | "frame_time_epoch" => {
                open.time = open.time.or_else(|| super::columns::time(value));
                false
            }
            // In a tunnel the address that counts is the one next to the ports.
            "ip_src" | "ipv6_src" | "ip_dst" | "ipv6_dst" => {
                let settled = open.settled();
                let host = if name.ends_with("src") { &mut open.source } else { &mut open.destination };
                if !value.is_empty() && (host.is_empty() || !settled) {
                    *host = value;
                }
                true
            }
            "ip_ttl" | "ipv6_hlim" => {
                let counts = open.ttl.is_none() || !open.settled();
                open.ttl = if counts { value.parse().ok() } else { open.ttl };
                false
            }
            "tcp_srcport" | "udp_srcport" => {
                if !open.settled() || open.ports.0.is_none() {
                    open.udp = name == "udp_srcport";
                    open.ports = (words::port(value), None);
                }
                true
            }
            "tcp_dstport" | "udp_dstport" => {
                open.ports.1 = open.ports.1.or_else(|| words::port(value));
                true
            }
            "tcp_flags" => {
                open.flags = number(value);
                true
            }
            "tcp_flags_fin" | "tcp_flags_syn" | "tcp_flags_reset" | "tcp_flags_ack" => {
                let bit = match name {
                    "tcp_flags_fin" => 0x01,
                    "tcp_flags_syn" => 0x02,
                    "tcp_flags_reset" => 0x04,
                    _ => 0x10,
                };
                let set = matches!(value, "1" | "True" | "Set");
                open.flags = Some(open.flags.unwrap_or(0) | if set { bit } else { 0 });
                false
            }
            "tcp_len" => {
                open.len = number(value);
                false
            }
            "tcp_seq" => {
                open.seq = number(value);
                false
            }
            "tcp_analysis_retransmission"
            | "tcp_analysis_fast_retransmission"
            | "tcp_analysis_spurious_retransmission" => {
                open.again = true;
                false
            }
            "tcp_seq_raw" => {
                open.raw.0 = number(value);
                false
            }
            "tcp_ack_raw" => {
                open.raw.1 = number(value);
                false
            }
            "tcp_ack" => {
                open.ack = number(value);
                false
            }
            "frame_encap_type" => {
                open.link = number(value);
                false
            }
            "frame_raw" if open.frame.is_empty() => {
                open.frame = hex(value, 1).unwrap_or_default();
                open.frame_span = span;
                false
            }
            "tcp_payload" | "udp_payload" => {
                open.payload = Some((value, span));
                open.udp |= name == "udp_payload";
                false
            }
            "tcp_analysis_lost_segment" => {
                open.told.push((What::Missing { bytes: 0 }, place(span)));
                false
            }
            _ => false,
        };
        if known {
            open.cover(span);
        }
    }
}

/// What a record of a type says that has no messages in it.
fn alone(kind: u16) -> Option<What> {
    match kind {
        20 => Some(What::ChangeCipherSpec),
        23 => Some(What::ApplicationData),
        _ => None,
    }
}

impl<'a> Open<'a> {
    /// Whether its ports are those of TCP: in UDP, as in IP, another packet may stand.
    fn settled(&self) -> bool {
        self.ports.0.is_some() && !self.udp
    }

    fn cover(&mut self, span: Span) {
        self.span = if self.span.end == 0 { span } else { self.span.to(span) };
    }

    fn tls(&mut self, name: &str, value: &'a str, place: Place) {
        let id = || match number(value) {
            Some(number) => u16::try_from(number).ok(),
            None if name == "handshake_extensions_supported_version" => Version::named(value).map(|v| v.0),
            None if name == "handshake_ciphersuite" => {
                CipherSuite::by_name(value.split(' ').next()?).map(|suite| suite.0)
            }
            None if name == "handshake_extension_type" => ExtensionType::by_name(value).map(|kind| kind.0),
            None => None,
        };
        match name {
            "record_content_type" if self.gathered => match (number(value), id().and_then(alone)) {
                (_, Some(what)) => self.others.push((what, place)),
                (Some(22), None) => self.unread += 1,
                (other, None) => self.record = other,
            },
            "record_content_type" => {
                let summary = self.summary.take();
                self.flush();
                self.record = number(value);
                self.seen = false;
                match id().and_then(alone) {
                    Some(what) => self.push(what, place),
                    None => self.summary = summary,
                }
            }
            "record_opaque_type" => self.push(What::ApplicationData, place),
            // In TLS 1.3 an alert looks like data, of the length that only an alert has.
            "record_length" if !self.gathered && number(value) == Some(SEALED_ALERT) => {
                if let Some((what @ What::ApplicationData, _)) = self.told.last_mut() {
                    *what = What::EncryptedAlert;
                }
            }
            "record_version" => self.version = id().map(Version).or(self.version),
            "handshake_type" => {
                self.unread = self.unread.saturating_sub(1);
                if let Some(what) = number(value).and_then(|number| self.message(number)) {
                    self.push(what, place);
                }
            }
            "alert_message_level" => {
                self.level = number(value).and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
            }
            "alert_message_desc" => {
                let alert = number(value).and_then(|n| u8::try_from(n).ok()).map(Alert);
                let named = || Alert::named(value.split('(').next().unwrap_or_default());
                if let Some(alert) = alert.or_else(named) {
                    let level = if self.level == 0 { 2 } else { self.level };
                    self.push(What::Alert { level, alert }, place);
                }
            }
            "handshake_certificate" => {
                let der = hex(value, LEAST_CERTIFICATE);
                // Gathered, the messages behind it were told before its fields come.
                let is_one = |what: &What| matches!(what, What::Certificate(_) | What::Handshake(11));
                match self.told.iter_mut().rfind(|(what, _)| is_one(what)) {
                    Some((What::Certificate(chain), _)) => chain.extend(der),
                    Some((what, _)) => {
                        *what = der.map_or(What::Handshake(11), |der| What::Certificate(vec![der]))
                    }
                    None => {}
                }
            }
            // By this random a ServerHello asks for another ClientHello (RFC 8446 §4.1.3).
            "handshake_random" if starts_with_hex(value, RETRY) => {
                if let Some((what, _)) = self.told.last_mut()
                    && let What::ServerHello(hello) = what
                {
                    *what = What::HelloRetryRequest(std::mem::take(hello));
                }
            }
            // ESNI names a suite once more.
            "handshake_ciphersuite" if self.in_extensions() => {}
            _ => self.of_hello(name, value, id()),
        }
    }

    fn in_extensions(&self) -> bool {
        let last = self.told.last().map(|(what, _)| what);
        !self.gathered && matches!(last, Some(What::ClientHello(hello)) if !hello.extensions.is_empty())
    }

    fn of_hello(&mut self, name: &str, value: &str, id: Option<u16>) {
        let gathered = self.gathered;
        let hello = self.told.iter_mut().rev().find_map(|(what, _)| match what {
            What::ClientHello(hello) => Some(Hello::Client(hello)),
            What::ServerHello(hello) | What::HelloRetryRequest(hello) => Some(Hello::Server(hello)),
            _ => None,
        });
        match hello {
            // signature_algorithms_cert (50) has fields of the same name.
            Some(Hello::Client(hello))
                if !gathered
                    && name == "handshake_sig_hash_alg"
                    && hello.extensions.last() == Some(&ExtensionType(50)) => {}
            Some(Hello::Client(hello)) => of_client_hello(hello, name, value, id),
            Some(Hello::Server(hello)) => of_server_hello(hello, name, value, id),
            None => {}
        }
    }

    fn message(&self, number: u32) -> Option<What> {
        Some(match number {
            0 => What::HelloRequest,
            1 => What::ClientHello(Box::new(ClientHello {
                record_version: self.version.filter(|version| *version != Version::SSL2),
                sslv2: self.version == Some(Version::SSL2),
                ..ClientHello::default()
            })),
            2 => What::ServerHello(Box::default()),
            3 => What::HelloVerifyRequest,
            4 => What::NewSessionTicket,
            6 => What::HelloRetryRequest(Box::default()),
            8 => What::EncryptedExtensions { alpn: None },
            12 => What::ServerKeyExchange { group: None, dh_bits: None },
            13 => What::CertificateRequest,
            14 => What::ServerHelloDone,
            15 => What::CertificateVerify,
            16 => What::ClientKeyExchange,
            20 => What::Finished,
            22 => What::CertificateStatus,
            other => What::Handshake(u8::try_from(other).ok()?),
        })
    }

    fn push(&mut self, what: What, place: Place) {
        self.summary = None;
        self.seen = true;
        self.told.push((what, place));
    }

    /// The record at hand ends: what only its title said, or nothing at all.
    fn flush(&mut self) {
        let place = self.summary.map(|(_, place)| place);
        if let Some((text, place)) = self.summary.take() {
            let version = self.version;
            self.told.extend(words::messages(text, version).into_iter().map(|what| (what, place)));
        } else if !self.seen {
            let what = match self.record {
                Some(21) => Some(What::EncryptedAlert),
                Some(22) => Some(What::EncryptedHandshake),
                _ => None,
            };
            let place = place.unwrap_or_else(|| self::place(self.span));
            self.told.extend(what.map(|what| (what, place)));
        }
        self.record = None;
        self.seen = true;
    }

    /// Hands on the bytes of the packet, or what is told of it as TCP and UDP have it.
    fn carry(&self, carried: &mut Carried, packet: u32, time: Option<Time>) {
        let span = if self.span.end == 0 { self.frame_span } else { self.span };
        let at = Place { packet, ..place(span) };
        if !self.frame.is_empty() {
            return carried.frame(self.link, &self.frame, at, time);
        }
        let end = |host: &str, port: Option<u16>| {
            let address: IpAddr = host.parse().ok()?;
            Some(Socket { address: address.into(), port: port? })
        };
        let ends = end(self.source, self.ports.0).zip(end(self.destination, self.ports.1));
        let Some((from, to)) = ends.filter(|_| !self.quoted) else { return };
        let tcp = self.raw.0.or(self.seq).zip(self.flags).map(|(seq, flags)| {
            let ack = self.raw.1.or(self.ack).unwrap_or(0);
            wire::Tcp::new(seq, ack, u8::try_from(flags & 0xff).unwrap_or(0))
        });
        let payload = self.payload.and_then(|(digits, _)| hex(digits, 1)).unwrap_or_default();
        // What tells neither is not enough to go by.
        if tcp.is_none() && (payload.is_empty() || !self.udp) {
            return;
        }
        let there = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let missing = self.len.unwrap_or(there).saturating_sub(there);
        let ttl = self.ttl.unwrap_or(0);
        carried.segment(&Segment { from, to, ttl, tcp, payload: &payload, missing }, at, time);
    }

    fn finish(mut self) -> Option<Packet<'a>> {
        let tcp = self.flags.map(|flags| Tcp {
            source: self.ports.0.unwrap_or(0),
            destination: self.ports.1.unwrap_or(0),
            fin: flags & 0x01 != 0,
            rst: flags & 0x04 != 0,
            syn: flags & 0x02 != 0,
            ack: flags & 0x10 != 0,
            ack_only: flags & 0x17 == 0x10 && self.len == Some(0),
            len: self.len.unwrap_or(0),
            seq: self.seq,
            acknowledges: self.ack.filter(|_| flags & 0x10 != 0),
            again: self.again,
        });
        let place = place(self.span);
        for (what, _) in &mut self.told {
            if let What::ClientHello(hello) = what {
                // QUIC has no records.
                hello.record_version = hello.record_version.filter(|_| !self.quic);
                if self.gathered {
                    without_those_of_certificates(hello);
                }
                let over = match (self.quic, self.udp) {
                    (true, _) => Transport::Quic,
                    (_, true) => Transport::Udp,
                    _ => Transport::Tcp,
                };
                // Old releases print it without its first letter.
                let printed = hello.ja4.take().filter(|ja4| ja4.starts_with(['t', 'q', 'd']));
                hello.ja4 = printed.or_else(|| whole_ja4(hello, over));
            }
        }
        self.told.append(&mut self.others);
        self.told.extend((0..self.unread.min(MOST_UNREAD)).map(|_| (What::EncryptedHandshake, place)));
        if self.told.is_empty()
            && !self.dissected
            && let Some((digits, span)) = self.payload
        {
            self.told = carried(digits, span);
        }
        if tcp.is_none() && self.told.is_empty() && !self.quic {
            return None;
        }
        Some(Packet {
            source: self.source,
            destination: self.destination,
            protocol: match (self.quic, self.udp) {
                (true, _) => "QUIC",
                (_, true) => "DTLS",
                _ => "TLS",
            },
            info: "",
            ports: self.ports.0.zip(self.ports.1),
            length: None,
            time: self.time,
            ttl: self.ttl,
            span: self.span,
            tcp: tcp.filter(|tcp| tcp.source != 0),
            told: Some(self.told),
            unseen: false,
            sni: None,
        })
    }
}

/// The records in what a packet carries: Wireshark looks for TLS on the ports that it knows.
fn carried(digits: &str, span: Span) -> Vec<(What, Place)> {
    let mut shown = Shown::default();
    for byte in hex(digits, 5).unwrap_or_default() {
        shown.push(byte, span.start, span.end);
    }
    if !matches!(wire::bare(shown.bytes()), Some(Bare::Records | Bare::Datagram)) {
        return Vec::new();
    }
    let piece = Piece { from: None, how: HowShown::Wire, missing: 0, shown };
    let events = wire::bare_flows(&[piece]).into_iter().flat_map(|flow| flow.events);
    events.map(|event| (event.what, place(span))).collect()
}

fn place(span: Span) -> Place {
    Place { packet: 0, start: span.start, end: span.end }
}

/// `Client Hello (1)`, `TLS 1.2 (0x0303)`, `0x1302`, `443`.
pub(super) fn number(value: &str) -> Option<u32> {
    let plain = |text: &str| {
        let text = text.trim();
        match text.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => text.parse().ok(),
        }
    };
    let first = value.split([' ', '(']).next()?;
    // Not of a value that was cut off inside of it.
    let inside = || plain(value.rsplit_once('(')?.1.split_once(')')?.0);
    plain(first)
        .filter(|_| first.len() == value.len() || value.as_bytes().get(first.len()) == Some(&b' '))
        .or_else(inside)
        .or_else(|| plain(first))
}

/// Whether hex digits, with or without colons, begin with these.
fn starts_with_hex(value: &str, wanted: &str) -> bool {
    value.bytes().filter(|byte| *byte != b':').take(wanted.len()).eq(wanted.bytes())
}

/// `30:82:03`, or the same without colons; nothing where it was cut.
fn hex(value: &str, least: usize) -> Option<Vec<u8>> {
    let digits: Vec<u8> = value
        .bytes()
        .filter(|byte| *byte != b':')
        .map(|byte| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let whole = digits.len().is_multiple_of(2) && digits.len() >= 2 * least;
    whole.then(|| digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}
