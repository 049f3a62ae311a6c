"""What git gave no answer about is not asked again for a while, by no process of this user."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bridge.agreed import places, slow_git

NAMES = ("shop", "shop2", "läden", os.fsdecode(b"caf\xe9"))


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path / "cache")
    slow_git.forget_known()
    return [tmp_path / name for name in NAMES]


def notes(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "slow-git").iterdir())


def test_each_folder_and_each_question_is_remembered_by_itself_and_by_other_processes(
    folders: list[Path], tmp_path: Path
) -> None:
    for folder in folders:
        slow_git.note("files", folder, 10.0)
    slow_git.note("history", folders[0], 10.0)
    slow_git.forget_known()  # as a process that begins
    assert [slow_git.is_resting("files", folder) for folder in folders] == [True] * 4
    assert [slow_git.is_resting("history", folder) for folder in folders] == [True, False, False, False]
    assert not slow_git.is_resting("files", tmp_path)
    assert len(notes(tmp_path)) == 5


def test_it_rests_sixty_times_as_long_as_was_waited_and_half_an_hour_at_most(
    folders: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    for folder, waited in zip(folders, (1.0, 10.0, 29.0, 3_600.0), strict=True):
        slow_git.note("files", folder, waited)
    resting = {}
    for passed in (0, 59, 61, 599, 601, 1_799, 1_801):
        monkeypatch.setattr(time, "time", lambda passed=passed: now + passed)
        resting[passed] = sum(slow_git.is_resting("files", folder) for folder in folders)
    assert resting == {0: 4, 59: 4, 61: 3, 599: 3, 601: 2, 1_799: 1, 1_801: 0}
    monkeypatch.setattr(time, "time", lambda: now - 86_400)
    assert not slow_git.is_resting("files", folders[3]), "the clock was set back"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"until": "soon"}', '{"folder": "other", "until": 9e99}', "\x00"]
)
def test_a_note_that_says_nothing_of_this_folder_keeps_nobody(
    folders: list[Path], tmp_path: Path, text: str
) -> None:
    slow_git.note("files", folders[0], 10.0)
    (note,) = notes(tmp_path)
    note.write_text(text)
    slow_git.forget_known()
    assert not slow_git.is_resting("files", folders[0])


def test_where_no_note_can_be_written_this_process_remembers(folders: list[Path], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    slow_git.note("files", folders[0], 10.0)
    assert slow_git.is_resting("files", folders[0])
    slow_git.forget_known()
    assert not slow_git.is_resting("files", folders[0])


def test_old_notes_are_removed_by_the_next(folders: list[Path], tmp_path: Path) -> None:
    slow_git.note("files", folders[0], 10.0)
    (old,) = notes(tmp_path)
    os.utime(old, (time.time() - 1_900, time.time() - 1_900))
    slow_git.note("files", folders[1], 10.0)
    assert old not in notes(tmp_path)
    assert len(notes(tmp_path)) == 1
