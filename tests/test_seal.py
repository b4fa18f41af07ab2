#!/usr/bin/env python3
"""Sealed folders, end to end: made by Tattle, checked by minisign, sha256sum and OpenSSL, and the other way round."""
import copy
import hashlib
import json
import os
import pathlib
import pty
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import score  # noqa: E402

PROGRAM = os.environ.get("TATTLE_PROGRAM", str(ROOT / "build/release/tattle"))
SAMPLES = ROOT / "samples"
SEALED = ("audit.db", "audit.json", "evidence/note.txt", "manifest.pub", "manifest.sha256", "report.html", "run.json")


def run(*command, cwd=None, text=None):
    return subprocess.run([str(each) for each in command], cwd=cwd, input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False, text=True, errors="replace")


def tattle(*arguments, **more):
    return run(PROGRAM, *arguments, **more)


def flip(path, at=None):
    """Changes one byte, in the middle or at a place."""
    content = bytearray(path.read_bytes())
    at = len(content) // 2 if at is None else at
    content[at] ^= 1
    path.write_bytes(bytes(content))


class Folder(unittest.TestCase):
    """A sealed audit of copies of the sample, fresh for each test."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.base = pathlib.Path(cls.scratch.name)
        for name in ("lumia-evening.pcapng", "lumia-evening.yaml", "lumia-evening.places.csv", "cottage.jpg"):
            shutil.copy(SAMPLES / name, cls.base)
        made = tattle("key", "new", "-o", cls.base / "aino", "--no-password")
        assert made.returncode == 0, made.stdout
        audited = tattle("audit", "lumia-evening.pcapng", "--subject", "lumia-evening.yaml", "--out", "evening",
                         cwd=cls.base)
        assert audited.returncode == 0, audited.stdout
        (cls.base / "evening/evidence").mkdir(exist_ok=True)
        (cls.base / "evening/evidence/note.txt").write_text("a slice would lie here\n")
        shutil.copytree(cls.base / "evening", cls.base / "unsealed")
        cls.seal_run = tattle("seal", cls.base / "evening", "--key", cls.base / "aino.key", "--as", "Aino")
        assert cls.seal_run.returncode == 0, cls.seal_run.stdout

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def setUp(self):
        self.dir = self.base / "work"
        shutil.copytree(self.base / "evening", self.dir)
        self.public, self.secret = self.base / "aino.pub", self.base / "aino.key"

    def tearDown(self):
        shutil.rmtree(self.dir)

    def unsealed(self):
        shutil.rmtree(self.dir)
        shutil.copytree(self.base / "unsealed", self.dir)
        return self.dir

    def seal(self, *more):
        return tattle("seal", self.dir, "--key", self.secret, *more)

    def verify(self, *more):
        return tattle("verify", self.dir, "--public-key", self.public, *more)

    def minisign(self):
        return run("minisign", "-V", "-p", self.public, "-m", self.dir / "manifest.json")

    def fails_naming(self, name):
        result = self.verify()
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertRegex(result.stdout, rf"(?m)^(changed|missing|added) +{name}(:|$)")
        self.assertIn("NOT AS IT WAS SEALED", result.stdout)
        return result.stdout

    def holds(self, *more):
        result = self.verify(*more)
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout


class Seal(Folder):
    def test_holds_for_tattle_minisign_and_sha256sum(self):
        said = self.holds("--replay")
        self.assertIn("by the key that you gave", said)
        self.assertIn("byte for byte", said)
        self.assertEqual(self.minisign().returncode, 0)
        sums = run("sha256sum", "-c", "manifest.sha256", cwd=self.dir)
        self.assertEqual(sums.returncode, 0, sums.stdout)
        self.assertEqual(sums.stdout.count(": OK"), len(SEALED) - 1)

    def test_self_test_is_perfect_and_sealed(self):
        self.assertRegex(tattle("selftest").stdout, r"^\d\d right, 0 missed, 0 extra\n$")
        test = json.loads((self.dir / "manifest.json").read_text())["selftest"]
        self.assertGreater(test["right"], 20)
        self.assertEqual((test["missed"], test["extra"], test["miscounted"]), (0, 0, 0))

    def test_manifest_pins_all(self):
        manifest = json.loads((self.dir / "manifest.json").read_text())
        listed = {each["path"]: each for each in manifest["files"]}
        self.assertEqual(tuple(sorted(listed)), SEALED)
        for path, each in listed.items():
            content = (self.dir / path).read_bytes()
            self.assertEqual((each["sha256"], each["size"]), (hashlib.sha256(content).hexdigest(), len(content)))
        log = (self.dir / "custody.jsonl").read_bytes()
        self.assertEqual(manifest["custody"], {"lines": 1, "sha256": hashlib.sha256(log).hexdigest()})
        capture = self.base / "lumia-evening.pcapng"
        self.assertEqual(manifest["audit"]["captures"][0]["sha256"], hashlib.sha256(capture.read_bytes()).hexdigest())
        self.assertEqual(manifest["tattle"]["program-sha256"], hashlib.sha256(pathlib.Path(PROGRAM).read_bytes()).hexdigest())
        self.assertEqual(manifest["audit"]["arguments"][0], "audit")
        self.assertIn("decode-depth", manifest["audit"]["limits"])
        self.assertIn("services", manifest["clock"])
        # The same again, but sorted by another program: canonical.
        self.assertEqual((self.dir / "manifest.json").read_text(),
                         json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n")

    def test_the_trusted_comment_holds_the_hash_of_the_sums(self):
        sums = hashlib.sha256((self.dir / "manifest.sha256").read_bytes()).hexdigest()
        self.assertIn(sums, self.minisign().stdout)

    def test_one_byte_in_each_file_is_named(self):
        for name in SEALED + ("manifest.json", "manifest.json.minisig", "custody.jsonl"):
            size = (self.dir / name).stat().st_size
            for at in (0, size // 2, size - 1):
                with self.subTest(name=name, at=at):
                    before = (self.dir / name).read_bytes()
                    flip(self.dir / name, at)
                    self.fails_naming(name)
                    if name == "manifest.json":
                        self.assertNotEqual(self.minisign().returncode, 0)
                    if name in SEALED and name != "manifest.sha256":
                        self.assertNotEqual(run("sha256sum", "-c", "manifest.sha256", cwd=self.dir).returncode, 0)
                    (self.dir / name).write_bytes(before)
        self.holds()

    def test_one_byte_anywhere_in_the_signature(self):
        path = self.dir / "manifest.json.minisig"
        whole = path.read_bytes()
        for at in range(0, len(whole), 3):
            path.write_bytes(whole)
            flip(path, at)
            self.fails_naming("manifest.json.minisig")

    def test_missing_and_added_files_are_named(self):
        (self.dir / "report.html").unlink()
        (self.dir / "evidence/extra.pcapng").write_bytes(b"planted")
        said = self.fails_naming("report.html")
        self.assertRegex(said, r"(?m)^missing +report.html$")
        self.assertRegex(said, r"(?m)^added +evidence/extra.pcapng$")
        for name in ("manifest.json", "manifest.json.minisig", "manifest.sha256", "manifest.pub", "custody.jsonl"):
            with self.subTest(name=name):
                content = (self.dir / name).read_bytes()
                (self.dir / name).unlink()
                self.fails_naming(name)
                (self.dir / name).write_bytes(content)

    def test_a_link_in_place_of_a_file_is_a_change(self):
        elsewhere = self.base / "elsewhere.html"
        shutil.copy(self.dir / "report.html", elsewhere)
        (self.dir / "report.html").unlink()
        (self.dir / "report.html").symlink_to(elsewhere)
        self.fails_naming("report.html")

    def test_a_folder_that_somebody_else_sealed_anew(self):
        """Without the sealer's key by another way nobody can tell; with it everybody can."""
        self.unsealed()
        tattle("key", "new", "-o", self.dir.parent / "mallory", "--no-password")
        self.assertEqual(tattle("seal", self.dir, "--key", self.base / "mallory.key").returncode, 0)
        alone = tattle("verify", self.dir)
        self.assertEqual(alone.returncode, 0)
        self.assertIn("proves nothing about who sealed it", alone.stdout)
        self.fails_naming("manifest.json.minisig")

    def test_originals(self):
        capture = self.base / "lumia-evening.pcapng"
        content = capture.read_bytes()
        try:
            flip(capture)
            self.fails_naming(str(capture))
            capture.unlink()
            self.assertIn(f"not here to compare: {capture}", self.holds())
            self.assertEqual(self.verify("--replay").returncode, 2)
        finally:
            capture.write_bytes(content)

    def test_a_photo_of_the_subject_file_is_an_original_too(self):
        photo = self.base / "cottage.jpg"
        content = photo.read_bytes()
        try:
            flip(photo)
            self.fails_naming(str(photo))
        finally:
            photo.write_bytes(content)

    def test_replay_tells_of_a_report_that_was_altered_before_it_was_sealed(self):
        report = self.unsealed() / "report.html"
        text = report.read_text()
        self.assertIn("Lumia", text)
        report.write_text(text.replace("Lumia", "Lumie", 1))
        self.assertEqual(self.seal().returncode, 0)
        self.holds()
        replayed = self.verify("--replay")
        self.assertEqual(replayed.returncode, 1)
        self.assertIn("report.html: its bytes differ", replayed.stdout)
        self.assertIn("AUDITING AGAIN GIVES SOMETHING ELSE", replayed.stdout)

    def test_what_is_sealed_is_not_written_over(self):
        before = {path: path.read_bytes() for path in self.dir.rglob("*") if path.is_file()}
        again = tattle("audit", self.base / "lumia-evening.pcapng", "--subject", self.base / "lumia-evening.yaml", "--out", self.dir)
        self.assertEqual(again.returncode, 2)
        self.assertIn("is sealed, and what was sealed is not written over; name another folder with --out", again.stdout)
        for name in ("audit.json", "manifest.json", "custody.jsonl", "evidence/note.txt"):
            cut = tattle("evidence", self.dir, "D2", "-o", self.dir / name)
            self.assertEqual(cut.returncode, 2, name)
            self.assertRegex(cut.stdout, "not written over; name another file with -o")
        self.assertEqual(before, {path: path.read_bytes() for path in self.dir.rglob("*") if path.is_file()})

    def test_replay_says_what_differs(self):
        audit = self.dir / "audit.json"
        document = json.loads(audit.read_text())
        gone = document["disclosures"].pop(3)
        document["disclosures"][5]["count"] += 1
        audit.write_text(json.dumps(document, indent=2) + "\n")
        result = self.verify("--replay")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"found only now: {gone['id']}", result.stdout)
        self.assertRegex(result.stdout, rf"differs: {document['disclosures'][5]['id']}: .*\(count\)")

    def test_secrets_are_their_owners_alone_and_never_printed(self):
        self.assertEqual(stat.S_IMODE(self.secret.stat().st_mode), 0o600)
        secret = self.secret.read_text().splitlines()[1]
        for path in self.dir.rglob("*"):
            if path.is_file():
                self.assertNotIn(secret[60:].encode(), path.read_bytes())
        self.assertNotIn(secret[60:], self.seal_run.stdout)
        for name in ("manifest.json", "manifest.json.minisig", "custody.jsonl", "manifest.sha256"):
            self.assertEqual(stat.S_IMODE((self.dir / name).stat().st_mode), 0o600)


