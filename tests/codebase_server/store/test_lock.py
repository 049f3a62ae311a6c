"""Who may write: one at a time, told by name, and free at once when its holder is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bridge.hosting import waits
from codebase_server.store import SystemLock, WriterBusyError


def test_who_holds_it_is_told_as_long_as_it_is_held(tmp_path: Path) -> None:
    lock = SystemLock(tmp_path / "writer.lock")
    assert (lock.holder(), lock.is_held()) == (None, False)
    with lock.held():
        assert (lock.holder(), lock.is_held()) == (os.getpid(), True)
        assert (tmp_path / "writer.pid").read_text() == str(os.getpid())
    assert (lock.holder(), lock.is_held()) == (None, False)
    assert not (tmp_path / "writer.pid").exists()


def test_a_note_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    """As on a full disk; then nobody is named."""
    (tmp_path / "writer.pid").mkdir()
    lock = SystemLock(tmp_path / "writer.lock")
    with lock.held():
        assert (lock.holder(), lock.is_held()) == (None, True)
        with pytest.raises(WriterBusyError, match="is being written"), SystemLock(lock.file).held():
            pass
    assert not lock.is_held()


def test_whoever_comes_second_is_told_who_was_first(tmp_path: Path) -> None:
    lock = SystemLock(tmp_path / "writer.lock")
    with lock.held():
        with pytest.raises(WriterBusyError) as told, SystemLock(lock.file).held():
            pass
        assert str(told.value).startswith(
            f"The index of this repository is being written by process {os.getpid()}."
        )
        assert told.value.details == {"file": str(lock.file)}
        assert lock.is_held(), "the refused one did not free it"
        assert lock.holder() == os.getpid()
    with lock.held():
        pass


def test_whoever_has_patience_gets_it_when_it_is_free(tmp_path: Path) -> None:
    lock = SystemLock(tmp_path / "writer.lock")
    got = threading.Event()

    def wait() -> None:
        with lock.held(wait_seconds=60):
            got.set()

    with lock.held():
        thread = threading.Thread(target=wait)
        thread.start()
        while lock.waiting == 0:  # bounded by the test's own time limit
            pass
        assert (lock.waiting, got.is_set()) == (1, False)
    thread.join(60)
    assert got.is_set()
    assert lock.waiting == 0


def test_it_is_freed_when_what_was_done_with_it_failed(tmp_path: Path) -> None:
    lock = SystemLock(tmp_path / "writer.lock")
    with pytest.raises(ZeroDivisionError), lock.held():
        raise ZeroDivisionError
    assert not lock.is_held()
    assert not (tmp_path / "writer.pid").exists()


@pytest.mark.parametrize("note", ["no number", "", "4711"])
def test_a_note_that_somebody_left_names_nobody(tmp_path: Path, note: str) -> None:
    lock = SystemLock(tmp_path / "writer.lock")
    lock.file.touch()
    (tmp_path / "writer.pid").write_text(note)
    assert lock.holder() is None


def test_a_held_lock_whose_note_is_gone_is_held_by_somebody(tmp_path: Path) -> None:
    lock = SystemLock(tmp_path / "writer.lock")
    with lock.held():
        (tmp_path / "writer.pid").unlink()
        assert (lock.holder(), lock.is_held()) == (None, True)
        with pytest.raises(WriterBusyError, match="written by another process"), lock.held():
            pass


def test_a_killed_holder_leaves_it_free(tmp_path: Path) -> None:
    lock = SystemLock(tmp_path / "writer.lock")
    code = (
        "import sys; from pathlib import Path; from codebase_server.store import SystemLock\n"
        f"with SystemLock(Path({str(lock.file)!r})).held():\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert lock.holder() == holder.pid
        holder.kill()
        holder.wait()
    assert lock.holder() is None
    with lock.held():
        assert lock.holder() == os.getpid()


def test_how_long_somebody_waited_is_noted_by_the_name_of_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[tuple[str, float]] = []
    monkeypatch.setattr(waits, "note", lambda what, seconds: noted.append((what, seconds)))
    with SystemLock(tmp_path / "writer.lock").held():
        pass
    assert [what for what, _ in noted] == ["the lock writer.lock"]
    assert 0 <= noted[0][1] < 60
