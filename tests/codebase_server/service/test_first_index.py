"""Questions that come before the first index is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService, opened
from codebase_server.service.errors import PathNotFoundError
from codebase_server.settings import load
from codebase_server.store.lock import SystemLock


@pytest.fixture
def being_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CodebaseService]:
    """A root of which nothing is indexed yet, while another process has the writer's lock."""
    monkeypatch.setattr(opened, "FIRST_ANSWER_WAIT_S", 0.0)
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text("def first():\n    return 1\n")
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    lock = SystemLock(service.opened(None).index.database.folder / "writer.lock")
    with lock.held(5.0):
        yield service
        service.close()


@pytest.mark.parametrize("path", ["src", "src/a.py"])
def test_what_is_on_disk_and_not_indexed_yet_is_not_told_as_missing(
    being_built: CodebaseService, path: str
) -> None:
    answer = being_built.outline(path)
    assert answer["entries"] == []
    assert any("is being built" in warning for warning in answer["warnings"])


def test_what_is_not_on_disk_is_missing_then_too(being_built: CodebaseService) -> None:
    with pytest.raises(PathNotFoundError):
        being_built.outline("lib")
