#!/usr/bin/env python3
"""Every kind of private value, as people and programs write it, in every place of clear traffic, among look-alikes.

Each case is one message to a host of its own, so the audit's recipients say which cases it found."""
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import capture_maker  # noqa: E402
import disguises  # noqa: E402
from capture_maker import PHONE4, PHONE6  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))


class Audit:
    """A capture in the making, and what the audit of it must say for each recipient."""

    def __init__(self, subject=None):
        self.capture = capture_maker.Capture()
        self.subject = subject or disguises.subject_yaml()
        self.cases = {}  # host -> (label, what must be found there, frames)

    def host(self):
        return f"c{len(self.cases)}.example"

    def case(self, label, wanted, frames=None, host=None):
        self.cases[host or self.host()] = (label, collections.Counter(wanted), frames)

    def request(self, label, make, value, wanted=(), size=1400, server=None, needle=None):
        """One request on a connection of its own."""
        host = self.host()
        number = len(self.cases)
        server = server or f"198.51.100.{number % 250 + 1}"
        flow = self.capture.tcp(PHONE6 if ":" in server else PHONE4, server)
        flow.send(make(host, value), size=size)
        flow.send(b"HTTP/1.1 204 No Content\r\n\r\n", "received")
        flow.close()
        every = {frame for frame, _ in flow.sent["sent"]}
        exact = flow.frames_with(needle) if needle else set()
        self.case(label, wanted, (every, exact))

    def run(self, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            self.capture.write(path / "made.pcap")
            (path / "made.yaml").write_text(self.subject)
            run = subprocess.run([PROGRAM, "audit", path / "made.pcap", "--subject", path / "made.yaml", *options],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
            assert run.returncode == 0, run.stderr.decode()
            return run

    def document(self):
        return json.loads(self.run("--json", "--reveal", "--limit", "disclosures=1000000").stdout)

    def check(self, document=None):
        """@return mistakes: lines that begin with `missed`, `false`, `packets` or `wrong`."""
        document = document or self.document()
        found = collections.defaultdict(list)
        for each in document["disclosures"]:
            found[each["recipient"].get("host") or each["recipient"]["addresses"][0]].append(each)
        mistakes = []
        for host, (label, wanted, frames) in self.cases.items():
            got = collections.Counter()
            for each in found.pop(host, []):
                got[(each.get("entry"), each["form"])] += each["count"]
                if each["direction"] != "sent" or each["recipient"]["role"] not in ("destination", "resolver"):
                    mistakes.append(f"wrong {label}: {each['direction']} {each['recipient']['role']}")
                if frames is None:
                    continue
                for evidence in each["evidence"]:
                    packets = {n for first, last in evidence["packets"] for n in range(first, last + 1)}
                    if not packets <= frames[0] or (frames[1] and packets != frames[1]):
                        mistakes.append(f"packets {label}: {sorted(packets)}, are {sorted(frames[1] or frames[0])} [{each['path'][-1]}]")
            mistakes += [f"missed {label}: {thing}" for thing in (wanted - got).elements()]
            mistakes += [f"false {label}: {thing}" for thing in (got - wanted).elements()]
        mistakes += [f"false unknown host {host}: {each['entry'] if 'entry' in each else each['datum']}" for host, many in found.items() for each in many]
        return mistakes


def fits(place, text):
    """Whether a place can hold such a text without more ado."""
    if place in ("xml", "xml-attribute", "text-quoted"):
        return not set("<>&\"'") & set(text)
    if place == "utf-16-bare":
        return len(text) >= 6
    return True


SIZES = (1400, 1400, 61, 7)


def plain_audit(places):
    audit = Audit()
    turn = 0
    for place, make in places.items():
        for name, part, text in disguises.spellings():
            if fits(place, text):
                turn += 1
                needle = text.encode() if place in ("text", "xml", "json") and part != "url" else None
                audit.request(f"{place} {name}.{part} {text!r}", make, text, [(name, "plain")], SIZES[turn % 4], needle=needle)
    return audit


def report(test, mistakes, cases):
    kinds = collections.Counter(line.split()[0] for line in mistakes)
    shown = "\n".join(mistakes[:: max(1, len(mistakes) // 60)])
    test.assertEqual(mistakes, [], f"{dict(kinds)} of {cases} cases, such as\n{shown}")


class Plain(unittest.TestCase):
    def test_each_spelling_in_each_place(self):
        audit = plain_audit(disguises.PLACES)
        report(self, audit.check(), len(audit.cases))

    def test_codings_that_need_another_program(self):
        audit = Audit()
        for place, make in disguises.SLOW_PLACES.items():
            for name, part, text in list(disguises.spellings())[::5]:
                audit.request(f"{place} {name}.{part} {text!r}", make, text, [(name, "plain")])
        report(self, audit.check(), len(audit.cases))

    def test_look_alikes(self):
        audit = Audit()
        rng = random.Random(3)
        places = list(disguises.PLACES.items())
        for number, (name, part, text) in enumerate(disguises.spellings()):
            for what, decoy in disguises.decoys(name, part, text, rng):
                for place, make in places[number % 3::3]:
                    if fits(place, decoy):
                        host_name = [("page", "host-name")] if name == "page" and "www.klinikka.example" in decoy else []
                        audit.request(f"{what} {place} {name}.{part} {decoy!r}", make, decoy, host_name)
        report(self, audit.check(), len(audit.cases))


class Hashed(unittest.TestCase):
    def test_each_digest_of_each_spelling(self):
        audit = Audit()
        places = [(n, p) for n, p in disguises.PLACES.items()]
        turn = 0
        for name, part, text in disguises.hashed_spellings():
            for spelled in dict.fromkeys([text, text.lower(), text.upper()]):
                for form, digest in disguises.DIGESTS.items():
                    for writing, write in disguises.WRITINGS.items():
                        turn += 1
                        place, make = places[turn % len(places)]
                        value = write(digest(spelled.encode()).digest())
                        audit.request(f"{form} {writing} {place} {name}.{part} {spelled!r}", make, value, [(name, form)], SIZES[turn % 4])
        report(self, audit.check(), len(audit.cases))

    def test_raw_digests(self):
        audit = Audit()
        rng = random.Random(5)
        for name, part, text in disguises.hashed_spellings():
            for form, digest in disguises.DIGESTS.items():
                body = rng.randbytes(90) + digest(text.encode()).digest() + rng.randbytes(rng.randint(0, 90))
                audit.request(f"{form} raw {name}.{part} {text!r}", lambda h, b: disguises.post(h, b, "application/octet-stream"), body, [(name, form)])
        report(self, audit.check(), len(audit.cases))

    def test_near_misses(self):
        audit = Audit()
        rng = random.Random(6)
        places = list(disguises.PLACES.items())
        for turn, (name, part, text) in enumerate(disguises.spellings()):
            for form, digest in disguises.DIGESTS.items():
                whole = digest(text.encode()).hexdigest()
                spot = rng.randrange(16, len(whole))
                off = whole[:spot] + format(int(whole[spot], 16) ^ 1, "x") + whole[spot + 1:]
                other = digest(b"another " + text.encode()).hexdigest()
                for what, value in (("nibble off", off), ("cut", whole[:-2]), ("of another", other), ("inside", None)):
                    if value is not None:
                        place, make = places[(turn * 4 + spot) % len(places)]
                        audit.request(f"{what} {form} {place} {name} {value}", make, value)
        report(self, audit.check(), len(audit.cases))



class Streams(unittest.TestCase):
    """What no parser knows: once each, wherever the windows of the search end."""

    VALUES = [("imei", b"356938035643809", "plain"), ("email", b"aino.virtanen@example.com", "plain"),
              ("sms", "Nähdään kello kuusi Kampissa".encode(), "plain"), ("agent", disguises.AGENT.encode(), "plain"),
              ("adid", bytes.fromhex(disguises.UUID.replace("-", "")), "plain"),
              ("imsi", disguises.DIGESTS["sha256"](b"244120123456789").digest(), "sha256")]

    def test_at_every_border(self):
        audit, rng = Audit(), random.Random(9)
        for number, (name, value, form) in enumerate(self.VALUES):
            for before in (4096, 65536, 126976):
                for shift in (-len(value) - 1, -len(value), -len(value) + 1, -len(value) // 2, -1, 0, 1):
                    server = f"2001:db8:2::1:{len(audit.cases):x}"
                    flow = audit.capture.tcp(PHONE6, server, 7777)
                    filler = rng.randbytes(before + shift - 1)
                    flow.send(filler + b"\0" + value + b"\0" + rng.randbytes(300), size=(1400, 333)[number % 2])
                    flow.close()
                    frames = {frame for frame, _ in flow.sent["sent"]}
                    audit.case(f"{name} {before}{shift:+}", [(name, form)], (frames, flow.frames_with(value)), server)
        report(self, audit.check(), len(audit.cases))

    def test_datagrams_and_questions(self):
        audit, rng = Audit(), random.Random(10)
        for number, (name, value, form) in enumerate(self.VALUES):
            server = f"2001:db8:3::1:{number:x}"
            frame = audit.capture.udp(PHONE6, server, rng.randbytes(9) + b"\0" + value + b"\0" + rng.randbytes(4))
            audit.case(f"udp {name}", [(name, form)], ({frame}, {frame}), server)
        names = [("imei", "356938035643809", "plain"), ("adid", disguises.UUID, "plain"), ("mac", "9c-2a-83-4f-10-ee", "plain"),
                 ("imei", disguises.DIGESTS["md5"](b"356938035643809").hexdigest(), "md5"), ("serial", "rf8m20abcde", "plain"), (None, "356938035643808", "")]
        for number, (name, label, form) in enumerate(names):
            resolver = f"2001:db8:4::1:{number:x}"
            frame = audit.capture.dns_query(label + ".t.example", PHONE6, resolver)
            audit.case(f"dns {label}", [(name, form)] if name else [], ({frame}, {frame}), resolver)
        report(self, audit.check(), len(audit.cases))


class Recipients(unittest.TestCase):
    IMEI = "356938035643809"
    OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def parties(self, *flows):
        """(host or address, role, direction, entry, form) of flows (client, server, port, [(request, response), …])."""
        audit = Audit()
        for client, server, port, exchanges in flows:
            flow = audit.capture.tcp(client, server, port)
            for request, response in exchanges:
                flow.send(request)
                flow.send(response, "received")
            flow.close()
        return sorted((d["recipient"].get("host") or d["recipient"]["addresses"][0], d["recipient"]["role"], d["direction"], d["entry"], d["form"])
                      for d in audit.document()["disclosures"])

    def ask(self, head):
        return (head + "\r\n\r\n").encode()

    def test_a_proxy_reads_what_it_forwards(self):
        ask = self.ask(f"GET http://site.example/a?imei={self.IMEI} HTTP/1.1\r\nHost: decoy.example")
        self.assertEqual(self.parties((PHONE4, "198.51.100.9", 8080, [(ask, self.OK)])),
                         [("198.51.100.9", "proxy", "sent", "imei", "plain"), ("site.example", "destination", "sent", "imei", "plain")])

    def test_a_tunnel_learns_the_name_alone(self):
        ask = self.ask("CONNECT www.klinikka.example:443 HTTP/1.1\r\nHost: www.klinikka.example:443")
        met = self.parties((PHONE4, "198.51.100.9", 8080, [(ask, b"HTTP/1.1 200 ok\r\n\r\n"), (b"\x16\x03\x01" + bytes(range(200)), b"\x16")]))
        self.assertEqual(set(met), {("198.51.100.9", "proxy", "sent", "page", "host-name")})

    def test_bystanders_and_answers(self):
        said = disguises.get("a.example", "/?imei=" + self.IMEI)
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n" + self.IMEI.encode()
        self.assertEqual(self.parties(("192.0.2.99", "198.51.100.9", 80, [(said, answer)]), (PHONE4, "198.51.100.9", 80, [(b"x", b"y")])), [])
        self.assertEqual(self.parties((PHONE4, "198.51.100.9", 80, [(disguises.get("a.example", "/"), answer)])),
                         [("a.example", "destination", "received", "imei", "plain")])
        self.assertEqual(self.parties(("192.0.2.99", PHONE4, 80, [(disguises.get("phone.example", "/"), answer)])),
                         [("192.0.2.99", "destination", "sent", "imei", "plain")])

    def test_without_a_host_the_address(self):
        for lines in ("", "\r\nHost: a.example\r\nHost: b.example"):
            ask = self.ask(f"GET /?imei={self.IMEI} HTTP/1.1" + lines)
            self.assertEqual(self.parties((PHONE4, "198.51.100.9", 80, [(ask, self.OK)])), [("198.51.100.9", "destination", "sent", "imei", "plain")])

    def test_pipelined_requests_keep_their_hosts(self):
        asks = disguises.get("a.example", "/?i=" + self.IMEI) + disguises.get("b.example", "/?i=244120123456789")
        answers = self.OK + b"HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\naino.virtanen@example.com"
        self.assertEqual(self.parties((PHONE4, "198.51.100.9", 80, [(asks, answers)])),
                         [("a.example", "destination", "sent", "imei", "plain"), ("b.example", "destination", "received", "email", "plain"),
                          ("b.example", "destination", "sent", "imsi", "plain")])


class Doubt(unittest.TestCase):
    def certainties(self, body, filler=0):
        audit = Audit(disguises.subject_yaml([json.dumps({"datum": "serial-number", "value": "AB12", "name": "short"})]))
        audit.request("one", lambda h, v: disguises.post(h, v), body)
        if filler:
            flow = audit.capture.tcp(PHONE4, "198.51.100.77", 7777)
            flow.send(random.Random(1).randbytes(filler), size=60000)
        return {(each.get("entry"), each["certainty"]) for each in audit.document()["disclosures"]}

    def test_a_short_value_proves_nothing_alone(self):
        self.assertNotIn(("short", "verified"), self.certainties(b"x=AB12 and so on"))
        self.assertNotIn(("short", "verified"), self.certainties(b'{"x":["AB12"],"y":"ab12"}'))

    def test_more_bytes_make_more_accidents(self):
        self.assertIn(("fi", "verified"), self.certainties(b"x=0401234567"))
        self.assertIn(("fi", "inferred"), self.certainties(b"x=0401234567", 20_000_000))
        self.assertIn(("fi", "verified"), self.certainties(b"phone=0401234567", 20_000_000))


class Masked(unittest.TestCase):
    def test_no_spelling_of_a_value_in_any_file(self):
        audit = Audit()
        for name, part, text in disguises.spellings():
            for place in ("query", "path", "percent-header", "json", "json-key", "base64-json", "cookie", "hex", "text"):
                audit.request(place, disguises.PLACES[place], text)
            for key in (text, text.encode().hex(), disguises.b64(text)):
                audit.request("key", lambda h, v: disguises.post(h, json.dumps({v: {"imei": "356938035643809"}}, ensure_ascii=False).encode(), disguises.JSON), key)
            audit.request("name", lambda h, v: disguises.get(h, "/?" + disguises.q(v) + "=356938035643809"), text)
            audit.request("agent", lambda h, v: disguises.get(h, "/", f"User-Agent: App/1 ({v})\r\n"), text)
            host = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text).split()).lower()
            if name not in ("page", "asked") and len(host) < 60:  # sites reached are recipients, and stay visible
                audit.request("host", lambda _, v: disguises.get(v + ".h.example", "/"), host)
                audit.capture.dns_query(host + ".h.example")
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "out"
            run = audit.run("--out", out)
            files = {"stdout": run.stdout, "stderr": run.stderr} | {path.name: path.read_bytes() for path in out.iterdir()}
        for name, part, text in disguises.spellings():
            written = {text, text.lower(), text.upper(), disguises.q(text), text.encode().hex(), disguises.b64(text), json.dumps(text)[1:-1],
                       "".join(c for c in text.lower() if c.isalnum())}
            for spelling in written:
                for file, content in files.items():
                    if len(spelling) >= 6 and not (name == "page" and "klinikka.example" == spelling):
                        self.assertNotIn(spelling.encode(), content, f"{name}.{part} in {file}")


if __name__ == "__main__":
    unittest.main()
