//! Connections, segment by segment: what may go wrong with them on the way.

use super::*;
use crate::wire::flow::{CloseHow, Side, What};
use crate::wire::packet::{Layer, Packets};

const SYN: u8 = 2;
const FIN: u8 = 1;
const RST: u8 = 4;
const ACK: u8 = 16;

const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 1], 50_000);
const SERVER: ([u8; 4], u16) = ([192, 0, 2, 1], 443);

/// A capture that is made up packet by packet.
struct Wire {
    streams: Streams,
    packets: Packets,
    number: u32,
    now: i64,
    /// The next number of each side.
    seq: [u32; 2],
    port: u16,
    ttl: u8,
}

impl Wire {
    fn new() -> Self {
        Self {
            streams: Streams::new(Keys::default()),
            packets: Packets::default(),
            number: 0,
            now: 0,
            seq: [u32::MAX - 100, 5000],
            port: SERVER.1,
            ttl: 64,
        }
    }

    fn raw(&mut self, from: Side, seq: u32, flags: u8, bytes: &[u8]) {
        let server = (SERVER.0, self.port);
        let (from, to, ack) = match from {
            Side::Client => (CLIENT, server, self.seq[1]),
            Side::Server => (server, CLIENT, self.seq[0]),
        };
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, self.ttl, 6, 0, 0];
        packet.extend(from.0);
        packet.extend(to.0);
        packet.extend(from.1.to_be_bytes());
        packet.extend(to.1.to_be_bytes());
        packet.extend(seq.to_be_bytes());
        packet.extend(ack.to_be_bytes());
        packet.extend([0x50, flags, 1, 0, 0, 0, 0, 0]);
        packet.extend(bytes);
        let length = u16::try_from(packet.len()).expect("it is small").to_be_bytes();
        packet[2..4].copy_from_slice(&length);
        self.number += 1;
        self.now += 1_000_000;
        let start = usize::try_from(self.number).expect("it is small") * 1000;
        let place = Place { packet: self.number, start, end: start + packet.len() };
        let (streams, time) = (&mut self.streams, Some(Time::Unix(self.now)));
        self.packets.read(Layer::Ip, &packet, &mut |segment| streams.segment(&segment, &packet, place, time));
    }

    /// What a side says next, as one segment.
    fn say(&mut self, from: Side, flags: u8, bytes: &[u8]) {
        let at = usize::from(from == Side::Server);
        self.raw(from, self.seq[at], flags, bytes);
        let counts = u32::from(flags & (SYN | FIN) != 0) + u32::try_from(bytes.len()).expect("it is small");
        self.seq[at] = self.seq[at].wrapping_add(counts);
    }

    fn open(&mut self) {
        self.say(Side::Client, SYN, b"");
        self.say(Side::Server, SYN | ACK, b"");
        self.say(Side::Client, ACK, b"");
    }

    fn one(self) -> Flow {
        let (mut flows, _) = self.streams.finish();
        assert_eq!(flows.len(), 1, "{flows:#?}");
        flows.remove(0)
    }
}

/// A ClientHello of TLS 1.2 with nothing but a name.
fn hello() -> Vec<u8> {
    let name = b"example.com";
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 4, 0xc0, 0x2f, 0, 0x2f, 1, 0, 0, 20, 0, 0, 0, 16, 0, 14, 0, 0, 11]);
    body.extend(name);
    let length = u8::try_from(body.len()).expect("it is small");
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
}

const ALERT: &[u8] = &[21, 3, 3, 0, 2, 2, 40];

fn sni(flow: &Flow) -> Option<&str> {
    flow.client_hello().and_then(|(hello, _)| hello.sni.as_deref())
}

fn told(flow: &Flow, what: fn(&What) -> bool) -> usize {
    flow.events.iter().filter(|event| what(&event.what)).count()
}

