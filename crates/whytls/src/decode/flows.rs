//! What connections show, whatever form of capture they were read from.
//!
//! In:  the flows of an artifact.
//! Out: one piece of evidence for each place that tells something of a failure.
//! Not here: the form of the capture, and what the evidence means.

use super::{Artifact, Kind};
use crate::evidence::{Evidence, Statement};
use crate::paste::{Input, Span};
use crate::tls::{PortUse, Version, port_use};
use crate::wire::{self, Close, CloseHow, Event, Flow, Place, Side, What};

/// Connections, in whatever form they were captured.
#[derive(Clone, Debug)]
pub struct Flows {
    /// The form.
    pub kind: Kind,
    /// In the order of their first packets.
    pub flows: Vec<Flow>,
}

/// A flow that works is not evidence of a failure; `facts` compares it with one that does not.
pub(super) fn read(id: usize, artifact: &Artifact, input: &Input, evidence: &mut Vec<Evidence>) {
    if artifact.flows().is_empty() {
        return;
    }
    let places = Places::of(artifact, input);
    for flow in artifact.flows().iter().filter(|flow| !flow.works()) {
        let mut see =
            |place: Place, states: Vec<Statement>| evidence.push(places.evidence(id, flow, place, states));
        // Beside one that works, a connection of which only the hello is left was cut off by the paste.
        let works = artifact
            .flows()
            .iter()
            .any(|other| other.works() && host(other).is_some() && host(other) == host(flow));
        of_flow(flow, artifact.is_capture() && !works, &mut see);
    }
    // Beside anything else it may be one that is only beginning.
    if let [flow] = artifact.flows()
        && is_attempt(flow)
        && let Some(event) = flow.events.first()
    {
        let states = vec![Statement::new("capture.ends", "syn")];
        evidence.push(places.evidence(id, flow, event.place, states));
    }
}

/// One attempt to connect, and nothing behind it.
fn is_attempt(flow: &Flow) -> bool {
    flow.close.is_none() && matches!(flow.events.as_slice(), [Event { what: What::Open, .. }])
}

fn host(flow: &Flow) -> Option<&str> {
    flow.server.as_ref().map(|end| end.host.as_str())
}

/// Evidence at one place of a flow.
pub(crate) fn seen_in(
    id: usize,
    artifact: &Artifact,
    input: &Input,
    flow: &Flow,
    place: Place,
    states: Vec<Statement>,
) -> Evidence {
    Places::of(artifact, input).evidence(id, flow, place, states)
}

/// Where a place of a flow is in the input.
pub(crate) fn place_in(artifact: &Artifact, input: &Input, place: Place) -> Span {
    Places::of(artifact, input).span(place)
}

