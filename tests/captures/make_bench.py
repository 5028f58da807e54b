#!/usr/bin/env python3
"""Makes a capture of mixed traffic for `make bench`: TLS of several kinds, plain HTTP, DNS, loss.

In:  the file to write, and its size in megabytes.
Out: pcap, the same bytes each time.
"""

import random
import struct
import sys

ETHERNET = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\x00"
SYN, FIN, RST, ACK, PSH = 2, 1, 4, 16, 8
MSS = 1448


def checksum_free_ip(proto, src, dst, payload):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, proto, 0, src, dst)
    total = sum(struct.unpack(">10H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack(">H", ~total & 0xFFFF) + head[12:] + payload


def extension(kind, body):
    return struct.pack(">HH", kind, len(body)) + body


def record(kind, version, body):
    return struct.pack(">BHH", kind, version, len(body)) + body


def message(kind, body):
    return bytes([kind]) + struct.pack(">I", len(body))[1:] + body


class Traffic:
    def __init__(self, out, size):
        self.out, self.size, self.written = out, size, 24
        self.random = random.Random(1)
        self.time = 1_700_000_000_000_000
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        # What TLS carries looks like noise; one piece of it is cut to length again and again.
        self.noise = self.random.randbytes(1 << 20)
        self.chain = [self.certificate(n) for n in (1100, 1400)]

    def certificate(self, size):
        return b"\x30\x82" + struct.pack(">H", size - 4) + self.noise[: size - 4]

    def bytes(self, n):
        at = self.random.randrange(len(self.noise) - n) if n < len(self.noise) else 0
        return self.noise[at : at + n]

    def packet(self, frame):
        self.time += self.random.randrange(1, 200)
        self.out.write(struct.pack("<IIII", self.time // 1_000_000, self.time % 1_000_000, len(frame), len(frame)))
        self.out.write(frame)
        self.written += 16 + len(frame)

    def client_hello(self, name, new):
        suites = struct.pack(">9H", 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0x009C, 0x002F)
        host = name.encode()
        extensions = extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host)
        extensions += extension(10, b"\0\x06\0\x1d\0\x17\0\x18") + extension(11, b"\x01\0")
        extensions += extension(13, b"\0\x08\x04\x03\x08\x04\x04\x01\x05\x01")
        extensions += extension(16, b"\0\x0c\x02h2\x08http/1.1")
        if new:
            extensions += extension(43, b"\x04\x03\x04\x03\x03")
            extensions += extension(51, struct.pack(">HHH", 36, 0x1D, 32) + self.bytes(32))
        body = b"\x03\x03" + self.bytes(32) + b"\x20" + self.bytes(32) + struct.pack(">H", len(suites)) + suites
        body += b"\x01\0" + struct.pack(">H", len(extensions)) + extensions
        return record(22, 0x0301, message(1, body))

    def server_flight(self, new):
        hello = b"\x03\x03" + self.bytes(32) + b"\0" + (b"\x13\x01" if new else b"\xc0\x2f") + b"\0"
        if new:
            extensions = extension(43, b"\x03\x04") + extension(51, struct.pack(">HH", 0x1D, 32) + self.bytes(32))
            hello += struct.pack(">H", len(extensions)) + extensions
            flight = record(22, 0x0303, message(2, hello)) + record(20, 0x0303, b"\x01")
            return flight + record(23, 0x0303, self.bytes(2900)) + record(23, 0x0303, self.bytes(69))
        hello += b"\0\0"
        certificates = b"".join(struct.pack(">I", len(c))[1:] + c for c in self.chain)
        certificates = struct.pack(">I", len(certificates))[1:] + certificates
        exchange = b"\x03\0\x1d\x20" + self.bytes(32) + b"\x04\x01\x01\0" + self.bytes(256)
        messages = message(2, hello) + message(11, certificates) + message(12, exchange) + message(14, b"")
        return record(22, 0x0303, messages)

    def data(self, n):
        parts = []
        while n > 0:
            size = min(n, 16_384)
            parts.append(record(23, 0x0303, self.bytes(size)))
            n -= size
        return b"".join(parts)

    def script(self, kind):
        """Who says what: pairs of a side and bytes."""
        name = f"host{self.random.randrange(500)}.example.com"
        new = kind == "tls13"
        if kind == "http":
            page = self.bytes(self.random.choice([2_000, 20_000, 200_000]))
            return 80, [(0, b"GET / HTTP/1.1\r\nHost: " + name.encode() + b"\r\n\r\n"),
                        (1, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page)]
        if kind == "refused":
            return 443, [(0, self.client_hello(name, True)), (1, record(21, 0x0303, b"\x02\x46"))]
        end = record(20, 0x0303, b"\x01")
        said = [(0, self.client_hello(name, new)), (1, self.server_flight(new))]
        if new:
            said.append((0, end + record(23, 0x0303, self.bytes(53))))
        else:
            said.append((0, record(22, 0x0303, message(16, b"\x20" + self.bytes(32))) + end + record(22, 0x0303, self.bytes(40))))
            said.append((1, end + record(22, 0x0303, self.bytes(40))))
        for _ in range(self.random.choice([1, 1, 2, 5])):
            said.append((0, self.data(self.random.choice([200, 800]))))
            said.append((1, self.data(self.random.choice([500, 5_000, 30_000, 120_000, 400_000]))))
        said.append((0, record(21, 0x0303, self.bytes(26 if not new else 19))))
        return 443, said

    def connection(self, kind):
        """Packets of one connection, made one by one so that connections can be interleaved."""
        port, said = self.script(kind)
        hosts = [bytes([10, 0, self.random.randrange(256), self.random.randrange(1, 255)]),
                 bytes([192, 0, 2, self.random.randrange(1, 255)])]
        ports = [self.random.randrange(32768, 61000), port]
        seq = [self.random.randrange(1 << 32), self.random.randrange(1 << 32)]

        def segment(side, flags, payload=b"", at=None):
            header = struct.pack(">HHIIBBHHH", ports[side], ports[1 - side], (seq[side] if at is None else at) & 0xFFFFFFFF,
                                 seq[1 - side] & 0xFFFFFFFF, 0x80, flags, 502, 0, 0)
            header += b"\x01\x01\x08\x0a" + struct.pack(">II", self.time & 0xFFFFFFFF, 1)
            return ETHERNET + checksum_free_ip(6, hosts[side], hosts[1 - side], header + payload)

        yield segment(0, SYN)
        seq[0] += 1
        yield segment(1, SYN | ACK)
        seq[1] += 1
        yield segment(0, ACK)
        for side, words in said:
            late = None
            for at in range(0, len(words), MSS):
                piece = words[at : at + MSS]
                frame = segment(side, ACK | PSH, piece)
                seq[side] += len(piece)
                chance = self.random.random()
                if chance < 0.002 and late is None:
                    late = frame
                    continue
                yield frame
                if chance > 0.998:
                    yield frame
                if late is not None:
                    yield late
                    late = None
                if at // MSS % 2:
                    yield segment(1 - side, ACK)
            if late is not None:
                yield late
        yield segment(0, FIN | ACK)
        seq[0] += 1
        yield segment(1, FIN | ACK)
        seq[1] += 1
        yield segment(0, ACK)

    def dns(self):
        name = b"\x05host%d\x07example\x03com\0" % self.random.randrange(10)
        query = self.random.randbytes(2) + b"\x01\0\0\x01\0\0\0\0\0\0" + name + b"\0\x01\0\x01"
        udp = struct.pack(">HHHH", self.random.randrange(32768, 61000), 53, 8 + len(query), 0) + query
        yield ETHERNET + checksum_free_ip(17, b"\x0a\0\0\x01", b"\x0a\0\0\x35", udp)

    def run(self):
        kinds = ["tls13"] * 5 + ["tls12"] * 3 + ["http"] * 2 + ["refused"]
        open_now = []
        while self.written < self.size:
            while len(open_now) < 64:
                if self.random.random() < 0.2:
                    open_now.append(self.dns())
                open_now.append(self.connection(self.random.choice(kinds)))
            one = self.random.randrange(len(open_now))
            for _ in range(self.random.randrange(1, 12)):
                frame = next(open_now[one], None)
                if frame is None:
                    open_now.pop(one)
                    break
                self.packet(frame)


if __name__ == "__main__":
    path, megabytes = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with open(path, "wb", buffering=1 << 20) as out:
        Traffic(out, megabytes * 1_000_000).run()