class Custody(Folder):
    def lines(self):
        return (self.dir / "custody.jsonl").read_text().splitlines(keepends=True)

    def test_growth_is_valid_and_rewriting_is_not(self):
        reply = self.base / "reply.pdf"
        reply.write_bytes(b"%PDF dear customer")
        added = tattle("custody", "add", self.dir, "--note", "The maker's answer", "--file", reply, "--as", "Aino")
        self.assertEqual(added.returncode, 0, added.stdout)
        self.holds("--log", "--as", "Editor", "--note", "read it")
        said = self.holds()
        self.assertIn("custody/reply.pdf, by the custody log", said)
        self.assertIn("3 lines, the first 1 as sealed", said)
        events = [json.loads(line) for line in self.lines()]
        self.assertEqual([(each["command"], each["by"]["name"]) for each in events],
                         [("seal", "Aino"), ("custody add", "Aino"), ("verify", "Editor")])
        for before, after in zip(self.lines(), events[1:]):
            self.assertEqual(after["previous"], hashlib.sha256(before.encode()).hexdigest())
        flip(self.dir / "custody/reply.pdf")
        self.fails_naming("custody/reply.pdf")

    def test_an_old_line_rewritten_with_all_that_follow(self):
        tattle("custody", "add", self.dir, "--note", "later")
        lines = [json.loads(line) for line in self.lines()]
        lines[0]["by"]["name"] = "Mallory"
        previous, text = "0" * 64, ""
        for each in lines:
            each["previous"] = previous
            line = json.dumps(each, sort_keys=True, separators=(",", ":")) + "\n"
            previous = hashlib.sha256(line.encode()).hexdigest()
            text += line
        (self.dir / "custody.jsonl").write_text(text)
        self.fails_naming("custody.jsonl")
        refused = tattle("custody", "add", self.dir, "--note", "more")
        self.assertEqual(refused.returncode, 2, refused.stdout)

    def test_cut_reordered_and_unfinished_logs(self):
        tattle("custody", "add", self.dir, "--note", "two")
        tattle("custody", "add", self.dir, "--note", "three")
        one, two, three = self.lines()
        for name, text in {"nothing": "", "reordered": one + three + two, "left out": one + three, "torn": one + two[:-1],
                           "no JSON": one + "{}\n", "twice": one + two + two}.items():
            with self.subTest(name):
                (self.dir / "custody.jsonl").write_text(text)
                self.fails_naming("custody.jsonl")

    def test_slices_cut_later_join(self):
        cut = tattle("evidence", self.dir, "D1")
        self.assertEqual(cut.returncode, 0, cut.stdout)
        self.assertIn("evidence/D1.pcapng, by the custody log", self.holds())
        self.assertEqual(json.loads(self.lines()[-1])["command"], "evidence")
        flip(self.dir / "evidence/D1.pcapng")
        self.fails_naming("evidence/D1.pcapng")

    def test_sealing_again_keeps_the_former_seal(self):
        self.assertIn("was sealed at", self.seal().stdout)
        tattle("custody", "add", self.dir, "--note", "retest came in")
        (self.dir / "evidence/late.txt").write_text("late")
        again = self.seal("--again")
        self.assertEqual(again.returncode, 0, again.stdout)
        self.assertIn("3 lines, the first 3 as sealed", self.holds())
        self.assertEqual(self.minisign().returncode, 0)
        self.assertEqual(run("minisign", "-V", "-p", self.public, "-m", self.dir / "seals/1/manifest.json").returncode, 0)
        flip(self.dir / "seals/1/manifest.json")
        self.fails_naming("seals/1/manifest.json")

    def test_what_was_altered_is_not_sealed_again(self):
        flip(self.dir / "audit.json")
        again = self.seal("--again")
        self.assertEqual(again.returncode, 2)
        self.assertIn("audit.json", again.stdout)


