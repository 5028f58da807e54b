//! A chain in PEM with its root and its revocation lists: checked for a host on a day, and told.

#![no_main]

use libfuzzer_sys::fuzz_target;
use whytls::Lang;
use whytls::report::Bundle;
use whytls::x509::Time;
use whytls::x509::verify::blocks;

fuzz_target!(|bytes: &[u8]| {
    let chain = blocks(bytes, "CERTIFICATE");
    let bundle = Bundle {
        roots: Some(chain.last().cloned().into_iter().collect()),
        crls: blocks(bytes, "CRL"),
        chain,
        host: Some("www.example.com".to_owned()),
        at: Some(Time::date(2026, 6, 1)),
        ..Bundle::default()
    };
    let verified = bundle.verify();
    let _ = (verified.json(), verified.text(Lang::En), verified.text(Lang::ZhCn));
});
