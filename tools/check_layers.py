#!/usr/bin/env python3
"""A stage may include itself and the stages before it, in the order in which CMakeLists.txt lists them; behind the stages come
those who wire them: pipeline, run, cli."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    stages = re.findall(r"^tattle_stage\((\w+)", (ROOT / "CMakeLists.txt").read_text(), re.M)
    stages += ["pipeline", "run", "cli"]
    rank = {stage: position for position, stage in enumerate(stages)}
    wrong = []
    for path in sorted((ROOT / "src").rglob("*.[ch]*")):
        stage = path.relative_to(ROOT / "src").parts[0]
        if stage not in rank:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            included = re.match(r'#include "(\w+)/', line)
            if re.match(r'#include "[^/"]+"', line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: include by stage, as in \"base/bytes.h\"")
            if included and rank.get(included[1], len(stages)) > rank[stage]:
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {stage} must not know {included[1]}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong or not stages else 0


if __name__ == "__main__":
    sys.exit(main())
