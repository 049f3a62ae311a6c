"""The text index: immutable segments of postings in the repository's SQLite file.

A segment is written once, by the writer, in the transaction that publishes its
chunks. Its terms are sorted and cut into blocks of some 32 KB; a block is one
row and holds its terms, where each one's postings end, and the postings. A
question reads the few blocks that hold its terms and nothing else.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.codes import pack
from codebase_server.terms import FIELDS, TERMS_VERSION, TermDocument, TermTable

DDL = (
    """CREATE TABLE segment (
        segment_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: readers cache by it
        terms_version INTEGER NOT NULL,
        documents INTEGER NOT NULL,
        version_ids BLOB NOT NULL,    -- int32, ascending; a document's number is its place here
        lengths BLOB NOT NULL,        -- uint16, documents x 5 fields
        first_terms BLOB NOT NULL     -- int64, ascending: the first term of each block
    )""",
    """CREATE TABLE posting (
        segment_id INTEGER NOT NULL REFERENCES segment (segment_id) ON DELETE CASCADE,
        term INTEGER NOT NULL,        -- the first term of the block, as signed 64 bits
        data BLOB NOT NULL,
        PRIMARY KEY (segment_id, term)
    ) WITHOUT ROWID""",
)
"""Statements that make the tables, for the store's migrations."""

LARGEST_SEGMENT = 1 << 16
"""Documents: their numbers are 16-bit."""

_BLOCK_BYTES = 1 << 15


def write_segment(connection: sqlite3.Connection, documents: Sequence[tuple[int, TermDocument]]) -> list[int]:
    """As `write_segments` for ``(version_id, terms)`` pairs in any order."""
    ordered = sorted(documents, key=lambda pair: pair[0])
    version_ids = np.array([version_id for version_id, _ in ordered], dtype=np.int32)
    return write_segments(connection, version_ids, TermTable.of([document for _, document in ordered]))


def write_segments(
    connection: sqlite3.Connection, version_ids: NDArray[np.int32], documents: TermTable
) -> list[int]:
    """Write the postings of versions, ascending, with their terms in that order; the new segment ids.

    One segment, or several when there are more than `LARGEST_SEGMENT` documents,
    none when there are no documents. The caller holds the write transaction.
    Raises `sqlite3.Error` as SQLite does, `ValueError` on a version id twice.
    """
    written = []
    for start in range(0, len(version_ids), LARGEST_SEGMENT):
        ids = version_ids[start : start + LARGEST_SEGMENT]
        found = documents.part(start, start + len(ids))
        written.append(
            insert_segment(
                connection,
                version_ids=ids,
                lengths=np.minimum(found.lengths, 0xFFFF).astype(np.uint16),
                terms=found.terms.view(np.int64),
                documents=np.repeat(np.arange(len(found), dtype=np.uint16), np.diff(found.starts)),
                codes=pack(found.counts),
            )
        )
    return written


def insert_segment(
    connection: sqlite3.Connection,
    *,
    version_ids: NDArray[np.int32],
    lengths: NDArray[np.uint16],
    terms: NDArray[np.int64],
    documents: NDArray[np.uint16],
    codes: NDArray[np.uint16],
) -> int:
    """Write one segment from parallel arrays with one entry a posting, in any order of terms.

    The entries of one term must be in the order of their documents.
    """
    if len(version_ids) > 1 and (np.diff(version_ids) <= 0).any():
        raise ValueError(
            "A segment needs distinct, ascending version ids; the batch names one version twice."
        )
    order = np.argsort(terms, kind="stable")
    terms, documents, codes = terms[order], documents[order], codes[order]
    starts = np.flatnonzero(np.diff(terms, prepend=terms[:1] - 1)) if len(terms) else np.zeros(0, np.int64)
    ends = np.append(starts[1:], len(terms))[: len(starts)].astype(np.int64)
    distinct = terms[starts]
    cuts = _block_cuts(ends)
    cursor = connection.execute(
        "INSERT INTO segment (terms_version, documents, version_ids, lengths, first_terms)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            TERMS_VERSION,
            len(version_ids),
            version_ids.tobytes(),
            lengths.tobytes(),
            distinct[cuts[:-1]].tobytes(),
        ),
    )
    segment_id = cursor.lastrowid
    assert segment_id is not None
    rows = []
    for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        low, high = int(starts[first]), int(ends[last - 1])
        header = np.array([last - first], dtype=np.int64)
        data = b"".join(
            (
                header.tobytes(),
                distinct[first:last].tobytes(),
                (ends[first:last] - low).astype(np.uint32).tobytes(),
                documents[low:high].tobytes(),
                codes[low:high].tobytes(),
            )
        )
        rows.append((segment_id, int(distinct[first]), data))
    connection.executemany("INSERT INTO posting (segment_id, term, data) VALUES (?, ?, ?)", rows)
    return segment_id


def _block_cuts(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices of the terms at which blocks begin, with the number of terms at the end."""
    if not len(ends):
        return np.zeros(1, dtype=np.int64)
    size = 12 * np.arange(1, len(ends) + 1) + 4 * ends  # bytes up to and including each term
    block = np.append(0, size[:-1]) // _BLOCK_BYTES
    return np.append(np.flatnonzero(np.diff(block, prepend=-1)), len(ends))


class Block:
    """The decoded bytes of one row of ``posting``: views, nothing is copied."""

    __slots__ = ("_ends", "_sought", "codes", "documents", "ends", "terms")

    def __init__(self, data: bytes) -> None:
        count = int(np.frombuffer(data, np.int64, 1)[0])
        self.terms = np.frombuffer(data, np.int64, count, 8)
        self._sought = memoryview(data)[8 : 8 + 8 * count].cast("q")
        self.ends = np.frombuffer(data, np.uint32, count, 8 + 8 * count)
        self._ends = memoryview(data)[8 + 8 * count : 8 + 12 * count].cast("I")
        postings = int(self.ends[-1]) if count else 0
        start = 8 + 12 * count
        self.documents = np.frombuffer(data, np.uint16, postings, start)
        self.codes = np.frombuffer(data, np.uint16, postings, start + 2 * postings)

    def find(self, term: int) -> tuple[NDArray[np.uint16], NDArray[np.uint16]] | None:
        """Document numbers and codes of a (signed) term, or None when no document has it."""
        sought = self._sought  # to numpy a question of one number takes longer than the answer
        at = bisect_left(sought, term)
        if at == len(sought) or sought[at] != term:
            return None
        low, high = self._ends[at - 1] if at else 0, self._ends[at]
        return self.documents[low:high], self.codes[low:high]


FIELD_COUNT = len(FIELDS)
