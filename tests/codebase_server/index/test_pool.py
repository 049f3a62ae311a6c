"""Workers wait a while for the next root, and whoever finds them gone starts others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from codebase_server.index import pool as pools
from codebase_server.index.pool import Pool, expect_more, pool_of, ready_pool
from codebase_server.index.prepare import Preparation
from codebase_server.index.workers import INLINE_BYTES, prepared_files
from codebase_server.store.batch import PreparedFile


@pytest.fixture(autouse=True)
def none_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No pool of another test waits when one begins, and none is left behind; on a busy machine none leaves
    in the middle of a test."""
    let_go()
    monkeypatch.setattr(pools, "KEPT_SECONDS", 600.0)
    yield
    let_go()


def let_go() -> None:
    for pool in list(pools._kept):
        pool.end()
    assert eventually(lambda: not pools._kept)


def eventually(happens: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether something happens within so many seconds."""
    until = time.monotonic() + seconds
    while not happens() and time.monotonic() < until:
        time.sleep(0.02)
    return happens()


def processes(pool: Pool) -> set[int]:
    """The ids of a pool's workers, once all have started."""
    assert eventually(lambda: pool.is_ready)
    return set(pool._executor._processes)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number in range(120):
        (tmp_path / f"m{number:03d}.py").write_text(f"def f{number}():\n    return {number}\n")
    return tmp_path.resolve()


def sized(root: Path, bytes_: int) -> list[tuple[str, int]]:
    paths = sorted(root.glob("*.py"))
    return [(path.name, bytes_ // len(paths)) for path in paths]


def prepared(given: list[tuple[str, int]], root: Path) -> list[str]:
    done = prepared_files(given, Preparation(str(root)), 2, lambda: False)
    return sorted(one.path for one in done if isinstance(one, PreparedFile))


def test_the_next_root_has_the_workers_of_the_one_before(root: Path) -> None:
    given = sized(root, 2 * INLINE_BYTES)
    assert prepared(given, root) == [path for path, _ in given]
    pool = pool_of(2)
    before = processes(pool)
    pool.keep()
    assert prepared(given, root) == [path for path, _ in given]
    pool = pool_of(2)
    assert processes(pool) == before
    pool.end()


def test_the_workers_of_a_large_root_end_with_its_pass(root: Path) -> None:
    given = sized(root, 11_000_000)
    assert prepared(given, root) == [path for path, _ in given]
    assert not pools._kept
    assert eventually(lambda: not multiprocessing.active_children())


def test_workers_for_which_nobody_comes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "KEPT_SECONDS", 0.05)
    pool = pool_of(2)
    numbers = processes(pool)
    pool.keep()
    assert eventually(lambda: not any(psutil.pid_exists(number) for number in numbers))
    assert not pools._kept


def test_a_worker_that_is_let_go_finishes_what_it_is_at() -> None:
    """One that is killed while it hands its result over holds a lock that the others wait for, forever."""
    pool = pool_of(2)
    numbers = processes(pool)
    sizes = [pool.submit(slow_and_large, 2_000_000) for _ in range(2)]
    assert eventually(lambda: all(size.running() for size in sizes))
    pool.end()
    assert [len(size.result(60)) for size in sizes] == [2_000_000, 2_000_000]
    assert eventually(lambda: not any(psutil.pid_exists(number) for number in numbers))


def test_what_waits_for_a_worker_is_not_begun_once_the_pool_ends() -> None:
    pool = pool_of(1)
    processes(pool)
    waiting = [pool.submit(slow_and_large, 1) for _ in range(10)]
    pool.end()
    assert eventually(lambda: all(one.done() for one in waiting))
    assert sum(one.cancelled() for one in waiting) >= 5


def slow_and_large(size: int) -> bytes:
    time.sleep(0.5)
    return b"x" * size


def test_a_pass_whose_waiting_workers_were_killed_starts_others(root: Path) -> None:
    pool = pool_of(2)
    for number in processes(pool):
        os.kill(number, signal.SIGKILL)
    pool.keep()
    given = sized(root, 2 * INLINE_BYTES)
    assert prepared(given, root) == [path for path, _ in given]


def test_little_is_prepared_beside_workers_that_stand_ready_each_file_once(root: Path) -> None:
    expect_more(2)
    (pool,) = pools._kept
    numbers = processes(pool)
    given = sized(root, 100_000)
    assert prepared(given, root) == [path for path, _ in given]
    again = ready_pool(2)
    assert again is not None
    assert processes(again) == numbers
    again.end()


def test_two_passes_at_once_do_not_share_workers() -> None:
    one, other = pool_of(1), pool_of(1)
    assert processes(one).isdisjoint(processes(other))
    one.keep()
    other.keep()  # of two, one is enough
    assert eventually(lambda: not other._executor._processes)
    assert pools._kept == [one]


def test_pools_of_two_sizes_wait_beside_each_other() -> None:
    one, two = pool_of(1), pool_of(2)
    one.keep()
    two.keep()
    assert pools._kept == [one, two]
    assert pool_of(2) is two
    assert pool_of(1) is one
    one.end()
    two.end()


def test_a_pool_waits_as_long_as_anyone_wanted_it_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "KEPT_SECONDS", 0.05)
    pool = pool_of(1)
    pool.keep(600.0)
    assert pool_of(1) is pool
    pool.keep()
    assert not eventually(lambda: not pools._kept, seconds=0.5)
    pool.end()


def test_the_next_edit_of_a_shell_script_has_the_worker_of_the_one_before(root: Path) -> None:
    (root / "ship.sh").write_text("ship() {\n  echo shipped\n}\n")
    assert prepared([("ship.sh", 30), ("m000.py", 30)], root) == ["m000.py", "ship.sh"]
    (pool,) = pools._kept
    before = processes(pool)
    assert prepared([("ship.sh", 30)], root) == ["ship.sh"]
    assert pools._kept == [pool]
    assert processes(pool) == before


def test_a_process_that_indexes_small_roots_one_after_the_other_starts_workers(root: Path) -> None:
    given = sized(root, INLINE_BYTES * 2 // 3)
    assert prepared(given, root)
    assert prepared(given, root)
    assert eventually(lambda: bool(pools._kept))


def test_a_worker_loads_nothing_of_what_keeps_an_index() -> None:
    """Each of several processes would, and wait for it before its first file."""
    code = (
        "import sys; import codebase_server.index.workers, codebase_server.index.prepare; "
        "print(*sorted(sys.modules.keys() & {'sqlite3', 'filelock', 'codebase_server.store.database', "
        "'codebase_server.index.passes', 'codebase_server.search', 'codebase_server.files.git', 'pathspec', "
        "'codebase_server.identity.match'}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == []
