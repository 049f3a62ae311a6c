"""Small files of a repository, where anything may lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.agreed import reading


def test_a_file_is_read_whole_and_a_larger_one_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 10)
    assert reading.whole(file, 10) == b"x" * 10
    with pytest.raises(OSError, match="has more than 9 bytes"):
        reading.whole(file, 9)
    with pytest.raises(FileNotFoundError):
        reading.whole(tmp_path / "none", 9)
    file.write_bytes(b" gitdir: \xc3\xa4 \n")
    assert reading.line_of(file) == "gitdir: ä"
    file.write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        reading.line_of(file)


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
@pytest.mark.timeout(20)
def test_nothing_but_a_file_is_read_nor_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    for name in ("pipe", "device"):
        with pytest.raises(OSError, match="is no regular file"):
            reading.whole(tmp_path / name, 10)
    with pytest.raises(OSError, match="directory"):
        reading.whole(tmp_path, 10)
