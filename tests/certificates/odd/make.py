#!/usr/bin/env python3
"""Makes the odd certificates of this folder, and what OpenSSL says of each.

Each has one oddity. Keys and signatures are made up: nothing here verifies.
Needs Python's cryptography, openssl, certtool and keytool; run it here, then read the diff.
"""
import os
import subprocess
import sys

PRINTABLE, T61, IA5, UTF8, BMP, UNIVERSAL, NUMERIC, VISIBLE = 19, 20, 22, 12, 30, 28, 18, 26


def tlv(tag, content=b"", long=False):
    n = len(content)
    if long:
        size = b"\x84" + n.to_bytes(4, "big")
    elif n < 128:
        size = bytes([n])
    else:
        octets = (n.bit_length() + 7) // 8
        size = bytes([0x80 | octets]) + n.to_bytes(octets, "big")
    return bytes([tag]) + size + content


def seq(*parts):
    return tlv(0x30, b"".join(parts))


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    out = b""
    for arc in [first * 40 + second, *rest]:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, arc & 0x7F | 0x80)
        out += bytes(septets)
    return tlv(6, out)


def integer(octets):
    return tlv(2, octets)


def name(*attributes):
    """(OID, string tag, bytes), or a list of them for one RDN of several values."""
    rdns = []
    for rdn in attributes:
        pairs = rdn if isinstance(rdn, list) else [rdn]
        rdns.append(tlv(0x31, b"".join(seq(oid(kind), tlv(tag, value)) for kind, tag, value in pairs)))
    return seq(*rdns)


CN, C, O, OU = "2.5.4.3", "2.5.4.6", "2.5.4.10", "2.5.4.11"
ISSUER = name((C, PRINTABLE, b"DE"), (O, UTF8, b"Odd Test CA"))
SUBJECT = name((CN, UTF8, b"odd.example"))
UTC = tlv(0x17, b"260101000000Z") + tlv(0x17, b"261231235959Z")
SHA256_ECDSA = seq(oid("1.2.840.10045.4.3.2"))
# The base point of P-256: a valid point whose private key is 1.
POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
KEY = seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), tlv(3, b"\0" + POINT))
SIGNATURE = tlv(3, b"\0" + seq(integer(b"\x01"), integer(b"\x02")))


def extension(kind, value, critical=None):
    flag = b"" if critical is None else tlv(1, critical)
    return seq(oid(kind), flag, tlv(4, value))


SAN = extension("2.5.29.17", seq(tlv(0x82, b"odd.example")))


def certificate(
    serial=b"\x0a\x0b", issuer=ISSUER, subject=SUBJECT, validity=UTC, key=KEY, inner=SHA256_ECDSA, outer=None,
    version=tlv(0xA0, integer(b"\x02")), extensions=(SAN,), unique=b"", signature=SIGNATURE,
):
    listed = tlv(0xA3, seq(*extensions)) if extensions else b""
    tbs = seq(version, integer(serial), inner, issuer, seq(validity), subject, key, unique, listed)
    return seq(tbs, outer or inner, signature)


def indefinite():
    """The outer two sequences have indefinite lengths, as BER allows."""
    whole = certificate()
    body = whole[4:] if whole[1] == 0x82 else whole[3:]
    return b"\x30\x80" + body + b"\0\0"


