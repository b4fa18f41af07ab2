#!/usr/bin/env python3
"""Real clients and servers: what Python's smtplib, imaplib, poplib and ftplib say to small servers, before STARTTLS and
behind it, and what a DHCP client and a resolver say to dnsmasq in a network namespace. Captured by tcpdump; what is
expected comes from what the clients sent."""
import email.message
import ftplib
import imaplib
import json
import os
import pathlib
import poplib
import shutil
import smtplib
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SERVER = "127.0.0.3"  # the client is 127.0.0.1
DEVICE, USER, PASSWORD = "Ainon-Luuri-7731", "aino.virtanen", "Kuusi palaa hiljaa 83"
SUBJECT_LINE, TEXT, NOTE = "Mökki varattu 8812 äyriä", "Tavataan Näsijärven rannassa kello 18.40", "Muistilappu numero 55-1207"


def wait_for(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def usable(*programs):
    return os.geteuid() == 0 and all(shutil.which(program) or os.path.exists(program) for program in programs)


class Recording:
    """tcpdump while the block runs; a last datagram to a port of its own says that everything before is written."""

    def __init__(self, path, interface, mark, inside=()):
        self.path, self.interface, self.mark, self.inside = path, interface, mark, list(inside)

    def __enter__(self):
        self.errors = open(self.path.with_suffix(".log"), "wb+")
        self.process = subprocess.Popen([*self.inside, "tcpdump", "-U", "-n", "--immediate-mode", "-i", self.interface, "-w", str(self.path), "-Z", "root"],
                                        stdout=subprocess.DEVNULL, stderr=self.errors)
        wait_for(lambda: b"listening on" in self.path.with_suffix(".log").read_bytes(), "tcpdump")
        return self

    def __exit__(self, *_):
        mark = os.urandom(8).hex().encode()
        send = f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto({mark!r}, ({self.mark!r}, 9))"
        subprocess.run([*self.inside, sys.executable, "-W", "ignore", "-c", send], check=True, timeout=20)
        wait_for(lambda: mark in self.path.read_bytes(), "the capture's end")
        self.process.terminate()
        self.process.wait(20)
        self.errors.close()


class Lines(socketserver.StreamRequestHandler):
    timeout = 20

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def ask(self):
        return self.rfile.readline().decode().rstrip("\r\n")

    def secure(self):
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.setup_files()

    def setup_files(self):
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)


class Smtp(Lines):
    def handle(self):
        self.say("220 mail.example ESMTP")
        secure = False
        while line := self.ask():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                self.say("250-mail.example\r\n250-8BITMIME\r\n" + ("250 AUTH PLAIN LOGIN" if secure else "250 STARTTLS"))
            elif verb == "STARTTLS":
                self.say("220 go ahead")
                self.secure()
                secure = True
            elif verb == "AUTH" and "PLAIN" in line:
                self.say("235 ok")
            elif verb == "DATA":
                self.say("354 go on")
                while self.ask() != ".":
                    pass
                self.say("250 taken")
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")


class Imap(Lines):
    def handle(self):
        self.say("* OK ready")
        while line := self.ask():
            tag, verb, *rest = line.split(" ")
            verb = verb.upper()
            if verb == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1 STARTTLS LITERAL+")
            if verb == "APPEND":
                self.say("+ go on")
                self.rfile.read(int(rest[-1].strip("{}")))
                self.ask()
            if verb == "SELECT":
                self.say("* 1 EXISTS")
            if verb == "FETCH":
                mail = made_mail("received").as_bytes()
                self.say(f"* 1 FETCH (RFC822 {{{len(mail)}}}")
                self.wfile.write(mail + b")\r\n")
            if verb == "LOGOUT":
                self.say("* BYE bye")
            self.say(f"{tag} OK done")
            if verb == "STARTTLS":
                self.secure()


class Pop3(Lines):
    def handle(self):
        self.say("+OK ready")
        while line := self.ask():
            verb = line.split()[0].upper()
            self.say("+OK")
            if verb == "CAPA":
                self.say("STLS\r\nUSER\r\n.")
            if verb == "STLS":
                self.secure()
            if verb == "RETR":
                mail = made_mail("received").as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..")
                self.wfile.write(mail + b"\r\n.\r\n")
            if verb == "QUIT":
                return


