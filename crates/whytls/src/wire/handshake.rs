//! Messages of the handshake, whatever carries them: records, datagrams, QUIC.
//!
//! In:  whole messages of both sides, in order.
//! Out: one event for each, and what was agreed so far.
//! Not here: records, fragments and encryption. Those are `session`, `dtls` and `quic`.

use tls_parser::{ECParametersContent, parse_dh_params, parse_ecdh_params};

use super::bytes::Reader;
use super::flow::{Event, ServerHello, Side, Transport, What};
use super::hello;
use super::session::At;
use crate::tls::{CipherSuite, NamedGroup, Version};

/// A compressed Certificate may not unfold to more than this.
const UNFOLDED: u64 = 1 << 20;

/// What both sides have agreed on so far.
#[derive(Debug, Default)]
pub(crate) struct Handshake {
    pub(crate) over: Transport,
    pub(crate) version: Option<Version>,
    pub(crate) cipher: Option<CipherSuite>,
    /// Of the first ClientHello, which key logs go by.
    pub(crate) client_random: Option<[u8; 32]>,
    pub(crate) server_random: Option<[u8; 32]>,
    /// The server asked for another ClientHello.
    pub(crate) retry: bool,
    /// RFC 7366 was agreed on.
    pub(crate) encrypt_then_mac: bool,
    client_finished: bool,
    server_finished: bool,
    session_id: Vec<u8>,
}

impl Handshake {
    pub(crate) fn new(over: Transport) -> Self {
        Self { over, ..Self::default() }
    }

    /// TLS 1.3 or DTLS 1.3, drafts included: encrypted from the ServerHello on.
    pub(crate) fn is_13(&self) -> bool {
        self.version.is_some_and(is_13)
    }

    /// Both have sent Finished in the clear of a key log.
    pub(crate) fn finished(&self) -> bool {
        self.client_finished && self.server_finished
    }

    /// The hello that opens SSL 2.0, or an offer of something newer in its form.
    pub(crate) fn ssl2_hello(&mut self, message: &[u8], from: Side, at: At, events: &mut Vec<Event>) {
        let words = hello::ssl2_client_hello(message);
        self.client_random = words.random;
        self.session_id = words.session_id;
        events.push(at.event(from, What::ClientHello(Box::new(words.hello))));
    }

    /// The next message: its number, what follows its length, and the version of the record it came in.
    pub(crate) fn message(
        &mut self,
        from: Side,
        kind: u8,
        body: &[u8],
        record: Option<Version>,
        at: At,
        events: &mut Vec<Event>,
    ) {
        let what = match kind {
            0 if body.is_empty() => What::HelloRequest,
            1 => self.client_hello(body, record),
            2 => self.server_hello(body),
            3 if self.over == Transport::Udp => What::HelloVerifyRequest,
            4 => What::NewSessionTicket,
            6 => self.retried(hello::draft_retry(body)),
            8 => What::EncryptedExtensions { alpn: encrypted_alpn(body) },
            11 => What::Certificate(self.certificates(body)),
            12 => self.server_key_exchange(body),
            13 => What::CertificateRequest,
            14 => What::ServerHelloDone,
            15 => What::CertificateVerify,
            16 => What::ClientKeyExchange,
            20 => {
                match from {
                    Side::Client => self.client_finished = true,
                    Side::Server => self.server_finished = true,
                }
                What::Finished
            }
            22 => What::CertificateStatus,
            25 => match unfold(body) {
                Some(body) => What::Certificate(self.certificates(&body)),
                None => What::Handshake(kind),
            },
            _ => What::Handshake(kind),
        };
        events.push(at.event(from, what));
    }

    fn client_hello(&mut self, body: &[u8], record: Option<Version>) -> What {
        let words = hello::client_hello(body, record, self.over);
        if self.client_random.is_none() || !self.retry {
            self.client_random = words.random;
        }
        self.session_id = words.session_id;
        What::ClientHello(Box::new(words.hello))
    }

