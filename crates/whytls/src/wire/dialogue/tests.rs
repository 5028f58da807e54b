//! Dialogues as servers and clients have them, whole and cut into single bytes.
//!
//! In:  what both ends say, from the RFCs and from the programs.
//! Out: the events that a flow has.
//! Not here: captures of them. Those are under `tests/captures`.

use super::Dialogue;
use crate::wire::flow::{Event, Side, What};
use crate::wire::keylog::Keys;
use crate::wire::session::At;

/// An alert, in place of all that TLS may bring.
const TLS: &[u8] = &[21, 3, 1, 0, 2, 2, 40];

/// What is told of a dialogue. Lines begin with `C:` or `S:`.
fn told(dialogue: &[(char, &[u8])], size: usize) -> (Vec<String>, bool) {
    let mut events: Vec<Event> = Vec::new();
    let mut reader = Dialogue::new(Keys::default());
    for (who, bytes) in dialogue {
        let from = if *who == 'C' { Side::Client } else { Side::Server };
        for part in bytes.chunks(size) {
            reader.push(from, part, At::default(), &mut events);
        }
    }
    let wanted = reader.wanted();
    reader.finish(At::default(), &mut events);
    let lines = events.iter().map(|event| {
        let who = if event.from == Side::Client { 'C' } else { 'S' };
        let what = match &event.what {
            What::Plain { protocol, text } => format!("{} {text}", protocol.unwrap_or("?")),
            What::StartTls { protocol } => format!("asks {protocol}"),
            What::StartTlsAnswer { agreed, text } => format!("answers {agreed} {text}"),
            What::Alert { alert, .. } => format!("alert {}", alert.0),
            What::NotTls { .. } => "not tls".to_owned(),
            What::TlsNotOffered { protocol } => format!("no tls {protocol}"),
            other => format!("{other:?}"),
        };
        format!("{who} {what}")
    });
    (lines.collect(), wanted)
}

/// However the bytes are cut, the same is told.
fn tells(dialogue: &[(char, &[u8])], expected: &[&str]) {
    for size in [usize::MAX, 1, 3] {
        let (lines, _) = told(dialogue, size);
        assert_eq!(lines, expected, "in pieces of {size}");
    }
}

#[test]
fn mail_in_the_right_order() {
    tells(
        &[
            ('S', b"220 mail.example.com ESMTP\r\n"),
            ('C', b"EHLO client\r\n"),
            ('S', b"250-mail.example.com\r\n250 STARTTLS\r\n"),
            ('C', b"STARTTLS\r\n"),
            ('S', b"220 2.0.0 Ready to start TLS\r\n"),
            ('C', TLS),
        ],
        &[
            "S smtp 220 mail.example.com ESMTP",
            "C smtp EHLO client",
            "C asks smtp",
            "S answers true 220 2.0.0 Ready to start TLS",
            "C alert 40",
        ],
    );
    tells(
        &[
            ('S', b"* OK IMAP4rev1 ready\r\n"),
            ('C', b"a1 STARTTLS\r\n"),
            ('S', b"* CAPABILITY IMAP4rev1\r\na1 OK Begin TLS\r\n"),
            ('C', TLS),
        ],
        &["S imap * OK IMAP4rev1 ready", "C asks imap", "S answers true a1 OK Begin TLS", "C alert 40"],
    );
    tells(
        &[('S', b"+OK ready\r\n"), ('C', b"STLS\r\n"), ('S', b"+OK go\r\n"), ('C', TLS)],
        &["S pop3 +OK ready", "C asks pop3", "S answers true +OK go", "C alert 40"],
    );
    tells(
        &[
            ('S', b"\"IMPLEMENTATION\" \"Pigeonhole\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n"),
            ('C', b"STARTTLS\r\n"),
            ('S', b"OK \"Begin TLS negotiation now.\"\r\n"),
            ('C', TLS),
        ],
        &[
            "S sieve \"IMPLEMENTATION\" \"Pigeonhole\"",
            "C asks sieve",
            "S answers true OK \"Begin TLS negotiation now.\"",
            "C alert 40",
        ],
    );
}