#[test]
fn a_connection_from_syn_to_fin() {
    let mut wire = Wire::new();
    wire.open();
    wire.say(Side::Client, ACK, &hello());
    wire.say(Side::Server, ACK, ALERT);
    wire.say(Side::Server, FIN | ACK, b"");
    wire.say(Side::Client, FIN | ACK, b"");
    wire.say(Side::Server, ACK, b"");
    let flow = wire.one();
    assert_eq!(sni(&flow), Some("example.com"));
    assert_eq!(flow.client.as_ref().map(|end| end.address()).as_deref(), Some("10.0.0.1:50000"));
    assert_eq!(flow.server.as_ref().map(|end| end.address()).as_deref(), Some("192.0.2.1:443"));
    let close = flow.close.expect("it was closed");
    assert_eq!((close.by, close.how, close.place.packet), (Side::Server, CloseHow::Fin, 6));
    assert!(flow.from_start && !flow.established);
    // Sequence numbers wrapped inside the hello, and places are those of the payload.
    let (_, event) = flow.client_hello().expect("it is there");
    assert_eq!((event.place.packet, event.place.start), (4, 4040));
}

#[test]
fn segments_in_any_order_twice_and_overlapping() {
    let hello = hello();
    let pieces = [(0, 20), (20, 50), (50, hello.len())];
    let orders: [&[usize]; 7] =
        [&[0, 1, 2], &[2, 1, 0], &[1, 2, 0], &[0, 0, 1, 1, 2], &[2, 2, 1, 0], &[0, 2, 1], &[1, 0, 2, 0]];
    for order in orders {
        for overlap in [0, 7] {
            let mut wire = Wire::new();
            wire.open();
            let first = wire.seq[0];
            for piece in order {
                let (start, end) = pieces[*piece];
                let start = if start == 0 { 0 } else { start - overlap };
                let seq = first.wrapping_add(u32::try_from(start).expect("it is small"));
                wire.raw(Side::Client, seq, ACK, &hello[start..end]);
            }
            wire.seq[0] = first.wrapping_add(u32::try_from(hello.len()).expect("it is small"));
            wire.say(Side::Server, ACK, ALERT);
            let flow = wire.one();
            assert_eq!(sni(&flow), Some("example.com"), "{order:?} {overlap}");
            assert_eq!(flow.alerts().count(), 1, "{order:?} {overlap}");
            assert_eq!(told(&flow, |what| matches!(what, What::Missing { .. })), 0);
        }
    }
}

#[test]
fn a_retransmission_is_told_and_not_read_twice() {
    let mut wire = Wire::new();
    wire.open();
    let seq = wire.seq[0];
    wire.say(Side::Client, ACK, &hello());
    // Captured twice is not sent twice.
    wire.raw(Side::Client, seq, ACK, &hello());
    for _ in 0..2 {
        wire.now += 200_000_000;
        wire.raw(Side::Client, seq, ACK, &hello());
    }
    let flow = wire.one();
    assert_eq!(told(&flow, |what| matches!(what, What::ClientHello(_))), 1);
    assert_eq!(told(&flow, |what| matches!(what, What::Retransmission)), 2);
    // Nobody answered, and nobody closed.
    let close = flow.close.expect("it timed out");
    assert_eq!((close.by, close.how, close.place.packet), (Side::Server, CloseHow::Timeout, 7));
}

#[test]
fn a_syn_that_nobody_answers_and_one_that_is_refused() {
    let mut wire = Wire::new();
    for _ in 0..3 {
        wire.now += 1_000_000_000;
        wire.raw(Side::Client, 77, SYN, b"");
    }
    let flow = wire.one();
    assert_eq!(flow.close.map(|close| (close.by, close.how)), Some((Side::Server, CloseHow::Timeout)));
    let mut wire = Wire::new();
    wire.say(Side::Client, SYN, b"");
    wire.say(Side::Server, RST | ACK, b"");
    let flow = wire.one();
    assert_eq!(flow.close.map(|close| (close.by, close.how)), Some((Side::Server, CloseHow::Rst)));
    assert_eq!(told(&flow, |what| matches!(what, What::Rst { injected: false })), 1);
    // On a port where no TLS is to be expected, it counts where there is nothing else.
    for other in [false, true] {
        let mut wire = Wire::new();
        wire.port = 9;
        wire.say(Side::Client, SYN, b"");
        wire.say(Side::Server, RST | ACK, b"");
        wire.port = 10;
        wire.say(Side::Client, SYN, b"");
        if other {
            wire.port = SERVER.1;
            wire.open();
            wire.say(Side::Client, ACK, &hello());
        }
        let flows = wire.streams.finish().0;
        let ports: Vec<_> = flows.iter().filter_map(|flow| flow.server.as_ref()?.port).collect();
        assert_eq!(ports, if other { vec![SERVER.1] } else { vec![9, 10] });
    }
}

