"""The kernel is asked whether anything was changed: an empty queue denies it, and nothing else does."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codebase_server.index.notices import Notices

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has such a queue")

MOMENT = 0.05


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "inner" / "deep").mkdir(parents=True)
    for path in ("a.py", "inner/b.py", "inner/deep/c.py"):
        (root / path).write_text("x = 1\n")
    return root


def folders(root: Path) -> list[str]:
    return sorted(str(one.relative_to(root)).removeprefix(".") for one in (root, *root.rglob("*/")))


@pytest.fixture
def are_none(root: Path) -> Iterator[Callable[[str], bool]]:
    notices = Notices(root)
    yield lambda generation: notices.are_none(generation, lambda: folders(root), MOMENT)
    notices.close()


def wait() -> None:
    time.sleep(MOMENT * 1.5)


def test_nothing_is_known_of_the_moment_before_the_first_question(are_none: Callable[[str], bool]) -> None:
    assert not are_none("g.1")
    assert not are_none("g.1")
    wait()
    assert are_none("g.1")
    assert are_none("g.1")


def in_place(root: Path) -> None:
    with (root / "inner/deep/c.py").open("a") as file:
        file.write("y = 2\n")


def by_replacing(root: Path) -> None:
    (root / "a.new").write_text("y = 2\n")
    (root / "a.new").replace(root / "a.py")


def by_moving(root: Path) -> None:
    (root / "a.py").rename(root / "inner/a.py")


def by_a_link(root: Path) -> None:
    os.link(root / "a.py", root / "inner/linked.py")


def by_deleting(root: Path) -> None:
    (root / "inner/b.py").unlink()


def its_mode(root: Path) -> None:
    (root / "a.py").chmod(0o755)


def a_new_folder(root: Path) -> None:
    (root / "new").mkdir()
    (root / "new/d.py").write_text("z = 3\n")


def a_folder_away(root: Path) -> None:
    (root / "inner/deep").rename(root.parent / "deep")


CHANGES = [in_place, by_replacing, by_moving, by_a_link, by_deleting, its_mode, a_new_folder, a_folder_away]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_known_in_the_moment_it_is_made(
    root: Path, are_none: Callable[[str], bool], change: Callable[[Path], None]
) -> None:
    are_none("g.1")
    wait()
    assert are_none("g.1")
    change(root)
    assert not are_none("g.1")
    assert not are_none("g.1"), "for a moment, however often it is asked"
    wait()
    are_none("g.1")
    wait()
    assert are_none("g.1")


def test_what_a_new_folder_holds_later_is_known(root: Path, are_none: Callable[[str], bool]) -> None:
    are_none("g.1")
    (root / "new").mkdir()
    are_none("g.1")
    are_none("g.1")
    wait()
    assert are_none("g.1")
    (root / "new/d.py").write_text("z = 3\n")
    assert not are_none("g.1")


def test_what_a_folder_holds_that_was_put_in_the_place_of_another_is_known(
    root: Path, are_none: Callable[[str], bool]
) -> None:
    are_none("g.1")
    (root / "inner").rename(root / "was_inner")
    (root / "inner").mkdir()
    are_none("g.1")
    are_none("g.1")
    wait()
    assert are_none("g.1")
    (root / "inner/b.py").write_text("z = 3\n")
    assert not are_none("g.1")


def test_a_new_generation_may_have_new_folders(root: Path) -> None:
    """Of those nothing is known at first; what is known of the others stands."""
    notices, indexed = Notices(root), ["", "inner"]
    notices.are_none("g.1", lambda: indexed, MOMENT)
    wait()
    assert notices.are_none("g.2", lambda: indexed, MOMENT)
    indexed.append("inner/deep")
    assert notices.are_none("g.2", lambda: indexed, MOMENT)
    assert not notices.are_none("g.3", lambda: indexed, MOMENT)
    wait()
    assert notices.are_none("g.3", lambda: indexed, MOMENT)
    (root / "inner/deep/c.py").write_text("y = 2\n")
    assert not notices.are_none("g.3", lambda: indexed, MOMENT)
    notices.close()


def test_more_than_the_queue_holds_is_known(root: Path, are_none: Callable[[str], bool]) -> None:
    are_none("g.1")
    wait()
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    one, other = root / "a.py", root / "inner/b.py"
    for _ in range(most // 2 + 10):  # two in turn: what is the same twice in a row is kept once
        os.utime(one)
        os.utime(other)
    assert not are_none("g.1")


def test_reading_is_no_change(root: Path, are_none: Callable[[str], bool]) -> None:
    are_none("g.1")
    wait()
    (root / "a.py").read_text()
    list(root.rglob("*"))
    assert are_none("g.1")


def test_what_the_system_refuses_is_not_known(root: Path) -> None:
    """No queue can be had: nothing is denied for want of one."""
    import resource

    next_free = os.dup(0)
    os.close(next_free)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    notices = Notices(root)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_free, before[1]))
    try:
        assert not notices.are_none("g.1", lambda: [""], MOMENT)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    wait()
    assert not notices.are_none("g.1", lambda: [""], MOMENT)
    notices.close()


def test_a_closed_one_knows_nothing(root: Path) -> None:
    notices = Notices(root)
    notices.are_none("g.1", lambda: [""], MOMENT)
    wait()
    notices.close()
    notices.close()
    assert not notices.are_none("g.1", lambda: [""], MOMENT)
