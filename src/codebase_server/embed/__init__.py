"""Chunks and questions to vectors that lie near each other when they mean the same.

`load` gives the embedder of a name: ``static`` (shipped here, no torch),
``none``, or ``sentence-transformers:NAME-OR-FOLDER`` (the ``transformers``
extra). Importing this package is cheap; numpy and torch come with `load`.
"""

from codebase_server.embed.composition import ComposedText, compose
from codebase_server.embed.embedder import Embedder, EmbedderBusyError, EmbedderError
from codebase_server.embed.names import load

__all__ = [
    "ComposedText",
    "Embedder",
    "EmbedderBusyError",
    "EmbedderError",
    "compose",
    "load",
]
