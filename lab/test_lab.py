"""The laboratory against Wireshark: what the truth says happened must stand in the capture, and the rest must not.

Run with `python3 lab/test_lab.py`. Needs what lab/README.md lists, and tshark.
"""

import base64
import binascii
import collections
import datetime
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path
from urllib.parse import unquote_to_bytes

import yaml

LAB = Path(__file__).resolve().parent
SAMPLE = LAB.parent / "samples" / "lumia-evening"
PHONE = {"192.0.2.17", "2001:db8:1::17"}
PRIVATE = {"account-id", "contact", "email", "imsi", "location", "photo", "sms", "wifi-network"}
os.environ["PATH"] += ":/usr/sbin:/sbin"


def namespaces_allowed():
    command = ["unshare", "--mount", "--net", "--pid", "--fork"]
    command += ["--user", "--map-current-user", "--keep-caps"] if os.geteuid() else []
    return subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0


def play(scenario, out):
    return subprocess.run([LAB / "run", scenario, "-o", out], check=False, capture_output=True, text=True, timeout=60)


def tshark(capture, *options):
    done = subprocess.run(["tshark", "-n", "-r", str(capture), *options], check=True, capture_output=True, timeout=60)
    return done.stdout.decode("utf-8", "replace")


def rows(capture, condition, *names):
    """Fields of packets, one list a packet; several values of a field stand apart by a bar."""
    options = [word for name in names for word in ("-e", name)]
    text = tshark(capture, "-Y", condition, "-T", "fields", "-E", "aggregator=|", *options)
    return [line.split("\t") for line in text.splitlines()]