fn of_flow(flow: &Flow, capture: bool, see: &mut impl FnMut(Place, Vec<Statement>)) {
    let closed = flow.closed_after_hello();
    let port =
        || Some(Statement::new("server.port", flow.server.as_ref().and_then(|end| end.port)?.to_string()));
    let ports = flow.ports.or_else(|| flow.events.first().map(|event| event.place));
    let shown_elsewhere = ports.filter(|place| closed.is_none_or(|close| close.place != *place));
    if let (Some(place), Some(port)) = (shown_elsewhere, port()) {
        see(place, vec![port]);
    }
    starttls(flow, capture, see);
    if let Some((protocol, event)) = flow.gave_up_without_tls() {
        let states = [("starttls", protocol), ("starttls.answer", "not-offered")];
        see(event.place, states.map(|(key, value)| Statement::new(key, value)).into());
    }
    never_came_up(flow, see);
    if let Some((hello, event)) = flow.client_hello() {
        let mut states = vec![Statement::new("hello", "seen")];
        let offers = hello.max_version();
        states.extend(offers.and_then(Version::slug).map(|slug| Statement::new("hello.offers", slug)));
        // Beside what is really offered the record's version says no more, unless it is the same.
        let record = hello
            .record_version
            .filter(|record| flow.server_hello().is_none() && offers.is_none_or(|offers| offers == *record))
            .filter(|_| offers.is_some() || !hello.cut_off);
        states.extend(record.and_then(Version::slug).map(|slug| Statement::new("hello.record", slug)));
        if capture
            && flow.close.is_none_or(|close| close.how == CloseHow::Timeout)
            && flow.answer().is_none()
            && flow.refusals().next().is_none()
        {
            states.push(Statement::new("capture.ends", "client-hello"));
        }
        let usual = flow.server.as_ref().and_then(|end| end.port).and_then(port_use);
        if flow.from_start && flow.starttls().is_none() && matches!(usual, Some(PortUse::StartTls(_))) {
            states.push(Statement::new("starttls", "none"));
        }
        if hello.size > ONE_PACKET {
            states.push(Statement::new("hello.size", "large"));
        }
        if flow.close.is_some_and(|close| close.how == CloseHow::Timeout) && flow.answer().is_none() {
            let again = flow
                .events
                .iter()
                .any(|event| event.from == Side::Client && matches!(event.what, What::Retransmission));
            states.push(Statement::new("hello.unanswered", if again { "sent-again" } else { "silence" }));
        }
        states.extend(hello.sni.clone().map(|name| Statement::new("hello.sni", name)));
        see(event.place, states);
    }
    if let Some((hello, event)) = flow.server_hello()
        && let Some(version) = hello.version.and_then(Version::slug)
    {
        let states = [("negotiated", version), ("server.answered", "yes")];
        see(event.place, states.map(|(key, value)| Statement::new(key, value)).into());
    }
    client_certificate(flow, see);
    weak_diffie_hellman(flow, see);
    plain_to_tls(flow, see);
    waited_for_a_greeting(flow, see);
    // Who asked for TLS and was refused need not wonder at an answer that is none.
    let refused = flow.starttls_answer().is_some_and(|(agreed, _)| !agreed);
    if let Some((protocol, event)) = flow.text_answer().filter(|_| !refused) {
        let kind = match protocol {
            Some("http") => "http-answer",
            Some("smtp" | "imap" | "pop3") => "mail-answer",
            _ => "not-tls",
        };
        let mut states = vec![Statement::new("error", kind)];
        if flow.client_hello().is_some()
            && matches!(&event.what, What::Plain { text, .. } if is_for_somebody_else(text))
        {
            states.push(Statement::new("error", "blocked"));
        }
        see(event.place, states);
    }
    for (alert, event) in flow.refusals() {
        let from = side(event.from);
        see(
            event.place,
            vec![Statement::new("alert", alert.0.to_string()), Statement::new("alert.from", from)],
        );
    }
    if let Some(event) = flow.sealed_refusal() {
        see(event.place, vec![Statement::new("alert.sealed", side(event.from))]);
    }
    let in_handshake = flow.closed_in_handshake().map(|(close, last)| {
        let after = if last.from == Side::Client { "client-flight" } else { "server-flight" };
        (close, after)
    });
    if let Some((close, _)) = closed.map(|close| (close, ())).filter(|(close, ())| gave_up(flow, *close)) {
        see(close.place, vec![Statement::new("error", "handshake-timeout")]);
    } else if let Some((close, after)) = closed.map(|close| (close, "client-hello")).or(in_handshake) {
        let mut states =
            vec![Statement::new("close.after", after), Statement::new("close.by", side(close.by))];
        if flow.rejected().is_none() {
            let how = if close.how == CloseHow::Rst { "rst" } else { "fin" };
            states.push(Statement::new("close.how", how));
        }
        let injected = |event: &Event| matches!(event.what, What::Rst { injected: true });
        if flow.events.iter().any(|event| event.place == close.place && injected(event)) {
            states.push(Statement::new("rst.injected", "yes"));
        }
        if ports == Some(close.place) {
            states.extend(port());
        }
        see(close.place, states);
    }
}

/// An HTTP server calls a ClientHello a bad request. Who forbids it, sends it elsewhere or wants somebody
/// to log in has not read it as one: a filter or a portal says that to whatever comes.
fn is_for_somebody_else(status_line: &str) -> bool {
    const STATUSES: [&str; 8] = ["301", "302", "303", "307", "308", "403", "451", "511"];
    let mut words = status_line.split_ascii_whitespace();
    words.next().is_some_and(|version| version.starts_with("HTTP/1."))
        && words.next().is_some_and(|status| STATUSES.contains(&status))
}

