#!/usr/bin/env python3
"""The facts an audit rests on: a program that was copied elsewhere has them too, what is missing is said, and each file
is named by its hash. Hashes are compared with Python's."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples/lumia-evening.pcapng"
SUBJECT = ROOT / "samples/lumia-evening.yaml"
FACTS = ("trackers.yaml", "organisations.yaml", "jurisdictions.yaml", "dpv.yaml")


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class Facts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def audit(self, program, *arguments, places=True):
        out = self.folder / "out"
        subject = SUBJECT
        if not places:  # the table of places is found beside the subject file
            subject = self.folder / "alone.yaml"
            shutil.copy(SUBJECT, subject)
            shutil.copy(ROOT / "samples/cottage.jpg", self.folder)
        environment = {name: value for name, value in os.environ.items() if name != "TATTLE_DATA"}
        run = subprocess.run([program, "audit", str(SAMPLE), "--subject", str(subject), "--out", str(out), *arguments],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False, env=environment)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads((out / "audit.json").read_text()), json.loads((out / "run.json").read_text()), \
            (out / "report.html").read_text(), run.stderr.decode()

    def copied(self):
        # Beside a data folder nowhere near: /tmp has no share/tattle, and the source tree is not above it.
        copy = self.folder / "bin/tattle"
        copy.parent.mkdir()
        shutil.copy(PROGRAM, copy)
        return str(copy)

    def test_a_copied_program_knows_what_the_built_one_knows(self):
        here = self.audit(PROGRAM)[0]
        there, run, _, _ = self.audit(self.copied())
        self.assertEqual(here["disclosures"], there["disclosures"])
        self.assertEqual(here["recipients"], there["recipients"])
        self.assertTrue(any(each["recipient"].get("organisation") for each in there["disclosures"]))
        self.assertTrue(any(each.get("dpv") for each in there["disclosures"]))
        facts = {each["name"]: each for each in run["facts"]}
        for name in FACTS:
            self.assertTrue(facts[name]["built-in"])
            self.assertNotIn("path", facts[name])
            self.assertEqual(facts[name]["sha256"], sha256(ROOT / "data" / name))

    def test_each_file_is_named_by_its_hash(self):
        document, run, page, _ = self.audit(PROGRAM)
        named = {each["name"]: each for each in document["facts"]}
        self.assertLessEqual(set(FACTS) | {"lumia-evening.places.csv"}, set(named))
        self.assertEqual(named["dpv.yaml"]["version"], "2.2")
        for each in run["facts"]:
            self.assertEqual(each["sha256"], sha256(each["path"]))
            self.assertEqual(named[each["name"]]["sha256"], each["sha256"])
            self.assertNotIn("path", named[each["name"]])
            self.assertIn(f"SHA-256 <code>{each['sha256']}</code>", page)

    def test_a_missing_table_is_said_everywhere(self):
        document, _, page, said = self.audit(self.copied(), places=False)
        self.assertFalse(any(each["name"].endswith(".mmdb") for each in document["facts"]))
        for what in ("countries (countries.mmdb)", "networks (networks.tattle)"):
            self.assertEqual(sum(f"No table of {what} was found" in each for each in document["warnings"]), 1)
            self.assertIn(f"warning: No table of {what} was found", said)
            self.assertIn(f"No table of {what} was", page)
        # What the user's own table knows all of is not warned about; the method says it all the same.
        document, _, page, _ = self.audit(self.copied_again())
        self.assertIn("No table of countries (countries.mmdb) was there", page)

    def copied_again(self):
        return str(self.folder / "bin/tattle")

    def test_the_users_own_files_are_among_them(self):
        own = self.folder / "own.yaml"
        own.write_text('sources:\n  register: {what: register, date: "2012-03"}\norganisations:\n'
                       "  - {id: weather, name: Weather Oy, kinds: [app-publisher], source: register,\n"
                       "     domains: [{domain: weather.example}]}\n")
        document, run, _, _ = self.audit(PROGRAM, "--organisations", str(own))
        [mine] = [each for each in document["facts"] if each["name"] == "own.yaml"]
        self.assertEqual(mine["sha256"], sha256(own))
        self.assertEqual(mine["date"], "2012-03")
        [weather] = [each for each in document["recipients"] if each.get("host") == "weather.example"]
        self.assertEqual((weather["organisation"], weather["organisation-source"], weather["organisation-date"]),
                         ("Weather Oy", "register", "2012-03"))
        self.assertEqual(weather["country-source"], "the user's own table lumia-evening.places.csv")


if __name__ == "__main__":
    unittest.main()
