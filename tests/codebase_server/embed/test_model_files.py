"""The file of the static model: read as it was written, and refused in words when it is another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codebase_server.embed import EmbedderError, load
from codebase_server.embed.static import read_weights
from codebase_server.embed.static.weights import StaticWeights, write_weights

REINSTALL = "tandem-mcp"


@pytest.fixture
def weights() -> StaticWeights:
    return StaticWeights(
        terms=np.arange(4, dtype=np.uint64),
        vectors=np.arange(12, dtype=np.int8).reshape(4, 3),
        scales=np.array([1, 2, 3, 4], dtype=np.float32),
        document_scales=np.array([4, 3, 2, 1], dtype=np.float32),
        fields=np.ones(5, dtype=np.float32),
        half=0.5,
    )


def test_a_model_is_read_as_it_was_written(tmp_path: Path, weights: StaticWeights) -> None:
    file = tmp_path / "model.npz"
    write_weights(file, weights)
    read, digest = read_weights(file)
    assert digest == weights.digest() == read.digest()
    assert (read.vectors == weights.vectors).all()
    assert read.half == 0.5


@pytest.mark.parametrize("part", ["terms", "vectors", "scales", "document_scales", "fields", "half"])
def test_a_model_with_another_number_has_another_digest(weights: StaticWeights, part: str) -> None:
    assert replace(weights, **{part: getattr(weights, part) + 1}).digest() != weights.digest()


def test_a_model_that_is_cut_off_or_gone_says_so(tmp_path: Path, weights: StaticWeights) -> None:
    file = tmp_path / "model.npz"
    with pytest.raises(EmbedderError, match=r"The static model .*model\.npz cannot be read") as refused:
        read_weights(file)
    assert REINSTALL in (refused.value.hint or "")
    write_weights(file, weights)
    whole = file.read_bytes()
    damaged = bytearray(whole)
    damaged[200:240] = b"\xff" * 40
    for content in (b"", b"words", whole[:100], whole[: len(whole) // 2], whole[:-10], bytes(damaged)):
        file.write_bytes(content)
        with pytest.raises(EmbedderError, match="cannot be read"):
            read_weights(file)


def test_a_model_for_other_terms_says_which(
    tmp_path: Path, weights: StaticWeights, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model.npz"
    with monkeypatch.context() as earlier:
        earlier.setattr("codebase_server.embed.static.weights.TERMS_VERSION", 0)
        write_weights(file, weights)
    with pytest.raises(EmbedderError, match="was made for terms of version 0, this program makes version"):
        read_weights(file)


def test_an_embedder_that_does_not_exist_names_those_that_do() -> None:
    assert load("none") is None
    for name in ("word2vec", "sentence-transformers:"):
        with pytest.raises(EmbedderError, match=f"There is no embedder '{name}'") as refused:
            load(name)
        assert "Choose static, none, or sentence-transformers:" in (refused.value.hint or "")
