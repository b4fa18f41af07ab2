#!/usr/bin/env python3
"""Every sentence that a stage writes in English for the report is one that the catalogues can say in another language.

The stages know of no languages: the report finds their sentences again by pattern (`said.*` in web/messages). So a new
sentence, or a new wording of an old one, must reach the catalogues. Here the literals of the sources are held against
them, and the catalogues against each other."""
import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAGES = ("src/assess", "src/attribute", "src/pipeline", "src/run")
# What never reaches the report: mistakes of the user's (one line on the terminal) and of programmers, logs and statements of SQL.
ELSEWHERE = re.compile(r"UserError|logic_error|\bfail\(|ADD_FAILURE|EXPECT_|ASSERT_|exec|print\(|spdlog|SqlInsert|static_assert|\bwhy\b.*=.*parse")
# Files whose sentences are of files of facts, which come with the program and are tested, and texts that stand as they
# are: names of sources with their licences, one that run.json explains, and one that the terminal alone says.
FACTS = re.compile(r"src/attribute/(facts/|network/networks|actions/action_fields)")
AS_THEY_ARE = ("Ghostery Tracker Database", "Countries: IPtoASN", "Networks: Route Views", "the path in run.json")
TEXT = re.compile(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+')
WORDS = re.compile(r"[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}")


def without_comments(source):
    """Comments become blanks, texts stay."""
    pattern = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.S)
    return pattern.sub(lambda found: found.group(1) or " ", source)


def literals(path):
    source = without_comments(path.read_text(encoding="utf-8"))
    source = re.sub(r'R"(\w*)\(.*?\)\1"', '""', source, flags=re.S)
    source = re.sub(r"^\s*#.*$", "", source, flags=re.M)
    for found in TEXT.finditer(source):
        text = "".join(json.loads(f'"{part}"') if "\\x" not in part else part
                       for part in re.findall(r'"((?:[^"\\\n]|\\.)*)"', found.group(0)))
        before = source[max(0, found.start() - 600):found.start()]
        statement = re.split(r"[;{}]\s*\n", before)[-1]
        yield text, statement, source.count("\n", 0, found.start()) + 1


def fixed_parts(text):
    """What stands between the placeholders."""
    return [part.strip(" .;:,()\"'") for part in re.split(r"\{[^{}]*\}", text)]


def pieces(part):
    """Sentences that stand behind each other are looked up one by one; an English s may be a plural or a genitive's."""
    return [piece for piece in re.split(r"\. |; ", re.sub(r"^s (?=\w)", "", part)) if WORDS.search(piece)]


def catalogue(language):
    return json.loads((ROOT / f"web/messages/{language}.json").read_text(encoding="utf-8"))


class Sentences(unittest.TestCase):
    def test_each_is_in_the_catalogue(self):
        said = "\n".join(text for key, text in catalogue("en").items() if key.startswith("said."))
        unknown = []
        for folder in STAGES:
            for path in sorted((ROOT / folder).rglob("*.cc")):
                if path.name.endswith("_test.cc") or FACTS.search(path.as_posix()):
                    continue
                for text, statement, line in literals(path):
                    if ELSEWHERE.search(statement):
                        continue
                    for part in fixed_parts(text):
                        if WORDS.search(part) and not part.startswith(AS_THEY_ARE) and not all(
                                piece in said for piece in pieces(part)):
                            unknown.append(f"{path.relative_to(ROOT)}:{line}: {part}")
        self.assertFalse(unknown, "\n".join(unknown))


    def test_each_language_has_each_with_the_same_values(self):
        """A language may leave out a value that it says in words, but not invent one."""
        english = {key: text for key, text in catalogue("en").items() if key.startswith("said.")}
        for path in sorted((ROOT / "web/messages").glob("*.json")):
            other = catalogue(path.stem)
            self.assertEqual([], sorted(set(english) - set(other)), path.name)
            for key, text in english.items():
                self.assertLessEqual(set(re.findall(r"\{[\w-]+\}", other[key])), set(re.findall(r"\{[\w-]+\}", text)), key)


if __name__ == "__main__":
    unittest.main()
