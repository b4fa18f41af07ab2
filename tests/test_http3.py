#!/usr/bin/env python3
"""HTTP/3 between real programs over loopback: what the client sent and the server answered comes out of the recording,
and a planted value is found in it."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import loopback  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
IMEI = "356938035643809"


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60)
    return done.stdout


class Ngtcp2(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for program in ("gtlsclient", "gtlsserver", "tcpdump"):
            path = f"{os.environ.get('PATH', '')}:/usr/sbin"
            assert shutil.which(program, path=path), f"{program} is not installed (packages.txt)"

    def test_a_planted_value_in_a_post(self):
        with loopback.Loopback() as test:
            port = loopback.free_port(socket.SOCK_DGRAM)
            certificate, key = test.certificate("peer.example")
            site = test.folder / "site"
            site.mkdir()
            (site / "form").write_text("an answer")
            body = test.folder / "body.json"
            body.write_text(json.dumps({"device": {"imei": IMEI}}))
            keys = test.folder / "keys.log"
            test.record([port])
            path = shutil.which("gtlsserver", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
            test.start(path, "-q", "127.0.0.1", port, key, certificate, "-d", site)
            loopback.wait_until(lambda: loopback.bound_udp(port), "the server")
            subprocess.run(["gtlsclient", "-q", "--exit-on-all-streams-close", "-m", "POST", "-d", body, "127.0.0.1", str(port),
                            f"https://peer.example:{port}/form?of=test"], env={**os.environ, "SSLKEYLOGFILE": str(keys)},
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=30)
            capture = test.stop_recording()
            seen = [json.loads(line) for line in run("messages", capture, "--keys", keys).splitlines()]
            requests = [each for each in seen if each["kind"] == "request"]
            self.assertEqual([(each["protocol"], each["method"], each["host"], each["target"], each["body_bytes"])
                              for each in requests],
                             [("http/3", "POST", f"peer.example:{port}", "/form?of=test", body.stat().st_size)])
            answers = [each for each in seen if each["kind"] == "response"]
            self.assertEqual([(each["status"], each["answers"], each["body_bytes"]) for each in answers],
                             [(200, requests[0]["message"], len("an answer"))])
            subject = test.folder / "subject.yaml"
            subject.write_text(json.dumps({"device": {"maker": "Example", "model": "Test", "system": "Example OS",
                                                      "addresses": ["127.0.0.1"]}, "data": [{"datum": "imei", "value": IMEI}]}))
            document = json.loads(run("audit", capture, "--keys", keys, "--subject", subject, "--json"))
            found = [(each["datum"], each["transport"], each["recipient"]["host"]) for each in document["disclosures"]]
            self.assertIn(("imei", "quic", "peer.example"), found)


if __name__ == "__main__":
    unittest.main()
