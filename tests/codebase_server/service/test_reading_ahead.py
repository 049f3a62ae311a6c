"""A very large index is read once, behind the questions: none waits for all of it, and each says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.search.engine import Engine
from codebase_server.search.stored import StoredCorpus
from codebase_server.service import CodebaseService, ahead, opened
from codebase_server.service.acquaintance import Acquaintance
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


def test_a_definition_is_found_before_the_index_is_read_and_what_else_a_name_may_be_is_not_denied(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    read = Engine.read

    def slowly(engine: Engine, *asked: object) -> None:
        goes_on.wait(60)
        read(engine, *asked)  # type: ignore[arg-type]  # whatever it was asked

    monkeypatch.setattr(Engine, "read", slowly)
    monkeypatch.setattr(opened, "MANY_CHUNKS", 0)
    monkeypatch.setattr(opened, "NAME_WAIT_S", 0.05)
    monkeypatch.setattr(Acquaintance, "begin", lambda *_: None)  # which would read it as well
    root = service.served_roots()[0].path
    (root / "two.py").write_text("from one import water_the_plants as water\n\n\nclass Can:\n    size = 1\n")
    service.index_repository()
    service.opened(None)._new_vectors()  # as of a server that has just begun
    time.sleep(1.1)  # what changed a moment ago is another reason not to deny

    found = service.find_symbol("water_the_plants")
    assert [one["file_path"] for one in found["results"]] == ["one.py"]
    assert found["warnings"] == []
    usages = service.find_symbol("water_the_plants", usages=True)
    assert (len(usages["results"]), usages["usages"]) == (1, [])
    assert "usages were not looked up" in usages["warnings"][0]
    for name in ("water", "Can.*", "nowhere_at_all"):
        denied = service.find_symbol(name)
        assert denied["results"] == []
        assert "what else the name may be was not looked up" in denied["warnings"][0]
    assert "not looked up" not in str(service.find_symbol("water_the_plants", path="two.py")["warnings"])

    goes_on.set()
    ends = time.monotonic() + 60
    while not (found := service.find_symbol("water"))["results"]:
        assert time.monotonic() < ends
    assert "under another name (two.py:1)" in found["warnings"][0]
    assert [one["symbol"] for one in service.find_symbol("Can.*")["results"]] == ["Can.size"]


def test_names_are_looked_up_in_what_searches_have_read(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the other way round: a root is in memory once."""
    tables = []
    table = StoredCorpus.table

    def counted(corpus: StoredCorpus) -> object:
        tables.append(corpus.generation)
        return table(corpus)

    monkeypatch.setattr(StoredCorpus, "table", counted)
    service.search_code("water the plants")
    service.find_symbol("water_the_plants", usages=True)
    service.find_symbol("nowhere")
    service.outline()
    service.search_code("garden")
    assert len(tables) == 1
    (service.served_roots()[0].path / "two.py").write_text("def dry():\n    return water_the_plants()\n")
    assert [one["symbol"] for one in service.find_symbol("water_the_plants", usages=True)["usages"]] == [
        "dry"
    ]
    assert service.search_code("dry")["results"][0]["symbol"] == "dry"
    assert len(tables) == 1, "what an edit left is taken over"
