"""BM25F over the postings of one root: every chunk's score, and what it was made of.

Robertson, Zaragoza and Taylor 2004: the counts of a term in a chunk's fields
are weighted and added *before* saturation, so that a word in the name and in
the body is not rewarded twice in full.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.codes import CAPS, weight_table
from codebase_server.search.candidates.reader import Header, SegmentReader
from codebase_server.search.query import Query

K1, B = 1.2, 0.6
WEIGHTS = (5.0, 0.5, 1.0, 1.0, 1.0)
"""symbol, path, signature, doc, body."""

_SHORT = weight_table((WEIGHTS[0], WEIGHTS[1], WEIGHTS[2], 0.0, 0.0))
_LONG = weight_table((0.0, 0.0, 0.0, WEIGHTS[3], WEIGHTS[4]))
"""Names and paths are of one length in practice; only prose and bodies are normalised by theirs."""

_NAMED = CAPS[0].astype(np.uint16)
"""The bits of a code that count the term in the symbol; they are the lowest."""

_COMMON = 0.12
"""A word in more than this share of the chunks is not scored when rarer words are there to score."""

_SMALL = 4_000
"""Chunks. Below this nothing is left out: it would save microseconds."""

_FILE_K1, _FILE_B = 2.0, 0.5

_DENSE = 1 << 14
"""Pairs of a term and a file, up to which looking at all is quicker than finding those that are there."""


@dataclass(slots=True)
class TextView:
    """The live chunks of a root as the postings see them; all arrays are in the order of ``live``.

    ``places`` maps, for each segment, a document's number to its index in
    ``live``, or -1 when it is not live in this root; ``all_live`` says that all are.
    ``file_of`` numbers the files.
    """

    live: NDArray[np.int32]
    file_of: NDArray[np.intp]
    file_count: int
    headers: list[Header]
    places: list[NDArray[np.intp]]
    lengths: NDArray[np.uint16]
    all_live: bool = field(init=False)
    inverse_length: NDArray[np.float32] = field(init=False)
    inverse_file_length: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self.all_live = all(int(place.min(initial=0)) >= 0 for place in self.places)
        body = self.lengths[:, -1].astype(np.float32)
        typical = max(float(body.mean()) if len(body) else 1.0, 1.0)
        self.inverse_length = (1 / (1 - B + B * body / typical)).astype(np.float32)
        whole = np.bincount(self.file_of, weights=body, minlength=self.file_count)
        mean = max(float(whole.mean()) if len(whole) else 1.0, 1.0)
        self.inverse_file_length = (1 / (1 - _FILE_B + _FILE_B * whole / mean)).astype(np.float32)


def text_view(
    live: NDArray[np.int32], file_of: NDArray[np.int32], file_count: int, headers: list[Header]
) -> TextView:
    """Line the segments up with the live versions of a root."""
    lengths = np.zeros((len(live), 5), dtype=np.uint16)
    used, places = [], []
    for header in headers:
        place = places_in(live, header.version_ids)
        is_live = place >= 0
        if not is_live.any():
            continue
        lengths[place[is_live]] = header.lengths[is_live]
        used.append(header)
        places.append(place)
    return TextView(live, file_of.astype(np.intp), file_count, used, places, lengths)


def places_in(live: NDArray[np.int32], version_ids: NDArray[np.int32]) -> NDArray[np.intp]:
    """The index in ``live`` of each version, or -1 of those that are not live."""
    if not len(live):
        return np.full(len(version_ids), -1, dtype=np.intp)
    at = np.minimum(np.searchsorted(live, version_ids), len(live) - 1)
    return np.where(live[at] == version_ids, at, -1).astype(np.intp)


class Hits(NamedTuple):
    """Where some terms stand among the live chunks, all hits end to end.

    ``term``: the place of each hit's term among those asked for; ``at``: its index into ``live``; ``codes``:
    how often the term stands there, see `codes`. ``idf`` and ``counts``: the rarity of each term in all
    chunks, and how many hits it has.
    """

    term: NDArray[np.intp]
    at: NDArray[np.intp]
    codes: NDArray[np.uint16]
    idf: NDArray[np.float32]
    counts: NDArray[np.intp]

    def kept(self, which: NDArray[np.bool_]) -> Hits:
        """Those of the hits that a mask leaves."""
        term = self.term[which]
        counts = np.bincount(term, minlength=len(self.counts))
        return Hits(term, self.at[which], self.codes[which], self.idf, counts)


class LexicalScores(NamedTuple):
    """BM25F of every live chunk and file; ``hits`` of the terms of the query, in its order.

    ``name`` is the rarity of the question's words that a chunk's symbol has, added up.
    """

    chunk: NDArray[np.float32]
    name: NDArray[np.float32]
    file: NDArray[np.float32]
    hits: Hits
    matched: NDArray[np.bool_]


def score(
    connection: sqlite3.Connection,
    reader: SegmentReader,
    view: TextView,
    query: Query,
    allowed: NDArray[np.bool_] | None,
) -> LexicalScores:
    """Score all live chunks (only those ``allowed``, when given) and their files."""
    n = len(view.live)
    hits = hits_of(connection, reader, view, [term.term for term in query.terms], allowed)
    columns = query.columns
    matched = np.zeros(n, dtype=bool)
    matched[hits.at[columns.is_no_pair.take(hits.term)]] = True
    scored = hits
    if n > _SMALL:
        common = hits.counts > _COMMON * n
        if (hits.counts[~common] > 0).any() and common.any():
            scored = hits.kept(~common[hits.term])
    weights = columns.weights * hits.idf
    short, long = _SHORT.take(scored.codes), _LONG.take(scored.codes)
    frequency = long * view.inverse_length.take(scored.at)
    frequency += short
    worth = (weights * np.float32(K1 + 1)).take(scored.term)
    worth *= frequency
    frequency += np.float32(K1)
    worth /= frequency
    (in_name,) = ((scored.codes & _NAMED != 0) & columns.is_word.take(scored.term)).nonzero()  # few have
    name = np.zeros(n, dtype=np.float32)
    np.add.at(name, scored.at[in_name], hits.idf[scored.term[in_name]])
    short += long
    return LexicalScores(
        chunk=_summed(scored.at, worth, n),
        name=name,
        file=_of_files(view, scored, short, weights),
        hits=hits,
        matched=matched,
    )


def _summed(at: NDArray[np.integer], values: NDArray[np.floating], count: int) -> NDArray[np.float32]:
    return np.bincount(at, weights=values, minlength=count).astype(np.float32)


def _of_files(
    view: TextView, hits: Hits, counts: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What the terms are worth to the files that have them, by their weighted counts in all their chunks."""
    count = view.file_count
    if not count:
        return np.zeros(0, dtype=np.float32)
    pair = hits.term * count + view.file_of.take(hits.at)  # of a term and a file
    if len(weights) * count <= _DENSE:
        of_term = np.bincount(pair, counts, len(weights) * count).reshape(len(weights), count)
        frequency = of_term.astype(np.float32)
        frequency *= view.inverse_file_length
        worth = (weights * np.float32(_FILE_K1 + 1))[:, None] * frequency
        frequency += np.float32(_FILE_K1)
        worth /= frequency
        total: NDArray[np.float64] = np.add.reduce(worth, axis=0, dtype=np.float64)
        return total.astype(np.float32)
    of_term = np.bincount(pair, counts)
    (pairs,) = of_term.nonzero()
    term, file = np.divmod(pairs, count)
    frequency = of_term[pairs].astype(np.float32) * view.inverse_file_length[file]
    worth = (weights * np.float32(_FILE_K1 + 1))[term] * frequency / (frequency + np.float32(_FILE_K1))
    return _summed(file, worth, view.file_count)


