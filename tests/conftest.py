"""What holds for every test: groups that need more than Python are run by name only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# No timings are asserted: a loaded machine is not a failure. With TANDEM_REPEATABLE the examples are the
# same in each run, so that what fails is the change and not the draw.
settings.register_profile("patient", deadline=None, derandomize=bool(os.environ.get("TANDEM_REPEATABLE")))
settings.load_profile("patient")

BY_NAME = {
    "browser": "a Chromium and playwright",
    "node": "Node 22 and the npm registry",
    "transformers": "torch and sentence-transformers",
    "soak": "patience: minutes to hours",
}
"""Marked groups that a plain run leaves out, and what each needs. `.ci/run` installs for all but the last."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the groups of `BY_NAME` that ``-m`` does not speak of."""
    left_out = _left_out(config)
    if "browser" not in left_out and find_spec("playwright") is None:
        raise pytest.UsageError("The browser group needs playwright: pip install playwright")
    chosen: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        groups = {mark.name for mark in item.iter_markers()}
        if Path(__file__).parent / "browser" in item.path.parents:
            # marked before `-m` chooses, or that group would be empty and its run would find nothing wrong
            item.add_marker("browser")
            groups.add("browser")
        (others if groups & set(left_out) else chosen).append(item)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = chosen


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte; skips where this user may mount none."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what was left out, so that nobody takes a plain run for all of it."""
    left_out = _left_out(config)
    if len(left_out) == len(BY_NAME):
        terminalreporter.section("left out")
        for group in left_out:
            terminalreporter.line(f"-m {group}: needs {BY_NAME[group]}")


def _left_out(config: pytest.Config) -> list[str]:
    asked = config.getoption("markexpr") or ""
    return [group for group in BY_NAME if group not in asked]
