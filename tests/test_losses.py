#!/usr/bin/env python3
"""Captures that lost packets: less may be found in them, but no host, target or value that the whole capture does not
have. Losses are random and seeded; runs of lost packets are tried too."""
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
import capture_maker  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples/lumia-evening"
VARIANTS = [(0.01, 1)] * 20 + [(0.01, 5)] * 4 + [(0.1, 1)] * 4 + [(0.05, 5)] * 4  # share of packets lost, longest run of them

SUBJECT = {
    "device": {"maker": "Example", "model": "Bench", "system": "Example OS", "addresses": ["192.0.2.17"]},
    "data": [{"datum": "imei", "value": "356938035643809"}, {"datum": "email", "value": "aino.virtanen@example.com"},
             {"datum": "account-id", "value": "acct-7f3e9a1c55d2"}],
}


def blocks(content):
    """The parts of a capture file, each with whether it is a packet."""
    at, parts = 0, []
    if content[:4] == b"\x0a\x0d\x0d\x0a":
        while at < len(content):
            kind, size = struct.unpack_from("<II", content, at)
            parts.append((kind == 6, content[at:at + size]))
            at += size
        return parts
    parts, at = [(False, content[:24])], 24
    while at < len(content):
        size = 16 + struct.unpack_from("<I", content, at + 8)[0]
        parts.append((True, content[at:at + size]))
        at += size
    return parts


def with_losses(parts, share, longest, seed):
    rng, left, kept = random.Random(seed), 0, []
    for packet, content in parts:
        if packet and left == 0 and rng.random() < share / ((longest + 1) / 2):
            left = rng.randint(1, longest)
        if packet and left > 0:
            left -= 1
        else:
            kept.append(content)
    return b"".join(kept)


def tattle(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=True).stdout


def messages_of(path):
    return [json.loads(line) for line in tattle("messages", path).splitlines()]


def names(message):
    """Who was asked for what; None where it is not known."""
    server = message["server"]["address"], message["server"]["port"]
    return message["kind"], message.get("host"), message.get("target"), message.get("method"), message.get("status"), server


def tells_of(message):
    """A message of a protocol that was understood; what was not is searched as `data` and names nothing."""
    return message["kind"] != "data"


def disclosed(path, subject, *more):
    document = json.loads(tattle("audit", path, "--subject", subject, "--json", "--reveal", *more))
    return {(each["datum"], str(each["value"]), each["recipient"].get("host")) for each in document["disclosures"]}


# HPACK without Huffman coding, every field entered into the dynamic table and afterwards sent as its index: one lost
# head shifts the meaning of all that follow.
class Hpack:
    def __init__(self):
        self.table = []

    @staticmethod
    def _text(text):
        return bytes([len(text)]) + text.encode()

    def encode(self, fields):
        out = b""
        for field in fields:
            if field in self.table:
                index = 62 + self.table.index(field)
                out += bytes([0x80 | index]) if index < 127 else bytes([0xFF, index - 127])
            else:
                out += b"\x40" + self._text(field[0]) + self._text(field[1])
                self.table.insert(0, field)
        return out


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def event(rng, host, number):
    content = {"batch": number, "host": host, "words": ["%08x" % rng.getrandbits(32) for _ in range(150)]}
    if number % 5 == 0:
        content |= {"imei": "356938035643809", "mail": "aino.virtanen@example.com", "account": "acct-7f3e9a1c55d2", "to": host}
    return json.dumps(content).encode()


def bench_like(path):
    """Telemetry over HTTP/1.1 and over HTTP/2 with prior knowledge, several hosts on each connection. Each host has a status
    of its own, so that a response put to another's request is seen."""
    rng, capture = random.Random(1), capture_maker.Capture()
    for number in range(4):
        one = capture.tcp("192.0.2.17", f"198.51.100.{20 + number}")
        two = capture.tcp("192.0.2.17", f"203.0.113.{20 + number}")
        to_server, to_client = Hpack(), Hpack()
        two.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(8, 0, 0, struct.pack(">I", 1 << 20)))
        two.send(frame(4, 0, 0, b"") + frame(4, 1, 0, b""), "received")
        for request in range(30):
            host, target = f"h{number}-{request % 7}.example", f"/v2/{number}/{request % 11}"
            status, body = str(210 + request % 7), event(rng, host, request)
            one.send(f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            one.send(body)
            one.send(f"HTTP/1.1 {status} OK\r\nContent-Length: 2\r\n\r\nok".encode(), "received")
            head = to_server.encode([(":method", "POST"), (":scheme", "http"), (":authority", host), (":path", target), ("x-batch", str(request))])
            stream = 2 * request + 1
            two.send(frame(1, 4, stream, head) + frame(0, 1, stream, body))
            two.send(frame(1, 4, stream, to_client.encode([(":status", status), ("x-batch", str(request))])) + frame(0, 1, stream, b"ok"), "received")
        one.close()
        two.close()
    capture.write(path)


class Losses(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def hold(self, capture, subject, *more):
        """@return how many messages the whole has, and how many the lossy captures have on average."""
        whole = messages_of(capture)
        known = {names(message) for message in whole if tells_of(message)}
        recipients = disclosed(capture, subject, *more)
        values = {(datum, value) for datum, value, _ in recipients}
        self.assertTrue(known and recipients)
        parts, lossy, read = blocks(capture.read_bytes()), self.folder / "lossy", 0
        for seed, (share, longest) in enumerate(VARIANTS):
            lossy.write_bytes(with_losses(parts, share, longest, seed))
            told = [message for message in messages_of(lossy) if tells_of(message)]
            read += len(told)
            for each in {names(message) for message in told} - known:
                self.assertTrue(any(all(a is None or a == b for a, b in zip(each, one)) for one in known), (seed, each))
            for datum, value, host in disclosed(lossy, subject, *more) - recipients:
                self.assertIn((datum, value), values, (seed, host))
                self.assertIsNone(host, (seed, datum, value))
        return len(known), len([message for message in whole if tells_of(message)]), read / len(VARIANTS)

    def test_sample(self):
        _, whole, lossy = self.hold(SAMPLE.with_suffix(".pcapng"), SAMPLE.with_suffix(".yaml"))
        self.assertGreater(lossy, 0.7 * whole)

    def test_bench_like(self):
        capture, subject = self.folder / "bench.pcap", self.folder / "subject.yaml"
        bench_like(capture)
        subject.write_text(json.dumps(SUBJECT))
        known, whole, lossy = self.hold(capture, subject)
        self.assertEqual(whole, 4 * 2 * 2 * 30)
        self.assertGreater(known, 4 * 2 * 30)
        self.assertGreater(lossy, 0.7 * whole)


if __name__ == "__main__":
    unittest.main(verbosity=0)
