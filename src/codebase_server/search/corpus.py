"""What searching needs to know of a root: arrays for all chunks, records for a few.

The arrays are made once a generation; the records are asked for by version and
remembered, since a version never changes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RootTable:
    """The live chunks of a root.

    ``live``: sorted int32 version ids. ``file_of``: index into ``paths`` of each;
    ``starts`` and ``ends``: its lines, 1-based, inclusive. ``languages`` and
    ``kinds`` are parallel to ``paths``. ``tests`` says which are tests in a file of code.
    """

    live: NDArray[np.int32]
    file_of: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    paths: Sequence[str]
    languages: Sequence[str]
    kinds: Sequence[str]
    tests: NDArray[np.bool_]

    @cached_property
    def languages_known(self) -> frozenset[str]:
        """The languages that any file has."""
        return frozenset(self.languages)

    def kind_of(self, chunk: int) -> str:
        """What a chunk is for: what its file is, but for a test in a file of code."""
        return "tests" if self.tests[chunk] else self.kinds[self.file_of[chunk]]


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file: ``placements`` are int32 rows (version, first line, last line), one a chunk; ``tests`` are
    those of the versions that are tests in a file of code."""

    path: str
    language: str
    kind: str
    placements: NDArray[np.int32]
    tests: NDArray[np.int32]


class VersionFacts(NamedTuple):
    """What ranking needs of a version: small, remembered for many."""

    chunk_id: str
    symbol: str
    symbol_kind: str
    has_doc: bool


class Defined(NamedTuple):
    """A definition as the index lists it; see `records.Definition`."""

    path: str
    name: str
    qualified: str
    parent: str
    kind: str
    start_line: int
    end_line: int


class Corpus(Protocol):
    """One generation of one root, as a reader's snapshot sees it."""

    @property
    def generation(self) -> str:
        """The generation all answers of this object belong to."""

    @property
    def root(self) -> str:
        """What tells this root from others in the same database."""

    @property
    def database(self) -> str:
        """What tells this database from another that was made in its place: numbers begin anew there."""

    @property
    def connection(self) -> sqlite3.Connection:
        """A connection with this snapshot's read transaction open."""

    def table(self) -> RootTable:
        """All live chunks; ``paths`` in ascending order."""

    def touched_since(self, generation: str) -> list[str] | None:
        """The files that changed after an earlier generation; None where that is not known, or too many."""

    def files(self, paths: Sequence[str]) -> list[FileRow]:
        """Those of the paths that are files now."""

    def facts(self, versions: Sequence[int]) -> dict[int, VersionFacts]:
        """The facts of some versions."""

    def contents(self, versions: Sequence[int]) -> dict[int, str]:
        """The code of some versions."""

    def defined(
        self, names: Sequence[str], inside: Sequence[str], limit: int, *, begun: bool = False
    ) -> list[Defined]:
        """Definitions of one of some names, in whatever case, by path and line.

        Those of the first name for some arguments of a template (``formatter<int>``) too. ``inside``: only
        those whose qualified name has all of these as well. ``begun``: whatever begins with the first.
        """