RSA = lambda n, e: seq(seq(oid("1.2.840.113549.1.1.1"), tlv(5)), tlv(3, b"\0" + seq(integer(n), integer(e))))
CASES = {
    "serial-zero": certificate(serial=b"\0"),
    "serial-negative": certificate(serial=b"\xff\x00"),
    "serial-minus-one": certificate(serial=b"\xff"),
    "serial-high-bit": certificate(serial=b"\x00\xff"),
    "serial-33-bytes": certificate(serial=b"\x7f" + b"\xab" * 32),
    "version-1": certificate(version=b"", extensions=()),
    "version-2-unique-ids": certificate(version=tlv(0xA0, integer(b"\1")), extensions=(), unique=tlv(0x81, b"\0\xaa") + tlv(0x82, b"\0\xbb")),
    "version-4": certificate(version=tlv(0xA0, integer(b"\3"))),
    "time-generalized-early": certificate(validity=tlv(0x18, b"20260101000000Z") + tlv(0x18, b"20261231235959Z")),
    "time-2050": certificate(validity=tlv(0x17, b"491231235959Z") + tlv(0x18, b"20500101000000Z")),
    "time-1950": certificate(validity=tlv(0x17, b"500101000000Z") + tlv(0x18, b"99991231235959Z")),
    "time-no-seconds": certificate(validity=tlv(0x17, b"2601010000Z") + tlv(0x17, b"2612312359Z")),
    "time-offset": certificate(validity=tlv(0x17, b"260101000000+0130") + tlv(0x17, b"261231235959-0800")),
    "time-fraction": certificate(validity=tlv(0x18, b"20260101000000.5Z") + tlv(0x18, b"20261231235959.999Z")),
    "time-29-february": certificate(validity=tlv(0x17, b"260229000000Z") + tlv(0x17, b"280229000000Z")),
    "time-inverted": certificate(validity=tlv(0x17, b"261231235959Z") + tlv(0x17, b"260101000000Z")),
    "name-t61": certificate(subject=name((CN, T61, b"M\xfcller"))),
    "name-bmp": certificate(subject=name((CN, BMP, "Größe 证书".encode("utf-16-be")))),
    "name-universal": certificate(subject=name((CN, UNIVERSAL, "Größe".encode("utf-32-be")))),
    "name-escapes": certificate(subject=name((O, UTF8, b' #a "b" c,d+e;f<g>h\\i '), (CN, UTF8, b"#first"), (OU, PRINTABLE, b"x=y"))),
    "name-control": certificate(subject=name((CN, UTF8, b"a\nb\tc\0d\x7f"))),
    "name-multi-valued": certificate(subject=name((C, PRINTABLE, b"DE"), [(CN, UTF8, b"a"), (OU, UTF8, b"b")])),
    "name-unknown-type": certificate(subject=name(("1.2.3.4.5", UTF8, b"x"), (CN, UTF8, b"y"))),
    "name-not-text": certificate(subject=name((CN, 4, b"octets"), (O, 2, b"\x05"))),
    "name-all-kinds": certificate(subject=name(
        (C, PRINTABLE, b"CN"), ("2.5.4.8", UTF8, b"state"), ("2.5.4.7", UTF8, b"city"), ("2.5.4.17", UTF8, b"12345"),
        ("0.9.2342.19200300.100.1.25", IA5, b"example"), ("0.9.2342.19200300.100.1.1", UTF8, b"uid"), ("2.5.4.5", PRINTABLE, b"77"),
        ("2.5.4.4", UTF8, b"Sur"), ("2.5.4.42", UTF8, b"Given"), ("2.5.4.15", UTF8, b"Private Organization"),
        ("1.3.6.1.4.1.311.60.2.1.3", PRINTABLE, b"DE"), ("2.5.4.97", UTF8, b"VATDE-1"), ("2.5.4.12", UTF8, b"Dr"),
        ("1.2.840.113549.1.9.1", IA5, b"a@odd.example"), ("2.5.4.46", PRINTABLE, b"q"), ("2.5.4.65", UTF8, b"pseudo"),
    )),
    "name-empty-subject": certificate(subject=seq(), extensions=(extension("2.5.29.17", seq(tlv(0x82, b"odd.example")), b"\xff"),)),
    "name-empty-issuer": certificate(issuer=seq()),
    "name-numeric-visible": certificate(subject=name((CN, NUMERIC, b"12 34"), (O, VISIBLE, b"vis"))),
    "signature-unknown": certificate(inner=seq(oid("1.2.3.4"))),
    "signature-mismatch": certificate(outer=seq(oid("1.2.840.10045.4.3.3"))),
    "signature-sm2": certificate(inner=seq(oid("1.2.156.10197.1.501"))),
    "signature-gost": certificate(inner=seq(oid("1.2.643.7.1.1.3.2"))),
    "key-unknown": certificate(key=seq(seq(oid("1.2.3.4")), tlv(3, b"\0abc"))),
    "key-rsa-512": certificate(key=RSA(b"\0" + b"\xc1" * 64, b"\1\0\1")),
    "key-rsa-1023": certificate(key=RSA(b"\x41" * 128, b"\3")),
    "key-rsa-exponent-1": certificate(key=RSA(b"\0" + b"\xc1" * 256, b"\1")),
    "key-ed25519": certificate(key=seq(seq(oid("1.3.101.112")), tlv(3, b"\0" + b"\x11" * 32)), inner=seq(oid("1.3.101.112"))),
    "key-ml-dsa-65": certificate(key=seq(seq(oid("2.16.840.1.101.3.4.3.18")), tlv(3, b"\0" + b"\x11" * 64)), inner=seq(oid("2.16.840.1.101.3.4.3.18"))),
    "extension-duplicate": certificate(extensions=(SAN, extension("2.5.29.19", seq()), extension("2.5.29.19", seq(tlv(1, b"\xff"))))),
    "extension-unknown-critical": certificate(extensions=(SAN, extension("1.2.3.4", b"\5\0", b"\xff"))),
    "extension-truth-1": certificate(extensions=(SAN, extension("2.5.29.19", seq(tlv(1, b"\1")), b"\1"))),
    "extension-garbage": certificate(extensions=(extension("2.5.29.17", b"\x30\x05ab"), extension("2.5.29.15", b"\3\1"))),
    "san-all-kinds": certificate(extensions=(extension("2.5.29.17", seq(
        tlv(0x82, b"odd.example"), tlv(0x82, b"*.odd.example"), tlv(0x82, b"xn--mnchen-3ya.example"), tlv(0x87, b"\xc0\0\2\7"),
        tlv(0x87, bytes.fromhex("20010db8000000000000000000000001")), tlv(0x81, b"a@odd.example"), tlv(0x86, b"https://odd.example/x"),
        tlv(0xA4, SUBJECT), tlv(0x88, oid("1.2.3.4")[2:]), tlv(0xA0, oid("1.3.6.1.4.1.311.20.2.3") + tlv(0xA0, tlv(UTF8, b"u@odd.example"))),
    )),)),
    "san-address-as-text": certificate(extensions=(extension("2.5.29.17", seq(tlv(0x87, b"192.0.2.7"))),)),
    "san-nul": certificate(extensions=(extension("2.5.29.17", seq(tlv(0x82, b"bank.example\0.odd.example"))),)),
    "san-empty": certificate(extensions=(extension("2.5.29.17", seq()),)),
    "ber-indefinite": indefinite(),
    "ber-long-lengths": certificate(subject=tlv(0x30, tlv(0x31, seq(oid(CN), tlv(UTF8, b"long", long=True)), long=True), long=True)),
    "ber-constructed-string": certificate(extensions=(seq(oid("2.5.29.17"), tlv(0x24, tlv(4, seq(tlv(0x82, b"odd.example"))[:5]) + tlv(4, seq(tlv(0x82, b"odd.example"))[5:]))),)),
    "trailing-bytes": certificate() + b"\0\0\0",
}


