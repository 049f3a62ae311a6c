"""The commit a checkout stands on, read from git's own files in each of the ways git keeps it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.scenarios.conftest import run_git

from codebase_server.index.commits import head_commit


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "src").mkdir(parents=True)
    run_git(folder, "init", "-q", "-b", "main")
    (folder / "src" / "a.py").write_text("a = 1\n")
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "-m", "first")
    return folder


def told_by_git(folder: Path) -> str:
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_on_a_branch_in_the_repository_and_in_a_folder_of_it(repository: Path) -> None:
    assert head_commit(repository) == told_by_git(repository) == head_commit(repository / "src")


def test_with_packed_references(repository: Path) -> None:
    run_git(repository, "branch", "aaa-comes-first")
    run_git(repository, "pack-refs", "--all", "--prune")
    assert not (repository / ".git" / "refs" / "heads" / "main").exists()
    assert head_commit(repository) == told_by_git(repository)


def test_with_a_detached_head(repository: Path) -> None:
    run_git(repository, "checkout", "-q", "--detach")
    assert head_commit(repository) == told_by_git(repository)


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_in_a_second_worktree(repository: Path, packed: bool) -> None:
    """Its HEAD is its own; the branch it names lies in the common directory."""
    other = repository.parent / "other"
    run_git(repository, "worktree", "add", "-q", "-b", "side", str(other))
    (other / "b.py").write_text("b = 2\n")
    run_git(other, "add", "-A")
    run_git(other, "commit", "-q", "-m", "second")
    if packed:
        run_git(repository, "pack-refs", "--all", "--prune")
    assert head_commit(other) == told_by_git(other) != head_commit(repository)


def test_in_a_submodule_whose_git_directory_lies_elsewhere(repository: Path) -> None:
    place = repository.parent / "separate"
    run_git(repository, "init", "-q", f"--separate-git-dir={place}")
    assert (repository / ".git").is_file()
    assert head_commit(repository) == told_by_git(repository)


@pytest.mark.parametrize(
    "head", [b"", b"not a commit", b"ref: refs/heads/none", b"\xff\xfe", b"ref: refs/heads/broken"]
)
def test_what_cannot_be_read_is_no_commit(repository: Path, head: bytes) -> None:
    (repository / ".git" / "refs" / "heads" / "broken").write_text("no hash\n")
    (repository / ".git" / "packed-refs").write_text(
        "# pack-refs with: peeled\n^beef\nnot-a-hash refs/heads/none\n"
    )
    (repository / ".git" / "HEAD").write_bytes(head)
    assert head_commit(repository) == ""


def test_a_folder_outside_of_git_has_none(tmp_path: Path) -> None:
    assert head_commit(tmp_path) == ""
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    assert head_commit(tmp_path) == ""
