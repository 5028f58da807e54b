//! Protocols that speak in lines: mail, FTP, news, chat; and XMPP.
//!
//! In:  one line after the other.
//! Out: greetings, refusals, the request for TLS and its answer.
//! Not here: proxies. Credentials are passed over, never kept.

use super::{Recognised, Step, Talk, Told};
use crate::wire::flow::{Side, What};

/// So many lines are said before TLS at most.
const LINES: u32 = 80;

/// So many of them are told.
const SHOWN: u32 = 16;

/// No line is longer.
const LONGEST: usize = 4096;

/// SMTP, LMTP, IMAP, POP3, FTP, NNTP, ManageSieve, IRC.
#[derive(Debug, Default)]
pub(super) struct Lines {
    protocol: &'static str,
    /// TLS was asked for, and the answer is to come; IMAP's tag.
    asked: Option<Vec<u8>>,
    /// The server is telling what it can: whether TLS is in it so far.
    listing: Option<bool>,
    greeted: bool,
    lines: u32,
    shown: u32,
}

/// What is spoken, by its first words.
pub(super) fn recognise(from: Side, head: &[u8]) -> Recognised {
    let text = String::from_utf8_lossy(head).to_ascii_uppercase();
    let starts = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    let lines = |protocol| Recognised::As(Talk::Lines(Lines { protocol, ..Lines::default() }));
    if starts(&["CONNECT "]) {
        return Recognised::As(Talk::Connect(super::proxies::Connect::default()));
    }
    if starts(&["<?XML", "<STREAM:"]) {
        return Recognised::As(Talk::Xmpp(Xmpp::default()));
    }
    let protocol = match from {
        Side::Server => {
            if starts(&["220"]) {
                if text.contains("FTP") || text.contains("FILEZILLA") {
                    "ftp"
                } else if text.contains("LMTP") {
                    "lmtp"
                } else {
                    "smtp"
                }
            } else if starts(&["554 ", "421 "]) {
                "smtp"
            } else if starts(&["+OK", "-ERR"]) {
                "pop3"
            } else if starts(&["* OK", "* PREAUTH", "* BYE"]) {
                "imap"
            } else if starts(&["200 ", "201 ", "400 ", "502 "]) {
                "nntp"
            } else if starts(&["\"IMPLEMENTATION\"", "\"SIEVE\"", "\"VERSION\""]) {
                "sieve"
            } else if starts(&[":"]) && (text.contains(" NOTICE ") || text.contains(" 001 "))
                || starts(&["NOTICE "])
            {
                "irc"
            } else {
                ""
            }
        }
        Side::Client => {
            let second = text.split_ascii_whitespace().nth(1).unwrap_or_default();
            if starts(&["EHLO ", "HELO "]) {
                "smtp"
            } else if starts(&["LHLO "]) {
                "lmtp"
            } else if starts(&["AUTH TLS", "AUTH SSL", "FEAT\r"]) {
                "ftp"
            } else if starts(&["STLS\r", "CAPA\r"]) {
                "pop3"
            } else if starts(&["CAP LS", "NICK "]) {
                "irc"
            } else if starts(&["MODE READER"]) {
                "nntp"
            } else if matches!(second, "CAPABILITY" | "STARTTLS" | "ID" | "NOOP" | "LOGIN" | "AUTHENTICATE") {
                "imap"
            } else if starts(&["STARTTLS\r"]) {
                "smtp"
            } else {
                ""
            }
        }
    };
    if protocol.is_empty() {
        return Recognised::As(Talk::Other { client: false, server: false });
    }
    lines(protocol)
}

