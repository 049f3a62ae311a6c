"""The embedder of a name, as `--embedder` and `CODEBASE_EMBEDDER` take it."""

from __future__ import annotations

from codebase_server.embed.embedder import Embedder, EmbedderError

STATIC = "static"
NONE = "none"
TRANSFORMERS = "sentence-transformers:"


def load(name: str = STATIC, patience_s: float | None = None) -> Embedder | None:
    """The embedder ``name``, or None for ``none``.

    :param patience_s: seconds that a question waits for a slow model at most, before `EmbedderBusyError`;
        None: as long as it takes.

    Raises `EmbedderError` for an unknown name and, for sentence-transformers,
    when the extra is not installed or the model is not on this machine.
    """
    wanted = name.strip()
    if wanted == NONE:
        return None
    if wanted == STATIC:
        from codebase_server.embed.static import StaticEmbedder

        return StaticEmbedder.shipped()
    if wanted.startswith(TRANSFORMERS) and wanted[len(TRANSFORMERS) :]:
        from codebase_server.embed.transformer import TransformerEmbedder

        return TransformerEmbedder(wanted[len(TRANSFORMERS) :], patience_s)
    raise EmbedderError(
        f"There is no embedder '{name}'.",
        f"Choose {STATIC}, {NONE}, or {TRANSFORMERS} followed by a model's name or folder.",
    )
