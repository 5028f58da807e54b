//! ClientHello and ServerHello, field by field.
//!
//! In:  the body of the message, perhaps cut off.
//! Out: [`ClientHello`], [`ServerHello`], and what the rest of the handshake needs of them.
//! Not here: the order of messages. That is `handshake`.

use super::bytes::{Reader, numbers};
use super::fingerprint;
use super::flow::{ClientHello, ServerHello, Transport};
use crate::tls::{CipherSuite, ExtensionType, NamedGroup, SignatureScheme, Version, is_grease};

/// A ServerHello with this random asks for another ClientHello (RFC 8446 §4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// A ClientHello, and what only the handshake needs of it.
#[derive(Debug, Default)]
pub(crate) struct ClientWords {
    pub(crate) hello: ClientHello,
    pub(crate) random: Option<[u8; 32]>,
    pub(crate) session_id: Vec<u8>,
}

/// A ServerHello, and what only the handshake needs of it.
#[derive(Debug, Default)]
pub(crate) struct ServerWords {
    pub(crate) hello: ServerHello,
    pub(crate) retry: bool,
    pub(crate) random: Option<[u8; 32]>,
    pub(crate) session_id: Vec<u8>,
}

/// Reads a ClientHello; what was cut off stays empty.
pub(crate) fn client_hello(body: &[u8], record: Option<Version>, over: Transport) -> ClientWords {
    let mut words = ClientWords::default();
    words.hello.record_version = record;
    words.hello.size = body.len() + 4;
    let mut alpn = None;
    let whole = client_fields(&mut words, body, over == Transport::Udp, &mut alpn);
    words.hello.complete = whole.is_some();
    let hello = &mut words.hello;
    // A session id is only an offer where it is not there for the sake of old middleboxes.
    hello.resumes |= !words.session_id.is_empty() && !hello.supported_versions.contains(&Version::TLS13);
    if hello.complete {
        hello.ja3 = fingerprint::ja3(hello);
        hello.ja4 = fingerprint::ja4(hello, alpn, over);
    }
    words
}

fn client_fields<'a>(
    words: &mut ClientWords,
    body: &'a [u8],
    dtls: bool,
    alpn: &mut Option<&'a [u8]>,
) -> Option<()> {
    let mut reader = Reader::new(body);
    let hello = &mut words.hello;
    hello.legacy_version = Some(Version(reader.u16()?));
    words.random = Some(reader.array()?);
    words.session_id = reader.vec8()?.to_vec();
    if dtls {
        reader.vec8()?; // the cookie
    }
    let many = reader.u16()?.into();
    let suites = reader.take_most(many);
    hello.ciphers = numbers(suites).map(CipherSuite).collect();
    hello.grease = hello.ciphers.iter().any(|suite| is_grease(suite.0));
    reader.vec8()?; // compression methods
    if reader.is_empty() {
        return Some(());
    }
    let many = usize::from(reader.u16()?);
    let whole = reader.rest().len() >= many;
    let mut extensions = Reader::new(reader.take_most(many));
    while !extensions.is_empty() {
        let kind = extensions.u16()?;
        let length = extensions.u16()?.into();
        hello.extensions.push(ExtensionType(kind));
        // Of one that is cut off, its beginning.
        let there = extensions.rest().len() >= length;
        client_extension(hello, kind, extensions.take_most(length), alpn);
        there.then_some(())?;
    }
    whole.then_some(())
}

fn client_extension<'a>(
    hello: &mut ClientHello,
    kind: u16,
    data: &'a [u8],
    alpn: &mut Option<&'a [u8]>,
) -> Option<()> {
    let mut reader = Reader::new(data);
    hello.grease |= is_grease(kind);
    match kind {
        0 => {
            let mut names = Reader::new(reader.vec16()?);
            while let (Some(kind), Some(name)) = (names.u8(), names.vec16()) {
                if kind == 0 && hello.sni.is_none() {
                    hello.sni = Some(text(name));
                }
            }
        }
        10 => {
            let many = reader.u16()?.into();
            hello.groups = numbers(reader.take_most(many)).map(NamedGroup).collect();
            hello.grease |= hello.groups.iter().any(|group| is_grease(group.0));
        }
        11 => hello.point_formats = reader.vec8()?.to_vec(),
        13 => {
            let many = reader.u16()?.into();
            hello.signature_schemes = numbers(reader.take_most(many)).map(SignatureScheme).collect();
        }
        16 => {
            let mut names = Reader::new(reader.vec16()?);
            while let Some(name) = names.vec8() {
                alpn.get_or_insert(name);
                hello.alpn.push(text(name));
            }
        }
        35 => hello.resumes |= !data.is_empty(),
        41 => hello.resumes = true,
        43 => {
            hello.supported_versions = numbers(reader.vec8()?).map(Version).collect();
            hello.grease |= hello.supported_versions.iter().any(|version| is_grease(version.0));
        }
        // 40 in drafts up to 22.
        40 | 51 => {
            let many = reader.u16()?.into();
            let mut shares = Reader::new(reader.take_most(many));
            while let Some(group) = shares.u16() {
                hello.key_shares.push(NamedGroup(group));
                shares.vec16()?;
            }
        }
        0xfe0d => hello.ech = true,
        _ => {}
    }
    Some(())
}