impl Lines {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) => match self.line(bytes.get(..=end).unwrap_or_default(), told) {
                Some(true) => Step::Tls(end + 1),
                Some(false) => Step::Over,
                None => Step::Used(end + 1),
            },
            None if bytes.len() > LONGEST => Step::Over,
            None => Step::More,
        }
    }

    /// One line: whether TLS begins behind it, or nothing more will be said that leads there.
    pub(super) fn line(&mut self, line: &[u8], told: &mut Told<'_>) -> Option<bool> {
        self.lines += 1;
        let line: String = String::from_utf8_lossy(line)
            .trim_end()
            .chars()
            .filter(|char| !char.is_control())
            .take(200)
            .collect();
        let over =
            if told.from == Side::Client { self.client(&line, told) } else { self.server(&line, told) };
        over.or_else(|| (self.lines > LINES).then_some(false))
    }

    fn client(&mut self, line: &str, told: &mut Told<'_>) -> Option<bool> {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        let mut command = first.to_ascii_uppercase();
        let mut tag = Vec::new();
        if self.protocol == "imap" {
            tag = first.as_bytes().to_vec();
            command = words.next().unwrap_or_default().to_ascii_uppercase();
        }
        let argument = words.next().unwrap_or_default().to_ascii_uppercase();
        let bare = words.next().is_none();
        // The client knows what it speaks better than a greeting shows it.
        match (self.protocol, command.as_str()) {
            ("smtp", "LHLO") => self.protocol = "lmtp",
            ("smtp", "USER" | "FEAT" | "SYST") => self.protocol = "ftp",
            ("smtp", "AUTH") if matches!(argument.as_str(), "TLS" | "SSL" | "TLS-C" | "TLS-P") => {
                self.protocol = "ftp";
            }
            ("ftp", "EHLO" | "HELO") => self.protocol = "smtp",
            ("nntp", "EHLO") => self.protocol = "smtp",
            ("smtp", "CAP" | "NICK") => self.protocol = "irc",
            _ => {}
        }
        let asks = match self.protocol {
            "pop3" => command == "STLS" && argument.is_empty(),
            "ftp" => {
                command == "AUTH" && matches!(argument.as_str(), "TLS" | "SSL" | "TLS-C" | "TLS-P") && bare
            }
            "imap" => command == "STARTTLS" && argument.is_empty(),
            _ => command == "STARTTLS" && argument.is_empty(),
        };
        if asks {
            told.asks(self.protocol);
            self.asked = Some(tag);
            return None;
        }
        if matches!(command.as_str(), "EHLO" | "LHLO" | "CAPA" | "CAPABILITY" | "FEAT") {
            self.listing = Some(false);
        }
        match command.as_str() {
            // What follows is a message, which may say anything.
            "DATA" | "BDAT" | "APPEND" | "POST" | "IHAVE" | "RETR" | "TOP" | "FETCH" | "PUTSCRIPT" => {
                return Some(false);
            }
            "EHLO" | "HELO" | "LHLO" | "AUTH" | "LOGIN" | "AUTHENTICATE" | "USER" | "PASS" | "MAIL"
            | "CAPABILITY" | "CAPA" | "FEAT" | "QUIT" | "LOGOUT" | "CAP" | "NICK" | "APOP" | "XCLIENT"
                if self.shown < SHOWN =>
            {
                self.shown += 1;
                let secret = matches!(
                    command.as_str(),
                    "AUTH" | "LOGIN" | "AUTHENTICATE" | "USER" | "PASS" | "APOP" | "MAIL" | "NICK"
                );
                let method = matches!(command.as_str(), "AUTH" | "AUTHENTICATE");
                let text = match (secret, method) {
                    (true, true) if !argument.is_empty() => format!("{command} {argument} …"),
                    (true, _) => format!("{command} …"),
                    _ => line.to_owned(),
                };
                told.event(What::Plain { protocol: Some(self.protocol), text });
            }
            _ => {}
        }
        None
    }

    fn server(&mut self, line: &str, told: &mut Told<'_>) -> Option<bool> {
        // A client of IRC may ask with its first words, which are those of SMTP.
        if self.protocol == "smtp" && !self.greeted && self.asked.is_some() && line.starts_with(':') {
            self.protocol = "irc";
            if let Some(What::StartTls { protocol }) = told.events.last_mut().map(|event| &mut event.what) {
                *protocol = "irc";
            }
        }
        if let Some(tag) = &self.asked
            && let Some(agreed) = answer(self.protocol, tag, line)
        {
            self.asked = None;
            told.answers(agreed, line);
            return agreed.then_some(true);
        }
        self.list(line, told);
        let first = !std::mem::replace(&mut self.greeted, true);
        if first {
            if line.to_ascii_uppercase().contains("LMTP") && self.protocol == "smtp" {
                self.protocol = "lmtp";
            }
            told.plain(self.protocol, line);
            return None;
        }
        if refuses(self.protocol, line) && self.shown < SHOWN {
            self.shown += 1;
            told.plain(self.protocol, line);
        }
        None
    }

    /// A line of what the server can.
    fn list(&mut self, line: &str, told: &mut Told<'_>) {
        let greets = !self.greeted && matches!(self.protocol, "sieve" | "imap");
        let Some(known) = self.listing.or(greets.then_some(false)) else { return };
        let upper = line.to_ascii_uppercase();
        let offered = known
            || match self.protocol {
                "pop3" => upper.starts_with("STLS"),
                "ftp" => upper.contains("TLS") || upper.contains("SSL"),
                _ => upper.contains("STARTTLS"),
            };
        self.listing = match (self.protocol, upper.as_bytes()) {
            ("smtp" | "lmtp", [b'2', b'5', b'0', b'-', ..])
            | ("ftp", [b'2', b'1', b'1', b'-', ..] | [b' ', ..]) => Some(offered),
            ("pop3", [b'+', ..]) => Some(false),
            ("pop3", [first, ..]) if *first != b'-' && line != "." => Some(offered),
            ("sieve", [b'"', ..]) => Some(offered),
            ("imap", _) if !upper.contains("CAPABILITY ") => self.listing,
            _ => {
                let last = match self.protocol {
                    "smtp" | "lmtp" => upper.starts_with("250"),
                    "ftp" => upper.starts_with("211 "),
                    "pop3" => line == ".",
                    "sieve" => upper.starts_with("OK"),
                    "imap" => true,
                    _ => false,
                };
                if last && !offered {
                    told.event(What::TlsNotOffered { protocol: self.protocol });
                }
                None
            }
        };
    }
}

