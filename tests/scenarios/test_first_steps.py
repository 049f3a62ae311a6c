"""What `start` says to type next is typed as it stands: from the first found function to the first item."""

from __future__ import annotations

import shlex
import subprocess
import sys

from .conftest import World


def typed(world: World, line: str) -> str:
    """What a command prints that a person copied from another command's output."""
    program, *arguments = shlex.split(line)
    done = subprocess.run(
        [sys.executable, "-m", program.replace("-", "_"), *arguments],
        cwd=world.repository,
        env=world.environment(),
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