/// TLS asked for inside another protocol, and what the server said to it.
fn starttls(flow: &Flow, capture: bool, see: &mut impl FnMut(Place, Vec<Statement>)) {
    if let Some((protocol, event, how)) = unanswered(flow, capture) {
        let key = if protocol.is_some() { "starttls.answer" } else { "proxy.answer" };
        see(event.place, vec![Statement::new(key, how)]);
    }
    let no = flow.events.iter().find(|event| {
        matches!(&event.what, What::Plain { protocol: Some("socks"), text }
            if event.from == Side::Server && wire::SOCKS_REFUSALS.contains(&text.as_str()))
    });
    if let Some(event) = no {
        see(event.place, vec![Statement::new("error", "proxy-refused")]);
    }
    let Some((protocol, event)) = flow.starttls() else { return };
    let answer = flow.starttls_answer();
    // What stands before the TLS of somebody else is no STARTTLS.
    if matches!(protocol, "http-connect" | "socks" | "proxy") {
        if let Some((false, answer)) = answer {
            let asks = matches!(&answer.what, What::StartTlsAnswer { text, .. } if text.contains("407"));
            let error = if asks { "proxy-authentication" } else { "proxy-refused" };
            see(answer.place, vec![Statement::new("error", error)]);
        }
        return;
    }
    see(event.place, vec![Statement::new("starttls", protocol)]);
    if let Some((agreed, answer)) = answer {
        let answered = if agreed { "accepted" } else { "refused" };
        see(answer.place, vec![Statement::new("starttls.answer", answered)]);
    }
}

/// The last thing that was asked for before TLS, where nothing came back: of a proxy a connection, of a
/// server TLS in its protocol; and how that ended.
fn unanswered(flow: &Flow, capture: bool) -> Option<(Option<&'static str>, &Event, &'static str)> {
    let asks = |event: &Event| match event.what {
        _ if event.from == Side::Server => None,
        What::StartTls { protocol: "proxy" | "radius" } => None,
        What::StartTls { protocol: "http-connect" | "socks" }
        | What::Plain { protocol: Some("socks"), .. } => Some(None),
        What::StartTls { protocol } => Some(Some(protocol)),
        _ => None,
    };
    let at = flow.events.iter().rposition(|event| asks(event).is_some())?;
    let event = flow.events.get(at)?;
    let protocol = asks(event)?;
    // To ask for TLS where there is nothing else is another fault.
    let in_vain = protocol.is_some() && implicit(flow).is_some();
    if protocol.is_none() && ends_with_an_answer(flow, at) {
        return Some((protocol, event, "ended"));
    }
    if in_vain || flow.events.iter().skip(at + 1).any(|event| event.what.carries_bytes()) {
        return None;
    }
    let how = match flow.close {
        Some(close) if close.how == CloseHow::Timeout => "none",
        Some(close) if close.by == Side::Server => "hung-up",
        // Without times nobody knows how long it waited.
        Some(_) if event.time.is_none() => "not-shown",
        Some(close) => waited(flow, event, close).then_some("none")?,
        None => capture.then_some("not-shown")?,
    };
    Some((protocol, event, how))
}

/// A SOCKS proxy answered what a packet list does not show, and that was the last word: who is let through
/// goes on.
fn ends_with_an_answer(flow: &Flow, asked: usize) -> bool {
    let mut behind = flow.events.iter().skip(asked + 1).filter(|event| event.what.carries_bytes());
    let answer = behind.next().is_some_and(|event| {
        event.from == Side::Server
            && matches!(&event.what, What::Plain { protocol: Some("socks"), text } if text.starts_with("Version: "))
    });
    let closed = flow.close.is_some_and(|close| close.how != CloseHow::Timeout);
    answer && behind.next().is_none() && closed
}

