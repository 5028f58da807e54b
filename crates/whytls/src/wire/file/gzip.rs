//! Captures that were packed with gzip, unpacked as they come in.
//!
//! In:  the bytes of a `.gz` file.
//! Out: what is in it, handed on piece by piece; nothing of it is kept.
//! Not here: what it is. That is found out from the unpacked bytes.

use std::io::{self, Write};

use flate2::write::{GzDecoder, MultiGzDecoder};

use super::{Capture, Note, Plain};

pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Packets of real traffic shrink to a tenth at best. What grows more than this, and beyond so
/// many bytes, was made to stop us.
const RATIO: usize = 200;
const HARMLESS: usize = 1 << 30;

pub(super) struct Inflate {
    decoder: MultiGzDecoder<Unpacked>,
    packed: usize,
    stopped: bool,
}

/// Counts what comes out.
struct Unpacked {
    plain: Plain,
    bytes: usize,
    at_most: usize,
}

impl Write for Unpacked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > self.at_most {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.plain.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Inflate {
    pub(super) fn new(mut plain: Plain) -> Self {
        plain.gzip = true;
        let decoder = MultiGzDecoder::new(Unpacked { plain, bytes: 0, at_most: HARMLESS });
        Self { decoder, packed: 0, stopped: false }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        if self.stopped || self.decoder.get_ref().plain.stopped {
            return;
        }
        self.packed = self.packed.saturating_add(chunk.len());
        self.decoder.get_mut().at_most = self.packed.saturating_mul(RATIO).max(HARMLESS);
        if let Err(error) = self.decoder.write_all(chunk) {
            self.stopped = true;
            if error.kind() != io::ErrorKind::OutOfMemory {
                // What was unpacked before the damage is handed on by the next write only, which fails again.
                let _ = self.decoder.write(&[0]);
            }
            let unpacked = self.decoder.get_mut();
            let note = match error.kind() {
                io::ErrorKind::OutOfMemory => Note::Bomb { unpacked: unpacked.bytes },
                _ => Note::Damaged { at: unpacked.plain.offset },
            };
            unpacked.plain.stop(note);
        }
    }

    pub(super) fn finish(mut self) -> Capture {
        // A file that was cut off still holds what was unpacked before the cut, all of which is told:
        // without this the unpacker keeps some of it back, depending on the pieces that came.
        if !self.stopped {
            let _ = self.decoder.flush();
        }
        let whole = self.stopped || self.decoder.try_finish().is_ok();
        let plain =
            std::mem::replace(&mut self.decoder.get_mut().plain, Plain::new(super::Options::default()));
        let cut = !whole && !plain.stopped;
        let at = plain.offset + plain.carry.len();
        let mut capture = plain.finish();
        if cut && !capture.notes.iter().any(|note| matches!(note, Note::CutOff { .. })) {
            capture.notes.insert(0, Note::CutOff { at });
        }
        capture
    }
}

/// What the first bytes of a packed file unpack to.
pub(super) fn first_bytes(head: &[u8]) -> Vec<u8> {
    let head = head.get(..1024).unwrap_or(head);
    let mut decoder = GzDecoder::new(Vec::new());
    // The rest of the file is not there, so an error is what is to be expected.
    let _ = decoder.write_all(head);
    let _ = decoder.flush();
    std::mem::take(decoder.get_mut())
}
