"""What a search finds after the disk changed, in every way a file can change."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codebase_server import files
from codebase_server.index import IndexingCancelledError, patience
from codebase_server.index.audit import audit

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

FIRST = "def first():\n    return 1\n"
OTHER = "def other():\n    return 2\n"


def codes(project: Project) -> dict[str, str]:
    """What is indexed now, by path, after the refresh that a search makes."""
    project.index.refresh(20.0)
    with project.index.snapshot() as snapshot:
        found: dict[str, str] = {}
        for file in snapshot.files():
            placed = snapshot.chunks_in(file.path)
            contents = snapshot.contents(chunk.version_id for chunk in placed)
            found[file.path] = "\n".join(contents[chunk.version_id] for chunk in placed)
        return found


@pytest.fixture
def indexed(project: Project) -> Project:
    project.write("a.py", FIRST)
    project.write("b.py", OTHER)
    project.build()
    return project


def test_an_edit_is_in_the_next_search(indexed: Project) -> None:
    indexed.write("a.py", FIRST.replace("1", "3"))
    assert codes(indexed)["a.py"] == FIRST.replace("1", "3").strip("\n")


def test_a_new_file_is_in_the_next_search(indexed: Project) -> None:
    indexed.write("deep/new.py", OTHER)
    assert set(codes(indexed)) == {"a.py", "b.py", "deep/new.py"}


def test_a_deleted_file_leaves_no_ghost(indexed: Project) -> None:
    (indexed.folder / "a.py").unlink()
    assert set(codes(indexed)) == {"b.py"}


def test_a_renamed_file_is_at_its_new_place_only(indexed: Project) -> None:
    (indexed.folder / "a.py").rename(indexed.folder / "c.py")
    assert set(codes(indexed)) == {"b.py", "c.py"}


def test_a_file_renamed_in_case_only(indexed: Project) -> None:
    (indexed.folder / "a.py").rename(indexed.folder / "A.py")
    assert set(codes(indexed)) == {"b.py", "A.py"}


def test_a_newly_ignored_file_goes_and_an_unignored_one_comes_back(indexed: Project) -> None:
    indexed.write(".gitignore", "a.py\n")
    assert "a.py" not in codes(indexed)
    indexed.write(".gitignore", "nothing\n")
    assert codes(indexed)["a.py"] == FIRST.strip("\n")


def test_a_file_replaced_by_a_folder(indexed: Project) -> None:
    (indexed.folder / "a.py").unlink()
    indexed.write("a.py/inner.py", OTHER)
    assert set(codes(indexed)) == {"b.py", "a.py/inner.py"}


def test_a_file_swapped_for_a_symlink_is_not_followed(indexed: Project, tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("def outside():\n    return 'secret'\n")
    (indexed.folder / "a.py").unlink()
    (indexed.folder / "a.py").symlink_to(tmp_path / "outside.py")
    assert set(codes(indexed)) == {"b.py"}
    assert indexed.index.status().skipped == {"symlink": 1}


def test_a_folder_swapped_for_a_symlink_is_not_followed(indexed: Project, tmp_path: Path) -> None:
    indexed.write("pack/mod.py", FIRST)
    assert "pack/mod.py" in codes(indexed)
    (tmp_path / "elsewhere").mkdir()
    (indexed.folder / "pack").rename(tmp_path / "elsewhere/pack")
    (indexed.folder / "pack").symlink_to(tmp_path / "elsewhere/pack")
    assert "pack/mod.py" not in codes(indexed)


def test_a_rewrite_of_the_same_size_with_the_time_put_back_is_seen(indexed: Project) -> None:
    target = indexed.folder / "a.py"
    before = target.stat()
    target.write_text(FIRST.replace("1", "7"))
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert target.stat().st_size == before.st_size
    assert target.stat().st_mtime_ns == before.st_mtime_ns
    assert codes(indexed)["a.py"] == FIRST.replace("1", "7").strip("\n")


def test_a_rewrite_within_one_tick_of_the_clock_is_seen(indexed: Project) -> None:
    target = indexed.folder / "a.py"
    for number in range(20):
        target.write_text(FIRST.replace("1", str(number % 10)))
        assert codes(indexed)["a.py"] == FIRST.replace("1", str(number % 10)).strip("\n")


def test_files_from_the_future_are_seen_to_change(indexed: Project) -> None:
    target = indexed.folder / "a.py"
    ahead = time.time_ns() + 3_600 * 10**9
    target.write_text(FIRST.replace("1", "8"))
    os.utime(target, ns=(ahead, ahead))
    assert codes(indexed)["a.py"] == FIRST.replace("1", "8").strip("\n")
    target.write_text(FIRST.replace("1", "9"))
    os.utime(target, ns=(ahead, ahead))
    assert codes(indexed)["a.py"] == FIRST.replace("1", "9").strip("\n")


def test_a_touched_file_keeps_its_generation(indexed: Project) -> None:
    before = indexed.index.status().generation
    os.utime(indexed.folder / "a.py")
    codes(indexed)
    assert indexed.index.status().generation == before


def test_a_file_that_becomes_binary_goes_and_comes_back(indexed: Project) -> None:
    (indexed.folder / "a.py").write_bytes(b"def first():\0\0\0")
    assert set(codes(indexed)) == {"b.py"}
    assert indexed.index.status().skipped == {"binary": 1}
    indexed.write("a.py", FIRST)
    assert set(codes(indexed)) == {"a.py", "b.py"}
    assert indexed.index.status().skipped == {}


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (b"", ""),
        (b"x = 1", "x = 1"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2"),
        (b"x = 1\ry = 2\n\rz = 3", "x = 1\ny = 2\n\nz = 3"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1"),
        (b"name = '\xe9t\xe9'\n", "name = 'été'"),
        (b"\n\n\n", "\n\n"),
        ("x = 'ü'\n".encode("utf-16"), "x = 'ü'"),
    ],
    ids=["empty", "no end", "crlf", "mixed", "bom", "latin", "blank", "utf16"],
)
def test_every_kind_of_text_is_stored_whole(project: Project, raw: bytes, stored: str) -> None:
    project.folder.joinpath("odd.py").write_bytes(raw)
    project.build()
    assert codes(project) == {"odd.py": stored}
    assert audit(project.index.database, against_disk=True) == []


def test_one_enormous_line_is_skipped_and_accounted_for(indexed: Project) -> None:
    (indexed.folder / "line.js").write_text("x" * 10_000_000)
    codes(indexed)
    status = indexed.index.status()
    assert status.skipped == {"huge": 1}
    assert (status.files, status.seen) == (2, 3)


def test_the_account_of_files_is_complete(project: Project) -> None:
    project.write("a.py", FIRST)
    project.write(".env", "TOKEN=abc\n")
    (project.folder / "pic.png").write_bytes(b"\x89PNG\0\0")
    (project.folder / "b.py").symlink_to("a.py")
    project.write("gen.go", "// Code generated by x. DO NOT EDIT.\npackage x\n")
    project.build()
    status = project.index.status()
    assert status.files == 1
    assert status.skipped == {"binary": 1, "generated": 1, "secret": 1, "symlink": 1}
    assert status.seen == status.files + sum(status.skipped.values()) == 5
    assert status.examples["secret"] == [".env"]
    assert status.coverage == 1.0


def test_an_answer_s_files_are_checked_at_any_age(indexed: Project) -> None:
    indexed.write("a.py", FIRST.replace("1", "5"))
    assert indexed.index.refresh_paths(["a.py", "b.py"])
    assert not indexed.index.refresh_paths(["a.py", "b.py"])
    with indexed.index.snapshot() as snapshot:
        chunk = snapshot.chunks_in("a.py")[0]
        assert snapshot.contents([chunk.version_id])[chunk.version_id] == FIRST.replace("1", "5").strip("\n")


def test_a_snapshot_stays_as_it_was_while_the_index_goes_on(indexed: Project) -> None:
    with indexed.index.snapshot() as before:
        indexed.write("a.py", OTHER.replace("other", "newer"))
        codes(indexed)
        assert [chunk.symbol for chunk in before.chunks_in("a.py")] == ["first"]
        with indexed.index.snapshot() as after:
            assert [chunk.symbol for chunk in after.chunks_in("a.py")] == ["newer"]
            assert after.generation != before.generation


def test_the_first_search_starts_an_index(project: Project) -> None:
    project.write("a.py", FIRST)
    with project.index.snapshot() as snapshot:
        assert (snapshot.state, len(snapshot.live)) == ("building", 0)
    assert codes(project) == {"a.py": FIRST.strip("\n")}
    assert project.index.status().state == "ready"


def test_a_large_change_is_folded_in_behind_the_search(project: Project) -> None:
    for number in range(90):
        project.write(f"m{number}.py", FIRST.replace("first", f"f{number}"))
    project.build()
    generation = project.index.status().generation
    for number in range(90):
        project.write(f"m{number}.py", FIRST.replace("first", f"g{number}"))
    project.index.refresh()
    with project.index.snapshot() as snapshot:
        assert (snapshot.generation, snapshot.state) == (
            generation,
            "partial",
        ) or snapshot.generation != generation
    assert "g7" in codes(project)["m7.py"]
    assert project.index.status().state == "ready"


def test_a_branch_switch_is_served_as_one_branch_or_the_other(project: Project) -> None:
    """Some functions are edited, some move to another file, some vanish: no reader sees half of it."""
    for number in range(120):
        project.write(f"m{number}.py", f"def f{number}():\n    return {number}\n")
    project.build()
    for number in range(120):
        if number % 3 == 0:
            project.write(f"m{number}.py", f"def f{number}():\n    return {number} + 1\n")
        elif number % 3 == 1:
            (project.folder / f"m{number}.py").rename(project.folder / f"moved{number}.py")
            project.write(f"moved{number}.py", f"def f{number}():\n    return {number} * 2 + 1\n")
        else:
            project.write(f"m{number}.py", f"class C{number}:\n    pass\n")
    reader = project.open()
    seen: list[tuple[str, str, int]] = []

    def look(done: int, total: int, message: str) -> None:
        with reader.snapshot() as snapshot:
            seen.append((snapshot.generation, snapshot.state, snapshot.pending_files))

    with reader.snapshot() as snapshot:
        before = snapshot.generation
    project.index.run_pass(progress=look)
    assert len(seen) > 3
    assert {generation for generation, _, _ in seen} == {before}
    assert {state for _, state, _ in seen} == {"partial"}
    assert all(pending > 0 for _, _, pending in seen)
    with reader.snapshot() as snapshot:
        assert snapshot.generation != before
        assert (snapshot.state, snapshot.pending_files) == ("ready", 0)
    assert audit(reader.database, against_disk=True) == []
    reader.close()


def test_a_switch_that_was_broken_off_and_taken_back_leaves_nothing_pending(project: Project) -> None:
    texts = {f"m{number}.py": f"def f{number}():\n    return {number}\n" for number in range(60)}
    for path, text in texts.items():
        project.write(path, text)
    project.build()
    for path in texts:
        project.write(path, "def other():\n    pass\n")
    with pytest.raises(IndexingCancelledError):
        project.index.run_pass(cancelled=lambda: True)
    assert project.index.status().state == "partial"
    for path, text in texts.items():
        project.write(path, text)
    project.index.run_pass()
    assert project.index.status().state == "ready"
    assert codes(project)["m7.py"] == texts["m7.py"].strip("\n")


def test_a_watched_root_is_folded_in_without_a_search(make_project: Callable[..., Project]) -> None:
    project = make_project("watched", watch=True)
    project.write("a.py", FIRST)
    project.build()
    project.index.refresh(10.0)
    watcher = project.index._watcher
    assert watcher is not None
    deadline = time.monotonic() + 20
    while not watcher.working and time.monotonic() < deadline:
        time.sleep(0.01)
    project.index.refresh(10.0)
    project.write("a.py", OTHER)
    while time.monotonic() < deadline:
        with project.index.snapshot() as snapshot:
            if [chunk.symbol for chunk in snapshot.chunks_in("a.py")] == ["other"]:
                break
        time.sleep(0.02)
    else:
        pytest.fail("the edit was never folded in")


def test_a_sub_folder_is_a_root_of_its_own(make_project: Callable[..., Project]) -> None:
    whole = make_project("mono")
    whole.write("app/a.py", FIRST)
    whole.write("lib/b.py", OTHER)
    subprocess.run(["git", "init", "-q", whole.folder], check=True)
    part = make_project("mono/app")
    whole.build()
    part.build()
    assert set(codes(whole)) == {"app/a.py", "lib/b.py"}
    assert set(codes(part)) == {"a.py"}


def test_a_look_that_takes_long_goes_on_behind_the_search(
    indexed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FEW_SECONDS", 0.0)
    indexed.write("c.py", OTHER)
    assert indexed.index.refresh(0.0) is False, "nobody waits for it"
    assert "c.py" in codes(indexed), "and it is done all the same"
    assert not indexed.index.looking


def test_of_very_many_files_even_the_first_look_does(
    indexed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = indexed.open()
    indexed.write("c.py", OTHER)
    monkeypatch.setattr(patience, "FEW_FILES", 0)
    monkeypatch.setattr(patience, "MANY_FILES", 1)
    assert again.refresh(0.0) is False
    assert again.refresh(20.0) or "c.py" in codes(indexed)
    again.close()
    assert "c.py" in codes(indexed)


def test_no_look_is_waited_for_longer_than_a_search_has_patience(
    indexed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that hangs, or was quick so far: what is known does not tell how long the next look takes."""
    goes_on, seen = threading.Event(), threading.Event()
    scan = indexed.index._writer.scan

    def hanging() -> files.Scan:
        seen.set()
        goes_on.wait(60)
        return scan()

    monkeypatch.setattr(indexed.index._writer, "scan", hanging)
    monkeypatch.setattr(patience, "FEW_SECONDS", 0.05)
    indexed.index._writer.look_seconds = 0.01
    indexed.write("c.py", OTHER)
    assert indexed.index.refresh(0.0) is False
    assert seen.is_set()
    assert not goes_on.is_set(), "the search went on while the look hung"
    assert indexed.index.looking, "and can say so"
    goes_on.set()
    assert "c.py" in codes(indexed)
    assert not indexed.index.looking


