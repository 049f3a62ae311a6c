"""Worker processes: one that dies of a file costs that file only; a cancelled pass starts no more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codebase_server.index.prepare import Preparation
from codebase_server.index.workers import INLINE_BYTES, INLINE_FILES, default_workers, prepared_files
from codebase_server.store.batch import PreparedFile, SkippedFile


class Deadly(str):
    """The path of a file that ends the process that begins to look into it, as a grammar's defect would."""

    __slots__ = ()

    def split(self, *_: object) -> list[str]:
        os._exit(9)

    def __reduce__(self) -> tuple[type[Deadly], tuple[str]]:
        return Deadly, (str(self),)


@pytest.fixture
def root(tmp_path: Path) -> Path:
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
        ("deadly.py", "unreadable", "the parser crashed on it")
    ]
    prepared = sorted(one.path for one in done if isinstance(one, PreparedFile))
    assert prepared == [path for path, _ in sized(root)], "each of the others once"


def test_a_few_large_files_are_not_parsed_in_the_process_that_has_to_answer(root: Path) -> None:
    given = [(Deadly("deadly.py"), 1_000_000), ("m000.py", 1_000_000)]
    done = {one.path: type(one) for one in prepared_files(given, Preparation(str(root)), 2, lambda: False)}
    assert done == {"deadly.py": SkippedFile, "m000.py": PreparedFile}


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


def test_there_is_a_worker_a_core_up_to_eight() -> None:
    assert 1 <= default_workers() <= 8
