//! Reads packet details: the tree of Wireshark as text, of `tshark -V` or copied.
//!
//! In:  `Frame 1: …` with everything below it, all of it or partly folded, or the layer of TLS alone.
//! Out: packets with their messages.
//! Not here: what the fields mean (`fields`).

use super::Read;
use super::fields::Fields;
use crate::paste::{Line, Span};
use crate::tls::Version;

/// How many lines that are no part of the tree may stand in it: a blank one, a header.
const MOST_BETWEEN: usize = 3;

/// How many lines may stand before the tree of a frame: the header and the row of the list.
pub(super) const AHEAD: usize = 5;

/// Whether a frame's tree begins on a line.
pub(super) fn begins_frame(line: &Line<'_>) -> bool {
    is_frame(unquoted(line.text).trim_start())
}

/// The packets of a tree that begins at the first line, and how many lines it has; whether a frame begins close
/// ahead.
pub(super) fn read<'a>(lines: &[Line<'a>], frame_ahead: bool) -> Option<Read<'a>> {
    let first = unquoted(lines.first()?.text);
    // The row of the list before each packet, as exports of plain text have it.
    let listed = || frame_ahead && lines.first().and_then(super::columns::Header::read).is_some();
    if !begins(first) && !listed() {
        return None;
    }
    let mut tree = Tree::default();
    let mut count = 0;
    let mut passed = 0;
    for (at, line) in lines.iter().enumerate() {
        let text = unquoted(line.text);
        let indent = text.len() - text.trim_start().len();
        let next = lines.get(at + 1).map(|line| unquoted(line.text)).unwrap_or_default();
        let title = indent == 0
            && !text.is_empty()
            && (begins(text) || next.starts_with([' ', '\t']) || text.starts_with('['));
        let belongs = !text.trim().is_empty() && (indent > 0 || title || dumped(text).is_some());
        if belongs {
            tree.line(text, indent, line);
            count = at + 1;
            passed = 0;
        } else {
            passed += 1;
            if passed > MOST_BETWEEN {
                break;
            }
        }
    }
    Some(Read::of(count, tree.fields.finish()))
}

/// The line without the marks of a quotation.
fn unquoted(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = text.strip_prefix('>') {
        text = rest.strip_prefix(' ').unwrap_or(rest);
    }
    text
}

fn is_frame(text: &str) -> bool {
    text.strip_prefix("Frame ").is_some_and(|rest| {
        let number = rest.split([':', ' ', ',']).next().unwrap_or_default();
        !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && (rest.contains("bytes") || rest.contains("on wire"))
    })
}

/// A title that only this tree has.
fn begins(text: &str) -> bool {
    let text = text.trim_start();
    if !text.starts_with(['F', 'T', 'S', 'D', 'H', 'G', 'E', 'I']) {
        return false;
    }
    is_frame(text)
        || matches!(
            text.trim_end(),
            "Transport Layer Security"
                | "Secure Sockets Layer"
                | "Datagram Transport Layer Security"
                | "Handshake Protocol: Client Hello"
                | "Handshake Protocol: Server Hello"
        )
        || record_title(text).is_some()
        || text.starts_with("Transmission Control Protocol, Src Port")
        || text.starts_with("Ethernet II, Src:")
        || text.starts_with("Internet Protocol Version 4, Src:")
        || text.starts_with("Internet Protocol Version 6, Src:")
}

/// `TLSv1.2 Record Layer: Handshake Protocol: Client Hello`: its version, and what it says.
fn record_title(text: &str) -> Option<(Option<Version>, &str)> {
    if !matches!(text.get(..3), Some("TLS" | "SSL" | "DTL" | "GMT" | "TLC")) {
        return None;
    }
    let (name, rest) = text.split_once(" Record Layer").filter(|(name, _)| !name.contains(' '))?;
    Some((Version::from_column(name), rest.trim_start_matches(':').trim()))
}

/// A line of bytes below the tree, which says the same again: its offset and its bytes.
fn dumped(text: &str) -> Option<(usize, impl Iterator<Item = u8>)> {
    let (offset, rest) = text.split_once("  ")?;
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !(4..=8).contains(&offset.len()) || !hex(offset) {
        return None;
    }
    let bytes = rest.split("  ").next().unwrap_or_default().split(' ');
    if !bytes.clone().all(|byte| byte.len() == 2 && hex(byte)) {
        return None;
    }
    let offset = usize::from_str_radix(offset, 16).ok()?;
    Some((offset, bytes.filter_map(|byte| u8::from_str_radix(byte, 16).ok())))
}

