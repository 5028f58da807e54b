//! A connection as a list of events: the common ground of every form of capture.
//!
//! In:  nothing; decoders of capture files, hex dumps and packet texts fill these types.
//! Out: [`Flow`], and the questions that everything later asks of it.
//! Not here: names of numbers. Those are `tls`.

use serde::Serialize;

use crate::tls::{Alert, CipherSuite, ExtensionType, NamedGroup, SignatureScheme, Version};

/// Which end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The one that sends the ClientHello.
    Client,
    /// The other one.
    Server,
}

impl Side {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseHow {
    /// In order, with FIN.
    Fin,
    /// At once, with RST.
    Rst,
    /// Nobody closed it: the last flight was never answered although it was sent again.
    Timeout,
}

/// What carries the TLS messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// TLS over TCP.
    #[default]
    Tcp,
    /// DTLS over UDP.
    Udp,
    /// TLS inside QUIC.
    Quic,
}

/// One end of a connection, as the capture names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Address or name; an IPv6 address without brackets.
    pub host: String,
    /// The TCP or UDP port, where it is known.
    pub port: Option<u16>,
}

impl Endpoint {
    /// `ip:port`, `[ip]:port`, or the name alone.
    #[must_use]
    pub fn address(&self) -> String {
        match self.port {
            Some(port) if self.host.contains(':') => format!("[{}]:{port}", self.host),
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

/// Where an event stands in what was read: a packet of a file, bytes of the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The packet's number in the capture, from 1; 0 where there are no packets.
    pub packet: u32,
    /// First byte, counted from the beginning of the input.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// When a packet was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Time {
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    Unix(i64),
    /// Nanoseconds since the first packet, where only that is known.
    Relative(i64),
}

impl Time {
    /// Nanoseconds from an earlier time to this one; nothing where they are of different kinds.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<i64> {
        match (earlier, self) {
            (Self::Unix(earlier), Self::Unix(time)) | (Self::Relative(earlier), Self::Relative(time)) => {
                time.checked_sub(earlier)
            }
            _ => None,
        }
    }
}

/// One thing that happened on a connection.
#[derive(Clone, Debug)]
pub struct Event {
    /// Where it stands.
    pub place: Place,
    /// When, where that is known.
    pub time: Option<Time>,
    /// Who sent it.
    pub from: Side,
    /// What it is.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// SYN (from the client) or SYN+ACK (from the server).
    Open,
    /// A line or message in the clear before TLS, or where TLS should be: the protocol as facts
    /// name it (`smtp`, `http`, `postgresql`), and its words, cut to a line and without secrets.
    Plain {
        /// The protocol, where it is recognised.
        protocol: Option<&'static str>,
        /// The first line as text; what cannot be printed is left out.
        text: String,
    },
    /// TLS is asked for inside another protocol: `STARTTLS`, `AUTH TLS`, `SSLRequest`, PRELOGIN, CONNECT.
    StartTls {
        /// The protocol: `smtp`, `lmtp`, `imap`, `pop3`, `ftp`, `ldap`, `xmpp`, `sieve`, `nntp`, `irc`,
        /// `postgresql`, `mysql`, `tds`, `rdp`, `http-connect`, `socks`, `proxy`, `radius`.
        protocol: &'static str,
    },
    /// The answer to that.
    StartTlsAnswer {
        /// Whether TLS may begin.
        agreed: bool,
        /// The answer's first line or code, without secrets.
        text: String,
    },
    /// ClientHello.
    ClientHello(Box<ClientHello>),
    /// DTLS: HelloVerifyRequest (RFC 6347 §4.2.1).
    HelloVerifyRequest,
    /// A ServerHello that asks for another ClientHello (RFC 8446 §4.1.4).
    HelloRetryRequest(Box<ServerHello>),
    /// The server has told what it can, and TLS is not among it.
    TlsNotOffered {
        /// The protocol in which it told that.
        protocol: &'static str,
    },
    /// ServerHello.
    ServerHello(Box<ServerHello>),
    /// EncryptedExtensions, seen by a key log only; the protocol chosen by ALPN.
    EncryptedExtensions {
        /// ALPN's choice.
        alpn: Option<String>,
    },
    /// Certificate: the chain as sent, DER each; empty where the sender had none.
    Certificate(Vec<Vec<u8>>),
    /// The client's answer to a CertificateRequest, encrypted: what the length of its first record tells.
    SealedCertificate {
        /// It sent a chain, rather than an empty one.
        sent: bool,
    },
    /// CertificateRequest.
    CertificateRequest,
    /// CertificateStatus (OCSP stapling).
    CertificateStatus,
    /// CertificateVerify.
    CertificateVerify,
    /// ServerKeyExchange: its group, or the size of its Diffie-Hellman prime.
    ServerKeyExchange {
        /// The elliptic curve.
        group: Option<NamedGroup>,
        /// Bits of the prime, where it is finite-field Diffie-Hellman.
        dh_bits: Option<u16>,
    },
    /// ServerHelloDone.
    ServerHelloDone,
    /// ClientKeyExchange.
    ClientKeyExchange,
    /// ChangeCipherSpec.
    ChangeCipherSpec,
    /// Finished, seen by a key log only.
    Finished,
    /// NewSessionTicket.
    NewSessionTicket,
    /// HelloRequest (renegotiation, TLS 1.2 and older).
    HelloRequest,
    /// Another handshake message, by its number.
    Handshake(u8),
    /// A handshake record that cannot be read: encrypted.
    EncryptedHandshake,
    /// An alert in the clear, or decrypted.
    Alert {
        /// 1 warning, 2 fatal.
        level: u8,
        /// The description.
        alert: Alert,
    },
    /// An alert that cannot be read: encrypted.
    EncryptedAlert,
    /// Application data; in TLS 1.3 also the encrypted part of the handshake.
    ApplicationData,
    /// Payload of which the form shows no more than that it was sent.
    Bytes {
        /// How many; 0 where that is not shown either.
        count: u32,
    },
    /// Bytes that are no TLS where a TLS record should be.
    NotTls {
        /// The first bytes.
        bytes: Vec<u8>,
    },
    /// A segment that was sent again.
    Retransmission,
    /// Bytes that the capture does not have: cut by the snap length, or never captured.
    Missing {
        /// How many.
        bytes: u32,
    },
    /// FIN.
    Fin,
    /// RST.
    Rst {
        /// By its TTL or its timing it comes from another machine than the one it names.
        injected: bool,
    },
}

impl What {
    /// Payload was sent with it, seen for the first time.
    #[must_use]
    pub fn carries_bytes(&self) -> bool {
        !matches!(
            self,
            Self::Open | Self::Fin | Self::Rst { .. } | Self::Retransmission | Self::Missing { .. }
        )
    }

