#!/usr/bin/env python3
"""Compares `whytls decode` with tshark, field by field of the contract, on captures that are not ours.

In:  the program, then captures or folders of them: those of other projects' sources, say.
Out: how many fields are equal, for each class of difference how many, and each of them with --list.
     What differs by choice is counted apart, with the reason in CHOICES.
Not here: TLS inside WireGuard, whose keys tshark is given, and in OpenVPN's control channel. We do not look for it
     there, and it counts as flows that are missing.
"""

import collections
import hashlib
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as tree

NAMES = {0x0002: "SSL 2.0", 0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2",
         0x0304: "TLS 1.3", 0xFEFF: "DTLS 1.0", 0xFEFD: "DTLS 1.2", 0xFEFC: "DTLS 1.3", 0x0101: "TLCP"}
SHOWN = "tls||dtls||quic||tcp.flags.fin==1||tcp.flags.reset==1||tcp.flags.syn==1"
RETRY = "cf21ad74e59a6111be1d8c021e65b891"

# Why tshark (4.4) differs, and we stay as we are.
CHOICES = {
    "sees more": "tshark takes port 80 and 8080 for HTTP although TLS is spoken there; does not open a QUIC packet of a "
                 "reserved version, whose hello is sealed with the keys of version 1; does not put the fragments of a "
                 "DTLS certificate together; splits a connection where the server sends its SYN again with another "
                 "number. A flow or a field that only we have is counted here.",
    "ja4": "DTLS before the standard (0x0100) has no letter of its own in JA4: it is 00, and not SSL 1.0. GREASE among "
           "the signature algorithms is left out, so that one client keeps one fingerprint.",
    "malformed": "JA3 and JA4 of a ClientHello that breaks off or whose lists do not add up would be those of another one.",
}


def name_of(number):
    return None if number is None else NAMES.get(number, f"0x{number:04x}")


def number(field):
    return int(field.get("value"), 16) if field.get("value") else int(field.get("show"), 0)


def all_of(node, *names):
    return [field for field in node.iter() if field.get("name") in names and field is not node]


def one(node, name):
    return next(iter(all_of(node, name)), None)


def value(node, name):
    field = one(node, name)
    return None if field is None else number(field)


def shown(node, name):
    field = one(node, name)
    return None if field is None else field.get("show")


def client_hello(node, prefix, record):
    of = prefix + ".handshake."
    schemes = []
    for extension in node.iter("field"):
        kind = [field for field in extension if field.get("name") == of + "extension.type"]
        if kind and number(kind[0]) == 13:
            schemes = [number(field) for field in all_of(extension, of + "sig_hash_alg")]
    numbers = lambda name: [number(field) for field in all_of(node, of + name)]
    extensions = numbers("extension.type")
    return {"record_version": name_of(record), "legacy_version": name_of(value(node, of + "version")),
            "supported_versions": [name_of(n) for n in numbers("extensions.supported_version")],
            "sni": shown(node, of + "extensions_server_name"),
            "alpn": [field.get("show") for field in all_of(node, of + "extensions_alpn_str")],
            "ciphers": numbers("ciphersuite"), "groups": numbers("extensions_supported_group"),
            "signature_schemes": schemes, "extensions": extensions, "sslv2": False, "ech": 65037 in extensions,
            "ja3": shown(node, of + "ja3"), "ja4": shown(node, of + "ja4")}


def old_hello(proto):
    suites = [number(field) for field in all_of(proto, "tls.ssl2.handshake.cipherspec")]
    return {"record_version": None, "legacy_version": name_of(value(proto, "tls.handshake.version")),
            "ciphers": [suite for suite in suites if suite < 1 << 16], "sslv2": True}


