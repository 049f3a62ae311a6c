"""Worker processes: one that dies of a file costs that file only; a cancelled pass starts no more."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies

from codebase_server.index import IndexOptions, RootIndex, pool, prepare, workers
from codebase_server.index.caution import Caution
from codebase_server.index.prepare import Preparation
from codebase_server.index.workers import (
    INLINE_BYTES,
    INLINE_FILE_BYTES,
    INLINE_FILES,
    _shares,
    _weight,
    default_workers,
    prepared_files,
)
from codebase_server.records import SourceFile
from codebase_server.store import Registry
from codebase_server.store.batch import PreparedFile, SkippedFile


class Deadly(str):
    """The path of a file that ends the process that begins to look into it, as a grammar's defect would."""

    __slots__ = ()

    def split(self, *_: object) -> list[str]:
        os._exit(9)

    def __reduce__(self) -> tuple[type[Deadly], tuple[str]]:
        return Deadly, (str(self),)


class Endless(str):
    """The path of a file that the process that begins to look into it is never done with."""

    __slots__ = ()

    def split(self, *_: object) -> list[str]:
        while True:
            pass

    def __reduce__(self) -> tuple[type[Endless], tuple[str]]:
        return Endless, (str(self),)


class Faulty(str):
    """The path of a file that preparing it fails for, as a mistake in this program would."""

    __slots__ = ()

    def split(self, *_: object) -> list[str]:
        raise RuntimeError("nobody foresaw this")

    def __reduce__(self) -> tuple[type[Faulty], tuple[str]]:
        return Faulty, (str(self),)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tmp_path = tmp_path / "root"
    tmp_path.mkdir()
    for number in range(INLINE_FILES + 12):
        (tmp_path / f"m{number:03d}.py").write_text(f"def f{number}():\n    return {number}\n")
    return tmp_path.resolve()


