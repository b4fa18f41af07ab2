#!/usr/bin/env python3
"""Whom the phone's bytes went to, where nothing in them can be read or everybody nearby hears them: encrypted tunnels,
broadcast, and a phone that has no address yet. Captures are written by hand; the report is what is looked at."""
import json
import os
import pathlib
import sqlite3
import struct
import subprocess
import tempfile
import unittest

from capture_maker import PHONE4, Capture

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
GATEWAY = "198.51.100.77"
HOST_NAME = "Ainon-Luuri-7731"


class Endpoints(unittest.TestCase):
    def setUp(self):
        self.capture = Capture()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def audit(self, device=PHONE4):
        capture, subject, out = self.folder / "c.pcap", self.folder / "s.yaml", self.folder / "out"
        self.capture.write(capture)
        subject.write_text(f"device: {{addresses: ['{device}']}}\ndata: [{{datum: custom, name: host, value: {HOST_NAME}}}]\n")
        run = subprocess.run([PROGRAM, "audit", str(capture), "--subject", str(subject), "--out", str(out), "--json"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def tunnel(self, document, protocol, transport, size):
        [gateway] = document["recipients"]
        self.assertEqual((gateway["addresses"], gateway["sent-bytes"], gateway["opaque-bytes"], gateway["disclosures"]),
                         ([GATEWAY], size, size, []))
        [closed] = [line for line in document["coverage"]["fates"] if line["fate"] == "opaque"]
        self.assertEqual((closed["reason"], closed["bytes"], closed["flows"]), ("encrypted-tunnel", size, 1))
        with sqlite3.connect(self.folder / "out/audit.db") as database:
            self.assertEqual(database.execute("select flow, transport, protocol, opaque_bytes, opaque_reason, server from flows").fetchall(),
                             [(1, transport, protocol, size, "encrypted-tunnel", GATEWAY)])

    def test_a_wireguard_peer_is_a_recipient(self):
        initiation = b"\1\0\0\0" + bytes(range(1, 129)) + bytes(16)
        data = b"\4\0\0\0" + bytes(range(1, 125))
        self.capture.udp(PHONE4, GATEWAY, initiation, 61820, 40001)
        self.capture.udp(PHONE4, GATEWAY, data, 61820, 40001)
        self.tunnel(self.audit(), "wireguard", "udp", len(initiation) + len(data))

    def test_an_esp_gateway_is_a_recipient(self):
        packet = struct.pack(">II", 0xC0FFEE00, 1) + bytes(range(100))
        self.capture._ip(PHONE4, GATEWAY, 50, packet, len(packet) - 2)
        self.tunnel(self.audit(), "esp", "esp", len(packet))


if __name__ == "__main__":
    unittest.main()
