"""What searching needs to know of a root: arrays for all chunks, records for a few.

The arrays are made once a generation; the records are asked for by version and
remembered, since a version never changes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RootTable:
    """The live chunks of a root.

    ``live``: sorted int32 version ids. ``file_of``: index into ``paths`` of each;
    ``starts`` and ``ends``: its lines, 1-based, inclusive. ``languages`` and
    ``kinds`` are parallel to ``paths``.
    """

    live: NDArray[np.int32]
    file_of: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    paths: Sequence[str]
    languages: Sequence[str]
    kinds: Sequence[str]


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What ranking needs of a version: small, remembered for many."""

    chunk_id: str
    symbol: str
    symbol_kind: str
    has_doc: bool


class Corpus(Protocol):
    """One generation of one root, as a reader's snapshot sees it."""

    @property
    def generation(self) -> str:
        """The generation all answers of this object belong to."""

    @property
    def root(self) -> str:
        """What tells this root from others in the same database."""

    @property
    def connection(self) -> sqlite3.Connection:
        """A connection with this snapshot's read transaction open."""

    def table(self) -> RootTable:
        """All live chunks."""

    def facts(self, versions: Sequence[int]) -> dict[int, VersionFacts]:
        """The facts of some versions."""

    def contents(self, versions: Sequence[int]) -> dict[int, str]:
        """The code of some versions."""
