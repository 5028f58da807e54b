//! Reads the network log of Chromium as its viewer shows it: what people copy from there.
//!
//! In:  `t=8013 [st=  0] +SSL_CONNECT  [dt=12]`, with the parameters of an event below it.
//! Out: the same as of the log itself.
//! Not here: what the events mean (`netlog`).

use serde_json::{Map, Value};

use super::netlog::{Log, NetLog, Phase, Told};
use super::unquoted;
use crate::paste::{Line, Span};
use crate::wire::Time;

/// So many lines of other things may stand between two events: headers of connections, blank ones.
const MOST_BETWEEN: usize = 12;

/// The parameter that is shown as a hex dump, as it was named until 2019 and is since.
const BYTES: [&str; 2] = ["bytes", "hex_encoded_bytes"];

/// The events from the first line on, and in how many lines they stand.
pub(super) fn read(lines: &[Line<'_>]) -> Option<(usize, NetLog)> {
    Event::read(lines.first()?)?;
    let mut log = Log::default();
    // The number of a connection is the one above it, or, where that was not copied, our own.
    let (mut id, mut own) = (-1, -1);
    let mut open: Option<Event<'_>> = None;
    let mut tells = false;
    let mut count = 0;
    for (at, line) in lines.iter().enumerate() {
        if let Some(event) = Event::read(line) {
            if event.name == "SOCKET_ALIVE" && event.phase.begins && !event.phase.ends && id == own {
                own -= 1;
                id = own;
            }
            let before = open.replace(event);
            tells |= before.is_some_and(|event| event.tell(&mut log, id));
        } else if open.as_mut().is_some_and(|event| event.goes_on(line)) {
            // A parameter of the event above it.
        } else if let Some(number) = source(line.text) {
            let before = open.take();
            tells |= before.is_some_and(|event| event.tell(&mut log, id));
            id = number;
            continue;
        } else if at > count + MOST_BETWEEN {
            break;
        } else {
            continue;
        }
        count = at + 1;
    }
    tells |= open.is_some_and(|event| event.tell(&mut log, id));
    tells.then(|| (count, log.finish()))
}

/// The number of a connection: `1042: SOCKET`.
fn source(text: &str) -> Option<i64> {
    let (number, kind) = unquoted(text).trim().split_once(": ")?;
    let is_kind = kind.len() > 3 && kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    number.parse().ok().filter(|number| *number >= 0 && is_kind)
}

/// An event, with what is known of its parameters by now.
struct Event<'a> {
    name: &'a str,
    phase: Phase,
    time: Option<Time>,
    span: Span,
    params: Map<String, Value>,
    /// The bytes below it, while they are read.
    dump: Option<String>,
}

impl<'a> Event<'a> {
    fn read(line: &Line<'a>) -> Option<Self> {
        let rest = unquoted(line.text).trim_start().strip_prefix("t=")?;
        let (time, rest) = rest.split_once("[st=")?;
        let milliseconds: i64 = time.trim().parse().ok()?;
        let (since, rest) = rest.split_once(']')?;
        since.trim().parse::<i64>().ok()?;
        let rest = rest.trim();
        let begins = rest.starts_with('+');
        let ends = rest.starts_with('-');
        let name = rest.trim_start_matches(['+', '-']).split(' ').next()?;
        // What begins and ends in one line has a duration, but no sign.
        let both = !begins && !ends && rest.contains("[dt=");
        let is_name =
            name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        (is_name && !name.is_empty()).then(|| Self {
            name,
            phase: Phase { begins: begins || both, ends: ends || both },
            time: milliseconds.checked_mul(1_000_000).map(Time::Relative),
            span: line.span(),
            params: Map::new(),
            dump: None,
        })
    }

    /// Takes a line below the event, if it is one of its parameters.
    fn goes_on(&mut self, line: &Line<'a>) -> bool {
        let text = unquoted(line.text).trim();
        if let Some(param) = text.strip_prefix("-->") {
            let (name, value) = param.split_once('=').unwrap_or((param, ""));
            let (name, value) = (name.trim(), value.trim());
            self.dumped();
            self.dump = (BYTES.contains(&name) && value.is_empty()).then(String::new);
            // `-107 (ERR_SSL_PROTOCOL_ERROR)`
            let number = || value.split(' ').next()?.parse::<i64>().ok().map(Value::from);
            if let Some(value) = serde_json::from_str(value).ok().or_else(number) {
                self.params.insert(name.to_owned(), value);
            }
        } else if let Some(dump) = &mut self.dump {
            dump.push_str(&digits(text));
        } else {
            // A value may go on over lines.
            return line.text.starts_with("        ") && !text.is_empty();
        }
        self.span = self.span.to(line.span());
        true
    }

    /// The bytes are all there.
    fn dumped(&mut self) {
        if let Some(dump) = self.dump.take() {
            self.params.insert("hex_encoded_bytes".to_owned(), Value::String(dump));
        }
    }

    /// Hands the event on; says whether it is one that counts.
    fn tell(mut self, log: &mut Log, id: i64) -> bool {
        let Some((_, told)) = Told::NAMES.iter().find(|(name, _)| *name == self.name) else { return false };
        self.dumped();
        log.tell(*told, id, self.phase, &Value::Object(self.params), self.time, self.span);
        true
    }
}

/// The hex digits of a row: sixteen groups of two, a wider gap in their middle, and the text behind them.
fn digits(row: &str) -> String {
    let mut digits = String::new();
    let mut rest = row;
    for _ in 0..16 {
        let Some((group, behind)) = rest.split_at_checked(2) else { break };
        let is_group = group.bytes().all(|byte| byte.is_ascii_hexdigit());
        let gap = behind.len() - behind.trim_start_matches(' ').len();
        if !is_group || !(behind.is_empty() || gap > 0) {
            break;
        }
        digits.push_str(group);
        if gap > 2 {
            break;
        }
        rest = behind.trim_start_matches(' ');
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_digits_of_a_row_and_no_text() {
        assert_eq!(digits("02 28"), "0228");
        assert_eq!(
            digits("16 03 01 00 41 42 43 44  45 46 47 48 49 4A 4B 4C   ....ABCD EFGHIJKL"),
            "1603010041424344".to_owned() + "45464748494A4B4C"
        );
        assert_eq!(digits("41 42                                              AB"), "4142");
        assert_eq!(digits("net_error"), "");
    }

    #[test]
    fn knows_the_head_of_a_connection() {
        assert_eq!(source("1042: SOCKET"), Some(1042));
        assert_eq!(source("2026-11-24 09:00:00: ERROR"), None);
        assert_eq!(source("12: error"), None);
    }
}
