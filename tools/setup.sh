# shellcheck shell=bash
# What ./tattle and ./dev share: installs what is missing, configures and builds. Sourced, with $root set.
# Everything it says goes to standard error: standard output belongs to the program.

: "${root:?set by the caller: the folder of the project}"

say() { printf 'tattle: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Package names of packages.txt: those needed to run, or with "all" the tests' too.
package_names() {
  local upto='^# tests'
  [ "${1:-run}" = all ] && upto='^$never'
  sed "/$upto/q" "$root/packages.txt" | grep -v '^#'
}

missing_packages() {
  local name
  local -A present=()
  while read -r name; do present[$name]=1; done < <(
    package_names "$1" | xargs dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
  for name in $(package_names "$1"); do [ "${present[$name]:-}" ] || echo "$name"; done
  # Node.js from elsewhere is as good; Debian's conflicts with it.
  if ! command -v npm >/dev/null; then
    command -v node >/dev/null || echo nodejs
    echo npm
  fi
}

install_packages() {
  local missing as_root=()
  command -v dpkg-query >/dev/null || die "this is not Debian: install what packages.txt names by hand, then call ./tattle again"
  mapfile -t missing < <(missing_packages "$1")
  [ "${#missing[@]}" -eq 0 ] && return
  say "will install ${#missing[@]} Debian packages: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "not root and no sudo: as root, run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null >&2 ||
    say "warning: the list of packages could not be refreshed"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    </dev/null >"$root/build/packages.log" 2>&1 ||
    { tail -n 5 "$root/build/packages.log" >&2; die "apt-get failed (all it said is in build/packages.log)"; }
}

# Country and network data, and what the report's script is built with. Without them an audit runs all the same, says
# that countries are unknown and writes its report without pictures.
install_node_packages() {
  local options=(--ignore-scripts --no-audit --no-fund --loglevel=error)
  [ "${1:-run}" = all ] || options+=(--omit=dev)
  local wanted
  wanted="$1 $(sha256sum <"$root/package-lock.json")"
  [ "$(cat "$root/node_modules/.tattle" 2>/dev/null)" = "$wanted" ] && return
  [ "$(cat "$root/node_modules/.tattle" 2>/dev/null)" = "all ${wanted#* }" ] && return
  say "will install npm packages: $([ "$1" = all ] && echo 'country and network data, the report, test tools' || echo 'country and network data, the report')"
  if (cd "$root" && npm ci "${options[@]}" </dev/null >"$root/build/npm.log" 2>&1); then
    mkdir -p "$root/node_modules"
    echo "$wanted" >"$root/node_modules/.tattle"
  else
    tail -n 3 "$root/build/npm.log" >&2
    say "warning: npm could not install them; countries will be unknown and reports without pictures until './dev setup' succeeds"
  fi
}

# Installs once for each state of the two lists; $1 is run or all.
install_dependencies() {
  local stamp wanted
  mkdir -p "$root/build"
  stamp="$root/build/.installed-$1"
  wanted=$(cat "$root/packages.txt" "$root/package-lock.json" | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && [ -f "$root/node_modules/.tattle" ] && return
  install_packages "$1"
  install_node_packages "$1"
  echo "$wanted" >"$stamp"
}

# Builds the report's script when its sources or packages are newer. Without it reports are written without pictures.
build_web() {
  local made="$root/build/web/report.js" vite="$root/node_modules/vite/bin/vite.js"
  [ -f "$vite" ] && command -v node >/dev/null || return 0
  [ -f "$made" ] && [ -z "$(find "$root/web" "$root/package-lock.json" -newer "$made" -print -quit)" ] && return 0
  (cd "$root" && node "$vite" build --config web/vite.config.mjs </dev/null >"$root/build/web.log" 2>&1) && return 0
  tail -n 3 "$root/build/web.log" >&2
  say "warning: the report's script could not be built (all of it is in build/web.log); reports will have no pictures"
}

# build_preset PRESET TARGET…
build_preset() {
  local preset=$1 log="$root/build/$1.log"
  shift
  build_web
  if [ ! -f "$root/build/$preset/build.ninja" ]; then
    (cd "$root" && cmake --preset "$preset" </dev/null >"$log" 2>&1) || { tail -n 20 "$log" >&2; die "configuring failed"; }
  fi
  if ! (cd "$root" && cmake --build "build/$preset" --target "$@" </dev/null >"$log" 2>&1); then
    grep -E 'error|FAILED' -A3 "$log" | head -n 40 >&2
    die "building failed (all of it is in build/$preset.log)"
  fi
}

# Compiles the network table from the CSV that npm brought, when that is newer.
build_data() {
  local csv="$root/node_modules/@ip-location-db/asn/asn-ipv4.csv" table="$root/.cache/data"
  [ -f "$csv" ] || return 0
  [ -d "$table" ] && [ -z "$(find "$csv" -newer "$table/.built" 2>/dev/null)" ] && [ -f "$table/.built" ] && return 0
  if "$root/build/release/tattle" data build </dev/null >&2; then
    touch "$table/.built"
    return
  fi
  say "warning: network data could not be compiled; holders of networks will be unknown"
}
