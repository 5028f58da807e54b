//! Takes in captures that are too large to be held: piece by piece.
//!
//! In:  the pieces of a file, in order.
//! Out: an input of the paste, as if the file had been added whole.
//! Not here: how captures are read. That is `wire`.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{BinaryKind, Content, Input, Paste};
use crate::wire::{Options, Reader};

/// The place of an input that is read later.
#[derive(Debug)]
pub struct Reserved(usize);

/// A capture that is being taken in.
pub struct CaptureIntake<'p> {
    paste: &'p mut Paste,
    at: usize,
    reader: Reader,
    digest: Option<Sha256>,
    bytes: usize,
}

impl Paste {
    /// Whether a file that begins with these bytes is a capture; a thousand of them are enough.
    #[must_use]
    pub fn is_capture(head: &[u8]) -> bool {
        crate::wire::recognise(head).is_some()
    }

    /// Keeps a place for a capture, so that inputs stay in the order in which they were given while
    /// those that may hold its secrets are read first.
    pub fn reserve(&mut self, name: &str) -> Reserved {
        let content = Content::Binary(BinaryKind::Unknown);
        self.inputs.push(Input {
            name: name.to_owned(),
            bytes: 0,
            sha256: String::new(),
            content,
            objects: Vec::new(),
        });
        Reserved(self.inputs.len() - 1)
    }

    /// Begins to read the capture that a place was kept for.
    pub fn fill(&mut self, place: Reserved) -> CaptureIntake<'_> {
        let reader = Reader::new(Options { keys: self.keys.clone() });
        CaptureIntake { paste: self, at: place.0, reader, digest: Some(Sha256::new()), bytes: 0 }
    }

    /// Begins to read a capture, piece by piece.
    ///
    /// ```
    /// let mut paste = whytls::Paste::default();
    /// let mut intake = paste.capture("empty.pcap");
    /// intake.push(b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\0\0\0\0");
    /// intake.push(b"\0\0\0\0\xff\xff\0\0\x01\0\0\0");
    /// intake.finish();
    /// assert_eq!(paste.inputs[0].bytes, 24);
    /// ```
    pub fn capture(&mut self, name: &str) -> CaptureIntake<'_> {
        let place = self.reserve(name);
        self.fill(place)
    }
}

impl CaptureIntake<'_> {
    /// For what shows no digest: making one takes longer than all the rest.
    #[must_use]
    pub fn without_digest(mut self) -> Self {
        self.digest = None;
        self
    }

    /// The next piece.
    pub fn push(&mut self, piece: &[u8]) {
        if let Some(digest) = &mut self.digest {
            digest.update(piece);
        }
        self.bytes += piece.len();
        self.reader.push(piece);
    }

    /// The file ends here.
    pub fn finish(self) {
        let Self { paste, at, reader, digest, bytes } = self;
        if let Some(input) = paste.inputs.get_mut(at) {
            input.bytes = bytes;
            input.sha256 = digest.map_or_else(String::new, |digest| super::hex(&digest.finalize()));
            input.content = Content::Capture(Arc::new(reader.finish()));
        }
    }
}
