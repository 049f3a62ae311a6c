"""Running tests in a copy of the tree: once to see which lines each reaches, then once a change."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import psutil
import pytest

import coverage
from bench.mutants.changes import HERE, Change, made

Outcome = Literal["killed", "survived", "by the clock", "not reached"]

PATIENCE = 8
"""How many times the seconds that tests took without a change they may take with it, beside twenty."""

STILL = 60.0
STILL_TAKES = 0.5
"""Tests that took less of the processor than the second within the first, in seconds, wait for nothing that
comes: they are ended. A test that sleeps or waits for others takes more, on a busy machine too."""

FAILED = (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
"""What tells of a change; a test that is not found tells nothing."""

OPTIONS = ["-q", "-x", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]


@dataclass
class Reach:
    """What is known of the tests of an area: seconds of each, and the tests that ran through each line."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def through(self, change: Change) -> list[str]:
        """The tests that ran through the changed statement, quickest first."""
        first, last = change.lines
        lines = self.lines.get(change.path, {})
        found = {test for line in range(first, last + 1) for test in lines.get(line, ())}
        return sorted(found, key=lambda test: (self.seconds[test], test))

    def files(self) -> list[str]:
        """All files of tests, those that take least first."""
        took: dict[str, float] = defaultdict(float)
        for test, seconds in self.seconds.items():
            took[test.split("::")[0]] += seconds
        return sorted(took, key=lambda file: (took[file], file))


def reach(tests: Sequence[str], tree: Path, kept: Path) -> Reach:
    """Run the tests on the unchanged copy, which all must pass, and see which lines each runs through.

    ``kept`` is a folder: as long as neither tests nor sources change, they need not be run again for that.
    """
    told = kept / f"reach-{_state(tests, tree)}.json"
    if not told.exists():
        status = _in_a_fork(lambda: _measured(tests, tree, told), tree, None)
        if status != 0:
            told.unlink(missing_ok=True)
            raise SystemExit(f"Without a change the tests must pass; pytest ended with {status}.")
    read = json.loads(told.read_text())
    _import_what_is_not_ours(read["modules"], tree)
    lines = {
        path: {int(line): tests for line, tests in by_line.items()} for path, by_line in read["lines"].items()
    }
    return Reach(read["seconds"], lines)


def noticed(change: Change, known: Reach, tree: Path) -> Outcome:
    """Whether a test of the area fails for the change.

    Those that ran through it are asked first, then all tests of their files: a fixture of several tests ran
    in the first of them alone. Before it counts as survived, or as reached by none, every test of the area
    is: what is kept for later ones ran in the first of all, and what runs in a process that a test starts
    is not seen.
    """
    chosen = known.through(change)
    files = sorted({test.split("::")[0] for test in chosen})
    with made(change, tree):
        for asked in filter(None, (chosen, files, known.files())):
            whole = sum(
                took for test, took in known.seconds.items() if {test, test.split("::")[0]} & {*asked}
            )
            status = _in_a_fork(partial(pytest.main, [*OPTIONS, *asked]), tree, whole)
            if status is None:
                return "by the clock"
            if status in FAILED or status < 0:
                return "killed"
    if status != 0:
        raise SystemExit(f"The tests of {change} could not be asked: pytest ended with {status}.")
    return "survived" if chosen else "not reached"


def _state(tests: Sequence[str], tree: Path) -> str:
    """A hash of the sources, of these tests and of what tests share."""
    chosen = [tree / test for test in tests]
    shared = [file for file in (tree / "tests").rglob("*.py") if not file.name.startswith("test_")]
    asked = [file for test in chosen for file in ([test] if test.is_file() else test.rglob("*.py"))]
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted({*shared, *asked, *(tree / "src").rglob("*.py")}):
        digest.update(f"{file.relative_to(tree)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _in_a_fork(run: Callable[[], int], tree: Path, seconds: float | None) -> int | None:
    """The exit status of ``run`` in a process of its own, whose group ends with it.

    None when it took far longer than ``seconds``, counted in processor time: on a busy machine the clock on
    the wall tells of others. What takes next to none of it waits for nothing and is ended, too.
    """
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.setsid()
            os.chdir(tree)
            if seconds is not None:
                limit = int(20 + PATIENCE * seconds)
                resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.dup2(nowhere, 2)
            os.environ.update(PYTHONPATH=str(tree / "src"), TMPDIR=str(tree.parent), TANDEM_REPEATABLE="1")
            tempfile.tempdir = str(tree.parent)
            sys.path[:] = [str(tree / "src"), str(tree), *(p for p in sys.path if p not in ("", str(HERE)))]
            status = int(run())
        except BaseException:
            traceback.print_exc()  # of the bench itself: pytest tells its own by a status
        finally:
            sys.stdout.flush()
            os._exit(status)
    return _ended(child, patient=seconds is None)


def _ended(child: int, *, patient: bool) -> int | None:
    """The exit status of a child, whose group ends with it; None where it took too long, or stood still."""
    looked, taken = time.monotonic(), 0.0
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)  # servers that a failed test left behind
            code = os.waitstatus_to_exitcode(status)
            return None if code in (-signal.SIGXCPU, -signal.SIGKILL) else code
        if not patient and time.monotonic() - looked > STILL:
            now = _taken(child)
            if now - taken < STILL_TAKES:
                os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return None
            looked, taken = time.monotonic(), now
        time.sleep(0.02)


def _taken(child: int) -> float:
    """Seconds of the processor of a process, of those that it waited for, and of those that run below it."""
    seconds = 0.0
    with contextlib.suppress(psutil.Error):
        for process in (family := psutil.Process(child), *family.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                seconds += sum(process.cpu_times()[:4])
    return seconds


class _Watching:
    """Tells coverage which test is running, and how long each took."""

    def __init__(self, coverage: object) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item):  # type: ignore[no-untyped-def]
        self.coverage.switch_context(item.nodeid)  # type: ignore[attr-defined]
        begun = time.monotonic()
        yield
        self.seconds[item.nodeid] = time.monotonic() - begun


def _measured(tests: Sequence[str], tree: Path, told: Path) -> int:
    tracer = coverage.Coverage(data_file=None, source=[str(tree / "src")], config_file=False)
    watching = _Watching(tracer)
    tracer.start()
    status = pytest.main([*OPTIONS, "--durations=5", *tests], plugins=[watching])
    tracer.stop()
    data = tracer.get_data()
    lines = {}
    for path in data.measured_files():
        name = Path(path).relative_to(tree).as_posix()
        by_line = data.contexts_by_lineno(path)
        lines[name] = {line: [test for test in ran if test] for line, ran in by_line.items()}
    told.write_text(json.dumps({"seconds": watching.seconds, "lines": lines, "modules": _not_ours(tree)}))
    return int(status)


def _not_ours(tree: Path) -> list[str]:
    """Loaded modules that no change can touch."""
    ours = {entry.name for entry in (tree / "src").iterdir()} | {"tests", "bench", "coverage", "__main__"}
    return [name for name in sys.modules if name.split(".")[0] not in ours and "conftest" not in name]


def _import_what_is_not_ours(modules: Sequence[str], tree: Path) -> None:
    """Load once what every fork would load again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    ours = {entry.name for entry in (tree / "src").iterdir()}
    assert not ours & {name.split(".")[0] for name in sys.modules}, "a fork would not see its change"
