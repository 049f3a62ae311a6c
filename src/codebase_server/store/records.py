"""What the store hands to readers. All lines are 1-based and inclusive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Placement:
    """A live chunk: which version of which id stands where in the root.

    ``content_hash`` is the hex BLAKE2b-128 of the chunk's text; ``normal_hash``
    that of its code without white space, comments and formatting (signed 64 bit).
    """

    version_id: int
    chunk_id: str
    path: str
    start_line: int
    end_line: int
    symbol: str
    symbol_kind: str
    ordinal: int
    part: int
    signature: str
    doc: str
    language: str
    kind: str
    content_hash: str
    normal_hash: int


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """Any version ever stored, living or dead: where and when it was first seen."""

    version_id: int
    chunk_id: str
    path: str
    symbol: str
    symbol_kind: str
    ordinal: int
    part: int
    language: str
    kind: str
    content_hash: str
    normal_hash: int
    root_id: int
    n: int


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One indexed file of the root."""

    file_id: int
    path: str
    language: str
    kind: str
    line_count: int
    size: int
    had_errors: bool
    imports: tuple[str, ...]
    chunk_count: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class StoredDefinition:
    """One definition of an indexed file of the root."""

    path: str
    language: str
    name: str
    qualified: str
    symbol_kind: str
    start_line: int
    end_line: int
    signature: str
    parent: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is known of a chunk that died in this root.

    ``generation`` is the first one without it, ``died_at`` its time in seconds
    since 1970, ``commit`` what HEAD named then (may be empty). ``successors``
    are chunk ids with a score from 0 to 1, best first.
    """

    chunk_id: str
    version: StoredVersion
    start_line: int
    end_line: int
    generation: str
    died_at: int
    commit: str
    successors: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A generation in which a chunk was born, changed, died or came back.

    ``version`` is None where it died. ``at`` is in seconds since 1970.
    """

    generation: str
    at: int
    commit: str
    event: str
    version: StoredVersion | None


@dataclass(frozen=True, slots=True)
class RootState:
    """The row of a root: what was last published of it."""

    root_id: int
    path: str
    epoch: str
    n: int
    state: str
    files: int
    chunks: int
    pending_files: int
    summary: dict[str, object]

    @property
    def generation(self) -> str:
        """``<epoch>.<n>``: compared for equality only."""
        return f"{self.epoch}.{self.n}"
