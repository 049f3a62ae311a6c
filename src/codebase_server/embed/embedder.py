"""What every embedder can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from codebase_server.terms import QueryTerms, TermDocument


class EmbedderError(Exception):
    """The embedder that was asked for cannot be had; ``hint`` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message} {hint}")
        self.message = message
        self.hint = hint


class EmbedderBusyError(Exception):
    """The model is being loaded, or reads documents, for longer than a question waits."""


class Embedder(Protocol):
    """Turns chunks and questions into vectors of one space.

    Only vectors of the same ``model_id`` can be compared: it names the model, a
    digest of its weights and every setting that changes a vector.
    """

    @property
    def model_id(self) -> str:
        """The tag that stored vectors carry; known without loading the model."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def needs_texts(self) -> bool:
        """Whether `encode_documents` reads ``texts`` (else it reads ``documents`` and takes no time)."""

    @property
    def truncated(self) -> int:
        """How many documents that the calling thread gave so far were longer than the model reads, and were
        cut. A root's vectors are made by one thread, which stores their number with them."""

    def encode_documents(self, documents: Sequence[TermDocument], texts: Sequence[str]) -> NDArray[np.int8]:
        """Vectors of chunks, shape (n, dimensions): unit length times 127, rounded.

        ``documents`` and ``texts`` are two views of the same chunks (`terms.document`
        and `compose`); either may be empty where ``needs_texts`` says it is not read.
        """

    def encode_query(self, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        """The unit vector of a question, shape (dimensions,); zeros if it says nothing the model knows."""
