"""What is on disk counts, also before the watcher has been told of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.service.answers import Resolved
from codebase_server.settings import load

CODE = '''def total(lines, rate):
    """Sum up the lines and add the tax of version {n}."""
    net = sum(line.price * line.count for line in lines)
    return round(net * (1 + rate), 2)
'''


@pytest.fixture
def service(tmp_path: Path) -> Iterator[CodebaseService]:
    root = tmp_path / "root"
    root.mkdir()
    (root / "basket0.py").write_text(CODE.format(n=0))
    service = CodebaseService(
        load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}), accept_plain_folder=True
    )
    service.index_repository()
    service.warm_up()
    until = time.monotonic() + 20
    while not service.opened(None).index.status().watching and time.monotonic() < until:
        time.sleep(0.05)
    service.search_code("total")  # what changed before the watch stood is looked at
    yield service
    service.close()


def asked(service: CodebaseService, ref: str) -> Resolved:
    (entry,) = service.resolve({"references": [{"ref": ref}], "content": True})["references"]
    return entry


def is_too_early(entry: Resolved) -> bool:
    """A pass that takes longer than anybody waits for is said, never passed over."""
    return entry["state"] == "unchecked" and entry["reason"].endswith("is being indexed; ask again.")


def test_a_file_moved_this_very_moment_is_found_where_it_is(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    for number in range(5):
        (root / f"basket{number}.py").rename(root / f"basket{number + 1}.py")
        entry = asked(service, found["chunk_id"])
        assert entry["file_path"] == f"basket{number + 1}.py" or is_too_early(entry)


def test_code_edited_this_very_moment_is_told_as_it_is(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    for number in range(1, 6):
        (root / "basket0.py").write_text(CODE.format(n=number))
        entry = asked(service, found["chunk_id"])
        assert f"version {number}" in str(entry.get("content", "")) or is_too_early(entry)
    (root / "basket0.py").unlink()
    entry = asked(service, found["chunk_id"])
    assert entry["state"] == "stale" or is_too_early(entry)
