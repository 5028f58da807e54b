//! Capture files, whole and in pieces: both must tell the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use whytls::wire::{Options, Reader};

fuzz_target!(|bytes: &[u8]| {
    let read = |piece: usize| {
        let mut reader = Reader::new(Options::default());
        bytes.chunks(piece).for_each(|piece| reader.push(piece));
        reader.finish()
    };
    let (whole, pieces) = (read(usize::MAX), read(61));
    assert_eq!(format!("{:?}", whole.flows), format!("{:?}", pieces.flows));
    assert_eq!((whole.packets, whole.notes), (pieces.packets, pieces.notes));
});
