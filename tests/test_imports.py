#!/usr/bin/env python3
"""Imports: HAR, mitmproxy's flows, Fiddler's sessions, archives of captures; real ones made by mitmproxy on loopback."""
import http.server
import io
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import saz_maker  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SHARED = ROOT.parent / "shared/captures"
SAMPLE = ROOT / "samples/lumia-evening.pcapng"
HAR_DUMP = pathlib.Path("/usr/share/doc/mitmproxy/examples/contrib/har_dump.py")
IMEI = "356938035643809"
EMAIL = "aino.virtanen@example.com"
SUBJECT = f"""device: {{maker: Nokia, model: Lumia 920}}
data:
  - {{datum: imei, value: "{IMEI}"}}
  - {{datum: email, value: "{EMAIL}"}}
"""


def tattle(*arguments, stdin=None):
    return subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, check=False)


def messages(*arguments, stdin=None):
    run = tattle("messages", *arguments, stdin=stdin)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def entry(url, body=None, **more):
    request = {"method": "POST" if body else "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": []}
    if body:
        request["postData"] = {"mimeType": "application/json", "text": body}
    return {"startedDateTime": "2024-05-06T07:08:09.000Z", "time": 20, "request": request,
            "response": {"status": 200, "httpVersion": "HTTP/1.1", "headers": [], "content": {"size": 0}}, **more}


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": list(entries)}})


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.subject = self.file("me.yaml", SUBJECT)

    def file(self, name, content):
        path = self.path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def audit(self, *captures, more=()):
        run = tattle("audit", *captures, "--subject", self.subject, "--json", *more)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def sent(self, document):
        return sorted({(each["datum"], each["recipient"].get("host"), each["transport"])
                       for each in document["disclosures"] if each["direction"] == "sent"})


class Schemes(Case):
    def test_http_went_in_clear_and_fails_on_it(self):
        for url, transport, code in (("http://a.example/", "clear", 3), ("https://a.example/", "tls", 0)):
            capture = self.file("t.har", har(entry(url, json.dumps({"imei": IMEI}))))
            self.assertEqual(self.sent(self.audit(capture)), [("imei", "a.example", transport)])
            run = tattle("audit", capture, "--subject", self.subject, "--fail-on", "clear")
            self.assertEqual(run.returncode, code, run.stderr)
        newer = entry("https://a.example/", json.dumps({"imei": IMEI}))
        newer["request"]["httpVersion"] = "h3"
        self.assertEqual(self.sent(self.audit(self.file("q.har", har(newer)))), [("imei", "a.example", "quic")])


class SharedFiles(unittest.TestCase):
    """Against what the files themselves say."""

    def test_requests_statuses_and_websocket_messages(self):
        truth_file = SHARED / "truth-shared.json"
        if not truth_file.exists():
            return
        for name, truth in json.loads(truth_file.read_text()).items():
            if truth.get("kind") != "har" or truth.get("error"):
                continue
            with self.subTest(name):
                lines = messages(SHARED / name)
                requests = [[line["method"], f"https://{line['host']}{line['target']}"] for line in lines
                            if line["kind"] == "request"]
                self.assertEqual(sorted(requests), sorted(truth["requests"]))
                statuses = sorted(str(line["status"]) for line in lines if line["kind"] == "response")
                # Status 0 stands for a response that never came.
                wanted = sorted(status for status, count in truth["statuses"] for _ in range(count) if status != "0")
                self.assertEqual(statuses, wanted)
                self.assertEqual(sum(line["kind"] == "frame" for line in lines), truth["websocket_messages"])
                # The truth counts the characters of the texts, in base64 where they are.
                content = [each["response"]["content"] for each in json.loads((SHARED / name).read_text())["log"]["entries"]]
                self.assertEqual(sum(len(each.get("text", "")) for each in content), truth["body_bytes"])
                sizes = sum(each["size"] for each in content if each.get("text"))
                self.assertEqual(sum(line["body_bytes"] for line in lines if line["kind"] == "response"), sizes)

    def test_flows_say_what_the_har_of_them_says(self):
        if not SHARED.exists():
            return
        def what(name):
            return [(line["kind"], line.get("method"), line["host"], line.get("target"), line.get("status"), line["body_bytes"])
                    for line in messages(SHARED / "har-mitm" / name)]
        self.assertEqual(sorted(map(str, what("websocket.mitm"))), sorted(map(str, what("websocket.har"))))
        self.assertEqual([line["protocol"] for line in messages(SHARED / "har-mitm/dumpfile-19.mitm")], ["http/3", "http/3"])

    def test_a_broken_one_is_one_clear_line(self):
        if not SHARED.exists():
            return
        run = tattle("messages", SHARED / "har-mitm/brokenfile.har")
        self.assertEqual(run.returncode, 2)
        self.assertIn(b"no HAR", run.stderr)


