//! Reads where a program connects to: addresses, ports, the scheme of a URL.
//!
//! In:  `https://host:8080/`, `dial tcp 192.0.2.1:587`, `port 993`, in commands and messages.
//! Out: the facts `target.scheme` and `target.port`.
//! Not here: ports that say nothing. A port counts where a known service is usual on it.

use std::borrow::Cow;

use super::marks::{Mark, Marks};
use super::{Artifact, Data, Kind, MANY};
use crate::evidence::{Evidence, Statement};
use crate::paste::Paste;
use crate::tls::port_use;

/// Ports that decide nothing by RFC, but by custom: development servers, proxies, databases.
const CUSTOMARY: [u16; 21] = [
    1433, 1521, 1883, 2375, 2376, 3000, 3128, 5000, 5671, 5672, 6379, 6380, 6443, 8000, 8081, 8883, 8888,
    9090, 9092, 9200, 27017,
];

/// Endings that make a name before a colon a file and the number behind it a line.
const SOURCES: [&str; 16] =
    ["c", "h", "cc", "cpp", "cs", "java", "js", "mjs", "ts", "py", "go", "rs", "rb", "php", "pl", "swift"];

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (id, artifact) in artifacts.iter().enumerate() {
        let spoken =
            matches!(artifact.data, Data::Log | Data::Transcript | Data::DotnetTrace(_) | Data::Trace(_))
                || matches!(artifact.kind(), Kind::LogLines | Kind::CommandTranscript);
        let code = matches!(artifact.data, Data::Code(_));
        if !spoken && !code && !matches!(artifact.data, Data::Prose) {
            continue;
        }
        let Some(input) = paste.inputs.get(artifact.input) else { continue };
        let marks = Marks::of(input);
        let mut found = 0;
        for line in input.lines(artifact.span) {
            // In code an address counts where it is whole; its other numbers are read by their names.
            let looked_at = match code {
                true => addresses(line.beginning()),
                false => {
                    let mut found = after_colons(line.beginning(), spoken);
                    if marks.any(Mark::Port, &line.range()) {
                        found.extend(after_names(line.beginning()));
                    }
                    found
                }
            };
            for (place, states) in looked_at {
                found += 1;
                if found > MANY {
                    break;
                }
                evidence.push(Evidence::new(id, artifact.input, line.span_at(place.0..place.1), states));
            }
        }
    }
}

type Target = ((usize, usize), Vec<Statement>);

fn targets(line: &str, spoken: bool) -> Vec<Target> {
    let mut found = after_colons(line, spoken);
    found.extend(after_names(line));
    found
}

/// Schemes before a colon, and ports behind one.
fn after_colons(line: &str, spoken: bool) -> Vec<Target> {
    let bytes = line.as_bytes();
    let mut found: Vec<Target> = Vec::new();
    for at in memchr::memchr_iter(b':', bytes) {
        if spoken && bytes.get(at + 1..at + 3) == Some(b"//") {
            let before = line.get(..at).unwrap_or_default();
            let start = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
            if let Some(scheme) = scheme(before.get(start..).unwrap_or_default()) {
                found.push(((start, at + 3), vec![Statement::new("target.scheme", scheme)]));
            }
        }
        if let Some(port) = number(line, at + 1).filter(|_| is_host(line.get(..at).unwrap_or_default())) {
            found.extend(target_port(at + 1, port));
        }
    }
    found
}

/// Ports that are called so: `port 993`, `SMTP_PORT=465`.
fn after_names(line: &str) -> Vec<Target> {
    let bytes = line.as_bytes();
    let mut found: Vec<Target> = Vec::new();
    for at in (0..bytes.len()).filter(|at| matches!(bytes.get(*at), Some(b'p' | b'P'))) {
        let word = bytes.get(at..at + 4).filter(|word| word.eq_ignore_ascii_case(b"port"));
        let alone = at == 0 || !bytes.get(at - 1).is_some_and(u8::is_ascii_alphabetic);
        let Some(word) = word else { continue };
        let rest = line.get(at + word.len()..).unwrap_or_default();
        let marks = rest.len() - rest.trim_start_matches([' ', '=', ':', '"', '\'']).len();
        if alone && (1..=4).contains(&marks) {
            let start = at + word.len() + marks;
            found.extend(number(line, start).and_then(|port| target_port(start, port)));
        }
    }
    found
}

