#!/usr/bin/env python3
"""Runs every suite of one build and ends with `N passed, N failed`.

usage: run_tests.py PRESET [REGEX]

Suites: the C++ tests through ctest; with the release build also the scripts' (tests/*_test.sh), the laboratory's
(lab/test_*.py) and the report's in Chromium (tests/*.test.mjs).
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent


def ctest(preset, pattern):
    with tempfile.NamedTemporaryFile(suffix=".xml") as junit:
        command = ["ctest", "--test-dir", f"build/{preset}", "-j2", "--output-on-failure", "--no-tests=error",
                   "--output-junit", junit.name]
        if pattern:
            command += ["-R", pattern]
        # Only failures are worth reading: a thousand lines of success hide them.
        run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace", check=False)
        try:
            suite = ElementTree.parse(junit.name).getroot()
        except ElementTree.ParseError:
            print(run.stdout[-4000:])
            return 0, 1
    failed = [case for case in suite.iter("testcase") if case.get("status") != "run"]
    total = sum(1 for _ in suite.iter("testcase"))
    for case in failed:
        print(f"--- {case.get('name')}\n{(case.findtext('system-out') or '')[-4000:]}")
    return total - len(failed), len(failed)


def script(command):
    """A suite that prints `N passed, N failed` as its last line, or a unittest or node:test summary."""
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                         check=False)
    text = run.stdout
    if found := re.search(r"^(\d+) passed, (\d+) failed$", text, re.M):
        passed, failed = int(found[1]), int(found[2])
    elif found := re.search(r"^# pass (\d+)\n# fail (\d+)", text, re.M):
        passed, failed = int(found[1]), int(found[2])
    elif found := re.search(r"^. pass (\d+)\n. fail (\d+)", text, re.M):
        passed, failed = int(found[1]), int(found[2])
    elif found := re.search(r"^Ran (\d+) tests? in", text, re.M):
        bad = sum(int(number) for number in re.findall(r"(?:failures|errors)=(\d+)", text))
        passed, failed = max(0, int(found[1]) - bad), bad  # subtests may fail more often than there are tests
    else:
        passed, failed = 0, 1
    if run.returncode != 0 and failed == 0:
        failed = 1
    if failed:
        print(text[-20000:])
    return passed, failed


def main():
    preset, pattern = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    os.environ["NO_COLOR"] = "1"
    suites = [(f"C++ ({preset})", lambda: ctest(preset, pattern))]
    if preset == "release" and not pattern:
        for path in sorted(ROOT.glob("tests/*_test.sh")):
            suites.append((path.name, lambda path=path: script(["bash", str(path)])))
        for path in sorted([*ROOT.glob("tests/test_*.py"), *ROOT.glob("lab/test_*.py")]):
            suites.append((path.name, lambda path=path: script([sys.executable, str(path)])))
        for path in sorted(ROOT.glob("tests/*.test.mjs")):
            suites.append((path.name, lambda path=path: script(["node", "--test", str(path)])))
    passed = failed = 0
    for name, run in suites:
        suite_passed, suite_failed = run()
        print(f"{name}: {suite_passed} passed, {suite_failed} failed", flush=True)
        passed += suite_passed
        failed += suite_failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
