"""A chunk to its term counts, field by field."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from codebase_server.terms import identifiers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from codebase_server.records import Chunk

FIELDS = ("symbol", "path", "signature", "doc", "body")
"""Columns of `TermDocument.counts`. ``signature`` holds a class's derived member signatures too;
``body`` is the whole content, its signature and doc comment included."""

TERMS_VERSION = 1
"""Raised when the same chunk would get other terms; segments of another version are rebuilt."""

_WORD = re.compile(r"\w+")
_BITS = 12
_MASK = (1 << _BITS) - 1
_SHIFTS = np.arange(len(FIELDS), dtype=np.int64) * _BITS
_MOST = 255
_SHORT = 600
"""Characters of a text whose identifiers are added up one by one."""


@dataclass(frozen=True, slots=True)
class TermDocument:
    """Term counts of one chunk.

    ``terms``: sorted distinct uint64, shape (n,). ``counts``: uint8, shape
    (n, 5), saturating at 255, columns in the order of `FIELDS`. ``lengths``:
    int32, shape (5,), identifiers per field (not terms: a long identifier is one).
    """

    terms: NDArray[np.uint64]
    counts: NDArray[np.uint8]
    lengths: NDArray[np.int32]


def document(chunk: Chunk, path: str) -> TermDocument:
    """The terms of a chunk that lies in the file ``path`` (relative to its root, with ``/``)."""
    signature = f"{chunk.signature}\n{chunk.derived}" if chunk.derived else chunk.signature
    # One Python integer per term holds the five counts side by side, 12 bits each with the body on top:
    # one dictionary pass instead of five, and numpy takes the integers apart.
    of_path, path_length = _of_path(path)
    packed = of_path.copy()
    lengths = [0, path_length, 0, 0, 0]
    ids, get = identifiers.ids, packed.get
    for field, text in ((0, chunk.symbol), (2, signature), (3, chunk.doc), (4, chunk.content)):
        if not text:
            continue
        found = _WORD.findall(text)
        lengths[field] = len(found)
        shift = field * _BITS
        if len(text) < _SHORT:  # too short for twelve bits to overflow, and to gain from counting first
            amount = 1 << shift
            for identifier in found:
                for term in ids(identifier):
                    packed[term] = get(term, 0) + amount
            continue
        for identifier, count in Counter(found).items():
            amount = (count if count < _MOST else _MOST) << shift
            for term in ids(identifier):
                packed[term] = get(term, 0) + amount
    return TermDocument(*_unpack(packed), np.array(lengths, dtype=np.int32))


@lru_cache(maxsize=8)
def _of_path(path: str) -> tuple[dict[int, int], int]:
    """What the path gives to each chunk of its file."""
    packed: dict[int, int] = {}
    found = _WORD.findall(path)
    for identifier, count in Counter(found).items():
        amount = min(count, _MOST) << _BITS
        for term in identifiers.ids(identifier):
            packed[term] = packed.get(term, 0) + amount
    return packed, len(found)


def vocabulary(chunk: Chunk, path: str) -> dict[int, str]:
    """What the term numbers of a chunk stand for, as ``kind:text``: for training and for explaining."""
    text = "\n".join((chunk.symbol, path, chunk.signature, chunk.derived, chunk.doc, chunk.content))
    return {
        identifiers.term_id(kind, string): f"{kind}:{string}"
        for identifier in set(_WORD.findall(text))
        for kind, string in identifiers.strings(identifier)
    }


def _unpack(packed: dict[int, int]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    size = len(packed)
    terms = np.fromiter(packed.keys(), dtype=np.uint64, count=size)
    try:
        values = np.fromiter(packed.values(), dtype=np.int64, count=size)
    except OverflowError:  # some body count is over 32,767: a table of data
        top = _MOST << (_BITS * (len(FIELDS) - 1))
        values = np.fromiter((min(value, top) for value in packed.values()), dtype=np.int64, count=size)
    order = np.argsort(terms)
    values = values[order]
    counts = (values[:, None] >> _SHIFTS) & _MASK
    counts[:, -1] = values >> _SHIFTS[-1]  # the topmost field has no neighbour to be masked from
    return terms[order], np.minimum(counts, _MOST).astype(np.uint8)