    /// RADIUS's last word to whom it does not let in: it ends a handshake as a FIN does.
    #[must_use]
    pub fn is_reject(&self) -> bool {
        matches!(self, Self::Plain { protocol: Some("radius"), text } if text == REJECT)
    }

    /// An alert after which its sender waits for nothing.
    #[must_use]
    pub fn is_last_word(&self) -> bool {
        match self {
            Self::Alert { level, alert } => *level == 2 || alert.0 == 0,
            other => matches!(other, Self::EncryptedAlert),
        }
    }
}

/// How RADIUS refuses.
pub(crate) const REJECT: &str = "Access-Reject";

/// A ClientHello. What the form of a capture does not show is `None` or empty.
#[derive(Clone, Debug, Default)]
pub struct ClientHello {
    /// The version in the record's header.
    pub record_version: Option<Version>,
    /// `client_version`, `legacy_version` in TLS 1.3.
    pub legacy_version: Option<Version>,
    /// The extension `supported_versions`, as sent, GREASE included; empty where it is not there.
    pub supported_versions: Vec<Version>,
    /// `server_name`.
    pub sni: Option<String>,
    /// `application_layer_protocol_negotiation`, in order.
    pub alpn: Vec<String>,
    /// Cipher suites in order, GREASE and signalling values included.
    pub ciphers: Vec<CipherSuite>,
    /// `supported_groups`.
    pub groups: Vec<NamedGroup>,
    /// The groups of `key_share`.
    pub key_shares: Vec<NamedGroup>,
    /// `ec_point_formats`.
    pub point_formats: Vec<u8>,
    /// `signature_algorithms`.
    pub signature_schemes: Vec<SignatureScheme>,
    /// The extensions' numbers, in order.
    pub extensions: Vec<ExtensionType>,
    /// Whether the list of extensions is known at all: packet lists do not show it.
    pub complete: bool,
    /// Its bytes end before it does: what is not in it may still have been sent.
    pub cut_off: bool,
    /// GREASE values stand in it (RFC 8701).
    pub grease: bool,
    /// Encrypted Client Hello.
    pub ech: bool,
    /// An SSLv2-compatible hello (RFC 5246 appendix E.2).
    pub sslv2: bool,
    /// A session or ticket of an earlier connection is offered for resumption.
    pub resumes: bool,
    /// Bytes of the handshake message, its header included; 0 where that is unknown.
    pub size: usize,
    /// JA3, 32 hex digits.
    pub ja3: Option<String>,
    /// JA4 (client).
    pub ja4: Option<String>,
}

impl ClientHello {
    /// The newest version that is *really offered*: by `supported_versions` if it is there, else by
    /// `legacy_version`. `None` where the form does not show it, or shows the extension folded up, and
    /// where it is cut off before that and its suites do not tell either.
    #[must_use]
    pub fn max_version(&self) -> Option<Version> {
        let known = |version: &&Version| version.is_known();
        let listed = self.extensions.contains(&ExtensionType(43)) || (self.cut_off && self.may_go_on());
        match self.supported_versions.iter().filter(known).max_by_key(|version| version.rank()) {
            Some(version) => Some(*version),
            None if listed && self.supported_versions.is_empty() => None,
            None => self.legacy_version,
        }
    }

