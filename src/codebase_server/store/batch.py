"""What a pass hands to the store: parsed files, and the batch that publishes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from codebase_server.records import Definition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from codebase_server.terms import TermTable


class PreparedChunk(NamedTuple):
    """A chunk ready to be stored: its code packed and hashed. A tuple: workers send them by the thousand.

    ``size`` is the code's length in characters; the other fields are those of
    `records.Chunk`, `store.packing` and `identity.normal`.
    """

    start_line: int
    end_line: int
    symbol: str
    symbol_kind: str
    ordinal: int
    part: int
    signature: str
    doc: str
    derived: str
    content_hash: bytes
    data: bytes
    normal_hash: int
    size: int
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file read, split and analysed. ``terms`` and ``vectors`` (int8) have a row a chunk.

    ``vectors`` is None without an embedder.
    """

    path: str
    content_hash: bytes
    format: int
    language: str
    kind: str
    size: int
    line_count: int
    had_errors: bool
    imports: tuple[str, ...]
    definitions: tuple[Definition, ...]
    chunks: tuple[PreparedChunk, ...]
    terms: TermTable
    vectors: NDArray[np.int8] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """For another process, in plain tuples: pickle takes three times as long for those with names."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values["definitions"] = [tuple(one) for one in self.definitions]
        values["chunks"] = [tuple(one) for one in self.chunks]
        return _from_plain, (values,)


def _from_plain(values: dict[str, Any]) -> PreparedFile:
    """The file of which `PreparedFile.__reduce__` has told."""
    values["definitions"] = tuple(map(partial(tuple.__new__, Definition), values["definitions"]))
    values["chunks"] = tuple(map(partial(tuple.__new__, PreparedChunk), values["chunks"]))
    return PreparedFile(**values)


@dataclass(frozen=True, slots=True)
class FileStat:
    """What tells, without opening it, that a file is as it was. Times in nanoseconds."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file to publish with the ids its chunks were given, in order."""

    file: PreparedFile
    ids: Sequence[str]
    stat: FileStat

    def once_stored(self) -> Parsed:
        """What publishing it still needs once its rows are written: a batch holds thousands of files."""
        return replace(self, file=replace(self.file, imports=(), definitions=(), chunks=()), ids=())


@dataclass(frozen=True, slots=True)
class Adopted:
    """A file to publish that the store already holds, ids and all."""

    path: str
    file_id: int
    stat: FileStat


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that was read and is not indexed; its stat, so that it is not read again."""

    path: str
    reason: str
    detail: str
    stat: FileStat | None = None


@dataclass(slots=True)
class Batch:
    """All that becomes visible in one generation.

    ``restat`` are files whose bytes are as they were. ``successors`` maps the
    id of a chunk that dies here to (chunk id, score) of where its code may be.
    """

    parsed: list[Parsed] = field(default_factory=list)
    adopted: list[Adopted] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    restat: list[tuple[str, FileStat]] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    unskipped: list[str] = field(default_factory=list)
    successors: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)
    commit: str = ""
    vector_model: str = ""

    def changes_content(self) -> bool:
        """Whether readers would see any difference: then it becomes a generation of its own."""
        return bool(self.parsed or self.adopted or self.removed)
