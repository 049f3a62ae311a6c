"""Where the index says that an asked name is defined."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.corpus import Corpus, Defined, RootTable
from codebase_server.search.query import Query, signed
from codebase_server.search.rank.spelt import PARTS, folded
from codebase_server.terms import subwords

_BODY: Final = 2
"""Line breaks in a definition that is more than a declaration, which may be broken once."""

MOST_DEFINED: Final = 100
"""Definitions of one name that are looked at. What more things are called says little about each."""

SHORTEST_BEGINNING: Final = 4
"""Letters of a name that nothing has, from which definitions that begin with it are looked at."""

BY_DEFINITION: Final = 60
"""Chunks that are candidates because they define the name."""


def definers(
    corpus: Corpus,
    table: RootTable,
    query: Query,
    counts: NDArray[np.intp],
    mask: NDArray[np.bool_] | None = None,
) -> list[tuple[int, Defined]]:
    """The chunks in which definitions of the name that a question is begin, as indices into ``live``.

    Only those that ``mask`` leaves; nothing for a question that is no name. Of a name with others around it
    only the definitions inside one of those, if there are any. Of one that nothing has, those that begin with
    it, unless code mentions it as it is: it is somebody else's then. ``counts``: the hits of each term.
    """
    if not query.is_symbol:
        return []
    asked = next(name.spelt for name in query.names if name.alone)
    found = corpus.defined(_spellings(asked[-1]), asked[:-1], MOST_DEFINED + 1)
    if len(asked) > 1 and all(_agreement(asked, one) < 2 for one in found):
        every = corpus.defined(_spellings(asked[-1]), (), MOST_DEFINED + 1)
        found = [one for one in every if _agreement(asked, one) > 1] or found or every
    if not found and len(asked[-1]) >= SHORTEST_BEGINNING and not _is_mentioned(query, counts):
        found = corpus.defined(asked[-1:], (), MOST_DEFINED + 1, begun=True)
    if len(found) > MOST_DEFINED:
        return []
    placed = _placed(table, found)
    return placed if mask is None else [one for one in placed if mask[one[0]]]


def of_qualified(query: Query, defining: Sequence[tuple[int, Defined]]) -> dict[int, bool]:
    """The chunks that define what a qualified name names, as far as its parts go, and whether there is more
    than a declaration.

    What stands before the type may be its package, its module or a folder: ``com.shop.Pool.get`` is ``get``
    of ``Pool``. Nothing for a bare name, and where no definition has what stands before the last part.
    """
    asked = next((name.spelt for name in query.names if name.alone), ())
    agreed = [
        (_agreement(asked, one), chunk, one.end_line - one.start_line >= _BODY) for chunk, one in defining
    ]
    most = max((parts for parts, _, _ in agreed), default=0)
    found: dict[int, bool] = {}
    for parts, chunk, has_body in agreed if most > 1 else ():
        if parts == most:
            found[chunk] = found.get(chunk, False) or has_body
    return found


def _agreement(asked: Sequence[str], defined: Defined) -> int:
    """How many of the last parts of an asked name are a definition's, those of its path included."""
    own = [folded(part) for part in PARTS.split(defined.qualified.partition("<")[0]) if part]
    *folders, file = defined.path.split("/")
    before = [folded(part) for part in (*folders, file.partition(".")[0])]
    wanted = [folded(part) for part in asked]
    return max(_same_end(wanted, [*module, *own]) for module in (before, before[:-1]))


def _same_end(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def likeliest(defining: Sequence[tuple[int, Defined]], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Those of the chunks that define a name which have most of its words; all, if they are few."""
    if not defining:
        return np.zeros(0, dtype=np.int64)
    # np.unique would load numpy.ma, 20 ms of the first search
    chunks = np.array(sorted({chunk for chunk, _ in defining}), dtype=np.int64)
    if len(chunks) <= BY_DEFINITION:
        return chunks
    return chunks[np.argsort(-scores[chunks], kind="stable")[:BY_DEFINITION]]


def _is_mentioned(query: Query, counts: NDArray[np.intp]) -> bool:
    """Whether the name stands anywhere as one word, be it in a comment or an import."""
    whole = signed(query.analysed.tokens[-1].whole)
    return any(count for term, count in zip(query.terms, counts.tolist(), strict=True) if term.term == whole)


def _spellings(name: str) -> tuple[str, ...]:
    """A name as asked for and with or without underscores between its words; case does not matter.

    Nobody who asks for ``IntoResponse`` means a function ``into_response``: capitalised it stays one word.
    """
    plain = name.rstrip("!?").lstrip("@$")
    found = [name, plain, f"${plain}", plain.replace("_", "")]
    if plain[:1].islower():
        found.append("_".join(subwords(plain)))
    return tuple(dict.fromkeys(found))


def _placed(table: RootTable, found: Sequence[Defined]) -> list[tuple[int, Defined]]:
    """The chunk in which each definition begins; those of files that the table lacks are left out."""
    of_file: dict[str, list[Defined]] = {}
    for defined in found:
        of_file.setdefault(defined.path, []).append(defined)
    numbers: dict[int, list[Defined]] = {}
    for path, inside in of_file.items():
        at = bisect_left(table.paths, path)
        if at < len(table.paths) and table.paths[at] == path:
            numbers[at] = inside
    if not numbers:
        return []
    is_wanted = np.zeros(len(table.paths), dtype=bool)
    is_wanted[list(numbers)] = True
    chunks: NDArray[np.intp] = np.flatnonzero(is_wanted[table.file_of])
    placed = []
    for chunk, file, start, end in zip(
        chunks.tolist(),
        table.file_of[chunks].tolist(),
        table.starts[chunks].tolist(),
        table.ends[chunks].tolist(),
        strict=True,
    ):
        placed += [(chunk, one) for one in numbers[file] if start <= one.start_line <= end]
    return placed
