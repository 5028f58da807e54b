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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{CipherSuite, ExtensionType, NamedGroup, SignatureScheme};

    #[test]
    fn gives_the_ja3_of_its_description() {
        let mut hello = ClientHello {
            legacy_version: Some(Version::TLS10),
            ciphers: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4].map(CipherSuite).to_vec(),
            extensions: [0, 10, 11].map(ExtensionType).to_vec(),
            groups: [23, 24, 25].map(NamedGroup).to_vec(),
            point_formats: vec![0],
            ..ClientHello::default()
        };
        assert_eq!(ja3(&hello).as_deref(), Some("ada70206e40642a3e4461f35503241d5"));
        hello.extensions.push(ExtensionType(0x2a2a));
        assert_eq!(ja3(&hello).as_deref(), Some("ada70206e40642a3e4461f35503241d5"));
        hello = ClientHello {
            ciphers: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99].map(CipherSuite).to_vec(),
            legacy_version: Some(Version::TLS10),
            ..ClientHello::default()
        };
        assert_eq!(ja3(&hello).as_deref(), Some("de350869b8c85de67a350c8d186f11e6"));
    }

    /// The example in FoxIO's description, with GREASE thrown in.
    #[test]
    fn gives_the_ja4_of_its_description() {
        let hello = ClientHello {
            legacy_version: Some(Version::TLS12),
            supported_versions: [0xdada, 0x0304, 0x0303].map(Version).to_vec(),
            ciphers: [
                0x9a9a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
                0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ]
            .map(CipherSuite)
            .to_vec(),
            extensions: [
                0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
                0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
            ]
            .map(ExtensionType)
            .to_vec(),
            signature_schemes: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601]
                .map(SignatureScheme)
                .to_vec(),
            ..ClientHello::default()
        };
        let name = ja4(&hello, Some(b"h2"), Transport::Tcp);
        assert_eq!(name.as_deref(), Some("t13d1516h2_8daaf6152771_e5627efa2ab1"));
        let name = ja4(&ClientHello { extensions: vec![], ..hello }, Some(b"\xab\xcd"), Transport::Quic);
        assert_eq!(name.as_deref(), Some("q13i1500ad_8daaf6152771_000000000000"));
    }
}
