#!/usr/bin/env python3
"""The tester's log: what the times of disclosures say, against the laboratory, which knows when it caused each."""
import csv
import datetime
import hashlib
import io
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import capture_maker  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLE = ROOT / "samples/lumia-evening"
WINDOW_S = 30


def tattle(*arguments, cwd=None):
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, check=False)


def audit(log, *arguments, sample=SAMPLE):
    return tattle("audit", f"{sample}.pcapng", "--subject", f"{sample}.yaml", *(["--actions", log] if log else []),
                  *arguments)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def words(value):
    return value if isinstance(value, list) else [each.strip() for each in (value or "").split(",") if each.strip()]


def key_of(entry, host=None):
    return (entry["datum"], entry["entry"], entry["form"], entry["direction"], entry["transport"],
            host or entry["host"])


class Truth:
    """What the log and the laboratory's times say together, worked out here from their definitions."""

    def __init__(self, log, times):
        log = yaml.safe_load(pathlib.Path(log).read_text())
        self.uncertainty = log["uncertainty-s"]
        self.span = [log.get("from"), log.get("until")]
        self.log = [{**each, "at": moment(each["time"])} for each in log["actions"]]
        self.times = {}
        for each in json.loads(pathlib.Path(times).read_text()):
            self.times.setdefault(key_of(each), []).extend(moment(at["time"]) for at in each["at"])

    def doings(self):
        """A prompt or a screen that tells is the phone's own doing, whosever it is."""
        return [each for each in self.log if ({"action", "setting", "trigger", "granted", "refused"} & set(each)
                or "app" in each and not {"asked", "told"} & set(each))
                and not each.get("action", "").startswith(("sleep", "idle", "left-alone"))]

    @staticmethod
    def is_about(line, host):
        """Whether a line names the host or a domain above it; of the laboratory's, no other name is in the traffic."""
        return any(name == "everyone" or ("." + host).endswith("." + name) for name in words(line.get("recipient")))

    def is_idle(self, time):
        return not any(-self.uncertainty <= time - each["at"] <= WINDOW_S + self.uncertainty for each in self.doings())

    def is_covered(self, time):
        """The log's own statement, else its lines as far as they are sure; the laboratory's last line is none of rest."""
        first = moment(self.span[0]) if self.span[0] else self.log[0]["at"] + self.uncertainty
        last = moment(self.span[1]) if self.span[1] else self.log[-1]["at"] - self.uncertainty
        return first <= time <= last

    def answers(self, datum, host):
        return [(each["at"], datum in words(each.get("granted"))) for each in self.log
                if datum in words(each.get("granted")) + words(each.get("refused")) and self.is_about(each, host)]

    def first_prompt(self, datum):
        return min((each["at"] for each in self.log if datum in words(each.get("asked")) + words(each.get("granted"))
                    + words(each.get("refused"))), default=None)

    def state(self, datum, host, time):
        """Of one occurrence. The laboratory's are never within the uncertainty of an answer."""
        answers = self.answers(datum, host)
        if not answers and (prompt := self.first_prompt(datum)) is not None:
            return "before-first-prompt" if time < prompt else "after-first-prompt"
        before = [granted for at, granted in answers if at < time]
        if before:
            return "after-granted" if before[-1] else "after-refused"
        if not answers:
            return "unknown"
        return "before-granted" if any(granted for _, granted in answers) else "before-refused"

    def told(self, datum, host, times):
        """What the log shows of telling: its word, how many came before, and the line."""
        lists = [("at-a-screen", "told", True), ("elsewhere", "told-elsewhere", True), ("mentioned", "told", False),
                 ("asked", "asked", None), ("mentioned-elsewhere", "told-elsewhere", False)]
        for word, member, about in lists:
            lines = [line for line in self.log if datum in words(line.get(member))
                     and about in (None, self.is_about(line, host))]
            if lines and "elsewhere" in word:
                return word, 0
            late = sum(time < lines[0]["at"] - self.uncertainty for time in times) if lines else len(times)
            if late < len(times):
                return word, late
        return "not-as-far-as-recorded", 0