/// The addresses with a scheme on a line of code that is no comment.
fn addresses(line: &str) -> Vec<Target> {
    let text = line.trim_start();
    if text.starts_with(['#', '*', ';', '%']) || text.starts_with("//") || !line.contains("://") {
        return Vec::new();
    }
    let mut found = targets(line, true);
    let url = |at: usize| {
        let before = line.get(..at).unwrap_or_default();
        let start = before.rfind(|c: char| c.is_whitespace() || "\"'`(".contains(c)).map_or(0, |at| at + 1);
        before.get(start..).is_some_and(|before| before.contains("://"))
    };
    found.retain(|((start, _), states)| {
        states.iter().all(|state| state.key == "target.scheme") || url(*start)
    });
    found
}

fn target_port(at: usize, port: u16) -> Option<Target> {
    let known = port_use(port).is_some() || CUSTOMARY.contains(&port);
    let digits = port.to_string();
    let place = (at, at + digits.len());
    known.then(|| (place, vec![Statement::new("target.port", Cow::Owned(digits))]))
}

fn scheme(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "https" | "wss" => "https",
        "http" | "ws" => "http",
        // In PHP's mail classes `tls://` means STARTTLS, so it tells nothing.
        "smtps" | "imaps" | "pop3s" | "pops" | "ldaps" | "ftps" | "rediss" | "amqps" | "mqtts" | "ssl" => {
            "implicit-tls"
        }
        _ => return None,
    })
}

/// The number at a place, if it can be a port and is not part of a time or a version.
fn number(line: &str, at: usize) -> Option<u16> {
    let rest = line.get(at..)?;
    let digits = rest.bytes().take(6).take_while(u8::is_ascii_digit).count();
    let after = rest.as_bytes();
    let more = after.get(digits).is_some_and(|next| match next {
        b':' | b'.' | b',' | b'-' => after.get(digits + 1).is_some_and(u8::is_ascii_digit),
        b')' => true,
        other => other.is_ascii_alphanumeric(),
    });
    if digits < 2 || more { None } else { rest.get(..digits)?.parse().ok() }
}

/// Whether a text ends in a host: a name, an IPv4 address, `[::1]`, or `|192.0.2.1|` as wget has it.
fn is_host(before: &str) -> bool {
    let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(256))..).unwrap_or_default();
    if near.ends_with([']', '|']) {
        return true;
    }
    let start = near
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || ".-_".contains(c)))
        .map_or(0, |at| at + near.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let host = near.get(start..).unwrap_or_default();
    let (_, ending) = host.rsplit_once('.').unwrap_or(("", ""));
    let address = host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok());
    let named = host.contains(|c: char| c.is_ascii_alphabetic())
        && (!ending.is_empty()
            || host == "localhost"
            || near.get(..start).is_some_and(|before| before.ends_with("://")));
    address || named && !SOURCES.contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(line: &str) -> Vec<String> {
        let found = targets(line, true).into_iter().flat_map(|(_, states)| states);
        found.filter(|state| state.key == "target.port").map(|state| state.value.into_owned()).collect()
    }

    #[test]
    fn reads_ports_where_they_stand() {
        assert_eq!(ports("$ curl -v https://example.com:8080/"), ["8080"]);
        assert_eq!(ports("dial tcp 127.0.0.1:587: connect: connection refused"), ["587"]);
        assert_eq!(ports("Connecting to example.com (example.com)|127.0.0.1|:8080... connected."), ["8080"]);
        assert_eq!(ports("SMTP_PORT=465"), ["465"]);
        assert_eq!(ports("listening on port 993"), ["993"]);
    }

    #[test]
    fn reads_whole_addresses_in_code() {
        let found = |line| addresses(line).into_iter().flat_map(|(_, states)| states).count();
        assert_eq!(found("requests.get('https://example.com:8080/', timeout=587)"), 2);
        assert_eq!(found("# requests.get('https://example.com:8080/')"), 0);
        assert_eq!(found("server.listen(port=8080)"), 0);
    }

    #[test]
    fn leaves_other_numbers_alone() {
        for line in [
            "12:25:44 INFO",
            "(HttpURLConnection.java:443)",
            "at foo (app.js:25:10)",
            "error:0A00010B:SSL routines",
            "./b.go:80: undefined",
            "the port is open",
        ] {
            assert!(ports(line).is_empty(), "{line}: {:?}", ports(line));
        }
    }
}
