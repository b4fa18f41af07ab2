#!/usr/bin/env python3
"""`tattle evidence`: tshark, without further set-up, shows the value in the slice of every disclosure of the sample and of
the laboratory's scenarios; and the mistakes that people make with it."""
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import evidence_oracle  # noqa: E402
import loopback  # noqa: E402
import qpack  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples" / "lumia-evening.pcapng"
SUBJECT = SAMPLE.with_suffix(".yaml")


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=120)
    assert done.returncode == code, (arguments, done.returncode, done.stderr.decode(errors="replace"))
    return done


def audit(folder, capture, subject, *more):
    run("audit", capture, "--subject", subject, "--out", folder, "--reveal", *more)
    return json.loads((folder / "audit.json").read_text())


def planted(subject, name):
    """An entry of the subject file by the name that the audit gives it."""
    counts = {}
    for entry in yaml.load(subject.read_text(), yaml.BaseLoader)["data"]:
        counts[entry["datum"]] = counts.get(entry["datum"], 0) + 1
        if name == (entry.get("name") if entry["datum"] != "contact" else None) or name == f"{entry['datum']}#{counts[entry['datum']]}":
            if entry["datum"] == "location":
                entry.update(latitude=float(entry["latitude"]), longitude=float(entry["longitude"]))
            return entry
    return None


def wanted_of(disclosure, subject):
    if "entry" in disclosure:
        entry = planted(subject, disclosure["entry"])
        assert entry, disclosure["entry"]
        parts = disclosure.get("parts") or ["value"]
    else:  # a shape that nobody planted: the text that the audit reveals is to be seen
        entry, parts = {"datum": "shape", "value": disclosure["value"]}, ["value"]
    return [evidence_oracle.Wanted(entry, part, disclosure["form"], subject.parent) for part in parts]


def shows(path, wanted):
    """Whether tshark, with no further set-up, shows any of the parts in a slice."""
    return (evidence_oracle.confirmed(evidence_oracle.data_sources(path), wanted)
            or evidence_oracle.confirmed(evidence_oracle.streams(path), wanted)
            or any(each.is_in(text) for _, text in evidence_oracle.told(path) for each in wanted)
            or evidence_oracle.confirmed(qpack.messages(path), wanted))


