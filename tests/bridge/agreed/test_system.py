"""What differs between systems, each kind tried here: Windows by a kernel that answers as its does."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from bridge.agreed import system
from bridge.agreed.windows import Kernel32

ACCESS_DENIED, INVALID_PARAMETER = 5, 87
TIMED_OUT, ENDED, FOR_EVER = 0x102, 0, 0xFFFFFFFF


@dataclass
class Windows:
    """Processes as Windows shows them: one that has ended stays open to whoever has a handle."""

    running: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    of_others: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)
    waited: list[int] = field(default_factory=list)

    def open_process(self, access: int, pid: int) -> int:
        assert access == 0x00100000, "SYNCHRONIZE, which needs the least"
        if pid not in self.running | self.ended:
            return 0
        self.open.add(pid)
        return pid

    def last_error(self) -> int:
        return ACCESS_DENIED if self.of_others else INVALID_PARAMETER

    def wait(self, handle: int, milliseconds: int) -> int:
        assert handle in self.open, "the process that was opened"
        self.waited.append(milliseconds)
        return TIMED_OUT if handle in self.running and not milliseconds else ENDED

    def close(self, handle: int) -> None:
        self.open.remove(handle)


def test_a_process_of_windows_runs_until_it_has_ended_even_if_it_can_still_be_opened() -> None:
    windows = Windows(running={7}, ended={8})
    assert system.process_runs(7, windows)
    assert not system.process_runs(8, windows)
    assert not system.process_runs(9, windows)
    assert windows.open == set(), "each handle is given back"


def test_a_process_of_another_user_runs_on_windows_too() -> None:
    assert system.process_runs(9, Windows(of_others={9}))


def test_the_end_of_a_windows_parent_is_waited_for_by_its_handle() -> None:
    windows = Windows(running={os.getppid()})
    system.wait_for_parent(windows)
    assert windows.waited == [FOR_EVER]
    system.wait_for_end(9, windows)  # already gone: there is nothing to wait for
    assert windows.waited == [FOR_EVER]


def test_a_windows_parent_that_may_not_be_watched_is_taken_to_live() -> None:
    watching = threading.Thread(target=system.wait_for_end, args=(9, Windows(of_others={9})), daemon=True)
    watching.start()
    watching.join(0.2)
    assert watching.is_alive()


@pytest.mark.parametrize("pid", [0, -1, 2**31, 2**70])
def test_a_number_that_no_process_has_does_not_run(pid: int) -> None:
    """An endpoint file may say anything; signal 0 to 0 or -1 would speak to many."""
    if sys.platform == "win32" and pid > 0:
        pytest.skip("told by the kernel there")
    assert not system.process_runs(pid)


def test_a_process_of_this_system_runs_until_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert system.process_runs(child.pid)
        child.communicate()
        assert not system.process_runs(child.pid)
    assert system.process_runs(os.getpid())


@pytest.mark.skipif(sys.platform == "win32", reason="users by number")
def test_a_process_of_another_user_runs_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError(pid, number)

    monkeypatch.setattr(os, "kill", refuse)
    assert system.process_runs(1)


class Options:
    """A socket that notes what it is set to."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, int]] = []

    def setsockopt(self, *told: int) -> None:
        self.told.append((told[0], told[1], told[2]))


def test_a_port_is_never_shared_with_a_stranger_on_windows() -> None:
    """There SO_REUSEADDR means sharing; only the exclusive option keeps others out."""
    listening: Any = Options()
    system.take_over(listening, "win32")
    ((_, option, on),) = listening.told
    assert (option, on) == (~socket.SO_REUSEADDR if sys.platform == "win32" else ~4, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has its own way")
def test_a_port_just_left_is_taken_over_but_not_one_in_use() -> None:
    with socket.socket() as first, socket.socket() as second, socket.socket() as third:
        for one in (first, second, third):
            system.take_over(one)
        first.bind(("127.0.0.1", 0))
        first.listen()
        place = first.getsockname()
        with pytest.raises(OSError, match="in use"):
            second.bind(place)
        with socket.create_connection(place) as client:
            accepted, _ = first.accept()
            accepted.close()  # this side closed first: its port lies in TIME_WAIT
            client.recv(1)
        first.close()
        third.bind(place)


@pytest.mark.skipif(sys.platform == "win32", reason="users by number")
def test_whose_a_file_is_and_who_else_may_use_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "endpoint.json"
    file.touch(0o600)
    assert system.another_user(file.stat(), 0o077) == ""
    file.chmod(0o640)
    assert system.another_user(file.stat(), 0o077) == "is open to other users (mode 0640)"
    assert system.another_user(file.stat(), 0o022) == "", "others may read it, which is not asked about"
    assert system.another_user(file.stat(), 0o077, "win32") == "", "its mode bits say nothing"
    monkeypatch.setattr(os, "getuid", lambda: file.stat().st_uid + 1)
    file.chmod(0o600)
    assert system.another_user(file.stat(), 0o077) == f"belongs to another user (uid {file.stat().st_uid})"


class Library:
    """kernel32.dll as ctypes shows it; a handle wider than 32 bits comes back whole."""

    HANDLE = 0x1_0000_0001

    def __init__(self, name: str, use_last_error: bool) -> None:
        assert (name, use_last_error) == ("kernel32", True)
        signature = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint32)
        self.OpenProcess: Any = signature(lambda access, inherit, pid: self.HANDLE if pid == 7 else None)
        self.waited: list[int] = []
        wait = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32)
        self.WaitForSingleObject: Any = wait(self._wait)
        close = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
        self.CloseHandle: Any = close(lambda handle: 1)

    def _wait(self, handle: int, milliseconds: int) -> int:
        self.waited.append(handle)
        return TIMED_OUT


