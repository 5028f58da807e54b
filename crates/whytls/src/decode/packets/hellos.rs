//! The fields of hellos, by Wireshark's names.
//!
//! In:  a field of a ClientHello or ServerHello, with its value.
//! Out: the hello, a field longer; the fingerprints of one that is whole.
//! Not here: which hello a field belongs to (`fields`).

use crate::tls::{CipherSuite, ExtensionType, NamedGroup, SignatureScheme, Version, is_grease};
use crate::wire::{ClientHello, ServerHello, Transport, fingerprint};

/// Gathered, the schemes of signature_algorithms_cert (50) stand behind the others; whoever sends both
/// mostly sends the same twice.
pub(super) fn without_those_of_certificates(hello: &mut ClientHello) {
    let half = hello.signature_schemes.len() / 2;
    let (first, second) = hello.signature_schemes.split_at(half);
    if hello.extensions.contains(&ExtensionType(50)) && first == second {
        hello.signature_schemes.truncate(half);
    }
}

/// The JA4 of a hello of which everything is shown: Wireshark's own JA3 comes of the same numbers.
pub(super) fn whole_ja4(hello: &ClientHello, over: Transport) -> Option<String> {
    let has = |number: u16| hello.extensions.contains(&ExtensionType(number));
    // Formats of points are mostly not asked for, and are one of these two.
    const FORMATS: [&[u8]; 2] = [&[0], &[0, 1, 2]];
    let lacks_formats = has(11) && hello.point_formats.is_empty();
    let agrees = |formats: &&[u8]| {
        let whole = ClientHello { point_formats: formats.to_vec(), ..hello.clone() };
        fingerprint::ja3(&whole) == hello.ja3
    };
    let whole = hello.ja3.is_some()
        && (fingerprint::ja3(hello) == hello.ja3 || lacks_formats && FORMATS.iter().any(agrees))
        && has(13) != hello.signature_schemes.is_empty()
        && has(16) != hello.alpn.is_empty()
        && has(43) != hello.supported_versions.is_empty();
    let first = hello.alpn.first().map(|name| name.as_bytes());
    whole.then(|| fingerprint::ja4(hello, first, over))?
}

/// The hello that a field is of.
pub(super) enum Hello<'a> {
    Client(&'a mut ClientHello),
    Server(&'a mut ServerHello),
}

/// A field of a ClientHello.
pub(super) fn of_client_hello(hello: &mut ClientHello, name: &str, value: &str, id: Option<u16>) {
    match (name, id) {
        ("handshake_length", _) if hello.size == 0 => {
            hello.size = value.parse::<usize>().map_or(0, |length| length.saturating_add(4));
        }
        ("handshake_version", Some(id)) => hello.legacy_version = hello.legacy_version.or(Some(Version(id))),
        ("handshake_extensions_server_name", _) => hello.sni = Some(value.to_owned()),
        ("handshake_ciphersuite", Some(id)) => {
            hello.complete = true;
            hello.grease |= is_grease(id);
            hello.ciphers.push(CipherSuite(id));
        }
        // Of SSL 2.0's form, of three bytes; kinds of SSL 2.0 itself have no number of two.
        ("handshake_cipherspec", Some(id)) => {
            hello.complete = true;
            hello.ciphers.push(CipherSuite(id));
        }
        ("handshake_extension_type", Some(id)) => {
            hello.complete = true;
            hello.grease |= is_grease(id);
            hello.ech |= id == 0xfe0d;
            hello.resumes |= id == 41;
            hello.extensions.push(ExtensionType(id));
        }
        ("handshake_extensions_supported_group", Some(id)) => hello.groups.push(NamedGroup(id)),
        ("handshake_extensions_key_share_group", Some(id)) => hello.key_shares.push(NamedGroup(id)),
        ("handshake_sig_hash_alg", Some(id)) => hello.signature_schemes.push(SignatureScheme(id)),
        ("handshake_extensions_supported_version", Some(id)) => {
            hello.supported_versions.push(Version(id));
        }
        ("handshake_extensions_ec_point_format", Some(id)) => {
            hello.point_formats.extend(u8::try_from(id).ok());
        }
        ("handshake_extensions_alpn_str", _) => hello.alpn.push(value.to_owned()),
        ("handshake_ja3", _) => hello.ja3 = Some(value.to_owned()),
        ("handshake_ja4", _) => hello.ja4 = Some(value.to_owned()),
        _ => {}
    }
}

/// A field of a ServerHello.
pub(super) fn of_server_hello(hello: &mut ServerHello, name: &str, value: &str, id: Option<u16>) {
    match (name, id) {
        ("handshake_version", Some(id)) if hello.legacy_version.is_none() => {
            hello.legacy_version = Some(Version(id));
            hello.version = hello.version.or(Some(Version(id)));
        }
        ("handshake_ciphersuite", Some(id)) => hello.cipher = hello.cipher.or(Some(CipherSuite(id))),
        ("handshake_extension_type", Some(id)) => hello.extensions.push(ExtensionType(id)),
        ("handshake_extensions_supported_version", Some(id)) => hello.version = Some(Version(id)),
        ("handshake_extensions_key_share_group", Some(id)) => hello.group = Some(NamedGroup(id)),
        ("handshake_extensions_alpn_str", _) => hello.alpn = Some(value.to_owned()),
        ("handshake_ja3s", _) => hello.ja3s = Some(value.to_owned()),
        _ => {}
    }
}