#[test]
fn a_server_that_stays_silent_to_the_end_of_the_capture() {
    let mut wire = Wire::new();
    wire.open();
    wire.say(Side::Client, ACK, &hello());
    wire.say(Side::Server, ACK, b"");
    wire.now += 60_000_000_000;
    wire.say(Side::Server, ACK, b"");
    let flow = wire.one();
    assert_eq!(flow.close.map(|close| (close.by, close.how)), Some((Side::Server, CloseHow::Timeout)));
}

#[test]
fn a_gap_is_given_up_when_the_receiver_has_what_the_capture_has_not() {
    let mut wire = Wire::new();
    wire.open();
    wire.say(Side::Client, ACK, &hello());
    // The first segment of the server's flight is not in the capture.
    wire.seq[1] = wire.seq[1].wrapping_add(1400);
    wire.say(Side::Server, ACK, &[9; 300]);
    wire.say(Side::Client, ACK, ALERT);
    wire.say(Side::Client, FIN | ACK, b"");
    wire.say(Side::Server, FIN | ACK, b"");
    let flow = wire.one();
    assert_eq!(told(&flow, |what| matches!(what, What::Missing { bytes: 1400 })), 1);
    assert_eq!(flow.alerts().count(), 1);
    assert_eq!(flow.close.map(|close| close.by), Some(Side::Client));
}

#[test]
fn one_direction_only_and_no_beginning() {
    let mut wire = Wire::new();
    wire.say(Side::Client, ACK, &hello());
    wire.say(Side::Client, RST, b"");
    let flow = wire.one();
    assert_eq!((sni(&flow), flow.from_start), (Some("example.com"), false));
    assert_eq!(flow.close.map(|close| (close.by, close.how)), Some((Side::Client, CloseHow::Rst)));
    // The other direction alone: who sends an alert from port 443 is the server.
    let mut wire = Wire::new();
    wire.say(Side::Server, ACK, ALERT);
    assert_eq!(wire.one().alerts().next().map(|(_, _, event)| event.from), Some(Side::Server));
    // Somewhere in the middle of a connection, nothing can be read.
    let mut wire = Wire::new();
    wire.say(Side::Server, ACK, &[0x80; 500]);
    assert_eq!(wire.streams.finish().0.len(), 0);
}

#[test]
fn a_header_in_pieces_where_the_capture_begins() {
    let hello = hello();
    for end in 1..6 {
        let mut wire = Wire::new();
        wire.say(Side::Client, ACK, hello.get(..end).expect("it is longer"));
        wire.say(Side::Client, ACK, hello.get(end..).expect("it is longer"));
        let flow = wire.one();
        assert_eq!(sni(&flow), Some("example.com"), "{end}");
        assert!(!flow.from_start);
    }
}

#[test]
fn ports_that_are_used_again_are_another_connection() {
    let mut wire = Wire::new();
    for _ in 0..3 {
        wire.open();
        wire.say(Side::Client, ACK, &hello());
        wire.say(Side::Server, RST, b"");
        wire.seq = [wire.seq[0].wrapping_add(70_000), wire.seq[1].wrapping_add(90_000)];
    }
    let (flows, _) = wire.streams.finish();
    assert_eq!(flows.len(), 3);
    assert!(flows.iter().all(|flow| sni(flow) == Some("example.com")));
    assert!(flows.iter().all(|flow| flow.close.map(|close| close.how) == Some(CloseHow::Rst)));
}

