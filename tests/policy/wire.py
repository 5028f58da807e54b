#!/usr/bin/env python3
"""Records what real programs offer, for the model to be held against: writes wire.toml beside this file.

    tests/policy/wire.py [FOLDER]

Run by hand, as it wants the programs themselves; those that are missing keep their entries. FOLDER may
hold more of them: node/VERSION/bin/node, java/VERSION/bin/java, go/VERSION/bin/go, and openssl/VERSION/
with an unpacked `cryptography` wheel (which brings an OpenSSL of its own).

Each entry says which program it was, with the settings as text, and the bytes of its ClientHello. A hello
without supported_versions names only the newest version, so such a program is asked again for each older
one: a ServerHello of that version is sent, and whether the program goes on is `goes_on`.
"""

import os
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
EXTRA = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
WORK = pathlib.Path(tempfile.mkdtemp(prefix="wire-"))
OLDER = {"SSL 3.0": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302, "TLS 1.2": 0x0303}
entries = []


def read(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            break
        data += more
    return data


def server_hello(version, hello):
    """A ServerHello of an older version, as a record, with a suite that the hello offers."""
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    size = int.from_bytes(hello[at : at + 2], "big")
    offered = [int.from_bytes(hello[i : i + 2], "big") for i in range(at + 2, at + 2 + size, 2)]
    wanted = [0x002F, 0xC013, 0x0035, 0xC014, 0xC009, 0x0033, 0x0039]
    if version == 0x0303:
        wanted = [0xC02F, 0xC030, 0xC02B, *wanted]
    suite = next((suite for suite in wanted if suite in offered), wanted[0])
    # renegotiation_info, where it may be answered: some refuse a server without it before all else.
    after = hello[at + 2 + size :]
    extensions = b"\xff\x01\x00\x01\x00" if 0x00FF in offered or b"\xff\x01\x00\x01\x00" in after else b""
    body = version.to_bytes(2, "big") + bytes(range(32)) + b"\x00" + suite.to_bytes(2, "big") + b"\x00"
    if extensions:
        body += len(extensions).to_bytes(2, "big") + extensions
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    return b"\x16" + version.to_bytes(2, "big") + len(message).to_bytes(2, "big") + message


class Listener(threading.Thread):
    """Takes one connection, keeps its first record, and may answer it."""

    def __init__(self, answer=None):
        super().__init__(daemon=True)
        self.answer, self.hello, self.goes_on = answer, b"", None
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(60)
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self):
        try:
            connection, _ = self.socket.accept()
        except OSError:
            return
        connection.settimeout(60)
        try:
            head = read(connection, 5)
            if head[:1] == b"\x16":
                self.hello = head + read(connection, int.from_bytes(head[3:5], "big"))
            elif head[:1] and head[0] & 0x80:
                self.hello = head + read(connection, (head[0] & 0x7F) * 256 + head[1] - 3)
            if self.answer and self.hello[:1] == b"\x16":
                connection.sendall(server_hello(self.answer, self.hello))
                connection.settimeout(1.5)
                try:
                    self.goes_on = connection.recv(7)[:1] not in (b"\x15", b"")
                except TimeoutError:
                    self.goes_on = True
        except OSError:
            self.goes_on = False if self.answer else None
        finally:
            connection.close()


def run(command, env, listener, cwd):
    command = [part.replace("{port}", str(listener.port)) for part in command]
    base = {"PATH": os.environ["PATH"], "HOME": str(WORK), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        command, env={**base, **env}, cwd=cwd, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )
    listener.join(60)
    try:
        _, errors = process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        _, errors = process.communicate()
    return errors.decode(errors="replace")


def supported_versions(hello):
    return b"\x00\x2b" in hello and (b"\x03\x04" in hello or b"\x7f" in hello)


