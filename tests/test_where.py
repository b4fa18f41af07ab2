#!/usr/bin/env python3
"""Where a connection ended, by the round trip of its handshake: what the gateway rules out, and what is not said. The
captures are written by hand, so that every round trip is known."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from capture_maker import PHONE4, Capture

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
IMEI = "356938035643809"
HELSINKI = "60.17,24.94"
PLACES = ("prefix,country,asn,holder\n203.0.113.0/24,US,64500,Invented Inc\n198.51.100.0/24,SE,64501,Invented AB\n"
          "192.0.2.0/24,FI,64502,Invented Oy\n203.0.113.128/25,US,16509,Amazon\n")
SENTENCE = "so not in the United States, whatever the registry says"
POST = f"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: {len(IMEI)}\r\n\r\n{IMEI}"


class Where(unittest.TestCase):
    def setUp(self):
        self.capture = Capture()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def connect(self, server, milliseconds, port=80):
        connection = self.capture.tcp(PHONE4, server, port)
        later = round(milliseconds * 1000) - 50  # each frame comes 50 microseconds after the one before it
        for at in (-2, -1):
            when, frame = self.capture.frames[at]
            self.capture.frames[at] = (when + later, frame)
        self.capture.clock += later
        return connection

    def tell(self, server, host, milliseconds):
        self.connect(server, milliseconds).send(POST.replace("HOST", host).encode())

    def run_audit(self, *arguments):
        capture, subject, places = self.folder / "c.pcap", self.folder / "s.yaml", self.folder / "p.csv"
        self.capture.write(capture)
        subject.write_text(f"device: {{addresses: ['{PHONE4}']}}\ndata: [{{datum: imei, value: '{IMEI}'}}]\n")
        places.write_text(PLACES)
        run = subprocess.run([PROGRAM, "audit", str(capture), "--subject", str(subject), "--places", str(places),
                              *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout.decode()

    def distances(self, *arguments):
        document = json.loads(self.run_audit("--json", *arguments))
        return {each["recipient"].get("host"): each["recipient"].get("distance") for each in document["disclosures"]}

    def test_what_answers_in_two_milliseconds_is_not_across_the_ocean(self):
        self.tell("203.0.113.5", "near.example", 5)
        self.tell("203.0.113.5", "near.example", 2)
        self.tell("203.0.113.6", "far.example", 110)
        self.tell("198.51.100.5", "nordic.example", 2)
        found = self.distances("--gateway", HELSINKI)
        self.assertEqual(found["near.example"], {
            "rtt-ms": 2.0, "within-km": 300, "within-km-in-fibre": 200, "not-in": ["US"],
            "ground": "smallest of 2 TCP handshakes; at the speed of light in vacuum"})
        self.assertNotIn("not-in", found["far.example"])
        self.assertNotIn("not-in", found["nordic.example"])
        # Of the capture alone, made on the phone or beside it, the bound holds, but nobody knows from where.
        alone = self.distances()["near.example"]
        self.assertEqual(alone["within-km"], 300)
        self.assertNotIn("not-in", alone)
        self.assertIn("not-in", self.distances("--gateway", "FI")["near.example"])
        self.assertNotIn("not-in", self.distances("--gateway", "US")["near.example"])
        self.assertNotIn("not-in", self.distances("--gateway", "38.90,-77.04")["near.example"])

    def test_the_summary_and_the_report_say_so(self):
        self.tell("203.0.113.5", "near.example", 2)
        summary = " ".join(self.run_audit("--gateway", HELSINKI, "--out", str(self.folder / "out")).split())
        self.assertIn("near.example: what ended the connection stood within 300 km of the gateway, " + SENTENCE, summary)
        self.assertNotIn("so not in", self.run_audit())
        page = (self.folder / "out/report.html").read_text()
        self.assertTrue(SENTENCE in page or '"not-in":["US"]' in page)
        self.run_audit("--gateway", HELSINKI, "--out", str(self.folder / "fi"), "--language", "fi")
        finnish = (self.folder / "fi/report.html").read_text()
        self.assertTrue("joten ei rekisterin nimeämässä maassa (Yhdysvallat)" in finnish or '"not-in":["US"]' in finnish)
        # Where the tester lives is the tester's own: no document says it, but what a replay needs.
        for name in ("report.html", "audit.json"):
            self.assertNotIn(HELSINKI, (self.folder / "out" / name).read_text(), name)

    def test_of_what_a_proxy_ended_nothing_is_said(self):
        self.tell("203.0.113.5", "near.example", 2)
        connection = self.connect("192.0.2.1", 2, 3128)
        connection.send(b"CONNECT far.example:80 HTTP/1.1\r\nHost: far.example:80\r\n\r\n")
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n", "received")
        connection.send(POST.replace("HOST", "far.example").encode())
        found = self.distances("--gateway", HELSINKI)
        self.assertEqual(found["far.example"], {"withheld": "a proxy ended the connection"})
        self.assertEqual(found["near.example"]["not-in"], ["US"])

    def test_a_proxy_that_nobody_sees_answers_too_soon_for_all(self):
        self.tell("203.0.113.5", "one.example", 0.4)
        found = self.distances("--gateway", HELSINKI)
        self.assertNotIn("not-in", found["one.example"])
        self.tell("198.51.100.5", "two.example", 0.4)
        self.tell("100.128.0.5", "three.example", 0.4)
        for host, distance in self.distances("--gateway", HELSINKI).items():
            self.assertEqual(list(distance), ["withheld"], host)


    def test_of_a_clouds_address_only_the_registration_is_known(self):
        self.tell("203.0.113.200", "cloud.example", 30)
        self.tell("203.0.113.5", "own.example", 30)
        document = json.loads(self.run_audit("--json", "--out", str(self.folder / "out")))
        found = {each["recipient"]["host"]: each["recipient"] for each in document["disclosures"]}
        self.assertTrue(found["cloud.example"]["anycast"])
        self.assertEqual(found["cloud.example"]["anycast-ground"], "AS16509 is a network of Amazon, a cloud of many places")
        self.assertEqual(found["cloud.example"]["country"], "US")
        self.assertNotIn("organisation", found["cloud.example"])
        self.assertNotIn("anycast", found["own.example"])
        self.assertIn("it says where it is registered, not where the disk is", (self.folder / "out/report.html").read_text())


if __name__ == "__main__":
    unittest.main()