def test_what_only_a_scan_can_tell_is_waited_for_no_longer(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project("watched", watch=True)
    project.write("a.py", FIRST)
    project.build()
    project.index.refresh(10.0)
    watcher = project.index._watcher
    assert watcher is not None
    deadline = time.monotonic() + 20
    while not watcher.working and time.monotonic() < deadline:
        time.sleep(0.01)
    project.index.refresh(10.0)
    goes_on = threading.Event()
    scan = project.index._writer.scan
    monkeypatch.setattr(project.index._writer, "scan", lambda: goes_on.wait(60) and scan())
    monkeypatch.setattr(patience, "FEW_SECONDS", 0.05)
    project.write(".gitignore", "a.py\n")
    watcher._note({str(project.folder / ".gitignore")})
    assert project.index.refresh(0.0) is False
    assert not goes_on.is_set()
    goes_on.set()
    assert "a.py" not in codes(project)


def test_a_long_look_lets_the_calls_being_answered_go_first(
    indexed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = [True]
    again = indexed.open(busy=lambda: answering[0])
    monkeypatch.setattr(patience, "FEW_SECONDS", 0.0)
    monkeypatch.setattr(patience, "TURN_SECONDS", 60.0)
    indexed.write("c.py", OTHER)
    assert again.refresh(0.3) is False
    assert again._writer.look_seconds == 0.0, "it has not begun"
    answering[0] = False
    again.refresh(20.0)
    assert again._writer.look_seconds > 0.0
    again.close()


def test_a_look_that_fails_is_made_again(indexed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> files.Scan:
        raise files.RootError("root_unreadable", "the disk hung", "")

    with monkeypatch.context() as patch:
        patch.setattr(indexed.index._writer, "scan", failing)
        indexed.write("c.py", OTHER)
        assert indexed.index.refresh() is False
    assert "the disk hung" in indexed.index.last_error
    assert "c.py" in codes(indexed)


def test_the_longer_a_look_takes_the_rarer_it_is_made_unasked() -> None:
    assert patience.for_a_look(100, 0.0) == patience.FEW_SECONDS
    assert patience.for_a_look(100, 6.0) == 0.0
    assert patience.for_a_look(20_000, 0.0) == patience.LOOK_SECONDS
    assert patience.for_a_look(20_000, 1.0) == patience.LOOK_SECONDS
    assert patience.for_a_look(20_000, 2.0) == 0.0
    assert patience.for_a_look(60_000, 0.0) == 0.0
    assert patience.for_a_look(60_000, 1.0) == patience.LOOK_SECONDS, "known to be quick here"