def record(client, version, command, *, system="debian-12", code="", config="", environment="", env=None, api=""):
    """One program with its settings: runs it, and keeps its hello."""
    listener = Listener()
    errors = run(command, env or {}, listener, WORK)
    if not listener.hello:
        last = errors.strip().splitlines()[-1:] or ["nothing"]
        print(f"{client} {version} {code or config or environment or api}: no hello ({last[0][:100]})", flush=True)
    entry = {"client": client, "version": version, "os": system}
    for key, value in [("api", api), ("code", code), ("config", config), ("environment", environment)]:
        if value:
            entry[key] = value
    if listener.hello and not supported_versions(listener.hello):
        goes_on = []
        for name, number in OLDER.items():
            again = Listener(number)
            run(command, env or {}, again, WORK)
            if again.goes_on:
                goes_on.append(name)
        entry["goes_on"] = goes_on
    entry["hello"] = listener.hello.hex()
    entries.append(entry)
    shown = entry.get("goes_on", "")
    print(client, version, api, code, config.replace("\n", "; "), environment, len(listener.hello), shown, flush=True)


def found(name):
    for folder in os.environ["PATH"].split(":"):
        if (pathlib.Path(folder) / name).exists():
            return True
    return False


def first(command, pattern):
    text = subprocess.run(command, capture_output=True, text=True)
    return re.search(pattern, text.stdout + text.stderr).group(1)


def extra(kind):
    folder = EXTRA and EXTRA / kind
    return sorted(folder.iterdir()) if folder and folder.is_dir() else []


CNF = "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\n"


def openssl():
    version = first(["openssl", "version"], r"OpenSSL (\S+)")
    base = ["openssl", "s_client", "-connect", "127.0.0.1:{port}", "-servername", "localhost"]
    for code in [
        "", "-tls1", "-tls1_1", "-tls1_2", "-tls1_3", "-no_tls1_3", "-no_tls1_2", "-no_tls1 -no_tls1_1",
        "-min_protocol TLSv1.2", "-max_protocol TLSv1.1", "-min_protocol TLSv1 -max_protocol TLSv1.2",
        "-cipher DEFAULT@SECLEVEL=0", "-cipher DEFAULT@SECLEVEL=1", "-cipher DEFAULT@SECLEVEL=3",
        "-cipher DEFAULT@SECLEVEL=4", "-cipher DEFAULT@SECLEVEL=5",
    ]:
        record("openssl", version, base + shlex.split(code), code=code and f"openssl s_client {code}")
    for config in [
        "MinProtocol = TLSv1.2", "MinProtocol = TLSv1.3", "MaxProtocol = TLSv1.2", "MaxProtocol = TLSv1.1",
        "MinProtocol = TLSv1\nMaxProtocol = TLSv1.2", "Protocol = -TLSv1.3", "Protocol = ALL, -TLSv1, -TLSv1.1",
        "CipherString = DEFAULT@SECLEVEL=0", "CipherString = DEFAULT@SECLEVEL=3", "CipherString = DEFAULT@SECLEVEL=4",
        "MinProtocol = TLSv1.2\nCipherString = DEFAULT@SECLEVEL=2", "MinProtocol = None",
    ]:
        file = WORK / "openssl.cnf"
        file.write_text(CNF + config + "\n")
        record("openssl", version, base, config=CNF + config + "\n", env={"OPENSSL_CONF": str(file)})
    both = CNF + "MinProtocol = TLSv1.2\n"
    file.write_text(both)
    record("openssl", version, [*base, "-tls1"], code="openssl s_client -tls1", config=both, env={"OPENSSL_CONF": str(file)})


PUMP = """
import socket, sys
from cryptography.hazmat.bindings.openssl.binding import Binding
lib, ffi = Binding.lib, Binding.ffi
Binding.init_static_locks() if hasattr(Binding, "init_static_locks") else None
if sys.argv[1] == "version":
    name = getattr(lib, "OpenSSL_version", None) or lib.SSLeay_version
    print(ffi.string(name(0)).decode()); sys.exit()
method = getattr(lib, "TLS_client_method", None) or lib.TLS_method if hasattr(lib, "TLS_method") else lib.SSLv23_method
context = lib.SSL_CTX_new(method())
if len(sys.argv) > 2: assert lib.SSL_CTX_set_cipher_list(context, sys.argv[2].encode()) == 1
connection = lib.SSL_new(context)
inward, outward = lib.BIO_new(lib.BIO_s_mem()), lib.BIO_new(lib.BIO_s_mem())
lib.SSL_set_bio(connection, inward, outward)
lib.SSL_set_connect_state(connection)
peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
peer.settimeout(5)
while True:
    lib.SSL_do_handshake(connection)
    buffer = ffi.new("char[]", 20000)
    count = lib.BIO_read(outward, buffer, 20000)
    if count > 0: peer.sendall(ffi.buffer(buffer, count)[:])
    data = peer.recv(20000)
    if not data: break
    lib.BIO_write(inward, data, len(data))
"""


