"""Names as questions, drawn from a repository: the file that defines the thing is the answer.

The development queries hold a few dozen names, too few to learn from what sets the
definition apart from everything else that bears its name: implementations,
constructors, tests, pages that describe it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict

from bench.retrieval.dataset import Target
from bench.retrieval.memory import ParsedTree

from codebase_server.records import Chunk
from codebase_server.search.rank.facts import segments_of
from codebase_server.search.rank.versions import TYPES

CATEGORY = "definition"
MOST = 24
"""Names of one repository at most, half of them of types."""
_SHORTEST = 4
"""Characters. Shorter names are words like ``get`` and ``run`` that define nothing by themselves."""


def asked(tree: ParsedTree) -> list[tuple[str, tuple[Target, ...], str]]:
    """Names with the file of their one definition, drawn by hash, as `examples` asks them."""
    types: dict[str, list[int]] = defaultdict(list)
    functions: dict[str, list[int]] = defaultdict(list)
    for i, chunk in enumerate(tree.chunks):
        name = _own_name(chunk)
        if len(name) < _SHORTEST or tree.sources[tree.file_of[i]].kind != "code":
            continue
        if chunk.symbol_kind in TYPES:
            types[name].append(i)
        elif chunk.symbol_kind in ("function", "method"):
            functions[name].append(i)
    found: list[tuple[str, tuple[Target, ...], str]] = []
    for kept in (types, {n: at for n, at in functions.items() if n not in types}):
        names = [n for n, at in kept.items() if len({tree.file_of[i] for i in at}) == 1]
        names.sort(key=lambda name: hashlib.blake2b(name.encode(), digest_size=8).digest())
        for name in names[: MOST // 2]:
            path = tree.sources[tree.file_of[kept[name][0]]].path
            found.append((name, (Target(path),), CATEGORY))
    return found


def _own_name(chunk: Chunk) -> str:
    return chunk.symbol.rsplit(".", 1)[-1] if segments_of(chunk.symbol) else ""
