"""The embedding model of a root: loaded once, missing vectors made behind, and what readers should know."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from codebase_server.embed import EmbedderError, load
from codebase_server.service.embedding import VectorFiller, fill_by_pass

if TYPE_CHECKING:
    from codebase_server.embed import Embedder
    from codebase_server.index import RootIndex

QUESTION_PATIENCE_S: Final = 2.0
"""How long a search waits for a slow model that is being loaded, or reads chunks."""


class RootModel:
    """The embedder that the settings name, for one root. Thread-safe.

    :param fresh: called when a search should see new vectors.
    """

    def __init__(self, name: str, index: RootIndex, fresh: Callable[[], None]) -> None:
        self._name = name
        self._index = index
        self._fresh = fresh
        self._loading = threading.Lock()
        self._loaded = False
        self._closed = threading.Event()
        self._embedder: Embedder | None = None
        self._problem = ""
        self._filler: VectorFiller | None = None

    @property
    def model_id(self) -> str:
        """Of the model that is loaded; empty as long as none is."""
        return "" if self._embedder is None else self._embedder.model_id

    def embedder(self) -> Embedder | None:
        """Load it at the first call; None where there is none or it cannot be had."""
        with self._loading:
            if not self._loaded:
                self._loaded = True
                try:
                    self._embedder = load(self._name, QUESTION_PATIENCE_S)
                except EmbedderError as problem:
                    # Search works without vectors; the answer says that it had to.
                    self._problem = _told(problem)
                if self._embedder is not None and self._embedder.needs_texts:
                    self._filler = VectorFiller(self._index, self._embedder, self._fresh)
                elif self._embedder is not None:
                    fill_by_pass(self._index, self._closed, self._fresh)
            return self._embedder

    def lost(self, problem: EmbedderError) -> None:
        """Go without: its vectors are there, the model is not any more."""
        self._embedder, self._problem = None, _told(problem)

    def about_search(self) -> list[str]:
        """What the reader of a search's answer should know, once the search has loaded the model."""
        told = self._unmade()
        if self._problem:
            told.append(f"Searched without vectors: {self._problem}")
        return told

    def about_status(self) -> list[str]:
        """What the reader of a status should know."""
        told = [f"There are no vectors: {self._problem}"] if self._problem else []
        told += self._unmade()
        truncated = self._index.truncated_vectors(self.model_id) if self.model_id else 0
        if truncated:
            told.append(
                f"{truncated} chunks embedded so far are longer than the model reads: "
                "their vectors know only their beginning."
            )
        return told

    def _unmade(self) -> list[str]:
        failed = self._filler is not None and self._filler.last_error
        return [f"Vectors are not being made: {failed}"] if failed else []

    def close(self) -> None:
        """Stop making vectors."""
        self._closed.set()
        if self._filler is not None:
            self._filler.close()


def _told(problem: EmbedderError) -> str:
    return f"{problem.message} {problem.hint}"
