"""Runs inside an environment that has Semble, never in ours: answers questions read from stdin.

Input: JSON ``{"trees": folder, "model": folder, "questions": [[repository, text], ...], "alpha": 0 or null,
"limit": 10, "repeats": 1}``. Output: JSON with places, milliseconds and index times.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def random_model(folder: Path) -> str:
    """A static model of the published one's shape with random vectors: right for speed only."""
    import numpy as np
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    vocabulary = {"[PAD]": 0, "[UNK]": 1}
    letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
    for text in (
        *letters,
        *(f"##{c}" for c in letters),
        *(a + b + c for a in letters for b in letters for c in letters),
    ):
        if len(vocabulary) < 29_500:
            vocabulary.setdefault(text, len(vocabulary))
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    vectors = np.random.default_rng(0).standard_normal((len(vocabulary), 256)).astype(np.float32)
    StaticModel(vectors, tokenizer).save_pretrained(str(folder))
    return str(folder)


def main() -> None:
    task: dict[str, Any] = json.load(sys.stdin)
    from semble import SembleIndex
    from semble.index.dense import load_model

    model = load_model(random_model(Path(task["model"])))[0]
    del model  # loaded once before timing: what a running server has done
    indexes, index_ms = {}, {}
    for repository in dict.fromkeys(name for name, _ in task["questions"]):
        began = time.perf_counter()
        indexes[repository] = SembleIndex.from_path(
            Path(task["trees"]) / repository, model_path=task["model"]
        )
        index_ms[repository] = (time.perf_counter() - began) * 1000
    rows: list[Any] = []
    latencies: list[float] = []
    for _ in range(task["repeats"]):
        rows = []
        for repository, text in task["questions"]:
            began = time.perf_counter()
            found = indexes[repository].search(text, top_k=task["limit"], alpha=task["alpha"])
            latencies.append((time.perf_counter() - began) * 1000)
            rows.append(
                [
                    [r.chunk.file_path, r.chunk.start_line, r.chunk.end_line, r.chunk.content, float(r.score)]
                    for r in found
                ]
            )
    chunks = {name: len(index.chunks) for name, index in indexes.items()}
    json.dump({"results": rows, "latencies": latencies, "index_ms": index_ms, "chunks": chunks}, sys.stdout)


if __name__ == "__main__":
    main()