    /// Only its beginning is there, of a message of so many bytes.
    pub(crate) fn cut_off_of(&mut self, size: usize) {
        (self.complete, self.cut_off, self.size) = (false, true, size);
        (self.ja3, self.ja4) = (None, None);
    }

    /// Whether `supported_versions` may stand in what is cut off.
    fn may_go_on(&self) -> bool {
        let newest = matches!(self.legacy_version, None | Some(Version::TLS12 | Version::DTLS12));
        // Extensions stand behind the suites: where one is there, all suites are.
        newest && (self.extensions.is_empty() || self.ciphers.iter().any(|suite| suite.is_tls13()))
    }
}

/// A ServerHello or HelloRetryRequest.
#[derive(Clone, Debug, Default)]
pub struct ServerHello {
    /// The negotiated version: `supported_versions` if it is there, else `legacy_version`.
    pub version: Option<Version>,
    /// `server_version`, `legacy_version` in TLS 1.3.
    pub legacy_version: Option<Version>,
    /// The chosen suite.
    pub cipher: Option<CipherSuite>,
    /// The protocol chosen by ALPN, where it stands in the clear.
    pub alpn: Option<String>,
    /// The group of `key_share`.
    pub group: Option<NamedGroup>,
    /// The extensions' numbers, in order.
    pub extensions: Vec<ExtensionType>,
    /// The session is resumed.
    pub resumed: bool,
    /// The server could do more than was asked for, and says so in its random (RFC 8446 §4.1.3): TLS 1.2
    /// or 1.1 at most were chosen by a server that knows TLS 1.3, TLS 1.2.
    pub downgraded: Option<Version>,
    /// JA3S, 32 hex digits.
    pub ja3s: Option<String>,
}

/// The first end of a connection that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// Who closed.
    pub by: Side,
    /// How.
    pub how: CloseHow,
    /// Where that stands.
    pub place: Place,
}

