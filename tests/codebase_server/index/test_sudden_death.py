"""Processes that die at any moment: what was published stays, and is never done again."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench.indexing import soak

from codebase_server.index.audit import audit

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

PASS = """
import sys
from pathlib import Path
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Registry
options = IndexOptions(embedder="none", watch=False, workers=0)
RootIndex(Path(sys.argv[1]), Registry(Path(sys.argv[2])), options, repository="r_test").run_pass()
"""


def functions(number: int) -> str:
    return "\n\n".join(
        f"def work_{number}_{index}(total):\n" + "\n".join(f"    total += rate({n})" for n in range(12))
        for index in range(12)
    )


def test_the_next_start_goes_on_where_a_killed_one_stopped(make_project: Callable[..., Project]) -> None:
    project = make_project()
    for number in range(700):
        project.write(f"m{number:03d}.py", functions(number))
    process = subprocess.Popen(
        [sys.executable, "-c", PASS, str(project.folder.resolve()), str(project.data)],
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while project.index.status().files == 0 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait()
    published = project.index.status()
    if published.files == 700:
        pytest.skip("the machine was too fast to be interrupted")
    assert published.files > 0
    assert published.state == "building"
    before = {chunk.chunk_id: chunk.version_id for chunk in project.chunks()}
    result = project.index.run_pass()
    assert result.changed_files == 700 - published.files, "what was published is not done again"
    assert result.files == 700
    assert before.items() <= {chunk.chunk_id: chunk.version_id for chunk in project.chunks()}.items()
    assert audit(project.index.database, against_disk=True) == []


def test_one_round_of_servers_commands_and_a_sudden_death(tmp_path: Path) -> None:
    assert soak.soak(tmp_path, rounds=1, files=60, seconds=2.5, chance=random.Random(5)) == 0


@pytest.mark.soak
def test_many_rounds_of_it(tmp_path: Path) -> None:
    assert soak.soak(tmp_path, rounds=30, files=200, seconds=5.0, chance=random.Random(6)) == 0
