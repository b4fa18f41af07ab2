#!/usr/bin/env bash
# Set-up with everything outside it replaced by stubs: what is installed, by whom, and what is said when it cannot be.
set -u
source_root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

check() {  # check NAME CONDITION…
  local name=$1
  shift
  if "$@"; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $name"
    sed 's/^/  | /' "$scratch/said"
  fi
}
said() { grep -qF -- "$1" "$scratch/said"; }
called() { grep -qF -- "$1" "$scratch/calls" 2>/dev/null; }
not() { ! "$@"; }

# A project folder of its own and a PATH of stubs that write down how they were called.
new_project() {
  rm -rf "${scratch:?}"/*
  mkdir -p "$scratch/root/tools" "$scratch/bin" "$scratch/root/src" "$scratch/root/cmake" "$scratch/root/web"
  cp "$source_root/tools/setup.sh" "$scratch/root/tools/"
  cp "$source_root/tattle" "$scratch/root/"
  printf '# run\nalpha\nbeta\n# tests\ngamma\n' >"$scratch/root/packages.txt"
  echo '{}' >"$scratch/root/package-lock.json"
  touch "$scratch/root/CMakeLists.txt" "$scratch/root/CMakePresets.json"
  for tool in bash env sed grep cat id mkdir touch tail head find sha256sum xargs readlink dirname mv rm chmod date printf; do
    ln -sf "$(command -v "$tool" || echo /bin/true)" "$scratch/bin/$tool"
  done
  stub apt-get "exit 0"
  stub npm "exit 0"
  stub node "exit 0"
  stub dpkg-query 'echo "installed alpha"'
  stub id 'echo 1000'
  stub cmake 'case "$*" in *--build*) mkdir -p build/release; printf "#!/bin/sh\necho program \$*\n" >build/release/tattle; chmod +x build/release/tattle ;; esac'
}
stub() {  # stub NAME BODY
  rm -f "$scratch/bin/$1"
  printf '#!/bin/bash\necho "%s $*" >>"%s"\n%s\n' "$1" "$scratch/calls" "$2" >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}
start() { (cd "$scratch" && PATH="$scratch/bin" "$scratch/root/tattle" "$@" >"$scratch/out" 2>"$scratch/said" </dev/null); }

new_project
stub sudo '"$@"'
start --version
check "says what it will install" said "will install 1 Debian packages: beta"
check "installs by sudo when not root" called "sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends beta"
check "leaves the tests' packages alone" not called gamma
check "builds and runs, standard output being the program's alone" test "$(cat "$scratch/out")" = "program --version"

rm "$scratch/calls"
start again
check "starts the built program without set-up" not test -e "$scratch/calls"
touch -d '+2 seconds' "$scratch/root/src"
start again
check "rebuilds when a source changed" called "cmake --build"
check "does not install again" not called "apt-get install"

if [ "$(id -u)" -ne 0 ]; then  # root may write anywhere
  chmod a-w "$scratch/root"
  start again
  check "a folder that is somebody else's runs what was built" test "$(cat "$scratch/out")" = "program again"
  chmod u+w "$scratch/root"
  rm -r "$scratch/root/build"
  chmod a-w "$scratch/root"
  start again
  check "or says that nothing can be built there" said "not yours to write"
  chmod u+w "$scratch/root"
fi

new_project
start --version
check "without root and sudo, ends" test $? -ne 0
check "and says what to run as root" said "as root, run: apt-get install beta"

new_project
stub id 'echo 0'
stub apt-get 'case "$*" in *install*) echo "E: no such package"; exit 100 ;; esac'
start --version
check "a failed installation ends" test $? -ne 0
check "with apt-get's own words" said "E: no such package"

new_project
stub id 'echo 0'
stub npm 'exit 1'
start --version
check "without npm's data the program runs all the same" test "$(cat "$scratch/out")" = "program --version"
check "and says what is lacking" said "countries will be unknown"

new_project
stub id 'echo 0'
mkdir -p "$scratch/root/node_modules/vite/bin"
touch "$scratch/root/node_modules/vite/bin/vite.js"
stub node 'echo "broken front end"; exit 1'
start --version
check "a report's script that cannot be built is no reason not to run" test "$(cat "$scratch/out")" = "program --version"
check "but is said" said "reports will have no pictures"

# The built program starts with little overhead: the whole of ./tattle against the program alone.
if [ -x "$source_root/build/release/tattle" ] && [ -f "$source_root/build/release/.built" ]; then
  milliseconds() {
    local from
    from=$(date +%s%N)
    for _ in 1 2 3 4 5 6 7 8 9 10; do "$@" --version >/dev/null 2>&1; done
    echo $((($(date +%s%N) - from) / 10000000))
  }
  "$source_root/tattle" --version >/dev/null 2>&1
  overhead=$(($(milliseconds "$source_root/tattle") - $(milliseconds "$source_root/build/release/tattle")))
  echo "overhead of ./tattle: $overhead ms" >"$scratch/said"
  check "starts the built program with under 100 ms of overhead" test "$overhead" -lt 100
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
