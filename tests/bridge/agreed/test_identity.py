"""A repository is known by one name, wherever and however often it is checked out."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from bridge.agreed import identity


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    identity.forget_known()


def git(folder: Path, *arguments: str) -> str:
    options = ["-c", "user.name=T", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *options, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def repository(folder: Path, text: str = "one") -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.txt").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", text)
    return folder


def test_clones_worktrees_and_subfolders_share_it(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    git(tmp_path, "clone", "-q", str(first), "clone")
    git(first, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    (first / "deep" / "er").mkdir(parents=True)
    found = [identity.of_folder(tmp_path / name) for name in ("first", "clone", "tree", "first/deep/er")]
    assert len({one.id for one in found}) == 1
    assert {one.basis for one in found} == {"root commit"}
    assert [one.top.name for one in found] == ["first", "clone", "tree", "first"]
    assert found[0].common == found[2].common


def test_it_outlives_new_commits_and_a_merged_foreign_history(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    before = identity.of_folder(first).id
    other = repository(tmp_path / "other", "two")
    git(first, "fetch", "-q", str(other), "main")
    git(first, "merge", "-q", "--allow-unrelated-histories", "-X", "ours", "-m", "m", "FETCH_HEAD")
    identity.forget_known()
    assert identity.of_folder(first).id == before


def test_other_repositories_and_plain_folders_have_others(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    found = [
        identity.of_folder(one)
        for one in (repository(tmp_path / "a", "x"), repository(tmp_path / "b", "y"), plain, empty)
    ]
    assert len({one.id for one in found}) == 4
    assert [one.basis for one in found] == ["root commit", "root commit", "path", "path"]


def test_a_shallow_clone_is_known_by_its_path(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    (first / "a.txt").write_text("more")
    git(first, "commit", "-q", "-a", "-m", "more")
    git(tmp_path, "clone", "-q", "--depth", "1", first.as_uri(), "shallow")
    assert identity.of_folder(tmp_path / "shallow").basis == "path"
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    assert identity.of_folder(tmp_path / "shallow").id == identity.of_folder(first).id


def test_nothing_that_the_repository_brings_is_run(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for setting in ("core.fsmonitor", "core.pager", "core.sshCommand", "credential.helper", "core.editor"):
        git(first, "config", setting, str(trap))
    hooks = first / ".git" / "hooks"
    for hook in ("post-checkout", "reference-transaction", "fsmonitor-watchman"):
        (hooks / hook).write_text(trap.read_text())
        (hooks / hook).chmod(0o755)
    for setting, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(first)),
        ("remote.origin.uploadpack", str(trap)),
    ):
        git(first, "config", setting, value)
    identity.of_folder(first)
    assert identity.commit(first, "1" * 40) is None, "which git would otherwise fetch: it is promised"
    assert not (tmp_path / "sprung").exists()


def test_a_hooks_environment_does_not_lead_astray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = repository(tmp_path / "first"), repository(tmp_path / "other", "two")
    expected = identity.of_folder(first).id
    identity.forget_known()
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert identity.of_folder(first).id == expected


def test_a_remembered_root_of_a_repository_that_was_replaced_is_not_believed(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    before = identity.of_folder(first).id
    first.rename(tmp_path / "away")
    repository(tmp_path / "first", "another one altogether")
    identity.forget_known()
    assert identity.of_folder(first).id != before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    with pytest.raises(NotADirectoryError):
        identity.of_folder(tmp_path / "f")
    with pytest.raises(FileNotFoundError):
        identity.of_folder(tmp_path / "nothing")


def test_a_link_leads_to_the_same_name(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (tmp_path / "link").symlink_to(plain)
    assert identity.of_folder(tmp_path / "link").id == identity.of_folder(plain).id


def test_a_commit_is_found_by_its_beginning(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    full = git(first, "rev-parse", "HEAD")
    assert identity.commit(first, full[:8]) == full
    assert identity.commit(first, "0123456789abcdef") is None
    assert identity.commit(tmp_path, full) is None


def test_a_git_file_that_leads_nowhere_makes_a_plain_folder(tmp_path: Path) -> None:
    folder = tmp_path / "moved"
    folder.mkdir()
    for text in ("gitdir: ../gone/.git\n", "something else\n", "\udcff"):
        (folder / ".git").write_text(text, errors="surrogateescape")
        found = identity.of_folder(folder)
        assert (found.basis, found.common) == ("path", folder)


def test_a_name_never_changes_between_releases() -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    assert identity._name("root commit", commit) == "r_ume4hm55qcek3gp2"
    assert identity._name("path", "/home/ann/garden") == "r_kysexnduzlkrrt5x"


def dated(folder: Path, when: int, text: str) -> Path:
    """A repository whose one commit was made then (seconds since 1970)."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / f"{text}.txt").write_text(text)
    git(folder, "add", "-A")
    stamp = f"{when} +0000"
    subprocess.run(
        ["git", "-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "-q", "-m", text],
        cwd=folder,
        check=True,
        env={**os.environ, "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp},
    )
    return folder


@pytest.mark.parametrize("older", ["own", "foreign"])
def test_of_several_beginnings_the_oldest_gives_the_name(tmp_path: Path, older: str) -> None:
    own = dated(tmp_path / "own", 900_000_000 if older == "own" else 1_000_000_000, "own")
    foreign = dated(tmp_path / "foreign", 950_000_000, "foreign")
    expected = identity.of_folder(own if older == "own" else foreign).id
    git(own, "fetch", "-q", str(foreign), "main")
    git(own, "merge", "-q", "--allow-unrelated-histories", "-m", "m", "FETCH_HEAD")
    identity.forget_known()
    for file in (tmp_path / "cache").rglob("*.json"):
        file.unlink()
    assert identity.of_folder(own).id == expected


def remembered(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache").rglob("root-commits/*.json")
    return file


def test_the_first_commit_is_remembered_for_the_next_process_while_it_stands_there(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    found = identity.of_folder(first)
    commit = git(first, "rev-list", "--max-parents=0", "HEAD")
    file = remembered(tmp_path)
    assert json.loads(file.read_text()) == {"common": str(found.common), "commit": commit}
    assert [one.name for one in file.parent.iterdir()] == [file.name], "nothing is left of the writing"
    (first / "a.txt").write_text("more")
    git(first, "commit", "-q", "-a", "-m", "more")
    second = git(first, "rev-parse", "HEAD")
    file.write_text(json.dumps({"common": str(found.common), "commit": second}))
    identity.forget_known()
    assert identity.of_folder(first).id == identity._name("root commit", second), (
        "history is not walked again"
    )


@pytest.mark.parametrize(
    "record",
    [
        '{"common": "/elsewhere", "commit": "SECOND"}', "{", "[]", '{"commit": "SECOND"}',
        '{"common": "COMMON"}', '{"common": "COMMON", "commit": 3}',
        '{"common": "COMMON", "commit": "--help"}',
        '{"common": "COMMON", "commit": ""}',
        '{"common": "COMMON", "commit": "0123456789abcdef0123456789abcdef01234567"}',
    ],
)  # fmt: skip
def test_what_is_remembered_wrongly_is_not_believed_and_written_anew(tmp_path: Path, record: str) -> None:
    first = repository(tmp_path / "first")
    before = identity.of_folder(first)
    (first / "a.txt").write_text("more")
    git(first, "commit", "-q", "-a", "-m", "more")
    file = remembered(tmp_path)
    right = file.read_text()
    second = git(first, "rev-parse", "HEAD")
    file.write_text(record.replace("SECOND", second).replace("COMMON", str(before.common)))
    identity.forget_known()
    assert identity.of_folder(first) == before
    assert file.read_text() == right


def test_without_git_a_repository_is_known_by_its_path_and_the_log_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = repository(tmp_path / "first")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    found = identity.of_folder(first)
    assert (found.basis, found.top, found.common) == ("path", first, first / ".git")
    assert found.id == identity._name("path", str(first / ".git"))
    assert f"git could not be asked about {first}: FileNotFoundError" in caplog.text
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert identity.of_folder(first).basis == "root commit", "it is asked again: nothing was final"


def test_the_top_of_a_checkout_is_found_from_below_and_there_is_none_outside(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    (first / "deep").mkdir()
    assert identity.top_folder(first / "deep") == first
    assert identity.top_folder(tmp_path) is None
    (tmp_path / "half" / ".git").mkdir(parents=True)
    assert identity.top_folder(tmp_path / "half") is None, "a folder .git without HEAD is no repository"


def test_a_commit_is_named_by_letters_and_digits_only(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    for name in ("HEAD^{tree}", "--all", "HEAD~0", ""):
        assert identity.commit(first, name) is None
    tree = git(first, "rev-parse", "HEAD^{tree}")
    assert identity.commit(first, tree) is None, "a tree is no commit"


def test_a_replaced_object_does_not_change_the_name(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    before = identity.of_folder(first).id
    (first / "a.txt").write_text("more")
    git(first, "commit", "-q", "-a", "-m", "more")
    git(first, "replace", "--graft", "HEAD")
    for file in (tmp_path / "cache").rglob("*.json"):
        file.unlink()
    identity.forget_known()
    assert identity.of_folder(first).id == before


def test_the_log_says_how_long_git_was_waited_for_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = repository(tmp_path / "first")
    never = tmp_path / "bin" / "git"
    never.parent.mkdir()
    never.write_text("#!/bin/sh\nexec sleep 600\n")
    never.chmod(0o755)
    monkeypatch.setenv("PATH", f"{never.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(identity, "_GIT_SECONDS", 1.0)
    assert identity.of_folder(first).basis == "path"
    (told,) = [record.getMessage() for record in caplog.records]
    assert told == f"git took over 1 s in {first}: it is not asked again for some time."


@pytest.mark.skipif(os.name == "nt", reason="pipes have no place among files there")
@pytest.mark.parametrize(
    "where",
    [
        ".git/worktrees/tree/HEAD",
        ".git/worktrees/tree/index",
        ".git/worktrees/tree/config.worktree",
        ".git/refs/heads/other",
        ".git/refs/heads/main",
        ".git/config",
    ],
)
def test_in_a_worktree_git_is_not_asked_where_a_pipe_stands_for_a_file_of_its_own_or_of_the_main_one(
    tmp_path: Path, where: str
) -> None:
    first = repository(tmp_path / "first")
    git(first, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    assert not identity.git_would_wait(tmp_path / "tree")
    (first / where).unlink(missing_ok=True)
    os.mkfifo(first / where)
    assert identity.git_would_wait(tmp_path / "tree")
    assert identity.of_folder(tmp_path / "tree").basis == "path"
