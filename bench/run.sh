#!/usr/bin/env bash
# Whole commands on the same bytes: Tattle against tshark (decrypting, printing request paths) and, in clear, against
# tcpflow. Medians of several runs, wall seconds and peak memory. usage: run.sh [RUNS]
set -eu
cd "$(dirname "$0")/.."
runs=${1:-3}
folder=build/bench
program=build/release/tattle
[ -s "$folder/made.json" ] || python3 bench/generate.py "$folder"
python3 bench/compare.py "$program" "$folder" "$runs"
exec python3 bench/memory.py "$program"