def messages(proto, kind, flow, ends):
    """What a layer of TLS, DTLS or QUIC says, into the flow."""
    prefix = "dtls" if kind == "dtls" else "tls"
    say = lambda what, *rest: flow["said"].append((what, ends, *rest))
    if kind == "quic":
        for field in all_of(proto, "quic.cc.error_code"):
            if 0 <= int(field.get("show"), 0) - 0x100 < 256:
                flow["alerts"].append((ends[0], 2, int(field.get("show"), 0) - 0x100))
    elif one(proto, "tls.ssl2.handshake.cipherspec") is not None:
        say("hello", old_hello(proto))
    records = [(record, value(record, prefix + ".record.version")) for record in all_of(proto, prefix + ".record")]
    seen = set()
    for record, version in records + [(proto, None)]:
        for shake in all_of(record, prefix + ".handshake"):
            kind_of = value(shake, prefix + ".handshake.type")
            if id(shake) in seen or kind_of is None:
                continue
            seen.add(id(shake))
            if prefix == "dtls":
                parts = value(shake, "dtls.handshake.length"), value(shake, "dtls.handshake.fragment_length")
                if parts[0] != parts[1] and one(shake, "dtls.fragments") is None:
                    continue
            of = prefix + ".handshake."
            if kind_of == 1 and one(shake, of + "version") is not None:
                say("hello", client_hello(shake, prefix, version))
            elif kind_of == 2 and one(shake, of + "version") is not None:
                random = one(shake, of + "random")
                again = random is not None and (random.get("value") or "").startswith(RETRY)
                chosen = value(shake, of + "extensions.supported_version")
                legacy = value(shake, of + "version")
                alpn = [field.get("show") for field in all_of(shake, of + "extensions_alpn_str")]
                say("retry" if again else "answer",
                    {"version": name_of(chosen or legacy), "legacy_version": name_of(legacy),
                     "cipher": value(shake, of + "ciphersuite"), "alpn": alpn[0] if alpn else None,
                     "ja3s": shown(shake, of + "ja3s")})
            elif kind_of == 11:
                ders = [field.get("value") for field in all_of(shake, of + "certificate") if field.get("value")]
                say("certificates", [hashlib.sha256(bytes.fromhex(der)).hexdigest() for der in ders])
            else:
                say("asks" if kind_of == 13 else "other")
        for alert in all_of(record, prefix + ".alert_message") if record is not proto else []:
            if one(alert, prefix + ".alert_message.level") is not None:
                flow["alerts"].append((ends[0], value(alert, prefix + ".alert_message.level"),
                                       value(alert, prefix + ".alert_message.desc")))


def by_tshark(path):
    command = ["tshark", "-n", "-r", path, "-T", "pdml", "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", SHOWN]
    xml = subprocess.run(command, capture_output=True).stdout
    parser = tree.XMLPullParser(["end"])
    parser.feed(xml)
    flows = {}
    for _, packet in parser.read_events():
        if packet.tag != "packet":
            continue
        hosts, flow, ends = [None, None], None, None
        for proto in packet:
            kind = proto.get("name")
            if kind in ("ip", "ipv6"):
                hosts = [shown(proto, kind + ".src"), shown(proto, kind + ".dst")]
            elif kind in ("tcp", "udp") and one(proto, kind + ".stream") is not None:
                key = kind, shown(proto, kind + ".stream")
                new = {"proto": kind, "said": [], "alerts": [], "close": None, "layers": set()}
                flow = flows.setdefault(key, new)
                address = lambda host, port: f"[{host}]:{port}" if ":" in (host or "") else f"{host}:{port}"
                ends = (address(hosts[0], shown(proto, kind + ".srcport")),
                        address(hosts[1], shown(proto, kind + ".dstport")))
                flow.setdefault("ends", ends)
                flags = value(proto, "tcp.flags") or 0
                if flags & 2:
                    flow.setdefault("opened", ends[::-1] if flags & 16 else ends)
                if flags & 5 and not flow["close"]:
                    flow["close"] = ends[0], "rst" if flags & 4 else "fin"
            elif kind in ("tls", "dtls", "quic") and flow is not None:
                flow["layers"].add(kind)
                messages(proto, kind, flow, ends)
        packet.clear()
    return [told for told in map(fields, flows.values()) if told]