class Keys(Folder):
    """minisign's keys here, ours there; with and without password."""

    PASSWORD = "kuusi kuusta kaatui"

    def minisign_key(self, name, *more):
        made = run("minisign", "-G", "-f", "-p", self.base / f"{name}.pub", "-s", self.base / f"{name}.key", *more,
                   text=f"{self.PASSWORD}\n{self.PASSWORD}\n")
        self.assertEqual(made.returncode, 0, made.stdout)

    def password_file(self, text=PASSWORD):
        path = self.base / "password"
        path.write_text(text + "\n")
        return path

    def sealed_with(self, name, *more):
        self.unsealed()
        self.public, self.secret = self.base / f"{name}.pub", self.base / f"{name}.key"
        sealed = self.seal(*more)
        self.assertEqual(sealed.returncode, 0, sealed.stdout)
        self.assertEqual(self.minisign().returncode, 0)
        self.holds()

    def test_minisigns_key_without_password(self):
        self.minisign_key("theirs", "-W")
        self.sealed_with("theirs")

    def test_minisigns_key_with_password(self):
        self.minisign_key("locked")
        self.sealed_with("locked", "--password-file", self.password_file())
        self.unsealed()
        wrong = self.seal("--password-file", self.password_file("something else"))
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("wrong password", wrong.stdout)
        self.assertFalse((self.dir / "manifest.json").exists())

    def test_our_key_with_password_signs_with_minisign(self):
        made = tattle("key", "new", "-o", self.base / "ours", "--password-file", self.password_file())
        self.assertEqual(made.returncode, 0, made.stdout)
        signed = run("minisign", "-S", "-s", self.base / "ours.key", "-m", self.dir / "manifest.json",
                     text=self.PASSWORD + "\n")
        self.assertEqual(signed.returncode, 0, signed.stdout)
        self.public = self.base / "ours.pub"
        self.assertEqual(self.minisign().returncode, 0)
        self.assertIn("good, by the key that you gave", self.verify().stdout)

    def test_our_key_without_password_signs_with_minisign(self):
        signed = run("minisign", "-S", "-W", "-s", self.secret, "-m", self.dir / "manifest.json")
        if signed.returncode != 0:  # older ones have -W for -G alone
            signed = run("minisign", "-S", "-s", self.secret, "-m", self.dir / "manifest.json")
        self.assertEqual(signed.returncode, 0, signed.stdout)
        self.assertEqual(self.minisign().returncode, 0)
        self.holds()
        # Its trusted comment can be written by hand, and is signed too.
        path = self.dir / "manifest.json.minisig"
        path.write_text(path.read_text().replace("trusted comment: timestamp", "trusted comment: Timestamp"))
        self.fails_naming("manifest.json.minisig")

    def test_legacy_signatures(self):
        run("minisign", "-S", "-l", "-s", self.secret, "-m", self.dir / "manifest.json")
        self.assertTrue((self.dir / "manifest.json.minisig").read_text().splitlines()[1].startswith("RW"))
        self.holds()

    def test_password_typed_on_the_terminal(self):
        master, slave = pty.openpty()
        process = subprocess.Popen([PROGRAM, "key", "new", "-o", str(self.base / "typed")], stdin=slave, stdout=slave,
                                   stderr=slave, start_new_session=True,
                                   preexec_fn=lambda: __import__("fcntl").ioctl(slave, __import__("termios").TIOCSCTTY, 0))
        os.close(slave)
        said = b""
        for prompt in (b"New password for the key: ", b"The same again: "):
            while not said.endswith(prompt):
                said += os.read(master, 1000)
            os.write(master, self.PASSWORD.encode() + b"\n")
        try:
            while chunk := os.read(master, 1000):
                said += chunk
        except OSError:  # the other end is closed
            pass
        self.assertEqual(process.wait(timeout=60), 0, said)
        os.close(master)
        self.assertNotIn(self.PASSWORD.encode(), said)
        self.sealed_with("typed", "--password-file", self.password_file())

    def test_mistakes(self):
        self.unsealed()
        other = self.base / "text"
        other.write_text("hello\n")
        empty = self.base / "empty"
        empty.mkdir(exist_ok=True)
        old = self.base / "old"
        old.mkdir(exist_ok=True)
        (old / "audit.json").write_text("{}")
        for arguments, said in (
                (("seal", self.dir, "--key", self.public), "this is a public key"),
                (("seal", self.dir, "--key", other), "not a secret key"),
                (("seal", self.dir, "--key", self.base / "none.key"), "cannot be read"),
                (("seal", self.dir), "--key"),
                (("seal", empty, "--key", self.secret), "holds no audit"),
                (("seal", old, "--key", self.secret), "run.json"),
                (("seal", self.base / "nowhere", "--key", self.secret), "no such folder"),
                (("verify", self.dir), "is not sealed"),
                (("verify", self.base / "nowhere"), "is no folder"),
                (("verify", self.base / "evening", "--public-key", self.secret), "this is a secret key"),
                (("verify", self.base / "evening", "--public-key", other), "not a public key"),
                (("custody", "add", self.dir), "--note"),
                (("custody", "add", empty, "--note", "x"), "holds no audit"),
                (("key", "new", "-o", self.base / "aino", "--no-password"), "is there already"),
                (("selftest", "--samples", empty), "lumia-evening"),
                (("seal", self.dir, "--timestamp-request"), "is not sealed"),
                (("seal", self.dir, "--timestamp-token", other), "is not sealed"),
        ):
            with self.subTest(arguments=arguments):
                result = tattle(*arguments)
                self.assertEqual(result.returncode, 2, result.stdout)
                self.assertEqual(result.stdout.count("\n"), 1, result.stdout)
                self.assertIn(said, result.stdout)

    def test_a_link_or_a_capture_that_changed_is_not_sealed(self):
        self.unsealed()
        (self.dir / "evidence/link").symlink_to("/etc/hostname")
        refused = self.seal()
        self.assertEqual(refused.returncode, 2)
        self.assertIn("evidence/link", refused.stdout)
        (self.dir / "evidence/link").unlink()
        capture = self.base / "lumia-evening.pcapng"
        content = capture.read_bytes()
        try:
            flip(capture)
            refused = self.seal()
            self.assertEqual(refused.returncode, 2)
            self.assertIn("lumia-evening.pcapng: this capture has changed", refused.stdout)
        finally:
            capture.write_bytes(content)
        self.assertFalse((self.dir / "manifest.json").exists())


