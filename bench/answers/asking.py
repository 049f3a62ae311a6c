"""Calls of search_code drawn by chance: names, sentences and quoted parts of a tree; filters; budgets."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from bench.answers.promises import Asked
from codebase_server.service import CodebaseService

_KINDS = ("any", "any", "any", "code", "tests", "docs", "config")
_CONTENTS = ("full", "full", "full", "preview", "none")
_BUDGETS = (None, None, 100, 130, 200, 400, 1_000, 3_000)
"""Tokens; 100 is the least that the tool takes."""


def calls(service: CodebaseService, root: Path, count: int, seed: int) -> Iterator[Asked]:
    """The same calls for the same tree and seed."""
    chance = random.Random(seed)
    with service.opened(None).snapshot() as snapshot:
        files = [(file.path, file.language) for file in snapshot.files()]
    for _ in range(count):
        path, language = chance.choice(files)
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        arguments: dict[str, object] = {"query": _query(chance, text)}
        if chance.random() < 0.5:
            arguments["path"] = _glob(chance, path)
        if chance.random() < 0.3:
            arguments["language"] = language
        arguments["kind"] = chance.choice(_KINDS)
        arguments["content"] = chance.choice(_CONTENTS)
        arguments["limit"] = chance.choice((1, 3, 10, 10, 50))
        budget = chance.choice(_BUDGETS)
        if budget is not None:
            arguments["max_tokens"] = budget
        yield Asked(arguments)


def _query(chance: random.Random, text: str) -> str:
    words: list[str] = re.findall(r"[A-Za-z_]\w{2,}", text) or ["nothing"]
    manner = chance.random()
    if manner < 0.35:
        return chance.choice(words)
    if manner < 0.7:
        at = chance.randrange(len(words))
        return " ".join(words[at : at + chance.randint(2, 9)])
    lines = [line.strip() for line in text.split("\n") if 3 < len(line.strip()) < 100 and '"' not in line]
    if not lines:
        return chance.choice(words)
    line = chance.choice(lines)
    start = chance.randrange(max(len(line) - 4, 1))
    part = line[start : start + chance.randint(4, 30)].strip()
    return f'"{part}"' if part else chance.choice(words)


def _glob(chance: random.Random, path: str) -> str:
    """A glob that matches a path: its ending, its folder, its name."""
    folder, _, name = path.rpartition("/")
    ending = name.rpartition(".")[2]
    plain = re.sub(r"[\[\]{}*?\\]", "?", name)
    choices = [f"**/*.{ending}", plain, f"*.{ending}"]
    if folder and not re.search(r"[\[\]{}*?\\]", folder):
        top = folder.split("/")[0]
        choices += [f"{folder}/**", f"{top}/**/*.{ending}", f"{folder}/*", f"{top}/**"]
    return chance.choice(choices)
