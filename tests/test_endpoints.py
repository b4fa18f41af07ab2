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
        subject.write_text(f"device: {{addresses: ['{device}']}}\ndata: [{{datum: custom, name: host, value: {HOST_NAME}}}, {{datum: custom, name: netbios, value: {HOST_NAME.upper()[:15]}}}]\n")
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

    def asks(self, data, port, target="203.0.113.255", mac=b"\xff" * 6):
        self.capture.udp(PHONE4, target, data, port, port)
        when, frame = self.capture.frames[-1]
        self.capture.frames[-1] = (when, mac + frame[6:])

    def hears_the_local_network(self, count=1):
        document = self.audit()
        found = {(each["recipient"]["role"], each["recipient"].get("local"), each["recipient"].get("network"), each["recipient"].get("country"))
                 for each in document["disclosures"]}
        self.assertEqual((found, sum(each["count"] for each in document["disclosures"])),
                         ({("destination", True, "local network", None)}, count))
        [neighbours] = document["recipients"]
        self.assertEqual((neighbours["roles"], neighbours["addresses"], neighbours["local"]), (["destination"], ["203.0.113.255"], True))

    @staticmethod
    def netbios(flags):
        """A query (RFC 1002 section 4.2.12) for the first 15 letters of the phone's name."""
        name = HOST_NAME.upper()[:15].encode().ljust(15) + b"\0"
        coded = b"".join(bytes([0x41 + (byte >> 4), 0x41 + (byte & 15)]) for byte in name)
        return struct.pack(">HHHHHH", 7, flags, 1, 0, 0, 0) + b"\x20" + coded + b"\0" + struct.pack(">HH", 0x20, 1)

    def test_what_is_broadcast_in_a_public_range_goes_to_the_local_network(self):
        self.asks(self.netbios(0x0110), 137)
        self.hears_the_local_network()

    def test_a_netbios_broadcast_is_told_by_its_flag_too(self):
        self.asks(self.netbios(0x0110), 137, mac=b"\2\0\0\0\0\2")
        self.hears_the_local_network()

    def test_other_names_that_are_broadcast(self):
        label = bytes([len(HOST_NAME)]) + HOST_NAME.encode()
        question = struct.pack(">HHHHHH", 0, 0, 1, 0, 0, 0) + label + b"\5local\0\0\1\0\1"
        for port in (5353, 5355):
            self.asks(question, port)
        self.asks(f"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nUSER-AGENT: {HOST_NAME}\r\n\r\n".encode(), 1900)
        self.hears_the_local_network(3)

    def test_a_server_asked_alone_is_a_resolver(self):
        self.asks(self.netbios(0x0100), 137, "203.0.113.7", b"\2\0\0\0\0\2")
        [one] = self.audit()["disclosures"]
        self.assertEqual((one["recipient"]["role"], one["recipient"].get("local")), ("resolver", None))


if __name__ == "__main__":
    unittest.main()
