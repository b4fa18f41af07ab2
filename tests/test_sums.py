"""Printed sums count messages, not finds: on the sample evening against the laboratory's list of what it sent."""
import collections
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples/lumia-evening"
TRUTH = json.loads((SAMPLE.with_suffix(".truth.json")).read_text())
LOG = ("--actions", SAMPLE.with_suffix(".actions.yaml"))


def audit(*arguments):
    run = subprocess.run([PROGRAM, "audit", f"{SAMPLE}.pcapng", "--subject", f"{SAMPLE}.yaml", "--places",
                          f"{SAMPLE}.places.csv", *arguments],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.decode()


def sent_by_truth():
    """Requests that carried a planted value, by host; one lookup of the bank's name is one message."""
    told = {each["host"] for each in TRUTH["disclosures"] if each["direction"] == "sent"}
    counts = collections.Counter()
    for each in TRUTH["requests"]:
        # The laboratory asks for the feedback programme's settings without any value.
        if each["protocol"] == "dns" or not each["readable"] or each["target"].startswith("/settings"):
            continue
        if each["host"] in told:
            counts[each["host"]] += 1
    queries = [each for each in TRUTH["disclosures"] if each["role"] == "resolver" and each["direction"] == "sent"]
    assert [each["count"] for each in queries] == [2], "A and AAAA of one lookup"
    counts["192.0.2.1"] = 1
    return counts


def messages(document, wanted):
    ids = {each["id"] for each in document["disclosures"] if each["certainty"] == "verified" and
           each["direction"] == "sent" and wanted(each)}
    return sum(each["messages"] for each in document["carried"]["sets"] if ids & set(each["disclosures"]))


def host_of(each):
    return each["recipient"].get("host") or each["recipient"]["addresses"][0]


class Sums(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = json.loads(audit("--json", *LOG))
        cls.truth = sent_by_truth()

    def test_each_host_got_as_many_messages_as_the_laboratory_sent(self):
        self.assertTrue(self.document["carried"]["exact"])
        for host, count in self.truth.items():
            direct = count - (host == "terveys.example")  # its CONNECT tells the proxy, not the site
            self.assertEqual(messages(self.document, lambda each: host_of(each) == host), direct, host)
        proxied = sum(self.truth[host] for host in ("uutiset.example", "stats.tracker.example")) + 1  # and the CONNECT
        self.assertEqual(messages(self.document, lambda each: each["recipient"]["role"] == "proxy"), proxied)

    def test_totals_are_of_distinct_messages(self):
        # terveys.example stands twice in the truth, as page and as CONNECT, which are two messages.
        totals = self.document["totals"]
        self.assertEqual(totals["messages"], sum(self.truth.values()))
        self.assertEqual(totals["messages"], messages(self.document, lambda each: True))
        clear = [each for each in TRUTH["requests"] if each["host"] in ("update.maker.example", "weather.example",
                 "uutiset.example", "stats.tracker.example", "ads.tracker.example") or each["method"] == "CONNECT"]
        self.assertEqual(totals["clear"], len([each for each in clear if each["protocol"] != "dns"]) + 1)
        finds = sum(each["count"] for each in TRUTH["disclosures"] if each["direction"] == "sent")
        self.assertEqual(totals["finds"], finds)
        of = {each["datum"]: each for each in totals["data"]}
        one_upload = ("sms", "contact", "photo")
        self.assertEqual([of[datum]["messages"] for datum in one_upload], [1, 1, 1])
        self.assertEqual((of["location"]["messages"], of["location"]["recipients"]), (6, 4))

    def test_a_find_stays_a_find(self):
        contact = [each for each in self.document["disclosures"] if each["datum"] == "contact"]
        self.assertEqual([each["count"] for each in contact], [3])

    def test_the_terminal_and_the_page_say_the_same(self):
        text = audit(*LOG)
        for line in text.splitlines():
            if found := re.match(r"  D\d+ +(text message|contact|photo|location) +(\d+)x", line):
                self.assertEqual(int(found[2]), 6 if found[1] == "location" else 1, line)
        with tempfile.TemporaryDirectory() as folder:
            audit("--out", pathlib.Path(folder) / "out", *LOG)
            page = (pathlib.Path(folder) / "out/report.html").read_text()
        total = self.document["totals"]
        tiles = re.findall(r"<li><strong>([^<]*)</strong>", page)
        self.assertEqual(tiles[1:3], [str(total["messages"]), str(total["clear"])])
        self.assertIn(f"{total['idle']} of {total['messages']} messages", page)
        cells = re.findall(r'aria-label="text message to backup.vendor.example: 1 message, [^"]*">1<', page)
        self.assertEqual(len(cells), 1)

    def test_untouched_on_the_table(self):
        # What the laboratory did between the line of the log and the next: times.json has the moments.
        when = json.loads(pathlib.Path(f"{SAMPLE}.times.json").read_text())
        rest = next(i for i, each in enumerate(self.document["actions"]) if "left-alone" in each.get("action", ""))
        begin, end = (self.document["actions"][i]["time"][:19] for i in (rest, rest + 1))
        expected = {(each["host"], each["datum"]) for each in when if each["direction"] == "sent" and
                    any(begin < at["time"][:19] < end for at in each["at"])}
        by_id = {each["id"]: (host_of(each), each["datum"]) for each in self.document["disclosures"]}
        found = {by_id[each] for row in self.document["carried"]["sets"] if row.get("left-alone") == rest
                 for each in row["disclosures"] if self.sent(each)}
        self.assertEqual(found, expected)

    def sent(self, identifier):
        return any(each["id"] == identifier and each["direction"] == "sent" and each["certainty"] == "verified"
                   for each in self.document["disclosures"])


if __name__ == "__main__":
    unittest.main()
