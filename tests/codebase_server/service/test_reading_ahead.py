"""A very large index is read once, behind the questions: none waits for all of it, and each says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.search.engine import Engine
from codebase_server.service import CodebaseService, ahead
from codebase_server.settings import load


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CodebaseService]:
    root = tmp_path / "root"
    root.mkdir()
    (root / "one.py").write_text("def water_the_plants():\n    return 'in the garden'\n")
    environment = {"CODEBASE_DATA_DIR": str(tmp_path / "data"), "CODEBASE_ROOT": str(root)}
    made = CodebaseService(load(environment=environment, config_file=tmp_path / "none.toml"))
    made.index_repository()
    monkeypatch.setattr(ahead, "MANY_CHUNKS", 0)
    yield made
    made.close()


def test_a_question_is_answered_before_the_index_is_read_and_says_that_it_was_not_searched(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    reads: list[int] = []
    read = Engine.read

    def slowly(engine: Engine, *asked: object) -> None:
        reads.append(1)
        goes_on.wait(60)
        read(engine, *asked)  # type: ignore[arg-type]  # whatever it was asked

    monkeypatch.setattr(Engine, "read", slowly)
    monkeypatch.setattr(ahead, "READ_WAIT_S", 0.05)
    for _ in range(3):
        answer = service.search_code("water the plants")
        assert answer["results"] == []
        assert "is still reading the index" in answer["warnings"][0]
        assert "nothing was searched" in answer["warnings"][0]
    assert len(reads) == 1, "one thread reads, whoever asks"
    goes_on.set()
    ends = time.monotonic() + 60
    while not (answer := service.search_code("water the plants"))["results"]:
        assert time.monotonic() < ends
    assert answer["results"][0]["symbol"] == "water_the_plants"
    assert not any("still reading" in warning for warning in answer["warnings"])


def test_one_that_is_read_in_time_is_searched_at_once(service: CodebaseService) -> None:
    assert service.search_code("water the plants")["results"][0]["symbol"] == "water_the_plants"


def test_an_index_that_cannot_be_read_ahead_is_searched_and_repaired_as_ever(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("damaged")

    monkeypatch.setattr(Engine, "read", broken)
    assert service.search_code("water the plants")["results"][0]["symbol"] == "water_the_plants"
