#!/usr/bin/env python3
"""Prints Tattle's peak memory on captures that are never stored. usage: memory.py PROGRAM [GIGABYTES [OPEN [ACTIVE]]]

First one upload of a gigabyte in several wrappings (tests/huge_bodies.py, in which every planted value must be found
once), then captures of many connections (flood.py) of GIGABYTES, 5 by default, with OPEN silent connections and ACTIVE
busy ones: by default 200,000 and 5,000, then 2,000 and 500, which end and make room for others. About four minutes in
all; `memory.py PROGRAM 5 200000 5000` leaves the uploads and the other capture out."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ("plain", "gzip", "multipart-base64", "form", "http2-gzip")


def measure(command, source):
    """Peak resident bytes, processor seconds, and what it printed."""
    reader = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    source.close()
    text = reader.stdout.read()
    _, status, usage = os.wait4(reader.pid, 0)
    reader.returncode = os.waitstatus_to_exitcode(status)
    if reader.returncode != 0:
        raise RuntimeError(f"{command}: exit code {reader.returncode}")
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime, text


def row(name, peak, seconds):
    print(f"{name:70}{peak / 1e6:9.0f}{seconds:9.1f}", flush=True)


def uploads(program):
    for kind in KINDS:
        environment = {**os.environ, "TATTLE_PROGRAM": str(program), "TATTLE_HUGE_MB": "1000"}
        started = time.monotonic()
        run = subprocess.run([sys.executable, ROOT / "tests/test_huge_bodies.py", "HugeBodies.test_" + kind.replace("-", "_")],
                             env=environment, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode != 0:
            raise RuntimeError(run.stderr)
        peak = next(line for line in run.stderr.splitlines() if "peak" in line).split("peak")[1].split()[0]
        row(f"upload of 1,000 MB, {kind}", float(peak) * 1e6, time.monotonic() - started)


def flood(program, gigabytes, open_flows, active, jobs):
    with tempfile.TemporaryDirectory() as folder:
        writer = subprocess.Popen([sys.executable, ROOT / "bench/flood.py", folder, "--gigabytes", str(gigabytes), "--open",
                                   str(open_flows), "--active", str(active)], stdout=subprocess.PIPE)
        keys = pathlib.Path(folder, "flood.keys")
        deadline = time.monotonic() + 60
        while not (keys.exists() and keys.read_text().count("\n") >= 5):
            if writer.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("flood.py wrote no keys")
            time.sleep(0.05)
        peak, seconds, text = measure([program, "audit", "-", "--subject", folder + "/subject.yaml", "--keys", keys, "--json",
                                       "--jobs", str(jobs)], writer.stdout)
        writer.wait()
        document = json.loads(text)
        size = sum(capture["size"] for capture in document["captures"])
        row(f"{size / 1e9:.1f} GB, {open_flows} silent, {active} busy connections, --jobs {jobs}", peak, seconds)


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    gigabytes = float(sys.argv[2]) if len(sys.argv) > 2 else 5
    floods = [tuple(map(int, sys.argv[3:5]))] if len(sys.argv) > 4 else [(200000, 5000), (2000, 500)]
    print(f"\nMemory\n{'':70}{'MB peak':>9}{'seconds':>9}")
    if len(sys.argv) <= 4 and gigabytes >= 1:
        uploads(program)
    for open_flows, active in floods:
        for jobs in (1, 2):
            flood(program, gigabytes, open_flows, active, jobs)


if __name__ == "__main__":
    main()
