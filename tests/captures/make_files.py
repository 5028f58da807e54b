#!/usr/bin/env python3
"""Writes one conversation in every kind of capture file and link type: files/*, next to this script.

In:  tls/openssl-tls12.pcap and its .keys, a real conversation; Wireshark's editcap and mergecap.
Out: files whose packets are the same, down to the IP header, so that all must be read alike.
"""

import gzip
import os
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
BASE = os.path.join(HERE, "tls", "openssl-tls12.pcap")
OUT = os.path.join(HERE, "files")


def packets():
    data = open(BASE, "rb").read()
    assert data[:4] == b"\xd4\xc3\xb2\xa1" and struct.unpack("<I", data[20:24])[0] == 1
    at = 24
    while at < len(data):
        seconds, micro, length, _ = struct.unpack("<IIII", data[at : at + 16])
        yield seconds, micro, data[at + 16 : at + 16 + length]
        at += 16 + length


def write(name, data):
    with open(os.path.join(OUT, name), "wb") as file:
        file.write(data)


def pcap(name, link, frames, order="<", magic=0xA1B2C3D4, nano=False):
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)
    for seconds, micro, frame in frames:
        out += struct.pack(order + "IIII", seconds, micro * (1000 if nano else 1), len(frame), len(frame)) + frame
    write(name, out)


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def section(order):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order, link, options=b""):
    return block(order, 1, struct.pack(order + "HHI", link, 0, 0) + options)


