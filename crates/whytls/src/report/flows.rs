//! A flow as data: what `whytls decode --format json` says of a connection.
//!
//! In:  a flow.
//! Out: [`FlowView`], in the names of the contract.
//! Not here: the drawing. That is `ladder`.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::tls::Version;
use crate::wire::{ClientHello, CloseHow, Endpoint, Flow, ServerHello, Side, Transport, What};
use crate::x509::Certificate;

/// One TLS flow. What its form does not show is null or absent.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct FlowView {
    pub transport: Transport,
    pub client: Option<String>,
    pub server: Option<String>,
    pub starttls: Option<&'static str>,
    pub client_hello: Option<HelloView>,
    pub hello_retry_request: bool,
    pub server_hello: Option<ServerHelloView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<FlowCertificateView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_requested: Option<bool>,
    pub alerts: Vec<AlertView>,
    pub established: bool,
    pub closed_by: Option<Side>,
    pub close: Option<CloseHow>,
    /// Segments that were sent again.
    pub retransmissions: usize,
}

/// A ClientHello, as far as the capture shows it.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct HelloView {
    /// In a packet list the version in the protocol column.
    pub record_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_version: Option<String>,
    pub sni: Option<String>,
    /// Its bytes end before it does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut_off: bool,
    /// What a packet list does not show at all.
    #[serde(flatten)]
    pub details: Option<HelloDetails>,
}

/// What only the bytes of a ClientHello show, or a list of its fields.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct HelloDetails {
    pub supported_versions: Vec<String>,
    pub alpn: Vec<String>,
    pub ciphers: Vec<NumberView>,
    pub groups: Vec<NumberView>,
    pub key_shares: Vec<NumberView>,
    pub signature_schemes: Vec<NumberView>,
    pub extensions: Vec<u16>,
    pub grease: bool,
    pub ech: bool,
    pub sslv2: bool,
    /// A session or ticket of an earlier connection is offered.
    pub resumes: bool,
    /// Bytes of the handshake message.
    pub size: Option<usize>,
    pub ja3: Option<String>,
    pub ja4: Option<String>,
}

/// A number of a registry, with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct NumberView {
    pub id: u16,
    pub name: Option<&'static str>,
}

/// A ServerHello, as far as the capture shows it.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ServerHelloView {
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher: Option<NumberView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<NumberView>,
    pub resumed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ja3s: Option<String>,
}

/// A certificate that was sent in the handshake.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct FlowCertificateView {
    pub from: Side,
    pub sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// An alert.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct AlertView {
    pub from: Side,
    pub level: Option<&'static str>,
    pub code: u8,
    pub name: Option<&'static str>,
}

impl FlowView {
    pub(super) fn new(flow: &Flow) -> Self {
        let hello = flow.client_hello().map(|(hello, _)| hello);
        let shown = hello.is_some_and(|hello| hello.complete);
        let requested = flow.events.iter().any(|event| matches!(event.what, What::CertificateRequest));
        Self {
            transport: flow.transport,
            client: flow.client.as_ref().map(Endpoint::address),
            server: flow.server.as_ref().map(Endpoint::address),
            starttls: flow.starttls().map(|(protocol, _)| protocol),
            client_hello: hello.map(HelloView::new),
            hello_retry_request: flow.hello_retry_request(),
            server_hello: flow.server_hello().map(|(hello, _)| ServerHelloView::new(hello)),
            certificates: flow
                .certificates()
                .flat_map(|(chain, event)| chain.iter().map(|der| FlowCertificateView::new(event.from, der)))
                .collect(),
            client_certificate_requested: (shown || requested).then_some(requested),
            alerts: flow
                .alerts()
                .map(|(level, alert, event)| AlertView {
                    from: event.from,
                    level: match level {
                        1 => Some("warning"),
                        2 => Some("fatal"),
                        _ => None,
                    },
                    code: alert.0,
                    name: alert.name(),
                })
                .collect(),
            established: flow.established,
            closed_by: flow.close.map(|close| close.by),
            close: flow.close.map(|close| close.how),
            retransmissions: flow
                .events
                .iter()
                .filter(|event| matches!(event.what, What::Retransmission))
                .count(),
        }
    }

