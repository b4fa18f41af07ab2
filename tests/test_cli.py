#!/usr/bin/env python3
"""The program as its users meet it: the sample's disclosures, the contract of the command line, mistakes, bad input."""
import base64
import gzip
import hashlib
import json
import os
import pathlib
import random
import re
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import score  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples/lumia-evening.pcapng"
SUBJECT = ROOT / "samples/lumia-evening.yaml"
PLACES = ROOT / "samples/lumia-evening.places.csv"
SHARED = ROOT.parent / "shared/captures"


def tattle(*arguments, stdin=None, environment=None):
    return subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, check=False, env=os.environ | (environment or {}))


def audit(*arguments, **more):
    return tattle("audit", SAMPLE, "--subject", SUBJECT, "--places", PLACES, *arguments, **more)


class Empty(unittest.TestCase):
    """A capture in which nothing was recorded says so; a file without bytes is none."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_no_packets_is_a_warning(self):
        header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
        section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
        empty_har = json.dumps({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": []}}).encode()
        for name, content, unit in (("e.pcap", header, "packets"), ("e.pcapng", section, "packets"), ("e.har", empty_har, "entries")):
            path = self.folder / name
            path.write_bytes(content)
            for command in (["audit", path, "--subject", SUBJECT], ["messages", path]):
                run = tattle(*command)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertIn(f"{path}: is whole and holds no {unit}; record anew", run.stderr.decode())
                self.assertNotIn("check device.addresses", run.stderr.decode())
        run = tattle("messages", "-", stdin=header)
        self.assertEqual(run.returncode, 0)
        self.assertIn("standard input: is whole and holds no packets", run.stderr.decode())

    def test_no_bytes_is_a_mistake(self):
        path = self.folder / "zero.pcap"
        path.write_bytes(b"")
        run = tattle("messages", path)
        self.assertEqual(run.returncode, 2)
        self.assertIn("zero.pcap: is empty", run.stderr.decode())

    def test_links_that_carry_no_ip_are_named(self):
        """USB and the like: never only an empty answer; with nothing else there, a mistake."""
        def pcap(link):
            return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link) + struct.pack("<IIII", 1353945600, 0, 30, 30) + b"\x1b" * 30
        usb, raw = self.folder / "usb.pcap", self.folder / "raw.pcap"
        usb.write_bytes(pcap(249))
        raw.write_bytes(pcap(101))
        said = f"{usb}: 1 packets are of link type 249 (USBPCAP), which tattle does not read"
        for command in (["audit", "--subject", SUBJECT], ["messages"]):
            run = tattle(*command, usb)
            self.assertEqual(run.returncode, 2)
            self.assertIn(f"tattle: {said}; record where", run.stderr.decode())
        run = tattle("messages", usb, raw)
        self.assertEqual(run.returncode, 0)
        self.assertIn(f"warning: {said}", run.stderr.decode())


class Sample(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = pathlib.Path(cls.folder.name) / "out"
        cls.run_ = audit("--out", cls.out)
        cls.document = json.loads((cls.out / "audit.json").read_text())
        cls.truth = json.loads(SAMPLE.with_suffix(".truth.json").read_text())

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_disclosure_of_the_truth_and_none_extra(self):
        right, missed, extra, miscounted = score.compare(self.document, self.truth)
        self.assertEqual((missed, extra, miscounted), ([], [], []))
        self.assertGreater(len(right), 20)

    def test_inferred_is_only_what_the_laboratory_sent_of_others(self):
        revealed = json.loads(audit("--json", "--reveal").stdout)["disclosures"]
        decoys = [decoy["value"].lower() for decoy in self.truth["decoys"]]
        for each in revealed:
            if each["certainty"] == "inferred":
                self.assertTrue(any(each["value"].lower() in decoy or decoy in each["value"].lower() for decoy in decoys), each)

    def test_opaque_hosts_are_named(self):
        opaque = {each["host"] for each in self.document["recipients"] if each.get("opaque-bytes", 0) > 0}
        self.assertEqual(set(self.truth["opaque-hosts"]) - opaque, set())

    def test_coverage_adds_up(self):
        coverage = self.document["coverage"]
        self.assertEqual(sum(line["bytes"] for line in coverage["fates"]), coverage["bytes"])

    def test_files_are_their_owners_alone(self):
        for name in ("report.html", "audit.json", "audit.db", "run.json"):
            self.assertEqual(stat.S_IMODE((self.out / name).stat().st_mode), 0o600, name)
        self.assertEqual(sorted(path.name for path in self.out.iterdir()), ["audit.db", "audit.json", "report.html", "run.json"])

    def test_no_planted_value_in_anything_written(self):
        planted = ["356938035643809", "aino.virtanen@example.com", "RF8M20ABCDE", "Kampissa", "60.169"]
        written = [self.run_.stdout, self.run_.stderr] + [path.read_bytes() for path in self.out.iterdir()]
        for value in planted:
            for content in written:
                self.assertNotIn(value.encode(), content, value)

    def test_reveal_shows_them(self):
        self.assertIn(b"aino.virtanen@example.com", audit("--json", "--reveal").stdout)

    def test_summary_fits_a_screen(self):
        lines = self.run_.stdout.decode().replace(str(self.out), "out").splitlines()
        self.assertLessEqual(len(lines), 24)
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertNotIn("\x1b", self.run_.stdout.decode())

    def test_database_holds_every_occurrence(self):
        database = sqlite3.connect(f"file:{self.out}/audit.db?mode=ro", uri=True)
        (occurrences,) = database.execute("select count(*) from occurrences").fetchone()
        self.assertEqual(occurrences, sum(each["count"] for each in self.document["disclosures"]))
        database.close()

    def test_evidence_points_at_packets_of_the_capture(self):
        packets = self.document["captures"][0]["packets"]
        for each in self.document["disclosures"]:
            self.assertTrue(each["evidence"])
            for evidence in each["evidence"]:
                for first, last in evidence["packets"]:
                    self.assertTrue(1 <= first <= last <= packets)

    def test_document_has_what_the_contract_names(self):
        schema = json.loads((ROOT / "data/audit.schema.json").read_text())
        for name in ("tattle", "schema", "subjects", "captures", "coverage", "disclosures", "recipients", "anomalies"):
            self.assertIn(name, self.document)
            self.assertIn(name, schema["properties"])
        for each in self.document["disclosures"]:
            for name in ("id", "key", "subject", "datum", "kind", "value", "certainty", "chance", "form", "direction", "transport",
                         "path", "count", "first", "last", "recipient", "sender", "evidence"):
                self.assertIn(name, each)

    def test_output_is_the_same_for_any_number_of_threads(self):
        one = audit("--json", "--jobs", 1).stdout
        for jobs in (2, 3, 7):
            self.assertEqual(audit("--json", "--jobs", jobs).stdout, one, jobs)
        limits = ["--limit", "tcp-out-of-order-bytes=1000", "--limit", "flows=3", "--limit", "body-bytes=300", "--limit", "decode-nodes=5",
                  "--limit", "raw-window-bytes=200", "--limit", "raw-overlap-bytes=50", "--limit", "http2-streams=1", "--limit", "names=2",
                  "--limit", "decode-output-bytes=500", "--limit", "hits-per-message=1", "--limit", "tls-waiting-bytes=100"]
        one = audit("--json", "--jobs", 1, *limits).stdout
        self.assertIn(b'"anomalies"', one)
        for jobs in (2, 5):
            self.assertEqual(audit("--json", "--jobs", jobs, *limits).stdout, one, jobs)
        messages = tattle("messages", SAMPLE, "--jobs", 1).stdout
        self.assertEqual(tattle("messages", SAMPLE, "--jobs", 4).stdout, messages)

    def test_compressed_and_piped_captures_give_the_same(self):
        plain = tattle("messages", SAMPLE).stdout
        packed = self.out.parent / "packed.gz"
        packed.write_bytes(gzip.compress(SAMPLE.read_bytes()))
        self.assertEqual(tattle("messages", packed).stdout, plain)
        subprocess.run(["zstd", "-q", "-f", str(SAMPLE), "-o", str(self.out.parent / "packed.zst")], check=True)
        self.assertEqual(tattle("messages", self.out.parent / "packed.zst").stdout, plain)
        self.assertEqual(tattle("messages", "-", stdin=SAMPLE.read_bytes()).stdout, plain)
        by_pipe = json.loads(tattle("audit", "-", "--subject", SUBJECT, "--places", PLACES, "--json", stdin=SAMPLE.read_bytes()).stdout)
        self.assertEqual([each["key"] for each in by_pipe["disclosures"]], [each["key"] for each in self.document["disclosures"]])

    def test_standard_input_whose_phone_must_be_inferred(self):
        capture = pcap([segment(b"", 2, 0), segment(b"GET /?imei=356938035643809 HTTP/1.1\r\nHost: a.example\r\n\r\n", 24, 1)])
        subject = self.out.parent / "bare.yaml"
        subject.write_text("data:\n  - {datum: imei, value: '356938035643809'}\n")
        for content in (capture, gzip.compress(capture)):
            document = json.loads(tattle("audit", "-", "--subject", subject, "--json", stdin=content).stdout)
            self.assertEqual([each["datum"] for each in document["disclosures"]], ["imei"])
            self.assertEqual(document["subjects"][0]["device"]["addresses"], ["192.0.2.7"])
            self.assertEqual(document["captures"][0]["name"], "-")
            self.assertEqual(document["captures"][0]["sha256"], hashlib.sha256(content).hexdigest())
        for content in (b"", b"Dear Sir or Madam, this is no capture"):
            with tempfile.TemporaryDirectory() as folder:
                for given in ([], ["--device", "192.0.2.7"]):
                    run = tattle("audit", "-", "--subject", subject, "--out", folder, *given, stdin=content)
                    self.assertEqual(run.returncode, 2)
                    self.assertTrue(run.stderr.startswith(b"tattle: standard input: is "), run.stderr)
                    self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_conditions_for_scripts(self):
        self.assertEqual(audit("--fail-on", "disclosure").returncode, 3)
        self.assertEqual(audit("--fail-on", "imei").returncode, 3)
        self.assertEqual(audit("--fail-on", "clear").returncode, 3)
        self.assertEqual(audit("--fail-on", "iccid").returncode, 0)
        self.assertEqual(audit("--fail-on", "imie").returncode, 2)


def segment(payload, flags, sequence):
    """One TCP segment of 192.0.2.7 to a server in clear, as raw IPv4."""
    size = 40 + len(payload)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 1, 0, 64, 6, 0, bytes([192, 0, 2, 7]), bytes([198, 51, 100, 7]))
    return head + struct.pack("!HHIIBBHHH", 40000, 80, sequence, 1, 0x50, flags, 65535, 0, 0) + payload


def pcap(packets):
    records = [struct.pack("<IIII", 1353945600 + number, 0, len(packet), len(packet)) + packet for number, packet in enumerate(packets)]
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101) + b"".join(records)


class Contract(unittest.TestCase):
    def test_strings_that_are_no_utf8_keep_their_bytes_beside_them(self):
        capture = pcap([segment(b"", 2, 0), segment(b"GET /n\xe4kym\xe4 HTTP/1.1\r\nHost: a.example\r\n\r\n", 24, 1)])
        (message,) = [json.loads(line) for line in tattle("messages", "-", stdin=capture).stdout.splitlines()]
        self.assertEqual(message["target"], "/n\ufffdkym\ufffd")
        self.assertEqual(base64.b64decode(message["target-base64"]), b"/n\xe4kym\xe4")
        self.assertNotIn("host-base64", message)
        tree = json.loads(tattle("decode", "--json", "--type", "application/x-www-form-urlencoded", stdin=b"\xe4=1&b=2").stdout)
        fields = [each for each in tree["children"] if each["text"] == "1"]
        self.assertEqual([base64.b64decode(each["detail-base64"]) for each in fields], [b"\xe4"])

    def test_a_path_keeps_its_bytes_too(self):
        request = b"GET /?n\xe4me=356938035643809&imei=356938035643809 HTTP/1.1\r\nHost: a.example\r\n\r\n"
        with tempfile.TemporaryDirectory() as folder:
            subject = pathlib.Path(folder) / "bare.yaml"
            subject.write_text("data:\n  - {datum: imei, value: '356938035643809'}\n")
            run = tattle("audit", "-", "--subject", subject, "--json", stdin=pcap([segment(b"", 2, 0), segment(request, 24, 1)]))
        details = [step for each in json.loads(run.stdout)["disclosures"] for step in each["path"] if step["step"] == "query"]
        self.assertIn({"step": "query", "detail": "n\ufffdme", "detail-base64": base64.b64encode(b"n\xe4me").decode()}, details)

    def test_a_full_disk_is_not_success(self):
        with tempfile.TemporaryDirectory() as folder, open("/dev/full", "wb") as full:
            small = pathlib.Path(folder) / "small"
            small.write_bytes(b"{}")
            for command in (["decode", small], ["limits"], ["audit", SAMPLE, "--subject", SUBJECT]):
                run = subprocess.run([PROGRAM, *map(str, command)], stdout=full, stderr=subprocess.PIPE, check=False)
                self.assertEqual(run.returncode, 1, command)

    def test_a_phone_that_is_not_there_is_not_called_clean(self):
        with tempfile.TemporaryDirectory() as folder:
            subject = pathlib.Path(folder) / "absent.yaml"
            subject.write_text("data:\n  - {datum: imei, value: '356938035643809'}\n")
            run = tattle("audit", SAMPLE, "--subject", subject, "--device", "192.0.2.99")
        self.assertEqual(run.returncode, 0)
        self.assertIn(b"no conversation of this phone", run.stderr)
        self.assertIn(b"nothing can be said", run.stdout.replace(b"\n", b" "))

    def test_the_gravest_kinds_of_data_are_in_the_summary(self):
        said = audit().stdout.decode()
        for kind in ("text message", "location", "photo", "contact", "e-mail address", "page visited", "IMEI"):
            self.assertIn(kind, said)

    def test_whose_name_a_host_bears_is_known_where_a_source_says_so(self):
        document = json.loads(audit("--json").stdout)
        known = {each["host"]: each["organisation"] for each in document["recipients"] if "organisation" in each}
        self.assertEqual(known, {"agps.location.live.net": "Microsoft", "inference.location.live.net": "Microsoft"})

    def test_wireshark_can_cut_the_sample(self):
        with tempfile.TemporaryDirectory() as folder:
            part = pathlib.Path(folder) / "part.pcapng"
            subprocess.run(["editcap", "-r", SAMPLE, part, "1-500"], check=True)
            rest = pathlib.Path(folder) / "rest.pcapng"
            subprocess.run(["editcap", "-r", SAMPLE, rest, "501-9999"], check=True)
            halves = tattle("audit", rest, part, "--subject", SUBJECT, "--places", PLACES, "--json")
        keys = [each["key"] for each in json.loads(halves.stdout)["disclosures"]]
        self.assertEqual(keys, [each["key"] for each in json.loads(audit("--json").stdout)["disclosures"]])

    def test_captures_of_one_name_are_told_apart(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / day / "capture.pcapng" for day in ("monday", "tuesday")]
            for path in paths:
                path.parent.mkdir()
                path.write_bytes(SAMPLE.read_bytes())
            document = json.loads(tattle("audit", *paths, SAMPLE, "--subject", SUBJECT, "--json").stdout)
        self.assertEqual([each["name"] for each in document["captures"]], [*map(str, paths), SAMPLE.name])

    def test_no_color_counts_only_when_it_says_something(self):
        command = f"'{PROGRAM}' audit '{SAMPLE}' --subject '{SUBJECT}'"
        for value, coloured in (("1", False), ("", True)):
            run = subprocess.run(["script", "-qec", command, "/dev/null"], stdout=subprocess.PIPE, check=True,
                                 env=os.environ | {"NO_COLOR": value, "TERM": "xterm"})
            self.assertEqual(b"\x1b[31m" in run.stdout, coloured, value)


class Documents(unittest.TestCase):
    """What the documentation names exists."""

    def test_links_and_pictures_lead_somewhere(self):
        for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "lab/README.md", *ROOT.glob("docs/**/*.md")]:
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
                self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")

    def test_database_is_as_documented(self):
        page = (ROOT / "docs/audit-db.md").read_text()
        query = page.split("```sql\n")[1].split("```")[0]
        with tempfile.TemporaryDirectory() as folder:
            audit("--out", folder)
            database = sqlite3.connect(f"file:{folder}/audit.db?mode=ro", uri=True)
            self.assertTrue(database.execute(query).fetchall())
            tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            rows = {row.split("|")[1].strip().strip("`"): row for row in page.splitlines() if row.startswith("| `")}
            self.assertEqual(sorted(rows), sorted(tables))
            for table in tables:
                for column in database.execute(f"select name from pragma_table_info('{table}')"):
                    if table != "disclosures":  # its columns are the members of the document
                        self.assertIn(f"`{column[0]}`", rows[table], table)
            database.close()

    def test_man_page_and_completion_know_every_option(self):
        manual = (ROOT / "docs/man/tattle.1").read_text().replace("\\-", "-")
        script = tattle("completion", "bash").stdout.decode()
        for command in ("audit", "messages", "decode", "data", "limits", "subject"):
            self.assertIn(command, manual)
            for option in re.findall(r"(--[a-z-]+)", tattle(command, "--help").stdout.decode().split("Example")[0]):
                self.assertIn(option, script, command)
                self.assertTrue(option == "--help" or option in manual, option)

    def test_verbs_of_dev_name_files_that_exist(self):
        for path in re.findall(r"(?:bash|python3|exec) ((?:tools|lab|bench|samples)/[\w./-]+)", (ROOT / "dev").read_text()):
            self.assertTrue((ROOT / path).exists(), path)


class Mistakes(unittest.TestCase):
    """One clear line: what, where, what to do."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def expect(self, code, *words, run):
        said = run.stderr.decode()
        self.assertEqual(run.returncode, code, said)
        for word in words:
            self.assertIn(word, said)
        if code == 2:
            self.assertEqual(len([line for line in said.splitlines() if not line.startswith("tattle: note:")]), 1, said)
        self.assertNotIn("internal error", said)

    def write(self, name, content):
        path = self.path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def test_captures(self):
        self.expect(2, "nowhere.pcap", run=tattle("messages", "nowhere.pcap"))
        self.expect(2, str(self.path), run=tattle("messages", self.path))
        self.expect(2, "empty", run=tattle("messages", self.write("empty.pcap", b"")))
        self.expect(2, "letter.pcap", "pcap", run=tattle("messages", self.write("letter.pcap", b"Dear Sir or Madam, this is no capture")))
        self.expect(2, "nowhere.keys", run=tattle("messages", SAMPLE, "--keys", "nowhere.keys"))
        self.expect(2, "letter.keys", run=tattle("messages", SAMPLE, "--keys", self.write("letter.keys", "Dear Sir")))

    def test_cut_capture_is_read_as_far_as_it_goes(self):
        whole = SAMPLE.read_bytes()
        cut = self.write("cut.pcapng", whole[: len(whole) * 2 // 3])
        run = tattle("audit", cut, "--subject", SUBJECT, "--json")
        self.expect(0, "cut", run=run)
        self.assertTrue(json.loads(run.stdout)["disclosures"])

    def test_key_log_of_another_capture_is_a_warning(self):
        keys = self.write("other.keys", "CLIENT_RANDOM " + "ab" * 32 + " " + "cd" * 48 + "\n")
        self.expect(0, "other.keys", run=audit("--keys", keys))

    def test_subject_files(self):
        cases = [("data:\n  - {datum: imie, value: '1'}\n", ":2", "imie"),
                 ("data:\n  - {datum: imei}\n", ":2", "value"),
                 ("data:\n  - {datum: email, value: a@example.com, colour: red}\n", ":2", "colour"),
                 ("data: [\n", "", ""),
                 ("data:\n  - {datum: location, latitude: 91, longitude: 0, radius-m: 5}\n", ":2", "latitude"),
                 ("data:\n  - {datum: photo, file: nowhere.jpg}\n", ":2", "nowhere.jpg"),
                 ("", "", "")]
        for number, (text, line, field) in enumerate(cases):
            path = self.write(f"s{number}.yaml", text)
            self.expect(2, f"{path}{line}", field, run=tattle("audit", SAMPLE, "--subject", path))
        self.expect(2, "nowhere.yaml", run=tattle("audit", SAMPLE, "--subject", "nowhere.yaml"))

    def test_names_of_files_cannot_steer_the_terminal(self):
        name = "evil\x1b[31m\n\u009b31m.pcapng"
        cut = self.write(name, SAMPLE.read_bytes()[:100000])
        for run in (tattle("audit", cut, "--subject", SUBJECT, "--out", self.path / name[:-7]), tattle("messages", self.path / ("no" + name))):
            for said in (run.stderr, run.stdout):
                self.assertNotIn(b"\x1b", said)
                self.assertNotIn(b"\xc2\x9b", said)
        self.expect(2, "no" + "evil", run=run)

    def test_two_subjects_must_differ(self):
        subject = lambda name, address: self.write(f"{name}-{len(list(self.path.iterdir()))}.yaml", json.dumps(  # noqa: E731
            {"name": name, "device": {"addresses": [address]}, "data": [{"datum": "imei", "value": "356938035643809"}]}))
        both = lambda a, b: tattle("audit", SAMPLE, "--subject", a, "--subject", b)  # noqa: E731
        self.expect(2, "Aino", "name", run=both(subject("Aino", "192.0.2.17"), subject("Aino", "192.0.2.23")))
        self.expect(2, "address", run=both(subject("Aino", "192.0.2.0/24"), subject("Eino", "192.0.2.23")))
        self.expect(0, run=both(subject("Aino", "192.0.2.17"), subject("Eino", "192.0.2.23")))

    def test_a_subject_without_values_is_warned_about(self):
        self.expect(0, "no planted value", run=tattle("audit", SAMPLE, "--device", "192.0.2.17", "--subject", self.write("bare.yaml", "data: []\n")))

    def test_options(self):
        self.expect(2, "--help", run=tattle("audit", SAMPLE))
        self.expect(2, "--help", run=tattle("audti", SAMPLE))
        self.expect(2, "--jobs", run=audit("--jobs", "many"))
        self.expect(2, "tattle limits", run=audit("--limit", "nonsense=3"))
        self.expect(2, "--device", run=audit("--device", "my phone"))
        self.expect(2, "--places", run=audit("--places", "nowhere.csv"))
        self.expect(2, "nowhere", run=tattle("data", "build", "--data", self.path, "--npm", "nowhere"))

    def test_the_tracker_database_is_taken_once_its_licence_is_accepted(self):
        told = tattle("data", "trackers", "--data", self.path)
        self.expect(0, run=told)
        for said in (b"CC BY-NC-SA 4.0", b"npm install --prefix trackerdb @ghostery/trackerdb", b"--accept-licence"):
            self.assertIn(said, told.stdout)
        package = pathlib.Path(self.path) / "package"
        (package / "dist").mkdir(parents=True)
        (package / "package.json").write_text(json.dumps({"version": "1.2.3", "license": "CC-BY-NC-SA-4.0"}))
        file = package / "dist/trackerdb.json"
        file.write_text(json.dumps({"organizations": {"ads": {"name": "Ads Ltd", "country": "GB"}}, "patterns": {
            "ads": {"name": "Ads", "category": "advertising", "organization": "ads", "domains": ["ads.example"]}}}))
        take = ("data", "trackers", "--data", self.path, "--file", file)
        self.expect(2, "CC-BY-NC-SA-4.0", "--accept-licence", run=tattle(*take))
        kept = pathlib.Path(self.path) / "trackerdb/dist/trackerdb.json"
        self.assertFalse(kept.exists())
        taken = tattle(*take, "--accept-licence")
        self.expect(0, run=taken)
        self.assertIn(b"1 organisations, version 1.2.3", taken.stdout)
        self.assertEqual(kept.read_bytes(), file.read_bytes())
        self.assertEqual(json.loads((kept.parent.parent / "package.json").read_text())["version"], "1.2.3")
        self.expect(0, run=audit("--organisations", kept))
        file.write_text('{"not": "it"}')
        self.expect(2, "trackerdb", run=tattle(*take, "--accept-licence"))
        self.expect(2, "no JSON", run=tattle("data", "trackers", "--file", package / "nowhere.json", "--accept-licence"))

    def test_which_host_is_the_phone(self):
        subject = self.write("bare.yaml", "data:\n  - {datum: imei, value: '356938035643809'}\n")
        run = tattle("audit", SAMPLE, "--subject", subject)
        self.expect(2, "--device", "192.0.2.", run=run)

    def test_decode_takes_any_bytes(self):
        run = tattle("decode", "--json", "--type", "application/json", stdin=b'{"a":"eyJiIjoieCJ9eyJiIjoieCJ9"}')
        self.expect(0, run=run)
        self.assertIn("children", json.loads(run.stdout))
        self.expect(2, "nowhere", run=tattle("decode", "nowhere"))


@unittest.skipUnless(SHARED.is_dir(), "the shared captures are not here")
class SharedCaptures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rows = [line.split("\t") for line in (SHARED / "shared-list.tsv").read_text().splitlines()[1:]]
        cls.captures = [(SHARED / row[0], SHARED / row[1] if row[1] else None) for row in rows if not row[0].startswith("har-mitm")]

    def test_agrees_with_wireshark_but_for_what_is_explained(self):
        run = subprocess.run([sys.executable, ROOT / "tools/agreement.py", SHARED, "--program", PROGRAM], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_a_person_who_was_not_there_is_never_found(self):
        rng = random.Random(7)
        number = lambda digits: "".join(rng.choice("0123456789") for _ in range(digits))  # noqa: E731
        with tempfile.TemporaryDirectory() as folder:
            subject = pathlib.Path(folder) / "stranger.yaml"
            subject.write_text(json.dumps({"device": {"addresses": ["0.0.0.0/0", "::/0"]}, "data": [
                {"datum": "imei", "value": "35" + number(13)}, {"datum": "imsi", "value": "24412" + number(10)},
                {"datum": "email", "value": f"p{number(9)}@example.com"}, {"datum": "phone-number", "value": "+358 45 " + number(7)},
                {"datum": "sms", "value": f"tavataan {number(4)} sillan luona"}, {"datum": "serial-number", "value": "QX" + number(9)},
                {"datum": "location", "latitude": 61.49911, "longitude": 23.78712, "radius-m": 250},
                {"datum": "wifi-network", "ssid": "Koti-" + number(5), "bssid": "02:00:5e:10:20:30"},
                {"datum": "advertising-id", "value": "0f8fad5b-d9cb-469f-a165-70867728950e"}]}))
            for capture, keys in self.captures:
                run = tattle("audit", capture, "--subject", subject, "--json", *(["--keys", keys] if keys else []))
                self.assertIn(run.returncode, (0, 2), (capture, run.stderr))
                if run.returncode == 0:
                    verified = [each for each in json.loads(run.stdout)["disclosures"] if each["certainty"] == "verified"]
                    self.assertEqual(verified, [], capture)


if __name__ == "__main__":
    unittest.main()
