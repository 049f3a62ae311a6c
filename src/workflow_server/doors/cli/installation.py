"""How hosts start this installation, for `setup` and the doctor."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bridge.hosts import known

SERVER_NAME = "workflow"
TRIAL: Final[tuple[str, dict[str, Any]]] = ("manage_projects", {"action": "list"})
"""The tool, and its arguments, that shows whether a server works: it only reads."""

FIRST_CALL: Final[tuple[str, dict[str, Any]]] = ("list_work_items", {"limit": 1})
"""What shows that a host's settings will do: a tool that needs a project. It only reads, too."""

CARRIED = {"project": "--project", "data_dir": "--data-dir", "actor": "--actor"}
"""Flags given to `setup` that the server is then started with."""


def launch(flags: Mapping[str, object] | None = None) -> known.Launch:
    """How a host starts this installation: the console command beside this interpreter, by absolute path,
    with those of `flags` that a server should keep.
    """
    kept = [(option, (flags or {}).get(name)) for name, option in CARRIED.items()]
    given = tuple(part for option, value in kept if value is not None for part in (option, str(value)))
    found = _program()
    return known.Launch(found.name, found.command, (*found.arguments, *given))


def _program() -> known.Launch:
    beside = Path(sys.executable).with_name("workflow-server.exe" if os.name == "nt" else "workflow-server")
    if beside.exists():
        return known.Launch(SERVER_NAME, str(beside))
    found = shutil.which("workflow-server")
    if found:
        return known.Launch(SERVER_NAME, str(Path(found).absolute()))
    return known.Launch(SERVER_NAME, sys.executable, ("-m", "workflow_server"))
