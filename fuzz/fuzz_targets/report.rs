//! Whatever comes in, a report comes out, in every form.

#![no_main]

use libfuzzer_sys::fuzz_target;
use whytls::{Lang, Paste};

fuzz_target!(|bytes: &[u8]| {
    let mut paste = Paste::default();
    paste.add("paste", bytes);
    let report = whytls::diagnose(&paste);
    let _ = (report.json(Lang::En), report.markdown(Lang::ZhCn), report.html(Lang::En));
});