    fn server_hello(&mut self, body: &[u8]) -> What {
        let mut words = hello::server_hello(body);
        if words.retry {
            return self.retried(words.hello);
        }
        let hello = &mut words.hello;
        self.version = hello.version;
        self.cipher = hello.cipher;
        self.server_random = words.random;
        self.encrypt_then_mac = hello.extensions.iter().any(|extension| extension.0 == 22);
        if !self.is_13() {
            hello.resumed = !words.session_id.is_empty() && words.session_id == self.session_id;
        } else {
            hello.downgraded = None;
        }
        What::ServerHello(Box::new(words.hello))
    }

    fn retried(&mut self, hello: ServerHello) -> What {
        self.retry = true;
        What::HelloRetryRequest(Box::new(hello))
    }

    /// The chain, in the form of TLS 1.3 or of what was before it.
    fn certificates(&self, body: &[u8]) -> Vec<Vec<u8>> {
        // The version may not have been seen: then the form that fits decides.
        let new = |body| {
            let mut reader = Reader::new(body);
            reader.vec8()?;
            chain(reader, true)
        };
        let old = |body| chain(Reader::new(body), false);
        match self.version {
            Some(version) if is_13(version) => new(body),
            Some(_) => old(body),
            None => old(body).or_else(|| new(body)),
        }
        .unwrap_or_default()
    }

    fn server_key_exchange(&self, body: &[u8]) -> What {
        let (group, dh_bits) = self.exchange(body).unwrap_or_default();
        What::ServerKeyExchange { group, dh_bits }
    }

    fn exchange(&self, body: &[u8]) -> Option<(Option<NamedGroup>, Option<u16>)> {
        let name = self.cipher?.name()?;
        let exchange = name.split("_WITH_").next()?;
        let mut reader = Reader::new(body);
        if exchange.ends_with("PSK") {
            reader.vec16()?; // the identity hint
        }
        if exchange.contains("ECDHE") || exchange.contains("ECDH_anon") {
            // TLCP names its suites in the same manner, and sends a curve, too.
            let (_, parameters) = parse_ecdh_params(reader.rest()).ok()?;
            return match parameters.curve_params.params_content {
                ECParametersContent::NamedGroup(group) => Some((Some(NamedGroup(group.0)), None)),
                ECParametersContent::ExplicitPrime(_) => None,
            };
        }
        if exchange.contains("DHE") || exchange.contains("DH_anon") || exchange.contains("EXPORT") {
            if exchange.contains("RSA_EXPORT") && !exchange.contains("DH") {
                return None;
            }
            let (_, parameters) = parse_dh_params(reader.rest()).ok()?;
            let prime = parameters.dh_p;
            let zeros = prime.iter().take_while(|byte| **byte == 0).count();
            let first = prime.get(zeros)?;
            let bits = (prime.len() - zeros) * 8 - usize::try_from(first.leading_zeros()).ok()?;
            return Some((None, u16::try_from(bits).ok()));
        }
        None
    }
}

/// Drafts count as what they became.
pub(crate) fn is_13(version: Version) -> bool {
    matches!(version, Version::TLS13 | Version::DTLS13) || (0x7f00..=0x7fff).contains(&version.0)
}

fn chain(mut reader: Reader<'_>, with_extensions: bool) -> Option<Vec<Vec<u8>>> {
    let mut list = Reader::new(reader.vec24()?);
    let mut chain = Vec::new();
    while !list.is_empty() {
        chain.push(list.vec24()?.to_vec());
        if with_extensions {
            list.vec16()?;
        }
    }
    Some(chain)
}

fn encrypted_alpn(body: &[u8]) -> Option<String> {
    let mut reader = Reader::new(body);
    let mut extensions = Reader::new(reader.vec16()?);
    while let Some(kind) = extensions.u16() {
        let data = extensions.vec16()?;
        if kind == 16 {
            return hello::chosen_alpn(data);
        }
    }
    None
}

/// A CompressedCertificate (RFC 8879), where it is zlib's form.
fn unfold(body: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read as _;

    let mut reader = Reader::new(body);
    let algorithm = reader.u16()?;
    let length = reader.u24()?;
    let data = reader.vec24()?;
    if algorithm != 1 {
        return None;
    }
    let mut out = Vec::new();
    flate2::read::ZlibDecoder::new(data).take(UNFOLDED).read_to_end(&mut out).ok()?;
    (out.len() == length).then_some(out)
}
