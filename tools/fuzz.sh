#!/usr/bin/env bash
# Runs the fuzz targets of the sanitizer build, from their seeds. usage: fuzz.sh [--smoke | TARGET [SECONDS]]
set -u
cd "$(dirname "$0")/.." || exit
build=build/sanitize
seconds=300 seed=0  # 0: a new one each time
targets=$(cd fuzz && printf '%s\n' *_fuzz.cc | sed 's/\.cc$//')
case "${1:-}" in
  --smoke) seconds=5 seed=1 ;;
  '') ;;
  *)
    targets=$1
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
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
