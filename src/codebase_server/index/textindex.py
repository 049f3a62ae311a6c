"""Postings and vectors of new versions, and their upkeep, within the writer's transaction."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from codebase_server import terms
from codebase_server.records import Chunk
from codebase_server.search.candidates.merging import (
    drop_outdated,
    merge_segments,
    plan_merge,
    read_header,
)
from codebase_server.search.candidates.postings import Block, write_segments
from codebase_server.search.candidates.vectors import blocks, merge_vectors, missing_vectors, write_vectors
from codebase_server.store.database import transaction
from codebase_server.store.packing import unpack

if TYPE_CHECKING:
    from codebase_server.embed import Embedder

logger = logging.getLogger(__name__)

_SLICE = 1_000
"""Versions whose code is in memory at once while terms or vectors are made again."""


def write_index(
    connection: sqlite3.Connection,
    version_ids: NDArray[np.int32],
    documents: terms.TermTable,
    model: str,
    vectors: NDArray[np.int8] | None,
) -> None:
    """Write what searching needs of new versions, ascending; the caller holds the transaction."""
    write_segments(connection, version_ids, documents)
    if vectors is not None and len(vectors):
        write_vectors(connection, model, version_ids, vectors)


def all_versions(connection: sqlite3.Connection) -> NDArray[np.int32]:
    """Every stored version, sorted. The dead keep their postings, so that they can come back at no cost."""
    rows = connection.execute("SELECT version_id FROM version ORDER BY version_id").fetchall()
    return np.array(rows, dtype=np.int32).reshape(-1)


def are_stored(connection: sqlite3.Connection) -> Callable[[NDArray[np.int32]], NDArray[np.bool_]]:
    """Tells of version ids which are stored; costs what is asked, not what there is."""

    def stored(ids: NDArray[np.int32]) -> NDArray[np.bool_]:
        rows = connection.execute(
            "SELECT version_id FROM version WHERE version_id IN (SELECT value FROM json_each(?))",
            (json.dumps(ids.tolist()),),
        ).fetchall()
        return np.isin(ids, np.array(rows, dtype=np.int32).reshape(-1))

    return stored


def keep_up(connection: sqlite3.Connection, model: str) -> None:
    """Rebuild segments of older term rules and fold small ones together. Opens its own transactions."""
    with transaction(connection):
        outdated = drop_outdated(connection)
        if len(outdated):
            logger.warning(
                "The text index has %d chunks by another release's rules: they are indexed again from the "
                "stored code.",
                len(outdated),
            )
        for version_ids, documents in _documents(connection, outdated):
            write_segments(connection, version_ids, documents)
        while chosen := plan_merge(connection):
            merge_segments(connection, chosen, are_stored(connection))
        if model:
            merge_vectors(connection, model, are_stored(connection))


def repair(connection: sqlite3.Connection, embedder: str) -> str:
    """Make postings and vectors again where they cannot be decoded; what was wrong, or empty.

    Opens its own transactions; the caller holds the writer's lock.
    """
    from codebase_server import embed

    problem = _unreadable(connection)
    if not problem:
        return ""
    with transaction(connection):
        for table in ("posting", "segment", "vector_block"):
            connection.execute(f"DELETE FROM {table}")
        for version_ids, documents in _documents(connection, all_versions(connection)):
            write_segments(connection, version_ids, documents)
    loaded = embed.load(embedder) if embedder == "static" else None
    if loaded is not None:
        encode_pending(connection, loaded, all_versions(connection), lambda: False, lambda _d, _t: None)
    return problem


def _unreadable(connection: sqlite3.Connection) -> str:
    """Why the derived tables cannot be decoded; empty when they can, whatever it is that they say."""
    try:
        for (segment_id,) in connection.execute("SELECT segment_id FROM segment").fetchall():
            ids, lengths = read_header(connection, segment_id)
            if len(ids) != len(lengths):
                return f"segment {segment_id}: {len(ids)} documents, {len(lengths)} lengths"
            query = "SELECT data FROM posting WHERE segment_id = ?"
            for (data,) in connection.execute(query, (segment_id,)):
                block = Block(data)
                if len(block.documents) and int(block.documents.max()) >= len(ids):
                    return f"segment {segment_id} names documents that it does not have"
        for (model,) in connection.execute("SELECT DISTINCT model FROM vector_block").fetchall():
            for _ in blocks(connection, model):
                pass
    except (ValueError, IndexError, OverflowError, TypeError) as problem:
        return str(problem)
    return ""


def drop_dead(connection: sqlite3.Connection) -> None:
    """Rewrite every segment and vector block without versions that are no longer stored, in the
    caller's transaction."""
    stored = are_stored(connection)
    for (segment_id,) in connection.execute("SELECT segment_id FROM segment").fetchall():
        merge_segments(connection, [segment_id], stored)
    for (model,) in connection.execute("SELECT DISTINCT model FROM vector_block").fetchall():
        merge_vectors(connection, model, stored, at_least=1)


