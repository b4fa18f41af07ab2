#!/usr/bin/env python3
"""Slices of real captures that nobody here wrote: fragments, tunnels, Wi-Fi, QUIC v2, DNS over HTTPS, WebSocket, key logs and
embedded secrets. What a request asked for is planted, and tshark must show it in the slice. Passes where they are absent."""
import json
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from evidence_oracle import Wanted  # noqa: E402
from test_evidence import run, shows  # noqa: E402

CAPTURES = ROOT.parent / "shared" / "captures"
# Capture, then its key log if it needs one.
CHOSEN = """\
ip-fragments/frag_http_req.pcap
linktypes/80211http.pcap
linktypes/sll.pcap
tunnels/6-4-gre-ppp-udp-4-dns.pcap
tunnels/vxlan-encapsulated-http.pcap
tls-keys/tls-1.2-stream-keylog.pcap tls-keys/tls-1.2-stream-keylog.keylog
quic-http3/quic-v2.pcapng
dns/dns_over_https_POST.pcap
dns/doq.pcapng
http2-grpc/http2_h2c.pcap
http2-grpc/http2.pcapng http2-grpc/http2.keylog
tls-dsb/http2-with-cookies.pcapng
tls-keys/test_decrypt.pcap tls-keys/test_decrypt.keylog
tcp-reassembly/tcp-reassembly.pcap
pcapdroid/two_flows.pcap
websocket/websocket.pcap
os-telemetry/soap.pcap"""


def requests(capture, keys):
    """(client, what was asked for) of the client that asked most."""
    asked = {}
    for line in run("messages", capture, *keys).stdout.splitlines():
        message = json.loads(line)
        text = message.get("target") or message.get("host") or ""
        if message["kind"] in ("request", "query") and 10 <= len(text) <= 120 and "client" in message:
            asked.setdefault(message["client"]["address"], []).append(text)
    return max(asked.items(), key=lambda each: len(each[1]), default=("", []))


class Shared(unittest.TestCase):
    def check(self, capture, keys, folder):
        client, texts = requests(capture, keys)
        subject = folder / "subject.yaml"
        subject.write_text(json.dumps({"device": {"maker": "Example", "model": "Test", "system": "Example OS", "addresses": [client]},
                                       "data": [{"datum": "custom", "value": each} for each in list(dict.fromkeys(texts))[:2]]}))
        run("audit", capture, "--subject", subject, "--out", folder / "audit", "--reveal", *keys)
        run("evidence", folder / "audit", "--all-disclosures")
        disclosures = json.loads((folder / "audit" / "audit.json").read_text())["disclosures"]
        planted = [each for each in disclosures if each["datum"] == "custom"]
        for each in planted[:2]:
            wanted = Wanted({"datum": "custom", "value": each["value"]}, "value", each["form"], folder)
            self.assertTrue(shows(folder / "audit" / "evidence" / f"{each['id']}.pcapng", [wanted]), each["path"])
        return len(planted[:2])

    def test_what_was_asked_for_is_shown(self):
        confirmed = 0
        for line in CHOSEN.split("\n"):
            name, *log = line.split()
            if not (CAPTURES / name).exists():
                continue
            keys = [each for path in log for each in ("--keys", CAPTURES / path)]
            with self.subTest(capture=name), tempfile.TemporaryDirectory(prefix="tattle-test-") as folder:
                found = self.check(CAPTURES / name, keys, pathlib.Path(folder))
                self.assertGreater(found, 0)
                confirmed += found
        print(f"{confirmed} slices of real captures confirmed by tshark")


if __name__ == "__main__":
    unittest.main()