def openssl_builds():
    pump = WORK / "pump.py"
    pump.write_text(PUMP)
    for folder in extra("openssl"):
        python = (folder / "python").read_text().strip()
        env = {"PYTHONPATH": str(folder)}
        text = subprocess.run([python, str(pump), "version"], env={**os.environ, **env}, capture_output=True, text=True)
        version = re.search(r"OpenSSL (\S+)", text.stdout)
        if not version:
            print(folder, text.stderr[-300:])
            continue
        for level in ["", "0", "1", "2", "3", "4"]:
            code = level and f"SSL_CTX_set_cipher_list(ctx, \"DEFAULT@SECLEVEL={level}\")"
            if level and version[1].startswith("1.0"):
                continue
            command = [python, str(pump), "{port}"] + ([f"DEFAULT@SECLEVEL={level}"] if level else [])
            record("openssl", version[1], command, code=code, env=env)


def gnutls():
    version = first(["gnutls-cli", "--version"], r"gnutls-cli (\S+)")
    base = ["gnutls-cli", "--no-ca-verification", "--sni-hostname=localhost", "127.0.0.1:{port}"]
    for priority in [
        "", "NORMAL", "PERFORMANCE", "SECURE128", "SECURE192", "PFS", "LEGACY", "NORMAL:-VERS-ALL:+VERS-TLS1.2",
        "NORMAL:-VERS-TLS-ALL:+VERS-TLS1.0", "NORMAL:-VERS-TLS1.3", "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1",
        "NORMAL:!VERS-TLS1.3", "NONE:+VERS-TLS1.2:+CIPHER-ALL:+MAC-ALL:+KX-ALL:+GROUP-ALL:+SIGN-ALL:+COMP-NULL",
        "SECURE128:+VERS-TLS1.0:-VERS-TLS1.3", "NORMAL:-RSA",
    ]:
        command = base + ([f"--priority={priority}"] if priority else [])
        record("gnutls", version, command, code=priority and f"gnutls-cli --priority='{priority}'")
    for config in [
        "[overrides]\ndisabled-version = tls1.0\ndisabled-version = tls1.1\n",
        "[overrides]\ndefault-priority-string = NORMAL:-VERS-ALL:+VERS-TLS1.2\n",
    ]:
        file = WORK / "gnutls.conf"
        file.write_text(config)
        record("gnutls", version, base, config=config, env={"GNUTLS_SYSTEM_PRIORITY_FILE": str(file)})


JAVA = """
import java.net.*; import javax.net.ssl.*;
public class Client {
    public static void main(String[] a) throws Exception {
        int port = Integer.parseInt(a[0]);
        if (a[1].equals("url")) { new URL("https://localhost:" + port + "/").openStream(); return; }
        SSLSocket s = (SSLSocket) (a[1].equals("socket") ? (SSLSocketFactory) SSLSocketFactory.getDefault()
            : instance(a[1]).getSocketFactory()).createSocket("localhost", port);
        if (a.length > 2) s.setEnabledProtocols(a[2].split(","));
        s.startHandshake();
    }
    static SSLContext instance(String name) throws Exception {
        SSLContext c = SSLContext.getInstance(name); c.init(null, null, null); return c;
    }
}
"""


