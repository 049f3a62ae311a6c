"""What a name, a folder or a moment says of a file: generated, a test, still being written, not to be had."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from codebase_server.files import RootError, reading, scan
from codebase_server.files.kinds import kind_of
from codebase_server.files.leftout import reason_by_name
from codebase_server.files.records import Skip
from codebase_server.files.roots import check_root


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("web/app.min.js", "minified"),
        ("web/site.css.map", "minified"),
        ("package-lock.json", "generated"),
        ("proto/store_pb2.py", "generated"),
        ("logo.png", "binary"),
        (".env", "secret"),
        ("src/app.py", None),
        ("Makefile", None),
    ],
)
def test_a_name_can_be_reason_enough(path: str, reason: str | None) -> None:
    assert reason_by_name(path) == reason


@pytest.mark.parametrize(
    ("path", "language", "kind"),
    [
        ("AppTests/Login.swift", "swift", "tests"),
        ("Shop.UnitTest/Login.cs", "csharp", "tests"),
        ("check.bats", "bash", "tests"),
        ("src/test_a.py", "python", "tests"),
        ("src/latest.py", "python", "code"),
        ("settings.toml", "toml", "config"),
    ],
)
def test_tests_are_known_by_where_they_lie_and_what_they_are_called(
    path: str, language: str, kind: str
) -> None:
    assert kind_of(path, language) == kind


def test_a_file_that_will_not_hold_still_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at it finds it grown by another writer between its two stats."""
    root = tmp_path.resolve()
    file = root / "growing.py"
    file.write_text("a = 1\n")
    read_all = reading._read_all

    def while_it_grows(descriptor: int, size: int) -> bytes:
        with file.open("a") as writer:
            writer.write("b = 2\n")
        return read_all(descriptor, size)

    monkeypatch.setattr(reading, "_read_all", while_it_grows)
    found = reading.read(root, "growing.py")
    assert isinstance(found, Skip)
    assert found.reason == "changing"
    monkeypatch.undo()
    assert not isinstance(reading.read(root, "growing.py"), Skip)


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("no such folder", "root_not_found", "No folder at"),
        ("file.py", "root_not_a_folder", "Did you mean its folder"),
        ("a\0b", "root_unreadable", "Cannot look at"),
    ],
)
def test_a_root_that_is_none_says_what_it_is(tmp_path: Path, path: str, code: str, words: str) -> None:
    (tmp_path / "file.py").write_text("")
    with pytest.raises(RootError) as refused:
        check_root(tmp_path / path)
    assert refused.value.code == code
    assert words in f"{refused.value.message} {refused.value.hint}"


def test_without_a_home_only_the_file_system_s_root_is_too_wide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless(_: type[Path]) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", classmethod(homeless))
    assert check_root(tmp_path) == tmp_path.resolve()
    with pytest.raises(RootError, match="the root of a file system"):
        check_root(Path("/"))


def git(folder: Path, *arguments: str) -> None:
    options = ["-c", "user.name=T", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *options, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_folder_that_git_ignores_as_a_whole_is_a_plain_folder(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("inside/\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.py").write_text("a = 1\n")
    assert [entry.path for entry in scan(inside.resolve()).entries] == ["a.py"]


def test_a_tracked_file_behind_a_link_is_counted_not_followed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").write_text("a = 1\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one")
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    (tmp_path / "real").rename(elsewhere)
    (tmp_path / "real").symlink_to(elsewhere)
    found = scan(tmp_path.resolve())
    assert [entry.path for entry in found.entries] == []
    assert ("real/a.py", "symlink") in {(skip.path, skip.reason) for skip in found.skips}


def test_a_submodule_that_git_cannot_list_is_counted(tmp_path: Path) -> None:
    module, root = tmp_path / "module", tmp_path / "root"
    for folder in (module, root):
        folder.mkdir()
        git(folder, "init", "-q")
        (folder / "a.py").write_text("a = 1\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "one")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(module), "sub")
    assert {entry.path for entry in scan(root.resolve()).entries} >= {"a.py", "sub/a.py"}
    (root / "sub" / ".git").write_text("gitdir: /nowhere\n")
    found = scan(root.resolve())
    assert ("sub/", "nested_repository") in {(skip.path, skip.reason) for skip in found.skips}
    assert "a.py" in {entry.path for entry in found.entries}


def test_in_a_plain_folder_a_worktree_s_pointer_is_nobody_s_file(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "sub" / ".git").mkdir(parents=True)
    (tmp_path / "sub" / ".git" / "config").write_text("")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "b.js").write_text("")
    found = scan(tmp_path.resolve())
    assert [entry.path for entry in found.entries] == ["a.py"]
    skipped = {skip.path for skip in found.skips}
    assert "node_modules/" in skipped
    assert not any(".git" in path for path in skipped)


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    done = threading.Event()

    def look() -> None:
        found = reading.read(tmp_path.resolve(), "pipe.py")
        assert isinstance(found, Skip)
        done.set()

    threading.Thread(target=look, daemon=True).start()
    assert done.wait(30)
