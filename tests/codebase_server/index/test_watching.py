"""The watcher: what it noted is taken once and can be given back; where watching fails, searches look."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from codebase_server.index import watch
from codebase_server.index.watch import Watcher


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
