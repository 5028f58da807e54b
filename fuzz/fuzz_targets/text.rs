//! Hex dumps, packet lists and packet details as text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use whytls::{Decoded, Paste};

fuzz_target!(|bytes: &[u8]| {
    let mut paste = Paste::default();
    paste.add("paste.txt", bytes);
    let _ = Decoded::new(&paste).json();
});
