"""Exact lookup of names: qualified or not, whole or as a prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from codebase_server.files import kind_of
from codebase_server.search.globs import compile_glob
from codebase_server.store import Placement, Snapshot, StoredDefinition

MOST: Final = 10_000
"""Definitions looked at for one question; more share a name only in generated code."""

_SEPARATORS = re.compile(r"::|[#/\\]|->")


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition and the chunk that holds its first line; ``chunk_id`` is empty when no chunk does."""

    definition: StoredDefinition
    chunk_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: the last name, the qualified tail, and whether it is a beginning only."""

    last: str
    tail: str
    prefix: bool

    @classmethod
    def parse(cls, name: str) -> Wanted:
        """Read ``Class.method``, ``module::function``, ``prefix*``."""
        prefix = name.endswith("*")
        tail = _SEPARATORS.sub(".", name.rstrip("*").strip()).strip(".")
        return cls(tail.rsplit(".", 1)[-1], tail, prefix)


def find(
    snapshot: Snapshot, name: str, *, symbol_kind: str | None, path: str | None, limit: int
) -> tuple[list[Defined], int]:
    """The definitions of a name, best first, and how many there are in all.

    Same case comes before other case, code before tests, then by place. Raises
    `ValueError` for a glob that cannot be read.
    """
    wanted = Wanted.parse(name)
    matches = compile_glob(path) if path else None
    if not wanted.last and not wanted.prefix:
        return [], 0
    found = [
        definition
        for definition in snapshot.definitions(wanted.last, prefix=wanted.prefix, limit=MOST)
        if _is_wanted(definition, wanted)
        and (symbol_kind is None or definition.symbol_kind.casefold() == symbol_kind.casefold())
        and (matches is None or matches.fullmatch(definition.path))
    ]
    found.sort(key=lambda one: (*_distance(one, wanted), one.path, one.start_line))
    return with_chunks(snapshot, found[:limit]), len(found)


def _is_wanted(definition: StoredDefinition, wanted: Wanted) -> bool:
    if wanted.tail == wanted.last:
        return True
    qualified, tail = definition.qualified.casefold(), wanted.tail.casefold()
    if wanted.prefix:
        return f".{qualified}".find(f".{tail}") >= 0
    return f".{qualified}".endswith(f".{tail}")


def _distance(definition: StoredDefinition, wanted: Wanted) -> tuple[bool, bool, bool]:
    other_case = not definition.name.startswith(wanted.last)
    is_test = kind_of(definition.path, definition.language) == "tests"
    return other_case, is_test, wanted.prefix and definition.name != wanted.last


def with_chunks(snapshot: Snapshot, definitions: Sequence[StoredDefinition]) -> list[Defined]:
    """Each definition with the chunk that owns its first line."""
    chunks = {path: snapshot.chunks_in(path) for path in {one.path for one in definitions}}
    return [Defined(one, _chunk_id(one, chunks[one.path])) for one in definitions]


def _chunk_id(definition: StoredDefinition, chunks: Iterable[Placement]) -> str:
    owner = ""
    for chunk in chunks:
        if chunk.start_line <= definition.start_line <= chunk.end_line:
            return chunk.chunk_id
        if not owner and chunk.symbol == definition.qualified:
            owner = chunk.chunk_id
    return owner
