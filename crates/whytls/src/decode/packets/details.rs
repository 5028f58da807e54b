//! Reads packet details: the tree of Wireshark as text, of `tshark -V` or copied.
//!
//! In:  `Frame 1: …` with everything below it, all of it or partly folded, or the layer of TLS alone.
//! Out: packets with their messages.
//! Not here: what the fields mean (`fields`).

use super::fields::Fields;
use super::{Before, Read};
use crate::paste::{Line, Span};
use crate::tls::Version;

/// How many lines that are no part of the tree may stand in it: a blank one, a header.
const MOST_BETWEEN: usize = 3;

/// How many lines may stand before the tree of a frame: the header and the row of the list.
pub(super) const AHEAD: usize = 5;

/// Whether a frame's tree begins on a line.
pub(super) fn begins_frame(line: &Line<'_>) -> bool {
    is_frame(Before::Blanks(0).line(line).trim_start())
}

/// The packets of a tree that begins at the first line, and how many lines it has; whether a frame begins close
/// ahead.
pub(super) fn read<'a>(lines: &[Line<'a>], frame_ahead: bool) -> Option<Read<'a>> {
    let first = lines.first()?;
    // The row of the list before each packet, as exports of plain text have it.
    let listed = || frame_ahead && super::header::Header::read(first).is_some();
    let before = Before::of(first, begins).or_else(|| listed().then_some(Before::Blanks(0)))?;
    let mut tree = Tree::default();
    let mut count = 0;
    let mut passed = 0;
    let wrapped = wrapped_at(lines);
    for (at, line) in lines.iter().enumerate() {
        let text = before.line(line);
        let indent = text.len() - text.trim_start().len();
        // The rest of a line that a terminal wrapped.
        let goes_on =
            || wrapped.is_some() && lines.get(at - 1).map(|line| line.text.chars().count()) == wrapped;
        if at > 0 && at == count && indent < 2 && !begins(text) && dumped(text).is_none() && goes_on() {
            count = at + 1;
            continue;
        }
        let next = lines.get(at + 1).map(|line| before.line(line)).unwrap_or_default();
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
    tree.fold();
    Some(Read::of(count, tree.fields.finish()))
}

