"""Vectors that a measurement keeps are those of the model, the text and nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from bench.retrieval.embedders import load
from bench.retrieval.remembered import Remembered
from numpy.typing import NDArray

from codebase_server import terms
from codebase_server.embed.static import StaticEmbedder
from codebase_server.terms import QueryTerms, TermDocument


class Lengths:
    """A model whose vector of a text is its length, and that notes what it was asked."""

    def __init__(self, model_id: str = "lengths-1") -> None:
        self.model_id = model_id
        self.asked: list[str] = []

    def encode_documents(self, documents: Sequence[TermDocument], texts: Sequence[str]) -> NDArray[np.int8]:
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.int8).reshape(len(texts), 2)

    def encode_query(self, text: str, analysed: QueryTerms) -> NDArray[np.float32]:
        self.asked.append(text)
        return np.array([len(text), 0.5], dtype=np.float32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "vectors.sqlite"


def test_a_text_is_embedded_once_however_often_it_stands(file: Path) -> None:
    model = Lengths()
    made = Remembered(model, file).encode_documents((), ["ab", "abc", "ab"])
    assert made.tolist() == [[2, 1], [3, 1], [2, 1]]
    assert model.asked == ["ab", "abc"]


def test_another_run_asks_only_for_what_is_new(file: Path) -> None:
    Remembered(Lengths(), file).encode_documents((), ["ab"])
    model = Lengths()
    again = Remembered(model, file)
    assert again.encode_documents((), ["abcd", "ab"]).tolist() == [[4, 1], [2, 1]]
    assert model.asked == ["abcd"]
    assert again.asked_model == 1


def test_a_question_is_not_taken_for_a_document(file: Path) -> None:
    model = Lengths()
    kept = Remembered(model, file)
    kept.encode_documents((), ["ab"])
    for _ in range(2):
        assert kept.encode_query("ab", terms.of_query("ab")).tolist() == [2, 0.5]
    assert model.asked == ["ab", "ab"]


def test_the_vectors_of_another_model_are_not_used(file: Path) -> None:
    Remembered(Lengths(), file).encode_documents((), ["ab"])
    other = Lengths("lengths-2")
    Remembered(other, file).encode_documents((), ["ab"])
    assert other.asked == ["ab"]


def test_a_tree_without_chunks_has_no_vectors(file: Path) -> None:
    assert len(Remembered(Lengths(), file).encode_documents((), [])) == 0


def test_only_models_that_read_texts_are_remembered(file: Path) -> None:
    assert isinstance(load("static", file), StaticEmbedder)
    assert load("none", file) is None
    assert not file.exists()
