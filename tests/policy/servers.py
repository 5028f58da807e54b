#!/usr/bin/env python3
"""Records which versions real servers accept, for the model to be held against: writes servers.toml beside this file.

    tests/policy/servers.py

Run by hand, as root, as it wants the servers themselves; those that are missing keep their entries. Each server is
started with a few lines of configuration on a free port, and asked for every version by itself, with every
suite that there is. An entry says which program it was, those lines, what openssl.cnf or java.security
said, and which versions came to an end of the handshake.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
HERE = pathlib.Path(__file__).resolve().parent
WORK = pathlib.Path(tempfile.mkdtemp(prefix="servers-"))
WORK.chmod(0o755)
VERSIONS = [
    ("TLS 1.0", ssl.TLSVersion.TLSv1),
    ("TLS 1.1", ssl.TLSVersion.TLSv1_1),
    ("TLS 1.2", ssl.TLSVersion.TLSv1_2),
    ("TLS 1.3", ssl.TLSVersion.TLSv1_3),
]
CNF = "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\n"
KEY, CERT, BOTH, P12 = WORK / "key.pem", WORK / "cert.pem", WORK / "both.pem", WORK / "both.p12"
entries = []


def sh(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True)


def certificate():
    sh("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", KEY, "-out", CERT,
       "-days", "30", "-subj", "/CN=localhost")
    BOTH.write_text(CERT.read_text() + KEY.read_text())
    BOTH.chmod(0o644)
    sh("openssl", "pkcs12", "-export", "-in", BOTH, "-out", P12, "-passout", "pass:changeit")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def handshake(port, version, starttls, name="localhost"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        if starttls:
            connection.recv(4096)
            connection.sendall(b"EHLO localhost\r\n")
            connection.recv(4096)
            connection.sendall(b"STARTTLS\r\n")
            connection.recv(4096)
        try:
            with context.wrap_socket(connection, server_hostname=name):
                return True
        except (ssl.SSLError, ConnectionError, EOFError):
            return False


@contextlib.contextmanager
def running(command, env, port):
    process = subprocess.Popen(
        [str(part) for part in command], cwd=WORK, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
        stdout=open(WORK / "log", "wb"), stderr=subprocess.STDOUT, start_new_session=True,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None:
                break
            time.sleep(0.1)
        time.sleep(0.2)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def nginx(port, lines):
    conf = WORK / "nginx.conf"
    body = lines if "server {" in lines else f"server {{\n listen 127.0.0.1:{port} ssl;\n {lines}\n}}"
    body = body.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    conf.write_text(
        f"daemon off; pid {WORK}/nginx.pid; error_log stderr; events {{}}\nhttp {{\n access_log off;\n"
        f" ssl_certificate {CERT}; ssl_certificate_key {KEY};\n {body}\n}}\n"
    )
    return ["nginx", "-p", WORK, "-c", conf, "-e", "stderr"]


def apache(port, lines):
    conf = WORK / "apache.conf"
    modules = "/usr/lib/apache2/modules"
    body = lines if "<VirtualHost" in lines else f"<VirtualHost *:{port}>\nSSLEngine on\n{lines}\n</VirtualHost>"
    body = body.replace("*:443", f"*:{port}")
    conf.write_text(
        f"ServerRoot {WORK}\nServerName localhost\nPidFile {WORK}/apache.pid\nMutex file:{WORK}\n"
        f"ErrorLog /dev/stderr\nListen 127.0.0.1:{port}\n"
        f"LoadModule mpm_event_module {modules}/mod_mpm_event.so\n"
        f"LoadModule authz_core_module {modules}/mod_authz_core.so\n"
        f"LoadModule socache_shmcb_module {modules}/mod_socache_shmcb.so\n"
        f"LoadModule ssl_module {modules}/mod_ssl.so\n"
        f"SSLCertificateFile {CERT}\nSSLCertificateKeyFile {KEY}\n{body}\n"
    )
    return ["/usr/sbin/apache2", "-f", conf, "-DFOREGROUND"]


def haproxy(port, lines):
    conf = WORK / "haproxy.cfg"
    inside = [line for line in lines.splitlines() if line.strip().startswith("ssl-default")]
    bind = " ".join(line.strip() for line in lines.splitlines() if line not in inside)
    bind = bind.removeprefix("bind :443 ssl crt site.pem")
    conf.write_text(
        "global\n" + "".join(f" {line}\n" for line in inside)
        + "defaults\n mode http\n timeout client 10s\n timeout server 10s\n timeout connect 10s\n"
        + f"frontend f\n bind 127.0.0.1:{port} ssl crt {BOTH} {bind}\n http-request return status 200\n"
    )
    return ["haproxy", "-db", "-f", conf]


def postfix(port, lines):
    base = WORK / "postfix"
    shutil.rmtree(base, ignore_errors=True)
    for name in ["etc", "spool", "data"]:
        (base / name).mkdir(parents=True)
    shutil.chown(base / "data", "postfix")
    (base / "etc" / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {base}/spool\ndata_directory = {base}/data\n"
        f"maillog_file = /dev/stdout\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = localhost\n"
        f"smtpd_tls_cert_file = {CERT}\nsmtpd_tls_key_file = {KEY}\nsmtpd_tls_security_level = may\n"
        f"import_environment = MAIL_CONFIG OPENSSL_CONF TZ LANG\n{lines}\n"
    )
    (base / "etc" / "master.cf").write_text(
        f"127.0.0.1:{port} inet n - n - - smtpd\ncleanup unix n - n - 0 cleanup\nrewrite unix - - n - - trivial-rewrite\n"
        "tlsmgr unix - - n 1000? 1 tlsmgr\npostlog unix-dgram n - n - 1 postlogd\nproxymap unix - - n - - proxymap\n"
        "anvil unix - - n - 1 anvil\nqmgr unix n - n 300 1 qmgr\npickup unix n - n 60 1 pickup\n"
    )
    return ["postfix", "-c", base / "etc", "start-fg"]


def dovecot(port, lines):
    conf = WORK / "dovecot.conf"
    conf.write_text(
        f"base_dir = {WORK}/dovecot\nlog_path = /dev/stderr\nprotocols = imap\nlisten = 127.0.0.1\nssl = yes\n"
        f"ssl_cert = <{CERT}\nssl_key = <{KEY}\nservice imap-login {{\n inet_listener imap {{\n port = 0\n }}\n"
        f" inet_listener imaps {{\n port = {port}\n ssl = yes\n }}\n chroot =\n}}\npassdb {{\n driver = static\n args = password=x\n}}\n"
        f"import_environment = $import_environment OPENSSL_CONF\n{lines}\n"
    )
    return ["dovecot", "-F", "-c", conf]


def tomcat(port, lines):
    base = WORK / "tomcat"
    for name in ["conf", "logs", "temp", "webapps", "work"]:
        (base / name).mkdir(parents=True, exist_ok=True)
    if "<Connector" not in lines:
        lines = f'<Connector port="8443" SSLEnabled="true">\n<SSLHostConfig>\n</SSLHostConfig>\n</Connector>'
    lines = lines.replace('port="8443"', f'port="{port}"')
    store = f'<Certificate certificateKeystoreFile="{P12}" certificateKeystorePassword="changeit" type="RSA"/>'
    lines = lines.replace("</SSLHostConfig>", f"{store}\n</SSLHostConfig>")
    (base / "conf" / "server.xml").write_text(
        f'<Server port="-1"><Service name="Catalina">{lines}<Engine name="Catalina" defaultHost="localhost">'
        '<Host name="localhost" appBase="webapps"/></Engine></Service></Server>'
    )
    home = "/usr/share/tomcat10"
    return ["java", "-Xmx128m", f"-Djava.security.properties={WORK}/java.security", f"-Dcatalina.home={home}",
            f"-Dcatalina.base={base}", f"-Djava.io.tmpdir={base}/temp",
            "-cp", f"{home}/bin/bootstrap.jar:{home}/bin/tomcat-juli.jar", "org.apache.catalina.startup.Bootstrap", "start"]


def record(server, version, make, lines="", *, below="", name="localhost"):
    port = free_port()
    command = make(port, lines)
    (WORK / "openssl.cnf").write_text(CNF + below + "\n")
    (WORK / "java.security").write_text(below + "\n")
    env = {"OPENSSL_CONF": str(WORK / "openssl.cnf")} if below else {}
    accepts = []
    with running(command, env, port) as process:
        if process.poll() is not None:
            print(f"{server} {lines!r}: does not start: {(WORK / 'log').read_text(errors='replace')[-300:]}", flush=True)
            entries.append({"server": server, "version": version, "config": lines, "below": below, "starts": False})
            return
        for label, number in VERSIONS:
            try:
                if handshake(port, number, server == "postfix", name):
                    accepts.append(label)
            except OSError as error:
                print(f"{server} {lines!r}: {label}: {error}", flush=True)
    print(server, version, repr(lines), repr(below), accepts, flush=True)
    entries.append({"server": server, "version": version, "config": lines, "below": below, "accepts": accepts})


LEVELS = ["CipherString = DEFAULT@SECLEVEL=0", "CipherString = DEFAULT@SECLEVEL=1", "MinProtocol = TLSv1.3", "MinProtocol = TLSv1\nCipherString = DEFAULT@SECLEVEL=0", "MaxProtocol = TLSv1.2\nCipherString = DEFAULT@SECLEVEL=0", "MinProtocol = TLSv1.2\nCipherString = DEFAULT@SECLEVEL=0"]
GCM = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256"
LOW = "CipherString = DEFAULT@SECLEVEL=0"


def version_of(command, pattern):
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return re.search(pattern, found.stdout + found.stderr)[1]


def main():
    certificate()
    only = os.environ.get("ONLY", "")
    servers = {
        "nginx": (nginx, ["nginx", "-v"], r"nginx/([\d.]+)"),
        "apache": (apache, ["/usr/sbin/apache2", "-v"], r"Apache/([\d.]+)"),
        "haproxy": (haproxy, ["haproxy", "-v"], r"version ([\d.]+)"),
        "postfix": (postfix, ["postconf", "-d", "mail_version"], r"= ([\d.]+)"),
        "dovecot": (dovecot, ["dovecot", "--version"], r"([\d.]+)"),
        "tomcat": (tomcat, ["java", "-cp", "/usr/share/tomcat10/lib/catalina.jar", "org.apache.catalina.util.ServerInfo"], r"Tomcat/([\d.]+)"),
    }
    configurations = {
        "nginx": [
            ("", ""), *[("", level) for level in LEVELS],
            ("ssl_protocols TLSv1 TLSv1.1;", ""), ("ssl_protocols TLSv1 TLSv1.1;", LOW),
            ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;", ""), *[("ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;", level) for level in LEVELS],
            ("ssl_protocols TLSv1.2;", ""), ("ssl_protocols TLSv1.2 TLSv1.3;", ""), ("ssl_protocols TLSv1.3;", ""),
            ("ssl_protocols TLSv1 TLSv1.2;", LOW), ("ssl_protocols TLSv1.1 TLSv1.3;", LOW),
            ("ssl_protocols TLSv1\n              TLSv1.1\n              TLSv1.2;", LOW),
            ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\nssl_ciphers DEFAULT:@SECLEVEL=0;", ""),
            ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\nssl_ciphers HIGH:!aNULL:@SECLEVEL=1;", ""),
            (f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\nssl_ciphers {GCM};", LOW),
            (f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\nssl_ciphers {GCM}:@SECLEVEL=0;", ""),
            (f"ssl_protocols TLSv1 TLSv1.1;\nssl_ciphers {GCM}:@SECLEVEL=0;", ""),
            (f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\nssl_ciphers {GCM}:AES128-SHA:@SECLEVEL=0;", ""),
            ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;\nssl_conf_command MinProtocol TLSv1.2;", LOW),
            ("ssl_protocols TLSv1.2 TLSv1.3;\nssl_conf_command MinProtocol TLSv1;", LOW),
            ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;\nssl_conf_command MaxProtocol TLSv1.1;", LOW),
            ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;\nssl_conf_command CipherString DEFAULT@SECLEVEL=0;", ""),
            ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\nssl_ciphers HIGH;\nssl_conf_command CipherString DEFAULT@SECLEVEL=0;", ""),
            ("ssl_protocols TLSv1.2;\nserver {\n listen 443 ssl;\n server_name localhost;\n ssl_protocols TLSv1.3;\n}", ""),
            ("server {\n listen 443 ssl;\n server_name other;\n ssl_protocols TLSv1.3;\n}\nserver {\n listen 443 ssl;\n server_name localhost;\n ssl_protocols TLSv1.2;\n}", ""),
            ("server {\n listen 443 ssl;\n server_name other;\n ssl_protocols TLSv1.3;\n}\nserver {\n listen 443 ssl default_server;\n server_name localhost;\n ssl_protocols TLSv1.2;\n}", ""),
            ("server {\n listen 443 ssl;\n server_name other;\n}\nserver {\n listen 443 ssl;\n server_name localhost;\n ssl_protocols TLSv1.3;\n}", ""),
            ("# ssl_protocols TLSv1.3;\nssl_protocols TLSv1.2; # TLSv1.3", ""),
        ],
        "apache": [
            ("", ""), *[("", level) for level in LEVELS],
            ("SSLProtocol all -SSLv3", ""), ("SSLProtocol all -SSLv3", LOW), ("SSLProtocol all", LOW),
            *[("SSLProtocol all", level) for level in LEVELS[1:]],
            ("SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1", LOW), ("SSLProtocol -all +TLSv1.2 +TLSv1.3", LOW), ("SSLProtocol -all +TLSv1", LOW),
            ("SSLProtocol TLSv1.2 TLSv1.3", LOW), ("SSLProtocol TLSv1.2", LOW), ("SSLProtocol TLSv1", LOW), ("SSLProtocol TLSv1", ""),
            ("SSLProtocol +TLSv1 +TLSv1.2", LOW), ("SSLProtocol -TLSv1", LOW), ("SSLProtocol +TLSv1.2", LOW), ("SSLProtocol all -TLSv1.2", LOW),
            ("SSLProtocol All -SSLv2 -SSLv3", LOW), ("sslprotocol tlsv1.2", LOW), ("SSLProtocol TLSv1.2 +TLSv1.3", LOW),
            ("SSLProtocol all\nSSLCipherSuite DEFAULT:@SECLEVEL=0", ""), ("SSLProtocol all\nSSLCipherSuite HIGH:!aNULL", ""),
            (f"SSLProtocol all\nSSLCipherSuite {GCM}", LOW), (f"SSLProtocol -all +TLSv1 +TLSv1.1\nSSLCipherSuite {GCM}", LOW),
            ("SSLProtocol all\nSSLCipherSuite SSL DEFAULT:@SECLEVEL=0", ""),
            ("SSLProtocol all\nSSLOpenSSLConfCmd MinProtocol TLSv1.2", LOW), ("SSLProtocol TLSv1.2\nSSLOpenSSLConfCmd MinProtocol TLSv1", LOW),
            ("SSLProtocol all\nSSLOpenSSLConfCmd MaxProtocol TLSv1.1", LOW), ("SSLOpenSSLConfCmd Protocol \"-ALL, TLSv1.2\"", LOW),
            ("SSLProtocol all\nSSLOpenSSLConfCmd CipherString DEFAULT@SECLEVEL=0", ""),
            ("SSLProtocol TLSv1.2\n<VirtualHost *:443>\nServerName localhost\nSSLEngine on\nSSLProtocol TLSv1.3\n</VirtualHost>", ""),
            ("<VirtualHost *:443>\nServerName other\nSSLEngine on\nSSLProtocol TLSv1.3\n</VirtualHost>\n<VirtualHost *:443>\nServerName localhost\nSSLEngine on\nSSLProtocol TLSv1.2\n</VirtualHost>", ""),
        ],
        "haproxy": [
            ("", ""), *[("", level) for level in LEVELS],
            ("bind :443 ssl crt site.pem ssl-min-ver TLSv1.0", ""), ("bind :443 ssl crt site.pem ssl-min-ver TLSv1.0", LOW),
            *[("bind :443 ssl crt site.pem ssl-min-ver TLSv1.0", level) for level in LEVELS[1:]],
            ("bind :443 ssl crt site.pem ssl-max-ver TLSv1.1", LOW), ("bind :443 ssl crt site.pem ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.1", LOW),
            ("bind :443 ssl crt site.pem ssl-min-ver TLSv1.3", ""), ("bind :443 ssl crt site.pem ssl-max-ver TLSv1.2", ""),
            ("bind :443 ssl crt site.pem force-tlsv12", LOW), ("bind :443 ssl crt site.pem force-tlsv10", LOW), ("bind :443 ssl crt site.pem force-tlsv10", ""),
            ("bind :443 ssl crt site.pem no-tlsv12", LOW), ("bind :443 ssl crt site.pem no-tlsv13", LOW), ("bind :443 ssl crt site.pem no-tlsv10 no-tlsv11", LOW),
            ("bind :443 ssl crt site.pem no-sslv3", LOW), ("bind :443 ssl crt site.pem ssl-min-ver TLSv1.0 no-tlsv11", LOW),
            ("ssl-default-bind-options ssl-min-ver TLSv1.0 no-tls-tickets", LOW), ("ssl-default-bind-options no-sslv3 no-tlsv10 no-tlsv11", LOW),
            ("ssl-default-bind-options ssl-min-ver TLSv1.2\nbind :443 ssl crt site.pem ssl-min-ver TLSv1.0", LOW),
            ("ssl-default-bind-options ssl-min-ver TLSv1.0\nssl-default-server-options ssl-min-ver TLSv1.3", LOW),
            ("ssl-default-bind-options ssl-min-ver TLSv1.0\nssl-default-bind-ciphers DEFAULT:@SECLEVEL=0", ""),
            ("ssl-default-bind-options ssl-min-ver TLSv1.0\nssl-default-bind-ciphers HIGH:!aNULL", ""),
            ("bind :443 ssl crt site.pem ssl-min-ver TLSv1.0 ciphers ALL:@SECLEVEL=0", ""),
            (f"bind :443 ssl crt site.pem ssl-min-ver TLSv1.0 ciphers {GCM}", LOW), (f"ssl-default-bind-options ssl-min-ver TLSv1.0\nssl-default-bind-ciphers {GCM}", LOW),
        ],
        "postfix": [
            ("", ""), *[("", level) for level in LEVELS],
            ("smtpd_tls_protocols = !SSLv2, !SSLv3", LOW), ("smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1", LOW),
            ("smtpd_tls_protocols = >=TLSv1.2", LOW), ("smtpd_tls_protocols = >=TLSv1.2, <=TLSv1.2", LOW), ("smtpd_tls_protocols = <=TLSv1.1", LOW),
            ("smtpd_tls_protocols = TLSv1.2", LOW), ("smtpd_tls_protocols = TLSv1, TLSv1.1", LOW), ("smtpd_tls_protocols = TLSv1.2 TLSv1.3", LOW),
            ("smtpd_tls_protocols = !TLSv1.2", LOW), ("smtpd_tls_protocols = TLSv1", ""), ("smtpd_tls_protocols=>=TLSv1", LOW), ("smtpd_tls_protocols = >=TLSv1", ""),
            ("smtpd_tls_mandatory_protocols = >=TLSv1.3", LOW), ("smtpd_tls_security_level = encrypt\nsmtpd_tls_mandatory_protocols = >=TLSv1.3", LOW),
            ("smtpd_tls_security_level = encrypt\nsmtpd_tls_protocols = >=TLSv1.3", LOW),
            ("smtpd_tls_security_level = encrypt\nsmtpd_tls_protocols = >=TLSv1.3\nsmtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1", LOW),
            ("smtp_tls_protocols = >=TLSv1.3", LOW), ("smtpd_tls_protocols =", LOW),
            ("tls_medium_cipherlist = DEFAULT:@SECLEVEL=0", ""), ("smtpd_tls_ciphers = high\ntls_high_cipherlist = ALL:@SECLEVEL=0", ""),
            (f"tls_medium_cipherlist = {GCM}", LOW), ("smtpd_tls_exclude_ciphers = RC4", LOW),
            ("smtpd_tls_security_level = encrypt", ""), ("smtpd_tls_security_level = encrypt\nsmtpd_tls_mandatory_protocols = >=TLSv1", ""),
            ("smtpd_tls_protocols = !SSLv2,\n  !SSLv3,\n  !TLSv1", LOW), ("smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_protocols = >=TLSv1.1", ""),
        ],
        "dovecot": [
            ("", ""), *[("", level) for level in LEVELS],
            ("ssl_min_protocol = TLSv1", ""), ("ssl_min_protocol = TLSv1", LOW), ("ssl_min_protocol = TLSv1.3", LOW), ("ssl_min_protocol = TLSv1.1", LOW), ("ssl_min_protocol = ANY", LOW), ("ssl_min_protocol = LATEST", LOW),
            ("ssl_min_protocol = TLSv1\nssl_cipher_list = ALL:@SECLEVEL=0", ""), (f"ssl_min_protocol = TLSv1\nssl_cipher_list = {GCM}", LOW),
            ("ssl_min_protocol = TLSv1", "MinProtocol = TLSv1.2\nCipherString = DEFAULT@SECLEVEL=0"),
        ],
        "tomcat": [
            ("", ""), ("", "jdk.tls.disabledAlgorithms=SSLv3"), ("", "jdk.tls.disabledAlgorithms=SSLv3, TLSv1"),
            *[(f'<Connector port="8443" SSLEnabled="true">\n<SSLHostConfig protocols="{value}">\n</SSLHostConfig>\n</Connector>', "jdk.tls.disabledAlgorithms=SSLv3")
              for value in ["all", "TLSv1.2", "TLSv1.2+TLSv1.3", "TLSv1.2,TLSv1.3", "+TLSv1+TLSv1.1", "all,-TLSv1", "TLSv1", "-TLSv1,-TLSv1.1", "SSLv2Hello+TLSv1.2", "all -TLSv1 -TLSv1.1", "TLSv1, TLSv1.1, TLSv1.2"]],
            ('<Connector port="8443" SSLEnabled="true">\n<SSLHostConfig protocols="all">\n</SSLHostConfig>\n</Connector>', ""),
            ('<Connector port="8443" SSLEnabled="true">\n<SSLHostConfig protocols="TLSv1,TLSv1.1,TLSv1.2">\n</SSLHostConfig>\n</Connector>', ""),
            ('<Connector port="8443" SSLEnabled="true">\n<SSLHostConfig sslProtocol="TLSv1.2">\n</SSLHostConfig>\n</Connector>', "jdk.tls.disabledAlgorithms=SSLv3"),
        ],
    }
    for server, (make, command, pattern) in servers.items():
        if only and server not in only.split(","):
            continue
        if not shutil.which(str(command[0])):
            continue
        version = version_of(command, pattern)
        for lines, below in configurations[server]:
            record(server, version, make, lines, below=below)
    write()


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write():
    path = HERE / "servers.toml"
    blocks = {}
    if path.exists():
        for block in path.read_text().split("\n\n")[1:]:
            blocks.setdefault(re.search(r'server = "(.*?)"', block)[1], []).append(block.strip())
    done = {}
    for entry in entries:
        lines = ["[[server]]", f"server = {quoted(entry['server'])}", f"version = {quoted(entry['version'])}", 'os = "debian-12"']
        for key in ["config", "below"]:
            if entry[key]:
                lines.append(f"{key} = {quoted(entry[key])}")
        if "accepts" in entry:
            lines.append("accepts = [" + ", ".join(quoted(label) for label in entry["accepts"]) + "]")
        else:
            lines.append("starts = false")
        done.setdefault(entry["server"], []).append("\n".join(lines))
    blocks |= done
    text = "# What real servers accepted; written by servers.py.\n"
    path.write_text(text + "".join(f"\n{block}\n" for name in blocks for block in blocks[name]))


main()
