//! EAP-TLS and its kin (PEAP, EAP-TTLS, EAP-FAST, TEAP) in RADIUS.
//!
//! In:  RADIUS packets between an access point and its server.
//! Out: the events of the TLS session that the EAP messages carry in pieces.
//! Not here: TLS itself (`session`), and who it is that wants in: names are not shown.

use std::collections::BTreeMap;

use super::bytes::Reader;
use super::flow::{Event, REJECT, Side, What};
use super::keylog::Keys;
use super::session::{At, Session};

/// So many devices may come in through one access point at once.
const DEVICES: usize = 256;

const EAP_MESSAGE: u8 = 79;
const CALLING_STATION: u8 = 31;
const USER_NAME: u8 = 1;

/// What passes between one access point's port and the server.
#[derive(Debug)]
pub(crate) struct Radius {
    keys: Keys,
    /// By the station that calls, or by the name it gives.
    devices: BTreeMap<Vec<u8>, Device>,
    /// Which device a request was for, by the packet's number.
    requests: BTreeMap<u8, Vec<u8>>,
    established: bool,
    sure: bool,
}

#[derive(Debug, Default)]
struct Device {
    session: Session,
    /// The last EAP message of both sides, to know one that is sent again.
    last: [Option<(u8, usize)>; 2],
}

struct Packet<'a> {
    code: u8,
    number: u8,
    eap: Vec<u8>,
    device: Option<&'a [u8]>,
}

/// Whether a datagram is RADIUS with EAP in it.
pub(crate) fn looks_like_it(bytes: &[u8]) -> bool {
    packet(bytes).is_some_and(|packet| matches!(packet.code, 1 | 2 | 3 | 11) && packet.eap.len() >= 4)
}

fn packet(bytes: &[u8]) -> Option<Packet<'_>> {
    let mut reader = Reader::new(bytes);
    let (code, number) = (reader.u8()?, reader.u8()?);
    let length: usize = reader.u16()?.into();
    let mut attributes = Reader::new(bytes.get(20..length)?);
    let mut packet = Packet { code, number, eap: Vec::new(), device: None };
    while let Some(kind) = attributes.u8() {
        let value = attributes.u8()?.checked_sub(2)?;
        let value = attributes.take(value.into())?;
        match kind {
            EAP_MESSAGE => packet.eap.extend_from_slice(value),
            CALLING_STATION => packet.device = Some(value),
            USER_NAME => packet.device = packet.device.or(Some(value)),
            _ => {}
        }
    }
    Some(packet)
}

impl Radius {
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys, devices: BTreeMap::new(), requests: BTreeMap::new(), established: false, sure: false }
    }

    /// One of the handshakes came to its end.
    pub(crate) fn established(&self) -> bool {
        self.established
    }

    /// TLS was seen in it; other kinds of EAP have none.
    pub(crate) fn is_sure(&self) -> bool {
        self.sure
    }

    /// The next packet.
    pub(crate) fn push(&mut self, from: Side, bytes: &[u8], at: At, events: &mut Vec<Event>) {
        let Some(packet) = packet(bytes) else { return };
        let device = match packet.code {
            1 => {
                let device = packet.device.unwrap_or_default().to_vec();
                self.requests.insert(packet.number, device.clone());
                device
            }
            _ => self.requests.get(&packet.number).cloned().unwrap_or_default(),
        };
        if self.sure && matches!(packet.code, 2 | 3) {
            let text = if packet.code == 2 { "Access-Accept" } else { REJECT }.to_owned();
            events.push(at.event(from, What::Plain { protocol: Some("radius"), text }));
        }
        self.eap(from, device, &packet.eap, at, events);
    }

    fn eap(
        &mut self,
        from: Side,
        device: Vec<u8>,
        message: &[u8],
        at: At,
        events: &mut Vec<Event>,
    ) -> Option<()> {
        let mut reader = Reader::new(message);
        let (code, number) = (reader.u8()?, reader.u8()?);
        let length: usize = reader.u16()?.into();
        // 1 asks, 2 answers; 3 and 4 end it.
        if !matches!(code, 1 | 2) || length < 6 {
            return None;
        }
        let mut reader = Reader::new(message.get(4..length)?);
        let kind = reader.u8()?;
        if !matches!(kind, 13 | 21 | 25 | 43 | 55) {
            return None;
        }
        let flags = reader.u8()?;
        if self.devices.len() >= DEVICES && !self.devices.contains_key(&device) {
            return None;
        }
        self.sure = true;
        let keys = &self.keys;
        let device = self
            .devices
            .entry(device)
            .or_insert_with(|| Device { session: Session::new(keys.clone()), ..Device::default() });
        if flags & 0x20 != 0 {
            // Start: what follows is a new handshake.
            *device = Device { session: Session::new(keys.clone()), ..Device::default() };
            events.push(at.event(from, What::StartTls { protocol: "radius" }));
            return None;
        }
        if flags & 0x80 != 0 {
            reader.u32()?; // the length of all pieces together
        }
        let last = device.last.get_mut(usize::from(from == Side::Server))?;
        if last.replace((number, message.len())) == Some((number, message.len())) {
            events.push(at.event(from, What::Retransmission));
            return None;
        }
        device.session.push(from, reader.rest(), at, events);
        self.established |= device.session.established();
        Some(())
    }
}