class Cut(Case):
    def test_cut_before_anything_is_a_mistake_and_later_a_warning(self):
        whole = har(entry("https://a.example.com/"), entry("https://b.example.com/"))
        sample = SAMPLE.read_bytes()
        for name, content, unit in (("a.har", whole[:200].encode(), "entry"), ("b.pcapng", sample[:600], "packet"),
                                    ("c.pcap", b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(8) + b"\0\0\4\0\1\0\0\0" + bytes(7), "packet")):
            for command in (["messages"], ["audit", "--subject", self.subject]):
                run = tattle(*command, self.file(name, content))
                self.assertEqual((run.returncode, run.stdout), (2, b""), name)
                self.assertIn(f"{name}: is cut in its first {unit}, nothing in it can be read".encode(), run.stderr)
        self.assertIn(b"cut short after entry 1;", tattle("messages", self.file("a.har", whole[:-100])).stderr)
        # Beside another that can be read it is only said.
        self.assertEqual(tattle("messages", self.file("a.har", whole[:200]), self.file("d.har", whole)).returncode, 0)

    def test_what_was_left_out_is_said_by_the_options_given(self):
        capture = self.file("a.har", har(entry("https://a.example.com/")))
        run = tattle("messages", capture, "--since", "2025-01-01T00:00:00")
        self.assertIn(b"a.har holds no packets to filter: all its entries", tattle("messages", capture, "--filter", "port 1").stderr)
        self.assertIn(b"warning: --since: left out of what was looked at: 2 messages", run.stderr)


class Hars(Case):
    def test_what_was_sent_and_where_the_proof_lies(self):
        capture = self.file("a.har", har(entry("https://cdn.example.com/"), entry("https://api.example.com/v1", json.dumps({"imei": IMEI}))))
        document = self.audit(capture)
        self.assertEqual(self.sent(document), [("imei", "api.example.com", "tls")])
        self.assertEqual(document["subjects"][0]["ground"], "the client recorded in the import")
        self.assertEqual(document["disclosures"][0]["evidence"][0]["entries"], [[2, 2]])
        self.assertEqual(document["captures"][0]["entries"], 2)
        self.assertEqual(document["captures"][0]["format"], "HAR 1.2")
        self.assertEqual(sum(fate["bytes"] for fate in document["coverage"]["fates"]), document["coverage"]["bytes"])
        self.assertEqual(document["warnings"], [])

    def test_what_was_not_sent_discloses_nothing(self):
        url = f"https://api.example.com/?imei={IMEI}"
        capture = self.file("a.har", har(entry(url, _fromCache="disk"), entry(f"chrome-extension://x/?{IMEI}")))
        document = self.audit(capture)
        self.assertEqual(document["disclosures"], [])
        self.assertEqual(document["coverage"]["fates"][0]["reason"], "not-sent")
        self.assertEqual(len(messages(capture)), 4)  # listed all the same

    def test_content_coding_that_is_off_already_is_not_taken_off_again(self):
        one = entry("https://api.example.com/")
        one["response"]["headers"] = [{"name": "Content-Encoding", "value": "gzip"}, {"name": "Content-Type", "value": "text/plain; charset=utf-16"}]
        one["response"]["content"] = {"size": 30, "text": f"mail {EMAIL}", "mimeType": "text/plain; charset=utf-16"}
        document = self.audit(self.file("a.har", har(one)))
        self.assertEqual([(each["datum"], each["direction"]) for each in document["disclosures"]], [("email", "received")])
        self.assertEqual([each["name"] for each in document["anomalies"]], [])

    def test_addresses_that_contradict(self):
        one = entry("https://api.example.com/v1", json.dumps({"imei": IMEI}), clientIPAddress="192.0.2.99")
        capture = self.file("a.har", har(one))
        self.assertEqual(self.sent(self.audit(capture)), [("imei", "api.example.com", "tls")])
        self.assertEqual(self.sent(self.audit(capture, more=("--device", "192.0.2.17"))), [])
        self.assertEqual(self.sent(self.audit(capture, more=("--device", "192.0.2.99"))), [("imei", "api.example.com", "tls")])

    def test_from_standard_input_and_with_any_number_of_threads(self):
        text = har(*(entry(f"https://h{i % 7}.example.com/{i}", json.dumps({"n": i}), connection=str(i % 5 + 1000)) for i in range(300)))
        capture = self.file("a.har", text)
        alone = tattle("messages", capture, SAMPLE, "--jobs", "1").stdout
        self.assertGreater(alone.count(b"\n"), 600)
        self.assertEqual(tattle("messages", capture, SAMPLE, "--jobs", "4").stdout, alone)
        self.assertEqual(messages("-", stdin=text.encode()), messages(capture))

    def test_a_cut_one_is_a_warning(self):
        text = har(entry("https://a.example/"), entry("https://b.example/"))
        run = tattle("messages", self.file("a.har", text[:-200]))
        self.assertEqual(run.returncode, 0)
        self.assertIn(b"cut short after entry 1", run.stderr)


