#!/usr/bin/env python3
"""CoAP in clear and in DTLS between two real OpenSSL programs: planted values are found with their host and options, and
tshark sees as many messages."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import capture_maker  # noqa: E402
import loopback  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SHARED = ROOT.parent / "shared/captures/mqtt/coap_mqtt.pcap"
IMEI, EMAIL = "356938035643809", "aino.virtanen@example.com"


def option(delta, value):
    """RFC 7252 section 3.1, for deltas and lengths below 269."""
    nibble = [number if number < 13 else 13 for number in (delta, len(value))]
    more = b"".join(bytes([number - 13]) for number in (delta, len(value)) if number >= 13)
    return bytes([nibble[0] << 4 | nibble[1]]) + more + value


def post(host, path, query, body, content_format=50):
    options = option(3, host.encode()) + option(8, path.encode()) + option(1, bytes([content_format])) + option(3, query.encode())
    return b"\x42\x02\x12\x34to" + options + b"\xff" + body


REPORT = post("things.example", "state", f"imei={IMEI}", json.dumps({"owner": {"mail": EMAIL}}).encode())


def audit(folder, capture, phone, *more):
    subject = folder / "subject.yaml"
    subject.write_text(json.dumps({"device": {"maker": "Example", "model": "Test", "system": "Example OS", "addresses": [phone]},
                                   "data": [{"datum": "imei", "value": IMEI}, {"datum": "email", "value": EMAIL}]}))
    run = subprocess.run([PROGRAM, "audit", str(capture), "--subject", str(subject), "--json", *map(str, more)],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60)
    return json.loads(run.stdout)


def listed(capture, *more):
    run = subprocess.run([PROGRAM, "messages", str(capture), *map(str, more)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=True, timeout=60)
    return [each for each in map(json.loads, run.stdout.splitlines()) if each["protocol"] == "coap"]


def tshark_count(capture, *options):
    run = subprocess.run(["tshark", "-r", str(capture), *options, "-Y", "coap", "-T", "fields", "-e", "frame.number"],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60)
    return len(run.stdout.splitlines())


class Coap(unittest.TestCase):
    def check(self, document, transport):
        found = sorted((each["datum"], each["count"], each["transport"], each["recipient"]["host"], each["path"][-1]["step"])
                       for each in document["disclosures"])
        self.assertEqual(found, [("email", 1, transport, "things.example", "json"), ("imei", 1, transport, "things.example", "query")])

    def test_in_clear(self):
        made = capture_maker.Capture()
        made.udp(capture_maker.PHONE4, "198.51.100.9", REPORT, 5683)
        with tempfile.TemporaryDirectory() as folder:
            capture = pathlib.Path(folder) / "made.pcap"
            made.write(capture)
            self.check(audit(pathlib.Path(folder), capture, capture_maker.PHONE4), "clear")
            [one] = listed(capture)
            self.assertEqual((one["kind"], one["method"], one["host"], one["target"]), ("request", "POST", "things.example", f"/state?imei={IMEI}"))
            self.assertEqual(tshark_count(capture), 1)

    def test_in_dtls(self):
        with loopback.Loopback() as bench:
            certificate, key = bench.certificate("server.example")
            capture, keys, port = bench.record([5684]), bench.folder / "keys.log", 5684
            server = bench.start("openssl", "s_server", "-dtls1_2", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key,
                                 "-quiet", stdin=subprocess.PIPE)
            loopback.wait_until(lambda: loopback.bound_udp(port), "the server")
            client = bench.start("openssl", "s_client", "-dtls1_2", "-connect", f"127.0.0.1:{port}", "-servername", "server.example",
                                 "-keylogfile", keys, "-quiet", stdin=subprocess.PIPE)
            loopback.wait_until(lambda: keys.exists() and keys.stat().st_size > 0, "the handshake")
            client.stdin.write(REPORT)
            client.stdin.flush()
            loopback.wait_until(lambda: REPORT in server.log.read_bytes(), "the report's arrival")
            client.stdin.close()
            server.stdin.close()
            bench.end(client)
            capture = bench.stop_recording()
            self.check(audit(bench.folder, capture, "127.0.0.1", "--keys", keys), "dtls")
            self.assertEqual(len(listed(capture, "--keys", keys)), 1)
            self.assertEqual(listed(capture), [])
            self.assertEqual(tshark_count(capture, "-o", f"tls.keylog_file:{keys}"), 1)

    @unittest.skipUnless(SHARED.exists(), "the shared captures are not here")
    def test_as_many_as_tshark_sees(self):
        self.assertEqual(len(listed(SHARED)), tshark_count(SHARED))


if __name__ == "__main__":
    unittest.main(verbosity=2)