def java():
    (WORK / "Client.java").write_text(JAVA)
    subprocess.run(["javac", "--release", "8", "-nowarn", "Client.java"], cwd=WORK, check=True, capture_output=True)
    homes = [pathlib.Path(home) for home in ["/usr/lib/jvm/java-17-openjdk-amd64", "/usr/lib/jvm/temurin-25-jdk-amd64"]]
    for home in [*[home for home in homes if home.is_dir()], *extra("java")]:
        program = str(home / "bin/java")
        version = first([program, "-version"], r'version "([^"]+)"')
        for flags, api, more, code in [
            ("", "socket", [], ""),
            ("-Djdk.tls.client.protocols=TLSv1.2", "socket", [], ""),
            ("-Djdk.tls.client.protocols=TLSv1,TLSv1.1,TLSv1.2", "socket", [], ""),
            ("-Djdk.tls.client.protocols=TLSv1", "socket", [], ""),
            ("-Dhttps.protocols=TLSv1.2", "url", [], ""),
            ("-Djdk.tls.client.protocols=TLSv1.3", "TLSv1.2", [], 'SSLContext.getInstance("TLSv1.2")'),
            ("", "TLSv1", [], 'SSLContext.getInstance("TLSv1")'),
            ("-Djdk.tls.client.protocols=TLSv1.3", "socket", ["TLSv1.2"], 'setEnabledProtocols(new String[] {"TLSv1.2"})'),
            ("", "socket", ["TLSv1,TLSv1.2"], 'setEnabledProtocols(new String[] {"TLSv1", "TLSv1.2"})'),
        ]:
            environment = f"java {flags}" if flags else ""
            command = [program, *shlex.split(flags), "-cp", ".", "Client", "{port}", api, *more]
            record("java", version, command, code=code, environment=environment)
        for disabled in [
            "SSLv3, RC4, DES, MD5withRSA", "SSLv3, TLSv1, RC4", "TLSv1.3, SSLv3, TLSv1, TLSv1.1",
            "SSLv3, TLSv1, TLSv1.1, 3DES_EDE_CBC, TLS_RSA_*",
        ]:
            config = f"jdk.tls.disabledAlgorithms={disabled}\n"
            (WORK / "java.security").write_text(config)
            for flags in ["", "-Djdk.tls.client.protocols=TLSv1"]:
                command = [program, "-Djava.security.properties=java.security", *shlex.split(flags)]
                environment = f"java {flags}" if flags else ""
                command += ["-cp", ".", "Client", "{port}", "socket"]
                record("java", version, command, config=config, environment=environment)


def node():
    programs = ["node"] if found("node") else []
    for program in [*programs, *[str(folder / "bin/node") for folder in extra("node")]]:
        version = first([program, "--version"], r"v(\S+)")
        major = int(version.split(".")[0])
        cases = [("", ""), ("", "secureProtocol: 'TLSv1_method'"), ("", "secureProtocol: 'TLSv1_2_method'"), ("", "secureProtocol: 'TLS_method'")]
        if major < 10:
            cases = [case for case in cases if "TLS_method" not in case[1] or "v1" in case[1]]
        if major >= 11:
            cases += [("", "minVersion: 'TLSv1'"), ("", "maxVersion: 'TLSv1.2'"), ("", "minVersion: 'TLSv1.3'"),
                      ("", "minVersion: 'TLSv1', maxVersion: 'TLSv1.1'")]
        if major >= 12:
            cases += [("--tls-min-v1.0", ""), ("--tls-min-v1.1", ""), ("--tls-min-v1.2", ""), ("--tls-min-v1.3", ""),
                      ("--tls-max-v1.2", ""), ("--tls-max-v1.3", ""), ("--tls-min-v1.0 --tls-max-v1.2", ""),
                      ("--tls-max-v1.2", "maxVersion: 'TLSv1.3'")]
        if major >= 18:
            cases += [("--tls-cipher-list=DEFAULT@SECLEVEL=0", "")]
        for flags, options in cases:
            script = "require('tls').connect({port:+process.argv[1],host:'127.0.0.1',servername:'localhost',rejectUnauthorized:false,%s}).on('error',()=>{})" % options
            code = options and "tls.connect({ %s })" % options
            environment = f"node {flags}" if flags else ""
            record("node", version, [program, *shlex.split(flags), "-e", script, "{port}"], code=code, environment=environment)
        if major == 20:
            env = {"NODE_OPTIONS": "--tls-min-v1.0"}
            record("node", version, [program, "-e", script.replace(options, ""), "{port}"], environment="NODE_OPTIONS=--tls-min-v1.0", env=env)