#[test]
fn other_protocols_of_lines() {
    tells(
        &[('S', b"220 (vsFTPd 3.0.5)\r\n"), ('C', b"AUTH TLS\r\n"), ('S', b"234 Proceed.\r\n"), ('C', TLS)],
        &["S ftp 220 (vsFTPd 3.0.5)", "C asks ftp", "S answers true 234 Proceed.", "C alert 40"],
    );
    tells(
        &[('S', b"200 news ready\r\n"), ('C', b"STARTTLS\r\n"), ('S', b"382 go on\r\n"), ('C', TLS)],
        &["S nntp 200 news ready", "C asks nntp", "S answers true 382 go on", "C alert 40"],
    );
    tells(
        &[
            ('C', b"CAP LS\r\n"),
            ('C', b"STARTTLS\r\n"),
            ('S', b":irc.example 670 * :STARTTLS successful\r\n"),
            ('C', TLS),
        ],
        &[
            "C irc CAP LS",
            "C asks irc",
            "S answers true :irc.example 670 * :STARTTLS successful",
            "C alert 40",
        ],
    );
    tells(
        &[
            ('C', b"<?xml version='1.0'?><stream:stream to='example.com'>"),
            (
                'S',
                b"<stream:stream from='example.com'><stream:features><starttls xmlns='x'/></stream:features>",
            ),
            ('C', b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            ('S', b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            ('C', TLS),
        ],
        &[
            "C xmpp <stream:stream to='example.com'>",
            "S xmpp <stream:stream from='example.com'>",
            "C asks xmpp",
            "S answers true proceed",
            "C alert 40",
        ],
    );
}

#[test]
fn refusals_are_told_with_their_words() {
    tells(
        &[
            ('S', b"220 mail\r\n"),
            ('C', b"STARTTLS\r\n"),
            ('S', b"454 4.7.0 TLS not available due to local problem\r\n"),
            ('C', b"QUIT\r\n"),
        ],
        &[
            "S smtp 220 mail",
            "C asks smtp",
            "S answers false 454 4.7.0 TLS not available due to local problem",
            "C smtp QUIT",
        ],
    );
    tells(
        &[('C', &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]), ('S', b"N")],
        &["C asks postgresql", "S answers false N"],
    );
    let ldap =
        [&[0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16], b"1.3.6.1.4.1.1466.20037".as_slice()].concat();
    tells(
        &[('C', &ldap), ('S', &[0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, 53, 4, 0, 4, 0])],
        &["C asks ldap", "S answers false unwillingToPerform (53)"],
    );
    let request = [3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0];
    tells(
        &[('C', &request), ('S', &[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 3, 0, 0, 0])],
        &["C asks rdp", "S answers false SSL_CERT_NOT_ON_SERVER (3)"],
    );
    tells(
        &[
            ('C', b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"),
            ('S', b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
        ],
        &["C asks http-connect", "S answers false HTTP/1.1 407 Proxy Authentication Required"],
    );
}

#[test]
fn binary_protocols_in_the_right_order() {
    tells(
        &[('C', &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]), ('S', b"S"), ('C', TLS)],
        &["C asks postgresql", "S answers true S", "C alert 40"],
    );
    let ldap =
        [&[0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16], b"1.3.6.1.4.1.1466.20037".as_slice()].concat();
    tells(
        &[('C', &ldap), ('S', &[0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0]), ('C', TLS)],
        &["C asks ldap", "S answers true success (0)", "C alert 40"],
    );
    let request = [3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0];
    tells(
        &[
            ('C', &request),
            ('S', &[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 1, 0, 0, 0]),
            ('C', TLS),
        ],
        &["C asks rdp", "S answers true PROTOCOL_SSL", "C alert 40"],
    );
    let mut greeting = b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xff\x21\x02\0\xff\xdf\x15".to_vec();
    greeting.extend([0; 40]);
    let greeting = [&[greeting.len() as u8, 0, 0, 0], greeting.as_slice()].concat();
    let request = [&[32, 0, 0, 1, 0x85, 0xae, 0xff, 0x19], [0; 28].as_slice()].concat();
    tells(
        &[('S', &greeting), ('C', &request), ('C', TLS)],
        &["S mysql 8.0.36", "C asks mysql", "C answers true CLIENT_SSL", "C alert 40"],
    );
    let mut without = greeting.clone();
    // Behind the version: the lower half of what the server can.
    without[4 + 22] &= !0x08;
    tells(&[('S', &without)], &["S mysql 8.0.36", "S no tls mysql"]);
}

#[test]
fn sql_server_wraps_the_handshake() {
    let packet = |kind: u8, body: &[u8]| [&[kind, 1, 0, body.len() as u8 + 8, 0, 0, 1, 0], body].concat();
    let prelogin = |encryption: u8| vec![0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, encryption];
    tells(
        &[
            ('C', &packet(0x12, &prelogin(1))),
            ('S', &packet(4, &prelogin(1))),
            ('C', &packet(0x12, TLS)),
            ('S', &packet(4, TLS)),
        ],
        &["C asks tds", "S answers true ENCRYPT_ON (1)", "C alert 40", "S alert 40"],
    );
    tells(
        &[('C', &packet(0x12, &prelogin(1))), ('S', &packet(4, &prelogin(2)))],
        &["C asks tds", "S answers false ENCRYPT_NOT_SUP (2)"],
    );
}

#[test]
fn proxies_lead_to_whatever_comes_behind_them() {
    tells(
        &[
            ('C', b"CONNECT example.com:443 HTTP/1.1\r\n\r\n"),
            ('S', b"HTTP/1.1 200 Connection established\r\n\r\n"),
            ('C', TLS),
        ],
        &["C asks http-connect", "S answers true HTTP/1.1 200 Connection established", "C alert 40"],
    );
    tells(&[('C', b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n"), ('C', TLS)], &["C asks proxy", "C alert 40"]);
    let socks: [(char, &[u8]); 5] = [
        ('C', &[5, 1, 0]),
        ('S', &[5, 0]),
        ('C', &[5, 1, 0, 1, 192, 0, 2, 1, 1, 0xbb]),
        ('S', &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
        ('C', TLS),
    ];
    let (lines, _) = told(&socks, usize::MAX);
    assert_eq!(
        lines,
        [
            "C socks methods of authentication",
            "S socks no authentication",
            "C asks socks",
            "S answers true succeeded",
            "C alert 40"
        ]
    );
    let login: [(char, &[u8]); 4] =
        [('C', &[5, 2, 0, 2]), ('S', &[5, 2]), ('C', b"\x01\x04name\x06secret"), ('S', &[1, 1])];
    let (lines, _) = told(&login, usize::MAX);
    assert_eq!(
        lines,
        [
            "C socks methods of authentication",
            "S socks authentication first",
            "C socks name and password",
            "S socks the password is refused"
        ]
    );
    tells(
        &[
            ('C', b"CONNECT mail.example.com:587 HTTP/1.1\r\n\r\n"),
            ('S', b"HTTP/1.0 200 OK\r\n\r\n220 mail ESMTP\r\n"),
            ('C', b"STARTTLS\r\n"),
            ('S', b"220 go\r\n"),
            ('C', TLS),
        ],
        &[
            "C asks http-connect",
            "S answers true HTTP/1.0 200 OK",
            "S smtp 220 mail ESMTP",
            "C asks smtp",
            "S answers true 220 go",
            "C alert 40",
        ],
    );
}

/// Which lists of what a server can are told as those without TLS.
#[test]
fn a_list_without_tls() {
    let lacks = |dialogue: &[(char, &[u8])]| {
        let mut sizes = [usize::MAX, 1]
            .into_iter()
            .map(|size| told(dialogue, size).0.iter().any(|line| line.starts_with("S no tls")));
        let (whole, cut) = (sizes.next(), sizes.next());
        assert_eq!(whole, cut, "{dialogue:?}");
        whole == Some(true)
    };
    let smtp = |list| [('S', &b"220 mail ESMTP\r\n"[..]), ('C', b"EHLO me\r\n"), ('S', list)];
    assert!(lacks(&smtp(b"250-mail\r\n250-SIZE\r\n250 HELP\r\n")));
    assert!(lacks(&smtp(b"250-mail\r\n250-XXXXXXXA\r\n250 HELP\r\n")));
    assert!(!lacks(&smtp(b"250-mail\r\n250-STARTTLS\r\n250 HELP\r\n")));
    assert!(!lacks(&smtp(b"250-mail\r\n250-SIZE\r\n")));
    assert!(!lacks(&smtp(b"502 what?\r\n")));
    let imap = |list| [('S', &b"* OK ready\r\n"[..]), ('C', b"a CAPABILITY\r\n"), ('S', list)];
    assert!(lacks(&imap(b"* CAPABILITY IMAP4rev1 ID\r\na OK done\r\n")));
    assert!(!lacks(&imap(b"* CAPABILITY IMAP4rev1 STARTTLS\r\na OK done\r\n")));
    assert!(lacks(&[('S', b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")]));
    let pop3 = |list| [('S', &b"+OK hi\r\n"[..]), ('C', b"CAPA\r\n"), ('S', list)];
    assert!(lacks(&pop3(b"+OK\r\nTOP\r\nUIDL\r\n.\r\n")));
    assert!(!lacks(&pop3(b"+OK\r\nTOP\r\nSTLS\r\n.\r\n")));
    assert!(!lacks(&pop3(b"-ERR what?\r\n")));
    let ftp = |list| [('S', &b"220 ProFTPD\r\n"[..]), ('C', b"FEAT\r\n"), ('S', list)];
    assert!(lacks(&ftp(b"211-Features:\r\n SIZE\r\n UTF8\r\n211 End\r\n")));
    assert!(!lacks(&ftp(b"211-Features:\r\n AUTH TLS\r\n UTF8\r\n211 End\r\n")));
    let sieve = |list: &'static [u8]| [('S', list)];
    assert!(lacks(&sieve(b"\"IMPLEMENTATION\" \"Pigeonhole\"\r\n\"SASL\" \"PLAIN\"\r\nOK \"ready\"\r\n")));
    assert!(!lacks(&sieve(b"\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK\r\n")));
    let open = b"<?xml version='1.0'?><stream:stream to='example.com' version='1.0'>";
    let xmpp = |list| [('C', &open[..]), ('S', &open[..]), ('S', list)];
    assert!(lacks(&xmpp(b"<stream:features><mechanisms/></stream:features>")));
    assert!(!lacks(&xmpp(b"<stream:features><starttls xmlns='x'/></stream:features>")));
}

#[test]
fn the_wrong_order() {
    // TLS where the server greets first.
    let (lines, _) = told(
        &[('S', b"220 mail ESMTP\r\n"), ('C', TLS), ('S', b"500 5.5.2 Error: bad syntax\r\n")],
        usize::MAX,
    );
    assert_eq!(lines, ["S smtp 220 mail ESMTP", "C alert 40", "S ? 500 5.5.2 Error: bad syntax"]);
    // Plain text where TLS is expected.
    tells(&[('C', b"EHLO client\r\n"), ('S', TLS)], &["C smtp EHLO client", "S alert 40"]);
    let (lines, wanted) =
        told(&[('C', b"GET / HTTP/1.1\r\n\r\n"), ('S', b"HTTP/1.1 400 Bad Request\r\n\r\n")], usize::MAX);
    assert_eq!(lines, ["C http GET / HTTP/1.1", "S http HTTP/1.1 400 Bad Request"]);
    assert!(!wanted);
}

#[test]
fn credentials_are_not_kept() {
    let (lines, _) = told(
        &[
            ('S', b"220 mail\r\n"),
            ('C', b"AUTH LOGIN\r\n"),
            ('S', b"334 VXNlcm5hbWU6\r\n"),
            ('C', b"am9l\r\n"),
            ('S', b"334 UGFzc3dvcmQ6\r\n"),
            ('C', b"aHVudGVyMg==\r\n"),
            ('C', b"AUTH PLAIN AGpvZQBodW50ZXIy\r\n"),
        ],
        usize::MAX,
    );
    assert_eq!(lines, ["S smtp 220 mail", "C smtp AUTH LOGIN …", "C smtp AUTH PLAIN …"]);
    let (lines, _) = told(
        &[('S', b"* OK hi\r\n"), ('C', b"a LOGIN joe hunter2\r\n"), ('C', b"b STARTTLS\r\n")],
        usize::MAX,
    );
    assert_eq!(lines, ["S imap * OK hi", "C imap LOGIN …", "C asks imap"]);
}

#[test]
fn a_message_that_speaks_of_starttls_asks_for_nothing() {
    let (lines, wanted) = told(
        &[('S', b"220 mail\r\n"), ('C', b"EHLO me\r\nDATA\r\nSTARTTLS\r\n.\r\n"), ('S', b"220 x\r\n")],
        usize::MAX,
    );
    assert_eq!(lines, ["S smtp 220 mail", "C smtp EHLO me"]);
    assert!(!wanted);
}

#[test]
fn gives_up_what_leads_nowhere() {
    let (_, wanted) = told(&[('C', b"hello there\n"), ('S', b"who are you\n")], usize::MAX);
    assert!(!wanted);
    let (_, wanted) = told(&[('C', &[0; 60_000])], 1000);
    assert!(!wanted);
}