def fragments(ip, size):
    """An IPv4 packet in pieces, the last one first."""
    header, body = bytearray(ip[:20]), ip[20:]
    pieces = []
    for at in range(0, len(body), size):
        piece = body[at : at + size]
        more = 0x2000 if at + size < len(body) else 0
        header[2:4] = struct.pack(">H", 20 + len(piece))
        header[6:8] = struct.pack(">H", more | at // 8)
        pieces.append(bytes(header) + piece)
    return pieces[::-1]


def main():
    os.makedirs(OUT, exist_ok=True)
    all_of = list(packets())
    ip = [(s, u, frame[14:]) for s, u, frame in all_of]

    for kind in ("pcap", "nsecpcap", "modpcap", "nokiapcap", "rh6_1pcap", "suse6_3pcap", "pcapng", "netmon1",
                 "netmon2", "snoop"):
        name = {"nsecpcap": "nanoseconds.pcap", "modpcap": "modified.pcap", "nokiapcap": "nokia.pcap",
                "rh6_1pcap": "red-hat-6.1.pcap", "suse6_3pcap": "suse-6.3.pcap", "netmon1": "netmon1.cap",
                "netmon2": "netmon2.cap"}.get(kind, "plain." + kind)
        subprocess.run(["editcap", "-F", kind, BASE, os.path.join(OUT, name)], check=True)
    for name in ("plain.pcap", "plain.pcapng"):
        write(name + ".gz", gzip.compress(open(os.path.join(OUT, name), "rb").read(), mtime=0))
    # Two members, as `cat a.gz b.gz` makes them.
    data = open(BASE, "rb").read()
    write("two-members.pcap.gz", gzip.compress(data[:700], mtime=0) + gzip.compress(data[700:], mtime=0))
    subprocess.run(["editcap", "-F", "pcapng", "--inject-secrets", "tls," + BASE[:-5] + ".keys", BASE,
                    os.path.join(OUT, "secrets.pcapng")], check=True)
    pcap("big-endian.pcap", 1, all_of, ">")
    pcap("big-endian-nanoseconds.pcap", 1, all_of, ">", 0xA1B23C4D, nano=True)

    # Both byte orders in one file, a section each; old and simple packet blocks; a clock of its own.
    half = len(all_of) // 2
    out = section(">") + interface(">", 1)
    for n, (s, u, frame) in enumerate(all_of[:half]):
        t = s * 1_000_000 + u
        head = struct.pack(">HHIIII", 0, 0, t >> 32, t & 0xFFFFFFFF, len(frame), len(frame))
        out += block(">", 2, head + frame + b"\0" * (-len(frame) % 4))
        out += block(">", 5, b"\0" * 12) if n % 3 == 0 else b""
    out += section("<") + interface("<", 101) + interface("<", 1, struct.pack("<HHB3x", 9, 1, 0x80 | 20) + struct.pack("<HH", 0, 0))
    for s, u, frame in all_of[half:]:
        t = (s << 20) + (u << 20) // 1_000_000
        head = struct.pack("<IIIII", 1, t >> 32, t & 0xFFFFFFFF, len(frame), len(frame))
        out += block("<", 6, head + frame + b"\0" * (-len(frame) % 4))
    write("two-sections.pcapng", out)
    write("simple-packets.pcapng", section("<") + interface("<", 1)
          + b"".join(block("<", 3, struct.pack("<I", len(f)) + f) for _, _, f in all_of))

    def link(name, number, head, tail=b""):
        pcap("link-" + name + ".pcap", number, [(s, u, head(p) + p + tail) for s, u, p in ip])

    mac = bytes(12)
    link("vlan", 1, lambda p: mac + b"\x81\0\0\x05\x08\0")
    link("qinq", 1, lambda p: mac + b"\x88\xa8\0\x05\x81\0\0\x06\x08\0")
    link("pppoe", 1, lambda p: mac + b"\x88\x64\x11\0\0\x01" + struct.pack(">H", len(p) + 2) + b"\0\x21")
    link("null", 0, lambda p: b"\x02\0\0\0")
    link("loop", 108, lambda p: b"\0\0\0\x02")
    link("raw", 101, lambda p: b"")
    link("raw-bsd", 12, lambda p: b"")
    link("ipv4", 228, lambda p: b"")
    link("sll", 113, lambda p: b"\0\0\x03\x04\0\x06" + bytes(8) + b"\x08\0")
    link("sll2", 276, lambda p: b"\x08\0\0\0\0\0\0\x01\x03\x04\0\x06" + bytes(8))
    link("ppp", 9, lambda p: b"\xff\x03\0\x21")
    link("ppp-direction", 204, lambda p: b"\x01\xff\x03\0\x21")
    link("cisco-hdlc", 104, lambda p: b"\x0f\0\x08\0")
    snap = b"\xaa\xaa\x03\0\0\0\x08\0"
    link("wifi", 105, lambda p: b"\x08\x01\0\0" + bytes(18) + b"\0\0" + snap, b"FCS!")
    link("radiotap", 127, lambda p: b"\0\0\x09\0\x02\0\0\0\0\x88\x01\0\0" + bytes(18) + b"\0\0\0\0" + snap)
    link("radiotap-padded", 127, lambda p: b"\0\0\x09\0\x02\0\0\0\x20\x88\x01\0\0" + bytes(18) + b"\0\0\0\0\0\0" + snap)
    link("gre", 101, lambda p: struct.pack(">BBHIBBH", 0x45, 0, 24 + len(p), 0, 64, 47, 0) + b"\x0a\0\0\x01\x0a\0\0\x02" + b"\0\0\x08\0")
    vxlan = b"\x08\0\0\0\0\0\x01\0" + mac + b"\x08\0"
    link("vxlan", 101, lambda p: struct.pack(">BBHIBBH", 0x45, 0, 28 + len(vxlan) + len(p), 0, 64, 17, 0)
         + b"\x0a\0\0\x01\x0a\0\0\x02" + struct.pack(">HHHH", 40000, 4789, 8 + len(vxlan) + len(p), 0) + vxlan)
    gtp = lambda p: struct.pack(">BBHIHBB", 0x36, 0xFF, len(p) + 8, 1, 7, 0, 0x85) + b"\x01\0\x09\0"
    link("gtp", 101, lambda p: struct.pack(">BBHIBBH", 0x45, 0, 44 + len(p), 0, 64, 17, 0)
         + b"\x0a\0\0\x01\x0a\0\0\x02" + struct.pack(">HHHH", 2152, 2152, 24 + len(p), 0) + gtp(p))
    pcap("fragments.pcap", 101, [(s, u, piece) for s, u, p in ip for piece in fragments(p, 400)])


main()
