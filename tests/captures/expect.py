#!/usr/bin/env python3
"""Writes what tshark says of captures: NAME.pcap, with NAME.keys where it is there, to NAME.json."""
import hashlib, json, os, struct, subprocess, sys
import xml.etree.ElementTree as tree

def first_port(path):
    data = open(path, "rb").read()
    at, length = 40, struct.unpack("<I", data[32:36])[0]
    packet = data[at:at + length]
    ip = packet[14:]
    transport = ip[(ip[0] & 15) * 4:]
    return "udp" if ip[9] == 17 else "tcp", struct.unpack(">H", transport[2:4])[0]

def number(field): return int(field.get("value"), 16)
def all_of(node, name): return [f for f in node.iter("field") if f.get("name") == name]
def one(node, name):
    found = all_of(node, name)
    return found[0] if found else None

def hello(node, p, record):
    out = {
        "record_version": number(record) if record is not None else None,
        "legacy_version": number(one(node, p + ".handshake.version")),
        "extensions": [number(f) for f in all_of(node, p + ".handshake.extension.type")],
        "supported_versions": [number(f) for f in all_of(node, p + ".handshake.extensions.supported_version")],
        "alpn": [f.get("show") for f in all_of(node, p + ".handshake.extensions_alpn_str")],
    }
    return out

def schemes(node, p):
    # Those of signature_algorithms_cert have the same name in tshark.
    for extension in node.iter("field"):
        kind = [f for f in extension if f.get("name") == p + ".handshake.extension.type"]
        if kind and number(kind[0]) == 13:
            return [number(f) for f in all_of(extension, p + ".handshake.sig_hash_alg")]
    return []

def main(path):
    base = path[:-5]
    over, port = first_port(path)
    p = "tls" if over == "tcp" else "dtls"
    quic = os.path.basename(base).startswith("quic")
    eap = os.path.basename(base).startswith("eap")
    if quic or eap: p = "tls"
    command = ["tshark", "-r", path, "-T", "pdml"]
    # What leads to TLS is known to tshark by itself, but for RDP and FTP's AUTH SSL.
    leads = os.path.basename(base).startswith("starttls") and not any(p in base for p in ("-rdp-", "-ftp-"))
    if not (eap or leads): command += ["-d", f"{over}.port=={port},{'quic' if quic else p}"]
    if os.path.exists(base + ".keys"): command += ["-o", "tls.keylog_file:" + base + ".keys"]
    xml = subprocess.run(command, capture_output=True).stdout
    streams = {}
    for packet in tree.fromstring(xml).iter("packet"):
        protos = list(packet)
        key = next((f.get("show") for f in packet.iter("field") if f.get("name") == over + ".stream"), None)
        if key is None: continue
        sport = int(next(f.get("show") for f in packet.iter("field") if f.get("name") == over + ".srcport"))
        side = "server" if sport == port else "client"
        flow = streams.setdefault(key, {"client_hellos": [], "server_hellos": [], "certificates": [], "alerts": [], "messages": []})
        if eap:
            protos = [packet]
        for proto in protos:
            if proto is not packet and proto.get("name") not in (p, "quic"): continue
            for record in proto.iter("field"):
                if record.get("name") == p + ".alert_message" and one(record, p + ".alert_message.level") is not None:
                    flow["alerts"].append([side, number(one(record, p + ".alert_message.level")), number(one(record, p + ".alert_message.desc"))])
                if record.get("name") == p + ".record":
                    handle(record, one(record, p + ".record.version"), p, side, flow)
            if quic:
                # Alerts travel in CONNECTION_CLOSE (RFC 9001 §4.8).
                for field in all_of(proto, "quic.cc.error_code"):
                    alert = [side, 2, int(field.get("show")) - 0x100]
                    if 0 <= alert[2] < 256 and alert not in flow["alerts"]: flow["alerts"].append(alert)
                for node in proto.iter("field"):
                    if node.get("name") == "tls":  handle(node, None, p, side, flow)
                for node in proto.iter("proto"):
                    if node.get("name") == "tls":  handle(node, None, p, side, flow)
    with open(base + ".json", "w") as out:
        flows = [json.dumps(streams[k]) for k in sorted(streams, key=int)]
        out.write("[\n" + ",\n".join(flows) + "\n]\n")

def handle(record, version, p, side, flow):
    for shake in all_of(record, p + ".handshake"):
        if p == "dtls":
            # Of a fragmented message, only the last fragment carries its fields.
            whole = one(shake, "dtls.handshake.length"); part = one(shake, "dtls.handshake.fragment_length")
            if whole is not None and part is not None and number(whole) != number(part) and not any(f.get("name") == "dtls.handshake.reassembled_in" or f.get("name")=="dtls.fragments" for f in shake.iter("field")): continue
            if any(f.get("name") == "dtls.reassembled.in" for f in shake.iter("field")): continue
        kind = one(shake, p + ".handshake.type")
        if kind is None: continue
        kind = number(kind)
        if kind == 2 and any("Hello Retry" in (f.get("showname") or "") for f in [shake]): kind = 2
        flow["messages"].append([side, kind])
        if kind == 1:
            out = hello(shake, p, version)
            sni = one(shake, p + ".handshake.extensions_server_name")
            ja3 = one(shake, p + ".handshake.ja3")
            out.update({
                "sni": sni.get("show") if sni is not None else None,
                "ciphers": [number(f) for f in all_of(shake, p + ".handshake.ciphersuite")],
                "groups": [number(f) for f in all_of(shake, p + ".handshake.extensions_supported_group")],
                "signature_schemes": schemes(shake, p),
                "ja3": ja3.get("show") if ja3 is not None else None,
            })
            flow["client_hellos"].append(out)
        if kind == 2:
            out = hello(shake, p, version)
            ja3s = one(shake, p + ".handshake.ja3s")
            del out["record_version"], out["alpn"]
            out["version"] = (out.pop("supported_versions") or [out["legacy_version"]])[0]
            out.update({"cipher": number(one(shake, p + ".handshake.ciphersuite")), "ja3s": ja3s.get("show") if ja3s is not None else None})
            flow["server_hellos"].append(out)
        if kind == 11:
            flow["certificates"].append([side] + [hashlib.sha256(bytes.fromhex(f.get("value"))).hexdigest() for f in all_of(shake, p + ".handshake.certificate")])

for path in sys.argv[1:]: main(path)
