"""The vectors of a root in memory: one matrix of signs (a bit a dimension) and one of bytes.

A question takes the nearest few thousand by signs and rescores them by the bytes. The
matrices are made once; later generations share them and put what is new behind.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.vectors import blocks, rows_of

SIGNS_PAY = 20_000
"""Rows. Below this a plain scan of the bytes is as fast as two passes."""

_RESCORED = 10_000
"""Rows that pass from signs to bytes: of 80,000 rows of 256 dimensions they hold 99 of the true first 50
even of questions of one word, whose vector is that of no whole chunk (3,000 hold 95)."""

WIDENED = 6_000
"""Rows. Up to so many are kept as floats as well (6 MB): to widen them anew took longer than to scan them."""

_AT_ONCE = 512
"""Rows widened to floats at a time: they stay in the processor's cache until they are multiplied."""

_NEVER = np.iinfo(np.uint16).max
"""A distance that no row has."""


class _Shelf:
    """Rows that views of successive generations share: what is written stays, more is put behind it."""

    __slots__ = ("guard", "inverse_norms", "rows", "signs", "used", "wide")

    def __init__(self, rows: NDArray[np.int8]) -> None:
        self.guard = threading.Lock()
        self.used = len(rows)
        self.inverse_norms = _inverse_norms(rows)
        # a row a word of signs: each is combined with one word of the question's, end to end
        self.signs = np.ascontiguousarray(_signs(rows).T) if len(rows) > SIGNS_PAY else None
        self.rows = np.ascontiguousarray(rows)
        self.wide = rows.astype(np.float32) if len(rows) <= WIDENED else None

    def extended(self, used: int, rows: NDArray[np.int8]) -> _Shelf:
        """A shelf with the first ``used`` rows of this one and ``rows`` behind them: this one if possible."""
        total = used + len(rows)
        with self.guard:
            if used == self.used and total <= len(self.rows):
                self.inverse_norms[used:total] = _inverse_norms(rows)
                if self.signs is not None:
                    self.signs[:, used:total] = _signs(rows).T
                self.rows[used:total] = rows
                if self.wide is not None:
                    self.wide[used:total] = rows
                self.used = total
                return self
        return self._roomier(used, total).extended(used, rows)

    def _roomier(self, used: int, total: int) -> _Shelf:
        """A copy of the first ``used`` rows with room for ``total`` and some: nothing is worked out again,
        which a search just after an edit would wait for."""
        room = total - used + max(1024, total // 16)
        made = _Shelf.__new__(_Shelf)
        made.guard = threading.Lock()
        made.used = used
        made.inverse_norms = _with_room(self.inverse_norms[:used], room)
        made.signs = None if self.signs is None else _with_room(self.signs[:, :used], room, axis=1)
        made.rows = _with_room(self.rows[:used], room)
        wide = self.wide if total <= WIDENED else None
        made.wide = None if wide is None else _with_room(wide[:used], room)
        return made


class VectorsInMemory:
    """A matrix of bytes and, where it pays, one of their signs, scanned by numpy.

    ``at`` are indices into ``live``, one a row; -1 where the version is not live any more.
    """

    def __init__(self, at: NDArray[np.int32], rows: NDArray[np.int8], live_count: int) -> None:
        self._hold(at, _Shelf(rows), live_count)

    def _hold(self, at: NDArray[np.int32], shelf: _Shelf, live_count: int) -> None:
        self._shelf = shelf
        self._at = at
        self._rows = shelf.rows[: len(at)]
        self._wide = None if shelf.wide is None else shelf.wide[: len(at)]
        self._inverse_norms = shelf.inverse_norms[: len(at)]
        self._signs = None if shelf.signs is None else shelf.signs[:, : len(at)]
        self._dead = np.flatnonzero(at < 0)
        self._living = np.flatnonzero(at >= 0)
        self._scanned: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self._row_of = np.full(live_count, -1, dtype=np.int32)
        self._row_of[at[self._living]] = self._living.astype(np.int32)
        self._has_all = len(self._living) == live_count

    def stepped(
        self,
        connection: sqlite3.Connection,
        model: str,
        live: NDArray[np.int32],
        to: NDArray[np.int32],
        added: NDArray[np.int64],
        after: int,
    ) -> VectorsInMemory | None:
        """The vectors of a later generation, or None where they had better be gathered anew.

        ``to`` gives each old index its new one and ends in -1; ``added`` are new indices. What lacks
        a vector gets it from blocks above ``after``, and what was added also from older ones.
        """
        if not len(live):
            return None
        moved = to[self._at]
        lacking = np.ones(len(live), dtype=bool)
        lacking[moved[moved >= 0]] = False
        ats: list[NDArray[np.int32]] = []
        rows: list[NDArray[np.int8]] = []
        sources = [blocks(connection, model, after)]
        if lacking[added].any():
            sources.append(rows_of(connection, model, live[added[lacking[added]]], after))
        for source in sources:
            for _, ids, block in source:
                at = np.minimum(np.searchsorted(live, ids), len(live) - 1).astype(np.int32)
                keep = (live[at] == ids) & lacking[at]
                if keep.any():
                    lacking[at[keep]] = False
                    ats.append(at[keep])
                    rows.append(block[keep])
        total = np.concatenate([moved, *ats])
        dead = int((total < 0).sum())
        if dead * 8 > len(total) or (self._signs is None and len(total) > SIGNS_PAY):
            return None
        shelf = self._shelf.extended(len(moved), np.concatenate(rows)) if rows else self._shelf
        made = VectorsInMemory.__new__(VectorsInMemory)
        made._hold(total, shelf, len(live))
        return made

    def nearest(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        if allowed is not None:
            rows: NDArray[np.intp] | None = self._living[allowed[self._at[self._living]]]
        else:
            rows = self._living if len(self._dead) else None
        count = len(self._at) if rows is None else len(rows)
        if self._signs is not None and count > SIGNS_PAY:
            some, never = (None, self._dead) if allowed is None else (rows, self._dead[:0])
            rows = _nearest_by_sign(self._signs, query, some, max(_RESCORED, 4 * limit), never)
        found = self._similarities(query, rows)
        if rows is None:
            self._scanned = query, found  # whoever asks for the nearest asks for others' cosines as well
        if len(found) > limit:
            farthest = np.partition(found, len(found) - limit)[len(found) - limit]
            (top,) = (found >= farthest).nonzero()  # more than asked for, where some are as far
            rows, found = (top if rows is None else rows[top]), found[top]
        at = self._at if rows is None else self._at[rows]
        order = np.lexsort((at, -found))[:limit]
        return at[order], found[order]

    def cosines(self, query: NDArray[np.float32], at: NDArray[np.integer]) -> NDArray[np.float32]:
        rows = self._row_of[at]
        scanned = self._scanned
        if scanned is not None and scanned[0] is query:
            known: NDArray[np.float32] = scanned[1].take(rows)  # the last for one without
            return known if self._has_all else np.where(rows >= 0, known, np.float32(np.nan))
        found = np.full(len(at), np.nan, dtype=np.float32)
        found[rows >= 0] = self._similarities(query, rows[rows >= 0])
        return found

    def units(self, at: NDArray[np.integer]) -> NDArray[np.float32]:
        rows = self._row_of[at]
        found: NDArray[np.float32] = self._rows.take(rows, axis=0).astype(np.float32)
        found *= self._inverse_norms.take(rows)[:, None]
        if not self._has_all:
            found[rows < 0] = 0
        return found

    def _similarities(
        self, query: NDArray[np.float32], rows: NDArray[np.integer] | None
    ) -> NDArray[np.float32]:
        """The cosines of some rows (None: of all)."""
        unit = (query / (math.sqrt(query @ query) or 1.0)).astype(np.float32, copy=False)
        inverse_norms = self._inverse_norms if rows is None else self._inverse_norms[rows]
        if self._wide is not None:
            rescored: NDArray[np.float32] = (self._wide if rows is None else self._wide[rows]) @ unit
            rescored *= inverse_norms
            return rescored
        count = len(self._rows) if rows is None else len(rows)
        found = np.empty(count, dtype=np.float32)
        # The whole matrix in floats would be four times the index.
        wide = np.empty((min(count, _AT_ONCE), self._rows.shape[1]), dtype=np.float32)
        narrow = np.empty(wide.shape, dtype=np.int8)
        for start in range(0, count, _AT_ONCE):
            end = min(start + _AT_ONCE, count)
            part = wide[: end - start]
            if rows is None:
                part[...] = self._rows[start:end]
            else:
                part[...] = self._rows.take(rows[start:end], 0, narrow[: end - start], mode="clip")
            np.dot(part, unit, out=found[start:end])
        found *= inverse_norms
        return found


def _nearest_by_sign(
    signs: NDArray[np.uint64],
    query: NDArray[np.float32],
    rows: NDArray[np.intp] | None,
    keep: int,
    never: NDArray[np.intp],
) -> NDArray[np.intp]:
    """The ``keep`` rows (of some; None: of all but ``never``) whose signs differ from the question's in
    the fewest places, and all others that differ in as few.
    """
    stored = signs if rows is None else signs[:, rows]
    distance = np.zeros(stored.shape[1], dtype=np.uint16)
    for words, asked in zip(stored, _signs(query[None, :])[0], strict=True):
        distance += np.bitwise_count(words ^ asked)
    distance[never] = _NEVER
    farthest = np.partition(distance, keep - 1)[keep - 1] if keep < len(distance) else distance.max()
    near = np.flatnonzero((distance <= farthest) & (distance < _NEVER))
    return near if rows is None else rows[near]


def vectors_in_memory(
    connection: sqlite3.Connection, model: str, live: NDArray[np.int32]
) -> VectorsInMemory | None:
    """Gather the vectors of the live versions, or None when the model has made none of them."""
    ats: list[NDArray[np.int32]] = []
    rows: list[NDArray[np.int8]] = []
    for _, ids, block in blocks(connection, model):
        at = np.minimum(np.searchsorted(live, ids), max(len(live) - 1, 0))
        keep = live[at] == ids if len(live) else np.zeros(len(ids), dtype=bool)
        if keep.any():
            ats.append(at[keep].astype(np.int32))
            rows.append(block[keep] if not keep.all() else block)
    if not ats:
        return None
    at, matrix = np.concatenate(ats), np.concatenate(rows)
    # A model switched forth and back may have made a version's vector twice: the later one counts.
    _, last = np.unique(at[::-1], return_index=True)
    if len(last) < len(at):
        kept = len(at) - 1 - last
        at, matrix = at[kept], matrix[kept]
    return VectorsInMemory(at, matrix, len(live))


def _with_room(array: NDArray[Any], room: int, axis: int = 0) -> NDArray[Any]:
    """A copy of the array laid out row by row, with so much unused behind it along an axis."""
    shape = list(array.shape)
    shape[axis] += room
    roomy = np.empty(shape, dtype=array.dtype)
    roomy[tuple(slice(0, length) for length in array.shape)] = array
    return roomy


def _inverse_norms(matrix: NDArray[np.int8]) -> NDArray[np.float32]:
    squares = np.empty(len(matrix), dtype=np.float32)
    for i in range(0, len(matrix), 8192):
        part = matrix[i : i + 8192].astype(np.float32)
        squares[i : i + 8192] = np.einsum("ij,ij->i", part, part)
    return (1 / np.sqrt(np.maximum(squares, 1.0))).astype(np.float32)


def _signs(matrix: NDArray[np.int8] | NDArray[np.float32]) -> NDArray[np.uint64]:
    """A bit a dimension, in words of 64. In pieces: packing lets no other thread run, and a million rows of
    256 take a tenth of a second of the processor, and a byte a dimension in between."""
    words = -(-matrix.shape[1] // 64)
    signs = np.zeros((len(matrix), words * 8), dtype=np.uint8)
    for i in range(0, len(matrix), 8192):
        packed = np.packbits(matrix[i : i + 8192] > 0, axis=1)
        signs[i : i + 8192, : packed.shape[1]] = packed
    return signs.view(np.uint64)