class Slices(unittest.TestCase):
    confirmed = total = 0

    @classmethod
    def tearDownClass(cls):
        if cls.total:
            print(f"{cls.confirmed} of {cls.total} slices confirmed by tshark")

    def check(self, capture, subject, *more):
        with tempfile.TemporaryDirectory(prefix="tattle-test-") as folder:
            folder = pathlib.Path(folder)
            document = audit(folder, capture, subject, *more)
            run("evidence", folder, "--all-disclosures")
            for disclosure in document["disclosures"]:
                Slices.total += 1
                with self.subTest(capture=capture.name, id=disclosure["id"], datum=disclosure["datum"]):
                    self.check_slice(folder / "evidence" / f"{disclosure['id']}.pcapng", disclosure, subject)
                    Slices.confirmed += 1
            return len(document["disclosures"])

    def check_slice(self, path, disclosure, subject):
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        wanted = wanted_of(disclosure, subject)
        self.assertTrue(shows(path, wanted), f"{disclosure['id']} {disclosure['form']} {disclosure['path']}: not shown")
        rows = [line.split("\t") for line in evidence_oracle.tshark(
            path, "-T", "fields", "-e", "frame.packet_id", "-e", "frame.comment", "-e", "ip.host").decode().splitlines()]
        comments = [row for row in rows if row[1].startswith(f"{disclosure['id']}: carries {disclosure['datum']}")]
        numbers = [n for first, last in disclosure["evidence"][0]["packets"] for n in range(first, last + 1)]
        self.assertEqual([int(row[0], 0) for row in comments], numbers)
        if "entry" in disclosure and disclosure["datum"] not in ("user-agent", "browsing"):
            for row in comments:
                self.assertNotIn(disclosure["value"], row[1])
        self.check_secrets(path)

    def check_secrets(self, path):
        """Only secrets of connections that begin in the slice."""
        lines = set(re.findall(rb"[A-Z_0-9]{6,} ([0-9a-f]{64}) [0-9a-f]{64,96}\n", path.read_bytes()))
        randoms = {each.replace(b":", b"") for each in evidence_oracle.tshark(
            path, "-T", "fields", "-Y", "tls.handshake.type == 1 || dtls.handshake.type == 1",
            "-e", "tls.handshake.random", "-e", "dtls.handshake.random").split()}
        randoms = {each for field in randoms for each in field.split(b",")}
        self.assertLessEqual(lines, randoms)

    def test_sample(self):
        self.assertGreater(self.check(SAMPLE, SUBJECT), 50)

    def test_shareable(self):
        """The value is shown, and of all else that was planted nothing; hosts stay, they are who it was sent to."""
        entries = yaml.load(SUBJECT.read_text(), yaml.BaseLoader)["data"]
        with tempfile.TemporaryDirectory(prefix="tattle-test-") as folder:
            folder = pathlib.Path(folder)
            document = audit(folder, SAMPLE, SUBJECT)
            run("evidence", folder, "--all-disclosures", "--shareable")
            for disclosure in document["disclosures"]:
                path = folder / "evidence" / f"{disclosure['id']}.shareable.pcapng"
                self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
                with self.subTest(id=disclosure["id"], datum=disclosure["datum"]):
                    self.check_shareable(path, disclosure, entries)

    def check_shareable(self, path, disclosure, entries):
        sources = evidence_oracle.data_sources(path)
        if disclosure["datum"] != "photo" and not any(step["step"] == "exif" for step in disclosure["path"]):
            self.assertTrue(evidence_oracle.confirmed(sources, wanted_of(disclosure, SUBJECT)), disclosure["path"])
        told = evidence_oracle.tshark(path, "-T", "fields", "-e", "frame.protocols").decode().split()
        self.assertTrue(all("exported_pdu" in each and ("http" in each or "data-text-lines" in each) for each in told), told)
        own = planted(SUBJECT, disclosure["entry"]) if "entry" in disclosure else None
        for entry in entries:
            if entry["datum"] in ("browsing", "location", "photo") or (own and entry["datum"] == own["datum"]):
                continue
            for part, value in entry.items():
                if part == "datum" or len(value) < 6:
                    continue
                for form in ("plain", "md5", "sha1", "sha256", "sha512"):
                    wanted = evidence_oracle.Wanted(entry, part, form, SUBJECT.parent)
                    self.assertFalse(evidence_oracle.confirmed(sources, [wanted]), (entry, part, form))

    def test_scenarios(self):
        for scenario in ("clear", "everything-off"):
            with tempfile.TemporaryDirectory(prefix="tattle-test-") as folder:
                folder = pathlib.Path(folder)
                subprocess.run([ROOT / "lab/run", ROOT / f"lab/scenarios/{scenario}.yaml", "-o", folder],
                               stdout=subprocess.DEVNULL, check=True, timeout=120)
                self.assertGreater(self.check(folder / "capture.pcapng", folder / "subject.yaml"), 0)

    def test_without_its_secrets_nothing_is_confirmed(self):
        """That the oracle can say no: the same slice, its secrets overwritten, and a value that was never sent."""
        with tempfile.TemporaryDirectory(prefix="tattle-test-") as folder:
            folder = pathlib.Path(folder)
            document = audit(folder, SAMPLE, SUBJECT)
            disclosure = next(each for each in document["disclosures"] if each["transport"] == "tls" and each["datum"] == "sms")
            path = folder / "slice.pcapng"
            run("evidence", folder, disclosure["id"], "-o", path)
            wanted = wanted_of(disclosure, SUBJECT)
            self.assertTrue(evidence_oracle.confirmed(evidence_oracle.data_sources(path), wanted))
            never = evidence_oracle.Wanted({"datum": "sms", "value": "Tulen vasta huomenna"}, "value", "plain", SUBJECT.parent)
            self.assertFalse(evidence_oracle.confirmed(evidence_oracle.data_sources(path), [never]))
            path.write_bytes(re.sub(rb"(TRAFFIC_SECRET[_0-9]* )[0-9a-f]{64}", rb"\g<1>" + b"0" * 64, path.read_bytes()))
            for sources in (evidence_oracle.data_sources(path), evidence_oracle.streams(path)):
                self.assertFalse(evidence_oracle.confirmed(sources, wanted))


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="tattle-test-")
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.capture = cls.folder / "evening.pcapng"
        shutil.copy(SAMPLE, cls.capture)
        cls.audit = cls.folder / "audit"
        cls.document = audit(cls.audit, cls.capture, SUBJECT)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def refused(self, *arguments, says):
        done = run("evidence", *arguments, code=2)
        lines = done.stderr.decode().strip().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], says)
        self.assertEqual(done.stdout, b"")

    def test_where_it_is_written(self):
        done = run("evidence", self.audit, "D1")
        path = self.audit / "evidence" / "D1.pcapng"
        self.assertIn(str(path), done.stdout.decode())
        self.assertIn("keep it", done.stderr.decode())
        self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o700)
        stream = run("evidence", self.audit, "D1", "-o", "-", "--jobs", "1")
        self.assertEqual(stream.stdout, path.read_bytes())
        self.assertIn("keep it", stream.stderr.decode())
        self.assertEqual([each.name for each in path.parent.iterdir() if each.name.startswith(".")], [])

    def test_slices_do_not_depend_on_threads(self):
        for disclosure in self.document["disclosures"][::9]:
            one, four = (run("evidence", self.audit, disclosure["id"], "-o", "-", "--jobs", jobs).stdout for jobs in (1, 4))
            self.assertEqual(one, four)

    def test_occurrences(self):
        disclosure = next(each for each in self.document["disclosures"]
                          if len({one["message"] for one in each["evidence"]}) > 2)
        slices = [run("evidence", self.audit, disclosure["id"], "-o", "-", *more).stdout
                  for more in ((), ("--occurrence", "1"), ("--occurrence", "2"), ("--all",))]
        self.assertEqual(slices[0], slices[1])
        self.assertNotEqual(slices[0], slices[2])
        path = self.folder / "all.pcapng"
        path.write_bytes(slices[3])
        comments = evidence_oracle.tshark(path, "-T", "fields", "-e", "frame.packet_id", "-Y",
                                          f'frame.comment contains "{disclosure["id"]}: carries"').decode().split()
        numbers = {n for each in disclosure["evidence"] for first, last in each["packets"] for n in range(first, last + 1)}
        self.assertEqual({int(each, 0) for each in comments}, numbers)
        self.refused(self.audit, disclosure["id"], "--occurrence", "999", says="give a number up to")
        self.refused(self.audit, disclosure["id"], "--occurrence", "2", "--all", says="exclude each other")

    def test_it_holds_the_flow_to_the_messages_end_and_no_more(self):
        disclosure = next(each for each in self.document["disclosures"] if each["transport"] == "tls")
        path = self.folder / "slice.pcapng"
        run("evidence", self.audit, disclosure["id"], "-o", path)
        ids = [int(each, 0) for each in evidence_oracle.tshark(path, "-T", "fields", "-e", "frame.packet_id", "-Y", "tcp").split()]
        stream = evidence_oracle.tshark(SAMPLE, "-T", "fields", "-e", "tcp.stream", "-Y",
                                        f"frame.number == {disclosure['evidence'][0]['packets'][0][0]}").decode().strip()
        every = [int(each) for each in evidence_oracle.tshark(SAMPLE, "-T", "fields", "-e", "frame.number", "-Y",
                                                              f"tcp.stream == {stream}").split()]
        self.assertEqual(ids, every[:len(ids)])
        self.assertGreaterEqual(ids[-1], disclosure["evidence"][0]["packets"][-1][1])
        self.assertIn(f"Left out: {len(every) - len(ids)} later packet".encode(), path.read_bytes())
        dns = evidence_oracle.tshark(path, "-T", "fields", "-e", "dns.qry.name", "-e", "dns.a", "-Y", "dns").decode().split()
        self.assertIn(disclosure["recipient"]["host"], dns)
        self.assertIn(disclosure["recipient"]["addresses"][0], dns)
        hosts = evidence_oracle.tshark(path, "-q", "-z", "hosts").decode()
        self.assertIn(f"{disclosure['recipient']['addresses'][0]}\t{disclosure['recipient']['host']}", hosts)

    def test_the_slice_is_a_capture_that_discloses_the_same(self):
        disclosure = self.document["disclosures"][0]
        path = self.folder / "again.pcapng"
        run("evidence", self.audit, disclosure["id"], "-o", path)
        again = audit(self.folder / "again", path, SUBJECT)
        self.assertIn(disclosure["key"], [each["key"] for each in again["disclosures"]])

    def test_mistakes(self):
        self.refused(self.folder / "nowhere", "D1", says="no such folder")
        self.refused(self.capture, "D1", says="is not a folder")
        self.refused(self.folder, "D1", says="holds no audit")
        self.refused(self.audit, "D99", says="D99: no such disclosure; the report has D1 to D[0-9]+$")
        self.refused(self.audit, says="name one disclosure")
        self.refused(self.audit, "D1", "--all-disclosures", says="name one disclosure")
        self.refused(self.audit, "--all-disclosures", "-o", "x", says="leave -o out")
        self.refused(self.audit, "D1", "-o", self.folder / "missing" / "d1.pcapng", says="make the folder first")
        self.refused(self.audit, "D1", "-o", self.folder, says="cannot be written: Is a directory")
        older = self.folder / "older"
        older.mkdir()
        shutil.copy(self.audit / "audit.json", older)
        self.refused(older, "D1", says="an older tattle wrote this audit")
        (older / "run.json").write_text("{}")
        self.refused(older, "D1", says="not a record of an audit")
        shutil.copy(self.audit / "run.json", older)
        document = json.loads((older / "audit.json").read_text())
        document["captures"][0]["sha256"] = "0" * 64
        (older / "audit.json").write_text(json.dumps(document))
        self.refused(older, "D1", says="run.json is of another audit")

    def test_what_the_audit_was_made_from_is_not_written_over(self):
        folder = self.folder / "guarded"
        shutil.copytree(SAMPLE.parent, folder)
        capture, subject = folder / SAMPLE.name, folder / SUBJECT.name
        audit(folder / "audit", capture, subject)
        link = folder / "link.pcapng"
        link.symlink_to(capture)
        originals = [capture, subject, folder / "cottage.jpg", folder / "audit" / "audit.json", link]
        before = [path.read_bytes() for path in originals]
        for path in originals:
            self.refused(folder / "audit", "D1", "-o", path, says="not written over; name another")
        self.assertEqual(before, [path.read_bytes() for path in originals])

    def test_captures_that_moved_or_changed(self):
        folder = self.folder / "moving"
        folder.mkdir()
        capture, there = folder / "evening.pcapng", folder / "elsewhere.pcapng"
        shutil.copy(SAMPLE, capture)
        audit(folder / "audit", capture, SUBJECT)
        before = run("evidence", folder / "audit", "D1", "-o", "-").stdout
        capture.rename(there)
        self.refused(folder / "audit", "D1", "-o", "-", says="no longer there; say where it is now with --capture")
        self.assertEqual(run("evidence", folder / "audit", "D1", "-o", "-", "--capture", there).stdout, before)
        self.refused(folder / "audit", "D1", "--capture", SUBJECT, says="is none of the files of this audit")
        capture.write_bytes(there.read_bytes() + b"\0")
        self.refused(folder / "audit", "D1", "-o", "-", says="has changed since the audit")
        self.assertEqual(run("evidence", folder / "audit", "D1", "-o", "-", "--capture", there).stdout, before)

    def test_standard_input(self):
        folder = self.folder / "stream"
        with SAMPLE.open("rb") as stream:
            subprocess.run([PROGRAM, "audit", "-", "--subject", SUBJECT, "--out", folder], stdin=stream,
                           stdout=subprocess.DEVNULL, check=True, timeout=60)
        self.refused(folder, "D1", says="read standard input; give the same bytes as a file with --capture")
        ours = run("evidence", folder, "D1", "-o", "-", "--capture", SAMPLE).stdout
        self.assertEqual(len(ours.splitlines()), len(run("evidence", self.audit, "D1", "-o", "-").stdout.splitlines()))


if __name__ == "__main__":
    unittest.main()