/// What a line says to the request for TLS; `None` where the answer is still to come.
fn answer(protocol: &str, tag: &[u8], line: &str) -> Option<bool> {
    let code = || line.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()));
    let last = line.as_bytes().get(3) != Some(&b'-');
    match protocol {
        "smtp" | "lmtp" => code().filter(|_| last).map(|code| code == "220"),
        "ftp" => code().filter(|_| last).map(|code| matches!(code, "234" | "334")),
        "nntp" => code().map(|code| code == "382"),
        "pop3" => match line.as_bytes() {
            [b'+', ..] => Some(true),
            [b'-', ..] => Some(false),
            _ => None,
        },
        "imap" => {
            let mut words = line.split_ascii_whitespace();
            let own = words.next()?.as_bytes() == tag;
            own.then(|| words.next().is_some_and(|word| word.eq_ignore_ascii_case("OK")))
        }
        "sieve" => {
            let word = line.split([' ', '(', '"']).next()?.to_ascii_uppercase();
            match word.as_str() {
                "OK" => Some(true),
                "NO" | "BYE" => Some(false),
                _ => None,
            }
        }
        "irc" => match line.trim_start_matches(':').split_ascii_whitespace().find(|word| word.len() == 3) {
            Some("670") => Some(true),
            Some("691" | "421" | "451") => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn refuses(protocol: &str, line: &str) -> bool {
    let code = line.as_bytes();
    match protocol {
        "pop3" => line.starts_with("-ERR"),
        "imap" => {
            let second = line.split_ascii_whitespace().nth(1).unwrap_or_default();
            matches!(second, "NO" | "BAD" | "BYE")
        }
        "sieve" => line.starts_with("NO") || line.starts_with("BYE"),
        "irc" => line.starts_with("ERROR"),
        _ => matches!(code, [b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b' ', ..]),
    }
}

/// XMPP: a stream of XML.
#[derive(Debug, Default)]
pub(super) struct Xmpp {
    asked: bool,
    /// STARTTLS is among the features.
    offered: bool,
    shown: u32,
}

impl Xmpp {
    pub(super) fn step(&mut self, bytes: &[u8], told: &mut Told<'_>) -> Step {
        let Some(end) = bytes.iter().position(|byte| *byte == b'>') else {
            return if bytes.len() > LONGEST { Step::Over } else { Step::More };
        };
        let tag = String::from_utf8_lossy(bytes.get(..=end).unwrap_or_default());
        let name = tag.split('<').next_back().unwrap_or_default();
        let starts = |word: &str| {
            name.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '/', '>', '\n', '\t']))
        };
        match told.from {
            Side::Client if starts("starttls") => {
                told.asks("xmpp");
                self.asked = true;
            }
            Side::Client if starts("auth") => {
                told.plain("xmpp", "auth …");
                return Step::Over;
            }
            Side::Server if !self.asked && starts("starttls") => self.offered = true,
            Side::Server if !self.asked && !self.offered && starts("/stream:features") => {
                told.event(What::TlsNotOffered { protocol: "xmpp" });
            }
            Side::Server if self.asked && starts("proceed") => {
                told.answers(true, "proceed");
                return Step::Tls(end + 1);
            }
            Side::Server if self.asked && starts("failure") => {
                self.asked = false;
                told.answers(false, "failure");
            }
            _ if starts("stream:stream") || starts("stream:error") => {
                self.shown += 1;
                if self.shown <= 6 {
                    let line = tag.split('<').next_back().unwrap_or_default();
                    told.plain("xmpp", format!("<{}", line.chars().take(160).collect::<String>()));
                }
            }
            Side::Client if starts("message") || starts("iq") || starts("presence") => return Step::Over,
            _ => {}
        }
        Step::Used(end + 1)
    }
}