def python():
    versions = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions"
    for root in sorted(versions.glob("*")):
        program = str(root / "bin/python")
        version = first([program, "-c", "import sys; print(sys.version.split()[0])"], r"(\S+)")
        number = tuple(int(part) for part in version.split("."))
        cases = [
            "c = ssl.create_default_context()", "c = ssl.SSLContext(ssl.PROTOCOL_TLS)", "c = ssl.SSLContext(ssl.PROTOCOL_TLSv1)",
            "c = ssl.SSLContext(ssl.PROTOCOL_TLSv1_1)", "c = ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)",
            "c = ssl.create_default_context()\nc.options |= ssl.OP_NO_TLSv1_3",
            "c = ssl.create_default_context()\nc.options |= ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1",
            "c = ssl.create_default_context()\nc.set_ciphers('DEFAULT@SECLEVEL=0')",
        ]
        if number >= (3, 6):
            cases += ["c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)"]
        if number >= (3, 7):
            cases += [
                "c = ssl.create_default_context()\nc.minimum_version = ssl.TLSVersion.TLSv1",
                "c = ssl.create_default_context()\nc.minimum_version = ssl.TLSVersion.TLSv1_2",
                "c = ssl.create_default_context()\nc.maximum_version = ssl.TLSVersion.TLSv1_2",
                "c = ssl.create_default_context()\nc.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED",
            ]
        if number < (3, 7):
            cases = [case for case in cases if "OP_NO_TLSv1_3" not in case]
        for case in cases:
            script = "import ssl, socket, sys\n" + case + "\nc.check_hostname = False\nc.verify_mode = ssl.CERT_NONE\n"
            script += "s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\nc.wrap_socket(s, server_hostname='localhost')\n"
            record("python", version, [program, "-W", "ignore", "-c", script, "{port}"], code="import ssl\n" + case)
        if number[:2] in [(3, 9), (3, 12)]:
            script = script.replace(case, cases[0])
            for line in ["MinProtocol = TLSv1.2", "MinProtocol = TLSv1.3", "MaxProtocol = TLSv1.2", "CipherString = DEFAULT@SECLEVEL=0"]:
                config = CNF + line + "\n"
                (WORK / "openssl.cnf").write_text(config)
                env = {"OPENSSL_CONF": str(WORK / "openssl.cnf")}
                record("python", version, [program, "-c", script, "{port}"], code="import ssl\n" + cases[0], config=config, env=env)


GO = """
package main

import ("crypto/tls"; "net"; "os")

var versions = map[string]uint16{"": 0, "10": 0x301, "11": 0x302, "12": 0x303, "13": 0x304}

func main() {
	c, err := net.Dial("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil { panic(err) }
	config := &tls.Config{ServerName: "localhost", InsecureSkipVerify: true, MinVersion: versions[os.Args[2]], MaxVersion: versions[os.Args[3]]}
	if err := tls.Client(c, config).Handshake(); err != nil { panic(err) }
}
"""


