#!/usr/bin/env python3
"""Times Tattle and its peers on the bench captures. usage: compare.py PROGRAM FOLDER RUNS

Commands take turns (A B A B …), so that a machine that slows down slows all; medians are printed, with their ratios.
"""
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def run(command, folder):
    """Wall seconds and peak resident bytes of one whole command."""
    before = time.monotonic()
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(command, stdout=nothing, stderr=nothing, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - before, usage.ru_maxrss * 1024


def measure(commands, runs):
    results = {name: [] for name in commands}
    for turn in range(runs + 1):  # the first turn warms the file cache and is not counted
        for name, command in commands.items():
            scratch = tempfile.mkdtemp(prefix="tattle-bench-")
            try:
                result = run(command, scratch)
            finally:
                shutil.rmtree(scratch)
            if turn:
                results[name].append(result)
    return {name: (statistics.median(seconds for seconds, _ in each), max(memory for _, memory in each))
            for name, each in results.items()}


def table(title, results, peer):
    print(f"\n{title}\n{'':34}{'seconds':>9}{'MB peak':>9}{'times ' + peer:>16}")
    for name, (seconds, memory) in results.items():
        print(f"{name:34}{seconds:9.2f}{memory / 1e6:9.0f}{results[peer][0] / seconds:16.2f}")


def ten_thousand(subject, folder):
    """The bench's subject with 10,000 more values, none of which is in the traffic."""
    more = dict(subject)
    more["data"] = subject["data"] + [{"datum": "custom", "value": f"planted-{number:05d}-{number * 7919 % 99991:05d}"}
                                      for number in range(10000)]
    path = folder / "subject-10000.yaml"
    path.write_text(json.dumps(more, ensure_ascii=False))
    return path


def main():
    program, folder, runs = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), int(sys.argv[3])
    made = json.loads((folder / "made.json").read_text())
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    print(f"{made['uploaded_bytes'] / 1e6:.0f} MB of JSON telemetry in {made['bodies']} requests, "
          f"{made['compressed_share']:.1%} of the bytes gzip; {os.cpu_count()} cores, "
          f"{processor[1] if processor else 'unknown processor'}; medians of {runs} runs")
    subject = folder / "subject.yaml"
    many = ten_thousand(json.loads(subject.read_text()), folder)
    tls, keys, clear = folder / "tls.pcap", folder / "tls.keys", folder / "clear.pcap"

    def audit(capture, *more, of=subject):
        return [program, "audit", capture, "--subject", of, *more]

    table(f"TLS 1.3, HTTP/2: {tls.stat().st_size / 1e6:.0f} MB", measure({
        "tshark": ["tshark", "-r", tls, "-o", f"tls.keylog_file:{keys}", "-Y", "http2.headers.path", "-T", "fields", "-e",
                   "http2.headers.path"],
        "tattle audit --jobs 1": audit(tls, "--keys", keys, "--jobs", "1"),
        "tattle audit --jobs 2": audit(tls, "--keys", keys, "--jobs", "2"),
        "10,000 more values, --jobs 1": audit(tls, "--keys", keys, "--jobs", "1", of=many),
        "tattle audit --out, --jobs 1": audit(tls, "--keys", keys, "--jobs", "1", "--out", "out"),
    }, runs), "tshark")
    table(f"clear, HTTP/1.1: {clear.stat().st_size / 1e6:.0f} MB", measure({
        "tcpflow": ["tcpflow", "-r", clear, "-o", "flows"],
        "tattle audit --jobs 1": audit(clear, "--jobs", "1"),
        "tattle audit --jobs 2": audit(clear, "--jobs", "2"),
    }, runs), "tcpflow")


if __name__ == "__main__":
    main()
