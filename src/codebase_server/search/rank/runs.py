"""Lists of numbers, end to end in one array: what names and paths consist of, ready for whole-array sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, slots=True)
class Runs:
    """Lists of different lengths: their entries (``flat``), where each begins in them, and its length."""

    flat: NDArray[np.int32]
    firsts: NDArray[np.intp]
    sizes: NDArray[np.intp]

    def reduced(self, operation: np.ufunc, entries: NDArray[Any]) -> NDArray[Any]:
        """The operation over the entries of each list; its last axis is ``flat``'s, then the lists'.

        An empty list gives zero.
        """
        filled = self.sizes > 0
        out = np.zeros((*entries.shape[:-1], len(self.sizes)), dtype=entries.dtype)
        if filled.any():
            # an empty list would be given the entry behind it
            out[..., filled] = operation.reduceat(entries, self.firsts[filled], axis=-1)
        return out

    def chosen(self, lists: NDArray[np.intp]) -> Runs:
        """Some of the lists, in the order asked for."""
        sizes = self.sizes[lists]
        firsts = np.cumsum(sizes) - sizes
        at = np.repeat(self.firsts[lists] - firsts, sizes) + np.arange(int(sizes.sum()))
        return Runs(self.flat[at], firsts, sizes)


class Column:
    """An array that grows at its end."""

    def __init__(self, kind: DTypeLike) -> None:
        self._values = np.zeros(256, dtype=kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, values: Sequence[int | float | bool] | NDArray[Any]) -> None:
        """Append some values."""
        end = self._count + len(values)
        if end > len(self._values):
            grown = np.zeros(max(end, 2 * len(self._values)), dtype=self._values.dtype)
            grown[: self._count] = self._values[: self._count]
            self._values = grown
        self._values[self._count : end] = values
        self._count = end

    def values(self) -> NDArray[Any]:
        """All values; what is appended later does not change them."""
        return self._values[: self._count]


class GrowingRuns:
    """Lists that are added at the end and never change."""

    def __init__(self) -> None:
        self._flat, self._firsts, self._sizes = Column(np.int32), Column(np.intp), Column(np.intp)

    def extend(self, lists: Sequence[Sequence[int] | NDArray[np.int32]]) -> None:
        """Add some lists."""
        sizes = np.array([len(entries) for entries in lists], dtype=np.intp)
        self._firsts.extend(len(self._flat) + np.cumsum(sizes) - sizes)
        self._sizes.extend(sizes)
        self._flat.extend([entry for entries in lists for entry in entries])

    def at(self, lists: NDArray[np.intp]) -> Runs:
        """Some of the lists."""
        return Runs(self._flat.values(), self._firsts.values(), self._sizes.values()).chosen(lists)
