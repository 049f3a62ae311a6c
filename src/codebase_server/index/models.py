"""Which embedder runs inside a pass."""

from __future__ import annotations

from codebase_server.index.options import IndexOptions


def in_pass_embedder(options: IndexOptions) -> str:
    """The embedder to run while parsing: only the shipped one is fast enough for that."""
    return "static" if options.embedder == "static" else ""


def model_of(embedder: str) -> str:
    """The id of an embedder's model; empty for none."""
    if not embedder:
        return ""
    from codebase_server import embed

    loaded = embed.load(embedder)
    return loaded.model_id if loaded is not None else ""
