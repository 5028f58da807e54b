//! Reads packets as JSON, as lines of JSON and as PDML: `tshark -T json`, `-T ek`, `-T pdml`.
//!
//! In:  names and values, in the order in which they stand. Names may come several times.
//! Out: packets with their messages.
//! Not here: what the fields mean (`fields`).

use super::fields::Fields;
use super::{Before, Read, normal};
use crate::paste::{Alphabet, Line};

/// How many lines are looked at before it is clear what a document is.
const LOOKED_AT: usize = 12;

/// How many lines in a row may be none of the document.
const MOST_BETWEEN: usize = 64;

/// The packets of a document that begins at the first line, and how many lines it has.
pub(super) fn read<'a>(lines: &[Line<'a>]) -> Option<Read<'a>> {
    // A number behind `<` is syslog's.
    let tag = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '?');
    let before = Before::of(lines.first()?, |text| {
        text.starts_with(['[', '{'])
            || ["<", "&lt;"].iter().any(|open| text.strip_prefix(open).is_some_and(tag))
    })?;
    let first = before.line(lines.first()?).trim();
    let near = |wanted: &[&str]| {
        lines.iter().take(LOOKED_AT).any(|line| wanted.iter().any(|word| line.text.contains(word)))
    };
    let letters = || {
        let layers = const { Alphabet::of("layers") };
        lines.iter().take(LOOKED_AT).any(|line| line.alphabet.has(layers))
    };
    let (count, fields) = match first.bytes().next()? {
        b'<' if near(&["<pdml", "<packet>", "<proto name="]) => pdml(lines, before, ("<", "\"")),
        b'&' if near(&["&lt;pdml", "&lt;packet", "&lt;proto name="]) => {
            pdml(lines, before, ("&lt;", "&quot;"))
        }
        // Asked of many lines of a log: most have not even the letters.
        b'[' | b'{' if !letters() => return None,
        b'[' | b'{' if near(&["\"layers\""]) => json(lines, before, "\""),
        // As HTML has it, where a page was copied with its markup.
        b'[' | b'{' if near(&["&quot;layers&quot;"]) => json(lines, before, "&quot;"),
        _ => return None,
    };
    Some(Read::of(count, fields.finish()))
}

fn take<'a>(fields: &mut Fields<'a>, name: &str, value: &'a str, line: &Line<'a>) {
    let span = line.span_of(value);
    let protocol = match name.split('_').next() {
        Some("smtp") => "smtp",
        Some("pop") => "pop3",
        Some("imap") => "imap",
        Some("ftp") => "ftp",
        Some("http") => "http",
        _ => return fields.field(name, value, span),
    };
    let words = matches!(
        name,
        "smtp_command_line"
            | "smtp_response"
            | "pop_request"
            | "pop_response"
            | "imap_line"
            | "imap_request"
            | "imap_response"
            | "ftp_request_command"
            | "ftp_response_code"
    );
    if matches!(name, "ftp_request_arg" | "ftp_response_arg") {
        return fields.goes_on(value);
    }
    let http = protocol == "http" && (value.starts_with("HTTP/1") || value.contains(" HTTP/1"));
    // A flag says that there is a request; the line itself is longer.
    if value.len() > 1 && (words || http) {
        fields.said(protocol, value, span);
    }
}

/// `quote` is what stands around strings.
fn json<'a>(lines: &[Line<'a>], before: Before, quote: &str) -> (usize, Fields<'a>) {
    // In lines of JSON a name comes once, with all its values.
    let gathered = {
        let layers = format!("{quote}layers{quote}:{{");
        lines.iter().take(2).any(|line| line.text.contains(&layers))
    };
    let mut fields = Fields::new(gathered);
    let mut depth = 0_usize;
    let mut count = 0;
    let mut key: Option<String> = None;
    for (at, line) in lines.iter().enumerate() {
        let mut rest = before.line(line);
        if depth == 0 && !rest.trim_start().starts_with(['{', '[']) {
            // Between packets of one document, or behind the last.
            if rest.trim().trim_matches([',', ' ']).is_empty() {
                continue;
            }
            break;
        }
        while let Some(c) = rest.chars().next() {
            match c {
                '"' | '&' if rest.starts_with(quote) => {
                    let inside = rest.get(quote.len()..).unwrap_or_default();
                    let length = string_length(inside, quote);
                    let text = inside.get(..length).unwrap_or_default();
                    rest = inside.get(length + quote.len()..).unwrap_or_default();
                    if rest.trim_start().starts_with(':') {
                        let name = normal(text);
                        if name == "layers" {
                            fields.packet(true);
                        } else if name == "tls_record" || name == "dtls_record" {
                            fields.layer();
                        } else if name.starts_with("tcp_analysis_") {
                            // In lines of JSON a mark has no value.
                            take(&mut fields, &name, "", line);
                        }
                        key = Some(name);
                    } else if let Some(key) = &key {
                        take(&mut fields, key, text, line);
                    }
                    continue;
                }
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        count = at + 1;
    }
    (count, fields)
}

/// The length of a string up to its closing quote, which no backslash escapes.
fn string_length(text: &str, quote: &str) -> usize {
    let mut escaped = false;
    let begins = quote.bytes().next();
    text.bytes()
        .enumerate()
        .position(|(at, byte)| {
            let may_end = Some(byte) == begins && !escaped;
            escaped = byte == b'\\' && !escaped;
            may_end && text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(quote.as_bytes()))
        })
        .unwrap_or(text.len())
}

/// The marks are those that open a tag, and that stand around a value.
fn pdml<'a>(lines: &[Line<'a>], before: Before, (open, quote): (&str, &str)) -> (usize, Fields<'a>) {
    let mut fields = Fields::default();
    let mut count = 0;
    let mut other = 0;
    for (at, line) in lines.iter().enumerate() {
        let text = before.line(line).trim();
        if text.is_empty() {
            continue;
        }
        // Texts that are shown may go over lines.
        let Some(tag) = text.strip_prefix(open) else {
            other += 1;
            if other > MOST_BETWEEN {
                break;
            }
            continue;
        };
        other = 0;
        count = at + 1;
        if tag.starts_with("/pdml") {
            break;
        }
        if tag.starts_with("packet") {
            fields.packet(true);
        } else if tag.starts_with("field")
            && let (Some(name), Some(show)) = (attribute(tag, "name=", quote), attribute(tag, "show=", quote))
        {
            let name = normal(name);
            if name == "tls_record" {
                fields.layer();
            }
            // A certificate is shown by its names; its bytes stand beside them.
            let bytes = || attribute(tag, "value=", quote);
            let value = if name.ends_with("handshake_certificate") { bytes() } else { Some(show) };
            take(&mut fields, &name, value.unwrap_or(show), line);
        }
    }
    (count, fields)
}

/// The value of an attribute, up to its closing quote.
fn attribute<'a>(tag: &'a str, name: &str, quote: &str) -> Option<&'a str> {
    // A longer name may end with this one; the blank before it may be one that does not break.
    let found = tag.match_indices(name).find(|(at, _)| {
        tag.get(..*at).is_some_and(|before| before.ends_with(char::is_whitespace))
            && tag.get(at + name.len()..).is_some_and(|rest| rest.starts_with(quote))
    });
    let rest = tag.get(found?.0 + name.len() + quote.len()..)?;
    rest.get(..rest.find(quote).unwrap_or(rest.len()))
}