def hits_of(
    connection: sqlite3.Connection,
    reader: SegmentReader,
    view: TextView,
    terms: Sequence[int],
    allowed: NDArray[np.bool_] | None = None,
) -> Hits:
    """Where (signed) terms stand among the live chunks; their rarity is that in all, allowed or not."""
    term: list[NDArray[np.intp]] = []
    at: list[NDArray[np.intp]] = []
    codes: list[NDArray[np.uint16]] = []
    counted = [0] * len(terms)
    for header, place in zip(view.headers, view.places, strict=True):
        found = reader.postings(connection, header, terms)
        if found:
            numbers, documents, own = zip(*found, strict=True)
            at.append(place.take(np.concatenate(documents, dtype=np.intp)))
            codes.append(np.concatenate(own))
            sizes = [len(some) for some in own]
            for number, size in zip(numbers, sizes, strict=True):
                counted[number] += size
            term.append(np.array(numbers, dtype=np.intp).repeat(sizes))
    which, chunks, own_codes = _joined(term, np.intp), _joined(at, np.intp), _joined(codes, np.uint16)
    if not view.all_live:
        living = chunks >= 0
        which, chunks, own_codes = which[living], chunks[living], own_codes[living]
        counted = np.bincount(which, minlength=len(terms)).tolist()
    n = len(view.live)
    rarity = [math.log(1 + (n - count + 0.5) / (count + 0.5)) for count in counted]
    idf, counts = np.array(rarity, dtype=np.float32), np.array(counted, dtype=np.intp)
    hits = Hits(which, chunks, own_codes, idf, counts)
    return hits if allowed is None else hits.kept(allowed[chunks])


def _joined(parts: list[NDArray[Any]], kind: type) -> NDArray[Any]:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)
