//! JA3, JA3S and JA4: short names for the way a program says hello.
//!
//! In:  the numbers of a ClientHello or ServerHello, as they stand there.
//! Out: the fingerprints; GREASE is left out of them.
//! Not here: which program has which. JA4S and the others are not computed: their licence does
//!           not allow it.

use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::bytes::hex;
use super::flow::{ClientHello, ServerHello, Transport};
use crate::tls::{Version, is_grease};

/// JA3: MD5 over version, suites, extensions, groups and point formats.
pub(crate) fn ja3(hello: &ClientHello) -> Option<String> {
    let list = |numbers: &mut dyn Iterator<Item = u16>| {
        numbers.filter(|number| !is_grease(*number)).map(|n| n.to_string()).collect::<Vec<_>>().join("-")
    };
    let text = format!(
        "{},{},{},{},{}",
        hello.legacy_version?.0,
        list(&mut hello.ciphers.iter().map(|suite| suite.0)),
        list(&mut hello.extensions.iter().map(|extension| extension.0)),
        list(&mut hello.groups.iter().map(|group| group.0)),
        list(&mut hello.point_formats.iter().map(|format| u16::from(*format))),
    );
    Some(hex(&Md5::digest(text)))
}

/// JA3S: MD5 over version, suite and extensions.
pub(crate) fn ja3s(hello: &ServerHello) -> Option<String> {
    let extensions = hello.extensions.iter().map(|extension| extension.0.to_string()).collect::<Vec<_>>();
    let text = format!("{},{},{}", hello.legacy_version?.0, hello.cipher?.0, extensions.join("-"));
    Some(hex(&Md5::digest(text)))
}

/// JA4 of a client (FoxIO's description, BSD licence).
pub(crate) fn ja4(hello: &ClientHello, first_alpn: Option<&[u8]>, over: Transport) -> Option<String> {
    let kept = |number: &u16| !is_grease(*number);
    let transport = match over {
        Transport::Tcp => 't',
        Transport::Quic => 'q',
        Transport::Udp => 'd',
    };
    let offered = hello.supported_versions.iter().filter(|version| kept(&version.0)).max_by_key(|version| {
        // DTLS counts downwards.
        if version.0 >= 0xfe00 { 0xffff - version.0 } else { version.0 }
    });
    let version = match *offered.or(hello.legacy_version.as_ref())? {
        Version::TLS13 => "13",
        Version::TLS12 => "12",
        Version::TLS11 => "11",
        Version::TLS10 => "10",
        Version::SSL3 => "s3",
        Version::SSL2 => "s2",
        Version::DTLS10 => "d1",
        Version::DTLS12 => "d2",
        Version::DTLS13 => "d3",
        _ => "00",
    };
    let mut suites: Vec<u16> = hello.ciphers.iter().map(|suite| suite.0).filter(kept).collect();
    let mut extensions: Vec<u16> = hello.extensions.iter().map(|e| e.0).filter(kept).collect();
    let sni = if extensions.contains(&0) { 'd' } else { 'i' };
    let (many_suites, many_extensions) = (suites.len().min(99), extensions.len().min(99));
    suites.sort_unstable();
    extensions.retain(|extension| ![0, 16].contains(extension));
    extensions.sort_unstable();
    let list = |numbers: &[u16]| numbers.iter().map(|n| format!("{n:04x}")).collect::<Vec<_>>().join(",");
    let mut second = list(&extensions);
    let schemes: Vec<u16> = hello.signature_schemes.iter().map(|scheme| scheme.0).filter(kept).collect();
    if !schemes.is_empty() {
        second.push('_');
        second.push_str(&list(&schemes));
    }
    let short = |text: &str, empty: bool| {
        if empty {
            return "000000000000".to_owned();
        }
        hex(&Sha256::digest(text)).chars().take(12).collect()
    };
    Some(format!(
        "{transport}{version}{sni}{many_suites:02}{many_extensions:02}{}_{}_{}",
        ends(first_alpn),
        short(&list(&suites), suites.is_empty()),
        short(&second, extensions.is_empty()),
    ))
}

/// First and last character of the first protocol; of its hex where they are no letters or digits.
fn ends(alpn: Option<&[u8]>) -> String {
    let Some((Some(first), Some(last))) = alpn.map(|name| (name.first(), name.last())) else {
        return "00".to_owned();
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)].iter().collect();
    }
    hex(&[*first]).chars().take(1).chain(hex(&[*last]).chars().skip(1)).collect()
}