class Archives(Case):
    def test_captures_in_them_are_read_as_if_given_apart(self):
        text = har(entry("https://api.example.com/v1", json.dumps({"imei": IMEI})))
        apart = tattle("messages", SAMPLE, self.file("a.har", text)).stdout
        members = [("night/evening.pcapng", SAMPLE.read_bytes()), ("a.har", text.encode()), ("notes.txt", b"nothing")]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)
        archives = [self.file("all.zip", packed.getvalue())]
        for packing in ("", "gz", "xz"):
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode=f"w:{packing}") as archive:
                for name, content in members:
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))
            archives.append(self.file(f"all.tar.{packing}", packed.getvalue()))
        for path in archives:
            with self.subTest(path.name):
                run = tattle("messages", path)
                self.assertEqual(run.stdout, apart)
                self.assertIn(b"left out: notes.txt", run.stderr)
                self.assertEqual(tattle("messages", "-", stdin=path.read_bytes()).stdout, apart)
        document = self.audit(archives[0], more=("--device", "192.0.2.17"))
        self.assertEqual([each["name"] for each in document["captures"]], ["all.zip:night/evening.pcapng", "all.zip:a.har"])

    def test_key_logs_in_them_open_their_captures(self):
        capture, keys = (SHARED / name for name in ("tls-keys/missing", "tls-keys/missing"))
        truths = json.loads((SHARED / "truth-shared.json").read_text()) if SHARED.exists() else {}
        for name, truth in truths.items():
            if truth.get("keylog_file") and truth.get("http2_requests"):
                capture, keys = SHARED / name, SHARED / truth["keylog_file"]
                break
        else:
            return
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(capture, "c.bin")
            archive.write(keys, "k.bin")
        path = self.file("all.zip", packed.getvalue())
        self.assertEqual(messages(path), messages(capture, "--keys", keys))
        self.assertEqual(messages("-", stdin=path.read_bytes()), messages(capture, "--keys", keys))

    def test_hostile_ones(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../../etc/\x1b[31mx.har", har(entry("https://a.example/")))
            archive.writestr("inner.zip", b"PK\x05\x06" + bytes(18))
        run = tattle("messages", self.file("h.zip", packed.getvalue()))
        self.assertEqual(run.returncode, 0)
        self.assertNotIn(b"\x1b", run.stderr)
        self.assertIn(b"archives inside it are not opened", run.stderr)
        for name, content in (("e.zip", b"PK\x05\x06" + bytes(18)), ("cut.zip", packed.getvalue()[:40])):
            run = tattle("messages", self.file(name, content))
            self.assertEqual((run.returncode, run.stderr.count(b"\n")), (2, 2), run.stderr)

    def test_a_bomb_ends_at_the_limit(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.pcap", bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000") + bytes(30_000_000))
        run = tattle("messages", self.file("b.zip", packed.getvalue()), "--limit", "archive-bytes=1000000")
        self.assertEqual(run.returncode, 0)
        self.assertIn(b"cut short", run.stderr)

    def test_an_encrypted_one_says_so(self):
        data = bytearray()
        with zipfile.ZipFile(self.path / "p.zip", "w") as archive:
            archive.writestr("a.pcap", b"\xd4\xc3\xb2\xa1" + bytes(40))
        data += (self.path / "p.zip").read_bytes()
        data[6] |= 1  # general purpose bit 0: encrypted (APPNOTE 4.4.4), here and in the directory
        data[data.index(b"PK\x01\x02") + 8] |= 1
        run = tattle("messages", self.file("p.zip", bytes(data)))
        self.assertEqual(run.returncode, 2)
        self.assertIn(b"is encrypted", run.stderr)


class Saz(Case):
    def test_sessions(self):
        body = json.dumps({"imei": IMEI}).encode()
        path = self.file("f.saz", saz_maker.saz({
            1: {"c": b"CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n",
                "s": b"HTTP/1.1 200 Connection Established\r\n\r\n", "m": saz_maker.meta(1, 0x100)},
            2: {"c": b"POST https://api.example.com/v1 HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
                "s": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "m": saz_maker.meta(2, 1)},
            7: {"c": b"GET https://ws.example.com/chat HTTP/1.1\r\nHost: ws.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                "s": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", "m": saz_maker.meta(7, 1),
                "w": saz_maker.frames((True, saz_maker.frame(EMAIL, b"abcd"), "2024-05-06T07:08:10.0000000Z"),
                                      (False, saz_maker.frame("ok"), "2024-05-06T07:08:11.0000000Z"))}}))
        document = self.audit(path)
        self.assertEqual(self.sent(document), [("email", "ws.example.com", "tls"), ("imei", "api.example.com", "tls")])
        self.assertEqual(document["subjects"][0]["device"]["addresses"], ["192.0.2.17"])
        evidence = {each["datum"]: each["evidence"][0]["entries"] for each in document["disclosures"]}
        self.assertEqual(evidence, {"email": [[7, 7]], "imei": [[2, 2]]})
        lines = messages(path)
        self.assertEqual([line["body_bytes"] for line in lines if line.get("status") == 200 and line["host"] == "api.example.com"], [5])
        self.assertEqual([line["body_bytes"] for line in lines if line["protocol"] == "websocket"], [len(EMAIL), 2])


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = json.dumps({"welcome": EMAIL}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RealMitmproxy(Case):
    """Debian's mitmproxy between curl and a server on loopback writes its flows, and a HAR by its contributed script."""

    def test_flows_and_har_tell_the_same(self):
        if not shutil.which("mitmdump") or not shutil.which("curl"):
            self.skipTest("mitmproxy or curl is not installed")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        port = free_port()
        flows, dump = self.path / "flows.mitm", self.path / "dump.har"
        command = ["mitmdump", "-q", "--listen-host", "127.0.0.1", "-p", str(port), "-w", str(flows),
                   "--set", f"confdir={self.path}/conf"]
        with_har = HAR_DUMP.exists()  # Debian ships it among the examples; without it the flows alone are compared
        if with_har:
            command += ["-s", str(HAR_DUMP), "--set", f"hardump={dump}"]
        proxy = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                self.assertIsNone(proxy.poll(), "mitmdump ended")
                time.sleep(0.05)
            subprocess.run(["curl", "-sS", "-m", "20", "-x", f"http://127.0.0.1:{port}", "--noproxy", "",
                            "-H", "Host: api.example.com", "-H", "Content-Type: application/json",
                            "-d", json.dumps({"imei": IMEI}), f"http://127.0.0.1:{server.server_address[1]}/v1"],
                           check=True, stdout=subprocess.DEVNULL, timeout=30)
        finally:
            proxy.terminate()
            proxy.wait(30)
        found = {}
        for path in (flows, dump) if with_har else (flows,):
            document = self.audit(path)
            found[path.name] = sorted((each["datum"], each["direction"], each["recipient"]["host"], each["form"], each["count"])
                                      for each in document["disclosures"])
            self.assertEqual(found[path.name], [("email", "received", "api.example.com", "plain", 1),
                                                ("imei", "sent", "api.example.com", "plain", 1)])
            self.assertEqual(self.sent(document), [("imei", "api.example.com", "clear")])


if __name__ == "__main__":
    unittest.main()
