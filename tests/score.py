"""Compares an audit document with the laboratory's truth: what was found, missed, and found without being there."""
import collections


def key_of(entry, host):
    role = entry["recipient"]["role"] if "recipient" in entry else entry["role"]
    return (entry["datum"], entry["entry"], entry["form"], entry["direction"], entry["transport"], host, role)


def found_in(document):
    """Counts of occurrences in an audit document, by what the laboratory tells apart. Verified and sent or received."""
    counts = collections.Counter()
    for each in document["disclosures"]:
        if each["certainty"] != "verified":
            continue
        recipient = each["recipient"]
        counts[key_of(each, recipient.get("host") or (recipient.get("addresses") or [""])[0])] += each["count"]
    return counts


def compare(document, truth):
    """Returns (right, missed, extra, miscounted): lists of keys; `optional` entries of the truth may be absent."""
    found = found_in(document)
    wanted, optional = collections.Counter(), set()
    for entry in truth["disclosures"]:
        wanted[key_of(entry, entry["host"])] += entry["count"]
        if entry.get("optional"):
            optional.add(key_of(entry, entry["host"]))
    right = [key for key in wanted if found.get(key) == wanted[key]]
    missed = [key for key in wanted if key not in found and key not in optional]
    extra = [key for key in found if key not in wanted]
    miscounted = [(key, wanted[key], found[key]) for key in wanted if key in found and found[key] != wanted[key]]
    return right, missed, extra, miscounted


def main(arguments):
    import json
    import pathlib
    document, truth = (json.loads(pathlib.Path(path).read_text()) for path in arguments)
    right, missed, extra, miscounted = compare(document, truth)
    inferred = [each for each in document["disclosures"] if each["certainty"] == "inferred"]
    for name, keys in (("missed", missed), ("extra", extra), ("other count (truth, found)", miscounted)):
        for key in keys:
            print(f"{name}: {key}")
    for each in inferred:
        print(f"inferred: {each['datum']} {each['direction']} {each['recipient'].get('host')} {each['value']}")
    print(f"{len(right)} right, {len(missed)} missed, {len(extra)} extra, {len(miscounted)} miscounted, {len(inferred)} inferred")
    return 1 if missed or extra or miscounted else 0


if __name__ == "__main__":
    import sys
    sys.exit(main(sys.argv[1:]))