def by_tools(folder):
    """The same kind of certificate from four programs."""
    run = lambda *command, **more: subprocess.run(command, check=True, capture_output=True, cwd=folder, **more)
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-nodes", "-keyout", "/dev/null",
        "-subj", "/C=DE/O=Ödd/CN=tool.example", "-utf8", "-days", "90", "-addext", "subjectAltName=DNS:tool.example,IP:192.0.2.9,URI:https://tool.example/",
        "-addext", "extendedKeyUsage=serverAuth,clientAuth", "-addext", "tlsfeature=status_request",
        "-addext", "authorityInfoAccess=OCSP;URI:http://ocsp.tool.example,caIssuers;URI:http://ca.tool.example/ca.der",
        "-addext", "crlDistributionPoints=URI:http://crl.tool.example/1.crl", "-addext", "certificatePolicies=2.23.140.1.2.1,1.2.3.4",
        "-outform", "DER", "-out", "tool-openssl.der")
    template = "organization = Odd\ncn = gnutls.example\nserial = 77\ndns_name = gnutls.example\nip_address = 2001:db8::7\nca\ncert_signing_key\nexpiration_days = 90\nnc_permit_dns = example\nnc_exclude_ip = 10.0.0.0/8\npath_len = 0\n"
    open(os.path.join(folder, "t.cfg"), "w").write(template)
    key = run("certtool", "--generate-privkey", "--key-type", "ed25519").stdout
    open(os.path.join(folder, "t.key"), "wb").write(key)
    run("certtool", "--generate-self-signed", "--load-privkey", "t.key", "--template", "t.cfg", "--outder", "--outfile", "tool-gnutls.der")
    run("keytool", "-genkeypair", "-alias", "a", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=java.example, OU=\"Odd, unit\", C=CN", "-ext", "san=dns:java.example,email:a@java.example",
        "-validity", "90", "-keystore", "t.p12", "-storepass", "changeit", "-storetype", "PKCS12")
    run("keytool", "-exportcert", "-alias", "a", "-keystore", "t.p12", "-storepass", "changeit", "-file", "tool-keytool.der")
    import datetime
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import dsa
    from cryptography.x509.oid import NameOID
    key = dsa.generate_private_key(2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "python.example"), x509.NameAttribute(NameOID.JURISDICTION_COUNTRY_NAME, "DE")])
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1 << 150)
            .not_valid_before(datetime.datetime(2026, 1, 1)).not_valid_after(datetime.datetime(2055, 1, 1))
            .add_extension(x509.InhibitAnyPolicy(3), True).add_extension(x509.PolicyConstraints(0, 1), True)
            .add_extension(x509.KeyUsage(True, True, False, False, True, False, False, True, False), True).sign(key, hashes.SHA256()))
    open(os.path.join(folder, "tool-python.der"), "wb").write(made.public_bytes(serialization.Encoding.DER))
    for left in ["t.cfg", "t.key", "t.p12"]:
        os.remove(os.path.join(folder, left))


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    for stem, der in CASES.items():
        open(os.path.join(folder, stem + ".der"), "wb").write(der)
    if "--tools" in sys.argv or not os.path.exists(os.path.join(folder, "tool-python.der")):
        by_tools(folder)
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".der"):
            continue
        said = subprocess.run(
            ["openssl", "x509", "-inform", "DER", "-in", os.path.join(folder, file), "-noout", "-subject", "-issuer", "-serial", "-dates",
             "-dateopt", "iso_8601", "-nameopt", "RFC2253,-esc_msb,utf8", "-text", "-certopt", "no_sigdump"],
            capture_output=True)
        text = said.stdout.decode("utf-8", "replace")
        if said.returncode:
            text = "error\n"
        open(os.path.join(folder, file[:-4] + ".openssl.txt"), "w").write(text)


main()
