"""Chunks to their term counts, field by field."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
_MARK = "\x01"
"""Stands between two fields while their identifiers are found together; no identifier has it."""

_BLANKED = bytes(
    byte if byte >= 128 or chr(byte).isalnum() or byte in b"_\x01" else 32 for byte in range(256)
)
"""UTF-8 with a blank for each ASCII character that is in no identifier."""

_MOST = 255
_COUNT_BITS = 16
_MOST_COUNTED = (1 << _COUNT_BITS) - 1
_FIELDS = len(FIELDS)
_FIELD_BITS = (_FIELDS - 1).bit_length()
_FIELD_MASK = (1 << _FIELD_BITS) - 1


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


@dataclass(frozen=True, slots=True)
class TermTable:
    """The term counts of several chunks in one set of arrays: small to send to another process.

    As `TermDocument`, one chunk's rows after the other's; those of chunk ``i``
    are ``starts[i]`` to ``starts[i + 1]``. ``lengths``: shape (chunks, 5).
    ``vocabulary``, where it is known: the distinct terms, ascending, and for
    each row the place of its term there. A part of a table has none.
    """

    terms: NDArray[np.uint64]
    counts: NDArray[np.uint8]
    lengths: NDArray[np.int32]
    starts: NDArray[np.int64]
    vocabulary: tuple[NDArray[np.uint64], NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    @staticmethod
    def joined(tables: Sequence[TermTable]) -> TermTable:
        """The chunks of several tables, one table's after the other's."""
        sizes = [np.diff(one.starts) for one in tables]
        return TermTable(
            terms=np.concatenate([np.zeros(0, np.uint64), *(one.terms for one in tables)]),
            counts=np.concatenate([np.zeros((0, _FIELDS), np.uint8), *(one.counts for one in tables)]),
            lengths=np.concatenate([np.zeros((0, _FIELDS), np.int32), *(one.lengths for one in tables)]),
            starts=np.cumsum(np.concatenate([np.zeros(1, np.int64), *sizes])),
        )

    @staticmethod
    def of(documents: Sequence[TermDocument]) -> TermTable:
        """Documents one after the other."""
        return TermTable(
            terms=np.concatenate([np.zeros(0, np.uint64), *(one.terms for one in documents)]),
            counts=np.concatenate([np.zeros((0, _FIELDS), np.uint8), *(one.counts for one in documents)]),
            lengths=np.array([one.lengths for one in documents], dtype=np.int32).reshape(-1, _FIELDS),
            starts=np.cumsum([0, *(len(one.terms) for one in documents)]),
        )

    def document(self, at: int) -> TermDocument:
        """The terms of one chunk; views, nothing is copied."""
        rows = slice(int(self.starts[at]), int(self.starts[at + 1]))
        return TermDocument(self.terms[rows], self.counts[rows], self.lengths[at])

    def documents(self) -> list[TermDocument]:
        """The terms of each chunk, in order."""
        ends = self.starts.tolist()
        return [
            TermDocument(self.terms[start:end], self.counts[start:end], lengths)
            for start, end, lengths in zip(ends, ends[1:], self.lengths, strict=False)
        ]

    def chosen(self, rows: Sequence[int]) -> TermTable:
        """Some chunks, in the order given; this very table where those are all in order."""
        if len(rows) == len(self) and all(at == row for at, row in enumerate(rows)):
            return self
        return TermTable.of([self.document(row) for row in rows])

    def part(self, first: int, last: int) -> TermTable:
        """The chunks from ``first`` up to but without ``last``; views of this table."""
        low, high = int(self.starts[first]), int(self.starts[last])
        starts = self.starts[first : last + 1] - low
        return TermTable(self.terms[low:high], self.counts[low:high], self.lengths[first:last], starts)


def document(chunk: Chunk, path: str) -> TermDocument:
    """The terms of a chunk that lies in the file ``path`` (relative to its root, with ``/``)."""
    return documents([(chunk, path)]).document(0)


def documents(chunks: Sequence[tuple[Chunk, str]]) -> TermTable:
    """The terms of chunks, each with the path of its file: as `document`, many at once.

    Code repeats its identifiers, so each is analysed once, and counting is left
    to a sort: every occurrence becomes one integer (chunk, field, identifier),
    equal ones are counted, replaced by the terms of their identifier, and counted again.
    """
    found, sizes, names = _occurrences(chunks)
    identifier, slot, count = _counted(found, sizes, len(names))
    terms_of = identifiers.packed_ids_of(names)
    amounts = np.fromiter(map(len, terms_of), dtype=np.int64, count=len(terms_of)) // 8
    flat = np.frombuffer(b"".join(terms_of), dtype="<u8").astype(np.uint64, copy=False)
    distinct, rank = np.unique(flat, return_inverse=True)
    # Each (slot, identifier) once for every term of the identifier.
    repeated = amounts[identifier]
    first = (np.cumsum(amounts) - amounts)[identifier]
    within = np.arange(int(repeated.sum())) - np.repeat(np.cumsum(repeated) - repeated, repeated)
    term = rank[np.repeat(first, repeated) + within]
    # A key is (chunk, term, field) in bits of their own: shifts cost less than divisions.
    width = len(distinct).bit_length()
    places = slot >> _FIELD_BITS << width + _FIELD_BITS | slot & _FIELD_MASK
    keys = np.repeat(places, repeated) | term << _FIELD_BITS
    keys, sums = _added(keys, np.repeat(count, repeated))
    at = keys >> _FIELD_BITS
    is_first = _is_first(at)
    counts = np.zeros((int(is_first.sum()), _FIELDS), dtype=np.uint8)
    cells = (np.cumsum(is_first) - 1) * _FIELDS + (keys & _FIELD_MASK)
    counts.reshape(-1)[cells] = np.minimum(sums, _MOST)
    at = at[is_first]
    chunk, term = at >> width, at & (1 << width) - 1
    return TermTable(
        terms=distinct[term],
        counts=counts,
        lengths=sizes.reshape(-1, _FIELDS),
        starts=np.searchsorted(chunk, np.arange(len(chunks) + 1)),
        vocabulary=(distinct, term),
    )


def _occurrences(
    chunks: Iterable[tuple[Chunk, str]],
) -> tuple[NDArray[np.int32], NDArray[np.int32], list[str]]:
    """The number of every identifier, field by field and chunk by chunk, how many are in each field, and
    the identifiers in the order of their numbers."""
    texts: list[str] = []
    for chunk, path in chunks:
        signature = f"{chunk.signature}\n{chunk.derived}" if chunk.derived else chunk.signature
        texts += (chunk.symbol, path, signature, chunk.doc, chunk.content)
    numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    read = _identifiers(texts)
    found = np.fromiter(map(numbers.__getitem__, read), dtype=np.int32, count=len(read))
    marks = np.flatnonzero(found == 0)  # the first of all, as every field begins with one
    sizes = np.diff(marks, append=len(found)).astype(np.int32) - 1
    return np.delete(found, marks) - 1, sizes, list(numbers)[1:]


def _identifiers(texts: Sequence[str]) -> list[str]:
    """The identifiers of all texts, a mark before those of each.

    A table of bytes and one split are twice as fast as a search for words in each text. Only ASCII is in the
    table: a text with other letters, or with a mark of its own, is reduced to its words before.
    """
    plain = [
        text if text.isascii() and _MARK not in text else " ".join(_WORD.findall(text)) for text in texts
    ]
    joined = f" {_MARK} ".join(["", *plain])
    return (
        joined.encode("utf-8", "surrogatepass").translate(_BLANKED).decode("utf-8", "surrogatepass").split()
    )


def _counted(
    found: NDArray[np.int32], sizes: NDArray[np.int32], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Distinct (identifier, slot) with their counts; a slot is a chunk, shifted, and a field of it."""
    bits = width.bit_length()
    chunk, field = np.divmod(np.arange(len(sizes), dtype=np.int64), _FIELDS)
    keys = np.sort(np.repeat((chunk << _FIELD_BITS | field) << bits, sizes) | found)
    starts = np.flatnonzero(_is_first(keys))
    keys_once = keys[starts]
    return keys_once & (1 << bits) - 1, keys_once >> bits, np.diff(starts, append=len(keys))


def _is_first(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each of some sorted keys is the first of those equal to it."""
    is_first = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    return is_first


def _added(keys: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct keys, ascending, and the sum of the counts of each.

    Key and count are sorted as one integer: numpy sorts numbers several times faster than it orders them.
    """
    joined = np.sort(keys << _COUNT_BITS | np.minimum(counts, _MOST_COUNTED))
    keys = joined >> _COUNT_BITS
    starts = np.flatnonzero(_is_first(keys))
    if not len(starts):
        return keys, keys
    return keys[starts], np.add.reduceat(joined & _MOST_COUNTED, starts)


def vocabulary(chunk: Chunk, path: str) -> dict[int, str]:
    """What the term numbers of a chunk stand for, as ``kind:text``: for training and for explaining."""
    text = "\n".join((chunk.symbol, path, chunk.signature, chunk.derived, chunk.doc, chunk.content))
    return {
        identifiers.term_id(kind, string): f"{kind}:{string}"
        for identifier in set(_WORD.findall(text))
        for kind, string in identifiers.strings(identifier)
    }
