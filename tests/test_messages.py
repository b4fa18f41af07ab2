#!/usr/bin/env python3
"""`tattle messages` on captures written by hand: sizes of bodies, whoever the hosts are."""
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import capture_maker  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))


def messages(capture, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "hand.pcap"
        capture.write(path)
        run = subprocess.run([PROGRAM, "messages", path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


class BodyBytes(unittest.TestCase):
    BODY = b"<p>Invented text, and more of it</p>\n" * 40

    def sizes(self, head, body):
        capture = capture_maker.Capture()
        connection = capture.tcp("192.0.2.17", "198.51.100.20")
        connection.send(b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n")
        connection.send(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body, "received")
        connection.close()
        return [message["body_bytes"] for message in messages(capture)]

    def test_of_a_length(self):
        self.assertEqual(self.sizes(b"Content-Length: %d\r\n" % len(self.BODY), self.BODY), [0, len(self.BODY)])

    def test_until_close(self):
        self.assertEqual(self.sizes(b"", self.BODY), [0, len(self.BODY)])

    def test_chunked(self):
        body = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in (self.BODY[:99], self.BODY[99:])) + b"0\r\nX-End: 1\r\n\r\n"
        self.assertEqual(self.sizes(b"Transfer-Encoding: chunked\r\n", body), [0, len(self.BODY)])

    def test_after_content_decoding(self):
        body = gzip.compress(gzip.compress(self.BODY))
        self.assertEqual(self.sizes(b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n" % len(body), body), [0, len(self.BODY)])


class Hosts(unittest.TestCase):
    def test_an_address_before_a_port_has_its_brackets(self):
        capture = capture_maker.Capture()
        connection = capture.tcp("192.0.2.17", "198.51.100.20", 3128)
        connection.send(b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n")
        connection.close()
        self.assertEqual([message["host"] for message in messages(capture)], ["[2001:db8::1]:443"])


if __name__ == "__main__":
    unittest.main(verbosity=0)
