#!/usr/bin/env python3
"""DTLS between two real OpenSSL programs over loopback: planted values are found in it with the key log, the flow is
counted as closed without, and tshark reads the same."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import loopback  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
IMEI = "356938035643809"
REPORT = b'{"device": {"imei": "356938035643809"}}'


def audit(capture, folder, *more):
    subject = folder / "subject.yaml"
    subject.write_text(json.dumps({"device": {"maker": "Example", "model": "Test", "system": "Example OS", "addresses": ["127.0.0.1"]},
                                   "data": [{"datum": "imei", "value": IMEI}]}))
    run = subprocess.run([PROGRAM, "audit", str(capture), "--subject", str(subject), "--json", *map(str, more)],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60)
    return json.loads(run.stdout)


class Dtls(unittest.TestCase):
    def exchange(self, bench, *suite):
        certificate, key = bench.certificate("server.example")
        port = loopback.free_port(socket.SOCK_DGRAM)
        capture, keys = bench.record([port]), bench.folder / "keys.log"
        server = bench.start("openssl", "s_server", "-dtls1_2", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key,
                             "-quiet", *suite, stdin=subprocess.PIPE)
        loopback.wait_until(lambda: loopback.bound_udp(port), "the server")
        client = bench.start("openssl", "s_client", "-dtls1_2", "-connect", f"127.0.0.1:{port}", "-servername", "server.example",
                             "-keylogfile", keys, "-quiet", stdin=subprocess.PIPE)
        loopback.wait_until(lambda: keys.exists() and keys.stat().st_size > 0, "the handshake")
        client.stdin.write(REPORT + b"\n")
        client.stdin.flush()
        loopback.wait_until(lambda: REPORT in server.log.read_bytes(), "the report's arrival")
        client.stdin.close()
        server.stdin.close()
        bench.end(client)
        return bench.stop_recording(), keys

    def test_a_report_is_found_and_tshark_agrees(self):
        for suite in ((), ("-cipher", "ECDHE-ECDSA-AES128-SHA256")):
            with self.subTest(suite=suite), loopback.Loopback() as bench:
                capture, keys = self.exchange(bench, *suite)
                document = audit(capture, bench.folder, "--keys", keys)
                found = [(each["datum"], each["transport"], each["recipient"].get("host")) for each in document["disclosures"]]
                self.assertEqual(found, [("imei", "dtls", "server.example")])
                self.assertIn("dtls", [step["step"] for step in document["disclosures"][0]["path"]])
                shown = subprocess.run(["tshark", "-r", str(capture), "-o", f"tls.keylog_file:{keys}", "-d", "udp.port==1-65535,dtls",
                                        "-x"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60).stdout
                self.assertIn(b"Decrypted DTLS", shown)

    def test_without_keys_it_is_counted_as_closed(self):
        with loopback.Loopback() as bench:
            capture, _ = self.exchange(bench)
            document = audit(capture, bench.folder)
            self.assertEqual(document["disclosures"], [])
            closed = [line for line in document["coverage"]["fates"] if line["fate"] == "opaque" and line["reason"] == "no-key"]
            self.assertEqual(len(closed), 1)
            self.assertGreaterEqual(closed[0]["bytes"], len(REPORT))


if __name__ == "__main__":
    unittest.main()
