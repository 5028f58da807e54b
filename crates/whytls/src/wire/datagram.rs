//! DTLS and QUIC over UDP, EAP-TLS in RADIUS.
//!
//! In:  the datagrams of both directions between two ports, as they came.
//! Out: events, as `session` gives them.
//! Not here: TLS messages themselves; `handshake` reads those.

use super::dtls::{self, Dtls};
use super::flow::{Event, Side, Transport};
use super::keylog::Keys;
use super::quic::{self, Quic};
use super::radius::{self, Radius};
use super::session::At;

/// Both directions between two UDP ports.
#[derive(Debug, Default)]
pub(crate) struct Datagrams {
    keys: Keys,
    spoken: Spoken,
}

#[derive(Debug, Default)]
enum Spoken {
    #[default]
    Unknown,
    Dtls(Box<Dtls>),
    Quic(Box<Quic>),
    Radius(Box<Radius>),
}

impl Datagrams {
    /// Two ports whose secrets, if they are known, stand in this key log.
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys, spoken: Spoken::Unknown }
    }

    /// Whether something that is read here may begin with this datagram.
    pub(crate) fn may_begin(bytes: &[u8]) -> bool {
        dtls::looks_like_it(dtls::without_capwap(bytes))
            || quic::looks_like_it(bytes)
            || radius::looks_like_it(bytes)
    }

    /// The handshake came to its end.
    pub(crate) fn established(&self) -> bool {
        match &self.spoken {
            Spoken::Unknown => false,
            Spoken::Dtls(dtls) => dtls.established(),
            Spoken::Quic(quic) => quic.established(),
            Spoken::Radius(radius) => radius.established(),
        }
    }

    /// The next datagram. Gives the transport as soon as it is known that this is one of ours.
    pub(crate) fn push(
        &mut self,
        from: Side,
        bytes: &[u8],
        at: At,
        events: &mut Vec<Event>,
    ) -> Option<Transport> {
        if matches!(self.spoken, Spoken::Unknown) {
            let keys = || self.keys.clone();
            self.spoken = if dtls::looks_like_it(dtls::without_capwap(bytes)) {
                Spoken::Dtls(Box::new(Dtls::new(keys())))
            } else if quic::looks_like_it(bytes) {
                Spoken::Quic(Box::new(Quic::new(keys())))
            } else if radius::looks_like_it(bytes) {
                Spoken::Radius(Box::new(Radius::new(keys())))
            } else {
                return None;
            };
        }
        match &mut self.spoken {
            Spoken::Unknown => None,
            Spoken::Dtls(dtls) => {
                dtls.push(from, dtls::without_capwap(bytes), at, events);
                Some(Transport::Udp)
            }
            Spoken::Quic(quic) => {
                quic.push(from, bytes, at, events);
                // An unknown version may be anything else.
                quic.is_sure().then_some(Transport::Quic)
            }
            Spoken::Radius(radius) => {
                radius.push(from, bytes, at, events);
                radius.is_sure().then_some(Transport::Udp)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first record of an access point's handshake, with no suites and no extensions.
    fn hello() -> Vec<u8> {
        let mut body = vec![0xfe, 0xff];
        body.extend([7; 32]);
        body.extend([0, 0, 0, 2, 0, 0x2f, 1, 0]);
        let length = u8::try_from(body.len()).expect("it is small");
        let message = [&[1, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, length][..], &body].concat();
        let length = u8::try_from(message.len()).expect("it is small");
        [&[22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, length][..], &message].concat()
    }

    #[test]
    fn an_access_point_marks_what_is_encrypted() {
        let at = At { place: crate::wire::Place { packet: 1, start: 0, end: 0 }, time: None };
        for mark in [&[][..], &[1, 0, 0, 0]] {
            let datagram = [mark, &hello()].concat();
            assert!(Datagrams::may_begin(&datagram));
            let mut events = Vec::new();
            let mut datagrams = Datagrams::new(Keys::default());
            assert_eq!(datagrams.push(Side::Client, &datagram, at, &mut events), Some(Transport::Udp));
            assert!(matches!(events.as_slice(), [Event { what: crate::wire::What::ClientHello(_), .. }]));
        }
        // Another mark is another protocol.
        assert!(!Datagrams::may_begin(&[&[1, 1, 0, 0][..], &hello()].concat()));
    }
}
