//! Reads tables of Wireshark's fields: `tshark -T fields -e ip.src -e tls.handshake.type …`.
//!
//! In:  rows of cells, by the names in a header (`-E header=y`) or in the command above them, with any
//!      separator, in any order.
//! Out: packets with their messages.
//! Not here: columns of Wireshark's own list (`columns`), and what the fields mean (`fields`).

use super::columns::{self, Packet};
use super::fields::Fields;
use super::header::Header;
use super::{Before, Read, normal, unquoted_all};
use crate::paste::{Alphabet, Line};

/// What people put between fields, the likeliest first.
const SEPARATORS: [char; 5] = ['\t', ',', ';', '|', ' '];

/// So many lines may stand between a command and its table.
const BELOW: usize = 3;

/// The ports of RADIUS.
const RADIUS: [&str; 4] = ["1812", "1813", "1645", "1646"];

/// So many lines without cells may stand between rows.
const MOST_BETWEEN: usize = 2;

/// The packets of a table that begins at the first line, and how many lines it has.
pub(super) fn read<'a>(lines: &[Line<'a>]) -> Option<Read<'a>> {
    let first = lines.first()?;
    let text = unquoted_all(first.text);
    const COMMAND: &str = "tshark";
    let is_command = || first.alphabet.has(const { Alphabet::of(COMMAND) }) && text.contains(COMMAND);
    // Asked of every line of a log: of those the fewest begin with a letter.
    let is_named = |text: &str| {
        let head = text.trim_start_matches(['"', '\'', ' ']);
        head.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && is_field(head.split(SEPARATORS).next().unwrap_or_default().trim_end_matches(['"', '\'']))
    };
    let before =
        Before::of(first, |text| is_named(text)).or_else(|| is_command().then_some(Before::Blanks(0)))?;
    let text = before.line(first);
    let table = Table::named(text).or_else(|| Table::of_command(text))?;
    // What is laid out as the list is, is read as the list.
    if Header::read(first).is_some() {
        return None;
    }
    let mut fields = Fields::new(true);
    let mut packets = Vec::new();
    let mut count = 0;
    for (at, line) in lines.iter().enumerate().skip(1) {
        if at > count.max(1) + if count == 0 { BELOW } else { MOST_BETWEEN } {
            break;
        }
        let text = before.line(line);
        // The command prints its own header.
        if Table::named(text).is_some() {
            continue;
        }
        let Some(cells) = table.cells(text) else {
            // A packet that has none of the fields.
            if table.is_empty_row(text) {
                count = at + 1;
            }
            continue;
        };
        count = at + 1;
        if table.has("_ws_col_info") {
            packets.extend(table.packet(&cells, line));
        } else {
            table.fill(&cells, line, &mut fields);
        }
    }
    let (told, carried) = fields.finish();
    packets.extend(told);
    let tells = !packets.is_empty();
    Some(Read { count, packets, carried, tells })
}

/// The layout of a table.
struct Table {
    separator: char,
    /// The names of the fields, with `_` for `.`.
    names: Vec<String>,
}

