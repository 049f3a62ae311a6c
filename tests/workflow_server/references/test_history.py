"""What git tells `touched` of commits: nothing that a repository brings is run, and there is an end."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from tests.scenarios.conftest import run_git

from bridge.agreed.errors import TandemError
from workflow_server.doors.cli.commands import touching
from workflow_server.references import history


def commit(folder: Path, message: str) -> None:
    run_git(folder, "add", "-A")
    run_git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", message)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits, in the working folder."""
    folder = tmp_path / "repository"
    folder.mkdir()
    run_git(folder, "init", "-q")
    (folder / "a.py").write_text("x = 1\n")
    commit(folder, "first")
    (folder / "a.py").write_text("x = 2\n")
    commit(folder, "second")
    monkeypatch.chdir(folder)
    return folder


def test_a_range_is_its_whole_diff_and_each_of_its_commits(repository: Path) -> None:
    head = run_git(repository, "rev-parse", "HEAD").strip()
    for commits in ("HEAD~..HEAD", "HEAD~...HEAD", "HEAD"):
        diff, made = history.of_range(commits)
        assert "-x = 1\n+x = 2\n" in diff
        assert made[0].hash == head
        assert made[0].message.strip() == "second"
        assert made[0].diff == diff
    with pytest.raises(TandemError, match="is no range"):
        history.of_range("--output=/tmp/x")
    with pytest.raises(TandemError, match=r"^git log: fatal: bad revision 'nowhere'"):
        history.of_range("nowhere")


def test_no_program_that_a_submodule_names_is_run(repository: Path, tmp_path: Path) -> None:
    """`diff.submodule` of a repository has git ask another git, which reads the submodule's own settings."""
    mark, trap = tmp_path / "sprung", tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\necho run >> {mark}\n")
    trap.chmod(0o755)
    inner = repository / "inner"
    inner.mkdir()
    run_git(inner, "init", "-q")
    (inner / "b.py").write_text("y = 1\n")
    commit(inner, "inner")
    (repository / ".gitmodules").write_text('[submodule "inner"]\n\tpath = inner\n\turl = ./inner\n')
    commit(repository, "with a submodule")
    (inner / "b.py").write_text("y = 2\n")
    commit(inner, "inner again")
    commit(repository, "another of its commits")
    run_git(inner, "config", "diff.external", str(trap))
    run_git(repository, "config", "diff.submodule", "diff")
    run_git(repository, "diff", "--no-ext-diff", "HEAD~", "HEAD")
    assert mark.exists(), "the trap springs where nobody takes care"
    mark.unlink()
    diff, _ = history.of_range("HEAD~..HEAD")
    assert "+Subproject commit" in diff
    assert not mark.exists()


def test_what_git_tells_has_an_end(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "a.py").write_text("x = 3\n" * 2_000)
    commit(repository, "many lines")
    monkeypatch.setattr(history, "MOST_BYTES", 30_000)
    assert len(history.of_range("HEAD~..HEAD")[1]) == 1
    monkeypatch.setattr(history, "MOST_BYTES", 15_000)  # the log and one diff, but not the second
    with pytest.raises(TandemError, match="The change has more than") as refused:
        history.of_range("HEAD~..HEAD")
    assert refused.value.code == "change_too_large"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(history, "MOST_SECONDS", 0.2)
    with pytest.raises(TandemError, match="git log: took over 0 s and was ended"):
        history.of_range("HEAD~..HEAD")


def test_a_diff_that_is_passed_has_an_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touching, "MOST_BYTES", 100)
    monkeypatch.setattr(sys, "stdin", io.StringIO("x" * 100))
    assert len(touching._given()) == 100
    monkeypatch.setattr(sys, "stdin", io.StringIO("x" * 101))
    with pytest.raises(TandemError, match="The change has more than"):
        touching._given()
