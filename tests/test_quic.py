#!/usr/bin/env python3
"""HTTP/3 between ngtcp2's client and server over loopback, with the client's key log: what was asked and answered comes
out whole through Retry, key updates, a client that moves, a resumed connection, for any number of threads."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import loopback  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SIZES = {"/a": 3000, "/b": 20001, "/c": 5002, "/d": 12003}


def messages(capture, keys, jobs=1):
    run = subprocess.run([PROGRAM, "messages", str(capture), "--keys", str(keys), "--jobs", str(jobs)], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=True, timeout=60)
    return [message for message in map(json.loads, run.stdout.splitlines()) if message["protocol"] != "udp"]


class Quic(unittest.TestCase):
    def exchange(self, bench, client_options=(), server_options=(), rounds=1):
        certificate, key = bench.certificate("server.example")
        pages = bench.folder / "pages"
        pages.mkdir()
        for path, size in SIZES.items():
            (pages / path[1:]).write_bytes(b"x" * size)
        port = loopback.free_port(socket.SOCK_DGRAM)
        capture, keys = bench.record([port]), bench.folder / "keys.log"
        bench.start("gtlsserver", "-q", "-d", pages, *server_options, "127.0.0.1", port, key, certificate,
                    env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
        loopback.wait_until(lambda: loopback.bound_udp(port), "the server")
        options = [each.replace("FOLDER", str(bench.folder)) for each in client_options]
        for _ in range(rounds):
            client = bench.start("gtlsclient", "-q", "--exit-on-all-streams-close", *options, "127.0.0.1", port,
                                 *[f"https://server.example:{port}{path}" for path in SIZES],
                                 env={**os.environ, "SSLKEYLOGFILE": str(keys)})
            loopback.wait_until(lambda: client.poll() is not None, "the client")
            self.assertEqual(client.returncode, 0, client.log.read_text()[-500:])
        return bench.stop_recording(), keys

    def check(self, client_options=(), server_options=(), rounds=1):
        with loopback.Loopback() as bench:
            capture, keys = self.exchange(bench, client_options, server_options, rounds)
            found = messages(capture, keys)
            self.assertEqual(messages(capture, keys, 2), found)
            self.assertEqual({message["protocol"] for message in found}, {"http/3"})
            requests = [each for each in found if each["kind"] == "request"]
            self.assertEqual(sorted(each["target"] for each in requests), sorted([*SIZES] * rounds))
            self.assertEqual({each["host"].split(":")[0] for each in requests}, {"server.example"})
            target = {each["message"]: each["target"] for each in requests}
            answers = [(target[each["answers"]], each["body_bytes"]) for each in found if each["kind"] == "response"]
            self.assertEqual(sorted(answers), sorted([*SIZES.items()] * rounds))
            return found

    def test_plain(self):
        self.check()

    def test_retry(self):
        self.check(server_options=["-V"])

    def test_key_update(self):
        self.check(["--key-update=20ms", "-n4", "--delay-stream=60ms"])

    def test_suites(self):
        for suite in ("AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305", "AES-128-CCM"):
            with self.subTest(suite=suite):
                self.check([f"--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{suite}"],
                           [f"--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{suite}"])

    def test_a_client_that_moves_stays_one_flow(self):
        for rebinding in ([], ["--nat-rebinding"]):
            with self.subTest(rebinding=rebinding):
                found = self.check(["--change-local-addr=20ms", "-n4", "--delay-stream=60ms", *rebinding])
                self.assertEqual(len({(message["flow"], message["client"]["port"]) for message in found}), 1)

    def test_resumed(self):
        self.check(["--session-file=FOLDER/session", "--tp-file=FOLDER/parameters"], rounds=2)


if __name__ == "__main__":
    unittest.main()
