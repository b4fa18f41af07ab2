"""At whose prompting: evenings whose causes the laboratory planned, in closed and in readable channels, and 200 without any."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from math import comb

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SCENARIOS = ROOT / "lab/scenarios"
sys.path.insert(0, str(ROOT / "lab"))
from tattle_lab import pushes, scenario  # noqa: E402

RUNS = 200
LOGS = b"--actions" in subprocess.run([PROGRAM, "audit", "--help"], stdout=subprocess.PIPE, check=False).stdout


def audit(folder, *arguments):
    run = subprocess.run([PROGRAM, "audit", folder / "capture.pcap", "--subject", folder / "subject.yaml", "--keys",
                          folder / "keys.log", *(arguments if "--jobs" in arguments else ("--jobs", "1", *arguments))],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    if run.returncode != 0:
        raise AssertionError(run.stderr.decode())
    return json.loads(run.stdout) if "--json" in arguments else run.stdout.decode()


def binomial_tail(k, n, share):
    return sum(comb(n, i) * share**i * (1 - share)**(n - i) for i in range(k, n + 1))


def fisher_tail(k, n, held, windows):
    return sum(comb(held, i) * comb(windows - held, n - i) for i in range(k, min(held, n) + 1)) / comb(windows, n)


class Prompting(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def play(self, name):
        pushes.play(scenario.read_whole(SCENARIOS / name), self.path, "")
        return json.loads((self.path / "truth.json").read_text())

    def sent(self, document):
        return {each["entry"]: each for each in document["disclosures"] if each["direction"] == "sent"}

    def check_binomial(self, prompting):
        expected = binomial_tail(prompting["followed"], prompting["of"], prompting["base-rate"])
        self.assertAlmostEqual(prompting["p"] / expected, 1, places=6)

    def test_without_a_log_it_is_the_servers_message(self):
        truth = self.play("pushes.yaml")
        sent = self.sent(audit(self.path, "--json"))
        for entry, server in (("home", "push.vendor.example"), ("email#1", "talk.app.example")):
            prompting, told = sent[entry]["prompting"], truth[entry]
            count = told["triggered"] + told["unasked"]
            self.assertEqual((prompting["kind"], prompting["followed"], prompting["of"], prompting["server"]),
                             ("server-message", count, count, server))
            self.check_binomial(prompting)
            self.assertLess(prompting["p"] * prompting["tests"], 0.001)
            self.assertIn("who had asked it, is not known", prompting["ground"])
        # From the server's message to the upload, as planned.
        waits = sorted(told["latency-s"])
        self.assertAlmostEqual(prompting["latency-s"]["min"], waits[0], delta=0.01)
        self.assertAlmostEqual(prompting["latency-s"]["max"], waits[-1], delta=0.01)
        self.assertEqual(sent["imei#1"]["prompting"]["kind"], "not-shown")
        self.check_binomial(sent["imei#1"]["prompting"])

    @unittest.skipUnless(LOGS, "no --actions")
    def test_triggers_and_what_they_do_not_explain(self):
        truth = self.play("pushes.yaml")
        document = audit(self.path, "--json", "--actions", self.path / "actions.yaml")
        sent = self.sent(document)
        prompting, told = sent["home"]["prompting"], truth["home"]
        self.assertEqual(prompting["kind"], "trigger")
        self.assertEqual((prompting["followed"], prompting["of"]), (told["triggered"], told["triggered"] + told["ignored"]))
        self.assertEqual(prompting["unexplained"], told["unasked"])
        self.assertEqual((prompting["server"], prompting["pushed"]), ("push.vendor.example", told["triggered"]))
        controls = prompting["controls"]
        self.assertLessEqual(controls["followed"], told["unasked"])
        expected = fisher_tail(prompting["followed"], prompting["of"], prompting["followed"] + controls["followed"],
                               prompting["of"] + controls["of"])
        self.assertAlmostEqual(prompting["p"] / expected, 1, places=6)
        self.assertLess(prompting["p"] * prompting["tests"], 0.001)
        # The triggered ones come first in the truth; the log has milliseconds.
        waits, waits_of_push = sorted(told["latency-s"][:told["triggered"]]), sorted(told["push-latency-s"])
        for name, planned in (("latency-s", waits), ("push-latency-s", waits_of_push)):
            self.assertAlmostEqual(prompting[name]["min"], planned[0], delta=0.01)
            self.assertAlmostEqual(prompting[name]["median"], planned[len(planned) // 2], delta=0.01)
            self.assertAlmostEqual(prompting[name]["max"], planned[-1], delta=0.01)
        # A push that nobody triggered is never put to the maker's account.
        mail = sent["email#1"]["prompting"]
        self.assertEqual(mail["kind"], "unexplained")
        self.assertLessEqual(mail["of"], truth["email#1"]["unasked"])
        self.assertEqual(mail["followed"], mail["of"])
        self.assertIn("No trigger in the log explains", mail["ground"])
        self.assertEqual(sent["imei#1"]["prompting"]["kind"], "not-shown")
        for text in (json.dumps(document), audit(self.path, "--actions", self.path / "actions.yaml")):
            self.assertNotIn("asked for by", text)

    @unittest.skipUnless(LOGS, "no --actions")
    def test_a_log_without_triggers_explains_nothing(self):
        self.play("pushes.yaml")
        log = yaml.safe_load((self.path / "actions.yaml").read_text())
        for action in log["actions"]:
            del action["trigger"]
        (self.path / "log.yaml").write_text(yaml.safe_dump(log))
        sent = self.sent(audit(self.path, "--json", "--actions", self.path / "log.yaml"))
        self.assertEqual(sent["home"]["prompting"]["kind"], "unexplained")
        self.assertEqual(sent["home"]["prompting"]["followed"], 15)

    def test_independent_of_each_other(self):
        self.play("pushes-independent.yaml")
        for log in ((), ("--actions", self.path / "actions.yaml"))[:1 + LOGS]:
            for each in self.sent(audit(self.path, "--json", *log)).values():
                self.assertEqual(each["prompting"]["kind"], "not-shown", each["entry"])

    def test_nobody_speaks(self):
        raw = scenario.read_whole(SCENARIOS / "pushes-independent.yaml")
        raw["pushes"]["idle-messages"] = 0
        pushes.play(raw, self.path, "")
        for each in self.sent(audit(self.path, "--json")).values():
            self.assertEqual(each["prompting"]["kind"], "none-seen", each["entry"])
            self.assertNotIn("p", each["prompting"])

    def test_times_and_sizes_are_in_the_database(self):
        import sqlite3
        truth = self.play("pushes.yaml")
        audit(self.path, "--out", self.path / "out")
        base = sqlite3.connect(self.path / "out/audit.db")
        rows = base.execute("select f.host, count(*), min(s.silence_s), min(s.bytes), max(s.bytes) from server_messages s "
                            "join flows f using (flow) group by f.host order by f.host").fetchall()
        base.close()
        found = {row[0]: row[1:] for row in rows}
        self.assertEqual(set(found), {"push.vendor.example", "talk.app.example"})
        home = truth["home"]
        # Messages to no effect that come within 5 s of other words are none; all that caused something are.
        self.assertGreaterEqual(found["push.vendor.example"][0], home["triggered"] + home["unasked"])
        self.assertLessEqual(found["push.vendor.example"][0], home["triggered"] + home["unasked"] + 12)
        self.assertEqual(found["talk.app.example"][0], truth["email#1"]["unasked"])
        # A record of 40 to 180 bytes, with its header (5), type (1) and tag (16).
        self.assertGreaterEqual(found["push.vendor.example"][2], 40 + 22)
        self.assertLessEqual(found["push.vendor.example"][3], 180 + 22)

    def test_the_same_for_any_number_of_threads(self):
        self.play("pushes.yaml")
        one = audit(self.path, "--json")
        two = audit(self.path, "--json", "--jobs", "2", "--limit", "awake-flows=1")
        self.assertEqual(one["disclosures"], two["disclosures"])
        self.assertEqual(one.get("links"), two.get("links"))

    def one_run(self, seed):
        raw = scenario.read_whole(SCENARIOS / "pushes-independent.yaml")
        raw["seed"] = seed
        raw["pushes"]["hours"] = 1
        raw["pushes"]["idle-messages"] = 10 + seed % 40
        for upload in raw["pushes"]["uploads"]:
            upload["independent"] = 3 + seed % 13
            upload["ignored"] = 0
        folder = self.path / str(seed)
        pushes.play(raw, folder, "")
        found = [each["prompting"]["kind"] for each in self.sent(audit(folder, "--json")).values()]
        return sum(kind not in ("not-shown", "none-seen") for kind in found)

    def test_independent_evenings_are_not_called_prompted(self):
        """At the level 0.001 for all tests of an evening, 0.2 of 200 are to be expected; three or more have a probability of 0.1 %."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            self.assertLessEqual(sum(count > 0 for count in pool.map(self.one_run, range(RUNS))), 2)


if __name__ == "__main__":
    unittest.main()
