"""Which chunks and files hold an identifier: asked of the text index, no code is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.codes import weight_table
from codebase_server.search.candidates.lexical import hits_of
from codebase_server.search.pool import Pools
from codebase_server.search.query import signed
from codebase_server.search.stored import StoredCorpus
from codebase_server.search.views import RootView
from codebase_server.store import Snapshot
from codebase_server.symbols.wanted import letters_of
from codebase_server.terms.identifiers import Kind, term_id

MOST_READ: Final = 300
"""Chunks read for one name; a name that more have is defined under it."""

_KIND_ORDER: Final = {"code": 0, "tests": 1}
_IN_SYMBOL: Final = weight_table((1.0, 0.0, 0.0, 0.0, 0.0)) > 0
_IN_CODE: Final = weight_table((0.0, 0.0, 1.0, 0.0, 1.0)) > 0
_APART: Final = re.compile(r"\W+")


def term_of(identifier: str) -> int:
    """The number of a whole identifier, as the postings hold it: case, underscores, and the marks of
    ``save!``, ``empty?``, ``#secret`` and ``name=`` do not matter."""
    return signed(term_id("whole", letters_of(identifier)))


@dataclass(frozen=True, slots=True)
class Held:
    """Where a chunk that holds an identifier stands: as much as a search for a line in it needs."""

    version_id: int
    path: str
    start_line: int
    symbol: str
    language: str
    kind: str


class Holders:
    """The chunks and files of one snapshot by the identifiers in them."""

    def __init__(self, snapshot: Snapshot, pools: Pools) -> None:
        self._pools = pools
        self._snapshot = snapshot
        self._corpus = StoredCorpus(snapshot)
        self._placed: dict[str, list[Held]] = {}
        self._texts: dict[int, str] = {}
        self.view: RootView = pools.view(self._corpus, "")

    def chunks(self, identifier: str) -> NDArray[np.int32]:
        """Version ids, ascending, of the chunks whose code has an identifier."""
        return self.view.table.live[np.sort(self._code_hits(identifier))]

    def placed(self, identifier: str) -> list[Held]:
        """Where the first `MOST_READ` of those chunks stand. Read once: a name that no definition bears is
        looked for in several ways."""
        if identifier not in self._placed:
            at = np.sort(self._code_hits(identifier))[:MOST_READ]
            first = self.view.table.live[at].tolist()
            told = self._snapshot.standing(first)
            starts = self.view.table.starts[at].tolist()
            self._placed[identifier] = [
                Held(version_id, told_[0], start, *told_[1:])
                for version_id, start in zip(first, starts, strict=True)
                if (told_ := told.get(version_id)) is not None
            ]
        return self._placed[identifier]

    def texts(self, placed: Iterable[Held]) -> dict[int, str]:
        """The code of chunks, and of those that were asked for before, by version id."""
        missing = [one.version_id for one in placed if one.version_id not in self._texts]
        if missing:
            self._texts |= self._snapshot.contents(missing)
        return self._texts

    def chunks_by_file(
        self, identifier: str, matches: re.Pattern[str] | None, likely: Callable[[str], bool]
    ) -> NDArray[np.int32]:
        """Version ids of the chunks that have an identifier (empty: of all), in files whose path matches:
        code first, then tests, then the rest; of each the likely files first; by path and line."""
        table = self.view.table
        at = self._code_hits(identifier) if identifier else np.arange(len(table.live))
        if matches is not None:
            allowed = np.fromiter((bool(matches.fullmatch(p)) for p in table.paths), bool, len(table.paths))
            at = at[allowed[table.file_of[at]]]
        ranks = np.array([_KIND_ORDER.get(kind, 2) for kind in table.kinds] or [0])
        files = table.file_of[at]  # numbered by path
        rank = np.maximum(ranks[files], _KIND_ORDER["tests"] * table.tests[at])
        own, slot = np.unique(files, return_inverse=True)
        unlikely = np.array([not likely(table.paths[file]) for file in own.tolist()], bool)[slot]
        return table.live[at[np.lexsort((table.starts[at], files, unlikely, rank))]]

    def paths(self, identifier: str) -> set[str]:
        """The files whose code has an identifier."""
        return self._paths(self._code_hits(identifier))

    def defining_paths(self, identifier: str) -> set[str]:
        """The files with a chunk whose qualified name has an identifier."""
        at, codes = self._hits(identifier)
        return self._paths(at[_IN_SYMBOL[codes]])

    def symbols_with(self, terms: Sequence[Sequence[tuple[Kind, str]]], most: int) -> list[str]:
        """Qualified names of the first ``most`` chunks whose own name has a term of each of some groups."""
        at: NDArray[np.intp] | None = None
        for group in terms:
            wanted = [signed(term_id(kind, text)) for kind, text in group]
            hits = hits_of(self._corpus.connection, self._pools.reader, self.view.text, wanted)
            named = np.unique(hits.at[_IN_SYMBOL[hits.codes]])
            at = named if at is None else np.intersect1d(at, named, assume_unique=True)
        first = [] if at is None else self.view.table.live[at[:most]].tolist()
        return [symbol for _, symbol, *_ in self._snapshot.standing(first).values() if symbol]

    def _code_hits(self, identifier: str) -> NDArray[np.intp]:
        at, codes = self._hits(identifier)
        return at[_IN_CODE[codes]]

    def _hits(self, identifier: str) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
        """Places and codes; of ``find-door`` where both its words are, which the index holds apart."""
        words = [identifier] if " " in identifier else _APART.split(identifier.strip("-!?*+<>=/%&'$@#:"))
        at, codes = self._hits_of(words[0])
        for word in words[1:]:
            other, _ = self._hits_of(word)
            both = np.isin(at, other)
            at, codes = at[both], codes[both]
        return at, codes

    def _hits_of(self, word: str) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
        hits = hits_of(self._corpus.connection, self._pools.reader, self.view.text, [term_of(word)])
        return hits.at, hits.codes

    def _paths(self, at: NDArray[np.intp]) -> set[str]:
        table = self.view.table
        return {table.paths[i] for i in np.flatnonzero(np.bincount(table.file_of[at])).tolist()}