#[test]
fn an_rst_of_another_machine() {
    let injected = |flow: &Flow| told(flow, |what| matches!(what, What::Rst { injected: true })) == 1;
    // From another distance than the host it names: what that says behind it is read.
    for goes_on in [false, true] {
        let mut wire = Wire::new();
        wire.open();
        wire.say(Side::Client, ACK, &hello());
        let ttl = std::mem::replace(&mut wire.ttl, 52);
        wire.say(Side::Server, RST | ACK, b"");
        wire.ttl = ttl;
        if goes_on {
            wire.say(Side::Server, ACK, ALERT);
        }
        let flow = wire.one();
        assert!(injected(&flow));
        assert_eq!(told(&flow, |what| matches!(what, What::Alert { .. })), usize::from(goes_on));
        assert_eq!(flow.close.map(|close| close.how), Some(CloseHow::Rst));
    }
    // From the host itself.
    let mut wire = Wire::new();
    wire.open();
    wire.say(Side::Client, ACK, &hello());
    wire.say(Side::Server, RST | ACK, b"");
    assert!(!injected(&wire.one()));
    // The host goes on as if nothing had happened.
    let mut wire = Wire::new();
    wire.open();
    wire.say(Side::Client, ACK, &hello());
    wire.say(Side::Server, RST | ACK, b"");
    wire.say(Side::Server, ACK, ALERT);
    let flow = wire.one();
    assert!(injected(&flow));
    assert_eq!(told(&flow, |what| matches!(what, What::Alert { .. })), 1);
    // Sooner than anything can come from there.
    let mut wire = Wire::new();
    wire.say(Side::Client, SYN, b"");
    wire.now += 80_000_000;
    wire.say(Side::Server, SYN | ACK, b"");
    wire.say(Side::Client, ACK, &hello());
    wire.say(Side::Server, RST | ACK, b"");
    assert!(injected(&wire.one()));
}

#[test]
fn what_was_left_of_a_message_stands_before_the_rst() {
    let mut wire = Wire::new();
    wire.open();
    wire.say(Side::Client, ACK, &hello());
    let half = [&[22, 3, 3, 0, 100, 2, 0, 0, 96, 3, 3][..], &[7; 20]].concat();
    wire.say(Side::Server, ACK, &half);
    wire.say(Side::Server, RST | ACK, b"");
    let flow = wire.one();
    assert!(flow.events.last().is_some_and(|event| matches!(event.what, What::Rst { injected: false })));
}

#[test]
fn events_stand_in_the_order_of_their_packets() {
    let mut wire = Wire::new();
    wire.open();
    wire.say(Side::Client, ACK, b"PROXY TCP4 192.0.2.9 192.0.2.1 51000 443\r\n");
    wire.say(Side::Server, ACK, b"HTTP/1.1 400 Bad Request\r\n\r\n");
    wire.say(Side::Server, FIN | ACK, b"");
    wire.say(Side::Client, ACK, &hello());
    let flow = wire.one();
    assert_eq!(told(&flow, |what| matches!(what, What::StartTls { .. } | What::Fin)), 2);
    assert!(flow.events.is_sorted_by_key(|event| event.place.packet));
}

#[test]
fn a_snap_length_leaves_a_gap() {
    let mut wire = Wire::new();
    wire.open();
    wire.say(Side::Client, ACK, &hello());
    let (seq, ack) = (wire.seq[1], wire.seq[0]);
    let tcp = crate::wire::packet::Tcp::new(seq, ack, ACK);
    let from = wire_socket(SERVER);
    let segment =
        Segment { from, to: wire_socket(CLIENT), ttl: 64, tcp: Some(tcp), payload: &[1; 10], missing: 90 };
    wire.streams.segment(&segment, &[], Place::default(), None);
    let flow = wire.one();
    assert_eq!(told(&flow, |what| matches!(what, What::Missing { bytes: 90 })), 1);
}

fn wire_socket((address, port): ([u8; 4], u16)) -> Socket {
    Socket { address: crate::wire::packet::Address::v4(address), port }
}

#[test]
fn what_is_none_of_ours_is_forgotten() {
    let mut wire = Wire::new();
    wire.port = 9000;
    for _ in 0..10 {
        wire.open();
        wire.say(Side::Client, ACK, &[0, 1, 2, 3, 4, 5, 6, 7]);
        wire.say(Side::Server, ACK, &[0; 1000]);
        wire.say(Side::Server, FIN | ACK, b"");
        wire.say(Side::Client, FIN | ACK, b"");
        wire.seq = [wire.seq[0].wrapping_add(70_000), wire.seq[1].wrapping_add(90_000)];
    }
    assert!(wire.streams.done.is_empty());
    assert!(wire.streams.table.values().all(|slot| matches!(slot, Slot::Dead)));
}
