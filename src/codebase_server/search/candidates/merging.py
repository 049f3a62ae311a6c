"""Keeping the segments few: the writer folds small ones together and leaves the dead behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.postings import FIELD_COUNT, LARGEST_SEGMENT, Block, insert_segment
from codebase_server.terms import TERMS_VERSION

_SAME_SIZE = 8
"""So many segments of about one size (within a factor of 8) are folded into one."""

_LARGEST_MERGED = 40_000
"""Documents. Larger segments are left alone: folding one costs seconds and saves a block read a term."""


def plan_merge(connection: sqlite3.Connection) -> list[int]:
    """The segments that should now be folded into one, or none.

    Size tiers by powers of 8, so that each document is rewritten a few times in
    a repository's life however many small edits publish it.
    """
    tiers: dict[int, list[tuple[int, int]]] = {}
    query = "SELECT segment_id, documents FROM segment WHERE terms_version = ? ORDER BY segment_id"
    for segment_id, documents in connection.execute(query, (TERMS_VERSION,)):
        tier = max(0, (int(documents).bit_length() - 1) // 3)
        tiers.setdefault(tier, []).append((segment_id, documents))
    for tier in sorted(tiers):
        if len(tiers[tier]) < _SAME_SIZE:
            continue
        chosen, total = [], 0
        for segment_id, documents in tiers[tier]:
            if total + documents <= _LARGEST_MERGED:
                chosen.append(segment_id)
                total += documents
        if len(chosen) > 1:
            return chosen
    return []


def merge_segments(
    connection: sqlite3.Connection,
    segment_ids: list[int],
    stored: Callable[[NDArray[np.int32]], NDArray[np.bool_]],
) -> int | None:
    """Fold segments into one that holds only stored versions; its id, or None when none is left.

    ``stored`` tells of versions which are. The old segments are deleted. The caller holds the write
    transaction. Raises `ValueError` when the result would exceed `LARGEST_SEGMENT` documents.
    """
    version_ids, lengths, parts = [], [], []
    total = 0
    for segment_id in segment_ids:
        ids, field_lengths = read_header(connection, segment_id)
        keep = stored(ids)
        number = np.full(len(ids), -1, dtype=np.int64)
        number[keep] = total + np.arange(int(keep.sum()))
        total += int(keep.sum())
        version_ids.append(ids[keep])
        lengths.append(field_lengths[keep])
        parts.append((segment_id, number))
    if total > LARGEST_SEGMENT:
        raise ValueError(f"{total} documents do not fit into one segment of at most {LARGEST_SEGMENT}.")
    merged: int | None = None
    if total:
        merged = _fold(connection, np.concatenate(version_ids), np.concatenate(lengths), parts)
    connection.executemany("DELETE FROM posting WHERE segment_id = ?", [(s,) for s in segment_ids])
    connection.executemany("DELETE FROM segment WHERE segment_id = ?", [(s,) for s in segment_ids])
    return merged


def drop_outdated(connection: sqlite3.Connection) -> NDArray[np.int32]:
    """Delete segments of another `TERMS_VERSION`; the versions that now need a new one, sorted."""
    query = "SELECT segment_id, version_ids FROM segment WHERE terms_version <> ?"
    stale = list(connection.execute(query, (TERMS_VERSION,)))
    connection.executemany("DELETE FROM posting WHERE segment_id = ?", [(s,) for s, _ in stale])
    connection.executemany("DELETE FROM segment WHERE segment_id = ?", [(s,) for s, _ in stale])
    ids = [np.frombuffer(blob, np.int32) for _, blob in stale]
    return np.unique(np.concatenate(ids)) if ids else np.zeros(0, np.int32)


def read_header(
    connection: sqlite3.Connection, segment_id: int
) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
    """The version ids of a segment and the lengths of their fields, shape (documents, 5)."""
    row = connection.execute(
        "SELECT version_ids, lengths FROM segment WHERE segment_id = ?", (segment_id,)
    ).fetchone()
    if row is None:
        raise ValueError(f"There is no segment {segment_id} in this database.")
    return np.frombuffer(row[0], np.int32), np.frombuffer(row[1], np.uint16).reshape(-1, FIELD_COUNT)


def _fold(
    connection: sqlite3.Connection,
    version_ids: NDArray[np.int32],
    lengths: NDArray[np.uint16],
    parts: list[tuple[int, NDArray[np.int64]]],
) -> int:
    order = np.argsort(version_ids, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    terms, documents, codes = [], [], []
    for segment_id, number in parts:
        for (data,) in connection.execute("SELECT data FROM posting WHERE segment_id = ?", (segment_id,)):
            block = Block(data)
            placed = number[block.documents]
            kept = placed >= 0
            sizes = np.diff(block.ends, prepend=np.uint32(0))
            terms.append(np.repeat(block.terms, sizes)[kept])
            documents.append(rank[placed[kept]].astype(np.uint16))
            codes.append(block.codes[kept])
    all_terms, all_documents = np.concatenate(terms), np.concatenate(documents)
    by_document = np.argsort(all_documents, kind="stable")
    return insert_segment(
        connection,
        version_ids=version_ids[order],
        lengths=lengths[order],
        terms=all_terms[by_document],
        documents=all_documents[by_document],
        codes=np.concatenate(codes)[by_document],
    )
