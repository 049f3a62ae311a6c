"""Reading segments: headers and blocks, each decoded once per process.

Segments never change and their ids are never reused, so what was read once is
right for ever: the caches need no invalidation, only a bound. What was read of a segment that has
been merged into another is let go of: nobody will ask for it.
"""

from __future__ import annotations

import sqlite3
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.postings import FIELD_COUNT, Block
from codebase_server.terms import TERMS_VERSION

_BLOCK_CACHE_BYTES = 48 << 20
_BLOCK_OVERHEAD = 900
"""Bytes that a block takes beside its data. An edit's own segment has less data than that."""
_HEADERS_KEPT = 256


class Header:
    """What every question needs of a segment: its documents and where its blocks begin."""

    __slots__ = ("first_terms", "lengths", "segment_id", "version_ids")

    def __init__(self, segment_id: int, version_ids: bytes, lengths: bytes, first_terms: bytes) -> None:
        self.segment_id = segment_id
        self.version_ids: NDArray[np.int32] = np.frombuffer(version_ids, np.int32)
        self.lengths: NDArray[np.uint16] = np.frombuffer(lengths, np.uint16).reshape(-1, FIELD_COUNT)
        self.first_terms: list[int] = np.frombuffer(first_terms, np.int64).tolist()


class SegmentReader:
    """Headers and blocks of one database, shared by all threads of the process."""

    def __init__(self) -> None:
        self._headers: OrderedDict[int, Header] = OrderedDict()
        self._blocks: OrderedDict[tuple[int, int], tuple[Block, int]] = OrderedDict()
        self._held = 0
        self._seen: tuple[int, ...] = ()
        self._lock = threading.Lock()

    def segments(self, connection: sqlite3.Connection) -> tuple[int, ...]:
        """The ids of the segments this connection's snapshot sees, ascending."""
        query = "SELECT segment_id FROM segment WHERE terms_version = ? ORDER BY segment_id"
        found = tuple([row[0] for row in connection.execute(query, (TERMS_VERSION,))])
        if found != self._seen:
            with self._lock:
                # those of the snapshot before, too: somebody may be searching in it still
                self._let_go_of_all_but({*found, *self._seen})
                self._seen = found
        return found

    def headers(self, connection: sqlite3.Connection, segments: Sequence[int]) -> list[Header]:
        """The headers of segments that this connection's snapshot sees, in the order given."""
        found = []
        for segment_id in segments:
            header = self._headers.get(segment_id)
            if header is None:
                row = connection.execute(
                    "SELECT version_ids, lengths, first_terms FROM segment WHERE segment_id = ?",
                    (segment_id,),
                ).fetchone()
                header = Header(segment_id, *row)
                with self._lock:
                    self._headers[segment_id] = header
                    while len(self._headers) > _HEADERS_KEPT:
                        self._headers.popitem(last=False)
            found.append(header)
        return found

    def postings(
        self, connection: sqlite3.Connection, header: Header, terms: Sequence[int]
    ) -> list[tuple[int, NDArray[np.uint16], NDArray[np.uint16]]]:
        """Of those (signed) terms that a segment has: their place in ``terms``, documents and codes."""
        first_terms = header.first_terms
        places = [bisect_right(first_terms, term) - 1 for term in terms]
        blocks = self._blocks_of(connection, header, {*places} - {-1})
        found = []
        for i, place in enumerate(places):
            if place >= 0:
                postings = blocks[place].find(terms[i])
                if postings is not None:
                    found.append((i, *postings))
        return found

    def _let_go_of_all_but(self, segments: set[int]) -> None:
        for segment_id in [one for one in self._headers if one not in segments]:
            del self._headers[segment_id]
        for key in [key for key in self._blocks if key[0] not in segments]:
            self._held -= self._blocks.pop(key)[1]

    def _blocks_of(
        self, connection: sqlite3.Connection, header: Header, places: set[int]
    ) -> dict[int, Block]:
        """The blocks at some places of a segment."""
        segment_id, first_terms = header.segment_id, header.first_terms
        found = {}
        with self._lock:
            for place in places:
                key = (segment_id, first_terms[place])
                held = self._blocks.get(key)
                if held is not None:
                    self._blocks.move_to_end(key)
                    found[place] = held[0]
        for place in places - found.keys():
            found[place] = self._read(connection, segment_id, first_terms[place])
        return found

    def _read(self, connection: sqlite3.Connection, segment_id: int, first_term: int) -> Block:
        key = (segment_id, first_term)
        row = connection.execute(
            "SELECT data FROM posting WHERE segment_id = ? AND term = ?", (segment_id, first_term)
        ).fetchone()
        block, size = Block(row[0]), len(row[0]) + _BLOCK_OVERHEAD
        with self._lock:
            if key not in self._blocks:
                self._blocks[key] = (block, size)
                self._held += size
            while self._held > _BLOCK_CACHE_BYTES and len(self._blocks) > 1:
                _, (_, freed) = self._blocks.popitem(last=False)
                self._held -= freed
        return block
