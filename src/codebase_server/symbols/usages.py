"""The lines that mention a name as a whole word, each with the chunk around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from codebase_server.search.candidates.lexical import term_hits
from codebase_server.search.globs import compile_glob
from codebase_server.search.pool import Pools
from codebase_server.search.query import signed
from codebase_server.search.stored import StoredCorpus
from codebase_server.store import Placement, Snapshot
from codebase_server.terms.identifiers import term_id

READ_AT_ONCE: Final = 256
MOST_COUNTED: Final = 5_000
"""Usages after which counting stops: nobody reads on, and a common word would read the whole repository."""


@dataclass(frozen=True, slots=True)
class Usage:
    """One line that mentions the name."""

    placement: Placement
    line: int
    text: str


def find(
    snapshot: Snapshot, pools: Pools, name: str, *, path: str | None, limit: int
) -> tuple[list[Usage], int]:
    """The first `limit` usages by place, and how many there are (at most `MOST_COUNTED`).

    The postings tell which chunks hold the identifier; only these are read.
    """
    word = name.rstrip("*").rsplit(".", 1)[-1].strip()
    if not word:
        return [], 0
    prefix = name.endswith("*")
    pattern = re.compile(rf"(?<!\w){re.escape(word)}" + ("" if prefix else r"(?!\w)"))
    placed = _chunks(snapshot, pools, word, path, prefix=prefix)
    found: list[Usage] = []
    count = 0
    for usage in _mentions(snapshot, placed, pattern):
        count += 1
        if len(found) < limit:
            found.append(usage)
        if count >= MOST_COUNTED:
            break
    return found, count


def _chunks(
    snapshot: Snapshot, pools: Pools, word: str, path: str | None, *, prefix: bool
) -> list[Placement]:
    corpus = StoredCorpus(snapshot)
    view = pools.view(corpus, "")
    if prefix:
        versions = view.table.live
    else:
        term = signed(term_id("whole", word.replace("_", "").casefold()))
        versions = view.table.live[np.sort(term_hits(corpus.connection, pools.reader, view.text, term).at)]
    placed = snapshot.placements(versions.tolist())
    if path:
        matches = compile_glob(path)
        placed = [one for one in placed if matches.fullmatch(one.path)]
    return sorted(placed, key=lambda one: (one.kind == "tests", one.path, one.start_line))


def _mentions(snapshot: Snapshot, placed: list[Placement], pattern: re.Pattern[str]) -> Iterator[Usage]:
    for start in range(0, len(placed), READ_AT_ONCE):
        part = placed[start : start + READ_AT_ONCE]
        contents = snapshot.contents(one.version_id for one in part)
        for one in part:
            for line, text in enumerate(contents.get(one.version_id, "").split("\n"), one.start_line):
                if pattern.search(text):
                    yield Usage(one, line, text)
