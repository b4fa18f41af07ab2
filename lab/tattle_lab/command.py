"""Command line of the laboratory: goes into private namespaces, plays the scenario, writes the files."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import evening, pushes, scenario

NEEDED = ["brotli", "curl", "ethtool", "gnutls-cli", "gnutls-serv", "ip", "nginx", "openssl", "tcpdump", "unshare",
          "zstd"]
INSIDE = "TATTLE_LAB_INSIDE"
TIME_LIMIT_S = 120


def main():
    """Returns the exit code: 0 done, 2 a mistake of the user's, 1 anything else."""
    parser = argparse.ArgumentParser(prog="lab/run", description="Plays a scenario and writes what it made.")
    parser.add_argument("scenario", type=Path, help="file in lab/scenarios")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("--name", default="", help="prefix of the files, as in NAME.pcapng; otherwise plain names")
    options = parser.parse_args()
    try:
        raw = scenario.read_whole(options.scenario)
    except scenario.Mistake as mistake:
        return complain(str(mistake))
    if "pushes" in raw:
        pushes.play(raw, options.out, options.name)
        return 0
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing:
        return complain(f"missing programs: {', '.join(missing)}; install the packages that lab/README.md lists")
    try:
        plan = scenario.load(options.scenario)
    except scenario.Mistake as mistake:
        return complain(str(mistake))
    if os.environ.get(INSIDE):
        try:
            evening.play(plan, Path(os.environ[INSIDE]), options.out, options.name)
        except (RuntimeError, OSError) as failure:
            print(f"lab/run: {failure}", file=sys.stderr)
            return 1
        return 0
    # Out here, so that the folder goes even when everything inside is killed.
    with tempfile.TemporaryDirectory(prefix="tattle-lab-") as work:
        return enter_namespaces(work)


def complain(text):
    print(f"lab/run: {text}", file=sys.stderr)
    return 2


def enter_namespaces(work):
    """Runs this program again as process 1 of its own network, mounts and processes.

    Whatever happens inside, the kernel ends every process and removes every interface when process 1 ends.
    """
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        # Not as root inside: tcpdump would try to leave that role, which a user namespace forbids.
        command += ["--user", "--map-current-user", "--keep-caps"]
    child = subprocess.Popen(command + sys.argv, env={**os.environ, INSIDE: work})
    try:
        return 1 if child.wait(timeout=TIME_LIMIT_S) else 0
    except subprocess.TimeoutExpired:
        print(f"lab/run: not done after {TIME_LIMIT_S} s; given up", file=sys.stderr)
        return 1
    finally:
        child.kill()
        child.wait()