def test_handles_of_windows_keep_their_width() -> None:
    kernel = Kernel32(Library)
    assert kernel.open_process(0x00100000, 7) == Library.HANDLE
    assert kernel.open_process(0x00100000, 8) == 0
    assert kernel.wait(Library.HANDLE, 0) == TIMED_OUT
    kernel.close(Library.HANDLE)
    assert kernel._dll.waited == [Library.HANDLE]
    assert kernel._dll.OpenProcess.restype is ctypes.c_void_p


linux = pytest.mark.skipif(sys.platform != "linux", reason="the system calls of Linux")


def test_the_end_of_a_parent_is_noticed() -> None:
    watch = (
        "import os\nfrom bridge.agreed import system\nprint(os.getpid(), flush=True)\n"
        "system.wait_for_parent()\nprint('noticed')"
    )
    parent = (
        f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {watch!r}])\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        watching = psutil.Process(int(process.stdout.readline()))
        while watching.status() != psutil.STATUS_SLEEPING:  # it waits, however long the machine took
            time.sleep(0.01)
        process.kill()
        # the pipe stays open in the watching process, and is at its end when that one has ended, too
        assert process.stdout.read() == b"noticed\n"


def hung_up(descriptor: int) -> threading.Event:
    noticed = threading.Event()

    def watch() -> None:
        if system.wait_for_hang_up(descriptor):
            noticed.set()

    threading.Thread(target=watch, daemon=True).start()
    return noticed


@linux
def test_a_pipe_that_was_closed_is_told_at_once_even_with_bytes_unread() -> None:
    reading, writing = os.pipe()
    noticed = hung_up(reading)
    os.write(writing, b"not read yet")
    assert not noticed.wait(0.2), "bytes alone are no end"
    os.close(writing)
    assert noticed.wait(30)
    assert os.read(reading, 100) == b"not read yet"
    os.close(reading)


@linux
def test_a_socket_whose_other_end_is_done_writing_is_told() -> None:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        noticed = hung_up(mine.fileno())
        theirs.sendall(b"not read yet")
        assert not noticed.wait(0.2)
        theirs.shutdown(socket.SHUT_WR)
        assert noticed.wait(30)


def test_of_a_plain_file_nothing_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (tmp_path / "file").open("rb") as file:
        assert system.wait_for_hang_up(file.fileno()) is False


@linux
def test_a_process_whose_interpreter_is_taken_ends_all_the_same() -> None:
    # `re` keeps the interpreter's lock through this match, which would take years.
    held = (
        "import re\nfrom bridge.agreed import system\n"
        "system.end_process_in(0.5)\nre.match(r'(a+)+b', 'a' * 64)"
    )
    done = subprocess.run([sys.executable, "-c", held], timeout=60, check=False)
    assert done.returncode == -signal.SIGALRM


@linux
def test_a_child_in_a_long_call_ends_with_its_parent() -> None:
    child = (
        "import re\nfrom bridge.agreed import system\n"
        "system.end_with_parent()\nprint('busy', flush=True)\nre.match(r'(a+)+b', 'a' * 64)"
    )
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"busy\n"
        process.kill()
        assert process.stdout.read() == b"", "the child closed its end of the pipe: it is gone"


@linux
def test_many_threads_share_two_stores_of_freed_memory() -> None:
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("malloc_info is glibc's")
    # glibc tells of each store in XML; twelve threads that take memory at once would make twelve.
    count = """
        import ctypes, tempfile, threading
        from bridge.agreed import limits
        limits.share_freed_memory()
        together = threading.Barrier(12)
        def take():
            together.wait()
            kept = [bytes(2000) for _ in range(200)]
            together.wait()
        threads = [threading.Thread(target=take) for _ in range(12)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        libc = ctypes.CDLL(None)
        libc.fopen.restype = ctypes.c_void_p
        with tempfile.NamedTemporaryFile() as told:
            stream = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
            libc.malloc_info(0, stream)
            libc.fclose(stream)
            print(told.read().count(b"<heap nr="))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(count)], capture_output=True, check=True)
    assert int(done.stdout) <= 2


@pytest.mark.parametrize(("platform", "tries"), [("win32", 4), ("linux", 1), ("darwin", 1)])
def test_a_file_that_somebody_reads_is_replaced_on_windows_once_it_is_read(
    tmp_path: Path, platform: str, tries: int
) -> None:
    new, file = tmp_path / "new", tmp_path / "file"
    new.write_text("new")
    file.write_text("old")
    asked = 0

    def rename(source: str | Path, target: Path) -> None:
        nonlocal asked
        asked += 1
        if asked < 4:
            raise PermissionError(13, "The process cannot access the file")
        Path(source).replace(target)

    if tries == 1:
        with pytest.raises(PermissionError):
            system.put_in_place(new, file, platform, rename)
        assert file.read_text() == "old"
    else:
        system.put_in_place(new, file, platform, rename)
        assert file.read_text() == "new"
    assert asked == tries


def test_one_that_is_never_let_go_of_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_READ_SECONDS", 0.05)

    def rename(source: str | Path, target: Path) -> None:
        raise PermissionError(13, "The process cannot access the file")

    with pytest.raises(PermissionError):
        system.put_in_place(tmp_path / "new", tmp_path / "file", "win32", rename)
