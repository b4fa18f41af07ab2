"""Who got the data: organisations by day, what they are to the phone, the law's facts, on the sample evening of 2012."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples/lumia-evening.pcapng"


def audit(*arguments):
    return subprocess.run([PROGRAM, "audit", SAMPLE, "--subject", SAMPLE.with_suffix(".yaml"), "--places",
                           SAMPLE.with_suffix(".places.csv"), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)


class Recipients(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def write(self, name, text):
        (self.path / name).write_text(text)
        return str(self.path / name)

    def test_no_verdict_in_any_document(self):
        audit("--out", self.path / "out")
        texts = {each.name: each.read_bytes().decode("utf-8", "replace") for each in (self.path / "out").iterdir()
                 if each.is_file()}
        for arguments in ((), ("--json",), ("--json", "--reveal"), ("--format", "csv"), ("--format", "letter"),
                          ("--format", "letter", "--language", "fi")):
            run = audit(*arguments)
            self.assertEqual(run.returncode, 0, run.stderr)
            texts[" ".join(arguments)] = run.stdout.decode()
        self.assertEqual(audit("--out", self.path / "fi", "--language", "fi").returncode, 0)
        texts["report.html in Finnish"] = (self.path / "fi/report.html").read_text()
        texts["anomalies.tsv"] = (ROOT / "data/anomalies.tsv").read_text()
        for catalogue in (ROOT / "web/messages").glob("*.json"):
            texts[catalogue.name] = catalogue.read_text()
        for name in ("audit.json", "audit.db", "report.html"):
            self.assertIn(name, texts)
        # The library that draws says the word of data handed to a canvas; what is said of the phone is outside scripts.
        for page in ("report.html", "report.html in Finnish"):
            texts[page] = re.sub(r"<script(?![^>]*application/json).*?</script>", "", texts[page], flags=re.S)
        for name, text in texts.items():
            for word in ("transfer", "unlawful", "tiedonsiir", "lainvasta", "laiton"):
                self.assertNotIn(word, text.lower(), name)

    def test_the_samples_hosts_have_invented_owners_that_say_so(self):
        document = json.loads(audit("--json", "--organisations", SAMPLE.with_suffix(".organisations.yaml")).stdout)
        given = [each for each in document["recipients"] if each["disclosures"] and each.get("host", "").endswith(".example")]
        self.assertGreater(len(given), 10)
        for each in given:
            self.assertTrue(each.get("organisation", "").endswith("(invented)"), each["host"])
        names = {each["organisation"] for each in given}
        self.assertGreater(len(names), 3, "the maker, its partner and others are told apart")

    def test_ones_own_organisations_win(self):
        host = next(each["host"] for each in json.loads(audit("--json").stdout)["recipients"] if "host" in each)
        domain = ".".join(host.split(".")[-2:])
        own = self.write("own.yaml", f"organisations:\n  - name: Invented Oy\n    kinds: [tracker]\n    domains: [{domain}]\n"
                                     "    seats: [{role: parent, entity: Invented Oy, country: FI}]\n"
                                     "    source: \"my own search\"\n    date: \"2026\"\n")
        document = json.loads(audit("--json", "--organisations", own).stdout)
        recipient = next(each for each in document["recipients"] if each.get("host") == host)
        self.assertEqual(recipient["organisation"], "Invented Oy")
        self.assertEqual(recipient["relation"], "tracker")
        self.assertEqual(recipient["law"]["parent"]["seat"], "FI")
        self.assertIn(recipient["host-ground"], ("authority", "sni", "dns", "certificate", "name-record", "proxy-request"))

    def test_a_mistake_in_ones_own_file_is_said_with_line_and_field(self):
        own = self.write("own.yaml", "organisations:\n  - name: Invented Oy\n    kinds: [butcher]\n"
                                     "    source: \"x\"\n    date: \"2026\"\n    domains: [invented.example]\n")
        for file, wanted in ((own, r"own\.yaml:3: .*kinds"), (str(self.path / "nowhere.yaml"), r"nowhere\.yaml")):
            run = audit("--organisations", file)
            self.assertEqual(run.returncode, 2)
            self.assertRegex(run.stderr.decode(), wanted)
            self.assertEqual(run.stderr.decode().count("\n"), 1)

    def test_a_gateway_that_is_no_place_is_a_mistake(self):
        for place in ("Helsinki", "91,0", "XX"):
            run = audit("--gateway", place)
            self.assertEqual(run.returncode, 2, place)
            self.assertRegex(run.stderr.decode(), r"--gateway .*60\.17,24\.94")
            self.assertEqual(run.stderr.decode().count("\n"), 1)

    def test_kinds_of_data_carry_terms(self):
        for each in json.loads(audit("--json").stdout)["disclosures"]:
            if each["datum"] == "location":
                self.assertEqual(each["dpv"], ["https://w3id.org/dpv/pd#Location"])
            for term in each.get("dpv", []):
                self.assertTrue(term.startswith("https://w3id.org/dpv/pd#"))


if __name__ == "__main__":
    unittest.main()
