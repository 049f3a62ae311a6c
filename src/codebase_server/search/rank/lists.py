"""Short lists of numbers as columns of a matrix: what names and paths consist of, ready for whole-array sums.

There are hundreds of names to a question, of a handful of words each. With the first words of all in one
row, the second in the next, and zeros where a name has no more, a sum over the words of every name is
one sum over rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Lists(NamedTuple):
    """Lists of different ``sizes``: ``entries`` has a column a list, with zeros below its last, and at
    least one row."""

    entries: NDArray[np.intp]
    sizes: NDArray[np.intp]


class Column:
    """An array that grows at its end; an entry may itself be a row of numbers."""

    def __init__(self, kind: DTypeLike, width: tuple[int, ...] = ()) -> None:
        self._values = np.zeros((256, *width), dtype=kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, values: Sequence[int | float | bool] | NDArray[Any]) -> None:
        """Append some values, an entry each."""
        end = self._count + len(values)
        if end > len(self._values):
            self._values = _grown(self._values, (max(end, 2 * len(self._values)), *self._values.shape[1:]))
        self._values[self._count : end] = values
        self._count = end

    def values(self) -> NDArray[Any]:
        """All values; what is appended later does not change them."""
        return self._values[: self._count]


class GrowingLists:
    """Lists of numbers above zero that are added at the end and never change.

    They are kept one behind the other: in a matrix every name would take as much as the longest of a root.
    The numbers have the machine's width: every question looks things up by thousands of them.
    """

    def __init__(self) -> None:
        self._entries = Column(np.intp)
        self._entries.extend([0])
        self._starts, self._sizes = Column(np.intp), Column(np.intp)

    def __len__(self) -> int:
        return len(self._sizes)

    def extend(self, lists: Sequence[Sequence[int]]) -> range:
        """Add some lists; their numbers."""
        sizes = np.array([len(entries) for entries in lists], dtype=np.intp)
        self._starts.extend(len(self._entries) + np.cumsum(sizes) - sizes)
        self._sizes.extend(sizes)
        self._entries.extend([entry for entries in lists for entry in entries])
        return range(len(self) - len(lists), len(self))

    def at(self, numbers: NDArray[np.integer]) -> Lists:
        """Some of the lists, in the order asked for."""
        sizes = self._sizes.values().take(numbers)
        below = _BELOW[: max(1, sizes.max(initial=0))]
        places = self._starts.values().take(numbers) + below
        entries = self._entries.values().take(places, mode="clip")
        entries *= below < sizes
        return Lists(entries, sizes)


_BELOW = np.arange(1 << 12)[:, None]
"""More than any list has: a path has 4,096 characters."""


def _grown(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    grown = np.zeros(shape, dtype=array.dtype)
    grown[tuple(slice(0, length) for length in array.shape)] = array
    return grown