def pending_vectors(connection: sqlite3.Connection, model: str, live: NDArray[np.int32]) -> NDArray[np.int32]:
    """Live versions that this model has not encoded yet."""
    return missing_vectors(connection, model, live)


def encode_pending(
    connection: sqlite3.Connection,
    embedder: Embedder,
    live: NDArray[np.int32],
    cancelled: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> int:
    """Make the missing vectors, publishing a block at a time; how many were made."""
    missing = pending_vectors(connection, embedder.model_id, live)
    size = 64 if embedder.needs_texts else _SLICE
    made = 0
    for start in range(0, len(missing), size):
        if cancelled():
            break
        ids = missing[start : start + size]
        chunks = _chunks(connection, ids)
        documents = [] if embedder.needs_texts else terms.documents([row[1:] for row in chunks]).documents()
        texts = _texts(chunks) if embedder.needs_texts else []
        vectors = embedder.encode_documents(documents, texts)
        stored = np.array([version_id for version_id, _, _ in chunks], dtype=np.int32)
        with transaction(connection):
            write_vectors(connection, embedder.model_id, stored, vectors)
        made += len(ids)
        progress(made, len(missing))
    return made


def next_texts(
    connection: sqlite3.Connection, model: str, live: NDArray[np.int32], most: int
) -> tuple[NDArray[np.int32], list[str]]:
    """Some versions without a vector of a model, and their texts: for embedders too slow for a pass."""
    ids = pending_vectors(connection, model, live)[:most]
    chunks = _chunks(connection, ids)
    return np.array([version_id for version_id, _, _ in chunks], dtype=np.int32), _texts(chunks)


def add_vectors(
    connection: sqlite3.Connection,
    model: str,
    version_ids: NDArray[np.int32],
    vectors: NDArray[np.int8],
    truncated: int = 0,
) -> None:
    """Publish vectors of versions, of which so many know a beginning only; the caller holds the writer's
    lock."""
    with transaction(connection):
        write_vectors(connection, model, version_ids, vectors)
        if truncated:
            connection.execute(
                "INSERT INTO meta VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                (f"truncated {model}", str(truncated)),
            )


def truncated_vectors(connection: sqlite3.Connection, model: str) -> int:
    """How many vectors of a model were ever made from the beginning of a chunk alone."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (f"truncated {model}",)).fetchone()
    return int(row[0]) if row else 0


def _texts(chunks: Sequence[tuple[int, Chunk, str]]) -> list[str]:
    from codebase_server.embed import compose

    return [compose(chunk, path) for _, chunk, path in chunks]


def _documents(
    connection: sqlite3.Connection, version_ids: NDArray[np.int32]
) -> Iterator[tuple[NDArray[np.int32], terms.TermTable]]:
    """Stored versions, ascending, and their terms, some thousands at a time."""
    for start in range(0, len(version_ids), _SLICE * 8):
        found: list[int] = []
        made: list[terms.TermTable] = []
        for at in range(start, min(start + _SLICE * 8, len(version_ids)), _SLICE):
            chunks = _chunks(connection, version_ids[at : at + _SLICE])
            found += [version_id for version_id, _, _ in chunks]
            made.append(terms.documents([(chunk, path) for _, chunk, path in chunks]))
        yield np.array(found, dtype=np.int32), terms.TermTable.joined(made)


def _chunks(connection: sqlite3.Connection, version_ids: NDArray[np.int32]) -> list[tuple[int, Chunk, str]]:
    """Stored versions as the chunks they once were; their lines are not known here."""
    query = (
        "SELECT version_id, path, symbol, symbol_kind, ordinal, part, signature, doc, derived, data "
        "FROM version JOIN content USING (content_id) "
        "WHERE version_id IN (SELECT value FROM json_each(?)) ORDER BY version_id"
    )
    return [
        (
            version_id,
            Chunk(0, 0, unpack(data), symbol, symbol_kind, ordinal, part, signature, doc, derived),
            path,
        )
        for version_id, path, symbol, symbol_kind, ordinal, part, signature, doc, derived, data in (
            connection.execute(query, (json.dumps(version_ids.tolist()),))
        )
    ]
