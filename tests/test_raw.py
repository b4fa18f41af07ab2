#!/usr/bin/env python3
"""Streams and datagrams of protocols that nobody knows: what stands in them is opened wherever it begins. Python's zlib and
gzip pack it; a few values are planted, and nothing but them may be found."""
import gzip
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import capture_maker  # noqa: E402
from capture_maker import PHONE4  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
IMEI, EMAIL = "356938035643809", "aino.virtanen@example.com"
SUBJECT = json.dumps({"device": {"maker": "Example", "model": "Phone", "system": "Example OS", "addresses": [PHONE4]},
                      "data": [{"datum": "imei", "value": IMEI}, {"datum": "email", "value": EMAIL}]})
SERVER = "198.51.100.7"


def document(capture):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        capture.write(path / "made.pcap")
        (path / "made.yaml").write_text(SUBJECT)
        run = subprocess.run([PROGRAM, "audit", path / "made.pcap", "--subject", path / "made.yaml", "--json", "--reveal"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        assert run.returncode == 0, run.stderr.decode()
        return json.loads(run.stdout)


def found(capture):
    """(datum, how often, steps) of every disclosure."""
    return sorted((each["datum"], each["count"], " > ".join(step["step"] for step in each["path"])) for each in document(capture)["disclosures"])


def body(**values):
    return json.dumps({"event": "start", **values, "filler": "lorem ipsum dolor sit amet " * 3}).encode()


class Raw(unittest.TestCase):
    def setUp(self):
        self.capture = capture_maker.Capture()

    def stream(self, data, size=1400):
        flow = self.capture.tcp(PHONE4, SERVER, 7777)
        frames = flow.send(data, size=size)
        flow.close()
        return frames

    def test_length_prefixed_gzip_json(self):
        data = b""
        for number in range(40):
            packed = gzip.compress(body(number=number, **({"imei": IMEI} if number % 10 == 3 else {})))
            data += struct.pack(">I", len(packed)) + packed
        self.stream(data)
        self.assertEqual(found(self.capture), [("imei", 4, "tcp > embedded > gzip > json")])

    def test_the_second_segment_begins_with_gzip(self):
        flow = self.capture.tcp(PHONE4, SERVER, 7777)
        flow.send(b"\x05hello\x01\x02")
        packed = gzip.compress(body(mail=EMAIL))
        frames = flow.send(packed)
        flow.send(b"\x03bye")
        flow.close()
        [one] = document(self.capture)["disclosures"]
        self.assertEqual(([step["step"] for step in one["path"]], one["datum"]), (["tcp", "embedded", "gzip", "json"], "email"))
        self.assertEqual(one["evidence"][0]["packets"], [[frames[0], frames[0]]])

    def test_datagrams(self):
        self.capture.udp(PHONE4, SERVER, zlib.compress(body(imei=IMEI)), 7000)
        self.capture.udp(PHONE4, SERVER, b"\x01\x00\x90\x12" + zlib.compress(body(imei=IMEI)), 7001)
        self.capture.udp(PHONE4, SERVER, struct.pack("<H", 300) + body(imei=IMEI), 7002)
        self.capture.udp(PHONE4, SERVER, body(imei=IMEI), 7003)
        self.assertEqual(found(self.capture), [("imei", 1, "udp > deflate > json"), ("imei", 1, "udp > embedded > deflate > json"),
                                               ("imei", 1, "udp > embedded > json"), ("imei", 1, "udp > json")])

    def test_windows_of_a_long_stream_overlap(self):
        """Members at every place relative to the borders of the windows are each met once."""
        data, rng, planted = b"", random.Random(4), 0
        while len(data) < 1_000_000:
            noise = rng.randbytes(rng.randrange(10, 3000)).replace(b"\x1f\x8b", b"..")
            data += noise + gzip.compress(body(imei=IMEI, n=rng.random()))
            planted += 1
        self.stream(data + bytes(9000))
        self.assertEqual(found(self.capture), [("imei", planted, "tcp > embedded > gzip > json")])

    def test_members_longer_than_many_windows(self):
        """A value anywhere in a large compressed member is found once, by streaming; what follows the member is read on."""
        noise = random.Random(6)
        def packed(count):
            words = [noise.choice("abcdefghijkmnopq") * 3 + str(noise.random()) for _ in range(count)]
            for part in (1, 2, 3):
                words.insert(len(words) * part // 4, IMEI)
            return " ".join(words).encode()
        zstd = subprocess.run(["zstd", "-q", "-c"], input=packed(30000), stdout=subprocess.PIPE, check=True).stdout
        members = [gzip.compress(packed(40000)), zlib.compress(packed(30000)), zstd]
        self.assertGreater(min(map(len, members)), 150_000)
        for lead in (0, 10, 58000, 61440, 65520, 70000):
            for packing, step in zip(members, ("gzip", "deflate", "zstd")):
                self.setUp()
                self.stream(bytes([1, 2]) * (lead // 2) + packing + b"\x00\x07" + gzip.compress(body(mail=EMAIL)) + bytes(100))
                self.assertEqual(found(self.capture), [("email", 1, "tcp > embedded > gzip > json"),
                                                       ("imei", 3, f"tcp > embedded > {step}")], (lead, step))

    def test_a_cut_member_is_read_to_the_cut(self):
        text = (("x%d " * 40000) % tuple(random.Random(7).sample(range(10**9), 40000))).encode()
        packed = gzip.compress(IMEI.encode() + b" " + text[:300000] + b" " + EMAIL.encode() + b" " + text[300000:])
        self.stream(packed[:-1000])
        got = document(self.capture)
        self.assertEqual(sorted(each["datum"] for each in got["disclosures"]), ["email", "imei"])
        self.assertIn("decode.cut-gzip", [each["name"] for each in got["anomalies"]])

    def test_noise_discloses_nothing(self):
        self.stream(random.Random(5).randbytes(2_000_000))
        self.assertEqual(found(self.capture), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