/// One connection: everything is in its events, in the order in which it was seen.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// What carries it.
    pub transport: Transport,
    /// The client; unknown in a hex dump without addresses.
    pub client: Option<Endpoint>,
    /// The server.
    pub server: Option<Endpoint>,
    /// Where the ports are shown, if that is not in every event.
    pub ports: Option<Place>,
    /// The capture shows the connection from its first byte on.
    pub from_start: bool,
    /// What happened.
    pub events: Vec<Event>,
    /// Who closed, and how.
    pub close: Option<Close>,
    /// The handshake came to its end: Finished by both, or application data.
    pub established: bool,
}

impl Flow {
    /// The first ClientHello, with its event.
    #[must_use]
    pub fn client_hello(&self) -> Option<(&ClientHello, &Event)> {
        self.events.iter().find_map(|event| match &event.what {
            What::ClientHello(hello) => Some((hello.as_ref(), event)),
            _ => None,
        })
    }

    /// The ServerHello that counts, with its event.
    #[must_use]
    pub fn server_hello(&self) -> Option<(&ServerHello, &Event)> {
        self.events.iter().find_map(|event| match &event.what {
            What::ServerHello(hello) => Some((hello.as_ref(), event)),
            _ => None,
        })
    }

    /// Whether the server asked for another ClientHello.
    #[must_use]
    pub fn hello_retry_request(&self) -> bool {
        self.events.iter().any(|event| matches!(event.what, What::HelloRetryRequest(_)))
    }

    /// The protocol in which TLS was asked for, with its event.
    #[must_use]
    pub fn starttls(&self) -> Option<(&'static str, &Event)> {
        self.events.iter().rev().find_map(|event| match event.what {
            What::StartTls { protocol } => Some((protocol, event)),
            _ => None,
        })
    }

    /// The answer to the last request for TLS: whether it was agreed to.
    #[must_use]
    pub fn starttls_answer(&self) -> Option<(bool, &Event)> {
        self.events.iter().rev().find_map(|event| match event.what {
            What::StartTlsAnswer { agreed, .. } => Some((agreed, event)),
            _ => None,
        })
    }

    /// The server's list of what it can, where TLS is not in it and the client then ended the
    /// conversation: whoever goes on in the clear did not want TLS.
    #[must_use]
    pub fn gave_up_without_tls(&self) -> Option<(&'static str, &Event)> {
        /// A client that says no more than this only asks what there is, and leaves.
        const LEAVES: [&str; 8] = ["EHLO", "LHLO", "CAPA", "CAPABILITY", "FEAT", "NOOP", "QUIT", "LOGOUT"];
        let told = self.events.iter().rev().find_map(|event| match event.what {
            What::TlsNotOffered { protocol } => Some((protocol, event)),
            _ => None,
        })?;
        let mut quits = false;
        for event in self.events.iter().filter(|event| event.from == Side::Client) {
            match &event.what {
                // A stream is opened before anything can be asked in it.
                What::Plain { protocol: Some("xmpp"), text } if text.starts_with('<') => {}
                What::Plain { text, .. } => {
                    // IMAP puts a tag before the command.
                    let mut words = text.split_ascii_whitespace().take(2).map(str::to_ascii_uppercase);
                    let command = words.find(|word| LEAVES.contains(&word.as_str()))?;
                    quits |= matches!(command.as_str(), "QUIT" | "LOGOUT");
                }
                what if what.carries_bytes() => return None,
                _ => {}
            }
        }
        let closes =
            self.close.is_some_and(|close| close.by == Side::Client && close.how != CloseHow::Timeout);
        (quits || closes).then_some(told)
    }