def example(language):
    return (ROOT / "docs/actions.md").read_text().split(f"```{language}\n")[1].split("```")[0]


def yaml_example():
    return example("yaml")


def csv_example():
    return example("csv")


def relaxed(rules):
    """For texts as they are written: numbers and truth values are not told apart in them."""
    return json.loads(json.dumps(rules).replace('"type": "number"', '"type": "string"'))


GRAVEST_FIRST = ["after-refused", "before-granted", "before-refused", "before-first-prompt", "too-close", "after-granted",
                 "after-first-prompt", "unknown"]


class Against(unittest.TestCase):
    """Compares an audit with the laboratory's truth."""

    def compare(self, document, truth):
        """Returns how many disclosures could be compared."""
        compared = 0
        for each in document["disclosures"]:
            if each["certainty"] != "verified" or "entry" not in each:
                continue
            times = truth.times.get(key_of(each, each["recipient"].get("host", "?")))
            timing = each["timing"]
            self.assertEqual(timing["idle"] + timing.get("not-covered", 0) +
                             sum(one["count"] for one in timing["beside"]), each["count"], each["id"])
            self.assertEqual(timing["window-s"], WINDOW_S)
            # One that is split further by its path in the message shares the laboratory's key with others.
            if times is None or len(times) != each["count"]:
                continue
            compared += 1
            what = (each["id"], each["datum"], each["recipient"].get("host"))
            idle = [time for time in times if truth.is_idle(time)]
            covered = sum(map(truth.is_covered, idle))
            self.assertEqual(timing["idle"], covered, what)
            self.assertEqual(timing.get("not-covered", 0), len(idle) - covered, what)
            if each["direction"] == "received":
                self.assertNotIn("permission", each)
                continue
            host = each["recipient"].get("host", "?")
            states = [truth.state(each["datum"], host, time) for time in times]
            gravest = min(states, key=GRAVEST_FIRST.index)
            self.assertEqual(each["permission"]["state"], gravest, what)
            self.assertEqual(each["permission"]["count"], states.count(gravest), what)
            if gravest != "unknown":
                answer = document["actions"][each["permission"]["action"]]
                first = min(time for time, state in zip(times, states) if state == gravest)
                self.assertAlmostEqual(each["permission"]["gap-s"], abs(moment(answer["time"]) - first), delta=1.5,
                                       msg=what)
            told, late = truth.told(each["datum"], host, times)
            self.assertEqual(each["told"], told, what)
            self.assertEqual(each.get("told-late" if told == "at-a-screen" else "mentioned-late", 0), late, what)
        return compared


