"""The development questions and the trees they are asked of."""

from __future__ import annotations

import json
import random
import re
import string
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path

_STOP = frozenset(
    "the and for with from into how are what where when which that this does via use uses used using".split()
)


@dataclass(frozen=True, slots=True)
class Target:
    """A place that answers a question: a file, or lines of it."""

    path: str
    start_line: int = 0
    end_line: int = 0

    def covered_by(self, path: str, start: int, end: int) -> bool:
        """Whether a result lies in it: its path equals or ends with the target's, its lines overlap."""
        if path != self.path and not path.endswith("/" + self.path):
            return False
        return not self.start_line or (start <= self.end_line and end >= self.start_line)


@dataclass(frozen=True, slots=True)
class Question:
    """One development question."""

    repository: str
    language: str
    text: str
    category: str
    targets: tuple[Target, ...]

    @property
    def shares_no_word(self) -> bool:
        """A natural-language question none of whose words meets a word of a target's file name.

        Words of more than two letters meet when they are equal or share their first four letters.
        """
        if self.category == "symbol":
            return False
        words = {w for w in re.findall(r"[a-z0-9]+", self.text.lower()) if len(w) > 2 and w not in _STOP}
        stems = {
            part.lower()
            for target in self.targets
            for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", Path(target.path).stem)
            if len(part) > 2
        }
        return not any(w == s or (len(w) >= 4 and w[:4] == s[:4]) for w in words for s in stems)


def load(data: Path) -> list[Question]:
    """The questions of ``data/queries.json``."""
    questions = []
    for repository, entry in json.loads((data / "queries.json").read_text(encoding="utf-8")).items():
        for row in entry["queries"]:
            targets = tuple(
                Target(t)
                if isinstance(t, str)
                else Target(t["path"], t.get("start_line", 0), t.get("end_line", 0))
                for t in row["relevant"]
            )
            questions.append(Question(repository, entry["language"], row["query"], row["category"], targets))
    return questions


WRITTEN = Path(__file__).with_name("written.txt")


def written() -> list[Question]:
    """The topics written for this bench; a repository is named as its checkout's folder, ``owner+name``."""
    questions, repository = [], ""
    for line in WRITTEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            repository = line[3:].replace("/", "+")
        elif line and not line.startswith("#"):
            text, _, paths = line.rpartition(" | ")
            targets = tuple(Target(path) for path in paths.split(", "))
            language = Path(targets[0].path).suffix.lstrip(".")
            questions.append(Question(repository, language, text, "topic", targets))
    return questions


def with_a_slip(question: Question) -> Question:
    """The question as it is typed in haste: one letter of one word of five and more is left out, said twice,
    another one, or in its neighbour's place. The same slip each time that it is asked."""
    drawn = random.Random(question.text)
    words = [word for word in re.finditer("[A-Za-z]{5,}", question.text) if word[0].lower() not in _STOP]
    if not words:
        return question
    word = drawn.choice(words)
    at = drawn.randrange(word.start() + 1, word.end() - 1)
    before, letter, after = question.text[:at], question.text[at], question.text[at + 1 :]
    other = drawn.choice(string.ascii_lowercase)
    slips = (before + after[0] + letter + after[1:], before + after, before + letter + letter + after)
    return replace(question, text=drawn.choice((*slips, before + other + after)))


def unpack_trees(data: Path, into: Path) -> Path:
    """Unpack ``data/trees.tar.xz`` once; the folder that holds one folder a repository."""
    into.mkdir(parents=True, exist_ok=True)
    marker = into / ".complete"
    if not marker.exists():
        with tarfile.open(data / "trees.tar.xz") as archive:
            archive.extractall(into, filter="data")
        marker.touch()
    return into
