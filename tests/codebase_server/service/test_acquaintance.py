"""Names that nobody has asked for are met while the process has nothing else to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codebase_server.search import roots
from codebase_server.search.rank import vocabulary as module
from codebase_server.service import CodebaseService
from codebase_server.service.acquaintance import Acquaintance
from codebase_server.service.opened import OpenRoot
from codebase_server.settings import Settings

NAMES = [f"measure_{first}{second}" for first in "abcdefghij" for second in "klmnopqrst"]
PATIENCE_S = 60.0


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CodebaseService]:
    """A root whose names are not all met with the first question, in a process that has met none."""
    monkeypatch.setattr(roots, "SMALL", 0)
    monkeypatch.setattr(module, "_shipped", [])
    root = tmp_path / "root"
    root.mkdir()
    for name in NAMES:
        (root / f"{name}.py").write_text(f"def {name}(length):\n    return length\n")
    made = CodebaseService(Settings(tmp_path / "data", root=(root,)))
    yield made
    made.close()


def met() -> int:
    """How many of the names this process has met."""
    return sum(module.vocabulary().innermost(name.replace("_", "")) >= 0 for name in NAMES)


def eventually(happens: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while not happens() and time.monotonic() < until:
        time.sleep(0.01)
    return happens()


def test_all_names_are_met_soon_after_a_pass(service: CodebaseService) -> None:
    service.index_repository()
    assert eventually(lambda: met() == len(NAMES))


def test_an_answer_is_the_same_before_and_after(service: CodebaseService) -> None:
    service.index_repository()
    before = service.search_code("measure the length of ak", limit=20)["results"]
    assert eventually(lambda: met() == len(NAMES))
    after = service.search_code("measure the length of ak", limit=20)["results"]
    assert before == after


def test_nothing_is_met_while_a_call_is_answered_and_all_of_it_afterwards(service: CodebaseService) -> None:
    service.index_repository()
    assert eventually(lambda: met() == len(NAMES))
    opened: OpenRoot = service.opened(None)
    own = opened._acquaintance._thread
    assert own is not None
    own.join(PATIENCE_S)
    module._shipped.clear()
    answering = threading.Event()
    answering.set()
    looked = threading.Semaphore(0)

    def busy() -> bool:
        looked.release()
        return answering.is_set()

    some = Acquaintance(opened, opened.engine, busy)
    some.begin("another generation")
    for _ in range(3):
        assert looked.acquire(timeout=PATIENCE_S)
    assert met() == 0
    answering.clear()
    assert eventually(lambda: met() == len(NAMES))
    some.close()


def test_who_closes_does_not_wait_for_the_rest(service: CodebaseService) -> None:
    service.index_repository()
    opened = service.opened(None)
    some = Acquaintance(opened, opened.engine, busy=lambda: True)
    some.begin("another generation")
    started = time.monotonic()
    some.close()
    some.begin("a third generation")
    assert time.monotonic() - started < PATIENCE_S
    assert some._thread is not None
    assert not some._thread.is_alive()


def test_the_number_of_names_met_beforehand_is_bounded(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots, "MOST_MET", 10)
    service.index_repository()
    known = module.vocabulary()
    assert eventually(lambda: len(known) >= 10)
    service.close()
    assert len(known) < len(NAMES)
