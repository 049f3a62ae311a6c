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
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
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
    time.sleep(0.2)  # of a file written this very moment no stat is kept
    entry = asked(service, found["chunk_id"])
    assert entry["state"] == "stale" or is_too_early(entry)


def test_a_symbol_of_a_file_edited_this_very_moment_is_where_it_is(service: CodebaseService) -> None:
    root = service.served_roots()[0].path
    (root / "use.py").write_text("from basket0 import total\n\n\ndef bill():\n    return total([], 1)\n")
    service.index_repository()
    for number in range(1, 6):
        (root / "basket0.py").write_text("\n" * number + CODE.format(n=number))
        (root / "use.py").write_text("\n" * number + "from basket0 import total\n\n\ntotal([], 1)\n")
        answer = service.find_symbol("total", usages=True)
        assert [one["start_line"] for one in answer["results"]] == [number + 1]
        assert [one["line"] for one in answer["usages"]] == [number + 4, number + 1]
        (first, *_) = service.outline("basket0.py")["entries"]
        assert first["start_line"] == number + 1
        (root / "basket0.py").write_text(CODE.format(n=number))
        (first, *_) = service.outline("basket0.py")["entries"]
        assert first["start_line"] == 1


def test_what_a_look_behind_publishes_between_judging_and_looking_counts(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that a reference does not wait for any longer may end at any moment."""
    root = service.served_roots()[0].path
    (found,) = service.find_symbol("total")["results"]
    index = service.opened(None).index

    def published_meanwhile(_: object) -> bool:
        index.run_pass()
        return False

    monkeypatch.setattr(index, "refresh", lambda *_, **__: False)  # no look is done in time
    monkeypatch.setattr(index, "refresh_paths", published_meanwhile)
    (root / "basket0.py").rename(root / "basket1.py")
    time.sleep(0.2)  # of a file written this very moment no stat is kept
    entry = asked(service, found["chunk_id"])
    assert entry["file_path"] == "basket1.py"