class Ftp(Lines):
    def handle(self):
        self.say("220 ready")
        data = socket.create_server((SERVER, 0))
        while line := self.ask():
            verb = line.split()[0].upper()
            if verb == "USER":
                self.say("331 password")
            elif verb == "PASV":
                port = data.getsockname()[1]
                self.say(f"227 passive ({SERVER.replace('.', ',')},{port >> 8},{port & 255})")
            elif verb == "STOR":
                self.say("150 go on")
                with data.accept()[0] as stream:
                    while stream.recv(4096):
                        pass
                self.say("226 taken")
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say("230 ok")


def made_mail(kind):
    mail = email.message.EmailMessage()
    mail["Subject"] = SUBJECT_LINE
    mail["From"], mail["To"] = "aino.virtanen@example.com", "eino@example.org"
    mail["X-Kind"] = kind
    mail.set_content(TEXT + "\n", cte="quoted-printable")
    mail.add_attachment(NOTE.encode(), maintype="text", subtype="plain", filename="muisti.txt")  # in base64
    return mail


SUBJECT = {"device": {"maker": "Example", "model": "M", "system": "S", "addresses": []},
           "data": [{"datum": "device-name", "value": DEVICE}, {"datum": "username", "value": USER}, {"datum": "password", "value": PASSWORD},
                    {"datum": "mail", "value": TEXT, "subject": SUBJECT_LINE}, {"datum": "note", "value": NOTE}]}