    /// What the server sent first after the ClientHello: a message, or words in the clear. What comes
    /// after a reset in its name is no answer any more: the client is gone.
    #[must_use]
    pub fn answer(&self) -> Option<&Event> {
        let hello = self.events.iter().position(|event| matches!(event.what, What::ClientHello(_)))?;
        self.events
            .iter()
            .skip(hello + 1)
            .take_while(|event| !matches!(event.what, What::Rst { .. }) && !event.what.is_reject())
            .find(|event| event.from == Side::Server && event.what.carries_bytes())
    }

    /// The server's words in the clear where its ServerHello was due: their protocol, where it is known.
    #[must_use]
    pub fn text_answer(&self) -> Option<(Option<&'static str>, &Event)> {
        self.answer().and_then(|event| match event.what {
            What::Plain { protocol, .. } => Some((protocol, event)),
            What::NotTls { .. } => Some((None, event)),
            _ => None,
        })
    }

    /// It got no further than the ClientHello because somebody ended it there.
    #[must_use]
    pub fn closed_after_hello(&self) -> Option<Close> {
        let unanswered = self.client_hello().is_some()
            && self.server_hello().is_none()
            && self.answer().is_none()
            && self.refusals().next().is_none();
        self.close.filter(|close| unanswered && close.how != CloseHow::Timeout)
    }

    /// Alerts that end a connection: fatal, or a warning in a handshake that came to nothing. What
    /// one side still says after the other has closed is about that, not about the handshake.
    pub fn refusals(&self) -> impl Iterator<Item = (Alert, &Event)> {
        let mut closed = None;
        // Where the server has said nothing, there is nothing that the client could refuse.
        let mut answered = self.client_hello().is_none();
        self.events.iter().filter_map(move |event| match event.what {
            _ if event.from == Side::Server && !answered && event.what.carries_bytes() => {
                answered = true;
                match event.what {
                    What::Alert { level, alert } if alert.0 != 0 && (level != 1 || !self.established) => {
                        Some((alert, event))
                    }
                    _ => None,
                }
            }
            What::Alert { .. } if !answered => None,
            What::Fin | What::Rst { .. } => {
                closed.get_or_insert(event.from);
                None
            }
            What::Alert { level, alert } => (alert.0 != 0
                && (level != 1 || !self.established)
                && closed.is_none_or(|by| by == event.from))
            .then_some((alert, event)),
            _ => None,
        })
    }

    /// RADIUS let nobody in: its refusal, where that ended the handshake.
    #[must_use]
    pub fn rejected(&self) -> Option<&Event> {
        let close = self.close?;
        self.events.iter().find(|event| event.place == close.place && event.what.is_reject())
    }

    /// The server had answered, and then somebody ended it before the handshake was through:
    /// the last message that came before that, where it can be read.
    #[must_use]
    pub fn closed_in_handshake(&self) -> Option<(Close, &Event)> {
        let close = self.close.filter(|close| close.how != CloseHow::Timeout)?;
        let ends =
            |event: &&Event| matches!(event.what, What::Fin | What::Rst { .. }) || event.what.is_reject();
        let end = self.events.iter().position(|event| ends(&event))?;
        let before = self.events.get(..end)?;
        let refused = self.refusals().next().is_some()
            || before.iter().any(|event| matches!(event.what, What::EncryptedAlert));
        let established = self.established && !self.closed_instead_of_an_answer(close, before);
        if established || self.server_hello().is_none() || refused {
            return None;
        }
        let readable = |event: &&Event| {
            event.what.carries_bytes()
                && !matches!(
                    event.what,
                    What::Bytes { .. } | What::EncryptedHandshake | What::ApplicationData
                )
        };
        let last = before.iter().rev().find(readable)?;
        // Both have sent their Finished: the handshake is through, nothing was said after it.
        let finished = |side: Side| {
            before.iter().any(|event| {
                event.from == side && matches!(event.what, What::Finished | What::EncryptedHandshake)
            })
        };
        (!(finished(Side::Client) && finished(Side::Server))).then_some((close, last))
    }

