"""What is on disk counts, also before the watcher has been told of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
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


def state(service: CodebaseService, ref: str) -> tuple[str, str]:
    (entry,) = service.resolve({"references": [{"ref": ref}]})["references"]
    return entry["state"], entry["file_path"]


def test_a_file_moved_this_very_moment_is_found_where_it_is(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    for number in range(5):
        (root / f"basket{number}.py").rename(root / f"basket{number + 1}.py")
        assert state(service, found["chunk_id"])[1] == f"basket{number + 1}.py"
    (root / "basket5.py").rename(root / "cart.py")
    (read,) = service.get_chunks([found["chunk_id"]])["chunks"]
    assert read["file_path"] == "cart.py"


def test_code_edited_this_very_moment_is_changed(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    for number in range(1, 6):
        (root / "basket0.py").write_text(CODE.format(n=number))
        (read,) = service.get_chunks([found["chunk_id"]])["chunks"]
        assert f"version {number}" in read["content"]
    (root / "basket0.py").unlink()
    assert state(service, found["chunk_id"])[0] == "stale"
