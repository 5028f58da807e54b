//! Which protocol speaks where TLS should be, by its first words.
//!
//! In:  bytes that are no TLS.
//! Out: the protocol, as facts name it, and its first line without secrets.
//! Not here: dialogues that lead to TLS. Those are `dialogue`.

/// No more of a line is shown.
const SHOWN: usize = 200;

/// The protocol where it is recognised, and the first line; empty where these bytes are no text.
pub(crate) fn what(bytes: &[u8]) -> (Option<&'static str>, String) {
    let head = bytes.get(..bytes.len().min(SHOWN)).unwrap_or_default();
    let printable =
        |byte: &u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n') || *byte >= 0x80;
    let letters = head.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let odd = head.iter().filter(|byte| !printable(byte)).count();
    let protocol = protocol(head);
    // A few bytes of anything look like text; a known greeting or a whole line is more.
    if protocol.is_none() && (odd > 0 || letters < 4) {
        return (None, String::new());
    }
    let line = if protocol == Some("mysql") {
        // Length, number and version of the protocol stand before the server's version.
        head.get(5..).and_then(|rest| rest.split(|byte| *byte == 0).next()).unwrap_or_default()
    } else if protocol == Some("rdp") {
        b"X.224"
    } else {
        head.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty()).unwrap_or_default()
    };
    let text: String =
        String::from_utf8_lossy(line).chars().filter(|c| !c.is_control() && *c != '\u{fffd}').collect();
    (protocol, without_secrets(&text))
}

/// What web servers say where a request in the clear comes to a port that takes TLS: nginx, Apache, Go, Tomcat.
const TLS_WANTED: [&str; 4] = [
    "The plain HTTP request was sent to HTTPS port",
    "speaking plain HTTP to an SSL-enabled server port",
    "Client sent an HTTP request to an HTTPS server",
    "This combination of host and port requires TLS",
];

/// Those words in an answer, which has them near its beginning.
pub(crate) fn wants_tls(answer: &[u8]) -> Option<&'static str> {
    let head = String::from_utf8_lossy(answer.get(..answer.len().min(2048)).unwrap_or_default());
    TLS_WANTED.into_iter().find(|words| head.contains(words))
}

fn protocol(head: &[u8]) -> Option<&'static str> {
    let starts =
        |word: &str| head.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
    let text = String::from_utf8_lossy(head);
    let has = |word: &str| text.to_ascii_lowercase().contains(word);
    const METHODS: [&str; 9] =
        ["GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "PRI * HTTP/"];
    Some(
        if starts("HTTP/")
            || METHODS.iter().any(|method| starts(method))
            || starts("<html")
            || starts("<!doctype html")
        {
            "http"
        } else if starts("CONNECT ") {
            "http-connect"
        } else if starts("SSH-") {
            "ssh"
        } else if starts("RFB 00") {
            "vnc"
        } else if starts("+OK") || starts("-ERR") {
            "pop3"
        } else if starts("* OK") || starts("* PREAUTH") || starts("* BYE") || starts("* CAPABILITY") {
            "imap"
        } else if starts("220") && (has("ftp") || has("filezilla")) || starts("230 ") || starts("331 ") {
            "ftp"
        } else if starts("220") && has("lmtp") {
            "lmtp"
        } else if starts("220")
            || starts("EHLO ")
            || starts("HELO ")
            || starts("MAIL FROM:")
            || starts("554 ")
            || starts("421 ")
        {
            "smtp"
        } else if starts("LHLO ") {
            "lmtp"
        } else if starts("<?xml") || starts("<stream:") || starts("</stream:") {
            "xmpp"
        } else if starts("200 ") || starts("201 ") || starts("502 ") {
            "nntp"
        } else if starts("\"IMPLEMENTATION\"") {
            "sieve"
        } else if starts("PROXY TCP") || starts("\r\n\r\n\0\r\nQUIT\n") {
            "proxy"
        } else if starts(":") && (has(" notice ") || has(" 001 "))
            || starts("NOTICE ")
            || starts("CAP LS")
            || starts("NICK ")
        {
            "irc"
        } else if starts("-NOAUTH")
            || starts("-ERR unknown command")
            || starts("-DENIED")
            || starts("*1\r\n$")
        {
            "redis"
        } else if matches!(head, [_, _, 0, 0, 10, b'3'..=b'9' | b'1', ..]) {
            "mysql"
        } else if matches!(head, [0, 0, _, _, 0, 3, 0, 0, ..] | [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f])
            || starts("E\0\0\0")
        {
            "postgresql"
        } else if matches!(head, [3, 0, 0, _, _, 0xe0 | 0xd0, ..] | [3, 0, 0, _, 2, 0xf0, 0x80, ..]) {
            "rdp"
        } else if matches!(head, [0x12 | 4, 0 | 1, _, _, _, _, _, 0, ..]) {
            "tds"
        } else {
            return None;
        },
    )
}

/// What follows a word that announces a password or a ticket is left out.
pub(crate) fn without_secrets(line: &str) -> String {
    const WORDS: [&str; 8] =
        ["pass ", "auth ", "authorization:", "login ", "cookie:", "password=", "token=", "passwd="];
    let lower = line.to_ascii_lowercase();
    let found = WORDS.iter().filter_map(|word| lower.find(word).map(|at| at + word.len())).min();
    match found.and_then(|end| line.get(..end)) {
        Some(start) if start.len() < line.len() => format!("{start}…"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::what;

    #[test]
    fn knows_protocols_by_their_first_words() {
        let http = what(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n");
        assert_eq!(http, (Some("http"), "HTTP/1.1 400 Bad Request".to_owned()));
        assert_eq!(what(b"220 mail.example.com ESMTP Postfix\r\n").0, Some("smtp"));
        assert_eq!(what(b"SSH-2.0-OpenSSH_9.2\r\n").0, Some("ssh"));
        assert_eq!(what(b"\x4a\0\0\0\x0a8.0.36\0"), (Some("mysql"), "8.0.36".to_owned()));
        assert_eq!(what(b"\x03\0\0\x09\x02\xf0\x80\x21\x80"), (Some("rdp"), "X.224".to_owned()));
        assert_eq!(what(b"\x9f\x01\x02\x03\xff\xee"), (None, String::new()));
        assert_eq!(what(b"busy, try later\n"), (None, "busy, try later".to_owned()));
    }

    #[test]
    fn leaves_secrets_out() {
        assert_eq!(what(b"PASS hunter2\r\n").1, "PASS …");
        assert_eq!(what(b"a1 LOGIN joe hunter2\r\n").1, "a1 LOGIN …");
    }
}