def sized(root: Path) -> list[tuple[str, int]]:
    """The files as if they were so large that workers are worth their start."""
    paths = sorted(root.glob("*.py"))
    return [(path.name, 2 * INLINE_BYTES // len(paths)) for path in paths]


def test_a_file_that_kills_its_worker_is_skipped_and_the_others_are_not(root: Path) -> None:
    given = sized(root)
    given.insert(20, (Deadly("deadly.py"), 10))
    done = list(prepared_files(given, Preparation(str(root)), 2, lambda: False))
    skipped = [one for one in done if isinstance(one, SkippedFile)]
    assert [(one.path, one.reason, one.detail) for one in skipped] == [
        ("deadly.py", "unreadable", "the parser crashed on it, failed, or did not come to an end")
    ]
    prepared = sorted(one.path for one in done if isinstance(one, PreparedFile))
    assert prepared == [path for path, _ in sized(root)], "each of the others once"


def test_a_file_that_a_worker_is_never_done_with_is_skipped_and_the_others_are_not(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "SECONDS_A_TASK", 2.0)
    given = [(Endless("endless.py"), 10), ("m001.py", 10)]
    done = list(prepared_files(given, Preparation(str(root)), 1, lambda: False, apart=True))
    assert {one.path: type(one) for one in done} == {"endless.py": SkippedFile, "m001.py": PreparedFile}


@pytest.mark.parametrize("size", [10, INLINE_BYTES])
def test_a_file_that_preparing_fails_for_is_skipped_and_the_others_are_not(root: Path, size: int) -> None:
    given = [("m000.py", size), (Faulty("faulty.py"), size), ("m001.py", size)]
    done = {one.path: type(one) for one in prepared_files(given, Preparation(str(root)), 2, lambda: False)}
    assert done == {"m000.py": PreparedFile, "faulty.py": SkippedFile, "m001.py": PreparedFile}


def test_a_few_large_files_are_not_parsed_in_the_process_that_has_to_answer(root: Path) -> None:
    given = [(Deadly("deadly.py"), 1_000_000), ("m000.py", 1_000_000)]
    done = {one.path: type(one) for one in prepared_files(given, Preparation(str(root)), 2, lambda: False)}
    assert done == {"deadly.py": SkippedFile, "m000.py": PreparedFile}


@pytest.mark.parametrize("workers", [1, 2])
def test_nor_is_one_that_takes_a_second_for_itself(root: Path, workers: int) -> None:
    given = [("m000.py", 10), (Deadly("deadly.py"), INLINE_FILE_BYTES + 1), ("m001.py", 10)]
    done = {
        one.path: type(one) for one in prepared_files(given, Preparation(str(root)), workers, lambda: False)
    }
    assert done == {"deadly.py": SkippedFile, "m000.py": PreparedFile, "m001.py": PreparedFile}


DEEP = """
import re, sys
from codebase_server.index import workers
from codebase_server.index.prepare import Preparation
if __name__ == "__main__":
    given = [("deep.cs", 24_000), ("m000.py", 10)]
    done = list(workers.prepared_files(given, Preparation(sys.argv[1]), 2, lambda: False))
    status = open("/proc/self/status").read()  # getrusage knows the peak of who started this process, too
    print(sorted(one.path for one in done), int(re.search(r"VmHWM:\\s*(\\d+)", status)[1]) // 1024)
"""


def test_code_that_is_open_in_thousands_of_places_takes_no_memory_of_the_process_that_has_to_answer(
    root: Path, tmp_path: Path
) -> None:
    """So little of it takes a parser half a gigabyte, twice as much two."""
    (root / "deep.cs").write_text("A<\n" * 8_000)
    script = tmp_path / "script.py"
    script.write_text(DEEP)
    told = subprocess.run(
        [sys.executable, str(script), str(root)], capture_output=True, text=True, check=True
    ).stdout
    paths, _, megabytes = told.strip().rpartition(" ")
    assert paths == "['deep.cs', 'm000.py']"
    assert int(megabytes) < 250


@pytest.mark.skipif(sys.platform != "linux", reason="no other system refuses memory")
def test_what_would_take_all_memory_here_is_parsed_apart(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = prepare.prepare_read

    def greedy(found: list[SourceFile], how: Preparation) -> object:
        bytes(pool.MOST_MEMORY)
        return real(found, how)

    monkeypatch.setattr(workers, "prepare_read", greedy)
    before = resource.getrlimit(resource.RLIMIT_DATA)
    done = list(prepared_files([("m000.py", 10), ("m001.py", 10)], Preparation(str(root)), 2, lambda: False))
    assert sorted(one.path for one in done) == ["m000.py", "m001.py"]
    assert all(isinstance(one, PreparedFile) for one in done)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


PASS_WITHOUT_END = """
import os, re, sys
from pathlib import Path
from codebase_server.index import IndexOptions, RootIndex, prepare, workers
from codebase_server.store import Registry
workers.SECONDS_HERE = 0.5
read = prepare.files.read
def read_for_ever(root, path, **how):
    if path == "m007.py":
        re.match("(a|a)*b", "a" * 60)  # one step of a library, in which no thread gets a turn
    return read(root, path, **how)
prepare.files.read = read_for_ever
RootIndex(Path(sys.argv[1]), Registry(Path(sys.argv[2])), IndexOptions(watch=False)).run_pass()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no timer of the system ends a process there")
def test_a_process_that_is_never_done_with_a_file_ends_and_the_next_one_parses_apart(
    root: Path, tmp_path: Path
) -> None:
    """Otherwise it would stay when its host has gone: no thread of it sees that."""
    data = tmp_path / "data"
    ended = subprocess.run(
        [sys.executable, "-c", PASS_WITHOUT_END, str(root), str(data)], check=False, timeout=300
    )
    assert ended.returncode == -signal.SIGPROF
    (note,) = data.rglob("parsing")
    assert Caution(note.with_name("index.sqlite3")).is_due


@pytest.mark.parametrize("workers", [0, 2])
def test_what_must_be_apart_is_so_however_little_it_is(root: Path, workers: int) -> None:
    given = [(Deadly("deadly.py"), 10), ("m001.py", 10)]
    done = list(prepared_files(given, Preparation(str(root)), workers, lambda: False, apart=True))
    assert sorted((one.path, isinstance(one, PreparedFile)) for one in done) == [
        ("deadly.py", False),
        ("m001.py", True),
    ]


PASS_THAT_DIES = """
import os, sys
from pathlib import Path
from codebase_server.index import IndexOptions, RootIndex, pool, workers
from codebase_server.store import Registry
RootIndex(Path(sys.argv[1]), Registry(Path(sys.argv[2])), IndexOptions(watch=False)).run_pass(
    progress=lambda done, total, message: os._exit(9)
)
"""


def test_after_a_process_that_died_parsing_the_next_pass_parses_apart(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    died = subprocess.run([sys.executable, "-c", PASS_THAT_DIES, str(root), str(data)], check=False)
    assert died.returncode == 9
    (note,) = data.rglob("parsing")
    assert Caution(note.with_name("index.sqlite3")).is_due

    index = RootIndex(root, Registry(data), IndexOptions(watch=False))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert index.run_pass().files == INLINE_FILES + 12
    index.close()
    assert eventually(lambda: resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before + 0.05)
    assert not note.exists()


def test_a_pass_that_ends_leaves_no_note(root: Path, tmp_path: Path) -> None:
    index = RootIndex(root, Registry(tmp_path / "data"), IndexOptions(watch=False))
    index.run_pass()
    index.close()
    assert not list(tmp_path.rglob("parsing"))


def eventually(happens: Callable[[], bool]) -> bool:
    """Whether something happens within a minute: workers are waited for when they have ended."""
    until = time.monotonic() + 60
    while not happens() and time.monotonic() < until:
        multiprocessing.active_children()  # waits for those that have ended
        time.sleep(0.02)
    return happens()


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_is_begun_once_cancelled(root: Path, workers: int) -> None:
    given = [(Deadly(path), size) for path, size in sized(root)]
    assert list(prepared_files(given, Preparation(str(root)), workers, lambda: True)) == []


def test_a_pass_that_is_cancelled_while_it_mourns_ends(root: Path) -> None:
    given = sized(root)
    given.insert(0, (Deadly("deadly.py"), 10))
    done: list[PreparedFile | SkippedFile] = []
    for one in prepared_files(given, Preparation(str(root)), 2, lambda: bool(done)):
        done.append(one)
    assert len(done) <= len(given)
    assert not any(isinstance(one, SkippedFile) for one in done)


@given(strategies.lists(strategies.integers(0, 2_000_000), max_size=300))
def test_what_is_shared_out_is_all_of_it_in_order_and_ends_with_little(sizes: list[int]) -> None:
    files = [(f"f{number}", size) for number, size in enumerate(sizes)]
    shares = _shares(files)
    assert [path for share in shares for path in share] == [path for path, _ in files]
    weight = {path: _weight([(path, size)]) for path, size in files}
    left = sum(weight.values())
    for share in shares:
        held = sum(weight[path] for path in share)
        assert len(share) == 1 or held <= max(left / 3, 32 * 1024)
        left -= held


def test_there_is_a_worker_a_core_up_to_eight() -> None:
    assert 1 <= default_workers() <= 8


class Greedy(str):
    """The path of a file for which a worker wants more memory than it may have."""

    __slots__ = ()

    def split(self, *_: object) -> list[str]:
        return [" " * (pool.MOST_MEMORY + (64 << 20))]

    def __reduce__(self) -> tuple[type[Greedy], tuple[str]]:
        return Greedy, (str(self),)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system refuses memory")
def test_a_file_that_takes_too_much_memory_is_skipped_and_the_others_are_not(root: Path) -> None:
    given = sized(root)
    given.insert(20, (Greedy("greedy.py"), 10))
    done = list(prepared_files(given, Preparation(str(root)), 2, lambda: False))
    assert [one.path for one in done if isinstance(one, SkippedFile)] == ["greedy.py"]
    prepared = sorted(one.path for one in done if isinstance(one, PreparedFile))
    assert prepared == [path for path, _ in sized(root)], "each of the others once"
