#!/usr/bin/env python3
"""Writes data/trackers.yaml: whose endpoints TrackHAR's adapters name.

    npm install --prefix /tmp/trackhar trackhar
    tools/import_trackhar.py /tmp/trackhar > data/trackers.yaml

Facts only: tracker, endpoint hosts, the adapters that name them. An endpoint says whose its registrable domain is
(Public Suffix List, from libpsl), because one holder registers all of a domain; the hosts themselves become examples.
The adapters' decoding instructions are left alone. TrackHAR is dedicated to the public domain (CC0 1.0).
"""
import ctypes
import datetime
import json
import pathlib
import re
import subprocess
import sys
from urllib.parse import urlsplit

DUMP = """
import {adapters} from 'trackhar';
const text = (url) => url instanceof RegExp ? {pattern: url.source} : {url};
console.log(JSON.stringify(adapters.map((adapter) => ({
  slug: adapter.tracker.slug, name: adapter.tracker.name, adapter: adapter.slug,
  endpoints: adapter.endpointUrls.map(text)}))));
"""

# TrackHAR's slug -> the id that data/organisations.yaml knows the same organisation by.
SAME = {"facebook": "meta", "branch-io": "branch", "singular-net": "singular"}


def registrable_domain():
    """The Public Suffix List's answer, as a function; empty for a suffix or nonsense."""
    library = ctypes.CDLL("libpsl.so.5")
    library.psl_builtin.restype = ctypes.c_void_p
    library.psl_registrable_domain.restype = ctypes.c_char_p
    library.psl_registrable_domain.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    table = library.psl_builtin()
    return lambda host: (library.psl_registrable_domain(table, host.encode()) or b"").decode()


def alternatives(pattern):
    """All texts of a pattern's `(a|b)` and `(c)?` groups; what else varies becomes `*`."""
    group = re.search(r"\(([^()]*)\)(\?)?", pattern)
    if group:
        choices = group[1].split("|") + ([""] if group[2] else [])
        for choice in choices:
            yield from alternatives(pattern[:group.start()] + choice + pattern[group.end():])
        return
    text = re.sub(r"\\d(\{[^}]*\})?|\\w|\[[^\]]*\]|(?<!\\)\.[+*]", "*", pattern)
    text = re.sub(r"[\w-]\?", "*", text)
    text = re.sub(r"\*[*+?]*", "*", text)
    yield text.replace("\\.", ".").replace("\\/", "/")


def hosts(endpoint):
    """Host names of an endpoint, with `*` for what its pattern leaves open."""
    if "url" in endpoint:
        return {urlsplit(endpoint["url"]).hostname}
    return {urlsplit(text).netloc for text in alternatives(endpoint["pattern"].strip("^$"))}


def collect(adapters):
    """{id: {"name", "domains": {domain: {"examples", "adapters"}}}}, and the patterns that name no domain."""
    domain_of, trackers, open_patterns = registrable_domain(), {}, []
    for adapter in adapters:
        tracker = trackers.setdefault(SAME.get(adapter["slug"], adapter["slug"]), {"name": adapter["name"], "domains": {}})
        for endpoint in adapter["endpoints"]:
            for host in hosts(endpoint):
                literal = host.rpartition("*")[2].lstrip(".-") if "*" in host else host
                # What stands behind the last open label is only a whole name if a dot cuts it off.
                if "*" in host and not host.rpartition("*")[2].startswith("."):
                    literal = literal.partition(".")[2]
                domain = domain_of(literal) if literal else ""
                if not domain:
                    open_patterns.append(f"{adapter['slug']}/{adapter['adapter']}: {host}")
                    continue
                entry = tracker["domains"].setdefault(domain, {"examples": set(), "adapters": set()})
                entry["examples"].add(host if "*" not in host else literal)
                entry["adapters"].add(f"{adapter['slug']}/{adapter['adapter']}")
    return trackers, sorted(set(open_patterns))


def write(trackers, open_patterns, version, adapters, out):
    day = datetime.date.today().isoformat()
    out.write("# Whose endpoints TrackHAR's adapters name: same schema as organisations.yaml, which wins where both speak.\n"
              "# Written by tools/import_trackhar.py from the npm package; do not edit.\n#\n"
              f"# package  trackhar {version}, {adapters} adapters of {len(trackers)} trackers\n"
              "# licence  CC0 1.0 (public domain)\n"
              "# command  npm install --prefix FOLDER trackhar && tools/import_trackhar.py FOLDER > data/trackers.yaml\n")
    for pattern in open_patterns:
        out.write(f"# left out  {pattern} (its pattern names no one domain)\n")
    out.write(f"sources:\n  trackhar:\n    what: TrackHAR {version}, adapters with their endpoints\n"
              f"    url: https://www.npmjs.com/package/trackhar/v/{version}\n    date: \"{day}\"\n"
              "organisations:\n")
    for key, tracker in sorted(trackers.items()):
        out.write(f"  - id: {key}\n    name: {json.dumps(tracker['name'], ensure_ascii=False)}\n"
                  "    kinds: [tracker]\n    source: trackhar\n    domains:\n")
        for domain, entry in sorted(tracker["domains"].items()):
            out.write(f"      - domain: {domain}\n        kinds: [tracker]\n"
                      f"        examples: [{', '.join(sorted(entry['examples']))}]\n"
                      f"        adapters: [{', '.join(sorted(entry['adapters']))}]\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    package = folder / "node_modules" / "trackhar" / "package.json"
    if not package.exists():
        sys.exit(f"{folder}: no TrackHAR there; npm install --prefix {folder} trackhar")
    facts = json.loads(package.read_text())
    if facts["license"] != "CC0-1.0":
        sys.exit(f"{package}: the licence is now {facts['license']}; read it before its facts are taken")
    dumped = subprocess.run(["node", "--input-type=module", "-e", DUMP], cwd=folder, capture_output=True, text=True,
                            check=True)
    adapters = json.loads(dumped.stdout)
    trackers, open_patterns = collect(adapters)
    write(trackers, open_patterns, facts["version"], len(adapters), sys.stdout)


if __name__ == "__main__":
    main()
