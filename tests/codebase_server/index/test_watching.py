"""The watcher: what it noted is taken once and can be given back; where watching fails, searches look."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codebase_server.index import watch, watching
from codebase_server.index.watch import Watcher

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project


def wait_for(condition: threading.Event) -> None:
    assert condition.wait(30)


def test_a_system_that_cannot_watch_is_told_and_everything_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def refuse(*_: object, **__: object) -> object:
        over.set()
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("watchfiles.watch", refuse)
    watcher = Watcher(tmp_path, lambda: None)
    wait_for(over)
    watcher.close()
    assert not watcher.working
    assert "limit" in watcher.problem
    assert watcher.take() is None, "everything must be looked at"


def test_a_flood_of_changes_means_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_BURST", 3)
    watcher = Watcher(tmp_path, lambda: None)
    watcher.take()
    watcher._note({str(tmp_path / f"{number}.py") for number in range(3)} | {"/elsewhere/a.py"})
    assert watcher.take() == {"0.py", "1.py", "2.py"}
    assert watcher.take() == set()
    watcher._note({str(tmp_path / f"{number}.py") for number in range(4)})
    assert watcher.take() is None
    watcher.give_back({"a.py"})
    assert watcher.take() == {"a.py"}
    watcher.give_back(None)
    assert watcher.take() is None
    watcher.close()


def until(condition: Callable[[], bool]) -> None:
    """For a starved machine; nothing here waits so long when all is well."""
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def processes_that_watch() -> list[BaseProcess]:
    """Those of this process that run now."""
    return [one for one in multiprocessing.active_children() if one.name.startswith("watch ")]


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MANY_FILES", 0)


def test_a_large_root_is_watched_by_a_process_of_its_own_which_ends_with_the_watch(
    make_project: Callable[..., Project], apart: None
) -> None:
    """To set up the watch would hold up every thread of the process that has to answer."""
    project = make_project("watched", watch=True)
    project.write("a.py", "def first():\n    return 1\n")
    project.build()
    project.index.refresh(10.0)
    watcher = project.index._watcher
    assert watcher is not None
    until(lambda: watcher.working)
    assert len(processes_that_watch()) == 1
    project.index.refresh(10.0)
    project.write("b.py", "def second():\n    return 2\n")
    until(lambda: [chunk.symbol for chunk in project.chunks()] == ["first", "second"])
    project.index.close()
    until(lambda: not processes_that_watch())


def test_a_watching_process_that_dies_is_told_of_and_searches_compare(tmp_path: Path, apart: None) -> None:
    watcher = Watcher(tmp_path, lambda: None, files_known=1)
    until(lambda: watcher.working)
    watcher.take()
    for process in processes_that_watch():
        process.kill()
    until(lambda: not watcher.working)
    assert "has ended" in watcher.problem
    assert watcher.take() is None, "everything must be looked at"
    watcher.close()
