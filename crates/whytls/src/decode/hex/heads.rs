//! What programs say before a dump: who sent the bytes, and whether they were on the wire at all.
//!
//! In:  one line before a dump.
//! Out: [`Head`], or nothing where the line says none of that.
//! Not here: the bytes.

use crate::wire::{Endpoint, HowShown, Side};

/// Who sent the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The program that shows them.
    Out,
    /// Its peer.
    In,
    /// An end that is named.
    By(Side),
}

/// What a line says of the dump behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Who sent the bytes.
    pub(super) way: Option<Way>,
    /// What the dump shows.
    pub(super) how: HowShown,
    /// Whether it was on the wire: programs also show what they encrypt, and their keys.
    pub(super) wire: bool,
    /// It is what a program prints and nothing else, so that even a short dump is one.
    pub(super) exact: bool,
    /// In the clear before TLS, or inside of it: curl does not say which.
    pub(super) inner: bool,
    /// So many bytes were sent, where the dump may leave blanks at its end out.
    pub(super) size: Option<usize>,
}

const PLAIN: Head =
    Head { way: None, how: HowShown::Wire, wire: true, exact: true, inner: false, size: None };

/// Reads a line.
pub(super) fn head(line: &str) -> Option<Head> {
    if line.len() > 400 || line.len() < 2 {
        return None;
    }
    let text = line.trim();
    openssl(text)
        .or_else(|| curl(text))
        .or_else(|| java(text))
        .or_else(|| packet(text))
        .or_else(|| words(text))
}

/// The ends of a connection, as `tshark -z follow` names them before its bytes: `Node 0: 192.0.2.1:51000`, or
/// in YAML a host and a port for each peer.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    ends: [Endpoint; 2],
    /// Of which of them the next lines speak.
    peer: usize,
}

impl Ends {
    /// In YAML so many lines stand before the bytes.
    pub(super) const LINES: usize = 12;

    /// Whether they begin here, in YAML.
    pub(super) fn begin(line: &str) -> bool {
        unquoted(line) == "peers:"
    }

    /// Whether a line names an end.
    pub(super) fn read(&mut self, line: &str) -> bool {
        let line = unquoted(line);
        self.node(line).or_else(|| self.peer(line)).is_some() || Self::begin(line)
    }

    fn node(&mut self, line: &str) -> Option<()> {
        let (node, end) = line.strip_prefix("Node ")?.split_once(": ")?;
        let (host, port) = end.rsplit_once(':')?;
        let end = self.ends.get_mut(node.parse::<usize>().ok()?)?;
        host.trim_matches(['[', ']']).clone_into(&mut end.host);
        end.port = Some(port.parse().ok()?);
        Some(())
    }

