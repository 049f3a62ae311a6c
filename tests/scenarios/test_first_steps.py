"""What `start` says to type next is typed as it stands: from the first found function to the first item."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from .conftest import World


def typed(world: World, line: str, **more: str) -> str:
    """What a command prints that a person copied from another command's output."""
    program, *arguments = shlex.split(line)
    done = subprocess.run(
        [sys.executable, "-m", program.replace("-", "_"), *arguments],
        cwd=world.repository,
        env=world.environment() | more,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_that_start_prints_work_as_they_stand(world: World) -> None:
    shown = typed(world, "codebase-server start")
    steps = [line.strip() for line in shown[shown.index("What next:") :].splitlines()]
    assert "codebase-server serve" in steps
    assert "workflow-server web" in steps
    world.start_codebase()
    (add,) = [line for line in steps if line.startswith("workflow-server add")]
    assert "--reference" in add
    made = typed(world, add)
    assert "valid src/auth.py::" in made
    assert "My first item" in typed(world, "workflow-server list")


def test_who_asks_as_soon_as_it_serves_is_answered(world: World) -> None:
    """The first question meets a server that has made its imports; before, it ran out of its 300 ms."""
    typed(world, "codebase-server index")  # a first index is waited for by nobody, and takes what it takes
    serving = subprocess.Popen(
        [sys.executable, "-m", "codebase_server", "serve"],
        cwd=world.repository,
        env=world.environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stderr is not None
        assert "Serving http" in serving.stderr.readline()
        maps = Path(f"/proc/{serving.pid}/maps")
        if maps.exists():
            assert "_multiarray_umath" in maps.read_text(), (
                "numpy is there before anybody is told of the door"
            )
        line = "workflow-server add First --reference src/auth.py::authenticate"
        made = typed(world, line, BRIDGE_TIMEOUT_MS="10000")  # a starved machine needs more than 300 ms
        assert "valid src/auth.py::authenticate" in made
    finally:
        serving.terminate()
        serving.communicate(timeout=60)
