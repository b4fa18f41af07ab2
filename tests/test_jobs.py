#!/usr/bin/env python3
"""Whatever the number of jobs, the output is the same, byte for byte: standard output, audit.json, and the rows of
audit.db in their order; with every limit of `tattle limits` hit, too."""
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples/lumia-evening"
SECONDS = 120


def limits():
    text = subprocess.run([PROGRAM, "limits"], stdout=subprocess.PIPE, check=True, text=True).stdout
    return re.findall(r"^\s*([a-z0-9]+(?:-[a-z0-9]+)+|[a-z]+)\s+\d", text, re.M)


def rows(path):
    """All tables, in the order of their rows."""
    with sqlite3.connect(path) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table' order by name")]
        return {table: database.execute(f'select * from "{table}"').fetchall() for table in tables}  # as they were written


def audit(capture, subject, keys, jobs, limit):
    with tempfile.TemporaryDirectory() as folder:
        command = [PROGRAM, "audit", str(capture), "--subject", str(subject), "--json", "--out", folder, "--jobs", str(jobs)]
        for key in keys:
            command += ["--keys", str(key)]
        for each in limit:
            command += ["--limit", each]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS)
        database = pathlib.Path(folder, "audit.db")
        document = pathlib.Path(folder, "audit.json")
        return (run.returncode, run.stdout, run.stderr.replace(folder.encode(), b""),
                document.read_bytes() if document.exists() else b"", rows(database) if database.exists() else {})


class SameForAnyJobs(unittest.TestCase):
    def same(self, capture, subject, keys, limit=(), jobs=(1, 3)):
        results = [audit(capture, subject, keys, number, limit) for number in jobs]
        self.assertIn(results[0][0], (0, 2), (limit, results[0][2]))
        for number, result in zip(jobs[1:], results[1:]):
            for what, one, other in zip(("exit code", "output", "warnings", "audit.json", "audit.db"), results[0], result):
                self.assertEqual(one, other, f"{capture} {limit}: {what} differs with --jobs {number}")

    def sample(self):
        return SAMPLE.with_suffix(".pcapng"), SAMPLE.with_suffix(".yaml"), []

    def flood(self, folder):
        """Thousands of connections, clear and under TLS, with losses."""
        capture = pathlib.Path(folder, "flood.pcap")
        with capture.open("wb") as out:
            subprocess.run([sys.executable, ROOT / "bench/flood.py", folder, "--open", "400", "--active", "20",
                            "--gigabytes", "0.002"], stdout=out, check=True)
        return capture, pathlib.Path(folder, "subject.yaml"), [pathlib.Path(folder, "flood.keys")]

    def test_any_number_of_jobs(self):
        with tempfile.TemporaryDirectory() as folder:
            for capture in (self.sample(), self.flood(folder)):
                self.same(*capture, jobs=(1, 2, 3, 8))

    def test_connections_packed_away_between_their_packets_say_the_same(self):
        shared = ROOT.parent / "shared/captures"
        captures = [(each, each.with_suffix(".keylog")) for each in sorted(shared.rglob("*.pcap*"))] if shared.is_dir() else []
        captures.append((SAMPLE.with_suffix(".pcapng"), pathlib.Path("-")))
        for capture, log in captures:
            command = [PROGRAM, "messages", str(capture)] + (["--keys", str(log)] if log.exists() else [])
            said = [subprocess.run(command + more, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS).stdout
                    for more in ([], ["--limit", "awake-flows=1"])]
            self.assertEqual(said[0], said[1], capture)
        self.assertTrue(said[0])  # of the sample; some of the others stay closed

    def test_connections_packed_away_in_the_middle_of_a_record_say_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            capture, subject, keys = self.flood(folder)  # each of its connections sends one segment in turn
            one, packed = (audit(capture, subject, keys, 1, limit) for limit in ((), ("awake-flows=1",)))
            self.assertEqual(one[0], 0)
            self.assertIn(b"telemetry.example", one[1])
            self.assertEqual(one, packed)

    def test_plain_pcap_through_standard_input_says_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            capture, subject, keys = self.flood(folder)
            said = []
            for name in (str(capture), "-"):
                with capture.open("rb") as packets:
                    run = subprocess.run([PROGRAM, "audit", name, "--subject", str(subject), "--keys", str(keys[0]), "--json"],
                                         stdin=packets, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS)
                document = json.loads(run.stdout)
                for each in document["captures"]:
                    each.pop("name")
                said.append(json.dumps(document).replace(capture.name, "-"))
            self.assertEqual(*said)

    def test_every_limit_hit(self):
        with tempfile.TemporaryDirectory() as folder:
            for capture in (self.sample(), self.flood(folder)):
                for name in limits():
                    for value in os.environ.get("TATTLE_LIMIT_VALUES", "2").split():
                        with self.subTest(capture=capture[0].name, limit=f"{name}={value}"):
                            self.same(*capture, limit=[f"{name}={value}"])


if __name__ == "__main__":
    unittest.main()
