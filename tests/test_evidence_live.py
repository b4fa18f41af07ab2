#!/usr/bin/env python3
"""Slices of real programs' traffic in every wrapping the sample does not have: HTTP/3, QUIC connections that move, DTLS, a
server's private key, resumed sessions, a recipient named over TLS, imports. tshark shows the value in each."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import capture_maker  # noqa: E402
import evidence_oracle  # noqa: E402
import loopback  # noqa: E402
import qpack  # noqa: E402
import test_dot  # noqa: E402
import test_dtls  # noqa: E402
from test_evidence import run, shows, wanted_of  # noqa: E402

IMEI = "356938035643809"
EMAIL = "aino.virtanen@example.com"
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def subject_file(folder, *addresses):
    path = folder / "subject.yaml"
    path.write_text(json.dumps({"device": {"maker": "Example", "model": "Test", "system": "Example OS",
                                           "addresses": addresses or ["127.0.0.1"]},
                                "data": [{"datum": "imei", "value": IMEI}, {"datum": "email", "value": EMAIL}]}))
    return path


def audit(folder, captures, *more, subject=None):
    subject = subject or subject_file(folder)
    out = folder / "audit"
    run("audit", *captures, "--subject", subject, "--out", out, "--reveal", *more)
    return out, subject, json.loads((out / "audit.json").read_text())["disclosures"]


def cut(out, disclosure, *more):
    path = out.parent / f"{disclosure['id']}.pcapng"
    run("evidence", out, disclosure["id"], "-o", path, *more)
    return path


def secrets_of(path):
    """(label, client random) of the key log lines in a slice."""
    return set(re.findall(rb"([A-Z_0-9]{6,}) ([0-9a-f]{64}) [0-9a-f]{64,96}\n", path.read_bytes()))


def randoms_in(path):
    fields = evidence_oracle.tshark(path, "-T", "fields", "-Y", "tls.handshake.type == 1 || dtls.handshake.type == 1",
                                    "-e", "tls.handshake.random", "-e", "dtls.handshake.random").decode()
    return {each.replace(":", "") for each in re.split(r"[\s,]+", fields) if each}


class Quic(unittest.TestCase):
    def post(self, bench, *client_options, pages=1):
        certificate, key = bench.certificate("peer.example")
        site = bench.folder / "site"
        site.mkdir()
        (site / "form").write_text("an answer" * 200)
        body = bench.folder / "body.json"
        body.write_text(json.dumps({"device": {"imei": IMEI}}))
        port, keys = loopback.free_port(socket.SOCK_DGRAM), bench.folder / "keys.log"
        bench.record([port])
        bench.start(shutil.which("gtlsserver", path=PATH), "-q", "--max-gso-dgrams=1", "127.0.0.1", port, key, certificate, "-d", site)
        loopback.wait_until(lambda: loopback.bound_udp(port), "the server")
        urls = [f"https://peer.example:{port}/form?of={n}&mail={EMAIL.replace('@', '%40')}" for n in range(pages)]
        subprocess.run(["gtlsclient", "-q", "--exit-on-all-streams-close", "-m", "POST", "-d", body, *client_options, "127.0.0.1",
                        str(port), *urls], env={**os.environ, "SSLKEYLOGFILE": str(keys)}, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True, timeout=60)
        return bench.stop_recording(), keys

    def test_http3(self):
        with loopback.Loopback() as bench:
            capture, keys = self.post(bench)
            out, subject, disclosures = audit(bench.folder, [capture], "--keys", keys)
            self.assertEqual(sorted(each["datum"] for each in disclosures), ["email", "imei"])
            for disclosure in disclosures:
                path = cut(out, disclosure)
                self.assertTrue(shows(path, wanted_of(disclosure, subject)), disclosure["path"])
                self.assertTrue(evidence_oracle.confirmed(qpack.messages(path), wanted_of(disclosure, subject)))
                self.assertEqual({each.decode() for _, each in secrets_of(path)}, randoms_in(path))

    def test_a_client_that_moves(self):
        with loopback.Loopback() as bench:
            capture, keys = self.post(bench, "--change-local-addr=20ms", "-n4", "--delay-stream=60ms", pages=4)
            out, subject, disclosures = audit(bench.folder, [capture], "--keys", keys)
            disclosure = next(each for each in disclosures if each["datum"] == "imei")
            last = len({each["message"] for each in disclosure["evidence"]})
            path = cut(out, disclosure, "--occurrence", last)
            ports = set(evidence_oracle.tshark(path, "-T", "fields", "-e", "udp.srcport", "-Y", "udp.dstport").split())
            self.assertGreater(len(ports), 2, "the flow where it began and the one it moved to")
            every = evidence_oracle.tshark(capture, "-T", "fields", "-e", "frame.number", "-Y", "quic || udp contains 00").split()
            self.assertLessEqual(len(evidence_oracle.tshark(path, "-T", "fields", "-e", "frame.number").split()), len(every) + 8)
            self.assertTrue(shows(path, wanted_of(disclosure, subject)))


class Tls(unittest.TestCase):
    def test_dtls(self):
        with loopback.Loopback() as bench:
            capture, keys = test_dtls.Dtls().exchange(bench)
            out, subject, disclosures = audit(bench.folder, [capture], "--keys", keys)
            path = cut(out, disclosures[0])
            self.assertTrue(shows(path, wanted_of(disclosures[0], subject)))
            self.assertEqual({each.decode() for _, each in secrets_of(path)}, randoms_in(path))

    def test_a_private_key_stays_at_home(self):
        """Two connections, the second resuming the first: the key opens both, the slice has one master secret alone."""
        with loopback.Loopback() as bench:
            certificate, key = bench.folder / "rsa.crt", bench.folder / "rsa.key"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "10", "-subj", "/CN=rsa.example",
                            "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
            port, session = loopback.free_port(), bench.folder / "session"
            bench.record([port])
            server = bench.start("openssl", "s_server", "-tls1_2", "-cipher", "AES128-SHA256", "-accept", f"127.0.0.1:{port}",
                                 "-cert", certificate, "-key", key, "-quiet", stdin=subprocess.PIPE)
            loopback.wait_until(lambda: loopback.listens(port), "the server")
            for number, option in enumerate(("-sess_out", "-sess_in")):
                client = bench.start("openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{port}", "-quiet", option, session,
                                     stdin=subprocess.PIPE)
                text = f"POST /n{number} HTTP/1.1\r\nHost: rsa.example\r\nContent-Length: {len(IMEI)}\r\n\r\n{IMEI}".encode()
                client.stdin.write(text)
                client.stdin.flush()
                loopback.wait_until(lambda: f"/n{number} HTTP".encode() in server.log.read_bytes(), "the request")
                client.stdin.close()
                loopback.wait_until(lambda: client.poll() is not None or session.exists(), "the session")
                bench.end(client)
            capture = bench.stop_recording()
            out, subject, disclosures = audit(bench.folder, [capture], "--keys", key)
            disclosure = next(each for each in disclosures if each["datum"] == "imei" and each["count"] == 2)
            seen = []
            for occurrence in (1, 2):
                path = cut(out, disclosure, "--occurrence", occurrence)
                self.assertTrue(shows(path, wanted_of(disclosure, subject)))
                self.assertNotIn(b"PRIVATE KEY", path.read_bytes())
                self.assertEqual(len(secrets_of(path)), 1)
                self.assertEqual({each.decode() for _, each in secrets_of(path)}, randoms_in(path))
                seen.append(secrets_of(path))
            self.assertNotEqual(*seen)

    def test_a_recipient_named_over_tls(self):
        with loopback.Loopback() as bench:
            resolved, keys = test_dot.resolve(bench, test_dot.free_port(), True)
            later = capture_maker.Capture()
            later.clock = int(resolved.stat().st_mtime + 60) * 1_000_000
            flow = later.tcp(capture_maker.PHONE4, "192.0.2.9")
            flow.send(f"GET /?imei={IMEI} HTTP/1.1\r\nHost: {test_dot.NAMES[1]}\r\n\r\n".encode())
            flow.close()
            later.write(bench.folder / "later.pcap")
            subject = subject_file(bench.folder, capture_maker.PHONE4)
            out, subject, disclosures = audit(bench.folder, [resolved, bench.folder / "later.pcap"], "--keys", keys, subject=subject)
            path = cut(out, next(each for each in disclosures if each["datum"] == "imei"))
            names = evidence_oracle.tshark(path, "-T", "fields", "-e", "dns.qry.name", "-Y", "dns.flags.response == 1").decode()
            self.assertIn(test_dot.NAMES[1], names)
            self.assertEqual(len(secrets_of(path)) > 0, True)
            interfaces = evidence_oracle.tshark(path, "-T", "fields", "-e", "frame.interface_name").decode().split()
            self.assertEqual(set(interfaces), {"capture.pcap", "later.pcap"})


class Imports(unittest.TestCase):
    def test_the_entry_as_har(self):
        with loopback.Loopback() as bench:
            entry = {"startedDateTime": "2026-01-02T03:04:05.000Z", "time": 1, "cache": {}, "timings": {"send": 0, "wait": 0, "receive": 0},
                     "request": {"method": "POST", "url": "https://ads.example/c?x=1", "httpVersion": "HTTP/2", "cookies": [],
                                 "headers": [{"name": "content-type", "value": "application/json"}], "queryString": [],
                                 "headersSize": -1, "bodySize": -1,
                                 "postData": {"mimeType": "application/json", "text": json.dumps({"imei": IMEI})}},
                     "response": {"status": 200, "statusText": "", "httpVersion": "HTTP/2", "headers": [], "cookies": [],
                                  "content": {"size": 2, "mimeType": "text/plain", "text": "ok"}, "redirectURL": "",
                                  "headersSize": -1, "bodySize": -1}}
            other = json.loads(json.dumps(entry).replace(IMEI, "nothing"))
            har = bench.folder / "app.har"
            har.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"},
                                               "entries": [other, entry, other]}}))
            out, subject, disclosures = audit(bench.folder, [har])
            self.assertEqual([each["datum"] for each in disclosures], ["imei"])
            done = run("evidence", out, "D1")
            path = out / "evidence" / "D1.har"
            self.assertIn(f"{path}, 1 entry;", done.stdout.decode())
            log = json.loads(path.read_text())["log"]
            self.assertEqual(len(log["entries"]), 1)
            self.assertEqual(json.loads(log["entries"][0]["request"]["postData"]["text"]), {"imei": IMEI})
            self.assertEqual(log["entries"][0]["request"]["url"], "https://ads.example/c?x=1")
            self.assertEqual(log["entries"][0]["response"]["content"]["text"], "ok")
            again = bench.folder / "again"
            again.mkdir()
            _, _, same = audit(again, [path], subject=subject)
            self.assertEqual([each["key"] for each in same], [each["key"] for each in disclosures])


if __name__ == "__main__":
    unittest.main()
