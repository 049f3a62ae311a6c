"""Vectors are scanned in memory or by sqlite-vec, as asked and as memory allows; the answers are the same."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from codebase_server.search.candidates import keeping, vectors
from codebase_server.search.candidates.in_memory import VectorsInMemory
from codebase_server.search.candidates.keeping import Place, VectorKeeper
from codebase_server.search.candidates.on_disk import VectorsOnDisk, loadable_library
from codebase_server.service import CodebaseService
from codebase_server.settings import Settings

LIVE = np.arange(200, dtype=np.int32)
needs_sqlite_vec = pytest.mark.skipif(loadable_library() is None, reason="no SQLite here loads extensions")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(tmp_path / "index.sqlite3")
    for statement in vectors.DDL:
        made.execute(statement)
    rows = np.random.default_rng(1).integers(-127, 127, (200, 32), dtype=np.int8)
    vectors.write_vectors(made, "some model", LIVE, rows)
    made.commit()
    yield made
    made.close()


@needs_sqlite_vec
@pytest.mark.parametrize(
    ("place", "budget", "kept"),
    [
        ("memory", 0, VectorsInMemory),
        ("sqlite-vec", 10**9, VectorsOnDisk),
        ("auto", 200 * 32, VectorsOnDisk),
        ("auto", 200 * 40, VectorsInMemory),
    ],
)
def test_the_place_is_the_one_asked_for_or_goes_by_the_budget(
    database: sqlite3.Connection, place: Place, budget: int, kept: type
) -> None:
    keeper = VectorKeeper(place, budget)
    assert isinstance(keeper.gather(database, "some model", LIVE), kept)
    assert keeper.gather(database, "another model", LIVE) is None
    keeper.close()


@needs_sqlite_vec
def test_a_derived_file_that_is_damaged_is_told_and_memory_is_used(
    database: sqlite3.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "vectors.some_model.sqlite3").write_bytes(b"not a database" * 500)
    keeper = VectorKeeper("sqlite-vec")
    with caplog.at_level(logging.WARNING):
        assert isinstance(keeper.gather(database, "some model", LIVE), VectorsInMemory)
    assert "vectors.some_model.sqlite3 cannot be used, vectors are scanned in memory" in caplog.text
    keeper.close()


def test_without_the_extension_memory_is_used(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_library", lambda: None)
    assert isinstance(VectorKeeper("sqlite-vec").gather(database, "some model", LIVE), VectorsInMemory)


@needs_sqlite_vec
def test_searches_answer_alike_wherever_vectors_are_scanned(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for number, noun in enumerate(("socket", "cookie", "header", "timeout", "session", "proxy")):
        (root / f"{noun}.py").write_text(
            f"def open_{noun}(value):\n    return value + {number}\n\n\n"
            f"def close_{noun}(value):\n    del value\n    return {number}\n"
        )
    answers = []
    for place in ("memory", "sqlite-vec"):
        data = tmp_path / place
        service = CodebaseService(Settings(data_dir=data, root=(root,), http=False, vectors=place))
        service.index_repository()
        found = [service.search_code(q) for q in ("shut the connection", "open a cookie", "wait no longer")]
        service.close()
        answers.append(
            [[(r["file_path"], r["start_line"], r["similarity_score"]) for r in a["results"]] for a in found]
        )
        assert bool(list(data.rglob("vectors.static-*.sqlite3"))) == (place == "sqlite-vec")
    assert answers[0]
    assert answers[0] == answers[1]