    pub(super) fn write(&self, out: &mut String) -> std::fmt::Result {
        let end = |end: &Option<String>| end.clone().unwrap_or_else(|| "?".to_owned());
        write!(out, "  {} -> {}", end(&self.client), end(&self.server))?;
        if let Some(protocol) = self.starttls {
            match protocol {
                "http-connect" => out.push_str(", through a proxy (CONNECT)"),
                "socks" => out.push_str(", through a proxy (SOCKS)"),
                "proxy" => out.push_str(", behind a header of the PROXY protocol"),
                "radius" => out.push_str(", EAP in RADIUS"),
                _ => write!(out, ", STARTTLS in {protocol}")?,
            }
        }
        if let Some(hello) = &self.client_hello {
            let told: Vec<String> = [
                hello.cut_off.then(|| "cut off".to_owned()),
                hello.max_version.as_ref().map(|version| format!("offers {version}")),
                hello.record_version.as_ref().map(|version| format!("record {version}")),
            ]
            .into_iter()
            .flatten()
            .collect();
            write!(out, ", ClientHello")?;
            if !told.is_empty() {
                write!(out, " ({})", told.join(", "))?;
            }
        }
        if let Some(hello) = &self.server_hello {
            write!(out, ", ServerHello ({})", hello.version.as_deref().unwrap_or("?"))?;
        }
        for alert in &self.alerts {
            let (from, name) = (who(alert.from), alert.name.unwrap_or("unknown"));
            write!(out, ", the {from} sends alert {name} ({})", alert.code)?;
        }
        if let (Some(by), Some(how)) = (self.closed_by, self.close) {
            let by = who(by);
            match how {
                CloseHow::Fin if self.starttls == Some("radius") => write!(out, ", refused by the {by}")?,
                CloseHow::Fin => write!(out, ", closed by the {by} (FIN)")?,
                CloseHow::Rst => write!(out, ", reset by the {by} (RST)")?,
                CloseHow::Timeout => write!(out, ", no answer from the {by}")?,
            }
        }
        writeln!(out)
    }
}

fn who(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

fn name(version: Option<Version>) -> Option<String> {
    version.map(|version| version.to_string())
}

impl HelloView {
    fn new(hello: &ClientHello) -> Self {
        Self {
            record_version: name(hello.record_version),
            legacy_version: name(hello.legacy_version),
            max_version: name(hello.max_version()),
            sni: hello.sni.clone(),
            cut_off: hello.cut_off,
            details: (hello.complete || hello.cut_off || !hello.ciphers.is_empty()).then(|| HelloDetails {
                supported_versions: hello.supported_versions.iter().map(Version::to_string).collect(),
                alpn: hello.alpn.clone(),
                ciphers: hello.ciphers.iter().map(|n| NumberView { id: n.0, name: n.name() }).collect(),
                groups: hello.groups.iter().map(|n| NumberView { id: n.0, name: n.name() }).collect(),
                key_shares: hello.key_shares.iter().map(|n| NumberView { id: n.0, name: n.name() }).collect(),
                signature_schemes: hello
                    .signature_schemes
                    .iter()
                    .map(|n| NumberView { id: n.0, name: n.name() })
                    .collect(),
                extensions: hello.extensions.iter().map(|n| n.0).collect(),
                grease: hello.grease,
                ech: hello.ech,
                sslv2: hello.sslv2,
                resumes: hello.resumes,
                size: (hello.size > 0).then_some(hello.size),
                ja3: hello.ja3.clone(),
                ja4: hello.ja4.clone(),
            }),
        }
    }
}

impl ServerHelloView {
    fn new(hello: &ServerHello) -> Self {
        Self {
            version: name(hello.version),
            legacy_version: name(hello.legacy_version),
            cipher: hello.cipher.map(|n| NumberView { id: n.0, name: n.name() }),
            alpn: hello.alpn.clone(),
            group: hello.group.map(|n| NumberView { id: n.0, name: n.name() }),
            resumed: hello.resumed,
            ja3s: hello.ja3s.clone(),
        }
    }
}

impl FlowCertificateView {
    fn new(from: Side, der: &[u8]) -> Self {
        let sha256 = Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect();
        let subject = subject(der);
        Self { from, sha256, subject }
    }
}

/// The subject of a certificate, where it can be read.
pub(super) fn subject(der: &[u8]) -> Option<String> {
    Certificate::parse(der).ok().map(|certificate| certificate.subject.to_string())
}
