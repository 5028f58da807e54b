//! What certificates come in: PKCS#12, PKCS#7, Java's key stores, requests, lists and responses, as
//! bytes, and PEM around any of them in text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use whytls::x509;

fuzz_target!(|bytes: &[u8]| {
    let passwords = ["tiger7".to_owned()];
    let _ = x509::read(bytes, &passwords);
    let _ = x509::search(&String::from_utf8_lossy(bytes), &passwords);
});
