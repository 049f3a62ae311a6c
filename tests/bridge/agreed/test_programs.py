"""Which program is run: one of PATH's absolute folders, whatever lies where it is run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.agreed.programs import program


def made(folder: Path, name: str, mode: int = 0o755) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(mode)
    return file


def test_it_is_found_in_the_order_of_path(tmp_path: Path) -> None:
    first, second = made(tmp_path / "a", "git"), made(tmp_path / "b", "git")
    assert program("git", f"{tmp_path / 'none'}:{first.parent}:{second.parent}", "linux") == str(first)


@pytest.mark.parametrize("entries", [".", "", ".:", ":", "bin", "./bin", "../here", "~/bin", ".:/nowhere:"])
def test_no_entry_that_depends_on_the_working_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: str
) -> None:
    here = tmp_path / "here"
    made(here, "git")
    made(here / "bin", "git")
    made(here / "~" / "bin", "git")
    monkeypatch.chdir(here)
    with pytest.raises(FileNotFoundError, match="not in any absolute folder of PATH"):
        program("git", entries, "linux")


def test_what_cannot_be_run_or_is_a_folder_is_passed_over(tmp_path: Path) -> None:
    plain, good = made(tmp_path / "a", "git", 0o644), made(tmp_path / "c", "git")
    (tmp_path / "b" / "git").mkdir(parents=True)
    path = ":".join(str(tmp_path / name) for name in "abc")
    if os.geteuid():  # whoever may do everything may run everything
        assert not os.access(plain, os.X_OK)
    assert program("git", path, "linux") == str(good)


def test_on_windows_the_working_folder_is_not_looked_into_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system would look there first. No drive alone, folder without one, or other ending is taken."""
    monkeypatch.chdir(tmp_path)
    for name in ("git.exe", "git", "git.bat", "git.cmd", "git.com", "C:\\git\\git.bat"):
        made(tmp_path, name)
    with pytest.raises(FileNotFoundError):
        program("git", r".;;C:;bin;\bin;C:bin;C:\git", "win32")
    # backslashes are part of a name here, so that one file can stand for Windows' own
    made(tmp_path, r"C:\git\git.exe")
    assert program("git", r".;\bin;C:;C:\git", "win32") == r"C:\git\git.exe"
