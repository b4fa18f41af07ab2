#!/usr/bin/env python3
"""Every anomaly that the code notes stands in data/anomalies.tsv with its meaning, and no other does."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    table = [line.split("\t") for line in (ROOT / "data/anomalies.tsv").read_text().splitlines() if line]
    listed = {row[0] for row in table}
    text = "\n".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.[ch]*")) if "_test" not in path.name)
    literals = set(re.findall(r'"([a-z0-9]+\.[a-z0-9]+(?:-[a-z0-9]+)*)"', text))
    noted = set(re.findall(r'note\(\s*"([^"]+)"', text))
    wrong = [f"{name}: noted, but not in data/anomalies.tsv" for name in sorted(noted - listed)]
    wrong += [f"{name}: in data/anomalies.tsv, but noted nowhere" for name in sorted(listed - literals - noted)]
    wrong += [f"{row[0]}: needs a meaning" for row in table if len(row) != 2 or not row[1]]
    wrong += ["data/anomalies.tsv: keep it sorted"] if [row[0] for row in table] != sorted(listed) else []
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
