#!/usr/bin/env bash
# Formatting, lint, the order of the stages and the table of anomalies. Each says what to do.
set -u
cd "$(dirname "$0")/.." || exit
bad=0
step() {
  local name=$1
  shift
  if "$@"; then echo "$name: ok"; else
    echo "$name: see above"
    bad=1
  fi
}
format() {
  git ls-files '*.cc' '*.h' | xargs clang-format --dry-run -Werror 2>&1 | head -n 20
  [ "${PIPESTATUS[1]}" -eq 0 ] || { echo "run ./dev format"; return 1; }
}
tidy() {
  git ls-files 'src/*.cc' | grep -v _test.cc | xargs -P 2 -n 4 clang-tidy-14 -p build/release --quiet 2>/dev/null >build/tidy.log
  local result=$?
  [ "$result" -eq 0 ] || grep -E 'error|warning' build/tidy.log | sort -u | head -n 40
  return "$result"
}
scripts() { shellcheck tattle dev tools/*.sh tests/*.sh .ci/run bench/*.sh; }
step "format" format
step "order of the stages" python3 tools/check_layers.py
step "table of anomalies" python3 tools/check_anomalies.py
step "scripts" scripts
step "lint" tidy
exit "$bad"
