//! Writes down a handshake as a program tells it, line by line.
//!
//! In:  messages with their sender, and details of the hello at hand.
//! Out: flows.
//! Not here: the words of any program.

use crate::tls::{Alert, CipherSuite, NamedGroup, Version};
use crate::wire::{ClientHello, Endpoint, Event, Flow, Place, ServerHello, Side, What};

/// A flow that is being told, and those before it.
#[derive(Default)]
pub(super) struct Scribe {
    flows: Vec<Flow>,
    open: Flow,
    /// Which side the program is, once that is known.
    pub(super) local: Option<Side>,
    /// Where in the text a line stands, in the words of its program; empty where lines stand alone.
    pub(super) section: &'static str,
    /// Bytes that are being read, and whose they are.
    pub(super) bytes: Vec<u8>,
    pub(super) from: Option<Side>,
    /// The version of the record that comes next.
    pub(super) record: Option<Version>,
    pub(super) alpn: Vec<String>,
    pub(super) versions: Vec<Version>,
    pub(super) groups: Vec<NamedGroup>,
    pub(super) sni: Option<String>,
}

impl Scribe {
    /// The lines that come belong to this program as well.
    pub(super) fn is_open(&self) -> bool {
        !self.section.is_empty()
    }

    /// A new connection begins.
    pub(super) fn begin(&mut self) {
        self.section = "";
        self.bytes.clear();
        self.alpn.clear();
        self.record = None;
        let flow = std::mem::take(&mut self.open);
        if flow.events.iter().any(|event| !matches!(event.what, What::Plain { .. })) {
            self.flows.push(flow);
        }
    }

    /// All flows.
    pub(super) fn finish(mut self) -> Vec<Flow> {
        self.begin();
        self.flows
    }

    /// What this side sent (`sent`), or got from the other one.
    pub(super) fn side(&self, sent: bool) -> Side {
        let local = self.local.unwrap_or(Side::Client);
        if sent { local } else { local.other() }
    }

    /// A message. A second ClientHello begins a new connection, unless it was asked for.
    pub(super) fn event(&mut self, from: Side, what: What, place: Place) {
        let hello = matches!(what, What::ClientHello(_));
        if hello
            && (self.open.server_hello().is_some()
                || self.open.refusals().next().is_some()
                || self.open.client_hello().is_some() && !self.open.hello_retry_request())
        {
            let (alpn, record, section) = (std::mem::take(&mut self.alpn), self.record, self.section);
            let (ports, server) = (self.open.ports, self.open.server.clone());
            self.begin();
            (self.alpn, self.record, self.section) = (alpn, record, section);
            (self.open.ports, self.open.server) = (ports, server);
        }
        self.open.established |= matches!(what, What::ApplicationData);
        self.open.events.push(Event { place, time: None, from, what });
    }

    /// The message of that name. Says whether there is one.
    pub(super) fn message(&mut self, from: Side, name: &str, place: Place) -> bool {
        match named(name) {
            Some(what) => {
                self.event(from, what, place);
                true
            }
            None => false,
        }
    }

    /// An alert, by its name.
    pub(super) fn alert(&mut self, from: Side, level: &str, name: &str, place: Place) -> bool {
        let Some(alert) = Alert::named(name) else { return false };
        let level = if level.eq_ignore_ascii_case("warning") { 1 } else { 2 };
        self.event(from, What::Alert { level, alert }, place);
        true
    }

    /// The last event is the same: what two lines tell is told once.
    pub(super) fn repeats(&self, from: Side, name: &str) -> bool {
        let same = |event: &Event, what: &What| {
            event.from == from && std::mem::discriminant(&event.what) == std::mem::discriminant(what)
        };
        named(name).is_some_and(|what| self.open.events.last().is_some_and(|event| same(event, &what)))
    }

    /// The ClientHello at hand.
    pub(super) fn hello(&mut self) -> Option<&mut ClientHello> {
        self.open.events.iter_mut().rev().find_map(|event| match &mut event.what {
            What::ClientHello(hello) => Some(hello.as_mut()),
            _ => None,
        })
    }

    /// The ServerHello at hand.
    pub(super) fn server_hello(&mut self) -> Option<&mut ServerHello> {
        self.open.events.iter_mut().rev().find_map(|event| match &mut event.what {
            What::ServerHello(hello) | What::HelloRetryRequest(hello) => Some(hello.as_mut()),
            _ => None,
        })
    }

    /// Something like that was said already.
    pub(super) fn has(&self, is: impl Fn(&What) -> bool) -> bool {
        self.open.events.iter().any(|event| is(&event.what))
    }