#[derive(Default)]
struct Tree<'a> {
    fields: Fields<'a>,
    layer: Layer,
    /// The next length is that of the message.
    at_message: bool,
    /// The version that comes next is the message's, not the record's.
    in_message: bool,
    /// The code that comes next is that of QUIC's CONNECTION_CLOSE.
    closes: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Layer {
    #[default]
    Other,
    Tls,
    Tcp,
    Clear(&'static str),
}

impl<'a> Tree<'a> {
    fn line(&mut self, text: &'a str, indent: usize, line: &Line<'a>) {
        if let Some((offset, bytes)) = dumped(text) {
            return self.fields.dumped(offset, bytes);
        }
        let text = text.trim();
        let span = line.span_of(text);
        if indent == 0 && is_frame(text) {
            self.fields.packet(true);
            self.layer = Layer::Other;
            return;
        }
        if let Some((version, rest)) = record_title(text) {
            if self.layer != Layer::Tls {
                self.fields.layer();
            }
            self.layer = Layer::Tls;
            self.in_message = false;
            let rest = rest.strip_prefix("Handshake Protocol: ").unwrap_or(rest);
            self.fields.summary(rest, Some(version.unwrap_or(Version(0))), span);
            return;
        }
        if indent == 0 || self.layer == Layer::Other {
            self.title(text, span);
        }
        let (label, value) = text.split_once(": ").unwrap_or((text, ""));
        let label = label.trim_start_matches(['[', '.', ' ', '0', '1', '=']);
        match self.layer {
            Layer::Tls => self.tls(label, value.trim(), span),
            Layer::Tcp => self.tcp(label, value, text, span),
            Layer::Clear(protocol) => self.clear(protocol, indent, text, label, value, span),
            Layer::Other => {
                if label == "Protocols in frame" {
                    self.fields.field("frame_protocols", value.trim_end_matches(']'), span);
                } else if label == "Header Form" {
                    self.fields.field("quic_header_form", value, span);
                } else if label == "Encapsulation type" {
                    self.fields.field("frame_encap_type", value, span);
                } else if label.starts_with("CONNECTION_CLOSE") {
                    self.closes = true;
                } else if label == "Error code" && std::mem::take(&mut self.closes) {
                    self.fields.field("quic_cc_error_code", value, span);
                } else if label == "Time since reference or first frame" || label == "Epoch Time" {
                    self.fields.field("frame_time_relative", value, span);
                } else if matches!(label, "Time to Live" | "Time to live" | "Hop Limit" | "Hop limit") {
                    self.fields.field("ip_ttl", value, span);
                }
            }
        }
    }

    /// A line of the first level opens a layer, and says the most of it.
    fn title(&mut self, text: &'a str, span: Span) {
        let after = |mark: &str| {
            let (_, rest) = text.split_once(mark)?;
            rest.split(',').next().map(str::trim)
        };
        // `host (192.0.2.1)`: the address is the surer name.
        let address = |text: &'a str| match text.split_once(" (") {
            Some((_, inside)) => inside.trim_end_matches(')'),
            None => text,
        };
        let port =
            |text: &'a str| text.split_once(" (").map_or(text, |(_, inside)| inside.trim_end_matches(')'));
        if text.starts_with("Internet Protocol") {
            for (mark, name) in [("Src: ", "ip_src"), ("Dst: ", "ip_dst")] {
                if let Some(value) = after(mark) {
                    self.fields.field(name, address(value), span);
                }
            }
            self.layer = Layer::Other;
        } else if text.starts_with("Transmission Control Protocol")
            || text.starts_with("User Datagram Protocol")
        {
            self.layer = Layer::Tcp;
            let udp = text.starts_with("User");
            let names = [
                ("Src Port: ", if udp { "udp_srcport" } else { "tcp_srcport" }),
                ("Dst Port: ", if udp { "udp_dstport" } else { "tcp_dstport" }),
                ("Seq: ", "tcp_seq"),
                ("Len: ", "tcp_len"),
            ];
            for (mark, name) in names {
                if let Some(value) = after(mark) {
                    self.fields.field(name, port(value), span);
                }
            }
        } else {
            self.layer = match text {
                "Transport Layer Security" | "Secure Sockets Layer" | "Datagram Transport Layer Security" => {
                    self.fields.layer();
                    Layer::Tls
                }
                "Handshake Protocol: Client Hello" | "Handshake Protocol: Server Hello" => {
                    self.fields.layer();
                    Layer::Tls
                }
                "Simple Mail Transfer Protocol" => Layer::Clear("smtp"),
                "Post Office Protocol" => Layer::Clear("pop3"),
                "Internet Message Access Protocol" => Layer::Clear("imap"),
                "File Transfer Protocol (FTP)" => Layer::Clear("ftp"),
                "Hypertext Transfer Protocol" => Layer::Clear("http"),
                _ => Layer::Other,
            };
        }
    }

    fn tcp(&mut self, label: &str, value: &'a str, text: &str, span: Span) {
        let name = match label {
            "Flags" => "tcp_flags",
            "TCP Segment Len" => "tcp_len",
            "Sequence Number" | "Sequence number" => "tcp_seq",
            "Acknowledgment Number" | "Acknowledgment number" => "tcp_ack",
            _ if text.contains("(suspected) retransmission")
                || text.contains("(suspected) fast retransmission")
                || text.contains("(suspected) spurious retransmission") =>
            {
                "tcp_analysis_retransmission"
            }
            _ if text.contains("Previous segment(s) not captured") && text.starts_with("[Expert") => {
                "tcp_analysis_lost_segment"
            }
            _ => return,
        };
        // The raw number is not the one that is counted from the beginning.
        if !matches!(name, "tcp_seq" | "tcp_ack") || value.contains("relative") {
            self.fields.field(name, value.trim_end_matches(']'), span);
        }
    }

    fn clear(
        &mut self,
        protocol: &'static str,
        indent: usize,
        text: &'a str,
        label: &str,
        value: &'a str,
        span: Span,
    ) {
        let bytes = text.find("\\026\\003").or_else(|| text.find("\\025\\003"));
        let words = match (protocol, label) {
            _ if bytes.is_some() => bytes.and_then(|at| text.get(at..)),
            ("smtp", "Command Line" | "Response") | ("imap", "Line") => Some(value),
            // Of the other protocols the line itself stands below the title.
            ("pop3" | "ftp" | "http", _) if (1..=4).contains(&indent) && text.ends_with("\\r\\n") => {
                Some(text)
            }
            _ => None,
        };
        if let Some(words) = words {
            self.fields.said(protocol, words, span);
        }
    }

    fn tls(&mut self, label: &'a str, value: &'a str, span: Span) {
        let name = match label {
            "Content Type" => {
                self.in_message = false;
                "tls_record_content_type"
            }
            "Opaque Type" => "tls_record_opaque_type",
            "Version" if !self.in_message => "tls_record_version",
            "Version" => "tls_handshake_version",
            "Handshake Protocol" => {
                self.in_message = true;
                // Behind the last fragment stands the whole.
                if !value.ends_with("(last fragment)") {
                    self.fields.summary(value, None, span);
                }
                return;
            }
            "Handshake Type" => {
                self.in_message = true;
                self.at_message = true;
                "tls_handshake_type"
            }
            "Length" if self.at_message => {
                self.at_message = false;
                "tls_handshake_length"
            }
            "Random" => "tls_handshake_random",
            "Length" if !self.in_message => "tls_record_length",
            "Server Name" => "tls_handshake_extensions_server_name",
            "Cipher Suite" => "tls_handshake_ciphersuite",
            "Cipher Spec" => "tls_handshake_cipherspec",
            // The parameters of QUIC have numbers of their own, in hex.
            "Type" if self.in_message && !value.contains("(0x") => "tls_handshake_extension_type",
            "Supported Group" | "Elliptic curve" => "tls_handshake_extensions_supported_group",
            "Group" => "tls_handshake_extensions_key_share_group",
            "Signature Algorithm" | "Signature Hash Algorithm" => "tls_handshake_sig_hash_alg",
            "Supported Version" => "tls_handshake_extensions_supported_version",
            "EC point format" => "tls_handshake_extensions_ec_point_format",
            "ALPN Next Protocol" => "tls_handshake_extensions_alpn_str",
            "JA3" => "tls_handshake_ja3",
            "JA3S" => "tls_handshake_ja3s",
            "JA4" => "tls_handshake_ja4",
            "Level" => "tls_alert_message_level",
            "Description" => "tls_alert_message_desc",
            _ => return,
        };
        self.fields.field(name, value.trim_end_matches(']'), span);
    }
}