class Timestamps(Folder):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = cls.base / "authority"
        cls.authority.mkdir()
        cls.make_authority("tsa", "timeStamping")

    @classmethod
    def make_authority(cls, name, usage):
        (cls.authority / f"{name}.cnf").write_text(
            "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=Time of Example\n[ca]\nbasicConstraints=critical,CA:TRUE\n"
            f"[leaf]\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,{usage}\n"
            "[tsa]\ndefault_tsa=one\n[one]\nserial=serial\ndefault_policy=1.2.3.4.1\ndigests=sha256\nsigner_digest=sha256\n"
            "ordering=no\ness_cert_id_alg=sha256\nsigner_cert=tsa.crt\nsigner_key=tsa.pem\n")
        for command in (
                f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}-ca.pem -out {name}-ca.crt "
                f"-config {name}.cnf -extensions ca -subj /CN=Root-of-{name} -days 2",
                f"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.pem -out {name}.csr -config {name}.cnf",
                f"x509 -req -in {name}.csr -CA {name}-ca.crt -CAkey {name}-ca.pem -CAcreateserial -out {name}.crt "
                f"-extfile {name}.cnf -extensions leaf -days 2"):
            made = run("openssl", *command.split(), cwd=cls.authority)
            assert made.returncode == 0, made.stdout
        (cls.authority / "serial").write_text("01\n")

    def answer(self, request=None, name="answer.tsr", more=()):
        made = run("openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "one", "-queryfile",
                   request or self.dir / "manifest.tsq", "-out", self.base / name, *more, cwd=self.authority)
        self.assertEqual(made.returncode, 0, made.stdout)
        return self.base / name

    def ask(self):
        asked = tattle("seal", self.dir, "--timestamp-request")
        self.assertEqual(asked.returncode, 0, asked.stdout)
        self.assertIn("curl", asked.stdout)

    def file(self, path, *more):
        return tattle("seal", self.dir, "--timestamp-token", path, *more)

    def test_request_answer_and_chain(self):
        self.ask()
        text = run("openssl", "ts", "-query", "-in", self.dir / "manifest.tsq", "-text").stdout
        self.assertIn("Hash Algorithm: sha256", text)
        self.assertIn("Certificate required: yes", text)
        self.assertIn("asked for", self.holds())
        filed = self.file(self.answer())
        self.assertEqual(filed.returncode, 0, filed.stdout)
        self.assertIn("was not checked", self.holds())
        self.assertIn("Time of Example", self.holds())
        self.assertIn("certificate that you gave", self.holds("--timestamp-ca", self.authority / "tsa-ca.crt"))
        theirs = run("openssl", "ts", "-verify", "-in", self.dir / "manifest.tsr", "-data", self.dir / "manifest.json",
                     "-CAfile", self.authority / "tsa-ca.crt")
        self.assertIn("Verification: OK", theirs.stdout)
        self.make_authority("other", "timeStamping")
        stranger = self.verify("--timestamp-ca", self.authority / "other-ca.crt")
        self.assertEqual(stranger.returncode, 1, stranger.stdout)

    def test_sealing_with_the_request_at_once(self):
        self.unsealed()
        self.assertEqual(self.seal("--timestamp-request").returncode, 0)
        self.assertEqual(self.file(self.answer()).returncode, 0)
        self.holds()

    def test_one_byte_in_request_or_answer(self):
        self.ask()
        self.assertEqual(self.file(self.answer()).returncode, 0)
        for name in ("manifest.tsq", "manifest.tsr"):
            whole = (self.dir / name).read_bytes()
            for at in range(0, len(whole), 1 if name == "manifest.tsq" else 37):
                with self.subTest(name=name, at=at):
                    flip(self.dir / name, at)
                    self.fails_naming(name)
                    (self.dir / name).write_bytes(whole)
        self.holds()

    def test_answers_that_are_refused(self):
        self.ask()
        first = self.answer()
        (self.base / "noise").write_text("no answer\n")
        self.assertIn("is no answer", self.file(self.base / "noise").stdout)
        # For another hash, and for another request of the same hash.
        other = self.base / "other.tsq"
        run("openssl", "ts", "-query", "-data", self.secret, "-sha256", "-cert", "-out", other)
        self.assertIn("another manifest", self.file(self.answer(other, "other.tsr")).stdout)
        run("openssl", "ts", "-query", "-data", self.dir / "manifest.json", "-sha256", "-cert", "-out", other)
        self.assertIn("another request", self.file(self.answer(other, "nonce.tsr")).stdout)
        # Refused by the authority, which takes no such hash.
        run("openssl", "ts", "-query", "-data", self.dir / "manifest.json", "-sha512", "-cert", "-out", other)
        refused = self.file(self.answer(other, "refused.tsr"))
        self.assertEqual(refused.returncode, 2)
        self.assertIn("refused", refused.stdout)
        self.assertEqual(self.file(first).returncode, 0)
        self.holds()

    def test_the_bare_token(self):
        self.ask()
        self.assertEqual(self.file(self.answer(name="token", more=("-token_out",))).returncode, 0)
        self.holds()


