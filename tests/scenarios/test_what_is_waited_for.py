"""Whoever has patience waits for what codebase-server cannot say yet, and for nothing else."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bridge.agreed.resolution import Resolution, response_from_json
from codebase_server.index.watch import Watcher
from codebase_server.service import CodebaseService
from codebase_server.settings import load
from codebase_server.store import SystemLock
from workflow_server.records import Patience
from workflow_server.references.waiting import may_help

REF = "src/auth.py::login"
CODE = "def login(name):\n    return find(name)\n"
REST = "def logout(name):\n    forget(name)\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "auth.py").write_text(f"{CODE}\n\n{REST}")
    return folder


@pytest.fixture
def service(root: Path, tmp_path: Path) -> Iterator[CodebaseService]:
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    yield service
    service.close()


def told(service: CodebaseService, ref: str = REF) -> Resolution:
    """What workflow-server reads of the answer."""
    answer = service.resolve({"references": [{"ref": ref}]})
    (read,) = response_from_json(answer, [ref]).references
    return read


def is_waited_for(found: Resolution) -> bool:
    return may_help([found], Patience(10))


@contextmanager
def unwritable(tmp_path: Path) -> Iterator[None]:
    """Another process writes to the index for as long as this lasts."""
    (file,) = (tmp_path / "data").glob("repositories/*/index.sqlite3")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_an_index_that_another_process_makes(service: CodebaseService) -> None:
    index = service.opened(None).index
    with SystemLock(index.database.file.with_name("writer.lock")).held():
        found = told(service)
        assert found.state == "unchecked"
        assert is_waited_for(found), found.reason


def test_a_file_that_changed_and_cannot_be_folded_in_yet(
    root: Path, service: CodebaseService, tmp_path: Path
) -> None:
    service.index_repository()
    with unwritable(tmp_path):
        (root / "src" / "auth.py").write_text(f"{CODE}# quickly\n\n\n{REST}")
        found = told(service)
        assert found.state == "unchecked"
        assert is_waited_for(found), found.reason
    assert told(service).state in ("changed", "valid")


def test_code_that_left_its_file_while_the_whole_root_cannot_be_looked_at_in_time(
    root: Path, service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a busy machine, where a look takes longer than the request that it is made for may."""
    service.index_repository()
    service.warm_up()
    index = service.opened(None).index
    until = time.monotonic() + 60
    while not index.status().watching and time.monotonic() < until:
        time.sleep(0.02)
    assert told(service).state == "valid"
    monkeypatch.setattr(Watcher, "_note", lambda *_: None)
    monkeypatch.setattr(index._writer, "look_seconds", 60.0)
    (root / "src" / "auth.py").write_text(REST)
    found = told(service)
    assert found.state == "unchecked"
    assert is_waited_for(found), found.reason


@pytest.mark.parametrize(
    ("ref", "write", "state"),
    [
        (REF, lambda root: None, "valid"),
        ("src/gone.py", lambda root: None, "unresolved"),
        ("data.bin", lambda root: (root / "data.bin").write_bytes(bytes(range(256)) * 8), "unchecked"),
    ],
    ids=["found", "nowhere", "skipped for good"],
)
def test_what_is_known_is_not_waited_for(
    root: Path, service: CodebaseService, ref: str, write: Callable[[Path], object], state: str
) -> None:
    write(root)
    service.index_repository()
    found = told(service, ref)
    assert found.state == state
    assert not is_waited_for(found), found.reason
