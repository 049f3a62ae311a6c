"""BM25F over the postings of one root: every chunk's score, and what it was made of.

Robertson, Zaragoza and Taylor 2004: the counts of a term in a chunk's fields
are weighted and added *before* saturation, so that a word in the name and in
the body is not rewarded twice in full.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.codes import weight_table
from codebase_server.search.candidates.reader import Header, SegmentReader
from codebase_server.search.query import WORD, Query

K1, B = 1.2, 0.6
WEIGHTS = (5.0, 0.5, 1.0, 1.0, 1.0)
"""symbol, path, signature, doc, body."""

_SHORT = weight_table((WEIGHTS[0], WEIGHTS[1], WEIGHTS[2], 0.0, 0.0))
_LONG = weight_table((0.0, 0.0, 0.0, WEIGHTS[3], WEIGHTS[4]))
"""Names and paths are of one length in practice; only prose and bodies are normalised by theirs."""

_NAMED = (weight_table((1.0, 0.0, 0.0, 0.0, 0.0)) > 0).astype(np.float32)
"""Whether a code counts the term in the symbol."""

_COMMON = 0.12
"""A word in more than this share of the chunks is not scored when rarer words are there to score."""

_SMALL = 4_000
"""Chunks. Below this nothing is left out: it would save microseconds."""

_FILE_K1, _FILE_B = 2.0, 0.5


@dataclass(slots=True)
class TextView:
    """The live chunks of a root as the postings see them; all arrays are in the order of ``live``.

    ``places`` maps, for each segment, a document's number to its index in
    ``live``, or -1 when it is not live in this root. ``file_of`` numbers the files.
    """

    live: NDArray[np.int32]
    file_of: NDArray[np.int32]
    file_count: int
    headers: list[Header]
    places: list[NDArray[np.int32]]
    lengths: NDArray[np.uint16]
    inverse_length: NDArray[np.float32] = field(init=False)
    inverse_file_length: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
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
    return TextView(live, file_of, file_count, used, places, lengths)


def places_in(live: NDArray[np.int32], version_ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """The index in ``live`` of each version, or -1 of those that are not live."""
    if not len(live):
        return np.full(len(version_ids), -1, dtype=np.int32)
    at = np.minimum(np.searchsorted(live, version_ids), len(live) - 1)
    return np.where(live[at] == version_ids, at, -1).astype(np.int32)


@dataclass(slots=True)
class TermHits:
    """Where one term of the question stands: indices into ``live``, their codes, and its rarity."""

    at: NDArray[np.int32]
    codes: NDArray[np.uint16]
    idf: float


@dataclass(slots=True)
class LexicalScores:
    """BM25F of every live chunk and file; ``hits`` one entry a term of the query, in its order.

    ``name`` is the rarity of the question's words that a chunk's symbol has, added up.
    """

    chunk: NDArray[np.float32]
    name: NDArray[np.float32]
    file: NDArray[np.float32]
    hits: list[TermHits]
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
    chunk = np.zeros(n, dtype=np.float32)
    name = np.zeros(n, dtype=np.float32)
    matched = np.zeros(n, dtype=bool)
    file = np.zeros(view.file_count, dtype=np.float32)
    hits = [term_hits(connection, reader, view, term.term, allowed) for term in query.terms]
    spare = n > _SMALL and any(0 < len(hit.at) <= _COMMON * n for hit in hits)
    for term, hit in zip(query.terms, hits, strict=True):
        if not len(hit.at):
            continue
        if term.kind != "pair":
            matched[hit.at] = True
        if spare and len(hit.at) > _COMMON * n:
            continue
        short, long = _SHORT[hit.codes], _LONG[hit.codes]
        frequency = short + long * view.inverse_length[hit.at]
        weight = term.weight * hit.idf * (K1 + 1)
        chunk[hit.at] += weight * frequency / (frequency + K1)
        if term.kind == WORD:
            name[hit.at] += hit.idf * _NAMED[hit.codes]
        _add_to_files(file, view, hit, short + long, term.weight)
    return LexicalScores(chunk, name, file, hits, matched)


def _add_to_files(
    file: NDArray[np.float32], view: TextView, hit: TermHits, counts: NDArray[np.float32], weight: float
) -> None:
    """Add what a term is worth to the files that have it, by its weighted counts in their chunks."""
    of = view.file_of[hit.at]
    counted = np.bincount(of, weights=counts, minlength=view.file_count)
    # A file that stands in `of` twice is given the same sum twice: nothing is sorted to make them distinct.
    in_files = counted[of].astype(np.float32) * view.inverse_file_length[of]
    file[of] = file[of] + weight * hit.idf * (_FILE_K1 + 1) * in_files / (in_files + _FILE_K1)


def term_hits(
    connection: sqlite3.Connection,
    reader: SegmentReader,
    view: TextView,
    term: int,
    allowed: NDArray[np.bool_] | None = None,
) -> TermHits:
    """Where a (signed) term stands among the live chunks; its rarity is that in all, allowed or not."""
    places, codes = [], []
    for header, place in zip(view.headers, view.places, strict=True):
        found = reader.postings(connection, header, term)
        if found is None:
            continue
        at = place[found[0]]
        live = at >= 0
        if not live.all():
            places.append(at[live])
            codes.append(found[1][live])
        else:
            places.append(at)
            codes.append(found[1])
    at = _joined(places, np.int32)
    code = _joined(codes, np.uint16)
    idf = float(np.log(1 + (len(view.live) - len(at) + 0.5) / (len(at) + 0.5)))
    if allowed is not None and len(at):
        keep = allowed[at]
        at, code = at[keep], code[keep]
    return TermHits(at, code, idf)


def _joined(parts: list[NDArray], kind: type) -> NDArray:  # type: ignore[type-arg]  # one helper for two dtypes
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)
