"""A "quoted part" of a question is literal: only chunks that contain it, letter by letter, are answers."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.lexical import TextView, hits_of
from codebase_server.search.candidates.reader import SegmentReader
from codebase_server.search.corpus import Corpus, RootTable
from codebase_server.search.query import signed
from codebase_server.terms.identifiers import LONGEST_IDENTIFIER, term_id

_WORD = re.compile(r"\w+")
_READ_AT_ONCE = 512


def containing(
    corpus: Corpus,
    reader: SegmentReader,
    view: TextView,
    table: RootTable,
    literals: tuple[str, ...],
    allowed: NDArray[np.bool_] | None,
) -> NDArray[np.bool_]:
    """Which live chunks contain every one of the texts, case and spaces included.

    Identifiers that the text holds whole narrow the chunks to be read; a text
    without one (a fragment, an operator) is looked for in all of them.
    """
    possible = np.ones(len(table.live), dtype=bool) if allowed is None else allowed.copy()
    for word in {word for literal in literals for word in _whole_words(literal)}:
        term = signed(term_id("whole", word.replace("_", "").casefold()))
        having = np.zeros(len(possible), dtype=bool)
        having[hits_of(corpus.connection, reader, view, [term]).at] = True
        possible &= having
    at = np.flatnonzero(possible)
    found = np.zeros(len(possible), dtype=bool)
    for start in range(0, len(at), _READ_AT_ONCE):
        part = at[start : start + _READ_AT_ONCE]
        contents = corpus.contents(table.live[part].tolist())
        for index, version in zip(part.tolist(), table.live[part].tolist(), strict=True):
            found[index] = all(literal in contents.get(version, "") for literal in literals)
    return found


def _whole_words(literal: str) -> list[str]:
    """The identifiers of a text that cannot be the end or the beginning of a longer one in the code."""
    return [
        match[0]
        for match in _WORD.finditer(literal)
        if match.start() > 0 and match.end() < len(literal) and len(match[0]) <= LONGEST_IDENTIFIER
    ]