def go():
    programs = ["go"] if found("go") else []
    for program in [*programs, *[str(folder / "bin/go") for folder in extra("go")]]:
        version = first([program, "version"], r"go(\d\S+)")
        folder = WORK / f"go-{version}"
        folder.mkdir()
        (folder / "main.go").write_text(GO)
        minor = ".".join(version.split(".")[:2])
        (folder / "go.mod").write_text(f"module client\n\ngo {minor}\n")
        cache = {"GOCACHE": str(EXTRA / "go-cache") if EXTRA else str(WORK / "cache"), "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
        subprocess.run([program, "build", "-o", "client", "."], cwd=folder, check=True, env={**os.environ, **cache})
        name = {"10": "tls.VersionTLS10", "11": "tls.VersionTLS11", "12": "tls.VersionTLS12", "13": "tls.VersionTLS13"}
        cases = [("", "", ""), ("10", "", ""), ("12", "", ""), ("13", "", ""), ("", "12", ""), ("10", "11", ""), ("11", "12", "")]
        # From 1.27 on the settings that are gone keep a program from starting.
        if 22 <= int(minor.split(".")[1]) < 27:
            cases += [("", "", "tlsrsakex=1"), ("", "", "tls3des=1"), ("", "", "tlskyber=0"), ("", "", "tlsmlkem=0"), ("", "", "tls10server=1")]
        for least, most, debug in cases:
            fields = [f"MinVersion: {name[least]}"] if least else []
            fields += [f"MaxVersion: {name[most]}"] if most else []
            code = "&tls.Config{" + ", ".join(fields) + "}" if fields else ""
            env = {"GODEBUG": debug} if debug else {}
            record("go", version, [str(folder / "client"), "{port}", least, most], code=code, environment=debug and f"GODEBUG={debug}", env=env)


def curl():
    version = first(["curl", "--version"], r"curl (\S+)")
    for code in ["", "--tlsv1", "--tlsv1.0", "--tlsv1.1", "--tlsv1.2", "--tlsv1.3", "--tls-max 1.2", "--tls-max 1.0",
                 "--tlsv1.0 --tls-max 1.1", "--tlsv1.2 --tls-max 1.2", "--ciphers DEFAULT@SECLEVEL=0", "--sslv3"]:
        command = ["curl", "-sk", "--resolve", "localhost:{port}:127.0.0.1", *shlex.split(code), "https://localhost:{port}/"]
        record("curl", version, command, code=code and f"curl {code} https://localhost/")
    for line in ["MinProtocol = TLSv1.2", "MinProtocol = TLSv1.3", "CipherString = DEFAULT@SECLEVEL=0"]:
        config = CNF + line + "\n"
        (WORK / "openssl.cnf").write_text(config)
        command = ["curl", "-sk", "--resolve", "localhost:{port}:127.0.0.1", "https://localhost:{port}/"]
        record("curl", version, command, config=config, env={"OPENSSL_CONF": str(WORK / "openssl.cnf")})


def php():
    version = first(["php", "--version"], r"PHP (\S+)")
    for code in ["", "'crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT", "'crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_0_CLIENT",
                 "'crypto_method' => STREAM_CRYPTO_METHOD_TLS_CLIENT", "'crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_1_CLIENT | STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT",
                 "'crypto_method' => STREAM_CRYPTO_METHOD_ANY_CLIENT", "'crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_3_CLIENT"]:
        more = "," + code if code else ""
        script = "@file_get_contents('https://localhost:'.$argv[1].'/', false, stream_context_create(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false%s]]));" % more
        record("php", version, ["php", "-r", script, "--", "{port}"], code=code and f"stream_context_create(['ssl' => [{code}]])")


def ruby():
    version = first(["ruby", "--version"], r"ruby (\d+\.\d+\.\d+)")
    for code in ["", "http.min_version = :TLS1_2", "http.max_version = :TLS1_2", "http.ssl_version = :TLSv1_2", "http.ssl_version = :TLSv1",
                 "http.min_version = OpenSSL::SSL::TLS1_1_VERSION"]:
        script = "require 'net/http'; http = Net::HTTP.new('localhost', ARGV[0].to_i); http.use_ssl = true; http.verify_mode = 0; %s; http.get('/')" % code
        record("ruby", version, ["ruby", "-e", script, "{port}"], code=code)


def chrome():
    version = first(["chromium", "--version"], r"Chromium (\S+)")
    record("chrome", version, ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={WORK}/profile",
                               "--dump-dom", "https://127.0.0.1:{port}/"])


def written(entry):
    def quoted(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    lines = ["[[hello]]"]
    for key, value in entry.items():
        if isinstance(value, list):
            lines.append(f"{key} = [" + ", ".join(quoted(item) for item in value) + "]")
        else:
            lines.append(f"{key} = {quoted(value)}")
    return "\n".join(lines) + "\n"


def kept(file, done):
    """The entries of programs that are not here."""
    if not file.exists():
        return []
    blocks = ["[[hello]]" + block for block in file.read_text().split("[[hello]]")[1:]]
    now = {(entry["client"], entry["version"]) for entry in done}
    def of(block, key):
        return re.search(rf'^{key} = "(.*)"$', block, re.M).group(1)
    return [block.rstrip() + "\n" for block in blocks if (of(block, "client"), of(block, "version")) not in now]


if __name__ == "__main__":
    only = os.environ.get("ONLY", "").split()
    for name, needs in [("openssl", "openssl"), ("openssl_builds", "sh"), ("gnutls", "gnutls-cli"), ("java", "javac"), ("node", "sh"),
                        ("python", "sh"), ("go", "sh"), ("curl", "curl"), ("php", "php"), ("ruby", "ruby"), ("chrome", "chromium")]:
        if found(needs) and (not only or name in only):
            globals()[name]()
    file = HERE / "wire.toml"
    blocks = kept(file, entries) + [written(entry) for entry in entries]
    blocks.sort(key=lambda block: re.search(r'^client = "(.*)"$', block, re.M).group(1))
    head = "# What real programs offered, as tests/policy/wire.py recorded it: the model is held against it.\n\n"
    file.write_text(head + "\n".join(blocks))
    print(len(entries), "recorded,", len(blocks), "in all")