    /// That alert was told already: libraries and programs both do.
    pub(super) fn has_alert(&self, from: Side, name: &str) -> bool {
        let wanted = Alert::named(name);
        self.open.events.iter().any(|event| {
            event.from == from && matches!(event.what, What::Alert { alert, .. } if Some(alert) == wanted)
        })
    }

    /// Both have sent their Finished.
    pub(super) fn finished_by_both(&self) -> bool {
        [Side::Client, Side::Server].iter().all(|side| {
            self.open.events.iter().any(|event| event.from == *side && matches!(event.what, What::Finished))
        })
    }

    /// The last message is a ClientHello.
    pub(super) fn at_hello(&self) -> bool {
        self.open.events.last().is_some_and(|event| matches!(event.what, What::ClientHello(_)))
    }

    /// The program says what was agreed on, at the end.
    pub(super) fn agreed(&mut self, version: Option<Version>, cipher: Option<CipherSuite>, place: Place) {
        self.open.established = true;
        if self.server_hello().is_none() && version.is_some() {
            let from = Side::Server;
            self.event(from, What::ServerHello(Box::default()), place);
        }
        if let Some(hello) = self.server_hello() {
            hello.version = version.or(hello.version);
            hello.cipher = cipher.or(hello.cipher);
        }
    }

    /// The server, as the program names it.
    pub(super) fn server(&mut self, host: &str, port: Option<u16>, place: Place) {
        self.open.ports = port.map(|_| place);
        self.open.server = Some(Endpoint { host: host.to_owned(), port });
    }

    /// Bytes of whole messages that stand for the last event.
    pub(super) fn replace_last(&mut self, events: Vec<Event>) {
        let Some(last) = self.open.events.last_mut() else { return };
        if let Some(event) = events.into_iter().next()
            && std::mem::discriminant(&event.what) == std::mem::discriminant(&last.what)
        {
            let record = match &last.what {
                What::ClientHello(hello) => hello.record_version,
                _ => None,
            };
            last.what = event.what;
            if let What::ClientHello(hello) = &mut last.what {
                hello.record_version = hello.record_version.or(record);
            }
        }
    }
}

/// The message of a name, however it is spelled: `ClientHello`, `client hello`, `CLIENT HELLO`.
pub(super) fn named(name: &str) -> Option<What> {
    let letters: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    Some(match letters.as_str() {
        "clienthello" => What::ClientHello(Box::default()),
        "serverhello" => What::ServerHello(Box::default()),
        "helloretryrequest" => What::HelloRetryRequest(Box::default()),
        "helloverifyrequest" => What::HelloVerifyRequest,
        "certificate" | "servercertificate" | "clientcertificate" | "cert" => What::Handshake(11),
        "certificaterequest" | "servercertificaterequest" | "requestcert" => What::CertificateRequest,
        "certificatestatus" | "servercertificatestatus" => What::CertificateStatus,
        "certificateverify" | "certverify" | "servercertificateverify" | "clientcertificateverify" => {
            What::CertificateVerify
        }
        "serverkeyexchange" | "ecdhserverkeyexchange" | "dhserverkeyexchange" => {
            What::ServerKeyExchange { group: None, dh_bits: None }
        }
        "serverhellodone" | "serverdone" | "serverfinished" if letters != "serverfinished" => {
            What::ServerHelloDone
        }
        "clientkeyexchange" | "ecdhclientkeyexchange" | "rsaclientkeyexchange" => What::ClientKeyExchange,
        "changecipherspec" => What::ChangeCipherSpec,
        "finished" | "serverfinished" | "clientfinished" => What::Finished,
        "newsessionticket" | "serversessionticket" | "sessionticket" => What::NewSessionTicket,
        "encryptedextensions" => What::EncryptedExtensions { alpn: None },
        "hellorequest" => What::HelloRequest,
        _ => return None,
    })
}

/// `TLSv1.2`, `TLS1.2`, `TLS 1.2`, `SSLv3`, `TLS 1.0`.
pub(super) fn version(word: &str) -> Option<Version> {
    let word = word.trim();
    if let Some(version) = Version::from_column(word) {
        return Some(version);
    }
    let number = word.strip_prefix("TLS").or_else(|| word.strip_prefix("tls"))?;
    match number.trim_start_matches([' ', 'v', 'V']).trim_end_matches([',', ':', ';', ']', ')']) {
        "1" | "1.0" => Some(Version::TLS10),
        "1.1" => Some(Version::TLS11),
        "1.2" => Some(Version::TLS12),
        "1.3" => Some(Version::TLS13),
        _ => None,
    }
}

/// A version that is offered at most, where only that is told.
pub(super) fn offer(hello: &mut ClientHello, version: Version) {
    if version == Version::TLS13 {
        hello.supported_versions = vec![version];
    } else {
        hello.legacy_version = Some(version);
    }
}

/// What stands between two marks.
pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split(after).next()
}
