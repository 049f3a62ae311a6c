"""Code that has just left a file is not called gone before the whole root has been looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codebase_server.index.watch import Watcher
from codebase_server.service import CodebaseService
from codebase_server.service.answers import Resolved
from codebase_server.settings import load

HEAD = '"""Prices."""\n\nRATE = 0.2\n'
MOVED = '''

def tidy_labels(labels):
    """Strip each label, drop the empty ones and sort the rest by length."""
    kept = [label.strip() for label in labels]
    return sorted(filter(None, kept), key=len)
'''
REST = '''

def total(lines, rate):
    """Sum up the lines and add the tax."""
    net = sum(line.price * line.count for line in lines)
    return round(net * (1 + rate), 2)
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "prices.py").write_text(HEAD + MOVED + REST)
    (root / "other.py").write_text('"""Others."""\n\n\ndef nothing():\n    return None\n')
    return root


@pytest.fixture
def service(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CodebaseService]:
    """A service whose watcher stands and then is told of nothing: the moment before an event, made long."""
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    service.index_repository()
    service.warm_up()
    until = time.monotonic() + 20
    while not service.opened(None).index.status().watching and time.monotonic() < until:
        time.sleep(0.05)
    service.search_code("total")  # what changed before the watch stood is looked at
    monkeypatch.setattr(Watcher, "_note", lambda *_: None)
    yield service
    service.close()


def move(root: Path, to: str = "labels.py") -> None:
    (root / "prices.py").write_text(HEAD + REST)
    (root / to).write_text('"""Labels."""\n' + MOVED)


def chunk_id_of(service: CodebaseService, name: str) -> str:
    (found,) = service.find_symbol(name)["results"]
    return found["chunk_id"]


def resolved(service: CodebaseService, ref: str) -> Resolved:
    (entry,) = service.resolve({"references": [{"ref": ref}]})["references"]
    return entry


@pytest.mark.parametrize(
    "ask",
    [
        lambda service, ref: service.get_chunks([ref])["chunks"][0],
        resolved,
    ],
    ids=["get_chunks", "resolve"],
)
@pytest.mark.parametrize("to", ["labels.py", "other.py"])
def test_a_function_that_moved_this_very_moment_is_not_gone(
    root: Path, service: CodebaseService, to: str, ask: Callable[[CodebaseService, str], Resolved]
) -> None:
    chunk_id = chunk_id_of(service, "tidy_labels")
    move(root, to)
    entry = ask(service, chunk_id)
    assert entry["state"] in ("valid", "unchecked"), entry["reason"]
    if entry["state"] == "valid":
        assert (entry["chunk_id"], entry["file_path"]) == (chunk_id, to)


def test_its_name_is_not_nowhere_either(root: Path, service: CodebaseService) -> None:
    move(root)
    found = service.find_symbol("tidy_labels")
    assert [one["file_path"] for one in found["results"]] == ["labels.py"]


def test_nor_is_it_when_another_call_has_folded_in_the_file_it_left(
    root: Path, service: CodebaseService
) -> None:
    move(root)
    assert service.outline("prices.py")["total_count"] == 2
    found = service.find_symbol("tidy_labels")
    assert [one["file_path"] for one in found["results"]] == ["labels.py"]


def test_what_was_deleted_is_gone_at_once(root: Path, service: CodebaseService) -> None:
    chunk_id = chunk_id_of(service, "tidy_labels")
    (root / "prices.py").write_text(HEAD + REST)
    (entry,) = service.get_chunks([chunk_id])["chunks"]
    assert entry["state"] == "stale"
    assert service.find_symbol("tidy_labels")["total_count"] == 0


def test_where_the_root_cannot_be_looked_at_in_time_nothing_is_called_gone(
    root: Path, service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk_id = chunk_id_of(service, "tidy_labels")
    move(root)
    # so long did the last look take
    monkeypatch.setattr(service.opened(None).index._writer, "look_seconds", 60.0)
    (entry,) = service.get_chunks([chunk_id])["chunks"]
    assert (entry["state"], entry["was"] is not None) == ("unchecked", True)
    assert entry["reason"].endswith("Ask again.")
    assert resolved(service, chunk_id)["state"] == "unchecked"
    found = service.find_symbol("tidy_labels")
    assert found["total_count"] == 0
    assert "still being looked at" in found["warnings"][0]


def test_a_file_written_this_very_moment_is_referred_to_and_outlined(
    root: Path, service: CodebaseService
) -> None:
    (root / "fresh.py").write_text("def newest():\n    return 1\n")
    assert resolved(service, "fresh.py::newest")["state"] == "valid"
    (root / "fresher.py").write_text("def more():\n    return 2\n")
    assert [one["symbol"] for one in service.outline("fresher.py")["entries"]] == ["more"]
    (root / "fresher.py").write_text("def more():\n    return 2\n\n\ndef most():\n    return 3\n")
    assert resolved(service, "fresher.py::most")["state"] == "valid"


def test_when_nothing_changed_nothing_is_looked_at(
    root: Path, service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.find_symbol("nowhere_at_all")
    time.sleep(1.1)
    index = service.opened(None).index
    monkeypatch.setattr(index._writer, "scan", lambda: pytest.fail("the disk was compared"))
    assert service.find_symbol("nowhere_at_all")["total_count"] == 0
    assert resolved(service, "c_aaaaaaaaaaaa")["state"] in ("stale", "unresolved")
