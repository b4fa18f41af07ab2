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


class Slices(unittest.TestCase):
    confirmed = total = 0

    @classmethod
    def tearDownClass(cls):
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
        sources = evidence_oracle.data_sources(path)
        if not evidence_oracle.confirmed(sources, wanted):
            self.assertTrue(evidence_oracle.confirmed(evidence_oracle.streams(path), wanted),
                            f"{disclosure['id']} {disclosure['form']} {disclosure['path']}: not shown")
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
        lines = set(re.findall(rb"^[A-Z_0-9]+ ([0-9a-f]{64}) [0-9a-f]+$", path.read_bytes(), re.M))
        randoms = {each.replace(b":", b"") for each in evidence_oracle.tshark(
            path, "-T", "fields", "-Y", "tls.handshake.type == 1 || dtls.handshake.type == 1",
            "-e", "tls.handshake.random", "-e", "dtls.handshake.random").split()}
        randoms = {each for field in randoms for each in field.split(b",")}
        self.assertLessEqual(lines, randoms)

    def test_sample(self):
        self.assertGreater(self.check(SAMPLE, SUBJECT), 50)

    def test_scenarios(self):
        for scenario in ("clear", "everything-off"):
            with tempfile.TemporaryDirectory(prefix="tattle-test-") as folder:
                folder = pathlib.Path(folder)
                subprocess.run([ROOT / "lab/run", ROOT / f"lab/scenarios/{scenario}.yaml", "-o", folder],
                               stdout=subprocess.DEVNULL, check=True, timeout=120)
                self.assertGreater(self.check(folder / "capture.pcapng", folder / "subject.yaml"), 0)


if __name__ == "__main__":
    unittest.main()