class Sample(Against):
    """The evening that is kept, with the log that a careful tester would have written of it."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.log = pathlib.Path(f"{SAMPLE}.actions.yaml")
        cls.out = cls.folder / "out"
        cls.run_ = audit(cls.log, "--out", cls.out)
        assert cls.run_.returncode == 0, cls.run_.stderr
        cls.document = json.loads((cls.out / "audit.json").read_text())

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def one(self, datum, host, direction="sent"):
        found = [each for each in self.document["disclosures"] if each["datum"] == datum
                 and each["recipient"].get("host") == host and each["direction"] == direction]
        self.assertTrue(found, (datum, host))
        return found[0]

    def test_times_agree_with_the_laboratory(self):
        compared = self.compare(self.document, Truth(self.log, f"{SAMPLE}.times.json"))
        self.assertGreaterEqual(compared, 35)

    def test_a_log_of_a_part_says_nothing_of_the_rest(self):
        """Without what the tester states, and cut at both ends: the lines alone tell what is covered."""
        whole = yaml.safe_load(self.log.read_text())
        lines = whole["actions"][4:-2]  # from 18:21:58 to 20:01:40
        path = self.folder / "part.yaml"
        path.write_text(yaml.safe_dump({"uncertainty-s": 2, "actions": lines}))
        done = audit(path, "--json")
        document = json.loads(done.stdout)
        self.assertEqual(document["actions-cover"], {"from": "2012-11-26T16:22:00.000000Z",
                                                     "until": "2012-11-26T18:01:38.000000Z"})
        self.assertGreaterEqual(self.compare(document, Truth(path, f"{SAMPLE}.times.json")), 35)
        open_ = {each["id"]: each["timing"].get("not-covered", 0) for each in document["disclosures"]}
        self.assertGreater(sum(open_.values()), 10)
        self.assertIn(b"neither asked nor unasked", done.stderr)
        self.assertNotIn(b"neither asked", self.run_.stderr)
        for each in csv.DictReader(io.StringIO(audit(path, "--format", "csv").stdout.decode())):
            self.assertEqual(int(each["not-covered"]), open_[each["id"]])
        totals = document["totals"]
        idle, rest = totals["idle"], totals["not-covered"]
        covered = totals["messages"] - rest
        self.assertGreater(min(idle, rest, covered), 5)
        audit(path, "--out", self.folder / "part")
        page = (self.folder / "part/report.html").read_text()
        self.assertIn(f"{idle} of {covered} messages with planted values", page)
        self.assertIn(f"{rest} times more lie outside", page)
        self.assertIn("The tester&#39;s log covers 2012-11-26 18:22:00 to 2012-11-26 20:01:38 UTC+02:00", page)
        text = audit(path).stdout.decode()
        self.assertIn(f"{rest} more times outside the time that the log covers", " ".join(text.split()))
        self.assertIn(f"Of the {covered} times above that fall into it, {idle} came beside nothing",
                      audit(path, "--format", "letter").stdout.decode())
        log = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump({**log, "from": whole["from"], "until": whole["until"]}))
        self.assertNotIn(b"not-covered", audit(path, "--json").stdout)

    def test_the_story(self):
        camera = self.one("wifi-network", "agps.location.live.net")
        # The prompt was the camera's; nothing in the traffic says that the camera sent this.
        self.assertEqual(camera["permission"]["state"], "before-first-prompt")
        self.assertTrue(4 < camera["permission"]["gap-s"] <= 6, camera["permission"])
        self.assertEqual(camera["told"], "not-as-far-as-recorded")
        self.assertEqual(self.document["actions"][camera["permission"]["action"]]["app"], "Camera")
        self.assertEqual(self.document["actions"][camera["timing"]["beside"][0]["action"]]["action"], "open-camera")
        weather = self.one("location", "weather.example")
        self.assertEqual((weather["timing"]["idle"], weather["count"]), (2, 2))
        self.assertEqual((weather["told"], weather["mentioned-late"]), ("asked", 1))
        self.assertEqual(weather["permission"]["state"], "before-first-prompt")
        for host in ("proxy.vendor.example", "stats.tracker.example", "ads.tracker.example", "telemetry.vendor.example"):
            email = self.one("email", host)
            self.assertEqual(email["told"], "mentioned")  # it was typed at the sign-in, which told of none of these
            self.assertEqual(self.document["actions"][email["told-by"]]["action"], "sign-in")
        update = self.one("imei", "update.maker.example")
        self.assertEqual((update["told"], update["mentioned-late"]), ("mentioned", 1))
        self.assertFalse([each for each in self.document["disclosures"] if each.get("told") == "at-a-screen"])
        found = self.one("location", "findmyphone.vendor.example")
        self.assertIn("trigger", self.document["actions"][found["timing"]["beside"][0]["action"]])

    def test_a_server_that_answered_late_asked(self):
        """The laboratory's server answers a waiting request when it wants the place, and closes behind it."""
        pushed = self.one("location", "push.vendor.example")["prompting"]
        self.assertEqual((pushed["kind"], pushed["followed"], pushed["of"], pushed["server"]),
                         ("not-shown", 2, 2, "push.vendor.example"))
        self.assertLess(pushed["latency-s"]["max"], 1)
        self.assertNotIn("p", pushed)
        self.assertIn("that it had held back", pushed["ground"])
        self.assertIn("No trigger in the log explains", pushed["ground"])
        kinds = {each["prompting"]["kind"] for each in self.document["disclosures"] if "prompting" in each}
        self.assertEqual(kinds, {"not-shown"})
        page = (self.out / "report.html").read_text()
        self.assertNotIn("no server was seen to", page.split('<script type="application/json"')[0])

    def test_what_a_switch_left(self):
        """The laboratory's maker sends its update check in clear, whatever the feedback setting is."""
        for each in self.document["switches"]:
            setting = self.document["actions"][each["action"]]["setting"]
            self.assertEqual(setting.split(":")[0] in ("feedback", "sms-backup", "location-services"), True)
        off = next(each for each in self.document["switches"]
                   if self.document["actions"][each["action"]]["setting"] == "feedback: off")
        by_id = {each["id"]: each for each in self.document["disclosures"]}
        still = {(by_id[one["disclosure"]]["datum"], by_id[one["disclosure"]]["recipient"]["host"]) for one in off["still"]}
        self.assertEqual(still, {("imei", "update.maker.example"), ("serial-number", "update.maker.example")})
        for one in off["still"]:
            self.assertTrue(one["first-after"].startswith("2012-11-26T18:31:00"), one)
            self.assertEqual((one["before"], one["after"]), (1, 1))
        page = (self.out / "report.html").read_text()
        self.assertIn("no test of the switch", page)

    def test_a_screen_that_names_the_recipient_tells(self):
        lines = self.log.read_text().replace("told: imei,", "told: imei, recipient: maker.example,")
        lines = lines.replace("app: Camera, asked", "recipient: [Example Weather, weather.example], asked")
        path = self.folder / "named.yaml"
        path.write_text(lines.replace("app: Camera, granted", "recipient: weather.example, granted"))
        document = json.loads(audit(path, "--json").stdout)
        self.assertGreaterEqual(self.compare(document, Truth(path, f"{SAMPLE}.times.json")), 35)
        named = {(each["datum"], each["recipient"].get("host")): each for each in document["disclosures"]}
        update = named["imei", "update.maker.example"]
        self.assertEqual((update["told"], update["told-late"]), ("at-a-screen", 1))
        self.assertEqual(named["location", "weather.example"]["permission"]["state"], "before-granted")
        self.assertEqual(named["location", "push.vendor.example"]["permission"]["state"], "after-first-prompt")

    def test_the_log_is_in_the_document_by_time(self):
        log = yaml.safe_load(self.log.read_text())["actions"]
        self.assertEqual([moment(each["time"]) for each in self.document["actions"]],
                         [moment(each["time"]) for each in log])
        asked = next(each for each in self.document["actions"] if "asked" in each)
        self.assertEqual(asked["asked"], "location, wifi-network")
        self.assertEqual(asked["screen"]["text"], "Allow camera to access and use your location?")

    def test_schemas(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        rules = json.loads((ROOT / "data/actions.schema.json").read_text())
        for text in (self.log.read_text(), yaml_example()):
            jsonschema.validate(yaml.load(text, yaml.BaseLoader), relaxed(rules))
        jsonschema.validate(self.document, json.loads((ROOT / "data/audit.schema.json").read_text()))

    def test_the_examples_of_the_documentation_are_read(self):
        (self.folder / "prompt.jpg").write_bytes(b"a photograph")
        for name, text in (("example.yaml", yaml_example()), ("example.csv", csv_example())):
            (self.folder / name).write_text(text)
            done = audit(self.folder / name, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreaterEqual(len(json.loads(done.stdout)["actions"]), 4)

    def test_nothing_else_changes(self):
        plain = json.loads(audit(None, "--json").stdout)
        self.assertNotIn("actions", plain)
        with_log = json.loads(audit(self.log, "--json").stdout)
        del with_log["actions"], with_log["actions-cover"], with_log["clock"]
        self.assertTrue(with_log.pop("changes"), "the sample's log has a sign-in")
        self.assertTrue(with_log.pop("switches"), "and settings")
        for document in (plain, with_log):
            sets = {}
            for each in document["carried"]["sets"]:
                key = tuple(each["disclosures"])
                sets[key] = sets.get(key, 0) + each["messages"]
            document["carried"]["sets"] = sets
            for sums in (document["totals"], *document["totals"]["data"]):
                for member in ("idle", "left-alone", "not-covered"):
                    sums.pop(member, None)
        for each in with_log["disclosures"]:
            for member in ("timing", "permission", "told", "told-late", "told-by", "mentioned-late"):
                each.pop(member, None)
        for each in (*plain["disclosures"], *with_log["disclosures"]):
            if "prompting" in each:
                each["prompting"]["ground"] = each["prompting"]["ground"].replace(" No trigger in the log explains these "
                                                                                  "messages.", "")
        self.assertEqual(plain, with_log)

    def test_the_same_for_any_number_of_threads(self):
        for more in ((), ("--limit", "occurrence-times=1"), ("--limit", "all-occurrence-times=20")):
            one = audit(self.log, "--json", "--jobs", 1, *more).stdout
            self.assertEqual(audit(self.log, "--json", "--jobs", 2, *more).stdout, one, more)
            cut = [each for each in json.loads(one)["disclosures"] if "of-first" in each]
            self.assertEqual(bool(cut), bool(more))
            for each in cut:
                self.assertLess(each["of-first"], each["count"])
                if "timing" in each:
                    self.assertEqual(each["of-first"], each["timing"]["idle"] +
                                     sum(one["count"] for one in each["timing"]["beside"]))

    def test_terminal_and_report_say_it(self):
        text = self.run_.stdout.decode()
        self.assertIn("Unasked, beside no action in the log:", text)
        self.assertIn("Before the first prompt for it in the log:", text)
        self.assertLessEqual(max(map(len, text.replace(str(self.out), "out").splitlines())), 80)
        page = (self.out / "report.html").read_text()
        self.assertIn("before the first prompt for such data in the log", page)
        self.assertIn("beside no action of the tester", page)

    def test_table_and_database(self):
        rows = list(csv.DictReader(io.StringIO(audit(self.log, "--format", "csv").stdout.decode())))
        self.assertEqual([row["idle"] for row in rows], [str(each["timing"]["idle"]) for each in self.document["disclosures"]])
        self.assertEqual([row["told"] for row in rows], [each.get("told", "") for each in self.document["disclosures"]])
        database = sqlite3.connect(f"file:{self.out}/audit.db?mode=ro", uri=True)
        found = dict(database.execute("select id, idle from disclosures join times using (disclosure)"))
        self.assertEqual(found, {each["id"]: each["timing"]["idle"] for each in self.document["disclosures"]})
        (actions,) = database.execute("select count(*) from actions").fetchone()
        self.assertEqual(actions, len(self.document["actions"]))
        state, action = database.execute("select permission, what from times join disclosures d using (disclosure) join actions on "
                                         "action = permission_action - 1 where d.host = 'agps.location.live.net' and direction = 'sent'").fetchone()
        self.assertEqual((state, action), ("before-first-prompt", "open-camera"))
        database.close()

    def test_csv_says_the_same(self):
        log = yaml.safe_load(self.log.read_text())
        columns = ["time", "uncertainty-s", "action", "app", "asked", "granted", "setting", "default", "told", "trigger", "screen-text", "from",
                   "until"]
        path = self.folder / "log.csv"
        with open(path, "w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerow({"from": log["from"], "until": log["until"]})
            for each in log["actions"]:
                row = {key: ";".join(value) if isinstance(value, list) else value for key, value in each.items()}
                if "setting" in row:
                    row["setting"] = ", ".join(f"{name}: {state}" for name, state in row["setting"].items())
                writer.writerow({"uncertainty-s": log["uncertainty-s"], **row})
        self.assertEqual(json.loads(audit(path, "--json").stdout), json.loads(audit(self.log, "--json").stdout))

    def test_private_values_in_the_log_are_masked(self):
        secret = "aino.virtanen@example.com"
        path = self.folder / "private.yaml"
        path.write_text("actions:\n- {time: '2012-11-26T16:21:40Z', action: 'open-camera', screen-text: 'Signed in as "
                        f"{secret}', setting: {{'{secret}': on}}, app: 'App of {secret}', trigger: '{secret}'}}\n")
        out = self.folder / "masked"
        done = audit(path, "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        texts = [done.stdout, done.stderr, audit(path, "--format", "csv").stdout, audit(path, "--format", "letter").stdout,
                 *((out / name).read_bytes() for name in ("audit.json", "report.html", "audit.db"))]
        for text in texts:
            self.assertNotIn(secret.encode(), text)
        self.assertIn(b"Signed in as", texts[4])
        self.assertIn(secret.encode(), audit(path, "--json", "--reveal").stdout)

    def test_photographs_are_recorded_and_sealed(self):
        for name in ("lumia-evening.pcapng", "lumia-evening.yaml", "cottage.jpg"):
            shutil.copy(SAMPLE.parent / name, self.folder)
        photograph = self.folder / "prompt.jpg"
        photograph.write_bytes(b"a photograph of the prompt")
        digest = hashlib.sha256(photograph.read_bytes()).hexdigest()
        log = self.folder / "screens.yaml"
        log.write_text("actions:\n- {time: '2012-11-26T16:21:46Z', asked: location, screen: prompt.jpg}\n")
        out = self.folder / "sealed"
        self.assertEqual(audit(log, "--out", out, sample=self.folder / "lumia-evening").returncode, 0)
        self.assertEqual(json.loads((out / "audit.json").read_text())["actions"][0]["screen"], {"sha256": digest})
        files = {each["option"]: each for each in json.loads((out / "run.json").read_text())["files"]}
        self.assertEqual(files["screen"]["sha256"], digest)
        self.assertEqual(files["--actions"]["sha256"], hashlib.sha256(log.read_bytes()).hexdigest())
        self.assertEqual(tattle("key", "new", "-o", self.folder / "key", "--no-password").returncode, 0)
        sealed = tattle("seal", out, "--key", self.folder / "key.key", "--as", "Aino")
        self.assertEqual(sealed.returncode, 0, sealed.stderr)
        replay = tattle("verify", out, "--replay")
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        photograph.write_bytes(b"another photograph of another prompt")
        changed = tattle("verify", out)
        self.assertNotEqual(changed.returncode, 0)
        self.assertIn(b"prompt.jpg", changed.stdout + changed.stderr)

    def test_mistakes_are_one_line_with_the_next_step(self):
        def mistake(text, *said, name="wrong.yaml", more=()):
            path = self.folder / name
            if text is not None:
                path.write_text(text)
            done = audit(path, *more)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
            for each in said:
                self.assertIn(each, done.stderr.decode())

        mistake("actions:\n- {action: a, time: 2012-11-26T18:21:40}\n", "wrong.yaml:2: time:", "no time zone; write +02:00")
        mistake("time,asked\n2012-11-26T18:21:40Z,locaton\n", "wrong.csv:2: asked:", "did you mean 'location'?", name="wrong.csv")
        mistake(None, "none.yaml: cannot be read", name="none.yaml")
        mistake("actions:\n- {time: 2012-11-26T18:21:40Z, screen: none.jpg}\n", "put the photograph beside the log")
        other = self.folder / "other.yaml"
        other.write_text("device: {addresses: ['192.0.2.23']}\ndata:\n- {datum: imei, value: '490154203237518'}\n")
        mistake("actions: []\n", "--actions goes with a single --subject", more=("--subject", other))

    def test_a_log_of_another_time_is_not_used(self):
        path = self.folder / "shifted.yaml"
        path.write_text(self.log.read_text().replace("+02:00", "-10:00"))
        done = audit(path, "--json")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"check their time zone", done.stderr)
        document = json.loads(done.stdout)
        self.assertNotIn("actions", document)
        self.assertFalse([each for each in document["disclosures"] if "timing" in each or "permission" in each])


class Regular(unittest.TestCase):
    """A capture made by hand: a position every four and a half minutes, two requests each time, with known jitter."""

    INTERVALS = [271, 267, 272, 272, 267, 271, 273, 267]

    def test_period(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            capture = capture_maker.Capture()
            start = capture.clock
            for seconds in [0, *(sum(self.INTERVALS[:i + 1]) for i in range(len(self.INTERVALS)))]:
                capture.clock = start + seconds * 1_000_000
                connection = capture.tcp("192.0.2.17", "203.0.113.5")
                for path in ("/first", "/second"):
                    connection.send(f"GET {path}?imei=356938035643809 HTTP/1.1\r\nHost: beacon.example\r\n\r\n".encode())
                    capture.clock += 300_000
                    connection.send(b"HTTP/1.1 204 No Content\r\n\r\n", "received")
            capture.write(folder / "regular.pcap")
            (folder / "me.yaml").write_text("device: {addresses: ['192.0.2.17']}\ndata:\n- {datum: imei, value: '356938035643809'}\n")
            run = tattle("audit", folder / "regular.pcap", "--subject", folder / "me.yaml", "--json")
            found = [each for each in json.loads(run.stdout)["disclosures"] if each["datum"] == "imei"]
            self.assertEqual(sum(each["count"] for each in found), 18)
            for each in found:
                period = each["period"]
                self.assertAlmostEqual(period["seconds"], 271, delta=0.01)
                self.assertAlmostEqual(period["jitter-s"], 1.5, delta=0.01)  # of 0, 4, 1, 1, 4, 0, 2, 4
                self.assertEqual(period["occurrences"], 9)


def laboratory_runs():
    command = ["unshare", "--mount", "--net", "--pid", "--fork"]
    command += ["--user", "--map-current-user", "--keep-caps"] if os.geteuid() else []
    return subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0


@unittest.skipUnless(laboratory_runs(), "needs namespaces of its own")
class Table(Against):
    """The laboratory's hour on the table: a beacon, a camera that asks, a no and a late yes."""

    def test_hour(self):
        with tempfile.TemporaryDirectory() as folder:
            sample = pathlib.Path(folder) / "table"
            made = subprocess.run([ROOT / "lab/run", ROOT / "lab/scenarios/lumia-table.yaml", "-o", folder, "--name", "table"],
                                  check=False, capture_output=True, timeout=120)
            if made.returncode == 2:
                self.skipTest(made.stderr.decode())
            self.assertEqual(made.returncode, 0, made.stderr)
            log = f"{sample}.actions.yaml"
            run = audit(log, "--json", sample=sample)
            self.assertEqual(run.returncode, 0, run.stderr)
            document = json.loads(run.stdout)
            self.assertGreaterEqual(self.compare(document, Truth(log, f"{sample}.times.json")), 7)
            beacon = next(each for each in document["disclosures"] if each["datum"] == "location" and each["direction"] == "sent")
            self.assertAlmostEqual(beacon["period"]["seconds"], 271, delta=1)
            self.assertLess(beacon["period"]["jitter-s"], 4)
            self.assertEqual(beacon["period"]["occurrences"], 12)
            self.assertEqual(beacon["timing"], {"idle": 12, "beside": [], "window-s": WINDOW_S})
            self.assertEqual(beacon["permission"]["state"], "before-first-prompt")
            for each in document["disclosures"]:
                camera = each["recipient"].get("host", "").endswith("location.live.net")
                self.assertEqual(each["sender"]["kind"], "app" if camera and each["direction"] == "sent" else "unknown")
                if camera and each["direction"] == "sent":
                    self.assertEqual(each["sender"]["name"], "Camera")
                    self.assertIn("timing beside named actions", each["sender"]["ground"])
            # The app is no part of what the traffic alone makes a disclosure.
            plain = json.loads(audit(None, "--json", sample=sample).stdout)
            self.assertEqual([each["key"] for each in plain["disclosures"]], [each["key"] for each in document["disclosures"]])


if __name__ == "__main__":
    unittest.main(verbosity=2)