/// Nothing listens, or nothing answers.
fn never_came_up(flow: &Flow, see: &mut impl FnMut(Place, Vec<Statement>)) {
    let Some(first) = flow.events.first().filter(|event| matches!(event.what, What::Open)) else { return };
    let answered = |event: &Event| event.from != first.from && !matches!(event.what, What::Rst { .. });
    if flow.events.iter().any(answered) {
        return;
    }
    let refused = flow.events.iter().find(|event| event.from != first.from);
    match (refused, flow.close) {
        (Some(refused), _) => see(refused.place, vec![Statement::new("error", "connection-refused")]),
        (None, Some(close)) if close.how == CloseHow::Timeout => {
            see(first.place, vec![Statement::new("error", "connection-timeout")]);
        }
        _ => {}
    }
}

/// The server asked for a certificate, and the client had none to show.
fn client_certificate(flow: &Flow, see: &mut impl FnMut(Place, Vec<Statement>)) {
    let sealed = flow.events.iter().find_map(|event| match event.what {
        What::SealedCertificate { sent } => Some((sent, event)),
        _ => None,
    });
    if let Some((sent, event)) = sealed {
        let sent = if sent { "sent" } else { "none-sent" };
        see(event.place, vec![Statement::new("client.certificate", sent)]);
    }
    let asked = flow.events.iter().any(|event| matches!(event.what, What::CertificateRequest));
    let shown = flow.certificates().find(|(_, event)| event.from == Side::Client);
    if let Some((chain, event)) = shown.filter(|_| asked) {
        let sent = if chain.is_empty() { "none-sent" } else { "sent" };
        see(event.place, vec![Statement::new("client.certificate", sent)]);
    }
}

/// A client that breaks off because of the server's Diffie-Hellman group.
fn weak_diffie_hellman(flow: &Flow, see: &mut impl FnMut(Place, Vec<Statement>)) {
    let small = flow.events.iter().find(
        |event| matches!(event.what, What::ServerKeyExchange { dh_bits: Some(bits), .. } if bits < 2048),
    );
    let refused = flow
        .refusals()
        .any(|(alert, event)| event.from == Side::Client && [40, 47, 71, 80].contains(&alert.0));
    if let Some(event) = small.filter(|_| refused) {
        see(event.place, vec![Statement::new("error", "dh-key-too-small")]);
    }
}

/// Words in the clear, which a TLS server answers with an alert, or by hanging up; a web server with words of its own.
fn plain_to_tls(flow: &Flow, see: &mut impl FnMut(Place, Vec<Statement>)) {
    if flow.client_hello().is_some() {
        return;
    }
    let mut events = flow.events.iter();
    let Some((protocol, plain)) = events.find_map(|event| match &event.what {
        What::Plain { protocol, .. } if event.from == Side::Client => Some((*protocol, event)),
        What::StartTls { protocol } if event.from == Side::Client => Some((Some(*protocol), event)),
        _ => None,
    }) else {
        return;
    };
    let server = || flow.events.iter().filter(|event| event.from == Side::Server);
    let wants_tls = |event: &Event| matches!(&event.what, What::Plain { text, .. } if wire::wants_tls(text.as_bytes()).is_some());
    let says_nothing =
        !server().any(|event| matches!(event.what, What::Plain { .. } | What::StartTlsAnswer { .. }));
    let alerted = server().any(|event| matches!(event.what, What::Alert { .. }));
    let hung_up = implicit(flow).is_some()
        && flow.close.is_some_and(|close| close.by == Side::Server && close.how != CloseHow::Timeout);
    if says_nothing && (alerted || hung_up) || server().any(wants_tls) {
        let error = if protocol == Some("http") { "http-to-tls-port" } else { "plain-to-tls-port" };
        see(plain.place, vec![Statement::new("error", error)]);
    }
}

/// The protocol that takes TLS from the first byte at the server's port.
fn implicit(flow: &Flow) -> Option<&'static str> {
    match port_use(flow.server.as_ref()?.port?)? {
        PortUse::ImplicitTls(protocol) => Some(protocol),
        _ => None,
    }
}