def run(folder, *arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return done.stdout


def audit(folder, capture, device, keys=None):
    subject = folder / "subject.yaml"
    subject.write_text(json.dumps({**SUBJECT, "device": {**SUBJECT["device"], "addresses": [device]}}))
    more = ["--keys", keys] if keys else []
    return json.loads(run(folder, "audit", capture, "--subject", subject, "--json", "--reveal", *more))


def messages(folder, capture, keys=None):
    out = run(folder, "messages", capture, *(["--keys", keys] if keys else []))
    return [json.loads(line) for line in out.splitlines()]


def seen(document, direction="sent"):
    return {(each["datum"], each["transport"]) for each in document["disclosures"] if each["direction"] == direction and each["certainty"] == "verified"}


@unittest.skipUnless(usable("tcpdump", "openssl"), "needs tcpdump, openssl and the rights to capture")
class Mail(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj",
                        "/CN=mail.example"], cwd=self.folder, check=True, stderr=subprocess.DEVNULL, timeout=60)
        self.client = ssl.create_default_context()
        self.client.check_hostname, self.client.verify_mode = False, ssl.CERT_NONE
        self.client.keylog_filename = str(self.folder / "keys.log")
        self.capture = self.folder / "talk.pcap"

    def talk(self, handler, conversation):
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        with socketserver.ThreadingTCPServer((SERVER, 0), handler) as server:
            server.daemon_threads = True
            server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.tls.load_cert_chain(self.folder / "cert.pem", self.folder / "key.pem")
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with Recording(self.capture, "lo", SERVER):
                conversation(server.server_address[1])
            server.shutdown()
        return audit(self.folder, self.capture, "127.0.0.1", self.folder / "keys.log")

    def test_smtp(self):
        def conversation(port):
            with smtplib.SMTP(SERVER, port, local_hostname=DEVICE, timeout=20) as client:
                client.ehlo()
                client.starttls(context=self.client)
                client.login(USER, PASSWORD)
                client.send_message(made_mail("sent"))
        document = self.talk(Smtp, conversation)
        found = seen(document)
        self.assertIn(("device-name", "clear"), found)
        for datum in ("device-name", "username", "password", "mail", "note"):
            self.assertIn((datum, "tls"), found)
        self.assertEqual({datum for datum, transport in found if transport == "clear"}, {"device-name"})
        lines = [each for each in messages(self.folder, self.capture, self.folder / "keys.log") if each["protocol"] == "smtp"]
        self.assertEqual([each["method"] for each in lines if each["kind"] == "request"],
                         ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"])
        self.assertFalse([each for each in lines if "host" in each])

    def test_imap(self):
        def conversation(port):
            client = imaplib.IMAP4(SERVER, port, timeout=20)
            client.starttls(self.client)
            client.login(USER, PASSWORD)
            client.append("Drafts", None, None, made_mail("sent").as_bytes())
            client.select()
            client.fetch("1", "(RFC822)")
            client.logout()
        document = self.talk(Imap, conversation)
        for datum in ("username", "password", "mail", "note"):
            self.assertIn((datum, "tls"), seen(document))
        self.assertIn(("mail", "tls"), seen(document, "received"))
        self.assertFalse([each for each in seen(document) if each[1] == "clear"])

    def test_pop3(self):
        def conversation(port):
            client = poplib.POP3(SERVER, port, timeout=20)
            client.user(USER)
            client.stls(self.client)
            client.user(USER)
            client.pass_(PASSWORD)
            client.retr(1)
            client.quit()
        document = self.talk(Pop3, conversation)
        self.assertEqual(seen(document), {("username", "clear"), ("username", "tls"), ("password", "tls")})
        self.assertEqual(seen(document, "received"), {("mail", "tls"), ("note", "tls"), ("username", "tls")})

    def test_ftp(self):
        def conversation(port):
            client = ftplib.FTP(timeout=20)
            client.connect(SERVER, port)
            client.login(USER, PASSWORD)
            upload = self.folder / "upload"
            upload.write_text(NOTE)
            with upload.open("rb") as content:
                client.storbinary(f"STOR {DEVICE}.txt", content)
            client.quit()
        document = self.talk(Ftp, conversation)
        self.assertEqual(seen(document), {(datum, "clear") for datum in ("username", "password", "device-name", "note")})


def dhcp(kind, mac, options):
    packet = struct.pack(">BBBBIHHIIII16s64s128s", 1, 1, 6, 0, 0x51A7E001, 0, 0x8000, 0, 0, 0, 0, mac, b"", b"") + b"\x63\x82\x53\x63"
    for code, value in [(53, bytes([kind])), *options]:
        packet += bytes([code, len(value)]) + value
    return packet + b"\xff"


CLIENT = r"""
import json, socket, struct, sys
given = json.loads(sys.argv[1])
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
link.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, given["interface"].encode())
link.bind(("0.0.0.0", 68))
link.settimeout(10)
offer = None
for _ in range(5):
    link.sendto(bytes.fromhex(given["discover"]), ("255.255.255.255", 67))
    try:
        offer = link.recv(2048)
        break
    except socket.timeout:
        pass
print(socket.inet_ntoa(offer[16:20]))
"""

ASK = r"""
import socket, struct, sys
name = b"".join(bytes([len(part)]) + part.encode() for part in sys.argv[1].split(".")) + b"\0"
query = struct.pack(">HHHHHH", 77, 0x100, 1, 0, 0, 0) + name + struct.pack(">HH", 1, 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
    udp.settimeout(10)
    udp.sendto(query, (sys.argv[2], 53))
    udp.recv(512)
with socket.create_connection((sys.argv[2], 53), 10) as tcp:
    tcp.sendall(struct.pack(">H", len(query)) + query)
    tcp.recv(512)
group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
group.bind((sys.argv[3], 5353))
instance = sys.argv[4].encode()
target = bytes([len(instance)]) + instance + b"\x0f_companion-link\x04_tcp\x05local\0"
service = b"\x0f_companion-link\x04_tcp\x05local\0"
answer = struct.pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 0) + service + struct.pack(">HHIH", 12, 1, 120, len(target)) + target
group.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[3]))
group.sendto(answer, ("224.0.0.251", 5353))
asked = struct.pack(">HHHHHH", 0, 0, 1, 0, 0, 0) + b"\x07kitchen\x05local\0" + struct.pack(">HH", 1, 1)
group.sendto(asked, ("224.0.0.251", 5353))
group.sendto(f"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nUSER-AGENT: {sys.argv[4]}/1\r\n\r\n".encode(),
             ("239.255.255.250", 1900))
"""


@unittest.skipUnless(usable("tcpdump", "ip", "/usr/sbin/dnsmasq"), "needs tcpdump, iproute2, dnsmasq and root")
class Neighbours(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, True)
        stem = f"tt{os.getpid()}"
        self.home, self.phone = f"{stem}-home", f"{stem}-phone"
        for name in (self.home, self.phone):
            self.ip("netns", "add", name)
            self.addCleanup(subprocess.run, ["ip", "netns", "del", name], check=False)
        self.ip("-n", self.home, "link", "add", "h0", "type", "veth", "peer", "name", "p0", "netns", self.phone)
        self.ip("-n", self.home, "addr", "add", "192.168.77.1/24", "dev", "h0")
        for name, link in ((self.home, "h0"), (self.phone, "p0")):
            self.ip("-n", name, "link", "set", "lo", "up")
            self.ip("-n", name, "link", "set", link, "up")
        self.mac = json.loads(subprocess.check_output(["ip", "-n", self.phone, "-j", "link", "show", "p0"]))[0]["address"]

    def ip(self, *arguments):
        subprocess.run(["ip", *arguments], check=True, stderr=subprocess.PIPE)

    def test_names(self):
        inside = ["ip", "netns", "exec", self.phone]
        log = open(self.folder / "dnsmasq.log", "wb")
        server = subprocess.Popen(["ip", "netns", "exec", self.home, "/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv",
                                   "--no-hosts", "--user=root", "--interface=h0", "--bind-interfaces", "--leasefile-ro", "--log-dhcp",
                                   "--dhcp-range=192.168.77.20,192.168.77.40,1h", "--address=/shop.example/198.51.100.9"],
                                  stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(log.close)
        self.addCleanup(server.wait, 20)
        self.addCleanup(server.terminate)
        wait_for(lambda: b"DHCP" in (self.folder / "dnsmasq.log").read_bytes(), "dnsmasq")
        capture = self.folder / "home.pcap"
        mac = bytes.fromhex(self.mac.replace(":", ""))
        labels = bytes([len(DEVICE)]) + DEVICE.encode() + b"\x04home\0"
        discover = dhcp(1, mac, [(12, DEVICE.encode()), (60, b"android-dhcp-13"), (81, b"\x04\0\0" + labels)])
        with Recording(capture, "p0", "192.168.77.1", inside):
            given = json.dumps({"interface": "p0", "discover": discover.hex()})
            address = subprocess.run([*inside, sys.executable, "-c", CLIENT, given], check=True, timeout=60, stdout=subprocess.PIPE).stdout.decode().strip()
            self.ip("-n", self.phone, "addr", "add", f"{address}/24", "dev", "p0")
            self.ip("-n", self.phone, "route", "add", "default", "via", "192.168.77.1")
            subprocess.run([*inside, sys.executable, "-c", ASK, "shop.example", "192.168.77.1", address, DEVICE], check=True, timeout=60)
        document = audit(self.folder, capture, self.mac)
        sent = [each for each in document["disclosures"] if each["direction"] == "sent" and each["datum"] == "device-name"]
        by_step = {each["path"][0]["step"]: each for each in sent}
        self.assertEqual(set(by_step), {"dhcp", "mdns", "ssdp"})
        for step, group in (("dhcp", "255.255.255.255"), ("mdns", "224.0.0.251"), ("ssdp", "239.255.255.250")):
            each = by_step[step]
            self.assertEqual(each["recipient"].get("host") or "", "")
            self.assertEqual(each["recipient"]["addresses"], [group])
            self.assertEqual(each["recipient"]["network"], "local network")
            self.assertFalse(each["recipient"].get("country"))
            self.assertEqual((each["recipient"]["role"], each["transport"], each["certainty"]), ("destination", "clear", "verified"))
        self.assertFalse([each for each in document["recipients"] if (each.get("host") or "") == "kitchen.local"])
        lines = messages(self.folder, capture)
        self.assertIn(("dhcp", "request", "DISCOVER"), {(each["protocol"], each["kind"], each.get("method")) for each in lines})
        self.assertIn(("dhcp", "response", "OFFER"), {(each["protocol"], each["kind"], each.get("method")) for each in lines})
        asked = [each for each in lines if each["protocol"] == "dns" and each["kind"] == "query"]
        self.assertEqual([each["host"] for each in asked], ["shop.example"] * 2)


if __name__ == "__main__":
    unittest.main()