/// The width at which lines were wrapped, where many are as long as the longest.
fn wrapped_at(lines: &[Line<'_>]) -> Option<usize> {
    const NARROWEST: usize = 60;
    const LEAST: usize = 3;
    const LOOKED_AT: usize = 2000;
    let widths = || lines.iter().take(LOOKED_AT).map(|line| line.text.chars().count());
    let widest = widths().max().filter(|widest| *widest >= NARROWEST)?;
    (widths().filter(|width| *width == widest).count() >= LEAST).then_some(widest)
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
    if !text.starts_with(['F', 'T', 'S', 'D', 'H', 'G', 'E', 'I', 'U', 'Q']) {
        return false;
    }
    is_frame(text)
        || matches!(
            text.trim_end(),
            "Transport Layer Security"
                | "Secure Sockets Layer"
                | "Datagram Transport Layer Security"
                | "QUIC IETF"
                | "Handshake Protocol: Client Hello"
                | "Handshake Protocol: Server Hello"
        )
        || record_title(text).is_some()
        || text.starts_with("Transmission Control Protocol, Src Port")
        || text.starts_with("User Datagram Protocol, Src Port")
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
    /// How far the title of TLS is indented: what stands further to the left is none of it.
    left: usize,
    /// The next length is that of the message.
    at_message: bool,
    /// The version that comes next is the message's, not the record's.
    in_message: bool,
    /// The code that comes next is that of QUIC's CONNECTION_CLOSE.
    closes: bool,
    /// What a message that leads to TLS is, as far as its lines told.
    asking: bool,
    /// An extension whose fields may be folded away: its title.
    folded: Option<(&'a str, Span)>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Layer {
    #[default]
    Other,
    Tls,
    Tcp,
    Clear(&'static str),
    /// A protocol with a message of its own that asks for TLS, or for a proxy's connection.
    Leads(&'static str),
}

impl<'a> Tree<'a> {
    fn line(&mut self, text: &'a str, indent: usize, line: &Line<'a>) {
        if let Some((offset, bytes)) = dumped(text) {
            return self.fields.dumped(offset, bytes);
        }
        let text = text.trim();
        let span = line.span_of(text);
        if text.starts_with("Type: ") {
            self.folded = None;
        } else {
            self.fold();
        }
        if indent == 0 && is_frame(text) {
            self.fields.packet(true);
            self.layer = Layer::Other;
            return;
        }
        if self.layer == Layer::Tls && indent < self.left {
            self.layer = Layer::Other;
        }
        if let Some((version, rest)) = record_title(text) {
            if self.layer != Layer::Tls {
                self.fields.layer();
                self.left = indent;
            }
            self.layer = Layer::Tls;
            self.in_message = false;
            let rest = rest.strip_prefix("Handshake Protocol: ").unwrap_or(rest);
            self.fields.summary(rest, Some(version.unwrap_or(Version(0))), span);
            return;
        }
        if indent == 0 || self.layer == Layer::Other {
            self.title(text, span);
            if self.layer == Layer::Tls {
                self.left = indent;
            }
        }
        let (label, value) = text.split_once(": ").unwrap_or((text, ""));
        let label = label.trim_start_matches(['[', '.', ' ', '0', '1', '=']);
        match self.layer {
            Layer::Tls => self.tls(label, value.trim(), span),
            Layer::Tcp => self.tcp(label, value, text, span),
            Layer::Clear(protocol) => self.clear(protocol, indent, text, label, value, span),
            Layer::Leads(protocol) => self.leads(protocol, indent, text, span),
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
            self.asking = false;
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
                "Network News Transfer Protocol" => Layer::Clear("nntp"),
                "Lightweight Directory Access Protocol" => Layer::Leads("ldap"),
                "MySQL Protocol" => Layer::Leads("mysql"),
                "PostgreSQL" => Layer::Leads("postgresql"),
                "Remote Desktop Protocol" => Layer::Leads("rdp"),
                "Socks Protocol" => Layer::Leads("socks"),
                "Tabular Data Stream" => Layer::Leads("tds"),
                "XMPP Protocol" => Layer::Leads("xmpp"),
                "QUIC IETF" => {
                    self.fields.over_quic();
                    Layer::Other
                }
                "PROXY Protocol" => {
                    self.fields.asked("proxy", span);
                    Layer::Other
                }
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

    /// A line of a protocol that may lead to TLS: the request for it, and the answer.
    fn leads(&mut self, protocol: &'static str, indent: usize, text: &'a str, span: Span) {
        let begins = |words: &str| text.starts_with(words);
        let has = |words: &str| text.contains(words);
        let (asks, answer) = match protocol {
            "ldap" => {
                self.asking |= begins("LDAPMessage extendedResp");
                let answer = self.asking && begins("resultCode: ");
                (has("1.3.6.1.4.1.1466.20037"), answer.then(|| has("success")))
            }
            // The server says as well that it can.
            "mysql" => {
                self.asking |= begins("Login Request");
                (self.asking && has("Switch to SSL after handshake: Set"), None)
            }
            "postgresql" => (begins("Type: SSL request"), None),
            "rdp" => (
                has("RDP Negotiation Request"),
                (has("RDP Negotiation Response") || has("RDP Negotiation Failure"))
                    .then(|| has("Negotiation Response")),
            ),
            "socks" => (
                begins("Command: Connect"),
                begins("Results(").then(|| has("Succeeded") || has("ranted") && !has("not granted")),
            ),
            "tds" => {
                self.asking |= begins("Type: TDS7 pre-login");
                (self.asking && begins("Encryption: ") && !has("not available"), None)
            }
            "xmpp" => {
                let own = indent <= 4;
                let answers = own && (begins("PROCEED") || begins("FAILURE"));
                (own && begins("STARTTLS"), answers.then(|| begins("PROCEED")))
            }
            _ => (false, None),
        };
        if protocol == "socks" && (begins("Client Authentication Methods") || begins("Accepted Auth Method"))
        {
            let none = begins("Accepted Auth Method: 0xff");
            let [refusal, _] = crate::wire::SOCKS_REFUSALS;
            self.fields.said(protocol, if none { refusal } else { text }, span);
        }
        if asks {
            self.fields.asked(protocol, span);
        }
        if let Some(agreed) = answer {
            self.fields.answered(agreed, text, span);
        }
    }

    /// The title of an extension is all that is left of it.
    fn fold(&mut self) {
        let Some((title, span)) = self.folded.take() else { return };
        let (name, rest) = title.split_once(" (len=").unwrap_or((title, ""));
        let said = rest.split_once(')').map_or("", |(_, said)| said.trim());
        self.fields.field("tls_handshake_extension_type", name, span);
        if let Some(name) = said.strip_prefix("name=") {
            self.fields.field("tls_handshake_extensions_server_name", name, span);
        } else if name == "supported_versions" {
            for version in said.split(", ").filter(|version| !version.is_empty()) {
                self.fields.field("tls_handshake_extensions_supported_version", version, span);
            }
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
            ("pop3" | "ftp" | "http" | "nntp", _)
                if (1..=4).contains(&indent) && text.ends_with("\\r\\n") =>
            {
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
            "Extension" => {
                self.folded = Some((value, span));
                return;
            }
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
            // The second one is SSL 2.0's.
            "Handshake Type" | "Handshake Message Type" => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::Version;
    use crate::wire::What;

    #[test]
    fn reads_what_the_titles_of_folded_extensions_tell() {
        let text = "Transmission Control Protocol, Src Port: 50000, Dst Port: 443, Seq: 1, Ack: 1, Len: 517\n\
                    Transport Layer Security\n    \
                        TLSv1.3 Record Layer: Handshake Protocol: Client Hello\n        \
                            Handshake Protocol: Client Hello\n            \
                                Handshake Type: Client Hello (1)\n            \
                                Version: TLS 1.2 (0x0303)\n            \
                                Cipher Suites (3 suites)\n            \
                                Extension: server_name (len=20) name=www.example.com\n            \
                                Extension: supported_versions (len=5) TLS 1.3, TLS 1.2\n            \
                                Extension: key_share (len=38) x25519\n                \
                                    Type: key_share (51)\n                \
                                    Length: 38\n";
        let paste = crate::Paste::text(text);
        let read = read(&paste.inputs[0].regions()[0].lines, false).expect("details");
        let told = read.packets[0].told.as_ref().expect("messages");
        let Some((What::ClientHello(hello), _)) = told.first() else { panic!("{told:?}") };
        assert_eq!(hello.sni.as_deref(), Some("www.example.com"));
        assert_eq!(hello.supported_versions, [Version::TLS13, Version::TLS12]);
        assert_eq!(hello.extensions.iter().map(|kind| kind.0).collect::<Vec<_>>(), [0, 43, 51]);
    }
}
