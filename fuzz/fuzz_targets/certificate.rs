//! A certificate, and what comes with one: any bytes, read, judged by every rule and told.

#![no_main]

use libfuzzer_sys::fuzz_target;
use whytls::Lang;
use whytls::report::CertificateView;
use whytls::x509::{Certificate, Crl, OcspResponse, PublicKey, Request};

fuzz_target!(|bytes: &[u8]| {
    for certificate in [Certificate::parse(bytes).ok(), Certificate::parse_cut(bytes)].into_iter().flatten() {
        let view = CertificateView::new(&certificate, Lang::ZhCn);
        let mut text = String::new();
        let _ = view.write(&mut text, Lang::En);
        let _ = view.card(Lang::En);
    }
    let _ = (Request::parse(bytes), OcspResponse::parse(bytes), PublicKey::parse(bytes));
    if let Ok(crl) = Crl::parse(bytes) {
        let _ = (crl.count(), crl.revoked().last(), crl.find(&[1]));
    }
});
