#!/usr/bin/env bash
# Runs the fuzz targets of the sanitizer build, from their seeds, then whole and damaged copies of the real captures
# that lie beside the project, if any. usage: fuzz.sh [--smoke | --all | TARGET [SECONDS]]
set -u
cd "$(dirname "$0")/.." || exit
build=build/sanitize
seconds=300 seed=0  # 0: a new one each time
copies=20 captures=../shared/captures
targets=$(cd fuzz && printf '%s\n' *_fuzz.cc | sed 's/\.cc$//')
case "${1:-}" in
  --smoke) seconds=5 seed=1 copies=2 ;;
  '' | --all) ;;
  *)
    targets=$1 captures=
    seconds=${2:-300}
    ;;
esac
passed=0 failed=0
for target in $targets; do
  corpus="build/corpus/$target"
  mkdir -p "$corpus"
  corpora=("$corpus")
  [ -d "fuzz/seeds/$target" ] && corpora+=("fuzz/seeds/$target")
  if "$build/$target" -max_total_time="$seconds" -seed="$seed" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="build/corpus/$target-" \
    "${corpora[@]}" >"build/corpus/$target.log" 2>&1; then
    passed=$((passed + 1))
    printf '%-32s %s\n' "$target" "$(tail -n 1 "build/corpus/$target.log")"
  else
    failed=$((failed + 1))
    printf '%-32s FAILED\n' "$target"
    tail -n 40 "build/corpus/$target.log"
  fi
done
if [ -d "$captures" ]; then
  if "$build/damaged_captures" "$captures" "$copies" "$((seed ? seed : RANDOM))" >build/corpus/damaged_captures.log 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  printf '%-32s %s\n' damaged_captures "$(tail -n 1 build/corpus/damaged_captures.log)"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
