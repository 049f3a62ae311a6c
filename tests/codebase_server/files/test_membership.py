"""Which files belong to a root, in git checkouts and in plain folders."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from codebase_server import files

CODE = "def f():\n    return 1\n"


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def write(root: Path, *paths: str, text: str = CODE) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def committed(root: Path, *paths: str) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main")
    write(root, *paths)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


def listed(root: Path) -> set[str]:
    return {entry.path for entry in files.scan(root).entries}


def skipped(root: Path) -> dict[str, str]:
    return {skip.path: skip.reason for skip in files.scan(root).skips}


def test_git_s_own_word_counts_tracked_and_would_be_tracked(tmp_path: Path) -> None:
    root = committed(tmp_path / "r", "a.py", "deep/b.py")
    write(root, "new.py", "left.py", "deep/left.py")
    write(root, ".gitignore", text="left.py\n")
    write(root, "deep/.gitignore", text="!left.py\n")
    assert listed(root) == {".gitignore", "a.py", "deep/.gitignore", "deep/b.py", "deep/left.py", "new.py"}


def test_a_tracked_file_that_is_ignored_stays_tracked(tmp_path: Path) -> None:
    root = committed(tmp_path / "r", "a.py")
    write(root, ".gitignore", text="a.py\n")
    assert "a.py" in listed(root)


def test_what_our_own_ignore_file_names_is_left_out_and_counted(tmp_path: Path) -> None:
    root = committed(tmp_path / "r", "a.py", "deep/b.py", "deep/c.py")
    write(root, "deep/.codebaseignore", text="*.py\n!c.py\n")
    assert {"a.py", "deep/c.py"} <= listed(root)
    assert skipped(root)["deep/b.py"] == "ignored"


def test_a_submodule_belongs_to_the_root_once_it_is_checked_out(tmp_path: Path) -> None:
    library = committed(tmp_path / "library", "lib.py")
    root = committed(tmp_path / "r", "a.py")
    git(root, "submodule", "--quiet", "add", str(library), "vendor/library")
    git(root, "commit", "-qm", "submodule")
    assert {"a.py", "vendor/library/lib.py"} <= listed(root)
    git(root, "submodule", "--quiet", "deinit", "-f", "vendor/library")
    assert "vendor/library/lib.py" not in listed(root)
    assert skipped(root)["vendor/library"] == "missing"


def test_a_repository_that_merely_lies_in_the_root_is_a_root_of_its_own(tmp_path: Path) -> None:
    root = committed(tmp_path / "r", "a.py")
    committed(root / "other", "b.py")
    assert listed(root) == {"a.py"}
    assert skipped(root) == {"other/": "nested_repository"}
    assert listed(root / "other") == {"b.py"}


def test_a_worktree_lists_its_own_files(tmp_path: Path) -> None:
    root = committed(tmp_path / "r", "a.py")
    git(root, "worktree", "add", "-q", str(tmp_path / "w"), "-b", "other")
    write(tmp_path / "w", "only_here.py")
    assert listed(tmp_path / "w") == {"a.py", "only_here.py"}
    assert listed(root) == {"a.py"}


def test_a_sub_folder_is_listed_alone_under_the_rules_above_it(tmp_path: Path) -> None:
    root = committed(tmp_path / "r", "app/a.py", "lib/b.py")
    write(root, ".gitignore", text="left.py\n")
    write(root, "app/left.py", "app/new.py")
    assert listed(root / "app") == {"a.py", "new.py"}


def test_a_plain_folder_has_nested_ignore_files_and_leaves_out_what_tools_fill(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    write(root, "a.py", "node_modules/x.js", "deep/b.py", "deep/c.log", "build/d.py")
    write(root, ".gitignore", text="*.log\n/build/\n")
    assert listed(root) == {".gitignore", "a.py", "deep/b.py"}
    assert {"build/": "ignored", "deep/c.log": "ignored", "node_modules/": "ignored"}.items() <= skipped(
        root
    ).items()


@pytest.mark.skipif(os.name == "nt", reason="POSIX files")
def test_what_is_no_regular_file_is_told_apart(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    write(root, "a.py")
    (root / "link.py").symlink_to("a.py")
    (root / "loop").symlink_to(".")
    os.mkfifo(root / "pipe.py")
    (root / os.fsdecode(b"\xff.py")).write_text(CODE)
    (root / "new\nline.py").write_text(CODE)
    assert listed(root) == {"a.py"}
    assert sorted(skipped(root).values()) == ["bad_name", "bad_name", "special", "symlink", "symlink"]


@pytest.mark.parametrize("name", [".env", "id_rsa", "server.pem", ".env.local"])
def test_files_of_secrets_are_never_opened(tmp_path: Path, name: str) -> None:
    root = tmp_path / "plain"
    write(root, "a.py", name)
    assert listed(root) == {"a.py"}
    assert skipped(root)[name] == "secret"


def test_what_is_too_wide_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    for folder in (Path("/"), tmp_path / "home", tmp_path):
        with pytest.raises(files.RootError) as raised:
            files.scan(folder)
        assert raised.value.code == "root_refused"