def leftovers():
    """Processes of the laboratory that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"tattle-lab-" in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            pass  # it ended meanwhile
    return found


class Seen:
    """Everything Wireshark shows of a capture, decrypted and decompressed, by server's address and direction."""

    def __init__(self, capture):
        self.text = collections.defaultdict(bytes)
        self.addresses = collections.defaultdict(set)
        for name, four, six in rows(capture, "dns.flags.response == 1", "dns.qry.name", "dns.a", "dns.aaaa"):
            self.addresses[name] |= {address for address in (four + "|" + six).split("|") if address}
        ends = rows(capture, "frame", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst")
        for (source4, target4, source6, target6), data in zip(ends, hex_dumps(capture), strict=True):
            source, target = (source4 or source6).split("|")[0], (target4 or target6).split("|")[0]
            if source in PHONE:
                self.text[target, "sent"] += data
            elif target in PHONE:
                self.text[source, "received"] += data

    def of(self, host, direction):
        return b"\n".join(self.text[address, direction] for address in self.addresses.get(host) or {host})


def hex_dumps(capture):
    """Bytes of each packet and of everything that was made from it, as `tshark -x` lists them."""
    packets, source = [], b""
    for line in tshark(capture, "-x").split("\n"):
        if re.match(r"Packet \(\d+ bytes?\):|[A-Z].*\(\d+ bytes?\):$", line):
            source += b"\n"
        elif match := re.match(r"[0-9a-f]{4,}  ((?:[0-9a-f]{2} )+)", line):
            if match[0].startswith("0000 ") and not source.strip(b"\n"):
                source = b""
            source += bytes.fromhex(match[1])
        if not line and source.strip(b"\n"):
            packets.append(source)
            source = b""
    return packets


def bare(data):
    """Without what spellings differ in."""
    return re.sub(rb"[\x00 :\-]", b"", data).lower()


def opened(data):
    """With percent signs and base64 undone beside it, twice, as deep as the scenarios go."""
    layers = [data, unquote_to_bytes(data)]
    for token in re.findall(rb"[A-Za-z0-9+/]{40,}={0,2}", data):
        try:
            layers.append(base64.b64decode(token + b"=" * (-len(token) % 4)))
        except binascii.Error:
            pass
    return b"\n".join(bare(layer) for layer in layers)


def spellings(entry, disclosure, subject_folder):
    """What must stand in the traffic for a disclosure, each as a regular expression over `opened` bytes."""
    if disclosure["datum"] == "location":
        if disclosure["path-steps"][-1] == "exif":
            return [re.escape(bare(struct.pack("<6I", *exif_degrees(entry["latitude"]))))]
        latitude, longitude = (re.escape(str(entry[name])[:6].encode()) for name in ("latitude", "longitude"))
        return [latitude + rb"\d*\D{1,25}" + longitude]
    value = entry[disclosure["part"]]
    form = disclosure["form"]
    if disclosure["datum"] == "photo":
        image = (subject_folder / value).read_bytes()
        return [hashlib.sha256(image).hexdigest().encode() if form == "sha256" else re.escape(bare(image[:600]))]
    if form == "host-name":
        return [re.escape(bare(value.split("/")[2].encode())), bare(dns_name(value.split("/")[2]))]
    if form == "plain":
        return [re.escape(bare(value.encode()))]
    wanted = []
    for text in {value, value.replace(" ", "")}:
        digest = hashlib.new(form, text.encode()).digest()
        wanted += [digest.hex().encode(), re.escape(bare(base64.b64encode(digest)))]
    return wanted


def exif_degrees(value):
    rest = round(value * 3600000)
    return rest // 3600000, 1, rest // 60000 % 60, 1, rest % 60000, 1000


def dns_name(host):
    return b"".join(bytes([len(label)]) + label.encode() for label in host.split("."))


def entries(subject):
    """The subject file's entries by name, read anew and not with the laboratory's own code."""
    named, counts = {}, collections.Counter()
    for entry in subject["data"]:
        counts[entry["datum"]] += 1
        number = f"{entry['datum']}#{counts[entry['datum']]}"
        named[number if entry["datum"] == "contact" else entry.get("name", number)] = entry
    return named


class Against(unittest.TestCase):
    """Comparisons that every capture has to pass."""

    def requests_agree(self, capture, truth):
        seen = collections.Counter()
        phone = " || ".join(f"ip{'v6' if ':' in one else ''}.src == {one}" for one in sorted(PHONE))
        for method, uri in rows(capture, f"http.request && ({phone})", "http.request.method", "http.request.full_uri"):
            seen[method, uri.split("://")[-1]] += 1
        for methods, host, path in rows(capture, f"http2.headers.method && ({phone})", "http2.headers.method",
                                        "http2.headers.authority", "http2.headers.path"):
            seen[methods, host + path] += 1
        told = collections.Counter()
        for request in truth["requests"]:
            if request["readable"] and request["protocol"] != "dns":
                whole = request["target"].split("://")[-1]
                told[request["method"], whole if whole[0] != "/" else request["host"] + whole] += 1
        self.assertEqual(told, seen)

    def names_agree(self, capture, truth):
        asked = rows(capture, "dns.flags.response == 0 && ip.src == 192.0.2.17", "dns.qry.name")
        told = [request["host"] for request in truth["requests"] if request["protocol"] == "dns"]
        self.assertEqual(collections.Counter(told), collections.Counter(name for name, in asked))

    def disclosures_agree(self, capture, truth, subject, folder):
        seen = Seen(capture)
        named = entries(subject)
        proxied = {entry["host"] for entry in truth["disclosures"] if entry["role"] == "proxy"}
        for disclosure in truth["disclosures"]:
            hosts = [disclosure["host"], *(proxied if disclosure["role"] == "destination" else ())]
            data = opened(b"\n".join(seen.of(host, disclosure["direction"]) for host in hosts))
            if disclosure["datum"] == "browsing" and disclosure.get("optional"):
                continue  # put together from a path and a host
            wanted = spellings(named[disclosure["entry"]], disclosure, folder)
            with self.subTest(disclosure=disclosure):
                self.assertTrue(any(re.search(pattern, data, re.DOTALL) for pattern in wanted))

    def packets_are_sound(self, capture):
        bad = "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || _ws.malformed"
        checks = ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
        self.assertEqual("", tshark(capture, *checks, "-Y", bad))
        sizes = [int(size) for size, in rows(capture, "frame", "frame.len")]
        self.assertLessEqual(max(sizes), 1514)
        times = [float(time) for time, in rows(capture, "frame", "frame.time_epoch")]
        self.assertEqual(times, sorted(times))


@unittest.skipUnless(namespaces_allowed(), "this system allows no private namespaces")
class Runs(Against):
    """Scenarios played anew."""

    def setUp(self):
        self.out = Path(tempfile.mkdtemp(prefix="lab-test-"))
        self.addCleanup(shutil.rmtree, self.out)
        self.addCleanup(lambda: self.assertEqual([], leftovers()))
        before = subprocess.run(["ip", "netns", "list"], check=False, capture_output=True).stdout
        self.addCleanup(lambda: self.assertEqual(before, subprocess.run(["ip", "netns", "list"], check=False,
                                                                        capture_output=True).stdout))

    def load(self):
        truth = json.loads((self.out / "truth.json").read_text())
        return self.out / "capture.pcapng", truth, yaml.safe_load((self.out / "subject.yaml").read_text())

    def test_clear(self):
        done = play(LAB / "scenarios" / "clear.yaml", self.out)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        capture, truth, subject = self.load()
        self.packets_are_sound(capture)
        self.requests_agree(capture, truth)
        self.names_agree(capture, truth)
        self.disclosures_agree(capture, truth, subject, self.out)
        self.assertEqual(b"", (self.out / "keys.log").read_bytes())
        # The bystander is in the capture and not in the truth.
        self.assertEqual(2, len(rows(capture, "http.request && ip.src == 192.0.2.23", "frame.number")))

    def test_everything_off(self):
        done = play(LAB / "scenarios" / "everything-off.yaml", self.out)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        capture, truth, subject = self.load()
        self.requests_agree(capture, truth)
        self.disclosures_agree(capture, truth, subject, self.out)
        plain = {entry["datum"] for entry in truth["disclosures"] if entry["form"] == "plain"}
        self.assertEqual(set(), plain & PRIVATE)
        seen = Seen(capture)
        everything = opened(b"\n".join(data for (_, direction), data in seen.text.items() if direction == "sent"))
        for entry in subject["data"]:
            if entry["datum"] in PRIVATE - {"location", "photo"}:
                for part, value in entry.items():
                    if part not in ("datum", "name"):
                        self.assertNotIn(bare(value.encode()), everything, entry)
        self.assertIn(b"356938035643809", everything)

    def test_same_truth_again(self):
        for folder in ("one", "two"):
            done = play(LAB / "scenarios" / "lumia-evening.yaml", self.out / folder)
            self.assertEqual((0, ""), (done.returncode, done.stderr))
        for name in ("truth.json", "subject.yaml", "actions.yaml", "times.json", "places.csv", "cottage.jpg"):
            self.assertEqual((self.out / "one" / name).read_bytes(), (self.out / "two" / name).read_bytes(), name)
        self.assertEqual((self.out / "one" / "truth.json").read_text(), Path(f"{SAMPLE}.truth.json").read_text(),
                         "the sample is older than the scenario: make it anew")
        for name in ("actions.yaml", "times.json"):
            self.assertEqual((self.out / "one" / name).read_text(), Path(f"{SAMPLE}.{name}").read_text(), name)

    def test_failure_leaves_nothing(self):
        """A step whose server is missing fails in the middle; `setUp` looks for what remains."""
        text = (LAB / "scenarios" / "clear.yaml").read_text()
        broken = self.out / "broken.yaml"
        broken.write_text(text.replace("weather.example]", "elsewhere.example]"))
        done = play(broken, self.out / "result")
        self.assertEqual((1, 1), (done.returncode, done.stderr.count("\n")), done.stderr)
        self.assertFalse((self.out / "result").exists())

    def test_mistake_is_one_line(self):
        text = (LAB / "scenarios" / "clear.yaml").read_text()
        for wrong, said in [("serve: [http]", "serve: [telnet]"),
                            ("addresses: [203.0.113.10]", "addresses: [10.0.0.1]")]:
            broken = self.out / "wrong.yaml"
            broken.write_text(text.replace(wrong, said))
            done = play(broken, self.out / "result")
            self.assertEqual((2, 1), (done.returncode, done.stderr.count("\n")), done.stderr)
            self.assertIn("wrong.yaml: servers: ", done.stderr)


class Pushes(unittest.TestCase):
    """What is written without being played, against Wireshark."""

    def test_pushes(self):
        with tempfile.TemporaryDirectory(prefix="lab-test-") as folder:
            done = play(LAB / "scenarios" / "pushes.yaml", folder)
            self.assertEqual((0, ""), (done.returncode, done.stderr))
            capture, keys = Path(folder) / "capture.pcap", Path(folder) / "keys.log"
            truth = json.loads((Path(folder) / "truth.json").read_text())
            log = yaml.safe_load((Path(folder) / "actions.yaml").read_text())["actions"]

            def fields(condition, *names):
                options = [word for name in names for word in ("-e", name)]
                text = tshark(capture, "-o", f"tls.keylog_file:{keys}", "-Y", condition, "-T", "fields", *options)
                return [line.split("\t") for line in text.splitlines()]

            self.assertEqual("", tshark(capture, "-Y", "_ws.malformed || tcp.analysis.retransmission || tcp.analysis.lost_segment"))
            for entry, path in (("home", "/located"), ("email#1", "/synced"), ("imei#1", "/reported")):
                told = truth[entry]
                sent = fields(f'http.request.uri == "{path}"', "http.host")
                self.assertEqual([[told["host"]]] * (told["triggered"] + told["unasked"] + told["independent"]), sent)
            spoken = fields("websocket && ip.dst == 192.0.2.17", "frame.time_epoch")
            self.assertEqual(truth["email#1"]["unasked"], len(spoken))
            # After each trigger in the log, the server's record comes when the truth says so; nobody can read it.
            records = [float(time) for time, in fields("tls.app_data && ip.src == 203.0.113.20",
                                                       "frame.time_epoch")]
            self.assertEqual([], fields("http && ip.addr == 203.0.113.20", "http.host"))
            waits = []
            for action in log:
                pressed = datetime.datetime.fromisoformat(action["time"].replace("Z", "+00:00")).timestamp()
                waits += [round(time - pressed, 2) for time in records if pressed < time < pressed + 3.2]
            planned = sorted(round(wait, 2) for wait in truth["home"]["push-latency-s"])
            for wait in planned:
                self.assertTrue(any(abs(wait - seen) < 0.02 for seen in waits), wait)


class Sample(Against):
    """The evening that is kept: everything stands in the one file, its keys too."""

    def setUp(self):
        self.capture = Path(f"{SAMPLE}.pcapng")
        self.truth = json.loads(Path(f"{SAMPLE}.truth.json").read_text())
        self.subject = yaml.safe_load(Path(f"{SAMPLE}.yaml").read_text())

    def test_size(self):
        self.assertLess(sum(file.stat().st_size for file in SAMPLE.parent.glob("*")), 2 << 20)

    def test_packets(self):
        self.packets_are_sound(self.capture)

    def test_requests(self):
        self.requests_agree(self.capture, self.truth)
        self.names_agree(self.capture, self.truth)

    def test_disclosures(self):
        self.disclosures_agree(self.capture, self.truth, self.subject, SAMPLE.parent)

    def test_opaque_stays_opaque(self):
        seen = Seen(self.capture)
        for host in self.truth["opaque-hosts"]:
            data = seen.of(host, "sent")
            self.assertGreater(len(data), 200, host)
            self.assertNotIn(b"GET /", data)

    def test_every_age_of_tls(self):
        suites = {suite for suite, in rows(self.capture, "tls.handshake.type == 2", "tls.handshake.ciphersuite")}
        self.assertLessEqual({"0x0005", "0x002f", "0x1302"}, suites)
        self.assertTrue(any(suite.startswith("0xc0") for suite in suites))


if __name__ == "__main__":
    unittest.main()