/// Nobody said a word where the server greets first in the clear, and where it waits for a ClientHello.
fn waited_for_a_greeting(flow: &Flow, see: &mut impl FnMut(Place, Vec<Statement>)) {
    let greets = matches!(implicit(flow), Some("smtp" | "imap" | "pop3" | "ftp" | "nntp"));
    let opened = |side: Side| {
        let mut opens = flow.events.iter().filter(|event| matches!(event.what, What::Open));
        opens.find(|event| event.from == side)
    };
    let (Some(_), Some(open), Some(close)) = (opened(Side::Client), opened(Side::Server), flow.close) else {
        return;
    };
    let spoke = |event: &Event| event.what.carries_bytes() && !matches!(event.what, What::Alert { .. });
    let closed = flow.events.iter().find(|event| event.place == close.place).and_then(|event| event.time);
    let waited = open.time.zip(closed).and_then(|(open, closed)| closed.since(open));
    if greets
        && close.how != CloseHow::Timeout
        && !flow.events.iter().any(spoke)
        && waited.is_some_and(|nanoseconds| nanoseconds > PATIENCE)
    {
        see(close.place, vec![Statement::new("error", "greeting-timeout")]);
    }
}

/// The client did not wait any longer: it closed, and nothing had come for seconds.
fn gave_up(flow: &Flow, close: Close) -> bool {
    flow.client_hello().is_some_and(|(_, event)| waited(flow, event, close))
}

/// The same of anything else that the client said.
fn waited(flow: &Flow, said: &Event, close: Close) -> bool {
    let closed = flow.events.iter().find(|event| event.place == close.place).and_then(|event| event.time);
    let waited = said.time.zip(closed).and_then(|(said, closed)| closed.since(said));
    close.by == Side::Client && waited.is_some_and(|nanoseconds| nanoseconds > PATIENCE)
}

/// No program waits less for a handshake, and no network takes as long for an answer: two seconds.
const PATIENCE: i64 = 2_000_000_000;

/// A ClientHello of more bytes is cut into several packets: 1500 less the headers of IP, TCP and TLS.
const ONE_PACKET: usize = 1400;

fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

/// Where the places of an artifact's flows are in its input.
struct Places {
    input: usize,
    span: Span,
    /// Where its lines begin.
    lines: Vec<usize>,
    /// Its own text says nothing to a reader: bytes, or digits that stand for bytes.
    bytes: bool,
}

