#!/usr/bin/env python3
"""Whose software sent it, on a capture with PCAPdroid's trailers whose every record is known: an app that the capture
names, and one that only its TLS fingerprint tells."""
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import tls_writer  # noqa: E402
from capture_maker import PHONE4, Capture  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
IMEI = "356938035643809"
NOTES, MAPS = (10101, "Notes"), (10102, "Maps")
UNKNOWN = (-1, "Unknown app")


class Senders(unittest.TestCase):
    def setUp(self):
        self.capture, self.rng, self.keys = Capture(), random.Random(4), ""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def speaks(self, app, host, alpn, more="", value=IMEI):
        """A flow of `app`, whose handshake offers `alpn`: another software, another fingerprint."""
        begin = len(self.capture.frames)
        connection = tls_writer.Tls13(self.capture.tcp(PHONE4, "203.0.113.5", 443), self.rng, host, alpn)
        self.keys += connection.key_log
        connection.send(f"POST / HTTP/1.1\r\nHost: {host}\r\n{more}Content-Length: {len(value)}\r\n\r\n{value}".encode())
        for at in range(begin, len(self.capture.frames)):
            when, frame = self.capture.frames[at]
            frame = bytes(12) + frame[12:]
            if app:
                frame += bytes(-len(frame[14:]) % 4)
                frame += struct.pack(">Ii20sI", 0x01072021, app[0], app[1].encode(), 0)
            self.capture.frames[at] = (when, frame)

    def senders(self):
        capture, subject, keys = self.folder / "c.pcap", self.folder / "s.yaml", self.folder / "k.log"
        self.capture.write(capture)
        subject.write_text(f"device: {{addresses: ['{PHONE4}']}}\ndata: [{{datum: imei, value: '{IMEI}'}}]\n")
        keys.write_text(self.keys)
        run = subprocess.run([PROGRAM, "audit", capture, "--subject", subject, "--keys", keys, "--json"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return {each["recipient"]["host"]: each["sender"] for each in json.loads(run.stdout)["disclosures"]}

    def test_the_capture_says_so(self):
        self.speaks(NOTES, "named.example", "http/1.1")
        sender = self.senders()["named.example"]
        self.assertEqual((sender["kind"], sender["name"]), ("app", "Notes"))
        self.assertNotIn("inferred", sender)
        self.assertIn("PCAPdroid", sender["ground"])

    def test_the_one_app_with_the_fingerprint(self):
        self.speaks(NOTES, "named.example", "http/1.1")
        self.speaks(MAPS, "maps.example", "http/1.0")
        self.speaks(None, "silent.example", "http/1.1")
        self.speaks(UNKNOWN, "unknown.example", "http/1.1")
        self.speaks(None, "other.example", "spdy/1")
        found = self.senders()
        for host in ("silent.example", "unknown.example"):
            self.assertEqual((found[host]["kind"], found[host]["name"], found[host]["inferred"]), ("app", "Notes", True))
            self.assertIn("same TLS fingerprint as flows of Notes", found[host]["ground"])
            self.assertEqual(found[host]["fingerprints"]["ja4"], found["named.example"]["fingerprints"]["ja4"])
        self.assertEqual(found["other.example"]["kind"], "unknown")

    def test_two_apps_with_it_or_one_app_at_all_name_nobody(self):
        self.speaks(NOTES, "named.example", "http/1.1")
        self.speaks(None, "silent.example", "http/1.1", "User-Agent: Notes/1\r\n")
        sender = self.senders()["silent.example"]
        self.assertEqual((sender["kind"], sender.get("name")), ("unknown", None))
        self.assertIn("which nothing confirms", sender["ground"])
        self.speaks(MAPS, "maps.example", "http/1.1")
        self.assertEqual(self.senders()["silent.example"]["kind"], "unknown")
        self.speaks(MAPS, "maps.example", "http/1.0")
        self.assertEqual(self.senders()["silent.example"]["kind"], "unknown")


if __name__ == "__main__":
    unittest.main()