/// An SSLv2 ClientHello, from the message's type on (RFC 5246 appendix E.2).
pub(crate) fn ssl2_client_hello(message: &[u8]) -> ClientWords {
    let mut words = ClientWords::default();
    words.hello.sslv2 = true;
    words.hello.size = message.len();
    words.hello.complete = ssl2_fields(&mut words, message).is_some();
    words.hello.cut_off = !words.hello.complete;
    words
}

fn ssl2_fields(words: &mut ClientWords, message: &[u8]) -> Option<()> {
    let mut reader = Reader::new(message);
    reader.u8()?;
    let hello = &mut words.hello;
    hello.legacy_version = Some(Version(reader.u16()?));
    let (suites, session, challenge) = (reader.u16()?.into(), reader.u16()?.into(), reader.u16()?.into());
    let suites = reader.take_most(suites);
    // Kinds of SSL 2.0 itself begin with another byte than 0 and have no number of two bytes.
    hello.ciphers = suites
        .as_chunks()
        .0
        .iter()
        .filter(|three: &&[u8; 3]| three.starts_with(&[0]))
        .map(|[_, rest @ ..]| CipherSuite(u16::from_be_bytes(*rest)))
        .collect();
    words.session_id = reader.take(session)?.to_vec();
    hello.resumes = !words.session_id.is_empty();
    // The challenge is the random, filled up from the left.
    let challenge = reader.take(challenge)?;
    let mut random = [0; 32];
    if let Some(end) = 32_usize.checked_sub(challenge.len()).and_then(|start| random.get_mut(start..)) {
        end.copy_from_slice(challenge);
        words.random = Some(random);
    }
    Some(())
}

/// Reads a ServerHello; what was cut off stays empty.
pub(crate) fn server_hello(body: &[u8]) -> ServerWords {
    let mut words = ServerWords::default();
    let whole = server_fields(&mut words, body);
    // Where it is cut off before `supported_versions`, the suite tells.
    let legacy = words.hello.legacy_version;
    words.hello.version = words.hello.version.or(match (whole, legacy, words.hello.cipher) {
        (_, Some(Version::TLS12), Some(suite)) if suite.is_tls13() => Some(Version::TLS13),
        (None, Some(Version::TLS12 | Version::DTLS12), None) => None,
        _ => legacy,
    });
    if whole.is_some() {
        words.hello.ja3s = fingerprint::ja3s(&words.hello);
    }
    words
}

fn server_fields(words: &mut ServerWords, body: &[u8]) -> Option<()> {
    let mut reader = Reader::new(body);
    let version = Version(reader.u16()?);
    words.hello.legacy_version = Some(version);
    let random = reader.array()?;
    words.random = Some(random);
    words.retry = random == RETRY;
    words.hello.downgraded = match &random {
        [.., b'D', b'O', b'W', b'N', b'G', b'R', b'D', 1] => Some(Version::TLS12),
        [.., b'D', b'O', b'W', b'N', b'G', b'R', b'D', 0] => Some(Version::TLS11),
        _ => None,
    };
    // Drafts of TLS 1.3 up to 21 left out the session and the compression.
    let draft = (0x7f00..=0x7f15).contains(&version.0);
    if !draft {
        words.session_id = reader.vec8()?.to_vec();
    }
    words.hello.cipher = Some(CipherSuite(reader.u16()?));
    if !draft {
        reader.u8()?;
    }
    server_extensions(&mut words.hello, reader)
}

/// The HelloRetryRequest of drafts up to 21, which was a message of its own.
pub(crate) fn draft_retry(body: &[u8]) -> ServerHello {
    let mut hello = ServerHello::default();
    let mut reader = Reader::new(body);
    hello.legacy_version = reader.u16().map(Version);
    hello.version = hello.legacy_version;
    // From draft 19 on it names the suite, too.
    if hello.version.is_some_and(|version| version.0 >= 0x7f13) {
        hello.cipher = reader.u16().map(CipherSuite);
    }
    let _ = server_extensions(&mut hello, reader);
    hello
}

fn server_extensions(hello: &mut ServerHello, mut reader: Reader<'_>) -> Option<()> {
    if reader.is_empty() {
        return Some(());
    }
    let many = reader.u16()?.into();
    let mut extensions = Reader::new(reader.take_most(many));
    while !extensions.is_empty() {
        let kind = extensions.u16()?;
        hello.extensions.push(ExtensionType(kind));
        let mut data = Reader::new(extensions.vec16()?);
        match kind {
            16 => hello.alpn = chosen_alpn(data.rest()),
            40 | 51 => hello.group = data.u16().map(NamedGroup),
            41 => hello.resumed = true,
            43 => hello.version = data.u16().map(Version).or(hello.version),
            _ => {}
        }
    }
    Some(())
}

/// The one protocol in a server's ALPN extension.
pub(crate) fn chosen_alpn(data: &[u8]) -> Option<String> {
    Reader::new(Reader::new(data).vec16()?).vec8().map(text)
}

/// Names are ASCII; whatever else stands there is shown as well as it can be.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
