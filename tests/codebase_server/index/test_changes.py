"""What a watcher names is folded in at its own cost; only where paths cannot tell is the root listed."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from codebase_server.index.audit import audit
from codebase_server.index.changes import Changes, changes_in
from codebase_server.index.writing import Writer
from codebase_server.store import SystemLock

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

CODE = "def first():\n    return 1\n"


@pytest.fixture(params=["git", "walk"])
def project(make_project: Callable[..., Project], request: pytest.FixtureRequest) -> Project:
    """A project in a git repository, and one without."""
    made = make_project()
    if request.param == "git":
        subprocess.run(["git", "init", "-q", made.folder], check=True)
    made.write(".gitignore", "build/\n*.log\n")
    made.write("a.py", CODE)
    made.write("lib/b.py", CODE.replace("first", "second"))
    (made.folder / "data.bin").write_bytes(b"\0\1\2" * 100)
    (made.folder / "odd.py").write_bytes(b"\0\1\2" * 100)
    time.sleep(0.1)  # of a file written this very moment no stat is kept
    made.build()
    return made


def changes(project: Project, *paths: str) -> Changes | None:
    return changes_in(project.folder.resolve(), paths, project.index._published)


def only(project: Project, *paths: str) -> tuple[str, ...] | None:
    found = changes(project, *paths)
    assert found is not None, "a scan was asked for"
    return found.only


def paths_indexed(project: Project) -> set[str]:
    return {chunk.path for chunk in project.chunks()}


def test_an_edited_file_is_all_there_is_to_do(project: Project) -> None:
    project.write("a.py", CODE + "\n\ndef more():\n    return 2\n")
    assert only(project, "a.py", "lib/b.py") == ("a.py",)


def test_a_file_named_late_that_is_indexed_already_is_nothing(project: Project) -> None:
    found = changes(project, "a.py", "lib/b.py")
    assert found is not None
    assert found.nothing


def test_a_new_file_is_taken_in_and_a_deleted_one_leaves(project: Project) -> None:
    project.write("lib/new.py", CODE.replace("first", "third"))
    (project.folder / "a.py").unlink()
    found = changes(project, "lib/new.py", "a.py")
    assert found is not None
    assert [entry.path for entry in found.scan.entries] == ["lib/new.py"]
    with project.index.snapshot() as snapshot:
        before = snapshot.generation
    project.index._fold(found, before)
    assert paths_indexed(project) >= {"lib/new.py", "lib/b.py"}
    assert "a.py" not in paths_indexed(project)


def test_an_editor_s_temporary_file_that_is_gone_again_is_nothing(project: Project) -> None:
    assert only(project, "a.py.tmp", "lib/.b.py.swp") == ()


def test_what_a_build_writes_into_an_ignored_folder_is_nothing(project: Project) -> None:
    project.write("build/out/made.py", CODE)
    assert only(project, "build/out", "build/out/made.py", "build/gone.o") == ()


def test_a_folder_that_came_or_went_is_for_a_scan(project: Project) -> None:
    project.write("fresh/one.py", CODE.replace("first", "fourth"))
    assert changes(project, "fresh") is None
    (project.folder / "lib" / "b.py").unlink()
    (project.folder / "lib").rmdir()
    assert changes(project, "lib") is None


@pytest.mark.parametrize("rules", [".gitignore", "lib/.ignore", ".codebaseignore", ".gitmodules"])
def test_a_file_of_rules_is_for_a_scan(project: Project, rules: str) -> None:
    assert changes(project, rules) is None


def test_a_new_file_that_our_own_rules_leave_out_is_for_a_scan(project: Project) -> None:
    project.write(".codebaseignore", "secret_*.py\n")
    project.build()
    project.write("lib/secret_plan.py", CODE)
    assert changes(project, "lib/secret_plan.py") is None
    project.index.refresh(10.0)
    assert "lib/secret_plan.py" not in paths_indexed(project)


def test_a_link_in_the_place_of_a_file_is_for_a_scan(project: Project) -> None:
    (project.folder / "a.py").unlink()
    (project.folder / "a.py").symlink_to("lib/b.py")
    assert changes(project, "a.py") is None


def test_a_skipped_file_named_late_is_nothing_and_is_read_again_when_it_changed(project: Project) -> None:
    assert only(project, "data.bin", "odd.py") == ()
    (project.folder / "data.bin").write_bytes(b"\0" * 500)
    (project.folder / "odd.py").write_text("def now_it_is_text():\n    return 1\n")
    assert only(project, "data.bin", "odd.py") == ("odd.py",)
    project.index.refresh(10.0)
    assert "odd.py" in paths_indexed(project)


def test_a_watched_edit_never_lists_the_root(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project("watched", watch=True)
    subprocess.run(["git", "init", "-q", project.folder], check=True)
    project.write(".gitignore", "build/\n")
    project.write("a.py", CODE)
    project.build()
    project.index.refresh(10.0)
    watcher = project.index._watcher
    assert watcher is not None
    wait_until(lambda: watcher.working)
    project.index.refresh(10.0)
    scans: list[int] = []
    scan = Writer.scan
    monkeypatch.setattr(Writer, "scan", lambda writer: scans.append(1) or scan(writer))  # type: ignore[func-returns-value]
    project.write("a.py", CODE.replace("first", "edited"))
    project.write("b.py", CODE.replace("first", "created"))

    def seen() -> bool:
        project.index.refresh(1.0)
        return {"edited", "created"} <= {chunk.symbol for chunk in project.chunks()}

    wait_until(seen)
    assert scans == []


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


@pytest.mark.parametrize("published_too", [False, True])
def test_an_edit_is_seen_although_another_process_writes_for_a_moment(
    make_project: Callable[..., Project], published_too: bool
) -> None:
    project = make_project()
    project.write("a.py", CODE)
    project.build()
    other = project.open()
    other.snapshot().close()
    project.write("a.py", CODE.replace("first", "edited"))
    entered, lock = threading.Event(), SystemLock(project.index.database.folder / "writer.lock")

    def write() -> None:
        with lock.held():
            entered.set()
            time.sleep(0.15)
        if published_too:
            other.refresh()

    thread = threading.Thread(target=write)
    thread.start()
    entered.wait()
    project.index.refresh()
    assert [chunk.symbol for chunk in project.chunks()] == ["edited"]
    assert not project.index.last_error
    thread.join()
    other.close()
    assert audit(project.index.database, against_disk=True) == []


def test_what_another_process_folded_in_meanwhile_is_not_folded_in_twice(project: Project) -> None:
    project.write("a.py", CODE.replace("first", "edited"))
    found = changes(project, "a.py")
    assert found is not None
    with project.index.snapshot() as snapshot:
        before = snapshot.generation
    other = project.open()
    other.run_pass()
    after = other.status().generation
    other.close()
    project.index._fold(found, before)
    assert project.index.status().generation == after


def test_a_file_under_two_names_that_differ_in_case_is_left_to_a_scan(project: Project) -> None:
    """As after a rename where the file system does not tell case: both names are of the same file there."""
    project.write("a.py", "def first():\n    return 1\n")
    project.build()
    (project.folder / "A.py").hardlink_to(project.folder / "a.py")
    published = project.index._published
    assert changes_in(project.folder, ["a.py", "A.py"], published) is None
    assert changes_in(project.folder, ["A.py"], published) is not None
    project.write("B.py", "def other():\n    return 2\n")
    project.write("b.py", "def third():\n    return 3\n")
    some = changes_in(project.folder, ["b.py", "B.py"], published)
    assert some is not None
    assert some.files == 2, "two files are two"
