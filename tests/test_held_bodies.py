#!/usr/bin/env python3
"""Many bodies that are not whole, all at once: their memory has one bound for all (`held-bytes`), what is in them is
found or said not to have been looked into, and the output is the same for any number of jobs. The same for one body in
each wrapping that the program holds. TATTLE_HELD_FLOWS and TATTLE_HELD_KB set the number and size of the bodies."""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import held_bodies  # noqa: E402
import huge_bodies  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
FLOWS = int(os.environ.get("TATTLE_HELD_FLOWS", "400"))
KILOBYTES = int(os.environ.get("TATTLE_HELD_KB", "1000"))
LIMIT = 32_000_000
PACKED = ("gzip", "deflate", "zstd", "br", "gzip-in-deflate", "http2-gzip")  # over before anybody knows of them


def audit(writer, subject, *more):
    """@return the output and the peak resident bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "subject.yaml")
        path.write_text(json.dumps(subject))
        source = subprocess.Popen([sys.executable, *map(str, writer)], stdout=subprocess.PIPE)
        reader = subprocess.Popen([PROGRAM, "audit", "-", "--subject", str(path), "--json", *more], stdin=source.stdout,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        source.stdout.close()
        text = reader.stdout.read()
        reader.stdout.close()
        _, status, usage = os.wait4(reader.pid, 0)
        reader.returncode = os.waitstatus_to_exitcode(status)
        if source.wait() != 0 or reader.returncode != 0:
            raise AssertionError(f"{writer}: exit codes {source.returncode} {reader.returncode}")
    return text, usage.ru_maxrss * 1024


def count(document, anomaly):
    return sum(each["count"] for each in document["anomalies"] if each["name"] == anomaly)


class HeldBodies(unittest.TestCase):
    def many(self, *more):
        return audit((ROOT / "tests/held_bodies.py", FLOWS, KILOBYTES), held_bodies.subject(), *more)

    def test_all_together_are_bounded(self):
        results = [self.many("--limit", f"held-bytes={LIMIT}", "--jobs", str(jobs)) for jobs in (1, 2, 3)]
        for jobs, (text, peak) in enumerate(results, 1):
            self.assertEqual(text, results[0][0], f"--jobs {jobs}")
            print(f"{FLOWS} bodies of {KILOBYTES} kB, --jobs {jobs}: peak {peak / 1e6:.0f} MB", file=sys.stderr)
            self.assertLess(peak, 100_000_000 + 3 * LIMIT)
        document = json.loads(results[0][0])
        hosts = collections.Counter(each["recipient"]["host"] for each in document["disclosures"])
        self.assertEqual(set(hosts), {held_bodies.host(number) for number in range(FLOWS)})
        # Some were always smaller than others and are held to their end; each of them is found in full.
        partly = document["coverage"]["partly-decoded-messages"]
        self.assertTrue(FLOWS // 2 < partly <= FLOWS, partly)
        self.assertGreaterEqual(count(document, "protocol.held-bytes-limit"), partly)

    def test_few_are_held_whole(self):
        text, _ = audit((ROOT / "tests/held_bodies.py", 20, 200), held_bodies.subject())
        document = json.loads(text)
        self.assertEqual(len(document["disclosures"]), 20)
        self.assertEqual(document["coverage"]["partly-decoded-messages"], 0)
        self.assertEqual(count(document, "protocol.held-bytes-limit"), 0)

    def each_wrapping(self, kind):
        size = 4_000_000
        text, _ = audit((ROOT / "tests/huge_bodies.py", kind, 4), huge_bodies.subject(size), "--limit", "held-bytes=150000")
        document = json.loads(text)
        met = collections.Counter()
        for disclosure in document["disclosures"]:
            met[disclosure["entry"]] += disclosure["count"]
        self.assertEqual(dict(met), {f"at {offset}": 1 for offset in huge_bodies.planted_places(size)})
        relieved = count(document, "protocol.held-bytes-limit")
        self.assertEqual(document["coverage"]["partly-decoded-messages"], 1 if relieved else 0)
        if kind not in PACKED:
            self.assertGreater(relieved, 0)


for each in huge_bodies.KINDS:
    setattr(HeldBodies, "test_" + each.replace("-", "_"), lambda self, kind=each: self.each_wrapping(kind))


if __name__ == "__main__":
    unittest.main()
