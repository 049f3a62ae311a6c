"""How often a term stands in each field of a chunk, in 16 bits.

BM25 saturates: the fifth mention in a symbol says nothing that the third did not.
So the counts are capped where they stop mattering and packed, and a posting is
two 16-bit numbers: which chunk, and this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = (2, 2, 3, 4, 5)
"""Bits per field, in the order of `terms.FIELDS`: symbol, path, signature, doc, body."""

CAPS = np.array([(1 << bits) - 1 for bits in BITS], dtype=np.uint8)
SHIFTS = np.array([sum(BITS[:i]) for i in range(len(BITS))], dtype=np.uint16)


def pack(counts: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Counts of shape (n, 5) to codes of shape (n,)."""
    packed = np.zeros(len(counts), dtype=np.uint16)
    for column, cap, shift in zip(counts.T, CAPS, SHIFTS, strict=True):  # one after the other: many rows
        packed |= np.minimum(column, cap).astype(np.uint16) << shift
    return packed


def unpack(codes: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Codes of any shape to counts with a last axis of 5."""
    return ((codes[..., None] >> SHIFTS) & CAPS).astype(np.uint8)


def weight_table(weights: tuple[float, ...]) -> NDArray[np.float32]:
    """For each of the 65,536 codes the sum of its counts times the fields' weights."""
    counts = unpack(np.arange(1 << 16, dtype=np.uint16))
    return (counts @ np.array(weights, dtype=np.float32)).astype(np.float32)