    fn peer(&mut self, line: &str) -> Option<()> {
        let (key, value) = line.trim_start_matches(['-', ' ']).split_once(": ")?;
        match key {
            "peer" => self.peer = value.parse().ok()?,
            "host" => value.clone_into(&mut self.ends.get_mut(self.peer)?.host),
            "port" => self.ends.get_mut(self.peer)?.port = Some(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }

    /// Both, if both are known: who spoke first stands first.
    pub(super) fn known(&self) -> Option<&[Endpoint; 2]> {
        self.ends.iter().all(|end| !end.host.is_empty() && end.port.is_some()).then_some(&self.ends)
    }
}

/// A line without the marks of a quotation.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t']).trim_end()
}

/// `s_client -msg` and `-debug`.
fn openssl(text: &str) -> Option<Head> {
    let message =
        |way| text.contains("[length ").then_some(Head { way: Some(way), how: HowShown::Message, ..PLAIN });
    if text.starts_with(">>> ") {
        return message(Way::Out);
    }
    if text.starts_with("<<< ") {
        return message(Way::In);
    }
    let way = if text.starts_with("write to ") {
        Way::Out
    } else if text.starts_with("read from ") {
        Way::In
    } else {
        return None;
    };
    let (_, size) = text.split_once("bytes => ")?;
    let size = size.split([' ', ')']).next()?.parse().ok();
    Some(Head { way: Some(way), size, ..PLAIN })
}

/// `curl --trace`, with or without times before it.
fn curl(text: &str) -> Option<Head> {
    let at = text.find("=> Send ").or_else(|| text.find("<= Recv "))?;
    let text = text.get(at..)?;
    let way = if text.starts_with("=>") { Way::Out } else { Way::In };
    let what = text.get(8..)?;
    if what.starts_with("SSL data") {
        return Some(Head { way: Some(way), how: HowShown::Message, ..PLAIN });
    }
    let inner = what.starts_with("header") || what.starts_with("data");
    inner.then_some(Head { way: Some(way), inner: true, ..PLAIN })
}

/// `-Djavax.net.debug`, old and new.
fn java(text: &str) -> Option<Head> {
    let wire = |way| Some(Head { way: Some(way), ..PLAIN });
    if text.contains("Raw write") {
        return wire(Way::Out);
    }
    if text.contains("Raw read") {
        return wire(Way::In);
    }
    const INSIDE: [&str; 14] = [
        "laintext before ENCRYPTION",
        "laintext after DECRYPTION",
        "MD5 and SHA1 hashes",
        "SHA1 hashes",
        "PreMaster Secret",
        "Master Secret:",
        "Client Nonce:",
        "Server Nonce:",
        "MAC write Secret:",
        "write key:",
        "write IV:",
        "RandomCookie:",
        "Session ID:",
        "verify_data",
    ];
    INSIDE.iter().any(|word| text.contains(word)).then_some(Head { wire: false, ..PLAIN })
}

/// A line of tcpdump or tshark before the packet's bytes: those name both ends themselves.
fn packet(text: &str) -> Option<Head> {
    // As HTML has it, too.
    let arrow = text.contains(" > ") || text.contains(" &gt; ");
    let tcpdump = arrow && ["IP ", "IP6 ", "ethertype ", ": Flags ["].iter().any(|word| text.contains(word))
        // With `-v` who speaks to whom stands on a line below.
        || text.contains(" IP (tos 0x")
        || text.contains(" IP6 (") && text.contains("hlim ");
    let digits = text.bytes().filter(u8::is_ascii_digit).count() > 2;
    let list = digits && (text.contains(" \u{2192} ") || text.contains(" -> "));
    let frame = text.starts_with("Frame (") || text.starts_with("Frame ") || text.starts_with("Packet (");
    let parts = text.starts_with("Reassembled TCP (") || text.starts_with("Decrypted ");
    if parts {
        return Some(Head { wire: false, ..PLAIN });
    }
    (tcpdump || list || frame).then_some(Head { exact: false, ..PLAIN })
}

/// What a line says of the bytes in it: Jetty's log shows its buffers so, `filled=7 …={<<<\x15\x03…>>>}`.
pub(super) fn beside(line: &str) -> Option<Head> {
    let (before, _) = line.split_once("{<<<")?;
    // Its server works in threads of this name.
    let server = before.contains(":qtp") || before.contains("[qtp") || before.contains("(qtp");
    let way = match (before.contains("fill"), before.contains("flush") || before.contains("wrap "), server) {
        (true, false, true) => Way::By(Side::Client),
        (false, true, true) => Way::By(Side::Server),
        (true, false, false) => Way::In,
        (false, true, false) => Way::Out,
        _ => return None,
    };
    Some(Head { way: Some(way), exact: false, ..PLAIN })
}

/// Other lines: a word for who sent it.
fn words(text: &str) -> Option<Head> {
    if text.len() > 160 {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let has = |words: &[&str]| {
        words.iter().any(|word| {
            lower.match_indices(word).any(|(at, _)| {
                let before = lower.get(..at).and_then(|head| head.chars().next_back());
                let after = lower.get(at + word.len()..).and_then(|rest| rest.chars().next());
                let letter = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
                !letter(before) && !letter(after)
            })
        })
    };
    let to_server = has(&[
        "client->server",
        "client -> server",
        "client \u{2192} server",
        "c->s",
        "c -> s",
        "client to server",
    ]);
    let to_client = has(&[
        "server->client",
        "server -> client",
        "server \u{2192} client",
        "s->c",
        "s -> c",
        "server to client",
    ]);
    if to_server != to_client {
        let side = if to_server { Side::Client } else { Side::Server };
        return Some(Head { way: Some(Way::By(side)), exact: false, ..PLAIN });
    }
    let client =
        has(&["client hello", "clienthello", "from client", "client:", "client sent", "client sends", "c:"]);
    let server =
        has(&["server hello", "serverhello", "from server", "server:", "server sent", "server sends", "s:"]);
    let out =
        has(&["sent", "send", "sending", "write", "written", "wrote", "outgoing", "out", "tx", "request"]);
    let into = has(&[
        "received",
        "receive",
        "receiving",
        "recv",
        "read",
        "incoming",
        "in",
        "rx",
        "response",
        "reply",
    ]);
    let way = match (client, server, out, into) {
        (true, false, ..) => Some(Way::By(Side::Client)),
        (false, true, ..) => Some(Way::By(Side::Server)),
        (false, false, true, false) => Some(Way::Out),
        (false, false, false, true) => Some(Way::In),
        _ => None,
    };
    way.map(|way| Head { way: Some(way), exact: false, ..PLAIN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_ends_that_follow_names() {
        let mut ends = Ends::default();
        assert!(ends.read("Node 0: 192.0.2.1:51000") && ends.known().is_none());
        assert!(ends.read("Node 1: [2001:db8::1]:443"));
        let known = ends.known().map(|[first, second]| (first.address(), second.address()));
        assert_eq!(known, Some(("192.0.2.1:51000".to_owned(), "[2001:db8::1]:443".to_owned())));
        let mut ends = Ends::default();
        for line in
            ["peers:", "  - peer: 0", "    host: ::1", "    port: 51000", "  - peer: 1", "    host: ::2"]
        {
            assert!(ends.read(line), "{line}");
        }
        assert!(ends.known().is_none() && ends.read("    port: 443") && ends.known().is_some());
        assert!(!ends.read("Node 7: 192.0.2.1:51000") && !ends.read("Follow: tcp,hex"));
    }

    #[test]
    fn says_who_sent_what_follows() {
        let way = |line| head(line).and_then(|head| head.way);
        assert_eq!(way(">>> TLS 1.2, Handshake [length 00f4], ClientHello"), Some(Way::Out));
        assert_eq!(way("<<< TLS 1.2, RecordHeader [length 0005]"), Some(Way::In));
        assert_eq!(way("read from 0x55 [0x56] (5 bytes => 5 (0x5))"), Some(Way::In));
        assert_eq!(way("15:28:44.123456 => Send SSL data, 5 bytes (0x5)"), Some(Way::Out));
        assert_eq!(way("[Raw read]: length = 5"), Some(Way::In));
        assert_eq!(way("server -> client:"), Some(Way::By(Side::Server)));
        assert_eq!(way("Then I looked at the registry."), None);
        assert!(head("Padded plaintext before ENCRYPTION: len = 64").is_some_and(|head| !head.wire));
        assert_eq!(head("0000 - 16 03 01"), None);
    }
}