def fields(flow):
    """The contract's fields of what tshark says of a stream; nothing where it says nothing of TLS."""
    if not flow["said"] and not flow["alerts"]:
        return None
    first = lambda what: next((said for said in flow["said"] if said[0] == what), None)
    hello, answer, retry = first("hello"), first("answer"), first("retry")
    reply = answer or retry
    ends = hello[1] if hello else reply[1][::-1] if reply else flow.get("opened")
    who = lambda end: None if ends is None else "client" if end == ends[0] else "server"
    told = {"_ends": frozenset(flow["ends"]), "transport": "quic" if "quic" in flow["layers"] else flow["proto"]}
    if ends:
        told["client"], told["server"] = ends
    told.update({"client_hello." + key: v for key, v in hello[2].items()} if hello else {"client_hello": None})
    told.update({"server_hello." + key: v for key, v in answer[2].items()} if answer else {"server_hello": None})
    told["hello_retry_request"] = retry is not None
    told["certificates"] = [(who(said[1][0]), digest) for said in flow["said"] if said[0] == "certificates"
                            for digest in said[2]]
    told["client_certificate_requested"] = first("asks") is not None
    told["alerts"] = [(who(end), level, code) for end, level, code in flow["alerts"]]
    if flow["proto"] == "tcp":
        told["close"] = flow["close"] and flow["close"][1]
        told["closed_by"] = flow["close"] and who(flow["close"][0])
    return told


def by_us(program, path):
    out = subprocess.run([program, "decode", "--format", "json", path], capture_output=True).stdout
    return [of_json(flow) for artifact in json.loads(out or '{"artifacts": []}')["artifacts"]
            for flow in artifact.get("flows") or []]


def of_json(flow):
    told = {"_ends": frozenset([flow["client"], flow["server"]])}
    for key in ("transport", "client", "server", "hello_retry_request", "client_certificate_requested"):
        told[key] = flow.get(key)
    for part in ("client_hello", "server_hello"):
        for key, v in (flow.get(part) or {}).items():
            plain = lambda item: item["id"] if isinstance(item, dict) else item
            told[f"{part}.{key}"] = [plain(item) for item in v] if isinstance(v, list) else plain(v)
        told[part] = bool(flow.get(part)) or None
    told["certificates"] = [(one["from"], one["sha256"]) for one in flow.get("certificates") or []]
    levels = {"warning": 1, "fatal": 2}
    told["alerts"] = [(one["from"], levels.get(one["level"]), one["code"]) for one in flow.get("alerts") or []]
    silent = flow.get("close") == "timeout"
    told["close"], told["closed_by"] = (None, None) if silent else (flow.get("close"), flow.get("closed_by"))
    return told


def differences(theirs, ours):
    for key, v in theirs.items():
        own = ours.get(key)
        if not key.startswith("_"):
            yield key, v, own, v == own or not v and not own


def choice(key, theirs, ours):
    """The reason why a field differs by choice, or nothing."""
    if not theirs and ours:
        return "sees more"
    if key.endswith(("ja3", "ja4")) and not ours:
        return "malformed"
    return "ja4" if key.endswith("ja4") else None


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--list"]
    paths = []
    for given in arguments[1:]:
        inside = [os.path.join(folder, name) for folder, _, names in os.walk(given) for name in names]
        paths += sorted(inside) if os.path.isdir(given) else [given]
    equal, chosen, differ = 0, collections.Counter(), collections.Counter()
    for path in paths:
        left = by_us(arguments[0], path)
        for theirs in by_tshark(path):
            may_be = [ours for ours in left if ours["_ends"] == theirs["_ends"]]
            ours = max(may_be, key=lambda own: sum(same for *_, same in differences(theirs, own)), default=None)
            if ours:
                left.remove(ours)
            for key, v, own, same in differences(theirs, ours or {}):
                reason = choice(key, v, own)
                if same:
                    equal += 1
                elif ours and reason:
                    chosen[reason] += 1
                else:
                    differ[key if ours else "no flow"] += 1
                if not same and "--list" in sys.argv:
                    print(path, " ".join(sorted(map(str, theirs["_ends"]))), key, v, own, sep="\t")
        chosen["sees more"] += sum(1 for ours in left if ours["client_hello"] or ours["server_hello"])
    print(f"{equal} fields are equal, {sum(differ.values())} differ: {dict(differ)}")
    for reason, count in chosen.items():
        print(f"by choice {count}: {CHOICES[reason]}")
    print(f"{100 * equal / max(1, equal + sum(differ.values())):.2f} %")


main()