class SelfTest(unittest.TestCase):
    """The program and tests/score.py agree about the sample, and about truths that are not the sample's."""

    def test_agreement(self):
        truth = json.loads((SAMPLES / "lumia-evening.truth.json").read_text())
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            for path in SAMPLES.iterdir():
                shutil.copy(path, folder)
            document = json.loads(tattle("audit", folder / "lumia-evening.pcapng", "--subject", folder / "lumia-evening.yaml",
                                         "--json").stdout)
            entries = truth["disclosures"]
            missed, optional = copy.deepcopy(entries[0]), copy.deepcopy(entries[0])
            missed["host"], optional["host"], optional["optional"] = "never.example", "perhaps.example", True
            counted = copy.deepcopy(entries)
            counted[4]["count"] += 1
            halves = copy.deepcopy(entries[0])  # two lines of the truth for one disclosure
            entries_of = {"as it is": entries, "missed": entries + [missed], "optional": entries + [optional],
                          "extra": entries[3:], "counted": counted, "twice": entries + [halves], "nothing": []}
            for name, changed in entries_of.items():
                with self.subTest(name):
                    other = truth | {"disclosures": changed}
                    (folder / "lumia-evening.truth.json").write_text(json.dumps(other))
                    right, gone, extra, miscounted = score.compare(document, other)
                    expected = f"{len(right)} right, {len(gone)} missed, {len(extra)} extra"
                    if miscounted:
                        expected += f", {len(miscounted)} with another count"
                    result = tattle("selftest", "--samples", folder)
                    self.assertEqual(result.stdout.splitlines()[-1], expected)
                    self.assertEqual(result.returncode, 0 if right and not (gone or extra or miscounted) else 1)


if __name__ == "__main__":
    unittest.main()