/// A field's name as Wireshark has it.
fn is_field(name: &str) -> bool {
    const LAYERS: [&str; 15] = [
        "frame.", "ip.", "ipv6.", "tcp.", "udp.", "tls.", "ssl.", "dtls.", "quic.", "eth.", "_ws.",
        "x509sat.", "x509ce.", "http.", "smtp.",
    ];
    LAYERS.iter().any(|layer| name.starts_with(layer))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Fields that say something of TLS, or of the connection below it.
fn tells(names: &[String]) -> bool {
    let begins = |name: &String| {
        ["tls_", "ssl_", "dtls_", "tcp_flags", "_ws_col_info"].iter().any(|layer| name.starts_with(layer))
    };
    names.len() >= 2 && names.iter().any(begins)
}

impl Table {
    /// By a row of names.
    fn named(text: &str) -> Option<Self> {
        let text = text.trim_end();
        let separator = SEPARATORS.into_iter().find(|c| text.contains(*c))?;
        let names: Vec<&str> = text.split(separator).map(|name| name.trim_matches(['"', '\''])).collect();
        if !names.iter().all(|name| is_field(name)) {
            return None;
        }
        let names: Vec<String> = names.into_iter().map(normal).map(|name| name.to_lowercase()).collect();
        tells(&names).then_some(Self { separator, names })
    }

    /// By the command that printed it.
    fn of_command(text: &str) -> Option<Self> {
        if !text.contains("tshark") || !(text.contains("-T fields") || text.contains("-Tfields")) {
            return None;
        }
        let mut words = text.split_whitespace();
        let mut names = Vec::new();
        let mut separator = '\t';
        while let Some(word) = words.next() {
            let value = |short: &str, words: &mut std::str::SplitWhitespace<'_>| {
                let rest = word.strip_prefix(short)?;
                let value = if rest.is_empty() { words.next()? } else { rest };
                Some(value.trim_matches(['"', '\'']).to_owned())
            };
            if let Some(name) = value("-e", &mut words) {
                names.push(normal(&name).to_lowercase());
            } else if let Some(option) = value("-E", &mut words)
                && let Some(of) = option.strip_prefix("separator=")
            {
                separator = match of.trim_matches(['"', '\'']) {
                    "/t" | "" => '\t',
                    "/s" => ' ',
                    other => other.chars().next()?,
                };
            }
        }
        tells(&names).then_some(Self { separator, names })
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The cells of a row; empty ones at its end may be lost.
    fn cells<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let mut cells = Vec::new();
        let mut rest = text;
        loop {
            let (cell, after) = match rest.strip_prefix('"') {
                Some(inside) => {
                    // The last one may be cut off.
                    let (cell, after) = inside.split_once('"').unwrap_or((inside, ""));
                    (cell, after.strip_prefix(self.separator))
                }
                None => match rest.split_once(self.separator) {
                    Some((cell, after)) => (cell, Some(after)),
                    None => (rest, None),
                },
            };
            cells.push(cell.trim());
            match after {
                Some(after) if cells.len() < self.names.len() + 1 => rest = after,
                Some(_) => return None,
                None => break,
            }
        }
        let full = cells.iter().filter(|cell| !cell.is_empty()).count();
        (cells.len() <= self.names.len() && full >= 2).then_some(cells)
    }

    /// All separators are there, and nothing, or next to nothing, between them.
    fn is_empty_row(&self, text: &str) -> bool {
        const LEAST: usize = 3;
        self.names.len() >= LEAST
            && self.separator != ' '
            && text.matches(self.separator).count() + 1 == self.names.len()
    }

    fn fill<'a>(&self, cells: &[&'a str], line: &Line<'a>, fields: &mut Fields<'a>) {
        fields.packet(true);
        let named = || self.names.iter().map(String::as_str).zip(cells.iter().copied());
        // A message must be there before what it says.
        let rank = |name: &str| match name {
            _ if name.ends_with("record_content_type") => 1,
            _ if name.ends_with("record_version") => 2,
            _ if name.ends_with("handshake_type") => 3,
            _ if name.ends_with("message_level") => 4,
            _ if name.starts_with("tls_") || name.starts_with("ssl_") || name.starts_with("dtls_") => 5,
            _ => 0,
        };
        let mut pairs: Vec<(usize, &str, &str)> = named()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (rank(name), name, value))
            .collect();
        // Only a ClientHello has these.
        let hello = ["extensions_server_name", "handshake_ja3", "handshake_ja4"];
        let types = self.names.iter().any(|name| name.ends_with("handshake_type"));
        if !types && pairs.iter().any(|(_, name, _)| hello.iter().any(|end| name.ends_with(end))) {
            pairs.push((3, "tls_handshake_type", "1"));
        }
        pairs.sort_by_key(|(rank, ..)| *rank);
        let tls = pairs.last().is_some_and(|(rank, ..)| *rank > 0);
        let cell = |wanted: &str| named().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        // Fields of TLS without a port of TCP are those of QUIC, or of EAP in RADIUS.
        if tls && cell("tcp_srcport") == Some("") && !named().any(|(_, value)| RADIUS.contains(&value)) {
            fields.over_quic();
        }
        for (rank, name, value) in pairs {
            let span = line.span_of(value);
            if rank == 0 {
                // Of addresses inside addresses the innermost where it is a tunnel, and not the report of an error.
                let mut one = value.split(',');
                let one = if tls { one.next_back() } else { one.next() };
                let value = if name.starts_with("ip") { one.unwrap_or(value) } else { value };
                fields.field(name, value, span);
            } else {
                value.split([',', ';']).for_each(|part| fields.field(name, part.trim(), line.span_of(part)));
            }
        }
    }

    /// A row that shows the text of the list.
    fn packet<'a>(&self, cells: &[&'a str], line: &Line<'a>) -> Option<Packet<'a>> {
        let named = |wanted: &&str| {
            let at = self.names.iter().position(|name| name == wanted)?;
            cells.get(at).copied().filter(|cell| !cell.is_empty())
        };
        let cell = |wanted: &[&str]| wanted.iter().find_map(named);
        let port = |names: &[&str]| cell(names).and_then(|cell| cell.parse().ok());
        // Where a tunnel shows both addresses, it is most often one for IPv6.
        Some(Packet {
            source: cell(&["ipv6_src", "ip_src", "_ws_col_source", "_ws_col_def_src"]).unwrap_or_default(),
            destination: cell(&["ipv6_dst", "ip_dst", "_ws_col_destination", "_ws_col_def_dst"])
                .unwrap_or_default(),
            protocol: cell(&["_ws_col_protocol"]).unwrap_or("TLS"),
            info: cell(&["_ws_col_info"])?,
            ports: port(&["tcp_srcport", "udp_srcport"]).zip(port(&["tcp_dstport", "udp_dstport"])),
            length: cell(&["frame_len"]).and_then(|cell| cell.parse().ok()),
            time: cell(&["frame_time_relative", "frame_time_epoch"]).and_then(columns::time),
            ttl: cell(&["ip_ttl", "ipv6_hlim"]).and_then(|cell| cell.parse().ok()),
            span: line.span(),
            tcp: None,
            told: None,
            unseen: false,
            sni: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_names_by_a_header_or_by_the_command() {
        let named =
            Table::named("ip.src,tls.handshake.type,tls.handshake.extensions_server_name").expect("a header");
        assert_eq!(named.cells("10.0.0.1,1,example.com").map(|cells| cells.len()), Some(3));
        assert_eq!(named.cells("\"10.0.0.1\",\"1,11\",").map(|cells| cells.len()), Some(3));
        assert_eq!(named.cells("a,b,c,d"), None);
        assert!(named.is_empty_row(",,") && named.is_empty_row("10.0.0.1,,") && !named.is_empty_row("a, b"));
        let told =
            Table::of_command("$ tshark -r a.pcap -T fields -e ip.src -etls.handshake.type -E separator=';'")
                .expect("a command");
        assert_eq!((told.separator, told.names.len()), (';', 2));
        assert!(Table::named("ip.src and tls.handshake.type are fields").is_none());
        assert!(Table::of_command("tshark -r a.pcap -T json -e ip.src -e tls.handshake.type").is_none());
    }
}
