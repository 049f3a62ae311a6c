"""What is written where a person said, in a folder that a repository may have filled."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bridge.agreed.writing import write_whole

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links take a privilege there")


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A file of the user's, outside of the folder that is written to."""
    file = tmp_path / "profile"
    file.write_text("mine\n")
    (tmp_path / "work").mkdir()
    return file


def test_a_link_is_replaced_and_not_followed(tmp_path: Path, private: Path) -> None:
    for target in (private, tmp_path / "not yet there"):
        link = tmp_path / "work" / "out.json"
        link.symlink_to(target)
        write_whole(link, "text\n")
        assert (link.read_text(), link.is_symlink()) == ("text\n", False)
        link.unlink()
    assert private.read_text() == "mine\n"
    assert not (tmp_path / "not yet there").exists()
    assert list((tmp_path / "work").iterdir()) == []


def test_what_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "out" / "in").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "out", "text")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "other", "\ud800")
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, "text")
    reader.join()
    assert read == ["text"]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "TANDEM_RUNTIME_DIR": str(folder / "run"),
        "WORKFLOW_DATA_DIR": str(folder / "data"), "WORKFLOW_PROJECT": "tests", "BRIDGE": "off",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "workflow_server", *command],
        env=environment, cwd=folder / "work", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_no_command_writes_through_a_link_that_a_repository_has_put_there(
    tmp_path: Path, private: Path
) -> None:
    assert run(tmp_path, "add", "An item").returncode == 0
    work = tmp_path / "work"
    absent = tmp_path / "autostart"
    (work / "notes").mkdir()
    for name in ("items.jsonl", "items.jsonl.part", "report.json", "notes/index.md"):
        (work / name).symlink_to(private)
    (work / "copy.sqlite3").symlink_to(absent)
    assert run(tmp_path, "export", "-o", "items.jsonl").returncode == 0
    assert run(tmp_path, "export", "--format", "markdown", "-o", "notes").returncode == 0
    assert run(tmp_path, "doctor", "--bundle", "report.json").returncode == 0
    refused = run(tmp_path, "backup", "copy.sqlite3")
    assert refused.returncode != 0
    assert "file_exists" in refused.stderr
    assert private.read_text() == "mine\n"
    assert not absent.exists()
    assert "An item" in (work / "items.jsonl").read_text()
    assert "An item" in (work / "notes" / "index.md").read_text()
