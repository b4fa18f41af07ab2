#!/usr/bin/env python3
"""DNS over TLS (RFC 7858) on loopback, by Python's ssl on both sides: on its port and, by ALPN, on another. With the key
log the questions are read and the resolver is named as the recipient; without it the flow counts as closed."""
import json
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import loopback  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SERVER, RESOLVER = "127.0.0.5", "resolver.example"
NAMES = ["aino-8812-kuusi.example.com", "plain.example.org"]


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def counted(message):
    return struct.pack(">H", len(message)) + message


def question(number, name):
    return counted(struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + encoded(name) + b"\0\1\0\1")


def answer(query):
    number, name = query[:2], query[12:]
    return counted(number + struct.pack(">5H", 0x8180, 1, 1, 0, 0) + name + b"\xc0\x0c\0\1\0\1\0\0\1\0\0\4\xc0\0\2\x09")


def exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def framed(connection):
    return exactly(connection, struct.unpack(">H", exactly(connection, 2))[0])


def resolve(bench, port, alpn):
    """Two questions on one connection. @return capture and key log."""
    certificate, key = bench.certificate(RESOLVER)
    keys = bench.folder / "keys.log"
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(certificate, key)
    outside = ssl.create_default_context()
    outside.check_hostname, outside.verify_mode = False, ssl.CERT_NONE
    outside.keylog_filename = str(keys)
    if alpn:
        inside.set_alpn_protocols(["dot"])
        outside.set_alpn_protocols(["dot"])
    with socket.create_server((SERVER, port)) as listener:
        listener.settimeout(20)
        port = listener.getsockname()[1]
        bench.record([port])

        def serve():
            accepted, _ = listener.accept()
            accepted.settimeout(20)
            with inside.wrap_socket(accepted, server_side=True) as connection:
                for _ in NAMES:
                    connection.sendall(answer(framed(connection)))
                connection.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with socket.create_connection((SERVER, port), timeout=20) as plain:
            with outside.wrap_socket(plain, server_hostname=RESOLVER) as connection:
                for number, name in enumerate(NAMES):
                    connection.sendall(question(number, name))
                    framed(connection)
        thread.join(20)
        assert not thread.is_alive()
    return bench.stop_recording(), keys


def audit(bench, capture, *more):
    subject = bench.folder / "subject.yaml"
    subject.write_text(json.dumps({"device": {"maker": "Example", "model": "Test", "system": "Example OS", "addresses": ["127.0.0.1"]},
                                   "data": [{"datum": "custom", "value": "aino-8812-kuusi"}]}))
    run = subprocess.run([PROGRAM, "audit", str(capture), "--subject", str(subject), "--json", *map(str, more)],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60)
    return json.loads(run.stdout)


def free_port():
    with socket.socket() as probe:
        probe.bind((SERVER, 0))
        return probe.getsockname()[1]


class DnsOverTls(unittest.TestCase):
    def check(self, port, alpn):
        with loopback.Loopback() as bench:
            capture, keys = resolve(bench, port, alpn)
            listed = subprocess.run([PROGRAM, "messages", str(capture), "--keys", str(keys)], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, check=True, timeout=60).stdout
            messages = [json.loads(line) for line in listed.splitlines() if b'"udp"' not in line]  # the recording's own marks
            self.assertEqual([(each["protocol"], each["kind"], each.get("host")) for each in messages],
                             [("dns", kind, name) for name in NAMES for kind in ("query", "response")])
            self.assertEqual({each["server"]["port"] for each in messages}, {port})
            document = audit(bench, capture, "--keys", keys)
            sent = [each for each in document["disclosures"] if each["direction"] == "sent"]
            self.assertEqual([(each["transport"], each["recipient"]["role"], each["recipient"]["host"]) for each in sent],
                             [("tls", "resolver", RESOLVER)])
            self.assertIn("tls", [step["step"] for step in sent[0]["path"]])

            closed = audit(bench, capture)
            self.assertEqual(closed["disclosures"], [])
            fates = {(each["fate"], each.get("reason")): each for each in closed["coverage"]["fates"]}
            self.assertIn(("opaque", "no-key"), fates)
            self.assertGreater(fates[("opaque", "no-key")]["bytes"], len(question(0, NAMES[0])))

    def test_on_another_port_by_alpn(self):
        self.check(free_port(), True)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to listen on port 853")
    def test_on_its_port(self):
        self.check(853, False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
