"""Message to code: strings of the code with values in them, asked as a program would have printed them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Final

from bench.retrieval.dataset import Target
from bench.retrieval.docsentences import DocQuestion
from bench.retrieval.memory import read_tree

_STRING: Final = re.compile(r'"((?:[^"\\\n]|\\.){14,140})"')
_HOLE: Final = re.compile(
    r"%[-+#]?\d*(?:\.\d+)?[sdvqwrifx]|\$\{[^{}]*\}|#\{[^{}]*\}|\\\([^()]*\)|\{[^{}\s]*\}"
)
"""Where a value goes: of printf, JavaScript, Ruby, Swift, and the braces of the others."""
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z ,.:'-]+")
_FEWEST_WORDS: Final = 4
_VALUES: Final = ("acme", "42", "/srv/data/a.bin", "x-17", "<class 'acme.Door'>")
_BEFORE: Final = ("", "", "Error: ", "ValueError: ", "acme.errors.DoorError: ", "fatal: ")


def questions_of(root: Path, most: int, seed: int = 1) -> list[DocQuestion]:
    """A sample of the messages of a tree, tests left out, the same for the same seed."""
    found = []
    for source in read_tree(root):
        if source.kind != "code":
            continue
        for number, line in enumerate(source.text.split("\n"), 1):
            for string in _STRING.findall(line):
                if _is_message(string):
                    target = Target(source.path, number, number)
                    found.append(DocQuestion(root.name, source.language, string, target))
    drawn = random.Random(f"{root.name} {seed}")
    return [_printed(one, drawn) for one in drawn.sample(found, min(most, len(found)))]


def _is_message(string: str) -> bool:
    words = _HOLE.sub(" ", string)
    return (
        _HOLE.search(string) is not None
        and _PLAIN.fullmatch(words.strip()) is not None
        and len(words.split()) >= _FEWEST_WORDS
    )


def _printed(question: DocQuestion, drawn: random.Random) -> DocQuestion:
    text = _HOLE.sub(lambda _: drawn.choice(_VALUES), question.text)
    return DocQuestion(question.repository, question.language, drawn.choice(_BEFORE) + text, question.target)
