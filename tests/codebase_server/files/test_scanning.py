"""What a scan answers with: every file once, in the order of paths, however many there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codebase_server.files import scan, scanning
from codebase_server.files.records import FileEntry

PATHS = st.lists(st.text("ab/é.", min_size=1, max_size=6), unique=True, max_size=300)


@given(paths=PATHS)
def test_a_long_list_is_put_in_order_shelf_by_shelf(paths: list[str]) -> None:
    rows = [FileEntry(path, 1, 2, 3, 4, 5) for path in paths]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scanning, "_PIECE", 8)
        patched.setattr(scanning, "_DRAWN", 4)
        scanning._sort(rows)
    assert [row.path for row in rows] == sorted(paths)


def test_files_of_folders_stand_in_the_order_of_their_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_PIECE", 16)
    names = [f"{folder}/{name}.py" for folder in "cab" for name in range(40)]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    assert [entry.path for entry in scan(tmp_path.resolve()).entries] == sorted(names)
