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


PAGE = """<!doctype html><title>page</title><script>
fetch("/form?of=test", {method: "POST", body: JSON.stringify({imei: "IMEI"})}).then(r => r.text()).then(t => { document.title = t })
</script>""".replace("IMEI", IMEI)


class ChromiumAndCaddy(unittest.TestCase):
    """Held against the server's own log."""

    def visit(self, test, quic):
        port = loopback.free_port()
        certificate, key = test.certificate("peer.example")
        site = test.folder / "site"
        site.mkdir()
        (site / "index.html").write_text(PAGE)
        log, keys = test.folder / "access.log", test.folder / "keys.log"
        settings = test.folder / "Caddyfile"
        settings.write_text(f"""{{
            admin off
            auto_https off
            storage file_system {test.folder / "storage"}
        }}
        https://peer.example:{port} {{
            tls {certificate} {key}
            root * {site}
            respond /form "an answer"
            file_server
            log {{
                output file {log}
            }}
        }}
        """)
        test.record([port])
        server = test.start("caddy", "run", "--config", settings, "--adapter", "caddyfile",
                            env={**os.environ, "HOME": str(test.folder)})
        loopback.wait_until(lambda: loopback.listens(port) and loopback.bound_udp(port), "the server")
        public = subprocess.run(f"openssl x509 -in {certificate} -pubkey -noout | openssl pkey -pubin -outform der | "
                                "openssl dgst -sha256 -binary | base64", shell=True, stdout=subprocess.PIPE, check=True)
        browser = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", f"--user-data-dir={test.folder / 'profile'}",
             *([f"--origin-to-force-quic-on=peer.example:{port}"] if quic else ["--disable-quic"]),
             f"--ignore-certificate-errors-spki-list={public.stdout.decode().strip()}",
             "--host-resolver-rules=MAP peer.example 127.0.0.1", f"--ssl-key-log-file={keys}", "--virtual-time-budget=8000",
             "--dump-dom", f"https://peer.example:{port}/"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60)
        self.assertIn(b"an answer", browser.stdout)
        capture = test.stop_recording()
        test.end(server)
        logged = [json.loads(line) for line in log.read_text().splitlines()]
        return capture, keys, [(each["request"]["method"], each["request"]["uri"], each["status"]) for each in logged]

    def check(self, quic):
        with loopback.Loopback() as test:
            capture, keys, logged = self.visit(test, quic)
            seen = [json.loads(line) for line in run("messages", capture, "--keys", keys).splitlines()]
            requests = {each["message"]: each for each in seen if each["kind"] == "request"}
            answered = [(requests[each["answers"]]["method"], requests[each["answers"]]["target"], each["status"])
                        for each in seen if each["kind"] == "response"]
            self.assertEqual(sorted(answered), sorted(logged))
            self.assertEqual({each["protocol"] for each in requests.values()}, {"http/3" if quic else "http/2"})
            self.assertEqual({each["host"].split(":")[0] for each in requests.values()}, {"peer.example"})
            subject = test.folder / "subject.yaml"
            subject.write_text(json.dumps({"device": {"maker": "Example", "model": "Test", "system": "Example OS",
                                                      "addresses": ["127.0.0.1"]}, "data": [{"datum": "imei", "value": IMEI}]}))
            document = json.loads(run("audit", capture, "--keys", keys, "--subject", subject, "--json"))
            found = {(each["datum"], each["transport"], each["recipient"]["host"]) for each in document["disclosures"]}
            self.assertIn(("imei", "quic" if quic else "tls", "peer.example"), found)

    def test_over_quic(self):
        self.check(True)

    def test_over_http2(self):
        self.check(False)


if __name__ == "__main__":
    unittest.main()