impl Places {
    fn of(artifact: &Artifact, input: &Input) -> Self {
        let text = input.quote(artifact.span);
        let bytes = text.as_bytes();
        let ends = bytes
            .iter()
            .enumerate()
            .filter(|(at, byte)| **byte == b'\n' || **byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        Self {
            input: artifact.input,
            span: artifact.span,
            lines: ends.map(|(at, _)| artifact.span.start + at + 1).collect(),
            bytes: matches!(artifact.kind(), Kind::Capture | Kind::HexDump | Kind::NetLog),
        }
    }

    fn evidence(&self, artifact: usize, flow: &Flow, place: Place, states: Vec<Statement>) -> Evidence {
        let span = self.span(place);
        let shown = self.shown(flow, place);
        Evidence { artifact, input: self.input, span, states, shown, original: None }
    }

    fn span(&self, place: Place) -> Span {
        let line = |at: usize| self.span.line + self.lines.partition_point(|start| *start <= at);
        let last = place.end.saturating_sub(1).max(place.start);
        Span { start: place.start, end: place.end, line: line(place.start), end_line: line(last) }
    }

    fn shown(&self, flow: &Flow, place: Place) -> Option<String> {
        self.bytes.then(|| {
            let here = || flow.events.iter().filter(|event| event.place == place);
            let what: Vec<String> = here().map(|event| told(&event.what)).collect();
            let mut shown = String::new();
            if place.packet > 0 {
                shown = format!("packet {}: ", place.packet);
            }
            if let (Some(client), Some(server)) = (&flow.client, &flow.server) {
                let (from, to) = match here().next().map_or(Side::Client, |event: &Event| event.from) {
                    Side::Client => (client, server),
                    Side::Server => (server, client),
                };
                shown = format!("{shown}{} → {} ", from.address(), to.address());
            }
            shown + &what.join(", ")
        })
    }
}

/// An event in the words of Wireshark's list.
pub(crate) fn told(what: &What) -> String {
    match what {
        What::Open => "SYN".to_owned(),
        What::Plain { protocol, text } => match protocol {
            Some(protocol) => format!("{protocol}: {text}"),
            None => text.clone(),
        },
        What::StartTls { protocol: protocol @ ("http-connect" | "socks") } => {
            format!("asks a proxy for a connection ({protocol})")
        }
        What::StartTls { protocol } => format!("STARTTLS ({protocol})"),
        What::StartTlsAnswer { agreed, text } => {
            format!("{}: {text}", if *agreed { "TLS may begin" } else { "no TLS" })
        }
        What::TlsNotOffered { protocol } => format!("no TLS among what the server offers ({protocol})"),
        What::ClientHello(hello) => {
            let record = hello.record_version.filter(|_| !hello.cut_off);
            let version = hello.max_version().or(record);
            let mut told = if hello.cut_off { "ClientHello, cut off" } else { "ClientHello" }.to_owned();
            if let Some(version) = version {
                told = format!("{told} ({version})");
            }
            if let Some(sni) = &hello.sni {
                told = format!("{told} for {sni}");
            }
            told
        }
        What::HelloVerifyRequest => "HelloVerifyRequest".to_owned(),
        What::HelloRetryRequest(_) => "HelloRetryRequest".to_owned(),
        What::ServerHello(hello) => match (hello.version, hello.cipher) {
            (Some(version), Some(cipher)) => format!("ServerHello ({version}, {cipher})"),
            (Some(version), None) => format!("ServerHello ({version})"),
            _ => "ServerHello".to_owned(),
        },
        What::EncryptedExtensions { .. } => "EncryptedExtensions".to_owned(),
        What::Certificate(chain) if chain.is_empty() => "Certificate (empty)".to_owned(),
        What::Certificate(_) | What::Handshake(11) => "Certificate".to_owned(),
        What::SealedCertificate { sent: true } => "encrypted Certificate, by its length".to_owned(),
        What::SealedCertificate { sent: false } => "encrypted empty Certificate, by its length".to_owned(),
        What::CertificateRequest => "CertificateRequest".to_owned(),
        What::CertificateStatus => "CertificateStatus".to_owned(),
        What::CertificateVerify => "CertificateVerify".to_owned(),
        What::ServerKeyExchange { group: Some(group), .. } => format!("ServerKeyExchange ({group})"),
        What::ServerKeyExchange { dh_bits: Some(bits), .. } => {
            format!("ServerKeyExchange (DH, {bits} bits)")
        }
        What::ServerKeyExchange { .. } => "ServerKeyExchange".to_owned(),
        What::ServerHelloDone => "ServerHelloDone".to_owned(),
        What::ClientKeyExchange => "ClientKeyExchange".to_owned(),
        What::ChangeCipherSpec => "ChangeCipherSpec".to_owned(),
        What::Finished => "Finished".to_owned(),
        What::NewSessionTicket => "NewSessionTicket".to_owned(),
        What::HelloRequest => "HelloRequest".to_owned(),
        What::Handshake(number) => format!("handshake message {number}"),
        What::EncryptedHandshake => "encrypted handshake message".to_owned(),
        What::Alert { level, alert } => {
            let level = match level {
                1 => "warning",
                2 => "fatal",
                _ => "of unknown level",
            };
            match alert.name() {
                Some(name) => format!("Alert ({level}, {name})"),
                None => format!("Alert ({level}, {})", alert.0),
            }
        }
        What::EncryptedAlert => "encrypted alert".to_owned(),
        What::ApplicationData => "application data".to_owned(),
        What::Bytes { count: 0 } => "bytes that are not shown".to_owned(),
        What::Bytes { count } => format!("{count} bytes"),
        What::NotTls { bytes } => format!("{} bytes that are no TLS", bytes.len()),
        What::Retransmission => "sent again".to_owned(),
        What::Missing { bytes } => format!("{bytes} bytes are missing"),
        What::Fin => "FIN".to_owned(),
        What::Rst { injected: false } => "RST".to_owned(),
        What::Rst { injected: true } => "RST from another machine".to_owned(),
    }
}