    /// The client went on with the handshake after the server's certificate and refused nothing.
    #[must_use]
    pub fn certificate_was_taken(&self) -> bool {
        let shown = |event: &&Event| event.from == Side::Server && matches!(event.what, What::Certificate(_));
        let goes_on = |event: &Event| {
            let client =
                matches!(event.what, What::ClientKeyExchange | What::Finished | What::EncryptedHandshake);
            event.from == Side::Client && client
        };
        let after = self.events.iter().skip_while(|event| !shown(event));
        (self.established || after.clone().any(goes_on))
            && !self.refusals().any(|(_, event)| event.from == Side::Client)
    }

    /// In TLS 1.3 the client is through first, and what it sends then looks like data: a server that
    /// sends nothing after that, no ticket and no answer, and closes at once has not taken its Finished.
    fn closed_instead_of_an_answer(&self, close: Close, before: &[Event]) -> bool {
        /// Who closes later may only have waited for a request: one second, in nanoseconds.
        const AT_ONCE: i64 = 1_000_000_000;
        let sealed = |what: &What| matches!(what, What::ApplicationData | What::Finished);
        let finished = |event: &&Event| event.from == Side::Client && sealed(&event.what);
        let Some(finished) = before.iter().find(finished) else { return false };
        let after = before.iter().skip_while(|event| !std::ptr::eq(*event, finished));
        let answers = |event: &Event| event.from == Side::Server && event.what.carries_bytes();
        let closed = self.events.iter().find(|event| event.place == close.place);
        let at_once = closed.and_then(|event| event.time?.since(finished.time?));
        close.by == Side::Server
            && self.server_hello().is_some_and(|(hello, _)| hello.version == Some(Version::TLS13))
            && at_once.is_some_and(|since| since < AT_ONCE)
            && !after.into_iter().any(answers)
    }

    /// In TLS 1.3 and DTLS 1.3 most alerts of the handshake are encrypted. One that a client sends in place of its part, or
    /// that is all the server says to the client's part, ends a connection.
    #[must_use]
    pub fn sealed_refusal(&self) -> Option<&Event> {
        let (hello, at) = self.server_hello()?;
        if !matches!(hello.version, Some(Version::TLS13 | Version::DTLS13)) {
            return None;
        }
        let mut went_on = false;
        for event in self.events.iter().skip_while(|event| event.place != at.place).skip(1) {
            match (event.from, &event.what) {
                (Side::Client, What::EncryptedAlert) => return (!went_on).then_some(event),
                (Side::Server, What::EncryptedAlert) => return went_on.then_some(event),
                (_, What::Fin | What::Rst { .. }) => return None,
                (_, What::ChangeCipherSpec) => {}
                (Side::Client, what) if what.carries_bytes() => went_on = true,
                (Side::Server, what) if what.carries_bytes() && went_on => return None,
                _ => {}
            }
        }
        None
    }

    /// It was seen to go wrong: refused, alerted, or closed before anything was said.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.closed_after_hello().is_some()
            || self.closed_in_handshake().is_some()
            || self.sealed_refusal().is_some()
            || self.text_answer().is_some()
            || self.refusals().next().is_some()
            || self.starttls_answer().is_some_and(|(agreed, _)| !agreed)
    }

    /// The server answered the ClientHello with a ServerHello, and nothing went wrong in sight.
    #[must_use]
    pub fn works(&self) -> bool {
        self.server_hello().is_some() && !self.failed()
    }

    /// Every alert that can be read, with its event.
    pub fn alerts(&self) -> impl Iterator<Item = (u8, Alert, &Event)> {
        self.events.iter().filter_map(|event| match event.what {
            What::Alert { level, alert } => Some((level, alert, event)),
            _ => None,
        })
    }

    /// The chains that were sent, DER, with their events.
    pub fn certificates(&self) -> impl Iterator<Item = (&[Vec<u8>], &Event)> {
        self.events.iter().filter_map(|event| match &event.what {
            What::Certificate(chain) => Some((chain.as_slice(), event)),
            _ => None,
        })
    }
}
