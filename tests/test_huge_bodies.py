#!/usr/bin/env python3
"""Uploads too large to be held: every planted value in them is found once, whatever they are wrapped in, in little
memory. TATTLE_HUGE_MB sets their size (40 by default; ./dev bench takes 1000)."""
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
import huge_bodies  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
MEGABYTES = int(os.environ.get("TATTLE_HUGE_MB", "40"))
PEAK_BYTES = 300_000_000


def audit(kind, megabytes, *more):
    """@return the document and the peak resident bytes."""
    size = megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        subject = pathlib.Path(folder, "subject.yaml")
        subject.write_text(json.dumps(huge_bodies.subject(size)))
        writer = subprocess.Popen([sys.executable, ROOT / "tests/huge_bodies.py", kind, str(megabytes)], stdout=subprocess.PIPE)
        reader = subprocess.Popen([PROGRAM, "audit", "-", "--subject", str(subject), "--json", *more], stdin=writer.stdout,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        writer.stdout.close()
        text = reader.stdout.read()
        reader.stdout.close()
        _, status, usage = os.wait4(reader.pid, 0)
        reader.returncode = os.waitstatus_to_exitcode(status)
        if writer.wait() != 0 or reader.returncode != 0:
            raise AssertionError(f"{kind}: exit codes {writer.returncode} {reader.returncode}")
    return json.loads(text), usage.ru_maxrss * 1024


class HugeBodies(unittest.TestCase):
    def check(self, kind, *more):
        document, peak = audit(kind, MEGABYTES, *more)
        met = collections.Counter()
        for disclosure in document["disclosures"]:
            met[disclosure["entry"]] += disclosure["count"]
        places = huge_bodies.planted_places(MEGABYTES * 1_000_000)
        self.assertGreater(len(places), 30)
        self.assertEqual(dict(met), {f"at {offset}": 1 for offset in places})
        protocol = "http/2" if kind.startswith("http2") else "smtp" if kind.startswith("smtp") else "http/1.1"
        steps = huge_bodies.KINDS[kind]
        around = steps[2] if len(steps) > 2 else (protocol,)
        paths = {tuple(step["step"] for step in disclosure["path"]) for disclosure in document["disclosures"]}
        self.assertEqual(paths, {(*around, *steps[1])})
        self.assertEqual(document["coverage"]["partly-decoded-messages"], 1)
        self.assertLess(peak, PEAK_BYTES)
        print(f"{kind}: {MEGABYTES} MB, peak {peak / 1e6:.0f} MB", file=sys.stderr)


for each in huge_bodies.KINDS:
    # What packs so well that the small upload would be held whole is given less room.
    more = ["--limit", "body-bytes=1048576"] if each in ("zstd", "br") else []
    setattr(HugeBodies, "test_" + each.replace("-", "_"), lambda self, kind=each, more=more: self.check(kind, *more))


if __name__ == "__main__":
    unittest.main()
