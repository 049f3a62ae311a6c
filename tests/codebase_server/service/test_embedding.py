"""Vectors of a slow embedder are made behind the index, published in blocks, and then searched with."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from codebase_server.embed import EmbedderBusyError, EmbedderError
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.index.textindex import pending_vectors
from codebase_server.service import CodebaseService
from codebase_server.service.embedding import BLOCK, VectorFiller
from codebase_server.service.opened import BY_WORDS_MEANWHILE
from codebase_server.settings import load
from codebase_server.store import Registry
from codebase_server.terms import QueryTerms, TermDocument


class LetterCounts:
    """A model small enough to be one's own: how often each letter occurs. From texts, as transformers."""

    model_id = "letters@1"
    dimensions = 26
    needs_texts = True
    truncated = 0

    def __init__(self, failing: Exception | None = None) -> None:
        self.blocks: list[int] = []
        self.failing = failing

    def encode_documents(self, documents: Sequence[TermDocument], texts: Sequence[str]) -> NDArray[np.int8]:
        if self.failing:
            raise self.failing
        self.blocks.append(len(texts))
        counts = np.array([[text.lower().count(chr(97 + letter)) for letter in range(26)] for text in texts])
        norms = np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1)
        vectors: NDArray[np.int8] = (counts / norms * 127).astype(np.int8)
        return vectors

    def encode_query(self, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        return np.zeros(26, dtype=np.float32)


@pytest.fixture
def index(tmp_path: Path) -> RootIndex:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(10):
        functions = [f"def f{number}_{part}():\n    return {part}\n" for part in range(10)]
        (root / f"m{number}.py").write_text("\n\n".join(functions))
    options = IndexOptions(embedder="sentence-transformers:letters", watch=False)
    made = RootIndex(root, Registry(tmp_path / "data"), options)
    made.run_pass()
    return made


def missing(index: RootIndex, embedder: LetterCounts) -> int:
    with index.snapshot() as snapshot:
        return len(pending_vectors(snapshot.connection, embedder.model_id, snapshot.live))


def wait_until_none(index: RootIndex, embedder: LetterCounts) -> None:
    deadline = time.monotonic() + 60
    while missing(index, embedder):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_index_is_published_first_and_filled_in_blocks(index: RootIndex) -> None:
    embedder = LetterCounts()
    before = missing(index, embedder)
    assert before == 100
    fresh = threading.Event()
    filler = VectorFiller(index, embedder, fresh.set)
    wait_until_none(index, embedder)
    assert fresh.wait(30), "searches are told of the new vectors"
    assert embedder.blocks == [BLOCK, before - BLOCK]
    filler.close()
    index.close()


def test_of_how_many_chunks_only_the_beginning_was_read_is_known_to_every_later_process(
    index: RootIndex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Short(LetterCounts):
        def encode_documents(
            self, documents: Sequence[TermDocument], texts: Sequence[str]
        ) -> NDArray[np.int8]:
            self.truncated += sum("return 7" in text for text in texts)
            return super().encode_documents(documents, texts)

    embedder = Short()
    filler = VectorFiller(index, embedder, lambda: None)
    wait_until_none(index, embedder)
    (index.root / "new.py").write_text("def brand_new():\n    return 7\n")
    index.run_pass()
    wait_until_none(index, embedder)
    filler.close()
    assert index.truncated_vectors(embedder.model_id) == 11, "of two blocks"
    assert index.truncated_vectors("other@1") == 0
    index.close()
    monkeypatch.setattr("codebase_server.service.model.load", lambda *_: LetterCounts())
    settings = {
        "root": (index.root,), "data_dir": str(tmp_path / "data"),
        "embedder": "sentence-transformers:letters",
    }  # fmt: skip
    service = CodebaseService(load(settings, {}))
    try:
        service.search_code("brand new")
        assert "11 chunks embedded so far are longer" in str(service.index_status()["warnings"])
    finally:
        service.close()


def test_new_code_gets_its_vectors_too(index: RootIndex) -> None:
    embedder = LetterCounts()
    filler = VectorFiller(index, embedder, lambda: None)
    wait_until_none(index, embedder)
    (index.root / "new.py").write_text("def brand_new():\n    return 1\n")
    index.run_pass()
    wait_until_none(index, embedder)
    assert embedder.blocks[-1] == 1
    filler.close()
    index.close()


@pytest.mark.parametrize(
    "failing",
    [
        RuntimeError("out of memory"),
        EmbedderError("The model is broken.", "Take another."),
        KeyError("vocabulary"),
    ],
)
def test_a_model_that_fails_is_told_and_the_index_stays(index: RootIndex, failing: Exception) -> None:
    embedder = LetterCounts(failing)
    filler = VectorFiller(index, embedder, lambda: None)
    deadline = time.monotonic() + 60
    while not filler.last_error:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert filler.last_error == f"{type(failing).__name__}: {failing}"
    with index.snapshot() as snapshot:
        assert snapshot.chunks_count == 100
    filler.close()
    index.close()


def test_vectors_of_the_shipped_model_are_made_behind_where_another_was_set_before(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_text("def total(lines):\n    return sum(lines)\n")
    data = tmp_path / "data"
    RootIndex(root, Registry(data), IndexOptions(embedder="none", watch=False)).run_pass()
    service = CodebaseService(load({"root": (root,), "data_dir": str(data)}, {}))
    try:
        deadline = time.monotonic() + 60
        while service.search_code("total")["index"]["pending_vectors"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with service.opened(None).snapshot() as snapshot:
            assert len(snapshot.live)
    finally:
        service.close()


class AtWork(LetterCounts):
    """A model that no question gets hold of."""

    def encode_query(self, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        raise EmbedderBusyError


def test_while_the_model_is_at_work_a_search_goes_by_words_and_says_so(
    index: RootIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = AtWork()
    monkeypatch.setattr("codebase_server.service.model.load", lambda *_: busy)
    given = {
        "root": (index.root,),
        "data_dir": str(tmp_path / "data"),
        "embedder": "sentence-transformers:letters",
    }
    service = CodebaseService(load(given, {}))
    try:
        deadline = time.monotonic() + 60
        while BY_WORDS_MEANWHILE not in (answer := service.search_code("f3_4"))["warnings"]:
            assert time.monotonic() < deadline  # until there are vectors, nobody asks for the question's
            time.sleep(0.05)
        assert answer["results"][0]["symbol"] == "f3_4"
    finally:
        service.close()
