"""Encoding many chunks with a slow model: in pieces, with progress, and stoppable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from codebase_server.embed.embedder import Embedder
    from codebase_server.terms import TermDocument


def encode_in_batches(
    embedder: Embedder,
    documents: Sequence[TermDocument],
    texts: Sequence[str],
    *,
    size: int = 64,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, NDArray[np.int8]]]:
    """Yields the first index and the vectors of each batch of ``size`` chunks, in order.

    ``progress(done, total)`` is called after each; before each, ``cancelled()``
    may end the loop. What was yielded is whole: the caller can publish it at once.
    """
    total = max(len(documents), len(texts))
    for start in range(0, total, size):
        if cancelled():
            return
        yield start, embedder.encode_documents(documents[start : start + size], texts[start : start + size])
        progress(min(start + size, total), total)
