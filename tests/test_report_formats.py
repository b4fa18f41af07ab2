#!/usr/bin/env python3
"""What `tattle audit` prints instead of its summary: CSV, HAR, the letter; and the languages of report and letter."""
import csv
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples/lumia-evening.pcapng"
SUBJECT = ROOT / "samples/lumia-evening.yaml"
PLANTED = ("356938035643809", "aino.virtanen@example.com", "Kampissa", "RF8M20ABCDE", "60.16952", "0003BFFDC7A2E9F1")


def tattle(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          check=False)


def audit(*arguments, capture=SAMPLE):
    run = tattle("audit", capture, "--subject", SUBJECT, *arguments)
    assert run.returncode == 0, run.stderr.decode()
    return run


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = json.loads(audit("--json").stdout)

    def test_json_is_the_other_name_of_the_document(self):
        self.assertEqual(json.loads(audit("--format", "json").stdout), self.document)

    def test_csv_has_a_line_for_each_disclosure(self):
        text = audit("--format", "csv").stdout.decode()
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        self.assertEqual([row["id"] for row in rows], [each["id"] for each in self.document["disclosures"]])
        for row, each in zip(rows, self.document["disclosures"]):
            self.assertEqual(int(row["count"]), each["count"])
            self.assertEqual(row["host"], each["recipient"].get("host", ""))
            self.assertEqual(row["transport"], each["transport"])
            for cell in row.values():
                self.assertNotIn(cell[:1], ("=", "+", "-", "@", "\t", "\r"), row["id"])
        for planted in PLANTED:
            self.assertNotIn(planted, text)
        self.assertIn("356938035643809", audit("--format", "csv", "--reveal").stdout.decode())

    def test_letter_asks_and_tells_no_value(self):
        for language, words in (("en", ("# What the phone Nokia Lumia 920 sent", "## Questions", "push.vendor.example")),
                                ("fi", ("# Mitä puhelin Nokia Lumia 920 lähetti", "## Kysymykset", "oikeusperuste"))):
            for reveal in ((), ("--reveal",)):
                text = audit("--format", "letter", "--language", language, *reveal).stdout.decode()
                for word in words:
                    self.assertIn(word, text)
                for planted in PLANTED:
                    self.assertNotIn(planted, text)
                self.assertNotIn("•", text)
                self.assertIn(self.document["captures"][0]["sha256"], text)

    def test_har_holds_what_the_capture_held(self):
        run = audit("--format", "har")
        self.assertIn(b"nothing is masked", run.stderr)
        har = json.loads(run.stdout)
        self.assertEqual(har["log"]["version"], "1.2")
        entries = har["log"]["entries"]
        for entry in entries:  # members that HAR 1.2 wants
            for member in ("startedDateTime", "time", "request", "response", "cache", "timings"):
                self.assertIn(member, entry)
        listed = [json.loads(line) for line in tattle("messages", SAMPLE).stdout.splitlines()]
        asked = {each["message"] for each in listed if each["kind"] == "request" and each["protocol"].startswith("http/")}
        written = [entry["_tattle"]["request"] for entry in entries]
        self.assertEqual(len(written), len(set(written)))
        self.assertTrue(set(written) <= asked)
        self.assertGreater(len(written), 20)
        answers = {each["message"]: each.get("answers") for each in listed}
        for entry in entries:
            if "response" in entry["_tattle"]:
                self.assertEqual(answers[entry["_tattle"]["response"]], entry["_tattle"]["request"])
        self.assertIn("Äiti, löysin sen kirjeen yläkaapista!", run.stdout.decode(), "gzip is taken off")
        # Audited again, the HAR says of HTTP what the capture said.
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "evening.har"
            path.write_bytes(run.stdout)
            again = json.loads(audit("--json", "--device", "192.0.2.17", capture=path).stdout)

        def found(document):
            return {(each["datum"], each.get("entry"), each["form"], each["recipient"].get("host"))
                    for each in document["disclosures"]
                    if each["direction"] == "sent" and each["certainty"] == "verified"
                    and each["recipient"]["role"] == "destination"
                    and any(step["step"].startswith("http/") for step in each["path"])}
        self.assertGreater(len(found(self.document)), 30)
        self.assertEqual(found(self.document) - found(again), set())

    def test_output_does_not_depend_on_the_number_of_threads(self):
        self.assertEqual(audit("--format", "har", "--jobs", "1").stdout, audit("--format", "har", "--jobs", "4").stdout)

    def test_mistakes_are_said_in_one_line(self):
        for arguments, said in ((("--format", "pdf"), "json, csv, har or letter"), (("--language", "xx"), "use en or fi")):
            run = tattle("audit", SAMPLE, "--subject", SUBJECT, *arguments)
            self.assertEqual(run.returncode, 2)
            self.assertEqual(run.stderr.count(b"\n"), 1)
            self.assertIn(said.encode(), run.stderr)


if __name__ == "__main__":
    unittest.main()
